// One server's TCP connections: bytes in, HTTP and WebSocket spoken with the engine and the
// application, bytes out.
//
// Purity:    pure: the shell lends the connections in `struct endpoint_shell_ops`
// Units:     *_ms milliseconds on the caller's monotonic clock, which never runs backwards; sizes in
//            bytes
// Ownership: endpoint_create/destroy; the engine and the texts of the configuration are the
//            caller's, and outlive the endpoint
// Lifetime:  a connection lives from endpoint_open() to endpoint_gone(), or to the shell's close()
// Errors:    endpoint_create: LC_ERR_NO_MEMORY; endpoint_open: NULL when the connection is not taken
// Order:     every input is followed by endpoint_flush(), which may stand for several; close() comes
//            from there, or from destroy, only. The shell's operations must not call back
// Source:    RFC 9110, RFC 9112, RFC 6455, RFC 7692; routing as the reference server has it
#ifndef LOTCAST_ENDPOINT_ENDPOINT_H
#define LOTCAST_ENDPOINT_ENDPOINT_H

#include "bridge/endpoint/web_request.h"
#include "bridge/engineio/engine.h"
#include "bridge/http/cors_policy.h"
#include "bridge/websocket/ws_offer.h"

enum {
    ENDPOINT_PATHS_MAX = 8,
    ENDPOINT_WAITING_BYTES_MAX = 16384,   // of pipelined requests, then reading pauses
    ENDPOINT_DROPPED_BYTES_MAX = 4 << 20, // of a body that is read only to be dropped
    ENDPOINT_RESPONSE_BYTES_MAX = 1 << 28,
    ENDPOINT_UNFINISHED_BYTES_MAX = 256 << 20, // when the configuration names no other
    // An idle connection that the server closes first may take a proxy's next request with it: more
    // than the 120 s that such proxies keep theirs.
    ENDPOINT_KEEP_ALIVE_MS = 130000,
    ENDPOINT_SLOW_READER_MS =
        60000,                     // in which some of a response has to be taken; of a WebSocket's
                                   // frames it is a ping's interval
    ENDPOINT_CLOSE_WAIT_MS = 3000, // for the peer's close frame
};

struct endpoint;
struct endpoint_peer;

struct endpoint_shell_ops {
    // Takes all of the bytes. False: a rest is held back, endpoint_writable() follows.
    bool (*send)(void *shell, void *connection, struct bytes bytes);
    // Ends the connection behind what was sent.
    void (*close)(void *shell, void *connection);
    void (*set_reading)(void *shell, void *connection, bool reads);
    // Bytes that the peer has taken so far, by any measure that grows with them. May be NULL: then a
    // rest counts as taken only with its last byte.
    uint64_t (*taken)(void *shell, void *connection);
};

struct endpoint_config {
    const char *const *socketio_paths; // {"/socket.io/", "/api/socket.io/", NULL}
    bool takes_bare_paths;             // "/socket.io" too, without its last slash
    bool hides_bundle; // the names of the client bundle are no files of the application's
    struct cors_policy cors;
    bool checks_ws_origin; // refuses a WebSocket of an origin that `cors` does not allow
    bool compresses_polls;
    struct ws_deflate_config deflate;
    bool trust_forwarded; // take the client's address from X-Forwarded-For
    size_t body_max;      // of an HTTP request to the application
    size_t connections_max;
    size_t connections_per_address_max; // of one peer's address; 0: no limit
    int64_t request_timeout_ms; // for a request, or a WebSocket message, to arrive completely
    int64_t keep_alive_ms;      // until the next request; 0: ENDPOINT_KEEP_ALIVE_MS
    // Bytes of all requests and WebSocket messages that are not complete or not answered yet; 0:
    // ENDPOINT_UNFINISHED_BYTES_MAX. Beyond: 503, or close 1009.
    size_t unfinished_max;
};

// The path "/socket.io/", compressed polls, and limits that suit a small server: 10,000 connections,
// requests of 1,000,000 bytes within 20 s.
struct endpoint_config endpoint_config_default(void);

// `app_ops` NULL: what is not for the Socket.IO server is not found.
LC_MUST_CHECK enum lc_status endpoint_create(const struct endpoint_config *config,
                                             struct engineio_server *engine,
                                             const struct endpoint_shell_ops *shell_ops,
                                             void *shell, const struct web_server_ops *app_ops,
                                             void *app, struct endpoint **out_endpoint);
// Closes every connection; engine and application hear nothing of it.
void endpoint_destroy(struct endpoint *endpoint);

// `connection` is the shell's own.
struct endpoint_peer *endpoint_open(struct endpoint *endpoint, int64_t now_ms, void *connection,
                                    struct bytes address, bool is_secure);
void endpoint_feed(struct endpoint_peer *peer, int64_t now_ms, struct bytes in);
// What was held back has been sent.
void endpoint_writable(struct endpoint_peer *peer, int64_t now_ms);
// The peer has left (`failed`: the connection broke), nothing more can be sent.
void endpoint_gone(struct endpoint_peer *peer, int64_t now_ms, bool failed);

// Does what is due, lets the engine send, goes on with what had to wait.
void endpoint_flush(struct endpoint *endpoint, int64_t now_ms);
// The same but for what many wait for: behind one of several inputs.
void endpoint_flush_marked(struct endpoint *endpoint, int64_t now_ms);
int64_t endpoint_next_deadline(const struct endpoint *endpoint); // DEADLINE_NONE: none

// No connection is kept for a further request from now on: each ends behind its next response.
void endpoint_keep_none(struct endpoint *endpoint);

void endpoint_respond(struct endpoint *endpoint, struct web_exchange_id exchange,
                      const struct web_response *response);

struct endpoint_counts {
    uint64_t connections;
    uint64_t unfinished_bytes;
    uint64_t blocked;           // of which the shell holds a rest
    uint64_t slow_closed_total; // that took nothing of it for too long
};
void endpoint_server_counts(const struct endpoint *endpoint, struct endpoint_counts *out);

#endif
