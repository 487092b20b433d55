#include "bridge/websocket/utf8_check.h"

#define HIGH_BITS UINT64_C(0x8080808080808080)

static size_t skip_ascii(struct bytes text, size_t at)
{
    uint64_t word;
    while (text.size - at >= sizeof word) {
        memcpy(&word, text.data + at, sizeof word);
        if ((word & HIGH_BITS) != 0) {
            break;
        }
        at += sizeof word;
    }
    while (at < text.size && text.data[at] < 0x80) {
        at++;
    }
    return at;
}

static bool begin_character(struct utf8_check *check, uint8_t c)
{
    struct utf8_check next = {.low = 0x80, .high = 0xBF};
    if (c >= 0xC2 && c <= 0xDF) {
        next.left = 1;
    } else if (c >= 0xE0 && c <= 0xEF) {
        next.left = 2;
        next.low = c == 0xE0 ? 0xA0 : next.low;
        next.high = c == 0xED ? 0x9F : next.high;
    } else if (c >= 0xF0 && c <= 0xF4) {
        next.left = 3;
        next.low = c == 0xF0 ? 0x90 : next.low;
        next.high = c == 0xF4 ? 0x8F : next.high;
    } else {
        return false;
    }
    *check = next;
    return true;
}

bool utf8_check_feed(struct utf8_check *check, struct bytes text)
{
    for (size_t at = 0; at < text.size;) {
        if (check->left == 0) {
            at = skip_ascii(text, at);
            if (at < text.size && !begin_character(check, text.data[at++])) {
                return false;
            }
            continue;
        }
        uint8_t c = text.data[at++];
        if (c < check->low || c > check->high) {
            return false;
        }
        check->left--;
        check->low = 0x80;
        check->high = 0xBF;
    }
    return true;
}

bool utf8_check_is_complete(const struct utf8_check *check)
{
    return check->left == 0;
}
