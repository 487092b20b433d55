#include "bridge/engineio/slot_table.h"

#include <stdlib.h>

void slot_table_init(struct slot_table *table, size_t slots_max)
{
    LC_ASSERT(slots_max > 0);
    uint32_t most = slots_max < UINT32_MAX / 2 ? (uint32_t)slots_max : UINT32_MAX / 2;
    *table = (struct slot_table){.slots_max = most};
}

void slot_table_release(struct slot_table *table)
{
    free(table->slots);
    *table = (struct slot_table){.slots_max = table->slots_max};
}

static enum lc_status slot_table_grow(struct slot_table *table)
{
    if (table->capacity >= table->slots_max) {
        return LC_ERR_FULL;
    }
    uint32_t capacity = table->capacity < 16 ? 16 : table->capacity * 2;
    capacity = capacity > table->slots_max ? table->slots_max : capacity;
    struct slot *slots = realloc(table->slots, capacity * sizeof *slots);
    if (slots == NULL) {
        return LC_ERR_NO_MEMORY;
    }
    memset(slots + table->capacity, 0, (capacity - table->capacity) * sizeof *slots);
    table->slots = slots;
    table->capacity = capacity;
    return LC_OK;
}

enum lc_status slot_table_add(struct slot_table *table, void *thing, uint64_t *out_id)
{
    LC_ASSERT(thing != NULL);
    uint32_t index;
    if (table->first_free != 0) {
        index = table->first_free - 1;
        table->first_free = table->slots[index].next_free;
    } else {
        if (table->used == table->capacity) {
            enum lc_status status = slot_table_grow(table);
            if (status != LC_OK) {
                return status;
            }
        }
        index = table->used++;
    }
    struct slot *slot = &table->slots[index];
    slot->thing = thing;
    slot->generation++;
    table->count++;
    *out_id = (uint64_t)slot->generation << 32 | (index + 1);
    return LC_OK;
}

void slot_table_remove(struct slot_table *table, uint64_t id)
{
    struct slot *slot = slot_table_slot(table, id);
    if (slot == NULL) {
        return;
    }
    slot->thing = NULL;
    table->count--;
    if (slot->generation == INT32_MAX) {
        return; // used up: retired rather than used again
    }
    slot->next_free = table->first_free;
    table->first_free = (uint32_t)(slot - table->slots) + 1;
}

void *slot_table_at(const struct slot_table *table, uint32_t place)
{
    return place < table->used ? table->slots[place].thing : NULL;
}
