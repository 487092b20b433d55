// The newest bids of an open lot, each with what stood before it, so that it can be undone.
//
// Purity:    pure
// Ownership: the ring belongs to the lot; it is allocated when the lot starts, never for a bid
// Source:    rules 3, Undo
#ifndef LOTCAST_CORE_HISTORY_H
#define LOTCAST_CORE_HISTORY_H

#include "auction-svc/core/sale.h"

// An empty ring; LC_ERR_NO_MEMORY: the lot is as it was.
LC_MUST_CHECK enum lc_status history_open(struct lot *lot);
void history_close(struct lot *lot);

// The oldest bid is forgotten when the ring is full.
void history_push(struct lot *lot, struct bid_entry entry);

// NULL: nothing can be undone.
const struct bid_entry *history_newest(const struct lot *lot);

// Takes the newest bid away: price, leader and the maximum of its bidder are as before it. What the
// leader holds in his purse is left to the caller.
void history_undo(struct lot *lot);

#endif
