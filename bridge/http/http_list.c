#include "bridge/http/http_list.h"

#include <strings.h>

static bool is_space(uint8_t c)
{
    return c == ' ' || c == '\t';
}

struct bytes http_trim(struct bytes text)
{
    while (text.size > 0 && is_space(text.data[0])) {
        text = bytes_from(text, 1);
    }
    while (text.size > 0 && is_space(text.data[text.size - 1])) {
        text.size--;
    }
    return text;
}

bool http_list_next(struct bytes *list, char separator, struct bytes *out_item)
{
    while (list->size > 0) {
        size_t end = bytes_find(*list, (uint8_t)separator, 0);
        struct bytes item = http_trim(bytes_of(list->data, end));
        *list = bytes_from(*list, end + 1);
        if (item.size > 0) {
            *out_item = item;
            return true;
        }
    }
    return false;
}

bool http_is_token_char(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

bool http_equals(struct bytes text, const char *token)
{
    size_t size = strlen(token);
    return text.size == size &&
           (size == 0 || strncasecmp((const char *)text.data, token, size) == 0);
}
