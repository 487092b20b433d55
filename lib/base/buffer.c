#include "lib/base/buffer.h"

#include <stdio.h>
#include <stdlib.h>

void buffer_init(struct buffer *buffer, size_t size_max)
{
    *buffer = (struct buffer){.size_max = size_max};
}

void buffer_release(struct buffer *buffer)
{
    free(buffer->data);
    *buffer = (struct buffer){.size_max = buffer->size_max};
}

void buffer_clear(struct buffer *buffer)
{
    buffer->size = 0;
    buffer->failed = false;
}

static bool buffer_reserve(struct buffer *buffer, size_t extra)
{
    if (buffer->failed || extra > buffer->size_max - buffer->size) {
        buffer->failed = true;
        return false;
    }
    size_t need = buffer->size + extra + 1; // one more for the NUL of buffer_text()
    if (need <= buffer->capacity) {
        return true;
    }
    size_t capacity = buffer->capacity < 64 ? 64 : buffer->capacity;
    while (capacity < need) {
        capacity *= 2;
    }
    uint8_t *data = realloc(buffer->data, capacity);
    if (data == NULL) {
        buffer->failed = true;
        return false;
    }
    buffer->data = data;
    buffer->capacity = capacity;
    return true;
}

void buffer_append(struct buffer *buffer, struct bytes bytes)
{
    if (buffer_reserve(buffer, bytes.size) && bytes.size > 0) {
        memcpy(buffer->data + buffer->size, bytes.data, bytes.size);
        buffer->size += bytes.size;
    }
}

void buffer_append_text(struct buffer *buffer, const char *text)
{
    buffer_append(buffer, bytes_text(text));
}

void buffer_append_byte(struct buffer *buffer, uint8_t byte)
{
    buffer_append(buffer, (struct bytes){&byte, 1});
}

void buffer_append_int64(struct buffer *buffer, int64_t value)
{
    char digits[24];
    size_t at = sizeof digits;
    uint64_t rest = value < 0 ? (uint64_t)0 - (uint64_t)value : (uint64_t)value;
    do {
        digits[--at] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    if (value < 0) {
        digits[--at] = '-';
    }
    buffer_append(buffer, bytes_of(digits + at, sizeof digits - at));
}

void buffer_append_format(struct buffer *buffer, const char *format, ...)
{
    va_list arguments;
    va_list again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int size = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    LC_ASSERT(size >= 0);
    if (buffer_reserve(buffer, (size_t)size)) {
        vsnprintf((char *)buffer->data + buffer->size, (size_t)size + 1, format, again);
        buffer->size += (size_t)size;
    }
    va_end(again);
}

void buffer_consume(struct buffer *buffer, size_t size)
{
    LC_ASSERT(size <= buffer->size);
    if (size > 0) {
        memmove(buffer->data, buffer->data + size, buffer->size - size);
        buffer->size -= size;
    }
}

void buffer_insert(struct buffer *buffer, size_t at, struct bytes bytes)
{
    LC_ASSERT(at <= buffer->size);
    if (buffer_reserve(buffer, bytes.size) && bytes.size > 0) {
        memmove(buffer->data + at + bytes.size, buffer->data + at, buffer->size - at);
        memcpy(buffer->data + at, bytes.data, bytes.size);
        buffer->size += bytes.size;
    }
}

void buffer_truncate(struct buffer *buffer, size_t size)
{
    LC_ASSERT(size <= buffer->size);
    buffer->size = size;
}

const char *buffer_text(struct buffer *buffer)
{
    if (!buffer_reserve(buffer, 0)) {
        return NULL;
    }
    buffer->data[buffer->size] = 0;
    return (const char *)buffer->data;
}

struct bytes buffer_bytes(const struct buffer *buffer)
{
    return (struct bytes){buffer->data, buffer->size};
}

enum lc_status buffer_status(const struct buffer *buffer)
{
    return buffer->failed ? LC_ERR_FULL : LC_OK;
}
