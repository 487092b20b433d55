// The payloads of Engine.IO v3, and JSONP.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka needs the four above first
#include <cmocka.h>

#include "bridge/engineio/jsonp.h"
#include "bridge/engineio/payload3.h"

static struct buffer body;
static struct buffer scratch;

static int set_up(void **state)
{
    (void)state;
    buffer_init(&body, 1000);
    buffer_init(&scratch, 100);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    buffer_release(&body);
    buffer_release(&scratch);
    return 0;
}

#define BYTES(literal) bytes_of(literal, sizeof(literal) - 1)

static void expect_next(struct payload3_reader *reader, enum engineio_packet_type type, bool binary,
                        struct bytes data)
{
    struct engineio_packet packet;
    assert_false(reader->at_end);
    assert_int_equal(payload3_next(reader, &scratch, &packet), LC_OK);
    assert_int_equal(packet.type, type);
    assert_int_equal(packet.binary, binary);
    assert_true(bytes_equal(packet.data, data));
}

static void lengths_of_text_count_utf16_code_units(void **state)
{
    (void)state;
    const char *text = "42[\"echo\",\"é€😀\"]";
    assert_int_equal(payload3_utf16_length(bytes_text(text)), 17);
    payload3_append_text(&body, bytes_text(text));
    payload3_append_text(&body, bytes_text("2"));
    assert_string_equal(buffer_text(&body), "17:42[\"echo\",\"é€😀\"]1:2");
    struct payload3_reader reader = payload3_reader_on(buffer_bytes(&body), false);
    expect_next(&reader, ENGINEIO_MESSAGE, false, bytes_text(text + 1));
    expect_next(&reader, ENGINEIO_PING, false, bytes_text(""));
    assert_true(reader.at_end);
}

static void binary_in_text_is_base64_behind_its_type(void **state)
{
    (void)state;
    payload3_append_base64(&body, BYTES("\1\2\3\4"));
    assert_string_equal(buffer_text(&body), "10:b4AQIDBA==");
    struct payload3_reader reader = payload3_reader_on(buffer_bytes(&body), false);
    expect_next(&reader, ENGINEIO_MESSAGE, true, BYTES("\1\2\3\4"));
    assert_true(reader.at_end);
}

static void octets_carry_text_and_binary_as_they_are(void **state)
{
    (void)state;
    payload3_append_text_octets(&body, bytes_text("4é"));
    payload3_append_binary_octets(&body, BYTES("\1\2\3\4\5\6\7\x08\x09"));
    static const char bytes[] = "\0\3\xff"
                                "4\xc3\xa9"
                                "\1\1\0\xff\4\1\2\3\4\5\6\7\x08\x09";
    assert_true(bytes_equal(buffer_bytes(&body), BYTES(bytes)));
    struct payload3_reader reader = payload3_reader_on(BYTES(bytes), true);
    expect_next(&reader, ENGINEIO_MESSAGE, false, bytes_text("é"));
    expect_next(&reader, ENGINEIO_MESSAGE, true, BYTES("\1\2\3\4\5\6\7\x08\x09"));
    assert_true(reader.at_end);
    reader = payload3_reader_on(BYTES("\0\6\xff"
                                      "b4AQI=\1\1\xff\2"),
                                true);
    expect_next(&reader, ENGINEIO_MESSAGE, true, BYTES("\1\2"));
    expect_next(&reader, ENGINEIO_PING, true, bytes_text(""));
}

static void an_empty_packet_is_nothing(void **state)
{
    (void)state;
    struct payload3_reader reader = payload3_reader_on(bytes_text("0:1:3"), false);
    expect_next(&reader, ENGINEIO_NOOP, false, bytes_text(""));
    expect_next(&reader, ENGINEIO_PONG, false, bytes_text(""));
    assert_true(reader.at_end);
    reader = payload3_reader_on(BYTES("\0\0\xff"), true);
    expect_next(&reader, ENGINEIO_NOOP, false, bytes_text(""));
    assert_true(reader.at_end);
}

static void expect_refused(struct bytes bytes, bool octets)
{
    struct payload3_reader reader = payload3_reader_on(bytes, octets);
    struct engineio_packet packet;
    enum lc_status status = LC_OK;
    for (int i = 0; status == LC_OK && !reader.at_end; i++) {
        assert_true(i < 100);
        status = payload3_next(&reader, &scratch, &packet);
    }
    assert_int_equal(status, LC_ERR_BAD_INPUT);
}

static void text_with_a_wrong_length_is_refused(void **state)
{
    (void)state;
    const char *bad[] = {"",       ":",       ":4",           "4",         "4hi",
                         "2:4",    "2:4é4",   "1:4hi",        "-1:4",      "1 :4",
                         "1.0:4",  "1e0:4",   "+1:4",         "2:4😀",      "99999999999999999999:4",
                         "1:44:4", "1:7",     "1:a",          "2:b4\xff:", "3:b4A",
                         "2:b7",   "1:b",     "5:4\xff\xff",  "0:0",       "4:4hi",
                         "::::::", "0:0:0:x", "00000000001:4"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        expect_refused(bytes_text(bad[i]), false);
    }
}

static void octets_with_a_wrong_length_are_refused(void **state)
{
    (void)state;
    expect_refused(BYTES(""), true);
    expect_refused(BYTES("\0"), true);
    expect_refused(BYTES("\0\xff"), true);
    expect_refused(BYTES("\0\xff\xff"), true);
    expect_refused(BYTES("\1\3\xff\4\1"), true);
    expect_refused(BYTES("\1\0\xff"), true); // binary without a type
    expect_refused(BYTES("\1\1\xff\7"), true);
    expect_refused(BYTES("\2\1\xff"
                         "4"),
                   true);
    expect_refused(BYTES("\0\x0a\xff"
                         "4123456789"),
                   true);
    expect_refused(BYTES("\0\2\xff"
                         "4\xc3"),
                   true);
    expect_refused(BYTES("\0\0\0\0\0\0\0\0\0\0\0\0\1\xff"
                         "4"),
                   true);
    expect_refused(BYTES("\0\1"), true);
    expect_refused(BYTES("\0\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1"), true);
}

static void a_message_of_bytes_has_its_type_first(void **state)
{
    (void)state;
    struct engineio_packet packet;
    assert_int_equal(packet3_read_binary(BYTES("\4\1\2"), &packet), LC_OK);
    assert_int_equal(packet.type, ENGINEIO_MESSAGE);
    assert_true(packet.binary && bytes_equal(packet.data, BYTES("\1\2")));
    assert_int_equal(packet3_read_binary(BYTES(""), &packet), LC_ERR_BAD_INPUT);
    assert_int_equal(packet3_read_binary(BYTES("\7"), &packet), LC_ERR_BAD_INPUT);
    assert_int_equal(packet3_read_text(bytes_text("b4AQI="), &scratch, &packet), LC_OK);
    assert_true(packet.binary && bytes_equal(packet.data, BYTES("\1\2")));
    assert_int_equal(packet3_read_text(bytes_text(""), &scratch, &packet), LC_ERR_BAD_INPUT);
}

static void a_body_becomes_a_call_that_every_browser_reads(void **state)
{
    (void)state;
    jsonp_append(&body, bytes_text("1x2)"), bytes_text("5:4\"\\\n\t\1\xe2\x80\xa8\xe2\x80\xa9é"));
    assert_string_equal(buffer_text(&body),
                        "___eio[12](\"5:4\\\"\\\\\\n\\t\\u0001\\u2028\\u2029é\");");
    buffer_clear(&body);
    jsonp_append(&body, bytes_text(""), bytes_text("\xe2\x80\xaa\xe2\x80\b\f\r\v\x7f"));
    assert_string_equal(buffer_text(&body),
                        "___eio[](\"\xe2\x80\xaa\xe2\x80\\b\\f\\r\\u000b\x7f\");");
}

static void expect_form(const char *form, const char *payload)
{
    buffer_clear(&body);
    assert_int_equal(jsonp_read_form(bytes_text(form), &body), LC_OK);
    assert_string_equal(buffer_text(&body), payload);
}

static void a_form_gives_its_payload_back(void **state)
{
    (void)state;
    expect_form("d=2%3A4%2B", "2:4+");
    expect_form("x=1&d=no&d=3%3A4+a&e=", "3:4 a");
    expect_form("d=4a%5Cnb", "4a\nb");
    expect_form("d=4a%5C%5Cnb", "4a\\nb");
    expect_form("d=4a%5C%5C%5Cnb", "4a\\\\nb");
    expect_form("d=%5C%22n%5C", "\\\"n\\");
    expect_form("d=", "");
    assert_int_equal(jsonp_read_form(bytes_text("e=1"), &body), LC_ERR_BAD_INPUT);
    assert_int_equal(jsonp_read_form(bytes_text(""), &body), LC_ERR_BAD_INPUT);
}

int main(void)
{
#define CODEC_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CODEC_TEST(lengths_of_text_count_utf16_code_units),
        CODEC_TEST(binary_in_text_is_base64_behind_its_type),
        CODEC_TEST(octets_carry_text_and_binary_as_they_are),
        CODEC_TEST(an_empty_packet_is_nothing),
        CODEC_TEST(text_with_a_wrong_length_is_refused),
        CODEC_TEST(octets_with_a_wrong_length_are_refused),
        CODEC_TEST(a_message_of_bytes_has_its_type_first),
        CODEC_TEST(a_body_becomes_a_call_that_every_browser_reads),
        CODEC_TEST(a_form_gives_its_payload_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
