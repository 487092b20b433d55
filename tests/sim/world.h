// A seeded world around the core: bidders, a console, a bus that delays, reorders and repeats, an
// engine that dies, and a ledger that holds what was appended.
//
// Errors: world_run() is true when the auditor found every rule kept; the rest stands in `report`
#ifndef LOTCAST_TESTS_SIM_WORLD_H
#define LOTCAST_TESTS_SIM_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Faults that can be planted to see whether the auditor notices them.
// X(name on the command line)
#define WORLD_FAULTS(X) \
    X(none)             \
    X(equal_bid)        \
    X(price_falls)      \
    X(refund_forgotten) \
    X(wrong_winner)     \
    X(lost_bid)         \
    X(seq_gap)          \
    X(pause_jump)       \
    X(refusal_extends)  \
    X(replay_differs)   \
    X(endless_round)

enum world_fault {
#define X(name) FAULT_##name,
    WORLD_FAULTS(X)
#undef X
        WORLD_FAULT_COUNT
};

struct world_counts { // what the runs reached, to see that the seeds are worth their time
    int64_t steps;
    int64_t bids_accepted;
    int64_t bids_refused;
    int64_t crashes;
    int64_t sales_completed;
    int64_t extensions;
    int64_t rounds;
    int64_t outages;
    int64_t refusals[64]; // by error code
};

bool world_run(uint64_t seed, enum world_fault fault, struct world_counts *io_counts,
               char report[512]);

#endif
