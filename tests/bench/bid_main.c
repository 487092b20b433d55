// Bidders over Socket.IO against an auction service: places bids on open lots, measures bid to answer
// and bid to the last client, and prints one line of JSON. Exit code 1: a bid was refused, or an event
// was lost, doubled or late at a client.
#include <inttypes.h>
#include <sys/resource.h>

#include "tests/bench/bid_run.h"

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

static void print_latency(const char *name, const struct load_latency *latency)
{
    printf("\"%s\":{\"count\":%" PRIu64
           ",\"p50_us\":%.1f,\"p99_us\":%.1f,\"p999_us\":%.1f,\"max_us\":%.1f},",
           name, latency->count, load_latency_us(latency, 500), load_latency_us(latency, 990),
           load_latency_us(latency, 999), load_latency_us(latency, 1000));
}

int main(int argc, char **argv)
{
    struct bid_plan plan;
    static struct bid_result result;
    char why[256] = "";
    if (!bid_plan_read(argc, argv, &plan)) {
        fputs(bid_plan_usage, stderr);
        return EXIT_USAGE;
    }
    if (!raise_descriptors(plan.clients)) {
        fprintf(stderr, "bench_bids: needs %" PRIu64 " descriptors (ulimit -n)\n", plan.clients);
        return EXIT_FAILURE;
    }
    if (!bid_run(&plan, &result, why)) {
        fprintf(stderr, "bench_bids: %s\n", why);
        return EXIT_FAILURE;
    }
    printf("{\"bids\":%" PRIu64 ",\"clients\":%" PRIu64 ",\"wall_us\":%.1f,", result.bids,
           result.clients, (double)result.wall_ns / 1e3);
    print_latency("ack", &result.ack);
    print_latency("last", &result.last);
    printf("\"heard_before_answer\":%.1f,\"server_cpu_us\":[",
           (double)result.heard_before / (double)(result.bids > 0 ? result.bids : 1));
    for (int i = 0; i < (int)plan.servers.count; i++) {
        printf("%s%.1f", i > 0 ? "," : "", (double)result.server_ns[i] / 1e3);
    }
    printf("],\"generator_cpu_us\":%.1f}\n", (double)result.generator_ns / 1e3);
    return EXIT_SUCCESS;
}
