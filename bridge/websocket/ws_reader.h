// Reads the frames that a client sends, in slices of any size: whole messages and control frames
// come out.
//
// Purity:    pure (allocates)
// Units:     sizes in bytes
// Ownership: ws_reader_init/release
// Lifetime:  the message of WS_MESSAGE and the payload of a control frame are valid until the next
//            feed
// Errors:    WS_BAD: the peer broke the protocol, or sent too much: ws_reader_code() is the code to
//            close with. Nothing is read after WS_BAD, or after WS_CLOSE
// Order:     what a feed did not use is fed again; a message is limited after its decompression
// Source:    RFC 6455 sections 5, 7.4, 8.1; RFC 7692 section 7.2.2
#ifndef LOTCAST_WEBSOCKET_WS_READER_H
#define LOTCAST_WEBSOCKET_WS_READER_H

#include "bridge/websocket/utf8_check.h"
#include "bridge/websocket/ws_deflate.h"
#include "bridge/websocket/ws_frame.h"

enum ws_event { WS_MORE, WS_MESSAGE, WS_PING, WS_PONG, WS_CLOSE, WS_BAD };

enum { WS_HEADER_SIZE_MAX = 14 };

struct ws_reader {
    struct ws_deflate_terms terms;
    struct ws_inflater *inflater; // made for the first message that needs it
    // The frame at hand.
    uint8_t header[WS_HEADER_SIZE_MAX];
    uint8_t header_size; // bytes of it that are there
    bool has_header;
    uint8_t mask_at;
    uint64_t payload_left;
    // The message at hand, of one or more frames.
    struct buffer message;
    struct utf8_check text;
    bool in_message;
    bool is_binary;
    bool is_compressed;
    bool has_message; // given out
    // The last control frame.
    uint8_t control_size;
    uint8_t control[WS_CONTROL_SIZE_MAX];
    uint16_t code;
};

void ws_reader_init(struct ws_reader *reader, const struct ws_deflate_terms *terms,
                    size_t message_max);
void ws_reader_release(struct ws_reader *reader);

enum ws_event ws_reader_feed(struct ws_reader *reader, struct bytes in, size_t *out_used);

struct bytes ws_reader_message(const struct ws_reader *reader); // of WS_MESSAGE
bool ws_reader_is_binary(const struct ws_reader *reader);
struct bytes ws_reader_control(const struct ws_reader *reader); // of WS_PING, WS_PONG
// Of WS_CLOSE: the peer's, or WS_CLOSE_NO_CODE. Of WS_BAD: the one to close with.
int ws_reader_code(const struct ws_reader *reader);

// Frees the message that was given out; the next feed does so too.
void ws_reader_forget_message(struct ws_reader *reader);
// True while a frame or a message is not complete.
bool ws_reader_is_waiting(const struct ws_reader *reader);
// Bytes of memory that the message at hand holds.
size_t ws_reader_bytes(const struct ws_reader *reader);

#endif
