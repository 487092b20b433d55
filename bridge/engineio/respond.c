// Responses: their headers, and the forms of a refusal.
#include <stdio.h>

#include "bridge/engineio/jsonp.h"
#include "bridge/engineio/session.h"

const char *engineio_error_message(enum engineio_error error)
{
    switch (error) {
    case ENGINEIO_UNKNOWN_TRANSPORT:
        return "Transport unknown";
    case ENGINEIO_UNKNOWN_SID:
        return "Session ID unknown";
    case ENGINEIO_BAD_HANDSHAKE_METHOD:
        return "Bad handshake method";
    case ENGINEIO_BAD_REQUEST:
        return "Bad request";
    case ENGINEIO_FORBIDDEN:
        return "Forbidden";
    case ENGINEIO_UNSUPPORTED_PROTOCOL_VERSION:
        return "Unsupported protocol version";
    case ENGINEIO_TOO_MANY_HANDSHAKES:
        return "Too many handshakes";
    case ENGINEIO_TOO_MANY_SESSIONS_OF_ADDRESS:
        return "Too many sessions from this address";
    case ENGINEIO_UNAVAILABLE:
        return "Server is full or stopping";
    }
    return "?";
}

static bool is_busy(enum engineio_error error)
{
    return error >= ENGINEIO_TOO_MANY_HANDSHAKES;
}

// ---- headers ----

// Lines that did not fit are left out as a whole.
static struct bytes whole_lines(struct bytes lines)
{
    size_t size = lines.size;
    while (size > 0 && lines.data[size - 1] != '\n') {
        size--;
    }
    return bytes_of(lines.data, size);
}

static struct bytes collect_headers(struct engineio_server *engine, const struct session *session,
                                    bool is_first, struct bytes own)
{
    struct buffer *lines = &engine->headers;
    struct engineio_session_id id = {0};
    buffer_clear(lines);
    buffer_append(lines, own);
    if (session != NULL) {
        id = session->id;
        if (is_first && !session->websocket && engine->config.cookie.name != NULL) {
            cookie_append_line(lines, &engine->config.cookie,
                               bytes_of(session->sid, ENGINEIO_SID_SIZE));
        }
        if (is_first && engine->app_ops.initial_headers != NULL) {
            engine->app_ops.initial_headers(engine->app, id, lines);
        }
    }
    if (engine->app_ops.headers != NULL) {
        engine->app_ops.headers(engine->app, id, lines);
    }
    return whole_lines(buffer_bytes(lines));
}

void engine_respond(struct engineio_server *engine, const struct session *session, bool is_first,
                    uint64_t exchange, struct engineio_response response)
{
    if (is_relayed(exchange)) { // further headers are those of the node that has the client
        engine->relay_ops.respond(engine->relay, exchange, &response, false);
        return;
    }
    response.headers = collect_headers(engine, session, is_first, response.headers);
    engine->transport.respond(engine->shell, exchange, &response);
}

void engine_respond_packets(struct engineio_server *engine, const struct session *session,
                            uint64_t exchange, const struct engineio_response *response)
{
    if (is_relayed(exchange)) {
        engine->relay_ops.respond(engine->relay, exchange, response, true);
    } else {
        engine_respond(engine, session, false, exchange, *response);
    }
}

uint64_t engine_accept(struct engineio_server *engine, const struct session *session, bool is_first,
                       uint64_t exchange)
{
    struct bytes headers = collect_headers(engine, session, is_first, (struct bytes){NULL, 0});
    return engine->transport.ws_accept(engine->shell, exchange, headers);
}

void engine_respond_empty(struct engineio_server *engine, const struct session *session,
                          uint64_t exchange, int status)
{
    engine_respond(engine, session, false, exchange, (struct engineio_response){.status = status});
}

// ---- refusals ----

// When a client that was refused may come back: not before those who wait have had their turns, and
// not all at once.
static int64_t retry_after_s(struct engineio_server *engine)
{
    int64_t wait_us = 0;
    if (engine->config.handshakes_per_second > 0) {
        wait_us = pace_nth_us(&engine->pace, engine->line.count) - engine->now_ms * 1000;
    }
    int64_t least_s = wait_us > 0 ? (wait_us + 999999) / 1000000 : 1;
    uint8_t random[4];
    engine->config.random(engine->config.random_context, random, sizeof random);
    uint32_t drawn = (uint32_t)random[0] << 16 | (uint32_t)random[1] << 8 | random[2];
    return least_s + drawn % (least_s + RETRY_AFTER_SPREAD_S);
}

static void respond_with_json(struct engineio_server *engine, uint64_t exchange, int status,
                              enum engineio_error error, struct bytes message)
{
    char line[48];
    struct buffer *body = &engine->output;
    buffer_clear(body);
    buffer_append_format(body, "{\"code\":%d,\"message\":\"", (int)error);
    jsonp_append_escaped(body, message);
    buffer_append_text(body, "\"}");
    struct engineio_response response = {
        .status = status, .content_type = "application/json", .body = buffer_bytes(body)};
    if (buffer_status(body) != LC_OK) { // no memory: no half of it
        response = (struct engineio_response){.status = status};
    }
    if (is_busy(error)) {
        int size =
            snprintf(line, sizeof line, "Retry-After: %lld\r\n", (long long)retry_after_s(engine));
        response.headers = bytes_of(line, (size_t)size);
    }
    engine_respond(engine, NULL, false, exchange, response);
}

void engine_refuse(struct engineio_server *engine, uint64_t exchange, bool is_upgrade,
                   enum engineio_error error, const char *context, struct bytes message)
{
    const char *usual = engineio_error_message(error);
    message = message.size > 0 ? message : bytes_text(usual);
    engine->counts.connection_errors_total++;
    if (engine->app_ops.on_connection_error != NULL) {
        engine->app_ops.on_connection_error(engine->app, error, message, context);
    }
    if (is_upgrade && engine->app_ops.on_transport != NULL) {
        engine->app_ops.on_transport(engine->app, NULL, (struct bytes){NULL, 0}, "upgrade refused",
                                     usual);
    }
    if (is_busy(error)) {
        respond_with_json(engine, exchange, 503, error, message);
    } else if (is_upgrade) {
        engine_respond(engine, NULL, false, exchange,
                       (struct engineio_response){
                           .status = 400, .content_type = "text/html", .body = message});
    } else {
        respond_with_json(engine, exchange, error == ENGINEIO_FORBIDDEN ? 403 : 400, error,
                          message);
    }
}
