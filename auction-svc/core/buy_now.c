#include "auction-svc/core/bidding.h"
#include "auction-svc/core/purse.h"
#include "auction-svc/core/standing.h"

static bool is_gone(const struct sale *sale, const struct lot *lot)
{
    int64_t until_minor = 1; // the first bid, also where there is no reserve
    if (sale_lot_rules(sale, lot)->buy_now_until == BUY_NOW_UNTIL_RESERVE &&
        lot->reserve_minor > 0) {
        until_minor = lot->reserve_minor;
    }
    return lot->buy_now_minor == 0 || lot->price_minor >= until_minor ||
           lot->price_minor >= lot->buy_now_minor;
}

static enum error_code purchase_check(const struct sale *sale, struct bidding bidding)
{
    const struct lot *lot = &sale->lots[bidding.lot_index];
    if (!lot_is_ascending(sale, lot)) {
        return ERROR_WRONG_FORMAT;
    }
    if (is_gone(sale, lot)) {
        return ERROR_BUY_NOW_GONE;
    }
    const struct standing *standing = standing_find(lot, bidding.by_index);
    if (standing != NULL && standing->has_passed) {
        return ERROR_ALREADY_PASSED;
    }
    struct purse purse = purse_of(sale, &sale->participants[bidding.by_index], lot);
    return purse_check(&purse, lot->buy_now_minor);
}

void decide_buy_now(const struct sale *sale, const struct sale_command *command, int64_t now_ms,
                    struct decision *out)
{
    struct bidding bidding = {.lot_index = sale_lot_index(sale, &command->as.lot.lot),
                              .by_index = sale_participant_index(sale, &command->by)};
    enum error_code refusal = bidding_check(sale, command, bidding, now_ms);
    if (refusal == ERROR_NONE) {
        refusal = purchase_check(sale, bidding);
    }
    if (refusal != ERROR_NONE) {
        decision_refuse(out, refusal, NULL);
        return;
    }
    const struct lot *lot = &sale->lots[bidding.lot_index];
    if (lot->draws_at_ms > 0) { // what was drawn is told when the lot closes
        (void)lot_format_of(sale, lot)->outcome(sale, bidding.lot_index, now_ms, out);
    }
    struct lot_outcome outcome = {
        .winner_index = bidding.by_index, .price_minor = lot->buy_now_minor, .quantity = 1};
    lot_close_add(sale, bidding.lot_index, &outcome, CLOSE_BUY_NOW, now_ms, out);
}
