// When a lot ends after a bid in its last moments.
//
// Purity: pure
// Units:  *_ms UTC epoch milliseconds in engine time
// Source: rules 3, Closing
#ifndef LOTCAST_CORE_SOFT_CLOSE_H
#define LOTCAST_CORE_SOFT_CLOSE_H

#include "auction-svc/core/definition.h"

// The end after a bid at `now_ms` that changed the price or the leader; never earlier than
// `ends_at_ms`.
int64_t soft_close_end(const struct soft_close *soft_close, int64_t ends_at_ms, int64_t extensions,
                       int64_t now_ms);

#endif
