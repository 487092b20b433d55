// A whole server from bytes: requests of both protocols, bodies, WebSocket messages, departures,
// time and an application that does what it may, in any order. The transport checks that every
// exchange is answered once and nothing goes to a closed WebSocket.
//
// The first byte chooses the configuration. Each step is an operation byte, an argument byte, and for some a text up to the next 0xff.
#include <stdio.h>

#include "bridge/engineio/engine.h"
#include "bridge/socketio/server.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { PLACES = 16, SIDS = 4, STEPS_MAX = 400 };

enum exchange_state { EXCHANGE_FREE, EXCHANGE_WAITING, EXCHANGE_BODY };

struct world {
    struct socketio_server *server;
    struct engineio_server *engine;
    int64_t now_ms;
    struct {
        enum exchange_state state;
        struct engineio_session_id session;
    } exchanges[PLACES];
    struct {
        bool open;
        struct engineio_session_id session;
    } links[PLACES];
    char sids[SIDS][ENGINEIO_SID_SIZE + 1]; // of the last handshakes
    size_t sids_count;
    struct socketio_socket_id sockets[PLACES]; // the last that connected
    size_t sockets_count;
    uint8_t mood; // what the application does next
    bool takes;
    uint64_t asking; // the exchange of the request at hand
    size_t accepted; // its link, PLACES: none
};

static void count_up(void *context, uint8_t *data, size_t size)
{
    uint32_t *next = context;
    for (size_t i = 0; i < size; i++) {
        data[i] = (uint8_t)((*next)++ * 167 >> 3);
    }
}

// ---- the transport; ids are places + 1, in the low byte, with a counter above ----

// The session id of an open packet, whose quotes are escaped in a script.
static void note_sid(struct world *world, struct bytes text)
{
    for (size_t at = 0; at < 24 && at < text.size; at++) {
        struct bytes rest = bytes_from(text, at);
        if (bytes_starts_with(rest, bytes_text("sid"))) {
            size_t skip = 3;
            while (skip < rest.size && strchr("\\\":", rest.data[skip]) != NULL) {
                skip++;
            }
            if (rest.size - skip >= ENGINEIO_SID_SIZE) { // else a client's text that came back
                memcpy(world->sids[world->sids_count++ % SIDS], rest.data + skip,
                       ENGINEIO_SID_SIZE);
            }
            return;
        }
    }
}

static void on_respond(void *shell, uint64_t exchange, const struct engineio_response *response)
{
    struct world *world = shell;
    struct bytes body = response->body;
    LC_ASSERT(exchange >= 1 && exchange <= PLACES);
    LC_ASSERT(world->exchanges[exchange - 1].state != EXCHANGE_FREE);
    LC_ASSERT(response->status >= 200 && (response->content_type != NULL || body.size == 0));
    world->exchanges[exchange - 1].state = EXCHANGE_FREE;
    note_sid(world, body);
}

static uint64_t on_accept(void *shell, uint64_t exchange, struct bytes headers)
{
    struct world *world = shell;
    (void)headers;
    LC_ASSERT(exchange >= 1 && exchange <= PLACES);
    LC_ASSERT(world->exchanges[exchange - 1].state == EXCHANGE_WAITING);
    world->exchanges[exchange - 1].state = EXCHANGE_FREE;
    for (size_t place = 0; place < PLACES; place++) {
        if (!world->links[place].open) {
            world->links[place].open = true;
            world->links[place].session = world->exchanges[exchange - 1].session; // when held
            world->accepted = exchange == world->asking ? place : world->accepted;
            return place + 1;
        }
    }
    return 0;
}

static bool on_send(void *shell, uint64_t ws, struct bytes frames)
{
    struct world *world = shell;
    LC_ASSERT(ws >= 1 && ws <= PLACES && world->links[ws - 1].open && frames.size > 0);
    note_sid(world, bytes_from(frames, frames.data[1] == 126 ? 4 : 2));
    return world->takes;
}

static void on_ws_close(void *shell, uint64_t ws, int code)
{
    struct world *world = shell;
    (void)code;
    LC_ASSERT(ws >= 1 && ws <= PLACES && world->links[ws - 1].open);
    world->links[ws - 1].open = false;
}

// ---- the application ----

static void act(struct world *world, struct socketio_socket_id socket, int64_t ack_id)
{
    struct socketio_server *server = world->server;
    struct bytes room = bytes_text(world->mood & 16 ? "a" : "b");
    struct bytes argument = bytes_text("1,{\"a\":[]}");
    struct socketio_socket_id other = world->sockets[world->mood % PLACES];
    switch (world->mood++ % 13) {
    case 0:
        socketio_emit(server, socket, bytes_text("e"), argument);
        break;
    case 1:
        socketio_ack(server, socket, ack_id, argument);
        break;
    case 2:
        (void)!socketio_room_join(server, socket, room);
        break;
    case 3:
        socketio_room_leave(server, socket, room);
        break;
    case 4:
        socketio_room_emit(server, bytes_text("/"), room, bytes_text("r"), argument, false);
        break;
    case 5:
        socketio_room_emit(server, bytes_text("/"), room, bytes_text("t"), argument, true);
        break;
    case 6:
        socketio_disconnect(server, socket, false);
        break;
    case 7:
        socketio_disconnect(server, other, true);
        break;
    case 8:
        (void)socketio_emit_with_ack(server, other, bytes_text("q"), argument, &argument, 1);
        break;
    case 9:
        socketio_accept(server, other);
        break;
    case 10:
        socketio_refuse(server, socket, bytes_text("{\"message\":\"no\"}"));
        break;
    case 11:
        socketio_ack_binary(server, socket, ack_id, argument, &argument, 1);
        break;
    case 12:
        socketio_emit(server, other, bytes_text("e"), bytes_text(""));
        break;
    default:
        break;
    }
}

static void app_connect(void *app, struct socketio_socket_id socket, struct bytes name,
                        struct bytes auth, const struct socketio_handshake *handshake)
{
    struct world *world = app;
    LC_ASSERT(name.size > 0 && handshake->url.size <= 100 &&
              (auth.size == 0 || auth.data[0] == '{'));
    world->sockets[world->sockets_count++ % PLACES] = socket;
    if (world->mood % 3 != 0) {
        socketio_accept(world->server, socket);
    }
    act(world, socket, -1);
}

static void app_event(void *app, struct socketio_socket_id socket,
                      const struct socketio_event *event)
{
    struct world *world = app;
    LC_ASSERT(socketio_socket_is_open(world->server, socket));
    for (size_t i = 0; i < event->attachments_count; i++) {
        LC_ASSERT(event->attachments[i].data != NULL);
    }
    act(world, socket, event->ack_id);
    act(world, socket, event->ack_id);
}

static void app_disconnect(void *app, struct socketio_socket_id socket, enum socketio_reason reason)
{
    struct world *world = app;
    (void)socketio_reason_name(reason);
    LC_ASSERT(!socketio_socket_is_open(world->server, socket));
    act(world, socket, 0);
}

static void app_ack(void *app, struct socketio_socket_id socket, int64_t ack_id,
                    const struct socketio_event *answer)
{
    LC_ASSERT(answer->ack_id == ack_id);
    act(app, socket, ack_id);
}

static void app_lagged(void *app, struct socketio_socket_id socket)
{
    act(app, socket, 0);
}

// ---- steps ----

static struct engineio_request make_request(struct world *world, uint8_t argument, bool websocket,
                                            char query[100])
{
    static const char *const methods[] = {"GET", "POST", "GET", "PUT"};
    const char *sid = world->sids[argument % SIDS];
    bool with_sid = (argument & 4) != 0 && sid[0] != '\0';
    int size = snprintf(query, 100, "EIO=%c&transport=%s%s%s", (argument & 128) != 0 ? '3' : '4',
                        websocket != ((argument & 64) != 0) ? "websocket" : "polling",
                        with_sid ? "&sid=" : "", with_sid ? sid : "");
    return (struct engineio_request){
        .method = bytes_text(websocket ? "GET" : methods[(argument >> 4) & 3]),
        .handshake = {.url = bytes_of(query, (size_t)size),
                      .query = bytes_of(query, (size_t)size)}};
}

static void step_request(struct world *world, uint8_t argument, bool websocket)
{
    size_t place = 0;
    while (place < PLACES && world->exchanges[place].state != EXCHANGE_FREE) {
        place++;
    }
    if (place == PLACES) {
        return;
    }
    char query[100];
    struct engineio_request request = make_request(world, argument, websocket, query);
    request.is_upgrade = websocket;
    request.exchange = place + 1;
    world->exchanges[place].state = EXCHANGE_WAITING;
    world->accepted = PLACES;
    world->asking = request.exchange;
    struct engineio_session_id session;
    enum engineio_verdict verdict =
        engineio_request(world->engine, world->now_ms, &request, &session);
    world->exchanges[place].session = session;
    if (verdict == ENGINEIO_WANTS_BODY) {
        world->exchanges[place].state = EXCHANGE_BODY;
    } else if (verdict == ENGINEIO_ANSWERED) {
        LC_ASSERT(world->exchanges[place].state == EXCHANGE_FREE);
        if (world->accepted < PLACES) {
            world->links[world->accepted].session = session;
        }
    }
}

static void step_body(struct world *world, uint8_t argument, struct bytes text)
{
    size_t place = argument % PLACES;
    if (world->exchanges[place].state != EXCHANGE_BODY) {
        return;
    }
    if ((argument & 128) != 0) {
        engineio_post_too_large(world->engine, world->now_ms, world->exchanges[place].session,
                                place + 1);
    } else {
        engineio_post_complete(world->engine, world->now_ms, world->exchanges[place].session,
                               place + 1, text);
    }
    LC_ASSERT(world->exchanges[place].state == EXCHANGE_FREE);
}

static void step_exchange_gone(struct world *world, uint8_t argument)
{
    size_t place = argument % PLACES;
    if (world->exchanges[place].state != EXCHANGE_FREE) {
        world->exchanges[place].state = EXCHANGE_FREE;
        engineio_exchange_gone(world->engine, world->now_ms, world->exchanges[place].session,
                               place + 1);
    }
}

static void step_ws(struct world *world, uint8_t operation, uint8_t argument, struct bytes text)
{
    size_t place = argument % PLACES;
    struct engineio_session_id session = world->links[place].session;
    if (!world->links[place].open) {
        return;
    }
    if (operation == 4) {
        engineio_ws_message(world->engine, world->now_ms, session, place + 1, argument & 128, text);
    } else if (operation == 5) {
        engineio_ws_writable(world->engine, world->now_ms, session, place + 1);
    } else {
        world->links[place].open = false;
        engineio_ws_gone(world->engine, world->now_ms, session, place + 1, argument & 128);
    }
}

static void step(struct world *world, uint8_t operation, uint8_t argument, struct bytes text)
{
    switch (operation % 10) {
    case 0:
        step_request(world, argument, false);
        break;
    case 1:
        step_body(world, argument, text);
        break;
    case 2:
        step_exchange_gone(world, argument);
        break;
    case 3:
        step_request(world, argument, true);
        break;
    case 4:
    case 5:
    case 6:
        step_ws(world, operation % 10, argument, text);
        break;
    case 7:
        world->now_ms += argument * 3;
        break;
    case 8:
        world->mood = argument;
        world->takes = (argument & 1) == 0;
        break;
    case 9:
        act(world, world->sockets[argument % PLACES], argument);
        break;
    default:
        break;
    }
    engineio_flush(world->engine, world->now_ms);
    LC_ASSERT(engineio_next_deadline(world->engine) > world->now_ms);
}

static enum engineio_admission app_request(void *app, const struct engineio_request *request,
                                           struct engineio_admission_id admission,
                                           struct bytes *out_message)
{
    struct world *world = app;
    (void)request;
    *out_message = bytes_text("no");
    if (world->mood % 5 == 4) {
        return ENGINEIO_REFUSE;
    }
    if (world->mood % 5 == 3) {
        engineio_admit(world->engine, admission, true, bytes_text(""));
        return ENGINEIO_DECIDE_LATER;
    }
    return ENGINEIO_ALLOW;
}

// Of `choice`: 1 protocol 3, 2 msgpack, 4 recovery, 8 admission, 16 a rate, 32 an initial packet.
static void create(struct world *world, uint32_t *random, uint8_t choice)
{
    struct engineio_config engine = {
        .handshakes_per_second = (choice & 16) != 0 ? 10 : 0,
        .handshakes_burst = 2,
        .admission_wait_max_ms = 300,
        .initial_packet = bytes_text((choice & 32) != 0 ? "2[]" : ""),
    };
    struct engineio_app_ops engine_ops = {.on_request = app_request};
    struct socketio_config config = socketio_config_default();
    config.ping_interval_ms = 300;
    config.ping_timeout_ms = 200;
    config.upgrade_timeout_ms = 250;
    config.connect_timeout_ms = 400;
    config.max_payload = 400;
    config.namespaces_max = 3;
    config.pending_bytes_max = 1000;
    config.room_ring_events = 4;
    config.room_ring_bytes = 500;
    config.sessions_max = 5;
    config.allow_eio3 = (choice & 1) != 0;
    config.allow_msgpack = (choice & 2) != 0;
    config.recovery_ms = (choice & 4) != 0 ? 2000 : 0;
    config.engine = &engine;
    if ((choice & 8) != 0) {
        config.engine_ops = &engine_ops;
        config.engine_app = world;
    }
    struct socketio_env env = {count_up, random};
    struct socketio_app_ops ops = {
        .on_connect = app_connect,
        .on_event = app_event,
        .on_disconnect = app_disconnect,
        .on_ack = app_ack,
        .on_lagged = app_lagged,
    };
    LC_ASSERT(socketio_server_create(&config, &env, &ops, world, &world->server) == LC_OK);
    world->engine = socketio_server_engine(world->server);
    struct engineio_transport_ops transport = {
        .respond = on_respond, .ws_accept = on_accept, .ws_send = on_send, .ws_close = on_ws_close};
    engineio_attach(world->engine, &transport, world);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint32_t random = 1;
    struct world world = {.now_ms = 1, .takes = true};
    if (size == 0) {
        return 0;
    }
    create(&world, &random, data[0]);
    struct bytes input = bytes_of(data, size);
    size_t at = 1;
    for (int steps = 0; steps < STEPS_MAX && at + 1 < size; steps++) {
        uint8_t operation = data[at];
        uint8_t argument = data[at + 1];
        at += 2;
        struct bytes text = {NULL, 0};
        if (operation % 10 == 1 || operation % 10 == 4) {
            size_t end = bytes_find(input, 0xff, at);
            text = bytes_of(data + at, end - at);
            at = end + 1;
        }
        step(&world, operation, argument, text);
    }
    socketio_server_shut_down(world.server);
    struct socketio_counts counts;
    socketio_server_counts(world.server, &counts);
    LC_ASSERT(counts.sessions_open == 0 && counts.sockets_open == 0 &&
              counts.sessions_websocket == 0);
    LC_ASSERT(socketio_room_size(world.server, bytes_text("/"), bytes_text("a")) == 0);
    for (size_t i = 0; i < PLACES; i++) {
        LC_ASSERT(world.exchanges[i].state != EXCHANGE_WAITING && !world.links[i].open);
    }
    socketio_server_destroy(world.server);
    return 0;
}
