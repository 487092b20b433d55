// Polls and posts through another bridge, one behaviour each.
#include "tests/unit/relay_case.h"

// ---- polls ----

static void a_poll_through_another_node_is_answered_by_the_holder(void **state)
{
    struct world *world = *state;
    open_session(world, 0);
    uint64_t poll = world_get(world, 1, world_query);
    world_pass(world, 100);
    assert_int_equal(status_of(world, poll), 0);
    world_emit(world, 0, 0, 2);
    world_pass(world, 100);
    expect_body(world, poll,
                "4s0.0:\x1e"
                "4s0.1:x");
    assert_int_equal(counts_of(world, 1).polls_out_total, 1);
    assert_int_equal(counts_of(world, 0).polls_in_total, 1);
}

static void a_body_is_confirmed_and_so_the_next_poll_does_not_wait(void **state)
{
    struct world *world = *state;
    open_session(world, 0);
    for (int i = 0; i < 10; i++) {
        world_emit(world, 0, 0, 1);
        uint64_t poll = world_get(world, 1 + i % 2, world_query);
        world_pass(world, 50);
        assert_int_equal(status_of(world, poll), 200);
    }
    assert_int_equal(counts_of(world, 0).lost_responses_total, 0);
}

static void a_client_that_leaves_its_poll_ends_its_session(void **state)
{
    struct world *world = *state;
    open_session(world, 0);
    uint64_t poll = world_get(world, 1, world_query);
    world_pass(world, 50);
    world_leave(world, poll);
    world_pass(world, 50);
    assert_int_equal(life_of(world, 0, 0)->closed, 1);
    poll = world_get(world, 2, world_query);
    world_pass(world, 50);
    expect_refused(world, poll, 1);
}

static void an_answer_that_comes_too_late_is_in_the_next_poll(void **state)
{
    struct world *world = *state;
    open_session(world, 0);
    uint64_t poll = world_get(world, 1, world_query);
    world_pass(world, 50);
    world->fixed_delay_ms = 20;
    world_emit(world, 0, 0, 1); // on its way when the client leaves
    world_leave(world, poll);
    world_pass(world, 100);
    assert_int_equal(life_of(world, 0, 0)->closed, 0);
    assert_int_equal(counts_of(world, 0).lost_responses_total, 1);
    poll = world_get(world, 2, world_query);
    world_pass(world, 100);
    expect_body(world, poll, "4s0.0:");
}

static void a_bridge_that_leaves_answers_the_polls_of_others_and_their_sessions_live(void **state)
{
    struct world *world = *state;
    world->fixed_delay_ms = 5;
    open_session(world, 0);
    uint64_t poll = world_get(world, 1, world_query);
    world_pass(world, 50);
    relay_leave(world->nodes[1].relay, world->now_ms);
    node_flush(&world->nodes[1]);
    expect_body(world, poll, "6");
    assert_int_equal(counts_of(world, 1).exchanges_out, 0);
    world_pass(world, 50);
    assert_int_equal(counts_of(world, 0).exchanges_in, 0);
    assert_int_equal(life_of(world, 0, 0)->closed, 0);
    world_emit(world, 0, 0, 1); // to nobody: the next poll has it
    poll = world_get(world, 2, world_query);
    world_pass(world, 50);
    expect_body(world, poll, "4s0.0:");
}

static void an_answer_that_meets_the_leaving_is_in_the_next_poll(void **state)
{
    struct world *world = *state;
    world->fixed_delay_ms = 20;
    open_session(world, 0);
    uint64_t poll = world_get(world, 1, world_query);
    world_pass(world, 100);
    world_emit(world, 0, 0, 1); // on its way
    relay_leave(world->nodes[1].relay, world->now_ms);
    node_flush(&world->nodes[1]);
    expect_body(world, poll, "6");
    world_pass(world, 200);
    poll = world_get(world, 2, world_query);
    world_pass(world, 100);
    expect_body(world, poll, "4s0.0:");
    assert_int_equal(life_of(world, 0, 0)->closed, 0);
}

static void of_two_polls_through_two_nodes_the_newer_counts(void **state)
{
    struct world *world = *state;
    open_session(world, 0);
    uint64_t older = world_get(world, 1, world_query);
    world_pass(world, 50);
    uint64_t newer = world_get(world, 2, world_query);
    world_pass(world, 50);
    world_emit(world, 0, 0, 1);
    world_pass(world, 50);
    assert_int_equal(status_of(world, older), 400);
    expect_body(world, newer, "4s0.0:");
    assert_int_equal(life_of(world, 0, 0)->closed, 0);
}

// ---- posts ----

static void a_post_through_another_node_is_read_and_answered(void **state)
{
    struct world *world = *state;
    world->fixed_delay_ms = 5;
    open_session(world, 0);
    uint64_t answer = world_post(world, 1, world_query,
                                 bytes_text("4c0.0:\x1e"
                                            "4c0.1:y"));
    world_pass(world, 100);
    expect_body(world, answer, "ok");
    assert_int_equal(life_of(world, 0, 0)->conn->next_in, 2);
    assert_int_equal(counts_of(world, 1).round_trips_total, 1);
    assert_true(counts_of(world, 1).round_trips_us_total > 0);
}

static void a_large_post_comes_in_parts(void **state)
{
    struct world *world = *state;
    world->large = 1000;
    open_session(world, 0);
    struct buffer body;
    buffer_init(&body, WORLD_PAYLOAD_MAX);
    for (uint32_t i = 0; i < 3; i++) {
        buffer_append_text(&body, i == 0 ? "" : "\x1e");
        append_message(world, &body, 0, i);
    }
    uint64_t answer = world_post(world, 1, world_query, buffer_bytes(&body));
    world_pass(world, 100);
    expect_body(world, answer, "ok");
    assert_int_equal(life_of(world, 0, 0)->conn->next_in, 3);
    buffer_release(&body);
}

static void a_post_that_is_too_large_is_refused_and_the_session_lives(void **state)
{
    struct world *world = *state;
    open_session(world, 0);
    uint64_t post = world_post_begin(world, 1, world_query);
    engineio_post_too_large(world->nodes[1].engine, world->now_ms, world->exchanges[post].session,
                            post);
    node_flush(&world->nodes[1]);
    assert_int_equal(status_of(world, post), 413);
    assert_int_equal(post_one(world, 2, 0), 200);
    assert_int_equal(counts_of(world, 1).exchanges_out, 0);
}

static void a_client_that_leaves_in_the_middle_of_a_post_ends_its_session(void **state)
{
    struct world *world = *state;
    open_session(world, 0);
    uint64_t post = world_post_begin(world, 1, world_query);
    world_pass(world, 50);
    world_leave(world, post);
    world_pass(world, 50);
    assert_int_equal(life_of(world, 0, 0)->closed, 1);
}

static void a_post_that_nobody_answers_is_refused_after_its_time(void **state)
{
    struct world *world = *state;
    open_session(world, 0);
    assert_int_equal(post_one(world, 1, 0), 200);
    node_cut(world, 1, true); // the edge knows, and holds what it has
    uint64_t post = world_post(world, 1, world_query, bytes_text("4c0.1:y"));
    world_pass(world, RELAY_POST_MS - 1);
    assert_int_equal(status_of(world, post), 0);
    world_pass(world, 1);
    assert_int_equal(status_of(world, post), 503);
    assert_int_equal(counts_of(world, 1).timed_out_total, 1);
}

static void a_post_is_carried_out_once_when_its_channel_ends_before_the_answer(void **state)
{
    struct world *world = *state;
    open_session(world, 0);
    assert_int_equal(post_one(world, 1, 0), 200);
    world->fixed_delay_ms = 20;
    uint64_t post = world_post(world, 1, world_query, bytes_text("4c0.1:y"));
    world_pass(world, 30); // read, and the answer is on its way
    assert_int_equal(life_of(world, 0, 0)->conn->next_in, 2);
    node_cut(world, 1, true);
    node_count_as_dead(world, 1); // the broker says so
    world_pass(world, 1000);
    node_join(world, 1);
    world_pass(world, 1000);
    expect_body(world, post, "ok"); // app_message() would not take the same number again
    world_pass(world, 2000);
    assert_int_equal(counts_of(world, 0).exchanges_in, 0);
}

static void what_a_former_start_was_answered_is_no_answer_to_the_next(void **state)
{
    struct world *world = *state;
    open_session(world, 0);
    assert_int_equal(post_one(world, 1, 0), 200);
    world->fixed_delay_ms = 20;
    (void)world_post(world, 1, world_query, bytes_text("4c0.1:y"));
    world_pass(world, 30);
    node_count_as_dead(world, 1);
    node_kill(world, 1);
    node_start(world, 1, "bbbb"); // by chance the same name, and so the same ids
    world->fixed_delay_ms = 0;
    (void)world_get(world, 1, world_query);
    world_pass(world, 20);
    world_emit(world, 0, 0, 1);
    world_pass(world, 20);
    uint64_t post = world_post(world, 1, world_query, bytes_text("4c0.2:yy"));
    world_pass(world, 20);
    expect_body(world, post, "ok");
    assert_int_equal(life_of(world, 0, 0)->conn->next_in, 3);
}

// The nodes may have been started with other limits.
static void a_post_that_is_too_large_for_the_holder_is_refused_by_it(void **state)
{
    struct world *world = *state;
    size_t size = WORLD_PAYLOAD_MAX + 1;
    uint8_t *body = calloc(1, size);
    assert_non_null(body);
    open_session(world, 0);
    uint64_t post = world_post(world, 1, world_query, bytes_of(body, size));
    world_pass(world, 50);
    assert_int_equal(status_of(world, post), 413);
    assert_int_equal(post_one(world, 1, 0), 200);
    free(body);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_poll_through_another_node_is_answered_by_the_holder),
        CASE(a_body_is_confirmed_and_so_the_next_poll_does_not_wait),
        CASE(a_client_that_leaves_its_poll_ends_its_session),
        CASE(an_answer_that_comes_too_late_is_in_the_next_poll),
        CASE(a_bridge_that_leaves_answers_the_polls_of_others_and_their_sessions_live),
        CASE(an_answer_that_meets_the_leaving_is_in_the_next_poll),
        CASE(of_two_polls_through_two_nodes_the_newer_counts),
        CASE(a_post_through_another_node_is_read_and_answered),
        CASE(a_large_post_comes_in_parts),
        CASE(a_post_that_is_too_large_is_refused_and_the_session_lives),
        CASE(a_client_that_leaves_in_the_middle_of_a_post_ends_its_session),
        CASE(a_post_that_nobody_answers_is_refused_after_its_time),
        CASE(a_post_is_carried_out_once_when_its_channel_ends_before_the_answer),
        CASE(what_a_former_start_was_answered_is_no_answer_to_the_next),
        CASE(a_post_that_is_too_large_for_the_holder_is_refused_by_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
