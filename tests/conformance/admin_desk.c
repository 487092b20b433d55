#include "tests/conformance/admin_desk.h"

#include <ev.h>
#include <stdio.h>
#include <stdlib.h>

#include "bridge/io/web_server.h"
#include "lib/os/os_clock.h"

struct admin_desk {
    struct admin_host *host;
    struct ev_loop *loop; // NULL: not started
    struct web_server *web;
    ev_io io;
    ev_prepare prepare;
    ev_timer timer;
};

static void process(struct admin_desk *desk)
{
    admin_host_process(desk->host);
    web_server_flush(desk->web);
}

static void on_io(struct ev_loop *loop, ev_io *io, int events)
{
    (void)loop, (void)events;
    process(io->data);
}

static void on_timer(struct ev_loop *loop, ev_timer *timer, int events)
{
    (void)loop, (void)events;
    process(timer->data);
}

// The last thing before the loop sleeps: the deadline may have changed in each turn.
static void on_prepare(struct ev_loop *loop, ev_prepare *prepare, int events)
{
    (void)events;
    struct admin_desk *desk = prepare->data;
    int64_t deadline_ms = admin_host_deadline_ms(desk->host);
    ev_timer_stop(loop, &desk->timer);
    if (deadline_ms != INT64_MAX) {
        int64_t wait_ms = deadline_ms - os_clock_boot_ms();
        ev_timer_set(&desk->timer, wait_ms > 0 ? (double)wait_ms / 1000. : 0., 0.);
        ev_timer_start(loop, &desk->timer);
    }
}

struct admin_desk *admin_desk_create(const struct admin_host_config *config,
                                     struct socketio_server *server)
{
    char why[160] = "no memory";
    struct admin_desk *desk = calloc(1, sizeof *desk);
    if (desk == NULL || admin_host_create(config, server, &desk->host, why) != LC_OK) {
        fprintf(stderr, "conformance_server: %s\n", why);
        free(desk);
        return NULL;
    }
    return desk;
}

void admin_desk_start(struct admin_desk *desk, struct ev_loop *loop, struct web_server *web)
{
    desk->loop = loop;
    desk->web = web;
    ev_io_init(&desk->io, on_io, admin_host_fd(desk->host), EV_READ);
    ev_prepare_init(&desk->prepare, on_prepare);
    ev_timer_init(&desk->timer, on_timer, 0., 0.);
    desk->io.data = desk->prepare.data = desk->timer.data = desk;
    ev_io_start(loop, &desk->io);
    ev_prepare_start(loop, &desk->prepare);
}

void admin_desk_stop(struct admin_desk *desk)
{
    if (desk->loop != NULL) {
        ev_io_stop(desk->loop, &desk->io);
        ev_prepare_stop(desk->loop, &desk->prepare);
        ev_timer_stop(desk->loop, &desk->timer);
        desk->loop = NULL;
    }
}

void admin_desk_destroy(struct admin_desk *desk)
{
    if (desk != NULL) {
        admin_host_destroy(desk->host);
        free(desk);
    }
}
