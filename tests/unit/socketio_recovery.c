// Connection state recovery, and the faults of the reference that this one does not have.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
// cmocka needs the first four above before it
#include <cmocka.h>

#include "tests/unit/socketio_world.h"

static char mine[] = "mine"; // an application's data

static int set_up(void **state)
{
    world_set_up(state);
    struct world *world = *state;
    world->config.recovery_ms = 120000;
    return 0;
}

struct session { // what a client remembers
    char pid[24];
    char sid[24];
};

// A client in the root, or where `connect` says; what came with the connect is forgotten.
static size_t connect_as(struct world *world, const char *connect, struct session *session)
{
    size_t link = world_websocket(world);
    world_receive(world, link, connect);
    if (session != NULL) {
        snprintf(session->pid, sizeof session->pid, "%s", world_value(world, link, "pid"));
        snprintf(session->sid, sizeof session->sid, "%s", world_value(world, link, "sid"));
    }
    world_forget(world);
    return link;
}

// Comes back with `offset` (NULL: none) over a new connection.
static size_t come_back(struct world *world, const struct session *session, const char *offset)
{
    char text[200];
    snprintf(text, sizeof text, "40{\"pid\":\"%s\"%s%s%s}", session->pid,
             offset == NULL ? "" : ",\"offset\":\"", offset == NULL ? "" : offset,
             offset == NULL ? "" : "\"");
    size_t link = world_websocket(world);
    world_receive(world, link, text);
    return link;
}

static void emit_all(struct world *world, const char *event, const char *arguments)
{
    struct socketio_target all = target_of("/", NULL, 0);
    struct socketio_emission sent = emission(event, arguments);
    (void)socketio_broadcast(world->server, &all, &sent);
}

static void emit_room(struct world *world, const char *room, const char *event,
                      const char *arguments)
{
    struct bytes name = bytes_text(room);
    struct socketio_target target = target_of("/", &name, 1);
    struct socketio_emission sent = emission(event, arguments);
    (void)socketio_broadcast(world->server, &target, &sent);
}

static void join(struct world *world, size_t socket, const char *room)
{
    assert_int_equal(socketio_room_join(world->server, world->sockets[socket], bytes_text(room)),
                     LC_OK);
}

static void expect_same(struct world *world, size_t link, const struct session *session)
{
    assert_string_equal(world_value(world, link, "pid"), session->pid);
    assert_string_equal(world_value(world, link, "sid"), session->sid);
}

static void expect_fresh(struct world *world, size_t link, const struct session *session)
{
    assert_string_not_equal(world_value(world, link, "pid"), session->pid);
    assert_string_not_equal(world_value(world, link, "sid"), session->sid);
}

static void the_reply_carries_a_pid_only_where_recovery_is_on(void **state)
{
    struct world *world = *state;
    world_start(world);
    size_t link = world_websocket(world);
    world_receive(world, link, "40");
    assert_string_not_equal(world_value(world, link, "pid"), world_value(world, link, "sid"));
    world_sent(world, link, "40{\"sid\":\"$\",\"pid\":\"$\"}\n");
    world_tear_down(state);
    world_set_up(state);
    world = *state;
    world_start(world);
    link = world_websocket(world);
    world_receive(world, link, "40");
    world_sent(world, link, "40{\"sid\":\"$\"}\n");
}

static void events_end_in_an_offset_direct_ones_broadcasts_and_binary_ones(void **state)
{
    struct world *world = *state;
    world_start(world);
    size_t link = connect_as(world, "40", NULL);
    struct socketio_socket_id socket = world->sockets[0];
    join(world, 0, "r");
    socketio_emit(world->server, socket, bytes_text("a"), bytes_text("1"));
    socketio_emit(world->server, socket, bytes_text("a"), bytes_text(""));
    emit_all(world, "b", "{}");
    emit_room(world, "r", "c", "\"x\"");
    socketio_room_emit(world->server, bytes_text("/"), bytes_text("r"), bytes_text("d"),
                       bytes_text("2"), false);
    struct bytes binary = bytes_text("xyz");
    socketio_emit_binary(world->server, socket, bytes_text("e"),
                         bytes_text("{\"_placeholder\":true,\"num\":0}"), &binary, 1);
    world_flush(world);
    world_sent(world, link,
               "42[\"a\",1,\"1\"]\n42[\"a\",\"2\"]\n42[\"b\",{},\"3\"]\n42[\"c\",\"x\",\"4\"]\n"
               "42[\"d\",2,\"5\"]\n451-[\"e\",{\"_placeholder\":true,\"num\":0},\"6\"]\nb:xyz\n");
}

static void events_with_an_ack_and_acks_carry_no_offset(void **state)
{
    struct world *world = *state;
    world_start(world);
    size_t link = connect_as(world, "40", NULL);
    (void)socketio_emit_with_ack(world->server, world->sockets[0], bytes_text("q"),
                                 bytes_text("\"text\""), NULL, 0);
    world_flush(world);
    world_sent(world, link, "420[\"q\",\"text\"]\n");
    world_receive(world, link, "427[\"x\"]");
    socketio_ack(world->server, world->sockets[0], 7, bytes_text("1"));
    world_flush(world);
    world_sent(world, link, "437[1]\n");
}

static void
a_volatile_event_carries_the_current_offset_only_where_a_text_would_poison_it(void **state)
{
    struct world *world = *state;
    world_start(world);
    size_t link = connect_as(world, "40", NULL);
    const char *arguments[] = {"1", "\"text\"", "", "[\"a\"]", "1,\"b\" "};
    const char *expected[] = {"42[\"v\",1]\n", "42[\"v\",\"text\",\"1\"]\n", "42[\"v\",\"1\"]\n",
                              "42[\"v\",[\"a\"]]\n", "42[\"v\",1,\"b\" ,\"1\"]\n"};
    socketio_emit(world->server, world->sockets[0], bytes_text("e"), bytes_text(""));
    world_flush(world);
    world_sent(world, link, "42[\"e\",\"1\"]\n");
    for (size_t i = 0; i < 5; i++) {
        struct socketio_emission sent = emission("v", arguments[i]);
        sent.is_volatile = true;
        socketio_send(world->server, world->sockets[0], &sent);
        world_flush(world);
        world_sent(world, link, expected[i]);
    }
}

static void what_was_missed_comes_before_the_reply_with_rooms_sid_and_data(void **state)
{
    struct world *world = *state;
    world_start(world);
    struct session session;
    size_t link = connect_as(world, "40", &session);
    join(world, 0, "r");
    join(world, 0, "s");
    socketio_socket_set_data(world->server, world->sockets[0], mine);
    emit_room(world, "r", "seen", "0");
    world_flush(world);
    world_forget(world);
    world_gone(world, link);
    world_told(world, "disconnecting transport close, rooms r s\n"
                      "disconnect transport close, rooms, kept\n");
    assert_int_equal(socketio_room_size(world->server, bytes_text("/"), bytes_text("r")), 0);
    emit_room(world, "r", "e", "1");
    emit_all(world, "e", "2");
    emit_room(world, "other", "e", "3");
    link = come_back(world, &session, "1");
    expect_same(world, link, &session);
    world_sent(world, link,
               "42[\"e\",1,\"2\"]\n42[\"e\",2,\"3\"]\n40{\"sid\":\"$\",\"pid\":\"$\"}\n");
    world_told(world, "recovered / data mine\n");
    assert_true(world->sockets[1].value != world->sockets[0].value);
    assert_true(socketio_socket_is_open(world->server, world->sockets[1]));
    assert_true(socketio_socket_is_recovered(world->server, world->sockets[1]));
    emit_room(world, "s", "e", "4");
    world_flush(world);
    world_sent(world, link, "42[\"e\",4,\"4\"]\n");
}

static void on_polling_it_is_one_payload(void **state)
{
    struct world *world = *state;
    world_start(world);
    struct session session;
    size_t link = connect_as(world, "40", &session);
    world_gone(world, link);
    emit_all(world, "e", "1");
    emit_all(world, "e", "2");
    emit_all(world, "e", "3");
    link = world_polling(world);
    char text[100];
    snprintf(text, sizeof text, "40{\"pid\":\"%s\",\"offset\":\"0\"}", session.pid);
    world_receive(world, link, text);
    world_poll(world, link);
    expect_same(world, link, &session);
    world_sent(world, link,
               "42[\"e\",1,\"1\"]|42[\"e\",2,\"2\"]|42[\"e\",3,\"3\"]|"
               "40{\"sid\":\"$\",\"pid\":\"$\"}\n");
}

static void a_client_that_never_saw_an_event_is_recovered_without_an_offset(void **state)
{
    struct world *world = *state;
    world_start(world);
    emit_all(world, "before", "0");
    struct session session;
    size_t link = connect_as(world, "40", &session);
    world_gone(world, link);
    emit_all(world, "e", "1");
    link = come_back(world, &session, NULL);
    expect_same(world, link, &session);
    world_sent(world, link, "42[\"e\",1,\"1\"]\n40{\"sid\":\"$\",\"pid\":\"$\"}\n");
}

static void what_was_on_its_way_when_the_connection_broke_comes_again(void **state)
{
    struct world *world = *state;
    world_start(world);
    struct session session;
    size_t link = connect_as(world, "40", &session);
    world->links[link].takes = false;
    socketio_emit(world->server, world->sockets[0], bytes_text("e"), bytes_text("1"));
    world_flush(world);
    socketio_emit(world->server, world->sockets[0], bytes_text("e"), bytes_text("2"));
    struct bytes binary = bytes_text("xyz");
    socketio_emit_binary(world->server, world->sockets[0], bytes_text("b"),
                         bytes_text("{\"_placeholder\":true,\"num\":0}"), &binary, 1);
    world_gone(world, link);
    link = come_back(world, &session, "1");
    world_sent(world, link,
               "42[\"e\",2,\"2\"]\n451-[\"b\",{\"_placeholder\":true,\"num\":0},\"3\"]\nb:xyz\n"
               "40{\"sid\":\"$\",\"pid\":\"$\"}\n");
}

static void what_was_not_for_the_session_does_not_come(void **state)
{
    struct world *world = *state;
    world_start(world);
    struct session session;
    size_t link = connect_as(world, "40", &session);
    (void)connect_as(world, "40", NULL);
    emit_room(world, "late", "before it joined", "");
    join(world, 1, "late");
    emit_room(world, "late", "before it joined, too", "");
    join(world, 0, "late");
    join(world, 0, "muted");
    world_forget(world);
    struct bytes muted[] = {bytes_text("muted"), bytes_text(session.sid)};
    struct socketio_target target = target_of("/", NULL, 0);
    target.except = muted;
    target.except_count = 1;
    struct socketio_emission sent = emission("x", "1");
    (void)socketio_broadcast(world->server, &target, &sent); // not for the room
    target.except = muted + 1;
    (void)socketio_broadcast(world->server, &target, &sent); // not for the sid
    target.except_count = 0;
    target.sender = world->sockets[0];
    (void)socketio_broadcast(world->server, &target, &sent); // its own
    socketio_emit(world->server, world->sockets[1], bytes_text("x"), bytes_text("2"));
    world_gone(world, link);
    target = target_of("/", NULL, 0);
    sent.is_volatile = true;
    (void)socketio_broadcast(world->server, &target, &sent);
    struct bytes sid = bytes_text(session.sid);
    target = target_of("/", &sid, 1);
    sent = emission("to the sid", "3");
    assert_int_equal(socketio_broadcast(world->server, &target, &sent), 0); // nobody is there now
    link = come_back(world, &session, NULL);
    world_sent(world, link, "42[\"to the sid\",3,\"6\"]\n40{\"sid\":\"$\",\"pid\":\"$\"}\n");
}

static void each_namespace_is_recovered_for_itself(void **state)
{
    struct world *world = *state;
    world_start(world);
    struct session session;
    size_t link = connect_as(world, "40/chat,", &session);
    world_gone(world, link);
    emit_all(world, "root", "1");
    struct socketio_target chat = target_of("/chat", NULL, 0);
    struct socketio_emission sent = emission("chat", "2");
    (void)socketio_broadcast(world->server, &chat, &sent);
    link = come_back(world, &session, "0"); // in the root, where the pid is not known
    expect_fresh(world, link, &session);
    world_forget(world);
    char text[100];
    snprintf(text, sizeof text, "40/chat,{\"pid\":\"%s\",\"offset\":\"0\"}", session.pid);
    world_receive(world, link, text);
    expect_same(world, link, &session);
    world_sent(world, link, "42/chat,[\"chat\",2,\"1\"]\n40/chat,{\"sid\":\"$\",\"pid\":\"$\"}\n");
}

static void what_is_no_session_begins_a_fresh_one(void **state)
{
    struct world *world = *state;
    world_start(world);
    struct session session;
    size_t link = connect_as(world, "40", &session);
    world_gone(world, link);
    static const char *const strange[] = {
        "40{\"pid\":12,\"offset\":\"0\"}", "40{\"pid\":\"nobody\",\"offset\":\"0\"}",
        "40{\"pid\":\"01234567890123456789\"}", "40{\"pid\":\"\"}", "40{}"};
    for (size_t i = 0; i < 5; i++) {
        link = world_websocket(world);
        world_receive(world, link, strange[i]);
        expect_fresh(world, link, &session);
        world->links_count--; // the place is used again
        world_gone(world, link);
    }
    link = come_back(world, &session, "17"); // of the future
    expect_fresh(world, link, &session);
    link = come_back(world, &session, "tick");
    expect_fresh(world, link, &session);
    link = come_back(world, &session, "0"); // none of them did it any harm
    expect_same(world, link, &session);
}

static void an_idle_session_is_recovered_however_old_its_offset_is(void **state)
{
    struct world *world = *state;
    world->config.recovery_events_max = 4;
    world_start(world);
    struct session session;
    size_t idle = connect_as(world, "40", &session);
    join(world, 0, "quiet");
    emit_room(world, "quiet", "e", "1");
    world_flush(world);
    for (int i = 0; i < 50; i++) {
        emit_room(world, "loud", "nobody's", "0");
    }
    (void)connect_as(world, "40", NULL);
    join(world, 1, "loud");
    for (int i = 0; i < 50; i++) {
        emit_room(world, "loud", "not for it", "0");
        world_flush(world);
    }
    world_gone(world, idle);
    emit_room(world, "quiet", "e", "2");
    world_forget(world);
    size_t link = come_back(world, &session, "1");
    expect_same(world, link, &session);
    world_sent(world, link, "42[\"e\",2,\"52\"]\n40{\"sid\":\"$\",\"pid\":\"$\"}\n");
}

static void a_session_for_which_something_was_given_up_begins_afresh(void **state)
{
    struct world *world = *state;
    world->config.recovery_events_max = 4;
    world_start(world);
    struct session in_room;
    struct session direct;
    size_t links[] = {connect_as(world, "40", &in_room), connect_as(world, "40", &direct)};
    join(world, 0, "r");
    socketio_socket_set_data(world->server, world->sockets[0], mine);
    emit_room(world, "r", "e", "1");
    socketio_emit(world->server, world->sockets[1], bytes_text("e"), bytes_text("2"));
    world_flush(world);
    world_gone(world, links[0]);
    world_gone(world, links[1]);
    world_forget(world);
    (void)connect_as(world, "40", NULL);
    for (int i = 0; i < 5; i++) {
        socketio_emit(world->server, world->sockets[2], bytes_text("push"), bytes_text("out"));
    }
    size_t link = come_back(world, &in_room, "0"); // it has not seen event 1, which is gone
    expect_fresh(world, link, &in_room);
    world_told(world, "data dropped mine\nconnect / {\"pid\":\"$\",\"offset\":\"0\"}\n");
    link = come_back(world, &direct, "1"); // nor has this one event 2
    expect_fresh(world, link, &direct);
    struct socketio_counts counts;
    socketio_server_counts(world->server, &counts);
    assert_int_equal(counts.recovery_failed_total, 2);
    assert_int_equal(counts.recovered_total, 0);
    assert_int_equal(counts.recovery_events, 4);
}

static void a_sender_loses_nothing_by_its_own_broadcasts(void **state)
{
    struct world *world = *state;
    world->config.recovery_events_max = 4;
    world_start(world);
    struct session talker;
    struct session other;
    size_t talks = connect_as(world, "40", &talker);
    size_t hears = connect_as(world, "40", &other);
    struct socketio_target target = target_of("/", NULL, 0);
    target.sender = world->sockets[0];
    struct socketio_emission sent = emission("chat", "1");
    for (int i = 0; i < 20; i++) {
        (void)socketio_broadcast(world->server, &target, &sent);
    }
    world_flush(world);
    world_gone(world, talks);
    world_gone(world, hears);
    world_forget(world);
    size_t link = come_back(world, &talker, NULL);
    expect_same(world, link, &talker);
    link = come_back(world, &other, "3");
    expect_fresh(world, link, &other);
}

static void a_log_that_is_full_of_bytes_gives_up_its_oldest(void **state)
{
    struct world *world = *state;
    world->config.recovery_bytes_max = 100;
    world_start(world);
    struct session session;
    size_t link = connect_as(world, "40", &session);
    world_gone(world, link);
    char big[50];
    memset(big, '1', sizeof big);
    struct socketio_target all = target_of("/", NULL, 0);
    struct socketio_emission sent = {.event = bytes_text("e"),
                                     .arguments = bytes_of(big, sizeof big)};
    (void)socketio_broadcast(world->server, &all, &sent);
    (void)socketio_broadcast(world->server, &all, &sent);
    struct socketio_counts counts;
    socketio_server_counts(world->server, &counts);
    assert_int_equal(counts.recovery_events, 1);
    assert_true(counts.recovery_bytes <= 100);
    link = come_back(world, &session, NULL);
    expect_fresh(world, link, &session);
}

static void more_than_a_connection_may_hold_begins_afresh_instead_of_closing_it(void **state)
{
    struct world *world = *state;
    world->config.pending_bytes_max = 1000;
    world_start(world);
    struct session session;
    size_t link = connect_as(world, "40", &session);
    world_gone(world, link);
    for (int i = 0; i < 100; i++) {
        emit_all(world, "event", "1");
    }
    link = come_back(world, &session, NULL);
    expect_fresh(world, link, &session);
    assert_false(world->links[link].closed);
}

static void a_session_waits_for_its_time_and_no_longer(void **state)
{
    struct world *world = *state;
    world_start(world);
    struct session first;
    struct session second;
    size_t links[] = {connect_as(world, "40", &first), connect_as(world, "40", &second)};
    socketio_socket_set_data(world->server, world->sockets[0], mine);
    world_gone(world, links[0]);
    world->config.recovery_ms = 0; // of no effect
    world_pass(world, 20000);
    world_receive(world, links[1], "3");
    world_gone(world, links[1]);
    world_forget(world);
    world_pass(world, 99990);
    world_told(world, "");
    struct socketio_counts counts;
    socketio_server_counts(world->server, &counts);
    assert_int_equal(counts.recovery_saved, 2);
    world_pass(world, 20);
    world_told(world, "data dropped mine\n");
    socketio_server_counts(world->server, &counts);
    assert_int_equal(counts.recovery_saved, 1);
    size_t link = come_back(world, &first, NULL);
    expect_fresh(world, link, &first);
    link = come_back(world, &second, NULL);
    expect_same(world, link, &second);
}

static void the_log_is_swept(void **state)
{
    struct world *world = *state;
    world_start(world);
    struct session session;
    size_t link = connect_as(world, "40", &session);
    emit_all(world, "e", "1");
    world_flush(world);
    struct socketio_counts counts;
    for (int i = 0; i < 12; i++) {
        world_pass(world, 20000);
        world_receive(world, link, "3");
        socketio_server_counts(world->server, &counts);
        assert_int_equal(counts.recovery_events, i < 8 ? 1 : 0); // 120 s, and 45 s of heartbeat
    }
    world_gone(world, link);
    world_forget(world);
    link = come_back(world, &session, "1"); // it had seen what is gone
    expect_same(world, link, &session);
}

static void too_many_sessions_push_out_the_oldest(void **state)
{
    struct world *world = *state;
    world->config.recovery_sessions_max = 2;
    world_start(world);
    struct session sessions[3];
    for (size_t i = 0; i < 3; i++) {
        size_t link = connect_as(world, "40", &sessions[i]);
        world_gone(world, link);
    }
    size_t link = come_back(world, &sessions[0], NULL);
    expect_fresh(world, link, &sessions[0]);
    link = come_back(world, &sessions[1], NULL);
    expect_same(world, link, &sessions[1]);
    link = come_back(world, &sessions[2], NULL);
    expect_same(world, link, &sessions[2]);
}

static void a_live_connection_of_the_same_session_is_closed_and_recovered_from(void **state)
{
    struct world *world = *state;
    world_start(world);
    struct session session;
    size_t old = connect_as(world, "40", &session);
    join(world, 0, "r");
    emit_room(world, "r", "e", "1");
    world_flush(world);
    world_forget(world);
    size_t link = come_back(world, &session, "0");
    assert_true(world->links[old].closed);
    expect_same(world, link, &session);
    world_sent(world, link, "42[\"e\",1,\"1\"]\n40{\"sid\":\"$\",\"pid\":\"$\"}\n");
    world_told(world, "disconnecting forced close, rooms r\n"
                      "disconnect forced close, rooms, kept\nrecovered / data none\n");
    emit_room(world, "r", "e", "2");
    world_flush(world);
    world_sent(world, link, "42[\"e\",2,\"2\"]\n");
    assert_int_equal(socketio_room_size(world->server, bytes_text("/"), bytes_text("r")), 1);
}

static void a_session_that_was_taken_up_or_left_is_not_taken_up_again(void **state)
{
    struct world *world = *state;
    world_start(world);
    struct session session;
    size_t link = connect_as(world, "40", &session);
    world_gone(world, link);
    link = come_back(world, &session, NULL);
    expect_same(world, link, &session);
    world_receive(world, link, "41"); // by its own will
    world_forget(world);
    link = come_back(world, &session, NULL);
    expect_fresh(world, link, &session);
}

static void only_a_lost_transport_keeps_a_session(void **state)
{
    struct world *world = *state;
    world_start(world);
    struct session session;
    size_t link = connect_as(world, "40", &session);
    world_receive(world, link, "41");
    world_told(world, "disconnecting client namespace disconnect, rooms\n"
                      "disconnect client namespace disconnect, rooms\n");
    link = connect_as(world, "40", &session);
    socketio_disconnect(world->server, world->sockets[1], true);
    world_told(world, "disconnecting server namespace disconnect, rooms\n"
                      "disconnect server namespace disconnect, rooms\n");
    link = connect_as(world, "40", &session);
    world_receive(world, link, "4{{");
    world_told(world, "disconnecting parse error, rooms\ndisconnect parse error, rooms\n");
    link = connect_as(world, "40", &session);
    world_receive(world, link, "40"); // a violation
    world_told(world, "disconnecting forced server close, rooms\n"
                      "disconnect forced server close, rooms, kept\n");
    (void)connect_as(world, "40", &session);
    world_pass(world, 25000);
    world_pass(world, 20000);
    world_told(world, "disconnecting ping timeout, rooms\ndisconnect ping timeout, rooms, kept\n");
    (void)connect_as(world, "40", &session);
    socketio_server_shut_down(world->server);
    world_told(world, "disconnecting server shutting down, rooms\n"
                      "disconnect server shutting down, rooms\n");
    struct socketio_counts counts;
    socketio_server_counts(world->server, &counts);
    assert_int_equal(counts.recovery_saved, 2);
}

static void with_the_option_the_application_is_asked_and_accepting_recovers(void **state)
{
    struct world *world = *state;
    world->config.recovery_runs_on_connect = true;
    world_start(world);
    struct session session;
    size_t link = connect_as(world, "40", &session);
    join(world, 0, "r");
    world_gone(world, link);
    world_forget(world);
    world->answers_later = true;
    link = come_back(world, &session, NULL);
    world_told(world, "connect / {\"pid\":\"$\"}\n");
    assert_true(socketio_socket_is_recovered(world->server, world->sockets[1]));
    world_sent(world, link, "");
    emit_room(world, "r", "e", "1"); // while it is asked
    socketio_accept(world->server, world->sockets[1]);
    world_flush(world);
    expect_same(world, link, &session);
    world_sent(world, link, "42[\"e\",1,\"1\"]\n40{\"sid\":\"$\",\"pid\":\"$\"}\n");
}

static void
a_session_whose_decision_was_cut_off_still_waits_and_a_refused_one_does_not(void **state)
{
    struct world *world = *state;
    world->ops.on_recovered = NULL; // as with the option
    world_start(world);
    struct session session;
    size_t link = connect_as(world, "40", &session);
    join(world, 0, "r");
    socketio_socket_set_data(world->server, world->sockets[0], mine);
    world_gone(world, link);
    world->answers_later = true;
    link = come_back(world, &session, NULL);
    world_gone(world, link); // before the answer
    emit_room(world, "r", "e", "1");
    size_t again = come_back(world, &session, NULL);
    size_t third = come_back(world, &session, NULL); // and a live one that waits is closed, too
    assert_true(world->links[again].closed);
    world_forget(world);
    assert_string_equal(socketio_socket_data(world->server, world->sockets[3]), "mine");
    socketio_accept(world->server, world->sockets[3]);
    world_flush(world);
    world_sent(world, third, "42[\"e\",1,\"1\"]\n40{\"sid\":\"$\",\"pid\":\"$\"}\n");
    world_gone(world, third);
    link = come_back(world, &session, "1");
    world_forget(world);
    socketio_refuse(world->server, world->sockets[4], bytes_text("{\"message\":\"no\"}"));
    world_flush(world);
    world_sent(world, link, "44{\"message\":\"no\"}\n");
    world_told(world, "data dropped mine\n");
    link = come_back(world, &session, "1");
    socketio_accept(world->server, world->sockets[5]);
    world_flush(world);
    expect_fresh(world, link, &session);
}

static void an_event_before_the_reply_does_not_disturb_what_was_missed(void **state)
{
    struct world *world = *state;
    world->config.recovery_runs_on_connect = true;
    world_start(world);
    struct session session;
    size_t link = connect_as(world, "40", &session);
    world_gone(world, link);
    emit_all(world, "e", "1");
    world->answers_later = true;
    link = come_back(world, &session, "0");
    socketio_emit(world->server, world->sockets[1], bytes_text("session"), bytes_text("\"abc\""));
    socketio_accept(world->server, world->sockets[1]);
    world_flush(world);
    world_sent(world, link,
               "42[\"session\",\"abc\",\"0\"]\n42[\"e\",1,\"1\"]\n"
               "40{\"sid\":\"$\",\"pid\":\"$\"}\n");
}

static void a_room_that_only_the_log_knows_may_go_while_it_is_spoken_to(void **state)
{
    struct world *world = *state;
    world->config.recovery_events_max = 1;
    world->config.recovery_bytes_max = 40;
    world_start(world);
    size_t link = connect_as(world, "40", NULL);
    join(world, 0, "r");
    emit_room(world, "r", "e", "1");
    world_receive(world, link, "41"); // the entry of the log is the last that holds the room
    emit_room(world, "r", "e", "2");
    struct bytes rooms[] = {bytes_text("r"), bytes_text("none")};
    struct socketio_target both = target_of("/", rooms, 2);
    struct socketio_emission sent = emission("e", "\"larger than the whole log may be\"");
    assert_int_equal(socketio_broadcast(world->server, &both, &sent), 0);
    emit_room(world, "r", "e", "\"larger than the whole log may be\"");
    struct socketio_counts counts;
    socketio_server_counts(world->server, &counts);
    assert_int_equal(counts.recovery_events, 0);
    assert_int_equal(counts.recovery_bytes, 0);
}

static void data_of_sessions_that_wait_comes_back_with_the_server_s_end(void **state)
{
    struct world *world = *state;
    world_start(world);
    size_t link = connect_as(world, "40", NULL);
    socketio_socket_set_data(world->server, world->sockets[0], mine);
    world_gone(world, link);
    world_forget(world);
    socketio_server_destroy(world->server);
    world->server = NULL;
    world_told(world, "data dropped mine\n");
}

int main(void)
{
#define RECOVERY_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, world_tear_down)
    const struct CMUnitTest tests[] = {
        RECOVERY_TEST(the_reply_carries_a_pid_only_where_recovery_is_on),
        RECOVERY_TEST(events_end_in_an_offset_direct_ones_broadcasts_and_binary_ones),
        RECOVERY_TEST(events_with_an_ack_and_acks_carry_no_offset),
        RECOVERY_TEST(
            a_volatile_event_carries_the_current_offset_only_where_a_text_would_poison_it),
        RECOVERY_TEST(what_was_missed_comes_before_the_reply_with_rooms_sid_and_data),
        RECOVERY_TEST(on_polling_it_is_one_payload),
        RECOVERY_TEST(a_client_that_never_saw_an_event_is_recovered_without_an_offset),
        RECOVERY_TEST(what_was_on_its_way_when_the_connection_broke_comes_again),
        RECOVERY_TEST(what_was_not_for_the_session_does_not_come),
        RECOVERY_TEST(each_namespace_is_recovered_for_itself),
        RECOVERY_TEST(what_is_no_session_begins_a_fresh_one),
        RECOVERY_TEST(an_idle_session_is_recovered_however_old_its_offset_is),
        RECOVERY_TEST(a_session_for_which_something_was_given_up_begins_afresh),
        RECOVERY_TEST(a_sender_loses_nothing_by_its_own_broadcasts),
        RECOVERY_TEST(a_log_that_is_full_of_bytes_gives_up_its_oldest),
        RECOVERY_TEST(more_than_a_connection_may_hold_begins_afresh_instead_of_closing_it),
        RECOVERY_TEST(a_session_waits_for_its_time_and_no_longer),
        RECOVERY_TEST(the_log_is_swept),
        RECOVERY_TEST(too_many_sessions_push_out_the_oldest),
        RECOVERY_TEST(a_live_connection_of_the_same_session_is_closed_and_recovered_from),
        RECOVERY_TEST(a_session_that_was_taken_up_or_left_is_not_taken_up_again),
        RECOVERY_TEST(only_a_lost_transport_keeps_a_session),
        RECOVERY_TEST(with_the_option_the_application_is_asked_and_accepting_recovers),
        RECOVERY_TEST(a_session_whose_decision_was_cut_off_still_waits_and_a_refused_one_does_not),
        RECOVERY_TEST(an_event_before_the_reply_does_not_disturb_what_was_missed),
        RECOVERY_TEST(a_room_that_only_the_log_knows_may_go_while_it_is_spoken_to),
        RECOVERY_TEST(data_of_sessions_that_wait_comes_back_with_the_server_s_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
