#include "auction-svc/core/soft_close.h"

#include "auction-svc/core/decide.h"

static int64_t later(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

// rules 3: each extension is shorter than the one before by shrink_percent.
static int64_t amount_ms(const struct soft_close *soft_close, int64_t extensions)
{
    int64_t amount_ms = soft_close->amount_ms;
    for (int64_t i = 0; soft_close->shrink_percent > 0 && i < extensions && amount_ms > 0; i++) {
        amount_ms = amount_ms * (PERCENT_MAX - soft_close->shrink_percent) / PERCENT_MAX;
    }
    return amount_ms;
}

// Not behind the cap of the lot, and never earlier than it is.
static int64_t capped(const struct soft_close *soft_close, const struct lot *lot,
                      int64_t ends_at_ms)
{
    int64_t latest_ms = TIME_MS_MAX;
    if (soft_close->latest_ms > 0 && lot->first_ends_at_ms < TIME_MS_MAX - soft_close->latest_ms) {
        latest_ms = lot->first_ends_at_ms + soft_close->latest_ms;
    }
    return later(lot->ends_at_ms, ends_at_ms < latest_ms ? ends_at_ms : latest_ms);
}

int64_t soft_close_end(const struct sale *sale, const struct lot *lot, int64_t stamp_ms,
                       int64_t now_ms)
{
    const struct soft_close *soft_close = &sale_lot_rules(sale, lot)->soft_close;
    bool used_up = soft_close->max_extensions > 0 && lot->extensions >= soft_close->max_extensions;
    if (lot->ends_at_ms == 0 || lot->draws_at_ms > 0 || soft_close->window_ms == 0 || used_up ||
        lot->ends_at_ms - stamp_ms > soft_close->window_ms) {
        return lot->ends_at_ms;
    }
    int64_t from_ms = soft_close->type == SOFT_CLOSE_ADD ? lot->ends_at_ms : now_ms;
    int64_t ends_at_ms = capped(soft_close, lot, from_ms + amount_ms(soft_close, lot->extensions));
    bool stays_closed = lot->phase == LOT_CLOSING && ends_at_ms <= now_ms;
    return stays_closed ? lot->ends_at_ms : ends_at_ms;
}

void soft_close_add(const struct sale *sale, int64_t lot_index, int64_t ends_at_ms, int64_t now_ms,
                    struct decision *out)
{
    const struct lot *lot = &sale->lots[lot_index];
    if (ends_at_ms <= lot->ends_at_ms) {
        return;
    }
    struct sale_event *extended = decision_add(out, EVENT_LOT_EXTENDED, now_ms);
    extended->as.lot_extended.lot_index = lot_index;
    extended->as.lot_extended.extended_ms = ends_at_ms - lot->ends_at_ms;
    extended->as.lot_extended.ends_at_ms = ends_at_ms;
    extended->as.lot_extended.scope = sale_lot_rules(sale, lot)->soft_close.scope;
    extended->as.lot_extended.reason = EXTEND_BID;
}

static bool is_in_scope(const struct lot *lot, const struct lot *other,
                        const struct sale_event *event)
{
    int64_t ended_at_ms = event->as.lot_extended.ends_at_ms - event->as.lot_extended.extended_ms;
    switch (event->as.lot_extended.scope) {
    case SOFT_CLOSE_LOT:
        return false;
    case SOFT_CLOSE_CASCADE:
        return other->ends_at_ms > ended_at_ms ||
               (other->ends_at_ms == ended_at_ms && other > lot); // of equals the one listed later
    case SOFT_CLOSE_GROUP:
        return strcmp(other->category, lot->category) == 0;
    case SOFT_CLOSE_ALL:
        return true;
    }
    return false;
}

int64_t soft_close_scope_end(const struct sale *sale, const struct sale_event *event,
                             int64_t other_index)
{
    const struct lot *lot = &sale->lots[event->as.lot_extended.lot_index];
    const struct lot *other = &sale->lots[other_index];
    bool is_fixed = other->ends_at_ms == 0 || other->draws_at_ms > 0; // no clock, or a drawn end
    if (other->phase != LOT_OPEN || is_fixed || !is_in_scope(lot, other, event)) {
        return other->ends_at_ms;
    }
    bool adds = event->as.lot_extended.scope == SOFT_CLOSE_CASCADE ||
                sale_lot_rules(sale, lot)->soft_close.type == SOFT_CLOSE_ADD;
    int64_t ends_at_ms = adds ? other->ends_at_ms + event->as.lot_extended.extended_ms
                              : event->as.lot_extended.ends_at_ms;
    return capped(&sale_lot_rules(sale, other)->soft_close, other, ends_at_ms);
}
