// Those who go on where they were: clients that come back (WAITER_RESTORE) and sockets that moved
// here (WAITER_RESUME). What they missed comes from the room's history; what is older than that is
// fetched from the engine once for all of them, page by page towards the past.
#include "bridge/app/engine_request.h"
#include "bridge/app/json_slice.h"
#include "bridge/app/sale_room_parts.h"
#include "bridge/app/viewer_restore.h"
#include "bridge/app/viewer_stream.h"

enum verdict {
    RESUMES_NOW,
    WAITS_FOR_STREAM,
    NEEDS_PAST,
    RESUMES_NEVER, // too old, too much, or of a history that did not go on
};

static bool is_resumer(const struct room_waiter *waiter)
{
    return waiter->kind == WAITER_RESTORE || waiter->kind == WAITER_RESUME;
}

// The epoch of the event `seq`, where it is known here.
static bool find_epoch(const struct sale_room *room, int64_t seq, int64_t *out_epoch)
{
    const struct past_event *event = event_history_at(&room->history, seq);
    if (event == NULL && seq != room->history_base.seq) {
        return false;
    }
    *out_epoch = event == NULL ? room->history_base.epoch : event->epoch;
    return true;
}

static enum verdict judge(const struct sale_room *room, const struct room_waiter *waiter)
{
    const struct event_order *order = &room->order;
    int64_t epoch;
    if (!order->is_running) {
        return WAITS_FOR_STREAM;
    }
    if (waiter->kind == WAITER_RESTORE && // before anything is fetched for it
        identity_may_view(&waiter->identity, &room->sale, room->is_public) != ERROR_NONE) {
        return RESUMES_NEVER;
    }
    if (waiter->from > order->last_seq) { // seen there, and not here yet; or of a lost history
        bool has_ended =
            waiter->epoch < order->last_epoch && waiter->from >= order->epoch_first_seq;
        return has_ended ? RESUMES_NEVER : WAITS_FOR_STREAM;
    }
    if (order->last_seq - waiter->from > room->app->config.recovery_events_max) {
        return RESUMES_NEVER;
    }
    if (!find_epoch(room, waiter->from, &epoch)) {
        return NEEDS_PAST;
    }
    if (epoch != waiter->epoch) { // what it has seen is not what happened
        return RESUMES_NEVER;
    }
    if (room->history.first > waiter->from + 1) {
        return NEEDS_PAST;
    }
    return RESUMES_NOW;
}

// ---- going on ----

static void give_up(struct sale_room *room, const struct room_waiter *waiter)
{
    if (waiter->kind == WAITER_RESTORE) {
        viewer_restore_give_up(room->app, waiter);
    } else {
        sale_room_send_again(room, waiter);
    }
}

bool room_resume_feed(struct sale_room *room, struct room_waiter *waiter)
{
    struct auction_app *app = room->app;
    struct socketio_socket_id socket = {waiter->socket};
    while (waiter->from < room->order.last_seq) {
        const struct past_event *event = event_history_at(&room->history, waiter->from + 1);
        const struct viewer *viewer = socketio_socket_data(app->server, socket);
        size_t waiting = socketio_socket_waiting(app->server, socket);
        LC_ASSERT(event != NULL);
        if (viewer == NULL) {
            return true; // it has gone
        }
        if (waiting + event->size > RESUME_WAITING_MAX && waiting > 0) {
            return false;
        }
        viewer_stream_emit(app, viewer, event->name, bytes_of(event->arguments, event->size));
        room->fed_bytes += event->size;
        waiter->from++;
        waiter->epoch = event->epoch;
        waiter->deadline_ms = app_now_ms(app) + RESTORE_WAIT_MS; // it goes on
    }
    return true;
}

// True: done with; false: there is more, when what it was sent is on its way.
static bool resume(struct sale_room *room, struct room_waiter *waiter)
{
    struct auction_app *app = room->app;
    struct viewer *viewer = app_viewer(app, waiter->socket);
    if (viewer == NULL || viewer->room != room || viewer->join_no != waiter->join_no ||
        !viewer->awaits_stream) {
        return true; // it has gone, or gone elsewhere
    }
    if (!room_resume_feed(room, waiter)) {
        return false;
    }
    viewer->awaits_stream = false;
    if (viewer_stream_join(room, viewer) != LC_OK) {
        sale_room_send_again(room, waiter);
        return true;
    }
    room_stream_ask_you(room, viewer); // a private notice may have gone to where it was
    return true;
}

// False: it stays in the line.
static bool serve(struct sale_room *room, struct room_waiter *waiter)
{
    if (waiter->is_lost) {
        give_up(room, waiter);
        return true;
    }
    if (waiter->kind == WAITER_RESTORE) {
        viewer_restore_take_up(room, waiter);
        return true;
    }
    return resume(room, waiter);
}

static void put_back(struct sale_room *room, struct room_waiter *waiter, int64_t again_ms)
{
    waiter->next = NULL;
    *room->waiters_end = waiter;
    room->waiters_end = &waiter->next;
    room->serve_at_ms = again_ms < room->serve_at_ms ? again_ms : room->serve_at_ms;
}

// When a bridge starts anew all come back at once: what they missed shall not all be waiting at the
// same time.
static void serve_all(struct sale_room *room, struct room_waiter *list)
{
    int64_t now_ms = app_now_ms(room->app);
    room->fed_bytes = 0;
    while (list != NULL) {
        struct room_waiter *waiter = list;
        list = waiter->next;
        if (!waiter->is_lost && room->fed_bytes > RESUME_TURN_MAX) {
            waiter->deadline_ms = now_ms + RESTORE_WAIT_MS;
            put_back(room, waiter, now_ms);
        } else if (serve(room, waiter)) {
            sale_room_free_waiter(room, waiter);
        } else {
            put_back(room, waiter, now_ms + RESUME_PAUSE_MS);
        }
    }
}

// Takes those out of the line for whom the verdict is clear, and serves them.
void room_resume_serve(struct sale_room *room)
{
    struct room_waiter *list = NULL;
    struct room_waiter **end = &list;
    struct room_waiter **link = &room->waiters;
    int64_t oldest = INT64_MAX;
    while (*link != NULL) {
        struct room_waiter *waiter = *link;
        enum verdict verdict = is_resumer(waiter) ? judge(room, waiter) : WAITS_FOR_STREAM;
        if (verdict == NEEDS_PAST && room_resume_past_is_full(room)) {
            verdict = RESUMES_NEVER;
        }
        if (verdict == NEEDS_PAST && waiter->from < oldest) {
            oldest = waiter->from;
        }
        if (verdict == WAITS_FOR_STREAM || verdict == NEEDS_PAST) {
            link = &waiter->next;
            continue;
        }
        waiter->is_lost = verdict == RESUMES_NEVER;
        *link = waiter->next;
        waiter->next = NULL;
        *end = waiter;
        end = &waiter->next;
    }
    room->waiters_end = link;
    serve_all(room, list);
    sale_room_release_acks(room, app_now_ms(room->app));
    if (oldest != INT64_MAX) {
        room_resume_ask_past(room, oldest);
    }
}
