// How many sessions each address has: for the limit of sessions per address.
//
// Purity:    pure (allocates)
// Ownership: address_counts_init/release; addresses are copied
// Errors:    address_counts_add: LC_ERR_NO_MEMORY, nothing was counted
// Source:    the hash is keyed by `seed`: who chooses addresses cannot choose their bucket
#ifndef LOTCAST_ENGINEIO_ADDRESS_COUNTS_H
#define LOTCAST_ENGINEIO_ADDRESS_COUNTS_H

#include "lib/base/bytes.h"
#include "lib/base/status.h"

struct address_entry;

struct address_counts {
    struct address_entry **buckets;
    size_t buckets_count; // a power of two
    uint64_t seed;
};

LC_MUST_CHECK enum lc_status address_counts_init(struct address_counts *counts,
                                                 size_t buckets_count, uint64_t seed);
void address_counts_release(struct address_counts *counts); // also of a zeroed one

size_t address_counts_of(const struct address_counts *counts, struct bytes address);
LC_MUST_CHECK enum lc_status address_counts_add(struct address_counts *counts,
                                                struct bytes address);
void address_counts_remove(struct address_counts *counts, struct bytes address);

#endif
