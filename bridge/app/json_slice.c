#include "bridge/app/json_slice.h"

static size_t skip_space(struct bytes text, size_t at)
{
    while (at < text.size && (text.data[at] == ' ' || text.data[at] == '\t' ||
                              text.data[at] == '\n' || text.data[at] == '\r')) {
        at++;
    }
    return at;
}

// Index behind the string that begins at `at`; text.size + 1 when it does not end.
static size_t skip_string(struct bytes text, size_t at)
{
    for (at++; at < text.size; at++) {
        if (text.data[at] == '\\') {
            at++;
        } else if (text.data[at] == '"') {
            return at + 1;
        }
    }
    return text.size + 1;
}

// Index behind the value that begins at `at`; text.size + 1 when it does not end.
static size_t skip_value(struct bytes text, size_t at)
{
    size_t depth = 0;
    while (at < text.size) {
        uint8_t c = text.data[at];
        if (c == '"') {
            at = skip_string(text, at);
        } else if (c == '{' || c == '[') {
            depth++;
            at++;
        } else if (c == '}' || c == ']') {
            if (depth == 0) {
                return at;
            }
            depth--;
            at++;
        } else if (depth == 0 && c == ',') {
            return at;
        } else {
            at++;
            continue;
        }
        if (depth == 0 || at > text.size) {
            return at;
        }
    }
    return depth == 0 ? at : text.size + 1;
}

struct bytes json_slice_member(struct bytes object, const char *name)
{
    const struct bytes none = {NULL, 0};
    size_t at = skip_space(object, 0);
    if (at >= object.size || object.data[at] != '{') {
        return none;
    }
    for (at = skip_space(object, at + 1); at < object.size && object.data[at] == '"';) {
        size_t name_end = skip_string(object, at);
        if (name_end > object.size) {
            return none;
        }
        struct bytes found = {object.data + at + 1, name_end - at - 2};
        at = skip_space(object, name_end);
        if (at >= object.size || object.data[at] != ':') {
            return none;
        }
        at = skip_space(object, at + 1);
        size_t end = skip_value(object, at);
        if (end > object.size || end == at) {
            return none;
        }
        if (bytes_equal_text(found, name)) {
            return (struct bytes){object.data + at, end - at};
        }
        at = skip_space(object, end);
        if (at >= object.size || object.data[at] != ',') {
            return none;
        }
        at = skip_space(object, at + 1);
    }
    return none;
}

bool json_slice_next(struct bytes array, size_t *position, struct bytes *out_item)
{
    size_t at = skip_space(array, *position);
    if (at >= array.size || array.data[at] != (*position == 0 ? '[' : ',')) {
        return false;
    }
    at = skip_space(array, at + 1);
    size_t end = skip_value(array, at);
    if (end > array.size || end == at) {
        return false;
    }
    *out_item = (struct bytes){array.data + at, end - at};
    *position = end;
    return true;
}

bool json_slice_int64(struct bytes value, int64_t *out_value)
{
    bool is_negative = value.size > 0 && value.data[0] == '-';
    uint64_t number;
    if (!bytes_to_uint64(bytes_from(value, is_negative ? 1 : 0), INT64_MAX, &number)) {
        return false;
    }
    *out_value = is_negative ? -(int64_t)number : (int64_t)number;
    return true;
}

bool json_slice_plain_text(struct bytes value, struct bytes *out_text)
{
    if (value.size < 2 || value.data[0] != '"' || value.data[value.size - 1] != '"') {
        return false;
    }
    struct bytes text = {value.data + 1, value.size - 2};
    if (bytes_find(text, '\\', 0) < text.size) {
        return false;
    }
    *out_text = text;
    return true;
}
