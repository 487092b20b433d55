// Japanese (button): bidders enter at the opening, then the price rises by the clock; leaving is
// final, and the last one pays the price at which the second-last left.
#include "auction-svc/core/decide.h"
#include "auction-svc/core/purse.h"
#include "auction-svc/formats/formats.h"
#include "auction-svc/formats/price_clock.h"

enum { LEAVERS_MAX = 10 }; // in one decision; the tick comes when all who must leave have left

static bool holds_button(const struct standing *standing)
{
    return standing->has_entered && !standing->has_passed;
}

// May one still enter? Not once the price has risen, also when an outage has moved the clock.
static bool is_entering(const struct lot *lot, int64_t now_ms)
{
    return now_ms < lot->clock_from_ms && lot->clock_price_minor == lot->opening_minor;
}

static const struct standing *standing_of(const struct lot *lot, int64_t by_index)
{
    for (size_t i = 0; i < lot->standings_count; i++) {
        if (lot->standings[i].by_index == by_index) {
            return &lot->standings[i];
        }
    }
    return NULL;
}

static int64_t buttons_held(const struct lot *lot)
{
    int64_t held = 0;
    for (size_t i = 0; i < lot->standings_count; i++) {
        held += holds_button(&lot->standings[i]);
    }
    return held;
}

// The end of entering when that decides the lot, else the next tick.
static int64_t japanese_wakes_at(const struct sale *sale, const struct lot *lot)
{
    return buttons_held(lot) < 2 ? lot->clock_from_ms
                                 : price_clock_at(lot, sale_lot_rules(sale, lot), 1);
}

static int64_t japanese_ask(const struct sale *sale, const struct lot *lot, int64_t now_ms)
{
    (void)sale;
    (void)now_ms;
    return lot->clock_price_minor > 0 ? lot->clock_price_minor : lot->opening_minor;
}

static enum error_code japanese_offer_check(const struct sale *sale, const struct lot *lot,
                                            const struct offer *offer, int64_t now_ms)
{
    (void)sale;
    if (!is_entering(lot, now_ms)) {
        return ERROR_LOT_CLOSED; // to newcomers
    }
    const struct standing *standing = standing_of(lot, offer->by_index);
    if (standing != NULL && standing->has_passed) {
        return ERROR_ALREADY_PASSED;
    }
    if (standing != NULL && standing->has_entered) {
        return ERROR_ALREADY_LEADING;
    }
    return offer->amount_minor < lot->opening_minor ? ERROR_BELOW_ASK : ERROR_NONE;
}

static int64_t japanese_commits(const struct sale *sale, const struct lot *lot,
                                const struct offer *offer, int64_t now_ms)
{
    (void)sale;
    (void)offer;
    (void)now_ms;
    return lot->opening_minor;
}

static void japanese_accept(const struct sale *sale, int64_t lot_index, const struct offer *offer,
                            int64_t now_ms, struct decision *out)
{
    struct offer entry = *offer;
    entry.kind = BID_ENTER;
    entry.amount_minor = sale->lots[lot_index].opening_minor;
    struct bid_result result = {.price_minor = entry.amount_minor, .leader_index = -1};
    bid_accepted_add(sale, lot_index, &entry, &result, now_ms, out);
}

// What the lot comes to when, of those who hold a button, all but `stays_index` are gone.
static struct lot_outcome outcome_of(const struct lot *lot, int64_t stays_index)
{
    if (stays_index < 0) {
        return (struct lot_outcome){.winner_index = -1, .unsold_reason = UNSOLD_NO_BIDS};
    }
    if (lot->clock_price_minor < lot->reserve_minor) {
        return (struct lot_outcome){.winner_index = -1, .unsold_reason = UNSOLD_RESERVE_NOT_MET};
    }
    return (struct lot_outcome){
        .winner_index = stays_index, .price_minor = lot->clock_price_minor, .quantity = 1};
}

// The first who entered among those who hold a button, `except` put aside; -1: nobody.
static int64_t first_button(const struct lot *lot, int64_t except_index)
{
    for (size_t i = 0; i < lot->standings_count; i++) {
        const struct standing *standing = &lot->standings[i];
        if (holds_button(standing) && standing->by_index != except_index) {
            return standing->by_index;
        }
    }
    return -1;
}

static struct lot_outcome japanese_outcome(const struct sale *sale, int64_t lot_index,
                                           int64_t now_ms, struct decision *out)
{
    (void)now_ms;
    (void)out;
    const struct lot *lot = &sale->lots[lot_index];
    if (buttons_held(lot) > 1) { // closed by the staff while several hold on: nobody has won
        return (struct lot_outcome){.winner_index = -1, .unsold_reason = UNSOLD_PASSED};
    }
    return outcome_of(lot, first_button(lot, -1));
}

static void leave_add(const struct sale *sale, int64_t lot_index, int64_t by_index, bool must,
                      int64_t now_ms, struct decision *out)
{
    struct sale_event *event = decision_add(out, EVENT_LOT_PASSED, now_ms);
    event->as.lot_passed.lot_index = lot_index;
    event->as.lot_passed.by = sale->participants[by_index].id;
    event->as.lot_passed.must = must;
}

static void button_close_add(const struct sale *sale, int64_t lot_index, int64_t stays_index,
                             int64_t now_ms, struct decision *out)
{
    struct lot_outcome outcome = outcome_of(&sale->lots[lot_index], stays_index);
    lot_close_add(sale, lot_index, &outcome, CLOSE_PASSED, now_ms, out);
}

static void japanese_pass(const struct sale *sale, int64_t lot_index, int64_t by_index,
                          int64_t now_ms, struct decision *out)
{
    const struct lot *lot = &sale->lots[lot_index];
    const struct standing *standing = standing_of(lot, by_index);
    if (standing == NULL || !holds_button(standing)) {
        decision_refuse(out, ERROR_ALREADY_PASSED, NULL);
        return;
    }
    leave_add(sale, lot_index, by_index, false, now_ms, out);
    if (!is_entering(lot, now_ms) && buttons_held(lot) <= 2) {
        button_close_add(sale, lot_index, first_button(lot, by_index), now_ms, out);
    }
}

static bool can_go_on(const struct sale *sale, const struct lot *lot, int64_t by_index,
                      int64_t price_minor)
{
    const struct participant *participant = &sale->participants[by_index];
    if (participant->status != PARTICIPANT_ACCEPTED || price_minor > AMOUNT_MINOR_MAX) {
        return false;
    }
    struct held held = {.held_minor = lot->clock_price_minor, .places = 1};
    struct purse purse = purse_without(sale, participant, &held);
    return purse_check(&purse, price_minor) == ERROR_NONE;
}

// Who can't pay the next price leaves at the one that stands, the last who entered first, so that of
// several who would leave at once the earliest stays.
static void japanese_wake(const struct sale *sale, int64_t lot_index, int64_t now_ms,
                          struct decision *out)
{
    const struct lot *lot = &sale->lots[lot_index];
    int64_t held = buttons_held(lot);
    int64_t next_minor = lot->clock_price_minor + sale_lot_rules(sale, lot)->price_step_minor;
    int64_t left = 0;
    int64_t stays_index = held == 1 ? first_button(lot, -1) : -1;
    for (size_t i = lot->standings_count; i > 0 && held > 1 && left < LEAVERS_MAX; i--) {
        const struct standing *standing = &lot->standings[i - 1];
        if (!holds_button(standing)) {
            continue;
        }
        if (can_go_on(sale, lot, standing->by_index, next_minor)) {
            stays_index = standing->by_index;
            continue;
        }
        leave_add(sale, lot_index, standing->by_index, true, now_ms, out);
        left++;
        held--;
    }
    if (held <= 1) {
        stays_index = stays_index < 0 ? first_button(lot, -1) : stays_index;
        button_close_add(sale, lot_index, held == 0 ? -1 : stays_index, now_ms, out);
    } else if (left == 0) {
        struct sale_event *event = decision_add(out, EVENT_CLOCK_RESTARTED, now_ms);
        event->as.clock_restarted.lot_index = lot_index;
        event->as.clock_restarted.price_minor = next_minor;
        event->as.clock_restarted.from_ms = japanese_wakes_at(sale, lot);
        event->as.clock_restarted.quantity_left = lot->quantity_left;
    }
}

const struct lot_format format_japanese = {
    .name = "japanese",
    .has_clock = false,
    .is_timed = true,
    .ask = japanese_ask,
    .offer_check = japanese_offer_check,
    .commits = japanese_commits,
    .accept = japanese_accept,
    .pass = japanese_pass,
    .wakes_at = japanese_wakes_at,
    .wake = japanese_wake,
    .outcome = japanese_outcome,
};
