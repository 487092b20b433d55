// The auction on top of the Socket.IO server: rooms, commands and the HTTP API, between browsers
// and the broker.
//
// Purity:    no IO of its own: everything goes through `struct outside` and the Socket.IO server
// Units:     *_ms milliseconds on the boot clock
// Ownership: auction_app_create/destroy; borrows the server and `outside`
// Order:     destroy after the Socket.IO server; auction_app_ops() are for
// socketio_server_create(), the server is set afterwards with auction_app_attach()
// Source:    design 2, 4, 5, 6, 7; docs/PROTOCOL.md
#ifndef LOTCAST_BRIDGE_AUCTION_APP_H
#define LOTCAST_BRIDGE_AUCTION_APP_H

#include "bridge/app/outside.h"
#include "bridge/socketio/server.h"

struct auction_app;

struct auction_app_config {
    const char *prefix;    // of topics
    struct client_id node; // own name
    int64_t rate_per_second;
    int64_t rate_burst;
    int64_t address_rate_per_second; // requests without a token, by address
    int64_t address_rate_burst;
    int64_t token_life_s;        // of a token that joining gives
    int64_t recovery_ms;         // an end on purpose is remembered for this time
    int64_t recovery_events_max; // who has missed more comes back as a new session
    bool logs_packets;
};
struct auction_app_config auction_app_config_default(void);

LC_MUST_CHECK enum lc_status auction_app_create(const struct auction_app_config *config,
                                                const struct outside *outside,
                                                struct auction_app **out_app);
void auction_app_destroy(struct auction_app *app);
const struct socketio_app_ops *auction_app_ops(void);
void auction_app_attach(struct auction_app *app, struct socketio_server *server);

// The broker.
void auction_app_broker_state(struct auction_app *app, bool is_connected);
// What the broker sends is late, or in time again; each new connection is in time.
void auction_app_broker_late(struct auction_app *app, bool is_late);
void auction_app_broker_message(struct auction_app *app, const char *topic, struct bytes payload,
                                bool is_retained);

// A note of another bridge's application (relay.h); `from`: its relay node.
void auction_app_take_note(struct auction_app *app, const char *from, struct bytes note);
// Whether a bridge whose relay node this is lives, by its heartbeats.
bool auction_app_bridge_is_alive(const struct auction_app *app, const char *node);

// How many live bridges there are besides this one.
size_t auction_app_other_bridges(const struct auction_app *app);
// Whether a socket waits for the answer to a command of its own.
bool auction_app_socket_is_busy(const struct auction_app *app, struct socketio_socket_id socket);

// The web.
void auction_app_request(struct auction_app *app, const struct http_request *request);

// What is due. Next time at which something will be; INT64_MAX: nothing.
void auction_app_process(struct auction_app *app);
int64_t auction_app_deadline_ms(const struct auction_app *app);

// True once after something was given to the Socket.IO server to send.
bool auction_app_takes_output(struct auction_app *app);

bool auction_app_engine_is_alive(const struct auction_app *app);

// Clears what others remember of this bridge's visitors.
void auction_app_say_goodbye(struct auction_app *app);

#endif
