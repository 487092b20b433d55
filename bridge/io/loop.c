#include "bridge/io/loop.h"

#include <ev.h>
#include <signal.h>

#include "lib/os/os_clock.h"

enum { SIGNALS = 2 };

struct watched {
    struct loop_source source;
    ev_io io;
    int events;       // 0: the watcher is not active
    bool is_doubtful; // the source was called: its descriptor may be another one of the same number
};

struct loop {
    struct loop_ops ops;
    void *owner;
    struct ev_loop *ev;
    ev_prepare prepare;
    ev_timer timer;
    ev_signal signals[SIGNALS];
    struct watched sources[LOOP_SOURCES_MAX];
    size_t count;
};

static void process(struct watched *watched, bool readable, bool writable)
{
    watched->is_doubtful = true;
    watched->source.process(watched->source.owner, readable, writable);
}

static void on_io(struct ev_loop *ev, ev_io *io, int events)
{
    (void)ev;
    process(io->data, (events & EV_READ) != 0, (events & EV_WRITE) != 0);
}

static void on_timer(struct ev_loop *ev, ev_timer *timer, int events)
{
    struct loop *loop = timer->data;
    (void)ev;
    (void)events;
    for (size_t i = 0; i < loop->count; i++) {
        struct loop_source *source = &loop->sources[i].source;
        if (os_clock_boot_ms() >= source->deadline_ms(source->owner)) {
            process(&loop->sources[i], false, false);
        }
    }
}

static void on_signal(struct ev_loop *ev, ev_signal *watcher, int events)
{
    struct loop *loop = watcher->data;
    (void)ev;
    (void)events;
    loop->ops.on_signal(loop->owner, watcher->signum);
}

static void watch(struct loop *loop, struct watched *watched)
{
    const struct loop_source *source = &watched->source;
    int fd = source->fd(source->owner);
    int events = fd < 0 ? 0 : EV_READ | (source->wants_write(source->owner) ? EV_WRITE : 0);
    if (events == watched->events && !watched->is_doubtful && (fd < 0 || fd == watched->io.fd)) {
        return;
    }
    if (watched->events != 0) {
        ev_io_stop(loop->ev, &watched->io);
    }
    if (events != 0) {
        ev_io_set(&watched->io, fd, events);
        ev_io_start(loop->ev, &watched->io);
    }
    watched->events = events;
    watched->is_doubtful = false;
}

// The last thing before the loop sleeps: what was decided in this turn is sent, and what to wait
// for is set anew.
static void on_prepare(struct ev_loop *ev, ev_prepare *prepare, int events)
{
    struct loop *loop = prepare->data;
    int64_t deadline_ms = INT64_MAX;
    (void)events;
    loop->ops.before_wait(loop->owner);
    for (size_t i = 0; i < loop->count; i++) {
        const struct loop_source *source = &loop->sources[i].source;
        int64_t source_ms = source->deadline_ms(source->owner);
        deadline_ms = source_ms < deadline_ms ? source_ms : deadline_ms;
        watch(loop, &loop->sources[i]);
    }
    ev_timer_stop(ev, &loop->timer);
    if (deadline_ms != INT64_MAX) {
        int64_t left_ms = deadline_ms - os_clock_boot_ms();
        ev_now_update(ev);
        ev_timer_set(&loop->timer, left_ms > 0 ? (double)left_ms / 1000.0 : 0.0, 0.0);
        ev_timer_start(ev, &loop->timer);
    }
}

enum lc_status loop_create(const struct loop_ops *ops, void *owner, struct loop **out_loop)
{
    static const int numbers[SIGNALS] = {SIGTERM, SIGINT};
    struct loop *loop = calloc(1, sizeof *loop);
    if (loop == NULL) {
        return LC_ERR_NO_MEMORY;
    }
    loop->ops = *ops;
    loop->owner = owner;
    loop->ev = ev_loop_new(EVFLAG_AUTO);
    if (loop->ev == NULL) {
        free(loop);
        return LC_ERR_IO;
    }
    ev_prepare_init(&loop->prepare, on_prepare);
    loop->prepare.data = loop;
    ev_prepare_start(loop->ev, &loop->prepare);
    ev_timer_init(&loop->timer, on_timer, 0.0, 0.0);
    loop->timer.data = loop;
    for (size_t i = 0; i < SIGNALS; i++) {
        ev_signal_init(&loop->signals[i], on_signal, numbers[i]);
        loop->signals[i].data = loop;
        ev_signal_start(loop->ev, &loop->signals[i]);
    }
    *out_loop = loop;
    return LC_OK;
}

void loop_destroy(struct loop *loop)
{
    if (loop == NULL) {
        return;
    }
    ev_prepare_stop(loop->ev, &loop->prepare);
    ev_timer_stop(loop->ev, &loop->timer);
    for (size_t i = 0; i < SIGNALS; i++) {
        ev_signal_stop(loop->ev, &loop->signals[i]);
    }
    for (size_t i = 0; i < loop->count; i++) {
        ev_io_stop(loop->ev, &loop->sources[i].io);
    }
    ev_loop_destroy(loop->ev);
    free(loop);
}

struct ev_loop *loop_ev(struct loop *loop)
{
    return loop->ev;
}

enum lc_status loop_add(struct loop *loop, const struct loop_source *source)
{
    if (loop->count == LOOP_SOURCES_MAX) {
        return LC_ERR_FULL;
    }
    struct watched *watched = &loop->sources[loop->count++];
    watched->source = *source;
    ev_io_init(&watched->io, on_io, -1, 0);
    watched->io.data = watched;
    return LC_OK;
}

void loop_run(struct loop *loop)
{
    ev_run(loop->ev, 0);
}

void loop_stop(struct loop *loop)
{
    ev_break(loop->ev, EVBREAK_ALL);
}
