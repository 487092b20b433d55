// Those who wait for a sale's room: to join, for a fresh snapshot, to go on where they were, and HTTP
// requests that ask for what the room does not have yet.
#include "bridge/app/http_api.h"
#include "bridge/app/sale_room_parts.h"
#include "bridge/app/viewer_restore.h"
#include "bridge/app/viewer_stream.h"

// ---- the line ----

static bool is_resumer(const struct room_waiter *waiter)
{
    return waiter->kind == WAITER_RESTORE || waiter->kind == WAITER_RESUME;
}

// The viewer that is kept waiting; NULL: it is none, or has gone.
static struct viewer *waiting_viewer(const struct sale_room *room, const struct room_waiter *waiter)
{
    struct socketio_socket_id socket = {waiter->socket};
    return waiter->socket == 0 || waiter->kind == WAITER_RESTORE
               ? NULL
               : socketio_socket_data(room->app->server, socket);
}

void sale_room_free_waiter(struct sale_room *room, struct room_waiter *waiter)
{
    struct viewer *viewer = waiting_viewer(room, waiter);
    if (viewer != NULL) {
        LC_ASSERT(viewer->waits > 0);
        viewer->waits--;
    }
    room->resumers_count -= is_resumer(waiter) ? 1 : 0;
    room->waiters_count--;
    free(waiter);
}

// Takes those out of the line for whom `is_chosen` says so.
static struct room_waiter *take_waiters(struct sale_room *room,
                                        bool (*is_chosen)(const struct sale_room *,
                                                          const struct room_waiter *))
{
    struct room_waiter *taken = NULL;
    struct room_waiter **taken_end = &taken;
    struct room_waiter **link = &room->waiters;
    while (*link != NULL) {
        struct room_waiter *waiter = *link;
        if (is_chosen(room, waiter)) {
            *link = waiter->next;
            waiter->next = NULL;
            *taken_end = waiter;
            taken_end = &waiter->next;
        } else {
            link = &waiter->next;
        }
    }
    room->waiters_end = link;
    return taken;
}

static bool wants_snapshot(const struct sale_room *room, const struct room_waiter *waiter)
{
    (void)room;
    return waiter->kind == WAITER_JOIN || waiter->kind == WAITER_AGAIN;
}

static bool is_anyone(const struct sale_room *room, const struct room_waiter *waiter)
{
    (void)room;
    (void)waiter;
    return true;
}

static bool is_late(const struct sale_room *room, const struct room_waiter *waiter)
{
    return app_now_ms(room->app) >= waiter->deadline_ms;
}

// HTTP requests that can be decided now.
static bool is_decidable(const struct sale_room *room, const struct room_waiter *waiter)
{
    bool may_be_seen =
        room->has_info || identity_may_view(&waiter->identity, &room->sale, false) == ERROR_NONE;
    if (waiter->kind == WAITER_VIEW) {
        return room->has_info;
    }
    return waiter->kind == WAITER_LOTS && may_be_seen &&
           ((room->lots_pages[waiter->page] != NULL && room->lots_pages[waiter->page]->size > 0) ||
            identity_may_view(&waiter->identity, &room->sale, room->is_public) != ERROR_NONE);
}

static void refuse(struct sale_room *room, const struct room_waiter *waiter, enum error_code code)
{
    struct viewer *viewer = app_viewer(room->app, waiter->socket);
    if (waiter->kind == WAITER_VIEW || waiter->kind == WAITER_LOTS) {
        http_api_refuse(room->app, waiter->exchange, code, NULL);
    } else if (waiter->kind == WAITER_JOIN && viewer != NULL) {
        app_ack_error(room->app, viewer->socket, waiter->ack_id, code, NULL);
    } else if (waiter->kind == WAITER_RESTORE) {
        viewer_restore_give_up(room->app, waiter);
    } else if (waiter->kind == WAITER_RESUME &&
               (code == ERROR_TIMEOUT || code == ERROR_ENGINE_OFFLINE)) {
        sale_room_send_again(room, waiter);
    } else if (viewer != NULL && viewer->room == room && viewer->join_no == waiter->join_no) {
        viewer_dismiss(room->app, viewer); // it cannot follow: it shall connect anew
    }
}

void sale_room_refuse_all(struct sale_room *room, enum error_code code)
{
    struct room_waiter *list = take_waiters(room, is_anyone);
    while (list != NULL) {
        struct room_waiter *waiter = list;
        list = waiter->next;
        refuse(room, waiter, code);
        sale_room_free_waiter(room, waiter);
    }
}

static void refuse_late(struct sale_room *room)
{
    struct room_waiter *list = take_waiters(room, is_late);
    while (list != NULL) {
        struct room_waiter *waiter = list;
        list = waiter->next;
        refuse(room, waiter,
               !room->app->is_live           ? ERROR_ENGINE_OFFLINE
               : waiter->kind == WAITER_LOTS ? ERROR_NOT_FOUND
                                             : ERROR_TIMEOUT);
        sale_room_free_waiter(room, waiter);
    }
}

// ---- joining ----

static void acknowledge_join(struct sale_room *room, const struct viewer *viewer, int64_t ack_id,
                             struct wire_head head)
{
    char result[160];
    snprintf(result, sizeof result, "{\"ok\":true,\"seq\":%lld,\"epoch\":%lld,\"members\":%lld}",
             (long long)head.seq, (long long)head.epoch, (long long)room_lobby_members(room));
    app_ack(room->app, viewer->socket, ack_id, bytes_text(result));
}

// Makes a viewer a member of the room and of its stream; NONE or why not.
static enum error_code enter(struct sale_room *room, struct viewer *viewer)
{
    enum error_code code = identity_may_view(&viewer->identity, &room->sale, room->is_public);
    if (code != ERROR_NONE) {
        return code;
    }
    if (viewer->room != NULL) {
        sale_room_leave(viewer->room, viewer);
    }
    if (viewer_stream_join(room, viewer) != LC_OK) {
        return ERROR_INTERNAL;
    }
    if (room_lobby_enter(room, viewer) != LC_OK) {
        viewer_stream_leave(room, viewer);
        return ERROR_TOO_MANY;
    }
    return ERROR_NONE;
}

// Whether what the broker has kept is older than what the viewer has seen: prices do not go back. A
// newer epoch may have another history.
static bool has_seen_more(const struct room_waiter *waiter, struct wire_head kept)
{
    return waiter->kind == WAITER_AGAIN && waiter->from > kept.seq && waiter->epoch >= kept.epoch;
}

static void admit(struct sale_room *room, const struct room_waiter *waiter, struct bytes snapshot,
                  struct wire_head head, bool is_live)
{
    struct auction_app *app = room->app;
    struct viewer *viewer = app_viewer(app, waiter->socket);
    if (viewer == NULL) {
        return;
    }
    if (viewer->join_no != waiter->join_no) {
        if (waiter->kind == WAITER_JOIN) {
            app_ack_error(app, viewer->socket, waiter->ack_id, ERROR_NOT_JOINED,
                          "another join or leave followed");
        }
        return;
    }
    if (waiter->kind == WAITER_JOIN) {
        enum error_code code = enter(room, viewer);
        if (code != ERROR_NONE) {
            app_ack_error(app, viewer->socket, waiter->ack_id, code, NULL);
            return;
        }
        acknowledge_join(room, viewer, waiter->ack_id, head);
    } else if (viewer_stream_join(room, viewer) != LC_OK) {
        refuse(room, waiter, ERROR_INTERNAL);
        return;
    }
    viewer->awaits_stream = false;
    bool is_old = !is_live && has_seen_more(waiter, head);
    if (!is_old) {
        viewer_stream_emit(app, viewer, "auction_snapshot",
                           room_stream_snapshot_arguments(room, snapshot, head, is_live));
    }
    int64_t seen_seq = is_old ? waiter->from : head.seq;
    if (seen_seq + 1 >= room->history.first) {
        room_stream_emit_past(room, viewer, seen_seq);
    }
    room_stream_ask_you(room, viewer);
    if (!is_live) {
        sale_room_tell_live(room, viewer, "connection_degraded", false);
        room->wants_resync = true;
        room->resync_due_ms = app_now_ms(app) + RESYNC_RETRY_MS;
    }
}

void sale_room_follow(struct sale_room *room, struct viewer *viewer)
{
    struct auction_app *app = room->app;
    if (viewer_stream_join(room, viewer) != LC_OK) {
        viewer_dismiss(app, viewer);
        return;
    }
    room_stream_ask_you(room, viewer);
    if (!app->is_live) {
        sale_room_tell_live(room, viewer, "connection_degraded", false);
    }
}

void sale_room_admit_all(struct sale_room *room, struct bytes snapshot, struct wire_head head,
                         bool is_live)
{
    struct room_waiter *list = take_waiters(room, wants_snapshot);
    while (list != NULL) {
        struct room_waiter *waiter = list;
        list = waiter->next;
        admit(room, waiter, snapshot, head, is_live);
        sale_room_free_waiter(room, waiter);
    }
}

void sale_room_retained_snapshot(const struct sale_room *room, struct buffer *out,
                                 struct wire_head *out_head)
{
    static const struct bytes none = {NULL, 0};
    int64_t engine_ms = 0;
    int64_t uncertainty_ms;
    struct wire_head head = room->head;
    const struct buffer *lots = room->lots_pages[0];
    if (!engine_clock_now(&room->app->engine_clock, app_now_ms(room->app), &engine_ms,
                          &uncertainty_ms)) {
        engine_ms = room->app->outside->wall_ms(room->app->outside->context);
    }
    wire_write_retained_snapshot(out, buffer_bytes(&room->info), buffer_bytes(&room->state),
                                 lots == NULL ? none : buffer_bytes(lots),
                                 buffer_bytes(&room->participants), engine_ms);
    if (wire_read_head(buffer_bytes(out), &head) == LC_OK) {
        *out_head = head;
    }
}

// No engine: those who wait get what the broker has kept: when all of it is there, or when their
// time is up.
static void serve_retained(struct sale_room *room, bool time_is_up)
{
    bool is_complete = room->lots_pages[0] != NULL && room->participants.size > 0;
    if (!room->has_info || room->state.size == 0 || (!is_complete && !time_is_up)) {
        return;
    }
    struct buffer snapshot;
    struct wire_head head = room->head;
    buffer_init(&snapshot, RESPONSE_SIZE_MAX);
    sale_room_retained_snapshot(room, &snapshot, &head);
    sale_room_admit_all(room, buffer_bytes(&snapshot), head, false);
    buffer_release(&snapshot);
}

static void serve_http(struct sale_room *room)
{
    struct room_waiter *list = take_waiters(room, is_decidable);
    while (list != NULL) {
        struct room_waiter *waiter = list;
        list = waiter->next;
        enum error_code code = identity_may_view(&waiter->identity, &room->sale, room->is_public);
        if (code != ERROR_NONE) {
            refuse(room, waiter, code);
        } else if (waiter->kind == WAITER_LOTS) {
            http_api_lots_page(room->app, waiter->exchange,
                               buffer_bytes(room->lots_pages[waiter->page]));
        } else {
            http_api_view(room->app, waiter);
        }
        sale_room_free_waiter(room, waiter);
    }
}

void sale_room_advance(struct sale_room *room)
{
    int64_t now_ms = app_now_ms(room->app);
    if (room->waiters == NULL) {
        return;
    }
    serve_http(room);
    if (room->resumers_count > 0) {
        room_resume_serve(room);
    }
    bool needs_stream = room->resumers_count > 0 && !room->order.is_running;
    bool needs_snapshot = false;
    bool needs_info = false;
    for (struct room_waiter *waiter = room->waiters; waiter != NULL; waiter = waiter->next) {
        needs_snapshot = needs_snapshot || wants_snapshot(room, waiter);
        bool is_http = waiter->kind == WAITER_VIEW || waiter->kind == WAITER_LOTS;
        needs_info = needs_info || (is_http && !room->has_info);
    }
    if (needs_snapshot && room_stream_is_joinable(room, now_ms)) {
        sale_room_admit_all(room, buffer_bytes(&room->snapshot), room->snapshot_head, true);
    } else if ((needs_snapshot || needs_info || needs_stream) && !room->snapshot_waits &&
               room_stream_ask_snapshot(room) != ERROR_NONE) {
        serve_retained(room, false);
    }
}

static int64_t patience_ms(const struct sale_room *room, const struct room_waiter *waiter)
{
    if (is_resumer(waiter)) { // perhaps to a bridge that is just starting
        return RESTORE_WAIT_MS;
    }
    int64_t waits_ms = room->app->is_live        ? COMMAND_TIMEOUT_MS * 3 / 2
                       : room->app->is_connected ? ROOM_UNKNOWN_MS
                                                 : 0;
    return waiter->kind == WAITER_LOTS && waits_ms > LOTS_PAGE_WAIT_MS ? LOTS_PAGE_WAIT_MS
                                                                       : waits_ms;
}

enum error_code sale_room_line_up(struct sale_room *room, const struct room_waiter *waiter)
{
    struct room_waiter *copy =
        room->waiters_count < WAITERS_OF_A_ROOM_MAX ? malloc(sizeof *copy) : NULL;
    if (copy == NULL) {
        return ERROR_TOO_MANY;
    }
    struct viewer *viewer = waiting_viewer(room, waiter);
    if (viewer != NULL) {
        viewer->waits++;
    }
    *copy = *waiter;
    copy->deadline_ms = app_now_ms(room->app) + patience_ms(room, waiter);
    copy->next = NULL;
    *room->waiters_end = copy;
    room->waiters_end = &copy->next;
    room->waiters_count++;
    room->resumers_count += is_resumer(waiter) ? 1 : 0;
    return ERROR_NONE;
}

enum error_code sale_room_wait(struct sale_room *room, const struct room_waiter *waiter)
{
    enum error_code code = sale_room_line_up(room, waiter);
    if (code == ERROR_NONE) {
        sale_room_advance(room);
    }
    return code;
}

void sale_room_send_again(struct sale_room *room, const struct room_waiter *waiter)
{
    struct viewer *viewer = app_viewer(room->app, waiter->socket);
    if (viewer == NULL || viewer->room != room || viewer->join_no != waiter->join_no) {
        return;
    }
    struct room_waiter again = {.kind = WAITER_AGAIN,
                                .socket = waiter->socket,
                                .join_no = waiter->join_no,
                                .ack_id = -1,
                                .from = waiter->from,
                                .epoch = waiter->epoch};
    if (sale_room_line_up(room, &again) == ERROR_NONE) {
        room->serve_at_ms = 0;
    } else {
        viewer_dismiss(room->app, viewer);
    }
}

// ---- time ----

static bool has_late(const struct sale_room *room)
{
    for (const struct room_waiter *waiter = room->waiters; waiter != NULL; waiter = waiter->next) {
        if (is_late(room, waiter)) {
            return true;
        }
    }
    return false;
}

void room_line_process(struct sale_room *room)
{
    if (has_late(room)) {
        // Waiting for a stream that does not come: the whole room gets the snapshot instead.
        bool is_stuck = room->snapshot_waits;
        if (!room->app->is_live) {
            serve_retained(room, true);
        }
        refuse_late(room);
        if (is_stuck) {
            room_stream_resync(room);
        }
    }
}
