// HTTP at an endpoint: who gets which request, and what becomes of the connection.
#include "tests/unit/endpoint_world.h"

#include "bridge/endpoint/peer.h"

static struct world *plain_world(void)
{
    struct endpoint_config config = world_config();
    return world_create(&config);
}

static void assert_asked(struct world *world, const char *expected)
{
    assert_string_equal(buffer_text(&world->asked), expected);
    buffer_clear(&world->asked);
}

static void a_request_reaches_the_application_whole(void **state)
{
    (void)state;
    struct world *world = plain_world();
    const char *text = "POST /a%20b?c=%26+d HTTP/1.1\r\nHost: x\r\nContent-Type: "
                       "text/x\r\nContent-Length: 4\r\n\r\nbody";
    say(world, 0, text);
    assert_asked(world, "POST /a b?c=%26+d text/x body 10.0.0.1;");
    assert_hears(world, 0,
                 "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 4\r\n\r\n/a b",
                 "");
    say_bytewise(world, 0, text);
    assert_asked(world, "POST /a b?c=%26+d text/x body 10.0.0.1;");
    say(world, 0, "GET http://x/abs HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_asked(world, "GET /abs?   10.0.0.1;");
    world_destroy(world);
}

static void head_is_a_get_without_the_body(void **state)
{
    (void)state;
    struct world *world = plain_world();
    say(world, 0, "HEAD /abc HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_asked(world, "GET /abc?   10.0.0.1;");
    assert_string_equal(hear(world, 0),
                        "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 4\r\n\r\n");
    world_destroy(world);
}

static void pipelined_requests_wait_for_the_answer_before_them(void **state)
{
    (void)state;
    struct world *world = plain_world();
    world->answers = false;
    say(world, 0,
        "POST /1 HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\naPOST /2 HTTP/1.1\r\nHost: "
        "x\r\nContent-Length: 1\r\n\r\nb");
    assert_asked(world, "POST /1?  a 10.0.0.1;");
    struct web_response response = {.status = 204};
    endpoint_respond(world->endpoint, (struct web_exchange_id){world->exchange}, &response);
    assert_asked(world, ""); // only from the flush on
    endpoint_flush(world->endpoint, world->now_ms);
    assert_asked(world, "POST /2?  b 10.0.0.1;");
    endpoint_respond(world->endpoint, (struct web_exchange_id){world->exchange}, &response);
    endpoint_respond(world->endpoint, (struct web_exchange_id){world->exchange},
                     &response); // once is enough
    endpoint_flush(world->endpoint, world->now_ms);
    assert_string_equal(hear(world, 0), "HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n"
                                        "HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n");
    world_destroy(world);
}

static void too_many_bytes_behind_a_request_pause_reading_until_its_answer(void **state)
{
    (void)state;
    static char flood[ENDPOINT_WAITING_BYTES_MAX + 100];
    struct world *world = plain_world();
    char sid[WORLD_SID_SIZE];
    open_session(world, 0, sid);
    say_poll(world, 0, sid, "");
    memset(flood, '\r', sizeof flood - 1);
    memcpy(flood, "GET /x HTTP/1.1\r\nHost: x\r\n\r\nBAD", 31);
    say(world, 0, flood);
    assert_false(world->clients[0].reads);
    assert_true(world->clients[0].peer != NULL);
    say_post(world, 1, sid, "4a");
    assert_hears(world, 0, "HTTP/1.1 200 OK",
                 "4aHTTP/1.1 200 OK"); // the poll, /x, and then a fault
    assert_asked(world, "GET /x?   10.0.0.1;");
    assert_true(world->clients[0].was_closed);
    world_destroy(world);
}

static void a_poll_hangs_until_there_is_something(void **state)
{
    (void)state;
    struct world *world = plain_world();
    char sid[WORLD_SID_SIZE];
    open_session(world, 0, sid);
    say_poll(world, 0, sid, "");
    assert_string_equal(hear(world, 0), "");
    pass_time(world, 200000); // no deadline of ours
    assert_string_equal(hear(world, 0), "");
    say_post(world, 1, sid, "4hello");
    assert_hears(world, 1,
                 "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: "
                 "2\r\nCache-Control: no-store\r\n",
                 "\r\n\r\nok");
    assert_hears(
        world, 0,
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=UTF-8\r\nContent-Length: 6\r\n",
        "\r\n\r\n4hello");
    say_poll(world, 0, sid, ""); // the connection goes on
    say_post(world, 1, sid, "4again");
    assert_hears(world, 0, "HTTP/1.1 200 OK", "4again");
    world_destroy(world);
}

static void a_client_that_leaves_a_hanging_poll_ends_its_session_at_once(void **state)
{
    (void)state;
    struct world *world = plain_world();
    char sid[WORLD_SID_SIZE];
    open_session(world, 0, sid);
    say_poll(world, 0, sid, "");
    assert_int_equal(world->sessions, 1);
    leave(world, 0);
    assert_int_equal(world->sessions, 0);
    assert_int_equal(world->reason, ENGINEIO_TRANSPORT_ERROR);
    say_poll(world, 1, sid, "");
    assert_hears(world, 1, "HTTP/1.1 400 Bad Request\r\nContent-Type: application/json",
                 "{\"code\":1,");
    world_destroy(world);
}

static void a_client_that_closes_behind_an_answer_keeps_its_session(void **state)
{
    (void)state;
    struct world *world = plain_world();
    char sid[WORLD_SID_SIZE];
    open_session(world, 0, sid);
    leave(world, 0);
    assert_int_equal(world->sessions, 1);
    say_poll(world, 1, sid, "Connection: close\r\n");
    say_post(world, 2, sid, "4x");
    assert_hears(world, 1, "HTTP/1.1 200 OK", "Connection: close\r\n\r\n4x<close>");
    assert_int_equal(world->sessions, 1);
    world_destroy(world);
}

static void a_body_over_the_limit_is_413_and_its_rest_is_dropped(void **state)
{
    (void)state;
    struct world *world = plain_world();
    say(world, 0, "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 1001\r\n\r\n");
    assert_hears(world, 0, "HTTP/1.1 413 Payload Too Large\r\nContent-Type: application/json",
                 "Connection: close\r\n\r\n{\"error\":{\"code\":\"PAYLOAD_TOO_LARGE\"");
    assert_false(world->clients[0].was_closed); // the client still writes
    char part[1001];
    memset(part, 'x', 1000);
    part[1000] = '\0';
    say(world, 0, part);
    assert_false(world->clients[0].was_closed);
    say(world, 0, "x");
    assert_string_equal(hear(world, 0), "<close>");
    say(world, 1, "POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3e8\r\n");
    say(world, 1, part);
    assert_string_equal(hear(world, 1), "");
    say(world, 1, "\r\n1\r\nx\r\n");
    assert_hears(world, 1, "HTTP/1.1 413", "");
    pass_time(world, 10000);
    assert_string_equal(hear(world, 1), "<close>"); // the end of the body never came
    assert_asked(world, "");
    world_destroy(world);
}

static void a_post_over_the_payload_limit_leaves_its_session_alive(void **state)
{
    (void)state;
    struct world *world = plain_world();
    char sid[WORLD_SID_SIZE];
    static char body[100003];
    open_session(world, 0, sid);
    memset(body, 'x', sizeof body - 1);
    body[0] = '4';
    say_post(world, 0, sid, body);
    assert_hears(world, 0,
                 "HTTP/1.1 413 Payload Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
                 "<close>");
    assert_int_equal(world->sessions, 1);
    body[100000] = '\0'; // exactly the limit
    say_post(world, 1, sid, body);
    assert_hears(world, 1, "HTTP/1.1 200 OK", "ok");
    world_destroy(world);
}

static void a_post_that_breaks_off_ends_its_session(void **state)
{
    (void)state;
    struct world *world = plain_world();
    char sid[WORLD_SID_SIZE];
    char text[300];
    open_session(world, 0, sid);
    snprintf(text, sizeof text,
             "POST /socket.io/?EIO=4&transport=polling&sid=%s HTTP/1.1\r\nHost: "
             "x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n4aX",
             sid);
    say(world, 0, text);
    assert_hears(world, 0, "HTTP/1.1 400 Bad Request", "<close>");
    assert_int_equal(world->sessions, 0);
    world_destroy(world);
}

static void who_expects_100_continue_gets_it_before_the_body(void **state)
{
    (void)state;
    struct world *world = plain_world();
    say(world, 0,
        "PUT /a HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
    assert_string_equal(hear(world, 0), "HTTP/1.1 100 Continue\r\n\r\n");
    say(world, 0, "ab");
    assert_hears(world, 0, "HTTP/1.1 200 OK\r\n", "\r\n\r\n/a");
    assert_false(world->clients[0].was_closed);
    say(world, 0,
        "PUT /a HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2000\r\n\r\n");
    assert_hears(world, 0, "HTTP/1.1 413", "Connection: close");
    world_destroy(world);
}

static void old_clients_are_answered_as_they_expect(void **state)
{
    (void)state;
    struct world *world = plain_world();
    say(world, 0, "GET /a HTTP/1.0\r\n\r\n");
    assert_hears(world, 0, "HTTP/1.1 200 OK", "Connection: close\r\n\r\n/a<close>");
    say(world, 1, "GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    assert_hears(world, 1, "HTTP/1.1 200 OK", "Connection: keep-alive\r\n\r\n/a");
    say(world, 1, "GET /b HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    assert_hears(world, 1, "HTTP/1.1 200 OK", "/b");
    world_destroy(world);
}

static void what_is_no_request_is_answered_and_ends_the_connection(void **state)
{
    (void)state;
    const struct {
        const char *text;
        const char *answer;
    } cases[] = {
        {"\x16\x03\x01\n", "HTTP/1.1 400 Bad Request\r\n"},
        {"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3x\r\n\r\n",
         "HTTP/1.1 400 Bad Request\r\n"},
        {"GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 400 Bad Request\r\n"},
        {"GET * HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 400 Bad Request\r\n"},
        {"GET / HTTP/1.1\r\nHost: x\r\nExpect: x\r\n\r\n", "HTTP/1.1 417 Expectation Failed\r\n"},
    };
    struct world *world = plain_world();
    for (int i = 0; i < (int)(sizeof cases / sizeof cases[0]); i++) {
        say(world, i, cases[i].text);
        assert_hears(world, i, cases[i].answer, "{\"error\":{\"code\":\"BAD_REQUEST\"");
        assert_true(world->clients[i].was_closed);
    }
    static char big[20000];
    memset(big, 'a', sizeof big - 1);
    memcpy(big, "GET /", 5);
    say(world, 5, big);
    assert_hears(world, 5, "HTTP/1.1 414 URI Too Long\r\n", "<close>");
    memcpy(big, "GET / HTTP/1.1\r\nA: ", 19);
    say(world, 6, big);
    assert_hears(world, 6, "HTTP/1.1 431 Request Header Fields Too Large\r\n", "<close>");
    world_destroy(world);
}

static void a_request_has_its_time_and_an_idle_connection_too(void **state)
{
    (void)state;
    struct world *world = plain_world();
    assert_true(connect_from(world, 0, "a")); // says nothing
    say(world, 1, "GET / HT");
    say(world, 2, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\na");
    say(world, 3, "GET /a HTTP/1.1\r\nHost: x\r\n\r\n");
    (void)hear(world, 3);
    for (int i = 0; i < 9; i++) {
        pass_time(world, 1000);
        say(world, 1, "T");
        say(world, 2, "");
    }
    pass_time(world, 999);
    assert_string_equal(hear(world, 0), "");
    assert_string_equal(hear(world, 1), "");
    assert_string_equal(hear(world, 2), "");
    pass_time(world, 1);
    assert_string_equal(hear(world, 0), "<close>");
    assert_hears(world, 1, "HTTP/1.1 408 Request Timeout\r\n", "<close>");
    assert_hears(world, 2, "HTTP/1.1 408 Request Timeout\r\n", "<close>");
    pass_time(world, ENDPOINT_KEEP_ALIVE_MS - 10001);
    assert_string_equal(hear(world, 3), "");
    pass_time(world, 1);
    assert_string_equal(hear(world, 3), "<close>");
    world_destroy(world);
}

static void the_next_request_waits_until_the_answer_has_left(void **state)
{
    (void)state;
    struct world *world = plain_world();
    assert_true(connect_from(world, 0, "a"));
    world->clients[0].has_room = false;
    say(world, 0, "GET /1 HTTP/1.1\r\nHost: x\r\n\r\nGET /2 HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_asked(world, "GET /1?   a;");
    make_room(world, 0);
    assert_asked(world, "GET /2?   a;");
    world->clients[0].has_room = false;
    say(world, 0, "GET /3 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    pass_time(world, ENDPOINT_SLOW_READER_MS - 1);
    assert_false(world->clients[0].was_closed);
    pass_time(world, 1);
    assert_true(world->clients[0].was_closed);
    world_destroy(world);
}

static void cors_lines_are_on_every_answer_and_a_preflight_is_answered_here(void **state)
{
    (void)state;
    static const char *const origins[] = {"http://a", NULL};
    struct endpoint_config config = world_config();
    config.cors = (struct cors_policy){.kind = CORS_LISTED, .origins = origins};
    struct world *world = world_create(&config);
    say(world, 0,
        "OPTIONS /socket.io/ HTTP/1.1\r\nHost: x\r\nOrigin: "
        "http://a\r\nAccess-Control-Request-Headers: x-b\r\n\r\n");
    assert_hears(
        world, 0,
        "HTTP/1.1 204 No Content\r\nContent-Length: 0\r\nAccess-Control-Allow-Origin: http://a\r\n",
        "Access-Control-Allow-Headers: x-b\r\n");
    say(world, 0, "OPTIONS /x HTTP/1.1\r\nHost: x\r\nAccess-Control-Request-Method: PUT\r\n\r\n");
    assert_hears(world, 0, "HTTP/1.1 204", "Vary: Origin, Access-Control-Request-Headers");
    say(world, 0, "OPTIONS /x HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_asked(world, "OPTIONS /x?   10.0.0.1;");
    (void)hear(world, 0);
    say(world, 0, "GET /socket.io/?EIO=4 HTTP/1.1\r\nHost: x\r\nOrigin: http://a\r\n\r\n");
    assert_hears(world, 0, "HTTP/1.1 400",
                 "Access-Control-Allow-Origin: http://a\r\nVary: Origin\r\n\r\n{\"code\":0,");
    say(world, 0, "GET /x HTTP/1.1\r\nHost: x\r\nOrigin: http://b\r\n\r\n");
    assert_null(strstr(hear(world, 0), "Allow-Origin"));
    assert_non_null(strstr(open_websocket(world, 1, "Origin: http://a\r\n"),
                           "Access-Control-Allow-Origin: http://a\r\n"));
    world_destroy(world);
}

static void without_cors_a_preflight_is_an_ordinary_request(void **state)
{
    (void)state;
    struct world *world = plain_world();
    say(world, 0,
        "OPTIONS /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: "
        "x\r\nAccess-Control-Request-Method: PUT\r\n\r\n");
    assert_hears(world, 0, "HTTP/1.1 400", "{\"code\":2,");
    world_destroy(world);
}

static void paths_are_prefixes_and_the_bundle_is_the_applications(void **state)
{
    (void)state;
    struct world *world = plain_world();
    say(world, 0, "GET /socket.io/foo/bar?EIO=4&transport=polling HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_hears(world, 0, "HTTP/1.1 200", "0{\"sid\"");
    say(world, 0, "GET /api/socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_hears(world, 0, "HTTP/1.1 200", "0{\"sid\"");
    say(world, 0, "GET /socket.io?EIO=4&transport=polling HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_asked(world, "GET /socket.io?EIO=4&transport=polling   10.0.0.1;");
    say(world, 0, "GET /socket.io/socket.io.min.js.map?v=1 HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_asked(world, "GET /socket.io/socket.io.min.js.map?v=1   10.0.0.1;");
    (void)hear(world, 0);
    say(world, 0, "POST /socket.io/socket.io.js HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_hears(world, 0, "HTTP/1.1 400", "{\"code\":0,");
    world_destroy(world);

    struct endpoint_config config = world_config();
    config.takes_bare_paths = true;
    config.hides_bundle = true;
    world = world_create(&config);
    say(world, 0, "GET /socket.io?EIO=4&transport=polling HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_hears(world, 0, "HTTP/1.1 200", "0{\"sid\"");
    say(world, 0, "GET /socket.io/socket.io.js HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_hears(world, 0, "HTTP/1.1 400", "{\"code\":0,");
    world_destroy(world);
}

static void a_large_poll_is_coded_when_the_client_takes_it(void **state)
{
    (void)state;
    struct endpoint_config config = world_config();
    config.compresses_polls = true;
    struct world *world = world_create(&config);
    char sid[WORLD_SID_SIZE];
    char body[1026];
    memset(body, 'x', sizeof body - 1);
    body[0] = '4';
    body[1024] = '\0';
    open_session(world, 0, sid);
    say_post(world, 1, sid, body);
    say_poll(world, 0, sid, "Accept-Encoding: deflate, gzip\r\n");
    const char *text = hear(world, 0);
    assert_non_null(strstr(text, "Content-Encoding: gzip\r\n"));
    assert_non_null(strstr(text, "\r\n\r\n\x1f\x8b"));
    say_post(world, 1, sid, body);
    say_poll(world, 0, sid, "Accept-Encoding: br\r\n");
    assert_hears(world, 0, "HTTP/1.1 200", "Content-Length: 1024\r\n");
    body[1023] = '\0'; // too small
    say_post(world, 1, sid, body);
    say_poll(world, 0, sid, "Accept-Encoding: gzip\r\n");
    assert_hears(world, 0, "HTTP/1.1 200", "Content-Length: 1023\r\n");
    world_destroy(world);
}

static void a_large_file_is_coded_when_the_application_allows_it(void **state)
{
    (void)state;
    static char file[4000];
    struct world *world = plain_world();
    memset(file, 'y', sizeof file);
    world->answer = (struct web_response){.status = 200,
                                          .content_type = "a/b",
                                          .body = bytes_of(file, sizeof file),
                                          .may_compress = true};
    say(world, 0, "GET / HTTP/1.1\r\nHost: x\r\nAccept-Encoding: deflate\r\n\r\n");
    assert_hears(world, 0, "HTTP/1.1 200",
                 "Vary: Accept-Encoding\r\nContent-Encoding: deflate\r\n");
    say(world, 0, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_hears(world, 0, "HTTP/1.1 200 OK\r\nContent-Type: a/b\r\nContent-Length: 4000\r\n",
                 "Vary: Accept-Encoding\r\n\r\ny");
    world->answer.may_compress = false;
    say(world, 0, "GET / HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\n\r\n");
    assert_null(strstr(hear(world, 0), "Encoding"));
    world_destroy(world);
}

static void only_old_browsers_are_told_about_scripts(void **state)
{
    (void)state;
    struct world *world = plain_world();
    const char *get = "GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: x\r\n";
    const char *agents[] = {"", "User-Agent: Mozilla (X11)\r\n",
                            "User-Agent: Mozilla/4.0 (compatible;MSIE 8.0)\r\n",
                            "User-Agent: a Trident/7.0\r\n"};
    for (size_t i = 0; i < 4; i++) {
        char text[300];
        snprintf(text, sizeof text, "%s%s\r\n", get, agents[i]);
        say(world, 0, text);
        assert_int_equal(strstr(hear(world, 0), "X-XSS-Protection: 0\r\n") != NULL, i >= 2);
    }
    world_destroy(world);
}

static void a_trusted_proxy_names_the_client(void **state)
{
    (void)state;
    const char *get = "GET / HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 9.9.9.9\r\nX-Forwarded-For: "
                      "1.1.1.1, 2.2.2.2\r\n\r\n";
    struct world *world = plain_world();
    say(world, 0, get);
    assert_asked(world, "GET /?   10.0.0.1;");
    world_destroy(world);
    struct endpoint_config config = world_config();
    config.trust_forwarded = true;
    world = world_create(&config);
    say(world, 0, get);
    assert_asked(world, "GET /?   2.2.2.2;");
    say(world, 0, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_asked(world, "GET /?   10.0.0.1;");
    world_destroy(world);
}

static void one_address_has_its_number_of_connections(void **state)
{
    (void)state;
    struct endpoint_config config = world_config();
    config.connections_per_address_max = 2;
    struct world *world = world_create(&config);
    assert_true(connect_from(world, 0, "1.1.1.1"));
    assert_true(connect_from(world, 1, "1.1.1.1"));
    assert_false(connect_from(world, 2, "1.1.1.1"));
    assert_true(connect_from(world, 2, "1.1.1.2"));
    leave(world, 0);
    assert_true(connect_from(world, 0, "1.1.1.1"));
    assert_false(connect_from(world, 3, "1.1.1.1"));
    world_destroy(world);
    config.connections_per_address_max = 0;
    world = world_create(&config);
    for (int i = 0; i < WORLD_CLIENTS; i++) {
        assert_true(connect_from(world, i, "1.1.1.1"));
    }
    leave(world, 0);
    world_destroy(world);
}

static void unfinished_requests_have_one_budget(void **state)
{
    (void)state;
    struct endpoint_config config = world_config();
    config.unfinished_max = 2000;
    struct world *world = world_create(&config);
    char part[900];
    memset(part, 'x', sizeof part);
    part[sizeof part - 1] = '\0';
    for (int i = 0; i < 2; i++) {
        say(world, i, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n");
        say(world, i, part);
    }
    assert_string_equal(hear(world, 0), "");
    assert_hears(world, 1, "HTTP/1.1 503 Service Unavailable\r\n", "Connection: close\r\n");
    say(world, 2, "GET /small HTTP/1.1\r\nHost: x\r\n\r\n"); // others go on
    assert_hears(world, 2, "HTTP/1.1 200", "/small");
    leave(world, 0);
    say(world, 3, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n");
    say(world, 3, part);
    assert_string_equal(hear(world, 3), "");
    world_destroy(world);
}

static void a_middleware_adds_headers_answers_or_fails_a_request(void **state)
{
    (void)state;
    const char *get = "GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: x\r\n\r\n";
    struct world *world = plain_world();
    world->pass_headers = "X-A: b\r\n";
    say(world, 0, get);
    assert_hears(world, 0, "HTTP/1.1 200", "X-A: b\r\n\r\n0{");
    assert_non_null(strstr(open_websocket(world, 1, ""), "X-A: b\r\n"));
    world->pass = WEB_FAILS;
    say(world, 0, get);
    assert_hears(world, 0, "HTTP/1.1 400 Bad Request", "{\"code\":3,\"message\":\"Bad request\"}");
    assert_non_null(strstr(open_websocket(world, 2, ""),
                           "X-A: b\r\nConnection: close\r\n\r\nBad request<close>"));
    world->pass = WEB_ANSWERED;
    say(world, 0,
        "POST /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: x\r\nContent-Length: "
        "3\r\n\r\nabc");
    assert_string_equal(hear(world, 0), "");
    struct web_response response = {.status = 401};
    endpoint_respond(world->endpoint, (struct web_exchange_id){world->exchange}, &response);
    assert_hears(world, 0, "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\nX-A: b\r\n\r\n", "");
    endpoint_flush(world->endpoint, world->now_ms);
    world->pass = WEB_PASSES;
    say(world, 0, get);
    assert_hears(world, 0, "HTTP/1.1 200", "0{");
    world_destroy(world);
}

static void an_answer_to_a_client_that_left_goes_nowhere(void **state)
{
    (void)state;
    struct world *world = plain_world();
    struct web_response response = {.status = 204};
    world->answers = false;
    say(world, 0, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    uint64_t exchange = world->exchange;
    leave(world, 0);
    endpoint_respond(world->endpoint, (struct web_exchange_id){exchange}, &response);
    say(world, 0, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_int_not_equal(world->exchange, exchange);
    endpoint_respond(world->endpoint, (struct web_exchange_id){exchange}, &response);
    assert_string_equal(hear(world, 0), "");
    world_destroy(world);
}

static void an_endpoint_that_ends_closes_its_connections(void **state)
{
    (void)state;
    struct world *world = plain_world();
    char sid[WORLD_SID_SIZE];
    open_session(world, 0, sid);
    say_poll(world, 0, sid, "");
    say(world, 1, "GET /half");
    (void)open_websocket(world, 2, "");
    endpoint_destroy(world->endpoint);
    for (int i = 0; i < 3; i++) {
        assert_true(world->clients[i].was_closed);
    }
    struct endpoint_config config = world_config();
    struct endpoint_shell_ops none = {0};
    struct web_server_ops app = {0};
    assert_int_equal(
        endpoint_create(&config, world->engine, &none, world, &app, world, &world->endpoint),
        LC_OK);
    world_destroy(world);
}

static void a_hanging_poll_costs_less_than_a_kibibyte(void **state)
{
    (void)state;
    struct world *world = plain_world();
    char sid[WORLD_SID_SIZE];
    struct endpoint_counts counts;
    open_session(world, 0, sid);
    say_poll(world, 0, sid, "User-Agent: a browser\r\nCookie: very long\r\n");
    endpoint_server_counts(world->endpoint, &counts);
    assert_int_equal(counts.unfinished_bytes, 0);
    assert_true(sizeof(struct endpoint_peer) + sizeof(struct exchange) < 900);
    world_destroy(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_reaches_the_application_whole),
        cmocka_unit_test(head_is_a_get_without_the_body),
        cmocka_unit_test(pipelined_requests_wait_for_the_answer_before_them),
        cmocka_unit_test(too_many_bytes_behind_a_request_pause_reading_until_its_answer),
        cmocka_unit_test(a_poll_hangs_until_there_is_something),
        cmocka_unit_test(a_client_that_leaves_a_hanging_poll_ends_its_session_at_once),
        cmocka_unit_test(a_client_that_closes_behind_an_answer_keeps_its_session),
        cmocka_unit_test(a_body_over_the_limit_is_413_and_its_rest_is_dropped),
        cmocka_unit_test(a_post_over_the_payload_limit_leaves_its_session_alive),
        cmocka_unit_test(a_post_that_breaks_off_ends_its_session),
        cmocka_unit_test(who_expects_100_continue_gets_it_before_the_body),
        cmocka_unit_test(old_clients_are_answered_as_they_expect),
        cmocka_unit_test(what_is_no_request_is_answered_and_ends_the_connection),
        cmocka_unit_test(a_request_has_its_time_and_an_idle_connection_too),
        cmocka_unit_test(the_next_request_waits_until_the_answer_has_left),
        cmocka_unit_test(cors_lines_are_on_every_answer_and_a_preflight_is_answered_here),
        cmocka_unit_test(without_cors_a_preflight_is_an_ordinary_request),
        cmocka_unit_test(paths_are_prefixes_and_the_bundle_is_the_applications),
        cmocka_unit_test(a_large_poll_is_coded_when_the_client_takes_it),
        cmocka_unit_test(a_large_file_is_coded_when_the_application_allows_it),
        cmocka_unit_test(only_old_browsers_are_told_about_scripts),
        cmocka_unit_test(a_trusted_proxy_names_the_client),
        cmocka_unit_test(one_address_has_its_number_of_connections),
        cmocka_unit_test(unfinished_requests_have_one_budget),
        cmocka_unit_test(a_middleware_adds_headers_answers_or_fails_a_request),
        cmocka_unit_test(an_answer_to_a_client_that_left_goes_nowhere),
        cmocka_unit_test(an_endpoint_that_ends_closes_its_connections),
        cmocka_unit_test(a_hanging_poll_costs_less_than_a_kibibyte),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
