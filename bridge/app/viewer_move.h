// Viewers whose connection moves from bridge to bridge: what goes with them, and the replies that
// come where they were.
//
// Order:  nothing is missed and nothing comes twice: the viewer goes on there behind the last event
//         that it was sent here; a reply that comes here is forwarded for MOVED_VIEWER_MS, and
//         waits there for its event
// Source: design 8
#ifndef LOTCAST_BRIDGE_VIEWER_MOVE_H
#define LOTCAST_BRIDGE_VIEWER_MOVE_H

#include "bridge/app/app_state.h"

// False: not now, it waits for something that is about to come.
bool viewer_export(struct auction_app *app, struct socketio_socket_id socket, struct bytes node,
                   struct buffer *out_state);
void viewer_moved(struct auction_app *app, struct socketio_socket_id socket);
bool viewer_import(struct auction_app *app, struct socketio_socket_id socket, struct bytes state);

// The answer to a command of a socket, to where the socket is now.
void viewer_move_forward(struct auction_app *app, const struct pending_command *pending,
                         struct bytes result);
void viewer_take_reply_note(struct auction_app *app, struct bytes note);

#endif
