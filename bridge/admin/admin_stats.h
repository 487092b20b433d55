// Counts of what happens on the transports, by the second, as `server_stats` has them.
//
// Purity:    pure (allocates nothing)
// Units:     utc_ms milliseconds since 1970 UTC
// Ownership: value; reasons are borrowed for ever (they are names in the program)
// Errors:    what does not fit ADMIN_AGGREGATES_MAX or ADMIN_REASONS_MAX is left out
#ifndef LOTCAST_ADMIN_STATS_H
#define LOTCAST_ADMIN_STATS_H

#include "bridge/admin/admin_limits.h"
#include "bridge/socketio/server.h"
#include "lib/base/buffer.h"

struct admin_aggregate {
    int64_t second_ms;
    const char *type;
    const char *sub_type; // NULL: none
    uint64_t count;
};

struct admin_stats {
    struct socketio_counts before; // at the last sample
    uint64_t opened;               // since the last sample
    struct {
        const char *reason;
        uint64_t count;
    } closed[ADMIN_REASONS_MAX];
    struct admin_aggregate aggregates[ADMIN_AGGREGATES_MAX];
    size_t aggregates_count;
};

// Counts from now on.
void admin_stats_begin(struct admin_stats *stats, const struct socketio_counts *counts);
void admin_stats_opened(struct admin_stats *stats);
void admin_stats_closed(struct admin_stats *stats, const char *reason);

// What happened since the last sample belongs to the second that begins at `second_ms`.
void admin_stats_sample(struct admin_stats *stats, const struct socketio_counts *counts,
                        int64_t second_ms);

// Appends the samples as a JSON array and forgets them.
void admin_stats_take(struct admin_stats *stats, struct buffer *out);

#endif
