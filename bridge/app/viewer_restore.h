// Sessions that come back to any bridge: what is promised to a client, what it may have back, and
// what the bridges tell each other of it.
//
// Order:  a restore is told to all: whoever holds the session alive closes it. One that is ended on
//         purpose is told too, and remembered
// Source: design 5 (connection state recovery), docs/PROTOCOL.md (Recovery)
#ifndef LOTCAST_BRIDGE_VIEWER_RESTORE_H
#define LOTCAST_BRIDGE_VIEWER_RESTORE_H

#include "bridge/app/app_state.h"

// What the client shows when it comes back.
void viewer_write_pid(struct auction_app *app, struct socketio_socket_id socket,
                      struct buffer *out);

// Puts the socket into the line of the room that it was in; false: it can't be taken up again.
bool viewer_restore_begin(struct auction_app *app, struct socketio_socket_id socket,
                          const struct pid_token *token, const struct event_offset *offset);
// The room has what the client missed.
void viewer_restore_take_up(struct sale_room *room, struct room_waiter *waiter);
// It has not: the socket is accepted as a new session.
void viewer_restore_give_up(struct auction_app *app, const struct room_waiter *waiter);

// A socket ended.
void viewer_gone(struct auction_app *app, struct viewer *viewer, enum socketio_reason reason);

// Ends a socket whose client is to come back, or has come back elsewhere; the viewer is gone then.
void viewer_dismiss(struct auction_app *app, struct viewer *viewer);

// What other bridges told.
void viewer_take_restored_note(struct auction_app *app, struct bytes from, struct bytes note);
void viewer_take_ended_note(struct auction_app *app, struct bytes note);

#endif
