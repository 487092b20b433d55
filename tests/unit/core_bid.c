// A bid (rules 3, English): every refusal, their order, the purse, the soft close.
#include "core_room.h"

// Everything that can be wrong with a bid at once, one bit each, in the order of the checks.
enum {
    WRONG_LOT_ID = 1 << 0,
    NO_PARTICIPANT = 1 << 1,
    NOT_RUNNING = 1 << 2,
    OTHER_LOT = 1 << 3,
    WRONG_ROLE = 1 << 4,
    AMOUNT_ZERO = 1 << 5,
    LEADS = 1 << 6,
    BELOW = 1 << 7,
    OFF = 1 << 8,
    INSANE = 1 << 9,
    NO_BUDGET = 1 << 10,
    NO_RESERVE = 1 << 11,
    FULL = 1 << 12,
    FAULTS = 13,
};

static const enum error_code codes_in_order[FAULTS] = {
    ERROR_NOT_FOUND,       ERROR_NOT_PARTICIPANT,     ERROR_PAUSED,
    ERROR_WRONG_LOT,       ERROR_FORBIDDEN,           ERROR_BAD_AMOUNT,
    ERROR_ALREADY_LEADING, ERROR_BELOW_ASK,           ERROR_OFF_LADDER,
    ERROR_ABOVE_SANITY,    ERROR_INSUFFICIENT_BUDGET, ERROR_RESERVE_FOR_ROSTER,
    ERROR_ROSTER_FULL,
};

// p1 leads at 200 where LEADS; else p2 does. Ask is 300, budget 10,000.
static void open_with_faults(struct room *room, unsigned faults)
{
    struct sale_definition definition = room_definition();
    definition.rules.lot.strict = true;
    definition.rules.lot.sanity_factor = 10;
    definition.roster = (struct roster_rules){
        .enabled = true, .budget_minor = 10000, .slots = 2, .minimum_minor = 1};
    if ((faults & FULL) != 0) {
        definition.roster.slots = 1;
    }
    if ((faults & NO_RESERVE) != 0) {
        definition.roster.minimum_minor = 5000; // 5,000 left for the bid
    }
    struct lot_definition lots[] = {room_lot(100), room_lot(100), room_lot(100)};
    room_open(room, &definition, lots, 3);
    room_join(room, 3);
    expect_code(room_staff(room, SALE_OP_BEGIN), ERROR_NONE);
    room_wait(room, 3000);
    if ((faults & FULL) != 0) { // p1 wins the first lot, and his roster is full
        expect_code(room_bid(room, 1, "l1", 100), ERROR_NONE);
    }
    expect_code(room_next(room, "l1"), ERROR_NONE);
    room_wait(room, 3000);
    expect_code(room_bid(room, 3, "l2", 100), ERROR_NONE);
    expect_code(room_bid(room, (faults & LEADS) != 0 ? 1 : 2, "l2", 200), ERROR_NONE);
    if ((faults & NOT_RUNNING) != 0) {
        expect_code(room_staff(room, SALE_OP_PAUSE), ERROR_NONE);
    }
}

static int64_t amount_with_faults(unsigned faults)
{
    int64_t off = (faults & OFF) != 0 ? 50 : 0;
    if ((faults & AMOUNT_ZERO) != 0) {
        return 0;
    }
    if ((faults & BELOW) != 0) {
        return 200 + off;
    }
    if ((faults & NO_BUDGET) != 0) {
        return 10100 + off;
    }
    if ((faults & NO_RESERVE) != 0) {
        return 5100 + off;
    }
    return ((faults & INSANE) != 0 ? 2100 : 300) + off;
}

static enum error_code bid_with_faults(unsigned faults)
{
    struct room room;
    open_with_faults(&room, faults);
    struct sale_command command = {.op = SALE_OP_BID, .role = ROLE_BIDDER, .by = {"p1"}};
    command.as.bid.lot = (struct lot_id){"l2"};
    command.as.bid.amount_minor = amount_with_faults(faults);
    command.as.bid.confirm = (faults & INSANE) == 0;
    if ((faults & OTHER_LOT) != 0) {
        command.as.bid.lot = (struct lot_id){"l3"};
    }
    if ((faults & WRONG_LOT_ID) != 0) {
        command.as.bid.lot = (struct lot_id){"l9"};
    }
    if ((faults & NO_PARTICIPANT) != 0) {
        command.by = (struct participant_id){"auctioneer"};
    }
    if ((faults & WRONG_ROLE) != 0) {
        command.role = ROLE_VIEWER;
    }
    enum error_code code = room_command(&room, &command);
    room_close(&room);
    return code;
}

// Two faults that one bid can't have: a full roster has neither a lead nor a reserve to keep; a bid
// below the ask is neither far above the price nor above a budget; BAD_AMOUNT has no amount.
static bool can_meet(unsigned a, unsigned b)
{
    unsigned both = a | b;
    unsigned about_amount = AMOUNT_ZERO | BELOW | INSANE | NO_BUDGET | NO_RESERVE;
    if ((both & FULL) != 0 && (both & (LEADS | NO_RESERVE)) != 0) {
        return false;
    }
    if ((both & (AMOUNT_ZERO | BELOW)) != 0) {
        unsigned others = both & about_amount & ~(unsigned)(AMOUNT_ZERO | BELOW);
        return others == 0;
    }
    return true;
}

static void of_two_faults_the_earlier_check_names_the_refusal(void **state)
{
    (void)state;
    for (unsigned first = 0; first < FAULTS; first++) {
        expect_code(bid_with_faults(1U << first), codes_in_order[first]);
        for (unsigned second = first + 1; second < FAULTS; second++) {
            if (can_meet(1U << first, 1U << second)) {
                expect_code(bid_with_faults(1U << first | 1U << second), codes_in_order[first]);
            }
        }
    }
    expect_code(bid_with_faults(0), ERROR_NONE);
}

// L13: what is no whole number arrives as 0.
static void an_amount_of_zero_below_or_beyond_the_range_is_refused(void **state)
{
    (void)state;
    struct room room;
    room_open_simple(&room, 1, 2);
    static const int64_t bad[] = {0, -1, INT64_MIN, AMOUNT_MINOR_MAX + 1, INT64_MAX};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        expect_code(room_bid(&room, 1, "l1", bad[i]), ERROR_BAD_AMOUNT);
    }
    expect_code(room_bid(&room, 1, "l1", AMOUNT_MINOR_MAX), ERROR_NONE);
    assert_true(sale_ask(room.sale, room_lot_at(&room, 0), room.now_ms) == AMOUNT_MINOR_MAX + 100);
    expect_code(room_bid(&room, 2, "l1", AMOUNT_MINOR_MAX), ERROR_BELOW_ASK);
    room_close(&room);
}

// F13, F14: the first bid of the first and only lot; nobody led before.
static void the_first_bid_must_reach_the_opening(void **state)
{
    (void)state;
    struct room room;
    room_open_simple(&room, 1, 2);
    expect_code(room_bid(&room, 1, "l1", 99), ERROR_BELOW_ASK);
    expect_code(room_bid(&room, 1, "l1", 100), ERROR_NONE);
    expect_facts(&room, EVENT_BID_ACCEPTED);
    const struct lot *lot = room_lot_at(&room, 0);
    assert_int_equal(lot->price_minor, 100);
    assert_int_equal(lot->leader_index, 0);
    assert_int_equal(lot->bids, 1);
    assert_int_equal(sale_ask(room.sale, lot, room.now_ms), 200);
    assert_int_equal(room_bidder(&room, 1)->held_minor, 100);
    assert_int_equal(room_bidder(&room, 1)->slots_held, 1);
    room_close(&room);
}

// F16, F17, F18, L1.
static void an_equal_bid_and_a_leader_against_himself_are_refused(void **state)
{
    (void)state;
    struct room room;
    room_open_simple(&room, 1, 2);
    expect_code(room_bid(&room, 1, "l1", 100), ERROR_NONE);
    expect_code(room_bid(&room, 2, "l1", 100), ERROR_BELOW_ASK);
    expect_code(room_bid(&room, 2, "l1", 199), ERROR_BELOW_ASK);
    expect_code(room_bid(&room, 1, "l1", 100), ERROR_ALREADY_LEADING);
    expect_code(room_bid(&room, 1, "l1", 500), ERROR_ALREADY_LEADING);
    assert_int_equal(room_lot_at(&room, 0)->price_minor, 100);
    expect_code(room_bid(&room, 2, "l1", 200), ERROR_NONE);
    assert_int_equal(room_bidder(&room, 1)->held_minor, 0); // refunded at once
    assert_int_equal(room_bidder(&room, 1)->slots_held, 0);
    assert_int_equal(room_bidder(&room, 2)->held_minor, 200);
    room_close(&room);
}

// L2: a bid names its lot and can't attach itself to another.
static void a_bid_on_a_lot_that_is_not_open_is_refused(void **state)
{
    (void)state;
    struct room room;
    room_open_simple(&room, 3, 2);
    expect_code(room_bid(&room, 1, "l2", 100), ERROR_WRONG_LOT);
    expect_code(room_bid(&room, 1, "l1", 100), ERROR_NONE);
    expect_code(room_next(&room, "l1"), ERROR_NONE);
    expect_code(room_bid(&room, 2, "l1", 200), ERROR_LOT_CLOSED); // in the gap
    expect_code(room_bid(&room, 2, "l2", 200), ERROR_WRONG_LOT);
    room_wait(&room, 3000);
    expect_code(room_bid(&room, 2, "l1", 200), ERROR_LOT_CLOSED);
    expect_code(room_bid(&room, 2, "nope", 200), ERROR_NOT_FOUND);
    room_close(&room);
}

static void a_bid_outside_of_a_running_sale_is_refused(void **state)
{
    (void)state;
    struct room room;
    struct sale_definition definition = room_definition();
    struct lot_definition lot = room_lot(100);
    room_open(&room, &definition, &lot, 1);
    room_join(&room, 1);
    expect_code(room_bid(&room, 1, "l1", 100), ERROR_NOT_ACTIVE);
    expect_code(room_staff(&room, SALE_OP_BEGIN), ERROR_NONE);
    room_wait(&room, 3000 + 30000);
    assert_int_equal(room.sale->round, 1); // offered again
    room_wait(&room, 3000 + 30000);
    assert_int_equal(room.sale->phase, SALE_COMPLETE);
    expect_code(room_bid(&room, 1, "l1", 100), ERROR_NOT_ACTIVE);
    expect_code(room_staff(&room, SALE_OP_DELETE), ERROR_NONE);
    expect_code(room_bid(&room, 1, "l1", 100), ERROR_NOT_FOUND);
    room_close(&room);
}

static void only_an_accepted_bidder_may_bid(void **state)
{
    (void)state;
    struct room room;
    room_open_simple(&room, 1, 2);
    static const enum role roles[] = {ROLE_NONE, ROLE_VIEWER, ROLE_CLERK, ROLE_AUCTIONEER,
                                      ROLE_ADMIN};
    struct sale_command command = {.op = SALE_OP_BID, .by = {"p1"}};
    command.as.bid.lot = (struct lot_id){"l1"};
    command.as.bid.amount_minor = 100;
    for (size_t i = 0; i < sizeof roles / sizeof roles[0]; i++) {
        command.role = roles[i];
        expect_code(room_command(&room, &command), ERROR_FORBIDDEN);
    }
    room_block(&room, "p1", true);
    expect_code(room_bid(&room, 1, "l1", 100), ERROR_FORBIDDEN);
    room_block(&room, "p1", false);
    expect_code(room_bid(&room, 1, "l1", 100), ERROR_NONE);
    expect_code(room_bid(&room, 7, "l1", 200), ERROR_NOT_PARTICIPANT);
    room_close(&room);
}

// "Refused with 10 s shown left", "a test of the original end": time decides, and the extended end
// counts.
static void a_bid_on_the_closing_millisecond_is_refused_before_the_close_was_announced(void **state)
{
    (void)state;
    struct room room;
    room_open_simple(&room, 1, 3);
    int64_t ends_at_ms = room_lot_at(&room, 0)->ends_at_ms;
    room.now_ms = ends_at_ms - 1;
    expect_code(room_bid(&room, 1, "l1", 100), ERROR_NONE);
    int64_t extended_ms = room_lot_at(&room, 0)->ends_at_ms;
    assert_true(extended_ms == ends_at_ms - 1 + 10000);
    room.now_ms = ends_at_ms + 1;
    expect_code(room_bid(&room, 2, "l1", 200), ERROR_NONE);
    room.now_ms = room_lot_at(&room, 0)->ends_at_ms;
    expect_code(room_bid(&room, 3, "l1", 300), ERROR_LOT_CLOSED);
    room.now_ms += 5000;
    expect_code(room_bid(&room, 3, "l1", 300), ERROR_LOT_CLOSED);
    room_close(&room);
}

static void a_strict_sale_refuses_amounts_beside_the_ladder(void **state)
{
    (void)state;
    struct room room;
    struct sale_definition definition = room_definition();
    struct lot_definition lot = room_lot(125);
    assert_true(increment_table_preset(bytes_text("ipl"), &definition.rules.lot.increments));
    definition.rules.lot.strict = true;
    room_open(&room, &definition, &lot, 1);
    room_join(&room, 2);
    expect_code(room_staff(&room, SALE_OP_BEGIN), ERROR_NONE);
    room_wait(&room, 3000);
    expect_code(room_bid(&room, 1, "l1", 126), ERROR_OFF_LADDER);
    expect_code(room_bid(&room, 1, "l1", 125), ERROR_NONE);
    expect_code(room_bid(&room, 2, "l1", 135), ERROR_OFF_LADDER);
    expect_code(room_bid(&room, 2, "l1", 130), ERROR_NONE);
    expect_code(room_bid(&room, 1, "l1", 230), ERROR_OFF_LADDER); // 220, 240 from 200 on
    expect_code(room_bid(&room, 1, "l1", 240), ERROR_NONE);       // a jump on the ladder
    room_close(&room);
}

static void more_than_the_sanity_factor_of_the_price_needs_a_confirmation(void **state)
{
    (void)state;
    struct room room;
    struct sale_definition definition = room_definition();
    struct lot_definition lot = room_lot(100);
    definition.rules.lot.sanity_factor = 10;
    room_open(&room, &definition, &lot, 1);
    room_join(&room, 2);
    expect_code(room_staff(&room, SALE_OP_BEGIN), ERROR_NONE);
    room_wait(&room, 3000);
    expect_code(room_bid(&room, 1, "l1", 1001), ERROR_ABOVE_SANITY); // ten times the opening
    expect_code(room_bid(&room, 1, "l1", 1000), ERROR_NONE);
    expect_code(room_bid(&room, 2, "l1", 10001), ERROR_ABOVE_SANITY);
    struct sale_command command = {.op = SALE_OP_BID, .role = ROLE_BIDDER, .by = {"p2"}};
    command.as.bid.lot = (struct lot_id){"l1"};
    command.as.bid.amount_minor = AMOUNT_MINOR_MAX;
    expect_code(room_command(&room, &command), ERROR_ABOVE_SANITY);
    command.as.bid.confirm = true;
    expect_code(room_command(&room, &command), ERROR_NONE);
    room_close(&room);
}

static void open_roster(struct room *room, struct roster_rules roster, size_t lots_count)
{
    struct sale_definition definition = room_definition();
    struct lot_definition lots[8];
    definition.roster = roster;
    definition.rules.lot.increments = increment_table_flat(1, false);
    for (size_t i = 0; i < lots_count; i++) {
        lots[i] = room_lot(1);
    }
    room_open(room, &definition, lots, lots_count);
    room_join(room, 2);
    expect_code(room_staff(room, SALE_OP_BEGIN), ERROR_NONE);
    room_wait(room, 3000);
}

// F19; rules 3, Roster auctions.
static void budget_200_with_16_slots_and_minimum_1_allows_185(void **state)
{
    (void)state;
    struct room room;
    open_roster(&room,
                (struct roster_rules){
                    .enabled = true, .budget_minor = 200, .slots = 16, .minimum_minor = 1},
                2);
    assert_int_equal(sale_max_bid(room.sale, room_bidder(&room, 1), room_lot_at(&room, 0)), 185);
    expect_code(room_bid(&room, 1, "l1", 201), ERROR_INSUFFICIENT_BUDGET);
    expect_code(room_bid(&room, 1, "l1", 186), ERROR_RESERVE_FOR_ROSTER);
    expect_code(room_bid(&room, 1, "l1", 185), ERROR_NONE);
    // His own lead does not count against what he could offer on the same lot.
    assert_int_equal(sale_max_bid(room.sale, room_bidder(&room, 1), room_lot_at(&room, 0)), 185);
    assert_int_equal(sale_max_bid(room.sale, room_bidder(&room, 1), room_lot_at(&room, 1)), 1);
    room_close(&room);
}

static void after_winning_at_100m_of_150m_50m_is_refused_and_49m_accepted(void **state)
{
    (void)state;
    struct room room;
    const int64_t m = 1000000;
    open_roster(&room,
                (struct roster_rules){
                    .enabled = true, .budget_minor = 150 * m, .slots = 3, .minimum_minor = m},
                3);
    expect_code(room_bid(&room, 1, "l1", 100 * m), ERROR_NONE);
    expect_code(room_next(&room, "l1"), ERROR_NONE);
    room_wait(&room, 3000);
    assert_int_equal(room_bidder(&room, 1)->spent_minor, 100 * m);
    assert_int_equal(room_bidder(&room, 1)->slots_taken, 1);
    expect_code(room_bid(&room, 1, "l2", 50 * m + 1), ERROR_INSUFFICIENT_BUDGET);
    expect_code(room_bid(&room, 1, "l2", 50 * m), ERROR_RESERVE_FOR_ROSTER);
    expect_code(room_bid(&room, 1, "l2", 49 * m), ERROR_NONE);
    room_close(&room);
}

static void a_full_roster_is_refused_after_the_budget(void **state)
{
    (void)state;
    struct room room;
    open_roster(
        &room,
        (struct roster_rules){.enabled = true, .budget_minor = 100, .slots = 1, .minimum_minor = 1},
        3);
    expect_code(room_bid(&room, 1, "l1", 10), ERROR_NONE);
    expect_code(room_next(&room, "l1"), ERROR_NONE);
    room_wait(&room, 3000);
    expect_code(room_bid(&room, 1, "l2", 91), ERROR_INSUFFICIENT_BUDGET);
    expect_code(room_bid(&room, 1, "l2", 90), ERROR_ROSTER_FULL);
    assert_int_equal(sale_max_bid(room.sale, room_bidder(&room, 1), room_lot_at(&room, 1)), 0);
    expect_code(room_bid(&room, 2, "l2", 100), ERROR_NONE);
    room_close(&room);
}

static void without_budgets_there_is_no_limit_and_the_sum_never_overflows(void **state)
{
    (void)state;
    struct room room;
    room_open_simple(&room, 1, 1);
    assert_true(sale_max_bid(room.sale, room_bidder(&room, 1), room_lot_at(&room, 0)) == INT64_MAX);
    room.sale->participants[0].spent_minor = SPENT_MINOR_MAX - 1;
    room.replica->participants[0].spent_minor = SPENT_MINOR_MAX - 1;
    expect_code(room_bid(&room, 1, "l1", AMOUNT_MINOR_MAX), ERROR_NONE);
    expect_code(room_next(&room, "l1"), ERROR_NONE);
    assert_true(room_bidder(&room, 1)->spent_minor == SPENT_MINOR_MAX);
    room_close(&room);
}

static void open_soft_close(struct room *room, struct soft_close soft_close)
{
    struct sale_definition definition = room_definition();
    struct lot_definition lot = room_lot(100);
    definition.rules.lot.soft_close = soft_close;
    room_open(room, &definition, &lot, 1);
    room_join(room, 2);
    expect_code(room_staff(room, SALE_OP_BEGIN), ERROR_NONE);
    room_wait(room, 3000);
}

// Bids `before_ms` before the end and gives the time that the end moved.
static int64_t bid_before_end(struct room *room, int64_t bidder, int64_t before_ms)
{
    const struct lot *lot = room_lot_at(room, 0);
    int64_t ends_at_ms = lot->ends_at_ms;
    room->now_ms = ends_at_ms - before_ms;
    expect_code(room_bid(room, bidder, "l1", sale_ask(room->sale, lot, room->now_ms)), ERROR_NONE);
    int64_t moved_ms = room_lot_at(room, 0)->ends_at_ms - ends_at_ms;
    if (moved_ms == 0) {
        expect_facts(room, EVENT_BID_ACCEPTED);
    } else {
        expect_facts(room, EVENT_BID_ACCEPTED, EVENT_LOT_EXTENDED);
        assert_true(room->decision.events[0].as.bid_accepted.ends_at_ms == ends_at_ms + moved_ms);
        assert_true(room->decision.events[1].as.lot_extended.extended_ms == moved_ms);
    }
    return moved_ms;
}

static void soft_close_reset_gives_the_amount_and_never_shortens(void **state)
{
    (void)state;
    struct room room;
    open_soft_close(&room, (struct soft_close){.window_ms = 10000,
                                               .amount_ms = 5000,
                                               .type = SOFT_CLOSE_RESET,
                                               .max_extensions = 0});
    assert_int_equal(bid_before_end(&room, 1, 10001), 0);
    assert_int_equal(bid_before_end(&room, 2, 9000), 0); // 5 s from now would be earlier
    assert_int_equal(bid_before_end(&room, 1, 5000), 0);
    assert_int_equal(bid_before_end(&room, 2, 4000), 1000);
    assert_int_equal(bid_before_end(&room, 1, 1), 4999);
    assert_int_equal(room_lot_at(&room, 0)->extensions, 2);
    room_close(&room);
}

static void soft_close_add_adds_inside_of_its_window_up_to_its_cap(void **state)
{
    (void)state;
    struct room room;
    open_soft_close(&room, (struct soft_close){.window_ms = 10000,
                                               .amount_ms = 5000,
                                               .type = SOFT_CLOSE_ADD,
                                               .max_extensions = 2});
    assert_int_equal(bid_before_end(&room, 1, 10001), 0);
    assert_int_equal(bid_before_end(&room, 2, 10000), 5000);
    assert_int_equal(bid_before_end(&room, 1, 1), 5000);
    assert_int_equal(bid_before_end(&room, 2, 1), 0); // the cap
    assert_int_equal(room_lot_at(&room, 0)->extensions, 2);
    room_close(&room);
}

static void without_a_soft_close_the_end_stays(void **state)
{
    (void)state;
    struct room room;
    open_soft_close(
        &room, (struct soft_close){
                   .window_ms = 0, .amount_ms = 5000, .type = SOFT_CLOSE_ADD, .max_extensions = 0});
    assert_int_equal(bid_before_end(&room, 1, 2), 0);
    assert_int_equal(bid_before_end(&room, 2, 1), 0);
    room_close(&room);
}

// "Low bids that were refused still extended the clock": endless stalling.
static void a_refused_bid_never_extends_the_clock(void **state)
{
    (void)state;
    struct room room;
    open_soft_close(&room, (struct soft_close){.window_ms = 10000,
                                               .amount_ms = 10000,
                                               .type = SOFT_CLOSE_ADD,
                                               .max_extensions = 0});
    expect_code(room_bid(&room, 1, "l1", 100), ERROR_NONE);
    int64_t ends_at_ms = room_lot_at(&room, 0)->ends_at_ms;
    room.now_ms = ends_at_ms - 1;
    expect_code(room_bid(&room, 2, "l1", 100), ERROR_BELOW_ASK);
    expect_code(room_bid(&room, 1, "l1", 300), ERROR_ALREADY_LEADING);
    assert_true(room_lot_at(&room, 0)->ends_at_ms == ends_at_ms);
    room_close(&room);
}

static void the_newest_twenty_bids_of_the_lot_are_kept(void **state)
{
    (void)state;
    struct room room;
    room_open_simple(&room, 2, 2);
    for (int64_t i = 0; i < 25; i++) {
        expect_code(room_bid(&room, 1 + i % 2, "l1", 100 + 100 * i), ERROR_NONE);
    }
    assert_int_equal(room.sale->recent_bids_count, RECENT_BIDS_MAX);
    assert_int_equal(room.sale->recent_bids[0].amount_minor, 2500);
    assert_int_equal(room.sale->recent_bids[19].amount_minor, 600);
    assert_int_equal(room.sale->bids_total, 25);
    expect_code(room_next(&room, "l1"), ERROR_NONE);
    room_wait(&room, 3000);
    assert_int_equal(room.sale->recent_bids_count, 0); // L8: the new lot has no bidder
    assert_int_equal(room_lot_at(&room, 1)->leader_index, -1);
    expect_code(room_bid(&room, 1, "l2", 100), ERROR_NONE);
    assert_int_equal(room.decision.events[0].as.bid_accepted.bid_no, 26);
    room_close(&room);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(of_two_faults_the_earlier_check_names_the_refusal),
        cmocka_unit_test(an_amount_of_zero_below_or_beyond_the_range_is_refused),
        cmocka_unit_test(the_first_bid_must_reach_the_opening),
        cmocka_unit_test(an_equal_bid_and_a_leader_against_himself_are_refused),
        cmocka_unit_test(a_bid_on_a_lot_that_is_not_open_is_refused),
        cmocka_unit_test(a_bid_outside_of_a_running_sale_is_refused),
        cmocka_unit_test(only_an_accepted_bidder_may_bid),
        cmocka_unit_test(
            a_bid_on_the_closing_millisecond_is_refused_before_the_close_was_announced),
        cmocka_unit_test(a_strict_sale_refuses_amounts_beside_the_ladder),
        cmocka_unit_test(more_than_the_sanity_factor_of_the_price_needs_a_confirmation),
        cmocka_unit_test(budget_200_with_16_slots_and_minimum_1_allows_185),
        cmocka_unit_test(after_winning_at_100m_of_150m_50m_is_refused_and_49m_accepted),
        cmocka_unit_test(a_full_roster_is_refused_after_the_budget),
        cmocka_unit_test(without_budgets_there_is_no_limit_and_the_sum_never_overflows),
        cmocka_unit_test(soft_close_reset_gives_the_amount_and_never_shortens),
        cmocka_unit_test(soft_close_add_adds_inside_of_its_window_up_to_its_cap),
        cmocka_unit_test(without_a_soft_close_the_end_stays),
        cmocka_unit_test(a_refused_bid_never_extends_the_clock),
        cmocka_unit_test(the_newest_twenty_bids_of_the_lot_are_kept),
    };
    return cmocka_run_group_tests_name("bid", tests, NULL, NULL);
}
