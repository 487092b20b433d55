// Several clients of one Socket.IO server: namespaces, targets, acknowledgements with time limits,
// recovery, msgpack and Engine.IO v3, and an application that does what it may in every callback.
//
// Checked: a head is followed by exactly the attachments that it announces; every callback that is
// owed comes once; data of the application is given back once; limits hold; nothing goes to a
// closed WebSocket.
//
// The first byte chooses the configuration. Each step is an operation byte, an argument byte, and
// for messages a text up to the next 0xff.
#include <stdio.h>

#include "bridge/engineio/engine.h"
#include "bridge/socketio/server.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { LINKS = 6, SOCKETS = 16, CELLS = 64, STEPS_MAX = 300, DEPTH_MAX = 4, PID_SIZE = 20 };

struct link {
    bool open;
    bool takes;
    bool legacy;
    struct engineio_session_id session;
    size_t announced; // attachments that must come next
    char pid[PID_SIZE + 1];
};

enum cell { CELL_FREE, CELL_USED };

struct world {
    struct socketio_server *server;
    struct engineio_server *engine;
    int64_t now_ms;
    struct link links[LINKS];
    struct socketio_socket_id sockets[SOCKETS];
    size_t sockets_count;
    enum cell asked[CELLS]; // callbacks that are owed
    enum cell data[CELLS];  // of the application, for one socket each
    size_t asked_next;
    uint8_t mood; // what the application does next
    uint8_t aim;  // for whom
    int depth;
    bool destroyed;
    uint32_t random;
};

static struct world *the_world; // for callbacks whose context is a cell

static void draw(void *context, uint8_t *data, size_t size)
{
    uint32_t *next = context;
    for (size_t i = 0; i < size; i++) {
        *next = *next * 1103515245 + 12345;
        data[i] = (uint8_t)(*next >> 16);
    }
}

// ---- the transport ----

static void on_respond(void *shell, uint64_t exchange, const struct engineio_response *response)
{
    (void)shell, (void)exchange, (void)response; // an upgrade that is refused
}

static uint64_t on_accept(void *shell, uint64_t exchange, struct bytes headers)
{
    struct world *world = shell;
    (void)headers;
    struct link *link = &world->links[exchange - 1];
    link->open = true;
    link->takes = true;
    link->announced = 0;
    return exchange;
}

static size_t announced_by(struct bytes packet)
{
    size_t count = 0;
    bool binary = packet.size > 2 && packet.data[0] == '4' &&
                  (packet.data[1] == '5' || packet.data[1] == '6');
    for (size_t i = 2; binary && packet.data[i] != '-'; i++) {
        count = count * 10 + (size_t)(packet.data[i] - '0');
    }
    return count;
}

static void note_pid(struct link *link, struct bytes packet)
{
    static const char mark[] = "\"pid\":\"";
    for (size_t at = 0; at + sizeof mark + PID_SIZE < packet.size; at++) {
        if (packet.data[0] == '4' && packet.data[1] == '0' &&
            memcmp(packet.data + at, mark, sizeof mark - 1) == 0) {
            memcpy(link->pid, packet.data + at + sizeof mark - 1, PID_SIZE);
        }
    }
}

static bool on_send(void *shell, uint64_t ws, struct bytes frames)
{
    struct world *world = shell;
    struct link *link = &world->links[ws - 1];
    LC_ASSERT(ws <= LINKS && link->open && frames.size > 0);
    for (size_t at = 0; at < frames.size;) {
        LC_ASSERT(at + 2 <= frames.size);
        size_t size = frames.data[at + 1];
        size_t header = size == 126 ? 4 : size == 127 ? 10 : 2;
        for (size_t i = 2; header > 2 && i < header; i++) {
            size = i == 2 ? frames.data[at + i] : size << 8 | frames.data[at + i];
        }
        LC_ASSERT(at + header + size <= frames.size);
        struct bytes packet = bytes_of(frames.data + at + header, size);
        bool binary = (frames.data[at] & 15) == 2;
        bool is_message = size > 0 && packet.data[0] == '4' && !binary;
        if (binary && link->announced > 0) {
            link->announced--;
        } else if (is_message) {
            LC_ASSERT(link->announced == 0);
            link->announced = announced_by(packet);
            note_pid(link, packet);
        }
        at += header + size;
    }
    return link->takes;
}

static void on_ws_close(void *shell, uint64_t ws, int code)
{
    struct world *world = shell;
    (void)code;
    LC_ASSERT(world->links[ws - 1].open);
    world->links[ws - 1].open = false;
}

// ---- cells ----

static void *take_cell(enum cell *cells)
{
    for (size_t i = 0; i < CELLS; i++) {
        if (cells[i] == CELL_FREE) {
            cells[i] = CELL_USED;
            return &cells[i];
        }
    }
    return NULL;
}

static void free_cell(void *cell)
{
    LC_ASSERT(*(enum cell *)cell == CELL_USED);
    *(enum cell *)cell = CELL_FREE;
}

// ---- the application ----

static void act(struct world *world, struct socketio_socket_id socket, int64_t ack_id);

static void on_answer(void *context, struct socketio_socket_id socket,
                      enum socketio_ack_outcome outcome, const struct socketio_event *answer)
{
    LC_ASSERT((answer != NULL) == (outcome == SOCKETIO_ACK_ANSWERED) && !the_world->destroyed);
    free_cell(context);
    act(the_world, socket, 0);
}

static void on_answers(void *context, const struct socketio_answers *answers)
{
    LC_ASSERT(answers->answers.size >= 2 && !the_world->destroyed);
    LC_ASSERT(answers->attachments_count == 0 || answers->count > 0);
    free_cell(context);
    act(the_world, the_world->sockets[0], 0);
}

static void on_visit(void *context, struct socketio_socket_id socket)
{
    LC_ASSERT(socketio_socket_is_open(the_world->server, socket));
    act(context, socket, 0);
}

static void on_visit_room(void *context, struct bytes room)
{
    (void)context;
    LC_ASSERT(room.size < 30);
}

static void on_visit_namespace(void *context, struct bytes name, size_t sockets)
{
    (void)context, (void)sockets;
    LC_ASSERT(name.size > 0 && name.data[0] == '/');
}

static struct socketio_target target_at(struct world *world, uint8_t choice, struct bytes rooms[4])
{
    struct socketio_socket_id other = world->sockets[choice % SOCKETS];
    rooms[0] = bytes_text("a");
    rooms[1] = bytes_text("b");
    rooms[2] = socketio_socket_sid(world->server, other);
    rooms[3] = bytes_text("a");
    struct socketio_target target = {
        .namespace_name = bytes_text((choice & 32) != 0 ? "/n" : "/"),
        .rooms = rooms + (choice & 1),
        .rooms_count = (choice >> 1) & 3,
        .except = rooms + ((choice >> 3) & 1),
        .except_count = (choice >> 4) & 1,
    };
    if ((choice & 64) != 0) {
        target.sender = other;
    }
    return target;
}

static void act_on_target(struct world *world, uint8_t choice)
{
    struct socketio_server *server = world->server;
    struct bytes rooms[4];
    struct socketio_target target = target_at(world, world->aim, rooms);
    struct bytes joined = bytes_text((choice & 1) != 0 ? "a" : "b");
    switch (choice % 7) {
    case 0:
        socketio_target_join(server, &target, &joined, 1);
        break;
    case 1:
        socketio_target_leave(server, &target, &joined, 1);
        break;
    case 2:
        socketio_target_disconnect(server, &target, (choice & 8) != 0);
        break;
    case 3:
        socketio_target_visit(server, &target, on_visit, world);
        break;
    case 4:
        socketio_sockets_visit(server, on_visit, world);
        break;
    case 5:
        socketio_namespaces_visit(server, on_visit_namespace, NULL);
        break;
    default:
        socketio_socket_rooms_visit(server, world->sockets[choice % SOCKETS], on_visit_room, NULL);
        break;
    }
}

static void act_send(struct world *world, struct socketio_socket_id socket, uint8_t choice)
{
    static const char *const arguments[] = {
        "1", "\"text\"", "", "{\"_placeholder\":true,\"num\":0},{\"_placeholder\":true,\"num\":1}"};
    struct bytes files[] = {bytes_text("first"), bytes_text("")};
    bool binary = (choice & 3) == 3;
    struct socketio_emission emission = {.event = bytes_text("e"),
                                         .arguments = bytes_text(arguments[choice & 3]),
                                         .attachments = files,
                                         .attachments_count = binary ? 2 : 0,
                                         .is_volatile = (choice & 4) != 0};
    struct bytes rooms[4];
    struct socketio_target target = target_at(world, world->aim, rooms);
    void *cell = (choice & 24) >= 16 ? take_cell(world->asked) : NULL;
    struct socketio_ack_wait wait = {(choice & 32) != 0 ? 100 : 0, on_answer, cell};
    if ((choice & 24) == 0) {
        socketio_send(world->server, socket, &emission);
    } else if ((choice & 24) == 8 || cell == NULL) {
        (void)socketio_broadcast(world->server, &target, &emission);
    } else if ((choice & 24) == 16) {
        if (socketio_send_with_ack(world->server, socket, &emission, &wait) < 0) {
            free_cell(cell);
        }
    } else if (!socketio_broadcast_with_ack(world->server, &target, &emission, wait.timeout_ms,
                                            on_answers, cell)) {
        free_cell(cell);
    }
}

static void act(struct world *world, struct socketio_socket_id socket, int64_t ack_id)
{
    if (world->depth >= DEPTH_MAX || world->destroyed) {
        return;
    }
    world->depth++;
    struct socketio_server *server = world->server;
    uint8_t choice = world->mood++;
    struct socketio_socket_id other = world->sockets[choice % SOCKETS];
    switch (choice % 9) {
    case 0:
        socketio_ack(server, socket, ack_id, bytes_text("1"));
        break;
    case 1:
        (void)!socketio_room_join(server, socket, bytes_text((choice & 16) != 0 ? "a" : "b"));
        break;
    case 2:
        socketio_room_leave(server, socket, bytes_text("a"));
        break;
    case 3:
        act_on_target(world, choice);
        break;
    case 4:
        socketio_disconnect(server, other, (choice & 16) != 0);
        break;
    case 5:
        socketio_accept(server, other);
        break;
    case 6:
        socketio_room_emit(server, bytes_text("/"), bytes_text("a"), bytes_text("t"),
                           bytes_text("2"), (choice & 16) != 0);
        break;
    default:
        act_send(world, socket, choice);
        break;
    }
    world->depth--;
}

static void note_socket(struct world *world, struct socketio_socket_id socket)
{
    world->sockets[world->sockets_count++ % SOCKETS] = socket;
}

static void app_connect(void *app, struct socketio_socket_id socket, struct bytes name,
                        struct bytes auth, const struct socketio_handshake *handshake)
{
    struct world *world = app;
    LC_ASSERT(name.size > 0 && (auth.size == 0 || auth.data[0] == '{'));
    LC_ASSERT(handshake->url.size == 0 && !socketio_socket_is_open(world->server, socket));
    note_socket(world, socket);
    if (socketio_socket_data(world->server, socket) == NULL) {
        socketio_socket_set_data(world->server, socket, take_cell(world->data));
    }
    if (world->mood % 5 == 1) {
        void *data = socketio_socket_data(world->server, socket);
        bool recovered = socketio_socket_is_recovered(world->server, socket);
        if (data != NULL && !recovered) {
            free_cell(data); // else the session gives it back
            socketio_socket_set_data(world->server, socket, NULL);
        }
        socketio_refuse(world->server, socket, bytes_text("{\"message\":\"no\"}"));
        return;
    }
    act(world, socket, -1);
    if (world->mood % 4 != 0) {
        socketio_accept(world->server, socket);
        act(world, socket, -1);
    }
}

// Sessions of the application: a pid is a sid.
static void app_make_pid(void *app, struct socketio_socket_id socket, struct buffer *out_pid)
{
    struct world *world = app;
    if (world->mood % 7 != 6) {
        buffer_append(out_pid, socketio_socket_sid(world->server, socket));
    }
}

static void app_restore(void *app, struct socketio_socket_id socket, struct bytes name,
                        struct bytes auth, struct bytes pid, struct bytes offset,
                        const struct socketio_handshake *handshake)
{
    struct world *world = app;
    LC_ASSERT(name.size > 0 && auth.size > pid.size && auth.size > offset.size && pid.size > 0);
    LC_ASSERT(handshake->url.size == 0 && !socketio_socket_is_open(world->server, socket));
    note_socket(world, socket);
    if (world->mood % 5 == 1) {
        socketio_refuse(world->server, socket, bytes_text("{\"message\":\"no\"}"));
        return;
    }
    char sid[PID_SIZE] = {0}; // the pid goes with the socket
    memcpy(sid, pid.data, pid.size < PID_SIZE ? pid.size : PID_SIZE);
    struct bytes wanted = bytes_of(sid, pid.size < PID_SIZE ? pid.size : PID_SIZE);
    act(world, socket, -1);
    if (socketio_restore(world->server, socket, wanted) == LC_OK) {
        LC_ASSERT(bytes_equal(socketio_socket_sid(world->server, socket), wanted));
        LC_ASSERT(socketio_socket_of_sid(world->server, wanted).value == socket.value);
        LC_ASSERT(socketio_socket_is_recovered(world->server, socket));
    }
    if (world->mood % 4 != 0) {
        socketio_accept(world->server, socket);
        act(world, socket, -1);
    }
}

static void app_recovered(void *app, struct socketio_socket_id socket, struct bytes name,
                          struct bytes auth, const struct socketio_handshake *handshake)
{
    struct world *world = app;
    LC_ASSERT(name.size > 0 && auth.size > 0 && handshake->url.size == 0);
    LC_ASSERT(socketio_socket_is_recovered(world->server, socket));
    note_socket(world, socket);
    act(world, socket, -1);
}

static void app_event(void *app, struct socketio_socket_id socket,
                      const struct socketio_event *event)
{
    struct world *world = app;
    LC_ASSERT(socketio_socket_is_open(world->server, socket));
    act(world, socket, event->ack_id);
    act(world, socket, event->ack_id);
}

static void app_disconnecting(void *app, struct socketio_socket_id socket,
                              enum socketio_reason reason)
{
    (void)socketio_reason_name(reason);
    act(app, socket, 0);
}

static void app_disconnect(void *app, struct socketio_socket_id socket, enum socketio_reason reason)
{
    struct world *world = app;
    (void)reason;
    LC_ASSERT(!socketio_socket_is_open(world->server, socket));
    void *data = socketio_socket_data(world->server, socket);
    if (data != NULL && !socketio_socket_is_kept(world->server, socket)) {
        free_cell(data);
        socketio_socket_set_data(world->server, socket, NULL);
    }
    act(world, socket, 0);
}

static void app_data_dropped(void *app, void *data)
{
    (void)app;
    free_cell(data);
}

static void app_lagged(void *app, struct socketio_socket_id socket)
{
    act(app, socket, 0);
}

// ---- a monitor that reports to everybody ----

static void report(struct world *world)
{
    struct bytes rooms[4];
    struct socketio_target target = target_at(world, world->aim, rooms);
    struct socketio_emission emission = {.event = bytes_text("report"),
                                         .is_volatile = (world->mood & 1) != 0};
    if (world->depth < DEPTH_MAX && !world->destroyed) {
        world->depth++;
        (void)socketio_broadcast(world->server, &target, &emission);
        world->depth--;
    }
}

static void on_room(void *monitor, struct socketio_socket_id socket, struct bytes room)
{
    LC_ASSERT(socketio_socket_sid(the_world->server, socket).size > 0 && room.size < 30);
    report(monitor);
}

static void on_socket(void *monitor, struct socketio_socket_id socket)
{
    LC_ASSERT(socketio_socket_is_open(the_world->server, socket));
    report(monitor);
}

static void on_disconnected(void *monitor, struct socketio_socket_id socket,
                            enum socketio_reason reason)
{
    (void)reason;
    LC_ASSERT(!socketio_socket_is_open(the_world->server, socket));
    report(monitor);
}

static void on_received(void *monitor, struct socketio_socket_id socket,
                        const struct socketio_event *event)
{
    LC_ASSERT(event->array.size >= event->arguments.size);
    on_socket(monitor, socket);
}

static void on_sent(void *monitor, struct socketio_socket_id socket,
                    const struct socketio_emission *emission)
{
    (void)socket, (void)emission;
    report(monitor);
}

static const struct socketio_monitor_ops hooks = {
    .on_connected = on_socket,
    .on_disconnected = on_disconnected,
    .on_room_joined = on_room,
    .on_room_left = on_room,
    .on_event_received = on_received,
    .on_event_sent = on_sent,
};

// ---- steps ----

static void step_open(struct world *world, uint8_t argument)
{
    size_t place = argument % LINKS;
    if (world->links[place].open) {
        return;
    }
    world->links[place].legacy = (argument & 64) != 0;
    struct engineio_request request = {
        .exchange = place + 1,
        .is_upgrade = true,
        .method = bytes_text("GET"),
        .handshake = {.query =
                          bytes_text(world->links[place].legacy ? "EIO=3&transport=websocket"
                                                                : "EIO=4&transport=websocket")}};
    (void)engineio_request(world->engine, world->now_ms, &request, &world->links[place].session);
}

static void receive(struct world *world, size_t place, bool binary, struct bytes data)
{
    if (world->links[place].open) {
        engineio_ws_message(world->engine, world->now_ms, world->links[place].session, place + 1,
                            binary, data);
    }
}

// Takes up a session that this or another link had.
static void step_come_back(struct world *world, uint8_t argument)
{
    const char *pid = world->links[(argument >> 3) % LINKS].pid;
    char text[100];
    int size =
        snprintf(text, sizeof text, "40%s{\"pid\":\"%s\"%s}", (argument & 128) != 0 ? "/n," : "",
                 pid, (argument & 64) != 0 ? ",\"offset\":\"3\"" : "");
    receive(world, argument % LINKS, false, bytes_of(text, (size_t)size));
}

static void step_link(struct world *world, uint8_t operation, uint8_t argument)
{
    size_t place = argument % LINKS;
    struct link *link = &world->links[place];
    if (!link->open) {
        return;
    }
    if (operation == 3) {
        link->open = false;
        engineio_ws_gone(world->engine, world->now_ms, link->session, place + 1, argument & 128);
    } else {
        link->takes = !link->takes;
        if (link->takes) {
            engineio_ws_writable(world->engine, world->now_ms, link->session, place + 1);
        }
    }
}

static void step(struct world *world, uint8_t operation, uint8_t argument, struct bytes text)
{
    switch (operation % 9) {
    case 0:
        step_open(world, argument);
        break;
    case 1:
        receive(world, argument % LINKS, false, text);
        break;
    case 2:
        receive(world, argument % LINKS, true, text);
        break;
    case 3:
    case 4:
        step_link(world, operation % 9, argument);
        break;
    case 5:
        step_come_back(world, argument);
        break;
    case 6:
        world->now_ms += argument * 2;
        break;
    case 7:
        *(operation < 9 ? &world->mood : &world->aim) = argument;
        break;
    default:
        act(world, world->sockets[argument % SOCKETS], argument & 7);
        break;
    }
    engineio_flush(world->engine, world->now_ms);
    LC_ASSERT(engineio_next_deadline(world->engine) > world->now_ms);
}

static void check_limits(const struct world *world, const struct socketio_config *config)
{
    struct socketio_counts counts;
    socketio_server_counts(world->server, &counts);
    LC_ASSERT(counts.recovery_saved <= config->recovery_sessions_max);
    LC_ASSERT(counts.recovery_events <= config->recovery_events_max);
    LC_ASSERT(counts.recovery_bytes <= config->recovery_bytes_max);
    LC_ASSERT(counts.sockets_open <= config->sessions_max * config->namespaces_max);
}

static struct socketio_config config_of(uint8_t choice)
{
    struct socketio_config config = socketio_config_default();
    config.ping_interval_ms = 300;
    config.ping_timeout_ms = 200;
    config.connect_timeout_ms = 400;
    config.max_payload = 400;
    config.namespaces_max = 3;
    config.rooms_max = 3;
    config.acks_max = 3;
    config.answers_bytes_max = 60;
    config.pending_bytes_max = 1000;
    config.room_ring_events = 4;
    config.room_ring_bytes = 500;
    config.sessions_max = 5;
    config.allow_eio3 = true;
    config.allow_msgpack = (choice & 1) != 0;
    config.recovery_ms = (choice & 2) != 0 ? 500 : 0;
    config.recovery_sessions_max = 2;
    config.recovery_events_max = 6;
    config.recovery_bytes_max = 200;
    config.recovery_runs_on_connect = (choice & 4) != 0;
    return config;
}

static void create(struct world *world, const struct socketio_config *config, bool with_rest,
                   bool restores)
{
    struct socketio_app_ops ops = {
        .on_connect = app_connect,
        .on_event = app_event,
        .on_disconnecting = app_disconnecting,
        .on_disconnect = app_disconnect,
        .on_lagged = app_lagged,
        .on_recovered = app_recovered,
        .on_data_dropped = app_data_dropped,
        .make_pid = restores ? app_make_pid : NULL,
        .on_restore = restores ? app_restore : NULL,
    };
    struct socketio_env env = {draw, &world->random};
    LC_ASSERT(socketio_server_create(config, &env, with_rest ? &ops : NULL, world,
                                     &world->server) == LC_OK);
    LC_ASSERT(socketio_namespace_add(world->server, bytes_text("/"), &ops, world) == LC_OK);
    world->engine = socketio_server_engine(world->server);
    struct engineio_transport_ops transport = {
        .respond = on_respond, .ws_accept = on_accept, .ws_send = on_send, .ws_close = on_ws_close};
    engineio_attach(world->engine, &transport, world);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0) {
        return 0;
    }
    struct world world = {.now_ms = 1, .random = 1};
    the_world = &world;
    struct socketio_config config = config_of(data[0]);
    create(&world, &config, (data[0] & 8) == 0, (data[0] & 32) != 0);
    if ((data[0] & 16) != 0) {
        socketio_server_set_monitor(world.server, &hooks, &world);
    }
    struct bytes input = bytes_of(data, size);
    size_t at = 1;
    for (int steps = 0; steps < STEPS_MAX && at + 1 < size; steps++) {
        uint8_t operation = data[at];
        uint8_t argument = data[at + 1];
        at += 2;
        struct bytes text = {NULL, 0};
        if (operation % 9 == 1 || operation % 9 == 2) {
            size_t end = bytes_find(input, 0xff, at);
            text = bytes_of(data + at, end - at);
            at = end + 1;
        }
        step(&world, operation, argument, text);
        check_limits(&world, &config);
    }
    socketio_server_shut_down(world.server);
    struct socketio_counts counts;
    socketio_server_counts(world.server, &counts);
    LC_ASSERT(counts.sessions_open == 0 && counts.sockets_open == 0);
    world.destroyed = true;
    socketio_server_destroy(world.server);
    for (size_t i = 0; i < CELLS; i++) {
        LC_ASSERT(world.asked[i] == CELL_FREE); // every socket has ended before
    }
    return 0;
}
