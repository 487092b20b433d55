// Connections that move to another node: all that one is, written down, and made again from it.
//
// Purity:    pure (allocates)
// Lifetime:  as in state.h: an application callback may end any socket
// Order:     move_out() -> frozen (its sockets are SOCKET_MOVING) -> move_done(), or the usual
//            end of a connection when the move fails
// Source:    docs/DESIGN.md, More than one machine
//
// What a room's stream still holds for a socket goes along in the connection's queue; where that is
// more than the queue may hold, the socket has lagged, and its application is told so there.
#ifndef LOTCAST_SOCKETIO_MOVE_H
#define LOTCAST_SOCKETIO_MOVE_H

#include "bridge/engineio/state_code.h"
#include "bridge/socketio/state.h"

enum {
    MOVE_VERSION = 1,             // both ends are of the same
    MOVE_APP_STATE_MAX = 1 << 18, // bytes of the application's about one socket
};
#define MOVE_ACK_ID_MAX (UINT64_C(1) << 53) // clients count in doubles

// The engine's on_export, on_moved and on_import.
bool connection_on_export(void *app, void *connection, struct bytes node, struct buffer *out_state);
void connection_on_moved(void *app, void *connection);
void *connection_on_import(void *app, struct engineio_session_id session, struct bytes state);

#endif
