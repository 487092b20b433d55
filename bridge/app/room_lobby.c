#include "bridge/app/sale_room_parts.h"
#include "lib/wire/message_event.h"

enum lc_status room_lobby_enter(struct sale_room *room, struct viewer *viewer)
{
    bool has_changed = false;
    enum lc_status status = attendance_enter(&room->attendance, &viewer->identity, &has_changed);
    if (status != LC_OK) {
        return status;
    }
    viewer->room = room;
    viewer->previous_in_room = NULL;
    viewer->next_in_room = room->viewers;
    if (room->viewers != NULL) {
        room->viewers->previous_in_room = viewer;
    }
    room->viewers = viewer;
    room->viewers_count++;
    room->empty_since_ms = INT64_MAX;
    room->presence_is_dirty = room->presence_is_dirty || has_changed;
    room->lobby_is_dirty = true; // the newcomer has not seen it
    return LC_OK;
}

// Participants only: of somebody anonymous nobody could tell that he is the one who comes back, and
// he would count twice.
static bool begin_lingering(struct sale_room *room, const struct viewer *viewer)
{
    bool may_linger = viewer->may_return && viewer->identity.is_known &&
                      viewer->identity.role == ROLE_BIDDER && room->lingerers_count < LINGERERS_MAX;
    struct lingerer *lingerer = may_linger ? malloc(sizeof *lingerer) : NULL;
    if (lingerer == NULL) {
        return false;
    }
    *lingerer = (struct lingerer){.identity = viewer->identity,
                                  .until_ms = app_now_ms(room->app) + PRESENCE_LINGER_MS};
    *room->lingerers_end = lingerer;
    room->lingerers_end = &lingerer->next;
    room->lingerers_count++;
    return true;
}

static void end_lingering(struct sale_room *room)
{
    bool has_changed;
    struct lingerer *lingerer = room->lingerers;
    attendance_leave(&room->attendance, &lingerer->identity, &has_changed);
    room->presence_is_dirty = room->presence_is_dirty || has_changed;
    room->lobby_is_dirty = room->lobby_is_dirty || has_changed;
    room->lingerers = lingerer->next;
    if (room->lingerers == NULL) {
        room->lingerers_end = &room->lingerers;
    }
    room->lingerers_count--;
    free(lingerer);
}

void room_lobby_release(struct sale_room *room)
{
    while (room->lingerers != NULL) {
        end_lingering(room);
    }
    attendance_release(&room->attendance);
}

void room_lobby_leave(struct sale_room *room, struct viewer *viewer)
{
    bool has_changed = false;
    if (!begin_lingering(room, viewer)) {
        attendance_leave(&room->attendance, &viewer->identity, &has_changed);
    }
    if (viewer->previous_in_room == NULL) {
        room->viewers = viewer->next_in_room;
    } else {
        viewer->previous_in_room->next_in_room = viewer->next_in_room;
    }
    if (viewer->next_in_room != NULL) {
        viewer->next_in_room->previous_in_room = viewer->previous_in_room;
    }
    viewer->room = NULL;
    viewer->awaits_stream = false;
    viewer->next_in_room = NULL;
    viewer->previous_in_room = NULL;
    room->viewers_count--;
    if (room->viewers_count == 0) {
        room->empty_since_ms = app_now_ms(room->app);
    }
    room->presence_is_dirty = room->presence_is_dirty || has_changed;
    room->lobby_is_dirty = room->lobby_is_dirty || has_changed;
}

// Ids of the participants here; the caller frees them. NULL with a count of 0 when memory is short.
static struct participant_id *local_ids(const struct sale_room *room, size_t *out_count)
{
    struct participant_id *ids = calloc(room->attendance.count + 1, sizeof ids[0]);
    *out_count =
        ids == NULL ? 0 : attendance_participants(&room->attendance, ids, room->attendance.count);
    return ids;
}

static bool make_lobby(const struct sale_room *room, struct lobby *out_lobby)
{
    size_t count;
    struct participant_id *ids = local_ids(room, &count);
    enum lc_status status = presence_board_lobby(&room->app->presence, &room->sale,
                                                 (int64_t)attendance_count(&room->attendance), ids,
                                                 count, app_now_ms(room->app), out_lobby);
    free(ids);
    return status == LC_OK;
}

int64_t room_lobby_members(const struct sale_room *room)
{
    struct lobby lobby;
    if (room->app->presence.presences_count == 0 || !make_lobby(room, &lobby)) {
        return (int64_t)attendance_count(&room->attendance);
    }
    free(lobby.ids);
    return lobby.count;
}

static void emit_lobby(struct sale_room *room)
{
    struct lobby lobby;
    if (room->viewers_count == 0 || !make_lobby(room, &lobby)) {
        return;
    }
    struct buffer payload;
    buffer_init(&payload, RESPONSE_SIZE_MAX);
    wire_write_lobby_updated(&payload, &(struct wire_lobby){.head = room->head,
                                                            .count = lobby.count,
                                                            .ids = lobby.ids,
                                                            .ids_count = lobby.ids_count});
    if (buffer_status(&payload) == LC_OK) {
        app_emit_room(room->app, room, "lobby_updated", buffer_bytes(&payload), false);
    }
    buffer_release(&payload);
    free(lobby.ids);
}

static struct topic presence_topic(const struct sale_room *room)
{
    return (struct topic){
        .kind = TOPIC_PRESENCE, .client = room->app->config.node, .sale = room->sale};
}

void room_lobby_withdraw(struct sale_room *room)
{
    const struct outside *outside = room->app->outside;
    struct topic topic = presence_topic(room);
    if (room->presence_is_published &&
        outside->publish(outside->context, &topic, (struct bytes){NULL, 0}, 1, true) == LC_OK) {
        room->presence_is_published = false;
    }
}

static void publish_presence(struct sale_room *room)
{
    const struct outside *outside = room->app->outside;
    struct topic topic = presence_topic(room);
    if (room->app->is_leaving) { // those who linger are nobody's any more
        room->presence_is_dirty = false;
        return;
    }
    if (attendance_count(&room->attendance) == 0) {
        room_lobby_withdraw(room);
        room->presence_is_dirty = room->presence_is_published;
        return;
    }
    struct buffer payload;
    struct wire_presence presence = {.node = room->app->config.node,
                                     .sale = room->sale,
                                     .count = (int64_t)attendance_count(&room->attendance)};
    presence.ids = local_ids(room, &presence.ids_count);
    if (presence.ids_count > WIRE_PRESENCE_IDS_MAX) {
        presence.ids_count = WIRE_PRESENCE_IDS_MAX;
    }
    buffer_init(&payload, WIRE_PAYLOAD_SIZE_MAX);
    wire_write_presence(&payload, &presence);
    if (buffer_status(&payload) == LC_OK &&
        outside->publish(outside->context, &topic, buffer_bytes(&payload), 1, true) == LC_OK) {
        room->presence_is_published = true;
        room->presence_is_dirty = false;
    }
    buffer_release(&payload);
    free(presence.ids);
}

void room_lobby_process(struct sale_room *room, int64_t now_ms)
{
    while (room->lingerers != NULL && now_ms >= room->lingerers->until_ms) {
        end_lingering(room);
    }
    bool is_due = now_ms >= room->lobby_due_ms;
    if (!is_due || (!room->lobby_is_dirty && !room->presence_is_dirty)) {
        return;
    }
    room->lobby_due_ms = now_ms + PRESENCE_INTERVAL_MS;
    if (room->presence_is_dirty && room->app->is_connected) {
        publish_presence(room);
    }
    if (room->lobby_is_dirty) {
        room->lobby_is_dirty = false;
        emit_lobby(room);
    }
}

int64_t room_lobby_deadline_ms(const struct sale_room *room)
{
    bool has_work = room->lobby_is_dirty || (room->presence_is_dirty && room->app->is_connected);
    int64_t work_ms = has_work ? room->lobby_due_ms : INT64_MAX;
    int64_t linger_ms = room->lingerers == NULL ? INT64_MAX : room->lingerers->until_ms;
    return work_ms < linger_ms ? work_ms : linger_ms;
}
