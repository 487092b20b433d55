// Upgrades through another bridge, and sessions that move to where their WebSocket is.
#include "tests/unit/relay_case.h"

static void a_session_moves_at_packet_5_and_goes_on_there(void **state)
{
    struct world *world = *state;
    open_session(world, 0);
    uint64_t ws = upgrade(world, 1);
    ws_say(world, ws, "2probe");
    world_pass(world, 50);
    assert_string_equal(frames_of(world, ws), "3probe");
    assert_int_equal(life_of(world, 0, 0)->moved, 0); // not at the probe
    assert_int_equal(post_one(world, 2, 0), 200);
    ws_say(world, ws, "5");
    world_pass(world, 50);
    assert_int_equal(life_of(world, 0, 0)->moved, 1);
    assert_int_equal(life_of(world, 0, 0)->closed, 0);
    assert_ptr_equal(life_of(world, 0, 0)->conn->node, &world->nodes[1]);
    ws_say(world, ws, "4c0.1:y");
    world_emit(world, 0, 0, 1);
    world_pass(world, 50);
    assert_string_equal(frames_of(world, ws), "3probe 4s0.0:");
    assert_int_equal(life_of(world, 0, 0)->conn->next_in, 2);
    world_pass(world, 2000); // until it is known there too
    assert_int_equal(counts_of(world, 0).moved_out_total, 1);
    assert_int_equal(counts_of(world, 1).moved_in_total, 1);
}

static void a_poll_that_hangs_elsewhere_is_freed_for_the_upgrade(void **state)
{
    struct world *world = *state;
    open_session(world, 0);
    uint64_t poll = world_get(world, 2, world_query);
    uint64_t ws = upgrade(world, 1);
    ws_say(world, ws, "2probe");
    world_pass(world, 300);
    expect_body(world, poll, "6");
}

static void frames_behind_packet_5_wait_for_the_session(void **state)
{
    struct world *world = *state;
    open_session(world, 0);
    uint64_t ws = upgrade(world, 1);
    world->fixed_delay_ms = 20;
    ws_say(world, ws, "2probe"); // all in one segment
    ws_say(world, ws, "5");
    ws_say(world, ws, "4c0.0:");
    ws_say(world, ws, "4c0.1:y");
    world_emit(world, 0, 0, 2);
    world_pass(world, 100);
    assert_int_equal(life_of(world, 0, 0)->conn->next_in, 2);
    assert_string_equal(frames_of(world, ws), "3probe 4s0.0: 4s0.1:x");
}

static void more_than_four_payloads_behind_packet_5_close_the_websocket(void **state)
{
    struct world *world = *state;
    char *frame = calloc(1, WORLD_PAYLOAD_MAX);
    assert_non_null(frame);
    open_session(world, 0);
    uint64_t ws = upgrade(world, 1);
    world->fixed_delay_ms = 20;
    ws_say(world, ws, "5");
    for (int i = 0; i < 3; i++) {
        world_ws_send(world, ws, frame, WORLD_PAYLOAD_MAX);
    }
    world_ws_send(world, ws, frame, WORLD_PAYLOAD_MAX - 100);
    assert_true(world->sockets[ws].is_open);
    world_ws_send(world, ws, frame, 100);
    assert_false(world->sockets[ws].is_open);
    assert_int_equal(world->sockets[ws].close_code, 1009);
    world_pass(world, 200);
    assert_int_equal(life_of(world, 0, 0)->closed, 1); // its transport is gone
    assert_int_equal(counts_of(world, 1).exchanges_out, 0);
    assert_int_equal(counts_of(world, 1).bodies_bytes, 0);
    free(frame);
}

static void any_other_first_packet_closes_the_websocket_only(void **state)
{
    struct world *world = *state;
    open_session(world, 0);
    uint64_t ws = upgrade(world, 1);
    ws_say(world, ws, "4hello");
    assert_false(world->sockets[ws].is_open);
    world_pass(world, 50);
    assert_int_equal(post_one(world, 2, 0), 200);
    ws = upgrade(world, 2); // and another probe is welcome
    ws_say(world, ws, "2probe");
    assert_string_equal(frames_of(world, ws), "3probe");
}

static void a_websocket_that_is_lost_before_packet_5_leaves_the_session(void **state)
{
    struct world *world = *state;
    open_session(world, 0);
    uint64_t ws = upgrade(world, 1);
    ws_say(world, ws, "2probe");
    world_ws_leave(world, ws);
    world_pass(world, 50);
    assert_int_equal(post_one(world, 1, 0), 200);
    world_pass(world, 2000);
    assert_int_equal(counts_of(world, 0).exchanges_in + counts_of(world, 1).exchanges_out, 0);
    ws = upgrade(world, 1);
}

static void a_websocket_that_says_nothing_is_closed_after_its_time(void **state)
{
    struct world *world = *state;
    open_session(world, 0);
    uint64_t ws = upgrade(world, 1);
    world_pass(world, WORLD_UPGRADE_MS + 10);
    assert_false(world->sockets[ws].is_open);
    assert_int_equal(life_of(world, 0, 0)->closed, 0);
    assert_int_equal(counts_of(world, 0).exchanges_in + counts_of(world, 1).exchanges_out, 0);
}

static void a_client_that_leaves_before_the_101_is_forgotten(void **state)
{
    struct world *world = *state;
    char query[200];
    open_session(world, 0);
    snprintf(query, sizeof query, "EIO=4&transport=websocket%s", strstr(world_query, "&sid="));
    uint64_t exchange = world_upgrade(world, 1, query);
    world_leave(world, exchange);
    world_pass(world, 50);
    assert_int_equal(life_of(world, 0, 0)->closed, 0);
    (void)upgrade(world, 2); // no probe is left there
}

static void a_client_that_has_left_when_the_101_goes_is_forgotten(void **state)
{
    struct world *world = *state;
    char query[200];
    open_session(world, 0);
    snprintf(query, sizeof query, "EIO=4&transport=websocket%s", strstr(world_query, "&sid="));
    world->has_no_peers = true;
    (void)world_upgrade(world, 1, query);
    world_pass(world, 50);
    world->has_no_peers = false;
    assert_int_equal(counts_of(world, 1).exchanges_out, 0);
    ws_say(world, upgrade(world, 2), "2probe"); // no probe is left there
    assert_string_equal(frames_of(world, 1), "3probe");
}

static uint64_t ask_upgrade(struct world *world, int node, const char *query)
{
    uint64_t exchange = world_upgrade(world, node, query);
    world_pass(world, 50);
    return exchange;
}

static void upgrades_that_cannot_be_are_refused_as_at_home(void **state)
{
    struct world *world = *state;
    char query[200];
    open_session(world, 0);
    uint64_t exchange = ask_upgrade(world, 1, ended_query(world, 0, "EIO=4&transport=websocket"));
    expect_body_of(world, exchange, 400, "Session ID unknown");
    snprintf(query, sizeof query, "EIO=3&transport=websocket%s", strstr(world_query, "&sid="));
    expect_body_of(world, ask_upgrade(world, 1, query), 400, "Bad request");
    (void)upgrade(world, 1);
    snprintf(query, sizeof query, "EIO=4&transport=websocket%s", strstr(world_query, "&sid="));
    exchange = ask_upgrade(world, 2, query); // there is a probe already
    assert_int_equal(status_of(world, exchange), 101);
    assert_false(world->sockets[world->exchanges[exchange].ws].is_open);
    node_count_as_dead(world, 0);
    expect_body_of(world, ask_upgrade(world, 1, query), 400, "Session ID unknown");
}

static void an_application_that_is_busy_is_asked_again(void **state)
{
    struct world *world = *state;
    open_session(world, 0);
    uint64_t ws = upgrade(world, 1);
    world->busy = 1000;
    ws_say(world, ws, "5");
    world_pass(world, 500);
    assert_int_equal(life_of(world, 0, 0)->moved, 0);
    assert_true(world->sockets[ws].is_open);
    world->busy = 0;
    world_pass(world, 60);
    assert_int_equal(life_of(world, 0, 0)->moved, 1);
}

static void an_application_that_stays_busy_ends_the_upgrade_only(void **state)
{
    struct world *world = *state;
    open_session(world, 0);
    uint64_t ws = upgrade(world, 1);
    world->busy = 1000;
    ws_say(world, ws, "5");
    world_pass(world, WORLD_UPGRADE_MS + 100);
    assert_false(world->sockets[ws].is_open);
    assert_int_equal(life_of(world, 0, 0)->closed, 0);
    assert_int_equal(post_one(world, 1, 0), 200);
}

// Each could be a message to the holder, and is free for the client.
// The poll ends, its client says 5, and that is there before the word that the poll was empty.
static void what_meets_a_bridge_that_leaves_goes_to_the_websocket(void **state)
{
    struct world *world = *state;
    char query[200];
    world->fixed_delay_ms = 20;
    open_session(world, 0);
    snprintf(query, sizeof query, "EIO=4&transport=websocket%s", strstr(world_query, "&sid="));
    uint64_t poll = world_get(world, 1, world_query);
    world_pass(world, 100);
    uint64_t ws = world->exchanges[world_upgrade(world, 0, query)].ws; // at home
    world_emit(world, 0, 0, 1);                                        // on its way to the poll
    relay_leave(world->nodes[1].relay, world->now_ms);
    node_flush(&world->nodes[1]);
    expect_body(world, poll, "6");
    ws_say(world, ws, "2probe");
    ws_say(world, ws, "5");
    world_pass(world, 100);
    assert_string_equal(frames_of(world, ws), "3probe 4s0.0:");
}

static void the_holder_hears_of_a_probe_once(void **state)
{
    struct world *world = *state;
    open_session(world, 0);
    uint64_t ws = upgrade(world, 1);
    uint64_t before = counts_of(world, 1).messages_out_total;
    for (int i = 0; i < 1000 && world->sockets[ws].is_open; i++) {
        ws_say(world, ws, "2probe");
    }
    world_pass(world, 50);
    assert_true(counts_of(world, 1).messages_out_total - before < 5);
    assert_true(world->sockets[ws].received.size < 1000);
}

// The engine gives the probe up within the calls about it: at the millisecond of its time-out.
static void a_probe_may_end_while_the_engine_is_asked_about_it(void **state)
{
    struct world *world = *state;
    open_session(world, 0);
    world->delay_max_ms = 0;
    uint64_t ws = upgrade(world, 1);
    int64_t begun_ms = world->now_ms - 50;
    world_pass(world, begun_ms + WORLD_UPGRADE_MS - 10 - world->now_ms);
    world->fixed_delay_ms = 10;
    ws_say(world, ws, "2probe");
    world_pass(world, 100);
    assert_false(world->sockets[ws].is_open);
    world->fixed_delay_ms = 0;
    world->busy = 1000;
    ws = upgrade(world, 2);
    ws_say(world, ws, "5"); // asked again each 50 ms, also at that one
    world_pass(world, WORLD_UPGRADE_MS + 100);
    assert_false(world->sockets[ws].is_open);
    assert_int_equal(life_of(world, 0, 0)->closed, 0);
}

static void a_session_that_cannot_live_there_ends_on_both_sides(void **state)
{
    struct world *world = *state;
    open_session(world, 0);
    uint64_t ws = upgrade(world, 1);
    engineio_shut_down(world->nodes[1].engine); // takes no sessions any more
    ws_say(world, ws, "5");
    world_pass(world, 100);
    assert_false(world->sockets[ws].is_open);
    assert_int_equal(life_of(world, 0, 0)->closed, 1);
    assert_int_equal(life_of(world, 0, 0)->moved, 0);
    assert_null(life_of(world, 0, 0)->conn);
    assert_int_equal(counts_of(world, 1).moves_failed_total, 1);
    assert_int_equal(counts_of(world, 0).moves_failed_total, 1);
}

static void a_websocket_lost_on_the_way_ends_the_session(void **state)
{
    struct world *world = *state;
    open_session(world, 0);
    uint64_t ws = upgrade(world, 1);
    world->fixed_delay_ms = 20;
    ws_say(world, ws, "5");
    world_pass(world, 30); // frozen, and on its way
    world_ws_leave(world, ws);
    world_pass(world, 100);
    assert_int_equal(life_of(world, 0, 0)->closed, 1);
    assert_null(life_of(world, 0, 0)->conn);
    assert_int_equal(counts_of(world, 0).exchanges_in + counts_of(world, 1).exchanges_out, 0);
}

static void a_session_whose_move_nobody_confirms_ends_on_both_sides(void **state)
{
    struct world *world = *state;
    open_session(world, 0);
    uint64_t ws = upgrade(world, 1);
    world->fixed_delay_ms = 20;
    ws_say(world, ws, "5");
    world_pass(world, 45); // it lives there, and `done` is on its way
    assert_ptr_equal(life_of(world, 0, 0)->conn->node, &world->nodes[1]);
    node_cut(world, 0, false);
    world_pass(world, WORLD_UPGRADE_MS + 100);
    assert_false(world->sockets[ws].is_open);
    assert_null(life_of(world, 0, 0)->conn);
    assert_int_equal(life_of(world, 0, 0)->closed, 2); // at either side
    node_join(world, 0);
    world_pass(world, 20000);
    assert_int_equal(counts_of(world, 0).exchanges_in + counts_of(world, 1).exchanges_out, 0);
}

static void a_session_ends_when_the_node_dies_that_it_goes_to(void **state)
{
    struct world *world = *state;
    open_session(world, 0);
    uint64_t ws = upgrade(world, 1);
    world->fixed_delay_ms = 20;
    ws_say(world, ws, "5");
    world_pass(world, 30);
    node_count_as_dead(world, 1);
    node_kill(world, 1);
    world_pass(world, 10);
    assert_int_equal(life_of(world, 0, 0)->closed, 1);
    assert_int_equal(counts_of(world, 0).exchanges_in, 0);
}

static void a_websocket_is_closed_when_the_node_dies_that_its_session_is_at(void **state)
{
    struct world *world = *state;
    open_session(world, 0);
    uint64_t ws = upgrade(world, 1);
    ws_say(world, ws, "2probe");
    node_count_as_dead(world, 0);
    assert_false(world->sockets[ws].is_open);
    assert_int_equal(counts_of(world, 1).exchanges_out, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_session_moves_at_packet_5_and_goes_on_there),
        CASE(a_poll_that_hangs_elsewhere_is_freed_for_the_upgrade),
        CASE(frames_behind_packet_5_wait_for_the_session),
        CASE(more_than_four_payloads_behind_packet_5_close_the_websocket),
        CASE(any_other_first_packet_closes_the_websocket_only),
        CASE(a_websocket_that_is_lost_before_packet_5_leaves_the_session),
        CASE(a_websocket_that_says_nothing_is_closed_after_its_time),
        CASE(a_client_that_leaves_before_the_101_is_forgotten),
        CASE(a_client_that_has_left_when_the_101_goes_is_forgotten),
        CASE(upgrades_that_cannot_be_are_refused_as_at_home),
        CASE(an_application_that_is_busy_is_asked_again),
        CASE(an_application_that_stays_busy_ends_the_upgrade_only),
        CASE(what_meets_a_bridge_that_leaves_goes_to_the_websocket),
        CASE(the_holder_hears_of_a_probe_once),
        CASE(a_probe_may_end_while_the_engine_is_asked_about_it),
        CASE(a_session_that_cannot_live_there_ends_on_both_sides),
        CASE(a_websocket_lost_on_the_way_ends_the_session),
        CASE(a_session_whose_move_nobody_confirms_ends_on_both_sides),
        CASE(a_session_ends_when_the_node_dies_that_it_goes_to),
        CASE(a_websocket_is_closed_when_the_node_dies_that_its_session_is_at),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
