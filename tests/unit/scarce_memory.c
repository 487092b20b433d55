#include "tests/unit/scarce_memory.h"

#include <stddef.h>

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *memory, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *memory, size_t size);

volatile int64_t allocations_left = INT64_MAX;
volatile bool allocations_end_for_good;
volatile int64_t allocations_failed;
const volatile int *allocations_spared;

static bool fails_now(void)
{
    if (allocations_spared != NULL && *allocations_spared != 0) {
        return false;
    }
    int64_t left = allocations_left--;
    bool fails = left == 0 || (left < 0 && allocations_end_for_good);
    allocations_failed += fails ? 1 : 0;
    return fails;
}

void *__wrap_malloc(size_t size)
{
    return fails_now() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return fails_now() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *memory, size_t size)
{
    return fails_now() ? NULL : __real_realloc(memory, size);
}
