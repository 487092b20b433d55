// Reads JSON documents that others have sent: strict where it matters, bounded in depth.
//
// Purity:    pure (allocates)
// Ownership: json_parse() gives a document that the caller ends with json_destroy(); every other
//            result is borrowed from it
// Errors:    json_parse: LC_ERR_BAD_INPUT (not JSON, trailing bytes, not UTF-8, a control character
//            or \u0000 in a string, nested deeper than JSON_DEPTH_MAX), LC_ERR_NO_MEMORY. Of two
//            members of one name the first counts. json_to_*: false, result untouched, when the
//            value is absent (NULL) or of another type
// Source:    RFC 8259; numbers within the exact range of RFC 7493 (2^53 - 1)
#ifndef LOTCAST_JSON_READ_H
#define LOTCAST_JSON_READ_H

#include "lib/base/bytes.h"
#include "lib/base/status.h"

enum { JSON_DEPTH_MAX = 32 };
#define JSON_INTEGER_MAX INT64_C(9007199254740991)

struct json; // one value of a document

LC_MUST_CHECK enum lc_status json_parse(struct bytes text, struct json **out_document);
void json_destroy(struct json *document);

// The member `name` of an object; NULL when `value` is NULL or no object, or has no such member.
const struct json *json_member(const struct json *value, const char *name);

// Items of an array, or members of an object, in order; NULL at the end or when `value` is neither.
const struct json *json_first(const struct json *value);
const struct json *json_next(const struct json *item);
size_t json_count(const struct json *value);

// Name under which a value stands in its object; "" in an array.
const char *json_name(const struct json *value);

bool json_is_null(const struct json *value); // present and null
bool json_is_object(const struct json *value);
bool json_is_array(const struct json *value);
bool json_is_text(const struct json *value);
bool json_is_number(const struct json *value);

// Only whole numbers of at most JSON_INTEGER_MAX in size: 1.5, 1e300 and "7" are refused, 1e2 is
// 100.
bool json_to_int64(const struct json *value, int64_t *out_value);
bool json_to_text(const struct json *value, struct bytes *out_text);
bool json_to_bool(const struct json *value, bool *out_value);

struct buffer;

// Appends a value as compact JSON again.
void json_print(const struct json *value, struct buffer *out);

#endif
