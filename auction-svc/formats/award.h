// What several pieces of a lot were sold for.
//
// Purity:    pure
// Ownership: awards belong to the decision
// Source:    rules 4, quantities
#ifndef LOTCAST_FORMATS_AWARD_H
#define LOTCAST_FORMATS_AWARD_H

#include "auction-svc/core/format.h"

// LOT_AWARDED with room for `count` awards in out->awards, to be filled by the caller; NULL, and the
// decision is refused with INTERNAL, without memory.
struct award *awards_add(int64_t lot_index, size_t count, int64_t now_ms, struct decision *out);

// The one participant who has all awards, those of the lot and `more` of them; -1: several or none.
int64_t awards_winner(const struct sale *sale, const struct lot *lot, const struct award *more,
                      size_t more_count);

#endif
