#include "bridge/socketio/json_number.h"
#include "bridge/socketio/json_text.h"
#include "bridge/socketio/msgpack.h"
#include "bridge/socketio/packet.h"

struct writer {
    struct bytes text; // valid JSON
    size_t at;
    struct buffer *out;
    const struct bytes *attachments;
    size_t attachments_count; // 0: placeholders are plain data
};

// Prefixes of one kind: up to `small_max` the size is part of the prefix.
struct prefixes {
    uint8_t small;
    uint8_t small_max;
    uint8_t by_size[3]; // for a size of 1, 2 and 4 bytes; 0: there is none
};
static const struct prefixes TEXT_PREFIXES = {0xA0, 31, {0xD9, 0xDA, 0xDB}};
static const struct prefixes ARRAY_PREFIXES = {0x90, 15, {0, 0xDC, 0xDD}};
static const struct prefixes MAP_PREFIXES = {0x80, 15, {0, 0xDE, 0xDF}};
static const struct prefixes BINARY_PREFIXES = {0, 0, {0xC4, 0xC5, 0xC6}};

enum { PREFIXED_MAX = 9 };

// A prefix and `size` bytes of the number behind it.
static size_t put_prefixed(uint8_t *out, uint8_t prefix, uint64_t number, size_t size)
{
    out[0] = prefix;
    for (size_t i = 0; i < size; i++) {
        out[1 + i] = (uint8_t)(number >> (8 * (size - 1 - i)));
    }
    return 1 + size;
}

static size_t put_head(uint8_t *out, const struct prefixes *prefixes, size_t count)
{
    if (prefixes->small != 0 && count <= prefixes->small_max) {
        out[0] = (uint8_t)(prefixes->small | count);
        return 1;
    }
    if (prefixes->by_size[0] != 0 && count <= UINT8_MAX) {
        return put_prefixed(out, prefixes->by_size[0], count, 1);
    }
    if (count <= UINT16_MAX) {
        return put_prefixed(out, prefixes->by_size[1], count, 2);
    }
    return put_prefixed(out, prefixes->by_size[2], count, 4);
}

static void insert_head(struct buffer *out, size_t at, const struct prefixes *prefixes,
                        size_t count)
{
    uint8_t head[PREFIXED_MAX];
    buffer_insert(out, at, bytes_of(head, put_head(head, prefixes, count)));
}

static void write_bytes(struct buffer *out, const struct prefixes *prefixes, struct bytes bytes)
{
    insert_head(out, out->size, prefixes, bytes.size);
    buffer_append(out, bytes);
}

static void write_unsigned(struct buffer *out, uint64_t value)
{
    uint8_t bytes[PREFIXED_MAX];
    size_t size;
    if (value < 0x80) {
        bytes[0] = (uint8_t)value;
        size = 1;
    } else if (value <= UINT8_MAX) {
        size = put_prefixed(bytes, 0xCC, value, 1);
    } else if (value <= UINT16_MAX) {
        size = put_prefixed(bytes, 0xCD, value, 2);
    } else if (value <= UINT32_MAX) {
        size = put_prefixed(bytes, 0xCE, value, 4);
    } else {
        size = put_prefixed(bytes, 0xCF, value, 8);
    }
    buffer_append(out, bytes_of(bytes, size));
}

// `magnitude` from 0 to 2^63, of a number that is not positive.
static void write_negative(struct buffer *out, uint64_t magnitude)
{
    uint64_t value = 0 - magnitude; // two's complement
    uint8_t bytes[PREFIXED_MAX];
    size_t size;
    if (magnitude <= 0x20) {
        bytes[0] = (uint8_t)value;
        size = 1;
    } else if (magnitude <= 0x80) {
        size = put_prefixed(bytes, 0xD0, value, 1);
    } else if (magnitude <= 0x8000) {
        size = put_prefixed(bytes, 0xD1, value, 2);
    } else if (magnitude <= 0x80000000) {
        size = put_prefixed(bytes, 0xD2, value, 4);
    } else {
        size = put_prefixed(bytes, 0xD3, value, 8);
    }
    buffer_append(out, bytes_of(bytes, size));
}

static void write_double(struct buffer *out, double value)
{
    int64_t whole;
    if (json_number_whole(value, &whole)) { // 1e2 is the integer 100, as JavaScript has it
        if (whole >= 0) {
            write_unsigned(out, (uint64_t)whole);
        } else {
            write_negative(out, 0 - (uint64_t)whole);
        }
        return;
    }
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    uint8_t bytes[PREFIXED_MAX];
    buffer_append(out, bytes_of(bytes, put_prefixed(bytes, 0xCB, bits, 8)));
}

static int peek_byte(const struct writer *writer)
{
    return writer->at < writer->text.size ? writer->text.data[writer->at] : -1;
}

static void skip_space(struct writer *writer)
{
    int c = peek_byte(writer);
    while (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
        writer->at++;
        c = peek_byte(writer);
    }
}

// Passes a comma or a colon with the space around it.
static void skip_separator(struct writer *writer)
{
    skip_space(writer);
    if (peek_byte(writer) == ',' || peek_byte(writer) == ':') {
        writer->at++;
    }
    skip_space(writer);
}

static struct bytes slice(const struct writer *writer, size_t begin)
{
    return bytes_of(writer->text.data + begin, writer->at - begin);
}

static void write_number(struct writer *writer)
{
    size_t begin = writer->at;
    bool is_integer = true;
    for (int c = peek_byte(writer); c > ' ' && strchr(",]}:", c) == NULL; c = peek_byte(writer)) {
        is_integer = is_integer && c != '.' && c != 'e' && c != 'E';
        writer->at++;
    }
    struct bytes text = slice(writer, begin);
    bool negative = text.size > 0 && text.data[0] == '-';
    uint64_t value;
    if (!is_integer || !bytes_to_uint64(bytes_from(text, negative ? 1 : 0),
                                        negative ? UINT64_C(1) << 63 : UINT64_MAX, &value)) {
        write_double(writer->out, json_number_read(text));
    } else if (negative) {
        write_negative(writer->out, value);
    } else {
        write_unsigned(writer->out, value);
    }
}

static void write_string(struct writer *writer)
{
    size_t begin = writer->at++;
    bool has_escapes = false;
    for (int c = peek_byte(writer); c >= 0 && c != '"'; c = peek_byte(writer)) {
        has_escapes = has_escapes || c == '\\';
        writer->at += c == '\\' ? 2 : 1;
    }
    writer->at++;
    struct bytes text = slice(writer, begin);
    if (!has_escapes) {
        write_bytes(writer->out, &TEXT_PREFIXES, bytes_of(text.data + 1, text.size - 2));
        return;
    }
    size_t at = writer->out->size;
    json_text_unescape(text, writer->out);
    insert_head(writer->out, at, &TEXT_PREFIXES, writer->out->size - at);
}

static void write_value(struct writer *writer);

// What an object's members say about a placeholder, as json_text.h reads them.
struct placeholder {
    bool is_one;
    bool has_num;
    uint64_t num;
};

static void note_member(const struct writer *writer, struct placeholder *note, struct bytes name,
                        struct bytes value)
{
    if (bytes_equal_text(name, "\"_placeholder\"")) {
        note->is_one = bytes_equal_text(value, "true");
    } else if (bytes_equal_text(name, "\"num\"")) {
        note->has_num =
            bytes_to_uint64(value, INT64_MAX, &note->num) && note->num < writer->attachments_count;
    }
}

static void write_object(struct writer *writer)
{
    size_t begin = writer->out->size;
    struct placeholder note = {false, false, 0};
    size_t count = 0;
    writer->at++;
    skip_space(writer);
    while (peek_byte(writer) == '"') {
        size_t name_at = writer->at;
        write_string(writer);
        struct bytes name = slice(writer, name_at);
        skip_separator(writer);
        size_t value_at = writer->at;
        write_value(writer);
        note_member(writer, &note, name, slice(writer, value_at));
        skip_separator(writer);
        count++;
    }
    writer->at++;
    if (note.is_one && note.has_num) {
        buffer_truncate(writer->out, begin);
        write_bytes(writer->out, &BINARY_PREFIXES, writer->attachments[note.num]);
    } else {
        insert_head(writer->out, begin, &MAP_PREFIXES, count);
    }
}

static void write_array(struct writer *writer)
{
    size_t begin = writer->out->size;
    size_t count = 0;
    writer->at++;
    skip_space(writer);
    while (peek_byte(writer) >= 0 && peek_byte(writer) != ']') {
        write_value(writer);
        skip_separator(writer);
        count++;
    }
    writer->at++;
    insert_head(writer->out, begin, &ARRAY_PREFIXES, count);
}

static void write_word(struct writer *writer, size_t size, uint8_t value)
{
    writer->at += size;
    buffer_append_byte(writer->out, value);
}

// The text was found valid: it ends nowhere but where it should, nor is it nested too deep.
static void write_value(struct writer *writer)
{
    switch (peek_byte(writer)) {
    case '{':
        write_object(writer);
        break;
    case '[':
        write_array(writer);
        break;
    case '"':
        write_string(writer);
        break;
    case 't':
        write_word(writer, 4, 0xC3);
        break;
    case 'f':
        write_word(writer, 5, 0xC2);
        break;
    case 'n':
        write_word(writer, 4, 0xC0);
        break;
    default:
        write_number(writer);
    }
}

static enum socketio_packet_type plain_type(enum socketio_packet_type type)
{
    switch (type) {
    case SOCKETIO_PACKET_BINARY_EVENT:
        return SOCKETIO_PACKET_EVENT;
    case SOCKETIO_PACKET_BINARY_ACK:
        return SOCKETIO_PACKET_ACK;
    case SOCKETIO_PACKET_CONNECT:
    case SOCKETIO_PACKET_DISCONNECT:
    case SOCKETIO_PACKET_EVENT:
    case SOCKETIO_PACKET_ACK:
    case SOCKETIO_PACKET_CONNECT_ERROR:
        break;
    }
    return type;
}

static void write_key(struct buffer *out, const char *name)
{
    write_bytes(out, &TEXT_PREFIXES, bytes_text(name));
}

enum lc_status msgpack_write(struct bytes text, const struct bytes *attachments,
                             size_t attachments_count, struct buffer *out_message)
{
    struct socketio_packet packet;
    if (!bytes_is_utf8(text) || packet_read(text, attachments_count, &packet) != LC_OK ||
        packet.attachments != attachments_count) {
        return LC_ERR_BAD_INPUT;
    }
    bool has_data = packet.data.size > 0;
    bool has_id = packet.id >= 0;
    insert_head(out_message, out_message->size, &MAP_PREFIXES,
                (size_t)2 + (has_data ? 1 : 0) + (has_id ? 1 : 0));
    write_key(out_message, "type");
    write_unsigned(out_message, (uint64_t)plain_type(packet.type));
    if (has_data) {
        write_key(out_message, "data");
        struct writer writer = {.text = packet.data,
                                .out = out_message,
                                .attachments = attachments,
                                .attachments_count = attachments_count};
        write_value(&writer);
    }
    if (has_id) {
        write_key(out_message, "id");
        write_unsigned(out_message, (uint64_t)packet.id);
    }
    write_key(out_message, "nsp");
    write_bytes(out_message, &TEXT_PREFIXES, packet.namespace_name);
    return buffer_status(out_message);
}
