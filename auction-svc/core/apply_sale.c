#include "auction-svc/core/apply.h"

enum lc_status apply_sale_started(struct sale *sale, const struct sale_event *event)
{
    int64_t next_index = event->as.sale_started.next_lot_index;
    int64_t starts_at_ms = event->as.sale_started.next_starts_at_ms;
    if (sale->phase != SALE_LOBBY || !gap_is_possible(sale, next_index, starts_at_ms)) {
        return LC_ERR_CORRUPT;
    }
    sale->phase = SALE_LIVE;
    gap_begin(sale, next_index, starts_at_ms);
    return LC_OK;
}

enum lc_status apply_round_started(struct sale *sale, const struct sale_event *event)
{
    int64_t next_index = event->as.round_started.next_lot_index;
    int64_t starts_at_ms = event->as.round_started.next_starts_at_ms;
    if (sale->phase != SALE_LIVE || sale->clock != CLOCK_NONE ||
        !gap_is_possible(sale, next_index, starts_at_ms)) {
        return LC_ERR_CORRUPT;
    }
    sale->round = event->as.round_started.round;
    for (size_t i = 0; i < sale->lots_count; i++) {
        if (sale->lots[i].phase == LOT_UNSOLD) {
            lot_renew(&sale->lots[i], sale->round);
        }
    }
    sale->unsold_count = 0;
    gap_begin(sale, next_index, starts_at_ms);
    return LC_OK;
}

enum lc_status apply_sale_paused(struct sale *sale, const struct sale_event *event)
{
    if (sale->phase != SALE_LIVE || !is_time(event->as.sale_paused.remaining_ms)) {
        return LC_ERR_CORRUPT;
    }
    sale->phase = SALE_PAUSED;
    sale->paused_remaining_ms = event->as.sale_paused.remaining_ms;
    sale->paused_at_ms = event->at_ms;
    return LC_OK;
}

enum lc_status apply_sale_resumed(struct sale *sale, const struct sale_event *event)
{
    bool runs_or_frozen = sale->phase == SALE_PAUSED || sale->phase == SALE_LIVE;
    int64_t ends_at_ms = event->as.sale_resumed.ends_at_ms;
    if (!runs_or_frozen || sale->clock == CLOCK_NONE || !is_time(ends_at_ms)) {
        return LC_ERR_CORRUPT;
    }
    sale->phase = SALE_LIVE;
    sale->paused_remaining_ms = 0;
    if (sale->clock == CLOCK_LOT) {
        sale->lots[sale->lot_index].ends_at_ms = ends_at_ms;
    } else {
        sale->next_starts_at_ms = ends_at_ms;
    }
    return LC_OK;
}

enum lc_status apply_sale_completed(struct sale *sale, const struct sale_event *event)
{
    if (sale->phase != SALE_LIVE || sale->clock == CLOCK_LOT) {
        return LC_ERR_CORRUPT;
    }
    for (size_t i = 0; i < sale->lots_count; i++) {
        if (sale->lots[i].phase == LOT_PENDING) { // rules 3: lots then left are unsold
            sale->lots[i].phase = LOT_UNSOLD;
            sale->unsold_count++;
        }
    }
    sale->phase = SALE_COMPLETE;
    sale->complete_reason = event->as.sale_completed.reason;
    gap_begin(sale, -1, 0);
    return LC_OK;
}

enum lc_status apply_sale_reset(struct sale *sale, const struct sale_event *event)
{
    (void)event;
    if (sale->phase != SALE_PAUSED && sale->phase != SALE_COMPLETE) {
        return LC_ERR_CORRUPT;
    }
    for (size_t i = 0; i < sale->lots_count; i++) {
        lot_renew(&sale->lots[i], 0);
    }
    for (size_t i = 0; i < sale->participants_count; i++) {
        struct participant *participant = &sale->participants[i];
        participant->spent_minor = 0;
        participant->held_minor = 0;
        participant->shown_minor = 0;
        participant->slots_taken = 0;
        participant->slots_held = 0;
    }
    sale->phase = SALE_LOBBY;
    sale->lot_index = -1;
    gap_begin(sale, -1, 0);
    sale->paused_remaining_ms = 0;
    sale->round = 0;
    sale->sold_count = 0;
    sale->unsold_count = 0;
    sale->recent_bids_count = 0;
    sale->complete_reason = COMPLETE_NO_LOTS_LEFT;
    return LC_OK;
}

enum lc_status apply_sale_deleted(struct sale *sale, const struct sale_event *event)
{
    (void)event;
    sale->phase = SALE_GONE;
    gap_begin(sale, -1, 0);
    return LC_OK;
}

enum lc_status apply_notice(struct sale *sale, const struct sale_event *event)
{
    (void)sale;
    (void)event;
    return LC_OK;
}

// Not built yet.
enum lc_status apply_gavel_taken(struct sale *sale, const struct sale_event *event)
{
    (void)sale;
    (void)event;
    return LC_ERR_CORRUPT;
}

// Not built yet.
enum lc_status apply_nomination_started(struct sale *sale, const struct sale_event *event)
{
    (void)sale;
    (void)event;
    return LC_ERR_CORRUPT;
}

// Not built yet.
enum lc_status apply_lot_nominated(struct sale *sale, const struct sale_event *event)
{
    (void)sale;
    (void)event;
    return LC_ERR_CORRUPT;
}

// Not built yet.
enum lc_status apply_names_called(struct sale *sale, const struct sale_event *event)
{
    (void)sale;
    (void)event;
    return LC_ERR_CORRUPT;
}

// Not built yet.
enum lc_status apply_seed_revealed(struct sale *sale, const struct sale_event *event)
{
    (void)sale;
    (void)event;
    return LC_ERR_CORRUPT;
}
