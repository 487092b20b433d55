#include "lib/base/bytes.h"

bool bytes_equal(struct bytes a, struct bytes b)
{
    return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

bool bytes_equal_text(struct bytes a, const char *text)
{
    return bytes_equal(a, bytes_text(text));
}

bool bytes_starts_with(struct bytes whole, struct bytes prefix)
{
    return whole.size >= prefix.size &&
           (prefix.size == 0 || memcmp(whole.data, prefix.data, prefix.size) == 0);
}

struct bytes bytes_from(struct bytes whole, size_t offset)
{
    if (offset >= whole.size) {
        return (struct bytes){NULL, 0};
    }
    return (struct bytes){whole.data + offset, whole.size - offset};
}

size_t bytes_find(struct bytes whole, uint8_t value, size_t from)
{
    if (from >= whole.size) {
        return whole.size;
    }
    const uint8_t *found = memchr(whole.data + from, value, whole.size - from);
    return found == NULL ? whole.size : (size_t)(found - whole.data);
}

bool bytes_equal_secret(struct bytes a, struct bytes b)
{
    if (a.size != b.size) {
        return false;
    }
    uint8_t difference = 0;
    for (size_t i = 0; i < a.size; i++) {
        difference = (uint8_t)(difference | (a.data[i] ^ b.data[i]));
    }
    return difference == 0;
}

// Size of the well-formed sequence at `s` (of `left` bytes), 0 when there is none (RFC 3629,
// section 4).
static size_t utf8_sequence(const uint8_t *s, size_t left)
{
    uint8_t low = 0x80;
    uint8_t high = 0xBF;
    size_t size;
    if (s[0] < 0x80) {
        return 1;
    } else if (s[0] >= 0xC2 && s[0] <= 0xDF) {
        size = 2;
    } else if (s[0] >= 0xE0 && s[0] <= 0xEF) {
        size = 3;
        low = s[0] == 0xE0 ? 0xA0 : low;
        high = s[0] == 0xED ? 0x9F : high;
    } else if (s[0] >= 0xF0 && s[0] <= 0xF4) {
        size = 4;
        low = s[0] == 0xF0 ? 0x90 : low;
        high = s[0] == 0xF4 ? 0x8F : high;
    } else {
        return 0;
    }
    if (left < size || s[1] < low || s[1] > high) {
        return 0;
    }
    for (size_t i = 2; i < size; i++) {
        if ((s[i] & 0xC0) != 0x80) {
            return 0;
        }
    }
    return size;
}

bool bytes_is_utf8(struct bytes text)
{
    size_t at = 0;
    while (at < text.size) {
        size_t size = utf8_sequence(text.data + at, text.size - at);
        if (size == 0) {
            return false;
        }
        at += size;
    }
    return true;
}

bool bytes_to_uint64(struct bytes text, uint64_t max, uint64_t *out_value)
{
    if (text.size == 0) {
        return false;
    }
    uint64_t value = 0;
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] < '0' || text.data[i] > '9') {
            return false;
        }
        uint64_t digit = (uint64_t)(text.data[i] - '0');
        if (digit > max || value > (max - digit) / 10) {
            return false;
        }
        value = value * 10 + digit;
    }
    *out_value = value;
    return true;
}
