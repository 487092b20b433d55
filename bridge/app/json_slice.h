// Parts of a JSON text as the bytes that stand there: for what is handed on and never re-encoded.
//
// Purity:    pure
// Ownership: slices point into the given text
// Errors:    malformed text gives "not there", never a read outside of it
// Source:    design 2: the bridge never re-encodes what it fans out
#ifndef LOTCAST_BRIDGE_JSON_SLICE_H
#define LOTCAST_BRIDGE_JSON_SLICE_H

#include "lib/base/bytes.h"

// The value of the first member of that name; data is NULL when there is none.
struct bytes json_slice_member(struct bytes object, const char *name);

// Items of an array in order; `position` is 0 at first. False at the end or when the text is
// broken.
bool json_slice_next(struct bytes array, size_t *position, struct bytes *out_item);

// A whole number, as written by our own programs.
bool json_slice_int64(struct bytes value, int64_t *out_value);

// The content of a string without escapes; false for any other value.
bool json_slice_plain_text(struct bytes value, struct bytes *out_text);

#endif
