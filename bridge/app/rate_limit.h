// How many requests an identity may make: one token bucket each, in memory.
//
// Purity:    pure (allocates once)
// Units:     *_ms milliseconds on the boot clock
// Ownership: rate_limit_create/destroy
// Errors:    when the table is full the bucket that was used longest ago is given up: a limiter is
//            never a reason for outage (lesson F29)
// Source:    design 10
#ifndef LOTCAST_BRIDGE_RATE_LIMIT_H
#define LOTCAST_BRIDGE_RATE_LIMIT_H

#include "bridge/app/app_limits.h"
#include "lib/base/bytes.h"
#include "lib/base/status.h"

struct rate_limit;

LC_MUST_CHECK enum lc_status rate_limit_create(int64_t per_second, int64_t burst,
                                               struct rate_limit **out_limit);
void rate_limit_destroy(struct rate_limit *limit);

// Takes one request of `key` into account; false: too many.
bool rate_limit_allows(struct rate_limit *limit, struct bytes key, int64_t now_ms);

#endif
