#include "auction-svc/core/decide.h"

static int64_t not_negative(int64_t duration_ms)
{
    return duration_ms > 0 ? duration_ms : 0;
}

void pause_add(const struct sale *sale, enum pause_reason reason, int64_t now_ms,
               struct decision *out)
{
    int64_t ends_at_ms = sale_clock_ends_at_ms(sale);
    struct sale_event *event = decision_add(out, EVENT_SALE_PAUSED, now_ms);
    event->as.sale_paused.reason = reason;
    event->as.sale_paused.remaining_ms =
        ends_at_ms == INT64_MAX ? 0 : not_negative(ends_at_ms - now_ms);
}

void decide_pause(const struct sale *sale, const struct sale_command *command, int64_t now_ms,
                  struct decision *out)
{
    (void)command;
    if (sale->phase != SALE_LIVE) {
        decision_refuse(out, ERROR_WRONG_PHASE, NULL);
        return;
    }
    pause_add(sale, PAUSE_COMMAND, now_ms, out);
}

// All clocks go on with exactly the time that they had left at `stopped_at_ms`; one whose end had
// passed by then ends now.
static void resume_add(const struct sale *sale, enum resume_reason reason, int64_t stopped_at_ms,
                       int64_t extension_ms, int64_t now_ms, struct decision *out)
{
    int64_t before_ms = sale_clock_ends_at_ms(sale);
    bool has_end = before_ms != INT64_MAX;
    int64_t ends_at_ms = has_end ? now_ms + not_negative(before_ms - stopped_at_ms) + extension_ms
                                 : now_ms + extension_ms;
    struct sale_event *event = decision_add(out, EVENT_SALE_RESUMED, now_ms);
    event->as.sale_resumed.reason = reason;
    event->as.sale_resumed.gap_ms = reason == RESUME_OUTAGE ? now_ms - stopped_at_ms : 0;
    event->as.sale_resumed.shift_ms = ends_at_ms - (has_end ? before_ms : stopped_at_ms);
    event->as.sale_resumed.ends_at_ms = has_end ? ends_at_ms : 0;
}

void decide_resume(const struct sale *sale, const struct sale_command *command, int64_t now_ms,
                   struct decision *out)
{
    (void)command;
    if (sale->phase != SALE_PAUSED) {
        decision_refuse(out, ERROR_WRONG_PHASE, NULL);
        return;
    }
    resume_add(sale, RESUME_COMMAND, sale->paused_at_ms, 0, now_ms, out);
}

// The running clocks go on with the time they had left at the last proven moment. Rules 5: only
// open lots get the extension.
static void outage_add(const struct sale *sale, int64_t alive_at_ms, int64_t now_ms,
                       struct decision *out)
{
    const struct sale_rules *rules = &sale->definition.rules;
    bool extends = now_ms - alive_at_ms > rules->outage_threshold_ms && sale->clock == CLOCK_LOT;
    resume_add(sale, RESUME_OUTAGE, alive_at_ms, extends ? rules->outage_extension_ms : 0, now_ms,
               out);
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
