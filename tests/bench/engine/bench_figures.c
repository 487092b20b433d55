#include "tests/bench/engine/bench_figures.h"

#include <stdlib.h>

#include "lib/base/status.h"

void bench_figures_init(struct bench_figures *figures, size_t size)
{
    *figures = (struct bench_figures){.values = malloc(size * sizeof(int64_t)), .size = size};
    LC_ASSERT(figures->values != NULL);
}

void bench_figures_release(struct bench_figures *figures)
{
    free(figures->values);
}

void bench_figures_clear(struct bench_figures *figures)
{
    figures->count = 0;
    figures->dropped = 0;
}

void bench_figures_add(struct bench_figures *figures, int64_t value)
{
    if (figures->count < figures->size) {
        figures->values[figures->count++] = value;
    } else {
        figures->dropped++;
    }
}

static int compare(const void *a, const void *b)
{
    const int64_t *left = a;
    const int64_t *right = b;
    return (*left > *right) - (*left < *right);
}

double bench_figures_part(struct bench_figures *figures, double part)
{
    LC_ASSERT(figures->count > 0);
    qsort(figures->values, figures->count, sizeof figures->values[0], compare);
    size_t index = (size_t)((double)figures->count * part);
    return (double)figures->values[index < figures->count ? index : figures->count - 1];
}
