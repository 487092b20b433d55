// What the application of a web server sees of HTTP: requests in, one response each.
//
// Purity:    pure
// Ownership: a request is views, valid until the callback that brings it returns; an exchange ends
//            with its one response
// Lifetime:  an exchange id is never used again: a response to one that is gone (client left) does
//            nothing
// Order:     on_request comes once the whole body is there; answer now or later, exactly once
// Source:    RFC 9110
#ifndef LOTCAST_ENDPOINT_WEB_REQUEST_H
#define LOTCAST_ENDPOINT_WEB_REQUEST_H

#include "bridge/http/http_head.h"
#include "lib/base/buffer.h"

struct web_exchange_id {
    uint64_t value;
};

struct web_request {
    struct web_exchange_id exchange;
    struct bytes method; // "GET", "HEAD" arrives as "GET"
    struct bytes path;   // percent-decoded, without the query
    struct bytes query;  // as it came, without '?'
    struct bytes body;
    struct bytes content_type;
    struct bytes authorization;
    struct bytes if_none_match;
    struct bytes accept_encoding;
    // Of the peer; with trust_forwarded the last entry of X-Forwarded-For: the one that the proxy
    // in front wrote itself.
    struct bytes address;
    const struct http_head *head; // all fields, and method and target as they came
    bool is_secure;
    bool is_upgrade; // to a WebSocket: only on_engine_request sees such
};

struct web_response {
    int status;
    const char *content_type; // NULL: no body
    struct bytes body;
    const char *headers; // further header lines "Name: value\r\n...", or NULL
    bool may_compress;   // when the client takes it and the body is worth it
};

// What becomes of a request for the Socket.IO server.
enum web_pass {
    WEB_PASSES,
    WEB_ANSWERED, // the application answers it, now or later
    WEB_FAILS,    // 400, code 3
};

struct web_server_ops {
    // Any request outside the Socket.IO paths, and GETs below them that name a file of the client
    // bundle. NULL: nothing is found.
    void (*on_request)(void *owner, const struct web_request *request);
    // Sees each request for the Socket.IO server before it does, without its body. Lines "Name:
    // value\r\n" in `headers` go into its response, also into a 101. NULL: all pass.
    enum web_pass (*on_engine_request)(void *owner, const struct web_request *request,
                                       struct buffer *headers);
};

#endif
