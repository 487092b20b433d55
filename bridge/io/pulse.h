// Whether what the broker sends arrives in time: the bridge sends itself a message each second, on the
// way that everything else takes, and looks when it is back. A connection that is cut without a sign,
// and one on which this bridge lags behind, look the same: what it knows is old.
//
// Purity:    pure
// Units:     *_ms milliseconds on the boot clock
// Ownership: value
// Source:    docs/decisions/0123
#ifndef LOTCAST_BRIDGE_PULSE_H
#define LOTCAST_BRIDGE_PULSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    PULSE_INTERVAL_MS = 1000,
    PULSE_LATE_MS = 2000, // under way for so long: what is known here is old
    PULSE_SOON_MS = 1000, // back within this: it is new again
    PULSES_LOST = 4,      // in a row, with nothing else heard: the connection is dead
    PULSES_UNDER_WAY_MAX = 64,
};

struct pulse {
    uint64_t sent; // the numbers are 1 to this one
    uint64_t back; // those up to this one have come back
    int64_t sent_ms[PULSES_UNDER_WAY_MAX];
    int64_t due_ms;
    int64_t round_trip_ms; // of the latest that came back
    uint64_t heard_after;  // sent when something was heard last
    bool is_late;
};

// A new connection: what is known is new, until a pulse says otherwise.
void pulse_begin(struct pulse *pulse, int64_t now_ms);
// When to send the next one; INT64_MAX: too many are under way.
int64_t pulse_due_ms(const struct pulse *pulse);
uint64_t pulse_send(struct pulse *pulse, int64_t now_ms); // its number
void pulse_take(struct pulse *pulse, uint64_t number, int64_t now_ms);
// Anything came from the broker.
void pulse_hear(struct pulse *pulse);
// How old what is known here may be: since when the oldest one is under way, or how long the latest
// one was.
int64_t pulse_lag_ms(const struct pulse *pulse, int64_t now_ms);
// Looks at the time: true when it has turned late, or in time again.
bool pulse_turns(struct pulse *pulse, int64_t now_ms);
int64_t pulse_turns_ms(const struct pulse *pulse); // when to look; INT64_MAX: only a pulse turns it
bool pulse_is_lost(const struct pulse *pulse);

#endif
