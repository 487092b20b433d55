// Comma-separated lists and tokens, of which many header fields are made.
//
// Purity:    pure
// Ownership: views into the caller's text
// Source:    RFC 9110 sections 5.6.1, 5.6.2, 5.6.3
#ifndef LOTCAST_HTTP_LIST_H
#define LOTCAST_HTTP_LIST_H

#include "lib/base/bytes.h"

// Moves to the next item that is not empty, without the space around it; false at the end.
bool http_list_next(struct bytes *list, char separator, struct bytes *out_item);

struct bytes http_trim(struct bytes text); // of spaces and tabs

bool http_is_token_char(uint8_t c);
// Compares without case, as tokens are.
bool http_equals(struct bytes text, const char *token);

#endif
