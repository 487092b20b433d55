// The auctioneer's hand on a lot (rules 4, Live) and the gavel (rules 1, Roles; rules 2).
#include "flow_room.h"

static struct sale_definition live_definition(void)
{
    struct sale_definition definition = room_definition();
    definition.rules.lot.format = FORMAT_LIVE;
    definition.rules.unsold_rounds = 0;
    return definition;
}

static void open_live(struct room *room, size_t lots_count)
{
    struct sale_definition definition = live_definition();
    flow_open(room, &definition, lots_count, 3);
    room_wait(room, 3000);
}

static void a_live_lot_has_no_clock_and_waits_for_its_hammer(void **state)
{
    (void)state;
    struct room room;
    open_live(&room, 2);
    assert_int_equal(room_lot_at(&room, 0)->ends_at_ms, 0);
    assert_true(sale_next_deadline(room.sale) == INT64_MAX);
    room_wait(&room, 86400000);
    expect_code(room_bid(&room, 1, "l1", 100), ERROR_NONE);
    expect_code(room_bid(&room, 2, "l1", 300), ERROR_NONE);
    expect_code(flow_lot(&room, SALE_OP_SELL, "l1"), ERROR_NONE);
    expect_facts(&room, EVENT_LOT_SOLD);
    assert_int_equal(room.decision.events[0].as.lot_sold.reason, CLOSE_HAMMER);
    assert_int_equal(room.decision.events[0].as.lot_sold.price_minor, 300);
    assert_string_equal(room.decision.events[0].as.lot_sold.winner.text, "p2");
    room_wait(&room, 3000);
    assert_int_equal(room_lot_at(&room, 1)->phase, LOT_OPEN);
    expect_code(flow_lot(&room, SALE_OP_PASS_IN, "l2"), ERROR_NONE);
    expect_facts(&room, EVENT_LOT_UNSOLD, EVENT_SALE_COMPLETED);
    assert_int_equal(room.decision.events[0].as.lot_unsold.reason, UNSOLD_PASSED);
    flow_expect_purses(&room);
    room_close(&room);
}

static void nothing_is_sold_without_a_bid_or_below_the_reserve_unless_it_is_meant(void **state)
{
    (void)state;
    struct room room;
    struct sale_definition definition = live_definition();
    struct lot_definition lot = room_lot(100);
    lot.reserve_minor = 500;
    room_open(&room, &definition, &lot, 1);
    room_join(&room, 1);
    expect_code(room_staff(&room, SALE_OP_BEGIN), ERROR_NONE);
    expect_code(flow_lot(&room, SALE_OP_SELL, "l1"), ERROR_WRONG_LOT);
    room_wait(&room, 3000);
    expect_code(flow_lot(&room, SALE_OP_SELL, "l1"), ERROR_NO_BIDS);
    expect_code(room_bid(&room, 1, "l1", 400), ERROR_NONE);
    expect_code(flow_lot(&room, SALE_OP_SELL, "l1"), ERROR_BELOW_RESERVE);
    expect_code(flow_lot(&room, SALE_OP_SELL, "nope"), ERROR_NOT_FOUND);
    expect_code(flow_sell_below_reserve(&room, "l1"), ERROR_NONE);
    assert_int_equal(room_bidder(&room, 1)->spent_minor, 400);
    expect_code(flow_lot(&room, SALE_OP_SELL, "l1"), ERROR_WRONG_PHASE); // the sale is complete
    room_close(&room);
}

static void passing_in_releases_the_leader_even_above_the_reserve(void **state)
{
    (void)state;
    struct room room;
    open_live(&room, 2);
    expect_code(room_bid(&room, 1, "l1", 900), ERROR_NONE);
    expect_code(flow_lot(&room, SALE_OP_PASS_IN, "l1"), ERROR_NONE);
    assert_int_equal(room_lot_at(&room, 0)->phase, LOT_UNSOLD);
    assert_int_equal(room_bidder(&room, 1)->held_minor, 0);
    assert_int_equal(room_bidder(&room, 1)->spent_minor, 0);
    expect_code(flow_lot(&room, SALE_OP_PASS_IN, "l1"), ERROR_LOT_CLOSED);
    room_close(&room);
}

static void the_auctioneers_ask_holds_until_the_next_bid(void **state)
{
    (void)state;
    struct room room;
    open_live(&room, 1);
    expect_code(flow_set_ask(&room, "l1", 500), ERROR_NONE);
    expect_facts(&room, EVENT_ASK_SET);
    assert_int_equal(sale_ask(room.sale, room_lot_at(&room, 0), room.now_ms), 500);
    expect_code(room_bid(&room, 1, "l1", 499), ERROR_BELOW_ASK);
    expect_code(room_bid(&room, 1, "l1", 500), ERROR_NONE);
    assert_int_equal(sale_ask(room.sale, room_lot_at(&room, 0), room.now_ms), 600);
    expect_code(flow_set_ask(&room, "l1", 500), ERROR_BAD_AMOUNT); // not above the price
    expect_code(flow_set_ask(&room, "l1", -1), ERROR_BAD_AMOUNT);
    expect_code(flow_set_ask(&room, "l1", AMOUNT_MINOR_MAX + 1), ERROR_BAD_AMOUNT);
    expect_code(flow_set_ask(&room, "l1", 550), ERROR_NONE);
    expect_code(room_bid(&room, 2, "l1", 550), ERROR_NONE); // a half step is the auctioneer's right
    expect_code(flow_set_ask(&room, "l1", 1000), ERROR_NONE);
    expect_code(flow_set_ask(&room, "l1", 0), ERROR_NONE); // by the table again
    assert_int_equal(sale_ask(room.sale, room_lot_at(&room, 0), room.now_ms), 650);
    room_close(&room);
}

static void an_ask_that_the_price_has_passed_asks_for_nothing(void **state)
{
    (void)state;
    struct room room;
    struct sale_definition definition = live_definition();
    struct lot_definition lots[2] = {room_lot(100), room_lot(100)};
    lots[0].buy_now_minor = 500;
    room_open(&room, &definition, lots, 2);
    room_join(&room, 2);
    expect_code(room_staff(&room, SALE_OP_BEGIN), ERROR_NONE);
    room_wait(&room, 3000);
    expect_code(flow_set_ask(&room, "l1", 120), ERROR_NONE);
    struct sale_command buy = {.op = SALE_OP_BUY_NOW, .role = ROLE_BIDDER, .by = {"p1"}};
    buy.as.lot.lot = (struct lot_id){"l1"};
    expect_code(room_command(&room, &buy), ERROR_NONE);
    expect_code(flow_lot(&room, SALE_OP_REOPEN, "l1"), ERROR_NONE);
    assert_int_equal(sale_ask(room.sale, room_lot_at(&room, 0), room.now_ms), 600);
    expect_code(room_bid(&room, 2, "l1", 120), ERROR_BELOW_ASK);
    room_close(&room);
}

static void only_a_live_lot_takes_an_ask_and_only_one_with_a_clock_more_time(void **state)
{
    (void)state;
    struct room room;
    room_open_simple(&room, 1, 1);
    expect_code(flow_set_ask(&room, "l1", 500), ERROR_WRONG_FORMAT);
    room_close(&room);
    open_live(&room, 1);
    expect_code(flow_add_time(&room, "l1", 1000), ERROR_WRONG_FORMAT);
    room_close(&room);
}

static void the_auctioneer_warns_once_and_twice_and_a_bid_takes_it_back(void **state)
{
    (void)state;
    struct room room;
    open_live(&room, 1);
    expect_code(flow_lot(&room, SALE_OP_WARN, "l1"), ERROR_NONE);
    assert_int_equal(room.decision.events[0].as.lot_warned.stage, 1);
    expect_code(flow_lot(&room, SALE_OP_WARN, "l1"), ERROR_NONE);
    assert_int_equal(room_lot_at(&room, 0)->warned, 2);
    expect_code(flow_lot(&room, SALE_OP_WARN, "l1"), ERROR_WRONG_PHASE);
    expect_code(room_bid(&room, 1, "l1", 100), ERROR_NONE);
    assert_int_equal(room_lot_at(&room, 0)->warned, 0);
    expect_code(flow_lot(&room, SALE_OP_WARN, "l1"), ERROR_NONE);
    assert_int_equal(room_lot_at(&room, 0)->warned, 1);
    room_close(&room);
}

static void an_english_lot_may_be_hammered_before_its_end(void **state)
{
    (void)state;
    struct room room;
    room_open_simple(&room, 2, 1);
    expect_code(room_bid(&room, 1, "l1", 100), ERROR_NONE);
    expect_code(flow_lot(&room, SALE_OP_SELL, "l1"), ERROR_NONE);
    assert_int_equal(room.sale->sold_count, 1);
    room_close(&room);
}

static void sealed_falling_rising_and_drawn_lots_have_no_hammer(void **state)
{
    (void)state;
    static const enum auction_format formats[] = {FORMAT_SEALED_FIRST, FORMAT_VICKREY,
                                                  FORMAT_UNIFORM,      FORMAT_DUTCH,
                                                  FORMAT_JAPANESE,     FORMAT_CANDLE};
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
        struct room room;
        struct sale_definition definition = room_definition();
        definition.rules.lot.format = formats[i];
        definition.rules.lot.price_step_minor = 10;
        definition.rules.lot.price_tick_ms = 1000;
        definition.rules.lot.candle_ending_ms = 5000;
        definition.seed[0] = 1;
        flow_open(&room, &definition, 1, 1);
        room_wait(&room, 3000);
        expect_code(flow_lot(&room, SALE_OP_SELL, "l1"), ERROR_WRONG_FORMAT);
        expect_code(flow_lot(&room, SALE_OP_PASS_IN, "l1"), ERROR_WRONG_FORMAT);
        expect_code(flow_set_ask(&room, "l1", 500), ERROR_WRONG_FORMAT);
        room_close(&room);
    }
}

static void controls_need_a_live_sale(void **state)
{
    (void)state;
    struct room room;
    room_open_simple(&room, 1, 1);
    expect_code(room_bid(&room, 1, "l1", 100), ERROR_NONE);
    expect_code(room_staff(&room, SALE_OP_PAUSE), ERROR_NONE);
    expect_code(flow_lot(&room, SALE_OP_SELL, "l1"), ERROR_WRONG_PHASE);
    expect_code(flow_lot(&room, SALE_OP_PASS_IN, "l1"), ERROR_WRONG_PHASE);
    expect_code(flow_lot(&room, SALE_OP_WARN, "l1"), ERROR_WRONG_PHASE);
    expect_code(flow_lot(&room, SALE_OP_REOPEN, "l1"), ERROR_WRONG_PHASE);
    expect_code(flow_add_time(&room, "l1", 1000), ERROR_WRONG_PHASE);
    expect_code(flow_withdraw(&room, "l1", ""), ERROR_WRONG_PHASE);
    room_close(&room);
}

// ---- withdrawing ----

static void an_open_lot_is_withdrawn_its_leader_released_and_the_next_one_follows(void **state)
{
    (void)state;
    struct room room;
    room_open_simple(&room, 2, 1);
    expect_code(room_bid(&room, 1, "l1", 100), ERROR_NONE);
    expect_code(flow_withdraw(&room, "l1", "broken in the hall"), ERROR_NONE);
    expect_facts(&room, EVENT_LOT_WITHDRAWN);
    assert_int_equal(room_lot_at(&room, 0)->phase, LOT_WITHDRAWN);
    assert_int_equal(room_bidder(&room, 1)->held_minor, 0);
    assert_int_equal(room_bidder(&room, 1)->slots_held, 0);
    assert_int_equal(room.sale->next_index, 1);
    expect_code(flow_withdraw(&room, "l1", ""), ERROR_LOT_CLOSED);
    expect_code(room_bid(&room, 1, "l1", 200), ERROR_LOT_CLOSED);
    room_wait(&room, 3000);
    assert_int_equal(room_lot_at(&room, 1)->phase, LOT_OPEN);
    room_close(&room);
}

static void withdrawn_lots_are_not_offered_again(void **state)
{
    (void)state;
    struct room room;
    room_open_simple(&room, 3, 1);
    expect_code(flow_withdraw(&room, "l1", ""), ERROR_NONE);
    expect_code(flow_withdraw(&room, "l3", ""), ERROR_NONE); // it only waits: the gap goes on
    assert_int_equal(room.sale->next_index, 1);
    room_wait(&room, 3000 + 30000);
    expect_facts(&room, EVENT_LOT_UNSOLD, EVENT_ROUND_STARTED);
    assert_int_equal(room.sale->next_index, 1);
    assert_int_equal(flow_count(&room, LOT_WITHDRAWN), 2);
    room_wait(&room, 3000 + 30000);
    assert_int_equal(room.sale->phase, SALE_COMPLETE);
    assert_int_equal(flow_count(&room, LOT_WITHDRAWN), 2);
    assert_int_equal(room.sale->unsold_count, 1);
    room_close(&room);
}

static void the_last_lot_withdrawn_ends_the_sale(void **state)
{
    (void)state;
    for (int in_gap = 0; in_gap < 2; in_gap++) {
        struct room room;
        struct sale_definition definition = room_definition();
        flow_open(&room, &definition, 1, 1);
        room_wait(&room, in_gap ? 1000 : 3000);
        expect_code(flow_withdraw(&room, "l1", ""), ERROR_NONE);
        expect_facts(&room, EVENT_LOT_WITHDRAWN, EVENT_SALE_COMPLETED);
        assert_int_equal(room.sale->phase, SALE_COMPLETE);
        room_close(&room);
    }
}

static void the_lot_counted_in_withdrawn_gives_the_gap_to_the_next(void **state)
{
    (void)state;
    struct room room;
    struct sale_definition definition = room_definition();
    flow_open(&room, &definition, 2, 1);
    room_wait(&room, 2000);
    expect_code(flow_withdraw(&room, "l1", ""), ERROR_NONE);
    assert_int_equal(room.sale->next_index, 1);
    assert_true(room.sale->next_starts_at_ms == room.now_ms + 3000);
    room_close(&room);
}

static void a_lot_may_be_withdrawn_before_the_beginning(void **state)
{
    (void)state;
    struct room room;
    struct sale_definition definition = room_definition();
    struct lot_definition lots[] = {room_lot(100), room_lot(100)};
    room_open(&room, &definition, lots, 2);
    expect_code(flow_withdraw(&room, "l1", "a\nb"), ERROR_BAD_REQUEST);
    expect_code(flow_withdraw(&room, "nope", ""), ERROR_NOT_FOUND);
    expect_code(flow_withdraw(&room, "l1", ""), ERROR_NONE);
    assert_int_equal(room.sale->phase, SALE_LOBBY);
    expect_code(flow_withdraw(&room, "l2", ""), ERROR_NONE);
    assert_int_equal(room.sale->phase, SALE_LOBBY);
    expect_code(room_staff(&room, SALE_OP_BEGIN), ERROR_NO_LOTS);
    room_close(&room);
}

// ---- the gavel ----

static void while_nobody_holds_the_gavel_every_console_controls(void **state)
{
    (void)state;
    struct room room;
    room_open_simple(&room, 2, 1);
    expect_code(flow_console(&room, "a", SALE_OP_PAUSE, NULL), ERROR_NONE);
    expect_code(flow_console(&room, "b", SALE_OP_RESUME, NULL), ERROR_NONE);
    expect_code(flow_console(&room, "", SALE_OP_PAUSE, NULL), ERROR_NONE);
    room_close(&room);
}

static void only_the_console_with_the_gavel_controls_the_sale(void **state)
{
    (void)state;
    static const enum sale_op controls[] = {
        SALE_OP_BEGIN, SALE_OP_PAUSE,    SALE_OP_RESUME, SALE_OP_NEXT,        SALE_OP_RESET,
        SALE_OP_UNDO,  SALE_OP_SET_ASK,  SALE_OP_SELL,   SALE_OP_WARN,        SALE_OP_PASS_IN,
        SALE_OP_WARN,  SALE_OP_ADD_TIME, SALE_OP_REOPEN, SALE_OP_WITHDRAW_LOT};
    struct room room;
    room_open_simple(&room, 2, 1);
    expect_code(flow_take_gavel(&room, "left"), ERROR_NONE);
    expect_facts(&room, EVENT_GAVEL_TAKEN);
    for (size_t i = 0; i < sizeof controls / sizeof controls[0]; i++) {
        expect_code(flow_console(&room, "right", controls[i], "l1"), ERROR_NO_GAVEL);
        expect_code(flow_console(&room, "", controls[i], "l1"), ERROR_NO_GAVEL);
        decision_release(&room.decision);
    }
    expect_code(flow_console(&room, "left", SALE_OP_PAUSE, NULL), ERROR_NONE);
    expect_code(flow_console(&room, "left", SALE_OP_RESUME, NULL), ERROR_NONE);
    expect_code(room_bid(&room, 1, "l1", 100), ERROR_NONE);   // bidders need none
    expect_code(flow_take_gavel(&room, "right"), ERROR_NONE); // the console can be handed over
    assert_string_equal(room.sale->gavel_console, "right");
    expect_code(flow_console(&room, "left", SALE_OP_NEXT, "l1"), ERROR_NO_GAVEL);
    expect_code(flow_console(&room, "right", SALE_OP_NEXT, "l1"), ERROR_NONE);
    room_close(&room);
}

static void a_gavel_needs_the_name_of_its_console(void **state)
{
    (void)state;
    struct room room;
    room_open_simple(&room, 1, 1);
    expect_code(flow_take_gavel(&room, ""), ERROR_BAD_REQUEST);
    assert_string_equal(room.decision.detail, "console");
    expect_code(flow_take_gavel(&room, "123456789012345678901234567890123"), ERROR_BAD_REQUEST);
    expect_code(flow_take_gavel(&room, "a\x01"), ERROR_BAD_REQUEST);
    expect_code(flow_take_gavel(&room, "12345678901234567890123456789012"), ERROR_NONE);
    struct sale_command command = {.op = SALE_OP_TAKE_GAVEL, .role = ROLE_BIDDER};
    command.console = bytes_text("x");
    expect_code(room_command(&room, &command), ERROR_FORBIDDEN);
    room_close(&room);
}

static void open_with_timeout(struct room *room)
{
    struct sale_definition definition = live_definition();
    definition.rules.gavel_timeout_ms = 10000;
    flow_open(room, &definition, 2, 1);
    room_wait(room, 3000);
    room_wait(room, 60000); // nobody has taken it: nothing to lose
    assert_int_equal(room->sale->phase, SALE_LIVE);
    expect_code(flow_take_gavel(room, "left"), ERROR_NONE);
}

static void a_lost_console_pauses_a_live_sale(void **state)
{
    (void)state;
    struct room room;
    open_with_timeout(&room);
    room_wait(&room, 9000);
    sale_note_gavel(room.sale, bytes_text("right"), room.now_ms); // another console is no sign
    sale_note_gavel(room.sale, bytes_text("left"), room.now_ms);
    sale_note_gavel(room.replica, bytes_text("left"), room.now_ms);
    room_wait(&room, 9999);
    assert_int_equal(room.sale->phase, SALE_LIVE);
    room_wait(&room, 1);
    expect_facts(&room, EVENT_SALE_PAUSED);
    assert_int_equal(room.decision.events[0].as.sale_paused.reason, PAUSE_GAVEL_LOST);
    assert_int_equal(room.sale->phase, SALE_PAUSED);
    room_wait(&room, 60000);
    expect_code(flow_console(&room, "right", SALE_OP_RESUME, NULL), ERROR_NO_GAVEL);
    expect_code(flow_take_gavel(&room, "right"), ERROR_NONE);
    expect_code(flow_console(&room, "right", SALE_OP_RESUME, NULL), ERROR_NONE);
    room_wait(&room, 9999); // counted from the resume
    assert_int_equal(room.sale->phase, SALE_LIVE);
    assert_int_equal(room_lot_at(&room, 0)->phase, LOT_OPEN);
    room_close(&room);
}

static void after_an_engine_start_the_console_is_awaited_from_then_on(void **state)
{
    (void)state;
    struct room room;
    open_with_timeout(&room);
    int64_t alive_ms = room.now_ms;
    room.now_ms += 3600000;
    room_engine_start(&room, alive_ms);
    room_wait(&room, 9999);
    assert_int_equal(room.sale->phase, SALE_LIVE);
    room_wait(&room, 1);
    assert_int_equal(room.sale->phase, SALE_PAUSED);
    room_close(&room);
}

static void a_timed_sale_does_not_wait_for_its_console(void **state)
{
    (void)state;
    struct room room;
    struct sale_definition definition = room_definition();
    definition.rules.gavel_timeout_ms = 1000;
    flow_open(&room, &definition, 1, 1);
    room_wait(&room, 3000);
    expect_code(flow_take_gavel(&room, "left"), ERROR_NONE);
    room_wait(&room, 20000);
    assert_int_equal(room.sale->phase, SALE_LIVE);
    room_close(&room);
}

// "The auctioneer collapsed": the gap counts in the next lot of a live sale only while he is there.
static void a_lost_console_stops_the_gap_too(void **state)
{
    (void)state;
    struct room room;
    struct sale_definition definition = live_definition();
    definition.rules.gavel_timeout_ms = 10000;
    definition.rules.gap_ms = 60000;
    flow_open(&room, &definition, 1, 1);
    expect_code(flow_take_gavel(&room, "left"), ERROR_NONE);
    room_wait(&room, 20000);
    assert_int_equal(room.sale->phase, SALE_PAUSED);
    assert_int_equal(room.sale->paused_remaining_ms, 50000);
    expect_code(flow_console(&room, "left", SALE_OP_RESUME, NULL), ERROR_NONE);
    assert_true(room.sale->next_starts_at_ms == room.now_ms + 50000);
    room_close(&room);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_live_lot_has_no_clock_and_waits_for_its_hammer),
        cmocka_unit_test(nothing_is_sold_without_a_bid_or_below_the_reserve_unless_it_is_meant),
        cmocka_unit_test(passing_in_releases_the_leader_even_above_the_reserve),
        cmocka_unit_test(the_auctioneers_ask_holds_until_the_next_bid),
        cmocka_unit_test(an_ask_that_the_price_has_passed_asks_for_nothing),
        cmocka_unit_test(only_a_live_lot_takes_an_ask_and_only_one_with_a_clock_more_time),
        cmocka_unit_test(the_auctioneer_warns_once_and_twice_and_a_bid_takes_it_back),
        cmocka_unit_test(an_english_lot_may_be_hammered_before_its_end),
        cmocka_unit_test(sealed_falling_rising_and_drawn_lots_have_no_hammer),
        cmocka_unit_test(controls_need_a_live_sale),
        cmocka_unit_test(an_open_lot_is_withdrawn_its_leader_released_and_the_next_one_follows),
        cmocka_unit_test(withdrawn_lots_are_not_offered_again),
        cmocka_unit_test(the_last_lot_withdrawn_ends_the_sale),
        cmocka_unit_test(the_lot_counted_in_withdrawn_gives_the_gap_to_the_next),
        cmocka_unit_test(a_lot_may_be_withdrawn_before_the_beginning),
        cmocka_unit_test(while_nobody_holds_the_gavel_every_console_controls),
        cmocka_unit_test(only_the_console_with_the_gavel_controls_the_sale),
        cmocka_unit_test(a_gavel_needs_the_name_of_its_console),
        cmocka_unit_test(a_lost_console_pauses_a_live_sale),
        cmocka_unit_test(after_an_engine_start_the_console_is_awaited_from_then_on),
        cmocka_unit_test(a_timed_sale_does_not_wait_for_its_console),
        cmocka_unit_test(a_lost_console_stops_the_gap_too),
    };
    return cmocka_run_group_tests_name("lot_control", tests, NULL, NULL);
}
