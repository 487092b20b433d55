#include <inttypes.h>
#include <signal.h>

#include "bridge/app/auction_app.h"
#include "bridge/io/admin_host.h"
#include "bridge/io/bus.h"
#include "bridge/io/check_log.h"
#include "bridge/io/digest.h"
#include "bridge/io/loop.h"
#include "bridge/io/readiness.h"
#include "bridge/io/self_check.h"
#include "bridge/io/static_files.h"
#include "bridge/io/token.h"
#include "bridge/io/web_server.h"
#include "bridge/options.h"
#include "lib/os/os_clock.h"
#include "lib/os/os_file.h"
#include "lib/os/os_limit.h"
#include "lib/os/os_log.h"

enum {
    EXIT_USAGE = 2,
    EXIT_PORT_TAKEN = 3,
    GOODBYE_MS = 500,
    FLUSHES_MAX = 4,
    FILE_HEADERS_SIZE = 1024,
    CONNECTIONS_MAX = 40000,
    CONNECTIONS_MIN = 16,
    DESCRIPTORS_SPARE = 64, // for the broker, files, the self-check, the loop
};

// The pages run their own scripts only; a lot's picture may come from anywhere. `ws:` is for
// browsers in which 'self' does not stand for a WebSocket to the same host.
static const char PAGE_HEADERS[] =
    "Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self' http: https:; connect-src 'self' ws: wss:; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'\r\n"
    "X-Frame-Options: DENY\r\n";

struct program {
    struct options options;
    size_t connections_max;
    struct outside outside;
    struct loop *loop;
    struct socketio_server *socketio;
    struct admin_host *admin; // NULL: there is none
    struct auction_app *app;
    struct web_server *web;
    struct bus *bus;
    struct token_keys *keys;
    struct static_files *files;
    struct readiness *readiness;
    struct self_check *self_check;
    struct check_log check_log;
    bool is_ending;
    int64_t end_ms; // of the goodbye at the latest
};

// ---- what the application is lent ----

static int64_t boot_ms(void *context)
{
    (void)context;
    return os_clock_boot_ms();
}

static int64_t wall_ms(void *context)
{
    (void)context;
    return os_clock_wall_ms();
}

static void random_bytes(void *context, uint8_t *data, size_t size)
{
    (void)context;
    os_random(data, size);
}

static void log_line(void *context, enum outside_level level, const char *line)
{
    static const enum os_log_level levels[] = {[OUTSIDE_DEBUG] = OS_LOG_DEBUG,
                                               [OUTSIDE_INFO] = OS_LOG_INFO,
                                               [OUTSIDE_WARNING] = OS_LOG_WARNING};
    struct program *program = context;
    check_log_line(&program->check_log, levels[level], line);
}

static enum lc_status publish(void *context, const struct topic *topic, struct bytes payload,
                              int qos, bool retain)
{
    struct program *program = context;
    return bus_publish(program->bus, topic, payload, qos, retain);
}

static enum lc_status subscribe(void *context, const char *pattern, int qos)
{
    struct program *program = context;
    return bus_subscribe(program->bus, pattern, qos);
}

static enum lc_status unsubscribe(void *context, const char *pattern)
{
    struct program *program = context;
    return bus_unsubscribe(program->bus, pattern);
}

static enum error_code read_token(void *context, struct bytes token, int64_t now_s,
                                  struct identity *out_identity)
{
    const struct program *program = context;
    return token_read(program->keys, token, now_s, out_identity);
}

static enum lc_status make_token(void *context, const struct identity *identity, int64_t now_s,
                                 struct buffer *out)
{
    const struct program *program = context;
    return token_make(program->keys, identity, now_s, out);
}

static void sha256_hex(void *context, struct bytes bytes, char out_hex[65])
{
    (void)context;
    digest_sha256_hex(bytes, out_hex);
}

static void respond(void *context, uint64_t exchange, const struct http_response *response)
{
    struct program *program = context;
    char headers[FILE_HEADERS_SIZE + 64];
    snprintf(headers, sizeof headers, "X-Content-Type-Options: nosniff\r\n%s",
             response->headers == NULL ? "" : response->headers);
    web_respond(program->web, (struct web_exchange_id){exchange},
                &(struct web_response){.status = response->status,
                                       .content_type = response->content_type,
                                       .body = response->body,
                                       .headers = headers});
}

static void answer_readiness(void *context, uint64_t exchange)
{
    struct program *program = context;
    readiness_ask(program->readiness, exchange);
}

static enum error_code serve_file(void *context, const struct http_request *request)
{
    struct program *program = context;
    struct static_file file;
    struct buffer headers;
    enum error_code code =
        static_files_find(program->files, request->path, request->accept_encoding, &file);
    if (code != ERROR_NONE) {
        return code;
    }
    buffer_init(&headers, FILE_HEADERS_SIZE);
    static_file_append_headers(&file, &headers);
    buffer_append_text(&headers, "Referrer-Policy: no-referrer\r\n");
    buffer_append_text(&headers, file.is_page ? PAGE_HEADERS : "");
    bool is_known = static_file_is_known(&file, request->if_none_match);
    respond(program, request->exchange,
            &(struct http_response){.status = is_known ? 304 : 200,
                                    .content_type = is_known ? NULL : file.content_type,
                                    .body = is_known ? (struct bytes){NULL, 0} : file.body,
                                    .headers = buffer_text(&headers)});
    buffer_release(&headers);
    return ERROR_NONE;
}

// ---- the web ----

static void on_request(void *owner, const struct web_request *request)
{
    struct program *program = owner;
    auction_app_request(program->app,
                        &(struct http_request){.exchange = request->exchange.value,
                                               .method = request->method,
                                               .path = request->path,
                                               .query = request->query,
                                               .body = request->body,
                                               .content_type = request->content_type,
                                               .authorization = request->authorization,
                                               .if_none_match = request->if_none_match,
                                               .accept_encoding = request->accept_encoding,
                                               .address = request->address});
}

// ---- the broker ----

static void on_broker_state(void *owner, bool is_connected)
{
    struct program *program = owner;
    auction_app_broker_state(program->app, is_connected);
}

static void on_broker_message(void *owner, const char *topic, struct bytes payload,
                              bool is_retained)
{
    struct program *program = owner;
    auction_app_broker_message(program->app, topic, payload, is_retained);
}

static void on_pong(void *owner)
{
    struct program *program = owner;
    readiness_pong(program->readiness);
}

// ---- readiness ----

static bool ping_broker(void *owner)
{
    struct program *program = owner;
    return bus_ping(program->bus) == LC_OK;
}

static bool engine_is_alive(void *owner)
{
    const struct program *program = owner;
    return auction_app_engine_is_alive(program->app);
}

static void check_self(void *owner)
{
    struct program *program = owner;
    check_log_hold(&program->check_log);
    self_check_begin(program->self_check);
}

static void on_self_checked(void *owner, bool is_good, const char *sid)
{
    struct program *program = owner;
    check_log_release(&program->check_log, sid);
    readiness_checked(program->readiness, is_good);
}

static void respond_readiness(void *owner, uint64_t exchange, int status, struct bytes body)
{
    respond(owner, exchange,
            &(struct http_response){.status = status,
                                    .content_type = "application/json",
                                    .body = body,
                                    .headers = "Cache-Control: no-store\r\n"});
}

// ---- the loop ----

static void before_wait(void *owner)
{
    struct program *program = owner;
    // Sending may find readers that lag, for whom there is more to send.
    for (int i = 0; i < FLUSHES_MAX && auction_app_takes_output(program->app); i++) {
        web_server_flush(program->web);
    }
    if (program->is_ending &&
        (bus_is_drained(program->bus) || os_clock_boot_ms() >= program->end_ms)) {
        loop_stop(program->loop);
    }
}

static void on_signal(void *owner, int number)
{
    struct program *program = owner;
    if (program->is_ending) {
        loop_stop(program->loop);
        return;
    }
    os_log(OS_LOG_INFO, "ends (signal %d)", number);
    program->is_ending = true;
    program->end_ms = os_clock_boot_ms() + GOODBYE_MS;
    socketio_server_shut_down(program->socketio);
    web_server_flush(program->web);
    auction_app_say_goodbye(program->app);
    bus_say_offline(program->bus);
}

static int no_fd(void *owner)
{
    (void)owner;
    return -1;
}

static bool no_write(void *owner)
{
    (void)owner;
    return false;
}

static int64_t app_deadline_ms(void *owner)
{
    const struct program *program = owner;
    int64_t deadline_ms = auction_app_deadline_ms(program->app);
    return program->is_ending && program->end_ms < deadline_ms ? program->end_ms : deadline_ms;
}

static void app_process(void *owner, bool readable, bool writable)
{
    struct program *program = owner;
    (void)readable;
    (void)writable;
    auction_app_process(program->app);
}

static int admin_fd(void *owner)
{
    const struct program *program = owner;
    return admin_host_fd(program->admin);
}

static int64_t admin_deadline(void *owner)
{
    const struct program *program = owner;
    return admin_host_deadline_ms(program->admin);
}

static void admin_process(void *owner, bool readable, bool writable)
{
    struct program *program = owner;
    (void)readable;
    (void)writable;
    admin_host_process(program->admin);
    web_server_flush(program->web);
}

static enum lc_status add_sources(struct program *program)
{
    const struct loop_source sources[] = {
        {program->bus, bus_fd, bus_wants_write, bus_deadline_ms, bus_process},
        {program->self_check, self_check_fd, self_check_wants_write, self_check_deadline_ms,
         self_check_process},
        {program->readiness, readiness_fd, readiness_wants_write, readiness_deadline_ms,
         readiness_process},
        {program, no_fd, no_write, app_deadline_ms, app_process},
    };
    enum lc_status status = LC_OK;
    for (size_t i = 0; i < sizeof sources / sizeof sources[0] && status == LC_OK; i++) {
        status = loop_add(program->loop, &sources[i]);
    }
    if (status == LC_OK && program->admin != NULL) {
        status = loop_add(program->loop, &(struct loop_source){program, admin_fd, no_write,
                                                               admin_deadline, admin_process});
    }
    return status;
}

// ---- start ----

static void random_of_server(void *context, uint8_t *data, size_t size)
{
    (void)context;
    os_random(data, size);
}

static enum lc_status start_server(struct program *program)
{
    static const struct socketio_env env = {.random = random_of_server};
    struct socketio_config config = program->options.socketio;
    config.engine = &program->options.engine;
    enum lc_status status =
        socketio_server_create(&config, &env, auction_app_ops(), program->app, &program->socketio);
    if (status == LC_OK) {
        auction_app_attach(program->app, program->socketio);
    }
    return status;
}

static enum lc_status start_admin(struct program *program)
{
    const struct options *options = &program->options;
    char why[160] = "";
    if (options->admin_file == NULL) {
        return LC_OK;
    }
    struct admin_host_config config = {.file = options->admin_file,
                                       .namespace_name = options->admin_namespace,
                                       .server_id = options->node.text,
                                       .is_production = !options->admin_shows_all,
                                       .is_readonly = options->admin_is_readonly};
    enum lc_status status = admin_host_create(&config, program->socketio, &program->admin, why);
    if (status != LC_OK) {
        os_log(OS_LOG_ERROR, "%s", why);
    }
    return status;
}

static enum lc_status start_web(struct program *program)
{
    static const char *const paths[] = {"/socket.io/", "/api/socket.io/", NULL};
    static const struct web_server_ops ops = {.on_request = on_request};
    const struct options *options = &program->options;
    char why[160] = "";
    const struct endpoint_config *web = &options->web;
    struct web_server_config config = {
        .address = options->listen_address,
        .port = options->listen_port,
        .socketio_paths = paths,
        .cors = &web->cors,
        .checks_ws_origin = web->checks_ws_origin,
        .compresses_polls = web->compresses_polls,
        .deflate = web->deflate,
        .trust_forwarded = web->trust_forwarded,
        .body_max = 8000000, // a sale of 10,000 lots
        .connections_max = program->connections_max,
        .connections_per_address_max = web->connections_per_address_max,
        .request_timeout_ms = 15000,
    };
    enum lc_status status = web_server_create(&config, loop_ev(program->loop), program->socketio,
                                              &ops, program, &program->web, why);
    if (status != LC_OK) {
        os_log(OS_LOG_ERROR, "cannot listen on %s:%d: %s", options->listen_address,
               options->listen_port, why);
    }
    return status;
}

static enum lc_status start_bus(struct program *program)
{
    static const struct bus_ops ops = {
        .on_state = on_broker_state, .on_message = on_broker_message, .on_pong = on_pong};
    const struct options *options = &program->options;
    struct buffer password;
    buffer_init(&password, 1024);
    enum lc_status status = os_file_read(options->password_file, &password);
    if (status != LC_OK) {
        os_log(OS_LOG_ERROR, "cannot read the password file %s: %s", options->password_file,
               lc_status_name(status));
    }
    while (password.size > 0 &&
           (password.data[password.size - 1] == '\n' || password.data[password.size - 1] == '\r')) {
        password.size--;
    }
    const char *text = buffer_text(&password);
    if (status == LC_OK && text != NULL) {
        status = bus_create(&(struct bus_config){.host = options->broker_host,
                                                 .port = options->broker_port,
                                                 .user = options->user,
                                                 .password = text,
                                                 .prefix = options->prefix,
                                                 .node = options->node},
                            &ops, program, &program->bus);
    }
    if (password.data != NULL) {
        explicit_bzero(password.data, password.size);
    }
    buffer_release(&password);
    return status;
}

static enum lc_status start_app(struct program *program)
{
    const struct options *options = &program->options;
    struct auction_app_config config = auction_app_config_default();
    config.prefix = options->prefix;
    config.node = options->node;
    config.rate_per_second = options->rate_per_second;
    config.rate_burst = options->rate_burst;
    config.token_life_s = options->token_life_s;
    config.logs_packets = options->logs_packets;
    program->outside = (struct outside){.context = program,
                                        .boot_ms = boot_ms,
                                        .wall_ms = wall_ms,
                                        .random = random_bytes,
                                        .log = log_line,
                                        .publish = publish,
                                        .subscribe = subscribe,
                                        .unsubscribe = unsubscribe,
                                        .token_read = read_token,
                                        .token_make = make_token,
                                        .sha256_hex = sha256_hex,
                                        .respond = respond,
                                        .answer_readiness = answer_readiness,
                                        .serve_file = serve_file};
    return auction_app_create(&config, &program->outside, &program->app);
}

static enum lc_status start_checks(struct program *program)
{
    static const struct readiness_ops ops = {.ping_broker = ping_broker,
                                             .engine_is_alive = engine_is_alive,
                                             .check_self = check_self,
                                             .respond = respond_readiness};
    enum lc_status status = readiness_create(&ops, program, &program->readiness);
    if (status == LC_OK) {
        status = self_check_create(program->options.listen_address, web_server_port(program->web),
                                   !program->options.socketio.allow_polling, on_self_checked,
                                   program, &program->self_check);
    }
    return status;
}

// The web server stops accepting before descriptors run out: one that cannot be accepted keeps the
// listening socket readable and the loop turning.
static enum lc_status size_connections(struct program *program)
{
    size_t limit = os_limit_raise_descriptors(CONNECTIONS_MAX + DESCRIPTORS_SPARE);
    if (limit < CONNECTIONS_MIN + DESCRIPTORS_SPARE) {
        os_log(OS_LOG_ERROR, "only %zu descriptors may be open: at least %d are needed", limit,
               CONNECTIONS_MIN + DESCRIPTORS_SPARE);
        return LC_ERR_IO;
    }
    size_t connections = limit - DESCRIPTORS_SPARE;
    program->connections_max = connections < CONNECTIONS_MAX ? connections : CONNECTIONS_MAX;
    os_log(OS_LOG_INFO, "descriptors: %zu, of them for connections: %zu", limit,
           program->connections_max);
    return LC_OK;
}

static enum lc_status start(struct program *program)
{
    static const struct loop_ops ops = {.before_wait = before_wait, .on_signal = on_signal};
    char why[160] = "";
    enum lc_status status = token_keys_create(program->options.key_file, &program->keys, why);
    if (status != LC_OK) {
        os_log(OS_LOG_ERROR, "%s", why);
        return LC_ERR_BAD_INPUT;
    }
    status = size_connections(program);
    status = status == LC_OK ? static_files_create(program->options.web_dir,
                                                   program->options.bundle_dir, &program->files)
                             : status;
    status = status == LC_OK ? loop_create(&ops, program, &program->loop) : status;
    status = status == LC_OK ? start_app(program) : status;
    status = status == LC_OK ? start_server(program) : status;
    status = status == LC_OK ? start_admin(program) : status;
    status = status == LC_OK ? start_web(program) : status;
    status = status == LC_OK ? start_bus(program) : status;
    status = status == LC_OK ? start_checks(program) : status;
    return status == LC_OK ? add_sources(program) : status;
}

static void stop(struct program *program)
{
    web_server_destroy(program->web);
    socketio_server_destroy(program->socketio);
    admin_host_destroy(program->admin);
    auction_app_destroy(program->app);
    bus_destroy(program->bus);
    self_check_destroy(program->self_check);
    readiness_destroy(program->readiness);
    static_files_destroy(program->files);
    token_keys_destroy(program->keys);
    loop_destroy(program->loop);
}

int main(int argc, char **argv)
{
    static struct program program;
    switch (options_read(argc, argv, &program.options)) {
    case OPTIONS_SHOWN:
        return 0;
    case OPTIONS_WRONG:
        return EXIT_USAGE;
    case OPTIONS_RUN:
        break;
    }
    os_log_init("auction-bridge", program.options.is_debug ? OS_LOG_DEBUG : OS_LOG_INFO);
    signal(SIGPIPE, SIG_IGN);
    enum lc_status status = start(&program);
    if (status == LC_OK) {
        os_log(OS_LOG_INFO, "ready: %s listening on http://%s:%d", program.options.node.text,
               program.options.listen_address, web_server_port(program.web));
        loop_run(program.loop);
        os_log(OS_LOG_INFO, "ended");
    }
    stop(&program);
    return status == LC_OK ? 0 : status == LC_ERR_BUSY ? EXIT_PORT_TAKEN : 1;
}
