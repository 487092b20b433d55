// CONNECT: a client asks for a namespace, the application answers, now or later.
#include "bridge/socketio/state.h"

bool handshake_show(struct socketio_server *server, const struct connection *connection,
                    struct socketio_handshake *out)
{
    const struct engineio_handshake *from = engineio_handshake(server->engine, connection->session);
    if (from == NULL) {
        return false;
    }
    size_t count = 0;
    for (; count < from->headers_count && count < HANDSHAKE_HEADERS_MAX; count++) {
        server->headers[count] =
            (struct socketio_header){from->headers[count].name, from->headers[count].value};
    }
    *out = (struct socketio_handshake){
        .url = from->url,
        .query = from->query,
        .address = from->address,
        .secure = from->secure,
        .time_ms = from->time_ms,
        .headers = server->headers,
        .headers_count = count,
    };
    return true;
}

static void send_error(struct socketio_server *server, struct connection *connection,
                       struct bytes name, struct bytes error)
{
    struct frame *frame = packet_frame(server, SOCKETIO_PACKET_CONNECT_ERROR, name, -1, &error, 1);
    connection_enqueue(server, connection, frame);
}

void connect_ask(struct socketio_server *server, struct connection *connection, struct bytes name,
                 struct bytes auth)
{
    if (connection_find_namespace(connection, name) != NULL) {
        connection_fail(server, connection, SOCKETIO_FORCED_SERVER_CLOSE);
        return;
    }
    if (connection->sockets_count >= server->config.namespaces_max) {
        send_error(server, connection, name, bytes_text("{\"message\":\"Too many namespaces\"}"));
        return;
    }
    struct namespace *namespace = namespace_for(server, name);
    if (namespace == NULL) {
        send_error(server, connection, name, bytes_text("{\"message\":\"Invalid namespace\"}"));
        return;
    }
    namespace->references++; // it may be new: it goes again where no socket comes of this
    struct socket *socket = socket_create(server, connection, namespace, (struct bytes){NULL, 0});
    namespace_release(server, namespace);
    struct socketio_handshake handshake;
    if (socket == NULL || !handshake_show(server, connection, &handshake)) {
        send_error(server, connection, name, bytes_text("{\"message\":\"Too many sockets\"}"));
        return;
    }
    const struct owner *owner = namespace->owner;
    owner->ops.on_connect(owner->app, socket->id, namespace_name(namespace), auth, &handshake);
}

static void send_connected(struct socketio_server *server, struct socket *socket)
{
    struct bytes json[] = {bytes_text("{\"sid\":\""), socket_sid(socket), bytes_text("\"}")};
    struct frame *frame = packet_frame(server, SOCKETIO_PACKET_CONNECT,
                                       namespace_name(socket->namespace), -1, json, 3);
    if (frame != NULL) {
        frame->ends_burst = true; // clients may look for the first event only after this packet
    }
    connection_enqueue(server, socket->connection, frame);
}

static void accept(struct socketio_server *server, struct socket *socket)
{
    struct connection *connection = socket->connection;
    socket->state = SOCKET_OPEN;
    server->counts.sockets_open++;
    if (!connection->connected) {
        connection->connected = true;
        engineio_set_deadline(server->engine, connection->session, DEADLINE_NONE);
    }
    send_connected(server, socket);
    socket_join_wishes(server, socket);
    if (server->monitored && server->monitor.on_connected != NULL) {
        server->monitor.on_connected(server->monitor_context, socket->id);
    }
}

void socketio_accept(struct socketio_server *server, struct socketio_socket_id id)
{
    struct socket *socket = socket_find(server, id);
    if (socket != NULL && socket->state == SOCKET_PENDING) {
        accept(server, socket);
    }
}

void socketio_refuse(struct socketio_server *server, struct socketio_socket_id id,
                     struct bytes error)
{
    struct socket *socket = socket_find(server, id);
    if (socket == NULL || socket->state != SOCKET_PENDING) {
        return;
    }
    send_error(server, socket->connection, namespace_name(socket->namespace), error);
    socket_end(server, socket, SOCKETIO_SERVER_NAMESPACE_DISCONNECT);
}
