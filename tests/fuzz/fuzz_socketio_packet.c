// Socket.IO packets: what is accepted has the shape that the server relies on.
#include "bridge/socketio/json_text.h"
#include "bridge/socketio/packet.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_event(const struct socketio_packet *packet)
{
    struct buffer name;
    buffer_init(&name, packet->data.size + 1);
    packet_event_name(packet, &name);
    LC_ASSERT(buffer_status(&name) == LC_OK);
    if (bytes_is_utf8(packet->data)) {
        LC_ASSERT(bytes_is_utf8(buffer_bytes(&name)));
    }
    if (packet->arguments.size > 0) { // in brackets again they are an array
        struct buffer array;
        buffer_init(&array, packet->data.size + 2);
        buffer_append_byte(&array, '[');
        buffer_append(&array, packet->arguments);
        buffer_append_byte(&array, ']');
        LC_ASSERT(json_text_is_value(buffer_bytes(&array), -1));
        buffer_release(&array);
    }
    buffer_release(&name);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct socketio_packet packet;
    if (packet_read(bytes_of(data, size), 10, &packet) != LC_OK) {
        return 0;
    }
    LC_ASSERT(packet.attachments <= 10 && packet.id >= -1);
    LC_ASSERT(packet.namespace_name.size > 0 && packet.namespace_name.data[0] == '/');
    LC_ASSERT(packet.data.size == 0 || json_text_is_value(packet.data, -1));
    if (packet.name.size > 0) {
        check_event(&packet);
    }
    return 0;
}
