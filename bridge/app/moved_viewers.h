// Sockets that have left for another bridge, and which one.
//
// Purity:    pure (allocates once, with the first socket)
// Units:     *_ms milliseconds on the boot clock
// Ownership: moved_viewers_init/release; entries are values
// Errors:    when full the oldest is forgotten
// Source:    design 8 (forwards replies for 30 s)
#ifndef LOTCAST_BRIDGE_MOVED_VIEWERS_H
#define LOTCAST_BRIDGE_MOVED_VIEWERS_H

#include "bridge/app/pid_token.h"

enum { MOVED_VIEWERS_MAX = 8192, RELAY_NAME_SIZE = 4 };

struct moved_viewer {
    uint64_t socket;
    char sid[PUBLIC_SID_SIZE_MAX + 1];
    char node[RELAY_NAME_SIZE + 1];
    int64_t until_ms;
};

struct moved_viewers {
    struct moved_viewer *ring;
    size_t begin;
    size_t count;
};

void moved_viewers_init(struct moved_viewers *moved);
void moved_viewers_release(struct moved_viewers *moved);
void moved_viewers_add(struct moved_viewers *moved, const struct moved_viewer *viewer,
                       int64_t now_ms);
// The newest move of the socket; NULL: it has not moved, or long ago.
const struct moved_viewer *moved_viewers_find(const struct moved_viewers *moved, uint64_t socket,
                                              int64_t now_ms);

#endif
