// The Socket.IO client without a network: what it asks for, in which order, and what it makes of
// answers.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "auctionctl/sioclient/sio_packet.h"
#include "auctionctl/sioclient/sioclient.h"

struct heard {
    int connects;
    int upgrades;
    int failed_upgrades;
    int closes;
    char reason[64];
    char events[256];
    char acks[128];
};

static void on_connect(void *owner)
{
    ((struct heard *)owner)->connects++;
}

static void keep(char *out, size_t size, struct bytes text)
{
    size_t have = strlen(out);
    snprintf(out + have, size - have, "%.*s;", (int)text.size, (const char *)text.data);
}

static void on_event(void *owner, struct bytes array)
{
    struct heard *heard = owner;
    keep(heard->events, sizeof heard->events, array);
}

static void on_ack(void *owner, uint64_t id, struct bytes array)
{
    struct heard *heard = owner;
    char number[24];
    snprintf(number, sizeof number, "%d", (int)id);
    keep(heard->acks, sizeof heard->acks, bytes_text(number));
    keep(heard->acks, sizeof heard->acks, array);
}

static void on_upgrade(void *owner, bool done)
{
    struct heard *heard = owner;
    heard->upgrades += done ? 1 : 0;
    heard->failed_upgrades += done ? 0 : 1;
}

static void on_close(void *owner, const char *reason, struct bytes details)
{
    (void)details;
    struct heard *heard = owner;
    heard->closes++;
    snprintf(heard->reason, sizeof heard->reason, "%s", reason);
}

static const struct sioclient_ops ops = {on_connect, on_event, on_ack, on_upgrade, on_close};

#define OPEN                                                                                   \
    "0{\"sid\":\"abc\",\"upgrades\":[\"websocket\"],\"pingInterval\":300,\"pingTimeout\":200," \
    "\"maxPayload\":1000}"

static char url[SIOCLIENT_URL_SIZE_MAX];

static void expect_get(struct sioclient *client, const char *wanted)
{
    assert_true(sioclient_take_get(client, url));
    assert_string_equal(url, wanted);
}

static void expect_post(struct sioclient *client, const char *body)
{
    struct buffer out;
    buffer_init(&out, 4096);
    assert_true(sioclient_take_post(client, url, &out));
    assert_string_equal(buffer_text(&out), body);
    buffer_release(&out);
}

static void expect_frame(struct sioclient *client, const char *frame)
{
    struct buffer out;
    buffer_init(&out, 4096);
    assert_true(sioclient_take_frame(client, &out));
    assert_string_equal(buffer_text(&out), frame);
    buffer_release(&out);
}

static void expect_no_frame(struct sioclient *client)
{
    struct buffer out;
    buffer_init(&out, 4096);
    assert_false(sioclient_take_frame(client, &out));
    buffer_release(&out);
}

static void expect_no_post(struct sioclient *client)
{
    struct buffer out;
    buffer_init(&out, 4096);
    assert_false(sioclient_take_post(client, url, &out));
    buffer_release(&out);
}

static void get_answers(struct sioclient *client, const char *body)
{
    sioclient_on_get(client, 200, bytes_text(body), 10);
}

// Brings a client to a connected session on polling, with a GET waiting.
static void connect_by_polling(struct sioclient *client, enum sioclient_mode mode,
                               struct heard *heard)
{
    sioclient_init(client, mode, "/socket.io/", &ops, heard);
    sioclient_start(client, bytes_text("{\"token\":\"t\"}"), 0);
    expect_get(client, "/socket.io/?EIO=4&transport=polling");
    assert_false(sioclient_take_get(client, url));
    get_answers(client, OPEN);
    expect_post(client, "40{\"token\":\"t\"}");
    expect_get(client, "/socket.io/?EIO=4&transport=polling&sid=abc");
    sioclient_on_post(client, 200, 10);
    get_answers(client, "40{\"sid\":\"s\"}");
    assert_int_equal(heard->connects, 1);
    expect_get(client, "/socket.io/?EIO=4&transport=polling&sid=abc");
}

static void polling_carries_events_and_acknowledgements(void **state)
{
    (void)state;
    struct sioclient client;
    struct heard heard = {.connects = 0};
    connect_by_polling(&client, SIOCLIENT_POLLING_ONLY, &heard);
    assert_int_equal(sioclient_emit(&client, "place_bid", bytes_text("{\"a\":1}"), 7), LC_OK);
    assert_int_equal(sioclient_emit(&client, "x", bytes_text(""), 8), LC_OK);
    expect_post(&client, "427[\"place_bid\",{\"a\":1}]\x1e"
                         "428[\"x\"]");
    expect_no_post(&client); // one at a time
    get_answers(&client, "42[\"tick\",{}]\x1e"
                         "437[{\"ok\":true}]\x1e"
                         "2");
    assert_string_equal(heard.events, "[\"tick\",{}];");
    assert_string_equal(heard.acks, "7;[{\"ok\":true}];");
    expect_no_post(&client);
    sioclient_on_post(&client, 200, 20);
    expect_post(&client, "3");
    assert_false(sioclient_take_websocket(&client, url));
    sioclient_release(&client);
}

static void a_post_stays_below_the_servers_limit(void **state)
{
    (void)state;
    struct sioclient client;
    struct heard heard = {.connects = 0};
    connect_by_polling(&client, SIOCLIENT_POLLING_ONLY, &heard);
    char long_text[801];
    memset(long_text, 'x', sizeof long_text);
    long_text[0] = long_text[799] = '"';
    long_text[800] = 0;
    for (uint64_t i = 1; i <= 3; i++) {
        assert_int_equal(sioclient_emit(&client, "e", bytes_text(long_text), i), LC_OK);
    }
    for (int i = 0; i < 3; i++) {
        struct buffer out;
        buffer_init(&out, 4096);
        assert_true(sioclient_take_post(&client, url, &out));
        assert_true(out.size <= 1000);
        assert_int_equal(out.data[2], '1' + i);
        buffer_release(&out);
        sioclient_on_post(&client, 200, 20);
    }
    sioclient_release(&client);
}

static void an_upgrade_pauses_polling_before_it_sends_5(void **state)
{
    (void)state;
    struct sioclient client;
    struct heard heard = {.connects = 0};
    connect_by_polling(&client, SIOCLIENT_UPGRADE, &heard);
    assert_true(sioclient_take_websocket(&client, url));
    assert_string_equal(url, "/socket.io/?EIO=4&transport=websocket&sid=abc");
    assert_false(sioclient_take_websocket(&client, url));
    sioclient_on_websocket_open(&client, 30);
    expect_frame(&client, "2probe");
    expect_no_frame(&client);
    assert_int_equal(sioclient_emit(&client, "a", bytes_text("1"), 1), LC_OK);
    expect_post(&client, "421[\"a\",1]");
    sioclient_on_websocket_text(&client, bytes_text("3probe"), 31);
    assert_int_equal(sioclient_emit(&client, "b", bytes_text("2"), 2), LC_OK);
    expect_no_frame(&client); // a GET and a POST are open
    sioclient_on_post(&client, 200, 32);
    expect_no_frame(&client);
    get_answers(&client, "6");
    assert_int_equal(heard.upgrades, 1);
    expect_frame(&client, "5");
    expect_frame(&client, "422[\"b\",2]");
    assert_false(sioclient_take_get(&client, url));
    expect_no_post(&client);
    sioclient_on_websocket_text(&client, bytes_text("42[\"c\"]"), 33);
    assert_string_equal(heard.events, "[\"c\"];");
    sioclient_on_websocket_end(&client, 40);
    assert_string_equal(heard.reason, "transport close");
    sioclient_release(&client);
}

static void a_refused_or_silent_websocket_leaves_the_session_on_polling_F3(void **state)
{
    (void)state;
    struct sioclient client;
    struct heard heard = {.connects = 0};
    connect_by_polling(&client, SIOCLIENT_UPGRADE, &heard);
    assert_true(sioclient_take_websocket(&client, url));
    sioclient_on_websocket_end(&client, 20);
    assert_int_equal(heard.failed_upgrades, 1);
    assert_int_equal(heard.closes, 0);
    assert_int_equal(sioclient_emit(&client, "a", bytes_text("1"), 1), LC_OK);
    expect_post(&client, "421[\"a\",1]");
    sioclient_release(&client);

    heard = (struct heard){.connects = 0};
    connect_by_polling(&client, SIOCLIENT_UPGRADE, &heard);
    assert_true(sioclient_take_websocket(&client, url));
    sioclient_on_websocket_open(&client, 20);
    expect_frame(&client, "2probe");
    get_answers(&client, "2"); // pings go on by polling
    for (int64_t now = 400; now <= 10400; now += 400) {
        client.now_ms = now;
        expect_get(&client, "/socket.io/?EIO=4&transport=polling&sid=abc");
        sioclient_on_get(&client, 200, bytes_text("2"), now);
        sioclient_on_time(&client, now);
    }
    assert_int_equal(heard.failed_upgrades, 1);
    assert_int_equal(heard.closes, 0);
    assert_true(sioclient_take_websocket_close(&client));
    assert_false(sioclient_take_websocket_close(&client));
    sioclient_release(&client);
}

static void a_websocket_from_the_start_never_polls(void **state)
{
    (void)state;
    struct sioclient client;
    struct heard heard = {.connects = 0};
    sioclient_init(&client, SIOCLIENT_WEBSOCKET_ONLY, "/api/socket.io/", &ops, &heard);
    sioclient_start(&client, bytes_text(""), 0);
    assert_false(sioclient_take_get(&client, url));
    assert_true(sioclient_take_websocket(&client, url));
    assert_string_equal(url, "/api/socket.io/?EIO=4&transport=websocket");
    sioclient_on_websocket_open(&client, 1);
    expect_no_frame(&client);
    sioclient_on_websocket_text(&client, bytes_text(OPEN), 2);
    expect_frame(&client, "40");
    sioclient_on_websocket_text(&client, bytes_text("40{\"sid\":\"s\"}"), 3);
    sioclient_on_websocket_text(&client, bytes_text("2"), 3);
    expect_frame(&client, "3");
    sioclient_disconnect(&client);
    expect_frame(&client, "41");
    expect_frame(&client, "1");
    expect_no_frame(&client);
    assert_string_equal(heard.reason, "io client disconnect");
    assert_true(sioclient_take_websocket_close(&client));
    sioclient_release(&client);
}

static void silence_longer_than_a_ping_ends_the_session(void **state)
{
    (void)state;
    struct sioclient client;
    struct heard heard = {.connects = 0};
    connect_by_polling(&client, SIOCLIENT_POLLING_ONLY, &heard);
    assert_int_equal(sioclient_deadline(&client), 510);
    sioclient_on_time(&client, 509);
    assert_int_equal(heard.closes, 0);
    sioclient_on_time(&client, 510);
    assert_string_equal(heard.reason, "ping timeout");
    assert_int_equal(sioclient_deadline(&client), INT64_MAX);
    sioclient_release(&client);
}

static void answers_that_are_no_protocol_end_the_session(void **state)
{
    (void)state;
    static const char *const bodies[] = {
        "<!doctype html>",
        "0{}",
        "0{\"sid\":\"a b\",\"pingInterval\":1,\"pingTimeout\":1}",
        "40",
        "",
        "0",
        "9",
    };
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
        struct sioclient client;
        struct heard heard = {.connects = 0};
        sioclient_init(&client, SIOCLIENT_POLLING_ONLY, "/socket.io/", &ops, &heard);
        sioclient_start(&client, bytes_text(""), 0);
        expect_get(&client, "/socket.io/?EIO=4&transport=polling");
        get_answers(&client, bodies[i]);
        if (bodies[i][0] != 0) { // nothing at all is asked for again
            assert_int_equal(heard.closes, 1);
            assert_string_equal(heard.reason, "parse error");
        }
        sioclient_release(&client);
    }
    struct sioclient client;
    struct heard heard = {.connects = 0};
    connect_by_polling(&client, SIOCLIENT_POLLING_ONLY, &heard);
    sioclient_on_get(&client, 400, bytes_text("{}"), 5);
    assert_string_equal(heard.reason, "transport error");
    assert_int_equal(sioclient_emit(&client, "a", bytes_text(""), 1), LC_ERR_OFFLINE);
    sioclient_release(&client);
}

static void packets_are_read_as_the_protocol_writes_them(void **state)
{
    (void)state;
    struct sio_packet packet;
    assert_true(sio_packet_read(bytes_text("312[1]"), &packet));
    assert_true(packet.kind == SIO_ACK && packet.id == 12 && bytes_equal_text(packet.data, "[1]"));
    assert_true(sio_packet_read(bytes_text("2[\"7\"]"), &packet));
    assert_false(packet.has_id);
    assert_true(sio_packet_read(bytes_text("4{\"message\":\"no\"}"), &packet));
    assert_false(sio_packet_read(bytes_text(""), &packet));
    assert_false(sio_packet_read(bytes_text("51-[\"b\"]"), &packet)); // binary is none of ours
    assert_false(sio_packet_read(bytes_text("2/admin,[\"x\"]"), &packet));
    assert_false(sio_packet_read(bytes_text("3[]"), &packet));
    assert_false(sio_packet_read(bytes_text("399999999999999999999[]"), &packet));
    struct bytes rest = bytes_text("a\x1e\x1e"
                                   "b");
    struct bytes part;
    assert_true(eio_payload_next(&rest, &part) && bytes_equal_text(part, "a"));
    assert_true(eio_payload_next(&rest, &part) && part.size == 0);
    assert_true(eio_payload_next(&rest, &part) && bytes_equal_text(part, "b"));
    assert_false(eio_payload_next(&rest, &part));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(polling_carries_events_and_acknowledgements),
        cmocka_unit_test(a_post_stays_below_the_servers_limit),
        cmocka_unit_test(an_upgrade_pauses_polling_before_it_sends_5),
        cmocka_unit_test(a_refused_or_silent_websocket_leaves_the_session_on_polling_F3),
        cmocka_unit_test(a_websocket_from_the_start_never_polls),
        cmocka_unit_test(silence_longer_than_a_ping_ends_the_session),
        cmocka_unit_test(answers_that_are_no_protocol_end_the_session),
        cmocka_unit_test(packets_are_read_as_the_protocol_writes_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
