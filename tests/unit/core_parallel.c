// Parallel sales (rules 2, Flow; rules 3, Closing): all lots open together, lot k closes at T + k*gap.
#include "flow_room.h"

#include "auction-svc/core/wakes.h"

static struct sale_definition parallel_definition(int64_t stagger_ms)
{
    struct sale_definition definition = room_definition();
    definition.rules.flow = FLOW_PARALLEL;
    definition.rules.stagger_ms = stagger_ms;
    definition.rules.unsold_rounds = 0;
    definition.rules.lot.soft_close.window_ms = 0;
    return definition;
}

static void begin_opens_all_lots_with_one_fact_and_staggered_ends(void **state)
{
    (void)state;
    struct room room;
    struct sale_definition definition = parallel_definition(2000);
    flow_open(&room, &definition, 4, 1);
    expect_facts(&room, EVENT_SALE_STARTED);
    assert_int_equal(room.sale->clock, CLOCK_LOT);
    assert_int_equal(flow_count(&room, LOT_OPEN), 4);
    for (int64_t i = 0; i < 4; i++) {
        assert_true(room_lot_at(&room, i)->ends_at_ms == room.now_ms + 30000 + i * 2000);
        assert_non_null(room_lot_at(&room, i)->history);
    }
    assert_int_equal(room.sale->lot_index, 0);
    assert_true(sale_next_deadline(room.sale) == room.now_ms + 30000);
    room_close(&room);
}

// F21, F22 for parallel sales: 1 to 4 lots, a bid on each.
static void sales_of_1_to_4_lots_sell_all_to_the_last(void **state)
{
    (void)state;
    for (size_t lots = 1; lots <= 4; lots++) {
        struct room room;
        struct sale_definition definition = parallel_definition(1000);
        flow_open(&room, &definition, lots, 2);
        for (int64_t i = 0; i < (int64_t)lots; i++) {
            const char *id = room_lot_at(&room, i)->id.text;
            expect_code(room_bid(&room, 1 + i % 2, id, 100 + 100 * i), ERROR_NONE);
        }
        room_wait(&room, 30000 + 1000 * (int64_t)lots - 1001);
        assert_int_equal(room.sale->phase, SALE_LIVE);
        assert_int_equal(room.sale->sold_count, (int64_t)lots - 1);
        room_wait(&room, 1);
        expect_facts(&room, EVENT_LOT_SOLD, EVENT_SALE_COMPLETED);
        assert_int_equal(room.sale->sold_count, (int64_t)lots);
        assert_int_equal(room.sale->phase, SALE_COMPLETE);
        flow_expect_purses(&room);
        room_close(&room);
    }
}

static void a_bid_only_on_the_last_of_1_to_4_lots_sells_it(void **state)
{
    (void)state;
    for (size_t lots = 1; lots <= 4; lots++) {
        struct room room;
        struct sale_definition definition = parallel_definition(0); // all end in one millisecond
        flow_open(&room, &definition, lots, 1);
        const char *last = room_lot_at(&room, (int64_t)lots - 1)->id.text;
        expect_code(room_bid(&room, 1, last, 100), ERROR_NONE);
        room_wait(&room, 30000);
        assert_int_equal(room.sale->phase, SALE_COMPLETE);
        assert_int_equal(room.sale->sold_count, 1);
        assert_int_equal(room.sale->unsold_count, (int64_t)lots - 1);
        flow_expect_purses(&room);
        room_close(&room);
    }
}

static void one_deadline_a_call_closes_lots_that_end_together_one_by_one(void **state)
{
    (void)state;
    struct room room;
    struct sale_definition definition = parallel_definition(0);
    flow_open(&room, &definition, 4, 1);
    room.now_ms += 30000;
    for (int64_t i = 0; i < 4; i++) {
        decision_release(&room.decision);
        sale_decide_due(room.sale, room.now_ms, &room.decision);
        assert_int_equal(room.decision.events[0].as.lot_unsold.lot_index, i);
        assert_int_equal(room.decision.events_count, i < 3 ? 1 : 2);
        for (size_t k = 0; k < room.decision.events_count; k++) {
            assert_int_equal(sale_apply(room.sale, &room.decision.events[k]), LC_OK);
            assert_int_equal(sale_apply(room.replica, &room.decision.events[k]), LC_OK);
        }
    }
    decision_release(&room.decision);
    sale_decide_due(room.sale, room.now_ms, &room.decision);
    assert_int_equal(room.decision.events_count, 0);
    room_close(&room);
}

// "One balance led several lots."
static void one_budget_counts_for_all_lots_led(void **state)
{
    (void)state;
    struct room room;
    struct sale_definition definition = parallel_definition(1000);
    definition.roster = (struct roster_rules){
        .enabled = true, .budget_minor = 1000, .slots = 3, .minimum_minor = 100};
    flow_open(&room, &definition, 4, 2);
    expect_code(room_bid(&room, 1, "l1", 500), ERROR_NONE);
    expect_code(room_bid(&room, 1, "l2", 401), ERROR_RESERVE_FOR_ROSTER);
    expect_code(room_bid(&room, 1, "l2", 400), ERROR_NONE);
    expect_code(room_bid(&room, 1, "l3", 101), ERROR_INSUFFICIENT_BUDGET);
    expect_code(room_bid(&room, 1, "l3", 100), ERROR_NONE);
    expect_code(room_bid(&room, 1, "l4", 100), ERROR_INSUFFICIENT_BUDGET);
    expect_code(room_bid(&room, 2, "l1", 600), ERROR_NONE); // outbid: money and place are free
    expect_code(room_bid(&room, 1, "l4", 500), ERROR_NONE);
    room_wait(&room, 33000);
    flow_expect_purses(&room);
    assert_int_equal(room_bidder(&room, 1)->spent_minor, 1000);
    room_close(&room);
}

static void a_full_roster_ends_the_sale_only_when_the_lots_that_run_have_closed(void **state)
{
    (void)state;
    struct room room;
    struct sale_definition definition = parallel_definition(1000);
    definition.rules.unsold_rounds = 3;
    definition.roster = (struct roster_rules){
        .enabled = true, .budget_minor = 1000, .slots = 1, .minimum_minor = 100};
    flow_open(&room, &definition, 3, 1);
    expect_code(room_bid(&room, 1, "l1", 100), ERROR_NONE);
    room_wait(&room, 30000);
    assert_int_equal(room.sale->sold_count, 1);
    assert_int_equal(room.sale->phase, SALE_LIVE);
    room_wait(&room, 2000);
    assert_int_equal(room.sale->phase, SALE_COMPLETE);
    assert_int_equal(room.sale->complete_reason, COMPLETE_ROSTERS_FULL);
    assert_int_equal(room.sale->round, 0);
    room_close(&room);
}

static void unsold_lots_open_together_again_with_fresh_state(void **state)
{
    (void)state;
    struct room room;
    struct sale_definition definition = parallel_definition(1000);
    definition.rules.unsold_rounds = 1;
    flow_open(&room, &definition, 3, 1);
    expect_code(room_bid(&room, 1, "l2", 100), ERROR_NONE);
    room_wait(&room, 32000);
    expect_facts(&room, EVENT_LOT_UNSOLD, EVENT_ROUND_STARTED);
    assert_int_equal(room.sale->round, 1);
    assert_int_equal(flow_count(&room, LOT_OPEN), 2);
    assert_int_equal(room.sale->unsold_count, 0);
    assert_true(room_lot_at(&room, 0)->ends_at_ms == room.now_ms + 30000);
    assert_true(room_lot_at(&room, 2)->ends_at_ms == room.now_ms + 31000);
    expect_code(room_bid(&room, 1, "l3", 100), ERROR_NONE);
    room_wait(&room, 31000);
    assert_int_equal(room.sale->phase, SALE_COMPLETE);
    assert_int_equal(room.sale->sold_count, 2);
    flow_expect_purses(&room);
    room_close(&room);
}

static void a_lots_own_duration_moves_its_place_in_the_order_of_ends(void **state)
{
    (void)state;
    struct room room;
    struct sale_definition definition = parallel_definition(1000);
    struct lot_definition lots[] = {room_lot(100), room_lot(100), room_lot(100)};
    lots[0].duration_ms = 60000;
    room_open(&room, &definition, lots, 3);
    expect_code(room_staff(&room, SALE_OP_BEGIN), ERROR_NONE);
    assert_true(room_lot_at(&room, 0)->ends_at_ms == room.now_ms + 60000);
    assert_true(room_lot_at(&room, 1)->ends_at_ms == room.now_ms + 31000);
    assert_int_equal(room.sale->lot_index, 1);
    room_close(&room);
}

static void absentee_maxima_are_played_in_the_millisecond_of_the_start(void **state)
{
    (void)state;
    struct room room;
    struct sale_definition definition = parallel_definition(1000);
    struct lot_definition lots[] = {room_lot(100), room_lot(100), room_lot(100)};
    room_open(&room, &definition, lots, 3);
    room_join(&room, 2);
    expect_code(room_set_max(&room, 1, "l2", 500), ERROR_NONE);
    expect_code(room_set_max(&room, 2, "l3", 500), ERROR_NONE);
    expect_code(room_staff(&room, SALE_OP_BEGIN), ERROR_NONE);
    assert_int_equal(flow_count(&room, LOT_OPEN), 1);
    assert_true(sale_next_deadline(room.sale) == room.now_ms);
    room_wait(&room, 0);
    expect_facts(&room, EVENT_LOT_STARTED, EVENT_BID_ACCEPTED);
    assert_int_equal(flow_count(&room, LOT_OPEN), 3);
    assert_int_equal(room.sale->next_index, -1);
    for (int64_t i = 1; i < 3; i++) {
        assert_int_equal(room_lot_at(&room, i)->price_minor, 100);
        assert_int_equal(room_lot_at(&room, i)->leader_index, i - 1);
        assert_true(room_lot_at(&room, i)->ends_at_ms == room.now_ms + 30000 + 1000 * i);
    }
    room_wait(&room, 32000);
    assert_int_equal(room.sale->sold_count, 2);
    room_close(&room);
}

static void next_closes_the_lot_that_it_names_whichever_ends_first(void **state)
{
    (void)state;
    struct room room;
    struct sale_definition definition = parallel_definition(1000);
    flow_open(&room, &definition, 3, 1);
    expect_code(room_bid(&room, 1, "l3", 100), ERROR_NONE);
    expect_code(room_next(&room, "l3"), ERROR_NONE);
    expect_facts(&room, EVENT_LOT_SOLD);
    expect_code(room_next(&room, "l3"), ERROR_WRONG_LOT);
    assert_int_equal(room.sale->clock, CLOCK_LOT);
    assert_int_equal(room.sale->lot_index, 0);
    expect_code(room_next(&room, "l1"), ERROR_NONE);
    assert_int_equal(room.sale->lot_index, 1);
    room_close(&room);
}

static void a_pause_moves_every_end_by_exactly_as_much(void **state)
{
    (void)state;
    struct room room;
    struct sale_definition definition = parallel_definition(1500);
    flow_open(&room, &definition, 4, 1);
    room_wait(&room, 5000);
    expect_code(room_staff(&room, SALE_OP_PAUSE), ERROR_NONE);
    assert_int_equal(room.sale->paused_remaining_ms, 25000);
    room_wait(&room, 123456);
    expect_code(room_bid(&room, 1, "l4", 100), ERROR_PAUSED);
    expect_code(room_staff(&room, SALE_OP_RESUME), ERROR_NONE);
    for (int64_t i = 0; i < 4; i++) {
        assert_true(room_lot_at(&room, i)->ends_at_ms == room.now_ms + 25000 + i * 1500);
    }
    room_wait(&room, 25000 + 4500);
    assert_int_equal(room.sale->phase, SALE_COMPLETE);
    room_close(&room);
}

static void an_outage_gives_every_open_lot_its_time_and_no_sold_one(void **state)
{
    (void)state;
    struct room room;
    struct sale_definition definition = parallel_definition(10000);
    definition.rules.outage_extension_ms = 7000;
    flow_open(&room, &definition, 3, 1);
    expect_code(room_bid(&room, 1, "l1", 100), ERROR_NONE);
    room_wait(&room, 35000);
    int64_t alive_ms = room.now_ms;
    room.now_ms += 50000; // longer than both had left: nothing is hammered meanwhile
    room_engine_start(&room, alive_ms);
    expect_facts(&room, EVENT_EPOCH_STARTED, EVENT_SALE_RESUMED);
    assert_int_equal(room_lot_at(&room, 0)->phase, LOT_SOLD);
    assert_true(room_lot_at(&room, 1)->ends_at_ms == room.now_ms + 5000 + 7000);
    assert_true(room_lot_at(&room, 2)->ends_at_ms == room.now_ms + 15000 + 7000);
    room_close(&room);
}

// The two heaps against a plain search, while 10,000 lots close, move and come back.
static void ten_thousand_lots_keep_their_order(void **state)
{
    (void)state;
    struct room room = {.sale = sale_create(), .now_ms = 1000};
    struct sale_definition definition = parallel_definition(3);
    static struct lot_definition lots[ADD_LOTS_MAX];
    for (size_t i = 0; i < ADD_LOTS_MAX; i++) {
        lots[i] = room_lot(100);
        lots[i].duration_ms = 1000 + (int64_t)(i * 7919 % 5000);
    }
    sale_decide_create(&definition, NULL, 0, 1, room.now_ms, &room.decision);
    for (size_t i = 0; i < room.decision.events_count; i++) {
        assert_int_equal(sale_apply(room.sale, &room.decision.events[i]), LC_OK);
    }
    for (int i = 0; i < SALE_LOTS_MAX / ADD_LOTS_MAX; i++) {
        struct sale_command add = {.op = SALE_OP_ADD_LOTS, .role = ROLE_ADMIN};
        add.as.add_lots.lots = lots;
        add.as.add_lots.count = ADD_LOTS_MAX;
        decision_release(&room.decision);
        sale_decide(room.sale, &add, room.now_ms, &room.decision);
        assert_int_equal(sale_apply(room.sale, &room.decision.events[0]), LC_OK);
    }
    struct sale_command begin = {.op = SALE_OP_BEGIN, .role = ROLE_ADMIN};
    decision_release(&room.decision);
    sale_decide(room.sale, &begin, room.now_ms, &room.decision);
    assert_int_equal(room.decision.events_count, 1);
    assert_int_equal(sale_apply(room.sale, &room.decision.events[0]), LC_OK);
    assert_int_equal(room.sale->wakes_count, SALE_LOTS_MAX);
    int64_t closed = 0;
    int64_t before_ms = 0;
    for (; room.sale->phase == SALE_LIVE; closed++) {
        int64_t deadline_ms = sale_next_deadline(room.sale);
        assert_true(deadline_ms >= before_ms);
        before_ms = deadline_ms;
        if (closed % 1000 == 0) {
            int64_t first_ms = INT64_MAX;
            for (size_t i = 0; i < room.sale->lots_count; i++) {
                int64_t ends_ms = room.sale->lots[i].ends_at_ms;
                bool is_open = room.sale->lots[i].phase == LOT_OPEN;
                first_ms = is_open && ends_ms < first_ms ? ends_ms : first_ms;
            }
            assert_true(first_ms == deadline_ms);
        }
        decision_release(&room.decision);
        sale_decide_due(room.sale, deadline_ms, &room.decision);
        for (size_t i = 0; i < room.decision.events_count; i++) {
            assert_int_equal(sale_apply(room.sale, &room.decision.events[i]), LC_OK);
        }
    }
    assert_int_equal(closed, SALE_LOTS_MAX);
    assert_int_equal(room.sale->wakes_count, 0);
    room_close(&room);
}

static void a_reset_ends_all_lots_that_run(void **state)
{
    (void)state;
    struct room room;
    struct sale_definition definition = parallel_definition(1000);
    flow_open(&room, &definition, 3, 2);
    expect_code(room_bid(&room, 1, "l1", 100), ERROR_NONE);
    expect_code(room_staff(&room, SALE_OP_PAUSE), ERROR_NONE);
    expect_code(room_staff(&room, SALE_OP_RESET), ERROR_NONE);
    assert_int_equal(room.sale->wakes_count, 0);
    assert_int_equal(flow_count(&room, LOT_PENDING), 3);
    assert_null(room_lot_at(&room, 0)->history);
    flow_expect_purses(&room);
    assert_true(sale_next_deadline(room.sale) == INT64_MAX);
    expect_code(room_staff(&room, SALE_OP_BEGIN), ERROR_NONE);
    assert_int_equal(flow_count(&room, LOT_OPEN), 3);
    room_close(&room);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(begin_opens_all_lots_with_one_fact_and_staggered_ends),
        cmocka_unit_test(sales_of_1_to_4_lots_sell_all_to_the_last),
        cmocka_unit_test(a_bid_only_on_the_last_of_1_to_4_lots_sells_it),
        cmocka_unit_test(one_deadline_a_call_closes_lots_that_end_together_one_by_one),
        cmocka_unit_test(one_budget_counts_for_all_lots_led),
        cmocka_unit_test(a_full_roster_ends_the_sale_only_when_the_lots_that_run_have_closed),
        cmocka_unit_test(unsold_lots_open_together_again_with_fresh_state),
        cmocka_unit_test(a_lots_own_duration_moves_its_place_in_the_order_of_ends),
        cmocka_unit_test(absentee_maxima_are_played_in_the_millisecond_of_the_start),
        cmocka_unit_test(next_closes_the_lot_that_it_names_whichever_ends_first),
        cmocka_unit_test(a_pause_moves_every_end_by_exactly_as_much),
        cmocka_unit_test(an_outage_gives_every_open_lot_its_time_and_no_sold_one),
        cmocka_unit_test(ten_thousand_lots_keep_their_order),
        cmocka_unit_test(a_reset_ends_all_lots_that_run),
    };
    return cmocka_run_group_tests_name("parallel", tests, NULL, NULL);
}
