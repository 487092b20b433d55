// Lots from a spreadsheet: RFC 4180 in, the `lots` array of a command out; all or nothing.
//
// Purity:    pure
// Errors:    what is wrong, in which row (the header is row 1) and column; nothing is written then
// Source:    docs/PROTOCOL.md (CSV of lots), RFC 4180
#ifndef LOTCAST_BRIDGE_LOTS_CSV_H
#define LOTCAST_BRIDGE_LOTS_CSV_H

#include "bridge/app/app_limits.h"
#include "lib/base/buffer.h"

struct lots_csv_error {
    const char *why;
    size_t row;      // from 1
    char column[33]; // name of the column, or "" for the whole row
};

// Appends `[{"id":...,"title":...},...]`. False: `out_error` says why, `out` is as it was.
bool lots_csv_read(struct bytes csv, struct buffer *out, struct lots_csv_error *out_error);

#endif
