// Handshakes: the application's decision, rates and limits, session ids, and what goes into the
// first response.
#include "bridge/engineio/address_counts.h"
#include "bridge/engineio/pace.h"
#include "tests/unit/engineio_world.h"

static enum engineio_admission on_request(void *app, const struct engineio_request *request,
                                          struct engineio_admission_id admission,
                                          struct bytes *out_message)
{
    struct world *world = app;
    assert_true(bytes_equal_text(request->method, "GET"));
    assert_ptr_equal(engineio_current_request(world->engine), request);
    world->asked++;
    world->admission_id = admission;
    if (world->refusal != NULL) {
        *out_message = bytes_text(world->refusal);
    }
    return world->admission;
}

static void start_asking(struct world *world, enum engineio_admission admission)
{
    world->ops.on_request = on_request;
    world->admission = admission;
    world_start(world);
}

static void decide(struct world *world, bool allowed, const char *message)
{
    engineio_admit(world->engine, world->admission_id, allowed, bytes_text(message));
    engineio_flush(world->engine, world->now_ms);
}

static void a_refusal_is_403_or_the_text_of_a_400_for_an_upgrade(void **state)
{
    struct world *world = *state;
    start_asking(world, ENGINEIO_REFUSE);
    expect_answer(world, get(world, false), 403, "{\"code\":4,\"message\":\"Forbidden\"}");
    expect_answer(world, ask_ws(world, 5, false), 400, "Forbidden");
    world->refusal = "not \"you\"";
    expect_answer(world, get(world, false), 403, "{\"code\":4,\"message\":\"not \\\"you\\\"\"}");
    expect_answer(world, ask_ws(world, 5, false), 400, "not \"you\"");
    assert_string_equal(world->fault, "4 not \"you\" -");
    assert_int_equal(world->opened, 0);
    assert_int_equal(counts_of(world).handshakes_forbidden_total, 4);
    assert_int_equal(counts_of(world).handshakes_waiting, 0);
}

static void only_handshakes_are_asked_about(void **state)
{
    struct world *world = *state;
    start_asking(world, ENGINEIO_ALLOW);
    open_by_polling(world);
    get(world, true);
    post(world, "4a");
    open_ws(world, 5, true);
    assert_int_equal(world->asked, 1);
}

static void a_decision_may_come_later(void **state)
{
    struct world *world = *state;
    start_asking(world, ENGINEIO_DECIDE_LATER);
    uint64_t exchange = get(world, false);
    pass(world, 100000);
    assert_int_equal(world->answers[exchange].status, 0);
    assert_int_equal(counts_of(world).handshakes_waiting, 1);
    assert_int_equal(counts_of(world).sessions_open, 0);
    decide(world, true, "");
    note_sid(world, exchange);
    assert_int_equal(engineio_next_deadline(world->engine), world->now_ms + 300);
    exchange = ask_ws(world, 7, false);
    assert_int_equal(world->answers[exchange].status, 0);
    decide(world, true, "");
    assert_int_equal(world->answers[exchange].status, 101);
    assert_int_equal(engineio_ws_session(world->engine, 7).value, world->session.value);
    assert_non_null(strstr(buffer_text(&world->sent), "7:0{\"sid\""));
    exchange = get(world, false);
    decide(world, false, "no");
    expect_answer(world, exchange, 403, "{\"code\":4,\"message\":\"no\"}");
    exchange = ask_ws(world, 8, false);
    decide(world, false, "");
    expect_answer(world, exchange, 400, "Forbidden");
    decide(world, true, ""); // an id that is used up
    assert_int_equal(world->opened, 2);
}

static void a_session_has_the_id_that_its_handshake_was_held_by(void **state)
{
    struct world *world = *state;
    start_asking(world, ENGINEIO_DECIDE_LATER);
    char query[128];
    struct engineio_request request = request_of(world, "GET", "websocket", false, query);
    struct engineio_session_id session;
    request.is_upgrade = true;
    world->next_ws = 9;
    assert_int_equal(engineio_request(world->engine, world->now_ms, &request, &session),
                     ENGINEIO_HELD);
    assert_int_equal(engineio_sid(world->engine, session).size, 0);
    engineio_ws_message(world->engine, world->now_ms, session, 0, false, bytes_text("4early"));
    engineio_touch(world->engine, session);
    decide(world, true, "");
    assert_int_equal(session.value, world->session.value);
    world->session = session;
    ws_text(world, 9, "4hi");
    assert_string_equal(buffer_text(&world->received), "thi\n");
}

static void a_peer_that_left_is_not_admitted(void **state)
{
    struct world *world = *state;
    start_asking(world, ENGINEIO_DECIDE_LATER);
    char query[128];
    struct engineio_request request = request_of(world, "GET", "polling", false, query);
    struct engineio_session_id session;
    engineio_request(world->engine, world->now_ms, &request, &session);
    engineio_exchange_gone(world->engine, world->now_ms, session, request.exchange);
    assert_int_equal(counts_of(world).handshakes_waiting, 0);
    decide(world, true, "");
    uint64_t exchange = ask_ws(world, 0, false); // gone when the 101 is to be written
    decide(world, true, "");
    assert_int_equal(world->answers[exchange].status, 101);
    assert_int_equal(world->opened, 0);
    assert_int_equal(counts_of(world).sessions_websocket, 0);
    assert_int_equal(engineio_next_deadline(world->engine), DEADLINE_NONE);
}

static void handshakes_that_wait_are_bounded(void **state)
{
    struct world *world = *state;
    world->config.admissions_max = 2;
    start_asking(world, ENGINEIO_DECIDE_LATER);
    get(world, false);
    get(world, false);
    expect_answer(world, get(world, false), 503,
                  "{\"code\":6,\"message\":\"Too many handshakes\"}");
    assert_non_null(strstr(world->answers[world->exchange].headers, "Retry-After: "));
}

static void a_stop_answers_those_who_wait(void **state)
{
    struct world *world = *state;
    start_asking(world, ENGINEIO_DECIDE_LATER);
    uint64_t exchange = get(world, false);
    engineio_shut_down(world->engine);
    expect_answer(world, exchange, 503, "{\"code\":8,\"message\":\"Server is full or stopping\"}");
    decide(world, true, "");
    assert_int_equal(world->opened, 0);
}

static void the_protocol_is_looked_at_behind_the_application(void **state)
{
    struct world *world = *state;
    start_asking(world, ENGINEIO_REFUSE);
    world->eio = 3;
    assert_int_equal(world->answers[get(world, false)].status, 403);
    world->admission = ENGINEIO_ALLOW;
    expect_answer(world, get(world, false), 400,
                  "{\"code\":5,\"message\":\"Unsupported protocol version\"}");
}

// ---- rates ----

static void a_pace_keeps_its_rate_and_its_burst(void **state)
{
    (void)state;
    struct pace pace;
    pace_init(&pace, 100, 5);
    int taken = 0;
    for (int64_t now_us = 7000000; now_us < 9000000; now_us += 1000) {
        while (pace_take(&pace, now_us)) {
            taken++;
        }
        assert_true(taken <= 5 + (now_us - 7000000) / 10000);
    }
    assert_int_equal(taken, 5 + 199);
    pace_init(&pace, UINT32_MAX, 0);
    assert_true(pace_take(&pace, 0));
    assert_false(pace_take(&pace, 0));
    assert_true(pace_take(&pace, 1));
}

static void a_thousand_handshakes_of_one_moment_come_in_at_the_rate(void **state)
{
    struct world *world = *state;
    enum { CLIENTS = 1000, RATE = 200, BURST = 20 };
    world->config.sessions_max = CLIENTS;
    world->config.ping_interval_ms = 60000;
    world->config.handshakes_per_second = RATE;
    world->config.handshakes_burst = BURST;
    world->config.admission_wait_max_ms = 10000;
    world_start(world);
    int64_t begin_ms = world->now_ms;
    for (int i = 0; i < CLIENTS; i++) {
        (void)(i % 2 == 0 ? get(world, false) : ask_ws(world, 1, false));
    }
    assert_int_equal(counts_of(world).handshakes_held_total, CLIENTS - BURST);
    int64_t off_grid = 0;
    while (counts_of(world).handshakes_waiting > 0) {
        int64_t at_ms = engineio_next_deadline(world->engine);
        assert_true(at_ms > world->now_ms && at_ms < begin_ms + 10000);
        pass(world, at_ms - world->now_ms);
        off_grid += (at_ms - begin_ms) % 5 != 0;
        int64_t most = BURST + (world->now_ms - begin_ms) * RATE / 1000;
        assert_true((int64_t)counts_of(world).handshakes_total <= most);
        assert_true((int64_t)counts_of(world).handshakes_total >= most - 2);
    }
    assert_true(off_grid > CLIENTS / 2); // they do not stay in step
    assert_in_range(world->now_ms - begin_ms, 4890, 4910);
    for (uint64_t i = 1; i <= CLIENTS; i++) {
        assert_int_equal(world->answers[i].status, i % 2 == 1 ? 200 : 101);
        assert_true(i == 1 || world->answers[i].at_ms >= world->answers[i - 1].at_ms);
    }
    assert_int_equal(counts_of(world).sessions_open, CLIENTS);
}

static void a_handshake_that_would_wait_too_long_is_told_when_to_come_back(void **state)
{
    struct world *world = *state;
    world->config.sessions_max = 1000;
    world->config.handshakes_per_second = 10;
    world->config.handshakes_burst = 1;
    world->config.admission_wait_max_ms = 2000;
    world_start(world);
    int refused = 0;
    int least_s = 1000;
    int most_s = 0;
    for (int i = 0; i < 60; i++) {
        uint64_t exchange = i % 2 == 0 ? get(world, false) : ask_ws(world, 1, false);
        if (world->answers[exchange].status == 503) {
            expect_answer(world, exchange, 503, "{\"code\":6,\"message\":\"Too many handshakes\"}");
            assert_string_equal(world->answers[exchange].type, "application/json");
            int seconds = 0;
            assert_int_equal(
                sscanf(world->answers[exchange].headers, "Retry-After: %d\r\n", &seconds), 1);
            least_s = seconds < least_s ? seconds : least_s;
            most_s = seconds > most_s ? seconds : most_s;
            refused++;
        }
    }
    assert_int_equal(refused, 60 - 21);
    assert_int_equal(counts_of(world).handshakes_over_rate_total, 39);
    assert_true(least_s >= 2 && most_s > least_s + 2 && most_s <= 10);
    pass(world, 2100);
    assert_int_equal(counts_of(world).handshakes_total, 21);
    open_by_polling(world); // at once again
}

// When the client asks again; INT64_MAX: it is in, or waits in the line.
static int64_t try_again_at(struct world *world, uint64_t exchange)
{
    const struct answer *answer = &world->answers[exchange];
    if (answer->status != 503) {
        return INT64_MAX;
    }
    int seconds = 0;
    assert_int_equal(sscanf(answer->headers, "Retry-After: %d\r\n", &seconds), 1);
    return world->now_ms + seconds * 1000;
}

static void clients_that_come_back_when_they_are_told_are_all_admitted(void **state)
{
    struct world *world = *state;
    enum { CLIENTS = 400, RATE = 40 };
    int64_t again_ms[CLIENTS] = {0};
    world->config.sessions_max = CLIENTS;
    world->config.ping_interval_ms = 600000;
    world->config.handshakes_per_second = RATE;
    world->config.handshakes_burst = 1;
    world->config.admission_wait_max_ms = 2000;
    world_start(world);
    int64_t begin_ms = world->now_ms;
    while (counts_of(world).handshakes_total < CLIENTS) {
        int64_t next_ms = engineio_next_deadline(world->engine);
        for (int i = 0; i < CLIENTS; i++) {
            if (again_ms[i] <= world->now_ms) {
                again_ms[i] = try_again_at(world, get(world, false));
            }
            next_ms = again_ms[i] < next_ms ? again_ms[i] : next_ms;
        }
        int64_t turn_ms = engineio_next_deadline(world->engine);
        pass(world, (turn_ms < next_ms ? turn_ms : next_ms) - world->now_ms);
        int64_t passed_ms = world->now_ms - begin_ms;
        assert_true((int64_t)counts_of(world).handshakes_total <= 1 + passed_ms * RATE / 1000);
        assert_true(passed_ms < 2 * CLIENTS * 1000 / RATE);
    }
    assert_true(world->exchange < 3 * CLIENTS); // tries in all
}

static void without_a_wait_what_is_over_the_rate_is_refused(void **state)
{
    struct world *world = *state;
    world->config.handshakes_per_second = 2;
    world_start(world);
    open_by_polling(world);
    open_by_polling(world);
    assert_int_equal(world->answers[get(world, false)].status, 503);
    world->eio = 3; // what is refused anyway costs no turn
    assert_int_equal(world->answers[get(world, false)].status, 400);
    world->eio = 4;
    pass(world, 499);
    assert_int_equal(world->answers[get(world, false)].status, 503);
    pass(world, 1);
    open_by_polling(world);
}

static void who_leaves_the_line_gives_its_turn_to_the_next(void **state)
{
    struct world *world = *state;
    world->config.handshakes_per_second = 10;
    world->config.handshakes_burst = 1;
    world->config.admission_wait_max_ms = 2000;
    world_start(world);
    open_by_polling(world);
    char query[128];
    struct engineio_request request = request_of(world, "GET", "polling", false, query);
    struct engineio_session_id session;
    engineio_request(world->engine, world->now_ms, &request, &session);
    uint64_t next = get(world, false);
    engineio_exchange_gone(world->engine, world->now_ms, session, request.exchange);
    pass(world, 200);
    assert_int_equal(world->answers[next].status, 200);
    engineio_request(world->engine, world->now_ms, &request, &session);
    engineio_exchange_gone(world->engine, world->now_ms, session, request.exchange);
    pass(world, 300);
    pass(world, 500); // the others have timed out
    assert_int_equal(engineio_next_deadline(world->engine), DEADLINE_NONE);
}

static void the_turn_comes_before_the_application(void **state)
{
    struct world *world = *state;
    world->config.handshakes_per_second = 10;
    world->config.handshakes_burst = 1;
    world->config.admission_wait_max_ms = 2000;
    start_asking(world, ENGINEIO_ALLOW);
    open_by_polling(world);
    uint64_t exchange = get(world, false);
    assert_int_equal(world->asked, 1);
    world->admission = ENGINEIO_DECIDE_LATER;
    pass(world, 200);
    assert_int_equal(world->asked, 2);
    decide(world, true, "");
    assert_int_equal(world->answers[exchange].status, 200);
}

// ---- addresses ----

static uint64_t get_from(struct world *world, const char *address)
{
    struct engineio_request request = {.exchange = ++world->exchange,
                                       .method = bytes_text("GET"),
                                       .handshake = {.query = bytes_text("EIO=4&transport=polling"),
                                                     .address = bytes_text(address)}};
    struct engineio_session_id session;
    engineio_request(world->engine, world->now_ms, &request, &session);
    engineio_flush(world->engine, world->now_ms);
    return request.exchange;
}

static void an_address_has_so_many_sessions(void **state)
{
    struct world *world = *state;
    world->config.sessions_per_address_max = 2;
    world_start(world);
    get_from(world, "::1");
    get_from(world, "::1");
    uint64_t third = get_from(world, "::1");
    expect_answer(world, third, 503,
                  "{\"code\":7,\"message\":\"Too many sessions from this address\"}");
    assert_non_null(strstr(world->answers[third].headers, "Retry-After: "));
    assert_int_equal(counts_of(world).handshakes_over_address_total, 1);
    note_sid(world, get_from(world, "::2"));
    engineio_end(world->engine, world->session, ENGINEIO_FORCED_CLOSE);
    note_sid(world, get_from(world, "::2"));
    pass(world, 500); // all time out
    note_sid(world, get_from(world, "::1"));
    note_sid(world, get_from(world, "::1"));
}

static void addresses_are_counted_in_few_buckets_too(void **state)
{
    (void)state;
    struct address_counts counts = {0};
    assert_int_equal(address_counts_init(&counts, 2, 99), LC_OK);
    for (int i = 0; i < 300; i++) {
        char address[20];
        snprintf(address, sizeof address, "10.0.0.%d", i % 100);
        assert_int_equal(address_counts_add(&counts, bytes_text(address)), LC_OK);
    }
    assert_int_equal(address_counts_of(&counts, bytes_text("10.0.0.42")), 3);
    address_counts_remove(&counts, bytes_text("10.0.0.42"));
    address_counts_remove(&counts, bytes_text("10.0.0.42"));
    address_counts_remove(&counts, bytes_text("10.0.0.42"));
    assert_int_equal(address_counts_of(&counts, bytes_text("10.0.0.42")), 0);
    assert_int_equal(address_counts_of(&counts, bytes_text("")), 0);
    assert_int_equal(address_counts_add(&counts, bytes_text("")), LC_OK);
    assert_int_equal(address_counts_of(&counts, bytes_text("")), 1);
    address_counts_release(&counts);
}

// ---- session ids ----

static bool generate(void *context, const struct engineio_request *request, char *out_sid)
{
    (void)request;
    static const char *const sids[] = {"aaaaaaaaaaaaaaaaaaaa", "bbbb/bbbbbbbbbbbbbbb",
                                       "aaaaaaaaaaaaaaaaaaaa"};
    uint32_t *calls = context;
    uint32_t call = (*calls)++;
    if (call >= sizeof sids / sizeof sids[0]) {
        return false;
    }
    memcpy(out_sid, sids[call], ENGINEIO_SID_SIZE);
    return true;
}

static void session_ids_may_be_the_applications(void **state)
{
    struct world *world = *state;
    uint32_t calls = 0;
    world->config.generate_sid = generate;
    world->config.random_context = &calls;
    world_start(world);
    open_by_polling(world);
    assert_string_equal(world->sid, "aaaaaaaaaaaaaaaaaaaa");
    for (int i = 0; i < 3; i++) { // of other characters, one that is taken, a failure
        world->fault[0] = '\0';
        expect_answer(world, get(world, false), 400, "{\"code\":3,\"message\":\"Bad request\"}");
        assert_string_equal(world->fault, "3 Bad request ID_GENERATION_ERROR");
    }
    expect_answer(world, ask_ws(world, 1, false), 400, "Bad request"); // before the 101
    assert_int_equal(counts_of(world).sessions_open, 1);
}

static void session_ids_have_twenty_characters_of_base64url(void **state)
{
    struct world *world = *state;
    open_by_polling(world);
    assert_int_equal(strspn(world->sid, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                        "0123456789-_"),
                     20);
}

// ---- the first response ----

static void the_cookie_is_on_the_first_response_of_polling_only(void **state)
{
    struct world *world = *state;
    world->config.cookie = engineio_cookie_default();
    world_start(world);
    open_by_polling(world);
    char line[100];
    snprintf(line, sizeof line, "Set-Cookie: io=%s; Path=/; HttpOnly; SameSite=Lax\r\n",
             world->sid);
    assert_string_equal(world->answers[world->exchange].headers, line);
    uint64_t poll = get(world, true);
    queue(world, "4a");
    engineio_flush(world->engine, world->now_ms);
    assert_string_equal(world->answers[poll].headers, "");
    assert_string_equal(world->answers[post(world, "4a")].headers, "");
    assert_string_equal(world->answers[ask_ws(world, 4, false)].headers, "");
}

static void a_cookie_has_the_attributes_that_are_wanted(void **state)
{
    (void)state;
    struct buffer line;
    buffer_init(&line, 200);
    struct engineio_cookie cookie = {.name = "n", .same_site = COOKIE_SAME_SITE_UNSET};
    cookie_append_line(&line, &cookie, bytes_text("v"));
    assert_string_equal(buffer_text(&line), "Set-Cookie: n=v\r\n");
    buffer_clear(&line);
    cookie = (struct engineio_cookie){.name = "n",
                                      .path = "/x",
                                      .domain = "example.org",
                                      .http_only = true,
                                      .secure = true,
                                      .has_max_age = true,
                                      .max_age_s = 86400,
                                      .same_site = COOKIE_SAME_SITE_NONE};
    cookie_append_line(&line, &cookie, bytes_text("v"));
    assert_string_equal(buffer_text(&line),
                        "Set-Cookie: n=v; Max-Age=86400; Domain=example.org; Path=/x; HttpOnly; "
                        "Secure; SameSite=None\r\n");
    buffer_release(&line);
}

static void initial_headers(void *app, struct engineio_session_id session, struct buffer *lines)
{
    struct world *world = app;
    assert_int_equal(engineio_sid(world->engine, session).size, ENGINEIO_SID_SIZE);
    assert_non_null(engineio_current_request(world->engine));
    buffer_append_text(lines, "X-First: 1\r\n");
}

static void headers(void *app, struct engineio_session_id session, struct buffer *lines)
{
    (void)app;
    buffer_append_format(lines, "X-Each: %d\r\n", session.value != 0);
}

static void hooks_add_headers_once_and_always(void **state)
{
    struct world *world = *state;
    world->ops.initial_headers = initial_headers;
    world->ops.headers = headers;
    world_start(world);
    open_by_polling(world);
    assert_string_equal(world->answers[world->exchange].headers, "X-First: 1\r\nX-Each: 1\r\n");
    uint64_t poll = get(world, true);
    assert_string_equal(world->answers[post(world, "4a")].headers, "X-Each: 1\r\n");
    assert_string_equal(world->answers[ask_ws(world, 5, true)].headers, "X-Each: 1\r\n");
    ws_text(world, 5, "2probe");
    assert_string_equal(world->answers[poll].headers, "X-Each: 1\r\n");
    uint64_t opened = ask_ws(world, 6, false);
    assert_string_equal(world->answers[opened].headers, "X-First: 1\r\nX-Each: 1\r\n");
    uint64_t error = send_request(world, "GET", "", "", BYTES(""));
    assert_string_equal(world->answers[error].headers, "X-Each: 0\r\n");
}

static void too_many(void *app, struct engineio_session_id session, struct buffer *lines)
{
    (void)app, (void)session;
    for (int i = 0; i < 1000; i++) {
        buffer_append_text(lines, "X-Line: 1234567890\r\n");
        buffer_append_text(lines, "Y: ");
        buffer_append_text(lines, "1\r\n");
    }
}

static void headers_that_do_not_fit_are_left_out_as_whole_lines(void **state)
{
    struct world *world = *state;
    world->ops.headers = too_many;
    world_start(world);
    open_by_polling(world);
    size_t size = world->answers[world->exchange].response.headers.size;
    assert_true(size > 8000 && size <= 8192 && (size % 26 == 0 || size % 26 == 20));
}

static void the_initial_packet_comes_with_the_open_packet(void **state)
{
    struct world *world = *state;
    world->config.initial_packet = bytes_text("hello");
    world_start(world);
    open_by_polling(world);
    assert_non_null(strstr(world->answers[world->exchange].body, "}\x1e"
                                                                 "4hello"));
    open_ws(world, 4, false);
    assert_non_null(strstr(buffer_text(&world->sent), "}\n4:4hello\n"));
}

static enum engineio_check check(void *app, const struct engineio_request *request,
                                 struct engineio_response *out_response)
{
    struct world *world = app;
    assert_ptr_equal(engineio_current_request(world->engine), request);
    if (world->check == ENGINEIO_CHECK_ANSWERED) {
        *out_response = (struct engineio_response){.status = 418, .body = bytes_text("tea")};
    }
    return world->check;
}

static void the_application_may_look_at_every_request_first(void **state)
{
    struct world *world = *state;
    world->ops.check = check;
    world_start(world);
    open_by_polling(world);
    world->check = ENGINEIO_CHECK_FAILED;
    expect_answer(world, get(world, true), 400, "{\"code\":3,\"message\":\"Bad request\"}");
    assert_string_equal(world->fault, "3 Bad request MIDDLEWARE_FAILURE");
    expect_answer(world, send_request(world, "GET", "transport=x", "", BYTES("")), 400,
                  "{\"code\":3,\"message\":\"Bad request\"}");
    expect_answer(world, ask_ws(world, 5, true), 400, "Bad request");
    world->check = ENGINEIO_CHECK_ANSWERED;
    expect_answer(world, get(world, false), 418, "tea");
    assert_int_equal(world->closed, 0);
}

int main(void)
{
#define EARLY(test) WORLD_TEST_BEFORE_START(test)
    const struct CMUnitTest tests[] = {
        EARLY(a_refusal_is_403_or_the_text_of_a_400_for_an_upgrade),
        EARLY(only_handshakes_are_asked_about),
        EARLY(a_decision_may_come_later),
        EARLY(a_session_has_the_id_that_its_handshake_was_held_by),
        EARLY(a_peer_that_left_is_not_admitted),
        EARLY(handshakes_that_wait_are_bounded),
        EARLY(a_stop_answers_those_who_wait),
        EARLY(the_protocol_is_looked_at_behind_the_application),
        cmocka_unit_test(a_pace_keeps_its_rate_and_its_burst),
        EARLY(a_thousand_handshakes_of_one_moment_come_in_at_the_rate),
        EARLY(a_handshake_that_would_wait_too_long_is_told_when_to_come_back),
        EARLY(clients_that_come_back_when_they_are_told_are_all_admitted),
        EARLY(without_a_wait_what_is_over_the_rate_is_refused),
        EARLY(who_leaves_the_line_gives_its_turn_to_the_next),
        EARLY(the_turn_comes_before_the_application),
        EARLY(an_address_has_so_many_sessions),
        cmocka_unit_test(addresses_are_counted_in_few_buckets_too),
        EARLY(session_ids_may_be_the_applications),
        WORLD_TEST(session_ids_have_twenty_characters_of_base64url),
        EARLY(the_cookie_is_on_the_first_response_of_polling_only),
        cmocka_unit_test(a_cookie_has_the_attributes_that_are_wanted),
        EARLY(hooks_add_headers_once_and_always),
        EARLY(headers_that_do_not_fit_are_left_out_as_whole_lines),
        EARLY(the_initial_packet_comes_with_the_open_packet),
        EARLY(the_application_may_look_at_every_request_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
