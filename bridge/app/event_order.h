// The order of a sale's events: what the broker delivers in any order, late, twice or not at all
// becomes one gapless run of seq.
//
// Purity:    pure (allocates)
// Units:     *_ms milliseconds on the boot clock
// Ownership: event_order_init/release; held payloads are copies
// Errors:    a full store drops the incoming event: the gap that this leaves is replayed later
// Order:     `deliver` is called inside take, start and drain; it must not call back in
// Source:    design 4 (seq and epoch), lessons F10 F12
#ifndef LOTCAST_BRIDGE_EVENT_ORDER_H
#define LOTCAST_BRIDGE_EVENT_ORDER_H

#include "bridge/app/app_limits.h"
#include "lib/base/bytes.h"
#include "lib/wire/topic.h"

struct ordered_event {
    int64_t seq;
    int64_t epoch;
    const char *name;
    struct bytes payload;
    bool is_ephemeral; // carries the seq that it was computed at, is never gap-checked
};

enum event_verdict {
    EVENT_DELIVERED,
    EVENT_HELD,      // waits for those before it
    EVENT_DUPLICATE, // its seq has been delivered
    EVENT_STALE,     // of an epoch that has ended, or an ephemeral one that came too late
    EVENT_REWOUND,   // a newer epoch counts from an older seq: only a snapshot helps
    EVENT_DROPPED,   // no room to hold it; replay will bring it
};

// Takes the next event in order.
typedef void event_order_deliver(void *owner, const struct ordered_event *event);

struct held_event;

struct event_order {
    bool is_running; // false: no cursor yet, or frozen for a snapshot; everything is held
    int64_t last_seq;
    int64_t last_epoch;
    int64_t epoch_first_seq; // first seq of last_epoch, or a bound above it
    int64_t newest_seq;      // highest seq known to exist
    bool has_gap;
    int64_t gap_due_ms; // when a replay is to be asked
    bool is_replaying;
    struct held_event *held; // sorted by seq, durable before ephemeral
    size_t held_count;
    size_t held_bytes;
    event_order_deliver *deliver;
    void *owner;
};

void event_order_init(struct event_order *order, event_order_deliver *deliver, void *owner);
void event_order_release(struct event_order *order);

// A snapshot complete at `seq` is known: what comes next is seq + 1. Held events up to `seq` are
// forgotten, later ones stay held until event_order_drain().
void event_order_start(struct event_order *order, int64_t seq, int64_t epoch);
void event_order_drain(struct event_order *order, int64_t now_ms);

// Holds everything back until the next start, or until thaw.
void event_order_freeze(struct event_order *order);

enum event_verdict event_order_take(struct event_order *order, const struct ordered_event *event,
                                    int64_t now_ms);

// A message that is no event shows that `seq` exists: tick, state, reply.
enum event_verdict event_order_reveal(struct event_order *order, int64_t seq, int64_t epoch,
                                      int64_t now_ms);

// True when a replay from last_seq + 1 is to be asked now; it then counts as running.
bool event_order_begins_replay(struct event_order *order, int64_t now_ms);
// The replay was answered (its events were taken) or failed.
void event_order_end_replay(struct event_order *order, bool has_more, int64_t now_ms);
// Next time at which event_order_begins_replay() may say yes; INT64_MAX: none.
int64_t event_order_deadline_ms(const struct event_order *order);

#endif
