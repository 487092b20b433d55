// Nomination and the accelerated round of submitted names (rules 3, Roster auctions).
#include "flow_room.h"

static struct sale_definition nomination_definition(enum nomination_order order)
{
    struct sale_definition definition = room_definition();
    definition.rules.nomination = order;
    definition.rules.nomination_ms = 20000;
    definition.rules.unsold_rounds = 0;
    return definition;
}

static const char *nominator(const struct room *room)
{
    assert_int_equal(room->sale->clock, CLOCK_NOMINATION);
    return room->sale->participants[room->sale->nominator_index].id.text;
}

static void begin_asks_the_first_participant_to_name_a_lot(void **state)
{
    (void)state;
    struct room room;
    struct sale_definition definition = nomination_definition(NOMINATION_STRAIGHT);
    flow_open(&room, &definition, 3, 2);
    expect_facts(&room, EVENT_SALE_STARTED, EVENT_NOMINATION_STARTED);
    assert_string_equal(nominator(&room), "p1");
    assert_true(sale_next_deadline(room.sale) == room.now_ms + 20000);
    expect_code(flow_nominate(&room, 1, "l3"), ERROR_NONE);
    expect_facts(&room, EVENT_LOT_NOMINATED);
    assert_int_equal(room.sale->clock, CLOCK_GAP);
    assert_int_equal(room.sale->next_index, 2);
    room_wait(&room, 3000);
    assert_int_equal(room_lot_at(&room, 2)->phase, LOT_OPEN);
    assert_int_equal(room_lot_at(&room, 2)->bids, 0);
    room_close(&room);
}

static void each_refusal_of_a_nomination_has_its_code(void **state)
{
    (void)state;
    struct room room;
    struct sale_definition definition = nomination_definition(NOMINATION_STRAIGHT);
    flow_open(&room, &definition, 3, 3);
    expect_code(flow_nominate(&room, 1, "nope"), ERROR_NOT_FOUND);
    expect_code(flow_nominate(&room, 9, "l1"), ERROR_NOT_PARTICIPANT);
    expect_code(flow_nominate(&room, 2, "l1"), ERROR_NOT_YOUR_TURN);
    struct sale_command viewer = {.op = SALE_OP_NOMINATE, .role = ROLE_VIEWER, .by = {"p1"}};
    viewer.as.nominate.lot = (struct lot_id){"l1"};
    expect_code(room_command(&room, &viewer), ERROR_FORBIDDEN);
    expect_code(room_staff(&room, SALE_OP_PAUSE), ERROR_NONE);
    expect_code(flow_nominate(&room, 1, "l1"), ERROR_PAUSED);
    expect_code(room_staff(&room, SALE_OP_RESUME), ERROR_NONE);
    expect_code(flow_nominate(&room, 1, "l1"), ERROR_NONE);
    expect_code(flow_nominate(&room, 1, "l2"), ERROR_WRONG_PHASE);
    room_wait(&room, 33000);
    assert_string_equal(nominator(&room), "p2");
    expect_code(flow_nominate(&room, 2, "l1"), ERROR_LOT_CLOSED);
    room_close(&room);
}

static void expect_turns(enum nomination_order order, const char *const turns[6])
{
    struct room room;
    struct sale_definition definition = nomination_definition(order);
    flow_open(&room, &definition, 6, 2 + 1);
    for (int64_t i = 0; i < 6; i++) {
        assert_string_equal(nominator(&room), turns[i]);
        room_wait(&room, 20000); // silence: the first listed one is offered
        assert_int_equal(room.sale->next_index, i);
        assert_string_equal(room.decision.events[0].as.lot_nominated.by.text, "");
        room_wait(&room, 33000);
    }
    assert_int_equal(room.sale->phase, SALE_COMPLETE);
    room_close(&room);
}

static void the_turn_goes_straight_or_like_a_snake(void **state)
{
    (void)state;
    expect_turns(NOMINATION_STRAIGHT, (const char *const[]){"p1", "p2", "p3", "p1", "p2", "p3"});
    expect_turns(NOMINATION_SNAKE, (const char *const[]){"p1", "p2", "p3", "p3", "p2", "p1"});
}

static void who_cannot_buy_is_left_out(void **state)
{
    (void)state;
    struct room room;
    struct sale_definition definition = nomination_definition(NOMINATION_STRAIGHT);
    definition.roster = (struct roster_rules){
        .enabled = true, .budget_minor = 1000, .slots = 2, .minimum_minor = 100};
    flow_open(&room, &definition, 6, 4);
    room_block(&room, "p2", true);
    expect_code(flow_nominate(&room, 1, "l1"), ERROR_NONE);
    room_wait(&room, 3000);
    expect_code(room_bid(&room, 3, "l1", 900), ERROR_NONE); // 100 are left for one place
    room_wait(&room, 30000);
    assert_string_equal(nominator(&room), "p3"); // he still can, at the opening
    expect_code(flow_nominate(&room, 3, "l2"), ERROR_NONE);
    room_wait(&room, 3000);
    expect_code(room_bid(&room, 3, "l2", 100), ERROR_NONE);
    room_wait(&room, 30000);
    assert_string_equal(nominator(&room), "p4");
    expect_code(flow_nominate(&room, 4, "l3"), ERROR_NONE);
    room_wait(&room, 33000);
    assert_string_equal(nominator(&room), "p1");
    expect_code(flow_nominate(&room, 1, "l4"), ERROR_NONE);
    room_wait(&room, 33000);
    assert_string_equal(nominator(&room), "p4"); // p2 is blocked, p3 is full
    room_close(&room);
}

static void a_full_category_skips_turns_and_rounds_but_ends_no_sale(void **state)
{
    (void)state;
    struct room room;
    struct sale_definition definition = nomination_definition(NOMINATION_STRAIGHT);
    struct lot_definition lots[] = {room_lot(100), room_lot(100), room_lot(100)};
    definition.rules.unsold_rounds = 1;
    definition.roster = (struct roster_rules){.enabled = true, .budget_minor = 1000, .slots = 3};
    definition.category_caps_count = 1;
    definition.category_caps[0] = (struct category_cap){.category = "keeper", .most = 1};
    lots[0].category = bytes_text("keeper");
    lots[2].category = bytes_text("keeper");
    room_open(&room, &definition, lots, 3);
    room_join(&room, 1);
    expect_code(room_staff(&room, SALE_OP_BEGIN), ERROR_NONE);
    expect_code(flow_nominate(&room, 1, "l1"), ERROR_NONE);
    room_wait(&room, 3000);
    expect_code(room_bid(&room, 1, "l1", 100), ERROR_NONE);
    room_wait(&room, 30000);
    assert_string_equal(nominator(&room), "p1"); // the sale goes on: l2 is of no category
    expect_code(flow_nominate(&room, 1, "l2"), ERROR_NONE);
    room_wait(&room, 3000);
    expect_code(room_bid(&room, 1, "l2", 100), ERROR_NONE);
    room_wait(&room, 30000);
    assert_int_equal(room.sale->next_index, 2); // nobody could name it: it comes all the same
    room_wait(&room, 33000);
    assert_int_equal(room.sale->phase, SALE_COMPLETE); // and no round follows
    assert_int_equal(room.sale->round, 0);
    assert_int_equal(room.sale->complete_reason, COMPLETE_NO_LOTS_LEFT);
    room_close(&room);
}

static void nobody_who_can_buy_leaves_the_lots_to_the_queue(void **state)
{
    (void)state;
    struct room room;
    struct sale_definition definition = nomination_definition(NOMINATION_STRAIGHT);
    flow_open(&room, &definition, 2, 0);
    expect_facts(&room, EVENT_SALE_STARTED);
    assert_int_equal(room.sale->next_index, 0);
    room_wait(&room, 2 * 33000);
    assert_int_equal(room.sale->phase, SALE_COMPLETE);
    room_close(&room);
}

static void the_nominator_opens_with_his_bid_where_the_rules_say_so(void **state)
{
    (void)state;
    struct room room;
    struct sale_definition definition = nomination_definition(NOMINATION_STRAIGHT);
    definition.rules.nominator_bids = true;
    flow_open(&room, &definition, 3, 2);
    expect_code(flow_nominate(&room, 1, "l2"), ERROR_NONE);
    room_wait(&room, 3000);
    expect_facts(&room, EVENT_LOT_STARTED, EVENT_BID_ACCEPTED);
    assert_int_equal(room.decision.events[1].as.bid_accepted.kind, BID_NOMINATION);
    assert_int_equal(room_lot_at(&room, 1)->price_minor, 100);
    assert_int_equal(room_lot_at(&room, 1)->leader_index, 0);
    assert_true(room_lot_at(&room, 1)->ends_at_ms == room.now_ms + 30000);
    room_wait(&room, 30000);
    assert_int_equal(room_bidder(&room, 1)->spent_minor, 100);
    room_wait(&room, 20000); // p2 keeps silent: the clock names a lot, and nobody bids with it
    room_wait(&room, 3000);
    expect_facts(&room, EVENT_LOT_STARTED);
    assert_int_equal(room_lot_at(&room, 0)->bids, 0);
    room_close(&room);
}

static void a_nominator_must_be_able_to_make_his_bid(void **state)
{
    (void)state;
    struct room room;
    struct sale_definition definition = nomination_definition(NOMINATION_STRAIGHT);
    struct lot_definition lots[] = {room_lot(100), room_lot(901), room_lot(1001)};
    definition.rules.nominator_bids = true;
    definition.roster = (struct roster_rules){
        .enabled = true, .budget_minor = 1000, .slots = 2, .minimum_minor = 100};
    room_open(&room, &definition, lots, 3);
    room_join(&room, 1);
    expect_code(room_staff(&room, SALE_OP_BEGIN), ERROR_NONE);
    expect_code(flow_nominate(&room, 1, "l3"), ERROR_INSUFFICIENT_BUDGET);
    expect_code(flow_nominate(&room, 1, "l2"), ERROR_RESERVE_FOR_ROSTER);
    expect_code(flow_nominate(&room, 1, "l1"), ERROR_NONE);
    room_block(&room, "p1", true); // and at the start he may not any more
    room_wait(&room, 3000);
    expect_facts(&room, EVENT_LOT_STARTED);
    room_close(&room);
}

static void an_absentee_maximum_answers_the_nominators_bid(void **state)
{
    (void)state;
    struct room room;
    struct sale_definition definition = nomination_definition(NOMINATION_STRAIGHT);
    definition.rules.nominator_bids = true;
    flow_open(&room, &definition, 2, 2);
    expect_code(room_set_max(&room, 2, "l1", 800), ERROR_NONE);
    expect_code(flow_nominate(&room, 1, "l1"), ERROR_NONE);
    room_wait(&room, 3000);
    assert_int_equal(room_lot_at(&room, 0)->leader_index, 1);
    assert_int_equal(room_lot_at(&room, 0)->price_minor, 200);
    room_close(&room);
}

static void the_staff_may_name_the_lot_and_a_reopened_one_gives_the_turn_back(void **state)
{
    (void)state;
    struct room room;
    struct sale_definition definition = nomination_definition(NOMINATION_STRAIGHT);
    flow_open(&room, &definition, 4, 3);
    expect_code(room_next(&room, "l4"), ERROR_NONE);
    expect_facts(&room, EVENT_LOT_NOMINATED);
    room_wait(&room, 3000);
    expect_code(room_bid(&room, 3, "l4", 100), ERROR_NONE);
    room_wait(&room, 30000);
    assert_string_equal(nominator(&room), "p2");
    expect_code(flow_nominate(&room, 2, "l1"), ERROR_NONE);
    room_wait(&room, 3000);
    expect_code(flow_lot(&room, SALE_OP_REOPEN, "l4"), ERROR_NONE);
    assert_int_equal(room_lot_at(&room, 0)->phase, LOT_PENDING);
    room_wait(&room, 30000);
    assert_string_equal(nominator(&room), "p2");
    room_close(&room);
}

static void a_withdrawn_lot_leaves_the_nomination_clock_alone_unless_it_was_the_last(void **state)
{
    (void)state;
    struct room room;
    struct sale_definition definition = nomination_definition(NOMINATION_STRAIGHT);
    flow_open(&room, &definition, 2, 2);
    room_wait(&room, 5000);
    expect_code(flow_withdraw(&room, "l1", ""), ERROR_NONE);
    expect_facts(&room, EVENT_LOT_WITHDRAWN);
    assert_true(sale_next_deadline(room.sale) == room.now_ms + 15000);
    expect_code(flow_withdraw(&room, "l2", ""), ERROR_NONE);
    expect_facts(&room, EVENT_LOT_WITHDRAWN, EVENT_SALE_COMPLETED);
    room_close(&room);
}

static void the_round_after_is_nominated_too(void **state)
{
    (void)state;
    struct room room;
    struct sale_definition definition = nomination_definition(NOMINATION_STRAIGHT);
    definition.rules.unsold_rounds = 1;
    flow_open(&room, &definition, 1, 2);
    room_wait(&room, 20000 + 33000);
    expect_facts(&room, EVENT_LOT_UNSOLD, EVENT_ROUND_STARTED, EVENT_NOMINATION_STARTED);
    assert_string_equal(nominator(&room), "p2");
    expect_code(flow_nominate(&room, 2, "l1"), ERROR_NONE);
    room_wait(&room, 33000);
    assert_int_equal(room.sale->phase, SALE_COMPLETE);
    room_close(&room);
}

// ---- submitted names ----

static struct sale_definition accelerated_definition(void)
{
    struct sale_definition definition = room_definition();
    definition.rules.accelerated = true;
    definition.rules.names_ms = 40000;
    definition.rules.unsold_rounds = 1;
    return definition;
}

// Four lots of which l2 is sold; the names are called.
static void open_at_names(struct room *room)
{
    struct sale_definition definition = accelerated_definition();
    flow_open(room, &definition, 4, 3);
    for (int64_t i = 0; i < 4; i++) {
        room_wait(room, 3000);
        if (i == 1) {
            expect_code(room_bid(room, 1, "l2", 100), ERROR_NONE);
        }
        room_wait(room, 30000);
    }
    expect_facts(room, EVENT_LOT_UNSOLD, EVENT_NAMES_CALLED);
    assert_int_equal(room->sale->clock, CLOCK_NAMES);
}

static void only_named_lots_come_again(void **state)
{
    (void)state;
    struct room room;
    open_at_names(&room);
    expect_code(flow_names(&room, 1, 2, (const char *const[]){"l1", "l4"}), ERROR_NONE);
    expect_facts(&room, EVENT_NAMES_SUBMITTED);
    expect_code(flow_names(&room, 2, 1, (const char *const[]){"l4"}), ERROR_NONE);
    assert_int_equal(room_lot_at(&room, 3)->named_count, 2);
    expect_code(flow_names(&room, 1, 1, (const char *const[]){"l4"}), ERROR_NONE); // instead
    assert_int_equal(room_lot_at(&room, 0)->named_count, 0);
    assert_int_equal(room_lot_at(&room, 3)->named_count, 2);
    room_wait(&room, 40000);
    expect_facts(&room, EVENT_ROUND_STARTED);
    assert_int_equal(room.sale->next_index, 3);
    assert_int_equal(flow_count(&room, LOT_PENDING), 1);
    assert_int_equal(room.sale->unsold_count, 2);
    room_wait(&room, 33000);
    assert_int_equal(room.sale->phase, SALE_COMPLETE);
    assert_int_equal(room.sale->unsold_count, 3);
    assert_int_equal(room_lot_at(&room, 3)->round, 1);
    flow_expect_purses(&room);
    room_close(&room);
}

static void nothing_named_ends_the_sale(void **state)
{
    (void)state;
    struct room room;
    open_at_names(&room);
    expect_code(flow_names(&room, 1, 1, (const char *const[]){"l1"}), ERROR_NONE);
    expect_code(flow_names(&room, 1, 0, NULL), ERROR_NONE);
    room_wait(&room, 40000);
    expect_facts(&room, EVENT_SALE_COMPLETED);
    room_close(&room);
}

static void each_refusal_of_names_has_its_code(void **state)
{
    (void)state;
    struct room room;
    room_open_simple(&room, 1, 1);
    expect_code(flow_names(&room, 1, 1, (const char *const[]){"l1"}), ERROR_WRONG_PHASE);
    room_close(&room);
    open_at_names(&room);
    const char *many[SUBMITTED_NAMES_MAX + 1];
    for (size_t i = 0; i <= SUBMITTED_NAMES_MAX; i++) {
        many[i] = "l1";
    }
    expect_code(flow_names(&room, 1, SUBMITTED_NAMES_MAX + 1, many), ERROR_TOO_MANY);
    expect_code(flow_names(&room, 1, 2, many), ERROR_BAD_REQUEST); // one twice
    expect_code(flow_names(&room, 9, 1, many), ERROR_NOT_PARTICIPANT);
    expect_code(flow_names(&room, 1, 1, (const char *const[]){"nope"}), ERROR_NOT_FOUND);
    expect_code(flow_names(&room, 1, 1, (const char *const[]){"l2"}), ERROR_LOT_CLOSED); // sold
    room_block(&room, "p3", true);
    expect_code(flow_names(&room, 3, 1, many), ERROR_FORBIDDEN);
    expect_code(room_staff(&room, SALE_OP_PAUSE), ERROR_NONE);
    expect_code(flow_names(&room, 1, 1, many), ERROR_PAUSED);
    room_close(&room);
}

static void a_round_that_nobody_could_open_is_not_called_for(void **state)
{
    (void)state;
    struct room room;
    struct sale_definition definition = accelerated_definition();
    flow_open(&room, &definition, 1, 1);
    room_block(&room, "p1", true);
    room_wait(&room, 33000);
    expect_facts(&room, EVENT_LOT_UNSOLD, EVENT_SALE_COMPLETED);
    room_close(&room);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(begin_asks_the_first_participant_to_name_a_lot),
        cmocka_unit_test(each_refusal_of_a_nomination_has_its_code),
        cmocka_unit_test(the_turn_goes_straight_or_like_a_snake),
        cmocka_unit_test(who_cannot_buy_is_left_out),
        cmocka_unit_test(a_full_category_skips_turns_and_rounds_but_ends_no_sale),
        cmocka_unit_test(nobody_who_can_buy_leaves_the_lots_to_the_queue),
        cmocka_unit_test(the_nominator_opens_with_his_bid_where_the_rules_say_so),
        cmocka_unit_test(a_nominator_must_be_able_to_make_his_bid),
        cmocka_unit_test(an_absentee_maximum_answers_the_nominators_bid),
        cmocka_unit_test(the_staff_may_name_the_lot_and_a_reopened_one_gives_the_turn_back),
        cmocka_unit_test(a_withdrawn_lot_leaves_the_nomination_clock_alone_unless_it_was_the_last),
        cmocka_unit_test(the_round_after_is_nominated_too),
        cmocka_unit_test(only_named_lots_come_again),
        cmocka_unit_test(nothing_named_ends_the_sale),
        cmocka_unit_test(each_refusal_of_names_has_its_code),
        cmocka_unit_test(a_round_that_nobody_could_open_is_not_called_for),
    };
    return cmocka_run_group_tests_name("nomination", tests, NULL, NULL);
}
