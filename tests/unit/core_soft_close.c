// Soft close, closing grace and fair warnings (rules 3, Closing; design 7).
#include "flow_room.h"

static struct sale_definition definition_of(struct soft_close soft_close)
{
    struct sale_definition definition = room_definition();
    definition.rules.unsold_rounds = 0;
    definition.rules.lot.soft_close = soft_close;
    return definition;
}

static void open_lot(struct room *room, const struct sale_definition *definition)
{
    flow_open(room, definition, 1, 4);
    room_wait(room, 3000);
}

static int64_t left_ms(const struct room *room, int64_t lot_index)
{
    return room_lot_at(room, lot_index)->ends_at_ms - room->now_ms;
}

static void reset_moves_the_end_to_now_and_the_amount_and_never_shortens(void **state)
{
    (void)state;
    struct room room;
    struct sale_definition definition =
        definition_of((struct soft_close){.window_ms = 10000, .amount_ms = 6000});
    open_lot(&room, &definition);
    room_wait(&room, 19999); // 10,001 ms are left: outside of the window
    expect_code(room_bid(&room, 1, "l1", 100), ERROR_NONE);
    assert_int_equal(left_ms(&room, 0), 10001);
    room_wait(&room, 1);
    expect_code(room_bid(&room, 2, "l1", 200), ERROR_NONE);
    expect_facts(&room, EVENT_BID_ACCEPTED); // in the window, but the end lies later than now + 6 s
    assert_int_equal(left_ms(&room, 0), 10000);
    room_wait(&room, 6000);
    expect_code(room_bid(&room, 1, "l1", 300), ERROR_NONE);
    expect_facts(&room, EVENT_BID_ACCEPTED, EVENT_LOT_EXTENDED);
    assert_int_equal(left_ms(&room, 0), 6000);
    assert_int_equal(room.decision.events[1].as.lot_extended.extended_ms, 2000);
    assert_int_equal(room_lot_at(&room, 0)->extensions, 1);
    room_close(&room);
}

static void add_moves_the_end_by_the_amount_each_time(void **state)
{
    (void)state;
    struct room room;
    struct sale_definition definition = definition_of(
        (struct soft_close){.window_ms = 10000, .amount_ms = 6000, .type = SOFT_CLOSE_ADD});
    open_lot(&room, &definition);
    room_wait(&room, 21000);
    expect_code(room_bid(&room, 1, "l1", 100), ERROR_NONE);
    assert_int_equal(left_ms(&room, 0), 15000);
    room_wait(&room, 5000);
    expect_code(room_bid(&room, 2, "l1", 200), ERROR_NONE);
    assert_int_equal(left_ms(&room, 0), 16000);
    room_close(&room);
}

// "Low bids that were refused still extended the clock: endless stalling."
static void a_refused_bid_never_extends(void **state)
{
    (void)state;
    struct room room;
    struct sale_definition definition =
        definition_of((struct soft_close){.window_ms = 10000, .amount_ms = 10000});
    open_lot(&room, &definition);
    expect_code(room_bid(&room, 1, "l1", 100), ERROR_NONE);
    room_wait(&room, 29000);
    expect_code(room_bid(&room, 2, "l1", 100), ERROR_BELOW_ASK);
    expect_code(room_bid(&room, 1, "l1", 300), ERROR_ALREADY_LEADING);
    expect_code(room_bid(&room, 2, "l1", 0), ERROR_BAD_AMOUNT);
    assert_int_equal(left_ms(&room, 0), 1000);
    room_close(&room);
}

static void the_count_and_the_latest_end_cap_extensions(void **state)
{
    (void)state;
    struct room room;
    struct sale_definition definition = definition_of(
        (struct soft_close){.window_ms = 10000, .amount_ms = 10000, .max_extensions = 2});
    open_lot(&room, &definition);
    for (int64_t i = 0; i < 3; i++) {
        room_wait(&room, left_ms(&room, 0) - 1000);
        expect_code(room_bid(&room, 1 + i % 2, "l1", 100 + 100 * i), ERROR_NONE);
        assert_int_equal(left_ms(&room, 0), i < 2 ? 10000 : 1000);
    }
    room_close(&room);

    definition = definition_of(
        (struct soft_close){.window_ms = 10000, .amount_ms = 10000, .latest_ms = 12000});
    open_lot(&room, &definition);
    int64_t first_ends_at_ms = room_lot_at(&room, 0)->ends_at_ms;
    static const int64_t expected_ms[] = {10000, 4000, 1000};
    for (int64_t i = 0; i < 3; i++) {
        room_wait(&room, left_ms(&room, 0) - 1000);
        expect_code(room_bid(&room, 1 + i % 2, "l1", 100 + 100 * i), ERROR_NONE);
        assert_int_equal(left_ms(&room, 0), expected_ms[i]);
    }
    assert_true(room_lot_at(&room, 0)->ends_at_ms == first_ends_at_ms + 12000);
    room_close(&room);
}

static void each_extension_is_shorter_by_the_shrink(void **state)
{
    (void)state;
    struct room room;
    struct sale_definition definition = definition_of(
        (struct soft_close){.window_ms = 10000, .amount_ms = 10000, .shrink_percent = 50});
    open_lot(&room, &definition);
    static const int64_t expected_ms[] = {10000, 5000, 2500, 1250, 1000, 1000};
    for (int64_t i = 0; i < 6; i++) { // 625 ms would not be later than the second that is left
        room_wait(&room, left_ms(&room, 0) - 1000);
        expect_code(room_bid(&room, 1 + i % 2, "l1", 100 + 100 * i), ERROR_NONE);
        assert_int_equal(left_ms(&room, 0), expected_ms[i]);
    }
    room_close(&room);
}

// Lots of the categories a, a, b, a, which end at 30, 32, 34 and 36 s; a bid on the second.
static void bid_on_the_second_of_four(struct room *room, struct soft_close soft_close)
{
    struct sale_definition definition = definition_of(soft_close);
    definition.rules.flow = FLOW_PARALLEL;
    definition.rules.stagger_ms = 2000;
    struct lot_definition lots[] = {room_lot(100), room_lot(100), room_lot(100), room_lot(100)};
    for (size_t i = 0; i < 4; i++) {
        lots[i].category = bytes_text(i == 2 ? "b" : "a");
    }
    room_open(room, &definition, lots, 4);
    room_join(room, 2);
    expect_code(room_staff(room, SALE_OP_BEGIN), ERROR_NONE);
    room_wait(room, 29000);
    expect_code(room_bid(room, 1, "l2", 100), ERROR_NONE);
    expect_facts(room, EVENT_BID_ACCEPTED, EVENT_LOT_EXTENDED);
}

static void expect_left(const struct room *room, const int64_t expected_ms[4])
{
    for (int64_t i = 0; i < 4; i++) {
        assert_int_equal(left_ms(room, i), expected_ms[i]);
    }
}

static void the_scope_lot_moves_no_other(void **state)
{
    (void)state;
    struct room room;
    bid_on_the_second_of_four(&room, (struct soft_close){.window_ms = 10000, .amount_ms = 8000});
    expect_left(&room, (int64_t[]){1000, 8000, 5000, 7000});
    assert_int_equal(room.sale->lot_index, 0);
    room_wait(&room, 1000 + 5000); // l3 now ends before l2
    assert_int_equal(room_lot_at(&room, 2)->phase, LOT_UNSOLD);
    assert_int_equal(room_lot_at(&room, 1)->phase, LOT_OPEN);
    room_close(&room);
}

static void cascade_keeps_the_distances_of_those_that_close_after_it(void **state)
{
    (void)state;
    struct room room;
    struct soft_close soft_close = {
        .window_ms = 10000, .amount_ms = 8000, .scope = SOFT_CLOSE_CASCADE};
    bid_on_the_second_of_four(&room, soft_close); // by 5 s
    expect_left(&room, (int64_t[]){1000, 8000, 10000, 12000});
    room_close(&room);
}

static void group_moves_its_category_and_all_moves_all(void **state)
{
    (void)state;
    struct room room;
    struct soft_close soft_close = {
        .window_ms = 10000, .amount_ms = 8000, .scope = SOFT_CLOSE_GROUP};
    bid_on_the_second_of_four(&room, soft_close);
    expect_left(&room, (int64_t[]){8000, 8000, 5000, 8000});
    room_close(&room);
    soft_close.scope = SOFT_CLOSE_ALL;
    bid_on_the_second_of_four(&room, soft_close);
    expect_left(&room, (int64_t[]){8000, 8000, 8000, 8000});
    room_close(&room);
    soft_close.type = SOFT_CLOSE_ADD;
    bid_on_the_second_of_four(&room, soft_close);
    expect_left(&room, (int64_t[]){9000, 11000, 13000, 15000});
    room_close(&room);
    soft_close.scope = SOFT_CLOSE_GROUP;
    bid_on_the_second_of_four(&room, soft_close);
    expect_left(&room, (int64_t[]){9000, 11000, 5000, 15000});
    room_close(&room);
}

static void no_scope_shortens_a_lot_or_leads_beyond_its_cap(void **state)
{
    (void)state;
    struct room room;
    struct soft_close soft_close = {
        .window_ms = 10000, .amount_ms = 6000, .scope = SOFT_CLOSE_ALL, .latest_ms = 4000};
    bid_on_the_second_of_four(&room, soft_close);
    expect_left(&room, (int64_t[]){5000, 6000, 6000, 7000});
    room_close(&room);
}

static void more_time_is_no_extension_of_the_soft_close(void **state)
{
    (void)state;
    struct room room;
    struct sale_definition definition = definition_of(
        (struct soft_close){.window_ms = 10000, .amount_ms = 10000, .max_extensions = 1});
    open_lot(&room, &definition);
    expect_code(flow_add_time(&room, "l1", 15000), ERROR_NONE);
    expect_facts(&room, EVENT_LOT_EXTENDED);
    assert_int_equal(left_ms(&room, 0), 45000);
    assert_int_equal(room_lot_at(&room, 0)->extensions, 0);
    room_wait(&room, 44000);
    expect_code(room_bid(&room, 1, "l1", 100), ERROR_NONE);
    assert_int_equal(left_ms(&room, 0), 10000);
    expect_code(flow_add_time(&room, "l1", 0), ERROR_BAD_REQUEST);
    expect_code(flow_add_time(&room, "l1", -1), ERROR_BAD_REQUEST);
    expect_code(flow_add_time(&room, "l1", DURATION_MS_MAX + 1), ERROR_BAD_REQUEST);
    expect_code(flow_add_time(&room, "nope", 1000), ERROR_NOT_FOUND);
    room.now_ms = room_lot_at(&room, 0)->ends_at_ms;
    expect_code(flow_add_time(&room, "l1", 1000), ERROR_LOT_CLOSED);
    room_close(&room);
}

// ---- closing grace ----

static struct sale_definition grace_definition(int64_t window_ms)
{
    struct sale_definition definition =
        definition_of((struct soft_close){.window_ms = window_ms, .amount_ms = 5000});
    definition.rules.lot.closing_grace_ms = 400;
    return definition;
}

static void the_hammer_falls_after_the_grace(void **state)
{
    (void)state;
    struct room room;
    struct sale_definition definition = grace_definition(0);
    open_lot(&room, &definition);
    int64_t ends_at_ms = room_lot_at(&room, 0)->ends_at_ms;
    expect_code(room_bid(&room, 1, "l1", 100), ERROR_NONE);
    room_wait(&room, 30000);
    expect_facts(&room, EVENT_LOT_CLOSING);
    assert_true(room.decision.events[0].as.lot_closing.hammer_at_ms == ends_at_ms + 400);
    assert_int_equal(room_lot_at(&room, 0)->phase, LOT_CLOSING);
    room_wait(&room, 399);
    assert_int_equal(room_lot_at(&room, 0)->phase, LOT_CLOSING);
    room_wait(&room, 1);
    expect_facts(&room, EVENT_LOT_SOLD, EVENT_SALE_COMPLETED);
    room_close(&room);
}

static void a_bid_stamped_before_the_end_counts_and_one_at_the_end_does_not(void **state)
{
    (void)state;
    struct room room;
    struct sale_definition definition = grace_definition(0);
    open_lot(&room, &definition);
    int64_t ends_at_ms = room_lot_at(&room, 0)->ends_at_ms;
    room_wait(&room, 30300);
    expect_code(room_bid(&room, 1, "l1", 100), ERROR_LOT_CLOSED);
    expect_code(flow_stamped_bid(&room, 1, "l1", 100, ends_at_ms), ERROR_LOT_CLOSED);
    expect_code(flow_stamped_bid(&room, 1, "l1", 100, ends_at_ms - 1), ERROR_NONE);
    expect_facts(&room, EVENT_BID_ACCEPTED);
    assert_int_equal(room_lot_at(&room, 0)->phase, LOT_CLOSING); // no soft close: the hammer stays
    room_wait(&room, 100);
    expect_facts(&room, EVENT_LOT_SOLD, EVENT_SALE_COMPLETED);
    room_close(&room);
}

static void such_a_bid_inside_the_window_opens_the_lot_again(void **state)
{
    (void)state;
    struct room room;
    struct sale_definition definition = grace_definition(10000);
    open_lot(&room, &definition);
    int64_t ends_at_ms = room_lot_at(&room, 0)->ends_at_ms;
    room_wait(&room, 30200);
    expect_code(flow_stamped_bid(&room, 1, "l1", 100, ends_at_ms - 50), ERROR_NONE);
    expect_facts(&room, EVENT_BID_ACCEPTED, EVENT_LOT_EXTENDED);
    assert_int_equal(room_lot_at(&room, 0)->phase, LOT_OPEN);
    assert_int_equal(left_ms(&room, 0), 5000);
    expect_code(room_bid(&room, 2, "l1", 200), ERROR_NONE);
    room_wait(&room, 5000);
    expect_facts(&room, EVENT_LOT_CLOSING);
    room_wait(&room, 400);
    assert_int_equal(room.sale->sold_count, 1);
    room_close(&room);
}

static void a_pause_in_the_grace_keeps_it_and_lets_no_later_bid_in(void **state)
{
    (void)state;
    struct room room;
    struct sale_definition definition = grace_definition(10000);
    open_lot(&room, &definition);
    int64_t ends_at_ms = room_lot_at(&room, 0)->ends_at_ms;
    room_wait(&room, 30100);
    expect_code(room_staff(&room, SALE_OP_PAUSE), ERROR_NONE);
    assert_int_equal(room.sale->paused_remaining_ms, 300);
    room_wait(&room, 60000);
    expect_code(room_staff(&room, SALE_OP_RESUME), ERROR_NONE);
    assert_true(sale_next_deadline(room.sale) == room.now_ms + 300);
    expect_code(flow_stamped_bid(&room, 1, "l1", 100, room.now_ms - 1), ERROR_LOT_CLOSED);
    expect_code(flow_stamped_bid(&room, 1, "l1", 100, ends_at_ms - 1), ERROR_LOT_CLOSED);
    room_wait(&room, 300);
    assert_int_equal(room.sale->phase, SALE_COMPLETE);
    room_close(&room);
}

static void an_outage_in_the_grace_hammers_nothing_until_it_has_passed(void **state)
{
    (void)state;
    struct room room;
    struct sale_definition definition = grace_definition(10000);
    open_lot(&room, &definition);
    room_wait(&room, 30100);
    int64_t alive_ms = room.now_ms;
    room.now_ms += 60000;
    room_engine_start(&room, alive_ms);
    assert_int_equal(room_lot_at(&room, 0)->phase, LOT_CLOSING);
    assert_true(sale_next_deadline(room.sale) == room.now_ms + 300);
    room_close(&room);
}

// ---- fair warnings ----

static void warnings_come_before_the_end_and_a_bid_takes_them_back(void **state)
{
    (void)state;
    struct room room;
    struct sale_definition definition =
        definition_of((struct soft_close){.window_ms = 10000, .amount_ms = 10000});
    definition.rules.lot.warning_ms[0] = 6000;
    definition.rules.lot.warning_ms[1] = 3000;
    open_lot(&room, &definition);
    room_wait(&room, 23999);
    assert_int_equal(room_lot_at(&room, 0)->warned, 0);
    room_wait(&room, 1);
    expect_facts(&room, EVENT_LOT_WARNED);
    assert_int_equal(room.decision.events[0].as.lot_warned.stage, 1);
    room_wait(&room, 3000);
    assert_int_equal(room_lot_at(&room, 0)->warned, 2);
    room_wait(&room, 1000);
    expect_code(room_bid(&room, 1, "l1", 100), ERROR_NONE);
    assert_int_equal(room_lot_at(&room, 0)->warned, 0);
    room_wait(&room, 4000);
    assert_int_equal(room_lot_at(&room, 0)->warned, 1);
    room_wait(&room, 6000);
    expect_facts(&room, EVENT_LOT_SOLD, EVENT_SALE_COMPLETED);
    room_close(&room);
}

static void a_warning_whose_moment_lies_before_the_last_bid_does_not_come_again(void **state)
{
    (void)state;
    struct room room;
    struct sale_definition definition = definition_of((struct soft_close){0});
    definition.rules.lot.warning_ms[0] = 6000;
    definition.rules.lot.warning_ms[1] = 3000;
    open_lot(&room, &definition);
    room_wait(&room, 26000);
    expect_code(room_bid(&room, 1, "l1", 100), ERROR_NONE);
    assert_int_equal(room_lot_at(&room, 0)->warned, 0);
    room_wait(&room, 1000);
    expect_facts(&room, EVENT_LOT_WARNED);
    assert_int_equal(room.decision.events[0].as.lot_warned.stage, 2);
    room_close(&room);
}

static void a_late_engine_hammers_and_does_not_warn(void **state)
{
    (void)state;
    struct room room;
    struct sale_definition definition = definition_of((struct soft_close){0});
    definition.rules.lot.warning_ms[0] = 6000;
    open_lot(&room, &definition);
    room.now_ms += 31000;
    room_wait(&room, 0);
    expect_facts(&room, EVENT_LOT_UNSOLD, EVENT_SALE_COMPLETED);
    room_close(&room);
}

static void a_pause_moves_the_warnings_with_the_end(void **state)
{
    (void)state;
    struct room room;
    struct sale_definition definition = definition_of((struct soft_close){0});
    definition.rules.lot.warning_ms[0] = 6000;
    definition.rules.lot.warning_ms[1] = 3000;
    open_lot(&room, &definition);
    room_wait(&room, 25000);
    expect_code(room_staff(&room, SALE_OP_PAUSE), ERROR_NONE);
    assert_int_equal(room.sale->paused_remaining_ms, 5000); // the end, not the warning
    room_wait(&room, 60000);
    expect_code(room_staff(&room, SALE_OP_RESUME), ERROR_NONE);
    assert_int_equal(room_lot_at(&room, 0)->warned, 1);
    assert_true(sale_next_deadline(room.sale) == room.now_ms + 2000);
    room_wait(&room, 2000);
    assert_int_equal(room_lot_at(&room, 0)->warned, 2);
    room_close(&room);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reset_moves_the_end_to_now_and_the_amount_and_never_shortens),
        cmocka_unit_test(add_moves_the_end_by_the_amount_each_time),
        cmocka_unit_test(a_refused_bid_never_extends),
        cmocka_unit_test(the_count_and_the_latest_end_cap_extensions),
        cmocka_unit_test(each_extension_is_shorter_by_the_shrink),
        cmocka_unit_test(the_scope_lot_moves_no_other),
        cmocka_unit_test(cascade_keeps_the_distances_of_those_that_close_after_it),
        cmocka_unit_test(group_moves_its_category_and_all_moves_all),
        cmocka_unit_test(no_scope_shortens_a_lot_or_leads_beyond_its_cap),
        cmocka_unit_test(more_time_is_no_extension_of_the_soft_close),
        cmocka_unit_test(the_hammer_falls_after_the_grace),
        cmocka_unit_test(a_bid_stamped_before_the_end_counts_and_one_at_the_end_does_not),
        cmocka_unit_test(such_a_bid_inside_the_window_opens_the_lot_again),
        cmocka_unit_test(a_pause_in_the_grace_keeps_it_and_lets_no_later_bid_in),
        cmocka_unit_test(an_outage_in_the_grace_hammers_nothing_until_it_has_passed),
        cmocka_unit_test(warnings_come_before_the_end_and_a_bid_takes_them_back),
        cmocka_unit_test(a_warning_whose_moment_lies_before_the_last_bid_does_not_come_again),
        cmocka_unit_test(a_late_engine_hammers_and_does_not_warn),
        cmocka_unit_test(a_pause_moves_the_warnings_with_the_end),
    };
    return cmocka_run_group_tests_name("soft_close", tests, NULL, NULL);
}
