// The Socket.IO server over a transport of plain memory: what its application is told, and may do
// inside a callback.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka needs the four above first
#include <cmocka.h>

#include "bridge/engineio/engine.h"
#include "bridge/socketio/server.h"
#include "lib/base/buffer.h"

enum { WS = 1, SOCKETS = 8 };

enum inside { NOTHING, DISCONNECT_SELF, CLOSE_SELF, SHUT_DOWN, ACK_TWICE, DISCONNECT_ALL };

struct world {
    struct socketio_server *server;
    struct engineio_server *engine;
    int64_t now_ms;
    struct buffer sent; // packets, one a line
    bool takes;
    bool ws_closed;
    struct engineio_session_id session;
    struct socketio_socket_id sockets[SOCKETS];
    size_t sockets_count;
    struct buffer told; // the callbacks, one a line
    enum inside inside; // what the application does in on_event
    bool answers_later;
    enum inside on_end; // what it does in on_disconnect
};

static void count_up(void *context, uint8_t *data, size_t size)
{
    static uint8_t next;
    (void)context;
    for (size_t i = 0; i < size; i++) {
        data[i] = next++;
    }
}

static void on_respond(void *shell, uint64_t exchange, const struct engineio_response *response)
{
    (void)shell, (void)exchange, (void)response;
}

static uint64_t on_accept(void *shell, uint64_t exchange, struct bytes headers)
{
    (void)shell, (void)exchange, (void)headers;
    return WS;
}

static bool on_send(void *shell, uint64_t ws, struct bytes frames)
{
    struct world *world = shell;
    (void)ws;
    for (size_t at = 0; at < frames.size;) {
        size_t size = frames.data[at + 1];
        size_t header = 2;
        if (size == 126) {
            size = (size_t)frames.data[at + 2] << 8 | frames.data[at + 3];
            header = 4;
        }
        struct bytes packet = bytes_of(frames.data + at + header, size);
        if (size > 0 && packet.data[0] != '0') { // the open packet is no news
            buffer_append(&world->sent, packet);
            buffer_append_byte(&world->sent, '\n');
        }
        at += header + size;
    }
    return world->takes;
}

static void on_ws_close(void *shell, uint64_t ws, int code)
{
    (void)ws;
    (void)code;
    ((struct world *)shell)->ws_closed = true;
}

static void do_inside(struct world *world, struct socketio_socket_id socket, enum inside what,
                      int64_t ack_id)
{
    switch (what) {
    case NOTHING:
        break;
    case DISCONNECT_SELF:
        socketio_disconnect(world->server, socket, false);
        break;
    case CLOSE_SELF:
        socketio_disconnect(world->server, socket, true);
        break;
    case SHUT_DOWN:
        socketio_server_shut_down(world->server);
        break;
    case ACK_TWICE:
        socketio_ack(world->server, socket, ack_id, bytes_text("1"));
        socketio_ack(world->server, socket, ack_id, bytes_text("2"));
        socketio_ack(world->server, socket, ack_id + 1, bytes_text("3"));
        socketio_ack(world->server, socket, -1, bytes_text("4"));
        break;
    case DISCONNECT_ALL:
        for (size_t i = 0; i < world->sockets_count; i++) {
            socketio_disconnect(world->server, world->sockets[i], i % 2 == 1);
        }
        break;
    }
}

static void app_connect(void *app, struct socketio_socket_id socket, struct bytes name,
                        struct bytes auth, const struct socketio_handshake *handshake)
{
    struct world *world = app;
    assert_true(bytes_equal_text(handshake->query, "EIO=4&transport=websocket&x=1"));
    assert_true(world->sockets_count < SOCKETS);
    world->sockets[world->sockets_count++] = socket;
    buffer_append_format(&world->told, "connect %.*s %.*s\n", (int)name.size,
                         (const char *)name.data, (int)auth.size, (const char *)auth.data);
    if (!world->answers_later) {
        socketio_accept(world->server, socket);
    }
}

static void app_event(void *app, struct socketio_socket_id socket,
                      const struct socketio_event *event)
{
    struct world *world = app;
    buffer_append_format(&world->told, "event %.*s(%.*s) %d attachments\n", (int)event->name.size,
                         (const char *)event->name.data, (int)event->arguments.size,
                         (const char *)event->arguments.data, (int)event->attachments_count);
    do_inside(world, socket, world->inside, event->ack_id);
}

static void app_disconnect(void *app, struct socketio_socket_id socket, enum socketio_reason reason)
{
    struct world *world = app;
    assert_false(socketio_socket_is_open(world->server, socket));
    buffer_append_format(&world->told, "disconnect %s %s\n", socketio_reason_name(reason),
                         (const char *)socketio_socket_data(world->server, socket));
    socketio_emit(world->server, socket, bytes_text("too late"), bytes_text(""));
    assert_int_equal(socketio_room_join(world->server, socket, bytes_text("r")), LC_ERR_NOT_FOUND);
    do_inside(world, socket, world->on_end, -1);
}

static void app_ack(void *app, struct socketio_socket_id socket, int64_t ack_id,
                    const struct socketio_event *answer)
{
    struct world *world = app;
    (void)socket;
    buffer_append_format(&world->told, "ack %d (%.*s)\n", (int)ack_id, (int)answer->arguments.size,
                         (const char *)answer->arguments.data);
}

static void app_lagged(void *app, struct socketio_socket_id socket)
{
    struct world *world = app;
    buffer_append_text(&world->told, "lagged\n");
    socketio_emit(world->server, socket, bytes_text("snapshot"), bytes_text("1"));
}

static int set_up(void **state)
{
    struct world *world = calloc(1, sizeof *world);
    world->now_ms = 5000;
    world->takes = true;
    buffer_init(&world->sent, 1 << 20);
    buffer_init(&world->told, 10000);
    struct socketio_config config = socketio_config_default();
    config.room_ring_events = 4;
    config.pending_bytes_max = 2000;
    struct socketio_env env = {count_up, NULL};
    struct socketio_app_ops ops = {
        .on_connect = app_connect,
        .on_event = app_event,
        .on_disconnect = app_disconnect,
        .on_ack = app_ack,
        .on_lagged = app_lagged,
    };
    assert_int_equal(socketio_server_create(&config, &env, &ops, world, &world->server), LC_OK);
    world->engine = socketio_server_engine(world->server);
    struct engineio_transport_ops transport = {
        .respond = on_respond, .ws_accept = on_accept, .ws_send = on_send, .ws_close = on_ws_close};
    engineio_attach(world->engine, &transport, world);
    struct engineio_request request = {
        .is_upgrade = true,
        .method = bytes_text("GET"),
        .handshake = {.query = bytes_text("EIO=4&transport=websocket&x=1")}};
    (void)engineio_request(world->engine, world->now_ms, &request, &world->session);
    engineio_flush(world->engine, world->now_ms);
    *state = world;
    return 0;
}

static int tear_down(void **state)
{
    struct world *world = *state;
    socketio_server_destroy(world->server);
    buffer_release(&world->sent);
    buffer_release(&world->told);
    free(world);
    return 0;
}

static void flush(struct world *world)
{
    world->now_ms += 2; // beyond the pause of a burst
    engineio_flush(world->engine, world->now_ms);
    engineio_flush(world->engine, ++world->now_ms);
}

static void receive(struct world *world, const char *packet)
{
    engineio_ws_message(world->engine, world->now_ms, world->session, WS, false,
                        bytes_text(packet));
    flush(world);
}

static void connect_as(struct world *world, const char *packet, const char *data)
{
    static char names[SOCKETS][8];
    receive(world, packet);
    size_t last = world->sockets_count - 1;
    snprintf(names[last], sizeof names[last], "%s", data);
    socketio_socket_set_data(world->server, world->sockets[last], names[last]);
    buffer_clear(&world->sent);
    buffer_clear(&world->told);
}

static void expect_told(struct world *world, const char *text)
{
    assert_string_equal(buffer_text(&world->told), text);
    buffer_clear(&world->told);
}

static void expect_sent(struct world *world, const char *text)
{
    assert_string_equal(buffer_text(&world->sent), text);
    buffer_clear(&world->sent);
}

static void an_application_may_answer_a_connect_later(void **state)
{
    struct world *world = *state;
    world->answers_later = true;
    receive(world, "40{\"t\":1}");
    expect_told(world, "connect / {\"t\":1}\n");
    assert_false(socketio_socket_is_open(world->server, world->sockets[0]));
    expect_sent(world, "");
    socketio_accept(world->server, world->sockets[0]);
    socketio_accept(world->server, world->sockets[0]); // once is enough
    flush(world);
    assert_true(bytes_starts_with(buffer_bytes(&world->sent), bytes_text("40{\"sid\":\"")));
    assert_int_equal(world->sent.size, strlen("40{\"sid\":\"12345678901234567890\"}\n"));
    assert_true(socketio_socket_is_open(world->server, world->sockets[0]));
}

static void a_refused_socket_is_never_told_of_again(void **state)
{
    struct world *world = *state;
    world->answers_later = true;
    receive(world, "40/x,");
    socketio_refuse(world->server, world->sockets[0], bytes_text("{\"message\":\"no\"}"));
    socketio_refuse(world->server, world->sockets[0], bytes_text("{\"message\":\"no\"}"));
    flush(world);
    expect_sent(world, "44/x,{\"message\":\"no\"}\n");
    expect_told(world, "connect /x \n");
    receive(world, "40/x,"); // and may try again
    expect_told(world, "connect /x \n");
}

static void a_connection_that_ends_before_the_answer_is_forgotten(void **state)
{
    struct world *world = *state;
    world->answers_later = true;
    receive(world, "40");
    engineio_ws_gone(world->engine, world->now_ms, world->session, WS, false);
    socketio_accept(world->server, world->sockets[0]);
    socketio_emit(world->server, world->sockets[0], bytes_text("x"), bytes_text(""));
    flush(world);
    expect_told(world, "connect / \n");
}

static void every_socket_hears_the_end_of_its_connection_once(void **state)
{
    struct world *world = *state;
    connect_as(world, "40", "root");
    connect_as(world, "40/a,", "a");
    assert_int_equal(socketio_room_join(world->server, world->sockets[0], bytes_text("r")), LC_OK);
    engineio_ws_gone(world->engine, world->now_ms, world->session, WS, false);
    expect_told(world, "disconnect transport close a\ndisconnect transport close root\n");
    assert_int_equal(socketio_room_size(world->server, bytes_text("/"), bytes_text("r")), 0);
    struct socketio_counts counts;
    socketio_server_counts(world->server, &counts);
    assert_int_equal(counts.sockets_open, 0);
    assert_int_equal(counts.closed_total[SOCKETIO_TRANSPORT_CLOSE], 1);
}

static void an_application_may_end_anything_inside_a_callback(void **state)
{
    struct world *world = *state;
    static const enum inside deeds[] = {DISCONNECT_SELF, CLOSE_SELF, SHUT_DOWN, DISCONNECT_ALL};
    for (size_t event = 0; event < 4; event++) {
        for (size_t end = 0; end < 4; end++) {
            tear_down(state);
            set_up(state);
            world = *state;
            connect_as(world, "40", "root");
            connect_as(world, "40/a,", "a");
            connect_as(world, "40/b,", "b");
            for (size_t i = 0; i < 3; i++) {
                assert_int_equal(
                    socketio_room_join(world->server, world->sockets[i], bytes_text("r")), LC_OK);
            }
            world->inside = deeds[event];
            world->on_end = deeds[end];
            engineio_ws_message(world->engine, world->now_ms, world->session, WS, false,
                                bytes_text("42/a,1[\"x\"]"));
            flush(world);
            receive(world, "42/a,[\"y\"]");
            assert_false(socketio_socket_is_open(world->server, world->sockets[1]));
        }
    }
}

static void a_violation_inside_the_last_event_is_survived(void **state)
{
    struct world *world = *state;
    connect_as(world, "40", "root");
    connect_as(world, "40/a,", "a");
    world->on_end = SHUT_DOWN;
    receive(world, "42{}");
    expect_told(world, "disconnect parse error a\ndisconnect parse error root\n");
    assert_true(world->ws_closed);
}

static void acknowledgements_are_sent_once_and_only_when_asked_for(void **state)
{
    struct world *world = *state;
    connect_as(world, "40", "root");
    world->inside = ACK_TWICE;
    receive(world, "4212[\"x\",{\"a\":1}]");
    expect_told(world, "event x({\"a\":1}) 0 attachments\n");
    expect_sent(world, "4312[1]\n");
    receive(world, "42[\"x\"]");
    expect_sent(world, "");
    assert_int_equal(socketio_emit_with_ack(world->server, world->sockets[0], bytes_text("q"),
                                            bytes_text("5"), NULL, 0),
                     0);
    flush(world);
    expect_sent(world, "420[\"q\",5]\n");
    buffer_clear(&world->told);
    receive(world, "430[1, 2 ]");
    receive(world, "430[3]");
    receive(world, "431[3]");
    expect_told(world, "ack 0 (1, 2 )\n");
}

static void streams_and_direct_events_are_merged_by_their_making(void **state)
{
    struct world *world = *state;
    connect_as(world, "40", "root");
    struct socketio_socket_id socket = world->sockets[0];
    struct bytes root = bytes_text("/");
    assert_int_equal(socketio_room_join(world->server, socket, bytes_text("a")), LC_OK);
    assert_int_equal(socketio_room_join(world->server, socket, bytes_text("b")), LC_OK);
    socketio_room_emit(world->server, root, bytes_text("b"), bytes_text("e"), bytes_text("1"),
                       false);
    socketio_emit(world->server, socket, bytes_text("e"), bytes_text("2"));
    socketio_room_emit(world->server, root, bytes_text("a"), bytes_text("e"), bytes_text("3"),
                       true);
    socketio_room_emit(world->server, root, bytes_text("b"), bytes_text("e"), bytes_text("4"),
                       false);
    socketio_room_leave(world->server, socket, bytes_text("b"));
    socketio_emit(world->server, socket, bytes_text("e"), bytes_text("5"));
    socketio_room_emit(world->server, root, bytes_text("b"), bytes_text("e"), bytes_text("6"),
                       false);
    flush(world);
    expect_sent(world, "42[\"e\",1]\n42[\"e\",2]\n42[\"e\",3]\n42[\"e\",4]\n42[\"e\",5]\n");
}

static void a_blocked_websocket_loses_ticks_and_no_events(void **state)
{
    struct world *world = *state;
    connect_as(world, "40", "root");
    struct bytes root = bytes_text("/");
    struct bytes room = bytes_text("r");
    assert_int_equal(socketio_room_join(world->server, world->sockets[0], room), LC_OK);
    world->takes = false;
    socketio_room_emit(world->server, root, room, bytes_text("e"), bytes_text("1"), false);
    flush(world);
    socketio_room_emit(world->server, root, room, bytes_text("tick"), bytes_text("1"), true);
    socketio_room_emit(world->server, root, room, bytes_text("e"), bytes_text("2"), false);
    socketio_room_emit(world->server, root, room, bytes_text("tick"), bytes_text("2"), true);
    flush(world);
    world->takes = true;
    engineio_ws_writable(world->engine, world->now_ms, world->session, WS);
    flush(world);
    socketio_room_emit(world->server, root, room, bytes_text("tick"), bytes_text("3"), true);
    flush(world);
    expect_sent(world, "42[\"e\",1]\n42[\"e\",2]\n42[\"tick\",3]\n");
    struct socketio_counts counts;
    socketio_server_counts(world->server, &counts);
    assert_int_equal(counts.volatile_dropped_total, 2);
}

static void a_lagged_socket_gets_one_fresh_state_instead_of_the_backlog(void **state)
{
    struct world *world = *state;
    connect_as(world, "40", "root");
    struct bytes root = bytes_text("/");
    struct bytes room = bytes_text("r");
    assert_int_equal(socketio_room_join(world->server, world->sockets[0], room), LC_OK);
    world->takes = false;
    socketio_emit(world->server, world->sockets[0], bytes_text("x"), bytes_text(""));
    flush(world);
    for (int i = 0; i < 20; i++) {
        socketio_room_emit(world->server, root, room, bytes_text("e"), bytes_text("1"), false);
        flush(world);
    }
    expect_told(world, ""); // what it would say now is old when there is room for it
    world->takes = true;
    engineio_ws_writable(world->engine, world->now_ms, world->session, WS);
    flush(world);
    expect_told(world, "lagged\n");
    expect_sent(world, "42[\"x\"]\n42[\"snapshot\",1]\n");
    socketio_room_emit(world->server, root, room, bytes_text("e"), bytes_text("2"), false);
    flush(world);
    expect_sent(world, "42[\"e\",2]\n");
}

static void a_queue_over_its_limit_closes_the_connection_and_not_inside_the_call(void **state)
{
    struct world *world = *state;
    connect_as(world, "40", "root");
    world->takes = false;
    char big[600];
    memset(big, '1', sizeof big);
    socketio_emit(world->server, world->sockets[0], bytes_text("x"), bytes_text(""));
    flush(world);
    for (int i = 0; i < 5; i++) {
        socketio_emit(world->server, world->sockets[0], bytes_text("big"),
                      bytes_of(big, sizeof big));
    }
    expect_told(world, "");
    flush(world);
    expect_told(world, "disconnect forced server close root\n");
    assert_true(world->ws_closed);
}

static void nobody_connects_in_time_and_the_connection_is_closed(void **state)
{
    struct world *world = *state;
    world->now_ms += 44999;
    engineio_ws_message(world->engine, world->now_ms, world->session, WS, false, bytes_text("3"));
    engineio_flush(world->engine, world->now_ms);
    assert_false(world->ws_closed);
    world->now_ms += 1;
    engineio_flush(world->engine, world->now_ms);
    assert_true(world->ws_closed);
}

int main(void)
{
#define SERVER_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        SERVER_TEST(an_application_may_answer_a_connect_later),
        SERVER_TEST(a_refused_socket_is_never_told_of_again),
        SERVER_TEST(a_connection_that_ends_before_the_answer_is_forgotten),
        SERVER_TEST(every_socket_hears_the_end_of_its_connection_once),
        SERVER_TEST(an_application_may_end_anything_inside_a_callback),
        SERVER_TEST(a_violation_inside_the_last_event_is_survived),
        SERVER_TEST(acknowledgements_are_sent_once_and_only_when_asked_for),
        SERVER_TEST(streams_and_direct_events_are_merged_by_their_making),
        SERVER_TEST(a_blocked_websocket_loses_ticks_and_no_events),
        SERVER_TEST(a_lagged_socket_gets_one_fresh_state_instead_of_the_backlog),
        SERVER_TEST(a_queue_over_its_limit_closes_the_connection_and_not_inside_the_call),
        SERVER_TEST(nobody_connects_in_time_and_the_connection_is_closed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
