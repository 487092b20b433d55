// Rules 2 and 3: a lot's way from its start to its hammer.
#include "auditor_books.h"

// Parallel: all waiting lots open together, lot k ends at T + k * stagger, earlier or later by what
// its own duration differs. The order of shuffled lots is known only by their ends: see
// auditor_check().
void flow_open_all(struct auditor *auditor, int64_t first_ends_at)
{
    const struct sale_rules *rules = &auditor->rules.rules;
    must(auditor,
         first_ends_at == auditor->now + rules->lot.duration_ms ||
             first_ends_at == auditor->now + rules->gap_ms + rules->lot.duration_ms,
         "the first of all lots has its whole time");
    auditor->parallel_base = first_ends_at;
    auditor->places_open = 0;
    for (int i = 0; i < auditor->lots_count; i++) {
        struct audit_lot *lot = &auditor->lots[i];
        if (lot->phase != LOT_PENDING) {
            continue;
        }
        lot->phase = LOT_OPEN;
        lot->started_at = auditor->now;
        lot->clock_from = auditor->now;
        lot->clock_price = lot->opening;
        lot->quantity_left = lot->quantity;
        lot->place_open = true;
        auditor->places_open++;
    }
}

void fact_started(struct auditor *auditor, const struct sale_event *event)
{
    const struct sale_rules *rules = &auditor->rules.rules;
    int64_t next = event->as.sale_started.next_lot_index;
    bool by_command = auditor->command != NULL && auditor->command->op == SALE_OP_BEGIN;
    bool by_clock = auditor->cause == CAUSE_DEADLINE && rules->start_mode == START_AT &&
                    auditor->now >= rules->starts_at_ms;
    bool at_once = rules->start_mode == START_AT_ONCE;
    must(auditor, auditor->phase == AUDIT_LOBBY && auditor->lots_count > 0, "begin in the lobby");
    must(auditor, by_command || by_clock || at_once, "a sale starts by its start mode");
    auditor->phase = AUDIT_LIVE;
    auditor->begun_at = auditor->now;
    auditor->lobby_ends = 0;
    if (rules->flow == FLOW_PARALLEL) {
        must(auditor, next < 0, "no lot is counted in");
        flow_open_all(auditor, event->as.sale_started.first_ends_at_ms);
        return;
    }
    uint64_t reasons;
    if (next >= 0 &&
        money_is_over(auditor, &reasons)) { // found out at the start or at the first lot
        auditor->next = (int)next;
        auditor->next_at = event->as.sale_started.next_starts_at_ms;
        return;
    }
    rounds_sequel(auditor, next, event->as.sale_started.next_starts_at_ms);
}

// L10: "next" names the lot that it means.
static bool is_next_of(const struct auditor *auditor, const struct audit_lot *lot)
{
    return auditor->cause == CAUSE_COMMAND && auditor->command->op == SALE_OP_NEXT &&
           strcmp(auditor->command->as.next.lot.text, lot->id) == 0;
}

static void check_start_end(struct auditor *auditor, int index, const struct sale_event *event)
{
    const struct audit_lot *lot = &auditor->lots[index];
    int64_t ends_at = event->as.lot_started.ends_at_ms;
    int64_t draws_at = event->as.lot_started.draws_at_ms;
    enum auction_format format = lot->rules.format;
    if (format == FORMAT_LIVE) {
        must(auditor, ends_at == 0, "a live lot has no clock");
        return;
    }
    if (format == FORMAT_DUTCH) {
        return; // its price is its clock
    }
    if (auditor->rules.rules.flow == FLOW_PARALLEL && format != FORMAT_JAPANESE) {
        int64_t off =
            ends_at - auditor->parallel_base - lot->duration + auditor->rules.rules.lot.duration_ms;
        int64_t stagger = auditor->rules.rules.stagger_ms;
        must(auditor, off >= 0 && (stagger > 0 ? off % stagger == 0 : off == 0),
             "lot k ends k times the stagger after the first");
    } else {
        must(auditor, ends_at == auditor->now + lot->duration || format == FORMAT_JAPANESE,
             "a lot has its whole time");
    }
    if (format == FORMAT_CANDLE && lot->rules.candle_ending_ms > 0) {
        must(auditor, draws_at <= ends_at && draws_at >= ends_at - lot->rules.candle_ending_ms,
             "a candle goes out inside the ending phase");
    } else {
        must(auditor, draws_at == 0, "only a candle's end is drawn");
    }
}

void fact_lot_started(struct auditor *auditor, const struct sale_event *event)
{
    int64_t index = event->as.lot_started.lot_index;
    bool parallel = auditor->rules.rules.flow == FLOW_PARALLEL;
    uint64_t reasons;
    must(auditor, index >= 0 && index < auditor->lots_count, "the lot that starts is there");
    must(auditor, parallel || !books_any_runs(auditor), "one lot at a time");
    must(auditor, parallel || index == auditor->next, "the lot counted in starts");
    if (auditor->fault[0] != 0) {
        return;
    }
    struct audit_lot *lot = &auditor->lots[index];
    must(auditor, parallel || is_next_of(auditor, lot) || auditor->now >= auditor->next_at,
         "a lot starts after its gap");
    must(auditor, lot->phase == LOT_PENDING && (!parallel || lot->start_due),
         "a lot is offered once in a round");
    lot->start_due = false;
    must(auditor, parallel || !money_is_over(auditor, &reasons), "a complete sale starts no lot");
    check_start_end(auditor, (int)index, event);
    lot->phase = LOT_OPEN;
    lot->started_at = auditor->now;
    lot->ends_at = event->as.lot_started.ends_at_ms;
    lot->first_ends_at = lot->ends_at;
    lot->draws_at = event->as.lot_started.draws_at_ms;
    lot->clock_from = auditor->now;
    lot->clock_price = lot->opening;
    lot->quantity_left = lot->quantity;
    if (!parallel) {
        auditor->next = -1;
    }
}

// ---- the hammer ----

static bool is_command_for(const struct auditor *auditor, const struct audit_lot *lot,
                           enum sale_op op)
{
    return auditor->cause == CAUSE_COMMAND && auditor->command->op == op && auditor->lot >= 0 &&
           &auditor->lots[auditor->lot] == lot;
}

// Time closes a lot at its end and after its grace, not before.
static bool time_may_close(const struct auditor *auditor, const struct audit_lot *lot)
{
    if (auditor->cause != CAUSE_DEADLINE) {
        return false;
    }
    if (lot->phase == LOT_MATCHING) {
        return auditor->now >= lot->answers_at;
    }
    if (lot->draws_at > 0 && auditor->now >= lot->draws_at) {
        return true;
    }
    return lot->ends_at > 0 && auditor->now >= lot->ends_at + lot->rules.closing_grace_ms;
}

// Everybody but the leader who could still bid has passed, and at least one.
static bool all_have_passed(const struct auditor *auditor, int index, bool able_only)
{
    const struct audit_lot *lot = &auditor->lots[index];
    int passed = 0;
    for (int p = 0; p < auditor->participants_count; p++) {
        bool counts = auditor->participants[p].status == PARTICIPANT_ACCEPTED && p != lot->leader;
        if (counts && !lot->offers[p].passed) {
            bool able = money_judge(auditor, p, index, ladder_ask(lot), true) == ERROR_NONE;
            if (able || !able_only) {
                return false;
            }
        }
        passed += counts && lot->offers[p].passed;
    }
    return passed > 0;
}

static bool may_close(const struct auditor *auditor, int index, enum close_reason reason)
{
    const struct audit_lot *lot = &auditor->lots[index];
    bool is_japanese = lot->rules.format == FORMAT_JAPANESE;
    if (lot->phase == LOT_MATCHING) { // the reason may be that of the hammer before
        return time_may_close(auditor, lot) || is_next_of(auditor, lot) ||
               is_command_for(auditor, lot, SALE_OP_MATCH) ||
               is_command_for(auditor, lot, SALE_OP_RAISE_MATCH);
    }
    switch (reason) {
    case CLOSE_TIME:
        return time_may_close(auditor, lot) || is_japanese ||
               ((lot->phase == LOT_CLOSING || auditor->now >= lot->ends_at) &&
                is_next_of(auditor, lot)) ||
               (lot->rules.format == FORMAT_DUTCH && auditor->cause == CAUSE_DEADLINE &&
                format_dutch_price(lot, auditor->now) < most_of(lot->reserve, 1));
    case CLOSE_NEXT:
        return is_next_of(auditor, lot);
    case CLOSE_HAMMER:
        return is_command_for(auditor, lot, SALE_OP_SELL);
    case CLOSE_BUY_NOW:
        return is_command_for(auditor, lot, SALE_OP_BUY_NOW);
    case CLOSE_PASSED:
        return is_japanese || all_have_passed(auditor, index, true);
    case CLOSE_PRESSED:
        return lot->rules.format == FORMAT_DUTCH;
    case CLOSE_MATCHED:
        return lot->phase == LOT_MATCHING;
    }
    return false;
}

static void finish_lot(struct auditor *auditor, int index, enum lot_phase phase)
{
    struct audit_lot *lot = &auditor->lots[index];
    lot->phase = phase;
    lot->sold_at = auditor->now;
    lot->sold_shift = 0;
    lot->held = 0;
    lot->undo_count = 0;
    auditor->revealed = auditor->revealed == index ? -1 : auditor->revealed;
    auditor->last_closed = phase == LOT_SOLD ? index : auditor->last_closed;
}

static void check_matched(struct auditor *auditor, int index, int winner)
{
    const struct audit_lot *lot = &auditor->lots[index];
    int holder = books_participant(auditor, lot->match_holder);
    if (auditor->rules.rules.match == MATCH_NONE || holder < 0 || lot->phase == LOT_MATCHING ||
        winner == holder || !books_is_ascending(lot)) {
        return;
    }
    bool able = auditor->participants[holder].status == PARTICIPANT_ACCEPTED &&
                money_judge(auditor, holder, index, lot->price, true) == ERROR_NONE;
    must(auditor, !able, "the holder of the right to match is asked before the hammer counts");
}

static void sold_ascending(struct auditor *auditor, int index, int winner,
                           const struct sale_event *event)
{
    struct audit_lot *lot = &auditor->lots[index];
    enum close_reason reason = event->as.lot_sold.reason;
    int64_t price = event->as.lot_sold.price_minor;
    int holder = books_participant(auditor, lot->match_holder);
    if (reason == CLOSE_BUY_NOW && lot->phase != LOT_MATCHING) {
        must(auditor, winner == auditor->by && price == lot->buy_now, "who buys pays its price");
        lot->price = lot->buy_now;
        lot->leader = winner;
    } else if (lot->phase == LOT_MATCHING) {
        must(auditor, winner == lot->match_winner || winner == holder,
             "the lot goes to the winner or to the holder of the right");
        must(auditor, price == lot->match_price, "at the price that was to be matched");
        lot->price = price;
        lot->leader = winner;
    } else {
        check_matched(auditor, index, winner);
        must(auditor, winner == lot->leader, "the winner is the best valid bid");
        must(auditor, price == lot->price, "the winner pays his bid");
        must(auditor, lot->price >= lot->reserve || reason == CLOSE_HAMMER,
             "below the reserve nothing is sold");
    }
}

void fact_sold(struct auditor *auditor, const struct sale_event *event)
{
    int64_t index = event->as.lot_sold.lot_index;
    int winner = books_participant(auditor, event->as.lot_sold.winner.text);
    must(auditor, index >= 0 && index < auditor->lots_count, "the lot sold is there");
    if (auditor->fault[0] != 0) {
        return;
    }
    struct audit_lot *lot = &auditor->lots[index];
    must(auditor, books_runs(lot), "one winner a lot: only an open lot is sold");
    must(auditor, may_close(auditor, (int)index, event->as.lot_sold.reason),
         "a lot is closed by its time or by a command for it");
    if (books_is_ascending(lot)) {
        must(auditor, winner >= 0, "a lot sold has a winner");
        if (auditor->fault[0] == 0) {
            sold_ascending(auditor, (int)index, winner, event);
            money_spend(auditor, winner, (int)index, lot->price, 1);
        }
    } else {
        format_outcome(auditor, (int)index, event);
    }
    finish_lot(auditor, (int)index, LOT_SOLD);
    rounds_sequel(auditor, event->as.lot_sold.next_lot_index, event->as.lot_sold.next_starts_at_ms);
}

static bool may_go_unsold(const struct auditor *auditor, int index)
{
    const struct audit_lot *lot = &auditor->lots[index];
    return time_may_close(auditor, lot) || is_next_of(auditor, lot) ||
           is_command_for(auditor, lot, SALE_OP_PASS_IN) ||
           is_command_for(auditor, lot, SALE_OP_SELL) || all_have_passed(auditor, index, true) ||
           lot->rules.format == FORMAT_JAPANESE;
}

void fact_unsold(struct auditor *auditor, const struct sale_event *event)
{
    int64_t index = event->as.lot_unsold.lot_index;
    must(auditor, index >= 0 && index < auditor->lots_count, "the lot unsold is there");
    if (auditor->fault[0] != 0) {
        return;
    }
    struct audit_lot *lot = &auditor->lots[index];
    must(auditor, books_runs(lot), "only an open lot is passed");
    must(auditor, may_go_unsold(auditor, (int)index), "a lot is closed by its time or by its next");
    if (books_is_ascending(lot)) {
        bool passed_in = is_command_for(auditor, lot, SALE_OP_PASS_IN);
        bool good = lot->leader >= 0 && lot->price >= lot->reserve;
        enum unsold_reason reason = lot->leader < 0 ? UNSOLD_NO_BIDS : UNSOLD_RESERVE_NOT_MET;
        must(auditor, !good || passed_in, "a good bid is a sale");
        must(auditor,
             event->as.lot_unsold.reason == reason ||
                 event->as.lot_unsold.reason == UNSOLD_PASSED ||
                 (lot->house && event->as.lot_unsold.reason == UNSOLD_RESERVE_NOT_MET),
             "the reason of an unsold lot");
    } else {
        format_outcome(auditor, (int)index, event);
    }
    lot->leader = -1;
    lot->house = false;
    finish_lot(auditor, (int)index, LOT_UNSOLD);
    rounds_sequel(auditor, event->as.lot_unsold.next_lot_index,
                  event->as.lot_unsold.next_starts_at_ms);
}

void fact_withdrawn(struct auditor *auditor, const struct sale_event *event)
{
    int64_t index = event->as.lot_withdrawn.lot_index;
    must(auditor, index >= 0 && index < auditor->lots_count, "the lot withdrawn is there");
    if (auditor->fault[0] != 0) {
        return;
    }
    struct audit_lot *lot = &auditor->lots[index];
    bool ran = books_runs(lot);
    if (event->as.lot_withdrawn.reason == WITHDRAWN_BELOW_MINIMUM) {
        must(auditor,
             lot->rules.format == FORMAT_DUTCH && auditor->cause == CAUSE_DEADLINE &&
                 format_dutch_price(lot, auditor->now) < most_of(lot->reserve, 1),
             "only a clock that has fallen through the minimum withdraws a lot");
    } else {
        must(auditor, is_command_for(auditor, lot, SALE_OP_WITHDRAW_LOT),
             "a lot that nobody withdrew");
    }
    must(auditor, ran || lot->phase == LOT_PENDING || lot->phase == LOT_UNSOLD,
         "a lot sold is not withdrawn");
    lot->leader = -1;
    lot->house = false;
    int last_closed = auditor->last_closed;
    finish_lot(auditor, (int)index, LOT_WITHDRAWN);
    if (ran) {
        rounds_sequel(auditor, event->as.lot_withdrawn.next_lot_index,
                      event->as.lot_withdrawn.next_starts_at_ms);
        return;
    }
    auditor->last_closed = last_closed;
    if (auditor->next == (int)index) { // the gap goes to another lot, or the sale to its end
        rounds_sequel(auditor, event->as.lot_withdrawn.next_lot_index,
                      event->as.lot_withdrawn.next_starts_at_ms);
    }
}

// "Sold may be reopened until the next lot has its first bid": the winner is refunded, a running
// next lot without bids goes back, and the lot opens at its last price and leader.
void fact_reopened(struct auditor *auditor, const struct sale_event *event)
{
    int64_t index = event->as.lot_reopened.lot_index;
    int64_t returned = event->as.lot_reopened.returned_lot_index;
    must(auditor,
         auditor->command != NULL && auditor->command->op == SALE_OP_REOPEN &&
             index == auditor->lot && index >= 0,
         "a lot that nobody opened again");
    if (auditor->fault[0] != 0) {
        return;
    }
    struct audit_lot *lot = &auditor->lots[index];
    must(auditor, lot->phase == LOT_SOLD, "only a lot sold is opened again");
    if (returned >= 0 && returned < auditor->lots_count) {
        struct audit_lot *other = &auditor->lots[returned];
        must(auditor, books_runs(other) && other->bids == 0, "the next lot had no bid");
        struct audit_offer offers[AUDIT_PARTICIPANTS_MAX];
        memcpy(offers, other->offers, sizeof offers);
        books_lot_fresh(other);
        memcpy(other->offers, offers, sizeof offers);
        other->offers_open = true;
    } else if (auditor->rules.rules.flow == FLOW_SEQUENTIAL) {
        must(auditor, !books_any_runs(auditor), "one lot at a time");
    }
    money_spend(auditor, lot->leader, (int)index, lot->price, -1);
    lot->phase = LOT_OPEN;
    lot->held = most_of(lot->price, least_of(lot->offers[lot->leader].max,
                                             money_most(auditor, lot->leader, (int)index)));
    lot->was_reopened = true;
    lot->ends_at = event->as.lot_reopened.ends_at_ms;
    lot->first_ends_at = lot->ends_at;
    lot->extensions = 0;
    lot->warned = 0;
    lot->offers_open = true;
    must(auditor,
         lot->rules.format == FORMAT_LIVE ? lot->ends_at == 0
                                          : lot->ends_at == auditor->now + lot->duration,
         "a lot opened again has the default duration");
    if (auditor->rules.rules.nomination != NOMINATION_NONE &&
        (returned >= 0 || auditor->next >= 0)) {
        auditor->nominations = most_of(auditor->nominations - 1, 0); // its turn comes again
    }
    auditor->next = -1;
    auditor->nominating = false;
    auditor->naming = false;
    lot->extensions_open = true;
    auditor->last_closed = -1;
    auditor->phase = AUDIT_LIVE;
}

// ---- the right to match ----

static void match_first(struct auditor *auditor, struct audit_lot *lot, int64_t price, int winner)
{
    must(auditor, lot->phase == LOT_OPEN || lot->phase == LOT_CLOSING,
         "the holder is asked when the lot is decided");
    if (is_command_for(auditor, lot, SALE_OP_BUY_NOW)) {
        must(auditor, winner == auditor->by && price == lot->buy_now, "who buys pays its price");
        lot->leader = winner;
        lot->price = price;
        lot->held = price;
    }
    must(auditor, winner == lot->leader && price == lot->price && price >= lot->reserve,
         "what is to be matched is the best bid");
    must(auditor, strcmp(lot->match_holder, auditor->participants[winner].id) != 0,
         "nobody matches himself");
    lot->match_winner = winner;
    lot->match_price = price;
    lot->match_raised = false;
}

void fact_match(struct auditor *auditor, const struct sale_event *event)
{
    int64_t index = event->as.match_offered.lot_index;
    int winner = books_participant(auditor, event->as.match_offered.winner.text);
    int64_t price = event->as.match_offered.price_minor;
    must(auditor, index >= 0 && index < auditor->lots_count && winner >= 0, "a match is offered");
    must(auditor, auditor->rules.rules.match != MATCH_NONE, "a right to match is in the rules");
    if (auditor->fault[0] != 0) {
        return;
    }
    struct audit_lot *lot = &auditor->lots[index];
    switch (event->as.match_offered.stage) {
    case MATCH_ASK_HOLDER:
        match_first(auditor, lot, price, winner);
        break;
    case MATCH_ASK_WINNER:
        must(auditor,
             auditor->rules.rules.match == MATCH_RAISE && lot->phase == LOT_MATCHING &&
                 lot->match_stage == MATCH_ASK_HOLDER && price == lot->match_price,
             "the winner may raise once after the holder accepted");
        break;
    case MATCH_ASK_HOLDER_AGAIN:
        must(auditor, lot->phase == LOT_MATCHING && lot->match_stage == MATCH_ASK_WINNER,
             "the holder answers the one raise");
        must(auditor,
             price > lot->match_price && auditor->command != NULL &&
                 price == auditor->command->as.match.amount_minor,
             "a raise is above the price");
        lot->match_price = price;
        lot->price = price; // his raise is a bid of his own
        lot->held = most_of(lot->held, price);
        break;
    }
    must(auditor,
         event->as.match_offered.ends_at_ms == auditor->now + auditor->rules.rules.match_ms,
         "each answer has its time");
    lot->phase = LOT_MATCHING;
    lot->match_stage = event->as.match_offered.stage;
    lot->answers_at = event->as.match_offered.ends_at_ms;
}
