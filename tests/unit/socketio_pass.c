// Rooms with more members than one turn of the loop serves, and rooms that take long.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
// cmocka needs the four above first
#include <cmocka.h>

#include "bridge/engineio/engine.h"
#include "bridge/socketio/server.h"

enum { CLIENTS = 600, TURN = 256, HEARD_MAX = 64, LONG_MS = 20, PACE_MS = 100 };

struct client {
    struct engineio_session_id session;
    struct socketio_socket_id socket;
    bool is_member;
    int writes;
    char heard[HEARD_MAX]; // the letter of each event
};

struct hall {
    struct socketio_config config;
    struct socketio_server *server;
    struct engineio_server *engine;
    int64_t now_ms;
    struct client clients[CLIENTS];
    size_t connecting;
};

static void on_connect(void *app, struct socketio_socket_id socket, struct bytes name,
                       struct bytes auth, const struct socketio_handshake *handshake)
{
    (void)name, (void)auth, (void)handshake;
    struct hall *hall = app;
    hall->clients[hall->connecting].socket = socket;
    socketio_accept(hall->server, socket);
}

static void respond(void *shell, uint64_t exchange, const struct engineio_response *response)
{
    (void)shell, (void)exchange, (void)response;
}

static uint64_t accept(void *shell, uint64_t exchange, struct bytes headers)
{
    (void)shell, (void)headers;
    return exchange;
}

// Events are 42["x"]: a letter for each.
static bool send(void *shell, uint64_t ws, struct bytes frames)
{
    struct client *client = &((struct hall *)shell)->clients[ws - 1];
    size_t heard = strlen(client->heard);
    client->writes++;
    for (size_t i = 0; i + 6 < frames.size; i++) {
        if (memcmp(frames.data + i, "42[\"", 4) == 0) {
            assert_true(heard + 1 < HEARD_MAX);
            client->heard[heard++] = (char)frames.data[i + 4];
        }
    }
    return true;
}

static void end(void *shell, uint64_t ws, int code)
{
    (void)shell, (void)ws, (void)code;
}

static void draw(void *context, uint8_t *data, size_t size)
{
    static uint32_t next;
    (void)context;
    for (size_t i = 0; i < size; i++) {
        next = next * 1103515245 + 12345;
        data[i] = (uint8_t)(next >> 16);
    }
}

static void join(struct hall *hall, size_t i)
{
    hall->clients[i].is_member = true;
    assert_int_equal(socketio_room_join(hall->server, hall->clients[i].socket, bytes_text("room")),
                     LC_OK);
}

static void leave_room(struct hall *hall, size_t i)
{
    hall->clients[i].is_member = false;
    socketio_room_leave(hall->server, hall->clients[i].socket, bytes_text("room"));
}

static void emit(struct hall *hall, const char *letter)
{
    socketio_room_emit(hall->server, bytes_text("/"), bytes_text("room"), bytes_text(letter),
                       bytes_text(""), false);
}

static void hurry(struct hall *hall)
{
    socketio_room_hurry(hall->server, bytes_text("/"), bytes_text("room"));
}

static void turn(struct hall *hall, int64_t ms)
{
    hall->now_ms += ms;
    engineio_flush(hall->engine, hall->now_ms);
}

static bool has_more(const struct hall *hall)
{
    return engineio_next_deadline(hall->engine) <= hall->now_ms;
}

static void finish(struct hall *hall)
{
    while (has_more(hall)) {
        turn(hall, 0);
    }
}

static void enter(struct hall *hall, size_t i)
{
    struct engineio_request request = {
        .exchange = i + 1,
        .is_upgrade = true,
        .method = bytes_text("GET"),
        .handshake = {.url = bytes_text("/"), .query = bytes_text("EIO=4&transport=websocket")}};
    struct client *client = &hall->clients[i];
    hall->connecting = i;
    (void)engineio_request(hall->engine, hall->now_ms, &request, &client->session);
    engineio_ws_message(hall->engine, hall->now_ms, client->session, i + 1, false,
                        bytes_text("40"));
    assert_int_not_equal(client->socket.value, 0);
}

// All enter, and join the room; another server is ended before.
static void open_server(struct hall *hall)
{
    socketio_server_destroy(hall->server);
    memset(hall->clients, 0, sizeof hall->clients);
    const struct socketio_env env = {draw, NULL};
    const struct socketio_app_ops ops = {.on_connect = on_connect};
    const struct engineio_transport_ops transport = {
        .respond = respond, .ws_accept = accept, .ws_send = send, .ws_close = end};
    assert_int_equal(socketio_server_create(&hall->config, &env, &ops, hall, &hall->server), LC_OK);
    hall->engine = socketio_server_engine(hall->server);
    engineio_attach(hall->engine, &transport, hall);
    for (size_t i = 0; i < CLIENTS; i++) {
        enter(hall, i);
    }
    turn(hall, 10); // beyond the pause behind a CONNECT reply
    turn(hall, 10);
    for (size_t i = 0; i < CLIENTS; i++) {
        join(hall, i);
        hall->clients[i].writes = 0;
    }
}

static int set_up(void **state)
{
    struct hall *hall = calloc(1, sizeof *hall);
    assert_non_null(hall);
    hall->now_ms = 1000;
    hall->config = socketio_config_default();
    hall->config.room_pass_long_ms = LONG_MS;
    hall->config.room_pace_ms = PACE_MS;
    open_server(hall);
    *state = hall;
    return 0;
}

static int tear_down(void **state)
{
    struct hall *hall = *state;
    socketio_server_destroy(hall->server);
    free(hall);
    return 0;
}

static size_t count_heard(const struct hall *hall, const char *heard)
{
    size_t count = 0;
    for (size_t i = 0; i < CLIENTS; i++) {
        count += strcmp(hall->clients[i].heard, heard) == 0 ? 1 : 0;
    }
    return count;
}

static int count_writes(const struct hall *hall)
{
    int writes = 0;
    for (size_t i = 0; i < CLIENTS; i++) {
        writes += hall->clients[i].writes;
    }
    return writes;
}

static void a_pass_goes_on_turn_by_turn(void **state)
{
    struct hall *hall = *state;
    emit(hall, "a");
    turn(hall, 0);
    assert_int_equal(count_heard(hall, "a"), TURN);
    assert_true(has_more(hall));
    turn(hall, 0);
    assert_int_equal(count_heard(hall, "a"), 2 * TURN);
    turn(hall, 0);
    assert_int_equal(count_heard(hall, "a"), CLIENTS);
    assert_false(has_more(hall));
}

static void an_input_is_answered_while_a_pass_is_under_way(void **state)
{
    struct hall *hall = *state;
    emit(hall, "a");
    engineio_flush_marked(hall->engine, hall->now_ms);
    assert_int_equal(count_writes(hall), 0);
    assert_true(has_more(hall));
    turn(hall, 0);
    socketio_emit(hall->server, hall->clients[0].socket, bytes_text("x"), bytes_text("1"));
    engineio_flush_marked(hall->engine, hall->now_ms); // the pass comes to it last
    assert_string_equal(hall->clients[0].heard, "ax");
    assert_int_equal(count_writes(hall), TURN + 1);
    finish(hall);
    assert_int_equal(count_writes(hall), CLIENTS);
}

static void what_is_pushed_meanwhile_goes_along(void **state)
{
    struct hall *hall = *state;
    emit(hall, "a");
    turn(hall, 0);
    emit(hall, "b");
    turn(hall, 0);
    assert_int_equal(count_heard(hall, "a"), TURN);
    assert_int_equal(count_heard(hall, "ab"), TURN);
    finish(hall);
    assert_int_equal(count_heard(hall, "ab"), CLIENTS);
    assert_int_equal(count_writes(hall), CLIENTS + TURN);
}

static void who_leaves_or_joins_in_the_middle_makes_nobody_miss_something(void **state)
{
    struct hall *hall = *state;
    uint32_t seed = 1;
    char all[HEARD_MAX] = "";
    bool is_steady[CLIENTS];
    memset(is_steady, true, sizeof is_steady);
    for (int round = 0; round < 26; round++) {
        char letter[2] = {(char)('a' + round), '\0'};
        emit(hall, letter);
        all[round] = letter[0];
        for (int change = 0; change < 40; change++) {
            seed = seed * 1103515245 + 12345;
            size_t i = seed >> 8 & 511;
            is_steady[i] = false;
            if (hall->clients[i].is_member) {
                leave_room(hall, i);
            } else {
                join(hall, i);
            }
            if (change % 13 == 0) {
                turn(hall, 0);
            }
        }
    }
    finish(hall);
    turn(hall, PACE_MS);
    finish(hall);
    size_t steady = 0;
    for (size_t i = 0; i < CLIENTS; i++) {
        if (is_steady[i]) {
            steady++;
            assert_string_equal(hall->clients[i].heard, all);
        }
    }
    assert_true(steady > 80);
}

static void sessions_that_end_in_the_middle_make_nobody_miss_something(void **state)
{
    struct hall *hall = *state;
    emit(hall, "a");
    turn(hall, 0);
    for (size_t i = 0; i < CLIENTS; i += 2) {
        engineio_ws_gone(hall->engine, hall->now_ms, hall->clients[i].session, i + 1, false);
    }
    finish(hall);
    for (size_t i = 1; i < CLIENTS; i += 2) {
        assert_string_equal(hall->clients[i].heard, "a");
    }
    for (size_t i = 1; i < CLIENTS; i += 2) {
        engineio_ws_gone(hall->engine, hall->now_ms, hall->clients[i].session, i + 1, false);
    }
    emit(hall, "b"); // to nobody
    turn(hall, 0);
    assert_false(has_more(hall));
}

// A pass of more than LONG_MS.
static void take_long(struct hall *hall, const char *letter)
{
    emit(hall, letter);
    turn(hall, 0);
    turn(hall, LONG_MS);
    turn(hall, 1);
    assert_false(has_more(hall));
    for (size_t i = 0; i < CLIENTS; i++) {
        hall->clients[i].writes = 0;
    }
}

static void a_room_that_takes_long_gets_its_events_together(void **state)
{
    struct hall *hall = *state;
    take_long(hall, "a"); // ended 21 ms after it began
    emit(hall, "b");
    turn(hall, 0);
    emit(hall, "c");
    assert_int_equal(count_writes(hall), 0);
    assert_int_equal(engineio_next_deadline(hall->engine), hall->now_ms + PACE_MS - LONG_MS - 1);
    turn(hall, PACE_MS - LONG_MS - 2);
    assert_int_equal(count_writes(hall), 0);
    turn(hall, 1);
    finish(hall);
    assert_int_equal(count_writes(hall), CLIENTS);
    assert_int_equal(count_heard(hall, "abc"), CLIENTS);
    emit(hall, "d"); // that pass was a short one
    finish(hall);
    assert_int_equal(count_heard(hall, "abcd"), CLIENTS);
    struct socketio_counts counts;
    socketio_server_counts(hall->server, &counts);
    assert_int_equal(counts.room_passes_total, 3);
    assert_int_equal(counts.room_passes_long_total, 1);
}

static int64_t idle_us(void)
{
    static int64_t now_us;
    return now_us += 1000; // a turn of a pass takes one millisecond of the CPU
}

static void a_pass_that_had_to_wait_for_the_cpu_was_not_long(void **state)
{
    struct hall *hall = *state;
    hall->config.cpu_us = idle_us;
    open_server(hall);
    take_long(hall, "a");
    emit(hall, "b");
    finish(hall);
    assert_int_equal(count_heard(hall, "ab"), CLIENTS);
}

static void what_cannot_wait_takes_along_what_does(void **state)
{
    struct hall *hall = *state;
    take_long(hall, "a");
    emit(hall, "b");
    turn(hall, 0);
    assert_int_equal(count_heard(hall, "a"), CLIENTS);
    emit(hall, "c");
    hurry(hall);
    finish(hall);
    assert_int_equal(count_heard(hall, "abc"), CLIENTS);
    assert_int_equal(count_writes(hall), CLIENTS);
}

static void what_cannot_wait_follows_a_pass_that_takes_long(void **state)
{
    struct hall *hall = *state;
    emit(hall, "a");
    turn(hall, 0);
    turn(hall, LONG_MS);
    emit(hall, "b");
    hurry(hall);
    turn(hall, 1); // the end of a long pass
    assert_true(has_more(hall));
    finish(hall);
    assert_int_equal(count_heard(hall, "ab"), CLIENTS);
}

static void who_is_sent_something_else_meanwhile_need_not_wait(void **state)
{
    struct hall *hall = *state;
    take_long(hall, "a");
    emit(hall, "b");
    turn(hall, 0);
    socketio_emit(hall->server, hall->clients[7].socket, bytes_text("x"), bytes_text("1"));
    turn(hall, 0);
    assert_string_equal(hall->clients[7].heard, "abx");
    assert_int_equal(count_writes(hall), 1);
    turn(hall, PACE_MS);
    finish(hall);
    assert_int_equal(count_writes(hall), CLIENTS);
}

int main(void)
{
#define PASS_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        PASS_TEST(a_pass_goes_on_turn_by_turn),
        PASS_TEST(an_input_is_answered_while_a_pass_is_under_way),
        PASS_TEST(what_is_pushed_meanwhile_goes_along),
        PASS_TEST(who_leaves_or_joins_in_the_middle_makes_nobody_miss_something),
        PASS_TEST(sessions_that_end_in_the_middle_make_nobody_miss_something),
        PASS_TEST(a_room_that_takes_long_gets_its_events_together),
        PASS_TEST(a_pass_that_had_to_wait_for_the_cpu_was_not_long),
        PASS_TEST(what_cannot_wait_takes_along_what_does),
        PASS_TEST(what_cannot_wait_follows_a_pass_that_takes_long),
        PASS_TEST(who_is_sent_something_else_meanwhile_need_not_wait),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
