#include <stdlib.h>

#include "auction-svc/core/apply.h"
#include "auction-svc/core/format.h"
#include "auction-svc/core/held.h"

static void spend(struct participant *participant, int64_t cost_minor)
{
    participant->spent_minor = participant->spent_minor > SPENT_MINOR_MAX - cost_minor
                                   ? SPENT_MINOR_MAX
                                   : participant->spent_minor + cost_minor;
}

// A button holds the price of the clock, as a leader does: its money is not free elsewhere.
static void button_hold(struct sale *sale, const struct lot *lot, int64_t by_index,
                        int64_t price_minor, int64_t places)
{
    struct participant *participant = &sale->participants[by_index];
    participant->held_minor += price_minor;
    participant->shown_minor += price_minor;
    participant->slots_held += places;
    category_count(sale, lot, by_index, places);
}

static bool holds_button(const struct standing *standing)
{
    return standing->has_entered && !standing->has_passed;
}

void button_take(struct sale *sale, struct lot *lot, struct standing *standing)
{
    standing->has_entered = true;
    button_hold(sale, lot, standing->by_index, lot->clock_price_minor, 1);
}

void button_release(struct sale *sale, struct lot *lot, struct standing *standing)
{
    if (holds_button(standing)) {
        button_hold(sale, lot, standing->by_index, -lot->clock_price_minor, -1);
    }
    standing->has_passed = true;
}

void lot_free(struct sale *sale, struct lot *lot)
{
    lot_hold(sale, lot, -1, lot->price_minor, 0);
    for (size_t i = 0; i < lot->standings_count; i++) {
        struct standing *standing = &lot->standings[i];
        if (holds_button(standing)) {
            button_hold(sale, lot, standing->by_index, -lot->clock_price_minor, -1);
        }
        standing->has_entered = false;
    }
}

void lot_spend(struct sale *sale, struct lot *lot, int64_t winner_index, int64_t price_minor,
               int64_t quantity)
{
    lot_free(sale, lot);
    lot->price_minor = price_minor;
    lot->leader_index = winner_index;
    if (winner_index >= 0 && lot->awards_count == 0) {
        struct participant *winner = &sale->participants[winner_index];
        winner->slots_taken++;
        category_count(sale, lot, winner_index, 1);
        spend(winner, pieces_cost(price_minor, quantity));
    }
}

void lot_refund(struct sale *sale, struct lot *lot)
{
    if (lot->awards_count == 0) {
        struct participant *winner = &sale->participants[lot->leader_index];
        winner->slots_taken--;
        category_count(sale, lot, lot->leader_index, -1);
        winner->spent_minor -= lot->price_minor;
        return;
    }
    for (size_t i = lot->awards_count; i > 0; i--) {
        struct award award = lot->awards[i - 1];
        struct participant *winner =
            &sale->participants[sale_participant_index(sale, &award.winner)];
        winner->spent_minor -= pieces_cost(award.price_minor, award.quantity);
        lot->awards_count--;
        int64_t places = lot_has_award(lot, &award.winner) ? 0 : 1;
        winner->slots_taken -= places;
        category_count(sale, lot, winner - sale->participants, -places);
    }
    free(lot->awards);
    lot->awards = NULL;
    lot->quantity_left = lot->quantity;
}

static bool award_is_possible(const struct sale *sale, const struct award *award)
{
    return sale_participant_index(sale, &award->winner) >= 0 && is_amount(award->price_minor) &&
           award->quantity >= 1;
}

// Who has pieces of the lot already, for each participant; NULL without memory.
static bool *places_by_participant(const struct sale *sale, const struct lot *lot)
{
    bool *have_place = calloc(sale->participants_count, sizeof *have_place);
    for (size_t i = 0; have_place != NULL && i < lot->awards_count; i++) {
        have_place[sale_participant_index(sale, &lot->awards[i].winner)] = true;
    }
    return have_place;
}

static void award_spend(struct sale *sale, const struct lot *lot, int64_t winner_index,
                        const struct award *award, bool takes_place)
{
    struct participant *winner = &sale->participants[winner_index];
    spend(winner, pieces_cost(award->price_minor, award->quantity));
    if (takes_place) {
        winner->slots_taken++;
        category_count(sale, lot, winner_index, 1);
    }
}

// rules 1: one lot is one place of the roster, however many pieces of it somebody takes.
enum lc_status apply_lot_awarded(struct sale *sale, const struct sale_event *event)
{
    struct lot *lot = running_lot(sale, event->as.lot_awarded.lot_index);
    const struct award *awards = event->as.lot_awarded.awards;
    size_t count = event->as.lot_awarded.count;
    int64_t quantity = 0;
    if (lot == NULL || count == 0 || count > LOT_QUANTITY_MAX) {
        return LC_ERR_CORRUPT;
    }
    for (size_t i = 0; i < count; i++) {
        if (!award_is_possible(sale, &awards[i]) ||
            awards[i].quantity > lot->quantity_left - quantity) {
            return LC_ERR_CORRUPT;
        }
        quantity += awards[i].quantity;
    }
    struct award *all = realloc(lot->awards, (lot->awards_count + count) * sizeof *all);
    if (all == NULL) {
        return LC_ERR_NO_MEMORY;
    }
    lot->awards = all;
    bool *have_place = places_by_participant(sale, lot);
    if (have_place == NULL) {
        return LC_ERR_NO_MEMORY;
    }
    for (size_t i = 0; i < count; i++) {
        int64_t winner_index = sale_participant_index(sale, &awards[i].winner);
        award_spend(sale, lot, winner_index, &awards[i], !have_place[winner_index]);
        have_place[winner_index] = true;
        all[lot->awards_count++] = awards[i];
    }
    free(have_place);
    lot->quantity_left -= quantity;
    return LC_OK;
}

void lot_clock_begin(const struct sale *sale, struct lot *lot, int64_t at_ms)
{
    const struct lot_rules *rules = sale_lot_rules(sale, lot);
    if (!lot_format_of(sale, lot)->is_timed) {
        return;
    }
    lot->clock_price_minor = lot->opening_minor;
    lot->clock_from_ms = at_ms;
    if (rules->format == FORMAT_JAPANESE) { // rules 4: first one may enter
        lot->clock_from_ms += lot->duration_ms > 0 ? lot->duration_ms : rules->duration_ms;
    }
}

enum lc_status apply_clock_restarted(struct sale *sale, const struct sale_event *event)
{
    struct lot *lot = running_lot(sale, event->as.clock_restarted.lot_index);
    if (lot == NULL || !lot_format_of(sale, lot)->is_timed ||
        !is_amount(event->as.clock_restarted.price_minor) ||
        !is_time(event->as.clock_restarted.from_ms) ||
        event->as.clock_restarted.quantity_left != lot->quantity_left) {
        return LC_ERR_CORRUPT;
    }
    int64_t rise_minor = event->as.clock_restarted.price_minor - lot->clock_price_minor;
    for (size_t i = 0; i < lot->standings_count; i++) {
        if (holds_button(&lot->standings[i])) {
            button_hold(sale, lot, lot->standings[i].by_index, rise_minor, 0);
            lot->price_minor = event->as.clock_restarted.price_minor;
        }
    }
    lot->clock_price_minor = event->as.clock_restarted.price_minor;
    lot->clock_from_ms = event->as.clock_restarted.from_ms;
    return LC_OK;
}

// Readers check the seed against the commitment; the sale itself has known it all along.
enum lc_status apply_seed_revealed(struct sale *sale, const struct sale_event *event)
{
    int64_t lot_index = event->as.seed_revealed.lot_index;
    return lot_index == -1 || is_index(lot_index, sale->lots_count) ? LC_OK : LC_ERR_CORRUPT;
}
