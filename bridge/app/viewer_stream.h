// How a viewer hears its sale: with the offset of each event behind it, or plain, for clients that
// cannot come back, or have handlers of one argument and have said so. There is one Socket.IO room
// of the sale for each; the plain one costs something only while somebody is in it.
//
// Order:  a viewer is in one of the two at most, the same for its whole life, and wherever it moves
// Source: docs/PROTOCOL.md (Recovery), 0119
#ifndef LOTCAST_BRIDGE_VIEWER_STREAM_H
#define LOTCAST_BRIDGE_VIEWER_STREAM_H

#include "bridge/app/app_state.h"

// The Socket.IO room in which the viewer hears the sale.
struct bytes viewer_stream_name(const struct sale_room *room, const struct viewer *viewer);
LC_MUST_CHECK enum lc_status viewer_stream_join(struct sale_room *room,
                                                const struct viewer *viewer);
void viewer_stream_leave(struct sale_room *room, const struct viewer *viewer);

// Sends one viewer an event; `arguments` as for the room, with an offset or without.
void viewer_stream_emit(struct auction_app *app, const struct viewer *viewer, const char *event,
                        struct bytes arguments);

#endif
