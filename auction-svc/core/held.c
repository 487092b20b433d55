#include "auction-svc/core/held.h"

int64_t pieces_cost(int64_t price_minor, int64_t quantity)
{
    if (quantity <= 1) {
        return price_minor;
    }
    if (price_minor > SPENT_MINOR_MAX / quantity) {
        return SPENT_MINOR_MAX;
    }
    return price_minor * quantity;
}

bool lot_has_award(const struct lot *lot, const struct participant_id *id)
{
    for (size_t i = 0; i < lot->awards_count; i++) {
        if (strcmp(lot->awards[i].winner.text, id->text) == 0) {
            return true;
        }
    }
    return false;
}

static bool has_button(const struct lot *lot, int64_t participant_index)
{
    for (size_t i = 0; i < lot->standings_count; i++) {
        if (lot->standings[i].by_index == participant_index) {
            return lot->standings[i].has_entered && !lot->standings[i].has_passed;
        }
    }
    return false;
}

struct held lot_held_by(const struct sale *sale, const struct lot *lot, int64_t participant_index)
{
    if (!lot_is_running(lot)) {
        return (struct held){0};
    }
    if (lot->leader_index == participant_index) {
        return (struct held){.held_minor = lot->held_minor, .places = 1};
    }
    if (lot->clock_price_minor == 0) { // the price follows the bids: only a leader holds anything
        return (struct held){0};
    }
    if (has_button(lot, participant_index)) {
        return (struct held){.held_minor = lot->clock_price_minor, .places = 1};
    }
    return (struct held){.places = lot_has_award(lot, &sale->participants[participant_index].id)};
}
