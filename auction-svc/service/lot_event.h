// What the world hears of the facts of one lot: the writers behind public_event_write().
//
// Purity:    pure
// Ownership: borrows everything for the call
// Source:    docs/PROTOCOL.md, Events
#ifndef LOTCAST_SERVICE_LOT_EVENT_H
#define LOTCAST_SERVICE_LOT_EVENT_H

#include "auction-svc/service/public_event.h"
#include "lib/wire/message_event.h"

struct told { // one fact, after it was applied
    struct buffer *out;
    const struct sale *sale;
    struct wire_event head;
    const struct sale_event *event;
    const struct public_before *before;
};

typedef void event_writer(const struct told *told);

// Nobody for the id "".
struct wire_person told_person(const struct sale *sale, const struct participant_id *id);

event_writer lot_event_bid, lot_event_retracted, lot_event_extension, lot_event_lot_started,
    lot_event_ask, lot_event_warned, lot_event_closing, lot_event_passed, lot_event_clock_restarted,
    lot_event_awarded, lot_event_match, lot_event_sold, lot_event_unsold, lot_event_withdrawn,
    lot_event_reopened;

#endif
