#include "bridge/engineio/frame.h"

#include <stdlib.h>

enum { HEADER_MAX = 10, FIN = 0x80, OPCODE_TEXT = 1, OPCODE_BINARY = 2 };

static uint8_t write_header(uint8_t *out, bool binary, size_t size)
{
    out[0] = (uint8_t)(FIN | (binary ? OPCODE_BINARY : OPCODE_TEXT));
    size_t length_bytes = size < 126 ? 0 : size <= UINT16_MAX ? 2 : 8;
    out[1] = (uint8_t)(length_bytes == 0 ? size : length_bytes == 2 ? 126 : 127);
    for (size_t i = 0; i < length_bytes; i++) {
        out[2 + i] = (uint8_t)((uint64_t)size >> (8 * (length_bytes - 1 - i)));
    }
    return (uint8_t)(2 + length_bytes);
}

enum lc_status frame_create(bool binary, const struct bytes *parts, size_t count,
                            struct frame **out_frame)
{
    size_t size = 0;
    for (size_t i = 0; i < count; i++) {
        size += parts[i].size;
    }
    struct frame *frame = malloc(sizeof *frame + HEADER_MAX + size);
    if (frame == NULL) {
        return LC_ERR_NO_MEMORY;
    }
    *frame = (struct frame){.binary = binary, .owners = 1};
    frame->header_size = write_header(frame->data, binary, size);
    frame->size = frame->header_size;
    for (size_t i = 0; i < count; i++) {
        if (parts[i].size > 0) {
            memcpy(frame->data + frame->size, parts[i].data, parts[i].size);
            frame->size += parts[i].size;
        }
    }
    *out_frame = frame;
    return LC_OK;
}

void frame_destroy(struct frame *frame)
{
    while (frame != NULL && --frame->owners == 0) {
        struct frame *attached = frame->attached;
        frame_destroy(frame->twin); // which has neither twin nor attachments
        free(frame);
        frame = attached;
    }
}

struct frame *frame_share(const struct frame *frame)
{
    struct frame *shared = (struct frame *)(uintptr_t)frame; // what is shared does not change
    shared->owners++;
    return shared;
}

size_t frame_packet_size(const struct frame *frame)
{
    size_t size = 0;
    for (; frame != NULL; frame = frame->attached) {
        size += frame->size;
    }
    return size;
}

void frame_append_header(struct buffer *out, bool binary, size_t size)
{
    uint8_t header[HEADER_MAX];
    buffer_append(out, bytes_of(header, write_header(header, binary, size)));
}

struct bytes frame_bytes(const struct frame *frame)
{
    return bytes_of(frame->data, frame->size);
}

struct bytes frame_payload(const struct frame *frame)
{
    return bytes_of(frame->data + frame->header_size, frame->size - frame->header_size);
}
