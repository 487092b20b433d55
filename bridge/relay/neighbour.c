#include <stdlib.h>

#include "bridge/relay/state.h"

// ---- peers ----

struct neighbour *neighbour_find(const struct relay *relay, const char own[RELAY_NODE_SIZE],
                                 const char name[RELAY_NODE_SIZE])
{
    struct neighbour *peer = relay->peers;
    while (peer != NULL && (memcmp(peer->own, own, RELAY_NODE_SIZE) != 0 ||
                            memcmp(peer->name, name, RELAY_NODE_SIZE) != 0)) {
        peer = peer->next;
    }
    return peer;
}

// The place of the one that has said nothing for the longest time.
static void make_place(struct relay *relay)
{
    struct neighbour *oldest = NULL;
    for (struct neighbour *peer = relay->peers; peer != NULL; peer = peer->next) {
        bool is_free =
            !neighbour_is_busy(peer) && peer->remembered.count == 0 && peer->answered.count == 0;
        if (is_free && (oldest == NULL || peer->heard_at_ms < oldest->heard_at_ms)) {
            oldest = peer;
        }
    }
    if (oldest != NULL) {
        neighbour_destroy(relay, oldest);
    }
}

struct neighbour *neighbour_get(struct relay *relay, const char own[RELAY_NODE_SIZE],
                                const char name[RELAY_NODE_SIZE])
{
    struct neighbour *peer = neighbour_find(relay, own, name);
    if (peer != NULL) {
        return peer;
    }
    if (relay->peers_count == PEERS_MAX && relay->pins == 0) {
        make_place(relay);
    }
    bool has_place = relay->peers_count < PEERS_MAX && relay_reserve(relay) == LC_OK;
    peer = has_place ? calloc(1, sizeof *peer) : NULL;
    if (peer == NULL) {
        return NULL;
    }
    peer->due.kind = DUE_PEER;
    memcpy(peer->own, own, RELAY_NODE_SIZE);
    memcpy(peer->name, name, RELAY_NODE_SIZE);
    peer->heard_at_ms = relay_now(relay);
    peer->next = relay->peers;
    relay->peers = peer;
    relay->peers_count++;
    return peer;
}

static void drop_parcels(struct relay *relay, struct neighbour *peer)
{
    while (peer->first != NULL) {
        struct parcel *parcel = peer->first;
        peer->first = parcel->next;
        relay->bodies_bytes -= parcel->size;
        free(parcel);
    }
    peer->last = NULL;
    peer->unsent = NULL;
    peer->flight_bytes = 0;
    peer->counter_out = 0;
    peer->counter_sent = 0;
    peer->acknowledged = 0;
}

void neighbour_destroy(struct relay *relay, struct neighbour *peer)
{
    struct neighbour **link = &relay->peers;
    while (*link != peer) {
        link = &(*link)->next;
    }
    *link = peer->next;
    relay->peers_count--;
    note_release_held(relay, peer, false);
    drop_parcels(relay, peer);
    relay_set_due(relay, &peer->due, DEADLINE_NONE);
    free(peer);
}

void neighbour_wake(struct relay *relay, struct neighbour *peer)
{
    if (!neighbour_is_busy(peer)) {
        peer->heard_at_ms = relay_now(relay);
        peer->silent = false;
    }
    greeting_begin(relay, peer);
}

// ---- out ----

enum lc_status neighbour_publish(struct relay *relay, struct neighbour *peer,
                                 const struct relay_message *message)
{
    if (!relay->is_connected) {
        return LC_ERR_OFFLINE;
    }
    buffer_clear(&relay->message);
    relay_message_write(&relay->message, message);
    relay_seal(relay, &relay->message);
    enum lc_status status = buffer_status(&relay->message);
    if (status == LC_OK) {
        status = relay->ops.publish(relay->owner, peer->name, buffer_bytes(&relay->message));
    }
    if (status == LC_OK) {
        relay->counts.messages_out_total++;
        relay->counts.bytes_out_total += relay->message.size;
        peer->sent_at_ms = relay_now(relay);
        peer->unheard_bytes = 0;
    }
    return status;
}

// On the channel, with its numbers.
static enum lc_status say(struct relay *relay, struct neighbour *peer, struct relay_message message)
{
    memcpy(message.from, peer->own, RELAY_NODE_SIZE);
    memcpy(message.to, peer->name, RELAY_NODE_SIZE);
    message.from_start = peer->mine;
    message.to_start = peer->theirs;
    message.serial = ++peer->serial_out;
    message.heard = peer->heard;
    return neighbour_publish(relay, peer, &message);
}

static enum lc_status say_parcel(struct relay *relay, struct neighbour *peer,
                                 const struct parcel *parcel)
{
    return say(relay, peer,
               (struct relay_message){.kind = parcel->kind,
                                      .flags = parcel->flags,
                                      .counter = parcel->counter,
                                      .id = parcel->id,
                                      .code = parcel->code,
                                      .body = bytes_of(parcel->body, parcel->size)});
}

void neighbour_say_alive(struct relay *relay, struct neighbour *peer, int flags)
{
    (void)say(relay, peer,
              (struct relay_message){
                  .kind = RELAY_ALIVE, .flags = (uint16_t)flags, .counter = peer->counter_sent});
}

void neighbour_flush(struct relay *relay, struct neighbour *peer)
{
    int64_t now_ms = relay_now(relay);
    while (neighbour_is_open(peer) && relay->is_connected && peer->unsent != NULL &&
           now_ms >= peer->blocked_until_ms) {
        struct parcel *parcel = peer->unsent;
        if (peer->flight_bytes > 0 && peer->flight_bytes + parcel->size > WINDOW_BYTES) {
            break;
        }
        if (say_parcel(relay, peer, parcel) != LC_OK) {
            peer->blocked_until_ms = now_ms + BLOCKED_MS;
            break;
        }
        peer->counter_sent = parcel->counter;
        peer->flight_bytes += parcel->size;
        peer->unsent = parcel->next;
    }
    neighbour_schedule(relay, peer);
}

// All that is not heard.
static void repeat(struct relay *relay, struct neighbour *peer)
{
    for (struct parcel *parcel = peer->first; parcel != peer->unsent; parcel = parcel->next) {
        if (say_parcel(relay, peer, parcel) != LC_OK) {
            break; // it will be missed, and demanded
        }
    }
}

static bool queue_part(struct relay *relay, struct neighbour *peer, const struct parcel *like,
                       struct bytes part)
{
    struct parcel *parcel = malloc(sizeof *parcel + part.size);
    if (parcel == NULL) {
        return false;
    }
    *parcel = *like;
    parcel->counter = ++peer->counter_out;
    parcel->size = part.size;
    if (part.size > 0) {
        memcpy(parcel->body, part.data, part.size);
    }
    relay->bodies_bytes += part.size;
    *(peer->last == NULL ? &peer->first : &peer->last->next) = parcel;
    peer->last = parcel;
    peer->unsent = peer->unsent == NULL ? parcel : peer->unsent;
    return true;
}

// Half a message must not go.
static void take_back(struct relay *relay, struct neighbour *peer, uint64_t counter)
{
    struct parcel **link = &peer->first;
    struct parcel *last = NULL;
    while (*link != NULL && (*link)->counter <= counter) {
        last = *link;
        link = &last->next;
    }
    while (*link != NULL) {
        struct parcel *parcel = *link;
        *link = parcel->next;
        relay->bodies_bytes -= parcel->size;
        peer->unsent = peer->unsent == parcel ? NULL : peer->unsent;
        free(parcel);
    }
    peer->last = last;
    peer->counter_out = counter;
}

bool neighbour_send(struct relay *relay, struct neighbour *peer, enum relay_kind kind, int flags,
                    uint64_t id, uint32_t code, struct bytes body)
{
    uint64_t before = peer->counter_out;
    size_t at = 0;
    if (body.size > 0 && !relay_has_room(relay, body.size)) {
        return false;
    }
    do {
        size_t rest = body.size - at;
        size_t size = rest < RELAY_CHUNK_SIZE_MAX ? rest : RELAY_CHUNK_SIZE_MAX;
        int less = (at > 0 ? RELAY_FIRST : 0) | (size < rest ? RELAY_LAST : 0);
        struct parcel like = {
            .kind = kind, .flags = (uint16_t)(flags & ~less), .id = id, .code = code};
        if (!queue_part(relay, peer, &like, bytes_of(bytes_from(body, at).data, size))) {
            take_back(relay, peer, before);
            return false;
        }
        at += size;
    } while (at < body.size);
    neighbour_flush(relay, peer);
    return true;
}

void neighbour_tell(struct relay *relay, struct neighbour *peer, enum relay_kind kind, uint64_t id)
{
    if (!neighbour_send(relay, peer, kind, 0, id, 0, (struct bytes){NULL, 0})) {
        peer->broken = true;
        neighbour_schedule(relay, peer);
    }
}

// ---- in ----

static void on_heard(struct relay *relay, struct neighbour *peer, uint64_t heard)
{
    if (heard <= peer->acknowledged || heard > peer->counter_sent) {
        return;
    }
    peer->acknowledged = heard;
    while (peer->first != NULL && peer->first->counter <= heard) {
        struct parcel *parcel = peer->first;
        peer->first = parcel->next;
        peer->last = peer->first == NULL ? NULL : peer->last;
        peer->flight_bytes -= parcel->size;
        relay->bodies_bytes -= parcel->size;
        free(parcel);
    }
    holder_on_heard(relay, peer);
    edge_on_heard(relay, peer);
    neighbour_flush(relay, peer);
}

static void demand(struct relay *relay, struct neighbour *peer)
{
    int64_t now_ms = relay_now(relay);
    if (now_ms - peer->demanded_at_ms >= AGAIN_PACE_MS) {
        peer->demanded_at_ms = now_ms;
        neighbour_say_alive(relay, peer, RELAY_AGAIN);
    }
}

static void take_alive(struct relay *relay, struct neighbour *peer,
                       const struct relay_message *message)
{
    if (message->counter > peer->heard) {
        demand(relay, peer); // nothing is behind this: what it counts was lost
    }
    if ((message->flags & RELAY_AGAIN) != 0) {
        repeat(relay, peer);
    }
    bool was_told = relay_now(relay) - peer->sent_at_ms < UNHEARD_PACE_MS / 2;
    bool is_behind = message->heard < peer->counter_sent; // or the rest is on its way
    if ((message->flags & RELAY_WANTED) != 0 && (!was_told || is_behind)) {
        neighbour_say_alive(relay, peer, 0);
    }
}

// They speak on a channel that is none: of before, or of after.
static void take_strange(struct relay *relay, struct neighbour *peer)
{
    int64_t now_ms = relay_now(relay);
    relay->counts.strayed_total++;
    if (now_ms - peer->demanded_at_ms < AGAIN_PACE_MS) {
        return;
    }
    peer->demanded_at_ms = now_ms;
    if (neighbour_is_open(peer)) {
        neighbour_say_alive(relay, peer, 0);
    } else {
        greeting_begin(relay, peer);
    }
}

bool neighbour_take(struct relay *relay, struct neighbour *peer,
                    const struct relay_message *message, size_t size)
{
    if (message->kind == RELAY_HELLO) {
        greeting_take(relay, peer, message);
        return false;
    }
    bool is_ours = neighbour_is_open(peer) && message->to_start == peer->mine &&
                   message->from_start == peer->theirs;
    if (!is_ours && !greeting_completes(relay, peer, message)) {
        take_strange(relay, peer);
        return false;
    }
    if (message->serial <= peer->serial_in) {
        relay->counts.strayed_total++;
        return false;
    }
    peer->serial_in = message->serial;
    peer->heard_at_ms = relay_now(relay);
    peer->silent = false;
    on_heard(relay, peer, message->heard);
    if (message->kind == RELAY_ALIVE) {
        take_alive(relay, peer, message);
        return false;
    }
    if (message->counter > peer->heard + 1) {
        demand(relay, peer);
    }
    if (message->counter != peer->heard + 1) {
        return false;
    }
    peer->heard++;
    peer->unheard_bytes += size;
    return true;
}

// ---- time ----

static int64_t silent_at(const struct relay *relay, const struct neighbour *peer,
                         int64_t patience_ms)
{
    int64_t at_ms = peer->heard_at_ms + patience_ms;
    int64_t after_cut_ms = relay->connected_at_ms + AFTER_CUT_MS;
    bool was_cut = peer->heard_at_ms < relay->connected_at_ms;
    return was_cut && at_ms < after_cut_ms ? after_cut_ms : at_ms;
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

// Sooner where something was said and is not heard: it may be lost, and nothing behind it would show.
static int64_t next_word_at(const struct neighbour *peer)
{
    if (!neighbour_is_open(peer)) {
        return peer->greeted_at_ms + GREETING_PACE_MS;
    }
    bool is_unheard = peer->first != NULL && !peer->silent;
    return peer->sent_at_ms + (is_unheard ? UNHEARD_PACE_MS : RELAY_KEEP_ALIVE_MS);
}

void neighbour_schedule(struct relay *relay, struct neighbour *peer)
{
    int64_t at_ms = DEADLINE_NONE;
    bool is_busy = neighbour_is_busy(peer);
    if (peer->broken) {
        at_ms = relay_now(relay);
    } else if (relay->is_connected) {
        if (is_busy) {
            at_ms = next_word_at(peer);
        }
        if (is_busy && !peer->silent) {
            at_ms = earlier(at_ms, silent_at(relay, peer, RELAY_SILENT_MS));
        }
        if (peer->silent && neighbour_is_open(peer)) {
            at_ms = earlier(at_ms, silent_at(relay, peer, RESET_MS));
        }
        if (neighbour_is_open(peer) && peer->unsent != NULL &&
            peer->blocked_until_ms > relay_now(relay)) {
            at_ms = earlier(at_ms, peer->blocked_until_ms);
        }
    }
    relay_set_due(relay, &peer->due, at_ms);
}

static void fall_silent(struct relay *relay, struct neighbour *peer)
{
    peer->silent = true;
    edge_give_up(relay, peer);
    holder_fall_silent(relay, peer);
    if (!neighbour_is_open(peer)) { // the greeting has failed
        peer->next_mine = 0;
        peer->next_theirs = 0;
        note_release_held(relay, peer, false);
        drop_parcels(relay, peer);
    }
}

// A program that was stopped itself must not take its own silence for the other's.
static void excuse_own_absence(struct neighbour *peer, int64_t now_ms)
{
    int64_t late_ms = now_ms - peer->due.deadline.at_ms;
    if (late_ms > LATE_MS) {
        peer->heard_at_ms += late_ms;
    }
}

void neighbour_on_due(struct relay *relay, struct neighbour *peer)
{
    int64_t now_ms = relay_now(relay);
    excuse_own_absence(peer, now_ms);
    if (peer->broken) {
        peer->broken = false;
        neighbour_reset(relay, peer);
    }
    if (relay->is_connected && !peer->silent && neighbour_is_busy(peer) &&
        now_ms >= silent_at(relay, peer, RELAY_SILENT_MS)) {
        fall_silent(relay, peer);
    }
    if (relay->is_connected && peer->silent && neighbour_is_open(peer) &&
        now_ms >= silent_at(relay, peer, RESET_MS)) {
        neighbour_reset(relay, peer);
    }
    neighbour_flush(relay, peer);
    if (relay->is_connected && neighbour_is_busy(peer) && now_ms >= next_word_at(peer)) {
        if (neighbour_is_open(peer)) {
            peer->sent_at_ms = now_ms; // also when it is refused
            neighbour_say_alive(relay, peer, RELAY_WANTED);
        } else {
            greeting_begin(relay, peer);
        }
    }
    neighbour_schedule(relay, peer);
}

void neighbour_reset(struct relay *relay, struct neighbour *peer)
{
    bool was_open = neighbour_is_open(peer);
    peer->mine = 0;
    peer->theirs = 0;
    if (was_open) {
        holder_give_up(relay, peer);
        edge_unask_all(relay, peer);
    }
    drop_parcels(relay, peer);
    peer->serial_in = 0;
    peer->serial_out = 0;
    peer->heard = 0;
    peer->unheard_bytes = 0;
    peer->blocked_until_ms = 0;
    neighbour_schedule(relay, peer);
}
