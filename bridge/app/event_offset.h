// The offset of an event: where in a sale's history a client stands that has seen it, and at which
// it goes on when it comes back. "{sale}:{epoch}.{seq}", the same bytes for everybody in the room.
//
// Purity:    pure
// Ownership: value
// Errors:    event_offset_read: false for anything that event_offset_write() does not write. A
//            client may show what it likes: an offset proves nothing
// Source:    design 5 (connection state recovery)
#ifndef LOTCAST_BRIDGE_EVENT_OFFSET_H
#define LOTCAST_BRIDGE_EVENT_OFFSET_H

#include "lib/base/id.h"

struct event_offset {
    struct sale_id sale;
    int64_t epoch;
    int64_t seq;
};

// What follows an event that takes the client out of every history: there is nothing to go on from.
#define EVENT_OFFSET_NONE "-"

enum { EVENT_OFFSET_SIZE_MAX = ID_SIZE_MAX + 1 + 19 + 1 + 19 };

void event_offset_write(const struct event_offset *offset,
                        char out_text[EVENT_OFFSET_SIZE_MAX + 1]);
bool event_offset_read(struct bytes text, struct event_offset *out_offset);
// An event's arguments without the offset behind them, or EVENT_OFFSET_NONE, where there is one.
struct bytes event_offset_cut(struct bytes arguments);

#endif
