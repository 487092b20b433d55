// Notes of one bridge's application to the others'.
#include <stdlib.h>

#include "bridge/relay/state.h"

static enum lc_status send_to_all(struct relay *relay, struct bytes note)
{
    struct relay_message message = {.kind = RELAY_NOTE,
                                    .flags = RELAY_FIRST | RELAY_LAST,
                                    .from_start = relay->start,
                                    .serial = ++relay->all_serial,
                                    .body = note};
    memcpy(message.from, relay->names[0], RELAY_NODE_SIZE);
    buffer_clear(&relay->message);
    relay_message_write(&relay->message, &message);
    relay_seal(relay, &relay->message);
    enum lc_status status = buffer_status(&relay->message);
    status = status == LC_OK ? relay->ops.publish(relay->owner, NULL, buffer_bytes(&relay->message))
                             : status;
    if (status == LC_OK) {
        relay->counts.messages_out_total++;
        relay->counts.bytes_out_total += relay->message.size;
    }
    return status;
}

enum lc_status relay_send_note(struct relay *relay, int64_t now_ms, const char *node_or_null,
                               struct bytes note)
{
    char node[RELAY_NODE_SIZE + 1] = "";
    relay->now_ms = now_ms > relay->now_ms ? now_ms : relay->now_ms;
    if (note.size > RELAY_NOTE_SIZE_MAX) {
        return LC_ERR_BAD_INPUT;
    }
    if (node_or_null == NULL) {
        return relay->is_connected ? send_to_all(relay, note) : LC_ERR_OFFLINE;
    }
    memcpy(node, node_or_null, RELAY_NODE_SIZE);
    if (!relay_node_is_legal(node) || relay_is_own(relay, node)) {
        return LC_ERR_BAD_INPUT;
    }
    if (!relay->ops.is_alive(relay->owner, node)) {
        return LC_ERR_NOT_FOUND;
    }
    struct neighbour *peer = neighbour_get(relay, relay->names[0], node);
    if (peer == NULL) {
        return LC_ERR_FULL;
    }
    neighbour_wake(relay, peer);
    bool is_queued = neighbour_send(relay, peer, RELAY_NOTE, RELAY_FIRST | RELAY_LAST, 0, 0, note);
    return is_queued ? LC_OK : LC_ERR_FULL;
}

// By a start that has not proved to live now: it is asked, and heard when it answers.
static void hold(struct relay *relay, struct neighbour *peer, const struct relay_message *message)
{
    bool has_room = peer->notes_count < NOTES_HELD_MAX && relay_has_room(relay, message->body.size);
    struct held_note *note = has_room ? malloc(sizeof *note + message->body.size) : NULL;
    if (note == NULL) {
        relay->counts.refused_total++;
        return;
    }
    *note = (struct held_note){
        .start = message->from_start, .serial = message->serial, .size = message->body.size};
    if (note->size > 0) {
        memcpy(note->body, message->body.data, note->size);
    }
    neighbour_wake(relay, peer);
    struct held_note **end = &peer->notes;
    while (*end != NULL) {
        end = &(*end)->next;
    }
    *end = note;
    peer->notes_count++;
    relay->bodies_bytes += note->size;
    neighbour_schedule(relay, peer);
}

static void deliver(struct relay *relay, struct neighbour *peer, uint64_t serial, struct bytes note)
{
    if (serial <= peer->all_serial) {
        relay->counts.strayed_total++;
        return;
    }
    peer->all_serial = serial;
    relay->pins++; // it may send notes itself
    relay->ops.on_note(relay->owner, peer->name, note);
    relay->pins--;
}

void note_take(struct relay *relay, const struct relay_message *message)
{
    struct neighbour *peer = neighbour_get(relay, relay->names[0], message->from);
    if (peer == NULL) {
        relay->counts.refused_total++;
    } else if (peer->start == message->from_start) {
        deliver(relay, peer, message->serial, message->body);
    } else if (neighbour_is_open(peer)) {
        relay->counts.strayed_total++; // of another start than the one that lives
    } else {
        hold(relay, peer, message);
    }
}

void note_release_held(struct relay *relay, struct neighbour *peer, bool is_proved)
{
    struct held_note *note = peer->notes;
    peer->notes = NULL;
    peer->notes_count = 0;
    while (note != NULL) {
        struct held_note *next = note->next;
        if (is_proved && note->start == peer->start) {
            deliver(relay, peer, note->serial, bytes_of(note->body, note->size));
        } else {
            relay->counts.strayed_total++;
        }
        relay->bodies_bytes -= note->size;
        free(note);
        note = next;
    }
}
