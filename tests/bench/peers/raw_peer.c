// The limit: what the kernel's calls cost when the protocol costs nothing. It knows the generator's
// WebSocket clients and nothing else, and reads no more of what they say than it must.
//
//   bench_raw each|together|lossy [PORT]    each: one send() for each event; together: one for a
//                                           command; lossy: as each, but not to everyone
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/base/buffer.h"

enum {
    DESCRIPTORS_MAX = 20000,
    TURN_EVENTS = 512,
    READ_SIZE = 65536,
    FRAMES_MAX = 1 << 20,
    BACKLOG = 4096,
    FINAL_TEXT = 0x81,
    CLIENT_HEAD = 6,      // of a frame up to 125 bytes: two bytes and the mask
    CLIENT_HEAD_LONG = 8, // up to 65535
};

static const char upgraded[] = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                               "Connection: Upgrade\r\n"
                               "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";
static const char opened[] = "0{\"sid\":\"aaaaaaaaaaaaaaaaaaaa\",\"upgrades\":[],"
                             "\"pingInterval\":25000,\"pingTimeout\":20000,\"maxPayload\":1000000}";
static const char joined[] = "40{\"sid\":\"aaaaaaaaaaaaaaaaaaab\"}";

struct raw {
    int epoll;
    int listener;
    bool together;
    bool lossy; // the bench must notice
    bool is_upgraded[DESCRIPTORS_MAX];
    int members[DESCRIPTORS_MAX];
    size_t members_count;
    struct buffer frames;
};

static volatile sig_atomic_t stopped;

static void on_signal(int number)
{
    (void)number;
    stopped = 1;
}

// A send that does not take all is the end: this peer measures calls, and queues nothing.
static void send_all(int fd, struct bytes data)
{
    ssize_t sent = send(fd, data.data, data.size, MSG_NOSIGNAL);
    if (sent >= 0 && (size_t)sent != data.size) {
        fputs("bench_raw: a client reads too slowly\n", stderr);
        exit(EXIT_FAILURE);
    }
}

static void put_frame(struct buffer *out, struct bytes head, struct bytes tail)
{
    size_t size = head.size + tail.size;
    buffer_append_byte(out, FINAL_TEXT);
    if (size < 126) {
        buffer_append_byte(out, (uint8_t)size);
    } else {
        buffer_append_byte(out, 126);
        buffer_append_byte(out, (uint8_t)(size >> 8));
        buffer_append_byte(out, (uint8_t)size);
    }
    buffer_append(out, head);
    buffer_append(out, tail);
}

static void send_to_members(const struct raw *raw, struct bytes frames)
{
    for (size_t i = raw->lossy ? 1 : 0; i < raw->members_count; i++) {
        send_all(raw->members[i], frames);
    }
}

// 42["broadcast","text","text",...]
static void broadcast(struct raw *raw, struct bytes texts)
{
    char event[1024];
    buffer_clear(&raw->frames);
    for (size_t from = 0; from + 2 < texts.size;) {
        size_t end = bytes_find(texts, '"', from + 1) + 1;
        int size = snprintf(event, sizeof event, "%.*s]", (int)(end - from),
                            (const char *)texts.data + from);
        put_frame(&raw->frames, bytes_text("42[\"news\","), bytes_of(event, (size_t)size));
        from = end + 1;
        if (!raw->together) {
            send_to_members(raw, buffer_bytes(&raw->frames));
            buffer_clear(&raw->frames);
        }
    }
    if (raw->together) {
        send_to_members(raw, buffer_bytes(&raw->frames));
    }
}

static void on_packet(struct raw *raw, int fd, struct bytes packet)
{
    size_t bracket = bytes_find(packet, '[', 0);
    size_t comma = bytes_find(packet, ',', bracket);
    struct bytes name = bytes_of(packet.data + bracket, comma - bracket);
    buffer_clear(&raw->frames);
    if (bytes_equal_text(packet, "40")) {
        put_frame(&raw->frames, bytes_text(joined), bytes_text(""));
    } else if (bytes_equal_text(packet, "421[\"subscribe\"]")) {
        raw->members[raw->members_count++] = fd;
        put_frame(&raw->frames, bytes_text("431[true]"), bytes_text(""));
    } else if (bytes_equal_text(name, "[\"echo\"")) {
        char head[32];
        int size = snprintf(head, sizeof head, "43%.*s[", (int)(bracket - 2),
                            (const char *)packet.data + 2);
        put_frame(&raw->frames, bytes_of(head, (size_t)size), bytes_from(packet, comma + 1));
    } else if (bytes_equal_text(name, "[\"broadcast\"")) {
        broadcast(raw, bytes_from(packet, comma + 1));
        return;
    }
    if (raw->frames.size > 0) {
        send_all(fd, buffer_bytes(&raw->frames));
    }
}

// All frames of one read; the generator's arrive whole, because each is sent by one call.
static void on_frames(struct raw *raw, int fd, uint8_t *data, size_t size)
{
    for (size_t at = 0; at + CLIENT_HEAD <= size;) {
        size_t payload = data[at + 1] & 0x7f;
        size_t head = payload == 126 ? CLIENT_HEAD_LONG : CLIENT_HEAD;
        if (payload == 126) {
            payload = (size_t)data[at + 2] << 8 | data[at + 3];
        }
        if (at + head + payload > size) {
            fputs("bench_raw: half a frame\n", stderr);
            exit(EXIT_FAILURE);
        }
        uint8_t *text = data + at + head;
        for (size_t i = 0; i < payload; i++) {
            text[i] ^= text[(ptrdiff_t)(i % 4) - 4];
        }
        on_packet(raw, fd, bytes_of(text, payload));
        at += head + payload;
    }
}

static void leave(struct raw *raw, int fd)
{
    for (size_t i = 0; i < raw->members_count; i++) {
        if (raw->members[i] == fd) {
            raw->members[i] = raw->members[--raw->members_count];
        }
    }
    close(fd);
}

static void on_readable(struct raw *raw, int fd)
{
    static uint8_t data[READ_SIZE];
    ssize_t size = recv(fd, data, sizeof data, 0);
    if (size <= 0) {
        leave(raw, fd);
    } else if (raw->is_upgraded[fd]) {
        on_frames(raw, fd, data, (size_t)size);
    } else {
        raw->is_upgraded[fd] = true;
        buffer_clear(&raw->frames);
        buffer_append_text(&raw->frames, upgraded);
        put_frame(&raw->frames, bytes_text(opened), bytes_text(""));
        send_all(fd, buffer_bytes(&raw->frames));
    }
}

static void accept_all(struct raw *raw)
{
    const int on = 1;
    for (;;) {
        int fd = accept4(raw->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0) {
            return;
        }
        LC_ASSERT(fd < DESCRIPTORS_MAX);
        raw->is_upgraded[fd] = false;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
        epoll_ctl(raw->epoll, EPOLL_CTL_ADD, fd, &event);
    }
}

static bool listen_on(struct raw *raw, uint16_t port)
{
    struct sockaddr_in at = {
        .sin_family = AF_INET,
        .sin_port = htons(port),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
    socklen_t size = sizeof at;
    struct rlimit limit = {DESCRIPTORS_MAX, DESCRIPTORS_MAX};
    (void)setrlimit(RLIMIT_NOFILE, &limit);
    raw->epoll = epoll_create1(EPOLL_CLOEXEC);
    raw->listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (bind(raw->listener, (const struct sockaddr *)&at, size) != 0 ||
        listen(raw->listener, BACKLOG) != 0 ||
        getsockname(raw->listener, (struct sockaddr *)&at, &size) != 0) {
        return false;
    }
    struct epoll_event event = {.events = EPOLLIN, .data.fd = raw->listener};
    epoll_ctl(raw->epoll, EPOLL_CTL_ADD, raw->listener, &event);
    printf("listening on %u\n", ntohs(at.sin_port));
    fflush(stdout);
    return true;
}

int main(int argc, char **argv)
{
    static struct raw raw;
    uint64_t port = 0;
    if (argc < 2 || (argc > 2 && !bytes_to_uint64(bytes_text(argv[2]), UINT16_MAX, &port))) {
        fputs("usage: bench_raw each|together|lossy [PORT]\n", stderr);
        return 2;
    }
    raw.together = strcmp(argv[1], "together") == 0;
    raw.lossy = strcmp(argv[1], "lossy") == 0;
    buffer_init(&raw.frames, FRAMES_MAX);
    if (!listen_on(&raw, (uint16_t)port)) {
        perror("bench_raw");
        return EXIT_FAILURE;
    }
    struct sigaction action = {.sa_handler = on_signal};
    sigaction(SIGTERM, &action, NULL);
    while (!stopped) {
        struct epoll_event events[TURN_EVENTS];
        int count = epoll_wait(raw.epoll, events, TURN_EVENTS, -1);
        for (int i = 0; i < count; i++) {
            if (events[i].data.fd == raw.listener) {
                accept_all(&raw);
            } else {
                on_readable(&raw, events[i].data.fd);
            }
        }
    }
    buffer_release(&raw.frames);
    return EXIT_SUCCESS;
}
