#include "bridge/io/drain_pace.h"

static int64_t at_most(int64_t value, int64_t most)
{
    return value < most ? value : most;
}

struct drain_pace drain_pace_begin(int64_t window_ms, int64_t now_ms)
{
    return (struct drain_pace){.leads_until_ms = now_ms + at_most(window_ms / 5, DRAIN_LEAD_MS_MAX),
                               .empty_at_ms =
                                   now_ms + window_ms - at_most(window_ms / 10, DRAIN_REST_MS_MAX),
                               .ends_ms = now_ms + window_ms};
}

bool drain_pace_is_leading(const struct drain_pace *pace, int64_t now_ms)
{
    return now_ms < pace->leads_until_ms;
}

void drain_pace_count(struct drain_pace *pace, size_t sessions)
{
    int64_t least_ms = (int64_t)sessions * DRAIN_PER_SESSION_MS_MAX;
    pace->sessions = sessions;
    pace->empty_at_ms = at_most(pace->empty_at_ms, pace->leads_until_ms + least_ms);
}

size_t drain_pace_keep(const struct drain_pace *pace, int64_t now_ms)
{
    if (now_ms >= pace->empty_at_ms) {
        return 0;
    }
    uint64_t whole_ms = (uint64_t)(pace->empty_at_ms - pace->leads_until_ms);
    uint64_t left_ms = (uint64_t)(pace->empty_at_ms - now_ms);
    return left_ms >= whole_ms ? pace->sessions : (size_t)(pace->sessions * left_ms / whole_ms);
}

bool drain_pace_is_over(const struct drain_pace *pace, int64_t now_ms)
{
    return now_ms >= pace->ends_ms;
}

int64_t drain_pace_next_ms(const struct drain_pace *pace, int64_t now_ms)
{
    return drain_pace_is_leading(pace, now_ms) ? pace->leads_until_ms
                                               : at_most(now_ms + DRAIN_STEP_MS, pace->ends_ms);
}
