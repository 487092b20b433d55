#include "auction-svc/core/purse.h"

struct purse purse_without(const struct sale *sale, const struct participant *participant,
                           const struct held *held)
{
    const struct roster_rules *rules = &sale->definition.roster;
    if (!rules->enabled) {
        return (struct purse){0};
    }
    int64_t slots = participant->slots_taken + participant->slots_held - held->places;
    struct purse purse = {
        .has_budget = true,
        .has_roster = rules->slots > 0,
        .left_minor = rules->budget_minor - participant->spent_minor - participant->held_minor +
                      held->held_minor,
    };
    if (purse.has_roster && slots < rules->slots) {
        purse.slots_open = rules->slots - slots;
        // no overflow: a definition is refused whose minimum x slots exceeds its budget
        purse.reserved_minor = rules->minimum_minor * (purse.slots_open - 1);
    }
    return purse;
}

struct purse purse_of(const struct sale *sale, const struct participant *participant,
                      const struct lot *except)
{
    struct held held = {0};
    if (except != NULL) {
        held = lot_held_by(sale, except, participant - sale->participants);
    }
    return purse_without(sale, participant, &held);
}

void purse_spend(struct purse *purse, const struct sale *sale, int64_t cost_minor)
{
    if (!purse->has_budget) {
        return;
    }
    purse->left_minor -= cost_minor;
    if (purse->slots_open > 0) {
        purse->slots_open--;
        purse->reserved_minor =
            purse->slots_open > 0 ? sale->definition.roster.minimum_minor * (purse->slots_open - 1)
                                  : 0;
    }
}

enum error_code purse_check(const struct purse *purse, int64_t amount_minor)
{
    if (!purse->has_budget) {
        return ERROR_NONE;
    }
    if (amount_minor > purse->left_minor) {
        return ERROR_INSUFFICIENT_BUDGET;
    }
    if (amount_minor > purse->left_minor - purse->reserved_minor) {
        return ERROR_RESERVE_FOR_ROSTER;
    }
    return purse->has_roster && purse->slots_open == 0 ? ERROR_ROSTER_FULL : ERROR_NONE;
}

int64_t purse_bid_max(const struct purse *purse)
{
    if (!purse->has_budget) {
        return INT64_MAX;
    }
    if (purse->has_roster && purse->slots_open == 0) {
        return 0;
    }
    int64_t most = purse->left_minor - purse->reserved_minor;
    return most > 0 ? most : 0;
}
