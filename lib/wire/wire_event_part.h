// How every durable event begins.
//
// Purity: pure
// Source: docs/PROTOCOL.md, Events
#ifndef LOTCAST_WIRE_EVENT_PART_H
#define LOTCAST_WIRE_EVENT_PART_H

#include "lib/json/json_write.h"
#include "lib/wire/message_event.h"

// Opens the payload's object and writes seq, epoch and at.
struct json_writer wire_event_begin(struct buffer *out, const struct wire_event *event);

#endif
