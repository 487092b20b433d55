#include "auction-svc/core/id_index.h"

#include <stdlib.h>

enum { SLOTS_COUNT_MIN = 16 };

static size_t id_hash(const char *id)
{
    uint64_t hash = UINT64_C(14695981039346656037); // FNV-1a
    for (; *id != 0; id++) {
        hash = (hash ^ (uint8_t)*id) * UINT64_C(1099511628211);
    }
    return (size_t)(hash ^ (hash >> 32));
}

static const char *item_id(const void *items, size_t item_size, size_t position)
{
    return (const char *)items + position * item_size;
}

static void slot_fill(struct id_index *index, const char *id, size_t position)
{
    size_t mask = index->slots_count - 1;
    size_t slot = id_hash(id) & mask;
    while (index->slots[slot] != 0) {
        slot = (slot + 1) & mask;
    }
    index->slots[slot] = (uint32_t)(position + 1);
}

void id_index_release(struct id_index *index)
{
    free(index->slots);
    *index = (struct id_index){0};
}

enum lc_status id_index_reserve(struct id_index *index, const void *items, size_t item_size,
                                size_t items_count)
{
    size_t slots_count =
        index->slots_count < SLOTS_COUNT_MIN ? SLOTS_COUNT_MIN : index->slots_count;
    while (slots_count < items_count * 2) {
        slots_count *= 2;
    }
    if (slots_count == index->slots_count) {
        return LC_OK;
    }
    uint32_t *slots = calloc(slots_count, sizeof *slots);
    if (slots == NULL) {
        return LC_ERR_NO_MEMORY;
    }
    free(index->slots);
    index->slots = slots;
    index->slots_count = slots_count;
    for (size_t i = 0; i < index->items_count; i++) {
        slot_fill(index, item_id(items, item_size, i), i);
    }
    return LC_OK;
}

void id_index_add(struct id_index *index, const void *items, size_t item_size)
{
    LC_ASSERT(index->items_count * 2 < index->slots_count);
    slot_fill(index, item_id(items, item_size, index->items_count), index->items_count);
    index->items_count++;
}

int64_t id_index_find(const struct id_index *index, const void *items, size_t item_size,
                      const char *id)
{
    if (index->items_count == 0) {
        return -1;
    }
    size_t mask = index->slots_count - 1;
    for (size_t slot = id_hash(id) & mask; index->slots[slot] != 0; slot = (slot + 1) & mask) {
        size_t position = index->slots[slot] - 1;
        if (strcmp(item_id(items, item_size, position), id) == 0) {
            return (int64_t)position;
        }
    }
    return -1;
}
