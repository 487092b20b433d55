// Frames as a server writes them: unmasked, never fragmented.
//
// Purity:    pure
// Errors:    what does not fit into `out` is told by buffer_status()
// Source:    RFC 6455 sections 5.2, 5.5, 7.4
#ifndef LOTCAST_WEBSOCKET_WS_FRAME_H
#define LOTCAST_WEBSOCKET_WS_FRAME_H

#include "lib/base/buffer.h"

enum ws_opcode {
    WS_OPCODE_CONTINUATION = 0,
    WS_OPCODE_TEXT = 1,
    WS_OPCODE_BINARY = 2,
    WS_OPCODE_CLOSE = 8,
    WS_OPCODE_PING = 9,
    WS_OPCODE_PONG = 10,
};

enum {
    WS_FIN = 0x80,
    WS_RSV1 = 0x40, // this message is compressed
    WS_CONTROL_SIZE_MAX = 125,
    WS_CLOSE_NORMAL = 1000,
    WS_CLOSE_PROTOCOL = 1002,
    WS_CLOSE_NO_CODE = 1005, // a close frame without a code; never stands in one
    WS_CLOSE_BAD_DATA = 1007,
    WS_CLOSE_POLICY = 1008,
    WS_CLOSE_TOO_BIG = 1009,
    WS_CLOSE_INTERNAL = 1011,
};

// `first` is the frame's first byte: FIN, reserved bits, opcode.
void ws_frame_append(struct buffer *out, uint8_t first, struct bytes payload);
// WS_CLOSE_NO_CODE: without one.
void ws_frame_append_close(struct buffer *out, int code);

// Takes the first of several whole frames of a server's off `frames`. False: there is none.
bool ws_frame_next(struct bytes *frames, uint8_t *out_first, struct bytes *out_payload);

#endif
