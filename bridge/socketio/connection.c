// What arrives on a connection: namespaces come and go, events and acknowledgements are handed to
// the application.
#include <stdlib.h>

#include "bridge/engineio/base64.h"
#include "bridge/socketio/state.h"

// ---- sets of acknowledgement ids ----

bool ack_set_add(struct ack_set *set, int64_t id)
{
    if (set->count == ACKS_PENDING_MAX) {
        return false;
    }
    if (set->count == set->capacity) {
        size_t capacity = set->capacity == 0 ? 4 : set->capacity * 2;
        int64_t *ids = realloc(set->ids, capacity * sizeof *ids);
        if (ids == NULL) {
            return false;
        }
        set->ids = ids;
        set->capacity = capacity;
    }
    set->ids[set->count++] = id;
    return true;
}

bool ack_set_take(struct ack_set *set, int64_t id)
{
    for (size_t i = 0; i < set->count; i++) {
        if (set->ids[i] == id) {
            set->ids[i] = set->ids[--set->count];
            return true;
        }
    }
    return false;
}

// ---- sockets ----

struct socket *socket_find(const struct socketio_server *server, struct socketio_socket_id id)
{
    return slot_table_find(&server->sockets, id.value);
}

static struct socket *find_namespace(const struct connection *connection, struct bytes name)
{
    struct socket *socket = connection->sockets;
    while (socket != NULL &&
           !bytes_equal(name, bytes_of(socket->namespace_name, socket->namespace_size))) {
        socket = socket->next;
    }
    return socket;
}

static struct socket *socket_create(struct socketio_server *server, struct connection *connection,
                                    struct bytes name)
{
    struct socket *socket = calloc(1, sizeof *socket + name.size);
    if (socket == NULL || slot_table_add(&server->sockets, socket, &socket->id.value) != LC_OK) {
        free(socket);
        return NULL;
    }
    uint8_t random[SID_SIZE / 4 * 3];
    server->env.random(server->env.context, random, sizeof random);
    base64url_write(bytes_of(random, sizeof random), socket->sid);
    memcpy(socket->namespace_name, name.data, name.size);
    socket->namespace_size = name.size;
    socket->connection = connection;
    socket->next = connection->sockets;
    connection->sockets = socket;
    connection->sockets_count++;
    return socket;
}

static void take_off_connection(struct socket *socket)
{
    struct connection *connection = socket->connection;
    if (connection->sockets == socket) {
        connection->sockets = socket->next;
    } else {
        struct socket *before = connection->sockets;
        while (before->next != socket) {
            before = before->next;
        }
        before->next = socket->next;
    }
    connection->sockets_count--;
    socket->connection = NULL;
}

void socket_end(struct socketio_server *server, struct socket *socket, enum socketio_reason reason)
{
    bool was_open = socket->state == SOCKET_OPEN;
    socket->state = SOCKET_GONE;
    bool settle = reason == SOCKETIO_SERVER_NAMESPACE_DISCONNECT;
    socket_leave_rooms(server, socket, settle);
    take_off_connection(socket);
    server->counts.sockets_open -= was_open ? 1 : 0;
    if (was_open && server->ops.on_disconnect != NULL) {
        server->ops.on_disconnect(server->app, socket->id, reason);
    }
    slot_table_remove(&server->sockets, socket->id.value);
    free(socket->owed.ids);
    free(socket->asked.ids);
    free(socket);
}

// ---- connections ----

void *connection_on_open(void *app, struct engineio_session_id session)
{
    struct socketio_server *server = app;
    struct connection *connection = calloc(1, sizeof *connection);
    if (connection != NULL) {
        connection->session = session;
        engineio_set_deadline(server->engine, session,
                              engineio_now(server->engine) + server->config.connect_timeout_ms);
    }
    return connection;
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
    server->counts.closed_total[why]++;
    // The engine has forgotten the session: nothing but this loop can reach the connection now,
    // through its sockets.
    while (connection->sockets != NULL) {
        // NOLINTNEXTLINE(clang-analyzer-unix.Malloc): socket_end() takes it off the list
        socket_end(server, connection->sockets, why);
    }
    connection_drop_queue(connection);
    assembly_destroy(connection->assembly);
    free(connection);
}

static void close_in_order(struct socketio_server *server, struct connection *connection,
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
    close_in_order(server, connection, reason);
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

void connection_on_transport(void *app, void *connection_, struct bytes sid, const char *what,
                             const char *reason)
{
    struct socketio_server *server = app;
    struct connection *connection = connection_;
    if (server->ops.on_transport == NULL) {
        return;
    }
    struct socketio_socket_id first = {0};
    if (connection != NULL && connection->sockets != NULL) {
        first = connection->sockets->id;
    }
    if (connection != NULL && connection->reason_set && strcmp(what, "closed") == 0) {
        reason = socketio_reason_name(connection->reason);
    }
    server->ops.on_transport(server->app, first, sid, what, reason);
}

// ---- packets ----

static void refuse(struct socketio_server *server, struct connection *connection, struct bytes name,
                   struct bytes error)
{
    struct frame *frame =
        packet_frame(server, SOCKETIO_PACKET_CONNECT_ERROR, 0, name, -1, &error, 1);
    connection_enqueue(server, connection, frame);
}

static void on_connect(struct socketio_server *server, struct connection *connection,
                       const struct socketio_packet *packet)
{
    struct bytes name = packet->namespace_name;
    if (find_namespace(connection, name) != NULL) {
        connection_fail(server, connection, SOCKETIO_FORCED_SERVER_CLOSE);
        return;
    }
    struct socket *socket = NULL;
    if (connection->sockets_count < server->config.namespaces_max) {
        socket = socket_create(server, connection, name);
    }
    if (socket == NULL) {
        refuse(server, connection, name, bytes_text("{\"message\":\"Too many namespaces\"}"));
        return;
    }
    const struct engineio_handshake *from = engineio_handshake(server->engine, connection->session);
    struct socketio_header headers[HANDSHAKE_HEADERS_MAX];
    size_t count = 0;
    for (; count < from->headers_count && count < HANDSHAKE_HEADERS_MAX; count++) {
        headers[count] =
            (struct socketio_header){from->headers[count].name, from->headers[count].value};
    }
    struct socketio_handshake handshake = {
        .url = from->url,
        .query = from->query,
        .address = from->address,
        .secure = from->secure,
        .time_ms = from->time_ms,
        .headers = headers,
        .headers_count = count,
    };
    server->ops.on_connect(server->app, socket->id, name, packet->data, &handshake);
}

static void hand_over_event(struct socketio_server *server, struct socket *socket,
                            const struct socketio_packet *packet, const struct bytes *attachments)
{
    if (packet->data.size == 0) {
        return; // an event without a name is nobody's
    }
    if (packet->id >= 0 && !ack_set_add(&socket->owed, packet->id)) {
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
    server->ops.on_event(server->app, socket->id, &event);
    buffer_release(&name);
}

static void hand_over_ack(struct socketio_server *server, struct socket *socket,
                          const struct socketio_packet *packet, const struct bytes *attachments)
{
    if (packet->id < 0 || !ack_set_take(&socket->asked, packet->id) || server->ops.on_ack == NULL) {
        return;
    }
    size_t begin = bytes_find(packet->data, '[', 0) + 1;
    size_t end = packet->data.size;
    while (packet->data.data[end - 1] != ']') {
        end--;
    }
    struct socketio_event answer = {
        .array = packet->data,
        .arguments = bytes_of(packet->data.data + begin, end - 1 - begin),
        .attachments = attachments,
        .attachments_count = packet->attachments,
        .ack_id = packet->id,
    };
    server->ops.on_ack(server->app, socket->id, packet->id, &answer);
}

static void dispatch(struct socketio_server *server, struct connection *connection,
                     const struct socketio_packet *packet, const struct bytes *attachments)
{
    if (packet->type == SOCKETIO_PACKET_CONNECT) {
        on_connect(server, connection, packet);
        return;
    }
    struct socket *socket = find_namespace(connection, packet->namespace_name);
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
        hand_over_ack(server, socket, packet, attachments);
        return;
    case SOCKETIO_PACKET_CONNECT_ERROR: // not a client's to send
        connection_fail(server, connection, SOCKETIO_FORCED_SERVER_CLOSE);
        return;
    }
}

static void begin_assembly(struct socketio_server *server, struct connection *connection,
                           struct bytes text, size_t wanted)
{
    struct assembly *assembly = calloc(1, sizeof *assembly);
    if (assembly == NULL) {
        connection_fail(server, connection, SOCKETIO_FORCED_SERVER_CLOSE);
        return;
    }
    buffer_init(&assembly->text, text.size);
    buffer_append(&assembly->text, text);
    assembly->wanted = wanted;
    connection->assembly = assembly;
}

static void on_attachment(struct socketio_server *server, struct connection *connection,
                          struct bytes data)
{
    struct assembly *assembly = connection->assembly;
    uint8_t *copy = NULL;
    if (assembly != NULL &&
        assembly->bytes + data.size <= server->config.max_payload * ASSEMBLY_PAYLOADS_MAX) {
        copy = malloc(data.size > 0 ? data.size : 1);
    }
    if (copy == NULL) { // no packet announced it, or too much
        connection_fail(server, connection, SOCKETIO_PARSE_ERROR);
        return;
    }
    if (data.size > 0) {
        memcpy(copy, data.data, data.size);
    }
    assembly->attachments[assembly->count++] = bytes_of(copy, data.size);
    assembly->bytes += data.size;
    if (assembly->count < assembly->wanted) {
        return;
    }
    connection->assembly = NULL; // ours: the application may end the connection
    struct socketio_packet packet;
    if (packet_read(buffer_bytes(&assembly->text), server->config.attachments_max, &packet) ==
        LC_OK) {
        dispatch(server, connection, &packet, assembly->attachments);
    } else {
        connection_fail(server, connection, SOCKETIO_PARSE_ERROR);
    }
    assembly_destroy(assembly);
}

void connection_on_message(void *app, void *connection_, bool binary, struct bytes data)
{
    struct socketio_server *server = app;
    struct connection *connection = connection_;
    if (connection->closing) {
        return;
    }
    if (binary) {
        on_attachment(server, connection, data);
        return;
    }
    struct socketio_packet packet;
    if (connection->assembly != NULL ||
        packet_read(data, server->config.attachments_max, &packet) != LC_OK) {
        connection_fail(server, connection, SOCKETIO_PARSE_ERROR);
    } else if (packet.attachments > 0) {
        begin_assembly(server, connection, data, packet.attachments);
    } else {
        dispatch(server, connection, &packet, NULL);
    }
}

// ---- answers of the application ----

void socketio_accept(struct socketio_server *server, struct socketio_socket_id id)
{
    struct socket *socket = socket_find(server, id);
    if (socket == NULL || socket->state != SOCKET_PENDING) {
        return;
    }
    struct connection *connection = socket->connection;
    socket->state = SOCKET_OPEN;
    server->counts.sockets_open++;
    if (!connection->connected) {
        connection->connected = true;
        engineio_set_deadline(server->engine, connection->session, DEADLINE_NONE);
    }
    struct bytes json[] = {bytes_text("{\"sid\":\""), bytes_of(socket->sid, SID_SIZE),
                           bytes_text("\"}")};
    struct bytes name = bytes_of(socket->namespace_name, socket->namespace_size);
    struct frame *frame = packet_frame(server, SOCKETIO_PACKET_CONNECT, 0, name, -1, json, 3);
    if (frame != NULL) {
        frame->ends_burst = true; // clients may look for the first event only after this packet
    }
    connection_enqueue(server, connection, frame);
}

void socketio_refuse(struct socketio_server *server, struct socketio_socket_id id,
                     struct bytes error)
{
    struct socket *socket = socket_find(server, id);
    if (socket == NULL || socket->state != SOCKET_PENDING) {
        return;
    }
    refuse(server, socket->connection, bytes_of(socket->namespace_name, socket->namespace_size),
           error);
    socket_end(server, socket, SOCKETIO_SERVER_NAMESPACE_DISCONNECT);
}

void socketio_disconnect(struct socketio_server *server, struct socketio_socket_id id, bool close)
{
    struct socket *socket = socket_find(server, id);
    if (socket == NULL || socket->state == SOCKET_GONE) {
        return;
    }
    struct connection *connection = socket->connection;
    struct engineio_session_id session = connection->session;
    for (socket = close ? connection->sockets : socket; socket != NULL;
         socket = close && engineio_sid(server->engine, session).size > 0 ? connection->sockets
                                                                          : NULL) {
        // Streams are queued before the DISCONNECT that follows them.
        // NOLINTNEXTLINE(clang-analyzer-unix.Malloc): socket_end() takes it off the list
        socket_leave_rooms(server, socket, true);
        struct bytes name = bytes_of(socket->namespace_name, socket->namespace_size);
        if (socket->state == SOCKET_OPEN) {
            connection_enqueue(
                server, connection,
                packet_frame(server, SOCKETIO_PACKET_DISCONNECT, 0, name, -1, NULL, 0));
        }
        socket_end(server, socket, SOCKETIO_SERVER_NAMESPACE_DISCONNECT);
    }
    if (close && engineio_sid(server->engine, session).size > 0) {
        close_in_order(server, connection, SOCKETIO_SERVER_NAMESPACE_DISCONNECT);
    }
}
