#include "bridge/http/http_response.h"

static const struct {
    int status;
    const char *text;
} STATUSES[] = {
    {101, "Switching Protocols"},
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {204, "No Content"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {303, "See Other"},
    {304, "Not Modified"},
    {307, "Temporary Redirect"},
    {308, "Permanent Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {413, "Payload Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {417, "Expectation Failed"},
    {422, "Unprocessable Content"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
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

static void append_connection(enum http_connection connection, struct buffer *out)
{
    switch (connection) {
    case HTTP_CONNECTION_KEPT:
        return;
    case HTTP_CONNECTION_KEPT_ALOUD:
        buffer_append_text(out, "Connection: keep-alive\r\n");
        return;
    case HTTP_CONNECTION_CLOSES:
        buffer_append_text(out, "Connection: close\r\n");
        return;
    }
}

void http_response_write(const struct http_response *response, struct buffer *out)
{
    int status = response->status;
    bool has_body = status >= 200 && status != 204 && status != 304;
    buffer_append_format(out, "HTTP/1.1 %d %s\r\n", status, status_text(status));
    if (response->content_type != NULL) {
        buffer_append_format(out, "Content-Type: %s\r\n", response->content_type);
    }
    if (has_body || status == 204) { // browsers have waited for the body of a bare 204
        buffer_append_format(out, "Content-Length: %zu\r\n", has_body ? response->body.size : 0);
    }
    if (response->no_store) {
        buffer_append_text(out, "Cache-Control: no-store\r\n");
    }
    buffer_append(out, response->headers);
    append_connection(response->connection, out);
    buffer_append_text(out, "\r\n");
    if (has_body && !response->answers_head) {
        buffer_append(out, response->body);
    }
}
