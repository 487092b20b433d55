// Several bridges: by which names they are reached, and how one of them leaves.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
// cmocka needs the first four above before it
#include <cmocka.h>

#include "bridge/app/presence_board.h"
#include "bridge/io/drain_pace.h"

// ---- names ----

static char deaths[64];

static void note_death(void *context, const char *relay)
{
    (void)context;
    size_t size = strlen(deaths);
    snprintf(deaths + size, sizeof deaths - size, "%s ", relay);
}

static int set_up(void **state)
{
    static struct presence_board board;
    presence_board_init(&board, note_death, NULL);
    deaths[0] = 0;
    *state = &board;
    return 0;
}

static int tear_down(void **state)
{
    presence_board_release(*state);
    return 0;
}

static void beat(struct presence_board *board, const char *node, const char *relay,
                 int64_t since_ms, int64_t life_ms, int64_t now_ms)
{
    struct bridge_beat beat = {.relay = relay, .since_ms = since_ms, .life_ms = life_ms};
    snprintf(beat.node.text, sizeof beat.node.text, "%s", node);
    (void)presence_board_beat(board, &beat, now_ms);
}

static void a_bridge_is_reached_while_it_lives(void **state)
{
    struct presence_board *board = *state;
    assert_false(presence_board_reaches(board, "AAAA"));
    assert_false(presence_board_reaches(board, ""));
    beat(board, "bridge-a", "AAAA", 1, 30000, 0);
    beat(board, "bridge-b", "", 1, 30000, 0); // of a version that cannot be reached
    assert_true(presence_board_reaches(board, "AAAA"));
    assert_false(presence_board_reaches(board, ""));
    beat(board, "bridge-a", "AAAA", 1, 0, 10);
    assert_false(presence_board_reaches(board, "AAAA"));
    assert_string_equal(deaths, "AAAA ");
    (void)presence_board_expire(board, 30000);
    assert_string_equal(deaths, "AAAA "); // nobody was reached by what was silent
}

static void a_silent_bridge_dies_at_its_time(void **state)
{
    struct presence_board *board = *state;
    beat(board, "bridge-a", "AAAA", 1, 30000, 0);
    assert_false(presence_board_expire(board, 29999));
    assert_true(presence_board_reaches(board, "AAAA"));
    assert_true(presence_board_expire(board, 30000));
    assert_string_equal(deaths, "AAAA ");
}

static void a_restart_under_one_name_is_a_death_of_the_former(void **state)
{
    struct presence_board *board = *state;
    beat(board, "bridge-a", "AAAA", 1, 30000, 0);
    beat(board, "bridge-a", "BBBB", 2, 30000, 10);
    assert_string_equal(deaths, "AAAA ");
    assert_false(presence_board_reaches(board, "AAAA"));
    assert_true(presence_board_reaches(board, "BBBB"));
}

static void a_bridge_that_took_another_name_is_reached_by_both(void **state)
{
    struct presence_board *board = *state;
    beat(board, "bridge-a", "AAAA", 1, 30000, 0);
    beat(board, "bridge-a", "BBBB", 1, 30000, 10);
    beat(board, "bridge-a", "BBBB", 1, 30000, 20);
    assert_string_equal(deaths, "");
    assert_true(presence_board_reaches(board, "AAAA"));
    assert_true(presence_board_reaches(board, "BBBB"));
    beat(board, "bridge-a", "BBBB", 1, 0, 30);
    assert_string_equal(deaths, "BBBB AAAA ");
}

static void after_a_lost_broker_all_have_time_to_be_heard_again(void **state)
{
    struct presence_board *board = *state;
    beat(board, "bridge-a", "AAAA", 1, 30000, 0);
    beat(board, "bridge-b", "BBBB", 1, 300000, 0);
    presence_board_excuse(board, 10000, 100000); // back after 100 s
    assert_false(presence_board_expire(board, 109999));
    assert_true(presence_board_expire(board, 110000));
    assert_string_equal(deaths, "AAAA ");
    assert_true(presence_board_reaches(board, "BBBB")); // was good for longer anyway
}

// ---- the timetable of a stop ----

static void nobody_leaves_while_load_balancers_notice(void **state)
{
    (void)state;
    struct drain_pace pace = drain_pace_begin(10000, 500);
    drain_pace_count(&pace, 70);
    assert_true(drain_pace_is_leading(&pace, 2499));
    assert_int_equal(drain_pace_next_ms(&pace, 600), 2500);
    assert_false(drain_pace_is_leading(&pace, 2500));
    assert_int_equal(drain_pace_keep(&pace, 2500), 70);
}

static void sessions_leave_evenly_and_the_last_ones_have_time(void **state)
{
    (void)state;
    struct drain_pace pace = drain_pace_begin(10000, 0);
    drain_pace_count(&pace, 7000); // 2,000 to 9,000: one in each ms
    assert_int_equal(drain_pace_keep(&pace, 2100), 6900);
    assert_int_equal(drain_pace_keep(&pace, 5500), 3500);
    assert_int_equal(drain_pace_keep(&pace, 8999), 1);
    assert_int_equal(drain_pace_keep(&pace, 9000), 0);
    assert_false(drain_pace_is_over(&pace, 9999));
    assert_true(drain_pace_is_over(&pace, 10000));
    assert_int_equal(drain_pace_next_ms(&pace, 5000), 5050);
    assert_int_equal(drain_pace_next_ms(&pace, 9990), 10000);
}

static void a_few_sessions_do_not_take_the_whole_window(void **state)
{
    (void)state;
    struct drain_pace pace = drain_pace_begin(10000, 0);
    drain_pace_count(&pace, 10);
    assert_int_equal(drain_pace_keep(&pace, 2100), 5);
    assert_int_equal(drain_pace_keep(&pace, 2200), 0);
    drain_pace_count(&pace, 0);
    assert_int_equal(drain_pace_keep(&pace, 2000), 0);
    assert_false(drain_pace_is_over(&pace, 9999)); // for those who wait for an answer
}

static void a_window_of_any_size_ends(void **state)
{
    (void)state;
    for (int64_t window_ms = 1; window_ms < 3000; window_ms++) {
        struct drain_pace pace = drain_pace_begin(window_ms, 0);
        drain_pace_count(&pace, 1000000);
        int64_t now_ms = 0;
        size_t before = SIZE_MAX;
        while (!drain_pace_is_over(&pace, now_ms)) {
            int64_t next_ms = drain_pace_next_ms(&pace, now_ms);
            assert_true(next_ms > now_ms);
            assert_true(drain_pace_keep(&pace, now_ms) <= before);
            before = drain_pace_keep(&pace, now_ms);
            now_ms = next_ms;
        }
        assert_int_equal(now_ms, window_ms);
        assert_int_equal(drain_pace_keep(&pace, now_ms), 0);
    }
}

int main(void)
{
#define BOARD_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        BOARD_TEST(a_bridge_is_reached_while_it_lives),
        BOARD_TEST(a_silent_bridge_dies_at_its_time),
        BOARD_TEST(a_restart_under_one_name_is_a_death_of_the_former),
        BOARD_TEST(a_bridge_that_took_another_name_is_reached_by_both),
        BOARD_TEST(after_a_lost_broker_all_have_time_to_be_heard_again),
        cmocka_unit_test(nobody_leaves_while_load_balancers_notice),
        cmocka_unit_test(sessions_leave_evenly_and_the_last_ones_have_time),
        cmocka_unit_test(a_few_sessions_do_not_take_the_whole_window),
        cmocka_unit_test(a_window_of_any_size_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
