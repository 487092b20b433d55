// Texts of the profiles: slices of arguments, and the handshake object.
#include <stdlib.h>
#include <time.h>

#include "lib/json/json_write.h"
#include "lib/os/os_clock.h"
#include "tests/conformance/suite.h"

bool event_is(const struct socketio_event *event, const char *name)
{
    return bytes_equal_text(event->name, name);
}

// Where the JSON value that begins at `at` ends.
static size_t value_end(struct bytes text, size_t at)
{
    size_t depth = 0;
    bool in_string = false;
    for (; at < text.size; at++) {
        uint8_t c = text.data[at];
        if (in_string) {
            at += c == '\\' ? 1 : 0;
            in_string = c != '"';
        } else if (c == '"') {
            in_string = true;
        } else if (c == '[' || c == '{') {
            depth++;
        } else if (c == ']' || c == '}') {
            depth--;
        } else if (c == ',' && depth == 0) {
            break;
        }
    }
    return at;
}

struct bytes event_arguments_from(const struct socketio_event *event, size_t index)
{
    struct bytes rest = event->arguments;
    for (; index > 0 && rest.size > 0; index--) {
        rest = bytes_from(rest, value_end(rest, 0) + 1);
    }
    return rest;
}

struct bytes event_argument(const struct socketio_event *event, size_t index)
{
    struct bytes rest = event_arguments_from(event, index);
    return rest.size == 0 ? rest : bytes_of(rest.data, value_end(rest, 0));
}

struct bytes json_content(struct bytes json)
{
    bool is_quoted = json.size >= 2 && json.data[0] == '"';
    return is_quoted ? bytes_of(json.data + 1, json.size - 2) : json;
}

void append_headers(struct buffer *out, const struct engineio_header *headers, size_t count)
{
    buffer_append_byte(out, '{');
    for (size_t i = 0; i < count; i++) {
        buffer_append_text(out, i > 0 ? "," : "");
        json_quote(out, headers[i].name);
        buffer_append_byte(out, ':');
        json_quote(out, headers[i].value);
    }
    buffer_append_byte(out, '}');
}

static int hex_digit(uint8_t c)
{
    static const char digits[] = "0123456789abcdef";
    const char *found = c == 0 ? NULL : strchr(digits, c >= 'A' && c <= 'F' ? c | 0x20 : c);
    return found == NULL ? -1 : (int)(found - digits);
}

static void append_decoded(struct buffer *out, struct bytes encoded)
{
    struct buffer text;
    buffer_init(&text, TEXT_MAX);
    for (size_t i = 0; i < encoded.size; i++) {
        uint8_t c = encoded.data[i];
        if (c == '%' && encoded.size - i > 2 && hex_digit(encoded.data[i + 1]) >= 0 &&
            hex_digit(encoded.data[i + 2]) >= 0) {
            c = (uint8_t)(hex_digit(encoded.data[i + 1]) * 16 + hex_digit(encoded.data[i + 2]));
            i += 2;
        } else if (c == '+') {
            c = ' ';
        }
        buffer_append_byte(&text, c);
    }
    json_quote(out, buffer_bytes(&text));
    buffer_release(&text);
}

static void append_query(struct buffer *out, struct bytes query)
{
    buffer_append_byte(out, '{');
    for (size_t begin = 0; begin < query.size;) {
        size_t end = bytes_find(query, '&', begin);
        struct bytes pair = bytes_of(query.data + begin, end - begin);
        size_t equals = bytes_find(pair, '=', 0);
        buffer_append_text(out, begin > 0 ? "," : "");
        append_decoded(out, bytes_of(pair.data, equals));
        buffer_append_byte(out, ':');
        append_decoded(out, bytes_from(pair, equals + 1));
        begin = end + 1;
    }
    buffer_append_byte(out, '}');
}

static bool has_origin(const struct socketio_handshake *handshake)
{
    for (size_t i = 0; i < handshake->headers_count; i++) {
        if (bytes_equal_text(handshake->headers[i].name, "origin")) {
            return true;
        }
    }
    return false;
}

static struct tm utc_of(int64_t wall_ms)
{
    struct tm parts;
    time_t seconds = (time_t)(wall_ms / 1000);
    gmtime_r(&seconds, &parts);
    return parts;
}

void append_date(struct buffer *out)
{
    char text[40];
    int64_t now_ms = os_clock_wall_ms();
    struct tm parts = utc_of(now_ms);
    text[strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts)] = 0;
    buffer_append_format(out, "\"%s.%03dZ\"", text, (int)(now_ms % 1000));
}

// As JavaScript prints a date.
static void append_time(struct buffer *out, int64_t wall_ms)
{
    char text[40];
    struct tm parts = utc_of(wall_ms);
    text[strftime(text, sizeof text, "%a %b %d %Y %H:%M:%S", &parts)] = 0;
    buffer_append_format(out, ",\"time\":\"%s GMT+0000 (Coordinated Universal Time)\"", text);
}

void append_handshake(struct buffer *out, const struct socketio_handshake *handshake,
                      struct bytes auth)
{
    struct engineio_header headers[128];
    size_t count = 0;
    for (; count < handshake->headers_count && count < 128; count++) {
        headers[count] = (struct engineio_header){handshake->headers[count].name,
                                                  handshake->headers[count].value};
    }
    int64_t issued_ms = os_clock_wall_ms() - (os_clock_boot_ms() - handshake->time_ms);
    buffer_append_text(out, "{\"headers\":");
    append_headers(out, headers, count);
    append_time(out, issued_ms);
    buffer_append_text(out, ",\"address\":");
    json_quote(out, handshake->address);
    buffer_append_format(out, ",\"xdomain\":%s,\"secure\":%s,\"issued\":%lld,\"url\":",
                         has_origin(handshake) ? "true" : "false",
                         handshake->secure ? "true" : "false", (long long)issued_ms);
    json_quote(out, handshake->url);
    buffer_append_text(out, ",\"query\":");
    append_query(out, handshake->query);
    buffer_append_text(out, ",\"auth\":");
    buffer_append(out, auth.size > 0 ? auth : bytes_text("{}"));
    buffer_append_byte(out, '}');
}
