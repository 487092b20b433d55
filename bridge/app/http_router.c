#include "bridge/app/http_router.h"

struct row {
    const char *method;
    const char *path; // of one sale: what follows /api/sales/{sale}
    enum http_route route;
};

static const struct row plain_rows[] = {
    {"GET", "/healthz", ROUTE_HEALTH},      {"GET", "/readyz", ROUTE_READY},
    {"GET", "/metrics", ROUTE_METRICS},     {"POST", "/api/sales", ROUTE_SALE_CREATE},
    {"GET", "/api/sales", ROUTE_SALE_LIST},
};

static const struct row sale_rows[] = {
    {"GET", "", ROUTE_SALE_SNAPSHOT},
    {"POST", "/lots", ROUTE_LOTS_ADD},
    {"GET", "/lots", ROUTE_LOTS_PAGE},
    {"POST", "/invites", ROUTE_INVITE},
    {"POST", "/join", ROUTE_JOIN},
    {"POST", "/commands", ROUTE_COMMAND},
    {"POST", "/participants", ROUTE_PARTICIPANTS_ADD},
    {"GET", "/definition.json", ROUTE_DEFINITION},
    {"GET", "/events", ROUTE_EVENTS},
    {"GET", "/results.json", ROUTE_RESULTS_JSON},
    {"GET", "/results.csv", ROUTE_RESULTS_CSV},
};

static enum error_code find_row(const struct row *rows, size_t count, struct bytes method,
                                struct bytes path, enum http_route *out_route,
                                const char **out_allowed)
{
    bool has_get = false;
    bool has_post = false;
    for (size_t i = 0; i < count; i++) {
        if (!bytes_equal_text(path, rows[i].path)) {
            continue;
        }
        if (bytes_equal_text(method, rows[i].method)) {
            *out_route = rows[i].route;
            return ERROR_NONE;
        }
        bool is_post = strcmp(rows[i].method, "POST") == 0;
        has_post = has_post || is_post;
        has_get = has_get || !is_post;
    }
    if (!has_get && !has_post) {
        return ERROR_NOT_FOUND;
    }
    *out_allowed = has_get && has_post ? "GET, HEAD, POST" : has_get ? "GET, HEAD" : "POST";
    return ERROR_METHOD_NOT_ALLOWED;
}

static enum error_code find_in_sale(struct bytes method, struct bytes below,
                                    struct http_target *target, const char **out_allowed)
{
    size_t slash = bytes_find(below, '/', 0);
    struct bytes rest = bytes_from(below, slash);
    struct bytes receipts = bytes_text("/receipts/");
    if (!sale_id_read((struct bytes){below.data, slash}, &target->sale)) {
        return ERROR_NOT_FOUND;
    }
    if (bytes_starts_with(rest, receipts)) {
        if (!command_id_read(bytes_from(rest, receipts.size), &target->receipt)) {
            return ERROR_NOT_FOUND;
        }
        if (!bytes_equal_text(method, "GET")) {
            *out_allowed = "GET, HEAD";
            return ERROR_METHOD_NOT_ALLOWED;
        }
        target->route = ROUTE_RECEIPT;
        return ERROR_NONE;
    }
    return find_row(sale_rows, sizeof sale_rows / sizeof sale_rows[0], method, rest, &target->route,
                    out_allowed);
}

enum error_code http_router_find(struct bytes method, struct bytes path,
                                 struct http_target *out_target, const char **out_allowed)
{
    struct http_target target = {.route = ROUTE_FILE};
    struct bytes sales = bytes_text("/api/sales/");
    struct bytes bundle = bytes_text("/api/socket.io/");
    enum error_code code = find_row(plain_rows, sizeof plain_rows / sizeof plain_rows[0], method,
                                    path, &target.route, out_allowed);
    if (code == ERROR_NOT_FOUND && bytes_starts_with(path, sales)) {
        code = find_in_sale(method, bytes_from(path, sales.size), &target, out_allowed);
    } else if (code == ERROR_NOT_FOUND &&
               (bytes_starts_with(path, bundle) || (!bytes_starts_with(path, bytes_text("/api/")) &&
                                                    !bytes_equal_text(path, "/api")))) {
        code = ERROR_NONE;
        if (!bytes_equal_text(method, "GET")) {
            *out_allowed = "GET, HEAD";
            code = ERROR_METHOD_NOT_ALLOWED;
        }
    }
    if (code == ERROR_NONE) {
        *out_target = target;
    }
    return code;
}

bool http_query_value(struct bytes query, const char *name, struct bytes *out_value)
{
    size_t at = 0;
    while (at < query.size) {
        size_t end = bytes_find(query, '&', at);
        size_t equals = bytes_find(query, '=', at);
        if (equals < end && bytes_equal_text((struct bytes){query.data + at, equals - at}, name)) {
            *out_value = (struct bytes){query.data + equals + 1, end - equals - 1};
            return true;
        }
        at = end + 1;
    }
    return false;
}
