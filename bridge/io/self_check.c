#include "bridge/io/self_check.h"

#include <errno.h>
#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/os/os_clock.h"

enum { CHECK_MS = 1500, ANSWER_SIZE_MAX = 4096 };

enum check_state { CHECK_IDLE, CHECK_SENDING, CHECK_READING, CHECK_LEAVING };

struct self_check {
    char address[64];
    char port[8];
    bool over_websocket;
    self_check_done *done;
    void *owner;
    enum check_state state;
    int fd;
    int64_t deadline_ms;
    char request[512];
    size_t request_size;
    size_t request_sent;
    char answer[ANSWER_SIZE_MAX + 1];
    size_t answer_size;
    bool has_told;
};

enum lc_status self_check_create(const char *address, int port, bool over_websocket,
                                 self_check_done *done, void *owner, struct self_check **out_check)
{
    struct self_check *check = calloc(1, sizeof *check);
    if (check == NULL) {
        return LC_ERR_NO_MEMORY;
    }
    const char *reachable = strcmp(address, "0.0.0.0") == 0 ? "127.0.0.1"
                            : strcmp(address, "::") == 0    ? "::1"
                                                            : address;
    snprintf(check->address, sizeof check->address, "%s", reachable);
    snprintf(check->port, sizeof check->port, "%d", port);
    check->over_websocket = over_websocket;
    check->done = done;
    check->owner = owner;
    check->fd = -1;
    *out_check = check;
    return LC_OK;
}

static void close_connection(struct self_check *check)
{
    if (check->fd >= 0) {
        close(check->fd);
    }
    check->fd = -1;
    check->state = CHECK_IDLE;
}

void self_check_destroy(struct self_check *check)
{
    if (check != NULL) {
        close_connection(check);
        free(check);
    }
}

static void tell(struct self_check *check, bool is_good, const char *sid)
{
    if (!check->has_told) {
        check->has_told = true;
        check->done(check->owner, is_good, sid);
    }
}

static void fail(struct self_check *check)
{
    close_connection(check);
    tell(check, false, "");
}

static void write_handshake(struct self_check *check)
{
    static const char upgrade[] = "Connection: Upgrade\r\nUpgrade: websocket\r\n"
                                  "Sec-WebSocket-Version: 13\r\n"
                                  "Sec-WebSocket-Key: bG90Y2FzdCBzZWxmIGNoaw==\r\n";
    int size = snprintf(check->request, sizeof check->request,
                        "GET /socket.io/?EIO=4&transport=%s HTTP/1.1\r\nHost: %s:%s\r\n%s\r\n",
                        check->over_websocket ? "websocket" : "polling", check->address,
                        check->port, check->over_websocket ? upgrade : "");
    check->request_size = (size_t)size;
    check->request_sent = 0;
}

void self_check_begin(struct self_check *check)
{
    struct addrinfo hints = {.ai_family = AF_UNSPEC,
                             .ai_socktype = SOCK_STREAM,
                             .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV};
    struct addrinfo *found = NULL;
    close_connection(check);
    check->has_told = false;
    check->answer_size = 0;
    check->state = CHECK_SENDING;
    check->deadline_ms = os_clock_boot_ms() + CHECK_MS;
    write_handshake(check);
    if (getaddrinfo(check->address, check->port, &hints, &found) != 0) {
        check->deadline_ms = 0; // told as failed by the next process call
        return;
    }
    check->fd = socket(found->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (check->fd < 0 ||
        (connect(check->fd, found->ai_addr, found->ai_addrlen) != 0 && errno != EINPROGRESS)) {
        check->deadline_ms = 0;
    }
    freeaddrinfo(found);
}

int self_check_fd(void *owner)
{
    const struct self_check *check = owner;
    return check->fd;
}

bool self_check_wants_write(void *owner)
{
    const struct self_check *check = owner;
    return check->fd >= 0 && check->request_sent < check->request_size;
}

int64_t self_check_deadline_ms(void *owner)
{
    const struct self_check *check = owner;
    return check->state == CHECK_IDLE ? INT64_MAX : check->deadline_ms;
}

static void send_request(struct self_check *check)
{
    ssize_t sent = send(check->fd, check->request + check->request_sent,
                        check->request_size - check->request_sent, MSG_NOSIGNAL);
    if (sent > 0) {
        check->request_sent += (size_t)sent;
    } else if (sent < 0 && errno != EAGAIN && errno != EINTR && errno != ENOTCONN) {
        fail(check);
        return;
    }
    if (check->request_sent == check->request_size && check->state == CHECK_SENDING) {
        check->state = CHECK_READING;
    }
}

// The session shall not stay until its ping times out: it is closed as a client closes it.
static void leave(struct self_check *check, const char *sid, size_t sid_size)
{
    int size = snprintf(check->request, sizeof check->request,
                        "POST /socket.io/?EIO=4&transport=polling&sid=%.*s HTTP/1.1\r\n"
                        "Host: %s:%s\r\nContent-Type: text/plain;charset=UTF-8\r\n"
                        "Content-Length: 1\r\nConnection: close\r\n\r\n1",
                        (int)sid_size, sid, check->address, check->port);
    check->request_size = (size_t)size;
    check->request_sent = 0;
    check->answer_size = 0;
    check->state = CHECK_LEAVING;
    send_request(check);
}

static void judge(struct self_check *check)
{
    static const char start[] = "0{\"sid\":\"";
    check->answer[check->answer_size] = 0;
    if (check->over_websocket) {
        if (check->answer_size >= 12) {
            bool is_good = memcmp(check->answer, "HTTP/1.1 101", 12) == 0;
            close_connection(check);
            tell(check, is_good, "");
        }
        return;
    }
    char *body = strstr(check->answer, "\r\n\r\n");
    if (body == NULL || strlen(body + 4) < sizeof start + 24) {
        return; // more to come
    }
    const char *sid = body + 4 + sizeof start - 1;
    const char *sid_end = strchr(sid, '"');
    if (memcmp(check->answer, "HTTP/1.1 200", 12) != 0 ||
        memcmp(body + 4, start, sizeof start - 1) != 0 || sid_end == NULL || sid_end - sid > 64) {
        fail(check);
        return;
    }
    char copy[65];
    snprintf(copy, sizeof copy, "%.*s", (int)(sid_end - sid), sid);
    tell(check, true, copy);
    leave(check, copy, strlen(copy));
}

static void read_answer(struct self_check *check)
{
    ssize_t size = recv(check->fd, check->answer + check->answer_size,
                        ANSWER_SIZE_MAX - check->answer_size, 0);
    if (size < 0 && (errno == EAGAIN || errno == EINTR)) {
        return;
    }
    if (size <= 0 || check->state == CHECK_LEAVING) {
        if (check->state == CHECK_LEAVING) {
            close_connection(check); // answered or not: nothing more is wanted
        } else {
            fail(check);
        }
        return;
    }
    check->answer_size += (size_t)size;
    judge(check);
    if (check->state == CHECK_READING && check->answer_size == ANSWER_SIZE_MAX) {
        fail(check);
    }
}

void self_check_process(void *owner, bool readable, bool writable)
{
    struct self_check *check = owner;
    if (check->state == CHECK_IDLE) {
        return;
    }
    if (os_clock_boot_ms() >= check->deadline_ms) {
        fail(check);
        return;
    }
    if (writable && self_check_wants_write(check)) {
        send_request(check);
    }
    if (readable && check->fd >= 0) {
        read_answer(check);
    }
}
