// A whole Socket.IO server between a hostile network and a restless application, as a script of
// steps: requests, bodies, WebSocket messages, departures and passing time, in any order. Every
// exchange is answered exactly once, nothing is sent to who has gone, and nothing is left at the
// end.
#include <stdio.h>
#include <stdlib.h>

#include "bridge/engineio/engine.h"
#include "bridge/socketio/server.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { EXCHANGES_MAX = 256, LINKS_MAX = 64, SIDS_MAX = 8, SOCKETS_MAX = 16, STEPS_MAX = 400 };

enum exchange_state { EXCHANGE_UNUSED, EXCHANGE_OPEN, EXCHANGE_OWES_BODY, EXCHANGE_DONE };

struct world {
    struct socketio_server *server;
    struct engineio_server *engine;
    struct bytes script;
    int64_t now_ms;
    uint8_t random;
    enum exchange_state exchanges[EXCHANGES_MAX]; // index: id - 1
    struct engineio_session_id exchange_sessions[EXCHANGES_MAX];
    size_t exchanges_count;
    bool links_open[LINKS_MAX]; // index: id - 1
    struct engineio_session_id link_sessions[LINKS_MAX];
    size_t links_count;
    char sids[SIDS_MAX][ENGINEIO_SID_SIZE + 1];
    size_t sids_count;
    struct socketio_socket_id sockets[SOCKETS_MAX];
    size_t sockets_count;
    size_t accepted; // not yet disconnected
    bool ended;
};

// ---- the script ----

static uint8_t take_byte(struct world *world)
{
    if (world->script.size == 0) {
        return 0;
    }
    uint8_t byte = world->script.data[0];
    world->script = bytes_from(world->script, 1);
    return byte;
}

// Up to a line feed.
static struct bytes take_text(struct world *world)
{
    size_t end = bytes_find(world->script, '\n', 0);
    struct bytes text = {world->script.data, end};
    world->script = bytes_from(world->script, end < world->script.size ? end + 1 : end);
    return text;
}

// ---- the network ----

static void respond(void *shell, uint64_t exchange, int status, const char *content_type,
                    struct bytes body, bool no_store)
{
    struct world *world = shell;
    (void)content_type, (void)no_store;
    LC_ASSERT(exchange >= 1 && exchange <= world->exchanges_count);
    LC_ASSERT(world->exchanges[exchange - 1] == EXCHANGE_OPEN ||
              world->exchanges[exchange - 1] == EXCHANGE_OWES_BODY);
    LC_ASSERT(status >= 200 && status < 600);
    world->exchanges[exchange - 1] = EXCHANGE_DONE;
    struct bytes open = bytes_text("0{\"sid\":\"");
    if (bytes_starts_with(body, open) && world->sids_count < SIDS_MAX) {
        memcpy(world->sids[world->sids_count++], body.data + open.size, ENGINEIO_SID_SIZE);
    }
}

static bool ws_send(void *shell, uint64_t ws, struct bytes frames)
{
    struct world *world = shell;
    LC_ASSERT(ws >= 1 && ws <= world->links_count && frames.size > 0);
    LC_ASSERT(world->links_open[ws - 1]);
    return (world->random++ & 3) != 0;
}

static void ws_close(void *shell, uint64_t ws, int code)
{
    struct world *world = shell;
    (void)code;
    LC_ASSERT(ws >= 1 && ws <= world->links_count);
    LC_ASSERT(world->links_open[ws - 1]);
    world->links_open[ws - 1] = false;
}

static void fill_random(void *context, uint8_t *data, size_t size)
{
    static uint64_t state = 1;
    (void)context;
    for (size_t i = 0; i < size; i++) {
        state = state * UINT64_C(6364136223846793005) + 1442695040888963407u;
        data[i] = (uint8_t)(state >> 33);
    }
}

// ---- the application ----

static void on_connect(void *app, struct socketio_socket_id socket, struct bytes namespace_name,
                       struct bytes auth, const struct socketio_handshake *handshake)
{
    struct world *world = app;
    (void)auth, (void)handshake;
    if (namespace_name.size % 5 == 4) {
        socketio_refuse(world->server, socket, bytes_text("{\"message\":\"no\"}"));
        return;
    }
    world->accepted++;
    world->sockets[world->sockets_count++ % SOCKETS_MAX] = socket;
    socketio_socket_set_data(world->server, socket, world);
    socketio_accept(world->server, socket);
}

static void on_event(void *app, struct socketio_socket_id socket,
                     const struct socketio_event *event)
{
    struct world *world = app;
    LC_ASSERT(socketio_socket_data(world->server, socket) == world);
    uint8_t what = event->name.size == 0 ? 0 : event->name.data[0];
    if (what == 'j') {
        if (socketio_room_join(world->server, socket, event->name) != LC_OK) {
            return; // in too many rooms
        }
    } else if (what == 'l') {
        socketio_room_leave(world->server, socket, bytes_text("j"));
    } else if (what == 'r') {
        socketio_room_emit(world->server, bytes_text("/"), bytes_text("j"), bytes_text("all"),
                           event->arguments, event->name.size > 1);
    } else if (what == 'd' || what == 'D') {
        socketio_disconnect(world->server, socket, what == 'D');
        return;
    } else if (what == 'b') {
        struct bytes attachment = bytes_text("bytes");
        socketio_emit_binary(world->server, socket, bytes_text("bin"),
                             bytes_text("{\"_placeholder\":true,\"num\":0}"), &attachment, 1);
    } else if (what == 'q') {
        (void)socketio_emit_with_ack(world->server, socket, event->name, event->arguments, NULL, 0);
    }
    if (event->ack_id >= 0) {
        socketio_ack(world->server, socket, event->ack_id, event->arguments);
        socketio_ack(world->server, socket, event->ack_id, event->arguments); // the second is void
    }
}

static void on_disconnect(void *app, struct socketio_socket_id socket, enum socketio_reason reason)
{
    struct world *world = app;
    LC_ASSERT(socketio_socket_data(world->server, socket) == world);
    LC_ASSERT(world->accepted > 0);
    (void)reason;
    world->accepted--;
}

static void on_lagged(void *app, struct socketio_socket_id socket)
{
    struct world *world = app;
    if (world->random++ % 2 == 0) {
        socketio_disconnect(world->server, socket, true);
    }
}

static void on_ack(void *app, struct socketio_socket_id socket, int64_t ack_id,
                   const struct socketio_event *answer)
{
    (void)app, (void)socket, (void)ack_id, (void)answer;
}

static void on_transport(void *app, struct socketio_socket_id socket, struct bytes sid,
                         const char *what, const char *reason)
{
    (void)app, (void)socket, (void)sid, (void)what, (void)reason;
}

// ---- steps ----

static struct engineio_request request_of(struct world *world, const char *method, uint8_t which,
                                          bool is_websocket, char out_query[512])
{
    struct bytes extra = take_text(world);
    const char *transport = is_websocket ? "websocket" : "polling";
    int size;
    if (which < SIDS_MAX && which < world->sids_count) {
        size = snprintf(out_query, 512, "EIO=4&transport=%s&sid=%s", transport, world->sids[which]);
    } else if (which < 0x80) {
        size = snprintf(out_query, 512, "EIO=4&transport=%s", transport);
    } else {
        size = snprintf(out_query, 512, "%.*s", (int)(extra.size < 400 ? extra.size : 400),
                        (const char *)extra.data);
    }
    return (struct engineio_request){.method = bytes_text(method),
                                     .handshake = {.url = bytes_text("/socket.io/"),
                                                   .query = bytes_of(out_query, (size_t)size)}};
}

static void step_http(struct world *world, const char *method)
{
    char query[512];
    if (world->exchanges_count == EXCHANGES_MAX) {
        return;
    }
    struct engineio_request request = request_of(world, method, take_byte(world), false, query);
    size_t index = world->exchanges_count++;
    request.exchange = index + 1;
    world->exchanges[index] = EXCHANGE_OPEN;
    enum engineio_verdict verdict =
        engineio_request(world->engine, world->now_ms, &request, &world->exchange_sessions[index]);
    if (verdict == ENGINEIO_ANSWERED) {
        LC_ASSERT(world->exchanges[index] == EXCHANGE_DONE);
    } else if (verdict == ENGINEIO_WANTS_BODY) {
        LC_ASSERT(world->exchanges[index] == EXCHANGE_OPEN);
        world->exchanges[index] = EXCHANGE_OWES_BODY;
    }
}

static void step_body(struct world *world, bool is_too_large)
{
    uint8_t from_end = take_byte(world);
    struct bytes body = take_text(world);
    if (from_end >= world->exchanges_count) {
        return;
    }
    size_t index = world->exchanges_count - 1 - from_end;
    if (world->exchanges[index] != EXCHANGE_OWES_BODY) {
        return;
    }
    if (is_too_large) {
        engineio_post_too_large(world->engine, world->now_ms, world->exchange_sessions[index],
                                index + 1);
    } else {
        engineio_post_complete(world->engine, world->now_ms, world->exchange_sessions[index],
                               index + 1, body);
    }
    LC_ASSERT(world->exchanges[index] == EXCHANGE_DONE);
}

static void step_exchange_gone(struct world *world)
{
    uint8_t from_end = take_byte(world);
    if (from_end >= world->exchanges_count) {
        return;
    }
    size_t index = world->exchanges_count - 1 - from_end;
    if (world->exchanges[index] == EXCHANGE_OPEN || world->exchanges[index] == EXCHANGE_OWES_BODY) {
        world->exchanges[index] = EXCHANGE_DONE; // nobody is there to be answered
        engineio_exchange_gone(world->engine, world->now_ms, world->exchange_sessions[index],
                               index + 1);
    }
}

static void step_link(struct world *world)
{
    char query[512];
    if (world->links_count == LINKS_MAX) {
        return;
    }
    struct engineio_request request = request_of(world, "GET", take_byte(world), true, query);
    bool is_slow = (take_byte(world) & 1) != 0; // between the check and the opening things happen
    if (engineio_ws_refusal(world->engine, world->now_ms, &request) != NULL) {
        return;
    }
    if (is_slow) {
        world->now_ms += 20000;
    }
    size_t index = world->links_count++;
    world->links_open[index] = true;
    engineio_ws_opened(world->engine, world->now_ms, &request, index + 1,
                       &world->link_sessions[index]);
}

static void step_message(struct world *world, bool is_binary)
{
    uint8_t from_end = take_byte(world);
    struct bytes text = take_text(world);
    if (from_end < world->links_count) {
        size_t index = world->links_count - 1 - from_end;
        if (world->links_open[index]) {
            engineio_ws_message(world->engine, world->now_ms, world->link_sessions[index],
                                index + 1, is_binary, text);
        }
    }
}

static void step_link_state(struct world *world, bool is_gone)
{
    uint8_t from_end = take_byte(world);
    if (from_end >= world->links_count) {
        return;
    }
    size_t index = world->links_count - 1 - from_end;
    if (!world->links_open[index]) {
        return;
    }
    if (is_gone) {
        world->links_open[index] = false;
        engineio_ws_gone(world->engine, world->now_ms, world->link_sessions[index], index + 1,
                         from_end % 2 == 1);
    } else {
        engineio_ws_writable(world->engine, world->now_ms, world->link_sessions[index], index + 1);
    }
}

static void step_application(struct world *world)
{
    uint8_t which = take_byte(world);
    struct bytes text = take_text(world);
    struct socketio_socket_id socket = world->sockets[which % SOCKETS_MAX];
    switch (which >> 5) {
    case 0:
        socketio_disconnect(world->server, socket, (which & 16) != 0);
        break;
    case 1:
        socketio_room_emit(world->server, bytes_text("/"), bytes_text("j"), bytes_text("all"),
                           bytes_text("{\"a\":1}"), (which & 16) != 0);
        break;
    case 2:
        for (int i = 0; i < 40; i++) {
            socketio_room_emit(world->server, bytes_text("/"), bytes_text("j"), bytes_text("all"),
                               bytes_text("{\"a\":1}"), i % 3 == 0);
        }
        break;
    default:
        socketio_emit(world->server, socket, text, bytes_text("[1,\"x\"]"));
        break;
    }
}

static void step(struct world *world)
{
    switch (take_byte(world)) {
    case 'G':
        step_http(world, "GET");
        break;
    case 'P':
        step_http(world, "POST");
        break;
    case 'X':
        step_http(world, "DELETE");
        break;
    case 'B':
        step_body(world, false);
        break;
    case 'L':
        step_body(world, true);
        break;
    case 'g':
        step_exchange_gone(world);
        break;
    case 'W':
        step_link(world);
        break;
    case 'm':
        step_message(world, false);
        break;
    case 'M':
        step_message(world, true);
        break;
    case 'w':
        step_link_state(world, false);
        break;
    case 'c':
        step_link_state(world, true);
        break;
    case 'a':
        step_application(world);
        break;
    case 't':
        world->now_ms += 1 + INT64_C(200) * take_byte(world);
        break;
    case 'S':
        socketio_server_shut_down(world->server);
        world->ended = true;
        break;
    default:
        break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct socketio_env env = {.random = fill_random};
    static const struct socketio_app_ops ops = {.on_connect = on_connect,
                                                .on_event = on_event,
                                                .on_disconnect = on_disconnect,
                                                .on_lagged = on_lagged,
                                                .on_transport = on_transport,
                                                .on_ack = on_ack};
    static const struct engineio_transport_ops transport = {respond, ws_send, ws_close};
    struct world world = {.script = {data, size}, .now_ms = 1000};
    struct socketio_config config = socketio_config_default();
    config.sessions_max = 16;
    config.namespaces_max = 4;
    config.room_ring_events = 8;
    config.room_ring_bytes = 2048;
    config.pending_bytes_max = 4096;
    config.max_payload = 1024;
    if (socketio_server_create(&config, &env, &ops, &world, &world.server) != LC_OK) {
        return 0;
    }
    world.engine = socketio_server_engine(world.server);
    engineio_attach(world.engine, &transport, &world);
    for (int steps = 0; steps < STEPS_MAX && world.script.size > 0; steps++) {
        step(&world);
        engineio_flush(world.engine, world.now_ms);
    }
    socketio_server_shut_down(world.server);
    engineio_flush(world.engine, world.now_ms);
    LC_ASSERT(world.accepted == 0); // every socket has been told its end
    for (size_t i = 0; i < world.links_count; i++) {
        LC_ASSERT(!world.links_open[i] || world.link_sessions[i].value == 0);
    }
    struct socketio_counts counts;
    socketio_server_counts(world.server, &counts);
    LC_ASSERT(counts.sessions_open == 0 && counts.sockets_open == 0);
    socketio_server_destroy(world.server);
    return 0;
}
