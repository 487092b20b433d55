#include "auction-svc/core/apply.h"
#include "auction-svc/core/history.h"
#include "auction-svc/core/standing.h"

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

// What the participant has on the lot, a new place when it is his first; NULL without memory.
static struct standing *standing_put(struct lot *lot, int64_t by_index)
{
    for (size_t i = 0; i < lot->standings_count; i++) {
        if (lot->standings[i].by_index == by_index) {
            return &lot->standings[i];
        }
    }
    struct standing *standings = array_grow(lot->standings, &lot->standings_capacity,
                                            lot->standings_count + 1, sizeof *standings);
    if (standings == NULL) {
        return NULL;
    }
    lot->standings = standings;
    struct standing *standing = &standings[lot->standings_count++];
    *standing = (struct standing){.by_index = by_index};
    return standing;
}

static struct bid_entry entry_of(const struct lot *lot, const struct sale_event *event,
                                 int64_t by_index)
{
    struct bid_entry entry = {
        .bid_no = event->as.bid_accepted.bid_no,
        .by_index = by_index,
        .kind = event->as.bid_accepted.kind,
        .amount_minor = event->as.bid_accepted.amount_minor,
        .at_ms = event->at_ms,
        .price_before_minor = lot->price_minor,
        .leader_before_index = lot->leader_index,
        .held_before_minor = lot->held_minor,
        .second_before_minor = lot->second_minor,
        .second_before_index = lot->second_index,
    };
    const struct standing *standing = standing_find(lot, by_index);
    if (standing == NULL || entry.kind == BID_ABSENTEE) {
        return entry; // an absentee's maximum falls with the bid that it made
    }
    bool is_maximum = entry.kind == BID_MAXIMUM; // placed just now
    entry.max_before_minor = is_maximum ? standing->max_before_minor : standing->max_minor;
    entry.max_before_order_no = is_maximum ? standing->order_before_no : standing->order_no;
    return entry;
}

// Keeps the best plain bid of anyone but the leader: maxima stand in the standings.
static void second_note(struct lot *lot, int64_t amount_minor, int64_t by_index)
{
    if (amount_minor > lot->second_minor) {
        lot->second_minor = amount_minor;
        lot->second_index = by_index;
    }
}

static void second_follow(struct lot *lot, const struct sale_event *event, int64_t by_index,
                          int64_t leader_index)
{
    bool is_maximum = event->as.bid_accepted.kind == BID_MAXIMUM;
    if (lot->second_minor > 0 && lot->second_index == leader_index) {
        lot->second_minor = 0; // nobody stands against himself
        lot->second_index = -1;
    }
    if (lot->leader_index != leader_index) {
        second_note(lot, lot->price_minor, lot->leader_index);
    }
    if (by_index != leader_index && !is_maximum) {
        second_note(lot, event->as.bid_accepted.amount_minor, by_index);
    }
}

// Is it known who bids and who leads? Only the house, a held button and a press for some of several
// pieces leave the lead to nobody.
static bool people_are_known(const struct sale_event *event, int64_t by_index, int64_t leader_index)
{
    bool nobody_bids = event->as.bid_accepted.by.text[0] == 0;
    bool nobody_leads = event->as.bid_accepted.leader.text[0] == 0;
    if (event->as.bid_accepted.kind == BID_HOUSE) {
        return nobody_bids && nobody_leads;
    }
    bool leads_nowhere =
        event->as.bid_accepted.kind == BID_ENTER || event->as.bid_accepted.kind == BID_PRESS;
    return by_index >= 0 && (leader_index >= 0 || (leads_nowhere && nobody_leads));
}

// A button is pressed once, on a lot whose price rises by the clock.
static bool entry_is_possible(const struct lot *lot, const struct sale_event *event,
                              int64_t by_index)
{
    if (event->as.bid_accepted.kind != BID_ENTER) {
        return true;
    }
    const struct standing *standing = standing_find(lot, by_index);
    bool is_new = standing == NULL || (!standing->has_entered && !standing->has_passed);
    return is_new && lot->clock_price_minor > 0;
}

enum lc_status apply_bid_accepted(struct sale *sale, const struct sale_event *event)
{
    struct lot *lot = running_lot(sale, event->as.bid_accepted.lot_index);
    int64_t leader_index = sale_participant_index(sale, &event->as.bid_accepted.leader);
    int64_t by_index = sale_participant_index(sale, &event->as.bid_accepted.by);
    int64_t price_minor = event->as.bid_accepted.price_minor;
    int64_t held_minor = event->as.bid_accepted.held_minor;
    if (lot == NULL || !people_are_known(event, by_index, leader_index) ||
        !is_amount(event->as.bid_accepted.amount_minor) || !is_amount(price_minor) ||
        (leader_index >= 0 && !is_amount(held_minor)) ||
        !is_time(event->as.bid_accepted.ends_at_ms) ||
        event->as.bid_accepted.bid_no != sale->bids_total + 1 ||
        !entry_is_possible(lot, event, by_index)) {
        return LC_ERR_CORRUPT;
    }
    if (event->as.bid_accepted.kind == BID_ENTER) {
        struct standing *standing = standing_put(lot, by_index);
        if (standing == NULL) {
            return LC_ERR_NO_MEMORY;
        }
        button_take(sale, lot, standing);
    }
    if (!lot_format_of(sale, lot)->is_timed) {
        history_push(lot, entry_of(lot, event, by_index));
        second_follow(lot, event, by_index, leader_index);
    }
    lot_hold(sale, lot, leader_index, price_minor, held_minor);
    lot->ends_at_ms = event->as.bid_accepted.ends_at_ms;
    if (lot->phase == LOT_CLOSING && lot->ends_at_ms > event->at_ms) {
        lot->phase = LOT_OPEN; // rules 2: closing may go back to open
    }
    lot->bids++;
    if (lot->asked_minor <= price_minor) {
        lot->asked_minor = 0;
    }
    sale->bids_total = event->as.bid_accepted.bid_no;
    recent_bid_add(sale, (struct recent_bid){.lot_index = event->as.bid_accepted.lot_index,
                                             .by_index = by_index,
                                             .kind = event->as.bid_accepted.kind,
                                             .amount_minor = event->as.bid_accepted.amount_minor,
                                             .at_ms = event->at_ms});
    return LC_OK;
}

// The lot when a maximum may stand there: running, or waiting for its start.
static struct lot *lot_for_maximum(struct sale *sale, int64_t lot_index)
{
    struct lot *lot = running_lot(sale, lot_index);
    bool waits = (sale->phase == SALE_LOBBY || sale->phase == SALE_LIVE) &&
                 is_index(lot_index, sale->lots_count) &&
                 sale->lots[lot_index].phase == LOT_PENDING;
    return lot == NULL && waits ? &sale->lots[lot_index] : lot;
}

enum lc_status apply_max_placed(struct sale *sale, const struct sale_event *event)
{
    struct lot *lot = lot_for_maximum(sale, event->as.max_placed.lot_index);
    int64_t by_index = sale_participant_index(sale, &event->as.max_placed.by);
    int64_t max_minor = event->as.max_placed.max_minor;
    if (lot == NULL || by_index < 0 || (max_minor != 0 && !is_amount(max_minor)) ||
        event->as.max_placed.quantity < 0 || event->as.max_placed.quantity > LOT_QUANTITY_MAX ||
        event->as.max_placed.order_no != sale->orders_total + 1) {
        return LC_ERR_CORRUPT;
    }
    struct standing *standing = standing_put(lot, by_index);
    if (standing == NULL) {
        return LC_ERR_NO_MEMORY;
    }
    standing->max_before_minor = standing->max_minor;
    standing->order_before_no = standing->order_no;
    standing->max_minor = max_minor;
    standing->order_no = event->as.max_placed.order_no;
    standing->quantity = event->as.max_placed.quantity;
    sale->orders_total = event->as.max_placed.order_no;
    if (lot->leader_index == by_index && lot_is_running(lot)) {
        lot_hold(sale, lot, by_index, lot->price_minor,
                 max_minor > lot->price_minor ? max_minor : lot->price_minor);
    }
    return LC_OK;
}

enum lc_status apply_lot_passed(struct sale *sale, const struct sale_event *event)
{
    struct lot *lot = running_lot(sale, event->as.lot_passed.lot_index);
    int64_t by_index = sale_participant_index(sale, &event->as.lot_passed.by);
    if (lot == NULL || by_index < 0) {
        return LC_ERR_CORRUPT;
    }
    struct standing *standing = standing_put(lot, by_index);
    if (standing == NULL) {
        return LC_ERR_NO_MEMORY;
    }
    button_release(sale, lot, standing);
    standing->max_minor = 0; // nobody bids on for him
    return LC_OK;
}

enum lc_status apply_ask_set(struct sale *sale, const struct sale_event *event)
{
    struct lot *lot = running_lot(sale, event->as.ask_set.lot_index);
    int64_t ask_minor = event->as.ask_set.ask_minor;
    if (lot == NULL || (ask_minor != 0 && !is_amount(ask_minor))) {
        return LC_ERR_CORRUPT;
    }
    lot->asked_minor = ask_minor;
    return LC_OK;
}

enum lc_status apply_lot_warned(struct sale *sale, const struct sale_event *event)
{
    struct lot *lot = running_lot(sale, event->as.lot_warned.lot_index);
    int64_t stage = event->as.lot_warned.stage;
    if (lot == NULL || stage < 1 || stage > WARNINGS_MAX) {
        return LC_ERR_CORRUPT;
    }
    lot->warned = stage;
    return LC_OK;
}
