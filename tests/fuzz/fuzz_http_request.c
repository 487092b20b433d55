// Any bytes as the requests of a connection: read in one piece or byte by byte, they are the same;
// what was understood stays within its limits.
#include "bridge/http/cors_policy.h"
#include "bridge/http/http_coding.h"
#include "bridge/http/http_request.h"
#include "bridge/http/http_target.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { OUT_MAX = 1 << 20 };

static void append_head(const struct http_request_reader *reader, struct buffer *out)
{
    struct http_head head;
    struct http_target target;
    http_request_head(reader, &head);
    LC_ASSERT(head.fields_count <= HTTP_FIELDS_MAX);
    LC_ASSERT(head.method.size > 0 && head.method.size <= HTTP_METHOD_BYTES_MAX);
    LC_ASSERT(head.target.size > 0 && head.target.size <= HTTP_TARGET_BYTES_MAX);
    buffer_append(out, head.method);
    buffer_append(out, head.target);
    for (size_t i = 0; i < head.fields_count; i++) {
        struct bytes value = head.fields[i].value;
        LC_ASSERT(bytes_find(value, '\n', 0) == value.size);
        LC_ASSERT(bytes_find(value, '\r', 0) == value.size);
        buffer_append(out, head.fields[i].name);
        buffer_append(out, value);
    }
    if (http_target_read(head.target, &target)) {
        struct buffer path;
        buffer_init(&path, HTTP_TARGET_BYTES_MAX);
        if (http_path_decode(target.path, &path)) {
            LC_ASSERT(bytes_find(buffer_bytes(&path), '\0', 0) == path.size);
        }
        buffer_release(&path);
    }
    struct cors_policy policy = {.kind = CORS_REFLECT};
    cors_append_preflight(&policy, http_head_value(&head, "origin"),
                          http_head_value(&head, "access-control-request-headers"), out);
    buffer_append_text(
        out, http_coding_line(http_coding_choose(http_head_value(&head, "accept-encoding"))));
}

// Everything that was understood, in one text.
static void read_all(struct bytes text, size_t piece, struct buffer *out)
{
    struct http_request_reader reader;
    enum http_request_step step = HTTP_REQUEST_MORE;
    http_request_init(&reader);
    while (step != HTTP_REQUEST_BAD && (text.size > 0 || step == HTTP_REQUEST_HEAD)) {
        size_t used = 0;
        struct bytes part = bytes_of(text.data, text.size < piece ? text.size : piece);
        step = http_request_feed(&reader, part, out, &used);
        LC_ASSERT(used <= part.size);
        text = bytes_from(text, used);
        if (step == HTTP_REQUEST_HEAD) {
            append_head(&reader, out);
            if (http_request_framing(&reader)->body != HTTP_BODY_NONE) {
                http_request_forget_head(&reader);
            }
        } else if (step == HTTP_REQUEST_END) {
            buffer_append_text(out, "|");
            http_request_next(&reader);
        } else if (step == HTTP_REQUEST_BAD) {
            buffer_append_format(out, "!%d", (int)http_request_fault(&reader));
        }
        LC_ASSERT(http_request_bytes(&reader) <= 2 * HTTP_HEAD_BYTES_MAX);
    }
    http_request_release(&reader);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buffer whole;
    struct buffer bytewise;
    buffer_init(&whole, OUT_MAX);
    buffer_init(&bytewise, OUT_MAX);
    read_all(bytes_of(data, size), size > 0 ? size : 1, &whole);
    read_all(bytes_of(data, size), 1, &bytewise);
    LC_ASSERT(bytes_equal(buffer_bytes(&whole), buffer_bytes(&bytewise)));
    buffer_release(&whole);
    buffer_release(&bytewise);
    return 0;
}
