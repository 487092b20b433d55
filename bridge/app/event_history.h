// A run of a sale's events without a gap, as they are sent: for those who join behind an older
// snapshot, and for those who come back. It grows at its end with the stream, and at its beginning
// by what is fetched from the engine for somebody who was away for longer.
//
// Purity:    pure (allocates)
// Units:     sizes in bytes, of names and arguments
// Ownership: event_history_init/release; what is appended is copied
// Lifetime:  what event_history_at() shows is valid until the next call that changes the history
// Errors:    append without memory: the history begins anew behind that event
// Source:    design 5, 0052
#ifndef LOTCAST_BRIDGE_EVENT_HISTORY_H
#define LOTCAST_BRIDGE_EVENT_HISTORY_H

#include "lib/base/bytes.h"
#include "lib/wire/topic.h"

struct past_event {
    int64_t epoch;
    char name[EVENT_NAME_SIZE_MAX + 1];
    size_t size;
    uint8_t arguments[]; // as they stand behind the event's name
};

struct event_history {
    struct past_event **events; // ring
    size_t capacity;            // a power of two, or 0
    size_t begin;               // index of the first
    size_t count;
    size_t bytes;
    int64_t first; // seq of the first, or of the next event when there is none
};

void event_history_init(struct event_history *history);
void event_history_release(struct event_history *history);

// Forgets all; the next event to come is `first`.
void event_history_reset(struct event_history *history, int64_t first);
// The seq behind the last event.
int64_t event_history_next(const struct event_history *history);
// NULL: not there.
const struct past_event *event_history_at(const struct event_history *history, int64_t seq);

// LC_ASSERTs that `seq` is the next one.
void event_history_append(struct event_history *history, int64_t seq, int64_t epoch,
                          const char *name, struct bytes arguments);
// Puts `earlier` in front, which ends where this one begins (LC_ASSERT), and empties it. False, with
// both as they were: no memory.
bool event_history_join(struct event_history *history, struct event_history *earlier);
// Forgets the oldest until there are at most so many.
void event_history_trim(struct event_history *history, size_t events_max, size_t bytes_max);

#endif
