// The timer of the engine's deadlines, and the watch over connections that wait for an answer.
//
// libwebsockets' own timers are served by its libev plugin only when a descriptor has something to do, hundreds of
// milliseconds late. And while a request waits for its answer it does not read: the end of the connection, or a pipelined
// request, leaves the descriptor readable and the loop turning without rest.
#include <errno.h>
#include <ev.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

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

static uint64_t bytes_received(int fd)
{
    struct tcp_info info;
    socklen_t size = sizeof info;
    memset(&info, 0, sizeof info);
    return getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) == 0 ? info.tcpi_bytes_received : 0;
}

uint64_t web_bytes_taken(int fd)
{
    for (;;) { // until nothing arrived between the two questions
        uint64_t received = bytes_received(fd);
        int waiting = 0;
        if (ioctl(fd, FIONREAD, &waiting) != 0) {
            return 0;
        }
        if (bytes_received(fd) == received) {
            return received - (uint64_t)waiting;
        }
    }
}

struct web_watch {
    ev_io watcher;
    struct ev_loop *loop;
    void (*on_gone)(struct lws *wsi);
    void (*on_writable)(struct lws *wsi);
    struct lws *wsi;
};

static void on_watched(struct ev_loop *loop, ev_io *watcher, int events)
{
    struct web_watch *watch = watcher->data;
    char byte;
    if ((events & EV_WRITE) != 0) {
        watch->on_writable(watch->wsi); // may destroy the watch
        return;
    }
    ssize_t size = recv(watcher->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    if (size < 0 && (errno == EAGAIN || errno == EINTR)) {
        return;
    }
    ev_io_stop(loop, watcher); // a pipelined request stays where it is until its turn comes
    if (size <= 0) {
        watch->on_gone(watch->wsi); // destroys the watch
    }
}

struct web_watch *web_watch_create(const struct web_timer *loop_of, int fd,
                                   void (*on_gone)(struct lws *wsi), struct lws *wsi)
{
    struct web_watch *watch = calloc(1, sizeof *watch);
    if (watch != NULL) {
        watch->loop = loop_of->loop;
        watch->on_gone = on_gone;
        watch->wsi = wsi;
        watch->watcher.data = watch;
        ev_set_cb(&watch->watcher, on_watched);
        ev_io_set(&watch->watcher, fd, EV_READ);
        ev_io_start(watch->loop, &watch->watcher);
    }
    return watch;
}

void web_watch_writable(struct web_watch *watch, void (*on_writable)(struct lws *wsi))
{
    int fd = watch->watcher.fd;
    watch->on_writable = on_writable;
    ev_io_stop(watch->loop, &watch->watcher);
    ev_io_set(&watch->watcher, fd, EV_WRITE);
    ev_io_start(watch->loop, &watch->watcher);
}

void web_watch_destroy(struct web_watch *watch)
{
    if (watch != NULL) {
        ev_io_stop(watch->loop, &watch->watcher);
        free(watch);
    }
}
