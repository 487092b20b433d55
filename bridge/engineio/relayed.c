// Requests and probes whose client is at another node: bodies that are kept until they are known to
// have arrived, and WebSockets there that want to take a session over.
#include "bridge/engineio/session.h"

#include <stdlib.h>

// ---- kept bodies ----

static struct kept *kept_create(struct bytes body)
{
    struct kept *kept = calloc(1, sizeof *kept + body.size);
    if (kept != NULL) {
        kept->size = body.size;
        if (body.size > 0) {
            memcpy(kept->body, body.data, body.size);
        }
    }
    return kept;
}

enum lc_status session_keep(struct session *session, uint64_t exchange,
                            const struct engineio_response *response)
{
    LC_ASSERT(session->kept == NULL);
    struct kept *kept = kept_create(response->body);
    if (kept == NULL) {
        return LC_ERR_NO_MEMORY;
    }
    kept->exchange = exchange;
    kept->content_type = response->content_type;
    kept->may_compress = response->may_compress;
    session->kept = kept;
    return LC_OK;
}

enum lc_status session_keep_frames(struct session *session, struct bytes frames)
{
    LC_ASSERT(session->kept == NULL);
    if (frames.size == 0) {
        return LC_OK;
    }
    session->kept = kept_create(frames);
    session->kept_due = session->kept != NULL;
    return session->kept_due ? LC_OK : LC_ERR_NO_MEMORY;
}

void session_forget_kept(struct session *session)
{
    free(session->kept);
    session->kept = NULL;
    session->kept_due = false;
    session->kept_waits = false;
}

void session_serve_kept(struct engineio_server *engine, struct session *session)
{
    struct kept *kept = session->kept;
    uint64_t exchange = session->get;
    if (!kept->is_lost) {
        return;
    }
    struct engineio_response response = {.status = 200,
                                         .content_type = kept->content_type,
                                         .body = bytes_of(kept->body, kept->size),
                                         .no_store = true,
                                         .may_compress = kept->may_compress};
    session->get = 0;
    engine->counts.polls_total++;
    kept->exchange = exchange;
    kept->is_lost = false;
    engine_respond_packets(engine, session, exchange, &response);
    if (!is_relayed(exchange)) {
        session_forget_kept(session);
    }
}

enum lc_status session_settle_kept(struct session *session)
{
    struct kept *kept = session->kept;
    session->kept_waits = kept != NULL && !kept->is_lost;
    if (kept == NULL || !kept->is_lost) {
        return LC_OK;
    }
    struct buffer frames;
    buffer_init(&frames, SIZE_MAX / 2);
    session->kept = NULL;
    enum lc_status status = session_append_frames(session, kept, &frames);
    status = status == LC_OK ? session_keep_frames(session, buffer_bytes(&frames)) : status;
    buffer_release(&frames);
    free(kept);
    return status;
}

// The session whose body this exchange carried away.
static struct session *find_kept(const struct engineio_server *engine,
                                 struct engineio_session_id id, uint64_t exchange)
{
    struct session *session = session_find(engine, id);
    bool is_it = session != NULL && session->kept != NULL && session->kept->exchange == exchange &&
                 is_relayed(exchange);
    return is_it ? session : NULL;
}

void engineio_response_written(struct engineio_server *engine, int64_t now_ms,
                               struct engineio_session_id id, uint64_t exchange)
{
    engine_set_now(engine, now_ms);
    struct session *session = find_kept(engine, id, exchange);
    if (session != NULL) {
        session_forget_kept(session);
        session_mark(engine, session); // a poll may have waited for this
    }
}

void engineio_response_lost(struct engineio_server *engine, int64_t now_ms,
                            struct engineio_session_id id, uint64_t exchange)
{
    engine_set_now(engine, now_ms);
    struct session *session = find_kept(engine, id, exchange);
    if (session != NULL) {
        session->kept->is_lost = true;
        session_mark(engine, session);
        if (session->websocket && session_settle_kept(session) != LC_OK) {
            session_end(engine, session, ENGINEIO_TRANSPORT_ERROR);
        }
    }
}

void engineio_exchange_forget(struct engineio_server *engine, int64_t now_ms,
                              struct engineio_session_id id, uint64_t exchange)
{
    engineio_response_lost(engine, now_ms, id, exchange);
    struct session *session = session_find(engine, id);
    if (session != NULL && session->get == exchange) {
        session->get = 0;
    }
    if (session != NULL && session->post == exchange) {
        session_forget_post(session);
    }
}

// ---- probes ----

void engine_close_probe(struct engineio_server *engine, uint64_t ws)
{
    if (is_relayed(ws)) {
        engine->relay_ops.probe_close(engine->relay, ws);
    } else {
        engine->transport.ws_close(engine->shell, ws, CLOSE_WITHOUT_CODE);
    }
}

struct session *session_find_probe(const struct engineio_server *engine, struct bytes sid,
                                   uint64_t probe)
{
    struct session *session = session_find_sid(engine, sid);
    return session != NULL && session->probe_ws == probe && is_relayed(probe) ? session : NULL;
}

enum engineio_probe engineio_probe_begin(struct engineio_server *engine, int64_t now_ms,
                                         struct bytes sid, struct bytes query, uint64_t probe)
{
    engine_set_now(engine, now_ms);
    struct session *session = session_find_sid(engine, sid);
    LC_ASSERT(is_relayed(probe));
    if (session == NULL) {
        return ENGINEIO_PROBE_UNKNOWN;
    }
    if (protocol_of(query) != session->protocol) {
        return ENGINEIO_PROBE_BAD;
    }
    if (!session_may_probe(session)) {
        return ENGINEIO_PROBE_LATE;
    }
    session_begin_probe(engine, session, probe, query);
    return ENGINEIO_PROBE_BEGUN;
}

void engineio_probe_ready(struct engineio_server *engine, int64_t now_ms, struct bytes sid,
                          uint64_t probe)
{
    engine_set_now(engine, now_ms);
    struct session *session = session_find_probe(engine, sid, probe);
    if (session != NULL && !session->moving) {
        session->probed = true;
        session_mark(engine, session); // a hanging poll is freed
    }
}

void engineio_probe_gone(struct engineio_server *engine, int64_t now_ms, struct bytes sid,
                         uint64_t probe)
{
    engine_set_now(engine, now_ms);
    struct session *session = session_find_probe(engine, sid, probe);
    if (session == NULL) {
        return;
    }
    session->probe_ws = 0;
    if (session->moving) { // its transport is gone
        session_end(engine, session, ENGINEIO_TRANSPORT_ERROR);
    } else {
        session_drop_probe(engine, session, "transport close");
    }
}
