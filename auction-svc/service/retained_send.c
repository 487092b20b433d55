#include "auction-svc/service/retained_send.h"

#include "auction-svc/service/catalogue_page.h"
#include "auction-svc/service/view.h"
#include "lib/os/os_log.h"
#include "lib/wire/topic.h"

// Of the largest sale there are 150: the rest follows when the broker has taken these, so that no
// close of another sale waits for all of them.
enum { PAGES_AT_A_TIME_MAX = 4 };

static bool send(const struct retained_target *target, struct topic topic, struct bytes payload,
                 int qos)
{
    char text[TOPIC_SIZE_MAX];
    topic.sale = *target->sale;
    topic_write(&topic, target->prefix, text);
    return mqtt_link_publish(target->link, text, payload, qos, true, NULL) == LC_OK;
}

// A payload that could not be written is not tried for ever: it would hold up all others.
static bool send_written(const struct retained_target *target, struct topic topic,
                         const struct buffer *payload)
{
    if (buffer_status(payload) != LC_OK) {
        os_log(OS_LOG_ERROR, "sale %s: a part of its retained state does not fit a packet",
               target->sale->text);
        return true;
    }
    return send(target, topic, buffer_bytes(payload), 1);
}

static struct topic board_topic(const char *name)
{
    struct topic topic = {.kind = TOPIC_SALE_BOARD};
    (void)snprintf(topic.name, sizeof topic.name, "%s", name);
    return topic;
}

static struct topic holding_topic(const struct retained_target *target)
{
    return (struct topic){.kind = TOPIC_HOLDING, .client = *target->node};
}

// Other engines keep off the sale.
static bool send_holding(const struct retained_target *target)
{
    struct wire_holding holding = {*target->node, *target->sale, target->since_ms};
    struct buffer out;
    buffer_init(&out, WIRE_STATE_SIZE_MAX);
    wire_write_holding(&out, &holding);
    bool sent = send_written(target, holding_topic(target), &out);
    buffer_release(&out);
    return sent;
}

static bool send_info(const struct retained_target *target, const struct sale *sale)
{
    struct view_info_parts parts;
    struct wire_info info = view_info(sale, &parts);
    struct buffer out;
    buffer_init(&out, VIEW_PAYLOAD_SIZE_MAX);
    wire_write_info(&out, &info);
    bool sent = send_written(target, (struct topic){.kind = TOPIC_SALE_INFO}, &out);
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
    bool sent = send_written(target, (struct topic){.kind = TOPIC_SALE_STATE}, &out);
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
                           int64_t page, int64_t now_ms)
{
    struct buffer out;
    buffer_init(&out, VIEW_PAYLOAD_SIZE_MAX);
    bool sent = // without memory it is tried again
        catalogue_page_write(&out, sale, page, now_ms) &&
        send_written(target, (struct topic){.kind = TOPIC_SALE_LOTS, .page = page}, &out);
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
    bool sent =
        send_written(target, (struct topic){.kind = TOPIC_SALE_PARTICIPANTS, .page = page}, &out);
    buffer_release(&out);
    return sent;
}

static void send_pages(struct retained *retained, const struct retained_target *target,
                       const struct sale *sale, int64_t now_ms)
{
    int64_t lots_pages = view_pages(sale->lots_count);
    int64_t participants_pages = view_pages(sale->participants_count);
    bool all_sent = true;
    int left = PAGES_AT_A_TIME_MAX;
    for (int64_t page = 0; page < lots_pages && all_sent; page++) {
        if (retained->lots[page]) {
            all_sent = left-- > 0 && send_lots_page(target, sale, page, now_ms);
            retained->lots[page] = !all_sent;
        }
    }
    for (int64_t page = 0; page < participants_pages && all_sent; page++) {
        if (retained->participants[page]) {
            all_sent = left-- > 0 && send_participants_page(target, sale, page);
            retained->participants[page] = !all_sent;
        }
    }
    retained->pages = !all_sent;
    retained->pages_at_once = (retained->pages_at_once || left < 0) && !all_sent;
    retained->pages_soon = retained->pages_soon && !all_sent;
}

static void clear_all(struct retained *retained, const struct retained_target *target)
{
    static const struct bytes nothing = {NULL, 0};
    bool sent = send(target, (struct topic){.kind = TOPIC_SALE_INFO}, nothing, 1) &&
                send(target, (struct topic){.kind = TOPIC_SALE_STATE}, nothing, 1) &&
                send(target, board_topic("json"), nothing, 0) &&
                send(target, holding_topic(target), nothing, 1);
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

void retained_send(struct retained *retained, const struct retained_target *target,
                   const struct sale *sale_or_null, int64_t now_ms)
{
    if (retained->is_gone || sale_or_null == NULL) {
        if (retained->state) {
            clear_all(retained, target);
        }
        return;
    }
    if (retained->info) {
        retained->info = !(send_holding(target) && send_info(target, sale_or_null));
    }
    bool state_is_due =
        retained->at_once || now_ms >= retained->state_sent_ms + RETAINED_STATE_INTERVAL_MS;
    if (retained->state && state_is_due && send_state(retained, target, sale_or_null, now_ms)) {
        retained->state = false;
        retained->at_once = false;
        retained->state_sent_ms = now_ms;
    }
    bool pages_are_due = retained->pages_at_once || now_ms >= retained_pages_due_ms(retained);
    if (retained->pages && pages_are_due) {
        send_pages(retained, target, sale_or_null, now_ms);
        retained->pages_sent_ms = now_ms;
    }
}

void retained_send_clock(const struct retained_target *target, const struct sale *sale,
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
