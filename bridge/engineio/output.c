// Packets out: a polling body or a batch of WebSocket frames, from what the engine and the
// application have to say. Frames are made once, in the form of protocol 4; what protocol 3 wants
// besides is added here.
#include <stdio.h>

#include "bridge/engineio/base64.h"
#include "bridge/engineio/jsonp.h"
#include "bridge/engineio/payload3.h"
#include "bridge/engineio/session.h"

enum { OPEN_PACKET_MAX = 256 };

static const char OCTETS[] = "application/octet-stream";

static const struct frame *peek(struct engineio_server *engine, struct session *session)
{
    return engine->app_ops.peek(engine->app, session->connection, session->fresh_from);
}

static void pop(struct engineio_server *engine, struct session *session)
{
    engine->counts.packets_out_total++;
    engine->app_ops.pop(engine->app, session->connection);
}

static struct bytes open_packet(const struct engineio_server *engine, const struct session *session,
                                char text[OPEN_PACKET_MAX])
{
    bool upgrades =
        !session->websocket && engine->config.allow_websocket && engine->config.allow_upgrades;
    int size = snprintf(text, OPEN_PACKET_MAX,
                        "0{\"sid\":\"%s\",\"upgrades\":[%s],\"pingInterval\":%lld,"
                        "\"pingTimeout\":%lld,\"maxPayload\":%zu}",
                        session->sid, upgrades ? "\"websocket\"" : "",
                        (long long)engine->config.ping_interval_ms,
                        (long long)engine->config.ping_timeout_ms, engine->config.max_payload);
    LC_ASSERT(size > 0 && size < OPEN_PACKET_MAX);
    return bytes_of(text, (size_t)size);
}

// ---- polling bodies ----

// A body while packets are added to it. For a client of protocol 3 that takes bytes it grows in both
// forms: which one is sent shows itself only at its end.
struct body {
    struct buffer *text;
    struct buffer *octets; // NULL: not wanted
    bool has_binary;
    bool has_beyond_ascii;
    bool may_compress;
    bool is_drained; // its packets are nowhere else
};

static struct body body_begin(struct engineio_server *engine, const struct session *session)
{
    struct body body = {.text = &engine->output};
    buffer_clear(&engine->output);
    if (session->protocol == 3 && !session->base64) {
        buffer_clear(&engine->octets);
        body.octets = &engine->octets;
    }
    return body;
}

static void add_to_body3(struct body *body, bool binary, struct bytes packet)
{
    if (binary) {
        body->has_binary = true;
        payload3_append_base64(body->text, packet);
    } else {
        payload3_append_text(body->text, packet);
    }
    if (body->octets == NULL) {
        return;
    }
    if (binary) {
        payload3_append_binary_octets(body->octets, packet);
    } else {
        body->has_beyond_ascii =
            body->has_beyond_ascii || payload3_utf16_length(packet) < packet.size;
        payload3_append_text_octets(body->octets, packet);
    }
}

static void add_to_body4(struct body *body, bool binary, struct bytes packet)
{
    if (body->text->size > 0) {
        buffer_append_byte(body->text, PAYLOAD_SEPARATOR);
    }
    if (binary) {
        buffer_append_byte(body->text, 'b');
        base64_append(body->text, packet);
    } else {
        buffer_append(body->text, packet);
    }
}

// `packet`: text with its type, or the data of a binary message.
static void body_add(const struct session *session, struct body *body, bool binary,
                     struct bytes packet)
{
    if (session->protocol == 3) {
        add_to_body3(body, binary, packet);
    } else {
        add_to_body4(body, binary, packet);
    }
}

// The body in the form that the client reads; LC_ERR_FULL: there was no memory for it.
static enum lc_status body_finish(struct engineio_server *engine, const struct session *session,
                                  const struct body *body, struct engineio_response *response)
{
    struct buffer *chosen = body->text;
    response->content_type = "text/plain; charset=UTF-8";
    enum lc_status status = buffer_status(body->text);
    if (session->jsonp) {
        chosen = &engine->octets;
        buffer_clear(chosen);
        jsonp_append(chosen, bytes_of(session->jsonp_index, session->jsonp_index_size),
                     buffer_bytes(body->text));
    } else if (body->octets != NULL &&
               (body->has_binary || (session->octets && body->has_beyond_ascii))) {
        response->content_type = OCTETS;
        chosen = body->octets;
    }
    response->body = buffer_bytes(chosen);
    return status == LC_OK ? buffer_status(chosen) : status;
}

static enum lc_status body_send(struct engineio_server *engine, struct session *session,
                                bool is_first, uint64_t exchange, const struct body *body)
{
    struct engineio_response response = {
        .status = 200, .no_store = true, .may_compress = body->may_compress};
    enum lc_status status = body_finish(engine, session, body, &response);
    bool is_kept = body->is_drained && is_relayed(exchange);
    if (status == LC_OK && is_kept) {
        status = session_keep(session, exchange, &response);
    }
    if (status == LC_OK && is_kept) {
        engine_respond_packets(engine, session, exchange, &response);
    } else if (status == LC_OK) {
        engine_respond(engine, session, is_first, exchange, response);
    } else {
        engine_respond_empty(engine, session, exchange, 500);
    }
    return status;
}

static enum lc_status send_poll(struct engineio_server *engine, struct session *session,
                                const struct body *body)
{
    uint64_t exchange = session->get;
    session->get = 0;
    engine->counts.polls_total++;
    return body_send(engine, session, false, exchange, body);
}

void session_answer_poll(struct engineio_server *engine, struct session *session, const char *first,
                         const char *second)
{
    struct body body = body_begin(engine, session);
    body_add(session, &body, false, bytes_text(first));
    if (second != NULL) {
        body_add(session, &body, false, bytes_text(second));
    }
    (void)send_poll(engine, session, &body); // a body of a few bytes; else the client hears 500
}

void session_answer_handshake(struct engineio_server *engine, struct session *session,
                              uint64_t exchange)
{
    char text[OPEN_PACKET_MAX];
    const struct frame *initial = engine->initial;
    struct body body = body_begin(engine, session);
    body.may_compress = true;
    body_add(session, &body, false, open_packet(engine, session, text));
    if (initial != NULL) {
        body_add(session, &body, initial->binary, frame_payload(initial));
    }
    if (body_send(engine, session, true, exchange, &body) != LC_OK) {
        session_end(engine, session, ENGINEIO_TRANSPORT_ERROR);
    }
}

static size_t poll_size(const struct session *session, const struct frame *frame)
{
    size_t size = frame_payload(frame).size;
    size = frame->binary ? 1 + base64_size(size) : size;
    return session->protocol == 3 ? size + PAYLOAD3_OVERHEAD_MAX : size;
}

static struct body collect_body(struct engineio_server *engine, struct session *session)
{
    struct body body = body_begin(engine, session);
    body.is_drained = true;
    if (session->ping_due) {
        body_add(session, &body, false, bytes_text("2"));
        session->ping_due = false;
    }
    for (; session->pongs_due > 0; session->pongs_due--) {
        body_add(session, &body, false, bytes_text("3"));
    }
    for (;;) {
        const struct frame *frame = peek(engine, session);
        if (frame == NULL ||
            (body.text->size > 0 &&
             body.text->size + 1 + poll_size(session, frame) > ENGINEIO_POLL_BODY_MAX)) {
            return body;
        }
        body_add(session, &body, frame->binary, frame_payload(frame));
        body.may_compress = body.may_compress || !frame->no_compress;
        bool ends = frame->ends_burst && frame->order >= session->fresh_from; // the poll waited
        pop(engine, session);
        if (ends) {
            return body;
        }
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
        session_answer_poll(engine, session, "6", NULL);
    }
    session_schedule(engine, session);
}

static void serve_polling(struct engineio_server *engine, struct session *session)
{
    if (session->get == 0) {
        return;
    }
    if (session->kept != NULL) {
        session_serve_kept(engine, session);
        return;
    }
    struct body body = collect_body(engine, session);
    if (body.text->size > 0 || buffer_status(body.text) != LC_OK) {
        if (send_poll(engine, session, &body) != LC_OK) { // its packets are lost
            session_end(engine, session, ENGINEIO_TRANSPORT_ERROR);
        }
    } else if (session->closing) {
        if (session->polled_late) {
            session_answer_poll(engine, session, "6", "1");
        } else {
            session_answer_poll(engine, session, "1", NULL);
        }
        session_end(engine, session, ENGINEIO_FORCED_CLOSE);
    } else if (session->probed) {
        answer_noop(engine, session);
    }
}

// ---- WebSocket batches ----

static void append_frame_of(struct buffer *out, bool binary, struct bytes payload)
{
    frame_append_header(out, binary, payload.size);
    buffer_append(out, payload);
}

// A binary message as protocol 3 has it: its type before the bytes, or base64 in text.
static void append_binary3(struct buffer *out, const struct session *session, struct bytes data)
{
    if (session->base64) {
        frame_append_header(out, false, 2 + base64_size(data.size));
        buffer_append_text(out, "b4");
        base64_append(out, data);
    } else {
        frame_append_header(out, true, 1 + data.size);
        buffer_append_byte(out, ENGINEIO_MESSAGE);
        buffer_append(out, data);
    }
}

static void append_frame(struct buffer *out, const struct session *session,
                         const struct frame *frame)
{
    if (frame->binary && session->protocol == 3) {
        append_binary3(out, session, frame_payload(frame));
    } else {
        buffer_append(out, frame_bytes(frame));
    }
}

static void append_open_frames(struct engineio_server *engine, struct session *session)
{
    char text[OPEN_PACKET_MAX];
    append_frame_of(&engine->output, false, open_packet(engine, session, text));
    engine->counts.pushes_total++;
    if (engine->initial != NULL) {
        append_frame(&engine->output, session, engine->initial);
        engine->counts.pushes_total++;
    }
    session->open_due = false;
}

static enum lc_status next_packet(bool is_3, struct payload_reader *reader,
                                  struct payload3_reader *reader3, struct buffer *scratch,
                                  struct engineio_packet *out_packet)
{
    return is_3 ? payload3_next(reader3, scratch, out_packet)
                : payload_next(reader, scratch, out_packet);
}

enum lc_status session_append_frames(const struct session *session, const struct kept *kept,
                                     struct buffer *out)
{
    bool is_3 = session->protocol == 3;
    bool octets = strcmp(kept->content_type, OCTETS) == 0;
    struct bytes body = bytes_of(kept->body, kept->size);
    struct payload_reader reader = payload_reader_on(body);
    struct payload3_reader reader3 = payload3_reader_on(body, octets);
    struct engineio_packet packet;
    struct buffer scratch;
    enum lc_status status = LC_OK;
    buffer_init(&scratch, kept->size);
    while (status == LC_OK && !(is_3 ? reader3.at_end : reader.at_end)) {
        status = next_packet(is_3, &reader, &reader3, &scratch, &packet);
        if (status == LC_OK && packet.binary && is_3) {
            append_binary3(out, session, packet.data);
        } else if (status == LC_OK && packet.binary) {
            append_frame_of(out, true, packet.data);
        } else if (status == LC_OK) {
            frame_append_header(out, false, 1 + packet.data.size);
            buffer_append_byte(out, (uint8_t)('0' + packet.type));
            buffer_append(out, packet.data);
        }
    }
    buffer_release(&scratch);
    return status == LC_OK ? buffer_status(out) : status;
}

// What the engine itself has to say comes before the application's frames.
static void append_own_frames(struct engineio_server *engine, struct session *session)
{
    if (session->kept_due) {
        buffer_append(&engine->output, bytes_of(session->kept->body, session->kept->size));
        session_forget_kept(session);
    }
    if (session->open_due) {
        append_open_frames(engine, session);
    }
    if (session->ping_due) {
        append_frame_of(&engine->output, false, bytes_text("2"));
        session->ping_due = false;
        engine->counts.pushes_total++;
    }
    for (; session->pongs_due > 0; session->pongs_due--) {
        append_frame_of(&engine->output, false, bytes_text("3"));
        engine->counts.pushes_total++;
    }
}

// What goes out in one write: joined in engine->output, or a single frame from where it is. Every
// receiver of a broadcast then sends the same bytes of the same memory: to copy 200 of them for each
// costs more of the kernel's time, when it takes them, than of ours (0125).
struct batch {
    struct frame *alone; // shared; NULL: joined
    bool ends_burst;     // the last frame does
    bool is_all;         // nothing waits behind it
};

static void batch_join(struct engineio_server *engine, struct batch *batch)
{
    if (batch->alone != NULL) {
        buffer_append(&engine->output, frame_bytes(batch->alone));
        frame_destroy(batch->alone);
        batch->alone = NULL;
    }
}

static void batch_add(struct engineio_server *engine, const struct session *session,
                      struct batch *batch, const struct frame *frame)
{
    bool goes_as_it_is = !frame->binary || session->protocol != 3;
    if (goes_as_it_is && batch->alone == NULL && engine->output.size == 0) {
        batch->alone = frame_share(frame);
    } else {
        batch_join(engine, batch);
        append_frame(&engine->output, session, frame);
    }
    batch->ends_burst = frame->ends_burst;
}

static struct batch collect_batch(struct engineio_server *engine, struct session *session)
{
    struct batch batch = {.alone = NULL};
    buffer_clear(&engine->output);
    append_own_frames(engine, session);
    while (engine->output.size < WS_BATCH_MAX && !batch.ends_burst && !batch.is_all) {
        const struct frame *frame = peek(engine, session);
        if (frame == NULL) {
            batch.is_all = true;
        } else {
            batch_add(engine, session, &batch, frame);
            engine->counts.pushes_total++;
            pop(engine, session);
        }
    }
    return batch;
}

static struct bytes batch_bytes(const struct engineio_server *engine, const struct batch *batch)
{
    return batch->alone != NULL ? frame_bytes(batch->alone) : buffer_bytes(&engine->output);
}

static void serve_websocket(struct engineio_server *engine, struct session *session)
{
    bool paused = session->resume_at_ms != DEADLINE_NONE;
    bool is_all = false;
    if (session->kept_waits) {
        return;
    }
    while (session->ws_ready && !paused && !is_all) {
        struct batch batch = collect_batch(engine, session);
        struct bytes frames = batch_bytes(engine, &batch);
        paused = batch.ends_burst;
        is_all = batch.is_all;
        if (buffer_status(&engine->output) != LC_OK) {
            frame_destroy(batch.alone);
            session_end(engine, session, ENGINEIO_TRANSPORT_ERROR);
            return;
        }
        if (frames.size > 0) {
            session->ws_ready = engine->transport.ws_send(engine->shell, session->ws, frames);
        }
        frame_destroy(batch.alone);
    }
    if (paused && session->resume_at_ms == DEADLINE_NONE) {
        session->resume_at_ms = engine->now_ms + BURST_PAUSE_MS;
        session_schedule(engine, session);
    }
    if (session->closing && session->ws_ready && !paused) {
        session_end(engine, session, ENGINEIO_FORCED_CLOSE);
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
