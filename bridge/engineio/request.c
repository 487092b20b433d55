// What arrives from the outside: HTTP requests, upgrades, WebSocket messages, departures.
#include "bridge/engineio/query.h"
#include "bridge/engineio/session.h"

enum {
    ADMITTED = -1,
    UNKNOWN_TRANSPORT,
    UNKNOWN_SID,
    BAD_METHOD,
    BAD_REQUEST,
    FORBIDDEN,
    BAD_VERSION
};

static const char *const MESSAGES[] = {
    "Transport unknown", "Session ID unknown", "Bad handshake method",
    "Bad request",       "Forbidden",          "Unsupported protocol version",
};

enum transport { TRANSPORT_NONE, TRANSPORT_POLLING, TRANSPORT_WEBSOCKET };

static bool is_method(const struct engineio_request *request, const char *method)
{
    return bytes_equal_text(request->method, method);
}

static enum transport transport_of(const struct engineio_server *engine, struct bytes query)
{
    char text[10];
    size_t size = query_value(query, "transport", text, sizeof text);
    struct bytes value = bytes_of(text, size <= sizeof text ? size : 0);
    if (bytes_equal_text(value, "polling") && engine->config.allow_polling) {
        return TRANSPORT_POLLING;
    }
    bool websocket = bytes_equal_text(value, "websocket") && engine->config.allow_websocket;
    return websocket ? TRANSPORT_WEBSOCKET : TRANSPORT_NONE;
}

static bool is_version_4(struct bytes query)
{
    char version[1];
    return query_value(query, "EIO", version, sizeof version) == 1 && version[0] == '4';
}

// A header value: tab and what is printable (RFC 9110 5.5).
static bool origin_is_legal(const struct engineio_request *request)
{
    for (size_t i = 0; request->has_origin && i < request->origin.size; i++) {
        uint8_t c = request->origin.data[i];
        if (c != '\t' && (c < 0x20 || c == 0x7f)) {
            return false;
        }
    }
    return true;
}

// The checks that every request passes, in the order of the reference server; ADMITTED or an error
// code.
static int admit(const struct engineio_server *engine, const struct engineio_request *request,
                 struct session **out_session)
{
    struct bytes query = request->handshake.query;
    enum transport transport = transport_of(engine, query);
    if (transport == TRANSPORT_NONE) {
        return UNKNOWN_TRANSPORT;
    }
    if (!origin_is_legal(request)) {
        return BAD_REQUEST;
    }
    char sid[ENGINEIO_SID_SIZE];
    size_t sid_size = query_value(query, "sid", sid, sizeof sid);
    if (sid_size > 0) {
        struct session *session =
            sid_size == sizeof sid ? session_find_sid(engine, bytes_of(sid, sizeof sid)) : NULL;
        if (session == NULL) {
            return UNKNOWN_SID;
        }
        enum transport current = session->websocket ? TRANSPORT_WEBSOCKET : TRANSPORT_POLLING;
        if ((!request->is_upgrade && transport != current) || !is_version_4(query)) {
            return BAD_REQUEST;
        }
        *out_session = session;
        return ADMITTED;
    }
    if (!is_method(request, "GET")) {
        return BAD_METHOD;
    }
    if (transport == TRANSPORT_WEBSOCKET && !request->is_upgrade) {
        return BAD_REQUEST;
    }
    *out_session = NULL;
    return is_version_4(query) ? ADMITTED : BAD_VERSION;
}

static void respond_error(struct engineio_server *engine, uint64_t exchange, int status, int code,
                          const char *message)
{
    buffer_clear(&engine->output);
    buffer_append_format(&engine->output, "{\"code\":%d,\"message\":\"%s\"}", code, message);
    struct engineio_response response = {
        .status = status,
        .content_type = "application/json",
        .body = buffer_bytes(&engine->output),
    };
    engine->transport.respond(engine->shell, exchange, &response);
}

static void respond_empty(struct engineio_server *engine, uint64_t exchange, int status)
{
    struct engineio_response response = {.status = status};
    engine->transport.respond(engine->shell, exchange, &response);
}

// ---- polling ----

static void on_handshake(struct engineio_server *engine, const struct engineio_request *request)
{
    struct session *session;
    if (engine->shutting_down || session_open(engine, request, 0, &session) != LC_OK) {
        respond_error(engine, request->exchange, 503, FORBIDDEN, "Server is full or stopping");
        return;
    }
    session_answer_handshake(engine, session, request->exchange);
}

static enum engineio_verdict on_get(struct engineio_server *engine, struct session *session,
                                    uint64_t exchange)
{
    if (session->get != 0) { // two at once: neither can be trusted to be the one that is read
        respond_empty(engine, exchange, 400);
        session_end(engine, session, ENGINEIO_TRANSPORT_ERROR);
        return ENGINEIO_ANSWERED;
    }
    session->get = exchange;
    session->fresh_from = engine->order;
    session->polled_late = session->closing;
    session_mark(engine, session);
    return ENGINEIO_HELD;
}

static enum engineio_verdict on_post(struct engineio_server *engine, struct session *session,
                                     const struct engineio_request *request)
{
    bool octets = bytes_starts_with(request->content_type, bytes_text("application/octet-stream"));
    if (octets || session->post != 0) {
        respond_empty(engine, request->exchange, 400);
        session_end(engine, session, ENGINEIO_TRANSPORT_ERROR);
        return ENGINEIO_ANSWERED;
    }
    session->post = request->exchange;
    return ENGINEIO_WANTS_BODY;
}

// ---- upgrades ----

static void refuse_upgrade(struct engineio_server *engine, uint64_t exchange, const char *message)
{
    if (engine->app_ops.on_transport != NULL) {
        engine->app_ops.on_transport(engine->app, NULL, (struct bytes){NULL, 0}, "upgrade refused",
                                     message);
    }
    struct engineio_response response = {
        .status = 400, .content_type = "text/html", .body = bytes_text(message)};
    engine->transport.respond(engine->shell, exchange, &response);
}

// The WebSocket that may take over from polling. False: the session has one already, or is closing.
static bool begin_probe(struct engineio_server *engine, struct session *session, uint64_t ws)
{
    if (session->websocket || session->probe_ws != 0 || session->closing) {
        return false;
    }
    session->probe_ws = ws;
    session->ws_ready = true;
    session->upgrade_by_ms = engine->now_ms + engine->config.upgrade_timeout_ms;
    session_schedule(engine, session);
    return true;
}

static void on_upgrade(struct engineio_server *engine, const struct engineio_request *request,
                       struct engineio_session_id *out_session)
{
    struct session *session;
    int code = admit(engine, request, &session);
    bool is_full = engine->shutting_down || engine->sessions.count >= engine->config.sessions_max;
    if (code == ADMITTED && session == NULL && is_full) {
        code = FORBIDDEN;
    }
    if (code != ADMITTED) {
        refuse_upgrade(engine, request->exchange, MESSAGES[code]);
        return;
    }
    uint64_t ws =
        engine->transport.ws_accept(engine->shell, request->exchange, (struct bytes){NULL, 0});
    if (ws == 0) {
        return;
    }
    // Clients expect a 101 and then a close for what cannot become a transport.
    bool is_taken = transport_of(engine, request->handshake.query) == TRANSPORT_WEBSOCKET;
    if (is_taken && session == NULL) {
        is_taken = session_open(engine, request, ws, &session) == LC_OK;
    } else if (is_taken) {
        is_taken = begin_probe(engine, session, ws);
    }
    if (is_taken) {
        *out_session = session->id;
    } else {
        engine->transport.ws_close(engine->shell, ws, CLOSE_NORMAL);
    }
}

enum engineio_verdict engineio_request(struct engineio_server *engine, int64_t now_ms,
                                       const struct engineio_request *request,
                                       struct engineio_session_id *out_session)
{
    engine_set_now(engine, now_ms);
    *out_session = (struct engineio_session_id){0};
    if (request->is_upgrade) {
        on_upgrade(engine, request, out_session);
        return ENGINEIO_ANSWERED;
    }
    struct session *session;
    int code = admit(engine, request, &session);
    if (code != ADMITTED) {
        respond_error(engine, request->exchange, 400, code, MESSAGES[code]);
        return ENGINEIO_ANSWERED;
    }
    if (session == NULL) {
        on_handshake(engine, request);
        return ENGINEIO_ANSWERED;
    }
    *out_session = session->id;
    if (is_method(request, "GET")) {
        return on_get(engine, session, request->exchange);
    }
    if (is_method(request, "POST")) {
        return on_post(engine, session, request);
    }
    respond_empty(engine, request->exchange, 500);
    return ENGINEIO_ANSWERED;
}

enum post_outcome { POST_OK, POST_BAD };

static enum post_outcome read_payload(struct engineio_server *engine, struct engineio_session_id id,
                                      struct bytes body)
{
    struct payload_reader reader = payload_reader_on(body);
    while (!reader.at_end) {
        struct engineio_packet packet;
        struct session *session = session_find(engine, id);
        if (payload_next(&reader, &engine->scratch, &packet) != LC_OK) {
            session_end(engine, session, ENGINEIO_PARSE_ERROR);
            return POST_BAD;
        }
        if (!session_on_packet(engine, session, &packet)) {
            return packet.type == ENGINEIO_PING ? POST_BAD : POST_OK;
        }
    }
    return POST_OK;
}

void engineio_post_complete(struct engineio_server *engine, int64_t now_ms,
                            struct engineio_session_id id, uint64_t exchange, struct bytes body)
{
    engine_set_now(engine, now_ms);
    struct session *session = session_find(engine, id);
    if (session == NULL) {
        respond_error(engine, exchange, 400, UNKNOWN_SID, MESSAGES[UNKNOWN_SID]);
        return;
    }
    if (session->post != exchange) { // upgraded while the body was on its way
        respond_error(engine, exchange, 400, BAD_REQUEST, MESSAGES[BAD_REQUEST]);
        return;
    }
    session->post = 0;
    if (read_payload(engine, id, body) == POST_OK) {
        struct engineio_response response = {
            .status = 200, .content_type = "text/html", .body = bytes_text("ok"), .no_store = true};
        engine->transport.respond(engine->shell, exchange, &response);
    } else {
        respond_empty(engine, exchange, 400);
    }
}

void engineio_post_too_large(struct engineio_server *engine, int64_t now_ms,
                             struct engineio_session_id id, uint64_t exchange)
{
    engine_set_now(engine, now_ms);
    struct session *session = session_find(engine, id);
    if (session != NULL && session->post == exchange) {
        session->post = 0;
    }
    respond_empty(engine, exchange, 413);
}

void engineio_exchange_gone(struct engineio_server *engine, int64_t now_ms,
                            struct engineio_session_id id, uint64_t exchange)
{
    engine_set_now(engine, now_ms);
    struct session *session = session_find(engine, id);
    if (session == NULL || (session->get != exchange && session->post != exchange)) {
        return;
    }
    session->get = session->get == exchange ? 0 : session->get;
    session_end(engine, session, ENGINEIO_TRANSPORT_ERROR);
}

// ---- WebSocket ----

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

void engineio_ws_message(struct engineio_server *engine, int64_t now_ms,
                         struct engineio_session_id id, uint64_t ws, bool binary, struct bytes data)
{
    engine_set_now(engine, now_ms);
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
    struct engineio_packet packet = {ENGINEIO_MESSAGE, true, data};
    if (!binary &&
        (!bytes_is_utf8(data) || packet_read_text(data, &engine->scratch, &packet) != LC_OK)) {
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
