// A borrowed run of bytes: passed by value, valid until the call returns unless a header says
// otherwise.
//
// Purity:    pure
// Ownership: owns nothing
#ifndef LOTCAST_BASE_BYTES_H
#define LOTCAST_BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct bytes {
    const uint8_t *data; // may be NULL when size is 0
    size_t size;
};

// The bytes of a string literal or a NUL-terminated string, without the NUL.
static inline struct bytes bytes_text(const char *text)
{
    return (struct bytes){(const uint8_t *)text, strlen(text)};
}

static inline struct bytes bytes_of(const void *data, size_t size)
{
    return (struct bytes){(const uint8_t *)data, size};
}

bool bytes_equal(struct bytes a, struct bytes b);
bool bytes_equal_text(struct bytes a, const char *text);
bool bytes_starts_with(struct bytes whole, struct bytes prefix);

// The part from `offset` on; empty when the offset lies at or behind the end.
struct bytes bytes_from(struct bytes whole, size_t offset);

// Index of the first `value` at or after `from`; whole.size when there is none.
size_t bytes_find(struct bytes whole, uint8_t value, size_t from);

// Compares in a time that depends on the sizes only: for secrets.
bool bytes_equal_secret(struct bytes a, struct bytes b);

// True when the bytes are well-formed UTF-8 (RFC 3629: no surrogates, no overlong forms).
bool bytes_is_utf8(struct bytes text);

// Reads an unsigned decimal number that fills the whole text (no sign, no space); false when it is
// none or above `max`.
bool bytes_to_uint64(struct bytes text, uint64_t max, uint64_t *out_value);

#endif
