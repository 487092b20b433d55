// One connection's socket: bytes to and from the kernel, and its end.
//
// A plain socket is written to by ourselves: libwebsockets would ask the loop for each message.
#include <errno.h>
#include <libwebsockets.h>
#include <linux/tcp.h> // the C library's has no tcpi_bytes_acked
#include <sys/socket.h>

#include "bridge/io/web_server_internal.h"
#include "lib/os/os_clock.h"

// ---- the end ----

static void kill_socket(struct web_socket *socket)
{
    lws_set_timeout(socket->wsi, PENDING_TIMEOUT_USER_REASON_BASE,
                    LWS_TO_KILL_SYNC); // web_socket_on_gone() follows
}

// Behind our last byte. What the peer still sends is read, and dropped, for a while: a close with
// unread bytes would reset the connection, and take the answer from the peer.
static void close_later(struct web_socket *socket, int64_t linger_ms)
{
    struct web_server *server = socket->server;
    if (socket->is_closing) {
        return;
    }
    socket->is_closing = true;
    socket->closed_by_ms = os_clock_boot_ms() + linger_ms;
    socket->closing_before = server->closing_last;
    *(server->closing_last == NULL ? &server->closing_first
                                   : &server->closing_last->closing_after) = socket;
    server->closing_last = socket;
}

static void leave_closing(struct web_socket *socket)
{
    struct web_server *server = socket->server;
    struct web_socket *before = socket->closing_before;
    struct web_socket *after = socket->closing_after;
    if (socket->is_closing) {
        *(before == NULL ? &server->closing_first : &before->closing_after) = after;
        *(after == NULL ? &server->closing_last : &after->closing_before) = before;
        socket->is_closing = false;
    }
}

void web_socket_close_late(struct web_server *server, int64_t now_ms)
{
    while (server->closing_first != NULL && server->closing_first->closed_by_ms <= now_ms) {
        struct web_socket *socket = server->closing_first;
        leave_closing(socket); // even should the library take its time
        kill_socket(socket);
    }
}

static void say_end(struct web_socket *socket)
{
    if (socket->server->is_secure) {
        lws_callback_on_writable(socket->wsi); // TLS says goodbye in the library's own close
    } else {
        shutdown(socket->fd, SHUT_WR);
    }
}

// ---- bytes out ----

static void forget_rest(struct web_socket *socket)
{
    socket->server->rest_bytes -= socket->rest.size - socket->rest_sent;
    buffer_release(&socket->rest);
    socket->rest_sent = 0;
}

// Hands the kernel what it takes of the rest. True: nothing is left.
static bool push_rest(struct web_socket *socket)
{
    struct buffer *rest = &socket->rest;
    while (socket->rest_sent < rest->size && !socket->is_broken) {
        ssize_t sent = send(socket->fd, rest->data + socket->rest_sent,
                            rest->size - socket->rest_sent, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (sent >= 0) {
            socket->rest_sent += (size_t)sent;
            socket->server->rest_bytes -= (size_t)sent;
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            return false;
        } else if (errno != EINTR) {
            socket->is_broken = true;
        }
    }
    forget_rest(socket);
    return true;
}

static bool send_plain(struct web_socket *socket, struct bytes bytes)
{
    ssize_t sent = 0;
    if (socket->rest.size == 0) {
        do {
            sent = send(socket->fd, bytes.data, bytes.size, MSG_DONTWAIT | MSG_NOSIGNAL);
        } while (sent < 0 && errno == EINTR);
        if (sent < 0 && errno != EAGAIN && errno != EWOULDBLOCK) {
            socket->is_broken = true;
            close_later(socket, 0);
            return true;
        }
        sent = sent < 0 ? 0 : sent;
    }
    if ((size_t)sent == bytes.size) {
        return true;
    }
    size_t held = socket->rest.size;
    buffer_append(&socket->rest, bytes_from(bytes, (size_t)sent));
    socket->server->rest_bytes += socket->rest.size - held;
    lws_callback_on_writable(socket->wsi);
    return false;
}

// Bytes that TLS could not take are kept by the library, and sent by itself.
static bool send_secure(struct web_socket *socket, struct bytes bytes)
{
    int written =
        lws_write(socket->wsi, (unsigned char *)(uintptr_t)bytes.data, bytes.size, LWS_WRITE_RAW);
    if (written < 0) {
        socket->is_broken = true;
        close_later(socket, 0);
        return true;
    }
    if (!lws_partial_buffered(socket->wsi)) {
        return true;
    }
    lws_callback_on_writable(socket->wsi);
    return false;
}

static bool on_send(void *shell, void *connection, struct bytes bytes)
{
    const struct web_server *server = shell;
    struct web_socket *socket = connection;
    if (socket->is_broken) {
        return true;
    }
    bool is_taken = server->is_secure ? send_secure(socket, bytes) : send_plain(socket, bytes);
    if (buffer_status(&socket->rest) != LC_OK) { // far more than anybody may leave unread
        socket->is_broken = true;
        close_later(socket, 0);
    }
    return is_taken;
}

static bool has_rest(const struct web_socket *socket)
{
    return socket->rest.size > 0 ||
           (socket->server->is_secure && lws_partial_buffered(socket->wsi));
}

static void on_close(void *shell, void *connection)
{
    (void)shell;
    struct web_socket *socket = connection;
    socket->connection = NULL;
    close_later(socket, WEB_LINGER_MS);
    lws_rx_flow_control(socket->wsi, 1);
    if (!has_rest(socket)) {
        say_end(socket);
    }
}

static uint64_t on_taken(void *shell, void *connection)
{
    (void)shell;
    const struct web_socket *socket = connection;
    struct tcp_info info = {.tcpi_bytes_acked = 0};
    socklen_t size = sizeof info;
    return getsockopt(socket->fd, IPPROTO_TCP, TCP_INFO, &info, &size) == 0 ? info.tcpi_bytes_acked
                                                                            : 0;
}

static void on_set_reading(void *shell, void *connection, bool reads)
{
    (void)shell;
    struct web_socket *socket = connection;
    lws_rx_flow_control(socket->wsi, reads ? 1 : 0);
}

struct endpoint_shell_ops web_socket_ops(void)
{
    return (struct endpoint_shell_ops){on_send, on_close, on_set_reading, on_taken};
}

// ---- what libwebsockets tells ----

void web_socket_open(struct web_socket *socket, struct web_server *server, struct lws *wsi, int fd,
                     struct bytes address)
{
    *socket = (struct web_socket){.server = server, .wsi = wsi, .fd = fd};
    buffer_init(&socket->rest, WEB_REST_MAX);
    server->sockets_count++;
    socket->connection =
        endpoint_open(server->endpoint, os_clock_boot_ms(), socket, address, server->is_secure);
    if (socket->connection == NULL) { // one address has too many, or there is no memory
        close_later(socket, 0);
    }
}

int web_socket_on_bytes(struct web_socket *socket, struct bytes bytes)
{
    struct web_server *server = socket->server;
    if (socket->connection == NULL) {
        socket->dropped += bytes.size;
        return socket->dropped > WEB_LINGER_BYTES ? -1 : 0;
    }
    endpoint_feed(socket->connection, os_clock_boot_ms(), bytes);
    web_server_flush_input(server);
    return 0;
}

int web_socket_on_writable(struct web_socket *socket)
{
    if (!socket->server->is_secure && !push_rest(socket)) {
        lws_callback_on_writable(socket->wsi);
        return 0;
    }
    if (socket->is_broken) {
        return -1;
    }
    if (has_rest(socket)) {
        return 0; // the library calls again
    }
    if (socket->connection == NULL) {
        if (socket->server->is_secure) {
            return -1;
        }
        say_end(socket);
        return 0;
    }
    endpoint_writable(socket->connection, os_clock_boot_ms());
    web_server_flush_input(socket->server);
    return 0;
}

void web_socket_on_gone(struct web_socket *socket)
{
    struct web_server *server = socket->server;
    struct endpoint_peer *connection = socket->connection;
    leave_closing(socket);
    forget_rest(socket);
    socket->server = NULL;
    server->sockets_count--;
    if (server->is_destroying) {
        return;
    }
    if (connection != NULL) {
        endpoint_gone(connection, os_clock_boot_ms(), socket->is_broken);
    }
    if (server->accept_at_ms == DEADLINE_NONE) {
        web_listener_set(server->listener, server->sockets_count < server->sockets_max);
    }
    web_server_flush_input(server);
}
