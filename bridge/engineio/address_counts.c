#include "bridge/engineio/address_counts.h"

#include <stdlib.h>

struct address_entry {
    struct address_entry *next; // in its bucket
    size_t count;
    size_t size;
    uint8_t address[];
};

enum lc_status address_counts_init(struct address_counts *counts, size_t buckets_count,
                                   uint64_t seed)
{
    LC_ASSERT(buckets_count > 0 && (buckets_count & (buckets_count - 1)) == 0);
    struct address_entry **buckets = calloc(buckets_count, sizeof(struct address_entry *));
    if (buckets == NULL) {
        return LC_ERR_NO_MEMORY;
    }
    *counts = (struct address_counts){buckets, buckets_count, seed};
    return LC_OK;
}

void address_counts_release(struct address_counts *counts)
{
    for (size_t i = 0; i < counts->buckets_count; i++) {
        while (counts->buckets[i] != NULL) {
            struct address_entry *entry = counts->buckets[i];
            counts->buckets[i] = entry->next;
            free(entry);
        }
    }
    free(counts->buckets);
    *counts = (struct address_counts){0};
}

// Where the entry of the address is, or would be.
static struct address_entry **find(const struct address_counts *counts, struct bytes address)
{
    uint64_t hash = UINT64_C(14695981039346656037) ^ counts->seed; // FNV-1a, keyed
    for (size_t i = 0; i < address.size; i++) {
        hash = (hash ^ address.data[i]) * UINT64_C(1099511628211);
    }
    struct address_entry **link =
        &counts->buckets[(hash ^ hash >> 32) & (counts->buckets_count - 1)];
    while (*link != NULL && !bytes_equal(bytes_of((*link)->address, (*link)->size), address)) {
        link = &(*link)->next;
    }
    return link;
}

size_t address_counts_of(const struct address_counts *counts, struct bytes address)
{
    const struct address_entry *entry = *find(counts, address);
    return entry == NULL ? 0 : entry->count;
}

enum lc_status address_counts_add(struct address_counts *counts, struct bytes address)
{
    struct address_entry **link = find(counts, address);
    if (*link == NULL) {
        struct address_entry *entry = malloc(sizeof *entry + address.size);
        if (entry == NULL) {
            return LC_ERR_NO_MEMORY;
        }
        *entry = (struct address_entry){.size = address.size};
        if (address.size > 0) {
            memcpy(entry->address, address.data, address.size);
        }
        *link = entry;
    }
    (*link)->count++;
    return LC_OK;
}

void address_counts_remove(struct address_counts *counts, struct bytes address)
{
    struct address_entry **link = find(counts, address);
    LC_ASSERT(*link != NULL);
    if (--(*link)->count == 0) {
        struct address_entry *entry = *link;
        *link = entry->next;
        free(entry);
    }
}
