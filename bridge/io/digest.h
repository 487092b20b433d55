// Digests; the only file pair of the bridge that knows OpenSSL.
//
// Purity: pure in effect (OpenSSL EVP)
// Source: FIPS 180-4
#ifndef LOTCAST_BRIDGE_DIGEST_H
#define LOTCAST_BRIDGE_DIGEST_H

#include "lib/base/bytes.h"

// SHA-256 as 64 lower-case hexadecimal digits and a NUL.
void digest_sha256_hex(struct bytes bytes, char out_hex[65]);

#endif
