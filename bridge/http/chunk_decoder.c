#include "bridge/http/chunk_decoder.h"

static int hex_digit(uint8_t c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static void begin_line(struct chunk_decoder *decoder)
{
    decoder->line_size = 0;
    decoder->has_digit = false;
    decoder->in_extension = false;
    decoder->after_cr = false;
}

static enum chunks_result end_size_line(struct chunk_decoder *decoder)
{
    if (!decoder->has_digit) {
        return CHUNKS_BAD;
    }
    decoder->state = decoder->left == 0 ? CHUNK_TRAILER : CHUNK_DATA;
    begin_line(decoder);
    return CHUNKS_MORE;
}

static enum chunks_result feed_size(struct chunk_decoder *decoder, uint8_t c)
{
    if (++decoder->line_size > CHUNK_LINE_MAX) {
        return CHUNKS_BAD;
    }
    if (decoder->after_cr) {
        return c == '\n' ? end_size_line(decoder) : CHUNKS_BAD;
    }
    if (c == '\r') {
        decoder->after_cr = true;
        return CHUNKS_MORE;
    }
    if (c == '\n') {
        return CHUNKS_BAD;
    }
    if (decoder->in_extension || ((c == ';' || c == ' ' || c == '\t') && decoder->has_digit)) {
        decoder->in_extension = true;
        return CHUNKS_MORE;
    }
    int digit = hex_digit(c);
    if (digit < 0 || decoder->left > UINT32_MAX) {
        return CHUNKS_BAD;
    }
    decoder->has_digit = true;
    decoder->left = decoder->left * 16 + (uint64_t)digit;
    return CHUNKS_MORE;
}

// Trailer lines up to an empty one.
static enum chunks_result feed_trailer(struct chunk_decoder *decoder, uint8_t c)
{
    if (++decoder->trailers_size > CHUNK_TRAILERS_MAX) {
        return CHUNKS_BAD;
    }
    if (decoder->after_cr) {
        if (c != '\n') {
            return CHUNKS_BAD;
        }
        bool is_empty = decoder->line_size == 0;
        begin_line(decoder);
        decoder->state = is_empty ? CHUNK_ENDED : CHUNK_TRAILER;
        return is_empty ? CHUNKS_END : CHUNKS_MORE;
    }
    if (c == '\n') {
        return CHUNKS_BAD;
    }
    if (c == '\r') {
        decoder->after_cr = true;
    } else {
        decoder->line_size++;
    }
    return CHUNKS_MORE;
}

// The CR LF behind a chunk's data.
static enum chunks_result feed_data_end(struct chunk_decoder *decoder, uint8_t c)
{
    if (!decoder->after_cr) {
        decoder->after_cr = c == '\r';
        return c == '\r' ? CHUNKS_MORE : CHUNKS_BAD;
    }
    begin_line(decoder);
    decoder->state = CHUNK_SIZE;
    return c == '\n' ? CHUNKS_MORE : CHUNKS_BAD;
}

static size_t take_data(struct chunk_decoder *decoder, struct bytes rest, struct buffer *out)
{
    size_t size = rest.size < decoder->left ? rest.size : (size_t)decoder->left;
    buffer_append(out, bytes_of(rest.data, size));
    decoder->left -= size;
    if (decoder->left == 0) {
        decoder->state = CHUNK_DATA_END;
    }
    return size;
}

enum chunks_result chunk_decoder_feed(struct chunk_decoder *decoder, struct bytes in,
                                      struct buffer *out, size_t *out_used)
{
    enum chunks_result result = CHUNKS_MORE;
    size_t at = 0;
    while (at < in.size && result == CHUNKS_MORE) {
        switch (decoder->state) {
        case CHUNK_SIZE:
            result = feed_size(decoder, in.data[at++]);
            break;
        case CHUNK_DATA:
            at += take_data(decoder, bytes_from(in, at), out);
            break;
        case CHUNK_DATA_END:
            result = feed_data_end(decoder, in.data[at++]);
            break;
        case CHUNK_TRAILER:
            result = feed_trailer(decoder, in.data[at++]);
            break;
        case CHUNK_ENDED:
            result = CHUNKS_BAD;
            break;
        }
    }
    *out_used = at;
    return result;
}
