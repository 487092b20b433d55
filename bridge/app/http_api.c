#include "bridge/app/http_api.h"

#include "bridge/app/http_call.h"
#include "bridge/app/http_import.h"
#include "bridge/app/http_sheet.h"
#include "bridge/app/invite.h"
#include "bridge/app/json_slice.h"
#include "bridge/app/viewer_event.h"
#include "lib/json/json_write.h"

static const struct bytes no_bytes = {NULL, 0};

// ---- answers ----

void http_api_refuse(struct auction_app *app, uint64_t exchange, enum error_code code,
                     const char *detail)
{
    http_refuse_with(app, exchange, code, detail, no_bytes, NULL);
}

void http_api_lots_page(struct auction_app *app, uint64_t exchange, struct bytes page)
{
    http_respond_json(app, exchange, 200, page);
}

// ---- results of the engine as responses ----

static void reply_invite(struct auction_app *app, const struct pending_command *pending,
                         struct bytes result)
{
    struct buffer body;
    buffer_init(&body, INVITE_RESULT_SIZE_MAX);
    invite_write_result(&body, result, pending->invite);
    http_respond_json(app, pending->exchange, 201, buffer_bytes(&body));
    buffer_release(&body);
}

// The identity of somebody who has just joined, as the engine tells it.
static bool read_joined(struct auction_app *app, const struct pending_command *pending,
                        struct bytes result, struct identity *out_identity)
{
    struct json *document;
    struct bytes id = no_bytes;
    struct bytes role = no_bytes;
    struct bytes name = no_bytes;
    if (json_parse(result, &document) != LC_OK) {
        return false;
    }
    const struct json *person = json_member(document, "participant");
    bool is_good = json_to_text(json_member(person, "id"), &id) &&
                   json_to_text(json_member(document, "role"), &role);
    if (!json_to_text(json_member(person, "name"), &name)) {
        name = no_bytes; // the sale shows paddles only
    }
    is_good = is_good && identity_read(id, bytes_text(pending->sale.text), role, name,
                                       app_wall_s(app) + app->config.token_life_s, out_identity);
    json_destroy(document);
    return is_good;
}

static void reply_join(struct auction_app *app, const struct pending_command *pending,
                       struct bytes result)
{
    struct identity identity;
    struct wire_head head = {0, 0};
    struct buffer token;
    struct buffer body;
    buffer_init(&token, TOKEN_SIZE_MAX);
    buffer_init(&body, 2 * TOKEN_SIZE_MAX);
    bool is_good =
        read_joined(app, pending, result, &identity) && engine_result_head(result, &head) &&
        app->outside->token_make(app->outside->context, &identity, app_wall_s(app), &token) ==
            LC_OK;
    if (is_good) {
        struct json_writer writer = json_writer_on(&body);
        json_object_begin(&writer, NULL);
        json_write_bool(&writer, "ok", true);
        json_write_int(&writer, "seq", head.seq);
        json_write_int(&writer, "epoch", head.epoch);
        json_write_text(&writer, "token", buffer_bytes(&token));
        json_write_raw(&writer, "participant", json_slice_member(result, "participant"));
        json_write_cstr(&writer, "role", role_name(identity.role));
        json_object_end(&writer);
    }
    if (is_good && buffer_status(&body) == LC_OK) {
        http_respond_json(app, pending->exchange, 200, buffer_bytes(&body));
    } else {
        http_api_refuse(app, pending->exchange, ERROR_INTERNAL, NULL);
    }
    buffer_release(&token);
    buffer_release(&body);
}

void http_api_reply(struct auction_app *app, const struct pending_command *pending,
                    struct bytes result, enum error_code code)
{
    if (code != ERROR_NONE) {
        int status = error_code_http_status(code);
        http_sheet_forget(app, pending->exchange);
        if (pending->shape == SHAPE_LIST_CSV) {
            http_import_refused(app, pending->exchange, result, code);
            return;
        }
        http_respond(app, pending->exchange, status, "application/json", result,
                     http_headers_of(code));
        return;
    }
    switch (pending->shape) {
    case SHAPE_RESULT:
    case SHAPE_LIST_CSV:
        http_respond_json(app, pending->exchange, 200, result);
        break;
    case SHAPE_CREATED:
        http_respond_json(app, pending->exchange, 201, result);
        break;
    case SHAPE_INVITE:
        reply_invite(app, pending, result);
        break;
    case SHAPE_JOIN:
        reply_join(app, pending, result);
        break;
    case SHAPE_RESULTS_CSV:
    case SHAPE_DEFINITION:
        http_sheet_reply(app, pending->exchange, result);
        break;
    }
}

// ---- requests ----

static void list_sales(const struct http_call *call)
{
    struct engine_request request = http_call_request(call, OPERATION_LIST, SHAPE_RESULT);
    if (!call->identity.is_for_all_sales) {
        request.role = ROLE_VIEWER;
        request.by = (struct participant_id){.text = ""};
    }
    http_call_send(call, &request);
}

static void create_invite(const struct http_call *call)
{
    struct invite_wish wish;
    struct json *body =
        http_call_may_command(call, &call->target.sale) ? http_call_body(call) : NULL;
    if (body == NULL) {
        return;
    }
    const char *why = invite_read(body, &wish);
    json_destroy(body);
    if (why != NULL) {
        http_call_refuse(call, ERROR_BAD_REQUEST, why);
        return;
    }
    struct engine_request request = http_call_request(call, OPERATION_CREATE_INVITE, SHAPE_INVITE);
    struct buffer members;
    buffer_init(&members, INVITE_MEMBERS_SIZE_MAX);
    if (invite_prepare(call->app, &wish, &request, &members)) {
        http_call_send(call, &request);
    } else {
        http_call_refuse(call, ERROR_ENGINE_OFFLINE, NULL);
    }
    buffer_release(&members);
}

static bool is_name(struct bytes name)
{
    bool has_sign = false;
    for (size_t i = 0; i < name.size; i++) {
        if (name.data[i] < 0x20 || name.data[i] == 0x7F) {
            return false;
        }
        has_sign = has_sign || name.data[i] != ' ';
    }
    return has_sign && name.size <= NAME_SIZE_MAX && bytes_is_utf8(name);
}

static void join_sale(const struct http_call *call)
{
    struct bytes invite;
    struct bytes name;
    char hash[65];
    struct engine_request request = http_call_request(call, OPERATION_JOIN, SHAPE_JOIN);
    struct json *body = http_call_body(call);
    if (body == NULL) {
        return;
    }
    request.by = (struct participant_id){.text = ""};
    request.role = ROLE_NONE;
    if (!json_to_text(json_member(body, "invite"), &invite) || invite.size == 0 ||
        invite.size > INVITE_SIZE_MAX) {
        http_call_refuse(call, ERROR_INVITE_INVALID, NULL);
    } else if (!json_to_text(json_member(body, "name"), &name) || !is_name(name)) {
        http_call_refuse(call, ERROR_BAD_REQUEST, "name must be 1 to 60 bytes of text");
    } else if (http_call_id(call, body, true, &request.id)) {
        struct buffer members;
        buffer_init(&members, 1024);
        call->app->outside->sha256_hex(call->app->outside->context, invite, hash);
        struct json_writer writer = json_writer_on(&members);
        json_object_begin(&writer, NULL);
        json_write_cstr(&writer, "invite_hash", hash);
        json_write_text(&writer, "name", name);
        json_object_end(&writer);
        request.members = buffer_bytes(&members);
        http_call_send(call, &request);
        buffer_release(&members);
    }
    json_destroy(body);
}

static void run_command(const struct http_call *call)
{
    struct bytes op;
    enum operation operation;
    struct json *body =
        http_call_may_command(call, &call->target.sale) ? http_call_body(call) : NULL;
    if (body == NULL) {
        return;
    }
    struct command_id id = {.text = ""};
    if (!json_to_text(json_member(body, "op"), &op)) {
        http_call_refuse(call, ERROR_BAD_REQUEST, "op must be a text");
    } else if (!operation_of_http(op, &operation)) {
        http_call_refuse(call, ERROR_UNKNOWN_OP, NULL);
    } else if (http_call_id(call, body, operation_needs_id(operation), &id)) {
        struct engine_request request = http_call_request(call, operation, SHAPE_RESULT);
        struct buffer members;
        buffer_init(&members, WIRE_COMMAND_SIZE_MAX);
        viewer_event_copy_members(body, "sale", &members);
        request.id = id;
        request.members = buffer_bytes(&members);
        if (buffer_status(&members) == LC_OK) {
            http_call_send(call, &request);
        } else {
            http_call_refuse(call, ERROR_PAYLOAD_TOO_LARGE, NULL);
        }
        buffer_release(&members);
    }
    json_destroy(body);
}

// ---- views ----

static void send_view(const struct http_call *call, const struct room_waiter *wish)
{
    enum http_route route = call->target.route;
    char members[160] = "{}";
    enum operation operation = OPERATION_SNAPSHOT;
    enum response_shape shape = SHAPE_RESULT;
    if (route == ROUTE_EVENTS) {
        operation = OPERATION_REPLAY;
        snprintf(members, sizeof members, "{\"from\":%lld,\"limit\":%lld}", (long long)wish->from,
                 (long long)wish->limit);
    } else if (route == ROUTE_RESULTS_JSON || route == ROUTE_RESULTS_CSV) {
        operation = OPERATION_RESULTS;
        shape = route == ROUTE_RESULTS_CSV ? SHAPE_RESULTS_CSV : SHAPE_RESULT;
        snprintf(members, sizeof members, "{\"page\":%lld}", (long long)wish->page);
    }
    struct engine_request request = http_call_request(call, operation, shape);
    if (shape == SHAPE_RESULTS_CSV) {
        request.pending.kind = PENDING_HTTP;
        request.pending.exchange = call->request->exchange;
        http_sheet_begin(call->app, &request);
        return;
    }
    request.members = bytes_text(members);
    http_call_send(call, &request);
}

void http_api_view(struct auction_app *app, const struct room_waiter *waiter)
{
    struct http_request request = {.exchange = waiter->exchange};
    struct http_call call = {
        .app = app, .request = &request, .target = waiter->target, .identity = waiter->identity};
    send_view(&call, waiter);
}

static bool read_number(const struct http_call *call, const char *name, int64_t min, int64_t max,
                        int64_t *out_value)
{
    struct bytes text;
    uint64_t value;
    if (!http_query_value(call->request->query, name, &text)) {
        return true;
    }
    if (!bytes_to_uint64(text, (uint64_t)max, &value) || (int64_t)value < min) {
        char detail[80];
        snprintf(detail, sizeof detail, "%s must be a whole number from %lld to %lld", name,
                 (long long)min, (long long)max);
        http_call_refuse(call, ERROR_BAD_REQUEST, detail);
        return false;
    }
    *out_value = (int64_t)value;
    return true;
}

static void view(const struct http_call *call)
{
    const struct sale_id *sale = &call->target.sale;
    bool is_lots = call->target.route == ROUTE_LOTS_PAGE;
    struct room_waiter waiter = {.kind = is_lots ? WAITER_LOTS : WAITER_VIEW,
                                 .exchange = call->request->exchange,
                                 .identity = call->identity,
                                 .target = call->target,
                                 .from = 1,
                                 .limit = REPLAY_PAGE_EVENTS};
    if (!read_number(call, "from", 1, INT64_C(1) << 53, &waiter.from) ||
        !read_number(call, "limit", 1, REPLAY_PAGE_EVENTS, &waiter.limit) ||
        !read_number(call, "page", 0, LOTS_PAGES_MAX - 1, &waiter.page)) {
        return;
    }
    if (!is_lots && identity_may_view(&call->identity, sale, false) == ERROR_NONE) {
        send_view(call, &waiter);
        return;
    }
    struct sale_room *room = sale_room_open(call->app, sale);
    enum error_code code = room == NULL ? ERROR_TOO_MANY : sale_room_wait(room, &waiter);
    if (code != ERROR_NONE) {
        http_call_refuse(call, code, NULL);
    }
}

static void read_receipt(const struct http_call *call)
{
    char members[COMMAND_ID_SIZE_MAX + 32];
    if (http_call_may_command(call, &call->target.sale)) {
        struct engine_request request = http_call_request(call, OPERATION_RECEIPT, SHAPE_RESULT);
        snprintf(members, sizeof members, "{\"receipt\":\"%s\"}", call->target.receipt.text);
        request.members = bytes_text(members);
        http_call_send(call, &request);
    }
}

static void metrics(const struct http_call *call)
{
    struct auction_app *app = call->app;
    struct metrics_gauges gauges = {.broker_connected = app->is_connected,
                                    .engine_alive = auction_app_engine_is_alive(app),
                                    .rooms = app->rooms_count,
                                    .viewers = app->viewers_count,
                                    .pending = pending_commands_count(app->pending)};
    struct buffer text;
    buffer_init(&text, RESPONSE_SIZE_MAX);
    socketio_server_counts(app->server, &gauges.socketio);
    metrics_write(&app->metrics, &gauges, &text);
    if (app->outside->write_metrics != NULL) {
        app->outside->write_metrics(app->outside->context, &text);
    }
    http_respond(app, call->request->exchange, 200, "text/plain; version=0.0.4; charset=utf-8",
                 buffer_bytes(&text), "Cache-Control: no-store\r\n");
    buffer_release(&text);
}

static void file(const struct http_call *call)
{
    const struct outside *outside = call->app->outside;
    enum error_code code = outside->serve_file(outside->context, call->request);
    if (code != ERROR_NONE) {
        http_call_refuse(call, code, NULL);
    }
}

static void run(const struct http_call *call)
{
    struct auction_app *app = call->app;
    switch (call->target.route) {
    case ROUTE_HEALTH:
        http_respond_json(app, call->request->exchange, 200, bytes_text("{\"ok\":true}"));
        break;
    case ROUTE_READY:
        app->outside->answer_readiness(app->outside->context, call->request->exchange);
        break;
    case ROUTE_METRICS:
        metrics(call);
        break;
    case ROUTE_SALE_CREATE:
        http_import_sale(call);
        break;
    case ROUTE_SALE_LIST:
        list_sales(call);
        break;
    case ROUTE_LOTS_ADD:
        http_import_list(call, LIST_CSV_LOTS);
        break;
    case ROUTE_PARTICIPANTS_ADD:
        http_import_list(call, LIST_CSV_PARTICIPANTS);
        break;
    case ROUTE_DEFINITION:
        http_export_definition(call);
        break;
    case ROUTE_INVITE:
        create_invite(call);
        break;
    case ROUTE_JOIN:
        join_sale(call);
        break;
    case ROUTE_COMMAND:
        run_command(call);
        break;
    case ROUTE_SALE_SNAPSHOT:
    case ROUTE_LOTS_PAGE:
    case ROUTE_EVENTS:
    case ROUTE_RESULTS_JSON:
    case ROUTE_RESULTS_CSV:
        view(call);
        break;
    case ROUTE_RECEIPT:
        read_receipt(call);
        break;
    case ROUTE_FILE:
        file(call);
        break;
    }
}

// The identity that the Authorization header proves: anonymous without one.
static enum error_code authenticate(struct auction_app *app, struct bytes authorization,
                                    struct identity *out_identity)
{
    *out_identity = identity_anonymous();
    if (authorization.size == 0) {
        return ERROR_NONE;
    }
    if (!http_starts_with_word(authorization, "bearer ")) {
        return ERROR_UNAUTHENTICATED;
    }
    return app->outside->token_read(app->outside->context,
                                    bytes_from(authorization, strlen("Bearer ")), app_wall_s(app),
                                    out_identity);
}

static bool is_open_to_all(enum http_route route)
{
    return route == ROUTE_FILE || route == ROUTE_HEALTH || route == ROUTE_READY ||
           route == ROUTE_METRICS;
}

void http_api_request(struct auction_app *app, const struct http_request *request)
{
    const char *allowed = "";
    struct http_call call = {.app = app, .request = request, .identity = identity_anonymous()};
    enum error_code code = http_router_find(request->method, request->path, &call.target, &allowed);
    if (code == ERROR_METHOD_NOT_ALLOWED) {
        char headers[80];
        snprintf(headers, sizeof headers, "Allow: %s\r\n", allowed);
        http_refuse_with(app, request->exchange, code, NULL, no_bytes, headers);
        return;
    }
    if (code == ERROR_NONE && !is_open_to_all(call.target.route)) {
        code = authenticate(app, request->authorization, &call.identity);
        if (code != ERROR_NONE) {
            call.identity = identity_anonymous();
        }
        // Counted also when the token is bad: guessing is not free.
        bool is_allowed = app_allows_request(app, &call.identity, request->address);
        code = is_allowed ? code : ERROR_RATE_LIMITED;
    }
    if (code != ERROR_NONE) {
        http_call_refuse(&call, code, NULL);
        return;
    }
    run(&call);
}

void auction_app_request(struct auction_app *app, const struct http_request *request)
{
    http_api_request(app, request);
}
