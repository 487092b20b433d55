// The event loop of the program: descriptors, deadlines and signals; the only file pair (beside
// web_server) that knows libev.
//
// Purity:    talks to the kernel through libev
// Units:     *_ms milliseconds on the boot clock
// Ownership: loop_create/destroy; sources are borrowed and must outlive the run
// Order:     `before_wait` is called at the end of each turn, when everything of it has been done
#ifndef LOTCAST_BRIDGE_LOOP_H
#define LOTCAST_BRIDGE_LOOP_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/status.h"

struct ev_loop;
struct loop;

enum { LOOP_SOURCES_MAX = 8 };

// Something with a descriptor (or none), which may change at any call, and a next deadline.
struct loop_source {
    void *owner;
    int (*fd)(void *owner); // -1: none now
    bool (*wants_write)(void *owner);
    int64_t (*deadline_ms)(void *owner); // INT64_MAX: none
    void (*process)(void *owner, bool readable, bool writable);
};

struct loop_ops {
    void (*before_wait)(void *owner);
    void (*on_signal)(void *owner, int number); // SIGTERM or SIGINT
};

LC_MUST_CHECK enum lc_status loop_create(const struct loop_ops *ops, void *owner,
                                         struct loop **out_loop);
void loop_destroy(struct loop *loop);
struct ev_loop *loop_ev(struct loop *loop);

// LC_ERR_FULL after LOOP_SOURCES_MAX.
LC_MUST_CHECK enum lc_status loop_add(struct loop *loop, const struct loop_source *source);

void loop_run(struct loop *loop);
void loop_stop(struct loop *loop);

#endif
