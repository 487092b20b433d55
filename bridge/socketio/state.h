// What stands behind server.h: connections (Engine.IO sessions), the sockets on them (one for each
// namespace), and rooms.
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
    SOCKET_ROOMS_MAX = 64,      // of one socket
    ACKS_PENDING_MAX = 4096,    // of one socket, in each direction
    ATTACHMENTS_HARD_MAX = 64,  // whatever the configuration says
    ASSEMBLY_PAYLOADS_MAX = 4,  // attachments of one packet, in sum, as a multiple of max_payload
    HANDSHAKE_HEADERS_MAX = 64, // shown to the application
    SID_SIZE = ENGINEIO_SID_SIZE,
};

enum socket_state { SOCKET_PENDING, SOCKET_OPEN, SOCKET_GONE };

struct ack_set { // ids in no order; small in practice
    int64_t *ids;
    size_t count;
    size_t capacity;
};

struct room;
struct socket;

struct membership {
    struct room *room;
    struct socket *socket;
    size_t place; // in the room's members
    struct room_cursor cursor;
    struct membership *next; // of the socket
};

struct socket {
    struct socketio_socket_id id;
    enum socket_state state;
    struct connection *connection; // NULL when it is gone
    struct socket *next;           // of the connection
    struct membership *memberships;
    size_t memberships_count;
    struct ack_set owed;  // asked by the client, to be answered here
    struct ack_set asked; // asked by the application
    int64_t next_ack_id;
    void *data;
    char sid[SID_SIZE + 1];
    size_t namespace_size;
    char namespace_name[];
};

// A binary packet whose attachments are arriving.
struct assembly {
    struct buffer text; // the packet that announced them
    struct bytes attachments[ATTACHMENTS_HARD_MAX];
    size_t count;
    size_t wanted;
    size_t bytes;
};

struct connection {
    struct engineio_session_id session;
    struct socket *sockets;
    size_t sockets_count;
    struct frame *queue_first;
    struct frame *queue_last;
    size_t queue_bytes;
    struct membership *peeked; // the stream of the frame that was peeked; NULL: the queue
    struct assembly *assembly;
    bool connected;  // some namespace was accepted
    bool closing;    // takes no more packets
    bool overflowed; // the queue passed its limit
    bool reason_set;
    enum socketio_reason reason; // why it is closing
};

struct room {
    struct room *next; // in its bucket
    struct room_ring ring;
    struct membership **members;
    size_t count;
    size_t capacity;
    size_t namespace_size;
    size_t key_size;
    char key[]; // namespace and name
};

struct socketio_server {
    struct socketio_config config;
    struct socketio_env env;
    struct socketio_app_ops ops;
    void *app;
    struct engineio_server *engine;
    struct slot_table sockets;
    struct room **buckets; // a power of two
    size_t buckets_count;
    size_t rooms_count;
    struct buffer text; // of the packet being written
    struct socketio_counts counts;
};

// ---- connection.c: what arrives ----
void *connection_on_open(void *app, struct engineio_session_id session);
void connection_on_message(void *app, void *connection, bool binary, struct bytes data);
void connection_on_close(void *app, void *connection, enum engineio_reason reason);
void connection_on_deadline(void *app, void *connection);
void connection_on_transport(void *app, void *connection, struct bytes sid, const char *what,
                             const char *reason);
// Ends all sockets with `reason` and closes the transport in order.
void connection_fail(struct socketio_server *server, struct connection *connection,
                     enum socketio_reason reason);
// Takes the socket off its connection, its rooms, and tells the application; frees it.
void socket_end(struct socketio_server *server, struct socket *socket, enum socketio_reason reason);
struct socket *socket_find(const struct socketio_server *server, struct socketio_socket_id id);
bool ack_set_add(struct ack_set *set, int64_t id);
bool ack_set_take(struct ack_set *set, int64_t id);

// ---- output.c: what leaves ----
void connection_before_send(void *app, void *connection);
const struct frame *connection_peek(void *app, void *connection, uint64_t fresh_from);
void connection_pop(void *app, void *connection);
void connection_drop_queue(struct connection *connection);
// Takes the frame.
void connection_enqueue(struct socketio_server *server, struct connection *connection,
                        struct frame *frame);
// `json` parts are joined behind the head.
struct frame *packet_frame(struct socketio_server *server, enum socketio_packet_type type,
                           size_t attachments, struct bytes namespace_name, int64_t id,
                           const struct bytes *json, size_t json_count);
// One event as the text of a frame; NULL when it is too large or there is no memory.
struct frame *event_frame(struct socketio_server *server, size_t attachments,
                          struct bytes namespace_name, int64_t id, struct bytes event,
                          struct bytes arguments);

// ---- rooms.c ----
// Leaves every room; with `settle` what was not read yet is queued for the socket.
void socket_leave_rooms(struct socketio_server *server, struct socket *socket, bool settle);
void rooms_release(struct socketio_server *server);

#endif
