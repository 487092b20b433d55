#include "bridge/engineio/deadline_heap.h"

#include <stdlib.h>

void deadline_heap_release(struct deadline_heap *heap)
{
    free(heap->items);
    *heap = (struct deadline_heap){0};
}

enum lc_status deadline_heap_reserve(struct deadline_heap *heap, size_t count)
{
    if (count < heap->capacity) {
        return LC_OK;
    }
    size_t capacity = heap->capacity < 16 ? 16 : heap->capacity;
    while (capacity <= count) {
        capacity *= 2;
    }
    struct deadline **items = realloc(heap->items, capacity * sizeof(struct deadline *));
    if (items == NULL) {
        return LC_ERR_NO_MEMORY;
    }
    heap->items = items;
    heap->capacity = capacity;
    return LC_OK;
}

static void put(struct deadline_heap *heap, struct deadline *deadline, size_t place)
{
    heap->items[place] = deadline;
    deadline->place = place;
}

// Moves the deadline at `place` to where it belongs.
static void settle(struct deadline_heap *heap, size_t place)
{
    struct deadline *moving = heap->items[place];
    while (place > 1 && heap->items[place / 2]->at_ms > moving->at_ms) {
        put(heap, heap->items[place / 2], place);
        place /= 2;
    }
    for (;;) {
        size_t child = place * 2;
        if (child > heap->count) {
            break;
        }
        if (child < heap->count && heap->items[child + 1]->at_ms < heap->items[child]->at_ms) {
            child++;
        }
        if (heap->items[child]->at_ms >= moving->at_ms) {
            break;
        }
        put(heap, heap->items[child], place);
        place = child;
    }
    put(heap, moving, place);
}

static void take_out(struct deadline_heap *heap, struct deadline *deadline)
{
    size_t place = deadline->place;
    struct deadline *last = heap->items[heap->count--];
    deadline->place = 0;
    if (last != deadline) {
        put(heap, last, place);
        settle(heap, place);
    }
}

void deadline_heap_set(struct deadline_heap *heap, struct deadline *deadline, int64_t at_ms)
{
    deadline->at_ms = at_ms;
    if (at_ms == DEADLINE_NONE) {
        if (deadline->place != 0) {
            take_out(heap, deadline);
        }
        return;
    }
    if (deadline->place == 0) {
        LC_ASSERT(heap->count + 1 < heap->capacity);
        put(heap, deadline, ++heap->count);
    }
    settle(heap, deadline->place);
}

struct deadline *deadline_heap_first(const struct deadline_heap *heap)
{
    return heap->count == 0 ? NULL : heap->items[1];
}
