#include "auction-svc/core/sequel.h"

#include "auction-svc/core/held.h"
#include "auction-svc/core/lot_order.h"
#include "auction-svc/core/nomination.h"
#include "auction-svc/core/parallel.h"
#include "auction-svc/core/purse.h"

// A participant as he will be: his purse, and how his places in the closing lot's category change.
struct aftermath {
    struct purse purse;
    int64_t places;
};

// What the outcome costs him; false: he gets nothing of the lot.
static bool outcome_takes(const struct closing *closing, const struct participant_id *id,
                          bool is_winner, int64_t *out_cost_minor)
{
    const struct lot_outcome *outcome = closing->outcome;
    bool takes_place = lot_has_award(closing->lot, id);
    int64_t cost_minor = 0;
    if (is_winner && closing->lot->awards_count == 0 && outcome->awards_count == 0) {
        takes_place = true;
        cost_minor = pieces_cost(outcome->price_minor, outcome->quantity);
    }
    for (size_t i = 0; i < outcome->awards_count; i++) {
        const struct award *award = &outcome->awards[i];
        if (strcmp(award->winner.text, id->text) == 0) {
            takes_place = true;
            cost_minor += pieces_cost(award->price_minor, award->quantity);
        }
    }
    *out_cost_minor = cost_minor;
    return takes_place;
}

static struct aftermath aftermath_of(const struct sale *sale, int64_t participant_index,
                                     const struct closing *closing)
{
    const struct participant *participant = &sale->participants[participant_index];
    if (closing->lot == NULL) {
        return (struct aftermath){.purse = purse_of(sale, participant, NULL)};
    }
    struct held held = lot_held_by(sale, closing->lot, participant_index);
    struct aftermath after = {.purse = purse_without(sale, participant, &held),
                              .places = -held.places};
    int64_t cost_minor = 0;
    if (closing->outcome != NULL &&
        outcome_takes(closing, &participant->id,
                      closing->outcome->winner_index == participant_index, &cost_minor)) {
        purse_spend(&after.purse, sale, cost_minor);
        after.places++;
    }
    return after;
}

static bool is_accepted(const struct participant *participant)
{
    return participant->status == PARTICIPANT_ACCEPTED;
}

bool sale_is_complete(const struct sale *sale, const struct closing *closing,
                      enum complete_reason *out_reason)
{
    const struct roster_rules *rules = &sale->definition.roster;
    int64_t minimum = rules->minimum_minor > 0 ? rules->minimum_minor : 1;
    size_t accepted = 0;
    bool all_full = true;
    for (size_t i = 0; i < sale->participants_count; i++) {
        if (!is_accepted(&sale->participants[i])) {
            continue;
        }
        struct purse purse = aftermath_of(sale, (int64_t)i, closing).purse;
        if ((!purse.has_budget && !purse.has_roster) || purse_bid_max(&purse) >= minimum) {
            return false; // counts only if all have a roster or a budget
        }
        accepted++;
        all_full = all_full && purse.has_roster && purse.slots_open == 0;
    }
    if (accepted == 0) {
        return false;
    }
    *out_reason = all_full ? COMPLETE_ROSTERS_FULL : COMPLETE_NOBODY_CAN_AFFORD;
    return true;
}

// The least that the lot can be had for: where the reserve is a floor nothing below it is taken, and a
// falling price begins at the opening but stops at the reserve.
static int64_t least_offer_minor(const struct sale *sale, const struct lot *lot)
{
    const struct lot_rules *rules = sale_lot_rules(sale, lot);
    if (rules->format == FORMAT_DUTCH) {
        return lot->reserve_minor > 0 ? lot->reserve_minor : 1;
    }
    bool is_floor = rules->reserve_mode == RESERVE_FLOOR && lot->reserve_minor > lot->opening_minor;
    return is_floor ? lot->reserve_minor : lot->opening_minor;
}

bool participant_can_open(const struct sale *sale, int64_t participant_index, const struct lot *lot,
                          const struct closing *closing)
{
    if (!is_accepted(&sale->participants[participant_index])) {
        return false;
    }
    struct aftermath after = aftermath_of(sale, participant_index, closing);
    int64_t cap = sale_category_cap(sale, lot);
    if (cap >= 0) {
        bool changes = closing->lot != NULL && sale_category_cap(sale, closing->lot) == cap;
        int64_t taken = sale->participants[participant_index].category_taken[cap];
        if (taken + (changes ? after.places : 0) >= sale->definition.category_caps[cap].most) {
            return false;
        }
    }
    return purse_bid_max(&after.purse) >= least_offer_minor(sale, lot);
}

// Will the lot be offered in the round that follows?
static bool comes_again(const struct lot *lot, const struct closing *closing, bool only_named)
{
    bool goes_unsold =
        lot == closing->lot && closing->outcome != NULL && closing->outcome->quantity == 0;
    return (lot->phase == LOT_UNSOLD || goes_unsold) && (!only_named || lot->named_count > 0);
}

// Of the lots of one category, and of those without a cap, whoever can open any can open the
// cheapest: no need to ask everybody for each lot.
struct cheapest {
    const struct lot *lots[CATEGORY_CAPS_MAX + 1];
};

static void cheapest_note(struct cheapest *cheapest, const struct sale *sale, const struct lot *lot)
{
    int64_t cap = sale_category_cap(sale, lot);
    const struct lot **place = &cheapest->lots[cap < 0 ? CATEGORY_CAPS_MAX : cap];
    if (*place == NULL || least_offer_minor(sale, lot) < least_offer_minor(sale, *place)) {
        *place = lot;
    }
}

static bool somebody_can_open(const struct sale *sale, const struct cheapest *cheapest,
                              const struct closing *closing)
{
    for (size_t i = 0; i < CATEGORY_CAPS_MAX + 1; i++) {
        const struct lot *lot = cheapest->lots[i];
        for (size_t j = 0; lot != NULL && j < sale->participants_count; j++) {
            if (participant_can_open(sale, (int64_t)j, lot, closing)) {
                return true;
            }
        }
    }
    return false;
}

// The first lot of another round; -1 when there is none, or when nobody could legally open any of
// them (the round of an absent bidder must not go on for ever).
static int64_t round_first(const struct sale *sale, const struct closing *closing, bool only_named)
{
    const struct lot *first = NULL;
    struct cheapest cheapest = {{NULL}};
    if (sale->round >= sale->definition.rules.unsold_rounds) {
        return -1;
    }
    for (size_t i = 0; i < sale->lots_count; i++) {
        const struct lot *lot = &sale->lots[i];
        if (!comes_again(lot, closing, only_named)) {
            continue;
        }
        first = first == NULL || lot->listed_place < first->listed_place ? lot : first;
        cheapest_note(&cheapest, sale, lot);
    }
    bool follows = first != NULL && somebody_can_open(sale, &cheapest, closing);
    return follows ? first - sale->lots : -1;
}

void complete_add(const struct sale *sale, enum complete_reason reason, int64_t now_ms,
                  struct decision *out)
{
    struct sale_event *event = decision_add(out, EVENT_SALE_COMPLETED, now_ms);
    event->as.sale_completed.reason = reason;
    if (sale_definition_has_seed(&sale->definition)) {
        struct sale_event *revealed = decision_add(out, EVENT_SEED_REVEALED, now_ms);
        revealed->as.seed_revealed.lot_index = -1;
        memcpy(revealed->as.seed_revealed.seed, sale->definition.seed, SEED_SIZE);
    }
}

static void names_add(const struct sale *sale, int64_t now_ms, struct decision *out)
{
    struct sale_event *event = decision_add(out, EVENT_NAMES_CALLED, now_ms);
    event->as.names_called.ends_at_ms = now_ms + sale->definition.rules.names_ms;
}

void round_add(const struct sale *sale, const struct closing *closing, bool only_named,
               int64_t now_ms, struct decision *out)
{
    const struct sale_rules *rules = &sale->definition.rules;
    int64_t first = round_first(sale, closing, only_named);
    enum complete_reason reason = COMPLETE_NO_LOTS_LEFT;
    if (first < 0 || sale_is_complete(sale, closing, &reason)) {
        complete_add(sale, reason, now_ms, out);
        return;
    }
    if (rules->accelerated && !only_named) {
        names_add(sale, now_ms, out);
        return;
    }
    struct sale_event *event = decision_add(out, EVENT_ROUND_STARTED, now_ms);
    event->as.round_started.round = sale->round + 1;
    event->as.round_started.next_lot_index = -1;
    event->as.round_started.next_starts_at_ms = 0;
    event->as.round_started.first_ends_at_ms = 0;
    int64_t turn = 0;
    int64_t nominator = nomination_next(sale, closing, &turn);
    if (rules->flow == FLOW_PARALLEL) {
        event->as.round_started.first_ends_at_ms = now_ms + rules->lot.duration_ms;
    } else if (nominator >= 0) {
        nomination_add(sale, nominator, turn, now_ms, out);
    } else {
        event->as.round_started.next_lot_index = first;
        event->as.round_started.next_starts_at_ms = now_ms + rules->gap_ms;
    }
}

struct sequel sequel_of(const struct sale *sale, const struct closing *closing, int64_t now_ms)
{
    struct sequel sequel = {.kind = SEQUEL_END, .next_index = -1};
    bool runs = closing->lot != NULL && lot_is_running(closing->lot);
    if (sale->wakes_count > (runs ? 1 : 0)) {
        sequel.kind = SEQUEL_OTHERS;
        return sequel;
    }
    if (sale_is_complete(sale, closing, &sequel.reason)) {
        return sequel;
    }
    int64_t next_index = lot_order_first_pending(sale, closing->lot);
    int64_t turn = 0;
    if (next_index < 0) {
        sequel.kind = SEQUEL_ROUND;
    } else if (nomination_next(sale, closing, &turn) >= 0) {
        sequel.kind = SEQUEL_NOMINATION;
    } else {
        sequel.kind = SEQUEL_LOT;
        sequel.next_index = next_index;
        sequel.next_starts_at_ms = now_ms + sale->definition.rules.gap_ms;
    }
    return sequel;
}

void sequel_add(const struct sale *sale, const struct closing *closing, const struct sequel *sequel,
                int64_t now_ms, struct decision *out)
{
    int64_t turn = 0;
    switch (sequel->kind) {
    case SEQUEL_OTHERS:
    case SEQUEL_LOT:
        return;
    case SEQUEL_NOMINATION: {
        int64_t nominator = nomination_next(sale, closing, &turn);
        nomination_add(sale, nominator, turn, now_ms, out);
        return;
    }
    case SEQUEL_ROUND:
        round_add(sale, closing, false, now_ms, out);
        return;
    case SEQUEL_END:
        complete_add(sale, sequel->reason, now_ms, out);
        return;
    }
}
