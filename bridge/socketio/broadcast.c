// Targets: the sockets that an operation is for.
#include <stdlib.h>

#include "bridge/socketio/recovery.h"

void sockets_release(struct sockets *sockets)
{
    free(sockets->items);
}

static void add(struct sockets *sockets, struct socket *socket)
{
    if (sockets->count == sockets->capacity && !sockets->failed) {
        size_t capacity = sockets->capacity == 0 ? 16 : sockets->capacity * 2;
        struct socket **items = realloc(sockets->items, capacity * sizeof(struct socket *));
        sockets->failed = items == NULL;
        sockets->items = items == NULL ? sockets->items : items;
        sockets->capacity = items == NULL ? sockets->capacity : capacity;
    }
    if (!sockets->failed) {
        sockets->items[sockets->count++] = socket;
    }
}

// A socket that carries the mark of this target is taken in, or left out, already.
static void take(struct sockets *sockets, struct socket *socket, uint64_t mark)
{
    if (socket->state == SOCKET_OPEN && socket->mark != mark) {
        socket->mark = mark;
        if (sockets != NULL) {
            add(sockets, socket);
        }
    }
}

static void take_room(struct socketio_server *server, struct sockets *sockets,
                      struct bytes namespace_name_, struct bytes name)
{
    struct room *room = room_find(server, namespace_name_, name);
    for (size_t i = 0; room != NULL && i < room->count; i++) {
        take(sockets, room->members[i]->socket, server->mark);
    }
    struct socket *socket = socket_find_sid(server, name);
    if (socket != NULL && bytes_equal(namespace_name(socket->namespace), namespace_name_)) {
        take(sockets, socket, server->mark);
    }
}

struct sockets target_sockets(struct socketio_server *server, const struct socketio_target *target)
{
    struct sockets sockets = {0};
    struct namespace *namespace = namespace_find(server, target->namespace_name);
    if (namespace == NULL) {
        return sockets;
    }
    server->mark++;
    struct socket *sender = socket_find(server, target->sender);
    if (sender != NULL) {
        sender->mark = server->mark;
    }
    for (size_t i = 0; i < target->except_count; i++) {
        take_room(server, NULL, target->namespace_name, target->except[i]);
    }
    for (size_t i = 0; i < target->rooms_count; i++) {
        take_room(server, &sockets, target->namespace_name, target->rooms[i]);
    }
    if (target->rooms_count == 0) {
        for (struct socket *s = namespace->first; s != NULL; s = s->namespace_next) {
            take(&sockets, s, server->mark);
        }
    }
    if (sockets.failed) {
        sockets.count = 0;
    }
    return sockets;
}

// ---- what is for all of them ----

static struct socketio_socket_id *ids_of(const struct sockets *sockets)
{
    struct socketio_socket_id *ids = calloc(sockets->count + 1, sizeof *ids);
    for (size_t i = 0; ids != NULL && i < sockets->count; i++) {
        ids[i] = sockets->items[i]->id;
    }
    return ids;
}

static void visit_all(const struct sockets *sockets,
                      void (*visit)(void *context, struct socketio_socket_id socket), void *context,
                      const struct socketio_server *server)
{
    struct socketio_socket_id *ids = ids_of(sockets);
    for (size_t i = 0; ids != NULL && i < sockets->count; i++) {
        if (socket_open_find(server, ids[i]) != NULL) {
            visit(context, ids[i]);
        }
    }
    free(ids);
}

void socketio_target_visit(struct socketio_server *server, const struct socketio_target *target,
                           void (*visit)(void *context, struct socketio_socket_id socket),
                           void *context)
{
    struct sockets sockets = target_sockets(server, target);
    visit_all(&sockets, visit, context, server);
    sockets_release(&sockets);
}

void socketio_sockets_visit(struct socketio_server *server,
                            void (*visit)(void *context, struct socketio_socket_id socket),
                            void *context)
{
    struct sockets sockets = {0};
    for (struct namespace *n = server->oldest_namespace; n != NULL; n = n->newer) {
        for (struct socket *socket = n->first; socket != NULL; socket = socket->namespace_next) {
            if (socket->state == SOCKET_OPEN) {
                add(&sockets, socket);
            }
        }
    }
    visit_all(&sockets, visit, context, server);
    sockets_release(&sockets);
}

struct report {
    struct socketio_server *server;
    const struct socketio_emission *emission;
};

static void report_one(void *context, struct socketio_socket_id socket)
{
    struct report *report = context;
    report_sent(report->server, socket, report->emission);
}

void sockets_report_sent(struct socketio_server *server, const struct sockets *sockets,
                         const struct socketio_emission *emission)
{
    if (server->monitored && server->monitor.on_event_sent != NULL) {
        struct report report = {server, emission};
        visit_all(sockets, report_one, &report, server);
    }
}

struct rooms_change {
    struct socketio_server *server;
    const struct bytes *rooms;
    size_t count;
    bool join;
};

static void change_rooms(void *context, struct socketio_socket_id socket)
{
    struct rooms_change *change = context;
    for (size_t i = 0; i < change->count; i++) {
        if (change->join) {
            // one that is in too many rooms stays out of this one
            (void)!socketio_room_join(change->server, socket, change->rooms[i]);
        } else {
            socketio_room_leave(change->server, socket, change->rooms[i]);
        }
    }
}

void socketio_target_join(struct socketio_server *server, const struct socketio_target *target,
                          const struct bytes *rooms, size_t rooms_count)
{
    struct rooms_change change = {server, rooms, rooms_count, true};
    socketio_target_visit(server, target, change_rooms, &change);
}

void socketio_target_leave(struct socketio_server *server, const struct socketio_target *target,
                           const struct bytes *rooms, size_t rooms_count)
{
    struct rooms_change change = {server, rooms, rooms_count, false};
    socketio_target_visit(server, target, change_rooms, &change);
}

struct farewell {
    struct socketio_server *server;
    bool close;
};

static void disconnect_one(void *context, struct socketio_socket_id socket)
{
    struct farewell *farewell = context;
    socketio_disconnect(farewell->server, socket, farewell->close);
}

void socketio_target_disconnect(struct socketio_server *server,
                                const struct socketio_target *target, bool close)
{
    struct farewell farewell = {server, close};
    socketio_target_visit(server, target, disconnect_one, &farewell);
}

// ---- broadcasts ----

// The room whose ring the target is, NULL: it is not as simple.
static struct room *plain_room(struct socketio_server *server, const struct socketio_target *target)
{
    if (target->rooms_count != 1 || target->except_count > 0 || target->sender.value != 0 ||
        socket_find_sid(server, target->rooms[0]) != NULL) {
        return NULL;
    }
    return room_find(server, target->namespace_name, target->rooms[0]);
}

static struct frame *broadcast_frame(struct socketio_server *server,
                                     const struct socketio_target *target,
                                     const struct socketio_emission *emission)
{
    char text[OFFSET_SIZE_MAX + 1];
    struct bytes offset = {NULL, 0};
    if (recovery_is_for(server, namespace_find(server, target->namespace_name))) {
        offset = recovery_offset(server, emission, NULL, text);
    }
    struct frame *frame = event_frame(server, target->namespace_name, -1, emission, offset);
    if (frame != NULL) {
        recovery_log(server, target, emission, frame);
    }
    return frame;
}

static size_t room_broadcast(struct socketio_server *server, struct room *room,
                             const struct socketio_target *target,
                             const struct socketio_emission *emission, bool goes_alone)
{
    bool is_empty = room->count == 0; // and then only as old as what the log keeps of it
    struct frame *frame = broadcast_frame(server, target, emission);
    if (frame == NULL || is_empty) {
        frame_destroy(frame);
        return 0;
    }
    frame->goes_alone = goes_alone;
    size_t count = room_push(server, room, frame);
    if (server->monitored && server->monitor.on_event_sent != NULL) {
        struct sockets sockets = target_sockets(server, target);
        sockets_report_sent(server, &sockets, emission);
        sockets_release(&sockets);
    }
    return count;
}

void socketio_room_emit(struct socketio_server *server, struct bytes namespace_name_,
                        struct bytes name, struct bytes event, struct bytes arguments,
                        bool is_volatile)
{
    struct room *room = room_find(server, namespace_name_, name);
    if (room != NULL) {
        struct socketio_target target = {
            .namespace_name = namespace_name_, .rooms = &name, .rooms_count = 1};
        struct socketio_emission emission = {
            .event = event, .arguments = arguments, .is_volatile = is_volatile};
        (void)room_broadcast(server, room, &target, &emission, false);
    }
}

static size_t queue_broadcast(struct socketio_server *server, const struct socketio_target *target,
                              const struct socketio_emission *emission)
{
    struct sockets sockets = target_sockets(server, target);
    struct frame *frame = NULL;
    if (sockets.count > 0 || recovery_wants(server, target, emission)) {
        frame = broadcast_frame(server, target, emission);
    }
    size_t count = frame == NULL ? 0 : sockets.count;
    for (size_t i = 0; i < count; i++) {
        connection_enqueue_emission(server, sockets.items[i]->connection, frame_share(frame));
    }
    frame_destroy(frame);
    if (count > 0) {
        sockets_report_sent(server, &sockets, emission);
    }
    sockets_release(&sockets);
    return count;
}

size_t socketio_broadcast(struct socketio_server *server, const struct socketio_target *target,
                          const struct socketio_emission *emission)
{
    if (!emission_fits(server, emission)) {
        return 0;
    }
    struct room *room = plain_room(server, target);
    return room != NULL ? room_broadcast(server, room, target, emission, emission->is_volatile)
                        : queue_broadcast(server, target, emission);
}
