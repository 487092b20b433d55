#include "bridge/app/engine_request.h"

#include "bridge/app/http_api.h"
#include "bridge/app/invite.h"
#include "bridge/app/json_slice.h"
#include "bridge/app/viewer_move.h"

bool engine_result_is_ok(struct bytes result)
{
    return bytes_equal_text(json_slice_member(result, "ok"), "true");
}

enum error_code engine_result_code(struct bytes result)
{
    struct bytes name;
    if (engine_result_is_ok(result)) {
        return ERROR_NONE;
    }
    struct bytes error = json_slice_member(result, "error");
    if (!json_slice_plain_text(json_slice_member(error, "code"), &name)) {
        return ERROR_INTERNAL;
    }
    return error_code_read(name);
}

bool engine_result_head(struct bytes result, struct wire_head *out_head)
{
    struct wire_head head;
    if (!json_slice_int64(json_slice_member(result, "seq"), &head.seq) ||
        !json_slice_int64(json_slice_member(result, "epoch"), &head.epoch)) {
        return false;
    }
    *out_head = head;
    return true;
}

void engine_request_make_id(struct auction_app *app, struct command_id *out_id)
{
    uint8_t random[16];
    app->outside->random(app->outside->context, random, sizeof random);
    for (size_t i = 0; i < sizeof random; i++) {
        snprintf(out_id->text + 2 * i, 3, "%02x", random[i]);
    }
}

static enum error_code publish(struct auction_app *app, const struct engine_request *request,
                               const struct wire_command *command)
{
    struct topic topic = {.kind = TOPIC_SVC_COMMAND, .client = app->config.node};
    struct buffer payload;
    buffer_init(&payload, WIRE_COMMAND_SIZE_MAX);
    enum lc_status status = wire_write_command(&payload, command, request->members);
    enum error_code code = status == LC_OK         ? ERROR_NONE
                           : status == LC_ERR_FULL ? ERROR_PAYLOAD_TOO_LARGE
                                                   : ERROR_BAD_REQUEST;
    if (code == ERROR_NONE) {
        if (request->pending.sale.text[0] != 0) {
            topic.kind = TOPIC_SALE_COMMAND;
            topic.sale = request->pending.sale;
        }
        status =
            app->outside->publish(app->outside->context, &topic, buffer_bytes(&payload), 1, false);
        code = status == LC_OK         ? ERROR_NONE
               : status == LC_ERR_FULL ? ERROR_TOO_MANY
                                       : ERROR_ENGINE_OFFLINE;
    }
    buffer_release(&payload);
    return code;
}

// The envelope of a request at this moment; false while no engine answers.
static bool command_begin(struct auction_app *app, const struct engine_request *request,
                          struct wire_command *out_command)
{
    int64_t now_ms = app_now_ms(app);
    int64_t engine_ms;
    int64_t uncertainty_ms;
    if (!app_can_ask(app) ||
        !engine_clock_now(&app->engine_clock, now_ms, &engine_ms, &uncertainty_ms)) {
        return false;
    }
    *out_command = (struct wire_command){.id = request->id,
                                         .by = request->by,
                                         .role = request->role,
                                         .received_at_ms = engine_ms,
                                         .uncertainty_ms = uncertainty_ms,
                                         .by_name = request->by_name,
                                         .deadline_at_ms = engine_ms + COMMAND_TIMEOUT_MS};
    if (out_command->id.text[0] == 0) {
        engine_request_make_id(app, &out_command->id);
    }
    snprintf(out_command->op, sizeof out_command->op, "%s",
             operation_name(request->pending.operation));
    return true;
}

static bool has_stamp(enum operation operation)
{
    return operation == OPERATION_BID || operation == OPERATION_SET_MAX ||
           operation == OPERATION_FLOOR_BID;
}

// A retry of a bid was given when it was given first.
static void keep_first_stamp(struct auction_app *app, const struct engine_request *request,
                             struct wire_command *command, int64_t now_ms)
{
    char key[FIRST_STAMP_KEY_SIZE + 1];
    struct buffer text;
    if (!has_stamp(request->pending.operation)) {
        return;
    }
    buffer_init(&text, WIRE_COMMAND_SIZE_MAX);
    buffer_append_format(&text, "%s\n%s\n%s\n%s\n", request->pending.sale.text, request->by.text,
                         command->id.text, command->op);
    buffer_append(&text, request->members);
    if (buffer_status(&text) == LC_OK) {
        app->outside->sha256_hex(app->outside->context, buffer_bytes(&text), key);
        first_stamps_take(&app->first_stamps, key, now_ms, &command->received_at_ms,
                          &command->uncertainty_ms);
    }
    buffer_release(&text);
}

enum error_code engine_request_send(struct auction_app *app, const struct engine_request *request)
{
    struct wire_command command;
    struct pending_command pending = request->pending;
    if (!command_begin(app, request, &command)) {
        return ERROR_ENGINE_OFFLINE;
    }
    pending.sent_ms = app_now_ms(app);
    keep_first_stamp(app, request, &command, pending.sent_ms);
    if (pending_commands_add(app->pending, &pending, command.reply_tag) != LC_OK) {
        return ERROR_TOO_MANY;
    }
    enum error_code code = publish(app, request, &command);
    if (code != ERROR_NONE) {
        struct pending_command taken;
        bool was_there = pending_commands_take(app->pending, command.reply_tag, &taken);
        LC_ASSERT(was_there);
    }
    return code;
}

enum error_code engine_request_tell(struct auction_app *app, const struct engine_request *request)
{
    struct wire_command command;
    return command_begin(app, request, &command) ? publish(app, request, &command)
                                                 : ERROR_ENGINE_OFFLINE;
}

// That a sealed offer was taken must not be counted in public.
static bool is_secret(struct bytes result)
{
    return bytes_equal_text(json_slice_member(result, "sealed"), "true");
}

static void acknowledge(struct auction_app *app, const struct pending_command *pending,
                        struct bytes result)
{
    struct wire_head head;
    struct viewer *viewer = app_viewer(app, pending->socket);
    if (viewer == NULL) {
        viewer_move_forward(app, pending, result);
        return;
    }
    if (viewer->room != NULL && sale_id_equal(&viewer->room->sale, &pending->sale) &&
        engine_result_head(result, &head)) {
        sale_room_ack(viewer->room, pending->socket, pending->ack_id, head.seq, result);
        return;
    }
    app_ack(app, viewer->socket, pending->ack_id, result);
}

static void reply_to_socket(struct auction_app *app, const struct pending_command *pending,
                            struct bytes result)
{
    struct buffer invited;
    if (pending->ack_id < 0) {
        return;
    }
    if (pending->shape != SHAPE_INVITE || !engine_result_is_ok(result)) {
        acknowledge(app, pending, result);
        return;
    }
    buffer_init(&invited, INVITE_RESULT_SIZE_MAX);
    invite_write_result(&invited, result, pending->invite);
    acknowledge(app, pending, buffer_bytes(&invited));
    buffer_release(&invited);
}

static void reply_you(struct auction_app *app, const struct pending_command *pending,
                      struct bytes result)
{
    struct viewer *viewer = app_viewer(app, pending->socket);
    struct bytes you = json_slice_member(result, "you");
    if (viewer != NULL && viewer->room != NULL && you.size > 0 &&
        sale_id_equal(&viewer->room->sale, &pending->sale)) {
        app_emit(app, viewer->socket, "you", you);
    }
}

static void reply_to_room(struct sale_room *room, const struct pending_command *pending,
                          struct bytes result, enum error_code code)
{
    if (pending->kind == PENDING_PAST && code != ERROR_NONE) {
        sale_room_past_failed(room, pending->exchange, code);
    } else if (pending->kind == PENDING_PAST) {
        sale_room_take_past(room, pending->exchange, result);
    } else if (code != ERROR_NONE) {
        sale_room_request_failed(room, pending->exchange, pending->kind == PENDING_SNAPSHOT, code);
    } else if (pending->kind == PENDING_SNAPSHOT) {
        sale_room_take_snapshot(room, pending->exchange, result, pending->sent_ms);
    } else {
        sale_room_take_replay(room, pending->exchange, result);
    }
}

static void dispatch(struct auction_app *app, const struct pending_command *pending,
                     struct bytes result)
{
    enum error_code code = engine_result_code(result);
    struct sale_room *room = sale_room_find(app, &pending->sale);
    if (pending->operation != OPERATION_BID || !is_secret(result)) {
        metrics_command(&app->metrics, pending->operation, code,
                        app_now_ms(app) - pending->sent_ms);
    }
    switch (pending->kind) {
    case PENDING_SOCKET:
        reply_to_socket(app, pending, result);
        break;
    case PENDING_HTTP:
        http_api_reply(app, pending, result, code);
        break;
    case PENDING_SNAPSHOT:
    case PENDING_REPLAY:
    case PENDING_PAST:
        if (room != NULL) {
            reply_to_room(room, pending, result, code);
        }
        break;
    case PENDING_YOU:
        reply_you(app, pending, result);
        break;
    }
}

void engine_request_reply(struct auction_app *app, struct bytes payload)
{
    char tag[WIRE_REPLY_TAG_SIZE_MAX + 1];
    struct bytes result;
    struct pending_command pending;
    if (wire_read_reply(payload, tag, &result) != LC_OK) {
        app->metrics.bad_messages++;
        return;
    }
    if (!pending_commands_take(app->pending, tag, &pending)) {
        app->metrics.late_replies++;
        return;
    }
    dispatch(app, &pending, result);
}

void engine_request_expire(struct auction_app *app, int64_t now_ms)
{
    struct pending_command pending;
    while (pending_commands_expire(app->pending, now_ms, &pending)) {
        struct buffer result;
        buffer_init(&result, 4096);
        wire_write_refusal(&result, NULL, ERROR_TIMEOUT, NULL, (struct bytes){NULL, 0});
        dispatch(app, &pending, buffer_bytes(&result));
        buffer_release(&result);
    }
}
