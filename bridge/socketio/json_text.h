// Checks and slices JSON text without taking it apart: events pass through as they were written.
//
// Purity:    pure
// Errors:    false for anything that is not one JSON value within JSON_TEXT_DEPTH_MAX; results are
//            then untouched
// Source:    RFC 8259; placeholders: Socket.IO protocol v5, "Packet encoding"
#ifndef LOTCAST_SOCKETIO_JSON_TEXT_H
#define LOTCAST_SOCKETIO_JSON_TEXT_H

#include "lib/base/buffer.h"

enum { JSON_TEXT_DEPTH_MAX = 64 };

// True when `text` is one value. `placeholders_below` >= 0: every {"_placeholder":true} in it must
// have a whole "num" from 0 to below it; -1: placeholders are plain data.
bool json_text_is_value(struct bytes text, int64_t placeholders_below);

// `array` is a valid JSON array: its first item, and what follows the first comma (both empty when
// missing).
void json_text_first(struct bytes array, struct bytes *out_item, struct bytes *out_rest);

// `object` is a valid JSON object: the value of its last member whose name is written so; empty:
// none.
struct bytes json_text_member(struct bytes object, const char *name);

// `value` is valid JSON: appends it with the number of every placeholder raised by `shift`. (One
// inside another means nothing: the outer one stands for the whole.)
void json_text_shift_placeholders(struct bytes value, size_t shift, struct buffer *out);

// `text` is a valid JSON string: appends its content, with escapes resolved (a lone surrogate
// becomes U+FFFD).
void json_text_unescape(struct bytes text, struct buffer *out);

#endif
