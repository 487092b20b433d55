// How many there are of each address.
//
// Purity:    pure (allocates)
// Ownership: address_count_init/release; addresses are copied
// Errors:    address_count_add: LC_ERR_FULL when the address has its maximum; LC_ERR_NO_MEMORY
// Order:     each remove undoes one add
#ifndef LOTCAST_ENDPOINT_ADDRESS_COUNT_H
#define LOTCAST_ENDPOINT_ADDRESS_COUNT_H

#include "lib/base/bytes.h"
#include "lib/base/status.h"

enum { ADDRESS_SIZE_MAX = 46 }; // of an IPv6 address as text, with its NUL

struct address_bucket; // a chain

struct address_count {
    struct address_bucket *buckets; // by hash
    size_t buckets_count;           // a power of two, or 0
    size_t count;                   // of different addresses
};

void address_count_init(struct address_count *addresses);
void address_count_release(struct address_count *addresses);

LC_MUST_CHECK enum lc_status address_count_add(struct address_count *addresses,
                                               struct bytes address, size_t max);
void address_count_remove(struct address_count *addresses, struct bytes address);

#endif
