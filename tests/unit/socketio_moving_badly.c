// Connections that cannot move, or not now, moves that fail, and states that are none.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
// cmocka needs the first four above before it
#include <cmocka.h>

#include "tests/unit/socketio_pair.h"

// ---- not now ----

static void a_socket_that_waits_for_its_decision_keeps_the_connection(void **state)
{
    struct pair *pair = *state;
    pair_start(pair);
    size_t link = polling_client(pair->from, "40");
    pair->from->answers_later = true;
    world_receive(pair->from, link, "40/later,");
    world_forget(pair->from);
    probe(pair, link);
    assert_int_equal(take_out(pair, link), LC_ERR_BUSY);
    assert_int_equal(pair->state.size, 0);
    world_told(pair->from, ""); // nobody was asked
    socketio_accept(pair->from->server, pair->from->sockets[1]);
    size_t moved;
    assert_int_equal(take_out(pair, link), LC_OK);
    assert_int_equal(put_in(pair, buffer_bytes(&pair->state), &moved), LC_OK);
    assert_non_null(strstr(buffer_text(&pair->to->links[moved].sent), "40/later,{\"sid\":"));
}

static void sockets_whose_owner_does_not_move_stay(void **state)
{
    struct pair *pair = *state;
    pair->from->ops.on_export = NULL;
    pair_start(pair);
    size_t link = polling_client(pair->from, "40");
    probe(pair, link);
    assert_int_equal(take_out(pair, link), LC_ERR_BUSY);
    emit(pair->from, 0, "e", "");
    world_poll(pair->from, link);
    assert_non_null(strstr(buffer_text(&pair->from->links[link].sent), "42[\"e\"]\n"));
}

static void when_the_application_says_no_nothing_has_happened(void **state)
{
    struct pair *pair = *state;
    pair_start(pair);
    size_t link = polling_client(pair->from, "40");
    join(pair->from, 0, "r");
    emit_room(pair->from, "r", "e", false);
    mood.exports_left = 0;
    probe(pair, link);
    assert_int_equal(take_out(pair, link), LC_ERR_BUSY);
    assert_true(socketio_socket_is_open(pair->from->server, pair->from->sockets[0]));
    assert_int_equal(socketio_room_size(pair->from->server, bytes_text("/"), bytes_text("r")), 1);
    mood.exports_left = 1;
    size_t moved;
    assert_int_equal(take_out(pair, link), LC_OK);
    assert_int_equal(put_in(pair, buffer_bytes(&pair->state), &moved), LC_OK);
    world_sent(pair->to, moved, "42[\"e\"]\n");
}

static void when_it_says_no_after_a_yes_the_client_has_to_recover(void **state)
{
    struct pair *pair = *state;
    pair_start(pair);
    size_t link = polling_client(pair->from, "40");
    world_receive(pair->from, link, "40/a,");
    world_forget(pair->from);
    mood.exports_left = 1;
    probe(pair, link);
    assert_int_equal(take_out(pair, link), LC_ERR_BUSY);
    world_told(pair->from, "export /a to NODE\nexport / to NODE\n"
                           "disconnecting forced server close, rooms\n"
                           "disconnect forced server close, rooms\n"
                           "disconnecting forced server close, rooms\n"
                           "disconnect forced server close, rooms\n");
    expect_nothing(pair->from);
    assert_int_equal(take_out(pair, link), LC_ERR_NOT_FOUND);
}

static void too_much_of_the_application_is_a_no(void **state)
{
    struct pair *pair = *state;
    pair_start(pair);
    size_t link = polling_client(pair->from, "40");
    static char large[(1 << 18) + 2];
    memset(large, 'x', (1 << 18) + 1);
    mood.exports = large;
    probe(pair, link);
    assert_int_equal(take_out(pair, link), LC_ERR_BUSY);
    large[1 << 18] = '\0';
    assert_int_equal(take_out(pair, link), LC_OK);
}

// ---- frozen, and failed ----

static void nothing_reaches_a_socket_that_is_moving(void **state)
{
    struct pair *pair = *state;
    pair_start(pair);
    size_t link = polling_client(pair->from, "40");
    world_receive(pair->from, link, "427[\"a\"]");
    probe(pair, link);
    assert_int_equal(take_out(pair, link), LC_OK);
    struct buffer before = pair->state;
    struct socketio_socket_id socket = pair->from->sockets[0];
    struct socketio_server *server = pair->from->server;
    struct socketio_target all = target_of("/", NULL, 0);
    struct socketio_emission sent = emission("e", "");
    assert_false(socketio_socket_is_open(server, socket));
    socketio_emit(server, socket, bytes_text("e"), bytes_text(""));
    socketio_ack(server, socket, 7, bytes_text(""));
    assert_int_equal(
        socketio_emit_with_ack(server, socket, bytes_text("e"), bytes_text(""), NULL, 0), -1);
    assert_int_equal(socketio_room_join(server, socket, bytes_text("r")), LC_ERR_NOT_FOUND);
    assert_int_equal(socketio_broadcast(server, &all, &sent), 0);
    socketio_disconnect(server, socket, false);
    socketio_disconnect(server, socket, true);
    world_pass(pair->from, 1000000);
    world_flush(pair->from);
    size_t moved;
    assert_int_equal(put_in(pair, buffer_bytes(&before), &moved), LC_OK);
    finish(pair, link);
    world_sent(pair->to, moved, "");
    socketio_ack(pair->to->server, pair->to->sockets[0], 7, bytes_text("1"));
    world_flush(pair->to);
    world_sent(pair->to, moved, "437[1]\n");
}

static void when_the_move_fails_the_socket_ends_as_others_do(void **state)
{
    struct pair *pair = *state;
    pair_start(pair);
    size_t link = polling_client(pair->from, "40");
    join(pair->from, 0, "r");
    probe(pair, link);
    assert_int_equal(take_out(pair, link), LC_OK);
    give_back(pair, link);
    world_told(pair->from, "export / to NODE\ndisconnecting transport error, rooms\n"
                           "disconnect transport error, rooms\n");
    expect_nothing(pair->from);
    assert_int_equal(counts_of(pair->from).moved_away_total, 0);
}

static void a_session_of_the_servers_own_recovery_is_given_up(void **state)
{
    struct pair *pair = *state;
    pair->from->config.recovery_ms = 10000;
    pair_start(pair);
    size_t link = polling_client(pair->from, "40");
    probe(pair, link);
    assert_int_equal(take_out(pair, link), LC_OK);
    give_back(pair, link);
    assert_int_equal(counts_of(pair->from).recovery_saved, 0);
    world_told(pair->from, "export / to NODE\ndisconnecting transport error, rooms\n"
                           "disconnect transport error, rooms\n");
}

static void servers_end_with_what_is_moving(void **state)
{
    struct pair *pair = *state;
    pair_start(pair);
    size_t link = polling_client(pair->from, "40");
    probe(pair, link);
    assert_int_equal(take_out(pair, link), LC_OK);
    socketio_server_shut_down(pair->from->server);
    world_told(pair->from, "export / to NODE\ndisconnecting server shutting down, rooms\n"
                           "disconnect server shutting down, rooms\n");
    expect_nothing(pair->from);
}

// ---- arriving badly ----

static void refuse_import(struct pair *pair, size_t link)
{
    size_t moved;
    probe(pair, link);
    assert_int_equal(take_out(pair, link), LC_OK);
    assert_int_equal(put_in(pair, buffer_bytes(&pair->state), &moved), LC_ERR_BAD_INPUT);
    expect_nothing(pair->to);
}

static void an_application_that_cannot_take_it_hears_no_more(void **state)
{
    struct pair *pair = *state;
    pair_start(pair);
    size_t link = polling_client(pair->from, "40");
    mood.imports_left = 0;
    mood.imports_emit = true;
    mood.exports = "s";
    refuse_import(pair, link);
    world_told(pair->to, "import / s\n");
}

static void those_that_were_taken_before_are_disconnected(void **state)
{
    struct pair *pair = *state;
    pair_start(pair);
    size_t link = polling_client(pair->from, "40");
    world_receive(pair->from, link, "40/a,");
    mood.imports_left = 1;
    mood.exports = "s";
    refuse_import(pair, link);
    world_told(pair->to, "import /a s\nimport / s\ndisconnecting transport error, rooms\n"
                         "disconnect transport error, rooms\n");
}

static void a_server_that_cannot_hold_it_refuses(void **state)
{
    struct pair *pair = *state;
    pair->to->config.namespaces_max = 1;
    pair_start(pair);
    size_t link = polling_client(pair->from, "40");
    world_receive(pair->from, link, "40/a,");
    refuse_import(pair, link);
    world_told(pair->to, "");
    pair_tear_down(state);
    pair_set_up(state);
    pair = *state;
    pair->to->config.pending_bytes_max = 100;
    pair_start(pair);
    link = polling_client(pair->from, "40");
    for (int i = 0; i < 10; i++) {
        emit(pair->from, 0, "event", "");
    }
    refuse_import(pair, link);
    pair_tear_down(state);
    pair_set_up(state);
    pair = *state;
    pair->to->config.acks_max = 1;
    pair_start(pair);
    link = polling_client(pair->from, "40");
    world_receive(pair->from, link, "421[\"a\"]");
    world_receive(pair->from, link, "422[\"a\"]");
    refuse_import(pair, link);
    pair_tear_down(state);
    pair_set_up(state);
    pair = *state;
    pair->to->ops.on_import = NULL;
    pair_start(pair);
    refuse_import(pair, polling_client(pair->from, "40"));
    pair_tear_down(state);
    pair_set_up(state);
    pair = *state;
    pair->to->owns_the_rest = false; // nobody owns the root
    pair_start(pair);
    refuse_import(pair, polling_client(pair->from, "40"));
}

static void a_session_that_is_here_already_does_not_arrive_twice(void **state)
{
    struct pair *pair = *state;
    pair_start(pair);
    size_t link = polling_client(pair->from, "40");
    size_t moved;
    size_t again;
    probe(pair, link);
    assert_int_equal(take_out(pair, link), LC_OK);
    assert_int_equal(put_in(pair, buffer_bytes(&pair->state), &moved), LC_OK);
    assert_int_equal(put_in(pair, buffer_bytes(&pair->state), &again), LC_ERR_EXISTS);
    emit(pair->to, 0, "e", "");
    world_flush(pair->to);
    world_sent(pair->to, moved, "42[\"e\"]\n");
}

// A client that has come back elsewhere, and moves to where its old connection is not missed yet.
static void who_has_the_socket_s_id_there_ends_first(void **state)
{
    struct pair *pair = *state;
    pair_start(pair);
    size_t link = polling_client(pair->from, "40");
    size_t old;
    size_t moved;
    mood.exports = "s";
    probe(pair, link);
    assert_int_equal(take_out(pair, link), LC_OK);
    assert_int_equal(put_in(pair, buffer_bytes(&pair->state), &old), LC_OK);
    uint8_t *sid = pair->state.data + 5; // of the session, behind the version and its size
    sid[0] = sid[0] == 'A' ? 'B' : 'A';
    assert_int_equal(put_in(pair, buffer_bytes(&pair->state), &moved), LC_OK);
    world_told(pair->to, "import / s\ndisconnecting forced close, rooms\n"
                         "disconnect forced close, rooms\nimport / s\n");
    assert_true(pair->to->links[old].closed);
    emit(pair->to, 1, "e", "");
    world_flush(pair->to);
    world_sent(pair->to, moved, "42[\"e\"]\n");
    assert_int_equal(counts_of(pair->to).sockets_open, 1);
}

static void the_application_may_end_what_it_takes(void **state)
{
    struct pair *pair = *state;
    pair_start(pair);
    size_t link = polling_client(pair->from, "40");
    emit(pair->from, 0, "e", "");
    mood.imports_end = true;
    mood.exports = "s";
    size_t moved = move(pair, link);
    world_told(pair->to, "import / s\ndisconnecting server namespace disconnect, rooms\n"
                         "disconnect server namespace disconnect, rooms\n");
    world_sent(pair->to, moved, "42[\"e\"]\n41\n");
    world_receive(pair->to, moved, "40"); // the connection lives
    world_told(pair->to, "connect / \n");
    mood.imports_end = false;
    mood.imports_close = true;
    link = polling_client(pair->from, "40");
    world_receive(pair->from, link, "40/a,");
    moved = move(pair, link);
    assert_true(pair->to->links[moved].closed);
    assert_int_equal(counts_of(pair->to).sockets_open, 1); // of the one before
}

static void a_state_that_is_cut_off_is_refused_and_leaves_nothing(void **state)
{
    struct pair *pair = *state;
    pair_start(pair);
    size_t link = full_client(pair);
    probe(pair, link);
    assert_int_equal(take_out(pair, link), LC_OK);
    for (size_t size = 0; size < pair->state.size; size++) {
        uint8_t *exact = malloc(size + 1); // a read beyond the end shows itself
        memcpy(exact, pair->state.data, size);
        size_t moved;
        assert_int_equal(put_in(pair, bytes_of(exact, size), &moved), LC_ERR_BAD_INPUT);
        free(exact);
        expect_nothing(pair->to);
        world_forget(pair->to);
        pair->to->sockets_count = 0;
    }
    buffer_append_byte(&pair->state, 0);
    size_t moved;
    assert_int_equal(put_in(pair, buffer_bytes(&pair->state), &moved), LC_ERR_BAD_INPUT);
    buffer_truncate(&pair->state, pair->state.size - 1);
    assert_int_equal(put_in(pair, buffer_bytes(&pair->state), &moved), LC_OK);
}

static void a_half_read_packet_waits_for_what_it_announces(void **state)
{
    struct pair *pair = *state;
    pair_start(pair);
    size_t link = full_client(pair);
    probe(pair, link);
    assert_int_equal(take_out(pair, link), LC_OK);
    size_t moved;
    size_t at = 0;
    struct bytes head = bytes_text("52-5[\"e\"");
    while (!bytes_starts_with(bytes_from(buffer_bytes(&pair->state), at), head)) {
        at++;
        assert_true(at < pair->state.size);
    }
    pair->state.data[at + 1] = '3';
    assert_int_equal(put_in(pair, buffer_bytes(&pair->state), &moved), LC_ERR_BAD_INPUT);
    pair->state.data[at + 1] = '2';
    assert_int_equal(put_in(pair, buffer_bytes(&pair->state), &moved), LC_OK);
}

static void a_state_with_any_byte_changed_does_no_harm(void **state)
{
    struct pair *pair = *state;
    pair_start(pair);
    size_t link = full_client(pair);
    probe(pair, link);
    assert_int_equal(take_out(pair, link), LC_OK);
    for (size_t at = 0; at < pair->state.size * 4; at++) {
        static const uint8_t changes[] = {1, 0x80, 0xff, 0x20};
        uint8_t *changed = pair->state.data + at / 4;
        *changed ^= changes[at % 4];
        size_t moved;
        pair->to->sockets_count = 0;
        if (put_in(pair, buffer_bytes(&pair->state), &moved) == LC_OK) {
            world_receive_binary(pair->to, moved, bytes_text("two"));
            if (!pair->to->links[moved].closed) {
                world_gone(pair->to, moved);
            }
            pair->to->links[moved].closed = false;
            pair->to->links_count--;
        }
        *changed ^= changes[at % 4];
        expect_nothing(pair->to);
        world_forget(pair->to);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, pair_set_up, pair_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_socket_that_waits_for_its_decision_keeps_the_connection),
        TEST(sockets_whose_owner_does_not_move_stay),
        TEST(when_the_application_says_no_nothing_has_happened),
        TEST(when_it_says_no_after_a_yes_the_client_has_to_recover),
        TEST(too_much_of_the_application_is_a_no),
        TEST(nothing_reaches_a_socket_that_is_moving),
        TEST(when_the_move_fails_the_socket_ends_as_others_do),
        TEST(a_session_of_the_servers_own_recovery_is_given_up),
        TEST(servers_end_with_what_is_moving),
        TEST(an_application_that_cannot_take_it_hears_no_more),
        TEST(those_that_were_taken_before_are_disconnected),
        TEST(a_server_that_cannot_hold_it_refuses),
        TEST(a_session_that_is_here_already_does_not_arrive_twice),
        TEST(who_has_the_socket_s_id_there_ends_first),
        TEST(the_application_may_end_what_it_takes),
        TEST(a_state_that_is_cut_off_is_refused_and_leaves_nothing),
        TEST(a_half_read_packet_waits_for_what_it_announces),
        TEST(a_state_with_any_byte_changed_does_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
