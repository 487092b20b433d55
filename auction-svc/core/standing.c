#include "auction-svc/core/standing.h"

#include "auction-svc/core/purse.h"

// What one bidder would pay at most, and since when.
struct claim {
    int64_t by_index;
    int64_t worth_minor;
    int64_t order_no; // 0: who leads keeps a tie
};

struct weighing {
    const struct sale *sale;
    const struct lot *lot;   // as it stands
    const struct lot *known; // as the purses know it
    struct claim best;
    int64_t second_minor;
};

const struct standing *standing_find(const struct lot *lot, int64_t by_index)
{
    for (size_t i = 0; i < lot->standings_count; i++) {
        if (lot->standings[i].by_index == by_index) {
            return &lot->standings[i];
        }
    }
    return NULL;
}

static int64_t larger(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static int64_t smaller(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

int64_t standing_price(const struct sale *sale, const struct lot *lot, int64_t best_minor,
                       int64_t second_minor)
{
    const struct lot_rules *rules = sale_lot_rules(sale, lot);
    int64_t price = lot->opening_minor;
    if (second_minor > 0) {
        int64_t next = increment_next(&rules->increments, second_minor);
        price = larger(price, smaller(best_minor, next));
    }
    int64_t reserve = lot->reserve_minor;
    if (reserve == 0) {
        return price;
    }
    switch (rules->reserve_mode) {
    case RESERVE_SECOND_PRICE:
        break;
    case RESERVE_JUMP:
    case RESERVE_STRAIGHT_UNTIL_MET: // like it; what the seller calls them differs
    case RESERVE_HOUSE:              // it has bid the maximum up
    case RESERVE_FLOOR:              // none is below
        return best_minor < reserve ? best_minor : larger(price, reserve);
    }
    return price;
}

// What the leader holds is his: only a smaller budget or limit takes of it, not the minimum for a
// slot that has come open elsewhere.
static int64_t still_held(const struct purse *purse, const struct lot *now)
{
    int64_t held = now->held_minor;
    held = purse->has_budget ? smaller(held, purse->left_minor) : held;
    return purse->has_limit ? smaller(held, purse->limit_left_minor) : held;
}

// Rules 3: a maximum that would lead is first cut to what is affordable, or skipped.
int64_t standing_affordable(const struct sale *sale, const struct lot *now, int64_t by_index,
                            int64_t amount_minor)
{
    const struct participant *participant = &sale->participants[by_index];
    if (participant->status != PARTICIPANT_ACCEPTED) {
        return 0;
    }
    struct purse purse = purse_of(sale, participant, now);
    int64_t most = purse_bid_max(&purse);
    if (lot_is_running(now) && now->leader_index == by_index) {
        most = larger(most, still_held(&purse, now));
    }
    return smaller(amount_minor, most);
}

static int64_t affordable(const struct weighing *weighing, int64_t by_index, int64_t max_minor)
{
    return standing_affordable(weighing->sale, weighing->known, by_index, max_minor);
}

static void claim_add(struct weighing *weighing, struct claim claim)
{
    const struct claim *best = &weighing->best;
    bool wins = claim.worth_minor > best->worth_minor ||
                (claim.worth_minor == best->worth_minor && claim.order_no < best->order_no);
    int64_t loser_minor = wins ? best->worth_minor : claim.worth_minor;
    weighing->second_minor = larger(weighing->second_minor, loser_minor);
    if (wins) {
        weighing->best = claim;
    }
}

// Maxima of all but the leader and the one who makes the offer.
static void claims_add(struct weighing *weighing, int64_t offerer_index)
{
    const struct lot *lot = weighing->lot;
    for (size_t i = 0; i < lot->standings_count; i++) {
        const struct standing *standing = &lot->standings[i];
        if (standing->max_minor < lot->opening_minor ||
            standing->max_minor < weighing->second_minor ||
            standing->by_index == lot->leader_index || standing->by_index == offerer_index) {
            continue;
        }
        int64_t worth = affordable(weighing, standing->by_index, standing->max_minor);
        if (worth >= lot->opening_minor) {
            claim_add(weighing, (struct claim){.by_index = standing->by_index,
                                               .worth_minor = worth,
                                               .order_no = standing->order_no});
        }
    }
}

// What the offer is worth: of a plain bid also the bidder's own maximum, of its time.
static struct claim offer_claim(const struct weighing *weighing, const struct offer *offer)
{
    struct claim claim = {
        .by_index = offer->by_index, .worth_minor = offer->amount_minor, .order_no = INT64_MAX};
    if (weighing->lot->leader_index == offer->by_index) {
        claim.order_no = 0;
    }
    const struct standing *own =
        offer->is_maximum ? NULL : standing_find(weighing->lot, offer->by_index);
    if (own != NULL) {
        int64_t worth = affordable(weighing, offer->by_index, own->max_minor);
        if (worth >= claim.worth_minor) {
            claim.worth_minor = worth;
            claim.order_no = own->order_no;
        }
    }
    return claim;
}

static void leader_claim_add(struct weighing *weighing)
{
    const struct lot *lot = weighing->lot;
    const struct standing *own = standing_find(lot, lot->leader_index);
    int64_t worth = own == NULL ? 0 : affordable(weighing, lot->leader_index, own->max_minor);
    claim_add(weighing, (struct claim){.by_index = lot->leader_index,
                                       .worth_minor = larger(lot->price_minor, worth)});
}

static struct bid_result weigh(struct weighing *weighing, const struct offer *offer)
{
    const struct lot *lot = weighing->lot;
    int64_t offerer_index = offer == NULL ? -1 : offer->by_index;
    if (lot->leader_index < 0) {
        weighing->second_minor = lot->price_minor; // the house's, or none
    } else if (lot->leader_index != offerer_index) {
        leader_claim_add(weighing);
    }
    if (offer != NULL) {
        claim_add(weighing, offer_claim(weighing, offer));
    }
    claims_add(weighing, offerer_index);
    const struct claim *best = &weighing->best;
    if (best->by_index < 0) {
        return (struct bid_result){.leader_index = -1, .price_minor = lot->price_minor};
    }
    // Never his own: where another leads, that one's price is no lower than it.
    int64_t second = larger(weighing->second_minor, lot->second_minor);
    int64_t price = standing_price(weighing->sale, lot, best->worth_minor, second);
    bool is_plain = offer != NULL && !offer->is_maximum && best->by_index == offerer_index;
    if (is_plain && second < offer->amount_minor) {
        price = offer->amount_minor; // a plain bid is a bid at exactly that price
    }
    if (offer != NULL && lot->leader_index != best->by_index) {
        price = larger(price, smaller(best->worth_minor, lot->asked_minor)); // rules 4, live
    }
    price = larger(price, lot->price_minor);
    return (struct bid_result){.leader_index = best->by_index,
                               .price_minor = price,
                               .held_minor = larger(price, best->worth_minor)};
}

struct bid_result standing_after(const struct sale *sale, const struct lot *lot,
                                 const struct offer *offer)
{
    struct weighing weighing = {
        .sale = sale, .lot = lot, .known = lot, .best = {.by_index = -1, .order_no = INT64_MAX}};
    return weigh(&weighing, offer);
}

struct bid_result standing_revived(const struct sale *sale, const struct lot *lot,
                                   const struct lot *now)
{
    struct weighing weighing = {
        .sale = sale, .lot = lot, .known = now, .best = {.by_index = -1, .order_no = INT64_MAX}};
    return weigh(&weighing, NULL);
}

int64_t house_bid(const struct sale *sale, const struct lot *lot, const struct bid_result *result)
{
    const struct lot_rules *rules = sale_lot_rules(sale, lot);
    if (rules->reserve_mode != RESERVE_HOUSE || lot->reserve_minor == 0 ||
        result->leader_index < 0) {
        return 0;
    }
    int64_t next = increment_next(&rules->increments, result->price_minor);
    return next < lot->reserve_minor ? next : 0;
}
