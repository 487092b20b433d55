// Socket.IO v5 packets: the text behind Engine.IO's message type, and the way back. JSON passes
// through as it is.
//
// Purity:    pure
// Ownership: a packet that was read borrows its text
// Errors:    packet_read: LC_ERR_BAD_INPUT for everything outside the grammar, and for event names
//            that are reserved
// Source:    Socket.IO protocol v5, "Packet encoding"; strictness as the reference parser 4.2.7
#ifndef LOTCAST_SOCKETIO_PACKET_H
#define LOTCAST_SOCKETIO_PACKET_H

#include "lib/base/buffer.h"

enum { NAMESPACE_SIZE_MAX = 256 }; // without the query that clients of protocol v4 put behind it

enum socketio_packet_type { // the digit on the wire
    SOCKETIO_PACKET_CONNECT,
    SOCKETIO_PACKET_DISCONNECT,
    SOCKETIO_PACKET_EVENT,
    SOCKETIO_PACKET_ACK,
    SOCKETIO_PACKET_CONNECT_ERROR,
    SOCKETIO_PACKET_BINARY_EVENT,
    SOCKETIO_PACKET_BINARY_ACK,
};

struct socketio_packet {
    enum socketio_packet_type type;
    size_t attachments;          // that follow
    struct bytes namespace_name; // "/" when the text names none
    int64_t id;                  // -1: none
    struct bytes data;           // JSON, may be empty
    // of an event with data
    struct bytes name;      // as JSON: a string or a number
    struct bytes arguments; // behind the name's comma
};

LC_MUST_CHECK enum lc_status packet_read(struct bytes text, size_t attachments_max,
                                         struct socketio_packet *out_packet);

// Appends an event's name, unescaped.
void packet_event_name(const struct socketio_packet *packet, struct buffer *out);

// Appends '4' and the packet up to where its JSON begins.
void packet_write_head(struct buffer *out, enum socketio_packet_type type, size_t attachments,
                       struct bytes namespace_name, int64_t id);

#endif
