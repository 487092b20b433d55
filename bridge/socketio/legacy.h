// What clients that speak Engine.IO v3, with Socket.IO protocol v4 (clients 1.x and 2.x), have
// different: the root namespace without a CONNECT, queries in CONNECT, errors that are no objects,
// ids made of the connection's.
//
// Purity:    pure
// Source:    socket.io 4 with allowEIO3; socketio.md 2.16
#ifndef LOTCAST_SOCKETIO_LEGACY_H
#define LOTCAST_SOCKETIO_LEGACY_H

#include "bridge/socketio/state.h"

bool legacy_is(const struct socketio_server *server, const struct connection *connection);

// `/x?a=b`: the path, and the query as a JSON object of texts (nothing without a query). Pairs that
// are not UTF-8 are left out.
void legacy_split(struct bytes name, struct bytes *out_path, struct buffer *out_auth);

// The id of a socket in the namespace, into a buffer of SID_SIZE_MAX; returns what it is.
struct bytes legacy_sid(struct bytes connection_sid, struct bytes namespace_name,
                        char out[SID_SIZE_MAX]);

// What is sent of {"message":...,"data":...}: the data, else the message.
struct bytes legacy_error(struct bytes error);

#endif
