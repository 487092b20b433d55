#include "auction-svc/service/ticker.h"

#include "auction-svc/service/retained_send.h"
#include "auction-svc/service/view.h"
#include "lib/wire/message_event.h"
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

static enum wire_tick_clock tick_clock(enum sale_clock clock)
{
    switch (clock) {
    case CLOCK_GAP:
        return TICK_GAP;
    case CLOCK_NOMINATION:
        return TICK_NOMINATION;
    case CLOCK_NAMES:
        return TICK_NAMES;
    case CLOCK_START:
        return TICK_START;
    case CLOCK_NONE:
    case CLOCK_LOT:
        break;
    }
    return TICK_LOT;
}

// The moment at which a moving price moves next; `now_ms` itself when it does not move.
static int64_t price_moves_at_ms(const struct wire_price_clock *clock, int64_t now_ms)
{
    if (clock->tick_ms <= 0) {
        return now_ms;
    }
    int64_t passed_ms = now_ms < clock->from_ms ? 0 : now_ms - clock->from_ms;
    return clock->from_ms + (passed_ms / clock->tick_ms + 1) * clock->tick_ms;
}

// What the next tick tells; false when no clock runs that can be shown.
static bool tick_of(const struct sale *sale, int64_t now_ms, struct wire_tick *out_tick)
{
    struct wire_tick tick = {
        .head = view_head(sale), .clock = tick_clock(sale->clock), .now_ms = now_ms};
    int64_t index = -1;
    tick.ends_at_ms = view_clock_ends_at_ms(sale);
    if (sale->clock == CLOCK_GAP) {
        index = sale->next_index;
    } else if (sale->clock == CLOCK_LOT) {
        index = view_first_lot(sale);
    }
    if (index >= 0) {
        tick.lot = sale->lots[index].id;
    }
    if (sale->clock == CLOCK_LOT && sale->phase == SALE_LIVE && index >= 0) {
        struct wire_price_clock clock = view_price_clock(sale, &sale->lots[index]);
        if (clock.present) {
            tick.clock = TICK_PRICE;
            tick.price_minor = sale_ask(sale, &sale->lots[index], now_ms);
            tick.ends_at_ms = price_moves_at_ms(&clock, now_ms);
        }
    }
    if (tick.ends_at_ms == WIRE_ABSENT) {
        return false;
    }
    tick.remaining_ms = tick.ends_at_ms > now_ms ? tick.ends_at_ms - now_ms : 0;
    *out_tick = tick;
    return true;
}

static void publish_tick(const struct hosted_sale *hosted, const struct ticker_target *target,
                         const struct wire_tick *tick)
{
    struct buffer payload;
    buffer_init(&payload, WIRE_STATE_SIZE_MAX);
    wire_write_tick(&payload, tick);
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

// Prices that move faster than once a second are told once a second.
static int64_t next_tick_ms(const struct wire_tick *tick)
{
    int64_t next_ms = ticker_next_ms(tick->ends_at_ms, tick->now_ms);
    bool is_fast = tick->clock == TICK_PRICE && next_ms < tick->now_ms + TICKER_FASTEST_MS;
    return is_fast ? tick->now_ms + TICKER_FASTEST_MS : next_ms;
}

void ticker_run(struct hosted_sale *hosted, const struct ticker_target *target, int64_t now_ms)
{
    const struct sale *sale = hosted->sale;
    struct wire_tick tick;
    if (sale == NULL || !tick_of(sale, now_ms, &tick)) {
        hosted->tick_at_ms = 0;
        return;
    }
    bool is_new = hosted->tick_at_ms == 0 || hosted->ticked_clock != sale->clock ||
                  strcmp(hosted->ticked_lot.text, tick.lot.text) != 0;
    bool is_due = is_new || now_ms >= hosted->tick_at_ms;
    if (is_due && tick.ends_at_ms > now_ms) {
        struct retained_target board = {
            .link = target->boards, .prefix = target->prefix, .sale = &hosted->id};
        publish_tick(hosted, target, &tick);
        retained_send_clock(&board, sale, now_ms);
        if (sale->clock == CLOCK_GAP) {
            publish_countdown(hosted, target, now_ms);
        }
        if (tick.clock == TICK_PRICE) {
            hosted->retained.state = true; // boards show the price
        }
    }
    hosted->ticked_clock = sale->clock;
    hosted->ticked_lot = tick.lot;
    if (tick.ends_at_ms <= now_ms) { // behind the end there is nothing to count until the next fact
        hosted->tick_at_ms = 0;
    } else if (is_due || tick.clock != TICK_PRICE) {
        hosted->tick_at_ms = next_tick_ms(&tick); // an extension moves the seconds
    }
}
