// Engine.IO sessions of protocol 4, driven by bytes and time: no socket, no clock.
#include "tests/unit/engineio_world.h"

static void a_ping_comes_at_the_interval_and_not_a_millisecond_before(void **state)
{
    struct world *world = *state;
    open_by_polling(world);
    uint64_t poll = get(world, true);
    assert_int_equal(engineio_next_deadline(world->engine), world->now_ms + 300);
    pass(world, 299);
    assert_int_equal(world->answers[poll].status, 0);
    pass(world, 1);
    expect_answer(world, poll, 200, "2");
    assert_int_equal(engineio_next_deadline(world->engine), world->now_ms + 200);
}

static void a_session_without_a_pong_ends_at_the_timeout_however_late_the_timer_is(void **state)
{
    struct world *world = *state;
    open_by_polling(world);
    world->now_ms += 499;
    uint64_t alive = get(world, true);
    expect_answer(world, alive, 200, "2");
    world->now_ms += 1; // no flush: the request itself comes at the deadline
    uint64_t late = get(world, true);
    assert_int_equal(world->answers[late].status, 400);
    assert_int_equal(world->closed, 1);
    assert_int_equal(world->reason, ENGINEIO_PING_TIMEOUT);
}

static void the_next_ping_is_counted_from_the_pong(void **state)
{
    struct world *world = *state;
    open_ws(world, 7, false);
    buffer_clear(&world->sent);
    pass(world, 300);
    expect_sent(world, "7:2\n");
    pass(world, 150);
    ws_text(world, 7, "3");
    assert_int_equal(engineio_next_deadline(world->engine), world->now_ms + 300);
    ws_text(world, 7, "4other packets are no life");
    assert_int_equal(engineio_next_deadline(world->engine), world->now_ms + 300);
}

static void a_completed_upgrade_renews_the_wait_for_a_pong(void **state)
{
    struct world *world = *state;
    open_by_polling(world);
    pass(world, 300); // a ping is due, and not delivered
    open_ws(world, 9, true);
    ws_text(world, 9, "2probe");
    pass(world, 150);
    ws_text(world, 9, "5");
    expect_sent(world, "9:3probe\n9:2\n");
    pass(world, 199);
    assert_int_equal(world->closed, 0);
    pass(world, 1);
    assert_int_equal(world->reason, ENGINEIO_PING_TIMEOUT);
    assert_int_equal(world->closed_ws, 9);
}

static void frames_of_an_upgrade_in_any_order(void **state)
{
    struct world *world = *state;
    open_by_polling(world);
    uint64_t poll = get(world, true);
    open_ws(world, 5, true);
    ws_text(world, 5, "2probe");
    expect_answer(world, poll, 200, "6");
    queue(world, "4while probing");
    engineio_flush(world->engine, world->now_ms);
    expect_sent(world, "5:3probe\n"); // nothing goes to the WebSocket before its 5
    poll = get(world, true);
    expect_answer(world, poll, 200, "4while probing");
    queue(world, "4left over");
    ws_text(world, 5, "5");
    ws_text(world, 5, "4hello");
    expect_sent(world, "5:4left over\n");
    assert_string_equal(buffer_text(&world->received), "thello\n");
    poll = get(world, true);
    assert_int_equal(world->answers[poll].status, 400);
    assert_true(engineio_is_websocket(world->engine, world->session));
}

static void a_post_that_arrives_behind_the_upgrade_is_refused(void **state)
{
    struct world *world = *state;
    open_by_polling(world);
    char query[128];
    struct engineio_request request = request_of(world, "POST", "polling", true, query);
    struct engineio_session_id session;
    assert_int_equal(engineio_request(world->engine, world->now_ms, &request, &session),
                     ENGINEIO_WANTS_BODY);
    open_ws(world, 5, true);
    ws_text(world, 5, "5");
    engineio_post_complete(world->engine, world->now_ms, session, request.exchange,
                           bytes_text("4late"));
    expect_answer(world, request.exchange, 400, "{\"code\":3,\"message\":\"Bad request\"}");
    assert_int_equal(world->received.size, 0);
    assert_int_equal(world->closed, 0);
}

static void an_upgrade_that_is_not_completed_is_given_up_at_its_timeout(void **state)
{
    struct world *world = *state;
    open_by_polling(world);
    open_ws(world, 5, true);
    ws_text(world, 5, "2probe");
    for (int i = 0; i < 3; i++) {
        pass(world, 300);
        post(world, "3");
    }
    assert_int_equal(world->closed_ws, 0);
    pass(world, 100);
    assert_int_equal(world->closed_ws, 5);
    assert_int_equal(world->closed, 0);
    struct engineio_counts counts;
    engineio_server_counts(world->engine, &counts);
    assert_int_equal(counts.upgrades_failed_total, 1);
    assert_int_equal(counts.sessions_open, 1);
    open_ws(world, 6, true); // another may follow
    ws_text(world, 6, "5");
    assert_true(engineio_is_websocket(world->engine, world->session));
}

static void polls_that_wait_for_an_upgrade_are_freed_at_a_pace(void **state)
{
    struct world *world = *state;
    open_by_polling(world);
    open_ws(world, 5, true);
    ws_text(world, 5, "2probe");
    uint64_t first = get(world, true);
    expect_answer(world, first, 200, "6");
    uint64_t second = get(world, true);
    assert_int_equal(world->answers[second].status, 0);
    pass(world, 99);
    assert_int_equal(world->answers[second].status, 0);
    pass(world, 1);
    expect_answer(world, second, 200, "6");
}

static void a_websocket_that_is_full_gets_nothing_until_it_is_writable(void **state)
{
    struct world *world = *state;
    open_ws(world, 3, false);
    buffer_clear(&world->sent);
    world->takes = false;
    queue(world, "4a");
    engineio_flush(world->engine, world->now_ms);
    expect_sent(world, "3:4a\n");
    queue(world, "4b");
    queue(world, "4c");
    engineio_flush(world->engine, world->now_ms);
    expect_sent(world, "");
    world->takes = true;
    engineio_ws_writable(world->engine, world->now_ms, world->session, 3);
    engineio_flush(world->engine, world->now_ms);
    expect_sent(world, "3:4b\n3:4c\n");
}

static void a_frame_that_ends_a_burst_is_followed_a_millisecond_later(void **state)
{
    struct world *world = *state;
    open_ws(world, 3, false);
    buffer_clear(&world->sent);
    queue(world, "40");
    world->queue->ends_burst = true;
    queue(world, "42[]");
    engineio_flush(world->engine, world->now_ms);
    expect_sent(world, "3:40\n");
    pass(world, 1);
    expect_sent(world, "3:42[]\n");
}

static void a_graceful_close_over_polling_takes_three_forms(void **state)
{
    struct world *world = *state;
    open_by_polling(world); // a poll waits, nothing is queued
    uint64_t poll = get(world, true);
    engineio_close(world->engine, world->session);
    engineio_flush(world->engine, world->now_ms);
    expect_answer(world, poll, 200, "1");
    assert_int_equal(world->closed, 1);
    open_by_polling(world); // a poll waits, and packets are queued
    poll = get(world, true);
    queue(world, "4last");
    engineio_close(world->engine, world->session);
    engineio_flush(world->engine, world->now_ms);
    expect_answer(world, poll, 200, "4last");
    assert_int_equal(world->closed, 1);
    poll = get(world, true);
    expect_answer(world, poll, 200,
                  "6\x1e"
                  "1");
    assert_int_equal(world->closed, 2);
    open_by_polling(world); // nobody polls any more
    engineio_close(world->engine, world->session);
    post(world, "4ignored");
    assert_int_equal(world->received.size, 0);
    pass(world, 29999);
    assert_int_equal(world->closed, 2);
    pass(world, 1);
    assert_int_equal(world->closed, 3);
    assert_int_equal(world->reason, ENGINEIO_FORCED_CLOSE);
}

static void a_close_over_websocket_comes_behind_the_queue(void **state)
{
    struct world *world = *state;
    open_ws(world, 3, false);
    buffer_clear(&world->sent);
    world->takes = false;
    queue(world, "4a");
    engineio_close(world->engine, world->session);
    engineio_flush(world->engine, world->now_ms);
    expect_sent(world, "3:4a\n");
    assert_int_equal(world->closed_ws, 0);
    world->takes = true;
    engineio_ws_writable(world->engine, world->now_ms, world->session, 3);
    engineio_flush(world->engine, world->now_ms);
    assert_int_equal(world->closed_ws, 3);
    assert_int_equal(world->closed, 1);
}

static void dead_ids_do_nothing(void **state)
{
    struct world *world = *state;
    open_by_polling(world);
    struct engineio_session_id session = world->session;
    post(world, "1");
    assert_int_equal(world->reason, ENGINEIO_TRANSPORT_CLOSE);
    engineio_close(world->engine, session);
    engineio_end(world->engine, session, ENGINEIO_FORCED_CLOSE);
    engineio_touch(world->engine, session);
    engineio_exchange_gone(world->engine, world->now_ms, session, 1);
    engineio_ws_gone(world->engine, world->now_ms, session, 1, false);
    engineio_ws_message(world->engine, world->now_ms, session, 1, false, bytes_text("4x"));
    engineio_post_too_large(world->engine, world->now_ms, session, 63);
    assert_int_equal(world->answers[63].status, 413);
    engineio_flush(world->engine, world->now_ms);
    assert_int_equal(world->closed, 1);
    assert_int_equal(engineio_sid(world->engine, session).size, 0);
}

static void more_sessions_than_the_limit_are_refused(void **state)
{
    struct world *world = *state;
    for (int i = 0; i < 4; i++) {
        open_by_polling(world);
    }
    uint64_t exchange = get(world, false);
    assert_int_equal(world->answers[exchange].status, 503);
    exchange = ask_ws(world, 9, false);
    expect_answer(world, exchange, 503, "{\"code\":8,\"message\":\"Server is full or stopping\"}");
    assert_non_null(strstr(world->answers[exchange].headers, "Retry-After: "));
    pass(world, 500); // all time out
    assert_int_equal(world->closed, 4);
    open_by_polling(world);
}

static void an_application_may_refuse_a_session(void **state)
{
    struct world *world = *state;
    world->refuses = true;
    uint64_t exchange = get(world, false);
    assert_int_equal(world->answers[exchange].status, 503);
    open_ws(world, 8, false);
    assert_int_equal(world->closed_ws, 8);
    assert_int_equal(world->closed, 0); // never accepted, never closed
}

static void a_stop_ends_everything_and_refuses_what_comes(void **state)
{
    struct world *world = *state;
    open_by_polling(world);
    uint64_t poll = get(world, true);
    open_ws(world, 8, false);
    engineio_shut_down(world->engine);
    expect_answer(world, poll, 200, "1");
    assert_int_equal(world->closed_ws, 8);
    assert_int_equal(world->closed, 2);
    assert_int_equal(world->reason, ENGINEIO_SERVER_SHUTTING_DOWN);
    uint64_t exchange = get(world, false);
    assert_int_equal(world->answers[exchange].status, 503);
    assert_int_equal(engineio_next_deadline(world->engine), DEADLINE_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(a_ping_comes_at_the_interval_and_not_a_millisecond_before),
        WORLD_TEST(a_session_without_a_pong_ends_at_the_timeout_however_late_the_timer_is),
        WORLD_TEST(the_next_ping_is_counted_from_the_pong),
        WORLD_TEST(a_completed_upgrade_renews_the_wait_for_a_pong),
        WORLD_TEST(frames_of_an_upgrade_in_any_order),
        WORLD_TEST(a_post_that_arrives_behind_the_upgrade_is_refused),
        WORLD_TEST(an_upgrade_that_is_not_completed_is_given_up_at_its_timeout),
        WORLD_TEST(polls_that_wait_for_an_upgrade_are_freed_at_a_pace),
        WORLD_TEST(a_websocket_that_is_full_gets_nothing_until_it_is_writable),
        WORLD_TEST(a_frame_that_ends_a_burst_is_followed_a_millisecond_later),
        WORLD_TEST(a_graceful_close_over_polling_takes_three_forms),
        WORLD_TEST(a_close_over_websocket_comes_behind_the_queue),
        WORLD_TEST(dead_ids_do_nothing),
        WORLD_TEST(more_sessions_than_the_limit_are_refused),
        WORLD_TEST(an_application_may_refuse_a_session),
        WORLD_TEST(a_stop_ends_everything_and_refuses_what_comes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
