// The bench's application on our Socket.IO server: `subscribe` joins the room, `broadcast` emits
// each of its texts to it, `echo` answers. One line on stdout when it listens.
//
//   bench_lotcast [PORT [PING_INTERVAL_MS]]
//
// GET /counts tells what became of slow readers.
#include <ev.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

#include "bridge/io/web_server.h"
#include "bridge/socketio/server.h"

enum { CONNECTIONS_MAX = 16000, REQUEST_TIMEOUT_MS = 20000 };

struct peer {
    struct socketio_server *socketio;
    struct web_server *web;
};

static void fill_random(void *context, uint8_t *data, size_t size)
{
    (void)context;
    if (getrandom(data, size, 0) != (ssize_t)size) {
        abort();
    }
}

static void on_connect(void *app, struct socketio_socket_id socket, struct bytes name,
                       struct bytes auth, const struct socketio_handshake *handshake)
{
    (void)name;
    (void)auth;
    (void)handshake;
    struct peer *peer = app;
    socketio_accept(peer->socketio, socket);
}

// The texts have no quotes and no escapes in them.
static void broadcast(struct peer *peer, struct bytes texts)
{
    for (size_t from = 0; from < texts.size;) {
        size_t end = bytes_find(texts, '"', from + 1) + 1;
        socketio_room_emit(peer->socketio, bytes_text("/"), bytes_text("bench"), bytes_text("news"),
                           bytes_of(texts.data + from, end - from), false);
        from = end + 1;
    }
}

static void on_event(void *app, struct socketio_socket_id socket,
                     const struct socketio_event *event)
{
    struct peer *peer = app;
    if (bytes_equal_text(event->name, "echo")) {
        socketio_ack(peer->socketio, socket, event->ack_id, event->arguments);
    } else if (bytes_equal_text(event->name, "subscribe")) {
        bool joined = socketio_room_join(peer->socketio, socket, bytes_text("bench")) == LC_OK;
        socketio_ack(peer->socketio, socket, event->ack_id, bytes_text(joined ? "true" : "false"));
    } else if (bytes_equal_text(event->name, "broadcast")) {
        broadcast(peer, event->arguments);
    }
}

static void on_request(void *owner, const struct web_request *request)
{
    struct peer *peer = owner;
    struct socketio_counts counts;
    struct web_server_counts web;
    char text[256];
    socketio_server_counts(peer->socketio, &counts);
    web_server_read_counts(peer->web, &web);
    int size = snprintf(text, sizeof text,
                        "{\"sessions\":%" PRIu64 ",\"lagged\":%" PRIu64 ",\"blocked\":%" PRIu64
                        ",\"blocked_bytes\":%" PRIu64 ",\"slow_closed\":%" PRIu64 "}",
                        counts.sessions_open, counts.lagged_total, web.blocked, web.blocked_bytes,
                        web.slow_closed_total);
    const struct web_response response = {
        .status = 200, .content_type = "application/json", .body = bytes_of(text, (size_t)size)};
    web_respond(peer->web, request->exchange, &response);
}

static void on_signal(struct ev_loop *loop, ev_signal *watcher, int events)
{
    (void)watcher;
    (void)events;
    ev_break(loop, EVBREAK_ALL);
}

static int serve(struct peer *peer, int port)
{
    static const char *const paths[] = {"/socket.io/", NULL};
    struct ev_loop *loop = ev_default_loop(0);
    ev_signal on_term;
    ev_signal_init(&on_term, on_signal, SIGTERM);
    ev_signal_start(loop, &on_term);
    const struct web_server_config config = {
        .address = "127.0.0.1",
        .port = port,
        .socketio_paths = paths,
        .cors_origin = "*",
        .body_max = 1000000,
        .connections_max = CONNECTIONS_MAX,
        .request_timeout_ms = REQUEST_TIMEOUT_MS,
    };
    const struct web_server_ops ops = {.on_request = on_request};
    char why[160] = "";
    if (web_server_create(&config, loop, peer->socketio, &ops, peer, &peer->web, why) != LC_OK) {
        fprintf(stderr, "bench_lotcast: %s\n", why);
        return EXIT_FAILURE;
    }
    printf("listening on %d\n", web_server_port(peer->web));
    fflush(stdout);
    ev_run(loop, 0);
    web_server_destroy(peer->web);
    ev_loop_destroy(loop);
    return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
    uint64_t port = 0;
    struct socketio_config config = socketio_config_default();
    uint64_t ping_interval_ms = (uint64_t)config.ping_interval_ms;
    if ((argc > 1 && !bytes_to_uint64(bytes_text(argv[1]), UINT16_MAX, &port)) ||
        (argc > 2 && !bytes_to_uint64(bytes_text(argv[2]), INT32_MAX, &ping_interval_ms))) {
        fputs("usage: bench_lotcast [PORT [PING_INTERVAL_MS]]\n", stderr);
        return 2;
    }
    config.ping_interval_ms = (int64_t)ping_interval_ms;
    struct peer peer = {.socketio = NULL};
    const struct socketio_env env = {fill_random, NULL};
    const struct socketio_app_ops ops = {.on_connect = on_connect, .on_event = on_event};
    if (socketio_server_create(&config, &env, &ops, &peer, &peer.socketio) != LC_OK) {
        return EXIT_FAILURE;
    }
    int code = serve(&peer, (int)port);
    socketio_server_destroy(peer.socketio);
    return code;
}
