// HMAC-SHA256: proves that who wrote some bytes knows a key.
//
// Purity:    pure in effect, as sha256.h
// Errors:    as sha256.h
// Source:    RFC 2104
#ifndef LOTCAST_DIGEST_HMAC_H
#define LOTCAST_DIGEST_HMAC_H

#include "lib/digest/sha256.h"

// Of the parts joined.
void hmac_sha256(struct bytes key, const struct bytes *parts, size_t count,
                 uint8_t out_mac[SHA256_SIZE]);

#endif
