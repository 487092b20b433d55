// Memory runs out at every single allocation of a busy server's life, once or for good: connections
// end or are refused, nothing crashes, and nothing is left.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka needs the four above first
#include <cmocka.h>

#include "bridge/endpoint/endpoint.h"
#include "tests/unit/scarce_memory.h"

// ---- a server, without memory of its own ----

enum { CLIENTS = 3, HEARD_MAX = 1 << 16 };

struct client {
    struct endpoint_peer *peer;
    char heard[HEARD_MAX];
    size_t size;
};

struct world {
    struct endpoint *endpoint;
    struct engineio_server *engine;
    struct client clients[CLIENTS];
    struct frame *frame;                // the one that waits to go out
    struct engineio_session_id session; // the latest
};

static void *echo_open(void *app, struct engineio_session_id session)
{
    ((struct world *)app)->session = session;
    return app;
}

static void echo_message(void *app, void *connection, bool binary, struct bytes data)
{
    struct world *world = app;
    struct bytes parts[] = {bytes_text(binary ? "" : "4"), data};
    (void)connection;
    if (world->frame == NULL && frame_create(binary, parts, 2, &world->frame) != LC_OK) {
        world->frame = NULL;
    }
    engineio_touch(world->engine, world->session);
}

static const struct frame *echo_peek(void *app, void *connection, uint64_t fresh_from)
{
    (void)connection, (void)fresh_from;
    return ((struct world *)app)->frame;
}

static void echo_pop(void *app, void *connection)
{
    struct world *world = app;
    (void)connection;
    frame_destroy(world->frame);
    world->frame = NULL;
}

static void echo_close(void *app, void *connection, enum engineio_reason reason)
{
    (void)app, (void)connection, (void)reason;
}

static void echo_nothing(void *app, void *connection)
{
    (void)app, (void)connection;
}

static void count_up(void *context, uint8_t *data, size_t size)
{
    static uint8_t next;
    (void)context;
    for (size_t i = 0; i < size; i++) {
        data[i] = next++;
    }
}

static bool on_send(void *shell, void *connection, struct bytes bytes)
{
    (void)shell;
    struct client *client = connection;
    assert_non_null(client->peer);
    size_t size =
        bytes.size < HEARD_MAX - 1 - client->size ? bytes.size : HEARD_MAX - 1 - client->size;
    memcpy(client->heard + client->size, bytes.data, size);
    client->size += size;
    client->heard[client->size] = '\0';
    return true;
}

static void on_close(void *shell, void *connection)
{
    (void)shell;
    ((struct client *)connection)->peer = NULL;
}

static void on_set_reading(void *shell, void *connection, bool reads)
{
    (void)shell, (void)connection, (void)reads;
}

static void on_request(void *owner, const struct web_request *request)
{
    static uint8_t big[3000];
    struct world *world = owner;
    struct web_response response = {.status = 200,
                                    .content_type = "a/b",
                                    .body = bytes_of(big, sizeof big),
                                    .may_compress = true};
    endpoint_respond(world->endpoint, request->exchange, &response);
}

static bool create(struct world *world)
{
    static const char *const paths[] = {"/socket.io/", NULL};
    struct engineio_config engine_config = {.ping_interval_ms = 25000,
                                            .ping_timeout_ms = 20000,
                                            .upgrade_timeout_ms = 10000,
                                            .max_payload = 10000,
                                            .sessions_max = 10,
                                            .allow_upgrades = true,
                                            .allow_polling = true,
                                            .allow_websocket = true,
                                            .random = count_up};
    struct engineio_app_ops engine_ops = {.on_open = echo_open,
                                          .on_message = echo_message,
                                          .on_close = echo_close,
                                          .on_deadline = echo_nothing,
                                          .before_send = echo_nothing,
                                          .peek = echo_peek,
                                          .pop = echo_pop};
    struct endpoint_config config = {.socketio_paths = paths,
                                     .cors = {.kind = CORS_REFLECT},
                                     .compresses_polls = true,
                                     .deflate = {.is_on = true},
                                     .body_max = 10000,
                                     .connections_max = CLIENTS,
                                     .connections_per_address_max = CLIENTS,
                                     .request_timeout_ms = 10000};
    struct endpoint_shell_ops shell_ops = {on_send, on_close, on_set_reading, NULL};
    struct web_server_ops app_ops = {.on_request = on_request};
    if (engineio_create(&engine_config, &engine_ops, world, &world->engine) != LC_OK) {
        return false;
    }
    if (endpoint_create(&config, world->engine, &shell_ops, world, &app_ops, world,
                        &world->endpoint) != LC_OK) {
        engineio_destroy(world->engine);
        return false;
    }
    return true;
}

static void say(struct world *world, int client, struct bytes bytes)
{
    struct client *one = &world->clients[client];
    one->size = 0;
    one->heard[0] = '\0';
    if (one->peer == NULL) {
        one->peer = endpoint_open(world->endpoint, 1000, one, bytes_text("1.2.3.4"), false);
    }
    if (one->peer != NULL) {
        endpoint_feed(one->peer, 1000, bytes);
    }
    endpoint_flush(world->endpoint, 1000);
}

static void say_frame(struct world *world, int client, uint8_t first, size_t size, char fill)
{
    static uint8_t frame[4000];
    uint8_t header[] = {first, 0xFE, (uint8_t)(size >> 8), (uint8_t)size, 0, 0, 0, 0};
    memcpy(frame, header, sizeof header);
    memset(frame + sizeof header, fill, size);
    frame[sizeof header] = '4';
    say(world, client, bytes_of(frame, sizeof header + size));
}

// What a busy server does in a minute.
static void live(struct world *world)
{
    static char text[3000];
    char sid[ENGINEIO_SID_SIZE + 1] = "none";
    say(world, 0,
        bytes_text("GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: x\r\nOrigin: "
                   "http://a\r\n\r\n"));
    const char *found = strstr(world->clients[0].heard, "\"sid\":\"");
    if (found != NULL) {
        snprintf(sid, sizeof sid, "%s", found + 7);
    }
    snprintf(text, sizeof text,
             "GET /socket.io/?EIO=4&transport=polling&sid=%s HTTP/1.1\r\nHost: "
             "x\r\nAccept-Encoding: gzip\r\n\r\nGET / HT",
             sid);
    say(world, 0, bytes_text(text));
    snprintf(text, sizeof text,
             "POST /socket.io/?EIO=4&transport=polling&sid=%s HTTP/1.1\r\nHost: "
             "x\r\nContent-Length: 2000\r\n\r\n4%01999d",
             sid, 0);
    say(world, 1, bytes_text(text));
    say(world, 0, bytes_text("TP/1.1\r\nHost: x\r\nAccept-Encoding: deflate\r\n\r\n"));
    say(world, 2,
        bytes_text("GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\nConnection: "
                   "Upgrade\r\nUpgrade: websocket\r\n"
                   "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                   "Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n"));
    say_frame(world, 2, 0x81, 2000, 'x');
    say_frame(world, 2, 0x01, 200, 'y');
    say_frame(world, 2, 0x80, 200, 'z');
    say(world, 2, bytes_of("\xC1\x88\0\0\0\0\x32\xf1\x48\xcd\xc9\xc9\x07\x00", 14)); // "4Hello"
    say(world, 2, bytes_of("\x89\x81\0\0\0\0p", 7));
    say(world, 2, bytes_of("\x88\x80\0\0\0\0", 6));
}

// True when some allocation failed.
static bool live_with_failure(int64_t at)
{
    static struct world world;
    struct endpoint_counts counts;
    world = (struct world){0};
    allocations_failed = 0;
    allocations_left = at;
    if (create(&world)) {
        live(&world);
        for (int i = 0; i < CLIENTS; i++) {
            if (world.clients[i].peer != NULL) {
                struct endpoint_peer *peer = world.clients[i].peer;
                world.clients[i].peer = NULL;
                endpoint_gone(peer, 2000, false);
            }
        }
        endpoint_flush(world.endpoint, 2000);
        endpoint_server_counts(world.endpoint, &counts);
        assert_int_equal(counts.connections, 0);
        assert_int_equal(counts.unfinished_bytes, 0);
        endpoint_destroy(world.endpoint);
        engineio_destroy(world.engine);
        frame_destroy(world.frame);
    }
    allocations_left = INT64_MAX;
    return allocations_failed > 0;
}

static void with_memory_everybody_is_served(void **state)
{
    (void)state;
    static struct world world;
    assert_true(create(&world));
    live(&world);
    assert_memory_equal(world.clients[0].heard, "HTTP/1.1 200 OK", 15); // the second request
    assert_non_null(strstr(world.clients[0].heard, "Content-Encoding: deflate"));
    assert_non_null(strstr(world.clients[1].heard, "\r\n\r\nok"));
    assert_memory_equal(world.clients[2].heard, "\x88\x00", 2);
    assert_null(world.clients[2].peer);
    endpoint_destroy(world.endpoint);
    engineio_destroy(world.engine);
}

static void a_single_allocation_that_fails_harms_nobody_else(void **state)
{
    (void)state;
    int64_t at = 0;
    allocations_end_for_good = false;
    while (live_with_failure(at)) {
        at++;
    }
    assert_true(at > 60);
}

static void memory_that_is_gone_for_good_ends_connections_and_nothing_else(void **state)
{
    (void)state;
    int64_t at = 0;
    allocations_end_for_good = true;
    while (live_with_failure(at)) {
        at++;
    }
    assert_true(at > 60);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(with_memory_everybody_is_served),
        cmocka_unit_test(a_single_allocation_that_fails_harms_nobody_else),
        cmocka_unit_test(memory_that_is_gone_for_good_ends_connections_and_nothing_else),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
