// Channels begin with fresh numbers of both sides: who repeats what was recorded earlier does not
// know the one that counts now.
//
//   A: HELLO(a, 0)      B: HELLO(b, a)      A: HELLO(a, b), and all that waits
//
// A has its channel when it hears its own `a`; B when it hears its own `b`, with whatever message.
// Both may begin at once. A side that has a channel and is greeted with another number keeps it until
// the other has proved that it lives, by naming the fresh number that it was asked with.
#include "bridge/relay/state.h"

uint64_t relay_draw(struct relay *relay)
{
    uint64_t value = 0;
    while (value == 0) {
        relay->ops.random(relay->owner, (uint8_t *)&value, sizeof value);
    }
    return value;
}

static void say_hello(struct relay *relay, struct neighbour *peer, uint64_t mine, uint64_t theirs)
{
    struct relay_message message = {
        .kind = RELAY_HELLO, .from_start = mine, .to_start = theirs, .id = relay->start};
    memcpy(message.from, peer->own, RELAY_NODE_SIZE);
    memcpy(message.to, peer->name, RELAY_NODE_SIZE);
    peer->greeted_at_ms = relay_now(relay);
    (void)neighbour_publish(relay, peer, &message);
}

void greeting_begin(struct relay *relay, struct neighbour *peer)
{
    if (neighbour_is_open(peer)) {
        return;
    }
    bool is_new = peer->next_mine == 0;
    if (is_new) {
        peer->next_mine = relay_draw(relay);
        peer->next_theirs = 0;
    }
    if (is_new || relay_now(relay) - peer->greeted_at_ms >= GREETING_PACE_MS) {
        say_hello(relay, peer, peer->next_mine, 0);
    }
    neighbour_schedule(relay, peer);
}

// Both have proved that they live now.
static void begin_channel(struct relay *relay, struct neighbour *peer)
{
    uint64_t mine = peer->next_mine;
    uint64_t theirs = peer->next_theirs;
    if (neighbour_is_open(peer)) { // they have given the former up
        neighbour_reset(relay, peer);
    }
    if (peer->start != peer->next_start) {
        holder_forget_remembered(relay, peer);
        peer->start = peer->next_start;
        peer->all_serial = 0;
    }
    peer->mine = mine;
    peer->theirs = theirs;
    peer->next_mine = 0;
    peer->next_theirs = 0;
    peer->serial_in = 0;
    peer->serial_out = 0;
    peer->heard = 0;
    peer->heard_at_ms = relay_now(relay);
    peer->silent = false;
}

static void use_channel(struct relay *relay, struct neighbour *peer)
{
    note_release_held(relay, peer, true);
    edge_ask_all(relay, peer);
    neighbour_flush(relay, peer);
}

static void take_first(struct relay *relay, struct neighbour *peer,
                       const struct relay_message *message)
{
    if (neighbour_is_open(peer) && peer->theirs == message->from_start) {
        return; // an old one: who is known by this number knows ours
    }
    if (peer->next_theirs != message->from_start) {
        peer->next_mine = peer->next_mine == 0 ? relay_draw(relay) : peer->next_mine;
        peer->next_theirs = message->from_start;
        peer->next_start = message->id;
    }
    say_hello(relay, peer, peer->next_mine, peer->next_theirs);
}

void greeting_take(struct relay *relay, struct neighbour *peer, const struct relay_message *message)
{
    if (message->to_start == 0) {
        take_first(relay, peer, message);
        return;
    }
    bool is_answer = message->to_start == peer->next_mine && peer->next_theirs == 0;
    if (is_answer) {
        peer->next_theirs = message->from_start;
        peer->next_start = message->id;
    }
    if (message->to_start == peer->next_mine && message->from_start == peer->next_theirs) {
        begin_channel(relay, peer);
        if (is_answer) {
            say_hello(relay, peer, peer->mine, peer->theirs);
        }
        use_channel(relay, peer);
    }
}

bool greeting_completes(struct relay *relay, struct neighbour *peer,
                        const struct relay_message *message)
{
    bool completes = peer->next_mine != 0 && peer->next_theirs != 0 &&
                     message->to_start == peer->next_mine &&
                     message->from_start == peer->next_theirs;
    if (completes) {
        begin_channel(relay, peer);
        use_channel(relay, peer);
    }
    return completes;
}
