// What sealed formats share: an offer is kept secret until the close, and weighed then by what its
// bidder can still pay.
//
// Purity: pure
// Units:  *_minor currency minor units
// Source: rules 4, Sealed first-price, Vickrey and Uniform price
#ifndef LOTCAST_FORMATS_SEALED_H
#define LOTCAST_FORMATS_SEALED_H

#include "auction-svc/core/format.h"

int64_t sealed_ask(const struct sale *sale, const struct lot *lot, int64_t now_ms);
enum error_code sealed_offer_check(const struct sale *sale, const struct lot *lot,
                                   const struct offer *offer, int64_t now_ms);
int64_t sealed_commits(const struct sale *sale, const struct lot *lot, const struct offer *offer,
                       int64_t now_ms);
void sealed_accept(const struct sale *sale, int64_t lot_index, const struct offer *offer,
                   int64_t now_ms, struct decision *out);

// The most that the bidder of a standing can pay for this lot now; 0: his offer does not count any
// more.
int64_t sealed_affordable(const struct sale *sale, const struct lot *lot,
                          const struct standing *standing);

// The best offers for one piece, each cut to what its bidder can pay; the earlier one of equals.
struct sealed_best {
    int64_t winner_index; // -1: no offer counts
    int64_t first_minor;
    int64_t second_minor; // 0: there is only one
};
struct sealed_best sealed_best_of(const struct sale *sale, const struct lot *lot);

// The outcome when the best one would pay `price_minor`, unless he is below the reserve.
struct lot_outcome sealed_outcome(const struct lot *lot, const struct sealed_best *best,
                                  int64_t price_minor);

#endif
