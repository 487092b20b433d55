#include "bridge/app/http_api.h"
#include "bridge/app/sale_room_parts.h"
#include "bridge/app/viewer_restore.h"
#include "bridge/app/viewer_stream.h"

static const struct {
    const char *below;
    int qos;
} subscriptions[] = {
    {"info", 1}, {"state", 1},   {"lots/+", 1},    {"participants/+", 1},
    {"tick", 0}, {"event/+", 1}, {"private/+", 1},
};
enum { SUBSCRIPTIONS = sizeof subscriptions / sizeof subscriptions[0] };

// ---- life ----

static struct sale_room **slot_of(const struct auction_app *app, const struct sale_id *sale)
{
    uint64_t hash = UINT64_C(14695981039346656037);
    for (const char *c = sale->text; *c != 0; c++) {
        hash = (hash ^ (uint8_t)*c) * UINT64_C(1099511628211);
    }
    // The table belongs to the application, which is not const where rooms are opened and closed.
    union {
        struct sale_room *const *read;
        struct sale_room **write;
    } slot = {.read = &app->rooms[(hash ^ (hash >> 32)) % ROOM_TABLE_SIZE]};
    return slot.write;
}

struct sale_room *sale_room_find(const struct auction_app *app, const struct sale_id *sale)
{
    struct sale_room *room = *slot_of(app, sale);
    while (room != NULL && !sale_id_equal(&room->sale, sale)) {
        room = room->next;
    }
    return room;
}

void sale_room_subscribe(struct sale_room *room)
{
    const struct outside *outside = room->app->outside;
    for (size_t i = 0; i < SUBSCRIPTIONS; i++) {
        char pattern[TOPIC_SIZE_MAX];
        topic_pattern_sale(room->app->config.prefix, &room->sale, subscriptions[i].below, pattern);
        if (outside->subscribe(outside->context, pattern, subscriptions[i].qos) != LC_OK) {
            return; // not connected: made up for at the next connection
        }
    }
}

static void unsubscribe(struct sale_room *room)
{
    const struct outside *outside = room->app->outside;
    for (size_t i = 0; i < SUBSCRIPTIONS; i++) {
        char pattern[TOPIC_SIZE_MAX];
        topic_pattern_sale(room->app->config.prefix, &room->sale, subscriptions[i].below, pattern);
        if (outside->unsubscribe(outside->context, pattern) != LC_OK) {
            return;
        }
    }
}

struct sale_room *sale_room_open(struct auction_app *app, const struct sale_id *sale)
{
    struct sale_room *room = sale_room_find(app, sale);
    if (room != NULL) {
        return room;
    }
    room = app->rooms_count < ROOMS_MAX ? calloc(1, sizeof *room) : NULL;
    if (room == NULL) {
        return NULL;
    }
    struct sale_room **slot = slot_of(app, sale);
    room->app = app;
    room->sale = *sale;
    snprintf(room->name, sizeof room->name, "sale:%s", sale->text);
    snprintf(room->plain_name, sizeof room->plain_name, "sale:%s/plain", sale->text);
    room->opened_ms = app_now_ms(app);
    room->empty_since_ms = room->opened_ms;
    room->waiters_end = &room->waiters;
    room->acks_end = &room->acks;
    room->lingerers_end = &room->lingerers;
    room->serve_at_ms = INT64_MAX;
    attendance_init(&room->attendance);
    room_stream_init(room);
    room->next = *slot;
    *slot = room;
    app->rooms_count++;
    sale_room_subscribe(room);
    return room;
}

// Takes the room out of the table and frees it.
static void dispose(struct auction_app *app, struct sale_room *room)
{
    struct sale_room **slot = slot_of(app, &room->sale);
    while (*slot != room) {
        slot = &(*slot)->next;
    }
    *slot = room->next;
    app->rooms_count--;
    while (room->waiters != NULL) {
        struct room_waiter *waiter = room->waiters;
        room->waiters = waiter->next;
        free(waiter);
    }
    while (room->acks != NULL) {
        struct held_ack *ack = room->acks;
        room->acks = ack->next;
        buffer_release(&ack->result);
        free(ack);
    }
    room_lobby_release(room);
    room_stream_release(room);
    free(room);
}

void sale_room_close(struct auction_app *app, struct sale_room *room)
{
    LC_ASSERT(room->viewers_count == 0 && room->waiters == NULL);
    room_lobby_withdraw(room);
    unsubscribe(room);
    dispose(app, room);
}

void sale_room_forget(struct auction_app *app, struct sale_room *room)
{
    dispose(app, room);
}

void sale_room_withdraw(struct sale_room *room)
{
    room_lobby_withdraw(room);
}

// ---- the line of those who wait ----

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

static void send_degraded(struct sale_room *room, const struct viewer *viewer_or_null,
                          const char *event, bool is_live)
{
    char payload[120];
    snprintf(payload, sizeof payload, "{\"seq\":%lld,\"epoch\":%lld,\"live\":%s}",
             (long long)room->head.seq, (long long)room->head.epoch, is_live ? "true" : "false");
    if (viewer_or_null == NULL) {
        app_emit_room(room->app, room, event, bytes_text(payload), false);
    } else {
        app_emit(room->app, viewer_or_null->socket, event, bytes_text(payload));
    }
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
    viewer_stream_emit(app, viewer, "auction_snapshot",
                       room_stream_snapshot_arguments(room, snapshot, head, is_live));
    if (head.seq + 1 >= room->history.first) {
        room_stream_emit_past(room, viewer, head.seq);
    }
    room_stream_ask_you(room, viewer);
    if (!is_live) {
        send_degraded(room, viewer, "connection_degraded", false);
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
        send_degraded(room, viewer, "connection_degraded", false);
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
    struct room_waiter again = {
        .kind = WAITER_AGAIN, .socket = waiter->socket, .join_no = waiter->join_no, .ack_id = -1};
    if (sale_room_line_up(room, &again) == ERROR_NONE) {
        room->serve_at_ms = 0;
    } else {
        viewer_dismiss(room->app, viewer);
    }
}

void sale_room_leave(struct sale_room *room, struct viewer *viewer)
{
    LC_ASSERT(viewer->room == room);
    viewer_stream_leave(room, viewer);
    room_lobby_leave(room, viewer);
}

// ---- losses ----

void sale_room_degrade(struct sale_room *room, bool broker_is_lost)
{
    if (room->viewers_count > 0) {
        send_degraded(room, NULL, "connection_degraded", false);
    }
    if (broker_is_lost) {
        room_stream_resync(room); // what is sent meanwhile is lost for us
        room->presence_is_dirty = room->viewers_count > 0 || room->presence_is_published;
    }
    sale_room_advance(room);
}

void sale_room_restore(struct sale_room *room)
{
    if (room->viewers_count > 0) {
        send_degraded(room, NULL, "connection_restored", true);
    }
    room_stream_resync(room);
    sale_room_advance(room);
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

// When a room without viewers goes. What is no sale goes at once: else a stranger who asks for names
// that he made up could fill the table.
static int64_t idle_until_ms(const struct sale_room *room)
{
    return room->empty_since_ms + (room->has_info ? ROOM_LINGER_MS : 0);
}

static bool is_empty(const struct sale_room *room)
{
    return room->viewers_count == 0 && room->lingerers == NULL && room->waiters == NULL &&
           room->acks == NULL;
}

void sale_room_process(struct sale_room *room, int64_t now_ms)
{
    room_stream_process(room, now_ms);
    room_resume_process(room, now_ms);
    if (now_ms >= room->serve_at_ms) {
        room->serve_at_ms = INT64_MAX;
        sale_room_advance(room);
    }
    if (room->acks != NULL) {
        sale_room_release_acks(room, now_ms);
    }
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
    room_lobby_process(room, now_ms);
    if (is_empty(room) && now_ms >= idle_until_ms(room)) {
        sale_room_close(room->app, room);
    }
}

static int64_t earlier(int64_t a_ms, int64_t b_ms)
{
    return a_ms < b_ms ? a_ms : b_ms;
}

int64_t sale_room_deadline_ms(const struct sale_room *room)
{
    int64_t deadline_ms = earlier(room_stream_deadline_ms(room), room_lobby_deadline_ms(room));
    deadline_ms = earlier(deadline_ms, room->past_until_ms);
    deadline_ms = earlier(deadline_ms, room->serve_at_ms);
    for (const struct room_waiter *waiter = room->waiters; waiter != NULL; waiter = waiter->next) {
        deadline_ms = earlier(deadline_ms, waiter->deadline_ms);
    }
    if (room->acks != NULL) { // all are held for the same time: the first ends first
        deadline_ms = earlier(deadline_ms, room->acks->deadline_ms);
    }
    if (is_empty(room)) {
        deadline_ms = earlier(deadline_ms, idle_until_ms(room));
    }
    return deadline_ms;
}
