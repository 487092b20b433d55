#include "lib/json/json_write.h"

struct json_writer json_writer_on(struct buffer *out)
{
    return (struct json_writer){.out = out};
}

void json_quote(struct buffer *out, struct bytes text)
{
    static const char hex[] = "0123456789abcdef";
    buffer_append_byte(out, '"');
    size_t plain = 0; // start of the run that needs no escape
    for (size_t i = 0; i < text.size; i++) {
        uint8_t c = text.data[i];
        bool separator = c == 0xE2 && i + 2 < text.size && text.data[i + 1] == 0x80 &&
                         (text.data[i + 2] == 0xA8 || text.data[i + 2] == 0xA9);
        if (c >= 0x20 && c != '"' && c != '\\' && c != '<' && c != '>' && !separator) {
            continue;
        }
        buffer_append(out, bytes_of(text.data + plain, i - plain));
        if (separator) {
            buffer_append_text(out, text.data[i + 2] == 0xA8 ? "\\u2028" : "\\u2029");
            i += 2;
        } else if (c == '"' || c == '\\') {
            uint8_t escaped[] = {'\\', c};
            buffer_append(out, bytes_of(escaped, sizeof escaped));
        } else {
            uint8_t escaped[] = {'\\', 'u', '0', '0', (uint8_t)hex[c >> 4], (uint8_t)hex[c & 15]};
            buffer_append(out, bytes_of(escaped, sizeof escaped));
        }
        plain = i + 1;
    }
    buffer_append(out, bytes_from(text, plain));
    buffer_append_byte(out, '"');
}

static void json_lead(struct json_writer *writer, const char *name)
{
    if (writer->needs_comma) {
        buffer_append_byte(writer->out, ',');
    }
    writer->needs_comma = true;
    if (name != NULL) {
        json_quote(writer->out, bytes_text(name));
        buffer_append_byte(writer->out, ':');
    }
}

void json_object_begin(struct json_writer *writer, const char *name)
{
    json_lead(writer, name);
    buffer_append_byte(writer->out, '{');
    writer->needs_comma = false;
}

void json_object_end(struct json_writer *writer)
{
    buffer_append_byte(writer->out, '}');
    writer->needs_comma = true;
}

void json_array_begin(struct json_writer *writer, const char *name)
{
    json_lead(writer, name);
    buffer_append_byte(writer->out, '[');
    writer->needs_comma = false;
}

void json_array_end(struct json_writer *writer)
{
    buffer_append_byte(writer->out, ']');
    writer->needs_comma = true;
}

void json_write_int(struct json_writer *writer, const char *name, int64_t value)
{
    json_lead(writer, name);
    buffer_append_int64(writer->out, value);
}

void json_write_bool(struct json_writer *writer, const char *name, bool value)
{
    json_lead(writer, name);
    buffer_append_text(writer->out, value ? "true" : "false");
}

void json_write_null(struct json_writer *writer, const char *name)
{
    json_lead(writer, name);
    buffer_append_text(writer->out, "null");
}

void json_write_text(struct json_writer *writer, const char *name, struct bytes text)
{
    json_lead(writer, name);
    json_quote(writer->out, text);
}

void json_write_cstr(struct json_writer *writer, const char *name, const char *text)
{
    json_write_text(writer, name, bytes_text(text));
}

void json_write_raw(struct json_writer *writer, const char *name, struct bytes json)
{
    json_lead(writer, name);
    buffer_append(writer->out, json);
}
