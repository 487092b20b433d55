#include "bridge/app/sale_room_parts.h"
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

// ---- leaving ----

void sale_room_leave(struct sale_room *room, struct viewer *viewer)
{
    LC_ASSERT(viewer->room == room);
    viewer_stream_leave(room, viewer);
    room_lobby_leave(room, viewer);
}

// ---- losses ----

void sale_room_tell_live(struct sale_room *room, const struct viewer *viewer_or_null,
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

void sale_room_degrade(struct sale_room *room, bool broker_is_lost)
{
    if (room->viewers_count > 0) {
        sale_room_tell_live(room, NULL, "connection_degraded", false);
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
        sale_room_tell_live(room, NULL, "connection_restored", true);
    }
    room_stream_resync(room);
    sale_room_advance(room);
}

// ---- time ----

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
    room_line_process(room);
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
