// The application's direct events and acknowledgements.
#include "bridge/socketio/recovery.h"

bool emission_fits(const struct socketio_server *server, const struct socketio_emission *emission)
{
    return emission->attachments_count <= server->config.attachments_max;
}

void report_sent(struct socketio_server *server, struct socketio_socket_id socket,
                 const struct socketio_emission *emission)
{
    if (server->monitored && server->monitor.on_event_sent != NULL) {
        server->monitor.on_event_sent(server->monitor_context, socket, emission);
    }
}

void socketio_send(struct socketio_server *server, struct socketio_socket_id id,
                   const struct socketio_emission *emission)
{
    struct socket *socket = socket_find(server, id);
    bool listens =
        socket != NULL && (socket->state == SOCKET_OPEN || socket->state == SOCKET_PENDING);
    if (!listens || !emission_fits(server, emission)) {
        return;
    }
    const struct socket *pending = socket->state == SOCKET_PENDING ? socket : NULL;
    char text[OFFSET_SIZE_MAX + 1];
    struct bytes offset = {NULL, 0};
    if (recovery_is_for(server, socket->namespace) && (pending != NULL || socket->record != NULL)) {
        offset = recovery_offset(server, emission, pending, text);
    }
    struct frame *frame =
        event_frame(server, namespace_name(socket->namespace), -1, emission, offset);
    if (pending == NULL && frame != NULL) {
        recovery_log_direct(server, socket->record, emission, frame);
    }
    connection_enqueue_emission(server, socket->connection, frame);
    report_sent(server, id, emission);
}

void socketio_emit_binary(struct socketio_server *server, struct socketio_socket_id id,
                          struct bytes event, struct bytes arguments,
                          const struct bytes *attachments, size_t attachments_count)
{
    struct socketio_emission emission = {.event = event,
                                         .arguments = arguments,
                                         .attachments = attachments,
                                         .attachments_count = attachments_count};
    socketio_send(server, id, &emission);
}

void socketio_emit(struct socketio_server *server, struct socketio_socket_id id, struct bytes event,
                   struct bytes arguments)
{
    socketio_emit_binary(server, id, event, arguments, NULL, 0);
}

void socketio_ack_binary(struct socketio_server *server, struct socketio_socket_id id,
                         int64_t ack_id, struct bytes arguments, const struct bytes *attachments,
                         size_t attachments_count)
{
    struct socket *socket = socket_open_find(server, id);
    if (socket == NULL || attachments_count > server->config.attachments_max ||
        !ack_set_take(&socket->owed, ack_id)) {
        return;
    }
    struct frame *frame = ack_frame(server, namespace_name(socket->namespace), ack_id, arguments,
                                    attachments, attachments_count);
    connection_enqueue(server, socket->connection, frame);
}

void socketio_ack(struct socketio_server *server, struct socketio_socket_id id, int64_t ack_id,
                  struct bytes arguments)
{
    socketio_ack_binary(server, id, ack_id, arguments, NULL, 0);
}
