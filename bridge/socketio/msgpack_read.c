#include "bridge/socketio/json_date.h"
#include "bridge/socketio/json_number.h"
#include "bridge/socketio/json_text.h"
#include "bridge/socketio/msgpack.h"
#include "bridge/socketio/msgpack_item.h"
#include "bridge/socketio/packet.h"
#include "lib/json/json_write.h"

struct reader {
    struct msgpack_cursor cursor;
    struct buffer *out;
    struct bytes *attachments;
    size_t attachments_max;
    size_t attachments_count;
};

static void write_unsigned(struct buffer *out, uint64_t value)
{
    buffer_append_format(out, "%llu", (unsigned long long)value);
}

static enum lc_status write_attachment(struct reader *reader, struct bytes bytes, int depth)
{
    if (depth + 1 >= JSON_TEXT_DEPTH_MAX) {
        return LC_ERR_BAD_INPUT;
    }
    if (reader->attachments_count == reader->attachments_max) {
        return LC_ERR_FULL;
    }
    buffer_append_text(reader->out, "{\"_placeholder\":true,\"num\":");
    write_unsigned(reader->out, reader->attachments_count);
    buffer_append_byte(reader->out, '}');
    reader->attachments[reader->attachments_count++] = bytes;
    return LC_OK;
}

// notepack.io gives an unknown extension as an array of its type and bytes.
static enum lc_status write_extension(struct reader *reader, const struct msgpack_item *item,
                                      int depth)
{
    buffer_append_byte(reader->out, '[');
    buffer_append_int64(reader->out, item->signed_number);
    buffer_append_byte(reader->out, ',');
    enum lc_status status = write_attachment(reader, item->bytes, depth + 1);
    buffer_append_byte(reader->out, ']');
    return status;
}

static void write_text(struct buffer *out, struct bytes text)
{
    if (bytes_equal_text(text, "_placeholder")) {
        buffer_append_text(out, "\"\\u005fplaceholder\""); // see the header
    } else {
        json_quote(out, text);
    }
}

// Everything that is no container and no binary data; false for those.
static bool write_scalar(struct buffer *out, const struct msgpack_item *item)
{
    switch (item->kind) {
    case MSGPACK_NIL:
    case MSGPACK_UNDEFINED:
        buffer_append_text(out, "null");
        return true;
    case MSGPACK_FALSE:
    case MSGPACK_TRUE:
        buffer_append_text(out, item->kind == MSGPACK_TRUE ? "true" : "false");
        return true;
    case MSGPACK_UNSIGNED:
        write_unsigned(out, item->number);
        return true;
    case MSGPACK_NEGATIVE:
        buffer_append_int64(out, item->signed_number);
        return true;
    case MSGPACK_FLOAT:
        json_number_write(out, item->real);
        return true;
    case MSGPACK_TEXT:
        json_quote(out, item->bytes);
        return true;
    case MSGPACK_DATE:
        json_date_write(out, item->signed_number);
        return true;
    case MSGPACK_BINARY:
    case MSGPACK_EXTENSION:
    case MSGPACK_ARRAY:
    case MSGPACK_MAP:
        return false;
    }
    return false;
}

// A key with its colon.
static enum lc_status write_key(struct reader *reader)
{
    struct msgpack_item key;
    if (!msgpack_item_take(&reader->cursor, &key) || key.kind == MSGPACK_DATE) {
        return LC_ERR_BAD_INPUT;
    }
    if (key.kind == MSGPACK_TEXT) {
        write_text(reader->out, key.bytes);
    } else if (key.kind == MSGPACK_UNDEFINED) {
        buffer_append_text(reader->out, "\"undefined\"");
    } else {
        buffer_append_byte(reader->out, '"');
        if (!write_scalar(reader->out, &key)) {
            return LC_ERR_BAD_INPUT;
        }
        buffer_append_byte(reader->out, '"');
    }
    buffer_append_byte(reader->out, ':');
    return LC_OK;
}

static enum lc_status write_value(struct reader *reader, int depth);

static bool take_undefined(struct reader *reader)
{
    struct msgpack_cursor ahead = reader->cursor;
    struct msgpack_item item;
    if (!msgpack_item_take(&ahead, &item) || item.kind != MSGPACK_UNDEFINED) {
        return false;
    }
    reader->cursor = ahead;
    return true;
}

static enum lc_status write_map(struct reader *reader, uint64_t pairs, int depth)
{
    struct buffer *out = reader->out;
    buffer_append_byte(out, '{');
    bool needs_comma = false;
    for (uint64_t i = 0; i < pairs; i++) {
        size_t before = out->size;
        if (needs_comma) {
            buffer_append_byte(out, ',');
        }
        enum lc_status status = write_key(reader);
        if (status != LC_OK) {
            return status;
        }
        if (take_undefined(reader)) {
            buffer_truncate(out, before);
            continue;
        }
        status = write_value(reader, depth + 1);
        if (status != LC_OK) {
            return status;
        }
        needs_comma = true;
    }
    buffer_append_byte(out, '}');
    return LC_OK;
}

static enum lc_status write_array(struct reader *reader, uint64_t count, int depth)
{
    buffer_append_byte(reader->out, '[');
    for (uint64_t i = 0; i < count; i++) {
        if (i > 0) {
            buffer_append_byte(reader->out, ',');
        }
        enum lc_status status = write_value(reader, depth + 1);
        if (status != LC_OK) {
            return status;
        }
    }
    buffer_append_byte(reader->out, ']');
    return LC_OK;
}

// Depths are counted as json_text.h counts them, so that it takes what was written.
static enum lc_status write_value(struct reader *reader, int depth)
{
    struct msgpack_item item;
    if (depth >= JSON_TEXT_DEPTH_MAX || !msgpack_item_take(&reader->cursor, &item)) {
        return LC_ERR_BAD_INPUT;
    }
    if (buffer_status(reader->out) != LC_OK) {
        return LC_ERR_FULL;
    }
    if (item.kind == MSGPACK_MAP) {
        return write_map(reader, item.number, depth);
    }
    if (item.kind == MSGPACK_ARRAY) {
        return write_array(reader, item.number, depth);
    }
    if (item.kind == MSGPACK_BINARY) {
        return write_attachment(reader, item.bytes, depth);
    }
    if (item.kind == MSGPACK_EXTENSION) {
        return write_extension(reader, &item, depth);
    }
    (void)write_scalar(reader->out, &item);
    return LC_OK;
}

enum packet_field { FIELD_TYPE, FIELD_NAMESPACE, FIELD_ID, FIELD_DATA };
enum { FIELDS_COUNT = 4 };

// Where the values of the packet's map begin; 0: absent.
static bool find_fields(struct reader *reader, size_t fields[FIELDS_COUNT])
{
    static const char *const names[FIELDS_COUNT] = {
        [FIELD_TYPE] = "type", [FIELD_NAMESPACE] = "nsp", [FIELD_ID] = "id", [FIELD_DATA] = "data"};
    struct msgpack_item map;
    if (!msgpack_item_take(&reader->cursor, &map) || map.kind != MSGPACK_MAP) {
        return false;
    }
    for (uint64_t i = 0; i < map.number; i++) {
        struct msgpack_item key;
        if (!msgpack_item_take(&reader->cursor, &key) || key.kind == MSGPACK_ARRAY ||
            key.kind == MSGPACK_MAP) {
            return false;
        }
        size_t at = reader->cursor.at;
        bool absent = take_undefined(reader);
        if (!absent && !msgpack_item_skip(&reader->cursor)) {
            return false;
        }
        for (size_t field = 0; field < FIELDS_COUNT && key.kind == MSGPACK_TEXT; field++) {
            if (bytes_equal_text(key.bytes, names[field])) {
                fields[field] = absent ? 0 : at;
            }
        }
    }
    return reader->cursor.at == reader->cursor.in.size;
}

static bool field_item(struct reader *reader, size_t field, struct msgpack_item *out_item)
{
    reader->cursor.at = field;
    return field > 0 && msgpack_item_take(&reader->cursor, out_item);
}

// A whole number from 0 to `max`, in whatever form it came.
static bool item_to_whole(const struct msgpack_item *item, int64_t max, int64_t *out_value)
{
    int64_t value = -1;
    if (item->kind == MSGPACK_UNSIGNED && item->number <= (uint64_t)max) {
        value = (int64_t)item->number;
    } else if (item->kind == MSGPACK_FLOAT && !json_number_whole(item->real, &value)) {
        return false;
    }
    if (value < 0 || value > max) {
        return false;
    }
    *out_value = value;
    return true;
}

struct head {
    enum socketio_packet_type type;
    struct bytes namespace_name;
    int64_t id; // -1: none
};

static bool read_head(struct reader *reader, const size_t fields[FIELDS_COUNT], struct head *out)
{
    struct msgpack_item item;
    int64_t type;
    if (!field_item(reader, fields[FIELD_TYPE], &item) ||
        !item_to_whole(&item, SOCKETIO_PACKET_CONNECT_ERROR, &type)) {
        return false;
    }
    out->type = (enum socketio_packet_type)type;
    if (!field_item(reader, fields[FIELD_NAMESPACE], &item) || item.kind != MSGPACK_TEXT ||
        item.bytes.size > NAMESPACE_SIZE_MAX || !bytes_starts_with(item.bytes, bytes_text("/")) ||
        bytes_find(item.bytes, ',', 0) < item.bytes.size) {
        return false;
    }
    out->namespace_name = item.bytes;
    out->id = -1;
    return fields[FIELD_ID] == 0 || (field_item(reader, fields[FIELD_ID], &item) &&
                                     item_to_whole(&item, JSON_NUMBER_WHOLE_MAX, &out->id));
}

// What the reference's parser demands of the data, by its first character.
static bool data_fits(enum socketio_packet_type type, struct bytes data, bool has_attachments)
{
    bool is_map = data.size > 0 && data.data[0] == '{' && !has_attachments;
    switch (type) {
    case SOCKETIO_PACKET_CONNECT:
        return data.size == 0 || is_map;
    case SOCKETIO_PACKET_DISCONNECT:
        return data.size == 0;
    case SOCKETIO_PACKET_CONNECT_ERROR:
        return is_map || (data.size > 0 && data.data[0] == '"');
    case SOCKETIO_PACKET_EVENT:
    case SOCKETIO_PACKET_ACK:
        return data.size > 0 && data.data[0] == '[';
    case SOCKETIO_PACKET_BINARY_EVENT:
    case SOCKETIO_PACKET_BINARY_ACK:
        return false; // msgpack needs no such types
    }
    return false;
}

// Puts the head in front of the data that stands at `begin`.
static enum lc_status insert_head(struct reader *reader, const struct head *head, size_t begin)
{
    bool binary = reader->attachments_count > 0;
    bool has_id = head->type == SOCKETIO_PACKET_EVENT || head->type == SOCKETIO_PACKET_ACK;
    enum socketio_packet_type type = head->type;
    if (binary) {
        type = type == SOCKETIO_PACKET_EVENT ? SOCKETIO_PACKET_BINARY_EVENT
                                             : SOCKETIO_PACKET_BINARY_ACK;
    }
    struct buffer text;
    buffer_init(&text, NAMESPACE_SIZE_MAX + MSGPACK_HEAD_SIZE_MAX);
    packet_write_head(&text, type, reader->attachments_count, head->namespace_name,
                      has_id ? head->id : -1);
    enum lc_status status = buffer_status(&text);
    buffer_insert(reader->out, begin, bytes_from(buffer_bytes(&text), 1)); // without the '4'
    buffer_release(&text);
    return status == LC_OK ? buffer_status(reader->out) : status;
}

enum lc_status msgpack_read(struct bytes message, struct buffer *out_text,
                            struct bytes *attachments, size_t attachments_max,
                            size_t *out_attachments_count)
{
    struct reader reader = {.cursor = {message, 0},
                            .out = out_text,
                            .attachments = attachments,
                            .attachments_max = attachments_max};
    size_t fields[FIELDS_COUNT] = {0};
    struct head head;
    if (!find_fields(&reader, fields) || !read_head(&reader, fields, &head)) {
        return LC_ERR_BAD_INPUT;
    }
    size_t begin = out_text->size;
    if (fields[FIELD_DATA] > 0) {
        reader.cursor.at = fields[FIELD_DATA];
        enum lc_status status = write_value(&reader, 0);
        if (status != LC_OK) {
            return status;
        }
    }
    if (buffer_status(out_text) != LC_OK) {
        return LC_ERR_FULL;
    }
    struct bytes data = bytes_from(buffer_bytes(out_text), begin);
    if (!data_fits(head.type, data, reader.attachments_count > 0)) {
        return LC_ERR_BAD_INPUT;
    }
    enum lc_status status = insert_head(&reader, &head, begin);
    if (status == LC_OK) {
        *out_attachments_count = reader.attachments_count;
    }
    return status;
}
