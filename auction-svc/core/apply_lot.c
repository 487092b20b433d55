#include <stdlib.h>

#include "auction-svc/core/apply.h"
#include "auction-svc/core/history.h"
#include "auction-svc/core/parallel.h"
#include "auction-svc/core/soft_close.h"
#include "auction-svc/core/standing.h"
#include "auction-svc/core/wakes.h"

void lot_open(struct sale *sale, int64_t lot_index, int64_t at_ms, int64_t ends_at_ms,
              int64_t draws_at_ms)
{
    struct lot *lot = &sale->lots[lot_index];
    LC_ASSERT(lot->phase == LOT_PENDING);
    lot->phase = LOT_OPEN;
    lot->round = sale->round;
    lot->started_at_ms = at_ms;
    lot->ends_at_ms = ends_at_ms;
    lot->first_ends_at_ms = ends_at_ms;
    lot->draws_at_ms = draws_at_ms;
    lot_clock_begin(sale, lot, at_ms);
    sale->clock = CLOCK_LOT;
    wakes_update(sale, lot_index);
}

enum lc_status apply_lot_started(struct sale *sale, const struct sale_event *event)
{
    int64_t lot_index = event->as.lot_started.lot_index;
    int64_t ends_at_ms = event->as.lot_started.ends_at_ms;
    bool is_awaited = sale->clock == CLOCK_GAP || sale->clock == CLOCK_LOT;
    if (sale->phase != SALE_LIVE || !is_awaited || sale->next_index != lot_index || lot_index < 0 ||
        !is_time(ends_at_ms) || !is_time(event->as.lot_started.draws_at_ms) ||
        sale->lots[lot_index].phase != LOT_PENDING) {
        return LC_ERR_CORRUPT;
    }
    if (wakes_reserve(sale, sale->wakes_count + 1) != LC_OK ||
        history_open(&sale->lots[lot_index]) != LC_OK) {
        return LC_ERR_NO_MEMORY;
    }
    sale->next_index = -1;
    sale->next_starts_at_ms = 0;
    sale->nominator_index = -1;
    lot_open(sale, lot_index, event->at_ms, ends_at_ms, event->as.lot_started.draws_at_ms);
    if (sale->definition.rules.flow == FLOW_PARALLEL) {
        parallel_next(sale, event->at_ms);
    } else {
        sale->recent_bids_count = 0;
    }
    return LC_OK;
}

// rules 3: the other lots of the scope move by what the fact and their rules fix.
static void scope_extend(struct sale *sale, const struct sale_event *event)
{
    int64_t lot_index = event->as.lot_extended.lot_index;
    for (size_t i = 0; i < sale->lots_count; i++) {
        struct lot *other = &sale->lots[i];
        int64_t ends_at_ms = (int64_t)i == lot_index
                                 ? other->ends_at_ms
                                 : soft_close_scope_end(sale, event, (int64_t)i);
        if (ends_at_ms != other->ends_at_ms) {
            other->ends_at_ms = ends_at_ms;
            other->warned = 0;
            other->warn_after_ms = event->at_ms;
        }
    }
}

enum lc_status apply_lot_extended(struct sale *sale, const struct sale_event *event)
{
    struct lot *lot = running_lot(sale, event->as.lot_extended.lot_index);
    if (lot == NULL || !is_time(event->as.lot_extended.ends_at_ms) ||
        !is_time(event->as.lot_extended.extended_ms)) {
        return LC_ERR_CORRUPT;
    }
    lot->ends_at_ms = event->as.lot_extended.ends_at_ms;
    lot->warned = 0;
    lot->warn_after_ms = event->at_ms;
    lot->extensions += event->as.lot_extended.reason == EXTEND_BID;
    if (event->as.lot_extended.scope == SOFT_CLOSE_LOT) {
        return LC_OK;
    }
    scope_extend(sale, event);
    return wakes_rebuild(sale); // needs no memory: no lot has come
}

enum lc_status apply_lot_closing(struct sale *sale, const struct sale_event *event)
{
    struct lot *lot = running_lot(sale, event->as.lot_closing.lot_index);
    if (lot == NULL || lot->phase != LOT_OPEN || !is_time(event->as.lot_closing.hammer_at_ms)) {
        return LC_ERR_CORRUPT;
    }
    lot->phase = LOT_CLOSING;
    lot->deadline_ms = event->as.lot_closing.hammer_at_ms;
    return LC_OK;
}

// A lot does not run any more: the next one is counted in, or the others run on.
static void lot_leave(struct sale *sale, int64_t lot_index, int64_t next_index,
                      int64_t starts_at_ms)
{
    sale->lots[lot_index].deadline_ms = 0;
    wakes_update(sale, lot_index);
    if (sale->wakes_count > 0) {
        sale->clock = CLOCK_LOT;
    } else {
        gap_begin(sale, next_index, starts_at_ms);
    }
}

// Until when a sold lot may be reopened; the one before it can't be any more (rules 2).
static void reopening_begin(struct sale *sale, int64_t lot_index, int64_t at_ms)
{
    struct lot *lot = &sale->lots[lot_index];
    lot->closed_bids_total = sale->bids_total;
    if (sale->definition.rules.flow == FLOW_PARALLEL) {
        lot->reopenable_until_ms = at_ms + REOPEN_PARALLEL_MS;
        return;
    }
    if (sale->reopen_index >= 0 && sale->reopen_index != lot_index) {
        history_close(&sale->lots[sale->reopen_index]);
    }
    sale->reopen_index = lot_index;
}

// Who bought at once, matched the price or raised it once more did so without a bid: what stood
// before him is kept, so that an undo after a reopening finds it (rules 3, newest first).
static void purchase_note(struct lot *lot, int64_t winner_index, int64_t price_minor, int64_t at_ms)
{
    bool by_bid = winner_index == lot->leader_index && price_minor == lot->price_minor;
    if (by_bid || winner_index < 0 || lot->clock_price_minor > 0) {
        return;
    }
    struct bid_entry entry = {
        .bid_no = 0,
        .by_index = winner_index,
        .kind = BID_PLAIN,
        .amount_minor = price_minor,
        .at_ms = at_ms,
        .price_before_minor = lot->price_minor,
        .leader_before_index = lot->leader_index,
        .held_before_minor = lot->held_minor,
        .second_before_minor = lot->second_minor,
        .second_before_index = lot->second_index,
    };
    const struct standing *own = standing_find(lot, winner_index);
    if (own != NULL) {
        entry.max_before_minor = own->max_minor;
        entry.max_before_order_no = own->order_no;
    }
    history_push(lot, entry);
}

enum lc_status apply_lot_sold(struct sale *sale, const struct sale_event *event)
{
    int64_t lot_index = event->as.lot_sold.lot_index;
    struct lot *lot = running_lot(sale, lot_index);
    int64_t winner_index = sale_participant_index(sale, &event->as.lot_sold.winner);
    int64_t next_index = event->as.lot_sold.next_lot_index;
    int64_t starts_at_ms = event->as.lot_sold.next_starts_at_ms;
    bool has_winner = winner_index >= 0 || (lot != NULL && lot->awards_count > 0);
    if (!has_winner || lot == NULL || !is_amount(event->as.lot_sold.price_minor) ||
        !gap_is_possible(sale, next_index, starts_at_ms)) {
        return LC_ERR_CORRUPT;
    }
    purchase_note(lot, winner_index, event->as.lot_sold.price_minor, event->at_ms);
    lot_spend(sale, lot, winner_index, event->as.lot_sold.price_minor, event->as.lot_sold.quantity);
    lot->phase = LOT_SOLD;
    sale->sold_count++;
    reopening_begin(sale, lot_index, event->at_ms);
    lot_leave(sale, lot_index, next_index, starts_at_ms);
    return LC_OK;
}

enum lc_status apply_lot_unsold(struct sale *sale, const struct sale_event *event)
{
    int64_t lot_index = event->as.lot_unsold.lot_index;
    struct lot *lot = running_lot(sale, lot_index);
    int64_t next_index = event->as.lot_unsold.next_lot_index;
    int64_t starts_at_ms = event->as.lot_unsold.next_starts_at_ms;
    if (lot == NULL || !gap_is_possible(sale, next_index, starts_at_ms)) {
        return LC_ERR_CORRUPT;
    }
    lot_free(sale, lot);
    lot->phase = LOT_UNSOLD;
    history_close(lot);
    sale->unsold_count++;
    lot_leave(sale, lot_index, next_index, starts_at_ms);
    return LC_OK;
}

enum lc_status apply_lot_withdrawn(struct sale *sale, const struct sale_event *event)
{
    int64_t lot_index = event->as.lot_withdrawn.lot_index;
    int64_t next_index = event->as.lot_withdrawn.next_lot_index;
    int64_t starts_at_ms = event->as.lot_withdrawn.next_starts_at_ms;
    if (!is_index(lot_index, sale->lots_count) ||
        !gap_is_possible(sale, next_index, starts_at_ms) || next_index == lot_index) {
        return LC_ERR_CORRUPT;
    }
    struct lot *lot = &sale->lots[lot_index];
    bool was_running = running_lot(sale, lot_index) != NULL;
    if (!was_running && lot->phase != LOT_PENDING) {
        return LC_ERR_CORRUPT;
    }
    lot_free(sale, lot);
    lot->phase = LOT_WITHDRAWN;
    history_close(lot);
    if (was_running) {
        lot_leave(sale, lot_index, next_index, starts_at_ms);
    } else if (sale->next_index == lot_index && sale->definition.rules.flow == FLOW_PARALLEL) {
        parallel_next(sale, sale->next_starts_at_ms);
    } else if (sale->next_index == lot_index) {
        gap_begin(sale, next_index, starts_at_ms);
    }
    return LC_OK;
}

// The running lot without bids, whose turn comes again.
static void lot_return(struct sale *sale, int64_t lot_index)
{
    struct lot *lot = &sale->lots[lot_index];
    size_t standings_count = lot->standings_count; // absentee maxima still hold
    lot_renew(lot, lot->round);
    lot->standings_count = standings_count;
    history_close(lot);
    wakes_update(sale, lot_index);
}

static bool reopening_is_possible(struct sale *sale, const struct sale_event *event)
{
    int64_t lot_index = event->as.lot_reopened.lot_index;
    int64_t returned_index = event->as.lot_reopened.returned_lot_index;
    const struct lot *returned = running_lot(sale, returned_index);
    if (sale->phase != SALE_LIVE || !is_index(lot_index, sale->lots_count) ||
        sale->lots[lot_index].phase != LOT_SOLD || sale->lots[lot_index].leader_index < 0 ||
        sale->lots[lot_index].awards_count > 0) {
        return false;
    }
    return (returned_index == -1 || (returned != NULL && returned->bids == 0)) &&
           is_time(event->as.lot_reopened.ends_at_ms) &&
           is_amount(event->as.lot_reopened.held_minor);
}

enum lc_status apply_lot_reopened(struct sale *sale, const struct sale_event *event)
{
    int64_t lot_index = event->as.lot_reopened.lot_index;
    int64_t returned_index = event->as.lot_reopened.returned_lot_index;
    if (!reopening_is_possible(sale, event)) {
        return LC_ERR_CORRUPT;
    }
    struct lot *lot = &sale->lots[lot_index];
    if (wakes_reserve(sale, sale->wakes_count + 1) != LC_OK ||
        (lot->history == NULL && history_open(lot) != LC_OK)) {
        return LC_ERR_NO_MEMORY;
    }
    if (returned_index >= 0) {
        lot_return(sale, returned_index);
    }
    if (sale->nominations > 0 && (returned_index >= 0 || sale->clock == CLOCK_GAP)) {
        sale->nominations--; // who named the lot that waits again has his turn again
    }
    int64_t leader_index = lot->leader_index;
    lot_refund(sale, lot);
    lot->leader_index = -1;
    lot_hold(sale, lot, leader_index, lot->price_minor, event->as.lot_reopened.held_minor);
    lot->phase = LOT_OPEN;
    lot->ends_at_ms = event->as.lot_reopened.ends_at_ms;
    lot->first_ends_at_ms = lot->ends_at_ms;
    lot->extensions = 0;
    lot->warned = 0;
    lot->warn_after_ms = event->at_ms;
    lot->reopenable_until_ms = 0;
    sale->sold_count--;
    sale->reopen_index = -1;
    gap_begin(sale, -1, 0);
    sale->clock = CLOCK_LOT;
    sale->nominator_index = -1;
    return LC_OK;
}

enum lc_status apply_match_offered(struct sale *sale, const struct sale_event *event)
{
    struct lot *lot = running_lot(sale, event->as.match_offered.lot_index);
    int64_t winner_index = sale_participant_index(sale, &event->as.match_offered.winner);
    if (lot == NULL || winner_index < 0 || !is_amount(event->as.match_offered.price_minor) ||
        !is_time(event->as.match_offered.ends_at_ms)) {
        return LC_ERR_CORRUPT;
    }
    purchase_note(lot, winner_index, event->as.match_offered.price_minor, event->at_ms);
    lot_free(sale, lot); // of a held button only the winner's counts now
    lot_hold(sale, lot, winner_index, event->as.match_offered.price_minor,
             event->as.match_offered.price_minor);
    lot->phase = LOT_MATCHING;
    lot->match_stage = event->as.match_offered.stage;
    lot->match_reason = event->as.match_offered.reason;
    lot->deadline_ms = event->as.match_offered.ends_at_ms;
    return LC_OK;
}
