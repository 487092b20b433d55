#include "auction-svc/core/bidding.h"
#include "auction-svc/core/purse.h"
#include "auction-svc/core/standing.h"

static bool anybody_passed(const struct lot *lot)
{
    for (size_t i = 0; i < lot->standings_count; i++) {
        if (lot->standings[i].has_passed) {
            return true;
        }
    }
    return false;
}

static bool has_passed(const struct lot *lot, int64_t participant_index)
{
    const struct standing *standing = standing_find(lot, participant_index);
    return standing != NULL && standing->has_passed;
}

// The least that somebody else must bid now; a bid takes back what the auctioneer asked.
static int64_t ask_after(const struct sale *sale, const struct lot *lot,
                         const struct bid_result *result, int64_t now_ms)
{
    if (result->price_minor == lot->price_minor) {
        return lot_format_of(sale, lot)->ask(sale, lot, now_ms);
    }
    return increment_next(&sale_lot_rules(sale, lot)->increments, result->price_minor);
}

// Eligible is who is accepted and could still pay the ask.
static bool all_have_passed(const struct sale *sale, const struct lot *lot,
                            const struct bid_result *result, int64_t passer_index, int64_t now_ms)
{
    int64_t ask_minor = ask_after(sale, lot, result, now_ms);
    bool any = false;
    for (size_t i = 0; i < sale->participants_count; i++) {
        const struct participant *participant = &sale->participants[i];
        int64_t index = (int64_t)i;
        if (participant->status != PARTICIPANT_ACCEPTED || index == result->leader_index) {
            continue;
        }
        if (index == passer_index || has_passed(lot, index)) {
            any = true;
        } else if (standing_affordable(sale, lot, index, ask_minor) == ask_minor) {
            return false;
        }
    }
    return any;
}

void pass_close_add(const struct sale *sale, int64_t lot_index, const struct bid_result *result,
                    int64_t passer_index, int64_t now_ms, struct decision *out)
{
    const struct lot *lot = &sale->lots[lot_index];
    if (lot->phase == LOT_PENDING || lot->draws_at_ms > 0 ||
        (passer_index < 0 && !anybody_passed(lot)) ||
        !all_have_passed(sale, lot, result, passer_index, now_ms)) {
        return; // a lot that starts now is open first; a drawn end is the end
    }
    struct lot_outcome outcome = {.winner_index = -1, .unsold_reason = UNSOLD_NO_BIDS};
    if (result->price_minor > 0) {
        outcome.unsold_reason = UNSOLD_RESERVE_NOT_MET;
    }
    if (result->leader_index >= 0 && result->price_minor >= lot->reserve_minor) {
        outcome = (struct lot_outcome){.winner_index = result->leader_index,
                                       .price_minor = result->price_minor,
                                       .quantity = 1};
    }
    lot_close_add(sale, lot_index, &outcome, CLOSE_PASSED, now_ms, out);
}

static void pass_add(const struct sale *sale, int64_t lot_index, int64_t by_index, int64_t now_ms,
                     struct decision *out)
{
    const struct lot *lot = &sale->lots[lot_index];
    if (!lot_is_ascending(sale, lot)) {
        decision_refuse(out, ERROR_WRONG_FORMAT, NULL);
        return;
    }
    if (has_passed(lot, by_index)) {
        decision_refuse(out, ERROR_ALREADY_PASSED, NULL);
        return;
    }
    if (lot->leader_index == by_index) {
        decision_refuse(out, ERROR_ALREADY_LEADING, NULL);
        return;
    }
    struct sale_event *event = decision_add(out, EVENT_LOT_PASSED, now_ms);
    event->as.lot_passed.lot_index = lot_index;
    event->as.lot_passed.by = sale->participants[by_index].id;
    event->as.lot_passed.must = false;
    struct bid_result result = {.price_minor = lot->price_minor,
                                .leader_index = lot->leader_index,
                                .held_minor = lot->held_minor};
    pass_close_add(sale, lot_index, &result, by_index, now_ms, out);
}

void decide_pass(const struct sale *sale, const struct sale_command *command, int64_t now_ms,
                 struct decision *out)
{
    struct bidding bidding = {.lot_index = sale_lot_index(sale, &command->as.lot.lot),
                              .by_index = sale_participant_index(sale, &command->by)};
    enum error_code refusal = bidding_check(sale, command, bidding, now_ms);
    if (refusal != ERROR_NONE) {
        decision_refuse(out, refusal, NULL);
        return;
    }
    const struct lot_format *format = lot_format_of(sale, &sale->lots[bidding.lot_index]);
    if (format->pass != NULL) {
        format->pass(sale, bidding.lot_index, bidding.by_index, now_ms, out);
    } else {
        pass_add(sale, bidding.lot_index, bidding.by_index, now_ms, out);
    }
}
