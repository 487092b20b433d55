// Parameters of a URL's query, or of a form.
//
// Purity:    pure
// Source:    WHATWG URL, application/x-www-form-urlencoded; of two parameters of one name the last
//            counts, as the reference server has it
#ifndef LOTCAST_ENGINEIO_QUERY_H
#define LOTCAST_ENGINEIO_QUERY_H

#include "lib/base/buffer.h"

// Writes the decoded value of `name`, cut to `size_max` bytes, to `out_value`, and returns its full
// size; 0 when there is none. A value that does not fit is so never mistaken for a shorter one:
// compare the size.
size_t query_value(struct bytes query, const char *name, char *out_value, size_t size_max);

// The parameter is there, with or without a value.
bool query_has(struct bytes query, const char *name);

// Appends the decoded value; false when there is no parameter of that name.
bool query_append_value(struct bytes query, const char *name, struct buffer *out);

#endif
