#include "auctionctl/io/loop.h"

#include <ev.h>
#include <signal.h>

#include "lib/base/status.h"
#include "lib/os/os_clock.h"

struct loop {
    struct ev_loop *ev;
    struct ev_signal interrupt;
    struct ev_signal terminate;
    bool watches_signals;
    bool was_signalled;
};

struct loop_timer {
    struct ev_timer ev;
    struct loop *loop;
    loop_timer_fired *fired;
    void *owner;
};

struct loop_watch {
    struct ev_io ev;
    struct loop *loop;
    loop_watch_ready *ready;
    void *owner;
};

struct loop *loop_create(void)
{
    struct loop *loop = calloc(1, sizeof *loop);
    if (loop == NULL) {
        return NULL;
    }
    loop->ev = ev_loop_new(EVFLAG_AUTO);
    if (loop->ev == NULL) {
        free(loop);
        return NULL;
    }
    return loop;
}

void loop_destroy(struct loop *loop)
{
    if (loop == NULL) {
        return;
    }
    if (loop->watches_signals) {
        ev_signal_stop(loop->ev, &loop->interrupt);
        ev_signal_stop(loop->ev, &loop->terminate);
    }
    ev_loop_destroy(loop->ev);
    free(loop);
}

void loop_run(struct loop *loop)
{
    ev_run(loop->ev, 0);
}

void loop_stop(struct loop *loop)
{
    ev_break(loop->ev, EVBREAK_ALL);
}

void *loop_handle(struct loop *loop)
{
    return loop->ev;
}

int64_t loop_now_ms(const struct loop *loop)
{
    (void)loop;
    return os_clock_boot_ms();
}

static void signal_came(struct ev_loop *ev, struct ev_signal *watcher, int events)
{
    (void)events;
    struct loop *loop = watcher->data;
    loop->was_signalled = true;
    ev_break(ev, EVBREAK_ALL);
}

void loop_stop_on_signals(struct loop *loop)
{
    ev_signal_init(&loop->interrupt, signal_came, SIGINT);
    ev_signal_init(&loop->terminate, signal_came, SIGTERM);
    loop->interrupt.data = loop->terminate.data = loop;
    ev_signal_start(loop->ev, &loop->interrupt);
    ev_signal_start(loop->ev, &loop->terminate);
    loop->watches_signals = true;
}

bool loop_was_signalled(const struct loop *loop)
{
    return loop->was_signalled;
}

static void timer_came(struct ev_loop *ev, struct ev_timer *watcher, int events)
{
    (void)ev;
    (void)events;
    struct loop_timer *timer = watcher->data;
    timer->fired(timer->owner);
}

struct loop_timer *loop_timer_create(struct loop *loop, loop_timer_fired *fired, void *owner)
{
    struct loop_timer *timer = calloc(1, sizeof *timer);
    LC_ASSERT(timer != NULL);
    timer->loop = loop;
    timer->fired = fired;
    timer->owner = owner;
    ev_timer_init(&timer->ev, timer_came, 0., 0.);
    timer->ev.data = timer;
    return timer;
}

void loop_timer_destroy(struct loop_timer *timer)
{
    if (timer != NULL) {
        ev_timer_stop(timer->loop->ev, &timer->ev);
        free(timer);
    }
}

void loop_timer_set(struct loop_timer *timer, int64_t at_ms)
{
    ev_timer_stop(timer->loop->ev, &timer->ev);
    if (at_ms == INT64_MAX) {
        return;
    }
    int64_t wait_ms = at_ms - os_clock_boot_ms();
    ev_now_update(timer->loop->ev);
    ev_timer_set(&timer->ev, wait_ms > 0 ? (double)wait_ms / 1000. : 0., 0.);
    ev_timer_start(timer->loop->ev, &timer->ev);
}

static void watch_came(struct ev_loop *ev, struct ev_io *watcher, int events)
{
    (void)ev;
    struct loop_watch *watch = watcher->data;
    watch->ready(watch->owner, watcher->fd, (events & EV_READ) != 0, (events & EV_WRITE) != 0);
}

struct loop_watch *loop_watch_create(struct loop *loop, int descriptor, loop_watch_ready *ready,
                                     void *owner)
{
    struct loop_watch *watch = calloc(1, sizeof *watch);
    LC_ASSERT(watch != NULL);
    watch->loop = loop;
    watch->ready = ready;
    watch->owner = owner;
    ev_io_init(&watch->ev, watch_came, descriptor, 0);
    watch->ev.data = watch;
    return watch;
}

void loop_watch_destroy(struct loop_watch *watch)
{
    if (watch != NULL) {
        ev_io_stop(watch->loop->ev, &watch->ev);
        free(watch);
    }
}

void loop_watch_set(struct loop_watch *watch, bool read, bool write)
{
    ev_io_stop(watch->loop->ev, &watch->ev);
    ev_io_set(&watch->ev, watch->ev.fd, (read ? EV_READ : 0) | (write ? EV_WRITE : 0));
    if (read || write) {
        ev_io_start(watch->loop->ev, &watch->ev);
    }
}
