#include "bridge/socketio/server.h"

#include <stdlib.h>

#include "bridge/socketio/move.h"
#include "bridge/socketio/recovery.h"

struct socketio_config socketio_config_default(void)
{
    return (struct socketio_config){
        .ping_interval_ms = 25000,
        .ping_timeout_ms = 20000,
        .upgrade_timeout_ms = 10000,
        .connect_timeout_ms = 45000,
        .max_payload = 1000000,
        .attachments_max = 10,
        .namespaces_max = 32,
        .rooms_max = 64,
        .acks_max = 4096,
        .answers_bytes_max = 16777216,
        .pending_bytes_max = 1048576,
        .room_ring_events = 1024,
        .room_ring_bytes = 1048576,
        .room_pass_long_ms = 20,
        .sessions_max = 20000,
        .recovery_sessions_max = 10000,
        .recovery_events_max = 10000,
        .recovery_bytes_max = 16777216,
        .allow_upgrades = true,
        .allow_polling = true,
        .allow_websocket = true,
    };
}

const char *socketio_reason_name(enum socketio_reason reason)
{
    switch (reason) {
    case SOCKETIO_TRANSPORT_CLOSE:
        return "transport close";
    case SOCKETIO_TRANSPORT_ERROR:
        return "transport error";
    case SOCKETIO_PING_TIMEOUT:
        return "ping timeout";
    case SOCKETIO_PARSE_ERROR:
        return "parse error";
    case SOCKETIO_FORCED_CLOSE:
        return "forced close";
    case SOCKETIO_FORCED_SERVER_CLOSE:
        return "forced server close";
    case SOCKETIO_CLIENT_NAMESPACE_DISCONNECT:
        return "client namespace disconnect";
    case SOCKETIO_SERVER_NAMESPACE_DISCONNECT:
        return "server namespace disconnect";
    case SOCKETIO_SERVER_SHUTTING_DOWN:
        return "server shutting down";
    }
    return "?";
}

static int64_t earlier(int64_t a_ms, int64_t b_ms)
{
    return a_ms < b_ms ? a_ms : b_ms;
}

void server_schedule(struct socketio_server *server)
{
    const struct deadline *first = deadline_heap_first(&server->ack_deadlines);
    int64_t ack_at = first == NULL ? DEADLINE_NONE : first->at_ms;
    int64_t at_ms = earlier(ack_at, recovery_next_deadline(server));
    engineio_set_time(server->engine, earlier(at_ms, rooms_next_deadline(server)));
}

static void server_on_time(void *app)
{
    struct socketio_server *server = app;
    acks_on_time(server, engineio_now(server->engine));
    recovery_on_time(server, engineio_now(server->engine));
    rooms_on_time(server);
    server_schedule(server);
}

// ---- the engine's hooks, handed on ----

static enum engineio_check on_check(void *app, const struct engineio_request *request,
                                    struct engineio_response *out_response)
{
    const struct socketio_server *server = app;
    return server->engine_ops.check(server->config.engine_app, request, out_response);
}

static enum engineio_admission on_request(void *app, const struct engineio_request *request,
                                          struct engineio_admission_id admission,
                                          struct bytes *out_message)
{
    const struct socketio_server *server = app;
    return server->engine_ops.on_request(server->config.engine_app, request, admission,
                                         out_message);
}

static void on_initial_headers(void *app, struct engineio_session_id session, struct buffer *lines)
{
    const struct socketio_server *server = app;
    server->engine_ops.initial_headers(server->config.engine_app, session, lines);
}

static void on_headers(void *app, struct engineio_session_id session, struct buffer *lines)
{
    const struct socketio_server *server = app;
    server->engine_ops.headers(server->config.engine_app, session, lines);
}

static void on_connection_error(void *app, enum engineio_error code, struct bytes message,
                                const char *context)
{
    const struct socketio_server *server = app;
    server->engine_ops.on_connection_error(server->config.engine_app, code, message, context);
}

static struct engineio_app_ops engine_ops_of(const struct socketio_server *server)
{
    const struct engineio_app_ops *asked = &server->engine_ops;
    return (struct engineio_app_ops){
        .on_open = connection_on_open,
        .on_message = connection_on_message,
        .on_close = connection_on_close,
        .on_deadline = connection_on_deadline,
        .before_send = connection_before_send,
        .serve = rooms_serve,
        .peek = connection_peek,
        .pop = connection_pop,
        .on_transport = connection_on_transport,
        .on_time = server_on_time,
        .check = asked->check == NULL ? NULL : on_check,
        .on_request = asked->on_request == NULL ? NULL : on_request,
        .initial_headers = asked->initial_headers == NULL ? NULL : on_initial_headers,
        .headers = asked->headers == NULL ? NULL : on_headers,
        .on_connection_error = asked->on_connection_error == NULL ? NULL : on_connection_error,
        .on_export = connection_on_export,
        .on_moved = connection_on_moved,
        .on_import = connection_on_import,
    };
}

static enum lc_status create_engine(struct socketio_server *server)
{
    const struct socketio_config *from = &server->config;
    struct engineio_config config = {0};
    if (from->engine != NULL) {
        config = *from->engine;
    }
    if (from->engine_ops != NULL) {
        server->engine_ops = *from->engine_ops;
    }
    config.ping_interval_ms = from->ping_interval_ms;
    config.ping_timeout_ms = from->ping_timeout_ms;
    config.upgrade_timeout_ms = from->upgrade_timeout_ms;
    config.max_payload = from->max_payload;
    config.sessions_max = from->sessions_max;
    config.allow_upgrades = from->allow_upgrades;
    config.allow_polling = from->allow_polling;
    config.allow_websocket = from->allow_websocket;
    config.allow_eio3 = from->allow_eio3;
    config.random = server->env.random;
    config.random_context = server->env.context;
    struct engineio_app_ops ops = engine_ops_of(server);
    return engineio_create(&config, &ops, server, &server->engine);
}

static enum lc_status create_tables(struct socketio_server *server,
                                    const struct socketio_app_ops *ops, void *app)
{
    server->sids = calloc(SID_BUCKETS, sizeof(struct socket *));
    server->rooms = calloc(ROOM_BUCKETS, sizeof(struct room *));
    server->otherwise = ops == NULL ? NULL : calloc(1, sizeof *server->otherwise);
    if (server->sids == NULL || server->rooms == NULL ||
        (ops != NULL && server->otherwise == NULL)) {
        return LC_ERR_NO_MEMORY;
    }
    if (ops != NULL) {
        server->otherwise->ops = *ops;
        server->otherwise->app = app;
    }
    enum lc_status status = recovery_create(server);
    return status == LC_OK ? create_engine(server) : status;
}

static void free_tables(struct socketio_server *server)
{
    recovery_release(server);
    free(server->sids);
    free(server->rooms);
    free(server->otherwise);
    free(server);
}

enum lc_status socketio_server_create(const struct socketio_config *config,
                                      const struct socketio_env *env,
                                      const struct socketio_app_ops *ops, void *app,
                                      struct socketio_server **out_server)
{
    struct socketio_server *server = calloc(1, sizeof *server);
    if (server == NULL) {
        return LC_ERR_NO_MEMORY;
    }
    server->config = *config;
    if (server->config.attachments_max > ATTACHMENTS_HARD_MAX) {
        server->config.attachments_max = ATTACHMENTS_HARD_MAX;
    }
    server->env = *env;
    slot_table_init(&server->sockets, config->sessions_max * config->namespaces_max);
    // One packet may fill the whole queue of a connection, never more.
    buffer_init(&server->text, config->pending_bytes_max > config->room_ring_bytes
                                   ? config->pending_bytes_max
                                   : config->room_ring_bytes);
    enum lc_status status = create_tables(server, ops, app);
    if (status != LC_OK) {
        free_tables(server);
        return status;
    }
    *out_server = server;
    return LC_OK;
}

// Nobody is told any more, but what is kept for the application goes back to it.
static struct socketio_app_ops what_remains(const struct socketio_app_ops *ops)
{
    return (struct socketio_app_ops){.on_data_dropped = ops->on_data_dropped};
}

static void silence(struct socketio_server *server)
{
    server->monitored = false;
    for (struct owner *owner = server->owners; owner != NULL; owner = owner->next) {
        owner->ops = what_remains(&owner->ops);
    }
    if (server->otherwise != NULL) {
        server->otherwise->ops = what_remains(&server->otherwise->ops);
    }
}

void socketio_server_destroy(struct socketio_server *server)
{
    if (server == NULL) {
        return;
    }
    silence(server);
    acks_release(server);
    engineio_shut_down(server->engine);
    engineio_destroy(server->engine);
    slot_table_release(&server->sockets);
    recovery_release(server);
    rooms_release(server);
    namespaces_release(server);
    buffer_release(&server->text);
    free_tables(server);
}

void socketio_server_set_monitor(struct socketio_server *server,
                                 const struct socketio_monitor_ops *ops, void *monitor)
{
    server->monitored = ops != NULL;
    server->monitor = ops == NULL ? (struct socketio_monitor_ops){0} : *ops;
    server->monitor_context = monitor;
}

struct engineio_server *socketio_server_engine(struct socketio_server *server)
{
    return server->engine;
}

void socketio_server_shut_down(struct socketio_server *server)
{
    engineio_shut_down(server->engine);
}

void socketio_server_counts(const struct socketio_server *server, struct socketio_counts *out)
{
    struct engineio_counts engine;
    engineio_server_counts(server->engine, &engine);
    *out = server->counts;
    if (server->recovery != NULL) {
        out->recovery_saved = server->recovery->waiting;
        out->recovery_events = server->recovery->next - server->recovery->first;
        out->recovery_bytes = server->recovery->bytes;
    }
    out->sessions_open = engine.sessions_open;
    out->sessions_websocket = engine.sessions_websocket;
    out->sessions_polling = engine.sessions_open - engine.sessions_websocket;
    out->handshakes_total = engine.handshakes_total;
    out->handshakes_waiting = engine.handshakes_waiting;
    out->handshakes_held_total = engine.handshakes_held_total;
    out->handshakes_over_rate_total = engine.handshakes_over_rate_total;
    out->handshakes_over_address_total = engine.handshakes_over_address_total;
    out->connection_errors_total = engine.connection_errors_total;
    out->upgrades_total = engine.upgrades_total;
    out->upgrades_failed_total = engine.upgrades_failed_total;
    out->polls_total = engine.polls_total;
    out->pushes_total = engine.pushes_total;
    out->packets_in_total = engine.packets_in_total;
    out->packets_out_total = engine.packets_out_total;
}
