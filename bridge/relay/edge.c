// Polls and posts whose client is here: held, asked of the node that has the session, and answered
// by its answer.
#include <stdlib.h>

#include "bridge/engineio/query.h"
#include "bridge/relay/state.h"

static struct engineio_session_id session_of(const struct outbound *outbound)
{
    return (struct engineio_session_id){outbound->id | ENGINEIO_FOREIGN_BIT};
}

static struct outbound *outbound_of(const struct relay *relay, struct engineio_session_id session)
{
    return outbound_find(relay, session.value & ~ENGINEIO_FOREIGN_BIT);
}

struct outbound *outbound_find(const struct relay *relay, uint64_t id)
{
    return slot_table_find(&relay->outbounds, id);
}

static struct outbound *outbound_create(struct relay *relay, struct neighbour *peer)
{
    if (relay_reserve(relay) != LC_OK) {
        return NULL;
    }
    struct outbound *outbound = calloc(1, sizeof *outbound);
    if (outbound == NULL || slot_table_add(&relay->outbounds, outbound, &outbound->id) != LC_OK) {
        free(outbound);
        return NULL;
    }
    neighbour_wake(relay, peer);
    outbound->due.kind = DUE_OUTBOUND;
    outbound->peer = peer;
    outbound->begun_at_ms = relay_now(relay);
    buffer_init(&outbound->request, RELAY_BODIES_MAX);
    buffer_init(&outbound->answer, RELAY_BODIES_MAX);
    buffer_init(&outbound->frames, RELAY_BODIES_MAX);
    outbound->after = peer->outbounds;
    if (peer->outbounds != NULL) {
        peer->outbounds->before = outbound;
    }
    peer->outbounds = outbound;
    peer->outbound_count++;
    neighbour_schedule(relay, peer);
    return outbound;
}

void outbound_end(struct relay *relay, struct outbound *outbound)
{
    struct neighbour *peer = outbound->peer;
    if (outbound->before == NULL) {
        peer->outbounds = outbound->after;
    } else {
        outbound->before->after = outbound->after;
    }
    if (outbound->after != NULL) {
        outbound->after->before = outbound->before;
    }
    peer->outbound_count--;
    peer->living_count -= outbound->state == OUTBOUND_LIVING ? 1 : 0;
    relay_set_due(relay, &outbound->due, DEADLINE_NONE);
    slot_table_remove(&relay->outbounds, outbound->id);
    relay_drop_gathered(relay, &outbound->request);
    relay_drop_gathered(relay, &outbound->answer);
    relay_drop_gathered(relay, &outbound->frames);
    free(outbound);
    neighbour_schedule(relay, peer);
}

static void refuse(struct relay *relay, struct outbound *outbound, enum engineio_error error)
{
    relay->counts.unknown_total += error == ENGINEIO_UNKNOWN_SID ? 1 : 0;
    engineio_foreign_refuse(relay->engine, outbound->exchange, outbound->is_upgrade, error);
    outbound_end(relay, outbound);
}

static void refuse_for_limit(struct relay *relay, struct outbound *outbound)
{
    relay->counts.refused_total++;
    refuse(relay, outbound, ENGINEIO_UNAVAILABLE);
}

// ---- requests ----

static bool write_request(struct relay *relay, struct outbound *outbound,
                          const struct engineio_request *request, struct bytes sid)
{
    struct bytes query = request->handshake.query;
    struct bytes type = request->content_type;
    size_t before = outbound->request.size;
    if (query.size > UINT16_MAX || type.size > UINT16_MAX || request->method.size > UINT8_MAX ||
        !relay_has_room(relay, query.size + type.size)) {
        return false;
    }
    if (outbound->is_upgrade) {
        buffer_append(&outbound->request, sid);
        buffer_append(&outbound->request, query);
    } else {
        relay_ask_write(
            &outbound->request,
            &(struct relay_ask){.method = request->method, .query = query, .content_type = type});
    }
    relay->bodies_bytes += outbound->request.size - before;
    return buffer_status(&outbound->request) == LC_OK;
}

// The node that the sid names, when it is another one that lives and a bridge has drawn the sid: else
// anybody could have us send each other what he likes.
static bool find_node(const struct relay *relay, struct bytes sid,
                      char out_node[RELAY_NODE_SIZE + 1])
{
    if (sid.size != RELAY_SID_SIZE) {
        return false;
    }
    memcpy(out_node, sid.data, RELAY_NODE_SIZE);
    out_node[RELAY_NODE_SIZE] = '\0';
    if (!relay_node_is_legal(out_node) || relay_is_own(relay, out_node) ||
        !relay->ops.is_alive(relay->owner, out_node) ||
        !relay_sid_is_signed(relay, (const char *)sid.data)) {
        return false;
    }
    const struct neighbour *peer = neighbour_find(relay, relay->names[0], out_node);
    return peer == NULL || !peer->silent || !neighbour_is_busy(peer);
}

static bool on_request(void *foreign, const struct engineio_request *request, bool is_websocket,
                       struct bytes sid, enum engineio_verdict *out_verdict,
                       struct engineio_session_id *out_session)
{
    struct relay *relay = foreign;
    char node[RELAY_NODE_SIZE + 1];
    (void)is_websocket; // the holder sees it in the query
    if (!find_node(relay, sid, node)) {
        relay->counts.unknown_total++;
        return false;
    }
    struct neighbour *peer = neighbour_get(relay, relay->names[0], node);
    struct outbound *outbound = peer == NULL ? NULL : outbound_create(relay, peer);
    *out_verdict = ENGINEIO_ANSWERED;
    if (outbound == NULL) {
        relay->counts.refused_total++;
        engineio_foreign_refuse(relay->engine, request->exchange, request->is_upgrade,
                                ENGINEIO_UNAVAILABLE);
        return true;
    }
    memcpy(outbound->sid, sid.data, RELAY_SID_SIZE);
    outbound->exchange = request->exchange;
    outbound->is_upgrade = request->is_upgrade;
    outbound->is_post = !request->is_upgrade && bytes_equal_text(request->method, "POST");
    outbound->state = outbound->is_post ? OUTBOUND_BODY : OUTBOUND_ASKED;
    if (!write_request(relay, outbound, request, sid)) {
        refuse_for_limit(relay, outbound);
        return true;
    }
    *out_session = session_of(outbound);
    *out_verdict = outbound->is_post ? ENGINEIO_WANTS_BODY : ENGINEIO_HELD;
    if (outbound->is_upgrade) {
        relay_set_due(relay, &outbound->due,
                      outbound->begun_at_ms + relay->config.upgrade_timeout_ms);
    }
    if (!outbound->is_post) {
        relay->counts.polls_out_total += outbound->is_upgrade ? 0 : 1;
        edge_ask(relay, outbound);
        *out_verdict = outbound_of(relay, *out_session) == NULL ? ENGINEIO_ANSWERED : *out_verdict;
    }
    return true;
}

void edge_ask(struct relay *relay, struct outbound *outbound)
{
    struct neighbour *peer = outbound->peer;
    if (!neighbour_is_open(peer) || !relay->is_connected) {
        return; // asked when it is
    }
    uint64_t before = peer->counter_out;
    enum relay_kind kind = outbound->is_upgrade ? RELAY_PROBE : RELAY_ASK;
    outbound->counter = before + 1;
    if (!neighbour_send(relay, peer, kind, RELAY_FIRST | RELAY_LAST, outbound->id, 0,
                        buffer_bytes(&outbound->request))) {
        refuse_for_limit(relay, outbound);
    }
}

// Clients post one body at a time: who posts many at once shall not take the others' room.
static bool is_crowding(const struct relay *relay, const struct outbound *outbound)
{
    if (relay->bodies_bytes <= CROWDED_BYTES) {
        return false;
    }
    for (const struct outbound *other = outbound->peer->outbounds; other != NULL;
         other = other->after) {
        if (other->is_post && other->state == OUTBOUND_ASKED &&
            memcmp(other->sid, outbound->sid, RELAY_SID_SIZE) == 0) {
            return true;
        }
    }
    return false;
}

static void on_post_complete(void *foreign, struct engineio_session_id session, uint64_t exchange,
                             struct bytes body)
{
    struct relay *relay = foreign;
    struct outbound *outbound = outbound_of(relay, session);
    if (outbound == NULL || outbound->exchange != exchange || outbound->state != OUTBOUND_BODY) {
        return;
    }
    if (outbound->peer->silent) {
        refuse(relay, outbound, ENGINEIO_UNKNOWN_SID);
        return;
    }
    if (is_crowding(relay, outbound) || !relay_gather(relay, &outbound->request, body)) {
        refuse_for_limit(relay, outbound);
        return;
    }
    outbound->state = OUTBOUND_ASKED;
    outbound->begun_at_ms = relay_now(relay);
    relay->counts.posts_out_total++;
    relay_set_due(relay, &outbound->due, outbound->begun_at_ms + RELAY_POST_MS);
    edge_ask(relay, outbound);
}

static void on_post_too_large(void *foreign, struct engineio_session_id session, uint64_t exchange)
{
    struct relay *relay = foreign;
    struct outbound *outbound = outbound_of(relay, session);
    if (outbound != NULL && outbound->exchange == exchange && outbound->state == OUTBOUND_BODY) {
        engineio_foreign_respond(relay->engine, exchange,
                                 &(struct engineio_response){.status = 413});
        outbound_end(relay, outbound);
    }
}

// A client that leaves in the middle of a post ends its session, and so it does through here.
static void tell_of_half_a_post(struct relay *relay, struct outbound *outbound)
{
    struct neighbour *peer = outbound->peer;
    if (neighbour_is_open(peer) && neighbour_send(relay, peer, RELAY_ASK, RELAY_FIRST, outbound->id,
                                                  0, buffer_bytes(&outbound->request))) {
        neighbour_tell(relay, peer, RELAY_GONE, outbound->id);
    }
}

static void on_exchange_gone(void *foreign, struct engineio_session_id session, uint64_t exchange)
{
    struct relay *relay = foreign;
    struct outbound *outbound = outbound_of(relay, session);
    if (outbound == NULL || outbound->exchange != exchange) {
        return;
    }
    if (outbound->state == OUTBOUND_BODY) {
        tell_of_half_a_post(relay, outbound);
    } else if (outbound->state == OUTBOUND_ASKED && outbound->counter != 0 && !outbound->is_post) {
        neighbour_tell(relay, outbound->peer, outbound->is_upgrade ? RELAY_PROBE_GONE : RELAY_GONE,
                       outbound->id);
    } else if (outbound->state != OUTBOUND_ASKED) {
        return; // a WebSocket by now
    }
    outbound_end(relay, outbound);
}

const struct engineio_foreign_ops edge_ops = {
    .request = on_request,
    .post_complete = on_post_complete,
    .post_too_large = on_post_too_large,
    .exchange_gone = on_exchange_gone,
    .ws_message = edge_move_on_ws_message,
    .ws_gone = edge_move_on_ws_gone,
};

// ---- answers ----

static void give_answer(struct relay *relay, struct outbound *outbound,
                        const struct relay_message *message)
{
    struct relay_answer answer;
    struct bytes body;
    char type[UINT8_MAX + 1];
    bool is_status = message->code >= 100 && message->code <= 599;
    if (relay_answer_read(buffer_bytes(&outbound->answer), &answer, &body) != LC_OK || !is_status) {
        relay->counts.malformed_total++;
        refuse(relay, outbound, ENGINEIO_UNAVAILABLE);
        return;
    }
    if (answer.content_type.size > 0) {
        memcpy(type, answer.content_type.data, answer.content_type.size);
    }
    type[answer.content_type.size] = '\0';
    struct engineio_response response = {
        .status = (int)message->code,
        .content_type = answer.content_type.size == 0 ? NULL : type,
        .body = body,
        .headers = answer.headers,
        .no_store = (message->flags & RELAY_NO_STORE) != 0,
        .may_compress = (message->flags & RELAY_MAY_COMPRESS) != 0,
    };
    engineio_foreign_respond(relay->engine, outbound->exchange, &response);
    if (outbound->is_post) {
        relay->counts.round_trips_total++;
        relay->counts.round_trips_us_total +=
            (uint64_t)(relay_now(relay) - outbound->begun_at_ms) * 1000;
    }
    if ((message->flags & RELAY_DRAINED) != 0) {
        neighbour_tell(relay, outbound->peer, RELAY_WRITTEN, outbound->id);
    }
    outbound_end(relay, outbound);
}

// The client has left, or was refused: behind its end a body that packets left with is lost.
static void drop_answer(struct relay *relay, struct neighbour *peer,
                        const struct relay_message *message)
{
    if ((message->flags & RELAY_LAST) != 0 && (message->flags & RELAY_DRAINED) != 0) {
        neighbour_tell(relay, peer, RELAY_LOST, message->id);
    }
}

static void take_answer(struct relay *relay, struct neighbour *peer, struct outbound *outbound,
                        const struct relay_message *message)
{
    if (outbound == NULL) {
        drop_answer(relay, peer, message);
        return;
    }
    if (outbound->is_upgrade || outbound->state != OUTBOUND_ASKED || outbound->counter == 0) {
        relay->counts.malformed_total++;
        return;
    }
    if ((message->flags & RELAY_REFUSED) != 0) {
        bool is_known = message->code <= ENGINEIO_UNAVAILABLE;
        refuse(relay, outbound,
               is_known ? (enum engineio_error)message->code : ENGINEIO_UNAVAILABLE);
        return;
    }
    if (!relay_gather(relay, &outbound->answer, message->body)) {
        refuse_for_limit(relay, outbound);
        drop_answer(relay, peer, message);
    } else if ((message->flags & RELAY_LAST) != 0) {
        give_answer(relay, outbound, message);
    }
}

void edge_take(struct relay *relay, struct neighbour *peer, const struct relay_message *message)
{
    if (message->kind == RELAY_FORGOTTEN) {
        edge_ask_forgotten(relay, peer, message->id);
        return;
    }
    struct outbound *outbound = outbound_find(relay, message->id);
    outbound = outbound != NULL && outbound->peer == peer ? outbound : NULL;
    if (message->kind == RELAY_ANSWER) {
        take_answer(relay, peer, outbound, message);
    } else if (outbound != NULL && outbound->is_upgrade) {
        edge_move_take(relay, outbound, message);
    }
}

// ---- what becomes of them with their channel ----

void edge_ask_forgotten(struct relay *relay, struct neighbour *peer, uint64_t counter)
{
    for (struct outbound *outbound = peer->outbounds, *after; outbound != NULL; outbound = after) {
        after = outbound->after;
        if (outbound->state == OUTBOUND_ASKED && !outbound->is_upgrade && outbound->counter != 0 &&
            outbound->counter <= counter) {
            relay_drop_gathered(relay, &outbound->answer);
            edge_ask(relay, outbound);
        }
    }
}

void edge_ask_all(struct relay *relay, struct neighbour *peer)
{
    for (struct outbound *outbound = peer->outbounds, *after; outbound != NULL; outbound = after) {
        after = outbound->after;
        if (outbound->state == OUTBOUND_ASKED && outbound->counter == 0) {
            edge_ask(relay, outbound);
        }
    }
}

// A poll whose client reads what every one of protocol 4 reads: a noop.
static bool takes_noop(const struct outbound *outbound)
{
    struct relay_ask ask;
    struct bytes rest;
    char version;
    return outbound->state == OUTBOUND_ASKED && !outbound->is_upgrade && !outbound->is_post &&
           relay_ask_read(buffer_bytes(&outbound->request), &ask, &rest) == LC_OK &&
           query_value(ask.query, "EIO", &version, 1) == 1 && version == '4' &&
           !query_has(ask.query, "j");
}

void edge_leave(struct relay *relay, struct neighbour *peer)
{
    for (struct outbound *outbound = peer->outbounds, *after; outbound != NULL; outbound = after) {
        after = outbound->after;
        if (!takes_noop(outbound)) {
            continue;
        }
        engineio_foreign_respond(relay->engine, outbound->exchange,
                                 &(struct engineio_response){
                                     .status = 200,
                                     .content_type = "text/plain; charset=UTF-8",
                                     .body = bytes_text("6"),
                                     .no_store = true,
                                 });
        if (outbound->counter != 0) {
            neighbour_tell(relay, peer, RELAY_LOST, outbound->id);
        }
        outbound_end(relay, outbound);
    }
}

void edge_unask_all(struct relay *relay, struct neighbour *peer)
{
    for (struct outbound *outbound = peer->outbounds, *after; outbound != NULL; outbound = after) {
        after = outbound->after;
        if (outbound->state == OUTBOUND_ASKED) {
            relay_drop_gathered(relay, &outbound->answer);
            outbound->counter = 0;
        } else if (outbound->state != OUTBOUND_BODY) {
            edge_move_abandon(relay, outbound, ENGINEIO_UNAVAILABLE, true);
        }
    }
}

void edge_give_up(struct relay *relay, struct neighbour *peer)
{
    for (struct outbound *outbound = peer->outbounds, *after; outbound != NULL; outbound = after) {
        after = outbound->after;
        if (outbound->is_upgrade && outbound->state != OUTBOUND_LIVING) {
            edge_move_abandon(relay, outbound, ENGINEIO_UNKNOWN_SID, false);
        } else if (outbound->state == OUTBOUND_ASKED) {
            refuse(relay, outbound, ENGINEIO_UNKNOWN_SID);
        }
    }
}

void edge_on_heard(struct relay *relay, struct neighbour *peer)
{
    struct outbound *after;
    for (struct outbound *outbound = peer->outbounds; peer->living_count > 0 && outbound != NULL;
         outbound = after) {
        after = outbound->after;
        if (outbound->state == OUTBOUND_LIVING && outbound->counter <= peer->acknowledged) {
            relay->counts.moved_in_total++;
            outbound_end(relay, outbound);
        }
    }
}

void edge_on_due(struct relay *relay, struct outbound *outbound)
{
    if (outbound->is_upgrade) {
        edge_move_abandon(relay, outbound, ENGINEIO_UNAVAILABLE, false);
    } else {
        relay->counts.timed_out_total++;
        refuse(relay, outbound, ENGINEIO_UNAVAILABLE);
    }
}
