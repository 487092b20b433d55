// The beginning of a sale, and of each lot.
//
// Purity: pure
// Units:  *_ms UTC epoch milliseconds in engine time
// Source: rules 1 (start modes), rules 2
#ifndef LOTCAST_CORE_STARTING_H
#define LOTCAST_CORE_STARTING_H

#include "auction-svc/core/decide.h"

// SALE_STARTED and what follows at once, or the refusal NO_LOTS.
void begin_add(const struct sale *sale, int64_t now_ms, struct decision *out);

// The lot counted in starts, or the sale ends when nobody can buy it any more.
void start_add(const struct sale *sale, int64_t now_ms, struct decision *out);

#endif
