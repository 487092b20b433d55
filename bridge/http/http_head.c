#include "bridge/http/http_head.h"

#include "bridge/http/http_list.h"

// What is left of the head, line by line.
struct lines {
    uint8_t *at;
    size_t left;
};

// False: a line that does not end in CR LF, or has one of them inside.
static bool next_line(struct lines *lines, uint8_t **out_line, size_t *out_size)
{
    uint8_t *end = memchr(lines->at, '\r', lines->left);
    if (end == NULL) {
        return false;
    }
    size_t size = (size_t)(end - lines->at);
    if (lines->left - size < 2 || end[1] != '\n' || memchr(lines->at, '\n', size) != NULL) {
        return false;
    }
    *out_line = lines->at;
    *out_size = size;
    lines->at += size + 2;
    lines->left -= size + 2;
    return true;
}

static bool is_token(struct bytes text)
{
    for (size_t i = 0; i < text.size; i++) {
        if (!http_is_token_char(text.data[i])) {
            return false;
        }
    }
    return text.size > 0;
}

// Bytes above ASCII are let through: people write paths and queries by hand.
static bool is_target(struct bytes text)
{
    for (size_t i = 0; i < text.size; i++) {
        uint8_t c = text.data[i];
        if (c <= ' ' || c == 0x7F || c == '#') {
            return false;
        }
    }
    return text.size > 0;
}

static enum http_fault parse_request_line(struct bytes line, struct http_head *head)
{
    size_t method_size = bytes_find(line, ' ', 0);
    size_t target_end = bytes_find(line, ' ', method_size + 1);
    struct bytes version = bytes_from(line, target_end + 1);
    if (target_end >= line.size) {
        return HTTP_FAULT_SYNTAX;
    }
    head->method = bytes_of(line.data, method_size);
    head->target = bytes_of(line.data + method_size + 1, target_end - method_size - 1);
    if (head->target.size > HTTP_TARGET_BYTES_MAX) {
        return HTTP_FAULT_TARGET_SIZE;
    }
    if (head->method.size > HTTP_METHOD_BYTES_MAX || !is_token(head->method) ||
        !is_target(head->target)) {
        return HTTP_FAULT_SYNTAX;
    }
    bool is_version = version.size == 8 && bytes_starts_with(version, bytes_text("HTTP/1.")) &&
                      version.data[7] >= '0' && version.data[7] <= '9';
    head->minor_version = is_version ? version.data[7] - '0' : 0;
    return is_version ? HTTP_FAULT_NONE : HTTP_FAULT_SYNTAX;
}

static bool is_field_value(struct bytes value)
{
    for (size_t i = 0; i < value.size; i++) {
        uint8_t c = value.data[i];
        if ((c < ' ' && c != '\t') || c == 0x7F) {
            return false;
        }
    }
    return true;
}

static enum http_fault parse_field(uint8_t *line, size_t size, struct http_head *head)
{
    struct bytes text = bytes_of(line, size);
    struct bytes name = bytes_of(line, bytes_find(text, ':', 0));
    struct bytes value = http_trim(bytes_from(text, name.size + 1));
    if (name.size == size || !is_token(name) || !is_field_value(value)) {
        return HTTP_FAULT_SYNTAX; // a folded line begins with a space, which is in no name
    }
    if (head->fields_count == HTTP_FIELDS_MAX) {
        return HTTP_FAULT_HEAD_SIZE;
    }
    for (size_t i = 0; i < name.size; i++) {
        line[i] = (uint8_t)(line[i] >= 'A' && line[i] <= 'Z' ? line[i] | 0x20 : line[i]);
    }
    head->fields[head->fields_count++] = (struct http_field){name, value};
    return HTTP_FAULT_NONE;
}

enum http_fault http_head_parse(uint8_t *text, size_t size, struct http_head *out_head)
{
    struct lines lines = {text, size};
    uint8_t *line;
    size_t line_size;
    out_head->fields_count = 0;
    if (!next_line(&lines, &line, &line_size)) {
        return HTTP_FAULT_SYNTAX;
    }
    enum http_fault fault = parse_request_line(bytes_of(line, line_size), out_head);
    while (fault == HTTP_FAULT_NONE) {
        if (!next_line(&lines, &line, &line_size)) {
            return HTTP_FAULT_SYNTAX;
        }
        if (line_size == 0) {
            return lines.left == 0 ? HTTP_FAULT_NONE : HTTP_FAULT_SYNTAX;
        }
        fault = parse_field(line, line_size, out_head);
    }
    return fault;
}

// ---- looking up ----

size_t http_head_count(const struct http_head *head, const char *name)
{
    size_t count = 0;
    for (size_t i = 0; i < head->fields_count; i++) {
        count += bytes_equal_text(head->fields[i].name, name);
    }
    return count;
}

struct bytes http_head_value(const struct http_head *head, const char *name)
{
    for (size_t i = 0; i < head->fields_count; i++) {
        if (bytes_equal_text(head->fields[i].name, name)) {
            return head->fields[i].value;
        }
    }
    return (struct bytes){NULL, 0};
}

bool http_head_has_token(const struct http_head *head, const char *name, const char *token)
{
    for (size_t i = 0; i < head->fields_count; i++) {
        struct bytes list = head->fields[i].value;
        struct bytes item;
        while (bytes_equal_text(head->fields[i].name, name) && http_list_next(&list, ',', &item)) {
            if (http_equals(item, token)) {
                return true;
            }
        }
    }
    return false;
}

// ---- framing ----

// Two ways to say how long a body is are the root of smuggled requests: one, said once, or none.
static enum http_fault read_body_kind(const struct http_head *head, struct http_framing *framing)
{
    size_t lengths = http_head_count(head, "content-length");
    size_t codings = http_head_count(head, "transfer-encoding");
    if (lengths + codings == 0) {
        return HTTP_FAULT_NONE;
    }
    if (lengths + codings > 1) {
        return HTTP_FAULT_SYNTAX;
    }
    if (codings == 1) {
        bool is_chunked = head->minor_version > 0 &&
                          http_equals(http_head_value(head, "transfer-encoding"), "chunked");
        framing->body = HTTP_BODY_CHUNKED;
        return is_chunked ? HTTP_FAULT_NONE : HTTP_FAULT_SYNTAX;
    }
    struct bytes length = http_head_value(head, "content-length");
    if (!bytes_to_uint64(length, INT64_MAX, &framing->body_size)) {
        return HTTP_FAULT_SYNTAX;
    }
    framing->body = framing->body_size > 0 ? HTTP_BODY_SIZED : HTTP_BODY_NONE;
    return HTTP_FAULT_NONE;
}

enum http_fault http_framing_read(const struct http_head *head, struct http_framing *out_framing)
{
    struct http_framing framing = {.body = HTTP_BODY_NONE};
    size_t hosts = http_head_count(head, "host");
    if (hosts > 1 || (hosts == 0 && head->minor_version > 0)) {
        return HTTP_FAULT_SYNTAX;
    }
    enum http_fault fault = read_body_kind(head, &framing);
    if (fault != HTTP_FAULT_NONE) {
        return fault;
    }
    framing.keeps_alive =
        !http_head_has_token(head, "connection", "close") &&
        (head->minor_version > 0 || http_head_has_token(head, "connection", "keep-alive"));
    struct bytes expectation = http_head_value(head, "expect");
    if (expectation.size > 0 && !http_equals(expectation, "100-continue")) {
        return HTTP_FAULT_EXPECTATION;
    }
    framing.expects_continue =
        expectation.size > 0 && head->minor_version > 0 && framing.body != HTTP_BODY_NONE;
    *out_framing = framing;
    return HTTP_FAULT_NONE;
}
