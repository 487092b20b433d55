// The program: what runs in one process of the bridge, and what its parts say to each other.
//
// Ownership: main.c creates and destroys; members are NULL until then
// Order:     parts reach each other through `struct program` and the adapters of io/ only
#ifndef LOTCAST_BRIDGE_PROGRAM_H
#define LOTCAST_BRIDGE_PROGRAM_H

#include "bridge/app/auction_app.h"
#include "bridge/io/admin_host.h"
#include "bridge/io/bus.h"
#include "bridge/io/check_log.h"
#include "bridge/io/drain_pace.h"
#include "bridge/io/loop.h"
#include "bridge/io/readiness.h"
#include "bridge/io/self_check.h"
#include "bridge/io/static_files.h"
#include "bridge/io/token.h"
#include "bridge/io/web_server.h"
#include "bridge/options.h"
#include "bridge/relay/relay.h"

enum drain_phase {
    DRAIN_NOT,
    DRAIN_LEADING, // no new sessions: load balancers notice
    DRAIN_LEAVING, // no new connections; sessions are closed one after another
    DRAIN_GOODBYE, // none is left; the broker is told
};

struct drain {
    enum drain_phase phase;
    struct drain_pace pace;
    int64_t next_ms;
    int64_t goodbye_by_ms; // at the latest
};

struct program {
    struct options options;
    size_t connections_max;
    struct outside outside;
    struct loop *loop;
    struct socketio_server *socketio;
    struct admin_host *admin; // NULL: there is none
    struct auction_app *app;
    struct web_server *web;
    struct bus *bus;
    struct token_keys *keys;
    struct static_files *files;
    struct readiness *readiness;
    struct self_check *self_check;
    struct check_log check_log;

    struct relay *relay;
    uint8_t relay_keys[1 + RELAY_OTHER_KEYS_MAX][TOKEN_KEY_SIZE]; // the first one signs
    char relay_node[ENGINEIO_NODE_SIZE + 1];                      // own name among bridges
    char former_relay_node[ENGINEIO_NODE_SIZE + 1];               // "": none
    char relay_topics[TOPIC_SIZE_MAX]; // what topics of the relay begin with
    bool relay_has_worked;             // there may be something to send
    int64_t opens_at_ms;               // to clients

    struct drain drain;
};

// ---- lent.c: what the application needs of the world ----

struct outside program_outside(struct program *program);
// The one response of an exchange of the web.
void program_respond(void *program, uint64_t exchange, const struct http_response *response);

// ---- cluster.c: the other bridges ----

// Draws a name; before everything else.
void cluster_init(struct program *program);
// Behind the Socket.IO server, in front of the broker's connection.
LC_MUST_CHECK enum lc_status cluster_start(struct program *program);
// For engineio_config: an id of a session that names this node.
bool cluster_generate_sid(void *program, const struct engineio_request *request, char *out_sid);

// The broker: true when the message was the relay's.
bool cluster_broker_message(struct program *program, const char *topic, struct bytes payload,
                            bool is_retained);
void cluster_broker_state(struct program *program, bool is_connected);

// Nobody is let in before this bridge knows the others and they know it: a request for a session of
// theirs would be refused here, one for a session made here would be refused there (0130).
void cluster_keep_closed(struct program *program);
void cluster_is_known(void *program);

// What the application sees of the others (outside.h).
void cluster_bridge_seen(void *program, const char *node, int64_t since_ms);
void cluster_bridge_died(void *program, const char *node);
enum lc_status cluster_send_note(void *program, const char *node_or_null, struct bytes note);

// The relay as a source of the loop, without a descriptor.
int64_t cluster_deadline_ms(void *program);
void cluster_process(void *program, bool readable, bool writable);
// True once after something may have been given to sessions or clients.
bool cluster_takes_output(struct program *program);

void cluster_write_metrics(const struct program *program, struct buffer *out);

// ---- drain.c: the end ----

// The first signal begins the end, the next ones hurry it.
void drain_on_signal(struct program *program, int number);
// As a source of the loop, without a descriptor.
int64_t drain_deadline_ms(void *program);
void drain_process(void *program, bool readable, bool writable);
bool drain_is_done(const struct program *program);
void drain_write_metrics(const struct program *program, struct buffer *out);

#endif
