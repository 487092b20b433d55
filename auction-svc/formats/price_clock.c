#include "auction-svc/formats/price_clock.h"

int64_t price_clock_ticks(const struct lot *lot, const struct lot_rules *rules, int64_t now_ms)
{
    if (rules->price_tick_ms < 1 || now_ms <= lot->clock_from_ms) {
        return 0;
    }
    return (now_ms - lot->clock_from_ms) / rules->price_tick_ms;
}

int64_t price_clock_at(const struct lot *lot, const struct lot_rules *rules, int64_t ticks)
{
    int64_t left_ms = TIME_MS_MAX - lot->clock_from_ms;
    if (rules->price_tick_ms < 1 || ticks > left_ms / rules->price_tick_ms) {
        return INT64_MAX;
    }
    return lot->clock_from_ms + ticks * rules->price_tick_ms;
}
