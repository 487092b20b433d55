#include "tests/bench/load_run.h"

#include <inttypes.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include "tests/bench/load_session.h"

// What a server does behind the last answer (the next GETs) belongs to the phase. A fifth of the
// work is done before, unmeasured: compilers at run time have to see it first.
enum {
    TURN_EVENTS = 512,
    TURN_MS_MAX = 100,
    TAIL_MS = 30,
    WARMUP_SETTLE_MS = 500,
    AREA_MAX = 1 << 20,
    REHEARSED = 5
};

struct run {
    const struct load_plan *plan;
    struct load_world world;
    struct load_session *sessions; // the warm-up's, the plan's, and the one that commands
    uint32_t sessions_count;       // that were started
    uint64_t deadline_ns;
    const char *doing;
};

static uint64_t own_cpu_ns(void)
{
    struct timespec used;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return (uint64_t)used.tv_sec * 1000000000U + (uint64_t)used.tv_nsec;
}

static uint64_t server_cpu_ns(const struct run *run)
{
    uint64_t ns = 0;
    return load_process_cpu((pid_t)run->plan->pid, &ns) ? ns : 0;
}

// ---- the loop ----

// One turn; false when the run has failed.
static bool turn(struct run *run, int timeout_ms)
{
    struct epoll_event events[TURN_EVENTS];
    int count = epoll_wait(run->world.epoll, events, TURN_EVENTS, timeout_ms);
    for (int i = 0; i < count; i++) {
        struct load_connection *connection = events[i].data.ptr;
        load_session_event(connection->owner, connection, events[i].events);
    }
    if (load_now_ns() > run->deadline_ns) {
        load_tally_fail(&run->world.tally, "deadline passed while %s", run->doing);
    }
    return run->world.tally.failures == 0;
}

static bool turn_for(struct run *run, uint64_t span_ms)
{
    uint64_t until_ns = load_now_ns() + span_ms * 1000000U;
    uint64_t now_ns = load_now_ns();
    while (now_ns < until_ns) {
        uint64_t left_ms = (until_ns - now_ns) / 1000000U + 1;
        if (!turn(run, (int)(left_ms < TURN_MS_MAX ? left_ms : TURN_MS_MAX))) {
            return false;
        }
        now_ns = load_now_ns();
    }
    return true;
}

static bool turn_until(struct run *run, const uint64_t *counter, uint64_t target)
{
    while (*counter < target) {
        if (!turn(run, TURN_MS_MAX)) {
            return false;
        }
    }
    return true;
}

// ---- measuring ----

static struct load_phase phase_begin(struct run *run, const char *doing)
{
    run->doing = doing;
    run->world.tally.latency = (struct load_latency){.count = 0};
    return (struct load_phase){
        .server_ns = server_cpu_ns(run),
        .generator_ns = own_cpu_ns(),
        .wall_ns = load_now_ns(),
    };
}

static bool phase_end(struct run *run, const struct load_phase *begun, uint64_t count,
                      struct load_phase *out_phase)
{
    uint64_t wall_ns = load_now_ns() - begun->wall_ns;
    bool done = turn_for(run, TAIL_MS);
    const struct load_latency *latency = &run->world.tally.latency;
    *out_phase = (struct load_phase){
        .count = count,
        .server_ns = server_cpu_ns(run) - begun->server_ns,
        .generator_ns = own_cpu_ns() - begun->generator_ns,
        .wall_ns = wall_ns,
        .latencies = latency->count,
        .p50_us = load_latency_us(latency, 500),
        .p99_us = load_latency_us(latency, 990),
        .p999_us = load_latency_us(latency, 999),
        .max_us = load_latency_us(latency, 1000),
    };
    return done;
}

static bool read_memory(struct run *run, struct load_memory *out_memory)
{
    if (!load_process_memory((pid_t)run->plan->pid, out_memory)) {
        load_tally_fail(&run->world.tally, "the server has gone");
        return false;
    }
    return true;
}

// ---- phases ----

static enum load_transport transport_of(const struct load_plan *plan, uint64_t index)
{
    if (index < plan->websockets) {
        return LOAD_WEBSOCKET;
    }
    return index < plan->websockets + plan->pollings ? LOAD_POLLING : LOAD_UPGRADE;
}

// Starts `count` sessions spread over the plan's kinds, never more than the window at once.
static bool connect_all(struct run *run, uint64_t count)
{
    const struct load_plan *plan = run->plan;
    uint64_t sessions = load_plan_sessions(plan);
    uint64_t live_before = run->world.tally.live;
    for (uint64_t started = 0; started < count;) {
        while (started < count && started - (run->world.tally.live - live_before) < plan->window) {
            struct load_session *session = &run->sessions[run->sessions_count];
            load_session_start(session, &run->world, run->sessions_count++,
                               transport_of(plan, started * sessions / count));
            started++;
        }
        if (!turn(run, TURN_MS_MAX)) {
            return false;
        }
    }
    return turn_until(run, &run->world.tally.live, live_before + count);
}

static bool warm_up(struct run *run, struct load_memory *out_empty)
{
    run->doing = "warming up";
    if (!connect_all(run, run->plan->warmup)) {
        return false;
    }
    for (uint32_t i = 0; i < run->sessions_count; i++) {
        load_session_close(&run->sessions[i]);
    }
    return turn_for(run, WARMUP_SETTLE_MS) && read_memory(run, out_empty);
}

static bool connect_phase(struct run *run, struct load_phase *out_phase)
{
    uint64_t count = load_plan_sessions(run->plan);
    struct load_phase begun = phase_begin(run, "connecting");
    return connect_all(run, count) && phase_end(run, &begun, count, out_phase);
}

static bool idle_phase(struct run *run, struct load_result *result)
{
    uint64_t pings_before = run->world.tally.pings;
    struct load_phase begun = phase_begin(run, "idle");
    return turn_for(run, run->plan->idle_ms) &&
           phase_end(run, &begun, run->world.tally.pings - pings_before, &result->idle) &&
           read_memory(run, &result->settled);
}

static bool echo_some(struct run *run, uint64_t count)
{
    const struct load_plan *plan = run->plan;
    struct load_session *first = &run->sessions[plan->warmup];
    struct load_tally *tally = &run->world.tally;
    uint64_t sessions = load_plan_sessions(plan);
    uint64_t echoers = plan->echoers < sessions ? plan->echoers : sessions;
    uint64_t target = tally->acks + count;
    tally->echoes_to_do = count;
    for (uint64_t i = 0; i < echoers * plan->in_flight && tally->echoes_to_do > 0; i++) {
        tally->echoes_to_do--;
        load_session_echo(&first[i % echoers]);
    }
    return turn_until(run, &tally->acks, target);
}

static bool echo_phase(struct run *run, struct load_phase *out_phase)
{
    uint64_t count = run->plan->echoes;
    run->doing = "rehearsing echoes";
    if (!echo_some(run, count / REHEARSED)) {
        return false;
    }
    struct load_phase begun = phase_begin(run, "waiting for acknowledgements");
    return echo_some(run, count) && phase_end(run, &begun, count, out_phase);
}

static bool subscribe_phase(struct run *run, struct load_session *first)
{
    uint64_t sessions = load_plan_sessions(run->plan);
    uint64_t target = run->world.tally.acks + sessions;
    run->doing = "subscribing";
    for (uint64_t i = 0; i < sessions; i++) {
        load_session_subscribe(&first[i]);
        if (i % run->plan->window == 0 && !turn(run, 0)) {
            return false;
        }
    }
    return turn_until(run, &run->world.tally.acks, target) && turn_for(run, TAIL_MS);
}

static bool start_commander(struct run *run, struct load_session **out_commander)
{
    struct load_session *commander = &run->sessions[run->sessions_count];
    uint64_t live_before = run->world.tally.live;
    run->doing = "connecting the commander";
    load_session_start(commander, &run->world, run->sessions_count++, LOAD_WEBSOCKET);
    *out_commander = commander;
    return turn_until(run, &run->world.tally.live, live_before + 1);
}

// Commands follow each other as the plan says; all are delivered at the end.
static bool broadcast_some(struct run *run, struct load_session *commander, uint64_t *numbered,
                           uint64_t commands)
{
    const struct load_plan *plan = run->plan;
    const uint64_t *deliveries = &run->world.tally.deliveries;
    uint64_t sessions = load_plan_sessions(plan);
    for (uint64_t i = 0; i < commands; i++) {
        uint64_t behind = plan->ahead - 1 < i ? plan->ahead - 1 : i;
        if (!turn_until(run, deliveries, (*numbered - behind * plan->burst) * sessions)) {
            return false;
        }
        load_session_broadcast(commander, *numbered + 1, (unsigned)plan->burst);
        *numbered += plan->burst;
    }
    return turn_until(run, deliveries, *numbered * sessions);
}

static bool broadcast_phase(struct run *run, struct load_phase *out_phase)
{
    const struct load_plan *plan = run->plan;
    struct load_session *commander = NULL;
    uint64_t numbered = 0;
    uint64_t commands = plan->events / plan->burst;
    if (!subscribe_phase(run, &run->sessions[plan->warmup]) || !start_commander(run, &commander)) {
        return false;
    }
    run->doing = "rehearsing deliveries";
    if (!broadcast_some(run, commander, &numbered, commands / REHEARSED)) {
        return false;
    }
    struct load_phase begun = phase_begin(run, "waiting for deliveries");
    uint64_t before = run->world.tally.deliveries;
    return broadcast_some(run, commander, &numbered, commands) &&
           phase_end(run, &begun, run->world.tally.deliveries - before, out_phase);
}

static bool all_phases(struct run *run, struct load_result *result)
{
    const struct load_plan *plan = run->plan;
    if (!warm_up(run, &result->empty) || !connect_phase(run, &result->connect) ||
        !idle_phase(run, result)) {
        return false;
    }
    if (plan->echoes > 0 && !echo_phase(run, &result->echo)) {
        return false;
    }
    if (plan->events > 0 && !broadcast_phase(run, &result->broadcast)) {
        return false;
    }
    run->doing = "idle at the end";
    uint64_t settle_ms = plan->events > 0 ? plan->idle_ms : 0; // else it was idle just now
    return turn_for(run, settle_ms) && read_memory(run, &result->after);
}

// What is missing, for who reads that a run failed.
static void explain(const struct run *run, char out_why[256])
{
    const struct load_tally *tally = &run->world.tally;
    snprintf(out_why, 256,
             "%.150s (%" PRIu64 " failures; %" PRIu64 " live, %" PRIu64 " acks, %" PRIu64
             " deliveries)",
             tally->first_failure, tally->failures, tally->live, tally->acks, tally->deliveries);
}

bool load_run(const struct load_plan *plan, struct load_result *out_result, char out_why[256])
{
    struct load_result result = {.connect.count = 0};
    struct run run = {
        .plan = plan,
        .world = {.port = (uint16_t)plan->port, .epoll = epoll_create1(EPOLL_CLOEXEC)},
        .sessions = calloc(plan->warmup + load_plan_sessions(plan) + 1, sizeof *run.sessions),
        .deadline_ns = load_now_ns() + plan->deadline_ms * 1000000U,
    };
    LC_ASSERT(run.sessions != NULL);
    LC_ASSERT(run.world.epoll >= 0);
    buffer_init(&run.world.area, AREA_MAX);
    buffer_init(&run.world.text, AREA_MAX);
    bool done = all_phases(&run, &result);
    if (done) {
        *out_result = result;
    } else {
        explain(&run, out_why);
    }
    for (uint32_t i = 0; i < run.sessions_count; i++) {
        load_session_close(&run.sessions[i]);
    }
    buffer_release(&run.world.area);
    buffer_release(&run.world.text);
    close(run.world.epoll);
    free(run.sessions);
    return done;
}
