// Any text as a Socket.IO packet: what is accepted lies inside the text, and its head, written
// again, reads the same.
#include "bridge/socketio/packet.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ATTACHMENTS_MAX = 10, TEXT_MAX = 65536 };

static bool is_inside(struct bytes part, struct bytes whole)
{
    return part.size == 0 ||
           (part.data >= whole.data && part.data + part.size <= whole.data + whole.size);
}

static void check_again(const struct socketio_packet *packet)
{
    struct buffer text;
    struct socketio_packet again;
    buffer_init(&text, 2 * TEXT_MAX);
    packet_write_head(&text, packet->type, packet->attachments, packet->namespace_name, packet->id);
    buffer_append(&text, packet->data);
    // The digit in front is Engine.IO's.
    LC_ASSERT(packet_read(bytes_from(buffer_bytes(&text), 1), ATTACHMENTS_MAX, &again) == LC_OK);
    LC_ASSERT(again.type == packet->type && again.id == packet->id);
    LC_ASSERT(again.attachments == packet->attachments);
    LC_ASSERT(bytes_equal(again.namespace_name, packet->namespace_name));
    LC_ASSERT(bytes_equal(again.data, packet->data));
    buffer_release(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes text = {data, size};
    struct socketio_packet packet;
    if (size > TEXT_MAX || packet_read(text, ATTACHMENTS_MAX, &packet) != LC_OK) {
        return 0;
    }
    LC_ASSERT(packet.attachments <= ATTACHMENTS_MAX);
    LC_ASSERT(packet.namespace_name.size > 0 && packet.namespace_name.size <= NAMESPACE_SIZE_MAX);
    LC_ASSERT(packet.id >= -1);
    LC_ASSERT(is_inside(packet.data, text) && is_inside(packet.name, text) &&
              is_inside(packet.arguments, text));
    struct buffer name;
    buffer_init(&name, size + 1);
    packet_event_name(&packet, &name);
    LC_ASSERT(buffer_status(&name) == LC_OK);
    buffer_release(&name);
    check_again(&packet);
    return 0;
}
