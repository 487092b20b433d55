// An Engine.IO server in a cluster from bytes: requests and probes that come through other nodes,
// confirmations in any order and of anything, sessions that are written down, come back as they were
// or changed, and states that are made up. Checked are the promises of bridge/engineio/foreign.h:
// one answer for each exchange, one body on its way for each session, nothing in or out of a session
// that moves, one last callback.
//
// The first byte chooses the configuration. Then each step is an operation byte, an argument byte,
// and for some a text up to the next 0xff.
#include <stdio.h>

#include "bridge/engineio/foreign.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { PLACES = 16, STEPS_MAX = 300, QUEUE_MAX = 8, MESSAGE_MAX = 300, SIDS = 4 };

struct connection {
    struct engineio_session_id session;
    bool is_open;
    bool is_frozen;
    struct frame *queue[QUEUE_MAX];
    size_t queued;
};

struct exchange {
    uint64_t id; // 0: never used
    bool is_waiting;
    bool is_on_its_way; // its body, which nobody has confirmed
    struct engineio_session_id session;
};

struct world {
    struct engineio_server *engine;
    int64_t now_ms;
    uint64_t last_id;
    struct exchange exchanges[PLACES];
    bool links[PLACES]; // id - 1 -> open
    struct connection connections[PLACES];
    char sids[SIDS][ENGINEIO_SID_SIZE + 1]; // of the last sessions
    size_t sids_count;
    uint64_t probe; // the last
    bool has_probe; // it is open
    char probe_sid[ENGINEIO_SID_SIZE + 1];
    struct buffer state;
    uint8_t mood; // what the application does next
    bool serves;  // all its sessions at the next flush
    bool takes;
    uint32_t random;
};

static void draw(void *context, uint8_t *data, size_t size)
{
    struct world *world = context;
    for (size_t i = 0; i < size; i++) {
        world->random = world->random * 1664525 + 1013904223;
        data[i] = (uint8_t)(world->random >> 24);
    }
}

// ---- what the outside checks ----

static struct exchange *find_exchange(struct world *world, uint64_t id)
{
    size_t place = 0;
    while (place < PLACES && world->exchanges[place].id != id) {
        place++;
    }
    LC_ASSERT(place < PLACES); // one that was asked, and is owed its answer
    return &world->exchanges[place];
}

static void on_respond(void *shell, uint64_t id, const struct engineio_response *response)
{
    struct exchange *exchange = find_exchange(shell, id);
    LC_ASSERT((id & ENGINEIO_RELAYED_BIT) == 0 && exchange->is_waiting);
    LC_ASSERT(response->status >= 200);
    exchange->is_waiting = false;
}

static void on_relay_respond(void *relay, uint64_t id, const struct engineio_response *response,
                             bool is_drained)
{
    struct world *world = relay;
    struct exchange *exchange = find_exchange(world, id);
    LC_ASSERT((id & ENGINEIO_RELAYED_BIT) != 0 && exchange->is_waiting);
    LC_ASSERT(!is_drained || (response->status == 200 && response->body.size > 0));
    exchange->is_waiting = false;
    for (size_t i = 0; is_drained && i < PLACES; i++) {
        LC_ASSERT(!world->exchanges[i].is_on_its_way ||
                  world->exchanges[i].session.value != exchange->session.value);
    }
    exchange->is_on_its_way = is_drained;
}

static void on_probe_close(void *relay, uint64_t probe)
{
    struct world *world = relay;
    LC_ASSERT(world->has_probe && probe == world->probe);
    world->has_probe = false;
}

static uint64_t on_accept(void *shell, uint64_t id, struct bytes headers)
{
    struct world *world = shell;
    struct exchange *exchange = find_exchange(world, id);
    (void)headers;
    LC_ASSERT((id & ENGINEIO_RELAYED_BIT) == 0 && exchange->is_waiting);
    exchange->is_waiting = false;
    for (size_t i = 0; i < PLACES; i++) {
        if (!world->links[i]) {
            world->links[i] = true;
            return i + 1;
        }
    }
    return 0;
}

static bool on_send(void *shell, uint64_t ws, struct bytes frames)
{
    struct world *world = shell;
    LC_ASSERT(ws >= 1 && ws <= PLACES && world->links[ws - 1] && frames.size > 0);
    for (size_t at = 0; at < frames.size;) {
        size_t head = frames.data[at + 1] == 126 ? 4 : 2;
        size_t size = frames.data[at + 1];
        if (head == 4) {
            size = (size_t)frames.data[at + 2] << 8 | frames.data[at + 3];
        }
        LC_ASSERT(frames.data[at + 1] < 128);
        if (frames.data[at + 1] == 127) { // of a state that is made up
            break;
        }
        LC_ASSERT(at + head + size <= frames.size);
        LC_ASSERT(frames.data[at] == 0x81 || frames.data[at] == 0x82);
        at += head + size;
    }
    return world->takes;
}

static void on_ws_close(void *shell, uint64_t ws, int code)
{
    struct world *world = shell;
    (void)code;
    LC_ASSERT(ws >= 1 && ws <= PLACES && world->links[ws - 1]);
    world->links[ws - 1] = false;
}

static void on_ws_attach(void *shell, uint64_t ws, struct engineio_session_id session)
{
    struct world *world = shell;
    LC_ASSERT(world->links[ws - 1] && engineio_sid(world->engine, session).size > 0);
}

// ---- the application ----

static void emit(struct world *world, struct connection *connection, bool binary, struct bytes data)
{
    struct bytes parts[] = {bytes_text(binary ? "" : "4"), data};
    if (!connection->is_open || connection->queued == QUEUE_MAX || data.size > MESSAGE_MAX) {
        return;
    }
    struct frame *frame;
    LC_ASSERT(frame_create(binary, parts, 2, &frame) == LC_OK);
    connection->queue[connection->queued++] = frame;
    engineio_touch(world->engine, connection->session);
}

static void act(struct world *world, struct connection *connection, struct bytes data)
{
    struct engineio_server *engine = world->engine;
    switch (world->mood++ % 9) {
    case 0:
    case 1:
    case 2:
        emit(world, connection, false, bytes_is_utf8(data) ? data : bytes_text("\xc3\xa9"));
        emit(world, connection, true, data);
        break;
    case 3:
        engineio_close(engine, connection->session);
        break;
    case 4:
        engineio_end(engine, connection->session, ENGINEIO_FORCED_CLOSE);
        break;
    case 5:
        engineio_set_deadline(engine, connection->session, world->now_ms + 1 + world->mood);
        break;
    default:
        break;
    }
}

static void forget_bodies(struct world *world, struct engineio_session_id session)
{
    for (size_t i = 0; i < PLACES; i++) {
        struct exchange *exchange = &world->exchanges[i];
        exchange->is_on_its_way =
            exchange->is_on_its_way && exchange->session.value != session.value;
    }
}

static struct connection *open_connection(struct world *world, struct engineio_session_id session)
{
    for (size_t i = 0; i < PLACES; i++) {
        struct connection *connection = &world->connections[i];
        if (!connection->is_open) {
            *connection = (struct connection){.session = session, .is_open = true};
            memcpy(world->sids[world->sids_count++ % SIDS],
                   engineio_sid(world->engine, session).data, ENGINEIO_SID_SIZE);
            return connection;
        }
    }
    return NULL;
}

static void *app_open(void *app, struct engineio_session_id session)
{
    return open_connection(app, session);
}

static void app_message(void *app, void *connection_, bool binary, struct bytes data)
{
    struct connection *connection = connection_;
    (void)binary;
    LC_ASSERT(connection->is_open && !connection->is_frozen);
    act(app, connection, data);
}

static void drop_connection(struct world *world, struct connection *connection)
{
    LC_ASSERT(connection->is_open);
    connection->is_open = false;
    for (size_t i = 0; i < connection->queued; i++) {
        frame_destroy(connection->queue[i]);
    }
    connection->queued = 0;
    forget_bodies(world, connection->session);
}

static void app_close(void *app, void *connection, enum engineio_reason reason)
{
    (void)reason;
    drop_connection(app, connection);
}

static void app_deadline(void *app, void *connection_)
{
    struct connection *connection = connection_;
    LC_ASSERT(connection->is_open && !connection->is_frozen);
    act(app, connection, bytes_text("late"));
}

static void app_before_send(void *app, void *connection_)
{
    struct connection *connection = connection_;
    (void)app;
    LC_ASSERT(connection->is_open && !connection->is_frozen);
}

static bool app_serve(void *app)
{
    struct world *world = app;
    bool serves = world->serves;
    world->serves = false;
    for (size_t i = 0; serves && i < PLACES; i++) {
        engineio_serve(world->engine, world->connections[i].session);
    }
    return serves;
}

static const struct frame *app_peek(void *app, void *connection_, uint64_t fresh_from)
{
    struct connection *connection = connection_;
    (void)app, (void)fresh_from;
    LC_ASSERT(connection->is_open && !connection->is_frozen);
    return connection->queued == 0 ? NULL : connection->queue[0];
}

static void app_pop(void *app, void *connection_)
{
    struct connection *connection = connection_;
    (void)app;
    LC_ASSERT(connection->queued > 0);
    frame_destroy(connection->queue[0]);
    connection->queued--;
    for (size_t i = 0; i < connection->queued; i++) {
        connection->queue[i] = connection->queue[i + 1];
    }
}

static bool app_export(void *app, void *connection_, struct bytes node, struct buffer *out_state)
{
    struct world *world = app;
    struct connection *connection = connection_;
    (void)node;
    LC_ASSERT(connection->is_open && !connection->is_frozen);
    buffer_append_text(out_state, "state");
    if (world->mood % 5 == 4) {
        act(world, connection, bytes_text("not now"));
        return false;
    }
    connection->is_frozen = true;
    return true;
}

static void app_moved(void *app, void *connection_)
{
    struct connection *connection = connection_;
    LC_ASSERT(connection->is_frozen);
    drop_connection(app, connection);
}

static void *app_import(void *app, struct engineio_session_id session, struct bytes state)
{
    struct world *world = app;
    LC_ASSERT(engineio_is_websocket(world->engine, session));
    LC_ASSERT(engineio_handshake(world->engine, session) != NULL);
    if (!bytes_equal_text(state, "state") || world->mood % 7 == 6) {
        return NULL;
    }
    struct connection *connection = open_connection(world, session);
    if (connection != NULL && world->mood % 3 == 2) {
        engineio_close(world->engine, session);
    } else if (connection != NULL) {
        emit(world, connection, true, bytes_text("here"));
    }
    return connection;
}

// ---- steps ----

static struct exchange *free_exchange(struct world *world, bool is_relayed)
{
    for (size_t i = 0; i < PLACES; i++) {
        struct exchange *exchange = &world->exchanges[i];
        if (!exchange->is_waiting && !exchange->is_on_its_way) {
            uint64_t mark = is_relayed ? ENGINEIO_RELAYED_BIT : 0;
            *exchange = (struct exchange){.id = mark | ++world->last_id, .is_waiting = true};
            return exchange;
        }
    }
    return NULL;
}

// Of the argument: 1-2 which sid, 4 without one, 8 protocol 3, 16 a post, 32 an upgrade, 64 and 128
// the flags of protocol 3.
static void step_request(struct world *world, uint8_t argument, bool is_relayed, struct bytes text)
{
    static const char *const flags[] = {"", "&b64=1", "&j=7", ""};
    struct exchange *exchange = free_exchange(world, is_relayed);
    const char *sid = world->sids[argument % SIDS];
    bool with_sid = (argument & 4) == 0 && sid[0] != '\0';
    bool is_upgrade = (argument & 32) != 0;
    char query[120];
    if (exchange == NULL) {
        return;
    }
    int size = snprintf(query, sizeof query, "EIO=%c&transport=%s%s%s%s",
                        (argument & 8) != 0 ? '3' : '4', is_upgrade ? "websocket" : "polling",
                        with_sid ? "&sid=" : "", with_sid ? sid : "", flags[argument >> 6]);
    struct engineio_request request = {
        .exchange = exchange->id,
        .is_upgrade = is_upgrade,
        .method = bytes_text((argument & 16) != 0 ? "POST" : "GET"),
        .handshake = {.query = bytes_of(query, (size_t)size), .address = bytes_text("::1")}};
    struct engineio_session_id session;
    enum engineio_verdict verdict =
        engineio_request(world->engine, world->now_ms, &request, &session);
    exchange->session = session;
    if (verdict == ENGINEIO_WANTS_BODY) {
        engineio_post_complete(world->engine, world->now_ms, session, exchange->id, text);
        LC_ASSERT(!exchange->is_waiting);
    } else if (verdict == ENGINEIO_ANSWERED) {
        LC_ASSERT(!exchange->is_waiting);
    }
}

static void step_confirm(struct world *world, uint8_t operation, uint8_t argument)
{
    struct exchange *exchange = &world->exchanges[argument % PLACES];
    struct engineio_server *engine = world->engine;
    bool is_relayed = (exchange->id & ENGINEIO_RELAYED_BIT) != 0;
    if (!is_relayed && operation != 2) {
        return;
    }
    if (exchange->is_waiting && operation >= 2) {
        exchange->is_waiting = false; // nobody is there to be answered
    }
    if (operation == 0) {
        exchange->is_on_its_way = false;
        engineio_response_written(engine, world->now_ms, exchange->session, exchange->id);
    } else if (operation == 1) {
        exchange->is_on_its_way = false;
        engineio_response_lost(engine, world->now_ms, exchange->session, exchange->id);
    } else if (operation == 2) {
        exchange->is_on_its_way = false;
        engineio_exchange_gone(engine, world->now_ms, exchange->session, exchange->id);
    } else {
        exchange->is_on_its_way = false;
        engineio_exchange_forget(engine, world->now_ms, exchange->session, exchange->id);
    }
}

static void step_probe(struct world *world, uint8_t operation, uint8_t argument)
{
    struct bytes sid = bytes_text(world->sids[argument % SIDS]);
    if (operation == 0 && !world->has_probe) {
        world->probe = ENGINEIO_RELAYED_BIT | ++world->last_id;
        world->has_probe =
            engineio_probe_begin(world->engine, world->now_ms, sid,
                                 bytes_text((argument & 8) != 0 ? "EIO=3&b64=1" : "EIO=4"),
                                 world->probe) == ENGINEIO_PROBE_BEGUN;
        memcpy(world->probe_sid, world->sids[argument % SIDS], sizeof world->probe_sid);
    } else if (operation == 1) {
        engineio_probe_ready(world->engine, world->now_ms, sid, world->probe);
    } else if (operation == 2) {
        uint64_t probe = world->probe + (argument >> 7);
        bool is_it = probe == world->probe && bytes_equal_text(sid, world->probe_sid);
        world->has_probe = world->has_probe && !is_it; // nothing is said about it any more
        engineio_probe_gone(world->engine, world->now_ms, sid, probe);
    }
}

static struct connection *connection_of(struct world *world, struct bytes sid)
{
    for (size_t i = 0; i < PLACES; i++) {
        struct connection *connection = &world->connections[i];
        if (connection->is_open &&
            bytes_equal(engineio_sid(world->engine, connection->session), sid)) {
            return connection;
        }
    }
    return NULL;
}

static void step_export(struct world *world, uint8_t argument)
{
    struct bytes sid = bytes_text(world->sids[argument % SIDS]);
    struct buffer state;
    buffer_init(&state, (argument & 128) != 0 ? 200 : 1 << 20);
    enum lc_status status = engineio_export(world->engine, world->now_ms, sid, world->probe,
                                            bytes_text("NODE"), &state);
    if (status == LC_OK) {
        struct connection *connection = connection_of(world, sid);
        LC_ASSERT(connection != NULL && connection->is_frozen);
        forget_bodies(world, connection->session);
        buffer_clear(&world->state);
        buffer_append(&world->state, buffer_bytes(&state));
    } else if (status == LC_ERR_NO_MEMORY) {
        LC_ASSERT(connection_of(world, sid) == NULL);
    } else {
        LC_ASSERT(state.size == 0);
    }
    buffer_release(&state);
}

static void step_end_export(struct world *world, uint8_t argument, bool is_done)
{
    struct bytes sid = bytes_text(world->sids[argument % SIDS]);
    struct connection *connection = connection_of(world, sid);
    bool was_frozen = connection != NULL && connection->is_frozen;
    if (is_done) {
        engineio_export_done(world->engine, world->now_ms, sid);
    } else {
        engineio_export_failed(world->engine, world->now_ms, sid);
    }
    LC_ASSERT(!was_frozen || !connection->is_open);
    world->has_probe = world->has_probe && !was_frozen;
}

// The last state, changed at one place or not, or one that is made up.
static void step_import(struct world *world, uint8_t argument, struct bytes text)
{
    struct engineio_counts before;
    struct engineio_counts after;
    struct engineio_session_id session = {0};
    struct buffer state;
    size_t place = 0;
    while (place < PLACES && world->links[place]) {
        place++;
    }
    if (place == PLACES) {
        return;
    }
    buffer_init(&state, 1 << 20);
    buffer_append(&state, (argument & 128) != 0 ? text : buffer_bytes(&world->state));
    if ((argument & 128) == 0 && text.size > 1 && state.size > 0) {
        state.data[(text.data[0] * 255U + text.data[1]) % state.size] ^= text.data[1];
    }
    world->links[place] = true;
    engineio_server_counts(world->engine, &before);
    enum lc_status status =
        engineio_import(world->engine, world->now_ms, buffer_bytes(&state), place + 1, &session);
    engineio_server_counts(world->engine, &after);
    LC_ASSERT(after.sessions_open == before.sessions_open + (status == LC_OK ? 1 : 0));
    LC_ASSERT((session.value != 0) == (status == LC_OK));
    if (status != LC_OK) {
        LC_ASSERT(world->links[place]); // still whose it was
        world->links[place] = false;
    }
    buffer_release(&state);
}

static void step_ws(struct world *world, uint8_t argument, struct bytes text)
{
    uint64_t ws = argument % PLACES + 1;
    if (!world->links[ws - 1]) {
        return;
    }
    struct engineio_session_id session = engineio_ws_session(world->engine, ws);
    if ((argument & 0xc0) == 0xc0) {
        world->links[ws - 1] = false;
        engineio_ws_gone(world->engine, world->now_ms, session, ws, argument & 32);
    } else if ((argument & 0xc0) == 0x80) {
        engineio_ws_writable(world->engine, world->now_ms, session, ws);
    } else {
        engineio_ws_message(world->engine, world->now_ms, session, ws, argument & 64, text);
    }
}

static void step(struct world *world, uint8_t operation, uint8_t argument, struct bytes text)
{
    switch (operation % 16) {
    case 0:
    case 1:
        step_request(world, argument, operation % 16 == 1, text);
        break;
    case 2:
    case 3:
    case 4:
    case 5:
        step_confirm(world, operation % 16 - 2, argument);
        break;
    case 6:
    case 7:
    case 8:
        step_probe(world, operation % 16 - 6, argument);
        break;
    case 9:
        step_export(world, argument);
        break;
    case 10:
    case 11:
        step_end_export(world, argument, operation % 16 == 10);
        break;
    case 12:
        step_import(world, argument, text);
        break;
    case 13:
        step_ws(world, argument, text);
        break;
    case 14:
        world->now_ms += INT64_C(3) * argument;
        break;
    case 15:
        world->mood = argument;
        world->takes = (argument & 1) == 0;
        world->serves = (argument & 2) == 0;
        act(world, &world->connections[argument % PLACES], bytes_text("acts"));
        break;
    default:
        break;
    }
    engineio_flush(world->engine, world->now_ms);
    LC_ASSERT(engineio_next_deadline(world->engine) > world->now_ms);
}

static void create(struct world *world, uint8_t choice)
{
    struct engineio_config config = {
        .ping_interval_ms = 300,
        .ping_timeout_ms = 200,
        .upgrade_timeout_ms = 250,
        .max_payload = 400,
        .sessions_max = 6,
        .allow_upgrades = true,
        .allow_polling = true,
        .allow_websocket = true,
        .allow_eio3 = (choice & 1) == 0,
        .sessions_per_address_max = choice >> 1 & 3,
        .keep_post_headers = (choice & 8) != 0,
        .random = draw,
        .random_context = world,
    };
    struct engineio_app_ops ops = {
        .on_open = app_open,
        .on_message = app_message,
        .on_close = app_close,
        .on_deadline = app_deadline,
        .before_send = app_before_send,
        .serve = app_serve,
        .peek = app_peek,
        .pop = app_pop,
        .on_export = app_export,
        .on_moved = app_moved,
        .on_import = app_import,
    };
    LC_ASSERT(engineio_create(&config, &ops, world, &world->engine) == LC_OK);
    struct engineio_transport_ops transport = {.respond = on_respond,
                                               .ws_accept = on_accept,
                                               .ws_send = on_send,
                                               .ws_close = on_ws_close,
                                               .ws_attach = on_ws_attach};
    struct engineio_relay_ops relay = {.respond = on_relay_respond, .probe_close = on_probe_close};
    engineio_attach(world->engine, &transport, world);
    engineio_set_relay(world->engine, &relay, world);
}

static void stop(struct world *world)
{
    struct engineio_counts counts;
    engineio_shut_down(world->engine);
    engineio_flush(world->engine, world->now_ms);
    engineio_server_counts(world->engine, &counts);
    LC_ASSERT(counts.sessions_open == 0 && counts.sessions_websocket == 0);
    LC_ASSERT(engineio_next_deadline(world->engine) == DEADLINE_NONE);
    for (size_t i = 0; i < PLACES; i++) {
        LC_ASSERT(!world->exchanges[i].is_waiting);
        LC_ASSERT(!world->links[i] && !world->connections[i].is_open);
    }
    engineio_destroy(world->engine);
    buffer_release(&world->state);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct world world = {.now_ms = 1, .takes = true, .random = 1};
    if (size < 1) {
        return 0;
    }
    buffer_init(&world.state, 1 << 20);
    create(&world, data[0]);
    struct bytes input = bytes_of(data, size);
    size_t at = 1;
    for (int steps = 0; steps < STEPS_MAX && at + 1 < size; steps++) {
        uint8_t operation = data[at];
        uint8_t argument = data[at + 1];
        at += 2;
        struct bytes text = {NULL, 0};
        uint8_t kind = operation % 16;
        if (kind == 0 || kind == 1 || kind == 12 || kind == 13) {
            size_t end = bytes_find(input, 0xff, at < size ? at : size);
            text = bytes_of(data + at, end - at);
            at = end + 1;
        }
        step(&world, operation, argument, text);
    }
    stop(&world);
    return 0;
}
