#include "auction-svc/core/apply.h"
#include "auction-svc/core/history.h"

static void recent_bids_remove(struct sale *sale, int64_t lot_index, int64_t removed)
{
    size_t kept = 0;
    for (size_t i = 0; i < sale->recent_bids_count; i++) {
        if (sale->recent_bids[i].lot_index == lot_index && removed > 0) {
            removed--;
            continue;
        }
        sale->recent_bids[kept++] = sale->recent_bids[i];
    }
    sale->recent_bids_count = kept;
}

static bool is_possible(const struct lot *lot, const struct sale_event *event, int64_t leader_index)
{
    bool nobody_leads = event->as.bid_retracted.leader.text[0] == 0;
    int64_t price_minor = event->as.bid_retracted.price_minor;
    int64_t held_minor = event->as.bid_retracted.held_minor;
    int64_t removed = event->as.bid_retracted.removed;
    if (removed < 1 || removed > (int64_t)lot->history_count ||
        (price_minor != 0 && !is_amount(price_minor))) {
        return false;
    }
    if (nobody_leads) {
        return held_minor == 0;
    }
    return leader_index >= 0 && price_minor > 0 && is_amount(held_minor) &&
           held_minor >= price_minor;
}

enum lc_status apply_bid_retracted(struct sale *sale, const struct sale_event *event)
{
    int64_t lot_index = event->as.bid_retracted.lot_index;
    int64_t leader_index = sale_participant_index(sale, &event->as.bid_retracted.leader);
    if ((sale->phase != SALE_LIVE && sale->phase != SALE_PAUSED) ||
        !is_index(lot_index, sale->lots_count) || !lot_is_running(&sale->lots[lot_index]) ||
        !is_possible(&sale->lots[lot_index], event, leader_index)) {
        return LC_ERR_CORRUPT;
    }
    struct lot *lot = &sale->lots[lot_index];
    int64_t removed = event->as.bid_retracted.removed;
    lot_hold(sale, lot, -1, 0, 0);
    int64_t bids = 0; // a purchase that was reopened is none
    for (int64_t i = 0; i < removed; i++) {
        bids += history_newest(lot)->bid_no > 0;
        history_undo(lot);
    }
    lot->bids = lot->bids > bids ? lot->bids - bids : 0;
    if (event->as.bid_retracted.resets) {
        lot->bids = 0;
        lot->history_count = 0;
        for (size_t i = 0; i < lot->standings_count; i++) { // a pass stays final
            lot->standings[i].max_minor = 0;
        }
        bids = INT64_MAX;
    }
    if (event->as.bid_retracted.price_minor == 0 || lot->second_index == leader_index) {
        lot->second_minor = 0; // nobody stands against himself
        lot->second_index = -1;
    }
    lot->leader_index = -1; // of the bid that stands again; nothing was held for it
    lot_hold(sale, lot, leader_index, event->as.bid_retracted.price_minor,
             event->as.bid_retracted.held_minor);
    lot->warned = 0;
    recent_bids_remove(sale, lot_index, bids);
    return LC_OK;
}
