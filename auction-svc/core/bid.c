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
        return now_ms >= lot->ends_at_ms ? ERROR_LOT_CLOSED : ERROR_NONE;
    case LOT_SOLD:
    case LOT_UNSOLD:
    case LOT_WITHDRAWN:
    case LOT_MATCHING:
        break;
    }
    return ERROR_LOT_CLOSED;
}

// The whole order of rules 3, each check with its code.
static enum error_code bid_check(const struct sale *sale, const struct sale_command *command,
                                 int64_t lot_index, int64_t by_index, int64_t now_ms)
{
    if (lot_index < 0) {
        return ERROR_NOT_FOUND;
    }
    if (by_index < 0) {
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
    const struct participant *bidder = &sale->participants[by_index];
    if (command->role != ROLE_BIDDER || bidder->status != PARTICIPANT_ACCEPTED) {
        return ERROR_FORBIDDEN;
    }
    struct offer offer = {.by_index = by_index,
                          .amount_minor = command->as.bid.amount_minor,
                          .confirm = command->as.bid.confirm};
    if (offer.amount_minor < 1 || offer.amount_minor > AMOUNT_MINOR_MAX) {
        return ERROR_BAD_AMOUNT;
    }
    refusal = lot_format_of(sale, lot)->offer_check(sale, lot, &offer, now_ms);
    if (refusal != ERROR_NONE) {
        return refusal;
    }
    struct purse purse = purse_of(sale, bidder, lot);
    return purse_check(&purse, offer.amount_minor);
}

void decide_bid(const struct sale *sale, const struct sale_command *command, int64_t now_ms,
                struct decision *out)
{
    int64_t lot_index = sale_lot_index(sale, &command->as.bid.lot);
    int64_t by_index = sale_participant_index(sale, &command->by);
    enum error_code refusal = bid_check(sale, command, lot_index, by_index, now_ms);
    if (refusal != ERROR_NONE) {
        decision_refuse(out, refusal, NULL);
        return;
    }
    const struct lot *lot = &sale->lots[lot_index];
    int64_t ends_at_ms = soft_close_end(&sale_lot_rules(sale, lot)->soft_close, lot->ends_at_ms,
                                        lot->extensions, now_ms);

    struct sale_event *accepted = decision_add(out, EVENT_BID_ACCEPTED, now_ms);
    accepted->as.bid_accepted.lot_index = lot_index;
    accepted->as.bid_accepted.bid_no = sale->bids_total + 1;
    accepted->as.bid_accepted.by = command->by;
    accepted->as.bid_accepted.kind = BID_PLAIN;
    accepted->as.bid_accepted.amount_minor = command->as.bid.amount_minor;
    accepted->as.bid_accepted.price_minor = command->as.bid.amount_minor;
    accepted->as.bid_accepted.leader = command->by;
    accepted->as.bid_accepted.held_minor = command->as.bid.amount_minor;
    accepted->as.bid_accepted.quantity = 1;
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
