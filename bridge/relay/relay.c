#include "bridge/relay/relay.h"

#include <stdlib.h>

#include "bridge/relay/state.h"

// ---- life ----

enum lc_status relay_create(const struct relay_config *config, struct engineio_server *engine,
                            const struct relay_ops *ops, void *owner, struct relay **out_relay)
{
    struct relay *relay = calloc(1, sizeof *relay);
    if (relay == NULL) {
        return LC_ERR_NO_MEMORY;
    }
    LC_ASSERT(relay_node_is_legal(config->node));
    LC_ASSERT(config->other_keys_count <= RELAY_OTHER_KEYS_MAX);
    relay->config = *config;
    relay->ops = *ops;
    relay->owner = owner;
    relay->engine = engine;
    memcpy(relay->names[0], config->node, RELAY_NODE_SIZE);
    relay->names_count = 1;
    relay->start = relay_draw(relay);
    relay->cut.kind = DUE_CUT;
    slot_table_init(&relay->outbounds, RELAY_EXCHANGES_MAX);
    slot_table_init(&relay->inbounds, RELAY_EXCHANGES_MAX);
    buffer_init(&relay->message, RELAY_HEAD_SIZE + RELAY_CHUNK_SIZE_MAX + RELAY_MAC_SIZE);
    engineio_set_foreign(engine, &edge_ops, relay);
    engineio_set_relay(engine, &holder_ops, relay);
    *out_relay = relay;
    return LC_OK;
}

static void ignore_answer(void *relay, uint64_t exchange, const struct engineio_response *response,
                          bool is_drained)
{
    (void)relay, (void)exchange, (void)response, (void)is_drained;
}

static void ignore_probe(void *relay, uint64_t probe)
{
    (void)relay, (void)probe;
}

static void detach(struct engineio_server *engine)
{
    struct engineio_relay_ops none = {.respond = ignore_answer, .probe_close = ignore_probe};
    engineio_set_foreign(engine, &(struct engineio_foreign_ops){0}, NULL);
    engineio_set_relay(engine, &none, NULL);
}

void relay_destroy(struct relay *relay)
{
    if (relay == NULL) {
        return;
    }
    detach(relay->engine);
    for (uint32_t i = 0; i < relay->outbounds.used; i++) {
        struct outbound *outbound = slot_table_at(&relay->outbounds, i);
        if (outbound != NULL) {
            outbound_end(relay, outbound);
        }
    }
    for (uint32_t i = 0; i < relay->inbounds.used; i++) {
        struct inbound *inbound = slot_table_at(&relay->inbounds, i);
        if (inbound != NULL) {
            inbound_end(relay, inbound);
        }
    }
    while (relay->peers != NULL) {
        neighbour_destroy(relay, relay->peers);
    }
    slot_table_release(&relay->outbounds);
    slot_table_release(&relay->inbounds);
    deadline_heap_release(&relay->deadlines);
    buffer_release(&relay->message);
    free(relay);
}

// ---- names ----

void relay_rename(struct relay *relay, const char node[ENGINEIO_NODE_SIZE])
{
    LC_ASSERT(relay_node_is_legal(node));
    size_t kept = relay->names_count < OWN_NAMES_MAX ? relay->names_count : OWN_NAMES_MAX - 1;
    memmove(relay->names[1], relay->names[0], kept * RELAY_NODE_SIZE);
    memcpy(relay->names[0], node, RELAY_NODE_SIZE);
    relay->names_count = kept + 1;
}

const char *relay_node(const struct relay *relay)
{
    return relay->names[0];
}

bool relay_is_own(const struct relay *relay, const char node[RELAY_NODE_SIZE])
{
    for (size_t i = 0; i < relay->names_count; i++) {
        if (memcmp(relay->names[i], node, RELAY_NODE_SIZE) == 0) {
            return true;
        }
    }
    return false;
}

void relay_draw_sid(struct relay *relay, char out_sid[ENGINEIO_SID_SIZE])
{
    uint8_t random[ENGINEIO_SID_SIZE];
    relay->ops.random(relay->owner, random, sizeof random);
    for (size_t i = 0; i < ENGINEIO_SID_SIZE; i++) {
        out_sid[i] = i < ENGINEIO_NODE_SIZE ? relay->names[0][i] : sid_character(random[i]);
    }
    relay_sign_sid(relay, out_sid);
}

// ---- time and room ----

static void set_now(struct relay *relay, int64_t now_ms)
{
    relay->now_ms = now_ms > relay->now_ms ? now_ms : relay->now_ms;
}

int64_t relay_now(const struct relay *relay)
{
    int64_t engine_ms = engineio_now(relay->engine); // its operations do not say the time
    return engine_ms > relay->now_ms ? engine_ms : relay->now_ms;
}

enum lc_status relay_reserve(struct relay *relay)
{
    return deadline_heap_reserve(&relay->deadlines, relay->peers_count + relay->outbounds.count +
                                                        relay->inbounds.count + 2U);
}

void relay_set_due(struct relay *relay, struct due *due, int64_t at_ms)
{
    deadline_heap_set(&relay->deadlines, &due->deadline, at_ms);
}

bool relay_has_room(const struct relay *relay, size_t size)
{
    return relay->bodies_bytes <= RELAY_BODIES_MAX &&
           size <= RELAY_BODIES_MAX - relay->bodies_bytes;
}

bool relay_gather(struct relay *relay, struct buffer *buffer, struct bytes part)
{
    if (!relay_has_room(relay, part.size)) {
        return false;
    }
    buffer_append(buffer, part);
    if (buffer_status(buffer) != LC_OK) {
        return false;
    }
    relay->bodies_bytes += part.size;
    return true;
}

void relay_drop_gathered(struct relay *relay, struct buffer *buffer)
{
    relay->bodies_bytes -= buffer->size;
    buffer_release(buffer);
}

// Polls of other nodes' sessions, which a bridge that still has its broker could serve.
static void give_polls_back(struct relay *relay)
{
    for (struct neighbour *peer = relay->peers; peer != NULL; peer = peer->next) {
        edge_leave(relay, peer);
        neighbour_flush(relay, peer);
    }
}

void relay_process(struct relay *relay, int64_t now_ms)
{
    set_now(relay, now_ms);
    relay->pins++;
    for (;;) {
        struct deadline *first = deadline_heap_first(&relay->deadlines);
        if (first == NULL || first->at_ms > now_ms) {
            break;
        }
        struct due *due = (struct due *)first;
        switch (due->kind) {
        case DUE_PEER:
            neighbour_on_due(relay, (struct neighbour *)due);
            break;
        case DUE_OUTBOUND:
            edge_on_due(relay, (struct outbound *)due);
            break;
        case DUE_INBOUND:
            holder_on_due(relay, (struct inbound *)due);
            break;
        case DUE_CUT:
            relay_set_due(relay, &relay->cut, now_ms + RELAY_SILENT_MS);
            give_polls_back(relay);
            break;
        }
    }
    relay->pins--;
}

int64_t relay_deadline_ms(const struct relay *relay)
{
    struct deadline *first = deadline_heap_first(&relay->deadlines);
    return first == NULL ? INT64_MAX : first->at_ms;
}

// ---- the broker ----

void relay_broker_state(struct relay *relay, int64_t now_ms, bool is_connected)
{
    set_now(relay, now_ms);
    if (relay->is_connected == is_connected) {
        return;
    }
    relay->is_connected = is_connected;
    relay->connected_at_ms = is_connected ? now_ms : relay->connected_at_ms;
    if (relay_reserve(relay) == LC_OK) {
        relay_set_due(relay, &relay->cut, is_connected ? DEADLINE_NONE : now_ms + RELAY_SILENT_MS);
    }
    relay->pins++;
    for (struct neighbour *peer = relay->peers; peer != NULL; peer = peer->next) {
        if (is_connected && neighbour_is_busy(peer) && neighbour_is_open(peer)) {
            neighbour_say_alive(relay, peer, RELAY_WANTED); // what was lost will be missed
            edge_ask_all(relay, peer);
        } else if (is_connected && neighbour_is_busy(peer)) {
            peer->greeted_at_ms = now_ms - GREETING_PACE_MS;
            greeting_begin(relay, peer);
        }
        neighbour_flush(relay, peer);
    }
    relay->pins--;
}

static void carry_out(struct relay *relay, struct neighbour *peer,
                      const struct relay_message *message)
{
    switch (message->kind) {
    case RELAY_HELLO:
    case RELAY_ALIVE:
        break;
    case RELAY_ASK:
    case RELAY_WRITTEN:
    case RELAY_LOST:
    case RELAY_GONE:
    case RELAY_PROBE:
    case RELAY_READY:
    case RELAY_TAKE:
    case RELAY_DONE:
    case RELAY_FAILED:
    case RELAY_PROBE_GONE:
        holder_take(relay, peer, message);
        break;
    case RELAY_ANSWER:
    case RELAY_FORGOTTEN:
    case RELAY_PROBED:
    case RELAY_STATE:
    case RELAY_PROBE_CLOSE:
        edge_take(relay, peer, message);
        break;
    case RELAY_NOTE:
        relay->ops.on_note(relay->owner, peer->name, message->body);
        break;
    }
}

void relay_take(struct relay *relay, int64_t now_ms, struct bytes sealed)
{
    struct bytes bytes;
    struct relay_message message;
    set_now(relay, now_ms);
    if (!relay_unseal(relay, sealed, &bytes)) {
        relay->counts.forged_total++;
        return;
    }
    if (relay_message_read(bytes, &message) != LC_OK) {
        relay->counts.malformed_total++;
        return;
    }
    if (relay_is_own(relay, message.from)) {
        return; // relay/all comes back to its sender
    }
    relay->counts.messages_in_total++;
    relay->counts.bytes_in_total += sealed.size;
    if (relay_is_to_all(&message)) {
        note_take(relay, &message);
        return;
    }
    if (!relay_is_own(relay, message.to)) {
        relay->counts.malformed_total++;
        return;
    }
    struct neighbour *peer = neighbour_get(relay, message.to, message.from);
    if (peer == NULL) {
        relay->counts.refused_total++;
        return;
    }
    relay->pins++;
    if (neighbour_take(relay, peer, &message, sealed.size)) {
        carry_out(relay, peer, &message);
    }
    relay->pins--;
    if (peer->unheard_bytes > UNHEARD_BYTES) {
        neighbour_say_alive(relay, peer, 0);
    }
    neighbour_flush(relay, peer);
}

void relay_node_died(struct relay *relay, int64_t now_ms, const char node[ENGINEIO_NODE_SIZE])
{
    set_now(relay, now_ms);
    relay->pins++;
    for (struct neighbour *peer = relay->peers; peer != NULL; peer = peer->next) {
        if (memcmp(peer->name, node, RELAY_NODE_SIZE) == 0) {
            peer->silent = true;
            edge_give_up(relay, peer);
            neighbour_reset(relay, peer);
            peer->next_mine = 0;
            peer->next_theirs = 0;
            note_release_held(relay, peer, false);
            neighbour_schedule(relay, peer);
        }
    }
    relay->pins--;
}

void relay_leave(struct relay *relay, int64_t now_ms)
{
    set_now(relay, now_ms);
    give_polls_back(relay);
}

void relay_read_counts(const struct relay *relay, struct relay_counts *out_counts)
{
    *out_counts = relay->counts;
    out_counts->exchanges_out = relay->outbounds.count;
    out_counts->exchanges_in = relay->inbounds.count;
    out_counts->bodies_bytes = relay->bodies_bytes;
}
