// WebSocket frames as a browser sends them (masked) and receives them (not masked).
//
// Purity:    pure
// Errors:    LOAD_BAD: a masked or reserved frame from the server, or one above LOAD_FRAME_MAX
// Lifetime:  a payload lies in the bytes that were read
// Source:    RFC 6455, 5.2 and 5.3
#ifndef LOTCAST_BENCH_LOAD_FRAMES_H
#define LOTCAST_BENCH_LOAD_FRAMES_H

#include "lib/base/buffer.h"
#include "tests/bench/load_progress.h"

enum { LOAD_FRAME_MAX = 1 << 20 };

enum load_opcode {
    LOAD_FRAME_TEXT = 1,
    LOAD_FRAME_CLOSE = 8,
    LOAD_FRAME_PING = 9,
    LOAD_FRAME_PONG = 10,
};

struct load_frame {
    uint8_t opcode; // enum load_opcode, or another: the reader does not judge it
    struct bytes payload;
    size_t size; // of the whole frame
};

enum load_progress load_frame_read(struct bytes data, struct load_frame *out_frame);

void load_frame_write(struct buffer *out, enum load_opcode opcode, struct bytes payload,
                      uint32_t mask);

#endif
