// The application that protocol suites run against, in the profiles that they expect; `lab` adds
// events for our own tests.
//
//   conformance_server --profile engineio|socketio|lab [--port 3000] [--ping-interval-ms N]
//   [--ping-timeout-ms N]
//                      [--upgrade-timeout-ms N] [--connect-timeout-ms N] [--pending-bytes N]
//                      [--ring-events N] [--request-timeout-ms N] [--unfinished-bytes N]
//                      [--no-websocket] [--no-polling] [--msgpack] [--cors-origin ORIGIN]
//                      [--cors-credentials] [--admin-user NAME --admin-hash BCRYPT]
//                      [--admin-mode development|production] [--admin-readonly]
//                      [--permessage-deflate] [--http-compression]
//                      [--certificate-file F --key-file F]
#include <ev.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

#include "bridge/engineio/engine.h"
#include "bridge/io/web_server.h"
#include "bridge/socketio/server.h"
#include "lib/base/buffer.h"
#include "tests/conformance/admin_desk.h"

enum { EXIT_USAGE = 2, EXIT_PORT = 3, TEXT_MAX = 1 << 20, STOP_GRACE_MS = 50 };

struct options {
    const char *profile;
    int port;
    struct socketio_config socketio;
    int64_t request_timeout_ms;
    size_t unfinished_max;
    const char *cors_origin;
    bool cors_credentials;
    struct admin_host_config admin; // no user: no such namespace
    bool deflates;
    bool compresses_polls;
    const char *certificate_file;
    const char *key_file;
};

struct lab {
    bool on;
    struct socketio_server *socketio;
    struct engineio_server *engine;
    struct web_server *web;
    struct admin_desk *admin_desk; // NULL: none
};

static void fill_random(void *context, uint8_t *data, size_t size)
{
    (void)context;
    if (getrandom(data, size, 0) != (ssize_t)size) {
        abort();
    }
}

// ---- profile engineio: every message comes back ----

struct echo {
    struct engineio_session_id session;
    struct frame *first;
    struct frame **last;
};

static void *echo_open(void *app, struct engineio_session_id session)
{
    (void)app;
    struct echo *echo = calloc(1, sizeof *echo);
    if (echo != NULL) {
        echo->session = session;
        echo->last = &echo->first;
    }
    return echo;
}

static void echo_message(void *app, void *connection, bool binary, struct bytes data)
{
    struct lab *lab = app;
    struct echo *echo = connection;
    struct bytes parts[] = {bytes_text(binary ? "" : "4"), data};
    struct frame *frame;
    if (frame_create(binary, parts, 2, &frame) == LC_OK) {
        *echo->last = frame;
        echo->last = &frame->next;
        engineio_touch(lab->engine, echo->session);
    }
}

static const struct frame *echo_peek(void *app, void *connection, uint64_t fresh_from)
{
    (void)app;
    (void)fresh_from;
    return ((struct echo *)connection)->first;
}

static void echo_pop(void *app, void *connection)
{
    (void)app;
    struct echo *echo = connection;
    struct frame *frame = echo->first;
    echo->first = frame->next;
    echo->last = echo->first == NULL ? &echo->first : echo->last;
    frame_destroy(frame);
}

static void echo_close(void *app, void *connection, enum engineio_reason reason)
{
    (void)reason;
    struct echo *echo = connection;
    while (echo->first != NULL) {
        echo_pop(app, echo);
    }
    free(echo);
}

static void echo_nothing(void *app, void *connection)
{
    (void)app;
    (void)connection;
}

static enum lc_status create_echo(struct lab *lab, const struct options *options)
{
    const struct socketio_config *from = &options->socketio;
    struct engineio_config config = {
        .ping_interval_ms = from->ping_interval_ms,
        .ping_timeout_ms = from->ping_timeout_ms,
        .upgrade_timeout_ms = from->upgrade_timeout_ms,
        .max_payload = from->max_payload,
        .sessions_max = from->sessions_max,
        .allow_upgrades = from->allow_upgrades,
        .allow_polling = from->allow_polling,
        .allow_websocket = from->allow_websocket,
        .random = fill_random,
    };
    struct engineio_app_ops ops = {
        .on_open = echo_open,
        .on_message = echo_message,
        .on_close = echo_close,
        .on_deadline = echo_nothing,
        .before_send = echo_nothing,
        .peek = echo_peek,
        .pop = echo_pop,
    };
    return engineio_create(&config, &ops, lab, &lab->engine);
}

// ---- profiles socketio and lab ----

static void on_connect(void *app, struct socketio_socket_id socket, struct bytes name,
                       struct bytes auth, const struct socketio_handshake *handshake)
{
    (void)handshake;
    struct lab *lab = app;
    if (!bytes_equal_text(name, "/") && !bytes_equal_text(name, "/custom") &&
        !(lab->on && bytes_starts_with(name, bytes_text("/lab")))) {
        socketio_refuse(lab->socketio, socket, bytes_text("{\"message\":\"Invalid namespace\"}"));
        return;
    }
    if (lab->on && bytes_equal_text(name, "/lab-pending")) {
        return; // never answered
    }
    socketio_accept(lab->socketio, socket);
    socketio_emit(lab->socketio, socket, bytes_text("auth"),
                  auth.size > 0 ? auth : bytes_text("{}"));
}

static bool is_event(const struct socketio_event *event, const char *name)
{
    return bytes_equal_text(event->name, name);
}

// A quoted string without escapes as the first argument: its content.
static struct bytes first_text(const struct socketio_event *event)
{
    struct bytes text = bytes_from(event->arguments, 1);
    size_t end = bytes_find(text, '"', 0);
    return bytes_of(text.data, end);
}

// What follows the first argument and its comma.
static struct bytes after_first(const struct socketio_event *event)
{
    return bytes_from(event->arguments, first_text(event).size + 3);
}

static void answer_counts(struct lab *lab, struct socketio_socket_id socket, int64_t ack_id)
{
    struct socketio_counts counts;
    socketio_server_counts(lab->socketio, &counts);
    char text[512];
    int size = snprintf(
        text, sizeof text,
        "{\"sessions\":%llu,\"websocket\":%llu,\"sockets\":%llu,\"upgrades\":%llu,"
        "\"upgradesFailed\":%llu,\"dropped\":%llu,\"lagged\":%llu,\"handshakes\":%llu}",
        (unsigned long long)counts.sessions_open, (unsigned long long)counts.sessions_websocket,
        (unsigned long long)counts.sockets_open, (unsigned long long)counts.upgrades_total,
        (unsigned long long)counts.upgrades_failed_total,
        (unsigned long long)counts.volatile_dropped_total, (unsigned long long)counts.lagged_total,
        (unsigned long long)counts.handshakes_total);
    socketio_ack(lab->socketio, socket, ack_id, bytes_of(text, (size_t)size));
}

static void on_lab_event(struct lab *lab, struct socketio_socket_id socket,
                         const struct socketio_event *event)
{
    struct socketio_server *server = lab->socketio;
    struct bytes name = socketio_socket_namespace(server, socket);
    struct bytes room = first_text(event);
    if (is_event(event, "join")) {
        bool joined = socketio_room_join(server, socket, room) == LC_OK;
        socketio_ack(server, socket, event->ack_id, bytes_text(joined ? "true" : "false"));
    } else if (is_event(event, "leave")) {
        socketio_room_leave(server, socket, room);
        socketio_ack(server, socket, event->ack_id, bytes_text("true"));
    } else if (is_event(event, "size")) {
        char text[24];
        int size = snprintf(text, sizeof text, "%zu", socketio_room_size(server, name, room));
        socketio_ack(server, socket, event->ack_id, bytes_of(text, (size_t)size));
    } else if (is_event(event, "to")) {
        socketio_room_emit(server, name, room, bytes_text("news"), after_first(event), false);
    } else if (is_event(event, "tick")) {
        socketio_room_emit(server, name, room, bytes_text("tick"), after_first(event), true);
    } else if (is_event(event, "kick")) {
        socketio_room_emit(server, name, room, bytes_text("last"), bytes_text("1"), false);
        socketio_disconnect(server, socket, false);
    } else if (is_event(event, "close")) {
        socketio_emit(server, socket, bytes_text("last"), bytes_text("1"));
        socketio_disconnect(server, socket, true);
    } else if (is_event(event, "flood")) { // more than the queue may hold
        static char big[60000];
        memset(big, '1', sizeof big);
        for (int i = 0; i < 100; i++) {
            socketio_emit(server, socket, bytes_text("big"), bytes_of(big, sizeof big));
        }
    } else if (is_event(event, "counts")) {
        answer_counts(lab, socket, event->ack_id);
    }
}

static void on_event(void *app, struct socketio_socket_id socket,
                     const struct socketio_event *event)
{
    struct lab *lab = app;
    struct socketio_server *server = lab->socketio;
    if (is_event(event, "message")) {
        socketio_emit_binary(server, socket, bytes_text("message-back"), event->arguments,
                             event->attachments, event->attachments_count);
    } else if (is_event(event, "message-with-ack")) {
        socketio_ack_binary(server, socket, event->ack_id, event->arguments, event->attachments,
                            event->attachments_count);
    } else if (is_event(event, "emit-with-ack")) {
        (void)socketio_emit_with_ack(server, socket, event->name, event->arguments,
                                     event->attachments, event->attachments_count);
    } else if (lab->on) {
        on_lab_event(lab, socket, event);
    }
}

static void on_ack(void *app, struct socketio_socket_id socket, int64_t ack_id,
                   const struct socketio_event *answer)
{
    (void)ack_id;
    struct lab *lab = app;
    socketio_emit_binary(lab->socketio, socket, bytes_text("emit-with-ack"), answer->arguments,
                         answer->attachments, answer->attachments_count);
}

static void on_lagged(void *app, struct socketio_socket_id socket)
{
    struct lab *lab = app;
    socketio_emit(lab->socketio, socket, bytes_text("lagged"), bytes_text(""));
}

static void on_transport(void *app, struct socketio_socket_id socket, struct bytes sid,
                         const char *what, const char *reason)
{
    (void)app;
    (void)socket;
    fprintf(stderr, "%.*s %s: %s\n", (int)(sid.size < 6 ? sid.size : 6), (const char *)sid.data,
            what, reason);
}

static enum lc_status create_socketio(struct lab *lab, const struct options *options)
{
    struct socketio_env env = {fill_random, NULL};
    struct socketio_app_ops ops = {
        .on_connect = on_connect,
        .on_event = on_event,
        .on_ack = on_ack,
        .on_lagged = on_lagged,
        .on_transport = lab->on ? on_transport : NULL,
    };
    enum lc_status status =
        socketio_server_create(&options->socketio, &env, &ops, lab, &lab->socketio);
    if (status == LC_OK) {
        lab->engine = socketio_server_engine(lab->socketio);
    }
    return status;
}

// ---- the program ----

static void on_request(void *owner, const struct web_request *request)
{
    struct lab *lab = owner;
    struct web_response response = {.status = 404,
                                    .content_type = "application/json",
                                    .body = bytes_text("{\"error\":{\"code\":\"NOT_FOUND\"}}")};
    struct buffer text;
    buffer_init(&text, TEXT_MAX);
    if (lab->on && bytes_equal_text(request->path, "/echo")) {
        buffer_append(&text, request->method);
        buffer_append_byte(&text, ' ');
        buffer_append(&text, request->query);
        buffer_append_byte(&text, ' ');
        buffer_append(&text, request->content_type);
        buffer_append_byte(&text, ' ');
        buffer_append(&text, request->body);
        response = (struct web_response){
            .status = 200, .content_type = "text/plain", .body = buffer_bytes(&text)};
    }
    web_respond(lab->web, request->exchange, &response);
    buffer_release(&text);
}

static void on_signal(struct ev_loop *loop, ev_signal *watcher, int events)
{
    (void)watcher;
    (void)events;
    ev_break(loop, EVBREAK_ALL);
}

static void on_grace_over(struct ev_loop *loop, ev_timer *watcher, int events)
{
    (void)watcher;
    (void)events;
    ev_break(loop, EVBREAK_ALL);
}

static bool read_number(const char *text, uint64_t max, uint64_t *out)
{
    return bytes_to_uint64(bytes_text(text), max, out);
}

static bool read_admin_option(int option, const char *text, struct options *options)
{
    if (option == 'k') {
        options->socketio.allow_msgpack = true;
    } else if (option == 'o') {
        options->cors_origin = text;
    } else if (option == 'C') {
        options->cors_credentials = true;
    } else if (option == 'a') {
        options->admin.user = text;
    } else if (option == 'h') {
        options->admin.hash = text;
    } else if (option == 'm') {
        options->admin.is_production = strcmp(text, "production") == 0;
    } else if (option == 'R') {
        options->admin.is_readonly = true;
    } else {
        return false;
    }
    return true;
}

static bool read_options(int argc, char **argv, struct options *options)
{
    static const struct option known[] = {
        {"profile", required_argument, NULL, 'p'},
        {"port", required_argument, NULL, 'P'},
        {"ping-interval-ms", required_argument, NULL, 'i'},
        {"ping-timeout-ms", required_argument, NULL, 't'},
        {"upgrade-timeout-ms", required_argument, NULL, 'u'},
        {"connect-timeout-ms", required_argument, NULL, 'c'},
        {"pending-bytes", required_argument, NULL, 'b'},
        {"ring-events", required_argument, NULL, 'r'},
        {"request-timeout-ms", required_argument, NULL, 'q'},
        {"unfinished-bytes", required_argument, NULL, 'U'},
        {"no-websocket", no_argument, NULL, 'w'},
        {"no-polling", no_argument, NULL, 'l'},
        {"msgpack", no_argument, NULL, 'k'},
        {"cors-origin", required_argument, NULL, 'o'},
        {"cors-credentials", no_argument, NULL, 'C'},
        {"admin-user", required_argument, NULL, 'a'},
        {"admin-hash", required_argument, NULL, 'h'},
        {"admin-mode", required_argument, NULL, 'm'},
        {"admin-readonly", no_argument, NULL, 'R'},
        {"permessage-deflate", no_argument, NULL, 'd'},
        {"http-compression", no_argument, NULL, 'z'},
        {"certificate-file", required_argument, NULL, 'S'},
        {"key-file", required_argument, NULL, 'K'},
        {NULL, 0, NULL, 0},
    };
    int option;
    while ((option = getopt_long(argc, argv, "", known, NULL)) != -1) {
        uint64_t number = 0;
        if (option == 'p') {
            options->profile = optarg;
        } else if (option == 'w') {
            options->socketio.allow_websocket = false;
        } else if (option == 'l') {
            options->socketio.allow_polling = false;
        } else if (option == 'd') {
            options->deflates = true;
        } else if (option == 'z') {
            options->compresses_polls = true;
        } else if (option == 'S') {
            options->certificate_file = optarg;
        } else if (option == 'K') {
            options->key_file = optarg;
        } else if (read_admin_option(option, optarg, options)) {
            continue;
        } else if (option == '?' || !read_number(optarg, 1000000000, &number)) {
            return false;
        } else if (option == 'P') {
            options->port = (int)number;
        } else if (option == 'i') {
            options->socketio.ping_interval_ms = (int64_t)number;
        } else if (option == 't') {
            options->socketio.ping_timeout_ms = (int64_t)number;
        } else if (option == 'u') {
            options->socketio.upgrade_timeout_ms = (int64_t)number;
        } else if (option == 'c') {
            options->socketio.connect_timeout_ms = (int64_t)number;
        } else if (option == 'b') {
            options->socketio.pending_bytes_max = number;
        } else if (option == 'r') {
            options->socketio.room_ring_events = number;
        } else if (option == 'q') {
            options->request_timeout_ms = (int64_t)number;
        } else if (option == 'U') {
            options->unfinished_max = number;
        }
    }
    const char *profile = options->profile;
    return optind == argc && (strcmp(profile, "engineio") == 0 ||
                              strcmp(profile, "socketio") == 0 || strcmp(profile, "lab") == 0);
}

static int serve(struct lab *lab, const struct options *options)
{
    struct ev_loop *loop = ev_default_loop(0);
    ev_signal on_term;
    ev_signal on_int;
    ev_signal_init(&on_term, on_signal, SIGTERM);
    ev_signal_init(&on_int, on_signal, SIGINT);
    ev_signal_start(loop, &on_term);
    ev_signal_start(loop, &on_int);
    const char *paths[] = {lab->socketio == NULL ? "/engine.io/" : "/socket.io/", NULL};
    struct web_server_config config = {
        .address = "127.0.0.1",
        .port = options->port,
        .socketio_paths = paths,
        .cors_origin = options->cors_origin,
        .cors_credentials = options->cors_credentials,
        .body_max = 1000000,
        .connections_max = 10000,
        .request_timeout_ms = options->request_timeout_ms,
        .unfinished_max = options->unfinished_max,
        .compresses_polls = options->compresses_polls,
        .deflate = {.is_on = options->deflates},
        .certificate_file = options->certificate_file,
        .key_file = options->key_file,
    };
    struct web_server_ops ops = {.on_request = on_request};
    char why[160];
    enum lc_status status =
        web_server_create_on_engine(&config, loop, lab->engine, &ops, lab, &lab->web, why);
    if (status != LC_OK) {
        fprintf(stderr, "conformance_server: %s\n", why);
        return status == LC_ERR_BUSY ? EXIT_PORT : EXIT_FAILURE;
    }
    if (lab->admin_desk != NULL) {
        admin_desk_start(lab->admin_desk, loop, lab->web);
    }
    fprintf(stderr, "conformance_server: ready, listening on http://127.0.0.1:%d\n",
            web_server_port(lab->web));
    ev_run(loop, 0);
    engineio_shut_down(lab->engine);
    web_server_flush(lab->web);
    ev_timer grace;
    ev_timer_init(&grace, on_grace_over, STOP_GRACE_MS / 1000., 0.);
    ev_timer_start(loop, &grace);
    ev_run(loop, 0); // what was said to the clients goes out
    if (lab->admin_desk != NULL) {
        admin_desk_stop(lab->admin_desk);
    }
    web_server_destroy(lab->web);
    ev_loop_destroy(loop);
    return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
    struct options options = {.profile = "",
                              .port = 3000,
                              .cors_origin = "*",
                              .socketio = socketio_config_default(),
                              .request_timeout_ms = 20000};
    options.socketio.ping_interval_ms = 300;
    options.socketio.ping_timeout_ms = 200;
    options.socketio.connect_timeout_ms = 1000;
    if (!read_options(argc, argv, &options)) {
        fprintf(stderr, "usage: conformance_server --profile engineio|socketio|lab [--port N]\n");
        return EXIT_USAGE;
    }
    struct lab lab = {.on = strcmp(options.profile, "lab") == 0};
    bool echo = strcmp(options.profile, "engineio") == 0;
    enum lc_status status = echo ? create_echo(&lab, &options) : create_socketio(&lab, &options);
    if (status == LC_OK && options.admin.user != NULL) {
        lab.admin_desk = admin_desk_create(&options.admin, lab.socketio);
        status = lab.admin_desk == NULL ? LC_ERR_BAD_INPUT : LC_OK;
    }
    int code = status == LC_OK ? serve(&lab, &options) : EXIT_FAILURE;
    if (lab.socketio != NULL) {
        socketio_server_destroy(lab.socketio);
    } else {
        engineio_destroy(lab.engine);
    }
    admin_desk_destroy(lab.admin_desk);
    return code;
}
