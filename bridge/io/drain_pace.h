// The timetable of a graceful stop: first load balancers have a while to notice, then sessions leave
// one after another, evenly, so that the other bridges are not stormed.
//
// Purity:    pure
// Units:     *_ms milliseconds on the boot clock
// Ownership: value
// Source:    docs/decisions/0122
#ifndef LOTCAST_BRIDGE_DRAIN_PACE_H
#define LOTCAST_BRIDGE_DRAIN_PACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    DRAIN_LEAD_MS_MAX = 2000,      // a fifth of the window, at most this: nobody is closed yet
    DRAIN_REST_MS_MAX = 1000,      // a tenth, at most this: for the last ones to leave in order
    DRAIN_STEP_MS = 50,            // sessions leave in groups
    DRAIN_PER_SESSION_MS_MAX = 20, // few sessions do not take the whole window
};

struct drain_pace {
    int64_t leads_until_ms;
    int64_t empty_at_ms;
    int64_t ends_ms;
    size_t sessions; // when the leaving began
};

struct drain_pace drain_pace_begin(int64_t window_ms, int64_t now_ms);
// Whether clients that come are still to be answered here.
bool drain_pace_is_leading(const struct drain_pace *pace, int64_t now_ms);
// The leaving begins with so many sessions.
void drain_pace_count(struct drain_pace *pace, size_t sessions);
// How many of them may still be here.
size_t drain_pace_keep(const struct drain_pace *pace, int64_t now_ms);
bool drain_pace_is_over(const struct drain_pace *pace, int64_t now_ms);
int64_t drain_pace_next_ms(const struct drain_pace *pace, int64_t now_ms);

#endif
