#include "bridge/socketio/packet.h"

#include "bridge/socketio/json_text.h"

#define ID_MAX UINT64_C(9007199254740991) // 2^53 - 1: above it the reference server loses digits

static const char *const RESERVED_NAMES[] = {"connect",       "connect_error", "disconnect",
                                             "disconnecting", "newListener",   "removeListener"};

static size_t digits_end(struct bytes text, size_t at)
{
    while (at < text.size && text.data[at] >= '0' && text.data[at] <= '9') {
        at++;
    }
    return at;
}

static struct bytes part(struct bytes text, size_t begin, size_t end)
{
    return bytes_of(text.data + begin, end - begin);
}

static bool is_binary(enum socketio_packet_type type)
{
    return type == SOCKETIO_PACKET_BINARY_EVENT || type == SOCKETIO_PACKET_BINARY_ACK;
}

// Attachments, namespace and id; `*at` moves to the payload.
static bool read_head(struct bytes text, size_t attachments_max, size_t *at,
                      struct socketio_packet *packet)
{
    uint64_t number;
    if (is_binary(packet->type)) {
        size_t end = digits_end(text, *at);
        if (end == text.size || text.data[end] != '-' ||
            !bytes_to_uint64(part(text, *at, end), attachments_max, &number) || number == 0) {
            return false;
        }
        packet->attachments = (size_t)number;
        *at = end + 1;
    }
    packet->namespace_name = bytes_text("/");
    if (*at < text.size && text.data[*at] == '/') {
        size_t end = bytes_find(text, ',', *at);
        packet->namespace_name = part(text, *at, end);
        *at = end < text.size ? end + 1 : end;
        if (bytes_find(packet->namespace_name, '?', 0) > NAMESPACE_SIZE_MAX) {
            return false;
        }
    }
    packet->id = -1;
    size_t end = digits_end(text, *at);
    if (end > *at) {
        if (!bytes_to_uint64(part(text, *at, end), ID_MAX, &number)) {
            return false;
        }
        packet->id = (int64_t)number;
        *at = end;
    }
    return true;
}

static bool name_is_allowed(struct bytes name)
{
    if (name.size == 0 || (name.data[0] != '"' && name.data[0] != '-' &&
                           !(name.data[0] >= '0' && name.data[0] <= '9'))) {
        return false;
    }
    if (name.data[0] != '"') {
        return true;
    }
    struct buffer text;
    buffer_init(&text, 64);
    json_text_unescape(name, &text);
    bool allowed = true;
    for (size_t i = 0; i < sizeof RESERVED_NAMES / sizeof RESERVED_NAMES[0]; i++) {
        allowed = allowed && !bytes_equal_text(buffer_bytes(&text), RESERVED_NAMES[i]);
    }
    buffer_release(&text);
    return allowed;
}

static bool is_json_of(struct bytes data, char first, int64_t placeholders_below)
{
    return data.size > 0 && data.data[0] == (uint8_t)first &&
           json_text_is_value(data, placeholders_below);
}

static bool read_data(struct socketio_packet *packet)
{
    int64_t below = is_binary(packet->type) ? (int64_t)packet->attachments : -1;
    switch (packet->type) {
    case SOCKETIO_PACKET_CONNECT:
        return packet->data.size == 0 || is_json_of(packet->data, '{', -1);
    case SOCKETIO_PACKET_DISCONNECT:
        return packet->data.size == 0;
    case SOCKETIO_PACKET_CONNECT_ERROR:
        return is_json_of(packet->data, '{', -1) || is_json_of(packet->data, '"', -1);
    case SOCKETIO_PACKET_ACK:
    case SOCKETIO_PACKET_BINARY_ACK:
        return is_json_of(packet->data, '[', below);
    case SOCKETIO_PACKET_EVENT:
    case SOCKETIO_PACKET_BINARY_EVENT:
        if (packet->data.size == 0 && packet->type == SOCKETIO_PACKET_EVENT) {
            return true; // tolerated, and nothing happens
        }
        if (!is_json_of(packet->data, '[', below)) {
            return false;
        }
        json_text_first(packet->data, &packet->name, &packet->arguments);
        return name_is_allowed(packet->name);
    }
    return false;
}

enum lc_status packet_read(struct bytes text, size_t attachments_max,
                           struct socketio_packet *out_packet)
{
    if (text.size == 0 || text.data[0] < '0' || text.data[0] > '6') {
        return LC_ERR_BAD_INPUT;
    }
    struct socketio_packet packet = {.type = (enum socketio_packet_type)(text.data[0] - '0')};
    size_t at = 1;
    if (!read_head(text, attachments_max, &at, &packet)) {
        return LC_ERR_BAD_INPUT;
    }
    packet.data = bytes_from(text, at);
    if (!read_data(&packet)) {
        return LC_ERR_BAD_INPUT;
    }
    *out_packet = packet;
    return LC_OK;
}

void packet_event_name(const struct socketio_packet *packet, struct buffer *out)
{
    if (packet->name.size > 0 && packet->name.data[0] == '"') {
        json_text_unescape(packet->name, out);
    } else {
        buffer_append(out, packet->name);
    }
}

void packet_write_head(struct buffer *out, enum socketio_packet_type type, size_t attachments,
                       struct bytes namespace_name, int64_t id)
{
    buffer_append_byte(out, '4');
    buffer_append_byte(out, (uint8_t)('0' + (int)type));
    if (is_binary(type)) {
        buffer_append_int64(out, (int64_t)attachments);
        buffer_append_byte(out, '-');
    }
    if (!bytes_equal_text(namespace_name, "/")) {
        buffer_append(out, namespace_name);
        buffer_append_byte(out, ',');
    }
    if (id >= 0) {
        buffer_append_int64(out, id);
    }
}
