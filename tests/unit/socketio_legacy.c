// Clients of Engine.IO v3 and Socket.IO protocol v4 on the same server: socketio.md 2.16.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
// cmocka needs the first four above before it
#include <cmocka.h>

#include "tests/unit/socketio_world.h"

static int set_up(void **state)
{
    world_set_up(state);
    struct world *world = *state;
    world->config.allow_eio3 = true;
    world->protocol = 3;
    return 0;
}

static void expect_sid(struct world *world, size_t socket, const char *prefix, size_t link)
{
    char expected[64];
    snprintf(expected, sizeof expected, "%s%s", prefix, world->links[link].sid);
    assert_true(
        bytes_equal_text(socketio_socket_sid(world->server, world->sockets[socket]), expected));
}

static void the_root_is_there_without_a_connect_and_its_id_is_the_connection_s(void **state)
{
    struct world *world = *state;
    world_start(world);
    size_t link = world_polling(world);
    world_told(world, "connect / \n");
    world_poll(world, link);
    world_sent(world, link, "2:40\n");
    expect_sid(world, 0, "", link);
    world_receive(world, link, "7:42[\"x\"]");
    world_told(world, "event x()\n");
    socketio_emit(world->server, world->sockets[0], bytes_text("e"), bytes_text("\"\xC3\xA9\""));
    world_poll(world, link);
    world_sent(world, link, "11:42[\"e\",\"\xC3\xA9\"]\n"); // characters, not bytes
    link = world_websocket(world);
    world_sent(world, link, "40\n");
    world_receive(world, link, "40"); // asking for it is one CONNECT too many
    assert_true(world->links[link].closed);
}

static void the_root_may_be_answered_later_or_refused(void **state)
{
    struct world *world = *state;
    world_start(world);
    world->answers_later = true;
    size_t link = world_websocket(world);
    world_told(world, "connect / \n");
    world_sent(world, link, "");
    socketio_accept(world->server, world->sockets[0]);
    world_flush(world);
    world_sent(world, link, "40\n");
    link = world_websocket(world);
    socketio_refuse(world->server, world->sockets[1], bytes_text("{\"message\":\"nope\"}"));
    world_flush(world);
    world_sent(world, link, "44\"nope\"\n");
}

static void a_namespace_takes_its_query_as_auth(void **state)
{
    struct world *world = *state;
    world_start(world);
    size_t link = world_websocket(world);
    snprintf(world->links[link].sid, sizeof world->links[link].sid, "%.*s", 20,
             (const char *)socketio_socket_sid(world->server, world->sockets[0]).data);
    world_forget(world);
    world_receive(world, link, "40/x?a=b&token=c%20d,");
    world_told(world, "connect /x {\"a\":\"b\",\"token\":\"c d\"}\n");
    world_sent(world, link, "40/x,\n");
    expect_sid(world, 1, "/x#", link);
    world_receive(world, link, "42/x,1[\"e\"]");
    world_told(world, "event e()\n");
    socketio_ack(world->server, world->sockets[1], 1, bytes_text("2"));
    world_flush(world);
    world_sent(world, link, "43/x,1[2]\n");
    world_receive(world, link, "41/x,");
    world_receive(world, link, "40/x");
    world_sent(world, link, "40/x,\n");
    char longest[400];
    snprintf(longest, sizeof longest, "40/y?token=%0300d,", 1);
    world_receive(world, link, longest);
    world_sent(world, link, "40/y,\n");
}

static void errors_are_the_data_or_the_message(void **state)
{
    struct world *world = *state;
    world_start(world);
    size_t link = world_websocket(world);
    world->answers_later = true;
    world_forget(world);
    world_receive(world, link, "40/deny,");
    socketio_refuse(world->server, world->sockets[1], bytes_text("{\"message\":\"nope\"}"));
    world_receive(world, link, "40/deny,");
    socketio_refuse(world->server, world->sockets[2],
                    bytes_text("{\"message\":\"nope\",\"data\":[1]}"));
    world_flush(world);
    world_sent(world, link, "44/deny,\"nope\"\n44/deny,[1]\n");
}

static void an_unknown_namespace_is_an_object_all_the_same(void **state)
{
    struct world *world = *state;
    world->owns_the_rest = false;
    world_start(world);
    assert_int_equal(socketio_namespace_add(world->server, bytes_text("/"), &world->ops, world),
                     LC_OK);
    size_t link = world_websocket(world);
    world_receive(world, link, "40/none,");
    world_sent(world, link, "40\n44/none,{\"message\":\"Invalid namespace\"}\n");
}

static void both_kinds_of_clients_are_in_one_room(void **state)
{
    struct world *world = *state;
    world->config.recovery_ms = 120000;
    world_start(world);
    size_t old = world_websocket(world);
    world->protocol = 4;
    size_t new = world_client(world);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(socketio_room_join(world->server, world->sockets[i], bytes_text("r")),
                         LC_OK);
    }
    struct bytes file = bytes_text("abc");
    struct socketio_emission sent = emission("e", "{\"_placeholder\":true,\"num\":0}");
    sent.attachments = &file;
    sent.attachments_count = 1;
    struct bytes room = bytes_text("r");
    struct socketio_target target = target_of("/", &room, 1);
    assert_int_equal(socketio_broadcast(world->server, &target, &sent), 2);
    world_flush(world);
    world_sent(world, new, "451-[\"e\",{\"_placeholder\":true,\"num\":0},\"1\"]\nb:abc\n");
    world_sent(world, old,
               "451-[\"e\",{\"_placeholder\":true,\"num\":0},\"1\"]\nb:\x04"
               "abc\n");
    socketio_emit(world->server, world->sockets[0], bytes_text("direct"), bytes_text(""));
    world_flush(world);
    world_sent(world, old, "42[\"direct\"]\n"); // it could not use an offset
    world_gone(world, old);
    struct socketio_counts counts;
    socketio_server_counts(world->server, &counts);
    assert_int_equal(counts.recovery_saved, 0);
}

int main(void)
{
#define LEGACY_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, world_tear_down)
    const struct CMUnitTest tests[] = {
        LEGACY_TEST(the_root_is_there_without_a_connect_and_its_id_is_the_connection_s),
        LEGACY_TEST(the_root_may_be_answered_later_or_refused),
        LEGACY_TEST(a_namespace_takes_its_query_as_auth),
        LEGACY_TEST(errors_are_the_data_or_the_message),
        LEGACY_TEST(an_unknown_namespace_is_an_object_all_the_same),
        LEGACY_TEST(both_kinds_of_clients_are_in_one_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
