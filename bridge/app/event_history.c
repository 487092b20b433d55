#include "bridge/app/event_history.h"

#include <stdio.h>
#include <stdlib.h>

#include "lib/base/status.h"

enum { CAPACITY_MIN = 64 };

void event_history_init(struct event_history *history)
{
    *history = (struct event_history){.first = 1};
}

static struct past_event **slot(const struct event_history *history, size_t index)
{
    return &history->events[(history->begin + index) & (history->capacity - 1)];
}

static size_t size_of(const struct past_event *event)
{
    return sizeof *event + event->size;
}

static void drop_first(struct event_history *history)
{
    struct past_event **first = slot(history, 0);
    history->bytes -= size_of(*first);
    free(*first);
    history->begin = (history->begin + 1) & (history->capacity - 1);
    history->count--;
    history->first++;
}

void event_history_reset(struct event_history *history, int64_t first)
{
    while (history->count > 0) {
        drop_first(history);
    }
    history->first = first;
}

void event_history_release(struct event_history *history)
{
    event_history_reset(history, 1);
    free(history->events);
    event_history_init(history);
}

int64_t event_history_next(const struct event_history *history)
{
    return history->first + (int64_t)history->count;
}

const struct past_event *event_history_at(const struct event_history *history, int64_t seq)
{
    bool is_there = seq >= history->first && seq < event_history_next(history);
    return is_there ? *slot(history, (size_t)(seq - history->first)) : NULL;
}

static bool make_room(struct event_history *history, size_t more)
{
    size_t capacity = history->capacity == 0 ? CAPACITY_MIN : history->capacity;
    while (capacity < history->count + more) {
        capacity *= 2;
    }
    if (capacity == history->capacity) {
        return true;
    }
    struct past_event **events = calloc(capacity, sizeof(struct past_event *));
    if (events == NULL) {
        return false;
    }
    for (size_t i = 0; i < history->count; i++) {
        events[i] = *slot(history, i);
    }
    free(history->events);
    history->events = events;
    history->capacity = capacity;
    history->begin = 0;
    return true;
}

void event_history_append(struct event_history *history, int64_t seq, int64_t epoch,
                          const char *name, struct bytes arguments)
{
    LC_ASSERT(seq == event_history_next(history));
    struct past_event *event =
        make_room(history, 1) ? malloc(sizeof *event + arguments.size) : NULL;
    if (event == NULL) {
        event_history_reset(history, seq + 1);
        return;
    }
    event->epoch = epoch;
    snprintf(event->name, sizeof event->name, "%s", name);
    event->size = arguments.size;
    if (arguments.size > 0) {
        memcpy(event->arguments, arguments.data, arguments.size);
    }
    history->count++;
    history->bytes += size_of(event);
    *slot(history, history->count - 1) = event;
}

bool event_history_join(struct event_history *history, struct event_history *earlier)
{
    LC_ASSERT(event_history_next(earlier) == history->first);
    if (!make_room(history, earlier->count)) {
        return false;
    }
    while (earlier->count > 0) {
        struct past_event *event = *slot(earlier, earlier->count - 1);
        earlier->count--;
        history->begin = (history->begin + history->capacity - 1) & (history->capacity - 1);
        history->count++;
        history->first--;
        *slot(history, 0) = event;
    }
    history->bytes += earlier->bytes;
    earlier->bytes = 0;
    return true;
}

void event_history_trim(struct event_history *history, size_t events_max, size_t bytes_max)
{
    while (history->count > 0 && (history->count > events_max || history->bytes > bytes_max)) {
        drop_first(history);
    }
}
