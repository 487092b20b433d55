#include "auction-svc/service/engine_clock.h"

struct engine_clock engine_clock_start(int64_t wall_ms, int64_t boot_us, int64_t ledger_last_ms)
{
    return (struct engine_clock){wall_ms > ledger_last_ms ? wall_ms : ledger_last_ms, boot_us};
}

int64_t engine_clock_now_ms(const struct engine_clock *clock, int64_t boot_us)
{
    return clock->start_ms + (boot_us - clock->boot_us) / 1000;
}

int64_t engine_clock_boot_us(const struct engine_clock *clock, int64_t at_ms)
{
    int64_t after_ms = at_ms - clock->start_ms;
    return at_ms == INT64_MAX || after_ms > INT64_MAX / 2000 ? INT64_MAX
                                                             : clock->boot_us + after_ms * 1000;
}
