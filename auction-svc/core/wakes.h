// What the running lots wait for: which one must act first, and which one ends first.
//
// Purity:    pure
// Units:     *_ms UTC epoch milliseconds in engine time
// Ownership: the sale owns the two heaps (sale.wakes, sale.ends): the same lots in another order
// Lifetime:  wakes_update() after each change of a lot, wakes_rebuild() after a change of many or
//            after a sale was restored from its members; the places in the heaps follow from the lots
// Errors:    LC_ERR_NO_MEMORY; a lot may only start to run where there is room for it (asserted)
// Source:    rules 3, Closing; design 7
#ifndef LOTCAST_CORE_WAKES_H
#define LOTCAST_CORE_WAKES_H

#include "auction-svc/core/sale.h"

// Room for `count` lots that run at once.
LC_MUST_CHECK enum lc_status wakes_reserve(struct sale *sale, size_t count);

// The lot has changed: it finds its places, or leaves when it does not run. Sets sale.lot_index to
// the running lot that ends first.
void wakes_update(struct sale *sale, int64_t lot_index);
LC_MUST_CHECK enum lc_status wakes_rebuild(struct sale *sale);

// When a running lot ends, as everybody may know: its end, the hammer of a closing one, the answer
// that a matching one waits for. INT64_MAX: no clock.
int64_t lot_closes_at_ms(const struct lot *lot);

// The next fair warning of an open lot: its stage, 0: none.
int64_t lot_warning_next(const struct sale *sale, const struct lot *lot, int64_t *out_at_ms);

#endif
