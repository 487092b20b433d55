// Rules 1 to 3: the answers that staff and the commands of the sale's flow may get. The rules give
// these checks no order: each code whose reason is there is allowed, and nothing else.
#include "auditor_books.h"

static uint64_t phase_codes(void)
{
    return code_bit(ERROR_WRONG_PHASE) | code_bit(ERROR_NOT_ACTIVE) | code_bit(ERROR_PAUSED);
}

static bool is_staff(enum role role)
{
    return role == ROLE_AUCTIONEER || role == ROLE_ADMIN;
}

// Commands for which the gavel is needed.
static bool needs_gavel(enum sale_op op)
{
    switch (op) {
    case SALE_OP_BEGIN:
    case SALE_OP_PAUSE:
    case SALE_OP_RESUME:
    case SALE_OP_NEXT:
    case SALE_OP_RESET:
    case SALE_OP_UNDO:
    case SALE_OP_SET_ASK:
    case SALE_OP_SELL:
    case SALE_OP_PASS_IN:
    case SALE_OP_WARN:
    case SALE_OP_ADD_TIME:
    case SALE_OP_REOPEN:
    case SALE_OP_WITHDRAW_LOT:
        return true;
    case SALE_OP_ADD_LOTS:
    case SALE_OP_CREATE_INVITE:
    case SALE_OP_JOIN:
    case SALE_OP_BLOCK:
    case SALE_OP_DELETE:
    case SALE_OP_ANNOUNCE:
    case SALE_OP_BID:
    case SALE_OP_SET_MAX:
    case SALE_OP_WITHDRAW_MAX:
    case SALE_OP_BUY_NOW:
    case SALE_OP_PASS:
    case SALE_OP_FLOOR_BID:
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
    return false;
}

static uint64_t reasons_of_lot(const struct auditor *auditor, const struct audit_lot **out_lot)
{
    if (auditor->lot < 0) {
        *out_lot = NULL;
        return code_bit(ERROR_NOT_FOUND) | code_bit(ERROR_WRONG_LOT);
    }
    *out_lot = &auditor->lots[auditor->lot];
    return 0;
}

static uint64_t not_running(const struct auditor *auditor, const struct audit_lot *lot)
{
    if (auditor->phase != AUDIT_LIVE) {
        return phase_codes();
    }
    if (lot != NULL && !books_runs(lot)) {
        return code_bit(ERROR_WRONG_LOT) | code_bit(ERROR_LOT_CLOSED) |
               code_bit(ERROR_WRONG_PHASE) | code_bit(ERROR_NOTHING_TO_UNDO);
    }
    return 0;
}

static uint64_t reasons_next(const struct auditor *auditor)
{
    const struct audit_lot *lot;
    uint64_t reasons = reasons_of_lot(auditor, &lot);
    if (auditor->phase != AUDIT_LIVE) {
        reasons |= phase_codes();
    }
    if (lot == NULL) {
        return reasons;
    }
    if (!books_runs(lot) && auditor->next != auditor->lot) {
        reasons |= code_bit(ERROR_WRONG_LOT) | code_bit(ERROR_LOT_CLOSED);
        // while a lot is to be named the auctioneer may name it, or may not
        bool may = (auditor->nominating && lot->phase == LOT_PENDING) || lot->start_due;
        reasons |= may ? code_bit(ERROR_NONE) : 0;
    }
    if (lot->phase == LOT_CLOSING || lot->phase == LOT_MATCHING) {
        reasons |= AUDIT_ANY_REFUSAL | code_bit(ERROR_NONE); // open: may a grace be cut short?
    }
    return reasons;
}

static uint64_t reasons_live(const struct auditor *auditor, enum sale_op op)
{
    const struct audit_lot *lot;
    uint64_t reasons = reasons_of_lot(auditor, &lot);
    reasons |= not_running(auditor, lot);
    if (reasons != 0 || lot == NULL) {
        return reasons;
    }
    if (lot->rules.format != FORMAT_LIVE || lot->phase != LOT_OPEN) {
        return AUDIT_ANY_REFUSAL | code_bit(ERROR_NONE);
    }
    bool good = lot->leader >= 0 && lot->price >= lot->reserve;
    if (op == SALE_OP_SELL && !good) { // may an auctioneer sell below the reserve? open
        return AUDIT_ANY_REFUSAL | (lot->leader >= 0 ? code_bit(ERROR_NONE) : 0);
    }
    if (op == SALE_OP_WARN && lot->warned >= WARNINGS_MAX) {
        return AUDIT_ANY_REFUSAL | code_bit(ERROR_NONE);
    }
    int64_t ask = auditor->command->as.set_ask.ask_minor;
    if (op == SALE_OP_SET_ASK && ask != 0 && (ask <= lot->price || ask > AMOUNT_MINOR_MAX)) {
        return code_bit(ERROR_BAD_AMOUNT) | code_bit(ERROR_BELOW_ASK);
    }
    if (op == SALE_OP_SET_ASK && ask != 0) {
        int64_t table = ladder_raise(&lot->rules.increments, lot->price);
        bool odd = lot->price == 0 ? ask < lot->opening : ask < table;
        odd = odd || lot->rules.strict;
        return odd ? code_bit(ERROR_NONE) | code_bit(ERROR_BELOW_ASK) | code_bit(ERROR_BAD_AMOUNT) |
                         code_bit(ERROR_OFF_LADDER)
                   : 0;
    }
    return 0;
}

static uint64_t reasons_undo(const struct auditor *auditor)
{
    const struct audit_lot *lot;
    uint64_t reasons = reasons_of_lot(auditor, &lot);
    if (lot == NULL) {
        return reasons | (auditor->phase != AUDIT_LIVE ? phase_codes() : 0);
    }
    if (auditor->phase == AUDIT_PAUSED && books_runs(lot) && lot->undo_count > 0) {
        return phase_codes() | code_bit(ERROR_NONE) | // an open lot of a paused sale: open
               (verdict_time_is_over(auditor, lot) ? code_bit(ERROR_LOT_CLOSED) : 0);
    }
    reasons |= not_running(auditor, lot);
    if (!books_runs(lot) || lot->undo_count == 0) {
        reasons |= code_bit(ERROR_NOTHING_TO_UNDO);
    }
    if (books_runs(lot) && verdict_time_is_over(auditor, lot)) { // its end was not announced yet
        reasons |= code_bit(ERROR_LOT_CLOSED) | (reasons == 0 ? code_bit(ERROR_NONE) : 0);
    }
    if (!books_is_ascending(lot)) {
        reasons |= code_bit(ERROR_WRONG_FORMAT) | code_bit(ERROR_NOTHING_TO_UNDO);
    }
    if (lot->phase == LOT_MATCHING || lot->was_reopened) {
        reasons |= AUDIT_ANY_REFUSAL | code_bit(ERROR_NONE);
    }
    return reasons;
}

static uint64_t reasons_add_time(const struct auditor *auditor)
{
    const struct audit_lot *lot;
    uint64_t reasons = reasons_of_lot(auditor, &lot);
    reasons |= not_running(auditor, lot);
    if (auditor->phase == AUDIT_PAUSED && lot != NULL && books_runs(lot)) {
        reasons |= code_bit(ERROR_NONE);
    }
    int64_t add = auditor->command->as.add_time.add_ms;
    if (add <= 0 || add > DURATION_MS_MAX) {
        reasons |= code_bit(ERROR_BAD_AMOUNT) | code_bit(ERROR_BAD_REQUEST) |
                   code_bit(ERROR_BAD_DEFINITION);
    }
    if (lot != NULL && books_runs(lot) &&
        (lot->ends_at == 0 || lot->phase != LOT_OPEN || !books_is_ascending(lot) ||
         lot->draws_at > 0 || auditor->now >= lot->ends_at)) {
        reasons |= AUDIT_ANY_REFUSAL | code_bit(ERROR_NONE);
    }
    return reasons;
}

// "Sold may be reopened until the next lot has its first bid (in parallel sales for 60 s, the last
// lot until complete; later REOPEN_TOO_LATE)".
static uint64_t reasons_reopen(const struct auditor *auditor)
{
    const struct audit_lot *lot;
    uint64_t reasons = reasons_of_lot(auditor, &lot);
    if (auditor->phase != AUDIT_LIVE) {
        reasons |= phase_codes() | code_bit(ERROR_REOPEN_TOO_LATE);
    }
    if (lot == NULL) {
        return reasons;
    }
    if (lot->phase != LOT_SOLD) {
        return reasons | code_bit(ERROR_WRONG_PHASE) | code_bit(ERROR_WRONG_LOT) |
               code_bit(ERROR_LOT_CLOSED) | code_bit(ERROR_REOPEN_TOO_LATE);
    }
    if (auditor->rules.rules.flow == FLOW_PARALLEL) {
        int64_t since = auditor->now - lot->sold_at;
        if (since - lot->sold_shift > 60000) {
            reasons |= code_bit(ERROR_REOPEN_TOO_LATE);
        } else if (since >= 60000) { // whether a pause counts is open
            reasons |= code_bit(ERROR_REOPEN_TOO_LATE) | code_bit(ERROR_NONE);
        }
    } else {
        bool next_has_bid = auditor->last_closed != auditor->lot;
        for (int i = 0; i < auditor->lots_count; i++) {
            const struct audit_lot *other = &auditor->lots[i];
            next_has_bid = next_has_bid || (books_runs(other) && other->bids > 0);
            bool is_sealed = other->rules.format == FORMAT_SEALED_FIRST ||
                             other->rules.format == FORMAT_VICKREY ||
                             other->rules.format == FORMAT_UNIFORM;
            // Whether a sealed lot has a bid must not be told: it may count as if it had one.
            if (books_runs(other) && (books_has_maxima(other) || is_sealed)) {
                reasons |= code_bit(ERROR_REOPEN_TOO_LATE) | code_bit(ERROR_NONE);
            }
        }
        reasons |= next_has_bid ? code_bit(ERROR_REOPEN_TOO_LATE) | code_bit(ERROR_WRONG_LOT) : 0;
    }
    if (!books_is_ascending(lot) || lot->rules.format == FORMAT_CANDLE) { // its draw was told
        reasons |= AUDIT_ANY_REFUSAL | code_bit(ERROR_NONE);
    }
    return reasons;
}

static uint64_t reasons_withdraw(const struct auditor *auditor)
{
    const struct audit_lot *lot;
    uint64_t reasons = reasons_of_lot(auditor, &lot);
    if (lot == NULL) {
        return reasons;
    }
    if (lot->phase == LOT_SOLD || lot->phase == LOT_WITHDRAWN) {
        reasons |= AUDIT_ANY_REFUSAL;
    } else if (lot->phase == LOT_UNSOLD || auditor->phase == AUDIT_PAUSED ||
               auditor->phase == AUDIT_COMPLETE || lot->phase == LOT_MATCHING ||
               lot->awards_count > 0) { // pieces are sold already
        reasons |= AUDIT_ANY_REFUSAL | code_bit(ERROR_NONE);
    } else if (auditor->phase != AUDIT_LIVE && auditor->phase != AUDIT_LOBBY) {
        reasons |= phase_codes();
    }
    return reasons;
}

// Whether sealed bids count against a purse before their close is open.
static uint64_t money_reasons(const struct auditor *auditor, int64_t amount, uint64_t *io_optional)
{
    uint64_t with = code_bit(money_judge(auditor, auditor->by, auditor->lot, amount, true));
    uint64_t without = code_bit(money_judge(auditor, auditor->by, auditor->lot, amount, false));
    if (without == code_bit(ERROR_NONE)) {
        *io_optional |= with | without;
        return 0;
    }
    return with | without;
}

static uint64_t reasons_match(const struct auditor *auditor, const struct sale_command *command)
{
    const struct audit_lot *lot;
    uint64_t reasons = reasons_of_lot(auditor, &lot);
    if (auditor->by < 0) {
        reasons |= code_bit(ERROR_NOT_PARTICIPANT);
    }
    if (auditor->phase != AUDIT_LIVE) {
        reasons |= phase_codes();
    }
    if (lot == NULL || auditor->by < 0) {
        return reasons;
    }
    if (lot->phase != LOT_MATCHING || auditor->now >= lot->answers_at) {
        return reasons | AUDIT_ANY_REFUSAL;
    }
    uint64_t optional = 0;
    bool is_raise = command->op == SALE_OP_RAISE_MATCH;
    bool asks_winner = lot->match_stage == MATCH_ASK_WINNER;
    int expected = asks_winner ? lot->match_winner : books_participant(auditor, lot->match_holder);
    if (is_raise != asks_winner || auditor->by != expected) {
        reasons |=
            code_bit(ERROR_NOT_YOUR_TURN) | code_bit(ERROR_WRONG_PHASE) | code_bit(ERROR_FORBIDDEN);
    }
    if (command->role != ROLE_BIDDER ||
        auditor->participants[auditor->by].status != PARTICIPANT_ACCEPTED) {
        reasons |= code_bit(ERROR_FORBIDDEN);
    }
    int64_t amount = command->as.match.amount_minor;
    if (is_raise && amount != 0) {
        bool low = amount < ladder_raise(&lot->rules.increments, lot->match_price);
        bool bad = amount < 0 || amount > AMOUNT_MINOR_MAX;
        reasons |= low ? code_bit(ERROR_BELOW_ASK) : 0;
        reasons |= bad ? code_bit(ERROR_BAD_AMOUNT) : 0;
        optional = lot->rules.strict ? code_bit(ERROR_OFF_LADDER) | code_bit(ERROR_NONE) : 0;
        reasons |= money_reasons(auditor, amount, &optional);
    }
    if (!is_raise && command->as.match.accept) {
        reasons |= money_reasons(auditor, lot->match_price, &optional);
    }
    reasons &= ~code_bit(ERROR_NONE);
    return reasons == 0 ? optional : reasons | (optional & ~code_bit(ERROR_NONE));
}

static uint64_t reasons_nominate(const struct auditor *auditor, const struct sale_command *command)
{
    const struct audit_lot *lot;
    uint64_t reasons = reasons_of_lot(auditor, &lot);
    bool by_staff = is_staff(command->role);
    if (auditor->by < 0 && !by_staff) {
        reasons |= code_bit(ERROR_NOT_PARTICIPANT) | code_bit(ERROR_FORBIDDEN);
    }
    if (auditor->phase != AUDIT_LIVE || !auditor->nominating) {
        reasons |= phase_codes() | code_bit(ERROR_NOT_YOUR_TURN) | code_bit(ERROR_WRONG_FORMAT) |
                   code_bit(ERROR_LOT_CLOSED) | code_bit(ERROR_WRONG_LOT);
    }
    if (auditor->by != auditor->nominator) {
        reasons |= code_bit(ERROR_NOT_YOUR_TURN) | code_bit(ERROR_FORBIDDEN);
    }
    if (lot != NULL && lot->phase != LOT_PENDING) {
        reasons |=
            code_bit(ERROR_WRONG_LOT) | code_bit(ERROR_LOT_CLOSED) | code_bit(ERROR_WRONG_PHASE);
    }
    if (auditor->by >= 0 && auditor->participants[auditor->by].status != PARTICIPANT_ACCEPTED) {
        reasons |= code_bit(ERROR_FORBIDDEN);
    }
    if (command->role != ROLE_BIDDER) {
        reasons |= code_bit(ERROR_FORBIDDEN);
    }
    if (auditor->nominating && auditor->now >= auditor->nomination_ends) {
        reasons |= code_bit(ERROR_LOT_CLOSED) | phase_codes() | code_bit(ERROR_NONE) |
                   code_bit(ERROR_NOT_YOUR_TURN);
    }
    if (auditor->rules.rules.nominator_bids && auditor->by >= 0 && lot != NULL) {
        reasons |= code_bit(
            money_judge(auditor, auditor->by, auditor->lot, lot->opening, true)); // his bid is part
    }
    return reasons;
}

static uint64_t reasons_names(const struct auditor *auditor, const struct sale_command *command)
{
    uint64_t reasons = 0;
    if (auditor->by < 0) {
        reasons |= code_bit(ERROR_NOT_PARTICIPANT);
    } else if (auditor->participants[auditor->by].status != PARTICIPANT_ACCEPTED) {
        reasons |= code_bit(ERROR_FORBIDDEN) | code_bit(ERROR_NOT_PARTICIPANT);
    }
    if (command->role != ROLE_BIDDER) {
        reasons |= code_bit(ERROR_FORBIDDEN);
    }
    if (auditor->phase != AUDIT_LIVE || !auditor->naming) {
        reasons |= phase_codes() | code_bit(ERROR_WRONG_FORMAT) | code_bit(ERROR_NOT_YOUR_TURN);
    } else if (auditor->now >= auditor->naming_ends) {
        reasons |= phase_codes() | code_bit(ERROR_LOT_CLOSED) | code_bit(ERROR_NONE);
    }
    for (size_t i = 0; i < command->as.submit_names.count; i++) {
        int lot = books_lot(auditor, command->as.submit_names.lots[i].text);
        if (lot < 0) {
            reasons |= code_bit(ERROR_NOT_FOUND) | code_bit(ERROR_WRONG_LOT);
        } else if (auditor->lots[lot].phase != LOT_UNSOLD) {
            reasons |= code_bit(ERROR_WRONG_LOT) | code_bit(ERROR_LOT_CLOSED);
        }
        for (size_t k = 0; k < i; k++) { // naming a lot twice: open
            if (strcmp(command->as.submit_names.lots[k].text,
                       command->as.submit_names.lots[i].text) == 0) {
                reasons |= AUDIT_ANY_REFUSAL | code_bit(ERROR_NONE);
            }
        }
    }
    return reasons;
}

static uint64_t reasons_sale(struct auditor *auditor, const struct sale_command *command)
{
    bool none_waits = books_first(auditor, LOT_PENDING) < 0;
    switch (command->op) {
    case SALE_OP_BEGIN:
        if (auditor->phase != AUDIT_LOBBY) {
            return phase_codes();
        }
        return auditor->lots_count == 0 ? code_bit(ERROR_NO_LOTS)
               : none_waits             ? AUDIT_ANY_REFUSAL | code_bit(ERROR_NONE)
                                        : 0;
    case SALE_OP_PAUSE:
        return auditor->phase != AUDIT_LIVE ? phase_codes() : 0;
    case SALE_OP_RESUME:
        return auditor->phase != AUDIT_PAUSED ? phase_codes() : 0;
    case SALE_OP_RESET:
        return auditor->phase != AUDIT_PAUSED && auditor->phase != AUDIT_COMPLETE ? phase_codes()
                                                                                  : 0;
    case SALE_OP_DELETE:
        return command->role != ROLE_ADMIN ? code_bit(ERROR_FORBIDDEN) : 0;
    case SALE_OP_TAKE_GAVEL:
        return command->console.size == 0 ? AUDIT_ANY_REFUSAL | code_bit(ERROR_NONE) : 0;
    case SALE_OP_ADD_LOTS:
        return (auditor->phase != AUDIT_LOBBY ? phase_codes() : 0) | code_bit(ERROR_NONE) |
               code_bit(ERROR_LOT_EXISTS) | code_bit(ERROR_BAD_DEFINITION);
    case SALE_OP_BLOCK:
        return books_participant(auditor, command->as.block.participant.text) < 0
                   ? code_bit(ERROR_NOT_FOUND) | code_bit(ERROR_NOT_PARTICIPANT)
                   : 0;
    case SALE_OP_SET_PARTICIPANT:
        if (books_participant(auditor, command->as.set_participant.participant.text) < 0) {
            return code_bit(ERROR_NOT_FOUND) | code_bit(ERROR_NOT_PARTICIPANT);
        }
        return code_bit(ERROR_BAD_DEFINITION) | code_bit(ERROR_BAD_AMOUNT) |
               code_bit(ERROR_BAD_REQUEST) | code_bit(ERROR_NONE);
    case SALE_OP_ANNOUNCE:
        return 0;
    case SALE_OP_JOIN:
    case SALE_OP_CREATE_INVITE:
    case SALE_OP_ADD_PARTICIPANTS:
    case SALE_OP_NEXT:
    case SALE_OP_BID:
    case SALE_OP_SET_MAX:
    case SALE_OP_WITHDRAW_MAX:
    case SALE_OP_BUY_NOW:
    case SALE_OP_PASS:
    case SALE_OP_FLOOR_BID:
    case SALE_OP_UNDO:
    case SALE_OP_SET_ASK:
    case SALE_OP_SELL:
    case SALE_OP_PASS_IN:
    case SALE_OP_WARN:
    case SALE_OP_ADD_TIME:
    case SALE_OP_REOPEN:
    case SALE_OP_WITHDRAW_LOT:
    case SALE_OP_NOMINATE:
    case SALE_OP_SUBMIT_NAMES:
    case SALE_OP_MATCH:
    case SALE_OP_RAISE_MATCH:
    case SALE_OP_COUNT:
        break;
    }
    return AUDIT_ANY_REFUSAL | code_bit(ERROR_NONE); // registration: judged by its own tests
}

static const char *lot_meant(const struct sale_command *command)
{
    switch (command->op) {
    case SALE_OP_NEXT:
        return command->as.next.lot.text;
    case SALE_OP_UNDO:
        return command->as.undo.lot.text;
    case SALE_OP_WITHDRAW_LOT:
        return command->as.withdraw_lot.lot.text;
    case SALE_OP_SET_ASK:
        return command->as.set_ask.lot.text;
    case SALE_OP_ADD_TIME:
        return command->as.add_time.lot.text;
    case SALE_OP_NOMINATE:
        return command->as.nominate.lot.text;
    case SALE_OP_MATCH:
    case SALE_OP_RAISE_MATCH:
        return command->as.match.lot.text;
    case SALE_OP_SELL:
    case SALE_OP_PASS_IN:
    case SALE_OP_WARN:
    case SALE_OP_REOPEN:
        return command->as.lot.lot.text;
    case SALE_OP_ADD_LOTS:
    case SALE_OP_CREATE_INVITE:
    case SALE_OP_JOIN:
    case SALE_OP_BLOCK:
    case SALE_OP_BEGIN:
    case SALE_OP_PAUSE:
    case SALE_OP_RESUME:
    case SALE_OP_RESET:
    case SALE_OP_DELETE:
    case SALE_OP_ANNOUNCE:
    case SALE_OP_BID:
    case SALE_OP_SET_MAX:
    case SALE_OP_WITHDRAW_MAX:
    case SALE_OP_BUY_NOW:
    case SALE_OP_PASS:
    case SALE_OP_FLOOR_BID:
    case SALE_OP_TAKE_GAVEL:
    case SALE_OP_SUBMIT_NAMES:
    case SALE_OP_ADD_PARTICIPANTS:
    case SALE_OP_SET_PARTICIPANT:
    case SALE_OP_COUNT:
        break;
    }
    return "";
}

static uint64_t reasons_of(struct auditor *auditor, const struct sale_command *command)
{
    switch (command->op) {
    case SALE_OP_NEXT:
        return reasons_next(auditor);
    case SALE_OP_UNDO:
        return reasons_undo(auditor);
    case SALE_OP_SET_ASK:
    case SALE_OP_SELL:
    case SALE_OP_PASS_IN:
    case SALE_OP_WARN:
        return reasons_live(auditor, command->op);
    case SALE_OP_ADD_TIME:
        return reasons_add_time(auditor);
    case SALE_OP_REOPEN:
        return reasons_reopen(auditor);
    case SALE_OP_WITHDRAW_LOT:
        return reasons_withdraw(auditor);
    case SALE_OP_NOMINATE:
        return reasons_nominate(auditor, command);
    case SALE_OP_SUBMIT_NAMES:
        return reasons_names(auditor, command);
    case SALE_OP_MATCH:
    case SALE_OP_RAISE_MATCH:
        return reasons_match(auditor, command);
    case SALE_OP_ADD_LOTS:
    case SALE_OP_CREATE_INVITE:
    case SALE_OP_JOIN:
    case SALE_OP_BLOCK:
    case SALE_OP_BEGIN:
    case SALE_OP_PAUSE:
    case SALE_OP_RESUME:
    case SALE_OP_RESET:
    case SALE_OP_DELETE:
    case SALE_OP_ANNOUNCE:
    case SALE_OP_BID:
    case SALE_OP_SET_MAX:
    case SALE_OP_WITHDRAW_MAX:
    case SALE_OP_BUY_NOW:
    case SALE_OP_PASS:
    case SALE_OP_FLOOR_BID:
    case SALE_OP_TAKE_GAVEL:
    case SALE_OP_ADD_PARTICIPANTS:
    case SALE_OP_SET_PARTICIPANT:
    case SALE_OP_COUNT:
        break;
    }
    return reasons_sale(auditor, command);
}

static bool is_for_bidders(enum sale_op op)
{
    return op == SALE_OP_JOIN || op == SALE_OP_NOMINATE || op == SALE_OP_SUBMIT_NAMES ||
           op == SALE_OP_MATCH || op == SALE_OP_RAISE_MATCH;
}

uint64_t verdict_staff(struct auditor *auditor, const struct sale_command *command)
{
    auditor->lot = books_lot(auditor, lot_meant(command));
    auditor->by = books_participant(auditor, command->by.text);
    if (auditor->phase == AUDIT_GONE) {
        return code_bit(ERROR_NOT_FOUND);
    }
    uint64_t reasons = reasons_of(auditor, command);
    if (!is_for_bidders(command->op) && !is_staff(command->role)) {
        reasons = (reasons & ~code_bit(ERROR_NONE)) | code_bit(ERROR_FORBIDDEN);
    }
    if (needs_gavel(command->op) && auditor->gavel[0] != 0 &&
        !bytes_equal_text(command->console, auditor->gavel)) {
        reasons = (reasons & ~code_bit(ERROR_NONE)) | code_bit(ERROR_NO_GAVEL);
    }
    return reasons == 0 ? code_bit(ERROR_NONE) : reasons;
}
