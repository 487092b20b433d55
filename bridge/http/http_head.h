// The head of an HTTP/1.x request: its line and its fields, read once all of it is there.
//
// Purity:    pure
// Units:     sizes in bytes
// Ownership: a head is views into the caller's text, whose field names it makes lower case
// Errors:    a fault is the status of its answer; what cannot be understood in one way only is
//            refused: bare CR or LF, folded lines, space before a colon, two lengths, two hosts
// Source:    RFC 9112 sections 2, 3, 5, 6, 9; RFC 9110 section 5
#ifndef LOTCAST_HTTP_HEAD_H
#define LOTCAST_HTTP_HEAD_H

#include "lib/base/bytes.h"
#include "lib/base/status.h"

enum {
    HTTP_HEAD_BYTES_MAX = 16384, // line and fields together
    HTTP_TARGET_BYTES_MAX = 8192,
    HTTP_METHOD_BYTES_MAX = 32,
    HTTP_FIELDS_MAX = 100,
};

enum http_fault {
    HTTP_FAULT_NONE = 0,
    HTTP_FAULT_SYNTAX = 400,
    HTTP_FAULT_TARGET_SIZE = 414,
    HTTP_FAULT_EXPECTATION = 417,
    HTTP_FAULT_HEAD_SIZE = 431,
};

struct http_field {
    struct bytes name; // lower case
    struct bytes value;
};

struct http_head {
    struct bytes method;
    struct bytes target;
    int minor_version; // of HTTP/1
    struct http_field fields[HTTP_FIELDS_MAX];
    size_t fields_count;
};

// `text` runs from the request line to the empty line that ends the head, both included.
LC_MUST_CHECK enum http_fault http_head_parse(uint8_t *text, size_t size,
                                              struct http_head *out_head);

size_t http_head_count(const struct http_head *head, const char *name);
// The first field of that name; empty when there is none.
struct bytes http_head_value(const struct http_head *head, const char *name);
// True when a comma-separated list in a field of that name has the token, in any case.
bool http_head_has_token(const struct http_head *head, const char *name, const char *token);

enum http_body { HTTP_BODY_NONE, HTTP_BODY_SIZED, HTTP_BODY_CHUNKED };

// What the fields say about the rest of the message and of the connection.
struct http_framing {
    enum http_body body;
    uint64_t body_size; // of HTTP_BODY_SIZED, at least 1
    bool keeps_alive;
    bool expects_continue;
};

LC_MUST_CHECK enum http_fault http_framing_read(const struct http_head *head,
                                                struct http_framing *out_framing);

#endif
