// JSON numbers as doubles, read and written as JavaScript does it, in every locale.
//
// Purity:    pure
// Errors:    none: json_number_read() must be given a valid JSON number; what is too large becomes
//            infinite, as in JavaScript
// Source:    ECMA-262, Number::toString and JSON.parse
#ifndef LOTCAST_SOCKETIO_JSON_NUMBER_H
#define LOTCAST_SOCKETIO_JSON_NUMBER_H

#include "lib/base/buffer.h"

#define JSON_NUMBER_WHOLE_MAX INT64_C(9007199254740991) // 2^53 - 1: every whole number is exact

// Appends the shortest digits that give the same value again; null for what is not finite.
void json_number_write(struct buffer *out, double value);

double json_number_read(struct bytes text);

// True when `value` is whole and its size at most JSON_NUMBER_WHOLE_MAX.
bool json_number_whole(double value, int64_t *out_value);

#endif
