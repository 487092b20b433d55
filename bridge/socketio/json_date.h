// Points in time as JavaScript writes them.
//
// Purity:    pure
// Units:     utc_ms milliseconds since 1970 UTC
// Source:    ECMA-262, "Time Values and Time Range", Date.prototype.toJSON and toString
#ifndef LOTCAST_SOCKETIO_JSON_DATE_H
#define LOTCAST_SOCKETIO_JSON_DATE_H

#include "lib/base/buffer.h"

#define JSON_DATE_MAX_MS INT64_C(8640000000000000)

// Appends "2026-11-25T13:53:02.934Z" with its quotes; null beyond JSON_DATE_MAX_MS.
void json_date_write(struct buffer *out, int64_t utc_ms);

// Appends "Wed Nov 25 2026 13:53:02 GMT+0000 (Coordinated Universal Time)" with its quotes; null
// beyond JSON_DATE_MAX_MS.
void json_date_write_long(struct buffer *out, int64_t utc_ms);

#endif
