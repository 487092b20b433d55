// Dutch (rules 4): the price falls by the clock of the server, the first press buys at it.
#include "formats_room.h"

// 1,000 falls by 100 each second; the clock starts again 150 above.
static struct format_case dutch_case(int64_t quantity, int64_t minimum_minor)
{
    struct format_case dutch = {.rules = format_rules(FORMAT_DUTCH), .bidders = 3};
    dutch.rules.price_step_minor = 100;
    dutch.rules.price_tick_ms = 1000;
    dutch.rules.dutch_raise_minor = 150;
    dutch.lots[0] = room_lot(1000);
    dutch.lots[0].quantity = quantity;
    dutch.lots[0].reserve_minor = minimum_minor;
    return dutch;
}

static int64_t price_now(const struct room *room)
{
    return sale_ask(room->sale, room_lot_at(room, 0), room->now_ms);
}

static void the_price_is_start_less_step_for_each_whole_tick(void **state)
{
    (void)state;
    static const struct {
        int64_t after_ms;
        int64_t price_minor;
    } table[] = {{0, 1000},   {1, 1000},   {999, 1000}, {1000, 900}, {1999, 900}, {2000, 800},
                 {4500, 600}, {7000, 300}, {7999, 300}, {8000, 200}, {8999, 200}};
    struct room room;
    struct format_case dutch = dutch_case(1, 200);
    format_open(&room, &dutch);
    int64_t start_ms = room.now_ms;
    assert_true(room_lot_at(&room, 0)->clock_from_ms == start_ms);
    assert_int_equal(room_lot_at(&room, 0)->clock_price_minor, 1000);
    assert_int_equal(room_lot_at(&room, 0)->ends_at_ms, 0); // its end would tell the minimum
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        room_wait(&room, start_ms + table[i].after_ms - room.now_ms);
        assert_int_equal(price_now(&room), table[i].price_minor);
    }
    room_close(&room);
}

static void the_first_press_buys_at_the_price_of_its_moment(void **state)
{
    (void)state;
    struct room room;
    struct format_case dutch = dutch_case(1, 0);
    format_open(&room, &dutch);
    room_wait(&room, 2999);
    expect_code(format_offer(&room, 1, "l1", 799, 1), ERROR_BELOW_ASK);
    expect_code(format_offer(&room, 2, "l1", 900, 1), ERROR_NONE); // he saw the price before
    expect_sold(&room, 2, 800, 1, CLOSE_PRESSED);
    const struct sale_event *bid = format_fact(&room, EVENT_BID_ACCEPTED);
    assert_int_equal(bid->as.bid_accepted.kind, BID_PRESS);
    assert_int_equal(bid->as.bid_accepted.amount_minor, 800);
    expect_spent_all(&room, 0, 800, 0);
    expect_code(format_offer(&room, 1, "l1", 800, 1), ERROR_NOT_ACTIVE); // late: it is over
    room_close(&room);
}

static void a_late_press_buys_nothing(void **state)
{
    (void)state;
    struct room room;
    struct format_case dutch = dutch_case(1, 0);
    dutch.lots[1] = room_lot(500);
    dutch.lots_count = 2;
    format_open(&room, &dutch);
    room_wait(&room, 3000);
    expect_code(format_offer(&room, 1, "l1", 700, 1), ERROR_NONE);
    expect_code(format_offer(&room, 2, "l1", 700, 1), ERROR_LOT_CLOSED);
    expect_spent_all(&room, 700, 0, 0);
    room_close(&room);
}

static void falling_through_the_minimum_withdraws_the_lot(void **state)
{
    (void)state;
    struct room room;
    struct format_case dutch = dutch_case(1, 250); // 300 is its last price
    format_open(&room, &dutch);
    room_wait(&room, 7999);
    assert_int_equal(price_now(&room), 300);
    room.now_ms++; // before the engine has said so
    expect_code(format_offer(&room, 1, "l1", 1000, 1), ERROR_LOT_CLOSED);
    room_wait(&room, 0);
    const struct sale_event *withdrawn = format_fact(&room, EVENT_LOT_WITHDRAWN);
    assert_int_equal(withdrawn->as.lot_withdrawn.reason, WITHDRAWN_BELOW_MINIMUM);
    assert_int_equal(room_lot_at(&room, 0)->phase, LOT_WITHDRAWN);
    assert_int_equal(room.sale->phase, SALE_COMPLETE);
    expect_spent_all(&room, 0, 0, 0);
    room_close(&room);
}

static void without_a_minimum_the_lot_is_withdrawn_where_the_price_would_be_nothing(void **state)
{
    (void)state;
    struct room room;
    struct format_case dutch = dutch_case(1, 0);
    format_open(&room, &dutch);
    room_wait(&room, 9999);
    assert_int_equal(price_now(&room), 100);
    assert_int_equal(room_lot_at(&room, 0)->phase, LOT_OPEN);
    room_wait(&room, 1);
    assert_int_equal(room_lot_at(&room, 0)->phase, LOT_WITHDRAWN);
    room_close(&room);
}

// One lot of 10: presses of 3 and 5, then the rest of 2.
static void of_several_pieces_a_press_takes_some_and_the_clock_restarts_above(void **state)
{
    (void)state;
    struct room room;
    struct format_case dutch = dutch_case(10, 0);
    format_open(&room, &dutch);
    room_wait(&room, 4200); // 600
    expect_code(format_offer(&room, 1, "l1", 600, 3), ERROR_NONE);
    expect_facts(&room, EVENT_BID_ACCEPTED, EVENT_LOT_AWARDED, EVENT_CLOCK_RESTARTED);
    const struct sale_event *restarted = format_fact(&room, EVENT_CLOCK_RESTARTED);
    assert_int_equal(restarted->as.clock_restarted.price_minor, 750);
    assert_int_equal(restarted->as.clock_restarted.quantity_left, 7);
    assert_true(restarted->as.clock_restarted.from_ms == room.now_ms);
    expect_spent_all(&room, 1800, 0, 0);

    expect_code(format_offer(&room, 2, "l1", 600, 5), ERROR_BELOW_ASK); // he saw the old price
    expect_code(format_offer(&room, 2, "l1", 750, 8), ERROR_BAD_QUANTITY);
    expect_code(format_offer(&room, 2, "l1", 750, -1), ERROR_BAD_QUANTITY);
    room_wait(&room, 999);
    assert_int_equal(price_now(&room), 750);
    room_wait(&room, 1);
    expect_code(format_offer(&room, 2, "l1", 650, 5), ERROR_NONE);
    assert_int_equal(room_lot_at(&room, 0)->quantity_left, 2);
    room_wait(&room, 3000); // 800 - 300
    expect_code(format_offer(&room, 1, "l1", 500, 2), ERROR_NONE);
    expect_sold(&room, 0, 500, 10, CLOSE_PRESSED);
    expect_spent_all(&room, 1800 + 1000, 3250, 0);
    assert_int_equal(room_bidder(&room, 1)->slots_taken, 1); // one lot is one place
    const struct lot *lot = room_lot_at(&room, 0);
    assert_int_equal(lot->awards_count, 3);
    assert_int_equal(lot->awards[1].quantity, 5);
    assert_int_equal(lot->awards[1].price_minor, 650);
    room_close(&room);
}

static void the_clock_never_restarts_above_where_it_began(void **state)
{
    (void)state;
    struct room room;
    struct format_case dutch = dutch_case(2, 0);
    format_open(&room, &dutch);
    expect_code(format_offer(&room, 1, "l1", 1000, 0), ERROR_NONE); // 0 means one piece
    assert_int_equal(price_now(&room), 1000);
    assert_int_equal(room_lot_at(&room, 0)->quantity_left, 1);
    expect_code(format_offer(&room, 1, "l1", 1000, 1), ERROR_NONE);
    expect_sold(&room, 1, 1000, 2, CLOSE_PRESSED); // one buyer of all
    expect_spent_all(&room, 2000, 0, 0);
    room_close(&room);
}

static void pieces_pressed_before_the_fall_stay_sold(void **state)
{
    (void)state;
    struct room room;
    struct format_case dutch = dutch_case(10, 900);
    format_open(&room, &dutch);
    expect_code(format_offer(&room, 2, "l1", 1000, 4), ERROR_NONE);
    room_wait(&room, 2000);
    expect_sold(&room, 2, 1000, 4, CLOSE_TIME);
    expect_spent_all(&room, 0, 4000, 0);
    room_close(&room);
}

static void a_press_must_fit_the_budget_with_all_its_pieces(void **state)
{
    (void)state;
    struct room room;
    struct format_case dutch = dutch_case(10, 0);
    dutch.budget_minor = 3000;
    dutch.slots = 2;
    dutch.minimum_minor = 100;
    format_open(&room, &dutch);
    expect_code(format_offer(&room, 1, "l1", 1000, 4), ERROR_INSUFFICIENT_BUDGET);
    expect_code(format_offer(&room, 1, "l1", 1000, 3), ERROR_RESERVE_FOR_ROSTER);
    expect_code(format_offer(&room, 1, "l1", 1000, 2), ERROR_NONE);
    // The place is taken once: with 1,000 left, 100 stay reserved for the other slot.
    expect_code(format_offer(&room, 1, "l1", 1000, 1), ERROR_RESERVE_FOR_ROSTER);
    room_wait(&room, 1000);
    expect_code(format_offer(&room, 1, "l1", 900, 1), ERROR_NONE);
    assert_int_equal(room_bidder(&room, 1)->slots_taken, 1);
    assert_int_equal(room_bidder(&room, 1)->spent_minor, 2900);
    room_close(&room);
}

// What follows is decided on the purses after the press, which holds nothing before it.
static void the_sale_completes_when_a_press_fills_the_last_roster(void **state)
{
    (void)state;
    struct room room;
    struct format_case dutch = dutch_case(1, 0);
    dutch.lots[1] = room_lot(500);
    dutch.lots_count = 2;
    dutch.bidders = 1;
    dutch.budget_minor = 3000;
    dutch.slots = 1;
    dutch.minimum_minor = 1;
    format_open(&room, &dutch);
    expect_code(format_offer(&room, 1, "l1", 1000, 1), ERROR_NONE);
    expect_facts(&room, EVENT_BID_ACCEPTED, EVENT_LOT_SOLD, EVENT_SALE_COMPLETED);
    assert_int_equal(room.sale->complete_reason, COMPLETE_ROSTERS_FULL);
    room_close(&room);
}

static void a_pause_and_an_outage_stop_the_clock(void **state)
{
    (void)state;
    struct room room;
    struct format_case dutch = dutch_case(1, 0);
    format_open(&room, &dutch);
    room_wait(&room, 1500);
    expect_code(room_staff(&room, SALE_OP_PAUSE), ERROR_NONE);
    room_wait(&room, 60000);
    assert_int_equal(price_now(&room), 900);
    expect_code(room_staff(&room, SALE_OP_RESUME), ERROR_NONE);
    assert_int_equal(price_now(&room), 900);
    room_wait(&room, 499);
    assert_int_equal(price_now(&room), 900);
    room_wait(&room, 1);
    assert_int_equal(price_now(&room), 800);
    int64_t alive_at_ms = room.now_ms + 500;
    room.now_ms += 30000;
    room_engine_start(&room, alive_at_ms);
    assert_int_equal(price_now(&room), 800);
    room_wait(&room, 500);
    assert_int_equal(price_now(&room), 700);
    expect_code(format_offer(&room, 3, "l1", 700, 1), ERROR_NONE);
    expect_sold(&room, 3, 700, 1, CLOSE_PRESSED);
    room_close(&room);
}

// rules 5: the extension turns the clock back, at most to where it began.
static void an_outage_extension_turns_the_clock_back_never_above_its_start(void **state)
{
    (void)state;
    struct room room;
    struct format_case dutch = dutch_case(1, 0);
    dutch.outage_extension_ms = 2500;
    format_open(&room, &dutch);
    room_wait(&room, 4000);
    int64_t alive_at_ms = room.now_ms;
    room.now_ms += 10000;
    room_engine_start(&room, alive_at_ms);
    assert_int_equal(price_now(&room), 900); // 1.5 s after the start
    alive_at_ms = room.now_ms;
    room.now_ms += 10000;
    room_engine_start(&room, alive_at_ms);
    assert_int_equal(price_now(&room), 1000); // 1 s before it
    room_wait(&room, 1999);
    assert_int_equal(price_now(&room), 1000);
    room_wait(&room, 1);
    assert_int_equal(price_now(&room), 900);
    room_close(&room);
}

// Who has pieces has his place, whoever takes the last one.
static void the_sale_completes_when_all_have_pieces_and_full_rosters(void **state)
{
    (void)state;
    struct room room;
    struct format_case dutch = dutch_case(3, 0);
    dutch.lots[1] = room_lot(500);
    dutch.lots_count = 2;
    dutch.bidders = 2;
    dutch.budget_minor = 9000;
    dutch.slots = 1;
    dutch.minimum_minor = 1;
    format_open(&room, &dutch);
    expect_code(format_offer(&room, 1, "l1", 1000, 1), ERROR_NONE);
    expect_code(format_offer(&room, 2, "l1", 1000, 2), ERROR_NONE);
    assert_int_equal(room.sale->phase, SALE_COMPLETE);
    assert_int_equal(room.sale->complete_reason, COMPLETE_ROSTERS_FULL);
    room_close(&room);
}

static void next_closes_what_was_pressed_and_passes_the_rest(void **state)
{
    (void)state;
    struct room room;
    struct format_case dutch = dutch_case(5, 0);
    dutch.lots[1] = room_lot(1000);
    dutch.lots_count = 2;
    format_open(&room, &dutch);
    expect_code(format_offer(&room, 1, "l1", 1000, 2), ERROR_NONE);
    expect_code(room_next(&room, "l1"), ERROR_NONE);
    expect_sold(&room, 1, 1000, 2, CLOSE_NEXT);
    room_wait(&room, 3000);
    expect_code(room_next(&room, "l2"), ERROR_NONE);
    expect_unsold(&room, UNSOLD_PASSED);
    expect_spent_all(&room, 2000, 0, 0);
    room_close(&room);
}

// The largest prices and times: nothing overflows.
static void the_largest_price_and_the_slowest_clock_are_possible(void **state)
{
    (void)state;
    struct room room;
    struct format_case dutch = dutch_case(9, 1);
    dutch.rules.price_step_minor = 1;
    dutch.rules.price_tick_ms = DURATION_MS_MAX;
    dutch.lots[0].opening_minor = AMOUNT_MINOR_MAX;
    format_open(&room, &dutch);
    assert_true(sale_next_deadline(room.sale) == INT64_MAX); // after the end of time
    room_wait(&room, DURATION_MS_MAX);
    assert_true(price_now(&room) == AMOUNT_MINOR_MAX - 1);
    expect_code(format_offer(&room, 1, "l1", AMOUNT_MINOR_MAX, 9), ERROR_NONE);
    assert_true(room_bidder(&room, 1)->spent_minor == 9 * (AMOUNT_MINOR_MAX - 1));
    room_close(&room);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_price_is_start_less_step_for_each_whole_tick),
        cmocka_unit_test(the_first_press_buys_at_the_price_of_its_moment),
        cmocka_unit_test(a_late_press_buys_nothing),
        cmocka_unit_test(falling_through_the_minimum_withdraws_the_lot),
        cmocka_unit_test(without_a_minimum_the_lot_is_withdrawn_where_the_price_would_be_nothing),
        cmocka_unit_test(of_several_pieces_a_press_takes_some_and_the_clock_restarts_above),
        cmocka_unit_test(the_clock_never_restarts_above_where_it_began),
        cmocka_unit_test(pieces_pressed_before_the_fall_stay_sold),
        cmocka_unit_test(a_press_must_fit_the_budget_with_all_its_pieces),
        cmocka_unit_test(the_sale_completes_when_a_press_fills_the_last_roster),
        cmocka_unit_test(a_pause_and_an_outage_stop_the_clock),
        cmocka_unit_test(an_outage_extension_turns_the_clock_back_never_above_its_start),
        cmocka_unit_test(the_sale_completes_when_all_have_pieces_and_full_rosters),
        cmocka_unit_test(next_closes_what_was_pressed_and_passes_the_rest),
        cmocka_unit_test(the_largest_price_and_the_slowest_clock_are_possible),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
