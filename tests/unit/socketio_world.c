#include "tests/unit/socketio_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
// cmocka needs the first four above before it
#include <cmocka.h>

static void draw(void *context, uint8_t *data, size_t size)
{
    static uint32_t next = 1;
    (void)context;
    for (size_t i = 0; i < size; i++) {
        next = next * 1103515245 + 12345;
        data[i] = (uint8_t)(next >> 16);
    }
}

// ---- the transport: exchange and WebSocket ids are links + 1, polls have WORLD_POLL more ----

// The first packet of an Engine.IO v3 body begins behind its length.
static struct bytes without_length(struct bytes body)
{
    return bytes_starts_with(body, bytes_text("0{"))
               ? body
               : bytes_from(body, bytes_find(body, ':', 0) + 1);
}

static void on_respond(void *shell, uint64_t exchange, const struct engineio_response *response)
{
    struct world *world = shell;
    struct link *link = &world->links[(exchange - 1) % WORLD_POLL];
    struct bytes body = response->body;
    if (response->status != 200) {
        link->closed = true;
    } else if (bytes_starts_with(without_length(body), bytes_text("0{\"sid\":\""))) {
        memcpy(link->sid, without_length(body).data + strlen("0{\"sid\":\""), ENGINEIO_SID_SIZE);
    } else {
        for (size_t i = 0; i < body.size; i++) {
            buffer_append_byte(&link->sent, body.data[i] == 0x1e ? '|' : body.data[i]);
        }
        buffer_append_byte(&link->sent, '\n');
    }
}

static uint64_t on_accept(void *shell, uint64_t exchange, struct bytes headers)
{
    (void)shell, (void)headers;
    return exchange;
}

static bool on_send(void *shell, uint64_t ws, struct bytes frames)
{
    struct world *world = shell;
    struct link *link = &world->links[ws - 1];
    size_t sent_count = strlen(world->sent_to);
    if (sent_count + 1 < sizeof world->sent_to) {
        world->sent_to[sent_count] = (char)('0' + ws - 1);
    }
    for (size_t at = 0; at < frames.size;) {
        size_t size = frames.data[at + 1];
        size_t header = size == 126 ? 4 : 2;
        assert_int_not_equal(size, 127);
        if (size == 126) {
            size = (size_t)frames.data[at + 2] << 8 | frames.data[at + 3];
        }
        bool binary = (frames.data[at] & 15) == 2;
        struct bytes packet = bytes_of(frames.data + at + header, size);
        bool is_open_or_ping = !binary && (packet.data[0] == '0' || packet.data[0] == '2');
        if (!is_open_or_ping) {
            buffer_append_text(&link->sent, binary ? "b:" : "");
            buffer_append(&link->sent, packet);
            buffer_append_byte(&link->sent, '\n');
        }
        at += header + size;
    }
    return link->takes;
}

static void on_ws_close(void *shell, uint64_t ws, int code)
{
    (void)code;
    ((struct world *)shell)->links[ws - 1].closed = true;
}

// ---- the application ----

static void note_socket(struct world *world, struct socketio_socket_id socket)
{
    assert_true(world->sockets_count < WORLD_SOCKETS);
    world->sockets[world->sockets_count++] = socket;
}

static void app_connect(void *app, struct socketio_socket_id socket, struct bytes name,
                        struct bytes auth, const struct socketio_handshake *handshake)
{
    struct world *world = app;
    assert_true(handshake->query.size > 0);
    note_socket(world, socket);
    buffer_append_format(&world->told, "connect %.*s %.*s\n", (int)name.size,
                         (const char *)name.data, (int)auth.size, (const char *)auth.data);
    if (world->in_connect != NULL) {
        world->in_connect(world, socket);
    }
    if (!world->answers_later) {
        socketio_accept(world->server, socket);
    }
}

static void app_recovered(void *app, struct socketio_socket_id socket, struct bytes name,
                          struct bytes auth, const struct socketio_handshake *handshake)
{
    struct world *world = app;
    (void)auth;
    assert_true(handshake->query.size > 0);
    note_socket(world, socket);
    const char *data = socketio_socket_data(world->server, socket);
    buffer_append_format(&world->told, "recovered %.*s data %s\n", (int)name.size,
                         (const char *)name.data, data == NULL ? "none" : data);
}

static void app_event(void *app, struct socketio_socket_id socket,
                      const struct socketio_event *event)
{
    struct world *world = app;
    buffer_append_format(&world->told, "event %.*s(%.*s)", (int)event->name.size,
                         (const char *)event->name.data, (int)event->arguments.size,
                         (const char *)event->arguments.data);
    for (size_t i = 0; i < event->attachments_count; i++) {
        buffer_append_format(&world->told, " <%.*s>", (int)event->attachments[i].size,
                             (const char *)event->attachments[i].data);
    }
    buffer_append_byte(&world->told, '\n');
    if (world->inside != NULL) {
        world->inside(world, socket, event);
    }
}

static void tell_room(void *context, struct bytes room)
{
    struct world *world = context;
    buffer_append_byte(&world->told, ' ');
    buffer_append(&world->told, room);
}

static void app_disconnecting(void *app, struct socketio_socket_id socket,
                              enum socketio_reason reason)
{
    struct world *world = app;
    buffer_append_format(&world->told, "disconnecting %s, rooms", socketio_reason_name(reason));
    socketio_socket_rooms_visit(world->server, socket, tell_room, world);
    buffer_append_byte(&world->told, '\n');
    if (world->in_disconnecting != NULL) {
        world->in_disconnecting(world, socket);
    }
}

static void app_disconnect(void *app, struct socketio_socket_id socket, enum socketio_reason reason)
{
    struct world *world = app;
    buffer_append_format(&world->told, "disconnect %s, rooms", socketio_reason_name(reason));
    socketio_socket_rooms_visit(world->server, socket, tell_room, world);
    buffer_append_text(&world->told,
                       socketio_socket_is_kept(world->server, socket) ? ", kept\n" : "\n");
}

static void app_ack(void *app, struct socketio_socket_id socket, int64_t ack_id,
                    const struct socketio_event *answer)
{
    struct world *world = app;
    (void)socket;
    buffer_append_format(&world->told, "ack %d (%.*s)\n", (int)ack_id, (int)answer->arguments.size,
                         (const char *)answer->arguments.data);
}

static void app_lagged(void *app, struct socketio_socket_id socket)
{
    (void)socket;
    buffer_append_text(&((struct world *)app)->told, "lagged\n");
}

static void app_data_dropped(void *app, void *data)
{
    buffer_append_format(&((struct world *)app)->told, "data dropped %s\n", (const char *)data);
}

// ---- life ----

int world_set_up(void **state)
{
    struct world *world = calloc(1, sizeof *world);
    assert_non_null(world);
    world->now_ms = 5000;
    world->protocol = 4;
    world->owns_the_rest = true;
    buffer_init(&world->told, 1 << 20);
    for (size_t i = 0; i < WORLD_LINKS; i++) {
        buffer_init(&world->links[i].sent, 1 << 22);
        world->links[i].takes = true;
    }
    world->config = socketio_config_default();
    world->ops = (struct socketio_app_ops){
        .on_connect = app_connect,
        .on_event = app_event,
        .on_disconnecting = app_disconnecting,
        .on_disconnect = app_disconnect,
        .on_lagged = app_lagged,
        .on_ack = app_ack,
        .on_recovered = app_recovered,
        .on_data_dropped = app_data_dropped,
    };
    *state = world;
    return 0;
}

void world_start(struct world *world)
{
    struct socketio_env env = {draw, NULL};
    assert_int_equal(socketio_server_create(&world->config, &env,
                                            world->owns_the_rest ? &world->ops : NULL, world,
                                            &world->server),
                     LC_OK);
    world->engine = socketio_server_engine(world->server);
    struct engineio_transport_ops transport = {
        .respond = on_respond, .ws_accept = on_accept, .ws_send = on_send, .ws_close = on_ws_close};
    engineio_attach(world->engine, &transport, world);
}

int world_tear_down(void **state)
{
    struct world *world = *state;
    socketio_server_destroy(world->server);
    for (size_t i = 0; i < WORLD_LINKS; i++) {
        buffer_release(&world->links[i].sent);
    }
    buffer_release(&world->told);
    free(world);
    return 0;
}

void world_flush(struct world *world)
{
    engineio_flush(world->engine, world->now_ms);
    world->now_ms += 2; // beyond the pause of a burst
    engineio_flush(world->engine, world->now_ms);
}

void world_pass(struct world *world, int64_t ms)
{
    world->now_ms += ms;
    engineio_flush(world->engine, world->now_ms);
}

// ---- clients ----

static void request(struct world *world, size_t link, bool upgrade, const char *sid,
                    uint64_t exchange)
{
    struct link *of = &world->links[link];
    char query[100];
    snprintf(query, sizeof query, "EIO=%d&transport=%s%s%s", world->protocol,
             of->websocket ? "websocket" : "polling", sid[0] == '\0' ? "" : "&sid=", sid);
    struct engineio_request wanted = {
        .exchange = exchange,
        .is_upgrade = upgrade,
        .method = bytes_text("GET"),
        .handshake = {.url = bytes_text("/socket.io/"), .query = bytes_text(query)}};
    struct engineio_session_id session;
    (void)engineio_request(world->engine, world->now_ms, &wanted, &session);
    of->session = session.value != 0 ? session : of->session;
    engineio_flush(world->engine, world->now_ms);
}

static size_t new_link(struct world *world, bool websocket)
{
    assert_true(world->links_count < WORLD_LINKS);
    size_t link = world->links_count++;
    world->links[link].websocket = websocket;
    request(world, link, websocket, "", link + 1);
    return link;
}

size_t world_websocket(struct world *world)
{
    return new_link(world, true);
}

size_t world_polling(struct world *world)
{
    return new_link(world, false);
}

void world_poll(struct world *world, size_t link)
{
    request(world, link, false, world->links[link].sid, link + 1 + WORLD_POLL);
}

void world_upgrade(struct world *world, size_t link)
{
    world->links[link].websocket = true;
    request(world, link, true, world->links[link].sid, link + 1);
    engineio_ws_message(world->engine, world->now_ms, world->links[link].session, link + 1, false,
                        bytes_text("5"));
    world_flush(world);
}

static void receive(struct world *world, size_t link, bool binary, struct bytes data)
{
    struct link *from = &world->links[link];
    if (from->websocket) {
        engineio_ws_message(world->engine, world->now_ms, from->session, link + 1, binary, data);
        world_flush(world);
        return;
    }
    char query[100];
    snprintf(query, sizeof query, "EIO=%d&transport=polling&sid=%s", world->protocol, from->sid);
    struct engineio_request post = {.exchange = link + 1,
                                    .method = bytes_text("POST"),
                                    .handshake = {.query = bytes_text(query)}};
    assert_int_equal(engineio_request(world->engine, world->now_ms, &post, &from->session),
                     ENGINEIO_WANTS_BODY);
    struct buffer before = from->sent;
    buffer_init(&from->sent, 100); // where the "ok" goes
    engineio_post_complete(world->engine, world->now_ms, from->session, link + 1, data);
    buffer_release(&from->sent);
    from->sent = before;
    world_flush(world);
}

void world_receive(struct world *world, size_t link, const char *packet)
{
    receive(world, link, false, bytes_text(packet));
}

void world_receive_binary(struct world *world, size_t link, struct bytes data)
{
    receive(world, link, true, data);
}

void world_gone(struct world *world, size_t link)
{
    engineio_ws_gone(world->engine, world->now_ms, world->links[link].session, link + 1, false);
    world_flush(world);
}

// ---- what is expected ----

static bool is_id_character(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
           c == '_';
}

static bool matches(const char *text, const char *wanted)
{
    for (; *wanted != '\0'; wanted++) {
        if (*wanted != '$') {
            if (*text++ != *wanted) {
                return false;
            }
            continue;
        }
        for (int i = 0; i < ENGINEIO_SID_SIZE; i++) {
            if (!is_id_character(*text++)) {
                return false;
            }
        }
    }
    return *text == '\0';
}

static void expect(struct buffer *buffer, const char *wanted)
{
    const char *text = buffer_text(buffer);
    if (!matches(text, wanted)) {
        assert_string_equal(text, wanted);
    }
    buffer_clear(buffer);
}

void world_sent(struct world *world, size_t link, const char *text)
{
    expect(&world->links[link].sent, text);
}

void world_told(struct world *world, const char *text)
{
    expect(&world->told, text);
}

void world_forget(struct world *world)
{
    for (size_t i = 0; i < WORLD_LINKS; i++) {
        buffer_clear(&world->links[i].sent);
    }
    buffer_clear(&world->told);
}

size_t world_client(struct world *world)
{
    size_t link = world_websocket(world);
    world_receive(world, link, "40");
    world_forget(world);
    return link;
}

const char *world_value(struct world *world, size_t link, const char *name)
{
    static char values[4][64];
    static unsigned turn;
    char *value = values[turn++ % 4];
    char wanted[32];
    snprintf(wanted, sizeof wanted, "\"%s\":\"", name);
    const char *at = strstr(buffer_text(&world->links[link].sent), wanted);
    assert_non_null(at);
    snprintf(value, 64, "%.*s", ENGINEIO_SID_SIZE, at + strlen(wanted));
    return value;
}

struct socketio_emission emission(const char *event, const char *arguments)
{
    return (struct socketio_emission){.event = bytes_text(event),
                                      .arguments = bytes_text(arguments)};
}

struct socketio_target target_of(const char *namespace_name, const struct bytes *rooms,
                                 size_t rooms_count)
{
    return (struct socketio_target){
        .namespace_name = bytes_text(namespace_name), .rooms = rooms, .rooms_count = rooms_count};
}
