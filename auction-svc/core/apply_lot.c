#include <stdlib.h>

#include "auction-svc/core/apply.h"

enum lc_status apply_lot_started(struct sale *sale, const struct sale_event *event)
{
    int64_t lot_index = event->as.lot_started.lot_index;
    int64_t ends_at_ms = event->as.lot_started.ends_at_ms;
    if (sale->phase != SALE_LIVE || sale->clock != CLOCK_GAP || sale->next_index != lot_index ||
        !is_time(ends_at_ms) || sale->lots[lot_index].phase != LOT_PENDING) {
        return LC_ERR_CORRUPT;
    }
    struct lot *lot = &sale->lots[lot_index];
    lot_renew(lot, sale->round);
    lot->phase = LOT_OPEN;
    lot->started_at_ms = event->at_ms;
    lot->ends_at_ms = ends_at_ms;
    lot->first_ends_at_ms = ends_at_ms;
    lot->draws_at_ms = event->as.lot_started.draws_at_ms;
    lot_clock_begin(sale, lot, event->at_ms);
    sale->clock = CLOCK_LOT;
    sale->lot_index = lot_index;
    sale->next_index = -1;
    sale->next_starts_at_ms = 0;
    sale->recent_bids_count = 0;
    return LC_OK;
}

enum lc_status apply_lot_extended(struct sale *sale, const struct sale_event *event)
{
    struct lot *lot = running_lot(sale, event->as.lot_extended.lot_index);
    if (lot == NULL || !is_time(event->as.lot_extended.ends_at_ms)) {
        return LC_ERR_CORRUPT;
    }
    lot->ends_at_ms = event->as.lot_extended.ends_at_ms;
    lot->extensions++;
    return LC_OK;
}

enum lc_status apply_lot_sold(struct sale *sale, const struct sale_event *event)
{
    struct lot *lot = running_lot(sale, event->as.lot_sold.lot_index);
    int64_t winner_index = sale_participant_index(sale, &event->as.lot_sold.winner);
    int64_t next_index = event->as.lot_sold.next_lot_index;
    int64_t starts_at_ms = event->as.lot_sold.next_starts_at_ms;
    bool has_winner = winner_index >= 0 || (lot != NULL && lot->awards_count > 0);
    if (!has_winner || lot == NULL || !is_amount(event->as.lot_sold.price_minor) ||
        !gap_is_possible(sale, next_index, starts_at_ms)) {
        return LC_ERR_CORRUPT;
    }
    lot_spend(sale, lot, winner_index, event->as.lot_sold.price_minor, event->as.lot_sold.quantity);
    lot->phase = LOT_SOLD;
    sale->sold_count++;
    gap_begin(sale, next_index, starts_at_ms);
    return LC_OK;
}

enum lc_status apply_lot_unsold(struct sale *sale, const struct sale_event *event)
{
    struct lot *lot = running_lot(sale, event->as.lot_unsold.lot_index);
    int64_t next_index = event->as.lot_unsold.next_lot_index;
    int64_t starts_at_ms = event->as.lot_unsold.next_starts_at_ms;
    if (lot == NULL || !gap_is_possible(sale, next_index, starts_at_ms)) {
        return LC_ERR_CORRUPT;
    }
    lot_hold(sale, lot, -1, lot->price_minor, 0);
    lot->phase = LOT_UNSOLD;
    sale->unsold_count++;
    gap_begin(sale, next_index, starts_at_ms);
    return LC_OK;
}

// Not built yet.
enum lc_status apply_lot_closing(struct sale *sale, const struct sale_event *event)
{
    (void)sale;
    (void)event;
    return LC_ERR_CORRUPT;
}

// Not built yet.
enum lc_status apply_lot_withdrawn(struct sale *sale, const struct sale_event *event)
{
    (void)sale;
    (void)event;
    return LC_ERR_CORRUPT;
}

// Not built yet.
enum lc_status apply_lot_reopened(struct sale *sale, const struct sale_event *event)
{
    (void)sale;
    (void)event;
    return LC_ERR_CORRUPT;
}

// Not built yet.
enum lc_status apply_match_offered(struct sale *sale, const struct sale_event *event)
{
    (void)sale;
    (void)event;
    return LC_ERR_CORRUPT;
}
