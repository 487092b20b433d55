#include "tests/bench/load_latency.h"

enum { STEPS = 1 << LOAD_LATENCY_STEP_BITS };

static unsigned class_of(uint64_t ns)
{
    if (ns < STEPS) {
        return (unsigned)ns;
    }
    unsigned octave = 63U - (unsigned)__builtin_clzll(ns) - LOAD_LATENCY_STEP_BITS;
    unsigned class = ((octave + 1) << LOAD_LATENCY_STEP_BITS) + (unsigned)(ns >> octave) - STEPS;
    return class < LOAD_LATENCY_CLASSES ? class : LOAD_LATENCY_CLASSES - 1;
}

// The upper end of a class.
static uint64_t class_ns(unsigned class)
{
    if (class < STEPS) {
        return class;
    }
    unsigned octave = (class >> LOAD_LATENCY_STEP_BITS) - 1;
    return (uint64_t)(class % STEPS + STEPS + 1) << octave;
}

void load_latency_add(struct load_latency *latency, uint64_t took_ns)
{
    latency->classes[class_of(took_ns)]++;
    latency->count++;
    if (took_ns > latency->max_ns) {
        latency->max_ns = took_ns;
    }
}

double load_latency_us(const struct load_latency *latency, unsigned per_mille)
{
    uint64_t wanted = (latency->count * per_mille + 999) / 1000;
    uint64_t seen = 0;
    for (unsigned class = 0; class < LOAD_LATENCY_CLASSES && wanted > 0; class ++) {
        seen += latency->classes[class];
        if (seen >= wanted) {
            uint64_t ns = class_ns(class);
            return (double)(ns < latency->max_ns ? ns : latency->max_ns) / 1e3;
        }
    }
    return 0;
}
