// CONNECT: a client asks for a namespace, the application answers, now or later.
#include "bridge/socketio/legacy.h"
#include "bridge/socketio/recovery.h"
#include "bridge/socketio/restore.h"

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

// The socket of a CONNECT; NULL: nobody owns the namespace, or no memory, and the client was told.
static struct socket *new_socket(struct socketio_server *server, struct connection *connection,
                                 struct bytes name, struct bytes sid)
{
    struct namespace *namespace = namespace_for(server, name);
    if (namespace == NULL) {
        send_error(server, connection, name, bytes_text("{\"message\":\"Invalid namespace\"}"));
        return NULL;
    }
    namespace->references++; // it may be new: it goes again where no socket comes of this
    struct socket *socket = socket_create(server, connection, namespace, sid);
    namespace_release(server, namespace);
    if (socket == NULL) {
        send_error(server, connection, name, bytes_text("{\"message\":\"Too many sockets\"}"));
    }
    return socket;
}

// The application is asked; one that has no on_connect takes everybody.
static void ask(struct socketio_server *server, struct socket *socket, struct bytes auth)
{
    const struct owner *owner = socket->namespace->owner;
    struct socketio_handshake handshake;
    if (owner->ops.on_connect == NULL || !handshake_show(server, socket->connection, &handshake)) {
        socketio_accept(server, socket->id);
        return;
    }
    owner->ops.on_connect(owner->app, socket->id, namespace_name(socket->namespace), auth,
                          &handshake);
}

static void take_up(struct socketio_server *server, struct socket *socket, struct bytes auth)
{
    const struct owner *owner = socket->namespace->owner;
    struct socketio_handshake handshake;
    if (server->config.recovery_runs_on_connect || owner->ops.on_recovered == NULL) {
        ask(server, socket, auth);
        return;
    }
    socketio_accept(server, socket->id);
    if (handshake_show(server, socket->connection, &handshake)) {
        owner->ops.on_recovered(owner->app, socket->id, namespace_name(socket->namespace), auth,
                                &handshake);
    }
}

void connect_ask(struct socketio_server *server, struct connection *connection, struct bytes name,
                 struct bytes auth)
{
    struct engineio_session_id session = connection->session;
    if (connection_find_namespace(connection, name) != NULL) {
        connection_fail(server, connection, SOCKETIO_FORCED_SERVER_CLOSE);
        return;
    }
    if (connection->sockets_count >= server->config.namespaces_max) {
        send_error(server, connection, name, bytes_text("{\"message\":\"Too many namespaces\"}"));
        return;
    }
    char text[SID_SIZE_MAX];
    struct bytes sid = {NULL, 0}; // a new one
    struct record *record = NULL;
    uint64_t from = 0;
    if (legacy_is(server, connection)) {
        sid = legacy_sid(engineio_sid(server->engine, session), name, text);
    } else {
        record = recovery_claim(server, name, auth, &from);
    }
    struct socket *socket = NULL;
    if (engineio_sid(server->engine, session).size > 0) { // else the application has ended it
        socket = new_socket(server, connection, name,
                            record == NULL ? sid : bytes_of(record->sid, SID_SIZE));
    }
    if (socket != NULL) {
        socket->sid_is_secret = sid.size > 0;
    }
    if (record == NULL && socket != NULL) {
        if (!restore_ask(server, socket, auth)) {
            recovery_note_failed(server, socket, auth);
            ask(server, socket, auth);
        }
    } else if (socket != NULL) {
        recovery_attach(record, socket, from);
        take_up(server, socket, auth);
    } else if (record != NULL) {
        recovery_put_away(server, record, record->data);
    }
}

// What the client will show when it comes back; empty: nothing. A new one may stand in `text`.
static struct bytes pid_of(const struct socket *socket, bool is_legacy, struct buffer *text)
{
    if (socket->record != NULL) {
        return bytes_of(socket->record->pid, SID_SIZE);
    }
    return !is_legacy && restore_is_for(socket->namespace->owner) ? restore_pid(socket, text)
                                                                  : (struct bytes){NULL, 0};
}

static void send_connected(struct socketio_server *server, struct socket *socket)
{
    bool knows_it = legacy_is(server, socket->connection); // its id is that of the connection
    struct buffer text;
    buffer_init(&text, SOCKETIO_PID_SIZE_MAX);
    struct bytes pid = pid_of(socket, knows_it, &text);
    struct bytes json[] = {bytes_text("{\"sid\":\""), socket_sid(socket),
                           bytes_text(pid.size == 0 ? "" : "\",\"pid\":\""), pid,
                           bytes_text("\"}")};
    struct frame *frame =
        packet_frame(server, SOCKETIO_PACKET_CONNECT, namespace_name(socket->namespace), -1, json,
                     knows_it ? 0 : 5);
    buffer_release(&text);
    if (frame != NULL) {
        frame->ends_burst = true; // clients may look for the first event only after this packet
    }
    connection_enqueue(server, socket->connection, frame);
}

// What the client missed comes before the reply: it shall be complete when it learns of it.
static void replay_or_begin(struct socketio_server *server, struct socket *socket)
{
    if (socket->record != NULL && !recovery_replay(server, socket)) {
        recovery_forget(server, socket->record);
        socket->record = NULL;
        socket->recovered = false;
    }
    if (socket->record == NULL && !legacy_is(server, socket->connection)) {
        recovery_begin(server, socket);
    }
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
    replay_or_begin(server, socket);
    send_connected(server, socket);
    if (socket->record != NULL && socket->recovered) {
        recovery_restore(server, socket);
    }
    restore_end(server, socket);
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
    if (legacy_is(server, socket->connection)) {
        error = legacy_error(error);
    }
    send_error(server, socket->connection, namespace_name(socket->namespace), error);
    socket_end(server, socket, SOCKETIO_SERVER_NAMESPACE_DISCONNECT);
}
