// A bridge's auction with clients that come back, sockets that arrive from elsewhere, notes of other
// bridges and messages of the broker: all of any bytes, all signed, in any order.
//
// Checked: a viewer for each open socket and none besides; nothing waits in a room for ever; nothing
// is left at the end.
//
// Each step is an operation byte and a text up to the next 0xff.
#include <stdio.h>
#include <stdlib.h>

#include "bridge/app/app_state.h"
#include "bridge/engineio/engine.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { LINKS = 6, STEPS_MAX = 200, TEXT_MAX = 4096 };

struct world {
    struct auction_app *app;
    struct socketio_server *server;
    struct engineio_server *engine;
    int64_t now_ms;
    uint32_t random;
    struct engineio_session_id links[LINKS];
    size_t links_count;
    char tag[WIRE_REPLY_TAG_SIZE_MAX + 1]; // of the last command
};

// ---- what the application is lent ----

static int64_t boot_ms(void *context)
{
    return ((struct world *)context)->now_ms;
}

static void draw(void *context, uint8_t *data, size_t size)
{
    struct world *world = context;
    for (size_t i = 0; i < size; i++) {
        world->random = world->random * 1103515245 + 12345;
        data[i] = (uint8_t)(world->random >> 16);
    }
}

static void log_nothing(void *context, enum outside_level level, const char *line)
{
    (void)context, (void)level, (void)line;
}

static enum lc_status publish(void *context, const struct topic *topic, struct bytes payload,
                              int qos, bool retain)
{
    struct world *world = context;
    struct json *command = NULL;
    struct bytes tag;
    (void)qos, (void)retain;
    if (topic->kind == TOPIC_SALE_COMMAND && json_parse(payload, &command) == LC_OK &&
        json_to_text(json_member(command, "reply"), &tag) && tag.size < sizeof world->tag) {
        memcpy(world->tag, tag.data, tag.size);
        world->tag[tag.size] = 0;
    }
    json_destroy(command);
    return LC_OK;
}

static enum lc_status subscribe(void *context, const char *pattern, int qos)
{
    (void)context, (void)pattern, (void)qos;
    return LC_OK;
}

static enum lc_status unsubscribe(void *context, const char *pattern)
{
    (void)context, (void)pattern;
    return LC_OK;
}

static enum error_code read_token(void *context, struct bytes token, int64_t now_s,
                                  struct identity *out_identity)
{
    (void)context;
    return identity_read(token, bytes_text("demo"), bytes_text("bidder"), bytes_text("A"),
                         now_s + 1000, out_identity)
               ? ERROR_NONE
               : ERROR_UNAUTHENTICATED;
}

static void sha256_hex(void *context, struct bytes bytes, char out_hex[65])
{
    (void)context;
    snprintf(out_hex, 65, "%064zx", bytes.size);
}

static enum lc_status send_note(void *context, const char *node_or_null, struct bytes note)
{
    (void)context, (void)node_or_null, (void)note;
    return LC_OK;
}

static void sign(void *context, struct bytes bytes, uint8_t out_mac[32])
{
    (void)context, (void)bytes;
    memset(out_mac, 0xab, 32);
}

static bool verify(void *context, struct bytes bytes, const uint8_t mac[32])
{
    (void)context, (void)bytes, (void)mac;
    return true;
}

// ---- the transport ----

static void on_respond(void *shell, uint64_t exchange, const struct engineio_response *response)
{
    (void)shell, (void)exchange, (void)response;
}

static uint64_t on_accept(void *shell, uint64_t exchange, struct bytes headers)
{
    (void)shell, (void)headers;
    return exchange;
}

static bool on_send(void *shell, uint64_t ws, struct bytes frames)
{
    (void)shell, (void)ws, (void)frames;
    return true;
}

static void on_ws_close(void *shell, uint64_t ws, int code)
{
    (void)shell, (void)ws, (void)code;
}

// ---- what happens ----

static void turn(struct world *world)
{
    if (auction_app_deadline_ms(world->app) <= world->now_ms) {
        auction_app_process(world->app);
    }
    engineio_flush(world->engine, world->now_ms);
}

static void connect_client(struct world *world, const char *text)
{
    char packet[TEXT_MAX + 8];
    size_t link = world->links_count % LINKS;
    struct engineio_request wanted = {
        .exchange = ++world->links_count,
        .is_upgrade = true,
        .method = bytes_text("GET"),
        .handshake = {.url = bytes_text("/socket.io/"),
                      .query = bytes_text("EIO=4&transport=websocket")}};
    engineio_end(world->engine, world->links[link], ENGINEIO_TRANSPORT_CLOSE);
    world->links[link].value = 0;
    (void)engineio_request(world->engine, world->now_ms, &wanted, &world->links[link]);
    snprintf(packet, sizeof packet, "40%s", text);
    engineio_ws_message(world->engine, world->now_ms, world->links[link], world->links_count, false,
                        bytes_text(packet));
}

static void receive(struct world *world, const char *text)
{
    char packet[TEXT_MAX + 8];
    snprintf(packet, sizeof packet, "4%s", text);
    if (world->links_count > 0) {
        engineio_ws_message(world->engine, world->now_ms,
                            world->links[(world->links_count - 1) % LINKS], world->links_count,
                            false, bytes_text(packet));
    }
}

struct found {
    struct world *world;
    struct socketio_socket_id socket;
    size_t count;
    size_t viewers;
};

static void find(void *context, struct socketio_socket_id socket)
{
    struct found *found = context;
    found->socket = socket;
    found->count++;
    found->viewers += socketio_socket_data(found->world->server, socket) == NULL ? 0 : 1;
}

// The newest socket leaves, and its like arrives with the text as its state.
static void arrive(struct world *world, const char *text)
{
    struct found found = {.world = world};
    struct buffer state;
    socketio_sockets_visit(world->server, find, &found);
    if (found.count == 0) {
        return;
    }
    buffer_init(&state, 1 << 18);
    bool may_go =
        auction_app_ops()->on_export(world->app, found.socket, bytes_text("NODE"), &state);
    if (may_go) {
        auction_app_ops()->on_moved(world->app, found.socket);
        struct bytes bytes = text[0] == 0 ? buffer_bytes(&state) : bytes_text(text);
        if (!auction_app_ops()->on_import(world->app, found.socket, bytes_text("/"), bytes, NULL)) {
            socketio_cut(world->server, found.socket);
        }
    }
    buffer_release(&state);
}

static void reply(struct world *world, const char *text)
{
    char payload[TEXT_MAX + 200];
    snprintf(payload, sizeof payload, "{\"reply\":\"%s\",\"result\":%s}", world->tag, text);
    auction_app_broker_message(world->app, "lotcast/v1/reply/bridge-1", bytes_text(payload), false);
}

static void beat(struct world *world)
{
    char payload[200];
    snprintf(payload, sizeof payload,
             "{\"program\":\"engine\",\"node\":\"engine-1\",\"online\":true,\"version\":\"1\","
             "\"since\":1,\"now\":%lld}",
             (long long)world->now_ms);
    auction_app_broker_message(world->app, "lotcast/v1/svc/engine/engine-1", bytes_text(payload),
                               false);
}

static void step(struct world *world, uint8_t operation, const char *text)
{
    switch (operation % 10) {
    case 0:
        connect_client(world, text);
        break;
    case 1:
        receive(world, text);
        break;
    case 2:
        auction_app_take_note(world->app, "NODE", bytes_text(text));
        break;
    case 3:
        arrive(world, text);
        break;
    case 4:
        reply(world, text);
        break;
    case 5:
        auction_app_broker_message(world->app, "lotcast/v1/sale/demo/event/notice",
                                   bytes_text(text), false);
        break;
    case 6:
        auction_app_broker_message(world->app, "lotcast/v1/sale/demo/state", bytes_text(text),
                                   true);
        break;
    case 7:
        auction_app_broker_state(world->app, text[0] != 'x');
        beat(world);
        break;
    case 8:
        world->now_ms += 40;
        break;
    default:
        world->now_ms += 700;
        break;
    }
    turn(world);
}

static void check(struct world *world)
{
    struct found found = {.world = world};
    socketio_sockets_visit(world->server, find, &found);
    LC_ASSERT(found.viewers == world->app->viewers_count);
    LC_ASSERT(found.viewers == found.count);
}

// ---- life ----

static void begin(struct world *world, const struct outside *outside)
{
    struct auction_app_config config = auction_app_config_default();
    struct socketio_config server_config = socketio_config_default();
    struct socketio_env env = {draw, world};
    snprintf(config.node.text, sizeof config.node.text, "bridge-1");
    config.rate_burst = config.rate_per_second = 1000000;
    config.recovery_events_max = 1000;
    enum lc_status status = auction_app_create(&config, outside, &world->app);
    LC_ASSERT(status == LC_OK);
    status =
        socketio_server_create(&server_config, &env, auction_app_ops(), world->app, &world->server);
    LC_ASSERT(status == LC_OK);
    auction_app_attach(world->app, world->server);
    world->engine = socketio_server_engine(world->server);
    struct engineio_transport_ops transport = {
        .respond = on_respond, .ws_accept = on_accept, .ws_send = on_send, .ws_close = on_ws_close};
    engineio_attach(world->engine, &transport, world);
}

static void end(struct world *world)
{
    for (int i = 0; i < 60; i++) { // whoever waits is served or sent away
        world->now_ms += 500;
        turn(world);
    }
    for (size_t i = 0; i < ROOM_TABLE_SIZE; i++) {
        for (const struct sale_room *room = world->app->rooms[i]; room != NULL; room = room->next) {
            LC_ASSERT(room->waiters == NULL && room->acks == NULL && room->resumers_count == 0);
        }
    }
    socketio_server_shut_down(world->server);
    turn(world);
    LC_ASSERT(world->app->viewers_count == 0);
    socketio_server_destroy(world->server);
    auction_app_destroy(world->app);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct world world = {.now_ms = 10000, .random = 1};
    struct outside outside = {.context = &world,
                              .boot_ms = boot_ms,
                              .wall_ms = boot_ms,
                              .random = draw,
                              .log = log_nothing,
                              .publish = publish,
                              .subscribe = subscribe,
                              .unsubscribe = unsubscribe,
                              .token_read = read_token,
                              .sha256_hex = sha256_hex,
                              .send_note = send_note,
                              .sign = sign,
                              .verify = verify};
    begin(&world, &outside);
    auction_app_broker_state(world.app, true);
    beat(&world);
    for (int steps = 0; steps < STEPS_MAX && size > 1; steps++) {
        char text[TEXT_MAX];
        uint8_t operation = data[0];
        size_t until = 1;
        while (until < size && data[until] != 0xff) {
            until++;
        }
        snprintf(text, sizeof text, "%.*s", (int)(until - 1), (const char *)data + 1);
        data += until == size ? until : until + 1;
        size -= until == size ? until : until + 1;
        step(&world, operation, text);
        check(&world);
    }
    end(&world);
    return 0;
}
