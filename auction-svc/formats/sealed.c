#include "auction-svc/formats/sealed.h"

#include "auction-svc/core/decide.h"
#include "auction-svc/core/held.h"
#include "auction-svc/core/purse.h"

int64_t sealed_ask(const struct sale *sale, const struct lot *lot, int64_t now_ms)
{
    (void)sale;
    (void)now_ms;
    return lot->opening_minor;
}

// Nothing here may depend on another's offer.
enum error_code sealed_offer_check(const struct sale *sale, const struct lot *lot,
                                   const struct offer *offer, int64_t now_ms)
{
    (void)now_ms;
    const struct lot_rules *rules = sale_lot_rules(sale, lot);
    if (offer->amount_minor < lot->opening_minor) {
        return ERROR_BELOW_ASK;
    }
    if (rules->reserve_mode == RESERVE_FLOOR && offer->amount_minor < lot->reserve_minor) {
        return ERROR_BELOW_RESERVE;
    }
    int64_t factor = rules->sanity_factor;
    bool is_guarded = factor > 0 && !offer->confirm && lot->opening_minor <= INT64_MAX / factor;
    if (is_guarded && offer->amount_minor > lot->opening_minor * factor) {
        return ERROR_ABOVE_SANITY;
    }
    return ERROR_NONE;
}

int64_t sealed_commits(const struct sale *sale, const struct lot *lot, const struct offer *offer,
                       int64_t now_ms)
{
    (void)sale;
    (void)lot;
    (void)now_ms;
    return pieces_cost(offer->amount_minor, offer->quantity);
}

// Replaces what the bidder offered before, also by less; its time is that of the replacement.
void sealed_accept(const struct sale *sale, int64_t lot_index, const struct offer *offer,
                   int64_t now_ms, struct decision *out)
{
    struct sale_event *event = decision_add(out, EVENT_MAX_PLACED, now_ms);
    event->as.max_placed.lot_index = lot_index;
    event->as.max_placed.by = sale->participants[offer->by_index].id;
    event->as.max_placed.max_minor = offer->amount_minor;
    event->as.max_placed.quantity = offer->quantity;
    event->as.max_placed.order_no = sale->orders_total + 1;
}

int64_t sealed_affordable(const struct sale *sale, const struct lot *lot,
                          const struct standing *standing)
{
    const struct participant *participant = &sale->participants[standing->by_index];
    if (participant->status != PARTICIPANT_ACCEPTED) {
        return 0;
    }
    struct purse purse = purse_of(sale, participant, lot);
    return purse_bid_max(&purse);
}

struct sealed_best sealed_best_of(const struct sale *sale, const struct lot *lot)
{
    struct sealed_best best = {.winner_index = -1};
    int64_t order_no = 0;
    for (size_t i = 0; i < lot->standings_count; i++) {
        const struct standing *standing = &lot->standings[i];
        int64_t most = sealed_affordable(sale, lot, standing);
        int64_t worth = standing->max_minor < most ? standing->max_minor : most;
        if (worth < lot->opening_minor) {
            continue;
        }
        bool leads = worth > best.first_minor ||
                     (worth == best.first_minor && standing->order_no < order_no);
        int64_t loser = leads ? best.first_minor : worth;
        best.second_minor = loser > best.second_minor ? loser : best.second_minor;
        if (leads) {
            best.winner_index = standing->by_index;
            best.first_minor = worth;
            order_no = standing->order_no;
        }
    }
    return best;
}

struct lot_outcome sealed_outcome(const struct lot *lot, const struct sealed_best *best,
                                  int64_t price_minor)
{
    if (best->winner_index < 0) {
        return (struct lot_outcome){.winner_index = -1, .unsold_reason = UNSOLD_NO_BIDS};
    }
    if (best->first_minor < lot->reserve_minor) {
        return (struct lot_outcome){.winner_index = -1, .unsold_reason = UNSOLD_RESERVE_NOT_MET};
    }
    return (struct lot_outcome){
        .winner_index = best->winner_index, .price_minor = price_minor, .quantity = 1};
}
