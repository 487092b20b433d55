// Engine.IO sessions of protocol 3, beside those of protocol 4 on the same engine.
#include "tests/unit/engineio_world.h"

static int set_up(void **state)
{
    world_set_up(state);
    struct world *world = *state;
    world->config.allow_eio3 = true;
    world->eio = 3;
    world_start(world);
    return 0;
}

// A poll of the session by what is added to its query.
static uint64_t poll_with(struct world *world, const char *more)
{
    char query[128];
    snprintf(query, sizeof query, "EIO=3&transport=polling&sid=%s%s", world->sid, more);
    return send_request(world, "GET", query, "", (struct bytes){NULL, 0});
}

static uint64_t post_with(struct world *world, const char *type, struct bytes body)
{
    char query[128];
    snprintf(query, sizeof query, "EIO=3&transport=polling&sid=%s", world->sid);
    return send_request(world, "POST", query, type, body);
}

static void open_with(struct world *world, const char *query)
{
    note_sid(world, send_request(world, "GET", query, "", (struct bytes){NULL, 0}));
}

static void the_switch_is_off_by_default_and_refuses_before_the_101(void **state)
{
    struct world *world = *state;
    world->eio = 3;
    world_start(world);
    const char *body = "{\"code\":5,\"message\":\"Unsupported protocol version\"}";
    expect_answer(world, get(world, false), 400, body);
    expect_answer(world, send_request(world, "GET", "transport=polling", "", BYTES("")), 400, body);
    expect_answer(world, ask_ws(world, 1, false), 400, "Unsupported protocol version");
    assert_string_equal(world->fault, "5 Unsupported protocol version -");
    world->eio = 4;
    open_by_polling(world);
    world->eio = 3;
    expect_answer(world, get(world, true), 400, "{\"code\":3,\"message\":\"Bad request\"}");
    assert_string_equal(world->fault, "3 Bad request PROTOCOL_MISMATCH");
}

static void a_session_of_3_polls_in_payloads_of_3(void **state)
{
    struct world *world = *state;
    open_by_polling(world);
    char expected[200];
    snprintf(expected, sizeof expected,
             "111:0{\"sid\":\"%s\",\"upgrades\":[\"websocket\"],\"pingInterval\":300,"
             "\"pingTimeout\":200,\"maxPayload\":1000}",
             world->sid);
    assert_string_equal(world->answers[world->exchange].body, expected);
    assert_int_equal(engineio_protocol(world->engine, world->session), 3);
    uint64_t poll = get(world, true);
    queue(world, "40");
    queue(world, "42[\"echo\",\"é€😀\"]");
    engineio_flush(world->engine, world->now_ms);
    expect_answer(world, poll, 200, "2:4017:42[\"echo\",\"é€😀\"]");
    assert_string_equal(world->answers[poll].type, "text/plain; charset=UTF-8");
    expect_answer(world, post(world, "5:4aé€b10:b4AQIDBA=="), 200, "ok");
    assert_string_equal(buffer_text(&world->received), "taé€b\nb\1\2\3\4\n");
}

static void both_protocols_live_side_by_side(void **state)
{
    struct world *world = *state;
    open_by_polling(world);
    world->eio = 4;
    open_by_polling(world);
    assert_int_equal(engineio_protocol(world->engine, world->session), 4);
    world->eio = 3;
    expect_answer(world, get(world, true), 400, "{\"code\":3,\"message\":\"Bad request\"}");
    world->eio = 4;
    expect_answer(world, post(world, "4hi"), 200, "ok");
    assert_string_equal(buffer_text(&world->received), "thi\n");
}

static void a_wrong_length_ends_the_session(void **state)
{
    struct world *world = *state;
    open_by_polling(world);
    expect_answer(world, post(world, "2:4hi"), 400, "");
    assert_int_equal(world->reason, ENGINEIO_PARSE_ERROR);
    assert_int_equal(world->answers[get(world, true)].status, 400);
}

static void one_binary_packet_makes_the_whole_body_octets(void **state)
{
    struct world *world = *state;
    open_by_polling(world);
    uint64_t poll = get(world, true);
    queue(world, "451-[{\"_placeholder\":true,\"num\":0},\"é\"]");
    queue_binary(world, BYTES("\1\2\3"));
    engineio_flush(world->engine, world->now_ms);
    expect_bytes(world, poll, "application/octet-stream",
                 BYTES("\0\4\0\xff"
                       "451-[{\"_placeholder\":true,\"num\":0},\"é\"]"
                       "\1\4\xff\4\1\2\3"));
    uint64_t sent = post_with(world, "application/octet-stream",
                              BYTES("\0\3\xff"
                                    "4\xc3\xa9"
                                    "\1\3\xff\4\7\x08"));
    expect_answer(world, sent, 200, "ok");
    assert_string_equal(buffer_text(&world->received), "té\nb\7\x08\n");
}

static void a_client_of_base64_gets_text_only(void **state)
{
    struct world *world = *state;
    open_with(world, "EIO=3&transport=polling&b64=1");
    uint64_t poll = get(world, true);
    queue(world, "4a");
    queue_binary(world, BYTES("\1\2\3\4"));
    engineio_flush(world->engine, world->now_ms);
    expect_bytes(world, poll, "text/plain; charset=UTF-8", BYTES("2:4a10:b4AQIDBA=="));
}

static void a_client_that_sends_text_as_octets_gets_it_back_so(void **state)
{
    struct world *world = *state; // Socket.IO 1.x in a browser
    open_by_polling(world);
    expect_answer(world,
                  post_with(world, "application/octet-stream",
                            BYTES("\0\2\xff"
                                  "4a")),
                  200, "ok");
    uint64_t poll = get(world, true);
    queue(world, "4ascii");
    engineio_flush(world->engine, world->now_ms);
    expect_bytes(world, poll, "text/plain; charset=UTF-8", BYTES("6:4ascii"));
    poll = get(world, true);
    queue(world, "4é");
    engineio_flush(world->engine, world->now_ms);
    expect_bytes(world, poll, "application/octet-stream",
                 BYTES("\0\3\xff"
                       "4\xc3\xa9"));
}

static void polling_through_scripts(void **state)
{
    struct world *world = *state;
    open_with(world, "EIO=3&transport=polling&j=3");
    const struct answer *answer = &world->answers[world->exchange];
    assert_int_equal(strncmp(answer->body, "___eio[3](\"111:0{\\\"sid", 22), 0);
    assert_string_equal(answer->type, "text/plain; charset=UTF-8");
    uint64_t poll = poll_with(world, "&j=4");
    queue(world, "4a\"b\xe2\x80\xa8");
    queue_binary(world, BYTES("\1"));
    engineio_flush(world->engine, world->now_ms);
    expect_answer(world, poll, 200, "___eio[4](\"5:4a\\\"b\\u20286:b4AQ==\");");
    uint64_t sent = post_with(world, "application/x-www-form-urlencoded",
                              bytes_text("d=5%3A4a%5Cnb%2B6%3A4%5C%5Cn+%C3%A9c"));
    expect_answer(world, sent, 200, "ok");
    assert_string_equal(buffer_text(&world->received), "ta\nb+\nt\\n éc\n");
    assert_string_equal(world->answers[sent].type, "text/html");
    expect_answer(world, post_with(world, "", bytes_text("x=1")), 400, "");
    assert_int_equal(world->reason, ENGINEIO_PARSE_ERROR);
}

static void a_j_with_protocol_4_is_nothing(void **state)
{
    struct world *world = *state;
    open_with(world, "EIO=4&transport=polling&j=3");
    assert_int_equal(world->answers[world->exchange].body[0], '0');
}

static void the_client_pings_and_the_server_answers(void **state)
{
    struct world *world = *state;
    open_by_polling(world);
    assert_int_equal(engineio_next_deadline(world->engine), world->now_ms + 500);
    pass(world, 400);
    uint64_t poll = get(world, true);
    assert_int_equal(world->answers[poll].status, 0); // the server does not ping
    expect_answer(world, post(world, "1:26:2probe"), 200, "ok");
    expect_answer(world, poll, 200, "1:31:3");
    pass(world, 499);
    assert_int_equal(world->closed, 0);
    pass(world, 1);
    assert_int_equal(world->reason, ENGINEIO_PING_TIMEOUT);
    open_ws(world, 4, false);
    buffer_clear(&world->sent);
    ws_text(world, 4, "2");
    expect_sent(world, "4:3\n");
    ws_text(world, 4, "3");
    assert_int_equal(world->reason, ENGINEIO_TRANSPORT_ERROR);
    assert_int_equal(world->closed, 2);
    assert_int_equal(world->closed_ws, 4);
}

static void pings_that_nobody_polls_for_are_bounded(void **state)
{
    struct world *world = *state;
    open_by_polling(world);
    for (int i = 0; i < 100; i++) {
        post(world, "1:2");
    }
    uint64_t poll = get(world, true);
    assert_int_equal(world->answers[poll].body_size, 3 * 16);
}

static void a_pong_of_the_client_ends_its_poll_too(void **state)
{
    struct world *world = *state;
    open_by_polling(world);
    uint64_t poll = get(world, true);
    expect_answer(world, post(world, "1:3"), 400, "");
    expect_answer(world, poll, 200, "1:1");
    assert_int_equal(world->reason, ENGINEIO_TRANSPORT_ERROR);
}

static void binary_over_websocket_has_its_type_first(void **state)
{
    struct world *world = *state;
    open_ws(world, 4, false);
    assert_non_null(strstr(buffer_text(&world->sent), "4:0{\"sid\""));
    buffer_clear(&world->sent);
    queue(world, "4é");
    queue_binary(world, BYTES("\0\xff"));
    engineio_flush(world->engine, world->now_ms);
    expect_sent_bytes(world, BYTES("4:4é\n4:#\4\0\xff\n"));
    ws_binary(world, 4, BYTES("\4\1\2"));
    ws_text(world, 4, "b4AQI=");
    ws_text(world, 4, "4x");
    assert_string_equal(buffer_text(&world->received), "b\1\2\nb\1\2\ntx\n");
    ws_binary(world, 4, BYTES(""));
    assert_int_equal(world->reason, ENGINEIO_PARSE_ERROR);
}

static void base64_over_websocket_is_text_behind_its_type(void **state)
{
    struct world *world = *state;
    (void)ask_ws_with(world, 4, "EIO=3&transport=websocket&b64=1");
    buffer_clear(&world->sent);
    queue_binary(world, BYTES("\1\2\3\4"));
    engineio_flush(world->engine, world->now_ms);
    expect_sent(world, "4:b4AQIDBA==\n");
}

static void an_upgrade_takes_the_form_of_its_websocket(void **state)
{
    struct world *world = *state;
    open_with(world, "EIO=3&transport=polling&b64=1");
    uint64_t poll = get(world, true);
    open_ws(world, 5, true);
    ws_text(world, 5, "2probe");
    expect_sent(world, "5:3probe\n");
    expect_answer(world, poll, 200, "1:6");
    queue_binary(world, BYTES("\1\2\3"));
    ws_text(world, 5, "5");
    expect_sent_bytes(world, BYTES("5:#\4\1\2\3\n"));
    assert_int_equal(world->answers[get(world, true)].status, 400);
    assert_string_equal(world->fault, "3 Bad request TRANSPORT_MISMATCH");
    pass(world, 499); // since the last ping, that is the opening
    assert_int_equal(world->closed, 0);
    pass(world, 1);
    assert_int_equal(world->reason, ENGINEIO_PING_TIMEOUT);
}

static void closes_have_the_payloads_of_3(void **state)
{
    struct world *world = *state;
    open_by_polling(world);
    uint64_t poll = get(world, true);
    expect_answer(world, post(world, "2:4a1:12:4b"), 200, "ok");
    expect_answer(world, poll, 200, "1:6");
    assert_string_equal(buffer_text(&world->received), "ta\n");
    assert_int_equal(world->reason, ENGINEIO_TRANSPORT_CLOSE);
    open_by_polling(world);
    engineio_close(world->engine, world->session);
    expect_answer(world, get(world, true), 200, "1:61:1");
    assert_int_equal(world->reason, ENGINEIO_FORCED_CLOSE);
}

static void the_initial_packet_comes_in_the_form_of_the_client(void **state)
{
    struct world *world = *state;
    world->config.allow_eio3 = true;
    world->config.initial_packet = BYTES("\1\2\3\4");
    world->config.initial_packet_binary = true;
    world->eio = 3;
    world_start(world);
    open_with(world, "EIO=3&transport=polling&b64=1");
    const char *body = world->answers[world->exchange].body;
    assert_string_equal(body + strlen(body) - 13, "10:b4AQIDBA==");
    open_ws(world, 4, false);
    assert_non_null(strstr(buffer_text(&world->sent), "}\n4:#\4\1\2\3\4\n"));
}

int main(void)
{
#define TEST3(test) cmocka_unit_test_setup_teardown(test, set_up, world_tear_down)
    const struct CMUnitTest tests[] = {
        WORLD_TEST_BEFORE_START(the_switch_is_off_by_default_and_refuses_before_the_101),
        TEST3(a_session_of_3_polls_in_payloads_of_3),
        TEST3(both_protocols_live_side_by_side),
        TEST3(a_wrong_length_ends_the_session),
        TEST3(one_binary_packet_makes_the_whole_body_octets),
        TEST3(a_client_of_base64_gets_text_only),
        TEST3(a_client_that_sends_text_as_octets_gets_it_back_so),
        TEST3(polling_through_scripts),
        TEST3(a_j_with_protocol_4_is_nothing),
        TEST3(the_client_pings_and_the_server_answers),
        TEST3(pings_that_nobody_polls_for_are_bounded),
        TEST3(a_pong_of_the_client_ends_its_poll_too),
        TEST3(binary_over_websocket_has_its_type_first),
        TEST3(base64_over_websocket_is_text_behind_its_type),
        TEST3(an_upgrade_takes_the_form_of_its_websocket),
        TEST3(closes_have_the_payloads_of_3),
        WORLD_TEST_BEFORE_START(the_initial_packet_comes_in_the_form_of_the_client),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
