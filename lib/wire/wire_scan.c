#include "lib/wire/wire_scan.h"

bool wire_scan_literal(struct wire_scan *scan, const char *literal)
{
    struct bytes expected = bytes_text(literal);
    if (!bytes_starts_with(scan->rest, expected)) {
        return false;
    }
    scan->rest = bytes_from(scan->rest, expected.size);
    return true;
}

bool wire_scan_number(struct wire_scan *scan, int64_t *out_value)
{
    size_t digits = 0;
    while (digits < scan->rest.size && scan->rest.data[digits] >= '0' &&
           scan->rest.data[digits] <= '9') {
        digits++;
    }
    uint64_t value = 0;
    bool has_leading_zero = digits > 1 && scan->rest.data[0] == '0';
    if (has_leading_zero ||
        !bytes_to_uint64(bytes_of(scan->rest.data, digits), (uint64_t)JSON_INTEGER_MAX, &value)) {
        return false;
    }
    scan->rest = bytes_from(scan->rest, digits);
    *out_value = (int64_t)value;
    return true;
}

bool wire_scan_plain_text(struct wire_scan *scan, size_t size_max, struct bytes *out_text)
{
    if (scan->rest.size < 2 || scan->rest.data[0] != '"') {
        return false;
    }
    size_t end = bytes_find(scan->rest, '"', 1);
    if (end == scan->rest.size || end - 1 > size_max) {
        return false;
    }
    for (size_t i = 1; i < end; i++) {
        if (scan->rest.data[i] < 0x20 || scan->rest.data[i] == '\\') {
            return false;
        }
    }
    *out_text = bytes_of(scan->rest.data + 1, end - 1);
    scan->rest = bytes_from(scan->rest, end + 1);
    return true;
}

bool wire_scan_head(struct wire_scan *scan, struct wire_head *out_head)
{
    struct wire_scan at = *scan;
    struct wire_head head;
    if (!wire_scan_literal(&at, "{\"seq\":") || !wire_scan_number(&at, &head.seq) ||
        !wire_scan_literal(&at, ",\"epoch\":") || !wire_scan_number(&at, &head.epoch)) {
        return false;
    }
    if (at.rest.size == 0 || (at.rest.data[0] != ',' && at.rest.data[0] != '}')) {
        return false;
    }
    *scan = at;
    *out_head = head;
    return true;
}

// Index behind the closing quote of the string that opens at `from`; 0 when it has none or holds a
// control character.
static size_t string_end(struct bytes text, size_t from)
{
    for (size_t i = from + 1; i < text.size; i++) {
        if (text.data[i] < 0x20) {
            return 0;
        }
        if (text.data[i] == '\\') {
            i++;
        } else if (text.data[i] == '"') {
            return i + 1;
        }
    }
    return 0;
}

bool wire_scan_is_enclosed(struct bytes text)
{
    uint8_t closers[JSON_DEPTH_MAX];
    size_t depth = 0;
    size_t at = 0;
    while (at < text.size) {
        uint8_t c = text.data[at];
        if (c == '"') {
            at = string_end(text, at);
            if (at == 0 || depth == 0) {
                return false;
            }
            continue;
        }
        if (c == '{' || c == '[') {
            if (depth == JSON_DEPTH_MAX) {
                return false;
            }
            closers[depth++] = c == '{' ? '}' : ']';
        } else if (c == '}' || c == ']') {
            if (depth == 0 || closers[--depth] != c) {
                return false;
            }
        }
        at++;
        if (depth == 0) {
            break; // the outermost bracket is closed, or there was none
        }
    }
    return depth == 0 && at > 1 && at == text.size && bytes_is_utf8(text);
}
