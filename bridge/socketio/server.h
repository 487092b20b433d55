// A Socket.IO server over Engine.IO: namespaces, acknowledgements, rooms, broadcasts, recovery.
// Bytes and time in, bytes and deadlines out.
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
// Source:    Engine.IO protocol v4, Socket.IO protocol v5, and v4 of it for clients that speak
//            Engine.IO v3; shapes and refusals as the reference server answers them
#ifndef LOTCAST_SOCKETIO_SERVER_H
#define LOTCAST_SOCKETIO_SERVER_H

#include "lib/base/buffer.h"
#include "lib/base/bytes.h"
#include "lib/base/status.h"

struct socketio_server;
struct engineio_server;
struct engineio_config;
struct engineio_app_ops;

struct socketio_socket_id {
    uint64_t value; // 0: none
};

// Every limit has the reference server's default, where it has one, in socketio_config_default().
struct socketio_config {
    int64_t ping_interval_ms;   // 25000
    int64_t ping_timeout_ms;    // 20000
    int64_t upgrade_timeout_ms; // 10000
    int64_t connect_timeout_ms; // 45000
    size_t max_payload;         // 1000000, of one HTTP body or WebSocket message
    size_t attachments_max;     // 10
    size_t namespaces_max;      // 32, of one connection
    size_t rooms_max;           // 64, of one socket
    size_t acks_max;            // 4096 unanswered ones of one socket, in each direction
    size_t answers_bytes_max;   // 16777216, of the answers to one broadcast with ack
    size_t pending_bytes_max;   // 1048576, unsent private bytes of one connection; more closes it
    size_t room_ring_events;    // 1024, events that a room keeps for its slowest reader
    size_t room_ring_bytes;     // 1048576
    // A room of which one pass over the members takes longer than room_pass_long_ms begins them
    // room_pace_ms apart, each with all events that have come meanwhile; see socketio_room_hurry().
    int64_t room_pass_long_ms; // 20
    int64_t room_pace_ms;      // 0: off
    // CPU time of this thread, by which passes are measured: one that had to wait for the CPU was not
    // long. NULL: by the time that engineio_flush() is told.
    int64_t (*cpu_us)(void);
    size_t sessions_max; // 20000
    bool allow_upgrades;
    bool allow_polling;
    bool allow_websocket;
    bool allow_eio3;    // false: clients of Engine.IO v3 (Socket.IO 1.x and 2.x), too
    bool allow_msgpack; // false: a connection whose first message is binary speaks msgpack

    // Connection state recovery: how long a session that was cut off can be taken up again; 0: off.
    int64_t recovery_ms;           // 0; 120000 is usual
    size_t recovery_sessions_max;  // 10000 that wait; the oldest gives way
    size_t recovery_events_max;    // 10000 that are kept for them, of all namespaces
    size_t recovery_bytes_max;     // 16777216
    bool recovery_runs_on_connect; // false: a recovered socket is accepted without being asked

    // What else the engine offers (bridge/engineio/engine.h); both may be NULL, and are copied. Of
    // the config counts what is not named above, of the ops what may be NULL there: admission,
    // headers, and errors, for `engine_app`.
    const struct engineio_config *engine;
    const struct engineio_app_ops *engine_ops;
    void *engine_app;
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

// The application of one or more namespaces. `app` is what was given with the ops.
struct socketio_app_ops {
    // A client asks for `namespace` with `auth` (a JSON object, or empty). Answer now or later,
    // exactly once, with socketio_accept() or socketio_refuse(); a socket whose connection ends
    // before is forgotten without a further callback. Until the answer socketio_room_join() is
    // remembered and socketio_emit() comes before the CONNECT reply. NULL: everybody is accepted.
    void (*on_connect)(void *app, struct socketio_socket_id socket, struct bytes namespace_name,
                       struct bytes auth, const struct socketio_handshake *handshake);
    void (*on_event)(void *app, struct socketio_socket_id socket,
                     const struct socketio_event *event);
    // The socket is about to end, and is still in its rooms. May be NULL.
    void (*on_disconnecting)(void *app, struct socketio_socket_id socket,
                             enum socketio_reason reason);
    // It is out of them. See socketio_socket_is_kept() for what recovery means here.
    void (*on_disconnect)(void *app, struct socketio_socket_id socket, enum socketio_reason reason);
    // The socket lagged so far behind its room that the ring has dropped events for it: it has left
    // the room's stream at the newest event, and should be sent a fresh state. May be NULL.
    void (*on_lagged)(void *app, struct socketio_socket_id socket);
    // A line for the operator about a transport: opened, upgraded, upgrade refused or given up,
    // closed. May be NULL. Only the ops given to socketio_server_create() are told.
    void (*on_transport)(void *app, struct socketio_socket_id first_socket_or_none,
                         struct bytes sid, const char *what, const char *reason);
    // The client acknowledges what socketio_emit_with_ack() sent; `answer` has no name. Comes at
    // most once for each id. May be NULL.
    void (*on_ack)(void *app, struct socketio_socket_id socket, int64_t ack_id,
                   const struct socketio_event *answer);
    // A session was taken up again: `socket` is a new id with the old sid, rooms and data, is
    // accepted, and what it missed is on its way. NULL: on_connect is asked, as with
    // recovery_runs_on_connect, and accepting it is what recovers the session.
    void (*on_recovered)(void *app, struct socketio_socket_id socket, struct bytes namespace_name,
                         struct bytes auth, const struct socketio_handshake *handshake);
    // The sockets are never taken up again, and what is sent to them is not kept for it.
    bool never_recovers;
    // A session that was kept with `data` (not NULL) will never be taken up again. May be NULL.
    void (*on_data_dropped)(void *app, void *data);

    // Recovery by the application, for sessions that come back to another node or after a restart:
    // both set take the place of the recovery above. make_pid writes what the client shows when it
    // comes back (printable ASCII without '"' and '\\', at most SOCKETIO_PID_SIZE_MAX; nothing: it
    // cannot come back). A client that shows one is asked about with on_restore instead of
    // on_connect: socketio_restore() and then socketio_accept(), socketio_accept() alone for a new
    // session, or socketio_refuse(); now or later. `offset` is the last one it has seen, empty:
    // none. Offsets are the application's too: a last argument of its events that is a string.
    // make_pid comes while the socket is accepted and only reads. What is sent before the accepting
    // comes before the CONNECT reply. Clients of Engine.IO v3 know no recovery.
    void (*make_pid)(void *app, struct socketio_socket_id socket, struct buffer *out_pid);
    void (*on_restore)(void *app, struct socketio_socket_id socket, struct bytes namespace_name,
                       struct bytes auth, struct bytes pid, struct bytes offset,
                       const struct socketio_handshake *handshake);

    // A connection moves to another node, with all its sockets (bridge/engineio/foreign.h).
    // on_export writes what the application knows of the socket (256 KiB at most), and is told
    // where it goes; it may still send. From here on nothing sent to the socket arrives, and calls
    // for it do nothing. False: not now, it may be asked again. Then on_moved is the last callback
    // for the socket, without on_disconnect, or, when the move fails, on_disconnecting and
    // on_disconnect, outside of its rooms. What clients owe to socketio_send_with_ack() and
    // socketio_broadcast_with_ack() counts as disconnected; on_ack comes there.
    // on_import makes an accepted socket of what on_export wrote, with the old sid; false: it
    // cannot, then no further callback comes for the socket, and the client recovers. What waited
    // to be sent goes on by itself; where it was too much on_lagged follows. The rooms are the
    // application's to join again. A session of the server's own recovery is given up.
    // NULL: sockets of this owner do not move, and their connections stay where they are.
    bool (*on_export)(void *app, struct socketio_socket_id socket, struct bytes node,
                      struct buffer *out_state);
    void (*on_moved)(void *app, struct socketio_socket_id socket);
    bool (*on_import)(void *app, struct socketio_socket_id socket, struct bytes namespace_name,
                      struct bytes state, const struct socketio_handshake *handshake);
};
enum { SOCKETIO_PID_SIZE_MAX = 1024 };

// What the outside lends to the pure server.
struct socketio_env {
    void (*random)(void *context, uint8_t *data, size_t size); // unguessable bytes
    void *context;
};

// `ops` own every namespace that is not registered below; NULL: nobody does.
LC_MUST_CHECK enum lc_status socketio_server_create(const struct socketio_config *config,
                                                    const struct socketio_env *env,
                                                    const struct socketio_app_ops *ops, void *app,
                                                    struct socketio_server **out_server);
void socketio_server_destroy(struct socketio_server *server);

// ---- namespaces ----

// A CONNECT finds its owner in this order: the namespace of that name; the matchers, the oldest
// first; the ops given at create; else it gets CONNECT_ERROR {"message":"Invalid namespace"}.
// A registered namespace stays; others come with their first socket and go with their last one.

// LC_ERR_EXISTS: registered already, or a namespace of this name has sockets. The name begins with
// '/', has at most NAMESPACE_SIZE_MAX bytes (LC_ERR_BAD_INPUT).
LC_MUST_CHECK enum lc_status socketio_namespace_add(struct socketio_server *server,
                                                    struct bytes name,
                                                    const struct socketio_app_ops *ops, void *app);
// `matches` sees the names that nobody owns; it must not call back into the server.
LC_MUST_CHECK enum lc_status
socketio_namespace_add_matching(struct socketio_server *server,
                                bool (*matches)(void *app, struct bytes name),
                                const struct socketio_app_ops *ops, void *app);
// Calls `visit` for each namespace there is now, in the order of their making.
void socketio_namespaces_visit(const struct socketio_server *server,
                               void (*visit)(void *context, struct bytes name, size_t sockets),
                               void *context);

// ---- sockets ----

void socketio_accept(struct socketio_server *server, struct socketio_socket_id socket);
// `error` is a JSON object with "message" and, if wanted, "data".
void socketio_refuse(struct socketio_server *server, struct socketio_socket_id socket,
                     struct bytes error);
// Leaves the namespace (DISCONNECT); with `close` the whole connection ends.
void socketio_disconnect(struct socketio_server *server, struct socketio_socket_id socket,
                         bool close);
// Ends the socket's connection at once, as if it had been lost: unlike one that is told DISCONNECT
// its client comes back by itself (on_disconnect: SOCKETIO_FORCED_CLOSE).
void socketio_cut(struct socketio_server *server, struct socketio_socket_id socket);
bool socketio_socket_is_open(const struct socketio_server *server,
                             struct socketio_socket_id socket);
// Bytes of what is sent to it alone that wait for its connection; 0: none, or it is gone.
size_t socketio_socket_waiting(const struct socketio_server *server,
                               struct socketio_socket_id socket);
enum socketio_transport socketio_socket_transport(const struct socketio_server *server,
                                                  struct socketio_socket_id socket);
// The public id of the socket, as the client knows it: 20 characters, for sockets of Engine.IO v3
// clients outside of the root more; empty when the socket is gone.
struct bytes socketio_socket_sid(const struct socketio_server *server,
                                 struct socketio_socket_id socket);
// True for clients of Engine.IO v3: by their protocol the id holds their connection's, with which
// another could take their place.
bool socketio_socket_sid_is_secret(const struct socketio_server *server,
                                   struct socketio_socket_id socket);
// The socket of a public id; {0}: none.
struct socketio_socket_id socketio_socket_of_sid(const struct socketio_server *server,
                                                 struct bytes sid);
// Where the socket is; empty when it is gone.
struct bytes socketio_socket_namespace(const struct socketio_server *server,
                                       struct socketio_socket_id socket);
// Sockets with the same number share a connection; 0: gone. (The connection's own sid is a secret
// of its client.)
uint64_t socketio_socket_connection(const struct socketio_server *server,
                                    struct socketio_socket_id socket);
// False: gone. What is written stays valid until the next callback or call of this function.
bool socketio_socket_handshake(struct socketio_server *server, struct socketio_socket_id socket,
                               struct socketio_handshake *out_handshake);
// A value of the application's for each socket; NULL at first.
void socketio_socket_set_data(struct socketio_server *server, struct socketio_socket_id socket,
                              void *data);
void *socketio_socket_data(const struct socketio_server *server, struct socketio_socket_id socket);
// The rooms of the socket in the order of joining, without the one that its sid names. `visit` must
// not join or leave.
void socketio_socket_rooms_visit(const struct socketio_server *server,
                                 struct socketio_socket_id socket,
                                 void (*visit)(void *context, struct bytes room), void *context);

// ---- what is sent ----

// An event. `arguments`: JSON values joined by commas, as they stand behind the event's name; may
// be empty. Attachments are named in them by {"_placeholder":true,"num":index}; with more than
// attachments_max (clients refuse more than 10) nothing is sent.
struct socketio_emission {
    struct bytes event;
    struct bytes arguments;
    const struct bytes *attachments;
    size_t attachments_count;
    // Dropped for a client whose transport could not take it at once: no poll hangs, the WebSocket
    // has not taken what it was given, or something was waiting for it already. All or nothing.
    bool is_volatile;
    bool no_compress; // never compressed for the transport
};

void socketio_send(struct socketio_server *server, struct socketio_socket_id socket,
                   const struct socketio_emission *emission);
// Short forms of it.
void socketio_emit(struct socketio_server *server, struct socketio_socket_id socket,
                   struct bytes event, struct bytes arguments);
void socketio_emit_binary(struct socketio_server *server, struct socketio_socket_id socket,
                          struct bytes event, struct bytes arguments,
                          const struct bytes *attachments, size_t attachments_count);

// ---- acknowledgements ----

// Answers an event's ack_id; ids that were never asked for, or are answered already, are the
// caller's error and are ignored.
void socketio_ack(struct socketio_server *server, struct socketio_socket_id socket, int64_t ack_id,
                  struct bytes arguments);
void socketio_ack_binary(struct socketio_server *server, struct socketio_socket_id socket,
                         int64_t ack_id, struct bytes arguments, const struct bytes *attachments,
                         size_t attachments_count);

// Asks for an acknowledgement; the result names it in on_ack, -1 when nothing was sent (no such
// socket, acks_max, too many attachments).
int64_t socketio_emit_with_ack(struct socketio_server *server, struct socketio_socket_id socket,
                               struct bytes event, struct bytes arguments,
                               const struct bytes *attachments, size_t attachments_count);

enum socketio_ack_outcome {
    SOCKETIO_ACK_ANSWERED,
    SOCKETIO_ACK_TIMED_OUT,    // an answer that comes later is dropped
    SOCKETIO_ACK_DISCONNECTED, // the socket ended before
};
// The same with a callback of its own and a time limit. `on_answer` comes exactly once unless the
// result is -1 or the server is destroyed; `answer` is NULL unless the outcome is ANSWERED.
struct socketio_ack_wait {
    int64_t timeout_ms; // 0: none
    void (*on_answer)(void *context, struct socketio_socket_id socket,
                      enum socketio_ack_outcome outcome, const struct socketio_event *answer);
    void *context;
};
int64_t socketio_send_with_ack(struct socketio_server *server, struct socketio_socket_id socket,
                               const struct socketio_emission *emission,
                               const struct socketio_ack_wait *wait);

// ---- rooms: one ring of encoded frames each, one cursor for each member ----

// Every socket is also in a room named by its sid, which costs nothing and cannot be left; the
// functions of this part do not know it, those of targets do.

// LC_ERR_FULL: rooms_max. A socket that waits for its decision is in the room once it is accepted.
LC_MUST_CHECK enum lc_status socketio_room_join(struct socketio_server *server,
                                                struct socketio_socket_id socket,
                                                struct bytes room);
void socketio_room_leave(struct socketio_server *server, struct socketio_socket_id socket,
                         struct bytes room);
size_t socketio_room_size(const struct socketio_server *server, struct bytes namespace_name,
                          struct bytes room);
// Encodes once for all members. `is_volatile`: may be dropped for a member whose transport cannot
// take it at once (ticks); unlike an emission's, it may follow what is sent in the same turn.
void socketio_room_emit(struct socketio_server *server, struct bytes namespace_name,
                        struct bytes room, struct bytes event, struct bytes arguments,
                        bool is_volatile);
// What the room's members have not been sent yet does not wait for the pace.
void socketio_room_hurry(struct socketio_server *server, struct bytes namespace_name,
                         struct bytes room);

// ---- targets: the sockets that an operation is for ----

// The union of `rooms` (the whole namespace without any), without the sockets in any room of
// `except` and without `sender`. Sids are rooms here. Nobody is counted twice.
struct socketio_target {
    struct bytes namespace_name;
    const struct bytes *rooms;
    size_t rooms_count;
    const struct bytes *except;
    size_t except_count;
    struct socketio_socket_id sender; // {0}: none
};

// Encodes once; one plain room goes through its ring, other targets share the frame. Returns how
// many sockets it is for.
size_t socketio_broadcast(struct socketio_server *server, const struct socketio_target *target,
                          const struct socketio_emission *emission);

// `answers`: a JSON array of the first argument of each answer in the order of their arrival, with
// their attachments. `missing`: sockets that ended before, did not answer in time or whose answer
// did not fit answers_bytes_max.
struct socketio_answers {
    struct bytes answers;
    const struct bytes *attachments;
    size_t attachments_count;
    size_t count;
    size_t missing;
    bool timed_out;
};
// Asks each for an acknowledgement, all under one id. `on_answers` comes once: inside this call
// when there is nobody, when the last answer is here, or after timeout_ms (0: none) with what there
// is. False: nothing was sent (too large, too many attachments, no memory), and no callback comes.
bool socketio_broadcast_with_ack(
    struct socketio_server *server, const struct socketio_target *target,
    const struct socketio_emission *emission, int64_t timeout_ms,
    void (*on_answers)(void *context, const struct socketio_answers *answers), void *context);

// Calls `visit` for each socket that is there when its turn comes; `visit` may do everything.
void socketio_target_visit(struct socketio_server *server, const struct socketio_target *target,
                           void (*visit)(void *context, struct socketio_socket_id socket),
                           void *context);
void socketio_target_join(struct socketio_server *server, const struct socketio_target *target,
                          const struct bytes *rooms, size_t rooms_count);
void socketio_target_leave(struct socketio_server *server, const struct socketio_target *target,
                           const struct bytes *rooms, size_t rooms_count);
void socketio_target_disconnect(struct socketio_server *server,
                                const struct socketio_target *target, bool close);

// ---- connection state recovery ----

// In on_disconnecting and on_disconnect: the session can be taken up again here (never true where
// the application recovers its sessions itself). Data that is set then stays with it until it is,
// or until on_data_dropped; else it is the application's to free.
bool socketio_socket_is_kept(const struct socketio_server *server,
                             struct socketio_socket_id socket);
// In on_connect: accepting the socket recovers a session. Afterwards: it did.
bool socketio_socket_is_recovered(const struct socketio_server *server,
                                  struct socketio_socket_id socket);
// In on_restore, or until its answer: the socket takes up the id `sid`; its CONNECT reply repeats
// the pid that was shown, by which the client knows that it is recovered. Another socket here with
// that id is ended first, with its connection (on_disconnect: SOCKETIO_FORCED_CLOSE).
// LC_ERR_BAD_INPUT: no legal id. LC_ERR_NOT_FOUND: no socket that waits and has shown a pid.
// LC_ERR_EXISTS: a socket of another namespace has the id.
LC_MUST_CHECK enum lc_status socketio_restore(struct socketio_server *server,
                                              struct socketio_socket_id socket, struct bytes sid);

// ---- whole server ----

struct socketio_counts {
    uint64_t sessions_open;
    uint64_t sessions_polling;
    uint64_t sessions_websocket;
    uint64_t sockets_open;
    uint64_t handshakes_total;
    uint64_t handshakes_waiting;            // for their turn or the application, now
    uint64_t handshakes_held_total;         // that had to wait for their turn
    uint64_t handshakes_over_rate_total;    // refused with 503
    uint64_t handshakes_over_address_total; // refused with 503
    uint64_t connection_errors_total;       // refused requests of all kinds
    uint64_t upgrades_total;
    uint64_t upgrades_failed_total;
    uint64_t polls_total;  // GETs answered
    uint64_t pushes_total; // WebSocket messages sent
    uint64_t packets_in_total;
    uint64_t packets_out_total;
    uint64_t bytes_in_total;  // of Socket.IO packets and attachments, without the transport's
    uint64_t bytes_out_total; // framing and coding
    uint64_t volatile_dropped_total;
    uint64_t lagged_total;           // readers that fell out of a room's ring
    uint64_t overflowed_total;       // closed: more waited for them alone than pending_bytes_max
    uint64_t queued_bytes;           // that wait for single connections, now
    uint64_t room_passes_total;      // over the members of a room, to send what was emitted to it
    uint64_t room_passes_long_total; // longer than room_pass_long_ms
    uint64_t unencodable_total; // packets left out for a client because its parser cannot say them
    uint64_t recovery_saved;    // sessions that wait to be taken up again
    uint64_t recovery_events;
    uint64_t recovery_bytes;
    uint64_t moved_away_total; // connections, to other nodes
    uint64_t moved_here_total;
    uint64_t recovered_total;
    uint64_t recovery_failed_total; // a pid that could not be recovered
    uint64_t closed_total[9];       // by enum socketio_reason
};
void socketio_server_counts(const struct socketio_server *server, struct socketio_counts *out);

// What happens, for a watcher like the Admin UI; members may be NULL. A hook may call what sends
// and what asks, but must not end sockets nor join or leave rooms; what it sends itself is reported
// to it, too.
struct socketio_monitor_ops {
    void (*on_raw_opened)(void *monitor, enum socketio_transport transport);
    void (*on_raw_closed)(void *monitor, const char *reason);
    void (*on_upgraded)(void *monitor, struct socketio_socket_id socket); // each of the connection
    void (*on_connected)(void *monitor, struct socketio_socket_id socket);
    void (*on_disconnected)(void *monitor, struct socketio_socket_id socket,
                            enum socketio_reason reason); // out of its rooms, else still there
    void (*on_room_joined)(void *monitor, struct socketio_socket_id socket, struct bytes room);
    void (*on_room_left)(void *monitor, struct socketio_socket_id socket, struct bytes room);
    void (*on_event_received)(void *monitor, struct socketio_socket_id socket,
                              const struct socketio_event *event);
    void (*on_event_sent)(void *monitor, struct socketio_socket_id socket,
                          const struct socketio_emission *emission);
};
// NULL: none any more.
void socketio_server_set_monitor(struct socketio_server *server,
                                 const struct socketio_monitor_ops *ops, void *monitor);
// Every open socket of every namespace, as socketio_target_visit().
void socketio_sockets_visit(struct socketio_server *server,
                            void (*visit)(void *context, struct socketio_socket_id socket),
                            void *context);

// The transports' side, for the shell.
struct engineio_server *socketio_server_engine(struct socketio_server *server);

// A stop that nobody shall notice, in two steps before the last one below. Refuses handshakes from
// now on (503); sessions go on.
void socketio_server_stop_admitting(struct socketio_server *server);
// Closes connections ("server shutting down"), each behind what waits for it, until `keep` are left
// that nobody closes. Leaves out those with a socket for which `is_busy` (may be NULL) says so.
// Their clients come back by themselves, as none would that is told DISCONNECT. Returns how many
// are left; those that are closed are open for a while yet.
size_t socketio_server_close_down_to(struct socketio_server *server, size_t keep,
                                     bool (*is_busy)(void *context,
                                                     struct socketio_socket_id socket),
                                     void *context);
// Every session is told and closed ("server shutting down"); nothing new is accepted.
void socketio_server_shut_down(struct socketio_server *server);

#endif
