#include "auction-svc/service/view.h"

#include "auction-svc/core/format.h"
#include "auction-svc/record/choice.h"

struct wire_head view_head(const struct sale *sale)
{
    return (struct wire_head){sale->seq, sale->epoch};
}

const char *view_sale_phase(enum sale_phase phase)
{
    switch (phase) {
    case SALE_LOBBY:
        return "lobby";
    case SALE_LIVE:
        return "live";
    case SALE_PAUSED:
        return "paused";
    case SALE_COMPLETE:
    case SALE_GONE:
        return "complete";
    }
    return "complete";
}

const char *view_clock(enum sale_clock clock)
{
    switch (clock) {
    case CLOCK_NONE:
        return "none";
    case CLOCK_LOT:
        return "lot";
    case CLOCK_GAP:
        return "gap";
    case CLOCK_NOMINATION:
        return "nomination";
    case CLOCK_NAMES:
        return "names";
    case CLOCK_START:
        return "start";
    }
    return "none";
}

static const char *lot_phase_name(enum lot_phase phase)
{
    switch (phase) {
    case LOT_PENDING:
        return "pending";
    case LOT_OPEN:
        return "open";
    case LOT_SOLD:
        return "sold";
    case LOT_UNSOLD:
        return "unsold";
    case LOT_WITHDRAWN:
        return "withdrawn";
    case LOT_CLOSING:
        return "closing";
    case LOT_MATCHING:
        return "matching";
    }
    return "pending";
}

static const char *reserve_name(enum reserve_status status)
{
    switch (status) {
    case RESERVE_NONE:
        return "none";
    case RESERVE_NOT_MET:
        return "not_met";
    case RESERVE_MET:
        return "met";
    }
    return "none";
}

const char *view_participant_status(enum participant_status status)
{
    return choice_word(choice_participant_status, &status);
}

const char *view_bid_kind(enum bid_kind kind)
{
    switch (kind) {
    case BID_PLAIN:
        return "plain";
    case BID_MAXIMUM:
        return "maximum";
    case BID_FLOOR:
        return "floor";
    case BID_HOUSE:
        return "house";
    case BID_ABSENTEE:
        return "absentee";
    case BID_PRESS:
        return "press";
    case BID_ENTER:
        return "enter";
    case BID_NOMINATION:
        return "nomination";
    }
    return "plain";
}

const char *view_match_stage(enum match_stage stage)
{
    switch (stage) {
    case MATCH_ASK_HOLDER:
        return "holder";
    case MATCH_ASK_WINNER:
        return "winner";
    case MATCH_ASK_HOLDER_AGAIN:
        return "holder_again";
    }
    return "holder";
}

struct wire_person view_person_named(const struct sale *sale, int64_t index)
{
    if (index < 0 || (size_t)index >= sale->participants_count) {
        return (struct wire_person){0};
    }
    const struct participant *participant = &sale->participants[index];
    return (struct wire_person){
        .id = participant->id,
        .paddle = bytes_text(participant->paddle),
        .name = bytes_text(participant->name),
        .shows_name = true,
    };
}

struct wire_person view_person(const struct sale *sale, int64_t index)
{
    struct wire_person person = view_person_named(sale, index);
    if (sale->definition.visibility != VISIBILITY_NAMES) {
        person.name = bytes_text("");
        person.shows_name = false;
    }
    return person;
}

int64_t view_budget_minor(const struct sale *sale, const struct participant *participant)
{
    if (participant->budget_minor > 0) {
        return participant->budget_minor;
    }
    const struct roster_rules *roster = &sale->definition.roster;
    return roster->enabled ? roster->budget_minor : WIRE_ABSENT;
}

struct wire_roster view_roster(const struct sale *sale, const struct participant *participant)
{
    int64_t slots = participant->slots > 0 ? participant->slots : sale->definition.roster.slots;
    return slots > 0 ? (struct wire_roster){true, participant->slots_taken, slots}
                     : (struct wire_roster){false, 0, 0};
}

struct wire_participant view_participant(const struct sale *sale, int64_t index)
{
    const struct participant *participant = &sale->participants[index];
    struct wire_participant view = {
        .person = view_person(sale, index),
        .status = view_participant_status(participant->status),
        .budget_minor = WIRE_ABSENT,
    };
    if (sale->definition.visibility == VISIBILITY_HIDDEN) {
        return view; // neither purse nor roster
    }
    view.spent_minor = participant->spent_minor;
    view.held_minor = participant->shown_minor; // a maximum stays secret
    view.budget_minor = view_budget_minor(sale, participant);
    view.roster = view_roster(sale, participant);
    return view;
}

// ---- clocks ----

bool view_is_sealed(const struct sale *sale, const struct lot *lot)
{
    bool is_decided =
        lot->phase == LOT_SOLD || lot->phase == LOT_UNSOLD || lot->phase == LOT_MATCHING;
    return lot_format_of(sale, lot)->is_sealed && !is_decided;
}

// WIRE_ABSENT: the lot has no end, or none that everybody may know: where a falling price stops is
// the seller's secret.
static int64_t lot_ends_at_ms(const struct sale *sale, const struct lot *lot)
{
    if (lot->phase == LOT_MATCHING) {
        return lot->deadline_ms; // of the answer
    }
    bool is_timed = lot_format_of(sale, lot)->is_timed;
    return !lot_is_running(lot) || lot->ends_at_ms == 0 || is_timed ? WIRE_ABSENT : lot->ends_at_ms;
}

int64_t view_first_lot(const struct sale *sale)
{
    return sale->lot_index; // chosen by ends that everybody may know (wakes.h)
}

int64_t view_open_lots(const struct sale *sale)
{
    return (int64_t)sale->wakes_count;
}

// As it runs, or would run but for a pause.
static int64_t clock_end_ms(const struct sale *sale)
{
    int64_t first;
    switch (sale->clock) {
    case CLOCK_NONE:
        return WIRE_ABSENT;
    case CLOCK_LOT:
        first = view_first_lot(sale);
        return first < 0 ? WIRE_ABSENT : lot_ends_at_ms(sale, &sale->lots[first]);
    case CLOCK_GAP:
        return sale->next_starts_at_ms;
    case CLOCK_NOMINATION:
    case CLOCK_NAMES:
    case CLOCK_START:
        return sale->clock_ends_at_ms;
    }
    return WIRE_ABSENT;
}

// A clock of the lobby runs before the sale does.
static bool clock_runs(const struct sale *sale)
{
    return sale->phase == SALE_LIVE || sale->clock == CLOCK_START;
}

int64_t view_clock_ends_at_ms(const struct sale *sale)
{
    return clock_runs(sale) ? clock_end_ms(sale) : WIRE_ABSENT;
}

int64_t view_left_ms(const struct sale *sale, int64_t ends_at_ms, int64_t now_ms)
{
    int64_t at_ms = sale->phase == SALE_PAUSED ? sale->paused_at_ms : now_ms;
    return ends_at_ms > at_ms ? ends_at_ms - at_ms : 0;
}

int64_t view_remaining_ms(const struct sale *sale, int64_t now_ms)
{
    int64_t ends_at_ms = clock_end_ms(sale);
    return ends_at_ms == WIRE_ABSENT ? 0 : view_left_ms(sale, ends_at_ms, now_ms);
}

// ---- lots ----

struct wire_price_clock view_price_clock(const struct sale *sale, const struct lot *lot)
{
    const struct lot_rules *rules = sale_lot_rules(sale, lot);
    if (!lot_format_of(sale, lot)->is_timed || !lot_is_running(lot)) {
        return (struct wire_price_clock){0};
    }
    return (struct wire_price_clock){
        .present = true,
        .price_minor = lot->clock_price_minor,
        .from_ms = lot->clock_from_ms,
        .step_minor = rules->price_step_minor,
        .tick_ms = rules->price_tick_ms,
        .frozen_at_ms = sale->phase == SALE_PAUSED ? sale->paused_at_ms : WIRE_ABSENT,
        .quantity_left = lot->quantity_left,
    };
}

static struct wire_match match_of(const struct lot *lot)
{
    return (struct wire_match){lot->phase == LOT_MATCHING, lot->match_holder,
                               view_match_stage(lot->match_stage)};
}

// Rules 3: gone at the first bid, or when the reserve is met.
static int64_t buy_now_of(const struct sale *sale, const struct lot *lot)
{
    bool may_come = lot->phase == LOT_PENDING || lot->phase == LOT_OPEN;
    bool until_reserve = sale_lot_rules(sale, lot)->buy_now_until == BUY_NOW_UNTIL_RESERVE;
    int64_t until_minor = until_reserve && lot->reserve_minor > 0 ? lot->reserve_minor : 1;
    bool is_gone = lot->price_minor >= until_minor || lot->price_minor >= lot->buy_now_minor;
    return lot->buy_now_minor > 0 && may_come && !is_gone ? lot->buy_now_minor : WIRE_ABSENT;
}

struct wire_lot view_lot(const struct sale *sale, int64_t index, int64_t now_ms)
{
    const struct lot *lot = &sale->lots[index];
    const struct lot_rules *rules = sale_lot_rules(sale, lot);
    int64_t ends_at_ms = lot_ends_at_ms(sale, lot);
    bool has_price = lot->price_minor > 0;
    struct wire_lot view = {
        .id = lot->id,
        .no = lot->no,
        .title = bytes_text(lot->title),
        .phase = lot_phase_name(lot->phase),
        .format = choice_word(choice_format, &rules->format),
        .opening_minor = lot->opening_minor,
        .price_minor = has_price ? lot->price_minor : WIRE_ABSENT,
        .ask_minor = sale_ask(sale, lot, now_ms),
        .leader = view_person(sale, lot->leader_index),
        .is_house = has_price && lot->leader_index < 0 && lot_is_running(lot) &&
                    rules->reserve_mode == RESERVE_HOUSE,
        .bids = lot->bids,
        .started_at_ms = lot->started_at_ms > 0 ? lot->started_at_ms : WIRE_ABSENT,
        .ends_at_ms = clock_runs(sale) ? ends_at_ms : WIRE_ABSENT,
        .remaining_ms = ends_at_ms == WIRE_ABSENT ? 0 : view_left_ms(sale, ends_at_ms, now_ms),
        .extensions = lot->extensions,
        .round = lot->round,
        .reserve = reserve_name(lot_reserve_status(lot)),
        .quantity = lot->quantity > 1 ? lot->quantity : 1,
        .buy_now_minor = buy_now_of(sale, lot),
        .warned = lot->warned,
        .clock = view_price_clock(sale, lot),
        .match = match_of(lot),
    };
    if (view_is_sealed(sale, lot)) { // rules 4: not even that there is an offer
        view.price_minor = WIRE_ABSENT;
        view.ask_minor = lot->opening_minor;
        view.leader = (struct wire_person){0};
        view.is_house = false;
        view.bids = 0;
        view.reserve = lot->reserve_minor > 0 ? "not_met" : "none";
    }
    return view;
}

struct wire_next_lot view_next_lot(const struct sale *sale, int64_t now_ms)
{
    struct wire_next_lot next = {.starts_at_ms = WIRE_ABSENT};
    if (sale->clock != CLOCK_GAP || sale->next_index < 0) {
        return next;
    }
    const struct lot *lot = &sale->lots[sale->next_index];
    next.id = lot->id;
    next.no = lot->no;
    next.title = bytes_text(lot->title);
    next.opening_minor = lot->opening_minor;
    next.starts_at_ms = view_clock_ends_at_ms(sale);
    next.remaining_ms = view_remaining_ms(sale, now_ms);
    return next;
}

static struct wire_waiting waiting_of(const struct sale *sale, int64_t now_ms)
{
    bool is_waiting = false;
    switch (sale->clock) {
    case CLOCK_NONE:
    case CLOCK_LOT:
    case CLOCK_GAP:
        break;
    case CLOCK_NOMINATION:
    case CLOCK_NAMES:
    case CLOCK_START:
        is_waiting = true;
        break;
    }
    struct wire_waiting waiting = {.present = is_waiting, .ends_at_ms = WIRE_ABSENT};
    if (is_waiting) {
        waiting.ends_at_ms = view_clock_ends_at_ms(sale);
        waiting.remaining_ms = view_remaining_ms(sale, now_ms);
    }
    if (sale->clock == CLOCK_NOMINATION && sale->nominator_index >= 0) {
        waiting.by = sale->participants[sale->nominator_index].id;
    }
    return waiting;
}

struct wire_state view_state(const struct sale *sale, int64_t now_ms)
{
    int64_t open = view_open_lots(sale);
    int64_t pending = 0;
    int64_t first = view_first_lot(sale);
    for (size_t i = 0; i < sale->lots_count; i++) {
        pending += sale->lots[i].phase == LOT_PENDING ? 1 : 0;
    }
    struct wire_state state = {
        .head = view_head(sale),
        .phase = view_sale_phase(sale->phase),
        .now_ms = now_ms,
        .clock = view_clock(sale->clock),
        .has_lot = first >= 0,
        .open = open,
        .next = view_next_lot(sale, now_ms),
        .waiting = waiting_of(sale, now_ms),
        .lots_total = (int64_t)sale->lots_count,
        .sold = sale->sold_count,
        .unsold = sale->unsold_count,
        .remaining_lots = pending + open,
    };
    if (state.has_lot) {
        state.lot = view_lot(sale, first, now_ms);
    }
    return state;
}

int64_t view_pages(size_t count)
{
    return count == 0 ? 1 : (int64_t)((count - 1) / WIRE_PAGE_ITEMS) + 1;
}
