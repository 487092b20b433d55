#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "bridge/app/event_order.h"

struct heard {
    int64_t seqs[2048];
    char names[2048][40];
    char payloads[2048][24];
    size_t count;
};

static void hear(void *owner, const struct ordered_event *event)
{
    struct heard *heard = owner;
    heard->seqs[heard->count] = event->seq;
    snprintf(heard->names[heard->count], 40, "%s", event->name);
    snprintf(heard->payloads[heard->count], 24, "%.*s", (int)event->payload.size,
             (const char *)event->payload.data);
    heard->count++;
}

struct world {
    struct heard heard;
    struct event_order order;
};

static int begin(void **state)
{
    struct world *world = calloc(1, sizeof *world);
    event_order_init(&world->order, hear, &world->heard);
    *state = world;
    return 0;
}

static int end(void **state)
{
    struct world *world = *state;
    event_order_release(&world->order);
    free(world);
    return 0;
}

static enum event_verdict take(struct world *world, int64_t seq, int64_t epoch, int64_t now_ms)
{
    char payload[24];
    snprintf(payload, sizeof payload, "%lld/%lld", (long long)seq, (long long)epoch);
    return event_order_take(
        &world->order,
        &(struct ordered_event){
            .seq = seq, .epoch = epoch, .name = "bid_update", .payload = bytes_text(payload)},
        now_ms);
}

static enum event_verdict take_ephemeral(struct world *world, int64_t seq, int64_t epoch)
{
    return event_order_take(&world->order,
                            &(struct ordered_event){.seq = seq,
                                                    .epoch = epoch,
                                                    .name = "next_lot_countdown",
                                                    .payload = bytes_text("e"),
                                                    .is_ephemeral = true},
                            0);
}

static void assert_heard(const struct world *world, const char *expected)
{
    char heard[512] = "";
    size_t size = 0;
    for (size_t i = 0; i < world->heard.count; i++) {
        size += (size_t)snprintf(heard + size, sizeof heard - size, "%s%s", i > 0 ? " " : "",
                                 world->heard.payloads[i]);
    }
    assert_string_equal(heard, expected);
}

static void events_in_order_are_delivered_at_once(void **state)
{
    struct world *world = *state;
    event_order_start(&world->order, 4, 1);
    assert_int_equal(take(world, 5, 1, 0), EVENT_DELIVERED);
    assert_int_equal(take(world, 6, 1, 0), EVENT_DELIVERED);
    assert_heard(world, "5/1 6/1");
}

static void events_that_overtook_each_other_are_put_in_order_without_a_replay(void **state)
{
    struct world *world = *state;
    event_order_start(&world->order, 4, 1);
    assert_int_equal(take(world, 7, 1, 100), EVENT_HELD);
    assert_int_equal(take(world, 6, 1, 110), EVENT_HELD);
    assert_false(event_order_begins_replay(&world->order, 299));
    assert_int_equal(take(world, 5, 1, 150), EVENT_DELIVERED);
    assert_heard(world, "5/1 6/1 7/1");
    assert_int_equal(event_order_deadline_ms(&world->order), INT64_MAX);
    assert_false(event_order_begins_replay(&world->order, 10000));
}

static void f12_an_event_that_was_delivered_is_dropped_when_it_comes_again(void **state)
{
    struct world *world = *state;
    event_order_start(&world->order, 4, 1);
    assert_int_equal(take(world, 4, 1, 0), EVENT_DUPLICATE);
    assert_int_equal(take(world, 5, 1, 0), EVENT_DELIVERED);
    assert_int_equal(take(world, 5, 1, 0), EVENT_DUPLICATE);
    assert_int_equal(take(world, 7, 1, 0), EVENT_HELD);
    assert_int_equal(take(world, 7, 1, 0), EVENT_DUPLICATE);
    assert_heard(world, "5/1");
}

static void a_gap_is_held_for_200_ms_and_then_replayed_once(void **state)
{
    struct world *world = *state;
    event_order_start(&world->order, 4, 1);
    take(world, 8, 1, 1000);
    assert_int_equal(event_order_deadline_ms(&world->order), 1200);
    assert_false(event_order_begins_replay(&world->order, 1199));
    assert_true(event_order_begins_replay(&world->order, 1200));
    assert_false(event_order_begins_replay(&world->order, 1300));
    take(world, 5, 1, 1310);
    take(world, 6, 1, 1310);
    take(world, 7, 1, 1310);
    event_order_end_replay(&world->order, false, 1310);
    assert_heard(world, "5/1 6/1 7/1 8/1");
    assert_int_equal(event_order_deadline_ms(&world->order), INT64_MAX);
}

static void a_replay_goes_on_page_by_page(void **state)
{
    struct world *world = *state;
    event_order_start(&world->order, 0, 1);
    take(world, 4, 1, 0);
    assert_true(event_order_begins_replay(&world->order, 200));
    take(world, 1, 1, 210);
    event_order_end_replay(&world->order, true, 210);
    assert_true(event_order_begins_replay(&world->order, 210));
    take(world, 2, 1, 220);
    take(world, 3, 1, 220);
    event_order_end_replay(&world->order, false, 220);
    assert_heard(world, "1/1 2/1 3/1 4/1");
}

static void a_tick_with_a_higher_seq_reveals_that_the_last_event_was_lost(void **state)
{
    struct world *world = *state;
    event_order_start(&world->order, 4, 1);
    assert_int_equal(event_order_reveal(&world->order, 5, 1, 50), EVENT_HELD);
    assert_true(event_order_begins_replay(&world->order, 250));
    take(world, 5, 1, 260);
    event_order_end_replay(&world->order, false, 260);
    assert_heard(world, "5/1");
    assert_int_equal(event_order_reveal(&world->order, 5, 1, 270), EVENT_DUPLICATE);
    assert_int_equal(event_order_deadline_ms(&world->order), INT64_MAX);
}

static void an_event_of_an_ended_epoch_is_dropped_only_from_the_first_seq_of_the_next(void **state)
{
    struct world *world = *state;
    event_order_start(&world->order, 4, 1);
    take(world, 6, 2, 0); // epoch 2 begins at 6; 5 of epoch 1 is still wanted
    assert_int_equal(take(world, 5, 1, 0), EVENT_DELIVERED);
    assert_heard(world, "5/1 6/2");
    assert_int_equal(take(world, 7, 1, 0), EVENT_STALE);
    assert_int_equal(take(world, 7, 2, 0), EVENT_DELIVERED);
    assert_heard(world, "5/1 6/2 7/2");
}

static void of_two_held_events_of_one_seq_that_of_the_newer_epoch_is_delivered(void **state)
{
    struct world *world = *state;
    event_order_start(&world->order, 4, 1);
    take(world, 6, 1, 0);
    take(world, 6, 2, 0);
    assert_int_equal(take(world, 6, 1, 0), EVENT_DUPLICATE);
    take(world, 5, 1, 0);
    assert_heard(world, "5/1 6/2");
}

static void a_newer_epoch_that_counts_from_an_older_seq_is_told(void **state)
{
    struct world *world = *state;
    event_order_start(&world->order, 80, 8);
    assert_int_equal(take(world, 51, 9, 0), EVENT_REWOUND);
    assert_int_equal(event_order_reveal(&world->order, 60, 9, 0), EVENT_REWOUND);
    event_order_freeze(&world->order);
    assert_int_equal(take(world, 53, 9, 0), EVENT_HELD);
    event_order_start(&world->order, 52, 9);
    event_order_drain(&world->order, 0);
    assert_heard(world, "53/9");
}

static void what_a_snapshot_covers_is_forgotten_and_what_follows_is_delivered(void **state)
{
    struct world *world = *state;
    take(world, 9, 1, 0);
    take(world, 10, 1, 0);
    take(world, 12, 1, 0);
    take(world, 11, 1, 0);
    assert_heard(world, "");
    event_order_start(&world->order, 10, 1);
    assert_heard(world, "");
    event_order_drain(&world->order, 0);
    assert_heard(world, "11/1 12/1");
}

static void frozen_events_wait_for_the_snapshot(void **state)
{
    struct world *world = *state;
    event_order_start(&world->order, 1, 1);
    take(world, 2, 1, 0);
    event_order_freeze(&world->order);
    assert_int_equal(take(world, 3, 1, 0), EVENT_HELD);
    assert_int_equal(event_order_deadline_ms(&world->order), INT64_MAX);
    event_order_start(&world->order, 2, 1);
    event_order_drain(&world->order, 0);
    assert_heard(world, "2/1 3/1");
}

static void an_ephemeral_event_is_never_waited_for_and_never_comes_late(void **state)
{
    struct world *world = *state;
    event_order_start(&world->order, 4, 1);
    assert_int_equal(take_ephemeral(world, 4, 1), EVENT_DELIVERED);
    assert_int_equal(take_ephemeral(world, 3, 1), EVENT_STALE);
    assert_int_equal(take_ephemeral(world, 5, 1), EVENT_HELD);
    take(world, 5, 1, 0);
    assert_heard(world, "e 5/1 e");
    assert_int_equal(world->order.held_count, 0);
}

static void a_full_store_drops_and_the_gap_that_this_leaves_is_replayed(void **state)
{
    struct world *world = *state;
    event_order_start(&world->order, 0, 1);
    for (int64_t seq = 2; seq <= HELD_EVENTS_MAX + 1; seq++) {
        assert_int_equal(take(world, seq, 1, 0), EVENT_HELD);
    }
    assert_int_equal(take(world, HELD_EVENTS_MAX + 2, 1, 0), EVENT_DROPPED);
    take(world, 1, 1, 0);
    assert_int_equal(world->heard.count, HELD_EVENTS_MAX + 1);
    assert_true(event_order_begins_replay(&world->order, 10000));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(events_in_order_are_delivered_at_once),
        TEST(events_that_overtook_each_other_are_put_in_order_without_a_replay),
        TEST(f12_an_event_that_was_delivered_is_dropped_when_it_comes_again),
        TEST(a_gap_is_held_for_200_ms_and_then_replayed_once),
        TEST(a_replay_goes_on_page_by_page),
        TEST(a_tick_with_a_higher_seq_reveals_that_the_last_event_was_lost),
        TEST(an_event_of_an_ended_epoch_is_dropped_only_from_the_first_seq_of_the_next),
        TEST(of_two_held_events_of_one_seq_that_of_the_newer_epoch_is_delivered),
        TEST(a_newer_epoch_that_counts_from_an_older_seq_is_told),
        TEST(what_a_snapshot_covers_is_forgotten_and_what_follows_is_delivered),
        TEST(frozen_events_wait_for_the_snapshot),
        TEST(an_ephemeral_event_is_never_waited_for_and_never_comes_late),
        TEST(a_full_store_drops_and_the_gap_that_this_leaves_is_replayed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
