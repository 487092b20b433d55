#include "auditor_books.h"

void auditor_fail(struct auditor *auditor, const char *rule)
{
    if (auditor->fault[0] == 0) {
        snprintf(auditor->fault, sizeof auditor->fault, "%s", rule);
    }
}

void must(struct auditor *auditor, bool holds, const char *rule)
{
    if (!holds) {
        auditor_fail(auditor, rule);
    }
}

void must_equal(struct auditor *auditor, int64_t shown, int64_t expected, int whose,
                const char *rule)
{
    if (shown != expected && auditor->fault[0] == 0) {
        snprintf(auditor->fault, sizeof auditor->fault, "%s (no %d: %lld, the books say %lld)",
                 rule, whose, (long long)shown, (long long)expected);
    }
}

void books_answer(struct auditor *auditor, enum error_code refusal)
{
    if ((auditor->allowed & code_bit(refusal)) != 0 || auditor->fault[0] != 0) {
        return;
    }
    char allowed[120] = "";
    for (int code = 0; code < ERROR_CODE_COUNT; code++) {
        if ((auditor->allowed & code_bit((enum error_code)code)) != 0) {
            size_t used = strlen(allowed);
            snprintf(allowed + used, sizeof allowed - used, " %s",
                     error_code_name((enum error_code)code));
        }
    }
    int op = auditor->command != NULL ? (int)auditor->command->op : -1;
    snprintf(auditor->fault, sizeof auditor->fault, "op %d was answered %s, the rules say%s", op,
             error_code_name(refusal), allowed);
}

// An offer became a fact.
void must_be_allowed(struct auditor *auditor)
{
    books_answer(auditor, ERROR_NONE);
}

void auditor_init(struct auditor *auditor, const struct sale_definition *definition)
{
    memset(auditor, 0, sizeof *auditor);
    auditor->rules = *definition;
    auditor->next = -1;
    auditor->last_closed = -1;
    auditor->nominated = -1;
    auditor->nominator = -1;
    auditor->lot = -1;
    auditor->by = -1;
    if (definition->rules.start_mode == START_AT) {
        auditor->lobby_ends = definition->rules.starts_at_ms;
    }
}

// ---- questions to the books ----

int books_lot(const struct auditor *auditor, const char *id)
{
    for (int i = 0; i < auditor->lots_count; i++) {
        if (strcmp(auditor->lots[i].id, id) == 0) {
            return i;
        }
    }
    return -1;
}

int books_participant(const struct auditor *auditor, const char *id)
{
    for (int i = 0; i < auditor->participants_count; i++) {
        if (strcmp(auditor->participants[i].id, id) == 0) {
            return i;
        }
    }
    return -1;
}

int books_paddle(const struct auditor *auditor, struct bytes paddle)
{
    for (int i = 0; i < auditor->participants_count; i++) {
        if (bytes_equal_text(paddle, auditor->participants[i].paddle)) {
            return i;
        }
    }
    return -1;
}

bool books_runs(const struct audit_lot *lot)
{
    return lot->phase == LOT_OPEN || lot->phase == LOT_CLOSING || lot->phase == LOT_MATCHING;
}

bool books_any_runs(const struct auditor *auditor)
{
    for (int i = 0; i < auditor->lots_count; i++) {
        if (books_runs(&auditor->lots[i])) {
            return true;
        }
    }
    return false;
}

bool books_is_ascending(const struct audit_lot *lot)
{
    return lot->rules.format == FORMAT_ENGLISH || lot->rules.format == FORMAT_LIVE ||
           lot->rules.format == FORMAT_CANDLE;
}

bool books_has_maxima(const struct audit_lot *lot)
{
    for (int p = 0; p < AUDIT_PARTICIPANTS_MAX; p++) {
        if (lot->offers[p].max > 0) {
            return true;
        }
    }
    return false;
}

bool books_is_sealed(const struct audit_lot *lot)
{
    return lot->rules.format == FORMAT_SEALED_FIRST || lot->rules.format == FORMAT_VICKREY ||
           lot->rules.format == FORMAT_UNIFORM;
}

void books_lot_fresh(struct audit_lot *lot)
{
    if (lot->phase != LOT_WITHDRAWN) {
        lot->phase = LOT_PENDING;
    }
    lot->price = 0;
    lot->leader = -1;
    lot->house = false;
    lot->held = 0;
    lot->bids = 0;
    lot->started_at = 0;
    lot->start_due = false;
    lot->ends_at = 0;
    lot->draws_at = 0;
    lot->extensions = 0;
    lot->asked = 0;
    lot->warned = 0;
    lot->was_reopened = false;
    lot->undo_count = 0;
    lot->awards_count = 0;
    memset(lot->offers, 0, sizeof lot->offers);
}

// ---- facts ----

static void judge_lot_fact(struct auditor *auditor, const struct sale_event *event);

static void judge_sale_fact(struct auditor *auditor, const struct sale_event *event)
{
    switch (event->kind) {
    case EVENT_EPOCH_STARTED:
        fact_epoch(auditor, event);
        break;
    case EVENT_LOTS_ADDED:
        fact_lots_added(auditor, event);
        break;
    case EVENT_PARTICIPANT_JOINED:
        fact_joined(auditor, event);
        break;
    case EVENT_PARTICIPANT_BLOCKED:
        fact_blocked(auditor, event);
        break;
    case EVENT_PARTICIPANTS_ADDED:
        fact_people_added(auditor, event);
        break;
    case EVENT_PARTICIPANT_CHANGED:
        fact_person_changed(auditor, event);
        break;
    case EVENT_SALE_STARTED:
        fact_started(auditor, event);
        break;
    case EVENT_ROUND_STARTED:
        fact_round(auditor, event);
        break;
    case EVENT_SALE_PAUSED:
        fact_paused(auditor, event);
        break;
    case EVENT_SALE_RESUMED:
        fact_resumed(auditor, event);
        break;
    case EVENT_SALE_COMPLETED:
        fact_completed(auditor, event);
        break;
    case EVENT_SALE_RESET:
        fact_reset(auditor);
        break;
    case EVENT_SALE_DELETED:
        auditor->phase = AUDIT_GONE;
        break;
    case EVENT_GAVEL_TAKEN:
        fact_gavel(auditor, event);
        break;
    case EVENT_NOMINATION_STARTED:
        fact_nomination(auditor, event);
        break;
    case EVENT_LOT_NOMINATED:
        fact_nominated(auditor, event);
        break;
    case EVENT_NAMES_CALLED:
        fact_names_called(auditor, event);
        break;
    case EVENT_NAMES_SUBMITTED:
        fact_names(auditor, event);
        break;
    case EVENT_SALE_CREATED:
    case EVENT_INVITE_CREATED:
    case EVENT_INVITE_USED:
    case EVENT_NOTICE:
        break;
    case EVENT_LOT_STARTED:
    case EVENT_BID_ACCEPTED:
    case EVENT_LOT_EXTENDED:
    case EVENT_LOT_SOLD:
    case EVENT_LOT_UNSOLD:
    case EVENT_MAX_PLACED:
    case EVENT_BID_RETRACTED:
    case EVENT_LOT_PASSED:
    case EVENT_ASK_SET:
    case EVENT_LOT_WARNED:
    case EVENT_LOT_CLOSING:
    case EVENT_LOT_AWARDED:
    case EVENT_CLOCK_RESTARTED:
    case EVENT_LOT_WITHDRAWN:
    case EVENT_LOT_REOPENED:
    case EVENT_MATCH_OFFERED:
    case EVENT_SEED_REVEALED:
    case SALE_EVENT_KIND_COUNT:
        judge_lot_fact(auditor, event);
        break;
    }
}

static void fact_revealed(struct auditor *auditor, const struct sale_event *event)
{
    int64_t index = event->as.seed_revealed.lot_index;
    must(auditor, index >= -1 && index < auditor->lots_count, "a seed is of the sale or of a lot");
    if (index >= 0 && auditor->fault[0] == 0) {
        auditor->revealed = (int)index;
    }
}

static void judge_lot_fact(struct auditor *auditor, const struct sale_event *event)
{
    static void (*const judges[SALE_EVENT_KIND_COUNT])(struct auditor *,
                                                       const struct sale_event *) = {
        [EVENT_LOT_STARTED] = fact_lot_started,
        [EVENT_BID_ACCEPTED] = fact_bid,
        [EVENT_LOT_EXTENDED] = fact_extended,
        [EVENT_LOT_SOLD] = fact_sold,
        [EVENT_LOT_UNSOLD] = fact_unsold,
        [EVENT_MAX_PLACED] = fact_max,
        [EVENT_BID_RETRACTED] = fact_retracted,
        [EVENT_LOT_PASSED] = fact_passed,
        [EVENT_ASK_SET] = fact_ask,
        [EVENT_LOT_WARNED] = fact_warned,
        [EVENT_LOT_CLOSING] = fact_closing,
        [EVENT_LOT_AWARDED] = format_awarded,
        [EVENT_CLOCK_RESTARTED] = format_clock,
        [EVENT_LOT_WITHDRAWN] = fact_withdrawn,
        [EVENT_LOT_REOPENED] = fact_reopened,
        [EVENT_MATCH_OFFERED] = fact_match,
        [EVENT_SEED_REVEALED] = fact_revealed,
    };
    judges[event->kind](auditor, event);
}

static bool is_private(enum sale_event_kind kind)
{
    return kind == EVENT_SALE_CREATED || kind == EVENT_INVITE_CREATED ||
           kind == EVENT_INVITE_USED || kind == EVENT_MAX_PLACED || kind == EVENT_NAMES_SUBMITTED;
}

void auditor_fact(struct auditor *auditor, const struct sale_event *event)
{
    must(auditor, event->at_ms == auditor->now, "a fact has the time of its decision");
    must(auditor, auditor->extension_due == 0 || event->kind == EVENT_LOT_EXTENDED,
         "an extension follows its bid at once");
    must(auditor, auditor->phase != AUDIT_GONE, "a sale deleted has no facts");
    if (auditor->fault[0] != 0) {
        return;
    }
    judge_sale_fact(auditor, event);
    auditor->seq += is_private(event->kind) ? 0 : 1;
    auditor->public_facts += is_private(event->kind) ? 0 : 1;
    auditor->last_at = event->at_ms;
    auditor->facts++;
    auditor->kinds |= UINT64_C(1) << event->kind;
}

// ---- steps ----

static void expect_result(struct auditor *auditor, const struct sale_command *command)
{
    auditor->result = (struct audit_result){.other = AUDIT_NONE};
    if (auditor->lot < 0 || auditor->by < 0 || (auditor->allowed & code_bit(ERROR_NONE)) == 0) {
        return;
    }
    const struct audit_lot *lot = &auditor->lots[auditor->lot];
    auditor->in_grace = lot->ends_at > 0 && auditor->now >= lot->ends_at;
    auditor->offer_before = lot->offers[auditor->by];
    if (!books_is_ascending(lot) || lot->phase == LOT_PENDING) {
        return;
    }
    if (command->op == SALE_OP_BID) {
        auditor->result =
            standing_after_bid(auditor, auditor->lot, auditor->by, command->as.bid.amount_minor);
    } else if (command->op == SALE_OP_FLOOR_BID) {
        auditor->result = standing_after_bid(auditor, auditor->lot, auditor->by,
                                             command->as.floor_bid.amount_minor);
    } else if (command->op == SALE_OP_SET_MAX) {
        auditor->result =
            standing_after_max(auditor, auditor->lot, auditor->by, command->as.set_max.max_minor);
    }
}

void auditor_step(struct auditor *auditor, enum audit_cause cause,
                  const struct sale_command *command, int64_t alive_at, int64_t now)
{
    bool runs = auditor->phase == AUDIT_LIVE &&
                (clock_deadline(auditor) < INT64_MAX || books_any_runs(auditor));
    auditor->cause = cause;
    auditor->command = command;
    auditor->now = now;
    auditor->facts = 0;
    auditor->public_facts = 0;
    auditor->kinds = 0;
    auditor->revealed = -1;
    auditor->in_grace = false;
    auditor->max_seen = false;
    auditor->bid_seen = false;
    auditor->lot = -1;
    auditor->by = -1;
    auditor->allowed = code_bit(ERROR_NONE);
    auditor->resume_due = false;
    if (cause == CAUSE_CREATE && auditor->rules.rules.start_mode == START_AT_ONCE) {
        auditor->lobby_ends = now;
    }
    if (command != NULL) {
        auditor->allowed = verdict_of(auditor, command);
        expect_result(auditor, command);
    }
    if (cause == CAUSE_ENGINE_START || cause == CAUSE_OUTAGE) {
        // a fact proves life as well as a heartbeat does
        auditor->alive_at = alive_at > auditor->last_at ? alive_at : auditor->last_at;
        bool is_long = now - auditor->alive_at > auditor->rules.rules.outage_threshold_ms;
        auditor->resume_due = runs && (cause == CAUSE_ENGINE_START || is_long);
    }
}

static bool any_starts(const struct auditor *auditor)
{
    for (int i = 0; i < auditor->lots_count; i++) {
        if (auditor->lots[i].start_due) {
            return true;
        }
    }
    return false;
}

void auditor_outcome(struct auditor *auditor, enum error_code refusal)
{
    books_answer(auditor, refusal);
    must(auditor, refusal == ERROR_NONE || auditor->facts == 0, "a refusal changes nothing");
    must(auditor, auditor->cause != CAUSE_DEADLINE || auditor->facts > 0,
         "a deadline has its effect");
    must(auditor, auditor->extension_due == 0, "an extension is announced");
    if (refusal == ERROR_NONE && auditor->fault[0] == 0) {
        bids_outcome(auditor);
    }
    if (auditor->revealed >= 0) {
        must(auditor, auditor->lots[auditor->revealed].phase != LOT_OPEN,
             "a seed is told after the end that it drew");
    }
    bool has_clock = auditor->places_open > 0 || any_starts(auditor) || auditor->next >= 0 ||
                     auditor->nominating || auditor->naming || books_any_runs(auditor);
    must(auditor, auditor->phase != AUDIT_LIVE || has_clock, "a live sale always has a clock");
    if (auditor->resume_due) { // a sale without any clock has nothing to resume
        must(auditor, clock_public(auditor) == INT64_MAX, "the clock goes on after an outage");
    }
    auditor->resume_due = false;
}

void auditor_acknowledge(struct auditor *auditor, const struct sale_event *bid)
{
    must(auditor, auditor->acknowledged_count < AUDIT_BIDS_MAX, "the simulation's bids fit");
    if (auditor->fault[0] == 0) {
        auditor->acknowledged[auditor->acknowledged_count++] =
            (struct audit_bid){bid->as.bid_accepted.bid_no, bid->as.bid_accepted.amount_minor,
                               books_participant(auditor, bid->as.bid_accepted.by.text),
                               (int)bid->as.bid_accepted.lot_index};
    }
}

// ---- what everybody sees ----

// The lots of a parallel sale have taken their places: each place once, in listed order unless they
// are shuffled.
static void adopt_places(struct auditor *auditor, const struct sale *sale)
{
    uint64_t taken = 0;
    for (int i = 0; i < auditor->lots_count && auditor->places_open > 0; i++) {
        struct audit_lot *lot = &auditor->lots[i];
        const struct lot *shown = &sale->lots[i];
        if (!lot->place_open || auditor->fault[0] != 0) {
            continue;
        }
        lot->place_open = false;
        if (shown->phase == LOT_UNSOLD && lot->round_open) {
            continue;
        }
        if (shown->phase == LOT_PENDING && shown->standings_count > 0) {
            lot->phase = LOT_PENDING; // absentee maxima play first: it starts on its own, at once
            lot->start_due = true;
            continue;
        }
        int64_t place = 0;
        if (lot->rules.format != FORMAT_LIVE && lot->rules.format != FORMAT_DUTCH &&
            lot->rules.format != FORMAT_JAPANESE) {
            int64_t off = shown->ends_at_ms - auditor->parallel_base - lot->duration +
                          auditor->rules.rules.lot.duration_ms;
            int64_t stagger = auditor->rules.rules.stagger_ms;
            place = stagger > 0 ? off / stagger : 0;
            must(auditor, off >= 0 && off == place * stagger && place < auditor->places_open,
                 "lot k ends k times the stagger after the first");
            place = place >= 0 && place < auditor->places_open ? place : 0;
            must(auditor, stagger == 0 || (taken & (UINT64_C(1) << place)) == 0,
                 "each place of a parallel sale is one lot's");
            taken |= UINT64_C(1) << place;
        } else {
            must(auditor, lot->rules.format != FORMAT_LIVE || shown->ends_at_ms == 0,
                 "a live lot has no clock");
        }
        lot->ends_at = shown->ends_at_ms;
        lot->first_ends_at = lot->ends_at;
        lot->draws_at = shown->draws_at_ms;
        if (lot->rules.format == FORMAT_CANDLE) {
            must(auditor,
                 lot->draws_at <= lot->ends_at &&
                     lot->draws_at >= lot->ends_at - lot->rules.candle_ending_ms,
                 "a candle goes out inside the ending phase");
        }
    }
    auditor->places_open = 0;
}

static void adopt_open(struct auditor *auditor, struct audit_lot *ours, const struct lot *shown)
{
    if (ours->phase == LOT_MATCHING && shown->held_minor == ours->price) {
        ours->held = ours->price; // is a maximum held on once the lot is decided?
    }
    if (ours->asked_open && shown->asked_minor == ours->asked_before &&
        ours->asked_before > ours->price) {
        ours->asked = ours->asked_before;
    }
    ours->asked_open = false;
    if (ours->round_open && shown->phase == LOT_UNSOLD) {
        ours->phase = LOT_UNSOLD;
    }
    ours->round_open = false;
    if (ours->phase_open) {
        ours->phase_open = false;
        ours->phase = shown->phase == LOT_PENDING ? LOT_PENDING : ours->phase;
    }
    if (ours->phase == LOT_CLOSING && shown->ends_at_ms < ours->hammer_at) {
        ours->first_ends_at -= ours->ends_at - shown->ends_at_ms;
        ours->ends_at = shown->ends_at_ms; // does an outage move what lies behind already?
    }
    for (int i = 0; i < AUDIT_ENDS_MAX && ours->ends_open; i++) {
        if (shown->ends_at_ms == ours->ends_other[i]) {
            ours->ends_at = ours->ends_other[i];
        }
    }
    ours->ends_open = false;
    if (ours->rules.soft_close.scope != SOFT_CLOSE_LOT || ours->extensions_open) {
        ours->extensions_open = false; // does a neighbour's bid count as one?
        ours->extensions = shown->extensions;
    }
    if (!ours->offers_open) {
        return;
    }
    // which maxima and passes outlive an undo or a reopening is open, but none may be invented
    for (int p = 0; p < auditor->participants_count; p++) {
        int64_t max = 0;
        bool passed = false;
        for (size_t i = 0; i < shown->standings_count; i++) {
            if (shown->standings[i].by_index == p) {
                max = shown->standings[i].max_minor;
                passed = shown->standings[i].has_passed;
            }
        }
        must(auditor, max <= ours->offers[p].max, "a maximum is as it was placed, or gone");
        must(auditor, !passed || ours->offers[p].passed, "who has passed did so himself");
        ours->offers[p].max = max;
        ours->offers[p].passed = passed;
    }
    ours->offers_open = false;
}

// Nothing that anybody is shown tells whether there is a sealed bid, or whose.
static void check_sealed(struct auditor *auditor, const struct sale *sale, int index)
{
    const struct lot *shown = &sale->lots[index];
    must(auditor, shown->price_minor == 0 && shown->leader_index < 0 && shown->bids == 0,
         "no public fact tells a sealed bid");
    for (size_t i = 0; i < sale->recent_bids_count; i++) {
        must(auditor, sale->recent_bids[i].lot_index != index, "no history tells a sealed bid");
    }
    for (int p = 0; p < auditor->participants_count; p++) {
        int64_t prices = 0;
        bool others = false; // price clocks: what they show as held is theirs
        for (int l = 0; l < auditor->lots_count; l++) {
            const struct audit_lot *lot = &auditor->lots[l];
            others =
                others || (books_runs(lot) && !books_is_ascending(lot) && !books_is_sealed(lot));
            prices += books_runs(lot) && lot->leader == p ? lot->price : 0;
        }
        must(auditor, others || sale->participants[p].shown_minor == prices,
             "no purse shown tells a sealed bid");
    }
}

static void check_lots(struct auditor *auditor, const struct sale *sale)
{
    int64_t sold = 0;
    int64_t unsold = 0;
    must(auditor, sale->lots_count == (size_t)auditor->lots_count, "the number of lots");
    for (int i = 0; i < auditor->lots_count && auditor->fault[0] == 0; i++) {
        struct audit_lot *ours = &auditor->lots[i];
        const struct lot *shown = &sale->lots[i];
        adopt_open(auditor, ours, shown);
        must_equal(auditor, shown->phase, ours->phase, i, "the phase of a lot");
        if (books_is_ascending(ours)) {
            must_equal(auditor, shown->price_minor, ours->price, i,
                       "the price shown is the best bid's");
            must_equal(auditor, shown->leader_index, ours->leader, i,
                       "the leader shown is the best bidder");
        } else if (books_is_sealed(ours) && books_runs(ours)) {
            check_sealed(auditor, sale, i);
        }
        if (ours->phase == LOT_OPEN && auditor->phase == AUDIT_LIVE) {
            must_equal(auditor, shown->ends_at_ms, ours->ends_at, i, "the end shown");
        }
        sold += ours->phase == LOT_SOLD;
        unsold += ours->phase == LOT_UNSOLD;
    }
    must(auditor, sale->sold_count == sold && sale->unsold_count == unsold, // F22
         "sold and unsold are counted");
}

static bool deadline_is_plain(const struct auditor *auditor)
{
    for (int i = 0; i < auditor->lots_count; i++) {
        const struct audit_lot *lot = &auditor->lots[i];
        if (books_runs(lot) &&
            (lot->rules.format == FORMAT_DUTCH || lot->rules.format == FORMAT_JAPANESE ||
             lot->rules.warning_ms[0] > 0 || lot->rules.warning_ms[1] > 0)) {
            return false;
        }
    }
    return auditor->rules.rules.gavel_timeout_ms == 0 && !any_starts(auditor);
}

void auditor_check(struct auditor *auditor, const struct sale *sale)
{
    static const enum sale_phase phases[] = {SALE_LOBBY, SALE_LIVE, SALE_PAUSED, SALE_COMPLETE,
                                             SALE_GONE};
    adopt_places(auditor, sale);
    must(auditor, sale->phase == phases[auditor->phase], "the phase of the sale");
    // F10, F11, F12: a number once, and none left out
    must(auditor, sale->seq == auditor->seq, "seq counts the public facts without a gap");
    must(auditor, sale->epoch == auditor->epoch, "the epoch");
    must(auditor, sale->bids_total == auditor->bids, "the number of bids");
    check_lots(auditor, sale);
    int64_t deadline = clock_deadline(auditor);
    // what is overdue comes at once, in whatever order
    bool is_late = sale_next_deadline(sale) > deadline && !any_starts(auditor) &&
                   sale_next_deadline(sale) > auditor->now;
    if (deadline_is_plain(auditor) || is_late) {
        must_equal(auditor, sale_next_deadline(sale), deadline, -1, "the next deadline");
    }
    if (auditor->phase == AUDIT_PAUSED) {
        must(auditor, sale->paused_remaining_ms == auditor->frozen, "the frozen time");
    }
    must(auditor, strcmp(sale->gavel_console, auditor->gavel) == 0, "who holds the gavel");
    money_check(auditor, sale);
}

void auditor_ledger_bid(struct auditor *auditor, int *io_position, const struct sale_event *event)
{
    if (*io_position >= auditor->acknowledged_count) {
        return;
    }
    const struct audit_bid *bid = &auditor->acknowledged[*io_position];
    if (event->as.bid_accepted.bid_no == bid->no) {
        must(auditor,
             event->as.bid_accepted.amount_minor == bid->amount &&
                 event->as.bid_accepted.lot_index == bid->lot &&
                 books_participant(auditor, event->as.bid_accepted.by.text) == bid->by,
             "the ledger holds the bid as it was acknowledged");
        (*io_position)++;
    }
}

void auditor_ledger_end(struct auditor *auditor, int position)
{
    must(auditor, position == auditor->acknowledged_count,
         "every acknowledged bid is in the ledger");
}
