// One Socket.IO client as a browser runs it: polling over two kept connections, a WebSocket, or the
// upgrade between them, in the order of the official client.
//
// Purity:    talks to the network; reads the clock
// Ownership: caller owns the memory, load_session_close() ends it; zeroed before the start. It must
//            not move meanwhile
// Errors:    what a session does not expect is a failure in the tally, and the session ends
// Source:    Engine.IO protocol v4, Socket.IO protocol v5, engine.io-client's order of an upgrade
#ifndef LOTCAST_BENCH_LOAD_SESSION_H
#define LOTCAST_BENCH_LOAD_SESSION_H

#include "tests/bench/load_connection.h"
#include "tests/bench/load_tally.h"

enum load_transport { LOAD_WEBSOCKET, LOAD_POLLING, LOAD_UPGRADE };

// Which way packets go. Polling -> pausing (3probe came) -> websocket; or websocket at once.
enum load_carrier { LOAD_BY_POLLING, LOAD_BY_NOTHING, LOAD_BY_WEBSOCKET };

struct load_session;

// What sessions say and hear beyond connecting.
struct load_play {
    // Writes the packet that connects to the namespace.
    void (*connect)(const struct load_session *session, struct buffer *out);
    void (*on_event)(struct load_session *session, struct bytes packet); // 42...
    void (*on_ack)(struct load_session *session, struct bytes packet);   // 43...
};

// What sessions share.
struct load_world {
    int epoll;
    uint16_t port;
    uint16_t later_port; // for everything behind the handshake: another bridge; 0: the same
    const struct load_play *play;
    void *owner; // of the play
    struct load_tally tally;
    struct buffer area; // for what is written just now
    struct buffer text; // the packet in it
};

struct load_session {
    struct load_world *world;
    uint32_t index;
    enum load_transport transport;
    enum load_carrier carrier;
    bool is_open;   // the open packet came
    bool is_joined; // the CONNECT packet was answered
    bool is_live;   // counted as such
    bool is_closed;
    bool poll_waits; // for its response
    bool post_waits;
    bool ws_is_up; // 101 came
    bool ws_waits; // is asked for
    char sid[32];
    uint64_t last_number; // of the events that came
    uint64_t last_id;     // of the acknowledgements that were asked for
    struct buffer outbox; // packets for the next POST
    struct load_connection poll;
    struct load_connection post;
    struct load_connection ws;
};

void load_session_start(struct load_session *session, struct load_world *world, uint32_t index,
                        enum load_transport transport);
void load_session_close(struct load_session *session);

// epoll says so of one of its three connections.
void load_session_event(struct load_session *session, struct load_connection *connection,
                        uint32_t events);

// Sends a packet, or has the next POST carry it. A play calls it when it hears something, others call
// load_session_ask().
void load_session_say(struct load_session *session, struct bytes packet);
void load_session_ask(struct load_session *session, struct bytes packet);
// Ends the session, and with it the run.
void load_session_fail(struct load_session *session, const char *what, struct bytes shown);

// Monotonic.
uint64_t load_now_ns(void);

#endif
