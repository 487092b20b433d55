// What bridges say to each other about sessions, on relay/{node} and relay/all: a head of fixed
// binary fields, a body of any bytes, and behind both a signature, which bridge/relay writes and
// checks.
//
// Purity:    pure
// Units:     numbers are unsigned, most significant byte first
// Ownership: what a reader finds is borrowed from the message
// Errors:    readers: LC_ERR_BAD_INPUT for another version or shape. Writers: the buffer's
// Source:    docs/PROTOCOL.md, Bridge to bridge; docs/asyncapi.yaml; the bytes are kept by
//            tests/golden
#ifndef LOTCAST_WIRE_MESSAGE_RELAY_H
#define LOTCAST_WIRE_MESSAGE_RELAY_H

#include "lib/base/buffer.h"

enum {
    RELAY_VERSION = 1,
    RELAY_NODE_SIZE = 4,
    RELAY_SID_SIZE = 20,
    RELAY_HEAD_SIZE = 64,
    RELAY_MAC_SIZE = 32,
};

// "Edge": the bridge where the client's connection is; "holder": where the session is.
enum relay_kind {
    RELAY_HELLO = 1,   // greeting: fresh numbers of both sides; `id`: of the program's start
    RELAY_ALIVE,       // keep-alive; `counter`: the last that was sent
    RELAY_ASK,         // edge: a request; with the head of struct relay_ask
    RELAY_ANSWER,      // holder: its answer; with the head of struct relay_answer
    RELAY_WRITTEN,     // edge: the answer went to the client
    RELAY_LOST,        // edge: it could not
    RELAY_GONE,        // edge: the client left before the answer
    RELAY_FORGOTTEN,   // holder: what was asked up to counter `id` and has no answer is forgotten
    RELAY_PROBE,       // edge: a WebSocket wants the session; sid and query
    RELAY_PROBED,      // holder: `code` of enum engineio_probe
    RELAY_READY,       // edge: 3probe was sent
    RELAY_TAKE,        // edge: packet 5 has come
    RELAY_STATE,       // holder: the session
    RELAY_DONE,        // edge: it lives here
    RELAY_FAILED,      // edge: it does not
    RELAY_PROBE_GONE,  // edge: the WebSocket is gone
    RELAY_PROBE_CLOSE, // holder: close the WebSocket
    RELAY_NOTE,        // of an application to the other; to nobody by name: to all
};

enum {
    RELAY_FIRST = 1, // of the parts of a body
    RELAY_LAST = 2,
    RELAY_DRAINED = 4, // answer: packets left the session with it
    RELAY_NO_STORE = 8,
    RELAY_MAY_COMPRESS = 16,
    RELAY_REFUSED = 32, // answer: `code` is an enum engineio_error, not a status
    RELAY_AGAIN = 64,   // keep-alive: send what lies behind `heard` once more
    RELAY_WANTED = 128, // keep-alive: answer it
    RELAY_FLAGS_ALL = 255,
};

struct relay_message {
    enum relay_kind kind;
    uint16_t flags;
    char from[RELAY_NODE_SIZE];
    char to[RELAY_NODE_SIZE]; // four zeros: to all
    uint64_t from_start;      // fresh numbers of the greeting: the sender's own
    uint64_t to_start;        // and the receiver's, as the sender knows it; 0: not yet
    uint64_t serial;          // grows with every message but a greeting: a repeat is known by it
    uint64_t counter;         // of messages that are to arrive in order and once
    uint64_t heard;           // the last counter that the sender has heard
    uint64_t id;              // of an exchange or a probe, given by the edge
    uint32_t code;
    struct bytes body;
};

void relay_message_write(struct buffer *out, const struct relay_message *message);
LC_MUST_CHECK enum lc_status relay_message_read(struct bytes bytes,
                                                struct relay_message *out_message);

// Four characters of [A-Za-z0-9_-].
bool relay_node_is_legal(const char node[RELAY_NODE_SIZE]);
static inline bool relay_is_to_all(const struct relay_message *message)
{
    return memcmp(message->to, "\0\0\0\0", RELAY_NODE_SIZE) == 0;
}

// Begins the body of an ask, whose other bytes are those of the request.
struct relay_ask {
    struct bytes method; // sizes up to 255, 65535, 65535
    struct bytes query;
    struct bytes content_type;
};
void relay_ask_write(struct buffer *out, const struct relay_ask *ask);
LC_MUST_CHECK enum lc_status relay_ask_read(struct bytes bytes, struct relay_ask *out_ask,
                                            struct bytes *out_rest);

// Begins the body of an answer, whose other bytes are those of the response.
struct relay_answer {
    struct bytes content_type; // up to 255; empty: none
    struct bytes headers;      // up to 65535
};
void relay_answer_write(struct buffer *out, const struct relay_answer *answer);
LC_MUST_CHECK enum lc_status relay_answer_read(struct bytes bytes, struct relay_answer *out_answer,
                                               struct bytes *out_rest);

#endif
