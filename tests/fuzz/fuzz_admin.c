// What an admin and its visitors may send: packets, one a line, for one of three connections by the
// line's first byte. Everything that the admins get is a packet of valid UTF-8 JSON.
#include <stdlib.h>

#include "bridge/admin/admin.h"
#include "bridge/engineio/engine.h"
#include "bridge/socketio/packet.h"
#include "lib/base/buffer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { CONNECTIONS = 3, LINES_MAX = 200 };

struct world {
    struct socketio_server *server;
    struct engineio_server *engine;
    struct admin *admin;
    int64_t now_ms;
    uint64_t next_ws;
    struct engineio_session_id sessions[CONNECTIONS];
    uint64_t ticket;
};

static int64_t clock_ms(void *context)
{
    return ((struct world *)context)->now_ms;
}

static void fixed_random(void *context, uint8_t *data, size_t size)
{
    static uint8_t next;
    (void)context;
    for (size_t i = 0; i < size; i++) {
        data[i] = next++;
    }
}

static bool check_password(void *context, uint64_t ticket, struct bytes password)
{
    (void)password;
    struct world *world = context;
    world->ticket = ticket;
    return true;
}

static void on_respond(void *shell, uint64_t exchange, const struct engineio_response *response)
{
    (void)shell, (void)exchange, (void)response;
}

static uint64_t on_accept(void *shell, uint64_t exchange, struct bytes headers)
{
    (void)exchange, (void)headers;
    return ++((struct world *)shell)->next_ws;
}

static void check_packet(struct bytes frame)
{
    struct socketio_packet packet;
    LC_ASSERT(bytes_is_utf8(frame));
    if (frame.data[0] == '4') {
        LC_ASSERT(packet_read(bytes_from(frame, 1), 64, &packet) == LC_OK);
    }
}

static bool on_send(void *shell, uint64_t ws, struct bytes frames)
{
    (void)shell, (void)ws;
    while (frames.size > 0) {
        size_t size = frames.data[1];
        size_t header = size < 126 ? 2 : size == 126 ? 4 : 10;
        if (size >= 126) {
            size = 0;
            for (size_t i = 2; i < header; i++) {
                size = size << 8 | frames.data[i];
            }
        }
        if ((frames.data[0] & 15) == 1 && size > 0) {
            check_packet(bytes_of(frames.data + header, size));
        }
        frames = bytes_from(frames, header + size);
    }
    return true;
}

static void on_ws_close(void *shell, uint64_t ws, int code)
{
    (void)shell, (void)ws, (void)code;
}

static struct world *world_of;

static void app_connect(void *app, struct socketio_socket_id socket, struct bytes name,
                        struct bytes auth, const struct socketio_handshake *handshake)
{
    (void)app, (void)name, (void)auth, (void)handshake;
    socketio_accept(world_of->server, socket);
}

static void app_event(void *app, struct socketio_socket_id socket,
                      const struct socketio_event *event)
{
    (void)app;
    socketio_emit(world_of->server, socket, event->name, event->arguments);
    (void)!socketio_room_join(world_of->server, socket, event->name);
}

static void flush(struct world *world)
{
    for (int i = 0; i < 2; i++) {
        world->now_ms += 2;
        engineio_flush(world->engine, world->now_ms);
    }
}

static void say(struct world *world, size_t connection, struct bytes packet)
{
    if (bytes_is_utf8(packet)) { // what the WebSocket lets through
        engineio_ws_message(world->engine, world->now_ms, world->sessions[connection],
                            connection + 1, false, packet);
        flush(world);
    }
    if (world->ticket != 0) {
        uint64_t ticket = world->ticket;
        world->ticket = 0;
        admin_password_checked(world->admin, ticket, true);
        flush(world);
    }
}

static void begin(struct world *world, struct bytes query)
{
    struct socketio_config config = socketio_config_default();
    struct socketio_env env = {fixed_random, NULL};
    struct socketio_app_ops ops = {.on_connect = app_connect, .on_event = app_event};
    struct admin_config admin_config = {.user = "a", .host = "h"};
    struct admin_env admin_env = {clock_ms, clock_ms, fixed_random, check_password, world};
    struct engineio_transport_ops transport = {
        .respond = on_respond, .ws_accept = on_accept, .ws_send = on_send, .ws_close = on_ws_close};
    struct engineio_header headers[] = {{bytes_text("x-any"), query}, {query, query}};
    LC_ASSERT(socketio_server_create(&config, &env, &ops, world, &world->server) == LC_OK);
    world->engine = socketio_server_engine(world->server);
    engineio_attach(world->engine, &transport, world);
    LC_ASSERT(admin_create(&admin_config, &admin_env, world->server, &world->admin) == LC_OK);
    struct buffer whole;
    buffer_init(&whole, query.size + 64);
    buffer_append_text(&whole, "EIO=4&transport=websocket&");
    buffer_append(&whole, query);
    for (size_t i = 0; i < CONNECTIONS; i++) {
        struct engineio_request request = {.is_upgrade = true,
                                           .method = bytes_text("GET"),
                                           .handshake = {.query = buffer_bytes(&whole),
                                                         .url = buffer_bytes(&whole),
                                                         .address = query,
                                                         .headers = headers,
                                                         .headers_count = 2}};
        (void)engineio_request(world->engine, world->now_ms, &request, &world->sessions[i]);
    }
    buffer_release(&whole);
    flush(world);
    say(world, 0, bytes_text("40/admin,{\"username\":\"a\",\"password\":\"b\"}"));
    say(world, 1, bytes_text("40"));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct world world = {.now_ms = 1000};
    struct bytes rest = bytes_of(data, size);
    struct bytes query = bytes_of(data, bytes_find(rest, '\n', 0));
    world_of = &world;
    begin(&world, query);
    rest = bytes_from(rest, query.size + 1);
    for (int lines = 0; rest.size > 0 && lines < LINES_MAX; lines++) {
        struct bytes line = bytes_of(rest.data, bytes_find(rest, '\n', 0));
        rest = bytes_from(rest, line.size + 1);
        if (line.size > 1) {
            say(&world, line.data[0] % CONNECTIONS, bytes_from(line, 1));
        }
        if (lines % 8 == 7) {
            world.now_ms += 1000;
            admin_tick(world.admin);
            flush(&world);
        }
    }
    socketio_server_destroy(world.server);
    admin_destroy(world.admin);
    return 0;
}
