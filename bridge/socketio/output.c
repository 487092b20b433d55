// What leaves: packets as frames, the private queue of a connection, and its merging with the
// rooms' streams.
#include <stdlib.h>

#include "bridge/socketio/state.h"
#include "lib/json/json_write.h"

// ---- frames ----

static struct frame *frame_of_text(struct socketio_server *server)
{
    struct frame *frame = NULL;
    struct bytes part = buffer_bytes(&server->text);
    if (buffer_status(&server->text) != LC_OK || frame_create(false, &part, 1, &frame) != LC_OK) {
        return NULL;
    }
    frame->order = engineio_next_order(server->engine);
    return frame;
}

struct frame *packet_frame(struct socketio_server *server, enum socketio_packet_type type,
                           size_t attachments, struct bytes namespace_name, int64_t id,
                           const struct bytes *json, size_t json_count)
{
    buffer_clear(&server->text);
    packet_write_head(&server->text, type, attachments, namespace_name, id);
    for (size_t i = 0; i < json_count; i++) {
        buffer_append(&server->text, json[i]);
    }
    return frame_of_text(server);
}

struct frame *event_frame(struct socketio_server *server, size_t attachments,
                          struct bytes namespace_name, int64_t id, struct bytes event,
                          struct bytes arguments)
{
    buffer_clear(&server->text);
    packet_write_head(&server->text,
                      attachments > 0 ? SOCKETIO_PACKET_BINARY_EVENT : SOCKETIO_PACKET_EVENT,
                      attachments, namespace_name, id);
    buffer_append_byte(&server->text, '[');
    json_quote(&server->text, event);
    if (arguments.size > 0) {
        buffer_append_byte(&server->text, ',');
        buffer_append(&server->text, arguments);
    }
    buffer_append_byte(&server->text, ']');
    return frame_of_text(server);
}

// ---- the private queue ----

void connection_drop_queue(struct connection *connection)
{
    while (connection->queue_first != NULL) {
        struct frame *frame = connection->queue_first;
        connection->queue_first = frame->next;
        frame_destroy(frame);
    }
    connection->queue_last = NULL;
    connection->queue_bytes = 0;
}

// A client that does not read what it asked for is cut off at the next turn, not inside the
// application's call.
static void overflow(struct socketio_server *server, struct connection *connection)
{
    connection_drop_queue(connection);
    connection->overflowed = true;
    connection->closing = true;
    engineio_touch(server->engine, connection->session);
}

void connection_enqueue(struct socketio_server *server, struct connection *connection,
                        struct frame *frame)
{
    if (frame == NULL || connection->overflowed ||
        connection->queue_bytes + frame->size > server->config.pending_bytes_max) {
        frame_destroy(frame);
        overflow(server, connection);
        return;
    }
    connection->queue_bytes += frame->size;
    struct frame *last = connection->queue_last;
    if (last == NULL || last->order < frame->order) {
        frame->next = NULL;
        *(last == NULL ? &connection->queue_first : &last->next) = frame;
        connection->queue_last = frame;
    } else { // settled from a room: back to its place
        struct frame **link = &connection->queue_first;
        while ((*link)->order < frame->order) {
            link = &(*link)->next;
        }
        frame->next = *link;
        *link = frame;
    }
    engineio_touch(server->engine, connection->session);
}

// ---- pulled by the engine ----

// A stream that was lost is taken up at its newest end, and the application is told once.
static struct socket *next_lagged(struct connection *connection)
{
    for (struct socket *socket = connection->sockets; socket != NULL; socket = socket->next) {
        for (struct membership *m = socket->memberships; m != NULL; m = m->next) {
            if (room_cursor_is_lagged(&m->room->ring, &m->cursor)) {
                m->cursor = room_cursor_at_newest(&m->room->ring);
                return socket;
            }
        }
    }
    return NULL;
}

void connection_before_send(void *app, void *connection_)
{
    struct socketio_server *server = app;
    struct connection *connection = connection_;
    struct engineio_session_id session = connection->session;
    if (connection->overflowed) {
        connection->reason_set = true;
        connection->reason = SOCKETIO_FORCED_SERVER_CLOSE;
        engineio_end(server->engine, session, ENGINEIO_FORCED_CLOSE);
        return;
    }
    for (;;) {
        struct socket *socket = next_lagged(connection);
        if (socket == NULL) {
            return;
        }
        server->counts.lagged_total++;
        if (server->ops.on_lagged != NULL) {
            server->ops.on_lagged(server->app, socket->id);
            if (engineio_sid(server->engine, session).size == 0) {
                return;
            }
        }
    }
}

const struct frame *connection_peek(void *app, void *connection_, uint64_t fresh_from)
{
    struct socketio_server *server = app;
    struct connection *connection = connection_;
    const struct frame *best = connection->queue_first;
    connection->peeked = NULL;
    for (struct socket *socket = connection->sockets; socket != NULL; socket = socket->next) {
        for (struct membership *m = socket->memberships; m != NULL; m = m->next) {
            const struct frame *frame = room_cursor_peek(&m->room->ring, &m->cursor, fresh_from,
                                                         &server->counts.volatile_dropped_total);
            if (frame != NULL && (best == NULL || frame->order < best->order)) {
                best = frame;
                connection->peeked = m;
            }
        }
    }
    return best;
}

void connection_pop(void *app, void *connection_)
{
    (void)app;
    struct connection *connection = connection_;
    if (connection->peeked != NULL) {
        room_cursor_pop(&connection->peeked->room->ring, &connection->peeked->cursor);
        return;
    }
    struct frame *frame = connection->queue_first;
    LC_ASSERT(frame != NULL);
    connection->queue_first = frame->next;
    connection->queue_last = frame->next == NULL ? NULL : connection->queue_last;
    connection->queue_bytes -= frame->size;
    frame_destroy(frame);
}

// ---- the application's calls ----

static struct socket *open_socket(struct socketio_server *server, struct socketio_socket_id id)
{
    struct socket *socket = socket_find(server, id);
    return socket != NULL && socket->state == SOCKET_OPEN ? socket : NULL;
}

static void enqueue_with_attachments(struct socketio_server *server, struct socket *socket,
                                     struct frame *head, const struct bytes *attachments,
                                     size_t count)
{
    connection_enqueue(server, socket->connection, head);
    for (size_t i = 0; i < count; i++) {
        struct frame *frame = NULL;
        if (frame_create(true, &attachments[i], 1, &frame) == LC_OK) {
            frame->order = engineio_next_order(server->engine);
        }
        connection_enqueue(server, socket->connection, frame);
    }
}

static void emit(struct socketio_server *server, struct socket *socket, int64_t ack_id,
                 struct bytes event, struct bytes arguments, const struct bytes *attachments,
                 size_t count)
{
    struct bytes name = bytes_of(socket->namespace_name, socket->namespace_size);
    struct frame *head = event_frame(server, count, name, ack_id, event, arguments);
    enqueue_with_attachments(server, socket, head, attachments, count);
}

void socketio_emit_binary(struct socketio_server *server, struct socketio_socket_id id,
                          struct bytes event, struct bytes arguments,
                          const struct bytes *attachments, size_t attachments_count)
{
    struct socket *socket = open_socket(server, id);
    if (socket != NULL && attachments_count <= server->config.attachments_max) {
        emit(server, socket, -1, event, arguments, attachments, attachments_count);
    }
}

void socketio_emit(struct socketio_server *server, struct socketio_socket_id id, struct bytes event,
                   struct bytes arguments)
{
    socketio_emit_binary(server, id, event, arguments, NULL, 0);
}

int64_t socketio_emit_with_ack(struct socketio_server *server, struct socketio_socket_id id,
                               struct bytes event, struct bytes arguments,
                               const struct bytes *attachments, size_t attachments_count)
{
    struct socket *socket = open_socket(server, id);
    if (socket == NULL || attachments_count > server->config.attachments_max ||
        !ack_set_add(&socket->asked, socket->next_ack_id)) {
        return -1;
    }
    int64_t ack_id = socket->next_ack_id++;
    emit(server, socket, ack_id, event, arguments, attachments, attachments_count);
    return ack_id;
}

void socketio_ack_binary(struct socketio_server *server, struct socketio_socket_id id,
                         int64_t ack_id, struct bytes arguments, const struct bytes *attachments,
                         size_t attachments_count)
{
    struct socket *socket = open_socket(server, id);
    if (socket == NULL || attachments_count > server->config.attachments_max ||
        !ack_set_take(&socket->owed, ack_id)) {
        return;
    }
    struct bytes json[] = {bytes_text("["), arguments, bytes_text("]")};
    struct bytes name = bytes_of(socket->namespace_name, socket->namespace_size);
    struct frame *head = packet_frame(
        server, attachments_count > 0 ? SOCKETIO_PACKET_BINARY_ACK : SOCKETIO_PACKET_ACK,
        attachments_count, name, ack_id, json, 3);
    enqueue_with_attachments(server, socket, head, attachments, attachments_count);
}

void socketio_ack(struct socketio_server *server, struct socketio_socket_id id, int64_t ack_id,
                  struct bytes arguments)
{
    socketio_ack_binary(server, id, ack_id, arguments, NULL, 0);
}
