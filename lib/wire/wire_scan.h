// Reads the fixed start of a payload that our own writers made, byte by byte and without a parser:
// for the hot paths.
//
// Purity:    pure
// Ownership: value; borrows the payload
// Errors:    each step is false, and the scan stays where it was, when the bytes are not exactly
//            that
#ifndef LOTCAST_WIRE_SCAN_H
#define LOTCAST_WIRE_SCAN_H

#include "lib/wire/message.h"

struct wire_scan {
    struct bytes rest;
};

bool wire_scan_literal(struct wire_scan *scan, const char *literal);

// A whole number from 0 to JSON_INTEGER_MAX without leading zeros.
bool wire_scan_number(struct wire_scan *scan, int64_t *out_value);

// A quoted text without escapes of at most `size_max` bytes.
bool wire_scan_plain_text(struct wire_scan *scan, size_t size_max, struct bytes *out_text);

// `{"seq":N,"epoch":M`; what follows is a comma or the end of the object.
bool wire_scan_head(struct wire_scan *scan, struct wire_head *out_head);

// True when `text` is UTF-8 and from its first to its last byte one object or array with matching
// brackets and closed strings.
bool wire_scan_is_enclosed(struct bytes text);

#endif
