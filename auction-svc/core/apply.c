#include "auction-svc/core/apply.h"

#include <stdlib.h>

#include "auction-svc/core/wakes.h"

char *text_copy(struct bytes text, char *place)
{
    if (text.size > 0) {
        memcpy(place, text.data, text.size);
    }
    place[text.size] = 0;
    return place + text.size + 1;
}

void *array_grow(void *items, size_t *capacity, size_t needed, size_t item_size)
{
    if (needed <= *capacity) {
        return items;
    }
    size_t wanted = *capacity * 2 > needed ? *capacity * 2 : needed;
    void *grown = realloc(items, wanted * item_size);
    if (grown != NULL) {
        *capacity = wanted;
    }
    return grown;
}

bool is_index(int64_t index, size_t count)
{
    return index >= 0 && (size_t)index < count;
}

bool is_time(int64_t time_ms)
{
    return time_ms >= 0 && time_ms <= TIME_MS_MAX;
}

bool is_amount(int64_t amount_minor)
{
    return amount_minor >= 1 && amount_minor <= AMOUNT_MINOR_MAX;
}

void lot_renew(struct lot *lot, int64_t round)
{
    lot->phase = LOT_PENDING;
    lot->price_minor = 0;
    lot->leader_index = -1;
    lot->held_minor = 0;
    lot->second_minor = 0;
    lot->second_index = -1;
    lot->bids = 0;
    lot->started_at_ms = 0;
    lot->ends_at_ms = 0;
    lot->first_ends_at_ms = 0;
    lot->extensions = 0;
    lot->round = round;
    lot->asked_minor = 0;
    lot->warned = 0;
    lot->quantity_left = lot->quantity;
    lot->clock_price_minor = 0;
    lot->clock_from_ms = 0;
    lot->draws_at_ms = 0;
    lot->named_count = 0;
    lot->match_stage = MATCH_ASK_HOLDER;
    lot->reopenable_until_ms = 0;
    lot->standings_count = 0;
    lot->history_first = 0;
    lot->history_count = 0;
    free(lot->awards);
    lot->awards = NULL;
    lot->awards_count = 0;
    lot->wake_at_ms = INT64_MAX;
    lot->deadline_ms = 0;
    lot->warn_after_ms = 0;
    lot->closed_bids_total = 0;
}

struct lot *running_lot(struct sale *sale, int64_t lot_index)
{
    bool is_running = sale->phase == SALE_LIVE && is_index(lot_index, sale->lots_count) &&
                      lot_is_running(&sale->lots[lot_index]);
    return is_running ? &sale->lots[lot_index] : NULL;
}

void category_count(struct sale *sale, const struct lot *lot, int64_t by_index, int64_t places)
{
    int64_t cap = sale_category_cap(sale, lot);
    if (cap >= 0) {
        sale->participants[by_index].category_taken[cap] += places;
    }
}

void lot_hold(struct sale *sale, struct lot *lot, int64_t leader_index, int64_t price_minor,
              int64_t held_minor)
{
    if (lot->leader_index >= 0) {
        struct participant *before = &sale->participants[lot->leader_index];
        before->held_minor -= lot->held_minor;
        before->shown_minor -= lot->price_minor;
        before->slots_held--;
        category_count(sale, lot, lot->leader_index, -1);
    }
    lot->leader_index = leader_index;
    lot->price_minor = price_minor;
    lot->held_minor = leader_index < 0 ? 0 : held_minor;
    if (leader_index >= 0) {
        struct participant *leader = &sale->participants[leader_index];
        leader->held_minor += held_minor;
        leader->shown_minor += price_minor;
        leader->slots_held++;
        category_count(sale, lot, leader_index, 1);
    }
}

bool gap_is_possible(const struct sale *sale, int64_t next_index, int64_t starts_at_ms)
{
    return next_index == -1 || (is_index(next_index, sale->lots_count) && is_time(starts_at_ms));
}

void gap_begin(struct sale *sale, int64_t next_index, int64_t starts_at_ms)
{
    sale->clock = next_index < 0 ? CLOCK_NONE : CLOCK_GAP;
    sale->next_index = next_index;
    sale->next_starts_at_ms = next_index < 0 ? 0 : starts_at_ms;
    sale->clock_ends_at_ms = 0;
    sale->nominator_index = -1;
}

static apply_function *const appliers[SALE_EVENT_KIND_COUNT] = {
    [EVENT_SALE_CREATED] = apply_sale_created,
    [EVENT_EPOCH_STARTED] = apply_epoch_started,
    [EVENT_LOTS_ADDED] = apply_lots_added,
    [EVENT_INVITE_CREATED] = apply_invite_created,
    [EVENT_PARTICIPANT_JOINED] = apply_participant_joined,
    [EVENT_INVITE_USED] = apply_invite_used,
    [EVENT_PARTICIPANT_BLOCKED] = apply_participant_blocked,
    [EVENT_SALE_STARTED] = apply_sale_started,
    [EVENT_LOT_STARTED] = apply_lot_started,
    [EVENT_BID_ACCEPTED] = apply_bid_accepted,
    [EVENT_LOT_EXTENDED] = apply_lot_extended,
    [EVENT_LOT_SOLD] = apply_lot_sold,
    [EVENT_LOT_UNSOLD] = apply_lot_unsold,
    [EVENT_ROUND_STARTED] = apply_round_started,
    [EVENT_SALE_PAUSED] = apply_sale_paused,
    [EVENT_SALE_RESUMED] = apply_sale_resumed,
    [EVENT_SALE_COMPLETED] = apply_sale_completed,
    [EVENT_SALE_RESET] = apply_sale_reset,
    [EVENT_SALE_DELETED] = apply_sale_deleted,
    [EVENT_NOTICE] = apply_notice,
    [EVENT_PARTICIPANTS_ADDED] = apply_participants_added,
    [EVENT_PARTICIPANT_CHANGED] = apply_participant_changed,
    [EVENT_MAX_PLACED] = apply_max_placed,
    [EVENT_BID_RETRACTED] = apply_bid_retracted,
    [EVENT_LOT_PASSED] = apply_lot_passed,
    [EVENT_ASK_SET] = apply_ask_set,
    [EVENT_LOT_WARNED] = apply_lot_warned,
    [EVENT_LOT_CLOSING] = apply_lot_closing,
    [EVENT_LOT_AWARDED] = apply_lot_awarded,
    [EVENT_CLOCK_RESTARTED] = apply_clock_restarted,
    [EVENT_LOT_WITHDRAWN] = apply_lot_withdrawn,
    [EVENT_LOT_REOPENED] = apply_lot_reopened,
    [EVENT_GAVEL_TAKEN] = apply_gavel_taken,
    [EVENT_NOMINATION_STARTED] = apply_nomination_started,
    [EVENT_LOT_NOMINATED] = apply_lot_nominated,
    [EVENT_NAMES_CALLED] = apply_names_called,
    [EVENT_NAMES_SUBMITTED] = apply_names_submitted,
    [EVENT_MATCH_OFFERED] = apply_match_offered,
    [EVENT_SEED_REVEALED] = apply_seed_revealed,
};

// The lot whose deadlines a fact may have changed, -1: none, or the applier has seen to it.
static int64_t lot_touched(const struct sale_event *event)
{
    switch (event->kind) {
    case EVENT_LOT_STARTED:
        return event->as.lot_started.lot_index;
    case EVENT_BID_ACCEPTED:
        return event->as.bid_accepted.lot_index;
    case EVENT_MAX_PLACED:
        return event->as.max_placed.lot_index;
    case EVENT_BID_RETRACTED:
        return event->as.bid_retracted.lot_index;
    case EVENT_LOT_PASSED:
        return event->as.lot_passed.lot_index;
    case EVENT_ASK_SET:
        return event->as.ask_set.lot_index;
    case EVENT_LOT_WARNED:
        return event->as.lot_warned.lot_index;
    case EVENT_LOT_AWARDED:
        return event->as.lot_awarded.lot_index;
    case EVENT_CLOCK_RESTARTED:
        return event->as.clock_restarted.lot_index;
    case EVENT_LOT_EXTENDED:
        return event->as.lot_extended.lot_index;
    case EVENT_LOT_CLOSING:
        return event->as.lot_closing.lot_index;
    case EVENT_LOT_REOPENED:
        return event->as.lot_reopened.lot_index;
    case EVENT_MATCH_OFFERED:
        return event->as.match_offered.lot_index;
    case EVENT_LOT_SOLD:
    case EVENT_LOT_UNSOLD:
    case EVENT_LOT_WITHDRAWN:
    case EVENT_SALE_CREATED:
    case EVENT_EPOCH_STARTED:
    case EVENT_LOTS_ADDED:
    case EVENT_INVITE_CREATED:
    case EVENT_PARTICIPANT_JOINED:
    case EVENT_INVITE_USED:
    case EVENT_PARTICIPANT_BLOCKED:
    case EVENT_SALE_STARTED:
    case EVENT_ROUND_STARTED:
    case EVENT_SALE_PAUSED:
    case EVENT_SALE_RESUMED:
    case EVENT_SALE_COMPLETED:
    case EVENT_SALE_RESET:
    case EVENT_SALE_DELETED:
    case EVENT_NOTICE:
    case EVENT_PARTICIPANTS_ADDED:
    case EVENT_PARTICIPANT_CHANGED:
    case EVENT_GAVEL_TAKEN:
    case EVENT_NOMINATION_STARTED:
    case EVENT_LOT_NOMINATED:
    case EVENT_NAMES_CALLED:
    case EVENT_NAMES_SUBMITTED:
    case EVENT_SEED_REVEALED:
    case SALE_EVENT_KIND_COUNT:
        break;
    }
    return -1;
}

// A bid takes fair warnings back; entering with a button makes no price that was warned of. A lot
// that closed and is open again has no hammer to wait for.
static void lot_bid_follows(struct lot *lot, const struct sale_event *event)
{
    if (event->as.bid_accepted.kind != BID_ENTER) {
        lot->warned = 0;
        lot->warn_after_ms = event->at_ms;
    }
    if (lot->phase == LOT_OPEN) {
        lot->deadline_ms = 0;
    }
}

enum lc_status sale_apply(struct sale *sale, const struct sale_event *event)
{
    LC_ASSERT(event->kind < SALE_EVENT_KIND_COUNT);
    bool is_first = event->kind == EVENT_SALE_CREATED;
    if ((sale->title == NULL) != is_first || sale->phase == SALE_GONE || !is_time(event->at_ms)) {
        return LC_ERR_CORRUPT;
    }
    enum lc_status status = appliers[event->kind](sale, event);
    if (status != LC_OK) {
        return status;
    }
    int64_t lot_index = lot_touched(event);
    if (event->kind == EVENT_BID_ACCEPTED) {
        lot_bid_follows(&sale->lots[lot_index], event);
    } else if (event->kind == EVENT_BID_RETRACTED) {
        sale->lots[lot_index].warn_after_ms = event->at_ms; // what was warned of is another price
    }
    if (lot_index >= 0) {
        wakes_update(sale, lot_index);
    }
    if (sale_event_public_name(event->kind) != NULL) {
        sale->seq++;
    }
    if (event->at_ms > sale->last_at_ms) {
        sale->last_at_ms = event->at_ms;
    }
    return LC_OK;
}
