#include "bridge/engineio/session.h"

#include <stdlib.h>

#include "bridge/engineio/base64.h"

static void respond_text(struct engineio_server *engine, uint64_t exchange, struct bytes body)
{
    struct engineio_response response = {.status = 200,
                                         .content_type = "text/plain; charset=UTF-8",
                                         .body = body,
                                         .no_store = true,
                                         .may_compress = true};
    engine->transport.respond(engine->shell, exchange, &response);
}

// ---- opening ----

static struct session *session_new(void)
{
    struct session *session = calloc(1, sizeof *session);
    if (session != NULL) {
        session->deadline.at_ms = DEADLINE_NONE;
        session->ping_at_ms = DEADLINE_NONE;
        session->pong_by_ms = DEADLINE_NONE;
        session->upgrade_by_ms = DEADLINE_NONE;
        session->noop_at_ms = DEADLINE_NONE;
        session->close_by_ms = DEADLINE_NONE;
        session->resume_at_ms = DEADLINE_NONE;
        session->app_at_ms = DEADLINE_NONE;
    }
    return session;
}

static void draw_sid(struct engineio_server *engine, struct session *session)
{
    uint8_t random[ENGINEIO_SID_SIZE / 4 * 3];
    do {
        engine->config.random(engine->config.random_context, random, sizeof random);
        base64url_write(bytes_of(random, sizeof random), session->sid);
    } while (session_find_sid(engine, bytes_of(session->sid, ENGINEIO_SID_SIZE)) != NULL);
}

enum lc_status session_open(struct engineio_server *engine, const struct engineio_request *request,
                            uint64_t ws, struct session **out_session)
{
    enum lc_status status = deadline_heap_reserve(&engine->deadlines, engine->sessions.count + 1U);
    struct session *session = status == LC_OK ? session_new() : NULL;
    if (session == NULL) {
        return LC_ERR_NO_MEMORY;
    }
    status = handshake_copy(&request->handshake, &session->handshake);
    if (status == LC_OK) {
        status = slot_table_add(&engine->sessions, session, &session->id.value);
    }
    if (status != LC_OK) {
        handshake_destroy(session->handshake);
        free(session);
        return status;
    }
    draw_sid(engine, session);
    struct session **bucket = session_bucket(engine, session->sid);
    session->sid_next = *bucket;
    *bucket = session;
    session->ws = ws;
    session->websocket = ws != 0;
    session->ws_ready = ws != 0;
    session->open_due = ws != 0;
    session->fresh_from = engine->order;
    session->ping_at_ms = engine->now_ms + engine->config.ping_interval_ms;
    engine->counts.sessions_websocket += session->websocket ? 1 : 0;
    session_schedule(engine, session);
    session_mark(engine, session);
    struct engineio_session_id id = session->id;
    session->connection = engine->app_ops.on_open(engine->app, id);
    if (session->connection == NULL) {
        session->ws = 0;
        session_end(engine, session, ENGINEIO_FORCED_CLOSE);
        return LC_ERR_FULL;
    }
    session->accepted = true;
    engine->counts.handshakes_total++;
    session_report(engine, session, "opened", session->websocket ? "websocket" : "polling");
    *out_session = session;
    return LC_OK;
}

// ---- ending ----

void session_report(struct engineio_server *engine, struct session *session, const char *what,
                    const char *reason)
{
    if (engine->app_ops.on_transport != NULL) {
        engine->app_ops.on_transport(engine->app, session->connection,
                                     bytes_of(session->sid, ENGINEIO_SID_SIZE), what, reason);
    }
}

static void answer_poll(struct engineio_server *engine, struct session *session, struct bytes body)
{
    uint64_t exchange = session->get;
    session->get = 0;
    engine->counts.polls_total++;
    respond_text(engine, exchange, body);
}

static void leave_tables(struct engineio_server *engine, struct session *session)
{
    session_unmark(engine, session);
    deadline_heap_set(&engine->deadlines, &session->deadline, DEADLINE_NONE);
    struct session **link = session_bucket(engine, session->sid);
    while (*link != session) {
        link = &(*link)->sid_next;
    }
    *link = session->sid_next;
    slot_table_remove(&engine->sessions, session->id.value);
    engine->counts.sessions_websocket -= session->websocket ? 1 : 0;
}

void session_end(struct engineio_server *engine, struct session *session,
                 enum engineio_reason reason)
{
    leave_tables(engine, session);
    if (session->get != 0) {
        answer_poll(engine, session, bytes_text("1"));
    }
    if (session->probe_ws != 0) {
        engine->transport.ws_close(engine->shell, session->probe_ws, CLOSE_NORMAL);
    }
    if (session->ws != 0) {
        engine->transport.ws_close(engine->shell, session->ws, CLOSE_NORMAL);
    }
    if (session->accepted) {
        session_report(engine, session, "closed", engineio_reason_name(reason));
        engine->app_ops.on_close(engine->app, session->connection, reason);
    }
    handshake_destroy(session->handshake);
    free(session);
}

void session_close(struct engineio_server *engine, struct session *session)
{
    if (session->closing) {
        return;
    }
    session->closing = true;
    session->ping_due = false;
    session->ping_at_ms = DEADLINE_NONE;
    session->pong_by_ms = DEADLINE_NONE;
    session->close_by_ms = engine->now_ms + CLOSE_WAIT_MS;
    if (session->probe_ws != 0) {
        session_drop_probe(engine, session, "session closed");
    }
    session_schedule(engine, session);
    session_mark(engine, session);
}

// ---- heartbeat and other deadlines ----

void session_on_pong(struct engineio_server *engine, struct session *session)
{
    if (session->closing) {
        return;
    }
    session->pong_by_ms = DEADLINE_NONE;
    session->ping_at_ms = engine->now_ms + engine->config.ping_interval_ms;
    session_schedule(engine, session);
}

static bool is_due(const struct engineio_server *engine, int64_t *at_ms)
{
    if (*at_ms > engine->now_ms) {
        return false;
    }
    *at_ms = DEADLINE_NONE;
    return true;
}

void session_on_deadline(struct engineio_server *engine, struct session *session)
{
    int64_t ping_at_ms = session->ping_at_ms;
    if (is_due(engine, &session->pong_by_ms)) {
        session_end(engine, session, ENGINEIO_PING_TIMEOUT);
        return;
    }
    if (is_due(engine, &session->close_by_ms)) {
        session_end(engine, session, ENGINEIO_FORCED_CLOSE);
        return;
    }
    if (is_due(engine, &session->ping_at_ms)) {
        session->ping_due = true; // the clock starts now, delivered or not
        session->pong_by_ms = ping_at_ms + engine->config.ping_timeout_ms;
        session_mark(engine, session);
    }
    if (is_due(engine, &session->upgrade_by_ms)) {
        session_drop_probe(engine, session, "upgrade timeout");
    }
    bool may_send = is_due(engine, &session->noop_at_ms);
    may_send = is_due(engine, &session->resume_at_ms) || may_send;
    if (may_send) {
        session_mark(engine, session);
    }
    bool app_is_due = is_due(engine, &session->app_at_ms);
    session_schedule(engine, session);
    if (app_is_due) {
        engine->app_ops.on_deadline(engine->app, session->connection); // may end the session
    }
}

// ---- upgrade ----

void session_drop_probe(struct engineio_server *engine, struct session *session, const char *why)
{
    uint64_t ws = session->probe_ws;
    session->probe_ws = 0;
    session->probed = false;
    session->upgrade_by_ms = DEADLINE_NONE;
    session->noop_at_ms = DEADLINE_NONE;
    session_schedule(engine, session);
    engine->counts.upgrades_failed_total++;
    if (ws != 0) {
        engine->transport.ws_close(engine->shell, ws, CLOSE_NORMAL);
    }
    session_report(engine, session, "upgrade given up", why);
}

void session_upgrade(struct engineio_server *engine, struct session *session)
{
    if (session->get != 0) {
        answer_poll(engine, session, bytes_text("6"));
    }
    session->websocket = true;
    session->ws = session->probe_ws;
    session->probe_ws = 0;
    session->probed = false;
    session->post = 0; // a body still on its way finds another transport
    session->upgrade_by_ms = DEADLINE_NONE;
    session->noop_at_ms = DEADLINE_NONE;
    if (session->pong_by_ms != DEADLINE_NONE) { // the pong may have been lost with the polling
        session->pong_by_ms = engine->now_ms + engine->config.ping_timeout_ms;
    }
    session_schedule(engine, session);
    engine->counts.sessions_websocket++;
    engine->counts.upgrades_total++;
    session_report(engine, session, "upgraded", "websocket");
    session_mark(engine, session);
}

// ---- packets in ----

bool session_on_packet(struct engineio_server *engine, struct session *session,
                       const struct engineio_packet *packet)
{
    struct engineio_session_id id = session->id;
    engine->counts.packets_in_total++;
    switch (packet->type) {
    case ENGINEIO_MESSAGE:
        if (session->closing) {
            return false;
        }
        engine->app_ops.on_message(engine->app, session->connection, packet->binary, packet->data);
        session = session_find(engine, id);
        return session != NULL && !session->closing;
    case ENGINEIO_PONG:
        session_on_pong(engine, session);
        return true;
    case ENGINEIO_CLOSE:
        if (session->get != 0) {
            answer_poll(engine, session, bytes_text("6"));
        }
        session_end(engine, session, ENGINEIO_TRANSPORT_CLOSE);
        return false;
    case ENGINEIO_PING: // wrong direction
        session_end(engine, session, ENGINEIO_TRANSPORT_ERROR);
        return false;
    case ENGINEIO_OPEN:
    case ENGINEIO_UPGRADE:
    case ENGINEIO_NOOP:
        return true;
    }
    return true;
}

// ---- packets out ----

static const struct frame *peek(struct engineio_server *engine, struct session *session)
{
    return engine->app_ops.peek(engine->app, session->connection, session->fresh_from);
}

static void pop(struct engineio_server *engine, struct session *session)
{
    engine->counts.packets_out_total++;
    engine->app_ops.pop(engine->app, session->connection);
}

static void append_open(struct engineio_server *engine, struct session *session, struct buffer *out)
{
    bool upgrades =
        !session->websocket && engine->config.allow_websocket && engine->config.allow_upgrades;
    buffer_append_format(out,
                         "0{\"sid\":\"%s\",\"upgrades\":[%s],\"pingInterval\":%lld,"
                         "\"pingTimeout\":%lld,\"maxPayload\":%zu}",
                         session->sid, upgrades ? "\"websocket\"" : "",
                         (long long)engine->config.ping_interval_ms,
                         (long long)engine->config.ping_timeout_ms, engine->config.max_payload);
}

void session_answer_handshake(struct engineio_server *engine, struct session *session,
                              uint64_t exchange)
{
    buffer_clear(&engine->output);
    append_open(engine, session, &engine->output);
    respond_text(engine, exchange, buffer_bytes(&engine->output));
}

// A text frame of at most 125 bytes.
static void append_short_frame(struct buffer *out, struct bytes text)
{
    LC_ASSERT(text.size < 126);
    buffer_append_byte(out, 0x81);
    buffer_append_byte(out, (uint8_t)text.size);
    buffer_append(out, text);
}

// What the engine itself has to say comes before the application's frames.
static void append_own_frames(struct engineio_server *engine, struct session *session)
{
    if (session->open_due) {
        struct buffer text;
        buffer_init(&text, 512);
        append_open(engine, session, &text);
        struct bytes parts[] = {buffer_bytes(&text)};
        struct frame *frame;
        if (frame_create(false, parts, 1, &frame) == LC_OK) {
            buffer_append(&engine->output, frame_bytes(frame));
            session->open_due = false;
            engine->counts.pushes_total++;
            frame_destroy(frame);
        }
        buffer_release(&text);
    }
    if (session->ping_due) {
        append_short_frame(&engine->output, bytes_text("2"));
        session->ping_due = false;
        engine->counts.pushes_total++;
    }
}

// Collects a batch of frames; true when a frame ended the burst.
static bool collect_batch(struct engineio_server *engine, struct session *session)
{
    buffer_clear(&engine->output);
    append_own_frames(engine, session);
    while (engine->output.size < WS_BATCH_MAX) {
        const struct frame *frame = peek(engine, session);
        if (frame == NULL) {
            return false;
        }
        buffer_append(&engine->output, frame_bytes(frame));
        engine->counts.pushes_total++;
        bool ends = frame->ends_burst;
        pop(engine, session);
        if (ends) {
            return true;
        }
    }
    return false;
}

static void serve_websocket(struct engineio_server *engine, struct session *session)
{
    bool paused = session->resume_at_ms != DEADLINE_NONE;
    while (session->ws_ready && !paused) {
        paused = collect_batch(engine, session);
        if (buffer_status(&engine->output) != LC_OK) {
            session_end(engine, session, ENGINEIO_TRANSPORT_ERROR);
            return;
        }
        if (engine->output.size == 0) {
            break;
        }
        session->ws_ready =
            engine->transport.ws_send(engine->shell, session->ws, buffer_bytes(&engine->output));
    }
    if (paused && session->resume_at_ms == DEADLINE_NONE) {
        session->resume_at_ms = engine->now_ms + BURST_PAUSE_MS;
        session_schedule(engine, session);
    }
    if (session->closing && session->ws_ready && !paused) {
        session_end(engine, session, ENGINEIO_FORCED_CLOSE);
    }
}

static size_t poll_size(const struct frame *frame)
{
    size_t size = frame_payload(frame).size;
    return frame->binary ? 1 + base64_size(size) : size;
}

static void append_to_body(struct buffer *body, const struct frame *frame)
{
    if (body->size > 0) {
        buffer_append_byte(body, PAYLOAD_SEPARATOR);
    }
    if (frame->binary) {
        buffer_append_byte(body, 'b');
        base64_append(body, frame_payload(frame));
    } else {
        buffer_append(body, frame_payload(frame));
    }
}

static void collect_body(struct engineio_server *engine, struct session *session)
{
    struct buffer *body = &engine->output;
    buffer_clear(body);
    if (session->ping_due) {
        buffer_append_byte(body, '2');
        session->ping_due = false;
    }
    for (;;) {
        const struct frame *frame = peek(engine, session);
        if (frame == NULL ||
            (body->size > 0 && body->size + 1 + poll_size(frame) > ENGINEIO_POLL_BODY_MAX)) {
            return;
        }
        append_to_body(body, frame);
        pop(engine, session);
    }
}

// Frees the poll of a client that wants to upgrade and waits for its polls to end. The pace keeps a
// client that never heard of its upgrade from polling in circles.
static void answer_noop(struct engineio_server *engine, struct session *session)
{
    if (engine->now_ms < session->noop_next_ms) {
        session->noop_at_ms = session->noop_next_ms;
    } else {
        session->noop_next_ms = engine->now_ms + NOOP_PACE_MS;
        session->noop_at_ms = DEADLINE_NONE;
        answer_poll(engine, session, bytes_text("6"));
    }
    session_schedule(engine, session);
}

static void serve_polling(struct engineio_server *engine, struct session *session)
{
    if (session->get == 0) {
        return;
    }
    collect_body(engine, session);
    if (buffer_status(&engine->output) != LC_OK) {
        session_end(engine, session, ENGINEIO_TRANSPORT_ERROR);
    } else if (engine->output.size > 0) {
        answer_poll(engine, session, buffer_bytes(&engine->output));
    } else if (session->closing) {
        answer_poll(engine, session,
                    bytes_text(session->polled_late ? "6\x1e"
                                                      "1"
                                                    : "1"));
        session_end(engine, session, ENGINEIO_FORCED_CLOSE);
    } else if (session->probed) {
        answer_noop(engine, session);
    }
}

void session_serve(struct engineio_server *engine, struct session *session)
{
    if (session->websocket) {
        serve_websocket(engine, session);
    } else {
        serve_polling(engine, session);
    }
}
