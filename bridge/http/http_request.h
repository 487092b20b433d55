// Reads the requests of one connection, in slices of any size.
//
// Purity:    pure (allocates)
// Ownership: http_request_init/release; the head's text is the reader's, the body goes into a
//            buffer of the caller's, whose own maximum applies
// Lifetime:  views of http_request_head() are valid until http_request_forget_head(),
//            http_request_next() or release
// Errors:    HTTP_REQUEST_BAD: http_request_fault() is the status to answer; where the next request
//            would begin is unknown, the connection has to end. Memory that is not there looks like
//            a head that is too large
// Order:     feed until HEAD, look at the head, feed until END (it comes also for no body), then
//            http_request_next(). What a feed did not use is fed again. Feeding nothing is allowed
// Source:    RFC 9112
#ifndef LOTCAST_HTTP_REQUEST_H
#define LOTCAST_HTTP_REQUEST_H

#include "bridge/http/chunk_decoder.h"
#include "bridge/http/http_head.h"

enum { HTTP_EMPTY_LINES_MAX = 4 }; // in front of a request

enum http_request_step {
    HTTP_REQUEST_MORE,
    HTTP_REQUEST_HEAD,
    HTTP_REQUEST_END,
    HTTP_REQUEST_BAD,
};

enum http_request_state {
    HTTP_READS_HEAD,
    HTTP_READS_SIZED,
    HTTP_READS_CHUNKS,
    HTTP_READS_NOTHING, // the body is complete, or there is none
    HTTP_READS_BAD,
};

struct http_request_reader {
    enum http_request_state state;
    enum http_fault fault;
    struct buffer text; // of the head
    size_t line_size;   // of the head's line that is not complete
    uint8_t empty_lines;
    bool has_line; // the request line is complete
    struct http_framing framing;
    uint64_t body_left; // of HTTP_READS_SIZED
    struct chunk_decoder chunks;
};

void http_request_init(struct http_request_reader *reader);
void http_request_release(struct http_request_reader *reader);

enum http_request_step http_request_feed(struct http_request_reader *reader, struct bytes in,
                                         struct buffer *body, size_t *out_used);

// From HEAD on. LC_ASSERTs that the head was not forgotten.
void http_request_head(const struct http_request_reader *reader, struct http_head *out_head);
const struct http_framing *http_request_framing(const struct http_request_reader *reader);
enum http_fault http_request_fault(const struct http_request_reader *reader);
// Frees the head's text while the body, or the answer, is still awaited.
void http_request_forget_head(struct http_request_reader *reader);
// Makes ready for the next request of the connection; frees what the last one needed.
void http_request_next(struct http_request_reader *reader);
// True when no byte of a request has been read since next() or init().
bool http_request_is_idle(const struct http_request_reader *reader);
// Bytes of memory that the head holds.
size_t http_request_bytes(const struct http_request_reader *reader);

#endif
