// The HTTP API: requests into commands, results into responses.
//
// Order:  every request is answered exactly once
// Source: docs/PROTOCOL.md, HTTP
#ifndef LOTCAST_BRIDGE_HTTP_API_H
#define LOTCAST_BRIDGE_HTTP_API_H

#include "bridge/app/app_state.h"

void http_api_request(struct auction_app *app, const struct http_request *request);

// The engine has answered a command of an exchange.
void http_api_reply(struct auction_app *app, const struct pending_command *pending,
                    struct bytes result, enum error_code code);
// A room has what a waiting request needs.
void http_api_view(struct auction_app *app, const struct room_waiter *waiter);
void http_api_lots_page(struct auction_app *app, uint64_t exchange, struct bytes page);

void http_api_refuse(struct auction_app *app, uint64_t exchange, enum error_code code,
                     const char *detail);

#endif
