#include "auction-svc/core/decide.h"
#include "auction-svc/core/format.h"
#include "auction-svc/core/lot_order.h"
#include "auction-svc/core/matching.h"
#include "auction-svc/core/nomination.h"
#include "auction-svc/core/starting.h"
#include "auction-svc/core/wakes.h"

// The end of an open lot: bids stamped before it may still arrive during the grace.
static void end_add(const struct sale *sale, int64_t lot_index, int64_t now_ms,
                    struct decision *out)
{
    const struct lot *lot = &sale->lots[lot_index];
    int64_t grace_ms = sale_lot_rules(sale, lot)->closing_grace_ms;
    if (grace_ms == 0) {
        close_add(sale, lot_index, CLOSE_TIME, now_ms, out);
        return;
    }
    struct sale_event *event = decision_add(out, EVENT_LOT_CLOSING, now_ms);
    event->as.lot_closing.lot_index = lot_index;
    event->as.lot_closing.hammer_at_ms = lot->ends_at_ms + grace_ms;
}

static void lot_due_add(const struct sale *sale, int64_t lot_index, int64_t now_ms,
                        struct decision *out)
{
    const struct lot *lot = &sale->lots[lot_index];
    if (lot->phase == LOT_CLOSING) {
        close_add(sale, lot_index, CLOSE_TIME, now_ms, out);
        return;
    }
    if (lot->phase == LOT_MATCHING) {
        match_due_add(sale, lot_index, now_ms, out);
        return;
    }
    const struct lot_format *format = lot_format_of(sale, lot);
    int64_t ends_at_ms = lot_closes_at_ms(lot);
    int64_t wakes_at_ms = format->wakes_at == NULL ? INT64_MAX : format->wakes_at(sale, lot);
    if (wakes_at_ms <= now_ms && wakes_at_ms <= ends_at_ms) {
        format->wake(sale, lot_index, now_ms, out);
        return;
    }
    int64_t warning_at_ms = INT64_MAX;
    int64_t stage = lot_warning_next(sale, lot, &warning_at_ms);
    if (now_ms < ends_at_ms && stage > 0) {
        struct sale_event *event = decision_add(out, EVENT_LOT_WARNED, now_ms);
        event->as.lot_warned.lot_index = lot_index;
        event->as.lot_warned.stage = stage;
        return;
    }
    end_add(sale, lot_index, now_ms, out); // an engine that comes late does not warn any more
}

// The clock of the sale, or of the lot that must act first.
static void clock_due_add(const struct sale *sale, int64_t now_ms, struct decision *out)
{
    const struct closing nothing_closes = {0};
    switch (sale->clock) {
    case CLOCK_LOT:
        if (sale->next_index >= 0 && sale->next_starts_at_ms <= now_ms) {
            start_add(sale, now_ms, out);
        } else {
            lot_due_add(sale, (int64_t)sale->wakes[0], now_ms, out);
        }
        return;
    case CLOCK_GAP:
        start_add(sale, now_ms, out);
        return;
    case CLOCK_START:
        begin_add(sale, now_ms, out);
        return;
    case CLOCK_NOMINATION:
        nominated_add(sale, lot_order_first_pending(sale, NULL), &(struct participant_id){0},
                      now_ms, out);
        return;
    case CLOCK_NAMES:
        round_add(sale, &nothing_closes, true, now_ms, out);
        return;
    case CLOCK_NONE:
        return;
    }
}

void sale_decide_due(const struct sale *sale, int64_t now_ms, struct decision *out)
{
    decision_init(out);
    if (sale_next_deadline(sale) > now_ms) {
        return;
    }
    // A lost console counts before what else is due: nothing is hammered without its auctioneer.
    if (sale->phase == SALE_LIVE && sale_gavel_deadline(sale) <= now_ms) {
        pause_add(sale, PAUSE_GAVEL_LOST, now_ms, out);
        return;
    }
    clock_due_add(sale, now_ms, out);
}
