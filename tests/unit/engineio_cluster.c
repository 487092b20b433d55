// Three nodes and one client that polls anywhere and upgrades anywhere, while both sides number
// their messages from 1 to 50: whatever the order in which the messages between the nodes arrive,
// and whatever answers are lost, each number arrives once and in its place. What lies between the
// nodes is a queue each way, as the broker's: the smallest relay that keeps the contract of
// bridge/engineio/foreign.h.
#include "bridge/engineio/foreign.h"
#include "tests/unit/engineio_world.h"

enum { NODES = 3, LAST = 50, QUEUE = 64, LINE = 600, STEPS_MAX = 30000, WS = 5, SEEDS = 400 };

enum kind {
    ASK_GET, // to the holder, which is node 0
    ASK_POST,
    PROBE,
    READY,
    TAKE,
    WRITTEN,
    LOST,
    DONE,
    ANSWER, // to the edge
    PROBE_ANSWER,
    STATE,
};

struct message {
    enum kind kind;
    uint64_t exchange; // of the edge
    int value;         // a status, or the outcome of a probe
    bool is_drained;
    size_t size;
    char body[LINE];
};

struct queue {
    struct message messages[QUEUE];
    size_t count;
};

enum phase { POLLING, ASKED, PROBING, PAUSING, UPGRADED };

struct cluster {
    uint32_t random;
    struct world *worlds[NODES];
    struct queue up[NODES];   // from an edge to the holder
    struct queue down[NODES]; // back
    bool is_asked_by[NODES];  // an upgrade is held there
    bool takes[NODES];        // packet 5 has come there, and the session has not
    struct message behind_5[QUEUE];
    size_t behind_5_count;
    int owner; // where the session is; -1: on its way
    char sid[ENGINEIO_SID_SIZE + 1];
    // The client.
    enum phase phase;
    int poll_at; // the node where its poll is, -1: none
    uint64_t poll;
    int post_at;
    uint64_t post;
    int ws_at;
    uint64_t upgrade;
    int sent; // the numbers
    int received;
    bool owes_pong;
    int lost; // answers
    // The application.
    int emitted;
};

static uint32_t draw_below(struct cluster *cluster, uint32_t end)
{
    cluster->random = cluster->random * 1664525 + 1013904223;
    return (cluster->random >> 8) % end;
}

static struct message *push(struct queue *queue, enum kind kind, uint64_t exchange)
{
    assert_true(queue->count < QUEUE);
    struct message *message = &queue->messages[queue->count++];
    *message = (struct message){.kind = kind, .exchange = exchange};
    return message;
}

static void set_body(struct message *message, struct bytes body)
{
    assert_true(body.size < LINE);
    message->size = body.size;
    memcpy(message->body, body.data, body.size);
}

static struct message pop(struct queue *queue)
{
    struct message first = queue->messages[0];
    queue->count--;
    memmove(&queue->messages[0], &queue->messages[1], queue->count * sizeof first);
    return first;
}

// ---- the edges ----

// The operations are told whose they are.
struct edge {
    struct cluster *cluster;
    int node;
};
static struct edge edges[NODES];

static bool edge_request(void *foreign, const struct engineio_request *request, bool is_websocket,
                         struct bytes sid, enum engineio_verdict *out_verdict,
                         struct engineio_session_id *out_session)
{
    struct edge *edge = foreign;
    struct cluster *cluster = edge->cluster;
    (void)is_websocket;
    assert_true(bytes_equal_text(sid, cluster->sid));
    out_session->value = ENGINEIO_FOREIGN_BIT | 1;
    bool is_post = bytes_equal_text(request->method, "POST");
    *out_verdict = is_post ? ENGINEIO_WANTS_BODY : ENGINEIO_HELD;
    if (!is_post) {
        (void)push(&cluster->up[edge->node], request->is_upgrade ? PROBE : ASK_GET,
                   request->exchange);
    }
    return true;
}

static void edge_post(void *foreign, struct engineio_session_id session, uint64_t exchange,
                      struct bytes body)
{
    struct edge *edge = foreign;
    (void)session;
    set_body(push(&edge->cluster->up[edge->node], ASK_POST, exchange), body);
}

static void edge_no_post(void *foreign, struct engineio_session_id session, uint64_t exchange)
{
    (void)foreign, (void)session, (void)exchange;
    fail();
}

static void edge_message(void *foreign, struct engineio_session_id session, uint64_t ws,
                         bool binary, struct bytes data)
{
    struct edge *edge = foreign;
    struct cluster *cluster = edge->cluster;
    (void)session, (void)binary;
    if (cluster->takes[edge->node]) {
        assert_true(cluster->behind_5_count < QUEUE);
        set_body(&cluster->behind_5[cluster->behind_5_count++], data);
    } else if (bytes_equal_text(data, "2probe")) {
        engineio_foreign_send(cluster->worlds[edge->node]->engine, ws,
                              BYTES("\x81\x06"
                                    "3probe"));
        (void)push(&cluster->up[edge->node], READY, cluster->upgrade);
    } else {
        assert_true(bytes_equal_text(data, "5"));
        cluster->takes[edge->node] = true;
        (void)push(&cluster->up[edge->node], TAKE, cluster->upgrade);
    }
}

static void edge_gone(void *foreign, struct engineio_session_id session, uint64_t ws, bool failed)
{
    (void)foreign, (void)session, (void)ws, (void)failed;
    fail();
}

// ---- the holder ----

static uint64_t relayed_id(int node, uint64_t exchange)
{
    return ENGINEIO_RELAYED_BIT | (uint64_t)node << 32 | exchange;
}

static void holder_respond(void *relay, uint64_t exchange, const struct engineio_response *response,
                           bool is_drained)
{
    struct cluster *cluster = relay;
    int node = (int)(exchange >> 32 & 0xff);
    struct message *message = push(&cluster->down[node], ANSWER, exchange & UINT32_MAX);
    message->value = response->status;
    message->is_drained = is_drained;
    set_body(message, response->body);
}

static void holder_probe_close(void *relay, uint64_t probe)
{
    (void)relay, (void)probe;
    fail();
}

static void ask(struct cluster *cluster, int node, const struct message *message)
{
    struct world *holder = cluster->worlds[0];
    char query[64];
    snprintf(query, sizeof query, "EIO=4&transport=polling&sid=%s", cluster->sid);
    struct engineio_request request = {.exchange = relayed_id(node, message->exchange),
                                       .method =
                                           bytes_text(message->kind == ASK_GET ? "GET" : "POST"),
                                       .handshake = {.query = bytes_text(query)}};
    struct engineio_session_id session;
    if (engineio_request(holder->engine, holder->now_ms, &request, &session) ==
        ENGINEIO_WANTS_BODY) {
        engineio_post_complete(holder->engine, holder->now_ms, session, request.exchange,
                               bytes_of(message->body, message->size));
    }
}

static void take(struct cluster *cluster, int node, const struct message *message)
{
    struct world *holder = cluster->worlds[0];
    struct buffer state;
    buffer_init(&state, LINE - 1);
    holder->is_busy = draw_below(cluster, 3) == 0;
    enum lc_status status =
        engineio_export(holder->engine, holder->now_ms, bytes_text(cluster->sid),
                        relayed_id(node, message->exchange), bytes_text("NODE"), &state);
    if (status == LC_ERR_BUSY) {
        (void)push(&cluster->up[node], TAKE, message->exchange);
    } else {
        assert_int_equal(status, LC_OK);
        cluster->owner = -1;
        set_body(push(&cluster->down[node], STATE, message->exchange), buffer_bytes(&state));
    }
    buffer_release(&state);
}

static void arrive_at_holder(struct cluster *cluster, int node)
{
    struct world *holder = cluster->worlds[0];
    struct message message = pop(&cluster->up[node]);
    struct bytes sid = bytes_text(cluster->sid);
    uint64_t id = relayed_id(node, message.exchange);
    switch (message.kind) {
    case ASK_GET:
    case ASK_POST:
        ask(cluster, node, &message);
        break;
    case PROBE:
        push(&cluster->down[node], PROBE_ANSWER, message.exchange)->value =
            (int)engineio_probe_begin(holder->engine, holder->now_ms, sid, bytes_text("EIO=4"), id);
        break;
    case READY:
        engineio_probe_ready(holder->engine, holder->now_ms, sid, id);
        break;
    case TAKE:
        take(cluster, node, &message);
        break;
    case WRITTEN:
        engineio_response_written(holder->engine, holder->now_ms, holder->session, id);
        break;
    case LOST:
        engineio_response_lost(holder->engine, holder->now_ms, holder->session, id);
        break;
    case DONE:
        engineio_export_done(holder->engine, holder->now_ms, sid);
        assert_int_equal(holder->moved, 1);
        break;
    case ANSWER:
    case PROBE_ANSWER:
    case STATE:
        fail();
    }
    engineio_flush(holder->engine, holder->now_ms);
}

// ---- back at the edges ----

static void poll_at(struct cluster *cluster, int node);

// The client may just have lost its connection: what carries its requests asks again elsewhere.
static void answer(struct cluster *cluster, int node, const struct message *message)
{
    bool is_poll = cluster->poll_at == node && cluster->poll == message->exchange;
    if (is_poll && draw_below(cluster, 6) == 0) {
        cluster->lost += message->is_drained;
        if (message->is_drained) {
            (void)push(&cluster->up[node], LOST, message->exchange);
        }
        poll_at(cluster, (int)draw_below(cluster, NODES));
        return;
    }
    engineio_foreign_respond(
        cluster->worlds[node]->engine, message->exchange,
        &(struct engineio_response){.status = message->value,
                                    .body = bytes_of(message->body, message->size)});
    if (message->is_drained) {
        (void)push(&cluster->up[node], WRITTEN, message->exchange);
    }
}

static void import(struct cluster *cluster, int node, const struct message *message)
{
    struct world *world = cluster->worlds[node];
    struct engineio_session_id session;
    assert_int_equal(engineio_import(world->engine, world->now_ms,
                                     bytes_of(message->body, message->size), WS, &session),
                     LC_OK);
    cluster->owner = node;
    cluster->takes[node] = false;
    (void)push(&cluster->up[node], DONE, message->exchange);
    for (size_t i = 0; i < cluster->behind_5_count; i++) {
        const struct message *frame = &cluster->behind_5[i];
        engineio_ws_message(world->engine, world->now_ms, session, WS, false,
                            bytes_of(frame->body, frame->size));
    }
}

static void arrive_at_edge(struct cluster *cluster, int node)
{
    struct world *world = cluster->worlds[node];
    struct message message = pop(&cluster->down[node]);
    if (message.kind == ANSWER) {
        answer(cluster, node, &message);
    } else if (message.kind == PROBE_ANSWER) {
        assert_int_equal(message.value, ENGINEIO_PROBE_BEGUN);
        assert_int_equal(engineio_foreign_accept(world->engine, message.exchange), WS);
    } else {
        assert_int_equal(message.kind, STATE);
        import(cluster, node, &message);
    }
    engineio_flush(world->engine, world->now_ms);
}

// ---- the client ----

static uint64_t request_at(struct cluster *cluster, int node, const char *method,
                           const char *transport, const char *body)
{
    struct world *world = cluster->worlds[node];
    char query[64];
    snprintf(query, sizeof query, "EIO=4&transport=%s&sid=%s", transport, cluster->sid);
    world->next_ws = WS;
    struct engineio_request request = {.exchange = ++world->exchange,
                                       .is_upgrade = strcmp(transport, "websocket") == 0,
                                       .method = bytes_text(method),
                                       .handshake = {.query = bytes_text(query)}};
    struct engineio_session_id session;
    if (engineio_request(world->engine, world->now_ms, &request, &session) == ENGINEIO_WANTS_BODY) {
        engineio_post_complete(world->engine, world->now_ms, session, request.exchange,
                               bytes_text(body));
    }
    engineio_flush(world->engine, world->now_ms);
    return request.exchange;
}

static void poll_at(struct cluster *cluster, int node)
{
    cluster->poll_at = node;
    cluster->poll = request_at(cluster, node, "GET", "polling", "");
}

static void write_next(struct cluster *cluster, char text[32])
{
    if (cluster->owes_pong) {
        cluster->owes_pong = false;
        snprintf(text, 32, "3");
    } else {
        snprintf(text, 32, "4%d", ++cluster->sent);
    }
}

static bool has_more(const struct cluster *cluster)
{
    return cluster->sent < LAST || cluster->owes_pong;
}

static void post_some(struct cluster *cluster)
{
    char body[128] = "";
    size_t size = 0;
    for (uint32_t left = 1 + draw_below(cluster, 3); left > 0 && has_more(cluster); left--) {
        char text[32];
        write_next(cluster, text);
        size += (size_t)snprintf(body + size, sizeof body - size, "%s%s", size == 0 ? "" : "\x1e",
                                 text);
    }
    cluster->post_at = (int)draw_below(cluster, NODES);
    cluster->post = request_at(cluster, cluster->post_at, "POST", "polling", body);
}

static void read_packet(struct cluster *cluster, const char *packet)
{
    if (strcmp(packet, "2") == 0) {
        cluster->owes_pong = true;
    } else if (strcmp(packet, "3probe") == 0) {
        assert_int_equal(cluster->phase, PROBING);
        cluster->phase = PAUSING;
    } else if (strcmp(packet, "6") != 0) {
        char expected[32];
        snprintf(expected, sizeof expected, "4%d", ++cluster->received);
        assert_string_equal(packet, expected);
    }
}

static void read_poll(struct cluster *cluster)
{
    struct answer *answer = &cluster->worlds[cluster->poll_at]->answers[cluster->poll];
    if (answer->status == 0) {
        return;
    }
    assert_int_equal(answer->status, 200);
    cluster->poll_at = -1;
    char *rest = answer->body;
    while (rest != NULL) {
        char *packet = rest;
        rest = strchr(rest, 0x1e);
        if (rest != NULL) {
            *rest++ = '\0';
        }
        read_packet(cluster, packet);
    }
}

static void read_post(struct cluster *cluster)
{
    const struct answer *answer = &cluster->worlds[cluster->post_at]->answers[cluster->post];
    if (answer->status != 0) {
        assert_int_equal(answer->status, 200);
        cluster->post_at = -1;
    }
}

static void ws_write(struct cluster *cluster, const char *text)
{
    struct world *world = cluster->worlds[cluster->ws_at];
    // As the shell knows it: the session that holds the WebSocket, or the one of its request.
    struct engineio_session_id session = {ENGINEIO_FOREIGN_BIT | 1};
    if (cluster->ws_at == 0 || cluster->owner == cluster->ws_at) {
        session = world->session;
    }
    engineio_ws_message(world->engine, world->now_ms, session, WS, false, bytes_text(text));
    engineio_flush(world->engine, world->now_ms);
}

static void read_ws(struct cluster *cluster)
{
    struct world *world = cluster->worlds[cluster->ws_at];
    struct bytes sent = buffer_bytes(&world->sent);
    while (sent.size > 0) {
        char line[32];
        size_t end = bytes_find(sent, '\n', 0);
        snprintf(line, sizeof line, "%.*s", (int)end, (const char *)sent.data);
        read_packet(cluster, line + strlen("5:"));
        sent = bytes_from(sent, end + 1);
    }
    buffer_clear(&world->sent);
}

static void upgrade(struct cluster *cluster)
{
    cluster->ws_at = (int)draw_below(cluster, NODES);
    cluster->phase = ASKED;
    cluster->upgrade = request_at(cluster, cluster->ws_at, "GET", "websocket", "");
}

static void go_on_with_upgrade(struct cluster *cluster)
{
    if (cluster->phase == POLLING) {
        return;
    }
    const struct world *world = cluster->worlds[cluster->ws_at];
    if (cluster->phase == ASKED && world->answers[cluster->upgrade].status == 101) {
        cluster->phase = PROBING;
        ws_write(cluster, "2probe");
    } else if (cluster->phase == PAUSING && cluster->poll_at < 0 && cluster->post_at < 0) {
        cluster->phase = UPGRADED;
        ws_write(cluster, "5");
        if (cluster->ws_at == 0) {
            assert_int_equal(cluster->owner, 0);
        }
    }
}

static void act(struct cluster *cluster)
{
    bool polls = cluster->phase != PAUSING && cluster->phase != UPGRADED;
    switch (draw_below(cluster, 4)) {
    case 0:
        if (cluster->poll_at < 0 && polls) {
            poll_at(cluster, (int)draw_below(cluster, NODES));
        }
        break;
    case 1:
        if (cluster->post_at < 0 && polls && has_more(cluster)) {
            post_some(cluster);
        } else if (cluster->phase == UPGRADED && has_more(cluster)) {
            char text[32];
            write_next(cluster, text);
            ws_write(cluster, text);
        }
        break;
    case 2:
        if (cluster->phase == POLLING && draw_below(cluster, 20) == 0) {
            upgrade(cluster);
        }
        go_on_with_upgrade(cluster);
        break;
    default:
        if (cluster->poll_at >= 0) {
            read_poll(cluster);
        }
        if (cluster->post_at >= 0) {
            read_post(cluster);
        }
        if (cluster->ws_at >= 0) {
            read_ws(cluster);
        }
    }
}

// ---- the run ----

static void emit(struct cluster *cluster)
{
    char text[32];
    if (cluster->owner >= 0 && cluster->emitted < LAST) {
        struct world *world = cluster->worlds[cluster->owner];
        snprintf(text, sizeof text, "4%d", ++cluster->emitted);
        queue(world, text);
        engineio_flush(world->engine, world->now_ms);
    }
}

static void step(struct cluster *cluster)
{
    int node = (int)draw_below(cluster, NODES);
    switch (draw_below(cluster, 7)) {
    case 0:
        emit(cluster);
        break;
    case 1:
    case 2:
        if (cluster->up[node].count > 0) {
            arrive_at_holder(cluster, node);
        }
        break;
    case 3:
        if (cluster->down[node].count > 0) {
            arrive_at_edge(cluster, node);
        }
        break;
    case 4:
        for (int i = 0; i < NODES; i++) {
            pass(cluster->worlds[i], draw_below(cluster, 2) == 0 ? 1 : 15);
        }
        break;
    default:
        act(cluster);
    }
}

static struct world *create_world(void)
{
    void *state;
    world_set_up(&state);
    struct world *world = state;
    world->config.ping_interval_ms = 200;
    world->config.ping_timeout_ms = 100000;
    world->config.upgrade_timeout_ms = 100000;
    world_moves(world);
    world_start(world);
    return world;
}

static void create(struct cluster *cluster, uint32_t seed)
{
    static const struct engineio_foreign_ops foreign = {.request = edge_request,
                                                        .post_complete = edge_post,
                                                        .post_too_large = edge_no_post,
                                                        .exchange_gone = edge_no_post,
                                                        .ws_message = edge_message,
                                                        .ws_gone = edge_gone};
    static const struct engineio_relay_ops relay = {.respond = holder_respond,
                                                    .probe_close = holder_probe_close};
    memset(cluster, 0, sizeof *cluster);
    cluster->random = seed;
    cluster->poll_at = cluster->post_at = cluster->ws_at = -1;
    for (int node = 0; node < NODES; node++) {
        cluster->worlds[node] = create_world();
        edges[node] = (struct edge){cluster, node};
        if (node > 0) {
            engineio_set_foreign(cluster->worlds[node]->engine, &foreign, &edges[node]);
        }
    }
    engineio_set_relay(cluster->worlds[0]->engine, &relay, cluster);
    open_by_polling(cluster->worlds[0]);
    memcpy(cluster->sid, cluster->worlds[0]->sid, ENGINEIO_SID_SIZE);
}

static void expect_numbers(const struct cluster *cluster)
{
    struct buffer all;
    struct buffer expected;
    buffer_init(&all, 10000);
    buffer_init(&expected, 10000);
    buffer_append(&all, buffer_bytes(&cluster->worlds[0]->received));
    if (cluster->owner > 0) {
        buffer_append(&all, buffer_bytes(&cluster->worlds[cluster->owner]->received));
    }
    for (int i = 1; i <= LAST; i++) {
        buffer_append_format(&expected, "t%d\n", i);
    }
    assert_string_equal(buffer_text(&all), buffer_text(&expected));
    buffer_release(&all);
    buffer_release(&expected);
}

static bool is_at_end(const struct cluster *cluster)
{
    bool is_settled = cluster->phase == POLLING ||
                      (cluster->phase == UPGRADED && cluster->owner == cluster->ws_at);
    return cluster->received == LAST && cluster->sent == LAST && cluster->post_at < 0 && is_settled;
}

// The number of the seed's moves to another node, and of lost answers.
static void run(struct cluster *cluster, uint32_t seed, int *out_moves, int *out_lost)
{
    create(cluster, seed);
    int steps = 0;
    while (!is_at_end(cluster) && steps++ < STEPS_MAX) {
        step(cluster);
    }
    if (steps >= STEPS_MAX) {
        fail_msg("seed %u does not come to its end", (unsigned)seed);
    }
    for (int node = 0; node < NODES; node++) {
        assert_int_equal(cluster->worlds[node]->closed, 0);
    }
    expect_numbers(cluster);
    *out_moves += cluster->owner > 0;
    *out_lost += cluster->lost;
    for (int node = 0; node < NODES; node++) {
        void *world = cluster->worlds[node];
        world_tear_down(&world);
    }
}

static void every_message_arrives_once_and_in_order(void **state)
{
    static struct cluster cluster;
    (void)state;
    int moves = 0;
    int lost = 0;
    for (uint32_t seed = 1; seed <= SEEDS; seed++) {
        run(&cluster, seed, &moves, &lost);
    }
    assert_true(moves > SEEDS / 4); // else it would say little
    assert_true(lost > SEEDS / 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_message_arrives_once_and_in_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
