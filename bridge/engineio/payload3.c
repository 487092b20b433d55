#include "bridge/engineio/payload3.h"

#include "bridge/engineio/base64.h"

enum { LENGTH_END = 0xff, DIGITS_MAX = 10 };

struct payload3_reader payload3_reader_on(struct bytes body, bool octets)
{
    return (struct payload3_reader){.body = body, .octets = octets};
}

static enum lc_status read_base64(struct bytes text, struct buffer *scratch,
                                  struct engineio_packet *out_packet)
{
    if (text.size == 0 || text.data[0] < '0' || text.data[0] > '6') {
        return LC_ERR_BAD_INPUT;
    }
    buffer_clear(scratch);
    enum lc_status status = base64_decode(bytes_from(text, 1), scratch);
    if (status == LC_OK) {
        *out_packet = (struct engineio_packet){(enum engineio_packet_type)(text.data[0] - '0'),
                                               true, buffer_bytes(scratch)};
    }
    return status;
}

enum lc_status packet3_read_text(struct bytes text, struct buffer *scratch,
                                 struct engineio_packet *out_packet)
{
    if (text.size > 0 && text.data[0] == 'b') {
        return read_base64(bytes_from(text, 1), scratch, out_packet);
    }
    return packet_read_text(text, scratch, out_packet);
}

enum lc_status packet3_read_binary(struct bytes data, struct engineio_packet *out_packet)
{
    if (data.size == 0 || data.data[0] > ENGINEIO_NOOP) {
        return LC_ERR_BAD_INPUT;
    }
    *out_packet = (struct engineio_packet){(enum engineio_packet_type)data.data[0], true,
                                           bytes_from(data, 1)};
    return LC_OK;
}

// Code units of UTF-16 that the sequence beginning with `lead` becomes; 0 inside a sequence.
static size_t units_of(uint8_t lead)
{
    if ((lead & 0xC0) == 0x80) {
        return 0;
    }
    return lead >= 0xF0 ? 2 : 1;
}

size_t payload3_utf16_length(struct bytes utf8)
{
    size_t length = 0;
    for (size_t i = 0; i < utf8.size; i++) {
        length += units_of(utf8.data[i]);
    }
    return length;
}

// The bytes at the beginning of `text` that are `length` code units; false when there are fewer, or
// a pair would be cut.
static bool take_units(struct bytes text, uint64_t length, struct bytes *out_taken)
{
    size_t at = 0;
    while (at < text.size) {
        size_t units = units_of(text.data[at]);
        if (units > length) {
            break;
        }
        length -= units;
        at++;
    }
    if (length > 0) {
        return false;
    }
    *out_taken = bytes_of(text.data, at);
    return true;
}

static enum lc_status next_text(struct payload3_reader *reader, struct buffer *scratch,
                                struct engineio_packet *out_packet)
{
    if (reader->at == 0 && !bytes_is_utf8(reader->body)) {
        return LC_ERR_BAD_INPUT;
    }
    struct bytes rest = bytes_from(reader->body, reader->at);
    size_t colon = bytes_find(rest, ':', 0);
    uint64_t length;
    struct bytes packet;
    if (colon == rest.size || colon > DIGITS_MAX ||
        !bytes_to_uint64(bytes_of(rest.data, colon), rest.size, &length) ||
        !take_units(bytes_from(rest, colon + 1), length, &packet)) {
        return LC_ERR_BAD_INPUT;
    }
    reader->at += colon + 1 + packet.size;
    if (packet.size == 0) {
        *out_packet = (struct engineio_packet){ENGINEIO_NOOP, false, {NULL, 0}};
        return LC_OK;
    }
    return packet3_read_text(packet, scratch, out_packet);
}

// Digits are bytes 0 to 9, ended by LENGTH_END; returns the bytes read, 0 when they are no length.
static size_t read_octet_length(struct bytes from, size_t *out_length)
{
    size_t length = 0;
    for (size_t i = 0; i < from.size && i <= DIGITS_MAX; i++) {
        if (from.data[i] == LENGTH_END) {
            *out_length = length;
            return i == 0 ? 0 : i + 1;
        }
        if (from.data[i] > 9) {
            return 0;
        }
        length = length * 10 + from.data[i];
    }
    return 0;
}

static enum lc_status next_octets(struct payload3_reader *reader, struct buffer *scratch,
                                  struct engineio_packet *out_packet)
{
    struct bytes rest = bytes_from(reader->body, reader->at);
    if (rest.size == 0 || rest.data[0] > 1) {
        return LC_ERR_BAD_INPUT;
    }
    bool binary = rest.data[0] == 1;
    size_t length;
    size_t head = read_octet_length(bytes_from(rest, 1), &length);
    if (head == 0 || length > rest.size - 1 - head) {
        return LC_ERR_BAD_INPUT;
    }
    struct bytes packet = bytes_of(rest.data + 1 + head, length);
    reader->at += 1 + head + length;
    if (binary) {
        return packet3_read_binary(packet, out_packet);
    }
    if (packet.size == 0) {
        *out_packet = (struct engineio_packet){ENGINEIO_NOOP, false, {NULL, 0}};
        return LC_OK;
    }
    return bytes_is_utf8(packet) ? packet3_read_text(packet, scratch, out_packet)
                                 : LC_ERR_BAD_INPUT;
}

enum lc_status payload3_next(struct payload3_reader *reader, struct buffer *scratch,
                             struct engineio_packet *out_packet)
{
    LC_ASSERT(!reader->at_end);
    enum lc_status status = reader->octets ? next_octets(reader, scratch, out_packet)
                                           : next_text(reader, scratch, out_packet);
    reader->at_end = reader->at == reader->body.size;
    return status;
}

// ---- writing ----

void payload3_append_text(struct buffer *body, struct bytes text)
{
    buffer_append_int64(body, (int64_t)payload3_utf16_length(text));
    buffer_append_byte(body, ':');
    buffer_append(body, text);
}

void payload3_append_base64(struct buffer *body, struct bytes data)
{
    buffer_append_int64(body, (int64_t)(2 + base64_size(data.size)));
    buffer_append_text(body, ":b4");
    base64_append(body, data);
}

static void append_octets_head(struct buffer *body, bool binary, size_t size)
{
    uint8_t head[PAYLOAD3_OVERHEAD_MAX];
    size_t at = sizeof head;
    head[--at] = LENGTH_END;
    do {
        head[--at] = (uint8_t)(size % 10);
        size /= 10;
    } while (size > 0);
    head[--at] = binary ? 1 : 0;
    buffer_append(body, bytes_of(head + at, sizeof head - at));
}

void payload3_append_text_octets(struct buffer *body, struct bytes text)
{
    append_octets_head(body, false, text.size);
    buffer_append(body, text);
}

void payload3_append_binary_octets(struct buffer *body, struct bytes data)
{
    append_octets_head(body, true, 1 + data.size);
    buffer_append_byte(body, ENGINEIO_MESSAGE);
    buffer_append(body, data);
}
