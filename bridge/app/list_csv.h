// Lots and participants from a spreadsheet: RFC 4180 in, the array of a command out; all or nothing.
//
// Purity:    pure
// Errors:    what is wrong, in which row (the header is row 1) and column; nothing is written then.
//            What several rows or the sale's rules say together the engine checks: row is the
//            item's position + 2, for rows can't be empty in between
// Source:    docs/PROTOCOL.md (CSV of lots, CSV of participants), RFC 4180
#ifndef LOTCAST_BRIDGE_LIST_CSV_H
#define LOTCAST_BRIDGE_LIST_CSV_H

#include "bridge/app/app_limits.h"
#include "lib/base/buffer.h"

enum list_csv_kind { LIST_CSV_LOTS, LIST_CSV_PARTICIPANTS };

struct list_csv_error {
    const char *why;
    size_t row;      // from 1
    char column[33]; // name of the column, or "" for the whole row
};

// Appends `[{"id":...,"title":...},...]`. False: `out_error` says why, `out` is as it was.
bool list_csv_read(enum list_csv_kind kind, struct bytes csv, struct buffer *out,
                   struct list_csv_error *out_error);

// Row and column of an engine's detail such as "lots[12].rules.format"; false when it names no item.
bool list_csv_place(struct bytes detail, struct list_csv_error *out_error);

#endif
