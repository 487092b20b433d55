// The order of the lots: listed or drawn from the seed, within sets.
//
// Purity: pure
// Errors: LC_ERR_NO_MEMORY, then nothing has changed
// Source: rules 1. Sets follow one another in the order of their first lots; lots without a set are
//         one set. The drawn order shuffles each set in turn (Fisher and Yates: for i from the last
//         place down to 1, place i changes with place j, 0 <= j <= i). j is the next number of the
//         seed below i + 1: numbers are the first eight bytes, most significant first, of
//         SHA-256(seed, counter) with the counter in eight bytes from 0; one that lies in the last
//         incomplete run of i + 1 is left out, so that each order is equally likely.
#ifndef LOTCAST_CORE_LOT_ORDER_H
#define LOTCAST_CORE_LOT_ORDER_H

#include "auction-svc/core/sale.h"

// Gives the first `count` lots their places: listed_place, and order_place, which is secret when it
// was drawn.
LC_MUST_CHECK enum lc_status lot_order_set(const struct sale_definition *definition,
                                           struct lot *lots, size_t count);

// Does the sale draw anything from its seed?
bool lot_order_is_drawn(const struct sale_definition *definition);

// What is public from the beginning: the SHA-256 of the seed, which itself is public at the end.
void lot_order_commitment(const struct sale_definition *definition, uint8_t out_hash[SEED_SIZE]);

// The lot before which no other comes: of the two, in this round.
bool lot_order_precedes(const struct sale *sale, const struct lot *lot, const struct lot *other);

// The first pending lot other than `except` (NULL: none); -1: there is none.
int64_t lot_order_first_pending(const struct sale *sale, const struct lot *except);

#endif
