#include "auction-svc/core/bidding.h"
#include "auction-svc/core/standing.h"

// For himself, or by a clerk for a paddle (an absentee).
static struct bidding bidding_of(const struct sale *sale, const struct sale_command *command,
                                 const struct lot_id *lot, struct bytes paddle)
{
    bool is_for_paddle = paddle.size > 0;
    return (struct bidding){
        .lot_index = sale_lot_index(sale, lot),
        .by_index = is_for_paddle ? sale_paddle_index(sale, paddle)
                                  : sale_participant_index(sale, &command->by),
        .is_for_paddle = is_for_paddle,
        .takes_pending = true,
    };
}

static bool takes_maximum(const struct sale *sale, const struct lot *lot)
{
    return lot_format_of(sale, lot)->takes_maximum && !sale_lot_rules(sale, lot)->no_maximum;
}

// The checks before those of an offer; false: refused.
static bool is_possible(const struct sale *sale, const struct sale_command *command,
                        struct bidding bidding, int64_t now_ms, struct decision *out)
{
    if (bidding.lot_index >= 0 && bidding.is_for_paddle && bidding.by_index < 0) {
        decision_refuse(out, ERROR_NOT_FOUND, "paddle");
        return false;
    }
    enum error_code refusal = bidding_check(sale, command, bidding, now_ms);
    if (refusal == ERROR_NONE && !takes_maximum(sale, &sale->lots[bidding.lot_index])) {
        refusal = ERROR_WRONG_FORMAT;
    }
    if (refusal != ERROR_NONE) {
        decision_refuse(out, refusal, NULL);
    }
    return refusal == ERROR_NONE;
}

void decide_set_max(const struct sale *sale, const struct sale_command *command, int64_t now_ms,
                    struct decision *out)
{
    struct bidding bidding =
        bidding_of(sale, command, &command->as.set_max.lot, command->as.set_max.paddle);
    if (!is_possible(sale, command, bidding, now_ms, out)) {
        return;
    }
    struct offer offer = {
        .by_index = bidding.by_index,
        .amount_minor = command->as.set_max.max_minor,
        .quantity = 1,
        .confirm = command->as.set_max.confirm,
        .is_maximum = true,
        .as_recorded = command->as.set_max.as_recorded,
        .kind = BID_MAXIMUM,
        .stamp_ms = offered_at_ms(sale, bidding.lot_index, command, now_ms),
    };
    enum error_code refusal = offer_check(sale, bidding.lot_index, &offer, now_ms);
    if (refusal != ERROR_NONE) {
        decision_refuse(out, refusal, NULL);
        return;
    }
    const struct lot *lot = &sale->lots[bidding.lot_index];
    lot_format_of(sale, lot)->accept(sale, bidding.lot_index, &offer, now_ms, out);
}

// Whole; of a leader the standing price stays, as a plain bid.
void decide_withdraw_max(const struct sale *sale, const struct sale_command *command,
                         int64_t now_ms, struct decision *out)
{
    struct bidding bidding =
        bidding_of(sale, command, &command->as.lot.lot, command->as.lot.paddle);
    if (!is_possible(sale, command, bidding, now_ms, out)) {
        return;
    }
    const struct standing *standing =
        standing_find(&sale->lots[bidding.lot_index], bidding.by_index);
    if (standing == NULL || standing->max_minor == 0) {
        decision_refuse(out, ERROR_NOT_FOUND, "maximum");
        return;
    }
    max_placed_add(sale, bidding.lot_index, bidding.by_index, 0, 1, now_ms, out);
}
