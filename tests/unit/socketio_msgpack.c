// Packets of socket.io-msgpack-parser: what the golden bytes do not show.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka needs the four above first
#include <cmocka.h>

#include <float.h>
#include <stdlib.h>

#include "bridge/socketio/json_date.h"
#include "bridge/socketio/json_number.h"
#include "bridge/socketio/json_text.h"
#include "bridge/socketio/msgpack.h"
#include "bridge/socketio/packet.h"

enum { ATTACHMENTS_MAX = 4, MESSAGE_MAX = 1000000 };

// The bytes of a literal, which may hold NULs: as a value, and as an initializer.
#define LITERAL(literal)                                \
    {                                                   \
        (const uint8_t *)(literal), sizeof(literal) - 1 \
    }
#define BYTES(literal) ((struct bytes)LITERAL(literal))
// A packet's map with its head: type and nsp "/", then the key of the data.
#define PACKET(type)                       \
    "\x83\xa4type" type "\xa3nsp\xa1/\xa4" \
    "data"
#define EVENT PACKET("\x02")
#define PACKET_AND_ID(id)                          \
    "\x84\xa4type\x02\xa2id" id "\xa3nsp\xa1/\xa4" \
    "data\x90"

static enum lc_status read_status(struct bytes message)
{
    struct buffer text;
    struct bytes attachments[ATTACHMENTS_MAX];
    size_t count;
    buffer_init(&text, MESSAGE_MAX);
    enum lc_status status = msgpack_read(message, &text, attachments, ATTACHMENTS_MAX, &count);
    buffer_release(&text);
    return status;
}

static void assert_read(struct bytes message, const char *expected)
{
    struct buffer text;
    struct bytes attachments[ATTACHMENTS_MAX];
    size_t count;
    buffer_init(&text, MESSAGE_MAX);
    assert_int_equal(msgpack_read(message, &text, attachments, ATTACHMENTS_MAX, &count), LC_OK);
    assert_string_equal(buffer_text(&text), expected);
    buffer_release(&text);
}

static void assert_written(const char *text, struct bytes expected)
{
    struct buffer message;
    buffer_init(&message, MESSAGE_MAX);
    assert_int_equal(msgpack_write(bytes_text(text), NULL, 0, &message), LC_OK);
    assert_int_equal(message.size, expected.size);
    assert_memory_equal(message.data, expected.data, expected.size);
    buffer_release(&message);
}

// The map in the data, told from a placeholder by the escaped key, comes out as it went in.
static void user_data_that_looks_like_a_placeholder_survives_beside_an_attachment(void **state)
{
    (void)state;
    struct buffer message;
    struct buffer text;
    struct buffer again;
    struct bytes attachments[ATTACHMENTS_MAX];
    size_t count;
    buffer_init(&message, 200);
    buffer_init(&text, 400);
    buffer_init(&again, 200);
    buffer_append(&message, BYTES("\x83\xa4type\x02\xa4"
                                  "data"));
    buffer_append(&message, BYTES("\x93\xa1"
                                  "a\x82\xac_placeholder\xc3\xa3num\x00\xc4\x01z"));
    buffer_append(&message, BYTES("\xa3nsp\xa1/"));
    assert_int_equal(
        msgpack_read(buffer_bytes(&message), &text, attachments, ATTACHMENTS_MAX, &count), LC_OK);
    assert_string_equal(buffer_text(&text), "51-[\"a\",{\"\\u005fplaceholder\":true,\"num\":0},"
                                            "{\"_placeholder\":true,\"num\":0}]");
    assert_int_equal(count, 1);
    assert_true(bytes_equal_text(attachments[0], "z"));
    assert_int_equal(msgpack_write(buffer_bytes(&text), attachments, count, &again), LC_OK);
    assert_true(bytes_equal(buffer_bytes(&again), buffer_bytes(&message)));
    buffer_release(&message);
    buffer_release(&text);
    buffer_release(&again);
}

static void whole_numbers_of_64_bits_keep_their_digits(void **state)
{
    (void)state;
    assert_read(BYTES(EVENT "\x95\xa1"
                            "a\xcf\xff\xff\xff\xff\xff\xff\xff\xff"
                            "\xd3\x80\x00\x00\x00\x00\x00\x00\x00"
                            "\xd3\x7f\xff\xff\xff\xff\xff\xff\xff"
                            "\xcf\x00\x20\x00\x00\x00\x00\x00\x01"),
                "2[\"a\",18446744073709551615,-9223372036854775808,9223372036854775807,"
                "9007199254740993]");
    assert_written("2[0,18446744073709551615,-9223372036854775808,9007199254740993]",
                   BYTES("\x83\xa4type\x02\xa4"
                         "data\x94\x00\xcf\xff\xff\xff\xff\xff\xff\xff\xff"
                         "\xd3\x80\x00\x00\x00\x00\x00\x00\x00"
                         "\xcf\x00\x20\x00\x00\x00\x00\x00\x01\xa3nsp\xa1/"));
}

static void numbers_take_the_smallest_form_that_holds_their_value(void **state)
{
    (void)state;
    // 1e2, 1.0, -0, 20000000000000000000 (no integer of 64 bits), 1e300
    assert_written("2[0,1e2,1.0,-0,20000000000000000000,1E+300]",
                   BYTES("\x83\xa4type\x02\xa4"
                         "data\x96\x00\x64\x01\x00"
                         "\xcb\x43\xf1\x58\xe4\x60\x91\x3d\x00"
                         "\xcb\x7e\x37\xe4\x3c\x88\x00\x75\x9c\xa3nsp\xa1/"));
}

static void floats_are_written_as_javascript_writes_them(void **state)
{
    (void)state;
    static const struct {
        double value;
        const char *text;
    } cases[] = {
        {0.1, "0.1"},
        {(double)0.1F, "0.10000000149011612"},
        {-1.5, "-1.5"},
        {1e20, "100000000000000000000"},
        {1e21, "1e+21"},
        {123456789012345680000.0, "123456789012345680000"},
        {1.25e21, "1.25e+21"},
        {0.000001, "0.000001"},
        {0.0000001, "1e-7"},
        {1.5e-7, "1.5e-7"},
        {123.456, "123.456"},
        {DBL_MAX, "1.7976931348623157e+308"},
        {DBL_MIN, "2.2250738585072014e-308"},
        {5e-324, "5e-324"},
        {9007199254740993.0, "9007199254740992"},
        {-0.0, "0"},
        {DBL_MAX * 10, "null"},
        {-DBL_MAX * 10, "null"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct buffer out;
        buffer_init(&out, 64);
        json_number_write(&out, cases[i].value);
        assert_string_equal(buffer_text(&out), cases[i].text);
        buffer_release(&out);
    }
}

static void dates_are_written_in_both_forms_of_javascript(void **state)
{
    (void)state;
    static const struct {
        int64_t utc_ms;
        const char *json;
        const char *text;
    } cases[] = {
        {0, "\"1970-01-01T00:00:00.000Z\"",
         "\"Thu Jan 01 1970 00:00:00 GMT+0000 (Coordinated Universal Time)\""},
        {1764078782934, "\"2025-11-25T13:53:02.934Z\"",
         "\"Tue Nov 25 2025 13:53:02 GMT+0000 (Coordinated Universal Time)\""},
        {-1, "\"1969-12-31T23:59:59.999Z\"",
         "\"Wed Dec 31 1969 23:59:59 GMT+0000 (Coordinated Universal Time)\""},
        {951868799999, "\"2000-02-29T23:59:59.999Z\"",
         "\"Tue Feb 29 2000 23:59:59 GMT+0000 (Coordinated Universal Time)\""},
        {-JSON_DATE_MAX_MS, "\"-271821-04-20T00:00:00.000Z\"",
         "\"Tue Apr 20 -271821 00:00:00 GMT+0000 (Coordinated Universal Time)\""},
        {JSON_DATE_MAX_MS + 1, "null", "null"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct buffer out;
        buffer_init(&out, 128);
        json_date_write(&out, cases[i].utc_ms);
        assert_string_equal(buffer_text(&out), cases[i].json);
        buffer_clear(&out);
        json_date_write_long(&out, cases[i].utc_ms);
        assert_string_equal(buffer_text(&out), cases[i].text);
        buffer_release(&out);
    }
}

// A point half way between two doubles rounds to the even one, unless a digit far behind decides.
static void numbers_are_read_exactly_however_many_digits_they_have(void **state)
{
    (void)state;
    assert_true(json_number_read(bytes_text("-1.5e3")) == -1500.0);
    assert_true(json_number_read(bytes_text("0.00")) == 0.0);
    assert_true(json_number_read(bytes_text("9007199254740993")) == 9007199254740992.0);
    assert_true(json_number_read(bytes_text("1e999999999999")) > DBL_MAX);
    assert_true(json_number_read(bytes_text("1e-999999999999")) == 0.0);
    struct buffer text;
    buffer_init(&text, 3000);
    buffer_append_text(&text, "9007199254740993.");
    for (int i = 0; i < 2000; i++) {
        buffer_append_byte(&text, '0');
    }
    assert_true(json_number_read(buffer_bytes(&text)) == 9007199254740992.0);
    buffer_append_text(&text, "1");
    assert_true(json_number_read(buffer_bytes(&text)) == 9007199254740994.0);
    buffer_clear(&text);
    for (int i = 0; i < 1000; i++) {
        buffer_append_byte(&text, i == 0 ? '1' : '0');
    }
    buffer_append_text(&text, "e-999");
    assert_true(json_number_read(buffer_bytes(&text)) == 1.0);
    buffer_release(&text);
}

static void what_the_reference_parser_refuses_is_refused(void **state)
{
    (void)state;
    static const struct bytes bad[] = {
        LITERAL(""),
        LITERAL("\x93\x01\x02\x03"),                 // no map
        LITERAL("\x81\xa3nsp\xa1/"),                 // no type
        LITERAL("\x82\xa4type\x05\xa3nsp\xa1/"),     // type 5
        LITERAL("\x82\xa4type\xff\xa3nsp\xa1/"),     // type -1
        LITERAL("\x82\xa4type\xa1\x30\xa3nsp\xa1/"), // type "0"
        LITERAL("\x81\xa4type\x00"),                 // no nsp
        LITERAL("\x82\xa4type\x00\xa3nsp\x01"),      // nsp 1
        LITERAL("\x82\xa4type\x00\xa3nsp\xa1/\x00"), // more behind it
        LITERAL("\x82\xa4type\x02\xa3nsp\xa1/"),     // no data
        LITERAL(PACKET("\x00") "\x90"),              // CONNECT []
        LITERAL(PACKET("\x00") "\xc0"),              // CONNECT null
        LITERAL(PACKET("\x01") "\x80"),              // DISCONNECT {}
        LITERAL(PACKET("\x02") "\x80"),              // EVENT {}
        LITERAL(PACKET("\x03") "\xa1x"),             // ACK "x"
        LITERAL(PACKET_AND_ID("\xa1\x31")),          // id "1"
        LITERAL(PACKET_AND_ID("\xc0")),              // id null
        LITERAL(PACKET("\x02") "\x91\xc1"),          // the prefix that is never used
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(read_status(bad[i]), LC_ERR_BAD_INPUT);
    }
}

static void what_a_text_cannot_say_is_refused(void **state)
{
    (void)state;
    assert_int_equal(read_status(BYTES("\x82\xa4type\x00\xa3nsp\xa1x")), LC_ERR_BAD_INPUT);
    assert_int_equal(read_status(BYTES("\x82\xa4type\x00\xa3nsp\xa4/a,b")), LC_ERR_BAD_INPUT);
    assert_int_equal(read_status(BYTES(PACKET_AND_ID("\x07"))), LC_OK);
    assert_int_equal(read_status(BYTES(PACKET_AND_ID("\xff"))), LC_ERR_BAD_INPUT);
    assert_int_equal(read_status(BYTES(PACKET_AND_ID("\xcf\x00\x20\x00\x00\x00\x00\x00\x00"))),
                     LC_ERR_BAD_INPUT);
    assert_int_equal(read_status(BYTES(PACKET("\x00") "\x81\xa1"
                                                      "a\xc4\x00")),
                     LC_ERR_BAD_INPUT);
    assert_int_equal(read_status(BYTES(EVENT "\x91\xa2\xc3\x28")), LC_ERR_BAD_INPUT); // not UTF-8
    assert_int_equal(read_status(BYTES(EVENT "\x91\x81\x80\x01")), LC_ERR_BAD_INPUT); // key {}
}

static void a_length_that_the_message_does_not_have_is_refused(void **state)
{
    (void)state;
    static const char *const claims[] = {"\xdb\xff\xff\xff\xff",
                                         "\xdd\xff\xff\xff\xff",
                                         "\xdf\xff\xff\xff\xff",
                                         "\xc6\xff\xff\xff\xff",
                                         "\xc9\xff\xff\xff\xff\x00",
                                         "\xdc\xff\xff",
                                         "\x9f",
                                         "\x8f",
                                         "\xbf",
                                         "\xd8\x01",
                                         "\xcb\x01",
                                         "\xda\xff"};
    for (size_t i = 0; i < sizeof claims / sizeof claims[0]; i++) {
        struct buffer message;
        buffer_init(&message, 100);
        buffer_append(&message, BYTES(EVENT "\x92\xa1"
                                            "a"));
        buffer_append_text(&message, claims[i]);
        assert_int_equal(read_status(buffer_bytes(&message)), LC_ERR_BAD_INPUT);
        buffer_release(&message);
    }
}

static void data_is_read_as_deep_as_json_text_goes(void **state)
{
    (void)state;
    for (size_t depth = 1; depth <= JSON_TEXT_DEPTH_MAX + 1; depth++) {
        struct buffer message;
        struct buffer text;
        struct bytes attachments[ATTACHMENTS_MAX];
        size_t count;
        buffer_init(&message, 200);
        buffer_init(&text, 400);
        buffer_append(&message, BYTES(EVENT "\x92\x07"));
        for (size_t i = 2; i < depth; i++) {
            buffer_append_byte(&message, 0x91);
        }
        buffer_append_byte(&message, 0x90);
        enum lc_status status =
            msgpack_read(buffer_bytes(&message), &text, attachments, ATTACHMENTS_MAX, &count);
        assert_int_equal(status, depth <= JSON_TEXT_DEPTH_MAX ? LC_OK : LC_ERR_BAD_INPUT);
        if (status == LC_OK) {
            assert_true(json_text_is_value(bytes_from(buffer_bytes(&text), 1), -1));
        }
        buffer_release(&message);
        buffer_release(&text);
    }
}

static void the_last_of_two_keys_counts_and_unknown_ones_are_passed_over(void **state)
{
    (void)state;
    assert_read(BYTES("\x87\x01\x81\xc0\x02\xa4type\x00\xa3nsp\xa1/\xa4"
                      "data\x91\xc4\x01x"
                      "\xa4type\x02\xa4"
                      "data\x91\x05\xa7options\x81\xa8"
                      "compress\xc3"),
                "2[5]");
    assert_read(BYTES("\x84\xa4type\x00\xa3nsp\xa1/\xa4"
                      "data\x80\xa4"
                      "data\xd4\x00\x00"),
                "0");
    assert_read(BYTES("\x82\xa4type\xcb\x00\x00\x00\x00\x00\x00\x00\x00\xa3nsp\xa1/"), "0");
}

static void keys_that_are_no_strings_become_such(void **state)
{
    (void)state;
    assert_read(BYTES(EVENT "\x92\x07\x87\x01\x01\xff\x02\xc0\x03\xc3\x04\xd4\x00\x00\x05"
                            "\xcb\x3f\xf8\x00\x00\x00\x00\x00\x00\x06\xa0\x07"),
                "2[7,{\"1\":1,\"-1\":2,\"null\":3,\"true\":4,\"undefined\":5,\"1.5\":6,\"\":7}]");
}

static void unknown_extensions_are_their_type_and_bytes(void **state)
{
    (void)state;
    assert_read(BYTES(EVENT "\x92\x07\xd6\xff"
                            "abcd"),
                "51-[7,[-1,{\"_placeholder\":true,\"num\":0}]]");
}

static void attachments_are_bounded_by_the_caller(void **state)
{
    (void)state;
    assert_int_equal(read_status(BYTES(EVENT "\x95\x07\xc4\x00\xc4\x00\xc4\x00\xc4\x00")), LC_OK);
    assert_int_equal(read_status(BYTES(EVENT "\x96\x07\xc4\x00\xc4\x00\xc4\x00\xc4\x00\xc4\x00")),
                     LC_ERR_FULL);
}

static void a_full_buffer_is_an_answer(void **state)
{
    (void)state;
    struct bytes message = BYTES(EVENT "\x92\xa1"
                                       "a\x9f\xc0\xc0\xc0\xc0\xc0\xc0\xc0\xc0\xc0\xc0\xc0\xc0"
                                       "\xc0\xc0\xc0");
    const size_t text_size = 83;
    const size_t message_size = 20;
    for (size_t size = 0; size <= text_size; size++) {
        struct buffer text;
        size_t count;
        buffer_init(&text, size);
        assert_int_equal(msgpack_read(message, &text, NULL, 0, &count),
                         size < text_size ? LC_ERR_FULL : LC_OK);
        buffer_release(&text);
    }
    for (size_t size = 0; size <= message_size; size++) {
        struct buffer out;
        buffer_init(&out, size);
        assert_int_equal(msgpack_write(bytes_text("2[7]"), NULL, 0, &out),
                         size < message_size ? LC_ERR_FULL : LC_OK);
        buffer_release(&out);
    }
}

static void texts_that_are_no_packets_are_not_written(void **state)
{
    (void)state;
    static const char *const bad[] = {"", "x", "2[", "2[\"a\"", "51-[\"a\"]", "0[]", "2[\"\xff\"]"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct buffer out;
        buffer_init(&out, 100);
        assert_int_equal(msgpack_write(bytes_text(bad[i]), NULL, 0, &out), LC_ERR_BAD_INPUT);
        buffer_release(&out);
    }
}

static void escapes_and_space_of_a_text_leave_no_trace(void **state)
{
    (void)state;
    assert_written("2[ \"n\\u0061me\" , { \"\\ud83d\\ude00\" : [ ] , \"b\" : \"\\n<\" } ]",
                   BYTES("\x83\xa4type\x02\xa4"
                         "data\x92\xa4name\x82\xa4\xf0\x9f\x98\x80\x90\xa1"
                         "b\xa2\n<\xa3nsp\xa1/"));
    assert_read(BYTES(EVENT "\x91\xa2\n<"), "2[\"\\u000a\\u003c\"]");
}

static void long_arrays_have_a_count_of_four_bytes(void **state)
{
    (void)state;
    struct buffer text;
    struct buffer message;
    struct buffer again;
    size_t count;
    buffer_init(&text, MESSAGE_MAX);
    buffer_init(&message, MESSAGE_MAX);
    buffer_init(&again, MESSAGE_MAX);
    buffer_append_text(&text, "2[7,[0");
    for (size_t i = 1; i < 65536; i++) {
        buffer_append_text(&text, ",0");
    }
    buffer_append_text(&text, "]]");
    assert_int_equal(msgpack_write(buffer_bytes(&text), NULL, 0, &message), LC_OK);
    assert_memory_equal(message.data + 12, "\x92\x07\xdd\x00\x01\x00\x00\x00", 8);
    assert_int_equal(msgpack_read(buffer_bytes(&message), &again, NULL, 0, &count), LC_OK);
    assert_true(bytes_equal(buffer_bytes(&again), buffer_bytes(&text)));
    buffer_release(&text);
    buffer_release(&message);
    buffer_release(&again);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(user_data_that_looks_like_a_placeholder_survives_beside_an_attachment),
        cmocka_unit_test(whole_numbers_of_64_bits_keep_their_digits),
        cmocka_unit_test(numbers_take_the_smallest_form_that_holds_their_value),
        cmocka_unit_test(floats_are_written_as_javascript_writes_them),
        cmocka_unit_test(dates_are_written_in_both_forms_of_javascript),
        cmocka_unit_test(numbers_are_read_exactly_however_many_digits_they_have),
        cmocka_unit_test(what_the_reference_parser_refuses_is_refused),
        cmocka_unit_test(what_a_text_cannot_say_is_refused),
        cmocka_unit_test(a_length_that_the_message_does_not_have_is_refused),
        cmocka_unit_test(data_is_read_as_deep_as_json_text_goes),
        cmocka_unit_test(the_last_of_two_keys_counts_and_unknown_ones_are_passed_over),
        cmocka_unit_test(keys_that_are_no_strings_become_such),
        cmocka_unit_test(unknown_extensions_are_their_type_and_bytes),
        cmocka_unit_test(attachments_are_bounded_by_the_caller),
        cmocka_unit_test(a_full_buffer_is_an_answer),
        cmocka_unit_test(texts_that_are_no_packets_are_not_written),
        cmocka_unit_test(escapes_and_space_of_a_text_leave_no_trace),
        cmocka_unit_test(long_arrays_have_a_count_of_four_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
