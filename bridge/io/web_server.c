#include "bridge/io/web_server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libwebsockets.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bridge/io/web_server_internal.h"
#include "lib/os/os_clock.h"
#include "lib/os/os_log.h"

enum {
    HEADER_DATA_MAX = 16384, // of one request's head
    KEEPALIVE_S = 75,
    READ_SIZE = 16384,
    WS_READ_SIZE = 2048,
    LIBRARY_DESCRIPTORS = 4, // its listening socket, its pipe
};

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                    size_t size);

static const struct lws_protocols PROTOCOLS[] = {
    {"lotcast", on_event, sizeof(struct per_socket), WS_READ_SIZE, 0, NULL, 0},
    {NULL, NULL, 0, 0, 0, NULL, 0},
};

static int add_upgrade_headers(struct web_server *server, struct lws *wsi,
                               struct lws_process_html_args *args)
{
    if (server->cors_origin == NULL) {
        return 0;
    }
    unsigned char *at = (unsigned char *)args->p;
    unsigned char *end = at + args->max_len;
    const char *origin = server->cors_origin;
    int failed = lws_add_http_header_by_name(
        wsi, (const unsigned char *)"access-control-allow-origin:", (const unsigned char *)origin,
        (int)strlen(origin), &at, end);
    args->p = (char *)at;
    return failed;
}

// The one callback of libwebsockets: each reason goes to the part that knows what to do.
static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                    size_t size)
{
    struct per_socket *socket = user;
    struct lws_context *context = lws_get_context(wsi);
    struct web_server *server = context == NULL ? NULL : lws_context_user(context);
    struct bytes data = {in, size};
    if (server == NULL) {
        return 0;
    }
    switch ((int)reason) { // only these few of libwebsockets' hundred matter
    case LWS_CALLBACK_HTTP:
        return server->destroying ? -1 : http_on_request(server, wsi, socket);
    case LWS_CALLBACK_HTTP_BODY:
        return http_on_body(socket, data);
    case LWS_CALLBACK_HTTP_BODY_COMPLETION:
        return http_on_body_end(socket);
    case LWS_CALLBACK_CLOSED_HTTP:
        if (socket != NULL) {
            http_on_gone(socket);
        }
        return 0;
    case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE:
        return ws_on_upgrade(server, wsi, in);
    case LWS_CALLBACK_ADD_HEADERS:
        return add_upgrade_headers(server, wsi, in);
    case LWS_CALLBACK_ESTABLISHED:
        return server->destroying ? -1 : ws_on_open(server, wsi, socket);
    case LWS_CALLBACK_RECEIVE:
        return ws_on_data(socket, data);
    case LWS_CALLBACK_SERVER_WRITEABLE:
        return ws_on_writeable(socket);
    case LWS_CALLBACK_CLOSED:
        if (socket != NULL) {
            ws_on_gone(socket);
        }
        return 0;
    default:
        return 0;
    }
}

// Anybody can make libwebsockets complain about his own request: not worth more than a debug line.
static void on_log(int level, const char *line)
{
    (void)level;
    size_t size = strlen(line);
    os_log(OS_LOG_DEBUG, "libwebsockets: %.*s", (int)(size > 0 ? size - 1 : 0), line);
}

// libwebsockets does not say why it could not listen; a plain bind does.
static enum lc_status try_bind(const struct web_server_config *config, char out_why[160])
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)config->port)};
    if (config->port < 0 || config->port > UINT16_MAX ||
        inet_pton(AF_INET, config->address, &address.sin_addr) != 1) {
        snprintf(out_why, 160, "%s:%d is no IPv4 address and port", config->address, config->port);
        return LC_ERR_IO;
    }
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int on = 1;
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
        bind(fd, (const struct sockaddr *)&address, sizeof address) != 0 || listen(fd, 1) != 0) {
        int error = errno;
        snprintf(out_why, 160, "cannot listen on %s:%d: %s", config->address, config->port,
                 strerror(error));
        if (fd >= 0) {
            close(fd);
        }
        return error == EADDRINUSE ? LC_ERR_BUSY : LC_ERR_IO;
    }
    close(fd);
    return LC_OK;
}

static bool copy_config(struct web_server *server, const struct web_server_config *config)
{
    server->config = *config;
    server->address = strdup(config->address);
    server->cors_origin = config->cors_origin == NULL ? NULL : strdup(config->cors_origin);
    bool copied =
        server->address != NULL && (config->cors_origin == NULL || server->cors_origin != NULL);
    size_t count = 0;
    for (; config->socketio_paths[count] != NULL && count < PATHS_MAX; count++) {
        server->paths[count] = strdup(config->socketio_paths[count]);
        copied = copied && server->paths[count] != NULL;
    }
    server->config.address = server->address;
    server->config.cors_origin = server->cors_origin;
    server->config.socketio_paths = NULL;
    if (config->unfinished_max == 0) {
        server->config.unfinished_max = UNFINISHED_MAX;
    }
    return copied;
}

static enum lc_status open_context(struct web_server *server, struct ev_loop *loop)
{
    void *loops[] = {loop};
    size_t connections = server->config.connections_max;
    unsigned short headers_pool =
        connections < UINT16_MAX ? (unsigned short)connections : UINT16_MAX;
    int64_t timeout_s = server->config.request_timeout_ms / 1000;
    struct lws_context_creation_info info = {
        .port = server->config.port,
        .iface = server->address,
        .protocols = PROTOCOLS,
        .options = LWS_SERVER_OPTION_LIBEV | LWS_SERVER_OPTION_DISABLE_IPV6 |
                   LWS_SERVER_OPTION_FAIL_UPON_UNABLE_TO_BIND | LWS_SERVER_OPTION_EXPLICIT_VHOSTS,
        .foreign_loops = loops,
        .user = server,
        .keepalive_timeout = KEEPALIVE_S,
        .timeout_secs = timeout_s > 0 ? (unsigned int)timeout_s : 1,
        .max_http_header_data = HEADER_DATA_MAX,
        .max_http_header_pool = headers_pool,
        .pt_serv_buf_size = READ_SIZE,
        .fd_limit_per_thread = (unsigned int)connections + LIBRARY_DESCRIPTORS,
    };
    lws_set_log_level(LLL_ERR | LLL_WARN, on_log);
    server->context = lws_create_context(&info);
    server->vhost = server->context == NULL ? NULL : lws_create_vhost(server->context, &info);
    return server->vhost == NULL ? LC_ERR_IO : LC_OK;
}

enum lc_status web_server_create_on_engine(const struct web_server_config *config,
                                           struct ev_loop *loop, struct engineio_server *engine,
                                           const struct web_server_ops *ops, void *owner,
                                           struct web_server **out_server, char out_why[160])
{
    enum lc_status status = try_bind(config, out_why);
    if (status != LC_OK) {
        return status;
    }
    struct web_server *server = calloc(1, sizeof *server);
    if (server == NULL) {
        snprintf(out_why, 160, "no memory");
        return LC_ERR_NO_MEMORY;
    }
    slot_table_init(&server->exchanges, config->connections_max);
    slot_table_init(&server->links, config->connections_max);
    buffer_init(&server->request_text, REQUEST_TEXT_MAX);
    server->engine = engine;
    server->ops = *ops;
    server->owner = owner;
    server->timer = web_timer_create(loop, server);
    status = copy_config(server, config) && server->timer != NULL ? open_context(server, loop)
                                                                  : LC_ERR_NO_MEMORY;
    if (status != LC_OK) {
        snprintf(out_why, 160,
                 "libwebsockets could not start on %s:%d (is its libev plugin installed?)",
                 config->address, config->port);
        web_server_destroy(server);
        return status;
    }
    struct engineio_transport_ops transport = {http_engine_respond, ws_engine_accept,
                                               ws_engine_send, ws_engine_close};
    engineio_attach(engine, &transport, server);
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

static void respond_nowhere(void *shell, uint64_t exchange,
                            const struct engineio_response *response)
{
    (void)shell, (void)exchange, (void)response;
}

static uint64_t accept_nowhere(void *shell, uint64_t exchange, struct bytes headers)
{
    (void)shell, (void)exchange, (void)headers;
    return 0;
}

static bool send_nowhere(void *shell, uint64_t ws, struct bytes frames)
{
    (void)shell, (void)ws, (void)frames;
    return false;
}

static void close_nowhere(void *shell, uint64_t ws, int code)
{
    (void)shell, (void)ws, (void)code;
}

void web_server_destroy(struct web_server *server)
{
    if (server == NULL) {
        return;
    }
    server->destroying = true;
    struct engineio_transport_ops nowhere = {respond_nowhere, accept_nowhere, send_nowhere,
                                             close_nowhere};
    engineio_attach(server->engine, &nowhere, NULL);
    if (server->context != NULL) {
        lws_context_destroy(server->context);
    }
    web_timer_destroy(server->timer);
    slot_table_release(&server->exchanges);
    slot_table_release(&server->links);
    buffer_release(&server->request_text);
    for (size_t i = 0; server->paths[i] != NULL; i++) {
        free(server->paths[i]);
    }
    free(server->address);
    free(server->cors_origin);
    free(server);
}

int web_server_port(const struct web_server *server)
{
    return lws_get_vhost_listen_port(server->vhost);
}

void web_respond(struct web_server *server, struct web_exchange_id exchange,
                 const struct web_response *response)
{
    http_respond(server, exchange.value, response);
}

void web_server_flush(struct web_server *server)
{
    engineio_flush(server->engine, os_clock_boot_ms());
    if (!server->destroying) {
        int64_t late_ms = ws_close_late(server, os_clock_boot_ms());
        int64_t engine_ms = engineio_next_deadline(server->engine);
        web_timer_set(server->timer, late_ms < engine_ms ? late_ms : engine_ms);
    }
}

bool web_count_unfinished(struct web_server *server, size_t *counted, size_t bytes)
{
    server->unfinished = server->unfinished - *counted + bytes;
    *counted = bytes;
    return server->unfinished <= server->config.unfinished_max;
}
