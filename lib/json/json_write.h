// Writes compact JSON into a buffer, member by member, in the order of the calls.
//
// Purity:    pure
// Ownership: value; borrows the buffer
// Errors:    those of the buffer, checked once at the end with buffer_status()
// Order:     begin and end must match; `name` is NULL inside arrays and at the top
// Source:    RFC 8259. Text must be UTF-8; '<', '>' and U+2028/9 are escaped so that the bytes may
//            stand in a script
#ifndef LOTCAST_JSON_WRITE_H
#define LOTCAST_JSON_WRITE_H

#include "lib/base/buffer.h"

struct json_writer {
    struct buffer *out;
    bool needs_comma;
};

struct json_writer json_writer_on(struct buffer *out);

void json_object_begin(struct json_writer *writer, const char *name);
void json_object_end(struct json_writer *writer);
void json_array_begin(struct json_writer *writer, const char *name);
void json_array_end(struct json_writer *writer);

void json_write_int(struct json_writer *writer, const char *name, int64_t value);
void json_write_bool(struct json_writer *writer, const char *name, bool value);
void json_write_null(struct json_writer *writer, const char *name);
void json_write_text(struct json_writer *writer, const char *name, struct bytes text);
void json_write_cstr(struct json_writer *writer, const char *name, const char *text);

// `json` must be one complete JSON value; it is copied as it is.
void json_write_raw(struct json_writer *writer, const char *name, struct bytes json);

// Appends a quoted and escaped string.
void json_quote(struct buffer *out, struct bytes text);

#endif
