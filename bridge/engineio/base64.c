#include "bridge/engineio/base64.h"

static const char STANDARD[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char URL[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

size_t base64_size(size_t size)
{
    return (size + 2) / 3 * 4;
}

// Writes the four characters of up to three bytes.
static void encode_group(const uint8_t *data, size_t size, const char *alphabet, char out[4])
{
    uint32_t bits = (uint32_t)data[0] << 16;
    bits |= size > 1 ? (uint32_t)data[1] << 8 : 0;
    bits |= size > 2 ? (uint32_t)data[2] : 0;
    out[0] = alphabet[bits >> 18];
    out[1] = alphabet[(bits >> 12) & 63];
    out[2] = size > 1 ? alphabet[(bits >> 6) & 63] : '=';
    out[3] = size > 2 ? alphabet[bits & 63] : '=';
}

void base64_append(struct buffer *out, struct bytes data)
{
    for (size_t at = 0; at < data.size; at += 3) {
        char group[4];
        encode_group(data.data + at, data.size - at, STANDARD, group);
        buffer_append(out, bytes_of(group, sizeof group));
    }
}

void base64url_write(struct bytes data, char *out_text)
{
    LC_ASSERT(data.size % 3 == 0);
    for (size_t at = 0; at < data.size; at += 3) {
        encode_group(data.data + at, 3, URL, out_text + at / 3 * 4);
    }
}

static int value_of(uint8_t c)
{
    if (c >= 'A' && c <= 'Z') {
        return c - 'A';
    } else if (c >= 'a' && c <= 'z') {
        return c - 'a' + 26;
    } else if (c >= '0' && c <= '9') {
        return c - '0' + 52;
    }
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

static bool is_base64(struct bytes text)
{
    for (size_t i = 0; i < text.size; i++) {
        if (value_of(text.data[i]) < 0) {
            return false;
        }
    }
    size_t rest = text.size % 4;
    if (rest == 1) {
        return false;
    }
    // The bits behind the last whole byte must be zero: one spelling for each content.
    int last = text.size > 0 ? value_of(text.data[text.size - 1]) : 0;
    return rest == 0 || (rest == 2 ? (last & 15) == 0 : (last & 3) == 0);
}

enum lc_status base64_decode(struct bytes text, struct buffer *out)
{
    if (text.size > 0 && text.size % 4 == 0) { // padding only completes a group of four
        size_t padding = 0;
        while (padding < 2 && text.data[text.size - 1 - padding] == '=') {
            padding++;
        }
        text.size -= padding;
    }
    if (!is_base64(text)) {
        return LC_ERR_BAD_INPUT;
    }
    uint32_t bits = 0;
    for (size_t i = 0; i < text.size; i++) {
        bits = bits << 6 | (uint32_t)value_of(text.data[i]);
        size_t in_group = i % 4;
        if (in_group > 0) {
            buffer_append_byte(out, (uint8_t)(bits >> (6 - 2 * in_group)));
        }
    }
    return buffer_status(out);
}
