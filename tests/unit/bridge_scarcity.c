// Memory runs out at every single allocation while a client comes back, and while a socket arrives:
// it begins anew, gets a snapshot or is closed, and the bridge goes on.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
// cmocka needs the first four above before it
#include <cmocka.h>

#include "bridge/app/app_state.h"
#include "tests/unit/bridges_world.h"
#include "tests/unit/scarce_memory.h"

// What the world itself writes down needs no memory any more.
static void make_room(struct house *house)
{
    static const uint8_t zeros[1 << 16];
    for (size_t i = 0; i < BRIDGES; i++) {
        for (size_t k = 0; k < WORLD_LINKS; k++) {
            struct buffer *sent = &house->bridges[i].world->links[k].sent;
            size_t before = sent->size;
            buffer_append(sent, bytes_of(zeros, sizeof zeros));
            buffer_truncate(sent, before);
        }
    }
}

static struct house *begin(void **state, char pid[512])
{
    house_set_up(state);
    struct house *house = *state;
    house_connect(house, 0);
    house_connect(house, 1);
    size_t link = house_member(house, 0, "p1");
    house_pid(house, 0, link, pid);
    world_gone(house->bridges[0].world, link);
    for (int i = 0; i < 20; i++) {
        house_say(house, 1);
    }
    make_room(house);
    return house;
}

static void count_viewer(void *context, struct socketio_socket_id socket)
{
    (void)socket;
    ++*(size_t *)context;
}

static void expect_order(struct house *house, size_t bridge)
{
    size_t sockets = 0;
    socketio_sockets_visit(house->bridges[bridge].world->server, count_viewer, &sockets);
    assert_int_equal(house->bridges[bridge].app->viewers_count, sockets);
}

// True while there was an allocation to fail.
static bool come_back(int64_t after)
{
    void *state;
    char pid[512];
    struct house *house = begin(&state, pid);
    struct world *world = house->bridges[1].world;
    allocations_left = after;
    size_t link = house_return(house, 1, pid, "p1", "demo:1.1");
    house_settle(house);
    bool was_short = allocations_left < 0;
    allocations_left = INT64_MAX;
    house_pass(house, 9000);
    size_t answers = house_sent(house, 1, link, "\n40{") + house_sent(house, 1, link, "\n44{");
    const char *sent = buffer_text(&world->links[link].sent);
    answers += strncmp(sent, "40{", 3) == 0 || strncmp(sent, "44{", 3) == 0 ? 1 : 0;
    assert_true(world->links[link].closed || answers == 1);
    expect_order(house, 1);
    size_t again = house_return(house, 1, pid, "p1", "demo:1.1");
    house_pass(house, 3000);
    assert_int_equal(house_sent(house, 1, again, pid), 1);
    assert_int_equal(house_notices(house, 1, again, NULL), 21);
    expect_order(house, 1);
    house_tear_down(&state);
    return was_short;
}

static void a_client_comes_back(void **state)
{
    (void)state;
    int64_t after = 0;
    while (come_back(after)) {
        after++;
    }
    print_message("allocations: %d\n", (int)after);
    assert_true(after > 50);
}

static bool arrive(int64_t after)
{
    void *state;
    char pid[512];
    struct house *house = begin(&state, pid);
    struct house_bridge *bridge = &house->bridges[1];
    size_t link = house_client(house, 1, "p1");
    struct bytes sid = bytes_text(world_value(bridge->world, link, "sid"));
    struct socketio_socket_id socket = socketio_socket_of_sid(bridge->world->server, sid);
    struct buffer blob;
    buffer_init(&blob, 4096);
    house_pid(house, 1, link, pid);
    buffer_append_format(&blob,
                         "{\"v\":1,\"pid\":\"%s\",\"sale\":\"demo\",\"seq\":3,\"epoch\":1,"
                         "\"acks\":[{\"ack\":7,\"seq\":4,\"result\":{\"ok\":true}}]}",
                         pid);
    auction_app_ops()->on_moved(bridge->app, socket); // another takes its place
    buffer_clear(&bridge->world->links[link].sent);
    allocations_left = after;
    bool is_taken = auction_app_ops()->on_import(bridge->app, socket, bytes_text("/"),
                                                 buffer_bytes(&blob), NULL);
    if (!is_taken) {
        socketio_cut(bridge->world->server, socket);
    }
    house_settle(house);
    bool was_short = allocations_left < 0;
    allocations_left = INT64_MAX;
    house_pass(house, 9000);
    bool is_right = house_notices(house, 1, link, NULL) == 21 ||
                    house_sent(house, 1, link, "42[\"auction_snapshot\",{\"seq\":21") == 1;
    assert_true(bridge->world->links[link].closed || is_right);
    expect_order(house, 1);
    buffer_release(&blob);
    house_tear_down(&state);
    return was_short;
}

static void a_socket_arrives(void **state)
{
    (void)state;
    int64_t after = 0;
    while (arrive(after)) {
        after++;
    }
    print_message("allocations: %d\n", (int)after);
    assert_true(after > 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_client_comes_back),
        cmocka_unit_test(a_socket_arrives),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
