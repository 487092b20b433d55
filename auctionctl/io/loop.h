// One event loop for timers, signals and file descriptors.
//
// Purity:    talks to the operating system through libev
// Units:     *_ms milliseconds on the boot clock
// Ownership: create/destroy; a timer or watch is ended before its loop
// Order:     callbacks may set, stop, end and create timers and watches, also their own
#ifndef LOTCAST_CTL_LOOP_H
#define LOTCAST_CTL_LOOP_H

#include <stdbool.h>
#include <stdint.h>

struct loop;
struct loop_timer;
struct loop_watch;

struct loop *loop_create(void); // NULL: no loop to be had
void loop_destroy(struct loop *loop);
void loop_run(struct loop *loop); // until loop_stop()
void loop_stop(struct loop *loop);
void *loop_handle(struct loop *loop); // struct ev_loop *, for libraries that share the loop
int64_t loop_now_ms(const struct loop *loop);

// Stops the loop at SIGINT and SIGTERM.
void loop_stop_on_signals(struct loop *loop);
bool loop_was_signalled(const struct loop *loop);

typedef void loop_timer_fired(void *owner);
struct loop_timer *loop_timer_create(struct loop *loop, loop_timer_fired *fired, void *owner);
void loop_timer_destroy(struct loop_timer *timer);
// Fires once, at `at_ms` or as soon as that is past; INT64_MAX: never. Replaces an earlier time.
void loop_timer_set(struct loop_timer *timer, int64_t at_ms);

typedef void loop_watch_ready(void *owner, int descriptor, bool readable, bool writable);
struct loop_watch *loop_watch_create(struct loop *loop, int descriptor, loop_watch_ready *ready,
                                     void *owner);
void loop_watch_destroy(struct loop_watch *watch);
void loop_watch_set(struct loop_watch *watch, bool read, bool write);

#endif
