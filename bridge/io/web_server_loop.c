// The timer of the engine's deadlines. libwebsockets' own timers are served by its libev plugin
// only when a descriptor has something to do, hundreds of milliseconds late; heartbeats need one
// that is exact.
#include <ev.h>

#include "bridge/io/web_server_internal.h"
#include "lib/os/os_clock.h"

struct web_timer {
    ev_timer watcher;
    struct ev_loop *loop;
    struct web_server *server;
    int64_t at_ms;
};

static void on_timer(struct ev_loop *loop, ev_timer *watcher, int events)
{
    (void)loop;
    (void)events;
    struct web_timer *timer = watcher->data;
    timer->at_ms = DEADLINE_NONE;
    web_server_flush(timer->server);
}

struct web_timer *web_timer_create(struct ev_loop *loop, struct web_server *server)
{
    struct web_timer *timer = calloc(1, sizeof *timer);
    if (timer != NULL) {
        timer->loop = loop;
        timer->server = server;
        timer->at_ms = DEADLINE_NONE;
        timer->watcher.data = timer;
        ev_set_cb(&timer->watcher, on_timer);
    }
    return timer;
}

void web_timer_destroy(struct web_timer *timer)
{
    if (timer != NULL) {
        ev_timer_stop(timer->loop, &timer->watcher);
        free(timer);
    }
}

void web_timer_set(struct web_timer *timer, int64_t at_ms)
{
    if (at_ms == timer->at_ms) {
        return;
    }
    ev_timer_stop(timer->loop, &timer->watcher);
    timer->at_ms = at_ms;
    if (at_ms == DEADLINE_NONE) {
        return;
    }
    ev_now_update(timer->loop); // the loop's idea of now may be as old as this turn
    double after_s = (double)(at_ms * 1000 - os_clock_boot_us()) / 1e6;
    ev_timer_set(&timer->watcher, after_s > 0 ? after_s : 0., 0.);
    ev_timer_start(timer->loop, &timer->watcher);
}
