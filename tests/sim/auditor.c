#include "auditor.h"

void auditor_fail(struct auditor *auditor, const char *rule)
{
    if (auditor->fault[0] == 0) {
        snprintf(auditor->fault, sizeof auditor->fault, "%s", rule);
    }
}

static void must(struct auditor *auditor, bool holds, const char *rule)
{
    if (!holds) {
        auditor_fail(auditor, rule);
    }
}

void auditor_init(struct auditor *auditor, const struct sale_definition *definition)
{
    memset(auditor, 0, sizeof *auditor);
    auditor->rules = *definition;
    auditor->open = -1;
    auditor->next = -1;
    auditor->follow_due = -1;
}

// ---- rules 3: increments, money, completion ----

static int64_t step_from(const struct auditor *auditor, int64_t price)
{
    const struct increment_table *table = &auditor->rules.rules.lot.increments;
    int64_t step = 0;
    for (size_t i = 0; i < table->count; i++) {
        if (price >= table->as.bands[i].from_minor) {
            step = table->as.bands[i].step_minor;
        }
    }
    return step;
}

static int64_t raise_of(const struct auditor *auditor, int64_t price)
{
    int64_t step = step_from(auditor, price);
    return auditor->rules.rules.lot.increments.align ? price - price % step + step : price + step;
}

static bool lies_on_ladder(const struct auditor *auditor, int64_t opening, int64_t amount)
{
    const struct increment_table *table = &auditor->rules.rules.lot.increments;
    int64_t last_from = table->as.bands[table->count - 1].from_minor;
    int64_t last_step = table->as.bands[table->count - 1].step_minor;
    int64_t price = opening;
    while (price < amount) {
        bool regular = !table->align || price % last_step == 0;
        if (price >= last_from && regular) {
            return (amount - price) % last_step == 0;
        }
        price = raise_of(auditor, price);
    }
    return price == amount;
}

static const struct audit_lot *lot_led_by(const struct auditor *auditor, int participant)
{
    if (auditor->open < 0 || auditor->lots[auditor->open].leader != participant) {
        return NULL;
    }
    return &auditor->lots[auditor->open];
}

// Budget left once the open lots led are counted.
static int64_t money_left(const struct auditor *auditor, int participant)
{
    const struct audit_lot *led = lot_led_by(auditor, participant);
    return auditor->rules.roster.budget_minor - auditor->participants[participant].spent -
           (led != NULL ? led->price : 0);
}

static int64_t slots_left(const struct auditor *auditor, int participant)
{
    return auditor->rules.roster.slots - auditor->participants[participant].won -
           (lot_led_by(auditor, participant) != NULL ? 1 : 0);
}

static enum error_code judge_money(const struct auditor *auditor, int participant, int64_t amount)
{
    const struct roster_rules *roster = &auditor->rules.roster;
    if (!roster->enabled) {
        return ERROR_NONE;
    }
    int64_t left = money_left(auditor, participant);
    int64_t slots = slots_left(auditor, participant);
    int64_t slots_after = slots > 0 ? slots - 1 : 0;
    if (roster->slots == 0) {
        slots_after = 0;
    }
    if (amount > left) {
        return ERROR_INSUFFICIENT_BUDGET;
    }
    if (amount > left - roster->minimum_minor * slots_after) {
        return ERROR_RESERVE_FOR_ROSTER;
    }
    if (roster->slots > 0 && slots <= 0) {
        return ERROR_ROSTER_FULL;
    }
    return ERROR_NONE;
}

// "The sale completes when every roster is full, nobody can afford the minimum" - asked while no
// lot is open.
static bool nobody_can_go_on(const struct auditor *auditor, enum complete_reason *out_reason)
{
    const struct roster_rules *roster = &auditor->rules.roster;
    int accepted = 0;
    int full = 0;
    int poor = 0;
    for (int i = 0; i < auditor->participants_count; i++) {
        if (auditor->participants[i].blocked) {
            continue;
        }
        bool is_full = roster->slots > 0 && slots_left(auditor, i) <= 0;
        int64_t least = roster->minimum_minor > 1 ? roster->minimum_minor : 1;
        accepted++;
        full += is_full;
        poor += is_full || judge_money(auditor, i, least) != ERROR_NONE;
    }
    if (!roster->enabled || accepted == 0 || poor < accepted) {
        return false;
    }
    *out_reason = full == accepted ? COMPLETE_ROSTERS_FULL : COMPLETE_NOBODY_CAN_AFFORD;
    return true;
}

static int first_in_phase(const struct auditor *auditor, enum audit_lot_phase phase)
{
    for (int i = 0; i < auditor->lots_count; i++) {
        if (auditor->lots[i].phase == phase) {
            return i;
        }
    }
    return -1;
}

static bool somebody_could_open(const struct auditor *auditor)
{
    for (int l = 0; l < auditor->lots_count; l++) {
        for (int p = 0; p < auditor->participants_count; p++) {
            bool could = auditor->lots[l].phase == AUDIT_UNSOLD &&
                         !auditor->participants[p].blocked &&
                         judge_money(auditor, p, auditor->lots[l].opening) == ERROR_NONE;
            if (could) {
                return true;
            }
        }
    }
    return false;
}

// ---- rules 3: the order of a bid ----

static int lot_named(const struct auditor *auditor, const char *id)
{
    for (int i = 0; i < auditor->lots_count; i++) {
        if (strcmp(auditor->lots[i].id, id) == 0) {
            return i;
        }
    }
    return -1;
}

static int participant_named(const struct auditor *auditor, const char *id)
{
    for (int i = 0; i < auditor->participants_count; i++) {
        if (strcmp(auditor->participants[i].id, id) == 0) {
            return i;
        }
    }
    return -1;
}

static enum error_code judge_amount(const struct auditor *auditor, const struct audit_lot *lot,
                                    int by, const struct sale_command *bid)
{
    int64_t amount = bid->as.bid.amount_minor;
    int64_t ask = lot->price == 0 ? lot->opening : raise_of(auditor, lot->price);
    int64_t base = lot->price == 0 ? lot->opening : lot->price;
    int64_t factor = auditor->rules.rules.lot.sanity_factor;
    if (amount <= 0 || amount > AMOUNT_MINOR_MAX) {
        return ERROR_BAD_AMOUNT;
    }
    if (lot->leader == by) {
        return ERROR_ALREADY_LEADING;
    }
    if (amount < ask) {
        return ERROR_BELOW_ASK;
    }
    if (auditor->rules.rules.lot.strict && !lies_on_ladder(auditor, lot->opening, amount)) {
        return ERROR_OFF_LADDER;
    }
    if (factor > 0 && !bid->as.bid.confirm && amount / factor >= base &&
        !(amount / factor == base && amount % factor == 0)) {
        return ERROR_ABOVE_SANITY;
    }
    return judge_money(auditor, by, amount);
}

static enum error_code judge_bid(const struct auditor *auditor, const struct sale_command *bid,
                                 int64_t now)
{
    int lot = lot_named(auditor, bid->as.bid.lot.text);
    int by = participant_named(auditor, bid->by.text);
    if (auditor->phase == AUDIT_GONE || lot < 0) {
        return ERROR_NOT_FOUND;
    }
    if (by < 0) {
        return ERROR_NOT_PARTICIPANT;
    }
    if (auditor->phase == AUDIT_PAUSED) {
        return ERROR_PAUSED;
    }
    if (auditor->phase != AUDIT_LIVE) {
        return ERROR_NOT_ACTIVE;
    }
    if (auditor->lots[lot].phase == AUDIT_PENDING) {
        return ERROR_WRONG_LOT;
    }
    if (auditor->lots[lot].phase != AUDIT_OPEN || now >= auditor->lots[lot].ends_at) {
        return ERROR_LOT_CLOSED;
    }
    if (bid->role != ROLE_BIDDER || auditor->participants[by].blocked) {
        return ERROR_FORBIDDEN;
    }
    return judge_amount(auditor, &auditor->lots[lot], by, bid);
}

// ---- facts ----

static int64_t soft_end(const struct auditor *auditor, const struct audit_lot *lot, int64_t now)
{
    const struct soft_close *soft = &auditor->rules.rules.lot.soft_close;
    bool inside = soft->window_ms > 0 && lot->ends_at - now <= soft->window_ms;
    bool capped = soft->max_extensions > 0 && lot->extensions == soft->max_extensions;
    if (!inside || capped) {
        return lot->ends_at;
    }
    int64_t wanted =
        soft->type == SOFT_CLOSE_ADD ? lot->ends_at + soft->amount_ms : now + soft->amount_ms;
    return wanted > lot->ends_at ? wanted : lot->ends_at; // never shortens
}

static void fact_bid(struct auditor *auditor, const struct sale_event *event)
{
    int by = participant_named(auditor, event->as.bid_accepted.by.text);
    must(auditor, auditor->command != NULL && auditor->command->op == SALE_OP_BID,
         "a bid that nobody made");
    must(auditor, auditor->expected == ERROR_NONE, "a bid accepted that the rules refuse");
    must(auditor, event->as.bid_accepted.lot_index == auditor->open, "a bid on a lot not open");
    must(auditor, event->as.bid_accepted.bid_no == auditor->bids + 1, "bids are numbered on");
    if (auditor->fault[0] != 0) {
        return;
    }
    struct audit_lot *lot = &auditor->lots[auditor->open];
    int64_t ends_at = soft_end(auditor, lot, event->at_ms);
    must(auditor,
         event->as.bid_accepted.amount_minor == auditor->command->as.bid.amount_minor &&
             strcmp(event->as.bid_accepted.by.text, auditor->command->by.text) == 0,
         "the bid accepted is the bid made");
    must(auditor, event->as.bid_accepted.amount_minor > lot->price, "the price never falls");
    must(auditor, event->as.bid_accepted.ends_at_ms == ends_at, "the end after a bid");
    auditor->extension_due = ends_at > lot->ends_at ? ends_at : 0;
    lot->price = event->as.bid_accepted.amount_minor;
    lot->leader = by;
    lot->ends_at = ends_at;
    auditor->bids++;
}

static void fact_extended(struct auditor *auditor, const struct sale_event *event)
{
    must(auditor,
         auditor->extension_due != 0 && event->as.lot_extended.ends_at_ms == auditor->extension_due,
         "an extension follows its bid");
    auditor->extension_due = 0;
    auditor->lots[auditor->open].extensions++;
}

// Time closes a lot at its end, not before; only "next" for this lot is earlier.
static bool may_close(const struct auditor *auditor, const struct audit_lot *lot)
{
    bool by_time = auditor->now >= lot->ends_at;
    bool by_next = auditor->cause == CAUSE_COMMAND && auditor->command->op == SALE_OP_NEXT &&
                   strcmp(auditor->command->as.next.lot.text, lot->id) == 0;
    return by_next || (auditor->cause == CAUSE_DEADLINE && by_time);
}

// What must come after a hammer: the next lot of this round, another round, or the end.
static void expect_after_close(struct auditor *auditor, int64_t next, int64_t next_at)
{
    enum complete_reason reason = COMPLETE_NO_LOTS_LEFT;
    auditor->open = -1; // the books of the winner have it now
    bool over = nobody_can_go_on(auditor, &reason);
    int pending = first_in_phase(auditor, AUDIT_PENDING);
    must(auditor, next == (over ? -1 : pending), "lots come in listed order");
    auditor->next = (int)next;
    auditor->next_at = next_at;
    if (next >= 0) {
        must(auditor, next_at == auditor->now + auditor->rules.rules.gap_ms, "the gap");
        return;
    }
    bool again = !over && first_in_phase(auditor, AUDIT_UNSOLD) >= 0 &&
                 auditor->round < auditor->rules.rules.unsold_rounds &&
                 somebody_could_open(auditor);
    auditor->follow_due = again ? EVENT_ROUND_STARTED : EVENT_SALE_COMPLETED;
    auditor->follow_detail = again ? first_in_phase(auditor, AUDIT_UNSOLD) : (int64_t)reason;
}

static void fact_sold(struct auditor *auditor, const struct sale_event *event)
{
    must(auditor, event->as.lot_sold.lot_index == auditor->open && auditor->open >= 0,
         "only the open lot is sold");
    if (auditor->fault[0] != 0) {
        return;
    }
    struct audit_lot *lot = &auditor->lots[auditor->open];
    int winner = participant_named(auditor, event->as.lot_sold.winner.text);
    must(auditor, may_close(auditor, lot), "a lot is closed by its time or by its next");
    must(auditor, winner >= 0 && winner == lot->leader, "the winner is the best valid bid");
    must(auditor, event->as.lot_sold.price_minor == lot->price, "the winner pays his bid");
    must(auditor, lot->price >= lot->reserve, "below the reserve nothing is sold");
    if (winner >= 0) {
        auditor->participants[winner].spent += lot->price;
        auditor->participants[winner].won++;
    }
    lot->phase = AUDIT_SOLD;
    expect_after_close(auditor, event->as.lot_sold.next_lot_index,
                       event->as.lot_sold.next_starts_at_ms);
}

static void fact_unsold(struct auditor *auditor, const struct sale_event *event)
{
    must(auditor, event->as.lot_unsold.lot_index == auditor->open && auditor->open >= 0,
         "only the open lot is passed");
    if (auditor->fault[0] != 0) {
        return;
    }
    struct audit_lot *lot = &auditor->lots[auditor->open];
    bool early = auditor->now < lot->ends_at;
    must(auditor, may_close(auditor, lot), "a lot is closed by its time or by its next");
    must(auditor, lot->leader < 0 || lot->price < lot->reserve, "a good bid is a sale");
    enum unsold_reason reason = lot->leader < 0 ? UNSOLD_NO_BIDS : UNSOLD_RESERVE_NOT_MET;
    must(auditor, event->as.lot_unsold.reason == (early ? UNSOLD_PASSED : reason),
         "the reason of an unsold lot");
    lot->phase = AUDIT_UNSOLD;
    lot->leader = -1;
    expect_after_close(auditor, event->as.lot_unsold.next_lot_index,
                       event->as.lot_unsold.next_starts_at_ms);
}

static void lot_fresh(struct audit_lot *lot)
{
    lot->phase = AUDIT_PENDING;
    lot->price = 0;
    lot->leader = -1;
    lot->ends_at = 0;
    lot->extensions = 0;
}

static void fact_lot_started(struct auditor *auditor, const struct sale_event *event)
{
    enum complete_reason reason;
    must(auditor, auditor->open < 0, "one lot at a time");
    must(auditor, auditor->next >= 0 && event->as.lot_started.lot_index == auditor->next,
         "the lot counted in starts");
    if (auditor->fault[0] != 0) {
        return;
    }
    struct audit_lot *lot = &auditor->lots[auditor->next];
    bool by_next = auditor->cause == CAUSE_COMMAND && auditor->command->op == SALE_OP_NEXT &&
                   strcmp(auditor->command->as.next.lot.text, lot->id) == 0;
    must(auditor, by_next || auditor->now >= auditor->next_at, "a lot starts after its gap");
    must(auditor, lot->phase == AUDIT_PENDING, "a lot is offered once in a round");
    must(auditor, !nobody_can_go_on(auditor, &reason), "a complete sale starts no lot");
    int64_t duration = lot->duration > 0 ? lot->duration : auditor->rules.rules.lot.duration_ms;
    must(auditor, event->as.lot_started.ends_at_ms == auditor->now + duration,
         "a lot has its whole time");
    lot_fresh(lot);
    lot->phase = AUDIT_OPEN;
    lot->ends_at = event->as.lot_started.ends_at_ms;
    auditor->open = auditor->next;
    auditor->next = -1;
}

static void fact_round(struct auditor *auditor, const struct sale_event *event)
{
    must(auditor,
         auditor->follow_due == EVENT_ROUND_STARTED &&
             event->as.round_started.next_lot_index == auditor->follow_detail,
         "a round follows the last lot when somebody could open");
    must(auditor, event->as.round_started.round == auditor->round + 1, "rounds are counted");
    auditor->follow_due = -1;
    auditor->round++;
    for (int i = 0; i < auditor->lots_count; i++) {
        if (auditor->lots[i].phase == AUDIT_UNSOLD) {
            lot_fresh(&auditor->lots[i]);
        }
    }
    auditor->next = (int)event->as.round_started.next_lot_index;
    auditor->next_at = event->as.round_started.next_starts_at_ms;
    must(auditor, auditor->next_at == auditor->now + auditor->rules.rules.gap_ms, "the gap");
}

static void fact_completed(struct auditor *auditor, const struct sale_event *event)
{
    enum complete_reason reason = COMPLETE_NO_LOTS_LEFT;
    if (auditor->follow_due == EVENT_SALE_COMPLETED) {
        must(auditor, (int64_t)event->as.sale_completed.reason == auditor->follow_detail,
             "the reason of the end");
    } else {
        must(auditor,
             auditor->next >= 0 && nobody_can_go_on(auditor, &reason) &&
                 event->as.sale_completed.reason == reason,
             "a sale ends only by a reason of the rules");
    }
    auditor->follow_due = -1;
    auditor->phase = AUDIT_COMPLETE;
    auditor->next = -1;
    for (int i = 0; i < auditor->lots_count; i++) {
        if (auditor->lots[i].phase == AUDIT_PENDING) {
            auditor->lots[i].phase = AUDIT_UNSOLD;
        }
    }
}

static int64_t running_end(const struct auditor *auditor)
{
    return auditor->open >= 0 ? auditor->lots[auditor->open].ends_at : auditor->next_at;
}

static void set_running_end(struct auditor *auditor, int64_t ends_at)
{
    if (auditor->open >= 0) {
        auditor->lots[auditor->open].ends_at = ends_at;
    } else {
        auditor->next_at = ends_at;
    }
}

static void fact_paused(struct auditor *auditor, const struct sale_event *event)
{
    int64_t left = running_end(auditor) - auditor->now;
    must(auditor, auditor->phase == AUDIT_LIVE, "only a live sale is paused");
    auditor->frozen = left > 0 ? left : 0;
    must(auditor, event->as.sale_paused.remaining_ms == auditor->frozen,
         "a pause keeps the remaining time");
    auditor->phase = AUDIT_PAUSED;
}

// Rules 5: the time left when last known alive, and the extension for an open lot after a gap
// longer than the threshold.
static int64_t end_after_outage(const struct auditor *auditor)
{
    int64_t left = running_end(auditor) - auditor->alive_at;
    bool is_long = auditor->now - auditor->alive_at > auditor->rules.rules.outage_threshold_ms;
    left = left > 0 ? left : 0;
    if (is_long && auditor->open >= 0) {
        left += auditor->rules.rules.outage_extension_ms;
    }
    return auditor->now + left;
}

static void fact_resumed(struct auditor *auditor, const struct sale_event *event)
{
    int64_t ends_at = event->as.sale_resumed.ends_at_ms;
    if (event->as.sale_resumed.reason == RESUME_COMMAND) {
        must(auditor, auditor->phase == AUDIT_PAUSED, "only a paused sale is resumed");
        must(auditor, ends_at == auditor->now + auditor->frozen,
             "a resume goes on with exactly the remaining time");
    } else {
        must(auditor, auditor->resume_due, "an outage that was none");
        must(auditor, ends_at == end_after_outage(auditor), "the time left after an outage");
        auditor->resume_due = false;
    }
    auditor->phase = AUDIT_LIVE;
    set_running_end(auditor, ends_at);
}

static void fact_lots_added(struct auditor *auditor, const struct sale_event *event)
{
    for (size_t i = 0; i < event->as.lots_added.count; i++) {
        const struct lot_definition *lot = &event->as.lots_added.lots[i];
        must(auditor, auditor->lots_count < AUDIT_LOTS_MAX, "the simulation's lots fit");
        if (auditor->fault[0] != 0) {
            return;
        }
        struct audit_lot *added = &auditor->lots[auditor->lots_count++];
        snprintf(added->id, sizeof added->id, "%s", lot->id.text);
        added->opening = lot->opening_minor;
        added->reserve = lot->reserve_minor;
        added->duration = lot->duration_ms;
        lot_fresh(added);
    }
}

static void fact_joined(struct auditor *auditor, const struct sale_event *event)
{
    const char *id = event->as.participant_joined.participant.text;
    must(auditor, participant_named(auditor, id) < 0, "a participant joins once");
    must(auditor, auditor->participants_count < AUDIT_PARTICIPANTS_MAX, "participants fit");
    if (auditor->fault[0] == 0) {
        struct audit_participant *joined = &auditor->participants[auditor->participants_count++];
        *joined = (struct audit_participant){.blocked = false};
        snprintf(joined->id, sizeof joined->id, "%s", id);
    }
}

static void fact_reset(struct auditor *auditor)
{
    must(auditor, auditor->phase == AUDIT_PAUSED || auditor->phase == AUDIT_COMPLETE,
         "a reset needs a paused or complete sale");
    for (int i = 0; i < auditor->lots_count; i++) {
        lot_fresh(&auditor->lots[i]);
    }
    for (int i = 0; i < auditor->participants_count; i++) {
        auditor->participants[i].spent = 0; // everything is refunded
        auditor->participants[i].won = 0;
    }
    auditor->phase = AUDIT_LOBBY;
    auditor->open = -1;
    auditor->next = -1;
    auditor->round = 0;
}

static void fact_started(struct auditor *auditor, const struct sale_event *event)
{
    must(auditor, auditor->phase == AUDIT_LOBBY && auditor->lots_count > 0, "begin in the lobby");
    auditor->phase = AUDIT_LIVE;
    auditor->next = (int)event->as.sale_started.next_lot_index;
    auditor->next_at = event->as.sale_started.next_starts_at_ms;
    must(auditor,
         auditor->next == 0 && auditor->next_at == auditor->now + auditor->rules.rules.gap_ms,
         "the first lot is counted in");
}

static void fact_epoch(struct auditor *auditor, const struct sale_event *event)
{
    must(auditor, event->as.epoch_started.epoch > auditor->epoch, "an epoch grows");
    auditor->epoch = event->as.epoch_started.epoch;
}

static void fact_blocked(struct auditor *auditor, const struct sale_event *event)
{
    int index = participant_named(auditor, event->as.participant_blocked.participant.text);
    must(auditor, index >= 0, "only a participant is blocked");
    if (index >= 0) {
        auditor->participants[index].blocked = event->as.participant_blocked.blocked;
    }
}

static void fact_judge(struct auditor *auditor, const struct sale_event *event)
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
    case EVENT_SALE_STARTED:
        fact_started(auditor, event);
        break;
    case EVENT_LOT_STARTED:
        fact_lot_started(auditor, event);
        break;
    case EVENT_BID_ACCEPTED:
        fact_bid(auditor, event);
        break;
    case EVENT_LOT_EXTENDED:
        fact_extended(auditor, event);
        break;
    case EVENT_LOT_SOLD:
        fact_sold(auditor, event);
        break;
    case EVENT_LOT_UNSOLD:
        fact_unsold(auditor, event);
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
    case EVENT_SALE_CREATED:
    case EVENT_INVITE_CREATED:
    case EVENT_INVITE_USED:
    case EVENT_NOTICE:
    case EVENT_PARTICIPANTS_ADDED:
    case EVENT_PARTICIPANT_CHANGED:
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
    case EVENT_GAVEL_TAKEN:
    case EVENT_NOMINATION_STARTED:
    case EVENT_LOT_NOMINATED:
    case EVENT_NAMES_CALLED:
    case EVENT_NAMES_SUBMITTED:
    case EVENT_MATCH_OFFERED:
    case EVENT_SEED_REVEALED:
    case SALE_EVENT_KIND_COUNT:
        break;
    }
}

void auditor_fact(struct auditor *auditor, const struct sale_event *event)
{
    bool is_private = event->kind == EVENT_SALE_CREATED || event->kind == EVENT_INVITE_CREATED ||
                      event->kind == EVENT_INVITE_USED;
    must(auditor, event->at_ms == auditor->now, "a fact has the time of its decision");
    must(auditor, auditor->extension_due == 0 || event->kind == EVENT_LOT_EXTENDED,
         "an extension follows its bid at once");
    must(auditor,
         auditor->follow_due < 0 || event->kind == (enum sale_event_kind)auditor->follow_due,
         "what follows the last hammer");
    if (auditor->fault[0] != 0) {
        return;
    }
    fact_judge(auditor, event);
    auditor->seq += is_private ? 0 : 1;
    auditor->last_at = event->at_ms;
    auditor->facts++;
}

// ---- steps ----

void auditor_step(struct auditor *auditor, enum audit_cause cause,
                  const struct sale_command *command, int64_t alive_at, int64_t now)
{
    bool runs = auditor->phase == AUDIT_LIVE && (auditor->open >= 0 || auditor->next >= 0);
    auditor->cause = cause;
    auditor->command = command;
    auditor->now = now;
    auditor->facts = 0;
    auditor->expected = ERROR_NONE;
    auditor->resume_due = false;
    if (command != NULL && command->op == SALE_OP_BID) {
        auditor->expected = judge_bid(auditor, command, now);
    }
    if (cause == CAUSE_ENGINE_START || cause == CAUSE_OUTAGE) {
        // a fact proves life as well as a heartbeat does
        auditor->alive_at = alive_at > auditor->last_at ? alive_at : auditor->last_at;
        bool is_long = now - auditor->alive_at > auditor->rules.rules.outage_threshold_ms;
        auditor->resume_due = runs && (cause == CAUSE_ENGINE_START || is_long);
    }
}

void auditor_outcome(struct auditor *auditor, enum error_code refusal)
{
    if (auditor->command != NULL && auditor->command->op == SALE_OP_BID &&
        refusal != auditor->expected && auditor->fault[0] == 0) {
        snprintf(auditor->fault, sizeof auditor->fault, "a bid was answered %s, the rules say %s",
                 error_code_name(refusal), error_code_name(auditor->expected));
    }
    must(auditor, refusal == ERROR_NONE || auditor->facts == 0, "a refusal changes nothing");
    must(auditor, auditor->cause != CAUSE_DEADLINE || auditor->facts > 0,
         "a deadline has its effect");
    must(auditor, !auditor->resume_due, "the clock goes on after an outage");
    must(auditor, auditor->extension_due == 0, "an extension is announced");
    must(auditor, auditor->follow_due < 0, "the last hammer has its sequel");
    must(auditor, auditor->phase != AUDIT_LIVE || auditor->open >= 0 || auditor->next >= 0,
         "a live sale always has a clock");
}

void auditor_acknowledge(struct auditor *auditor)
{
    must(auditor, auditor->acknowledged_count < AUDIT_BIDS_MAX, "the simulation's bids fit");
    if (auditor->fault[0] == 0) {
        const struct audit_lot *lot = &auditor->lots[auditor->open];
        auditor->acknowledged[auditor->acknowledged_count++] =
            (struct audit_bid){auditor->bids, lot->price, lot->leader, auditor->open};
    }
}

// ---- what everybody sees ----

static void check_lots(struct auditor *auditor, const struct sale *sale)
{
    static const enum lot_phase phases[] = {LOT_PENDING, LOT_OPEN, LOT_SOLD, LOT_UNSOLD};
    int64_t sold = 0;
    int64_t unsold = 0;
    must(auditor, sale->lots_count == (size_t)auditor->lots_count, "the number of lots");
    for (int i = 0; i < auditor->lots_count && auditor->fault[0] == 0; i++) {
        const struct audit_lot *ours = &auditor->lots[i];
        const struct lot *shown = &sale->lots[i];
        must(auditor, shown->phase == phases[ours->phase], "the phase of a lot");
        must(auditor, shown->price_minor == ours->price, "the price shown is the best bid's");
        must(auditor, shown->leader_index == ours->leader, "the leader shown is the best bidder");
        if (ours->phase == AUDIT_OPEN && auditor->phase == AUDIT_LIVE) {
            must(auditor, shown->ends_at_ms == ours->ends_at, "the end shown");
        }
        sold += ours->phase == AUDIT_SOLD;
        unsold += ours->phase == AUDIT_UNSOLD;
    }
    must(auditor, sale->sold_count == sold && sale->unsold_count == unsold,
         "sold and unsold are counted");
}

static void check_participants(struct auditor *auditor, const struct sale *sale)
{
    const struct roster_rules *roster = &auditor->rules.roster;
    must(auditor, sale->participants_count == (size_t)auditor->participants_count,
         "the number of participants");
    for (int i = 0; i < auditor->participants_count && auditor->fault[0] == 0; i++) {
        const struct audit_participant *ours = &auditor->participants[i];
        const struct participant *shown = &sale->participants[i];
        const struct audit_lot *led = lot_led_by(auditor, i);
        must(auditor, shown->spent_minor == ours->spent && shown->slots_taken == ours->won,
             "spent is the sum of the lots won");
        must(auditor,
             shown->held_minor == (led != NULL ? led->price : 0) &&
                 shown->slots_held == (led != NULL),
             "held is the price of the lots led");
        if (roster->enabled) {
            int64_t open_slots = roster->slots > 0 ? slots_left(auditor, i) : 0;
            must(auditor, open_slots >= 0, "a roster is never overfilled");
            must(auditor, money_left(auditor, i) >= roster->minimum_minor * open_slots,
                 "a budget is never overdrawn, the minimum for open slots included");
        }
    }
}

void auditor_check(struct auditor *auditor, const struct sale *sale)
{
    static const enum sale_phase phases[] = {SALE_LOBBY, SALE_LIVE, SALE_PAUSED, SALE_COMPLETE,
                                             SALE_GONE};
    must(auditor, sale->phase == phases[auditor->phase], "the phase of the sale");
    must(auditor, sale->seq == auditor->seq, "seq counts the public facts without a gap");
    must(auditor, sale->epoch == auditor->epoch, "the epoch");
    must(auditor, sale->bids_total == auditor->bids, "the number of bids");
    bool runs = auditor->phase == AUDIT_LIVE;
    must(auditor, sale_next_deadline(sale) == (runs ? running_end(auditor) : INT64_MAX),
         "the next deadline");
    if (auditor->phase == AUDIT_PAUSED) {
        must(auditor, sale->paused_remaining_ms == auditor->frozen, "the frozen time");
    }
    check_lots(auditor, sale);
    check_participants(auditor, sale);
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
                 participant_named(auditor, event->as.bid_accepted.by.text) == bid->by,
             "the ledger holds the bid as it was acknowledged");
        (*io_position)++;
    }
}

void auditor_ledger_end(struct auditor *auditor, int position)
{
    must(auditor, position == auditor->acknowledged_count,
         "every acknowledged bid is in the ledger");
}
