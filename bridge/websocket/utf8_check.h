// Whether a text that arrives in slices is UTF-8, told as soon as it is decided.
//
// Purity: pure
// Source: RFC 3629 section 4: no surrogates, no overlong forms
#ifndef LOTCAST_WEBSOCKET_UTF8_CHECK_H
#define LOTCAST_WEBSOCKET_UTF8_CHECK_H

#include "lib/base/bytes.h"

// A zeroed check is ready.
struct utf8_check {
    uint8_t left; // bytes that the character at hand still needs
    uint8_t low;  // bounds of the next one of them
    uint8_t high;
};

// False: not UTF-8, whatever follows.
bool utf8_check_feed(struct utf8_check *check, struct bytes text);
// True when the text may end here.
bool utf8_check_is_complete(const struct utf8_check *check);

#endif
