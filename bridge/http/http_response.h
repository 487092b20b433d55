// Writes a response as one text of head and body.
//
// Purity:    pure
// Errors:    what does not fit into `out` is told by buffer_status()
// Source:    RFC 9110 sections 8.6, 9.3.2, 15; RFC 9112 sections 4, 6, 9
#ifndef LOTCAST_HTTP_RESPONSE_H
#define LOTCAST_HTTP_RESPONSE_H

#include "lib/base/buffer.h"

enum http_connection {
    HTTP_CONNECTION_KEPT,       // as HTTP/1.1 has it without a word
    HTTP_CONNECTION_KEPT_ALOUD, // for HTTP/1.0
    HTTP_CONNECTION_CLOSES,
};

struct http_response {
    int status;
    const char *content_type; // NULL: none
    struct bytes body;
    struct bytes headers; // further lines "Name: value\r\n"
    bool no_store;
    enum http_connection connection;
    bool answers_head; // the body's size is told, the body is not sent
};

void http_response_write(const struct http_response *response, struct buffer *out);

#endif
