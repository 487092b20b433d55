// A Socket.IO server: what a client emits comes back. One thread, poll(), blocking writes:
// cc echo_server.c $(pkg-config --cflags --libs socketio) -o echo_server && ./echo_server 3000
#include <netinet/in.h>
#include <poll.h>
#include <socketio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

enum { CLIENTS_MAX = 100, DOOR = CLIENTS_MAX };
static struct pollfd fds[CLIENTS_MAX + 1]; // the last one listens
static struct endpoint_peer *peers[CLIENTS_MAX];
static struct socketio_server *server;

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}
static void fill_random(void *none, uint8_t *data, size_t size) { if (none != NULL || getrandom(data, size, 0) < 0) abort(); }
static bool send_all(void *shell, void *fd, struct bytes data) // takes all, by waiting
{
    for (ssize_t n = 1; n > 0 && data.size > 0; data = bytes_from(data, n > 0 ? (size_t)n : 0))
        n = send(((struct pollfd *)fd)->fd, data.data, data.size, MSG_NOSIGNAL);
    return shell == NULL;
}
static void end(void *shell, void *fd) { (void)shell, close(((struct pollfd *)fd)->fd), ((struct pollfd *)fd)->fd = -1; }
static void set_reading(void *shell, void *fd, bool reads) { (void)shell, ((struct pollfd *)fd)->events = reads ? POLLIN : 0; }

static void on_event(void *app, struct socketio_socket_id socket, const struct socketio_event *event)
{
    (void)app, socketio_emit_binary(server, socket, event->name, event->arguments, event->attachments, event->attachments_count);
    if (event->ack_id >= 0)
        socketio_ack_binary(server, socket, event->ack_id, event->arguments, event->attachments, event->attachments_count);
}

int main(int argc, char **argv)
{
    struct endpoint *endpoint;
    struct endpoint_config http = endpoint_config_default();
    struct socketio_config config = socketio_config_default();
    struct sockaddr_in place = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(argc > 1 ? argv[1] : "3000"))};
    if (socketio_server_create(&config, &(struct socketio_env){fill_random, NULL}, &(struct socketio_app_ops){.on_event = on_event}, NULL, &server) != LC_OK ||
        endpoint_create(&http, socketio_server_engine(server), &(struct endpoint_shell_ops){.send = send_all, .close = end, .set_reading = set_reading}, NULL, NULL, NULL, &endpoint) != LC_OK)
        return 1;
    for (int i = 0; i < CLIENTS_MAX; i++) fds[i].fd = -1;
    fds[DOOR] = (struct pollfd){socket(AF_INET, SOCK_STREAM, 0), POLLIN, 0};
    if (bind(fds[DOOR].fd, (struct sockaddr *)&place, sizeof place) != 0 || listen(fds[DOOR].fd, 100) != 0) return 2;
    for (;; endpoint_flush(endpoint, now_ms())) { // sends, and does what is due
        int64_t wait_ms = endpoint_next_deadline(endpoint) - now_ms();
        poll(fds, CLIENTS_MAX + 1, wait_ms < 0 ? 0 : wait_ms > 1000 ? 1000 : (int)wait_ms);
        for (int i = 0; i < CLIENTS_MAX; i++) {
            uint8_t data[4096];
            ssize_t size;
            if (fds[i].fd >= 0 && fds[i].revents != 0) {
                if ((size = recv(fds[i].fd, data, sizeof data, 0)) > 0) endpoint_feed(peers[i], now_ms(), bytes_of(data, (size_t)size));
                else endpoint_gone(peers[i], now_ms(), size < 0), end(NULL, &fds[i]);
            } else if (fds[i].fd < 0 && fds[DOOR].revents != 0) { // a free place for who waits at the door
                fds[i] = (struct pollfd){accept(fds[DOOR].fd, NULL, NULL), POLLIN, fds[DOOR].revents = 0};
                if (fds[i].fd >= 0 && (peers[i] = endpoint_open(endpoint, now_ms(), &fds[i], bytes_text("peer"), false)) == NULL) end(NULL, &fds[i]);
            }
        }
    }
}
