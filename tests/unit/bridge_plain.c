// Clients that hear a sale without offsets: those of Engine.IO v3, and those that want no recovery.
// Each of their events has one argument, on whatever way it comes.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
// cmocka needs the first four above before it
#include <cmocka.h>

#include "bridge/app/app_state.h"
#include "tests/unit/bridges_world.h"

static struct house *with_both(void **state)
{
    struct house *house = *state;
    house_connect(house, 0);
    house_connect(house, 1);
    house->is_polling = true;
    return house;
}

static size_t in_room(const struct house *house, size_t bridge, const char *name)
{
    return socketio_room_size(house->bridges[bridge].world->server, bytes_text("/"),
                              bytes_text(name));
}

// Nothing that it was sent has more than its object.
static void expect_plain(const struct house *house, size_t bridge, size_t link)
{
    assert_int_equal(house_sent(house, bridge, link, "},\""), 0);
    assert_int_equal(house_sent(house, bridge, link, "\"pid\""), 0);
}

static void it_hears_the_sale_and_no_offsets(void **state)
{
    struct house *house = with_both(state);
    size_t plain = house_plain_member(house, 0, "p1");
    size_t other = house_member(house, 0, "p2");
    assert_int_equal(in_room(house, 0, "sale:demo"), 1);
    assert_int_equal(in_room(house, 0, "sale:demo/plain"), 1);
    for (int i = 0; i < 3; i++) {
        house_say(house, BOTH);
    }
    house_pass(house, 1100);
    assert_int_equal(house_notices(house, 0, plain, NULL), 4);
    assert_int_equal(house_sent(house, 0, plain, "42[\"notice\""), 3);
    assert_int_equal(house_sent(house, 0, plain, "\"xxx\"}]"), 3);
    assert_true(house_sent(house, 0, plain, "lobby_updated") > 0);
    expect_plain(house, 0, plain);
    assert_int_equal(house_notices(house, 0, other, NULL), 4); // as ever
    assert_int_equal(house_sent(house, 0, other, "},\"demo:1."), 4);
    assert_int_equal(house_sent(house, 0, other, "\"pid\""), 1);
}

static void a_client_of_protocol_3_is_one(void **state)
{
    struct house *house = with_both(state);
    size_t link = house_old_member(house, 0);
    assert_int_equal(in_room(house, 0, "sale:demo/plain"), 1);
    house_say(house, BOTH);
    house_settle(house);
    assert_int_equal(house_notices(house, 0, link, NULL), 2);
    expect_plain(house, 0, link);
}

static void only_a_false_is_a_no(void **state)
{
    struct house *house = with_both(state);
    static const char *const auths[] = {"p1\",\"recovery\":true,\"x\":\"",
                                        "p1\",\"recovery\":0,\"x\":\"",
                                        "p1\",\"recovery\":\"false"};
    for (size_t i = 0; i < sizeof auths / sizeof auths[0]; i++) {
        size_t link = house_member(house, 0, auths[i]);
        assert_int_equal(house_sent(house, 0, link, "\"pid\""), 1);
        assert_int_equal(house_sent(house, 0, link, "},\"demo:1."), 1);
    }
    assert_int_equal(in_room(house, 0, "sale:demo/plain"), 0);
}

static void who_leaves_hears_nothing_more(void **state)
{
    struct house *house = with_both(state);
    size_t link = house_plain_member(house, 0, "p1");
    (void)house_member(house, 0, "p2");
    world_receive(house->bridges[0].world, link, "422[\"leave_auction\",{\"sale\":\"demo\"}]");
    house_say(house, BOTH);
    house_settle(house);
    assert_int_equal(house_notices(house, 0, link, NULL), 0);
    assert_int_equal(house_sent(house, 0, link, "auction_left"), 1);
    assert_int_equal(in_room(house, 0, "sale:demo/plain"), 0);
    expect_plain(house, 0, link);
}

static void what_lies_behind_the_snapshot_comes_plain_too(void **state)
{
    struct house *house = with_both(state);
    (void)house_member(house, 0, "p2"); // whose snapshot serves again
    house_say(house, BOTH);
    house_say(house, BOTH);
    house_settle(house);
    size_t link = house_plain_member(house, 0, "p1");
    assert_int_equal(house->snapshots, 1);
    assert_int_equal(house_notices(house, 0, link, NULL), 3);
    expect_plain(house, 0, link);
}

static void a_room_that_begins_anew_sends_its_snapshot_plain_too(void **state)
{
    struct house *house = with_both(state);
    size_t link = house_plain_member(house, 0, "p1");
    house_lose_broker(house, 0);
    house_say(house, 2);
    house_connect(house, 0);
    house_pass(house, 100);
    assert_int_equal(house_sent(house, 0, link, "42[\"auction_snapshot\",{\"seq\":2"), 1);
    assert_int_equal(house_sent(house, 0, link, "42[\"connection_degraded\""), 1);
    assert_int_equal(house_sent(house, 0, link, "42[\"connection_restored\""), 1);
    expect_plain(house, 0, link);
}

// Takes nothing until the room's ring has lost what it is to be sent.
static void one_that_falls_behind_gets_a_plain_snapshot_and_goes_on(void **state)
{
    struct house *house = with_both(state);
    size_t link = house_plain_member(house, 0, "p1");
    struct link *client = &house->bridges[0].world->links[link];
    house_settle(house); // the poll that hangs is answered by the first event
    house_say(house, BOTH);
    house_settle(house);
    house->polled[0][link] = client->sent.size + 1; // and it polls no more
    house->text_size = 3000;
    for (int i = 0; i < 6000; i++) {
        house_say(house, BOTH);
        house_settle(house);
    }
    house->text_size = 3;
    buffer_clear(&client->sent);
    house->polled[0][link] = client->sent.size + 1; // by this one, which may hang
    world_poll(house->bridges[0].world, link);
    assert_int_equal(in_room(house, 0, "sale:demo/plain"), 0); // until the engine has answered
    house_pass(house, 1000);
    assert_int_equal(house_sent(house, 0, link, "42[\"auction_snapshot\""), 1);
    assert_int_equal(in_room(house, 0, "sale:demo/plain"), 1);
    assert_int_equal(in_room(house, 0, "sale:demo"), 0);
    house_say(house, BOTH);
    house_settle(house);
    int64_t first = 0; // since the snapshot
    assert_int_equal(house_notices(house, 0, link, &first), house->seq);
    assert_int_equal(first, house->seq);
    expect_plain(house, 0, link);
}

static void it_stays_plain_wherever_it_moves(void **state)
{
    struct house *house = with_both(state);
    (void)house_member(house, 1, "");
    size_t link = house_plain_member(house, 0, "p1");
    house_say(house, 2); // only there: fed to it behind the move
    house_say(house, 2);
    house_settle(house);
    size_t moved = house_move(house, 0, link);
    house_settle(house);
    house_say(house, BOTH);
    house_settle(house);
    int64_t first = 0;
    assert_int_equal(house_notices(house, 1, moved, &first), 4);
    assert_int_equal(first, 2);
    assert_int_equal(in_room(house, 1, "sale:demo/plain"), 1);
    assert_int_equal(in_room(house, 0, "sale:demo/plain"), 0);
    expect_plain(house, 1, moved);
}

// It may have got a pid before it thought otherwise.
static void who_wants_no_recovery_gets_none_for_a_pid(void **state)
{
    struct house *house = with_both(state);
    char pid[512];
    size_t link = house_member(house, 0, "p1");
    house_pid(house, 0, link, pid);
    world_gone(house->bridges[0].world, link);
    link = house_return(house, 1, pid, "p1\",\"recovery\":false,\"x\":\"", "demo:1.1");
    house_settle(house);
    assert_int_equal(house_sent(house, 1, link, "40{\"sid\":"), 1);
    assert_int_equal(house_metric(house, 1, "recovered"), 0);
    expect_plain(house, 1, link);
}

static void a_goodbye_that_nobody_comes_back_from_is_not_told(void **state)
{
    struct house *house = with_both(state);
    size_t link = house_plain_member(house, 0, "p1");
    world_receive(house->bridges[0].world, link, "41");
    assert_int_equal(house->queue_count, 0);
    link = house_member(house, 0, "p1");
    world_receive(house->bridges[0].world, link, "41");
    assert_int_equal(house->queue_count, 1);
}

int main(void)
{
#define IN_HOUSE(test) cmocka_unit_test_setup_teardown(test, house_set_up, house_tear_down)
    const struct CMUnitTest tests[] = {
        IN_HOUSE(it_hears_the_sale_and_no_offsets),
        IN_HOUSE(a_client_of_protocol_3_is_one),
        IN_HOUSE(only_a_false_is_a_no),
        IN_HOUSE(who_leaves_hears_nothing_more),
        IN_HOUSE(what_lies_behind_the_snapshot_comes_plain_too),
        IN_HOUSE(a_room_that_begins_anew_sends_its_snapshot_plain_too),
        IN_HOUSE(one_that_falls_behind_gets_a_plain_snapshot_and_goes_on),
        IN_HOUSE(it_stays_plain_wherever_it_moves),
        IN_HOUSE(who_wants_no_recovery_gets_none_for_a_pid),
        IN_HOUSE(a_goodbye_that_nobody_comes_back_from_is_not_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
