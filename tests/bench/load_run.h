// Carries a plan out against one server, phase by phase, and measures each.
//
// Purity:    talks to the network; reads the clock and /proc
// Units:     *_ns nanoseconds of CPU or of the clock; memory in KiB
// Errors:    false with `out_why`: a failure of a session, the deadline, or the server has gone
#ifndef LOTCAST_BENCH_LOAD_RUN_H
#define LOTCAST_BENCH_LOAD_RUN_H

#include "tests/bench/load_plan.h"
#include "tests/bench/load_process.h"

// Of one phase: so much work, for so much of the server's and of the generator's CPU.
struct load_phase {
    uint64_t count;
    uint64_t server_ns;
    uint64_t generator_ns;
    uint64_t wall_ns;
    uint64_t latencies; // in the three next
    double p50_us;
    double p99_us;
    double p999_us;
    double max_us;
};

struct load_result {
    struct load_phase connect;   // count: sessions
    struct load_phase idle;      // count: pings answered
    struct load_phase echo;      // count: acknowledgements
    struct load_phase broadcast; // count: deliveries
    struct load_memory empty;    // before the first session that counts
    struct load_memory settled;  // with all sessions, idle
    struct load_memory after;    // after everything, idle again
};

bool load_run(const struct load_plan *plan, struct load_result *out_result, char out_why[256]);

#endif
