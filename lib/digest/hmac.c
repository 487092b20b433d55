#include "lib/digest/hmac.h"

enum { BLOCK_SIZE = 64 };

static void pad_key(struct bytes key, uint8_t with, uint8_t out_block[BLOCK_SIZE])
{
    uint8_t digest[SHA256_SIZE];
    if (key.size > BLOCK_SIZE) {
        sha256_of(key, digest);
        key = bytes_of(digest, sizeof digest);
    }
    memset(out_block, 0, BLOCK_SIZE);
    if (key.size > 0) {
        memcpy(out_block, key.data, key.size);
    }
    for (size_t i = 0; i < BLOCK_SIZE; i++) {
        out_block[i] ^= with;
    }
}

void hmac_sha256(struct bytes key, const struct bytes *parts, size_t count,
                 uint8_t out_mac[SHA256_SIZE])
{
    struct sha256 hash;
    uint8_t block[BLOCK_SIZE];
    uint8_t inner[SHA256_SIZE];
    pad_key(key, 0x36, block);
    sha256_init(&hash);
    sha256_update(&hash, bytes_of(block, sizeof block));
    for (size_t i = 0; i < count; i++) {
        sha256_update(&hash, parts[i]);
    }
    sha256_final(&hash, inner);
    pad_key(key, 0x5c, block);
    sha256_init(&hash);
    sha256_update(&hash, bytes_of(block, sizeof block));
    sha256_update(&hash, bytes_of(inner, sizeof inner));
    sha256_final(&hash, out_mac);
}
