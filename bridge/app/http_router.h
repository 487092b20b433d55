// Which route a method and a path mean.
//
// Purity: pure
// Source: docs/PROTOCOL.md, HTTP
#ifndef LOTCAST_BRIDGE_HTTP_ROUTER_H
#define LOTCAST_BRIDGE_HTTP_ROUTER_H

#include "lib/base/error_code.h"
#include "lib/base/id.h"

enum http_route {
    ROUTE_HEALTH,
    ROUTE_READY,
    ROUTE_METRICS,
    ROUTE_SALE_CREATE,
    ROUTE_SALE_LIST,
    ROUTE_SALE_SNAPSHOT,
    ROUTE_LOTS_ADD,
    ROUTE_LOTS_PAGE,
    ROUTE_INVITE,
    ROUTE_JOIN,
    ROUTE_COMMAND,
    ROUTE_EVENTS,
    ROUTE_RESULTS_JSON,
    ROUTE_RESULTS_CSV,
    ROUTE_RECEIPT,
    ROUTE_PARTICIPANTS_ADD,
    ROUTE_DEFINITION,
    ROUTE_FILE, // a page, an asset, or the client bundle
};

struct http_target {
    enum http_route route;
    struct sale_id sale;
    struct command_id receipt;
};

// NONE, NOT_FOUND, or METHOD_NOT_ALLOWED with the methods that the address takes.
enum error_code http_router_find(struct bytes method, struct bytes path,
                                 struct http_target *out_target, const char **out_allowed);

// The value of `name` in a raw query, not percent-decoded; false when it is not there.
bool http_query_value(struct bytes query, const char *name, struct bytes *out_value);

#endif
