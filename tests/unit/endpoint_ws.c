// WebSockets at an endpoint: who may open one, what becomes of frames, how it ends.
#include "tests/unit/endpoint_world.h"

#include "bridge/endpoint/peer.h"

static struct world *plain_world(void)
{
    struct endpoint_config config = world_config();
    return world_create(&config);
}

static void assert_hears_bytes(struct world *world, int client, const char *bytes, size_t size)
{
    struct bytes heard = hear_bytes(world, client);
    assert_int_equal(heard.size, size);
    assert_memory_equal(heard.data, bytes, size);
}

static void an_upgrade_is_accepted_and_messages_come_back(void **state)
{
    (void)state;
    struct world *world = plain_world();
    const char *text = open_websocket(world, 0, "Sec-WebSocket-Protocol: whatever\r\n");
    const char *head =
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";
    assert_memory_equal(text, head, strlen(head));
    assert_non_null(strstr(text, "0{\"sid\":\""));
    say_frame(world, 0, 0x81, bytes_text("4hi"));
    assert_hears_bytes(world, 0,
                       "\x81\x03"
                       "4hi",
                       5);
    say_frame(world, 0, 0x82, bytes_of("\0\xff", 2));
    assert_hears_bytes(world, 0, "\x82\x02\0\xff", 4);
    assert_true(sizeof(struct endpoint_peer) + sizeof(struct link) < 900); // of an idle one
    world_destroy(world);
}

static void frames_behind_the_handshake_in_one_segment_are_read(void **state)
{
    (void)state;
    struct world *world = plain_world();
    const char *text = "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: "
                       "x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                       "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: "
                       "dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n\x81\x82XYZ[l;";
    say(world, 0, text);
    text = hear(world, 0);
    assert_non_null(strstr(text, "4b")); // "4b" masked with XYZ[
    world_destroy(world);
}

static void an_upgrade_that_is_none_is_refused_in_plain_http(void **state)
{
    (void)state;
    struct world *world = plain_world();
    const struct {
        const char *line;
        const char *fields;
        const char *part;
    } cases[] = {
        {"GET /socket.io/?EIO=4&transport=websocket",
         "Upgrade: websocket\r\nSec-WebSocket-Version: 8\r\n", "Sec-WebSocket-Version: 13\r\n"},
        {"POST /socket.io/?EIO=4&transport=websocket",
         "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n", "Invalid HTTP method"},
        {"GET /socket.io/?EIO=4&transport=websocket", "Upgrade: h2c\r\n", "Invalid Upgrade header"},
        {"GET /socket.io/?EIO=4&transport=websocket",
         "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: x\r\n",
         "Missing or invalid Sec-WebSocket-Key header"},
        {"GET /socket.io/?EIO=4&transport=abc",
         "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: "
         "dGhlIHNhbXBsZSBub25jZQ==\r\n",
         "Transport unknown"},
        {"GET /elsewhere",
         "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: "
         "dGhlIHNhbXBsZSBub25jZQ==\r\n",
         "No WebSocket here"},
    };
    for (int i = 0; i < 6; i++) {
        char text[500];
        snprintf(text, sizeof text, "%s HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\n%s\r\n",
                 cases[i].line, cases[i].fields);
        say(world, i, text);
        const char *heard = hear(world, i);
        assert_memory_equal(heard, "HTTP/1.1 400 Bad Request\r\nContent-Type: text/html\r\n", 50);
        assert_non_null(strstr(heard, cases[i].part));
        assert_non_null(strstr(heard, "Connection: close\r\n"));
        assert_non_null(strstr(heard, "<close>"));
    }
    say(world, 6,
        "GET /elsewhere HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n");
    assert_hears(world, 6, "HTTP/1.1 200 OK",
                 "/elsewhere"); // an upgrade that is not wanted here is passed over
    world_destroy(world);
}

static void an_upgrade_with_the_polling_transport_is_accepted_and_closed(void **state)
{
    (void)state;
    struct world *world = plain_world();
    say(world, 0,
        "GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: x\r\nConnection: "
        "Upgrade\r\nUpgrade: websocket\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
    assert_hears(world, 0, "HTTP/1.1 101", "\r\n\r\n\x88");
    assert_false(world->clients[0].was_closed);
    say_frame(world, 0, 0x88, bytes_of("\x03\xe8", 2));
    assert_true(world->clients[0].was_closed);
    world_destroy(world);
}

static void an_origin_is_checked_only_on_demand(void **state)
{
    (void)state;
    static const char *const origins[] = {"http://a", NULL};
    struct endpoint_config config = world_config();
    config.cors = (struct cors_policy){.kind = CORS_LISTED, .origins = origins};
    struct world *world = world_create(&config);
    assert_non_null(strstr(open_websocket(world, 0, "Origin: http://b\r\n"), " 101 "));
    world_destroy(world);
    config.checks_ws_origin = true;
    world = world_create(&config);
    assert_non_null(strstr(open_websocket(world, 0, "Origin: http://a\r\n"), " 101 "));
    assert_non_null(strstr(open_websocket(world, 1, ""), " 101 "));
    assert_non_null(strstr(open_websocket(world, 2, "Origin: http://b\r\n"), " 400 "));
    world_destroy(world);
}

static void a_ping_gets_its_pong_and_only_the_latest_when_there_was_no_room(void **state)
{
    (void)state;
    struct world *world = plain_world();
    (void)open_websocket(world, 0, "");
    say_frame(world, 0, 0x89, bytes_text("a"));
    assert_hears_bytes(world, 0,
                       "\x8a\x01"
                       "a",
                       3);
    world->clients[0].has_room = false;
    say_frame(world, 0, 0x89, bytes_text("b")); // goes into what is held back
    for (int i = 0; i < 100; i++) {
        say_frame(world, 0, 0x89, bytes_text("c"));
    }
    say_frame(world, 0, 0x89, bytes_text("d"));
    assert_hears_bytes(world, 0,
                       "\x8a\x01"
                       "b",
                       3);
    make_room(world, 0);
    assert_hears_bytes(world, 0,
                       "\x8a\x01"
                       "d",
                       3);
    say_frame(world, 0, 0x8A, bytes_text("unasked"));
    assert_hears_bytes(world, 0, "", 0);
    world_destroy(world);
}

static void a_close_of_the_client_is_echoed_and_ends_the_session(void **state)
{
    (void)state;
    struct world *world = plain_world();
    (void)open_websocket(world, 0, "");
    say_frame(world, 0, 0x88, bytes_of("\x0b\xb8why", 5));
    assert_hears_bytes(world, 0, "\x88\x02\x0b\xb8", 4);
    assert_true(world->clients[0].was_closed);
    assert_int_equal(world->sessions, 0);
    assert_int_equal(world->reason, ENGINEIO_TRANSPORT_CLOSE);
    (void)open_websocket(world, 1, "");
    say_frame(world, 1, 0x88, bytes_of("", 0));
    assert_hears_bytes(world, 1, "\x88\x00", 2);
    world_destroy(world);
}

static void a_violation_is_named_and_ends_the_session(void **state)
{
    (void)state;
    static uint8_t big[100001];
    struct world *world = plain_world();
    (void)open_websocket(world, 0, "");
    say(world, 0, "\x81\x01x"); // not masked
    assert_hears_bytes(world, 0, "\x88\x02\x03\xea", 4);
    assert_true(world->clients[0].was_closed);
    assert_int_equal(world->reason, ENGINEIO_TRANSPORT_ERROR);
    (void)open_websocket(world, 1, "");
    memset(big, '4', sizeof big);
    say_frame(world, 1, 0x81, bytes_of(big, sizeof big - 1)); // exactly the limit
    assert_int_equal(hear_bytes(world, 1).size, 100000 + 10);
    say_frame(world, 1, 0x81, bytes_of(big, sizeof big));
    assert_hears_bytes(world, 1, "\x88\x02\x03\xf1", 4);
    (void)open_websocket(world, 2, "");
    say_frame(world, 2, 0x81, bytes_text("4\xff"));
    assert_hears_bytes(world, 2, "\x88\x02\x03\xef", 4);
    assert_int_equal(world->sessions, 0);
    world_destroy(world);
}

static void a_close_of_the_server_waits_for_the_clients(void **state)
{
    (void)state;
    struct world *world = plain_world();
    (void)open_websocket(world, 0, "");
    (void)open_websocket(world, 1, "");
    (void)open_websocket(world, 2, "");
    for (int i = 0; i < 3; i++) {
        say_frame(world, i, 0x81, bytes_text("1")); // an Engine.IO close
        assert_hears_bytes(world, i, "\x88\x00", 2);
        assert_false(world->clients[i].was_closed);
    }
    say_frame(world, 0, 0x81, bytes_text("4late")); // nobody listens any more
    say_frame(world, 0, 0x89, bytes_text("late"));
    say_frame(world, 0, 0x88, bytes_of("\x03\xe8", 2));
    assert_string_equal(hear(world, 0), "<close>");
    leave(world, 1);
    pass_time(world, ENDPOINT_CLOSE_WAIT_MS - 1);
    assert_false(world->clients[2].was_closed);
    pass_time(world, 1);
    assert_string_equal(hear(world, 2), "<close>");
    world_destroy(world);
}

static void a_message_has_its_time(void **state)
{
    (void)state;
    struct world *world = plain_world();
    (void)open_websocket(world, 0, "");
    (void)open_websocket(world, 1, "");
    pass_time(world, 100000); // an idle one may stay
    say_frame(world, 0, 0x01, bytes_text("4a"));
    say(world, 1, "\x81"); // half a header
    for (int i = 0; i < 9; i++) {
        pass_time(world, 1000);
        say_frame(world, 0, 0x00, bytes_text("a"));
    }
    pass_time(world, 999);
    assert_string_equal(hear(world, 0), "");
    pass_time(world, 1);
    assert_hears_bytes(world, 0, "\x88\x02\x03\xf0", 4);
    assert_hears_bytes(world, 1, "\x88\x02\x03\xf0", 4);
    (void)open_websocket(world, 2, "");
    say_frame(world, 2, 0x01, bytes_text("4a"));
    pass_time(world, 9999);
    say_frame(world, 2, 0x80, bytes_text("b"));
    pass_time(world, 9999);
    assert_hears_bytes(world, 2,
                       "\x81\x03"
                       "4ab",
                       5);
    world_destroy(world);
}

static void a_peer_that_leaves_ends_the_session(void **state)
{
    (void)state;
    struct world *world = plain_world();
    (void)open_websocket(world, 0, "");
    assert_int_equal(world->sessions, 1);
    leave(world, 0);
    assert_int_equal(world->sessions, 0);
    assert_int_equal(world->reason, ENGINEIO_TRANSPORT_CLOSE);
    world_destroy(world);
}

static void a_slow_reader_gets_nothing_more_until_there_is_room(void **state)
{
    (void)state;
    struct world *world = plain_world();
    (void)open_websocket(world, 0, "");
    world->clients[0].has_room = false;
    say_frame(world, 0, 0x81, bytes_text("41"));
    say_frame(world, 0, 0x81, bytes_text("42"));
    say_frame(world, 0, 0x81, bytes_text("43"));
    assert_hears_bytes(world, 0,
                       "\x81\x02"
                       "41",
                       4);
    make_room(world, 0);
    assert_hears_bytes(world, 0,
                       "\x81\x02"
                       "42\x81\x02"
                       "43",
                       8);
    world_destroy(world);
}

static void a_reader_that_takes_nothing_for_a_ping_interval_is_closed(void **state)
{
    (void)state;
    struct world *world = plain_world();
    struct endpoint_counts counts;
    (void)open_websocket(world, 0, "");
    int64_t interval_ms = engineio_ping_interval_ms(world->engine);
    world->clients[0].has_room = false;
    say_frame(world, 0, 0x81, bytes_text("41"));
    endpoint_server_counts(world->endpoint, &counts);
    assert_int_equal(counts.blocked, 1);
    pass_time(world, interval_ms - 1);
    say_frame(world, 0, 0x81, bytes_text("3")); // a pong is no proof of reading
    assert_false(world->clients[0].was_closed);
    pass_time(world, 1);
    assert_true(world->clients[0].was_closed);
    assert_int_equal(world->reason, ENGINEIO_TRANSPORT_ERROR);
    endpoint_server_counts(world->endpoint, &counts);
    assert_int_equal(counts.blocked, 0);
    assert_int_equal(counts.slow_closed_total, 1);
    world_destroy(world);
}

static void a_reader_that_takes_a_little_stays(void **state)
{
    (void)state;
    struct world *world = plain_world();
    (void)open_websocket(world, 0, "");
    int64_t interval_ms = engineio_ping_interval_ms(world->engine);
    world->clients[0].has_room = false;
    say_frame(world, 0, 0x81, bytes_text("41"));
    for (int i = 0; i < 5; i++) {
        world->clients[0].taken++;
        pass_time(world, interval_ms);
        say_frame(world, 0, 0x81, bytes_text("3"));
        assert_false(world->clients[0].was_closed);
    }
    make_room(world, 0);
    pass_time(world, interval_ms);
    assert_false(world->clients[0].was_closed);
    world_destroy(world);
}

static void unfinished_messages_share_the_budget(void **state)
{
    (void)state;
    static uint8_t part[3000];
    struct endpoint_config config = world_config();
    config.unfinished_max = 6000;
    struct world *world = world_create(&config);
    (void)open_websocket(world, 0, "");
    (void)open_websocket(world, 1, "");
    say_frame(world, 0, 0x02, bytes_of(part, sizeof part));
    say_frame(world, 1, 0x02, bytes_of(part, sizeof part));
    assert_hears_bytes(world, 0, "", 0);
    assert_hears_bytes(world, 1, "\x88\x02\x03\xf1", 4);
    world_destroy(world);
}

static void large_messages_are_compressed_when_both_want_it(void **state)
{
    (void)state;
    static uint8_t text[3000];
    for (int forgets = 0; forgets < 2; forgets++) {
        struct endpoint_config config = world_config();
        config.deflate = (struct ws_deflate_config){.is_on = true, .server_forgets = forgets == 1};
        struct world *world = world_create(&config);
        memset(text, '4', sizeof text);
        assert_non_null(
            strstr(open_websocket(
                       world, 0,
                       "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n"),
                   "Sec-WebSocket-Extensions: permessage-deflate"));
        for (int round = 0; round < 3; round++) {
            say_frame(world, 0, 0x81, bytes_of(text, sizeof text));
            struct bytes heard = hear_bytes(world, 0);
            assert_true(heard.size > 2 && heard.size < 100);
            assert_int_equal(heard.data[0], 0xC1);
            say_frame(world, 0, 0x81, bytes_text("4hi"));
            assert_hears_bytes(world, 0,
                               "\x81\x03"
                               "4hi",
                               5);
        }
        say_frame(world, 0, 0xC1, bytes_of("\x32\xf1\x48\xcd\xc9\xc9\x07\x00", 8)); // "4Hello"
        assert_hears_bytes(world, 0,
                           "\x81\x06"
                           "4Hello",
                           8);
        assert_non_null(strstr(open_websocket(world, 1, ""), " 101 "));
        assert_non_null(
            strstr(open_websocket(world, 2, "Sec-WebSocket-Extensions: permessage-deflate; x\r\n"),
                   " 400 "));
        world_destroy(world);
    }
}

static void decide(struct world *world, bool allowed)
{
    engineio_admit(world->engine, world->admitting, allowed, bytes_text(""));
    endpoint_flush(world->endpoint, world->now_ms);
}

static void an_upgrade_may_be_decided_later_and_what_comes_meanwhile_waits(void **state)
{
    (void)state;
    struct world *world = plain_world();
    world->admission = ENGINEIO_DECIDE_LATER;
    assert_string_equal(open_websocket(world, 0, ""), "");
    say_frame(world, 0, 0x81, bytes_text("4early"));
    pass_time(world, 5000);
    assert_string_equal(hear(world, 0), "");
    decide(world, true);
    assert_hears(world, 0, "HTTP/1.1 101", "4early");
    say_frame(world, 0, 0x81, bytes_text("4late"));
    assert_hears_bytes(world, 0,
                       "\x81\x05"
                       "4late",
                       7);
    assert_string_equal(open_websocket(world, 1, ""), "");
    decide(world, false);
    assert_hears(world, 1, "HTTP/1.1 400 Bad Request\r\n",
                 "Connection: close\r\n\r\nForbidden<close>");
    assert_string_equal(open_websocket(world, 2, ""), "");
    leave(world, 2);
    decide(world, true); // nobody is there
    assert_int_equal(world->sessions, 1);
    world_destroy(world);
}

static void small_talk_needs_no_state_to_compress_with(void **state)
{
    (void)state;
    struct endpoint_config config = world_config();
    config.deflate.is_on = true;
    struct world *world = world_create(&config);
    (void)open_websocket(world, 0, "Sec-WebSocket-Extensions: permessage-deflate\r\n");
    say_frame(world, 0, 0x81, bytes_text("4hi"));
    assert_non_null(world->clients[0].peer->link);
    assert_null(world->clients[0].peer->link->deflater);
    assert_null(world->clients[0].peer->link->reader.inflater);
    world_destroy(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_upgrade_is_accepted_and_messages_come_back),
        cmocka_unit_test(frames_behind_the_handshake_in_one_segment_are_read),
        cmocka_unit_test(an_upgrade_that_is_none_is_refused_in_plain_http),
        cmocka_unit_test(an_upgrade_with_the_polling_transport_is_accepted_and_closed),
        cmocka_unit_test(an_origin_is_checked_only_on_demand),
        cmocka_unit_test(a_ping_gets_its_pong_and_only_the_latest_when_there_was_no_room),
        cmocka_unit_test(a_close_of_the_client_is_echoed_and_ends_the_session),
        cmocka_unit_test(a_violation_is_named_and_ends_the_session),
        cmocka_unit_test(a_close_of_the_server_waits_for_the_clients),
        cmocka_unit_test(a_message_has_its_time),
        cmocka_unit_test(a_peer_that_leaves_ends_the_session),
        cmocka_unit_test(a_slow_reader_gets_nothing_more_until_there_is_room),
        cmocka_unit_test(a_reader_that_takes_nothing_for_a_ping_interval_is_closed),
        cmocka_unit_test(a_reader_that_takes_a_little_stays),
        cmocka_unit_test(unfinished_messages_share_the_budget),
        cmocka_unit_test(large_messages_are_compressed_when_both_want_it),
        cmocka_unit_test(an_upgrade_may_be_decided_later_and_what_comes_meanwhile_waits),
        cmocka_unit_test(small_talk_needs_no_state_to_compress_with),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
