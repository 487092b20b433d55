// Compressed messages, out and in again.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka needs the four above first
#include <cmocka.h>

#include "bridge/websocket/ws_reader.h"

enum { MESSAGE_MAX = 5000 };

// A server's frames as a client would send them.
static void mask_frames(struct bytes frames, struct buffer *out)
{
    uint8_t first;
    struct bytes payload;
    while (ws_frame_next(&frames, &first, &payload)) {
        assert_true(payload.size < 65536);
        buffer_append_byte(out, first);
        buffer_append_byte(out, payload.size < 126 ? (uint8_t)(0x80 | payload.size) : 0x80 | 126);
        if (payload.size >= 126) {
            buffer_append_byte(out, (uint8_t)(payload.size >> 8));
            buffer_append_byte(out, (uint8_t)payload.size);
        }
        buffer_append(out, bytes_of("\0\0\0\0", 4));
        buffer_append(out, payload);
    }
}

// All messages in one text, read in pieces of `piece` bytes; ends with the code of a fault.
static void read_messages(const struct ws_deflate_terms *terms, struct bytes in, size_t piece,
                          struct buffer *out)
{
    struct ws_reader reader;
    enum ws_event event = WS_MORE;
    ws_reader_init(&reader, terms, MESSAGE_MAX);
    buffer_clear(out);
    while (in.size > 0 && event != WS_BAD) {
        size_t used;
        event =
            ws_reader_feed(&reader, bytes_of(in.data, in.size < piece ? in.size : piece), &used);
        in = bytes_from(in, used);
        if (event == WS_MESSAGE) {
            buffer_append(out, ws_reader_message(&reader));
            buffer_append_byte(out, '|');
        }
    }
    if (event == WS_BAD) {
        buffer_append_format(out, "%d", ws_reader_code(&reader));
    }
    ws_reader_release(&reader);
}

static void add_message(struct buffer *frames, struct buffer *texts, size_t size, char fill)
{
    struct buffer text;
    buffer_init(&text, 10000);
    for (size_t i = 0; i < size; i++) {
        buffer_append_byte(&text, (uint8_t)(i % 7 == 0 ? fill : 'a' + (int)(i * i % 5)));
    }
    ws_frame_append(frames, WS_FIN | WS_OPCODE_TEXT, buffer_bytes(&text));
    buffer_append(texts, buffer_bytes(&text));
    buffer_append_byte(texts, '|');
    buffer_release(&text);
}

static void messages_survive_compression_with_and_without_context(void **state)
{
    (void)state;
    for (int forgets = 0; forgets < 2; forgets++) {
        struct ws_deflate_config config = {.is_on = true, .bytes_min = 100};
        struct ws_deflate_terms terms = {.is_on = true, .client_forgets = forgets == 1};
        struct ws_deflater *deflater = ws_deflater_create(&config, forgets == 1 ? 9 : 0);
        struct buffer frames, texts, compressed, masked, again;
        buffer_init(&frames, 1 << 20), buffer_init(&texts, 1 << 20),
            buffer_init(&compressed, 1 << 20);
        buffer_init(&masked, 1 << 20), buffer_init(&again, 1 << 20);
        add_message(&frames, &texts, 3000, 'x');
        add_message(&frames, &texts, 10, 'y');
        add_message(&frames, &texts, 3000, 'x');
        add_message(&frames, &texts, MESSAGE_MAX, 'z');
        assert_int_equal(
            ws_deflater_rewrite(deflater, forgets == 1, buffer_bytes(&frames), &compressed), LC_OK);
        assert_true(compressed.size < frames.size / 2);
        mask_frames(buffer_bytes(&compressed), &masked);
        for (size_t piece = 1; piece <= masked.size; piece = piece * 2 + 1) {
            read_messages(&terms, buffer_bytes(&masked), piece, &again);
            assert_string_equal(buffer_text(&again), buffer_text(&texts));
        }
        buffer_release(&frames), buffer_release(&texts), buffer_release(&compressed);
        buffer_release(&masked), buffer_release(&again);
        ws_deflater_destroy(deflater);
    }
}

static void small_messages_and_control_frames_are_left_as_they_are(void **state)
{
    (void)state;
    struct ws_deflate_config config = {.is_on = true};
    struct ws_deflater *deflater = ws_deflater_create(&config, 0);
    struct buffer frames, texts, out;
    buffer_init(&frames, 1 << 20), buffer_init(&texts, 1 << 20), buffer_init(&out, 1 << 20);
    add_message(&frames, &texts, WS_DEFLATE_BYTES_MIN - 1, 'x');
    ws_frame_append_close(&frames, 1000);
    assert_int_equal(ws_deflater_rewrite(deflater, false, buffer_bytes(&frames), &out), LC_OK);
    assert_true(bytes_equal(buffer_bytes(&out), buffer_bytes(&frames)));
    add_message(&frames, &texts, WS_DEFLATE_BYTES_MIN, 'x');
    buffer_clear(&out);
    assert_int_equal(ws_deflater_rewrite(deflater, false, buffer_bytes(&frames), &out), LC_OK);
    assert_true(out.size < frames.size);
    buffer_release(&frames), buffer_release(&texts), buffer_release(&out);
    ws_deflater_destroy(deflater);
    ws_deflater_destroy(NULL);
}

static void a_message_that_is_too_large_only_when_decompressed_is_refused(void **state)
{
    (void)state;
    struct ws_deflate_config config = {.is_on = true};
    struct ws_deflate_terms terms = {.is_on = true};
    struct ws_deflater *deflater = ws_deflater_create(&config, 0);
    struct buffer frames, texts, compressed, masked, again;
    buffer_init(&frames, 1 << 20), buffer_init(&texts, 1 << 20), buffer_init(&compressed, 1 << 20);
    buffer_init(&masked, 1 << 20), buffer_init(&again, 1 << 20);
    add_message(&frames, &texts, MESSAGE_MAX + 1, 'x');
    assert_int_equal(ws_deflater_rewrite(deflater, false, buffer_bytes(&frames), &compressed),
                     LC_OK);
    mask_frames(buffer_bytes(&compressed), &masked);
    read_messages(&terms, buffer_bytes(&masked), masked.size, &again);
    assert_string_equal(buffer_text(&again), "1009");
    buffer_release(&frames), buffer_release(&texts), buffer_release(&compressed);
    buffer_release(&masked), buffer_release(&again);
    ws_deflater_destroy(deflater);
}

static void assert_read(struct bytes payload, const char *expected)
{
    struct ws_deflate_terms terms = {.is_on = true};
    struct buffer frames, masked, again;
    buffer_init(&frames, 1000), buffer_init(&masked, 1000), buffer_init(&again, 1000);
    ws_frame_append(&frames, WS_FIN | WS_RSV1 | WS_OPCODE_TEXT, payload);
    ws_frame_append(&frames, WS_FIN | WS_OPCODE_TEXT, bytes_text("next"));
    mask_frames(buffer_bytes(&frames), &masked);
    read_messages(&terms, buffer_bytes(&masked), 3, &again);
    assert_string_equal(buffer_text(&again), expected);
    buffer_release(&frames), buffer_release(&masked), buffer_release(&again);
}

static void the_examples_of_the_standard_are_read_and_nonsense_is_refused(void **state)
{
    (void)state;
    assert_read(bytes_of("\xf2\x48\xcd\xc9\xc9\x07\x00", 7), "Hello|next|");
    assert_read(bytes_of("\x00\x05\x00\xfa\xff\x48\x65\x6c\x6c\x6f\x00", 11),
                "Hello|next|");                                                  // not compressed
    assert_read(bytes_of("\xf3\x48\xcd\xc9\xc9\x07\x00\x00", 8), "Hello|next|"); // a final block
    assert_read(bytes_of("\xf2\x48\x05\x00\x00\x00\xff\xff\xca\xc9\xc9\x07\x00", 13),
                "Hello|next|"); // two blocks
    assert_read(bytes_of("\x00", 1), "|next|");
    assert_read(bytes_of("\xff\xff\xff", 3), "1007");
    assert_read(bytes_of("", 0), "1007");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_survive_compression_with_and_without_context),
        cmocka_unit_test(small_messages_and_control_frames_are_left_as_they_are),
        cmocka_unit_test(a_message_that_is_too_large_only_when_decompressed_is_refused),
        cmocka_unit_test(the_examples_of_the_standard_are_read_and_nonsense_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
