// What the web server has on the loop beside libwebsockets: its timer, for the library's own timers
// are served by its libev plugin only when a descriptor has something to do, hundreds of
// milliseconds late; and its listening socket, for the library stops accepting at limits of its own.
#include <arpa/inet.h>
#include <errno.h>
#include <ev.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bridge/io/web_server_internal.h"
#include "lib/os/os_clock.h"

// ---- timer ----

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
    web_socket_close_late(timer->server, os_clock_boot_ms());
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

// ---- listener ----

union any_address {
    struct sockaddr base;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

struct web_listener {
    ev_io watcher;
    struct ev_loop *loop;
    struct web_server *server;
    int port;
    bool is_closed;
};

// The address as text; an IPv4 peer of a socket for both is told as IPv4.
static struct bytes address_text(const union any_address *address, char text[INET6_ADDRSTRLEN])
{
    static const char mapped[] = "::ffff:";
    text[0] = '\0';
    if (address->base.sa_family == AF_INET) {
        inet_ntop(AF_INET, &address->v4.sin_addr, text, INET6_ADDRSTRLEN);
    } else if (address->base.sa_family == AF_INET6) {
        inet_ntop(AF_INET6, &address->v6.sin6_addr, text, INET6_ADDRSTRLEN);
    }
    bool is_mapped =
        IN6_IS_ADDR_V4MAPPED(&address->v6.sin6_addr) && address->base.sa_family == AF_INET6;
    return bytes_text(is_mapped ? text + sizeof mapped - 1 : text);
}

// False: there is none, or it could not be taken.
static bool accept_one(struct web_listener *listener)
{
    struct web_server *server = listener->server;
    union any_address peer = {.base = {.sa_family = AF_UNSPEC}};
    socklen_t size = sizeof peer;
    char text[INET6_ADDRSTRLEN];
    int on = 1;
    int fd = accept4(listener->watcher.fd, &peer.base, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) {
        bool is_none =
            errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR || errno == ECONNABORTED;
        if (!is_none) { // descriptors or memory ran out: the connection waits in the kernel
            ev_io_stop(listener->loop, &listener->watcher);
            server->accept_at_ms = os_clock_boot_ms() + WEB_ACCEPT_RETRY_MS;
        }
        return false;
    }
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    web_server_adopt(server, fd, address_text(&peer, text));
    return true;
}

static void on_connection(struct ev_loop *loop, ev_io *watcher, int events)
{
    (void)loop;
    (void)events;
    struct web_listener *listener = watcher->data;
    struct web_server *server = listener->server;
    for (int i = 0; i < WEB_ACCEPTS_IN_TURN && server->sockets_count < server->sockets_max; i++) {
        if (!accept_one(listener)) {
            break;
        }
    }
    if (server->sockets_count >= server->sockets_max) {
        ev_io_stop(listener->loop, &listener->watcher);
    }
    web_server_flush(server);
}

static bool read_address(const char *text, int port, union any_address *out_address,
                         socklen_t *out_size)
{
    union any_address address = {.base = {.sa_family = AF_UNSPEC}};
    if (port < 0 || port > UINT16_MAX) {
        return false;
    }
    if (inet_pton(AF_INET, text, &address.v4.sin_addr) == 1) {
        address.v4.sin_family = AF_INET;
        address.v4.sin_port = htons((uint16_t)port);
        *out_size = sizeof address.v4;
    } else if (inet_pton(AF_INET6, text, &address.v6.sin6_addr) == 1) {
        address.v6.sin6_family = AF_INET6;
        address.v6.sin6_port = htons((uint16_t)port);
        *out_size = sizeof address.v6;
    } else {
        return false;
    }
    *out_address = address;
    return true;
}

// A listening socket, or -1 and errno.
static int listen_on(const union any_address *address, socklen_t size)
{
    int fd = socket(address->base.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int on = 1;
    int off = 0;
    int unsent_max = WEB_UNSENT_MAX; // of those that are accepted
    if (fd < 0) {
        return -1;
    }
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent_max, sizeof unsent_max);
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
        (address->base.sa_family == AF_INET6 &&
         setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off) != 0) ||
        bind(fd, &address->base, size) != 0 || listen(fd, SOMAXCONN) != 0) {
        int error = errno;
        close(fd);
        errno = error;
        return -1;
    }
    return fd;
}

enum lc_status web_listener_create(const char *address, int port, struct ev_loop *loop,
                                   struct web_server *server, struct web_listener **out_listener,
                                   char out_why[160])
{
    union any_address bound;
    socklen_t size = 0;
    if (!read_address(address, port, &bound, &size)) {
        snprintf(out_why, 160, "%s:%d is no IP address and port", address, port);
        return LC_ERR_IO;
    }
    int fd = listen_on(&bound, size);
    if (fd < 0) {
        int error = errno;
        snprintf(out_why, 160, "cannot listen on %s:%d: %s", address, port, strerror(error));
        return error == EADDRINUSE ? LC_ERR_BUSY : LC_ERR_IO;
    }
    struct web_listener *listener = calloc(1, sizeof *listener);
    if (listener == NULL) {
        close(fd);
        snprintf(out_why, 160, "no memory");
        return LC_ERR_NO_MEMORY;
    }
    (void)getsockname(fd, &bound.base, &size); // the port, when any was asked for
    listener->port =
        ntohs(bound.base.sa_family == AF_INET ? bound.v4.sin_port : bound.v6.sin6_port);
    listener->loop = loop;
    listener->server = server;
    listener->watcher.data = listener;
    ev_set_cb(&listener->watcher, on_connection);
    ev_io_set(&listener->watcher, fd, EV_READ);
    ev_io_start(loop, &listener->watcher);
    *out_listener = listener;
    return LC_OK;
}

static void stop_listening(struct web_listener *listener)
{
    if (!listener->is_closed) {
        listener->is_closed = true;
        ev_io_stop(listener->loop, &listener->watcher);
        close(listener->watcher.fd);
    }
}

void web_listener_close(struct web_listener *listener)
{
    struct web_server *server = listener->server;
    while (!listener->is_closed && server->sockets_count < server->sockets_max &&
           accept_one(listener)) {
    }
    stop_listening(listener);
}

void web_listener_destroy(struct web_listener *listener)
{
    if (listener != NULL) {
        stop_listening(listener);
        free(listener);
    }
}

int web_listener_port(const struct web_listener *listener)
{
    return listener->port;
}

void web_listener_set(struct web_listener *listener, bool accepts)
{
    if (listener->is_closed) {
        return;
    }
    if (accepts) {
        ev_io_start(listener->loop, &listener->watcher);
    } else {
        ev_io_stop(listener->loop, &listener->watcher);
    }
}
