#include "bridge/websocket/ws_frame.h"

enum { SIZE_16_BITS = 126, SIZE_64_BITS = 127 };

void ws_frame_append(struct buffer *out, uint8_t first, struct bytes payload)
{
    uint8_t header[10] = {first};
    size_t size_bytes = payload.size < SIZE_16_BITS ? 0 : payload.size <= UINT16_MAX ? 2 : 8;
    header[1] = (uint8_t)(size_bytes == 0   ? payload.size
                          : size_bytes == 2 ? SIZE_16_BITS
                                            : SIZE_64_BITS);
    for (size_t i = 0; i < size_bytes; i++) {
        header[2 + i] = (uint8_t)((uint64_t)payload.size >> (8 * (size_bytes - 1 - i)));
    }
    buffer_append(out, bytes_of(header, 2 + size_bytes));
    buffer_append(out, payload);
}

void ws_frame_append_close(struct buffer *out, int code)
{
    uint8_t text[2] = {(uint8_t)(code >> 8), (uint8_t)code};
    ws_frame_append(out, WS_FIN | WS_OPCODE_CLOSE,
                    bytes_of(text, code == WS_CLOSE_NO_CODE ? 0 : sizeof text));
}

bool ws_frame_next(struct bytes *frames, uint8_t *out_first, struct bytes *out_payload)
{
    if (frames->size < 2) {
        return false;
    }
    uint64_t size = frames->data[1] & 0x7F;
    size_t size_bytes = size < SIZE_16_BITS ? 0 : size == SIZE_16_BITS ? 2 : 8;
    if (frames->size < 2 + size_bytes) {
        return false;
    }
    size = size_bytes == 0 ? size : 0;
    for (size_t i = 0; i < size_bytes; i++) {
        size = size << 8 | frames->data[2 + i];
    }
    struct bytes rest = bytes_from(*frames, 2 + size_bytes);
    if (size > rest.size) {
        return false;
    }
    *out_first = frames->data[0];
    *out_payload = bytes_of(rest.data, (size_t)size);
    *frames = bytes_from(rest, (size_t)size);
    return true;
}
