// The packets of Engine.IO v4: a payload of several packets in an HTTP body, and one packet in a
// WebSocket message.
//
// Purity:    pure
// Ownership: a packet borrows the body, or the caller's buffer when it was base64
// Errors:    LC_ERR_BAD_INPUT: empty packet, unknown type, base64 that is none, a body that is not
//            UTF-8; LC_ERR_FULL: decoded data larger than the buffer's maximum
// Source:    Engine.IO protocol v4, "Packet encoding"
#ifndef LOTCAST_ENGINEIO_PAYLOAD_H
#define LOTCAST_ENGINEIO_PAYLOAD_H

#include "lib/base/buffer.h"

enum { PAYLOAD_SEPARATOR = 0x1e };

enum engineio_packet_type { // the digit on the wire
    ENGINEIO_OPEN,
    ENGINEIO_CLOSE,
    ENGINEIO_PING,
    ENGINEIO_PONG,
    ENGINEIO_MESSAGE,
    ENGINEIO_UPGRADE,
    ENGINEIO_NOOP,
};

struct engineio_packet {
    enum engineio_packet_type type;
    bool binary; // a message of bytes
    struct bytes data;
};

struct payload_reader {
    struct bytes body;
    size_t at;
    bool at_end;
};

// The body must be UTF-8 text; checked at the first packet.
struct payload_reader payload_reader_on(struct bytes body);

// Reads the next packet; `scratch` is cleared and holds the data of a base64 packet.
LC_MUST_CHECK enum lc_status payload_next(struct payload_reader *reader, struct buffer *scratch,
                                          struct engineio_packet *out_packet);

// One packet of text (a WebSocket text message, or a part of a payload).
LC_MUST_CHECK enum lc_status packet_read_text(struct bytes text, struct buffer *scratch,
                                              struct engineio_packet *out_packet);

#endif
