#include "bridge/socketio/json_number.h"

#include <float.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    DIGITS_EXACT = 15,      // so many digits survive the way to a double and back
    DIGITS_MAX = 17,        // and so many tell any two doubles apart
    DIGITS_READ_MAX = 800,  // a point half way between two doubles has at most 767
    EXPONENT_MAX = 1000000, // far beyond what is zero or infinite
    PLAIN_POINT_MAX = 21,   // ECMA-262: 1e21 is the first with an exponent
    PLAIN_ZEROS_MAX = 6,    // and 1e-7
};

struct decimal {
    char digits[DIGITS_MAX + 1]; // d1 d2 ..., without zeros at the end
    int count;
    int point; // value = 0.d1d2... * 10^point
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

// `positive` to `digits_count` digits; false when they do not give the same value again. The
// decimal point, which a locale may choose, is passed over.
static bool decimal_of(double positive, int digits_count, struct decimal *out)
{
    char text[48];
    snprintf(text, sizeof text, "%.*e", digits_count - 1, positive);
    if (strtod(text, NULL) != positive) { // NOLINT(bugprone-unchecked-string-to-number-conversion)
        return false;
    }
    const char *at = text;
    out->count = 0;
    for (; *at != 'e'; at++) {
        if (is_digit(*at)) {
            out->digits[out->count++] = *at;
        }
    }
    while (out->count > 1 && out->digits[out->count - 1] == '0') {
        out->count--;
    }
    out->point = (int)strtol(at + 1, NULL, 10) + 1;
    return true;
}

static void append_digits(struct buffer *out, const struct decimal *decimal, int begin, int end)
{
    for (int i = begin; i < end; i++) {
        buffer_append_byte(out, i < decimal->count ? (uint8_t)decimal->digits[i] : '0');
    }
}

// ECMA-262, Number::toString.
static void append_decimal(struct buffer *out, const struct decimal *decimal)
{
    int point = decimal->point;
    if (decimal->count <= point && point <= PLAIN_POINT_MAX) {
        append_digits(out, decimal, 0, point);
    } else if (point > 0 && point <= PLAIN_POINT_MAX) {
        append_digits(out, decimal, 0, point);
        buffer_append_byte(out, '.');
        append_digits(out, decimal, point, decimal->count);
    } else if (point > -PLAIN_ZEROS_MAX && point <= 0) {
        buffer_append_text(out, "0.");
        append_digits(out, decimal, decimal->count, decimal->count - point);
        append_digits(out, decimal, 0, decimal->count);
    } else {
        append_digits(out, decimal, 0, 1);
        if (decimal->count > 1) {
            buffer_append_byte(out, '.');
            append_digits(out, decimal, 1, decimal->count);
        }
        buffer_append_text(out, point > 0 ? "e+" : "e");
        buffer_append_int64(out, point - 1);
    }
}

void json_number_write(struct buffer *out, double value)
{
    if (!(value >= -DBL_MAX && value <= DBL_MAX)) {
        buffer_append_text(out, "null"); // as JSON.stringify writes NaN and the infinities
        return;
    }
    int64_t whole;
    if (json_number_whole(value, &whole)) {
        buffer_append_int64(out, whole);
        return;
    }
    if (value < 0) {
        buffer_append_byte(out, '-');
        value = -value;
    }
    // Below the normal range fewer digits may tell a value from its neighbours.
    int digits = value < DBL_MIN ? 1 : DIGITS_EXACT;
    struct decimal decimal = {0};
    while (!decimal_of(value, digits, &decimal) && digits < DIGITS_MAX) {
        digits++;
    }
    append_decimal(out, &decimal);
}

static int64_t read_exponent(struct bytes text, size_t at)
{
    bool negative = at < text.size && text.data[at] == '-';
    int64_t exponent = 0;
    for (; at < text.size; at++) {
        if (is_digit((char)text.data[at]) && exponent < EXPONENT_MAX) {
            exponent = exponent * 10 + (text.data[at] - '0');
        }
    }
    return negative ? -exponent : exponent;
}

double json_number_read(struct bytes text)
{
    char digits[DIGITS_READ_MAX + 32];
    size_t count = 0;
    bool negative = text.size > 0 && text.data[0] == '-';
    bool behind_point = false;
    bool rest = false; // a digit other than zero did not fit: it only decides a tie
    int64_t exponent = 0;
    size_t at = negative ? 1 : 0;
    for (; at < text.size && text.data[at] != 'e' && text.data[at] != 'E'; at++) {
        char c = (char)text.data[at];
        if (c == '.') {
            behind_point = true;
            continue;
        }
        if (count > 0 || c != '0') {
            if (count < DIGITS_READ_MAX) {
                digits[count++] = c;
            } else {
                rest = rest || c != '0';
                exponent++;
            }
        }
        exponent -= behind_point ? 1 : 0;
    }
    if (count == 0) {
        return negative ? -0.0 : 0.0;
    }
    if (rest) {
        digits[count++] = '1';
        exponent--;
    }
    exponent += read_exponent(text, at + 1);
    snprintf(digits + count, sizeof digits - count, "e%lld", (long long)exponent);
    double value = strtod(digits, NULL); // NOLINT(bugprone-unchecked-string-to-number-conversion)
    return negative ? -value : value;
}

bool json_number_whole(double value, int64_t *out_value)
{
    const double max = (double)JSON_NUMBER_WHOLE_MAX;
    if (!(value >= -max && value <= max) || (double)(int64_t)value != value) {
        return false;
    }
    *out_value = (int64_t)value;
    return true;
}
