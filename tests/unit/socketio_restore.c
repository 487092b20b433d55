// Recovery by the application: it makes what clients show, and says whose session that is.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
// cmocka needs the first four above before it
#include <cmocka.h>

#include "tests/unit/socketio_world.h"

static const char *pid_made; // instead of the usual one

static void make_pid(void *app, struct socketio_socket_id socket, struct buffer *out_pid)
{
    struct world *world = app;
    if (pid_made != NULL) {
        buffer_append_text(out_pid, pid_made);
        return;
    }
    buffer_append_text(out_pid, "token of ");
    buffer_append(out_pid, socketio_socket_sid(world->server, socket));
}

static enum lc_status restored; // the latest result
static bool accepts_at_once;

// A pid names the sid in its last 20 characters.
static struct bytes sid_in(struct bytes pid)
{
    return bytes_from(pid, pid.size < 20 ? 0 : pid.size - 20);
}

static void on_restore(void *app, struct socketio_socket_id socket, struct bytes name,
                       struct bytes auth, struct bytes pid, struct bytes offset,
                       const struct socketio_handshake *handshake)
{
    struct world *world = app;
    assert_true(handshake->query.size > 0);
    assert_true(bytes_starts_with(auth, bytes_text("{")));
    world->sockets[world->sockets_count++] = socket;
    buffer_append_format(&world->told, "restore %.*s offset '%.*s'\n", (int)name.size,
                         (const char *)name.data, (int)offset.size, (const char *)offset.data);
    restored = socketio_restore(world->server, socket, sid_in(pid));
    if (accepts_at_once) {
        socketio_accept(world->server, socket);
    }
}

static int set_up(void **state)
{
    world_set_up(state);
    struct world *world = *state;
    world->ops.make_pid = make_pid;
    world->ops.on_restore = on_restore;
    pid_made = NULL;
    restored = LC_ERR_IO;
    accepts_at_once = true;
    return 0;
}

static const char *const OF_ANOTHER_NODE = "token of abcd0123456789_-wxYZ";

static size_t come_back(struct world *world, const char *namespace_name, const char *pid,
                        const char *more)
{
    char text[200];
    snprintf(text, sizeof text, "40%s{\"pid\":\"%s\"%s}", namespace_name, pid, more);
    size_t link = world_websocket(world);
    world_receive(world, link, text);
    return link;
}

static uint64_t recovered_total(const struct world *world)
{
    struct socketio_counts counts;
    socketio_server_counts(world->server, &counts);
    return counts.recovered_total;
}

static uint64_t failed_total(const struct world *world)
{
    struct socketio_counts counts;
    socketio_server_counts(world->server, &counts);
    return counts.recovery_failed_total;
}

static void the_application_makes_the_pid_of_a_new_session(void **state)
{
    struct world *world = *state;
    world_start(world);
    size_t link = world_websocket(world);
    world_receive(world, link, "40{\"offset\":\"x\"}");
    world_told(world, "connect / {\"offset\":\"x\"}\n");
    const char *sid = world_value(world, link, "sid");
    char wanted[100];
    snprintf(wanted, sizeof wanted, "40{\"sid\":\"%s\",\"pid\":\"token of %s\"}\n", sid, sid);
    world_sent(world, link, wanted);
    assert_int_equal(failed_total(world), 0);
}

static void a_pid_that_cannot_be_shown_is_none(void **state)
{
    struct world *world = *state;
    world_start(world);
    static char large[SOCKETIO_PID_SIZE_MAX + 2];
    memset(large, 'x', SOCKETIO_PID_SIZE_MAX + 1);
    const char *bad[] = {"", "quo\"te", "back\\slash", "\n", "\x7f", "é", large};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        pid_made = bad[i];
        size_t link = world_websocket(world);
        world_receive(world, link, "40");
        world_sent(world, link, "40{\"sid\":\"$\"}\n");
    }
    large[SOCKETIO_PID_SIZE_MAX] = '\0';
    size_t link = world_websocket(world);
    world_receive(world, link, "40");
    char wanted[SOCKETIO_PID_SIZE_MAX + 100];
    snprintf(wanted, sizeof wanted, "40{\"sid\":\"$\",\"pid\":\"%s\"}\n", large);
    world_sent(world, link, wanted);
}

static void a_session_of_another_node_is_taken_up_with_its_sid_and_pid(void **state)
{
    struct world *world = *state;
    world_start(world);
    size_t link =
        come_back(world, "", OF_ANOTHER_NODE, ",\"offset\":\"s:1.\\u0032\",\"token\":\"t\"");
    world_told(world, "restore / offset 's:1.2'\n");
    assert_int_equal(restored, LC_OK);
    world_sent(world, link,
               "40{\"sid\":\"abcd0123456789_-wxYZ\",\"pid\":\"token of abcd0123456789_-wxYZ\"}\n");
    struct socketio_socket_id socket = world->sockets[0];
    assert_true(socketio_socket_is_recovered(world->server, socket));
    assert_true(
        bytes_equal_text(socketio_socket_sid(world->server, socket), "abcd0123456789_-wxYZ"));
    assert_int_equal(
        socketio_socket_of_sid(world->server, bytes_text("abcd0123456789_-wxYZ")).value,
        socket.value);
    assert_int_equal(recovered_total(world), 1);
    assert_int_equal(failed_total(world), 0);
    struct bytes room = bytes_text("abcd0123456789_-wxYZ"); // its sid is a room
    struct socketio_target target = target_of("/", &room, 1);
    struct socketio_emission sent = emission("e", "1");
    assert_int_equal(socketio_broadcast(world->server, &target, &sent), 1);
    world_flush(world);
    world_sent(world, link, "42[\"e\",1]\n"); // no offset but the application's
}

static void without_an_offset_the_client_has_seen_nothing(void **state)
{
    struct world *world = *state;
    world_start(world);
    come_back(world, "", OF_ANOTHER_NODE, "");
    world_told(world, "restore / offset ''\n");
    world_tear_down(state);
    set_up(state);
    world = *state;
    world_start(world);
    come_back(world, "", OF_ANOTHER_NODE, ",\"offset\":null");
    world_told(world, "restore / offset ''\n");
    assert_int_equal(recovered_total(world), 1);
}

static void what_is_sent_and_joined_before_the_decision_comes_with_it(void **state)
{
    struct world *world = *state;
    world_start(world);
    accepts_at_once = false;
    size_t link = come_back(world, "/dyn,", OF_ANOTHER_NODE, "");
    struct socketio_socket_id socket = world->sockets[0];
    assert_true(socketio_socket_is_recovered(world->server, socket));
    socketio_emit(world->server, socket, bytes_text("missed"), bytes_text("1"));
    assert_int_equal(socketio_room_join(world->server, socket, bytes_text("r")), LC_OK);
    world_sent(world, link, "");
    socketio_accept(world->server, socket);
    socketio_room_emit(world->server, bytes_text("/dyn"), bytes_text("r"), bytes_text("next"),
                       bytes_text("2"), false);
    world_flush(world);
    world_sent(world, link,
               "42/dyn,[\"missed\",1]\n40/dyn,{\"sid\":\"abcd0123456789_-wxYZ\",\"pid\":\"token of "
               "abcd0123456789_-wxYZ\"}\n42/dyn,[\"next\",2]\n");
}

static void a_pid_that_is_not_restored_makes_a_new_session(void **state)
{
    struct world *world = *state;
    world_start(world);
    size_t link = come_back(world, "", "unknown", "");
    assert_int_equal(restored, LC_ERR_BAD_INPUT); // no sid
    const char *sid = world_value(world, link, "sid");
    char wanted[100];
    snprintf(wanted, sizeof wanted, "40{\"sid\":\"%s\",\"pid\":\"token of %s\"}\n", sid, sid);
    world_sent(world, link, wanted);
    assert_false(socketio_socket_is_recovered(world->server, world->sockets[0]));
    assert_int_equal(recovered_total(world), 0);
    assert_int_equal(failed_total(world), 1);
}

static void what_is_no_pid_is_not_asked_about(void **state)
{
    struct world *world = *state;
    world->config.allow_eio3 = true;
    world_start(world);
    const char *bad[] = {"40{\"pid\":1}", "40{\"pid\":\"\"}", "40{\"pid\":\"a\\\"b\"}",
                         "40{\"pid\":\"\xc3\xa9\"}", "40{\"pid\":\"a\",\"offset\":7}"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        size_t link = world_websocket(world);
        world_receive(world, link, bad[i]);
        char wanted[100];
        snprintf(wanted, sizeof wanted, "connect / %s\n", bad[i] + 2);
        world_told(world, wanted);
        assert_int_equal(failed_total(world), i + 1);
    }
    size_t link = world_websocket(world);
    static char large[SOCKETIO_PID_SIZE_MAX + 100];
    int size = snprintf(large, sizeof large, "40{\"pid\":\"");
    memset(large + size, 'x', SOCKETIO_PID_SIZE_MAX + 1);
    snprintf(large + size + SOCKETIO_PID_SIZE_MAX + 1, 10, "\"}");
    world_receive(world, link, large);
    assert_int_equal(failed_total(world), 6);
    world->protocol = 3; // knows no recovery
    world_websocket(world);
    world_flush(world);
    assert_int_equal(world->sockets_count, 7);
    assert_int_equal(failed_total(world), 6);
}

static void the_socket_that_has_the_sid_ends_first(void **state)
{
    struct world *world = *state;
    world_start(world);
    size_t old = come_back(world, "", OF_ANOTHER_NODE, "");
    world_forget(world);
    size_t link = come_back(world, "", OF_ANOTHER_NODE, "");
    world_told(world, "restore / offset ''\ndisconnecting forced close, rooms\n"
                      "disconnect forced close, rooms\n");
    assert_true(world->links[old].closed);
    assert_false(socketio_socket_is_open(world->server, world->sockets[0]));
    assert_true(socketio_socket_is_open(world->server, world->sockets[1]));
    world_sent(world, link,
               "40{\"sid\":\"abcd0123456789_-wxYZ\",\"pid\":\"token of abcd0123456789_-wxYZ\"}\n");
    world_gone(world, link);
    world_told(world, "disconnecting transport close, rooms\ndisconnect transport close, rooms\n");
    come_back(world, "", OF_ANOTHER_NODE, ""); // again and again
    assert_int_equal(recovered_total(world), 3);
}

static void one_that_waits_for_its_decision_gives_way_too(void **state)
{
    struct world *world = *state;
    world_start(world);
    accepts_at_once = false;
    size_t old = come_back(world, "", OF_ANOTHER_NODE, "");
    come_back(world, "", OF_ANOTHER_NODE, "");
    assert_true(world->links[old].closed);
    socketio_accept(world->server, world->sockets[0]);
    socketio_accept(world->server, world->sockets[1]);
    assert_false(socketio_socket_is_open(world->server, world->sockets[0]));
    assert_true(socketio_socket_is_open(world->server, world->sockets[1]));
    world_told(world, "restore / offset ''\nrestore / offset ''\n");
}

static void a_socket_of_another_namespace_keeps_its_sid(void **state)
{
    struct world *world = *state;
    world_start(world);
    size_t link = come_back(world, "", OF_ANOTHER_NODE, "");
    char text[100];
    snprintf(text, sizeof text, "40/x,{\"pid\":\"%s\"}", OF_ANOTHER_NODE);
    world_receive(world, link, text); // on the same connection, even
    assert_int_equal(restored, LC_ERR_EXISTS);
    assert_true(socketio_socket_is_open(world->server, world->sockets[0]));
    assert_true(socketio_socket_is_open(world->server, world->sockets[1]));
    assert_false(socketio_socket_is_recovered(world->server, world->sockets[1]));
}

static void only_a_socket_that_waits_and_has_shown_a_pid_is_restored(void **state)
{
    struct world *world = *state;
    world_start(world);
    struct bytes sid = bytes_text("abcd0123456789_-wxYZ");
    world->answers_later = true;
    size_t link = world_websocket(world);
    world_receive(world, link, "40{}");
    assert_int_equal(socketio_restore(world->server, world->sockets[0], sid), LC_ERR_NOT_FOUND);
    come_back(world, "", OF_ANOTHER_NODE, "");
    assert_int_equal(socketio_restore(world->server, world->sockets[1], sid), LC_ERR_NOT_FOUND);
    struct socketio_socket_id none = {0};
    assert_int_equal(socketio_restore(world->server, none, sid), LC_ERR_NOT_FOUND);
}

static void bad_sids_are_refused(void **state)
{
    struct world *world = *state;
    world_start(world);
    accepts_at_once = false;
    come_back(world, "", OF_ANOTHER_NODE, "");
    const char *bad[] = {"", "abcd0123456789_-wxY", "abcd0123456789_-wxYZ0",
                         "abcd0123456789_-wx\"Z", "/#cd0123456789_-wxYZ"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(socketio_restore(world->server, world->sockets[0], bytes_text(bad[i])),
                         LC_ERR_BAD_INPUT);
    }
}

static void a_session_of_the_application_is_not_kept_by_the_server(void **state)
{
    struct world *world = *state;
    world->config.recovery_ms = 120000; // for others
    world_start(world);
    size_t link = come_back(world, "", "unknown", "");
    assert_int_equal(failed_total(world), 1);
    world_forget(world);
    world_gone(world, link);
    world_told(world, "disconnecting transport close, rooms\ndisconnect transport close, rooms\n");
    struct socketio_counts counts;
    socketio_server_counts(world->server, &counts);
    assert_int_equal(counts.recovery_saved, 0);
}

static void a_refused_one_is_forgotten(void **state)
{
    struct world *world = *state;
    world_start(world);
    accepts_at_once = false;
    size_t link = come_back(world, "", OF_ANOTHER_NODE, "");
    socketio_refuse(world->server, world->sockets[0], bytes_text("{\"message\":\"no\"}"));
    world_flush(world);
    world_sent(world, link, "44{\"message\":\"no\"}\n");
    assert_int_equal(
        socketio_socket_of_sid(world->server, bytes_text("abcd0123456789_-wxYZ")).value, 0);
    come_back(world, "", OF_ANOTHER_NODE, "");
    assert_int_equal(restored, LC_OK);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, world_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_application_makes_the_pid_of_a_new_session),
        TEST(a_pid_that_cannot_be_shown_is_none),
        TEST(a_session_of_another_node_is_taken_up_with_its_sid_and_pid),
        TEST(without_an_offset_the_client_has_seen_nothing),
        TEST(what_is_sent_and_joined_before_the_decision_comes_with_it),
        TEST(a_pid_that_is_not_restored_makes_a_new_session),
        TEST(what_is_no_pid_is_not_asked_about),
        TEST(the_socket_that_has_the_sid_ends_first),
        TEST(one_that_waits_for_its_decision_gives_way_too),
        TEST(a_socket_of_another_namespace_keeps_its_sid),
        TEST(only_a_socket_that_waits_and_has_shown_a_pid_is_restored),
        TEST(bad_sids_are_refused),
        TEST(a_session_of_the_application_is_not_kept_by_the_server),
        TEST(a_refused_one_is_forgotten),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
