// Polling through script elements: bodies out as a call of a function, bodies in as a form.
//
// Purity:    pure
// Errors:    jsonp_read_form: LC_ERR_BAD_INPUT when the form has no field `d`; LC_ERR_FULL as of the
//            buffer
// Source:    Engine.IO protocol v3, JSONP; ECMA-262 before 2019 ends a string at U+2028 and U+2029
#ifndef LOTCAST_ENGINEIO_JSONP_H
#define LOTCAST_ENGINEIO_JSONP_H

#include "lib/base/buffer.h"

// Appends `___eio[<index>]("<body>");`. `index` comes from the client: only its digits are written.
void jsonp_append(struct buffer *out, struct bytes index, struct bytes body);

// Appends the inside of a string literal that both JSON and JavaScript read.
void jsonp_append_escaped(struct buffer *out, struct bytes text);

// Appends the payload of a form that the client has sent: field `d`, form-encoded, in which a
// newline stands as `\n`, and a `\n` of the payload as `\\n`.
LC_MUST_CHECK enum lc_status jsonp_read_form(struct bytes form, struct buffer *out);

#endif
