// What the auction application needs of the world: lent by the program, replaced in tests.
//
// Purity:    an interface
// Units:     *_ms milliseconds
// Ownership: everything given to a call is borrowed until it returns
#ifndef LOTCAST_BRIDGE_OUTSIDE_H
#define LOTCAST_BRIDGE_OUTSIDE_H

#include "bridge/app/identity.h"
#include "lib/base/buffer.h"
#include "lib/wire/topic.h"

struct http_request {
    uint64_t exchange;
    struct bytes method;
    struct bytes path;
    struct bytes query;
    struct bytes body;
    struct bytes content_type;
    struct bytes authorization;
    struct bytes if_none_match;
    struct bytes accept_encoding;
    struct bytes address;
};

struct http_response {
    int status;
    const char *content_type; // NULL: no body
    struct bytes body;
    const char *headers; // "Name: value\r\n...", or NULL
};

enum outside_level { OUTSIDE_DEBUG, OUTSIDE_INFO, OUTSIDE_WARNING };

struct outside {
    void *context;

    int64_t (*boot_ms)(void *context);
    int64_t (*wall_ms)(void *context);
    void (*random)(void *context, uint8_t *data, size_t size);
    void (*log)(void *context, enum outside_level level, const char *line);

    // The broker; LC_ERR_OFFLINE while not connected, nothing is queued.
    enum lc_status (*publish)(void *context, const struct topic *topic, struct bytes payload,
                              int qos, bool retain);
    enum lc_status (*subscribe)(void *context, const char *pattern, int qos);
    enum lc_status (*unsubscribe)(void *context, const char *pattern);

    // Tokens: NONE, UNAUTHENTICATED or TOKEN_EXPIRED; with `*out_identity` also filled for
    // TOKEN_EXPIRED.
    enum error_code (*token_read)(void *context, struct bytes token, int64_t now_s,
                                  struct identity *out_identity);
    enum lc_status (*token_make)(void *context, const struct identity *identity, int64_t now_s,
                                 struct buffer *out);
    void (*sha256_hex)(void *context, struct bytes bytes, char out_hex[65]);

    // The other bridges. `node`: ENGINEIO_NODE_SIZE characters, NULL: all of them.
    enum lc_status (*send_note)(void *context, const char *node_or_null, struct bytes note);
    // What their heartbeats say: one is there, started at `since_ms`; one has gone, or began anew.
    // Either may be NULL.
    void (*bridge_seen)(void *context, const char *node, int64_t since_ms);
    void (*bridge_died)(void *context, const char *node);

    // Signs what comes back from outside (a pid): the newest key signs, every key verifies.
    void (*sign)(void *context, struct bytes bytes, uint8_t out_mac[32]);
    bool (*verify)(void *context, struct bytes bytes, const uint8_t mac[32]);

    // The one response of an exchange.
    void (*respond)(void *context, uint64_t exchange, const struct http_response *response);
    // Answers /readyz by itself, now or later.
    void (*answer_readiness)(void *context, uint64_t exchange);
    // A page, an asset or a file of the client bundle; NOT_FOUND answers nothing.
    enum error_code (*serve_file)(void *context, const struct http_request *request);
    // What others of the program count, for /metrics; may be NULL.
    void (*write_metrics)(void *context, struct buffer *out);
};

#endif
