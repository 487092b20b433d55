// Polls and posts whose session is here and whose client is at another node: brought to the engine,
// and its answers brought back.
#include <stdlib.h>

#include "bridge/relay/state.h"

// ---- the table ----

static struct inbound **bucket_of(struct relay *relay, const struct neighbour *peer, uint64_t id)
{
    uint64_t hash = ((uint64_t)(uintptr_t)peer ^ id) * UINT64_C(0x9e3779b97f4a7c15);
    return &relay->buckets[hash >> 32 & (BUCKETS - 1)];
}

struct inbound *inbound_find(struct relay *relay, const struct neighbour *peer, uint64_t id)
{
    struct inbound *inbound = *bucket_of(relay, peer, id);
    while (inbound != NULL && (inbound->peer != peer || inbound->id != id)) {
        inbound = inbound->bucket_next;
    }
    return inbound;
}

static void leave_list(struct inbound *inbound)
{
    struct inbound_list *list = inbound->list;
    *(inbound->before == NULL ? &list->first : &inbound->before->after) = inbound->after;
    *(inbound->after == NULL ? &list->last : &inbound->after->before) = inbound->before;
    list->count--;
}

static void enter_list(struct inbound *inbound, struct inbound_list *list)
{
    inbound->list = list;
    inbound->before = list->last;
    inbound->after = NULL;
    *(list->last == NULL ? &list->first : &list->last->after) = inbound;
    list->last = inbound;
    list->count++;
}

struct inbound *inbound_create(struct relay *relay, struct neighbour *peer, uint64_t id)
{
    if (relay_reserve(relay) != LC_OK) {
        return NULL;
    }
    struct inbound *inbound = calloc(1, sizeof *inbound);
    if (inbound == NULL || slot_table_add(&relay->inbounds, inbound, &inbound->slot) != LC_OK) {
        free(inbound);
        return NULL;
    }
    inbound->due.kind = DUE_INBOUND;
    inbound->peer = peer;
    inbound->id = id;
    inbound->state = INBOUND_HELD;
    buffer_init(&inbound->request, RELAY_BODIES_MAX);
    buffer_init(&inbound->answer, REMEMBERED_SIZE_MAX);
    struct inbound **bucket = bucket_of(relay, peer, id);
    inbound->bucket_next = *bucket;
    *bucket = inbound;
    enter_list(inbound, &peer->inbounds);
    return inbound;
}

void inbound_end(struct relay *relay, struct inbound *inbound)
{
    struct inbound **link = bucket_of(relay, inbound->peer, inbound->id);
    while (*link != inbound) {
        link = &(*link)->bucket_next;
    }
    *link = inbound->bucket_next;
    leave_list(inbound);
    relay_set_due(relay, &inbound->due, DEADLINE_NONE);
    slot_table_remove(&relay->inbounds, inbound->slot);
    relay_drop_gathered(relay, &inbound->request);
    buffer_release(&inbound->answer);
    free(inbound);
}

static struct inbound *find_slot(const struct relay *relay, uint64_t exchange)
{
    return slot_table_find(&relay->inbounds, exchange & ~ENGINEIO_RELAYED_BIT);
}

static uint64_t exchange_of(const struct inbound *inbound)
{
    return inbound->slot | ENGINEIO_RELAYED_BIT;
}

// ---- answers ----

static void refuse(struct relay *relay, struct neighbour *peer, uint64_t id)
{
    relay->counts.refused_total++;
    if (!neighbour_send(relay, peer, RELAY_ANSWER, RELAY_FIRST | RELAY_LAST | RELAY_REFUSED, id,
                        ENGINEIO_UNAVAILABLE, (struct bytes){NULL, 0})) {
        peer->broken = true;
    }
}

// Until the edge has heard it.
static void remember(struct inbound *inbound, struct bytes answer)
{
    buffer_clear(&inbound->answer);
    buffer_append(&inbound->answer, answer);
    inbound->state = INBOUND_ANSWERED;
    inbound->counter = inbound->peer->counter_out;
    leave_list(inbound);
    enter_list(inbound, &inbound->peer->answered);
}

static void after_answer(struct relay *relay, struct inbound *inbound, bool is_sent,
                         bool is_drained, struct bytes answer)
{
    struct neighbour *peer = inbound->peer;
    if (!is_sent) {
        refuse(relay, peer, inbound->id);
    }
    if (is_drained) {
        inbound->state = INBOUND_KEPT;
        inbound->counter = peer->counter_out;
        if (!is_sent) { // the engine hears of it when it can be called
            relay_set_due(relay, &inbound->due, relay_now(relay));
        }
    } else if (is_sent && inbound->is_post) {
        remember(inbound, answer);
    } else {
        inbound_end(relay, inbound);
    }
    neighbour_schedule(relay, peer);
}

static void on_respond(void *owner, uint64_t exchange, const struct engineio_response *response,
                       bool is_drained)
{
    struct relay *relay = owner;
    struct inbound *inbound = find_slot(relay, exchange);
    if (inbound == NULL || inbound->is_probe) {
        return;
    }
    if (!neighbour_is_open(
            inbound->peer)) { // its channel has ended meanwhile, and the edge asks again
        return;
    }
    struct buffer answer;
    const char *type = response->content_type == NULL ? "" : response->content_type;
    buffer_init(&answer, RELAY_BODIES_MAX);
    relay_answer_write(&answer, &(struct relay_answer){.content_type = bytes_text(type),
                                                       .headers = response->headers});
    buffer_append(&answer, response->body);
    int flags = RELAY_FIRST | RELAY_LAST | (is_drained ? RELAY_DRAINED : 0) |
                (response->no_store ? RELAY_NO_STORE : 0) |
                (response->may_compress ? RELAY_MAY_COMPRESS : 0);
    bool is_sent = buffer_status(&answer) == LC_OK &&
                   neighbour_send(relay, inbound->peer, RELAY_ANSWER, flags, inbound->id,
                                  (uint32_t)response->status, buffer_bytes(&answer));
    inbound->code = (uint32_t)response->status;
    inbound->flags = (uint16_t)flags;
    after_answer(relay, inbound, is_sent, is_drained, buffer_bytes(&answer));
    buffer_release(&answer);
}

const struct engineio_relay_ops holder_ops = {
    .respond = on_respond,
    .probe_close = holder_move_on_probe_close,
};

void holder_on_heard(struct relay *relay, struct neighbour *peer)
{
    struct inbound_list *list = &peer->answered;
    while (list->first != NULL && list->first->counter <= peer->acknowledged) {
        inbound_end(relay, list->first);
    }
}

// ---- requests ----

static void complete_post(struct relay *relay, struct inbound *inbound, struct bytes body)
{
    relay->counts.posts_in_total++;
    engineio_post_complete(relay->engine, relay_now(relay), inbound->session, exchange_of(inbound),
                           body);
}

static void take_part(struct relay *relay, struct inbound *inbound, struct bytes part, int flags)
{
    struct engineio_session_id session = inbound->session;
    uint64_t exchange = exchange_of(inbound);
    if (inbound->request.size + part.size > engineio_max_payload(relay->engine)) {
        engineio_post_too_large(relay->engine, relay_now(relay), session, exchange);
    } else if ((flags & RELAY_FIRST) != 0 && (flags & RELAY_LAST) != 0) {
        complete_post(relay, inbound, part);
    } else if (!relay_gather(relay, &inbound->request, part)) {
        refuse(relay, inbound->peer, inbound->id);
        inbound_end(relay, inbound);
        engineio_exchange_forget(relay->engine, relay_now(relay), session, exchange);
    } else if ((flags & RELAY_LAST) != 0) {
        struct buffer body = inbound->request;
        buffer_init(&inbound->request, 0);
        complete_post(relay, inbound, buffer_bytes(&body));
        relay_drop_gathered(relay, &body);
    }
}

static void begin(struct relay *relay, struct neighbour *peer, const struct relay_message *message)
{
    struct relay_ask ask;
    struct bytes rest;
    if (relay_ask_read(message->body, &ask, &rest) != LC_OK) {
        relay->counts.malformed_total++;
        return;
    }
    struct inbound *inbound = inbound_create(relay, peer, message->id);
    if (inbound == NULL) {
        refuse(relay, peer, message->id);
        return;
    }
    uint64_t exchange = exchange_of(inbound);
    struct engineio_session_id session;
    struct engineio_request request = {.exchange = exchange,
                                       .method = ask.method,
                                       .content_type = ask.content_type,
                                       .handshake = {.query = ask.query}};
    inbound->is_post = bytes_equal_text(ask.method, "POST");
    relay->counts.polls_in_total += inbound->is_post ? 0 : 1;
    enum engineio_verdict verdict =
        engineio_request(relay->engine, relay_now(relay), &request, &session);
    inbound = find_slot(relay, exchange);
    if (inbound == NULL) {
        return;
    }
    inbound->session = session;
    if (verdict == ENGINEIO_WANTS_BODY) {
        inbound->state = INBOUND_BODY;
        take_part(relay, inbound, rest, message->flags);
    }
}

static void answer_again(struct relay *relay, struct inbound *inbound)
{
    if (!neighbour_send(relay, inbound->peer, RELAY_ANSWER, inbound->flags, inbound->id,
                        inbound->code, buffer_bytes(&inbound->answer))) {
        refuse(relay, inbound->peer, inbound->id);
        return;
    }
    relay_set_due(relay, &inbound->due, DEADLINE_NONE);
    inbound->state = INBOUND_ANSWERED;
    inbound->counter = inbound->peer->counter_out;
    leave_list(inbound);
    enter_list(inbound, &inbound->peer->answered);
}

static void take_ask(struct relay *relay, struct neighbour *peer, struct inbound *inbound,
                     const struct relay_message *message)
{
    bool is_first = (message->flags & RELAY_FIRST) != 0;
    if (inbound == NULL) { // parts of what was refused lead to nothing
        if (is_first) {
            begin(relay, peer, message);
        }
    } else if (inbound->state == INBOUND_BODY && !is_first) {
        take_part(relay, inbound, message->body, message->flags);
    } else if (inbound->state == INBOUND_REMEMBERED && is_first) {
        answer_again(relay, inbound);
    }
}

static void take_gone(struct relay *relay, struct inbound *inbound)
{
    struct engineio_session_id session = inbound->session;
    uint64_t exchange = exchange_of(inbound);
    if (inbound->state == INBOUND_HELD || inbound->state == INBOUND_BODY) {
        inbound_end(relay, inbound);
        engineio_exchange_gone(relay->engine, relay_now(relay), session, exchange);
    }
}

static void forget(struct relay *relay, struct inbound *inbound)
{
    struct engineio_session_id session = inbound->session;
    uint64_t exchange = exchange_of(inbound);
    inbound_end(relay, inbound);
    engineio_exchange_forget(relay->engine, relay_now(relay), session, exchange);
}

static void take_fate(struct relay *relay, struct inbound *inbound, bool is_written)
{
    struct engineio_session_id session = inbound->session;
    uint64_t exchange = exchange_of(inbound);
    if (inbound->state == INBOUND_HELD && !inbound->is_post && !is_written) {
        forget(relay, inbound); // a bridge that stops has answered its client by itself
        return;
    }
    if (inbound->state != INBOUND_KEPT) {
        return;
    }
    inbound_end(relay, inbound);
    if (is_written) {
        engineio_response_written(relay->engine, relay_now(relay), session, exchange);
    } else {
        relay->counts.lost_responses_total++;
        engineio_response_lost(relay->engine, relay_now(relay), session, exchange);
    }
}

void holder_take(struct relay *relay, struct neighbour *peer, const struct relay_message *message)
{
    struct inbound *inbound = inbound_find(relay, peer, message->id);
    if (message->kind == RELAY_PROBE || (inbound != NULL && inbound->is_probe)) {
        holder_move_take(relay, peer, inbound, message);
    } else if (message->kind == RELAY_ASK) {
        take_ask(relay, peer, inbound, message);
    } else if (inbound != NULL && message->kind == RELAY_GONE) {
        take_gone(relay, inbound);
    } else if (inbound != NULL && (message->kind == RELAY_WRITTEN || message->kind == RELAY_LOST)) {
        take_fate(relay, inbound, message->kind == RELAY_WRITTEN);
    }
}

// ---- what becomes of them with their channel ----

static struct inbound *find_unanswered(const struct neighbour *peer)
{
    struct inbound *inbound = peer->inbounds.first;
    while (inbound != NULL && inbound->state != INBOUND_HELD && inbound->state != INBOUND_BODY) {
        inbound = inbound->after;
    }
    return inbound;
}

void holder_fall_silent(struct relay *relay, struct neighbour *peer)
{
    bool has_forgotten = false;
    for (struct inbound *inbound; (inbound = find_unanswered(peer)) != NULL;) {
        forget(relay, inbound);
        has_forgotten = true;
    }
    for (struct inbound *inbound = peer->inbounds.first, *after; inbound != NULL; inbound = after) {
        after = inbound->after;
        if (inbound->is_probe) {
            holder_move_give_up(relay, inbound, true);
        }
    }
    if (has_forgotten) {
        neighbour_tell(relay, peer, RELAY_FORGOTTEN, peer->heard);
    }
}

// Whether the edge gave a body to its client nobody will ever say. A session that may have lost
// packets, or would get them twice, ends: its client comes back and is told what it missed.
static void give_up_kept(struct relay *relay, struct inbound *inbound)
{
    struct engineio_session_id session = inbound->session;
    uint64_t exchange = exchange_of(inbound);
    bool was_sent = inbound->counter <= inbound->peer->counter_sent;
    inbound_end(relay, inbound);
    if (was_sent) {
        engineio_end(relay->engine, session, ENGINEIO_TRANSPORT_ERROR);
    } else {
        relay->counts.lost_responses_total++;
        engineio_response_lost(relay->engine, relay_now(relay), session, exchange);
    }
}

void holder_give_up(struct relay *relay, struct neighbour *peer)
{
    for (struct inbound *inbound; (inbound = find_unanswered(peer)) != NULL;) {
        forget(relay, inbound);
    }
    for (struct inbound *inbound; (inbound = peer->inbounds.first) != NULL;) {
        if (inbound->is_probe) {
            holder_move_give_up(relay, inbound, false);
        } else {
            give_up_kept(relay, inbound);
        }
    }
    for (struct inbound *inbound; (inbound = peer->answered.first) != NULL;) {
        leave_list(inbound);
        enter_list(inbound, &peer->remembered);
        inbound->state = INBOUND_REMEMBERED;
        relay_set_due(relay, &inbound->due, relay_now(relay) + REMEMBERED_MS);
    }
}

void holder_forget_remembered(struct relay *relay, struct neighbour *peer)
{
    while (peer->remembered.first != NULL) {
        inbound_end(relay, peer->remembered.first);
    }
}

void holder_on_due(struct relay *relay, struct inbound *inbound)
{
    if (inbound->is_probe) {
        holder_move_on_due(relay, inbound);
    } else if (inbound->state == INBOUND_KEPT) {
        take_fate(relay, inbound, false); // it could not be sent
    } else {
        inbound_end(relay, inbound);
    }
}
