// Rooms: who is in one, and the stream that its members read.
#include <stdlib.h>

#include "bridge/socketio/state.h"

static struct room **bucket_of(struct socketio_server *server, struct bytes namespace_name,
                               struct bytes name)
{
    uint64_t hash = UINT64_C(14695981039346656037);
    for (size_t i = 0; i < namespace_name.size; i++) {
        hash = (hash ^ namespace_name.data[i]) * UINT64_C(1099511628211);
    }
    hash = (hash ^ ',') * UINT64_C(1099511628211);
    for (size_t i = 0; i < name.size; i++) {
        hash = (hash ^ name.data[i]) * UINT64_C(1099511628211);
    }
    return &server->buckets[hash & (server->buckets_count - 1)];
}

static struct bytes room_namespace(const struct room *room)
{
    return bytes_of(room->key, room->namespace_size);
}

static struct bytes room_name(const struct room *room)
{
    return bytes_of(room->key + room->namespace_size, room->key_size - room->namespace_size);
}

static struct room *room_find(const struct socketio_server *server, struct bytes namespace_name,
                              struct bytes name)
{
    struct socketio_server *shared = (struct socketio_server *)(uintptr_t)server;
    struct room *room = *bucket_of(shared, namespace_name, name);
    while (room != NULL && !(bytes_equal(room_namespace(room), namespace_name) &&
                             bytes_equal(room_name(room), name))) {
        room = room->next;
    }
    return room;
}

static struct room *room_create(struct socketio_server *server, struct bytes namespace_name,
                                struct bytes name)
{
    struct room *room = calloc(1, sizeof *room + namespace_name.size + name.size);
    if (room == NULL) {
        return NULL;
    }
    room_ring_init(&room->ring, server->config.room_ring_events, server->config.room_ring_bytes);
    memcpy(room->key, namespace_name.data, namespace_name.size);
    if (name.size > 0) {
        memcpy(room->key + namespace_name.size, name.data, name.size);
    }
    room->namespace_size = namespace_name.size;
    room->key_size = namespace_name.size + name.size;
    struct room **bucket = bucket_of(server, namespace_name, name);
    room->next = *bucket;
    *bucket = room;
    server->rooms_count++;
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
    server->rooms_count--;
    room_destroy(room);
}

void rooms_release(struct socketio_server *server)
{
    for (size_t i = 0; i < server->buckets_count; i++) {
        while (server->buckets[i] != NULL) {
            room_remove(server, server->buckets[i]);
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

static struct membership *membership_find(const struct socket *socket, struct bytes name)
{
    struct membership *membership = socket->memberships;
    while (membership != NULL && !bytes_equal(room_name(membership->room), name)) {
        membership = membership->next;
    }
    return membership;
}

enum lc_status socketio_room_join(struct socketio_server *server, struct socketio_socket_id id,
                                  struct bytes name)
{
    struct socket *socket = socket_find(server, id);
    if (socket == NULL || socket->state != SOCKET_OPEN) {
        return LC_ERR_NOT_FOUND;
    }
    if (membership_find(socket, name) != NULL) {
        return LC_OK;
    }
    if (socket->memberships_count == SOCKET_ROOMS_MAX) {
        return LC_ERR_FULL;
    }
    struct bytes namespace_name = bytes_of(socket->namespace_name, socket->namespace_size);
    struct membership *membership = calloc(1, sizeof *membership);
    struct room *room = room_find(server, namespace_name, name);
    if (room == NULL) {
        room = room_create(server, namespace_name, name);
    }
    if (membership == NULL || room == NULL || !room_make_place(room)) {
        free(membership);
        if (room != NULL && room->count == 0) {
            room_remove(server, room);
        }
        return LC_ERR_NO_MEMORY;
    }
    *membership = (struct membership){.room = room,
                                      .socket = socket,
                                      .place = room->count,
                                      .cursor = room_cursor_at_newest(&room->ring),
                                      .next = socket->memberships};
    room->members[room->count++] = membership;
    socket->memberships = membership;
    socket->memberships_count++;
    return LC_OK;
}

// What the member had not read goes to its queue, in its old order; ticks are not worth it.
static void settle(struct socketio_server *server, struct membership *membership)
{
    struct connection *connection = membership->socket->connection;
    uint64_t dropped = 0;
    for (;;) {
        const struct frame *frame =
            room_cursor_peek(&membership->room->ring, &membership->cursor, UINT64_MAX, &dropped);
        if (frame == NULL || connection->overflowed) {
            return;
        }
        struct frame *copy = NULL;
        struct bytes payload = frame_payload(frame);
        if (frame_create(frame->binary, &payload, 1, &copy) == LC_OK) {
            copy->order = frame->order;
        }
        connection_enqueue(server, connection, copy);
        room_cursor_pop(&membership->room->ring, &membership->cursor);
    }
}

static void leave(struct socketio_server *server, struct membership *membership, bool settles)
{
    struct room *room = membership->room;
    struct socket *socket = membership->socket;
    if (settles) {
        settle(server, membership);
    }
    if (socket->connection->peeked == membership) {
        socket->connection->peeked = NULL;
    }
    struct membership **link = &socket->memberships;
    while (*link != membership) {
        link = &(*link)->next;
    }
    *link = membership->next;
    socket->memberships_count--;
    struct membership *last = room->members[--room->count];
    room->members[membership->place] = last;
    last->place = membership->place;
    free(membership);
    if (room->count == 0) {
        room_remove(server, room);
    }
}

void socket_leave_rooms(struct socketio_server *server, struct socket *socket, bool settles)
{
    while (socket->memberships != NULL) {
        leave(server, socket->memberships, settles);
    }
}

void socketio_room_leave(struct socketio_server *server, struct socketio_socket_id id,
                         struct bytes name)
{
    struct socket *socket = socket_find(server, id);
    struct membership *membership = socket == NULL ? NULL : membership_find(socket, name);
    if (membership != NULL) {
        leave(server, membership, true);
    }
}

size_t socketio_room_size(const struct socketio_server *server, struct bytes namespace_name,
                          struct bytes name)
{
    const struct room *room = room_find(server, namespace_name, name);
    return room == NULL ? 0 : room->count;
}

void socketio_room_emit(struct socketio_server *server, struct bytes namespace_name,
                        struct bytes name, struct bytes event, struct bytes arguments,
                        bool is_volatile)
{
    struct room *room = room_find(server, namespace_name, name);
    if (room == NULL) {
        return;
    }
    struct frame *frame = event_frame(server, 0, namespace_name, -1, event, arguments);
    if (frame == NULL) {
        return;
    }
    frame->is_volatile = is_volatile;
    if (room_ring_push(&room->ring, frame) != LC_OK) {
        frame_destroy(frame);
        return;
    }
    for (size_t i = 0; i < room->count; i++) {
        engineio_touch(server->engine, room->members[i]->socket->connection->session);
    }
}
