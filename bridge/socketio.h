// The Socket.IO server library: everything that a program needs to include.
//
// A program lends the library its sockets, its clock and its random bytes, and gets Engine.IO and
// Socket.IO for them: docs/LIBRARY.md, and docs/examples/echo_server.c in 60 lines.
#ifndef LOTCAST_SOCKETIO_H
#define LOTCAST_SOCKETIO_H

#include "bridge/endpoint/endpoint.h"
#include "bridge/engineio/foreign.h"
#include "bridge/socketio/server.h"

#endif
