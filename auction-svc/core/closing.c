#include "auction-svc/core/decide.h"
#include "auction-svc/core/format.h"
#include "auction-svc/core/lot_order.h"
#include "auction-svc/core/matching.h"
#include "auction-svc/core/nomination.h"
#include "auction-svc/core/sequel.h"
#include "auction-svc/core/starting.h"

void lot_close_add(const struct sale *sale, int64_t lot_index, const struct lot_outcome *outcome,
                   enum close_reason reason, int64_t now_ms, struct decision *out)
{
    if (out->refusal != ERROR_NONE) {
        return; // no memory for the awards
    }
    if (match_offer_add(sale, lot_index, outcome, reason, now_ms, out)) {
        return;
    }
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

bool lot_is_awaited(const struct sale *sale, int64_t lot_index)
{
    const struct lot *lot = &sale->lots[lot_index];
    if (sale->phase == SALE_LOBBY) {
        return false;
    }
    return lot_is_running(lot) || sale->next_index == lot_index ||
           (sale->clock == CLOCK_NOMINATION && lot_order_first_pending(sale, lot) < 0);
}

void lot_withdraw_add(const struct sale *sale, int64_t lot_index, enum withdraw_reason reason,
                      struct bytes text, int64_t now_ms, struct decision *out)
{
    const struct lot *lot = &sale->lots[lot_index];
    if (lot->awards_count > 0) { // rules 4: only what is left goes, pieces pressed stay sold
        struct lot_outcome outcome =
            lot_format_of(sale, lot)->outcome(sale, lot_index, now_ms, out);
        lot_close_add(sale, lot_index, &outcome, CLOSE_TIME, now_ms, out);
        return;
    }
    struct closing closing = {.lot = lot};
    struct sequel sequel = {.kind = SEQUEL_OTHERS, .next_index = -1};
    if (lot_is_awaited(sale, lot_index)) {
        sequel = sequel_of(sale, &closing, now_ms);
    }
    struct sale_event *withdrawn = decision_add(out, EVENT_LOT_WITHDRAWN, now_ms);
    withdrawn->as.lot_withdrawn.lot_index = lot_index;
    withdrawn->as.lot_withdrawn.reason = reason;
    withdrawn->as.lot_withdrawn.text = text;
    withdrawn->as.lot_withdrawn.next_lot_index = sequel.next_index;
    withdrawn->as.lot_withdrawn.next_starts_at_ms = sequel.next_starts_at_ms;
    sequel_add(sale, &closing, &sequel, now_ms, out);
}

void close_add(const struct sale *sale, int64_t lot_index, enum close_reason reason, int64_t now_ms,
               struct decision *out)
{
    const struct lot *lot = &sale->lots[lot_index];
    struct lot_outcome outcome = lot_format_of(sale, lot)->outcome(sale, lot_index, now_ms, out);
    lot_close_add(sale, lot_index, &outcome, reason, now_ms, out);
}

void decide_next(const struct sale *sale, const struct sale_command *command, int64_t now_ms,
                 struct decision *out)
{
    if (sale->phase != SALE_LIVE) {
        decision_refuse(out, ERROR_WRONG_PHASE, NULL);
        return;
    }
    int64_t meant = sale_lot_index(sale, &command->as.next.lot);
    const struct lot *lot = meant < 0 ? NULL : &sale->lots[meant];
    if (lot != NULL && lot->phase == LOT_MATCHING) {
        decision_refuse(out, ERROR_WRONG_PHASE, NULL);
    } else if (lot != NULL && lot_is_running(lot)) {
        bool is_over = lot->ends_at_ms > 0 && now_ms >= lot->ends_at_ms;
        close_add(sale, meant, is_over ? CLOSE_TIME : CLOSE_NEXT, now_ms, out);
    } else if (sale->clock == CLOCK_GAP && meant == sale->next_index) {
        start_add(sale, now_ms, out);
    } else if (sale->clock == CLOCK_NOMINATION && lot != NULL && lot->phase == LOT_PENDING) {
        nominated_add(sale, meant, &(struct participant_id){0}, now_ms, out); // the staff names it
    } else {
        decision_refuse(out, ERROR_WRONG_LOT, NULL);
    }
}
