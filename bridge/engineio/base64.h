// Base64 of binary packets in polling payloads, and of session ids.
//
// Purity:    pure
// Errors:    base64_decode: LC_ERR_BAD_INPUT for a character outside the alphabet, a wrong length
//            or bits behind the end; missing padding is accepted; LC_ERR_FULL as of the buffer
// Source:    RFC 4648, sections 4 and 5
#ifndef LOTCAST_ENGINEIO_BASE64_H
#define LOTCAST_ENGINEIO_BASE64_H

#include "lib/base/buffer.h"

// Size of the padded text of `size` bytes.
size_t base64_size(size_t size);
void base64_append(struct buffer *out, struct bytes data);
LC_MUST_CHECK enum lc_status base64_decode(struct bytes text, struct buffer *out);

// `size` must be a multiple of 3; writes size / 3 * 4 characters of [A-Za-z0-9_-], no NUL.
void base64url_write(struct bytes data, char *out_text);

#endif
