#include "auction-svc/core/apply.h"

static void recent_bid_add(struct sale *sale, struct recent_bid bid)
{
    size_t kept = sale->recent_bids_count;
    if (kept == RECENT_BIDS_MAX) {
        kept--;
    }
    memmove(sale->recent_bids + 1, sale->recent_bids, kept * sizeof bid);
    sale->recent_bids[0] = bid;
    sale->recent_bids_count = kept + 1;
}

enum lc_status apply_bid_accepted(struct sale *sale, const struct sale_event *event)
{
    struct lot *lot = running_lot(sale, event->as.bid_accepted.lot_index);
    int64_t leader_index = sale_participant_index(sale, &event->as.bid_accepted.leader);
    int64_t by_index = sale_participant_index(sale, &event->as.bid_accepted.by);
    if (lot == NULL || by_index < 0 || leader_index < 0 ||
        !is_amount(event->as.bid_accepted.amount_minor) ||
        !is_amount(event->as.bid_accepted.price_minor) ||
        !is_amount(event->as.bid_accepted.held_minor) ||
        !is_time(event->as.bid_accepted.ends_at_ms) ||
        event->as.bid_accepted.bid_no != sale->bids_total + 1) {
        return LC_ERR_CORRUPT;
    }
    lot_hold(sale, lot, leader_index, event->as.bid_accepted.price_minor,
             event->as.bid_accepted.held_minor);
    lot->ends_at_ms = event->as.bid_accepted.ends_at_ms;
    lot->bids++;
    sale->bids_total = event->as.bid_accepted.bid_no;
    recent_bid_add(sale, (struct recent_bid){.lot_index = event->as.bid_accepted.lot_index,
                                             .by_index = by_index,
                                             .kind = event->as.bid_accepted.kind,
                                             .amount_minor = event->as.bid_accepted.amount_minor,
                                             .at_ms = event->at_ms});
    return LC_OK;
}

// Not built yet.
enum lc_status apply_max_placed(struct sale *sale, const struct sale_event *event)
{
    (void)sale;
    (void)event;
    return LC_ERR_CORRUPT;
}

// Not built yet.
enum lc_status apply_bid_retracted(struct sale *sale, const struct sale_event *event)
{
    (void)sale;
    (void)event;
    return LC_ERR_CORRUPT;
}

// Not built yet.
enum lc_status apply_lot_passed(struct sale *sale, const struct sale_event *event)
{
    (void)sale;
    (void)event;
    return LC_ERR_CORRUPT;
}

// Not built yet.
enum lc_status apply_ask_set(struct sale *sale, const struct sale_event *event)
{
    (void)sale;
    (void)event;
    return LC_ERR_CORRUPT;
}

// Not built yet.
enum lc_status apply_lot_warned(struct sale *sale, const struct sale_event *event)
{
    (void)sale;
    (void)event;
    return LC_ERR_CORRUPT;
}
