#include "bridge/program.h"
#include "lib/os/os_clock.h"
#include "lib/os/os_log.h"

enum { GOODBYE_MS = 500 };

static size_t open_sessions(const struct program *program)
{
    struct socketio_counts counts;
    socketio_server_counts(program->socketio, &counts);
    return (size_t)counts.sessions_open;
}

static void say_goodbye(struct program *program)
{
    program->drain.phase = DRAIN_GOODBYE;
    program->drain.goodbye_by_ms = os_clock_boot_ms() + GOODBYE_MS;
    socketio_server_shut_down(program->socketio);
    relay_leave(program->relay, os_clock_boot_ms());
    web_server_flush(program->web);
    // First that it goes: of a bridge that has gone the others count its participants a little longer.
    bus_say_offline(program->bus);
    auction_app_say_goodbye(program->app);
}

static void begin(struct program *program)
{
    size_t others = auction_app_other_bridges(program->app);
    int64_t window_ms = program->options.drain_ms;
    readiness_drain(program->readiness);
    if (window_ms == 0 || others == 0) { // nobody would take the sessions
        say_goodbye(program);
        return;
    }
    os_log(OS_LOG_INFO, "drains: %zu sessions within %lld ms, other bridges: %zu",
           open_sessions(program), (long long)window_ms, others);
    program->drain.pace = drain_pace_begin(window_ms, os_clock_boot_ms());
    program->drain.phase = DRAIN_LEADING;
    program->drain.next_ms = program->drain.pace.leads_until_ms;
    socketio_server_stop_admitting(program->socketio);
    web_server_flush(program->web);
}

void drain_on_signal(struct program *program, int number)
{
    if (program->drain.phase == DRAIN_NOT) {
        os_log(OS_LOG_INFO, "ends (signal %d)", number);
        begin(program);
    } else if (program->drain.phase != DRAIN_GOODBYE) {
        os_log(OS_LOG_INFO, "ends at once (signal %d)", number);
        say_goodbye(program);
    } else {
        loop_stop(program->loop);
    }
}

static bool is_busy(void *context, struct socketio_socket_id socket)
{
    const struct program *program = context;
    return auction_app_socket_is_busy(program->app, socket);
}

// Who waits for an answer goes last: it comes within COMMAND_TIMEOUT_MS.
static void close_some(struct program *program, int64_t now_ms)
{
    size_t keep = drain_pace_keep(&program->drain.pace, now_ms);
    (void)socketio_server_close_down_to(program->socketio, keep, is_busy, program);
    web_server_flush(program->web);
}

void drain_process(void *owner, bool readable, bool writable)
{
    struct program *program = owner;
    struct drain *drain = &program->drain;
    int64_t now_ms = os_clock_boot_ms();
    (void)readable;
    (void)writable;
    if (drain->phase == DRAIN_LEADING && !drain_pace_is_leading(&drain->pace, now_ms)) {
        drain->phase = DRAIN_LEAVING;
        drain_pace_count(&drain->pace, open_sessions(program));
        web_server_stop_listening(program->web);
        relay_leave(program->relay, now_ms);
    }
    if (drain->phase == DRAIN_LEAVING) {
        close_some(program, now_ms);
        if (open_sessions(program) == 0 || drain_pace_is_over(&drain->pace, now_ms)) {
            os_log(OS_LOG_INFO, "drained: %zu sessions are left", open_sessions(program));
            say_goodbye(program);
        }
    }
    drain->next_ms = drain_pace_next_ms(&drain->pace, now_ms);
}

int64_t drain_deadline_ms(void *owner)
{
    const struct program *program = owner;
    const struct drain *drain = &program->drain;
    switch (drain->phase) {
    case DRAIN_NOT:
        return INT64_MAX;
    case DRAIN_LEADING:
    case DRAIN_LEAVING:
        return drain->next_ms;
    case DRAIN_GOODBYE:
        return drain->goodbye_by_ms;
    }
    return INT64_MAX;
}

bool drain_is_done(const struct program *program)
{
    return program->drain.phase == DRAIN_GOODBYE &&
           (bus_is_drained(program->bus) || os_clock_boot_ms() >= program->drain.goodbye_by_ms);
}

void drain_write_metrics(const struct program *program, struct buffer *out)
{
    buffer_append_format(out,
                         "# HELP lotcast_bridge_others Other bridges that are alive\n"
                         "# TYPE lotcast_bridge_others gauge\nlotcast_bridge_others %zu\n",
                         auction_app_other_bridges(program->app));
    buffer_append_format(out,
                         "# HELP lotcast_bridge_draining Whether the bridge stops\n"
                         "# TYPE lotcast_bridge_draining gauge\nlotcast_bridge_draining %d\n",
                         program->drain.phase == DRAIN_NOT ? 0 : 1);
}
