// A set of measured values, and its percentiles.
//
// Purity:    pure (allocates once)
// Ownership: bench_figures_init/release
// Errors:    values beyond the size are counted and not kept
#ifndef LOTCAST_BENCH_FIGURES_H
#define LOTCAST_BENCH_FIGURES_H

#include <stddef.h>
#include <stdint.h>

struct bench_figures {
    int64_t *values;
    size_t size;
    size_t count;
    size_t dropped;
};

void bench_figures_init(struct bench_figures *figures, size_t size);
void bench_figures_release(struct bench_figures *figures);
void bench_figures_clear(struct bench_figures *figures);
void bench_figures_add(struct bench_figures *figures, int64_t value);

// 0.5 is the median, 1 the largest. Sorts; asserts that there is a value.
double bench_figures_part(struct bench_figures *figures, double part);

#endif
