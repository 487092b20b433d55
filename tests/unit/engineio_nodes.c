#include "tests/unit/engineio_nodes.h"

// ---- the edge ----

static bool on_request(void *foreign, const struct engineio_request *request, bool is_websocket,
                       struct bytes sid, enum engineio_verdict *out_verdict,
                       struct engineio_session_id *out_session)
{
    struct nodes *nodes = foreign;
    buffer_append_format(&nodes->asked, "%.*s %.*s%s%s\n", (int)request->method.size,
                         (const char *)request->method.data, (int)sid.size, (const char *)sid.data,
                         is_websocket ? " websocket" : "", request->is_upgrade ? " upgrade" : "");
    if (!nodes->knows) {
        return false;
    }
    nodes->session.value = ENGINEIO_FOREIGN_BIT | request->exchange;
    *out_session = nodes->session;
    *out_verdict = nodes->verdict;
    return true;
}

static void on_post_complete(void *foreign, struct engineio_session_id session, uint64_t exchange,
                             struct bytes body)
{
    struct nodes *nodes = foreign;
    assert_int_equal(session.value, nodes->session.value);
    buffer_append_format(&nodes->asked, "post %d %.*s\n", (int)exchange, (int)body.size,
                         (const char *)body.data);
}

static void on_post_too_large(void *foreign, struct engineio_session_id session, uint64_t exchange)
{
    struct nodes *nodes = foreign;
    assert_int_equal(session.value, nodes->session.value);
    buffer_append_format(&nodes->asked, "too large %d\n", (int)exchange);
}

static void on_exchange_gone(void *foreign, struct engineio_session_id session, uint64_t exchange)
{
    struct nodes *nodes = foreign;
    assert_int_equal(session.value, nodes->session.value);
    buffer_append_format(&nodes->asked, "gone %d\n", (int)exchange);
}

static void on_ws_message(void *foreign, struct engineio_session_id session, uint64_t ws,
                          bool binary, struct bytes data)
{
    struct nodes *nodes = foreign;
    assert_int_equal(session.value, nodes->session.value);
    buffer_append_format(&nodes->asked, "ws %d %s%.*s\n", (int)ws, binary ? "#" : "",
                         (int)data.size, (const char *)data.data);
}

static void on_ws_gone(void *foreign, struct engineio_session_id session, uint64_t ws, bool failed)
{
    struct nodes *nodes = foreign;
    assert_int_equal(session.value, nodes->session.value);
    buffer_append_format(&nodes->asked, "ws gone %d%s\n", (int)ws, failed ? " failed" : "");
}

// ---- the holder ----

static void on_respond(void *relay, uint64_t exchange, const struct engineio_response *response,
                       bool is_drained)
{
    struct nodes *nodes = relay;
    assert_true((exchange & ENGINEIO_RELAYED_BIT) != 0);
    exchange &= ~ENGINEIO_RELAYED_BIT;
    assert_true(exchange > 0 && exchange <= nodes->last && response->body.size <= BODY_MAX);
    struct relayed *answer = &nodes->answers[exchange];
    assert_int_equal(answer->status, 0); // once
    assert_int_equal(response->headers.size, 0);
    answer->status = response->status;
    answer->is_drained = is_drained;
    snprintf(answer->body, sizeof answer->body, "%.*s", (int)response->body.size,
             response->body.size == 0 ? "" : (const char *)response->body.data);
}

static void on_probe_close(void *relay, uint64_t probe)
{
    ((struct nodes *)relay)->closed_probe = probe;
}

// ---- the world ----

void nodes_attach(struct nodes *nodes, struct world *world)
{
    const struct engineio_foreign_ops foreign = {.request = on_request,
                                                 .post_complete = on_post_complete,
                                                 .post_too_large = on_post_too_large,
                                                 .exchange_gone = on_exchange_gone,
                                                 .ws_message = on_ws_message,
                                                 .ws_gone = on_ws_gone};
    const struct engineio_relay_ops relay = {.respond = on_respond, .probe_close = on_probe_close};
    nodes->world = world;
    buffer_init(&nodes->asked, 10000);
    engineio_set_foreign(world->engine, &foreign, nodes);
    engineio_set_relay(world->engine, &relay, nodes);
}

int nodes_set_up(void **state)
{
    struct nodes *nodes = calloc(1, sizeof *nodes);
    void *world;
    assert_non_null(nodes);
    world_set_up(&world);
    world_moves(world);
    world_start(world);
    nodes_attach(nodes, world);
    *state = nodes;
    return 0;
}

int nodes_tear_down(void **state)
{
    struct nodes *nodes = *state;
    void *world = nodes->world;
    buffer_release(&nodes->asked);
    free(nodes);
    return world_tear_down(&world);
}

// ---- requests ----

uint64_t relayed_request(struct nodes *nodes, const char *method, const char *query,
                         const char *body)
{
    struct world *world = nodes->world;
    struct engineio_session_id session;
    assert_true(nodes->last + 1 < RELAYED_MAX);
    struct engineio_request request = {.exchange = ENGINEIO_RELAYED_BIT | ++nodes->last,
                                       .method = bytes_text(method),
                                       .handshake = {.query = bytes_text(query)}};
    if (engineio_request(world->engine, world->now_ms, &request, &session) == ENGINEIO_WANTS_BODY) {
        engineio_post_complete(world->engine, world->now_ms, session, request.exchange,
                               bytes_text(body));
    }
    engineio_flush(world->engine, world->now_ms);
    return nodes->last;
}

static uint64_t request_with_sid(struct nodes *nodes, const char *method, const char *body)
{
    char query[128];
    (void)request_of(nodes->world, method, "polling", true, query);
    nodes->world->exchange--;
    return relayed_request(nodes, method, query, body);
}

uint64_t relayed_get(struct nodes *nodes)
{
    return request_with_sid(nodes, "GET", "");
}

uint64_t relayed_post(struct nodes *nodes, const char *body)
{
    return request_with_sid(nodes, "POST", body);
}

void written(struct nodes *nodes, uint64_t exchange)
{
    struct world *world = nodes->world;
    engineio_response_written(world->engine, world->now_ms, world->session,
                              ENGINEIO_RELAYED_BIT | exchange);
    engineio_flush(world->engine, world->now_ms);
}

void lost(struct nodes *nodes, uint64_t exchange)
{
    struct world *world = nodes->world;
    engineio_response_lost(world->engine, world->now_ms, world->session,
                           ENGINEIO_RELAYED_BIT | exchange);
    engineio_flush(world->engine, world->now_ms);
}

uint64_t begin_probe(struct nodes *nodes, uint64_t probe)
{
    struct world *world = nodes->world;
    char query[128];
    (void)request_of(world, "GET", "websocket", true, query);
    world->exchange--;
    assert_int_equal(engineio_probe_begin(world->engine, world->now_ms, bytes_text(world->sid),
                                          bytes_text(query), ENGINEIO_RELAYED_BIT | probe),
                     ENGINEIO_PROBE_BEGUN);
    engineio_flush(world->engine, world->now_ms);
    return ENGINEIO_RELAYED_BIT | probe;
}

uint64_t begin_ready_probe(struct nodes *nodes, uint64_t probe)
{
    struct world *world = nodes->world;
    uint64_t id = begin_probe(nodes, probe);
    engineio_probe_ready(world->engine, world->now_ms, bytes_text(world->sid), id);
    engineio_flush(world->engine, world->now_ms);
    return id;
}

// ---- expectations ----

void expect_relayed(struct nodes *nodes, uint64_t exchange, int status, const char *body)
{
    assert_int_equal(nodes->answers[exchange].status, status);
    assert_string_equal(nodes->answers[exchange].body, body);
}

void expect_asked(struct nodes *nodes, const char *text)
{
    assert_string_equal(buffer_text(&nodes->asked), text);
    buffer_clear(&nodes->asked);
}
