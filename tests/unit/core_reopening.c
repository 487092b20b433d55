// A sold lot opened again (rules 2).
#include "flow_room.h"

static void open_sold(struct room *room, size_t lots_count)
{
    room_open_simple(room, lots_count, 3);
    expect_code(room_bid(room, 1, "l1", 100), ERROR_NONE);
    expect_code(room_bid(room, 2, "l1", 300), ERROR_NONE);
    expect_code(room_next(room, "l1"), ERROR_NONE);
    assert_int_equal(room_bidder(room, 2)->spent_minor, 300);
}

static void in_the_gap_the_winner_is_refunded_and_leads_again_at_his_price(void **state)
{
    (void)state;
    struct room room;
    open_sold(&room, 2);
    room_wait(&room, 1000);
    expect_code(flow_lot(&room, SALE_OP_REOPEN, "l1"), ERROR_NONE);
    expect_facts(&room, EVENT_LOT_REOPENED);
    assert_int_equal(room.decision.events[0].as.lot_reopened.returned_lot_index, -1);
    const struct lot *lot = room_lot_at(&room, 0);
    assert_int_equal(lot->phase, LOT_OPEN);
    assert_int_equal(lot->price_minor, 300);
    assert_int_equal(lot->leader_index, 1);
    assert_true(lot->ends_at_ms == room.now_ms + 30000); // the default duration
    assert_int_equal(room_bidder(&room, 2)->spent_minor, 0);
    assert_int_equal(room_bidder(&room, 2)->held_minor, 300);
    assert_int_equal(room_bidder(&room, 2)->slots_taken, 0);
    assert_int_equal(room_bidder(&room, 2)->slots_held, 1);
    assert_int_equal(room.sale->sold_count, 0);
    assert_int_equal(room.sale->clock, CLOCK_LOT);
    assert_int_equal(room.sale->next_index, -1);
    expect_code(room_bid(&room, 3, "l1", 400), ERROR_NONE);
    room_wait(&room, 30000);
    assert_int_equal(room_bidder(&room, 3)->spent_minor, 400);
    assert_int_equal(room.sale->next_index, 1); // and the queue goes on where it was
    room_close(&room);
}

static void a_running_next_lot_without_bids_waits_again(void **state)
{
    (void)state;
    struct room room;
    open_sold(&room, 3);
    room_wait(&room, 10000);
    assert_int_equal(room_lot_at(&room, 1)->phase, LOT_OPEN);
    expect_code(flow_lot(&room, SALE_OP_REOPEN, "l1"), ERROR_NONE);
    assert_int_equal(room.decision.events[0].as.lot_reopened.returned_lot_index, 1);
    assert_int_equal(room_lot_at(&room, 1)->phase, LOT_PENDING);
    assert_int_equal(room_lot_at(&room, 1)->started_at_ms, 0);
    assert_int_equal(room.sale->wakes_count, 1);
    expect_code(room_bid(&room, 1, "l2", 100), ERROR_WRONG_LOT);
    room_wait(&room, 33000);
    assert_int_equal(room_lot_at(&room, 1)->phase, LOT_OPEN);
    assert_true(room_lot_at(&room, 1)->ends_at_ms == room.now_ms + 30000);
    room_wait(&room, 200000);
    assert_int_equal(room.sale->phase, SALE_COMPLETE);
    flow_expect_purses(&room);
    room_close(&room);
}

static void the_first_bid_on_the_next_lot_makes_it_too_late(void **state)
{
    (void)state;
    struct room room;
    open_sold(&room, 3);
    room_wait(&room, 3000);
    expect_code(room_bid(&room, 1, "l2", 100), ERROR_NONE);
    expect_code(flow_lot(&room, SALE_OP_REOPEN, "l1"), ERROR_REOPEN_TOO_LATE);
    expect_code(room_next(&room, "l2"), ERROR_NONE);
    expect_code(flow_lot(&room, SALE_OP_REOPEN, "l1"), ERROR_REOPEN_TOO_LATE);
    expect_code(flow_lot(&room, SALE_OP_REOPEN, "l2"), ERROR_NONE); // the one before does not count
    room_close(&room);
}

static void the_next_lot_unsold_without_a_bid_leaves_it_possible(void **state)
{
    (void)state;
    struct room room;
    open_sold(&room, 3);
    room_wait(&room, 3000);
    expect_code(room_next(&room, "l2"), ERROR_NONE);
    assert_int_equal(room_lot_at(&room, 1)->phase, LOT_UNSOLD);
    expect_code(flow_lot(&room, SALE_OP_REOPEN, "l1"), ERROR_NONE);
    assert_int_equal(room_lot_at(&room, 1)->phase, LOT_UNSOLD);
    room_close(&room);
}

static void the_last_lot_can_be_reopened_only_until_the_sale_is_complete(void **state)
{
    (void)state;
    struct room room;
    open_sold(&room, 1);
    assert_int_equal(room.sale->phase, SALE_COMPLETE);
    expect_code(flow_lot(&room, SALE_OP_REOPEN, "l1"), ERROR_REOPEN_TOO_LATE);
    room_close(&room);

    struct sale_definition definition = room_definition();
    flow_open(&room, &definition, 2, 1); // the last lot is sold, the first comes again
    room_wait(&room, 3000 + 30000 + 3000);
    expect_code(room_bid(&room, 1, "l2", 100), ERROR_NONE);
    expect_code(room_next(&room, "l2"), ERROR_NONE);
    expect_facts(&room, EVENT_LOT_SOLD, EVENT_ROUND_STARTED);
    expect_code(flow_lot(&room, SALE_OP_REOPEN, "l2"), ERROR_NONE);
    assert_int_equal(room_lot_at(&room, 1)->phase, LOT_OPEN);
    room_wait(&room, 300000);
    assert_int_equal(room.sale->phase, SALE_COMPLETE);
    assert_int_equal(room.sale->sold_count, 1);
    flow_expect_purses(&room);
    room_close(&room);
}

static void only_a_sold_lot_is_reopened(void **state)
{
    (void)state;
    struct room room;
    room_open_simple(&room, 2, 1);
    expect_code(flow_lot(&room, SALE_OP_REOPEN, "nope"), ERROR_NOT_FOUND);
    expect_code(flow_lot(&room, SALE_OP_REOPEN, "l1"), ERROR_WRONG_LOT);
    expect_code(flow_lot(&room, SALE_OP_REOPEN, "l2"), ERROR_WRONG_LOT);
    expect_code(room_next(&room, "l1"), ERROR_NONE);
    expect_code(flow_lot(&room, SALE_OP_REOPEN, "l1"), ERROR_WRONG_LOT); // unsold
    room_close(&room);
}

static void in_a_parallel_sale_it_is_possible_for_60_seconds(void **state)
{
    (void)state;
    for (int64_t late_ms = 0; late_ms < 2; late_ms++) {
        struct room room;
        struct sale_definition definition = room_definition();
        definition.rules.flow = FLOW_PARALLEL;
        definition.rules.stagger_ms = 200000;
        flow_open(&room, &definition, 3, 2);
        expect_code(room_bid(&room, 1, "l1", 100), ERROR_NONE);
        room_wait(&room, 30000);
        expect_code(room_bid(&room, 2, "l2", 100), ERROR_NONE); // bids elsewhere do not matter
        room_wait(&room, 59999 + late_ms);
        expect_code(flow_lot(&room, SALE_OP_REOPEN, "l1"),
                    late_ms == 0 ? ERROR_NONE : ERROR_REOPEN_TOO_LATE);
        if (late_ms == 0) {
            assert_int_equal(flow_count(&room, LOT_OPEN), 3);
            assert_int_equal(room_lot_at(&room, 1)->leader_index, 1);
            assert_true(room_lot_at(&room, 0)->ends_at_ms == room.now_ms + 30000);
            assert_int_equal(room.sale->lot_index, 0);
        }
        room_wait(&room, 1000000);
        assert_int_equal(room.sale->sold_count, 2);
        flow_expect_purses(&room);
        room_close(&room);
    }
}

static void a_live_lot_opens_again_without_a_clock(void **state)
{
    (void)state;
    struct room room;
    struct sale_definition definition = room_definition();
    definition.rules.lot.format = FORMAT_LIVE;
    flow_open(&room, &definition, 2, 1);
    room_wait(&room, 3000);
    expect_code(room_bid(&room, 1, "l1", 100), ERROR_NONE);
    expect_code(flow_lot(&room, SALE_OP_SELL, "l1"), ERROR_NONE);
    room_wait(&room, 3000);
    expect_code(flow_lot(&room, SALE_OP_REOPEN, "l1"), ERROR_NONE);
    assert_int_equal(room_lot_at(&room, 0)->ends_at_ms, 0);
    assert_true(sale_next_deadline(room.sale) == INT64_MAX);
    room_close(&room);
}

static void the_leader_holds_his_maximum_again(void **state)
{
    (void)state;
    struct room room;
    struct sale_definition definition = room_definition();
    definition.roster = (struct roster_rules){
        .enabled = true, .budget_minor = 2000, .slots = 3, .minimum_minor = 100};
    flow_open(&room, &definition, 2, 2);
    room_wait(&room, 3000);
    expect_code(room_set_max(&room, 1, "l1", 900), ERROR_NONE);
    assert_int_equal(room_bidder(&room, 1)->held_minor, 900);
    expect_code(room_next(&room, "l1"), ERROR_NONE);
    assert_int_equal(room_bidder(&room, 1)->spent_minor, 100);
    expect_code(flow_lot(&room, SALE_OP_REOPEN, "l1"), ERROR_NONE);
    assert_int_equal(room_bidder(&room, 1)->held_minor, 900);
    assert_int_equal(room_bidder(&room, 1)->shown_minor, 100);
    expect_code(room_bid(&room, 2, "l1", 500), ERROR_NONE);
    assert_int_equal(room_lot_at(&room, 0)->price_minor, 600); // and it still answers
    assert_int_equal(room_lot_at(&room, 0)->leader_index, 0);
    room_close(&room);
}

static void formats_whose_offers_are_uncovered_by_the_close_are_not_reopened(void **state)
{
    (void)state;
    struct room room;
    struct sale_definition definition = room_definition();
    definition.rules.lot.format = FORMAT_SEALED_FIRST;
    flow_open(&room, &definition, 2, 1);
    room_wait(&room, 3000);
    expect_code(room_bid(&room, 1, "l1", 100), ERROR_NONE);
    room_wait(&room, 30000);
    assert_int_equal(room.sale->sold_count, 1);
    expect_code(flow_lot(&room, SALE_OP_REOPEN, "l1"), ERROR_WRONG_FORMAT);
    room_close(&room);
}

// Whether the next lot has a sealed offer must not be told by the answer.
static void an_open_sealed_lot_makes_it_too_late_with_and_without_an_offer(void **state)
{
    (void)state;
    struct room room;
    struct sale_definition definition = room_definition();
    struct lot_definition lots[] = {room_lot(100), room_lot(100)};
    lots[1].has_rules = true;
    lots[1].rules = definition.rules.lot;
    lots[1].rules.format = FORMAT_SEALED_FIRST;
    room_open(&room, &definition, lots, 2);
    room_join(&room, 1);
    expect_code(room_staff(&room, SALE_OP_BEGIN), ERROR_NONE);
    room_wait(&room, 3000);
    expect_code(room_bid(&room, 1, "l1", 100), ERROR_NONE);
    expect_code(room_next(&room, "l1"), ERROR_NONE);
    room_wait(&room, 3000);
    expect_code(flow_lot(&room, SALE_OP_REOPEN, "l1"), ERROR_REOPEN_TOO_LATE);
    expect_code(room_bid(&room, 1, "l2", 100), ERROR_NONE);
    expect_code(flow_lot(&room, SALE_OP_REOPEN, "l1"), ERROR_REOPEN_TOO_LATE);
    room_close(&room);
}

static void the_history_of_bids_lives_as_long_as_the_lot_can_come_back(void **state)
{
    (void)state;
    struct room room;
    open_sold(&room, 3);
    assert_non_null(room_lot_at(&room, 0)->history);
    room_wait(&room, 3000);
    expect_code(room_bid(&room, 1, "l2", 100), ERROR_NONE);
    expect_code(room_next(&room, "l2"), ERROR_NONE);
    assert_null(room_lot_at(&room, 0)->history);
    assert_non_null(room_lot_at(&room, 1)->history);
    room_wait(&room, 200000);
    assert_int_equal(room.sale->phase, SALE_COMPLETE);
    for (int64_t i = 0; i < 3; i++) {
        assert_null(room_lot_at(&room, i)->history);
    }
    room_close(&room);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(in_the_gap_the_winner_is_refunded_and_leads_again_at_his_price),
        cmocka_unit_test(a_running_next_lot_without_bids_waits_again),
        cmocka_unit_test(the_first_bid_on_the_next_lot_makes_it_too_late),
        cmocka_unit_test(the_next_lot_unsold_without_a_bid_leaves_it_possible),
        cmocka_unit_test(the_last_lot_can_be_reopened_only_until_the_sale_is_complete),
        cmocka_unit_test(only_a_sold_lot_is_reopened),
        cmocka_unit_test(in_a_parallel_sale_it_is_possible_for_60_seconds),
        cmocka_unit_test(a_live_lot_opens_again_without_a_clock),
        cmocka_unit_test(the_leader_holds_his_maximum_again),
        cmocka_unit_test(formats_whose_offers_are_uncovered_by_the_close_are_not_reopened),
        cmocka_unit_test(an_open_sealed_lot_makes_it_too_late_with_and_without_an_offer),
        cmocka_unit_test(the_history_of_bids_lives_as_long_as_the_lot_can_come_back),
    };
    return cmocka_run_group_tests_name("reopening", tests, NULL, NULL);
}
