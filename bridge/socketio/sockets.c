// Sockets: one for each namespace of a connection.
#include <stdlib.h>

#include "bridge/engineio/base64.h"
#include "bridge/socketio/recovery.h"

struct socket *socket_find(const struct socketio_server *server, struct socketio_socket_id id)
{
    return slot_table_find(&server->sockets, id.value);
}

struct socket *socket_open_find(const struct socketio_server *server, struct socketio_socket_id id)
{
    struct socket *socket = socket_find(server, id);
    return socket != NULL && socket->state == SOCKET_OPEN ? socket : NULL;
}

static struct socket **sid_bucket(const struct socketio_server *server, struct bytes sid)
{
    return &server->sids[hash_bytes(HASH_BEGIN, sid) & (SID_BUCKETS - 1)];
}

struct socket *socket_find_sid(const struct socketio_server *server, struct bytes sid)
{
    struct socket *socket = *sid_bucket(server, sid);
    while (socket != NULL && !bytes_equal(socket_sid(socket), sid)) {
        socket = socket->sid_next;
    }
    return socket;
}

void sid_draw(struct socketio_server *server, char sid[SID_SIZE + 1])
{
    uint8_t random[SID_SIZE / 4 * 3];
    server->env.random(server->env.context, random, sizeof random);
    base64url_write(bytes_of(random, sizeof random), sid);
}

static void put_into_sids(struct socketio_server *server, struct socket *socket)
{
    struct socket **bucket = sid_bucket(server, socket_sid(socket));
    socket->sid_next = *bucket;
    *bucket = socket;
}

static void put_into_lists(struct socketio_server *server, struct socket *socket)
{
    struct connection *connection = socket->connection;
    struct namespace *namespace = socket->namespace;
    socket->next = connection->sockets;
    connection->sockets = socket;
    connection->sockets_count++;
    socket->namespace_previous = namespace->last;
    *(namespace->last == NULL ? &namespace->first : &namespace->last->namespace_next) = socket;
    namespace->last = socket;
    namespace->sockets_count++;
    namespace->references++;
    put_into_sids(server, socket);
}

struct socket *socket_create(struct socketio_server *server, struct connection *connection,
                             struct namespace *namespace, struct bytes sid)
{
    char drawn[SID_SIZE + 1];
    if (sid.size == 0) {
        sid_draw(server, drawn);
        sid = bytes_of(drawn, SID_SIZE);
    }
    struct socket *socket = calloc(1, sizeof *socket + sid.size);
    if (socket == NULL || slot_table_add(&server->sockets, socket, &socket->id.value) != LC_OK) {
        free(socket);
        return NULL;
    }
    memcpy(socket->sid, sid.data, sid.size);
    socket->sid_size = (uint16_t)sid.size;
    socket->connection = connection;
    socket->namespace = namespace;
    put_into_lists(server, socket);
    return socket;
}

bool socket_free_sid(struct socketio_server *server, const struct namespace *namespace,
                     struct bytes sid)
{
    const struct socket *other = socket_find_sid(server, sid);
    if (other == NULL) {
        return true;
    }
    if (other->namespace != namespace || other->connection == NULL) {
        return false;
    }
    engineio_end(server->engine, other->connection->session, ENGINEIO_FORCED_CLOSE);
    return socket_find_sid(server, sid) == NULL;
}

static void take_off_connection(struct socket *socket)
{
    struct connection *connection = socket->connection;
    struct socket **link = &connection->sockets;
    while (*link != socket) {
        link = &(*link)->next;
    }
    *link = socket->next;
    connection->sockets_count--;
    socket->connection = NULL;
}

static void take_off_sids(struct socketio_server *server, struct socket *socket)
{
    struct socket **link = sid_bucket(server, socket_sid(socket));
    while (*link != socket) {
        link = &(*link)->sid_next;
    }
    *link = socket->sid_next;
}

void socket_take_sid(struct socketio_server *server, struct socket *socket, struct bytes sid)
{
    LC_ASSERT(sid.size == SID_SIZE && socket->sid_size == SID_SIZE);
    take_off_sids(server, socket);
    memcpy(socket->sid, sid.data, SID_SIZE);
    put_into_sids(server, socket);
}

static void take_off_namespace(struct socket *socket)
{
    struct namespace *namespace = socket->namespace;
    *(socket->namespace_previous == NULL ? &namespace->first
                                         : &socket->namespace_previous->namespace_next) =
        socket->namespace_next;
    *(socket->namespace_next == NULL ? &namespace->last
                                     : &socket->namespace_next->namespace_previous) =
        socket->namespace_previous;
    namespace->sockets_count--;
}

static void take_off_lists(struct socketio_server *server, struct socket *socket)
{
    take_off_connection(socket);
    take_off_sids(server, socket);
    take_off_namespace(socket);
}

// The rooms are still there. NULL: the application has ended the socket by other ways meanwhile.
static struct socket *announce_end(struct socketio_server *server, struct socket *socket,
                                   enum socketio_reason reason)
{
    const struct owner *owner = socket->namespace->owner;
    struct socketio_socket_id id = socket->id;
    socket->state = SOCKET_LEAVING;
    socket->kept = recovery_keeps(server, socket, reason);
    if (owner->ops.on_disconnecting != NULL) {
        owner->ops.on_disconnecting(owner->app, id, reason);
    }
    return socket_find(server, id);
}

static void tell_end(struct socketio_server *server, struct socket *socket,
                     enum socketio_reason reason)
{
    const struct owner *owner = socket->namespace->owner;
    if (owner->ops.on_disconnect != NULL) {
        owner->ops.on_disconnect(owner->app, socket->id, reason);
    }
    if (server->monitored && server->monitor.on_disconnected != NULL) {
        server->monitor.on_disconnected(server->monitor_context, socket->id, reason);
    }
}

static void end_session(struct socketio_server *server, struct socket *socket, bool was_open)
{
    struct record *record = socket->record;
    socket->record = NULL;
    if (record != NULL && socket->kept) {
        recovery_put_away(server, record, socket->data);
    } else if (record != NULL) {
        record->data = was_open ? NULL : socket->data; // the application was not asked for it
        recovery_forget(server, record);
    }
}

static void socket_free(struct socketio_server *server, struct socket *socket)
{
    slot_table_remove(&server->sockets, socket->id.value);
    namespace_release(server, socket->namespace);
    free(socket->shown);
    free(socket->owed.ids);
    free(socket);
}

void socket_end(struct socketio_server *server, struct socket *socket, enum socketio_reason reason)
{
    if (socket->state == SOCKET_OPEN) {
        socket = announce_end(server, socket, reason);
        if (socket == NULL) {
            return;
        }
    }
    bool was_open = socket->state == SOCKET_LEAVING;
    if (socket->record != NULL) {
        socket->kept = recovery_keeps(server, socket, reason);
    }
    bool settle = reason == SOCKETIO_SERVER_NAMESPACE_DISCONNECT;
    socket->state = SOCKET_GONE;
    socket_drop_wishes(socket);
    socket_leave_rooms(server, socket, settle);
    if (was_open && settle) { // streams are queued before the DISCONNECT that follows them
        struct frame *frame = packet_frame(server, SOCKETIO_PACKET_DISCONNECT,
                                           namespace_name(socket->namespace), -1, NULL, 0);
        connection_enqueue(server, socket->connection, frame);
    }
    take_off_lists(server, socket);
    server->counts.sockets_open -= was_open ? 1 : 0;
    acks_give_up(server, socket);
    if (was_open) {
        tell_end(server, socket, reason);
    }
    end_session(server, socket, was_open);
    socket_free(server, socket);
}

void socket_end_moved(struct socketio_server *server, struct socket *socket)
{
    const struct owner *owner = socket->namespace->owner;
    LC_ASSERT(socket->state == SOCKET_MOVING && socket->record == NULL);
    socket->state = SOCKET_GONE;
    take_off_lists(server, socket);
    server->counts.sockets_open--;
    acks_give_up(server, socket);
    if (owner->ops.on_moved != NULL) {
        owner->ops.on_moved(owner->app, socket->id);
    }
    if (server->monitored && server->monitor.on_disconnected != NULL) {
        server->monitor.on_disconnected(server->monitor_context, socket->id,
                                        SOCKETIO_TRANSPORT_CLOSE);
    }
    socket_free(server, socket);
}

static bool can_be_disconnected(const struct socket *socket)
{
    return socket->state == SOCKET_PENDING || socket->state == SOCKET_OPEN;
}

static struct socket *next_to_disconnect(const struct connection *connection)
{
    struct socket *socket = connection->sockets;
    while (socket != NULL && !can_be_disconnected(socket)) {
        socket = socket->next;
    }
    return socket;
}

void socketio_disconnect(struct socketio_server *server, struct socketio_socket_id id, bool close)
{
    struct socket *socket = socket_find(server, id);
    if (socket == NULL || !can_be_disconnected(socket)) {
        return;
    }
    if (!close) {
        socket_end(server, socket, SOCKETIO_SERVER_NAMESPACE_DISCONNECT);
        return;
    }
    struct connection *connection = socket->connection;
    struct engineio_session_id session = connection->session;
    while ((socket = next_to_disconnect(connection)) != NULL) {
        // NOLINTNEXTLINE(clang-analyzer-unix.Malloc): socket_end() takes it off the list
        socket_end(server, socket, SOCKETIO_SERVER_NAMESPACE_DISCONNECT);
        if (engineio_sid(server->engine, session).size == 0) {
            return; // the application has ended the connection, or it is just ending
        }
    }
    connection_close_in_order(server, connection, SOCKETIO_SERVER_NAMESPACE_DISCONNECT);
}

void socketio_cut(struct socketio_server *server, struct socketio_socket_id id)
{
    const struct socket *socket = socket_open_find(server, id);
    if (socket != NULL) {
        engineio_end(server->engine, socket->connection->session, ENGINEIO_FORCED_CLOSE);
    }
}

// ---- what an application asks about a socket ----

size_t socketio_socket_waiting(const struct socketio_server *server,
                               struct socketio_socket_id socket)
{
    const struct socket *found = socket_find(server, socket);
    return found == NULL || found->connection == NULL ? 0 : found->connection->queue_bytes;
}

bool socketio_socket_is_open(const struct socketio_server *server, struct socketio_socket_id socket)
{
    return socket_open_find(server, socket) != NULL;
}

enum socketio_transport socketio_socket_transport(const struct socketio_server *server,
                                                  struct socketio_socket_id socket)
{
    const struct socket *found = socket_find(server, socket);
    bool websocket = found != NULL && found->connection != NULL &&
                     engineio_is_websocket(server->engine, found->connection->session);
    return websocket ? SOCKETIO_WEBSOCKET : SOCKETIO_POLLING;
}

void socketio_socket_set_data(struct socketio_server *server, struct socketio_socket_id socket,
                              void *data)
{
    struct socket *found = socket_find(server, socket);
    if (found != NULL) {
        found->data = data;
    }
}

void *socketio_socket_data(const struct socketio_server *server, struct socketio_socket_id socket)
{
    const struct socket *found = socket_find(server, socket);
    return found == NULL ? NULL : found->data;
}

struct bytes socketio_socket_sid(const struct socketio_server *server,
                                 struct socketio_socket_id socket)
{
    const struct socket *found = socket_find(server, socket);
    return found == NULL ? (struct bytes){NULL, 0} : socket_sid(found);
}

struct socketio_socket_id socketio_socket_of_sid(const struct socketio_server *server,
                                                 struct bytes sid)
{
    const struct socket *found = socket_find_sid(server, sid);
    return found == NULL ? (struct socketio_socket_id){0} : found->id;
}

struct bytes socketio_socket_namespace(const struct socketio_server *server,
                                       struct socketio_socket_id socket)
{
    const struct socket *found = socket_find(server, socket);
    return found == NULL ? (struct bytes){NULL, 0} : namespace_name(found->namespace);
}

bool socketio_socket_sid_is_secret(const struct socketio_server *server,
                                   struct socketio_socket_id socket)
{
    const struct socket *found = socket_find(server, socket);
    return found != NULL && found->sid_is_secret;
}

uint64_t socketio_socket_connection(const struct socketio_server *server,
                                    struct socketio_socket_id socket)
{
    const struct socket *found = socket_find(server, socket);
    return found == NULL || found->connection == NULL ? 0 : found->connection->session.value;
}

bool socketio_socket_handshake(struct socketio_server *server, struct socketio_socket_id socket,
                               struct socketio_handshake *out_handshake)
{
    const struct socket *found = socket_find(server, socket);
    return found != NULL && found->connection != NULL &&
           handshake_show(server, found->connection, out_handshake);
}

void socketio_socket_rooms_visit(const struct socketio_server *server,
                                 struct socketio_socket_id socket,
                                 void (*visit)(void *context, struct bytes room), void *context)
{
    const struct socket *found = socket_find(server, socket);
    const struct membership *membership = found == NULL ? NULL : found->memberships;
    for (; membership != NULL; membership = membership->next) {
        visit(context, room_name(membership->room));
    }
}
