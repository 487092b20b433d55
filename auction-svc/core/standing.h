// Who leads a lot, and at which price: maxima, plain bids and the reserve weighed against each other.
//
// Purity: pure
// Units:  *_minor currency minor units
// Order:  the result depends on what stands and on the order of placing alone, never on the way
//         there; but the price never falls below the one that stands
// Source: rules 3, Maximum (proxy) bids, Reserve
#ifndef LOTCAST_CORE_STANDING_H
#define LOTCAST_CORE_STANDING_H

#include "auction-svc/core/format.h"

// NULL: the participant has nothing on this lot.
const struct standing *standing_find(const struct lot *lot, int64_t by_index);

// L and S of rules 3: the price when `best_minor` is the highest maximum and `second_minor` the best
// of anyone else, 0: nobody.
int64_t standing_price(const struct sale *sale, const struct lot *lot, int64_t best_minor,
                       int64_t second_minor);

// Where the lot stands with one more offer; NULL: of the maxima alone, as at the start of a lot.
struct bid_result standing_after(const struct sale *sale, const struct lot *lot,
                                 const struct offer *offer);

// The same of the maxima of a lot as it would be after an undo; `now` is the lot that the purses know.
struct bid_result standing_revived(const struct sale *sale, const struct lot *lot,
                                   const struct lot *now);

// What of an amount the participant could pay on the lot; 0: he may not bid any more.
int64_t standing_affordable(const struct sale *sale, const struct lot *now, int64_t by_index,
                            int64_t amount_minor);

// What the house bids against a lead below the reserve, 0: nothing. It never reaches the reserve, so
// that a bid there always wins.
int64_t house_bid(const struct sale *sale, const struct lot *lot, const struct bid_result *result);

#endif
