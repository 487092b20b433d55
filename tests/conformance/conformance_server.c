// The application that protocol suites run against, in the profiles that they expect; `lab` adds
// events for our own tests. Without arguments it tells its options.
#include <ev.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

#include "bridge/io/static_files.h"
#include "tests/conformance/admin_desk.h"
#include "tests/conformance/suite.h"

enum { EXIT_USAGE = 2, EXIT_PORT = 3, STOP_GRACE_MS = 50, BODY_MAX = 1000000, HEADERS_MAX = 512 };

struct house {          // what only the program's own part needs
    struct suite suite; // first: callbacks bring it
    struct static_files *files;
    struct admin_desk *admin_desk; // NULL: none
};

void suite_random(void *context, uint8_t *data, size_t size)
{
    (void)context;
    if (getrandom(data, size, 0) != (ssize_t)size) {
        abort();
    }
}

// ---- later ----

struct later {
    ev_timer timer; // first: the watcher is the whole
    struct suite *suite;
    void (*then)(struct suite *suite, uint64_t first, uint64_t second);
    uint64_t first;
    uint64_t second;
    struct later *next;
};

static struct later *waiting; // what is not due yet, so that the end of the program loses none

static void on_later(struct ev_loop *loop, ev_timer *timer, int events)
{
    (void)loop, (void)events;
    struct later *later = (struct later *)timer;
    struct later **link = &waiting;
    while (*link != later) {
        link = &(*link)->next;
    }
    *link = later->next;
    later->then(later->suite, later->first, later->second);
    web_server_flush(later->suite->web);
    free(later);
}

void suite_later(struct suite *suite, int64_t after_ms,
                 void (*then)(struct suite *suite, uint64_t first, uint64_t second), uint64_t first,
                 uint64_t second)
{
    struct later *later = calloc(1, sizeof *later);
    if (later == NULL) {
        abort();
    }
    later->suite = suite;
    later->then = then;
    later->first = first;
    later->second = second;
    later->next = waiting;
    waiting = later;
    ev_now_update(suite->loop);
    ev_timer_init(&later->timer, on_later, (double)after_ms / 1000., 0.);
    ev_timer_start(suite->loop, &later->timer);
}

// ---- requests beside the protocol ----

// What came, in one line: "POST a=b text/plain body".
static void answer_echo(struct suite *suite, const struct web_request *request)
{
    struct buffer text;
    buffer_init(&text, 4 * TEXT_MAX);
    buffer_append(&text, request->method);
    buffer_append_byte(&text, ' ');
    buffer_append(&text, request->query);
    buffer_append_byte(&text, ' ');
    buffer_append(&text, request->content_type);
    buffer_append_byte(&text, ' ');
    buffer_append(&text, request->body);
    web_respond(suite->web, request->exchange,
                &(struct web_response){
                    .status = 200, .content_type = "text/plain", .body = buffer_bytes(&text)});
    buffer_release(&text);
}

static void answer_file(struct suite *suite, const struct web_request *request,
                        const struct static_file *file)
{
    struct buffer headers;
    bool is_known = static_file_is_known(file, request->if_none_match);
    buffer_init(&headers, HEADERS_MAX);
    static_file_append_headers(file, &headers);
    web_respond(suite->web, request->exchange,
                &(struct web_response){.status = is_known ? 304 : 200,
                                       .content_type = is_known ? NULL : file->content_type,
                                       .body = is_known ? bytes_of(NULL, 0) : file->body,
                                       .headers = buffer_text(&headers)});
    buffer_release(&headers);
}

static void on_request(void *owner, const struct web_request *request)
{
    struct house *house = owner;
    struct static_file file;
    bool is_lab = house->suite.options.profile == &PROFILE_LAB;
    if (is_lab && bytes_equal_text(request->path, "/echo")) {
        answer_echo(&house->suite, request);
    } else if (static_files_find(house->files, request->path, request->accept_encoding, &file) ==
               ERROR_NONE) {
        answer_file(&house->suite, request, &file);
    } else {
        web_respond(
            house->suite.web, request->exchange,
            &(struct web_response){.status = 404,
                                   .content_type = "application/json",
                                   .body = bytes_text("{\"error\":{\"code\":\"NOT_FOUND\"}}")});
    }
}

// ---- life ----

static void on_signal(struct ev_loop *loop, ev_signal *watcher, int events)
{
    (void)watcher, (void)events;
    ev_break(loop, EVBREAK_ALL);
}

static void on_grace_over(struct ev_loop *loop, ev_timer *watcher, int events)
{
    (void)watcher, (void)events;
    ev_break(loop, EVBREAK_ALL);
}

static enum lc_status open_web(struct house *house, char out_why[160])
{
    struct suite *suite = &house->suite;
    const char *paths[] = {suite->options.profile->path, NULL};
    struct web_server_config config = suite->options.web;
    config.address = "127.0.0.1";
    config.port = (int)suite->options.port;
    config.socketio_paths = paths;
    config.cors = &suite->options.cors;
    config.body_max = BODY_MAX;
    config.connections_max = 20000;
    struct web_server_ops ops = {
        .on_request = on_request,
        .on_engine_request = suite->options.has_hooks ? suite_on_engine_request : NULL,
    };
    return web_server_create_on_engine(&config, suite->loop, suite->engine, &ops, house,
                                       &suite->web, out_why);
}

// Says goodbye, and lets what was said go out.
static void close_house(struct house *house)
{
    ev_timer grace;
    engineio_shut_down(house->suite.engine);
    web_server_flush(house->suite.web);
    ev_timer_init(&grace, on_grace_over, STOP_GRACE_MS / 1000., 0.);
    ev_timer_start(house->suite.loop, &grace);
    ev_run(house->suite.loop, 0);
    if (house->admin_desk != NULL) {
        admin_desk_stop(house->admin_desk);
    }
    web_server_destroy(house->suite.web);
}

static int serve(struct house *house)
{
    struct suite *suite = &house->suite;
    ev_signal on_term;
    ev_signal on_int;
    char why[160] = "";
    ev_signal_init(&on_term, on_signal, SIGTERM);
    ev_signal_init(&on_int, on_signal, SIGINT);
    ev_signal_start(suite->loop, &on_term);
    ev_signal_start(suite->loop, &on_int);
    enum lc_status status = open_web(house, why);
    if (status != LC_OK) {
        fprintf(stderr, "conformance_server: %s\n", why);
        return status == LC_ERR_BUSY ? EXIT_PORT : EXIT_FAILURE;
    }
    if (house->admin_desk != NULL) {
        admin_desk_start(house->admin_desk, suite->loop, suite->web);
    }
    fprintf(stderr, "conformance_server: ready, listening on http://127.0.0.1:%d\n",
            web_server_port(suite->web));
    ev_run(suite->loop, 0);
    close_house(house);
    return EXIT_SUCCESS;
}

static enum lc_status open_house(struct house *house)
{
    struct suite *suite = &house->suite;
    enum lc_status status = static_files_create(NULL, suite->options.bundle_dir, &house->files);
    if (status == LC_OK) {
        status = suite->options.profile->create(suite);
    }
    if (status == LC_OK && suite->options.admin.user != NULL) {
        house->admin_desk = admin_desk_create(&suite->options.admin, suite->socketio);
        status = house->admin_desk == NULL ? LC_ERR_BAD_INPUT : LC_OK;
    }
    return status;
}

int main(int argc, char **argv)
{
    struct house house = {0};
    if (!suite_options_read(argc, argv, &house.suite.options)) {
        return EXIT_USAGE;
    }
    house.suite.loop = ev_default_loop(0);
    int code = open_house(&house) == LC_OK ? serve(&house) : EXIT_FAILURE;
    if (house.suite.socketio != NULL) {
        socketio_server_destroy(house.suite.socketio);
    } else {
        engineio_destroy(house.suite.engine);
    }
    admin_desk_destroy(house.admin_desk);
    static_files_destroy(house.files);
    ev_loop_destroy(house.suite.loop);
    return code;
}
