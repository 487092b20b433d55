#include "tests/unit/engineio_world.h"

static void draw(void *context, uint8_t *data, size_t size)
{
    uint32_t *next = context;
    for (size_t i = 0; i < size; i++) {
        *next = *next * 1664525 + 1013904223;
        data[i] = (uint8_t)(*next >> 24);
    }
}

// ---- the shell ----

static void on_respond(void *shell, uint64_t exchange, const struct engineio_response *response)
{
    struct world *world = shell;
    struct bytes body = response->body;
    assert_true(exchange < EXCHANGES && body.size <= BODY_MAX);
    struct answer *answer = &world->answers[exchange];
    assert_int_equal(answer->status, 0); // once
    answer->status = response->status;
    answer->response = *response;
    answer->at_ms = world->now_ms;
    answer->body_size = body.size;
    if (body.size > 0) {
        memcpy(answer->body, body.data, body.size);
    }
    answer->body[body.size] = '\0';
    snprintf(answer->type, sizeof answer->type, "%s",
             response->content_type == NULL ? "" : response->content_type);
    snprintf(answer->headers, sizeof answer->headers, "%.*s", (int)response->headers.size,
             response->headers.size == 0 ? "" : (const char *)response->headers.data);
}

static uint64_t on_accept(void *shell, uint64_t exchange, struct bytes headers)
{
    struct world *world = shell;
    struct answer *answer = &world->answers[exchange];
    assert_int_equal(answer->status, 0); // once
    answer->status = 101;
    answer->at_ms = world->now_ms;
    snprintf(answer->headers, sizeof answer->headers, "%.*s", (int)headers.size,
             headers.size == 0 ? "" : (const char *)headers.data);
    return world->next_ws;
}

static bool on_send(void *shell, uint64_t ws, struct bytes frames)
{
    struct world *world = shell;
    for (size_t at = 0; at < frames.size;) {
        size_t size = frames.data[at + 1];
        size_t head = 2;
        if (size == 126) {
            size = (size_t)frames.data[at + 2] << 8 | frames.data[at + 3];
            head = 4;
        }
        assert_true(size != 127);
        buffer_append_format(&world->sent, "%d:%s", (int)ws, frames.data[at] == 0x82 ? "#" : "");
        buffer_append(&world->sent, bytes_of(frames.data + at + head, size));
        buffer_append_byte(&world->sent, '\n');
        at += head + size;
    }
    return world->takes;
}

static void on_ws_close(void *shell, uint64_t ws, int code)
{
    (void)code;
    ((struct world *)shell)->closed_ws = ws;
}

// ---- the application ----

static void *app_open(void *app, struct engineio_session_id session)
{
    struct world *world = app;
    world->opened++;
    world->session = session;
    return world->refuses ? NULL : world;
}

static void app_message(void *app, void *connection, bool binary, struct bytes data)
{
    struct world *world = app;
    assert_ptr_equal(connection, world);
    buffer_append_byte(&world->received, binary ? 'b' : 't');
    buffer_append(&world->received, data);
    buffer_append_byte(&world->received, '\n');
    const struct engineio_request *request = engineio_current_request(world->engine);
    for (size_t i = 0; request != NULL && i < request->handshake.headers_count; i++) {
        const struct engineio_header *header = &request->handshake.headers[i];
        snprintf(world->current, sizeof world->current, "%.*s=%.*s", (int)header->name.size,
                 (const char *)header->name.data, (int)header->value.size,
                 (const char *)header->value.data);
    }
}

static void app_close(void *app, void *connection, enum engineio_reason reason)
{
    struct world *world = app;
    (void)connection;
    world->closed++;
    world->reason = reason;
}

static void app_nothing(void *app, void *connection)
{
    (void)app;
    (void)connection;
}

static const struct frame *app_peek(void *app, void *connection, uint64_t fresh_from)
{
    (void)connection;
    (void)fresh_from;
    return ((struct world *)app)->queue;
}

static void app_pop(void *app, void *connection)
{
    struct world *world = app;
    (void)connection;
    struct frame *frame = world->queue;
    world->queue = frame->next;
    world->queue_end = world->queue == NULL ? &world->queue : world->queue_end;
    frame_destroy(frame);
}

static void app_fault(void *app, enum engineio_error code, struct bytes message,
                      const char *context)
{
    struct world *world = app;
    snprintf(world->fault, sizeof world->fault, "%d %.*s %s", (int)code, (int)message.size,
             (const char *)message.data, context == NULL ? "-" : context);
}

// ---- an application that moves ----

static bool app_export(void *app, void *connection, struct bytes node, struct buffer *out_state)
{
    struct world *world = app;
    assert_ptr_equal(connection, world);
    if (world->is_busy) {
        buffer_append_text(out_state, "half");
        return false;
    }
    snprintf(world->moved_to, sizeof world->moved_to, "%.*s", (int)node.size,
             (const char *)node.data);
    while (world->queue != NULL) {
        struct bytes payload = frame_payload(world->queue);
        buffer_append_format(out_state, "%s%.*s\n", world->queue->binary ? "#" : "",
                             (int)payload.size, (const char *)payload.data);
        app_pop(world, world);
    }
    return true;
}

static void app_moved(void *app, void *connection)
{
    assert_ptr_equal(connection, app);
    ((struct world *)app)->moved++;
}

static void *app_import(void *app, struct engineio_session_id session, struct bytes state)
{
    struct world *world = app;
    if (world->refuses) {
        return NULL;
    }
    assert_true(engineio_is_websocket(world->engine, session));
    world->opened++;
    world->session = session;
    memcpy(world->sid, engineio_sid(world->engine, session).data, ENGINEIO_SID_SIZE);
    while (state.size > 0) {
        size_t end = bytes_find(state, '\n', 0);
        char line[64];
        snprintf(line, sizeof line, "%.*s", (int)end, (const char *)state.data);
        if (line[0] == '#') {
            queue_binary(world, bytes_text(line + 1));
        } else {
            queue(world, line);
        }
        state = bytes_from(state, end + 1);
    }
    if (world->ends_arrivals) {
        engineio_end(world->engine, session, ENGINEIO_FORCED_CLOSE);
    }
    return world;
}

void world_moves(struct world *world)
{
    world->ops.on_export = app_export;
    world->ops.on_moved = app_moved;
    world->ops.on_import = app_import;
}

// ---- the world ----

int world_set_up(void **state)
{
    static uint32_t seed;
    struct world *world = calloc(1, sizeof *world);
    assert_non_null(world);
    seed = 7;
    world->now_ms = 1000000;
    world->takes = true;
    world->eio = 4;
    world->queue_end = &world->queue;
    buffer_init(&world->sent, 1 << 20);
    buffer_init(&world->received, 10000);
    world->config = (struct engineio_config){
        .ping_interval_ms = 300,
        .ping_timeout_ms = 200,
        .upgrade_timeout_ms = 1000,
        .max_payload = 1000,
        .sessions_max = 4,
        .allow_upgrades = true,
        .allow_polling = true,
        .allow_websocket = true,
        .random = draw,
        .random_context = &seed,
    };
    world->ops = (struct engineio_app_ops){
        .on_open = app_open,
        .on_message = app_message,
        .on_close = app_close,
        .on_deadline = app_nothing,
        .before_send = app_nothing,
        .peek = app_peek,
        .pop = app_pop,
        .on_connection_error = app_fault,
    };
    *state = world;
    return 0;
}

void world_start(struct world *world)
{
    world->transport = (struct engineio_transport_ops){
        .respond = on_respond, .ws_accept = on_accept, .ws_send = on_send, .ws_close = on_ws_close};
    assert_int_equal(engineio_create(&world->config, &world->ops, world, &world->engine), LC_OK);
    engineio_attach(world->engine, &world->transport, world);
}

int world_set_up_and_start(void **state)
{
    world_set_up(state);
    world_start(*state);
    return 0;
}

int world_tear_down(void **state)
{
    struct world *world = *state;
    while (world->queue != NULL) {
        app_pop(world, world);
    }
    engineio_destroy(world->engine);
    buffer_release(&world->sent);
    buffer_release(&world->received);
    free(world);
    return 0;
}

// ---- requests ----

struct engineio_request request_of(struct world *world, const char *method, const char *transport,
                                   bool with_sid, char query[128])
{
    snprintf(query, 128, "EIO=%d&transport=%s%s%s", world->eio, transport, with_sid ? "&sid=" : "",
             with_sid ? world->sid : "");
    return (struct engineio_request){.exchange = ++world->exchange,
                                     .method = bytes_text(method),
                                     .handshake = {.query = bytes_text(query)}};
}

uint64_t send_request(struct world *world, const char *method, const char *query,
                      const char *content_type, struct bytes body)
{
    struct engineio_header headers[] = {
        {bytes_text("user-agent"), bytes_text("test")},
        {bytes_text("content-type"), bytes_text(content_type)},
    };
    struct engineio_request request = {
        .exchange = ++world->exchange,
        .method = bytes_text(method),
        .content_type = bytes_text(content_type),
        .handshake = {.query = bytes_text(query), .headers = headers, .headers_count = 2}};
    struct engineio_session_id session;
    if (engineio_request(world->engine, world->now_ms, &request, &session) == ENGINEIO_WANTS_BODY) {
        engineio_post_complete(world->engine, world->now_ms, session, request.exchange, body);
    }
    engineio_flush(world->engine, world->now_ms);
    return request.exchange;
}

uint64_t get(struct world *world, bool with_sid)
{
    char query[128];
    struct engineio_request request = request_of(world, "GET", "polling", with_sid, query);
    struct engineio_session_id session;
    engineio_request(world->engine, world->now_ms, &request, &session);
    engineio_flush(world->engine, world->now_ms);
    return request.exchange;
}

uint64_t post(struct world *world, const char *body)
{
    char query[128];
    struct engineio_request request = request_of(world, "POST", "polling", true, query);
    struct engineio_session_id session;
    if (engineio_request(world->engine, world->now_ms, &request, &session) == ENGINEIO_WANTS_BODY) {
        engineio_post_complete(world->engine, world->now_ms, session, request.exchange,
                               bytes_text(body));
    }
    engineio_flush(world->engine, world->now_ms);
    return request.exchange;
}

void note_sid(struct world *world, uint64_t exchange)
{
    const char *sid = strstr(world->answers[exchange].body, "sid");
    assert_int_equal(world->answers[exchange].status, 200);
    assert_non_null(sid);
    sid += strlen("sid");
    sid += strspn(sid, "\\\":"); // escaped in a script
    memcpy(world->sid, sid, ENGINEIO_SID_SIZE);
}

void open_by_polling(struct world *world)
{
    note_sid(world, get(world, false));
}

uint64_t ask_ws_with(struct world *world, uint64_t ws, const char *query)
{
    struct engineio_request request = {.exchange = ++world->exchange,
                                       .is_upgrade = true,
                                       .method = bytes_text("GET"),
                                       .handshake = {.query = bytes_text(query)}};
    struct engineio_session_id session;
    world->next_ws = ws;
    (void)engineio_request(world->engine, world->now_ms, &request, &session);
    engineio_flush(world->engine, world->now_ms);
    return request.exchange;
}

uint64_t ask_ws(struct world *world, uint64_t ws, bool with_sid)
{
    char query[128];
    (void)request_of(world, "GET", "websocket", with_sid, query);
    world->exchange--;
    return ask_ws_with(world, ws, query);
}

void open_ws(struct world *world, uint64_t ws, bool with_sid)
{
    uint64_t exchange = ask_ws(world, ws, with_sid);
    assert_int_equal(world->answers[exchange].status, 101);
}

void ws_text(struct world *world, uint64_t ws, const char *text)
{
    engineio_ws_message(world->engine, world->now_ms, world->session, ws, false, bytes_text(text));
    engineio_flush(world->engine, world->now_ms);
}

void ws_binary(struct world *world, uint64_t ws, struct bytes data)
{
    engineio_ws_message(world->engine, world->now_ms, world->session, ws, true, data);
    engineio_flush(world->engine, world->now_ms);
}

static void queue_frame(struct world *world, bool binary, struct bytes part)
{
    assert_int_equal(frame_create(binary, &part, 1, world->queue_end), LC_OK);
    (*world->queue_end)->order = engineio_next_order(world->engine);
    world->queue_end = &(*world->queue_end)->next;
    engineio_touch(world->engine, world->session);
}

void queue(struct world *world, const char *text)
{
    queue_frame(world, false, bytes_text(text));
}

void queue_binary(struct world *world, struct bytes data)
{
    queue_frame(world, true, data);
}

void pass(struct world *world, int64_t ms)
{
    world->now_ms += ms;
    engineio_flush(world->engine, world->now_ms);
}

// ---- expectations ----

void expect_answer(struct world *world, uint64_t exchange, int status, const char *body)
{
    assert_int_equal(world->answers[exchange].status, status);
    assert_string_equal(world->answers[exchange].body, body);
}

void expect_bytes(struct world *world, uint64_t exchange, const char *type, struct bytes body)
{
    const struct answer *answer = &world->answers[exchange];
    assert_int_equal(answer->status, 200);
    assert_string_equal(answer->type, type);
    assert_int_equal(answer->body_size, body.size);
    assert_memory_equal(answer->body, body.data, body.size);
}

void expect_sent(struct world *world, const char *text)
{
    assert_string_equal(buffer_text(&world->sent), text);
    buffer_clear(&world->sent);
}

void expect_sent_bytes(struct world *world, struct bytes bytes)
{
    assert_true(bytes_equal(buffer_bytes(&world->sent), bytes));
    buffer_clear(&world->sent);
}

struct engineio_counts counts_of(struct world *world)
{
    struct engineio_counts counts;
    engineio_server_counts(world->engine, &counts);
    return counts;
}
