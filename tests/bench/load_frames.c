#include "tests/bench/load_frames.h"

enum { FINAL = 0x80, RESERVED = 0x70, MASKED = 0x80, SIZE_16 = 126, SIZE_64 = 127, MASK_SIZE = 4 };

enum load_progress load_frame_read(struct bytes data, struct load_frame *out_frame)
{
    if (data.size < 2) {
        return LOAD_NEED_MORE;
    }
    const uint8_t *at = data.data;
    if ((at[0] & FINAL) == 0 || (at[0] & RESERVED) != 0 || (at[1] & MASKED) != 0) {
        return LOAD_BAD; // no peer of the bench fragments or compresses
    }
    size_t head = at[1] < SIZE_16 ? 2 : at[1] == SIZE_16 ? 4 : 10;
    if (data.size < head) {
        return LOAD_NEED_MORE;
    }
    uint64_t size = at[1] < SIZE_16 ? at[1] : 0;
    for (size_t i = 2; i < head; i++) {
        size = size << 8 | at[i];
    }
    if (size > LOAD_FRAME_MAX) {
        return LOAD_BAD;
    }
    if (data.size - head < size) {
        return LOAD_NEED_MORE;
    }
    *out_frame = (struct load_frame){
        .opcode = at[0] & 0x0f,
        .payload = bytes_of(at + head, (size_t)size),
        .size = head + (size_t)size,
    };
    return LOAD_DONE;
}

void load_frame_write(struct buffer *out, enum load_opcode opcode, struct bytes payload,
                      uint32_t mask)
{
    const uint8_t key[MASK_SIZE] = {(uint8_t)(mask >> 24), (uint8_t)(mask >> 16),
                                    (uint8_t)(mask >> 8), (uint8_t)mask};
    buffer_append_byte(out, (uint8_t)(FINAL | (unsigned)opcode));
    if (payload.size < SIZE_16) {
        buffer_append_byte(out, (uint8_t)(MASKED | payload.size));
    } else if (payload.size <= UINT16_MAX) {
        buffer_append_byte(out, MASKED | SIZE_16);
        buffer_append_byte(out, (uint8_t)(payload.size >> 8));
        buffer_append_byte(out, (uint8_t)payload.size);
    } else {
        buffer_append_byte(out, MASKED | SIZE_64);
        for (int shift = 56; shift >= 0; shift -= 8) {
            buffer_append_byte(out, (uint8_t)((uint64_t)payload.size >> shift));
        }
    }
    buffer_append(out, bytes_of(key, sizeof key));
    for (size_t i = 0; i < payload.size; i++) {
        buffer_append_byte(out, payload.data[i] ^ key[i % MASK_SIZE]);
    }
}
