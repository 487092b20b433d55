// What the room's history lacks, fetched from the engine: pages that lead from its beginning towards
// the past, so that it is without a gap at any time and whoever was away for a short while is served
// first.
#include "bridge/app/engine_request.h"
#include "bridge/app/json_slice.h"
#include "bridge/app/sale_room_parts.h"

static bool is_kept(const struct sale_room *room)
{
    return room->past_is_asked || room->past_until_ms != INT64_MAX;
}

bool room_resume_past_is_full(const struct sale_room *room)
{
    return room->history.bytes >= RECOVERY_BYTES_MAX || room->past_has_failed ||
           (!is_kept(room) && room->app->pasts_count >= PASTS_MAX);
}

void room_resume_trim(struct sale_room *room)
{
    size_t events_max = (size_t)room->app->config.recovery_events_max;
    bool keeps_all = is_kept(room) && events_max > RECENT_EVENTS_MAX;
    event_history_trim(&room->history, keeps_all ? events_max : RECENT_EVENTS_MAX,
                       is_kept(room) ? RECOVERY_BYTES_MAX : RECENT_BYTES_MAX);
}

static void keep(struct sale_room *room)
{
    if (!is_kept(room)) {
        room->app->pasts_count++;
    }
    room->past_until_ms = app_now_ms(room->app) + PAST_LINGER_MS;
}

static void end_fetch(struct sale_room *room)
{
    event_history_reset(&room->past, 1);
    room->past_is_asked = false;
    room->past_no = 0; // an answer to what was asked counts no more
}

void room_resume_forget_past(struct sale_room *room)
{
    end_fetch(room);
    room->past_has_failed = false;
    if (room->past_until_ms != INT64_MAX) {
        room->past_until_ms = INT64_MAX;
        room->app->pasts_count--;
    }
}

void room_resume_process(struct sale_room *room, int64_t now_ms)
{
    if (now_ms >= room->past_until_ms) {
        room_resume_forget_past(room);
        room_resume_trim(room);
    }
}

// Asks for [from, past_end); false: it can't be sent.
static bool send_request(struct sale_room *room, int64_t from)
{
    char members[80];
    snprintf(members, sizeof members, "{\"from\":%lld,\"limit\":%lld}", (long long)from,
             (long long)(room->past_end - from));
    struct engine_request request = {.pending = {.kind = PENDING_PAST,
                                                 .operation = OPERATION_REPLAY,
                                                 .sale = room->sale,
                                                 .exchange = ++room->app->past_numbers},
                                     .role = ROLE_VIEWER,
                                     .members = bytes_text(members)};
    room->past_no = request.pending.exchange;
    return engine_request_send(room->app, &request) == ERROR_NONE;
}

void room_resume_ask_past(struct sale_room *room, int64_t oldest)
{
    int64_t from = room->history.first - REPLAY_PAGE_EVENTS;
    from = from < oldest ? oldest : from;
    if (room->past_is_asked || from >= room->history.first) {
        return;
    }
    keep(room);
    event_history_reset(&room->past, from);
    room->past_end = room->history.first;
    room->past_is_asked = send_request(room, from); // else again when an engine is there
}

static void take_item(struct sale_room *room, struct bytes item)
{
    struct bytes name;
    struct wire_head head;
    char name_text[EVENT_NAME_SIZE_MAX + 1];
    struct bytes payload = json_slice_member(item, "payload");
    if (!json_slice_plain_text(json_slice_member(item, "name"), &name) ||
        name.size > EVENT_NAME_SIZE_MAX || wire_read_head(payload, &head) != LC_OK ||
        head.seq != event_history_next(&room->past) || head.seq >= room->past_end) {
        return;
    }
    memcpy(name_text, name.data, name.size);
    name_text[name.size] = 0;
    event_history_append(&room->past, head.seq, head.epoch, name_text,
                         room_stream_with_offset(room, payload, head));
}

void sale_room_take_past(struct sale_room *room, uint64_t request_no, struct bytes result)
{
    struct bytes events = json_slice_member(result, "events");
    struct bytes item;
    size_t position = 0;
    if (request_no != room->past_no || !room->past_is_asked) {
        return;
    }
    room->app->metrics.replays++;
    size_t before = room->past.count;
    while (json_slice_next(events, &position, &item)) {
        take_item(room, item);
    }
    bool is_complete = event_history_next(&room->past) == room->past_end;
    if (!is_complete && room->past.count > before &&
        send_request(room, event_history_next(&room->past))) {
        return; // a page of large events comes in parts
    }
    bool is_joined = is_complete && room->past_end == room->history.first &&
                     event_history_join(&room->history, &room->past);
    room->past_has_failed = !is_joined && room->past_end == room->history.first;
    end_fetch(room);
    keep(room);
    room_resume_serve(room);
    room->past_has_failed = false;
}

void sale_room_past_failed(struct sale_room *room, uint64_t request_no, enum error_code code)
{
    if (request_no != room->past_no || !room->past_is_asked) {
        return;
    }
    end_fetch(room);
    // An engine that is away is asked again for those who still wait.
    room->past_has_failed = code != ERROR_TIMEOUT && code != ERROR_ENGINE_OFFLINE;
    room_resume_serve(room);
    room->past_has_failed = false;
}
