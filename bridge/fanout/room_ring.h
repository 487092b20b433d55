// The stream of one room: a ring of encoded packets that every member reads through a cursor of its
// own. A packet is encoded once, a slow reader costs no memory, and one that falls out of the ring
// is told so. A packet is a frame and those attached to it.
//
// Purity:    pure (allocates)
// Ownership: room_ring_init/release; the ring owns its frames (a reader that needs one for longer
//            shares it). Cursors are values of their readers
// Lifetime:  a frame that was peeked is valid until the next push
// Errors:    room_ring_push: LC_ERR_NO_MEMORY, the frame then still belongs to the caller
// Order:     frames come out in the order of their pushes; a volatile frame older than what the
//            reader calls fresh is skipped, and its loss never makes a reader late
// Source:    design 9
#ifndef LOTCAST_FANOUT_ROOM_RING_H
#define LOTCAST_FANOUT_ROOM_RING_H

#include "bridge/engineio/frame.h"

struct room_ring {
    struct frame **frames; // a power of two
    size_t capacity;
    size_t events_max;
    size_t bytes_max;
    size_t bytes;
    uint64_t first; // position of the oldest frame
    uint64_t next;  // position of the frame to come
    uint64_t durable_evicted;
    uint64_t durable_pushed;
};

struct room_cursor {
    uint64_t position;
    uint64_t durable_before; // durable frames of the room before this position
};

// What a reader's transport could take at once: volatile frames made before that are stale.
struct freshness {
    uint64_t from;       // order of the first frame made since the transport can take bytes
    uint64_t alone_from; // of the first made since the reader was sent something
};
bool frame_is_stale(const struct frame *frame, struct freshness freshness);

void room_ring_init(struct room_ring *ring, size_t events_max, size_t bytes_max);
void room_ring_release(struct room_ring *ring);

// Takes `frame` on LC_OK. Drops the oldest frames to keep the limits; one frame always fits.
LC_MUST_CHECK enum lc_status room_ring_push(struct room_ring *ring, struct frame *frame);

struct room_cursor room_cursor_at_newest(const struct room_ring *ring);

// True when a durable frame was dropped before this reader saw it; room_cursor_at_newest() is then
// the way on.
static inline bool room_cursor_is_lagged(const struct room_ring *ring,
                                         const struct room_cursor *cursor)
{
    return cursor->position < ring->first && cursor->durable_before < ring->durable_evicted;
}

// True when there is nothing to peek at: most readers of most rooms, most of the time.
static inline bool room_cursor_is_at_end(const struct room_ring *ring,
                                         const struct room_cursor *cursor)
{
    return cursor->position == ring->next;
}

// The next frame for this reader, NULL at the end or when it is lagged. Stale frames are passed over
// and counted in `*dropped`.
struct frame *room_cursor_peek(const struct room_ring *ring, struct room_cursor *cursor,
                               struct freshness freshness, uint64_t *dropped);
// The same where nothing is to be passed over: NULL leaves it to room_cursor_peek().
static inline struct frame *room_cursor_peek_at_once(const struct room_ring *ring,
                                                     const struct room_cursor *cursor)
{
    if (cursor->position < ring->first || cursor->position == ring->next) {
        return NULL;
    }
    struct frame *frame = ring->frames[cursor->position & (ring->capacity - 1)];
    return frame->is_volatile ? NULL : frame;
}
// Passes the frame that was peeked.
static inline void room_cursor_pass(struct room_cursor *cursor, const struct frame *frame)
{
    cursor->durable_before += frame->is_volatile ? 0 : 1;
    cursor->position++;
}

#endif
