#include "bridge/socketio/json_text.h"

struct scan {
    struct bytes text;
    size_t at;
    int64_t placeholders_below;
    // for json_text_shift_placeholders()
    struct buffer *out; // NULL: nothing is written
    size_t copied;      // what of the text is in `out`
    size_t shift;
};

static bool scan_value(struct scan *scan, int depth);

static int peek_byte(const struct scan *scan)
{
    return scan->at < scan->text.size ? scan->text.data[scan->at] : -1;
}

static void skip_space(struct scan *scan)
{
    int c = peek_byte(scan);
    while (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
        scan->at++;
        c = peek_byte(scan);
    }
}

static bool take(struct scan *scan, char wanted)
{
    if (peek_byte(scan) != wanted) {
        return false;
    }
    scan->at++;
    return true;
}

static bool take_word(struct scan *scan, const char *word)
{
    if (!bytes_starts_with(bytes_from(scan->text, scan->at), bytes_text(word))) {
        return false;
    }
    scan->at += strlen(word);
    return true;
}

static int hex_digit(int c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool scan_escape(struct scan *scan)
{
    int c = peek_byte(scan);
    scan->at++;
    if (c != 'u') {
        return c > 0 && strchr("\"\\/bfnrt", c) != NULL;
    }
    for (int i = 0; i < 4; i++) {
        if (hex_digit(peek_byte(scan)) < 0) {
            return false;
        }
        scan->at++;
    }
    return true;
}

static bool scan_string(struct scan *scan)
{
    if (!take(scan, '"')) {
        return false;
    }
    for (;;) {
        int c = peek_byte(scan);
        if (c < 0x20) {
            return false; // a control character, or the end
        }
        scan->at++;
        if (c == '"') {
            return true;
        }
        if (c == '\\' && !scan_escape(scan)) {
            return false;
        }
    }
}

static bool scan_digits(struct scan *scan)
{
    size_t begin = scan->at;
    while (peek_byte(scan) >= '0' && peek_byte(scan) <= '9') {
        scan->at++;
    }
    return scan->at > begin;
}

static bool scan_number(struct scan *scan)
{
    (void)take(scan, '-');
    if (!take(scan, '0') && !scan_digits(scan)) {
        return false;
    }
    if (take(scan, '.') && !scan_digits(scan)) {
        return false;
    }
    if (take(scan, 'e') || take(scan, 'E')) {
        if (!take(scan, '+')) {
            (void)take(scan, '-');
        }
        return scan_digits(scan);
    }
    return true;
}

// What an object's members say about a placeholder.
struct placeholder {
    bool is_one;
    bool num_is_right;
    uint64_t num;
    size_t num_begin;
    size_t num_end;
};

static void note_member(const struct scan *scan, struct placeholder *note, struct bytes name,
                        struct bytes value)
{
    if (bytes_equal_text(name, "\"_placeholder\"")) {
        note->is_one = bytes_equal_text(value, "true");
    } else if (bytes_equal_text(name, "\"num\"")) {
        note->num_is_right = bytes_to_uint64(value, INT64_MAX, &note->num) &&
                             (int64_t)note->num < scan->placeholders_below;
        note->num_end = scan->at;
        note->num_begin = scan->at - value.size;
    }
}

static bool end_object(struct scan *scan, const struct placeholder *note)
{
    if (scan->placeholders_below < 0 || !note->is_one) {
        return true;
    }
    if (scan->out != NULL && note->num_is_right && note->num_begin >= scan->copied) {
        buffer_append(scan->out,
                      bytes_of(scan->text.data + scan->copied, note->num_begin - scan->copied));
        buffer_append_int64(scan->out, (int64_t)(note->num + scan->shift));
        scan->copied = note->num_end;
    }
    return note->num_is_right;
}

static struct bytes slice(const struct scan *scan, size_t begin)
{
    return bytes_of(scan->text.data + begin, scan->at - begin);
}

static bool scan_object(struct scan *scan, int depth)
{
    struct placeholder note = {0};
    skip_space(scan);
    if (take(scan, '}')) {
        return true;
    }
    for (;;) {
        skip_space(scan);
        size_t begin = scan->at;
        if (!scan_string(scan)) {
            return false;
        }
        struct bytes name = slice(scan, begin);
        skip_space(scan);
        if (!take(scan, ':')) {
            return false;
        }
        skip_space(scan);
        begin = scan->at;
        if (!scan_value(scan, depth)) {
            return false;
        }
        note_member(scan, &note, name, slice(scan, begin));
        skip_space(scan);
        if (take(scan, '}')) {
            return end_object(scan, &note);
        }
        if (!take(scan, ',')) {
            return false;
        }
    }
}

static bool scan_array(struct scan *scan, int depth)
{
    skip_space(scan);
    if (take(scan, ']')) {
        return true;
    }
    for (;;) {
        if (!scan_value(scan, depth)) {
            return false;
        }
        skip_space(scan);
        if (take(scan, ']')) {
            return true;
        }
        if (!take(scan, ',')) {
            return false;
        }
    }
}

// Reads a value and the space before it; recursion ends at JSON_TEXT_DEPTH_MAX.
static bool scan_value(struct scan *scan, int depth)
{
    skip_space(scan);
    if (depth >= JSON_TEXT_DEPTH_MAX) {
        return false;
    }
    switch (peek_byte(scan)) {
    case '{':
        scan->at++;
        return scan_object(scan, depth + 1);
    case '[':
        scan->at++;
        return scan_array(scan, depth + 1);
    case '"':
        return scan_string(scan);
    case 't':
        return take_word(scan, "true");
    case 'f':
        return take_word(scan, "false");
    case 'n':
        return take_word(scan, "null");
    default:
        return scan_number(scan);
    }
}

bool json_text_is_value(struct bytes text, int64_t placeholders_below)
{
    struct scan scan = {.text = text, .placeholders_below = placeholders_below};
    if (!scan_value(&scan, 0)) {
        return false;
    }
    skip_space(&scan);
    return scan.at == text.size;
}

void json_text_first(struct bytes array, struct bytes *out_item, struct bytes *out_rest)
{
    *out_item = (struct bytes){NULL, 0};
    *out_rest = (struct bytes){NULL, 0};
    struct scan scan = {.text = array, .placeholders_below = -1};
    skip_space(&scan);
    LC_ASSERT(take(&scan, '['));
    skip_space(&scan);
    size_t begin = scan.at;
    if (peek_byte(&scan) == ']' || !scan_value(&scan, 1)) {
        return;
    }
    *out_item = slice(&scan, begin);
    skip_space(&scan);
    if (take(&scan, ',')) {
        skip_space(&scan);
        size_t end = array.size;
        while (array.data[end - 1] != ']') {
            end--;
        }
        *out_rest = bytes_of(array.data + scan.at, end - 1 - scan.at);
    }
}

struct bytes json_text_member(struct bytes object, const char *name)
{
    struct bytes found = {NULL, 0};
    struct scan scan = {.text = object, .placeholders_below = -1};
    skip_space(&scan);
    bool more = take(&scan, '{');
    while (more) {
        skip_space(&scan);
        size_t begin = scan.at;
        if (!scan_string(&scan)) {
            break; // an empty object
        }
        struct bytes quoted = slice(&scan, begin);
        skip_space(&scan);
        (void)take(&scan, ':');
        skip_space(&scan);
        begin = scan.at;
        (void)scan_value(&scan, 1);
        if (bytes_equal_text(bytes_of(quoted.data + 1, quoted.size - 2), name)) {
            found = slice(&scan, begin);
        }
        skip_space(&scan);
        more = take(&scan, ',');
    }
    return found;
}

void json_text_shift_placeholders(struct bytes value, size_t shift, struct buffer *out)
{
    struct scan scan = {.text = value, .placeholders_below = INT64_MAX, .out = out, .shift = shift};
    (void)scan_value(&scan, 0);
    buffer_append(out, bytes_from(value, scan.copied));
}

static void append_utf8(struct buffer *out, uint32_t code)
{
    if (code < 0x80) {
        buffer_append_byte(out, (uint8_t)code);
        return;
    }
    if (code < 0x800) {
        buffer_append_byte(out, (uint8_t)(0xC0 | code >> 6));
    } else {
        if (code < 0x10000) {
            buffer_append_byte(out, (uint8_t)(0xE0 | code >> 12));
        } else {
            buffer_append_byte(out, (uint8_t)(0xF0 | code >> 18));
            buffer_append_byte(out, (uint8_t)(0x80 | ((code >> 12) & 63)));
        }
        buffer_append_byte(out, (uint8_t)(0x80 | ((code >> 6) & 63)));
    }
    buffer_append_byte(out, (uint8_t)(0x80 | (code & 63)));
}

// The four hex digits at `at`; 0 when they are not there.
static uint32_t unit_at(struct bytes text, size_t at)
{
    uint32_t unit = 0;
    for (size_t i = 0; i < 4 && at + i < text.size; i++) {
        int digit = hex_digit(text.data[at + i]);
        unit = unit << 4 | (uint32_t)(digit < 0 ? 0 : digit);
    }
    return unit;
}

// Resolves \uXXXX at `at` (behind the u), perhaps with the low half behind it; returns the index
// behind.
static size_t unescape_unit(struct bytes text, size_t at, struct buffer *out)
{
    uint32_t unit = unit_at(text, at);
    at += 4;
    if (unit >= 0xD800 && unit < 0xDC00 && at + 6 <= text.size && text.data[at] == '\\' &&
        text.data[at + 1] == 'u') {
        uint32_t low = unit_at(text, at + 2);
        if (low >= 0xDC00 && low < 0xE000) {
            append_utf8(out, 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00));
            return at + 6;
        }
    }
    append_utf8(out, unit >= 0xD800 && unit < 0xE000 ? 0xFFFD : unit);
    return at;
}

void json_text_unescape(struct bytes text, struct buffer *out)
{
    static const char names[] = "\"\\/bfnrt";
    static const char values[] = "\"\\/\b\f\n\r\t";
    LC_ASSERT(text.size >= 2);
    size_t end = text.size - 1; // without the closing quote
    for (size_t at = 1; at < end;) {
        uint8_t c = text.data[at++];
        if (c != '\\' || at == end) {
            buffer_append_byte(out, c);
            continue;
        }
        c = text.data[at++];
        if (c == 'u') {
            at = unescape_unit(text, at, out);
        } else {
            const char *found = strchr(names, c);
            buffer_append_byte(out, found == NULL ? c : (uint8_t)values[found - names]);
        }
    }
}
