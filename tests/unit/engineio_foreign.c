// Requests for sessions of other nodes, and requests for sessions here that come through them.
#include "tests/unit/engineio_nodes.h"

#define UNKNOWN "{\"code\":1,\"message\":\"Session ID unknown\"}"

static const char foreign_sid[] = "NODExxxxxxxxxxxxxxxx";

static struct nodes *at_the_edge(void **state)
{
    struct nodes *nodes = *state;
    memcpy(nodes->world->sid, foreign_sid, ENGINEIO_SID_SIZE);
    nodes->knows = true;
    nodes->verdict = ENGINEIO_HELD;
    return nodes;
}

static struct nodes *with_session(void **state)
{
    struct nodes *nodes = *state;
    open_by_polling(nodes->world);
    return nodes;
}

// ---- here is the edge ----

static void poll_of_another_node_is_held_until_that_answers(void **state)
{
    struct nodes *nodes = at_the_edge(state);
    struct world *world = nodes->world;
    uint64_t poll = get(world, true);
    expect_asked(nodes, "GET NODExxxxxxxxxxxxxxxx\n");
    assert_int_equal(world->answers[poll].status, 0);
    engineio_foreign_respond(world->engine, poll,
                             &(struct engineio_response){.status = 200,
                                                         .content_type = "text/plain",
                                                         .body = bytes_text("4hello")});
    expect_answer(world, poll, 200, "4hello");
}

static void session_that_no_node_has_is_unknown(void **state)
{
    struct nodes *nodes = at_the_edge(state);
    nodes->knows = false;
    expect_answer(nodes->world, get(nodes->world, true), 400, UNKNOWN);
    expect_asked(nodes, "GET NODExxxxxxxxxxxxxxxx\n");
    assert_int_equal(counts_of(nodes->world).connection_errors_total, 1);
}

static void refusal_of_the_edge_has_the_usual_form(void **state)
{
    struct nodes *nodes = at_the_edge(state);
    struct world *world = nodes->world;
    uint64_t poll = get(world, true);
    engineio_foreign_refuse(world->engine, poll, false, ENGINEIO_UNKNOWN_SID);
    expect_answer(world, poll, 400, UNKNOWN);
}

static void post_for_another_node_goes_there_with_its_body(void **state)
{
    struct nodes *nodes = at_the_edge(state);
    nodes->verdict = ENGINEIO_WANTS_BODY;
    uint64_t exchange = post(nodes->world, "4hello");
    char expected[64];
    snprintf(expected, sizeof expected, "POST %s\npost %d 4hello\n", foreign_sid, (int)exchange);
    expect_asked(nodes, expected);
    assert_int_equal(nodes->world->answers[exchange].status, 0);
}

static void post_that_ends_badly_is_told_to_the_edge(void **state)
{
    struct nodes *nodes = at_the_edge(state);
    struct world *world = nodes->world;
    char query[128];
    struct engineio_session_id session;
    nodes->verdict = ENGINEIO_WANTS_BODY;
    struct engineio_request request = request_of(world, "POST", "polling", true, query);
    (void)engineio_request(world->engine, world->now_ms, &request, &session);
    assert_true((session.value & ENGINEIO_FOREIGN_BIT) != 0);
    buffer_clear(&nodes->asked);
    engineio_post_too_large(world->engine, world->now_ms, session, request.exchange);
    engineio_exchange_gone(world->engine, world->now_ms, session, request.exchange);
    char expected[64];
    snprintf(expected, sizeof expected, "too large %d\ngone %d\n", (int)request.exchange,
             (int)request.exchange);
    expect_asked(nodes, expected);
}

static void websocket_for_another_node_belongs_to_the_edge(void **state)
{
    struct nodes *nodes = at_the_edge(state);
    struct world *world = nodes->world;
    uint64_t upgrade = ask_ws(world, 7, true);
    expect_asked(nodes, "GET NODExxxxxxxxxxxxxxxx websocket upgrade\n");
    assert_int_equal(world->answers[upgrade].status, 0);
    assert_int_equal(engineio_foreign_accept(world->engine, upgrade), 7);
    assert_int_equal(world->answers[upgrade].status, 101);

    engineio_ws_message(world->engine, world->now_ms, nodes->session, 7, false,
                        bytes_text("2probe"));
    engineio_ws_writable(world->engine, world->now_ms, nodes->session, 7);
    engineio_ws_gone(world->engine, world->now_ms, nodes->session, 7, true);
    expect_asked(nodes, "ws 7 2probe\nws gone 7 failed\n");

    engineio_foreign_send(world->engine, 7,
                          BYTES("\x81\x06"
                                "3probe"));
    expect_sent(world, "7:3probe\n");
    engineio_foreign_close(world->engine, 7, 1005);
    assert_int_equal(world->closed_ws, 7);
}

static void requests_that_are_wrong_in_themselves_go_nowhere(void **state)
{
    struct nodes *nodes = at_the_edge(state);
    struct world *world = nodes->world;
    struct bytes none = {NULL, 0};
    char query[128];
    uint64_t exchange = send_request(world, "GET", "EIO=4&sid=NODExxxxxxxxxxxxxxxx", "", none);
    expect_answer(world, exchange, 400, "{\"code\":0,\"message\":\"Transport unknown\"}");
    exchange = send_request(world, "GET", "EIO=4&transport=polling&sid=NODExxx", "", none);
    expect_answer(world, exchange, 400, UNKNOWN);
    exchange = ask_ws_with(world, 7, "EIO=4&transport=polling&sid=NODExxxxxxxxxxxxxxxx");
    assert_int_equal(world->answers[exchange].status, 400);
    struct engineio_request request = request_of(world, "GET", "polling", true, query);
    struct engineio_session_id session;
    request.has_origin = true;
    request.origin = bytes_text("a\nb");
    (void)engineio_request(world->engine, world->now_ms, &request, &session);
    expect_answer(world, request.exchange, 400, "{\"code\":3,\"message\":\"Bad request\"}");
    expect_asked(nodes, "");
}

static void own_sessions_are_asked_of_nobody(void **state)
{
    struct nodes *nodes = with_session(state);
    struct world *world = nodes->world;
    (void)post(world, "4hi");
    queue(world, "4there");
    expect_answer(world, get(world, true), 200, "4there");
    open_ws(world, 3, true);
    expect_asked(nodes, "");
}

// ---- here is the holder: answers ----

static void poll_through_another_node_is_answered_there(void **state)
{
    struct nodes *nodes = with_session(state);
    uint64_t poll = relayed_get(nodes);
    assert_int_equal(nodes->answers[poll].status, 0);
    queue(nodes->world, "4hello");
    pass(nodes->world, 0);
    expect_relayed(nodes, poll, 200, "4hello");
    assert_true(nodes->answers[poll].is_drained);
}

static void post_through_another_node_is_read_and_answered_there(void **state)
{
    struct nodes *nodes = with_session(state);
    expect_relayed(nodes,
                   relayed_post(nodes, "4one\x1e"
                                       "4two"),
                   200, "ok");
    uint64_t exchange = relayed_post(nodes, "4three");
    expect_relayed(nodes, exchange, 200, "ok");
    assert_false(nodes->answers[exchange].is_drained);
    assert_string_equal(buffer_text(&nodes->world->received), "tone\nttwo\ntthree\n");
}

static void request_is_never_passed_on_twice(void **state)
{
    struct nodes *nodes = at_the_edge(state);
    expect_relayed(nodes, relayed_get(nodes), 400, UNKNOWN);
    expect_asked(nodes, "");
}

static void handshake_is_made_where_it_arrives_only(void **state)
{
    struct nodes *nodes = *state;
    uint64_t exchange = relayed_request(nodes, "GET", "EIO=4&transport=polling", "");
    expect_relayed(nodes, exchange, 400, UNKNOWN);
    assert_int_equal(nodes->world->opened, 0);
}

// ---- bodies that are kept ----

static void next_poll_waits_until_the_body_has_arrived(void **state)
{
    struct nodes *nodes = with_session(state);
    struct world *world = nodes->world;
    uint64_t first = relayed_get(nodes);
    queue(world, "4one");
    pass(world, 0);
    uint64_t second = relayed_get(nodes);
    queue(world, "4two");
    pass(world, 0);
    assert_int_equal(nodes->answers[second].status, 0);
    written(nodes, first);
    expect_relayed(nodes, second, 200, "4two");
}

static void poll_that_waits_gets_the_body_that_was_lost(void **state)
{
    struct nodes *nodes = with_session(state);
    struct world *world = nodes->world;
    uint64_t first = relayed_get(nodes);
    queue(world, "4one");
    pass(world, 0);
    uint64_t second = relayed_get(nodes);
    queue(world, "4two");
    lost(nodes, first);
    expect_relayed(nodes, second, 200, "4one");
    assert_true(nodes->answers[second].is_drained);
    lost(nodes, first); // told twice
    uint64_t third = relayed_get(nodes);
    assert_int_equal(nodes->answers[third].status, 0);
    written(nodes, second);
    expect_relayed(nodes, third, 200, "4two");
}

static void body_that_was_lost_goes_to_the_next_poll_here_too(void **state)
{
    struct nodes *nodes = with_session(state);
    struct world *world = nodes->world;
    uint64_t first = relayed_get(nodes);
    queue(world, "4one");
    pass(world, 0);
    lost(nodes, first);
    expect_answer(world, get(world, true), 200, "4one");
    queue(world, "4two");
    expect_answer(world, get(world, true), 200, "4two");
}

static void client_that_left_while_the_answer_was_on_its_way_loses_nothing(void **state)
{
    struct nodes *nodes = with_session(state);
    struct world *world = nodes->world;
    uint64_t first = relayed_get(nodes);
    queue(world, "4one");
    pass(world, 0);
    engineio_exchange_gone(world->engine, world->now_ms, world->session,
                           ENGINEIO_RELAYED_BIT | first);
    assert_int_equal(world->closed, 0);
    expect_answer(world, get(world, true), 200, "4one");
}

static void answers_without_packets_are_not_kept(void **state)
{
    struct nodes *nodes = with_session(state);
    struct world *world = nodes->world;
    uint64_t poll = relayed_get(nodes);
    (void)begin_ready_probe(nodes, 1);
    expect_relayed(nodes, poll, 200, "6");
    assert_false(nodes->answers[poll].is_drained);
    queue(world, "4one");
    expect_answer(world, get(world, true), 200, "4one");
}

static void confirmations_of_what_is_not_kept_do_nothing(void **state)
{
    struct nodes *nodes = with_session(state);
    struct world *world = nodes->world;
    uint64_t poll = relayed_get(nodes);
    written(nodes, poll);
    lost(nodes, poll);
    queue(world, "4one");
    pass(world, 0);
    expect_relayed(nodes, poll, 200, "4one");
    written(nodes, poll + 1);
    lost(nodes, poll + 1);
    uint64_t next = relayed_get(nodes);
    assert_int_equal(nodes->answers[next].status, 0);
    engineio_end(world->engine, world->session, ENGINEIO_FORCED_CLOSE);
    expect_relayed(nodes, next, 200, "1");
    written(nodes, poll);
    lost(nodes, poll);
}

static void ping_that_nobody_confirms_times_out(void **state)
{
    struct nodes *nodes = with_session(state);
    struct world *world = nodes->world;
    uint64_t poll = relayed_get(nodes);
    pass(world, world->config.ping_interval_ms);
    expect_relayed(nodes, poll, 200, "2");
    assert_true(nodes->answers[poll].is_drained);
    pass(world, world->config.ping_timeout_ms - 1);
    assert_int_equal(world->closed, 0);
    pass(world, 1);
    assert_int_equal(world->closed, 1);
    assert_int_equal(world->reason, ENGINEIO_PING_TIMEOUT);
}

static void orderly_close_waits_for_what_was_sent_before(void **state)
{
    struct nodes *nodes = with_session(state);
    struct world *world = nodes->world;
    uint64_t first = relayed_get(nodes);
    queue(world, "4one");
    pass(world, 0);
    engineio_close(world->engine, world->session);
    uint64_t second = relayed_get(nodes);
    assert_int_equal(nodes->answers[second].status, 0);
    lost(nodes, first);
    expect_relayed(nodes, second, 200, "4one");
    written(nodes, second);
    uint64_t third = relayed_get(nodes);
    expect_relayed(nodes, third, 200,
                   "6\x1e"
                   "1");
    assert_int_equal(world->reason, ENGINEIO_FORCED_CLOSE);
}

// ---- polls that meet ----

static void newest_poll_counts_where_one_came_through_another_node(void **state)
{
    struct nodes *nodes = with_session(state);
    struct world *world = nodes->world;
    uint64_t first = relayed_get(nodes);
    uint64_t second = relayed_get(nodes);
    expect_relayed(nodes, first, 400, "");
    uint64_t third = get(world, true);
    expect_relayed(nodes, second, 400, "");
    uint64_t fourth = relayed_get(nodes);
    expect_answer(world, third, 400, "");
    queue(world, "4hi");
    pass(world, 0);
    expect_relayed(nodes, fourth, 200, "4hi");
    assert_int_equal(world->closed, 0);
}

static void two_polls_here_still_end_the_session(void **state)
{
    struct nodes *nodes = with_session(state);
    struct world *world = nodes->world;
    uint64_t first = get(world, true);
    expect_answer(world, get(world, true), 400, "");
    expect_answer(world, first, 200, "1");
    assert_int_equal(world->reason, ENGINEIO_TRANSPORT_ERROR);
}

static void client_that_leaves_another_node_ends_its_session(void **state)
{
    struct nodes *nodes = with_session(state);
    struct world *world = nodes->world;
    uint64_t old = relayed_get(nodes);
    uint64_t poll = relayed_get(nodes);
    engineio_exchange_gone(world->engine, world->now_ms, world->session,
                           ENGINEIO_RELAYED_BIT | old); // crossed the newer one
    assert_int_equal(world->closed, 0);
    engineio_exchange_gone(world->engine, world->now_ms, world->session,
                           ENGINEIO_RELAYED_BIT | poll);
    assert_int_equal(world->closed, 1);
    assert_int_equal(world->reason, ENGINEIO_TRANSPORT_ERROR);
}

static void node_that_dies_takes_its_polls_along_but_no_session(void **state)
{
    struct nodes *nodes = with_session(state);
    struct world *world = nodes->world;
    uint64_t poll = relayed_get(nodes);
    engineio_exchange_forget(world->engine, world->now_ms, world->session,
                             ENGINEIO_RELAYED_BIT | poll);
    assert_int_equal(world->closed, 0);
    queue(world, "4one");
    pass(world, 0);
    assert_int_equal(nodes->answers[poll].status, 0);
    poll = relayed_get(nodes);
    expect_relayed(nodes, poll, 200, "4one");
    engineio_exchange_forget(world->engine, world->now_ms, world->session,
                             ENGINEIO_RELAYED_BIT | poll);
    expect_answer(world, get(world, true), 200, "4one");
}

// ---- WebSockets of other nodes ----

static enum engineio_probe probe_with(struct nodes *nodes, const char *sid, const char *query,
                                      uint64_t probe)
{
    return engineio_probe_begin(nodes->world->engine, nodes->world->now_ms, bytes_text(sid),
                                bytes_text(query), ENGINEIO_RELAYED_BIT | probe);
}

static void probe_of_another_node_frees_the_polls_at_their_pace(void **state)
{
    struct nodes *nodes = with_session(state);
    struct world *world = nodes->world;
    uint64_t first = relayed_get(nodes);
    uint64_t probe = begin_probe(nodes, 1);
    assert_int_equal(nodes->answers[first].status, 0);
    engineio_probe_ready(world->engine, world->now_ms, bytes_text(world->sid), probe);
    pass(world, 0);
    expect_relayed(nodes, first, 200, "6");
    uint64_t second = get(world, true);
    assert_int_equal(world->answers[second].status, 0);
    pass(world, 100);
    expect_answer(world, second, 200, "6");
    queue(world, "4still by polling");
    expect_answer(world, get(world, true), 200, "4still by polling");
}

static void probes_are_refused_as_upgrades_here_are(void **state)
{
    struct nodes *nodes = with_session(state);
    struct world *world = nodes->world;
    const char *sid = world->sid;
    assert_int_equal(probe_with(nodes, foreign_sid, "EIO=4", 1), ENGINEIO_PROBE_UNKNOWN);
    assert_int_equal(probe_with(nodes, sid, "EIO=3", 1), ENGINEIO_PROBE_BAD);
    (void)begin_probe(nodes, 2);
    assert_int_equal(probe_with(nodes, sid, "EIO=4", 3), ENGINEIO_PROBE_LATE);
    engineio_probe_gone(world->engine, world->now_ms, bytes_text(sid), ENGINEIO_RELAYED_BIT | 3);
    assert_int_equal(probe_with(nodes, sid, "EIO=4", 4), ENGINEIO_PROBE_LATE);
    engineio_probe_gone(world->engine, world->now_ms, bytes_text(sid), ENGINEIO_RELAYED_BIT | 2);
    open_ws(world, 9, true); // one of here, meanwhile
    assert_int_equal(probe_with(nodes, sid, "EIO=4", 5), ENGINEIO_PROBE_LATE);
    ws_text(world, 9, "2probe");
    ws_text(world, 9, "5");
    assert_int_equal(probe_with(nodes, sid, "EIO=4", 6), ENGINEIO_PROBE_LATE);
    assert_int_equal(nodes->closed_probe, 0);
}

static void probe_here_is_closed_while_one_of_another_node_is_at_it(void **state)
{
    struct nodes *nodes = with_session(state);
    (void)begin_probe(nodes, 1);
    open_ws(nodes->world, 9, true);
    assert_int_equal(nodes->world->closed_ws, 9);
}

static void probe_of_another_node_ends_in_time_and_with_the_session(void **state)
{
    struct nodes *nodes = with_session(state);
    struct world *world = nodes->world;
    uint64_t probe = begin_probe(nodes, 1);
    for (int64_t at = 0; at < world->config.upgrade_timeout_ms; at += 100) {
        assert_int_equal(nodes->closed_probe, 0);
        (void)post(world, "3");
        (void)get(world, true);
        pass(world, 100);
        queue(world, "4free");
        pass(world, 0);
    }
    assert_int_equal(nodes->closed_probe, probe);
    assert_int_equal(counts_of(world).upgrades_failed_total, 1);
    probe = begin_probe(nodes, 2);
    engineio_end(world->engine, world->session, ENGINEIO_FORCED_CLOSE);
    assert_int_equal(nodes->closed_probe, probe);
    engineio_probe_ready(world->engine, world->now_ms, bytes_text(world->sid), probe);
    engineio_probe_gone(world->engine, world->now_ms, bytes_text(world->sid), probe);
}

static void orderly_close_ends_the_probe_of_another_node(void **state)
{
    struct nodes *nodes = with_session(state);
    uint64_t probe = begin_ready_probe(nodes, 1);
    engineio_close(nodes->world->engine, nodes->world->session);
    assert_int_equal(nodes->closed_probe, probe);
    assert_int_equal(probe_with(nodes, nodes->world->sid, "EIO=4", 2), ENGINEIO_PROBE_LATE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        NODES_TEST(poll_of_another_node_is_held_until_that_answers),
        NODES_TEST(session_that_no_node_has_is_unknown),
        NODES_TEST(refusal_of_the_edge_has_the_usual_form),
        NODES_TEST(post_for_another_node_goes_there_with_its_body),
        NODES_TEST(post_that_ends_badly_is_told_to_the_edge),
        NODES_TEST(websocket_for_another_node_belongs_to_the_edge),
        NODES_TEST(requests_that_are_wrong_in_themselves_go_nowhere),
        NODES_TEST(own_sessions_are_asked_of_nobody),
        NODES_TEST(poll_through_another_node_is_answered_there),
        NODES_TEST(post_through_another_node_is_read_and_answered_there),
        NODES_TEST(request_is_never_passed_on_twice),
        NODES_TEST(handshake_is_made_where_it_arrives_only),
        NODES_TEST(next_poll_waits_until_the_body_has_arrived),
        NODES_TEST(poll_that_waits_gets_the_body_that_was_lost),
        NODES_TEST(body_that_was_lost_goes_to_the_next_poll_here_too),
        NODES_TEST(client_that_left_while_the_answer_was_on_its_way_loses_nothing),
        NODES_TEST(answers_without_packets_are_not_kept),
        NODES_TEST(confirmations_of_what_is_not_kept_do_nothing),
        NODES_TEST(ping_that_nobody_confirms_times_out),
        NODES_TEST(orderly_close_waits_for_what_was_sent_before),
        NODES_TEST(newest_poll_counts_where_one_came_through_another_node),
        NODES_TEST(two_polls_here_still_end_the_session),
        NODES_TEST(client_that_leaves_another_node_ends_its_session),
        NODES_TEST(node_that_dies_takes_its_polls_along_but_no_session),
        NODES_TEST(probe_of_another_node_frees_the_polls_at_their_pace),
        NODES_TEST(probes_are_refused_as_upgrades_here_are),
        NODES_TEST(probe_here_is_closed_while_one_of_another_node_is_at_it),
        NODES_TEST(probe_of_another_node_ends_in_time_and_with_the_session),
        NODES_TEST(orderly_close_ends_the_probe_of_another_node),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
