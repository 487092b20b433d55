// A sale in a test: time is a number, each decision is applied at once, and a second sale is
// rebuilt from the text of each fact and must stay equal.
#ifndef LOTCAST_TESTS_CORE_ROOM_H
#define LOTCAST_TESTS_CORE_ROOM_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka needs the four above first
#include <cmocka.h>

#include "auction-svc/core/sale.h"

struct room {
    struct sale *sale;
    struct sale *replica;
    struct decision decision; // the last one
    int64_t now_ms;
};

struct sale_definition room_definition(void);          // duration 30 s, gap 3 s, soft close 10 s
struct lot_definition room_lot(int64_t opening_minor); // id and number are left open
void room_open(struct room *room, const struct sale_definition *definition,
               const struct lot_definition *lots, size_t lots_count);
void room_open_simple(struct room *room, size_t lots_count, int64_t bidders); // opening 100, live
void room_close(struct room *room);

enum error_code room_command(struct room *room, const struct sale_command *command);
enum error_code room_staff(struct room *room, enum sale_op op); // by the auctioneer, no members
enum error_code room_next(struct room *room, const char *lot);
enum error_code room_bid(struct room *room, int64_t bidder, const char *lot, int64_t amount_minor);
enum error_code room_set_max(struct room *room, int64_t bidder, const char *lot, int64_t max_minor);
enum error_code room_set_max_for(struct room *room, const char *paddle, const char *lot,
                                 int64_t max_minor); // by a clerk
enum error_code room_withdraw_max(struct room *room, int64_t bidder, const char *lot);
void room_join(struct room *room, int64_t bidders); // p1, p2 ... by one open invitation
void room_block(struct room *room, const char *participant, bool blocked);

// Lets the time pass and carries out every deadline at its moment.
void room_wait(struct room *room, int64_t duration_ms);
void room_engine_start(struct room *room, int64_t alive_at_ms);
void room_outage(struct room *room, int64_t lost_at_ms);

// Facts of the last decision.
void room_expect_events(const struct room *room, size_t count, const enum sale_event_kind *kinds);
#define expect_facts(room, ...)                                                               \
    room_expect_events(                                                                       \
        (room), sizeof((enum sale_event_kind[]){__VA_ARGS__}) / sizeof(enum sale_event_kind), \
        (enum sale_event_kind[]){__VA_ARGS__})
#define expect_code(actual, expected) \
    assert_string_equal(error_code_name(actual), error_code_name(expected))

const struct lot *room_lot_at(const struct room *room, int64_t lot_index);
const struct participant *room_bidder(const struct room *room, int64_t bidder);

#endif
