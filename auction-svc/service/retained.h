// The retained state of one sale: what the broker does not have yet, and when it is due.
//
// Purity:    pure (allocates what a board was told last)
// Units:     *_ms engine time
// Ownership: retained_init/release
// Order:     retained_note() after each applied fact; retained_forget() at each (re)connect: the
//            broker may have lost all of it
// Source:    design 4 (coalesced to two a second, at once on open, extend and close)
#ifndef LOTCAST_SERVICE_RETAINED_H
#define LOTCAST_SERVICE_RETAINED_H

#include "auction-svc/core/sale.h"
#include "lib/wire/message.h"

enum {
    RETAINED_STATE_INTERVAL_MS = 500,
    RETAINED_PAGE_INTERVAL_MS = 2000,
    RETAINED_LOTS_PAGES_MAX = SALE_LOTS_MAX / WIRE_PAGE_ITEMS,
    RETAINED_PARTICIPANTS_PAGES_MAX = SALE_PARTICIPANTS_MAX / WIRE_PAGE_ITEMS,
};

struct retained {
    bool info;
    bool state;
    bool lots[RETAINED_LOTS_PAGES_MAX];
    bool participants[RETAINED_PARTICIPANTS_PAGES_MAX];
    bool pages;   // any of lots or participants
    bool at_once; // the state does not wait for its turn
    bool pages_at_once;
    bool pages_soon;       // the pages go with the interval of the state: bids on many open lots
    bool is_gone;          // everything is to be cleared
    int64_t state_sent_ms; // last sending; 0: never
    int64_t pages_sent_ms;
    int64_t lots_pages; // of a deleted sale: pages that may be on the broker
    int64_t participants_pages;
    struct buffer message;                  // last notice
    struct buffer board[BOARD_FIELD_COUNT]; // as last sent
    struct buffer board_json;
    bool board_all; // also what has not changed
};

void retained_init(struct retained *retained);
void retained_release(struct retained *retained);

// `leader_before`: of the lot that the fact is about; -1: nobody. A secret fact leaves no trace.
void retained_note(struct retained *retained, const struct sale *sale,
                   const struct sale_event *event, int64_t leader_before);
void retained_forget(struct retained *retained, const struct sale *sale_or_null);

// A sale of an earlier run: the last notice is all that its state does not tell.
void retained_recover(struct retained *retained, const struct sale *sale, struct bytes notice);

// A sale deleted in an earlier run: its topics are cleared at each connect.
void retained_bury(struct retained *retained, int64_t lots_pages, int64_t participants_pages);

// When pages that have changed may be sent again.
int64_t retained_pages_due_ms(const struct retained *retained);

// INT64_MAX when nothing is to be sent.
int64_t retained_due_ms(const struct retained *retained);

#endif
