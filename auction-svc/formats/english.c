#include "auction-svc/formats/english.h"

static int64_t english_ask(const struct sale *sale, const struct lot *lot)
{
    if (lot->price_minor == 0) {
        return lot->opening_minor;
    }
    return increment_next(&sale->definition.rules.increments, lot->price_minor);
}

static bool is_insane(const struct sale *sale, const struct lot *lot, int64_t amount_minor)
{
    int64_t factor = sale->definition.rules.sanity_factor;
    int64_t price = lot->price_minor > 0 ? lot->price_minor : lot->opening_minor;
    if (factor == 0 || price > AMOUNT_MINOR_MAX / factor) {
        return false; // off, or no legal amount is that large
    }
    return amount_minor > price * factor;
}

static enum error_code english_offer_check(const struct sale *sale, const struct lot *lot,
                                           const struct offer *offer)
{
    const struct sale_rules *rules = &sale->definition.rules;
    if (lot->leader_index == offer->by_index) {
        return ERROR_ALREADY_LEADING;
    }
    if (offer->amount_minor < english_ask(sale, lot)) {
        return ERROR_BELOW_ASK;
    }
    if (rules->strict &&
        !increment_on_ladder(&rules->increments, lot->opening_minor, offer->amount_minor)) {
        return ERROR_OFF_LADDER;
    }
    if (!offer->confirm && is_insane(sale, lot, offer->amount_minor)) {
        return ERROR_ABOVE_SANITY;
    }
    return ERROR_NONE;
}

static struct lot_outcome english_outcome(const struct lot *lot)
{
    if (lot->leader_index < 0) {
        return (struct lot_outcome){.winner_index = -1, .unsold_reason = UNSOLD_NO_BIDS};
    }
    if (lot_reserve_status(lot) == RESERVE_NOT_MET) {
        return (struct lot_outcome){.winner_index = -1, .unsold_reason = UNSOLD_RESERVE_NOT_MET};
    }
    return (struct lot_outcome){.winner_index = lot->leader_index, .price_minor = lot->price_minor};
}

const struct lot_format format_english = {
    .name = "english",
    .ask = english_ask,
    .offer_check = english_offer_check,
    .outcome = english_outcome,
};
