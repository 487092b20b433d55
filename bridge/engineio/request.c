// Requests from the outside: which session they are for, and polling.
#include "bridge/engineio/jsonp.h"
#include "bridge/engineio/payload3.h"
#include "bridge/engineio/query.h"
#include "bridge/engineio/session.h"

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

// Whatever is not 4 counts as 3.
int protocol_of(struct bytes query)
{
    char version[1];
    bool is_4 = query_value(query, "EIO", version, sizeof version) == 1 && version[0] == '4';
    return is_4 ? 4 : 3;
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

// What is wrong with a request; `context` tells more than the code, NULL: nothing.
struct fault {
    bool found;
    enum engineio_error error;
    const char *context;
};

static struct fault fault_of(enum engineio_error error, const char *context)
{
    return (struct fault){true, error, context};
}

// One that moves has none.
static enum transport transport_in_use(const struct session *session)
{
    if (session->moving) {
        return TRANSPORT_NONE;
    }
    return session->websocket ? TRANSPORT_WEBSOCKET : TRANSPORT_POLLING;
}

// The checks that every request passes, in the order of the reference server.
static struct fault verify(const struct engineio_server *engine,
                           const struct engineio_request *request, enum transport transport,
                           struct session **out_session)
{
    struct bytes query = request->handshake.query;
    if (transport == TRANSPORT_NONE) {
        return fault_of(ENGINEIO_UNKNOWN_TRANSPORT, NULL);
    }
    if (!origin_is_legal(request)) {
        return fault_of(ENGINEIO_BAD_REQUEST, "INVALID_ORIGIN");
    }
    char sid[ENGINEIO_SID_SIZE];
    size_t sid_size = query_value(query, "sid", sid, sizeof sid);
    if (is_relayed(request->exchange) && (sid_size == 0 || request->is_upgrade)) {
        return fault_of(ENGINEIO_UNKNOWN_SID,
                        NULL); // handshakes and WebSockets stay where they are
    }
    if (sid_size > 0) {
        struct session *session =
            sid_size == sizeof sid ? session_find_sid(engine, bytes_of(sid, sizeof sid)) : NULL;
        if (session == NULL) {
            return fault_of(ENGINEIO_UNKNOWN_SID, NULL);
        }
        if (!request->is_upgrade && transport != transport_in_use(session)) {
            return fault_of(ENGINEIO_BAD_REQUEST, "TRANSPORT_MISMATCH");
        }
        if (protocol_of(query) != session->protocol) {
            return fault_of(ENGINEIO_BAD_REQUEST, "PROTOCOL_MISMATCH");
        }
        *out_session = session;
        return (struct fault){0};
    }
    if (!is_method(request, "GET")) {
        return fault_of(ENGINEIO_BAD_HANDSHAKE_METHOD, NULL);
    }
    if (transport == TRANSPORT_WEBSOCKET && !request->is_upgrade) {
        return fault_of(ENGINEIO_BAD_REQUEST, "TRANSPORT_HANDSHAKE_ERROR");
    }
    *out_session = NULL;
    return (struct fault){0};
}

// ---- polling ----

static enum engineio_verdict on_get(struct engineio_server *engine, struct session *session,
                                    const struct engineio_request *request)
{
    bool is_through_others = is_relayed(session->get) || is_relayed(request->exchange);
    if (session->get != 0 && !is_through_others) { // neither is surely the one that is read
        engine_respond_empty(engine, session, request->exchange, 400);
        session_end(engine, session, ENGINEIO_TRANSPORT_ERROR);
        return ENGINEIO_ANSWERED;
    }
    if (session->get != 0) { // the older has lost its client, which another node does not know yet
        engine_respond_empty(engine, session, session->get, 400);
    }
    session->get = request->exchange;
    session->fresh_from = engine->order;
    session->polled_late = session->closing;
    session_note_jsonp(session, request->handshake.query);
    session_mark(engine, session);
    return ENGINEIO_HELD;
}

static enum engineio_verdict on_post(struct engineio_server *engine, struct session *session,
                                     const struct engineio_request *request)
{
    bool octets = bytes_starts_with(request->content_type, bytes_text("application/octet-stream"));
    if ((octets && session->protocol == 4) || session->post != 0) {
        engine_respond_empty(engine, session, request->exchange, 400);
        session_end(engine, session, ENGINEIO_TRANSPORT_ERROR);
        return ENGINEIO_ANSWERED;
    }
    if (engine->config.keep_post_headers &&
        handshake_copy(&request->handshake, &session->post_handshake) != LC_OK) {
        session->post_handshake = NULL; // the application does without
    }
    session->post = request->exchange;
    session->post_octets = octets;
    return ENGINEIO_WANTS_BODY;
}

// ---- routing ----

// Clients expect a 101 and then a close for an upgrade to what is no WebSocket.
static void accept_and_close(struct engineio_server *engine, const struct engineio_request *request)
{
    uint64_t ws = engine_accept(engine, NULL, false, request->exchange);
    if (ws != 0) {
        engine->transport.ws_close(engine->shell, ws, CLOSE_WITHOUT_CODE);
    }
}

// A session that is not here may be another node's. A request comes through one other node at most.
static bool ask_others(struct engineio_server *engine, const struct engineio_request *request,
                       enum transport transport, enum engineio_verdict *out_verdict,
                       struct engineio_session_id *out_session)
{
    char sid[ENGINEIO_SID_SIZE];
    bool is_websocket = transport == TRANSPORT_WEBSOCKET;
    bool may_ask = engine->foreign_ops.request != NULL && !is_relayed(request->exchange) &&
                   !(is_websocket && engine->shutting_down) && // nothing moves here any more
                   (is_websocket || !request->is_upgrade);
    return may_ask && query_value(request->handshake.query, "sid", sid, sizeof sid) == sizeof sid &&
           engine->foreign_ops.request(engine->foreign, request, is_websocket,
                                       bytes_of(sid, sizeof sid), out_verdict, out_session);
}

static enum engineio_verdict route(struct engineio_server *engine,
                                   const struct engineio_request *request,
                                   struct engineio_session_id *out_session)
{
    struct bytes query = request->handshake.query;
    enum transport transport = transport_of(engine, query);
    struct session *session;
    struct fault fault = verify(engine, request, transport, &session);
    if (fault.found && fault.error == ENGINEIO_UNKNOWN_SID) {
        enum engineio_verdict verdict;
        if (ask_others(engine, request, transport, &verdict, out_session)) {
            return verdict;
        }
    }
    if (fault.found) {
        engine_refuse(engine, request->exchange, request->is_upgrade, fault.error, fault.context,
                      (struct bytes){NULL, 0});
        return ENGINEIO_ANSWERED;
    }
    if (request->is_upgrade && transport == TRANSPORT_POLLING) {
        accept_and_close(engine, request);
        return ENGINEIO_ANSWERED;
    }
    if (session == NULL) {
        return admission_begin(engine, request, protocol_of(query), out_session);
    }
    *out_session = session->id;
    if (request->is_upgrade) {
        websocket_begin_probe(engine, session, request);
        return ENGINEIO_ANSWERED;
    }
    if (is_method(request, "GET")) {
        return on_get(engine, session, request);
    }
    if (is_method(request, "POST")) {
        return on_post(engine, session, request);
    }
    engine_respond_empty(engine, session, request->exchange, 500);
    return ENGINEIO_ANSWERED;
}

// False: the application has answered, or has failed to look at it.
static bool passes_check(struct engineio_server *engine, const struct engineio_request *request)
{
    struct engineio_response response = {.status = 200};
    if (engine->app_ops.check == NULL) {
        return true;
    }
    switch (engine->app_ops.check(engine->app, request, &response)) {
    case ENGINEIO_CHECK_PASSED:
        return true;
    case ENGINEIO_CHECK_FAILED:
        engine_refuse(engine, request->exchange, request->is_upgrade, ENGINEIO_BAD_REQUEST,
                      "MIDDLEWARE_FAILURE", (struct bytes){NULL, 0});
        return false;
    case ENGINEIO_CHECK_ANSWERED:
        engine->transport.respond(engine->shell, request->exchange, &response);
        return false;
    }
    return false;
}

enum engineio_verdict engineio_request(struct engineio_server *engine, int64_t now_ms,
                                       const struct engineio_request *request,
                                       struct engineio_session_id *out_session)
{
    engine_set_now(engine, now_ms);
    *out_session = (struct engineio_session_id){0};
    engine->current = request;
    bool passes = is_relayed(request->exchange) || passes_check(engine, request); // there or here
    enum engineio_verdict verdict =
        passes ? route(engine, request, out_session) : ENGINEIO_ANSWERED;
    engine->current = NULL;
    return verdict;
}

// ---- bodies ----

enum post_outcome { POST_OK, POST_BAD };

// Either form of payload.
struct payload {
    bool is_3;
    struct payload_reader reader;
    struct payload3_reader reader3;
};

static struct payload payload_of(const struct session *session, bool octets, struct bytes body)
{
    return (struct payload){
        .is_3 = session->protocol == 3,
        .reader = payload_reader_on(body),
        .reader3 = payload3_reader_on(body, octets),
    };
}

static bool payload_is_at_end(const struct payload *payload)
{
    return payload->is_3 ? payload->reader3.at_end : payload->reader.at_end;
}

static enum lc_status payload_read(struct payload *payload, struct buffer *scratch,
                                   struct engineio_packet *out_packet)
{
    return payload->is_3 ? payload3_next(&payload->reader3, scratch, out_packet)
                         : payload_next(&payload->reader, scratch, out_packet);
}

static enum post_outcome read_payload(struct engineio_server *engine, struct engineio_session_id id,
                                      bool octets, struct bytes body)
{
    struct session *session = session_find(engine, id);
    struct payload payload = payload_of(session, octets, body);
    bool has_binary = false;
    while (!payload_is_at_end(&payload)) {
        struct engineio_packet packet;
        if (payload_read(&payload, &engine->scratch, &packet) != LC_OK) {
            session_end(engine, session, ENGINEIO_PARSE_ERROR);
            return POST_BAD;
        }
        has_binary = has_binary || packet.binary;
        if (!session_on_packet(engine, session, &packet)) {
            bool is_heartbeat = packet.type == ENGINEIO_PING || packet.type == ENGINEIO_PONG;
            return is_heartbeat ? POST_BAD : POST_OK;
        }
    }
    // Octets without need: a client of Socket.IO 1.x in a browser, which reads text only as ASCII.
    session->octets = session->octets || (octets && !has_binary);
    return POST_OK;
}

// The body that a form carries, or the body itself.
static enum post_outcome read_body(struct engineio_server *engine, struct session *session,
                                   struct bytes body)
{
    bool octets = session->post_octets;
    if (!session->jsonp || octets) {
        return read_payload(engine, session->id, octets, body);
    }
    struct buffer payload;
    buffer_init(&payload, body.size);
    enum post_outcome outcome = POST_BAD;
    if (jsonp_read_form(body, &payload) == LC_OK) {
        outcome = read_payload(engine, session->id, false, buffer_bytes(&payload));
    } else {
        session_end(engine, session, ENGINEIO_PARSE_ERROR);
    }
    buffer_release(&payload);
    return outcome;
}

void engineio_post_complete(struct engineio_server *engine, int64_t now_ms,
                            struct engineio_session_id id, uint64_t exchange, struct bytes body)
{
    engine_set_now(engine, now_ms);
    if (is_foreign(id)) {
        engine->foreign_ops.post_complete(engine->foreign, id, exchange, body);
        return;
    }
    struct session *session = session_find(engine, id);
    if (session == NULL || session->post != exchange) { // ended, or upgraded meanwhile
        engine_refuse(engine, exchange, false,
                      session == NULL ? ENGINEIO_UNKNOWN_SID : ENGINEIO_BAD_REQUEST,
                      session == NULL ? NULL : "TRANSPORT_MISMATCH", (struct bytes){NULL, 0});
        return;
    }
    struct engineio_handshake *kept = session->post_handshake;
    struct engineio_request request = {.exchange = exchange, .method = bytes_text("POST")};
    session->post = 0;
    session->post_handshake = NULL;
    if (kept != NULL) {
        request.handshake = *kept;
        engine->current = &request;
    }
    enum post_outcome outcome = read_body(engine, session, body);
    session = session_find(engine, id);
    if (outcome == POST_OK) {
        struct engineio_response response = {
            .status = 200, .content_type = "text/html", .body = bytes_text("ok"), .no_store = true};
        engine_respond(engine, session, false, exchange, response);
    } else {
        engine_respond_empty(engine, session, exchange, 400);
    }
    engine->current = NULL;
    handshake_destroy(kept);
}

void engineio_post_too_large(struct engineio_server *engine, int64_t now_ms,
                             struct engineio_session_id id, uint64_t exchange)
{
    engine_set_now(engine, now_ms);
    if (is_foreign(id)) {
        engine->foreign_ops.post_too_large(engine->foreign, id, exchange);
        return;
    }
    struct session *session = session_find(engine, id);
    if (session != NULL && session->post == exchange) {
        session_forget_post(session);
    }
    engine_respond_empty(engine, session, exchange, 413);
}

void engineio_exchange_gone(struct engineio_server *engine, int64_t now_ms,
                            struct engineio_session_id id, uint64_t exchange)
{
    engine_set_now(engine, now_ms);
    if (is_foreign(id)) {
        engine->foreign_ops.exchange_gone(engine->foreign, id, exchange);
        return;
    }
    engineio_response_lost(engine, now_ms, id, exchange); // it was answered, and crossed this
    struct session *session = slot_table_find(&engine->sessions, id.value);
    if (session == NULL || (session->get != exchange && session->post != exchange)) {
        return;
    }
    if (session->waiting) {
        admission_drop(engine, session);
        return;
    }
    session->get = session->get == exchange ? 0 : session->get;
    session_end(engine, session, ENGINEIO_TRANSPORT_ERROR);
}
