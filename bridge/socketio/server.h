// A Socket.IO v5 server over Engine.IO v4: namespaces, acknowledgements, rooms. Bytes and time in,
// bytes and deadlines out.
//
// Purity:    pure: no sockets, no clock, no logging, no random numbers of its own (they come
//            through `struct socketio_env`)
// Units:     *_ms milliseconds on the caller's monotonic clock, sizes in bytes
// Ownership: socketio_server_create/destroy; all bytes given to a call or a callback are borrowed
//            until it returns
// Lifetime:  a socket id is never used again; a call with a dead id does nothing (or says
//            LC_ERR_NOT_FOUND)
// Order:     callbacks may call every function of this header for any socket, also
//            socketio_disconnect() of the one they are about; on_disconnect is the last callback
//            for a socket, and comes exactly once for each socket that was accepted
// Source:    Engine.IO protocol v4, Socket.IO protocol v5; shapes and refusals as the reference
//            server answers them
#ifndef LOTCAST_SOCKETIO_SERVER_H
#define LOTCAST_SOCKETIO_SERVER_H

#include "lib/base/bytes.h"
#include "lib/base/status.h"

struct socketio_server;
struct engineio_server;

struct socketio_socket_id {
    uint64_t value; // 0: none
};

// Every limit has the reference server's default in socketio_config_default().
struct socketio_config {
    int64_t ping_interval_ms;   // 25000
    int64_t ping_timeout_ms;    // 20000
    int64_t upgrade_timeout_ms; // 10000
    int64_t connect_timeout_ms; // 45000
    size_t max_payload;         // 1000000, of one HTTP body or WebSocket message
    size_t attachments_max;     // 10
    size_t namespaces_max;      // 32, of one connection
    size_t pending_bytes_max;   // 1048576, unsent private bytes of one connection; more closes it
    size_t room_ring_events;    // 1024, events that a room keeps for its slowest reader
    size_t room_ring_bytes;     // 1048576
    size_t sessions_max;        // 20000
    bool allow_upgrades;
    bool allow_polling;
    bool allow_websocket;
};
struct socketio_config socketio_config_default(void);

// What a session's first request looked like; headers have lower-case names.
struct socketio_header {
    struct bytes name;
    struct bytes value;
};
struct socketio_handshake {
    struct bytes url;   // path and query as received
    struct bytes query; // without '?'
    struct bytes address;
    bool secure;
    int64_t time_ms;
    const struct socketio_header *headers;
    size_t headers_count;
};

enum socketio_reason { // names as the reference server's: socketio_reason_name()
    SOCKETIO_TRANSPORT_CLOSE,
    SOCKETIO_TRANSPORT_ERROR,
    SOCKETIO_PING_TIMEOUT,
    SOCKETIO_PARSE_ERROR,
    SOCKETIO_FORCED_CLOSE,
    SOCKETIO_FORCED_SERVER_CLOSE,
    SOCKETIO_CLIENT_NAMESPACE_DISCONNECT,
    SOCKETIO_SERVER_NAMESPACE_DISCONNECT,
    SOCKETIO_SERVER_SHUTTING_DOWN,
};
const char *socketio_reason_name(enum socketio_reason reason);

enum socketio_transport { SOCKETIO_POLLING, SOCKETIO_WEBSOCKET };

// An event's arguments: the JSON array text as received (`["name",arg,...]`), the text of the array
// without the name (`arg,...`), and binary attachments in order of their placeholders.
struct socketio_event {
    struct bytes name;      // unescaped
    struct bytes array;     // whole array
    struct bytes arguments; // what follows the name and its comma; empty when there is none
    const struct bytes *attachments;
    size_t attachments_count;
    int64_t ack_id; // -1: no acknowledgement wanted
};

// The application on top of the server.
struct socketio_app_ops {
    // A client asks for `namespace` with `auth` (a JSON object, or empty). Answer now or later,
    // exactly once, with socketio_accept() or socketio_refuse(); a socket whose connection ends
    // before is forgotten without a further callback.
    void (*on_connect)(void *app, struct socketio_socket_id socket, struct bytes namespace_name,
                       struct bytes auth, const struct socketio_handshake *handshake);
    void (*on_event)(void *app, struct socketio_socket_id socket,
                     const struct socketio_event *event);
    void (*on_disconnect)(void *app, struct socketio_socket_id socket, enum socketio_reason reason);
    // The socket lagged so far behind its room that the ring has dropped events for it: it has left
    // the room's stream at the newest event, and should be sent a fresh state. May be NULL.
    void (*on_lagged)(void *app, struct socketio_socket_id socket);
    // A line for the operator about a transport: opened, upgraded, upgrade refused or given up,
    // closed. May be NULL.
    void (*on_transport)(void *app, struct socketio_socket_id first_socket_or_none,
                         struct bytes sid, const char *what, const char *reason);
    // The client acknowledges what socketio_emit_with_ack() sent; `answer` has no name. Comes at
    // most once for each id. May be NULL.
    void (*on_ack)(void *app, struct socketio_socket_id socket, int64_t ack_id,
                   const struct socketio_event *answer);
};

// What the outside lends to the pure server.
struct socketio_env {
    void (*random)(void *context, uint8_t *data, size_t size); // unguessable bytes
    void *context;
};

LC_MUST_CHECK enum lc_status socketio_server_create(const struct socketio_config *config,
                                                    const struct socketio_env *env,
                                                    const struct socketio_app_ops *ops, void *app,
                                                    struct socketio_server **out_server);
void socketio_server_destroy(struct socketio_server *server);

// ---- sockets ----

void socketio_accept(struct socketio_server *server, struct socketio_socket_id socket);
// `error` is a JSON object with "message" and, if wanted, "data".
void socketio_refuse(struct socketio_server *server, struct socketio_socket_id socket,
                     struct bytes error);

// `arguments`: JSON values joined by commas, as they stand behind the event's name; may be empty.
void socketio_emit(struct socketio_server *server, struct socketio_socket_id socket,
                   struct bytes event, struct bytes arguments);
// Answers an event's ack_id; ids that were never asked for, or are answered already, are the
// caller's error and are ignored.
void socketio_ack(struct socketio_server *server, struct socketio_socket_id socket, int64_t ack_id,
                  struct bytes arguments);
// The same with binary attachments: the arguments name them by {"_placeholder":true,"num":index}.
// At most attachments_max (clients refuse more than 10): above it nothing is sent.
void socketio_emit_binary(struct socketio_server *server, struct socketio_socket_id socket,
                          struct bytes event, struct bytes arguments,
                          const struct bytes *attachments, size_t attachments_count);
void socketio_ack_binary(struct socketio_server *server, struct socketio_socket_id socket,
                         int64_t ack_id, struct bytes arguments, const struct bytes *attachments,
                         size_t attachments_count);
// Asks for an acknowledgement; the result names it in on_ack, -1 when nothing was sent. Timeouts
// are the application's.
int64_t socketio_emit_with_ack(struct socketio_server *server, struct socketio_socket_id socket,
                               struct bytes event, struct bytes arguments,
                               const struct bytes *attachments, size_t attachments_count);
// Leaves the namespace (DISCONNECT); with `close` the whole connection ends.
void socketio_disconnect(struct socketio_server *server, struct socketio_socket_id socket,
                         bool close);
bool socketio_socket_is_open(const struct socketio_server *server,
                             struct socketio_socket_id socket);
enum socketio_transport socketio_socket_transport(const struct socketio_server *server,
                                                  struct socketio_socket_id socket);
// The public id of the socket, 20 characters, as the client knows it; empty when the socket is
// gone.
struct bytes socketio_socket_sid(const struct socketio_server *server,
                                 struct socketio_socket_id socket);
// Where the socket is; empty when it is gone.
struct bytes socketio_socket_namespace(const struct socketio_server *server,
                                       struct socketio_socket_id socket);
// A value of the application's for each socket; NULL at first.
void socketio_socket_set_data(struct socketio_server *server, struct socketio_socket_id socket,
                              void *data);
void *socketio_socket_data(const struct socketio_server *server, struct socketio_socket_id socket);

// ---- rooms: one ring of encoded frames each, one cursor for each member ----

LC_MUST_CHECK enum lc_status socketio_room_join(struct socketio_server *server,
                                                struct socketio_socket_id socket,
                                                struct bytes room);
void socketio_room_leave(struct socketio_server *server, struct socketio_socket_id socket,
                         struct bytes room);
size_t socketio_room_size(const struct socketio_server *server, struct bytes namespace_name,
                          struct bytes room);
// Encodes once for all members. `is_volatile`: may be dropped for a member whose transport cannot
// take it at once (ticks).
void socketio_room_emit(struct socketio_server *server, struct bytes namespace_name,
                        struct bytes room, struct bytes event, struct bytes arguments,
                        bool is_volatile);

// ---- whole server ----

struct socketio_counts {
    uint64_t sessions_open;
    uint64_t sessions_polling;
    uint64_t sessions_websocket;
    uint64_t sockets_open;
    uint64_t handshakes_total;
    uint64_t upgrades_total;
    uint64_t upgrades_failed_total;
    uint64_t polls_total;  // GETs answered
    uint64_t pushes_total; // WebSocket messages sent
    uint64_t packets_in_total;
    uint64_t packets_out_total;
    uint64_t volatile_dropped_total;
    uint64_t lagged_total;
    uint64_t closed_total[9]; // by enum socketio_reason
};
void socketio_server_counts(const struct socketio_server *server, struct socketio_counts *out);

// The transports' side, for the shell.
struct engineio_server *socketio_server_engine(struct socketio_server *server);

// Every session is told and closed ("server shutting down"); nothing new is accepted.
void socketio_server_shut_down(struct socketio_server *server);

#endif
