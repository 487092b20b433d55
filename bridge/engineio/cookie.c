#include "bridge/engineio/cookie.h"

struct engineio_cookie engineio_cookie_default(void)
{
    return (struct engineio_cookie){
        .name = "io", .path = "/", .http_only = true, .same_site = COOKIE_SAME_SITE_LAX};
}

static const char *same_site_text(enum cookie_same_site same_site)
{
    switch (same_site) {
    case COOKIE_SAME_SITE_LAX:
        return "; SameSite=Lax";
    case COOKIE_SAME_SITE_STRICT:
        return "; SameSite=Strict";
    case COOKIE_SAME_SITE_NONE:
        return "; SameSite=None";
    case COOKIE_SAME_SITE_UNSET:
        return "";
    }
    return "";
}

void cookie_append_line(struct buffer *out, const struct engineio_cookie *cookie,
                        struct bytes value)
{
    buffer_append_format(out, "Set-Cookie: %s=", cookie->name);
    buffer_append(out, value);
    if (cookie->has_max_age) {
        buffer_append_format(out, "; Max-Age=%lld", (long long)cookie->max_age_s);
    }
    if (cookie->domain != NULL) {
        buffer_append_format(out, "; Domain=%s", cookie->domain);
    }
    if (cookie->path != NULL) {
        buffer_append_format(out, "; Path=%s", cookie->path);
    }
    buffer_append_text(out, cookie->http_only ? "; HttpOnly" : "");
    buffer_append_text(out, cookie->secure ? "; Secure" : "");
    buffer_append_text(out, same_site_text(cookie->same_site));
    buffer_append_text(out, "\r\n");
}
