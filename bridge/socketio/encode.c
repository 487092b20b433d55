// Packets as frames.
#include "bridge/socketio/state.h"
#include "lib/json/json_write.h"

static struct frame *frame_of(struct socketio_server *server, struct bytes text)
{
    struct frame *frame = NULL;
    if (frame_create(false, &text, 1, &frame) != LC_OK) {
        return NULL;
    }
    frame->order = engineio_next_order(server->engine);
    server->newest_order = frame->order;
    return frame;
}

static struct frame *frame_of_text(struct socketio_server *server)
{
    return buffer_status(&server->text) == LC_OK ? frame_of(server, buffer_bytes(&server->text))
                                                 : NULL;
}

// Hangs the attachments behind their head; without memory for all of them there is no packet.
static struct frame *attach(struct frame *head, const struct bytes *attachments, size_t count)
{
    struct frame *last = head;
    for (size_t i = 0; head != NULL && i < count; i++) {
        if (frame_create(true, &attachments[i], 1, &last->attached) != LC_OK) {
            frame_destroy(head);
            return NULL;
        }
        last = last->attached;
        last->order = head->order;
    }
    return head;
}

struct frame *frame_of_packet(struct socketio_server *server, struct bytes head,
                              const struct bytes *attachments, size_t count)
{
    return attach(frame_of(server, head), attachments, count);
}

struct frame *packet_frame(struct socketio_server *server, enum socketio_packet_type type,
                           struct bytes namespace_name, int64_t id, const struct bytes *json,
                           size_t json_count)
{
    buffer_clear(&server->text);
    packet_write_head(&server->text, type, 0, namespace_name, id);
    for (size_t i = 0; i < json_count; i++) {
        buffer_append(&server->text, json[i]);
    }
    return frame_of_text(server);
}

struct frame *ack_frame(struct socketio_server *server, struct bytes namespace_name, int64_t id,
                        struct bytes arguments, const struct bytes *attachments, size_t count)
{
    buffer_clear(&server->text);
    packet_write_head(&server->text, count > 0 ? SOCKETIO_PACKET_BINARY_ACK : SOCKETIO_PACKET_ACK,
                      count, namespace_name, id);
    buffer_append_byte(&server->text, '[');
    buffer_append(&server->text, arguments);
    buffer_append_byte(&server->text, ']');
    return attach(frame_of_text(server), attachments, count);
}

struct frame *event_frame(struct socketio_server *server, struct bytes namespace_name, int64_t id,
                          const struct socketio_emission *emission, struct bytes offset)
{
    size_t count = emission->attachments_count;
    struct buffer *text = &server->text;
    buffer_clear(text);
    packet_write_head(text, count > 0 ? SOCKETIO_PACKET_BINARY_EVENT : SOCKETIO_PACKET_EVENT, count,
                      namespace_name, id);
    buffer_append_byte(text, '[');
    json_quote(text, emission->event);
    if (emission->arguments.size > 0) {
        buffer_append_byte(text, ',');
        buffer_append(text, emission->arguments);
    }
    if (offset.size > 0) {
        buffer_append_text(text, ",\"");
        buffer_append(text, offset);
        buffer_append_byte(text, '"');
    }
    buffer_append_byte(text, ']');
    struct frame *frame = attach(frame_of_text(server), emission->attachments, count);
    if (frame != NULL) {
        frame->is_volatile = emission->is_volatile;
        frame->goes_alone = emission->is_volatile;
        frame->no_compress = emission->no_compress;
        for (struct frame *next = frame->attached; next != NULL; next = next->attached) {
            next->no_compress = emission->no_compress;
        }
    }
    return frame;
}
