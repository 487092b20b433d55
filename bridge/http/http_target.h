// The target of a request: its path and its query.
//
// Purity:    pure
// Ownership: views into the caller's text
// Source:    RFC 9112 section 3.2 (origin-form and absolute-form), RFC 3986 section 2.1
#ifndef LOTCAST_HTTP_TARGET_H
#define LOTCAST_HTTP_TARGET_H

#include "lib/base/buffer.h"

struct http_target {
    struct bytes url;   // path and query, as they came
    struct bytes path;  // as it came
    struct bytes query; // as it came, without the '?'
};

// False: neither a path nor an http(s) address.
bool http_target_read(struct bytes target, struct http_target *out_target);

// Appends the path without its percent-encoding; false when that is none, or hides a NUL.
bool http_path_decode(struct bytes path, struct buffer *out);

#endif
