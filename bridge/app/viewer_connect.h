// How a socket becomes a viewer: by its token, by the session that it had, or by moving here.
//
// Order:  each CONNECT is answered once, at once or when the room of its session knows enough
// Source: design 5, 10; docs/PROTOCOL.md (Socket.IO, Recovery)
#ifndef LOTCAST_BRIDGE_VIEWER_CONNECT_H
#define LOTCAST_BRIDGE_VIEWER_CONNECT_H

#include "bridge/app/app_state.h"

void viewer_connect(struct auction_app *app, struct socketio_socket_id socket,
                    struct bytes namespace_name, struct bytes auth,
                    const struct socketio_handshake *handshake);

// The same for a client that shows a pid.
void viewer_connect_again(struct auction_app *app, struct socketio_socket_id socket,
                          struct bytes namespace_name, struct bytes auth, struct bytes pid,
                          struct bytes offset, const struct socketio_handshake *handshake);

// A viewer of the socket, counted and set as its data; NULL: no memory, or VIEWERS_MAX. Plain ones
// hear no offsets (viewer_stream.h).
struct viewer *viewer_create(struct auction_app *app, struct socketio_socket_id socket,
                             const struct identity *identity, bool is_plain);
void viewer_destroy(struct auction_app *app, struct viewer *viewer);

// Accepts the socket as a new session, or refuses it.
void viewer_accept_new(struct auction_app *app, struct socketio_socket_id socket,
                       const struct identity *identity, bool is_plain);

#endif
