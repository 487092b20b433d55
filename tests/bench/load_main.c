// A load generator for Socket.IO servers: connects, measures, verifies each delivery, and prints
// one line of JSON. Exit code 1: something was lost, doubled or late.
#include <inttypes.h>
#include <sys/resource.h>

#include "tests/bench/load_run.h"

enum { EXIT_USAGE = 2, DESCRIPTORS_SPARE = 64 };

static bool raise_descriptors(uint64_t needed)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) {
        return false;
    }
    limit.rlim_cur = limit.rlim_max;
    return setrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur >= needed + DESCRIPTORS_SPARE;
}

static void print_phase(const char *name, const struct load_phase *phase)
{
    printf("\"%s\":{\"count\":%" PRIu64 ",\"server_cpu_us\":%.1f,\"generator_cpu_us\":%.1f,"
           "\"wall_us\":%.1f,\"latencies\":%" PRIu64 ",\"p50_us\":%.1f,\"p99_us\":%.1f,"
           "\"p999_us\":%.1f,\"max_us\":%.1f},",
           name, phase->count, (double)phase->server_ns / 1e3, (double)phase->generator_ns / 1e3,
           (double)phase->wall_ns / 1e3, phase->latencies, phase->p50_us, phase->p99_us,
           phase->p999_us, phase->max_us);
}

static void print_memory(const char *name, const struct load_memory *memory, const char *end)
{
    printf("\"%s\":{\"resident_kib\":%" PRIu64 ",\"anonymous_kib\":%" PRIu64
           ",\"peak_kib\":%" PRIu64 "}%s",
           name, memory->resident_kib, memory->anonymous_kib, memory->peak_kib, end);
}

int main(int argc, char **argv)
{
    struct load_plan plan;
    struct load_result result;
    char why[256] = "";
    if (!load_plan_read(argc, argv, &plan)) {
        fputs(load_plan_usage, stderr);
        return EXIT_USAGE;
    }
    uint64_t needed = plan.websockets + plan.stalled + 2 * plan.pollings + 3 * plan.upgrades;
    if (!raise_descriptors(needed)) {
        fprintf(stderr, "bench_load: needs %" PRIu64 " descriptors (ulimit -n)\n", needed);
        return EXIT_FAILURE;
    }
    if (!load_run(&plan, &result, why)) {
        fprintf(stderr, "bench_load: %s\n", why);
        return EXIT_FAILURE;
    }
    printf("{\"sessions\":%" PRIu64 ",", load_plan_sessions(&plan));
    print_phase("connect", &result.connect);
    print_phase("idle", &result.idle);
    print_phase("echo", &result.echo);
    print_phase("broadcast", &result.broadcast);
    print_memory("empty", &result.empty, ",");
    print_memory("settled", &result.settled, ",");
    print_memory("after", &result.after, "}\n");
    return EXIT_SUCCESS;
}
