// The five reserve modes (rules 3): the price with maxima below and above a reserve of 200.
#include "bidding_room.h"

static void open_with_reserve(struct room *room, enum reserve_mode mode)
{
    struct sale_definition definition = bidding_definition();
    struct lot_definition lot = room_lot(100);
    lot.reserve_minor = 200;
    definition.rules.lot.reserve_mode = mode;
    definition.rules.unsold_rounds = 0;
    bidding_open(room, &definition, &lot, 1, 3);
}

static void expect_status(const struct room *room, enum reserve_status status)
{
    assert_int_equal(lot_reserve_status(room_lot_at(room, 0)), status);
}

static void jump_lifts_to_the_reserve_and_shows_a_whole_maximum_below(void **state)
{
    (void)state;
    struct room room;
    open_with_reserve(&room, RESERVE_JUMP);
    expect_status(&room, RESERVE_NOT_MET);
    expect_code(room_set_max(&room, 1, "l1", 150), ERROR_NONE);
    bidding_expect(&room, 0, 1, 150, 150);
    expect_status(&room, RESERVE_NOT_MET);
    expect_code(room_set_max(&room, 1, "l1", 170),
                ERROR_NONE); // nobody outbids himself, he shows it
    bidding_expect(&room, 0, 1, 170, 170);
    expect_code(room_set_max(&room, 2, "l1", 500), ERROR_NONE);
    bidding_expect(&room, 0, 2, 200, 500);
    expect_status(&room, RESERVE_MET);
    expect_code(room_set_max(&room, 3, "l1", 300), ERROR_NONE);
    bidding_expect(&room, 0, 2, 310, 500);
    room_close(&room);
}

static void a_second_above_the_reserve_counts_before_the_jump(void **state)
{
    (void)state;
    struct room room;
    open_with_reserve(&room, RESERVE_JUMP);
    expect_code(room_bid(&room, 1, "l1", 195), ERROR_NONE);
    bidding_expect(&room, 0, 1, 195, 195);
    expect_code(room_set_max(&room, 2, "l1", 500), ERROR_NONE);
    bidding_expect(&room, 0, 2, 205, 500);
    room_close(&room);
}

static void second_price_never_lifts_and_the_lot_may_go_unsold(void **state)
{
    (void)state;
    struct room room;
    open_with_reserve(&room, RESERVE_SECOND_PRICE);
    expect_code(room_set_max(&room, 1, "l1", 500), ERROR_NONE);
    bidding_expect(&room, 0, 1, 100, 500);
    expect_code(room_set_max(&room, 2, "l1", 150), ERROR_NONE);
    bidding_expect(&room, 0, 1, 160, 500);
    expect_status(&room, RESERVE_NOT_MET);
    expect_code(room_next(&room, "l1"), ERROR_NONE);
    assert_int_equal(room_lot_at(&room, 0)->phase, LOT_UNSOLD);
    bidding_expect_sums(room.sale);
    room_close(&room);
}

static void the_house_answers_below_the_reserve_and_is_marked(void **state)
{
    (void)state;
    struct room room;
    open_with_reserve(&room, RESERVE_HOUSE);
    expect_code(room_bid(&room, 1, "l1", 120), ERROR_NONE);
    expect_facts(&room, EVENT_BID_ACCEPTED, EVENT_BID_ACCEPTED);
    assert_int_equal(room.decision.events[1].as.bid_accepted.kind, BID_HOUSE);
    assert_string_equal(room.decision.events[1].as.bid_accepted.by.text, "");
    assert_string_equal(room.decision.events[1].as.bid_accepted.leader.text, "");
    bidding_expect(&room, 0, 0, 130, 0);
    assert_int_equal(room.sale->bids_total, 2);
    expect_code(room_set_max(&room, 1, "l1", 180), ERROR_NONE); // bid up to it, then beyond
    bidding_expect(&room, 0, 0, 190, 0);
    expect_code(room_bid(&room, 2, "l1", 200), ERROR_NONE); // the house never reaches the reserve
    expect_facts(&room, EVENT_BID_ACCEPTED);
    bidding_expect(&room, 0, 2, 200, 200);
    expect_status(&room, RESERVE_MET);
    expect_code(room_bid(&room, 1, "l1", 210), ERROR_NONE);
    expect_facts(&room, EVENT_BID_ACCEPTED);
    room_close(&room);
}

static void the_house_does_not_bid_the_reserve_itself(void **state)
{
    (void)state;
    struct room room;
    open_with_reserve(&room, RESERVE_HOUSE);
    expect_code(room_bid(&room, 1, "l1", 190), ERROR_NONE);
    expect_facts(&room, EVENT_BID_ACCEPTED);
    bidding_expect(&room, 0, 1, 190, 190);
    expect_status(&room, RESERVE_NOT_MET);
    room_close(&room);
}

static void a_maximum_above_the_reserve_is_bid_up_to_it_by_the_house(void **state)
{
    (void)state;
    struct room room;
    open_with_reserve(&room, RESERVE_HOUSE);
    expect_code(room_set_max(&room, 1, "l1", 500), ERROR_NONE);
    expect_facts(&room, EVENT_MAX_PLACED, EVENT_BID_ACCEPTED);
    bidding_expect(&room, 0, 1, 200, 500);
    room_close(&room);
}

static void a_lot_that_the_house_leads_is_unsold(void **state)
{
    (void)state;
    struct room room;
    open_with_reserve(&room, RESERVE_HOUSE);
    expect_code(room_bid(&room, 1, "l1", 120), ERROR_NONE);
    expect_code(room_next(&room, "l1"), ERROR_NONE);
    assert_int_equal(room_lot_at(&room, 0)->phase, LOT_UNSOLD);
    bidding_expect_sums(room.sale);
    room_close(&room);
}

static void below_it_a_maximum_is_a_straight_bid(void **state)
{
    (void)state;
    struct room room;
    open_with_reserve(&room, RESERVE_STRAIGHT_UNTIL_MET);
    expect_code(room_set_max(&room, 1, "l1", 150), ERROR_NONE);
    bidding_expect(&room, 0, 1, 150, 150);
    expect_code(room_set_max(&room, 2, "l1", 230), ERROR_NONE); // the one that reaches it meets it
    bidding_expect(&room, 0, 2, 200, 230);
    expect_code(room_set_max(&room, 1, "l1", 500), ERROR_NONE); // from then on by steps
    bidding_expect(&room, 0, 1, 240, 500);
    room_close(&room);
}

static void at_a_floor_an_offer_below_is_refused(void **state)
{
    (void)state;
    struct room room;
    open_with_reserve(&room, RESERVE_FLOOR);
    expect_code(room_bid(&room, 1, "l1", 99), ERROR_BELOW_ASK);
    expect_code(room_bid(&room, 1, "l1", 199), ERROR_BELOW_RESERVE);
    assert_null(room.decision.detail); // how much is never told
    expect_code(room_set_max(&room, 1, "l1", 199), ERROR_BELOW_RESERVE);
    expect_code(room_set_max(&room, 1, "l1", 300), ERROR_NONE);
    bidding_expect(&room, 0, 1, 200, 300);
    expect_status(&room, RESERVE_MET);
    room_close(&room);
}

static void absentee_maxima_meet_the_reserve_at_the_start(void **state)
{
    (void)state;
    struct room room;
    struct sale_definition definition = bidding_definition();
    struct lot_definition lot = room_lot(100);
    lot.reserve_minor = 200;
    definition.rules.lot.reserve_mode = RESERVE_HOUSE;
    room_open(&room, &definition, &lot, 1);
    room_join(&room, 2);
    expect_code(room_set_max(&room, 1, "l1", 150), ERROR_NONE);
    expect_code(room_staff(&room, SALE_OP_BEGIN), ERROR_NONE);
    room_wait(&room, 3000);
    expect_facts(&room, EVENT_LOT_STARTED, EVENT_BID_ACCEPTED, EVENT_BID_ACCEPTED);
    assert_true(room.decision.events[2].as.bid_accepted.ends_at_ms ==
                room_lot_at(&room, 0)->ends_at_ms);
    bidding_expect(&room, 0, 0, 160, 0);
    room_close(&room);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(jump_lifts_to_the_reserve_and_shows_a_whole_maximum_below),
        cmocka_unit_test(a_second_above_the_reserve_counts_before_the_jump),
        cmocka_unit_test(second_price_never_lifts_and_the_lot_may_go_unsold),
        cmocka_unit_test(the_house_answers_below_the_reserve_and_is_marked),
        cmocka_unit_test(the_house_does_not_bid_the_reserve_itself),
        cmocka_unit_test(a_maximum_above_the_reserve_is_bid_up_to_it_by_the_house),
        cmocka_unit_test(a_lot_that_the_house_leads_is_unsold),
        cmocka_unit_test(below_it_a_maximum_is_a_straight_bid),
        cmocka_unit_test(at_a_floor_an_offer_below_is_refused),
        cmocka_unit_test(absentee_maxima_meet_the_reserve_at_the_start),
    };
    return cmocka_run_group_tests_name("reserve", tests, NULL, NULL);
}
