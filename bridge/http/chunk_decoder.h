// Decodes a request body in chunked transfer encoding, as it arrives.
//
// Purity:    pure
// Errors:    CHUNKS_BAD: not chunked encoding, or a line longer than CHUNK_LINE_MAX; trailers are
//            read and dropped
// Source:    RFC 9112 section 7.1
#ifndef LOTCAST_HTTP_CHUNK_DECODER_H
#define LOTCAST_HTTP_CHUNK_DECODER_H

#include "lib/base/buffer.h"

enum { CHUNK_LINE_MAX = 256, CHUNK_TRAILERS_MAX = 4096 };

enum chunks_result { CHUNKS_MORE, CHUNKS_END, CHUNKS_BAD };

enum chunk_state { CHUNK_SIZE, CHUNK_DATA, CHUNK_DATA_END, CHUNK_TRAILER, CHUNK_ENDED };

// A zeroed decoder is ready.
struct chunk_decoder {
    enum chunk_state state;
    uint64_t left; // of the chunk's data
    size_t line_size;
    size_t trailers_size;
    bool has_digit;
    bool in_extension;
    bool after_cr;
};

// Data goes to `out`, whose own maximum applies; bytes behind the end are not read: `*out_used` is
// what was.
enum chunks_result chunk_decoder_feed(struct chunk_decoder *decoder, struct bytes in,
                                      struct buffer *out, size_t *out_used);

#endif
