// Acknowledgements in both directions, with time limits, and of many at once: socketio.md 2.14.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
// cmocka needs the first four above before it
#include <cmocka.h>

#include "bridge/socketio/json_text.h"
#include "tests/unit/socketio_world.h"

static int set_up(void **state)
{
    world_set_up(state);
    struct world *world = *state;
    world->config.acks_max = 3;
    world_start(world);
    for (size_t i = 0; i < 3; i++) {
        (void)world_client(world);
    }
    return 0;
}

static void on_answer(void *context, struct socketio_socket_id socket,
                      enum socketio_ack_outcome outcome, const struct socketio_event *answer)
{
    static const char *const outcomes[] = {"answered", "timed out", "disconnected"};
    struct world *world = context;
    (void)socket;
    assert_true((answer != NULL) == (outcome == SOCKETIO_ACK_ANSWERED));
    buffer_append_format(&world->told, "%s (%.*s)\n", outcomes[outcome],
                         answer == NULL ? 0 : (int)answer->arguments.size,
                         answer == NULL ? "" : (const char *)answer->arguments.data);
}

static int64_t ask(struct world *world, size_t socket, int64_t timeout_ms)
{
    struct socketio_ack_wait wait = {timeout_ms, on_answer, world};
    struct socketio_emission sent = emission("q", "1");
    int64_t id = socketio_send_with_ack(world->server, world->sockets[socket], &sent, &wait);
    world_flush(world);
    return id;
}

static void on_answers(void *context, const struct socketio_answers *answers)
{
    struct world *world = context;
    buffer_append_format(&world->told, "%.*s %zu of %zu%s", (int)answers->answers.size,
                         (const char *)answers->answers.data, answers->count,
                         answers->count + answers->missing, answers->timed_out ? " in time" : "");
    for (size_t i = 0; i < answers->attachments_count; i++) {
        buffer_append_format(&world->told, " <%.*s>", (int)answers->attachments[i].size,
                             (const char *)answers->attachments[i].data);
    }
    buffer_append_byte(&world->told, '\n');
}

static bool ask_all(struct world *world, int64_t timeout_ms)
{
    struct socketio_target all = target_of("/", NULL, 0);
    struct socketio_emission sent = emission("q", "1");
    bool sent_it =
        socketio_broadcast_with_ack(world->server, &all, &sent, timeout_ms, on_answers, world);
    world_flush(world);
    return sent_it;
}

static void ids_count_from_zero_in_each_namespace(void **state)
{
    struct world *world = *state;
    assert_int_equal(ask(world, 0, 0), 0);
    assert_int_equal(ask(world, 1, 0), 1);
    world_receive(world, 0, "40/other,");
    world_forget(world);
    assert_int_equal(ask(world, 3, 0), 0);
    world_sent(world, 0, "42/other,0[\"q\",1]\n");
}

static void an_answer_comes_once_and_what_was_not_asked_is_ignored(void **state)
{
    struct world *world = *state;
    assert_int_equal(ask(world, 0, 1000), 0);
    world_sent(world, 0, "420[\"q\",1]\n");
    world_receive(world, 0, "431[\"of nobody\"]");
    world_receive(world, 0, "43[\"without an id\"]");
    world_receive(world, 1, "430[\"of another\"]");
    world_told(world, "");
    world_receive(world, 0, "430[\"x\", 2]");
    world_told(world, "answered (\"x\", 2)\n");
    world_receive(world, 0, "430[\"x\"]");
    world_pass(world, 2000);
    world_told(world, "");
    assert_false(world->links[0].closed);
}

static void in_time_means_before_the_deadline_and_later_answers_are_dropped(void **state)
{
    struct world *world = *state;
    assert_int_equal(ask(world, 0, 1000), 0);
    assert_int_equal(ask(world, 0, 500), 1);
    world->now_ms -= 2; // of the flush
    world_pass(world, 495);
    world_told(world, "");
    world_pass(world, 5);
    world_told(world, "timed out ()\n");
    world_receive(world, 0, "431[\"late\"]");
    world_told(world, "");
    world_receive(world, 0, "430[]");
    world_told(world, "answered ()\n");
    assert_int_equal(engineio_next_deadline(world->engine) > world->now_ms + 1000, true);
}

static void a_socket_that_ends_gives_up_what_it_owes(void **state)
{
    struct world *world = *state;
    assert_int_equal(ask(world, 0, 1000), 0);
    assert_int_equal(ask(world, 0, 0), 1);
    world_gone(world, 0);
    world_told(world, "disconnecting transport close, rooms\ndisconnected ()\ndisconnected ()\n"
                      "disconnect transport close, rooms\n");
    assert_int_equal(ask(world, 0, 0), -1);
    world_pass(world, 2000);
    world_told(world, "");
}

static void unanswered_ones_are_limited_in_both_directions(void **state)
{
    struct world *world = *state;
    for (int i = 0; i < 3; i++) {
        assert_int_equal(ask(world, 0, 0), i);
    }
    assert_int_equal(ask(world, 0, 0), -1);
    world_told(world, ""); // nothing was sent, and no callback comes
    assert_int_equal(ask(world, 1, 0), 3);
    for (int i = 0; i < 3; i++) {
        world_receive(world, 2, i == 0 ? "420[\"x\"]" : i == 1 ? "421[\"x\"]" : "422[\"x\"]");
    }
    assert_false(world->links[2].closed);
    world_receive(world, 2, "423[\"x\"]");
    assert_true(world->links[2].closed);
}

static void answer_with_binary(struct world *world, struct socketio_socket_id socket,
                               const struct socketio_event *event)
{
    struct bytes files[] = {bytes_text("a"), bytes_text("b")};
    socketio_ack_binary(world->server, socket, event->ack_id,
                        bytes_text("{\"_placeholder\":true,\"num\":0},"
                                   "{\"_placeholder\":true,\"num\":1}"),
                        files, 2);
    socketio_ack(world->server, socket, event->ack_id, bytes_text("\"again\""));
    socketio_ack(world->server, socket, event->ack_id + 1, bytes_text("\"never asked\""));
}

static void an_ack_is_sent_once_also_a_binary_one(void **state)
{
    struct world *world = *state;
    world->inside = answer_with_binary;
    world_receive(world, 0, "4212[\"x\"]");
    world_sent(world, 0,
               "462-12[{\"_placeholder\":true,\"num\":0},"
               "{\"_placeholder\":true,\"num\":1}]\nb:a\nb:b\n");
    world->inside = NULL;
    world_receive(world, 0, "421[\"x\"]");
    socketio_ack(world->server, world->sockets[0], 1, bytes_text(""));
    world_flush(world);
    world_sent(world, 0, "431[]\n");
}

static void a_broadcast_asks_all_under_one_id_and_collects_first_arguments(void **state)
{
    struct world *world = *state;
    assert_true(ask_all(world, 1000));
    for (size_t i = 0; i < 3; i++) {
        world_sent(world, i, "420[\"q\",1]\n");
    }
    world_receive(world, 2, "430[\"two\",\"ignored\"]");
    world_receive(world, 2, "430[\"twice\"]");
    world_receive(world, 0, "430[]");
    world_told(world, "");
    world_receive(world, 1, "430[ {\"a\":1} , 2]");
    world_told(world, "[\"two\",null,{\"a\":1}] 3 of 3\n");
    world_pass(world, 2000);
    world_told(world, "");
    assert_int_equal(ask(world, 0, 0), 1); // the id is used up
}

static void without_anybody_the_empty_list_comes_at_once(void **state)
{
    struct world *world = *state;
    struct bytes room = bytes_text("nobody's");
    struct socketio_target target = target_of("/", &room, 1);
    struct socketio_emission sent = emission("q", "1");
    assert_true(
        socketio_broadcast_with_ack(world->server, &target, &sent, 1000, on_answers, world));
    world_told(world, "[] 0 of 0\n");
    target = target_of("/not there", NULL, 0);
    assert_true(
        socketio_broadcast_with_ack(world->server, &target, &sent, 1000, on_answers, world));
    world_told(world, "[] 0 of 0\n");
}

static void the_time_limit_brings_what_there_is_and_frees_the_rest(void **state)
{
    struct world *world = *state;
    for (int i = 0; i < 5; i++) { // more often than one socket may owe
        assert_true(ask_all(world, 1000));
        world_forget(world);
        char answer[20];
        snprintf(answer, sizeof answer, "43%d[%d]", i, i);
        world_receive(world, 1, answer);
        world_pass(world, 1000);
        char expected[40];
        snprintf(expected, sizeof expected, "[%d] 1 of 3 in time\n", i);
        world_told(world, expected);
        world_receive(world, 0, answer); // too late
        world_told(world, "");
    }
}

static void sockets_that_end_are_missing_and_do_not_delay_the_others(void **state)
{
    struct world *world = *state;
    world->ops = (struct socketio_app_ops){0};
    assert_true(ask_all(world, 60000));
    world_receive(world, 0, "430[1]");
    world_receive(world, 1, "430[2]");
    world_gone(world, 2);
    const char *told = buffer_text(&world->told);
    assert_non_null(strstr(told, "[1,2] 2 of 3\n"));
}

static void binary_answers_are_collected_with_their_places(void **state)
{
    struct world *world = *state;
    assert_true(ask_all(world, 1000));
    world_receive(world, 0, "461-0[{\"_placeholder\":true,\"num\":0}]");
    world_receive_binary(world, 0, bytes_text("a"));
    world_receive(world, 1,
                  "462-0[[{\"num\": 1 ,\"_placeholder\":true},"
                  "{\"x\":{\"_placeholder\":true,\"num\":0}}]]");
    world_receive_binary(world, 1, bytes_text("b"));
    world_receive_binary(world, 1, bytes_text("c"));
    world_receive(world, 2, "430[{\"_placeholder\":true,\"num\":7}]"); // plain data
    world_told(world, "[{\"_placeholder\":true,\"num\":0},[{\"num\": 2 ,\"_placeholder\":true},"
                      "{\"x\":{\"_placeholder\":true,\"num\":1}}],"
                      "{\"_placeholder\":true,\"num\":7}] 3 of 3 <a> <b> <c>\n");
}

static void answers_that_are_too_large_together_are_missing(void **state)
{
    world_tear_down(state);
    world_set_up(state);
    struct world *world = *state;
    world->config.answers_bytes_max = 12;
    world_start(world);
    for (size_t i = 0; i < 3; i++) {
        (void)world_client(world);
    }
    assert_true(ask_all(world, 1000));
    world_receive(world, 0, "430[\"1234\"]");
    world_receive(world, 1, "430[\"12345\"]");
    world_receive(world, 2, "430[3]");
    world_told(world, "[\"1234\",3] 2 of 3\n");
}

static void placeholders_are_raised_and_nothing_else_is_touched(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"1", "1"},
        {"{\"_placeholder\":true,\"num\":0}", "{\"_placeholder\":true,\"num\":5}"},
        {"{\"num\":2,\"_placeholder\":true,\"x\":\"num\"}",
         "{\"num\":7,\"_placeholder\":true,\"x\":\"num\"}"},
        {"{\"num\":2,\"_placeholder\":false}", "{\"num\":2,\"_placeholder\":false}"},
        {"[{\"num\":2},{\"_placeholder\":true,\"num\":9}]",
         "[{\"num\":2},{\"_placeholder\":true,\"num\":14}]"},
    };
    for (size_t i = 0; i < 5; i++) {
        struct buffer out;
        buffer_init(&out, 200);
        json_text_shift_placeholders(bytes_text(cases[i][0]), 5, &out);
        assert_string_equal(buffer_text(&out), cases[i][1]);
        buffer_release(&out);
    }
}

static void members_are_found_by_name_and_the_last_counts(void **state)
{
    (void)state;
    struct bytes object =
        bytes_text(" { \"a\" : {\"pid\":1} , \"pid\":\"x\",\"offset\" : [1,2] ,\"pid\": \"y\" }");
    assert_true(bytes_equal_text(json_text_member(object, "pid"), "\"y\""));
    assert_true(bytes_equal_text(json_text_member(object, "offset"), "[1,2]"));
    assert_true(bytes_equal_text(json_text_member(object, "a"), "{\"pid\":1}"));
    assert_int_equal(json_text_member(object, "b").size, 0);
    assert_int_equal(json_text_member(bytes_text("{}"), "b").size, 0);
}

static void the_end_of_the_server_asks_nobody(void **state)
{
    struct world *world = *state;
    assert_int_equal(ask(world, 0, 1000), 0);
    assert_true(ask_all(world, 1000));
    socketio_server_destroy(world->server);
    world->server = NULL;
    world_told(world, "");
}

int main(void)
{
#define ACK_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, world_tear_down)
    const struct CMUnitTest tests[] = {
        ACK_TEST(ids_count_from_zero_in_each_namespace),
        ACK_TEST(an_answer_comes_once_and_what_was_not_asked_is_ignored),
        ACK_TEST(in_time_means_before_the_deadline_and_later_answers_are_dropped),
        ACK_TEST(a_socket_that_ends_gives_up_what_it_owes),
        ACK_TEST(unanswered_ones_are_limited_in_both_directions),
        ACK_TEST(an_ack_is_sent_once_also_a_binary_one),
        ACK_TEST(a_broadcast_asks_all_under_one_id_and_collects_first_arguments),
        ACK_TEST(without_anybody_the_empty_list_comes_at_once),
        ACK_TEST(the_time_limit_brings_what_there_is_and_frees_the_rest),
        ACK_TEST(sockets_that_end_are_missing_and_do_not_delay_the_others),
        ACK_TEST(binary_answers_are_collected_with_their_places),
        ACK_TEST(answers_that_are_too_large_together_are_missing),
        ACK_TEST(the_end_of_the_server_asks_nobody),
        cmocka_unit_test(placeholders_are_raised_and_nothing_else_is_touched),
        cmocka_unit_test(members_are_found_by_name_and_the_last_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
