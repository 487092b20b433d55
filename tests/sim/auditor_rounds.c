// Rules 3: which lot is next, rounds of unsold lots, nominations, names, and the end of a sale.
#include "auditor_books.h"

enum { NAMED_NOW = 1, NAMED_BEFORE = 2 };

int books_first(const struct auditor *auditor, enum lot_phase phase)
{
    for (int i = 0; i < auditor->lots_count; i++) {
        if (auditor->lots[i].phase == phase) {
            return i;
        }
    }
    return -1;
}

static bool same_set(const struct audit_lot *a, const struct audit_lot *b, bool rest_is_set)
{
    return strcmp(a->set, b->set) == 0 && (a->set[0] != 0 || rest_is_set);
}

// The set that has to be sold first: of the earliest lot, if lots of its set still wait. Whether
// lots without a set make one together is open.
static int leading_lot(const struct auditor *auditor, bool rest_is_set, bool regardless_of_sets)
{
    if (regardless_of_sets) {
        return books_first(auditor, LOT_PENDING);
    }
    for (int i = 0; i < auditor->lots_count; i++) { // sets in the order of their first lots
        for (int k = i; k < auditor->lots_count; k++) {
            const struct audit_lot *lot = &auditor->lots[k];
            bool same = k == i || same_set(lot, &auditor->lots[i], rest_is_set);
            if (same && lot->phase == LOT_PENDING) {
                return k;
            }
        }
    }
    return -1;
}

// Listed order, the lots of a set one after another; shuffled: any waiting lot of that set.
static bool may_be_next(const struct auditor *auditor, int next)
{
    bool shuffled = auditor->rules.rules.lot_order == LOT_ORDER_SHUFFLED;
    if (next < 0 || next >= auditor->lots_count || auditor->lots[next].phase != LOT_PENDING) {
        return false;
    }
    for (int choice = 0; choice < 3; choice++) {
        // a round of unsold lots goes in listed order
        bool regardless = choice == 2;
        if (regardless && auditor->round == 0) {
            continue;
        }
        int first = leading_lot(auditor, choice == 1, regardless);
        bool fits =
            first == next || (shuffled && first >= 0 &&
                              (same_set(&auditor->lots[first], &auditor->lots[next], choice >= 1)));
        if (fits) {
            return true;
        }
    }
    return false;
}

static bool another_round(const struct auditor *auditor, bool floor_counts)
{
    if (auditor->round >= auditor->rules.rules.unsold_rounds) {
        return false;
    }
    for (int i = 0; i < auditor->lots_count; i++) {
        if (auditor->lots[i].phase == LOT_UNSOLD && money_could_open(auditor, i, floor_counts)) {
            return true;
        }
    }
    return false;
}

static bool may_nominate(const struct auditor *auditor, int by, bool strict)
{
    int64_t least = most_of(auditor->rules.roster.minimum_minor, 1);
    return auditor->participants[by].status == PARTICIPANT_ACCEPTED &&
           (!strict || money_judge(auditor, by, -1, least, true) == ERROR_NONE);
}

// Who can pay the minimum but no opening that is left can't buy either.
static bool could_open_any(const struct auditor *auditor, int by)
{
    for (int i = 0; i < auditor->lots_count; i++) {
        if (auditor->lots[i].phase == LOT_PENDING &&
            money_judge(auditor, by, i, money_opening(&auditor->lots[i], true), true) ==
                ERROR_NONE) {
            return true;
        }
    }
    return false;
}

// A lot was decided, or the sale began: the next one is counted in, or something else follows.
void rounds_sequel(struct auditor *auditor, int64_t next, int64_t next_at)
{
    uint64_t reasons;
    bool parallel = auditor->rules.rules.flow == FLOW_PARALLEL;
    bool names = auditor->rules.rules.nomination != NOMINATION_NONE;
    int pending = books_first(auditor, LOT_PENDING);
    bool over = !books_any_runs(auditor) && money_is_over(auditor, &reasons);
    bool nobody_names = true; // then a lot comes without a nomination
    for (int p = 0; p < auditor->participants_count; p++) {
        nobody_names =
            nobody_names && !(may_nominate(auditor, p, true) && could_open_any(auditor, p));
    }
    names = names && !(nobody_names && next >= 0);
    if (parallel || names || over || pending < 0) {
        int who = -1;
        for (int p = 0; p < auditor->participants_count && names; p++) {
            who = may_nominate(auditor, p, true) && could_open_any(auditor, p) ? p : who;
        }
        must_equal(auditor, next, -1, who,
                   over ? "a sale that is over counts no lot in" : "no lot is counted in");
    } else {
        must(auditor, may_be_next(auditor, (int)next), "lots come in their order");
        must(auditor, next_at == auditor->now + auditor->rules.rules.gap_ms, "the gap");
    }
    auditor->next = (int)next;
    auditor->next_at = next_at;
}

// True: whether some lots come back is open.
static bool begin_round(struct auditor *auditor, bool named_only)
{
    bool any_open = false;
    for (int i = 0; i < auditor->lots_count; i++) {
        struct audit_lot *lot = &auditor->lots[i];
        bool named = false;
        bool named_now = false;
        for (int p = 0; p < auditor->participants_count; p++) {
            named = named || lot->named_by[p] > 0;
            named_now = named_now || lot->named_by[p] == NAMED_NOW;
            lot->named_by[p] = 0;
        }
        if (lot->phase == LOT_UNSOLD && (named || !named_only)) {
            books_lot_fresh(lot);
            lot->round_open = named_only && !named_now;
            any_open = any_open || lot->round_open;
            lot->round = auditor->round;
        }
    }
    return any_open;
}

void fact_round(struct auditor *auditor, const struct sale_event *event)
{
    uint64_t reasons;
    bool accelerated = auditor->rules.rules.accelerated;
    must(auditor, !books_any_runs(auditor) && books_first(auditor, LOT_PENDING) < 0,
         "a round follows the last lot");
    must(auditor, another_round(auditor, false), "a round follows when somebody could open");
    must(auditor, !money_is_over(auditor, &reasons), "a sale that is over has no round");
    must(auditor, event->as.round_started.round == auditor->round + 1, "rounds are counted");
    must(auditor, !accelerated || auditor->naming, "an accelerated round is named first");
    auditor->naming = false;
    auditor->round++;
    auditor->parallel_base = 0;
    auditor->begun_at = auditor->now;
    bool any_open = begin_round(auditor, accelerated);
    if (auditor->rules.rules.flow == FLOW_PARALLEL) {
        flow_open_all(auditor, event->as.round_started.first_ends_at_ms);
    } else if (any_open && event->as.round_started.next_lot_index >= 0) {
        auditor->next = (int)event->as.round_started.next_lot_index;
        auditor->next_at = event->as.round_started.next_starts_at_ms;
    } else {
        rounds_sequel(auditor, event->as.round_started.next_lot_index,
                      event->as.round_started.next_starts_at_ms);
    }
}

// Of the lots that were named, can anybody open one?
static bool any_named(const struct auditor *auditor)
{
    for (int i = 0; i < auditor->lots_count; i++) {
        for (int p = 0; p < auditor->participants_count; p++) {
            if (auditor->lots[i].phase == LOT_UNSOLD && auditor->lots[i].named_by[p] == NAMED_NOW &&
                money_could_open(auditor, i, true)) {
                return true;
            }
        }
    }
    return false;
}

void fact_completed(struct auditor *auditor, const struct sale_event *event)
{
    uint64_t reasons = 0;
    must(auditor, !books_any_runs(auditor), "no lot is open at the end");
    bool over = money_is_over(auditor, &reasons);
    bool empty = books_first(auditor, LOT_PENDING) < 0;
    bool unnamed = auditor->rules.rules.accelerated && auditor->naming && !any_named(auditor);
    if (empty && (!another_round(auditor, true) || unnamed)) {
        reasons |= UINT64_C(1) << COMPLETE_NO_LOTS_LEFT;
    }
    must(auditor, over || empty, "a sale ends only by a reason of the rules"); // F20
    must(auditor, (reasons & (UINT64_C(1) << event->as.sale_completed.reason)) != 0,
         "the reason of the end");
    auditor->phase = AUDIT_COMPLETE;
    auditor->next = -1;
    auditor->naming = false;
    auditor->nominating = false;
    for (int i = 0; i < auditor->lots_count; i++) {
        if (auditor->lots[i].phase == LOT_PENDING) {
            auditor->lots[i].phase = LOT_UNSOLD;
        }
    }
}

// ---- nominations ----

// Straight: 0 1 2 0 1 2; snake: 0 1 2 2 1 0.
static int of_turn(const struct auditor *auditor, int64_t turn)
{
    int64_t count = auditor->participants_count;
    int64_t place = turn % count;
    bool back = auditor->rules.rules.nomination == NOMINATION_SNAKE && turn / count % 2 == 1;
    return (int)(back ? count - 1 - place : place);
}

// Turns of those who can't buy are skipped, and no others.
static bool is_turn(const struct auditor *auditor, int by, int64_t turn)
{
    if (turn < auditor->nominations || of_turn(auditor, turn) != by) {
        return false;
    }
    for (int64_t skipped = auditor->nominations; skipped < turn; skipped++) {
        int other = of_turn(auditor, skipped);
        if (may_nominate(auditor, other, true) && could_open_any(auditor, other)) {
            return false;
        }
    }
    return true;
}

void fact_nomination(struct auditor *auditor, const struct sale_event *event)
{
    int by = books_participant(auditor, event->as.nomination_started.by.text);
    uint64_t reasons;
    must(auditor, auditor->rules.rules.nomination != NOMINATION_NONE,
         "nominations are in the rules");
    must(auditor, auditor->phase == AUDIT_LIVE && !books_any_runs(auditor),
         "a nomination comes between lots");
    bool begins = (auditor->kinds & (UINT64_C(1) << EVENT_SALE_STARTED)) != 0; // asked later
    must(auditor,
         books_first(auditor, LOT_PENDING) >= 0 && (begins || !money_is_over(auditor, &reasons)),
         "a nomination needs a lot and somebody who could buy");
    must(auditor,
         event->as.nomination_started.ends_at_ms ==
             auditor->now + auditor->rules.rules.nomination_ms,
         "a nomination has its time");
    if (by >= 0) {
        must(auditor, may_nominate(auditor, by, false), "who is accepted nominates");
        if (!is_turn(auditor, by, event->as.nomination_started.turn) && auditor->fault[0] == 0) {
            for (int64_t t = auditor->nominations; t <= event->as.nomination_started.turn; t++) {
                int who = of_turn(auditor, t);
                size_t used = strlen(auditor->fault);
                snprintf(auditor->fault + used, sizeof auditor->fault - used,
                         "turn %d of %d (%d %d) ", (int)t, who, may_nominate(auditor, who, true),
                         could_open_any(auditor, who));
            }
        }
        if (!is_turn(auditor, by, event->as.nomination_started.turn)) {
            must_equal(auditor, event->as.nomination_started.turn, auditor->nominations, by,
                       "nominations go in turn");
        }
        must(auditor, is_turn(auditor, by, event->as.nomination_started.turn),
             "nominations go in turn, straight or snake");
    }
    auditor->nominating = true;
    auditor->nominations = event->as.nomination_started.turn;
    auditor->nominator = by;
    auditor->nomination_ends = event->as.nomination_started.ends_at_ms;
}

void fact_nominated(struct auditor *auditor, const struct sale_event *event)
{
    int64_t index = event->as.lot_nominated.lot_index;
    int by = books_participant(auditor, event->as.lot_nominated.by.text);
    bool by_clock = auditor->cause == CAUSE_DEADLINE && auditor->now >= auditor->nomination_ends;
    must(auditor, auditor->nominating, "a lot is named when it is somebody's turn");
    if (auditor->command != NULL && auditor->command->op == SALE_OP_NOMINATE) {
        must(auditor, by == auditor->nominator && by >= 0, "whose turn it is names the lot");
        must(auditor, index == books_lot(auditor, auditor->command->as.nominate.lot.text),
             "the lot named is the one meant");
    } else {
        must(auditor, by_clock || auditor->command != NULL, "time names a lot when it is over");
        must(auditor, !by_clock || may_be_next(auditor, (int)index),
             "then the first one listed is offered");
    }
    if (auditor->fault[0] != 0) {
        return;
    }
    must(auditor, index >= 0 && auditor->lots[index].phase == LOT_PENDING,
         "a waiting lot is named");
    must(auditor,
         event->as.lot_nominated.next_starts_at_ms == auditor->now + auditor->rules.rules.gap_ms,
         "the gap");
    auditor->nominating = false;
    auditor->nominations++;
    auditor->nominated = by;
    auditor->next = (int)index;
    auditor->next_at = event->as.lot_nominated.next_starts_at_ms;
}

// ---- the accelerated round ----

void fact_names_called(struct auditor *auditor, const struct sale_event *event)
{
    uint64_t reasons;
    must(auditor, auditor->rules.rules.accelerated, "an accelerated round is in the rules");
    must(auditor, !books_any_runs(auditor) && books_first(auditor, LOT_PENDING) < 0,
         "names are called after the last lot");
    must(auditor, another_round(auditor, false) && !money_is_over(auditor, &reasons),
         "names are called for a round that can be");
    must(auditor, event->as.names_called.ends_at_ms == auditor->now + auditor->rules.rules.names_ms,
         "names have their time");
    for (int i = 0; i < auditor->lots_count; i++) { // do names of before still count? open
        for (int p = 0; p < auditor->participants_count; p++) {
            int64_t *named = &auditor->lots[i].named_by[p];
            *named = *named > 0 ? NAMED_BEFORE : 0;
        }
    }
    auditor->naming = true;
    auditor->naming_ends = event->as.names_called.ends_at_ms;
}

void fact_names(struct auditor *auditor, const struct sale_event *event)
{
    int by = books_participant(auditor, event->as.names_submitted.by.text);
    must(auditor, auditor->naming && by >= 0, "names come when they are called");
    if (auditor->fault[0] != 0) {
        return;
    }
    for (int i = 0; i < auditor->lots_count; i++) {
        auditor->lots[i].named_by[by] = 0;
    }
    for (size_t i = 0; i < event->as.names_submitted.count; i++) {
        int64_t index = event->as.names_submitted.lots[i];
        must(auditor, index >= 0 && index < auditor->lots_count, "a lot named is there");
        if (auditor->fault[0] == 0) {
            auditor->lots[index].named_by[by] = NAMED_NOW;
        }
    }
}

void fact_reset(struct auditor *auditor)
{
    must(auditor, auditor->phase == AUDIT_PAUSED || auditor->phase == AUDIT_COMPLETE,
         "a reset needs a paused or complete sale");
    for (int i = 0; i < auditor->lots_count; i++) {
        auditor->lots[i].phase_open = auditor->lots[i].phase == LOT_WITHDRAWN;
        books_lot_fresh(&auditor->lots[i]);
        auditor->lots[i].round = 0;
        memset(auditor->lots[i].named_by, 0, sizeof auditor->lots[i].named_by);
    }
    for (int i = 0; i < auditor->participants_count; i++) {
        struct audit_participant *who = &auditor->participants[i];
        who->spent = 0; // everything is refunded
        who->won = 0;
        memset(who->category_won, 0, sizeof who->category_won);
    }
    auditor->phase = AUDIT_LOBBY;
    auditor->next = -1;
    auditor->round = 0;
    auditor->parallel_base = 0;
    auditor->nominating = false;
    auditor->naming = false;
    auditor->nominations = 0;
    auditor->last_closed = -1;
}
