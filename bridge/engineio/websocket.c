// WebSockets: the one that wants to take over from polling, messages, departures.
#include "bridge/engineio/payload3.h"
#include "bridge/engineio/query.h"
#include "bridge/engineio/session.h"

// One that has its WebSocket, or another that wants to become it, takes none.
bool session_may_probe(const struct session *session)
{
    return !session->websocket && session->probe_ws == 0 && !session->closing;
}

void session_begin_probe(struct engineio_server *engine, struct session *session, uint64_t ws,
                         struct bytes query)
{
    char flag[1];
    session->probe_ws = ws;
    session->probe_base64 = session->protocol == 3 && query_value(query, "b64", flag, 1) > 0;
    session->ws_ready = true;
    session->upgrade_by_ms = engine->now_ms + engine->config.upgrade_timeout_ms;
    session_schedule(engine, session);
}

void websocket_begin_probe(struct engineio_server *engine, struct session *session,
                           const struct engineio_request *request)
{
    uint64_t ws = engine_accept(engine, session, false, request->exchange);
    if (ws == 0) {
        return;
    }
    if (!session_may_probe(session)) { // clients expect a 101 and then a close
        engine->transport.ws_close(engine->shell, ws, CLOSE_WITHOUT_CODE);
        return;
    }
    session_begin_probe(engine, session, ws, request->handshake.query);
}

static void on_probe_message(struct engineio_server *engine, struct session *session, bool binary,
                             struct bytes data)
{
    if (!binary && bytes_equal_text(data, "2probe")) {
        static const uint8_t answer[] = {0x81, 6, '3', 'p', 'r', 'o', 'b', 'e'};
        session->ws_ready = engine->transport.ws_send(engine->shell, session->probe_ws,
                                                      bytes_of(answer, sizeof answer));
        session->probed = true;
        session_mark(engine, session); // a hanging poll is freed
    } else if (!binary && data.size > 0 && data.data[0] == '5') {
        session_upgrade(engine, session);
    } else {
        session_drop_probe(engine, session, "unexpected packet");
    }
}

static enum lc_status read_message(struct engineio_server *engine, const struct session *session,
                                   bool binary, struct bytes data,
                                   struct engineio_packet *out_packet)
{
    if (binary && session->protocol == 3) {
        return packet3_read_binary(data, out_packet);
    }
    if (binary) {
        *out_packet = (struct engineio_packet){ENGINEIO_MESSAGE, true, data};
        return LC_OK;
    }
    if (!bytes_is_utf8(data)) {
        return LC_ERR_BAD_INPUT;
    }
    return session->protocol == 3 ? packet3_read_text(data, &engine->scratch, out_packet)
                                  : packet_read_text(data, &engine->scratch, out_packet);
}

void engineio_ws_message(struct engineio_server *engine, int64_t now_ms,
                         struct engineio_session_id id, uint64_t ws, bool binary, struct bytes data)
{
    engine_set_now(engine, now_ms);
    if (is_foreign(id)) {
        engine->foreign_ops.ws_message(engine->foreign, id, ws, binary, data);
        return;
    }
    struct session *session = session_find(engine, id);
    if (session == NULL) {
        return;
    }
    if (ws == session->probe_ws) {
        on_probe_message(engine, session, binary, data);
        return;
    }
    if (ws != session->ws) {
        return;
    }
    struct engineio_packet packet;
    if (read_message(engine, session, binary, data, &packet) != LC_OK) {
        session_end(engine, session, ENGINEIO_PARSE_ERROR);
        return;
    }
    (void)session_on_packet(engine, session, &packet);
}

void engineio_ws_writable(struct engineio_server *engine, int64_t now_ms,
                          struct engineio_session_id id, uint64_t ws)
{
    engine_set_now(engine, now_ms);
    struct session *session = session_find(engine, id);
    if (session != NULL && (ws == session->ws || ws == session->probe_ws) && !session->ws_ready) {
        session->ws_ready = true;
        session->fresh_from = session->websocket ? engine->order : session->fresh_from;
        session_mark(engine, session);
    }
}

void engineio_ws_gone(struct engineio_server *engine, int64_t now_ms, struct engineio_session_id id,
                      uint64_t ws, bool failed)
{
    engine_set_now(engine, now_ms);
    if (is_foreign(id)) {
        engine->foreign_ops.ws_gone(engine->foreign, id, ws, failed);
        return;
    }
    struct session *session = session_find(engine, id);
    if (session == NULL) {
        return;
    }
    if (ws == session->probe_ws) {
        session->probe_ws = 0;
        session_drop_probe(engine, session, failed ? "transport error" : "transport close");
    } else if (ws == session->ws) {
        session->ws = 0;
        session_end(engine, session, failed ? ENGINEIO_TRANSPORT_ERROR : ENGINEIO_TRANSPORT_CLOSE);
    }
}

struct engineio_session_id engineio_ws_session(const struct engineio_server *engine, uint64_t ws)
{
    for (uint32_t i = 0; i < engine->sessions.used; i++) {
        const struct session *session = slot_table_at(&engine->sessions, i);
        if (session != NULL && ws != 0 && (session->ws == ws || session->probe_ws == ws)) {
            return session->id;
        }
    }
    return (struct engineio_session_id){0};
}
