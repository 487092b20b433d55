// Memory runs out at every single allocation of a server's life: whom it concerns is closed, refused
// or begins afresh; everybody else goes on, and nothing is left behind.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
// cmocka needs the first four above before it
#include <cmocka.h>

#include "bridge/socketio/state.h"
#include "tests/unit/scarce_memory.h"
#include "tests/unit/socketio_world.h"

static int owed; // callbacks of acknowledgements

static void on_answer(void *context, struct socketio_socket_id socket,
                      enum socketio_ack_outcome outcome, const struct socketio_event *answer)
{
    (void)context, (void)socket, (void)outcome, (void)answer;
    owed--;
}

static void on_answers(void *context, const struct socketio_answers *answers)
{
    (void)context;
    assert_true(answers->answers.size >= 2 &&
                answers->answers.data[answers->answers.size - 1] == ']');
    owed--;
}

// What the world itself writes down needs no memory any more.
static void reserve(struct buffer *buffer)
{
    static const uint8_t filler[30000];
    buffer_append(buffer, bytes_of(filler, sizeof filler));
    buffer_clear(buffer);
}

static void send_msgpack_connect(struct world *world, size_t link)
{
    static const uint8_t connect[] = "\x82\xa4type\x00\xa3nsp\xa1/";
    world_receive_binary(world, link, bytes_of(connect, sizeof connect - 1));
}

static void send_everything(struct world *world, struct socketio_socket_id socket)
{
    struct socketio_server *server = world->server;
    struct bytes file = bytes_text("file");
    struct socketio_emission sent = emission("e", "{\"_placeholder\":true,\"num\":0}");
    sent.attachments = &file;
    sent.attachments_count = 1;
    struct bytes rooms[] = {bytes_text("r"), bytes_text("s")};
    (void)!socketio_room_join(server, socket, rooms[0]);
    (void)!socketio_room_join(server, socket, rooms[1]);
    socketio_send(server, socket, &sent);
    struct socketio_target one = target_of("/", rooms, 1);
    struct socketio_target two = target_of("/", rooms, 2);
    struct socketio_target all = target_of("/", NULL, 0);
    two.except = rooms + 1;
    two.except_count = 1;
    all.sender = socket;
    (void)socketio_broadcast(server, &one, &sent);
    (void)socketio_broadcast(server, &two, &sent);
    (void)socketio_broadcast(server, &all, &sent);
    struct socketio_ack_wait wait = {100, on_answer, NULL};
    owed += socketio_send_with_ack(server, socket, &sent, &wait) >= 0 ? 1 : 0;
    owed++;
    if (!socketio_broadcast_with_ack(server, &two, &sent, 100, on_answers, NULL)) {
        owed--;
    }
    socketio_target_join(server, &one, rooms + 1, 1);
    world_flush(world);
}

static void live(struct world *world)
{
    size_t text = world_websocket(world);
    world_receive(world, text, "40{\"a\":1}");
    world_receive(world, text, "40/dyn,");
    world_receive(world, text, "421[\"e\",2]");
    world_receive(world, text, "451-[\"e\",{\"_placeholder\":true,\"num\":0}]");
    world_receive_binary(world, text, bytes_text("abc"));
    socketio_ack(world->server, world->sockets[0], 1, bytes_text("1"));
    size_t packed = world_websocket(world);
    send_msgpack_connect(world, packed);
    world->protocol = 3;
    size_t old = world_websocket(world);
    world_receive(world, old, "40/x?a=b,");
    world->protocol = 4;
    for (size_t i = 0; i < world->sockets_count; i++) {
        send_everything(world, world->sockets[i]);
    }
    world_receive(world, text, "430[1]");
    world_receive(world, text, "461-1[{\"_placeholder\":true,\"num\":0}]");
    world_receive_binary(world, text, bytes_text("abc"));
    world_pass(world, 200);
    if (!world->links[text].closed) {
        world_gone(world, text);
    }
    struct socketio_target all = target_of("/", NULL, 0);
    struct socketio_emission missed = emission("missed", "1");
    (void)socketio_broadcast(world->server, &all, &missed);
}

static bool is_recovered(struct world *world, const char *pid)
{
    char connect[100];
    snprintf(connect, sizeof connect, "40{\"pid\":\"%s\"}", pid);
    size_t link = world_websocket(world);
    world_receive(world, link, connect);
    return !world->links[link].closed;
}

static void whatever_allocation_fails_the_server_goes_on(void **state)
{
    (void)state;
    int64_t failures = 0;
    for (bool failed = true; failed; failures++) {
        void *place = NULL;
        world_set_up(&place);
        struct world *world = place;
        world->config.allow_eio3 = true;
        world->config.allow_msgpack = true;
        world->config.recovery_ms = 10000;
        world->config.recovery_events_max = 5;
        world_start(world);
        for (size_t i = 0; i < WORLD_LINKS; i++) {
            reserve(&world->links[i].sent);
        }
        reserve(&world->told);
        size_t steady = world_websocket(world);
        world_receive(world, steady, "40");
        char pid[24];
        snprintf(pid, sizeof pid, "%s", world_value(world, steady, "pid"));
        world_gone(world, steady);
        world->sockets_count = 0;
        owed = 0;
        allocations_left = failures;
        live(world);
        (void)is_recovered(world, pid);
        failed = allocations_left < 0;
        allocations_left = INT64_MAX;
        world_pass(world, 1000);
        assert_int_equal(owed, 0);
        struct namespace *namespace = world->server->oldest_namespace;
        for (; namespace != NULL; namespace = namespace->newer) {
            assert_true(namespace->references > 0); // none stays that nobody needs
        }
        size_t after = world_client(world); // as if nothing had happened
        socketio_emit(world->server, world->sockets[world->sockets_count - 1], bytes_text("x"),
                      bytes_text("{}"));
        world_flush(world);
        assert_memory_equal(buffer_text(&world->links[after].sent), "42[\"x\",{},\"", 11);
        world_tear_down(&place);
    }
    assert_true(failures > 200);
}

static void make_pid(void *app, struct socketio_socket_id socket, struct buffer *out_pid)
{
    (void)app, (void)socket;
    buffer_append_text(out_pid, "new");
}

static void on_restore(void *app, struct socketio_socket_id socket, struct bytes name,
                       struct bytes auth, struct bytes pid, struct bytes offset,
                       const struct socketio_handshake *handshake)
{
    struct world *world = app;
    (void)name, (void)auth, (void)handshake;
    assert_true(bytes_equal_text(pid, "pid") && bytes_equal_text(offset, "offset"));
    (void)!socketio_restore(world->server, socket, bytes_text("abcdefghijklmnopqrst"));
    socketio_accept(world->server, socket);
}

static void without_memory_a_session_is_restored_or_begins_afresh(void **state)
{
    (void)state;
    int64_t failures = 0;
    for (bool failed = true; failed; failures++) {
        void *place = NULL;
        world_set_up(&place);
        struct world *world = place;
        world->ops.make_pid = make_pid;
        world->ops.on_restore = on_restore;
        world_start(world);
        reserve(&world->told);
        for (size_t i = 0; i < WORLD_LINKS; i++) {
            reserve(&world->links[i].sent);
        }
        size_t link = world_websocket(world);
        allocations_left = failures;
        world_receive(world, link, "40{\"pid\":\"pid\",\"offset\":\"offset\"}");
        failed = allocations_left < 0;
        allocations_left = INT64_MAX;
        const char *sent = buffer_text(&world->links[link].sent);
        bool is_restored =
            strcmp(sent, "40{\"sid\":\"abcdefghijklmnopqrst\",\"pid\":\"pid\"}\n") == 0;
        bool is_new = memcmp(sent, "40{\"sid\":\"", 10) == 0 && !is_restored;
        bool is_refused = memcmp(sent, "44{", 3) == 0;
        assert_true(is_restored || (failed && (is_new || is_refused || world->links[link].closed)));
        world_tear_down(&place);
    }
    assert_true(failures > 5);
}

static void a_server_without_memory_is_none(void **state)
{
    (void)state;
    for (int64_t left = 0; left < 9; left++) {
        void *place = NULL;
        world_set_up(&place);
        struct world *world = place;
        world->config.recovery_ms = 10000;
        struct socketio_env env = {NULL, NULL};
        allocations_left = left;
        assert_int_equal(
            socketio_server_create(&world->config, &env, &world->ops, world, &world->server),
            LC_ERR_NO_MEMORY);
        allocations_left = INT64_MAX;
        assert_null(world->server);
        world_tear_down(&place);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whatever_allocation_fails_the_server_goes_on),
        cmocka_unit_test(without_memory_a_session_is_restored_or_begins_afresh),
        cmocka_unit_test(a_server_without_memory_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
