// Socket.IO packets of clients that use socket.io-msgpack-parser: each packet is one message, a map
// {type,data?,nsp,id?,options?}, and is transcoded to and from the text that packet.h knows.
//
// Purity:    pure (allocates)
// Ownership: attachments that were read borrow from the message
// Errors:    LC_ERR_BAD_INPUT: not one such message (see below); LC_ERR_FULL: the buffer is full,
//            or there are more attachments than `attachments_max`. On failure the buffer's content
//            is undefined, everything else untouched
// Source:    socket.io-msgpack-parser 3.0.2, notepack.io 2.2.0, msgpack's specification
//
// What a message becomes: undefined is left out of maps and is null in arrays, as JSON.stringify
// has it; so are NaN and the infinities. A Date is its ISO string. Integers keep all their digits.
// Binary data (bin, and ext of type 0, which is an ArrayBuffer) is an attachment, and the event or
// ack then a binary one; other ext is [type, binary]. A key that is no string is written as one.
//
// User data that looks like a placeholder: the text form of a binary packet could not tell it from
// one, so the key `_placeholder` is always written with its first character escaped
// ("\u005fplaceholder"). That is the same JSON, but no placeholder to json_text.h nor to
// msgpack_write(), and comes out again as it went in.
//
// Refused beyond what the reference refuses: strings that are not UTF-8; data nested deeper than
// JSON_TEXT_DEPTH_MAX; binary data in a CONNECT; ids below 0 or above 2^53 - 1, and namespaces
// without '/' in front or with ',' (the text cannot name them). What packet_read() refuses in a
// text (reserved event names, an empty event) is left to it. Duplicate keys of the packet: the last
// counts; of user data: they are passed on.
//
// An attachment may be named twice, and is then sent twice: who echoes what a client sent bounds
// `out_message` and takes LC_ERR_FULL for an answer.
#ifndef LOTCAST_SOCKETIO_MSGPACK_H
#define LOTCAST_SOCKETIO_MSGPACK_H

#include "lib/base/buffer.h"

enum {
    MSGPACK_TEXT_GROWTH_MAX = 6,       // a text is at most so many times as large as its message
    MSGPACK_PLACEHOLDER_SIZE_MAX = 64, // and so much more for each attachment
    MSGPACK_HEAD_SIZE_MAX = 64,        // and for the head
    MSGPACK_MESSAGE_GROWTH_MAX = 3,    // a message against its text: `0.5` takes nine bytes
};

// Appends the packet's text, without Engine.IO's '4', as packet_read() takes it. `message` is what a
// binary Engine.IO message carried.
LC_MUST_CHECK enum lc_status msgpack_read(struct bytes message, struct buffer *out_text,
                                          struct bytes *attachments, size_t attachments_max,
                                          size_t *out_attachments_count);

// Appends the message of a packet's text (without the '4'); the packet announces exactly
// `attachments_count` attachments. Whole numbers take the smallest form, others are float64;
// attachments are bin. A message is at most MSGPACK_MESSAGE_GROWTH_MAX times as large as its text,
// plus MSGPACK_HEAD_SIZE_MAX and the attachments, each as often as it is named.
LC_MUST_CHECK enum lc_status msgpack_write(struct bytes text, const struct bytes *attachments,
                                           size_t attachments_count, struct buffer *out_message);

#endif
