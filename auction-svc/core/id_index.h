// Finds an item of a growing array by its id without a walk through the array.
//
// Purity:    pure (allocates)
// Ownership: caller owns, ends with id_index_release(); safe on a zeroed or released index; borrows
//            the items of each call
// Errors:    id_index_reserve: LC_ERR_NO_MEMORY, nothing changed
// Order:     items are added in the order of their array, each after a reserve that covers it; an
//            item starts with its id, a NUL-terminated text
#ifndef LOTCAST_CORE_ID_INDEX_H
#define LOTCAST_CORE_ID_INDEX_H

#include "lib/base/bytes.h"
#include "lib/base/status.h"

struct id_index {
    uint32_t *slots; // position of an item + 1; 0: free
    size_t slots_count;
    size_t items_count;
};

void id_index_release(struct id_index *index);
LC_MUST_CHECK enum lc_status id_index_reserve(struct id_index *index, const void *items,
                                              size_t item_size, size_t items_count);

// Adds the item at position items_count; it must be there already, and its id must be new.
void id_index_add(struct id_index *index, const void *items, size_t item_size);

// Position of the item, -1 when there is none.
int64_t id_index_find(const struct id_index *index, const void *items, size_t item_size,
                      const char *id);

#endif
