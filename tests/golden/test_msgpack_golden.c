// The exact bytes of socket.io-msgpack-parser beside the text of socket.io-parser, both ways; made by
// msgpack/generate.mjs.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka needs the four above first
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "bridge/socketio/msgpack.h"
#include "lib/os/os_file.h"

enum { SIZE_MAX_BYTES = 100000, ATTACHMENTS_MAX = 10, LINES_MIN = 30 };

struct golden_packet {
    struct bytes kind;
    struct bytes text;
    struct buffer message;
    struct buffer attachment_bytes;
    struct bytes attachments[ATTACHMENTS_MAX];
    size_t attachments_count;
};

static int hex_value(uint8_t c)
{
    return c <= '9' ? c - '0' : c - 'a' + 10;
}

static void append_hex(struct buffer *out, struct bytes hex)
{
    for (size_t i = 0; i + 1 < hex.size; i += 2) {
        buffer_append_byte(out,
                           (uint8_t)(hex_value(hex.data[i]) * 16 + hex_value(hex.data[i + 1])));
    }
}

static struct bytes next_part(struct bytes *rest, uint8_t separator)
{
    size_t end = bytes_find(*rest, separator, 0);
    struct bytes part = bytes_of(rest->data, end);
    *rest = bytes_from(*rest, end + 1);
    return part;
}

static void packet_parse(struct bytes line, struct golden_packet *out)
{
    *out = (struct golden_packet){.kind = next_part(&line, '\t')};
    buffer_init(&out->message, SIZE_MAX_BYTES);
    buffer_init(&out->attachment_bytes, SIZE_MAX_BYTES);
    append_hex(&out->message, next_part(&line, '\t'));
    out->text = next_part(&line, '\t');
    size_t sizes[ATTACHMENTS_MAX];
    while (line.size > 0) {
        assert_true(out->attachments_count < ATTACHMENTS_MAX);
        size_t before = out->attachment_bytes.size;
        append_hex(&out->attachment_bytes, next_part(&line, ','));
        sizes[out->attachments_count++] = out->attachment_bytes.size - before;
    }
    size_t at = 0;
    for (size_t i = 0; i < out->attachments_count; i++) {
        out->attachments[i] = bytes_of(out->attachment_bytes.data + at, sizes[i]);
        at += sizes[i];
    }
}

static void packet_release(struct golden_packet *packet)
{
    buffer_release(&packet->message);
    buffer_release(&packet->attachment_bytes);
}

static void check_read(const struct golden_packet *packet)
{
    struct buffer text;
    struct bytes attachments[ATTACHMENTS_MAX];
    size_t count;
    buffer_init(&text, SIZE_MAX_BYTES);
    assert_int_equal(
        msgpack_read(buffer_bytes(&packet->message), &text, attachments, ATTACHMENTS_MAX, &count),
        LC_OK);
    assert_int_equal(text.size, packet->text.size);
    assert_memory_equal(text.data, packet->text.data, text.size);
    assert_int_equal(count, packet->attachments_count);
    for (size_t i = 0; i < count; i++) {
        assert_true(bytes_equal(attachments[i], packet->attachments[i]));
    }
    buffer_release(&text);
}

static void check_write(const struct golden_packet *packet)
{
    struct buffer message;
    buffer_init(&message, SIZE_MAX_BYTES);
    assert_int_equal(
        msgpack_write(packet->text, packet->attachments, packet->attachments_count, &message),
        LC_OK);
    assert_int_equal(message.size, packet->message.size);
    assert_memory_equal(message.data, packet->message.data, message.size);
    buffer_release(&message);
}

static void packets_have_the_bytes_of_the_reference_parser(void **state)
{
    (void)state;
    const char *source = getenv("LOTCAST_SOURCE");
    char path[512];
    snprintf(path, sizeof path, "%s/tests/golden/msgpack/packets.txt",
             source == NULL ? "." : source);
    struct buffer file;
    buffer_init(&file, SIZE_MAX_BYTES);
    assert_int_equal(os_file_read(path, &file), LC_OK);
    struct bytes rest = buffer_bytes(&file);
    size_t lines = 0;
    for (; rest.size > 0; lines++) {
        struct golden_packet packet;
        packet_parse(next_part(&rest, '\n'), &packet);
        if (!bytes_equal_text(packet.kind, "write")) {
            check_read(&packet);
        }
        if (!bytes_equal_text(packet.kind, "read")) {
            check_write(&packet);
        }
        packet_release(&packet);
    }
    assert_true(lines >= LINES_MIN);
    buffer_release(&file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(packets_have_the_bytes_of_the_reference_parser),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
