#include "bridge/http/http_coding.h"

#include <zlib.h>

#include "bridge/http/http_list.h"

enum {
    WEIGHT_ONE = 1000,
    WEIGHT_UNSAID = -1,
    WINDOW_BITS = 15,
    GZIP_WINDOW_BITS = 15 + 16, // zlib's way to ask for gzip
    MEMORY_LEVEL = 8,
    PIECE_SIZE = 16384,
    LEVEL = 6,
};

// "0", "0.5", "1.000" in thousandths; anything else is 0, which is a refusal (RFC 9110 12.4.2).
static int read_weight(struct bytes text)
{
    if (text.size == 0 || text.size > 5 || (text.data[0] != '0' && text.data[0] != '1') ||
        (text.size > 1 && text.data[1] != '.')) {
        return 0;
    }
    int weight = (text.data[0] - '0') * WEIGHT_ONE;
    int unit = WEIGHT_ONE / 10;
    for (size_t i = 2; i < text.size; i++) {
        if (text.data[i] < '0' || text.data[i] > '9') {
            return 0;
        }
        weight += (text.data[i] - '0') * unit;
        unit /= 10;
    }
    return weight > WEIGHT_ONE ? 0 : weight;
}

// Takes the name off an item like "gzip;q=0.5" and returns its weight.
static int split_item(struct bytes item, struct bytes *out_name)
{
    int weight = WEIGHT_ONE;
    struct bytes part;
    *out_name = (struct bytes){NULL, 0};
    for (bool is_first = true; http_list_next(&item, ';', &part); is_first = false) {
        if (is_first) {
            *out_name = part;
        } else if (part.size >= 2 && http_equals(bytes_of(part.data, 2), "q=")) {
            weight = read_weight(bytes_from(part, 2));
        }
    }
    return weight;
}

enum http_coding http_coding_choose(struct bytes accept_encoding)
{
    int gzip = WEIGHT_UNSAID;
    int deflate = WEIGHT_UNSAID;
    int any = 0;
    struct bytes item;
    while (http_list_next(&accept_encoding, ',', &item)) {
        struct bytes name;
        int weight = split_item(item, &name);
        if (http_equals(name, "gzip") || http_equals(name, "x-gzip")) {
            gzip = weight;
        } else if (http_equals(name, "deflate")) {
            deflate = weight;
        } else if (http_equals(name, "*")) {
            any = weight;
        }
    }
    gzip = gzip == WEIGHT_UNSAID ? any : gzip;
    deflate = deflate == WEIGHT_UNSAID ? any : deflate;
    if (gzip >= deflate) {
        return gzip > 0 ? HTTP_CODING_GZIP : HTTP_CODING_NONE;
    }
    return HTTP_CODING_DEFLATE;
}

const char *http_coding_line(enum http_coding coding)
{
    switch (coding) {
    case HTTP_CODING_NONE:
        break;
    case HTTP_CODING_GZIP:
        return "Content-Encoding: gzip\r\n";
    case HTTP_CODING_DEFLATE:
        return "Content-Encoding: deflate\r\n";
    }
    return "";
}

// ---- coding ----

struct http_coder {
    z_stream gzip; // made when it is first needed
    z_stream deflate;
    bool has_gzip;
    bool has_deflate;
};

struct http_coder *http_coder_create(void)
{
    return calloc(1, sizeof(struct http_coder));
}

void http_coder_destroy(struct http_coder *coder)
{
    if (coder == NULL) {
        return;
    }
    if (coder->has_gzip) {
        deflateEnd(&coder->gzip);
    }
    if (coder->has_deflate) {
        deflateEnd(&coder->deflate);
    }
    free(coder);
}

static z_stream *ready_stream(z_stream *stream, bool *is_made, int window_bits)
{
    if (*is_made) {
        deflateReset(stream);
        return stream;
    }
    *is_made = deflateInit2(stream, LEVEL, Z_DEFLATED, window_bits, MEMORY_LEVEL,
                            Z_DEFAULT_STRATEGY) == Z_OK;
    return *is_made ? stream : NULL;
}

static z_stream *stream_for(struct http_coder *coder, enum http_coding coding)
{
    switch (coding) {
    case HTTP_CODING_NONE:
        break;
    case HTTP_CODING_GZIP:
        return ready_stream(&coder->gzip, &coder->has_gzip, GZIP_WINDOW_BITS);
    case HTTP_CODING_DEFLATE:
        return ready_stream(&coder->deflate, &coder->has_deflate, WINDOW_BITS);
    }
    return NULL;
}

enum lc_status http_coder_code(struct http_coder *coder, enum http_coding coding, struct bytes in,
                               struct buffer *out)
{
    LC_ASSERT(coding != HTTP_CODING_NONE);
    z_stream *stream = stream_for(coder, coding);
    if (stream == NULL) {
        return LC_ERR_NO_MEMORY;
    }
    if (in.size > UINT32_MAX) {
        return LC_ERR_FULL;
    }
    uint8_t piece[PIECE_SIZE];
    stream->next_in = (z_const Bytef *)(uintptr_t)in.data;
    stream->avail_in = (uInt)in.size;
    int result = Z_OK;
    while (result == Z_OK && buffer_status(out) == LC_OK) {
        stream->next_out = piece;
        stream->avail_out = sizeof piece;
        result = deflate(stream, Z_FINISH);
        buffer_append(out, bytes_of(piece, sizeof piece - stream->avail_out));
    }
    return buffer_status(out);
}
