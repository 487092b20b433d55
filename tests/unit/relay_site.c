#include "tests/unit/relay_world.h"

#include <string.h>

// ---- the shell ----

static void shell_respond(void *shell, uint64_t id, const struct engineio_response *response)
{
    struct exchange *exchange = world_exchange(((struct node *)shell)->world, id);
    assert_true(exchange->state == EXCHANGE_OPEN || exchange->state == EXCHANGE_BODY); // once
    exchange->state = EXCHANGE_ANSWERED;
    exchange->status = response->status;
    world_own++;
    buffer_append(&exchange->body, response->body);
    world_own--;
}

static uint64_t shell_accept(void *shell, uint64_t id, struct bytes headers)
{
    struct world *world = ((struct node *)shell)->world;
    struct exchange *exchange = world_exchange(world, id);
    (void)headers;
    assert_int_equal(exchange->state, EXCHANGE_OPEN);
    assert_true(world->sockets_count + 1 < SOCKETS_MAX);
    exchange->state = EXCHANGE_ANSWERED;
    exchange->status = 101;
    if (world->has_no_peers) {
        return 0;
    }
    exchange->ws = ++world->sockets_count;
    struct socket *socket = &world->sockets[exchange->ws];
    *socket = (struct socket){.node = exchange->node, .is_open = true};
    buffer_init(&socket->received, 64 << 20);
    return exchange->ws;
}

static bool shell_send(void *shell, uint64_t ws, struct bytes frames)
{
    struct socket *socket = &((struct node *)shell)->world->sockets[ws];
    assert_true(socket->is_open); // nothing goes to a closed one
    world_own++;
    buffer_append(&socket->received, frames);
    world_own--;
    return true;
}

static void shell_close(void *shell, uint64_t ws, int code)
{
    struct socket *socket = &((struct node *)shell)->world->sockets[ws];
    assert_true(socket->is_open);
    socket->is_open = false;
    socket->close_code = code;
}

static void shell_attach(void *shell, uint64_t ws, struct engineio_session_id session)
{
    struct socket *socket = &((struct node *)shell)->world->sockets[ws];
    assert_true(socket->is_open);
    socket->session = session;
}

// ---- the application ----

static uint32_t query_number(struct bytes query, const char *name)
{
    char text[300];
    snprintf(text, sizeof text, "%.*s", (int)query.size, (const char *)query.data);
    char *found = strstr(text, name);
    return found == NULL ? 0 : (uint32_t)strtoul(found + strlen(name), NULL, 10);
}

static struct conn *conn_create(struct node *node, struct engineio_session_id session,
                                uint32_t client, uint32_t epoch)
{
    world_own++;
    struct conn *conn = calloc(1, sizeof *conn);
    world_own--;
    struct life *life = life_of(node->world, client, epoch);
    assert_non_null(conn);
    conn->node = node;
    conn->next = node->conns;
    node->conns = conn;
    conn->session = session;
    conn->client = client;
    conn->epoch = epoch;
    life->conn = conn;
    return conn;
}

void conn_destroy(struct conn *conn)
{
    struct life *life = life_of(conn->node->world, conn->client, conn->epoch);
    life->conn = life->conn == conn ? NULL : life->conn;
    struct conn **link = &conn->node->conns;
    while (*link != conn) {
        link = &(*link)->next;
    }
    *link = conn->next;
    frame_destroy(conn->frame);
    free(conn);
}

static void *app_open(void *app, struct engineio_session_id session)
{
    struct node *node = app;
    struct bytes query = engineio_handshake(node->engine, session)->query;
    struct life *life =
        life_of(node->world, query_number(query, "client="), query_number(query, "epoch="));
    assert_true(life->conn == NULL || node->world->is_lenient);
    return conn_create(node, session, query_number(query, "client="),
                       query_number(query, "epoch="));
}

size_t message_size(uint32_t number, int large)
{
    return number % 1000 < (uint32_t)large ? 300000 : number % 7;
}

// "c{epoch}.{number}:xxx"
static void app_message(void *app, void *connection, bool binary, struct bytes data)
{
    struct conn *conn = connection;
    char text[64];
    (void)app;
    if (conn->node->world->is_lenient) {
        conn->next_in++;
        return;
    }
    assert_false(binary);
    snprintf(text, sizeof text, "c%u.%u:", conn->epoch, conn->next_in);
    if (!bytes_starts_with(data, bytes_text(text))) {
        fail_msg("client %u: expected %s but got %.*s", conn->client, text,
                 (int)(data.size < 40 ? data.size : 40), (const char *)data.data);
    }
    assert_int_equal(data.size,
                     strlen(text) + message_size(conn->next_in, conn->node->world->large));
    conn->next_in++;
}

static void app_close(void *app, void *connection, enum engineio_reason reason)
{
    struct conn *conn = connection;
    (void)app;
    (void)reason;
    life_of(conn->node->world, conn->client, conn->epoch)->closed++;
    conn_destroy(conn);
}

static void app_nothing(void *app, void *connection)
{
    (void)app;
    (void)connection;
}

static const struct frame *app_peek(void *app, void *connection, uint64_t fresh_from)
{
    struct conn *conn = connection;
    (void)app;
    (void)fresh_from;
    if (conn->frame == NULL && conn->next_out < conn->queued_to) {
        char text[64];
        size_t size = message_size(conn->next_out, conn->node->world->large);
        world_own++;
        char *padding = malloc(size + 1);
        assert_non_null(padding);
        memset(padding, 'x', size);
        snprintf(text, sizeof text, "4s%u.%u:", conn->epoch, conn->next_out);
        struct bytes parts[] = {bytes_text(text), bytes_of(padding, size)};
        assert_int_equal(frame_create(false, parts, 2, &conn->frame), LC_OK);
        free(padding);
        world_own--;
    }
    return conn->frame;
}

static void app_pop(void *app, void *connection)
{
    struct conn *conn = connection;
    (void)app;
    frame_destroy(conn->frame);
    conn->frame = NULL;
    conn->next_out++;
}

static bool app_export(void *app, void *connection, struct bytes to, struct buffer *out_state)
{
    struct conn *conn = connection;
    struct world *world = ((struct node *)app)->world;
    uint32_t words[] = {conn->client, conn->epoch, conn->next_in, conn->next_out, conn->queued_to};
    assert_int_equal(to.size, ENGINEIO_NODE_SIZE);
    if ((int)world_draw(world, 1000) < world->busy) {
        return false;
    }
    buffer_append(out_state, bytes_of(words, sizeof words));
    // Large, so that it takes several messages.
    if (conn->client % 2 == 1) {
        char padding[1000];
        memset(padding, 'p', sizeof padding);
        for (int i = 0; i < 500; i++) {
            buffer_append(out_state, bytes_of(padding, sizeof padding));
        }
    }
    return true;
}

static void app_moved(void *app, void *connection)
{
    struct conn *conn = connection;
    (void)app;
    life_of(conn->node->world, conn->client, conn->epoch)->moved++;
    conn_destroy(conn);
}

static void *app_import(void *app, struct engineio_session_id session, struct bytes state)
{
    uint32_t words[5];
    struct world *world = ((struct node *)app)->world;
    if (world->is_lenient && (state.size < sizeof words || state.data[0] >= world->clients ||
                              state.data[4] >= world->epochs)) {
        return NULL;
    }
    assert_true(world->is_lenient || state.size == sizeof words ||
                state.size == sizeof words + 500000);
    memcpy(words, state.data, sizeof words);
    words[0] &= world->is_lenient ? 0xff : UINT32_MAX;
    words[1] &= world->is_lenient ? 0xff : UINT32_MAX;
    struct conn *conn = conn_create(app, session, words[0], words[1]);
    conn->next_in = words[2];
    conn->next_out = words[3];
    conn->queued_to = words[4];
    return conn;
}

struct conn *world_emit(struct world *world, uint32_t client, uint32_t epoch, uint32_t count)
{
    struct conn *conn = life_of(world, client, epoch)->conn;
    if (conn != NULL) {
        conn->queued_to += count;
        engineio_touch(conn->node->engine, conn->session);
        node_flush(conn->node);
    }
    return conn;
}

// ---- what the engine is given ----

const struct engineio_app_ops site_app_ops = {
    .on_open = app_open,
    .on_message = app_message,
    .on_close = app_close,
    .on_deadline = app_nothing,
    .before_send = app_nothing,
    .peek = app_peek,
    .pop = app_pop,
    .on_export = app_export,
    .on_moved = app_moved,
    .on_import = app_import,
};

const struct engineio_transport_ops site_transport_ops = {.respond = shell_respond,
                                                          .ws_accept = shell_accept,
                                                          .ws_send = shell_send,
                                                          .ws_close = shell_close,
                                                          .ws_attach = shell_attach};
