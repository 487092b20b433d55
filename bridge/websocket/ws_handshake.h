// The opening handshake of a WebSocket: whether a request is one.
//
// Purity:    pure
// Source:    RFC 6455 section 4.2.1
#ifndef LOTCAST_WEBSOCKET_WS_HANDSHAKE_H
#define LOTCAST_WEBSOCKET_WS_HANDSHAKE_H

#include "bridge/http/http_head.h"
#include "lib/base/buffer.h"

enum ws_handshake_fault {
    WS_HANDSHAKE_FINE,
    WS_HANDSHAKE_METHOD,
    WS_HANDSHAKE_UPGRADE, // to something else
    WS_HANDSHAKE_VERSION,
    WS_HANDSHAKE_KEY,
};
const char *ws_handshake_fault_text(enum ws_handshake_fault fault);

// True when the request wants to leave HTTP/1.1: to a WebSocket, or to something else.
bool ws_handshake_is_wanted(const struct http_head *head);
// A subprotocol that it asks for is passed over: there is none, and clients that insist on theirs
// close by themselves.
enum ws_handshake_fault ws_handshake_check(const struct http_head *head);

// The lines of the 101 that are always there.
void ws_handshake_append(const struct http_head *head, struct buffer *out);

#endif
