// The state of a connection, as another node writes it, from any bytes; and a client and an
// application that go on from there.
//
// Checked: what is refused leaves nothing behind; every socket that the application has taken ends
// once, and no attachment is missing where one is announced.
//
// The first byte chooses the configuration and what the application does, the second how the client
// goes on; the rest is the state.
#include <stdio.h>

#include "bridge/engineio/foreign.h"
#include "bridge/socketio/server.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { GET = 1, WS = 7, EMPTY_CONNECTION_SIZE = 7, SOCKETS_MAX = 4 };
#define PROBE (ENGINEIO_RELAYED_BIT | 1)

struct world {
    struct socketio_server *server;
    struct engineio_server *engine;
    uint8_t choice;
    int taken; // sockets that have not ended
    bool open; // the WebSocket
    struct socketio_socket_id sockets[SOCKETS_MAX];
    size_t sockets_count;
};

static void count_up(void *context, uint8_t *data, size_t size)
{
    uint32_t *next = context;
    for (size_t i = 0; i < size; i++) {
        data[i] = (uint8_t)((*next)++ * 167 >> 3);
    }
}

// ---- the transport ----

static void on_respond(void *shell, uint64_t exchange, const struct engineio_response *response)
{
    (void)shell, (void)exchange, (void)response;
}

static uint64_t on_accept(void *shell, uint64_t exchange, struct bytes headers)
{
    (void)shell, (void)exchange, (void)headers;
    return 0;
}

static bool on_send(void *shell, uint64_t ws, struct bytes frames)
{
    struct world *world = shell;
    LC_ASSERT(ws == WS && world->open && frames.size > 0);
    return true;
}

static void on_ws_close(void *shell, uint64_t ws, int code)
{
    struct world *world = shell;
    (void)code;
    LC_ASSERT(ws == WS && world->open);
    world->open = false;
}

// ---- the application ----

static bool on_import(void *app, struct socketio_socket_id socket, struct bytes name,
                      struct bytes state, const struct socketio_handshake *handshake)
{
    struct world *world = app;
    LC_ASSERT(name.size > 0 && name.data[0] == '/' && handshake->query.size > 0);
    LC_ASSERT(socketio_socket_is_open(world->server, socket));
    if ((world->choice & 8) != 0) {
        socketio_emit(world->server, socket, bytes_text("here"), bytes_text("1"));
        (void)!socketio_room_join(world->server, socket, bytes_text("r"));
    }
    bool takes = (world->choice & 16) == 0 || state.size % 2 == 0;
    if (takes) {
        world->taken++;
        world->sockets[world->sockets_count++ % SOCKETS_MAX] = socket;
    }
    if (takes && (world->choice & 32) != 0) {
        socketio_disconnect(world->server, socket, (world->choice & 64) != 0);
    }
    return takes;
}

static void on_connect(void *app, struct socketio_socket_id socket, struct bytes name,
                       struct bytes auth, const struct socketio_handshake *handshake)
{
    struct world *world = app;
    (void)name, (void)auth, (void)handshake;
    world->taken++;
    socketio_accept(world->server, socket);
}

static void on_event(void *app, struct socketio_socket_id socket,
                     const struct socketio_event *event)
{
    struct world *world = app;
    for (size_t i = 0; i < event->attachments_count; i++) {
        LC_ASSERT(event->attachments[i].data != NULL);
    }
    socketio_ack(world->server, socket, event->ack_id, bytes_text("1"));
}

static void on_ack(void *app, struct socketio_socket_id socket, int64_t ack_id,
                   const struct socketio_event *answer)
{
    (void)app, (void)socket;
    LC_ASSERT(answer->ack_id == ack_id);
}

static void on_disconnect(void *app, struct socketio_socket_id socket, enum socketio_reason reason)
{
    struct world *world = app;
    (void)socket, (void)reason;
    LC_ASSERT(world->taken > 0);
    world->taken--;
}

static bool on_export(void *app, struct socketio_socket_id socket, struct bytes node,
                      struct buffer *out_state)
{
    (void)app, (void)socket, (void)node, (void)out_state;
    return true;
}

static void on_moved(void *app, struct socketio_socket_id socket)
{
    (void)app, (void)socket;
}

// ---- courses ----

static void create(struct world *world, uint32_t *random)
{
    struct socketio_config config = socketio_config_default();
    config.max_payload = 400;
    config.namespaces_max = 3;
    config.acks_max = 5;
    config.pending_bytes_max = 1000;
    config.sessions_max = 5;
    config.allow_eio3 = true;
    config.allow_msgpack = (world->choice & 2) != 0;
    config.recovery_ms = (world->choice & 4) != 0 ? 2000 : 0;
    struct socketio_env env = {count_up, random};
    struct socketio_app_ops ops = {
        .on_connect = on_connect,
        .on_event = on_event,
        .on_disconnect = on_disconnect,
        .on_ack = on_ack,
        .on_export = on_export,
        .on_moved = on_moved,
        .on_import = on_import,
    };
    LC_ASSERT(socketio_server_create(&config, &env, &ops, world, &world->server) == LC_OK);
    world->engine = socketio_server_engine(world->server);
    struct engineio_transport_ops transport = {
        .respond = on_respond, .ws_accept = on_accept, .ws_send = on_send, .ws_close = on_ws_close};
    engineio_attach(world->engine, &transport, world);
}

// What the engine writes before the connection's state, by a move of an empty one.
static void write_session(struct world *world, struct buffer *state)
{
    bool is_old = (world->choice & 1) != 0;
    struct engineio_request request = {
        .exchange = GET,
        .method = bytes_text("GET"),
        .handshake = {
            .query = bytes_text(is_old ? "EIO=3&transport=polling" : "EIO=4&transport=polling")}};
    struct engineio_session_id session;
    (void)engineio_request(world->engine, 1, &request, &session);
    char sid[ENGINEIO_SID_SIZE];
    memcpy(sid, engineio_sid(world->engine, session).data, sizeof sid);
    struct bytes name = bytes_of(sid, sizeof sid);
    engineio_flush(world->engine, 1);
    if (is_old) { // out of its root
        struct engineio_request post = request;
        char query[100];
        snprintf(query, sizeof query, "EIO=3&transport=polling&sid=%.20s", sid);
        post.method = bytes_text("POST");
        post.handshake.query = bytes_text(query);
        (void)engineio_request(world->engine, 1, &post, &session);
        engineio_post_complete(world->engine, 1, session, GET, bytes_text("2:41"));
        LC_ASSERT(world->taken == 0);
    }
    LC_ASSERT(engineio_probe_begin(world->engine, 1, name, bytes_text(is_old ? "EIO=3" : "EIO=4"),
                                   PROBE) == ENGINEIO_PROBE_BEGUN);
    LC_ASSERT(engineio_export(world->engine, 1, name, PROBE, bytes_text("NODE"), state) == LC_OK);
    engineio_export_done(world->engine, 1, name);
    buffer_truncate(state, state->size - EMPTY_CONNECTION_SIZE);
}

static void go_on(struct world *world, struct engineio_session_id session, uint8_t course)
{
    static const char *const texts[] = {
        "427[\"e\"]", "430[1]", "40",
        "41/a,",      "431[2]", "451-[\"e\",{\"_placeholder\":true,\"num\":0}]",
        "40/x"};
    for (int step = 0; step < 4; step++, course = (uint8_t)(course * 5 + 3)) {
        if (!world->open) {
            return;
        }
        if (course % 3 == 0) {
            engineio_ws_message(world->engine, 2, session, WS, true, bytes_text("abc"));
        } else {
            engineio_ws_message(world->engine, 2, session, WS, false,
                                bytes_text(texts[course % 7]));
        }
        for (size_t i = 0; i < SOCKETS_MAX; i++) {
            socketio_ack(world->server, world->sockets[i], course % 8, bytes_text(""));
            socketio_emit(world->server, world->sockets[i], bytes_text("e"), bytes_text("1"));
        }
        engineio_flush(world->engine, 2 + step * 10);
    }
    if (world->open) {
        world->open = false;
        engineio_ws_gone(world->engine, 100, session, WS, false);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2) {
        return 0;
    }
    uint32_t random = 1;
    struct world world = {.choice = data[0]};
    struct buffer state;
    buffer_init(&state, 1 << 22);
    create(&world, &random);
    write_session(&world, &state);
    buffer_append(&state, bytes_of(data + 2, size - 2));
    struct engineio_session_id session;
    world.open = true;
    if (engineio_import(world.engine, 2, buffer_bytes(&state), WS, &session) == LC_OK) {
        engineio_flush(world.engine, 2);
        go_on(&world, session, data[1]);
    }
    struct socketio_counts counts;
    socketio_server_counts(world.server, &counts);
    LC_ASSERT(counts.sessions_open == 0 && counts.sockets_open == 0 && world.taken == 0);
    LC_ASSERT(socketio_room_size(world.server, bytes_text("/"), bytes_text("r")) == 0);
    socketio_server_destroy(world.server);
    buffer_release(&state);
    return 0;
}
