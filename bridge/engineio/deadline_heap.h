// The earliest of many deadlines, each of which moves often.
//
// Purity:    pure (allocates)
// Units:     *_ms milliseconds on the caller's monotonic clock
// Ownership: the heap borrows its deadlines; one that ends is taken out first, with DEADLINE_NONE
// Errors:    deadline_heap_reserve: LC_ERR_NO_MEMORY; deadline_heap_set cannot fail within what was
//            reserved
#ifndef LOTCAST_ENGINEIO_DEADLINE_HEAP_H
#define LOTCAST_ENGINEIO_DEADLINE_HEAP_H

#include "lib/base/bytes.h"
#include "lib/base/status.h"

#define DEADLINE_NONE INT64_MAX

struct deadline {
    int64_t at_ms;
    size_t place; // in the heap, from 1; 0: not in it
};

struct deadline_heap {
    struct deadline **items; // items[1] is the earliest
    size_t count;
    size_t capacity;
};

void deadline_heap_release(struct deadline_heap *heap);
LC_MUST_CHECK enum lc_status deadline_heap_reserve(struct deadline_heap *heap, size_t count);
void deadline_heap_set(struct deadline_heap *heap, struct deadline *deadline, int64_t at_ms);
struct deadline *deadline_heap_first(const struct deadline_heap *heap); // NULL: none

#endif
