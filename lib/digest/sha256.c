#include "lib/digest/sha256.h"

#include <openssl/evp.h>

#include "lib/base/status.h"

// Looked up once: OpenSSL 3 searches its providers for EVP_sha256() at each use.
static const EVP_MD *algorithm(void)
{
    static EVP_MD *found;
    if (found == NULL) {
        found = EVP_MD_fetch(NULL, "SHA256", NULL);
        LC_ASSERT(found != NULL);
    }
    return found;
}

void sha256_init(struct sha256 *hash)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    LC_ASSERT(context != NULL);
    int ok = EVP_DigestInit_ex(context, algorithm(), NULL);
    LC_ASSERT(ok == 1);
    hash->context = context;
}

void sha256_update(struct sha256 *hash, struct bytes bytes)
{
    int ok = EVP_DigestUpdate(hash->context, bytes.data, bytes.size);
    LC_ASSERT(ok == 1);
}

void sha256_update_int64(struct sha256 *hash, int64_t value)
{
    uint8_t text[8];
    for (size_t i = 0; i < sizeof text; i++) {
        text[i] = (uint8_t)((uint64_t)value >> (56 - 8 * i));
    }
    sha256_update(hash, bytes_of(text, sizeof text));
}

void sha256_update_field(struct sha256 *hash, struct bytes bytes)
{
    sha256_update_int64(hash, (int64_t)bytes.size);
    sha256_update(hash, bytes);
}

void sha256_final(struct sha256 *hash, uint8_t out_digest[SHA256_SIZE])
{
    unsigned size = 0;
    int ok = EVP_DigestFinal_ex(hash->context, out_digest, &size);
    LC_ASSERT(ok == 1);
    LC_ASSERT(size == SHA256_SIZE);
    EVP_MD_CTX_free(hash->context);
    hash->context = NULL;
}

void sha256_of(struct bytes bytes, uint8_t out_digest[SHA256_SIZE])
{
    struct sha256 hash;
    sha256_init(&hash);
    sha256_update(&hash, bytes);
    sha256_final(&hash, out_digest);
}
