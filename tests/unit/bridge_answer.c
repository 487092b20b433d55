// The answer to a bid in a room of many: behind its event, and before the others' share of the pass.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
// cmocka needs the first four above before it
#include <cmocka.h>

#include "tests/unit/bridges_world.h"

enum { MEMBERS = 4 };

static void who_waits_for_an_answer_is_served_before_all_others_of_the_room(void **state)
{
    struct house *house = *state;
    struct world *world = house->bridges[0].world;
    house_connect(house, 0);
    size_t links[MEMBERS];
    for (size_t i = 0; i < MEMBERS; i++) {
        char id[8];
        snprintf(id, sizeof id, "p%zu", i + 1);
        links[i] = house_member(house, 0, id);
    }
    for (size_t bidder = 0; bidder < MEMBERS; bidder++) {
        char packet[120];
        snprintf(
            packet, sizeof packet,
            "427[\"place_bid\",{\"sale\":\"demo\",\"lot\":\"l1\",\"amount\":1,\"id\":\"c%zu\"}]",
            bidder);
        world_receive(world, links[bidder], packet);
        house_settle(house); // the answer is there, and held
        assert_int_equal(house_sent(house, 0, links[bidder], "437["), 0);
        memset(world->sent_to, 0, sizeof world->sent_to);
        house_hear(house, 1, house->seq);
        house_settle(house);
        assert_int_equal(strlen(world->sent_to), MEMBERS); // event and answer in one write
        assert_int_equal(world->sent_to[0], '0' + (int)links[bidder]);
        const char *sent = buffer_text(&world->links[links[bidder]].sent);
        const char *answer = strstr(sent, "437[");
        assert_non_null(answer);
        assert_true(strstr(sent, "42[\"notice\"") < answer);
        buffer_clear(&world->links[links[bidder]].sent);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            who_waits_for_an_answer_is_served_before_all_others_of_the_room, house_set_up,
            house_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
