#include "auditor_books.h"

int64_t money_budget(const struct auditor *auditor, int participant)
{
    int64_t own = auditor->participants[participant].budget;
    return own > 0 ? own : auditor->rules.roster.budget_minor;
}

int64_t money_slots(const struct auditor *auditor, int participant)
{
    int64_t own = auditor->participants[participant].slots;
    return own > 0 ? own : auditor->rules.roster.slots;
}

static int category_of(const struct auditor *auditor, const struct audit_lot *lot)
{
    for (size_t i = 0; i < auditor->rules.category_caps_count; i++) {
        if (strcmp(auditor->rules.category_caps[i].category, lot->category) == 0) {
            return (int)i;
        }
    }
    return -1;
}

struct commitment { // on the other open lots
    int64_t held;
    int64_t slots;
    int64_t places; // of one category
};

// What a participant has committed outside of a lot: the leads of open lots with their whole
// maxima, and pieces already taken.
static struct commitment money_committed(const struct auditor *auditor, int participant, int except,
                                         int category, bool sealed_counts)
{
    struct commitment sum = {0};
    for (int i = 0; i < auditor->lots_count; i++) {
        const struct audit_lot *lot = &auditor->lots[i];
        const struct audit_offer *offer = &lot->offers[participant];
        if (!books_runs(lot)) {
            continue;
        }
        bool has_pieces = false;
        for (int k = 0; k < lot->awards_count; k++) {
            if (lot->awards[k].winner == participant) {
                has_pieces = true;
                sum.held += lot->awards[k].price * lot->awards[k].quantity;
            }
        }
        bool is_sealed = books_is_sealed(lot) && offer->max > 0 && sealed_counts;
        bool has_button = offer->entered && !offer->passed;
        bool leads = i != except && (lot->leader == participant || is_sealed || has_button);
        if (i != except && has_pieces && !leads) { // one lot is one place, whatever the pieces
            sum.slots++;
            sum.places += category >= 0 && category_of(auditor, lot) == category;
        }
        if (leads) {
            sum.held += is_sealed    ? offer->max * most_of(offer->quantity, 1)
                        : has_button ? lot->clock_price
                                     : lot->held;
            sum.slots++;
            sum.places += category >= 0 && category_of(auditor, lot) == category;
        }
    }
    return sum;
}

// Rules 3, INSUFFICIENT_BUDGET to LIMIT_EXCEEDED in their order. `lot` -1: any lot without category.
enum error_code money_judge(const struct auditor *auditor, int participant, int lot, int64_t amount,
                            bool sealed_counts)
{
    const struct audit_participant *who = &auditor->participants[participant];
    int category = lot < 0 ? -1 : category_of(auditor, &auditor->lots[lot]);
    struct commitment other = money_committed(auditor, participant, lot, category, sealed_counts);
    int64_t budget = money_budget(auditor, participant);
    int64_t slots = money_slots(auditor, participant);
    int64_t minimum = auditor->rules.roster.minimum_minor;
    int64_t left = budget - who->spent - other.held;
    int64_t slots_left = slots - who->won - other.slots;
    int64_t slots_after = slots > 0 && slots_left > 0 ? slots_left - 1 : 0;
    if (budget > 0 && amount > left) {
        return ERROR_INSUFFICIENT_BUDGET;
    }
    if (budget > 0 && amount > left - minimum * slots_after) { // F19
        return ERROR_RESERVE_FOR_ROSTER;
    }
    if (slots > 0 && slots_left <= 0) {
        return ERROR_ROSTER_FULL;
    }
    if (category >= 0 &&
        who->category_won[category] + other.places >= auditor->rules.category_caps[category].most) {
        return ERROR_CATEGORY_FULL;
    }
    if (who->limit > 0 && amount > who->limit - who->spent - other.held) {
        return ERROR_LIMIT_EXCEEDED;
    }
    return ERROR_NONE;
}

// The most that the rules let him offer on a lot.
int64_t money_most(const struct auditor *auditor, int participant, int lot)
{
    const struct audit_participant *who = &auditor->participants[participant];
    struct commitment other = money_committed(auditor, participant, lot, -1, false);
    int64_t budget = money_budget(auditor, participant);
    int64_t slots = money_slots(auditor, participant);
    int64_t slots_left = slots - who->won - other.slots;
    int64_t most = INT64_MAX;
    if (budget > 0) {
        int64_t slots_after = slots > 0 && slots_left > 0 ? slots_left - 1 : 0;
        most = budget - who->spent - other.held - auditor->rules.roster.minimum_minor * slots_after;
    }
    if (who->limit > 0) {
        most = least_of(most, who->limit - who->spent - other.held);
    }
    if (most <= 0 || money_judge(auditor, participant, lot, 1, false) != ERROR_NONE) {
        return 0;
    }
    return most;
}

int64_t money_held(const struct auditor *auditor, int participant, int64_t *out_led)
{
    struct commitment all = money_committed(auditor, participant, -1, -1, false);
    *out_led = all.slots;
    return all.held;
}

// "The sale completes when every roster is full, nobody can afford the minimum (both need at least
// one accepted participant, and count only if all have a roster or budget)".
bool money_is_over(const struct auditor *auditor, uint64_t *out_reasons)
{
    int64_t least = most_of(auditor->rules.roster.minimum_minor, 1);
    int accepted = 0;
    int full = 0;
    int stuck = 0;
    int unlimited = 0;
    for (int i = 0; i < auditor->participants_count; i++) {
        if (auditor->participants[i].status != PARTICIPANT_ACCEPTED) {
            continue;
        }
        struct commitment held = money_committed(auditor, i, -1, -1, true);
        int64_t slots = money_slots(auditor, i);
        bool is_full = slots > 0 && auditor->participants[i].won + held.slots >= slots;
        accepted++;
        unlimited += slots == 0 && money_budget(auditor, i) == 0;
        full += is_full;
        stuck += is_full || money_judge(auditor, i, -1, least, true) != ERROR_NONE;
    }
    if (accepted == 0 || unlimited > 0 || stuck < accepted) {
        return false;
    }
    *out_reasons = full == accepted ? UINT64_C(1) << COMPLETE_ROSTERS_FULL
                                    : UINT64_C(1) << COMPLETE_NOBODY_CAN_AFFORD;
    return true;
}

// The least that may be offered for a lot; where the reserve is a floor that may be it, or not, and
// a dutch clock begins at its opening but falls to its reserve.
int64_t money_opening(const struct audit_lot *lot, bool floor_counts)
{
    if (lot->rules.format == FORMAT_DUTCH && !floor_counts) {
        return most_of(lot->reserve, 1);
    }
    bool is_floor = lot->rules.reserve_mode == RESERVE_FLOOR && floor_counts;
    return is_floor ? most_of(lot->opening, lot->reserve) : lot->opening;
}

bool money_could_open(const struct auditor *auditor, int lot, bool floor_counts)
{
    int64_t opening = money_opening(&auditor->lots[lot], floor_counts);
    for (int p = 0; p < auditor->participants_count; p++) {
        if (auditor->participants[p].status == PARTICIPANT_ACCEPTED &&
            money_judge(auditor, p, lot, opening, true) == ERROR_NONE) {
            return true;
        }
    }
    return false;
}

// Sign -1: a refund.
void money_spend(struct auditor *auditor, int participant, int lot, int64_t amount, int64_t sign)
{
    struct audit_participant *who = &auditor->participants[participant];
    int category = category_of(auditor, &auditor->lots[lot]);
    who->spent += sign * amount;
    who->won += sign;
    if (category >= 0) {
        who->category_won[category] += sign;
    }
}

static void check_purse(struct auditor *auditor, int i)
{
    const struct audit_participant *ours = &auditor->participants[i];
    struct commitment held = money_committed(auditor, i, -1, -1, false);
    int64_t budget = money_budget(auditor, i);
    int64_t slots = money_slots(auditor, i);
    int64_t open_slots = slots > 0 ? slots - ours->won - held.slots : 0;
    if (ours->was_cut) {
        return;
    }
    must(auditor, open_slots >= 0, "a roster is never overfilled");
    // the minimum for open slots is asked at each bid; one that lies below it frees less later
    if (budget > 0 && budget - ours->spent - held.held < 0) {
        must_equal(auditor, ours->spent + held.held, budget, i,
                   "a budget is never overdrawn, whole maxima counted");
    }
    must(auditor, ours->limit == 0 || ours->spent + held.held <= ours->limit,
         "a spending limit is never overdrawn");
    for (size_t c = 0; c < auditor->rules.category_caps_count; c++) {
        struct commitment places = money_committed(auditor, i, -1, (int)c, false);
        must(auditor, ours->category_won[c] + places.places <= auditor->rules.category_caps[c].most,
             "a category is never overfilled");
    }
}

// What everybody sees of a purse, and that it is never overdrawn.
void money_check(struct auditor *auditor, const struct sale *sale)
{
    must(auditor, sale->participants_count == (size_t)auditor->participants_count,
         "the number of participants");
    for (int i = 0; i < auditor->participants_count && auditor->fault[0] == 0; i++) {
        const struct audit_participant *ours = &auditor->participants[i];
        const struct participant *shown = &sale->participants[i];
        int64_t prices = 0;
        int64_t led = 0;
        int64_t held = 0;
        bool is_plain = true; // sealed bids and pieces taken: the rules leave open where they stand
        for (int l = 0; l < auditor->lots_count; l++) {
            const struct audit_lot *lot = &auditor->lots[l];
            bool leads = books_runs(lot) && lot->leader == i;
            led += leads;
            prices += leads ? lot->price : 0;
            held += leads ? lot->held : 0;
            is_plain = is_plain && !(books_runs(lot) && !books_is_ascending(lot));
        }
        must(auditor, shown->status == ours->status, "the status of a participant");
        if (is_plain) {
            must_equal(auditor, shown->spent_minor, ours->spent, i, "spent is the sum of lots won");
            must_equal(auditor, shown->slots_taken, ours->won, i, "slots taken are lots won");
            must_equal(auditor, shown->held_minor, held, i,
                       "held is the sum of the lots led, whole maxima included");
            must_equal(auditor, shown->slots_held, led, i, "slots held are lots led");
            must_equal(auditor, shown->shown_minor, prices, i, "shown is the sum of prices led");
        }
        check_purse(auditor, i);
    }
}
