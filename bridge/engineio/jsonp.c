#include "bridge/engineio/jsonp.h"

#include "bridge/engineio/query.h"

static void append_escaped(struct buffer *out, uint8_t c)
{
    static const char letters[] = "btn?fr"; // of 8 to 13
    if (c == '"' || c == '\\') {
        buffer_append_byte(out, '\\');
        buffer_append_byte(out, c);
    } else if (c >= 8 && c <= 13 && c != 11) {
        buffer_append_byte(out, '\\');
        buffer_append_byte(out, (uint8_t)letters[c - 8]);
    } else {
        buffer_append_format(out, "\\u%04x", (unsigned)c);
    }
}

static bool needs_escape(uint8_t c)
{
    return c < 0x20 || c == '"' || c == '\\';
}

// Size of U+2028 or U+2029 at the beginning of `text`, else 0.
static size_t line_separator(struct bytes text)
{
    static const uint8_t head[] = {0xe2, 0x80};
    bool found = text.size >= 3 && bytes_starts_with(text, bytes_of(head, sizeof head)) &&
                 (text.data[2] == 0xa8 || text.data[2] == 0xa9);
    return found ? 3 : 0;
}

void jsonp_append_escaped(struct buffer *out, struct bytes text)
{
    size_t plain = 0; // begin of what can be copied
    size_t at = 0;
    while (at < text.size) {
        size_t separator = line_separator(bytes_from(text, at));
        if (separator == 0 && !needs_escape(text.data[at])) {
            at++;
            continue;
        }
        buffer_append(out, bytes_of(text.data + plain, at - plain));
        if (separator > 0) {
            buffer_append_text(out, text.data[at + 2] == 0xa8 ? "\\u2028" : "\\u2029");
            at += separator;
        } else {
            append_escaped(out, text.data[at++]);
        }
        plain = at;
    }
    buffer_append(out, bytes_from(text, plain));
}

void jsonp_append(struct buffer *out, struct bytes index, struct bytes body)
{
    buffer_append_text(out, "___eio[");
    for (size_t i = 0; i < index.size; i++) {
        if (index.data[i] >= '0' && index.data[i] <= '9') {
            buffer_append_byte(out, index.data[i]);
        }
    }
    buffer_append_text(out, "](\"");
    jsonp_append_escaped(out, body);
    buffer_append_text(out, "\");");
}

static void append_unescaped(struct buffer *out, struct bytes text)
{
    size_t backslashes = 0; // read and not written
    for (size_t at = 0; at < text.size; at++) {
        uint8_t c = text.data[at];
        if (c == '\\') {
            backslashes++;
            continue;
        }
        bool escapes = c == 'n' && backslashes > 0;
        c = escapes && backslashes == 1 ? '\n' : c;
        for (size_t left = backslashes - (escapes ? 1 : 0); left > 0; left--) {
            buffer_append_byte(out, '\\');
        }
        buffer_append_byte(out, c);
        backslashes = 0;
    }
    for (; backslashes > 0; backslashes--) {
        buffer_append_byte(out, '\\');
    }
}

enum lc_status jsonp_read_form(struct bytes form, struct buffer *out)
{
    struct buffer field;
    buffer_init(&field, form.size);
    enum lc_status status =
        query_append_value(form, "d", &field) ? buffer_status(&field) : LC_ERR_BAD_INPUT;
    if (status == LC_OK) {
        append_unescaped(out, buffer_bytes(&field));
        status = buffer_status(out);
    }
    buffer_release(&field);
    return status;
}
