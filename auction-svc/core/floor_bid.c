#include "auction-svc/core/bidding.h"

// From the room: the clerk says which paddle was raised. He has heard the amount, so that no guard
// asks whether it is meant.
void decide_floor_bid(const struct sale *sale, const struct sale_command *command, int64_t now_ms,
                      struct decision *out)
{
    struct bidding bidding = {.lot_index = sale_lot_index(sale, &command->as.floor_bid.lot),
                              .by_index = sale_paddle_index(sale, command->as.floor_bid.paddle),
                              .is_for_paddle = true};
    if (bidding.lot_index >= 0 && bidding.by_index < 0) {
        decision_refuse(out, ERROR_NOT_FOUND, "paddle");
        return;
    }
    struct offer offer = {
        .by_index = bidding.by_index,
        .amount_minor = command->as.floor_bid.amount_minor,
        .quantity = 1,
        .confirm = true,
        .kind = BID_FLOOR,
        .stamp_ms = offered_at_ms(sale, bidding.lot_index, command, now_ms),
    };
    enum error_code refusal = bidding_check(sale, command, bidding, now_ms);
    if (refusal == ERROR_NONE && !lot_is_ascending(sale, &sale->lots[bidding.lot_index])) {
        refusal = ERROR_WRONG_FORMAT;
    }
    if (refusal == ERROR_NONE) {
        refusal = offer_check(sale, bidding.lot_index, &offer, now_ms);
    }
    if (refusal != ERROR_NONE) {
        decision_refuse(out, refusal, NULL);
        return;
    }
    const struct lot *lot = &sale->lots[bidding.lot_index];
    lot_format_of(sale, lot)->accept(sale, bidding.lot_index, &offer, now_ms, out);
}
