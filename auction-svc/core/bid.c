#include "auction-svc/core/decide.h"
#include "auction-svc/core/format.h"
#include "auction-svc/core/purse.h"
#include "auction-svc/core/soft_close.h"

static enum error_code phase_check(enum sale_phase phase)
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

static enum error_code lot_check(const struct lot *lot, int64_t now_ms)
{
    switch (lot->phase) {
    case LOT_PENDING:
        return ERROR_WRONG_LOT;
    case LOT_CLOSING:
    case LOT_OPEN: // time decides, even before the close was announced
        return lot->ends_at_ms > 0 && now_ms >= lot->ends_at_ms ? ERROR_LOT_CLOSED : ERROR_NONE;
    case LOT_SOLD:
    case LOT_UNSOLD:
    case LOT_WITHDRAWN:
    case LOT_MATCHING:
        break;
    }
    return ERROR_LOT_CLOSED;
}

// The whole order of rules 3, each check with its code.
static enum error_code offer_check(const struct sale *sale, enum role role, int64_t lot_index,
                                   const struct offer *offer, int64_t now_ms)
{
    if (lot_index < 0) {
        return ERROR_NOT_FOUND;
    }
    if (offer->by_index < 0) {
        return ERROR_NOT_PARTICIPANT;
    }
    enum error_code refusal = phase_check(sale->phase);
    if (refusal != ERROR_NONE) {
        return refusal;
    }
    const struct lot *lot = &sale->lots[lot_index];
    refusal = lot_check(lot, now_ms);
    if (refusal != ERROR_NONE) {
        return refusal;
    }
    const struct participant *bidder = &sale->participants[offer->by_index];
    if (role != ROLE_BIDDER || bidder->status != PARTICIPANT_ACCEPTED) {
        return ERROR_FORBIDDEN;
    }
    if (offer->amount_minor < 1 || offer->amount_minor > AMOUNT_MINOR_MAX) {
        return ERROR_BAD_AMOUNT;
    }
    const struct lot_format *format = lot_format_of(sale, lot);
    refusal = format->offer_check(sale, lot, offer, now_ms);
    if (refusal != ERROR_NONE) {
        return refusal;
    }
    struct purse purse = purse_of(sale, bidder, lot);
    return purse_check(&purse, format->commits(sale, lot, offer, now_ms));
}

void decide_bid(const struct sale *sale, const struct sale_command *command, int64_t now_ms,
                struct decision *out)
{
    int64_t lot_index = sale_lot_index(sale, &command->as.bid.lot);
    int64_t quantity = command->as.bid.quantity;
    struct offer offer = {
        .by_index = sale_participant_index(sale, &command->by),
        .amount_minor = command->as.bid.amount_minor,
        .quantity = quantity == 0 ? 1 : quantity,
        .confirm = command->as.bid.confirm,
        .kind = BID_PLAIN,
    };
    enum error_code refusal = offer_check(sale, command->role, lot_index, &offer, now_ms);
    if (refusal != ERROR_NONE) {
        decision_refuse(out, refusal, NULL);
        return;
    }
    lot_format_of(sale, &sale->lots[lot_index])->accept(sale, lot_index, &offer, now_ms, out);
}

static struct participant_id id_of(const struct sale *sale, int64_t index)
{
    return index < 0 ? (struct participant_id){0} : sale->participants[index].id;
}

void bid_accepted_add(const struct sale *sale, int64_t lot_index, const struct offer *offer,
                      const struct bid_result *result, int64_t now_ms, struct decision *out)
{
    const struct lot *lot = &sale->lots[lot_index];
    int64_t ends_at_ms = lot->ends_at_ms;
    if (ends_at_ms > 0) { // else no clock runs to an end
        ends_at_ms = soft_close_end(&sale_lot_rules(sale, lot)->soft_close, ends_at_ms,
                                    lot->extensions, now_ms);
    }
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
    if (ends_at_ms > lot->ends_at_ms) {
        struct sale_event *extended = decision_add(out, EVENT_LOT_EXTENDED, now_ms);
        extended->as.lot_extended.lot_index = lot_index;
        extended->as.lot_extended.extended_ms = ends_at_ms - lot->ends_at_ms;
        extended->as.lot_extended.ends_at_ms = ends_at_ms;
        extended->as.lot_extended.scope = SOFT_CLOSE_LOT;
        extended->as.lot_extended.reason = EXTEND_BID;
    }
}
