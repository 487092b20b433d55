#include "tests/bench/load_connection.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { SOURCES_EACH = 8000, PENDING_MAX = 4 << 20, READ_SIZE = 1 << 17 };

static uint8_t read_area[READ_SIZE];

static bool would_block(void)
{
    return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINPROGRESS || errno == ENOTCONN;
}

static bool connect_from(int fd, uint16_t port, uint32_t index)
{
    struct sockaddr_in from = {
        .sin_family = AF_INET,
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK + index / SOURCES_EACH),
    };
    struct sockaddr_in to = {
        .sin_family = AF_INET,
        .sin_port = htons(port),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
    const int on = 1;
    const struct linger reset = {1, 0};
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    // The port is chosen by connect(): one port serves for several source addresses.
    setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    return bind(fd, (const struct sockaddr *)&from, sizeof from) == 0 &&
           (connect(fd, (const struct sockaddr *)&to, sizeof to) == 0 || errno == EINPROGRESS);
}

static bool watch(struct load_connection *connection, int epoll, int operation, bool writing)
{
    struct epoll_event event = {
        .events = writing ? EPOLLIN | EPOLLOUT : EPOLLIN,
        .data.ptr = connection,
    };
    connection->is_watched_for_writing = writing;
    return epoll_ctl(epoll, operation, connection->fd, &event) == 0;
}

bool load_connection_open(struct load_connection *connection, int epoll, uint16_t port,
                          uint32_t index, void *owner)
{
    LC_ASSERT(!connection->is_open);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        return false;
    }
    *connection = (struct load_connection){.is_open = true, .fd = fd, .owner = owner};
    buffer_init(&connection->in, PENDING_MAX);
    buffer_init(&connection->out, PENDING_MAX);
    if (!connect_from(fd, port, index) || !watch(connection, epoll, EPOLL_CTL_ADD, true)) {
        int why = errno;
        load_connection_close(connection);
        errno = why;
        return false;
    }
    return true;
}

bool load_connection_stall(struct load_connection *connection, int epoll)
{
    const int least = 1;
    return setsockopt(connection->fd, SOL_SOCKET, SO_RCVBUF, &least, sizeof least) == 0 &&
           epoll_ctl(epoll, EPOLL_CTL_DEL, connection->fd, NULL) == 0;
}

void load_connection_close(struct load_connection *connection)
{
    if (connection->is_open) {
        close(connection->fd);
        buffer_release(&connection->in);
        buffer_release(&connection->out);
        connection->is_open = false;
    }
}

bool load_connection_send(struct load_connection *connection, int epoll, struct bytes data)
{
    ssize_t sent = 0;
    if (connection->out.size == 0) {
        sent = send(connection->fd, data.data, data.size, MSG_NOSIGNAL);
        if (sent < 0 && !would_block()) {
            return false;
        }
        sent = sent < 0 ? 0 : sent;
    }
    if ((size_t)sent < data.size) {
        buffer_append(&connection->out, bytes_from(data, (size_t)sent));
        if (!connection->is_watched_for_writing && !watch(connection, epoll, EPOLL_CTL_MOD, true)) {
            return false;
        }
    }
    return buffer_status(&connection->out) == LC_OK;
}

bool load_connection_flush(struct load_connection *connection, int epoll)
{
    if (connection->out.size > 0) {
        ssize_t sent =
            send(connection->fd, connection->out.data, connection->out.size, MSG_NOSIGNAL);
        if (sent < 0) {
            return would_block();
        }
        buffer_consume(&connection->out, (size_t)sent);
    }
    if (connection->out.size > 0 || !connection->is_watched_for_writing) {
        return true;
    }
    buffer_release(&connection->out);
    buffer_init(&connection->out, PENDING_MAX);
    return watch(connection, epoll, EPOLL_CTL_MOD, false);
}

bool load_connection_receive(struct load_connection *connection, struct bytes *out_data)
{
    ssize_t size = recv(connection->fd, read_area, sizeof read_area, 0);
    if (size < 0 && would_block()) {
        size = 0;
    } else if (size <= 0) {
        errno = size == 0 ? ECONNRESET : errno;
        return false;
    }
    *out_data = bytes_of(read_area, (size_t)size);
    if (connection->in.size > 0) {
        buffer_append(&connection->in, *out_data);
        *out_data = buffer_bytes(&connection->in);
    }
    return buffer_status(&connection->in) == LC_OK;
}

void load_connection_used(struct load_connection *connection, struct bytes data, size_t used)
{
    if (!connection->is_open) {
        return; // closed by what was read
    }
    if (connection->in.size > 0) {
        buffer_consume(&connection->in, used);
    } else if (used < data.size) {
        buffer_append(&connection->in, bytes_from(data, used));
        return;
    }
    if (connection->in.size == 0 && connection->in.capacity > 0) {
        buffer_release(&connection->in);
        buffer_init(&connection->in, PENDING_MAX);
    }
}
