// The event that a run broadcasts: numbered, dated, of one size; and the echo and the question for
// the time, which are dated too.
//
// Purity:    pure
// Units:     *_ns on the monotonic clock
#ifndef LOTCAST_BENCH_LOAD_EVENT_H
#define LOTCAST_BENCH_LOAD_EVENT_H

#include "lib/base/buffer.h"

enum {
    LOAD_EVENT_SIZE = 190, // of the Socket.IO packet with the 4 of Engine.IO in front
    LOAD_EVENTS_MAX = 100, // in one command
};

// 42["broadcast","<text>",...]: the peer emits each text as `news` to the room `bench`.
void load_event_command(struct buffer *out, uint64_t first, unsigned count, uint64_t now_ns);
// The packet as it arrives; false when it is not whole.
bool load_event_read(struct bytes packet, uint64_t *out_number, uint64_t *out_sent_ns);

// 42<id>["echo","<text>"], and its answer 43<id>["<text>"].
void load_event_echo(struct buffer *out, uint64_t id, uint64_t now_ns);
bool load_event_read_echo(struct bytes packet, uint64_t *out_id, uint64_t *out_sent_ns);

// 42<id>["sync_time",{"t0":<date>}], and its answer 43<id>[{"ok":true,"t0":<date>,...
void load_event_time(struct buffer *out, uint64_t id, uint64_t now_ns);
bool load_event_read_time(struct bytes packet, uint64_t *out_id, uint64_t *out_sent_ns);

#endif
