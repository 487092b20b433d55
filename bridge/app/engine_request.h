// Commands to the engine and its replies.
//
// Order:  a request is answered exactly once: by its reply, or by TIMEOUT
// Source: design 4 (commands)
#ifndef LOTCAST_BRIDGE_ENGINE_REQUEST_H
#define LOTCAST_BRIDGE_ENGINE_REQUEST_H

#include "bridge/app/app_state.h"

struct engine_request {
    struct pending_command pending; // who asks; `sale` "": a command without a sale
    struct command_id id;           // "": one is made up
    struct participant_id by;
    enum role role;
    struct bytes by_name; // of the token, for who takes the gavel
    struct bytes members; // a JSON object, or empty
};

// NONE: sent. ENGINE_OFFLINE, PAYLOAD_TOO_LARGE, TOO_MANY, BAD_REQUEST: nothing was sent.
LC_MUST_CHECK enum error_code engine_request_send(struct auction_app *app,
                                                  const struct engine_request *request);
// Sends what has no answer; `pending` names the operation and the sale.
LC_MUST_CHECK enum error_code engine_request_tell(struct auction_app *app,
                                                  const struct engine_request *request);
void engine_request_make_id(struct auction_app *app, struct command_id *out_id);
void engine_request_reply(struct auction_app *app, struct bytes payload);
void engine_request_expire(struct auction_app *app, int64_t now_ms);

// What a result says.
bool engine_result_is_ok(struct bytes result);
enum error_code engine_result_code(struct bytes result); // NONE when it is ok
// False when it has no seq.
bool engine_result_head(struct bytes result, struct wire_head *out_head);

#endif
