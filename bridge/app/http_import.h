// What comes into the engine as a whole, and goes out of it: sales, lists of lots and participants.
//
// Order:  as http_call.h
// Source: docs/PROTOCOL.md, HTTP and Imports
#ifndef LOTCAST_BRIDGE_HTTP_IMPORT_H
#define LOTCAST_BRIDGE_HTTP_IMPORT_H

#include "bridge/app/http_call.h"
#include "bridge/app/list_csv.h"

void http_import_sale(const struct http_call *call);
void http_import_list(const struct http_call *call, enum list_csv_kind kind);
// The engine has refused a list that came as CSV.
void http_import_refused(struct auction_app *app, uint64_t exchange, struct bytes result,
                         enum error_code code);
void http_export_definition(const struct http_call *call);

#endif
