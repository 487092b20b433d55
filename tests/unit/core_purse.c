// Money and rosters (rules 3): what maxima hold, what is cut or skipped, own budgets and limits,
// category places.
#include "bidding_room.h"

// All lots open at once; lot i has the category of its place in "abc".
static void open_all(struct room *room, struct roster_rules roster, size_t lots_count,
                     int64_t bidders)
{
    struct sale_definition definition = bidding_definition();
    struct lot_definition lots[4];
    static const char *const categories[] = {"a", "a", "b", "a"};
    for (size_t i = 0; i < lots_count; i++) {
        lots[i] = room_lot(100);
        lots[i].category = bytes_text(categories[i]);
    }
    definition.rules.flow = FLOW_PARALLEL;
    definition.roster = roster;
    definition.category_caps_count = 1;
    definition.category_caps[0] = (struct category_cap){"a", 1};
    if (roster.slots == 0) {
        definition.category_caps_count = 0;
    }
    bidding_open(room, &definition, lots, lots_count, bidders);
}

static const struct roster_rules budget_1000 = {.enabled = true, .budget_minor = 1000};

static void a_leader_holds_his_whole_maximum_on_every_open_lot(void **state)
{
    (void)state;
    struct room room;
    open_all(&room, budget_1000, 3, 2);
    expect_code(room_set_max(&room, 1, "l1", 600), ERROR_NONE);
    assert_int_equal(room_bidder(&room, 1)->held_minor, 600);
    expect_code(room_set_max(&room, 1, "l2", 401), ERROR_INSUFFICIENT_BUDGET);
    expect_code(room_set_max(&room, 1, "l2", 400), ERROR_NONE);
    expect_code(room_bid(&room, 1, "l3", 100), ERROR_INSUFFICIENT_BUDGET);
    assert_int_equal(sale_max_bid(room.sale, room_bidder(&room, 1), room_lot_at(&room, 0)), 600);
    assert_int_equal(sale_max_bid(room.sale, room_bidder(&room, 1), room_lot_at(&room, 2)), 0);
    expect_code(room_set_max(&room, 1, "l1", 601), ERROR_INSUFFICIENT_BUDGET); // his own is free
    expect_code(room_set_max(&room, 1, "l1", 300), ERROR_NONE);
    expect_code(room_bid(&room, 1, "l3", 300), ERROR_NONE);
    bidding_expect_sums(room.sale);
    room_close(&room);
}

static void a_maximum_that_does_not_lead_holds_nothing(void **state)
{
    (void)state;
    struct room room;
    open_all(&room, budget_1000, 2, 2);
    expect_code(room_set_max(&room, 1, "l1", 800), ERROR_NONE);
    expect_code(room_set_max(&room, 2, "l1", 900), ERROR_NONE);
    bidding_expect(&room, 0, 2, 810, 900);
    assert_int_equal(room_bidder(&room, 1)->held_minor, 0);
    expect_code(room_set_max(&room, 1, "l2", 1000), ERROR_NONE);
    room_close(&room);
}

static void a_plain_bid_is_answered_only_with_what_the_maximum_can_pay(void **state)
{
    (void)state;
    struct room room;
    open_all(&room, budget_1000, 2, 3);
    expect_code(room_set_max(&room, 1, "l1", 500), ERROR_NONE);
    expect_code(room_set_max(&room, 2, "l1", 600), ERROR_NONE);
    bidding_expect(&room, 0, 2, 510, 600);
    bidding_set_participant(&room, 2, 550, 0, 0); // immediate effect: 600 is not his any more
    expect_code(room_bid(&room, 3, "l1", 520), ERROR_NONE);
    bidding_expect(&room, 0, 2, 530, 550);
    expect_code(room_bid(&room, 3, "l1", 560), ERROR_NONE);
    bidding_expect(&room, 0, 3, 560, 560);
    room_close(&room);
}

static void maxima_that_wake_are_cut_or_skipped(void **state)
{
    (void)state;
    struct room room;
    open_all(&room, budget_1000, 2, 3);
    expect_code(room_set_max(&room, 1, "l1", 700), ERROR_NONE);
    expect_code(room_set_max(&room, 2, "l1", 800), ERROR_NONE); // 1 holds nothing now
    expect_code(room_bid(&room, 1, "l2", 800), ERROR_NONE);     // 200 left
    expect_code(bidding_undo(&room, "l1"), ERROR_NONE);         // 1 led at 100, his 700 are cut
    bidding_expect(&room, 0, 1, 100, 200);
    expect_code(room_bid(&room, 3, "l1", 150), ERROR_NONE);
    bidding_expect(&room, 0, 1, 160, 200);
    expect_code(room_bid(&room, 3, "l1", 250), ERROR_NONE);
    bidding_expect(&room, 0, 3, 250, 250);
    expect_code(room_bid(&room, 2, "l2", 810), ERROR_NONE); // and 1 can pay 700 again
    expect_code(room_bid(&room, 2, "l1", 260), ERROR_INSUFFICIENT_BUDGET);
    expect_code(room_set_max(&room, 3, "l1", 300), ERROR_NONE); // weighed anew
    bidding_expect(&room, 0, 1, 310, 700);
    room_close(&room);
}

static void a_maximum_that_wakes_does_not_bid_for_who_has_passed(void **state)
{
    (void)state;
    struct room room;
    open_all(&room, budget_1000, 2, 4);
    expect_code(room_set_max(&room, 1, "l1", 700), ERROR_NONE);
    expect_code(room_bid(&room, 2, "l1", 150), ERROR_NONE);
    expect_code(room_set_max(&room, 3, "l1", 720), ERROR_NONE);
    bidding_expect(&room, 0, 3, 710, 720);
    expect_code(bidding_pass(&room, 1, "l1"), ERROR_NONE);
    bidding_set_participant(&room, 3, 710, 0, 0); // his maximum is cut below the next amount
    expect_code(room_bid(&room, 4, "l1", 720), ERROR_NONE);
    bidding_expect(&room, 0, 4, 720, 720);
    expect_code(bidding_undo(&room, "l1"), ERROR_NONE);
    bidding_expect(&room, 0, 3, 710, 710);
    room_block(&room, "p3", true);
    expect_code(room_bid(&room, 4, "l1", 720), ERROR_NONE);
    expect_code(bidding_undo(&room, "l1"), ERROR_NONE); // 3 is blocked: what 1 had bid stands
    bidding_expect(&room, 0, 1, 160, 160);
    expect_code(room_bid(&room, 4, "l1", 170), ERROR_NONE);
    bidding_expect(&room, 0, 4, 170, 170);
    room_close(&room);
}

static void absentee_maxima_are_cut_to_what_is_left_when_their_lot_starts(void **state)
{
    (void)state;
    struct room room;
    struct sale_definition definition = bidding_definition();
    struct lot_definition lots[] = {room_lot(100), room_lot(100), room_lot(100)};
    definition.roster = budget_1000;
    room_open(&room, &definition, lots, 3);
    room_join(&room, 2);
    expect_code(room_set_max(&room, 1, "l1", 1000), ERROR_NONE);
    expect_code(room_set_max(&room, 1, "l2", 1000), ERROR_NONE);
    expect_code(room_set_max(&room, 1, "l3", 1000), ERROR_NONE);
    expect_code(room_set_max(&room, 2, "l1", 690), ERROR_NONE);
    expect_code(room_staff(&room, SALE_OP_BEGIN), ERROR_NONE);
    room_wait(&room, 3000);
    bidding_expect(&room, 0, 1, 700, 1000);
    expect_code(room_next(&room, "l1"), ERROR_NONE);
    room_wait(&room, 3000);
    bidding_expect(&room, 1, 1, 100, 300);
    expect_code(room_bid(&room, 2, "l2", 290), ERROR_NONE);
    bidding_expect(&room, 1, 1, 300, 300);
    expect_code(room_next(&room, "l2"), ERROR_NONE);
    room_wait(&room, 3000);
    bidding_expect(&room, 2, 0, 0, 0); // skipped: nothing is left
    room_close(&room);
}

static void a_lot_led_is_a_taken_slot_and_category_place(void **state)
{
    (void)state;
    struct room room;
    open_all(&room,
             (struct roster_rules){
                 .enabled = true, .budget_minor = 10000, .slots = 2, .minimum_minor = 50},
             4, 2);
    expect_code(room_bid(&room, 1, "l1", 100), ERROR_NONE);
    expect_code(room_bid(&room, 1, "l2", 100), ERROR_CATEGORY_FULL);
    assert_int_equal(sale_max_bid(room.sale, room_bidder(&room, 1), room_lot_at(&room, 1)), 0);
    expect_code(room_bid(&room, 1, "l3", 100), ERROR_NONE); // of no capped category
    expect_code(room_bid(&room, 1, "l4", 100), ERROR_ROSTER_FULL);
    expect_code(room_set_max(&room, 1, "l1", 200), ERROR_NONE); // the place is his own
    expect_code(room_bid(&room, 2, "l1", 300), ERROR_NONE);
    expect_code(room_bid(&room, 1, "l2", 100), ERROR_NONE);
    bidding_expect_sums(room.sale);
    room_wait(&room, 30000);
    assert_int_equal(room_bidder(&room, 1)->slots_taken, 2);
    assert_int_equal(room_bidder(&room, 1)->category_taken[0], 1);
    bidding_expect_sums(room.sale);
    room_close(&room);
}

static void own_budget_slots_and_limit_stand_before_the_sales(void **state)
{
    (void)state;
    struct room room;
    open_all(&room,
             (struct roster_rules){
                 .enabled = true, .budget_minor = 1000, .slots = 3, .minimum_minor = 100},
             3, 2);
    assert_int_equal(sale_max_bid(room.sale, room_bidder(&room, 1), room_lot_at(&room, 0)), 800);
    bidding_set_participant(&room, 1, 2000, 1, 0);
    assert_int_equal(sale_max_bid(room.sale, room_bidder(&room, 1), room_lot_at(&room, 0)), 2000);
    bidding_set_participant(&room, 1, 2000, 2, 1500);
    assert_int_equal(sale_max_bid(room.sale, room_bidder(&room, 1), room_lot_at(&room, 0)), 1500);
    expect_code(room_bid(&room, 1, "l1", 2001), ERROR_INSUFFICIENT_BUDGET);
    expect_code(room_bid(&room, 1, "l1", 1901), ERROR_RESERVE_FOR_ROSTER);
    expect_code(room_bid(&room, 1, "l1", 1501), ERROR_LIMIT_EXCEEDED);
    expect_code(room_bid(&room, 1, "l1", 1400), ERROR_NONE);
    expect_code(room_bid(&room, 1, "l3", 101), ERROR_LIMIT_EXCEEDED); // of all that he spends
    expect_code(room_bid(&room, 1, "l3", 100), ERROR_NONE);
    room_close(&room);
}

static void what_a_leader_holds_stays_his_when_a_slot_comes_open_elsewhere(void **state)
{
    (void)state;
    struct room room;
    open_all(&room,
             (struct roster_rules){
                 .enabled = true, .budget_minor = 1000, .slots = 2, .minimum_minor = 300},
             3, 3);
    expect_code(room_bid(&room, 1, "l3", 100), ERROR_NONE); // less than the minimum
    expect_code(room_set_max(&room, 1, "l1", 850), ERROR_NONE);
    expect_code(room_bid(&room, 2, "l3", 200), ERROR_NONE); // 300 would have to be kept again
    assert_int_equal(sale_max_bid(room.sale, room_bidder(&room, 1), room_lot_at(&room, 0)), 700);
    expect_code(room_bid(&room, 3, "l1", 700), ERROR_NONE);
    bidding_expect(&room, 0, 1, 710, 850);
    expect_code(bidding_undo(&room, "l1"), ERROR_NONE);
    bidding_expect(&room, 0, 1, 100, 850);
    room_close(&room);
}

static void a_limit_holds_in_a_sale_without_budgets(void **state)
{
    (void)state;
    struct room room;
    open_all(&room, (struct roster_rules){0}, 1, 2);
    bidding_set_participant(&room, 1, 0, 0, 150);
    expect_code(room_set_max(&room, 1, "l1", 151), ERROR_LIMIT_EXCEEDED);
    expect_code(room_set_max(&room, 1, "l1", 150), ERROR_NONE);
    assert_true(sale_max_bid(room.sale, room_bidder(&room, 2), room_lot_at(&room, 0)) == INT64_MAX);
    room_close(&room);
}

static void a_maximum_far_above_the_price_needs_a_confirmation(void **state)
{
    (void)state;
    struct room room;
    struct sale_definition definition = bidding_definition();
    struct lot_definition lot = room_lot(100);
    definition.rules.lot.sanity_factor = 10;
    bidding_open(&room, &definition, &lot, 1, 2);
    expect_code(room_set_max(&room, 1, "l1", 1001), ERROR_ABOVE_SANITY);
    struct sale_command command = {.op = SALE_OP_SET_MAX, .role = ROLE_BIDDER, .by = {"p1"}};
    command.as.set_max.lot = (struct lot_id){"l1"};
    command.as.set_max.max_minor = 1001;
    command.as.set_max.confirm = true;
    expect_code(room_command(&room, &command), ERROR_NONE);
    room_close(&room);
}

static void a_sale_without_maxima_refuses_them(void **state)
{
    (void)state;
    struct room room;
    struct sale_definition definition = bidding_definition();
    struct lot_definition lot = room_lot(100);
    definition.rules.lot.no_maximum = true;
    bidding_open(&room, &definition, &lot, 1, 1);
    expect_code(room_set_max(&room, 1, "l1", 100), ERROR_WRONG_FORMAT);
    expect_code(room_bid(&room, 1, "l1", 100), ERROR_NONE);
    room_close(&room);
}

// Of everything that offers an amount: a bid, a maximum, a floor bid, a purchase.
static void expect_each_kind_refused(struct room *room, const char *lot, enum error_code code)
{
    expect_code(room_bid(room, 1, lot, 100), code);
    expect_code(room_set_max(room, 1, lot, 100), code);
    expect_code(room_set_max_for(room, "1", lot, 100), code);
    expect_code(bidding_floor(room, "1", lot, 100), code);
    expect_code(bidding_buy_now(room, 1, lot), code);
}

static void the_checks_of_money_and_places_have_one_order_for_each_kind_of_offer(void **state)
{
    (void)state;
    struct room room;
    struct sale_definition definition = bidding_definition();
    struct lot_definition lots[] = {room_lot(100), room_lot(100), room_lot(100)};
    definition.rules.flow = FLOW_PARALLEL;
    definition.roster = (struct roster_rules){
        .enabled = true, .budget_minor = 10000, .slots = 5, .minimum_minor = 50};
    definition.category_caps[0] = (struct category_cap){.category = "lamps", .most = 1};
    definition.category_caps_count = 1;
    for (size_t i = 0; i < 3; i++) {
        lots[i].category = bytes_text(i < 2 ? "lamps" : "");
        lots[i].buy_now_minor = 100;
    }
    bidding_open(&room, &definition, lots, 3, 2);
    expect_code(room_bid(&room, 1, "l1", 100), ERROR_NONE);
    bidding_set_participant(&room, 1, 150, 3, 120);
    expect_each_kind_refused(&room, "l2", ERROR_INSUFFICIENT_BUDGET);
    bidding_set_participant(&room, 1, 240, 3, 120);
    expect_each_kind_refused(&room, "l2", ERROR_RESERVE_FOR_ROSTER);
    bidding_set_participant(&room, 1, 10000, 1, 120);
    expect_each_kind_refused(&room, "l2", ERROR_ROSTER_FULL);
    bidding_set_participant(&room, 1, 10000, 5, 120);
    expect_each_kind_refused(&room, "l2", ERROR_CATEGORY_FULL);
    expect_each_kind_refused(&room, "l3", ERROR_LIMIT_EXCEEDED);
    bidding_set_participant(&room, 1, 10000, 5, 0);
    expect_code(bidding_buy_now(&room, 1, "l3"), ERROR_NONE);
    bidding_expect_sums(room.sale);
    room_close(&room);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_leader_holds_his_whole_maximum_on_every_open_lot),
        cmocka_unit_test(a_maximum_that_does_not_lead_holds_nothing),
        cmocka_unit_test(a_plain_bid_is_answered_only_with_what_the_maximum_can_pay),
        cmocka_unit_test(maxima_that_wake_are_cut_or_skipped),
        cmocka_unit_test(a_maximum_that_wakes_does_not_bid_for_who_has_passed),
        cmocka_unit_test(absentee_maxima_are_cut_to_what_is_left_when_their_lot_starts),
        cmocka_unit_test(a_lot_led_is_a_taken_slot_and_category_place),
        cmocka_unit_test(the_checks_of_money_and_places_have_one_order_for_each_kind_of_offer),
        cmocka_unit_test(own_budget_slots_and_limit_stand_before_the_sales),
        cmocka_unit_test(what_a_leader_holds_stays_his_when_a_slot_comes_open_elsewhere),
        cmocka_unit_test(a_limit_holds_in_a_sale_without_budgets),
        cmocka_unit_test(a_maximum_far_above_the_price_needs_a_confirmation),
        cmocka_unit_test(a_sale_without_maxima_refuses_them),
    };
    return cmocka_run_group_tests_name("purse", tests, NULL, NULL);
}
