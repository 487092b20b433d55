#include "bridge/endpoint/address_count.h"

#include <stdlib.h>

enum { BUCKETS_MIN = 64 };

struct address_entry {
    struct address_entry *next;
    size_t count;
    size_t size;
    uint8_t address[];
};

struct address_bucket {
    struct address_entry *first;
};

void address_count_init(struct address_count *addresses)
{
    *addresses = (struct address_count){0};
}

void address_count_release(struct address_count *addresses)
{
    for (size_t i = 0; i < addresses->buckets_count; i++) {
        while (addresses->buckets[i].first != NULL) {
            struct address_entry *entry = addresses->buckets[i].first;
            addresses->buckets[i].first = entry->next;
            free(entry);
        }
    }
    free(addresses->buckets);
    address_count_init(addresses);
}

// FNV-1a: an address that was really connected from cannot be chosen freely.
static size_t hash_of(struct bytes address)
{
    uint64_t hash = UINT64_C(14695981039346656037);
    for (size_t i = 0; i < address.size; i++) {
        hash = (hash ^ address.data[i]) * UINT64_C(1099511628211);
    }
    return (size_t)(hash ^ hash >> 32);
}

// The place that points to the entry of an address, or to the end of its chain.
static struct address_entry **find(const struct address_count *addresses, struct bytes address)
{
    struct address_entry **place =
        &addresses->buckets[hash_of(address) & (addresses->buckets_count - 1)].first;
    while (*place != NULL && !bytes_equal(bytes_of((*place)->address, (*place)->size), address)) {
        place = &(*place)->next;
    }
    return place;
}

static enum lc_status grow(struct address_count *addresses)
{
    size_t more = addresses->buckets_count == 0 ? BUCKETS_MIN : addresses->buckets_count * 2;
    struct address_count grown = {calloc(more, sizeof *grown.buckets), more, addresses->count};
    if (grown.buckets == NULL) {
        return LC_ERR_NO_MEMORY;
    }
    for (size_t i = 0; i < addresses->buckets_count; i++) {
        while (addresses->buckets[i].first != NULL) {
            struct address_entry *entry = addresses->buckets[i].first;
            addresses->buckets[i].first = entry->next;
            struct address_entry **end = find(&grown, bytes_of(entry->address, entry->size));
            entry->next = NULL;
            *end = entry;
        }
    }
    free(addresses->buckets);
    *addresses = grown;
    return LC_OK;
}

enum lc_status address_count_add(struct address_count *addresses, struct bytes address, size_t max)
{
    if (addresses->count >= addresses->buckets_count && grow(addresses) != LC_OK) {
        return LC_ERR_NO_MEMORY;
    }
    struct address_entry **place = find(addresses, address);
    if (*place != NULL) {
        if ((*place)->count >= max) {
            return LC_ERR_FULL;
        }
        (*place)->count++;
        return LC_OK;
    }
    if (max == 0) {
        return LC_ERR_FULL;
    }
    struct address_entry *entry = malloc(sizeof *entry + address.size);
    if (entry == NULL) {
        return LC_ERR_NO_MEMORY;
    }
    *entry = (struct address_entry){NULL, 1, address.size};
    if (address.size > 0) {
        memcpy(entry->address, address.data, address.size);
    }
    *place = entry;
    addresses->count++;
    return LC_OK;
}

void address_count_remove(struct address_count *addresses, struct bytes address)
{
    struct address_entry **place = find(addresses, address);
    LC_ASSERT(*place != NULL);
    if (--(*place)->count == 0) {
        struct address_entry *entry = *place;
        *place = entry->next;
        free(entry);
        addresses->count--;
    }
}
