// At which times things may happen that shall not happen more often than at a rate, with a burst.
//
// Purity:    pure
// Units:     *_us microseconds on the caller's monotonic clock
// Order:     who comes takes a turn at once with pace_take(); who has to wait in the caller's line
//            takes the next one with pace_take_next() when pace_next_us() has come
#ifndef LOTCAST_ENGINEIO_PACE_H
#define LOTCAST_ENGINEIO_PACE_H

#include <stdbool.h>
#include <stdint.h>

struct pace {
    int64_t interval_us; // between two turns
    int64_t burst_us;    // what may be taken ahead of time
    int64_t taken_us;    // up to when turns are taken
};

// `per_second` is at least 1; `burst` turns may be taken at once after a pause.
void pace_init(struct pace *pace, uint32_t per_second, uint32_t burst);
bool pace_take(struct pace *pace, int64_t now_us);

// When the next turn comes. Several things that wait for the `nth` (from 0) have a time each.
int64_t pace_nth_us(const struct pace *pace, uint64_t nth);
void pace_take_next(struct pace *pace);

#endif
