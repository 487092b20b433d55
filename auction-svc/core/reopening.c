#include "auction-svc/core/decide.h"
#include "auction-svc/core/format.h"
#include "auction-svc/core/parallel.h"
#include "auction-svc/core/purse.h"
#include "auction-svc/core/standing.h"

// The next lot while it runs, -1: none does.
static int64_t running_next(const struct sale *sale)
{
    return sale->wakes_count > 0 && sale->definition.rules.flow == FLOW_SEQUENTIAL
               ? (int64_t)sale->wakes[0]
               : -1;
}

// rules 2: has the lot after it had its first bid? A maximum is one, a bid that was undone was one. An
// open lot whose offers are sealed counts as if it had one: the answer must not tell (rules 4).
static bool next_has_bids(const struct sale *sale, const struct lot *lot)
{
    int64_t next_index = running_next(sale);
    if (sale->bids_total != lot->closed_bids_total) {
        return true;
    }
    const struct lot *next = next_index < 0 ? NULL : &sale->lots[next_index];
    if (next != NULL && lot_format_of(sale, next)->is_sealed) {
        return true;
    }
    for (size_t i = 0; next != NULL && i < next->standings_count; i++) {
        if (next->standings[i].max_minor > 0 || next->standings[i].has_entered) {
            return true;
        }
    }
    return false;
}

static bool is_too_late(const struct sale *sale, int64_t lot_index, int64_t now_ms)
{
    const struct lot *lot = &sale->lots[lot_index];
    if (sale->phase == SALE_COMPLETE) {
        return true;
    }
    if (sale->definition.rules.flow == FLOW_PARALLEL) {
        return now_ms >= lot->reopenable_until_ms;
    }
    return lot_index != sale->reopen_index || next_has_bids(sale, lot);
}

static bool can_be_reopened(const struct sale *sale, const struct lot *lot)
{
    enum auction_format format = sale_lot_rules(sale, lot)->format;
    return format == FORMAT_LIVE || format == FORMAT_ENGLISH;
}

// A leader holds his whole maximum, cut to what he can still pay.
static int64_t held_again(const struct sale *sale, const struct lot *lot)
{
    const struct participant *leader = &sale->participants[lot->leader_index];
    const struct standing *standing = standing_find(lot, lot->leader_index);
    int64_t max_minor = standing == NULL ? 0 : standing->max_minor;
    struct held refunded = {.held_minor = lot->price_minor, .places = 1};
    struct purse purse = purse_without(sale, leader, &refunded);
    int64_t most_minor = purse_bid_max(&purse);
    max_minor = max_minor < most_minor ? max_minor : most_minor;
    return max_minor > lot->price_minor ? max_minor : lot->price_minor;
}

void decide_reopen(const struct sale *sale, const struct sale_command *command, int64_t now_ms,
                   struct decision *out)
{
    int64_t lot_index = sale_lot_index(sale, &command->as.lot.lot);
    if (lot_index < 0) {
        decision_refuse(out, ERROR_NOT_FOUND, NULL);
        return;
    }
    const struct lot *lot = &sale->lots[lot_index];
    if (sale->phase != SALE_LIVE && sale->phase != SALE_COMPLETE) {
        decision_refuse(out, ERROR_WRONG_PHASE, NULL);
    } else if (lot->phase != LOT_SOLD) {
        decision_refuse(out, ERROR_WRONG_LOT, NULL);
    } else if (is_too_late(sale, lot_index, now_ms)) {
        decision_refuse(out, ERROR_REOPEN_TOO_LATE, NULL);
    } else if (!can_be_reopened(sale, lot) || lot->awards_count > 0) {
        decision_refuse(out, ERROR_WRONG_FORMAT, NULL);
    } else {
        bool has_clock = lot_format_of(sale, lot)->has_clock;
        struct sale_event *event = decision_add(out, EVENT_LOT_REOPENED, now_ms);
        event->as.lot_reopened.lot_index = lot_index;
        event->as.lot_reopened.ends_at_ms = has_clock ? now_ms + lot_duration_ms(sale, lot) : 0;
        event->as.lot_reopened.returned_lot_index = running_next(sale);
        event->as.lot_reopened.held_minor = held_again(sale, lot);
    }
}
