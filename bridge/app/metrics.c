#include "bridge/app/metrics.h"

#include <inttypes.h>

static const int64_t bucket_ms[LATENCY_BUCKETS] = {1,   2,   5,   10,   20,   50,
                                                   100, 200, 500, 1000, 1500, 2000};

void metrics_command(struct metrics *metrics, enum operation operation, enum error_code code,
                     int64_t latency_ms)
{
    metrics->commands[operation][code]++;
    size_t bucket = 0;
    while (bucket < LATENCY_BUCKETS && latency_ms > bucket_ms[bucket]) {
        bucket++;
    }
    metrics->latency[bucket]++;
    metrics->latency_sum_us += (uint64_t)(latency_ms > 0 ? latency_ms : 0) * 1000;
    metrics->latency_count++;
}

void metrics_http(struct metrics *metrics, int status)
{
    size_t hundreds = (size_t)(status / 100);
    metrics->http_requests[hundreds < 6 ? hundreds : 5]++;
}

static void write_type(struct buffer *out, const char *name, const char *type, const char *help)
{
    buffer_append_format(out, "# HELP lotcast_bridge_%s %s\n# TYPE lotcast_bridge_%s %s\n", name,
                         help, name, type);
}

static void write_counter(struct buffer *out, const char *name, const char *help, uint64_t value)
{
    write_type(out, name, "counter", help);
    buffer_append_format(out, "lotcast_bridge_%s %" PRIu64 "\n", name, value);
}

static void write_gauge(struct buffer *out, const char *name, const char *help, uint64_t value)
{
    write_type(out, name, "gauge", help);
    buffer_append_format(out, "lotcast_bridge_%s %" PRIu64 "\n", name, value);
}

static void write_socketio(const struct socketio_counts *counts, struct buffer *out)
{
    write_gauge(out, "sessions_open", "Engine.IO sessions", counts->sessions_open);
    write_type(out, "sessions", "gauge", "Engine.IO sessions by transport");
    buffer_append_format(out,
                         "lotcast_bridge_sessions{transport=\"polling\"} %" PRIu64
                         "\nlotcast_bridge_sessions{transport=\"websocket\"} %" PRIu64 "\n",
                         counts->sessions_polling, counts->sessions_websocket);
    write_gauge(out, "sockets_open", "Socket.IO sockets", counts->sockets_open);
    write_counter(out, "handshakes_total", "Engine.IO handshakes", counts->handshakes_total);
    write_gauge(out, "handshakes_waiting", "Handshakes that wait for their turn",
                counts->handshakes_waiting);
    write_counter(out, "handshakes_held_total", "Handshakes that had to wait for their turn",
                  counts->handshakes_held_total);
    write_type(out, "handshakes_refused_total", "counter", "Handshakes refused with 503 by limit");
    buffer_append_format(out,
                         "lotcast_bridge_handshakes_refused_total{limit=\"rate\"} %" PRIu64
                         "\nlotcast_bridge_handshakes_refused_total{limit=\"address\"} %" PRIu64
                         "\n",
                         counts->handshakes_over_rate_total, counts->handshakes_over_address_total);
    write_counter(out, "connection_errors_total", "Engine.IO requests refused, for any reason",
                  counts->connection_errors_total);
    write_counter(out, "upgrades_total", "Sessions upgraded to WebSocket", counts->upgrades_total);
    write_counter(out, "upgrades_failed_total", "Upgrades refused or given up",
                  counts->upgrades_failed_total);
    write_counter(out, "polls_total", "Polling GETs answered", counts->polls_total);
    write_counter(out, "pushes_total", "WebSocket messages sent", counts->pushes_total);
    write_counter(out, "packets_in_total", "Engine.IO packets received", counts->packets_in_total);
    write_counter(out, "packets_out_total", "Engine.IO packets sent", counts->packets_out_total);
    write_counter(out, "volatile_dropped_total", "Ticks dropped for readers that were behind",
                  counts->volatile_dropped_total);
    write_counter(out, "lagged_total", "Readers that fell out of their room's ring",
                  counts->lagged_total);
    write_counter(out, "overflowed_total", "Sessions closed for what they left unread",
                  counts->overflowed_total);
    write_gauge(out, "queued_bytes", "Bytes that wait for single sessions", counts->queued_bytes);
    write_counter(out, "room_passes_total", "Times that a room's members were sent its news",
                  counts->room_passes_total);
    write_counter(out, "room_passes_long_total", "Those that took too long: the room is paced",
                  counts->room_passes_long_total);
    write_type(out, "closed_total", "counter", "Sessions closed by reason");
    for (int i = 0; i <= SOCKETIO_SERVER_SHUTTING_DOWN; i++) {
        buffer_append_format(out, "lotcast_bridge_closed_total{reason=\"%s\"} %" PRIu64 "\n",
                             socketio_reason_name((enum socketio_reason)i),
                             counts->closed_total[i]);
    }
}

static void write_commands(const struct metrics *metrics, struct buffer *out)
{
    write_type(out, "commands_total", "counter", "Commands by operation and code of the answer");
    for (int op = 0; op < OPERATION_COUNT; op++) {
        for (int code = 0; code < ERROR_CODE_COUNT; code++) {
            if (metrics->commands[op][code] > 0) {
                buffer_append_format(
                    out, "lotcast_bridge_commands_total{op=\"%s\",code=\"%s\"} %" PRIu64 "\n",
                    operation_name((enum operation)op),
                    code == ERROR_NONE ? "OK" : error_code_name((enum error_code)code),
                    metrics->commands[op][code]);
            }
        }
    }
    write_type(out, "command_seconds", "histogram", "From command to the engine's answer");
    uint64_t below = 0;
    for (size_t i = 0; i < LATENCY_BUCKETS; i++) {
        below += metrics->latency[i];
        buffer_append_format(out, "lotcast_bridge_command_seconds_bucket{le=\"%g\"} %" PRIu64 "\n",
                             (double)bucket_ms[i] / 1000.0, below);
    }
    buffer_append_format(out,
                         "lotcast_bridge_command_seconds_bucket{le=\"+Inf\"} %" PRIu64
                         "\nlotcast_bridge_command_seconds_sum %g\n"
                         "lotcast_bridge_command_seconds_count %" PRIu64 "\n",
                         metrics->latency_count, (double)metrics->latency_sum_us / 1e6,
                         metrics->latency_count);
}

static void write_http(const struct metrics *metrics, struct buffer *out)
{
    write_type(out, "http_responses_total", "counter", "HTTP responses by class of status");
    for (int i = 2; i < 6; i++) {
        buffer_append_format(out,
                             "lotcast_bridge_http_responses_total{class=\"%dxx\"} %" PRIu64 "\n", i,
                             metrics->http_requests[i]);
    }
}

void metrics_write(const struct metrics *metrics, const struct metrics_gauges *gauges,
                   struct buffer *out)
{
    write_type(out, "info", "gauge", "Version");
    buffer_append_format(out, "lotcast_bridge_info{version=\"%s\"} 1\n", LOTCAST_VERSION);
    write_gauge(out, "broker_connected", "1 while connected to the broker",
                gauges->broker_connected ? 1 : 0);
    write_gauge(out, "engine_alive", "1 while an engine's heartbeat is fresh",
                gauges->engine_alive ? 1 : 0);
    write_gauge(out, "rooms", "Sales watched here", gauges->rooms);
    write_gauge(out, "viewers", "Sockets of the application", gauges->viewers);
    write_gauge(out, "commands_pending", "Commands without an answer yet", gauges->pending);
    write_socketio(&gauges->socketio, out);
    write_commands(metrics, out);
    write_http(metrics, out);
    write_counter(out, "events_fanned_out_total", "Durable events sent to rooms",
                  metrics->events_fanned_out);
    write_counter(out, "ticks_fanned_out_total", "Ticks sent to rooms", metrics->ticks_fanned_out);
    write_counter(out, "private_notices_total", "Private notices sent to sockets",
                  metrics->private_notices);
    write_counter(out, "duplicates_total", "Events dropped as known", metrics->duplicates);
    write_counter(out, "stale_total", "Messages dropped as of an ended epoch or too late",
                  metrics->stale);
    write_counter(out, "gaps_total", "Gaps in seq that a replay had to close", metrics->gaps);
    write_counter(out, "replays_total", "Replay pages received", metrics->replays);
    write_counter(out, "resyncs_total", "Snapshots sent to whole rooms", metrics->resyncs);
    write_counter(out, "snapshots_total", "Snapshots received", metrics->snapshots);
    write_counter(out, "broker_connects_total", "Connections made to the broker",
                  metrics->broker_connects);
    write_counter(out, "rate_limited_total", "Requests refused by the rate limit",
                  metrics->rate_limited);
    write_counter(out, "unknown_events_total", "Events of unknown name", metrics->unknown_events);
    write_counter(out, "late_replies_total", "Replies after their time-out", metrics->late_replies);
    write_counter(out, "sessions_recovered_total", "Sessions taken up again",
                  metrics->sessions_recovered);
    write_counter(out, "sessions_not_recovered_total",
                  "Clients that came back as a new session although they had one",
                  metrics->sessions_not_recovered);
    write_counter(out, "viewers_moved_in_total", "Sockets that came from other bridges",
                  metrics->viewers_moved_in);
    write_counter(out, "viewers_moved_out_total", "Sockets that went to other bridges",
                  metrics->viewers_moved_out);
    write_counter(out, "replies_forwarded_total", "Answers sent after sockets that have moved",
                  metrics->replies_forwarded);
    write_counter(out, "notes_sent_total", "Notes to other bridges", metrics->notes_sent);
    write_counter(out, "notes_lost_total", "Notes that could not be sent", metrics->notes_lost);
    write_counter(out, "bad_messages_total", "Messages from the broker that could not be read",
                  metrics->bad_messages);
}
