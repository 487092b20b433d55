// What a browser asks for over its socket: join, leave, the time, and the commands of the auction.
//
// Order:  every event that wants an acknowledgement gets exactly one
// Source: docs/PROTOCOL.md, Socket.IO; lesson F26: an unknown event is answered
#ifndef LOTCAST_BRIDGE_VIEWER_EVENT_H
#define LOTCAST_BRIDGE_VIEWER_EVENT_H

#include "bridge/app/app_state.h"

void viewer_event(struct auction_app *app, struct viewer *viewer,
                  const struct socketio_event *event);

// Copies the members of `object` but `without` into `out`, as a JSON object.
void viewer_event_copy_members(const struct json *object, const char *without, struct buffer *out);

#endif
