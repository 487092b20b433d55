// A connection arrives from another node.
#include <stdlib.h>

#include "bridge/socketio/legacy.h"
#include "bridge/socketio/move.h"

struct newcomer { // a socket whose application has not been told yet
    struct socketio_socket_id id;
    bool lagged;
    struct bytes app_state;
};

struct arrival {
    struct socketio_server *server;
    struct connection *connection;
    struct state_reader reader;
    struct newcomer *newcomers;
    size_t count;
    bool failed; // no memory, or no such thing may be
};

// ---- sockets ----

static bool is_namespace_name(struct bytes name)
{
    return name.size > 0 && name.size <= NAMESPACE_SIZE_MAX && name.data[0] == '/' &&
           bytes_find(name, ',', 0) == name.size;
}

static bool sid_fits(const struct arrival *arrival, struct bytes name, struct bytes sid)
{
    const struct socketio_server *server = arrival->server;
    if (!legacy_is(server, arrival->connection)) {
        return engineio_sid_is_legal(sid);
    }
    char text[SID_SIZE_MAX];
    struct bytes own = engineio_sid(server->engine, arrival->connection->session);
    return bytes_equal(sid, legacy_sid(own, name, text));
}

// NULL: it cannot be here.
static struct socket *make_socket(struct arrival *arrival, struct bytes name, struct bytes sid)
{
    struct socketio_server *server = arrival->server;
    struct connection *connection = arrival->connection;
    if (!is_namespace_name(name) || !sid_fits(arrival, name, sid) ||
        connection->sockets_count >= server->config.namespaces_max ||
        connection_find_namespace(connection, name) != NULL) {
        return NULL;
    }
    struct namespace *namespace = namespace_for(server, name);
    if (namespace == NULL) {
        return NULL;
    }
    namespace->references++;
    bool moves = namespace->owner->ops.on_import != NULL && socket_free_sid(server, namespace, sid);
    struct socket *socket = moves ? socket_create(server, connection, namespace, sid) : NULL;
    namespace_release(server, namespace);
    if (socket != NULL) {
        socket->state = SOCKET_MOVING;
        socket->sid_is_secret = legacy_is(server, connection);
    }
    return socket;
}

// Ids of the node that it comes from are not used again for this namespace.
static void read_ids(struct arrival *arrival, struct socket *socket)
{
    struct state_reader *reader = &arrival->reader;
    uint32_t max = (uint32_t)arrival->server->config.acks_max;
    int64_t next = (int64_t)state_read_u64(reader, MOVE_ACK_ID_MAX);
    if (socket->namespace->next_ack_id < next) {
        socket->namespace->next_ack_id = next;
    }
    uint32_t owed = state_read_u32(reader, max);
    for (uint32_t i = 0; i < owed && !arrival->failed && !reader->failed; i++) {
        int64_t id = (int64_t)state_read_u64(reader, MOVE_ACK_ID_MAX);
        arrival->failed = !ack_set_add(&socket->owed, id, max);
    }
    uint32_t asked = state_read_u32(reader, max);
    for (uint32_t i = 0; i < asked && !arrival->failed && !reader->failed; i++) {
        int64_t id = (int64_t)state_read_u64(reader, MOVE_ACK_ID_MAX);
        arrival->failed = !acks_expect(arrival->server, socket, id);
    }
}

static void read_socket(struct arrival *arrival)
{
    struct state_reader *reader = &arrival->reader;
    struct bytes name = state_read_bytes(reader, NAMESPACE_SIZE_MAX);
    struct bytes sid = state_read_bytes(reader, SID_SIZE_MAX);
    bool recovered = state_read_bool(reader);
    bool lagged = state_read_bool(reader);
    struct socket *socket = reader->failed ? NULL : make_socket(arrival, name, sid);
    if (socket == NULL) {
        arrival->failed = true;
        return;
    }
    socket->recovered = recovered;
    read_ids(arrival, socket);
    struct bytes app_state = state_read_bytes(reader, MOVE_APP_STATE_MAX);
    arrival->newcomers[arrival->count++] = (struct newcomer){socket->id, lagged, app_state};
}

static bool goes_on(const struct arrival *arrival)
{
    return !arrival->failed && !arrival->reader.failed;
}

static void read_sockets(struct arrival *arrival)
{
    arrival->newcomers =
        calloc(arrival->server->config.namespaces_max + 1, sizeof *arrival->newcomers);
    arrival->failed = arrival->newcomers == NULL;
    while (goes_on(arrival) && state_read_bool(&arrival->reader)) {
        read_socket(arrival); // fails beyond namespaces_max
    }
}

// ---- a packet that is half read ----

static void read_assembly(struct arrival *arrival)
{
    struct state_reader *reader = &arrival->reader;
    size_t payload_max = arrival->server->config.max_payload;
    if (!goes_on(arrival) || !state_read_bool(reader)) {
        return;
    }
    struct bytes text = state_read_bytes(reader, payload_max);
    size_t wanted = state_read_u32(reader, ATTACHMENTS_HARD_MAX);
    size_t count = state_read_u32(reader, ATTACHMENTS_HARD_MAX);
    struct socketio_packet packet;
    bool is_good = !reader->failed && count < wanted &&
                   packet_read(text, arrival->server->config.attachments_max, &packet) == LC_OK &&
                   packet.attachments == wanted;
    arrival->failed = !is_good || !connection_begin_assembly(arrival->connection, text, wanted);
    for (size_t i = 0; i < count && goes_on(arrival); i++) {
        struct bytes data = state_read_bytes(reader, payload_max);
        arrival->failed = reader->failed ||
                          !connection_add_attachment(arrival->server, arrival->connection, data);
    }
}

// ---- packets that wait to be sent ----

// A packet of `head` and the attachments that follow in the reader; NULL: none.
static struct frame *read_packet(struct arrival *arrival, struct bytes head)
{
    struct bytes attachments[ATTACHMENTS_HARD_MAX];
    uint32_t count = state_read_u32(&arrival->reader, ATTACHMENTS_HARD_MAX);
    for (uint32_t i = 0; i < count; i++) {
        attachments[i] = state_read_bytes(&arrival->reader, UINT32_MAX);
    }
    return arrival->reader.failed ? NULL
                                  : frame_of_packet(arrival->server, head, attachments, count);
}

static void read_begun(struct arrival *arrival)
{
    if (!goes_on(arrival) || !state_read_bool(&arrival->reader)) {
        return;
    }
    struct frame *frame = read_packet(arrival, bytes_text("4"));
    if (frame == NULL || frame->attached == NULL) {
        frame_destroy(frame);
        arrival->failed = true;
        return;
    }
    arrival->connection->begun = frame;
    arrival->connection->begun_next = frame->attached;
}

static void read_queued(struct arrival *arrival)
{
    struct state_reader *reader = &arrival->reader;
    bool ends_burst = state_read_bool(reader);
    struct bytes head = state_read_bytes(reader, UINT32_MAX);
    bool is_message = head.size > 0 && head.data[0] == '4';
    struct frame *frame = is_message ? read_packet(arrival, head) : NULL;
    if (frame == NULL) {
        arrival->failed = true;
        return;
    }
    frame->ends_burst = ends_burst;
    connection_append(arrival->server, arrival->connection, frame);
    arrival->failed = arrival->connection->overflowed;
}

static void read_queue(struct arrival *arrival)
{
    read_begun(arrival);
    while (goes_on(arrival) && state_read_bool(&arrival->reader)) {
        read_queued(arrival);
    }
}

// ---- the whole ----

static void read_all(struct arrival *arrival)
{
    struct connection *connection = arrival->connection;
    struct state_reader *reader = &arrival->reader;
    arrival->failed = state_read_u8(reader, UINT8_MAX) != MOVE_VERSION;
    connection->parser = (enum parser)state_read_u8(reader, PARSER_MSGPACK);
    connection->connected = state_read_bool(reader);
    if (goes_on(arrival)) {
        read_sockets(arrival);
    }
    read_assembly(arrival);
    read_queue(arrival);
    arrival->failed = !goes_on(arrival) || !state_reader_is_done(reader);
}

// False: the application cannot take it.
static bool tell(struct arrival *arrival, const struct newcomer *newcomer)
{
    struct socketio_server *server = arrival->server;
    struct socket *socket = socket_find(server, newcomer->id);
    struct socketio_handshake handshake;
    if (socket == NULL || !handshake_show(server, arrival->connection, &handshake)) {
        return socket == NULL; // another one's end has brought its end
    }
    const struct owner *owner = socket->namespace->owner;
    socket->state = SOCKET_OPEN;
    server->counts.sockets_open++;
    bool taken = owner->ops.on_import(owner->app, newcomer->id, namespace_name(socket->namespace),
                                      newcomer->app_state, &handshake);
    socket = socket_open_find(server, newcomer->id);
    if (!taken && socket != NULL) { // no on_disconnect
        socket->state = SOCKET_MOVING;
        server->counts.sockets_open--;
    }
    if (taken && socket != NULL && newcomer->lagged) {
        server->counts.lagged_total++;
        if (owner->ops.on_lagged != NULL) {
            owner->ops.on_lagged(owner->app, newcomer->id);
        }
    }
    return taken;
}

static void report(struct socketio_server *server, const struct arrival *arrival)
{
    server->counts.moved_here_total++;
    if (!server->monitored) {
        return;
    }
    if (server->monitor.on_raw_opened != NULL) {
        server->monitor.on_raw_opened(server->monitor_context, SOCKETIO_WEBSOCKET);
    }
    for (size_t i = 0; i < arrival->count; i++) {
        if (server->monitor.on_connected != NULL &&
            socket_open_find(server, arrival->newcomers[i].id) != NULL) {
            server->monitor.on_connected(server->monitor_context, arrival->newcomers[i].id);
        }
    }
}

// Those that the application has taken already end as if their transport had.
static void give_up(struct arrival *arrival)
{
    struct connection *connection = arrival->connection;
    while (connection->sockets != NULL) {
        // NOLINTNEXTLINE(clang-analyzer-unix.Malloc): socket_end() takes it off the list
        socket_end(arrival->server, connection->sockets, SOCKETIO_TRANSPORT_ERROR);
    }
    connection_destroy(arrival->server, connection);
    arrival->connection = NULL;
}

void *connection_on_import(void *app, struct engineio_session_id session, struct bytes state)
{
    struct socketio_server *server = app;
    struct arrival arrival = {.server = server,
                              .connection = calloc(1, sizeof *arrival.connection),
                              .reader = state_reader_of(state)};
    if (arrival.connection == NULL) {
        return NULL;
    }
    arrival.connection->session = session;
    read_all(&arrival);
    for (size_t i = 0; i < arrival.count && !arrival.failed; i++) {
        arrival.failed = !tell(&arrival, &arrival.newcomers[i]);
    }
    if (arrival.failed) {
        give_up(&arrival);
    } else {
        report(server, &arrival);
        if (!arrival.connection->connected) {
            engineio_set_deadline(server->engine, session,
                                  engineio_now(server->engine) + server->config.connect_timeout_ms);
        }
    }
    free(arrival.newcomers);
    return arrival.connection;
}
