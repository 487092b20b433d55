// Recovery by the application: what a client shows is handed to it, and a socket takes up the id
// that the application found in it.
//
// Purity:    pure (allocates)
// Ownership: what was shown belongs to the socket until its CONNECT reply
// Source:    Socket.IO, "Connection state recovery"
#ifndef LOTCAST_SOCKETIO_RESTORE_H
#define LOTCAST_SOCKETIO_RESTORE_H

#include "bridge/socketio/state.h"

struct shown { // the pid that a client has shown, while the decision about its socket is pending
    size_t size;
    char pid[];
};

// Whether sessions of this owner come back through the application.
bool restore_is_for(const struct owner *owner);
// Asks the application about what the client shows; false: that is nothing, or nothing legal.
bool restore_ask(struct socketio_server *server, struct socket *socket, struct bytes auth);
// The pid for the CONNECT reply: the one that was shown and is good again, or a new one in `text`;
// empty: none.
struct bytes restore_pid(const struct socket *socket, struct buffer *text);
// The decision has been made: counts it, and forgets what was shown.
void restore_end(struct socketio_server *server, struct socket *socket);

#endif
