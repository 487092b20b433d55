#include "bridge/engineio/pace.h"

#include "lib/base/status.h"

enum { SECOND_US = 1000000 };

void pace_init(struct pace *pace, uint32_t per_second, uint32_t burst)
{
    LC_ASSERT(per_second > 0);
    int64_t interval_us = per_second < SECOND_US ? SECOND_US / (int64_t)per_second : 1;
    *pace = (struct pace){
        .interval_us = interval_us,
        .burst_us = burst > 1 ? (int64_t)(burst - 1) * interval_us : 0,
        .taken_us = INT64_MIN / 4,
    };
}

bool pace_take(struct pace *pace, int64_t now_us)
{
    if (now_us < pace_nth_us(pace, 0)) {
        return false;
    }
    pace->taken_us = (pace->taken_us > now_us ? pace->taken_us : now_us) + pace->interval_us;
    return true;
}

int64_t pace_nth_us(const struct pace *pace, uint64_t nth)
{
    return pace->taken_us - pace->burst_us + (int64_t)nth * pace->interval_us;
}

void pace_take_next(struct pace *pace)
{
    pace->taken_us += pace->interval_us;
}
