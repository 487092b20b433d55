#include "auction-svc/core/starting.h"

#include "auction-svc/core/bidding.h"
#include "auction-svc/core/lot_order.h"
#include "auction-svc/core/nomination.h"
#include "auction-svc/core/parallel.h"

static const struct closing nothing_closes = {0};

void begin_add(const struct sale *sale, int64_t now_ms, struct decision *out)
{
    const struct sale_rules *rules = &sale->definition.rules;
    int64_t first = lot_order_first_pending(sale, NULL);
    if (first < 0) {
        decision_refuse(out, ERROR_NO_LOTS, NULL);
        return;
    }
    struct sale_event *event = decision_add(out, EVENT_SALE_STARTED, now_ms);
    event->as.sale_started.next_lot_index = -1;
    event->as.sale_started.next_starts_at_ms = 0;
    event->as.sale_started.first_ends_at_ms = 0;
    int64_t turn = 0;
    enum complete_reason reason = COMPLETE_NO_LOTS_LEFT;
    bool is_over = sale_is_complete(sale, &nothing_closes, &reason); // told after the gap
    int64_t nominator = is_over ? -1 : nomination_next(sale, &nothing_closes, &turn);
    if (rules->flow == FLOW_PARALLEL) {
        event->as.sale_started.first_ends_at_ms = now_ms + rules->lot.duration_ms;
    } else if (nominator >= 0) {
        nomination_add(sale, nominator, turn, now_ms, out);
    } else {
        event->as.sale_started.next_lot_index = first;
        event->as.sale_started.next_starts_at_ms = now_ms + rules->gap_ms;
    }
}

void decide_begin(const struct sale *sale, const struct sale_command *command, int64_t now_ms,
                  struct decision *out)
{
    (void)command;
    if (sale->phase != SALE_LOBBY) {
        decision_refuse(out, ERROR_WRONG_PHASE, NULL);
        return;
    }
    begin_add(sale, now_ms, out);
}

void start_add(const struct sale *sale, int64_t now_ms, struct decision *out)
{
    enum complete_reason reason = COMPLETE_NO_LOTS_LEFT;
    if (sale->wakes_count == 0 && sale_is_complete(sale, &nothing_closes, &reason)) {
        complete_add(sale, reason, now_ms, out); // somebody was blocked meanwhile
        return;
    }
    const struct lot *lot = &sale->lots[sale->next_index];
    const struct lot_format *format = lot_format_of(sale, lot);
    bool is_parallel = sale->definition.rules.flow == FLOW_PARALLEL;
    int64_t ends_at_ms = format->has_clock ? now_ms + lot_duration_ms(sale, lot) : 0;
    ends_at_ms = is_parallel ? lot->ends_at_ms : ends_at_ms; // fixed when all the others opened
    struct sale_event *event = decision_add(out, EVENT_LOT_STARTED, now_ms);
    event->as.lot_started.lot_index = sale->next_index;
    event->as.lot_started.ends_at_ms = ends_at_ms;
    event->as.lot_started.draws_at_ms =
        format->draw == NULL ? 0 : format->draw(sale, lot, now_ms, ends_at_ms);
    bool nominator_bids = sale->definition.rules.nominator_bids && sale->nominator_index >= 0;
    opening_bids_add(sale, sale->next_index, nominator_bids ? sale->nominator_index : -1,
                     ends_at_ms, now_ms, out);
}
