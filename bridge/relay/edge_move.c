// Upgrades whose WebSocket is here: its first words are answered here, and with packet 5 the session
// comes.
#include "bridge/relay/state.h"

void edge_move_abandon(struct relay *relay, struct outbound *outbound, enum engineio_error error,
                       bool is_told)
{
    struct neighbour *peer = outbound->peer;
    uint64_t id = outbound->id;
    bool must_tell = !is_told && outbound->counter != 0;
    switch (outbound->state) {
    case OUTBOUND_BODY:
        break;
    case OUTBOUND_ASKED:
        relay->counts.unknown_total += error == ENGINEIO_UNKNOWN_SID ? 1 : 0;
        engineio_foreign_refuse(relay->engine, outbound->exchange, true, error);
        break;
    case OUTBOUND_PROBING:
    case OUTBOUND_TAKING:
        relay->counts.moves_failed_total += outbound->state == OUTBOUND_TAKING ? 1 : 0;
        engineio_foreign_close(relay->engine, outbound->ws, WS_CLOSE_NO_CODE);
        break;
    case OUTBOUND_LIVING: // its old holder may have ended it: there must not be two of it
        relay->counts.moves_failed_total++;
        must_tell = false;
        engineio_end(relay->engine, outbound->session, ENGINEIO_TRANSPORT_ERROR);
        break;
    }
    outbound_end(relay, outbound);
    if (must_tell) {
        neighbour_tell(relay, peer, RELAY_PROBE_GONE, id);
    }
}

static void wait_for(struct relay *relay, struct outbound *outbound, enum outbound_state state)
{
    outbound->state = state;
    relay_set_due(relay, &outbound->due, relay_now(relay) + relay->config.upgrade_timeout_ms);
}

static void take_probed(struct relay *relay, struct outbound *outbound, uint32_t code)
{
    bool is_begun = code == ENGINEIO_PROBE_BEGUN;
    if (!is_begun && code != ENGINEIO_PROBE_LATE) {
        enum engineio_error error = code == ENGINEIO_PROBE_UNKNOWN ? ENGINEIO_UNKNOWN_SID
                                    : code == ENGINEIO_PROBE_BAD   ? ENGINEIO_BAD_REQUEST
                                                                   : ENGINEIO_UNAVAILABLE;
        edge_move_abandon(relay, outbound, error, true);
        return;
    }
    uint64_t ws = engineio_foreign_accept(relay->engine, outbound->exchange);
    if (ws == 0 && is_begun) {
        neighbour_tell(relay, outbound->peer, RELAY_PROBE_GONE, outbound->id);
    }
    if (ws == 0) {
        outbound_end(relay, outbound);
        return;
    }
    outbound->ws = ws;
    wait_for(relay, outbound, OUTBOUND_PROBING);
    if (!is_begun) {
        edge_move_abandon(relay, outbound, ENGINEIO_UNAVAILABLE, true);
    }
}

// What the client said behind its packet 5 belongs to the session that has come.
static void deliver_frames(struct relay *relay, struct engineio_session_id session, uint64_t ws,
                           struct bytes frames)
{
    while (frames.size > 0) {
        size_t size;
        bool is_binary = frames.data[0] == 1;
        memcpy(&size, frames.data + 1, sizeof size);
        engineio_ws_message(relay->engine, relay_now(relay), session, ws, is_binary,
                            bytes_of(frames.data + 1 + sizeof size, size));
        frames = bytes_from(frames, 1 + sizeof size + size);
    }
}

static void bring_to_life(struct relay *relay, struct outbound *outbound)
{
    struct engineio_session_id session;
    struct neighbour *peer = outbound->peer;
    uint64_t id = outbound->id;
    uint64_t ws = outbound->ws;
    enum lc_status status = engineio_import(relay->engine, relay_now(relay),
                                            buffer_bytes(&outbound->answer), ws, &session);
    if (status != LC_OK) {
        relay->counts.moves_failed_total++;
        engineio_foreign_close(relay->engine, ws, WS_CLOSE_NO_CODE);
        outbound_end(relay, outbound);
        neighbour_tell(relay, peer, RELAY_FAILED, id);
        return;
    }
    struct buffer frames = outbound->frames;
    buffer_init(&outbound->frames, 0);
    relay_drop_gathered(relay, &outbound->answer);
    outbound->session = session;
    outbound->counter = peer->counter_out + 1;
    peer->living_count++;
    wait_for(relay, outbound, OUTBOUND_LIVING);
    neighbour_tell(relay, peer, RELAY_DONE, id);
    deliver_frames(relay, session, ws, buffer_bytes(&frames));
    relay_drop_gathered(relay, &frames);
}

static void take_state(struct relay *relay, struct outbound *outbound,
                       const struct relay_message *message)
{
    if (outbound->state != OUTBOUND_TAKING) {
        relay->counts.malformed_total++;
    } else if (!relay_gather(relay, &outbound->answer, message->body)) {
        relay->counts.refused_total++;
        edge_move_abandon(relay, outbound, ENGINEIO_UNAVAILABLE, false);
    } else if ((message->flags & RELAY_LAST) != 0) {
        bring_to_life(relay, outbound);
    }
}

void edge_move_take(struct relay *relay, struct outbound *outbound,
                    const struct relay_message *message)
{
    if (message->kind == RELAY_PROBED && outbound->state == OUTBOUND_ASKED) {
        take_probed(relay, outbound, message->code);
    } else if (message->kind == RELAY_STATE) {
        take_state(relay, outbound, message);
    } else if (message->kind == RELAY_PROBE_CLOSE) {
        edge_move_abandon(relay, outbound, ENGINEIO_UNAVAILABLE, true);
    } else {
        relay->counts.malformed_total++;
    }
}

// ---- the WebSocket ----

static struct outbound *outbound_of(const struct relay *relay, struct engineio_session_id session,
                                    uint64_t ws)
{
    struct outbound *outbound = outbound_find(relay, session.value & ~ENGINEIO_FOREIGN_BIT);
    bool has_it = outbound != NULL && outbound->ws == ws && ws != 0 &&
                  (outbound->state == OUTBOUND_PROBING || outbound->state == OUTBOUND_TAKING);
    return has_it ? outbound : NULL;
}

static void close_too_big(struct relay *relay, struct outbound *outbound)
{
    struct neighbour *peer = outbound->peer;
    uint64_t id = outbound->id;
    relay->counts.refused_total++;
    engineio_foreign_close(relay->engine, outbound->ws, WS_CLOSE_TOO_BIG);
    outbound_end(relay, outbound);
    neighbour_tell(relay, peer, RELAY_PROBE_GONE, id);
}

static void keep_frame(struct relay *relay, struct outbound *outbound, bool binary,
                       struct bytes data)
{
    struct buffer *frames = &outbound->frames;
    uint8_t head[1 + sizeof data.size] = {binary ? 1 : 0};
    memcpy(head + 1, &data.size, sizeof data.size);
    size_t size_max = BEHIND_PAYLOADS_MAX * engineio_max_payload(relay->engine);
    if (frames->size + sizeof head + data.size > size_max ||
        !relay_gather(relay, frames, bytes_of(head, sizeof head)) ||
        !relay_gather(relay, frames, data)) {
        close_too_big(relay, outbound);
    }
}

// Clients say it once. The holder hears of the first, for the others would be messages for nothing,
// and who goes on and on is not heard out.
static void answer_probe(struct relay *relay, struct outbound *outbound)
{
    static const uint8_t pong[] = {0x81, 6, '3', 'p', 'r', 'o', 'b', 'e'};
    if (outbound->probes == PROBES_MAX) {
        edge_move_abandon(relay, outbound, ENGINEIO_BAD_REQUEST, false);
        return;
    }
    outbound->probes++;
    engineio_foreign_send(relay->engine, outbound->ws, bytes_of(pong, sizeof pong));
    if (outbound->probes == 1) {
        neighbour_tell(relay, outbound->peer, RELAY_READY, outbound->id);
    }
}

void edge_move_on_ws_message(void *foreign, struct engineio_session_id session, uint64_t ws,
                             bool binary, struct bytes data)
{
    struct relay *relay = foreign;
    struct outbound *outbound = outbound_of(relay, session, ws);
    if (outbound == NULL) {
        return;
    }
    if (outbound->state == OUTBOUND_TAKING) {
        keep_frame(relay, outbound, binary, data);
    } else if (!binary && bytes_equal_text(data, "2probe")) {
        answer_probe(relay, outbound);
    } else if (!binary && data.size > 0 && data.data[0] == '5') {
        wait_for(relay, outbound, OUTBOUND_TAKING);
        neighbour_tell(relay, outbound->peer, RELAY_TAKE, outbound->id);
    } else {
        edge_move_abandon(relay, outbound, ENGINEIO_BAD_REQUEST, false);
    }
}

void edge_move_on_ws_gone(void *foreign, struct engineio_session_id session, uint64_t ws,
                          bool failed)
{
    struct relay *relay = foreign;
    struct outbound *outbound = outbound_of(relay, session, ws);
    (void)failed;
    if (outbound != NULL) {
        struct neighbour *peer = outbound->peer;
        uint64_t id = outbound->id;
        outbound_end(relay, outbound);
        neighbour_tell(relay, peer, RELAY_PROBE_GONE, id);
    }
}
