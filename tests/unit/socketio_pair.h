// Two Socket.IO servers, and connections that move from one to the other, without what lies between
// two nodes.
#ifndef LOTCAST_TESTS_SOCKETIO_PAIR_H
#define LOTCAST_TESTS_SOCKETIO_PAIR_H

#include "bridge/engineio/foreign.h"
#include "tests/unit/socketio_world.h"

struct pair { // a holder and the node where the WebSocket arrives
    struct world *from;
    struct world *to;
    struct buffer state; // what was exported last
};

struct mood {                 // of the applications
    const char *exports;      // what they write; NULL: "state of SID"
    int exports_left;         // after so many they say no
    int imports_left;         // the same
    bool imports_emit;        // a greeting
    const char *imports_join; // a room; NULL: none
    bool imports_end;         // they end their socket
    bool imports_close;       // the whole connection
};
extern struct mood mood;

int pair_set_up(void **state);
int pair_tear_down(void **state);
void pair_start(struct pair *pair); // behind changes of `config` and `ops`

// A new client with a polling session at the holder; what came with the connect is forgotten.
// `connect` NULL: it does not.
size_t polling_client(struct world *world, const char *connect);
// One with everything that a state can hold: two sockets, a room, acknowledgements both ways, events
// that wait, one of them binary, and a binary packet of which one attachment is missing.
size_t full_client(struct pair *pair);

// The steps of a move, and all of them; links of the holder in, of the other node out.
void probe(struct pair *pair, size_t link);
enum lc_status take_out(struct pair *pair, size_t link);
enum lc_status put_in(struct pair *pair, struct bytes state, size_t *out_link);
void finish(struct pair *pair, size_t link);    // it lives there
void give_back(struct pair *pair, size_t link); // it does not
size_t move(struct pair *pair, size_t link);

struct socketio_counts counts_of(const struct world *world);
void expect_nothing(const struct world *world); // no session, no socket
void emit(struct world *world, size_t socket, const char *event, const char *arguments);
void emit_room(struct world *world, const char *room, const char *event, bool is_volatile);
void join(struct world *world, size_t socket, const char *room);

#endif
