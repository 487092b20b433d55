#include "auction-svc/core/bidding.h"
#include "auction-svc/core/standing.h"

void max_placed_add(const struct sale *sale, int64_t lot_index, int64_t by_index, int64_t max_minor,
                    int64_t quantity, int64_t now_ms, struct decision *out)
{
    struct sale_event *event = decision_add(out, EVENT_MAX_PLACED, now_ms);
    event->as.max_placed.lot_index = lot_index;
    event->as.max_placed.by = sale->participants[by_index].id;
    event->as.max_placed.max_minor = max_minor;
    event->as.max_placed.quantity = quantity;
    event->as.max_placed.order_no = sale->orders_total + 1;
}

// The answer of the house to a price below the reserve, marked as such; false: it gives none.
static bool house_add(const struct sale *sale, int64_t lot_index, const struct bid_result *result,
                      int64_t ends_at_ms, int64_t now_ms, struct decision *out)
{
    int64_t amount_minor = house_bid(sale, &sale->lots[lot_index], result);
    if (amount_minor == 0) {
        return false;
    }
    struct sale_event *event = decision_add(out, EVENT_BID_ACCEPTED, now_ms);
    event->as.bid_accepted.lot_index = lot_index;
    event->as.bid_accepted.bid_no = sale->bids_total + 2;
    event->as.bid_accepted.kind = BID_HOUSE;
    event->as.bid_accepted.by = (struct participant_id){0};
    event->as.bid_accepted.amount_minor = amount_minor;
    event->as.bid_accepted.price_minor = amount_minor;
    event->as.bid_accepted.leader = (struct participant_id){0};
    event->as.bid_accepted.held_minor = 0;
    event->as.bid_accepted.quantity = 1;
    event->as.bid_accepted.ends_at_ms = ends_at_ms;
    return true;
}

static void lead_add(const struct sale *sale, int64_t lot_index, const struct offer *offer,
                     const struct bid_result *result, int64_t now_ms, struct decision *out)
{
    struct offer shown = *offer;
    if (offer->is_maximum) { // it is published only where it is the price
        shown.amount_minor = result->price_minor;
    }
    size_t at = out->events_count;
    bid_accepted_add(sale, lot_index, &shown, result, now_ms, out);
    int64_t ends_at_ms = out->events[at].as.bid_accepted.ends_at_ms;
    if (!house_add(sale, lot_index, result, ends_at_ms, now_ms, out)) {
        pass_close_add(sale, lot_index, result, -1, now_ms, out);
    }
}

void ascending_accept(const struct sale *sale, int64_t lot_index, const struct offer *offer,
                      int64_t now_ms, struct decision *out)
{
    const struct lot *lot = &sale->lots[lot_index];
    if (offer->is_maximum) {
        max_placed_add(sale, lot_index, offer->by_index, offer->amount_minor, offer->quantity,
                       now_ms, out);
    }
    if (lot->phase == LOT_PENDING) {
        return; // played when the lot starts
    }
    struct bid_result result = standing_after(sale, lot, offer);
    if (result.price_minor == lot->price_minor && result.leader_index == lot->leader_index) {
        return; // the leader's own maximum, or a recorded one that changes nothing
    }
    lead_add(sale, lot_index, offer, &result, now_ms, out);
}

// The bids with which a lot begins end with it: the lot itself has no end yet.
static void opening_lead_add(const struct sale *sale, int64_t lot_index, const struct offer *offer,
                             const struct bid_result *result, int64_t ends_at_ms, int64_t now_ms,
                             struct decision *out)
{
    size_t at = out->events_count;
    lead_add(sale, lot_index, offer, result, now_ms, out);
    for (; at < out->events_count; at++) {
        LC_ASSERT(out->events[at].kind == EVENT_BID_ACCEPTED); // nobody can have passed
        out->events[at].as.bid_accepted.ends_at_ms = ends_at_ms;
    }
}

void absentee_add(const struct sale *sale, int64_t lot_index, int64_t ends_at_ms, int64_t now_ms,
                  struct decision *out)
{
    const struct lot *lot = &sale->lots[lot_index];
    if (!lot_format_of(sale, lot)->takes_maximum) {
        return;
    }
    struct bid_result result = standing_after(sale, lot, NULL);
    if (result.leader_index < 0) {
        return;
    }
    struct offer offer = {
        .by_index = result.leader_index, .is_maximum = true, .quantity = 1, .kind = BID_ABSENTEE};
    opening_lead_add(sale, lot_index, &offer, &result, ends_at_ms, now_ms, out);
}

void opening_bids_add(const struct sale *sale, int64_t lot_index, int64_t nominator_index,
                      int64_t ends_at_ms, int64_t now_ms, struct decision *out)
{
    const struct lot *lot = &sale->lots[lot_index];
    const struct lot_format *format = lot_format_of(sale, lot);
    struct offer offer = {.by_index = nominator_index,
                          .amount_minor = lot->opening_minor,
                          .quantity = 1,
                          .confirm = true,
                          .kind = BID_NOMINATION};
    bool bids = nominator_index >= 0 && !format->is_timed && !format->is_sealed &&
                sale->participants[nominator_index].status == PARTICIPANT_ACCEPTED &&
                offer_check(sale, lot_index, &offer, now_ms) == ERROR_NONE;
    if (!bids) {
        absentee_add(sale, lot_index, ends_at_ms, now_ms, out);
        return;
    }
    struct bid_result result = standing_after(sale, lot, &offer);
    opening_lead_add(sale, lot_index, &offer, &result, ends_at_ms, now_ms, out);
}
