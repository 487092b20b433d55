// What stands behind server.h: connections (Engine.IO sessions), the sockets on them (one for each
// namespace), rooms, and what waits: acknowledgements and sessions that may come back.
//
// Purity:    pure (allocates)
// Lifetime:  an application callback may end any socket and any connection: who goes on after one
//            looks up again by id
#ifndef LOTCAST_SOCKETIO_STATE_H
#define LOTCAST_SOCKETIO_STATE_H

#include "bridge/engineio/engine.h"
#include "bridge/engineio/slot_table.h"
#include "bridge/fanout/room_ring.h"
#include "bridge/socketio/packet.h"
#include "bridge/socketio/server.h"

enum {
    ATTACHMENTS_HARD_MAX = 64, // whatever the configuration says
    ASSEMBLY_PAYLOADS_MAX = 4, // attachments of one packet, in sum, as a multiple of max_payload
    MSGPACK_ATTACHMENTS_GROWTH_MAX = 4, // one that is named more often than that on average
    HANDSHAKE_HEADERS_MAX = 64,         // shown to the application
    SID_SIZE = ENGINEIO_SID_SIZE,
    SID_SIZE_MAX = NAMESPACE_SIZE_MAX + 1 + SID_SIZE, // of an Engine.IO v3 client's: /nsp#sid
    OFFSET_SIZE_MAX = 20,                             // digits of the largest position
    NAMESPACE_BUCKETS = 256,                          // each a power of two
    ROOM_BUCKETS = 1024,
    SID_BUCKETS = 4096,
};

// pending -> open -> leaving -> gone, pending -> gone, open -> moving -> gone or (it failed) open,
// moving (just made of another node's) -> open or gone
enum socket_state {
    SOCKET_PENDING, // the application has not answered yet
    SOCKET_OPEN,
    SOCKET_MOVING,  // nothing goes in or out
    SOCKET_LEAVING, // on_disconnecting was called
    SOCKET_GONE,
};

struct owner { // of namespaces
    struct owner *next;
    struct socketio_app_ops ops;
    void *app;
    bool (*matches)(void *app, struct bytes name); // NULL: of one registered namespace
};

// The newest positions that the log gave up for one party, and for whom they were not: enough to
// say of any single session whether something for it is lost.
struct lost {
    uint64_t newest;
    uint64_t newest_except; // number of the record that `newest` was not for; 0: none
    uint64_t newest_other;  // the newest one that was for that record, too
};

struct namespace
{
    struct namespace *next; // in its bucket
    struct namespace *older;
    struct namespace *newer;
    struct owner *owner;
    bool registered;
    size_t references; // sockets, records and log entries
    struct socket *first;
    struct socket *last;
    size_t sockets_count;
    int64_t next_ack_id;
    struct lost lost;
    size_t name_size;
    char name[];
};

struct ack_set { // ids in no order; small in practice
    int64_t *ids;
    uint32_t count;
    uint32_t capacity;
};

// An acknowledgement that a client owes.
struct pending_ack {
    struct pending_ack *next; // of the socket, in order of asking
    int64_t id;
    struct socket *socket;
    struct ack_group *group;        // NULL: on_ack
    struct pending_ack *group_next; // of the group
    struct pending_ack *group_previous;
};

struct room;
struct socket;

struct membership {
    struct room *room;
    struct room_cursor cursor;
    struct membership *stream_next; // of the connection
    struct membership *next;        // of the socket, in order of joining
    struct socket *socket;
    struct connection *connection;      // of the socket
    struct engineio_session_id session; // of the connection
    size_t place;                       // in the room's members
    uint64_t joined_at;                 // position of the log
};

struct wish { // a room to be joined once the socket is accepted
    struct wish *next;
    size_t size;
    char name[];
};

struct socket {
    struct socket *next; // of the connection
    struct membership *memberships;
    struct connection *connection; // NULL when it is gone
    struct socketio_socket_id id;
    enum socket_state state;
    bool kept;          // its session can be taken up again
    bool recovered;     // it has taken up a session, or will when it is accepted
    bool sid_is_secret; // it holds the id of the connection
    uint16_t sid_size;
    struct namespace *namespace;
    struct socket *namespace_next;
    struct socket *namespace_previous;
    struct socket *sid_next; // in its bucket
    struct wish *wishes;
    uint32_t rooms_count; // memberships and wishes
    uint32_t asked_count;
    struct ack_set owed;       // asked by the client, to be answered here
    struct pending_ack *asked; // asked by the application
    struct record *record;     // NULL: without recovery
    struct shown *shown;       // see restore.h
    uint64_t recover_from;     // position of the log, while the decision is pending
    uint64_t mark;             // of the last target that took it in or left it out
    void *data;
    char sid[];
};

// A binary packet whose attachments are arriving.
struct assembly {
    struct buffer text; // the packet that announced them
    struct bytes attachments[ATTACHMENTS_HARD_MAX];
    size_t count;
    size_t wanted;
    size_t bytes;
};

struct queued { // a packet that waits for one connection
    struct queued *next;
    struct frame *frame;
};

enum parser { PARSER_UNDECIDED, PARSER_JSON, PARSER_MSGPACK };

struct connection { // what every delivery needs comes first
    struct engineio_session_id session;
    struct membership *streams; // of all sockets: what it reads
    struct queued *queue_first;
    struct frame *begun;            // its head is sent: its attachments come before anything else
    struct membership *peeked_from; // the stream of the packet that was peeked; NULL: the queue
    struct frame *peeked;           // the frame as it is sent
    uint64_t alone_from;            // see struct freshness
    enum parser parser;
    bool root_due;   // an Engine.IO v3 client is in the root namespace without asking
    bool overflowed; // the queue passed its limit
    bool connected;  // some namespace was accepted
    bool closing;    // takes no more packets
    struct socket *sockets;
    struct queued *queue_last;
    size_t queue_bytes;
    struct frame *begun_next; // the next of its attachments
    struct assembly *assembly;
    size_t sockets_count;
    bool reason_set;
    enum socketio_reason reason; // why it is closing
};

struct pass { // over the members of a room, to let them send
    bool is_wanted;
    bool has_news;    // the room was pushed to since it began
    bool is_urgent;   // the next one does not wait
    size_t left;      // members that it has not come to
    int64_t began_ms; // meaningful while `left` is not 0
    int64_t spent_us;
    int64_t not_before_ms; // for the next one to begin; see room_pace_ms
};

struct room {
    struct room *next;        // in its bucket
    struct room *passes_next; // of server->passes
    struct pass pass;
    struct room_ring ring;
    struct membership **members;
    size_t count;
    size_t capacity;
    size_t references; // records and log entries that name it
    struct lost lost;
    size_t namespace_size;
    size_t key_size;
    char key[]; // namespace and name
};

struct sockets { // that a target means, for as long as no callback is made
    struct socket **items;
    size_t count;
    size_t capacity;
    bool failed; // no memory: nobody
};

struct socketio_server {
    struct socketio_config config;
    struct socketio_env env;
    struct engineio_server *engine;
    struct owner *owners;    // in the order of adding
    struct owner *otherwise; // of what nobody else owns; NULL: refused
    struct socketio_monitor_ops monitor;
    void *monitor_context;
    bool monitored;
    struct engineio_app_ops engine_ops; // those of the application
    struct slot_table sockets;
    struct namespace *namespaces[NAMESPACE_BUCKETS];
    struct namespace *oldest_namespace;
    struct namespace *newest_namespace;
    struct socket **sids; // SID_BUCKETS
    struct room **rooms;  // ROOM_BUCKETS
    struct room *passes;  // those that wait for one, or for it to go on
    struct room *passes_last;
    uint64_t mark;         // of the latest target
    uint64_t newest_order; // of a frame
    struct buffer text;    // of the packet being written
    struct deadline_heap ack_deadlines;
    struct ack_group *ack_groups;
    size_t ack_groups_count;
    struct recovery *recovery; // NULL: off
    struct socketio_header headers[HANDSHAKE_HEADERS_MAX];
    struct socketio_counts counts;
};

// FNV-1a: none of what is hashed is longer than a packet, and the buckets are no secret.
static inline uint64_t hash_bytes(uint64_t hash, struct bytes bytes)
{
    for (size_t i = 0; i < bytes.size; i++) {
        hash = (hash ^ bytes.data[i]) * UINT64_C(1099511628211);
    }
    return hash;
}
#define HASH_BEGIN UINT64_C(14695981039346656037)

// ---- server.c ----
// Sets the engine's clock to the earliest deadline of acknowledgements and recovery.
void server_schedule(struct socketio_server *server);

// ---- namespaces.c ----
struct namespace *namespace_find(const struct socketio_server *server, struct bytes name);
// Found or made; NULL: nobody owns the name, or no memory.
struct namespace *namespace_for(struct socketio_server *server, struct bytes name);
// One reference less; the last one ends a namespace that is not registered.
void namespace_release(struct socketio_server *server, struct namespace *namespace);
void namespaces_release(struct socketio_server *server);
static inline struct bytes namespace_name(const struct namespace *namespace)
{
    return bytes_of(namespace->name, namespace->name_size);
}

// ---- sockets.c ----
struct socket *socket_find(const struct socketio_server *server, struct socketio_socket_id id);
struct socket *socket_open_find(const struct socketio_server *server,
                                struct socketio_socket_id id); // only an accepted one
struct socket *socket_find_sid(const struct socketio_server *server, struct bytes sid);
// Whoever has the id here ends, with its connection: its client has come back by another one. False:
// it stays, as a socket of another namespace does. Calls the application.
bool socket_free_sid(struct socketio_server *server, const struct namespace *namespace,
                     struct bytes sid);
// Another id of SID_SIZE, which nobody has.
void socket_take_sid(struct socketio_server *server, struct socket *socket, struct bytes sid);
// NULL: no memory. `sid` empty: one is drawn.
struct socket *socket_create(struct socketio_server *server, struct connection *connection,
                             struct namespace *namespace, struct bytes sid);
// It has moved to another node: as socket_end(), with on_moved.
void socket_end_moved(struct socketio_server *server, struct socket *socket);
// Takes the socket off its connection, its rooms, and tells the application; frees it.
void socket_end(struct socketio_server *server, struct socket *socket, enum socketio_reason reason);
static inline struct bytes socket_sid(const struct socket *socket)
{
    return bytes_of(socket->sid, socket->sid_size);
}
void sid_draw(struct socketio_server *server, char sid[SID_SIZE + 1]);

// ---- connect.c: CONNECT and its answers ----
// `name` as the client wrote it, `auth` a JSON object or empty.
void connect_ask(struct socketio_server *server, struct connection *connection, struct bytes name,
                 struct bytes auth);
// False: the session is gone.
bool handshake_show(struct socketio_server *server, const struct connection *connection,
                    struct socketio_handshake *out);

// ---- connection.c: what arrives ----
void *connection_on_open(void *app, struct engineio_session_id session);
void connection_on_message(void *app, void *connection, bool binary, struct bytes data);
void connection_on_close(void *app, void *connection, enum engineio_reason reason);
void connection_on_deadline(void *app, void *connection);
void connection_on_transport(void *app, void *connection, struct bytes sid, const char *what,
                             const char *reason);
// Puts an Engine.IO v3 client into the root namespace; false: the application ended the connection.
bool connection_open_root(struct socketio_server *server, struct connection *connection);
// Ends all sockets with `reason` and closes the transport in order.
void connection_fail(struct socketio_server *server, struct connection *connection,
                     enum socketio_reason reason);
void connection_close_in_order(struct socketio_server *server, struct connection *connection,
                               enum socketio_reason reason);
// What is left of a connection without sockets.
void connection_destroy(struct socketio_server *server, struct connection *connection);
// A binary packet that announces `wanted` attachments, and each of them. False: too much, or no
// memory.
bool connection_begin_assembly(struct connection *connection, struct bytes text, size_t wanted);
bool connection_add_attachment(const struct socketio_server *server, struct connection *connection,
                               struct bytes data);
struct socket *connection_find_namespace(const struct connection *connection, struct bytes name);

// ---- acks.c ----
bool ack_set_add(struct ack_set *set, int64_t id, size_t max);
bool ack_set_take(struct ack_set *set, int64_t id);
// The client owes an acknowledgement, for on_ack. False: acks_max, or no memory.
bool acks_expect(struct socketio_server *server, struct socket *socket, int64_t id);
// A client's answer.
void acks_on_answer(struct socketio_server *server, struct socket *socket,
                    const struct socketio_packet *packet, const struct bytes *attachments);
// The socket ends: what it owes is given up.
void acks_give_up(struct socketio_server *server, struct socket *socket);
void acks_on_time(struct socketio_server *server, int64_t now_ms);
void acks_release(struct socketio_server *server);

// ---- output.c: what leaves ----
void connection_before_send(void *app, void *connection);
const struct frame *connection_peek(void *app, void *connection, uint64_t fresh_from);
void connection_pop(void *app, void *connection);
void connection_drop_queue(struct socketio_server *server, struct connection *connection);
// Drops what waits; the connection ends at the next turn, not inside the application's call.
void connection_cut(struct socketio_server *server, struct connection *connection);
// Takes one ownership of the frame. NULL, or too much waiting: the connection will be closed.
void connection_enqueue(struct socketio_server *server, struct connection *connection,
                        struct frame *frame);
// The same behind everything that waits, whatever its order.
void connection_append(struct socketio_server *server, struct connection *connection,
                       struct frame *frame);
// The same for an emission: a volatile one is dropped where something waits.
void connection_enqueue_emission(struct socketio_server *server, struct connection *connection,
                                 struct frame *frame);
// One that is written already: `head` with its message type.
struct frame *frame_of_packet(struct socketio_server *server, struct bytes head,
                              const struct bytes *attachments, size_t count);
// `json` parts are joined behind the head. NULL when it is too large or there is no memory.
struct frame *packet_frame(struct socketio_server *server, enum socketio_packet_type type,
                           struct bytes namespace_name, int64_t id, const struct bytes *json,
                           size_t json_count);
struct frame *ack_frame(struct socketio_server *server, struct bytes namespace_name, int64_t id,
                        struct bytes arguments, const struct bytes *attachments, size_t count);
// `offset` empty: none.
struct frame *event_frame(struct socketio_server *server, struct bytes namespace_name, int64_t id,
                          const struct socketio_emission *emission, struct bytes offset);

// ---- emit.c ----
bool emission_fits(const struct socketio_server *server, const struct socketio_emission *emission);
void report_sent(struct socketio_server *server, struct socketio_socket_id socket,
                 const struct socketio_emission *emission);

// ---- rooms.c ----
struct room *room_find(const struct socketio_server *server, struct bytes namespace_name,
                       struct bytes name);
void room_release(struct socketio_server *server, struct room *room); // one reference less
// Returns how many members there are; a pass will let them send.
size_t room_push(struct socketio_server *server, struct room *room, struct frame *frame);
LC_MUST_CHECK enum lc_status socket_join(struct socketio_server *server, struct socket *socket,
                                         struct bytes name, uint64_t joined_at);
// Joins what was wished for while the decision was pending.
void socket_join_wishes(struct socketio_server *server, struct socket *socket);
void socket_drop_wishes(struct socket *socket);
// Leaves every room; with `settle` what was not read yet is queued for the socket.
void socket_leave_rooms(struct socketio_server *server, struct socket *socket, bool settle);
// Leaves every room; what was not read yet is queued. True: it was too much somewhere, and is lost.
bool socket_settle_rooms(struct socketio_server *server, struct socket *socket);
void rooms_release(struct socketio_server *server);
static inline struct bytes room_name(const struct room *room)
{
    return bytes_of(room->key + room->namespace_size, room->key_size - room->namespace_size);
}

// ---- room_pass.c ----
void room_want_pass(struct socketio_server *server, struct room *room);
bool rooms_serve(void *app);
void rooms_on_time(struct socketio_server *server);
int64_t rooms_next_deadline(const struct socketio_server *server);

// ---- broadcast.c ----
// Ends with sockets_release().
struct sockets target_sockets(struct socketio_server *server, const struct socketio_target *target);
void sockets_release(struct sockets *sockets);
void sockets_report_sent(struct socketio_server *server, const struct sockets *sockets,
                         const struct socketio_emission *emission);

#endif
