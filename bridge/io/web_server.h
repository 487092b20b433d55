// The network side of an endpoint: TCP and TLS on the caller's libev loop. The only files that know
// libwebsockets (web_server*.c), which is used for its sockets and TLS; HTTP and WebSocket are
// spoken in bridge/endpoint.
//
// Purity:    talks to the network through libwebsockets
// Units:     *_ms milliseconds on the boot clock, sizes in bytes
// Ownership: web_server_create/destroy; texts of the configuration outlive the server. The Socket.IO
//            server is the caller's, and is destroyed after this one
// Errors:    create: LC_ERR_BUSY when the port is taken, LC_ERR_IO otherwise, with a line in
//            `out_why`
#ifndef LOTCAST_BRIDGE_WEB_SERVER_H
#define LOTCAST_BRIDGE_WEB_SERVER_H

#include "bridge/endpoint/endpoint.h"
#include "bridge/socketio/server.h"

struct ev_loop;
struct web_server;

struct web_server_config {
    const char *address;               // "127.0.0.1", "0.0.0.0", "::1", "::" (both versions of IP)
    int port;                          // 0: any, see web_server_port()
    const char *certificate_file;      // a PEM chain: speaks TLS; NULL: plain
    const char *key_file;              // of its private key
    const char *const *socketio_paths; // {"/socket.io/", "/api/socket.io/", NULL}
    bool takes_bare_paths;             // "/socket.io" too, without its last slash
    bool hides_bundle;       // the names of the client bundle are no files of the application's
    const char *cors_origin; // shorthand for a policy: NULL: no CORS headers; "*", or one origin
    bool cors_credentials;   // of the shorthand
    const struct cors_policy *cors; // NULL: the shorthand counts
    bool checks_ws_origin; // refuses a WebSocket of an origin that the policy does not allow
    bool compresses_polls;
    struct ws_deflate_config deflate;
    bool trust_forwarded;               // take the client's address from X-Forwarded-For
    size_t body_max;                    // of an HTTP request to the application
    size_t connections_max;             // more than these wait in the kernel until others leave
    size_t connections_per_address_max; // of one peer's address; 0: no limit
    int64_t request_timeout_ms; // for a request, or a WebSocket message, to arrive completely
    int64_t keep_alive_ms;      // until the next request; 0: longer than proxies keep theirs
    // Bytes of all requests and WebSocket messages that are not complete or not answered yet; 0: 256
    // MiB. Beyond: 503, or close 1009.
    size_t unfinished_max;
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

struct web_server_counts {
    uint64_t connections;
    uint64_t unfinished_bytes;  // of requests and messages that are not complete or not answered
    uint64_t blocked;           // connections that do not take what is sent as fast as it is
    uint64_t blocked_bytes;     // that wait for them here; those of TLS are not counted
    uint64_t slow_closed_total; // connections that took nothing for a ping's interval
};
void web_server_read_counts(const struct web_server *server, struct web_server_counts *out);
int web_server_port(const struct web_server *server);

// Connections are taken from then on; until then the kernel keeps them.
void web_server_open_at(struct web_server *server, int64_t at_ms);

// For a stop that others take over from: new connections are refused by the kernel, so that who made
// them goes elsewhere, and those that are here end behind their next response. WebSockets stay.
void web_server_stop_listening(struct web_server *server);

void web_respond(struct web_server *server, struct web_exchange_id exchange,
                 const struct web_response *response);

// The Socket.IO server was used from outside a web callback (a message from the broker): sends what
// is ready, sets the timer anew. Call once for each turn of the loop in which anything was emitted.
void web_server_flush(struct web_server *server);

#endif
