// The packets of Engine.IO v3, as clients of Socket.IO 1.x and 2.x write and read them: payloads of
// text and of octets, and the two kinds of WebSocket messages.
//
// Purity:    pure
// Ownership: a packet borrows the body, or the caller's buffer when it was base64
// Errors:    LC_ERR_BAD_INPUT: a length that is none or not that of its packet, an unknown type,
//            base64 that is none, text that is not UTF-8, an empty body; LC_ERR_FULL: decoded data
//            larger than the buffer's maximum
// Source:    Engine.IO protocol v3, "Encoding"; lengths of text count UTF-16 code units
#ifndef LOTCAST_ENGINEIO_PAYLOAD3_H
#define LOTCAST_ENGINEIO_PAYLOAD3_H

#include "bridge/engineio/payload.h"

struct payload3_reader {
    struct bytes body;
    size_t at;
    bool octets;
    bool at_end;
};

// `octets`: the body came as application/octet-stream.
struct payload3_reader payload3_reader_on(struct bytes body, bool octets);

// Reads the next packet; an empty one (`0:`) is a noop. `scratch` is cleared and holds the data of a
// base64 packet.
LC_MUST_CHECK enum lc_status payload3_next(struct payload3_reader *reader, struct buffer *scratch,
                                           struct engineio_packet *out_packet);

// One packet of text: a WebSocket's text message, or a part of a payload. `b4...` is base64 behind
// its type.
LC_MUST_CHECK enum lc_status packet3_read_text(struct bytes text, struct buffer *scratch,
                                               struct engineio_packet *out_packet);
// One packet of bytes: the type, then the data.
LC_MUST_CHECK enum lc_status packet3_read_binary(struct bytes data,
                                                 struct engineio_packet *out_packet);

size_t payload3_utf16_length(struct bytes utf8);

// Packets of a text body: `text` with its type, `data` of a binary message without.
void payload3_append_text(struct buffer *body, struct bytes text);
void payload3_append_base64(struct buffer *body, struct bytes data);
// Packets of a body of octets.
void payload3_append_text_octets(struct buffer *body, struct bytes text);
void payload3_append_binary_octets(struct buffer *body, struct bytes data);
// The most that one of the four adds to the size of a packet, base64 aside.
enum { PAYLOAD3_OVERHEAD_MAX = 24 };

#endif
