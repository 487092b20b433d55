// What the world hears of a fact: the bytes of its event, and the private notices of a bid.
//
// Purity:    pure
// Ownership: borrows everything for the call
// Order:     public_event_leader() before sale_apply(), the writers after it
// Source:    docs/PROTOCOL.md, Events
#ifndef LOTCAST_SERVICE_PUBLIC_EVENT_H
#define LOTCAST_SERVICE_PUBLIC_EVENT_H

#include "auction-svc/core/sale.h"

enum { ROUND_LOTS_LISTED_MAX = 5000 }; // more do not fit a packet; the pages have them all

// Who loses the lead by the fact, asked before it is applied; -1: nobody.
int64_t public_event_leader(const struct sale *sale, const struct sale_event *event);

// LC_ASSERTs that the kind is public.
void public_event_write(struct buffer *out, const struct sale *sale, const struct sale_event *event,
                        int64_t leader_before);

// Notices of an accepted bid: to the one who led (`leader_before` must not be -1), to the one who
// leads.
void public_event_write_outbid(struct buffer *out, const struct sale *sale,
                               const struct sale_event *event);
void public_event_write_you_lead(struct buffer *out, const struct sale *sale,
                                 const struct sale_event *event);

#endif
