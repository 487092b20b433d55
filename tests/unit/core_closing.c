// From begin to complete (rules 2 and 3): gaps, hammers, rounds, next, and every way to the end.
#include "core_room.h"

static int64_t count_phase(const struct room *room, enum lot_phase phase)
{
    int64_t count = 0;
    for (size_t i = 0; i < room->sale->lots_count; i++) {
        count += room->sale->lots[i].phase == phase;
    }
    return count;
}

static void expect_end(const struct room *room, enum complete_reason reason, int64_t sold)
{
    const struct sale *sale = room->sale;
    assert_int_equal(sale->phase, SALE_COMPLETE);
    assert_int_equal(sale->complete_reason, reason);
    assert_int_equal(sale->clock, CLOCK_NONE);
    assert_int_equal(sale->sold_count, sold);
    assert_int_equal(sale->unsold_count, (int64_t)sale->lots_count - sold);
    assert_int_equal(count_phase(room, LOT_SOLD), sold);
    assert_int_equal(count_phase(room, LOT_UNSOLD), sale->unsold_count);
    assert_true(sale_next_deadline(sale) == INT64_MAX);
    for (size_t i = 0; i < sale->participants_count; i++) {
        assert_int_equal(sale->participants[i].held_minor, 0);
        assert_int_equal(sale->participants[i].slots_held, 0);
    }
}

static void a_sale_without_lots_cannot_begin(void **state)
{
    (void)state;
    struct room room;
    struct sale_definition definition = room_definition();
    room_open(&room, &definition, NULL, 0);
    expect_code(room_staff(&room, SALE_OP_BEGIN), ERROR_NO_LOTS);
    room_close(&room);
}

static void begin_counts_the_first_lot_in(void **state)
{
    (void)state;
    struct room room;
    struct sale_definition definition = room_definition();
    struct lot_definition lots[] = {room_lot(100), room_lot(100)};
    lots[0].duration_ms = 7000;
    room_open(&room, &definition, lots, 2);
    assert_int_equal(room.sale->seq, 2); // epoch_started, lots_changed
    expect_code(room_staff(&room, SALE_OP_BEGIN), ERROR_NONE);
    expect_facts(&room, EVENT_SALE_STARTED);
    assert_int_equal(room.sale->clock, CLOCK_GAP);
    assert_int_equal(room.sale->next_index, 0);
    assert_true(room.sale->next_starts_at_ms == room.now_ms + 3000);
    expect_code(room_staff(&room, SALE_OP_BEGIN), ERROR_WRONG_PHASE);
    room_wait(&room, 2999);
    assert_int_equal(room.sale->clock, CLOCK_GAP);
    room_wait(&room, 1);
    expect_facts(&room, EVENT_LOT_STARTED);
    const struct lot *lot = room_lot_at(&room, 0);
    assert_int_equal(lot->phase, LOT_OPEN);
    assert_true(lot->started_at_ms == room.now_ms);
    assert_true(lot->ends_at_ms == room.now_ms + 7000); // the lot's own duration
    room_close(&room);
}

// F21, F22: every length of the queue, a bid on each lot; the last lot is awarded like the others.
static void queues_of_1_to_4_lots_sell_all_to_the_last(void **state)
{
    (void)state;
    for (size_t lots = 1; lots <= 4; lots++) {
        struct room room;
        room_open_simple(&room, lots, 2);
        for (size_t i = 0; i < lots; i++) {
            assert_int_equal(room.sale->lot_index, (int64_t)i);
            expect_code(room_bid(&room, 1 + (int64_t)i % 2, room_lot_at(&room, (int64_t)i)->id.text,
                                 100 + 100 * (int64_t)i),
                        ERROR_NONE);
            room_wait(&room, 30000 + (i + 1 < lots ? 3000 : 0));
        }
        expect_facts(&room, EVENT_LOT_SOLD, EVENT_SALE_COMPLETED);
        expect_end(&room, COMPLETE_NO_LOTS_LEFT, (int64_t)lots);
        room_close(&room);
    }
}

static void a_bid_only_on_the_last_lot_sells_it(void **state)
{
    (void)state;
    for (size_t lots = 1; lots <= 4; lots++) {
        struct room room;
        struct sale_definition definition = room_definition();
        struct lot_definition definitions[] = {room_lot(100), room_lot(100), room_lot(100),
                                               room_lot(100)};
        definition.rules.unsold_rounds = 0;
        room_open(&room, &definition, definitions, lots);
        room_join(&room, 1);
        expect_code(room_staff(&room, SALE_OP_BEGIN), ERROR_NONE);
        room_wait(&room, 3000 + 33000 * ((int64_t)lots - 1));
        expect_code(room_bid(&room, 1, room_lot_at(&room, (int64_t)lots - 1)->id.text, 100),
                    ERROR_NONE);
        room_wait(&room, 30000);
        expect_end(&room, COMPLETE_NO_LOTS_LEFT, 1);
        room_close(&room);
    }
}

static void the_last_lot_unsold_ends_the_sale(void **state)
{
    (void)state;
    struct room room;
    struct sale_definition definition = room_definition();
    struct lot_definition lots[] = {room_lot(100), room_lot(100)};
    definition.rules.unsold_rounds = 0;
    room_open(&room, &definition, lots, 2);
    room_join(&room, 1);
    expect_code(room_staff(&room, SALE_OP_BEGIN), ERROR_NONE);
    room_wait(&room, 3000);
    expect_code(room_bid(&room, 1, "l1", 100), ERROR_NONE);
    room_wait(&room, 30000 + 3000 + 30000);
    expect_facts(&room, EVENT_LOT_UNSOLD, EVENT_SALE_COMPLETED);
    assert_int_equal(room.decision.events[0].as.lot_unsold.reason, UNSOLD_NO_BIDS);
    expect_end(&room, COMPLETE_NO_LOTS_LEFT, 1);
    room_close(&room);
}

static void the_last_lot_with_an_extension_is_sold_at_its_new_end(void **state)
{
    (void)state;
    struct room room;
    room_open_simple(&room, 1, 2);
    room_wait(&room, 29999);
    expect_code(room_bid(&room, 1, "l1", 100), ERROR_NONE);
    room_wait(&room, 9999);
    assert_int_equal(room_lot_at(&room, 0)->phase, LOT_OPEN);
    room_wait(&room, 1);
    expect_end(&room, COMPLETE_NO_LOTS_LEFT, 1);
    room_close(&room);
}

// F20: one bid does not end a sale.
static void the_sale_goes_on_after_its_first_bid(void **state)
{
    (void)state;
    struct room room;
    room_open_simple(&room, 3, 2);
    expect_code(room_bid(&room, 1, "l1", 100), ERROR_NONE);
    assert_int_equal(room.sale->phase, SALE_LIVE);
    room_wait(&room, 30000);
    expect_facts(&room, EVENT_LOT_SOLD);
    assert_int_equal(room.sale->clock, CLOCK_GAP);
    assert_int_equal(room.sale->next_index, 1);
    room_close(&room);
}

static void nobody_connected_still_ends_the_sale(void **state)
{
    (void)state;
    struct room room;
    room_open_simple(&room, 3, 0);
    room_wait(&room, 3 * 33000);
    assert_int_equal(room.sale->round, 0); // nobody could open: no second round
    expect_end(&room, COMPLETE_NO_LOTS_LEFT, 0);
    room_close(&room);
}

static void a_late_deadline_gives_the_next_lot_its_whole_time(void **state)
{
    (void)state;
    struct room room;
    room_open_simple(&room, 2, 1);
    room.now_ms += 60000; // nothing ran for a minute
    room_wait(&room, 0);
    assert_int_equal(room_lot_at(&room, 0)->phase, LOT_UNSOLD);
    assert_true(room.sale->next_starts_at_ms == room.now_ms + 3000);
    room_close(&room);
}

static struct lot_definition lot_with_reserve(int64_t opening_minor, int64_t reserve_minor)
{
    struct lot_definition lot = room_lot(opening_minor);
    lot.reserve_minor = reserve_minor;
    return lot;
}

static void a_lot_below_its_reserve_is_unsold_and_its_leader_refunded(void **state)
{
    (void)state;
    struct room room;
    struct sale_definition definition = room_definition();
    struct lot_definition lots[] = {lot_with_reserve(100, 300), lot_with_reserve(100, 300),
                                    room_lot(100)};
    definition.rules.unsold_rounds = 0;
    room_open(&room, &definition, lots, 3);
    room_join(&room, 2);
    assert_int_equal(lot_reserve_status(room_lot_at(&room, 2)), RESERVE_NONE);
    expect_code(room_staff(&room, SALE_OP_BEGIN), ERROR_NONE);
    room_wait(&room, 3000);
    expect_code(room_bid(&room, 1, "l1", 299), ERROR_NONE);
    assert_int_equal(lot_reserve_status(room_lot_at(&room, 0)), RESERVE_NOT_MET);
    room_wait(&room, 30000);
    expect_facts(&room, EVENT_LOT_UNSOLD);
    assert_int_equal(room.decision.events[0].as.lot_unsold.reason, UNSOLD_RESERVE_NOT_MET);
    assert_int_equal(room_bidder(&room, 1)->held_minor, 0);
    assert_int_equal(room_bidder(&room, 1)->spent_minor, 0);
    assert_int_equal(room_lot_at(&room, 0)->leader_index, -1);
    room_wait(&room, 3000);
    expect_code(room_bid(&room, 1, "l2", 300), ERROR_NONE);
    assert_int_equal(lot_reserve_status(room_lot_at(&room, 1)), RESERVE_MET);
    room_wait(&room, 30000);
    expect_facts(&room, EVENT_LOT_SOLD);
    assert_int_equal(room_bidder(&room, 1)->spent_minor, 300);
    room_close(&room);
}

static void a_lot_with_a_reserve_and_no_bids_is_unsold_for_want_of_bids(void **state)
{
    (void)state;
    struct room room;
    struct sale_definition definition = room_definition();
    struct lot_definition lot = lot_with_reserve(100, 300);
    definition.rules.unsold_rounds = 0;
    room_open(&room, &definition, &lot, 1);
    expect_code(room_staff(&room, SALE_OP_BEGIN), ERROR_NONE);
    room_wait(&room, 33000);
    assert_int_equal(room.decision.events[0].as.lot_unsold.reason, UNSOLD_NO_BIDS);
    room_close(&room);
}

static void next_closes_the_open_lot_and_starts_the_one_in_the_gap(void **state)
{
    (void)state;
    struct room room;
    room_open_simple(&room, 3, 1);
    expect_code(room_bid(&room, 1, "l1", 100), ERROR_NONE);
    expect_code(room_next(&room, "l1"), ERROR_NONE);
    expect_facts(&room, EVENT_LOT_SOLD);
    assert_int_equal(room.decision.events[0].as.lot_sold.reason, CLOSE_NEXT);
    expect_code(room_next(&room, "l2"), ERROR_NONE);
    expect_facts(&room, EVENT_LOT_STARTED);
    expect_code(room_next(&room, "l2"), ERROR_NONE);
    expect_facts(&room, EVENT_LOT_UNSOLD);
    assert_int_equal(room.decision.events[0].as.lot_unsold.reason, UNSOLD_PASSED);
    room_close(&room);
}

// L10: skip pressed twice must neither offer a lot twice nor skip another.
static void next_twice_for_the_same_lot_is_refused_the_second_time(void **state)
{
    (void)state;
    struct room room;
    room_open_simple(&room, 3, 1);
    expect_code(room_next(&room, "l2"), ERROR_WRONG_LOT);
    expect_code(room_next(&room, "l1"), ERROR_NONE);
    expect_code(room_next(&room, "l1"), ERROR_WRONG_LOT);
    expect_code(room_next(&room, "l3"), ERROR_WRONG_LOT);
    expect_code(room_next(&room, "nope"), ERROR_WRONG_LOT);
    assert_int_equal(room.sale->next_index, 1);
    expect_code(room_next(&room, "l2"), ERROR_NONE);
    assert_int_equal(room_lot_at(&room, 1)->phase, LOT_OPEN);
    assert_int_equal(room_lot_at(&room, 2)->phase, LOT_PENDING);
    room_close(&room);
}

// F22: two closers at once, the clock and a command.
static void next_after_the_end_is_a_close_by_time(void **state)
{
    (void)state;
    struct room room;
    room_open_simple(&room, 2, 1);
    room.now_ms = room_lot_at(&room, 0)->ends_at_ms;
    expect_code(room_next(&room, "l1"), ERROR_NONE);
    assert_int_equal(room.decision.events[0].as.lot_unsold.reason, UNSOLD_NO_BIDS);
    decision_release(&room.decision);
    sale_decide_due(room.sale, room.now_ms, &room.decision);
    assert_int_equal(room.decision.events_count, 0); // the other closer finds nothing to do
    room_close(&room);
}

static void next_needs_a_live_sale(void **state)
{
    (void)state;
    struct room room;
    room_open_simple(&room, 2, 1);
    expect_code(room_staff(&room, SALE_OP_PAUSE), ERROR_NONE);
    expect_code(room_next(&room, "l1"), ERROR_WRONG_PHASE);
    room_close(&room);
}

static void unsold_lots_are_offered_again_once_in_listed_order_with_fresh_state(void **state)
{
    (void)state;
    struct room room;
    struct sale_definition definition = room_definition();
    struct lot_definition lots[] = {lot_with_reserve(100, 500), room_lot(100), room_lot(100)};
    room_open(&room, &definition, lots, 3);
    room_join(&room, 2);
    expect_code(room_staff(&room, SALE_OP_BEGIN), ERROR_NONE);
    room_wait(&room, 3000);
    expect_code(room_bid(&room, 1, "l1", 200), ERROR_NONE);
    room_wait(&room, 33000);
    expect_code(room_bid(&room, 1, "l2", 100), ERROR_NONE);
    room_wait(&room, 33000);
    assert_int_equal(room.sale->unsold_count, 1);
    room_wait(&room, 30000);
    expect_facts(&room, EVENT_LOT_UNSOLD, EVENT_ROUND_STARTED);
    assert_int_equal(room.decision.events[0].as.lot_unsold.next_lot_index, -1);
    assert_int_equal(room.sale->round, 1);
    assert_int_equal(room.sale->unsold_count, 0);
    assert_int_equal(room.sale->sold_count, 1);
    assert_int_equal(room.sale->next_index, 0);
    room_wait(&room, 3000);
    const struct lot *lot = room_lot_at(&room, 0);
    assert_int_equal(lot->price_minor, 0);
    assert_int_equal(lot->bids, 0);
    assert_int_equal(lot->round, 1);
    expect_code(room_bid(&room, 1, "l1", 500), ERROR_NONE);
    room_wait(&room, 33000);
    assert_int_equal(room.sale->lot_index, 2);
    room_wait(&room, 30000);
    expect_end(&room, COMPLETE_NO_LOTS_LEFT, 2);
    room_close(&room);
}

// "Unsold lots offered again without end because one absent bidder still had a free slot."
static void rounds_are_bounded_though_a_bidder_never_bids(void **state)
{
    (void)state;
    for (int64_t rounds = 0; rounds <= 3; rounds++) {
        struct room room;
        struct sale_definition definition = room_definition();
        struct lot_definition lots[] = {room_lot(100), room_lot(100)};
        definition.rules.unsold_rounds = rounds;
        definition.roster = (struct roster_rules){
            .enabled = true, .budget_minor = 1000, .slots = 2, .minimum_minor = 100};
        room_open(&room, &definition, lots, 2);
        room_join(&room, 1);
        expect_code(room_staff(&room, SALE_OP_BEGIN), ERROR_NONE);
        room_wait(&room, (1 + rounds) * 2 * 33000);
        assert_int_equal(room.sale->round, rounds);
        expect_end(&room, COMPLETE_NO_LOTS_LEFT, 0);
        room_close(&room);
    }
}

static void open_priced(struct room *room, struct roster_rules roster, int64_t opening_minor)
{
    struct sale_definition definition = room_definition();
    struct lot_definition lots[] = {room_lot(opening_minor), room_lot(opening_minor),
                                    room_lot(opening_minor)};
    definition.roster = roster;
    definition.roster.enabled = true;
    room_open(room, &definition, lots, 3);
    room_join(room, 2);
    expect_code(room_staff(room, SALE_OP_BEGIN), ERROR_NONE);
    room_wait(room, 3000);
}

static void a_round_is_skipped_when_nobody_could_make_the_opening_bid(void **state)
{
    (void)state;
    struct room room;
    open_priced(&room, (struct roster_rules){.budget_minor = 1000, .slots = 2, .minimum_minor = 10},
                991); // 990 is the most that anybody may offer
    room_wait(&room, 3 * 33000);
    assert_int_equal(room.sale->round, 0);
    expect_end(&room, COMPLETE_NO_LOTS_LEFT, 0);
    room_close(&room);

    open_priced(&room, (struct roster_rules){.budget_minor = 1000, .slots = 2, .minimum_minor = 10},
                990);
    room_wait(&room, 3 * 33000);
    assert_int_equal(room.sale->round, 1);
    room_close(&room);
}

// `format` and `mode` decide what the least legal offer is; opening 400, reserve 600.
static void expect_round_with_budget(enum auction_format format, enum reserve_mode mode,
                                     int64_t budget_minor, bool follows)
{
    struct room room;
    struct sale_definition definition = room_definition();
    struct lot_definition lot = room_lot(format == FORMAT_DUTCH ? 900 : 400);
    lot.reserve_minor = 600;
    definition.rules.lot.format = format;
    definition.rules.lot.reserve_mode = mode;
    definition.rules.lot.price_step_minor = 100;
    definition.rules.lot.price_tick_ms = 60000;
    definition.rules.lot.soft_close = (struct soft_close){0};
    definition.roster = (struct roster_rules){
        .enabled = true, .budget_minor = budget_minor, .slots = 1, .minimum_minor = 1};
    room_open(&room, &definition, &lot, 1);
    room_join(&room, 1);
    expect_code(room_staff(&room, SALE_OP_BEGIN), ERROR_NONE);
    room_wait(&room, 3000);
    expect_code(room_next(&room, "l1"), ERROR_NONE);
    assert_int_equal(room.sale->phase, follows ? SALE_LIVE : SALE_COMPLETE);
    assert_int_equal(room.sale->round, follows ? 1 : 0);
    room_close(&room);
}

static void a_round_follows_who_can_make_the_least_offer_that_is_legal(void **state)
{
    (void)state;
    expect_round_with_budget(FORMAT_ENGLISH, RESERVE_JUMP, 500, true);
    expect_round_with_budget(FORMAT_ENGLISH, RESERVE_JUMP, 399, false);
    expect_round_with_budget(FORMAT_ENGLISH, RESERVE_FLOOR, 599, false); // nothing below is taken
    expect_round_with_budget(FORMAT_ENGLISH, RESERVE_FLOOR, 600, true);
    expect_round_with_budget(FORMAT_DUTCH, RESERVE_JUMP, 600, true); // the price comes to him
    expect_round_with_budget(FORMAT_DUTCH, RESERVE_JUMP, 599, false);
}

static void the_cheapest_lot_is_the_one_with_the_least_legal_offer(void **state)
{
    (void)state;
    struct room room;
    struct sale_definition definition = room_definition();
    struct lot_definition lots[] = {room_lot(100), room_lot(400)};
    lots[0].reserve_minor = 10000; // a floor: nobody can pay it
    lots[0].has_rules = true;
    lots[0].rules = definition.rules.lot;
    lots[0].rules.reserve_mode = RESERVE_FLOOR;
    definition.roster =
        (struct roster_rules){.enabled = true, .budget_minor = 500, .slots = 1, .minimum_minor = 1};
    room_open(&room, &definition, lots, 2);
    room_join(&room, 1);
    expect_code(room_staff(&room, SALE_OP_BEGIN), ERROR_NONE);
    room_wait(&room, 2 * 33000);
    assert_int_equal(room.sale->round, 1); // for the second one
    room_close(&room);
}

static void blocked_participants_do_not_call_for_a_round(void **state)
{
    (void)state;
    struct room room;
    room_open_simple(&room, 2, 1);
    room_block(&room, "p1", true);
    room_wait(&room, 2 * 33000);
    assert_int_equal(room.sale->round, 0);
    expect_end(&room, COMPLETE_NO_LOTS_LEFT, 0);
    room_close(&room);
}

// F20: "another never ended though every roster was full".
static void full_rosters_complete_the_sale_and_the_lots_left_are_unsold(void **state)
{
    (void)state;
    struct room room;
    struct sale_definition definition = room_definition();
    struct lot_definition lots[] = {room_lot(100), room_lot(100), room_lot(100), room_lot(100)};
    definition.roster = (struct roster_rules){
        .enabled = true, .budget_minor = 1000, .slots = 1, .minimum_minor = 100};
    room_open(&room, &definition, lots, 4);
    room_join(&room, 2);
    expect_code(room_staff(&room, SALE_OP_BEGIN), ERROR_NONE);
    room_wait(&room, 3000);
    expect_code(room_bid(&room, 1, "l1", 100), ERROR_NONE);
    room_wait(&room, 33000);
    assert_int_equal(room.sale->phase, SALE_LIVE);
    expect_code(room_bid(&room, 2, "l2", 100), ERROR_NONE);
    room_wait(&room, 30000);
    expect_facts(&room, EVENT_LOT_SOLD, EVENT_SALE_COMPLETED);
    expect_end(&room, COMPLETE_ROSTERS_FULL, 2);
    room_close(&room);
}

static void a_free_slot_of_a_blocked_participant_does_not_keep_the_sale_open(void **state)
{
    (void)state;
    struct room room;
    open_priced(&room, (struct roster_rules){.budget_minor = 1000, .slots = 1, .minimum_minor = 1},
                100);
    expect_code(room_bid(&room, 1, "l1", 100), ERROR_NONE);
    room_wait(&room, 30000);
    room_block(&room, "p2", true);
    room_wait(&room, 3000); // the gap ends, and nobody is left who could buy
    expect_facts(&room, EVENT_SALE_COMPLETED);
    expect_end(&room, COMPLETE_ROSTERS_FULL, 1);
    room_close(&room);
}

static void the_sale_completes_when_nobody_can_afford_the_minimum(void **state)
{
    (void)state;
    struct room room;
    open_priced(&room, (struct roster_rules){.budget_minor = 1000, .minimum_minor = 300}, 100);
    expect_code(room_bid(&room, 1, "l1", 701), ERROR_NONE);
    room_wait(&room, 33000);
    assert_int_equal(room.sale->phase, SALE_LIVE);
    expect_code(room_bid(&room, 2, "l2", 701), ERROR_NONE);
    room_wait(&room, 30000);
    expect_facts(&room, EVENT_LOT_SOLD, EVENT_SALE_COMPLETED);
    expect_end(&room, COMPLETE_NOBODY_CAN_AFFORD, 2);
    room_close(&room);
}

static void money_for_exactly_the_minimum_keeps_the_sale_open(void **state)
{
    (void)state;
    struct room room;
    open_priced(&room, (struct roster_rules){.budget_minor = 1000, .minimum_minor = 300}, 100);
    expect_code(room_bid(&room, 1, "l1", 700), ERROR_NONE);
    room_wait(&room, 33000);
    expect_code(room_bid(&room, 2, "l2", 1000), ERROR_NONE);
    room_wait(&room, 33000);
    assert_int_equal(room.sale->lot_index, 2);
    expect_code(room_bid(&room, 1, "l3", 300), ERROR_NONE);
    room_close(&room);
}

static void an_unsold_lead_gives_its_budget_back_before_the_sale_asks_who_can_afford(void **state)
{
    (void)state;
    struct room room;
    struct sale_definition definition = room_definition();
    struct lot_definition lots[] = {lot_with_reserve(100, 5000), room_lot(100)};
    definition.roster =
        (struct roster_rules){.enabled = true, .budget_minor = 1000, .minimum_minor = 1};
    room_open(&room, &definition, lots, 2);
    room_join(&room, 1);
    expect_code(room_staff(&room, SALE_OP_BEGIN), ERROR_NONE);
    room_wait(&room, 3000);
    expect_code(room_bid(&room, 1, "l1", 1000), ERROR_NONE);
    room_wait(&room, 33000);
    assert_int_equal(room.sale->lot_index, 1);
    expect_code(room_bid(&room, 1, "l2", 1000), ERROR_NONE);
    room_close(&room);
}

static void without_an_accepted_participant_full_rosters_do_not_count(void **state)
{
    (void)state;
    struct room room;
    struct sale_definition definition = room_definition();
    struct lot_definition lots[] = {room_lot(100), room_lot(100)};
    definition.roster = (struct roster_rules){.enabled = true, .budget_minor = 1000, .slots = 1};
    room_open(&room, &definition, lots, 2);
    expect_code(room_staff(&room, SALE_OP_BEGIN), ERROR_NONE);
    room_wait(&room, 3000);
    assert_int_equal(room.sale->lot_index, 0);
    room_wait(&room, 33000);
    assert_int_equal(room.sale->lot_index, 1);
    room_join(&room, 1); // in mid-sale
    expect_code(room_bid(&room, 1, "l2", 100), ERROR_NONE);
    room_wait(&room, 30000);
    expect_end(&room, COMPLETE_ROSTERS_FULL, 1);
    room_close(&room);
}

static void a_gap_of_zero_starts_the_next_lot_at_once(void **state)
{
    (void)state;
    struct room room;
    struct sale_definition definition = room_definition();
    struct lot_definition lots[] = {room_lot(100), room_lot(100)};
    definition.rules.gap_ms = 0;
    room_open(&room, &definition, lots, 2);
    room_join(&room, 1);
    expect_code(room_staff(&room, SALE_OP_BEGIN), ERROR_NONE);
    room_wait(&room, 0);
    assert_int_equal(room.sale->clock, CLOCK_LOT);
    room_wait(&room, 30000);
    assert_int_equal(room.sale->lot_index, 1);
    assert_int_equal(room.sale->clock, CLOCK_LOT);
    room_close(&room);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sale_without_lots_cannot_begin),
        cmocka_unit_test(begin_counts_the_first_lot_in),
        cmocka_unit_test(queues_of_1_to_4_lots_sell_all_to_the_last),
        cmocka_unit_test(a_bid_only_on_the_last_lot_sells_it),
        cmocka_unit_test(the_last_lot_unsold_ends_the_sale),
        cmocka_unit_test(the_last_lot_with_an_extension_is_sold_at_its_new_end),
        cmocka_unit_test(the_sale_goes_on_after_its_first_bid),
        cmocka_unit_test(nobody_connected_still_ends_the_sale),
        cmocka_unit_test(a_late_deadline_gives_the_next_lot_its_whole_time),
        cmocka_unit_test(a_lot_below_its_reserve_is_unsold_and_its_leader_refunded),
        cmocka_unit_test(a_lot_with_a_reserve_and_no_bids_is_unsold_for_want_of_bids),
        cmocka_unit_test(next_closes_the_open_lot_and_starts_the_one_in_the_gap),
        cmocka_unit_test(next_twice_for_the_same_lot_is_refused_the_second_time),
        cmocka_unit_test(next_after_the_end_is_a_close_by_time),
        cmocka_unit_test(next_needs_a_live_sale),
        cmocka_unit_test(unsold_lots_are_offered_again_once_in_listed_order_with_fresh_state),
        cmocka_unit_test(rounds_are_bounded_though_a_bidder_never_bids),
        cmocka_unit_test(a_round_is_skipped_when_nobody_could_make_the_opening_bid),
        cmocka_unit_test(a_round_follows_who_can_make_the_least_offer_that_is_legal),
        cmocka_unit_test(the_cheapest_lot_is_the_one_with_the_least_legal_offer),
        cmocka_unit_test(blocked_participants_do_not_call_for_a_round),
        cmocka_unit_test(full_rosters_complete_the_sale_and_the_lots_left_are_unsold),
        cmocka_unit_test(a_free_slot_of_a_blocked_participant_does_not_keep_the_sale_open),
        cmocka_unit_test(the_sale_completes_when_nobody_can_afford_the_minimum),
        cmocka_unit_test(money_for_exactly_the_minimum_keeps_the_sale_open),
        cmocka_unit_test(an_unsold_lead_gives_its_budget_back_before_the_sale_asks_who_can_afford),
        cmocka_unit_test(without_an_accepted_participant_full_rosters_do_not_count),
        cmocka_unit_test(a_gap_of_zero_starts_the_next_lot_at_once),
    };
    return cmocka_run_group_tests_name("closing", tests, NULL, NULL);
}
