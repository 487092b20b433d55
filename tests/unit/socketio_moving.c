// Connections that move from one server to another: what the client sees and what both applications
// are told, for everything that a connection can be in the middle of.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
// cmocka needs the first four above before it
#include <cmocka.h>

#include "tests/unit/socketio_pair.h"

// ---- who moves ----

static void a_socket_arrives_with_its_sid_and_what_the_application_says(void **state)
{
    struct pair *pair = *state;
    pair_start(pair);
    size_t link = polling_client(pair->from, "40");
    char sid[30];
    struct bytes old = socketio_socket_sid(pair->from->server, pair->from->sockets[0]);
    snprintf(sid, sizeof sid, "%.*s", (int)old.size, (const char *)old.data);
    size_t moved = move(pair, link);
    char told[100];
    snprintf(told, sizeof told, "export / to NODE\nmoved %s\n", sid);
    world_told(pair->from, told);
    snprintf(told, sizeof told, "import / state of %s\n", sid);
    world_told(pair->to, told);
    expect_nothing(pair->from);
    assert_int_equal(counts_of(pair->to).sockets_open, 1);
    assert_int_equal(counts_of(pair->to).sessions_websocket, 1);
    assert_int_equal(counts_of(pair->from).moved_away_total, 1);
    assert_int_equal(counts_of(pair->to).moved_here_total, 1);
    assert_int_equal(socketio_socket_of_sid(pair->to->server, bytes_text(sid)).value,
                     pair->to->sockets[0].value);
    assert_int_equal(socketio_socket_of_sid(pair->from->server, bytes_text(sid)).value, 0);
    emit(pair->to, 0, "e", "1");
    world_flush(pair->to);
    world_sent(pair->to, moved, "42[\"e\",1]\n");
    world_receive(pair->to, moved, "42[\"x\",2]");
    world_told(pair->to, "event x(2)\n");
    world_gone(pair->to, moved);
    world_told(pair->to,
               "disconnecting transport close, rooms\ndisconnect transport close, rooms\n");
}

static void make_pid(void *app, struct socketio_socket_id socket, struct buffer *out_pid)
{
    (void)app, (void)socket;
    buffer_append_text(out_pid, "pid");
}

static void on_restore(void *app, struct socketio_socket_id socket, struct bytes name,
                       struct bytes auth, struct bytes pid, struct bytes offset,
                       const struct socketio_handshake *handshake)
{
    struct world *world = app;
    (void)name, (void)auth, (void)pid, (void)offset, (void)handshake;
    world->sockets[world->sockets_count++] = socket;
    assert_int_equal(socketio_restore(world->server, socket, bytes_text("abcdefghijklmnopqrst")),
                     LC_OK);
    socketio_accept(world->server, socket);
}

static void a_recovered_socket_is_one_there_too(void **state)
{
    struct pair *pair = *state;
    pair->from->ops.make_pid = make_pid;
    pair->from->ops.on_restore = on_restore;
    pair_start(pair);
    size_t moved = move(pair, polling_client(pair->from, "40{\"pid\":\"pid\"}"));
    world_sent(pair->to, moved, ""); // no second CONNECT reply
    assert_true(socketio_socket_is_recovered(pair->to->server, pair->to->sockets[0]));
    assert_int_equal(
        socketio_socket_of_sid(pair->to->server, bytes_text("abcdefghijklmnopqrst")).value,
        pair->to->sockets[0].value);
}

static void every_namespace_comes_along(void **state)
{
    struct pair *pair = *state;
    pair_start(pair);
    size_t link = polling_client(pair->from, "40");
    world_receive(pair->from, link, "40/a,");
    world_receive(pair->from, link, "40/b,");
    world_poll(pair->from, link);
    world_forget(pair->from);
    mood.exports = "s";
    size_t moved = move(pair, link);
    world_told(pair->from, "export /b to NODE\nexport /a to NODE\nexport / to NODE\n"
                           "moved $\nmoved $\nmoved $\n");
    world_told(pair->to, "import /b s\nimport /a s\nimport / s\n");
    world_receive(pair->to, moved, "42/a,[\"x\"]");
    world_told(pair->to, "event x()\n");
    world_receive(pair->to, moved, "41/b,");
    world_told(pair->to, "disconnecting client namespace disconnect, rooms\n"
                         "disconnect client namespace disconnect, rooms\n");
    assert_int_equal(counts_of(pair->to).sockets_open, 2);
}

static void a_connection_without_sockets_moves_and_connects_there(void **state)
{
    struct pair *pair = *state;
    pair_start(pair);
    size_t moved = move(pair, polling_client(pair->from, NULL));
    world_receive(pair->to, moved, "40{\"a\":1}");
    world_told(pair->to, "connect / {\"a\":1}\n");
    world_sent(pair->to, moved, "40{\"sid\":\"$\"}\n");
    world_receive(pair->to, moved, "42[\"x\"]");
    world_told(pair->to, "event x()\n");
    world_told(pair->from, "");
}

static void one_that_never_connects_is_closed_there(void **state)
{
    struct pair *pair = *state;
    pair->to->config.connect_timeout_ms = 1000; // before the heartbeat
    pair_start(pair);
    size_t silent = move(pair, polling_client(pair->from, NULL));
    size_t connected = move(pair, polling_client(pair->from, "40"));
    world_pass(pair->to, 900);
    assert_false(pair->to->links[silent].closed);
    world_pass(pair->to, 100);
    world_flush(pair->to);
    assert_true(pair->to->links[silent].closed);
    assert_false(pair->to->links[connected].closed);
}

static void a_client_of_protocol_3_keeps_its_ids(void **state)
{
    struct pair *pair = *state;
    pair_start(pair);
    pair->from->protocol = 3;
    size_t link = polling_client(pair->from, NULL);
    world_poll(pair->from, link); // opens the root
    world_receive(pair->from, link, "15:40/x?token=abc,");
    world_poll(pair->from, link);
    world_forget(pair->from);
    char sid[30];
    snprintf(sid, sizeof sid, "/x#%s", pair->from->links[link].sid);
    mood.exports = "s";
    emit(pair->from, 0, "e", "1");
    size_t moved = move(pair, link);
    world_told(pair->to, "import /x s\nimport / s\n");
    assert_int_equal(socketio_socket_of_sid(pair->to->server, bytes_text(sid)).value,
                     pair->to->sockets[0].value);
    assert_true(socketio_socket_sid_is_secret(pair->to->server, pair->to->sockets[0]));
    world_sent(pair->to, moved, "42[\"e\",1]\n");
    world_receive(pair->to, moved, "42[\"x\"]");
    world_told(pair->to, "event x()\n");
}

static void a_client_of_msgpack_goes_on_in_msgpack(void **state)
{
    struct pair *pair = *state;
    pair_start(pair);
    size_t link = world_polling(pair->from);
    world_receive(pair->from, link, "bgqR0eXBlAKNuc3ChLw=="); // {type: 0, nsp: "/"}
    world_poll(pair->from, link);
    world_forget(pair->from);
    struct bytes file = bytes_text("xyz");
    socketio_emit_binary(pair->from->server, pair->from->sockets[0], bytes_text("e"),
                         bytes_text("{\"_placeholder\":true,\"num\":0}"), &file, 1);
    size_t moved = move(pair, link);
    const char *sent = buffer_text(&pair->to->links[moved].sent);
    assert_memory_equal(sent, "b:\x83\xa4type\x02", 9); // an EVENT, whole
    assert_non_null(strstr(sent, "xyz\xa3nsp\xa1/\n"));
    assert_int_equal(counts_of(pair->to).unencodable_total, 0);
}

// ---- what waits to be sent ----

static void what_waited_arrives_in_its_order_and_once(void **state)
{
    struct pair *pair = *state;
    pair_start(pair);
    size_t link = polling_client(pair->from, "40");
    join(pair->from, 0, "r");
    join(pair->from, 0, "s");
    emit(pair->from, 0, "a", "0");
    world_poll(pair->from, link);
    world_sent(pair->from, link, "42[\"a\",0]\n");
    emit(pair->from, 0, "a", "1");
    emit_room(pair->from, "r", "b", false);
    emit_room(pair->from, "s", "c", false);
    struct bytes files[] = {bytes_text("one"), bytes_text("two")};
    socketio_emit_binary(
        pair->from->server, pair->from->sockets[0], bytes_text("d"),
        bytes_text("{\"_placeholder\":true,\"num\":0},{\"_placeholder\":true,\"num\":1}"), files,
        2);
    emit_room(pair->from, "r", "e", false);
    emit_room(pair->from, "r", "tick", true);
    mood.imports_emit = true;
    size_t moved = move(pair, link);
    world_sent(pair->from, link, "");
    assert_int_equal(socketio_room_size(pair->from->server, bytes_text("/"), bytes_text("r")), 0);
    world_sent(pair->to, moved,
               "42[\"a\",1]\n42[\"b\"]\n42[\"c\"]\n452-[\"d\",{\"_placeholder\":true,\"num\":0},"
               "{\"_placeholder\":true,\"num\":1}]\nb:one\nb:two\n42[\"e\"]\n42[\"here\"]\n");
}

static void volatile_events_that_waited_do_not(void **state)
{
    struct pair *pair = *state;
    pair_start(pair);
    size_t link = polling_client(pair->from, "40");
    struct socketio_emission sent = emission("v", "");
    sent.is_volatile = true;
    probe(pair, link);
    socketio_send(pair->from->server, pair->from->sockets[0], &sent);
    size_t moved;
    assert_int_equal(take_out(pair, link), LC_OK);
    assert_int_equal(put_in(pair, buffer_bytes(&pair->state), &moved), LC_OK);
    world_sent(pair->to, moved, "");
    socketio_send(pair->to->server, pair->to->sockets[0], &sent);
    world_flush(pair->to);
    world_sent(pair->to, moved, "42[\"v\"]\n");
}

static void a_connect_reply_that_waited_ends_its_burst_there_too(void **state)
{
    struct pair *pair = *state;
    pair_start(pair);
    size_t link = world_polling(pair->from);
    world_receive(pair->from, link, "40");
    emit(pair->from, 0, "e", "1");
    probe(pair, link);
    assert_int_equal(take_out(pair, link), LC_OK);
    size_t moved = pair->to->links_count++;
    pair->to->links[moved].websocket = true;
    assert_int_equal(engineio_import(pair->to->engine, pair->to->now_ms, buffer_bytes(&pair->state),
                                     moved + 1, &pair->to->links[moved].session),
                     LC_OK);
    engineio_flush(pair->to->engine, pair->to->now_ms);
    world_sent(pair->to, moved, "40{\"sid\":\"$\"}\n");
    world_flush(pair->to);
    world_sent(pair->to, moved, "42[\"e\",1]\n");
}

static void attachments_follow_a_head_that_is_sent_already(void **state)
{
    struct pair *pair = *state;
    pair_start(pair);
    size_t link = polling_client(pair->from, "40");
    static char filler[60003];
    memset(filler, '7', sizeof filler - 1);
    for (int i = 0; i < 4; i++) {
        emit(pair->from, 0, "f", filler);
    }
    struct bytes files[] = {bytes_of(filler, 40000), bytes_text("two")};
    socketio_emit_binary(
        pair->from->server, pair->from->sockets[0], bytes_text("d"),
        bytes_text("{\"_placeholder\":true,\"num\":0},{\"_placeholder\":true,\"num\":1}"), files,
        2);
    emit(pair->from, 0, "behind", "");
    world_poll(pair->from, link);
    const char *body = buffer_text(&pair->from->links[link].sent);
    assert_string_equal(strstr(body, "|452-"), "|452-[\"d\",{\"_placeholder\":true,\"num\":0},"
                                               "{\"_placeholder\":true,\"num\":1}]\n");
    size_t moved = move(pair, link);
    const char *sent = buffer_text(&pair->to->links[moved].sent);
    assert_memory_equal(sent, "b:7777", 6);
    assert_string_equal(sent + 2 + 40000, "\nb:two\n42[\"behind\"]\n");
}

static void a_member_that_has_lagged_is_told_so_there(void **state)
{
    struct pair *pair = *state;
    pair->from->config.room_ring_events = 4;
    pair_start(pair);
    size_t link = polling_client(pair->from, "40");
    join(pair->from, 0, "r");
    probe(pair, link);
    for (int i = 0; i < 6; i++) { // after the last turn here
        emit_room(pair->from, "r", "e", false);
    }
    mood.exports = "s";
    size_t moved;
    assert_int_equal(take_out(pair, link), LC_OK);
    assert_int_equal(put_in(pair, buffer_bytes(&pair->state), &moved), LC_OK);
    finish(pair, link);
    world_told(pair->to, "import / s\nlagged\n");
    world_sent(pair->to, moved, "");
    world_told(pair->from, "export / to NODE\nmoved $\n");
    assert_int_equal(counts_of(pair->to).lagged_total, 1);
}

static void a_stream_that_the_queue_cannot_hold_is_a_lag(void **state)
{
    struct pair *pair = *state;
    pair->from->config.pending_bytes_max = 100;
    pair_start(pair);
    size_t link = polling_client(pair->from, "40");
    join(pair->from, 0, "r");
    emit(pair->from, 0, "direct", "");
    for (int i = 0; i < 10; i++) {
        emit_room(pair->from, "r", "event", false);
    }
    mood.exports = "s";
    size_t moved = move(pair, link);
    world_told(pair->to, "import / s\nlagged\n");
    world_sent(pair->to, moved, "42[\"direct\"]\n");
}

// ---- what is half read ----

static void a_binary_packet_is_completed_there(void **state)
{
    struct pair *pair = *state;
    pair_start(pair);
    size_t link = polling_client(pair->from, "40");
    world_receive(pair->from, link,
                  "453-5[\"e\",{\"_placeholder\":true,\"num\":0},{\"_placeholder\":true,\"num\":1},"
                  "{\"_placeholder\":true,\"num\":2}]\x1e"
                  "b"
                  "b25l");
    size_t moved = move(pair, link);
    world_forget(pair->to);
    world_receive_binary(pair->to, moved, bytes_text("two"));
    world_told(pair->to, "");
    world_receive_binary(pair->to, moved, bytes_text("three"));
    world_told(pair->to,
               "event e({\"_placeholder\":true,\"num\":0},{\"_placeholder\":true,\"num\":1},"
               "{\"_placeholder\":true,\"num\":2}) <one> <two> <three>\n");
    socketio_ack(pair->to->server, pair->to->sockets[0], 5, bytes_text("1"));
    world_flush(pair->to);
    world_sent(pair->to, moved, "435[1]\n");
}

// ---- acknowledgements ----

static void what_the_client_waits_for_is_answered_there_once(void **state)
{
    struct pair *pair = *state;
    pair_start(pair);
    size_t link = polling_client(pair->from, "40");
    world_receive(pair->from, link, "427[\"a\"]");
    world_receive(pair->from, link, "428[\"b\"]");
    world_receive(pair->from, link, "429[\"c\"]");
    socketio_ack(pair->from->server, pair->from->sockets[0], 8, bytes_text("\"before\""));
    size_t moved = move(pair, link);
    socketio_ack(pair->from->server, pair->from->sockets[0], 9, bytes_text("0"));
    socketio_ack(pair->to->server, pair->to->sockets[0], 9, bytes_text("9"));
    socketio_ack(pair->to->server, pair->to->sockets[0], 7, bytes_text("7"));
    socketio_ack(pair->to->server, pair->to->sockets[0], 7, bytes_text("again"));
    socketio_ack(pair->to->server, pair->to->sockets[0], 8, bytes_text("again"));
    world_flush(pair->to);
    world_sent(pair->to, moved, "438[\"before\"]\n439[9]\n437[7]\n");
}

static void what_the_client_owes_comes_there(void **state)
{
    struct pair *pair = *state;
    pair_start(pair);
    size_t link = polling_client(pair->from, "40");
    int64_t first = socketio_emit_with_ack(pair->from->server, pair->from->sockets[0],
                                           bytes_text("q"), bytes_text(""), NULL, 0);
    int64_t second = socketio_emit_with_ack(pair->from->server, pair->from->sockets[0],
                                            bytes_text("q"), bytes_text(""), NULL, 0);
    assert_int_equal(first, 0);
    assert_int_equal(second, 1);
    size_t moved = move(pair, link);
    world_sent(pair->to, moved, "420[\"q\"]\n421[\"q\"]\n");
    int64_t third = socketio_emit_with_ack(pair->to->server, pair->to->sockets[0], bytes_text("q"),
                                           bytes_text(""), NULL, 0);
    assert_int_equal(third, 2); // as there was none here before
    world_forget(pair->to);
    world_receive(pair->to, moved, "431[\"y\"]");
    world_receive(pair->to, moved, "430[\"x\"]");
    world_receive(pair->to, moved, "431[\"again\"]");
    world_told(pair->to, "ack 1 (\"y\")\nack 0 (\"x\")\n");
    world_told(pair->from, "export / to NODE\nmoved $\n");
}

struct outcome {
    int calls;
    enum socketio_ack_outcome outcome;
    size_t missing;
};

static void note_answer(void *context, struct socketio_socket_id socket,
                        enum socketio_ack_outcome outcome, const struct socketio_event *answer)
{
    (void)socket;
    assert_null(answer);
    *(struct outcome *)context =
        (struct outcome){((struct outcome *)context)->calls + 1, outcome, 0};
}

static void note_answers(void *context, const struct socketio_answers *answers)
{
    struct outcome *note = context;
    note->calls++;
    note->missing = answers->missing;
}

static void answers_that_somebody_waits_for_count_as_disconnected(void **state)
{
    struct pair *pair = *state;
    pair_start(pair);
    size_t link = polling_client(pair->from, "40");
    struct outcome single = {0};
    struct outcome many = {0};
    struct socketio_ack_wait wait = {1000, note_answer, &single};
    struct socketio_emission sent = emission("q", "");
    struct socketio_target all = target_of("/", NULL, 0);
    (void)socketio_send_with_ack(pair->from->server, pair->from->sockets[0], &sent, &wait);
    assert_true(
        socketio_broadcast_with_ack(pair->from->server, &all, &sent, 1000, note_answers, &many));
    size_t moved = move(pair, link);
    assert_int_equal(single.calls, 1);
    assert_int_equal(single.outcome, SOCKETIO_ACK_DISCONNECTED);
    assert_int_equal(many.calls, 1);
    assert_int_equal(many.missing, 1);
    world_forget(pair->to);
    int64_t next = socketio_emit_with_ack(pair->to->server, pair->to->sockets[0], bytes_text("q"),
                                          bytes_text(""), NULL, 0);
    world_receive(pair->to, moved, "430[\"late\"]"); // for nobody, whatever was asked here since
    world_receive(pair->to, moved, "431[\"late\"]");
    world_told(pair->to, "");
    assert_int_equal(next, 2);
    world_receive(pair->to, moved, "432[]");
    world_told(pair->to, "ack 2 ()\n");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, pair_set_up, pair_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_socket_arrives_with_its_sid_and_what_the_application_says),
        TEST(a_recovered_socket_is_one_there_too),
        TEST(every_namespace_comes_along),
        TEST(a_connection_without_sockets_moves_and_connects_there),
        TEST(one_that_never_connects_is_closed_there),
        TEST(a_client_of_protocol_3_keeps_its_ids),
        TEST(a_client_of_msgpack_goes_on_in_msgpack),
        TEST(what_waited_arrives_in_its_order_and_once),
        TEST(volatile_events_that_waited_do_not),
        TEST(a_connect_reply_that_waited_ends_its_burst_there_too),
        TEST(attachments_follow_a_head_that_is_sent_already),
        TEST(a_member_that_has_lagged_is_told_so_there),
        TEST(a_stream_that_the_queue_cannot_hold_is_a_lag),
        TEST(a_binary_packet_is_completed_there),
        TEST(what_the_client_waits_for_is_answered_there_once),
        TEST(what_the_client_owes_comes_there),
        TEST(answers_that_somebody_waits_for_count_as_disconnected),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
