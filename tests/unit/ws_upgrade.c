// The handshake of a WebSocket, and what is agreed about compression.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka needs the four above first
#include <cmocka.h>

#include "bridge/websocket/accept_key.h"
#include "bridge/websocket/ws_handshake.h"
#include "bridge/websocket/ws_offer.h"

static const char GOOD[] =
    "Connection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

struct request {
    char text[1024];
    struct http_head head;
};

static void read_request(struct request *request, const char *line, const char *fields,
                         const char *more)
{
    int size = snprintf(request->text, sizeof request->text, "%s\r\nHost: x\r\n%s%s\r\n", line,
                        fields, more);
    assert_int_equal(http_head_parse((uint8_t *)request->text, (size_t)size, &request->head),
                     HTTP_FAULT_NONE);
}

static enum ws_handshake_fault check(const char *line, const char *fields, const char *more)
{
    struct request request;
    read_request(&request, line, fields, more);
    return ws_handshake_check(&request.head);
}

static void the_accept_key_is_that_of_the_standard(void **state)
{
    (void)state;
    char accept[ACCEPT_KEY_SIZE + 1];
    accept_key(bytes_text("dGhlIHNhbXBsZSBub25jZQ=="), accept);
    assert_string_equal(accept, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

static void a_good_handshake_is_answered_with_its_key(void **state)
{
    (void)state;
    struct request request;
    struct buffer out;
    read_request(&request, "GET /x HTTP/1.1", GOOD, "Sec-WebSocket-Protocol: chat, other\r\n");
    assert_int_equal(ws_handshake_check(&request.head), WS_HANDSHAKE_FINE);
    buffer_init(&out, 1000);
    ws_handshake_append(&request.head, &out);
    assert_string_equal(buffer_text(&out),
                        "Upgrade: websocket\r\nConnection: Upgrade\r\n"
                        "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n");
    buffer_release(&out);
}

static void a_handshake_that_is_none_is_refused(void **state)
{
    (void)state;
    const char *get = "GET / HTTP/1.1";
    assert_int_equal(check("POST / HTTP/1.1", GOOD, ""), WS_HANDSHAKE_METHOD);
    assert_int_equal(check(get, GOOD, "Content-Length: 2\r\n"), WS_HANDSHAKE_METHOD);
    assert_int_equal(check(get, GOOD, "Content-Length: 0\r\n"), WS_HANDSHAKE_FINE);
    assert_int_equal(check(get, GOOD, "Transfer-Encoding: chunked\r\n"), WS_HANDSHAKE_METHOD);
    assert_int_equal(check("GET / HTTP/1.0", GOOD, ""), WS_HANDSHAKE_UPGRADE);
    const struct {
        const char *fields;
        enum ws_handshake_fault fault;
    } cases[] = {
        {"Connection: Upgrade\r\nUpgrade: h2c\r\nSec-WebSocket-Version: 13\r\n",
         WS_HANDSHAKE_UPGRADE},
        {"Connection: close\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n",
         WS_HANDSHAKE_UPGRADE},
        {"Connection: Upgrade\r\nUpgrade: websocket\r\n", WS_HANDSHAKE_VERSION},
        {"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 8\r\n",
         WS_HANDSHAKE_VERSION},
        {"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n",
         WS_HANDSHAKE_KEY},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(check(get, cases[i].fields, ""), cases[i].fault);
        assert_true(strlen(ws_handshake_fault_text(cases[i].fault)) > 0);
    }
    const char *keys[] = {"",
                          "dGhlIHNhbXBsZSBub25jZQ",
                          "dGhlIHNhbXBsZSBub25jZQ=A",
                          "dGhlIHNhbXBsZSBub25jZ!==",
                          "dGhlIHNhbXBsZSBub25jZQAA",
                          "dGhlIHNhbXBsZSBub25jZQ==="};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        char more[100];
        snprintf(more, sizeof more, "Sec-WebSocket-Key: %s\r\n", keys[i]);
        assert_int_equal(check(get, cases[4].fields, more), WS_HANDSHAKE_KEY);
    }
    assert_int_equal(check(get, GOOD, "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"),
                     WS_HANDSHAKE_KEY);
}

// The line of the 101 for a client's offers; "400" when they are none.
static const char *answer(const struct ws_deflate_config *config, const char *offers)
{
    static char text[256];
    struct request request;
    struct ws_deflate_terms terms;
    struct buffer out;
    char more[300];
    snprintf(more, sizeof more, "Sec-WebSocket-Extensions: %s\r\n", offers);
    read_request(&request, "GET / HTTP/1.1", GOOD, more);
    if (ws_offer_read(config, &request.head, &terms) != LC_OK) {
        return "400";
    }
    buffer_init(&out, 1000);
    ws_offer_append(&terms, &out);
    snprintf(text, sizeof text, "%.*s", out.size < 2 ? 0 : (int)(out.size - 2), buffer_text(&out));
    buffer_release(&out);
    size_t skipped = strlen("Sec-WebSocket-Extensions: permessage-deflate");
    return strlen(text) < skipped ? text : text + skipped - 1 + (text[skipped] == ';');
}

static void an_offer_is_left_out_when_compression_is_off(void **state)
{
    (void)state;
    struct ws_deflate_config off = {.is_on = false};
    assert_string_equal(answer(&off, "permessage-deflate; nonsense=1"), "");
}

static void an_offer_is_answered_with_what_it_named(void **state)
{
    (void)state;
    struct ws_deflate_config on = {.is_on = true};
    assert_string_equal(answer(&on, "permessage-deflate"), "e");
    assert_string_equal(answer(&on, "permessage-deflate; client_max_window_bits"), "e");
    assert_string_equal(
        answer(&on, "x-other; a=b, PerMessage-Deflate ; server_max_window_bits = \"10\""),
        "; server_max_window_bits=10");
    assert_string_equal(
        answer(&on, "permessage-deflate; client_max_window_bits=9; client_no_context_takeover"),
        "; client_no_context_takeover; client_max_window_bits=9");
    assert_string_equal(answer(&on, "permessage-deflate; server_no_context_takeover"),
                        "; server_no_context_takeover");
    assert_string_equal(answer(&on, "x-unknown"), "");
    // zlib has no window of 256 bytes: the offer is passed over for the next one
    assert_string_equal(answer(&on, "permessage-deflate; server_max_window_bits=8"), "");
    assert_string_equal(
        answer(&on, "permessage-deflate; server_max_window_bits=8, permessage-deflate"), "e");
}

static void an_offer_with_a_wrong_parameter_refuses_the_request(void **state)
{
    (void)state;
    struct ws_deflate_config on = {.is_on = true};
    const char *offers[] = {
        "permessage-deflate; foo",
        "permessage-deflate; server_max_window_bits",
        "permessage-deflate; server_max_window_bits=7",
        "permessage-deflate; server_max_window_bits=16",
        "permessage-deflate; server_max_window_bits=010",
        "permessage-deflate; server_max_window_bits=x",
        "permessage-deflate; client_max_window_bits=",
        "permessage-deflate; client_max_window_bits=10; client_max_window_bits=10",
        "permessage-deflate; server_no_context_takeover=1",
        "permessage-deflate; server_no_context_takeover; server_no_context_takeover",
        "permessage-deflate, permessage-deflate; foo=bar",
    };
    for (size_t i = 0; i < sizeof offers / sizeof offers[0]; i++) {
        assert_string_equal(answer(&on, offers[i]), "400");
    }
}

static void the_server_can_ask_for_less_memory(void **state)
{
    (void)state;
    struct ws_deflate_config small = {
        .is_on = true, .server_forgets = true, .client_forgets = true, .server_window_bits = 10};
    assert_string_equal(
        answer(&small, "permessage-deflate"),
        "; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=10");
    assert_string_equal(
        answer(&small, "permessage-deflate; server_max_window_bits=9"),
        "; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=9");
    small.client_window_bits = 11;
    assert_string_equal(answer(&small, "permessage-deflate"), ""); // the client cannot be told
    assert_string_equal(
        answer(&small, "permessage-deflate; client_max_window_bits"),
        "; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=10; "
        "client_max_window_bits=11");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_accept_key_is_that_of_the_standard),
        cmocka_unit_test(a_good_handshake_is_answered_with_its_key),
        cmocka_unit_test(a_handshake_that_is_none_is_refused),
        cmocka_unit_test(an_offer_is_left_out_when_compression_is_off),
        cmocka_unit_test(an_offer_is_answered_with_what_it_named),
        cmocka_unit_test(an_offer_with_a_wrong_parameter_refuses_the_request),
        cmocka_unit_test(the_server_can_ask_for_less_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
