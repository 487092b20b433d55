#include "bridge/engineio/handshake.h"

#include <stdlib.h>

struct copy {
    struct engineio_handshake handshake;
    struct engineio_header headers[];
};

static struct bytes append(uint8_t **at, struct bytes bytes)
{
    uint8_t *begin = *at;
    if (bytes.size > 0) {
        memcpy(begin, bytes.data, bytes.size);
    }
    *at += bytes.size;
    return bytes_of(begin, bytes.size);
}

static struct bytes cut(struct bytes bytes)
{
    return bytes_of(bytes.data,
                    bytes.size < HANDSHAKE_BYTES_MAX ? bytes.size : HANDSHAKE_BYTES_MAX);
}

enum lc_status handshake_copy(const struct engineio_handshake *from,
                              struct engineio_handshake **out_copy)
{
    struct bytes texts[] = {cut(from->url), cut(from->query), cut(from->address)};
    size_t size = texts[0].size + texts[1].size + texts[2].size;
    size_t headers_size = 0;
    size_t count = 0;
    while (count < from->headers_count) {
        const struct engineio_header *header = &from->headers[count];
        if (headers_size + header->name.size + header->value.size > HANDSHAKE_BYTES_MAX) {
            break;
        }
        headers_size += header->name.size + header->value.size;
        count++;
    }
    size_t head = sizeof(struct copy) + count * sizeof(struct engineio_header);
    struct copy *copy = malloc(head + size + headers_size);
    if (copy == NULL) {
        return LC_ERR_NO_MEMORY;
    }
    uint8_t *at = (uint8_t *)copy + head;
    copy->handshake = *from;
    copy->handshake.url = append(&at, texts[0]);
    copy->handshake.query = append(&at, texts[1]);
    copy->handshake.address = append(&at, texts[2]);
    for (size_t i = 0; i < count; i++) {
        copy->headers[i].name = append(&at, from->headers[i].name);
        copy->headers[i].value = append(&at, from->headers[i].value);
    }
    copy->handshake.headers = copy->headers;
    copy->handshake.headers_count = count;
    *out_copy = &copy->handshake;
    return LC_OK;
}

void handshake_destroy(struct engineio_handshake *handshake)
{
    free(handshake); // the first member of its block
}

struct bytes handshake_header(const struct engineio_handshake *handshake, const char *name)
{
    for (size_t i = 0; i < handshake->headers_count; i++) {
        if (bytes_equal_text(handshake->headers[i].name, name)) {
            return handshake->headers[i].value;
        }
    }
    return (struct bytes){NULL, 0};
}
