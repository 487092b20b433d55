#include "bridge/app/http_import.h"

#include "bridge/app/http_sheet.h"
#include "bridge/app/import.h"
#include "bridge/app/json_slice.h"

static const struct {
    const char *name; // of the member, and of what it holds
    enum operation operation;
    size_t items_max;
    const char *not_a_list;
    const char *too_many;
} lists[] = {
    [LIST_CSV_LOTS] = {"lots", OPERATION_ADD_LOTS, LIST_LOTS_MAX, "lots must be an array",
                       "at most 10000 lots in one request"},
    [LIST_CSV_PARTICIPANTS] = {"participants", OPERATION_ADD_PARTICIPANTS, LIST_PARTICIPANTS_MAX,
                               "participants must be an array",
                               "at most 5000 participants in one request"},
};

// Sends `{"name":value}` on, in parts when it is large.
static void send_member(const struct http_call *call, struct engine_request *request,
                        const char *name, struct bytes value, struct bytes head)
{
    struct buffer members;
    buffer_init(&members, IMPORT_SIZE_MAX);
    buffer_append_format(&members, "{\"%s\":", name);
    buffer_append(&members, value);
    buffer_append_byte(&members, '}');
    request->members = buffer_bytes(&members);
    request->pending.kind = PENDING_HTTP;
    request->pending.exchange = call->request->exchange;
    enum error_code code = buffer_status(&members) == LC_OK ? import_send(call->app, request, head)
                                                            : ERROR_PAYLOAD_TOO_LARGE;
    if (code != ERROR_NONE) {
        metrics_command(&call->app->metrics, request->pending.operation, code, 0);
        http_call_refuse(call, code, NULL);
    }
    buffer_release(&members);
}

void http_import_sale(const struct http_call *call)
{
    struct bytes id;
    struct sale_id sale;
    char head[ID_SIZE_MAX + 32];
    struct json *body = http_call_may_command(call, NULL) ? http_call_body(call) : NULL;
    if (body == NULL) {
        return;
    }
    struct engine_request request = http_call_request(call, OPERATION_CREATE, SHAPE_CREATED);
    bool has_id = json_to_text(json_member(body, "id"), &id) && sale_id_read(id, &sale);
    json_destroy(body);
    if (!has_id) {
        http_call_refuse(call, ERROR_BAD_DEFINITION, "id must be 1 to 32 of [A-Za-z0-9_-]");
    } else if (http_call_may_command(call, &sale)) {
        snprintf(head, sizeof head, "\"sale\":{\"id\":\"%s\"}", sale.text);
        send_member(call, &request, "sale", call->request->body, bytes_text(head));
    }
}

static void import_csv(const struct http_call *call, enum list_csv_kind kind)
{
    struct list_csv_error error;
    struct bytes id_text;
    struct buffer list;
    struct engine_request request = http_call_request(call, lists[kind].operation, SHAPE_LIST_CSV);
    if (http_query_value(call->request->query, "id", &id_text) &&
        !command_id_read(id_text, &request.id)) {
        http_call_refuse(call, ERROR_BAD_REQUEST, "id must be 1 to 64 of [A-Za-z0-9_-]");
        return;
    }
    buffer_init(&list, IMPORT_SIZE_MAX);
    if (list_csv_read(kind, call->request->body, &list, &error)) {
        send_member(call, &request, lists[kind].name, buffer_bytes(&list), bytes_text(""));
    } else {
        char facts[96];
        snprintf(facts, sizeof facts, "\"row\":%zu,\"column\":\"%s\"", error.row, error.column);
        http_refuse_with(call->app, call->request->exchange, ERROR_BAD_DEFINITION, error.why,
                         bytes_text(facts), NULL);
    }
    buffer_release(&list);
}

static void import_json(const struct http_call *call, enum list_csv_kind kind)
{
    struct engine_request request = http_call_request(call, lists[kind].operation, SHAPE_RESULT);
    struct json *body = http_call_body(call);
    if (body == NULL) {
        return;
    }
    const struct json *list = json_member(body, lists[kind].name);
    if (!json_is_array(list)) {
        http_call_refuse(call, ERROR_BAD_REQUEST, lists[kind].not_a_list);
    } else if (json_count(list) > lists[kind].items_max) {
        http_call_refuse(call, ERROR_PAYLOAD_TOO_LARGE, lists[kind].too_many);
    } else if (http_call_id(call, body, false, &request.id)) {
        struct buffer text;
        buffer_init(&text, IMPORT_SIZE_MAX);
        json_print(list, &text);
        send_member(call, &request, lists[kind].name, buffer_bytes(&text), bytes_text(""));
        buffer_release(&text);
    }
    json_destroy(body);
}

void http_import_list(const struct http_call *call, enum list_csv_kind kind)
{
    if (!http_call_may_command(call, &call->target.sale)) {
        return;
    }
    if (http_call_has_type(call, "text/csv")) {
        import_csv(call, kind);
    } else {
        import_json(call, kind);
    }
}

void http_import_refused(struct auction_app *app, uint64_t exchange, struct bytes result,
                         enum error_code code)
{
    struct bytes detail;
    struct list_csv_error place;
    char text[128];
    char facts[96];
    struct bytes quoted = json_slice_member(json_slice_member(result, "error"), "detail");
    if (!json_slice_plain_text(quoted, &detail) || detail.size >= sizeof text ||
        !list_csv_place(detail, &place)) {
        http_respond(app, exchange, error_code_http_status(code), "application/json", result,
                     http_headers_of(code));
        return;
    }
    memcpy(text, detail.data, detail.size);
    text[detail.size] = 0;
    snprintf(facts, sizeof facts, "\"row\":%zu,\"column\":\"%s\"", place.row, place.column);
    http_refuse_with(app, exchange, code, text, bytes_text(facts), NULL);
}

void http_export_definition(const struct http_call *call)
{
    struct engine_request request =
        http_call_request(call, OPERATION_EXPORT_DEFINITION, SHAPE_DEFINITION);
    if (http_call_may_command(call, &call->target.sale)) {
        request.pending.kind = PENDING_HTTP;
        request.pending.exchange = call->request->exchange;
        http_sheet_begin(call->app, &request);
    }
}
