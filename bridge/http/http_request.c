#include "bridge/http/http_request.h"

#include "bridge/http/http_list.h"

void http_request_init(struct http_request_reader *reader)
{
    *reader = (struct http_request_reader){.state = HTTP_READS_HEAD};
    buffer_init(&reader->text, HTTP_HEAD_BYTES_MAX);
}

void http_request_release(struct http_request_reader *reader)
{
    buffer_release(&reader->text);
}

void http_request_next(struct http_request_reader *reader)
{
    http_request_release(reader);
    http_request_init(reader);
}

void http_request_forget_head(struct http_request_reader *reader)
{
    buffer_release(&reader->text);
}

bool http_request_is_idle(const struct http_request_reader *reader)
{
    return reader->state == HTTP_READS_HEAD && reader->text.size == 0 && reader->empty_lines == 0;
}

size_t http_request_bytes(const struct http_request_reader *reader)
{
    return reader->text.capacity;
}

const struct http_framing *http_request_framing(const struct http_request_reader *reader)
{
    return &reader->framing;
}

enum http_fault http_request_fault(const struct http_request_reader *reader)
{
    return reader->fault;
}

void http_request_head(const struct http_request_reader *reader, struct http_head *out_head)
{
    // It was understood when it was complete, and lower case stays lower case.
    enum http_fault fault = http_head_parse(reader->text.data, reader->text.size, out_head);
    LC_ASSERT(fault == HTTP_FAULT_NONE);
}

static enum http_request_step fail(struct http_request_reader *reader, enum http_fault fault)
{
    buffer_release(&reader->text);
    reader->state = HTTP_READS_BAD;
    reader->fault = fault;
    return HTTP_REQUEST_BAD;
}

// ---- the head ----

// What came of the head so far is judged before it is complete: who speaks something else than HTTP
// may wait for an answer before he says more.
static enum http_fault fault_of_part(const struct http_request_reader *reader)
{
    const struct buffer *text = &reader->text;
    size_t line_max = HTTP_TARGET_BYTES_MAX + HTTP_METHOD_BYTES_MAX + sizeof "  HTTP/1.1\r\n";
    size_t size = text->size;
    if (size > 0 && !http_is_token_char(text->data[0]) && text->data[0] != '\r') {
        return HTTP_FAULT_SYNTAX;
    }
    if (size > 0 && text->data[size - 1] == '\n' && (size == 1 || text->data[size - 2] != '\r')) {
        return HTTP_FAULT_SYNTAX;
    }
    if (!reader->has_line && reader->line_size > line_max) {
        return HTTP_FAULT_TARGET_SIZE;
    }
    return buffer_status(text) == LC_OK ? HTTP_FAULT_NONE : HTTP_FAULT_HEAD_SIZE;
}

// Size of the part of `in` up to the end of the head's line, the line feed included;
// `*out_is_whole` when that line is the empty one that ends the head.
static size_t measure(struct http_request_reader *reader, struct bytes in, bool *out_is_whole)
{
    size_t feed = bytes_find(in, '\n', 0);
    reader->line_size += feed;
    if (feed == in.size) {
        return feed;
    }
    *out_is_whole = reader->line_size <= 1; // the CR
    reader->has_line = true;
    reader->line_size = 0;
    return feed + 1;
}

static enum http_request_step begin_body(struct http_request_reader *reader)
{
    switch (reader->framing.body) {
    case HTTP_BODY_NONE:
        reader->state = HTTP_READS_NOTHING;
        break;
    case HTTP_BODY_SIZED:
        reader->state = HTTP_READS_SIZED;
        reader->body_left = reader->framing.body_size;
        break;
    case HTTP_BODY_CHUNKED:
        reader->state = HTTP_READS_CHUNKS;
        break;
    }
    return HTTP_REQUEST_HEAD;
}

static enum http_request_step end_head(struct http_request_reader *reader)
{
    struct http_head head;
    if (bytes_equal_text(buffer_bytes(&reader->text), "\r\n")) {
        if (reader->empty_lines++ == HTTP_EMPTY_LINES_MAX) {
            return fail(reader, HTTP_FAULT_SYNTAX);
        }
        buffer_release(&reader->text);
        reader->has_line = false;
        return HTTP_REQUEST_MORE;
    }
    enum http_fault fault = http_head_parse(reader->text.data, reader->text.size, &head);
    if (fault == HTTP_FAULT_NONE) {
        fault = http_framing_read(&head, &reader->framing);
    }
    return fault == HTTP_FAULT_NONE ? begin_body(reader) : fail(reader, fault);
}

static enum http_request_step feed_head(struct http_request_reader *reader, struct bytes in,
                                        size_t *out_used)
{
    enum http_request_step step = HTTP_REQUEST_MORE;
    while (*out_used < in.size && step == HTTP_REQUEST_MORE) {
        bool is_whole = false;
        struct bytes rest = bytes_from(in, *out_used);
        size_t size = measure(reader, rest, &is_whole);
        buffer_append(&reader->text, bytes_of(rest.data, size));
        *out_used += size;
        enum http_fault fault = fault_of_part(reader);
        if (fault != HTTP_FAULT_NONE) {
            return fail(reader, fault);
        }
        if (is_whole) {
            step = end_head(reader);
        }
    }
    return step;
}

// ---- the body ----

static enum http_request_step feed_sized(struct http_request_reader *reader, struct bytes in,
                                         struct buffer *body, size_t *out_used)
{
    size_t size = in.size < reader->body_left ? in.size : (size_t)reader->body_left;
    buffer_append(body, bytes_of(in.data, size));
    reader->body_left -= size;
    *out_used = size;
    if (reader->body_left > 0) {
        return HTTP_REQUEST_MORE;
    }
    reader->state = HTTP_READS_NOTHING;
    return HTTP_REQUEST_END;
}

static enum http_request_step feed_chunks(struct http_request_reader *reader, struct bytes in,
                                          struct buffer *body, size_t *out_used)
{
    switch (chunk_decoder_feed(&reader->chunks, in, body, out_used)) {
    case CHUNKS_MORE:
        return HTTP_REQUEST_MORE;
    case CHUNKS_END:
        reader->state = HTTP_READS_NOTHING;
        return HTTP_REQUEST_END;
    case CHUNKS_BAD:
        break;
    }
    return fail(reader, HTTP_FAULT_SYNTAX);
}

enum http_request_step http_request_feed(struct http_request_reader *reader, struct bytes in,
                                         struct buffer *body, size_t *out_used)
{
    *out_used = 0;
    switch (reader->state) {
    case HTTP_READS_HEAD:
        return feed_head(reader, in, out_used);
    case HTTP_READS_SIZED:
        return feed_sized(reader, in, body, out_used);
    case HTTP_READS_CHUNKS:
        return feed_chunks(reader, in, body, out_used);
    case HTTP_READS_NOTHING:
        return HTTP_REQUEST_END;
    case HTTP_READS_BAD:
        break;
    }
    return HTTP_REQUEST_BAD;
}
