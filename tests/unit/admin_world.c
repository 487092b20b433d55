#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka needs the four above first
#include <cmocka.h>

#include "tests/unit/admin_world.h"

// ---- the world ----

int64_t boot_ms(void *context)
{
    return ((struct world *)context)->now_ms;
}

int64_t wall_ms(void *context)
{
    return WALL_MS + ((struct world *)context)->now_ms - START_MS;
}

static void count_up(void *context, uint8_t *data, size_t size)
{
    static uint8_t next;
    (void)context;
    for (size_t i = 0; i < size; i++) {
        data[i] = next++;
    }
}

void fixed_random(void *context, uint8_t *data, size_t size)
{
    (void)context;
    memset(data, 0xA5, size);
}

bool check_password(void *context, uint64_t ticket, struct bytes password)
{
    struct world *world = context;
    if (world->is_busy) {
        return false;
    }
    assert_true(world->tickets_count < TICKETS_MAX);
    world->right[world->tickets_count] = bytes_equal_text(password, "secret");
    world->tickets[world->tickets_count++] = ticket;
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

static size_t frame_size(struct bytes frame, size_t *out_header)
{
    size_t size = frame.data[1];
    *out_header = size < 126 ? 2 : size == 126 ? 4 : 10;
    if (size >= 126) {
        size = 0;
        for (size_t i = 2; i < *out_header; i++) {
            size = size << 8 | frame.data[i];
        }
    }
    return size;
}

static bool on_send(void *shell, uint64_t ws, struct bytes frames)
{
    struct client *client = &((struct world *)shell)->clients[ws - 1];
    while (frames.size > 0) {
        size_t header;
        size_t size = frame_size(frames, &header);
        struct bytes packet = bytes_of(frames.data + header, size);
        if (size > 1 && packet.data[0] == '4') {
            buffer_append(&client->sent, packet);
            buffer_append_byte(&client->sent, '\n');
        }
        frames = bytes_from(frames, header + size);
    }
    return true;
}

static void on_ws_close(void *shell, uint64_t ws, int code)
{
    (void)code;
    struct client *client = &((struct world *)shell)->clients[ws - 1];
    buffer_append_text(&client->sent, "closed\n");
}

struct world *world_of; // for the application below, which has no other way to it

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
    if (bytes_equal_text(event->name, "join")) {
        assert_int_equal(socketio_room_join(world_of->server, socket, bytes_text("blue")), LC_OK);
    } else if (bytes_equal_text(event->name, "leave")) {
        socketio_room_leave(world_of->server, socket, bytes_text("blue"));
    } else if (bytes_equal_text(event->name, "echo")) {
        socketio_emit(world_of->server, socket, bytes_text("back"), event->arguments);
    }
}

static void app_disconnect(void *app, struct socketio_socket_id socket, enum socketio_reason reason)
{
    (void)app, (void)socket, (void)reason;
}

struct world *world_create(const struct admin_config *config, int64_t recovery_ms)
{
    struct world *world = calloc(1, sizeof *world);
    assert_non_null(world);
    world_of = world;
    world->now_ms = START_MS;
    struct socketio_config server_config = socketio_config_default();
    server_config.recovery_ms = recovery_ms;
    server_config.allow_eio3 = true;
    struct socketio_env server_env = {count_up, NULL};
    struct socketio_app_ops ops = {
        .on_connect = app_connect, .on_event = app_event, .on_disconnect = app_disconnect};
    assert_int_equal(
        socketio_server_create(&server_config, &server_env, &ops, world, &world->server), LC_OK);
    world->engine = socketio_server_engine(world->server);
    struct engineio_transport_ops transport = {
        .respond = on_respond, .ws_accept = on_accept, .ws_send = on_send, .ws_close = on_ws_close};
    engineio_attach(world->engine, &transport, world);
    struct admin_env env = {.boot_ms = boot_ms,
                            .wall_ms = wall_ms,
                            .random = fixed_random,
                            .check_password = check_password,
                            .context = world};
    assert_int_equal(admin_create(config, &env, world->server, &world->admin), LC_OK);
    return world;
}

void world_destroy(struct world *world)
{
    socketio_server_destroy(world->server);
    admin_destroy(world->admin);
    for (size_t i = 0; i < world->clients_count; i++) {
        buffer_release(&world->clients[i].sent);
    }
    free(world);
}

const struct admin_config DEVELOPMENT = {
    .user = "admin", .host = "house", .server_id = "house-1", .process_id = 77};

int set_up(void **state)
{
    *state = world_create(&DEVELOPMENT, 0);
    return 0;
}

int tear_down(void **state)
{
    world_destroy(*state);
    return 0;
}

// ---- what the tests do ----

static int64_t engine_ms(const struct world *world)
{
    return world->now_ms + world->bursts_ms;
}

static void flush(struct world *world)
{
    for (int i = 0; i < 2; i++) {
        world->bursts_ms += 2;
        engineio_flush(world->engine, engine_ms(world));
    }
}

void sleep_until(struct world *world, int64_t now_ms)
{
    while (world->now_ms < now_ms) {
        int64_t next_ms = admin_deadline_ms(world->admin);
        world->now_ms = next_ms < now_ms ? next_ms : now_ms;
        admin_tick(world->admin);
        flush(world);
    }
}

struct client *open_with(struct world *world, const struct engineio_handshake *handshake)
{
    assert_true(world->clients_count < CLIENTS_MAX);
    struct client *client = &world->clients[world->clients_count++];
    buffer_init(&client->sent, 1 << 24);
    struct engineio_request request = {
        .is_upgrade = true, .method = bytes_text("GET"), .handshake = *handshake};
    request.handshake.time_ms = world->now_ms;
    (void)engineio_request(world->engine, engine_ms(world), &request, &client->session);
    flush(world);
    return client;
}

struct client *open_client_from(struct world *world, const char *address)
{
    static const struct engineio_header headers[] = {
        {{(const uint8_t *)"cookie", 6}, {(const uint8_t *)"a=b", 3}},
        {{(const uint8_t *)"origin", 6}, {(const uint8_t *)"http://x", 8}}};
    return open_with(world,
                     &(struct engineio_handshake){
                         .url = bytes_text("/socket.io/?EIO=4&transport=websocket&token=abc"),
                         .query = bytes_text("EIO=4&transport=websocket&token=abc"),
                         .address = bytes_text(address),
                         .headers = headers,
                         .headers_count = 2});
}

struct client *open_client(struct world *world)
{
    return open_client_from(world, "10.0.0.1");
}

void say(struct world *world, struct client *client, const char *packet)
{
    engineio_ws_message(world->engine, engine_ms(world), client->session,
                        (uint64_t)(client - world->clients) + 1, false, bytes_text(packet));
    flush(world);
}

void go_away(struct world *world, struct client *client)
{
    engineio_ws_gone(world->engine, engine_ms(world), client->session,
                     (uint64_t)(client - world->clients) + 1, false);
    flush(world);
}

const char *next_line(struct client *client)
{
    static char line[600000];
    struct bytes rest = bytes_from(buffer_bytes(&client->sent), client->read);
    size_t size = bytes_find(rest, '\n', 0);
    assert_true(size < sizeof line);
    memcpy(line, rest.data == NULL ? (const uint8_t *)"" : rest.data, size);
    line[size] = 0;
    client->read += size < rest.size ? size + 1 : size;
    return line;
}

const char *last_line(struct client *client)
{
    while (bytes_find(buffer_bytes(&client->sent), '\n', client->read) + 1 < client->sent.size) {
        (void)next_line(client);
    }
    return next_line(client);
}

void expect(struct client *client, const char *format, ...)
{
    char text[4096];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    assert_string_equal(next_line(client), text);
}

void expect_nothing(struct client *client)
{
    assert_string_equal(next_line(client), "");
}

void forget(struct client *client)
{
    client->read = client->sent.size;
}

void keep_sid(struct client *client, const char *line)
{
    const char *sid = strstr(line, "\"sid\":\"");
    assert_non_null(sid);
    snprintf(client->sid, sizeof client->sid, "%.20s", sid + 7);
    world_of->connections[client - world_of->clients] = socketio_socket_connection(
        world_of->server, socketio_socket_of_sid(world_of->server, bytes_text(client->sid)));
}

struct client *connect_to(struct world *world, const char *packet)
{
    struct client *client = open_client(world);
    say(world, client, packet);
    keep_sid(client, next_line(client));
    return client;
}

void check_passwords(struct world *world)
{
    for (size_t i = 0; i < world->tickets_count; i++) {
        admin_password_checked(world->admin, world->tickets[i], world->right[i]);
    }
    world->tickets_count = 0;
    flush(world);
}

struct client *log_in(struct world *world)
{
    struct client *client = open_client(world);
    say(world, client, LOGIN);
    check_passwords(world);
    for (const char *line = next_line(client); line[0] != 0; line = next_line(client)) {
        if (strncmp(line, "40", 2) == 0) {
            keep_sid(client, line);
        }
    }
    assert_true(client->sid[0] != 0);
    return client;
}

const char *socket_json(const char *sid, int client, const char *nsp, const char *rooms)
{
    static char texts[4][1000];
    static size_t next;
    char *text = texts[next++ % 4];
    snprintf(text, sizeof texts[0],
             "{\"id\":\"%s\",\"clientId\":\"%012llx\",\"transport\":\"websocket\",\"nsp\":\"%s\","
             "\"data\":{},\"handshake\":{\"address\":\"10.0.0.1\",\"headers\":{\"cookie\":"
             "\"(masked)\",\"origin\":\"http://x\"},\"query\":{\"EIO\":\"4\",\"transport\":"
             "\"websocket\",\"token\":\"(masked)\"},\"issued\":1764078782934,\"secure\":false,"
             "\"time\":\"Tue Nov 25 2025 13:53:02 GMT+0000 (Coordinated Universal Time)\",\"url\":"
             "\"/socket.io/?EIO=4&transport=websocket&token=(masked)\",\"xdomain\":true},"
             "\"rooms\":[\"%s\"%s]}",
             sid, (unsigned long long)world_of->connections[client], nsp, sid, rooms);
    return text;
}
