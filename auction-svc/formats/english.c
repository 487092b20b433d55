#include "auction-svc/formats/english.h"

#include "auction-svc/core/bidding.h"
#include "auction-svc/core/standing.h"

int64_t english_ask(const struct sale *sale, const struct lot *lot, int64_t now_ms)
{
    (void)now_ms;
    if (lot->price_minor == 0) {
        return lot->opening_minor;
    }
    return increment_next(&sale_lot_rules(sale, lot)->increments, lot->price_minor);
}

static bool is_insane(const struct sale *sale, const struct lot *lot, int64_t amount_minor)
{
    int64_t factor = sale_lot_rules(sale, lot)->sanity_factor;
    int64_t price = lot->price_minor > 0 ? lot->price_minor : lot->opening_minor;
    if (factor == 0 || price > AMOUNT_MINOR_MAX / factor) {
        return false; // off, or no legal amount is that large
    }
    return amount_minor > price * factor;
}

// Does the amount reach what is asked of this offer?
static bool reaches_ask(const struct sale *sale, const struct lot *lot, const struct offer *offer,
                        int64_t now_ms)
{
    if (offer->is_maximum && offer->as_recorded) { // it was accepted once
        const struct standing *own = standing_find(lot, offer->by_index);
        return offer->amount_minor >= lot->opening_minor &&
               (own == NULL || offer->amount_minor > own->max_minor);
    }
    if (lot->leader_index == offer->by_index) { // he may lower it down to the standing price
        return offer->amount_minor >= lot->price_minor;
    }
    return offer->amount_minor >= lot_format_of(sale, lot)->ask(sale, lot, now_ms);
}

enum error_code english_offer_check(const struct sale *sale, const struct lot *lot,
                                    const struct offer *offer, int64_t now_ms)
{
    const struct lot_rules *rules = sale_lot_rules(sale, lot);
    if (lot->leader_index == offer->by_index && !offer->is_maximum) {
        return ERROR_ALREADY_LEADING;
    }
    const struct standing *own = standing_find(lot, offer->by_index);
    if (own != NULL && own->has_passed) {
        return ERROR_ALREADY_PASSED;
    }
    if (!reaches_ask(sale, lot, offer, now_ms)) {
        return ERROR_BELOW_ASK;
    }
    if (rules->reserve_mode == RESERVE_FLOOR && offer->amount_minor < lot->reserve_minor) {
        return ERROR_BELOW_RESERVE; // how much is never told
    }
    if (rules->strict && !offer->is_maximum &&
        !increment_on_ladder(&rules->increments, lot->opening_minor, offer->amount_minor)) {
        return ERROR_OFF_LADDER;
    }
    if (!offer->confirm && !offer->as_recorded && is_insane(sale, lot, offer->amount_minor)) {
        return ERROR_ABOVE_SANITY;
    }
    return ERROR_NONE;
}

int64_t english_commits(const struct sale *sale, const struct lot *lot, const struct offer *offer,
                        int64_t now_ms)
{
    (void)sale;
    (void)lot;
    (void)now_ms;
    return offer->amount_minor; // of a maximum the whole, premium excluded
}

void english_accept(const struct sale *sale, int64_t lot_index, const struct offer *offer,
                    int64_t now_ms, struct decision *out)
{
    ascending_accept(sale, lot_index, offer, now_ms, out);
}

struct lot_outcome english_outcome(const struct sale *sale, int64_t lot_index, int64_t now_ms,
                                   struct decision *out)
{
    (void)now_ms;
    (void)out;
    const struct lot *lot = &sale->lots[lot_index];
    if (lot->price_minor == 0) {
        return (struct lot_outcome){.winner_index = -1, .unsold_reason = UNSOLD_NO_BIDS};
    }
    if (lot->leader_index < 0 || lot_reserve_status(lot) == RESERVE_NOT_MET) {
        return (struct lot_outcome){.winner_index = -1, .unsold_reason = UNSOLD_RESERVE_NOT_MET};
    }
    return (struct lot_outcome){
        .winner_index = lot->leader_index, .price_minor = lot->price_minor, .quantity = 1};
}

const struct lot_format format_english = {
    .name = "english",
    .has_clock = true,
    .takes_maximum = true,
    .ask = english_ask,
    .offer_check = english_offer_check,
    .commits = english_commits,
    .accept = english_accept,
    .outcome = english_outcome,
};
