#include "auction-svc/service/agenda.h"

#include <stdlib.h>

#include "lib/base/status.h"

bool agenda_reserve(struct agenda *agenda, size_t items)
{
    if (items <= agenda->capacity) {
        return true;
    }
    size_t capacity = agenda->capacity == 0 ? 16 : agenda->capacity;
    while (capacity < items) {
        capacity *= 2;
    }
    struct agenda_item **heap = realloc(agenda->heap, capacity * sizeof(struct agenda_item *));
    if (heap == NULL) {
        return false;
    }
    agenda->heap = heap;
    agenda->capacity = capacity;
    return true;
}

void agenda_release(struct agenda *agenda)
{
    free(agenda->heap);
    *agenda = (struct agenda){0};
}

static bool is_before(const struct agenda_item *a, const struct agenda_item *b)
{
    return a->due_ms < b->due_ms || (a->due_ms == b->due_ms && a->number < b->number);
}

static void put(struct agenda *agenda, size_t index, struct agenda_item *item)
{
    agenda->heap[index] = item;
    item->place = index + 1;
}

static void rise(struct agenda *agenda, size_t index, struct agenda_item *item)
{
    while (index > 0 && is_before(item, agenda->heap[(index - 1) / 2])) {
        put(agenda, index, agenda->heap[(index - 1) / 2]);
        index = (index - 1) / 2;
    }
    put(agenda, index, item);
}

static void sink(struct agenda *agenda, size_t index, struct agenda_item *item)
{
    for (size_t child; (child = 2 * index + 1) < agenda->count; index = child) {
        if (child + 1 < agenda->count && is_before(agenda->heap[child + 1], agenda->heap[child])) {
            child++;
        }
        if (!is_before(agenda->heap[child], item)) {
            break;
        }
        put(agenda, index, agenda->heap[child]);
    }
    put(agenda, index, item);
}

static void place(struct agenda *agenda, size_t index, struct agenda_item *item)
{
    if (index > 0 && is_before(item, agenda->heap[(index - 1) / 2])) {
        rise(agenda, index, item);
    } else {
        sink(agenda, index, item);
    }
}

static void take_out(struct agenda *agenda, struct agenda_item *item)
{
    size_t index = item->place - 1;
    struct agenda_item *last = agenda->heap[--agenda->count];
    item->place = 0;
    if (last != item) {
        place(agenda, index, last);
    }
}

void agenda_set(struct agenda *agenda, struct agenda_item *item, int64_t due_ms)
{
    LC_ASSERT(item->place <= agenda->count);
    if (due_ms == INT64_MAX) {
        if (item->place != 0) {
            take_out(agenda, item);
        }
        item->due_ms = due_ms;
        return;
    }
    if (item->place == 0) {
        LC_ASSERT(agenda->count < agenda->capacity);
        item->due_ms = due_ms;
        rise(agenda, agenda->count++, item);
    } else if (item->due_ms != due_ms) {
        item->due_ms = due_ms;
        place(agenda, item->place - 1, item);
    }
}

struct agenda_item *agenda_first(const struct agenda *agenda)
{
    return agenda->count == 0 ? NULL : agenda->heap[0];
}

int64_t agenda_due_ms(const struct agenda *agenda)
{
    return agenda->count == 0 ? INT64_MAX : agenda->heap[0]->due_ms;
}
