#include "bridge/app/viewer_restore.h"

#include "bridge/app/bridge_note.h"
#include "bridge/app/json_slice.h"
#include "bridge/app/sale_room_parts.h"
#include "bridge/app/viewer_connect.h"

void viewer_write_pid(struct auction_app *app, struct socketio_socket_id socket, struct buffer *out)
{
    const struct viewer *viewer = socketio_socket_data(app->server, socket);
    struct bytes sid = socketio_socket_sid(app->server, socket);
    if (viewer == NULL || sid.size == 0 || sid.size > PUBLIC_SID_SIZE_MAX) {
        return;
    }
    struct pid_token token = {.identity = viewer->identity, .issued_at_s = app_wall_s(app)};
    memcpy(token.sid, sid.data, sid.size);
    pid_token_write(app->outside, &token, out);
}

bool viewer_restore_begin(struct auction_app *app, struct socketio_socket_id socket,
                          const struct pid_token *token, const struct event_offset *offset)
{
    if (ended_sessions_has(&app->ended, bytes_text(token->sid), app_now_ms(app))) {
        return false;
    }
    struct sale_room *room = sale_room_open(app, &offset->sale);
    struct room_waiter waiter = {.kind = WAITER_RESTORE,
                                 .socket = socket.value,
                                 .ack_id = -1,
                                 .identity = token->identity,
                                 .from = offset->seq,
                                 .epoch = offset->epoch};
    snprintf(waiter.sid, sizeof waiter.sid, "%s", token->sid);
    return room != NULL && sale_room_wait(room, &waiter) == ERROR_NONE;
}

void viewer_restore_give_up(struct auction_app *app, const struct room_waiter *waiter)
{
    struct socketio_socket_id socket = {waiter->socket};
    if (socketio_socket_sid(app->server, socket).size > 0) { // else its connection has ended
        app->metrics.sessions_not_recovered++;
        viewer_accept_new(app, socket, &waiter->identity, false);
    }
}

static void tell_restored(struct auction_app *app, const struct viewer *viewer, struct bytes sid)
{
    struct buffer note;
    bridge_note_begin(&note, "restored", sid);
    buffer_append_format(&note, ",\"at\":%lld}", (long long)viewer->since_ms);
    bridge_note_send(app, NULL, &note);
}

// A viewer in the room; NULL: there is no place, or no memory.
static struct viewer *enter(struct sale_room *room, const struct room_waiter *waiter)
{
    struct socketio_socket_id socket = {waiter->socket};
    struct viewer *viewer = viewer_create(room->app, socket, &waiter->identity, false);
    if (viewer != NULL && room_lobby_enter(room, viewer) != LC_OK) {
        viewer_destroy(room->app, viewer);
        viewer = NULL;
    }
    return viewer;
}

// What is too much to have waiting at once follows the acceptance.
static void follow(struct sale_room *room, struct viewer *viewer, const struct room_waiter *waiter,
                   bool is_complete)
{
    struct room_waiter rest = {.kind = WAITER_RESUME,
                               .socket = waiter->socket,
                               .join_no = viewer->join_no,
                               .ack_id = -1,
                               .from = waiter->from,
                               .epoch = waiter->epoch};
    if (is_complete) {
        sale_room_follow(room, viewer);
        return;
    }
    viewer->awaits_stream = true;
    if (sale_room_line_up(room, &rest) != ERROR_NONE) {
        viewer_dismiss(room->app, viewer);
        return;
    }
    room->serve_at_ms = 0;
}

void viewer_restore_take_up(struct sale_room *room, struct room_waiter *waiter)
{
    struct auction_app *app = room->app;
    struct socketio_socket_id socket = {waiter->socket};
    struct bytes sid = bytes_text(waiter->sid);
    bool may_be_here =
        identity_may_view(&waiter->identity, &room->sale, room->is_public) == ERROR_NONE &&
        !ended_sessions_has(&app->ended, sid, app_now_ms(app));
    struct viewer *viewer = may_be_here ? enter(room, waiter) : NULL;
    if (viewer == NULL) {
        viewer_restore_give_up(app, waiter);
        return;
    }
    if (socketio_restore(app->server, socket, sid) != LC_OK) {
        sale_room_leave(room, viewer);
        viewer_destroy(app, viewer);
        viewer_restore_give_up(app, waiter);
        return;
    }
    app->metrics.sessions_recovered++;
    bool is_complete = room_resume_feed(room, waiter);
    app->has_output = true;
    if (socketio_socket_sid(app->server, socket).size == 0) { // it takes no more
        sale_room_leave(room, viewer);
        viewer_destroy(app, viewer);
        return;
    }
    socketio_accept(app->server, socket);
    if (app_viewer(app, socket.value) == NULL) {
        return;
    }
    tell_restored(app, viewer, sid);
    follow(room, viewer, waiter, is_complete);
}

// ---- ends ----

static bool is_on_purpose(enum socketio_reason reason)
{
    return reason == SOCKETIO_CLIENT_NAMESPACE_DISCONNECT ||
           reason == SOCKETIO_SERVER_NAMESPACE_DISCONNECT;
}

// Anybody may come and say goodbye as fast as he can write; every bridge would hear of each time.
static bool may_tell_ended(struct auction_app *app)
{
    int64_t now_ms = app_now_ms(app);
    if (now_ms - app->ended_notes_from_ms >= 1000) {
        app->ended_notes_from_ms = now_ms;
        app->ended_notes = 0;
    }
    if (app->ended_notes == ENDED_NOTES_PER_SECOND_MAX) {
        app->metrics.notes_lost++;
        return false;
    }
    app->ended_notes++;
    return true;
}

static void tell_ended(struct auction_app *app, struct bytes sid)
{
    struct buffer note;
    ended_sessions_add(&app->ended, sid, app_now_ms(app) + app->config.recovery_ms);
    if (!may_tell_ended(app)) {
        return;
    }
    bridge_note_begin(&note, "ended", sid);
    buffer_append_text(&note, "}");
    bridge_note_send(app, NULL, &note);
}

void viewer_gone(struct auction_app *app, struct viewer *viewer, enum socketio_reason reason)
{
    struct bytes sid = socketio_socket_sid(app->server, viewer->socket);
    bool ends = is_on_purpose(reason);
    bool has_been_somewhere = viewer->room != NULL || viewer->join_no > 0; // else it has no offset
    if (ends && has_been_somewhere && !viewer->is_plain &&
        !socketio_socket_sid_is_secret(app->server, viewer->socket)) {
        tell_ended(app, sid);
    }
    if (viewer->room != NULL) {
        viewer->may_return = !ends; // and until then it is not missed in the lobby
        sale_room_leave(viewer->room, viewer);
    }
}

void viewer_dismiss(struct auction_app *app, struct viewer *viewer)
{
    socketio_cut(app->server, viewer->socket);
    app->has_output = true;
}

// ---- what other bridges tell ----

void viewer_take_restored_note(struct auction_app *app, struct bytes from, struct bytes note)
{
    struct bytes sid;
    int64_t at_ms;
    if (!json_slice_plain_text(json_slice_member(note, "sid"), &sid) ||
        !json_slice_int64(json_slice_member(note, "at"), &at_ms)) {
        app->metrics.bad_messages++;
        return;
    }
    struct viewer *viewer = app_viewer(app, socketio_socket_of_sid(app->server, sid).value);
    if (viewer == NULL || viewer->since_ms > at_ms) {
        return; // or it has come back here since
    }
    app_log(app, OUTSIDE_INFO, "session of socket=%llu was taken up again at %.*s",
            (unsigned long long)viewer->socket.value, (int)from.size, (const char *)from.data);
    viewer_dismiss(app, viewer);
}

void viewer_take_ended_note(struct auction_app *app, struct bytes note)
{
    struct bytes sid;
    if (!json_slice_plain_text(json_slice_member(note, "sid"), &sid)) {
        app->metrics.bad_messages++;
        return;
    }
    ended_sessions_add(&app->ended, sid, app_now_ms(app) + app->config.recovery_ms);
}
