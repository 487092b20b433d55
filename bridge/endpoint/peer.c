// One TCP connection: its bytes in and out, its deadlines, its end.
#include "bridge/endpoint/peer.h"

static void schedule(struct endpoint_peer *peer)
{
    int64_t at_ms =
        peer->phase_by_ms < peer->blocked_by_ms ? peer->phase_by_ms : peer->blocked_by_ms;
    deadline_heap_set(&peer->endpoint->deadlines, &peer->deadline, at_ms);
}

void peer_set_phase(struct endpoint_peer *peer, enum phase phase, int64_t by_ms)
{
    LC_ASSERT(peer->phase != PHASE_ENDED);
    peer->phase = phase;
    peer->phase_by_ms = by_ms;
    schedule(peer);
}

// ---- beginning ----

static bool admit(struct endpoint *endpoint, struct bytes address)
{
    size_t max = endpoint->config.connections_per_address_max;
    return endpoint->connections_count < endpoint->config.connections_max &&
           address.size < ADDRESS_SIZE_MAX &&
           deadline_heap_reserve(&endpoint->deadlines, endpoint->connections_count + 1) == LC_OK &&
           (max == 0 || (address_counts_of(&endpoint->addresses, address) < max &&
                         address_counts_add(&endpoint->addresses, address) == LC_OK));
}

static void leave(struct endpoint *endpoint, struct bytes address)
{
    if (endpoint->config.connections_per_address_max != 0) {
        address_counts_remove(&endpoint->addresses, address);
    }
}

struct endpoint_peer *endpoint_open(struct endpoint *endpoint, int64_t now_ms, void *shell,
                                    struct bytes address, bool is_secure)
{
    endpoint->now_ms = now_ms;
    if (!admit(endpoint, address)) {
        return NULL;
    }
    struct endpoint_peer *peer = calloc(1, sizeof *peer);
    struct exchange *exchange = exchange_create();
    if (peer == NULL || exchange == NULL) {
        free(peer);
        free(exchange);
        leave(endpoint, address);
        return NULL;
    }
    peer->endpoint = endpoint;
    peer->shell = shell;
    peer->exchange = exchange;
    peer->is_secure = is_secure;
    peer->reads = true;
    peer->address_size = (uint8_t)address.size;
    memcpy(peer->address, address.data, address.size);
    peer->blocked_by_ms = DEADLINE_NONE;
    buffer_init(&peer->waiting, WAITING_HARD_MAX);
    peer->after = endpoint->first;
    if (endpoint->first != NULL) {
        endpoint->first->before = peer;
    }
    endpoint->first = peer;
    endpoint->connections_count++;
    peer_set_phase(peer, PHASE_HEAD, now_ms + endpoint->config.request_timeout_ms);
    return peer;
}

// ---- bytes in ----

static void pace_reading(struct endpoint_peer *peer)
{
    bool reads = peer->waiting.size <= ENDPOINT_WAITING_BYTES_MAX;
    if (reads != peer->reads && peer->shell != NULL) {
        peer->reads = reads;
        peer->endpoint->shell_ops.set_reading(peer->endpoint->shell, peer->shell, reads);
    }
}

static size_t memory_of(const struct endpoint_peer *peer)
{
    size_t bytes = peer->waiting.capacity;
    if (peer->exchange != NULL) {
        bytes += http_request_bytes(&peer->exchange->reader);
        bytes += peer->exchange->body.capacity;
    }
    if (peer->link != NULL) {
        bytes += ws_reader_bytes(&peer->link->reader);
    }
    return bytes;
}

// Counts what is unfinished here. False: all of them together hold too much.
static bool count_unfinished(struct endpoint_peer *peer)
{
    struct endpoint *endpoint = peer->endpoint;
    size_t bytes = peer->phase == PHASE_ENDED ? 0 : memory_of(peer);
    endpoint->unfinished = endpoint->unfinished - peer->counted + bytes;
    bool has_grown = bytes > peer->counted;
    peer->counted = bytes;
    return !has_grown || endpoint->unfinished <= endpoint->config.unfinished_max;
}

static void refuse_load(struct endpoint_peer *peer)
{
    switch (peer->phase) {
    case PHASE_HEAD:
    case PHASE_BODY:
        exchange_refuse_load(peer);
        break;
    case PHASE_OPEN:
        link_fail(peer, WS_CLOSE_TOO_BIG);
        break;
    case PHASE_ANSWER: // what is pipelined behind it
        peer_end(peer, true);
        break;
    case PHASE_DROP:
    case PHASE_CLOSING:
    case PHASE_ENDED:
        break;
    }
    (void)count_unfinished(peer);
}

static bool take_some(struct endpoint_peer *peer, struct bytes in, size_t *out_used)
{
    switch (peer->phase) {
    case PHASE_HEAD:
    case PHASE_BODY:
    case PHASE_DROP:
        return exchange_take(peer, in, out_used);
    case PHASE_ANSWER:
        return exchange_settle(peer);
    case PHASE_OPEN:
    case PHASE_CLOSING:
        return link_take(peer, in, out_used);
    case PHASE_ENDED:
        *out_used = in.size;
        return false;
    }
    return false;
}

// Takes as much as can be looked at now, and returns how much that is.
static size_t take(struct endpoint_peer *peer, struct bytes in)
{
    size_t used = 0;
    bool goes_on = true;
    peer->is_busy = true;
    peer->endpoint->is_busy = true;
    while (goes_on) {
        size_t part = 0;
        goes_on = take_some(peer, bytes_from(in, used), &part);
        used += part;
    }
    peer->endpoint->is_busy = false;
    peer->is_busy = false;
    return used;
}

static void take_waiting(struct endpoint_peer *peer)
{
    struct buffer *waiting = &peer->waiting;
    buffer_consume(waiting, take(peer, buffer_bytes(waiting)));
    if (waiting->size == 0) {
        buffer_release(waiting);
    }
}

static void after_input(struct endpoint_peer *peer)
{
    if (buffer_status(&peer->waiting) != LC_OK) {
        peer_end(peer, true);
    }
    if (!count_unfinished(peer)) {
        refuse_load(peer);
    }
    if (peer->phase != PHASE_ENDED) {
        pace_reading(peer);
    }
}

void endpoint_feed(struct endpoint_peer *peer, int64_t now_ms, struct bytes in)
{
    peer->endpoint->now_ms = now_ms;
    if (peer->phase == PHASE_ENDED || in.size == 0) {
        return;
    }
    if (peer->waiting.size > 0) {
        buffer_append(&peer->waiting, in);
        take_waiting(peer);
    } else {
        struct bytes rest = bytes_from(in, take(peer, in));
        if (rest.size > 0) {
            buffer_append(&peer->waiting, rest);
        }
    }
    after_input(peer);
}

void peer_continue(struct endpoint_peer *peer)
{
    if (peer->phase == PHASE_ENDED) {
        return;
    }
    if (peer->has_failed) {
        peer_end(peer, true);
        return;
    }
    take_waiting(peer);
    after_input(peer);
}

// ---- bytes out ----

static uint64_t taken_by(const struct endpoint_peer *peer)
{
    const struct endpoint *endpoint = peer->endpoint;
    return endpoint->shell_ops.taken == NULL
               ? 0
               : endpoint->shell_ops.taken(endpoint->shell, peer->shell);
}

// A WebSocket's heartbeat says nothing about its reading: pongs may come from one that never reads.
static void wait_for_reader(struct endpoint_peer *peer)
{
    const struct endpoint *endpoint = peer->endpoint;
    peer->blocked_by_ms =
        endpoint->now_ms + (peer->link == NULL ? ENDPOINT_SLOW_READER_MS
                                               : engineio_ping_interval_ms(endpoint->engine));
    schedule(peer);
}

static void unblock(struct endpoint_peer *peer)
{
    peer->endpoint->blocked_count -= peer->is_blocked ? 1 : 0;
    peer->is_blocked = false;
    peer->blocked_by_ms = DEADLINE_NONE;
}

// The time is over in which some of the rest had to be taken.
static void judge_reader(struct endpoint_peer *peer)
{
    uint64_t taken = taken_by(peer);
    if (taken != peer->taken) {
        peer->taken = taken;
        wait_for_reader(peer);
    } else {
        peer->endpoint->slow_closed_total++;
        peer_end(peer, true);
    }
}

void peer_send(struct endpoint_peer *peer, struct bytes bytes)
{
    struct endpoint *endpoint = peer->endpoint;
    if (peer->shell == NULL || bytes.size == 0) {
        return;
    }
    bool is_taken = endpoint->shell_ops.send(endpoint->shell, peer->shell, bytes);
    if (!is_taken && !peer->is_blocked) {
        peer->is_blocked = true;
        endpoint->blocked_count++;
        peer->taken = taken_by(peer);
        wait_for_reader(peer);
    }
}

void peer_trim(struct buffer *scratch)
{
    if (scratch->capacity > SCRATCH_KEPT_MAX) {
        buffer_release(scratch);
    }
}

void endpoint_writable(struct endpoint_peer *peer, int64_t now_ms)
{
    peer->endpoint->now_ms = now_ms;
    if (peer->phase == PHASE_ENDED || !peer->is_blocked) {
        return;
    }
    unblock(peer);
    schedule(peer);
    if (peer->link != NULL) {
        link_on_writable(peer);
    }
    endpoint_note(peer); // a request may have waited for the answer before it to leave
}

// ---- the end ----

void peer_on_deadline(struct endpoint_peer *peer)
{
    if (peer->blocked_by_ms <= peer->endpoint->now_ms) {
        judge_reader(peer);
        return;
    }
    switch (peer->phase) {
    case PHASE_HEAD:
    case PHASE_BODY:
        exchange_time_out(peer);
        return;
    case PHASE_OPEN: // a message that drips, or never ends
        link_fail(peer, WS_CLOSE_POLICY);
        return;
    case PHASE_ANSWER:
    case PHASE_DROP:
    case PHASE_CLOSING:
        peer_end(peer, false);
        return;
    case PHASE_ENDED:
        return;
    }
}

void peer_end(struct endpoint_peer *peer, bool failed)
{
    if (peer->phase == PHASE_ENDED) {
        return;
    }
    peer_set_phase(peer, PHASE_ENDED, DEADLINE_NONE);
    unblock(peer);
    schedule(peer);
    if (peer->exchange != NULL) {
        exchange_tell_gone(peer);
    }
    if (peer->link != NULL) {
        link_tell_gone(peer, failed);
    }
    endpoint_note(peer);
}

void endpoint_gone(struct endpoint_peer *peer, int64_t now_ms, bool failed)
{
    peer->endpoint->now_ms = now_ms;
    peer->shell = NULL;
    peer_end(peer, failed);
    endpoint_note(peer);
}

void peer_destroy(struct endpoint_peer *peer)
{
    struct endpoint *endpoint = peer->endpoint;
    LC_ASSERT(!peer->is_busy);
    deadline_heap_set(&endpoint->deadlines, &peer->deadline, DEADLINE_NONE);
    exchange_destroy(peer);
    link_destroy(peer);
    endpoint->unfinished -= peer->counted;
    endpoint->connections_count--;
    leave(endpoint, bytes_of(peer->address, peer->address_size));
    *(peer->before == NULL ? &endpoint->first : &peer->before->after) = peer->after;
    if (peer->after != NULL) {
        peer->after->before = peer->before;
    }
    if (peer->shell != NULL) {
        endpoint->shell_ops.close(endpoint->shell, peer->shell);
    }
    buffer_release(&peer->waiting);
    free(peer);
}
