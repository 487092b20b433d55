// The frames of a client, cut at every place.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka needs the four above first
#include <cmocka.h>

#include "bridge/websocket/ws_reader.h"

enum { MESSAGE_MAX = 1000 };

static const struct ws_deflate_terms PLAIN = {.is_on = false};

// A client's frames, made of pieces.
static void add_frame(struct buffer *out, uint8_t first, struct bytes payload)
{
    static const uint8_t mask[4] = {0x11, 0xA5, 0x00, 0xFE};
    size_t size_bytes = payload.size < 126 ? 0 : payload.size < 65536 ? 2 : 8;
    buffer_append_byte(out, first);
    buffer_append_byte(out, (uint8_t)(0x80 | (size_bytes == 0   ? payload.size
                                              : size_bytes == 2 ? 126
                                                                : 127)));
    for (size_t i = size_bytes; i > 0; i--) {
        buffer_append_byte(out, (uint8_t)((uint64_t)payload.size >> (8 * (i - 1))));
    }
    buffer_append(out, bytes_of(mask, 4));
    for (size_t i = 0; i < payload.size; i++) {
        buffer_append_byte(out, payload.data[i] ^ mask[i % 4]);
    }
}

static void add_text(struct buffer *out, uint8_t first, const char *payload)
{
    add_frame(out, first, bytes_text(payload));
}

static void note_event(struct buffer *heard, enum ws_event event, const struct ws_reader *reader)
{
    switch (event) {
    case WS_MORE:
        return;
    case WS_MESSAGE:
        buffer_append_text(heard, ws_reader_is_binary(reader) ? "b:" : "t:");
        buffer_append(heard, ws_reader_message(reader));
        break;
    case WS_PING:
    case WS_PONG:
        buffer_append_text(heard, event == WS_PING ? "ping:" : "pong:");
        buffer_append(heard, ws_reader_control(reader));
        break;
    case WS_CLOSE:
    case WS_BAD:
        buffer_append_format(heard, "%s:%d", event == WS_CLOSE ? "close" : "bad",
                             ws_reader_code(reader));
        break;
    }
    buffer_append_byte(heard, ' ');
}

// Reads in pieces of `piece` bytes up to the end, a close or a fault.
static void hear(const struct ws_deflate_terms *terms, struct bytes in, size_t piece,
                 struct buffer *heard)
{
    struct ws_reader reader;
    enum ws_event event = WS_MORE;
    ws_reader_init(&reader, terms, MESSAGE_MAX);
    buffer_clear(heard);
    while (in.size > 0 && event != WS_CLOSE && event != WS_BAD) {
        size_t used;
        event =
            ws_reader_feed(&reader, bytes_of(in.data, in.size < piece ? in.size : piece), &used);
        in = bytes_from(in, used);
        note_event(heard, event, &reader);
    }
    ws_reader_release(&reader);
}

static void assert_heard(const struct buffer *frames, const char *expected)
{
    struct buffer heard;
    buffer_init(&heard, 100000);
    for (size_t piece = 1; piece <= frames->size; piece += piece > 40 ? 97 : 1) {
        hear(&PLAIN, buffer_bytes(frames), piece, &heard);
        assert_string_equal(buffer_text(&heard), expected);
    }
    buffer_release(&heard);
}

static void assert_alone(uint8_t first, struct bytes payload, const char *expected)
{
    struct buffer frames;
    buffer_init(&frames, 100000);
    add_frame(&frames, first, payload);
    assert_heard(&frames, expected);
    buffer_release(&frames);
}

static void messages_are_the_same_however_they_are_cut(void **state)
{
    (void)state;
    struct buffer frames;
    buffer_init(&frames, 10000);
    add_text(&frames, 0x81, "hello");
    add_text(&frames, 0x82, "\x01\xff");
    add_text(&frames, 0x81, "");
    add_text(&frames, 0x81, "gr\xc3\xbc\xc3\x9f \xf0\x9f\x98\x80");
    assert_heard(&frames, "t:hello b:\x01\xff t: t:gr\xc3\xbc\xc3\x9f \xf0\x9f\x98\x80 ");
    buffer_release(&frames);
}

static void fragments_are_one_message_and_control_frames_go_between_them(void **state)
{
    (void)state;
    struct buffer frames;
    buffer_init(&frames, 10000);
    add_text(&frames, 0x01, "a\xc3");
    add_text(&frames, 0x89, "p");
    add_text(&frames, 0x00, "");
    add_text(&frames, 0x8A, "q");
    add_text(&frames, 0x00, "\xbc");
    add_text(&frames, 0x80, "c");
    add_text(&frames, 0x88,
             "\x03\xe8"
             "bye");
    assert_heard(&frames, "ping:p pong:q t:a\xc3\xbc"
                          "c close:1000 ");
    buffer_release(&frames);
}

static void large_frames_use_the_longer_sizes_and_the_limit_itself_is_accepted(void **state)
{
    (void)state;
    static uint8_t big[70000];
    struct buffer frames;
    char expected[MESSAGE_MAX + 8] = "t:";
    memset(big, 'x', sizeof big);
    memset(expected + 2, 'x', MESSAGE_MAX);
    expected[MESSAGE_MAX + 2] = ' ';
    assert_alone(0x81, bytes_of(big, MESSAGE_MAX), expected);
    assert_alone(0x81, bytes_of(big, MESSAGE_MAX + 1), "bad:1009 ");
    assert_alone(0x82, bytes_of(big, sizeof big), "bad:1009 ");
    buffer_init(&frames, 10000);
    add_frame(&frames, 0x01, bytes_of(big, MESSAGE_MAX));
    add_text(&frames, 0x80, "x");
    assert_heard(&frames, "bad:1009 ");
    buffer_release(&frames);
}

static void a_frame_that_announces_too_much_is_refused_before_it_comes(void **state)
{
    (void)state;
    static const uint8_t far[] = {0x82, 0xFF, 0, 0, 0, 0, 0xFF, 0, 0, 0, 1, 2, 3, 4};
    static const uint8_t negative[] = {0x82, 0xFF, 0x80, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4};
    struct buffer frames;
    buffer_init(&frames, 100);
    buffer_append(&frames, bytes_of(far, sizeof far));
    assert_heard(&frames, "bad:1009 ");
    buffer_clear(&frames);
    buffer_append(&frames, bytes_of(negative, sizeof negative));
    assert_heard(&frames, "bad:1002 ");
    buffer_release(&frames);
}

static void frames_that_no_client_may_send_are_refused(void **state)
{
    (void)state;
    static const uint8_t bad_first[] = {0xC1, 0xA1, 0x91, 0x83, 0x87, 0x8B,
                                        0x8F, 0x80, 0x00, 0x09, 0x08, 0xC9};
    for (size_t i = 0; i < sizeof bad_first; i++) {
        assert_alone(bad_first[i], bytes_text("x"), "bad:1002 ");
    }
    static const uint8_t unmasked[] = {0x81, 0x01, 'x'};
    struct buffer frames;
    buffer_init(&frames, 1000);
    buffer_append(&frames, bytes_of(unmasked, sizeof unmasked));
    assert_heard(&frames, "bad:1002 ");
    buffer_clear(&frames);
    add_text(&frames, 0x01, "a");
    add_text(&frames, 0x81, "b"); // instead of a continuation
    assert_heard(&frames, "bad:1002 ");
    buffer_release(&frames);
    uint8_t long_ping[126] = {0};
    assert_alone(0x89, bytes_of(long_ping, 126), "bad:1002 ");
    char expected[140] = "ping:";
    memset(long_ping, 'y', 125);
    memset(expected + 5, 'y', 125);
    expected[130] = ' ';
    assert_alone(0x89, bytes_of(long_ping, 125), expected);
}

static void a_text_that_is_none_is_refused_as_soon_as_that_is_decided(void **state)
{
    (void)state;
    const char *bad[] = {"\xff", "\xc0\xaf", "a\xed\xa0\x80", "\xf4\x90\x80\x80",
                         "\x80", "\xe2\x82", "\xc3"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_alone(0x81, bytes_text(bad[i]), "bad:1007 ");
        assert_alone(0x88, bytes_text(bad[i]), strlen(bad[i]) == 1 ? "bad:1002 " : "bad:1002 ");
    }
    struct ws_reader reader;
    struct buffer frames;
    size_t used;
    buffer_init(&frames, 1000);
    add_text(&frames, 0x01, "ab\xed\xa0zzzz");
    ws_reader_init(&reader, &PLAIN, MESSAGE_MAX);
    assert_int_equal(ws_reader_feed(&reader, bytes_of(frames.data, 6 + 4), &used), WS_BAD);
    assert_int_equal(ws_reader_code(&reader), 1007);
    ws_reader_release(&reader);
    buffer_release(&frames);
}

static void close_codes_are_checked(void **state)
{
    (void)state;
    const struct {
        int code;
        bool is_legal;
    } cases[] = {{0, false},    {999, false},  {1000, true},  {1001, true},  {1003, true},
                 {1004, false}, {1005, false}, {1006, false}, {1007, true},  {1011, true},
                 {1014, true},  {1015, false}, {1100, false}, {2999, false}, {3000, true},
                 {4999, true},  {5000, false}, {65535, false}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint8_t payload[] = {(uint8_t)(cases[i].code >> 8), (uint8_t)cases[i].code, 'o', 'k'};
        char expected[20];
        snprintf(expected, sizeof expected, "%s:%d ", cases[i].is_legal ? "close" : "bad",
                 cases[i].is_legal ? cases[i].code : 1002);
        assert_alone(0x88, bytes_of(payload, sizeof payload), expected);
        assert_alone(0x88, bytes_of(payload, 2), expected);
    }
    assert_alone(0x88, bytes_text(""), "close:1005 ");
    assert_alone(0x88, bytes_text("\x03"), "bad:1002 ");
    assert_alone(0x88, bytes_text("\x03\xe8\xc3"), "bad:1007 ");
}

static void memory_is_held_only_while_a_message_comes(void **state)
{
    (void)state;
    struct ws_reader reader;
    struct buffer frames;
    size_t used;
    buffer_init(&frames, 1000);
    add_text(&frames, 0x81, "hello");
    ws_reader_init(&reader, &PLAIN, MESSAGE_MAX);
    assert_false(ws_reader_is_waiting(&reader));
    assert_int_equal(ws_reader_feed(&reader, bytes_of(frames.data, frames.size - 1), &used),
                     WS_MORE);
    assert_true(ws_reader_is_waiting(&reader));
    assert_true(ws_reader_bytes(&reader) > 0);
    assert_int_equal(ws_reader_feed(&reader, bytes_from(buffer_bytes(&frames), used), &used),
                     WS_MESSAGE);
    assert_false(ws_reader_is_waiting(&reader));
    ws_reader_forget_message(&reader);
    assert_int_equal(ws_reader_bytes(&reader), 0);
    assert_true(sizeof reader < 400); // of each idle WebSocket
    ws_reader_release(&reader);
    buffer_release(&frames);
}

static void a_servers_frames_are_written_and_read_again(void **state)
{
    (void)state;
    static uint8_t big[70000];
    const size_t sizes[] = {0, 1, 125, 126, 65535, 65536};
    struct buffer out;
    buffer_init(&out, 1 << 20);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        ws_frame_append(&out, (uint8_t)(0x81 + i % 2), bytes_of(big, sizes[i]));
    }
    struct bytes rest = buffer_bytes(&out);
    uint8_t first;
    struct bytes payload;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        assert_true(ws_frame_next(&rest, &first, &payload));
        assert_int_equal(first, 0x81 + i % 2);
        assert_int_equal(payload.size, sizes[i]);
    }
    assert_int_equal(rest.size, 0);
    assert_false(ws_frame_next(&rest, &first, &payload));
    buffer_clear(&out);
    ws_frame_append_close(&out, 1009);
    ws_frame_append_close(&out, WS_CLOSE_NO_CODE);
    assert_true(bytes_equal(buffer_bytes(&out), bytes_of("\x88\x02\x03\xf1\x88\x00", 6)));
    buffer_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_are_the_same_however_they_are_cut),
        cmocka_unit_test(fragments_are_one_message_and_control_frames_go_between_them),
        cmocka_unit_test(large_frames_use_the_longer_sizes_and_the_limit_itself_is_accepted),
        cmocka_unit_test(a_frame_that_announces_too_much_is_refused_before_it_comes),
        cmocka_unit_test(frames_that_no_client_may_send_are_refused),
        cmocka_unit_test(a_text_that_is_none_is_refused_as_soon_as_that_is_decided),
        cmocka_unit_test(close_codes_are_checked),
        cmocka_unit_test(memory_is_held_only_while_a_message_comes),
        cmocka_unit_test(a_servers_frames_are_written_and_read_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
