// A connection leaves for another node.
#include <stdlib.h>

#include "bridge/socketio/move.h"
#include "bridge/socketio/recovery.h"

// ---- what goes along ----

static void write_ids(struct buffer *out, const struct socket *socket)
{
    state_write_u64(out, (uint64_t)socket->namespace->next_ack_id);
    state_write_u32(out, socket->owed.count);
    for (uint32_t i = 0; i < socket->owed.count; i++) {
        state_write_u64(out, (uint64_t)socket->owed.ids[i]);
    }
    uint32_t count = 0; // answers that somebody here waits for stay behind
    for (const struct pending_ack *asked = socket->asked; asked != NULL; asked = asked->next) {
        count += asked->group == NULL ? 1 : 0;
    }
    state_write_u32(out, count);
    for (const struct pending_ack *asked = socket->asked; asked != NULL; asked = asked->next) {
        if (asked->group == NULL) {
            state_write_u64(out, (uint64_t)asked->id);
        }
    }
}

static void write_socket(struct buffer *out, const struct socket *socket, bool lagged,
                         struct bytes app_state)
{
    state_write_u8(out, 1);
    state_write_bytes(out, namespace_name(socket->namespace));
    state_write_bytes(out, socket_sid(socket));
    state_write_u8(out, socket->recovered);
    state_write_u8(out, lagged);
    write_ids(out, socket);
    state_write_bytes(out, app_state);
}

static void write_assembly(struct buffer *out, const struct assembly *assembly)
{
    state_write_u8(out, assembly != NULL);
    if (assembly == NULL) {
        return;
    }
    state_write_bytes(out, buffer_bytes(&assembly->text));
    state_write_u32(out, (uint32_t)assembly->wanted);
    state_write_u32(out, (uint32_t)assembly->count);
    for (size_t i = 0; i < assembly->count; i++) {
        state_write_bytes(out, assembly->attachments[i]);
    }
}

static void write_attachments(struct buffer *out, const struct frame *first)
{
    uint32_t count = 0;
    for (const struct frame *frame = first; frame != NULL; frame = frame->attached) {
        count++;
    }
    state_write_u32(out, count);
    for (const struct frame *frame = first; frame != NULL; frame = frame->attached) {
        state_write_bytes(out, frame_payload(frame));
    }
}

static void write_queue(struct buffer *out, const struct connection *connection)
{
    state_write_u8(out, connection->begun != NULL);
    if (connection->begun != NULL) { // its head is sent
        write_attachments(out, connection->begun_next);
    }
    for (const struct queued *queued = connection->queue_first; queued != NULL;
         queued = queued->next) {
        const struct frame *head = queued->frame;
        if (head->is_volatile) {
            continue;
        }
        state_write_u8(out, 1);
        state_write_u8(out, head->ends_burst);
        state_write_bytes(out, frame_payload(head));
        write_attachments(out, head->attached);
    }
    state_write_u8(out, 0);
}

// ---- leaving ----

static bool socket_can_move(const struct socket *socket)
{
    const struct socketio_app_ops *ops = &socket->namespace->owner->ops;
    return socket->state == SOCKET_OPEN && ops->on_export != NULL && ops->on_import != NULL;
}

static bool connection_can_move(const struct connection *connection)
{
    bool can = !connection->closing && !connection->overflowed && !connection->root_due;
    for (const struct socket *socket = connection->sockets; socket != NULL && can;
         socket = socket->next) {
        can = socket_can_move(socket);
    }
    return can;
}

static struct socket *next_to_move(const struct connection *connection)
{
    struct socket *socket = connection->sockets;
    while (socket != NULL && socket->state == SOCKET_MOVING) {
        socket = socket->next;
    }
    return socket;
}

// False: the application says no. It may have ended the socket as well.
static bool export_socket(struct socketio_server *server, struct socket *socket, struct bytes node,
                          struct buffer *out)
{
    const struct owner *owner = socket->namespace->owner;
    struct socketio_socket_id id = socket->id;
    struct buffer app_state;
    buffer_init(&app_state, MOVE_APP_STATE_MAX);
    bool moves = owner->ops.on_export(owner->app, id, node, &app_state) &&
                 buffer_status(&app_state) == LC_OK;
    socket = socket_open_find(server, id);
    if (moves && socket != NULL) {
        bool lagged = socket_settle_rooms(server, socket);
        socket->state = SOCKET_MOVING;
        if (socket->record != NULL) { // the log stays here, and the rooms are left
            recovery_forget(server, socket->record);
            socket->record = NULL;
        }
        write_socket(out, socket, lagged, buffer_bytes(&app_state));
    }
    buffer_release(&app_state);
    return moves;
}

static bool export_sockets(struct socketio_server *server, struct connection *connection,
                           struct bytes node, struct buffer *out)
{
    struct socket *socket;
    bool some_move = false;
    while ((socket = next_to_move(connection)) != NULL) {
        bool moves = export_socket(server, socket, node, out);
        if (!moves && some_move) { // those believe it: the client shall come back by recovery
            connection_cut(server, connection);
        }
        if (!moves || connection->closing) { // the application may have closed it
            return false;
        }
        some_move = true;
    }
    state_write_u8(out, 0);
    return true;
}

bool connection_on_export(void *app, void *connection_, struct bytes node, struct buffer *out)
{
    struct socketio_server *server = app;
    struct connection *connection = connection_;
    if (!connection_can_move(connection)) {
        return false;
    }
    state_write_u8(out, MOVE_VERSION);
    state_write_u8(out, (uint8_t)connection->parser);
    state_write_u8(out, connection->connected);
    if (!export_sockets(server, connection, node, out)) {
        return false;
    }
    write_assembly(out, connection->assembly);
    write_queue(out, connection);
    if (buffer_status(out) != LC_OK) {
        connection_cut(server, connection);
    }
    return !connection->overflowed;
}

void connection_on_moved(void *app, void *connection_)
{
    struct socketio_server *server = app;
    struct connection *connection = connection_;
    while (connection->sockets != NULL) {
        // NOLINTNEXTLINE(clang-analyzer-unix.Malloc): socket_end_moved() takes it off the list
        socket_end_moved(server, connection->sockets);
    }
    if (server->monitored && server->monitor.on_raw_closed != NULL) {
        server->monitor.on_raw_closed(server->monitor_context, "moved");
    }
    server->counts.moved_away_total++;
    connection_destroy(server, connection);
}
