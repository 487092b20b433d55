#include "bridge/engineio/state_code.h"

static void write_number(struct buffer *out, uint64_t value, size_t size)
{
    uint8_t bytes[sizeof value];
    for (size_t i = 0; i < size; i++) {
        bytes[i] = (uint8_t)(value >> (8 * i));
    }
    buffer_append(out, bytes_of(bytes, size));
}

void state_write_u8(struct buffer *out, uint8_t value)
{
    write_number(out, value, sizeof value);
}

void state_write_u32(struct buffer *out, uint32_t value)
{
    write_number(out, value, sizeof value);
}

void state_write_u64(struct buffer *out, uint64_t value)
{
    write_number(out, value, sizeof value);
}

void state_write_bytes(struct buffer *out, struct bytes bytes)
{
    LC_ASSERT(bytes.size <= UINT32_MAX);
    state_write_u32(out, (uint32_t)bytes.size);
    buffer_append(out, bytes);
}

struct state_reader state_reader_of(struct bytes text)
{
    return (struct state_reader){.rest = text};
}

static struct bytes take(struct state_reader *reader, size_t size)
{
    if (reader->failed || size > reader->rest.size) {
        *reader = (struct state_reader){.failed = true};
        return (struct bytes){NULL, 0};
    }
    struct bytes taken = bytes_of(reader->rest.data, size);
    reader->rest = bytes_from(reader->rest, size);
    return taken;
}

static uint64_t read_number(struct state_reader *reader, size_t size, uint64_t max)
{
    struct bytes taken = take(reader, size);
    uint64_t value = 0;
    for (size_t i = 0; i < taken.size; i++) {
        value |= (uint64_t)taken.data[i] << (8 * i);
    }
    if (value > max) {
        *reader = (struct state_reader){.failed = true};
        return 0;
    }
    return value;
}

uint8_t state_read_u8(struct state_reader *reader, uint8_t max)
{
    return (uint8_t)read_number(reader, 1, max);
}

uint32_t state_read_u32(struct state_reader *reader, uint32_t max)
{
    return (uint32_t)read_number(reader, 4, max);
}

uint64_t state_read_u64(struct state_reader *reader, uint64_t max)
{
    return read_number(reader, 8, max);
}

struct bytes state_read_bytes(struct state_reader *reader, size_t size_max)
{
    size_t size = state_read_u32(reader, size_max < UINT32_MAX ? (uint32_t)size_max : UINT32_MAX);
    return take(reader, size);
}

bool state_reader_is_done(const struct state_reader *reader)
{
    return !reader->failed && reader->rest.size == 0;
}
