// Clients that come back to a bridge: what they get, and when they begin anew.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
// cmocka needs the first four above before it
#include <cmocka.h>

#include "bridge/app/app_state.h"
#include "tests/unit/bridges_world.h"

static void forget(struct house *house)
{
    for (size_t i = 0; i < BRIDGES; i++) {
        struct world *world = house->bridges[i].world;
        for (size_t k = 0; k < world->links_count; k++) {
            buffer_clear(&world->links[k].sent);
        }
    }
}

static struct house *with_both(void **state)
{
    struct house *house = *state;
    house_connect(house, 0);
    house_connect(house, 1);
    return house;
}

static const char *offset_at(const struct house *house, int64_t seq)
{
    static char text[64];
    snprintf(text, sizeof text, "demo:%lld.%lld", (long long)house->epochs[seq], (long long)seq);
    return text;
}

// A member of bridge 0 that is cut off behind the event `house->seq`; its pid.
static size_t cut_off(struct house *house, const char *auth, char pid[512])
{
    size_t link = house_member(house, 0, auth);
    house_pid(house, 0, link, pid);
    world_gone(house->bridges[0].world, link);
    forget(house);
    return link;
}

static void expect_new(struct house *house, size_t bridge, size_t link, const char *pid)
{
    assert_int_equal(house_sent(house, bridge, link, "40{\"sid\":"), 1);
    assert_int_equal(house_sent(house, bridge, link, pid), 0);
    assert_int_equal(house_notices(house, bridge, link, NULL), 0);
}

static void expect_recovered(struct house *house, size_t bridge, size_t link, const char *pid)
{
    assert_int_equal(house_sent(house, bridge, link, "40{\"sid\":"), 1);
    assert_int_equal(house_sent(house, bridge, link, pid), 1);
}

// ---- offsets ----

static void durable_events_and_live_snapshots_carry_an_offset(void **state)
{
    struct house *house = with_both(state);
    size_t link = house_member(house, 0, "p1");
    assert_int_equal(house_sent(house, 0, link, "}},\"demo:1.1\"]"), 1);
    house_say(house, BOTH);
    house_settle(house);
    assert_int_equal(house_sent(house, 0, link, "\"xxx\"},\"demo:1.2\"]"), 1);
    forget(house);
    auction_app_broker_message(house->bridges[0].app,
                               "lotcast/v1/sale/demo/event/next_lot_countdown",
                               bytes_text("{\"seq\":2,\"epoch\":1}"), false);
    house_pass(house, 1100);
    assert_int_equal(house_sent(house, 0, link, "next_lot_countdown\",{\"seq\":2,\"epoch\":1}]"),
                     1);
    assert_int_equal(house_sent(house, 0, link, "\"demo:"), 0); // nor the lobby
}

static void a_snapshot_of_what_the_broker_keeps_is_no_place_to_go_on_from(void **state)
{
    struct house *house = *state;
    auction_app_broker_state(house->bridges[0].app, true); // and no engine
    size_t link = house_client(house, 0, "p1");
    world_receive(house->bridges[0].world, link, "421[\"join_auction\",{\"sale\":\"demo\"}]");
    auction_app_broker_message(house->bridges[0].app, "lotcast/v1/sale/demo/info",
                               bytes_text("{\"seq\":1,\"epoch\":1,\"public\":true}"), true);
    auction_app_broker_message(house->bridges[0].app, "lotcast/v1/sale/demo/state",
                               bytes_text("{\"seq\":1,\"epoch\":1}"), true);
    house_pass(house, 1100);
    assert_int_equal(house_sent(house, 0, link, "\"live\":false"), 2); // and connection_degraded
    assert_int_equal(house_sent(house, 0, link, "},\"-\"]"), 1);
}

static void whoever_leaves_has_no_place_to_come_back_to(void **state)
{
    struct house *house = with_both(state);
    size_t link = house_member(house, 0, "p1");
    world_receive(house->bridges[0].world, link, "422[\"leave_auction\",{\"sale\":\"demo\"}]");
    assert_int_equal(
        house_sent(house, 0, link,
                   "42[\"auction_left\",{\"seq\":1,\"epoch\":1,\"sale\":\"demo\"},\"-\"]"),
        1);
}

// ---- coming back ----

static void what_was_missed_comes_before_the_reply_and_the_stream_behind_it(void **state)
{
    struct house *house = with_both(state);
    char pid[512];
    (void)house_member(house, 1, ""); // bridge 1 follows the sale
    (void)cut_off(house, "p1", pid);
    for (int i = 0; i < 3; i++) {
        house_say(house, BOTH);
    }
    size_t link = house_return(house, 1, pid, "p1", offset_at(house, 1));
    house_say(house, BOTH);
    house_settle(house);
    const char *sent = buffer_text(&house->bridges[1].world->links[link].sent);
    static const char begin[] =
        "42[\"notice\",{\"seq\":2,\"epoch\":1,\"at\":1,\"text\":\"xxx\"},\"demo:1.2\"]\n"
        "42[\"notice\",{\"seq\":3,\"epoch\":1,\"at\":1,\"text\":\"xxx\"},\"demo:1.3\"]\n"
        "42[\"notice\",{\"seq\":4,\"epoch\":1,\"at\":1,\"text\":\"xxx\"},\"demo:1.4\"]\n"
        "40{\"sid\":\"";
    assert_memory_equal(sent, begin, sizeof begin - 1);
    expect_recovered(house, 1, link, pid);
    assert_int_equal(house_notices(house, 1, link, NULL), 5);
    assert_int_equal(house_sent(house, 1, link, "42[\"you\","), 1);
    assert_int_equal(house_sent(house, 1, link, "auction_snapshot"), 0);
    assert_int_equal(house->replays, 0);
    // A member like any other: it may command at once.
    world_receive(
        house->bridges[1].world, link,
        "427[\"place_bid\",{\"sale\":\"demo\",\"lot\":\"l1\",\"amount\":1,\"id\":\"c1\"}]");
    house_settle(house);
    house_hear(house, BOTH, house->seq);
    house_settle(house);
    assert_int_equal(house_sent(house, 1, link, "437[{\"ok\":true"), 1);
}

static void a_bridge_that_knows_nothing_fetches_the_past_once_for_all(void **state)
{
    struct house *house = with_both(state);
    char pids[3][512];
    const char *offsets[3] = {"demo:1.1", "demo:1.1000", "demo:1.1190"};
    size_t links[3];
    for (size_t i = 0; i < 3; i++) {
        char who[] = "p1";
        who[1] = (char)('1' + i);
        (void)cut_off(house, who, pids[i]);
    }
    while (house->seq < 1200) {
        house_say(house, 1);
    }
    for (size_t i = 0; i < 3; i++) {
        char who[] = "p1";
        who[1] = (char)('1' + i);
        links[i] = house_return(house, 1, pids[i], who, offsets[i]);
    }
    house_settle(house);
    for (size_t i = 0; i < 3; i++) {
        int64_t first = 0;
        expect_recovered(house, 1, links[i], pids[i]);
        assert_int_equal(house_notices(house, 1, links[i], &first), 1200);
        assert_int_equal(first, i == 0 ? 2 : i == 1 ? 1001 : 1191);
    }
    assert_int_equal(house->replays, 3); // of 500, 500 and 200
    assert_int_equal(house->snapshots, 2);
    // It is kept a little for others, and then no more.
    assert_true(house->bridges[1].app->rooms_count == 1);
    assert_int_equal(house->bridges[1].app->pasts_count, 1);
    house_pass(house, PAST_LINGER_MS);
    assert_int_equal(house->bridges[1].app->pasts_count, 0);
}

static void a_page_of_large_events_comes_in_parts(void **state)
{
    struct house *house = with_both(state);
    char pid[512];
    int64_t first = 0;
    (void)cut_off(house, "p1", pid);
    house->page_events_max = 7;
    while (house->seq < 41) {
        house_say(house, 1);
    }
    size_t link = house_return(house, 1, pid, "p1", "demo:1.1");
    house_settle(house);
    expect_recovered(house, 1, link, pid);
    assert_int_equal(house_notices(house, 1, link, &first), 41);
    assert_int_equal(first, 2);
    assert_int_equal(house->replays, 6); // of 41, with the one that the offset names
}

static void events_go_on_while_the_past_is_fetched(void **state)
{
    struct house *house = with_both(state);
    char pid[512];
    int64_t first = 0;
    (void)cut_off(house, "p1", pid);
    while (house->seq < 900) {
        house_say(house, 1);
    }
    size_t link = house_return(house, 1, pid, "p1", "demo:1.1");
    while (house->queue_count > 0 || house->seq < 1500) {
        struct house_message message = house->queue[0];
        for (int i = 0; i < 200 && house->seq < 1500; i++) {
            house_say(house, BOTH);
        }
        if (house->queue_count > 0) { // one at a time
            size_t rest = house->queue_count - 1;
            struct house_message kept[8];
            assert_true(rest <= 8);
            memcpy(kept, house->queue + 1, rest * sizeof kept[0]);
            house->queue_count = 1;
            (void)message;
            house_settle(house);
            assert_true(house->queue_count == 0);
            memcpy(house->queue, kept, rest * sizeof kept[0]);
            house->queue_count = rest;
        }
    }
    house_settle(house);
    expect_recovered(house, 1, link, pid);
    assert_int_equal(house_notices(house, 1, link, &first), 1500);
    assert_int_equal(first, 2);
}

static void one_that_has_seen_more_than_this_bridge_waits_for_it(void **state)
{
    struct house *house = with_both(state);
    char pid[512];
    int64_t first = 0;
    (void)house_member(house, 1, "");
    (void)cut_off(house, "p1", pid);
    house_say(house, 1);
    house_say(house, 1);
    size_t link = house_return(house, 1, pid, "p1", offset_at(house, 3));
    house_settle(house);
    assert_int_equal(house_sent(house, 1, link, "40"), 0);
    house_hear(house, 2, 2);
    house_settle(house);
    assert_int_equal(house_sent(house, 1, link, "40"), 0);
    house_hear(house, 2, 3);
    house_settle(house);
    expect_recovered(house, 1, link, pid);
    house_say(house, 2);
    house_settle(house);
    assert_int_equal(house_notices(house, 1, link, &first), 4);
    assert_int_equal(first, 4);
}

static void a_bridge_that_is_just_starting_lets_them_wait(void **state)
{
    struct house *house = *state;
    char pid[512];
    house_connect(house, 0);
    (void)cut_off(house, "p1", pid);
    house_say(house, 1);
    size_t link = house_return(house, 1, pid, "p1", "demo:1.1");
    house_pass(house, 1000);
    assert_int_equal(house_sent(house, 1, link, "40"), 0);
    house_connect(house, 1);
    house_settle(house);
    expect_recovered(house, 1, link, pid);
    assert_int_equal(house_notices(house, 1, link, NULL), 2);
}

static void the_session_goes_on_through_a_new_epoch(void **state)
{
    struct house *house = with_both(state);
    char pid[512];
    (void)cut_off(house, "p1", pid);
    house_say(house, 1);
    house_new_epoch(house, 1, 0);
    house_say(house, 1);
    size_t link = house_return(house, 1, pid, "p1", "demo:1.1");
    house_settle(house);
    expect_recovered(house, 1, link, pid);
    assert_int_equal(house_notices(house, 1, link, NULL), 4);
    assert_int_equal(house_sent(house, 1, link, "\"demo:2.3\"]"), 1);
}

static void without_an_engine_the_room_s_own_history_serves(void **state)
{
    struct house *house = with_both(state);
    char pid[512];
    (void)house_member(house, 1, "");
    (void)cut_off(house, "p1", pid);
    house_say(house, BOTH);
    auction_app_broker_message(
        house->bridges[1].app, "lotcast/v1/svc/engine/engine-1",
        bytes_text("{\"program\":\"engine\",\"node\":\"engine-1\",\"online\":"
                   "false,\"version\":\"1\",\"since\":1,\"now\":1}"),
        false);
    size_t link = house_return(house, 1, pid, "p1", "demo:1.1");
    house_settle(house);
    expect_recovered(house, 1, link, pid);
    assert_int_equal(house_notices(house, 1, link, NULL), 2);
    assert_int_equal(house_sent(house, 1, link, "connection_degraded"), 1);
}

// ---- beginning anew ----

static void what_it_has_seen_is_not_what_happened(void **state)
{
    struct house *house = with_both(state);
    char pid[512];
    (void)cut_off(house, "p1", pid);
    for (int i = 0; i < 5; i++) {
        house_say(house, 1);
    }
    house_new_epoch(house, 1, 3); // of a backup: 4, 5 and 6 never were; 4 begins the epoch
    house_say(house, 1);
    house_say(house, 1);
    size_t link = house_return(house, 1, pid, "p1", "demo:1.5");
    house_settle(house);
    expect_new(house, 1, link, pid);
    size_t beyond = house_return(house, 1, pid, "p1", "demo:1.100");
    house_settle(house);
    expect_new(house, 1, beyond, pid);
    size_t base = house_return(house, 1, pid, "p1", "demo:1.6"); // where the snapshot was
    house_settle(house);
    expect_new(house, 1, base, pid);
    size_t good = house_return(house, 1, pid, "p1", "demo:1.3");
    house_settle(house);
    expect_recovered(house, 1, good, pid);
}

static void more_than_the_limit_is_a_new_session_and_all_up_to_it_is_sent(void **state)
{
    struct house *house = with_both(state);
    char pid[512];
    int64_t first = 0;
    (void)cut_off(house, "p1", pid);
    while (house->seq < 10500) {
        house_say(house, 1);
    }
    size_t link = house_return(house, 1, pid, "p1", "demo:1.499");
    house_settle(house);
    expect_new(house, 1, link, pid);
    assert_int_equal(house->replays, 0);
    size_t good = house_return(house, 1, pid, "p1", "demo:1.500");
    house_pass(house, 400); // in pieces, of which all but the first come behind the answer
    expect_recovered(house, 1, good, pid);
    house_say(house, BOTH);
    house_settle(house);
    assert_int_equal(house_notices(house, 1, good, &first), 10501);
    assert_int_equal(first, 501);
    assert_int_equal(house_sent(house, 1, good, "42[\"you\""), 1);
    assert_int_equal(house_sent(house, 1, good, "auction_snapshot"), 0);
}

static void many_come_back_at_once_and_have_missed_much(void **state)
{
    struct house *house = *state;
    char pids[6][512];
    size_t links[6];
    house_connect(house, 0);
    for (size_t i = 0; i < 6; i++) {
        char who[] = {'p', (char)('1' + i), 0};
        (void)cut_off(house, who, pids[i]);
    }
    house->text_size = 500;
    while (house->seq < 900) {
        house_say(house, 1);
    }
    for (size_t i = 0; i < 6; i++) { // to a bridge that is just starting
        char who[] = {'p', (char)('1' + i), 0};
        links[i] = house_return(house, 1, pids[i], who, "demo:1.1");
    }
    house_connect(house, 1);
    house_pass(house, 300);
    for (size_t i = 0; i < 6; i++) {
        expect_recovered(house, 1, links[i], pids[i]);
        assert_int_equal(house_notices(house, 1, links[i], NULL), 900);
    }
}

static void too_many_bytes_are_a_new_session(void **state)
{
    struct house *house = with_both(state);
    char pid[512];
    (void)cut_off(house, "p1", pid);
    house->text_size = 2000;
    while (house->seq < 4000) {
        house_say(house, 1);
    }
    house->page_events_max = 100;
    size_t link = house_return(house, 1, pid, "p1", "demo:1.1");
    house_settle(house);
    expect_new(house, 1, link, pid);
    assert_true(house->replays > 20 && house->replays < 40);
}

static void one_that_takes_nothing_is_not_filled_up(void **state)
{
    struct house *house = with_both(state);
    char pid[512];
    struct world *world = house->bridges[1].world;
    (void)cut_off(house, "p1", pid);
    house->text_size = 300;
    while (house->seq < 3000) {
        house_say(house, 1);
    }
    size_t link = world->links_count;
    world->links[link].takes = false;
    assert_int_equal(house_return(house, 1, pid, "p1", "demo:1.1"), link);
    house_pass(house, 1000);
    const struct viewer *viewer =
        house->bridges[1].app->rooms_count == 1
            ? sale_room_find(house->bridges[1].app, &(struct sale_id){.text = "demo"})->viewers
            : NULL;
    assert_non_null(viewer);
    size_t waiting = socketio_socket_waiting(world->server, viewer->socket);
    assert_true(waiting > 0 && waiting <= RESUME_WAITING_MAX + 1000);
    for (int i = 0; i < 40; i++) { // it reads a little now and then
        engineio_ws_writable(world->engine, world->now_ms, world->links[link].session, link + 1);
        house_pass(house, 1500);
    }
    expect_recovered(house, 1, link, pid);
    assert_int_equal(house_notices(house, 1, link, NULL), 3000);
    assert_int_equal(house_sent(house, 1, link, "auction_snapshot"), 0);
}

static void an_engine_that_does_not_answer_is_waited_for_and_not_for_ever(void **state)
{
    struct house *house = with_both(state);
    char pid[512];
    (void)house_member(house, 1, "");
    (void)cut_off(house, "p1", pid);
    for (int i = 0; i < 300; i++) {
        house_say(house, BOTH);
    }
    house->is_deaf = true;
    size_t link = house_return(house, 1, pid, "p1", "demo:1.1");
    size_t patient = house_return(house, 1, pid, "p1", "demo:1.2");
    house_pass(house, 2500);
    assert_int_equal(house_sent(house, 1, link, "40"), 0);
    world_gone(house->bridges[1].world, patient);
    house_pass(house, 2600);
    expect_new(house, 1, link, pid);
    house->is_deaf = false;
    size_t later = house_return(house, 1, pid, "p1", "demo:1.1");
    house_pass(house, 1000); // the last question has not timed out yet
    expect_recovered(house, 1, later, pid);
}

static void an_engine_that_answers_for_the_first_time_a_little_late_is_in_time(void **state)
{
    struct house *house = with_both(state);
    char pid[512];
    (void)house_member(house, 1, "");
    (void)cut_off(house, "p1", pid);
    for (int i = 0; i < 300; i++) {
        house_say(house, BOTH);
    }
    house->is_deaf = true;
    size_t link = house_return(house, 1, pid, "p1", "demo:1.1");
    house_settle(house);
    house->is_deaf = false;
    house_pass(house, 2100); // asked again after the time-out
    expect_recovered(house, 1, link, pid);
    assert_int_equal(house_notices(house, 1, link, NULL), 301);
}

static void an_engine_that_answers_something_else_is_not_asked_for_ever(void **state)
{
    struct house *house = with_both(state);
    char pid[512];
    (void)cut_off(house, "p1", pid);
    while (house->seq < 20) {
        house_say(house, 1);
    }
    static const int64_t lies[] = {1, 5, 1000};
    for (size_t i = 0; i < sizeof lies / sizeof lies[0]; i++) {
        house->lies_by = lies[i];
        house->replays = 0;
        size_t link = house_return(house, 1, pid, "p1", "demo:1.2");
        house_settle(house);
        expect_new(house, 1, link, pid);
        assert_int_equal(house->replays, 1);
    }
    house->lies_by = -1;
    house_say(house, BOTH); // the page would reach into what is here
    size_t link = house_return(house, 1, pid, "p1", "demo:1.2");
    house_settle(house);
    expect_recovered(house, 1, link, pid);
    assert_int_equal(house_notices(house, 1, link, NULL), 21);
}

static void what_nobody_has_signed_or_somebody_else_shows(void **state)
{
    struct house *house = with_both(state);
    char pid[512];
    char forged[512];
    (void)house_member(house, 1, "");
    (void)cut_off(house, "p1", pid);
    house_say(house, BOTH);
    static const char *const offsets[] = {"",           "-",
                                          "demo",       "demo:1",
                                          "demo:01.1",  "demo:1.01",
                                          "demo:0.1",   "demo:1.0",
                                          "demo:-1.1",  "de mo:1.1",
                                          "demo:1.1 ",  ":1.1",
                                          "demo:1.1.1", "demo:1.99999999999999999999"};
    for (size_t i = 0; i < sizeof offsets / sizeof offsets[0]; i++) {
        size_t link = house_return(house, 0, pid, "p1", offsets[i]);
        house_settle(house);
        expect_new(house, 0, link, pid);
        world_gone(house->bridges[0].world, link);
        house->bridges[0].world->links_count = 1; // its place is free again
        buffer_clear(&house->bridges[0].world->links[link].sent);
        house->bridges[0].world->links[link].closed = false;
    }
    expect_new(house, 1, house_return(house, 1, pid, "p2", "demo:1.1"), pid);
    expect_new(house, 1, house_return(house, 1, pid, "", "demo:1.1"), pid);
    for (size_t i = 0; i + 1 < 3; i++) {
        snprintf(forged, sizeof forged, "%s", pid);
        forged[i == 0 ? 3 : strlen(pid) - 1] ^= 1;
        expect_new(house, 1, house_return(house, 1, forged, "p1", "demo:1.1"), forged);
    }
    size_t link = house_return(house, 1, pid, "p?", "demo:1.1");
    assert_int_equal(house_sent(house, 1, link, "44{\"message\""), 1);
    assert_int_equal(house_sent(house, 1, link, "UNAUTHENTICATED"), 1);
}

static void a_token_that_has_expired_since_sees_and_no_more(void **state)
{
    struct house *house = with_both(state);
    char pid[512];
    (void)cut_off(house, "p1", pid);
    house_say(house, 1);
    size_t link = house_return(house, 1, pid, "late p1", "demo:1.1");
    house_settle(house);
    expect_recovered(house, 1, link, pid);
    world_receive(
        house->bridges[1].world, link,
        "427[\"place_bid\",{\"sale\":\"demo\",\"lot\":\"l1\",\"amount\":1,\"id\":\"c1\"}]");
    assert_int_equal(house_sent(house, 1, link, "TOKEN_EXPIRED"), 1);
    size_t other = house_return(house, 1, pid, "late p2", "demo:1.1");
    assert_int_equal(house_sent(house, 1, other, "44{\"message\""), 1);
}

static void a_private_sale_is_asked_about_again(void **state)
{
    struct house *house = with_both(state);
    char pid[512];
    (void)cut_off(house, "", pid);
    house->is_private = true;
    house_say(house, 1);
    size_t link = house_return(house, 1, pid, "", "demo:1.1");
    house_settle(house);
    expect_new(house, 1, link, pid);
    assert_int_equal(house->replays, 0); // nothing was fetched for somebody who may not see it
}

// ---- what bridges tell each other ----

// Both are packets of two bytes, and every bridge would hear of each goodbye.
static void who_comes_and_goes_all_the_time_does_not_keep_all_bridges_busy(void **state)
{
    struct house *house = with_both(state);
    struct world *world = house->bridges[0].world;
    size_t stranger = house_client(house, 0, "");
    for (int i = 0; i < 1000; i++) {
        world_receive(world, stranger, "41");
        world_receive(world, stranger, "40");
    }
    house_settle(house);
    assert_int_equal(house->bridges[0].app->metrics.notes_sent, 0); // it had been nowhere
    size_t link = house_member(house, 0, "");
    int64_t from_ms = world->now_ms;
    for (int i = 0; i < ENDED_NOTES_PER_SECOND_MAX + 50; i++) {
        world->now_ms = from_ms; // all in one second
        world_receive(world, link, "41");
        world_receive(world, link, "40");
        world_receive(world, link, "421[\"join_auction\",{\"sale\":\"demo\"}]");
    }
    assert_int_equal(house->bridges[0].app->metrics.notes_sent, ENDED_NOTES_PER_SECOND_MAX);
    house_settle(house);
    house_pass(house, 1100);
    world_receive(world, link, "421[\"join_auction\",{\"sale\":\"demo\"}]");
    world_receive(world, link, "41");
    assert_int_equal(house->bridges[0].app->metrics.notes_sent, ENDED_NOTES_PER_SECOND_MAX + 1);
}

static void who_said_goodbye_does_not_come_back_anywhere(void **state)
{
    struct house *house = with_both(state);
    char pid[512];
    (void)house_member(house, 1, "");
    size_t link = house_member(house, 0, "p1");
    house_pid(house, 0, link, pid);
    world_receive(house->bridges[0].world, link, "41");
    house_settle(house);
    for (size_t i = 0; i < BRIDGES; i++) {
        size_t back = house_return(house, i, pid, "p1", "demo:1.1");
        house_settle(house);
        expect_new(house, i, back, pid);
    }
}

static void a_session_that_lives_elsewhere_ends_there(void **state)
{
    struct house *house = with_both(state);
    char pid[512];
    (void)house_member(house, 1, "");
    size_t link = house_member(house, 0, "p1");
    house_pid(house, 0, link, pid);
    house_pass(house, 10);
    size_t back = house_return(house, 1, pid, "p1", "demo:1.1");
    house_settle(house);
    expect_recovered(house, 1, back, pid);
    assert_true(house->bridges[0].world->links[link].closed);
    assert_false(house->bridges[1].world->links[back].closed);
    // That was no goodbye: it may come back again, here or there.
    house_pass(house, 10);
    size_t again = house_return(house, 0, pid, "p1", "demo:1.1");
    house_settle(house);
    expect_recovered(house, 0, again, pid);
    assert_true(house->bridges[1].world->links[back].closed);
    house_pass(house, 10);
    size_t here = house_return(house, 0, pid, "p1", "demo:1.1"); // the same bridge
    house_settle(house);
    expect_recovered(house, 0, here, pid);
    assert_true(house->bridges[0].world->links[again].closed);
    assert_int_equal(house->bridges[0].app->viewers_count, 1);
    assert_int_equal(house->bridges[1].app->viewers_count, 1); // the one who watches
}

// ---- presence ----

static size_t count_present(struct house *house, size_t bridge)
{
    const struct sale_room *room =
        sale_room_find(house->bridges[bridge].app, &(struct sale_id){.text = "demo"});
    return room == NULL ? 0 : attendance_count(&room->attendance);
}

static void who_was_cut_off_is_not_missed_for_a_while(void **state)
{
    struct house *house = with_both(state);
    char pid[512];
    (void)cut_off(house, "p1", pid);
    assert_int_equal(count_present(house, 0), 1);
    house_pass(house, PRESENCE_LINGER_MS - 100);
    assert_int_equal(count_present(house, 0), 1);
    size_t link = house_return(house, 0, pid, "p1", "demo:1.1");
    house_settle(house);
    expect_recovered(house, 0, link, pid);
    house_pass(house, 1000);
    assert_int_equal(count_present(house, 0), 1);
    world_gone(house->bridges[0].world, link);
    house_pass(house, PRESENCE_LINGER_MS);
    assert_int_equal(count_present(house, 0), 0);
    size_t ben = house_member(house, 0, "p2");
    world_receive(house->bridges[0].world, ben, "41"); // a goodbye counts at once
    assert_int_equal(count_present(house, 0), 0);
    size_t nobody = house_member(house, 0, "");
    world_gone(house->bridges[0].world, nobody);
    assert_int_equal(count_present(house, 0), 0);
}

static void after_the_goodbye_nobody_is_said_to_be_here(void **state)
{
    struct house *house = with_both(state);
    struct house_bridge *bridge = &house->bridges[0];
    (void)house_member(house, 0, "p1");
    (void)house_member(house, 0, ""); // whose end changes the count
    house_pass(house, 1100);
    assert_true(house->presences[0] > 0);
    socketio_server_shut_down(bridge->world->server);
    auction_app_say_goodbye(bridge->app);
    house->presences[0] = 0;
    house_pass(house, 1100);
    assert_int_equal(house->presences[0], 0);
    assert_int_equal(count_present(house, 0), 1); // who lingers
}

int main(void)
{
#define IN_HOUSE(test) cmocka_unit_test_setup_teardown(test, house_set_up, house_tear_down)
    const struct CMUnitTest tests[] = {
        IN_HOUSE(durable_events_and_live_snapshots_carry_an_offset),
        IN_HOUSE(a_snapshot_of_what_the_broker_keeps_is_no_place_to_go_on_from),
        IN_HOUSE(whoever_leaves_has_no_place_to_come_back_to),
        IN_HOUSE(what_was_missed_comes_before_the_reply_and_the_stream_behind_it),
        IN_HOUSE(a_bridge_that_knows_nothing_fetches_the_past_once_for_all),
        IN_HOUSE(a_page_of_large_events_comes_in_parts),
        IN_HOUSE(events_go_on_while_the_past_is_fetched),
        IN_HOUSE(one_that_has_seen_more_than_this_bridge_waits_for_it),
        IN_HOUSE(a_bridge_that_is_just_starting_lets_them_wait),
        IN_HOUSE(the_session_goes_on_through_a_new_epoch),
        IN_HOUSE(without_an_engine_the_room_s_own_history_serves),
        IN_HOUSE(what_it_has_seen_is_not_what_happened),
        IN_HOUSE(more_than_the_limit_is_a_new_session_and_all_up_to_it_is_sent),
        IN_HOUSE(many_come_back_at_once_and_have_missed_much),
        IN_HOUSE(too_many_bytes_are_a_new_session),
        IN_HOUSE(one_that_takes_nothing_is_not_filled_up),
        IN_HOUSE(an_engine_that_does_not_answer_is_waited_for_and_not_for_ever),
        IN_HOUSE(an_engine_that_answers_for_the_first_time_a_little_late_is_in_time),
        IN_HOUSE(an_engine_that_answers_something_else_is_not_asked_for_ever),
        IN_HOUSE(what_nobody_has_signed_or_somebody_else_shows),
        IN_HOUSE(a_token_that_has_expired_since_sees_and_no_more),
        IN_HOUSE(a_private_sale_is_asked_about_again),
        IN_HOUSE(who_said_goodbye_does_not_come_back_anywhere),
        IN_HOUSE(who_comes_and_goes_all_the_time_does_not_keep_all_bridges_busy),
        IN_HOUSE(a_session_that_lives_elsewhere_ends_there),
        IN_HOUSE(after_the_goodbye_nobody_is_said_to_be_here),
        IN_HOUSE(who_was_cut_off_is_not_missed_for_a_while),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
