#include "bridge/io/web_server.h"

#include <libwebsockets.h>
#include <unistd.h>

#include "bridge/io/web_server_internal.h"
#include "lib/os/os_clock.h"
#include "lib/os/os_log.h"

enum { READ_SIZE = 16384 };

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                    size_t size);

static const char PROTOCOL[] = "lotcast";
static const struct lws_protocols PROTOCOLS[] = {
    {PROTOCOL, on_event, sizeof(struct web_socket), READ_SIZE, 0, NULL, 0},
    {NULL, NULL, 0, 0, 0, NULL, 0},
};

// The one callback of libwebsockets.
static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                    size_t size)
{
    (void)wsi;
    struct web_socket *socket = user;
    if (socket == NULL || socket->server == NULL) {
        return 0; // about the library itself, or a connection that was not taken
    }
    switch ((int)reason) { // only these few of libwebsockets' hundred matter
    case LWS_CALLBACK_RAW_RX:
        return web_socket_on_bytes(socket, bytes_of(in, size));
    case LWS_CALLBACK_RAW_WRITEABLE:
        return web_socket_on_writable(socket);
    case LWS_CALLBACK_RAW_CLOSE:
        web_socket_on_gone(socket);
        return 0;
    default:
        return 0;
    }
}

// Anybody can make libwebsockets complain about his own handshake: not worth more than a debug line.
static void on_log(int level, const char *line)
{
    (void)level;
    size_t size = strlen(line);
    os_log(OS_LOG_DEBUG, "libwebsockets: %.*s", (int)(size > 0 ? size - 1 : 0), line);
}

// ---- creation ----

static enum lc_status open_context(struct web_server *server,
                                   const struct web_server_config *config, struct ev_loop *loop)
{
    void *loops[] = {loop};
    struct lws_context_creation_info info = {
        .port = CONTEXT_PORT_NO_LISTEN_SERVER,
        .protocols = PROTOCOLS,
        .options = LWS_SERVER_OPTION_LIBEV | LWS_SERVER_OPTION_EXPLICIT_VHOSTS |
                   (server->is_secure ? LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT : 0),
        .foreign_loops = loops,
        .ssl_cert_filepath = config->certificate_file,
        .ssl_private_key_filepath = config->key_file,
        .pt_serv_buf_size = READ_SIZE,
        // fd_limit_per_thread stays 0: with a limit of its own libwebsockets looks for a
        // descriptor by walking all of them, at each event.
    };
    lws_set_log_level(LLL_ERR | LLL_WARN, on_log);
    server->context = lws_create_context(&info);
    server->vhost = server->context == NULL ? NULL : lws_create_vhost(server->context, &info);
    return server->vhost == NULL ? LC_ERR_IO : LC_OK;
}

static enum lc_status open_endpoint(struct web_server *server,
                                    const struct web_server_config *config,
                                    struct engineio_server *engine,
                                    const struct web_server_ops *ops, void *owner)
{
    server->cors_origins[0] = config->cors_origin;
    struct cors_policy shorthand = {
        .kind = config->cors_origin == NULL             ? CORS_OFF
                : strcmp(config->cors_origin, "*") == 0 ? CORS_ANY
                                                        : CORS_FIXED,
        .origins = server->cors_origins,
        .allows_credentials = config->cors_credentials,
    };
    struct endpoint_config endpoint_config = {
        .socketio_paths = config->socketio_paths,
        .takes_bare_paths = config->takes_bare_paths,
        .hides_bundle = config->hides_bundle,
        .cors = config->cors == NULL ? shorthand : *config->cors,
        .checks_ws_origin = config->checks_ws_origin,
        .compresses_polls = config->compresses_polls,
        .deflate = config->deflate,
        .trust_forwarded = config->trust_forwarded,
        .body_max = config->body_max,
        .connections_max = config->connections_max,
        .connections_per_address_max = config->connections_per_address_max,
        .request_timeout_ms = config->request_timeout_ms,
        .keep_alive_ms = config->keep_alive_ms,
        .unfinished_max = config->unfinished_max,
    };
    struct endpoint_shell_ops shell_ops = web_socket_ops();
    return endpoint_create(&endpoint_config, engine, &shell_ops, server, ops, owner,
                           &server->endpoint);
}

enum lc_status web_server_create_on_engine(const struct web_server_config *config,
                                           struct ev_loop *loop, struct engineio_server *engine,
                                           const struct web_server_ops *ops, void *owner,
                                           struct web_server **out_server, char out_why[160])
{
    struct web_server *server = calloc(1, sizeof *server);
    if (server == NULL) {
        snprintf(out_why, 160, "no memory");
        return LC_ERR_NO_MEMORY;
    }
    server->is_secure = config->certificate_file != NULL;
    server->sockets_max = config->connections_max;
    server->accept_at_ms = DEADLINE_NONE;
    server->timer = web_timer_create(loop, server);
    enum lc_status status = web_listener_create(config->address, config->port, loop, server,
                                                &server->listener, out_why);
    if (status == LC_OK && open_context(server, config, loop) != LC_OK) {
        status = LC_ERR_IO;
        snprintf(out_why, 160, "libwebsockets could not start (is its libev plugin installed%s?)",
                 server->is_secure ? ", are certificate and key readable" : "");
    }
    if (status == LC_OK &&
        (server->timer == NULL || open_endpoint(server, config, engine, ops, owner) != LC_OK)) {
        status = LC_ERR_NO_MEMORY;
        snprintf(out_why, 160, "no memory");
    }
    if (status != LC_OK) {
        web_server_destroy(server);
        return status;
    }
    *out_server = server;
    return LC_OK;
}

enum lc_status web_server_create(const struct web_server_config *config, struct ev_loop *loop,
                                 struct socketio_server *socketio, const struct web_server_ops *ops,
                                 void *owner, struct web_server **out_server, char out_why[160])
{
    return web_server_create_on_engine(config, loop, socketio_server_engine(socketio), ops, owner,
                                       out_server, out_why);
}

void web_server_destroy(struct web_server *server)
{
    if (server == NULL) {
        return;
    }
    server->is_destroying = true;
    web_listener_destroy(server->listener);
    endpoint_destroy(server->endpoint);
    if (server->context != NULL) {
        lws_context_destroy(server->context);
    }
    web_timer_destroy(server->timer);
    free(server);
}

void web_server_read_counts(const struct web_server *server, struct web_server_counts *out)
{
    struct endpoint_counts counts;
    endpoint_server_counts(server->endpoint, &counts);
    *out = (struct web_server_counts){
        .connections = counts.connections,
        .unfinished_bytes = counts.unfinished_bytes,
        .blocked = counts.blocked,
        .blocked_bytes = server->rest_bytes,
        .slow_closed_total = counts.slow_closed_total,
    };
}

int web_server_port(const struct web_server *server)
{
    return web_listener_port(server->listener);
}

// ---- the running server ----

void web_server_open_at(struct web_server *server, int64_t at_ms)
{
    web_listener_set(server->listener, false);
    server->accept_at_ms = at_ms;
    web_server_flush(server);
}

void web_server_stop_listening(struct web_server *server)
{
    web_listener_close(server->listener);
    endpoint_keep_none(server->endpoint);
    web_server_flush(server);
}

void web_server_adopt(struct web_server *server, int fd, struct bytes address)
{
    lws_sock_file_fd_type descriptor = {.sockfd = fd};
    lws_adoption_type type = LWS_ADOPT_SOCKET | (server->is_secure ? LWS_ADOPT_ALLOW_SSL : 0);
    struct lws *wsi = lws_adopt_descriptor_vhost(server->vhost, type, descriptor, PROTOCOL, NULL);
    if (wsi != NULL) { // else it is closed already
        web_socket_open(lws_wsi_user(wsi), server, wsi, fd, address);
    }
}

void web_respond(struct web_server *server, struct web_exchange_id exchange,
                 const struct web_response *response)
{
    endpoint_respond(server->endpoint, exchange, response);
}

static int64_t earlier(int64_t a_ms, int64_t b_ms)
{
    return a_ms < b_ms ? a_ms : b_ms;
}

static void wait_anew(struct web_server *server, int64_t now_ms)
{
    if (now_ms >= server->accept_at_ms) {
        server->accept_at_ms = DEADLINE_NONE;
        web_listener_set(server->listener, server->sockets_count < server->sockets_max);
    }
    int64_t at_ms = earlier(endpoint_next_deadline(server->endpoint), server->accept_at_ms);
    if (server->closing_first != NULL) {
        at_ms = earlier(at_ms, server->closing_first->closed_by_ms);
    }
    web_timer_set(server->timer, at_ms);
}

void web_server_flush(struct web_server *server)
{
    if (!server->is_destroying) {
        int64_t now_ms = os_clock_boot_ms();
        endpoint_flush(server->endpoint, now_ms);
        wait_anew(server, now_ms);
    }
}

void web_server_flush_input(struct web_server *server)
{
    if (!server->is_destroying) {
        int64_t now_ms = os_clock_boot_ms();
        endpoint_flush_marked(server->endpoint, now_ms);
        wait_anew(server, now_ms);
    }
}
