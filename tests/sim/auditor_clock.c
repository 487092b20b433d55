// Rules 2 and 3: ends, soft closes, warnings, pauses, outages.
#include "auditor_books.h"

static int64_t lot_public_end(const struct audit_lot *lot)
{
    switch (lot->phase) {
    case LOT_OPEN:
        return lot->ends_at > 0 ? lot->ends_at : INT64_MAX;
    case LOT_CLOSING:
        return lot->hammer_at;
    case LOT_MATCHING:
        return lot->answers_at;
    case LOT_PENDING:
    case LOT_SOLD:
    case LOT_UNSOLD:
    case LOT_WITHDRAWN:
        break;
    }
    return INT64_MAX;
}

static int64_t sale_clock(const struct auditor *auditor)
{
    int64_t end = auditor->next >= 0 ? auditor->next_at : INT64_MAX;
    if (auditor->nominating) {
        end = least_of(end, auditor->nomination_ends);
    }
    return auditor->naming ? least_of(end, auditor->naming_ends) : end;
}

// The end that everybody may know and that comes first.
int64_t clock_public(const struct auditor *auditor)
{
    int64_t first = sale_clock(auditor);
    for (int i = 0; i < auditor->lots_count; i++) {
        first = least_of(first, lot_public_end(&auditor->lots[i]));
    }
    return first;
}

static int64_t lot_wakes(const struct audit_lot *lot)
{
    int64_t wakes = lot_public_end(lot);
    if (lot->phase != LOT_OPEN || lot->ends_at == 0) {
        return wakes;
    }
    if (lot->draws_at > 0) {
        wakes = least_of(wakes, lot->draws_at);
    }
    if (lot->warned < WARNINGS_MAX && lot->rules.warning_ms[lot->warned] > 0 &&
        lot->ends_at - lot->rules.warning_ms[lot->warned] > lot->warn_after) {
        wakes = least_of(wakes, lot->ends_at - lot->rules.warning_ms[lot->warned]);
    }
    return wakes;
}

// What must happen first; INT64_MAX when nothing runs.
int64_t clock_deadline(const struct auditor *auditor)
{
    if (auditor->phase == AUDIT_LOBBY) {
        bool waits = books_first(auditor, LOT_PENDING) >= 0; // nothing begins without a lot
        return auditor->lobby_ends > 0 && waits ? auditor->lobby_ends : INT64_MAX;
    }
    if (auditor->phase != AUDIT_LIVE) {
        return INT64_MAX;
    }
    int64_t first = sale_clock(auditor);
    for (int i = 0; i < auditor->lots_count; i++) {
        first = least_of(first, lot_wakes(&auditor->lots[i]));
        first = auditor->lots[i].start_due ? least_of(first, auditor->now) : first;
    }
    return first;
}

static int64_t shrunk(int64_t amount, int64_t percent, int64_t extensions)
{
    for (int64_t i = 0; i < extensions && amount > 0; i++) {
        amount = amount * (PERCENT_MAX - percent) / PERCENT_MAX;
    }
    return amount;
}

// The end of a lot after a bid that extends, by arrival `now`; `stamp` decides whether it lies
// inside of the window.
int64_t clock_soft_end(const struct auditor *auditor, const struct audit_lot *lot, int64_t now,
                       int64_t stamp)
{
    const struct soft_close *soft = &lot->rules.soft_close;
    (void)auditor;
    bool inside = soft->window_ms > 0 && lot->ends_at - stamp <= soft->window_ms;
    bool capped = soft->max_extensions > 0 && lot->extensions >= soft->max_extensions;
    if (!inside || capped) {
        return lot->ends_at;
    }
    int64_t amount = shrunk(soft->amount_ms, soft->shrink_percent, lot->extensions);
    int64_t wanted = soft->type == SOFT_CLOSE_ADD ? lot->ends_at + amount : now + amount;
    if (soft->latest_ms > 0) {
        wanted = least_of(wanted, lot->first_ends_at + soft->latest_ms);
    }
    return most_of(wanted, lot->ends_at); // never shortens
}

static bool in_scope(const struct auditor *auditor, const struct audit_lot *lot,
                     const struct audit_lot *other, enum soft_close_scope scope)
{
    if (lot == other || other->phase != LOT_OPEN || other->ends_at == 0) {
        return false;
    }
    switch (scope) {
    case SOFT_CLOSE_LOT:
        return false;
    case SOFT_CLOSE_CASCADE: // ends before this extension
        return other->ends_at > auditor->ends_before ||
               (other->ends_at == auditor->ends_before && other > lot);
    case SOFT_CLOSE_GROUP:
        return strcmp(other->category, lot->category) == 0;
    case SOFT_CLOSE_ALL:
        return true;
    }
    return false;
}

// The other lots of the scope move too. By the type of whose rules, or by as much as this one, and
// whether a cap of their own holds them, is open: the end shown is taken over when it is one of
// these.
static void extend_scope(struct auditor *auditor, const struct audit_lot *lot,
                         const struct sale_event *event)
{
    for (int i = 0; i < auditor->lots_count; i++) {
        struct audit_lot *other = &auditor->lots[i];
        if (!in_scope(auditor, lot, other, event->as.lot_extended.scope)) {
            continue;
        }
        const struct soft_close *soft = &other->rules.soft_close;
        int64_t before = other->ends_at;
        int64_t added = before + event->as.lot_extended.extended_ms;
        int64_t reset = most_of(before, event->as.lot_extended.ends_at_ms);
        bool may_stay = soft->window_ms == 0 || !books_is_ascending(other) ||
                        (soft->max_extensions > 0 && other->extensions >= soft->max_extensions);
        int64_t latest = soft->latest_ms > 0
                             ? most_of(before, other->first_ends_at + soft->latest_ms)
                             : INT64_MAX;
        other->ends_at = lot->rules.soft_close.type == SOFT_CLOSE_ADD ? added : reset;
        other->ends_open = true;
        other->ends_other[0] =
            event->as.lot_extended.scope == SOFT_CLOSE_CASCADE || soft->type == SOFT_CLOSE_ADD
                ? added
                : reset;
        other->ends_other[1] = least_of(added, latest);
        other->ends_other[2] = least_of(reset, latest);
        other->ends_other[3] = may_stay ? before : other->ends_at;
        if (soft->type == SOFT_CLOSE_RESET && lot->rules.soft_close.type == SOFT_CLOSE_RESET &&
            event->as.lot_extended.scope != SOFT_CLOSE_CASCADE) {
            other->ends_other[1] = other->ends_other[2];
        }
        other->warned = 0; // its last moments come again
        other->warn_after = auditor->now;
    }
}

void fact_extended(struct auditor *auditor, const struct sale_event *event)
{
    int64_t index = event->as.lot_extended.lot_index;
    const struct sale_command *command = auditor->command;
    must(auditor, index >= 0 && index < auditor->lots_count, "the lot extended is there");
    if (auditor->fault[0] != 0) {
        return;
    }
    struct audit_lot *lot = &auditor->lots[index];
    int64_t ends_at = event->as.lot_extended.ends_at_ms;
    if (event->as.lot_extended.reason == EXTEND_COMMAND) {
        must(auditor, command != NULL && command->op == SALE_OP_ADD_TIME && index == auditor->lot,
             "nobody asked for time");
        must(auditor,
             auditor->fault[0] != 0 || ends_at == lot->ends_at + command->as.add_time.add_ms,
             "time added is the time asked for");
        lot->ends_at = ends_at;
        lot->warned = 0; // its last moments come again
        lot->warn_after = auditor->now;
        if (lot->phase == LOT_CLOSING && ends_at > auditor->now) {
            lot->phase = LOT_OPEN;
        }
        return;
    }
    must(auditor, auditor->extension_due != 0 && ends_at == auditor->extension_due,
         "an extension follows its bid");
    must(auditor, event->as.lot_extended.extended_ms == ends_at - auditor->ends_before,
         "an extension tells by how much");
    must(auditor, event->as.lot_extended.scope == lot->rules.soft_close.scope,
         "the scope of an extension");
    auditor->extension_due = 0;
    lot->extensions++;
    extend_scope(auditor, lot, event);
}

void fact_warned(struct auditor *auditor, const struct sale_event *event)
{
    int64_t index = event->as.lot_warned.lot_index;
    int64_t stage = event->as.lot_warned.stage;
    const struct sale_command *command = auditor->command;
    must(auditor, index >= 0 && index < auditor->lots_count, "the lot warned is there");
    must(auditor, stage >= 1 && stage <= WARNINGS_MAX, "a warning is once or twice");
    if (auditor->fault[0] != 0) {
        return;
    }
    struct audit_lot *lot = &auditor->lots[index];
    must(auditor, lot->phase == LOT_OPEN, "a warning is for an open lot");
    must(auditor, stage > lot->warned, "a warning is given once for a bid");
    if (command == NULL && auditor->fault[0] == 0) {
        int64_t before_ms = lot->rules.warning_ms[stage - 1];
        must(auditor, before_ms > 0 && auditor->now >= lot->ends_at - before_ms,
             "a warning comes at its time");
        must(auditor, auditor->now < lot->ends_at, "a warning comes before the end");
    } else if (auditor->fault[0] == 0) {
        must(auditor, command->op == SALE_OP_WARN && index == auditor->lot,
             "a warning that nobody gave");
    }
    lot->warned = stage;
}

void fact_closing(struct auditor *auditor, const struct sale_event *event)
{
    int64_t index = event->as.lot_closing.lot_index;
    must(auditor, index >= 0 && index < auditor->lots_count, "the lot closing is there");
    if (auditor->fault[0] != 0) {
        return;
    }
    struct audit_lot *lot = &auditor->lots[index];
    must(auditor, lot->phase == LOT_OPEN && lot->ends_at > 0 && auditor->now >= lot->ends_at,
         "a lot closes when its end has come");
    must(auditor, lot->rules.closing_grace_ms > 0, "a grace is in the rules");
    must(auditor, auditor->cause == CAUSE_DEADLINE, "only time closes a lot so");
    must(auditor, event->as.lot_closing.hammer_at_ms == lot->ends_at + lot->rules.closing_grace_ms,
         "the hammer falls after the grace");
    lot->phase = LOT_CLOSING;
    lot->hammer_at = event->as.lot_closing.hammer_at_ms;
}

// ---- pauses and outages ----

static bool has_price_clock(const struct auditor *auditor)
{
    for (int i = 0; i < auditor->lots_count; i++) {
        enum auction_format format = auditor->lots[i].rules.format;
        if (books_runs(&auditor->lots[i]) &&
            (format == FORMAT_DUTCH || format == FORMAT_JAPANESE)) {
            return true;
        }
    }
    return false;
}

// F23, L11: a pause is legal in each phase, and keeps the time of every clock.
void fact_paused(struct auditor *auditor, const struct sale_event *event)
{
    int64_t end = clock_public(auditor);
    int64_t left = end == INT64_MAX ? 0 : most_of(end - auditor->now, 0);
    must(auditor, auditor->phase == AUDIT_LIVE, "only a live sale is paused");
    if (event->as.sale_paused.reason == PAUSE_GAVEL_LOST) {
        must(auditor,
             auditor->cause == CAUSE_DEADLINE && auditor->gavel[0] != 0 &&
                 auditor->rules.rules.gavel_timeout_ms > 0,
             "a gavel that nobody holds is not lost");
        must(auditor, auditor->now - auditor->gavel_seen >= auditor->rules.rules.gavel_timeout_ms,
             "a gavel is lost after its time");
    } else {
        must(auditor, auditor->command != NULL && auditor->command->op == SALE_OP_PAUSE,
             "a pause that nobody asked for");
    }
    must(auditor, event->as.sale_paused.remaining_ms == left || has_price_clock(auditor),
         "a pause keeps the remaining time of the end that everybody knows");
    auditor->frozen = event->as.sale_paused.remaining_ms;
    auditor->paused_at = auditor->now;
    auditor->phase = AUDIT_PAUSED;
}

static void shift_lot(struct audit_lot *lot, int64_t shift)
{
    lot->sold_shift += shift;
    if (!books_runs(lot)) {
        return;
    }
    lot->ends_at += lot->ends_at > 0 ? shift : 0;
    lot->first_ends_at += shift;
    lot->draws_at += lot->draws_at > 0 ? shift : 0;
    lot->hammer_at += shift;
    lot->answers_at += shift;
    lot->clock_from += shift;
    lot->started_at += lot->started_at > 0 ? shift : 0;
    lot->warn_after += shift;
}

static void shift_all(struct auditor *auditor, int64_t shift)
{
    auditor->next_at += shift;
    auditor->nomination_ends += shift;
    auditor->naming_ends += shift;
    auditor->parallel_base += auditor->parallel_base > 0 ? shift : 0;
    for (int i = 0; i < auditor->lots_count; i++) {
        shift_lot(&auditor->lots[i], shift);
    }
}

// L3. Rules 5: the time left when last known alive, and the extension for open lots after a gap longer
// than the threshold.
static int64_t end_after_outage(const struct auditor *auditor, int64_t end)
{
    int64_t left = most_of(end - auditor->alive_at, 0);
    bool is_long = auditor->now - auditor->alive_at > auditor->rules.rules.outage_threshold_ms;
    if (is_long && books_any_runs(auditor)) {
        left += auditor->rules.rules.outage_extension_ms;
    }
    return auditor->now + left;
}

void fact_resumed(struct auditor *auditor, const struct sale_event *event)
{
    int64_t ends_at = event->as.sale_resumed.ends_at_ms;
    int64_t end = clock_public(auditor);
    int64_t shift = end == INT64_MAX ? 0 : ends_at - end;
    bool any = has_price_clock(auditor);
    if (event->as.sale_resumed.reason == RESUME_COMMAND) {
        must(auditor, auditor->phase == AUDIT_PAUSED, "only a paused sale is resumed");
        // an end that had come before the pause is now, or as long ago as it was: due either way
        must(auditor,
             any || end == INT64_MAX || ends_at == auditor->now + auditor->frozen ||
                 (auditor->frozen == 0 && ends_at == end + auditor->now - auditor->paused_at),
             "a resume goes on with exactly the remaining time");
        shift = any ? auditor->now - auditor->paused_at : shift;
        auditor->gavel_seen = most_of(auditor->gavel_seen, auditor->now);
    } else {
        must(auditor, auditor->resume_due, "an outage that was none");
        // an end that had come already is now, or as long ago as it was: it is due either way
        bool is_due = end <= auditor->alive_at;
        must(auditor,
             any || end == INT64_MAX || ends_at == end_after_outage(auditor, end) ||
                 (is_due && ends_at >= end && ends_at <= end_after_outage(auditor, end)),
             "the time left after an outage");
        must(auditor, event->as.sale_resumed.gap_ms == auditor->now - auditor->alive_at,
             "the length of an outage");
        if (any) {
            bool is_long = event->as.sale_resumed.gap_ms > auditor->rules.rules.outage_threshold_ms;
            shift = event->as.sale_resumed.gap_ms +
                    (is_long ? auditor->rules.rules.outage_extension_ms : 0);
        }
        auditor->resume_due = false;
    }
    auditor->phase = AUDIT_LIVE;
    shift = event->as.sale_resumed.shift_ms > 0 ? event->as.sale_resumed.shift_ms : shift;
    must(auditor, end == INT64_MAX || any || shift == ends_at - end, "all clocks move alike");
    shift_all(auditor, shift);
}
