// Several bridges as the relay sees them: a real engine and a real relay each, a broker between them
// that delays, repeats, loses and cuts, a shell for their clients, and an application that counts its
// messages.
#ifndef LOTCAST_TESTS_RELAY_WORLD_H
#define LOTCAST_TESTS_RELAY_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
// cmocka needs the four first
#include <cmocka.h>

#include "bridge/relay/relay.h"
#include "lib/base/buffer.h"

enum {
    NODES = 3,
    EXCHANGES_MAX = 60000,
    SOCKETS_MAX = 4000,
    WORLD_PING_MS = 5000,
    WORLD_PING_TIMEOUT_MS = 4000,
    WORLD_UPGRADE_MS = 3000,
    WORLD_PAYLOAD_MAX = 1000000,
    RECORDED_MAX = 16,
};

// A message on its way from the broker to a node.
struct letter {
    struct letter *next;
    int64_t at_ms;
    int to;
    size_t size;
    uint8_t data[];
};

struct mailbox {
    struct letter *first;
    struct letter **end;
    int64_t last_at_ms; // the order is kept
};

struct world;

struct node {
    struct world *world;
    int index;
    char name[ENGINEIO_NODE_SIZE + 1];
    struct engineio_server *engine; // NULL: dead
    struct relay *relay;
    bool reaches_broker; // in truth; the relay may not know
    bool counts_as_alive;
    bool is_stopped;                // its messages wait
    struct mailbox boxes[2][NODES]; // by sender: of relay/{node}, of relay/all
    uint8_t key[32];
    struct conn *conns;
    int notes;
    char note[64];
};

enum exchange_state { EXCHANGE_OPEN, EXCHANGE_BODY, EXCHANGE_ANSWERED, EXCHANGE_GONE };

struct exchange {
    int node;
    enum exchange_state state;
    struct engineio_session_id session;
    int status;
    struct buffer body;
    uint64_t ws;    // of an upgrade
    bool is_broken; // the node died
    int64_t begun_at_ms;
};

struct socket {
    int node;
    struct engineio_session_id session;
    bool is_open; // at the server
    int close_code;
    struct buffer received;
};

// What the application has for a session; it moves with it.
struct conn {
    struct conn *next; // of the node
    struct node *node;
    struct engineio_session_id session;
    uint32_t client;
    uint32_t epoch;
    uint32_t next_in;  // the number of the next message that may come
    uint32_t next_out; // that is to go
    uint32_t queued_to;
    struct frame *frame; // of next_out
};

struct life {          // of a session, as both sides see it
    struct conn *conn; // NULL: none
    int moved;
    int closed;
};

struct world {
    int64_t now_ms;
    uint64_t random;
    struct node nodes[NODES];
    struct exchange *exchanges;
    uint64_t exchanges_count; // from 1
    struct socket *sockets;
    uint64_t sockets_count;
    // What the broker does, per thousand.
    int delay_max_ms;
    int fixed_delay_ms; // beside it
    int repeats;
    int losses;
    int busy; // how often an application does not let a session go
    int large;
    bool is_lenient;    // of an application that takes any messages and sessions
    bool has_no_peers;  // of upgrades: they left before the 101
    bool is_full;       // the shell takes no message now
    struct life *lives; // by client and epoch
    uint32_t clients;
    uint32_t epochs;
    size_t bodies_max;                     // seen
    struct letter *recorded[RECORDED_MAX]; // the first that went to a node
    int recorded_count;
    uint8_t key[32];
    struct bytes other_key; // that nodes which start now take as well
};

// Above 0: in what belongs to the world, where memory does not run out.
extern volatile int world_own; // volatile: compilers believe that malloc() reads nothing

struct world *world_create(uint64_t seed, uint32_t clients, uint32_t epochs);
void world_destroy(struct world *world);
uint32_t world_draw(struct world *world, uint32_t below);
struct life *life_of(struct world *world, uint32_t client, uint32_t epoch);

void node_start(struct world *world, int index, const char *name);
void node_kill(struct world *world, int index); // its clients' connections break
// The broker's side of a node: `is_noticed`: the node itself knows at once.
void node_cut(struct world *world, int index, bool is_noticed);
void node_join(struct world *world, int index);
void node_count_as_dead(struct world *world, int index);

// Until the next thing happens, but no further than `until_ms`.
void world_step(struct world *world, int64_t until_ms);
void world_pass(struct world *world, int64_t ms);
void node_flush(struct node *node);

// Requests of clients; each returns its exchange.
uint64_t world_get(struct world *world, int node, const char *query);
uint64_t world_post(struct world *world, int node, const char *query, struct bytes body);
uint64_t world_post_begin(struct world *world, int node, const char *query);
void world_post_end(struct world *world, uint64_t exchange, struct bytes body);
uint64_t world_upgrade(struct world *world, int node, const char *query);
void world_leave(struct world *world, uint64_t exchange);
void world_ws_send(struct world *world, uint64_t ws, const char *text, size_t size);
void world_ws_leave(struct world *world, uint64_t ws);

// Changes a byte of the message that is next on its way to a node, and signs it anew.
void world_tamper(struct world *world, int to, int from, uint8_t at, uint8_t value);

struct exchange *world_exchange(struct world *world, uint64_t exchange);

// The shell and the application of a node, of relay_site.c.
extern const struct engineio_app_ops site_app_ops;
extern const struct engineio_transport_ops site_transport_ops;
void conn_destroy(struct conn *conn);
struct conn *world_emit(struct world *world, uint32_t client, uint32_t epoch, uint32_t count);
size_t message_size(uint32_t number, int large); // of the padding behind a message's number

#endif
