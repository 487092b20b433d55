// What arrives on a connection: namespaces come and go, events and acknowledgements are handed to
// the application.
#include <stdlib.h>

#include "bridge/engineio/base64.h"
#include "bridge/socketio/legacy.h"
#include "bridge/socketio/msgpack.h"

struct socket *connection_find_namespace(const struct connection *connection, struct bytes name)
{
    struct socket *socket = connection->sockets;
    while (socket != NULL && !bytes_equal(name, namespace_name(socket->namespace))) {
        socket = socket->next;
    }
    return socket;
}

// ---- connections ----

void *connection_on_open(void *app, struct engineio_session_id session)
{
    struct socketio_server *server = app;
    struct connection *connection = calloc(1, sizeof *connection);
    if (connection != NULL) {
        connection->session = session;
        connection->root_due = legacy_is(server, connection);
        connection->parser = connection->root_due ? PARSER_JSON : PARSER_UNDECIDED;
        engineio_set_deadline(server->engine, session,
                              engineio_now(server->engine) + server->config.connect_timeout_ms);
    }
    return connection;
}

bool connection_open_root(struct socketio_server *server, struct connection *connection)
{
    struct engineio_session_id session = connection->session;
    connection->root_due = false;
    connect_ask(server, connection, bytes_text("/"), (struct bytes){NULL, 0});
    return engineio_sid(server->engine, session).size > 0;
}

static void assembly_destroy(struct assembly *assembly)
{
    if (assembly == NULL) {
        return;
    }
    for (size_t i = 0; i < assembly->count; i++) {
        free((void *)(uintptr_t)assembly->attachments[i].data);
    }
    buffer_release(&assembly->text);
    free(assembly);
}

void connection_destroy(struct socketio_server *server, struct connection *connection)
{
    LC_ASSERT(connection->sockets == NULL);
    connection_drop_queue(server, connection);
    assembly_destroy(connection->assembly);
    free(connection);
}

static enum socketio_reason reason_of(enum engineio_reason reason)
{
    switch (reason) {
    case ENGINEIO_TRANSPORT_CLOSE:
        return SOCKETIO_TRANSPORT_CLOSE;
    case ENGINEIO_TRANSPORT_ERROR:
        return SOCKETIO_TRANSPORT_ERROR;
    case ENGINEIO_PING_TIMEOUT:
        return SOCKETIO_PING_TIMEOUT;
    case ENGINEIO_PARSE_ERROR:
        return SOCKETIO_PARSE_ERROR;
    case ENGINEIO_FORCED_CLOSE:
        return SOCKETIO_FORCED_CLOSE;
    case ENGINEIO_SERVER_SHUTTING_DOWN:
        return SOCKETIO_SERVER_SHUTTING_DOWN;
    }
    return SOCKETIO_TRANSPORT_ERROR;
}

void connection_on_close(void *app, void *connection_, enum engineio_reason reason)
{
    struct socketio_server *server = app;
    struct connection *connection = connection_;
    enum socketio_reason why = connection->reason_set ? connection->reason : reason_of(reason);
    connection->closing = true;
    for (struct socket *socket = connection->sockets; socket != NULL; socket = socket->next) {
        if (socket->state == SOCKET_MOVING) { // it does not, after all
            socket->state = SOCKET_OPEN;
        }
    }
    server->counts.closed_total[why]++;
    // The engine has forgotten the session: nothing but this loop can reach the connection now,
    // through its sockets.
    while (connection->sockets != NULL) {
        // NOLINTNEXTLINE(clang-analyzer-unix.Malloc): socket_end() takes it off the list
        socket_end(server, connection->sockets, why);
    }
    connection_destroy(server, connection);
}

void connection_close_in_order(struct socketio_server *server, struct connection *connection,
                               enum socketio_reason reason)
{
    if (!connection->reason_set) {
        connection->reason_set = true;
        connection->reason = reason;
    }
    connection->closing = true;
    engineio_close(server->engine, connection->session);
}

void connection_fail(struct socketio_server *server, struct connection *connection,
                     enum socketio_reason reason)
{
    struct engineio_session_id session = connection->session;
    connection_close_in_order(server, connection, reason);
    while (engineio_sid(server->engine, session).size > 0 && connection->sockets != NULL) {
        // NOLINTNEXTLINE(clang-analyzer-unix.Malloc): socket_end() takes it off the list
        socket_end(server, connection->sockets, reason);
    }
}

void connection_on_deadline(void *app, void *connection_)
{
    struct socketio_server *server = app;
    struct connection *connection = connection_;
    if (!connection->connected && !connection->closing) {
        connection_fail(server, connection, SOCKETIO_FORCED_SERVER_CLOSE);
    }
}

static void report_transport(struct socketio_server *server, const struct connection *connection,
                             const char *what, const char *reason)
{
    const struct socketio_monitor_ops *monitor = &server->monitor;
    void *context = server->monitor_context;
    if (strcmp(what, "opened") == 0 && monitor->on_raw_opened != NULL) {
        bool websocket = engineio_is_websocket(server->engine, connection->session);
        monitor->on_raw_opened(context, websocket ? SOCKETIO_WEBSOCKET : SOCKETIO_POLLING);
    } else if (strcmp(what, "closed") == 0 && monitor->on_raw_closed != NULL) {
        monitor->on_raw_closed(context, reason);
    } else if (strcmp(what, "upgraded") == 0 && monitor->on_upgraded != NULL) {
        for (struct socket *socket = connection->sockets; socket != NULL; socket = socket->next) {
            monitor->on_upgraded(context, socket->id);
        }
    }
}

void connection_on_transport(void *app, void *connection_, struct bytes sid, const char *what,
                             const char *reason)
{
    struct socketio_server *server = app;
    struct connection *connection = connection_;
    struct socketio_socket_id first = {0};
    if (connection != NULL && connection->sockets != NULL) {
        first = connection->sockets->id;
    }
    if (connection != NULL && connection->reason_set && strcmp(what, "closed") == 0) {
        reason = socketio_reason_name(connection->reason);
    }
    const struct owner *owner = server->otherwise;
    if (owner != NULL && owner->ops.on_transport != NULL) {
        owner->ops.on_transport(owner->app, first, sid, what, reason);
    }
    if (server->monitored && connection != NULL) {
        report_transport(server, connection, what, reason);
    }
}

// ---- packets ----

static void hand_over_event(struct socketio_server *server, struct socket *socket,
                            const struct socketio_packet *packet, const struct bytes *attachments)
{
    if (packet->data.size == 0) {
        return; // an event without a name is nobody's
    }
    if (packet->id >= 0 && !ack_set_add(&socket->owed, packet->id, server->config.acks_max)) {
        connection_fail(server, socket->connection, SOCKETIO_FORCED_SERVER_CLOSE);
        return;
    }
    struct buffer name;
    buffer_init(&name, packet->name.size + 1);
    packet_event_name(packet, &name);
    struct socketio_event event = {
        .name = buffer_bytes(&name),
        .array = packet->data,
        .arguments = packet->arguments,
        .attachments = attachments,
        .attachments_count = packet->attachments,
        .ack_id = packet->id,
    };
    struct socketio_socket_id id = socket->id;
    const struct owner *owner = socket->namespace->owner;
    if (server->monitored && server->monitor.on_event_received != NULL) {
        server->monitor.on_event_received(server->monitor_context, id, &event);
    }
    if (owner->ops.on_event != NULL) {
        owner->ops.on_event(owner->app, id, &event);
    }
    buffer_release(&name);
}

static void on_connect(struct socketio_server *server, struct connection *connection,
                       const struct socketio_packet *packet)
{
    struct bytes name = packet->namespace_name;
    if (!legacy_is(server, connection)) {
        connect_ask(server, connection, name, packet->data);
        return;
    }
    struct buffer auth;
    buffer_init(&auth, 16 + 6 * name.size); // escaped, every byte may take six
    struct bytes path;
    legacy_split(name, &path, &auth);
    connect_ask(server, connection, path, buffer_bytes(&auth));
    buffer_release(&auth);
}

static void dispatch(struct socketio_server *server, struct connection *connection,
                     const struct socketio_packet *packet, const struct bytes *attachments)
{
    if (packet->type == SOCKETIO_PACKET_CONNECT) {
        on_connect(server, connection, packet);
        return;
    }
    struct socket *socket = connection_find_namespace(connection, packet->namespace_name);
    bool leaves = packet->type == SOCKETIO_PACKET_DISCONNECT;
    if (socket == NULL || (socket->state != SOCKET_OPEN && !leaves)) {
        connection_fail(server, connection, SOCKETIO_FORCED_SERVER_CLOSE);
        return;
    }
    switch (packet->type) {
    case SOCKETIO_PACKET_CONNECT:
    case SOCKETIO_PACKET_DISCONNECT:
        socket_end(server, socket, SOCKETIO_CLIENT_NAMESPACE_DISCONNECT);
        return;
    case SOCKETIO_PACKET_EVENT:
    case SOCKETIO_PACKET_BINARY_EVENT:
        hand_over_event(server, socket, packet, attachments);
        return;
    case SOCKETIO_PACKET_ACK:
    case SOCKETIO_PACKET_BINARY_ACK:
        acks_on_answer(server, socket, packet, attachments);
        return;
    case SOCKETIO_PACKET_CONNECT_ERROR: // not a client's to send
        connection_fail(server, connection, SOCKETIO_FORCED_SERVER_CLOSE);
        return;
    }
}

// False: it is none, and the connection is closed for it.
static bool read_packet(struct socketio_server *server, struct connection *connection,
                        struct bytes text, size_t attachments_max, struct socketio_packet *packet)
{
    bool is_packet =
        packet_read(text, attachments_max, packet) == LC_OK &&
        (packet->namespace_name.size <= NAMESPACE_SIZE_MAX || legacy_is(server, connection));
    if (!is_packet) {
        connection_fail(server, connection, SOCKETIO_PARSE_ERROR);
    }
    return is_packet;
}

bool connection_begin_assembly(struct connection *connection, struct bytes text, size_t wanted)
{
    struct assembly *assembly = calloc(1, sizeof *assembly);
    if (assembly == NULL) {
        return false;
    }
    buffer_init(&assembly->text, text.size);
    buffer_append(&assembly->text, text);
    assembly->wanted = wanted;
    connection->assembly = assembly;
    return buffer_status(&assembly->text) == LC_OK;
}

bool connection_add_attachment(const struct socketio_server *server, struct connection *connection,
                               struct bytes data)
{
    struct assembly *assembly = connection->assembly;
    uint8_t *copy = NULL;
    if (assembly != NULL &&
        assembly->bytes + data.size <= server->config.max_payload * ASSEMBLY_PAYLOADS_MAX) {
        copy = malloc(data.size > 0 ? data.size : 1);
    }
    if (copy == NULL) { // no packet announced it, or too much
        return false;
    }
    if (data.size > 0) {
        memcpy(copy, data.data, data.size);
    }
    assembly->attachments[assembly->count++] = bytes_of(copy, data.size);
    assembly->bytes += data.size;
    return true;
}

static void on_attachment(struct socketio_server *server, struct connection *connection,
                          struct bytes data)
{
    if (!connection_add_attachment(server, connection, data)) {
        connection_fail(server, connection, SOCKETIO_PARSE_ERROR);
        return;
    }
    struct assembly *assembly = connection->assembly;
    if (assembly->count < assembly->wanted) {
        return;
    }
    connection->assembly = NULL; // ours: the application may end the connection
    struct socketio_packet packet;
    if (read_packet(server, connection, buffer_bytes(&assembly->text),
                    server->config.attachments_max, &packet)) {
        dispatch(server, connection, &packet, assembly->attachments);
    }
    assembly_destroy(assembly);
}

static void on_msgpack(struct socketio_server *server, struct connection *connection,
                       struct bytes message)
{
    struct bytes attachments[ATTACHMENTS_HARD_MAX];
    size_t count = 0;
    struct buffer text;
    buffer_init(&text, MSGPACK_TEXT_GROWTH_MAX * message.size + MSGPACK_HEAD_SIZE_MAX +
                           ATTACHMENTS_HARD_MAX * MSGPACK_PLACEHOLDER_SIZE_MAX);
    struct socketio_packet packet;
    if (msgpack_read(message, &text, attachments, ATTACHMENTS_HARD_MAX, &count) != LC_OK) {
        connection_fail(server, connection, SOCKETIO_PARSE_ERROR);
    } else if (read_packet(server, connection, buffer_bytes(&text), ATTACHMENTS_HARD_MAX,
                           &packet)) {
        dispatch(server, connection, &packet, attachments);
    }
    buffer_release(&text);
}

static void on_text(struct socketio_server *server, struct connection *connection,
                    struct bytes text)
{
    struct socketio_packet packet;
    if (connection->assembly != NULL || connection->parser == PARSER_MSGPACK) {
        connection_fail(server, connection, SOCKETIO_PARSE_ERROR);
    } else if (read_packet(server, connection, text, server->config.attachments_max, &packet)) {
        connection->parser = PARSER_JSON;
        if (packet.attachments == 0) {
            dispatch(server, connection, &packet, NULL);
        } else if (!connection_begin_assembly(connection, text, packet.attachments)) {
            connection_fail(server, connection, SOCKETIO_FORCED_SERVER_CLOSE);
        }
    }
}

void connection_on_message(void *app, void *connection_, bool binary, struct bytes data)
{
    struct socketio_server *server = app;
    struct connection *connection = connection_;
    if (connection->root_due && !connection_open_root(server, connection)) {
        return;
    }
    if (connection->closing) {
        return;
    }
    server->counts.bytes_in_total += data.size;
    if (binary && connection->parser == PARSER_UNDECIDED && server->config.allow_msgpack) {
        connection->parser = PARSER_MSGPACK;
    }
    if (!binary) {
        on_text(server, connection, data);
    } else if (connection->parser == PARSER_MSGPACK) {
        on_msgpack(server, connection, data);
    } else {
        on_attachment(server, connection, data);
    }
}
