// msgpack packets: what is read is a text that packet_read() takes or refuses for its names only;
// written again and read again it is the same text. The first byte chooses the direction.
#include "bridge/socketio/json_text.h"
#include "bridge/socketio/msgpack.h"
#include "bridge/socketio/packet.h"

enum { ATTACHMENTS_MAX = 16 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_round_trip(struct bytes text, const struct bytes *attachments, size_t count)
{
    struct buffer message;
    struct buffer again;
    struct bytes attachments_again[ATTACHMENTS_MAX];
    size_t count_again;
    size_t bytes = 0;
    for (size_t i = 0; i < count; i++) {
        bytes += attachments[i].size;
    }
    buffer_init(&message, text.size * MSGPACK_MESSAGE_GROWTH_MAX + MSGPACK_HEAD_SIZE_MAX + bytes);
    buffer_init(&again, text.size);
    LC_ASSERT(msgpack_write(text, attachments, count, &message) == LC_OK);
    LC_ASSERT(msgpack_read(buffer_bytes(&message), &again, attachments_again, ATTACHMENTS_MAX,
                           &count_again) == LC_OK);
    LC_ASSERT(count_again == count);
    LC_ASSERT(bytes_equal(buffer_bytes(&again), text));
    for (size_t i = 0; i < count; i++) {
        LC_ASSERT(bytes_equal(attachments[i], attachments_again[i]));
    }
    buffer_release(&message);
    buffer_release(&again);
}

static void check_read(struct bytes message)
{
    struct buffer text;
    struct bytes attachments[ATTACHMENTS_MAX];
    size_t count;
    buffer_init(&text, message.size * MSGPACK_TEXT_GROWTH_MAX + MSGPACK_HEAD_SIZE_MAX +
                           (size_t)ATTACHMENTS_MAX * MSGPACK_PLACEHOLDER_SIZE_MAX);
    enum lc_status status = msgpack_read(message, &text, attachments, ATTACHMENTS_MAX, &count);
    LC_ASSERT(status != LC_ERR_FULL || buffer_status(&text) == LC_OK); // of attachments only
    if (status == LC_OK) {
        struct socketio_packet packet;
        if (packet_read(buffer_bytes(&text), ATTACHMENTS_MAX, &packet) == LC_OK) {
            LC_ASSERT(packet.attachments == count);
            check_round_trip(buffer_bytes(&text), attachments, count);
        }
    }
    buffer_release(&text);
}

// A text from elsewhere: its message is read again.
static void check_write(struct bytes text)
{
    struct buffer message;
    struct buffer again;
    struct bytes attachments[ATTACHMENTS_MAX];
    size_t count;
    buffer_init(&message, text.size * MSGPACK_MESSAGE_GROWTH_MAX + MSGPACK_HEAD_SIZE_MAX);
    buffer_init(&again, message.size_max * MSGPACK_TEXT_GROWTH_MAX + MSGPACK_HEAD_SIZE_MAX);
    struct socketio_packet packet;
    enum lc_status status = msgpack_write(text, NULL, 0, &message);
    LC_ASSERT(status != LC_ERR_FULL);
    if (status == LC_OK && packet_read(text, 0, &packet) == LC_OK &&
        (packet.type != SOCKETIO_PACKET_EVENT || packet.data.size > 0)) {
        LC_ASSERT(msgpack_read(buffer_bytes(&message), &again, attachments, ATTACHMENTS_MAX,
                               &count) == LC_OK);
        LC_ASSERT(count == 0);
    }
    buffer_release(&message);
    buffer_release(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0) {
        return 0;
    }
    struct bytes input = bytes_of(data + 1, size - 1);
    if ((data[0] & 1) == 0) {
        check_read(input);
    } else {
        check_write(input);
    }
    return 0;
}
