// The Admin UI's namespace on a libev loop, for the conformance server.
//
// Ownership: admin_desk_create/destroy; the server is destroyed before it
// Order:     after create and before the loop runs, admin_desk_start() with the server's transports
#ifndef LOTCAST_CONFORMANCE_ADMIN_DESK_H
#define LOTCAST_CONFORMANCE_ADMIN_DESK_H

#include "bridge/io/admin_host.h"

struct admin_desk;
struct ev_loop;
struct web_server;

// NULL, and a line to stderr, when the configuration is not right.
struct admin_desk *admin_desk_create(const struct admin_host_config *config,
                                     struct socketio_server *server);
void admin_desk_start(struct admin_desk *desk, struct ev_loop *loop, struct web_server *web);
void admin_desk_stop(struct admin_desk *desk);
void admin_desk_destroy(struct admin_desk *desk);

#endif
