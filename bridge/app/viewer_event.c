#include "bridge/app/viewer_event.h"

#include "bridge/app/invite.h"
#include "bridge/app/viewer_stream.h"
#include "lib/json/json_write.h"

// One event with its parsed first argument.
struct call {
    struct auction_app *app;
    struct viewer *viewer;
    int64_t ack_id;
    const struct json *argument; // an object
};

static void refuse(const struct call *call, enum error_code code, const char *detail)
{
    app_ack_error(call->app, call->viewer->socket, call->ack_id, code, detail);
}

static bool read_sale(const struct call *call, struct sale_id *out_sale)
{
    struct bytes text;
    if (json_to_text(json_member(call->argument, "sale"), &text) && sale_id_read(text, out_sale)) {
        return true;
    }
    refuse(call, ERROR_BAD_REQUEST, "sale must be an id");
    return false;
}

static void join(const struct call *call)
{
    struct sale_id sale;
    const struct identity *identity = &call->viewer->identity;
    if (!read_sale(call, &sale)) {
        return;
    }
    if (identity->is_known && !identity->is_for_all_sales &&
        !sale_id_equal(&identity->sale, &sale)) {
        refuse(call, ERROR_FORBIDDEN, "the token is for another sale");
        return;
    }
    struct sale_room *room = sale_room_open(call->app, &sale);
    struct room_waiter waiter = {.kind = WAITER_JOIN,
                                 .socket = call->viewer->socket.value,
                                 .join_no = ++call->viewer->join_no,
                                 .ack_id = call->ack_id};
    enum error_code code = room == NULL ? ERROR_TOO_MANY : sale_room_wait(room, &waiter);
    if (code != ERROR_NONE) {
        refuse(call, code, NULL);
    }
}

// Should the client be cut off now, it has no place to come back to.
static void tell_left(const struct call *call, const struct sale_room *room)
{
    char arguments[160];
    snprintf(arguments, sizeof arguments, "{\"seq\":%lld,\"epoch\":%lld,\"sale\":\"%s\"},\"%s\"",
             (long long)room->head.seq, (long long)room->head.epoch, room->sale.text,
             EVENT_OFFSET_NONE);
    viewer_stream_emit(call->app, call->viewer, "auction_left", bytes_text(arguments));
}

static void leave(const struct call *call)
{
    struct sale_id sale;
    char result[96];
    struct sale_room *room = call->viewer->room;
    if (!read_sale(call, &sale)) {
        return;
    }
    call->viewer->join_no++; // a join that is still under way is void
    if (room == NULL || !sale_id_equal(&room->sale, &sale)) {
        refuse(call, ERROR_NOT_JOINED, NULL);
        return;
    }
    snprintf(result, sizeof result, "{\"ok\":true,\"seq\":%lld,\"epoch\":%lld}",
             (long long)room->head.seq, (long long)room->head.epoch);
    sale_room_leave(room, call->viewer);
    app_ack(call->app, call->viewer->socket, call->ack_id, bytes_text(result));
    tell_left(call, room);
}

static void sync_time(const struct call *call)
{
    int64_t engine_ms;
    int64_t uncertainty_ms;
    const struct json *asked = json_member(call->argument, "t0");
    if (!json_is_number(asked)) {
        refuse(call, ERROR_BAD_REQUEST, "t0 must be a number");
        return;
    }
    if (!engine_clock_now(&call->app->engine_clock, app_now_ms(call->app), &engine_ms,
                          &uncertainty_ms)) {
        refuse(call, ERROR_ENGINE_OFFLINE, NULL);
        return;
    }
    struct buffer result;
    buffer_init(&result, 512);
    buffer_append_text(&result, "{\"ok\":true,\"t0\":");
    json_print(asked, &result);
    buffer_append_format(&result, ",\"t1\":%lld,\"t2\":%lld,\"uncertainty_ms\":%lld}",
                         (long long)engine_ms, (long long)engine_ms, (long long)uncertainty_ms);
    app_ack(call->app, call->viewer->socket, call->ack_id, buffer_bytes(&result));
    buffer_release(&result);
}

void viewer_event_copy_members(const struct json *object, const char *without, struct buffer *out)
{
    struct json_writer writer = json_writer_on(out);
    json_object_begin(&writer, NULL);
    for (const struct json *item = json_first(object); item != NULL; item = json_next(item)) {
        if (strcmp(json_name(item), without) != 0) {
            json_write_raw(&writer, json_name(item), (struct bytes){NULL, 0});
            json_print(item, out);
        }
    }
    json_object_end(&writer);
}

// May this socket command its sale? Else it was refused.
static bool may_command(const struct call *call, struct sale_id *out_sale)
{
    const struct viewer *viewer = call->viewer;
    if (!read_sale(call, out_sale)) {
        return false;
    }
    if (viewer->room == NULL || !sale_id_equal(&viewer->room->sale, out_sale)) {
        refuse(call, ERROR_NOT_JOINED, NULL);
        return false;
    }
    enum error_code code = identity_may_command(&viewer->identity, out_sale, app_wall_s(call->app));
    if (code != ERROR_NONE) {
        refuse(call, code, NULL);
    }
    return code == ERROR_NONE;
}

static bool read_id(const struct call *call, enum operation operation, struct command_id *out_id)
{
    struct bytes id;
    const struct json *member = json_member(call->argument, "id");
    if (member == NULL && !operation_needs_id(operation)) {
        return true; // one is made up
    }
    if (json_to_text(member, &id) && command_id_read(id, out_id)) {
        return true;
    }
    refuse(call, ERROR_BAD_REQUEST, "id must be 1 to 64 of [A-Za-z0-9_-]");
    return false;
}

// An invitation is made here: its members say what for.
static enum error_code send_invite(const struct call *call, struct engine_request *request)
{
    struct invite_wish wish;
    struct buffer members;
    if (invite_read(call->argument, &wish) != NULL) {
        return ERROR_BAD_REQUEST;
    }
    request->pending.shape = SHAPE_INVITE;
    buffer_init(&members, INVITE_MEMBERS_SIZE_MAX);
    enum error_code code = invite_prepare(call->app, &wish, request, &members)
                               ? engine_request_send(call->app, request)
                               : ERROR_ENGINE_OFFLINE;
    buffer_release(&members);
    return code;
}

static enum error_code send_members(const struct call *call, struct engine_request *request)
{
    struct buffer members;
    buffer_init(&members, WIRE_COMMAND_SIZE_MAX);
    viewer_event_copy_members(call->argument, "sale", &members);
    request->members = buffer_bytes(&members);
    enum error_code code = buffer_status(&members) == LC_OK
                               ? engine_request_send(call->app, request)
                               : ERROR_PAYLOAD_TOO_LARGE;
    buffer_release(&members);
    return code;
}

static void command(const struct call *call, enum operation operation)
{
    const struct viewer *viewer = call->viewer;
    struct engine_request request = {.pending = {.kind = PENDING_SOCKET,
                                                 .operation = operation,
                                                 .socket = viewer->socket.value,
                                                 .ack_id = call->ack_id},
                                     .by = viewer->identity.subject,
                                     .role = viewer->identity.role};
    if (!may_command(call, &request.pending.sale) || !read_id(call, operation, &request.id)) {
        return;
    }
    if (operation == OPERATION_TAKE_GAVEL) {
        request.by_name = bytes_text(viewer->identity.name);
    }
    enum error_code code = operation == OPERATION_CREATE_INVITE ? send_invite(call, &request)
                                                                : send_members(call, &request);
    if (code != ERROR_NONE) {
        metrics_command(&call->app->metrics, operation, code, 0);
        refuse(call, code, NULL);
    }
}

enum plain_event { EVENT_JOIN, EVENT_LEAVE, EVENT_SYNC, EVENT_COMMAND, EVENT_UNKNOWN };

static enum plain_event event_read(struct bytes name, enum operation *out_operation)
{
    if (bytes_equal_text(name, "join_auction")) {
        return EVENT_JOIN;
    }
    if (bytes_equal_text(name, "leave_auction")) {
        return EVENT_LEAVE;
    }
    if (bytes_equal_text(name, "sync_time")) {
        return EVENT_SYNC;
    }
    return operation_of_event(name, out_operation) ? EVENT_COMMAND : EVENT_UNKNOWN;
}

static void run(const struct call *call, enum plain_event event, enum operation operation)
{
    switch (event) {
    case EVENT_JOIN:
        join(call);
        break;
    case EVENT_LEAVE:
        leave(call);
        break;
    case EVENT_SYNC:
        sync_time(call);
        break;
    case EVENT_COMMAND:
        command(call, operation);
        break;
    case EVENT_UNKNOWN:
        refuse(call, ERROR_UNKNOWN_EVENT, NULL);
        break;
    }
}

void viewer_event(struct auction_app *app, struct viewer *viewer,
                  const struct socketio_event *event)
{
    struct json *array = NULL;
    enum operation operation = OPERATION_BID;
    struct call call = {.app = app, .viewer = viewer, .ack_id = event->ack_id};
    enum plain_event known = event_read(event->name, &operation);
    app->metrics.unknown_events += known == EVENT_UNKNOWN ? 1 : 0;
    if (!app_allows_event(app, viewer)) {
        refuse(&call, ERROR_RATE_LIMITED, NULL);
        return;
    }
    if (known == EVENT_UNKNOWN) {
        refuse(&call, ERROR_UNKNOWN_EVENT, NULL);
        return;
    }
    if (event->array.size > EVENT_ARGUMENTS_SIZE_MAX) {
        refuse(&call, ERROR_PAYLOAD_TOO_LARGE, NULL);
        return;
    }
    if (event->attachments_count == 0 && json_parse(event->array, &array) == LC_OK) {
        call.argument = json_next(json_first(array));
    }
    if (json_is_object(call.argument)) {
        run(&call, known, operation);
    } else {
        refuse(&call, ERROR_BAD_REQUEST, "the first argument must be an object");
    }
    json_destroy(array);
}
