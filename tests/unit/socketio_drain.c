// A stop in steps: who is closed when, and what he gets before.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
// cmocka needs the first four above before it
#include <cmocka.h>

#include "tests/unit/socketio_world.h"

static struct socketio_socket_id busy_one;

static bool is_busy(void *context, struct socketio_socket_id socket)
{
    (void)context;
    return socket.value == busy_one.value;
}

static size_t close_down_to(struct world *world, size_t keep)
{
    size_t left = socketio_server_close_down_to(world->server, keep, is_busy, NULL);
    world_flush(world);
    return left;
}

static void sessions_leave_one_after_another_and_none_is_told_disconnect(void **state)
{
    struct world *world = *state;
    world_start(world);
    size_t links[] = {world_client(world), world_client(world), world_client(world)};
    busy_one.value = 0;
    socketio_server_stop_admitting(world->server);
    assert_int_equal(close_down_to(world, 3), 3);
    assert_false(world->links[links[0]].closed);
    assert_int_equal(close_down_to(world, 1), 1);
    assert_true(world->links[links[0]].closed && world->links[links[1]].closed);
    assert_false(world->links[links[2]].closed);
    world_sent(world, links[0], ""); // a DISCONNECT would keep the client from coming back
    world_told(world, "disconnecting server shutting down, rooms\n"
                      "disconnect server shutting down, rooms\n"
                      "disconnecting server shutting down, rooms\n"
                      "disconnect server shutting down, rooms\n");
    assert_int_equal(close_down_to(world, 1), 1);
    assert_int_equal(close_down_to(world, 0), 0);
    assert_true(world->links[links[2]].closed);
}

static void who_waits_for_an_answer_stays_and_goes_behind_it(void **state)
{
    struct world *world = *state;
    world_start(world);
    size_t first = world_client(world);
    size_t second = world_client(world);
    busy_one = world->sockets[0];
    assert_int_equal(close_down_to(world, 0), 1);
    assert_true(world->links[second].closed);
    assert_false(world->links[first].closed);
    world_receive(world, first, "427[\"bid\"]");
    socketio_ack(world->server, world->sockets[0], 7, bytes_text("1"));
    busy_one.value = 0;
    assert_int_equal(close_down_to(world, 0), 0);
    world_sent(world, first, "437[1]\n");
    assert_true(world->links[first].closed);
}

static void a_poll_takes_what_waits_and_then_the_end(void **state)
{
    struct world *world = *state;
    world_start(world);
    size_t link = world_polling(world);
    world_receive(world, link, "40");
    world_poll(world, link);
    world_forget(world);
    busy_one.value = 0;
    socketio_emit(world->server, world->sockets[0], bytes_text("e"), bytes_text("1"));
    assert_int_equal(close_down_to(world, 0), 0);
    world_poll(world, link);
    world_sent(world, link, "42[\"e\",1]\n");
    struct socketio_counts counts;
    socketio_server_counts(world->server, &counts);
    assert_int_equal(counts.sessions_open, 1);
    world_poll(world, link); // it had begun when the end came
    world_flush(world);
    socketio_server_counts(world->server, &counts);
    assert_int_equal(counts.sessions_open, 0);
}

static void a_server_that_stops_admitting_takes_no_handshake_and_serves_on(void **state)
{
    struct world *world = *state;
    world_start(world);
    size_t link = world_client(world);
    socketio_server_stop_admitting(world->server);
    size_t late = world_polling(world);
    assert_true(world->links[late].closed); // 503
    struct socketio_counts counts;
    socketio_server_counts(world->server, &counts);
    assert_int_equal(counts.sessions_open, 1);
    assert_int_equal(counts.connection_errors_total, 1);
    socketio_emit(world->server, world->sockets[0], bytes_text("e"), bytes_text("1"));
    world_flush(world);
    world_sent(world, link, "42[\"e\",1]\n");
}

int main(void)
{
#define DRAIN_TEST(test) cmocka_unit_test_setup_teardown(test, world_set_up, world_tear_down)
    const struct CMUnitTest tests[] = {
        DRAIN_TEST(sessions_leave_one_after_another_and_none_is_told_disconnect),
        DRAIN_TEST(who_waits_for_an_answer_stays_and_goes_behind_it),
        DRAIN_TEST(a_poll_takes_what_waits_and_then_the_end),
        DRAIN_TEST(a_server_that_stops_admitting_takes_no_handshake_and_serves_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
