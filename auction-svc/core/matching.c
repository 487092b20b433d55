#include "auction-svc/core/matching.h"

#include "auction-svc/core/purse.h"

static int64_t holder_of(const struct sale *sale, const struct lot *lot)
{
    return sale_participant_index(sale, &lot->match_holder);
}

static enum error_code can_pay(const struct sale *sale, int64_t participant_index,
                               const struct lot *lot, int64_t price_minor)
{
    struct purse purse = purse_of(sale, &sale->participants[participant_index], lot);
    return purse_check(&purse, price_minor);
}

static void offer_add(const struct sale *sale, int64_t lot_index, int64_t winner_index,
                      int64_t price_minor, enum match_stage stage, enum close_reason reason,
                      int64_t now_ms, struct decision *out)
{
    struct sale_event *event = decision_add(out, EVENT_MATCH_OFFERED, now_ms);
    event->as.match_offered.lot_index = lot_index;
    event->as.match_offered.winner = sale->participants[winner_index].id;
    event->as.match_offered.price_minor = price_minor;
    event->as.match_offered.stage = stage;
    event->as.match_offered.ends_at_ms = now_ms + sale->definition.rules.match_ms;
    event->as.match_offered.reason = reason;
}

bool match_offer_add(const struct sale *sale, int64_t lot_index, const struct lot_outcome *outcome,
                     enum close_reason reason, int64_t now_ms, struct decision *out)
{
    const struct lot *lot = &sale->lots[lot_index];
    int64_t holder = holder_of(sale, lot);
    bool is_possible = sale->definition.rules.match != MATCH_NONE && lot->phase != LOT_MATCHING &&
                       lot->quantity == 1 && outcome->quantity == 1 && outcome->winner_index >= 0;
    if (!is_possible || holder < 0 || holder == outcome->winner_index ||
        sale->participants[holder].status != PARTICIPANT_ACCEPTED ||
        can_pay(sale, holder, lot, outcome->price_minor) != ERROR_NONE) {
        return false;
    }
    offer_add(sale, lot_index, outcome->winner_index, outcome->price_minor, MATCH_ASK_HOLDER,
              reason, now_ms, out);
    return true;
}

static void sold_add(const struct sale *sale, int64_t lot_index, int64_t winner_index,
                     enum close_reason reason, int64_t now_ms, struct decision *out)
{
    struct lot_outcome outcome = {.winner_index = winner_index,
                                  .price_minor = sale->lots[lot_index].price_minor,
                                  .quantity = 1};
    lot_close_add(sale, lot_index, &outcome, reason, now_ms, out);
}

static void to_winner_add(const struct sale *sale, int64_t lot_index, int64_t now_ms,
                          struct decision *out)
{
    const struct lot *lot = &sale->lots[lot_index];
    sold_add(sale, lot_index, lot->leader_index, lot->match_reason, now_ms, out);
}

// To the holder, unless he can't pay it any more (he has bought another lot meanwhile).
static void to_holder_add(const struct sale *sale, int64_t lot_index, int64_t now_ms,
                          struct decision *out)
{
    const struct lot *lot = &sale->lots[lot_index];
    int64_t holder = holder_of(sale, lot);
    bool may = sale->participants[holder].status == PARTICIPANT_ACCEPTED &&
               can_pay(sale, holder, lot, lot->price_minor) == ERROR_NONE;
    if (may) {
        sold_add(sale, lot_index, holder, CLOSE_MATCHED, now_ms, out);
    } else {
        to_winner_add(sale, lot_index, now_ms, out);
    }
}

void match_due_add(const struct sale *sale, int64_t lot_index, int64_t now_ms, struct decision *out)
{
    if (sale->lots[lot_index].match_stage == MATCH_ASK_WINNER) {
        to_holder_add(sale, lot_index, now_ms, out);
    } else {
        to_winner_add(sale, lot_index, now_ms, out);
    }
}

// The checks that both answers share; `asks` says whether their stage is now.
static enum error_code answer_check(const struct sale *sale, const struct sale_command *command,
                                    int64_t lot_index, int64_t by_index, int64_t now_ms)
{
    if (lot_index < 0) {
        return ERROR_NOT_FOUND;
    }
    if (by_index < 0) {
        return ERROR_NOT_PARTICIPANT;
    }
    if (sale->phase == SALE_PAUSED) {
        return ERROR_PAUSED;
    }
    const struct lot *lot = &sale->lots[lot_index];
    if (sale->phase != SALE_LIVE || lot->phase != LOT_MATCHING) {
        return ERROR_WRONG_PHASE;
    }
    if (now_ms >= lot->deadline_ms) {
        return ERROR_LOT_CLOSED; // time decides
    }
    if (command->role != ROLE_BIDDER ||
        sale->participants[by_index].status != PARTICIPANT_ACCEPTED) {
        return ERROR_FORBIDDEN;
    }
    bool asks_winner = lot->match_stage == MATCH_ASK_WINNER;
    bool is_asked = command->op == SALE_OP_RAISE_MATCH
                        ? asks_winner && by_index == lot->leader_index
                        : !asks_winner && by_index == holder_of(sale, lot);
    return is_asked ? ERROR_NONE : ERROR_NOT_YOUR_TURN;
}

void decide_match(const struct sale *sale, const struct sale_command *command, int64_t now_ms,
                  struct decision *out)
{
    int64_t lot_index = sale_lot_index(sale, &command->as.match.lot);
    int64_t by_index = sale_participant_index(sale, &command->by);
    enum error_code refusal = answer_check(sale, command, lot_index, by_index, now_ms);
    if (refusal == ERROR_NONE && command->as.match.accept) {
        const struct lot *lot = &sale->lots[lot_index];
        refusal = can_pay(sale, by_index, lot, lot->price_minor);
    }
    if (refusal != ERROR_NONE) {
        decision_refuse(out, refusal, NULL);
        return;
    }
    const struct lot *lot = &sale->lots[lot_index];
    bool may_raise =
        sale->definition.rules.match == MATCH_RAISE && lot->match_stage == MATCH_ASK_HOLDER;
    if (!command->as.match.accept) {
        to_winner_add(sale, lot_index, now_ms, out);
    } else if (may_raise) {
        offer_add(sale, lot_index, lot->leader_index, lot->price_minor, MATCH_ASK_WINNER,
                  lot->match_reason, now_ms, out);
    } else {
        to_holder_add(sale, lot_index, now_ms, out);
    }
}

// One last raise is a bid: at least the next step, on the ladder, within the purse.
static enum error_code raise_check(const struct sale *sale, const struct lot *lot, int64_t by_index,
                                   int64_t amount_minor)
{
    const struct lot_rules *rules = sale_lot_rules(sale, lot);
    if (amount_minor < 0 || amount_minor > AMOUNT_MINOR_MAX) {
        return ERROR_BAD_AMOUNT;
    }
    if (amount_minor < increment_next(&rules->increments, lot->price_minor)) {
        return ERROR_BELOW_ASK;
    }
    if (rules->strict &&
        !increment_on_ladder(&rules->increments, lot->opening_minor, amount_minor)) {
        return ERROR_OFF_LADDER;
    }
    return can_pay(sale, by_index, lot, amount_minor);
}

void decide_raise_match(const struct sale *sale, const struct sale_command *command, int64_t now_ms,
                        struct decision *out)
{
    int64_t lot_index = sale_lot_index(sale, &command->as.match.lot);
    int64_t by_index = sale_participant_index(sale, &command->by);
    int64_t amount_minor = command->as.match.amount_minor;
    enum error_code refusal = answer_check(sale, command, lot_index, by_index, now_ms);
    if (refusal == ERROR_NONE && amount_minor != 0) {
        refusal = raise_check(sale, &sale->lots[lot_index], by_index, amount_minor);
    }
    if (refusal != ERROR_NONE) {
        decision_refuse(out, refusal, NULL);
        return;
    }
    if (amount_minor == 0) { // he lets it go
        to_holder_add(sale, lot_index, now_ms, out);
        return;
    }
    const struct lot *lot = &sale->lots[lot_index];
    offer_add(sale, lot_index, by_index, amount_minor, MATCH_ASK_HOLDER_AGAIN, lot->match_reason,
              now_ms, out);
}
