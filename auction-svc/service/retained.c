#include "auction-svc/service/retained.h"

#include "auction-svc/service/view.h"
#include "lib/wire/topic.h"

void retained_init(struct retained *retained)
{
    *retained = (struct retained){0};
    buffer_init(&retained->message, NOTICE_SIZE_MAX);
    buffer_init(&retained->board_json, WIRE_BOARD_JSON_SIZE_MAX);
    for (size_t i = 0; i < BOARD_FIELD_COUNT; i++) {
        buffer_init(&retained->board[i], WIRE_BOARD_FIELD_SIZE_MAX);
    }
}

void retained_release(struct retained *retained)
{
    buffer_release(&retained->message);
    buffer_release(&retained->board_json);
    for (size_t i = 0; i < BOARD_FIELD_COUNT; i++) {
        buffer_release(&retained->board[i]);
    }
}

// ---- what has changed ----

static void mark_lot(struct retained *retained, int64_t index)
{
    if (index >= 0) {
        retained->lots[index / WIRE_PAGE_ITEMS] = true;
        retained->pages = true;
        retained->pages_at_once = true;
    }
}

static void mark_participant(struct retained *retained, int64_t index)
{
    if (index >= 0) {
        retained->participants[index / WIRE_PAGE_ITEMS] = true;
        retained->pages = true;
    }
}

static void mark_all_pages(struct retained *retained, const struct sale *sale)
{
    memset(retained->lots, true, (size_t)view_pages(sale->lots_count));
    memset(retained->participants, true, (size_t)view_pages(sale->participants_count));
    retained->pages = true;
    retained->pages_at_once = true;
}

static void mark_phase(struct retained *retained)
{
    retained->info = true;
    retained->state = true;
    retained->at_once = true;
}

static void note_notice(struct retained *retained, const struct sale_event *event)
{
    buffer_clear(&retained->message);
    buffer_append(&retained->message, event->as.notice.text);
    retained->state = true; // the board's message goes with it
    retained->at_once = true;
}

void retained_note(struct retained *retained, const struct sale *sale,
                   const struct sale_event *event, int64_t leader_before)
{
    retained->state = true;
    mark_participant(retained, leader_before); // holds less now
    switch (event->kind) {
    case EVENT_SALE_CREATED:
    case EVENT_EPOCH_STARTED:
    case EVENT_SALE_RESET:
        mark_all_pages(retained, sale);
        mark_phase(retained);
        return;
    case EVENT_LOTS_ADDED:
    case EVENT_ROUND_STARTED:
        mark_all_pages(retained, sale);
        retained->at_once = true;
        return;
    case EVENT_INVITE_CREATED:
    case EVENT_INVITE_USED:
        return;
    case EVENT_PARTICIPANT_JOINED:
        mark_participant(retained, (int64_t)sale->participants_count - 1);
        return;
    case EVENT_PARTICIPANT_BLOCKED:
        mark_participant(retained,
                         sale_participant_index(sale, &event->as.participant_blocked.participant));
        return;
    case EVENT_BID_ACCEPTED:
        mark_participant(retained, sale_participant_index(sale, &event->as.bid_accepted.by));
        return;
    case EVENT_LOT_STARTED:
        mark_lot(retained, event->as.lot_started.lot_index);
        retained->at_once = true;
        return;
    case EVENT_LOT_EXTENDED:
        retained->at_once = true;
        return;
    case EVENT_LOT_SOLD:
        mark_lot(retained, event->as.lot_sold.lot_index);
        mark_participant(retained, sale_participant_index(sale, &event->as.lot_sold.winner));
        retained->at_once = true;
        return;
    case EVENT_LOT_UNSOLD:
        mark_lot(retained, event->as.lot_unsold.lot_index);
        retained->at_once = true;
        return;
    case EVENT_SALE_STARTED:
    case EVENT_SALE_PAUSED:
    case EVENT_SALE_RESUMED:
        mark_phase(retained);
        return;
    case EVENT_SALE_COMPLETED:
        mark_all_pages(retained, sale);
        mark_phase(retained);
        return;
    case EVENT_SALE_DELETED:
        retained_bury(retained, view_pages(sale->lots_count), view_pages(sale->participants_count));
        return;
    case EVENT_NOTICE:
        note_notice(retained, event);
        return;
    case SALE_EVENT_KIND_COUNT:
        return;
    }
}

void retained_bury(struct retained *retained, int64_t lots_pages, int64_t participants_pages)
{
    retained->is_gone = true;
    retained->lots_pages = lots_pages;
    retained->participants_pages = participants_pages;
    retained_forget(retained, NULL);
}

void retained_forget(struct retained *retained, const struct sale *sale_or_null)
{
    retained->state_sent_ms = 0;
    retained->pages_sent_ms = 0;
    retained->board_all = true;
    mark_phase(retained);
    if (sale_or_null != NULL) {
        mark_all_pages(retained, sale_or_null);
    }
}

int64_t retained_due_ms(const struct retained *retained)
{
    int64_t due_ms = INT64_MAX;
    if (retained->is_gone) {
        return retained->state ? 0 : INT64_MAX;
    }
    if (retained->info || (retained->state && retained->at_once) ||
        (retained->pages && retained->pages_at_once)) {
        return 0;
    }
    if (retained->state) {
        due_ms = retained->state_sent_ms + RETAINED_STATE_INTERVAL_MS;
    }
    if (retained->pages && retained->pages_sent_ms + RETAINED_PAGE_INTERVAL_MS < due_ms) {
        due_ms = retained->pages_sent_ms + RETAINED_PAGE_INTERVAL_MS;
    }
    return due_ms;
}

// ---- sending ----

static bool send(const struct retained_target *target, struct topic topic, struct bytes payload,
                 int qos)
{
    char text[TOPIC_SIZE_MAX];
    topic.sale = *target->sale;
    topic_write(&topic, target->prefix, text);
    return mqtt_link_publish(target->link, text, payload, qos, true, NULL) == LC_OK;
}

static struct topic board_topic(const char *name)
{
    struct topic topic = {.kind = TOPIC_SALE_BOARD};
    (void)snprintf(topic.name, sizeof topic.name, "%s", name);
    return topic;
}

static bool send_info(const struct retained_target *target, const struct sale *sale)
{
    struct wire_increment_band bands[INCREMENT_BANDS_MAX];
    struct wire_info info = view_info(sale, bands);
    struct buffer out;
    buffer_init(&out, VIEW_PAYLOAD_SIZE_MAX);
    wire_write_info(&out, &info);
    bool sent = buffer_status(&out) == LC_OK &&
                send(target, (struct topic){.kind = TOPIC_SALE_INFO}, buffer_bytes(&out), 1);
    buffer_release(&out);
    return sent;
}

// Sends what differs from what is there.
static void send_board_part(struct buffer *last, const struct retained_target *target,
                            const char *name, const struct buffer *now, bool all)
{
    if (buffer_status(now) != LC_OK ||
        (!all && bytes_equal(buffer_bytes(last), buffer_bytes(now)))) {
        return;
    }
    if (send(target, board_topic(name), buffer_bytes(now), 0)) {
        buffer_clear(last);
        buffer_append(last, buffer_bytes(now));
    }
}

static void send_board(struct retained *retained, const struct retained_target *target,
                       const struct sale *sale, const struct wire_state *state)
{
    struct bytes currency = view_currency(sale);
    int64_t digits = sale->definition.currency_minor_digits;
    struct buffer out;
    buffer_init(&out, WIRE_BOARD_JSON_SIZE_MAX);
    wire_write_board_json(&out, state, currency, digits);
    send_board_part(&retained->board_json, target, "json", &out, retained->board_all);
    for (int field = 0; field < BOARD_FIELD_COUNT; field++) {
        if (field == BOARD_CLOCK) {
            continue;
        }
        buffer_clear(&out);
        wire_write_board_field(&out, (enum wire_board_field)field, state, currency, digits,
                               buffer_bytes(&retained->message));
        send_board_part(&retained->board[field], target,
                        wire_board_field_name((enum wire_board_field)field), &out,
                        retained->board_all);
    }
    retained->board_all = false;
    buffer_release(&out);
}

static bool send_state(struct retained *retained, const struct retained_target *target,
                       const struct sale *sale, int64_t now_ms)
{
    struct wire_state state = view_state(sale, now_ms);
    struct buffer out;
    buffer_init(&out, VIEW_PAYLOAD_SIZE_MAX);
    wire_write_state(&out, &state);
    bool sent = buffer_status(&out) == LC_OK &&
                send(target, (struct topic){.kind = TOPIC_SALE_STATE}, buffer_bytes(&out), 1);
    if (sent) {
        send_board(retained, target, sale, &state);
    }
    buffer_release(&out);
    return sent;
}

static size_t page_size(size_t count, int64_t page)
{
    size_t start = (size_t)page * WIRE_PAGE_ITEMS;
    size_t left = count > start ? count - start : 0;
    return left < WIRE_PAGE_ITEMS ? left : WIRE_PAGE_ITEMS;
}

static bool send_lots_page(const struct retained_target *target, const struct sale *sale,
                           int64_t page)
{
    struct wire_catalogue_lot lots[WIRE_PAGE_ITEMS];
    struct wire_lots_page view = {
        .head = view_head(sale),
        .page = page,
        .pages = view_pages(sale->lots_count),
        .total = (int64_t)sale->lots_count,
        .lots = lots,
        .lots_count = page_size(sale->lots_count, page),
    };
    for (size_t i = 0; i < view.lots_count; i++) {
        lots[i] = view_catalogue_lot(sale, page * WIRE_PAGE_ITEMS + (int64_t)i);
    }
    struct buffer out;
    buffer_init(&out, VIEW_PAYLOAD_SIZE_MAX);
    wire_write_lots_page(&out, &view);
    if (buffer_status(&out) != LC_OK) { // the longest texts, all escaped: descriptions stay out
        for (size_t i = 0; i < view.lots_count; i++) {
            lots[i].description = bytes_text("");
        }
        buffer_clear(&out);
        wire_write_lots_page(&out, &view);
    }
    bool sent =
        buffer_status(&out) != LC_OK || // nothing can be sent: not tried for ever
        send(target, (struct topic){.kind = TOPIC_SALE_LOTS, .page = page}, buffer_bytes(&out), 1);
    buffer_release(&out);
    return sent;
}

static bool send_participants_page(const struct retained_target *target, const struct sale *sale,
                                   int64_t page)
{
    struct wire_participant participants[WIRE_PAGE_ITEMS];
    struct wire_participants_page view = {
        .head = view_head(sale),
        .page = page,
        .pages = view_pages(sale->participants_count),
        .total = (int64_t)sale->participants_count,
        .participants = participants,
        .participants_count = page_size(sale->participants_count, page),
    };
    for (size_t i = 0; i < view.participants_count; i++) {
        participants[i] = view_participant(sale, page * WIRE_PAGE_ITEMS + (int64_t)i);
    }
    struct buffer out;
    buffer_init(&out, VIEW_PAYLOAD_SIZE_MAX);
    wire_write_participants_page(&out, &view);
    bool sent = buffer_status(&out) == LC_OK &&
                send(target, (struct topic){.kind = TOPIC_SALE_PARTICIPANTS, .page = page},
                     buffer_bytes(&out), 1);
    buffer_release(&out);
    return sent;
}

static void send_pages(struct retained *retained, const struct retained_target *target,
                       const struct sale *sale)
{
    int64_t lots_pages = view_pages(sale->lots_count);
    int64_t participants_pages = view_pages(sale->participants_count);
    bool all_sent = true;
    for (int64_t page = 0; page < lots_pages && all_sent; page++) {
        if (retained->lots[page]) {
            all_sent = send_lots_page(target, sale, page);
            retained->lots[page] = !all_sent;
        }
    }
    for (int64_t page = 0; page < participants_pages && all_sent; page++) {
        if (retained->participants[page]) {
            all_sent = send_participants_page(target, sale, page);
            retained->participants[page] = !all_sent;
        }
    }
    retained->pages = !all_sent;
    retained->pages_at_once = retained->pages_at_once && !all_sent;
}

static void clear_all(struct retained *retained, const struct retained_target *target)
{
    static const struct bytes nothing = {NULL, 0};
    bool sent = send(target, (struct topic){.kind = TOPIC_SALE_INFO}, nothing, 1) &&
                send(target, (struct topic){.kind = TOPIC_SALE_STATE}, nothing, 1) &&
                send(target, board_topic("json"), nothing, 0);
    for (int64_t page = 0; page < retained->lots_pages && sent; page++) {
        sent = send(target, (struct topic){.kind = TOPIC_SALE_LOTS, .page = page}, nothing, 1);
    }
    for (int64_t page = 0; page < retained->participants_pages && sent; page++) {
        sent =
            send(target, (struct topic){.kind = TOPIC_SALE_PARTICIPANTS, .page = page}, nothing, 1);
    }
    for (int field = 0; field < BOARD_FIELD_COUNT && sent; field++) {
        sent = send(target, board_topic(wire_board_field_name((enum wire_board_field)field)),
                    nothing, 0);
    }
    retained->state = !sent;
}

void retained_publish(struct retained *retained, const struct retained_target *target,
                      const struct sale *sale_or_null, int64_t now_ms)
{
    if (retained->is_gone || sale_or_null == NULL) {
        if (retained->state) {
            clear_all(retained, target);
        }
        return;
    }
    if (retained->info) {
        retained->info = !send_info(target, sale_or_null);
    }
    bool state_is_due =
        retained->at_once || now_ms >= retained->state_sent_ms + RETAINED_STATE_INTERVAL_MS;
    if (retained->state && state_is_due && send_state(retained, target, sale_or_null, now_ms)) {
        retained->state = false;
        retained->at_once = false;
        retained->state_sent_ms = now_ms;
    }
    bool pages_are_due =
        retained->pages_at_once || now_ms >= retained->pages_sent_ms + RETAINED_PAGE_INTERVAL_MS;
    if (retained->pages && pages_are_due) {
        send_pages(retained, target, sale_or_null);
        retained->pages_sent_ms = now_ms;
    }
}

void retained_publish_clock(const struct retained_target *target, const struct sale *sale,
                            int64_t now_ms)
{
    struct wire_state state = view_state(sale, now_ms);
    struct buffer out;
    char text[TOPIC_SIZE_MAX];
    struct topic topic = board_topic(wire_board_field_name(BOARD_CLOCK));
    topic.sale = *target->sale;
    topic_write(&topic, target->prefix, text);
    buffer_init(&out, WIRE_BOARD_FIELD_SIZE_MAX);
    wire_write_board_field(&out, BOARD_CLOCK, &state, view_currency(sale),
                           sale->definition.currency_minor_digits, bytes_of(NULL, 0));
    if (buffer_status(&out) == LC_OK) { // a lost second is followed by the next
        enum lc_status status =
            mqtt_link_publish(target->link, text, buffer_bytes(&out), 0, false, NULL);
        (void)status;
    }
    buffer_release(&out);
}
