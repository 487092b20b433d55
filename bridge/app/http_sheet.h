// Documents of many pages as one: results.csv and definition.json, asked of the engine page by page.
//
// Ownership: sheets under way belong to the application
// Order:     the exchange is answered once, when the last page is there or one is refused. Lists of
//            a sale only grow, so that pages of different moments fit together
// Source:    docs/PROTOCOL.md (results, export_definition), HTTP
#ifndef LOTCAST_BRIDGE_HTTP_SHEET_H
#define LOTCAST_BRIDGE_HTTP_SHEET_H

#include "bridge/app/app_state.h"
#include "bridge/app/engine_request.h"

// `request` asks for results or a definition, by its shape; who asks and the sale are taken from it.
void http_sheet_begin(struct auction_app *app, const struct engine_request *request);
// The engine has answered for a page of this exchange.
void http_sheet_reply(struct auction_app *app, uint64_t exchange, struct bytes result);
// It has refused, or not answered: the sheet is given up.
void http_sheet_forget(struct auction_app *app, uint64_t exchange);
void http_sheet_forget_all(struct auction_app *app);

#endif
