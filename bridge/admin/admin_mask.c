#include "bridge/admin/admin_mask.h"

#include "bridge/admin/admin_limits.h"
#include "lib/json/json_write.h"

// In lower case. Rather one too many: what is masked by mistake is a missing detail only.
static const char *const PARTS[] = {"auth",    "cookie",     "token",  "secret", "passw",
                                    "session", "credential", "jwt",    "apikey", "api-key",
                                    "api_key", "signature",  "access", "bearer", "ticket"};
static const char *const WHOLE[] = {"sid",  "key", "code", "sig", "pwd",
                                    "pass", "pin", "otp",  "pid"};

static uint8_t lower(uint8_t c)
{
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c | 0x20) : c;
}

static bool equal_lower(struct bytes text, const char *word)
{
    size_t size = strlen(word);
    for (size_t i = 0; i < size && text.size == size; i++) {
        if (lower(text.data[i]) != (uint8_t)word[i]) {
            return false;
        }
    }
    return text.size == size;
}

static bool contains_lower(struct bytes text, const char *word)
{
    size_t size = strlen(word);
    for (size_t at = 0; at + size <= text.size; at++) {
        if (equal_lower(bytes_of(text.data + at, size), word)) {
            return true;
        }
    }
    return false;
}

static bool names_a_credential(struct bytes name)
{
    for (size_t i = 0; i < sizeof PARTS / sizeof PARTS[0]; i++) {
        if (contains_lower(name, PARTS[i])) {
            return true;
        }
    }
    for (size_t i = 0; i < sizeof WHOLE / sizeof WHOLE[0]; i++) {
        if (equal_lower(name, WHOLE[i])) {
            return true;
        }
    }
    return false;
}

// RFC 7519: a JSON object in base64 begins with these letters, and two dots are behind it.
bool admin_mask_is_jwt(struct bytes value)
{
    size_t at = 0;
    while (at + 3 <= value.size && memcmp(value.data + at, "eyJ", 3) != 0) {
        at++;
    }
    size_t dot = bytes_find(value, '.', at);
    return at + 3 <= value.size && dot < value.size && bytes_find(value, '.', dot + 1) < value.size;
}

void admin_mask_text(struct buffer *out, struct bytes text)
{
    struct buffer clean;
    bool cut = text.size > ADMIN_TEXT_SIZE_MAX;
    text.size = cut ? ADMIN_TEXT_SIZE_MAX : text.size;
    while (cut && text.size > 0 && text.data[text.size] >= 0x80 && text.data[text.size] < 0xC0) {
        text.size--; // not within a character
    }
    if (bytes_is_utf8(text) && !cut) {
        json_quote(out, text);
        return;
    }
    bool is_utf8 = bytes_is_utf8(text);
    buffer_init(&clean, ADMIN_TEXT_SIZE_MAX + 4);
    for (size_t i = 0; i < text.size; i++) {
        buffer_append_byte(&clean, is_utf8 || text.data[i] < 0x80 ? text.data[i] : '?');
    }
    buffer_append_text(&clean, cut ? "..." : "");
    json_quote(out, buffer_bytes(&clean));
    buffer_release(&clean);
}

// One member of an object, unless the object would become too large: false.
static bool write_member(struct buffer *out, size_t begin, struct bytes name, struct bytes value)
{
    size_t before = out->size;
    if (before > begin + 1) {
        buffer_append_byte(out, ',');
    }
    admin_mask_text(out, name);
    buffer_append_byte(out, ':');
    bool masked = value.size > 0 && (names_a_credential(name) || admin_mask_is_jwt(value));
    admin_mask_text(out, masked ? bytes_text(ADMIN_MASKED) : value);
    if (out->size - begin > ADMIN_HANDSHAKE_SIZE_MAX) {
        buffer_truncate(out, before);
        return false;
    }
    return true;
}

static bool is_address(struct bytes name)
{
    return equal_lower(name, "referer") || contains_lower(name, "url") ||
           contains_lower(name, "uri");
}

void admin_mask_headers(struct buffer *out, const struct socketio_handshake *handshake)
{
    size_t begin = out->size;
    buffer_append_byte(out, '{');
    for (size_t i = 0; i < handshake->headers_count; i++) {
        struct bytes name = handshake->headers[i].name;
        struct bytes value = handshake->headers[i].value;
        if (is_address(name)) {
            value.size = bytes_find(value, '?', 0);
        }
        if (!write_member(out, begin, name, value)) {
            break;
        }
    }
    buffer_append_byte(out, '}');
}

static int hex_value(uint8_t c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    c = lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static void append_decoded(struct buffer *out, struct bytes text)
{
    for (size_t i = 0; i < text.size; i++) {
        int high = i + 2 < text.size ? hex_value(text.data[i + 1]) : -1;
        int low = i + 2 < text.size ? hex_value(text.data[i + 2]) : -1;
        if (text.data[i] == '%' && high >= 0 && low >= 0) {
            buffer_append_byte(out, (uint8_t)(high * 16 + low));
            i += 2;
        } else {
            buffer_append_byte(out, text.data[i] == '+' ? ' ' : text.data[i]);
        }
    }
}

// Takes `name=value` off the front.
static void next_parameter(struct bytes *rest, struct bytes *out_name, struct bytes *out_value)
{
    struct bytes whole = bytes_of(rest->data, bytes_find(*rest, '&', 0));
    *rest = bytes_from(*rest, whole.size + 1);
    *out_name = bytes_of(whole.data, bytes_find(whole, '=', 0));
    *out_value = bytes_from(whole, out_name->size + 1);
}

void admin_mask_query(struct buffer *out, struct bytes query)
{
    size_t begin = out->size;
    bool fits = true;
    struct buffer name;
    struct buffer value;
    buffer_init(&name, query.size);
    buffer_init(&value, query.size);
    buffer_append_byte(out, '{');
    while (query.size > 0 && fits) {
        struct bytes raw_name;
        struct bytes raw_value;
        next_parameter(&query, &raw_name, &raw_value);
        buffer_clear(&name);
        buffer_clear(&value);
        append_decoded(&name, raw_name);
        append_decoded(&value, raw_value);
        if (name.size > 0) {
            fits = write_member(out, begin, buffer_bytes(&name), buffer_bytes(&value));
        }
    }
    buffer_append_byte(out, '}');
    buffer_release(&name);
    buffer_release(&value);
}

void admin_mask_url(struct buffer *out, struct bytes url)
{
    size_t path_size = bytes_find(url, '?', 0);
    struct bytes query = bytes_from(url, path_size + 1);
    struct buffer masked;
    struct buffer decoded;
    buffer_init(&masked, url.size * 10 + 16); // a value may be shorter than its mask
    buffer_init(&decoded, url.size);
    buffer_append(&masked, bytes_of(url.data, path_size));
    for (char separator = '?'; query.size > 0; separator = '&') {
        struct bytes name;
        struct bytes value;
        next_parameter(&query, &name, &value);
        buffer_append_byte(&masked, (uint8_t)separator);
        buffer_append(&masked, name);
        buffer_clear(&decoded);
        append_decoded(&decoded, name);
        bool secret = names_a_credential(buffer_bytes(&decoded));
        buffer_clear(&decoded);
        append_decoded(&decoded, value);
        secret = secret || admin_mask_is_jwt(buffer_bytes(&decoded));
        if (value.size > 0) {
            buffer_append_byte(&masked, '=');
            buffer_append(&masked, secret ? bytes_text(ADMIN_MASKED) : value);
        }
    }
    admin_mask_text(out, buffer_bytes(&masked));
    buffer_release(&masked);
    buffer_release(&decoded);
}
