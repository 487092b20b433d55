#include "bridge/engineio/query.h"

static int hex_value(uint8_t c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

// Decodes one character of an encoded text and moves `at` behind it.
static uint8_t decode_next(struct bytes text, size_t *at)
{
    uint8_t c = text.data[(*at)++];
    if (c == '%' && text.size - *at >= 2) {
        int high = hex_value(text.data[*at]);
        int low = hex_value(text.data[*at + 1]);
        if (high >= 0 && low >= 0) {
            *at += 2;
            return (uint8_t)(high << 4 | low);
        }
    }
    return c == '+' ? ' ' : c;
}

static bool name_is(struct bytes encoded, const char *name)
{
    size_t at = 0;
    while (at < encoded.size && *name != '\0') {
        if (decode_next(encoded, &at) != (uint8_t)*name++) {
            return false;
        }
    }
    return at == encoded.size && *name == '\0';
}

// The value of the last parameter of that name, still encoded.
static bool find_value(struct bytes query, const char *name, struct bytes *out_value)
{
    bool is_found = false;
    for (size_t begin = 0; begin < query.size;) {
        size_t end = bytes_find(query, '&', begin);
        struct bytes pair = bytes_of(query.data + begin, end - begin);
        size_t equals = bytes_find(pair, '=', 0);
        if (name_is(bytes_of(pair.data, equals), name)) {
            *out_value = bytes_from(pair, equals + 1);
            is_found = true;
        }
        begin = end + 1;
    }
    return is_found;
}

size_t query_value(struct bytes query, const char *name, char *out_value, size_t size_max)
{
    struct bytes value;
    if (!find_value(query, name, &value)) {
        return 0;
    }
    size_t size = 0;
    for (size_t at = 0; at < value.size; size++) {
        uint8_t c = decode_next(value, &at);
        if (size < size_max) {
            out_value[size] = (char)c;
        }
    }
    return size;
}

bool query_has(struct bytes query, const char *name)
{
    struct bytes value;
    return find_value(query, name, &value);
}

bool query_append_value(struct bytes query, const char *name, struct buffer *out)
{
    struct bytes value;
    if (!find_value(query, name, &value)) {
        return false;
    }
    for (size_t at = 0; at < value.size;) {
        buffer_append_byte(out, decode_next(value, &at));
    }
    return true;
}
