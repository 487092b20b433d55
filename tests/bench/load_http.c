#include "tests/bench/load_http.h"

#include <strings.h>

// The key of RFC 6455, 1.3: with one key for all, the answer is known without SHA-1.
#define WEBSOCKET_KEY "dGhlIHNhbXBsZSBub25jZQ=="
#define WEBSOCKET_ACCEPT "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="

static void put_target(struct buffer *out, const char *method, const char *transport,
                       const char *sid, uint32_t nonce)
{
    buffer_append_format(out, "%s /socket.io/?EIO=4&transport=%s", method, transport);
    if (nonce != 0) {
        buffer_append_format(out, "&t=%08x", nonce);
    }
    if (sid[0] != '\0') {
        buffer_append_format(out, "&sid=%s", sid);
    }
}

// Bodies stay as they are: unpacking gzip would be the generator's time.
static void put_browser(struct buffer *out, uint16_t port)
{
    buffer_append_format(
        out,
        " HTTP/1.1\r\nHost: 127.0.0.1:%u\r\n"
        "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, "
        "like Gecko) Chrome/131.0.0.0 Safari/537.36\r\n"
        "Accept-Language: en-GB,en;q=0.9\r\nAccept-Encoding: identity;q=1, *;q=0\r\n"
        "Cache-Control: no-cache\r\nPragma: no-cache\r\n"
        "Origin: http://127.0.0.1:%u\r\n",
        port, port);
}

static void put_xhr(struct buffer *out, uint16_t port)
{
    put_browser(out, port);
    buffer_append_format(out,
                         "Connection: keep-alive\r\nAccept: */*\r\nSec-Fetch-Site: same-origin\r\n"
                         "Sec-Fetch-Mode: cors\r\nSec-Fetch-Dest: empty\r\n"
                         "Referer: http://127.0.0.1:%u/\r\n",
                         port);
}

void load_http_get(struct buffer *out, uint16_t port, const char *sid, uint32_t nonce)
{
    put_target(out, "GET", "polling", sid, nonce);
    put_xhr(out, port);
    buffer_append_text(out, "\r\n");
}

void load_http_post(struct buffer *out, uint16_t port, const char *sid, uint32_t nonce,
                    struct bytes body)
{
    put_target(out, "POST", "polling", sid, nonce);
    put_xhr(out, port);
    buffer_append_format(
        out, "Content-Type: text/plain;charset=UTF-8\r\nContent-Length: %zu\r\n\r\n", body.size);
    buffer_append(out, body);
}

void load_http_upgrade(struct buffer *out, uint16_t port, const char *sid)
{
    put_target(out, "GET", "websocket", sid, 0);
    put_browser(out, port);
    // Browsers offer permessage-deflate; who takes the offer would be measured compressing.
    buffer_append_text(out, "Connection: Upgrade\r\nUpgrade: websocket\r\n"
                            "Sec-WebSocket-Version: 13\r\n"
                            "Sec-WebSocket-Key: " WEBSOCKET_KEY "\r\n\r\n");
}

// The index behind the empty line; 0: not there yet.
static size_t head_size(struct bytes data)
{
    for (size_t at = bytes_find(data, '\n', 0); at < data.size;
         at = bytes_find(data, '\n', at + 1)) {
        if (at >= 3 && memcmp(data.data + at - 3, "\r\n\r", 3) == 0) {
            return at + 1;
        }
    }
    return 0;
}

// The value of a header line `name`, without spaces around it; empty when there is none.
static struct bytes header_value(struct bytes head, const char *name)
{
    size_t name_size = strlen(name);
    for (size_t at = bytes_find(head, '\n', 0) + 1; at < head.size;) {
        size_t end = bytes_find(head, '\r', at);
        const char *line = (const char *)head.data + at;
        if (end - at > name_size && strncasecmp(line, name, name_size) == 0 &&
            line[name_size] == ':') {
            size_t from = at + name_size + 1;
            while (from < end && head.data[from] == ' ') {
                from++;
            }
            return bytes_of(head.data + from, end - from);
        }
        at = bytes_find(head, '\n', end) + 1;
    }
    return bytes_of(NULL, 0);
}

static bool value_is(struct bytes value, const char *text)
{
    return value.size == strlen(text) &&
           strncasecmp((const char *)value.data, text, value.size) == 0;
}

enum load_progress load_http_read(struct bytes data, struct load_http_response *out_response)
{
    size_t size = head_size(data);
    if (size == 0) {
        return data.size > LOAD_HEAD_MAX ? LOAD_BAD : LOAD_NEED_MORE;
    }
    struct bytes head = bytes_of(data.data, size);
    uint64_t status = 0;
    if (!bytes_starts_with(head, bytes_text("HTTP/1.1 ")) ||
        !bytes_to_uint64(bytes_of(head.data + 9, 3), 599, &status)) {
        return LOAD_BAD;
    }
    struct load_http_response response = {
        .status = (int)status,
        .closes = value_is(header_value(head, "connection"), "close"),
        .is_websocket =
            status == 101 &&
            bytes_equal_text(header_value(head, "sec-websocket-accept"), WEBSOCKET_ACCEPT) &&
            header_value(head, "sec-websocket-extensions").size == 0,
    };
    uint64_t body = 0;
    if (status != 101 &&
        !bytes_to_uint64(header_value(head, "content-length"), LOAD_HEAD_MAX * 128, &body)) {
        return LOAD_BAD;
    }
    if (data.size - size < body) {
        return LOAD_NEED_MORE;
    }
    response.body = bytes_of(data.data + size, (size_t)body);
    response.size = size + (size_t)body;
    *out_response = response;
    return LOAD_DONE;
}
