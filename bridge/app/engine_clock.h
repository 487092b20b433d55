// What time it is at the engine, and how sure that is; and which engines are alive.
//
// Purity:    pure
// Units:     *_ms milliseconds; `boot` times of this machine, others engine time (UTC)
// Ownership: value
// Source:    design 7 (clock), design 4 (heartbeats)
#ifndef LOTCAST_BRIDGE_ENGINE_CLOCK_H
#define LOTCAST_BRIDGE_ENGINE_CLOCK_H

#include "bridge/app/app_limits.h"
#include "lib/base/id.h"

enum { ONE_WAY_UNCERTAINTY_MS = 50, DRIFT_MS_PER_UNCERTAINTY_MS = 10000 };

struct engine_node {
    char node[ID_SIZE_MAX + 1];
    bool is_online;
    int64_t alive_until_boot_ms;
    int64_t since_ms;
};

struct engine_clock {
    bool has_offset;
    int64_t offset_ms; // engine time minus boot time
    int64_t uncertainty_ms;
    int64_t sampled_boot_ms;
    struct engine_node engines[ENGINES_MAX];
    size_t engines_count;
};

void engine_clock_init(struct engine_clock *clock);

struct engine_beat {
    const char *node;
    bool is_online;
    int64_t since_ms;
    int64_t now_ms;
    bool is_retained; // of unknown age: judged by this machine's wall clock
};
void engine_clock_beat(struct engine_clock *clock, const struct engine_beat *beat, int64_t boot_ms,
                       int64_t wall_ms);

// The broker was lost: no engine is alive until it is heard of again. What time it is stays known.
void engine_clock_lose_sight(struct engine_clock *clock);

// The engine said `engine_ms` in an answer that was asked for and received at these boot times.
void engine_clock_round_trip(struct engine_clock *clock, int64_t engine_ms, int64_t asked_boot_ms,
                             int64_t received_boot_ms);

bool engine_clock_is_alive(const struct engine_clock *clock, int64_t boot_ms);
// When engine_clock_is_alive() may next turn false by itself; INT64_MAX: never.
int64_t engine_clock_deadline_ms(const struct engine_clock *clock, int64_t boot_ms);

// Engine time now; false while nothing is known.
bool engine_clock_now(const struct engine_clock *clock, int64_t boot_ms, int64_t *out_engine_ms,
                      int64_t *out_uncertainty_ms);

#endif
