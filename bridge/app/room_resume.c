// Those who go on where they were: clients that come back (WAITER_RESTORE) and sockets that moved
// here (WAITER_RESUME). What they missed comes from the room's history; what is older than that is
// fetched from the engine once for all of them, page by page towards the past.
#include "bridge/app/engine_request.h"
#include "bridge/app/json_slice.h"
#include "bridge/app/sale_room_parts.h"
#include "bridge/app/viewer_restore.h"

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
    return event_history_bytes_from(&room->history, waiter->from + 1) <= RESUME_BYTES_MAX
               ? RESUMES_NOW
               : RESUMES_NEVER;
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

static void go_on(struct sale_room *room, const struct room_waiter *waiter)
{
    if (waiter->kind == WAITER_RESTORE) {
        viewer_restore_take_up(room, waiter);
        return;
    }
    struct viewer *viewer = app_viewer(room->app, waiter->socket);
    if (viewer == NULL || viewer->room != room || viewer->join_no != waiter->join_no ||
        !viewer->awaits_stream) {
        return; // it has gone, or gone elsewhere
    }
    viewer->awaits_stream = false;
    if (socketio_room_join(room->app->server, viewer->socket, bytes_text(room->name)) != LC_OK) {
        sale_room_send_again(room, waiter);
        return;
    }
    room_stream_emit_past(room, viewer->socket, waiter->from);
    room_stream_ask_you(room, viewer); // a private notice may have gone to where it was
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
    while (list != NULL) {
        struct room_waiter *waiter = list;
        list = waiter->next;
        if (waiter->is_lost) {
            give_up(room, waiter);
        } else {
            go_on(room, waiter);
        }
        sale_room_free_waiter(room, waiter);
    }
    sale_room_release_acks(room, app_now_ms(room->app));
    if (oldest != INT64_MAX) {
        room_resume_ask_past(room, oldest);
    }
}
