// Viewers that move between bridges: each event once and in order, each command answered once and
// not before its event, whatever happens in between.
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

static size_t place_bid(struct house *house, size_t bridge, size_t link, int ack)
{
    char packet[200];
    snprintf(packet, sizeof packet,
             "42%d[\"place_bid\",{\"sale\":\"demo\",\"lot\":\"l1\",\"amount\":1,\"id\":\"c%d\"}]",
             ack, ack);
    world_receive(house->bridges[bridge].world, link, packet);
    return house->queue_count;
}

static size_t answers(const struct house *house, size_t bridge, size_t link, int ack)
{
    char packet[30];
    snprintf(packet, sizeof packet, "43%d[{\"ok\":true", ack);
    return house_sent(house, bridge, link, packet);
}

static void a_move_begins_where_the_other_bridge_was(void **state)
{
    struct house *house = with_both(state);
    int64_t first = 0;
    size_t link = house_member(house, 0, "p1");
    house_say(house, 1); // only there
    house_say(house, 1);
    house_settle(house);
    size_t moved = house_move(house, 0, link);
    house_settle(house);
    assert_int_equal(house_notices(house, 0, link, NULL), 3);
    house_hear(house, 2, 2); // late, here
    house_hear(house, 2, 3);
    house_say(house, BOTH);
    house_settle(house);
    assert_int_equal(house_notices(house, 1, moved, &first), 4);
    assert_int_equal(first, 4);
    assert_int_equal(house_sent(house, 1, moved, "auction_snapshot"), 0);
    assert_int_equal(house_sent(house, 1, moved, "42[\"you\""), 1);
    assert_int_equal(house_metric(house, 0, "moved_out"), 1);
    assert_int_equal(house_metric(house, 1, "moved_in"), 1);
    assert_int_equal(house->bridges[0].app->viewers_count, 0);
}

static void a_move_to_a_bridge_that_is_ahead_brings_what_lies_between(void **state)
{
    struct house *house = with_both(state);
    int64_t first = 0;
    (void)house_member(house, 1, "");
    size_t link = house_member(house, 0, "p1");
    for (int i = 0; i < 5; i++) {
        house_say(house, 2); // only here
    }
    house_settle(house);
    size_t moved = house_move(house, 0, link);
    house_settle(house);
    assert_int_equal(house_notices(house, 1, moved, &first), 6);
    assert_int_equal(first, 2);
    assert_int_equal(house->replays, 0);
}

static void an_answer_follows_and_waits_for_its_event(void **state)
{
    struct house *house = with_both(state);
    (void)house_member(house, 1, "");
    size_t link = house_member(house, 0, "p1");
    assert_int_equal(place_bid(house, 0, link, 5), 1);
    size_t moved = house_move(house, 0, link);
    house_settle(house); // the reply comes where it was, and goes on as a note
    assert_int_equal(house_metric(house, 0, "forwarded"), 1);
    assert_int_equal(answers(house, 1, moved, 5), 0);
    house_hear(house, BOTH, house->seq);
    house_settle(house);
    assert_int_equal(answers(house, 1, moved, 5), 1);
    assert_int_equal(answers(house, 0, link, 5), 0);
    const char *sent = buffer_text(&house->bridges[1].world->links[moved].sent);
    assert_true(strstr(sent, "42[\"notice\"") < strstr(sent, "435["));
}

static void an_answer_that_is_there_before_the_stream_waits_for_it(void **state)
{
    struct house *house = with_both(state);
    size_t link = house_member(house, 0, "p1");
    (void)place_bid(house, 0, link, 5);
    size_t moved = house_move(house, 0, link);
    house_settle(house); // of the other bridge's room nobody knew: it fetches the event itself
    assert_int_equal(answers(house, 1, moved, 5), 1);
    const char *sent = buffer_text(&house->bridges[1].world->links[moved].sent);
    const char *event = strstr(sent, "42[\"notice\"");
    assert_non_null(event);
    assert_true(event < strstr(sent, "435["));
}

static void an_answer_that_is_held_moves_along(void **state)
{
    struct house *house = with_both(state);
    (void)house_member(house, 1, "");
    size_t link = house_member(house, 0, "p1");
    (void)place_bid(house, 0, link, 5);
    house_settle(house); // answered, and its event has not come
    assert_int_equal(answers(house, 0, link, 5), 0);
    size_t moved = house_move(house, 0, link);
    house_settle(house);
    assert_int_equal(answers(house, 1, moved, 5), 0);
    house_hear(house, BOTH, house->seq);
    house_settle(house);
    assert_int_equal(answers(house, 1, moved, 5), 1);
    assert_int_equal(answers(house, 0, link, 5), 0);
}

static void an_answer_whose_event_never_comes_is_not_held_for_ever(void **state)
{
    struct house *house = with_both(state);
    (void)house_member(house, 1, "");
    size_t link = house_member(house, 0, "p1");
    (void)place_bid(house, 0, link, 5);
    size_t moved = house_move(house, 0, link);
    house_pass(house, ACK_HOLD_MS + 50);
    assert_int_equal(answers(house, 1, moved, 5), 1);
}

static void a_command_that_nobody_answers_times_out_where_it_is_now(void **state)
{
    struct house *house = with_both(state);
    size_t link = house_member(house, 0, "p1");
    house->is_deaf = true;
    (void)place_bid(house, 0, link, 5);
    size_t moved = house_move(house, 0, link);
    house_pass(house, COMMAND_TIMEOUT_MS + ACK_HOLD_MS + 50);
    assert_int_equal(house_sent(house, 1, moved, "435[{\"ok\":false"), 1);
    assert_int_equal(house_sent(house, 1, moved, "TIMEOUT"), 1);
}

static void it_may_command_as_soon_as_it_is_there(void **state)
{
    struct house *house = with_both(state);
    size_t link = house_member(house, 0, "p1");
    size_t moved = house_move(house, 0, link);
    (void)place_bid(house, 1, moved, 9); // before the room knows anything
    house_settle(house);
    house_hear(house, BOTH, house->seq);
    house_settle(house);
    assert_int_equal(answers(house, 1, moved, 9), 1);
    assert_int_equal(house_sent(house, 1, moved, "NOT_JOINED"), 0);
}

static void who_has_joined_nothing_moves_too(void **state)
{
    struct house *house = with_both(state);
    size_t link = house_client(house, 0, "p1");
    size_t moved = house_move(house, 0, link);
    house_settle(house);
    world_receive(house->bridges[1].world, moved, "421[\"join_auction\",{\"sale\":\"demo\"}]");
    house_settle(house);
    assert_int_equal(house_sent(house, 1, moved, "42[\"auction_snapshot\""), 1);
}

static void a_bridge_that_can_t_go_on_sends_a_snapshot(void **state)
{
    struct house *house = with_both(state);
    size_t link = house_member(house, 0, "p1");
    for (int i = 0; i < 4; i++) {
        house_say(house, 1);
    }
    house_settle(house);
    house->epoch = 7; // a history of which the other bridge knew nothing
    for (int64_t seq = 1; seq <= house->seq; seq++) {
        house->epochs[seq] = 7;
    }
    size_t moved = house_move(house, 0, link);
    house_settle(house);
    assert_int_equal(house_sent(house, 1, moved, "42[\"auction_snapshot\",{\"seq\":5"), 1);
    house_say(house, 2);
    house_settle(house);
    assert_int_equal(house_notices(house, 1, moved, NULL), 6);
}

static void a_bridge_that_never_hears_what_it_has_seen_sends_a_snapshot(void **state)
{
    struct house *house = with_both(state);
    (void)house_member(house, 1, "");
    size_t link = house_member(house, 0, "p1");
    house_say(house, 1);
    house_say(house, 1);
    house_settle(house);
    size_t moved = house_move(house, 0, link);
    house_pass(house, RESTORE_WAIT_MS - 100);
    assert_int_equal(house_sent(house, 1, moved, "42[\"auction_snapshot\""), 0);
    house_pass(house, 1000); // the snapshot shows what is missing
    assert_int_equal(house_sent(house, 1, moved, "42[\"auction_snapshot\",{\"seq\":3"), 1);
    house_say(house, BOTH);
    house_settle(house);
    assert_int_equal(house_notices(house, 1, moved, NULL), 4);
}

// The engine goes in between: what the broker keeps is better than the door.
// The second bridge loses sight of the engine; its broker keeps this state.
static void lose_engine(struct house *house, const char *kept_state)
{
    auction_app_broker_message(house->bridges[1].app, "lotcast/v1/sale/demo/state",
                               bytes_text(kept_state), true);
    auction_app_broker_message(
        house->bridges[1].app, "lotcast/v1/svc/engine/engine-1",
        bytes_text("{\"program\":\"engine\",\"node\":\"engine-1\",\"online\":"
                   "false,\"version\":\"1\",\"since\":1,\"now\":1}"),
        false);
}

// A viewer moves to a bridge that has lost sight of the engine, and whose broker keeps this state.
static size_t moved_without_engine(struct house *house, const char *kept_state)
{
    (void)house_member(house, 1, "");
    size_t link = house_member(house, 0, "p1");
    house_say(house, 1);
    house_settle(house);
    lose_engine(house, kept_state);
    size_t moved = house_move(house, 0, link);
    house_pass(house, RESTORE_WAIT_MS + ROOM_UNKNOWN_MS + 1000);
    assert_false(house->bridges[1].world->links[moved].closed);
    return moved;
}

static void without_an_engine_it_gets_what_the_broker_keeps(void **state)
{
    struct house *house = with_both(state);
    size_t moved = moved_without_engine(house, "{\"seq\":2,\"epoch\":1}");
    assert_int_equal(house_sent(house, 1, moved, "42[\"auction_snapshot\""), 1);
    assert_int_equal(house_sent(house, 1, moved, "},\"-\"]"), 1);
}

static void what_the_broker_keeps_is_not_shown_to_one_who_has_seen_more(void **state)
{
    struct house *house = with_both(state);
    size_t moved = moved_without_engine(house, "{\"seq\":1,\"epoch\":1}");
    assert_int_equal(house_sent(house, 1, moved, "42[\"auction_snapshot\""), 0);
    assert_int_equal(house_sent(house, 1, moved, "42[\"connection_degraded\""), 1);
}

static void one_whose_room_waits_for_a_snapshot_gets_it_there(void **state)
{
    struct house *house = with_both(state);
    size_t link = house_member(house, 0, "p1");
    house_lose_broker(house, 0);
    size_t moved = house_move(house, 0, link);
    house_settle(house);
    assert_int_equal(house_sent(house, 1, moved, "42[\"auction_snapshot\""), 1);
}

static void nor_where_its_own_room_waited_for_a_snapshot(void **state)
{
    struct house *house = with_both(state);
    (void)house_member(house, 1, "");
    size_t link = house_member(house, 0, "p1");
    house_say(house, 1);
    house_settle(house);
    house_lose_broker(house, 0);
    lose_engine(house, "{\"seq\":1,\"epoch\":1}");
    house_pass(house, SNAPSHOT_CACHE_MS + 1);
    size_t moved = house_move(house, 0, link);
    house_pass(house, RESTORE_WAIT_MS + ROOM_UNKNOWN_MS + 1000);
    assert_int_equal(house_sent(house, 1, moved, "42[\"auction_snapshot\""), 0);
}

static void a_bridge_that_knows_nothing_and_can_t_ask_lets_the_client_come_back(void **state)
{
    struct house *house = *state;
    house->is_polling = true;
    house_connect(house, 0);
    size_t link = house_member(house, 0, "p1");
    size_t moved = house_move(house, 0, link); // there is no broker
    house_pass(house, RESTORE_WAIT_MS - 100);
    assert_false(house->bridges[1].world->links[moved].closed);
    house_pass(house, 2000);
    assert_true(house->bridges[1].world->links[moved].closed);
    assert_int_equal(house_sent(house, 1, moved, "41"), 0); // it comes back by itself
    assert_int_equal(house->bridges[1].app->viewers_count, 0);
}

static void who_leaves_before_the_stream_is_reached_has_left(void **state)
{
    struct house *house = with_both(state);
    (void)house_member(house, 1, "");
    size_t link = house_member(house, 0, "p1");
    house_say(house, 1); // which the other bridge has not heard
    house_settle(house);
    size_t moved = house_move(house, 0, link);
    world_receive(house->bridges[1].world, moved, "423[\"leave_auction\",{\"sale\":\"demo\"}]");
    house_settle(house);
    assert_int_equal(house_sent(house, 1, moved, "433[{\"ok\":true"), 1);
    house_hear(house, 2, 2);
    house_say(house, BOTH);
    house_pass(house, RESTORE_WAIT_MS + 1000);
    assert_int_equal(house_notices(house, 1, moved, NULL), 0);
    world_receive(house->bridges[1].world, moved, "424[\"join_auction\",{\"sale\":\"demo\"}]");
    house_settle(house);
    assert_int_equal(house_sent(house, 1, moved, "42[\"auction_snapshot\",{\"seq\":3"), 1);
}

static void who_waits_for_a_join_does_not_move_yet(void **state)
{
    struct house *house = with_both(state);
    struct buffer blob;
    size_t link = house_client(house, 0, "p1");
    struct world *world = house->bridges[0].world;
    world_receive(world, link, "421[\"join_auction\",{\"sale\":\"demo\"}]");
    struct bytes sid = bytes_text(world_value(world, link, "sid"));
    struct socketio_socket_id socket = socketio_socket_of_sid(world->server, sid);
    buffer_init(&blob, 1 << 16);
    assert_false(
        auction_app_ops()->on_export(house->bridges[0].app, socket, bytes_text("NOD1"), &blob));
    house_settle(house);
    buffer_clear(&blob);
    assert_true(
        auction_app_ops()->on_export(house->bridges[0].app, socket, bytes_text("NOD1"), &blob));
    buffer_release(&blob);
}

static void what_is_no_viewer_is_not_taken_in(void **state)
{
    struct house *house = with_both(state);
    size_t link = house_member(house, 0, "p1");
    struct world *world = house->bridges[0].world;
    char sid[21];
    char pid[512];
    char state_text[1000];
    snprintf(sid, sizeof sid, "%s", world_value(world, link, "sid"));
    house_pid(house, 0, link, pid);
    struct socketio_socket_id socket = socketio_socket_of_sid(world->server, bytes_text(sid));
    static const char *const behind_pid[] = {"1\"}", // of another signature
                                             "\",\"sale\":\"a b\",\"seq\":1,\"epoch\":1}",
                                             "\",\"sale\":\"demo\"}",
                                             "\",\"sale\":\"demo\",\"seq\":1"};
    enum { BEHIND_PID = sizeof behind_pid / sizeof behind_pid[0] };
    size_t viewers = house->bridges[0].app->viewers_count;
    void *viewer = socketio_socket_data(world->server, socket);
    for (size_t i = 0; i < BEHIND_PID + 3; i++) {
        snprintf(state_text, sizeof state_text, "{\"v\":1,\"pid\":\"%s%s", pid,
                 i < BEHIND_PID ? behind_pid[i] : "\"}");
        if (i >= BEHIND_PID) { // cut, of another version, of nothing
            state_text[i == BEHIND_PID       ? strlen(state_text) - 2
                       : i == BEHIND_PID + 1 ? 5
                                             : 0] = i == BEHIND_PID + 1 ? '2' : 0;
        }
        assert_false(auction_app_ops()->on_import(house->bridges[0].app, socket, bytes_text("/"),
                                                  bytes_text(state_text), NULL));
    }
    assert_int_equal(house->bridges[0].app->viewers_count, viewers);
    assert_ptr_equal(socketio_socket_data(world->server, socket), viewer);
}

static void the_lobby_does_not_notice(void **state)
{
    struct house *house = with_both(state);
    struct sale_id demo = {.text = "demo"};
    size_t link = house_member(house, 0, "p1");
    size_t moved = house_move(house, 0, link);
    const struct sale_room *left = sale_room_find(house->bridges[0].app, &demo);
    const struct sale_room *entered = sale_room_find(house->bridges[1].app, &demo);
    assert_int_equal(attendance_count(&left->attendance), 1);
    assert_int_equal(attendance_count(&entered->attendance), 1); // at once
    house_pass(house, PRESENCE_LINGER_MS + 1000);
    left = sale_room_find(house->bridges[0].app, &demo);
    assert_true(left == NULL || attendance_count(&left->attendance) == 0);
    assert_int_equal(attendance_count(&entered->attendance), 1);
    (void)moved;
}

// ---- anything, in any order ----

struct dice {
    uint32_t state;
};

static uint32_t roll(struct dice *dice, uint32_t sides)
{
    dice->state = dice->state * 1664525 + 1013904223;
    return (dice->state >> 8) % sides;
}

enum { PLACES = 5, STEPS = 80 };

struct place {
    size_t bridge;
    size_t link;
    int64_t until; // the client has heard no more here; INT64_MAX: all that was sent
};

struct journey {
    struct house *house;
    struct dice dice;
    int64_t heard[BRIDGES]; // up to which seq each bridge has it
    struct place places[PLACES];
    size_t count;
    bool may_move; // it polls
    int next_ack;
    int lost_acks; // below that nobody heard answers that came late
    char pid[512];
    bool is_plain; // hears no offsets, and does not come back
};

static struct place *here(struct journey *journey)
{
    return &journey->places[journey->count - 1];
}

static void hear_more(struct journey *journey, size_t bridge, int64_t most)
{
    while (most-- > 0 && journey->heard[bridge] < journey->house->seq) {
        house_hear(journey->house, 1u << bridge, ++journey->heard[bridge]);
    }
}

static void move_on(struct journey *journey)
{
    const struct place *from = here(journey);
    if (journey->may_move && journey->count < PLACES) {
        size_t link = house_move(journey->house, from->bridge, from->link);
        journey->places[journey->count++] = (struct place){1 - from->bridge, link, INT64_MAX};
        journey->may_move = false;
    }
}

// What the client has heard so far.
static int64_t heard_by(const struct journey *journey)
{
    int64_t last = 1; // of its snapshot
    for (size_t i = 0; i < journey->count; i++) {
        const struct place *place = &journey->places[i];
        int64_t now = house_notices(journey->house, place->bridge, place->link, NULL);
        now = now < place->until ? now : place->until;
        last = now > last ? now : last;
    }
    return last;
}

// Comes back somewhere, while its session may well live where it was.
static void come_back(struct journey *journey)
{
    char offset[40];
    if (journey->count == PLACES || journey->is_plain) {
        return;
    }
    struct place *from = here(journey);
    from->until = heard_by(journey);
    snprintf(offset, sizeof offset, "demo:1.%lld", (long long)from->until);
    house_pass(journey->house, 10); // it takes time, by which bridges know the later one
    from->until = strtoll(offset + strlen("demo:1."), NULL, 10);
    size_t bridge = roll(&journey->dice, BRIDGES);
    size_t link = house_return(journey->house, bridge, journey->pid, "p1", offset);
    journey->places[journey->count++] = (struct place){bridge, link, INT64_MAX};
    journey->may_move = true;
    journey->lost_acks = journey->next_ack;
    hear_more(journey, bridge, HISTORY_MAX);
    house_settle(journey->house);
    assert_int_equal(house_sent(journey->house, bridge, link, journey->pid), 1);
}

static void step(struct journey *journey)
{
    struct house *house = journey->house;
    switch (roll(&journey->dice, 8)) {
    case 0:
        house_say(house, 0);
        break;
    case 1:
    case 2:
        hear_more(journey, roll(&journey->dice, BRIDGES), 1 + roll(&journey->dice, 3));
        break;
    case 3:
    case 4:
        (void)place_bid(house, here(journey)->bridge, here(journey)->link, journey->next_ack++);
        break;
    case 5:
        house_settle(house);
        break;
    case 6:
        house_pass(house, 20);
        break;
    default:
        if (roll(&journey->dice, 3) == 0) {
            move_on(journey);
        } else if (roll(&journey->dice, 3) == 0) {
            come_back(journey);
        }
        break;
    }
}

// Each event once and in order over all the places; each answer once.
static void check(struct journey *journey)
{
    struct house *house = journey->house;
    int64_t last = 1;
    for (size_t i = 0; i < journey->count; i++) {
        const struct place *place = &journey->places[i];
        int64_t first = 0;
        int64_t until = house_notices(house, place->bridge, place->link, &first);
        size_t offsets = house_sent(house, place->bridge, place->link, "},\"demo:1.");
        assert_true(journey->is_plain ? offsets == 0 : until == 0 || offsets > 0);
        until = until < place->until ? until : place->until;
        if (first != 0 && first <= until) {
            assert_int_equal(first, last + 1);
            last = until;
        }
    }
    assert_int_equal(last, house->seq);
    for (int ack = 100; ack < journey->next_ack; ack++) {
        size_t count = 0;
        for (size_t i = 0; i < journey->count; i++) {
            count += answers(house, journey->places[i].bridge, journey->places[i].link, ack);
        }
        assert_true(count == 1 || (count == 0 && ack < journey->lost_acks));
    }
}

static void run_journey(uint32_t seed)
{
    void *state;
    house_set_up(&state);
    struct house *house = with_both(&state);
    struct journey journey = {
        .house = house, .dice = {seed}, .next_ack = 100, .lost_acks = 100, .may_move = true};
    journey.heard[0] = journey.heard[1] = house->seq;
    if (seed % 2 == 0) {
        (void)house_member(house, 1, "");
    }
    journey.is_plain = seed % 3 == 0;
    size_t link =
        journey.is_plain ? house_plain_member(house, 0, "p1") : house_member(house, 0, "p1");
    if (!journey.is_plain) {
        house_pid(house, 0, link, journey.pid);
    }
    journey.places[journey.count++] = (struct place){0, link, INT64_MAX};
    for (int i = 0; i < STEPS; i++) {
        step(&journey);
    }
    house_settle(house); // the last bids make the last events
    hear_more(&journey, 0, HISTORY_MAX);
    hear_more(&journey, 1, HISTORY_MAX);
    house_pass(house, 1000);
    check(&journey);
    house_tear_down(&state);
}

static void a_thousand_journeys(void **state)
{
    (void)state;
    const char *only = getenv("SEED");
    uint32_t from = only == NULL ? 1 : (uint32_t)strtoul(only, NULL, 10);
    uint32_t until = only == NULL ? 1000 : from;
    for (uint32_t seed = from; seed <= until; seed++) {
        print_message(seed % 250 == 0 ? "seed %u\n" : "", seed);
        run_journey(seed);
    }
}

int main(void)
{
#define IN_HOUSE(test) cmocka_unit_test_setup_teardown(test, house_set_up, house_tear_down)
    const struct CMUnitTest tests[] = {
        IN_HOUSE(a_move_begins_where_the_other_bridge_was),
        IN_HOUSE(a_move_to_a_bridge_that_is_ahead_brings_what_lies_between),
        IN_HOUSE(an_answer_follows_and_waits_for_its_event),
        IN_HOUSE(an_answer_that_is_there_before_the_stream_waits_for_it),
        IN_HOUSE(an_answer_that_is_held_moves_along),
        IN_HOUSE(an_answer_whose_event_never_comes_is_not_held_for_ever),
        IN_HOUSE(a_command_that_nobody_answers_times_out_where_it_is_now),
        IN_HOUSE(it_may_command_as_soon_as_it_is_there),
        IN_HOUSE(who_has_joined_nothing_moves_too),
        IN_HOUSE(a_bridge_that_can_t_go_on_sends_a_snapshot),
        IN_HOUSE(a_bridge_that_never_hears_what_it_has_seen_sends_a_snapshot),
        IN_HOUSE(without_an_engine_it_gets_what_the_broker_keeps),
        IN_HOUSE(what_the_broker_keeps_is_not_shown_to_one_who_has_seen_more),
        IN_HOUSE(one_whose_room_waits_for_a_snapshot_gets_it_there),
        IN_HOUSE(nor_where_its_own_room_waited_for_a_snapshot),
        IN_HOUSE(a_bridge_that_knows_nothing_and_can_t_ask_lets_the_client_come_back),
        IN_HOUSE(who_leaves_before_the_stream_is_reached_has_left),
        IN_HOUSE(who_waits_for_a_join_does_not_move_yet),
        IN_HOUSE(what_is_no_viewer_is_not_taken_in),
        IN_HOUSE(the_lobby_does_not_notice),
        cmocka_unit_test(a_thousand_journeys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
