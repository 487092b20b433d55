#include "bridge/app/http_call.h"

static const struct bytes no_bytes = {NULL, 0};

// ---- answers ----

void http_respond(struct auction_app *app, uint64_t exchange, int status, const char *content_type,
                  struct bytes body, const char *headers)
{
    struct http_response response = {status, content_type, body, headers};
    metrics_http(&app->metrics, status);
    app->outside->respond(app->outside->context, exchange, &response);
}

void http_respond_json(struct auction_app *app, uint64_t exchange, int status, struct bytes body)
{
    http_respond(app, exchange, status, "application/json", body, "Cache-Control: no-store\r\n");
}

const char *http_headers_of(enum error_code code)
{
    int status = error_code_http_status(code);
    if (status == 401) {
        return "Cache-Control: no-store\r\nWWW-Authenticate: Bearer\r\n";
    }
    if (status == 429 || status == 503) {
        return "Cache-Control: no-store\r\nRetry-After: 1\r\n";
    }
    return "Cache-Control: no-store\r\n";
}

void http_refuse_with(struct auction_app *app, uint64_t exchange, enum error_code code,
                      const char *detail, struct bytes facts, const char *headers)
{
    struct buffer body;
    buffer_init(&body, 8192);
    wire_write_refusal(&body, NULL, code, detail, facts);
    http_respond(app, exchange, error_code_http_status(code), "application/json",
                 buffer_bytes(&body), headers != NULL ? headers : http_headers_of(code));
    buffer_release(&body);
}

void http_call_refuse(const struct http_call *call, enum error_code code, const char *detail)
{
    http_refuse_with(call->app, call->request->exchange, code, detail, no_bytes, NULL);
}

// ---- requests ----

void http_call_send(const struct http_call *call, struct engine_request *request)
{
    request->pending.kind = PENDING_HTTP;
    request->pending.exchange = call->request->exchange;
    enum error_code code = engine_request_send(call->app, request);
    if (code != ERROR_NONE) {
        metrics_command(&call->app->metrics, request->pending.operation, code, 0);
        http_call_refuse(call, code, NULL);
    }
}

struct engine_request http_call_request(const struct http_call *call, enum operation operation,
                                        enum response_shape shape)
{
    return (struct engine_request){
        .pending = {.operation = operation, .shape = shape, .sale = call->target.sale},
        .by = call->identity.subject,
        .role = call->identity.role,
        .by_name = operation == OPERATION_TAKE_GAVEL ? bytes_text(call->identity.name) : no_bytes};
}

bool http_starts_with_word(struct bytes text, const char *word)
{
    size_t size = strlen(word);
    for (size_t i = 0; i < size; i++) {
        bool is_large = i < text.size && text.data[i] >= 'A' && text.data[i] <= 'Z';
        char small = i < text.size ? (char)(text.data[i] | (is_large ? 0x20 : 0)) : 0;
        if (small != word[i]) {
            return false;
        }
    }
    return true;
}

bool http_call_has_type(const struct http_call *call, const char *type)
{
    struct bytes found = call->request->content_type;
    size_t size = strlen(type);
    return http_starts_with_word(found, type) &&
           (found.size == size || found.data[size] == ';' || found.data[size] == ' ');
}

struct json *http_call_body(const struct http_call *call)
{
    struct json *document;
    if (!http_call_has_type(call, "application/json")) {
        http_call_refuse(call, ERROR_UNSUPPORTED_MEDIA_TYPE, "application/json is wanted");
        return NULL;
    }
    if (json_parse(call->request->body, &document) != LC_OK) {
        http_call_refuse(call, ERROR_BAD_REQUEST, "the body is not JSON");
        return NULL;
    }
    if (!json_is_object(document)) {
        json_destroy(document);
        http_call_refuse(call, ERROR_BAD_REQUEST, "the body must be an object");
        return NULL;
    }
    return document;
}

bool http_call_may_command(const struct http_call *call, const struct sale_id *sale)
{
    enum error_code code = identity_may_command(&call->identity, sale, app_wall_s(call->app));
    if (code != ERROR_NONE) {
        http_call_refuse(call, code, NULL);
    }
    return code == ERROR_NONE;
}

bool http_call_id(const struct http_call *call, const struct json *body, bool is_needed,
                  struct command_id *out_id)
{
    struct bytes text;
    const struct json *member = json_member(body, "id");
    if (member == NULL && !is_needed) {
        return true;
    }
    if (json_to_text(member, &text) && command_id_read(text, out_id)) {
        return true;
    }
    http_call_refuse(call, ERROR_BAD_REQUEST, "id must be 1 to 64 of [A-Za-z0-9_-]");
    return false;
}
