// What the world hears of a fact: the bytes of its event.
//
// Purity:    pure
// Ownership: borrows everything for the call
// Order:     public_event_before() before sale_apply(), public_event_write() after it
// Source:    docs/PROTOCOL.md, Events
#ifndef LOTCAST_SERVICE_PUBLIC_EVENT_H
#define LOTCAST_SERVICE_PUBLIC_EVENT_H

#include "auction-svc/core/sale.h"

enum {
    ROUND_LOTS_LISTED_MAX = 5000, // more do not fit a packet; the pages have them all
    AWARDS_LISTED_MAX = 400,      // likewise; the results have them all
};

// What an event or a notice tells of the state that its fact ended.
struct public_before {
    int64_t leader_index;  // of the lot that the fact is about; -1: nobody, or no lot
    int64_t price_minor;   // likewise, 0: none
    int64_t clock_mark_ms; // a moment that a resume moves
};
struct public_before public_event_before(const struct sale *sale, const struct sale_event *event);

// The lot that a fact is about; -1: none.
int64_t public_event_lot(const struct sale_event *event);

// LC_ASSERTs that the kind is public.
void public_event_write(struct buffer *out, const struct sale *sale, const struct sale_event *event,
                        const struct public_before *before);

#endif
