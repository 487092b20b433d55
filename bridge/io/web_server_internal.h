// What the files of the web server share; private to web_server*.c.
//
// Purity:    talks to the network through libwebsockets
// Lifetime:  an exchange lives from a request's head to its finished response, a link from 101 to
//            the close of the WebSocket; the engine and the application know both by id only
#ifndef LOTCAST_BRIDGE_WEB_SERVER_INTERNAL_H
#define LOTCAST_BRIDGE_WEB_SERVER_INTERNAL_H

#include "bridge/engineio/engine.h"
#include "bridge/engineio/slot_table.h"
#include "bridge/http/chunk_decoder.h"
#include "bridge/io/web_server.h"
#include "lib/base/buffer.h"

struct lws;
struct lws_context;
struct lws_vhost;
struct web_timer;
struct web_watch;

enum {
    HEADERS_MAX = 16,           // handed to the application
    REQUEST_TEXT_MAX = 1 << 16, // of one request's head, decoded and encoded again
    PARAMETER_MAX = 8191,       // of one parameter of the query, decoded
    DRAIN_MAX = 4 << 20,        // of a body that is read only to be dropped
    PATHS_MAX = 8,
    RESPONSE_MAX = 1 << 28,
    UNFINISHED_MAX = 256 << 20, // when the configuration names no other
};

#define UPGRADE_EXCHANGE UINT64_MAX // of the upgrade at hand: it is answered before the next

struct web_server {
    struct web_server_config config;
    char *address;
    char *cors_origin;
    char *paths[PATHS_MAX + 1];
    struct lws_context *context;
    struct lws_vhost *vhost;
    struct engineio_server *engine;
    struct web_server_ops ops;
    void *owner;
    struct web_timer *timer;
    struct slot_table exchanges;
    struct slot_table links;
    size_t unfinished; // bytes, see unfinished_max
    // Links with an unfinished message; all wait equally long, so the first is the next to be late.
    struct link *late_first;
    struct link *late_last;
    struct lws *upgrading;      // the request at hand asks for an upgrade
    struct link *accepted;      // its WebSocket, until libwebsockets has opened it
    struct buffer request_text; // behind the views of the request at hand
    bool destroying;
};

// The head of the request at hand; views into server->request_text, valid until the next is read.
struct request_view {
    const char *method;
    struct bytes path;
    struct bytes query;
    struct bytes url;
    struct bytes origin;
    bool has_origin;
    struct bytes content_type;
    struct bytes authorization;
    struct bytes if_none_match;
    struct bytes accept_encoding;
    struct bytes requested_method;  // of a CORS preflight
    struct bytes requested_headers; // of a CORS preflight
    struct bytes address;
    struct engineio_header headers[HEADERS_MAX];
    size_t headers_count;
};

enum body_kind { BODY_NONE, BODY_SIZED, BODY_CHUNKED, BODY_ABSENT, BODY_BAD };

struct exchange {
    struct web_server *server;
    struct lws *wsi;
    uint64_t id;
    enum body_kind body_kind;
    bool for_engine;
    bool wants_body; // of the engine: post_complete or post_too_large is owed
    bool is_head;
    bool preflight; // the response carries the CORS answer
    bool inside;    // one of its callbacks is running: finish there
    bool body_done;
    bool responded;
    bool close_after;
    int64_t body_by_ms;
    size_t drained;
    struct chunk_decoder chunks;
    struct buffer body;
    size_t body_counted; // of server->unfinished
    struct engineio_session_id session;
    struct buffer requested_headers;
    struct buffer rest;      // of the response, that the kernel has not taken yet
    size_t rest_sent;        // of rest
    struct web_watch *watch; // while the answer, or room for it, is awaited
};

struct link { // a WebSocket
    struct web_server *server;
    struct lws *wsi;
    uint64_t id;
    struct engineio_session_id session;
    struct buffer message;  // fragments so far
    size_t message_counted; // of server->unfinished
    bool message_binary;
    bool message_unfinished; // in the list of server->late_first, until message_by_ms
    int64_t message_by_ms;
    struct link *late_before;
    struct link *late_after;
    bool blocked;   // the last write was not taken whole
    int close_code; // 0: stays open
};

struct per_socket { // libwebsockets' user memory, for one transaction or one WebSocket
    struct exchange *exchange;
    struct link *link;
};

// ---- web_server.c ----
// `*counted`, a share of server->unfinished, becomes `bytes`. False: all together are too many.
bool web_count_unfinished(struct web_server *server, size_t *counted, size_t bytes);

// ---- web_server_request.c ----
// False: larger than REQUEST_TEXT_MAX, or a parameter larger than PARAMETER_MAX.
bool request_read(struct web_server *server, struct lws *wsi, struct request_view *out_view);
void request_to_engine(const struct request_view *view, uint64_t exchange,
                       struct engineio_request *out_request);
enum body_kind request_body_kind(struct lws *wsi, const struct request_view *view);
bool request_is_socketio(const struct web_server *server, struct bytes path);
bool request_is_bundle(const struct web_server *server, const struct request_view *view);
// NULL: a WebSocket upgrade that the protocol allows; else why not.
const char *request_upgrade_fault(struct lws *wsi, const char *protocol,
                                  const struct request_view *view);

// ---- web_server_http.c ----
int http_on_request(struct web_server *server, struct lws *wsi, struct per_socket *socket);
int http_on_body(struct per_socket *socket, struct bytes data);
int http_on_body_end(struct per_socket *socket);
void http_on_gone(struct per_socket *socket);
void http_respond(struct web_server *server, uint64_t exchange,
                  const struct web_response *response);
void http_engine_respond(void *shell, uint64_t exchange, const struct engineio_response *response);
// Writes the response to an upgrade that is refused.
void http_refuse_upgrade(struct web_server *server, struct lws *wsi, struct bytes message);

// ---- web_server_ws.c ----
int ws_on_upgrade(struct web_server *server, struct lws *wsi, const char *protocol);
int ws_on_open(struct web_server *server, struct lws *wsi, struct per_socket *socket);
int ws_on_data(struct per_socket *socket, struct bytes data);
int ws_on_writeable(struct per_socket *socket);
void ws_on_gone(struct per_socket *socket);
// Closes those whose message is late; returns when the next one will be, or DEADLINE_NONE.
int64_t ws_close_late(struct web_server *server, int64_t now_ms);
uint64_t ws_engine_accept(void *shell, uint64_t exchange, struct bytes headers);
bool ws_engine_send(void *shell, uint64_t ws, struct bytes frames);
void ws_engine_close(void *shell, uint64_t ws, int code);

// ---- web_server_loop.c ----
// Bytes that were read from the connection so far; 0 when the system does not tell.
uint64_t web_bytes_taken(int fd);
// Calls web_server_flush() when its deadline comes.
struct web_timer *web_timer_create(struct ev_loop *loop, struct web_server *server);
void web_timer_destroy(struct web_timer *timer);
void web_timer_set(struct web_timer *timer, int64_t at_ms); // DEADLINE_NONE: stops
// Waits, beside libwebsockets, for one thing to happen to a connection. `then` comes from the loop and
// may destroy the watch; CAN_SEND comes again and again, PEER_GONE at most once.
enum web_watch_for { WEB_WATCH_PEER_GONE, WEB_WATCH_CAN_SEND };
struct web_watch *web_watch_create(const struct web_timer *loop_of, int fd, enum web_watch_for what,
                                   void (*then)(struct lws *wsi), struct lws *wsi);
void web_watch_destroy(struct web_watch *watch);

#endif
