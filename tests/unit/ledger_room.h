// A sale that writes its facts into a ledger as the engine does, without a broker: for tests of
// recovery and of the offline commands.
#ifndef LOTCAST_TESTS_LEDGER_ROOM_H
#define LOTCAST_TESTS_LEDGER_ROOM_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka needs the four above first
#include <cmocka.h>

#include "auction-svc/core/sale.h"
#include "auction-svc/io/ledger.h"

struct ledger_room {
    char folder[64];
    struct ledger *ledger; // NULL while others read the folder
    struct sale *sale;
    struct sale_id id;
    struct ledger_head head;
    int64_t now_ms;
    int64_t bid_minor; // the last amount
    struct buffer fact;
    struct buffer payload;
    struct decision decision;
    const char *notice;
};

// A new folder with a live sale of `lots` lots and `bidders` bidders p1, p2 ...; the first lot is
// open.
void ledger_room_open(struct ledger_room *room, size_t lots, int64_t bidders);
void ledger_room_close(struct ledger_room *room); // removes the folder

// Decides, applies and appends; each in a transaction of its own unless one is open.
enum error_code ledger_room_command(struct ledger_room *room, const struct sale_command *command);
enum error_code ledger_room_bid(struct ledger_room *room, const char *participant, const char *lot,
                                int64_t amount_minor);
// `count` bids of p1 and p2 in turn on the open lot, in one transaction.
void ledger_room_fill(struct ledger_room *room, int64_t count);
void ledger_room_announce(struct ledger_room *room, const char *text);
void ledger_room_next(struct ledger_room *room, const char *lot);
void ledger_room_wait(struct ledger_room *room, int64_t duration_ms);
void ledger_room_snapshot(struct ledger_room *room);

// Lets go of the folder, and takes it again.
void ledger_room_leave(struct ledger_room *room);
void ledger_room_return(struct ledger_room *room);
// Carries out SQL as another program would; the room must have left.
void ledger_room_sql(const struct ledger_room *room, const char *text);

#endif
