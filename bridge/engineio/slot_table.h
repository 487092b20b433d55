// Ids that are never used again, for things that come and go: an id outlives its thing and then
// finds nothing. Their highest bit is 0: the caller's for a mark.
//
// Purity:    pure (allocates)
// Ownership: slot_table_init/release; the things belong to the caller
// Errors:    slot_table_add: LC_ERR_FULL at `slots_max`, LC_ERR_NO_MEMORY
// Order:     adding and removing inside a walk is allowed: a walk sees each slot once, as it is
//            then
#ifndef LOTCAST_ENGINEIO_SLOT_TABLE_H
#define LOTCAST_ENGINEIO_SLOT_TABLE_H

#include "lib/base/bytes.h"
#include "lib/base/status.h"

struct slot {
    void *thing; // NULL: free
    uint32_t generation;
    uint32_t next_free;
};

struct slot_table {
    struct slot *slots;
    uint32_t capacity;
    uint32_t slots_max;
    uint32_t used; // slots that were in use at least once
    uint32_t count;
    uint32_t first_free; // index + 1, 0: none
};

void slot_table_init(struct slot_table *table, size_t slots_max);
void slot_table_release(struct slot_table *table);

// An id is never 0.
LC_MUST_CHECK enum lc_status slot_table_add(struct slot_table *table, void *thing,
                                            uint64_t *out_id);
void slot_table_remove(struct slot_table *table, uint64_t id);

// Inline for the sake of those that look up for every delivery. NULL: gone.
static inline struct slot *slot_table_slot(const struct slot_table *table, uint64_t id)
{
    uint32_t place = (uint32_t)(id & UINT32_MAX);
    if (place == 0 || place > table->used) {
        return NULL;
    }
    struct slot *slot = &table->slots[place - 1];
    return slot->thing != NULL && slot->generation == (uint32_t)(id >> 32) ? slot : NULL;
}

static inline void *slot_table_find(const struct slot_table *table, uint64_t id) // NULL: gone
{
    const struct slot *slot = slot_table_slot(table, id);
    return slot == NULL ? NULL : slot->thing;
}

// Walks: `place` from 0 to table->used - 1; NULL for a free slot.
void *slot_table_at(const struct slot_table *table, uint32_t place);

#endif
