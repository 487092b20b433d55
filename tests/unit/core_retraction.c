// Undo (rules 3): newest first, one command with all its automatic bids; what stands again.
#include "bidding_room.h"

static void open_lot(struct room *room, int64_t bidders)
{
    struct sale_definition definition = bidding_definition();
    struct lot_definition lot = room_lot(100);
    bidding_open(room, &definition, &lot, 1, bidders);
}

// Two lots open at once, a budget of 1,000 without slots.
static void open_two_with_budget(struct room *room, int64_t bidders)
{
    struct sale_definition definition = bidding_definition();
    struct lot_definition lots[] = {room_lot(100), room_lot(100)};
    definition.rules.flow = FLOW_PARALLEL;
    definition.roster = (struct roster_rules){.enabled = true, .budget_minor = 1000};
    bidding_open(room, &definition, lots, 2, bidders);
}

static void the_bid_before_stands_again_and_at_last_none(void **state)
{
    (void)state;
    struct room room;
    open_lot(&room, 3);
    expect_code(bidding_undo(&room, "l1"), ERROR_NOTHING_TO_UNDO);
    expect_code(room_bid(&room, 1, "l1", 100), ERROR_NONE);
    expect_code(room_bid(&room, 2, "l1", 150), ERROR_NONE);
    expect_code(room_bid(&room, 3, "l1", 500), ERROR_NONE);
    expect_code(bidding_undo(&room, "l1"), ERROR_NONE);
    expect_facts(&room, EVENT_BID_RETRACTED);
    assert_int_equal(room.decision.events[0].as.bid_retracted.bid_no, 3);
    bidding_expect(&room, 0, 2, 150, 150);
    assert_int_equal(room.sale->recent_bids_count, 2);
    assert_int_equal(room.sale->recent_bids[0].amount_minor, 150);
    assert_int_equal(sale_ask(room.sale, room_lot_at(&room, 0), room.now_ms), 160);
    expect_code(bidding_undo(&room, "l1"), ERROR_NONE);
    bidding_expect(&room, 0, 1, 100, 100);
    expect_code(bidding_undo(&room, "l1"), ERROR_NONE);
    bidding_expect(&room, 0, 0, 0, 0);
    assert_int_equal(room_lot_at(&room, 0)->bids, 0);
    expect_code(bidding_undo(&room, "l1"), ERROR_NOTHING_TO_UNDO);
    expect_code(room_bid(&room, 2, "l1", 100), ERROR_NONE); // numbers are never used again
    assert_int_equal(room.sale->bids_total, 4);
    room_close(&room);
}

static void a_maximum_is_undone_with_the_price_that_it_made(void **state)
{
    (void)state;
    struct room room;
    open_lot(&room, 3);
    expect_code(room_set_max(&room, 1, "l1", 300), ERROR_NONE);
    expect_code(room_set_max(&room, 2, "l1", 250), ERROR_NONE);
    bidding_expect(&room, 0, 1, 260, 300);
    expect_code(bidding_undo(&room, "l1"), ERROR_NONE);
    bidding_expect(&room, 0, 1, 100, 300);
    assert_int_equal(room_lot_at(&room, 0)->standings[1].max_minor, 0);
    expect_code(room_bid(&room, 3, "l1", 150), ERROR_NONE); // 250 does not count any more
    bidding_expect(&room, 0, 1, 160, 300);
    expect_code(room_set_max(&room, 3, "l1", 500), ERROR_NONE);
    bidding_expect(&room, 0, 3, 310, 500);
    expect_code(bidding_undo(&room, "l1"), ERROR_NONE);
    bidding_expect(&room, 0, 1, 160, 300);
    room_close(&room);
}

static void a_raised_maximum_is_undone_to_the_one_before(void **state)
{
    (void)state;
    struct room room;
    open_lot(&room, 3);
    expect_code(room_set_max(&room, 1, "l1", 300), ERROR_NONE);
    expect_code(room_set_max(&room, 2, "l1", 300), ERROR_NONE); // a tie
    expect_code(room_set_max(&room, 1, "l1", 400), ERROR_NONE); // protects it
    bidding_expect(&room, 0, 1, 310, 400);
    expect_code(bidding_undo(&room, "l1"), ERROR_NONE);
    bidding_expect(&room, 0, 1, 300, 300);
    expect_code(room_bid(&room, 3, "l1", 310), ERROR_NONE);
    bidding_expect(&room, 0, 3, 310, 310);
    room_close(&room);
}

static void an_undo_raises_no_maximum_that_was_taken_back_since(void **state)
{
    (void)state;
    struct room room;
    open_lot(&room, 2);
    expect_code(room_set_max(&room, 1, "l1", 500), ERROR_NONE);
    expect_code(room_set_max(&room, 2, "l1", 200), ERROR_NONE);
    expect_code(room_set_max(&room, 2, "l1", 300), ERROR_NONE);
    expect_code(room_withdraw_max(&room, 2, "l1"), ERROR_NONE);
    expect_code(bidding_undo(&room, "l1"), ERROR_NONE);
    bidding_expect(&room, 0, 1, 210, 500);
    assert_int_equal(room_lot_at(&room, 0)->standings[1].max_minor, 0);
    room_close(&room);
}

static void the_answer_of_the_house_goes_with_the_bid(void **state)
{
    (void)state;
    struct room room;
    struct sale_definition definition = bidding_definition();
    struct lot_definition lot = room_lot(100);
    lot.reserve_minor = 500;
    definition.rules.lot.reserve_mode = RESERVE_HOUSE;
    bidding_open(&room, &definition, &lot, 1, 2);
    expect_code(room_bid(&room, 1, "l1", 100), ERROR_NONE);
    bidding_expect(&room, 0, 0, 110, 0);
    expect_code(room_bid(&room, 2, "l1", 200), ERROR_NONE);
    bidding_expect(&room, 0, 0, 210, 0);
    expect_code(bidding_undo(&room, "l1"), ERROR_NONE);
    assert_int_equal(room.decision.events[0].as.bid_retracted.bid_no, 3);
    assert_int_equal(room.decision.events[0].as.bid_retracted.removed, 2);
    bidding_expect(&room, 0, 0, 110, 0);
    expect_code(bidding_undo(&room, "l1"), ERROR_NONE);
    bidding_expect(&room, 0, 0, 0, 0);
    expect_code(bidding_undo(&room, "l1"), ERROR_NOTHING_TO_UNDO);
    room_close(&room);
}

static void by_the_sales_choice_none_stands_any_more(void **state)
{
    (void)state;
    struct room room;
    struct sale_definition definition = bidding_definition();
    struct lot_definition lot = room_lot(100);
    definition.rules.lot.retraction = RETRACTION_RESET;
    bidding_open(&room, &definition, &lot, 1, 2);
    expect_code(room_set_max(&room, 1, "l1", 300), ERROR_NONE);
    expect_code(room_bid(&room, 2, "l1", 200), ERROR_NONE);
    expect_code(bidding_undo(&room, "l1"), ERROR_NONE);
    bidding_expect(&room, 0, 0, 0, 0);
    assert_int_equal(room_lot_at(&room, 0)->standings[0].max_minor, 0);
    assert_int_equal(room_lot_at(&room, 0)->bids, 0);
    assert_int_equal(room.sale->recent_bids_count, 0);
    expect_code(bidding_undo(&room, "l1"), ERROR_NOTHING_TO_UNDO);
    expect_code(room_bid(&room, 2, "l1", 100), ERROR_NONE);
    bidding_expect(&room, 0, 2, 100, 100);
    room_close(&room);
}

static void who_can_not_pay_for_it_any_more_is_skipped(void **state)
{
    (void)state;
    struct room room;
    open_two_with_budget(&room, 3);
    expect_code(room_bid(&room, 1, "l1", 100), ERROR_NONE);
    expect_code(room_bid(&room, 2, "l1", 500), ERROR_NONE);
    expect_code(room_bid(&room, 3, "l1", 600), ERROR_NONE);
    expect_code(room_bid(&room, 2, "l2", 501), ERROR_NONE); // 499 left
    expect_code(bidding_undo(&room, "l1"), ERROR_NONE);
    bidding_expect(&room, 0, 1, 100, 100);
    room_close(&room);
}

static void a_maximum_that_would_lead_again_is_cut_to_what_is_affordable(void **state)
{
    (void)state;
    struct room room;
    open_two_with_budget(&room, 3);
    expect_code(room_set_max(&room, 2, "l1", 900), ERROR_NONE);
    expect_code(room_bid(&room, 1, "l1", 200), ERROR_NONE);
    bidding_expect(&room, 0, 2, 210, 900);
    expect_code(room_bid(&room, 3, "l1", 950), ERROR_NONE);
    expect_code(room_bid(&room, 2, "l2", 400), ERROR_NONE);
    expect_code(bidding_undo(&room, "l1"), ERROR_NONE);
    bidding_expect(&room, 0, 2, 210, 600);
    expect_code(room_bid(&room, 3, "l1", 950), ERROR_NONE);
    expect_code(room_bid(&room, 1, "l2", 410), ERROR_NONE);
    expect_code(room_bid(&room, 2, "l2", 795), ERROR_NONE); // 205 left, less than 210
    expect_code(bidding_undo(&room, "l1"), ERROR_NONE);
    bidding_expect(&room, 0, 2, 205, 205);
    room_close(&room);
}

static void where_a_cut_maximum_is_not_enough_the_bid_against_it_stands(void **state)
{
    (void)state;
    struct room room;
    open_two_with_budget(&room, 3);
    expect_code(room_set_max(&room, 2, "l1", 900), ERROR_NONE);
    expect_code(room_bid(&room, 1, "l1", 200), ERROR_NONE);
    expect_code(room_bid(&room, 3, "l1", 950), ERROR_NONE);
    expect_code(room_bid(&room, 2, "l2", 805), ERROR_NONE); // 195 left
    expect_code(bidding_undo(&room, "l1"), ERROR_NONE);
    bidding_expect(&room, 0, 1, 200, 200);
    room_close(&room);
}

static void nobody_stands_when_nobody_can_pay(void **state)
{
    (void)state;
    struct room room;
    open_two_with_budget(&room, 3);
    expect_code(room_bid(&room, 1, "l1", 500), ERROR_NONE);
    expect_code(room_bid(&room, 3, "l1", 600), ERROR_NONE);
    expect_code(room_bid(&room, 1, "l2", 501), ERROR_NONE);
    expect_code(bidding_undo(&room, "l1"), ERROR_NONE);
    assert_int_equal(room.decision.events[0].as.bid_retracted.removed, 1);
    bidding_expect(&room, 0, 0, 0, 0);
    expect_code(bidding_undo(&room, "l1"), ERROR_NONE); // the bid that was skipped
    bidding_expect(&room, 0, 0, 0, 0);
    expect_code(bidding_undo(&room, "l1"), ERROR_NOTHING_TO_UNDO);
    room_close(&room);
}

static void a_maximum_set_by_the_leader_falls_with_his_bid(void **state)
{
    (void)state;
    struct room room;
    open_lot(&room, 2);
    expect_code(room_bid(&room, 1, "l1", 100), ERROR_NONE);
    expect_code(room_set_max(&room, 1, "l1", 300), ERROR_NONE);
    expect_code(bidding_undo(&room, "l1"), ERROR_NONE);
    expect_code(room_bid(&room, 2, "l1", 120), ERROR_NONE);
    bidding_expect(&room, 0, 2, 120, 120);
    room_close(&room);
}

static void an_absentees_maximum_falls_with_the_bid_that_it_made(void **state)
{
    (void)state;
    struct room room;
    struct sale_definition definition = bidding_definition();
    struct lot_definition lot = room_lot(100);
    room_open(&room, &definition, &lot, 1);
    room_join(&room, 2);
    expect_code(room_set_max(&room, 1, "l1", 500), ERROR_NONE);
    expect_code(room_staff(&room, SALE_OP_BEGIN), ERROR_NONE);
    room_wait(&room, 3000);
    bidding_expect(&room, 0, 1, 100, 500);
    expect_code(bidding_undo(&room, "l1"), ERROR_NONE);
    bidding_expect(&room, 0, 0, 0, 0);
    expect_code(room_bid(&room, 2, "l1", 100), ERROR_NONE);
    bidding_expect(&room, 0, 2, 100, 100);
    room_close(&room);
}

static void an_undo_never_raises_the_price(void **state)
{
    (void)state;
    struct room room;
    struct sale_definition definition = bidding_definition();
    struct lot_definition lot = room_lot(100);
    room_open(&room, &definition, &lot, 1);
    room_join(&room, 4);
    expect_code(room_set_max(&room, 3, "l1", 700), ERROR_NONE);
    expect_code(room_set_max(&room, 4, "l1", 800), ERROR_NONE);
    room_block(&room, "p3", true);
    room_block(&room, "p4", true);
    expect_code(room_staff(&room, SALE_OP_BEGIN), ERROR_NONE);
    room_wait(&room, 3000);
    bidding_expect(&room, 0, 0, 0, 0);
    expect_code(room_bid(&room, 1, "l1", 100), ERROR_NONE);
    expect_code(room_bid(&room, 2, "l1", 110), ERROR_NONE);
    room_block(&room, "p1", true);
    room_block(&room, "p3", false);
    room_block(&room, "p4", false);
    expect_code(bidding_undo(&room, "l1"), ERROR_NONE); // 1 can't lead again; 4 against 3: 710
    bidding_expect(&room, 0, 4, 110, 800);
    room_close(&room);
}

static void who_is_blocked_does_not_lead_again(void **state)
{
    (void)state;
    struct room room;
    open_lot(&room, 3);
    expect_code(room_bid(&room, 1, "l1", 100), ERROR_NONE);
    expect_code(room_bid(&room, 2, "l1", 200), ERROR_NONE);
    expect_code(room_bid(&room, 3, "l1", 300), ERROR_NONE);
    room_block(&room, "p2", true);
    expect_code(bidding_undo(&room, "l1"), ERROR_NONE);
    bidding_expect(&room, 0, 1, 100, 100);
    room_close(&room);
}

static void only_bids_of_an_open_lot_are_undone_a_pause_included(void **state)
{
    (void)state;
    struct room room;
    struct sale_definition definition = bidding_definition();
    struct lot_definition lots[] = {room_lot(100), room_lot(100)};
    bidding_open(&room, &definition, lots, 2, 2);
    expect_code(bidding_undo(&room, "l9"), ERROR_NOT_FOUND);
    expect_code(bidding_undo(&room, "l2"), ERROR_WRONG_LOT);
    expect_code(room_bid(&room, 1, "l1", 100), ERROR_NONE);
    struct sale_command command = {.op = SALE_OP_UNDO, .role = ROLE_BIDDER};
    command.as.undo.lot = (struct lot_id){"l1"};
    expect_code(room_command(&room, &command), ERROR_FORBIDDEN);
    command.role = ROLE_AUCTIONEER;
    command.as.undo.reason = bytes_text("two\nlines");
    expect_code(room_command(&room, &command), ERROR_BAD_REQUEST);
    expect_code(room_staff(&room, SALE_OP_PAUSE), ERROR_NONE);
    expect_code(bidding_undo(&room, "l1"), ERROR_NONE);
    bidding_expect(&room, 0, 0, 0, 0);
    expect_code(room_staff(&room, SALE_OP_RESUME), ERROR_NONE);
    expect_code(room_bid(&room, 1, "l1", 100), ERROR_NONE);
    room.now_ms = room_lot_at(&room, 0)->ends_at_ms;
    expect_code(bidding_undo(&room, "l1"), ERROR_LOT_CLOSED);
    room_wait(&room, 1);
    expect_code(bidding_undo(&room, "l1"), ERROR_LOT_CLOSED);
    room_close(&room);
}

static void no_more_than_the_newest_64_bids_are_kept_for_it(void **state)
{
    (void)state;
    struct room room;
    open_lot(&room, 2);
    for (int64_t i = 0; i < 70; i++) {
        expect_code(room_bid(&room, 1 + i % 2, "l1", 100 + 10 * i), ERROR_NONE);
    }
    for (int64_t i = 0; i < UNDO_DEPTH_MAX; i++) {
        expect_code(bidding_undo(&room, "l1"), ERROR_NONE);
    }
    bidding_expect(&room, 0, 2, 150, 150);
    expect_code(bidding_undo(&room, "l1"), ERROR_NOTHING_TO_UNDO);
    room_close(&room);
}

static void expect_corrupt(struct room *room, const struct sale_event *event)
{
    int64_t price_minor = room_lot_at(room, 0)->price_minor;
    size_t history_count = room_lot_at(room, 0)->history_count;
    assert_int_equal(sale_apply(room->sale, event), LC_ERR_CORRUPT);
    assert_int_equal(room_lot_at(room, 0)->price_minor, price_minor);
    assert_int_equal(room_lot_at(room, 0)->history_count, history_count);
}

static void a_damaged_undo_is_corrupt(void **state)
{
    (void)state;
    struct room room;
    open_lot(&room, 2);
    expect_code(room_bid(&room, 1, "l1", 100), ERROR_NONE);
    expect_code(room_bid(&room, 2, "l1", 200), ERROR_NONE);
    struct sale_event good;
    memset(&good, 0, sizeof good);
    good.kind = EVENT_BID_RETRACTED;
    good.at_ms = room.now_ms;
    good.as.bid_retracted.bid_no = 2;
    good.as.bid_retracted.price_minor = 100;
    good.as.bid_retracted.leader = (struct participant_id){"p1"};
    good.as.bid_retracted.held_minor = 100;
    good.as.bid_retracted.removed = 1;
    struct sale_event bad = good;
    bad.as.bid_retracted.lot_index = 1;
    expect_corrupt(&room, &bad);
    bad = good;
    bad.as.bid_retracted.removed = 0;
    expect_corrupt(&room, &bad);
    bad.as.bid_retracted.removed = 3;
    expect_corrupt(&room, &bad);
    bad = good;
    bad.as.bid_retracted.leader = (struct participant_id){"p9"};
    expect_corrupt(&room, &bad);
    bad = good;
    bad.as.bid_retracted.held_minor = 99;
    expect_corrupt(&room, &bad);
    bad = good;
    bad.as.bid_retracted.price_minor = 0;
    expect_corrupt(&room, &bad);
    bad.as.bid_retracted.price_minor = -1;
    expect_corrupt(&room, &bad);
    bad = good;
    bad.as.bid_retracted.leader = (struct participant_id){""};
    expect_corrupt(&room, &bad);
    assert_int_equal(sale_apply(room.sale, &good), LC_OK);
    bidding_expect_sums(room.sale);
    room_close(&room);
}

static void bids_of_the_house_without_a_house_are_corrupt(void **state)
{
    (void)state;
    struct room room;
    open_lot(&room, 2);
    struct sale_event bad;
    memset(&bad, 0, sizeof bad);
    bad.kind = EVENT_BID_ACCEPTED;
    bad.at_ms = room.now_ms;
    bad.as.bid_accepted.bid_no = 1;
    bad.as.bid_accepted.kind = BID_HOUSE;
    bad.as.bid_accepted.amount_minor = 100;
    bad.as.bid_accepted.price_minor = 100;
    bad.as.bid_accepted.leader = (struct participant_id){"p1"};
    bad.as.bid_accepted.held_minor = 100;
    expect_corrupt(&room, &bad);
    bad.as.bid_accepted.kind = BID_PLAIN; // of nobody
    expect_corrupt(&room, &bad);
    bad.as.bid_accepted.by = (struct participant_id){"p1"};
    bad.as.bid_accepted.leader = (struct participant_id){""}; // for nobody
    expect_corrupt(&room, &bad);
    room_close(&room);
}

static void of_two_absentees_the_other_leads_when_one_is_undone(void **state)
{
    (void)state;
    struct room room;
    struct sale_definition definition = bidding_definition();
    struct lot_definition lots[] = {room_lot(100), room_lot(100)};
    room_open(&room, &definition, lots, 2);
    room_join(&room, 3);
    expect_code(room_set_max(&room, 1, "l1", 500), ERROR_NONE);
    expect_code(room_set_max(&room, 2, "l1", 300), ERROR_NONE);
    expect_code(room_staff(&room, SALE_OP_BEGIN), ERROR_NONE);
    room_wait(&room, 3000);
    bidding_expect(&room, 0, 1, 310, 500);
    expect_code(bidding_undo(&room, "l1"), ERROR_NONE);
    bidding_expect(&room, 0, 2, 100, 300); // his maximum stands: the lot must not go unsold
    expect_code(bidding_undo(&room, "l1"), ERROR_NOTHING_TO_UNDO);
    expect_code(room_bid(&room, 3, "l1", 200), ERROR_NONE);
    bidding_expect(&room, 0, 2, 210, 300);
    bidding_expect_sums(room.sale);
    room_close(&room);
}

static void an_undo_takes_no_time_back_that_its_bid_gave(void **state)
{
    (void)state;
    struct room room;
    struct sale_definition definition = room_definition(); // soft close of 10 s
    struct lot_definition lots[] = {room_lot(100), room_lot(100)};
    bidding_open(&room, &definition, lots, 2, 2);
    expect_code(room_set_max(&room, 1, "l1", 1000), ERROR_NONE);
    room_wait(&room, 29000);
    expect_code(room_bid(&room, 2, "l1", 500), ERROR_NONE);
    expect_facts(&room, EVENT_BID_ACCEPTED, EVENT_LOT_EXTENDED);
    int64_t ends_at_ms = room_lot_at(&room, 0)->ends_at_ms;
    room_wait(&room, 5000); // behind the first end
    expect_code(bidding_undo(&room, "l1"), ERROR_NONE);
    bidding_expect(&room, 0, 1, 100, 1000); // the automatic answer went with it
    assert_true(room_lot_at(&room, 0)->ends_at_ms == ends_at_ms);
    assert_int_equal(room_lot_at(&room, 0)->extensions, 1);
    expect_code(bidding_undo(&room, "l1"), ERROR_NONE);
    bidding_expect(&room, 0, 0, 0, 0);
    room_wait(&room, ends_at_ms - room.now_ms);
    assert_int_equal(room_lot_at(&room, 0)->phase, LOT_UNSOLD);
    room_close(&room);
}

static void a_purchase_that_was_reopened_is_undone_to_the_bid_before_it(void **state)
{
    (void)state;
    struct room room;
    struct sale_definition definition = bidding_definition();
    struct lot_definition lots[] = {room_lot(100), room_lot(100)};
    lots[0].buy_now_minor = 500;
    lots[0].reserve_minor = 300;
    definition.rules.lot.buy_now_until = BUY_NOW_UNTIL_RESERVE;
    bidding_open(&room, &definition, lots, 2, 3);
    expect_code(room_bid(&room, 1, "l1", 150), ERROR_NONE);
    expect_code(bidding_buy_now(&room, 2, "l1"), ERROR_NONE);
    struct sale_command reopen = {.op = SALE_OP_REOPEN, .role = ROLE_AUCTIONEER};
    assert_true(lot_id_read(bytes_text("l1"), &reopen.as.lot.lot));
    expect_code(room_command(&room, &reopen), ERROR_NONE);
    bidding_expect(&room, 0, 2, 500, 500);
    expect_code(bidding_undo(&room, "l1"), ERROR_NONE);
    bidding_expect(&room, 0, 1, 150, 150);
    expect_code(bidding_undo(&room, "l1"), ERROR_NONE);
    bidding_expect(&room, 0, 0, 0, 0);
    bidding_expect_sums(room.sale);
    room_close(&room);
}

enum { RANDOM_BIDDERS = 4, RANDOM_OFFERS = 40 };

struct stand {
    int64_t price_minor;
    int64_t leader_index;
    int64_t held_minor;
    int64_t bids;
};

static struct stand stand_of(const struct room *room)
{
    const struct lot *lot = room_lot_at(room, 0);
    return (struct stand){lot->price_minor, lot->leader_index, lot->held_minor, lot->bids};
}

static int64_t below(uint64_t *number, int64_t limit)
{
    *number = *number * UINT64_C(6364136223846793005) + 1442695040888963407;
    return (int64_t)((*number >> 33) % (uint64_t)limit);
}

static void open_random_lot(struct room *room, uint64_t seed)
{
    struct sale_definition definition = bidding_definition();
    struct lot_definition lot = room_lot(100);
    definition.rules.lot.reserve_mode =
        (enum reserve_mode)(seed % (RESERVE_STRAIGHT_UNTIL_MET + 1));
    lot.reserve_minor = seed % 3 == 0 ? 0 : 400;
    lot.duration_ms = 86400000;
    bidding_open(room, &definition, &lot, 1, RANDOM_BIDDERS);
}

// Of the offers of those who do not lead, with no purse in the way.
static void undone_one_by_one_the_bids_of_a_random_lot_give_back_what_stood_before(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 60; seed++) {
        struct room room;
        struct stand before[RANDOM_OFFERS];
        size_t taken = 0;
        uint64_t number = seed;
        open_random_lot(&room, seed);
        for (size_t i = 0; i < RANDOM_OFFERS; i++) {
            const struct lot *lot = room_lot_at(&room, 0);
            int64_t bidder = 1 + below(&number, RANDOM_BIDDERS);
            int64_t amount = sale_ask(room.sale, lot, room.now_ms) + below(&number, 60);
            struct stand stand = stand_of(&room);
            if (lot->leader_index == bidder - 1) {
                continue;
            }
            bool is_maximum = below(&number, 2) == 0;
            expect_code(is_maximum ? room_set_max(&room, bidder, "l1", amount)
                                   : room_bid(&room, bidder, "l1", amount),
                        ERROR_NONE);
            before[taken++] = stand;
            if (below(&number, 4) == 0) {
                expect_code(bidding_undo(&room, "l1"), ERROR_NONE);
                stand = stand_of(&room);
                assert_memory_equal(&stand, &before[--taken], sizeof stand);
            }
        }
        while (taken > 0) {
            expect_code(bidding_undo(&room, "l1"), ERROR_NONE);
            struct stand stand = stand_of(&room);
            assert_memory_equal(&stand, &before[--taken], sizeof stand);
        }
        expect_code(bidding_undo(&room, "l1"), ERROR_NOTHING_TO_UNDO);
        room_close(&room);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_bid_before_stands_again_and_at_last_none),
        cmocka_unit_test(a_maximum_is_undone_with_the_price_that_it_made),
        cmocka_unit_test(a_raised_maximum_is_undone_to_the_one_before),
        cmocka_unit_test(an_undo_raises_no_maximum_that_was_taken_back_since),
        cmocka_unit_test(the_answer_of_the_house_goes_with_the_bid),
        cmocka_unit_test(by_the_sales_choice_none_stands_any_more),
        cmocka_unit_test(who_can_not_pay_for_it_any_more_is_skipped),
        cmocka_unit_test(a_maximum_that_would_lead_again_is_cut_to_what_is_affordable),
        cmocka_unit_test(where_a_cut_maximum_is_not_enough_the_bid_against_it_stands),
        cmocka_unit_test(nobody_stands_when_nobody_can_pay),
        cmocka_unit_test(a_maximum_set_by_the_leader_falls_with_his_bid),
        cmocka_unit_test(an_absentees_maximum_falls_with_the_bid_that_it_made),
        cmocka_unit_test(an_undo_never_raises_the_price),
        cmocka_unit_test(who_is_blocked_does_not_lead_again),
        cmocka_unit_test(only_bids_of_an_open_lot_are_undone_a_pause_included),
        cmocka_unit_test(undone_one_by_one_the_bids_of_a_random_lot_give_back_what_stood_before),
        cmocka_unit_test(an_undo_takes_no_time_back_that_its_bid_gave),
        cmocka_unit_test(of_two_absentees_the_other_leads_when_one_is_undone),
        cmocka_unit_test(a_purchase_that_was_reopened_is_undone_to_the_bid_before_it),
        cmocka_unit_test(a_damaged_undo_is_corrupt),
        cmocka_unit_test(bids_of_the_house_without_a_house_are_corrupt),
        cmocka_unit_test(no_more_than_the_newest_64_bids_are_kept_for_it),
    };
    return cmocka_run_group_tests_name("retraction", tests, NULL, NULL);
}
