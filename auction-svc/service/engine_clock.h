// Engine time: the wall clock read once at the start plus the boot clock since then, so that a
// clock that is set or corrected later moves no deadline.
//
// Purity: pure; the caller reads the clocks
// Units:  *_us and *_ms; engine time is UTC epoch milliseconds
// Source: design 4 (Times) and 7
#ifndef LOTCAST_SERVICE_ENGINE_CLOCK_H
#define LOTCAST_SERVICE_ENGINE_CLOCK_H

#include <stdint.h>

struct engine_clock {
    int64_t start_ms; // engine time at the start
    int64_t boot_us;  // boot clock at the start
};

// Starts at the wall clock, or at the last time of the ledger where that is later: time never goes
// back, also not over a restart with a clock that was set back.
struct engine_clock engine_clock_start(int64_t wall_ms, int64_t boot_us, int64_t ledger_last_ms);

int64_t engine_clock_now_ms(const struct engine_clock *clock, int64_t boot_us);

// The boot clock at which engine time reaches `at_ms`; INT64_MAX for INT64_MAX.
int64_t engine_clock_boot_us(const struct engine_clock *clock, int64_t at_ms);

#endif
