#include <stdlib.h>

#include "auction-svc/core/bidding.h"
#include "auction-svc/core/history.h"
#include "auction-svc/core/standing.h"

// An undo that is being thought of: the lot as it would be, on maxima of its own.
struct undoing {
    const struct sale *sale;
    const struct lot *now;
    struct lot lot;
    int64_t removed;
};

// The newest bid, and the answer of the house to it.
static void bid_remove(struct undoing *undoing)
{
    bool is_house = history_newest(&undoing->lot)->kind == BID_HOUSE;
    history_undo(&undoing->lot);
    undoing->removed++;
    if (is_house && undoing->lot.history_count > 0) {
        history_undo(&undoing->lot);
        undoing->removed++;
    }
}

static bool can_stand(const struct undoing *undoing, int64_t by_index, int64_t price_minor)
{
    return by_index < 0 ||
           standing_affordable(undoing->sale, undoing->now, by_index, price_minor) == price_minor;
}

// The leader with as much of his maximum as he can pay.
static struct bid_result result_of(const struct undoing *undoing)
{
    const struct lot *lot = &undoing->lot;
    struct bid_result result = {.price_minor = lot->price_minor, .leader_index = lot->leader_index};
    if (lot->leader_index < 0) {
        return result;
    }
    const struct standing *standing = standing_find(lot, lot->leader_index);
    int64_t max_minor = standing == NULL ? 0 : standing->max_minor;
    int64_t worth_minor =
        standing_affordable(undoing->sale, undoing->now, lot->leader_index, max_minor);
    result.held_minor = worth_minor > lot->price_minor ? worth_minor : lot->price_minor;
    return result;
}

// Who led can't stand for it any more: the best of those that stood against him; leader -1: nobody.
static struct bid_result best_of_others(const struct undoing *undoing)
{
    struct lot lot = undoing->lot;
    lot.leader_index = -1;
    lot.price_minor = 0;
    if (lot.second_index >= 0 && can_stand(undoing, lot.second_index, lot.second_minor)) {
        lot.leader_index = lot.second_index;
        lot.price_minor = lot.second_minor;
    }
    lot.second_index = -1;
    lot.second_minor = 0;
    struct bid_result result = standing_revived(undoing->sale, &lot, undoing->now);
    if (result.price_minor > undoing->now->price_minor) {
        result.price_minor = undoing->now->price_minor; // an undo raises nothing
    }
    return result;
}

// The bid before stands again, unless its leader can't stand for it: then is asked what stood before
// that, and so on. Only the newest bid is undone.
static struct bid_result revive(struct undoing *undoing)
{
    bid_remove(undoing);
    int64_t removed = undoing->removed;
    struct bid_result result = {.leader_index = -1};
    for (;;) {
        if (undoing->lot.price_minor == 0) { // nobody led, but an absentee's maximum may be left
            result = best_of_others(undoing);
            break;
        }
        if (can_stand(undoing, undoing->lot.leader_index, undoing->lot.price_minor)) {
            result = result_of(undoing);
            break;
        }
        result = best_of_others(undoing);
        if (result.leader_index >= 0 || undoing->lot.history_count == 0) {
            break;
        }
        bid_remove(undoing);
    }
    undoing->removed = removed;
    return result;
}

static enum error_code undo_check(const struct sale *sale, const struct sale_command *command,
                                  int64_t lot_index, int64_t now_ms)
{
    if (lot_index < 0) {
        return ERROR_NOT_FOUND;
    }
    const struct lot *lot = &sale->lots[lot_index];
    bool is_open = lot->phase == LOT_OPEN || lot->phase == LOT_CLOSING;
    bool stands_still = sale->phase == SALE_PAUSED && is_open; // a moment to put right
    enum error_code refusal = stands_still ? ERROR_NONE : sale_runs_check(sale->phase);
    if (refusal == ERROR_NONE) {
        refusal = lot_open_check(sale, lot, stands_still ? 0 : now_ms);
    }
    if (refusal != ERROR_NONE) {
        return refusal;
    }
    if (!lot_is_ascending(sale, lot)) {
        return ERROR_WRONG_FORMAT;
    }
    if (!line_is_legal(command->as.undo.reason, 0, REASON_SIZE_MAX)) {
        return ERROR_BAD_REQUEST;
    }
    return history_newest(lot) == NULL ? ERROR_NOTHING_TO_UNDO : ERROR_NONE;
}

static void retracted_add(const struct sale *sale, const struct sale_command *command,
                          int64_t lot_index, const struct undoing *undoing,
                          const struct bid_result *result, int64_t now_ms, struct decision *out)
{
    const struct lot *lot = &sale->lots[lot_index];
    bool resets = sale_lot_rules(sale, lot)->retraction == RETRACTION_RESET;
    struct sale_event *event = decision_add(out, EVENT_BID_RETRACTED, now_ms);
    const struct bid_entry *newest = history_newest(lot);
    event->as.bid_retracted.lot_index = lot_index;
    event->as.bid_retracted.bid_no = newest->bid_no - (newest->kind == BID_HOUSE);
    event->as.bid_retracted.reason = command->as.undo.reason;
    event->as.bid_retracted.price_minor = result->price_minor;
    event->as.bid_retracted.leader = (struct participant_id){0};
    if (result->leader_index >= 0) {
        event->as.bid_retracted.leader = sale->participants[result->leader_index].id;
    }
    event->as.bid_retracted.held_minor = result->held_minor;
    event->as.bid_retracted.removed = undoing->removed;
    event->as.bid_retracted.resets = resets;
}

void decide_undo(const struct sale *sale, const struct sale_command *command, int64_t now_ms,
                 struct decision *out)
{
    int64_t lot_index = sale_lot_index(sale, &command->as.undo.lot);
    enum error_code refusal = undo_check(sale, command, lot_index, now_ms);
    if (refusal != ERROR_NONE) {
        decision_refuse(out, refusal, refusal == ERROR_BAD_REQUEST ? "reason" : NULL);
        return;
    }
    const struct lot *lot = &sale->lots[lot_index];
    struct undoing undoing = {.sale = sale, .now = lot, .lot = *lot};
    if (sale_lot_rules(sale, lot)->retraction == RETRACTION_RESET) {
        undoing.removed = (int64_t)lot->history_count;
        struct bid_result none = {.leader_index = -1};
        retracted_add(sale, command, lot_index, &undoing, &none, now_ms, out);
        return;
    }
    size_t size = lot->standings_count * sizeof *lot->standings;
    undoing.lot.standings = malloc(size > 0 ? size : 1);
    if (undoing.lot.standings == NULL) {
        decision_refuse(out, ERROR_INTERNAL, NULL);
        return;
    }
    if (size > 0) {
        memcpy(undoing.lot.standings, lot->standings, size);
    }
    struct bid_result result = revive(&undoing);
    retracted_add(sale, command, lot_index, &undoing, &result, now_ms, out);
    free(undoing.lot.standings);
}
