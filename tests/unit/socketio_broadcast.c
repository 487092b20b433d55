// Targets, broadcasts and volatile events: socketio.md 2.14, sentence by sentence.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
// cmocka needs the first four above before it
#include <cmocka.h>

#include "bridge/socketio/state.h"
#include "tests/unit/socketio_world.h"

// Four clients: 0 in a, 1 in a and b, 2 in b, 3 in none.
static int set_up(void **state)
{
    world_set_up(state);
    struct world *world = *state;
    world->config.room_ring_events = 8;
    world_start(world);
    for (size_t i = 0; i < 4; i++) {
        (void)world_client(world);
    }
    struct socketio_server *server = world->server;
    struct bytes a = bytes_text("a");
    struct bytes b = bytes_text("b");
    assert_int_equal(socketio_room_join(server, world->sockets[0], a), LC_OK);
    assert_int_equal(socketio_room_join(server, world->sockets[1], a), LC_OK);
    assert_int_equal(socketio_room_join(server, world->sockets[1], b), LC_OK);
    assert_int_equal(socketio_room_join(server, world->sockets[2], b), LC_OK);
    return 0;
}

// `who`: '1' where the client of that place shall get the event once, '0' where not at all.
static void expect_at(struct world *world, const char *who, const char *text)
{
    world_flush(world);
    for (size_t i = 0; who[i] != '\0'; i++) {
        world_sent(world, i, who[i] == '1' ? text : "");
    }
}

static size_t broadcast(struct world *world, const struct socketio_target *target)
{
    struct socketio_emission sent = emission("e", "1");
    return socketio_broadcast(world->server, target, &sent);
}

static void rooms_are_united_without_duplicates_and_exceptions_taken_out(void **state)
{
    struct world *world = *state;
    struct bytes rooms[] = {bytes_text("a"), bytes_text("b"), bytes_text("nobody's")};
    struct socketio_target target = target_of("/", rooms, 3);
    assert_int_equal(broadcast(world, &target), 3);
    expect_at(world, "1110", "42[\"e\",1]\n");
    target.except = rooms + 1;
    target.except_count = 1;
    assert_int_equal(broadcast(world, &target), 1);
    expect_at(world, "1000", "42[\"e\",1]\n");
    target.rooms_count = 0;
    assert_int_equal(broadcast(world, &target), 2);
    expect_at(world, "1001", "42[\"e\",1]\n");
    target.except_count = 0;
    assert_int_equal(broadcast(world, &target), 4);
    expect_at(world, "1111", "42[\"e\",1]\n");
    target = target_of("/", rooms + 2, 1);
    assert_int_equal(broadcast(world, &target), 0);
    target = target_of("/none", NULL, 0);
    assert_int_equal(broadcast(world, &target), 0);
    expect_at(world, "0000", "");
}

static void every_socket_is_in_a_room_named_by_its_sid(void **state)
{
    struct world *world = *state;
    char sids[4][24];
    for (size_t i = 0; i < 4; i++) {
        struct bytes sid = socketio_socket_sid(world->server, world->sockets[i]);
        memcpy(sids[i], sid.data, sid.size);
        sids[i][sid.size] = '\0';
    }
    struct bytes rooms[] = {bytes_text(sids[3]), bytes_text("a"), bytes_text(sids[0])};
    struct socketio_target target = target_of("/", rooms, 1);
    assert_int_equal(broadcast(world, &target), 1);
    expect_at(world, "0001", "42[\"e\",1]\n");
    target = target_of("/", rooms, 3);
    assert_int_equal(broadcast(world, &target), 3);
    expect_at(world, "1101", "42[\"e\",1]\n");
    target = target_of("/", NULL, 0);
    target.except = rooms;
    target.except_count = 1;
    assert_int_equal(broadcast(world, &target), 3);
    expect_at(world, "1110", "42[\"e\",1]\n");
    target = target_of("/other", rooms, 1); // a sid is a room of its namespace only
    assert_int_equal(broadcast(world, &target), 0);
    assert_int_equal(socketio_room_size(world->server, bytes_text("/"), rooms[0]), 0);
    assert_int_equal(socketio_room_join(world->server, world->sockets[0], rooms[0]), LC_OK);
    target = target_of("/", rooms, 1); // and somebody else may join it
    assert_int_equal(broadcast(world, &target), 2);
    expect_at(world, "1001", "42[\"e\",1]\n");
}

static void the_sender_is_left_out(void **state)
{
    struct world *world = *state;
    struct bytes room = bytes_text("a");
    struct socketio_target target = target_of("/", &room, 1);
    target.sender = world->sockets[0];
    assert_int_equal(broadcast(world, &target), 1);
    expect_at(world, "0100", "42[\"e\",1]\n");
    target = target_of("/", NULL, 0);
    target.sender = world->sockets[0];
    assert_int_equal(broadcast(world, &target), 3);
    expect_at(world, "0111", "42[\"e\",1]\n");
}

static void joining_and_leaving_may_be_repeated_and_ends_with_the_socket(void **state)
{
    struct world *world = *state;
    struct bytes root = bytes_text("/");
    struct bytes a = bytes_text("a");
    assert_int_equal(socketio_room_join(world->server, world->sockets[0], a), LC_OK);
    assert_int_equal(socketio_room_size(world->server, root, a), 2);
    socketio_room_leave(world->server, world->sockets[0], a);
    socketio_room_leave(world->server, world->sockets[0], a);
    assert_int_equal(socketio_room_size(world->server, root, a), 1);
    world_gone(world, 1);
    assert_int_equal(socketio_room_size(world->server, root, a), 0);
    assert_int_equal(socketio_room_size(world->server, root, bytes_text("b")), 1);
    assert_int_equal(socketio_room_join(world->server, world->sockets[1], a), LC_ERR_NOT_FOUND);
    socketio_room_leave(world->server, world->sockets[1], a);
}

static void a_socket_is_only_in_so_many_rooms(void **state)
{
    struct world *world = *state;
    char name[8];
    for (int i = 0; i < 64; i++) {
        snprintf(name, sizeof name, "r%d", i);
        assert_int_equal(socketio_room_join(world->server, world->sockets[3], bytes_text(name)),
                         LC_OK);
    }
    assert_int_equal(socketio_room_join(world->server, world->sockets[3], bytes_text("one more")),
                     LC_ERR_FULL);
    socketio_room_leave(world->server, world->sockets[3], bytes_text("r7"));
    assert_int_equal(socketio_room_join(world->server, world->sockets[3], bytes_text("one more")),
                     LC_OK);
}

static void tell_sid(void *context, struct socketio_socket_id socket)
{
    struct world *world = context;
    for (size_t i = 0; i < world->sockets_count; i++) {
        if (world->sockets[i].value == socket.value) {
            buffer_append_format(&world->told, "%zu ", i);
        }
    }
}

static void end_the_next(void *context, struct socketio_socket_id socket)
{
    struct world *world = context;
    tell_sid(context, socket);
    socketio_disconnect(world->server, world->sockets[1], true);
    socketio_disconnect(world->server, socket, false);
}

static void sockets_of_a_target_are_visited_and_may_end_meanwhile(void **state)
{
    struct world *world = *state;
    struct bytes rooms[] = {bytes_text("a"), bytes_text("b")};
    struct socketio_target target = target_of("/", rooms, 2);
    socketio_target_visit(world->server, &target, tell_sid, world);
    world_told(world, "0 1 2 ");
    socketio_sockets_visit(world->server, tell_sid, world);
    world_told(world, "0 1 2 3 ");
    world->ops.on_disconnect = NULL;
    socketio_target_visit(world->server, &target, end_the_next, world);
    const char *told = buffer_text(&world->told);
    assert_non_null(strstr(told, "0 "));
    assert_non_null(strstr(told, "2 "));
    assert_null(strstr(told, "1 "));
}

static void targets_are_joined_left_and_disconnected_together(void **state)
{
    struct world *world = *state;
    struct bytes root = bytes_text("/");
    struct bytes rooms[] = {bytes_text("a"), bytes_text("b"), bytes_text("new"), bytes_text("n2")};
    struct socketio_target both = target_of("/", rooms, 2);
    socketio_target_join(world->server, &both, rooms + 2, 2);
    assert_int_equal(socketio_room_size(world->server, root, rooms[2]), 3);
    assert_int_equal(socketio_room_size(world->server, root, rooms[3]), 3);
    struct socketio_target in_b = target_of("/", rooms + 1, 1);
    socketio_target_leave(world->server, &in_b, rooms + 2, 1);
    assert_int_equal(socketio_room_size(world->server, root, rooms[2]), 1);
    socketio_target_disconnect(world->server, &in_b, false);
    expect_at(world, "0110", "41\n");
    assert_false(world->links[1].closed);
    struct socketio_target all = target_of("/", NULL, 0);
    socketio_target_disconnect(world->server, &all, true);
    world_flush(world);
    assert_true(world->links[0].closed && world->links[3].closed);
    assert_false(world->links[1].closed); // it was not there any more
}

static void binary_goes_to_rooms_and_targets_in_one_piece(void **state)
{
    struct world *world = *state;
    struct bytes files[] = {bytes_text("one"), bytes_text("two")};
    struct socketio_emission sent = {
        .event = bytes_text("e"),
        .arguments =
            bytes_text("{\"_placeholder\":true,\"num\":0},{\"_placeholder\":true,\"num\":1}"),
        .attachments = files,
        .attachments_count = 2};
    struct bytes room = bytes_text("a");
    struct socketio_target target = target_of("/", &room, 1);
    assert_int_equal(socketio_broadcast(world->server, &target, &sent), 2);
    static const char wire[] = "452-[\"e\",{\"_placeholder\":true,\"num\":0},"
                               "{\"_placeholder\":true,\"num\":1}]\nb:one\nb:two\n";
    expect_at(world, "1100", wire);
    target.rooms_count = 0;
    assert_int_equal(socketio_broadcast(world->server, &target, &sent), 4);
    expect_at(world, "1111", wire);
    sent.attachments_count = 11; // official clients refuse that many
    assert_int_equal(socketio_broadcast(world->server, &target, &sent), 0);
    expect_at(world, "0000", "");
}

static void a_begun_binary_packet_survives_the_ring_and_nothing_comes_between(void **state)
{
    struct world *world = *state;
    static char big[100000];
    memset(big, 'x', sizeof big);
    // One body of a poll has room for two of them, the third waits for the next poll.
    struct bytes files[] = {bytes_of(big, sizeof big), bytes_of(big, sizeof big),
                            bytes_of(big, sizeof big)};
    size_t link = world_polling(world);
    world_receive(world, link, "40");
    world_poll(world, link);
    world_forget(world);
    struct bytes room = bytes_text("p");
    assert_int_equal(socketio_room_join(world->server, world->sockets[4], room), LC_OK);
    struct socketio_target target = target_of("/", &room, 1);
    struct socketio_emission sent = {.event = bytes_text("e"),
                                     .attachments = files,
                                     .attachments_count = 3,
                                     .is_volatile = true};
    world_poll(world, link);
    assert_int_equal(socketio_broadcast(world->server, &target, &sent), 1);
    world_flush(world);
    const char *body = buffer_text(&world->links[link].sent);
    assert_memory_equal(body, "453-[\"e\"]|b", 11);
    size_t pieces = 0;
    for (const char *at = body; (at = strstr(at, "|b")) != NULL; at++) {
        pieces++;
    }
    assert_true(pieces < 3);
    world_forget(world);
    sent.is_volatile = false;
    for (int i = 0; i < 20; i++) { // pushes the packet out of the ring
        struct socketio_emission small = emission("small", "");
        (void)socketio_broadcast(world->server, &target, &small);
    }
    socketio_emit(world->server, world->sockets[4], bytes_text("direct"), bytes_text(""));
    while (pieces < 3) {
        world_poll(world, link);
        body = buffer_text(&world->links[link].sent);
        assert_int_equal(body[0], 'b'); // the rest of the packet comes first
        for (const char *at = body; at != NULL; at = strstr(at + 1, "|b")) {
            pieces++;
        }
        if (pieces < 3) {
            world_forget(world);
        }
    }
    assert_int_equal(pieces, 3);
    assert_non_null(strstr(buffer_text(&world->links[link].sent), "|42[\"direct\"]"));
}

// ---- volatile ----

static void send_one(struct world *world, bool by_room, const char *arguments, bool is_volatile)
{
    struct bytes room = bytes_text("only 3");
    struct socketio_target target = target_of("/", &room, 1);
    struct socketio_emission sent = emission("e", arguments);
    sent.is_volatile = is_volatile;
    if (by_room) {
        (void)socketio_broadcast(world->server, &target, &sent);
    } else {
        socketio_send(world->server, world->sockets[3], &sent);
    }
}

static void volatile_events_arrive_in_the_reference_s_numbers(void **state)
{
    struct world *world = *state;
    assert_int_equal(socketio_room_join(world->server, world->sockets[3], bytes_text("only 3")),
                     LC_OK);
    for (int by_room = 0; by_room < 2; by_room++) {
        send_one(world, by_room, "1", false);
        send_one(world, by_room, "2", true);
        expect_at(world, "0001", "42[\"e\",1]\n");
        send_one(world, by_room, "3", true);
        send_one(world, by_room, "4", true);
        expect_at(world, "0001", "42[\"e\",3]\n");
        send_one(world, by_room, "5", false);
        send_one(world, by_room, "6", true);
        send_one(world, by_room, "7", false);
        expect_at(world, "0001", "42[\"e\",5]\n42[\"e\",7]\n");
        send_one(world, by_room, "8", true);
        expect_at(world, "0001", "42[\"e\",8]\n");
    }
}

static void a_volatile_event_needs_a_hanging_poll(void **state)
{
    struct world *world = *state;
    size_t link = world_polling(world);
    world_receive(world, link, "40");
    world_poll(world, link);
    world_forget(world);
    struct bytes room = bytes_text("p");
    assert_int_equal(socketio_room_join(world->server, world->sockets[4], room), LC_OK);
    struct socketio_target target = target_of("/", &room, 1);
    struct socketio_target all = target_of("/", NULL, 0);
    struct socketio_emission sent = emission("e", "1");
    sent.is_volatile = true;
    (void)socketio_broadcast(world->server, &target, &sent); // no poll hangs
    (void)socketio_broadcast(world->server, &all, &sent);
    socketio_send(world->server, world->sockets[4], &sent);
    world_flush(world);
    world_poll(world, link);
    world_sent(world, link, "");
    (void)socketio_broadcast(world->server, &target, &sent);
    world_flush(world);
    world_sent(world, link, "42[\"e\",1]\n");
    world_poll(world, link);
    (void)socketio_broadcast(world->server, &all, &sent);
    world_flush(world);
    world_sent(world, link, "42[\"e\",1]\n");
}

static void a_volatile_event_from_between_two_polls_does_not_wait_for_the_upgrade(void **state)
{
    struct world *world = *state;
    size_t link = world_polling(world);
    world_receive(world, link, "40");
    world_poll(world, link); // the last poll, answered with the CONNECT reply
    world_forget(world);
    struct bytes room = bytes_text("p");
    assert_int_equal(socketio_room_join(world->server, world->sockets[4], room), LC_OK);
    socketio_room_emit(world->server, bytes_text("/"), room, bytes_text("tick"), bytes_text("1"),
                       true);
    world_flush(world);
    world_upgrade(world, link);
    world_sent(world, link, "");
    socketio_room_emit(world->server, bytes_text("/"), room, bytes_text("tick"), bytes_text("2"),
                       true);
    world_flush(world);
    world_sent(world, link, "42[\"tick\",2]\n");
}

static void a_blocked_websocket_loses_volatile_events_and_no_memory(void **state)
{
    struct world *world = *state;
    world->links[3].takes = false;
    socketio_emit(world->server, world->sockets[3], bytes_text("fills it"), bytes_text(""));
    world_flush(world);
    static char big[2000]; // a thousand of them are more than a connection may hold
    memset(big, '1', sizeof big);
    struct socketio_emission sent = {
        .event = bytes_text("e"), .arguments = bytes_of(big, sizeof big), .is_volatile = true};
    for (int i = 0; i < 1000; i++) {
        socketio_send(world->server, world->sockets[3], &sent);
        world_flush(world);
    }
    world->links[3].takes = true;
    engineio_ws_writable(world->engine, world->now_ms, world->links[3].session, 4);
    world_flush(world);
    world_sent(world, 3, "42[\"fills it\"]\n");
    struct socketio_counts counts;
    socketio_server_counts(world->server, &counts);
    assert_int_equal(counts.volatile_dropped_total, 1000);
    sent.arguments = bytes_text("1");
    socketio_send(world->server, world->sockets[3], &sent);
    world_flush(world);
    world_sent(world, 3, "42[\"e\",1]\n");
}

static void a_volatile_binary_event_comes_whole_or_not_at_all(void **state)
{
    struct world *world = *state;
    struct bytes file = bytes_text("data");
    struct socketio_emission sent = {.event = bytes_text("e"),
                                     .arguments = bytes_text("{\"_placeholder\":true,\"num\":0}"),
                                     .attachments = &file,
                                     .attachments_count = 1,
                                     .is_volatile = true};
    static const char wire[] = "451-[\"e\",{\"_placeholder\":true,\"num\":0}]\nb:data\n";
    socketio_send(world->server, world->sockets[3], &sent);
    socketio_send(world->server, world->sockets[3], &sent);
    expect_at(world, "0001", wire);
    struct socketio_target all = target_of("/", NULL, 0);
    (void)socketio_broadcast(world->server, &all, &sent);
    (void)socketio_broadcast(world->server, &all, &sent);
    expect_at(world, "1111", wire);
    struct bytes room = bytes_text("a");
    struct socketio_target target = target_of("/", &room, 1);
    (void)socketio_broadcast(world->server, &target, &sent);
    (void)socketio_broadcast(world->server, &target, &sent);
    expect_at(world, "1100", wire);
}

static void a_tick_may_follow_what_is_sent_in_the_same_turn(void **state)
{
    struct world *world = *state;
    struct bytes root = bytes_text("/");
    struct bytes room = bytes_text("a");
    socketio_room_emit(world->server, root, room, bytes_text("e"), bytes_text("1"), false);
    socketio_room_emit(world->server, root, room, bytes_text("tick"), bytes_text("2"), true);
    expect_at(world, "1100", "42[\"e\",1]\n42[\"tick\",2]\n");
}

static void what_shall_not_be_compressed_says_so_in_every_frame(void **state)
{
    struct world *world = *state;
    struct bytes file = bytes_text("data");
    struct socketio_emission sent = emission("e", "{\"_placeholder\":true,\"num\":0}");
    sent.attachments = &file;
    sent.attachments_count = 1;
    for (int no_compress = 0; no_compress < 2; no_compress++) {
        sent.no_compress = no_compress;
        struct frame *frame =
            event_frame(world->server, bytes_text("/"), -1, &sent, (struct bytes){NULL, 0});
        assert_non_null(frame->attached);
        assert_int_equal(frame->no_compress, no_compress);
        assert_int_equal(frame->attached->no_compress, no_compress);
        frame_destroy(frame);
    }
}

static void who_has_an_answer_waiting_is_served_before_the_others_of_the_room(void **state)
{
    struct world *world = *state;
    for (size_t i = 0; i < 4; i++) {
        world_client(world);
        assert_int_equal(socketio_room_join(world->server, world->sockets[i], bytes_text("r")),
                         LC_OK);
    }
    world_receive(world, 2, "427[\"bid\"]");
    memset(world->sent_to, 0, sizeof world->sent_to);
    socketio_room_emit(world->server, bytes_text("/"), bytes_text("r"), bytes_text("news"),
                       bytes_text("1"), false);
    socketio_ack(world->server, world->sockets[2], 7, bytes_text("true"));
    world_flush(world);
    assert_int_equal(strlen(world->sent_to), 4);
    assert_int_equal(world->sent_to[0], '2');
    world_sent(world, 2, "42[\"news\",1]\n437[true]\n");
    world_sent(world, 3, "42[\"news\",1]\n");
}

int main(void)
{
#define BROADCAST_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, world_tear_down)
    const struct CMUnitTest tests[] = {
        BROADCAST_TEST(rooms_are_united_without_duplicates_and_exceptions_taken_out),
        BROADCAST_TEST(every_socket_is_in_a_room_named_by_its_sid),
        BROADCAST_TEST(the_sender_is_left_out),
        BROADCAST_TEST(joining_and_leaving_may_be_repeated_and_ends_with_the_socket),
        BROADCAST_TEST(a_socket_is_only_in_so_many_rooms),
        BROADCAST_TEST(sockets_of_a_target_are_visited_and_may_end_meanwhile),
        BROADCAST_TEST(targets_are_joined_left_and_disconnected_together),
        BROADCAST_TEST(binary_goes_to_rooms_and_targets_in_one_piece),
        BROADCAST_TEST(a_begun_binary_packet_survives_the_ring_and_nothing_comes_between),
        BROADCAST_TEST(volatile_events_arrive_in_the_reference_s_numbers),
        BROADCAST_TEST(a_volatile_event_needs_a_hanging_poll),
        BROADCAST_TEST(a_volatile_event_from_between_two_polls_does_not_wait_for_the_upgrade),
        BROADCAST_TEST(a_blocked_websocket_loses_volatile_events_and_no_memory),
        BROADCAST_TEST(a_volatile_binary_event_comes_whole_or_not_at_all),
        BROADCAST_TEST(a_tick_may_follow_what_is_sent_in_the_same_turn),
        BROADCAST_TEST(what_shall_not_be_compressed_says_so_in_every_frame),
        BROADCAST_TEST(who_has_an_answer_waiting_is_served_before_the_others_of_the_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
