#include "auction-svc/core/bidding.h"
#include "auction-svc/core/purse.h"
#include "auction-svc/core/soft_close.h"

enum error_code sale_runs_check(enum sale_phase phase)
{
    switch (phase) {
    case SALE_LIVE:
        return ERROR_NONE;
    case SALE_PAUSED:
        return ERROR_PAUSED;
    case SALE_LOBBY:
    case SALE_COMPLETE:
        return ERROR_NOT_ACTIVE;
    case SALE_GONE:
        break;
    }
    return ERROR_NOT_FOUND;
}

int64_t offered_at_ms(const struct sale *sale, int64_t lot_index,
                      const struct sale_command *command, int64_t now_ms)
{
    if (lot_index < 0 || command->stamp_ms == 0 || command->stamp_ms > now_ms) {
        return now_ms;
    }
    int64_t grace_ms = sale_lot_rules(sale, &sale->lots[lot_index])->closing_grace_ms;
    int64_t earliest_ms = now_ms - grace_ms;
    return command->stamp_ms > earliest_ms ? command->stamp_ms : earliest_ms;
}

static bool is_over(const struct sale *sale, const struct lot *lot, int64_t at_ms)
{
    const struct lot_format *format = lot_format_of(sale, lot);
    return (lot->ends_at_ms > 0 && at_ms >= lot->ends_at_ms) ||
           (format->wake_ends && at_ms >= format->wakes_at(sale, lot));
}

enum error_code lot_open_check(const struct sale *sale, const struct lot *lot, int64_t at_ms)
{
    switch (lot->phase) {
    case LOT_PENDING:
        return ERROR_WRONG_LOT;
    case LOT_CLOSING:
    case LOT_OPEN: // time decides, even before the close was announced
        return is_over(sale, lot, at_ms) ? ERROR_LOT_CLOSED : ERROR_NONE;
    case LOT_SOLD:
    case LOT_UNSOLD:
    case LOT_WITHDRAWN:
    case LOT_MATCHING:
        break;
    }
    return ERROR_LOT_CLOSED;
}

bool lot_is_ascending(const struct sale *sale, const struct lot *lot)
{
    const struct lot_format *format = lot_format_of(sale, lot);
    return !format->is_sealed && !format->is_timed;
}

enum error_code bidding_check(const struct sale *sale, const struct sale_command *command,
                              struct bidding bidding, int64_t now_ms)
{
    if (bidding.lot_index < 0) {
        return ERROR_NOT_FOUND;
    }
    if (bidding.by_index < 0) {
        return ERROR_NOT_PARTICIPANT;
    }
    const struct lot *lot = &sale->lots[bidding.lot_index];
    bool is_early = bidding.takes_pending && lot->phase == LOT_PENDING &&
                    (sale->phase == SALE_LOBBY || sale->phase == SALE_LIVE);
    if (!is_early) {
        enum error_code refusal = sale_runs_check(sale->phase);
        if (refusal != ERROR_NONE) {
            return refusal;
        }
        refusal =
            lot_open_check(sale, lot, offered_at_ms(sale, bidding.lot_index, command, now_ms));
        if (refusal != ERROR_NONE) {
            return refusal;
        }
    }
    bool may = bidding.is_for_paddle ? command->role >= ROLE_CLERK : command->role == ROLE_BIDDER;
    bool is_accepted = sale->participants[bidding.by_index].status == PARTICIPANT_ACCEPTED;
    return may && is_accepted ? ERROR_NONE : ERROR_FORBIDDEN;
}

enum error_code offer_check(const struct sale *sale, int64_t lot_index, const struct offer *offer,
                            int64_t now_ms)
{
    if (offer->amount_minor < 1 || offer->amount_minor > AMOUNT_MINOR_MAX) {
        return ERROR_BAD_AMOUNT;
    }
    const struct lot *lot = &sale->lots[lot_index];
    if (offer->quantity < 1 || offer->quantity > lot->quantity_left) {
        return ERROR_BAD_QUANTITY;
    }
    const struct lot_format *format = lot_format_of(sale, lot);
    enum error_code refusal = format->offer_check(sale, lot, offer, now_ms);
    if (refusal != ERROR_NONE) {
        return refusal;
    }
    struct purse purse = purse_of(sale, &sale->participants[offer->by_index], lot);
    return purse_check(&purse, format->commits(sale, lot, offer, now_ms));
}

void decide_bid(const struct sale *sale, const struct sale_command *command, int64_t now_ms,
                struct decision *out)
{
    struct bidding bidding = {.lot_index = sale_lot_index(sale, &command->as.bid.lot),
                              .by_index = sale_participant_index(sale, &command->by)};
    struct offer offer = {
        .by_index = bidding.by_index,
        .amount_minor = command->as.bid.amount_minor,
        .quantity = command->as.bid.quantity == 0 ? 1 : command->as.bid.quantity,
        .confirm = command->as.bid.confirm,
        .kind = BID_PLAIN,
        .stamp_ms = offered_at_ms(sale, bidding.lot_index, command, now_ms),
    };
    enum error_code refusal = bidding_check(sale, command, bidding, now_ms);
    if (refusal == ERROR_NONE) {
        refusal = offer_check(sale, bidding.lot_index, &offer, now_ms);
    }
    if (refusal != ERROR_NONE) {
        decision_refuse(out, refusal, NULL);
        return;
    }
    const struct lot *lot = &sale->lots[bidding.lot_index];
    lot_format_of(sale, lot)->accept(sale, bidding.lot_index, &offer, now_ms, out);
}

static struct participant_id id_of(const struct sale *sale, int64_t index)
{
    return index < 0 ? (struct participant_id){0} : sale->participants[index].id;
}

// Rules 3: only a bid by someone other than the standing leader that changes price or leader
// extends.
static int64_t end_after(const struct sale *sale, const struct lot *lot, const struct offer *offer,
                         const struct bid_result *result, int64_t now_ms)
{
    bool changes =
        result->price_minor != lot->price_minor || result->leader_index != lot->leader_index;
    bool starts_now = lot->phase == LOT_PENDING;
    if (starts_now || !changes || offer->by_index == lot->leader_index) {
        return lot->ends_at_ms;
    }
    // The stamp matters only where it alone lets the bid count.
    bool by_grace = now_ms >= lot->ends_at_ms && offer->stamp_ms > 0;
    return soft_close_end(sale, lot, by_grace ? offer->stamp_ms : now_ms, now_ms);
}

void bid_accepted_add(const struct sale *sale, int64_t lot_index, const struct offer *offer,
                      const struct bid_result *result, int64_t now_ms, struct decision *out)
{
    const struct lot *lot = &sale->lots[lot_index];
    int64_t ends_at_ms = end_after(sale, lot, offer, result, now_ms);
    struct sale_event *accepted = decision_add(out, EVENT_BID_ACCEPTED, now_ms);
    accepted->as.bid_accepted.lot_index = lot_index;
    accepted->as.bid_accepted.bid_no = sale->bids_total + 1;
    accepted->as.bid_accepted.by = id_of(sale, offer->by_index);
    accepted->as.bid_accepted.kind = offer->kind;
    accepted->as.bid_accepted.amount_minor = offer->amount_minor;
    accepted->as.bid_accepted.price_minor = result->price_minor;
    accepted->as.bid_accepted.leader = id_of(sale, result->leader_index);
    accepted->as.bid_accepted.held_minor = result->held_minor;
    accepted->as.bid_accepted.quantity = offer->quantity;
    accepted->as.bid_accepted.ends_at_ms = ends_at_ms;
    soft_close_add(sale, lot_index, ends_at_ms, now_ms, out);
}
