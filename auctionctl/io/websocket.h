// WebSocket connections of a client: text messages out and in.
//
// Purity:    talks to the network through libwebsockets on the caller's loop
// Ownership: websocket_client_create/destroy; a connection is ended with websocket_close(), or by
// itself Lifetime:  a connection is gone after on_end or websocket_close() Errors:    a refused,
// failed or broken connection is on_end with a reason; a message larger than
//            WEBSOCKET_MESSAGE_SIZE_MAX ends the connection
// Order:     on_open once, then on_text; on_end is the last, and does not come after
// websocket_close().
//            Callbacks may send and close; nothing is called inside websocket_open()
// Source:    RFC 6455
#ifndef LOTCAST_CTL_WEBSOCKET_H
#define LOTCAST_CTL_WEBSOCKET_H

#include "auctionctl/io/loop.h"
#include "lib/base/buffer.h"

enum { WEBSOCKET_MESSAGE_SIZE_MAX = 4 * 1024 * 1024, WEBSOCKET_PENDING_SIZE_MAX = 1024 * 1024 };

struct websocket_client;
struct websocket;

struct websocket_ops {
    void (*on_open)(void *owner);
    void (*on_text)(void *owner, struct bytes text);
    void (*on_end)(void *owner, const char *why);
};

struct websocket_address {
    const char *host;
    int port;
    bool secure;
    const char *path; // with its query
};

struct websocket_client *websocket_client_create(struct loop *loop,
                                                 const struct websocket_ops *ops);
void websocket_client_destroy(struct websocket_client *client);

// NULL: the connection could not even be begun.
struct websocket *websocket_open(struct websocket_client *client,
                                 const struct websocket_address *address, void *owner);
void websocket_send(struct websocket *socket, struct bytes text);
// Sends what is waiting, then a close frame. The owner hears nothing more.
void websocket_close(struct websocket *socket);

#endif
