// Rules 3: the answers that a bid, a maximum, a pass or a purchase may get, in the order of the
// checks. Codes that the rules give no place may stand in for what comes behind FORBIDDEN.
#include "auditor_books.h"

static bool may_bid(enum role role)
{
    return role == ROLE_BIDDER;
}

static bool is_staff(enum role role)
{
    return role == ROLE_CLERK || role == ROLE_AUCTIONEER || role == ROLE_ADMIN;
}

// "Time decides, even before the close was announced." L2: a late bid falls to no lot.
bool verdict_time_is_over(const struct auditor *auditor, const struct audit_lot *lot)
{
    if (lot->draws_at > 0 && auditor->now >= lot->draws_at) {
        return true;
    }
    if (lot->rules.format == FORMAT_DUTCH) {
        return format_dutch_price(lot, auditor->now) < most_of(lot->reserve, 1);
    }
    if (lot->rules.format == FORMAT_JAPANESE) { // nobody enters any more
        return auditor->now >= lot->started_at + lot->duration || lot->clock_price > lot->opening;
    }
    return lot->ends_at > 0 && auditor->now >= lot->ends_at;
}

// The clock of a lot for one offer: a bit for LOT_CLOSED, and for NONE when it may still count.
static uint64_t judge_clock(const struct auditor *auditor, const struct audit_lot *lot,
                            const struct sale_command *command)
{
    if (lot->phase == LOT_MATCHING) {
        return code_bit(ERROR_LOT_CLOSED);
    }
    if (lot->rules.format == FORMAT_JAPANESE && verdict_time_is_over(auditor, lot)) {
        return code_bit(ERROR_NONE) | code_bit(ERROR_LOT_CLOSED); // closed for who would enter
    }
    bool is_over = lot->phase == LOT_CLOSING || verdict_time_is_over(auditor, lot);
    if (!is_over) {
        return code_bit(ERROR_NONE);
    }
    bool in_grace = lot->ends_at > 0 && lot->rules.closing_grace_ms > 0 && command->stamp_ms > 0 &&
                    command->stamp_ms < lot->ends_at &&
                    auditor->now < lot->ends_at + lot->rules.closing_grace_ms && lot->draws_at == 0;
    if (!in_grace) {
        return code_bit(ERROR_LOT_CLOSED);
    }
    // before the end was announced the grace may not have begun
    uint64_t announced = lot->phase == LOT_CLOSING ? 0 : code_bit(ERROR_LOT_CLOSED);
    return code_bit(ERROR_NONE) | announced;
}

// NOT_FOUND to FORBIDDEN. `may_wait`: an absentee maximum, for a lot that is still to come.
static uint64_t judge_gate(const struct auditor *auditor, const struct sale_command *command,
                           bool role_fits, bool may_wait)
{
    if (auditor->phase == AUDIT_GONE || auditor->lot < 0) {
        return code_bit(ERROR_NOT_FOUND);
    }
    if (auditor->by < 0) { // of a paddle that nobody has the rules name no code
        return code_bit(ERROR_NOT_PARTICIPANT) |
               (auditor->by_paddle ? code_bit(ERROR_NOT_FOUND) : 0);
    }
    const struct audit_lot *lot = &auditor->lots[auditor->lot];
    uint64_t waits = may_wait && lot->phase == LOT_PENDING ? code_bit(ERROR_NONE) : 0;
    if (auditor->phase == AUDIT_PAUSED && waits == 0) {
        return code_bit(ERROR_PAUSED);
    }
    if (auditor->phase != AUDIT_LIVE && waits == 0) {
        return code_bit(ERROR_NOT_ACTIVE);
    }
    uint64_t answers = code_bit(ERROR_NONE);
    if (waits != 0 && auditor->phase != AUDIT_LIVE) { // before and between: the rules are silent
        answers |= code_bit(ERROR_NOT_ACTIVE) | code_bit(ERROR_PAUSED) | code_bit(ERROR_WRONG_LOT);
    } else if (lot->phase == LOT_PENDING && waits == 0) {
        return code_bit(ERROR_WRONG_LOT);
    } else if (lot->phase != LOT_PENDING && !books_runs(lot)) {
        return code_bit(ERROR_LOT_CLOSED);
    } else if (lot->phase != LOT_PENDING) {
        answers = judge_clock(auditor, lot, command);
    }
    enum participant_status status = auditor->participants[auditor->by].status;
    if ((answers & code_bit(ERROR_NONE)) != 0 && (!role_fits || status != PARTICIPANT_ACCEPTED)) {
        uint64_t pending = status == PARTICIPANT_PENDING ? code_bit(ERROR_NOT_PARTICIPANT) : 0;
        answers = (answers & ~code_bit(ERROR_NONE)) | code_bit(ERROR_FORBIDDEN) | pending;
    }
    return answers;
}

struct offer_judged {
    int64_t amount;
    bool is_maximum;
    bool confirm;
    bool is_floor;
};

// ABOVE_SANITY: more than k times the price, before a bid the opening.
static bool is_insane(const struct audit_lot *lot, int64_t amount)
{
    int64_t factor = lot->rules.sanity_factor;
    int64_t base = lot->price == 0 ? lot->opening : lot->price;
    return factor > 0 &&
           (amount / factor > base || (amount / factor == base && amount % factor > 0));
}

static uint64_t judge_money_bits(const struct auditor *auditor, int64_t amount)
{
    return code_bit(money_judge(auditor, auditor->by, auditor->lot, amount, true)) |
           code_bit(money_judge(auditor, auditor->by, auditor->lot, amount, false));
}

// BAD_AMOUNT to LIMIT_EXCEEDED on an ascending lot.
static uint64_t judge_ascending(const struct auditor *auditor, const struct offer_judged *offer)
{
    const struct audit_lot *lot = &auditor->lots[auditor->lot];
    bool leads = lot->leader == auditor->by && lot->phase != LOT_PENDING;
    int64_t ask = ladder_ask(lot);
    int64_t amount = offer->amount;
    if (amount <= 0 || amount > AMOUNT_MINOR_MAX) { // L13: no number passes for one
        return code_bit(ERROR_BAD_AMOUNT);
    }
    if (leads && !offer->is_maximum) { // F17
        return code_bit(ERROR_ALREADY_LEADING);
    }
    if (amount < (leads ? lot->price : ask)) { // F16
        return code_bit(ERROR_BELOW_ASK);
    }
    if (lot->rules.strict && !offer->is_maximum &&
        !ladder_holds(&lot->rules.increments, lot->opening, amount)) {
        // an ask set by the auctioneer is itself a rung, or not: the rules are silent
        return code_bit(ERROR_OFF_LADDER) |
               (lot->asked > 0 ? code_bit(ERROR_NONE) | judge_money_bits(auditor, amount) : 0);
    }
    uint64_t answers = 0;
    if (is_insane(lot, amount) && !offer->confirm) {
        answers = code_bit(ERROR_ABOVE_SANITY);
        if (!offer->is_maximum && !offer->is_floor) { // of those the rules are silent
            return answers;
        }
    }
    return answers | judge_money_bits(auditor, amount);
}

// Codes that have no place in the order of rules 3, but whose reason is there.
static uint64_t judge_extras(const struct auditor *auditor, const struct offer_judged *offer,
                             bool *out_certain)
{
    const struct audit_lot *lot = &auditor->lots[auditor->lot];
    uint64_t extras = 0;
    *out_certain = false;
    if (lot->rules.reserve_mode == RESERVE_FLOOR && offer->amount < lot->reserve) {
        extras |= code_bit(ERROR_BELOW_RESERVE);
        *out_certain = true; // "below is refused"
    }
    if (lot->offers[auditor->by].passed) {
        extras |= code_bit(ERROR_ALREADY_PASSED);
    }
    if (offer->is_maximum && lot->rules.no_maximum) {
        extras |= code_bit(ERROR_WRONG_FORMAT);
        *out_certain = true;
    }
    return extras;
}

static uint64_t judge_offer(const struct auditor *auditor, const struct sale_command *command,
                            const struct offer_judged *offer)
{
    const struct audit_lot *lot = &auditor->lots[auditor->lot];
    if (!books_is_ascending(lot)) {
        return offer->is_maximum || offer->is_floor
                   ? AUDIT_ANY_REFUSAL
                   : format_verdict(auditor, auditor->lot, auditor->by, command);
    }
    bool certain;
    uint64_t extras = judge_extras(auditor, offer, &certain);
    uint64_t answers = judge_ascending(auditor, offer) | extras;
    return certain ? answers & ~code_bit(ERROR_NONE) : answers;
}

// A format that does not know the command may say so before it looks at the clock.
static uint64_t static_reasons(const struct auditor *auditor, bool fits)
{
    return auditor->lot >= 0 && auditor->by >= 0 && !fits ? code_bit(ERROR_WRONG_FORMAT) : 0;
}

static uint64_t verdict_bid(struct auditor *auditor, const struct sale_command *command)
{
    uint64_t gate = judge_gate(auditor, command, may_bid(command->role), false);
    if ((gate & code_bit(ERROR_NONE)) == 0) {
        return gate;
    }
    struct offer_judged offer = {.amount = command->as.bid.amount_minor,
                                 .confirm = command->as.bid.confirm};
    return (gate & ~code_bit(ERROR_NONE)) | judge_offer(auditor, command, &offer);
}

static uint64_t verdict_max(struct auditor *auditor, const struct sale_command *command)
{
    bool by_clerk = command->as.set_max.paddle.size > 0;
    bool role_fits = by_clerk ? is_staff(command->role) : may_bid(command->role);
    uint64_t gate = judge_gate(auditor, command, role_fits, true);
    if (by_clerk && !is_staff(command->role)) { // before or after the paddle was looked up
        gate |= code_bit(ERROR_FORBIDDEN);
    }
    gate |= static_reasons(auditor, books_is_ascending(&auditor->lots[most_of(auditor->lot, 0)]) &&
                                        !auditor->lots[most_of(auditor->lot, 0)].rules.no_maximum);
    if ((gate & code_bit(ERROR_NONE)) == 0) {
        return gate;
    }
    struct offer_judged offer = {.amount = command->as.set_max.max_minor,
                                 .confirm = command->as.set_max.confirm,
                                 .is_maximum = true};
    return (gate & ~code_bit(ERROR_NONE)) | judge_offer(auditor, command, &offer);
}

static uint64_t verdict_floor(struct auditor *auditor, const struct sale_command *command)
{
    uint64_t gate = judge_gate(auditor, command, is_staff(command->role), false);
    if (!is_staff(command->role)) {
        gate |= code_bit(ERROR_FORBIDDEN);
    }
    gate |= static_reasons(auditor, books_is_ascending(&auditor->lots[most_of(auditor->lot, 0)]));
    if ((gate & code_bit(ERROR_NONE)) == 0) {
        return gate;
    }
    struct offer_judged offer = {.amount = command->as.floor_bid.amount_minor, .is_floor = true};
    return (gate & ~code_bit(ERROR_NONE)) | judge_offer(auditor, command, &offer);
}

static uint64_t verdict_withdraw_max(struct auditor *auditor, const struct sale_command *command)
{
    bool by_clerk = command->as.lot.paddle.size > 0;
    bool role_fits = by_clerk ? is_staff(command->role) : may_bid(command->role);
    uint64_t gate = judge_gate(auditor, command, role_fits, true);
    if (by_clerk && !is_staff(command->role)) {
        gate |= code_bit(ERROR_FORBIDDEN);
    }
    gate |= static_reasons(auditor, books_is_ascending(&auditor->lots[most_of(auditor->lot, 0)]));
    if ((gate & code_bit(ERROR_NONE)) == 0) {
        return gate;
    }
    const struct audit_lot *lot = &auditor->lots[auditor->lot];
    bool has = lot->offers[auditor->by].max > 0;
    if (!books_is_ascending(lot)) {
        return AUDIT_ANY_REFUSAL | (has ? code_bit(ERROR_NONE) : 0);
    }
    // without a maximum there is nothing to take back; the code is not named
    return has ? gate : AUDIT_ANY_REFUSAL;
}

static uint64_t verdict_buy_now(struct auditor *auditor, const struct sale_command *command)
{
    uint64_t gate = judge_gate(auditor, command, may_bid(command->role), false);
    gate |= static_reasons(auditor, books_is_ascending(&auditor->lots[most_of(auditor->lot, 0)]));
    if ((gate & code_bit(ERROR_NONE)) == 0) {
        return gate;
    }
    const struct audit_lot *lot = &auditor->lots[auditor->lot];
    bool until_reserve = lot->rules.buy_now_until == BUY_NOW_UNTIL_RESERVE;
    bool is_gone = lot->buy_now == 0 || (until_reserve ? lot->price >= most_of(lot->reserve, 1)
                                                       : lot->price > 0 || lot->bids > 0);
    uint64_t money = judge_money_bits(auditor, lot->buy_now);
    if (!books_is_ascending(lot)) {
        return AUDIT_ANY_REFUSAL | money;
    }
    if (is_gone) {
        return code_bit(ERROR_BUY_NOW_GONE) | code_bit(ERROR_WRONG_FORMAT);
    }
    if (lot->price >= lot->buy_now) { // what costs more already: the rules are silent
        money |= code_bit(ERROR_BUY_NOW_GONE) | code_bit(ERROR_NONE);
    }
    if (lot->leader == auditor->by) {
        money |= code_bit(ERROR_ALREADY_LEADING);
    }
    if (lot->offers[auditor->by].passed) {
        money |= code_bit(ERROR_ALREADY_PASSED);
    }
    return (gate & ~code_bit(ERROR_NONE)) | money;
}

static uint64_t verdict_pass(struct auditor *auditor, const struct sale_command *command)
{
    uint64_t gate = judge_gate(auditor, command, may_bid(command->role), false);
    bool is_button = auditor->lot >= 0 &&
                     auditor->lots[auditor->lot].rules.format == FORMAT_JAPANESE &&
                     auditor->lots[auditor->lot].phase == LOT_OPEN;
    if (is_button && (gate & code_bit(ERROR_NONE)) != 0) {
        gate &= ~code_bit(ERROR_LOT_CLOSED); // its time only ends the entering
    }
    if ((gate & code_bit(ERROR_NONE)) == 0) {
        return gate;
    }
    const struct audit_lot *lot = &auditor->lots[auditor->lot];
    const struct audit_offer *offer = &lot->offers[auditor->by];
    if (!is_button && !books_is_ascending(lot)) {
        return gate | code_bit(ERROR_WRONG_FORMAT) | code_bit(ERROR_ALREADY_PASSED);
    }
    if (offer->passed) {
        return code_bit(ERROR_ALREADY_PASSED);
    }
    if (is_button && !offer->entered) {
        return AUDIT_ANY_REFUSAL;
    }
    if (is_button || (books_is_ascending(lot) && lot->leader != auditor->by)) {
        return gate;
    }
    if (lot->leader == auditor->by) {
        return gate | code_bit(ERROR_ALREADY_LEADING);
    }
    return gate | code_bit(ERROR_WRONG_FORMAT);
}

static void find_meant(struct auditor *auditor, const char *lot, struct bytes paddle)
{
    auditor->lot = books_lot(auditor, lot);
    auditor->by_paddle = paddle.size > 0;
    auditor->by = paddle.size > 0 ? books_paddle(auditor, paddle)
                                  : books_participant(auditor, auditor->command->by.text);
}

uint64_t verdict_of(struct auditor *auditor, const struct sale_command *command)
{
    struct bytes nobody = {0};
    switch (command->op) {
    case SALE_OP_BID:
        find_meant(auditor, command->as.bid.lot.text, nobody);
        return verdict_bid(auditor, command);
    case SALE_OP_SET_MAX:
        find_meant(auditor, command->as.set_max.lot.text, command->as.set_max.paddle);
        return verdict_max(auditor, command);
    case SALE_OP_WITHDRAW_MAX:
        find_meant(auditor, command->as.lot.lot.text, command->as.lot.paddle);
        return verdict_withdraw_max(auditor, command);
    case SALE_OP_BUY_NOW:
        find_meant(auditor, command->as.lot.lot.text, nobody);
        return verdict_buy_now(auditor, command);
    case SALE_OP_PASS:
        find_meant(auditor, command->as.lot.lot.text, nobody);
        return verdict_pass(auditor, command);
    case SALE_OP_FLOOR_BID:
        find_meant(auditor, command->as.floor_bid.lot.text, command->as.floor_bid.paddle);
        return verdict_floor(auditor, command);
    case SALE_OP_ADD_LOTS:
    case SALE_OP_CREATE_INVITE:
    case SALE_OP_JOIN:
    case SALE_OP_BLOCK:
    case SALE_OP_BEGIN:
    case SALE_OP_PAUSE:
    case SALE_OP_RESUME:
    case SALE_OP_NEXT:
    case SALE_OP_RESET:
    case SALE_OP_DELETE:
    case SALE_OP_ANNOUNCE:
    case SALE_OP_UNDO:
    case SALE_OP_SET_ASK:
    case SALE_OP_SELL:
    case SALE_OP_PASS_IN:
    case SALE_OP_WARN:
    case SALE_OP_ADD_TIME:
    case SALE_OP_REOPEN:
    case SALE_OP_WITHDRAW_LOT:
    case SALE_OP_TAKE_GAVEL:
    case SALE_OP_NOMINATE:
    case SALE_OP_SUBMIT_NAMES:
    case SALE_OP_MATCH:
    case SALE_OP_RAISE_MATCH:
    case SALE_OP_ADD_PARTICIPANTS:
    case SALE_OP_SET_PARTICIPANT:
    case SALE_OP_COUNT:
        break;
    }
    return verdict_staff(auditor, command);
}
