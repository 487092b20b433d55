#include "bridge/websocket/ws_deflate.h"

#include <zlib.h>

#include "bridge/websocket/ws_frame.h"

enum {
    PIECE_SIZE = 8192,
    LEVEL = 6,
    MEMORY_LEVEL = 8,
    MESSAGE_BYTES_MAX = 1 << 28,
};

// Every message ends with an empty block, which is not sent (RFC 7692 7.2.1).
static const uint8_t TAIL[] = {0x00, 0x00, 0xFF, 0xFF};

static Bytef *zlib_bytes(struct bytes bytes)
{
    return (Bytef *)(uintptr_t)bytes.data; // zlib only reads them
}

// ---- from the client ----

struct ws_inflater {
    z_stream stream;
    bool has_ended; // by a final block, and nothing came behind it
};

struct ws_inflater *ws_inflater_create(int window_bits)
{
    struct ws_inflater *inflater = calloc(1, sizeof *inflater);
    int bits = window_bits == 0 ? WS_WINDOW_BITS_MAX : window_bits;
    if (inflater != NULL && inflateInit2(&inflater->stream, -bits) != Z_OK) {
        free(inflater);
        return NULL;
    }
    return inflater;
}

void ws_inflater_destroy(struct ws_inflater *inflater)
{
    if (inflater != NULL) {
        inflateEnd(&inflater->stream);
        free(inflater);
    }
}

static enum lc_status inflate_piece(struct ws_inflater *inflater, struct buffer *out)
{
    uint8_t piece[PIECE_SIZE];
    z_stream *stream = &inflater->stream;
    stream->next_out = piece;
    stream->avail_out = sizeof piece;
    int result = inflate(stream, Z_SYNC_FLUSH);
    buffer_append(out, bytes_of(piece, sizeof piece - stream->avail_out));
    if (buffer_status(out) != LC_OK) {
        return LC_ERR_FULL;
    }
    inflater->has_ended = result == Z_STREAM_END;
    if (inflater->has_ended) { // what follows is compressed by itself
        return inflateReset(stream) == Z_OK ? LC_OK : LC_ERR_BAD_INPUT;
    }
    if (result == Z_MEM_ERROR) {
        return LC_ERR_NO_MEMORY;
    }
    return result == Z_OK || result == Z_BUF_ERROR ? LC_OK : LC_ERR_BAD_INPUT;
}

enum lc_status ws_inflater_feed(struct ws_inflater *inflater, struct bytes in, struct buffer *out)
{
    z_stream *stream = &inflater->stream;
    LC_ASSERT(in.size <= UINT32_MAX);
    stream->next_in = zlib_bytes(in);
    stream->avail_in = (uInt)in.size;
    enum lc_status status = LC_OK;
    bool may_hold_more = in.size > 0;
    while (status == LC_OK && may_hold_more) {
        status = inflate_piece(inflater, out);
        may_hold_more = stream->avail_in > 0 || stream->avail_out == 0;
    }
    return status;
}

enum lc_status ws_inflater_end_message(struct ws_inflater *inflater, struct buffer *out)
{
    if (inflater->has_ended) {
        inflater->has_ended = false;
        return LC_OK;
    }
    return ws_inflater_feed(inflater, bytes_of(TAIL, sizeof TAIL), out);
}

// ---- to the client ----

struct ws_deflater {
    z_stream stream;
    size_t bytes_min;
    struct buffer compressed; // one message
};

struct ws_deflater *ws_deflater_create(const struct ws_deflate_config *config, int window_bits)
{
    struct ws_deflater *deflater = calloc(1, sizeof *deflater);
    if (deflater == NULL) {
        return NULL;
    }
    int bits = window_bits == 0 ? WS_WINDOW_BITS_MAX : window_bits;
    int level = config->level == 0 ? LEVEL : config->level;
    int memory = config->memory_level == 0 ? MEMORY_LEVEL : config->memory_level;
    if (deflateInit2(&deflater->stream, level, Z_DEFLATED, -bits, memory, Z_DEFAULT_STRATEGY) !=
        Z_OK) {
        free(deflater);
        return NULL;
    }
    deflater->bytes_min = config->bytes_min == 0 ? WS_DEFLATE_BYTES_MIN : config->bytes_min;
    buffer_init(&deflater->compressed, MESSAGE_BYTES_MAX);
    return deflater;
}

void ws_deflater_destroy(struct ws_deflater *deflater)
{
    if (deflater != NULL) {
        deflateEnd(&deflater->stream);
        buffer_release(&deflater->compressed);
        free(deflater);
    }
}

static enum lc_status compress_message(struct ws_deflater *deflater, struct bytes payload)
{
    uint8_t piece[PIECE_SIZE];
    z_stream *stream = &deflater->stream;
    struct buffer *out = &deflater->compressed;
    if (payload.size > UINT32_MAX) {
        return LC_ERR_FULL;
    }
    stream->next_in = zlib_bytes(payload);
    stream->avail_in = (uInt)payload.size;
    do {
        stream->next_out = piece;
        stream->avail_out = sizeof piece;
        (void)deflate(stream, Z_SYNC_FLUSH); // says Z_BUF_ERROR when there is nothing more
        buffer_append(out, bytes_of(piece, sizeof piece - stream->avail_out));
    } while (stream->avail_out == 0 && buffer_status(out) == LC_OK);
    if (buffer_status(out) != LC_OK) {
        return LC_ERR_FULL;
    }
    LC_ASSERT(out->size >= sizeof TAIL);
    out->size -= sizeof TAIL;
    return LC_OK;
}

static enum lc_status rewrite_frame(struct ws_deflater *deflater, bool forgets, uint8_t first,
                                    struct bytes payload, struct buffer *out)
{
    bool is_data = first == (WS_FIN | WS_OPCODE_TEXT) || first == (WS_FIN | WS_OPCODE_BINARY);
    if (!is_data || payload.size < deflater->bytes_min) {
        ws_frame_append(out, first, payload);
        return buffer_status(out);
    }
    enum lc_status status = compress_message(deflater, payload);
    if (status == LC_OK) {
        ws_frame_append(out, first | WS_RSV1, buffer_bytes(&deflater->compressed));
        status = buffer_status(out);
    }
    buffer_release(&deflater->compressed);
    if (forgets && deflateReset(&deflater->stream) != Z_OK) {
        return LC_ERR_NO_MEMORY;
    }
    return status;
}

enum lc_status ws_deflater_rewrite(struct ws_deflater *deflater, bool forgets, struct bytes frames,
                                   struct buffer *out)
{
    uint8_t first;
    struct bytes payload;
    enum lc_status status = LC_OK;
    while (status == LC_OK && ws_frame_next(&frames, &first, &payload)) {
        status = rewrite_frame(deflater, forgets, first, payload, out);
    }
    return status;
}
