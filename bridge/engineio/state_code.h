// How the state of a session is written down for another node: numbers of fixed size with their
// lowest byte first, and bytes behind their size.
//
// Purity:    pure
// Ownership: what is read borrows from the text
// Errors:    the first read beyond the end, or of a number beyond its `max`, sets `failed`; all
//            results from then on are zero or empty
#ifndef LOTCAST_ENGINEIO_STATE_CODE_H
#define LOTCAST_ENGINEIO_STATE_CODE_H

#include "lib/base/buffer.h"

void state_write_u8(struct buffer *out, uint8_t value);
void state_write_u32(struct buffer *out, uint32_t value);
void state_write_u64(struct buffer *out, uint64_t value);
void state_write_bytes(struct buffer *out, struct bytes bytes);

struct state_reader {
    struct bytes rest;
    bool failed;
};

struct state_reader state_reader_of(struct bytes text);
uint8_t state_read_u8(struct state_reader *reader, uint8_t max);
uint32_t state_read_u32(struct state_reader *reader, uint32_t max);
uint64_t state_read_u64(struct state_reader *reader, uint64_t max);
struct bytes state_read_bytes(struct state_reader *reader, size_t size_max);
static inline bool state_read_bool(struct state_reader *reader)
{
    return state_read_u8(reader, 1) == 1;
}
// True when nothing has failed and nothing is left.
bool state_reader_is_done(const struct state_reader *reader);

#endif
