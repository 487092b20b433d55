// One TCP connection to the server, non-blocking, watched by epoll.
//
// Purity:    talks to the network
// Ownership: caller owns, ends with load_connection_close(); zeroed is closed. It must not move
//            while it is open: epoll knows its address
// Errors:    false: it is closed, or could not be opened; errno tells why
// Order:     after an event call load_connection_receive() or load_connection_flush(), as it says
#ifndef LOTCAST_BENCH_LOAD_CONNECTION_H
#define LOTCAST_BENCH_LOAD_CONNECTION_H

#include "lib/base/buffer.h"

struct load_connection {
    bool is_open;
    bool is_watched_for_writing;
    int fd;
    void *owner;
    struct buffer in;  // what is not a whole message yet
    struct buffer out; // what the kernel did not take yet
};

// From 127.0.0.1, 127.0.0.2 and so on, by `index`, so that the ports suffice.
bool load_connection_open(struct load_connection *connection, int epoll, uint16_t port,
                          uint32_t index, void *owner);
// Takes nothing more, and has the kernel take as little as it can.
bool load_connection_stall(struct load_connection *connection, int epoll);
// With a reset: nothing waits in the kernel afterwards.
void load_connection_close(struct load_connection *connection);

bool load_connection_send(struct load_connection *connection, int epoll, struct bytes data);
// The kernel takes bytes again.
bool load_connection_flush(struct load_connection *connection, int epoll);

// Reads once and gives what is there with what was left of before; `out_data` is valid until the
// next call for any connection. Then say how much of it was used.
bool load_connection_receive(struct load_connection *connection, struct bytes *out_data);
void load_connection_used(struct load_connection *connection, struct bytes data, size_t used);

#endif
