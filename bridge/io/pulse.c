#include "bridge/io/pulse.h"

void pulse_begin(struct pulse *pulse, int64_t now_ms)
{
    // Numbers go on: what is under way on the former connection comes back from nowhere.
    *pulse = (struct pulse){
        .sent = pulse->sent, .back = pulse->sent, .heard_after = pulse->sent, .due_ms = now_ms};
}

static bool is_under_way(const struct pulse *pulse)
{
    return pulse->back < pulse->sent;
}

static int64_t oldest_ms(const struct pulse *pulse)
{
    return pulse->sent_ms[(pulse->back + 1) % PULSES_UNDER_WAY_MAX];
}

int64_t pulse_due_ms(const struct pulse *pulse)
{
    return pulse->sent - pulse->back < PULSES_UNDER_WAY_MAX ? pulse->due_ms : INT64_MAX;
}

uint64_t pulse_send(struct pulse *pulse, int64_t now_ms)
{
    pulse->sent++;
    pulse->sent_ms[pulse->sent % PULSES_UNDER_WAY_MAX] = now_ms;
    pulse->due_ms = now_ms + PULSE_INTERVAL_MS;
    return pulse->sent;
}

void pulse_take(struct pulse *pulse, uint64_t number, int64_t now_ms)
{
    if (number > pulse->back && number <= pulse->sent) {
        pulse->round_trip_ms = now_ms - pulse->sent_ms[number % PULSES_UNDER_WAY_MAX];
        pulse->back = number;
    }
}

void pulse_hear(struct pulse *pulse)
{
    pulse->heard_after = pulse->sent;
}

int64_t pulse_lag_ms(const struct pulse *pulse, int64_t now_ms)
{
    int64_t under_way_ms = is_under_way(pulse) ? now_ms - oldest_ms(pulse) : 0;
    return under_way_ms > pulse->round_trip_ms ? under_way_ms : pulse->round_trip_ms;
}

bool pulse_turns(struct pulse *pulse, int64_t now_ms)
{
    int64_t lag_ms = pulse_lag_ms(pulse, now_ms);
    bool turns = pulse->is_late ? lag_ms < PULSE_SOON_MS : lag_ms >= PULSE_LATE_MS;
    pulse->is_late = turns ? !pulse->is_late : pulse->is_late;
    return turns;
}

int64_t pulse_turns_ms(const struct pulse *pulse)
{
    return pulse->is_late || !is_under_way(pulse) ? INT64_MAX : oldest_ms(pulse) + PULSE_LATE_MS;
}

bool pulse_is_lost(const struct pulse *pulse)
{
    return pulse->sent - pulse->heard_after >= PULSES_LOST;
}
