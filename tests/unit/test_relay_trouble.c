// Polls and posts through another bridge when there is none, when nodes die, fall silent or are cut
// off, and at limits.
#include "tests/unit/relay_case.h"

// ---- nobody there ----

static void a_sid_of_no_node_that_lives_is_unknown_at_once(void **state)
{
    struct world *world = *state;
    expect_refused(world, world_get(world, 1, "EIO=4&transport=polling&sid=zzzz0123456789abcdef"),
                   1);
    expect_refused(world, world_get(world, 1, "EIO=4&transport=polling&sid=bbbb0123456789abcdef"),
                   1);
    expect_refused(
        world, world_get(world, 1, "EIO=4&transport=polling&sid=%2B%2B%2B%2B0123456789abcdef"), 1);
    assert_int_equal(counts_of(world, 1).messages_out_total, 0);
    assert_int_equal(counts_of(world, 1).unknown_total, 3);
}

static void a_sid_that_its_node_does_not_know_is_unknown(void **state)
{
    struct world *world = *state;
    const char *query = ended_query(world, 0, "EIO=4&transport=polling");
    uint64_t poll = world_get(world, 1, query);
    uint64_t post = world_post(world, 1, query, bytes_text("4c"));
    world_pass(world, 50);
    expect_refused(world, poll, 1);
    expect_refused(world, post, 1);
    assert_int_equal(counts_of(world, 0).polls_in_total, 1);
}

// Else a stranger could have bridges send each other what he likes, and fill what they hold.
static void a_sid_that_no_bridge_has_drawn_is_asked_of_none(void **state)
{
    struct world *world = *state;
    char query[160];
    open_session(world, 0);
    expect_refused(world, world_get(world, 1, "EIO=4&transport=polling&sid=aaaa0123456789abcdef"),
                   1);
    const size_t size = strlen(world_query);
    for (size_t i = size - ENGINEIO_SID_SIZE + ENGINEIO_NODE_SIZE; i < size; i++) {
        snprintf(query, sizeof query, "%s", world_query);
        query[i] = query[i] == 'A' ? 'B' : 'A'; // one character is another one
        expect_refused(world, world_get(world, 1, query), 1);
        expect_refused(world, world_post_begin(world, 1, query), 1);
        assert_int_equal(status_of(world, world_upgrade(world, 1, query)), 400);
    }
    assert_int_equal(counts_of(world, 1).messages_out_total, 0);
    assert_int_equal(counts_of(world, 1).exchanges_out, 0);
    uint64_t poll = world_get(world, 1, world_query); // the true one is
    world_emit(world, 0, 0, 1);
    world_pass(world, 50);
    expect_body(world, poll, "4s0.0:");
}

static void a_poll_at_a_node_that_dies_is_answered_at_once(void **state)
{
    struct world *world = *state;
    open_session(world, 0);
    uint64_t poll = world_get(world, 1, world_query);
    world_pass(world, 50);
    node_count_as_dead(world, 0);
    expect_refused(world, poll, 1);
}

static void a_poll_at_a_node_that_falls_silent_is_answered_after_three_seconds(void **state)
{
    struct world *world = *state;
    open_session(world, 0);
    uint64_t poll = world_get(world, 1, world_query);
    world_pass(world, 4000); // keep-alives go to and fro
    assert_int_equal(status_of(world, poll), 0);
    node_cut(world, 0, false);
    world_pass(world, RELAY_SILENT_MS - 1100);
    assert_int_equal(status_of(world, poll), 0);
    world_pass(world, 1200);
    expect_refused(world, poll, 1);
}

static void nobody_waits_for_a_node_that_has_been_silent_already(void **state)
{
    struct world *world = *state;
    open_session(world, 0);
    uint64_t poll = world_get(world, 1, world_query);
    world_pass(world, 50);
    world->fixed_delay_ms = 5;
    world_emit(world, 0, 0, 1);
    world_pass(world, 5);
    assert_int_equal(status_of(world, poll), 200);
    node_cut(world, 0, false); // before it hears that
    world_pass(world, RELAY_SILENT_MS + 1000);
    expect_refused(world, world_get(world, 1, world_query), 1);
}

static void a_session_whose_poll_is_at_a_silent_node_is_polled_through_another(void **state)
{
    struct world *world = *state;
    open_session(world, 0);
    (void)world_get(world, 1, world_query);
    world_pass(world, 50);
    node_cut(world, 1, false);
    world_pass(world, RELAY_SILENT_MS + 100);
    uint64_t poll = world_get(world, 2, world_query);
    world_emit(world, 0, 0, 1);
    world_pass(world, 50);
    expect_body(world, poll, "4s0.0:");
    assert_int_equal(life_of(world, 0, 0)->closed, 0);
}

static void a_session_ends_when_nobody_can_say_whether_its_client_got_the_body(void **state)
{
    struct world *world = *state;
    open_session(world, 0);
    (void)world_get(world, 1, world_query);
    world_pass(world, 50);
    world->fixed_delay_ms = 20;
    world_emit(world, 0, 0, 1);
    node_count_as_dead(world, 1); // may have written it
    node_kill(world, 1);
    world_pass(world, 50);
    assert_int_equal(life_of(world, 0, 0)->closed, 1);
}

static void an_answer_that_never_went_is_in_the_next_poll(void **state)
{
    struct world *world = *state;
    open_session(world, 0);
    (void)world_get(world, 1, world_query);
    world_pass(world, 50);
    world->is_full = true; // it waits at the holder
    world_emit(world, 0, 0, 1);
    node_count_as_dead(world, 1);
    world->is_full = false;
    uint64_t poll = world_get(world, 2, world_query);
    world_pass(world, 50);
    expect_body(world, poll, "4s0.0:");
    assert_int_equal(life_of(world, 0, 0)->closed, 0);
}

static void polls_hang_over_a_restart_of_the_broker(void **state)
{
    struct world *world = *state;
    open_session(world, 0);
    uint64_t poll = world_get(world, 1, world_query);
    world_pass(world, 50);
    for (int i = 0; i < NODES; i++) {
        node_cut(world, i, true);
    }
    world_pass(world, 1000);
    world_emit(world, 0, 0, 1); // while nothing goes
    for (int i = 0; i < NODES; i++) {
        world_pass(world, 500);
        node_join(world, i);
    }
    world_pass(world, 100);
    expect_body(world, poll, "4s0.0:");
}

// ---- cuts ----

static void polls_that_were_forgotten_during_a_cut_are_asked_again(void **state)
{
    struct world *world = *state;
    open_session(world, 0);
    uint64_t poll = world_get(world, 1, world_query);
    world_pass(world, 50);
    node_cut(world, 1, true);
    world_pass(world, RELAY_SILENT_MS - 20);
    assert_int_equal(counts_of(world, 0).exchanges_in, 0); // forgotten
    node_join(world, 1);
    world_pass(world, 200);
    world_emit(world, 0, 0, 1);
    world_pass(world, 50);
    expect_body(world, poll, "4s0.0:");
}

static void a_bridge_that_was_stopped_does_not_blame_the_others(void **state)
{
    struct world *world = *state;
    struct node *node = &world->nodes[1];
    open_session(world, 0);
    uint64_t poll = world_get(world, 1, world_query);
    world_pass(world, 50);
    node->is_stopped = true;
    world_pass(world, RELAY_SILENT_MS + 500);
    node->is_stopped = false;
    relay_process(node->relay, world->now_ms); // its timers come before what waits for it
    node_flush(node);
    assert_int_equal(status_of(world, poll), 0);
    world_pass(world, 200);
    world_emit(world, 0, 0, 1);
    world_pass(world, 50);
    expect_body(world, poll, "4s0.0:");
}

static void an_answer_that_a_cut_swallowed_arrives_after_it(void **state)
{
    struct world *world = *state;
    open_session(world, 0);
    uint64_t poll = world_get(world, 1, world_query);
    world_pass(world, 50);
    node_cut(world, 1, true);
    world_emit(world, 0, 0, 1); // to nobody
    world_pass(world, RELAY_SILENT_MS - 20);
    node_join(world, 1);
    world_pass(world, 100); // no longer than asking takes
    expect_body(world, poll, "4s0.0:");
    assert_int_equal(life_of(world, 0, 0)->closed, 0);
}

// By way of another bridge the session can be reached, and its client shall not wait for this one.
static void polls_do_not_wait_for_a_broker_that_stays_away(void **state)
{
    struct world *world = *state;
    open_session(world, 0);
    uint64_t poll = world_get(world, 1, world_query);
    world_pass(world, 50);
    node_cut(world, 1, true);
    world_pass(world, RELAY_SILENT_MS + 50);
    expect_body(world, poll, "6");
    poll = world_get(world, 2, world_query);
    world_emit(world, 0, 0, 1);
    world_pass(world, 50);
    expect_body(world, poll, "4s0.0:");
    uint64_t bytes = counts_of(world, 1).bodies_bytes;
    poll = world_get(world, 1, world_query); // again that one
    world_pass(world, RELAY_SILENT_MS + 50);
    expect_body(world, poll, "6");
    assert_int_equal(counts_of(world, 1).bodies_bytes, bytes); // nothing is heaped up meanwhile
    poll = world_get(world, 1, world_query);
    node_join(world, 1);
    world_pass(world, 200);
    expect_body(world, poll, "2"); // the ping has been due since
    poll = world_get(world, 1, world_query);
    world_emit(world, 0, 0, 1);
    world_pass(world, 50);
    expect_body(world, poll, "4s0.1:x");
    assert_int_equal(life_of(world, 0, 0)->closed, 0);
}

static void an_answer_to_a_poll_that_was_given_back_is_in_the_next_one(void **state)
{
    struct world *world = *state;
    open_session(world, 0);
    uint64_t poll = world_get(world, 1, world_query);
    world_pass(world, 50);
    node_cut(world, 1, true);
    world_emit(world, 0, 0, 1); // to nobody
    world_pass(world, RELAY_SILENT_MS + 50);
    expect_body(world, poll, "6");
    node_join(world, 1);
    poll = world_get(world, 2, world_query);
    world_pass(world, 1100);
    expect_body(world, poll, "4s0.0:");
    assert_int_equal(life_of(world, 0, 0)->closed, 0);
}

static void after_a_cut_of_all_a_node_has_time_to_come_back(void **state)
{
    struct world *world = *state;
    open_session(world, 0);
    uint64_t poll = world_get(world, 1, world_query);
    world_pass(world, 50);
    for (int i = 0; i < NODES; i++) {
        node_cut(world, i, true);
    }
    node_join(world, 1);
    world_pass(world, RELAY_SILENT_MS + 900);
    assert_int_equal(status_of(world, poll), 0);
    node_join(world, 0);
    world_pass(world, 50);
    world_emit(world, 0, 0, 1);
    world_pass(world, 50);
    expect_body(world, poll, "4s0.0:");
}

// ---- limits ----

static void more_exchanges_than_may_wait_are_refused(void **state)
{
    struct world *world = *state;
    node_cut(world, 1, true);
    uint64_t last = 0;
    const char *query = ended_query(world, 0, "EIO=4&transport=polling");
    for (int i = 0; i <= RELAY_EXCHANGES_MAX; i++) {
        last = world_get(world, 1, query);
    }
    assert_int_equal(status_of(world, last), 503);
    assert_int_equal(status_of(world, last - 1), 0);
    assert_int_equal(counts_of(world, 1).refused_total, 1);
    node_join(world, 1);
    world_pass(world, 30000);
    assert_int_equal(status_of(world, last - 1), 400);
    assert_int_equal(counts_of(world, 1).exchanges_out, 0);
}

// Of posts a holder keeps the answers until they are heard.
static void more_than_a_holder_may_keep_are_refused(void **state)
{
    struct world *world = *state;
    int counts[2] = {0, 0};
    enum { EACH = 3 * RELAY_EXCHANGES_MAX / 5 };
    const char *query = ended_query(world, 0, "EIO=4&transport=polling");
    world->fixed_delay_ms = 20;
    for (int i = 0; i < 2 * EACH; i++) {
        world_post(world, 1 + i % 2, query, bytes_text("4"));
    }
    world_pass(world, 300);
    for (int i = 1; i <= 2 * EACH; i++) {
        int status = status_of(world, (uint64_t)i);
        assert_true(status == 400 || status == 503);
        counts[status == 503]++;
    }
    assert_int_equal(counts[1], 2 * EACH - RELAY_EXCHANGES_MAX);
    world_pass(world, 2000);
    assert_int_equal(counts_of(world, 0).exchanges_in, 0);
}

static void more_bytes_than_may_wait_are_refused(void **state)
{
    struct world *world = *state;
    int refused = 0;
    uint8_t *body = calloc(1, WORLD_PAYLOAD_MAX);
    assert_non_null(body);
    node_cut(world, 1, true);
    for (int i = 0; i < 80; i++) {
        uint64_t post = world_post(world, 1, ended_query(world, 0, "EIO=4&transport=polling"),
                                   bytes_of(body, WORLD_PAYLOAD_MAX));
        refused += status_of(world, post) == 503 ? 1 : 0;
    }
    assert_int_equal(refused, 80 - RELAY_BODIES_MAX / WORLD_PAYLOAD_MAX);
    world_pass(world, RELAY_POST_MS);
    assert_int_equal(counts_of(world, 1).bodies_bytes, 0);
    free(body);
}

// Clients post one body at a time: who does not shall not take the others' room.
static void a_session_that_posts_much_at_once_leaves_room_for_others(void **state)
{
    struct world *world = *state;
    int refused = 0;
    const char *query = ended_query(world, 0, "EIO=4&transport=polling");
    uint8_t *body = calloc(1, WORLD_PAYLOAD_MAX);
    assert_non_null(body);
    node_cut(world, 1, true);
    for (int i = 0; i < 80; i++) {
        uint64_t post = world_post(world, 1, query, bytes_of(body, WORLD_PAYLOAD_MAX));
        refused += status_of(world, post) == 503 ? 1 : 0;
    }
    assert_int_equal(refused, 80 - (RELAY_BODIES_MAX / 4 / WORLD_PAYLOAD_MAX + 1));
    query = ended_query(world, 0, "EIO=4&transport=polling");
    uint64_t other = world_post(world, 1, query, bytes_of(body, WORLD_PAYLOAD_MAX));
    assert_int_equal(status_of(world, other), 0);
    free(body);
}

static size_t bytes_on_their_way(const struct world *world, int to, int from)
{
    size_t sum = 0;
    for (const struct letter *letter = world->nodes[to].boxes[0][from].first; letter != NULL;
         letter = letter->next) {
        sum += letter->size;
    }
    return sum;
}

// A broker's queue is bounded too: what is not heard is not heaped up there.
static void few_megabytes_are_on_their_way_at_once_and_they_do_not_stop(void **state)
{
    struct world *world = *state;
    uint64_t posts[20];
    uint8_t *body = calloc(1, WORLD_PAYLOAD_MAX);
    assert_non_null(body);
    open_session(world, 0);
    assert_int_equal(post_one(world, 1, 0), 200);
    world->fixed_delay_ms = 5;
    for (size_t i = 0; i < 20; i++) {
        posts[i] = world_post(world, 1, ended_query(world, 0, "EIO=4&transport=polling"),
                              bytes_of(body, WORLD_PAYLOAD_MAX));
    }
    assert_in_range(bytes_on_their_way(world, 0, 1), 3 << 20, 4200000);
    world_pass(world, 300);
    for (size_t i = 0; i < 20; i++) {
        assert_int_equal(status_of(world, posts[i]), 400);
    }
    free(body);
}

static void requests_that_come_to_their_own_node_cost_nothing(void **state)
{
    struct world *world = *state;
    open_session(world, 0);
    uint64_t poll = world_get(world, 0, world_query);
    assert_int_equal(post_one(world, 0, 0), 200);
    world_emit(world, 0, 0, 1);
    assert_int_equal(status_of(world, poll), 200);
    for (int i = 0; i < NODES; i++) {
        assert_int_equal(counts_of(world, i).messages_out_total, 0);
        assert_true(relay_deadline_ms(world->nodes[i].relay) == INT64_MAX);
    }
}

static void two_nodes_with_nothing_between_them_fall_silent(void **state)
{
    struct world *world = *state;
    open_session(world, 0);
    assert_int_equal(post_one(world, 1, 0), 200);
    world_pass(world, 3000);
    uint64_t before =
        counts_of(world, 0).messages_out_total + counts_of(world, 1).messages_out_total;
    world_pass(world, 1500);
    assert_int_equal(
        counts_of(world, 0).messages_out_total + counts_of(world, 1).messages_out_total, before);
    assert_int_equal(before, 3 + 1 + 1 + 2); // greeting, ask, answer, who has heard what
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_sid_of_no_node_that_lives_is_unknown_at_once),
        CASE(a_sid_that_its_node_does_not_know_is_unknown),
        CASE(a_sid_that_no_bridge_has_drawn_is_asked_of_none),
        CASE(a_poll_at_a_node_that_dies_is_answered_at_once),
        CASE(a_poll_at_a_node_that_falls_silent_is_answered_after_three_seconds),
        CASE(nobody_waits_for_a_node_that_has_been_silent_already),
        CASE(a_session_whose_poll_is_at_a_silent_node_is_polled_through_another),
        CASE(a_session_ends_when_nobody_can_say_whether_its_client_got_the_body),
        CASE(an_answer_that_never_went_is_in_the_next_poll),
        CASE(polls_hang_over_a_restart_of_the_broker),
        CASE(polls_that_were_forgotten_during_a_cut_are_asked_again),
        CASE(a_bridge_that_was_stopped_does_not_blame_the_others),
        CASE(an_answer_that_a_cut_swallowed_arrives_after_it),
        CASE(polls_do_not_wait_for_a_broker_that_stays_away),
        CASE(an_answer_to_a_poll_that_was_given_back_is_in_the_next_one),
        CASE(after_a_cut_of_all_a_node_has_time_to_come_back),
        CASE(a_session_that_posts_much_at_once_leaves_room_for_others),
        CASE(few_megabytes_are_on_their_way_at_once_and_they_do_not_stop),
        CASE(more_exchanges_than_may_wait_are_refused),
        CASE(more_than_a_holder_may_keep_are_refused),
        CASE(more_bytes_than_may_wait_are_refused),
        CASE(requests_that_come_to_their_own_node_cost_nothing),
        CASE(two_nodes_with_nothing_between_them_fall_silent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
