// An Engine.IO server of both protocols from bytes: handshakes that wait, are refused or leave,
// polls and bodies, upgrades, WebSocket messages, departures, time, and an application that does
// what it may, in any order. The shell checks that every exchange is answered once, that nothing
// goes to a closed WebSocket, and that every body and every frame is one of its protocol.
//
// The first four bytes choose the configuration. Then each step is an operation byte, an argument
// byte, and for some a text up to the next 0xff.
#include <stdio.h>
#include <stdlib.h>

#include "bridge/engineio/engine.h"
#include "bridge/engineio/payload3.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { PLACES = 16, SIDS = 4, STEPS_MAX = 300, QUEUE_MAX = 8, MESSAGE_MAX = 300 };

enum exchange_state { EXCHANGE_FREE, EXCHANGE_WAITING, EXCHANGE_BODY };

struct connection {
    struct engineio_session_id session;
    bool is_open;
    int protocol;
    struct frame *queue[QUEUE_MAX];
    size_t queued;
};

struct world {
    struct engineio_server *engine;
    int64_t now_ms;
    struct {
        enum exchange_state state;
        bool is_upgrade;
        uint8_t eio;
        struct engineio_session_id session;
    } exchanges[PLACES];
    struct {
        bool open;
        uint8_t eio;
        struct engineio_session_id session;
    } links[PLACES];
    struct connection connections[PLACES];
    char sids[SIDS][ENGINEIO_SID_SIZE + 1]; // of the last handshakes
    size_t sids_count;
    struct engineio_admission_id asked[PLACES]; // the last about which the application was asked
    size_t asked_count;
    uint8_t mood; // what the application does next
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

// ---- what the shell checks ----

// The session id of an open packet, whose quotes are escaped in a script.
static void note_sid(struct world *world, struct bytes text)
{
    for (size_t at = 0; at < 24 && at < text.size; at++) {
        struct bytes rest = bytes_from(text, at);
        if (bytes_starts_with(rest, bytes_text("sid"))) {
            size_t skip = 3;
            while (skip < rest.size && strchr("\\\":", rest.data[skip]) != NULL) {
                skip++;
            }
            if (rest.size - skip >= ENGINEIO_SID_SIZE) { // else a client's text that came back
                memcpy(world->sids[world->sids_count++ % SIDS], rest.data + skip,
                       ENGINEIO_SID_SIZE);
            }
            return;
        }
    }
}

static void check_packet(const struct engineio_packet *packet)
{
    LC_ASSERT(!packet->binary || packet->type == ENGINEIO_MESSAGE);
}

static void check_body(struct bytes body, uint8_t eio, bool octets)
{
    struct buffer scratch;
    struct engineio_packet packet;
    buffer_init(&scratch, ENGINEIO_POLL_BODY_MAX);
    if (bytes_starts_with(body, bytes_text("___eio["))) {
        LC_ASSERT(eio == 3 && body.data[body.size - 1] == ';');
    } else if (eio == 3) {
        struct payload3_reader reader = payload3_reader_on(body, octets);
        while (!reader.at_end) {
            LC_ASSERT(payload3_next(&reader, &scratch, &packet) == LC_OK);
            check_packet(&packet);
        }
    } else {
        struct payload_reader reader = payload_reader_on(body);
        LC_ASSERT(!octets);
        while (!reader.at_end) {
            LC_ASSERT(payload_next(&reader, &scratch, &packet) == LC_OK);
            check_packet(&packet);
        }
    }
    buffer_release(&scratch);
}

static void check_headers(struct bytes headers)
{
    LC_ASSERT(headers.size == 0 || headers.data[headers.size - 1] == '\n');
}

static void on_respond(void *shell, uint64_t exchange, const struct engineio_response *response)
{
    struct world *world = shell;
    LC_ASSERT(exchange >= 1 && exchange <= PLACES);
    LC_ASSERT(world->exchanges[exchange - 1].state != EXCHANGE_FREE);
    LC_ASSERT(response->content_type != NULL || response->body.size == 0);
    check_headers(response->headers);
    if (response->status == 503) {
        LC_ASSERT(bytes_starts_with(response->headers, bytes_text("Retry-After: ")));
    }
    if (response->status == 200 && response->content_type[5] != 'h') {
        check_body(
            response->body, world->exchanges[exchange - 1].eio,
            bytes_equal_text(bytes_text(response->content_type), "application/octet-stream"));
        note_sid(world, response->body);
    }
    world->exchanges[exchange - 1].state = EXCHANGE_FREE;
}

static uint64_t on_accept(void *shell, uint64_t exchange, struct bytes headers)
{
    struct world *world = shell;
    LC_ASSERT(exchange >= 1 && exchange <= PLACES);
    LC_ASSERT(world->exchanges[exchange - 1].state == EXCHANGE_WAITING);
    LC_ASSERT(world->exchanges[exchange - 1].is_upgrade);
    check_headers(headers);
    world->exchanges[exchange - 1].state = EXCHANGE_FREE;
    for (size_t place = 0; place < PLACES; place++) {
        if (!world->links[place].open) {
            world->links[place].open = true;
            world->links[place].eio = world->exchanges[exchange - 1].eio;
            world->links[place].session = world->exchanges[exchange - 1].session; // when held
            return place + 1;
        }
    }
    return 0;
}

static void check_frame(struct world *world, uint8_t eio, bool binary, struct bytes payload)
{
    struct engineio_packet packet;
    struct buffer scratch;
    buffer_init(&scratch, ENGINEIO_POLL_BODY_MAX);
    if (binary) {
        LC_ASSERT(eio == 4 || packet3_read_binary(payload, &packet) == LC_OK);
    } else {
        LC_ASSERT(bytes_is_utf8(payload));
        LC_ASSERT((eio == 3 ? packet3_read_text(payload, &scratch, &packet)
                            : packet_read_text(payload, &scratch, &packet)) == LC_OK);
        note_sid(world, payload);
    }
    buffer_release(&scratch);
}

static bool on_send(void *shell, uint64_t ws, struct bytes frames)
{
    struct world *world = shell;
    LC_ASSERT(ws >= 1 && ws <= PLACES && frames.size > 0);
    LC_ASSERT(world->links[ws - 1].open);
    for (size_t at = 0; at < frames.size;) {
        size_t head = frames.data[at + 1] == 126 ? 4 : 2;
        size_t size = frames.data[at + 1];
        if (head == 4) {
            size = (size_t)frames.data[at + 2] << 8 | frames.data[at + 3];
        }
        LC_ASSERT(frames.data[at + 1] < 127 && at + head + size <= frames.size);
        LC_ASSERT((frames.data[at] & 0xfe) == 0x80 || frames.data[at] == 0x82);
        check_frame(world, world->links[ws - 1].eio, frames.data[at] == 0x82,
                    bytes_of(frames.data + at + head, size));
        at += head + size;
    }
    return world->takes;
}

static void on_ws_close(void *shell, uint64_t ws, int code)
{
    struct world *world = shell;
    (void)code;
    LC_ASSERT(ws >= 1 && ws <= PLACES && world->links[ws - 1].open);
    world->links[ws - 1].open = false;
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
    frame->no_compress = (world->mood & 8) != 0;
    frame->ends_burst = (world->mood & 0x30) == 0x30;
    connection->queue[connection->queued++] = frame;
    engineio_touch(world->engine, connection->session);
}

static void act(struct world *world, struct connection *connection, bool binary, struct bytes data)
{
    struct engineio_server *engine = world->engine;
    struct connection *other = &world->connections[world->mood % PLACES];
    switch (world->mood++ % 11) {
    case 0:
    case 1:
    case 2:
        emit(world, connection, binary, data);
        emit(world, connection, !binary, bytes_text("\xc3\xa9"));
        break;
    case 3:
        emit(world, other, true, data);
        break;
    case 4:
        engineio_close(engine, connection->session);
        break;
    case 5:
        engineio_end(engine, connection->session, ENGINEIO_FORCED_CLOSE);
        break;
    case 6:
        engineio_end(engine, other->session, ENGINEIO_TRANSPORT_ERROR);
        break;
    case 7:
        engineio_set_deadline(engine, connection->session, world->now_ms + 1 + world->mood);
        break;
    case 8:
    case 9:
        engineio_admit(engine, world->asked[world->mood % PLACES], (world->mood & 16) != 0,
                       bytes_text(world->mood & 32 ? "no \"such\"\n" : ""));
        break;
    default:
        break;
    }
}

static void *app_open(void *app, struct engineio_session_id session)
{
    struct world *world = app;
    LC_ASSERT(engineio_handshake(world->engine, session) != NULL);
    for (size_t place = 0; place < PLACES; place++) {
        struct connection *connection = &world->connections[place];
        if (!connection->is_open && (world->mood & 0x47) != 0x47) {
            *connection = (struct connection){.session = session, .is_open = true};
            connection->protocol = engineio_protocol(world->engine, session);
            emit(world, connection, (world->mood & 1) != 0, bytes_text("hi"));
            return connection;
        }
    }
    return NULL;
}

static void app_message(void *app, void *connection_, bool binary, struct bytes data)
{
    struct connection *connection = connection_;
    LC_ASSERT(connection->is_open);
    act(app, connection, binary, data);
}

static void app_close(void *app, void *connection_, enum engineio_reason reason)
{
    struct world *world = app;
    struct connection *connection = connection_;
    LC_ASSERT(connection->is_open && engineio_reason_name(reason)[0] != '?');
    LC_ASSERT(engineio_sid(world->engine, connection->session).size == 0);
    connection->is_open = false;
    for (size_t i = 0; i < connection->queued; i++) {
        frame_destroy(connection->queue[i]);
    }
    connection->queued = 0;
    act(world, connection, false, bytes_text("bye"));
}

static void app_deadline(void *app, void *connection_)
{
    struct connection *connection = connection_;
    LC_ASSERT(connection->is_open);
    act(app, connection, false, bytes_text("late"));
}

static void app_before_send(void *app, void *connection_)
{
    struct world *world = app;
    struct connection *connection = connection_;
    LC_ASSERT(connection->is_open);
    if (world->mood % 17 == 16) {
        act(world, connection, true, bytes_text("sent"));
    }
}

static const struct frame *app_peek(void *app, void *connection_, uint64_t fresh_from)
{
    struct connection *connection = connection_;
    (void)app, (void)fresh_from;
    LC_ASSERT(connection->is_open);
    return connection->queued == 0 ? NULL : connection->queue[0];
}

static void app_pop(void *app, void *connection_)
{
    struct connection *connection = connection_;
    (void)app;
    LC_ASSERT(connection->queued > 0);
    frame_destroy(connection->queue[0]);
    connection->queued--;
    memmove(&connection->queue[0], &connection->queue[1],
            connection->queued * sizeof connection->queue[0]);
}

static enum engineio_admission app_request(void *app, const struct engineio_request *request,
                                           struct engineio_admission_id admission,
                                           struct bytes *out_message)
{
    struct world *world = app;
    LC_ASSERT(bytes_equal_text(request->method, "GET"));
    LC_ASSERT(engineio_current_request(world->engine) == request);
    world->asked[world->asked_count++ % PLACES] = admission;
    switch (world->mood % 5) {
    case 0:
        *out_message = bytes_text("never");
        return ENGINEIO_REFUSE;
    case 1:
        engineio_admit(world->engine, admission, (world->mood & 16) != 0, bytes_text("x"));
        return ENGINEIO_DECIDE_LATER;
    case 2:
        return ENGINEIO_DECIDE_LATER;
    default:
        return ENGINEIO_ALLOW;
    }
}

static void app_headers(void *app, struct engineio_session_id session, struct buffer *lines)
{
    (void)app, (void)session;
    buffer_append_text(lines, "X-A: b\r\n");
}

static enum engineio_check app_check(void *app, const struct engineio_request *request,
                                     struct engineio_response *out_response)
{
    struct world *world = app;
    LC_ASSERT(engineio_current_request(world->engine) == request);
    out_response->status = 418;
    return world->mood % 7 == 6   ? ENGINEIO_CHECK_FAILED
           : world->mood % 7 == 5 ? ENGINEIO_CHECK_ANSWERED
                                  : ENGINEIO_CHECK_PASSED;
}

static bool app_sid(void *context, const struct engineio_request *request, char *out_sid)
{
    static const char *const sids[] = {"aaaaaaaaaaaaaaaaaaaa", "bbbbbbbbbbbbbbbbbbbb",
                                       "cccccccccc/ccccccccc"};
    struct world *world = context;
    LC_ASSERT(request->handshake.query.size > 0);
    memcpy(out_sid, sids[world->mood % 3], ENGINEIO_SID_SIZE);
    return world->mood % 11 != 10;
}

static void app_transport(void *app, void *connection, struct bytes sid, const char *what,
                          const char *reason)
{
    (void)app, (void)connection;
    LC_ASSERT((sid.size == 0 || sid.size == ENGINEIO_SID_SIZE) && what != NULL && reason != NULL);
}

static void app_fault(void *app, enum engineio_error code, struct bytes message,
                      const char *context)
{
    (void)app, (void)context;
    LC_ASSERT(message.size > 0 && engineio_error_message(code)[0] != '?');
}

// ---- steps ----

// Of the argument: 1-2 which sid, 4 with it, 8 protocol 3, 16 and 32 the method or the flags of
// protocol 3, 64 the other transport.
static struct engineio_request make_request(struct world *world, uint8_t argument, bool websocket,
                                            char query[120])
{
    static const char *const methods[] = {"GET", "POST", "GET", "PUT"};
    static const char *const flags[] = {"", "", "&b64=1", "&j=7"};
    const char *sid = world->sids[argument % SIDS];
    bool with_sid = (argument & 4) != 0 && sid[0] != '\0';
    const char *method = websocket || !with_sid ? "GET" : methods[(argument >> 4) & 3];
    int size = snprintf(query, 120, "EIO=%c&transport=%s%s%s%s", (argument & 8) != 0 ? '3' : '4',
                        websocket != ((argument & 64) != 0) ? "websocket" : "polling",
                        with_sid ? "&sid=" : "", with_sid ? sid : "",
                        with_sid && !websocket ? "" : flags[(argument >> 4) & 3]);
    return (struct engineio_request){
        .is_upgrade = websocket,
        .method = bytes_text(method),
        .has_origin = (world->mood & 2) != 0,
        .origin = bytes_text((world->mood & 0x1e) == 0x1e ? "a\x7f" : "http://a"),
        .content_type =
            bytes_text((argument & 128) != 0 ? "application/octet-stream" : "text/plain"),
        .handshake = {.query = bytes_of(query, (size_t)size),
                      .address = bytes_text((argument & 128) != 0 ? "::1" : "::2")}};
}

static void step_request(struct world *world, uint8_t argument, bool websocket)
{
    size_t place = 0;
    while (place < PLACES && world->exchanges[place].state != EXCHANGE_FREE) {
        place++;
    }
    if (place == PLACES) {
        return;
    }
    char query[120];
    struct engineio_request request = make_request(world, argument, websocket, query);
    request.exchange = place + 1;
    world->exchanges[place].state = EXCHANGE_WAITING;
    world->exchanges[place].is_upgrade = websocket;
    world->exchanges[place].eio = (argument & 8) != 0 ? 3 : 4;
    struct engineio_session_id session;
    enum engineio_verdict verdict =
        engineio_request(world->engine, world->now_ms, &request, &session);
    LC_ASSERT(engineio_current_request(world->engine) == NULL);
    world->exchanges[place].session = session;
    if (verdict == ENGINEIO_WANTS_BODY) {
        world->exchanges[place].state = EXCHANGE_BODY;
    } else if (verdict == ENGINEIO_ANSWERED) {
        LC_ASSERT(world->exchanges[place].state == EXCHANGE_FREE);
    }
    for (size_t i = 0; websocket && i < PLACES; i++) { // what was accepted by this request
        if (world->links[i].open &&
            engineio_ws_session(world->engine, i + 1).value == session.value) {
            world->links[i].session = session;
        }
    }
}

static void step_body(struct world *world, uint8_t argument, struct bytes text)
{
    size_t place = argument % PLACES;
    if (world->exchanges[place].state != EXCHANGE_BODY) {
        return;
    }
    if ((argument & 128) != 0) {
        engineio_post_too_large(world->engine, world->now_ms, world->exchanges[place].session,
                                place + 1);
    } else {
        engineio_post_complete(world->engine, world->now_ms, world->exchanges[place].session,
                               place + 1, text);
    }
    LC_ASSERT(world->exchanges[place].state == EXCHANGE_FREE);
}

static void step_exchange_gone(struct world *world, uint8_t argument)
{
    size_t place = argument % PLACES;
    if (world->exchanges[place].state != EXCHANGE_FREE) {
        world->exchanges[place].state = EXCHANGE_FREE;
        engineio_exchange_gone(world->engine, world->now_ms, world->exchanges[place].session,
                               place + 1);
    }
}

static void step_ws(struct world *world, uint8_t operation, uint8_t argument, struct bytes text)
{
    size_t place = argument % PLACES;
    struct engineio_session_id session = world->links[place].session;
    if (!world->links[place].open) {
        return;
    }
    if (operation == 4) {
        engineio_ws_message(world->engine, world->now_ms, session, place + 1, argument & 128, text);
    } else if (operation == 5) {
        engineio_ws_writable(world->engine, world->now_ms, session, place + 1);
    } else {
        world->links[place].open = false;
        engineio_ws_gone(world->engine, world->now_ms, session, place + 1, argument & 128);
    }
}

static void step(struct world *world, uint8_t operation, uint8_t argument, struct bytes text)
{
    switch (operation % 10) {
    case 0:
        step_request(world, argument, false);
        break;
    case 1:
        step_body(world, argument, text);
        break;
    case 2:
        step_exchange_gone(world, argument);
        break;
    case 3:
        step_request(world, argument, true);
        break;
    case 4:
    case 5:
    case 6:
        step_ws(world, operation % 10, argument, text);
        break;
    case 7:
        world->now_ms += argument * 3;
        break;
    case 8:
        world->mood = argument;
        world->takes = (argument & 1) == 0;
        break;
    case 9:
        act(world, &world->connections[argument % PLACES], true, bytes_of("\0\xff", 2));
        break;
    default:
        break;
    }
    engineio_flush(world->engine, world->now_ms);
    LC_ASSERT(engineio_next_deadline(world->engine) > world->now_ms);
}

static void create(struct world *world, const uint8_t choice[4])
{
    struct engineio_config config = {
        .ping_interval_ms = 300,
        .ping_timeout_ms = 200,
        .upgrade_timeout_ms = 250,
        .max_payload = 400,
        .sessions_max = 6,
        .allow_upgrades = (choice[0] & 1) == 0,
        .allow_polling = (choice[0] & 0x0e) != 0x0e,
        .allow_websocket = (choice[0] & 0x70) != 0x70,
        .allow_eio3 = (choice[0] & 0x80) == 0,
        .sessions_per_address_max = choice[1] & 3,
        .handshakes_per_second = choice[1] >> 2 & 15,
        .handshakes_burst = choice[1] >> 6,
        .admission_wait_max_ms = (choice[2] & 3) * 300,
        .admissions_max = choice[2] >> 2 & 3,
        .initial_packet = bytes_text((choice[2] & 16) != 0 ? "first" : ""),
        .initial_packet_binary = (choice[2] & 32) != 0,
        .keep_post_headers = (choice[2] & 64) != 0,
        .random = draw,
        .random_context = world,
    };
    if ((choice[2] & 128) != 0) {
        config.cookie = engineio_cookie_default();
    }
    struct engineio_app_ops ops = {
        .on_open = app_open,
        .on_message = app_message,
        .on_close = app_close,
        .on_deadline = app_deadline,
        .before_send = app_before_send,
        .peek = app_peek,
        .pop = app_pop,
        .headers = app_headers,
        .on_connection_error = app_fault,
    };
    if ((choice[0] & 2) != 0) {
        ops.on_request = app_request;
    }
    if ((choice[3] & 1) != 0) {
        ops.check = app_check;
    }
    if ((choice[3] & 2) != 0) {
        config.generate_sid = app_sid;
    }
    if ((choice[3] & 4) != 0) {
        ops.on_transport = app_transport;
    }
    LC_ASSERT(engineio_create(&config, &ops, world, &world->engine) == LC_OK);
    struct engineio_transport_ops transport = {
        .respond = on_respond, .ws_accept = on_accept, .ws_send = on_send, .ws_close = on_ws_close};
    engineio_attach(world->engine, &transport, world);
}

static void stop(struct world *world)
{
    struct engineio_counts counts;
    engineio_shut_down(world->engine);
    engineio_flush(world->engine, world->now_ms);
    engineio_server_counts(world->engine, &counts);
    LC_ASSERT(counts.sessions_open == 0 && counts.sessions_websocket == 0 &&
              counts.handshakes_waiting == 0);
    LC_ASSERT(engineio_next_deadline(world->engine) == DEADLINE_NONE);
    for (size_t i = 0; i < PLACES; i++) {
        LC_ASSERT(world->exchanges[i].state != EXCHANGE_WAITING);
        LC_ASSERT(!world->links[i].open && !world->connections[i].is_open);
    }
    engineio_destroy(world->engine);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct world world = {.now_ms = 1, .takes = true, .random = 1};
    if (size < 4) {
        return 0;
    }
    create(&world, data);
    struct bytes input = bytes_of(data, size);
    size_t at = 4;
    for (int steps = 0; steps < STEPS_MAX && at + 1 < size; steps++) {
        uint8_t operation = data[at];
        uint8_t argument = data[at + 1];
        at += 2;
        struct bytes text = {NULL, 0};
        if (operation % 10 == 1 || operation % 10 == 4) {
            size_t end = bytes_find(input, 0xff, at);
            text = bytes_of(data + at, end - at);
            at = end + 1;
        }
        step(&world, operation, argument, text);
    }
    stop(&world);
    return 0;
}
