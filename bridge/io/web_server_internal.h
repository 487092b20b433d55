// What the files of the web server share; private to web_server*.c.
//
// Purity:    talks to the network through libwebsockets
// Lifetime:  a socket lives from its accept to libwebsockets' RAW_CLOSE; its connection ends
//            earlier, when the endpoint closes it: then what was sent goes out, and the peer gets a
//            while to take it
#ifndef LOTCAST_BRIDGE_WEB_SERVER_INTERNAL_H
#define LOTCAST_BRIDGE_WEB_SERVER_INTERNAL_H

#include "bridge/io/web_server.h"
#include "lib/base/buffer.h"

struct lws;
struct lws_context;
struct lws_vhost;
struct web_listener;
struct web_timer;

enum {
    WEB_LINGER_MS = 1000,       // between our end of a connection and its close
    WEB_LINGER_BYTES = 8 << 20, // read and dropped in that time
    WEB_REST_MAX = 1 << 29,     // that the kernel does not take yet, of one connection
    // That the kernel keeps without having sent it: its own maximum is megabytes, and a slow reader
    // would get ticks that were made minutes ago.
    WEB_UNSENT_MAX = 1 << 16,
    WEB_ACCEPTS_IN_TURN = 64,  // so that a storm of connections leaves room for others
    WEB_ACCEPT_RETRY_MS = 200, // when descriptors ran out
};

struct web_socket { // libwebsockets' user memory of a connection; what every send needs comes first
    struct web_server *server;
    struct lws *wsi;
    int fd;
    bool is_broken; // nothing more can be sent
    bool is_closing;
    struct buffer rest; // that the kernel has not taken yet
    size_t rest_sent;
    struct endpoint_peer *connection; // NULL: closed by the endpoint
    // In the list of server->closing: all wait equally long, so the first is the next to be late.
    struct web_socket *closing_before;
    struct web_socket *closing_after;
    int64_t closed_by_ms;
    size_t dropped;
};

struct web_server {
    struct endpoint *endpoint;
    struct lws_context *context;
    struct lws_vhost *vhost;
    struct web_listener *listener;
    struct web_timer *timer;
    const char *cors_origins[2]; // of the shorthand
    struct web_socket *closing_first;
    struct web_socket *closing_last;
    size_t sockets_count;
    size_t sockets_max;
    uint64_t rest_bytes;  // of all plain sockets
    int64_t accept_at_ms; // accepting is tried again; DEADLINE_NONE: it is not paused
    bool is_secure;
    bool is_destroying;
};

// ---- web_server.c ----
// Takes over an accepted connection, or closes it.
void web_server_adopt(struct web_server *server, int fd, struct bytes address);
// Behind one of several inputs: what they have in common is sent at the end of the loop's turn.
void web_server_flush_input(struct web_server *server);

// ---- web_server_socket.c ----
struct endpoint_shell_ops web_socket_ops(void);
void web_socket_open(struct web_socket *socket, struct web_server *server, struct lws *wsi, int fd,
                     struct bytes address);
// The reasons of libwebsockets' callback; a negative return closes.
int web_socket_on_bytes(struct web_socket *socket, struct bytes bytes);
int web_socket_on_writable(struct web_socket *socket);
void web_socket_on_gone(struct web_socket *socket);
// Closes those whose time is over. Not from within a callback of libwebsockets'.
void web_socket_close_late(struct web_server *server, int64_t now_ms);

// ---- web_server_loop.c ----
struct web_timer *web_timer_create(struct ev_loop *loop, struct web_server *server);
void web_timer_destroy(struct web_timer *timer);
void web_timer_set(struct web_timer *timer, int64_t at_ms); // DEADLINE_NONE: stops

LC_MUST_CHECK enum lc_status web_listener_create(const char *address, int port,
                                                 struct ev_loop *loop, struct web_server *server,
                                                 struct web_listener **out_listener,
                                                 char out_why[160]);
void web_listener_destroy(struct web_listener *listener);
// Takes what waits in the kernel, which would be cut off, then listens no more.
void web_listener_close(struct web_listener *listener);
int web_listener_port(const struct web_listener *listener);
// Accepting stops at the limit of connections, and goes on below it.
void web_listener_set(struct web_listener *listener, bool accepts);

#endif
