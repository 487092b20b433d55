#include "auction-svc/core/nomination.h"

#include "auction-svc/core/purse.h"

static int64_t participant_of_turn(const struct sale *sale, int64_t turn)
{
    int64_t count = (int64_t)sale->participants_count;
    int64_t place = turn % count;
    bool backwards = sale->definition.rules.nomination == NOMINATION_SNAKE && turn / count % 2 == 1;
    return backwards ? count - 1 - place : place;
}

// Lots that may be named: those that wait; before a round those that were not sold.
static bool can_buy(const struct sale *sale, int64_t participant_index,
                    const struct closing *closing, enum lot_phase phase)
{
    for (size_t i = 0; i < sale->lots_count; i++) {
        const struct lot *lot = &sale->lots[i];
        if (lot->phase == phase && lot != closing->lot &&
            participant_can_open(sale, participant_index, lot, closing)) {
            return true;
        }
    }
    bool comes_again = phase == LOT_UNSOLD && closing->lot != NULL && closing->outcome != NULL &&
                       closing->outcome->quantity == 0;
    return comes_again && participant_can_open(sale, participant_index, closing->lot, closing);
}

static bool has_pending(const struct sale *sale, const struct lot *except)
{
    for (size_t i = 0; i < sale->lots_count; i++) {
        if (sale->lots[i].phase == LOT_PENDING && &sale->lots[i] != except) {
            return true;
        }
    }
    return false;
}

int64_t nomination_next(const struct sale *sale, const struct closing *closing, int64_t *out_turn)
{
    const struct sale_rules *rules = &sale->definition.rules;
    if (rules->nomination == NOMINATION_NONE || rules->flow == FLOW_PARALLEL) {
        return -1;
    }
    enum lot_phase phase = has_pending(sale, closing->lot) ? LOT_PENDING : LOT_UNSOLD;
    int64_t turns = 2 * (int64_t)sale->participants_count; // each has his turn among so many
    for (int64_t turn = sale->nominations; turn < sale->nominations + turns; turn++) {
        int64_t index = participant_of_turn(sale, turn);
        if (can_buy(sale, index, closing, phase)) {
            *out_turn = turn;
            return index;
        }
    }
    return -1;
}

void nomination_add(const struct sale *sale, int64_t participant_index, int64_t turn,
                    int64_t now_ms, struct decision *out)
{
    struct sale_event *event = decision_add(out, EVENT_NOMINATION_STARTED, now_ms);
    event->as.nomination_started.by = sale->participants[participant_index].id;
    event->as.nomination_started.ends_at_ms = now_ms + sale->definition.rules.nomination_ms;
    event->as.nomination_started.turn = turn;
}

void nominated_add(const struct sale *sale, int64_t lot_index, const struct participant_id *by,
                   int64_t now_ms, struct decision *out)
{
    struct sale_event *event = decision_add(out, EVENT_LOT_NOMINATED, now_ms);
    event->as.lot_nominated.lot_index = lot_index;
    event->as.lot_nominated.by = *by;
    event->as.lot_nominated.next_starts_at_ms = now_ms + sale->definition.rules.gap_ms;
}

static enum error_code nominate_check(const struct sale *sale, const struct sale_command *command,
                                      int64_t lot_index, int64_t by_index)
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
    if (sale->phase != SALE_LIVE || sale->clock != CLOCK_NOMINATION) {
        return ERROR_WRONG_PHASE;
    }
    if (command->role != ROLE_BIDDER ||
        sale->participants[by_index].status != PARTICIPANT_ACCEPTED) {
        return ERROR_FORBIDDEN;
    }
    if (by_index != sale->nominator_index) {
        return ERROR_NOT_YOUR_TURN;
    }
    const struct lot *lot = &sale->lots[lot_index];
    if (lot->phase != LOT_PENDING) {
        return ERROR_LOT_CLOSED;
    }
    if (!sale->definition.rules.nominator_bids) {
        return ERROR_NONE;
    }
    struct purse purse = purse_of(sale, &sale->participants[by_index], lot);
    return purse_check(&purse, lot->opening_minor);
}

void decide_nominate(const struct sale *sale, const struct sale_command *command, int64_t now_ms,
                     struct decision *out)
{
    int64_t lot_index = sale_lot_index(sale, &command->as.nominate.lot);
    int64_t by_index = sale_participant_index(sale, &command->by);
    enum error_code refusal = nominate_check(sale, command, lot_index, by_index);
    if (refusal != ERROR_NONE) {
        decision_refuse(out, refusal, NULL);
        return;
    }
    nominated_add(sale, lot_index, &command->by, now_ms, out);
}
