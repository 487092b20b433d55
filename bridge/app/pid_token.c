#include "bridge/app/pid_token.h"

#include <stdio.h>

// "1.{sid}.{issued_at}.{role}.{sale}.{subject}.{expires_at}.{name as hex}.{mac as hex}"; sale and
// subject are empty for somebody anonymous, sale is '*' for all sales.
enum {
    FIELD_VERSION,
    FIELD_SID,
    FIELD_ISSUED,
    FIELD_ROLE,
    FIELD_SALE,
    FIELD_SUBJECT,
    FIELD_EXPIRES,
    FIELD_NAME,
    FIELD_MAC,
    FIELDS,
    MAC_SIZE = 32,
};
static const char version[] = "1";

static void append_hex(struct buffer *out, struct bytes bytes)
{
    for (size_t i = 0; i < bytes.size; i++) {
        buffer_append_format(out, "%02x", bytes.data[i]);
    }
}

static int hex_digit(uint8_t c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool read_hex(struct bytes hex, uint8_t *out, size_t size_max, size_t *out_size)
{
    if (hex.size % 2 != 0 || hex.size / 2 > size_max) {
        return false;
    }
    for (size_t i = 0; i < hex.size / 2; i++) {
        int high = hex_digit(hex.data[2 * i]);
        int low = hex_digit(hex.data[2 * i + 1]);
        if (high < 0 || low < 0) {
            return false;
        }
        out[i] = (uint8_t)(high * 16 + low);
    }
    *out_size = hex.size / 2;
    return true;
}

void pid_token_write(const struct outside *outside, const struct pid_token *token,
                     struct buffer *out)
{
    const struct identity *identity = &token->identity;
    const char *sale = identity->is_for_all_sales ? "*" : identity->sale.text;
    uint8_t mac[MAC_SIZE];
    struct buffer text;
    buffer_init(&text, PID_TOKEN_SIZE_MAX);
    buffer_append_format(
        &text, "%s.%s.%lld.%s.%s.%s.%lld.", version, token->sid, (long long)token->issued_at_s,
        role_name(identity->role), identity->is_known ? sale : "",
        identity->is_known ? identity->subject.text : "", (long long)identity->expires_at_s);
    append_hex(&text, bytes_text(identity->name));
    buffer_append_byte(&text, '.');
    outside->sign(outside->context, buffer_bytes(&text), mac);
    append_hex(&text, bytes_of(mac, sizeof mac));
    if (buffer_status(&text) == LC_OK) {
        buffer_append(out, buffer_bytes(&text));
    }
    buffer_release(&text);
}

// Exactly FIELDS fields.
static bool split(struct bytes text, struct bytes fields[FIELDS])
{
    size_t at = 0;
    for (size_t i = 0; i < FIELDS; i++) {
        size_t end = i + 1 < FIELDS ? bytes_find(text, '.', at) : text.size;
        if (end > text.size || (i + 1 < FIELDS && end == text.size)) {
            return false;
        }
        fields[i] = (struct bytes){text.data + at, end - at};
        at = end + 1;
    }
    return true;
}

static bool is_signed(const struct outside *outside, struct bytes text, struct bytes mac_hex)
{
    uint8_t mac[MAC_SIZE];
    size_t size;
    struct bytes said = {text.data, text.size - mac_hex.size};
    return read_hex(mac_hex, mac, sizeof mac, &size) && size == sizeof mac &&
           outside->verify(outside->context, said, mac);
}

// Who is meant, of a text that was signed by a bridge, but perhaps by one of another version.
static bool read_identity(const struct bytes fields[FIELDS], struct identity *out_identity)
{
    uint8_t name[NAME_SIZE_MAX];
    size_t name_size;
    uint64_t expires_at_s;
    if (fields[FIELD_SUBJECT].size == 0) {
        *out_identity = identity_anonymous();
        return true;
    }
    return read_hex(fields[FIELD_NAME], name, sizeof name, &name_size) &&
           bytes_to_uint64(fields[FIELD_EXPIRES], INT64_MAX, &expires_at_s) &&
           identity_read(fields[FIELD_SUBJECT], fields[FIELD_SALE], fields[FIELD_ROLE],
                         bytes_of(name, name_size), (int64_t)expires_at_s, out_identity);
}

bool pid_token_read(const struct outside *outside, struct bytes text, struct pid_token *out_token)
{
    struct pid_token token;
    struct client_id sid;
    struct bytes fields[FIELDS];
    uint64_t issued_at_s;
    if (text.size > PID_TOKEN_SIZE_MAX || !split(text, fields) ||
        !bytes_equal_text(fields[FIELD_VERSION], version) ||
        !is_signed(outside, text, fields[FIELD_MAC]) || !client_id_read(fields[FIELD_SID], &sid) ||
        !bytes_to_uint64(fields[FIELD_ISSUED], INT64_MAX, &issued_at_s) ||
        !read_identity(fields, &token.identity)) {
        return false;
    }
    snprintf(token.sid, sizeof token.sid, "%s", sid.text);
    token.issued_at_s = (int64_t)issued_at_s;
    *out_token = token;
    return true;
}
