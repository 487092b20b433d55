#include "auction-svc/core/bidding.h"
#include "auction-svc/core/soft_close.h"
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

static void house_add(const struct sale_event *answered, int64_t amount, struct decision *out)
{
    struct sale_event *event = decision_add(out, EVENT_BID_ACCEPTED, answered->at_ms);
    event->as.bid_accepted.lot_index = answered->as.bid_accepted.lot_index;
    event->as.bid_accepted.bid_no = answered->as.bid_accepted.bid_no + 1;
    event->as.bid_accepted.kind = BID_HOUSE;
    event->as.bid_accepted.by = (struct participant_id){0};
    event->as.bid_accepted.amount_minor = amount;
    event->as.bid_accepted.price_minor = amount;
    event->as.bid_accepted.leader = (struct participant_id){0};
    event->as.bid_accepted.held_minor = 0;
    event->as.bid_accepted.quantity = 1;
    event->as.bid_accepted.ends_at_ms = answered->as.bid_accepted.ends_at_ms;
}

// The bid, and the answer of the house to a price below the reserve.
static void lead_add(const struct sale *sale, const struct offer *offer, const struct lead *lead,
                     int64_t lot_index, int64_t ends_at_ms, int64_t now_ms, struct decision *out)
{
    struct sale_event *event = decision_add(out, EVENT_BID_ACCEPTED, now_ms);
    event->as.bid_accepted.lot_index = lot_index;
    event->as.bid_accepted.bid_no = sale->bids_total + 1;
    event->as.bid_accepted.kind = offer->kind;
    event->as.bid_accepted.by = sale->participants[offer->by_index].id;
    // no maximum is published unless it is the price
    event->as.bid_accepted.amount_minor =
        offer->is_maximum ? lead->price_minor : offer->amount_minor;
    event->as.bid_accepted.price_minor = lead->price_minor;
    event->as.bid_accepted.leader = sale->participants[lead->leader_index].id;
    event->as.bid_accepted.held_minor = lead->held_minor;
    event->as.bid_accepted.quantity = 1;
    event->as.bid_accepted.ends_at_ms = ends_at_ms;
    int64_t house_minor = house_bid(sale, &sale->lots[lot_index], lead);
    if (house_minor > 0) {
        house_add(event, house_minor, out);
    }
}

static void extension_add(const struct lot *lot, int64_t lot_index, int64_t ends_at_ms,
                          int64_t now_ms, struct decision *out)
{
    struct sale_event *extended = decision_add(out, EVENT_LOT_EXTENDED, now_ms);
    extended->as.lot_extended.lot_index = lot_index;
    extended->as.lot_extended.extended_ms = ends_at_ms - lot->ends_at_ms;
    extended->as.lot_extended.ends_at_ms = ends_at_ms;
    extended->as.lot_extended.scope = SOFT_CLOSE_LOT;
    extended->as.lot_extended.reason = EXTEND_BID;
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
    struct lead lead = lead_after(sale, lot, offer);
    if (lead.price_minor == lot->price_minor && lead.leader_index == lot->leader_index) {
        return; // the leader's own maximum, or a recorded one that changes nothing
    }
    int64_t ends_at_ms = lot->ends_at_ms;
    if (ends_at_ms > 0 && offer->by_index != lot->leader_index) {
        ends_at_ms = soft_close_end(&sale_lot_rules(sale, lot)->soft_close, ends_at_ms,
                                    lot->extensions, now_ms);
    }
    lead_add(sale, offer, &lead, lot_index, ends_at_ms, now_ms, out);
    if (ends_at_ms > lot->ends_at_ms) {
        extension_add(lot, lot_index, ends_at_ms, now_ms, out);
    }
}

void absentee_add(const struct sale *sale, int64_t lot_index, int64_t ends_at_ms, int64_t now_ms,
                  struct decision *out)
{
    const struct lot *lot = &sale->lots[lot_index];
    struct lead lead = lead_after(sale, lot, NULL);
    if (lead.leader_index < 0) {
        return;
    }
    struct offer offer = {
        .by_index = lead.leader_index, .is_maximum = true, .quantity = 1, .kind = BID_ABSENTEE};
    lead_add(sale, &offer, &lead, lot_index, ends_at_ms, now_ms, out);
}
