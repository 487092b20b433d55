// The endpoint as a whole: its configuration, its paths, its turn.
#include "bridge/endpoint/peer.h"

// ---- what the engine sends while there is no endpoint ----

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

// ---- creation ----

// A path without its last slash is a shorter prefix.
static char *copy_path(const char *path, bool is_bare)
{
    size_t size = strlen(path);
    size -= is_bare && size > 1 && path[size - 1] == '/';
    char *copy = malloc(size + 1);
    if (copy != NULL) {
        memcpy(copy, path, size);
        copy[size] = '\0';
    }
    return copy;
}

static bool copy_paths(struct endpoint *endpoint, const struct endpoint_config *config)
{
    for (size_t i = 0; i < ENDPOINT_PATHS_MAX && config->socketio_paths[i] != NULL; i++) {
        endpoint->paths[i] = copy_path(config->socketio_paths[i], config->takes_bare_paths);
        if (endpoint->paths[i] == NULL) {
            return false;
        }
    }
    return true;
}

struct endpoint_config endpoint_config_default(void)
{
    static const char *const paths[] = {"/socket.io/", NULL};
    return (struct endpoint_config){
        .socketio_paths = paths,
        .compresses_polls = true,
        .body_max = 1000000,
        .connections_max = 10000,
        .request_timeout_ms = 20000,
    };
}

static bool count_addresses(struct endpoint *endpoint)
{
    return endpoint->config.connections_per_address_max == 0 ||
           address_counts_init(&endpoint->addresses, ADDRESS_BUCKETS,
                               engineio_random(endpoint->engine)) == LC_OK;
}

enum lc_status endpoint_create(const struct endpoint_config *config, struct engineio_server *engine,
                               const struct endpoint_shell_ops *shell_ops, void *shell,
                               const struct web_server_ops *app_ops, void *app,
                               struct endpoint **out_endpoint)
{
    struct endpoint *endpoint = calloc(1, sizeof *endpoint);
    if (endpoint == NULL) {
        return LC_ERR_NO_MEMORY;
    }
    endpoint->config = *config;
    endpoint->config.socketio_paths = NULL; // copied
    if (config->unfinished_max == 0) {
        endpoint->config.unfinished_max = ENDPOINT_UNFINISHED_BYTES_MAX;
    }
    if (config->keep_alive_ms == 0) {
        endpoint->config.keep_alive_ms = ENDPOINT_KEEP_ALIVE_MS;
    }
    if (config->deflate.bytes_min == 0) {
        endpoint->config.deflate.bytes_min = WS_DEFLATE_BYTES_MIN;
    }
    endpoint->engine = engine;
    endpoint->shell_ops = *shell_ops;
    endpoint->shell = shell;
    if (app_ops != NULL) {
        endpoint->app_ops = *app_ops;
    }
    endpoint->app = app;
    slot_table_init(&endpoint->exchanges, config->connections_max);
    slot_table_init(&endpoint->links, config->connections_max);
    buffer_init(&endpoint->path, PATH_TEXT_MAX);
    buffer_init(&endpoint->lines, LINES_MAX);
    buffer_init(&endpoint->output, ENDPOINT_RESPONSE_BYTES_MAX);
    buffer_init(&endpoint->coded, ENDPOINT_RESPONSE_BYTES_MAX);
    if (!copy_paths(endpoint, config) || !count_addresses(endpoint)) {
        endpoint_destroy(endpoint);
        return LC_ERR_NO_MEMORY;
    }
    struct engineio_transport_ops transport = {.respond = exchange_engine_respond,
                                               .ws_accept = link_engine_accept,
                                               .ws_send = link_engine_send,
                                               .ws_close = link_engine_close,
                                               .ws_attach = link_engine_attach,
                                               .ws_foresee = link_engine_foresee};
    engineio_attach(engine, &transport, endpoint);
    *out_endpoint = endpoint;
    return LC_OK;
}

void endpoint_destroy(struct endpoint *endpoint)
{
    if (endpoint == NULL) {
        return;
    }
    struct engineio_transport_ops nowhere = {.respond = respond_nowhere,
                                             .ws_accept = accept_nowhere,
                                             .ws_send = send_nowhere,
                                             .ws_close = close_nowhere};
    engineio_attach(endpoint->engine, &nowhere, NULL);
    while (endpoint->first != NULL) {
        peer_destroy(endpoint->first);
    }
    slot_table_release(&endpoint->exchanges);
    slot_table_release(&endpoint->links);
    deadline_heap_release(&endpoint->deadlines);
    address_counts_release(&endpoint->addresses);
    buffer_release(&endpoint->path);
    buffer_release(&endpoint->lines);
    buffer_release(&endpoint->output);
    buffer_release(&endpoint->coded);
    http_coder_destroy(endpoint->coder);
    for (size_t i = 0; i < sizeof endpoint->deflaters / sizeof endpoint->deflaters[0]; i++) {
        ws_deflater_destroy(endpoint->deflaters[i]);
    }
    for (size_t i = 0; i < ENDPOINT_PATHS_MAX; i++) {
        free(endpoint->paths[i]);
    }
    free(endpoint);
}

// ---- paths ----

bool endpoint_has_path(const struct endpoint *endpoint, struct bytes path)
{
    for (char *const *prefix = endpoint->paths; *prefix != NULL; prefix++) {
        if (bytes_starts_with(path, bytes_text(*prefix))) {
            return true;
        }
    }
    return false;
}

static bool is_bundle_file(struct bytes name)
{
    static const char *const files[] = {"socket.io.js", "socket.io.min.js",
                                        "socket.io.msgpack.min.js", "socket.io.esm.min.js"};
    if (name.size > 4 && memcmp(name.data + name.size - 4, ".map", 4) == 0) {
        name.size -= 4;
    }
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        if (bytes_equal_text(name, files[i])) {
            return true;
        }
    }
    return false;
}

bool endpoint_has_bundle_file(const struct endpoint *endpoint, struct bytes path)
{
    for (char *const *prefix = endpoint->paths; *prefix != NULL; prefix++) {
        struct bytes name = bytes_from(path, strlen(*prefix));
        if (endpoint->config.takes_bare_paths && name.size > 0 && name.data[0] == '/') {
            name = bytes_from(name, 1);
        }
        if (bytes_starts_with(path, bytes_text(*prefix)) && is_bundle_file(name)) {
            return !endpoint->config.hides_bundle;
        }
    }
    return false;
}

// ---- the turn ----

void endpoint_note(struct endpoint_peer *peer)
{
    struct endpoint *endpoint = peer->endpoint;
    if (!peer->in_todo) {
        peer->in_todo = true;
        peer->todo_next = endpoint->todo;
        endpoint->todo = peer;
    }
}

static void do_due(struct endpoint *endpoint)
{
    struct deadline *due = deadline_heap_first(&endpoint->deadlines);
    while (due != NULL && due->at_ms <= endpoint->now_ms) {
        // The deadline is a member of its connection.
        struct endpoint_peer *peer =
            (struct endpoint_peer *)(void *)((char *)due -
                                             offsetof(struct endpoint_peer, deadline));
        deadline_heap_set(&endpoint->deadlines, due, DEADLINE_NONE);
        peer_on_deadline(peer);
        due = deadline_heap_first(&endpoint->deadlines);
    }
}

static void do_noted(struct endpoint *endpoint)
{
    struct endpoint_peer *next = endpoint->todo;
    endpoint->todo = NULL;
    while (next != NULL) {
        struct endpoint_peer *peer = next;
        next = peer->todo_next;
        peer->in_todo = false;
        peer_continue(peer);
        if (peer->phase == PHASE_ENDED && !peer->in_todo) {
            peer_destroy(peer);
        }
    }
}

static void flush(struct endpoint *endpoint, int64_t now_ms,
                  void (*flush_engine)(struct engineio_server *engine, int64_t now_ms))
{
    if (endpoint->is_flushing || endpoint->is_busy) {
        return; // the flush at hand, or the one that follows the input, does it
    }
    endpoint->is_flushing = true;
    endpoint->now_ms = now_ms;
    do_due(endpoint);
    flush_engine(endpoint->engine, now_ms);
    while (endpoint->todo != NULL) { // each round answers, or ends, what waited
        do_noted(endpoint);
        engineio_flush_marked(endpoint->engine, now_ms);
    }
    endpoint->is_flushing = false;
}

void endpoint_flush(struct endpoint *endpoint, int64_t now_ms)
{
    flush(endpoint, now_ms, engineio_flush);
}

void endpoint_flush_marked(struct endpoint *endpoint, int64_t now_ms)
{
    flush(endpoint, now_ms, engineio_flush_marked);
}

int64_t endpoint_next_deadline(const struct endpoint *endpoint)
{
    int64_t engine_ms = engineio_next_deadline(endpoint->engine);
    const struct deadline *first = deadline_heap_first(&endpoint->deadlines);
    return first != NULL && first->at_ms < engine_ms ? first->at_ms : engine_ms;
}

void endpoint_keep_none(struct endpoint *endpoint)
{
    endpoint->keeps_none = true;
}

void endpoint_server_counts(const struct endpoint *endpoint, struct endpoint_counts *out)
{
    *out = (struct endpoint_counts){.connections = endpoint->connections_count,
                                    .unfinished_bytes = endpoint->unfinished,
                                    .blocked = endpoint->blocked_count,
                                    .slow_closed_total = endpoint->slow_closed_total};
}
