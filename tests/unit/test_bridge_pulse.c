// Whether what the broker sends is in time.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
// cmocka needs the first four above before it
#include <cmocka.h>

#include "bridge/io/pulse.h"

static int set_up(void **state)
{
    static struct pulse pulse;
    pulse = (struct pulse){.sent = 0};
    pulse_begin(&pulse, 0);
    *state = &pulse;
    return 0;
}

static void a_pulse_goes_out_each_second_and_in_time_nothing_turns(void **state)
{
    struct pulse *pulse = *state;
    int64_t now_ms = 0;
    for (uint64_t i = 1; i <= 200; i++) {
        assert_int_equal(pulse_due_ms(pulse), now_ms);
        assert_int_equal(pulse_send(pulse, now_ms), i);
        assert_int_equal(pulse_turns_ms(pulse), now_ms + 2000);
        assert_false(pulse_turns(pulse, now_ms + 300));
        pulse_take(pulse, i, now_ms + 300);
        assert_int_equal(pulse_lag_ms(pulse, now_ms + 900), 300);
        assert_int_equal(pulse_turns_ms(pulse), INT64_MAX);
        now_ms += 1000;
    }
}

static void
what_is_under_way_for_two_seconds_is_late_and_in_time_when_one_is_soon_back(void **state)
{
    struct pulse *pulse = *state;
    pulse_send(pulse, 0);
    pulse_send(pulse, 1000);
    assert_false(pulse_turns(pulse, 1999));
    assert_true(pulse_turns(pulse, 2000));
    assert_true(pulse->is_late);
    assert_false(pulse_turns(pulse, 2001));
    pulse_take(pulse, 1, 2500); // behind by 2,500 ms, and the next one by 1,500 already
    assert_false(pulse_turns(pulse, 2500));
    pulse_take(pulse, 2, 2600);
    assert_false(pulse_turns(pulse, 2600)); // 1,600 is not soon
    pulse_send(pulse, 3000);
    pulse_take(pulse, 3, 3999);
    assert_true(pulse_turns(pulse, 3999));
    assert_false(pulse->is_late);
}

static void a_process_that_stood_still_finds_itself_late_but_its_connection_alive(void **state)
{
    struct pulse *pulse = *state;
    pulse_send(pulse, 0);
    assert_true(pulse_turns(pulse, 60000));
    pulse_send(pulse, 60000);
    assert_false(pulse_is_lost(pulse));
}

static void four_in_a_row_without_any_other_word_are_a_lost_connection(void **state)
{
    struct pulse *pulse = *state;
    for (int64_t i = 0; i < 10; i++) { // late, but other messages come: a long queue
        pulse_send(pulse, i * 1000);
        pulse_hear(pulse);
    }
    assert_false(pulse_is_lost(pulse));
    for (int64_t i = 10; i < 13; i++) {
        pulse_send(pulse, i * 1000);
        assert_false(pulse_is_lost(pulse));
    }
    pulse_send(pulse, 13000);
    assert_true(pulse_is_lost(pulse));
    pulse_begin(pulse, 14000);
    assert_false(pulse_is_lost(pulse));
    assert_false(pulse->is_late);
    assert_int_equal(pulse_lag_ms(pulse, 20000), 0);
}

static void numbers_that_were_not_sent_or_came_already_say_nothing(void **state)
{
    struct pulse *pulse = *state;
    pulse_send(pulse, 0);
    pulse_take(pulse, 0, 100);
    pulse_take(pulse, 2, 100);
    pulse_take(pulse, UINT64_MAX, 100);
    assert_int_equal(pulse_lag_ms(pulse, 500), 500);
    pulse_take(pulse, 1, 500);
    pulse_take(pulse, 1, 900); // twice
    assert_int_equal(pulse_lag_ms(pulse, 1000), 500);
    pulse_send(pulse, 1000);
    pulse_begin(pulse, 1100);
    pulse_take(pulse, 2, 1200); // of the former connection
    assert_int_equal(pulse_lag_ms(pulse, 1200), 0);
    assert_int_equal(pulse_send(pulse, 1200), 3);
}

static void those_under_way_are_bounded(void **state)
{
    struct pulse *pulse = *state;
    int64_t now_ms = 0;
    for (int i = 0; i < PULSES_UNDER_WAY_MAX; i++) {
        pulse_send(pulse, now_ms);
        now_ms += 1000;
    }
    assert_int_equal(pulse_due_ms(pulse), INT64_MAX);
    assert_int_equal(pulse_lag_ms(pulse, now_ms), now_ms);
    pulse_take(pulse, PULSES_UNDER_WAY_MAX, now_ms);
    assert_int_equal(pulse_due_ms(pulse), now_ms);
    assert_int_equal(pulse_lag_ms(pulse, now_ms), 1000);
}

int main(void)
{
#define PULSE_TEST(test) cmocka_unit_test_setup(test, set_up)
    const struct CMUnitTest tests[] = {
        PULSE_TEST(a_pulse_goes_out_each_second_and_in_time_nothing_turns),
        PULSE_TEST(what_is_under_way_for_two_seconds_is_late_and_in_time_when_one_is_soon_back),
        PULSE_TEST(a_process_that_stood_still_finds_itself_late_but_its_connection_alive),
        PULSE_TEST(four_in_a_row_without_any_other_word_are_a_lost_connection),
        PULSE_TEST(numbers_that_were_not_sent_or_came_already_say_nothing),
        PULSE_TEST(those_under_way_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
