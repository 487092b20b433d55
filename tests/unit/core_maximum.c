// Maximum bids (rules 3): the price rule, ties, a leader's own raise, lowering, absentees.
#include "core_room.h"

// One open lot with opening 100 and steps of 10.
static void open_lot(struct room *room, int64_t bidders)
{
    struct sale_definition definition = room_definition();
    struct lot_definition lot = room_lot(100);
    definition.rules.lot.increments = increment_table_flat(10, false);
    room_open(room, &definition, &lot, 1);
    room_join(room, bidders);
    expect_code(room_staff(room, SALE_OP_BEGIN), ERROR_NONE);
    room_wait(room, 3000);
}

#define expect_lead(room, bidder, price)                               \
    do {                                                               \
        const struct lot *lead_lot = room_lot_at((room), 0);           \
        assert_int_equal(lead_lot->price_minor, (price));              \
        assert_int_equal(lead_lot->leader_index, (int64_t)(bidder)-1); \
    } while (0)

static void one_bidder_leads_at_the_opening(void **state)
{
    (void)state;
    struct room room;
    open_lot(&room, 2);
    expect_code(room_set_max(&room, 1, "l1", 99), ERROR_BELOW_ASK);
    expect_code(room_set_max(&room, 1, "l1", 500), ERROR_NONE);
    expect_facts(&room, EVENT_MAX_PLACED, EVENT_BID_ACCEPTED);
    expect_lead(&room, 1, 100);
    // the number is in no fact that is published
    assert_int_equal(room.decision.events[1].as.bid_accepted.amount_minor, 100);
    assert_int_equal(room_lot_at(&room, 0)->held_minor, 500);
    assert_int_equal(room_bidder(&room, 1)->held_minor, 500);
    assert_int_equal(room_bidder(&room, 1)->shown_minor, 100);
    room_close(&room);
}

static void the_price_is_a_step_above_the_second_but_never_above_the_maximum(void **state)
{
    (void)state;
    struct room room;
    open_lot(&room, 3);
    expect_code(room_set_max(&room, 1, "l1", 500), ERROR_NONE);
    expect_code(room_set_max(&room, 2, "l1", 200), ERROR_NONE);
    expect_lead(&room, 1, 210);
    expect_code(room_set_max(&room, 3, "l1", 495), ERROR_NONE);
    expect_lead(&room, 1, 500);
    expect_code(room_set_max(&room, 2, "l1", 509), ERROR_BELOW_ASK); // the shown price + step
    expect_code(room_set_max(&room, 2, "l1", 510), ERROR_NONE);
    expect_lead(&room, 2, 510);
    room_close(&room);
}

static void a_new_maximum_may_win_by_less_than_a_step(void **state)
{
    (void)state;
    struct room room;
    open_lot(&room, 2);
    expect_code(room_set_max(&room, 1, "l1", 500), ERROR_NONE);
    expect_code(room_set_max(&room, 2, "l1", 503), ERROR_NONE);
    expect_lead(&room, 2, 503);
    room_close(&room);
}

static void a_tie_leaves_the_earlier_one_leading_at_the_tied_amount(void **state)
{
    (void)state;
    struct room room;
    open_lot(&room, 2);
    expect_code(room_set_max(&room, 1, "l1", 500), ERROR_NONE);
    expect_code(room_set_max(&room, 2, "l1", 500), ERROR_NONE);
    expect_lead(&room, 1, 500);
    // he steps up to protect the tie, and no further
    expect_code(room_set_max(&room, 1, "l1", 700), ERROR_NONE);
    expect_facts(&room, EVENT_MAX_PLACED, EVENT_BID_ACCEPTED);
    expect_lead(&room, 1, 510);
    expect_code(room_set_max(&room, 1, "l1", 800), ERROR_NONE);
    expect_facts(&room, EVENT_MAX_PLACED);
    expect_lead(&room, 1, 510);
    assert_int_equal(room_bidder(&room, 1)->held_minor, 800);
    room_close(&room);
}

static void a_leader_between_rungs_steps_to_the_next_when_he_raises(void **state)
{
    (void)state;
    struct room room;
    open_lot(&room, 2);
    expect_code(room_set_max(&room, 1, "l1", 305), ERROR_NONE);
    expect_code(room_set_max(&room, 2, "l1", 301), ERROR_NONE);
    expect_lead(&room, 1, 305);
    expect_code(room_set_max(&room, 1, "l1", 400), ERROR_NONE);
    expect_lead(&room, 1, 311);
    room_close(&room);
}

static void plain_bids_count_as_the_second_when_a_leader_raises(void **state)
{
    (void)state;
    struct room room;
    open_lot(&room, 2);
    expect_code(room_set_max(&room, 1, "l1", 305), ERROR_NONE);
    expect_code(room_bid(&room, 2, "l1", 301), ERROR_NONE);
    expect_lead(&room, 1, 305);
    expect_code(room_set_max(&room, 1, "l1", 400), ERROR_NONE);
    expect_lead(&room, 1, 311);
    room_close(&room);
}

static void a_plain_bid_is_answered_up_to_the_maximum(void **state)
{
    (void)state;
    struct room room;
    open_lot(&room, 3);
    expect_code(room_set_max(&room, 1, "l1", 300), ERROR_NONE);
    expect_code(room_bid(&room, 2, "l1", 150), ERROR_NONE);
    expect_facts(&room, EVENT_BID_ACCEPTED);
    expect_lead(&room, 1, 160);
    assert_int_equal(room.decision.events[0].as.bid_accepted.amount_minor, 150);
    expect_code(room_bid(&room, 2, "l1", 295), ERROR_NONE);
    expect_lead(&room, 1, 300);
    expect_code(room_bid(&room, 2, "l1", 300), ERROR_BELOW_ASK);
    expect_code(room_bid(&room, 1, "l1", 400), ERROR_ALREADY_LEADING);
    expect_code(room_bid(&room, 3, "l1", 310), ERROR_NONE); // exactly that price, at once
    expect_lead(&room, 3, 310);
    assert_int_equal(room_bidder(&room, 1)->held_minor, 0);
    room_close(&room);
}

static void a_plain_bid_that_ties_with_a_maximum_loses(void **state)
{
    (void)state;
    struct room room;
    open_lot(&room, 2);
    expect_code(room_set_max(&room, 1, "l1", 300), ERROR_NONE);
    expect_code(room_bid(&room, 2, "l1", 300), ERROR_NONE);
    expect_lead(&room, 1, 300);
    room_close(&room);
}

static void a_leader_without_a_maximum_may_set_one_without_outbidding_himself(void **state)
{
    (void)state;
    struct room room;
    open_lot(&room, 2);
    expect_code(room_bid(&room, 1, "l1", 150), ERROR_NONE);
    expect_code(room_set_max(&room, 1, "l1", 400), ERROR_NONE);
    expect_facts(&room, EVENT_MAX_PLACED);
    expect_lead(&room, 1, 150);
    expect_code(room_bid(&room, 2, "l1", 160), ERROR_NONE);
    expect_lead(&room, 1, 170);
    room_close(&room);
}

static void a_maximum_is_lowered_down_to_the_standing_price(void **state)
{
    (void)state;
    struct room room;
    open_lot(&room, 2);
    expect_code(room_set_max(&room, 1, "l1", 400), ERROR_NONE);
    expect_code(room_bid(&room, 2, "l1", 190), ERROR_NONE);
    expect_lead(&room, 1, 200);
    expect_code(room_set_max(&room, 1, "l1", 199), ERROR_BELOW_ASK);
    expect_code(room_set_max(&room, 1, "l1", 200), ERROR_NONE);
    assert_int_equal(room_bidder(&room, 1)->held_minor, 200);
    expect_code(room_set_max(&room, 1, "l1", 250), ERROR_NONE);
    assert_int_equal(room_bidder(&room, 1)->held_minor, 250);
    expect_code(room_withdraw_max(&room, 1, "l1"), ERROR_NONE);
    assert_int_equal(room_bidder(&room, 1)->held_minor, 200);
    expect_lead(&room, 1, 200);
    expect_code(room_bid(&room, 2, "l1", 210), ERROR_NONE);
    expect_lead(&room, 2, 210);
    expect_code(room_withdraw_max(&room, 2, "l1"), ERROR_NOT_FOUND); // he never had one
    room_close(&room);
}

static void a_maximum_that_does_not_lead_is_taken_away_whole(void **state)
{
    (void)state;
    struct room room;
    open_lot(&room, 2);
    expect_code(room_set_max(&room, 1, "l1", 300), ERROR_NONE);
    expect_code(room_set_max(&room, 2, "l1", 250), ERROR_NONE);
    expect_lead(&room, 1, 260);
    expect_code(room_withdraw_max(&room, 2, "l1"), ERROR_NONE);
    expect_lead(&room, 1, 260); // the price never falls
    assert_int_equal(room_lot_at(&room, 0)->standings[1].max_minor, 0);
    room_close(&room);
}

static void absentee_maxima_are_played_when_the_lot_starts(void **state)
{
    (void)state;
    struct room room;
    struct sale_definition definition = room_definition();
    struct lot_definition lots[] = {room_lot(100), room_lot(100)};
    definition.rules.lot.increments = increment_table_flat(10, false);
    room_open(&room, &definition, lots, 2);
    room_join(&room, 3);
    expect_code(room_set_max(&room, 1, "l1", 99), ERROR_BELOW_ASK);
    expect_code(room_set_max(&room, 1, "l1", 300), ERROR_NONE);
    expect_facts(&room, EVENT_MAX_PLACED);
    expect_code(room_set_max_for(&room, "2", "l1", 300), ERROR_NONE); // by a clerk
    expect_code(room_set_max_for(&room, "9", "l1", 300), ERROR_NOT_FOUND);
    expect_code(room_set_max(&room, 3, "l2", 500), ERROR_NONE);
    assert_int_equal(room_bidder(&room, 1)->held_minor, 0);
    expect_code(room_staff(&room, SALE_OP_BEGIN), ERROR_NONE);
    room_wait(&room, 3000);
    expect_facts(&room, EVENT_LOT_STARTED, EVENT_BID_ACCEPTED);
    assert_int_equal(room.decision.events[1].as.bid_accepted.kind, BID_ABSENTEE);
    expect_lead(&room, 1, 300); // the earlier one of the tie
    room_close(&room);
}

// The nominator's opening bid is a plain one; his own maximum stands behind it.
static void a_nominators_own_maximum_answers_for_his_opening_bid(void **state)
{
    (void)state;
    struct room room;
    struct sale_definition definition = room_definition();
    struct lot_definition lot = room_lot(100);
    definition.rules.lot.increments = increment_table_flat(10, false);
    definition.rules.nomination = NOMINATION_STRAIGHT;
    definition.rules.nomination_ms = 10000;
    definition.rules.nominator_bids = true;
    room_open(&room, &definition, &lot, 1);
    room_join(&room, 2);
    expect_code(room_set_max(&room, 1, "l1", 350), ERROR_NONE);
    expect_code(room_set_max(&room, 2, "l1", 300), ERROR_NONE);
    expect_code(room_staff(&room, SALE_OP_BEGIN), ERROR_NONE);
    struct sale_command nominate = {.op = SALE_OP_NOMINATE, .role = ROLE_BIDDER, .by = {"p1"}};
    nominate.as.nominate.lot = (struct lot_id){"l1"};
    expect_code(room_command(&room, &nominate), ERROR_NONE);
    room_wait(&room, 3000);
    expect_facts(&room, EVENT_LOT_STARTED, EVENT_BID_ACCEPTED);
    assert_int_equal(room.decision.events[1].as.bid_accepted.kind, BID_NOMINATION);
    expect_lead(&room, 1, 310);
    assert_int_equal(room_bidder(&room, 1)->held_minor, 350);
    room_close(&room);
}

static void recorded_maxima_below_the_ask_may_move_the_price(void **state)
{
    (void)state;
    struct room room;
    open_lot(&room, 3);
    expect_code(room_set_max(&room, 1, "l1", 500), ERROR_NONE);
    expect_code(room_set_max(&room, 2, "l1", 200), ERROR_NONE);
    expect_lead(&room, 1, 210);
    struct sale_command command = {.op = SALE_OP_SET_MAX, .role = ROLE_BIDDER, .by = {"p3"}};
    command.as.set_max.lot = (struct lot_id){"l1"};
    command.as.set_max.max_minor = 205;
    expect_code(room_command(&room, &command), ERROR_BELOW_ASK);
    command.as.set_max.as_recorded = true;
    expect_code(room_command(&room, &command), ERROR_NONE);
    expect_lead(&room, 1, 215);
    command.as.set_max.max_minor = 99;
    expect_code(room_command(&room, &command), ERROR_BELOW_ASK);
    room_close(&room);
}

static void a_plain_leader_who_is_outbid_by_less_than_a_step_counts_as_the_second(void **state)
{
    (void)state;
    struct room room;
    open_lot(&room, 2);
    expect_code(room_bid(&room, 1, "l1", 100), ERROR_NONE);
    struct sale_command command = {.op = SALE_OP_SET_MAX, .role = ROLE_BIDDER, .by = {"p2"}};
    command.as.set_max.lot = (struct lot_id){"l1"};
    command.as.set_max.max_minor = 105;
    command.as.set_max.as_recorded = true;
    expect_code(room_command(&room, &command), ERROR_NONE);
    expect_lead(&room, 2, 105);
    expect_code(room_set_max(&room, 2, "l1", 300), ERROR_NONE); // to the next rung
    expect_lead(&room, 2, 110);
    room_close(&room);
}

static void in_a_live_lot_a_new_maximum_pays_what_the_auctioneer_asks(void **state)
{
    (void)state;
    struct room room;
    struct sale_definition definition = room_definition();
    struct lot_definition lot = room_lot(100);
    definition.rules.lot.format = FORMAT_LIVE;
    definition.rules.lot.increments = increment_table_flat(10, false);
    room_open(&room, &definition, &lot, 1);
    room_join(&room, 2);
    expect_code(room_staff(&room, SALE_OP_BEGIN), ERROR_NONE);
    room_wait(&room, 3000);
    struct sale_command ask = {.op = SALE_OP_SET_ASK, .role = ROLE_AUCTIONEER};
    ask.as.set_ask.lot = (struct lot_id){"l1"};
    ask.as.set_ask.ask_minor = 200;
    expect_code(room_command(&room, &ask), ERROR_NONE);
    expect_code(room_set_max(&room, 1, "l1", 199), ERROR_BELOW_ASK);
    expect_code(room_set_max(&room, 1, "l1", 500), ERROR_NONE);
    expect_lead(&room, 1, 200);
    expect_code(room_bid(&room, 2, "l1", 210), ERROR_NONE); // by the table again
    expect_lead(&room, 1, 220);
    room_close(&room);
}

// Rules 3, Closing: only an accepted bid, by someone other than the standing leader, that changes
// price or leader extends.
static void what_moves_nothing_or_is_the_leaders_own_does_not_extend(void **state)
{
    (void)state;
    struct room room;
    struct sale_definition definition = room_definition();
    struct lot_definition lot = room_lot(100);
    definition.rules.lot.increments = increment_table_flat(10, false);
    room_open(&room, &definition, &lot, 1);
    room_join(&room, 3);
    expect_code(room_staff(&room, SALE_OP_BEGIN), ERROR_NONE);
    room_wait(&room, 3000);
    expect_code(room_set_max(&room, 1, "l1", 300), ERROR_NONE);
    room.now_ms = room_lot_at(&room, 0)->ends_at_ms - 5000;
    expect_code(room_set_max(&room, 1, "l1", 305), ERROR_NONE);
    expect_facts(&room, EVENT_MAX_PLACED);
    expect_code(room_bid(&room, 2, "l1", 305), ERROR_NONE); // a tie: it loses and moves the price
    expect_facts(&room, EVENT_BID_ACCEPTED, EVENT_LOT_EXTENDED);
    int64_t ends_at_ms = room_lot_at(&room, 0)->ends_at_ms;
    room.now_ms += 1000;
    expect_code(room_set_max(&room, 1, "l1", 400), ERROR_NONE); // the leader protects it
    expect_facts(&room, EVENT_MAX_PLACED, EVENT_BID_ACCEPTED);
    expect_lead(&room, 1, 315);
    assert_true(room_lot_at(&room, 0)->ends_at_ms == ends_at_ms);
    struct sale_command recorded = {.op = SALE_OP_SET_MAX, .role = ROLE_BIDDER, .by = {"p3"}};
    recorded.as.set_max.lot = (struct lot_id){"l1"};
    recorded.as.set_max.max_minor = 200;
    recorded.as.set_max.as_recorded = true;
    expect_code(room_command(&room, &recorded), ERROR_NONE); // far below: it moves nothing
    expect_facts(&room, EVENT_MAX_PLACED);
    room_close(&room);
}

// The first lot is sold and the second one runs.
static void open_second(struct room *room)
{
    struct sale_definition definition = room_definition();
    struct lot_definition lots[] = {room_lot(100), room_lot(100)};
    definition.rules.lot.increments = increment_table_flat(10, false);
    room_open(room, &definition, lots, 2);
    room_join(room, 2);
    expect_code(room_staff(room, SALE_OP_BEGIN), ERROR_NONE);
    room_wait(room, 3000);
    expect_code(room_bid(room, 1, "l1", 100), ERROR_NONE);
    expect_code(room_next(room, "l1"), ERROR_NONE);
    room_wait(room, 3000);
}

// The second one waits again.
static void reopen_first(struct room *room)
{
    struct sale_command reopen = {.op = SALE_OP_REOPEN, .role = ROLE_AUCTIONEER};
    reopen.as.lot.lot = (struct lot_id){"l1"};
    expect_code(room_command(room, &reopen), ERROR_NONE);
    assert_int_equal(room_lot_at(room, 1)->phase, LOT_PENDING);
}

static void a_lot_that_starts_is_open_though_all_others_have_passed_before(void **state)
{
    (void)state;
    struct room room;
    open_second(&room);
    struct sale_command pass = {.op = SALE_OP_PASS, .role = ROLE_BIDDER, .by = {"p2"}};
    pass.as.lot.lot = (struct lot_id){"l2"};
    expect_code(room_command(&room, &pass), ERROR_NONE);
    reopen_first(&room);
    expect_code(room_set_max(&room, 1, "l2", 300), ERROR_NONE);
    expect_code(room_next(&room, "l1"), ERROR_NONE);
    room_wait(&room, 3000);
    expect_facts(&room, EVENT_LOT_STARTED, EVENT_BID_ACCEPTED);
    assert_int_equal(room_lot_at(&room, 1)->phase, LOT_OPEN);
    room_close(&room);
}

static struct sale_event max_placed(const struct room *room)
{
    struct sale_event event;
    memset(&event, 0, sizeof event);
    event.kind = EVENT_MAX_PLACED;
    event.at_ms = room->now_ms;
    event.as.max_placed.by = (struct participant_id){"p1"};
    event.as.max_placed.max_minor = 200;
    event.as.max_placed.quantity = 1;
    event.as.max_placed.order_no = room->sale->orders_total + 1;
    return event;
}

static void a_damaged_maximum_is_corrupt(void **state)
{
    (void)state;
    struct room room;
    open_lot(&room, 2);
    struct sale_event bad = max_placed(&room);
    bad.as.max_placed.lot_index = 1;
    assert_int_equal(sale_apply(room.sale, &bad), LC_ERR_CORRUPT);
    bad.as.max_placed.lot_index = -1;
    assert_int_equal(sale_apply(room.sale, &bad), LC_ERR_CORRUPT);
    bad = max_placed(&room);
    bad.as.max_placed.by = (struct participant_id){"p9"};
    assert_int_equal(sale_apply(room.sale, &bad), LC_ERR_CORRUPT);
    bad = max_placed(&room);
    bad.as.max_placed.max_minor = AMOUNT_MINOR_MAX + 1;
    assert_int_equal(sale_apply(room.sale, &bad), LC_ERR_CORRUPT);
    bad.as.max_placed.max_minor = -1;
    assert_int_equal(sale_apply(room.sale, &bad), LC_ERR_CORRUPT);
    bad = max_placed(&room);
    bad.as.max_placed.order_no = 2;
    assert_int_equal(sale_apply(room.sale, &bad), LC_ERR_CORRUPT);
    bad = max_placed(&room);
    bad.as.max_placed.quantity = -1;
    assert_int_equal(sale_apply(room.sale, &bad), LC_ERR_CORRUPT);
    assert_int_equal(room_lot_at(&room, 0)->standings_count, 0);
    bad = max_placed(&room);
    assert_int_equal(sale_apply(room.sale, &bad), LC_OK);
    room_close(&room);
}

static void in_a_strict_sale_a_price_beside_the_ladder_asks_for_its_next_rung(void **state)
{
    (void)state;
    struct room room;
    struct sale_definition definition = room_definition();
    struct lot_definition lot = room_lot(100);
    definition.rules.lot.increments = increment_table_flat(10, false);
    definition.rules.lot.strict = true;
    room_open(&room, &definition, &lot, 1);
    room_join(&room, 3);
    expect_code(room_staff(&room, SALE_OP_BEGIN), ERROR_NONE);
    room_wait(&room, 3000);
    assert_int_equal(sale_ask(room.sale, room_lot_at(&room, 0), room.now_ms), 100);
    expect_code(room_set_max(&room, 1, "l1", 155), ERROR_NONE); // a maximum need not lie on it
    assert_int_equal(sale_ask(room.sale, room_lot_at(&room, 0), room.now_ms), 110);
    expect_code(room_set_max(&room, 2, "l1", 137), ERROR_NONE);
    assert_int_equal(room_lot_at(&room, 0)->price_minor, 147);
    assert_int_equal(sale_ask(room.sale, room_lot_at(&room, 0), room.now_ms), 160);
    expect_code(room_set_max(&room, 3, "l1", 156), ERROR_BELOW_ASK); // the step counts for maxima
    expect_code(room_bid(&room, 3, "l1", 157), ERROR_OFF_LADDER);
    expect_code(room_bid(&room, 3, "l1", 160), ERROR_NONE);
    assert_int_equal(room_lot_at(&room, 0)->leader_index, 2);
    room_close(&room);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_bidder_leads_at_the_opening),
        cmocka_unit_test(the_price_is_a_step_above_the_second_but_never_above_the_maximum),
        cmocka_unit_test(a_new_maximum_may_win_by_less_than_a_step),
        cmocka_unit_test(a_tie_leaves_the_earlier_one_leading_at_the_tied_amount),
        cmocka_unit_test(a_leader_between_rungs_steps_to_the_next_when_he_raises),
        cmocka_unit_test(plain_bids_count_as_the_second_when_a_leader_raises),
        cmocka_unit_test(a_plain_bid_is_answered_up_to_the_maximum),
        cmocka_unit_test(a_plain_bid_that_ties_with_a_maximum_loses),
        cmocka_unit_test(a_leader_without_a_maximum_may_set_one_without_outbidding_himself),
        cmocka_unit_test(a_maximum_is_lowered_down_to_the_standing_price),
        cmocka_unit_test(a_maximum_that_does_not_lead_is_taken_away_whole),
        cmocka_unit_test(in_a_strict_sale_a_price_beside_the_ladder_asks_for_its_next_rung),
        cmocka_unit_test(absentee_maxima_are_played_when_the_lot_starts),
        cmocka_unit_test(a_nominators_own_maximum_answers_for_his_opening_bid),
        cmocka_unit_test(recorded_maxima_below_the_ask_may_move_the_price),
        cmocka_unit_test(a_plain_leader_who_is_outbid_by_less_than_a_step_counts_as_the_second),
        cmocka_unit_test(in_a_live_lot_a_new_maximum_pays_what_the_auctioneer_asks),
        cmocka_unit_test(what_moves_nothing_or_is_the_leaders_own_does_not_extend),
        cmocka_unit_test(a_lot_that_starts_is_open_though_all_others_have_passed_before),
        cmocka_unit_test(a_damaged_maximum_is_corrupt),
    };
    return cmocka_run_group_tests_name("maximum", tests, NULL, NULL);
}
