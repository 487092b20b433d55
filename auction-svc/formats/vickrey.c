// Vickrey: the best sealed offer wins and pays the second best, but at least reserve and opening.
#include "auction-svc/formats/formats.h"
#include "auction-svc/formats/sealed.h"

static struct lot_outcome vickrey_outcome(const struct sale *sale, int64_t lot_index,
                                          int64_t now_ms, struct decision *out)
{
    (void)now_ms;
    (void)out;
    const struct lot *lot = &sale->lots[lot_index];
    struct sealed_best best = sealed_best_of(sale, lot);
    int64_t price = best.second_minor;
    price = price > lot->opening_minor ? price : lot->opening_minor;
    price = price > lot->reserve_minor ? price : lot->reserve_minor;
    return sealed_outcome(lot, &best, price);
}

const struct lot_format format_vickrey = {
    .name = "vickrey",
    .has_clock = true,
    .is_sealed = true,
    .ask = sealed_ask,
    .offer_check = sealed_offer_check,
    .commits = sealed_commits,
    .accept = sealed_accept,
    .outcome = vickrey_outcome,
};
