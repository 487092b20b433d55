// Acknowledgements that wait for their event: nobody is told of a bid before he sees it.
#include "bridge/app/sale_room_parts.h"

// The client is still to be sent the event that the acknowledgement tells of.
static bool is_held(const struct sale_room *room, uint64_t socket, int64_t seq)
{
    const struct viewer *viewer =
        socketio_socket_data(room->app->server, (struct socketio_socket_id){socket});
    return (room->order.is_running && seq > room->order.last_seq) ||
           (viewer != NULL && viewer->awaits_stream);
}

bool sale_room_holds_ack(const struct sale_room *room, uint64_t socket)
{
    const struct held_ack *ack = room->acks;
    while (ack != NULL && ack->socket != socket) {
        ack = ack->next;
    }
    return ack != NULL;
}

void sale_room_ack(struct sale_room *room, uint64_t socket, int64_t ack_id, int64_t seq,
                   struct bytes result)
{
    struct held_ack *ack = NULL;
    if (is_held(room, socket, seq)) {
        ack = malloc(sizeof *ack);
    }
    if (ack == NULL) {
        app_ack(room->app, (struct socketio_socket_id){socket}, ack_id, result);
        return;
    }
    *ack = (struct held_ack){.socket = socket,
                             .ack_id = ack_id,
                             .seq = seq,
                             .deadline_ms = app_now_ms(room->app) + ACK_HOLD_MS};
    buffer_init(&ack->result, result.size);
    buffer_append(&ack->result, result);
    *room->acks_end = ack;
    room->acks_end = &ack->next;
}

// In the pass that follows they come first, behind the event: who has something of his own to hear is
// served before those whom only the room has news for.
void sale_room_release_acks(struct sale_room *room, int64_t now_ms)
{
    struct held_ack **link = &room->acks;
    while (*link != NULL) {
        struct held_ack *ack = *link;
        if (is_held(room, ack->socket, ack->seq) && now_ms < ack->deadline_ms) {
            link = &ack->next;
            continue;
        }
        *link = ack->next;
        app_ack(room->app, (struct socketio_socket_id){ack->socket}, ack->ack_id,
                buffer_bytes(&ack->result));
        buffer_release(&ack->result);
        free(ack);
    }
    room->acks_end = link;
}
