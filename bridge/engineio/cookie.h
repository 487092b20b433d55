// The cookie that names a session to what stands before the server, and its Set-Cookie line.
//
// Purity:    pure
// Units:     max_age_s seconds
// Ownership: a cookie borrows its texts, which are the operator's and go out as they are
// Source:    RFC 6265 section 4.1; attributes and their order as the reference server writes them
#ifndef LOTCAST_ENGINEIO_COOKIE_H
#define LOTCAST_ENGINEIO_COOKIE_H

#include "lib/base/buffer.h"

enum cookie_same_site {
    COOKIE_SAME_SITE_LAX,
    COOKIE_SAME_SITE_STRICT,
    COOKIE_SAME_SITE_NONE,
    COOKIE_SAME_SITE_UNSET
};

struct engineio_cookie {
    const char *name; // NULL: no cookie
    const char *path; // NULL: none
    const char *domain;
    bool http_only;
    bool secure;
    bool has_max_age;
    int64_t max_age_s;
    enum cookie_same_site same_site;
};
// Name "io", path "/", HttpOnly, SameSite=Lax.
struct engineio_cookie engineio_cookie_default(void);

// Appends the line with its end, for a session id.
void cookie_append_line(struct buffer *out, const struct engineio_cookie *cookie,
                        struct bytes value);

#endif
