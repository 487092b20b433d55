// What all sessions of a run have seen together.
//
// Purity:    pure
// Ownership: value, owns nothing; starts zeroed
#ifndef LOTCAST_BENCH_LOAD_TALLY_H
#define LOTCAST_BENCH_LOAD_TALLY_H

#include "lib/base/status.h"
#include "tests/bench/load_latency.h"

struct load_tally {
    uint64_t live;         // sessions that are connected, and upgraded when they want that
    uint64_t acks;         // of all kinds
    uint64_t deliveries;   // each of them the next one of its session
    uint64_t pings;        // of the server, each answered
    uint64_t echoes_to_do; // an acknowledged echo is followed by another while there are some
    uint64_t failures;
    char first_failure[200];
    struct load_latency latency; // of deliveries and echoes
};

LC_PRINTF(2, 3) void load_tally_fail(struct load_tally *tally, const char *format, ...);

#endif
