// One request to the HTTP API with the one who asks, and what its handlers share: reading it,
// sending it on, answering it.
//
// Order:  every exchange is answered exactly once: by one of these, or by the engine's reply
// Source: docs/PROTOCOL.md, HTTP
#ifndef LOTCAST_BRIDGE_HTTP_CALL_H
#define LOTCAST_BRIDGE_HTTP_CALL_H

#include "bridge/app/app_state.h"
#include "bridge/app/engine_request.h"
#include "bridge/app/http_router.h"
#include "lib/json/json_read.h"

struct http_call {
    struct auction_app *app;
    const struct http_request *request;
    struct http_target target;
    struct identity identity;
};

// ---- answers ----

void http_respond(struct auction_app *app, uint64_t exchange, int status, const char *content_type,
                  struct bytes body, const char *headers);
void http_respond_json(struct auction_app *app, uint64_t exchange, int status, struct bytes body);
const char *http_headers_of(enum error_code code);
// `facts`: a run of `"name":value` pairs for the error, or empty. `headers` NULL: those of the code.
void http_refuse_with(struct auction_app *app, uint64_t exchange, enum error_code code,
                      const char *detail, struct bytes facts, const char *headers);
void http_call_refuse(const struct http_call *call, enum error_code code, const char *detail);

// ---- requests ----

struct engine_request http_call_request(const struct http_call *call, enum operation operation,
                                        enum response_shape shape);
// Sends it on; when that fails, the exchange is refused.
void http_call_send(const struct http_call *call, struct engine_request *request);

// Does a text begin with `word`, which is in small letters? Media types and schemes know no case
// (RFC 9110).
bool http_starts_with_word(struct bytes text, const char *word);
bool http_call_has_type(const struct http_call *call, const char *type);
// The body as a JSON object; NULL: it was refused.
struct json *http_call_body(const struct http_call *call);
// False: it was refused.
bool http_call_may_command(const struct http_call *call, const struct sale_id *sale);
// The caller's id for the command, when it gives one; false, and refused, when that is none.
bool http_call_id(const struct http_call *call, const struct json *body, bool is_needed,
                  struct command_id *out_id);

#endif
