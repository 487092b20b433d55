// HTTP exchanges: bodies in, responses out. Responses are written whole, as one text of head and
// body.
#include <errno.h>
#include <libwebsockets.h>
#include <sys/socket.h>

#include "bridge/io/web_server_internal.h"
#include "lib/base/error_code.h"
#include "lib/os/os_clock.h"

enum { REQUESTED_HEADERS_MAX = 1024, SLOW_READER_S = 60 };

static const struct {
    int status;
    const char *text;
} STATUSES[] = {
    {200, "OK"},
    {201, "Created"},
    {204, "No Content"},
    {304, "Not Modified"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {409, "Conflict"},
    {413, "Payload Too Large"},
    {415, "Unsupported Media Type"},
    {429, "Too Many Requests"},
    {500, "Internal Server Error"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
};

static const char *status_text(int status)
{
    for (size_t i = 0; i < sizeof STATUSES / sizeof STATUSES[0]; i++) {
        if (STATUSES[i].status == status) {
            return STATUSES[i].text;
        }
    }
    return "Status";
}

static void exchange_destroy(struct per_socket *socket);

// ---- responses ----

struct response {
    int status;
    const char *content_type;
    struct bytes body;
    const char *headers;
    bool no_store;
};

static void append_cors(const struct web_server *server, struct buffer *out)
{
    const char *origin = server->cors_origin;
    if (origin == NULL) {
        return;
    }
    buffer_append_format(out, "Access-Control-Allow-Origin: %s\r\n", origin);
    if (strcmp(origin, "*") != 0) {
        buffer_append_text(out, "Vary: Origin\r\n");
    }
    if (server->config.cors_credentials) {
        buffer_append_text(out, "Access-Control-Allow-Credentials: true\r\n");
    }
}

static void append_preflight(const struct exchange *exchange, struct buffer *out)
{
    buffer_append_text(out, "Access-Control-Allow-Methods: GET,HEAD,PUT,PATCH,POST,DELETE\r\n");
    struct bytes headers = buffer_bytes(&exchange->requested_headers);
    if (headers.size > 0) {
        buffer_append_text(out, "Access-Control-Allow-Headers: ");
        buffer_append(out, headers);
        buffer_append_text(out, "\r\nVary: Access-Control-Request-Headers\r\n");
    }
}

static void append_response(const struct exchange *exchange, const struct response *response,
                            struct buffer *out)
{
    buffer_append_format(out, "HTTP/1.1 %d %s\r\n", response->status,
                         status_text(response->status));
    if (response->content_type != NULL) {
        buffer_append_format(out, "Content-Type: %s\r\n", response->content_type);
    }
    if (response->status != 304) {
        size_t size = response->status == 204 ? 0 : response->body.size;
        buffer_append_format(out, "Content-Length: %zu\r\n", size);
    }
    if (response->no_store) {
        buffer_append_text(out, "Cache-Control: no-store\r\n");
    }
    append_cors(exchange->server, out);
    if (exchange->preflight) {
        append_preflight(exchange, out);
    }
    if (response->headers != NULL) {
        buffer_append_text(out, response->headers);
    }
    if (exchange->close_after) {
        buffer_append_text(out, "Connection: close\r\n");
    }
    buffer_append_text(out, "\r\n");
    if (!exchange->is_head && response->status != 204 && response->status != 304) {
        buffer_append(out, response->body);
    }
}

// Hands what is left of the response to the kernel. It is sent by ourselves: libwebsockets 4.1.6 keeps
// a rest back for ever while reading is off, and while it is on takes a pipelined head for a body.
static void push_rest(struct exchange *exchange)
{
    struct buffer *rest = &exchange->rest;
    while (exchange->rest_sent < rest->size) {
        ssize_t sent = send(lws_get_socket_fd(exchange->wsi), rest->data + exchange->rest_sent,
                            rest->size - exchange->rest_sent, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) {
            continue;
        }
        if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
            return;
        }
        if (sent < 0) { // the peer is gone
            exchange->close_after = true;
            exchange->body_done = true;
            break;
        }
        exchange->rest_sent += (size_t)sent;
    }
    buffer_release(rest);
    exchange->rest_sent = 0;
}

static void close_now(struct lws *wsi)
{
    lws_set_timeout(wsi, PENDING_TIMEOUT_USER_REASON_BASE,
                    LWS_TO_KILL_SYNC); // http_on_gone() follows
}

static void on_can_send(struct lws *wsi);

// From here on nothing is read until the response has left.
static bool wait_to_send(struct exchange *exchange)
{
    web_watch_destroy(exchange->watch);
    lws_rx_flow_control(exchange->wsi, 0);
    lws_set_timeout(exchange->wsi, PENDING_TIMEOUT_HTTP_CONTENT, SLOW_READER_S);
    exchange->watch = web_watch_create(exchange->server->timer, lws_get_socket_fd(exchange->wsi),
                                       WEB_WATCH_CAN_SEND, on_can_send, exchange->wsi);
    return exchange->watch != NULL;
}

// Ends a transaction from outside of libwebsockets' callbacks. Reading goes on only when it has
// ended: what libwebsockets reads before, it puts aside, takes the head of the next request for its
// body, and never returns.
static void end_outside(struct exchange *exchange)
{
    struct lws *wsi = exchange->wsi;
    if (exchange->rest.size > 0 || exchange->close_after) { // a close is for the next turn
        if (!wait_to_send(exchange)) {
            exchange->close_after = true;
            lws_set_timeout(wsi, PENDING_TIMEOUT_USER_REASON_BASE, LWS_TO_KILL_ASYNC);
        }
        return;
    }
    lws_set_timeout(wsi, NO_PENDING_TIMEOUT, 0);
    if (!exchange->body_done) { // answered before its end, like a body that is too large
        web_watch_destroy(exchange->watch);
        exchange->watch = NULL;
        lws_rx_flow_control(wsi, 1);
        return;
    }
    struct per_socket *socket = lws_wsi_user(wsi);
    exchange_destroy(socket);
    if (lws_http_transaction_completed(wsi)) {
        close_now(wsi);
    } else {
        lws_rx_flow_control(wsi, 1);
    }
}

static void on_can_send(struct lws *wsi)
{
    struct per_socket *socket = lws_wsi_user(wsi);
    struct exchange *exchange = socket->exchange;
    push_rest(exchange);
    if (exchange->rest.size > 0) {
        return;
    }
    if (exchange->close_after) {
        close_now(wsi);
    } else {
        end_outside(exchange);
    }
}

static void respond(struct exchange *exchange, const struct response *response)
{
    if (exchange->responded) {
        return;
    }
    exchange->responded = true;
    exchange->wants_body = false;
    append_response(exchange, response, &exchange->rest);
    if (buffer_status(&exchange->rest) != LC_OK) {
        buffer_release(&exchange->rest);
        exchange->close_after = true;
    }
    push_rest(exchange);
    if (!exchange->inside) {
        end_outside(exchange);
    }
}

void http_engine_respond(void *shell, uint64_t id, const struct engineio_response *from)
{
    struct web_server *server = shell;
    if (id == UPGRADE_EXCHANGE) {
        http_refuse_upgrade(server, server->upgrading, from->body);
        return;
    }
    struct exchange *exchange = slot_table_find(&server->exchanges, id);
    if (exchange != NULL) {
        struct response response = {from->status, from->content_type, from->body, NULL,
                                    from->no_store};
        respond(exchange, &response);
    }
}

void http_respond(struct web_server *server, uint64_t id, const struct web_response *from)
{
    struct exchange *exchange = slot_table_find(&server->exchanges, id);
    if (exchange != NULL) {
        struct response response = {from->status, from->content_type, from->body, from->headers,
                                    false};
        respond(exchange, &response);
    }
}

static void respond_code(struct exchange *exchange, enum error_code code)
{
    char body[256];
    int size = snprintf(body, sizeof body, "{\"error\":{\"code\":\"%s\",\"message\":\"%s\"}}",
                        error_code_name(code), error_code_message(code));
    struct response response = {error_code_http_status(code), "application/json",
                                bytes_of(body, (size_t)size), NULL, false};
    respond(exchange, &response);
}

void http_refuse_upgrade(struct web_server *server, struct lws *wsi, struct bytes message)
{
    struct exchange exchange = {.server = server, .wsi = wsi, .inside = true, .close_after = true};
    struct response response = {400, "text/html", message, NULL, false};
    buffer_init(&exchange.rest, REQUEST_TEXT_MAX);
    respond(&exchange, &response);
    buffer_release(&exchange.rest); // a kernel that does not take 400 bytes has lost its peer
}

// ---- life of an exchange ----

static struct exchange *exchange_create(struct web_server *server, struct lws *wsi)
{
    struct exchange *exchange = calloc(1, sizeof *exchange);
    if (exchange == NULL || slot_table_add(&server->exchanges, exchange, &exchange->id) != LC_OK) {
        free(exchange);
        return NULL;
    }
    exchange->server = server;
    exchange->wsi = wsi;
    exchange->body_by_ms = os_clock_boot_ms() + server->config.request_timeout_ms;
    buffer_init(&exchange->body, server->config.body_max);
    buffer_init(&exchange->requested_headers, REQUESTED_HEADERS_MAX);
    buffer_init(&exchange->rest, RESPONSE_MAX);
    return exchange;
}

static void exchange_destroy(struct per_socket *socket)
{
    struct exchange *exchange = socket->exchange;
    socket->exchange = NULL;
    slot_table_remove(&exchange->server->exchanges, exchange->id);
    web_watch_destroy(exchange->watch);
    web_count_unfinished(exchange->server, &exchange->body_counted, 0);
    buffer_release(&exchange->body);
    buffer_release(&exchange->requested_headers);
    buffer_release(&exchange->rest);
    free(exchange);
}

// From here on nothing is read until the answer is there.
static bool wait_for_answer(struct exchange *exchange)
{
    if (exchange->watch == NULL) {
        lws_rx_flow_control(exchange->wsi, 0);
        exchange->watch =
            web_watch_create(exchange->server->timer, lws_get_socket_fd(exchange->wsi),
                             WEB_WATCH_PEER_GONE, close_now, exchange->wsi);
    }
    return exchange->watch != NULL;
}

// Ends one of the exchange's callbacks: sends what the engine has, and ends the transaction if it
// is over.
static int leave(struct per_socket *socket)
{
    struct exchange *exchange = socket->exchange;
    web_server_flush(exchange->server);
    exchange->inside = false;
    if (!exchange->body_done) {
        return 0;
    }
    if (!exchange->responded) {
        return wait_for_answer(exchange) ? 0 : -1;
    }
    if (exchange->rest.size > 0) {
        return wait_to_send(exchange) ? 0 : -1;
    }
    struct lws *wsi = exchange->wsi;
    bool close = exchange->close_after || exchange->watch != NULL; // reading cannot go on from here
    exchange_destroy(socket);
    return close || lws_http_transaction_completed(wsi) ? -1 : 0;
}

static void hand_to_application(struct exchange *exchange, const struct request_view *view)
{
    struct web_request request = {
        .exchange = {exchange->id},
        .method = bytes_text(exchange->is_head ? "GET" : view->method),
        .path = view->path,
        .query = view->query,
        .body = buffer_bytes(&exchange->body),
        .content_type = view->content_type,
        .authorization = view->authorization,
        .if_none_match = view->if_none_match,
        .accept_encoding = view->accept_encoding,
        .address = view->address,
    };
    exchange->server->ops.on_request(exchange->server->owner, &request);
}

// The body is complete.
static void take_request(struct exchange *exchange)
{
    struct web_server *server = exchange->server;
    if (exchange->responded) {
        return;
    }
    lws_set_timeout(exchange->wsi, NO_PENDING_TIMEOUT, 0);
    if (exchange->wants_body) {
        exchange->wants_body = false;
        engineio_post_complete(server->engine, os_clock_boot_ms(), exchange->session, exchange->id,
                               buffer_bytes(&exchange->body));
        return;
    }
    if (exchange->for_engine) {
        return; // a poll that hangs
    }
    struct request_view view;
    if (request_read(server, exchange->wsi, &view)) {
        hand_to_application(exchange, &view);
    } else {
        respond_code(exchange, ERROR_BAD_REQUEST);
    }
}

static void start_engine_request(struct exchange *exchange, const struct request_view *view)
{
    struct web_server *server = exchange->server;
    struct engineio_request request;
    request_to_engine(view, exchange->id, &request);
    int64_t now_ms = os_clock_boot_ms();
    request.handshake.time_ms = now_ms;
    exchange->for_engine = true;
    if (engineio_request(server->engine, now_ms, &request, &exchange->session) ==
        ENGINEIO_WANTS_BODY) {
        exchange->wants_body = true;
        buffer_init(&exchange->body, engineio_max_payload(server->engine));
    }
}

static void answer_preflight(struct exchange *exchange, const struct request_view *view)
{
    exchange->preflight = true;
    buffer_append(&exchange->requested_headers, view->requested_headers);
    struct response response = {204, NULL, {NULL, 0}, NULL, false};
    respond(exchange, &response);
}

static void route(struct exchange *exchange, const struct request_view *view)
{
    const struct web_server *server = exchange->server;
    bool on_engine = request_is_socketio(server, view->path) && !request_is_bundle(server, view);
    if (strcmp(view->method, "OPTIONS") == 0 && server->cors_origin != NULL &&
        (on_engine || view->requested_method.size > 0)) {
        answer_preflight(exchange, view);
    } else if (on_engine) {
        start_engine_request(exchange, view);
    }
    if (exchange->body_done) {
        take_request(exchange);
    }
}

// Bytes that libwebsockets has taken from the kernel, remembered with the connection across its
// requests.
static uint64_t note_taken(struct lws *wsi)
{
    uint64_t taken = web_bytes_taken(lws_get_socket_fd(wsi));
    lws_set_opaque_user_data(wsi, (void *)(uintptr_t)taken);
    return taken;
}

// True when the head at hand was read together with the request before it. With a body behind such
// a head libwebsockets 4.1.6 takes the wrong bytes for the body and then never returns: the
// connection has to go.
static bool was_read_ahead(struct lws *wsi)
{
    uint64_t before = (uint64_t)(uintptr_t)lws_get_opaque_user_data(wsi);
    return note_taken(wsi) == before && before != 0;
}

int http_on_request(struct web_server *server, struct lws *wsi, struct per_socket *socket)
{
    http_on_gone(socket); // none is expected to be left
    struct exchange *exchange = exchange_create(server, wsi);
    if (exchange == NULL) {
        return -1;
    }
    socket->exchange = exchange;
    exchange->inside = true;
    struct request_view view;
    if (!request_read(server, wsi, &view)) {
        exchange->body_done = true;
        exchange->close_after = true;
        respond_code(exchange, ERROR_BAD_REQUEST);
        return leave(socket);
    }
    exchange->is_head = strcmp(view.method, "HEAD") == 0;
    exchange->body_kind = request_body_kind(wsi, &view);
    if (was_read_ahead(wsi) && exchange->body_kind != BODY_NONE) {
        exchange_destroy(socket);
        return -1;
    }
    exchange->body_done = exchange->body_kind != BODY_SIZED && exchange->body_kind != BODY_CHUNKED;
    // In the other cases libwebsockets waits for a body of unknown length: only closing ends its
    // wait.
    exchange->close_after = exchange->body_kind != BODY_SIZED && exchange->body_kind != BODY_NONE;
    if (exchange->body_kind == BODY_BAD) {
        respond_code(exchange, ERROR_BAD_REQUEST);
    } else {
        route(exchange, &view);
    }
    return leave(socket);
}

// The body passes its limit: answered at once, the rest is read and dropped.
static void refuse_size(struct exchange *exchange)
{
    exchange->close_after = true;
    if (exchange->wants_body) {
        exchange->wants_body = false;
        engineio_post_too_large(exchange->server->engine, os_clock_boot_ms(), exchange->session,
                                exchange->id);
    } else if (!exchange->responded) {
        respond_code(exchange, ERROR_PAYLOAD_TOO_LARGE);
    }
}

// All unfinished bodies together pass their limit: this one is given up, its rest is read and
// dropped.
static void refuse_load(struct exchange *exchange)
{
    exchange->close_after = true;
    buffer_release(&exchange->body);
    buffer_init(&exchange->body, 0);
    web_count_unfinished(exchange->server, &exchange->body_counted, 0);
    bool is_owed = exchange->wants_body;
    struct response response = {503, NULL, {NULL, 0}, NULL, true};
    respond(exchange, &response);
    if (is_owed) { // its own answer comes too late, and is dropped
        engineio_post_too_large(exchange->server->engine, os_clock_boot_ms(), exchange->session,
                                exchange->id);
    }
}

static bool read_chunks(struct exchange *exchange, struct bytes data)
{
    size_t used = 0;
    enum chunks_result result = chunk_decoder_feed(&exchange->chunks, data, &exchange->body, &used);
    exchange->body_done = result == CHUNKS_END;
    return result != CHUNKS_BAD;
}

int http_on_body(struct per_socket *socket, struct bytes data)
{
    struct exchange *exchange = socket->exchange;
    if (exchange == NULL || data.size == 0) {
        return 0;
    }
    (void)note_taken(exchange->wsi);
    if (os_clock_boot_ms() > exchange->body_by_ms || exchange->drained > DRAIN_MAX) {
        return -1; // a body that drips, or has no end
    }
    exchange->inside = true;
    if (exchange->body_kind != BODY_CHUNKED) {
        buffer_append(&exchange->body, data);
    } else if (!read_chunks(exchange, data)) {
        return -1;
    }
    if (buffer_status(&exchange->body) != LC_OK) {
        exchange->drained += data.size;
        refuse_size(exchange);
    } else if (!web_count_unfinished(exchange->server, &exchange->body_counted,
                                     exchange->body.capacity)) {
        refuse_load(exchange);
    }
    if (exchange->body_done) { // chunked: nobody else tells the end
        take_request(exchange);
    }
    return leave(socket);
}

int http_on_body_end(struct per_socket *socket)
{
    struct exchange *exchange = socket->exchange;
    if (exchange == NULL || exchange->body_done) {
        return 0;
    }
    exchange->inside = true;
    exchange->body_done = true;
    take_request(exchange);
    return leave(socket);
}

void http_on_gone(struct per_socket *socket)
{
    struct exchange *exchange = socket->exchange;
    if (exchange == NULL) {
        return;
    }
    struct web_server *server = exchange->server;
    struct engineio_session_id session = exchange->session;
    uint64_t id = exchange->id;
    bool owed = exchange->for_engine && !exchange->responded;
    exchange_destroy(socket);
    if (owed) {
        engineio_exchange_gone(server->engine, os_clock_boot_ms(), session, id);
        web_server_flush(server);
    }
}
