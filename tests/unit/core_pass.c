// Pass, buy-now and floor bids (rules 3).
#include "bidding_room.h"

static void open_lots(struct room *room, size_t lots_count, int64_t bidders)
{
    struct sale_definition definition = bidding_definition();
    struct lot_definition lots[4];
    for (size_t i = 0; i < lots_count; i++) {
        lots[i] = room_lot(100);
    }
    definition.rules.unsold_rounds = 0;
    bidding_open(room, &definition, lots, lots_count, bidders);
}

static void the_lot_closes_when_all_but_the_leader_have_passed(void **state)
{
    (void)state;
    struct room room;
    open_lots(&room, 2, 3);
    expect_code(room_bid(&room, 1, "l1", 100), ERROR_NONE);
    expect_code(bidding_pass(&room, 1, "l1"), ERROR_ALREADY_LEADING);
    expect_code(bidding_pass(&room, 2, "l1"), ERROR_NONE);
    expect_facts(&room, EVENT_LOT_PASSED);
    expect_code(bidding_pass(&room, 2, "l1"), ERROR_ALREADY_PASSED);
    expect_code(room_bid(&room, 2, "l1", 110), ERROR_ALREADY_PASSED);
    expect_code(room_set_max(&room, 2, "l1", 110), ERROR_ALREADY_PASSED);
    expect_code(bidding_pass(&room, 3, "l1"), ERROR_NONE);
    expect_facts(&room, EVENT_LOT_PASSED, EVENT_LOT_SOLD);
    assert_int_equal(room.decision.events[1].as.lot_sold.reason, CLOSE_PASSED);
    assert_int_equal(room_lot_at(&room, 0)->phase, LOT_SOLD);
    assert_int_equal(room_bidder(&room, 1)->spent_minor, 100);
    room_wait(&room, 3000); // a pass holds for its lot alone
    expect_code(room_bid(&room, 2, "l2", 100), ERROR_NONE);
    bidding_expect_sums(room.sale);
    room_close(&room);
}

static void without_any_bid_all_must_pass_and_the_lot_is_unsold(void **state)
{
    (void)state;
    struct room room;
    open_lots(&room, 2, 2);
    expect_code(bidding_pass(&room, 1, "l1"), ERROR_NONE);
    assert_int_equal(room_lot_at(&room, 0)->phase, LOT_OPEN);
    expect_code(bidding_pass(&room, 2, "l1"), ERROR_NONE);
    expect_facts(&room, EVENT_LOT_PASSED, EVENT_LOT_UNSOLD);
    room_close(&room);
}

static void a_bid_after_which_all_others_have_passed_closes_the_lot(void **state)
{
    (void)state;
    struct room room;
    open_lots(&room, 2, 2);
    expect_code(bidding_pass(&room, 2, "l1"), ERROR_NONE);
    expect_code(room_bid(&room, 1, "l1", 150), ERROR_NONE);
    expect_facts(&room, EVENT_BID_ACCEPTED, EVENT_LOT_SOLD);
    assert_int_equal(room_bidder(&room, 1)->spent_minor, 150);
    assert_int_equal(room_bidder(&room, 1)->held_minor, 0);
    bidding_expect_sums(room.sale);
    room_close(&room);
}

static void who_can_not_pay_the_ask_need_not_pass_but_somebody_must(void **state)
{
    (void)state;
    struct room room;
    open_lots(&room, 2, 3);
    bidding_set_participant(&room, 3, 105, 0, 0);
    expect_code(room_bid(&room, 1, "l1", 100), ERROR_NONE);
    assert_int_equal(room_lot_at(&room, 0)->phase, LOT_OPEN);
    expect_code(bidding_pass(&room, 2, "l1"), ERROR_NONE);
    expect_facts(&room, EVENT_LOT_PASSED, EVENT_LOT_SOLD);
    room_close(&room);
}

static void one_bidder_alone_does_not_close_his_lot(void **state)
{
    (void)state;
    struct room room;
    open_lots(&room, 1, 1);
    expect_code(room_bid(&room, 1, "l1", 100), ERROR_NONE);
    assert_int_equal(room_lot_at(&room, 0)->phase, LOT_OPEN);
    room_close(&room);
}

static void below_the_reserve_an_early_close_is_no_sale(void **state)
{
    (void)state;
    struct room room;
    struct sale_definition definition = bidding_definition();
    struct lot_definition lot = room_lot(100);
    lot.reserve_minor = 200;
    definition.rules.unsold_rounds = 0;
    bidding_open(&room, &definition, &lot, 1, 2);
    expect_code(room_bid(&room, 1, "l1", 100), ERROR_NONE);
    expect_code(bidding_pass(&room, 2, "l1"), ERROR_NONE);
    assert_int_equal(room_lot_at(&room, 0)->phase, LOT_UNSOLD);
    assert_int_equal(room_bidder(&room, 1)->held_minor, 0);
    room_close(&room);
}

static void a_maximum_of_one_who_has_passed_does_not_count(void **state)
{
    (void)state;
    struct room room;
    open_lots(&room, 1, 3);
    expect_code(room_set_max(&room, 1, "l1", 200), ERROR_NONE);
    expect_code(room_bid(&room, 2, "l1", 300), ERROR_NONE);
    expect_code(room_set_max_for(&room, "3", "l1", 400), ERROR_NONE);
    bidding_expect(&room, 0, 3, 310, 400);
    expect_code(bidding_pass(&room, 1, "l1"), ERROR_NONE);
    expect_code(bidding_undo(&room, "l1"), ERROR_NONE);
    bidding_expect(&room, 0, 2, 300, 300);
    room_close(&room);
}

static void open_for_sale_at(struct room *room, enum buy_now_until until, int64_t reserve_minor)
{
    struct sale_definition definition = bidding_definition();
    struct lot_definition lots[] = {room_lot(100), room_lot(100)};
    lots[0].buy_now_minor = 500;
    lots[0].reserve_minor = reserve_minor;
    definition.rules.lot.buy_now_until = until;
    bidding_open(room, &definition, lots, 2, 3);
}

static void buying_now_closes_the_lot_at_its_price(void **state)
{
    (void)state;
    struct room room;
    open_for_sale_at(&room, BUY_NOW_UNTIL_BID, 0);
    bidding_set_participant(&room, 1, 499, 0, 0);
    expect_code(bidding_buy_now(&room, 1, "l1"), ERROR_INSUFFICIENT_BUDGET);
    expect_code(bidding_buy_now(&room, 2, "l2"), ERROR_WRONG_LOT);
    expect_code(bidding_buy_now(&room, 2, "l1"), ERROR_NONE);
    expect_facts(&room, EVENT_LOT_SOLD);
    assert_int_equal(room.decision.events[0].as.lot_sold.reason, CLOSE_BUY_NOW);
    assert_int_equal(room_bidder(&room, 2)->spent_minor, 500);
    expect_code(bidding_buy_now(&room, 3, "l1"), ERROR_LOT_CLOSED);
    room_wait(&room, 3000);
    expect_code(bidding_buy_now(&room, 3, "l2"), ERROR_BUY_NOW_GONE); // it never had one
    bidding_expect_sums(room.sale);
    room_close(&room);
}

static void buy_now_is_gone_at_the_first_bid_and_back_when_it_is_undone(void **state)
{
    (void)state;
    struct room room;
    open_for_sale_at(&room, BUY_NOW_UNTIL_BID, 0);
    expect_code(room_bid(&room, 1, "l1", 100), ERROR_NONE);
    expect_code(bidding_buy_now(&room, 2, "l1"), ERROR_BUY_NOW_GONE);
    expect_code(bidding_undo(&room, "l1"), ERROR_NONE);
    expect_code(bidding_buy_now(&room, 2, "l1"), ERROR_NONE);
    room_close(&room);
}

static void by_option_buy_now_stays_until_the_reserve_is_met(void **state)
{
    (void)state;
    struct room room;
    open_for_sale_at(&room, BUY_NOW_UNTIL_RESERVE, 300);
    expect_code(room_bid(&room, 1, "l1", 290), ERROR_NONE);
    bidding_expect(&room, 0, 1, 290, 290);
    expect_code(bidding_pass(&room, 3, "l1"), ERROR_NONE);
    expect_code(bidding_buy_now(&room, 3, "l1"), ERROR_ALREADY_PASSED);
    expect_code(bidding_buy_now(&room, 2, "l1"), ERROR_NONE);
    assert_int_equal(room_bidder(&room, 1)->held_minor, 0); // who led is free
    bidding_expect_sums(room.sale);
    room_close(&room);
    open_for_sale_at(&room, BUY_NOW_UNTIL_RESERVE, 300);
    expect_code(room_bid(&room, 1, "l1", 300), ERROR_NONE);
    expect_code(bidding_buy_now(&room, 2, "l1"), ERROR_BUY_NOW_GONE);
    room_close(&room);
    open_for_sale_at(&room, BUY_NOW_UNTIL_RESERVE, 0); // nothing to meet
    expect_code(room_bid(&room, 1, "l1", 100), ERROR_NONE);
    expect_code(bidding_buy_now(&room, 2, "l1"), ERROR_BUY_NOW_GONE);
    room_close(&room);
}

static void a_floor_bid_is_a_plain_bid_for_a_paddle(void **state)
{
    (void)state;
    struct room room;
    open_lots(&room, 2, 2);
    expect_code(bidding_floor(&room, "9", "l1", 100), ERROR_NOT_FOUND);
    assert_string_equal(room.decision.detail, "paddle");
    expect_code(bidding_floor(&room, "1", "l9", 100), ERROR_NOT_FOUND);
    expect_code(bidding_floor(&room, "1", "l1", 99), ERROR_BELOW_ASK);
    expect_code(bidding_floor(&room, "1", "l1", 100), ERROR_NONE);
    assert_int_equal(room.decision.events[0].as.bid_accepted.kind, BID_FLOOR);
    assert_string_equal(room.decision.events[0].as.bid_accepted.by.text, "p1");
    bidding_expect(&room, 0, 1, 100, 100);
    expect_code(bidding_floor(&room, "1", "l1", 200), ERROR_ALREADY_LEADING);
    expect_code(room_set_max(&room, 2, "l1", 300), ERROR_NONE);
    expect_code(bidding_floor(&room, "1", "l1", 200), ERROR_NONE);
    bidding_expect(&room, 0, 2, 210, 300);
    struct sale_command command = {.op = SALE_OP_FLOOR_BID, .role = ROLE_BIDDER, .by = {"p1"}};
    command.as.floor_bid.lot = (struct lot_id){"l1"};
    command.as.floor_bid.paddle = bytes_text("2");
    expect_code(room_command(&room, &command), ERROR_FORBIDDEN);
    room_block(&room, "p1", true);
    expect_code(bidding_floor(&room, "1", "l1", 400), ERROR_FORBIDDEN);
    room_close(&room);
}

static void a_bidder_may_not_speak_for_a_paddle(void **state)
{
    (void)state;
    struct room room;
    open_lots(&room, 1, 2);
    struct sale_command command = {.op = SALE_OP_SET_MAX, .role = ROLE_BIDDER, .by = {"p1"}};
    command.as.set_max.lot = (struct lot_id){"l1"};
    command.as.set_max.max_minor = 500;
    command.as.set_max.paddle = bytes_text("2");
    expect_code(room_command(&room, &command), ERROR_FORBIDDEN);
    command.role = ROLE_CLERK;
    command.as.set_max.paddle = bytes_text("");
    expect_code(room_command(&room, &command), ERROR_FORBIDDEN); // a clerk never for himself
    room_close(&room);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_lot_closes_when_all_but_the_leader_have_passed),
        cmocka_unit_test(without_any_bid_all_must_pass_and_the_lot_is_unsold),
        cmocka_unit_test(a_bid_after_which_all_others_have_passed_closes_the_lot),
        cmocka_unit_test(who_can_not_pay_the_ask_need_not_pass_but_somebody_must),
        cmocka_unit_test(one_bidder_alone_does_not_close_his_lot),
        cmocka_unit_test(below_the_reserve_an_early_close_is_no_sale),
        cmocka_unit_test(a_maximum_of_one_who_has_passed_does_not_count),
        cmocka_unit_test(buying_now_closes_the_lot_at_its_price),
        cmocka_unit_test(buy_now_is_gone_at_the_first_bid_and_back_when_it_is_undone),
        cmocka_unit_test(by_option_buy_now_stays_until_the_reserve_is_met),
        cmocka_unit_test(a_floor_bid_is_a_plain_bid_for_a_paddle),
        cmocka_unit_test(a_bidder_may_not_speak_for_a_paddle),
    };
    return cmocka_run_group_tests_name("pass", tests, NULL, NULL);
}
