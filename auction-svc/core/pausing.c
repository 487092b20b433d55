#include "auction-svc/core/decide.h"

static int64_t not_negative(int64_t duration_ms)
{
    return duration_ms > 0 ? duration_ms : 0;
}

void decide_pause(const struct sale *sale, const struct sale_command *command, int64_t now_ms,
                  struct decision *out)
{
    (void)command;
    if (sale->phase != SALE_LIVE) {
        decision_refuse(out, ERROR_WRONG_PHASE, NULL);
        return;
    }
    struct sale_event *event = decision_add(out, EVENT_SALE_PAUSED, now_ms);
    event->as.sale_paused.reason = PAUSE_COMMAND;
    event->as.sale_paused.remaining_ms = not_negative(sale_next_deadline(sale) - now_ms);
}

void decide_resume(const struct sale *sale, const struct sale_command *command, int64_t now_ms,
                   struct decision *out)
{
    (void)command;
    if (sale->phase != SALE_PAUSED) {
        decision_refuse(out, ERROR_WRONG_PHASE, NULL);
        return;
    }
    struct sale_event *event = decision_add(out, EVENT_SALE_RESUMED, now_ms);
    event->as.sale_resumed.reason = RESUME_COMMAND;
    event->as.sale_resumed.gap_ms = 0;
    event->as.sale_resumed.ends_at_ms = now_ms + sale->paused_remaining_ms;
}

// The running clock goes on with the time it had left at the last proven moment. Rules 5: only an
// open lot gets the extension.
static void outage_add(const struct sale *sale, int64_t alive_at_ms, int64_t now_ms,
                       struct decision *out)
{
    const struct sale_rules *rules = &sale->definition.rules;
    int64_t gap_ms = now_ms - alive_at_ms;
    int64_t remaining_ms = not_negative(sale_next_deadline(sale) - alive_at_ms);
    if (gap_ms > rules->outage_threshold_ms && sale->clock == CLOCK_LOT) {
        remaining_ms += rules->outage_extension_ms;
    }
    struct sale_event *event = decision_add(out, EVENT_SALE_RESUMED, now_ms);
    event->as.sale_resumed.reason = RESUME_OUTAGE;
    event->as.sale_resumed.gap_ms = gap_ms;
    event->as.sale_resumed.ends_at_ms = now_ms + remaining_ms;
}

// A fact proves that the engine lived; and nobody was alive later than now.
static int64_t proven_ms(const struct sale *sale, int64_t alive_at_ms, int64_t now_ms)
{
    int64_t proven = alive_at_ms > sale->last_at_ms ? alive_at_ms : sale->last_at_ms;
    return proven < now_ms ? proven : now_ms;
}

void sale_decide_engine_start(const struct sale *sale, int64_t epoch, int64_t alive_at_ms,
                              int64_t now_ms, struct decision *out)
{
    decision_init(out);
    if (sale->phase == SALE_GONE) {
        return;
    }
    struct sale_event *event = decision_add(out, EVENT_EPOCH_STARTED, now_ms);
    event->as.epoch_started.epoch = epoch;
    event->as.epoch_started.reason = EPOCH_ENGINE_START;
    if (sale->phase == SALE_LIVE && sale->clock != CLOCK_NONE) {
        outage_add(sale, proven_ms(sale, alive_at_ms, now_ms), now_ms, out);
    }
}

void sale_decide_outage(const struct sale *sale, int64_t lost_at_ms, int64_t now_ms,
                        struct decision *out)
{
    decision_init(out);
    int64_t alive_at_ms = proven_ms(sale, lost_at_ms, now_ms);
    bool runs = sale->phase == SALE_LIVE && sale->clock != CLOCK_NONE;
    if (runs && now_ms - alive_at_ms > sale->definition.rules.outage_threshold_ms) {
        outage_add(sale, alive_at_ms, now_ms, out);
    }
}
