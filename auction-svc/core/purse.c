#include "auction-svc/core/purse.h"

// Own members of a participant stand before the sale's.
static int64_t own_or(int64_t own, bool has_roster, int64_t of_sale)
{
    if (own > 0) {
        return own;
    }
    return has_roster ? of_sale : 0;
}

static void reserve(struct purse *purse)
{
    int64_t after = purse->slots_open > 0 ? purse->slots_open - 1 : 0;
    bool is_beyond = after > 0 && purse->minimum_minor > SPENT_MINOR_MAX / after; // own slots
    purse->reserved_minor = is_beyond ? SPENT_MINOR_MAX : purse->minimum_minor * after;
}

struct purse purse_without(const struct sale *sale, const struct participant *participant,
                           const struct held *held)
{
    const struct roster_rules *rules = &sale->definition.roster;
    int64_t committed = participant->spent_minor + participant->held_minor - held->held_minor;
    int64_t budget = own_or(participant->budget_minor, rules->enabled, rules->budget_minor);
    int64_t slots = own_or(participant->slots, rules->enabled, rules->slots);
    int64_t taken = participant->slots_taken + participant->slots_held - held->places;
    struct purse purse = {
        .has_budget = budget > 0,
        .has_roster = slots > 0,
        .has_limit = participant->limit_minor > 0,
        .left_minor = budget - committed,
        .slots_open = taken < slots ? slots - taken : 0,
        .minimum_minor = rules->enabled ? rules->minimum_minor : 0,
        .limit_left_minor = participant->limit_minor - committed,
    };
    reserve(&purse);
    return purse;
}

struct purse purse_of(const struct sale *sale, const struct participant *participant,
                      const struct lot *except)
{
    if (except == NULL) {
        const struct held nothing = {0};
        return purse_without(sale, participant, &nothing);
    }
    struct held held = lot_held_by(sale, except, participant - sale->participants);
    struct purse purse = purse_without(sale, participant, &held);
    int64_t cap = sale_category_cap(sale, except);
    purse.category_full = cap >= 0 && participant->category_taken[cap] - held.places >=
                                          sale->definition.category_caps[cap].most;
    return purse;
}

void purse_spend(struct purse *purse, const struct sale *sale, int64_t cost_minor)
{
    (void)sale;
    purse->left_minor -= cost_minor;
    purse->limit_left_minor -= cost_minor;
    purse->slots_open -= purse->slots_open > 0;
    reserve(purse);
}

enum error_code purse_check(const struct purse *purse, int64_t amount_minor)
{
    if (purse->has_budget && amount_minor > purse->left_minor) {
        return ERROR_INSUFFICIENT_BUDGET;
    }
    if (purse->has_budget && amount_minor > purse->left_minor - purse->reserved_minor) {
        return ERROR_RESERVE_FOR_ROSTER;
    }
    if (purse->has_roster && purse->slots_open == 0) {
        return ERROR_ROSTER_FULL;
    }
    if (purse->category_full) {
        return ERROR_CATEGORY_FULL;
    }
    return purse->has_limit && amount_minor > purse->limit_left_minor ? ERROR_LIMIT_EXCEEDED
                                                                      : ERROR_NONE;
}

int64_t purse_bid_max(const struct purse *purse)
{
    if ((purse->has_roster && purse->slots_open == 0) || purse->category_full) {
        return 0;
    }
    int64_t most = INT64_MAX;
    if (purse->has_budget) {
        most = purse->left_minor - purse->reserved_minor;
    }
    if (purse->has_limit && purse->limit_left_minor < most) {
        most = purse->limit_left_minor;
    }
    return most > 0 ? most : 0;
}
