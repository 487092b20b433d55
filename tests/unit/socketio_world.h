// A Socket.IO server over a transport of plain memory, with several clients and an application that
// writes down what it is told.
//
// Order: world_set_up() leaves room for a change of `config` and `ops` before world_start()
#ifndef LOTCAST_TESTS_SOCKETIO_WORLD_H
#define LOTCAST_TESTS_SOCKETIO_WORLD_H

#include "bridge/engineio/engine.h"
#include "bridge/socketio/server.h"
#include "lib/base/buffer.h"

enum { WORLD_LINKS = 8, WORLD_SOCKETS = 16, WORLD_POLL = 100 };

struct link {
    struct engineio_session_id session;
    bool websocket;
    bool closed;        // the server closed it
    bool takes;         // the WebSocket takes more
    char sid[24];       // of Engine.IO
    struct buffer sent; // one packet a line; a body's are joined by '|'
};

struct world {
    struct socketio_config config;
    struct socketio_app_ops ops;
    bool owns_the_rest; // of the namespaces
    struct socketio_server *server;
    struct engineio_server *engine;
    int64_t now_ms;
    int protocol; // of the links to come
    struct link links[WORLD_LINKS];
    size_t links_count;
    char sent_to[64]; // the WebSockets that were sent something, one digit each
    struct socketio_socket_id sockets[WORLD_SOCKETS]; // in the order of connect or recovery
    size_t sockets_count;
    struct buffer told; // the callbacks, one a line
    bool answers_later;
    void (*inside)(struct world *world, struct socketio_socket_id socket,
                   const struct socketio_event *event); // of on_event; may be NULL
    void (*in_connect)(struct world *world, struct socketio_socket_id socket);
    void (*in_disconnecting)(struct world *world, struct socketio_socket_id socket);
};

int world_set_up(void **state);
int world_tear_down(void **state);
void world_start(struct world *world);

size_t world_websocket(struct world *world); // a new client
size_t world_polling(struct world *world);
void world_poll(struct world *world, size_t link);
void world_upgrade(struct world *world, size_t link); // to a WebSocket, without probing first
void world_receive(struct world *world, size_t link, const char *packet);
void world_receive_binary(struct world *world, size_t link, struct bytes data);
void world_gone(struct world *world, size_t link); // the client is cut off
void world_flush(struct world *world);
void world_pass(struct world *world, int64_t ms);

// Compares and forgets. '$' stands for 20 characters of an id.
void world_sent(struct world *world, size_t link, const char *text);
void world_told(struct world *world, const char *text);
void world_forget(struct world *world); // all of it
// A new client in the root; its sent and told are forgotten.
size_t world_client(struct world *world);
// The value of "name" in what was sent last to the link; valid until the next call.
const char *world_value(struct world *world, size_t link, const char *name);

struct socketio_emission emission(const char *event, const char *arguments);
struct socketio_target target_of(const char *namespace_name, const struct bytes *rooms,
                                 size_t rooms_count);

#endif
