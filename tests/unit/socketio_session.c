// Engine.IO sessions, driven by bytes and time: no socket, no clock.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka needs the four above first
#include <cmocka.h>

#include "bridge/engineio/engine.h"
#include "lib/base/buffer.h"

enum { EXCHANGES = 64 };

// A world of one shell and one application that keeps what it is told.
struct world {
    struct engineio_server *engine;
    int64_t now_ms;
    struct {
        int status; // 0: not answered
        char body[512];
    } answers[EXCHANGES];
    uint64_t exchange;  // the last that was used
    struct buffer sent; // to WebSockets, "ws:frame\n" without headers
    bool takes;         // the WebSocket takes bytes
    uint64_t next_ws;   // of the next upgrade
    uint64_t closed_ws;
    struct frame *queue;
    struct frame **queue_end;
    struct buffer received;
    struct engineio_session_id session;
    int opened;
    int closed;
    enum engineio_reason reason;
    bool refuses;
    char sid[ENGINEIO_SID_SIZE + 1];
};

static void count_up(void *context, uint8_t *data, size_t size)
{
    static uint8_t next;
    (void)context;
    for (size_t i = 0; i < size; i++) {
        data[i] = next++;
    }
}

static void on_respond(void *shell, uint64_t exchange, const struct engineio_response *response)
{
    struct world *world = shell;
    struct bytes body = response->body;
    assert_true(exchange < EXCHANGES && body.size < sizeof world->answers[0].body);
    assert_int_equal(world->answers[exchange].status, 0); // once
    world->answers[exchange].status = response->status;
    if (body.size > 0) {
        memcpy(world->answers[exchange].body, body.data, body.size);
    }
    world->answers[exchange].body[body.size] = '\0';
}

static uint64_t on_accept(void *shell, uint64_t exchange, struct bytes headers)
{
    struct world *world = shell;
    (void)headers;
    assert_int_equal(world->answers[exchange].status, 0); // once
    world->answers[exchange].status = 101;
    return world->next_ws;
}

static bool on_send(void *shell, uint64_t ws, struct bytes frames)
{
    struct world *world = shell;
    for (size_t at = 0; at < frames.size;) {
        size_t size = frames.data[at + 1];
        assert_true(size < 126);
        buffer_append_format(&world->sent, "%d:", (int)ws);
        buffer_append(&world->sent, bytes_of(frames.data + at + 2, size));
        buffer_append_byte(&world->sent, '\n');
        at += 2 + size;
    }
    return world->takes;
}

static void on_ws_close(void *shell, uint64_t ws, int code)
{
    (void)code;
    ((struct world *)shell)->closed_ws = ws;
}

static void *app_open(void *app, struct engineio_session_id session)
{
    struct world *world = app;
    world->opened++;
    world->session = session;
    return world->refuses ? NULL : world;
}

static void app_message(void *app, void *connection, bool binary, struct bytes data)
{
    struct world *world = app;
    assert_ptr_equal(connection, world);
    buffer_append_byte(&world->received, binary ? 'b' : 't');
    buffer_append(&world->received, data);
    buffer_append_byte(&world->received, '\n');
}

static void app_close(void *app, void *connection, enum engineio_reason reason)
{
    struct world *world = app;
    (void)connection;
    world->closed++;
    world->reason = reason;
}

static void app_nothing(void *app, void *connection)
{
    (void)app;
    (void)connection;
}

static const struct frame *app_peek(void *app, void *connection, uint64_t fresh_from)
{
    (void)connection;
    (void)fresh_from;
    return ((struct world *)app)->queue;
}

static void app_pop(void *app, void *connection)
{
    struct world *world = app;
    (void)connection;
    struct frame *frame = world->queue;
    world->queue = frame->next;
    world->queue_end = world->queue == NULL ? &world->queue : world->queue_end;
    frame_destroy(frame);
}

static int set_up(void **state)
{
    struct world *world = calloc(1, sizeof *world);
    world->now_ms = 1000000;
    world->takes = true;
    world->queue_end = &world->queue;
    buffer_init(&world->sent, 10000);
    buffer_init(&world->received, 10000);
    struct engineio_config config = {
        .ping_interval_ms = 300,
        .ping_timeout_ms = 200,
        .upgrade_timeout_ms = 1000,
        .max_payload = 1000,
        .sessions_max = 4,
        .allow_upgrades = true,
        .allow_polling = true,
        .allow_websocket = true,
        .random = count_up,
    };
    struct engineio_app_ops ops = {
        .on_open = app_open,
        .on_message = app_message,
        .on_close = app_close,
        .on_deadline = app_nothing,
        .before_send = app_nothing,
        .peek = app_peek,
        .pop = app_pop,
    };
    struct engineio_transport_ops transport = {on_respond, on_accept, on_send, on_ws_close};
    assert_int_equal(engineio_create(&config, &ops, world, &world->engine), LC_OK);
    engineio_attach(world->engine, &transport, world);
    *state = world;
    return 0;
}

static int tear_down(void **state)
{
    struct world *world = *state;
    while (world->queue != NULL) {
        app_pop(world, world);
    }
    engineio_destroy(world->engine);
    buffer_release(&world->sent);
    buffer_release(&world->received);
    free(world);
    return 0;
}

static struct engineio_request request_of(struct world *world, const char *method,
                                          const char *transport, bool with_sid, char query[128])
{
    snprintf(query, 128, "EIO=4&transport=%s%s%s", transport, with_sid ? "&sid=" : "",
             with_sid ? world->sid : "");
    return (struct engineio_request){.exchange = ++world->exchange,
                                     .method = bytes_text(method),
                                     .handshake = {.query = bytes_text(query)}};
}

static uint64_t get(struct world *world, bool with_sid)
{
    char query[128];
    struct engineio_request request = request_of(world, "GET", "polling", with_sid, query);
    struct engineio_session_id session;
    engineio_request(world->engine, world->now_ms, &request, &session);
    engineio_flush(world->engine, world->now_ms);
    return request.exchange;
}

static uint64_t post(struct world *world, const char *body)
{
    char query[128];
    struct engineio_request request = request_of(world, "POST", "polling", true, query);
    struct engineio_session_id session;
    if (engineio_request(world->engine, world->now_ms, &request, &session) == ENGINEIO_WANTS_BODY) {
        engineio_post_complete(world->engine, world->now_ms, session, request.exchange,
                               bytes_text(body));
    }
    engineio_flush(world->engine, world->now_ms);
    return request.exchange;
}

static void open_by_polling(struct world *world)
{
    uint64_t exchange = get(world, false);
    assert_int_equal(world->answers[exchange].status, 200);
    memcpy(world->sid, world->answers[exchange].body + strlen("0{\"sid\":\""), ENGINEIO_SID_SIZE);
}

// Asks for a WebSocket, and returns the exchange.
static uint64_t ask_ws(struct world *world, uint64_t ws, bool with_sid)
{
    char query[128];
    struct engineio_request request = request_of(world, "GET", "websocket", with_sid, query);
    struct engineio_session_id session;
    request.is_upgrade = true;
    world->next_ws = ws;
    assert_int_equal(engineio_request(world->engine, world->now_ms, &request, &session),
                     ENGINEIO_ANSWERED);
    engineio_flush(world->engine, world->now_ms);
    return request.exchange;
}

static void open_ws(struct world *world, uint64_t ws, bool with_sid)
{
    uint64_t exchange = ask_ws(world, ws, with_sid);
    assert_int_equal(world->answers[exchange].status, 101);
}

static void ws_text(struct world *world, uint64_t ws, const char *text)
{
    engineio_ws_message(world->engine, world->now_ms, world->session, ws, false, bytes_text(text));
    engineio_flush(world->engine, world->now_ms);
}

static void queue(struct world *world, const char *text)
{
    struct bytes part = bytes_text(text);
    assert_int_equal(frame_create(false, &part, 1, world->queue_end), LC_OK);
    world->queue_end = &(*world->queue_end)->next;
    engineio_touch(world->engine, world->session);
}

static void pass(struct world *world, int64_t ms)
{
    world->now_ms += ms;
    engineio_flush(world->engine, world->now_ms);
}

static void expect_answer(struct world *world, uint64_t exchange, int status, const char *body)
{
    assert_int_equal(world->answers[exchange].status, status);
    assert_string_equal(world->answers[exchange].body, body);
}

static void expect_sent(struct world *world, const char *text)
{
    assert_string_equal(buffer_text(&world->sent), text);
    buffer_clear(&world->sent);
}

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
    assert_int_equal(world->answers[exchange].status, 400);
    assert_string_equal(world->answers[exchange].body, "Forbidden");
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
#define SESSION_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        SESSION_TEST(a_ping_comes_at_the_interval_and_not_a_millisecond_before),
        SESSION_TEST(a_session_without_a_pong_ends_at_the_timeout_however_late_the_timer_is),
        SESSION_TEST(the_next_ping_is_counted_from_the_pong),
        SESSION_TEST(a_completed_upgrade_renews_the_wait_for_a_pong),
        SESSION_TEST(frames_of_an_upgrade_in_any_order),
        SESSION_TEST(a_post_that_arrives_behind_the_upgrade_is_refused),
        SESSION_TEST(an_upgrade_that_is_not_completed_is_given_up_at_its_timeout),
        SESSION_TEST(polls_that_wait_for_an_upgrade_are_freed_at_a_pace),
        SESSION_TEST(a_websocket_that_is_full_gets_nothing_until_it_is_writable),
        SESSION_TEST(a_frame_that_ends_a_burst_is_followed_a_millisecond_later),
        SESSION_TEST(a_graceful_close_over_polling_takes_three_forms),
        SESSION_TEST(a_close_over_websocket_comes_behind_the_queue),
        SESSION_TEST(dead_ids_do_nothing),
        SESSION_TEST(more_sessions_than_the_limit_are_refused),
        SESSION_TEST(an_application_may_refuse_a_session),
        SESSION_TEST(a_stop_ends_everything_and_refuses_what_comes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
