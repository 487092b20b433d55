// Rooms: who is in one, and the stream that its members read.
#include <stdlib.h>

#include "bridge/socketio/recovery.h"

static struct room **bucket_of(const struct socketio_server *server, struct bytes namespace_name_,
                               struct bytes name)
{
    uint64_t hash = hash_bytes(HASH_BEGIN, namespace_name_);
    hash = hash_bytes(hash_bytes(hash, bytes_text(",")), name);
    return &server->rooms[hash & (ROOM_BUCKETS - 1)];
}

static struct bytes room_namespace(const struct room *room)
{
    return bytes_of(room->key, room->namespace_size);
}

struct room *room_find(const struct socketio_server *server, struct bytes namespace_name_,
                       struct bytes name)
{
    struct room *room = *bucket_of(server, namespace_name_, name);
    while (room != NULL && !(bytes_equal(room_namespace(room), namespace_name_) &&
                             bytes_equal(room_name(room), name))) {
        room = room->next;
    }
    return room;
}

static struct room *room_create(struct socketio_server *server, struct bytes namespace_name_,
                                struct bytes name)
{
    struct room *room = calloc(1, sizeof *room + namespace_name_.size + name.size);
    if (room == NULL) {
        return NULL;
    }
    room_ring_init(&room->ring, server->config.room_ring_events, server->config.room_ring_bytes);
    memcpy(room->key, namespace_name_.data, namespace_name_.size);
    if (name.size > 0) {
        memcpy(room->key + namespace_name_.size, name.data, name.size);
    }
    room->namespace_size = namespace_name_.size;
    room->key_size = namespace_name_.size + name.size;
    struct room **bucket = bucket_of(server, namespace_name_, name);
    room->next = *bucket;
    *bucket = room;
    return room;
}

static void room_destroy(struct room *room)
{
    room_ring_release(&room->ring);
    free(room->members);
    free(room);
}

static void room_remove(struct socketio_server *server, struct room *room)
{
    struct room **link = bucket_of(server, room_namespace(room), room_name(room));
    while (*link != room) {
        link = &(*link)->next;
    }
    *link = room->next;
    room_destroy(room);
}

// Nobody is in it; it stays as long as a session that may come back, or the log, names it.
static void remove_unused(struct socketio_server *server, struct room *room)
{
    if (room->count > 0) {
        return;
    }
    if (room->references == 0) {
        room_remove(server, room);
    } else {
        room_ring_release(&room->ring); // no reader needs what is in it
    }
}

void room_release(struct socketio_server *server, struct room *room)
{
    LC_ASSERT(room->references > 0);
    room->references--;
    remove_unused(server, room);
}

void rooms_release(struct socketio_server *server)
{
    for (size_t i = 0; i < ROOM_BUCKETS; i++) {
        while (server->rooms[i] != NULL) {
            room_remove(server, server->rooms[i]);
        }
    }
}

static bool room_make_place(struct room *room)
{
    if (room->count < room->capacity) {
        return true;
    }
    size_t capacity = room->capacity == 0 ? 4 : room->capacity * 2;
    struct membership **members = realloc(room->members, capacity * sizeof(struct membership *));
    if (members == NULL) {
        return false;
    }
    room->members = members;
    room->capacity = capacity;
    return true;
}

// ---- joining ----

static struct membership **membership_link(struct socket *socket, struct bytes name)
{
    struct membership **link = &socket->memberships;
    while (*link != NULL && !bytes_equal(room_name((*link)->room), name)) {
        link = &(*link)->next;
    }
    return link;
}

enum lc_status socket_join(struct socketio_server *server, struct socket *socket, struct bytes name,
                           uint64_t joined_at)
{
    struct membership **link = membership_link(socket, name);
    if (*link != NULL) {
        return LC_OK;
    }
    if (socket->rooms_count >= server->config.rooms_max) {
        return LC_ERR_FULL;
    }
    struct bytes space = namespace_name(socket->namespace);
    struct membership *membership = calloc(1, sizeof *membership);
    struct room *room = room_find(server, space, name);
    if (room == NULL) {
        room = room_create(server, space, name);
    }
    if (membership == NULL || room == NULL || !room_make_place(room)) {
        free(membership);
        if (room != NULL) {
            remove_unused(server, room);
        }
        return LC_ERR_NO_MEMORY;
    }
    *membership = (struct membership){.room = room,
                                      .socket = socket,
                                      .connection = socket->connection,
                                      .session = socket->connection->session,
                                      .place = room->count,
                                      .cursor = room_cursor_at_newest(&room->ring),
                                      .joined_at = joined_at};
    membership->stream_next = socket->connection->streams;
    socket->connection->streams = membership;
    room->members[room->count++] = membership;
    *link = membership;
    socket->rooms_count++;
    if (server->monitored && server->monitor.on_room_joined != NULL) {
        server->monitor.on_room_joined(server->monitor_context, socket->id, name);
    }
    return LC_OK;
}

static struct wish **wish_link(struct socket *socket, struct bytes name)
{
    struct wish **link = &socket->wishes;
    while (*link != NULL && !bytes_equal(bytes_of((*link)->name, (*link)->size), name)) {
        link = &(*link)->next;
    }
    return link;
}

static enum lc_status wish(struct socketio_server *server, struct socket *socket, struct bytes name)
{
    struct wish **link = wish_link(socket, name);
    if (*link != NULL) {
        return LC_OK;
    }
    if (socket->rooms_count >= server->config.rooms_max) {
        return LC_ERR_FULL;
    }
    *link = calloc(1, sizeof **link + name.size);
    if (*link == NULL) {
        return LC_ERR_NO_MEMORY;
    }
    (*link)->size = name.size;
    if (name.size > 0) {
        memcpy((*link)->name, name.data, name.size);
    }
    socket->rooms_count++;
    return LC_OK;
}

static void drop_wish(struct socket *socket, struct wish **link)
{
    struct wish *dropped = *link;
    *link = dropped->next;
    socket->rooms_count--;
    free(dropped);
}

void socket_drop_wishes(struct socket *socket)
{
    while (socket->wishes != NULL) {
        drop_wish(socket, &socket->wishes);
    }
}

void socket_join_wishes(struct socketio_server *server, struct socket *socket)
{
    while (socket->wishes != NULL) {
        struct wish *first = socket->wishes;
        socket->wishes = first->next;
        socket->rooms_count--;
        // What memory does not allow is missing, as with a join that the application forgot.
        (void)!socket_join(server, socket, bytes_of(first->name, first->size),
                           recovery_newest(server));
        free(first);
    }
}

enum lc_status socketio_room_join(struct socketio_server *server, struct socketio_socket_id id,
                                  struct bytes name)
{
    struct socket *socket = socket_find(server, id);
    if (socket != NULL && socket->state == SOCKET_PENDING) {
        return wish(server, socket, name);
    }
    return socket != NULL && socket->state == SOCKET_OPEN
               ? socket_join(server, socket, name, recovery_newest(server))
               : LC_ERR_NOT_FOUND;
}

// ---- leaving ----

// What the member had not read goes to its queue, in its old order; ticks are not worth it.
static void settle(struct socketio_server *server, struct membership *membership)
{
    struct connection *connection = membership->socket->connection;
    uint64_t dropped = 0;
    struct freshness nothing_is_fresh = {UINT64_MAX, UINT64_MAX};
    while (!connection->overflowed) {
        struct frame *frame = room_cursor_peek(&membership->room->ring, &membership->cursor,
                                               nothing_is_fresh, &dropped);
        if (frame == NULL) {
            return;
        }
        room_cursor_pass(&membership->cursor, frame);
        connection_enqueue(server, connection, frame_share(frame));
    }
}

static void take_off_streams(struct membership *membership)
{
    struct membership **link = &membership->connection->streams;
    while (*link != membership) {
        link = &(*link)->stream_next;
    }
    *link = membership->stream_next;
}

static void leave(struct socketio_server *server, struct membership **link, bool settles)
{
    struct membership *membership = *link;
    struct room *room = membership->room;
    struct socket *socket = membership->socket;
    if (settles) {
        settle(server, membership);
    }
    if (socket->connection->peeked_from == membership) {
        socket->connection->peeked_from = NULL;
    }
    *link = membership->next;
    take_off_streams(membership);
    socket->rooms_count--;
    struct membership *last = room->members[--room->count];
    room->members[membership->place] = last;
    last->place = membership->place;
    free(membership);
    room->references++; // what the hook sends may push the room's last event out of the log
    if (server->monitored && server->monitor.on_room_left != NULL) {
        server->monitor.on_room_left(server->monitor_context, socket->id, room_name(room));
    }
    room_release(server, room);
}

void socket_leave_rooms(struct socketio_server *server, struct socket *socket, bool settles)
{
    while (socket->memberships != NULL) {
        leave(server, &socket->memberships, settles);
    }
}

static size_t unread_bytes(const struct membership *membership)
{
    struct room_cursor cursor = membership->cursor;
    struct freshness nothing_is_fresh = {UINT64_MAX, UINT64_MAX};
    const struct room_ring *ring = &membership->room->ring;
    size_t bytes = 0;
    uint64_t dropped = 0;
    struct frame *frame;
    while ((frame = room_cursor_peek(ring, &cursor, nothing_is_fresh, &dropped)) != NULL) {
        room_cursor_pass(&cursor, frame);
        bytes += frame_packet_size(frame);
    }
    return bytes;
}

bool socket_settle_rooms(struct socketio_server *server, struct socket *socket)
{
    bool lagged = false;
    while (socket->memberships != NULL) {
        const struct membership *first = socket->memberships;
        bool fits = !room_cursor_is_lagged(&first->room->ring, &first->cursor) &&
                    socket->connection->queue_bytes + unread_bytes(first) <=
                        server->config.pending_bytes_max;
        lagged = lagged || !fits;
        leave(server, &socket->memberships, fits);
    }
    return lagged;
}

void socketio_room_leave(struct socketio_server *server, struct socketio_socket_id id,
                         struct bytes name)
{
    struct socket *socket = socket_find(server, id);
    if (socket == NULL) {
        return;
    }
    if (socket->state == SOCKET_PENDING) {
        struct wish **wished = wish_link(socket, name);
        if (*wished != NULL) {
            drop_wish(socket, wished);
        }
        return;
    }
    struct membership **link = membership_link(socket, name);
    if (*link != NULL) {
        leave(server, link, true);
    }
}

size_t socketio_room_size(const struct socketio_server *server, struct bytes namespace_name_,
                          struct bytes name)
{
    const struct room *room = room_find(server, namespace_name_, name);
    return room == NULL ? 0 : room->count;
}

size_t room_push(struct socketio_server *server, struct room *room, struct frame *frame)
{
    if (room_ring_push(&room->ring, frame) != LC_OK) {
        frame_destroy(frame);
        return 0;
    }
    if (room->count > 0) {
        room_want_pass(server, room);
    }
    return room->count;
}
