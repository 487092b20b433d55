// What the bridge counts for its operator, as Prometheus text.
//
// Purity:    pure
// Units:     latencies in microseconds in, seconds out
// Ownership: value
// Source:    Prometheus exposition format 0.0.4; lesson F26: pushes apart from polls
#ifndef LOTCAST_BRIDGE_METRICS_H
#define LOTCAST_BRIDGE_METRICS_H

#include "bridge/app/operation.h"
#include "bridge/socketio/server.h"
#include "lib/base/buffer.h"
#include "lib/base/error_code.h"

enum { LATENCY_BUCKETS = 12 };

struct metrics {
    uint64_t commands[OPERATION_COUNT][ERROR_CODE_COUNT];
    uint64_t latency[LATENCY_BUCKETS + 1];
    uint64_t latency_sum_us;
    uint64_t latency_count;
    uint64_t events_fanned_out;
    uint64_t ticks_fanned_out;
    uint64_t private_notices;
    uint64_t duplicates;
    uint64_t stale;
    uint64_t gaps;
    uint64_t replays;
    uint64_t resyncs;
    uint64_t snapshots;
    uint64_t broker_connects;
    uint64_t rate_limited;
    uint64_t unknown_events;
    uint64_t late_replies;
    uint64_t sessions_recovered;
    uint64_t sessions_not_recovered; // a client showed a pid and came back as a new session
    uint64_t viewers_moved_in;
    uint64_t viewers_moved_out;
    uint64_t replies_forwarded; // to sockets that have moved
    uint64_t notes_sent;        // to other bridges
    uint64_t notes_lost;
    uint64_t bad_messages;     // from the broker, not to be read
    uint64_t http_requests[6]; // by hundreds of the status
};

// Values at the moment of the question.
struct metrics_gauges {
    bool broker_connected;
    bool engine_alive;
    size_t rooms;
    size_t viewers;
    size_t pending;
    struct socketio_counts socketio;
};

void metrics_command(struct metrics *metrics, enum operation operation, enum error_code code,
                     int64_t latency_ms);
void metrics_http(struct metrics *metrics, int status);
void metrics_write(const struct metrics *metrics, const struct metrics_gauges *gauges,
                   struct buffer *out);

#endif
