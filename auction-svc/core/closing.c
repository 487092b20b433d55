#include "auction-svc/core/decide.h"
#include "auction-svc/core/format.h"
#include "auction-svc/core/purse.h"

// What follows a lot depends on the sale as it will be after the hammer: nothing is held on the lot
// any more, and who wins it has spent.
struct closing {
    const struct lot *lot; // NULL: none closes
    const struct lot_outcome *outcome;
};

static struct purse purse_after(const struct sale *sale, int64_t participant_index,
                                const struct closing *closing)
{
    const struct participant *participant = &sale->participants[participant_index];
    struct purse purse = purse_of(sale, participant, closing->lot);
    const struct lot_outcome *outcome = closing->outcome;
    if (outcome == NULL) {
        return purse;
    }
    if (outcome->winner_index == participant_index && outcome->awards_count == 0) {
        purse_spend(&purse, sale, pieces_cost(outcome->price_minor, outcome->quantity), true);
    }
    bool has_place = lot_has_award(closing->lot, &participant->id);
    for (size_t i = 0; i < outcome->awards_count; i++) {
        const struct award *award = &outcome->awards[i];
        if (strcmp(award->winner.text, participant->id.text) == 0) {
            purse_spend(&purse, sale, pieces_cost(award->price_minor, award->quantity), !has_place);
            has_place = true;
        }
    }
    return purse;
}

static bool is_accepted(const struct participant *participant)
{
    return participant->status == PARTICIPANT_ACCEPTED;
}

// Rules 3: every roster is full, or nobody can afford the minimum; both only among accepted
// participants, and at least one.
static bool is_complete(const struct sale *sale, const struct closing *closing,
                        enum complete_reason *out_reason)
{
    const struct roster_rules *rules = &sale->definition.roster;
    int64_t minimum = rules->minimum_minor > 0 ? rules->minimum_minor : 1;
    size_t accepted = 0;
    bool all_full = true;
    bool can_afford = false;
    for (size_t i = 0; rules->enabled && i < sale->participants_count; i++) {
        if (!is_accepted(&sale->participants[i])) {
            continue;
        }
        struct purse purse = purse_after(sale, (int64_t)i, closing);
        accepted++;
        all_full = all_full && purse.has_roster && purse.slots_open == 0;
        can_afford = can_afford || purse_bid_max(&purse) >= minimum;
    }
    if (accepted == 0 || can_afford) {
        return false;
    }
    *out_reason = all_full ? COMPLETE_ROSTERS_FULL : COMPLETE_NOBODY_CAN_AFFORD;
    return true;
}

static int64_t first_pending(const struct sale *sale)
{
    for (size_t i = 0; i < sale->lots_count; i++) {
        if (sale->lots[i].phase == LOT_PENDING) {
            return (int64_t)i;
        }
    }
    return -1;
}

// The first lot of another round over the unsold ones; -1 when there is none, or when nobody could
// legally open any of them (the round of an absent bidder must not go on for ever).
static int64_t round_first(const struct sale *sale, const struct closing *closing)
{
    const struct lot *unsold = closing->outcome != NULL && closing->outcome->quantity == 0
                                   ? closing->lot
                                   : NULL; // a withdrawn lot does not come again
    int64_t first = -1;
    int64_t opening_min = INT64_MAX;
    for (size_t i = 0; i < sale->lots_count; i++) {
        const struct lot *lot = &sale->lots[i];
        if (lot->phase == LOT_UNSOLD || lot == unsold) {
            first = first < 0 ? (int64_t)i : first;
            opening_min = lot->opening_minor < opening_min ? lot->opening_minor : opening_min;
        }
    }
    if (first < 0 || sale->round >= sale->definition.rules.unsold_rounds) {
        return -1;
    }
    for (size_t i = 0; i < sale->participants_count; i++) {
        struct purse purse = purse_after(sale, (int64_t)i, closing);
        if (is_accepted(&sale->participants[i]) && purse_bid_max(&purse) >= opening_min) {
            return first;
        }
    }
    return -1;
}

static void complete_add(struct decision *out, enum complete_reason reason, int64_t now_ms)
{
    struct sale_event *event = decision_add(out, EVENT_SALE_COMPLETED, now_ms);
    event->as.sale_completed.reason = reason;
}

// Adds what follows the last lot that was pending.
static void after_last_add(const struct sale *sale, const struct closing *closing, int64_t now_ms,
                           struct decision *out)
{
    int64_t first = round_first(sale, closing);
    if (first < 0) {
        complete_add(out, COMPLETE_NO_LOTS_LEFT, now_ms);
        return;
    }
    struct sale_event *event = decision_add(out, EVENT_ROUND_STARTED, now_ms);
    event->as.round_started.round = sale->round + 1;
    event->as.round_started.next_lot_index = first;
    event->as.round_started.next_starts_at_ms = now_ms + sale->definition.rules.gap_ms;
}

// What comes after a lot: the next one, or the end of the round or of the sale.
struct sequel {
    int64_t next_index;
    int64_t next_starts_at_ms;
    bool complete;
    enum complete_reason reason;
};

static struct sequel sequel_of(const struct sale *sale, const struct closing *closing,
                               int64_t now_ms)
{
    struct sequel sequel = {.reason = COMPLETE_NO_LOTS_LEFT};
    sequel.complete = is_complete(sale, closing, &sequel.reason);
    sequel.next_index = sequel.complete ? -1 : first_pending(sale);
    sequel.next_starts_at_ms = sequel.next_index < 0 ? 0 : now_ms + sale->definition.rules.gap_ms;
    return sequel;
}

static void sequel_add(const struct sale *sale, const struct closing *closing,
                       const struct sequel *sequel, int64_t now_ms, struct decision *out)
{
    if (sequel->complete) {
        complete_add(out, sequel->reason, now_ms);
    } else if (sequel->next_index < 0) {
        after_last_add(sale, closing, now_ms, out);
    }
}

void lot_close_add(const struct sale *sale, int64_t lot_index, const struct lot_outcome *outcome,
                   enum close_reason reason, int64_t now_ms, struct decision *out)
{
    struct closing closing = {.lot = &sale->lots[lot_index], .outcome = outcome};
    struct sequel sequel = sequel_of(sale, &closing, now_ms);
    if (outcome->quantity > 0) {
        struct sale_event *sold = decision_add(out, EVENT_LOT_SOLD, now_ms);
        sold->as.lot_sold.lot_index = lot_index;
        sold->as.lot_sold.winner = (struct participant_id){0};
        if (outcome->winner_index >= 0) {
            sold->as.lot_sold.winner = sale->participants[outcome->winner_index].id;
        }
        sold->as.lot_sold.price_minor = outcome->price_minor;
        sold->as.lot_sold.quantity = outcome->quantity;
        sold->as.lot_sold.reason = reason;
        sold->as.lot_sold.next_lot_index = sequel.next_index;
        sold->as.lot_sold.next_starts_at_ms = sequel.next_starts_at_ms;
    } else {
        struct sale_event *unsold = decision_add(out, EVENT_LOT_UNSOLD, now_ms);
        unsold->as.lot_unsold.lot_index = lot_index;
        unsold->as.lot_unsold.reason =
            reason == CLOSE_NEXT ? UNSOLD_PASSED : outcome->unsold_reason;
        unsold->as.lot_unsold.next_lot_index = sequel.next_index;
        unsold->as.lot_unsold.next_starts_at_ms = sequel.next_starts_at_ms;
    }
    sequel_add(sale, &closing, &sequel, now_ms, out);
}

void lot_withdraw_add(const struct sale *sale, int64_t lot_index, enum withdraw_reason reason,
                      struct bytes text, int64_t now_ms, struct decision *out)
{
    struct closing closing = {.lot = &sale->lots[lot_index]};
    struct sequel sequel = sequel_of(sale, &closing, now_ms);
    struct sale_event *withdrawn = decision_add(out, EVENT_LOT_WITHDRAWN, now_ms);
    withdrawn->as.lot_withdrawn.lot_index = lot_index;
    withdrawn->as.lot_withdrawn.reason = reason;
    withdrawn->as.lot_withdrawn.text = text;
    withdrawn->as.lot_withdrawn.next_lot_index = sequel.next_index;
    withdrawn->as.lot_withdrawn.next_starts_at_ms = sequel.next_starts_at_ms;
    sequel_add(sale, &closing, &sequel, now_ms, out);
}

static void close_add(const struct sale *sale, enum close_reason reason, int64_t now_ms,
                      struct decision *out)
{
    const struct lot *lot = &sale->lots[sale->lot_index];
    struct lot_outcome outcome =
        lot_format_of(sale, lot)->outcome(sale, sale->lot_index, now_ms, out);
    lot_close_add(sale, sale->lot_index, &outcome, reason, now_ms, out);
}

// The end of the gap: the lot counted in starts, unless nobody can buy it any more (somebody was
// blocked meanwhile).
static void start_add(const struct sale *sale, int64_t now_ms, struct decision *out)
{
    enum complete_reason reason = COMPLETE_NO_LOTS_LEFT;
    const struct closing none = {0};
    if (is_complete(sale, &none, &reason)) {
        complete_add(out, reason, now_ms);
        return;
    }
    const struct lot *lot = &sale->lots[sale->next_index];
    int64_t duration_ms =
        lot->duration_ms > 0 ? lot->duration_ms : sale_lot_rules(sale, lot)->duration_ms;
    struct sale_event *event = decision_add(out, EVENT_LOT_STARTED, now_ms);
    event->as.lot_started.lot_index = sale->next_index;
    event->as.lot_started.ends_at_ms =
        lot_format_of(sale, lot)->has_clock ? now_ms + duration_ms : 0;
    event->as.lot_started.draws_at_ms = 0;
}

void decide_begin(const struct sale *sale, const struct sale_command *command, int64_t now_ms,
                  struct decision *out)
{
    (void)command;
    if (sale->phase != SALE_LOBBY) {
        decision_refuse(out, ERROR_WRONG_PHASE, NULL);
        return;
    }
    if (sale->lots_count == 0) {
        decision_refuse(out, ERROR_NO_LOTS, NULL);
        return;
    }
    struct sale_event *event = decision_add(out, EVENT_SALE_STARTED, now_ms);
    event->as.sale_started.next_lot_index = first_pending(sale);
    event->as.sale_started.next_starts_at_ms = now_ms + sale->definition.rules.gap_ms;
}

void decide_next(const struct sale *sale, const struct sale_command *command, int64_t now_ms,
                 struct decision *out)
{
    if (sale->phase != SALE_LIVE) {
        decision_refuse(out, ERROR_WRONG_PHASE, NULL);
        return;
    }
    int64_t meant = sale_lot_index(sale, &command->as.next.lot);
    if (sale->clock == CLOCK_LOT && meant == sale->lot_index) {
        int64_t ends_at_ms = sale->lots[meant].ends_at_ms;
        bool is_over = ends_at_ms > 0 && now_ms >= ends_at_ms; // time was faster than the command
        close_add(sale, is_over ? CLOSE_TIME : CLOSE_NEXT, now_ms, out);
    } else if (sale->clock == CLOCK_GAP && meant == sale->next_index) {
        start_add(sale, now_ms, out);
    } else {
        decision_refuse(out, ERROR_WRONG_LOT, NULL);
    }
}

void sale_decide_due(const struct sale *sale, int64_t now_ms, struct decision *out)
{
    decision_init(out);
    if (sale_next_deadline(sale) > now_ms) {
        return;
    }
    if (sale->clock == CLOCK_LOT) {
        const struct lot *lot = &sale->lots[sale->lot_index];
        const struct lot_format *format = lot_format_of(sale, lot);
        if (format->wakes_at != NULL && format->wakes_at(sale, lot) <= now_ms) {
            format->wake(sale, sale->lot_index, now_ms, out);
            return;
        }
        close_add(sale, CLOSE_TIME, now_ms, out);
    } else {
        start_add(sale, now_ms, out);
    }
}
