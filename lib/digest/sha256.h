// SHA-256 of one or several runs of bytes.
//
// Purity:    pure in effect; computed by OpenSSL's libcrypto (EVP)
// Ownership: struct sha256 owns a context from sha256_init() to sha256_final(); nothing else
// Errors:    aborts when the library refuses, which it does only without memory
// Order:     init, any number of updates, final (once)
// Source:    FIPS 180-4
#ifndef LOTCAST_DIGEST_SHA256_H
#define LOTCAST_DIGEST_SHA256_H

#include "lib/base/bytes.h"

enum { SHA256_SIZE = 32 };

struct sha256 {
    void *context;
};

void sha256_init(struct sha256 *hash);
void sha256_update(struct sha256 *hash, struct bytes bytes);
// Adds a number as eight bytes, most significant first.
void sha256_update_int64(struct sha256 *hash, int64_t value);
// Adds the size as a number, then the bytes: no two lists of fields give one string.
void sha256_update_field(struct sha256 *hash, struct bytes bytes);
void sha256_final(struct sha256 *hash, uint8_t out_digest[SHA256_SIZE]);

void sha256_of(struct bytes bytes, uint8_t out_digest[SHA256_SIZE]);

#endif
