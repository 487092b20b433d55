#include "bridge/io/digest.h"

#include <openssl/evp.h>

#include "lib/base/status.h"

void digest_sha256_hex(struct bytes bytes, char out_hex[65])
{
    uint8_t digest[EVP_MAX_MD_SIZE];
    unsigned int size = 0;
    int is_done = EVP_Digest(bytes.size > 0 ? (const void *)bytes.data : "", bytes.size, digest,
                             &size, EVP_sha256(), NULL);
    LC_ASSERT(is_done == 1 && size == 32);
    for (size_t i = 0; i < 32; i++) {
        snprintf(out_hex + 2 * i, 3, "%02x", digest[i]);
    }
}
