#include <signal.h>

#include "bridge/program.h"
#include "lib/os/os_clock.h"
#include "lib/os/os_file.h"
#include "lib/os/os_limit.h"
#include "lib/os/os_log.h"

enum {
    EXIT_USAGE = 2,
    EXIT_PORT_TAKEN = 3,
    FLUSHES_MAX = 4,
    CONNECTIONS_MAX = 40000,
    CONNECTIONS_MIN = 16,
    DESCRIPTORS_SPARE = 64, // for the broker, files, the self-check, the loop
};

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
    cluster_broker_state(program, is_connected);
    auction_app_broker_state(program->app, is_connected);
}

static void on_broker_message(void *owner, const char *topic, struct bytes payload,
                              bool is_retained)
{
    struct program *program = owner;
    if (!cluster_broker_message(program, topic, payload, is_retained)) {
        auction_app_broker_message(program->app, topic, payload, is_retained);
    }
}

static void on_late(void *owner, bool is_late)
{
    struct program *program = owner;
    auction_app_broker_late(program->app, is_late);
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
    program_respond(owner, exchange,
                    &(struct http_response){.status = status,
                                            .content_type = "application/json",
                                            .body = body,
                                            .headers = "Cache-Control: no-store\r\n"});
}

// ---- the loop ----

static bool takes_output(struct program *program)
{
    bool of_cluster = cluster_takes_output(program);
    return auction_app_takes_output(program->app) || of_cluster;
}

static void before_wait(void *owner)
{
    struct program *program = owner;
    // Sending may find readers that lag, for whom there is more to send.
    for (int i = 0; i < FLUSHES_MAX && takes_output(program); i++) {
        web_server_flush(program->web);
    }
    if (drain_is_done(program)) {
        loop_stop(program->loop);
    }
}

static void on_signal(void *owner, int number)
{
    drain_on_signal(owner, number);
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
    return auction_app_deadline_ms(program->app);
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
        {program, no_fd, no_write, cluster_deadline_ms, cluster_process},
        {program, no_fd, no_write, drain_deadline_ms, drain_process},
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
    const struct socketio_env env = {.context = program, .random = random_of_server};
    struct socketio_config config = program->options.socketio;
    struct engineio_config engine = program->options.engine;
    engine.generate_sid = cluster_generate_sid;
    config.engine = &engine;
    config.cpu_us = os_clock_cpu_us;
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
        return status;
    }
    cluster_keep_closed(program);
    return LC_OK;
}

static enum lc_status start_bus(struct program *program)
{
    static const struct bus_ops ops = {.on_state = on_broker_state,
                                       .on_message = on_broker_message,
                                       .on_known = cluster_is_known,
                                       .on_late = on_late,
                                       .on_pong = on_pong};
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
                                                 .node = options->node,
                                                 .relay = program->relay_node},
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
    program->outside = program_outside(program);
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
    status = status == LC_OK ? cluster_start(program) : status;
    status = status == LC_OK ? start_admin(program) : status;
    status = status == LC_OK ? start_web(program) : status;
    status = status == LC_OK ? start_bus(program) : status;
    status = status == LC_OK ? start_checks(program) : status;
    return status == LC_OK ? add_sources(program) : status;
}

static void stop(struct program *program)
{
    web_server_destroy(program->web);
    relay_destroy(program->relay);
    socketio_server_destroy(program->socketio);
    admin_host_destroy(program->admin);
    auction_app_destroy(program->app);
    bus_destroy(program->bus);
    self_check_destroy(program->self_check);
    readiness_destroy(program->readiness);
    static_files_destroy(program->files);
    token_keys_destroy(program->keys);
    explicit_bzero(program->relay_keys, sizeof program->relay_keys);
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
    cluster_init(&program);
    enum lc_status status = start(&program);
    if (status == LC_OK) {
        os_log(OS_LOG_INFO, "ready: %s (%s) listening on http://%s:%d", program.options.node.text,
               program.relay_node, program.options.listen_address, web_server_port(program.web));
        loop_run(program.loop);
        os_log(OS_LOG_INFO, "ended");
    }
    stop(&program);
    return status == LC_OK ? 0 : status == LC_ERR_BUSY ? EXIT_PORT_TAKEN : 1;
}
