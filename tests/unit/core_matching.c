// The right to match, with and without one last raise (rules 3, Roster auctions).
#include "flow_room.h"

// p3 may match l1; p1 bids 100, p2 leads at 200 when the lot ends.
static void open_matching(struct room *room, enum match_mode mode, struct roster_rules roster)
{
    struct sale_definition definition = room_definition();
    struct lot_definition lots[] = {room_lot(100), room_lot(100)};
    definition.rules.match = mode;
    definition.rules.match_ms = 15000;
    definition.rules.unsold_rounds = 0;
    definition.roster = roster;
    lots[0].match_holder = (struct participant_id){"p3"};
    room_open(room, &definition, lots, 2);
    room_join(room, 3);
    expect_code(room_staff(room, SALE_OP_BEGIN), ERROR_NONE);
    room_wait(room, 3000);
    expect_code(room_bid(room, 1, "l1", 100), ERROR_NONE);
    expect_code(room_bid(room, 2, "l1", 200), ERROR_NONE);
    room_wait(room, 30000);
}

static void expect_sold_to(const struct room *room, int64_t winner, int64_t price_minor,
                           enum close_reason reason)
{
    expect_facts(room, EVENT_LOT_SOLD);
    assert_int_equal(room->decision.events[0].as.lot_sold.reason, reason);
    assert_int_equal(room_lot_at(room, 0)->phase, LOT_SOLD);
    assert_int_equal(room_lot_at(room, 0)->leader_index, winner - 1);
    assert_int_equal(room_lot_at(room, 0)->price_minor, price_minor);
    assert_int_equal(room->sale->next_index, 1);
    flow_expect_purses(room);
}

static void the_holder_is_asked_before_the_hammer_and_takes_the_lot_at_its_price(void **state)
{
    (void)state;
    struct room room;
    open_matching(&room, MATCH_PLAIN, (struct roster_rules){0});
    expect_facts(&room, EVENT_MATCH_OFFERED);
    assert_int_equal(room_lot_at(&room, 0)->phase, LOT_MATCHING);
    assert_int_equal(room.decision.events[0].as.match_offered.stage, MATCH_ASK_HOLDER);
    assert_true(sale_next_deadline(room.sale) == room.now_ms + 15000);
    assert_int_equal(room_bidder(&room, 2)->held_minor, 200);
    expect_code(room_bid(&room, 1, "l1", 500), ERROR_LOT_CLOSED);
    expect_code(flow_match(&room, 3, "l1", true), ERROR_NONE);
    expect_sold_to(&room, 3, 200, CLOSE_MATCHED);
    room_close(&room);
}

static void a_no_or_silence_leaves_the_lot_to_its_winner(void **state)
{
    (void)state;
    for (int silent = 0; silent < 2; silent++) {
        struct room room;
        open_matching(&room, silent ? MATCH_RAISE : MATCH_PLAIN, (struct roster_rules){0});
        if (silent) {
            room_wait(&room, 14999);
            assert_int_equal(room_lot_at(&room, 0)->phase, LOT_MATCHING);
            room_wait(&room, 1);
        } else {
            expect_code(flow_match(&room, 3, "l1", false), ERROR_NONE);
        }
        expect_sold_to(&room, 2, 200, CLOSE_TIME);
        room_close(&room);
    }
}

static void the_winner_may_raise_once_and_the_holder_takes_that_price(void **state)
{
    (void)state;
    struct room room;
    open_matching(&room, MATCH_RAISE, (struct roster_rules){0});
    expect_code(flow_match(&room, 3, "l1", true), ERROR_NONE);
    expect_facts(&room, EVENT_MATCH_OFFERED);
    assert_int_equal(room_lot_at(&room, 0)->match_stage, MATCH_ASK_WINNER);
    expect_code(flow_raise(&room, 2, "l1", 299), ERROR_BELOW_ASK);
    expect_code(flow_raise(&room, 2, "l1", -1), ERROR_BAD_AMOUNT);
    expect_code(flow_raise(&room, 2, "l1", AMOUNT_MINOR_MAX + 1), ERROR_BAD_AMOUNT);
    expect_code(flow_raise(&room, 2, "l1", 900), ERROR_NONE);
    assert_int_equal(room_lot_at(&room, 0)->match_stage, MATCH_ASK_HOLDER_AGAIN);
    assert_int_equal(room_bidder(&room, 2)->held_minor, 900);
    expect_code(flow_raise(&room, 2, "l1", 1000), ERROR_NOT_YOUR_TURN); // only once
    expect_code(flow_match(&room, 3, "l1", true), ERROR_NONE);
    expect_sold_to(&room, 3, 900, CLOSE_MATCHED);
    room_close(&room);
}

static void a_raise_that_the_holder_leaves_is_paid_by_the_winner(void **state)
{
    (void)state;
    for (int silent = 0; silent < 2; silent++) {
        struct room room;
        open_matching(&room, MATCH_RAISE, (struct roster_rules){0});
        expect_code(flow_match(&room, 3, "l1", true), ERROR_NONE);
        expect_code(flow_raise(&room, 2, "l1", 900), ERROR_NONE);
        if (silent) {
            room_wait(&room, 15000);
        } else {
            expect_code(flow_match(&room, 3, "l1", false), ERROR_NONE);
        }
        expect_sold_to(&room, 2, 900, CLOSE_TIME);
        room_close(&room);
    }
}

static void no_raise_gives_the_lot_to_the_holder_at_the_hammer_price(void **state)
{
    (void)state;
    for (int silent = 0; silent < 2; silent++) {
        struct room room;
        open_matching(&room, MATCH_RAISE, (struct roster_rules){0});
        expect_code(flow_match(&room, 3, "l1", true), ERROR_NONE);
        if (silent) {
            room_wait(&room, 15000);
        } else {
            expect_code(flow_raise(&room, 2, "l1", 0), ERROR_NONE);
        }
        expect_sold_to(&room, 3, 200, CLOSE_MATCHED);
        room_close(&room);
    }
}

static void each_refusal_of_an_answer_has_its_code(void **state)
{
    (void)state;
    struct room room;
    open_matching(&room, MATCH_RAISE, (struct roster_rules){0});
    expect_code(flow_match(&room, 3, "nope", true), ERROR_NOT_FOUND);
    expect_code(flow_match(&room, 9, "l1", true), ERROR_NOT_PARTICIPANT);
    expect_code(flow_match(&room, 3, "l2", true), ERROR_WRONG_PHASE);
    expect_code(flow_match(&room, 2, "l1", true), ERROR_NOT_YOUR_TURN);
    expect_code(flow_raise(&room, 2, "l1", 900), ERROR_NOT_YOUR_TURN);
    expect_code(room_next(&room, "l1"), ERROR_WRONG_PHASE);
    expect_code(flow_lot(&room, SALE_OP_SELL, "l1"), ERROR_LOT_CLOSED);
    expect_code(room_staff(&room, SALE_OP_PAUSE), ERROR_NONE);
    expect_code(flow_match(&room, 3, "l1", true), ERROR_PAUSED);
    expect_code(room_staff(&room, SALE_OP_RESUME), ERROR_NONE);
    struct sale_command viewer = {.op = SALE_OP_MATCH, .role = ROLE_VIEWER, .by = {"p3"}};
    viewer.as.match.lot = (struct lot_id){"l1"};
    expect_code(room_command(&room, &viewer), ERROR_FORBIDDEN);
    room.now_ms += 15000; // time decides, even before it was announced
    expect_code(flow_match(&room, 3, "l1", true), ERROR_LOT_CLOSED);
    room_close(&room);
}

static void nobody_is_asked_who_could_not_pay_or_may_not_buy(void **state)
{
    (void)state;
    struct room room;
    struct sale_definition definition = room_definition();
    struct lot_definition lots[] = {room_lot(100), room_lot(100)};
    definition.rules.match = MATCH_PLAIN;
    definition.rules.match_ms = 15000;
    definition.roster = (struct roster_rules){.enabled = true, .budget_minor = 1000, .slots = 1};
    lots[1].match_holder = (struct participant_id){"p1"};
    room_open(&room, &definition, lots, 2);
    room_join(&room, 2);
    expect_code(room_staff(&room, SALE_OP_BEGIN), ERROR_NONE);
    room_wait(&room, 3000);
    expect_code(room_bid(&room, 1, "l1", 100), ERROR_NONE);
    room_wait(&room, 33000);
    expect_code(room_bid(&room, 2, "l2", 100), ERROR_NONE);
    room_wait(&room, 30000);
    assert_int_equal(room_lot_at(&room, 1)->leader_index, 1); // p1 is full
    room_close(&room);
}

static void the_holder_who_wins_himself_is_not_asked(void **state)
{
    (void)state;
    struct room room;
    struct sale_definition definition = room_definition();
    struct lot_definition lots[] = {room_lot(100), room_lot(100)};
    definition.rules.match = MATCH_PLAIN;
    definition.rules.match_ms = 15000;
    lots[0].match_holder = (struct participant_id){"p1"};
    lots[1].match_holder = (struct participant_id){"nobody"};
    room_open(&room, &definition, lots, 2);
    room_join(&room, 2);
    expect_code(room_staff(&room, SALE_OP_BEGIN), ERROR_NONE);
    room_wait(&room, 3000);
    expect_code(room_bid(&room, 1, "l1", 100), ERROR_NONE);
    room_wait(&room, 33000);
    assert_int_equal(room.sale->sold_count, 1);
    expect_code(room_bid(&room, 2, "l2", 100), ERROR_NONE); // its holder is unknown here
    room_wait(&room, 30000);
    assert_int_equal(room.sale->sold_count, 2);
    room_close(&room);
}

static void a_raise_and_a_match_stay_within_the_purse(void **state)
{
    (void)state;
    struct room room;
    struct roster_rules roster = {
        .enabled = true, .budget_minor = 1000, .slots = 2, .minimum_minor = 100};
    open_matching(&room, MATCH_RAISE, roster);
    expect_code(flow_match(&room, 3, "l1", true), ERROR_NONE);
    expect_code(flow_raise(&room, 2, "l1", 1001), ERROR_INSUFFICIENT_BUDGET);
    expect_code(flow_raise(&room, 2, "l1", 901), ERROR_RESERVE_FOR_ROSTER);
    expect_code(flow_raise(&room, 2, "l1", 900), ERROR_NONE);
    expect_code(flow_match(&room, 3, "l1", true), ERROR_NONE);
    expect_sold_to(&room, 3, 900, CLOSE_MATCHED);
    room_close(&room);
}

static void a_blocked_holder_loses_the_lot_that_nobody_raised(void **state)
{
    (void)state;
    struct room room;
    open_matching(&room, MATCH_RAISE, (struct roster_rules){0});
    expect_code(flow_match(&room, 3, "l1", true), ERROR_NONE);
    room_block(&room, "p3", true);
    room_wait(&room, 15000);
    expect_sold_to(&room, 2, 200, CLOSE_TIME);
    room_close(&room);
}

static void the_auctioneers_hammer_asks_the_holder_too(void **state)
{
    (void)state;
    struct room room;
    struct sale_definition definition = room_definition();
    struct lot_definition lots[] = {room_lot(100), room_lot(100)};
    definition.rules.lot.format = FORMAT_LIVE;
    definition.rules.match = MATCH_PLAIN;
    definition.rules.match_ms = 15000;
    lots[0].match_holder = (struct participant_id){"p2"};
    room_open(&room, &definition, lots, 2);
    room_join(&room, 2);
    expect_code(room_staff(&room, SALE_OP_BEGIN), ERROR_NONE);
    room_wait(&room, 3000);
    expect_code(room_bid(&room, 1, "l1", 100), ERROR_NONE);
    expect_code(flow_lot(&room, SALE_OP_SELL, "l1"), ERROR_NONE);
    expect_facts(&room, EVENT_MATCH_OFFERED);
    expect_code(flow_match(&room, 2, "l1", false), ERROR_NONE);
    expect_sold_to(&room, 1, 100, CLOSE_HAMMER);
    room_close(&room);
}

static void undo(struct room *room)
{
    struct sale_command command = {.op = SALE_OP_UNDO, .role = ROLE_CLERK};
    assert_true(lot_id_read(bytes_text("l1"), &command.as.undo.lot));
    expect_code(room_command(room, &command), ERROR_NONE);
}

static void expect_lead(const struct room *room, int64_t bidder, int64_t price_minor, int64_t bids)
{
    assert_int_equal(room_lot_at(room, 0)->leader_index, bidder - 1);
    assert_int_equal(room_lot_at(room, 0)->price_minor, price_minor);
    assert_int_equal(room_lot_at(room, 0)->bids, bids);
}

static void after_a_reopening_the_match_the_raise_and_the_bids_are_undone_one_by_one(void **state)
{
    (void)state;
    struct room room;
    open_matching(&room, MATCH_RAISE, (struct roster_rules){0});
    expect_code(flow_match(&room, 3, "l1", true), ERROR_NONE);
    expect_code(flow_raise(&room, 2, "l1", 500), ERROR_NONE);
    expect_code(flow_match(&room, 3, "l1", true), ERROR_NONE);
    expect_code(flow_lot(&room, SALE_OP_REOPEN, "l1"), ERROR_NONE);
    expect_lead(&room, 3, 500, 2);
    undo(&room);
    expect_lead(&room, 2, 500, 2);
    undo(&room);
    expect_lead(&room, 2, 200, 2);
    undo(&room);
    expect_lead(&room, 1, 100, 1);
    assert_int_equal(room_bidder(&room, 2)->held_minor, 0);
    assert_int_equal(room_bidder(&room, 3)->held_minor, 0);
    room_close(&room);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_holder_is_asked_before_the_hammer_and_takes_the_lot_at_its_price),
        cmocka_unit_test(a_no_or_silence_leaves_the_lot_to_its_winner),
        cmocka_unit_test(the_winner_may_raise_once_and_the_holder_takes_that_price),
        cmocka_unit_test(a_raise_that_the_holder_leaves_is_paid_by_the_winner),
        cmocka_unit_test(no_raise_gives_the_lot_to_the_holder_at_the_hammer_price),
        cmocka_unit_test(each_refusal_of_an_answer_has_its_code),
        cmocka_unit_test(nobody_is_asked_who_could_not_pay_or_may_not_buy),
        cmocka_unit_test(the_holder_who_wins_himself_is_not_asked),
        cmocka_unit_test(a_raise_and_a_match_stay_within_the_purse),
        cmocka_unit_test(a_blocked_holder_loses_the_lot_that_nobody_raised),
        cmocka_unit_test(the_auctioneers_hammer_asks_the_holder_too),
        cmocka_unit_test(after_a_reopening_the_match_the_raise_and_the_bids_are_undone_one_by_one),
    };
    return cmocka_run_group_tests_name("matching", tests, NULL, NULL);
}
