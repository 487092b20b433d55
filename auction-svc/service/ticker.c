#include "auction-svc/service/ticker.h"

#include "auction-svc/service/retained_send.h"
#include "auction-svc/service/view.h"
#include "lib/wire/topic.h"

int64_t ticker_next_ms(int64_t ends_at_ms, int64_t now_ms)
{
    int64_t left_ms = ends_at_ms - now_ms;
    return left_ms <= 0 ? ends_at_ms : ends_at_ms - (left_ms - 1) / 1000 * 1000;
}

int64_t ticker_due_ms(const struct hosted_sale *hosted)
{
    return hosted->tick_at_ms == 0 ? INT64_MAX : hosted->tick_at_ms;
}

static void publish(const struct hosted_sale *hosted, const struct ticker_target *target,
                    struct topic topic, const struct buffer *payload)
{
    char text[TOPIC_SIZE_MAX];
    topic.sale = hosted->id;
    topic_write(&topic, target->prefix, text);
    if (buffer_status(payload) == LC_OK) { // a tick that is lost is followed by the next
        enum lc_status status =
            mqtt_link_publish(target->events, text, buffer_bytes(payload), 0, false, NULL);
        (void)status;
    }
}

static void publish_tick(const struct hosted_sale *hosted, const struct ticker_target *target,
                         int64_t now_ms)
{
    const struct sale *sale = hosted->sale;
    bool is_gap = sale->clock == CLOCK_GAP;
    struct wire_tick tick = {
        .head = view_head(sale),
        .lot = sale->lots[is_gap ? sale->next_index : sale->lot_index].id,
        .is_gap = is_gap,
        .ends_at_ms = view_clock_ends_at_ms(sale),
        .now_ms = now_ms,
        .remaining_ms = view_remaining_ms(sale, now_ms),
    };
    struct buffer payload;
    buffer_init(&payload, WIRE_STATE_SIZE_MAX);
    wire_write_tick(&payload, &tick);
    publish(hosted, target, (struct topic){.kind = TOPIC_SALE_TICK}, &payload);
    buffer_release(&payload);
}

// At 3, 2 and 1 s before a lot, and at the start of a longer gap.
static void publish_countdown(struct hosted_sale *hosted, const struct ticker_target *target,
                              int64_t now_ms)
{
    const struct sale *sale = hosted->sale;
    struct wire_next_lot next = view_next_lot(sale, now_ms);
    int64_t seconds = (next.remaining_ms + 999) / 1000;
    bool is_new = hosted->counted_start_ms != next.starts_at_ms;
    if (!is_new && (seconds > TICKER_COUNTDOWN_S || seconds >= hosted->counted_seconds)) {
        return;
    }
    hosted->counted_start_ms = next.starts_at_ms;
    hosted->counted_seconds = seconds;
    struct topic topic = {.kind = TOPIC_SALE_EVENT, .name = "next_lot_countdown"};
    struct buffer payload;
    buffer_init(&payload, WIRE_STATE_SIZE_MAX);
    wire_write_next_lot_countdown(&payload, view_head(sale), &next, now_ms);
    publish(hosted, target, topic, &payload);
    buffer_release(&payload);
}

void ticker_run(struct hosted_sale *hosted, const struct ticker_target *target, int64_t now_ms)
{
    const struct sale *sale = hosted->sale;
    int64_t ends_at_ms = sale == NULL ? WIRE_ABSENT : view_clock_ends_at_ms(sale);
    if (ends_at_ms == WIRE_ABSENT) {
        hosted->tick_at_ms = 0;
        return;
    }
    int64_t index = sale->clock == CLOCK_GAP ? sale->next_index : sale->lot_index;
    bool is_new = hosted->tick_at_ms == 0 || hosted->ticked_clock != sale->clock ||
                  hosted->ticked_index != index;
    bool is_due = is_new || now_ms >= hosted->tick_at_ms;
    if (is_due && ends_at_ms > now_ms) {
        struct retained_target board = {
            .link = target->boards, .prefix = target->prefix, .sale = &hosted->id};
        publish_tick(hosted, target, now_ms);
        retained_send_clock(&board, sale, now_ms);
        if (sale->clock == CLOCK_GAP) {
            publish_countdown(hosted, target, now_ms);
        }
    }
    hosted->ticked_clock = sale->clock;
    hosted->ticked_index = index;
    // An extension moves the seconds. Behind the end there is nothing to count until the next fact.
    hosted->tick_at_ms = ends_at_ms > now_ms ? ticker_next_ms(ends_at_ms, now_ms) : 0;
}
