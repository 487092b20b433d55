// HTTP/1.1 as a browser's XMLHttpRequest speaks it to a Socket.IO server: keep-alive, the headers of
// a desktop browser, and the WebSocket upgrade.
//
// Purity:    pure
// Errors:    LOAD_BAD: no HTTP/1.1 response, no Content-Length (no peer sends chunks for bodies of
//            this size), or a head above LOAD_HEAD_MAX
// Lifetime:  a body lies in the bytes that were read
// Source:    RFC 9112; RFC 6455, 4.1
#ifndef LOTCAST_BENCH_LOAD_HTTP_H
#define LOTCAST_BENCH_LOAD_HTTP_H

#include "lib/base/buffer.h"
#include "tests/bench/load_progress.h"

enum { LOAD_HEAD_MAX = 8192 };

struct load_http_response {
    int status;
    bool closes;       // "Connection: close"
    bool is_websocket; // 101 with the right Sec-WebSocket-Accept
    struct bytes body;
    size_t size; // of head and body
};

// `nonce` becomes the parameter `t`, against caches; `sid` is empty for the handshake.
void load_http_get(struct buffer *out, uint16_t port, const char *sid, uint32_t nonce);
void load_http_post(struct buffer *out, uint16_t port, const char *sid, uint32_t nonce,
                    struct bytes body);
// `sid` may be empty: a WebSocket from the start.
void load_http_upgrade(struct buffer *out, uint16_t port, const char *sid);

enum load_progress load_http_read(struct bytes data, struct load_http_response *out_response);

#endif
