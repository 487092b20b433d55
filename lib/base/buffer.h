// A growing byte buffer with a maximum from birth; a failed append is remembered and checked once
// at the end.
//
// Purity:    pure (allocates)
// Ownership: caller owns, ends with buffer_release(); safe on a zeroed or released buffer
// Lifetime:  pointers into the buffer are invalid after the next append
// Errors:    an append that would pass `size_max`, or that gets no memory, leaves the content as it
//            was and sets `failed`; everything after it is ignored until buffer_clear()
#ifndef LOTCAST_BASE_BUFFER_H
#define LOTCAST_BASE_BUFFER_H

#include <stdarg.h>

#include "lib/base/bytes.h"
#include "lib/base/status.h"

struct buffer {
    uint8_t *data;
    size_t size;
    size_t capacity;
    size_t size_max;
    bool failed;
};

void buffer_init(struct buffer *buffer, size_t size_max);
void buffer_release(struct buffer *buffer);

// Forgets content and failure, keeps the memory.
void buffer_clear(struct buffer *buffer);

void buffer_append(struct buffer *buffer, struct bytes bytes);
void buffer_append_text(struct buffer *buffer, const char *text);
void buffer_append_byte(struct buffer *buffer, uint8_t byte);
void buffer_append_int64(struct buffer *buffer, int64_t value);
void buffer_append_format(struct buffer *buffer, const char *format, ...) LC_PRINTF(2, 3);

// Removes the first `size` bytes; LC_ASSERTs that they are there.
void buffer_consume(struct buffer *buffer, size_t size);

// Puts bytes in at `at`, an index up to the size, and moves what stands behind; LC_ASSERTs the index.
void buffer_insert(struct buffer *buffer, size_t at, struct bytes bytes);

// Forgets everything behind the first `size` bytes; LC_ASSERTs that they are there.
void buffer_truncate(struct buffer *buffer, size_t size);

// Makes the content NUL-terminated (the NUL is not counted) and returns it; NULL when the buffer
// has failed.
const char *buffer_text(struct buffer *buffer);

struct bytes buffer_bytes(const struct buffer *buffer);

// LC_OK, or LC_ERR_FULL when an append has failed.
LC_MUST_CHECK enum lc_status buffer_status(const struct buffer *buffer);

#endif
