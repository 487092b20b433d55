#include "bridge/http/http_target.h"

#include "bridge/http/http_list.h"

// The part of an absolute address behind its authority.
static struct bytes skip_authority(struct bytes target)
{
    static const char *const schemes[] = {"http://", "https://"};
    for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++) {
        size_t size = strlen(schemes[i]);
        if (target.size > size && http_equals(bytes_of(target.data, size), schemes[i])) {
            size_t slash = bytes_find(target, '/', size);
            size_t mark = bytes_find(target, '?', size);
            return slash < mark ? bytes_from(target, slash) : bytes_text("");
        }
    }
    return target;
}

bool http_target_read(struct bytes target, struct http_target *out_target)
{
    struct bytes url = skip_authority(target);
    if (url.size == 0 || url.data[0] != '/') {
        return false;
    }
    size_t mark = bytes_find(url, '?', 0);
    *out_target = (struct http_target){url, bytes_of(url.data, mark), bytes_from(url, mark + 1)};
    return true;
}

static int hex_value(uint8_t c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool http_path_decode(struct bytes path, struct buffer *out)
{
    for (size_t at = 0; at < path.size; at++) {
        uint8_t c = path.data[at];
        if (c == '%') {
            int high = path.size - at > 2 ? hex_value(path.data[at + 1]) : -1;
            int low = path.size - at > 2 ? hex_value(path.data[at + 2]) : -1;
            if (high < 0 || low < 0 || high + low == 0) {
                return false;
            }
            c = (uint8_t)(high << 4 | low);
            at += 2;
        }
        buffer_append_byte(out, c);
    }
    return true;
}
