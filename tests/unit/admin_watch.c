// What an admin is told, and what its commands do: the bytes are those of @socket.io/admin-ui 0.5.1
// with socket.io 4.8.4, but for what admin.h lists.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka needs the four above first
#include <cmocka.h>

#include "bridge/socketio/packet.h"
#include "tests/unit/admin_world.h"

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

static void find_secret(void *context, struct socketio_socket_id socket)
{
    if (socketio_socket_sid_is_secret(world_of->server, socket)) {
        *(struct socketio_socket_id *)context = socket;
    }
}

// By the protocol of Engine.IO v3 the id is one with which another could take the client's place.
static void the_secret_id_of_an_old_client_is_not_shown(void **state)
{
    struct world *world = *state;
    struct client *admin = log_in(world);
    struct client *old =
        open_with(world, &(struct engineio_handshake){
                             .query = bytes_text("EIO=3&transport=websocket&token=abc"),
                             .url = bytes_text("/socket.io/?EIO=3&transport=websocket&token=abc")});
    struct socketio_socket_id socket = {0};
    socketio_sockets_visit(world->server, find_secret, &socket);
    assert_true(socket.value != 0);
    char secret[32];
    struct bytes sid = socketio_socket_sid(world->server, socket);
    snprintf(secret, sizeof secret, "%.*s", (int)sid.size, (const char *)sid.data);
    assert_int_equal(strlen(secret), 20);
    char alias[32];
    snprintf(alias, sizeof alias, "eio3-%llu", (unsigned long long)socket.value);
    expect(admin, "42/admin,[\"room_joined\",\"/\",\"%s\",\"%s\"," NOW "]", alias, alias);
    say(world, old, "42[\"join\"]");
    (void)log_in(world); // sees all sockets
    char packet[100];
    snprintf(packet, sizeof packet, "42/admin,[\"emit\",\"/\",\"%s\",\"x\"]", alias);
    forget(old);
    say(world, admin, packet);
    expect(old, "42[\"x\"]");
    snprintf(packet, sizeof packet, "42/admin,[\"_disconnect\",\"/\",true,\"%s\"]", alias);
    say(world, admin, packet);
    assert_false(socketio_socket_is_open(world->server, socket));
    buffer_append_byte(&admin->sent, 0);
    assert_non_null(strstr((const char *)admin->sent.data, alias));
    assert_null(strstr((const char *)admin->sent.data, secret));
}

// One that is as deep as an event may be would be too deep in a notice.
static void events_too_deep_for_a_notice_are_shown_by_their_size(void **state)
{
    struct world *world = *state;
    struct client *user = connect_to(world, "40");
    struct client *admin = log_in(world);
    char packet[300];
    int shown = 0;
    for (size_t depth = 1; depth < 64; depth++) {
        memset(packet, '[', sizeof packet);
        memcpy(packet, "42[7,", 5);
        memset(packet + 5 + depth, ']', depth + 1);
        packet[5 + 2 * depth + 1] = 0;
        say(world, user, packet);
        const char *line = next_line(admin);
        assert_non_null(strstr(line, "[\"event_received\","));
        struct socketio_packet notice;
        assert_int_equal(packet_read(bytes_text(line + 1), 0, &notice), LC_OK);
        shown += strstr(line, " bytes)") == NULL ? 1 : 0;
    }
    assert_int_equal(shown, 61);
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

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(clients_that_come_and_go_are_told_of),
        TEST(rooms_that_are_joined_and_left_are_told_of),
        TEST(all_sockets_show_their_rooms),
        TEST(events_in_both_directions_are_shown_without_their_secrets),
        TEST(the_secret_id_of_an_old_client_is_not_shown),
        TEST(events_too_deep_for_a_notice_are_shown_by_their_size),
        TEST(notices_beyond_the_bound_are_made_up_for),
        TEST(a_flood_of_events_leaves_room_for_what_changes_the_picture),
        TEST(stats_come_every_two_seconds_while_somebody_watches),
        TEST(an_admin_emits_to_all_to_a_room_and_to_one_socket),
        TEST(commands_that_make_no_sense_do_nothing),
        TEST(an_admin_makes_sockets_join_and_leave),
        TEST(an_admin_disconnects_one_socket_or_the_whole_connection),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
