// Content codings: which one a client takes, and the coding itself.
//
// Purity:    pure (allocates)
// Ownership: http_coder_create/destroy; one coder serves any number of answers, one after the other
// Errors:    http_coder_code: LC_ERR_NO_MEMORY, or LC_ERR_FULL when `out` is too small; `out` then
//            has a part
// Source:    RFC 9110 sections 8.4.1, 12.5.3; RFC 1950, RFC 1952
#ifndef LOTCAST_HTTP_CODING_H
#define LOTCAST_HTTP_CODING_H

#include "lib/base/buffer.h"

enum { HTTP_CODING_BYTES_MIN = 1024 }; // a smaller body is sent as it is

enum http_coding { HTTP_CODING_NONE, HTTP_CODING_GZIP, HTTP_CODING_DEFLATE };

// The one with the highest weight; of two, gzip. Empty: the client said nothing, so none.
enum http_coding http_coding_choose(struct bytes accept_encoding);
// The header line "Content-Encoding: ...\r\n"; empty for none.
const char *http_coding_line(enum http_coding coding);

struct http_coder;
struct http_coder *http_coder_create(void); // NULL: no memory
void http_coder_destroy(struct http_coder *coder);
LC_MUST_CHECK enum lc_status http_coder_code(struct http_coder *coder, enum http_coding coding,
                                             struct bytes in, struct buffer *out);

#endif
