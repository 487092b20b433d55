#include "bridge/socketio/legacy.h"

#include "bridge/socketio/json_text.h"
#include "lib/json/json_write.h"

bool legacy_is(const struct socketio_server *server, const struct connection *connection)
{
    return engineio_protocol(server->engine, connection->session) == 3;
}

static int hex_value(uint8_t c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

// application/x-www-form-urlencoded; a lone '%' stands for itself.
static void decode(struct bytes text, struct buffer *out)
{
    for (size_t i = 0; i < text.size; i++) {
        uint8_t c = text.data[i];
        int high = c == '%' && i + 2 < text.size ? hex_value(text.data[i + 1]) : -1;
        int low = high >= 0 ? hex_value(text.data[i + 2]) : -1;
        if (low >= 0) {
            buffer_append_byte(out, (uint8_t)(high << 4 | low));
            i += 2;
        } else {
            buffer_append_byte(out, c == '+' ? ' ' : c);
        }
    }
}

static void append_pair(struct bytes pair, struct buffer *out)
{
    size_t equals = bytes_find(pair, '=', 0);
    struct buffer name;
    struct buffer value;
    buffer_init(&name, pair.size + 1);
    buffer_init(&value, pair.size + 1);
    decode(bytes_of(pair.data, equals), &name);
    decode(bytes_from(pair, equals + 1), &value);
    if (bytes_is_utf8(buffer_bytes(&name)) && bytes_is_utf8(buffer_bytes(&value))) {
        buffer_append_text(out, out->size > 1 ? "," : "");
        json_quote(out, buffer_bytes(&name));
        buffer_append_byte(out, ':');
        json_quote(out, buffer_bytes(&value));
    }
    buffer_release(&name);
    buffer_release(&value);
}

void legacy_split(struct bytes name, struct bytes *out_path, struct buffer *out_auth)
{
    size_t mark = bytes_find(name, '?', 0);
    *out_path = bytes_of(name.data, mark);
    if (mark == name.size) {
        return;
    }
    struct bytes query = bytes_from(name, mark + 1);
    buffer_append_byte(out_auth, '{');
    for (size_t at = 0; at < query.size;) {
        size_t end = bytes_find(query, '&', at);
        if (end > at) {
            append_pair(bytes_of(query.data + at, end - at), out_auth);
        }
        at = end + 1;
    }
    buffer_append_byte(out_auth, '}');
}

struct bytes legacy_sid(struct bytes connection_sid, struct bytes namespace_name_,
                        char out[SID_SIZE_MAX])
{
    size_t size = 0;
    if (!bytes_equal_text(namespace_name_, "/")) {
        LC_ASSERT(namespace_name_.size <= NAMESPACE_SIZE_MAX);
        memcpy(out, namespace_name_.data, namespace_name_.size);
        size = namespace_name_.size;
        out[size++] = '#';
    }
    LC_ASSERT(connection_sid.size == SID_SIZE);
    memcpy(out + size, connection_sid.data, connection_sid.size);
    return bytes_of(out, size + SID_SIZE);
}

struct bytes legacy_error(struct bytes error)
{
    struct bytes data = json_text_member(error, "data");
    struct bytes message = data.size > 0 ? data : json_text_member(error, "message");
    return message.size > 0 ? message : error;
}
