// Upgrades of a session that is here to a WebSocket at another node: the session goes there.
#include "bridge/relay/state.h"

static uint64_t probe_of(const struct inbound *inbound)
{
    return inbound->slot | ENGINEIO_RELAYED_BIT;
}

static struct inbound *find_slot(const struct relay *relay, uint64_t probe)
{
    return slot_table_find(&relay->inbounds, probe & ~ENGINEIO_RELAYED_BIT);
}

// The engine does what is due before it looks at a call's arguments: they must not be of a record
// that may end by that.
struct sid {
    char text[RELAY_SID_SIZE];
};

static struct sid sid_of(const struct inbound *inbound)
{
    struct sid sid;
    memcpy(sid.text, inbound->sid, RELAY_SID_SIZE);
    return sid;
}

static struct bytes sid_bytes(const struct sid *sid)
{
    return bytes_of(sid->text, RELAY_SID_SIZE);
}

// The probe as it was, when its record has ended.
struct probe {
    struct sid sid;
    uint64_t probe;
    uint64_t id;
    struct neighbour *peer;
    enum inbound_state state;
};

static struct probe end(struct relay *relay, struct inbound *inbound)
{
    struct probe ended = {.sid = sid_of(inbound),
                          .probe = probe_of(inbound),
                          .id = inbound->id,
                          .peer = inbound->peer,
                          .state = inbound->state};
    inbound_end(relay, inbound);
    return ended;
}

// The session stays, or ends when it was on its way.
static void drop(struct relay *relay, struct inbound *inbound)
{
    struct probe ended = end(relay, inbound);
    if (ended.state == INBOUND_FROZEN) {
        relay->counts.moves_failed_total++;
        engineio_export_failed(relay->engine, relay_now(relay), sid_bytes(&ended.sid));
    } else {
        engineio_probe_gone(relay->engine, relay_now(relay), sid_bytes(&ended.sid), ended.probe);
    }
}

static void drop_and_tell(struct relay *relay, struct inbound *inbound)
{
    struct neighbour *peer = inbound->peer;
    uint64_t id = inbound->id;
    drop(relay, inbound);
    neighbour_tell(relay, peer, RELAY_PROBE_CLOSE, id);
}

static void answer_probe(struct relay *relay, struct neighbour *peer, uint64_t id, uint32_t code)
{
    if (!neighbour_send(relay, peer, RELAY_PROBED, 0, id, code, (struct bytes){NULL, 0})) {
        peer->broken = true;
    }
}

static void take_probe(struct relay *relay, struct neighbour *peer,
                       const struct relay_message *message)
{
    struct bytes sid = bytes_of(message->body.data, RELAY_SID_SIZE);
    struct bytes query = bytes_from(message->body, RELAY_SID_SIZE);
    if (message->body.size < RELAY_SID_SIZE) {
        relay->counts.malformed_total++;
        return;
    }
    struct inbound *inbound = inbound_create(relay, peer, message->id);
    if (inbound == NULL) {
        relay->counts.refused_total++;
        answer_probe(relay, peer, message->id, UINT32_MAX);
        return;
    }
    uint64_t probe = probe_of(inbound);
    inbound->is_probe = true;
    inbound->state = INBOUND_PROBING;
    memcpy(inbound->sid, sid.data, RELAY_SID_SIZE);
    enum engineio_probe verdict =
        engineio_probe_begin(relay->engine, relay_now(relay), sid, query, probe);
    inbound = find_slot(relay, probe);
    if (inbound != NULL && verdict != ENGINEIO_PROBE_BEGUN) {
        inbound_end(relay, inbound);
    }
    answer_probe(relay, peer, message->id, (uint32_t)verdict);
}

// ---- packet 5 ----

static void send_state(struct relay *relay, struct inbound *inbound, struct bytes state)
{
    if (!neighbour_send(relay, inbound->peer, RELAY_STATE, RELAY_FIRST | RELAY_LAST, inbound->id, 0,
                        state)) {
        relay->counts.refused_total++;
        drop_and_tell(relay, inbound);
        return;
    }
    relay_set_due(relay, &inbound->due, relay_now(relay) + relay->config.upgrade_timeout_ms);
}

static void try_to_export(struct relay *relay, struct inbound *inbound)
{
    struct buffer state;
    int64_t now_ms = relay_now(relay);
    uint64_t probe = probe_of(inbound);
    struct neighbour *peer = inbound->peer;
    struct sid sid = sid_of(inbound);
    buffer_init(&state, RELAY_BODIES_MAX);
    enum lc_status status = engineio_export(relay->engine, now_ms, sid_bytes(&sid), probe,
                                            bytes_text(peer->name), &state);
    inbound = find_slot(relay, probe);
    if (inbound == NULL) {
        // it has ended meanwhile
    } else if (status == LC_OK) {
        inbound->state = INBOUND_FROZEN;
        send_state(relay, inbound, buffer_bytes(&state));
    } else if (status == LC_ERR_BUSY && now_ms + BUSY_PACE_MS < inbound->take_by_ms) {
        relay_set_due(relay, &inbound->due, now_ms + BUSY_PACE_MS);
    } else {
        relay->counts.moves_failed_total++;
        drop_and_tell(relay, inbound);
    }
    buffer_release(&state);
}

static void take_done(struct relay *relay, struct inbound *inbound, bool is_done)
{
    if (inbound->state != INBOUND_FROZEN) {
        relay->counts.malformed_total++;
    } else if (is_done) {
        struct probe ended = end(relay, inbound);
        relay->counts.moved_out_total++;
        engineio_export_done(relay->engine, relay_now(relay), sid_bytes(&ended.sid));
    } else {
        drop(relay, inbound);
    }
}

// False: not what may come now.
static bool take_step(struct relay *relay, struct inbound *inbound,
                      const struct relay_message *message)
{
    if (message->kind == RELAY_READY && inbound->state == INBOUND_PROBING) {
        struct sid sid = sid_of(inbound);
        engineio_probe_ready(relay->engine, relay_now(relay), sid_bytes(&sid), probe_of(inbound));
    } else if (message->kind == RELAY_TAKE && inbound->state == INBOUND_PROBING) {
        inbound->state = INBOUND_TAKING;
        inbound->take_by_ms = relay_now(relay) + relay->config.upgrade_timeout_ms;
        try_to_export(relay, inbound);
    } else if (message->kind == RELAY_DONE || message->kind == RELAY_FAILED) {
        take_done(relay, inbound, message->kind == RELAY_DONE);
    } else if (message->kind == RELAY_PROBE_GONE) {
        drop(relay, inbound);
    } else {
        return false;
    }
    return true;
}

void holder_move_take(struct relay *relay, struct neighbour *peer, struct inbound *inbound,
                      const struct relay_message *message)
{
    bool is_first = message->kind == RELAY_PROBE;
    if (is_first && inbound == NULL) {
        take_probe(relay, peer, message);
    } else if (is_first || !inbound->is_probe || !take_step(relay, inbound, message)) {
        relay->counts.malformed_total++;
    }
}

void holder_move_on_probe_close(void *owner, uint64_t probe)
{
    struct relay *relay = owner;
    struct inbound *inbound = find_slot(relay, probe);
    if (inbound != NULL && inbound->is_probe) {
        struct probe ended = end(relay, inbound);
        relay->counts.moves_failed_total += ended.state == INBOUND_FROZEN ? 1 : 0;
        neighbour_tell(relay, ended.peer, RELAY_PROBE_CLOSE, ended.id);
    }
}

void holder_move_on_due(struct relay *relay, struct inbound *inbound)
{
    if (inbound->state == INBOUND_TAKING) {
        try_to_export(relay, inbound);
    } else {
        drop_and_tell(relay, inbound); // nobody has confirmed that it lives there
    }
}

void holder_move_give_up(struct relay *relay, struct inbound *inbound, bool is_silent)
{
    if (!is_silent) {
        drop(relay, inbound);
    } else if (inbound->state != INBOUND_FROZEN) {
        drop_and_tell(relay, inbound);
    }
}
