// HTTP requests: read, routed to the engine or the application, their bodies collected.
#include "bridge/endpoint/peer.h"
#include "bridge/http/http_list.h"
#include "bridge/websocket/ws_handshake.h"

static int64_t request_by_ms(const struct endpoint *endpoint)
{
    return endpoint->now_ms + endpoint->config.request_timeout_ms;
}

// ---- life ----

static void reset(struct exchange *exchange)
{
    struct http_request_reader reader = exchange->reader;
    *exchange = (struct exchange){.reader = reader};
    buffer_init(&exchange->body, 0);
    buffer_init(&exchange->lines, LINES_MAX);
    buffer_init(&exchange->upgrade_lines, LINES_MAX);
}

struct exchange *exchange_create(void)
{
    struct exchange *exchange = calloc(1, sizeof *exchange);
    if (exchange != NULL) {
        http_request_init(&exchange->reader);
        reset(exchange);
    }
    return exchange;
}

// Ends the request at hand.
static void finish(struct endpoint_peer *peer)
{
    struct exchange *exchange = peer->exchange;
    slot_table_remove(&peer->endpoint->exchanges, exchange->id);
    buffer_release(&exchange->body);
    buffer_release(&exchange->lines);
    buffer_release(&exchange->upgrade_lines);
    http_request_next(&exchange->reader);
    reset(exchange);
}

void exchange_destroy(struct endpoint_peer *peer)
{
    if (peer->exchange != NULL) {
        finish(peer);
        http_request_release(&peer->exchange->reader);
        free(peer->exchange);
        peer->exchange = NULL;
    }
}

void exchange_tell_gone(struct endpoint_peer *peer)
{
    struct endpoint *endpoint = peer->endpoint;
    struct exchange *exchange = peer->exchange;
    uint64_t id = exchange->id;
    slot_table_remove(&endpoint->exchanges, id);
    if (exchange->is_owed) {
        exchange->is_owed = false;
        engineio_exchange_gone(endpoint->engine, endpoint->now_ms, exchange->session, id);
    }
}

bool exchange_settle(struct endpoint_peer *peer)
{
    struct exchange *exchange = peer->exchange;
    if (exchange->accepted) {
        bool is_closing = peer->is_closing;
        exchange_destroy(peer);
        peer_set_phase(peer, is_closing ? PHASE_CLOSING : PHASE_OPEN,
                       is_closing ? peer->endpoint->now_ms + ENDPOINT_CLOSE_WAIT_MS
                                  : DEADLINE_NONE);
        return true;
    }
    bool closes = exchange->connection == HTTP_CONNECTION_CLOSES;
    if (!exchange->responded || (closes && peer->is_blocked)) {
        return false;
    }
    if (closes) {
        peer_end(peer, false);
        return true;
    }
    finish(peer);
    peer_set_phase(peer, PHASE_HEAD, peer->endpoint->now_ms + peer->endpoint->config.keep_alive_ms);
    return true;
}

// ---- the request as others see it ----

static struct bytes address_of(const struct endpoint_peer *peer, const struct http_head *head)
{
    struct bytes address = bytes_of(peer->address, peer->address_size);
    for (size_t i = 0; peer->endpoint->config.trust_forwarded && i < head->fields_count; i++) {
        struct bytes list = head->fields[i].value;
        while (bytes_equal_text(head->fields[i].name, "x-forwarded-for") &&
               http_list_next(&list, ',', &address)) {
        }
    }
    return address;
}

// False: the target is none.
static bool read_request(struct endpoint_peer *peer, struct request *request)
{
    struct buffer *path = &peer->endpoint->path;
    http_request_head(&peer->exchange->reader, &request->head);
    buffer_clear(path);
    if (!http_target_read(request->head.target, &request->target) ||
        !http_path_decode(request->target.path, path) || buffer_status(path) != LC_OK) {
        return false;
    }
    request->path = buffer_bytes(path);
    request->address = address_of(peer, &request->head);
    return true;
}

static struct web_request web_request_of(const struct endpoint_peer *peer,
                                         const struct request *request)
{
    const struct exchange *exchange = peer->exchange;
    const struct http_head *head = &request->head;
    return (struct web_request){
        .exchange = {exchange->id},
        .method = exchange->is_head && !exchange->for_engine ? bytes_text("GET") : head->method,
        .path = request->path,
        .query = request->target.query,
        .body = buffer_bytes(&exchange->body),
        .content_type = http_head_value(head, "content-type"),
        .authorization = http_head_value(head, "authorization"),
        .if_none_match = http_head_value(head, "if-none-match"),
        .accept_encoding = http_head_value(head, "accept-encoding"),
        .address = request->address,
        .head = head,
        .is_secure = peer->is_secure,
        .is_upgrade = exchange->is_upgrade,
    };
}

// ---- routing ----

static void drop_body(struct exchange *exchange)
{
    buffer_release(&exchange->body);
    buffer_init(&exchange->body, 0);
    exchange->drops_body = true;
}

// False: refused. What the 101 will say is noted.
static bool prepare_upgrade(struct endpoint_peer *peer, const struct request *request)
{
    const struct endpoint_config *config = &peer->endpoint->config;
    struct exchange *exchange = peer->exchange;
    const struct http_head *head = &request->head;
    enum ws_handshake_fault fault = ws_handshake_check(head);
    if (fault != WS_HANDSHAKE_FINE) {
        exchange_respond_text(peer, 400, ws_handshake_fault_text(fault),
                              fault == WS_HANDSHAKE_VERSION ? "Sec-WebSocket-Version: 13\r\n" : "");
        return false;
    }
    if (config->checks_ws_origin && !cors_allows(&config->cors, http_head_value(head, "origin"))) {
        exchange_respond_text(peer, 400, "Origin not allowed", "");
        return false;
    }
    if (ws_offer_read(&config->deflate, head, &exchange->terms) != LC_OK) {
        exchange_respond_text(peer, 400, "Invalid or unacceptable Sec-WebSocket-Extensions", "");
        return false;
    }
    ws_handshake_append(head, &exchange->upgrade_lines);
    ws_offer_append(&exchange->terms, &exchange->upgrade_lines);
    return true;
}

// False: the application keeps the request from the engine.
static bool ask_application(struct endpoint_peer *peer, const struct request *request)
{
    struct endpoint *endpoint = peer->endpoint;
    struct exchange *exchange = peer->exchange;
    if (endpoint->app_ops.on_engine_request == NULL) {
        return true;
    }
    struct web_request seen = web_request_of(peer, request);
    switch (endpoint->app_ops.on_engine_request(endpoint->app, &seen, &exchange->lines)) {
    case WEB_PASSES:
        return true;
    case WEB_ANSWERED:
        break;
    case WEB_FAILS:
        if (exchange->is_upgrade) {
            exchange_respond_text(peer, 400, "Bad request", "");
            break;
        }
        exchange_respond(
            peer, &(struct answer){.status = 400,
                                   .content_type = "application/json",
                                   .body = bytes_text("{\"code\":3,\"message\":\"Bad request\"}")});
        break;
    }
    drop_body(exchange);
    return false;
}

static void ask_engine(struct endpoint_peer *peer, const struct request *request)
{
    struct endpoint *endpoint = peer->endpoint;
    struct exchange *exchange = peer->exchange;
    const struct http_head *head = &request->head;
    struct engineio_header headers[HTTP_FIELDS_MAX];
    for (size_t i = 0; i < head->fields_count; i++) {
        headers[i] = (struct engineio_header){head->fields[i].name, head->fields[i].value};
    }
    struct engineio_request asked = {
        .exchange = exchange->id,
        .is_upgrade = exchange->is_upgrade,
        .method = head->method,
        .content_type = http_head_value(head, "content-type"),
        .origin = http_head_value(head, "origin"),
        .has_origin = http_head_count(head, "origin") > 0,
        .handshake = {.url = request->target.url,
                      .query = request->target.query,
                      .address = request->address,
                      .secure = peer->is_secure,
                      .time_ms = endpoint->now_ms,
                      .headers = headers,
                      .headers_count = head->fields_count},
    };
    exchange->is_owed = true; // until it answers
    struct engineio_session_id session = {0};
    enum engineio_verdict verdict =
        engineio_request(endpoint->engine, endpoint->now_ms, &asked, &session);
    exchange->session = session;
    if (peer->link != NULL) {
        peer->link->session = session;
    }
    switch (verdict) {
    case ENGINEIO_ANSWERED:
    case ENGINEIO_HELD:
        drop_body(exchange);
        return;
    case ENGINEIO_WANTS_BODY:
        exchange->wants_body = true;
        buffer_init(&exchange->body, engineio_max_payload(endpoint->engine));
        return;
    }
}

static void start_engine_request(struct endpoint_peer *peer, const struct request *request)
{
    struct exchange *exchange = peer->exchange;
    exchange->for_engine = true;
    if (exchange->is_upgrade && !prepare_upgrade(peer, request)) {
        return;
    }
    if (ask_application(peer, request) && !exchange->responded) {
        ask_engine(peer, request);
    }
}

static void route(struct endpoint_peer *peer, const struct request *request)
{
    const struct endpoint *endpoint = peer->endpoint;
    const struct cors_policy *cors = &endpoint->config.cors;
    struct exchange *exchange = peer->exchange;
    const struct http_head *head = &request->head;
    bool is_get = exchange->is_head || bytes_equal_text(head->method, "GET");
    bool is_file =
        is_get && !exchange->is_upgrade && endpoint_has_bundle_file(endpoint, request->path);
    bool for_engine = !is_file && endpoint_has_path(endpoint, request->path);
    bool is_preflight = cors->kind != CORS_OFF && bytes_equal_text(head->method, "OPTIONS") &&
                        (for_engine || http_head_count(head, "access-control-request-method") > 0);
    struct bytes origin = http_head_value(head, "origin");
    if (is_preflight) {
        cors_append_preflight(cors, origin, http_head_value(head, "access-control-request-headers"),
                              &exchange->lines);
        exchange_respond(peer, &(struct answer){.status = cors_success_status(cors)});
        return;
    }
    cors_append(cors, origin, &exchange->lines);
    if (for_engine) {
        start_engine_request(peer, request);
    } else if (exchange->is_upgrade && http_head_has_token(head, "upgrade", "websocket")) {
        exchange_respond_text(peer, 400, "No WebSocket here", "");
    } else {
        exchange->is_upgrade = false; // to what is not spoken here: an ordinary request
        buffer_init(&exchange->body, endpoint->config.body_max);
    }
}

// ---- the head ----

static bool contains(struct bytes text, const char *sign)
{
    size_t at = bytes_find(text, (uint8_t)sign[0], 0);
    while (at < text.size && !bytes_starts_with(bytes_from(text, at), bytes_text(sign))) {
        at = bytes_find(text, (uint8_t)sign[0], at + 1);
    }
    return at < text.size;
}

static bool begin(struct endpoint_peer *peer, const struct http_head *head)
{
    struct exchange *exchange = peer->exchange;
    const struct http_framing *framing = http_request_framing(&exchange->reader);
    if (slot_table_add(&peer->endpoint->exchanges, peer, &exchange->id) != LC_OK) {
        return false;
    }
    exchange->is_head = bytes_equal_text(head->method, "HEAD");
    exchange->is_upgrade = ws_handshake_is_wanted(head);
    exchange->coding = http_coding_choose(http_head_value(head, "accept-encoding"));
    struct bytes agent = http_head_value(head, "user-agent");
    exchange->is_old_browser = contains(agent, ";MSIE") || contains(agent, "Trident/");
    exchange->connection = !framing->keeps_alive      ? HTTP_CONNECTION_CLOSES
                           : head->minor_version == 0 ? HTTP_CONNECTION_KEPT_ALOUD
                                                      : HTTP_CONNECTION_KEPT;
    return true;
}

// The body passes its limit: answered at once, the rest is read and dropped.
static void refuse_size(struct endpoint_peer *peer)
{
    struct endpoint *endpoint = peer->endpoint;
    struct exchange *exchange = peer->exchange;
    exchange->connection = HTTP_CONNECTION_CLOSES;
    drop_body(exchange);
    if (exchange->wants_body) {
        exchange->wants_body = false;
        engineio_post_too_large(endpoint->engine, endpoint->now_ms, exchange->session,
                                exchange->id);
    } else {
        exchange_respond_code(peer, 413, ERROR_PAYLOAD_TOO_LARGE);
    }
}

// What is known when the head has been routed, and no byte of the body has been read.
static void begin_body(struct endpoint_peer *peer)
{
    struct exchange *exchange = peer->exchange;
    const struct http_framing *framing = http_request_framing(&exchange->reader);
    if (!exchange->responded && !exchange->drops_body && framing->body == HTTP_BODY_SIZED &&
        framing->body_size > exchange->body.size_max) {
        refuse_size(peer);
    }
    if (framing->expects_continue && !exchange->responded) {
        peer_send(peer, bytes_text("HTTP/1.1 100 Continue\r\n\r\n"));
    }
    peer_set_phase(peer, PHASE_BODY, peer->phase_by_ms);
    if (exchange->for_engine || exchange->responded) {
        http_request_forget_head(&exchange->reader);
    }
}

// Answers what could not be understood, or came too late; nothing can follow it.
static void refuse_request(struct endpoint_peer *peer, int status)
{
    peer->exchange->connection = HTTP_CONNECTION_CLOSES;
    exchange_respond_code(peer, status, ERROR_BAD_REQUEST);
    peer_end(peer, false);
}

static void on_head(struct endpoint_peer *peer)
{
    struct exchange *exchange = peer->exchange;
    struct request request;
    bool is_read = read_request(peer, &request);
    if (!begin(peer, &request.head)) {
        peer_end(peer, true);
        return;
    }
    if (!is_read) {
        refuse_request(peer, 400);
        return;
    }
    // Who waits for 100 and gets an answer may send the body or not: nothing can follow it.
    bool expects_continue = http_request_framing(&exchange->reader)->expects_continue;
    enum http_connection kept = exchange->connection;
    if (exchange->is_upgrade || expects_continue) {
        exchange->connection = HTTP_CONNECTION_CLOSES;
    }
    route(peer, &request);
    if (!exchange->is_upgrade && !exchange->responded) {
        exchange->connection = kept;
    }
    begin_body(peer);
}

// ---- the body ----

static void give_to_application(struct endpoint_peer *peer)
{
    struct endpoint *endpoint = peer->endpoint;
    struct request request;
    bool is_read = read_request(peer, &request);
    LC_ASSERT(is_read); // as it was when the head came
    struct web_request seen = web_request_of(peer, &request);
    if (endpoint->app_ops.on_request != NULL) {
        endpoint->app_ops.on_request(endpoint->app, &seen);
    } else {
        exchange_respond_code(peer, 404, ERROR_NOT_FOUND);
    }
    http_request_forget_head(&peer->exchange->reader);
}

static void on_whole_request(struct endpoint_peer *peer)
{
    struct endpoint *endpoint = peer->endpoint;
    struct exchange *exchange = peer->exchange;
    bool is_answered = exchange->responded;
    peer_set_phase(peer, PHASE_ANSWER, DEADLINE_NONE);
    if (exchange->wants_body && !is_answered) {
        exchange->wants_body = false;
        engineio_post_complete(endpoint->engine, endpoint->now_ms, exchange->session, exchange->id,
                               buffer_bytes(&exchange->body));
    } else if (!exchange->for_engine && !is_answered) {
        give_to_application(peer);
    }
    buffer_release(&exchange->body);
}

static void check_body(struct endpoint_peer *peer, size_t used)
{
    struct exchange *exchange = peer->exchange;
    if (exchange->drops_body || exchange->responded) {
        exchange->dropped += used;
        if (exchange->dropped > ENDPOINT_DROPPED_BYTES_MAX) {
            peer_end(peer, true);
        }
    } else if (buffer_status(&exchange->body) != LC_OK) {
        refuse_size(peer);
    }
}

bool exchange_take(struct endpoint_peer *peer, struct bytes in, size_t *out_used)
{
    struct exchange *exchange = peer->exchange;
    if (peer->phase == PHASE_HEAD && http_request_is_idle(&exchange->reader)) {
        if (in.size == 0 || peer->is_blocked) { // one answer at a time waits for room
            return false;
        }
        peer_set_phase(peer, PHASE_HEAD, request_by_ms(peer->endpoint));
    }
    if (peer->phase == PHASE_BODY && exchange->responded) {
        peer_set_phase(peer, PHASE_DROP, peer->phase_by_ms);
    }
    bool is_in_body = peer->phase != PHASE_HEAD;
    switch (http_request_feed(&exchange->reader, in, &exchange->body, out_used)) {
    case HTTP_REQUEST_MORE:
        if (is_in_body) {
            check_body(peer, *out_used);
        }
        return false;
    case HTTP_REQUEST_HEAD:
        on_head(peer);
        return true;
    case HTTP_REQUEST_END:
        check_body(peer, *out_used);
        if (peer->phase != PHASE_ENDED) {
            on_whole_request(peer);
        }
        return true;
    case HTTP_REQUEST_BAD:
        refuse_request(peer, (int)http_request_fault(&exchange->reader));
        return true;
    }
    return false;
}

// ---- what goes wrong ----

void exchange_refuse_load(struct endpoint_peer *peer)
{
    struct endpoint *endpoint = peer->endpoint;
    struct exchange *exchange = peer->exchange;
    exchange->connection = HTTP_CONNECTION_CLOSES;
    drop_body(exchange);
    exchange_respond(peer, &(struct answer){.status = 503, .no_store = true});
    if (exchange->wants_body) { // the engine's own answer comes too late, and is dropped
        exchange->wants_body = false;
        engineio_post_too_large(endpoint->engine, endpoint->now_ms, exchange->session,
                                exchange->id);
    }
    if (peer->phase == PHASE_HEAD) { // where this request would end is not known yet
        peer_end(peer, false);
    }
}

void exchange_time_out(struct endpoint_peer *peer)
{
    if (http_request_is_idle(&peer->exchange->reader)) {
        peer_end(peer, false);
    } else {
        refuse_request(peer, 408);
    }
}
