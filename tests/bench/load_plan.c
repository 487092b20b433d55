#include "tests/bench/load_plan.h"

#include "lib/base/bytes.h"
#include "tests/bench/load_event.h"

const char load_plan_usage[] =
    "usage: bench_load --port N [--later-port N] --pid N,N [--subject news] [--websockets N] "
    "[--pollings N] "
    "[--upgrades N] [--stalled N]\n"
    "                  [--warmup 50] [--window 50] [--idle-ms 0] [--echoes 0] [--echoers 50]\n"
    "                  [--in-flight 4] [--events 0] [--burst 1] [--ahead 1] [--spins 0]\n"
    "                  [--deadline-ms 60000]\n";

struct option_row {
    const char *name;
    uint64_t *value;
    uint64_t max;
};

static bool set_option(struct load_plan *plan, const struct option_row *rows, size_t rows_count,
                       const char *name, const char *value)
{
    if (strcmp(name, "--pid") == 0) {
        return load_pids_read(value, &plan->servers);
    }
    if (strcmp(name, "--subject") == 0) {
        plan->subject = strcmp(value, "time") == 0 ? LOAD_TIME : LOAD_NEWS;
        return plan->subject == LOAD_TIME || strcmp(value, "news") == 0;
    }
    for (size_t i = 0; i < rows_count; i++) {
        if (strcmp(rows[i].name, name) == 0) {
            return bytes_to_uint64(bytes_text(value), rows[i].max, rows[i].value);
        }
    }
    return false;
}

uint64_t load_plan_sessions(const struct load_plan *plan)
{
    return plan->websockets + plan->pollings + plan->upgrades;
}

static bool is_sound(const struct load_plan *plan)
{
    uint64_t sessions = load_plan_sessions(plan);
    return plan->port > 0 && plan->servers.count > 0 && sessions > 0 &&
           sessions + plan->stalled <= LOAD_SESSIONS_MAX && plan->window > 0 && plan->burst > 0 &&
           plan->ahead > 0 && plan->in_flight > 0 && plan->events % plan->burst == 0 &&
           (plan->subject == LOAD_NEWS || plan->events == 0);
}

bool load_plan_read(int argc, char **argv, struct load_plan *out_plan)
{
    struct load_plan plan = {.warmup = 50,
                             .window = 50,
                             .echoers = 50,
                             .in_flight = 4,
                             .burst = 1,
                             .ahead = 1,
                             .deadline_ms = 60000};
    const struct option_row rows[] = {
        {"--port", &plan.port, UINT16_MAX},
        {"--later-port", &plan.later_port, UINT16_MAX},
        {"--websockets", &plan.websockets, LOAD_SESSIONS_MAX},
        {"--pollings", &plan.pollings, LOAD_SESSIONS_MAX},
        {"--upgrades", &plan.upgrades, LOAD_SESSIONS_MAX},
        {"--stalled", &plan.stalled, LOAD_SESSIONS_MAX},
        {"--warmup", &plan.warmup, 1000},
        {"--window", &plan.window, LOAD_SESSIONS_MAX},
        {"--idle-ms", &plan.idle_ms, 120000},
        {"--echoes", &plan.echoes, 10000000},
        {"--echoers", &plan.echoers, LOAD_SESSIONS_MAX},
        {"--in-flight", &plan.in_flight, 100},
        {"--events", &plan.events, 1000000},
        {"--burst", &plan.burst, LOAD_EVENTS_MAX},
        {"--ahead", &plan.ahead, 1000},
        {"--spins", &plan.spins, 1},
        {"--deadline-ms", &plan.deadline_ms, 600000},
    };
    for (int i = 1; i < argc; i += 2) {
        if (i + 1 == argc ||
            !set_option(&plan, rows, sizeof rows / sizeof *rows, argv[i], argv[i + 1])) {
            return false;
        }
    }
    if (!is_sound(&plan)) {
        return false;
    }
    *out_plan = plan;
    return true;
}
