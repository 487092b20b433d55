#include "bridge/websocket/ws_handshake.h"

#include "bridge/websocket/accept_key.h"

enum { KEY_DIGITS = 22 }; // of 16 bytes in base64, in front of "=="

const char *ws_handshake_fault_text(enum ws_handshake_fault fault)
{
    switch (fault) {
    case WS_HANDSHAKE_FINE:
        break;
    case WS_HANDSHAKE_METHOD:
        return "Invalid HTTP method";
    case WS_HANDSHAKE_UPGRADE:
        return "Invalid Upgrade header";
    case WS_HANDSHAKE_VERSION:
        return "Missing or invalid Sec-WebSocket-Version header";
    case WS_HANDSHAKE_KEY:
        return "Missing or invalid Sec-WebSocket-Key header";
    }
    return "";
}

bool ws_handshake_is_wanted(const struct http_head *head)
{
    return head->minor_version > 0 && http_head_count(head, "upgrade") > 0 &&
           http_head_has_token(head, "connection", "upgrade");
}

static bool is_base64_digit(uint8_t c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' ||
           c == '/';
}

static bool is_key(struct bytes key)
{
    for (size_t i = 0; i < KEY_DIGITS && i < key.size; i++) {
        if (!is_base64_digit(key.data[i])) {
            return false;
        }
    }
    return key.size == KEY_DIGITS + 2 && bytes_equal_text(bytes_from(key, KEY_DIGITS), "==");
}

// A body would be taken for frames. Apache announces an empty one when it turns HTTP/2's WebSockets
// into HTTP/1.1's.
static bool has_body(const struct http_head *head)
{
    size_t lengths = http_head_count(head, "content-length");
    return http_head_count(head, "transfer-encoding") > 0 || lengths > 1 ||
           (lengths == 1 && !bytes_equal_text(http_head_value(head, "content-length"), "0"));
}

enum ws_handshake_fault ws_handshake_check(const struct http_head *head)
{
    if (!bytes_equal_text(head->method, "GET") || has_body(head)) {
        return WS_HANDSHAKE_METHOD;
    }
    if (!ws_handshake_is_wanted(head) || !http_head_has_token(head, "upgrade", "websocket")) {
        return WS_HANDSHAKE_UPGRADE;
    }
    if (http_head_count(head, "sec-websocket-version") != 1 ||
        !bytes_equal_text(http_head_value(head, "sec-websocket-version"), "13")) {
        return WS_HANDSHAKE_VERSION;
    }
    if (http_head_count(head, "sec-websocket-key") != 1 ||
        !is_key(http_head_value(head, "sec-websocket-key"))) {
        return WS_HANDSHAKE_KEY;
    }
    return WS_HANDSHAKE_FINE;
}

void ws_handshake_append(const struct http_head *head, struct buffer *out)
{
    char accept[ACCEPT_KEY_SIZE + 1];
    accept_key(http_head_value(head, "sec-websocket-key"), accept);
    buffer_append_format(out,
                         "Upgrade: websocket\r\nConnection: Upgrade\r\n"
                         "Sec-WebSocket-Accept: %s\r\n",
                         accept);
}
