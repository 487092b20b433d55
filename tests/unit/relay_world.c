#include "tests/unit/relay_world.h"

#include <string.h>

#include "lib/digest/hmac.h"

volatile int world_own; // deep in what belongs to the world: memory does not run out there

uint32_t world_draw(struct world *world, uint32_t below)
{
    world->random = world->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return below == 0 ? 0 : (uint32_t)(world->random >> 33) % below;
}

static void draw_bytes(void *context, uint8_t *data, size_t size)
{
    struct node *node = context;
    for (size_t i = 0; i < size; i++) {
        data[i] = (uint8_t)world_draw(node->world, 256);
    }
}

struct life *life_of(struct world *world, uint32_t client, uint32_t epoch)
{
    assert_true(client < world->clients && epoch < world->epochs);
    return &world->lives[client * world->epochs + epoch];
}

struct exchange *world_exchange(struct world *world, uint64_t exchange)
{
    assert_true(exchange > 0 && exchange <= world->exchanges_count);
    return &world->exchanges[exchange];
}

// ---- the broker ----

static struct letter *letter_create(int to, struct bytes message)
{
    world_own++;
    struct letter *letter = calloc(1, sizeof *letter + message.size);
    world_own--;
    assert_non_null(letter);
    letter->to = to;
    letter->size = message.size;
    memcpy(letter->data, message.data, message.size);
    return letter;
}

static void box_put(struct world *world, struct mailbox *box, int to, struct bytes message)
{
    struct letter *letter = letter_create(to, message);
    int64_t at_ms = world->now_ms + world->fixed_delay_ms +
                    world_draw(world, (uint32_t)world->delay_max_ms + 1);
    letter->at_ms = at_ms > box->last_at_ms ? at_ms : box->last_at_ms;
    box->last_at_ms = letter->at_ms;
    *box->end = letter;
    box->end = &letter->next;
}

static void box_clear(struct mailbox *box)
{
    while (box->first != NULL) {
        struct letter *letter = box->first;
        box->first = letter->next;
        free(letter);
    }
    box->end = &box->first;
}

static void post_letter(struct node *from, struct node *to, int topic, struct bytes message)
{
    struct world *world = from->world;
    struct mailbox *box = &to->boxes[topic][from->index];
    bool is_lost = !from->reaches_broker || to->relay == NULL || !to->reaches_broker ||
                   (int)world_draw(world, 1000) < world->losses;
    if (is_lost) {
        return;
    }
    if (world->recorded_count < RECORDED_MAX) {
        world->recorded[world->recorded_count++] = letter_create(to->index, message);
    }
    box_put(world, box, to->index, message);
    while ((int)world_draw(world, 1000) < world->repeats) {
        box_put(world, box, to->index, message);
    }
}

static enum lc_status on_publish(void *owner, const char *node_or_null, struct bytes message)
{
    struct node *from = owner;
    assert_true(message.size <= 256 * 1024);
    if (from->world->is_full) {
        return LC_ERR_FULL;
    }
    for (int i = 0; i < NODES; i++) {
        struct node *to = &from->world->nodes[i];
        if (node_or_null == NULL) {
            post_letter(from, to, 1, message);
        } else if (strcmp(to->name, node_or_null) == 0) {
            post_letter(from, to, 0, message);
        }
    }
    return LC_OK;
}

static bool on_is_alive(void *owner, const char node[ENGINEIO_NODE_SIZE])
{
    struct world *world = ((struct node *)owner)->world;
    for (int i = 0; i < NODES; i++) {
        if (memcmp(world->nodes[i].name, node, ENGINEIO_NODE_SIZE) == 0) {
            return world->nodes[i].counts_as_alive;
        }
    }
    return false;
}

static void on_note(void *owner, const char from[ENGINEIO_NODE_SIZE], struct bytes note)
{
    struct node *node = owner;
    node->notes++;
    snprintf(node->note, sizeof node->note, "%.4s:%.*s", from, (int)note.size,
             (const char *)note.data);
}

// ---- nodes ----

static bool draw_sid(void *context, const struct engineio_request *request, char *out_sid)
{
    struct node *node = context;
    (void)request;
    relay_draw_sid(node->relay, out_sid);
    return true;
}

static void start_engine(struct node *node)
{
    struct engineio_config config = {
        .ping_interval_ms = WORLD_PING_MS,
        .ping_timeout_ms = WORLD_PING_TIMEOUT_MS,
        .upgrade_timeout_ms = WORLD_UPGRADE_MS,
        .max_payload = WORLD_PAYLOAD_MAX,
        .sessions_max = 1000,
        .allow_upgrades = true,
        .allow_polling = true,
        .allow_websocket = true,
        .generate_sid = draw_sid,
        .random = draw_bytes,
        .random_context = node,
    };
    assert_int_equal(engineio_create(&config, &site_app_ops, node, &node->engine), LC_OK);
    engineio_attach(node->engine, &site_transport_ops, node);
}

void node_start(struct world *world, int index, const char *name)
{
    struct node *node = &world->nodes[index];
    struct relay_ops ops = {
        .publish = on_publish, .is_alive = on_is_alive, .on_note = on_note, .random = draw_bytes};
    struct relay_config config = {.other_keys = {world->other_key},
                                  .other_keys_count = world->other_key.size > 0 ? 1 : 0,
                                  .key = bytes_of(node->key, sizeof node->key),
                                  .upgrade_timeout_ms = WORLD_UPGRADE_MS};
    memcpy(node->key, world->key, sizeof node->key);
    node->world = world;
    node->index = index;
    snprintf(node->name, sizeof node->name, "%s", name);
    memcpy(config.node, name, ENGINEIO_NODE_SIZE);
    start_engine(node);
    assert_int_equal(relay_create(&config, node->engine, &ops, node, &node->relay), LC_OK);
    node->counts_as_alive = true;
    node->reaches_broker = true;
    relay_broker_state(node->relay, world->now_ms, true);
    engineio_flush(node->engine, world->now_ms);
}

void node_flush(struct node *node)
{
    struct relay_counts counts;
    engineio_flush(node->engine, node->world->now_ms);
    relay_read_counts(node->relay, &counts);
    assert_true(counts.bodies_bytes <= RELAY_BODIES_MAX + RELAY_CHUNK_SIZE_MAX);
    if (counts.bodies_bytes > node->world->bodies_max) {
        node->world->bodies_max = counts.bodies_bytes;
    }
}

void node_kill(struct world *world, int index)
{
    struct node *node = &world->nodes[index];
    relay_destroy(node->relay);
    node->relay = NULL;
    engineio_destroy(node->engine);
    node->engine = NULL;
    while (node->conns != NULL) {
        life_of(world, node->conns->client, node->conns->epoch)->closed++;
        conn_destroy(node->conns);
    }
    for (uint64_t i = 1; i <= world->exchanges_count; i++) {
        struct exchange *exchange = &world->exchanges[i];
        if (exchange->node == index && exchange->state < EXCHANGE_ANSWERED) {
            exchange->state = EXCHANGE_GONE;
            exchange->is_broken = true;
        }
    }
    for (uint64_t i = 1; i <= world->sockets_count; i++) {
        if (world->sockets[i].node == index) {
            world->sockets[i].is_open = false;
        }
    }
    for (int topic = 0; topic < 2; topic++) {
        for (int from = 0; from < NODES; from++) {
            box_clear(&node->boxes[topic][from]);
        }
    }
    snprintf(node->name, sizeof node->name, "----");
}

void node_cut(struct world *world, int index, bool is_noticed)
{
    struct node *node = &world->nodes[index];
    node->reaches_broker = false;
    for (int topic = 0; topic < 2; topic++) {
        for (int from = 0; from < NODES; from++) {
            box_clear(&node->boxes[topic][from]);
        }
    }
    if (is_noticed) {
        relay_broker_state(node->relay, world->now_ms, false);
        node_flush(node);
    }
}

void node_join(struct world *world, int index)
{
    struct node *node = &world->nodes[index];
    node->reaches_broker = true;
    node->counts_as_alive = true;
    relay_broker_state(node->relay, world->now_ms, false);
    relay_broker_state(node->relay, world->now_ms, true);
    node_flush(node);
}

void node_count_as_dead(struct world *world, int index)
{
    world->nodes[index].counts_as_alive = false;
    for (int i = 0; i < NODES; i++) {
        if (i != index && world->nodes[i].relay != NULL && world->nodes[i].reaches_broker) {
            relay_node_died(world->nodes[i].relay, world->now_ms, world->nodes[index].name);
            node_flush(&world->nodes[i]);
        }
    }
}

void world_tamper(struct world *world, int to, int from, uint8_t at, uint8_t value)
{
    struct letter *letter = world->nodes[to].boxes[0][from].first;
    if (letter == NULL || letter->size < SHA256_SIZE + 1) {
        return;
    }
    size_t size = letter->size - SHA256_SIZE;
    struct bytes message = bytes_of(letter->data, size);
    letter->data[at % size] = value;
    hmac_sha256(bytes_of(world->key, sizeof world->key), &message, 1, letter->data + size);
}

// ---- time ----

static void deliver_due(struct world *world, struct node *node)
{
    for (int topic = 0; topic < 2; topic++) {
        for (int from = 0; from < NODES; from++) {
            struct mailbox *box = &node->boxes[topic][from];
            while (box->first != NULL && box->first->at_ms <= world->now_ms) {
                struct letter *letter = box->first;
                box->first = letter->next;
                box->end = box->first == NULL ? &box->first : box->end;
                relay_take(node->relay, world->now_ms, bytes_of(letter->data, letter->size));
                node_flush(node);
                free(letter);
            }
        }
    }
}

static int64_t next_of(const struct node *node)
{
    int64_t at_ms = relay_deadline_ms(node->relay);
    int64_t engine_ms = engineio_next_deadline(node->engine);
    at_ms = engine_ms < at_ms ? engine_ms : at_ms;
    for (int topic = 0; topic < 2; topic++) {
        for (int from = 0; from < NODES; from++) {
            const struct letter *letter = node->boxes[topic][from].first;
            at_ms = letter != NULL && letter->at_ms < at_ms ? letter->at_ms : at_ms;
        }
    }
    return at_ms;
}

void world_step(struct world *world, int64_t until_ms)
{
    int64_t at_ms = until_ms;
    for (int i = 0; i < NODES; i++) {
        const struct node *node = &world->nodes[i];
        bool is_up = node->relay != NULL && !node->is_stopped;
        int64_t next_ms = is_up ? next_of(node) : INT64_MAX;
        at_ms = next_ms < at_ms ? next_ms : at_ms;
    }
    world->now_ms = at_ms > world->now_ms ? at_ms : world->now_ms;
    for (int i = 0; i < NODES; i++) {
        struct node *node = &world->nodes[i];
        if (node->relay != NULL && !node->is_stopped) {
            deliver_due(world, node);
            relay_process(node->relay, world->now_ms);
            node_flush(node);
        }
    }
}

void world_pass(struct world *world, int64_t ms)
{
    int64_t until_ms = world->now_ms + ms;
    int steps = 0;
    while (world->now_ms < until_ms) {
        world_step(world, until_ms);
        assert_true(++steps < 1000000); // nothing turns without end
    }
    world_step(world, until_ms);
}

struct world *world_create(uint64_t seed, uint32_t clients, uint32_t epochs)
{
    static const char *const names[NODES] = {"aaaa", "bbbb", "cccc"};
    struct world *world = calloc(1, sizeof *world);
    assert_non_null(world);
    world->random = seed * 2654435761 + 12345;
    world->now_ms = 1000000;
    world->clients = clients;
    world->epochs = epochs;
    world->exchanges = calloc(EXCHANGES_MAX, sizeof *world->exchanges);
    world->sockets = calloc(SOCKETS_MAX, sizeof *world->sockets);
    world->lives = calloc((size_t)clients * epochs, sizeof *world->lives);
    assert_true(world->exchanges != NULL && world->sockets != NULL && world->lives != NULL);
    for (int i = 0; i < NODES; i++) {
        for (int topic = 0; topic < 2; topic++) {
            for (int from = 0; from < NODES; from++) {
                struct mailbox *box = &world->nodes[i].boxes[topic][from];
                box->end = &box->first;
            }
        }
    }
    for (int i = 0; i < NODES; i++) {
        node_start(world, i, names[i]);
    }
    return world;
}

void world_destroy(struct world *world)
{
    for (int i = 0; i < NODES; i++) {
        if (world->nodes[i].relay != NULL) {
            node_kill(world, i);
        }
    }
    for (uint64_t i = 0; i <= world->exchanges_count; i++) {
        buffer_release(&world->exchanges[i].body);
    }
    for (uint64_t i = 0; i <= world->sockets_count; i++) {
        buffer_release(&world->sockets[i].received);
    }
    for (int i = 0; i < world->recorded_count; i++) {
        free(world->recorded[i]);
    }
    free(world->exchanges);
    free(world->sockets);
    free(world->lives);
    free(world);
}

// ---- requests ----

static uint64_t request(struct world *world, int index, const char *method, const char *query,
                        bool is_upgrade)
{
    struct node *node = &world->nodes[index];
    assert_true(world->exchanges_count + 1 < EXCHANGES_MAX);
    uint64_t id = ++world->exchanges_count;
    struct exchange *exchange = &world->exchanges[id];
    *exchange = (struct exchange){.node = index, .begun_at_ms = world->now_ms};
    buffer_init(&exchange->body, 64 << 20);
    if (node->engine == NULL) {
        exchange->state = EXCHANGE_GONE;
        exchange->is_broken = true;
        return id;
    }
    struct engineio_request asked = {.exchange = id,
                                     .is_upgrade = is_upgrade,
                                     .method = bytes_text(method),
                                     .content_type = bytes_text("text/plain;charset=UTF-8"),
                                     .handshake = {.url = bytes_text("/socket.io/"),
                                                   .query = bytes_text(query),
                                                   .address = bytes_text("127.0.0.1")}};
    struct engineio_session_id session;
    enum engineio_verdict verdict = engineio_request(node->engine, world->now_ms, &asked, &session);
    exchange->session = session;
    switch (verdict) {
    case ENGINEIO_ANSWERED:
        assert_int_equal(exchange->state, EXCHANGE_ANSWERED);
        break;
    case ENGINEIO_HELD:
        break;
    case ENGINEIO_WANTS_BODY:
        exchange->state = EXCHANGE_BODY;
        break;
    }
    if (exchange->status == 101) {
        world->sockets[exchange->ws].session = session;
    }
    node_flush(node);
    return id;
}

uint64_t world_get(struct world *world, int node, const char *query)
{
    return request(world, node, "GET", query, false);
}

uint64_t world_upgrade(struct world *world, int node, const char *query)
{
    return request(world, node, "GET", query, true);
}

uint64_t world_post_begin(struct world *world, int node, const char *query)
{
    return request(world, node, "POST", query, false);
}

void world_post_end(struct world *world, uint64_t id, struct bytes body)
{
    struct exchange *exchange = world_exchange(world, id);
    struct node *node = &world->nodes[exchange->node];
    if (exchange->state == EXCHANGE_BODY) {
        exchange->state = EXCHANGE_OPEN;
        engineio_post_complete(node->engine, world->now_ms, exchange->session, id, body);
        node_flush(node);
    }
}

uint64_t world_post(struct world *world, int node, const char *query, struct bytes body)
{
    uint64_t id = world_post_begin(world, node, query);
    world_post_end(world, id, body);
    return id;
}

void world_leave(struct world *world, uint64_t id)
{
    struct exchange *exchange = world_exchange(world, id);
    struct node *node = &world->nodes[exchange->node];
    if (exchange->state < EXCHANGE_ANSWERED) {
        exchange->state = EXCHANGE_GONE;
        engineio_exchange_gone(node->engine, world->now_ms, exchange->session, id);
        node_flush(node);
    }
}

// The endpoint knows a WebSocket's session from the exchange, or from where it was attached.
static struct engineio_session_id session_of(struct world *world, uint64_t ws)
{
    struct socket *socket = &world->sockets[ws];
    for (uint64_t i = world->exchanges_count; socket->session.value == 0 && i > 0; i--) {
        socket->session =
            world->exchanges[i].ws == ws ? world->exchanges[i].session : socket->session;
    }
    return socket->session;
}

void world_ws_send(struct world *world, uint64_t ws, const char *text, size_t size)
{
    struct socket *socket = &world->sockets[ws];
    struct node *node = &world->nodes[socket->node];
    if (socket->is_open) {
        engineio_ws_message(node->engine, world->now_ms, session_of(world, ws), ws, false,
                            bytes_of(text, size));
        node_flush(node);
    }
}

void world_ws_leave(struct world *world, uint64_t ws)
{
    struct socket *socket = &world->sockets[ws];
    struct node *node = &world->nodes[socket->node];
    if (socket->is_open) {
        socket->is_open = false;
        engineio_ws_gone(node->engine, world->now_ms, session_of(world, ws), ws, false);
        node_flush(node);
    }
}
