// The only files that know libwebsockets (web_server*.c): HTTP for the application and the pages,
// and the transports of the Socket.IO server.
//
// Purity:    talks to the network through libwebsockets on the caller's libev loop
// Units:     *_ms milliseconds on the boot clock, sizes in bytes
// Ownership: web_server_create/destroy; an exchange belongs to the server and ends with its one
//            response. The Socket.IO server is the caller's, and is destroyed after this one
// Lifetime:  an exchange id is never used again: a response to one that is gone (client left) does
//            nothing
// Errors:    create: LC_ERR_BUSY when the port is taken, LC_ERR_IO otherwise, with a line in
//            `out_why`
// Order:     on_request comes once the whole body is there; answer now or later, exactly once
// Source:    RFC 9110, RFC 9112, RFC 6455
#ifndef LOTCAST_BRIDGE_WEB_SERVER_H
#define LOTCAST_BRIDGE_WEB_SERVER_H

#include "bridge/socketio/server.h"

struct ev_loop;
struct web_server;

struct web_exchange_id {
    uint64_t value;
};

struct web_request {
    struct web_exchange_id exchange;
    struct bytes method; // "GET", "HEAD" arrives as "GET"
    struct bytes path;   // percent-decoded, without the query
    struct bytes query;  // without '?', percent-encoded again: `a=1&b=x%20y`
    struct bytes body;
    struct bytes content_type;
    struct bytes authorization;
    struct bytes if_none_match;
    struct bytes accept_encoding;
    // Of the peer; with trust_forwarded the last entry of X-Forwarded-For: the one that the proxy
    // in front wrote itself.
    struct bytes address;
};

struct web_response {
    int status;
    const char *content_type; // NULL: no body
    struct bytes body;
    const char *headers; // further header lines "Name: value\r\n...", or NULL
};

struct web_server_config {
    const char *address;               // "127.0.0.1", "0.0.0.0"
    int port;                          // 0: any, see web_server_port()
    const char *const *socketio_paths; // {"/socket.io/", "/api/socket.io/", NULL}
    const char *cors_origin;           // NULL: no CORS headers; "*", or one origin
    bool cors_credentials;
    bool trust_forwarded;       // take the client's address from X-Forwarded-For
    size_t body_max;            // of an HTTP request to the application
    size_t connections_max;     // more than these wait in the kernel until others leave
    int64_t request_timeout_ms; // for a request, or a WebSocket message, to arrive completely
    // Bytes of all request bodies and WebSocket messages that are not complete or not answered yet;
    // 0: 256 MiB. Beyond: 503, or close 1009.
    size_t unfinished_max;
};

struct web_server_ops {
    // Any request outside the Socket.IO paths, and GETs below them that name a file of the client
    // bundle.
    void (*on_request)(void *owner, const struct web_request *request);
};

LC_MUST_CHECK enum lc_status web_server_create(const struct web_server_config *config,
                                               struct ev_loop *loop,
                                               struct socketio_server *socketio,
                                               const struct web_server_ops *ops, void *owner,
                                               struct web_server **out_server, char out_why[160]);
// The same over an Engine.IO server of another application.
LC_MUST_CHECK enum lc_status
web_server_create_on_engine(const struct web_server_config *config, struct ev_loop *loop,
                            struct engineio_server *engine, const struct web_server_ops *ops,
                            void *owner, struct web_server **out_server, char out_why[160]);
void web_server_destroy(struct web_server *server);
int web_server_port(const struct web_server *server);

void web_respond(struct web_server *server, struct web_exchange_id exchange,
                 const struct web_response *response);

// The Socket.IO server was used from outside a web callback (a message from the broker): sends what
// is ready, sets the timer anew. Call once for each turn of the loop in which anything was emitted.
void web_server_flush(struct web_server *server);

#endif
