// Japanese (rules 4): the price rises by the clock, leaving is final, the last one pays the price at
// which the second-last left.
#include "formats_room.h"

// Opening 100, entering for 10 s, then up by 10 each second.
static struct format_case japanese_case(int64_t bidders)
{
    struct format_case japanese = {.rules = format_rules(FORMAT_JAPANESE), .bidders = bidders};
    japanese.rules.duration_ms = 10000;
    japanese.rules.price_step_minor = 10;
    japanese.rules.price_tick_ms = 1000;
    japanese.lots[0] = room_lot(100);
    return japanese;
}

static int64_t price_now(const struct room *room)
{
    return sale_ask(room->sale, room_lot_at(room, 0), room->now_ms);
}

static void enter_all(struct room *room, int64_t bidders)
{
    for (int64_t bidder = 1; bidder <= bidders; bidder++) {
        expect_code(format_offer(room, bidder, "l1", 100, 1), ERROR_NONE);
    }
}

// When each bidder leaves, after the start of the lot; 0: never enters.
struct leaving {
    const char *what;
    int64_t leaves_ms[4];
    int64_t winner; // 0: unsold
    int64_t price_minor;
    int64_t closes_ms;
};

static void play(const struct leaving *leaving)
{
    struct room room;
    struct format_case japanese = japanese_case(4);
    format_open(&room, &japanese);
    int64_t start_ms = room.now_ms;
    for (int64_t i = 0; i < 4; i++) {
        if (leaving->leaves_ms[i] > 0) {
            expect_code(format_offer(&room, i + 1, "l1", 100, 1), ERROR_NONE);
        }
    }
    while (room_lot_at(&room, 0)->phase == LOT_OPEN) {
        for (int64_t i = 0; i < 4; i++) {
            bool leaves = leaving->leaves_ms[i] == room.now_ms - start_ms && room.now_ms > start_ms;
            if (leaves && room_lot_at(&room, 0)->phase == LOT_OPEN) {
                expect_code(format_pass(&room, i + 1, "l1"), ERROR_NONE);
            }
        }
        if (room_lot_at(&room, 0)->phase == LOT_OPEN) {
            room_wait(&room, 100);
        }
    }
    if (leaving->winner > 0) {
        expect_sold(&room, leaving->winner, leaving->price_minor, 1, CLOSE_PASSED);
    } else {
        expect_unsold(&room, UNSOLD_NO_BIDS);
    }
    assert_int_equal(room.sale->last_at_ms - start_ms, leaving->closes_ms);
    int64_t spent[4] = {0};
    if (leaving->winner > 0) {
        spent[leaving->winner - 1] = leaving->price_minor;
    }
    expect_spent(&room, 4, spent);
    room_close(&room);
}

static void the_last_one_pays_the_price_at_which_the_second_last_left(void **state)
{
    (void)state;
    enum { STAYS = 1000000 };
    static const struct leaving table[] = {
        {"two, one leaves at 140", {STAYS, 14500, 0, 0}, 1, 140, 14500},
        {"the order of leaving decides, not of entering", {11000, STAYS, 13000, 0}, 2, 130, 13000},
        {"four", {12100, 15000, STAYS, 18900}, 3, 180, 18900},
        {"a single entrant pays the opening", {0, STAYS, 0, 0}, 2, 100, 10000},
        {"nobody enters", {0, 0, 0, 0}, 0, 0, 10000},
        {"all leave while entering", {500, 700, 0, 0}, 0, 0, 10000},
        {"one leaves while entering, one stays", {500, STAYS, 0, 0}, 2, 100, 10000},
        {"before the first tick the price is the opening", {STAYS, 10900, 0, 0}, 1, 100, 10900},
        {"on the tick the price has risen", {STAYS, 11000, 0, 0}, 1, 110, 11000},
        {"of two at one tick the second to leave stays", {12000, 12000, 0, 0}, 2, 120, 12000},
        {"three at one tick", {12000, 12000, 12000, 0}, 3, 120, 12000},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        print_message("%s\n", table[i].what);
        play(&table[i]);
    }
}

static void entering_is_at_the_opening_and_only_while_it_is_open(void **state)
{
    (void)state;
    struct room room;
    struct format_case japanese = japanese_case(4);
    format_open(&room, &japanese);
    expect_code(format_offer(&room, 1, "l1", 99, 1), ERROR_BELOW_ASK);
    expect_code(format_offer(&room, 1, "l1", 500, 1), ERROR_NONE);
    const struct sale_event *entry = format_fact(&room, EVENT_BID_ACCEPTED);
    assert_int_equal(entry->as.bid_accepted.kind, BID_ENTER);
    assert_int_equal(entry->as.bid_accepted.amount_minor, 100);
    assert_string_equal(entry->as.bid_accepted.leader.text, "");
    expect_code(format_offer(&room, 1, "l1", 100, 1), ERROR_ALREADY_LEADING);
    expect_code(format_offer(&room, 2, "l1", 100, 1), ERROR_NONE);
    assert_int_equal(room_bidder(&room, 1)->held_minor, 100);
    assert_int_equal(room_bidder(&room, 2)->held_minor, 100);
    room_wait(&room, 9999);
    expect_code(format_offer(&room, 3, "l1", 100, 1), ERROR_NONE);
    room_wait(&room, 1);
    expect_code(format_offer(&room, 4, "l1", 100, 1), ERROR_LOT_CLOSED);
    room_close(&room);
}

static void leaving_is_final(void **state)
{
    (void)state;
    struct room room;
    struct format_case japanese = japanese_case(4);
    format_open(&room, &japanese);
    enter_all(&room, 3);
    expect_code(format_pass(&room, 4, "l1"), ERROR_ALREADY_PASSED); // holds no button
    expect_code(format_pass(&room, 1, "l1"), ERROR_NONE);
    assert_int_equal(room_bidder(&room, 1)->held_minor, 0);
    expect_code(format_offer(&room, 1, "l1", 100, 1), ERROR_ALREADY_PASSED);
    expect_code(format_pass(&room, 1, "l1"), ERROR_ALREADY_PASSED);
    room_close(&room);
}

static void each_tick_raises_the_price_and_what_the_buttons_hold(void **state)
{
    (void)state;
    struct room room;
    struct format_case japanese = japanese_case(3);
    format_open(&room, &japanese);
    enter_all(&room, 2);
    room_wait(&room, 11000);
    expect_facts(&room, EVENT_CLOCK_RESTARTED);
    assert_int_equal(price_now(&room), 110);
    assert_int_equal(room_lot_at(&room, 0)->price_minor, 110);
    assert_int_equal(room_bidder(&room, 1)->held_minor, 110);
    assert_int_equal(room_bidder(&room, 2)->shown_minor, 110);
    assert_int_equal(room_bidder(&room, 2)->slots_held, 1);
    assert_int_equal(room_bidder(&room, 3)->held_minor, 0);
    room.now_ms += 2500; // a late engine counts from the ticks, not from itself
    room_wait(&room, 0);
    assert_int_equal(price_now(&room), 130);
    assert_true(sale_next_deadline(room.sale) == room.now_ms + 500);
    room_close(&room);
}

static void who_cannot_pay_the_next_price_leaves_at_the_one_that_stands(void **state)
{
    (void)state;
    struct room room;
    struct format_case japanese = japanese_case(3);
    japanese.budget_minor = 134; // all alike: 130 is their last price
    japanese.slots = 2;
    japanese.minimum_minor = 2;
    format_open(&room, &japanese);
    enter_all(&room, 3);
    room_wait(&room, 13999);
    assert_int_equal(price_now(&room), 130);
    room_wait(&room, 1);
    // The last who entered leaves first: the earliest of equals stays.
    expect_facts(&room, EVENT_LOT_PASSED, EVENT_LOT_PASSED, EVENT_LOT_SOLD, EVENT_SALE_COMPLETED);
    assert_string_equal(room.decision.events[0].as.lot_passed.by.text, "p3");
    assert_true(room.decision.events[0].as.lot_passed.must);
    expect_sold(&room, 1, 130, 1, CLOSE_PASSED);
    expect_spent_all(&room, 130, 0, 0);
    room_close(&room);
}

static void a_blocked_bidder_leaves_at_the_next_tick(void **state)
{
    (void)state;
    struct room room;
    struct format_case japanese = japanese_case(3);
    format_open(&room, &japanese);
    enter_all(&room, 3);
    room_wait(&room, 11500);
    room_block(&room, "p2", true);
    assert_int_equal(room_bidder(&room, 2)->held_minor, 110);
    room_wait(&room, 500);
    assert_int_equal(price_now(&room), 120);
    assert_true(room_lot_at(&room, 0)->standings[1].has_passed);
    assert_int_equal(room_bidder(&room, 2)->held_minor, 0);
    room_close(&room);
}

// More leave at one tick than one decision has room for.
static void forty_leave_at_one_tick(void **state)
{
    (void)state;
    struct room room;
    struct format_case japanese = japanese_case(40);
    japanese.budget_minor = 115;
    japanese.slots = 1;
    format_open(&room, &japanese);
    enter_all(&room, 40);
    room_wait(&room, 12000);
    expect_sold(&room, 1, 110, 1, CLOSE_PASSED);
    int64_t spent[40] = {110};
    expect_spent(&room, 40, spent);
    room_close(&room);
}

static void below_the_reserve_the_lot_is_unsold(void **state)
{
    (void)state;
    for (int64_t reserve = 120; reserve <= 121; reserve++) {
        struct room room;
        struct format_case japanese = japanese_case(2);
        japanese.lots[0].reserve_minor = reserve;
        format_open(&room, &japanese);
        enter_all(&room, 2);
        room_wait(&room, 12000);
        expect_code(format_pass(&room, 1, "l1"), ERROR_NONE);
        if (reserve == 120) {
            expect_sold(&room, 2, 120, 1, CLOSE_PASSED);
            expect_spent_all(&room, 0, 120);
        } else {
            expect_unsold(&room, UNSOLD_RESERVE_NOT_MET);
            expect_spent_all(&room, 0, 0);
        }
        room_close(&room);
    }
}

static void next_while_several_hold_on_passes_the_lot(void **state)
{
    (void)state;
    struct room room;
    struct format_case japanese = japanese_case(2);
    format_open(&room, &japanese);
    enter_all(&room, 2);
    room_wait(&room, 12000);
    expect_code(room_next(&room, "l1"), ERROR_NONE);
    expect_unsold(&room, UNSOLD_PASSED);
    expect_spent_all(&room, 0, 0);
    room_close(&room);
}

// rules 5: the extension moves the next tick, and with it the moment from which one may not enter.
static void an_outage_extension_does_not_open_a_lot_that_has_risen_to_newcomers(void **state)
{
    (void)state;
    struct room room;
    struct format_case japanese = japanese_case(4);
    japanese.outage_extension_ms = 5000;
    format_open(&room, &japanese);
    enter_all(&room, 3);
    room_wait(&room, 12500);
    int64_t alive_at_ms = room.now_ms;
    room.now_ms += 60000;
    room_engine_start(&room, alive_at_ms);
    assert_int_equal(price_now(&room), 120);
    expect_code(format_offer(&room, 4, "l1", 100, 1), ERROR_LOT_CLOSED);
    expect_code(format_pass(&room, 1, "l1"), ERROR_NONE);
    expect_facts(&room, EVENT_LOT_PASSED);
    room_wait(&room, 5499);
    assert_int_equal(price_now(&room), 120);
    room_wait(&room, 1);
    assert_int_equal(price_now(&room), 130);
    alive_at_ms = room.now_ms;
    room.now_ms += 60000;
    room_engine_start(&room, alive_at_ms);
    expect_code(format_pass(&room, 2, "l1"), ERROR_NONE); // the last but one: at once
    expect_sold(&room, 3, 130, 1, CLOSE_PASSED);
    room_close(&room);
}

static void a_withdrawn_lot_gives_every_button_back(void **state)
{
    (void)state;
    struct room room;
    struct format_case japanese = japanese_case(3);
    format_open(&room, &japanese);
    enter_all(&room, 3);
    room_wait(&room, 12000);
    struct sale_command withdraw = {.op = SALE_OP_WITHDRAW_LOT, .role = ROLE_AUCTIONEER};
    withdraw.as.withdraw_lot.lot = (struct lot_id){"l1"};
    expect_code(room_command(&room, &withdraw), ERROR_NONE);
    assert_int_equal(room_lot_at(&room, 0)->phase, LOT_WITHDRAWN);
    expect_spent_all(&room, 0, 0, 0);
    room_close(&room);
}

// The holder of the right to match still holds his own button when the price is known.
static void the_right_to_match_follows_the_last_button(void **state)
{
    (void)state;
    struct room room;
    struct sale_definition definition = room_definition();
    struct format_case japanese = japanese_case(2);
    definition.rules.lot = japanese.rules;
    definition.rules.unsold_rounds = 0;
    definition.rules.match = MATCH_PLAIN;
    definition.rules.match_ms = 5000;
    japanese.lots[0].match_holder = (struct participant_id){"p1"};
    room_open(&room, &definition, japanese.lots, 1);
    room_join(&room, 2);
    expect_code(room_staff(&room, SALE_OP_BEGIN), ERROR_NONE);
    room_wait(&room, 3000);
    enter_all(&room, 2);
    room_wait(&room, 12000);
    expect_code(format_pass(&room, 1, "l1"), ERROR_NONE);
    expect_facts(&room, EVENT_LOT_PASSED, EVENT_MATCH_OFFERED);
    assert_int_equal(room_bidder(&room, 1)->held_minor, 0);
    assert_int_equal(room_bidder(&room, 2)->held_minor, 120); // once
    assert_int_equal(room_bidder(&room, 2)->slots_held, 1);
    struct sale_command match = {.op = SALE_OP_MATCH, .role = ROLE_BIDDER, .by = {"p1"}};
    match.as.match.lot = (struct lot_id){"l1"};
    match.as.match.accept = true;
    expect_code(room_command(&room, &match), ERROR_NONE);
    expect_sold(&room, 1, 120, 1, CLOSE_MATCHED);
    expect_spent_all(&room, 120, 0);
    room_close(&room);
}

static void a_pause_and_an_outage_stop_entering_and_rising(void **state)
{
    (void)state;
    struct room room;
    struct format_case japanese = japanese_case(2);
    format_open(&room, &japanese);
    enter_all(&room, 2);
    room_wait(&room, 4000);
    expect_code(room_staff(&room, SALE_OP_PAUSE), ERROR_NONE);
    expect_code(format_pass(&room, 1, "l1"), ERROR_PAUSED);
    room_wait(&room, 50000);
    expect_code(room_staff(&room, SALE_OP_RESUME), ERROR_NONE);
    room_wait(&room, 6999);
    assert_int_equal(price_now(&room), 100);
    room_wait(&room, 1);
    assert_int_equal(price_now(&room), 110);
    int64_t alive_at_ms = room.now_ms + 300;
    room.now_ms += 9000;
    room_engine_start(&room, alive_at_ms);
    room_wait(&room, 699);
    assert_int_equal(price_now(&room), 110);
    room_wait(&room, 1);
    assert_int_equal(price_now(&room), 120);
    expect_code(format_pass(&room, 2, "l1"), ERROR_NONE);
    expect_sold(&room, 1, 120, 1, CLOSE_PASSED);
    room_close(&room);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_last_one_pays_the_price_at_which_the_second_last_left),
        cmocka_unit_test(entering_is_at_the_opening_and_only_while_it_is_open),
        cmocka_unit_test(leaving_is_final),
        cmocka_unit_test(each_tick_raises_the_price_and_what_the_buttons_hold),
        cmocka_unit_test(who_cannot_pay_the_next_price_leaves_at_the_one_that_stands),
        cmocka_unit_test(a_blocked_bidder_leaves_at_the_next_tick),
        cmocka_unit_test(forty_leave_at_one_tick),
        cmocka_unit_test(below_the_reserve_the_lot_is_unsold),
        cmocka_unit_test(next_while_several_hold_on_passes_the_lot),
        cmocka_unit_test(an_outage_extension_does_not_open_a_lot_that_has_risen_to_newcomers),
        cmocka_unit_test(a_withdrawn_lot_gives_every_button_back),
        cmocka_unit_test(the_right_to_match_follows_the_last_button),
        cmocka_unit_test(a_pause_and_an_outage_stop_entering_and_rising),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
