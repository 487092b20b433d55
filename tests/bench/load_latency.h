// How long things took, as counts in classes of at most 1.6 % width: constant memory for any number
// of them.
//
// Purity:    pure
// Units:     nanoseconds in, microseconds out
// Ownership: value, owns nothing; starts zeroed
#ifndef LOTCAST_BENCH_LOAD_LATENCY_H
#define LOTCAST_BENCH_LOAD_LATENCY_H

#include <stdint.h>

enum {
    LOAD_LATENCY_STEP_BITS = 6, // classes in an octave: 64
    LOAD_LATENCY_OCTAVES = 40,
    LOAD_LATENCY_CLASSES = LOAD_LATENCY_OCTAVES << LOAD_LATENCY_STEP_BITS,
};

struct load_latency {
    uint64_t classes[LOAD_LATENCY_CLASSES];
    uint64_t count;
    uint64_t max_ns;
};

void load_latency_add(struct load_latency *latency, uint64_t took_ns);

// The value that `per_mille` of all do not exceed (990: p99); 0 when there are none.
double load_latency_us(const struct load_latency *latency, unsigned per_mille);

#endif
