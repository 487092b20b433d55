// A whole server from bytes and time: several connections say anything, in slices of any size, while
// the clock moves, the network takes or does not take, and peers leave. Every answer begins as one,
// nothing is sent to who is closed, memory stays within its budget, and at the end nothing is left.
//
// A step is an operation byte (low 3 bits: which; next 2: the connection), then a length byte with
// as many bytes, or an argument byte.
#include <stdio.h>

#include "bridge/endpoint/endpoint.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
    CLIENTS = 4,
    SIDS = 2,
    STEPS_MAX = 500,
    PAYLOAD_MAX = 2000,
    UNFINISHED_MAX = 20000,
};

struct client {
    struct endpoint_peer *peer;
    bool has_room;
    bool has_heard;
};

struct world {
    struct endpoint *endpoint;
    struct engineio_server *engine;
    int64_t now_ms;
    struct client clients[CLIENTS];
    char sids[SIDS][ENGINEIO_SID_SIZE + 1];
    size_t sids_count;
    uint64_t waiting; // an exchange that the application has not answered
    size_t sessions;
};

// ---- the engine's application: every message comes back ----

struct echo {
    struct engineio_session_id session;
    struct frame *first;
    struct frame **last;
};

static void *echo_open(void *app, struct engineio_session_id session)
{
    struct world *world = app;
    struct echo *echo = calloc(1, sizeof *echo);
    LC_ASSERT(echo != NULL);
    *echo = (struct echo){session, NULL, &echo->first};
    world->sessions++;
    return echo;
}

static void echo_message(void *app, void *connection, bool binary, struct bytes data)
{
    struct world *world = app;
    struct echo *echo = connection;
    struct bytes parts[] = {bytes_text(binary ? "" : "4"), data};
    struct frame *frame;
    LC_ASSERT(binary || bytes_is_utf8(data));
    if (frame_create(binary, parts, 2, &frame) == LC_OK) {
        *echo->last = frame;
        echo->last = &frame->next;
        engineio_touch(world->engine, echo->session);
    }
    if (bytes_equal_text(data, "close")) {
        engineio_close(world->engine, echo->session);
    }
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
    (void)reason;
    struct world *world = app;
    struct echo *echo = connection;
    while (echo->first != NULL) {
        echo_pop(app, echo);
    }
    world->sessions--;
    free(echo);
}

static void echo_nothing(void *app, void *connection)
{
    (void)app, (void)connection;
}

static void count_up(void *context, uint8_t *data, size_t size)
{
    uint32_t *next = context;
    for (size_t i = 0; i < size; i++) {
        data[i] = (uint8_t)((*next)++ * 167 >> 3);
    }
}

// ---- the shell ----

static void note_sid(struct world *world, struct bytes bytes)
{
    static const char mark[] = "0{\"sid\":\"";
    for (size_t at = bytes_find(bytes, '0', 0); at < bytes.size;
         at = bytes_find(bytes, '0', at + 1)) {
        struct bytes rest = bytes_from(bytes, at);
        if (rest.size > sizeof mark + ENGINEIO_SID_SIZE &&
            bytes_starts_with(rest, bytes_text(mark))) {
            memcpy(world->sids[world->sids_count++ % SIDS], rest.data + sizeof mark - 1,
                   ENGINEIO_SID_SIZE);
            return;
        }
    }
}

static bool on_send(void *shell, void *connection, struct bytes bytes)
{
    struct world *world = shell;
    struct client *client = connection;
    LC_ASSERT(client->peer != NULL && bytes.size > 0);
    LC_ASSERT(client->has_heard || bytes_starts_with(bytes, bytes_text("HTTP/1.1 ")));
    client->has_heard = true;
    note_sid(world, bytes);
    return client->has_room;
}

static void on_close(void *shell, void *connection)
{
    (void)shell;
    struct client *client = connection;
    LC_ASSERT(client->peer != NULL);
    client->peer = NULL;
}

static void on_set_reading(void *shell, void *connection, bool reads)
{
    (void)shell, (void)reads;
    struct client *client = connection;
    LC_ASSERT(client->peer != NULL);
}

// ---- the application ----

static void answer(struct world *world, uint64_t exchange, struct bytes body)
{
    struct web_response response = {.status = 200,
                                    .content_type = "a/b",
                                    .body = body,
                                    .headers = "A: b\r\n",
                                    .may_compress = true};
    endpoint_respond(world->endpoint, (struct web_exchange_id){exchange}, &response);
}

static void on_request(void *owner, const struct web_request *request)
{
    static uint8_t big[5000];
    struct world *world = owner;
    LC_ASSERT(request->path.size > 0 && request->body.size <= PAYLOAD_MAX);
    if (bytes_equal_text(request->path, "/later")) {
        world->waiting = request->exchange.value;
    } else if (bytes_equal_text(request->path, "/big")) {
        answer(world, request->exchange.value, bytes_of(big, sizeof big));
    } else {
        answer(world, request->exchange.value, request->body);
    }
}

static enum web_pass on_engine_request(void *owner, const struct web_request *request,
                                       struct buffer *headers)
{
    struct world *world = owner;
    if (bytes_find(request->query, 'F', 0) < request->query.size) {
        return WEB_FAILS;
    }
    if (bytes_find(request->query, 'L', 0) < request->query.size) {
        world->waiting = request->exchange.value;
        return WEB_ANSWERED;
    }
    buffer_append_text(headers, "M: x\r\n");
    return WEB_PASSES;
}

// ---- the steps ----

static void say(struct world *world, struct client *client, struct bytes bytes)
{
    if (client->peer == NULL) {
        *client = (struct client){.has_room = true};
        client->peer =
            endpoint_open(world->endpoint, world->now_ms, client, bytes_text("1.2.3.4"), false);
    }
    if (client->peer != NULL) {
        endpoint_feed(client->peer, world->now_ms, bytes);
    }
}

// Requests that a fuzzer would take long to find, with the sid of a session that lives.
static void say_prepared(struct world *world, struct client *client, uint8_t which)
{
    static const char upgrade[] = "Connection: Upgrade\r\nUpgrade: websocket\r\n"
                                  "Sec-WebSocket-Version: 13\r\n"
                                  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    const char *sid = world->sids[which >> 3 & 1];
    char text[700];
    bool is_post = which % 8 == 2;
    bool is_websocket = which % 8 >= 3 && which % 8 <= 5;
    bool has_sid = which % 8 == 1 || is_post || which % 8 == 4;
    if (which % 8 < 6) {
        snprintf(text, sizeof text,
                 "%s /socket.io/?EIO=4&transport=%s%s%s HTTP/1.1\r\nHost: x\r\n%s%s%s\r\n%s",
                 is_post ? "POST" : "GET", is_websocket ? "websocket" : "polling",
                 has_sid ? "&sid=" : "", has_sid ? sid : "", is_websocket ? upgrade : "",
                 which % 8 == 5 ? "Sec-WebSocket-Extensions: permessage-deflate\r\n" : "",
                 is_post ? "Content-Length: 2\r\n" : "Accept-Encoding: gzip\r\n",
                 is_post ? "4x" : "");
    } else {
        snprintf(text, sizeof text, "GET %s HTTP/1.1\r\nHost: x\r\n\r\n",
                 which % 8 == 6 ? "/later" : "/big");
    }
    say(world, client, bytes_text(text));
}

static void say_frame(struct world *world, struct client *client, struct bytes bytes)
{
    uint8_t header[] = {bytes.size > 0 ? bytes.data[0] : 0x81, 0x80, 0, 0, 0, 0};
    struct bytes payload = bytes_from(bytes, 1);
    header[1] = (uint8_t)(0x80 | (payload.size < 126 ? payload.size : 0));
    say(world, client, bytes_of(header, sizeof header));
    if (payload.size > 0 && payload.size < 126) {
        say(world, client, payload);
    }
}

static void step(struct world *world, uint8_t operation, struct bytes argument)
{
    struct client *client = &world->clients[operation >> 3 & 3];
    uint8_t first = argument.size > 0 ? argument.data[0] : 0;
    switch (operation & 7) {
    case 0:
        say(world, client, argument);
        break;
    case 1:
        for (size_t i = 0; i < argument.size; i++) {
            say(world, client, bytes_of(argument.data + i, 1));
        }
        break;
    case 2:
        say_prepared(world, client, first);
        break;
    case 3:
        say_frame(world, client, argument);
        break;
    case 4:
        if (client->peer != NULL) {
            struct endpoint_peer *peer = client->peer;
            client->peer = NULL;
            endpoint_gone(peer, world->now_ms, (first & 1) != 0);
        }
        break;
    case 5:
        world->now_ms += first * first * 8;
        break;
    case 6:
        client->has_room = !client->has_room;
        if (client->has_room && client->peer != NULL) {
            endpoint_writable(client->peer, world->now_ms);
        }
        break;
    case 7:
        answer(world, world->waiting, argument);
        break;
    }
    if ((operation & 0x80) == 0) { // one flush may stand for several inputs
        struct endpoint_counts counts;
        endpoint_flush(world->endpoint, world->now_ms);
        LC_ASSERT(endpoint_next_deadline(world->endpoint) > world->now_ms);
        endpoint_server_counts(world->endpoint, &counts);
        LC_ASSERT(counts.connections <= CLIENTS);
        LC_ASSERT(counts.unfinished_bytes <= UNFINISHED_MAX + 2 * HTTP_HEAD_BYTES_MAX * CLIENTS);
    }
}

static void create(struct world *world, uint8_t mood, uint32_t *random)
{
    static const char *const paths[] = {"/socket.io/", NULL};
    struct engineio_config engine_config = {
        .ping_interval_ms = 25000,
        .ping_timeout_ms = 20000,
        .upgrade_timeout_ms = 10000,
        .max_payload = PAYLOAD_MAX,
        .sessions_max = 16,
        .allow_upgrades = true,
        .allow_polling = true,
        .allow_websocket = true,
        .random = count_up,
        .random_context = random,
    };
    struct engineio_app_ops engine_ops = {
        .on_open = echo_open,
        .on_message = echo_message,
        .on_close = echo_close,
        .on_deadline = echo_nothing,
        .before_send = echo_nothing,
        .peek = echo_peek,
        .pop = echo_pop,
    };
    struct endpoint_config config = {
        .socketio_paths = paths,
        .cors = {.kind = (mood & 1) != 0 ? CORS_REFLECT : CORS_OFF},
        .checks_ws_origin = (mood & 2) != 0,
        .compresses_polls = (mood & 4) != 0,
        .deflate = {.is_on = (mood & 8) != 0, .bytes_min = 4, .server_forgets = (mood & 16) != 0},
        .body_max = PAYLOAD_MAX,
        .connections_max = CLIENTS,
        .connections_per_address_max = (mood & 32) != 0 ? 3 : 0,
        .request_timeout_ms = 10000,
        .unfinished_max = UNFINISHED_MAX,
    };
    struct endpoint_shell_ops shell_ops = {on_send, on_close, on_set_reading, NULL};
    struct web_server_ops app_ops = {on_request, (mood & 64) != 0 ? on_engine_request : NULL};
    enum lc_status status = engineio_create(&engine_config, &engine_ops, world, &world->engine);
    LC_ASSERT(status == LC_OK);
    status = endpoint_create(&config, world->engine, &shell_ops, world, &app_ops, world,
                             &world->endpoint);
    LC_ASSERT(status == LC_OK);
}

// Everybody leaves, half of them by the endpoint's end.
static void end(struct world *world)
{
    struct endpoint_counts counts;
    for (int i = 0; i < CLIENTS; i++) {
        struct endpoint_peer *peer = world->clients[i].peer;
        if (peer != NULL && i % 2 == 0) {
            world->clients[i].peer = NULL;
            endpoint_gone(peer, world->now_ms, false);
        }
    }
    endpoint_flush(world->endpoint, world->now_ms);
    size_t left = 0;
    for (int i = 0; i < CLIENTS; i++) {
        left += world->clients[i].peer != NULL;
    }
    endpoint_server_counts(world->endpoint, &counts);
    LC_ASSERT(counts.connections == left);
    LC_ASSERT(left > 0 || counts.unfinished_bytes == 0);
    endpoint_destroy(world->endpoint);
    for (int i = 0; i < CLIENTS; i++) {
        LC_ASSERT(world->clients[i].peer == NULL);
    }
    engineio_shut_down(world->engine);
    engineio_flush(world->engine, world->now_ms);
    LC_ASSERT(world->sessions == 0);
    engineio_destroy(world->engine);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct world world = {.now_ms = 1000};
    uint32_t random = 0;
    if (size == 0) {
        return 0;
    }
    create(&world, data[0], &random);
    struct bytes rest = {data + 1, size - 1};
    for (int i = 0; i < STEPS_MAX && rest.size >= 2; i++) {
        uint8_t operation = rest.data[0];
        size_t left = rest.size - 2;
        size_t length = rest.data[1] < left ? rest.data[1] : left;
        step(&world, operation, bytes_of(rest.data + 2, length));
        rest = bytes_from(rest, 2 + length);
    }
    end(&world);
    return 0;
}
