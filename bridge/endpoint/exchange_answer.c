// HTTP responses: written whole, coded when the client takes that and it is worth it.
#include "bridge/endpoint/peer.h"

// The body as it is sent: coded into scratch, or as it is.
static struct bytes code_body(struct endpoint *endpoint, enum http_coding coding, struct bytes body)
{
    if (endpoint->coder == NULL) {
        endpoint->coder = http_coder_create();
    }
    buffer_clear(&endpoint->coded);
    bool is_coded = endpoint->coder != NULL &&
                    http_coder_code(endpoint->coder, coding, body, &endpoint->coded) == LC_OK &&
                    endpoint->coded.size < body.size;
    return is_coded ? buffer_bytes(&endpoint->coded) : body;
}

static bool may_code(const struct endpoint *endpoint, const struct exchange *exchange,
                     const struct answer *answer)
{
    return answer->may_compress && answer->body.size >= HTTP_CODING_BYTES_MIN &&
           (!exchange->for_engine || endpoint->config.compresses_polls);
}

static void send_response(struct endpoint_peer *peer, const struct http_response *response)
{
    struct buffer *output = &peer->endpoint->output;
    buffer_clear(output);
    http_response_write(response, output);
    if (buffer_status(&peer->exchange->lines) == LC_OK &&
        buffer_status(&peer->endpoint->lines) == LC_OK && buffer_status(output) == LC_OK) {
        peer_send(peer, buffer_bytes(output));
    } else {
        peer->has_failed = true;
        endpoint_note(peer);
    }
    peer_trim(output);
}

void exchange_respond(struct endpoint_peer *peer, const struct answer *answer)
{
    struct endpoint *endpoint = peer->endpoint;
    struct exchange *exchange = peer->exchange;
    if (exchange == NULL || exchange->responded) {
        return;
    }
    exchange->responded = true;
    if (endpoint->keeps_none) {
        exchange->connection = HTTP_CONNECTION_CLOSES;
    }
    struct buffer *lines = &endpoint->lines;
    struct bytes body = answer->body;
    buffer_clear(lines);
    buffer_append(lines, buffer_bytes(&exchange->lines));
    buffer_append(lines, answer->headers);
    if (exchange->for_engine && exchange->is_old_browser && answer->status == 200) {
        buffer_append_text(lines, "X-XSS-Protection: 0\r\n");
    }
    if (may_code(endpoint, exchange, answer)) {
        if (!exchange->for_engine) {
            buffer_append_text(lines, "Vary: Accept-Encoding\r\n");
        }
        if (exchange->coding != HTTP_CODING_NONE) {
            body = code_body(endpoint, exchange->coding, body);
        }
        if (body.data != answer->body.data) {
            buffer_append_text(lines, http_coding_line(exchange->coding));
        }
    }
    send_response(peer, &(struct http_response){.status = answer->status,
                                                .content_type = answer->content_type,
                                                .body = body,
                                                .headers = buffer_bytes(lines),
                                                .no_store = answer->no_store,
                                                .connection = exchange->connection,
                                                .answers_head = exchange->is_head});
    peer_trim(&endpoint->coded);
    buffer_release(&exchange->lines);
    if (!peer->is_busy) {
        endpoint_note(peer); // the next request may be waiting
    }
}

void exchange_respond_code(struct endpoint_peer *peer, int status, enum error_code code)
{
    char body[256];
    int size = snprintf(body, sizeof body, "{\"error\":{\"code\":\"%s\",\"message\":\"%s\"}}",
                        error_code_name(code), error_code_message(code));
    exchange_respond(peer, &(struct answer){.status = status,
                                            .content_type = "application/json",
                                            .body = bytes_of(body, (size_t)size)});
}

void exchange_respond_text(struct endpoint_peer *peer, int status, const char *text,
                           const char *headers)
{
    exchange_respond(peer, &(struct answer){.status = status,
                                            .content_type = "text/html",
                                            .body = bytes_text(text),
                                            .headers = bytes_text(headers)});
}

void exchange_engine_respond(void *shell, uint64_t id, const struct engineio_response *response)
{
    struct endpoint *endpoint = shell;
    struct endpoint_peer *peer = slot_table_find(&endpoint->exchanges, id);
    if (peer == NULL) {
        return;
    }
    peer->exchange->is_owed = false;
    exchange_respond(peer, &(struct answer){.status = response->status,
                                            .content_type = response->content_type,
                                            .body = response->body,
                                            .headers = response->headers,
                                            .no_store = response->no_store,
                                            .may_compress = response->may_compress});
}

void endpoint_respond(struct endpoint *endpoint, struct web_exchange_id exchange,
                      const struct web_response *response)
{
    struct endpoint_peer *peer = slot_table_find(&endpoint->exchanges, exchange.value);
    if (peer == NULL || peer->exchange->is_owed) {
        return;
    }
    const char *headers = response->headers == NULL ? "" : response->headers;
    exchange_respond(peer, &(struct answer){.status = response->status,
                                            .content_type = response->content_type,
                                            .body = response->body,
                                            .headers = bytes_text(headers),
                                            .may_compress = response->may_compress});
}
