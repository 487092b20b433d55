// The hooks that the Admin UI hangs on, and what they may ask.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
// cmocka needs the first four above before it
#include <cmocka.h>

#include "tests/unit/socketio_world.h"

static struct buffer *log_of(void *monitor)
{
    return &((struct world *)monitor)->told;
}

static int place_of(void *monitor, struct socketio_socket_id socket)
{
    const struct world *world = monitor;
    for (size_t i = 0; i < world->sockets_count; i++) {
        if (world->sockets[i].value == socket.value) {
            return (int)i;
        }
    }
    return -1;
}

static void raw_opened(void *monitor, enum socketio_transport transport)
{
    buffer_append_format(log_of(monitor), "raw opened %s\n",
                         transport == SOCKETIO_WEBSOCKET ? "websocket" : "polling");
}

static void raw_closed(void *monitor, const char *reason)
{
    buffer_append_format(log_of(monitor), "raw closed %s\n", reason);
}

static void upgraded(void *monitor, struct socketio_socket_id socket)
{
    struct world *world = monitor;
    buffer_append_format(log_of(monitor), "upgraded %d to %d\n", place_of(monitor, socket),
                         (int)socketio_socket_transport(world->server, socket));
}

static void connected(void *monitor, struct socketio_socket_id socket)
{
    buffer_append_format(log_of(monitor), "connected %d\n", place_of(monitor, socket));
}

static void disconnected(void *monitor, struct socketio_socket_id socket,
                         enum socketio_reason reason)
{
    struct world *world = monitor;
    struct bytes space = socketio_socket_namespace(world->server, socket);
    assert_int_equal(socketio_socket_sid(world->server, socket).size, 20);
    buffer_append_format(log_of(monitor), "disconnected %d of %.*s: %s\n",
                         place_of(monitor, socket), (int)space.size, (const char *)space.data,
                         socketio_reason_name(reason));
}

static void room_joined(void *monitor, struct socketio_socket_id socket, struct bytes room)
{
    buffer_append_format(log_of(monitor), "joined %d %.*s\n", place_of(monitor, socket),
                         (int)room.size, (const char *)room.data);
}

static void room_left(void *monitor, struct socketio_socket_id socket, struct bytes room)
{
    buffer_append_format(log_of(monitor), "left %d %.*s\n", place_of(monitor, socket),
                         (int)room.size, (const char *)room.data);
}

static void event_received(void *monitor, struct socketio_socket_id socket,
                           const struct socketio_event *event)
{
    buffer_append_format(log_of(monitor), "received %d %.*s\n", place_of(monitor, socket),
                         (int)event->array.size, (const char *)event->array.data);
}

static void event_sent(void *monitor, struct socketio_socket_id socket,
                       const struct socketio_emission *emission_)
{
    struct world *world = monitor;
    struct bytes space = socketio_socket_namespace(world->server, socket);
    if (bytes_equal_text(space, "/admin")) {
        return; // its own reports
    }
    buffer_append_format(log_of(monitor), "sent %d %.*s(%.*s)\n", place_of(monitor, socket),
                         (int)emission_->event.size, (const char *)emission_->event.data,
                         (int)emission_->arguments.size, (const char *)emission_->arguments.data);
    struct socketio_target admins = target_of("/admin", NULL, 0);
    struct socketio_emission report = emission("report", "1");
    (void)socketio_broadcast(world->server, &admins, &report);
}

static const struct socketio_monitor_ops hooks = {
    .on_raw_opened = raw_opened,
    .on_raw_closed = raw_closed,
    .on_upgraded = upgraded,
    .on_connected = connected,
    .on_disconnected = disconnected,
    .on_room_joined = room_joined,
    .on_room_left = room_left,
    .on_event_received = event_received,
    .on_event_sent = event_sent,
};

static int set_up(void **state)
{
    world_set_up(state);
    struct world *world = *state;
    world->ops.on_disconnecting = NULL;
    world->ops.on_disconnect = NULL;
    world_start(world);
    socketio_server_set_monitor(world->server, &hooks, world);
    return 0;
}

static void sockets_come_join_speak_and_go(void **state)
{
    struct world *world = *state;
    size_t link = world_websocket(world);
    world_told(world, "raw opened websocket\n");
    world_receive(world, link, "40");
    world_told(world, "connect / \nconnected 0\n");
    assert_int_equal(socketio_room_join(world->server, world->sockets[0], bytes_text("r")), LC_OK);
    assert_int_equal(socketio_room_join(world->server, world->sockets[0], bytes_text("r")), LC_OK);
    world_told(world, "joined 0 r\n");
    world_receive(world, link, "421[\"e\",2]");
    world_told(world, "received 0 [\"e\",2]\nevent e(2)\n");
    socketio_room_leave(world->server, world->sockets[0], bytes_text("r"));
    world_told(world, "left 0 r\n");
    assert_int_equal(socketio_room_join(world->server, world->sockets[0], bytes_text("s")), LC_OK);
    world_forget(world);
    world_gone(world, link);
    world_told(world, "raw closed transport close\nleft 0 s\n"
                      "disconnected 0 of /: transport close\n");
}

static void every_way_to_send_is_seen_once_for_each_socket(void **state)
{
    struct world *world = *state;
    struct socketio_server *server = world->server;
    size_t admin = world_websocket(world);
    world_receive(world, admin, "40/admin,");
    (void)world_client(world);
    (void)world_client(world);
    for (size_t i = 1; i < 3; i++) {
        assert_int_equal(socketio_room_join(server, world->sockets[i], bytes_text("r")), LC_OK);
    }
    world_forget(world);
    socketio_emit(server, world->sockets[1], bytes_text("a"), bytes_text("1"));
    world_told(world, "sent 1 a(1)\n");
    (void)socketio_emit_with_ack(server, world->sockets[2], bytes_text("q"), bytes_text("2"), NULL,
                                 0);
    world_told(world, "sent 2 q(2)\n");
    socketio_room_emit(server, bytes_text("/"), bytes_text("r"), bytes_text("b"), bytes_text("3"),
                       false);
    world_told(world, "sent 1 b(3)\nsent 2 b(3)\n");
    struct socketio_target all = target_of("/", NULL, 0);
    struct socketio_emission sent = emission("c", "4");
    assert_int_equal(socketio_broadcast(server, &all, &sent), 2);
    world_told(world, "sent 1 c(4)\nsent 2 c(4)\n");
    world_flush(world);
    world_sent(world, admin,
               "42/admin,[\"report\",1]\n42/admin,[\"report\",1]\n42/admin,[\"report\",1]\n"
               "42/admin,[\"report\",1]\n42/admin,[\"report\",1]\n42/admin,[\"report\",1]\n");
    world_sent(world, 1, "42[\"a\",1]\n42[\"b\",3]\n42[\"c\",4]\n");
}

static void speak_of_it(void *monitor, struct socketio_socket_id socket, struct bytes room)
{
    struct world *world = monitor;
    struct socketio_target all = target_of("/", NULL, 0);
    struct socketio_emission sent = emission("left", "1");
    (void)socketio_broadcast(world->server, &all, &sent);
    room_left(monitor, socket, room);
}

static void a_room_is_still_there_while_its_last_member_s_leaving_is_told(void **state)
{
    world_tear_down(state);
    world_set_up(state);
    struct world *world = *state;
    world->config.recovery_ms = 1000;
    world->config.recovery_events_max = 1;
    world_start(world);
    struct socketio_monitor_ops speaks = {.on_room_left = speak_of_it};
    socketio_server_set_monitor(world->server, &speaks, world);
    (void)world_client(world);
    struct bytes room = bytes_text("r");
    assert_int_equal(socketio_room_join(world->server, world->sockets[0], room), LC_OK);
    socketio_room_emit(world->server, bytes_text("/"), room, bytes_text("e"), room, false);
    socketio_room_leave(world->server, world->sockets[0], room);
    world_told(world, "left 0 r\n");
    assert_int_equal(socketio_room_size(world->server, bytes_text("/"), room), 0);
}

static void an_upgrade_is_seen_for_each_socket(void **state)
{
    struct world *world = *state;
    size_t link = world_polling(world);
    world_told(world, "raw opened polling\n");
    world_receive(world, link,
                  "40\x1e"
                  "40/a,");
    world_forget(world);
    world_upgrade(world, link);
    world_told(world, "upgraded 1 to 1\nupgraded 0 to 1\n");
}

static void the_handshake_and_the_rooms_can_be_asked(void **state)
{
    struct world *world = *state;
    (void)world_client(world);
    struct socketio_handshake handshake;
    assert_true(socketio_socket_handshake(world->server, world->sockets[0], &handshake));
    assert_true(bytes_equal_text(handshake.query, "EIO=4&transport=websocket"));
    assert_true(bytes_equal_text(handshake.url, "/socket.io/"));
    world_gone(world, 0);
    assert_false(socketio_socket_handshake(world->server, world->sockets[0], &handshake));
    assert_int_equal(socketio_socket_connection(world->server, world->sockets[0]), 0);
    socketio_socket_rooms_visit(world->server, world->sockets[0], NULL, NULL);
}

static void bytes_and_packets_are_counted(void **state)
{
    struct world *world = *state;
    size_t link = world_client(world);
    struct socketio_counts before;
    struct socketio_counts after;
    socketio_server_counts(world->server, &before);
    world_receive(world, link, "451-[\"e\",{\"_placeholder\":true,\"num\":0}]");
    world_receive_binary(world, link, bytes_text("12345"));
    socketio_emit(world->server, world->sockets[0], bytes_text("e"), bytes_text("1"));
    world_flush(world);
    socketio_server_counts(world->server, &after);
    assert_int_equal(after.packets_in_total - before.packets_in_total, 2);
    assert_int_equal(after.packets_out_total - before.packets_out_total, 1);
    assert_int_equal(after.bytes_in_total - before.bytes_in_total,
                     strlen("51-[\"e\",{\"_placeholder\":true,\"num\":0}]12345"));
    assert_int_equal(after.bytes_out_total - before.bytes_out_total, strlen("42[\"e\",1]"));
}

static void a_monitor_that_left_hears_nothing(void **state)
{
    struct world *world = *state;
    socketio_server_set_monitor(world->server, NULL, NULL);
    size_t link = world_websocket(world);
    world_receive(world, link, "40");
    world_gone(world, link);
    world_told(world, "connect / \n");
}

int main(void)
{
#define MONITOR_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, world_tear_down)
    const struct CMUnitTest tests[] = {
        MONITOR_TEST(sockets_come_join_speak_and_go),
        MONITOR_TEST(every_way_to_send_is_seen_once_for_each_socket),
        MONITOR_TEST(a_room_is_still_there_while_its_last_member_s_leaving_is_told),
        MONITOR_TEST(an_upgrade_is_seen_for_each_socket),
        MONITOR_TEST(the_handshake_and_the_rooms_can_be_asked),
        MONITOR_TEST(bytes_and_packets_are_counted),
        MONITOR_TEST(a_monitor_that_left_hears_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
