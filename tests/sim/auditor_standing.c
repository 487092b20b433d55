// Rules 3, Maximum (proxy) bids and Reserve: where price and leader must stand after an offer.
#include "auditor_books.h"

struct rival { // the best of the others
    int by;    // -1: nobody or the house
    int64_t amount;
    int64_t order;
    int64_t second; // the next best, of anybody but `except`
    bool loose;     // somebody can't afford his maximum, or may not bid any more
};

// What somebody stands for: his maximum, and his plain bid where that leads. "When it would lead,
// it is first cut to what is affordable, or skipped": both are allowed, so the result is loose.
static int64_t strength(const struct auditor *auditor, int index, int by, bool *out_loose)
{
    const struct audit_lot *lot = &auditor->lots[index];
    const struct audit_participant *who = &auditor->participants[by];
    int64_t max = lot->offers[by].max;
    if (max > 0 && (lot->leader != by || who->was_cut)) {
        int64_t most = money_most(auditor, by, index);
        if (most < max || who->status != PARTICIPANT_ACCEPTED) {
            *out_loose = true;
            max = least_of(max, most);
        }
    }
    if (lot->offers[by].passed && by != lot->leader) {
        *out_loose = *out_loose || max > 0 || lot->offers[by].plain > 0; // who passed still counts?
    }
    if (lot->leader == by) {
        if (who->status != PARTICIPANT_ACCEPTED) {
            *out_loose = true;
        }
        if (max > lot->held) {
            *out_loose = true; // it was cut when he came to lead
        }
        max = most_of(max, lot->price);
    }
    return max;
}

static struct rival best_rival(const struct auditor *auditor, int index, int except)
{
    const struct audit_lot *lot = &auditor->lots[index];
    struct rival best = {.by = AUDIT_NOBODY};
    for (int p = 0; p < auditor->participants_count; p++) {
        int64_t amount = p == except ? 0 : strength(auditor, index, p, &best.loose);
        if (p != except && lot->price > 0) { // a plain bid is an offer at exactly its price
            amount = most_of(amount, lot->offers[p].plain);
        }
        int64_t order = lot->offers[p].order;
        if (amount <= 0) {
            continue;
        }
        bool wins_tie = p == lot->leader || (best.by != lot->leader && order < best.order);
        if (amount > best.amount || (amount == best.amount && wins_tie)) {
            best.second = most_of(best.second, best.amount);
            best.by = p;
            best.amount = amount;
            best.order = order;
        } else {
            best.second = most_of(best.second, amount);
        }
    }
    if (lot->house && lot->price > best.amount) {
        best.second = most_of(best.second, best.amount);
        best.by = AUDIT_NOBODY;
        best.amount = lot->price;
    }
    return best;
}

// Where the leader's maximum meets the reserve. `limit` is what he would pay; 0: a plain bid.
static void reserve_effect(const struct audit_lot *lot, int64_t limit, struct audit_result *result)
{
    int64_t reserve = lot->reserve;
    if (reserve == 0 || limit == 0) {
        return;
    }
    switch (lot->rules.reserve_mode) {
    case RESERVE_JUMP:
        if (limit >= reserve) {
            result->price_least = most_of(result->price_least, reserve);
        } else {
            result->price_least = limit; // the whole maximum shows
        }
        result->price_most = most_of(result->price_least, result->price_most);
        break;
    case RESERVE_STRAIGHT_UNTIL_MET:
        if (limit >= reserve && lot->price < reserve) { // the whole, or the table's: both are said
            result->price_most = limit;
        } else if (limit < reserve) {
            result->price_least = limit;
            result->price_most = limit;
        }
        break;
    case RESERVE_FLOOR: // nothing below was ever taken: the price of one bidder is open
        result->price_most = most_of(result->price_most, least_of(limit, reserve));
        break;
    case RESERVE_SECOND_PRICE:
    case RESERVE_HOUSE:
        break;
    }
}

// "The house bids up to it": it may answer, and it may lead, as long as the reserve is not met.
static void house_effect(const struct audit_lot *lot, int64_t limit, struct audit_result *result)
{
    if (lot->rules.reserve_mode != RESERVE_HOUSE || result->price_least >= lot->reserve) {
        return;
    }
    if (limit < lot->reserve) {
        result->other = AUDIT_NOBODY;
    }
    result->price_most = most_of(result->price_most, lot->reserve);
}

static const char *const reserve_names[] = {"jump", "second", "house", "straight", "floor"};

// What a report tells of a result.
void standing_tell(const struct auditor *auditor, int index, char *out, size_t size)
{
    const struct audit_lot *lot = &auditor->lots[index];
    const struct audit_result *result = &auditor->result;
    snprintf(out, size, "%lld to %lld by %d or %d; before %lld by %d; reserve %lld %s, ask %lld",
             (long long)result->price_least, (long long)result->price_most, result->leader,
             result->other, (long long)lot->price, lot->leader, (long long)lot->reserve,
             reserve_names[lot->rules.reserve_mode], (long long)ladder_ask(lot));
}

static void finish(const struct audit_lot *lot, struct audit_result *result)
{
    result->moves = result->price_least != lot->price || result->price_most != lot->price ||
                    result->leader != lot->leader;
    result->may_move = result->price_least == lot->price &&
                       (result->leader == lot->leader || result->other == lot->leader);
    if (result->other != AUDIT_NONE) {
        result->moves = true;
    }
}

struct audit_result standing_after_bid(const struct auditor *auditor, int index, int by,
                                       int64_t amount)
{
    const struct audit_lot *lot = &auditor->lots[index];
    struct rival rival = best_rival(auditor, index, by);
    struct audit_result result = {.leader = by, .other = AUDIT_NONE, .loose = rival.loose};
    int64_t limit = 0;
    // his own maximum above his bid, once skipped or absent: whether it goes on is open
    result.loose = result.loose || lot->offers[by].max >= amount;
    result.price_least = amount;
    if (rival.amount >= amount && rival.by >= 0) {
        int64_t best = most_of(amount, rival.second);
        limit = rival.amount;
        result.leader = rival.by;
        result.price_least = least_of(limit, ladder_raise(&lot->rules.increments, best));
    }
    result.price_most = result.price_least;
    reserve_effect(lot, limit, &result);
    house_effect(lot, limit > 0 ? limit : amount, &result);
    finish(lot, &result);
    return result;
}

static void lead_over(const struct audit_lot *lot, int64_t limit, int64_t against,
                      struct audit_result *result)
{
    int64_t price = lot->opening;
    if (against > 0) {
        price = least_of(limit, ladder_raise(&lot->rules.increments, against));
    }
    result->price_least = most_of(price, lot->price);
    result->price_most = result->price_least;
    if (lot->asked > 0) { // the auctioneer asks for more than the table
        result->price_most = most_of(result->price_most, least_of(limit, lot->asked));
    }
    reserve_effect(lot, limit, result);
    house_effect(lot, limit, result);
}

struct audit_result standing_after_max(const struct auditor *auditor, int index, int by,
                                       int64_t max)
{
    const struct audit_lot *lot = &auditor->lots[index];
    struct rival rival = best_rival(auditor, index, by);
    struct audit_result result = {.leader = by, .other = AUDIT_NONE, .loose = rival.loose};
    // who leads without the highest maximum (a lot opened again behind a match) keeps only a tie
    bool keeps = lot->leader == by && max >= rival.amount;
    if (keeps || max > rival.amount || rival.by < 0) {
        lead_over(lot, max, rival.amount, &result);
    } else {
        result.leader = rival.by;
        lead_over(lot, rival.amount, most_of(max, rival.second), &result);
    }
    finish(lot, &result);
    return result;
}

// The maxima that were there before the lot started.
struct audit_result standing_at_start(const struct auditor *auditor, int index)
{
    const struct audit_lot *lot = &auditor->lots[index];
    struct rival rival = best_rival(auditor, index, AUDIT_NONE);
    struct audit_result result = {.leader = rival.by, .other = AUDIT_NONE, .loose = rival.loose};
    if (rival.by < 0) {
        return result;
    }
    lead_over(lot, rival.amount, rival.second, &result);
    finish(lot, &result);
    return result;
}

// A leader holds his whole maximum, without one the price; cut to what he can afford.
void standing_check_held(struct auditor *auditor, int index, int64_t held)
{
    const struct audit_lot *lot = &auditor->lots[index];
    if (lot->leader < 0) {
        must(auditor, held == 0, "the house holds nothing");
        return;
    }
    int64_t whole = most_of(lot->price, lot->offers[lot->leader].max);
    int64_t most = money_most(auditor, lot->leader, index);
    bool is_cut = auditor->participants[lot->leader].was_cut;
    bool fits = held >= lot->price && held <= whole;
    if (!is_cut && whole <= most) {
        fits = held == whole;
    } else if (!is_cut) {
        // what he has held already stays his when a slot comes open elsewhere
        fits = fits && (held == most_of(lot->price, most) || held == lot->held);
    }
    if (!fits) {
        must_equal(auditor, held, least_of(whole, most_of(most, lot->price)), lot->leader,
                   "a leader holds his whole maximum, or what he can afford of it");
    }
}
