// Requests of every kind against sessions of every kind: codes, bodies, polling, upgrades.
#include "tests/unit/engineio_world.h"

static void expect_error(struct world *world, const char *method, const char *query, int code,
                         const char *context)
{
    char body[100];
    char fault[100];
    static const char *const messages[] = {"Transport unknown", "Session ID unknown",
                                           "Bad handshake method", "Bad request"};
    snprintf(body, sizeof body, "{\"code\":%d,\"message\":\"%s\"}", code, messages[code]);
    snprintf(fault, sizeof fault, "%d %s %s", code, messages[code], context);
    uint64_t exchange = send_request(world, method, query, "", BYTES(""));
    expect_answer(world, exchange, 400, body);
    assert_string_equal(world->answers[exchange].type, "application/json");
    assert_false(world->answers[exchange].response.no_store);
    assert_string_equal(world->fault, fault);
}

static void errors_have_their_code_and_their_order(void **state)
{
    struct world *world = *state;
    expect_error(world, "GET", "EIO=4", 0, "-");
    expect_error(world, "GET", "EIO=4&transport=__proto__", 0, "-");
    expect_error(world, "GET", "EIO=4&transport=constructor", 0, "-");
    expect_error(world, "GET", "EIO=4&transport=webtransport", 0, "-");
    expect_error(world, "GET", "EIO=4&transport=pollings&sid=x", 0, "-");
    expect_error(world, "GET", "EIO=4&transport=polling&sid=nope", 1, "-");
    expect_error(world, "GET", "EIO=4&transport=polling&sid=aaaaaaaaaaaaaaaaaaaa", 1, "-");
    expect_error(world, "GET", "EIO=3&transport=polling&sid=aaaaaaaaaaaaaaaaaaaaa", 1, "-");
    const char *methods[] = {"POST", "PUT", "OPTIONS", "HEAD", "DELETE"};
    for (size_t i = 0; i < 5; i++) {
        expect_error(world, methods[i], "EIO=3&transport=websocket", 2, "-");
    }
    expect_error(world, "GET", "EIO=4&transport=websocket", 3, "TRANSPORT_HANDSHAKE_ERROR");
    open_by_polling(world);
    char query[100];
    snprintf(query, sizeof query, "EIO=3&transport=websocket&sid=%s", world->sid);
    expect_error(world, "GET", query, 3, "TRANSPORT_MISMATCH");
    snprintf(query, sizeof query, "transport=polling&sid=%s", world->sid);
    expect_error(world, "GET", query, 3, "PROTOCOL_MISMATCH");
    assert_int_equal(world->closed, 0);
    assert_int_equal(counts_of(world).connection_errors_total, 16);
}

static void an_illegal_origin_is_refused_before_the_session_is_looked_for(void **state)
{
    struct world *world = *state;
    char query[128];
    struct engineio_request request = request_of(world, "GET", "polling", false, query);
    struct engineio_session_id session;
    request.has_origin = true;
    request.origin = bytes_text("http://a\x01");
    assert_int_equal(engineio_request(world->engine, world->now_ms, &request, &session),
                     ENGINEIO_ANSWERED);
    expect_answer(world, request.exchange, 400, "{\"code\":3,\"message\":\"Bad request\"}");
    assert_string_equal(world->fault, "3 Bad request INVALID_ORIGIN");
}

static void upgrades_are_refused_with_the_bare_text(void **state)
{
    struct world *world = *state;
    expect_answer(world, ask_ws_with(world, 1, "EIO=4"), 400, "Transport unknown");
    assert_string_equal(world->answers[world->exchange].type, "text/html");
    expect_answer(world, ask_ws_with(world, 1, "EIO=4&transport=websocket&sid=x"), 400,
                  "Session ID unknown");
    open_by_polling(world);
    world->eio = 3;
    expect_answer(world, ask_ws(world, 1, true), 400, "Bad request");
    assert_string_equal(world->fault, "3 Bad request PROTOCOL_MISMATCH");
}

static void an_upgrade_to_polling_gets_101_and_a_close(void **state)
{
    struct world *world = *state;
    uint64_t exchange = ask_ws_with(world, 3, "EIO=4&transport=polling");
    assert_int_equal(world->answers[exchange].status, 101);
    assert_int_equal(world->closed_ws, 3);
    assert_int_equal(world->opened, 0);
}

static void a_transport_that_is_off_is_unknown(void **state)
{
    struct world *world = *state;
    world->config.allow_websocket = false;
    world_start(world);
    open_by_polling(world);
    assert_non_null(strstr(world->answers[world->exchange].body, "\"upgrades\":[]"));
    expect_answer(world, ask_ws(world, 3, false), 400, "Transport unknown");
    expect_answer(world, ask_ws(world, 3, true), 400, "Transport unknown");
}

static void an_upgrade_that_is_not_offered_is_taken_all_the_same(void **state)
{
    struct world *world = *state;
    world->config.allow_upgrades = false;
    world_start(world);
    open_by_polling(world);
    assert_non_null(strstr(world->answers[world->exchange].body, "\"upgrades\":[]"));
    open_ws(world, 3, true);
    ws_text(world, 3, "2probe");
    ws_text(world, 3, "5");
    assert_true(engineio_is_websocket(world->engine, world->session));
}

static void a_handshake_has_exactly_its_five_members(void **state)
{
    struct world *world = *state;
    open_by_polling(world);
    char body[200];
    snprintf(body, sizeof body,
             "0{\"sid\":\"%s\",\"upgrades\":[\"websocket\"],\"pingInterval\":300,"
             "\"pingTimeout\":200,\"maxPayload\":1000}",
             world->sid);
    expect_answer(world, world->exchange, 200, body);
    assert_string_equal(world->answers[world->exchange].type, "text/plain; charset=UTF-8");
    assert_true(world->answers[world->exchange].response.no_store);
    open_ws(world, 4, false);
    assert_non_null(strstr(buffer_text(&world->sent), "\"upgrades\":[],"));
}

static void other_methods_of_a_session_are_500_and_change_nothing(void **state)
{
    struct world *world = *state;
    open_by_polling(world);
    char query[100];
    snprintf(query, sizeof query, "EIO=4&transport=polling&sid=%s", world->sid);
    expect_answer(world, send_request(world, "PUT", query, "", BYTES("")), 500, "");
    expect_answer(world, send_request(world, "DELETE", query, "", BYTES("")), 500, "");
    assert_int_equal(world->closed, 0);
}

static void a_second_get_ends_both_and_the_session(void **state)
{
    struct world *world = *state;
    open_by_polling(world);
    uint64_t first = get(world, true);
    uint64_t second = get(world, true);
    expect_answer(world, first, 200, "1");
    expect_answer(world, second, 400, "");
    assert_int_equal(world->reason, ENGINEIO_TRANSPORT_ERROR);
    expect_answer(world, get(world, true), 400, "{\"code\":1,\"message\":\"Session ID unknown\"}");
}

static void a_poll_that_is_cut_ends_the_session(void **state)
{
    struct world *world = *state;
    open_by_polling(world);
    uint64_t poll = get(world, true);
    engineio_exchange_gone(world->engine, world->now_ms, world->session, poll);
    assert_int_equal(world->reason, ENGINEIO_TRANSPORT_ERROR);
    assert_int_equal(world->answers[poll].status, 0);
    assert_int_equal(world->answers[get(world, true)].status, 400);
}

static void an_answered_poll_may_close_its_connection(void **state)
{
    struct world *world = *state;
    open_by_polling(world);
    uint64_t poll = get(world, true);
    queue(world, "4a");
    engineio_flush(world->engine, world->now_ms);
    engineio_exchange_gone(world->engine, world->now_ms, world->session, poll);
    assert_int_equal(world->closed, 0);
}

static void a_post_is_ok_and_comes_back_in_its_parts(void **state)
{
    struct world *world = *state;
    open_by_polling(world);
    uint64_t sent = post(world, "4a\x1e"
                                "bAQIDBA==\x1e"
                                "4\xc3\xa9\x1e"
                                "4");
    expect_answer(world, sent, 200, "ok");
    assert_string_equal(world->answers[sent].type, "text/html");
    assert_true(world->answers[sent].response.no_store);
    assert_string_equal(buffer_text(&world->received), "ta\nb\1\2\3\4\nt\xc3\xa9\nt\n");
}

static void two_posts_at_once_end_the_session(void **state)
{
    struct world *world = *state;
    open_by_polling(world);
    char query[128];
    struct engineio_request request = request_of(world, "POST", "polling", true, query);
    struct engineio_session_id session;
    assert_int_equal(engineio_request(world->engine, world->now_ms, &request, &session),
                     ENGINEIO_WANTS_BODY);
    expect_answer(world, post(world, "4b"), 400, "");
    assert_int_equal(world->reason, ENGINEIO_TRANSPORT_ERROR);
    engineio_post_complete(world->engine, world->now_ms, session, request.exchange,
                           bytes_text("4a"));
    assert_int_equal(world->answers[request.exchange].status, 400);
    assert_int_equal(world->received.size, 0);
}

static void octets_are_not_for_protocol_4(void **state)
{
    struct world *world = *state;
    open_by_polling(world);
    char query[100];
    snprintf(query, sizeof query, "EIO=4&transport=polling&sid=%s", world->sid);
    uint64_t sent = send_request(world, "POST", query, "application/octet-stream", BYTES("4a"));
    expect_answer(world, sent, 400, "");
    assert_int_equal(world->reason, ENGINEIO_TRANSPORT_ERROR);
}

static void a_body_that_is_too_large_costs_only_itself(void **state)
{
    struct world *world = *state;
    open_by_polling(world);
    char query[128];
    struct engineio_request request = request_of(world, "POST", "polling", true, query);
    struct engineio_session_id session;
    engineio_request(world->engine, world->now_ms, &request, &session);
    engineio_post_too_large(world->engine, world->now_ms, session, request.exchange);
    expect_answer(world, request.exchange, 413, "");
    expect_answer(world, post(world, "4b"), 200, "ok");
    assert_int_equal(world->closed, 0);
}

static void a_post_that_closes_frees_the_poll(void **state)
{
    struct world *world = *state;
    open_by_polling(world);
    uint64_t poll = get(world, true);
    expect_answer(world,
                  post(world, "4a\x1e"
                              "1\x1e"
                              "4b"),
                  200, "ok");
    expect_answer(world, poll, 200, "6");
    assert_string_equal(buffer_text(&world->received), "ta\n");
    assert_int_equal(world->reason, ENGINEIO_TRANSPORT_CLOSE);
    expect_answer(world, post(world, "4c"), 400, "{\"code\":1,\"message\":\"Session ID unknown\"}");
}

static void what_is_queued_goes_out_before_the_close_of_a_client(void **state)
{
    struct world *world = *state;
    open_by_polling(world);
    uint64_t poll = get(world, true);
    queue(world, "4answer");
    (void)post(world, "1"); // read before anything was sent
    expect_answer(world, poll, 200, "4answer");
    assert_int_equal(world->reason, ENGINEIO_TRANSPORT_CLOSE);
}

static void a_frame_that_ends_a_burst_ends_the_body_of_a_poll_that_waited(void **state)
{
    struct world *world = *state;
    open_by_polling(world);
    uint64_t poll = get(world, true);
    queue(world, "40");
    world->queue->ends_burst = true;
    queue(world, "42[]");
    engineio_flush(world->engine, world->now_ms);
    expect_answer(world, poll, 200, "40");
    expect_answer(world, get(world, true), 200, "42[]");
    queue(world, "40");
    world->queue->ends_burst = true;
    queue(world, "42[]");
    expect_answer(world, get(world, true), 200,
                  "40\x1e"
                  "42[]");
}

static void a_close_is_read_while_the_session_is_closing(void **state)
{
    struct world *world = *state;
    open_by_polling(world);
    engineio_close(world->engine, world->session);
    expect_answer(world,
                  post(world, "4ignored\x1e"
                              "2\x1e"
                              "1"),
                  200, "ok");
    assert_int_equal(world->received.size, 0);
    assert_int_equal(world->reason, ENGINEIO_TRANSPORT_CLOSE);
}

static void what_is_no_packet_is_a_parse_error(void **state)
{
    struct world *world = *state;
    const char *bodies[] = {"abc", "", "7", "4a\x1e", "b!", "\xff"};
    for (size_t i = 0; i < 6; i++) {
        open_by_polling(world);
        uint64_t poll = get(world, true);
        expect_answer(world, post(world, bodies[i]), 400, "");
        expect_answer(world, poll, 200, "1");
        assert_int_equal(world->reason, ENGINEIO_PARSE_ERROR);
        open_ws(world, 20 + i, false);
        ws_text(world, 20 + i, i == 3 ? "9" : bodies[i]);
        assert_int_equal(world->reason, ENGINEIO_PARSE_ERROR);
        assert_int_equal(world->closed_ws, 20 + i);
    }
    assert_int_equal(world->closed, 12);
}

static void packets_over_websocket(void **state)
{
    struct world *world = *state;
    open_ws(world, 4, false);
    buffer_clear(&world->sent);
    ws_text(world, 4, "0");
    ws_text(world, 4, "6");
    ws_text(world, 4, "5");
    ws_text(world, 4, "bNAE=");
    ws_binary(world, 4, BYTES("4\1"));
    assert_string_equal(buffer_text(&world->received), "b4\1\nb4\1\n");
    pass(world, 100);
    ws_text(world, 4, "3"); // nobody asked: the timer begins anew
    assert_int_equal(engineio_next_deadline(world->engine), world->now_ms + 300);
    ws_text(world, 4, "1");
    assert_int_equal(world->reason, ENGINEIO_TRANSPORT_CLOSE);
    assert_int_equal(world->closed_ws, 4);
}

static void a_ping_of_a_client_of_4_has_the_wrong_direction(void **state)
{
    struct world *world = *state;
    open_ws(world, 4, false);
    ws_text(world, 4, "2probe");
    assert_int_equal(world->reason, ENGINEIO_TRANSPORT_ERROR);
    open_by_polling(world);
    expect_answer(world,
                  post(world, "4a\x1e"
                              "2\x1e"
                              "4b"),
                  400, "");
    assert_int_equal(world->reason, ENGINEIO_TRANSPORT_ERROR);
    assert_string_equal(buffer_text(&world->received), "ta\n");
}

static void a_websocket_that_failed_is_an_error_and_one_that_left_is_closed(void **state)
{
    struct world *world = *state;
    open_ws(world, 4, false);
    engineio_ws_gone(world->engine, world->now_ms, world->session, 4, true);
    assert_int_equal(world->reason, ENGINEIO_TRANSPORT_ERROR);
    open_ws(world, 5, false);
    engineio_ws_gone(world->engine, world->now_ms, world->session, 5, false);
    assert_int_equal(world->reason, ENGINEIO_TRANSPORT_CLOSE);
    assert_int_equal(world->closed_ws, 0); // nobody is there to be closed
}

// ---- upgrades ----

static void an_upgrade_without_a_probe_is_taken(void **state)
{
    struct world *world = *state;
    open_by_polling(world);
    open_ws(world, 5, true);
    uint64_t poll = get(world, true);
    ws_text(world, 5, "5");
    expect_answer(world, poll, 200, "6");
    assert_true(engineio_is_websocket(world->engine, world->session));
    assert_int_equal(counts_of(world).upgrades_total, 1);
}

static void frames_of_an_upgrade_may_come_at_once(void **state)
{
    struct world *world = *state;
    open_by_polling(world);
    open_ws(world, 5, true);
    engineio_ws_message(world->engine, world->now_ms, world->session, 5, false,
                        bytes_text("2probe"));
    engineio_ws_message(world->engine, world->now_ms, world->session, 5, false, bytes_text("5"));
    engineio_ws_message(world->engine, world->now_ms, world->session, 5, false,
                        bytes_text("4hello"));
    engineio_flush(world->engine, world->now_ms);
    assert_string_equal(buffer_text(&world->received), "thello\n");
    expect_sent(world, "5:3probe\n");
    assert_int_equal(world->answers[get(world, true)].status, 400);
    assert_int_equal(world->answers[post(world, "4x")].status, 400);
    assert_string_equal(world->fault, "3 Bad request TRANSPORT_MISMATCH");
    assert_int_equal(world->closed, 0);
}

static void any_other_first_packet_costs_the_probe_only(void **state)
{
    struct world *world = *state;
    open_by_polling(world);
    const char *packets[] = {"4hello", "2", "2probe2", "3probe", "1", "", "x"};
    for (uint64_t i = 0; i < 7; i++) {
        open_ws(world, 5 + i, true);
        ws_text(world, 5 + i, packets[i]);
        assert_int_equal(world->closed_ws, 5 + i);
    }
    open_ws(world, 30, true);
    ws_binary(world, 30, BYTES("5"));
    assert_int_equal(world->closed_ws, 30);
    assert_int_equal(world->closed, 0);
    expect_answer(world, post(world, "4still"), 200, "ok");
    assert_string_equal(buffer_text(&world->received), "tstill\n");
}

static void a_probe_may_be_repeated_and_lost_and_tried_again(void **state)
{
    struct world *world = *state;
    open_by_polling(world);
    open_ws(world, 5, true);
    ws_text(world, 5, "2probe");
    ws_text(world, 5, "2probe");
    expect_sent(world, "5:3probe\n5:3probe\n");
    engineio_ws_gone(world->engine, world->now_ms, world->session, 5, false);
    uint64_t poll = get(world, true);
    assert_int_equal(world->answers[poll].status, 0); // hangs again
    open_ws(world, 6, true);
    ws_text(world, 6, "2probe");
    expect_answer(world, poll, 200, "6");
    ws_text(world, 6, "5");
    assert_true(engineio_is_websocket(world->engine, world->session));
}

static void a_second_websocket_gets_101_and_a_close(void **state)
{
    struct world *world = *state;
    open_by_polling(world);
    open_ws(world, 5, true);
    open_ws(world, 6, true); // while the first one probes
    assert_int_equal(world->closed_ws, 6);
    ws_text(world, 5, "5");
    open_ws(world, 7, true);
    assert_int_equal(world->closed_ws, 7);
    ws_text(world, 5, "4a");
    assert_string_equal(buffer_text(&world->received), "ta\n");
    open_by_polling(world);
    engineio_close(world->engine, world->session);
    open_ws(world, 8, true); // too late
    assert_int_equal(world->closed_ws, 8);
}

static void a_session_that_ends_takes_its_probe_along(void **state)
{
    struct world *world = *state;
    open_by_polling(world);
    open_ws(world, 5, true);
    ws_text(world, 5, "2probe");
    post(world, "1");
    assert_int_equal(world->closed_ws, 5);
    open_by_polling(world);
    open_ws(world, 6, true);
    engineio_close(world->engine, world->session);
    assert_int_equal(world->closed_ws, 6);
    expect_answer(world, get(world, true), 200,
                  "6\x1e"
                  "1");
}

static void a_probe_whose_peer_left_before_the_101_is_nothing(void **state)
{
    struct world *world = *state;
    open_by_polling(world);
    (void)ask_ws(world, 0, true);
    assert_int_equal(world->closed_ws, 0);
    open_ws(world, 6, true);
    ws_text(world, 6, "5");
    assert_true(engineio_is_websocket(world->engine, world->session));
}

static void pings_go_over_polling_during_an_upgrade(void **state)
{
    struct world *world = *state;
    open_by_polling(world);
    pass(world, 250);
    open_ws(world, 5, true);
    ws_text(world, 5, "2probe");
    buffer_clear(&world->sent);
    uint64_t poll = get(world, true);
    expect_answer(world, poll, 200, "6");
    poll = get(world, true);
    pass(world, 50);
    expect_answer(world, poll, 200, "2");
    expect_answer(world, post(world, "3"), 200, "ok");
    expect_sent(world, "");
    pass(world, 299);
    assert_int_equal(world->closed, 0);
}

static void an_upgrade_cycle_keeps_every_message_in_order(void **state)
{
    struct world *world = *state;
    open_by_polling(world);
    char text[8];
    for (int i = 1; i <= 50; i++) {
        snprintf(text, sizeof text, "4%d", i);
        queue(world, text);
        if (i == 10) {
            open_ws(world, 5, true);
            ws_text(world, 5, "2probe");
            buffer_clear(&world->sent);
        } else if (i == 20) {
            assert_int_equal(world->answers[get(world, true)].status, 200);
        } else if (i == 30) {
            ws_text(world, 5, "5");
        }
        engineio_flush(world->engine, world->now_ms);
    }
    assert_string_equal(world->answers[world->exchange].body, "41\x1e"
                                                              "42\x1e"
                                                              "43\x1e"
                                                              "44\x1e"
                                                              "45\x1e"
                                                              "46\x1e"
                                                              "47\x1e"
                                                              "48\x1e"
                                                              "49\x1e"
                                                              "410\x1e"
                                                              "411\x1e"
                                                              "412\x1e"
                                                              "413\x1e"
                                                              "414\x1e"
                                                              "415\x1e"
                                                              "416\x1e"
                                                              "417\x1e"
                                                              "418\x1e"
                                                              "419\x1e"
                                                              "420");
    struct buffer expected;
    buffer_init(&expected, 1000);
    for (int i = 21; i <= 50; i++) {
        buffer_append_format(&expected, "5:4%d\n", i);
    }
    expect_sent(world, buffer_text(&expected));
    buffer_release(&expected);
}

// ---- responses ----

static void a_poll_is_worth_compressing_when_some_packet_is(void **state)
{
    struct world *world = *state;
    open_by_polling(world);
    uint64_t poll = get(world, true);
    queue(world, "4a");
    world->queue->no_compress = true;
    engineio_flush(world->engine, world->now_ms);
    assert_false(world->answers[poll].response.may_compress);
    poll = get(world, true);
    queue(world, "4a");
    world->queue->no_compress = true;
    queue(world, "4b");
    engineio_flush(world->engine, world->now_ms);
    assert_true(world->answers[poll].response.may_compress);
    assert_false(world->answers[post(world, "4a")].response.may_compress);
}

static void the_headers_of_a_post_are_there_while_it_is_read(void **state)
{
    struct world *world = *state;
    world->config.keep_post_headers = true;
    world_start(world);
    open_by_polling(world);
    char query[128];
    snprintf(query, sizeof query, "EIO=4&transport=polling&sid=%s", world->sid);
    (void)send_request(world, "POST", query, "text/plain", bytes_text("4a"));
    assert_string_equal(world->current, "content-type=text/plain");
    assert_null(engineio_current_request(world->engine));
    struct engineio_request request = request_of(world, "POST", "polling", true, query);
    struct engineio_session_id session;
    engineio_request(world->engine, world->now_ms, &request, &session);
    open_ws(world, 5, true);
    ws_text(world, 5, "5"); // what was kept for the post is let go
    world->current[0] = '\0';
    ws_text(world, 5, "4b");
    assert_string_equal(world->current, "");
}

// ---- time ----

static void a_process_that_stood_still_gives_clients_their_time_again(void **state)
{
    struct world *world = *state;
    open_ws(world, 4, false);
    world->now_ms += 5000; // as after a stop of the whole machine
    buffer_clear(&world->sent);
    engineio_flush(world->engine, world->now_ms);
    expect_sent(world, "4:2\n");
    pass(world, 199);
    assert_int_equal(world->closed, 0);
    pass(world, 1);
    assert_int_equal(world->reason, ENGINEIO_PING_TIMEOUT);
}

static void heartbeats_are_exact_over_many_rounds(void **state)
{
    struct world *world = *state;
    open_ws(world, 4, false);
    for (int i = 0; i < 100; i++) {
        buffer_clear(&world->sent);
        assert_int_equal(engineio_next_deadline(world->engine), world->now_ms + 300);
        pass(world, 299);
        expect_sent(world, "");
        pass(world, 1);
        expect_sent(world, "4:2\n");
        assert_int_equal(engineio_next_deadline(world->engine), world->now_ms + 200);
        pass(world, i * 2 - i);
        ws_text(world, 4, "3");
    }
    assert_int_equal(world->closed, 0);
}

int main(void)
{
#define EARLY(test) WORLD_TEST_BEFORE_START(test)
    const struct CMUnitTest tests[] = {
        WORLD_TEST(errors_have_their_code_and_their_order),
        WORLD_TEST(an_illegal_origin_is_refused_before_the_session_is_looked_for),
        WORLD_TEST(upgrades_are_refused_with_the_bare_text),
        WORLD_TEST(an_upgrade_to_polling_gets_101_and_a_close),
        EARLY(a_transport_that_is_off_is_unknown),
        EARLY(an_upgrade_that_is_not_offered_is_taken_all_the_same),
        WORLD_TEST(a_handshake_has_exactly_its_five_members),
        WORLD_TEST(other_methods_of_a_session_are_500_and_change_nothing),
        WORLD_TEST(a_second_get_ends_both_and_the_session),
        WORLD_TEST(a_poll_that_is_cut_ends_the_session),
        WORLD_TEST(an_answered_poll_may_close_its_connection),
        WORLD_TEST(a_post_is_ok_and_comes_back_in_its_parts),
        WORLD_TEST(two_posts_at_once_end_the_session),
        WORLD_TEST(octets_are_not_for_protocol_4),
        WORLD_TEST(a_body_that_is_too_large_costs_only_itself),
        WORLD_TEST(a_post_that_closes_frees_the_poll),
        WORLD_TEST(what_is_queued_goes_out_before_the_close_of_a_client),
        WORLD_TEST(a_frame_that_ends_a_burst_ends_the_body_of_a_poll_that_waited),
        WORLD_TEST(a_close_is_read_while_the_session_is_closing),
        WORLD_TEST(what_is_no_packet_is_a_parse_error),
        WORLD_TEST(packets_over_websocket),
        WORLD_TEST(a_ping_of_a_client_of_4_has_the_wrong_direction),
        WORLD_TEST(a_websocket_that_failed_is_an_error_and_one_that_left_is_closed),
        WORLD_TEST(an_upgrade_without_a_probe_is_taken),
        WORLD_TEST(frames_of_an_upgrade_may_come_at_once),
        WORLD_TEST(any_other_first_packet_costs_the_probe_only),
        WORLD_TEST(a_probe_may_be_repeated_and_lost_and_tried_again),
        WORLD_TEST(a_second_websocket_gets_101_and_a_close),
        WORLD_TEST(a_session_that_ends_takes_its_probe_along),
        WORLD_TEST(a_probe_whose_peer_left_before_the_101_is_nothing),
        WORLD_TEST(pings_go_over_polling_during_an_upgrade),
        WORLD_TEST(an_upgrade_cycle_keeps_every_message_in_order),
        WORLD_TEST(a_poll_is_worth_compressing_when_some_packet_is),
        EARLY(the_headers_of_a_post_are_there_while_it_is_read),
        WORLD_TEST(a_process_that_stood_still_gives_clients_their_time_again),
        WORLD_TEST(heartbeats_are_exact_over_many_rounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
