// Engine.IO v3 payloads, text and octets, and JSONP: whatever is read is read to the end, and what
// is written is read back the same. The first byte chooses.
#include "bridge/engineio/jsonp.h"
#include "bridge/engineio/payload3.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect_same(struct payload3_reader *reader, struct buffer *scratch, struct bytes data,
                        bool binary)
{
    struct engineio_packet packet;
    LC_ASSERT(payload3_next(reader, scratch, &packet) == LC_OK);
    LC_ASSERT(packet.binary == binary && packet.type == ENGINEIO_MESSAGE);
    LC_ASSERT(bytes_equal(packet.data, data));
}

static void check_written(struct bytes data, bool binary, bool octets)
{
    struct buffer body;
    struct buffer scratch;
    struct buffer text;
    buffer_init(&body, 1 << 22);
    buffer_init(&scratch, 1 << 22);
    buffer_init(&text, 1 << 22);
    buffer_append_byte(&text, '4');
    buffer_append(&text, data);
    for (int i = 0; i < 2; i++) {
        if (!binary && octets) {
            payload3_append_text_octets(&body, buffer_bytes(&text));
        } else if (!binary) {
            payload3_append_text(&body, buffer_bytes(&text));
        } else if (octets) {
            payload3_append_binary_octets(&body, data);
        } else {
            payload3_append_base64(&body, data);
        }
    }
    struct payload3_reader reader = payload3_reader_on(buffer_bytes(&body), octets);
    expect_same(&reader, &scratch, data, binary);
    expect_same(&reader, &scratch, data, binary);
    LC_ASSERT(reader.at_end);
    buffer_release(&body);
    buffer_release(&scratch);
    buffer_release(&text);
}

static void check_payload(struct bytes body, bool octets)
{
    struct buffer scratch;
    buffer_init(&scratch, 1000);
    struct payload3_reader reader = payload3_reader_on(body, octets);
    struct engineio_packet packet;
    size_t packets = 0;
    while (!reader.at_end && payload3_next(&reader, &scratch, &packet) == LC_OK) {
        LC_ASSERT(packet.data.size <= body.size && ++packets <= body.size);
        if (packet.type == ENGINEIO_MESSAGE) {
            check_written(packet.data, packet.binary, false);
            check_written(packet.data, packet.binary, true);
        }
    }
    buffer_release(&scratch);
}

static void check_jsonp(struct bytes form)
{
    struct buffer out;
    buffer_init(&out, 1 << 23);
    if (jsonp_read_form(form, &out) == LC_OK) {
        LC_ASSERT(out.size <= form.size);
    }
    buffer_clear(&out);
    jsonp_append(&out, bytes_of(form.data, form.size < 4 ? form.size : 4), form);
    LC_ASSERT(buffer_status(&out) == LC_OK);
    struct bytes call = buffer_bytes(&out);
    size_t begin = bytes_find(call, '(', 0);
    for (size_t i = 0; i + 3 < call.size; i++) { // one string literal, to its end
        LC_ASSERT(call.data[i] >= 0x20);
        LC_ASSERT(i <= begin + 1 || call.data[i] != '"' || call.data[i - 1] == '\\');
        LC_ASSERT(call.data[i] != 0xe2 || call.data[i + 1] != 0x80 ||
                  (call.data[i + 2] & 0xfe) != 0xa8);
    }
    buffer_release(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0) {
        return 0;
    }
    struct bytes body = bytes_of(data + 1, size - 1);
    switch (data[0] % 4) {
    case 0:
        check_payload(body, false);
        break;
    case 1:
        check_payload(body, true);
        break;
    case 2:
        check_jsonp(body);
        break;
    default:
        if (bytes_is_utf8(body)) {
            check_written(body, false, false);
            check_written(body, false, true);
        }
        check_written(body, true, false);
        check_written(body, true, true);
    }
    return 0;
}
