// CONNECT and namespaces: socketio.md 2.13, sentence by sentence.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
// cmocka needs the first four above before it
#include <cmocka.h>

#include "bridge/socketio/packet.h"
#include "tests/unit/socketio_world.h"

static void tell_namespace(void *context, struct bytes name, size_t sockets)
{
    struct world *world = context;
    buffer_append_format(&world->told, "%.*s:%zu ", (int)name.size, (const char *)name.data,
                         sockets);
}

static void expect_namespaces(struct world *world, const char *text)
{
    buffer_clear(&world->told);
    socketio_namespaces_visit(world->server, tell_namespace, world);
    world_told(world, text);
}

// Another application, of registered or matched namespaces.
struct side {
    struct world *world;
    const char *name;
};

static void side_connect(void *app, struct socketio_socket_id socket, struct bytes name,
                         struct bytes auth, const struct socketio_handshake *handshake)
{
    struct side *side = app;
    (void)auth, (void)handshake;
    buffer_append_format(&side->world->told, "%s connect %.*s\n", side->name, (int)name.size,
                         (const char *)name.data);
    socketio_accept(side->world->server, socket);
}

static void side_event(void *app, struct socketio_socket_id socket,
                       const struct socketio_event *event)
{
    struct side *side = app;
    (void)socket, (void)event;
    buffer_append_format(&side->world->told, "%s event\n", side->name);
}

static void side_disconnect(void *app, struct socketio_socket_id socket,
                            enum socketio_reason reason)
{
    struct side *side = app;
    (void)socket, (void)reason;
    buffer_append_format(&side->world->told, "%s disconnect\n", side->name);
}

static const struct socketio_app_ops side_ops = {
    .on_connect = side_connect, .on_event = side_event, .on_disconnect = side_disconnect};

static bool begins_with_room(void *app, struct bytes name)
{
    (void)app;
    return bytes_starts_with(name, bytes_text("/room-"));
}

static bool begins_with_r(void *app, struct bytes name)
{
    (void)app;
    return bytes_starts_with(name, bytes_text("/r"));
}

static void there_is_no_root_without_a_connect_and_each_namespace_has_its_own_sid(void **state)
{
    struct world *world = *state;
    world_start(world);
    size_t link = world_websocket(world);
    world_sent(world, link, "");
    world_receive(world, link, "40");
    world_receive(world, link, "40/admin,{\"token\":\"x\"}");
    assert_string_not_equal(world_value(world, link, "sid"), world->links[link].sid);
    world_sent(world, link, "40{\"sid\":\"$\"}\n40/admin,{\"sid\":\"$\"}\n");
    world_told(world, "connect / \nconnect /admin {\"token\":\"x\"}\n");
    struct bytes first = socketio_socket_sid(world->server, world->sockets[0]);
    struct bytes second = socketio_socket_sid(world->server, world->sockets[1]);
    assert_int_equal(first.size, 20);
    assert_false(bytes_equal(first, second));
    assert_true(socketio_socket_of_sid(world->server, second).value == world->sockets[1].value);
    assert_int_equal(socketio_socket_of_sid(world->server, bytes_text("nobody")).value, 0);
    assert_int_equal(socketio_socket_connection(world->server, world->sockets[0]),
                     socketio_socket_connection(world->server, world->sockets[1]));
}

static void what_nobody_owns_is_an_invalid_namespace_and_the_connection_stays(void **state)
{
    struct world *world = *state;
    struct side side = {world, "a"};
    world->owns_the_rest = false;
    world_start(world);
    assert_int_equal(socketio_namespace_add(world->server, bytes_text("/a"), &side_ops, &side),
                     LC_OK);
    size_t link = world_websocket(world);
    world_receive(world, link, "40/nope,");
    world_receive(world, link, "40");
    world_sent(world, link,
               "44/nope,{\"message\":\"Invalid namespace\"}\n"
               "44{\"message\":\"Invalid namespace\"}\n");
    world_receive(world, link, "40/a,");
    world_receive(world, link, "42/a,[\"x\"]");
    world_sent(world, link, "40/a,{\"sid\":\"$\"}\n");
    world_told(world, "a connect /a\na event\n");
    expect_namespaces(world, "/a:1 ");
}

static void a_namespace_has_the_owner_that_was_registered_then_the_first_that_matches(void **state)
{
    struct world *world = *state;
    world_start(world);
    struct side sides[] = {{world, "named"}, {world, "rooms"}, {world, "all r"}};
    assert_int_equal(
        socketio_namespace_add_matching(world->server, begins_with_room, &side_ops, &sides[1]),
        LC_OK);
    assert_int_equal(
        socketio_namespace_add_matching(world->server, begins_with_r, &side_ops, &sides[2]), LC_OK);
    assert_int_equal(
        socketio_namespace_add(world->server, bytes_text("/room-named"), &side_ops, &sides[0]),
        LC_OK);
    size_t link = world_websocket(world);
    world_receive(world, link, "40/room-named,");
    world_receive(world, link, "40/room-1,");
    world_receive(world, link, "40/r2,");
    world_receive(world, link, "40/x,");
    world_told(world, "named connect /room-named\nrooms connect /room-1\nall r connect /r2\n"
                      "connect /x \n");
    world_receive(world, link, "42/room-1,[\"e\"]");
    world_receive(world, link, "41/r2,");
    world_told(world, "rooms event\nall r disconnect\n");
}

static void a_namespace_is_registered_once_and_under_a_legal_name(void **state)
{
    struct world *world = *state;
    struct side side = {world, "a"};
    world_start(world);
    char longest[NAMESPACE_SIZE_MAX + 2];
    memset(longest, 'a', sizeof longest);
    longest[0] = '/';
    struct socketio_server *server = world->server;
    assert_int_equal(socketio_namespace_add(server, bytes_text("/a"), &side_ops, &side), LC_OK);
    assert_int_equal(socketio_namespace_add(server, bytes_text("/a"), &side_ops, &side),
                     LC_ERR_EXISTS);
    assert_int_equal(socketio_namespace_add(server, bytes_text("a"), &side_ops, &side),
                     LC_ERR_BAD_INPUT);
    assert_int_equal(socketio_namespace_add(server, bytes_text("/a,b"), &side_ops, &side),
                     LC_ERR_BAD_INPUT);
    assert_int_equal(socketio_namespace_add(server, bytes_text(""), &side_ops, &side),
                     LC_ERR_BAD_INPUT);
    assert_int_equal(
        socketio_namespace_add(server, bytes_of(longest, NAMESPACE_SIZE_MAX + 1), &side_ops, &side),
        LC_ERR_BAD_INPUT);
    assert_int_equal(
        socketio_namespace_add(server, bytes_of(longest, NAMESPACE_SIZE_MAX), &side_ops, &side),
        LC_OK);
    size_t link = world_websocket(world);
    world_receive(world, link, "40/x,"); // there by its socket
    assert_int_equal(socketio_namespace_add(server, bytes_text("/x"), &side_ops, &side),
                     LC_ERR_EXISTS);
}

static void dynamic_namespaces_go_with_their_last_socket_also_with_a_refused_one(void **state)
{
    struct world *world = *state;
    world_start(world);
    size_t a = world_websocket(world);
    size_t b = world_websocket(world);
    world_receive(world, a, "40/dyn,");
    world_receive(world, b, "40/dyn,");
    expect_namespaces(world, "/dyn:2 ");
    world_receive(world, a, "41/dyn,");
    expect_namespaces(world, "/dyn:1 ");
    world_gone(world, b);
    expect_namespaces(world, "");
    world->answers_later = true;
    world_receive(world, a, "40/secret,");
    expect_namespaces(world, "/secret:1 ");
    socketio_refuse(world->server, world->sockets[2], bytes_text("{\"message\":\"no\"}"));
    expect_namespaces(world, "");
}

static void two_simultaneous_connects_make_a_namespace_once(void **state)
{
    struct world *world = *state;
    world_start(world);
    world->answers_later = true;
    size_t a = world_websocket(world);
    size_t b = world_websocket(world);
    world_receive(world, a, "40/dyn,");
    world_receive(world, b, "40/dyn,");
    expect_namespaces(world, "/dyn:2 ");
    socketio_accept(world->server, world->sockets[1]);
    socketio_refuse(world->server, world->sockets[0], bytes_text("{\"message\":\"no\"}"));
    expect_namespaces(world, "/dyn:1 ");
    struct socketio_target target = target_of("/dyn", NULL, 0);
    struct socketio_emission sent = emission("e", "1");
    assert_int_equal(socketio_broadcast(world->server, &target, &sent), 1);
}

static void a_refusal_carries_message_and_data_and_may_be_tried_again(void **state)
{
    struct world *world = *state;
    world_start(world);
    world->answers_later = true;
    size_t link = world_websocket(world);
    world_receive(world, link, "40/x,");
    socketio_refuse(world->server, world->sockets[0],
                    bytes_text("{\"message\":\"not authorized\",\"data\":{\"code\":7}}"));
    world_flush(world);
    world_sent(world, link, "44/x,{\"message\":\"not authorized\",\"data\":{\"code\":7}}\n");
    assert_false(world->links[link].closed);
    world_receive(world, link, "40/x,");
    socketio_accept(world->server, world->sockets[1]);
    world_flush(world);
    world_sent(world, link, "40/x,{\"sid\":\"$\"}\n");
}

static void a_query_in_the_name_belongs_to_the_name(void **state)
{
    struct world *world = *state;
    world_start(world);
    size_t link = world_websocket(world);
    world_receive(world, link, "40/x?a=b,{}");
    world_told(world, "connect /x?a=b {}\n");
    world_sent(world, link, "40/x?a=b,{\"sid\":\"$\"}\n");
    world_receive(world, link, "40/random"); // without a comma
    world_receive(world, link, "40/,");      // the root
    world_told(world, "connect /random \nconnect / \n");
    world_sent(world, link, "40/random,{\"sid\":\"$\"}\n40{\"sid\":\"$\"}\n");
}

static void a_name_has_a_limit_with_all_that_belongs_to_it(void **state)
{
    struct world *world = *state;
    world_start(world);
    size_t link = world_websocket(world);
    char text[400];
    snprintf(text, sizeof text, "40/x?%0*d,", NAMESPACE_SIZE_MAX - 3, 0);
    world_receive(world, link, text);
    assert_false(world->links[link].closed);
    snprintf(text, sizeof text, "40/y?%0*d,", NAMESPACE_SIZE_MAX - 2, 0);
    world_receive(world, link, text);
    assert_true(world->links[link].closed);
}

static void a_namespace_that_only_lost_sessions_name_has_no_owner_of_old(void **state)
{
    struct world *world = *state;
    world->config.recovery_ms = 1000;
    world_start(world);
    struct side sides[] = {{world, "rooms"}, {world, "named"}};
    size_t link = world_websocket(world);
    world_receive(world, link, "40/room-1,");
    world_receive(world, link, "40/room-2,");
    world_gone(world, link); // its sessions wait
    expect_namespaces(world, "");
    assert_int_equal(
        socketio_namespace_add_matching(world->server, begins_with_room, &side_ops, &sides[0]),
        LC_OK);
    assert_int_equal(
        socketio_namespace_add(world->server, bytes_text("/room-2"), &side_ops, &sides[1]), LC_OK);
    link = world_websocket(world);
    world_receive(world, link, "40/room-1,");
    world_receive(world, link, "40/room-2,");
    world_told(world, "rooms connect /room-1\nnamed connect /room-2\n");
}

static void violations_close_the_connection_in_order(void **state)
{
    static const char *const violations[] = {"40",   "42/a,[\"x\"]", "43/a,1[]",
                                             "44{}", "41/a,",        "4{}"};
    struct world *world = *state;
    world_start(world);
    for (size_t i = 0; i < 6; i++) {
        size_t link = world_client(world);
        world_receive(world, link, violations[i]);
        assert_true(world->links[link].closed);
        world->links[link].closed = false;
        world->links_count = 0;
    }
    world->links_count = 1;
    size_t link = world_polling(world); // earlier replies come, then the close
    world_receive(world, link,
                  "40\x1e"
                  "42/a,[\"x\"]");
    world_poll(world, link);
    world_poll(world, link);
    world_sent(world, link, "40{\"sid\":\"$\"}\n6|1\n");
}

static void an_event_before_the_answer_closes(void **state)
{
    struct world *world = *state;
    world_start(world);
    world->answers_later = true;
    size_t link = world_websocket(world);
    world_receive(world, link, "40");
    world_receive(world, link, "42[\"x\"]");
    assert_true(world->links[link].closed);
    world_told(world, "connect / \n");
    socketio_accept(world->server, world->sockets[0]); // too late
    world_told(world, "");
}

static void without_a_namespace_in_time_the_connection_is_closed_also_after_refusals(void **state)
{
    struct world *world = *state;
    world->config.connect_timeout_ms = 1000;
    world_start(world);
    world->answers_later = true;
    size_t refused = world_websocket(world);
    size_t pending = world_websocket(world);
    world->answers_later = false;
    size_t stays = world_websocket(world);
    world_receive(world, stays, "40");
    world_receive(world, stays, "41"); // had one, and may come back at any time
    world->answers_later = true;
    world_receive(world, refused, "40");
    socketio_refuse(world->server, world->sockets[1], bytes_text("{\"message\":\"no\"}"));
    world_receive(world, pending, "40");
    world_pass(world, 990);
    assert_false(world->links[refused].closed);
    world_pass(world, 11);
    assert_true(world->links[refused].closed);
    assert_true(world->links[pending].closed);
    assert_false(world->links[stays].closed);
    world_pass(world, 20000);
    world->answers_later = false;
    world_forget(world);
    world_receive(world, stays, "40");
    world_sent(world, stays, "40{\"sid\":\"$\"}\n");
}

static void join_two(struct world *world, struct socketio_socket_id socket)
{
    struct socketio_server *server = world->server;
    assert_int_equal(socketio_room_join(server, socket, bytes_text("a")), LC_OK);
    assert_int_equal(socketio_room_join(server, socket, bytes_text("a")), LC_OK);
    assert_int_equal(socketio_room_join(server, socket, bytes_text("b")), LC_OK);
    assert_int_equal(socketio_room_join(server, socket, bytes_text("c")), LC_OK);
    socketio_room_leave(server, socket, bytes_text("b"));
    socketio_room_leave(server, socket, bytes_text("never"));
}

static void rooms_joined_during_the_decision_count_from_the_accept(void **state)
{
    struct world *world = *state;
    world->in_connect = join_two;
    world_start(world);
    world->answers_later = true;
    size_t link = world_websocket(world);
    world_receive(world, link, "40");
    struct bytes root = bytes_text("/");
    struct bytes room = bytes_text("a");
    assert_int_equal(socketio_room_size(world->server, root, room), 0);
    socketio_room_emit(world->server, root, room, bytes_text("early"), bytes_text(""), false);
    socketio_accept(world->server, world->sockets[0]);
    assert_int_equal(socketio_room_size(world->server, root, room), 1);
    assert_int_equal(socketio_room_size(world->server, root, bytes_text("b")), 0);
    assert_int_equal(socketio_room_size(world->server, root, bytes_text("c")), 1);
    socketio_room_emit(world->server, root, room, bytes_text("e"), bytes_text(""), false);
    world_flush(world);
    world_sent(world, link, "40{\"sid\":\"$\"}\n42[\"e\"]\n");
}

static void a_connection_gone_during_the_decision_leaves_nothing(void **state)
{
    struct world *world = *state;
    world->in_connect = join_two;
    world_start(world);
    world->answers_later = true;
    size_t link = world_websocket(world);
    world_receive(world, link, "40/dyn,");
    world_gone(world, link);
    socketio_accept(world->server, world->sockets[0]);
    world_flush(world);
    world_sent(world, link, "");
    world_told(world, "connect /dyn \n");
    assert_int_equal(socketio_room_size(world->server, bytes_text("/dyn"), bytes_text("a")), 0);
    expect_namespaces(world, "");
}

static void send_session(struct world *world, struct socketio_socket_id socket)
{
    socketio_emit(world->server, socket, bytes_text("session"), bytes_text("\"1234\""));
}

static void the_application_may_send_before_the_reply(void **state)
{
    struct world *world = *state;
    world->in_connect = send_session;
    world_start(world);
    size_t link = world_websocket(world);
    world_receive(world, link, "40/admin,");
    world_sent(world, link, "42/admin,[\"session\",\"1234\"]\n40/admin,{\"sid\":\"$\"}\n");
}

static void a_connection_has_only_so_many_namespaces(void **state)
{
    struct world *world = *state;
    world->config.namespaces_max = 2;
    world_start(world);
    size_t link = world_client(world);
    world_receive(world, link, "40/a,");
    world_receive(world, link, "40/b,");
    world_sent(world, link, "40/a,{\"sid\":\"$\"}\n44/b,{\"message\":\"Too many namespaces\"}\n");
    world_receive(world, link, "41/a,");
    world_receive(world, link, "40/b,");
    world_sent(world, link, "40/b,{\"sid\":\"$\"}\n");
}

static void say_goodbye(struct world *world, struct socketio_socket_id socket)
{
    struct bytes room = bytes_text("r");
    struct socketio_target target = target_of("/", &room, 1);
    target.sender = socket;
    struct socketio_emission sent = emission("left", "1");
    assert_int_equal(socketio_broadcast(world->server, &target, &sent), 1);
    assert_int_equal(socketio_room_join(world->server, socket, bytes_text("s")), LC_ERR_NOT_FOUND);
    socketio_disconnect(world->server, socket, true); // it is leaving already
}

static void rooms_are_there_while_disconnecting_and_gone_afterwards(void **state)
{
    struct world *world = *state;
    world->in_disconnecting = say_goodbye;
    world_start(world);
    size_t a = world_client(world);
    size_t b = world_client(world);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(socketio_room_join(world->server, world->sockets[i], bytes_text("r")),
                         LC_OK);
    }
    world_receive(world, a, "41");
    world_told(world, "disconnecting client namespace disconnect, rooms r\n"
                      "disconnect client namespace disconnect, rooms\n");
    world_sent(world, b, "42[\"left\",1]\n");
}

static void shut_down(struct world *world, struct socketio_socket_id socket)
{
    (void)socket;
    socketio_server_shut_down(world->server);
}

static void the_end_of_everything_inside_disconnecting_is_survived(void **state)
{
    struct world *world = *state;
    world->in_disconnecting = shut_down;
    world_start(world);
    size_t link = world_client(world);
    world_receive(world, link, "40/a,");
    world_forget(world);
    world_receive(world, link, "41");
    world_told(world, "disconnecting client namespace disconnect, rooms\n"
                      "disconnecting server shutting down, rooms\n"
                      "disconnect server shutting down, rooms\n"
                      "disconnect server shutting down, rooms\n");
}

static void a_disconnect_with_close_says_so_for_each_namespace(void **state)
{
    struct world *world = *state;
    world_start(world);
    size_t link = world_polling(world);
    world_receive(world, link,
                  "40\x1e"
                  "40/a,");
    world_poll(world, link);
    world_poll(world, link);
    world_forget(world);
    socketio_disconnect(world->server, world->sockets[0], true);
    world_flush(world);
    world_sent(world, link, "41/a,|41\n");
    world_poll(world, link);
    world_sent(world, link, "6|1\n");
    world_told(world, "disconnecting server namespace disconnect, rooms\n"
                      "disconnect server namespace disconnect, rooms\n"
                      "disconnecting server namespace disconnect, rooms\n"
                      "disconnect server namespace disconnect, rooms\n");
}

int main(void)
{
#define NAMESPACE_TEST(test) cmocka_unit_test_setup_teardown(test, world_set_up, world_tear_down)
    const struct CMUnitTest tests[] = {
        NAMESPACE_TEST(there_is_no_root_without_a_connect_and_each_namespace_has_its_own_sid),
        NAMESPACE_TEST(what_nobody_owns_is_an_invalid_namespace_and_the_connection_stays),
        NAMESPACE_TEST(a_namespace_has_the_owner_that_was_registered_then_the_first_that_matches),
        NAMESPACE_TEST(a_namespace_is_registered_once_and_under_a_legal_name),
        NAMESPACE_TEST(dynamic_namespaces_go_with_their_last_socket_also_with_a_refused_one),
        NAMESPACE_TEST(two_simultaneous_connects_make_a_namespace_once),
        NAMESPACE_TEST(a_refusal_carries_message_and_data_and_may_be_tried_again),
        NAMESPACE_TEST(a_query_in_the_name_belongs_to_the_name),
        NAMESPACE_TEST(a_name_has_a_limit_with_all_that_belongs_to_it),
        NAMESPACE_TEST(a_namespace_that_only_lost_sessions_name_has_no_owner_of_old),
        NAMESPACE_TEST(violations_close_the_connection_in_order),
        NAMESPACE_TEST(an_event_before_the_answer_closes),
        NAMESPACE_TEST(without_a_namespace_in_time_the_connection_is_closed_also_after_refusals),
        NAMESPACE_TEST(rooms_joined_during_the_decision_count_from_the_accept),
        NAMESPACE_TEST(a_connection_gone_during_the_decision_leaves_nothing),
        NAMESPACE_TEST(the_application_may_send_before_the_reply),
        NAMESPACE_TEST(a_connection_has_only_so_many_namespaces),
        NAMESPACE_TEST(rooms_are_there_while_disconnecting_and_gone_afterwards),
        NAMESPACE_TEST(the_end_of_everything_inside_disconnecting_is_survived),
        NAMESPACE_TEST(a_disconnect_with_close_says_so_for_each_namespace),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
