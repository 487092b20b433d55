#include "bridge/websocket/accept_key.h"

#include <openssl/evp.h>

#include "lib/base/buffer.h"

static const char GUID[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
enum { SHA1_SIZE = 20, KEY_SIZE_MAX = 64 };

void accept_key(struct bytes key, char out_accept[ACCEPT_KEY_SIZE + 1])
{
    uint8_t digest[EVP_MAX_MD_SIZE];
    unsigned int size = 0;
    uint8_t text[KEY_SIZE_MAX + sizeof GUID];
    LC_ASSERT(key.size <= KEY_SIZE_MAX);
    memcpy(text, key.data, key.size);
    memcpy(text + key.size, GUID, sizeof GUID - 1);
    int is_done = EVP_Digest(text, key.size + sizeof GUID - 1, digest, &size, EVP_sha1(), NULL);
    LC_ASSERT(is_done == 1 && size == SHA1_SIZE);
    int written = EVP_EncodeBlock((unsigned char *)out_accept, digest, SHA1_SIZE);
    LC_ASSERT(written == ACCEPT_KEY_SIZE);
}
