// Dutch: the price falls by the clock, the first press buys at it; of several pieces a press takes
// some, and the clock starts again for the rest a little above.
#include "auction-svc/core/decide.h"
#include "auction-svc/core/held.h"
#include "auction-svc/formats/award.h"
#include "auction-svc/formats/formats.h"
#include "auction-svc/formats/price_clock.h"

static int64_t minimum_of(const struct lot *lot)
{
    return lot->reserve_minor > 0 ? lot->reserve_minor : 1;
}

// Ticks after which the price would be below the minimum.
static int64_t ticks_to_fall(const struct lot *lot, const struct lot_rules *rules)
{
    int64_t above = lot->clock_price_minor - minimum_of(lot);
    return above < 0 ? 0 : above / rules->price_step_minor + 1;
}

static int64_t dutch_wakes_at(const struct sale *sale, const struct lot *lot)
{
    const struct lot_rules *rules = sale_lot_rules(sale, lot);
    if (rules->price_step_minor < 1) {
        return INT64_MAX;
    }
    return price_clock_at(lot, rules, ticks_to_fall(lot, rules));
}

static int64_t dutch_ask(const struct sale *sale, const struct lot *lot, int64_t now_ms)
{
    if (lot->clock_price_minor == 0) {
        return lot->opening_minor; // not started
    }
    const struct lot_rules *rules = sale_lot_rules(sale, lot);
    int64_t ticks = price_clock_ticks(lot, rules, now_ms);
    int64_t ticks_max = rules->price_step_minor < 1 ? 0 : ticks_to_fall(lot, rules) - 1;
    ticks = ticks < ticks_max ? ticks : ticks_max;
    return ticks <= 0 ? lot->clock_price_minor
                      : lot->clock_price_minor - ticks * rules->price_step_minor;
}

// The amount is the price that the bidder saw: when the clock has started again above it, his press
// came too late and buys nothing.
static enum error_code dutch_offer_check(const struct sale *sale, const struct lot *lot,
                                         const struct offer *offer, int64_t now_ms)
{
    if (now_ms >= dutch_wakes_at(sale, lot)) {
        return ERROR_LOT_CLOSED; // fallen through, even before that was announced
    }
    return offer->amount_minor < dutch_ask(sale, lot, now_ms) ? ERROR_BELOW_ASK : ERROR_NONE;
}

static int64_t dutch_commits(const struct sale *sale, const struct lot *lot,
                             const struct offer *offer, int64_t now_ms)
{
    return pieces_cost(dutch_ask(sale, lot, now_ms), offer->quantity);
}

static void restart_add(const struct sale *sale, int64_t lot_index, int64_t price_minor,
                        int64_t left, int64_t now_ms, struct decision *out)
{
    const struct lot *lot = &sale->lots[lot_index];
    int64_t room = lot->opening_minor - price_minor; // never above where it began
    int64_t raise = sale_lot_rules(sale, lot)->dutch_raise_minor;
    struct sale_event *event = decision_add(out, EVENT_CLOCK_RESTARTED, now_ms);
    event->as.clock_restarted.lot_index = lot_index;
    event->as.clock_restarted.price_minor = price_minor + (raise < room ? raise : room);
    event->as.clock_restarted.from_ms = now_ms;
    event->as.clock_restarted.quantity_left = left;
}

static void press_one(const struct sale *sale, int64_t lot_index, const struct offer *press,
                      int64_t now_ms, struct decision *out)
{
    struct bid_result result = {.price_minor = press->amount_minor,
                                .leader_index = press->by_index,
                                .held_minor = press->amount_minor};
    bid_accepted_add(sale, lot_index, press, &result, now_ms, out);
    struct lot_outcome outcome = {
        .winner_index = press->by_index, .price_minor = press->amount_minor, .quantity = 1};
    lot_close_add(sale, lot_index, &outcome, CLOSE_PRESSED, now_ms, out);
}

static void dutch_accept(const struct sale *sale, int64_t lot_index, const struct offer *offer,
                         int64_t now_ms, struct decision *out)
{
    const struct lot *lot = &sale->lots[lot_index];
    struct offer press = *offer;
    press.kind = BID_PRESS;
    press.amount_minor = dutch_ask(sale, lot, now_ms); // of what he would have paid nobody learns
    if (lot->quantity == 1) {
        press_one(sale, lot_index, &press, now_ms, out);
        return;
    }
    struct bid_result result = {.price_minor = press.amount_minor, .leader_index = -1};
    bid_accepted_add(sale, lot_index, &press, &result, now_ms, out);
    struct award *award = awards_add(lot_index, 1, now_ms, out);
    if (award == NULL) {
        return;
    }
    *award = (struct award){.winner = sale->participants[press.by_index].id,
                            .quantity = press.quantity,
                            .price_minor = press.amount_minor};
    int64_t left = lot->quantity_left - press.quantity;
    if (left > 0) {
        restart_add(sale, lot_index, press.amount_minor, left, now_ms, out);
        return;
    }
    struct lot_outcome outcome = {.winner_index = awards_winner(sale, lot, award, 1),
                                  .price_minor = press.amount_minor,
                                  .quantity = lot->quantity,
                                  .awards = award,
                                  .awards_count = 1};
    lot_close_add(sale, lot_index, &outcome, CLOSE_PRESSED, now_ms, out);
}

static struct lot_outcome dutch_outcome(const struct sale *sale, int64_t lot_index, int64_t now_ms,
                                        struct decision *out)
{
    (void)now_ms;
    (void)out;
    const struct lot *lot = &sale->lots[lot_index];
    if (lot->awards_count == 0) {
        return (struct lot_outcome){.winner_index = -1, .unsold_reason = UNSOLD_NO_BIDS};
    }
    return (struct lot_outcome){.winner_index = awards_winner(sale, lot, NULL, 0),
                                .price_minor = lot->price_minor,
                                .quantity = lot->quantity - lot->quantity_left};
}

// Fallen through the minimum; what was pressed stays sold.
static void dutch_wake(const struct sale *sale, int64_t lot_index, int64_t now_ms,
                       struct decision *out)
{
    lot_withdraw_add(sale, lot_index, WITHDRAWN_BELOW_MINIMUM, (struct bytes){0}, now_ms, out);
}

const struct lot_format format_dutch = {
    .name = "dutch",
    .has_clock = false,
    .is_timed = true,
    .ask = dutch_ask,
    .offer_check = dutch_offer_check,
    .commits = dutch_commits,
    .accept = dutch_accept,
    .wake_ends = true,
    .wakes_at = dutch_wakes_at,
    .wake = dutch_wake,
    .outcome = dutch_outcome,
};
