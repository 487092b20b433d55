#include "bridge/app/viewer_move.h"

#include "bridge/app/bridge_note.h"
#include "bridge/app/engine_request.h"
#include "bridge/app/json_slice.h"
#include "bridge/app/sale_room_parts.h"
#include "bridge/app/viewer_connect.h"
#include "bridge/app/viewer_restore.h"

// {"v":1,"pid":"...","sale":"demo","seq":17,"epoch":3,"acks":[{"ack":4,"seq":18,"result":{...}}]};
// without a sale for somebody who has joined none, seq 0: it needs a snapshot, and "seen" says what
// must not come again; "plain":true for somebody who hears no offsets.

// ---- here it goes ----

static void write_acks(const struct sale_room *room, uint64_t socket, struct buffer *out)
{
    const char *comma = "";
    buffer_append_text(out, ",\"acks\":[");
    for (const struct held_ack *ack = room->acks; ack != NULL; ack = ack->next) {
        if (ack->socket == socket) {
            buffer_append_format(out, "%s{\"ack\":%lld,\"seq\":%lld,\"result\":", comma,
                                 (long long)ack->ack_id, (long long)ack->seq);
            buffer_append(out, buffer_bytes(&ack->result));
            buffer_append_text(out, "}");
            comma = ",";
        }
    }
    buffer_append_text(out, "]");
}

bool viewer_export(struct auction_app *app, struct socketio_socket_id socket, struct bytes node,
                   struct buffer *out_state)
{
    const struct viewer *viewer = app_viewer(app, socket.value);
    struct bytes sid = socketio_socket_sid(app->server, socket);
    if (viewer == NULL || viewer->waits > 0 || node.size != RELAY_NAME_SIZE ||
        sid.size > PUBLIC_SID_SIZE_MAX) {
        return false;
    }
    buffer_append_text(out_state, "{\"v\":1,\"pid\":\"");
    viewer_write_pid(app, socket, out_state);
    buffer_append_text(out_state, viewer->is_plain ? "\",\"plain\":true" : "\"");
    const struct sale_room *room = viewer->room;
    if (room != NULL) {
        bool is_known = room->order.is_running && !room->wants_resync;
        buffer_append_format(out_state,
                             ",\"sale\":\"%s\",\"seq\":%lld,\"seen\":%lld,\"epoch\":%lld",
                             room->sale.text, is_known ? (long long)room->head.seq : 0,
                             (long long)room->head.seq, (long long)room->head.epoch);
        write_acks(room, socket.value, out_state);
    }
    buffer_append_text(out_state, "}");
    struct moved_viewer moved = {.socket = socket.value,
                                 .until_ms = app_now_ms(app) + MOVED_VIEWER_MS};
    memcpy(moved.sid, sid.data, sid.size);
    memcpy(moved.node, node.data, RELAY_NAME_SIZE);
    moved_viewers_add(&app->moved, &moved, app_now_ms(app));
    return buffer_status(out_state) == LC_OK;
}

void viewer_moved(struct auction_app *app, struct socketio_socket_id socket)
{
    struct viewer *viewer = socketio_socket_data(app->server, socket);
    if (viewer == NULL) {
        return;
    }
    viewer->may_return = true; // it is not missed in the lobby: it will be there from elsewhere
    if (viewer->room != NULL) {
        sale_room_leave(viewer->room, viewer);
    }
    viewer_destroy(app, viewer);
    app->metrics.viewers_moved_out++;
}

// ---- here it comes ----

static void take_acks(struct sale_room *room, const struct viewer *viewer, struct bytes acks)
{
    struct bytes item;
    size_t position = 0;
    while (json_slice_next(acks, &position, &item)) {
        int64_t ack_id;
        int64_t seq;
        struct bytes result = json_slice_member(item, "result");
        if (json_slice_int64(json_slice_member(item, "ack"), &ack_id) &&
            json_slice_int64(json_slice_member(item, "seq"), &seq) && result.size > 0) {
            sale_room_ack(room, viewer->socket.value, ack_id, seq, result);
        }
    }
}

// Becomes a member of its room at once, and of the room's stream when that is where it was.
static bool enter_again(struct auction_app *app, struct viewer *viewer,
                        const struct event_offset *at, int64_t seen_seq, struct bytes acks)
{
    struct sale_room *room = sale_room_open(app, &at->sale);
    if (room == NULL || room_lobby_enter(room, viewer) != LC_OK) {
        return false;
    }
    struct room_waiter waiter = {.kind = at->seq > 0 ? WAITER_RESUME : WAITER_AGAIN,
                                 .socket = viewer->socket.value,
                                 .join_no = viewer->join_no,
                                 .ack_id = -1,
                                 .from = at->seq > 0 ? at->seq : seen_seq,
                                 .epoch = at->epoch};
    viewer->awaits_stream = true;
    take_acks(room, viewer, acks);
    if (sale_room_line_up(room, &waiter) != ERROR_NONE) {
        sale_room_leave(room, viewer);
        return false;
    }
    room->serve_at_ms = 0; // when the socket is wholly here
    return true;
}

static bool read_state(struct auction_app *app, struct socketio_socket_id socket,
                       struct bytes state, struct pid_token *out_token, struct event_offset *out_at,
                       bool *out_has_sale)
{
    int64_t version;
    struct bytes pid;
    struct bytes sale_text;
    struct bytes sale = json_slice_member(state, "sale");
    struct bytes sid = socketio_socket_sid(app->server, socket);
    if (!json_slice_int64(json_slice_member(state, "v"), &version) || version != 1 ||
        !json_slice_plain_text(json_slice_member(state, "pid"), &pid) ||
        !pid_token_read(app->outside, pid, out_token) || !bytes_equal_text(sid, out_token->sid)) {
        return false;
    }
    *out_has_sale = sale.size > 0;
    return !*out_has_sale ||
           (json_slice_plain_text(sale, &sale_text) && sale_id_read(sale_text, &out_at->sale) &&
            json_slice_int64(json_slice_member(state, "seq"), &out_at->seq) &&
            json_slice_int64(json_slice_member(state, "epoch"), &out_at->epoch));
}

bool viewer_import(struct auction_app *app, struct socketio_socket_id socket, struct bytes state)
{
    struct pid_token token;
    struct event_offset at;
    bool has_sale;
    if (!read_state(app, socket, state, &token, &at, &has_sale)) {
        app->metrics.bad_messages++;
        return false;
    }
    bool is_plain = bytes_equal_text(json_slice_member(state, "plain"), "true");
    struct viewer *viewer = viewer_create(app, socket, &token.identity, is_plain);
    if (viewer == NULL) {
        return false;
    }
    int64_t seen_seq = 0;
    (void)json_slice_int64(json_slice_member(state, "seen"), &seen_seq); // of an older bridge: none
    if (has_sale && !enter_again(app, viewer, &at, seen_seq, json_slice_member(state, "acks"))) {
        viewer_destroy(app, viewer);
        return false;
    }
    app->metrics.viewers_moved_in++;
    return true;
}

// ---- replies that come where it was ----

void viewer_move_forward(struct auction_app *app, const struct pending_command *pending,
                         struct bytes result)
{
    const struct moved_viewer *moved =
        moved_viewers_find(&app->moved, pending->socket, app_now_ms(app));
    struct wire_head head;
    struct buffer note;
    if (moved == NULL) {
        return;
    }
    app->metrics.replies_forwarded++;
    bridge_note_begin(&note, "reply", bytes_text(moved->sid));
    buffer_append_format(
        &note, ",\"sale\":\"%s\",\"ack\":%lld,\"seq\":%lld,\"result\":", pending->sale.text,
        (long long)pending->ack_id, engine_result_head(result, &head) ? (long long)head.seq : 0);
    buffer_append(&note, result);
    buffer_append_text(&note, "}");
    bridge_note_send(app, moved->node, &note);
}

void viewer_take_reply_note(struct auction_app *app, struct bytes note)
{
    int64_t ack_id;
    int64_t seq;
    struct bytes sid;
    struct bytes sale;
    struct bytes result = json_slice_member(note, "result");
    if (!json_slice_plain_text(json_slice_member(note, "sid"), &sid) ||
        !json_slice_plain_text(json_slice_member(note, "sale"), &sale) ||
        !json_slice_int64(json_slice_member(note, "ack"), &ack_id) ||
        !json_slice_int64(json_slice_member(note, "seq"), &seq) || result.size == 0) {
        app->metrics.bad_messages++;
        return;
    }
    const struct viewer *viewer = app_viewer(app, socketio_socket_of_sid(app->server, sid).value);
    if (viewer == NULL) {
        return; // it has gone: whoever asked asks again
    }
    if (viewer->room != NULL && bytes_equal_text(sale, viewer->room->sale.text)) {
        sale_room_ack(viewer->room, viewer->socket.value, ack_id, seq, result);
    } else {
        app_ack(app, viewer->socket, ack_id, result);
    }
}
