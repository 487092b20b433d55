// Sealed first-price: the best offer wins and pays itself.
#include "auction-svc/formats/formats.h"
#include "auction-svc/formats/sealed.h"

static struct lot_outcome sealed_first_outcome(const struct sale *sale, int64_t lot_index,
                                               int64_t now_ms, struct decision *out)
{
    (void)now_ms;
    (void)out;
    const struct lot *lot = &sale->lots[lot_index];
    struct sealed_best best = sealed_best_of(sale, lot);
    return sealed_outcome(lot, &best, best.first_minor);
}

const struct lot_format format_sealed_first = {
    .name = "sealed_first",
    .has_clock = true,
    .is_sealed = true,
    .ask = sealed_ask,
    .offer_check = sealed_offer_check,
    .commits = sealed_commits,
    .accept = sealed_accept,
    .outcome = sealed_first_outcome,
};
