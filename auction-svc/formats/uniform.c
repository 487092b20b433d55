// Uniform price: sealed offers of a price and a quantity, the best prices first; every winner pays
// the lowest winning price, and the last one may get a part of what he wanted.
#include <stdlib.h>

#include "auction-svc/core/decide.h"
#include "auction-svc/formats/award.h"
#include "auction-svc/formats/formats.h"
#include "auction-svc/formats/sealed.h"

// By price, then by time.
static int compare_offers(const void *a, const void *b)
{
    const struct standing *left = a;
    const struct standing *right = b;
    if (left->max_minor != right->max_minor) {
        return left->max_minor > right->max_minor ? -1 : 1;
    }
    return left->order_no < right->order_no ? -1 : left->order_no > right->order_no;
}

// The offers that count, each with the pieces that its bidder can pay at his own price, in order.
static size_t offers_sort(const struct sale *sale, const struct lot *lot, struct standing *offers)
{
    size_t count = 0;
    for (size_t i = 0; i < lot->standings_count; i++) {
        const struct standing *standing = &lot->standings[i];
        if (standing->max_minor < lot->opening_minor || standing->max_minor < lot->reserve_minor) {
            continue;
        }
        int64_t pieces = sealed_affordable(sale, lot, standing) / standing->max_minor;
        if (pieces > 0) {
            offers[count] = *standing;
            offers[count].quantity = pieces < standing->quantity ? pieces : standing->quantity;
            count++;
        }
    }
    if (count > 0) {
        qsort(offers, count, sizeof *offers, compare_offers);
    }
    return count;
}

static bool has_offer(const struct lot *lot)
{
    for (size_t i = 0; i < lot->standings_count; i++) {
        if (lot->standings[i].max_minor > 0) {
            return true;
        }
    }
    return false;
}

static struct lot_outcome awarded(const struct sale *sale, int64_t lot_index,
                                  const struct standing *offers, size_t count, int64_t now_ms,
                                  struct decision *out)
{
    const struct lot *lot = &sale->lots[lot_index];
    size_t winners = 0;
    int64_t left = lot->quantity;
    while (winners < count && left > 0) {
        left -= offers[winners].quantity < left ? offers[winners].quantity : left;
        winners++;
    }
    struct award *awards = awards_add(lot_index, winners, now_ms, out);
    if (awards == NULL) {
        return (struct lot_outcome){.winner_index = -1, .unsold_reason = UNSOLD_NO_BIDS};
    }
    struct lot_outcome outcome = {.price_minor = offers[winners - 1].max_minor,
                                  .quantity = lot->quantity - left,
                                  .awards = awards,
                                  .awards_count = winners};
    left = lot->quantity;
    for (size_t i = 0; i < winners; i++) {
        int64_t quantity = offers[i].quantity < left ? offers[i].quantity : left;
        awards[i] = (struct award){.winner = sale->participants[offers[i].by_index].id,
                                   .quantity = quantity,
                                   .price_minor = outcome.price_minor};
        left -= quantity;
    }
    outcome.winner_index = awards_winner(sale, lot, awards, winners);
    return outcome;
}

static struct lot_outcome uniform_outcome(const struct sale *sale, int64_t lot_index,
                                          int64_t now_ms, struct decision *out)
{
    const struct lot *lot = &sale->lots[lot_index];
    struct lot_outcome none = {
        .winner_index = -1,
        .unsold_reason = has_offer(lot) && lot->reserve_minor > lot->opening_minor
                             ? UNSOLD_RESERVE_NOT_MET
                             : UNSOLD_NO_BIDS,
    };
    if (lot->standings_count == 0) {
        return none;
    }
    struct standing *offers = malloc(lot->standings_count * sizeof *offers);
    if (offers == NULL) {
        decision_refuse(out, ERROR_INTERNAL, NULL);
        return none;
    }
    size_t count = offers_sort(sale, lot, offers);
    struct lot_outcome outcome =
        count == 0 ? none : awarded(sale, lot_index, offers, count, now_ms, out);
    free(offers);
    return outcome;
}

const struct lot_format format_uniform = {
    .name = "uniform",
    .has_clock = true,
    .is_sealed = true,
    .ask = sealed_ask,
    .offer_check = sealed_offer_check,
    .commits = sealed_commits,
    .accept = sealed_accept,
    .outcome = uniform_outcome,
};
