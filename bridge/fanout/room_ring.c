#include "bridge/fanout/room_ring.h"

#include <stdlib.h>

void room_ring_init(struct room_ring *ring, size_t events_max, size_t bytes_max)
{
    LC_ASSERT(events_max > 0);
    *ring = (struct room_ring){.events_max = events_max, .bytes_max = bytes_max};
}

static struct frame **slot_of(const struct room_ring *ring, uint64_t position)
{
    return &ring->frames[position & (ring->capacity - 1)];
}

static void evict_oldest(struct room_ring *ring)
{
    struct frame *oldest = *slot_of(ring, ring->first);
    ring->durable_evicted += oldest->is_volatile ? 0 : 1;
    ring->bytes -= frame_packet_size(oldest);
    ring->first++;
    frame_destroy(oldest);
}

void room_ring_release(struct room_ring *ring)
{
    while (ring->first < ring->next) {
        evict_oldest(ring);
    }
    free(ring->frames);
    room_ring_init(ring, ring->events_max, ring->bytes_max);
}

static enum lc_status room_ring_grow(struct room_ring *ring)
{
    size_t capacity = ring->capacity == 0 ? 8 : ring->capacity * 2;
    struct frame **frames = malloc(capacity * sizeof(struct frame *));
    if (frames == NULL) {
        return LC_ERR_NO_MEMORY;
    }
    for (uint64_t at = ring->first; at < ring->next; at++) {
        frames[at & (capacity - 1)] = *slot_of(ring, at);
    }
    free(ring->frames);
    ring->frames = frames;
    ring->capacity = capacity;
    return LC_OK;
}

enum lc_status room_ring_push(struct room_ring *ring, struct frame *frame)
{
    size_t size = frame_packet_size(frame);
    while (ring->first < ring->next &&
           (ring->next - ring->first >= ring->events_max || ring->bytes + size > ring->bytes_max)) {
        evict_oldest(ring);
    }
    if (ring->next - ring->first == ring->capacity) {
        enum lc_status status = room_ring_grow(ring);
        if (status != LC_OK) {
            return status;
        }
    }
    *slot_of(ring, ring->next) = frame;
    ring->next++;
    ring->bytes += size;
    ring->durable_pushed += frame->is_volatile ? 0 : 1;
    return LC_OK;
}

struct room_cursor room_cursor_at_newest(const struct room_ring *ring)
{
    return (struct room_cursor){ring->next, ring->durable_pushed};
}

bool frame_is_stale(const struct frame *frame, struct freshness freshness)
{
    return frame->is_volatile && (frame->order < freshness.from ||
                                  (frame->goes_alone && frame->order < freshness.alone_from));
}

struct frame *room_cursor_peek(const struct room_ring *ring, struct room_cursor *cursor,
                               struct freshness freshness, uint64_t *dropped)
{
    if (room_cursor_is_lagged(ring, cursor)) {
        return NULL;
    }
    if (cursor->position < ring->first) { // only volatile frames were missed
        *dropped += ring->first - cursor->position;
        cursor->position = ring->first;
    }
    while (cursor->position < ring->next) {
        struct frame *frame = *slot_of(ring, cursor->position);
        if (!frame_is_stale(frame, freshness)) {
            return frame;
        }
        cursor->position++;
        *dropped += 1;
    }
    return NULL;
}
