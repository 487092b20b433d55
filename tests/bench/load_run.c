#include "tests/bench/load_run.h"

#include <time.h>

#include "tests/bench/load_loop.h"
#include "tests/bench/load_news.h"

// What a server does behind the last answer (the next GETs) belongs to the phase. A fifth of the
// work is done before, unmeasured: compilers at run time have to see it first.
enum { TAIL_MS = 30, WARMUP_SETTLE_MS = 500, REHEARSED = 5 };

struct run {
    const struct load_plan *plan;
    struct load_loop loop; // its sessions: the warm-up's, the plan's, and the one that commands
};

static uint64_t own_cpu_ns(void)
{
    struct timespec used;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return (uint64_t)used.tv_sec * 1000000000U + (uint64_t)used.tv_nsec;
}

static uint64_t server_cpu_ns(const struct run *run)
{
    uint64_t sum_ns = 0;
    for (unsigned i = 0; i < run->plan->servers.count; i++) {
        uint64_t ns = 0;
        sum_ns += load_process_cpu((pid_t)run->plan->servers.pid[i], &ns) ? ns : 0;
    }
    return sum_ns;
}

// ---- measuring ----

static struct load_phase phase_begin(struct run *run, const char *doing)
{
    run->loop.doing = doing;
    run->loop.world.tally.latency = (struct load_latency){.count = 0};
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
    bool done = load_loop_turn_for(&run->loop, TAIL_MS);
    const struct load_latency *latency = &run->loop.world.tally.latency;
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
    const struct load_pids *servers = &run->plan->servers;
    if (!load_process_memory((pid_t)servers->pid[servers->count - 1], out_memory)) {
        load_tally_fail(&run->loop.world.tally, "the server has gone");
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

// Sessions of a part of the plan, spread over its kinds.
struct share {
    const struct load_plan *plan;
    uint64_t count;
};

static enum load_transport transport_of_share(void *context, uint64_t index)
{
    const struct share *share = context;
    return transport_of(share->plan, index * load_plan_sessions(share->plan) / share->count);
}

static bool connect_all(struct run *run, uint64_t count)
{
    struct share share = {run->plan, count};
    return load_loop_connect(&run->loop, count, run->plan->window, transport_of_share, &share);
}

static bool warm_up(struct run *run, struct load_memory *out_empty)
{
    run->loop.doing = "warming up";
    if (!connect_all(run, run->plan->warmup)) {
        return false;
    }
    for (uint32_t i = 0; i < run->loop.sessions_count; i++) {
        load_session_close(&run->loop.sessions[i]);
    }
    return load_loop_turn_for(&run->loop, WARMUP_SETTLE_MS) && read_memory(run, out_empty);
}

static bool connect_phase(struct run *run, struct load_phase *out_phase)
{
    uint64_t count = load_plan_sessions(run->plan);
    struct load_phase begun = phase_begin(run, "connecting");
    return connect_all(run, count) && phase_end(run, &begun, count, out_phase);
}

static bool idle_phase(struct run *run, struct load_result *result)
{
    uint64_t pings_before = run->loop.world.tally.pings;
    struct load_phase begun = phase_begin(run, "idle");
    return load_loop_turn_for(&run->loop, run->plan->idle_ms) &&
           phase_end(run, &begun, run->loop.world.tally.pings - pings_before, &result->idle) &&
           read_memory(run, &result->settled);
}

static bool echo_some(struct run *run, uint64_t count)
{
    const struct load_plan *plan = run->plan;
    struct load_session *first = &run->loop.sessions[plan->warmup];
    struct load_tally *tally = &run->loop.world.tally;
    uint64_t sessions = load_plan_sessions(plan);
    uint64_t echoers = plan->echoers < sessions ? plan->echoers : sessions;
    uint64_t target = tally->acks + count;
    tally->echoes_to_do = count;
    for (uint64_t i = 0; i < echoers * plan->in_flight && tally->echoes_to_do > 0; i++) {
        tally->echoes_to_do--;
        load_news_echo(&first[i % echoers]);
    }
    return load_loop_turn_until(&run->loop, &tally->acks, target);
}

static bool echo_phase(struct run *run, struct load_phase *out_phase)
{
    uint64_t count = run->plan->echoes;
    run->loop.doing = "rehearsing echoes";
    if (!echo_some(run, count / REHEARSED)) {
        return false;
    }
    struct load_phase begun = phase_begin(run, "waiting for acknowledgements");
    return echo_some(run, count) && phase_end(run, &begun, count, out_phase);
}

static bool subscribe(struct run *run, struct load_session *first, uint64_t sessions)
{
    uint64_t target = run->loop.world.tally.acks + sessions;
    run->loop.doing = "subscribing";
    for (uint64_t i = 0; i < sessions; i++) {
        load_news_subscribe(&first[i]);
        if (i % run->plan->window == 0 && !load_loop_turn(&run->loop, 0)) {
            return false;
        }
    }
    return load_loop_turn_until(&run->loop, &run->loop.world.tally.acks, target) &&
           load_loop_turn_for(&run->loop, TAIL_MS);
}

static enum load_transport always_websocket(void *context, uint64_t index)
{
    (void)context, (void)index;
    return LOAD_WEBSOCKET;
}

// Further subscribers, who then read nothing any more.
static bool stall_phase(struct run *run)
{
    uint64_t count = run->plan->stalled;
    struct load_session *first = &run->loop.sessions[run->loop.sessions_count];
    run->loop.doing = "connecting those that will stall";
    if (!load_loop_connect(&run->loop, count, run->plan->window, always_websocket, NULL) ||
        !subscribe(run, first, count)) {
        return false;
    }
    for (uint64_t i = 0; i < count; i++) {
        if (!load_connection_stall(&first[i].ws, run->loop.world.epoll)) {
            load_tally_fail(&run->loop.world.tally, "cannot stall");
            return false;
        }
    }
    return true;
}

static bool start_commander(struct run *run, struct load_session **out_commander)
{
    struct load_session *commander = &run->loop.sessions[run->loop.sessions_count];
    uint64_t live_before = run->loop.world.tally.live;
    run->loop.doing = "connecting the commander";
    load_session_start(commander, &run->loop.world, run->loop.sessions_count++, LOAD_WEBSOCKET);
    *out_commander = commander;
    return load_loop_turn_until(&run->loop, &run->loop.world.tally.live, live_before + 1);
}

// Commands follow each other as the plan says; all are delivered at the end.
static bool broadcast_some(struct run *run, struct load_session *commander, uint64_t *numbered,
                           uint64_t commands)
{
    const struct load_plan *plan = run->plan;
    const uint64_t *deliveries = &run->loop.world.tally.deliveries;
    uint64_t sessions = load_plan_sessions(plan);
    for (uint64_t i = 0; i < commands; i++) {
        uint64_t behind = plan->ahead - 1 < i ? plan->ahead - 1 : i;
        if (!load_loop_turn_until(&run->loop, deliveries,
                                  (*numbered - behind * plan->burst) * sessions)) {
            return false;
        }
        load_news_broadcast(commander, *numbered + 1, (unsigned)plan->burst);
        *numbered += plan->burst;
    }
    return load_loop_turn_until(&run->loop, deliveries, *numbered * sessions);
}

static bool broadcast_phase(struct run *run, struct load_phase *out_phase)
{
    const struct load_plan *plan = run->plan;
    struct load_session *commander = NULL;
    uint64_t numbered = 0;
    uint64_t commands = plan->events / plan->burst;
    if (!subscribe(run, &run->loop.sessions[plan->warmup], load_plan_sessions(plan)) ||
        !stall_phase(run) || !start_commander(run, &commander)) {
        return false;
    }
    run->loop.doing = "rehearsing deliveries";
    if (!broadcast_some(run, commander, &numbered, commands / REHEARSED)) {
        return false;
    }
    struct load_phase begun = phase_begin(run, "waiting for deliveries");
    uint64_t before = run->loop.world.tally.deliveries;
    return broadcast_some(run, commander, &numbered, commands) &&
           phase_end(run, &begun, run->loop.world.tally.deliveries - before, out_phase);
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
    run->loop.doing = "idle at the end";
    uint64_t settle_ms = plan->events > 0 ? plan->idle_ms : 0; // else it was idle just now
    return load_loop_turn_for(&run->loop, settle_ms) && read_memory(run, &result->after);
}

bool load_run(const struct load_plan *plan, struct load_result *out_result, char out_why[256])
{
    struct load_result result = {.connect.count = 0};
    struct run run = {.plan = plan};
    load_loop_open(&run.loop, plan->subject == LOAD_TIME ? &load_time : &load_news, NULL,
                   (uint16_t)plan->port,
                   plan->warmup + load_plan_sessions(plan) + plan->stalled + 1, plan->deadline_ms);
    run.loop.spins = plan->spins > 0;
    run.loop.world.later_port = (uint16_t)plan->later_port;
    bool done = all_phases(&run, &result);
    if (done) {
        *out_result = result;
    } else {
        load_loop_explain(&run.loop, out_why);
    }
    load_loop_close(&run.loop);
    return done;
}
