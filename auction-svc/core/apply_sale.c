#include "auction-svc/core/apply.h"
#include "auction-svc/core/history.h"
#include "auction-svc/core/lot_order.h"
#include "auction-svc/core/parallel.h"
#include "auction-svc/core/wakes.h"

// A fact that opens all lots names no next one.
static bool beginning_is_possible(const struct sale *sale, int64_t next_index, int64_t starts_at_ms,
                                  int64_t first_ends_at_ms)
{
    if (first_ends_at_ms == 0) {
        return gap_is_possible(sale, next_index, starts_at_ms);
    }
    return next_index == -1 && parallel_is_possible(sale, first_ends_at_ms);
}

static bool is_pending(const struct sale *sale, const struct lot *lot)
{
    (void)sale;
    return lot->phase == LOT_PENDING;
}

enum lc_status apply_sale_started(struct sale *sale, const struct sale_event *event)
{
    int64_t next_index = event->as.sale_started.next_lot_index;
    int64_t starts_at_ms = event->as.sale_started.next_starts_at_ms;
    int64_t first_ends_at_ms = event->as.sale_started.first_ends_at_ms;
    if (sale->phase != SALE_LOBBY ||
        !beginning_is_possible(sale, next_index, starts_at_ms, first_ends_at_ms)) {
        return LC_ERR_CORRUPT;
    }
    if (first_ends_at_ms > 0) {
        struct parallel_plan plan = {0};
        enum lc_status status = parallel_plan_make(sale, 0, is_pending, &plan);
        if (status != LC_OK) {
            return status;
        }
        parallel_open(sale, &plan, event->at_ms, first_ends_at_ms);
    } else {
        gap_begin(sale, next_index, starts_at_ms);
    }
    sale->phase = SALE_LIVE;
    sale->clock_ends_at_ms = 0;
    sale->gavel_seen_at_ms = event->at_ms;
    return LC_OK;
}

// Is the lot offered again? In an accelerated round only when somebody named it.
static bool comes_again(const struct sale *sale, const struct lot *lot)
{
    return lot->phase == LOT_UNSOLD && (sale->clock != CLOCK_NAMES || lot->named_count > 0);
}

enum lc_status apply_round_started(struct sale *sale, const struct sale_event *event)
{
    int64_t next_index = event->as.round_started.next_lot_index;
    int64_t starts_at_ms = event->as.round_started.next_starts_at_ms;
    int64_t first_ends_at_ms = event->as.round_started.first_ends_at_ms;
    int64_t round = event->as.round_started.round;
    if (sale->phase != SALE_LIVE || sale->wakes_count > 0 || round < 1 ||
        round > UNSOLD_ROUNDS_MAX ||
        !beginning_is_possible(sale, next_index, starts_at_ms, first_ends_at_ms)) {
        return LC_ERR_CORRUPT;
    }
    struct parallel_plan plan = {0};
    if (first_ends_at_ms > 0 && parallel_plan_make(sale, round, comes_again, &plan) != LC_OK) {
        return LC_ERR_NO_MEMORY;
    }
    sale->round = round;
    for (size_t i = 0; i < sale->lots_count; i++) {
        if (comes_again(sale, &sale->lots[i])) {
            lot_renew(&sale->lots[i], sale->round);
            sale->unsold_count--;
        }
    }
    gap_begin(sale, next_index, starts_at_ms);
    names_forget(sale);
    if (first_ends_at_ms > 0) {
        parallel_open(sale, &plan, event->at_ms, first_ends_at_ms);
    }
    return LC_OK;
}

enum lc_status apply_sale_paused(struct sale *sale, const struct sale_event *event)
{
    if (sale->phase != SALE_LIVE || !is_time(event->as.sale_paused.remaining_ms)) {
        return LC_ERR_CORRUPT;
    }
    sale->phase = SALE_PAUSED;
    sale->paused_remaining_ms = event->as.sale_paused.remaining_ms;
    sale->paused_at_ms = event->at_ms;
    return LC_OK;
}

static void shift(int64_t *time_ms, int64_t shift_ms)
{
    *time_ms += *time_ms > 0 ? shift_ms : 0; // 0: no such time
}

static void lot_shift(struct lot *lot, int64_t shift_ms)
{
    shift(&lot->reopenable_until_ms, shift_ms);
    if (!lot_is_running(lot) && lot->phase != LOT_PENDING) {
        return;
    }
    // A closing lot has had its end: a bid stamped while the clocks stood came after it.
    if (lot->phase == LOT_OPEN || lot->phase == LOT_PENDING) {
        shift(&lot->ends_at_ms, shift_ms);
        shift(&lot->first_ends_at_ms, shift_ms);
        shift(&lot->draws_at_ms, shift_ms);
        shift(&lot->warn_after_ms, shift_ms);
    }
    shift(&lot->deadline_ms, shift_ms);
    shift(&lot->clock_from_ms, shift_ms);
}

// How far all clocks move: ledgers of the first version name only the new end of the one that ran.
static int64_t shift_of(const struct sale *sale, const struct sale_event *event)
{
    int64_t before_ms = sale_clock_ends_at_ms(sale);
    if (event->as.sale_resumed.shift_ms != 0 || event->as.sale_resumed.ends_at_ms == 0 ||
        before_ms == INT64_MAX) {
        return event->as.sale_resumed.shift_ms;
    }
    return event->as.sale_resumed.ends_at_ms - before_ms;
}

static bool shift_is_possible(const struct sale *sale, int64_t shift_ms)
{
    if (!is_time(shift_ms)) {
        return false;
    }
    for (size_t i = 0; i < sale->lots_count; i++) {
        const struct lot *lot = &sale->lots[i];
        if (lot->ends_at_ms > TIME_MS_MAX - shift_ms || lot->deadline_ms > TIME_MS_MAX - shift_ms ||
            lot->clock_from_ms > TIME_MS_MAX - shift_ms) {
            return false;
        }
    }
    return sale->next_starts_at_ms <= TIME_MS_MAX - shift_ms &&
           sale->clock_ends_at_ms <= TIME_MS_MAX - shift_ms;
}

enum lc_status apply_sale_resumed(struct sale *sale, const struct sale_event *event)
{
    bool runs_or_frozen = sale->phase == SALE_PAUSED || sale->phase == SALE_LIVE;
    if (!runs_or_frozen || sale->clock == CLOCK_NONE ||
        !is_time(event->as.sale_resumed.ends_at_ms) || !is_time(event->as.sale_resumed.gap_ms)) {
        return LC_ERR_CORRUPT;
    }
    int64_t shift_ms = shift_of(sale, event);
    if (!shift_is_possible(sale, shift_ms)) {
        return LC_ERR_CORRUPT;
    }
    sale->phase = SALE_LIVE;
    sale->paused_remaining_ms = 0;
    sale->paused_at_ms = 0;
    sale->gavel_seen_at_ms = event->at_ms;
    shift(&sale->next_starts_at_ms, shift_ms);
    if (sale->definition.rules.flow == FLOW_PARALLEL && sale->next_index >= 0) {
        sale->next_starts_at_ms = event->at_ms; // lots that should be open: they wait for nothing
    }
    shift(&sale->clock_ends_at_ms, shift_ms);
    for (size_t i = 0; i < sale->lots_count; i++) {
        lot_shift(&sale->lots[i], shift_ms);
    }
    return wakes_rebuild(sale); // needs no memory: no lot has come
}

enum lc_status apply_sale_completed(struct sale *sale, const struct sale_event *event)
{
    if (sale->phase != SALE_LIVE || sale->wakes_count > 0) {
        return LC_ERR_CORRUPT;
    }
    for (size_t i = 0; i < sale->lots_count; i++) {
        history_close(&sale->lots[i]);
        if (sale->lots[i].phase == LOT_PENDING) { // rules 3: lots then left are unsold
            sale->lots[i].phase = LOT_UNSOLD;
            sale->unsold_count++;
        }
    }
    sale->phase = SALE_COMPLETE;
    sale->complete_reason = event->as.sale_completed.reason;
    sale->reopen_index = -1;
    gap_begin(sale, -1, 0);
    return LC_OK;
}

static void participant_renew(struct participant *participant)
{
    participant->spent_minor = 0;
    participant->held_minor = 0;
    participant->shown_minor = 0;
    participant->slots_taken = 0;
    participant->slots_held = 0;
    memset(participant->category_taken, 0, sizeof participant->category_taken);
}

enum lc_status apply_sale_reset(struct sale *sale, const struct sale_event *event)
{
    if (sale->phase != SALE_PAUSED && sale->phase != SALE_COMPLETE) {
        return LC_ERR_CORRUPT;
    }
    struct sale_definition definition = sale->definition;
    memcpy(definition.seed, event->as.sale_reset.seed, SEED_SIZE);
    if (sale_definition_has_seed(&definition)) { // ledgers of before keep the one they had
        if (lot_order_set(&definition, sale->lots, sale->lots_count) != LC_OK) {
            return LC_ERR_NO_MEMORY;
        }
        memcpy(sale->definition.seed, definition.seed, SEED_SIZE);
    }
    for (size_t i = 0; i < sale->lots_count; i++) {
        lot_renew(&sale->lots[i], 0);
        history_close(&sale->lots[i]);
    }
    for (size_t i = 0; i < sale->participants_count; i++) {
        participant_renew(&sale->participants[i]);
    }
    sale->phase = SALE_LOBBY;
    sale->lot_index = -1;
    gap_begin(sale, -1, 0);
    names_forget(sale);
    sale->paused_remaining_ms = 0;
    sale->paused_at_ms = 0;
    sale->round = 0;
    sale->nominations = 0;
    sale->reopen_index = -1;
    sale->sold_count = 0;
    sale->unsold_count = 0;
    sale->recent_bids_count = 0;
    sale->complete_reason = COMPLETE_NO_LOTS_LEFT;
    return wakes_rebuild(sale); // needs no memory: no lot runs
}

enum lc_status apply_sale_deleted(struct sale *sale, const struct sale_event *event)
{
    (void)event;
    sale->phase = SALE_GONE;
    gap_begin(sale, -1, 0);
    return LC_OK;
}

enum lc_status apply_notice(struct sale *sale, const struct sale_event *event)
{
    (void)sale;
    (void)event;
    return LC_OK;
}

enum lc_status apply_gavel_taken(struct sale *sale, const struct sale_event *event)
{
    struct bytes console = event->as.gavel_taken.console;
    if (console.size == 0 || console.size > CONSOLE_SIZE_MAX) {
        return LC_ERR_CORRUPT;
    }
    text_copy(console, sale->gavel_console);
    sale->gavel_seen_at_ms = event->at_ms;
    return LC_OK;
}

enum lc_status apply_nomination_started(struct sale *sale, const struct sale_event *event)
{
    int64_t index = sale_participant_index(sale, &event->as.nomination_started.by);
    if (sale->phase != SALE_LIVE || sale->wakes_count > 0 || index < 0 ||
        !is_time(event->as.nomination_started.ends_at_ms) ||
        !is_time(event->as.nomination_started.turn)) { // it counts no time, but as far
        return LC_ERR_CORRUPT;
    }
    gap_begin(sale, -1, 0);
    sale->clock = CLOCK_NOMINATION;
    sale->clock_ends_at_ms = event->as.nomination_started.ends_at_ms;
    sale->nominator_index = index;
    sale->nominations = event->as.nomination_started.turn;
    return LC_OK;
}

enum lc_status apply_lot_nominated(struct sale *sale, const struct sale_event *event)
{
    int64_t lot_index = event->as.lot_nominated.lot_index;
    int64_t starts_at_ms = event->as.lot_nominated.next_starts_at_ms;
    if (sale->phase != SALE_LIVE || sale->clock != CLOCK_NOMINATION || lot_index == -1 ||
        !gap_is_possible(sale, lot_index, starts_at_ms) ||
        sale->lots[lot_index].phase != LOT_PENDING) {
        return LC_ERR_CORRUPT;
    }
    sale->nominations++;
    gap_begin(sale, lot_index, starts_at_ms);
    // Whose opening bid may be part of it; nobody's when the clock or the staff named the lot.
    sale->nominator_index = sale_participant_index(sale, &event->as.lot_nominated.by);
    return LC_OK;
}

enum lc_status apply_names_called(struct sale *sale, const struct sale_event *event)
{
    if (sale->phase != SALE_LIVE || sale->wakes_count > 0 ||
        !is_time(event->as.names_called.ends_at_ms)) {
        return LC_ERR_CORRUPT;
    }
    gap_begin(sale, -1, 0);
    names_forget(sale); // called again after a reopening, they are named again
    sale->clock = CLOCK_NAMES;
    sale->clock_ends_at_ms = event->as.names_called.ends_at_ms;
    return LC_OK;
}
