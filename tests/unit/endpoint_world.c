#include "tests/unit/endpoint_world.h"

#include <stdlib.h>

// ---- the engine's application: every message comes back ----

struct echo {
    struct world *world;
    struct engineio_session_id session;
    struct frame *first;
    struct frame **last;
};

static void *echo_open(void *app, struct engineio_session_id session)
{
    struct world *world = app;
    struct echo *echo = calloc(1, sizeof *echo);
    assert_non_null(echo);
    *echo = (struct echo){.world = world, .session = session, .last = &echo->first};
    world->sessions++;
    return echo;
}

static void echo_message(void *app, void *connection, bool binary, struct bytes data)
{
    struct world *world = app;
    struct echo *echo = connection;
    struct bytes parts[] = {bytes_text(binary ? "" : "4"), data};
    struct frame *frame;
    assert_int_equal(frame_create(binary, parts, 2, &frame), LC_OK);
    *echo->last = frame;
    echo->last = &frame->next;
    engineio_touch(world->engine, echo->session);
}

static const struct frame *echo_peek(void *app, void *connection, uint64_t fresh_from)
{
    (void)app, (void)fresh_from;
    return ((struct echo *)connection)->first;
}

static void echo_pop(void *app, void *connection)
{
    (void)app;
    struct echo *echo = connection;
    struct frame *frame = echo->first;
    echo->first = frame->next;
    echo->last = echo->first == NULL ? &echo->first : echo->last;
    frame_destroy(frame);
}

static void echo_close(void *app, void *connection, enum engineio_reason reason)
{
    struct world *world = app;
    struct echo *echo = connection;
    while (echo->first != NULL) {
        echo_pop(app, echo);
    }
    world->sessions--;
    world->reason = reason;
    free(echo);
}

// Moves with nothing but its life: what it echoes waits for nobody.
static bool echo_export(void *app, void *connection, struct bytes node, struct buffer *out_state)
{
    (void)app, (void)connection, (void)node, (void)out_state;
    return true;
}

static void echo_moved(void *app, void *connection)
{
    echo_close(app, connection, ENGINEIO_FORCED_CLOSE);
}

static void *echo_import(void *app, struct engineio_session_id session, struct bytes state)
{
    (void)state;
    return echo_open(app, session);
}

static enum engineio_admission echo_admit(void *app, const struct engineio_request *request,
                                          struct engineio_admission_id admission,
                                          struct bytes *out_message)
{
    (void)request, (void)out_message;
    struct world *world = app;
    world->admitting = admission;
    return world->admission;
}

static void echo_nothing(void *app, void *connection)
{
    (void)app, (void)connection;
}

static void count_up(void *context, uint8_t *data, size_t size)
{
    static uint32_t next;
    (void)context;
    for (size_t i = 0; i < size; i++) {
        data[i] = (uint8_t)(next++ * 167 >> 3);
    }
}

// ---- the shell ----

static uint64_t on_taken(void *shell, void *connection)
{
    (void)shell;
    return ((struct client *)connection)->taken;
}

static bool on_send(void *shell, void *connection, struct bytes bytes)
{
    (void)shell;
    struct client *client = connection;
    assert_non_null(client->peer);
    assert_true(bytes.size > 0);
    buffer_append(&client->heard, bytes);
    return client->has_room;
}

static void on_close(void *shell, void *connection)
{
    (void)shell;
    struct client *client = connection;
    assert_non_null(client->peer);
    client->peer = NULL;
    client->was_closed = true;
}

static void on_set_reading(void *shell, void *connection, bool reads)
{
    (void)shell;
    struct client *client = connection;
    assert_int_not_equal(client->reads, reads);
    client->reads = reads;
}

// ---- the application ----

static void on_request(void *owner, const struct web_request *request)
{
    struct world *world = owner;
    const struct bytes parts[] = {request->method, request->path,         bytes_text("?"),
                                  request->query,  request->content_type, request->body,
                                  request->address};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        buffer_append(&world->asked, parts[i]);
        buffer_append_text(&world->asked, i == 1 || i == 2 ? "" : i == 6 ? ";" : " ");
    }
    world->exchange = request->exchange.value;
    if (world->answer.status != 0) {
        endpoint_respond(world->endpoint, request->exchange, &world->answer);
    } else if (world->answers) {
        struct web_response response = {
            .status = 200, .content_type = "text/plain", .body = request->path};
        endpoint_respond(world->endpoint, request->exchange, &response);
    }
}

static enum web_pass on_engine_request(void *owner, const struct web_request *request,
                                       struct buffer *headers)
{
    struct world *world = owner;
    world->exchange = request->exchange.value;
    buffer_append_text(headers, world->pass_headers);
    return world->pass;
}

// ---- the world ----

struct endpoint_config world_config(void)
{
    static const char *const paths[] = {"/socket.io/", "/api/socket.io/", NULL};
    return (struct endpoint_config){
        .socketio_paths = paths,
        .body_max = 1000,
        .connections_max = WORLD_CLIENTS,
        .request_timeout_ms = 10000,
    };
}

struct world *world_create(const struct endpoint_config *config)
{
    struct world *world = calloc(1, sizeof *world);
    assert_non_null(world);
    struct engineio_config engine_config = {
        .ping_interval_ms = 1000000,
        .ping_timeout_ms = 20000,
        .upgrade_timeout_ms = 10000,
        .max_payload = 100000,
        .sessions_max = 100,
        .allow_upgrades = true,
        .allow_polling = true,
        .allow_websocket = true,
        .random = count_up,
    };
    struct engineio_app_ops engine_ops = {
        .on_open = echo_open,
        .on_message = echo_message,
        .on_close = echo_close,
        .on_deadline = echo_nothing,
        .before_send = echo_nothing,
        .peek = echo_peek,
        .pop = echo_pop,
        .on_request = echo_admit,
        .on_export = echo_export,
        .on_moved = echo_moved,
        .on_import = echo_import,
    };
    struct endpoint_shell_ops shell_ops = {on_send, on_close, on_set_reading, on_taken};
    struct web_server_ops app_ops = {on_request, on_engine_request};
    world->now_ms = 1000;
    world->answers = true;
    world->pass_headers = "";
    buffer_init(&world->asked, 1 << 20);
    assert_int_equal(engineio_create(&engine_config, &engine_ops, world, &world->engine), LC_OK);
    assert_int_equal(endpoint_create(config, world->engine, &shell_ops, world, &app_ops, world,
                                     &world->endpoint),
                     LC_OK);
    for (size_t i = 0; i < WORLD_CLIENTS; i++) {
        buffer_init(&world->clients[i].heard, 1 << 22);
    }
    return world;
}

// Everybody leaves, and nothing is left.
void world_destroy(struct world *world)
{
    struct endpoint_counts counts;
    for (int i = 0; i < WORLD_CLIENTS; i++) {
        if (world->clients[i].peer != NULL) {
            leave(world, i);
        }
        buffer_release(&world->clients[i].heard);
    }
    endpoint_server_counts(world->endpoint, &counts);
    assert_int_equal(counts.connections, 0);
    assert_int_equal(counts.unfinished_bytes, 0);
    endpoint_destroy(world->endpoint);
    engineio_shut_down(world->engine);
    engineio_flush(world->engine, world->now_ms);
    engineio_destroy(world->engine);
    buffer_release(&world->asked);
    free(world);
}

static void flush(struct world *world)
{
    endpoint_flush(world->endpoint, world->now_ms);
}

bool connect_from(struct world *world, int client, const char *address)
{
    struct client *one = &world->clients[client];
    assert_null(one->peer);
    *one = (struct client){.heard = one->heard, .has_room = true, .reads = true};
    buffer_clear(&one->heard);
    one->peer = endpoint_open(world->endpoint, world->now_ms, one, bytes_text(address), false);
    return one->peer != NULL;
}

void say_bytes(struct world *world, int client, struct bytes bytes)
{
    struct client *one = &world->clients[client];
    if (one->peer == NULL && !one->was_closed) {
        assert_true(connect_from(world, client, "10.0.0.1"));
    }
    if (one->peer != NULL) {
        endpoint_feed(one->peer, world->now_ms, bytes);
        flush(world);
    }
}

void say(struct world *world, int client, const char *text)
{
    say_bytes(world, client, bytes_text(text));
}

void say_bytewise(struct world *world, int client, const char *text)
{
    for (; *text != '\0'; text++) {
        say_bytes(world, client, bytes_of(text, 1));
    }
}

void leave(struct world *world, int client)
{
    struct endpoint_peer *peer = world->clients[client].peer;
    assert_non_null(peer);
    endpoint_gone(peer, world->now_ms, false);
    world->clients[client].peer = NULL;
    flush(world);
}

void make_room(struct world *world, int client)
{
    world->clients[client].has_room = true;
    endpoint_writable(world->clients[client].peer, world->now_ms);
    flush(world);
}

void pass_time(struct world *world, int64_t ms)
{
    int64_t end_ms = world->now_ms + ms;
    while (endpoint_next_deadline(world->endpoint) <= end_ms) { // each in its own time
        int64_t at_ms = endpoint_next_deadline(world->endpoint);
        world->now_ms = at_ms > world->now_ms ? at_ms : world->now_ms;
        flush(world);
        assert_true(endpoint_next_deadline(world->endpoint) > world->now_ms);
    }
    world->now_ms = end_ms;
    flush(world);
}

struct bytes hear_bytes(struct world *world, int client)
{
    static uint8_t copy[1 << 20];
    struct client *one = &world->clients[client];
    size_t size = one->heard.size;
    assert_true(size < sizeof copy);
    if (size > 0) {
        memcpy(copy, one->heard.data, size);
    }
    buffer_clear(&one->heard);
    return bytes_of(copy, size);
}

const char *hear(struct world *world, int client)
{
    static char text[(1 << 20) + 10];
    struct bytes heard = hear_bytes(world, client);
    snprintf(text, sizeof text, "%.*s%s", (int)heard.size, (const char *)heard.data,
             world->clients[client].was_closed ? "<close>" : "");
    return text;
}

void assert_hears(struct world *world, int client, const char *beginning, const char *part)
{
    const char *text = hear(world, client);
    if (strncmp(text, beginning, strlen(beginning)) != 0 || strstr(text, part) == NULL) {
        fail_msg("heard: %s\nexpected: %s ... %s", text, beginning, part);
    }
}

void open_session(struct world *world, int client, char sid[WORLD_SID_SIZE])
{
    say(world, client, "GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: x\r\n\r\n");
    const char *text = hear(world, client);
    const char *found = strstr(text, "\"sid\":\"");
    assert_non_null(found);
    snprintf(sid, WORLD_SID_SIZE, "%s", found + 7);
}

void say_poll(struct world *world, int client, const char *sid, const char *fields)
{
    char text[1000];
    snprintf(text, sizeof text,
             "GET /socket.io/?EIO=4&transport=polling&sid=%s HTTP/1.1\r\nHost: x\r\n%s\r\n", sid,
             fields);
    say(world, client, text);
}

void say_post(struct world *world, int client, const char *sid, const char *body)
{
    static char text[200000];
    snprintf(text, sizeof text,
             "POST /socket.io/?EIO=4&transport=polling&sid=%s HTTP/1.1\r\nHost: "
             "x\r\nContent-Length: %zu\r\n\r\n%s",
             sid, strlen(body), body);
    say(world, client, text);
}

const char *open_websocket(struct world *world, int client, const char *fields)
{
    char text[1000];
    snprintf(text, sizeof text,
             "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\nConnection: "
             "Upgrade\r\nUpgrade: websocket\r\n"
             "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n%s\r\n",
             fields);
    say(world, client, text);
    return hear(world, client);
}

void say_frame(struct world *world, int client, uint8_t first, struct bytes payload)
{
    struct buffer frame;
    buffer_init(&frame, 1 << 20);
    buffer_append_byte(&frame, first);
    buffer_append_byte(&frame, (uint8_t)(0x80 | (payload.size < 126     ? payload.size
                                                 : payload.size < 65536 ? 126
                                                                        : 127)));
    for (size_t i = payload.size < 126 ? 0 : payload.size < 65536 ? 2 : 8; i > 0; i--) {
        buffer_append_byte(&frame, (uint8_t)((uint64_t)payload.size >> (8 * (i - 1))));
    }
    buffer_append(&frame, bytes_of("\x5a\x00\xa5\x11", 4));
    for (size_t i = 0; i < payload.size; i++) {
        buffer_append_byte(&frame, (uint8_t)(payload.data[i] ^ "\x5a\x00\xa5\x11"[i % 4]));
    }
    say_bytes(world, client, buffer_bytes(&frame));
    buffer_release(&frame);
}
