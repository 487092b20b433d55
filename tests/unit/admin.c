// The Admin UI's namespace over a transport of plain memory and a simulated clock: the bytes are
// those of @socket.io/admin-ui 0.5.1 with socket.io 4.8.4, but for what admin.h lists.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka needs the four above first
#include <cmocka.h>

#include "bridge/admin/admin.h"
#include "bridge/admin/admin_limits.h"
#include "bridge/engineio/engine.h"
#include "lib/base/buffer.h"

enum { CLIENTS_MAX = 40, TICKETS_MAX = 16 };

#define WALL_MS INT64_C(1764078782934) // 2025-11-25T13:53:02.934Z, when the clock says START_MS
#define START_MS INT64_C(5000)
#define NOW "\"2025-11-25T13:53:02.934Z\""
#define LOGIN "40/admin,{\"username\":\"admin\",\"password\":\"secret\"}"

struct client {
    struct engineio_session_id session;
    struct buffer sent; // packets, one a line
    size_t read;        // of them, by the test
    char sid[32];       // of its last namespace
};

struct world {
    struct socketio_server *server;
    struct engineio_server *engine;
    struct admin *admin;
    int64_t now_ms;
    int64_t bursts_ms; // that the engine's clock is ahead: what follows a CONNECT goes out later
    uint64_t next_ws;
    struct client clients[CLIENTS_MAX];
    size_t clients_count;
    uint64_t tickets[TICKETS_MAX];
    bool right[TICKETS_MAX];
    size_t tickets_count;
    bool is_busy;
    uint64_t connections[CLIENTS_MAX]; // as the server numbers them, by client
};

// ---- the world ----

static int64_t boot_ms(void *context)
{
    return ((struct world *)context)->now_ms;
}

static int64_t wall_ms(void *context)
{
    return WALL_MS + ((struct world *)context)->now_ms - START_MS;
}

static void count_up(void *context, uint8_t *data, size_t size)
{
    static uint8_t next;
    (void)context;
    for (size_t i = 0; i < size; i++) {
        data[i] = next++;
    }
}

static void fixed_random(void *context, uint8_t *data, size_t size)
{
    (void)context;
    memset(data, 0xA5, size);
}

static bool check_password(void *context, uint64_t ticket, struct bytes password)
{
    struct world *world = context;
    if (world->is_busy) {
        return false;
    }
    assert_true(world->tickets_count < TICKETS_MAX);
    world->right[world->tickets_count] = bytes_equal_text(password, "secret");
    world->tickets[world->tickets_count++] = ticket;
    return true;
}

static void on_respond(void *shell, uint64_t exchange, const struct engineio_response *response)
{
    (void)shell, (void)exchange, (void)response;
}

static uint64_t on_accept(void *shell, uint64_t exchange, struct bytes headers)
{
    (void)exchange, (void)headers;
    return ++((struct world *)shell)->next_ws;
}

static size_t frame_size(struct bytes frame, size_t *out_header)
{
    size_t size = frame.data[1];
    *out_header = size < 126 ? 2 : size == 126 ? 4 : 10;
    if (size >= 126) {
        size = 0;
        for (size_t i = 2; i < *out_header; i++) {
            size = size << 8 | frame.data[i];
        }
    }
    return size;
}

static bool on_send(void *shell, uint64_t ws, struct bytes frames)
{
    struct client *client = &((struct world *)shell)->clients[ws - 1];
    while (frames.size > 0) {
        size_t header;
        size_t size = frame_size(frames, &header);
        struct bytes packet = bytes_of(frames.data + header, size);
        if (size > 1 && packet.data[0] == '4') {
            buffer_append(&client->sent, packet);
            buffer_append_byte(&client->sent, '\n');
        }
        frames = bytes_from(frames, header + size);
    }
    return true;
}

static void on_ws_close(void *shell, uint64_t ws, int code)
{
    (void)code;
    struct client *client = &((struct world *)shell)->clients[ws - 1];
    buffer_append_text(&client->sent, "closed\n");
}

static struct world *world_of; // for the application below, which has no other way to it

static void app_connect(void *app, struct socketio_socket_id socket, struct bytes name,
                        struct bytes auth, const struct socketio_handshake *handshake)
{
    (void)app, (void)name, (void)auth, (void)handshake;
    socketio_accept(world_of->server, socket);
}

static void app_event(void *app, struct socketio_socket_id socket,
                      const struct socketio_event *event)
{
    (void)app;
    if (bytes_equal_text(event->name, "join")) {
        assert_int_equal(socketio_room_join(world_of->server, socket, bytes_text("blue")), LC_OK);
    } else if (bytes_equal_text(event->name, "leave")) {
        socketio_room_leave(world_of->server, socket, bytes_text("blue"));
    } else if (bytes_equal_text(event->name, "echo")) {
        socketio_emit(world_of->server, socket, bytes_text("back"), event->arguments);
    }
}

static void app_disconnect(void *app, struct socketio_socket_id socket, enum socketio_reason reason)
{
    (void)app, (void)socket, (void)reason;
}

static struct world *world_create(const struct admin_config *config)
{
    struct world *world = calloc(1, sizeof *world);
    assert_non_null(world);
    world_of = world;
    world->now_ms = START_MS;
    struct socketio_config server_config = socketio_config_default();
    struct socketio_env server_env = {count_up, NULL};
    struct socketio_app_ops ops = {
        .on_connect = app_connect, .on_event = app_event, .on_disconnect = app_disconnect};
    assert_int_equal(
        socketio_server_create(&server_config, &server_env, &ops, world, &world->server), LC_OK);
    world->engine = socketio_server_engine(world->server);
    struct engineio_transport_ops transport = {on_respond, on_accept, on_send, on_ws_close};
    engineio_attach(world->engine, &transport, world);
    struct admin_env env = {.boot_ms = boot_ms,
                            .wall_ms = wall_ms,
                            .random = fixed_random,
                            .check_password = check_password,
                            .context = world};
    assert_int_equal(admin_create(config, &env, world->server, &world->admin), LC_OK);
    return world;
}

static void world_destroy(struct world *world)
{
    socketio_server_destroy(world->server);
    admin_destroy(world->admin);
    for (size_t i = 0; i < world->clients_count; i++) {
        buffer_release(&world->clients[i].sent);
    }
    free(world);
}

static const struct admin_config DEVELOPMENT = {
    .user = "admin", .host = "house", .server_id = "house-1", .process_id = 77};

static int set_up(void **state)
{
    *state = world_create(&DEVELOPMENT);
    return 0;
}

static int tear_down(void **state)
{
    world_destroy(*state);
    return 0;
}

// ---- what the tests do ----

static int64_t engine_ms(const struct world *world)
{
    return world->now_ms + world->bursts_ms;
}

static void flush(struct world *world)
{
    for (int i = 0; i < 2; i++) {
        world->bursts_ms += 2;
        engineio_flush(world->engine, engine_ms(world));
    }
}

static void sleep_until(struct world *world, int64_t now_ms)
{
    while (world->now_ms < now_ms) {
        int64_t next_ms = admin_deadline_ms(world->admin);
        world->now_ms = next_ms < now_ms ? next_ms : now_ms;
        admin_tick(world->admin);
        flush(world);
    }
}

static struct client *open_with(struct world *world, const struct engineio_handshake *handshake)
{
    assert_true(world->clients_count < CLIENTS_MAX);
    struct client *client = &world->clients[world->clients_count++];
    buffer_init(&client->sent, 1 << 24);
    struct engineio_request request = {
        .is_upgrade = true, .method = bytes_text("GET"), .handshake = *handshake};
    request.handshake.time_ms = world->now_ms;
    (void)engineio_request(world->engine, engine_ms(world), &request, &client->session);
    flush(world);
    return client;
}

static struct client *open_client(struct world *world)
{
    static const struct engineio_header headers[] = {
        {{(const uint8_t *)"cookie", 6}, {(const uint8_t *)"a=b", 3}},
        {{(const uint8_t *)"origin", 6}, {(const uint8_t *)"http://x", 8}}};
    return open_with(world,
                     &(struct engineio_handshake){
                         .url = bytes_text("/socket.io/?EIO=4&transport=websocket&token=abc"),
                         .query = bytes_text("EIO=4&transport=websocket&token=abc"),
                         .address = bytes_text("10.0.0.1"),
                         .headers = headers,
                         .headers_count = 2});
}

static void say(struct world *world, struct client *client, const char *packet)
{
    engineio_ws_message(world->engine, engine_ms(world), client->session,
                        (uint64_t)(client - world->clients) + 1, false, bytes_text(packet));
    flush(world);
}

// The next line that the client got and the test has not read; "" when there is none.
static const char *next_line(struct client *client)
{
    static char line[600000];
    struct bytes rest = bytes_from(buffer_bytes(&client->sent), client->read);
    size_t size = bytes_find(rest, '\n', 0);
    assert_true(size < sizeof line);
    memcpy(line, rest.data == NULL ? (const uint8_t *)"" : rest.data, size);
    line[size] = 0;
    client->read += size < rest.size ? size + 1 : size;
    return line;
}

static const char *last_line(struct client *client)
{
    while (bytes_find(buffer_bytes(&client->sent), '\n', client->read) + 1 < client->sent.size) {
        (void)next_line(client);
    }
    return next_line(client);
}

static void expect(struct client *client, const char *format, ...)
{
    char text[4096];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    assert_string_equal(next_line(client), text);
}

static void expect_nothing(struct client *client)
{
    assert_string_equal(next_line(client), "");
}

static void forget(struct client *client)
{
    client->read = client->sent.size;
}

static void keep_sid(struct client *client, const char *line)
{
    const char *sid = strstr(line, "\"sid\":\"");
    assert_non_null(sid);
    snprintf(client->sid, sizeof client->sid, "%.20s", sid + 7);
    world_of->connections[client - world_of->clients] = socketio_socket_connection(
        world_of->server, socketio_socket_of_sid(world_of->server, bytes_text(client->sid)));
}

static struct client *connect_to(struct world *world, const char *packet)
{
    struct client *client = open_client(world);
    say(world, client, packet);
    keep_sid(client, next_line(client));
    return client;
}

// Answers all passwords that wait.
static void check_passwords(struct world *world)
{
    for (size_t i = 0; i < world->tickets_count; i++) {
        admin_password_checked(world->admin, world->tickets[i], world->right[i]);
    }
    world->tickets_count = 0;
    flush(world);
}

static struct client *log_in(struct world *world)
{
    struct client *client = open_client(world);
    say(world, client, LOGIN);
    check_passwords(world);
    for (const char *line = next_line(client); line[0] != 0; line = next_line(client)) {
        if (strncmp(line, "40", 2) == 0) {
            keep_sid(client, line);
        }
    }
    assert_true(client->sid[0] != 0);
    return client;
}

// What is shown of a socket of open_client().
static const char *socket_json(const char *sid, int client, const char *nsp, const char *rooms)
{
    static char texts[4][1000];
    static size_t next;
    char *text = texts[next++ % 4];
    snprintf(text, sizeof texts[0],
             "{\"id\":\"%s\",\"clientId\":\"%012llx\",\"transport\":\"websocket\",\"nsp\":\"%s\","
             "\"data\":{},\"handshake\":{\"address\":\"10.0.0.1\",\"headers\":{\"cookie\":"
             "\"(masked)\",\"origin\":\"http://x\"},\"query\":{\"EIO\":\"4\",\"transport\":"
             "\"websocket\",\"token\":\"(masked)\"},\"issued\":1764078782934,\"secure\":false,"
             "\"time\":\"Tue Nov 25 2025 13:53:02 GMT+0000 (Coordinated Universal Time)\",\"url\":"
             "\"/socket.io/?EIO=4&transport=websocket&token=(masked)\",\"xdomain\":true},"
             "\"rooms\":[\"%s\"%s]}",
             sid, (unsigned long long)world_of->connections[client], nsp, sid, rooms);
    return text;
}

// ---- who comes in ----

static void wrong_credentials_are_refused(void **state)
{
    struct world *world = *state;
    static const char *const bad[] = {
        "40/admin",
        "40/admin,{}",
        "40/admin,{\"sessionId\":\"a5a5a5a5a5a5a5a5\"}",
        "40/admin,{\"sessionId\":1}",
        "40/admin,{\"username\":\"admin\"}",
        "40/admin,{\"username\":\"admin\",\"password\":null}",
        "40/admin,{\"username\":\"admin\",\"password\":\"\"}",
        "40/admin,{\"username\":{},\"password\":[]}",
    };
    struct client *client = open_client(world);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        say(world, client, bad[i]);
        assert_int_equal(world->tickets_count, 0);
        expect(client, "44/admin,{\"message\":\"invalid credentials\"}");
    }
}

// The wrong user costs a check as well: its time tells nothing.
static void the_password_is_checked_for_the_wrong_user_too(void **state)
{
    struct world *world = *state;
    struct client *client = open_client(world);
    say(world, client, "40/admin,{\"username\":\"root\",\"password\":\"secret\"}");
    say(world, client, "40/admin,{\"username\":\"admin\",\"password\":\"secreT\"}");
    assert_int_equal(world->tickets_count,
                     1); // the second CONNECT of a namespace ends a connection
    check_passwords(world);
}

static void a_wrong_user_or_password_is_refused_after_the_check(void **state)
{
    struct world *world = *state;
    struct client *client = open_client(world);
    say(world, client, "40/admin,{\"username\":\"root\",\"password\":\"secret\"}");
    expect_nothing(client);
    check_passwords(world);
    expect(client, "44/admin,{\"message\":\"invalid credentials\"}");
    say(world, client, "40/admin,{\"username\":\"admin\",\"password\":\"secreT\"}");
    expect_nothing(client);
    check_passwords(world);
    expect(client, "44/admin,{\"message\":\"invalid credentials\"}");
}

static void attempts_are_bounded(void **state)
{
    struct world *world = *state;
    struct client *client = open_client(world);
    for (int i = 0; i < ADMIN_ATTEMPTS_BURST; i++) {
        say(world, client, "40/admin,{\"username\":\"admin\",\"password\":\"x\"}");
        check_passwords(world);
        expect(client, "44/admin,{\"message\":\"invalid credentials\"}");
    }
    say(world, client, LOGIN);
    assert_int_equal(world->tickets_count, 0);
    expect(client, "44/admin,{\"message\":\"too many attempts\"}");
    world->now_ms += ADMIN_ATTEMPT_MS;
    say(world, client, LOGIN);
    check_passwords(world);
    expect(client, "42/admin,[\"session\",\"a5a5a5a5a5a5a5a5\"]");
}

static void a_checker_that_is_busy_is_too_many_attempts(void **state)
{
    struct world *world = *state;
    struct client *client = open_client(world);
    world->is_busy = true;
    say(world, client, LOGIN);
    expect(client, "44/admin,{\"message\":\"too many attempts\"}");
    world->is_busy = false;
    say(world, client, LOGIN);
    check_passwords(world);
    expect(client, "42/admin,[\"session\",\"a5a5a5a5a5a5a5a5\"]");
}

static void an_answer_for_a_client_that_left_or_a_wrong_ticket_does_nothing(void **state)
{
    struct world *world = *state;
    struct client *client = open_client(world);
    say(world, client, LOGIN);
    engineio_ws_gone(world->engine, engine_ms(world), client->session, 1, false);
    flush(world);
    check_passwords(world);
    admin_password_checked(world->admin, 0, true);
    admin_password_checked(world->admin, 999, true);
    // Nor was a session begun.
    struct client *other = open_client(world);
    say(world, other, "40/admin,{\"sessionId\":\"a5a5a5a5a5a5a5a5\"}");
    expect(other, "44/admin,{\"message\":\"invalid credentials\"}");
}

// As recorded from the reference, with `session` once more behind the CONNECT reply.
static void a_login_is_answered_with_session_config_and_all_sockets(void **state)
{
    struct world *world = *state;
    struct client *user = connect_to(world, "40");
    struct client *admin = open_client(world);
    say(world, admin, LOGIN);
    check_passwords(world);
    expect(admin, "42/admin,[\"session\",\"a5a5a5a5a5a5a5a5\"]");
    keep_sid(admin, next_line(admin));
    expect(admin, "42/admin,[\"room_joined\",\"/admin\",\"%s\",\"%s\"," NOW "]", admin->sid,
           admin->sid);
    const char *own = socket_json(admin->sid, 1, "/admin", "");
    expect(admin, "42/admin,[\"socket_connected\",%s," NOW "]", own);
    expect(admin, "42/admin,[\"session\",\"a5a5a5a5a5a5a5a5\"]");
    expect(admin, "42/admin,[\"config\",{\"supportedFeatures\":[\"EMIT\",\"JOIN\",\"LEAVE\","
                  "\"DISCONNECT\",\"MJOIN\",\"MLEAVE\",\"MDISCONNECT\",\"AGGREGATED_EVENTS\","
                  "\"ALL_EVENTS\"]}]");
    expect(admin, "42/admin,[\"all_sockets\",[%s,%s]]", own, socket_json(user->sid, 0, "/", ""));
    expect_nothing(admin);
}

static void a_session_lets_in_without_a_password_until_it_ends(void **state)
{
    struct world *world = *state;
    (void)log_in(world);
    struct client *second = open_client(world);
    say(world, second, "40/admin,{\"sessionId\":\"a5a5a5a5a5a5a5a5\"}");
    keep_sid(second, next_line(second));
    assert_int_equal(world->tickets_count, 0);
    world->now_ms += ADMIN_SESSION_LIFE_MS;
    struct client *third = open_client(world);
    say(world, third, "40/admin,{\"sessionId\":\"a5a5a5a5a5a5a5a5\"}");
    expect(third, "44/admin,{\"message\":\"invalid credentials\"}");
}

static void admins_are_bounded(void **state)
{
    struct world *world = *state;
    (void)log_in(world);
    struct client *client = NULL;
    for (int i = 0; i < ADMIN_SOCKETS_MAX; i++) {
        client = open_client(world);
        say(world, client, "40/admin,{\"sessionId\":\"a5a5a5a5a5a5a5a5\"}");
    }
    assert_string_equal(last_line(client), "44/admin,{\"message\":\"too many admins\"}");
}

// ---- what happens ----

static void clients_that_come_and_go_are_told_of(void **state)
{
    struct world *world = *state;
    struct client *admin = log_in(world);
    struct client *user = connect_to(world, "40/chat,");
    expect(admin, "42/admin,[\"room_joined\",\"/chat\",\"%s\",\"%s\"," NOW "]", user->sid,
           user->sid);
    expect(admin, "42/admin,[\"socket_connected\",%s," NOW "]",
           socket_json(user->sid, 1, "/chat", ""));
    say(world, user, "41/chat,");
    expect(admin,
           "42/admin,[\"socket_disconnected\",\"/chat\",\"%s\",\"client namespace disconnect\"," NOW
           "]",
           user->sid);
    expect(admin, "42/admin,[\"room_left\",\"/chat\",\"%s\",\"%s\"," NOW "]", user->sid, user->sid);
    expect_nothing(admin);
}

static void rooms_that_are_joined_and_left_are_told_of(void **state)
{
    struct world *world = *state;
    struct client *user = connect_to(world, "40");
    struct client *admin = log_in(world);
    say(world, user, "42[\"join\"]");
    expect(admin, "42/admin,[\"event_received\",\"/\",\"%s\",[\"join\"]," NOW "]", user->sid);
    expect(admin, "42/admin,[\"room_joined\",\"/\",\"blue\",\"%s\"," NOW "]", user->sid);
    struct client *second = log_in(world);
    (void)second;
    forget(admin);
    say(world, user, "42[\"leave\"]");
    expect(admin, "42/admin,[\"event_received\",\"/\",\"%s\",[\"leave\"]," NOW "]", user->sid);
    expect(admin, "42/admin,[\"room_left\",\"/\",\"blue\",\"%s\"," NOW "]", user->sid);
    expect_nothing(admin);
}

static void all_sockets_show_their_rooms(void **state)
{
    struct world *world = *state;
    struct client *user = connect_to(world, "40");
    say(world, user, "42[\"join\"]");
    struct client *admin = open_client(world);
    say(world, admin, LOGIN);
    check_passwords(world);
    char expected[1100];
    snprintf(expected, sizeof expected, ",%s]]", socket_json(user->sid, 0, "/", ",\"blue\""));
    const char *line = last_line(admin);
    assert_true(strlen(line) > strlen(expected));
    assert_string_equal(line + strlen(line) - strlen(expected), expected);
}

static void events_in_both_directions_are_shown_without_their_secrets(void **state)
{
    struct world *world = *state;
    struct client *user = connect_to(world, "40");
    struct client *admin = log_in(world);
    say(world, user, "42[\"echo\",{\"a\":1},\"z\"]");
    expect(admin, "42/admin,[\"event_received\",\"/\",\"%s\",[\"echo\",{\"a\":1},\"z\"]," NOW "]",
           user->sid);
    expect(admin, "42/admin,[\"event_sent\",\"/\",\"%s\",[\"back\",{\"a\":1},\"z\"]," NOW "]",
           user->sid);
    expect_nothing(admin);
    say(world, user, "42[\"hello\",\"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln\"]");
    expect(admin, "42/admin,[\"event_received\",\"/\",\"%s\",[\"hello\",\"(masked)\"]," NOW "]",
           user->sid);
    static char large[ADMIN_ARGS_SIZE_MAX + 100];
    memset(large, 'x', sizeof large - 1);
    memcpy(large, "42[\"large\",\"", 12);
    memcpy(large + sizeof large - 3, "\"]", 3);
    say(world, user, large);
    expect(admin, "42/admin,[\"event_received\",\"/\",\"%s\",[\"large\",\"(%zu bytes)\"]," NOW "]",
           user->sid, strlen(large) - 12);
}

// A second may bring more than an admin can be told: then all sockets come anew in the next.
static void notices_beyond_the_bound_are_made_up_for(void **state)
{
    struct world *world = *state;
    struct client *user = connect_to(world, "40");
    struct client *admin = log_in(world);
    for (int i = 0; i < ADMIN_NOTICES_PER_SECOND_MAX; i++) {
        say(world, user, i % 2 == 0 ? "42[\"join\"]" : "42[\"leave\"]");
    }
    int notices = 0;
    for (const char *line = next_line(admin); line[0] != 0; line = next_line(admin)) {
        notices++;
    }
    assert_true(notices <= ADMIN_NOTICES_PER_SECOND_MAX);
    assert_true(notices > ADMIN_NOTICES_PER_SECOND_MAX - 10);
    sleep_until(world, START_MS + 1000);
    assert_non_null(strstr(next_line(admin), "[\"all_sockets\","));
    say(world, user, "42[\"join\"]");
    assert_non_null(strstr(next_line(admin), "[\"event_received\","));
    assert_non_null(strstr(next_line(admin), "[\"room_joined\","));
}

// Events, which change no picture, have half of the second's share only.
static void a_flood_of_events_leaves_room_for_what_changes_the_picture(void **state)
{
    struct world *world = *state;
    struct client *user = connect_to(world, "40");
    struct client *admin = log_in(world);
    for (int i = 0; i < ADMIN_NOTICES_PER_SECOND_MAX; i++) {
        say(world, user, "42[\"x\"]");
    }
    say(world, user, "42[\"join\"]");
    assert_non_null(strstr(last_line(admin), "[\"room_joined\","));
    sleep_until(world, START_MS + 1000);
    expect_nothing(admin); // nothing to make up for
}

static void stats_come_every_two_seconds_while_somebody_watches(void **state)
{
    struct world *world = *state;
    struct client *user = connect_to(world, "40");
    assert_int_equal(admin_deadline_ms(world->admin), INT64_MAX);
    world->now_ms += 2500;
    struct client *admin = log_in(world);
    say(world, user, "42[\"x\"]");
    forget(admin);
    sleep_until(world, START_MS + 4499);
    expect_nothing(admin);
    sleep_until(world, START_MS + 4500);
    // 13:53:05.434 is when the watching began, 05 and 06 are complete.
    const char *line = next_line(admin);
    const char *begin =
        "42/admin,[\"server_stats\",{\"serverId\":\"house-1\",\"hostname\":\"house\","
        "\"pid\":77,\"uptime\":4.500,\"clientsCount\":2,\"pollingClientsCount\":0,"
        "\"aggregatedEvents\":[{\"timestamp\":1764078785000,\"type\":\"packetsIn\","
        "\"count\":1},{\"timestamp\":1764078785000,\"type\":\"bytesIn\",\"count\":6},";
    const char *end = "\"namespaces\":[{\"name\":\"/admin\",\"socketsCount\":1},"
                      "{\"name\":\"/\",\"socketsCount\":1}]}]";
    assert_memory_equal(line, begin, strlen(begin));
    assert_string_equal(line + strlen(line) - strlen(end), end);
    say(world, admin, "41/admin,");
    assert_int_equal(admin_deadline_ms(world->admin), INT64_MAX);
}

// ---- what an admin does ----

static void an_admin_emits_to_all_to_a_room_and_to_one_socket(void **state)
{
    struct world *world = *state;
    struct client *one = connect_to(world, "40");
    struct client *two = connect_to(world, "40");
    struct client *admin = log_in(world);
    say(world, two, "42[\"join\"]");
    say(world, admin, "42/admin,[\"emit\",\"/\",null,\"all\",1,{\"b\":[2]}]");
    expect(one, "42[\"all\",1,{\"b\":[2]}]");
    expect(two, "42[\"all\",1,{\"b\":[2]}]");
    say(world, admin, "42/admin,[\"emit\",\"/\",\"blue\",\"some\"]");
    expect(two, "42[\"some\"]");
    char packet[100];
    snprintf(packet, sizeof packet, "42/admin,[\"emit\",\"/\",\"%s\",\"na\\\"me\",\"x\"]",
             one->sid);
    say(world, admin, packet);
    expect(one, "42[\"na\\\"me\",\"x\"]");
    expect_nothing(one);
    expect_nothing(two);
}

static void commands_that_make_no_sense_do_nothing(void **state)
{
    struct world *world = *state;
    static const char *const bad[] = {
        "42/admin,[\"emit\"]",
        "42/admin,[\"emit\",\"/\"]",
        "42/admin,[\"emit\",\"/\",null]",
        "42/admin,[\"emit\",\"/\",null,\"disconnect\"]", // would end a client's connection
        "42/admin,[\"emit\",\"/\",null,7]",
        "42/admin,[\"emit\",\"/\",null,\"\"]",
        "42/admin,[\"emit\",\"/none\",null,\"x\"]",
        "42/admin,[\"emit\",7,null,\"x\"]",
        "42/admin,[\"emit\",\"/\",7,\"x\"]",
        "42/admin,[\"emit\",\"/\",[\"blue\"],\"x\"]",
        "42/admin,[\"join\",\"/\"]",
        "42/admin,[\"join\",\"/\",null]",
        "42/admin,[\"leave\",\"/\",{}]",
        "42/admin,[\"_disconnect\"]",
        "42/admin,[\"_disconnect\",\"/\",true,\"nobody\"]",
        "42/admin,[\"_disconnect\",\"/\",true,{}]",
        "42/admin,[\"unknown\",\"/\",1]",
        "42/admin,[1,2]",
    };
    struct client *user = connect_to(world, "40");
    struct client *admin = log_in(world);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        say(world, admin, bad[i]);
        expect_nothing(user);
        expect_nothing(admin);
    }
    say(world, admin, "42/admin,[\"emit\",\"/\",\"\",\"x\"]");
    expect(user, "42[\"x\"]");
}

static void an_admin_makes_sockets_join_and_leave(void **state)
{
    struct world *world = *state;
    struct client *one = connect_to(world, "40");
    struct client *two = connect_to(world, "40");
    struct client *admin = log_in(world);
    char packet[100];
    snprintf(packet, sizeof packet, "42/admin,[\"join\",\"/\",\"red\",\"%s\"]", one->sid);
    say(world, admin, packet);
    expect(admin, "42/admin,[\"room_joined\",\"/\",\"red\",\"%s\"," NOW "]", one->sid);
    say(world, admin, "42/admin,[\"join\",\"/\",\"red\"]");
    expect(admin, "42/admin,[\"room_joined\",\"/\",\"red\",\"%s\"," NOW "]", two->sid);
    say(world, admin, "42/admin,[\"emit\",\"/\",\"red\",\"x\"]");
    expect(one, "42[\"x\"]");
    expect(two, "42[\"x\"]");
    forget(admin);
    say(world, admin, "42/admin,[\"leave\",\"/\",\"red\",\"red\"]");
    assert_int_equal(socketio_room_size(world->server, bytes_text("/"), bytes_text("red")), 0);
    assert_non_null(strstr(next_line(admin), "\"room_left\",\"/\",\"red\""));
    assert_non_null(strstr(next_line(admin), "\"room_left\",\"/\",\"red\""));
    expect_nothing(admin);
}

static void an_admin_disconnects_one_socket_or_the_whole_connection(void **state)
{
    struct world *world = *state;
    struct client *one = connect_to(world, "40");
    struct client *two = connect_to(world, "40");
    struct client *admin = log_in(world);
    char packet[100];
    snprintf(packet, sizeof packet, "42/admin,[\"_disconnect\",\"/\",false,\"%s\"]", one->sid);
    say(world, admin, packet);
    expect(one, "41");
    expect_nothing(one);
    expect_nothing(two);
    expect(admin,
           "42/admin,[\"socket_disconnected\",\"/\",\"%s\",\"server namespace disconnect\"," NOW
           "]",
           one->sid);
    say(world, admin, "42/admin,[\"_disconnect\",\"/\",true]");
    expect(two, "41");
    expect(two, "closed");
    expect_nothing(one);
}

// ---- modes ----

static void a_readonly_admin_sees_and_cannot_act(void **state)
{
    struct admin_config config = DEVELOPMENT;
    config.is_readonly = true;
    struct world *world = world_create(&config);
    struct client *user = connect_to(world, "40");
    struct client *admin = open_client(world);
    say(world, admin, LOGIN);
    check_passwords(world);
    bool has_config = false;
    for (const char *line = next_line(admin); line[0] != 0; line = next_line(admin)) {
        has_config = has_config || strcmp(line, "42/admin,[\"config\",{\"supportedFeatures\":["
                                                "\"AGGREGATED_EVENTS\",\"ALL_EVENTS\"]}]") == 0;
    }
    assert_true(has_config);
    say(world, admin, "42/admin,[\"emit\",\"/\",null,\"x\"]");
    say(world, admin, "42/admin,[\"join\",\"/\",\"red\"]");
    say(world, admin, "42/admin,[\"_disconnect\",\"/\",true]");
    expect_nothing(user);
    expect_nothing(admin);
    world_destroy(world);
    (void)state;
}

static void in_production_single_sockets_and_events_are_not_shown(void **state)
{
    struct admin_config config = DEVELOPMENT;
    config.is_production = true;
    config.namespace_name = "/desk";
    config.server_id = NULL;
    struct world *world = world_create(&config);
    struct client *user = connect_to(world, "40");
    struct client *admin = open_client(world);
    say(world, admin, "40/admin,{\"username\":\"admin\",\"password\":\"secret\"}");
    assert_int_equal(world->tickets_count, 0); // the application's
    forget(admin);
    say(world, admin, "40/desk,{\"username\":\"admin\",\"password\":\"secret\"}");
    check_passwords(world);
    expect(admin, "42/desk,[\"session\",\"a5a5a5a5a5a5a5a5\"]");
    keep_sid(admin, next_line(admin));
    expect(admin, "42/desk,[\"session\",\"a5a5a5a5a5a5a5a5\"]");
    expect(admin, "42/desk,[\"config\",{\"supportedFeatures\":[\"EMIT\",\"JOIN\",\"LEAVE\","
                  "\"DISCONNECT\",\"MJOIN\",\"MLEAVE\",\"MDISCONNECT\",\"AGGREGATED_EVENTS\"]}]");
    say(world, user, "42[\"echo\",1]");
    say(world, user, "42[\"join\"]");
    expect_nothing(admin);
    say(world, admin, "42/desk,[\"emit\",\"/\",null,\"x\"]");
    expect(user, "42[\"back\",1]");
    expect(user, "42[\"x\"]");
    sleep_until(world, START_MS + 2000);
    assert_non_null(strstr(next_line(admin), "[\"server_stats\",{\"serverId\":\"house\","));
    expect_nothing(admin);
    world_destroy(world);
    (void)state;
}

static void a_configuration_without_user_or_with_another_s_namespace_is_refused(void **state)
{
    struct world *world = *state;
    struct admin *admin;
    struct admin_env env = {boot_ms, wall_ms, fixed_random, check_password, world};
    struct admin_config config = DEVELOPMENT;
    assert_int_equal(admin_create(&config, &env, world->server, &admin), LC_ERR_EXISTS);
    config.user = "";
    config.namespace_name = "/other";
    assert_int_equal(admin_create(&config, &env, world->server, &admin), LC_ERR_BAD_INPUT);
    config.user = NULL;
    assert_int_equal(admin_create(&config, &env, world->server, &admin), LC_ERR_BAD_INPUT);
    config.user = "admin";
    config.namespace_name = "no slash";
    assert_int_equal(admin_create(&config, &env, world->server, &admin), LC_ERR_BAD_INPUT);
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(wrong_credentials_are_refused),
        TEST(the_password_is_checked_for_the_wrong_user_too),
        TEST(a_wrong_user_or_password_is_refused_after_the_check),
        TEST(attempts_are_bounded),
        TEST(a_checker_that_is_busy_is_too_many_attempts),
        TEST(an_answer_for_a_client_that_left_or_a_wrong_ticket_does_nothing),
        TEST(a_login_is_answered_with_session_config_and_all_sockets),
        TEST(a_session_lets_in_without_a_password_until_it_ends),
        TEST(admins_are_bounded),
        TEST(clients_that_come_and_go_are_told_of),
        TEST(rooms_that_are_joined_and_left_are_told_of),
        TEST(all_sockets_show_their_rooms),
        TEST(events_in_both_directions_are_shown_without_their_secrets),
        TEST(notices_beyond_the_bound_are_made_up_for),
        TEST(a_flood_of_events_leaves_room_for_what_changes_the_picture),
        TEST(stats_come_every_two_seconds_while_somebody_watches),
        TEST(an_admin_emits_to_all_to_a_room_and_to_one_socket),
        TEST(commands_that_make_no_sense_do_nothing),
        TEST(an_admin_makes_sockets_join_and_leave),
        TEST(an_admin_disconnects_one_socket_or_the_whole_connection),
        cmocka_unit_test(a_readonly_admin_sees_and_cannot_act),
        cmocka_unit_test(in_production_single_sockets_and_events_are_not_shown),
        TEST(a_configuration_without_user_or_with_another_s_namespace_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
