// What the auctioneer does with a lot that runs: the hammer, the ask, warnings, more time.
#include "auction-svc/core/decide.h"
#include "auction-svc/core/format.h"
#include "auction-svc/core/wakes.h"

// The lot that a control names, while it runs; -1: refused.
static int64_t running_index(const struct sale *sale, const struct lot_id *id, struct decision *out)
{
    int64_t lot_index = sale_lot_index(sale, id);
    if (lot_index < 0) {
        decision_refuse(out, ERROR_NOT_FOUND, NULL);
        return -1;
    }
    if (sale->phase != SALE_LIVE) {
        decision_refuse(out, ERROR_WRONG_PHASE, NULL);
        return -1;
    }
    switch (sale->lots[lot_index].phase) {
    case LOT_OPEN:
    case LOT_CLOSING:
        return lot_index;
    case LOT_PENDING:
        decision_refuse(out, ERROR_WRONG_LOT, NULL);
        return -1;
    case LOT_SOLD:
    case LOT_UNSOLD:
    case LOT_WITHDRAWN:
    case LOT_MATCHING:
        break;
    }
    decision_refuse(out, ERROR_LOT_CLOSED, NULL);
    return -1;
}

// May the auctioneer let the hammer fall at once? Not where offers are sealed, the clock makes the
// price, or the end is drawn.
static bool has_hammer(const struct sale *sale, const struct lot *lot)
{
    enum auction_format format = sale_lot_rules(sale, lot)->format;
    return format == FORMAT_LIVE || format == FORMAT_ENGLISH;
}

void decide_sell(const struct sale *sale, const struct sale_command *command, int64_t now_ms,
                 struct decision *out)
{
    int64_t lot_index = running_index(sale, &command->as.lot.lot, out);
    if (lot_index < 0) {
        return;
    }
    const struct lot *lot = &sale->lots[lot_index];
    if (!has_hammer(sale, lot)) {
        decision_refuse(out, ERROR_WRONG_FORMAT, NULL);
    } else if (lot->leader_index < 0) {
        decision_refuse(out, ERROR_NO_BIDS, NULL);
    } else if (lot_reserve_status(lot) == RESERVE_NOT_MET && !command->as.lot.below_reserve) {
        decision_refuse(out, ERROR_BELOW_RESERVE, NULL); // the auctioneer must mean it
    } else {
        struct lot_outcome outcome = {
            .winner_index = lot->leader_index, .price_minor = lot->price_minor, .quantity = 1};
        lot_close_add(sale, lot_index, &outcome, CLOSE_HAMMER, now_ms, out);
    }
}

void decide_pass_in(const struct sale *sale, const struct sale_command *command, int64_t now_ms,
                    struct decision *out)
{
    int64_t lot_index = running_index(sale, &command->as.lot.lot, out);
    if (lot_index < 0) {
        return;
    }
    if (!has_hammer(sale, &sale->lots[lot_index])) {
        decision_refuse(out, ERROR_WRONG_FORMAT, NULL);
        return;
    }
    struct lot_outcome outcome = {.winner_index = -1, .unsold_reason = UNSOLD_PASSED};
    lot_close_add(sale, lot_index, &outcome, CLOSE_HAMMER, now_ms, out);
}

void decide_set_ask(const struct sale *sale, const struct sale_command *command, int64_t now_ms,
                    struct decision *out)
{
    int64_t lot_index = running_index(sale, &command->as.set_ask.lot, out);
    int64_t ask_minor = command->as.set_ask.ask_minor;
    if (lot_index < 0) {
        return;
    }
    const struct lot *lot = &sale->lots[lot_index];
    if (sale_lot_rules(sale, lot)->format != FORMAT_LIVE) {
        decision_refuse(out, ERROR_WRONG_FORMAT, NULL);
        return;
    }
    bool is_above = ask_minor > lot->price_minor && ask_minor <= AMOUNT_MINOR_MAX;
    if (ask_minor != 0 && !is_above) {
        decision_refuse(out, ERROR_BAD_AMOUNT, NULL);
        return;
    }
    struct sale_event *event = decision_add(out, EVENT_ASK_SET, now_ms);
    event->as.ask_set.lot_index = lot_index;
    event->as.ask_set.ask_minor = ask_minor;
}

void decide_warn(const struct sale *sale, const struct sale_command *command, int64_t now_ms,
                 struct decision *out)
{
    int64_t lot_index = running_index(sale, &command->as.lot.lot, out);
    if (lot_index < 0) {
        return;
    }
    const struct lot *lot = &sale->lots[lot_index];
    if (lot->phase == LOT_CLOSING || lot->warned >= WARNINGS_MAX) {
        decision_refuse(out, ERROR_WRONG_PHASE, "stage"); // after twice falls the hammer
        return;
    }
    struct sale_event *event = decision_add(out, EVENT_LOT_WARNED, now_ms);
    event->as.lot_warned.lot_index = lot_index;
    event->as.lot_warned.stage = lot->warned + 1;
}

void decide_add_time(const struct sale *sale, const struct sale_command *command, int64_t now_ms,
                     struct decision *out)
{
    int64_t lot_index = running_index(sale, &command->as.add_time.lot, out);
    int64_t add_ms = command->as.add_time.add_ms;
    if (lot_index < 0) {
        return;
    }
    const struct lot *lot = &sale->lots[lot_index];
    if (lot->phase == LOT_CLOSING || (lot->ends_at_ms > 0 && now_ms >= lot->ends_at_ms)) {
        decision_refuse(out, ERROR_LOT_CLOSED, NULL);
        return;
    }
    if (lot->ends_at_ms == 0 || lot->draws_at_ms > 0) { // no clock to an end, or a drawn one
        decision_refuse(out, ERROR_WRONG_FORMAT, NULL);
        return;
    }
    if (add_ms < 1 || add_ms > DURATION_MS_MAX || lot->ends_at_ms > TIME_MS_MAX - add_ms) {
        decision_refuse(out, ERROR_BAD_REQUEST, "add_ms");
        return;
    }
    struct sale_event *event = decision_add(out, EVENT_LOT_EXTENDED, now_ms);
    event->as.lot_extended.lot_index = lot_index;
    event->as.lot_extended.extended_ms = add_ms;
    event->as.lot_extended.ends_at_ms = lot->ends_at_ms + add_ms;
    event->as.lot_extended.scope = SOFT_CLOSE_LOT;
    event->as.lot_extended.reason = EXTEND_COMMAND;
}

// A lot that waits or runs; a frozen clock lets only those go that it does not concern.
void decide_withdraw_lot(const struct sale *sale, const struct sale_command *command,
                         int64_t now_ms, struct decision *out)
{
    int64_t lot_index = sale_lot_index(sale, &command->as.withdraw_lot.lot);
    struct bytes reason = command->as.withdraw_lot.reason;
    if (lot_index < 0) {
        decision_refuse(out, ERROR_NOT_FOUND, NULL);
        return;
    }
    if (!line_is_legal(reason, 0, REASON_SIZE_MAX)) {
        decision_refuse(out, ERROR_BAD_REQUEST, "reason");
        return;
    }
    const struct lot *lot = &sale->lots[lot_index];
    bool is_frozen = sale->phase == SALE_PAUSED && lot_is_awaited(sale, lot_index);
    if (sale->phase == SALE_COMPLETE || is_frozen) {
        decision_refuse(out, ERROR_WRONG_PHASE, NULL);
    } else if (!lot_is_running(lot) && lot->phase != LOT_PENDING) {
        decision_refuse(out, ERROR_LOT_CLOSED, NULL);
    } else if (lot->awards_count > 0) {
        decision_refuse(out, ERROR_WRONG_FORMAT, NULL); // pieces of it are sold
    } else {
        lot_withdraw_add(sale, lot_index, WITHDRAWN_BY_STAFF, reason, now_ms, out);
    }
}
