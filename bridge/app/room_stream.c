#include "bridge/app/engine_request.h"
#include "bridge/app/json_slice.h"
#include "bridge/app/sale_room_parts.h"
#include "bridge/app/viewer_stream.h"
#include "lib/wire/message_event.h"

// ---- what a client goes on from ----

struct bytes room_stream_with_offset(struct sale_room *room, struct bytes payload,
                                     struct wire_head head)
{
    char offset[EVENT_OFFSET_SIZE_MAX + 1];
    event_offset_write(&(struct event_offset){room->sale, head.epoch, head.seq}, offset);
    buffer_clear(&room->arguments);
    buffer_append(&room->arguments, payload);
    buffer_append_format(&room->arguments, ",\"%s\"", offset);
    return buffer_status(&room->arguments) == LC_OK ? buffer_bytes(&room->arguments) : payload;
}

struct bytes room_stream_snapshot_arguments(struct sale_room *room, struct bytes snapshot,
                                            struct wire_head head, bool is_live)
{
    if (is_live) {
        return room_stream_with_offset(room, snapshot, head);
    }
    // What the broker keeps is of several moments: nobody can go on from it.
    buffer_clear(&room->arguments);
    buffer_append(&room->arguments, snapshot);
    buffer_append_text(&room->arguments, ",\"" EVENT_OFFSET_NONE "\"");
    return buffer_status(&room->arguments) == LC_OK ? buffer_bytes(&room->arguments) : snapshot;
}

void room_stream_emit_past(struct sale_room *room, const struct viewer *viewer, int64_t after_seq)
{
    for (int64_t seq = after_seq + 1; room->order.is_running && seq <= room->order.last_seq;
         seq++) {
        const struct past_event *event = event_history_at(&room->history, seq);
        LC_ASSERT(event != NULL);
        viewer_stream_emit(room->app, viewer, event->name, bytes_of(event->arguments, event->size));
    }
}

// ---- the stream ----

static void deliver(void *owner, const struct ordered_event *event)
{
    struct sale_room *room = owner;
    if (event->is_ephemeral) {
        app_emit_room(room->app, room, event->name, event->payload, false);
        return;
    }
    room->head = (struct wire_head){event->seq, event->epoch};
    struct bytes arguments = room_stream_with_offset(room, event->payload, room->head);
    event_history_append(&room->history, event->seq, event->epoch, event->name, arguments);
    room_resume_trim(room);
    app_emit_room(room->app, room, event->name, arguments, false);
    room->app->metrics.events_fanned_out++;
    sale_room_release_acks(room, app_now_ms(room->app));
    if (room->snapshot_waits && event->seq == room->snapshot_head.seq) {
        room_stream_settle(room);
    }
    if (room->resumers_count > 0) {
        room_resume_serve(room);
    }
}

void room_stream_init(struct sale_room *room)
{
    event_order_init(&room->order, deliver, room);
    buffer_init(&room->info, WIRE_PAYLOAD_SIZE_MAX);
    buffer_init(&room->state, WIRE_PAYLOAD_SIZE_MAX);
    buffer_init(&room->participants, WIRE_PAYLOAD_SIZE_MAX);
    buffer_init(&room->snapshot, RESPONSE_SIZE_MAX);
    buffer_init(&room->arguments, RESPONSE_SIZE_MAX + EVENT_OFFSET_SIZE_MAX + 8);
    event_history_init(&room->history);
    event_history_init(&room->past);
    room->past_until_ms = INT64_MAX;
    room->resync_due_ms = INT64_MAX;
}

void room_stream_release(struct sale_room *room)
{
    event_order_release(&room->order);
    room_resume_forget_past(room);
    event_history_release(&room->history);
    event_history_release(&room->past);
    buffer_release(&room->arguments);
    buffer_release(&room->info);
    buffer_release(&room->state);
    buffer_release(&room->participants);
    buffer_release(&room->snapshot);
    for (size_t i = 0; i < LOTS_PAGES_MAX; i++) {
        if (room->lots_pages[i] != NULL) {
            buffer_release(room->lots_pages[i]);
            free(room->lots_pages[i]);
        }
    }
}

static void take_verdict(struct sale_room *room, enum event_verdict verdict)
{
    switch (verdict) {
    case EVENT_DUPLICATE:
        room->app->metrics.duplicates++;
        break;
    case EVENT_STALE:
        room->app->metrics.stale++;
        break;
    case EVENT_REWOUND:
        app_log(room->app, OUTSIDE_WARNING, "sale %s: its history goes on from an older event",
                room->sale.text);
        room_stream_resync(room);
        break;
    case EVENT_DELIVERED:
    case EVENT_HELD:
    case EVENT_DROPPED:
        break;
    }
}

void sale_room_event(struct sale_room *room, const struct ordered_event *event)
{
    take_verdict(room, event_order_take(&room->order, event, app_now_ms(room->app)));
}

void sale_room_tick(struct sale_room *room, struct bytes payload)
{
    struct wire_head head;
    if (wire_read_head(payload, &head) != LC_OK) {
        room->app->metrics.bad_messages++;
        return;
    }
    enum event_verdict verdict =
        event_order_reveal(&room->order, head.seq, head.epoch, app_now_ms(room->app));
    if (verdict == EVENT_REWOUND) {
        take_verdict(room, verdict);
    } else if (room->order.is_running && head.seq == room->order.last_seq) {
        // A tick from before or behind the newest event would move the clock back (lesson F10).
        app_emit_room(room->app, room, "tick", payload, true);
        room->app->metrics.ticks_fanned_out++;
    }
}

void sale_room_private(struct sale_room *room, const struct participant_id *participant,
                       struct bytes payload)
{
    char event[33];
    if (wire_read_private_event(payload, event) != LC_OK) {
        room->app->metrics.bad_messages++;
        return;
    }
    for (struct viewer *viewer = room->viewers; viewer != NULL; viewer = viewer->next_in_room) {
        if (identity_is_participant(&viewer->identity, participant)) {
            app_emit(room->app, viewer->socket, event, payload);
            room->app->metrics.private_notices++;
        }
    }
}

// ---- retained state ----

static void store(struct buffer *buffer, struct bytes payload)
{
    buffer_clear(buffer);
    buffer_append(buffer, payload);
    if (buffer_status(buffer) != LC_OK) {
        buffer_clear(buffer);
    }
}

static void take_info(struct sale_room *room, struct bytes info)
{
    struct json *document;
    bool is_public = false;
    if (info.size == 0 || json_parse(info, &document) != LC_OK) {
        room->has_info = false;
        buffer_clear(&room->info);
        return;
    }
    bool is_there = json_to_bool(json_member(document, "public"), &is_public);
    json_destroy(document);
    store(&room->info, info);
    room->has_info = is_there;
    room->is_public = is_public;
}

static void take_lots_page(struct sale_room *room, int64_t page, struct bytes payload)
{
    if (page < 0 || page >= LOTS_PAGES_MAX) {
        return;
    }
    struct buffer **slot = &room->lots_pages[page];
    if (*slot == NULL && payload.size > 0) {
        *slot = malloc(sizeof **slot);
        if (*slot != NULL) {
            buffer_init(*slot, WIRE_PAYLOAD_SIZE_MAX);
        }
    }
    if (*slot != NULL) {
        store(*slot, payload);
    }
}

static void take_state(struct sale_room *room, struct bytes payload)
{
    struct wire_head head;
    store(&room->state, payload);
    if (wire_read_head(payload, &head) != LC_OK) {
        return;
    }
    if (!room->order.is_running && room->order.last_seq == 0) {
        room->head = head;
    }
    enum event_verdict verdict =
        event_order_reveal(&room->order, head.seq, head.epoch, app_now_ms(room->app));
    if (verdict == EVENT_REWOUND) {
        take_verdict(room, verdict);
    }
}

void sale_room_retained(struct sale_room *room, const struct topic *topic, struct bytes payload)
{
    if (topic->kind == TOPIC_SALE_INFO) {
        take_info(room, payload);
    } else if (topic->kind == TOPIC_SALE_STATE) {
        take_state(room, payload);
    } else if (topic->kind == TOPIC_SALE_LOTS) {
        take_lots_page(room, topic->page, payload);
    } else if (topic->kind == TOPIC_SALE_PARTICIPANTS && topic->page == 0) {
        store(&room->participants, payload);
    }
    sale_room_advance(room);
}

// ---- snapshots ----

enum error_code room_stream_ask_snapshot(struct sale_room *room)
{
    if (room->snapshot_is_asked) {
        return ERROR_NONE;
    }
    struct engine_request request = {.pending = {.kind = PENDING_SNAPSHOT,
                                                 .operation = OPERATION_SNAPSHOT,
                                                 .sale = room->sale,
                                                 .exchange = room->snapshot_no + 1},
                                     .role = ROLE_VIEWER};
    enum error_code code = engine_request_send(room->app, &request);
    if (code == ERROR_NONE) {
        room->snapshot_no++;
        room->snapshot_is_asked = true;
    }
    return code;
}

void room_stream_resync(struct sale_room *room)
{
    event_order_freeze(&room->order);
    room->order.is_replaying = false;
    room->replay_no++; // what is under way was asked before and counts no more
    room->snapshot_no++;
    room->snapshot_is_asked = false;
    room->snapshot_waits = false;
    room->has_snapshot = false;
    room->wants_resync = room->viewers_count > 0;
    room->resync_due_ms = app_now_ms(room->app) + RESYNC_RETRY_MS;
    if (room->wants_resync || room->waiters_count > 0) {
        enum error_code code = room_stream_ask_snapshot(room);
        if (code != ERROR_NONE) {
            app_log(room->app, OUTSIDE_DEBUG, "sale %s: no snapshot yet: %s", room->sale.text,
                    error_code_name(code));
        }
    }
}

bool room_stream_is_joinable(const struct sale_room *room, int64_t now_ms)
{
    return room->has_snapshot && room->order.is_running &&
           now_ms - room->snapshot_at_ms <= SNAPSHOT_CACHE_MS &&
           room->snapshot_head.seq <= room->order.last_seq &&
           room->snapshot_head.seq + 1 >= room->history.first;
}

void room_stream_settle(struct sale_room *room)
{
    int64_t seq = room->snapshot_head.seq;
    if (seq > room->order.last_seq) {
        room->snapshot_waits = true;
        take_verdict(room, event_order_reveal(&room->order, seq, room->snapshot_head.epoch,
                                              app_now_ms(room->app)));
        return;
    }
    room->snapshot_waits = false;
    if (seq + 1 < room->history.first && seq < room->order.last_seq) {
        enum error_code code = room_stream_ask_snapshot(room); // overtaken by too many events
        if (code != ERROR_NONE) {
            sale_room_advance(room);
        }
        return;
    }
    sale_room_admit_all(room, buffer_bytes(&room->snapshot), room->snapshot_head, true);
}

void room_stream_ask_you(struct sale_room *room, struct viewer *viewer)
{
    if (viewer->identity.is_known && viewer->identity.role == ROLE_BIDDER) {
        struct engine_request request = {.pending = {.kind = PENDING_YOU,
                                                     .operation = OPERATION_YOU,
                                                     .sale = room->sale,
                                                     .socket = viewer->socket.value},
                                         .by = viewer->identity.subject,
                                         .role = viewer->identity.role};
        enum error_code code = engine_request_send(room->app, &request);
        if (code != ERROR_NONE) {
            app_log(room->app, OUTSIDE_DEBUG, "sale %s: you: %s", room->sale.text,
                    error_code_name(code));
        }
        return;
    }
    struct buffer payload;
    buffer_init(&payload, 4096);
    wire_write_you(&payload, &(struct wire_you){.head = room->head,
                                                .role = viewer->identity.role,
                                                .budget_minor = WIRE_ABSENT,
                                                .max_bid_minor = WIRE_ABSENT});
    app_emit(room->app, viewer->socket, "you", buffer_bytes(&payload));
    buffer_release(&payload);
}

// The stream begins, or goes on after a loss, behind the snapshot at hand.
static void start_stream(struct sale_room *room)
{
    event_order_start(&room->order, room->snapshot_head.seq, room->snapshot_head.epoch);
    event_history_reset(&room->history, room->snapshot_head.seq + 1);
    room->history_base = room->snapshot_head;
    room_resume_forget_past(room);
    room->head = room->snapshot_head;
    room->wants_resync = false;
    room->resync_due_ms = INT64_MAX;
    if (room->viewers_count > 0) {
        room->app->metrics.resyncs++;
        struct bytes arguments = room_stream_snapshot_arguments(room, buffer_bytes(&room->snapshot),
                                                                room->snapshot_head, true);
        app_emit_room(room->app, room, "auction_snapshot", arguments, false);
        for (struct viewer *viewer = room->viewers; viewer != NULL; viewer = viewer->next_in_room) {
            if (!viewer->awaits_stream) { // else it asks when it goes on
                room_stream_ask_you(room, viewer);
            }
        }
    }
}

void sale_room_take_snapshot(struct sale_room *room, uint64_t request_no, struct bytes result,
                             int64_t asked_ms)
{
    struct auction_app *app = room->app;
    int64_t now_ms = app_now_ms(app);
    int64_t engine_ms;
    struct wire_head head;
    struct bytes snapshot = json_slice_member(result, "snapshot");
    if (request_no != room->snapshot_no) {
        return;
    }
    room->snapshot_is_asked = false;
    if (snapshot.size == 0 || wire_read_head(snapshot, &head) != LC_OK) {
        app->metrics.bad_messages++;
        sale_room_request_failed(room, request_no, true, ERROR_INTERNAL);
        return;
    }
    if (json_slice_int64(json_slice_member(snapshot, "now"), &engine_ms)) {
        engine_clock_round_trip(&app->engine_clock, engine_ms, asked_ms, now_ms);
    }
    app->metrics.snapshots++;
    store(&room->snapshot, snapshot);
    room->has_snapshot = room->snapshot.size > 0;
    room->snapshot_head = head;
    room->snapshot_at_ms = now_ms;
    take_info(room, json_slice_member(snapshot, "info"));
    if (!room->order.is_running) {
        start_stream(room);
    }
    room_stream_settle(room);
    event_order_drain(&room->order, now_ms);
    sale_room_advance(room);
}

// ---- gaps ----

static void ask_replay(struct sale_room *room, int64_t now_ms)
{
    char members[80];
    snprintf(members, sizeof members, "{\"from\":%lld,\"limit\":%d}",
             (long long)room->order.last_seq + 1, REPLAY_PAGE_EVENTS);
    struct engine_request request = {.pending = {.kind = PENDING_REPLAY,
                                                 .operation = OPERATION_REPLAY,
                                                 .sale = room->sale,
                                                 .exchange = ++room->replay_no},
                                     .role = ROLE_VIEWER,
                                     .members = bytes_text(members)};
    app_log(room->app, OUTSIDE_INFO, "sale %s: gap after %lld, up to %lld: asks for a replay",
            room->sale.text, (long long)room->order.last_seq, (long long)room->order.newest_seq);
    if (engine_request_send(room->app, &request) != ERROR_NONE) {
        event_order_end_replay(&room->order, false, now_ms);
    }
}

void sale_room_take_replay(struct sale_room *room, uint64_t request_no, struct bytes result)
{
    int64_t now_ms = app_now_ms(room->app);
    struct bytes events = json_slice_member(result, "events");
    struct bytes item;
    size_t position = 0;
    if (request_no != room->replay_no) {
        return;
    }
    room->app->metrics.replays++;
    while (room->order.is_running && json_slice_next(events, &position, &item)) {
        struct bytes name;
        struct wire_head head;
        char name_text[EVENT_NAME_SIZE_MAX + 1];
        struct bytes payload = json_slice_member(item, "payload");
        if (!json_slice_plain_text(json_slice_member(item, "name"), &name) ||
            name.size > EVENT_NAME_SIZE_MAX || wire_read_head(payload, &head) != LC_OK) {
            room->app->metrics.bad_messages++;
            continue;
        }
        memcpy(name_text, name.data, name.size);
        name_text[name.size] = 0;
        sale_room_event(
            room, &(struct ordered_event){
                      .seq = head.seq, .epoch = head.epoch, .name = name_text, .payload = payload});
    }
    bool has_more = bytes_equal_text(json_slice_member(result, "more"), "true");
    event_order_end_replay(&room->order, has_more, now_ms);
}

// The sale was deleted while its events did not reach us: its viewers must not stay before a frozen
// screen (lesson F24).
static void announce_end(struct sale_room *room)
{
    int64_t at_ms = 0;
    int64_t uncertainty_ms;
    struct buffer payload;
    struct wire_event event = {.head = {room->head.seq + 1, room->head.epoch}};
    if (engine_clock_now(&room->app->engine_clock, app_now_ms(room->app), &at_ms,
                         &uncertainty_ms)) {
        event.at_ms = at_ms;
    }
    buffer_init(&payload, 512);
    wire_write_auction_deleted(&payload, &event);
    app_emit_room(room->app, room, "auction_deleted", buffer_bytes(&payload), false);
    buffer_release(&payload);
}

void sale_room_request_failed(struct sale_room *room, uint64_t request_no, bool is_snapshot,
                              enum error_code code)
{
    if (!is_snapshot && request_no == room->replay_no) {
        event_order_end_replay(&room->order, false, app_now_ms(room->app));
        room_stream_resync(room); // a snapshot closes the gap too
        return;
    }
    if (!is_snapshot || request_no != room->snapshot_no) {
        return;
    }
    room->snapshot_is_asked = false;
    if (code == ERROR_TIMEOUT || code == ERROR_ENGINE_OFFLINE) {
        if (room->has_info && room->state.size > 0) {
            struct buffer snapshot;
            struct wire_head head = room->head;
            buffer_init(&snapshot, RESPONSE_SIZE_MAX);
            sale_room_retained_snapshot(room, &snapshot, &head);
            sale_room_admit_all(room, buffer_bytes(&snapshot), head, false);
            buffer_release(&snapshot);
            return;
        }
    }
    if (code == ERROR_NOT_FOUND && room->wants_resync) {
        announce_end(room);
    }
    room->wants_resync = false;
    sale_room_refuse_all(room, code);
}

// ---- time ----

void room_stream_process(struct sale_room *room, int64_t now_ms)
{
    if (event_order_begins_replay(&room->order, now_ms)) {
        room->app->metrics.gaps++;
        ask_replay(room, now_ms);
    }
    if (room->wants_resync && now_ms >= room->resync_due_ms) {
        room->resync_due_ms = now_ms + RESYNC_RETRY_MS;
        if (room->app->is_live) {
            room_stream_resync(room);
        }
    }
}

int64_t room_stream_deadline_ms(const struct sale_room *room)
{
    int64_t gap_ms = event_order_deadline_ms(&room->order);
    int64_t resync_ms = room->wants_resync ? room->resync_due_ms : INT64_MAX;
    return gap_ms < resync_ms ? gap_ms : resync_ms;
}
