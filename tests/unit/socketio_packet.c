// Packets and JSON text of Socket.IO.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
// cmocka needs the four above first
#include <cmocka.h>

#include "bridge/socketio/json_text.h"
#include "bridge/socketio/packet.h"

static struct socketio_packet read_ok(const char *text)
{
    struct socketio_packet packet;
    assert_int_equal(packet_read(bytes_text(text), 10, &packet), LC_OK);
    return packet;
}

static void a_connect_has_a_namespace_and_perhaps_auth(void **state)
{
    (void)state;
    struct socketio_packet packet = read_ok("0");
    assert_int_equal(packet.type, SOCKETIO_PACKET_CONNECT);
    assert_true(bytes_equal_text(packet.namespace_name, "/"));
    assert_int_equal(packet.data.size, 0);
    assert_true(bytes_equal_text(read_ok("0/").namespace_name, "/"));
    assert_true(bytes_equal_text(read_ok("0/,").namespace_name, "/"));
    assert_true(bytes_equal_text(read_ok("0/admin").namespace_name, "/admin"));
    assert_true(bytes_equal_text(read_ok("0/x?a=b,{}").namespace_name, "/x?a=b"));
    assert_true(bytes_equal_text(read_ok("0/x,{\"a\":1}").data, "{\"a\":1}"));
}

static void an_event_is_sliced_and_not_rewritten(void **state)
{
    (void)state;
    struct socketio_packet packet = read_ok("2/a,012[ \"na\\u006de\" , 1.50 ,{\"x\":[ ]}]");
    assert_int_equal(packet.id, 12);
    assert_true(bytes_equal_text(packet.arguments, "1.50 ,{\"x\":[ ]}"));
    struct buffer name;
    buffer_init(&name, 100);
    packet_event_name(&packet, &name);
    assert_true(bytes_equal_text(buffer_bytes(&name), "name"));
    buffer_release(&name);
    assert_int_equal(read_ok("2[\"a\"]").arguments.size, 0);
    assert_int_equal(read_ok("2[\"a\"]").id, -1);
    assert_int_equal(read_ok("2").data.size, 0);
    assert_int_equal(read_ok("29007199254740991[\"a\"]").id, INT64_C(9007199254740991));
}

static void attachments_are_counted(void **state)
{
    (void)state;
    struct socketio_packet packet = read_ok("52-/n,7[\"a\",{\"_placeholder\":true,\"num\":1}]");
    assert_int_equal(packet.attachments, 2);
    assert_int_equal(packet.id, 7);
    assert_int_equal(read_ok("61-3[{\"_placeholder\":true,\"num\":0}]").attachments, 1);
}

static void what_is_outside_the_grammar_is_refused(void **state)
{
    (void)state;
    const char *bad[] = {"",
                         "7",
                         "x",
                         "0[]",
                         "0null",
                         "0\"a\"",
                         "0{}x",
                         "1{}",
                         "2{}",
                         "2[]",
                         "2[null]",
                         "2[true]",
                         "2[{}]",
                         "2[\"a\"",
                         "2[\"a\"]]",
                         "2[\"connect\"]",
                         "2[\"\\u0063onnect\"]",
                         "2[\"removeListener\",1]",
                         "29007199254740992[\"a\"]",
                         "3",
                         "31",
                         "31{}",
                         "4",
                         "4[]",
                         "41",
                         "5",
                         "51",
                         "5a-",
                         "50-[\"a\"]",
                         "511-[\"a\"]",
                         "5-[\"a\"]",
                         "51.2-[\"a\"]",
                         "51-",
                         "51-[\"a\",{\"_placeholder\":true}]",
                         "51-[\"a\",{\"_placeholder\":true,\"num\":1}]",
                         "51-[\"a\",{\"b\":[{\"num\":-1,\"_placeholder\":true}]}]",
                         "61-1"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct socketio_packet packet;
        assert_int_equal(packet_read(bytes_text(bad[i]), 10, &packet), LC_ERR_BAD_INPUT);
    }
}

static void placeholders_count_in_binary_packets_only_and_may_be_used_twice(void **state)
{
    (void)state;
    assert_int_equal(read_ok("51-[\"a\",{\"_placeholder\":true,\"num\":0},"
                             "{\"num\":0,\"_placeholder\":true}]")
                         .attachments,
                     1);
    assert_int_equal(read_ok("51-[\"a\"]").attachments, 1); // one that is named nowhere
    static const char plain[] =
        "[\"a\",{\"_placeholder\":true,\"num\":99},{\"_placeholder\":true}]";
    char text[100];
    snprintf(text, sizeof text, "2%s", plain);
    assert_true(bytes_equal_text(read_ok(text).data, plain));
    assert_int_equal(read_ok("510-[\"a\"]").attachments, 10);
}

static void numbers_and_other_names_are_events_also_those_of_the_server(void **state)
{
    (void)state;
    static const char *const good[] = {"2[1]",         "2[-1.5]",           "2[\"\"]",
                                       "2[\"error\"]", "2[\"connection\"]", "2[\"message\"]"};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        assert_true(read_ok(good[i]).name.size > 0);
    }
    static const char *const reserved[] = {"connect",       "connect_error", "disconnect",
                                           "disconnecting", "newListener",   "removeListener"};
    for (size_t i = 0; i < sizeof reserved / sizeof reserved[0]; i++) {
        char text[40];
        struct socketio_packet packet;
        snprintf(text, sizeof text, "2[\"%s\"]", reserved[i]);
        assert_int_equal(packet_read(bytes_text(text), 10, &packet), LC_ERR_BAD_INPUT);
        snprintf(text, sizeof text, "51-[\"%s\"]", reserved[i]);
        assert_int_equal(packet_read(bytes_text(text), 10, &packet), LC_ERR_BAD_INPUT);
    }
}

static void an_error_is_a_text_or_an_object(void **state)
{
    (void)state;
    assert_true(bytes_equal_text(read_ok("4\"no\"").data, "\"no\""));
    assert_true(bytes_equal_text(read_ok("4/x,{\"message\":\"no\"}").data, "{\"message\":\"no\"}"));
}

static void a_namespace_has_a_longest_name_without_its_query(void **state)
{
    (void)state;
    char text[600];
    struct socketio_packet packet;
    snprintf(text, sizeof text, "0/%0*d", NAMESPACE_SIZE_MAX - 1, 0);
    assert_int_equal(packet_read(bytes_text(text), 10, &packet), LC_OK);
    snprintf(text, sizeof text, "0/%0*d", NAMESPACE_SIZE_MAX, 0);
    assert_int_equal(packet_read(bytes_text(text), 10, &packet), LC_ERR_BAD_INPUT);
    snprintf(text, sizeof text, "0/x?%0*d", NAMESPACE_SIZE_MAX, 0);
    assert_int_equal(packet_read(bytes_text(text), 10, &packet), LC_OK);
}

static void a_head_is_written_as_the_reference_server_does(void **state)
{
    (void)state;
    struct buffer out;
    buffer_init(&out, 200);
    packet_write_head(&out, SOCKETIO_PACKET_EVENT, 0, bytes_text("/"), -1);
    buffer_append_byte(&out, '|');
    packet_write_head(&out, SOCKETIO_PACKET_ACK, 0, bytes_text("/a"), 0);
    buffer_append_byte(&out, '|');
    packet_write_head(&out, SOCKETIO_PACKET_BINARY_EVENT, 2, bytes_text("/a"), 12);
    buffer_append_byte(&out, '|');
    packet_write_head(&out, SOCKETIO_PACKET_DISCONNECT, 0, bytes_text("/admin"), -1);
    assert_true(bytes_equal_text(buffer_bytes(&out), "42|43/a,0|452-/a,12|41/admin,"));
    buffer_release(&out);
}

static void json_is_checked_strictly(void **state)
{
    (void)state;
    const char *good[] = {"0",
                          "-0",
                          "1.5e-3",
                          "\"\\u00e9\\\\\"",
                          "[]",
                          "[ ]",
                          "{}",
                          "{ \"a\" : 1 }",
                          "[1,[2,{\"a\":null}],true,false]",
                          " 1 ",
                          "\"\x7f\""};
    const char *bad[] = {"",
                         " ",
                         "01",
                         "1.",
                         ".5",
                         "+1",
                         "1e",
                         "--1",
                         "\"",
                         "\"\\x\"",
                         "\"\\u12g4\"",
                         "\"a\nb\"",
                         "[1,]",
                         "[,1]",
                         "[1 2]",
                         "{\"a\"}",
                         "{a:1}",
                         "{\"a\":1,}",
                         "{,}",
                         "nul",
                         "True",
                         "[1]]",
                         "'a'",
                         "NaN",
                         "{\"a\":1 \"b\":2}",
                         "\"\\\""};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        assert_true(json_text_is_value(bytes_text(good[i]), -1));
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_false(json_text_is_value(bytes_text(bad[i]), -1));
    }
}

static void depth_is_limited(void **state)
{
    (void)state;
    char text[2 * JSON_TEXT_DEPTH_MAX + 2];
    for (int depth = 1; depth <= JSON_TEXT_DEPTH_MAX; depth++) {
        memset(text, '[', (size_t)depth);
        memset(text + depth, ']', (size_t)depth);
        bool valid = json_text_is_value(bytes_of(text, (size_t)depth * 2), -1);
        assert_int_equal(valid, depth <= JSON_TEXT_DEPTH_MAX);
    }
    memset(text, '[', sizeof text);
    assert_false(json_text_is_value(bytes_of(text, sizeof text), -1));
}

static void escapes_are_resolved_to_utf_8(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"\"\"", ""},
        {"\"a\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "a\"\\/\b\f\n\r\t"},
        {"\"\\u0041\\u00e9\\u20AC\"", "A\xc3\xa9\xe2\x82\xac"},
        {"\"\\ud83d\\ude00\"", "\xf0\x9f\x98\x80"},
        {"\"\\ud83d\"", "\xef\xbf\xbd"},
        {"\"\\ude00x\"", "\xef\xbf\xbdx"},
        {"\"\\ud83d\\u0041\"", "\xef\xbf\xbd"
                               "A"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct buffer out;
        buffer_init(&out, 100);
        json_text_unescape(bytes_text(cases[i][0]), &out);
        assert_true(bytes_equal_text(buffer_bytes(&out), cases[i][1]));
        buffer_release(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_connect_has_a_namespace_and_perhaps_auth),
        cmocka_unit_test(an_event_is_sliced_and_not_rewritten),
        cmocka_unit_test(attachments_are_counted),
        cmocka_unit_test(what_is_outside_the_grammar_is_refused),
        cmocka_unit_test(placeholders_count_in_binary_packets_only_and_may_be_used_twice),
        cmocka_unit_test(numbers_and_other_names_are_events_also_those_of_the_server),
        cmocka_unit_test(an_error_is_a_text_or_an_object),
        cmocka_unit_test(a_namespace_has_a_longest_name_without_its_query),
        cmocka_unit_test(a_head_is_written_as_the_reference_server_does),
        cmocka_unit_test(json_is_checked_strictly),
        cmocka_unit_test(depth_is_limited),
        cmocka_unit_test(escapes_are_resolved_to_utf_8),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
