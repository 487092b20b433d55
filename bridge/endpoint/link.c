// WebSockets: the 101, messages in, frames out, the close.
#include "bridge/endpoint/peer.h"
#include "lib/base/prefetch.h"

// ---- the upgrade ----

static struct link *link_create(struct endpoint_peer *peer)
{
    struct endpoint *endpoint = peer->endpoint;
    struct link *link = calloc(1, sizeof *link);
    if (link == NULL || slot_table_add(&endpoint->links, peer, &link->id) != LC_OK) {
        free(link);
        return NULL;
    }
    link->session = peer->exchange->session;
    link->is_known = true;
    buffer_init(&link->pong, 2 + WS_CONTROL_SIZE_MAX);
    ws_reader_init(&link->reader, &peer->exchange->terms, engineio_max_payload(endpoint->engine));
    peer->deflates = link->reader.terms.is_on;
    return link;
}

void link_destroy(struct endpoint_peer *peer)
{
    struct link *link = peer->link;
    if (link != NULL) {
        slot_table_remove(&peer->endpoint->links, link->id);
        ws_reader_release(&link->reader);
        ws_deflater_destroy(link->deflater);
        buffer_release(&link->pong);
        free(link);
        peer->link = NULL;
    }
}

static void send_accept(struct endpoint_peer *peer, struct bytes headers)
{
    struct endpoint *endpoint = peer->endpoint;
    struct exchange *exchange = peer->exchange;
    struct buffer *lines = &endpoint->lines;
    struct buffer *output = &endpoint->output;
    buffer_clear(lines);
    buffer_append(lines, buffer_bytes(&exchange->upgrade_lines));
    buffer_append(lines, buffer_bytes(&exchange->lines));
    buffer_append(lines, headers);
    buffer_clear(output);
    http_response_write(&(struct http_response){.status = 101, .headers = buffer_bytes(lines)},
                        output);
    if (buffer_status(&exchange->upgrade_lines) != LC_OK ||
        buffer_status(&exchange->lines) != LC_OK || buffer_status(lines) != LC_OK ||
        buffer_status(output) != LC_OK) {
        peer->has_failed = true;
        endpoint_note(peer);
        return;
    }
    peer_send(peer, buffer_bytes(output));
}

uint64_t link_engine_accept(void *shell, uint64_t id, struct bytes headers)
{
    struct endpoint *endpoint = shell;
    struct endpoint_peer *peer = slot_table_find(&endpoint->exchanges, id);
    if (peer == NULL || !peer->exchange->is_owed || !peer->exchange->is_upgrade) {
        return 0;
    }
    peer->exchange->is_owed = false;
    peer->link = link_create(peer);
    if (peer->link == NULL) {
        peer->has_failed = true;
        endpoint_note(peer);
        return 0;
    }
    peer->exchange->responded = true;
    peer->exchange->accepted = true;
    send_accept(peer, headers);
    if (!peer->is_busy) {
        endpoint_note(peer); // frames may have come already
    }
    return peer->link->id;
}

void link_engine_attach(void *shell, uint64_t ws, struct engineio_session_id session)
{
    struct endpoint *endpoint = shell;
    struct endpoint_peer *peer = slot_table_find(&endpoint->links, ws);
    if (peer != NULL) {
        peer->link->session = session;
    }
}

// ---- frames out ----

static struct ws_deflater *deflater_of(struct endpoint_peer *peer)
{
    struct link *link = peer->link;
    struct endpoint *endpoint = peer->endpoint;
    const struct ws_deflate_terms *terms = &link->reader.terms;
    struct ws_deflater **place = &link->deflater;
    if (terms->server_forgets) { // its state is nothing between two messages: one for all
        int bits = terms->server_window_bits == 0 ? WS_WINDOW_BITS_MAX : terms->server_window_bits;
        place = &endpoint->deflaters[bits];
    }
    if (*place == NULL) {
        *place = ws_deflater_create(&endpoint->config.deflate, terms->server_window_bits);
    }
    return *place;
}

static void send_compressed(struct endpoint_peer *peer, struct bytes frames)
{
    struct buffer *coded = &peer->endpoint->coded;
    bool forgets = peer->link->reader.terms.server_forgets;
    struct ws_deflater *deflater = deflater_of(peer);
    buffer_clear(coded);
    if (deflater != NULL && ws_deflater_rewrite(deflater, forgets, frames, coded) == LC_OK) {
        peer_send(peer, buffer_bytes(coded));
    } else {
        peer->has_failed = true; // the client's state can no longer be met
        endpoint_note(peer);
    }
    peer_trim(coded);
}

bool link_engine_send(void *shell, uint64_t ws, struct bytes frames)
{
    struct endpoint *endpoint = shell;
    struct endpoint_peer *peer = slot_table_find(&endpoint->links, ws);
    if (peer == NULL || peer->is_closing || peer->has_failed) {
        return false;
    }
    // A state to compress with costs a hundred times the rest of a connection: not for small talk.
    if (peer->deflates && frames.size >= endpoint->config.deflate.bytes_min) {
        send_compressed(peer, frames);
    } else {
        peer_send(peer, frames);
    }
    return !peer->is_blocked && !peer->has_failed;
}

void link_engine_foresee(void *shell, uint64_t ws)
{
    const struct endpoint *endpoint = shell;
    const struct endpoint_peer *peer = slot_table_find(&endpoint->links, ws);
    if (peer != NULL) {
        prefetch_head(peer->shell); // whatever it is
    }
}

static void send_control(struct endpoint_peer *peer, uint8_t opcode, struct bytes payload)
{
    struct buffer frame;
    buffer_init(&frame, 2 + WS_CONTROL_SIZE_MAX);
    ws_frame_append(&frame, WS_FIN | opcode, payload);
    peer_send(peer, buffer_bytes(&frame));
    buffer_release(&frame);
}

static void send_close(struct endpoint_peer *peer, int code)
{
    struct buffer frame;
    if (!peer->is_closing) {
        peer->is_closing = true;
        buffer_init(&frame, 2 + WS_CONTROL_SIZE_MAX);
        ws_frame_append_close(&frame, code);
        peer_send(peer, buffer_bytes(&frame));
        buffer_release(&frame);
    }
}

// Only the latest ping needs its pong (RFC 6455 5.5.3).
static void answer_ping(struct endpoint_peer *peer)
{
    struct link *link = peer->link;
    if (!peer->is_blocked) {
        send_control(peer, WS_OPCODE_PONG, ws_reader_control(&link->reader));
        return;
    }
    link->owes_pong = true;
    buffer_clear(&link->pong);
    buffer_append(&link->pong, ws_reader_control(&link->reader));
}

void link_on_writable(struct endpoint_peer *peer)
{
    struct endpoint *endpoint = peer->endpoint;
    struct link *link = peer->link;
    if (link->owes_pong && !peer->is_closing) {
        link->owes_pong = false;
        send_control(peer, WS_OPCODE_PONG, buffer_bytes(&link->pong));
        buffer_release(&link->pong);
    }
    if (link->is_known && !peer->is_blocked) {
        engineio_ws_writable(endpoint->engine, endpoint->now_ms, link->session, link->id);
    }
}

// ---- the end ----

void link_engine_close(void *shell, uint64_t ws, int code)
{
    struct endpoint *endpoint = shell;
    struct endpoint_peer *peer = slot_table_find(&endpoint->links, ws);
    if (peer == NULL) {
        return;
    }
    peer->link->is_known = false;
    slot_table_remove(&endpoint->links, ws);
    send_close(peer, code);
    if (peer->phase == PHASE_OPEN) {
        peer_set_phase(peer, PHASE_CLOSING, endpoint->now_ms + ENDPOINT_CLOSE_WAIT_MS);
    }
}

void link_tell_gone(struct endpoint_peer *peer, bool failed)
{
    struct endpoint *endpoint = peer->endpoint;
    struct link *link = peer->link;
    if (link->is_known) {
        link->is_known = false;
        slot_table_remove(&endpoint->links, link->id);
        engineio_ws_gone(endpoint->engine, endpoint->now_ms, link->session, link->id, failed);
    }
}

void link_fail(struct endpoint_peer *peer, int code)
{
    send_close(peer, code);
    peer_end(peer, true);
}

// ---- frames in ----

// A message has to be complete in time, counted from its first byte.
static void pace_message(struct endpoint_peer *peer)
{
    struct endpoint *endpoint = peer->endpoint;
    bool is_waiting = ws_reader_is_waiting(&peer->link->reader);
    if (peer->phase == PHASE_OPEN && is_waiting != (peer->phase_by_ms != DEADLINE_NONE)) {
        peer_set_phase(peer, PHASE_OPEN,
                       is_waiting ? endpoint->now_ms + endpoint->config.request_timeout_ms
                                  : DEADLINE_NONE);
    }
}

static void give_message(struct endpoint_peer *peer)
{
    struct endpoint *endpoint = peer->endpoint;
    struct link *link = peer->link;
    if (link->is_known) {
        engineio_ws_message(endpoint->engine, endpoint->now_ms, link->session, link->id,
                            ws_reader_is_binary(&link->reader), ws_reader_message(&link->reader));
    }
    ws_reader_forget_message(&link->reader);
}

bool link_take(struct endpoint_peer *peer, struct bytes in, size_t *out_used)
{
    struct link *link = peer->link;
    if (in.size == 0) {
        return false;
    }
    enum ws_event event = ws_reader_feed(&link->reader, in, out_used);
    switch (event) {
    case WS_MORE:
        break;
    case WS_MESSAGE:
        give_message(peer);
        break;
    case WS_PING:
        if (!peer->is_closing) {
            answer_ping(peer);
        }
        break;
    case WS_PONG:
        break;
    case WS_CLOSE:
        send_close(peer, ws_reader_code(&link->reader));
        peer_end(peer, false);
        return true;
    case WS_BAD:
        link_fail(peer, ws_reader_code(&link->reader));
        return true;
    }
    pace_message(peer);
    return event != WS_MORE;
}
