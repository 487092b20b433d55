// HTTP requests: one at a time with its answer returned, or many at once on an event loop.
//
// Purity:    talks to the network through libcurl
// Units:     *_ms milliseconds; sizes in bytes
// Ownership: http_client_create/destroy; request texts are copied
// Lifetime:  an answer is borrowed until its callback returns; a request id is never used again
// Errors:    an answer that is no HTTP answer, or larger than HTTP_BODY_SIZE_MAX, has status 0 and
// says why Order:     exactly one callback for each request that is not cancelled, never inside
// http_client_send();
//            callbacks may send and cancel
#ifndef LOTCAST_CTL_HTTP_H
#define LOTCAST_CTL_HTTP_H

#include "auctionctl/io/loop.h"
#include "lib/base/buffer.h"

enum { HTTP_BODY_SIZE_MAX = 32 * 1024 * 1024, HTTP_WHY_SIZE_MAX = 256 };

struct http_request {
    const char *method; // "GET", "POST"
    const char *url;
    const char *content_type; // NULL: no body
    struct bytes body;
    const char *token;  // NULL: no Authorization
    int64_t timeout_ms; // 0: none
};

struct http_answer {
    int status; // 0: none came
    struct bytes body;
    const char *why; // when there is none
};

void http_start(void); // once in a program
void http_end(void);

// Percent-encodes a text for use in a path.
void http_escape(const char *text, struct buffer *out);

// Waits for the answer. `out_body` gets the body; the status, or 0 with `out_why`.
int http_fetch(const struct http_request *request, struct buffer *out_body,
               char out_why[HTTP_WHY_SIZE_MAX]);

struct http_client;
typedef void http_done(void *owner, const struct http_answer *answer);

struct http_client *http_client_create(struct loop *loop);
void http_client_destroy(struct http_client *client);
uint64_t http_client_send(struct http_client *client, const struct http_request *request,
                          http_done *done, void *owner);
void http_client_cancel(struct http_client *client, uint64_t id);

#endif
