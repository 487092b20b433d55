// Facts of bids: what a bid led to, what an undo gave back, who has passed.
#include "auditor_books.h"

static int64_t offered_amount(const struct sale_command *command)
{
    switch (command->op) {
    case SALE_OP_BID:
        return command->as.bid.amount_minor;
    case SALE_OP_FLOOR_BID:
        return command->as.floor_bid.amount_minor;
    case SALE_OP_SET_MAX:
        return command->as.set_max.max_minor;
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
    case SALE_OP_WITHDRAW_MAX:
    case SALE_OP_BUY_NOW:
    case SALE_OP_PASS:
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
    return 0;
}

// What the rules make of the command's offer, before it: filled in by auditor_step().
static void keep_for_undo(struct audit_lot *lot, const struct auditor *auditor, int by,
                          const struct sale_event *event)
{
    struct audit_undo *undo = &lot->undo[lot->undo_total % UNDO_DEPTH_MAX];
    *undo = (struct audit_undo){.no = event->as.bid_accepted.bid_no,
                                .by = by,
                                .price = lot->price,
                                .leader = lot->leader,
                                .house = lot->house,
                                .held = lot->held};
    if (by >= 0) {
        undo->offer = auditor->offer_before;
    }
    undo->kind = event->as.bid_accepted.kind;
    undo->order_after = by >= 0 ? lot->offers[by].order : 0;
    lot->undo_total++;
    lot->undo_count = least_of(lot->undo_count + 1, UNDO_DEPTH_MAX);
}

static void check_made(struct auditor *auditor, const struct sale_event *event, int by)
{
    const struct sale_command *command = auditor->command;
    int64_t amount = event->as.bid_accepted.amount_minor;
    int64_t price = event->as.bid_accepted.price_minor;
    bool is_max = command->op == SALE_OP_SET_MAX;
    bool is_floor = command->op == SALE_OP_FLOOR_BID;
    enum bid_kind kind = is_max ? BID_MAXIMUM : is_floor ? BID_FLOOR : BID_PLAIN;
    must(auditor, by == auditor->by, "the bid accepted is by whom it was made");
    must(auditor, event->as.bid_accepted.kind == kind, "the kind of a bid");
    must(auditor, amount == (is_max ? price : offered_amount(command)),
         "the bid accepted is the bid made, and tells no maximum");
}

static void check_result(struct auditor *auditor, const struct sale_event *event,
                         const struct audit_lot *lot, int leader)
{
    const struct audit_result *result = &auditor->result;
    int64_t price = event->as.bid_accepted.price_minor;
    if (result->loose) {
        must(auditor, price >= lot->price, "the price never falls");
        return;
    }
    if ((price < result->price_least || price > result->price_most) && auditor->fault[0] == 0) {
        char told[120];
        standing_tell(auditor, (int)event->as.bid_accepted.lot_index, told, sizeof told);
        snprintf(auditor->fault, sizeof auditor->fault, "the price after a bid: %lld, not %s",
                 (long long)price, told);
    }
    must(auditor,
         leader == result->leader || (result->other != AUDIT_NONE && leader == result->other),
         "the leader is the best valid bidder, the earlier of two equal ones");
}

// The offers that make a bid are in the books when its price is.
static void take_over(struct auditor *auditor, const struct sale_event *event, int by, int leader)
{
    int index = (int)event->as.bid_accepted.lot_index;
    struct audit_lot *lot = &auditor->lots[index];
    enum bid_kind kind = event->as.bid_accepted.kind;
    keep_for_undo(lot, auditor, by, event);
    if (by >= 0 && kind != BID_MAXIMUM && kind != BID_ABSENTEE) {
        lot->offers[by].plain = event->as.bid_accepted.amount_minor;
    }
    auditor->ends_before = lot->ends_at;
    auditor->leader_before = lot->leader;
    lot->price = event->as.bid_accepted.price_minor;
    lot->leader = leader;
    lot->house = leader < 0;
    standing_check_held(auditor, index, event->as.bid_accepted.held_minor);
    lot->held = event->as.bid_accepted.held_minor;
    lot->bids++;
    lot->warn_after = auditor->now;
    lot->warned = 0;
    lot->asked_before = lot->asked; // a bid takes it back, or only one that reaches it
    lot->asked = 0;
    lot->asked_open = true;
    auditor->bids++;
}

static void check_end(struct auditor *auditor, const struct sale_event *event,
                      const struct audit_lot *before, int by)
{
    struct audit_lot *lot = &auditor->lots[event->as.bid_accepted.lot_index];
    bool changes = lot->price != before->price || lot->leader != before->leader;
    bool at_start = (auditor->kinds & (UINT64_C(1) << EVENT_LOT_STARTED)) != 0;
    bool may_extend = changes && !at_start && by >= 0 && by != before->leader &&
                      auditor->command != NULL && before->ends_at > 0 && books_is_ascending(lot);
    int64_t ends_at = event->as.bid_accepted.ends_at_ms;
    int64_t stamp = auditor->command != NULL ? auditor->command->stamp_ms : 0;
    int64_t expected =
        may_extend ? clock_soft_end(auditor, before, auditor->now, auditor->now) : before->ends_at;
    bool fits = ends_at == expected;
    if (may_extend && stamp > 0) { // by its stamp or by its arrival: the rules name neither
        fits = fits || ends_at == clock_soft_end(auditor, before, stamp, stamp) ||
               ends_at == clock_soft_end(auditor, before, auditor->now, stamp);
    }
    if (expected <= auditor->now) { // an end that would have come already extends nothing
        fits = fits || ends_at == before->ends_at;
    }
    if (may_extend && before->rules.soft_close.shrink_percent > 0) { // how it is rounded is open
        int64_t off = ends_at - expected;
        fits = fits || (off >= -before->extensions && off <= before->extensions);
    }
    if (!fits) {
        must_equal(auditor, ends_at, expected, (int)before->phase, "the end after a bid");
    }
    auditor->extension_due = ends_at > before->ends_at ? ends_at : 0;
    lot->ends_at = ends_at;
    if (auditor->extension_due != 0 && lot->phase == LOT_CLOSING) {
        lot->phase = LOT_OPEN;
    }
}

void fact_bid(struct auditor *auditor, const struct sale_event *event)
{
    int index = (int)event->as.bid_accepted.lot_index;
    int by = books_participant(auditor, event->as.bid_accepted.by.text);
    int leader = books_participant(auditor, event->as.bid_accepted.leader.text);
    must(auditor, index >= 0 && index < auditor->lots_count, "a bid on a lot that is there");
    must(auditor, event->as.bid_accepted.bid_no == auditor->bids + 1, "bids are numbered on");
    if (auditor->fault[0] != 0) {
        return;
    }
    struct audit_lot *lot = &auditor->lots[index];
    must(auditor, lot->phase == LOT_OPEN || lot->phase == LOT_CLOSING, "a bid on a lot not open");
    auditor->bid_seen = true;
    if (index != auditor->last_closed) {
        auditor->last_closed = -1; // "until the next lot has its first bid"
    }
    if (!books_is_ascending(lot)) {
        format_bid(auditor, event);
        return;
    }
    enum bid_kind kind = event->as.bid_accepted.kind;
    bool at_start = kind == BID_ABSENTEE || kind == BID_NOMINATION;
    if (at_start) {
        must(auditor, (auditor->kinds & (UINT64_C(1) << EVENT_LOT_STARTED)) != 0,
             "absentee maxima and nominations play when the lot starts");
        auditor->result = kind == BID_ABSENTEE
                              ? standing_at_start(auditor, index)
                              : standing_after_bid(auditor, index, by, lot->opening);
        auditor->offer_before = (struct audit_offer){0};
        if (by >= 0) {
            auditor->offer_before = lot->offers[by];
        }
    } else if (kind != BID_HOUSE) {
        must(auditor, auditor->command != NULL && index == auditor->lot && by >= 0,
             "a bid that nobody made");
        must_be_allowed(auditor);
    }
    if (auditor->fault[0] != 0) {
        return;
    }
    if (kind == BID_HOUSE) {
        must(auditor,
             lot->rules.reserve_mode == RESERVE_HOUSE &&
                 event->as.bid_accepted.price_minor <= lot->reserve,
             "the house bids only up to the reserve");
    } else {
        if (!at_start) {
            check_made(auditor, event, by);
        }
        check_result(auditor, event, lot, leader);
    }
    must(auditor, event->as.bid_accepted.price_minor >= lot->price, "the price never falls"); // L1
    struct audit_lot before = *lot;
    take_over(auditor, event, by, leader);
    check_end(auditor, event, &before, by);
}

void fact_max(struct auditor *auditor, const struct sale_event *event)
{
    int index = (int)event->as.max_placed.lot_index;
    int by = books_participant(auditor, event->as.max_placed.by.text);
    const struct sale_command *command = auditor->command;
    must(auditor, command != NULL && index == auditor->lot && by == auditor->by && by >= 0,
         "a maximum that nobody placed");
    must_be_allowed(auditor);
    if (auditor->fault[0] != 0) {
        return;
    }
    struct audit_lot *lot = &auditor->lots[index];
    struct audit_offer *offer = &lot->offers[by];
    int64_t wanted = command->op == SALE_OP_WITHDRAW_MAX ? 0 : offered_amount(command);
    bool sealed_bid = command->op == SALE_OP_BID && !books_is_ascending(lot);
    must(auditor,
         command->op == SALE_OP_SET_MAX || command->op == SALE_OP_WITHDRAW_MAX || sealed_bid,
         "a maximum comes from set_max, withdraw_max or a sealed bid");
    must(auditor, event->as.max_placed.max_minor == wanted, "the maximum placed is the one given");
    must(auditor,
         event->as.max_placed.order_no == auditor->orders + 1 ||
             (event->as.max_placed.order_no == offer->order && offer->order > 0) || wanted == 0,
         "maxima are numbered in the order of placing");
    auditor->orders = most_of(auditor->orders, event->as.max_placed.order_no);
    offer->max = wanted;
    offer->order = event->as.max_placed.order_no;
    offer->quantity = most_of(event->as.max_placed.quantity, 1);
    auditor->max_seen = true;
    if (lot->leader == by && books_runs(lot)) {
        int64_t most = money_most(auditor, by, index);
        lot->held = most_of(lot->price, least_of(wanted, most));
    }
}

// Plain bids above the price stand no more.
static void void_plain_above(const struct auditor *auditor, struct audit_lot *lot, int64_t price)
{
    for (int p = 0; p < auditor->participants_count; p++) {
        lot->offers[p].plain = lot->offers[p].plain > price ? 0 : lot->offers[p].plain;
    }
}

// Can the leader of before stand for his price again?
static bool can_lead_again(const struct auditor *auditor, int lot, const struct audit_undo *undo)
{
    return undo->leader < 0 ||
           (!auditor->participants[undo->leader].was_cut &&
            auditor->participants[undo->leader].status == PARTICIPANT_ACCEPTED &&
            money_most(auditor, undo->leader, lot) >= undo->price);
}

// The bidder has what he had before the command; a maximum that he placed later is a command of its
// own, and one that was absent no command of the lot: what becomes of those is open.
static void give_back(struct audit_lot *lot, const struct audit_undo *undo)
{
    struct audit_offer *offer = &lot->offers[undo->by];
    offer->plain = undo->offer.plain;
    if (offer->passed) {
        return; // nobody bids on for who has passed
    }
    if (undo->kind == BID_ABSENTEE) {
        lot->offers_open = true;
    } else if (undo->kind == BID_MAXIMUM && offer->order == undo->order_after) {
        offer->max = undo->offer.max;
        offer->order = undo->offer.order;
    } else if (undo->kind == BID_MAXIMUM) {
        offer->max = most_of(offer->max, undo->offer.max);
        lot->offers_open = true;
    } else if (offer->max != undo->offer.max) { // placed later by who led with the bid
        lot->offers_open = true;
    }
}

// The newest command of bids with all its automatic ones: a bid and the house's answer are two.
static struct audit_undo pop_undo(struct auditor *auditor, int index, int64_t removed)
{
    struct audit_lot *lot = &auditor->lots[index];
    struct audit_undo undo = {0};
    bool goes_on = true;
    must(auditor, removed >= 1 && removed <= lot->undo_count, "an undo takes what is there");
    bool all = lot->rules.retraction == RETRACTION_RESET && removed == lot->undo_count;
    for (int64_t i = 0; i < removed && auditor->fault[0] == 0; i++) {
        undo = lot->undo[(lot->undo_total - 1) % UNDO_DEPTH_MAX];
        // the answer of the house goes with its bid, and who can't lead again is skipped
        must(auditor, all || goes_on, "an undo takes one command with all its automatic bids");
        goes_on = undo.by < 0 || !can_lead_again(auditor, index, &undo);
        lot->undo_total--;
        lot->undo_count--;
        lot->bids--;
        if (undo.by >= 0) {
            give_back(lot, &undo);
        }
    }
    return undo;
}

// Whether the bids of a lot that was opened again can still be undone is open.
static void undo_reopened(struct auditor *auditor, struct audit_lot *lot,
                          const struct sale_event *event)
{
    must(auditor, event->as.bid_retracted.price_minor <= lot->price, "an undo raises no price");
    lot->bids -= event->as.bid_retracted.removed - (event->as.bid_retracted.bid_no == 0);
    lot->undo_count = 0;
    lot->price = event->as.bid_retracted.price_minor;
    lot->leader = books_participant(auditor, event->as.bid_retracted.leader.text);
    lot->house = lot->leader < 0 && lot->price > 0;
    lot->held = event->as.bid_retracted.held_minor;
    lot->offers_open = true;
    lot->warn_after = auditor->now;
    lot->warned = 0;
    void_plain_above(auditor, lot, lot->price);
}

// Undo, newest first: the bid before stands again, or none, by the sale's choice.
void fact_retracted(struct auditor *auditor, const struct sale_event *event)
{
    int index = (int)event->as.bid_retracted.lot_index;
    must(auditor,
         auditor->command != NULL && auditor->command->op == SALE_OP_UNDO && index == auditor->lot,
         "an undo that nobody asked for");
    if (auditor->fault[0] != 0) {
        return;
    }
    struct audit_lot *lot = &auditor->lots[index];
    must(auditor, books_runs(lot), "an undo is for an open lot");
    if (lot->was_reopened && event->as.bid_retracted.removed > lot->undo_count) {
        undo_reopened(auditor, lot, event);
        return;
    }
    must(auditor, lot->undo_count > 0, "an undo needs a bid");
    if (auditor->fault[0] != 0) {
        return;
    }
    int64_t newest = lot->undo[(lot->undo_total - 1) % UNDO_DEPTH_MAX].no;
    struct audit_undo undo = pop_undo(auditor, index, event->as.bid_retracted.removed);
    int leader = books_participant(auditor, event->as.bid_retracted.leader.text);
    int64_t price = event->as.bid_retracted.price_minor;
    must(auditor,
         event->as.bid_retracted.bid_no == undo.no || event->as.bid_retracted.bid_no == newest ||
             event->as.bid_retracted.resets,
         "an undo takes the newest bid");
    if (lot->rules.retraction == RETRACTION_RESET) {
        must(auditor, price == 0 && leader < 0, "an undo resets to no bid");
        void_plain_above(auditor, lot, 0);
        lot->offers_open = true;
        lot->undo_count = 0;
        lot->house = false;
    } else {
        // before the first bid nobody led, but maxima of absentees may be left
        bool is_absentee = undo.price == 0 && leader >= 0;
        bool can_lead = !is_absentee && can_lead_again(auditor, index, &undo);
        must(auditor, !is_absentee || lot->offers[leader].max >= price,
             "who leads after an undo has a bid that stands");
        must(auditor, !can_lead || (price == undo.price && leader == undo.leader),
             "an undo revives the bid before");
        must(auditor, price <= lot->price, "an undo raises no price");
        lot->house = leader < 0 && price > 0;
        if (!can_lead) { // who can't afford it any more is skipped, and his bid with him
            lot->offers_open = true;
            void_plain_above(auditor, lot, price);
        }
    }
    for (int p = 0; p < auditor->participants_count; p++) {
        if (lot->offers[p].plain > price) { // of who was skipped: it does not stand any more
            lot->offers[p].plain = 0;
        }
    }
    lot->price = price;
    lot->leader = leader;
    int64_t held = event->as.bid_retracted.held_minor;
    if (lot->offers_open && leader >= 0) {
        must(auditor, held >= price && held <= most_of(price, lot->offers[leader].max),
             "a leader holds his maximum, or his price");
    } else {
        standing_check_held(auditor, index, held);
    }
    lot->held = held;
    lot->warn_after = most_of(lot->warn_after, auditor->now);
    lot->warned = 0;
}

void fact_passed(struct auditor *auditor, const struct sale_event *event)
{
    int index = (int)event->as.lot_passed.lot_index;
    int by = books_participant(auditor, event->as.lot_passed.by.text);
    must(auditor, index >= 0 && index < auditor->lots_count && by >= 0, "who passes is there");
    if (auditor->fault[0] != 0) {
        return;
    }
    if (auditor->lots[index].rules.format == FORMAT_JAPANESE) {
        format_passed(auditor, event);
        return;
    }
    must(auditor,
         auditor->command != NULL && auditor->command->op == SALE_OP_PASS &&
             index == auditor->lot && by == auditor->by,
         "a pass that nobody made");
    must(auditor, !auditor->lots[index].offers[by].passed, "a pass is final");
    auditor->lots[index].offers[by].passed = true;
    auditor->lots[index].offers[by].max = 0; // nobody bids on for him
}

void fact_ask(struct auditor *auditor, const struct sale_event *event)
{
    const struct sale_command *command = auditor->command;
    must(auditor, command != NULL && command->op == SALE_OP_SET_ASK, "an ask that nobody set");
    if (auditor->fault[0] != 0) {
        return;
    }
    struct audit_lot *lot = &auditor->lots[event->as.ask_set.lot_index];
    must(auditor, event->as.ask_set.lot_index == auditor->lot, "the ask of the lot meant");
    // ask 0 goes back to the table: the fact may carry 0 or the table's number
    must(auditor,
         event->as.ask_set.ask_minor == command->as.set_ask.ask_minor ||
             command->as.set_ask.ask_minor == 0,
         "the ask is the one set");
    must(auditor, event->as.ask_set.ask_minor == 0 || event->as.ask_set.ask_minor > lot->price,
         "an ask lies above the price");
    lot->asked = command->as.set_ask.ask_minor;
}

// What must have happened when an offer was taken.
void bids_outcome(struct auditor *auditor)
{
    const struct sale_command *command = auditor->command;
    if (command == NULL || auditor->lot < 0) {
        return;
    }
    const struct audit_lot *lot = &auditor->lots[auditor->lot];
    bool is_max = command->op == SALE_OP_SET_MAX;
    if ((is_max || command->op == SALE_OP_WITHDRAW_MAX) && books_is_ascending(lot)) {
        int64_t wanted = is_max ? command->as.set_max.max_minor : 0;
        must(auditor, auditor->max_seen || auditor->offer_before.max == wanted,
             "a maximum taken is kept");
        must(auditor,
             !is_max || lot->phase == LOT_PENDING || auditor->result.loose ||
                 (auditor->bid_seen ? auditor->result.moves : auditor->result.may_move),
             "a maximum that moves price or leader is a bid, and only that");
        if (auditor->fault[0] == 'a' && auditor->fault[2] == 'm') {
            size_t used = strlen(auditor->fault);
            standing_tell(auditor, auditor->lot, auditor->fault + used,
                          sizeof auditor->fault - used);
        }
    }
    if (command->op == SALE_OP_FLOOR_BID ||
        (command->op == SALE_OP_BID && books_is_ascending(lot))) {
        must(auditor, auditor->bid_seen, "a bid taken is a fact");
    }
    if (command->op == SALE_OP_BID && books_is_sealed(lot)) {
        must(auditor, auditor->max_seen && auditor->public_facts == 0,
             "nothing tells of a sealed bid");
    }
    if (command->op == SALE_OP_UNDO) {
        must(auditor, (auditor->kinds & (UINT64_C(1) << EVENT_BID_RETRACTED)) != 0,
             "an undo is a fact");
    }
}
