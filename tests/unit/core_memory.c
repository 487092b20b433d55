// Memory runs out at every single allocation: apply says so and leaves the sale as it was, decide
// refuses, and the next try works.
#include "formats_room.h"
#include "tests/unit/scarce_memory.h"

static void dump(const struct sale *sale, struct buffer *out)
{
    allocations_left = INT64_MAX;
    buffer_clear(out);
    sale_dump(sale, out);
    assert_int_equal(buffer_status(out), LC_OK);
}

// Applies the fact with the first, the second ... allocation failing, until it succeeds.
static int64_t apply_with_failures(struct sale *sale, const struct sale_event *event)
{
    struct buffer before;
    struct buffer after;
    buffer_init(&before, 1 << 22);
    buffer_init(&after, 1 << 22);
    int64_t failures = 0;
    for (;; failures++) {
        dump(sale, &before);
        allocations_left = failures;
        enum lc_status status = sale_apply(sale, event);
        allocations_left = INT64_MAX;
        if (status == LC_OK) {
            break;
        }
        assert_int_equal(status, LC_ERR_NO_MEMORY);
        dump(sale, &after);
        if (sale->title != NULL) {
            assert_true(bytes_equal(buffer_bytes(&before), buffer_bytes(&after)));
        }
    }
    buffer_release(&before);
    buffer_release(&after);
    return failures;
}

static int64_t decide_and_apply(struct sale *sale, const struct sale_command *command)
{
    struct decision decision;
    int64_t failures = 0;
    for (;; failures++) {
        allocations_left = failures;
        sale_decide(sale, command, 1, &decision);
        allocations_left = INT64_MAX;
        if (decision.refusal == ERROR_NONE) {
            break;
        }
        expect_code(decision.refusal, ERROR_INTERNAL);
        assert_int_equal(decision.events_count, 0);
        decision_release(&decision);
    }
    for (size_t i = 0; i < decision.events_count; i++) {
        failures += apply_with_failures(sale, &decision.events[i]);
    }
    decision_release(&decision);
    return failures;
}

static void every_allocation_may_fail_and_nothing_is_lost(void **state)
{
    (void)state;
    struct decision decision;
    struct sale_definition definition = room_definition();
    struct sale *sale = sale_create();
    sale_decide_create(&definition, NULL, 0, 1, 1, &decision);
    for (size_t i = 0; i < decision.events_count; i++) {
        apply_with_failures(sale, &decision.events[i]);
    }
    static struct lot_definition lots[100];
    for (size_t i = 0; i < 100; i++) {
        lots[i] = room_lot(100);
    }
    struct sale_command add = {.op = SALE_OP_ADD_LOTS, .role = ROLE_ADMIN};
    add.as.add_lots.lots = lots;
    add.as.add_lots.count = 100;
    assert_true(decide_and_apply(sale, &add) > 100);
    struct sale_command invite = {.op = SALE_OP_CREATE_INVITE, .role = ROLE_ADMIN};
    invite.as.create_invite.role = ROLE_BIDDER;
    assert_true(decide_and_apply(sale, &invite) > 0);
    struct sale_command join = {.op = SALE_OP_JOIN};
    join.as.join.name = bytes_text("Ana");
    for (int i = 0; i < 40; i++) {
        assert_true(decide_and_apply(sale, &join) > 0);
    }
    static struct participant_definition people[50];
    for (size_t i = 0; i < 50; i++) {
        people[i] = (struct participant_definition){.name = bytes_text("Bo")};
    }
    struct sale_command enrol = {.op = SALE_OP_ADD_PARTICIPANTS, .role = ROLE_ADMIN};
    enrol.as.add_participants.participants = people;
    enrol.as.add_participants.count = 50;
    assert_true(decide_and_apply(sale, &enrol) > 50);
    assert_int_equal(sale->lots_count, 100);
    assert_int_equal(sale->participants_count, 90);
    sale_destroy(sale);
}

static void a_bid_and_a_hammer_need_no_memory(void **state)
{
    (void)state;
    struct room room;
    struct decision decision;
    room_open_simple(&room, 2, 2);
    struct sale_command bid = {.op = SALE_OP_BID, .role = ROLE_BIDDER, .by = {"p1"}};
    bid.as.bid.lot = (struct lot_id){"l1"};
    bid.as.bid.amount_minor = 100;
    allocations_left = 0;
    sale_decide(room.sale, &bid, room.now_ms, &decision);
    enum lc_status status = sale_apply(room.sale, &decision.events[0]);
    struct decision hammer;
    sale_decide_due(room.sale, sale_next_deadline(room.sale), &hammer);
    enum lc_status hammered = sale_apply(room.sale, &hammer.events[0]);
    allocations_left = INT64_MAX;
    expect_code(decision.refusal, ERROR_NONE);
    assert_int_equal(status, LC_OK);
    assert_int_equal(hammered, LC_OK);
    assert_int_equal(room.sale->sold_count, 1);
    room_close(&room);
}

// Decides with the first, the second ... allocation failing, until it succeeds; the room applies it.
static int64_t command_with_failures(struct room *room, const struct sale_command *command)
{
    struct decision decision;
    int64_t failures = 0;
    for (;; failures++) {
        allocations_left = failures;
        if (command != NULL) {
            sale_decide(room->sale, command, room->now_ms, &decision);
        } else {
            sale_decide_due(room->sale, room->now_ms, &decision);
        }
        allocations_left = INT64_MAX;
        if (decision.refusal == ERROR_NONE) {
            break;
        }
        expect_code(decision.refusal, ERROR_INTERNAL);
        assert_int_equal(decision.events_count, 0);
        decision_release(&decision);
    }
    for (size_t i = 0; i < decision.events_count; i++) {
        failures += apply_with_failures(room->sale, &decision.events[i]);
        assert_int_equal(sale_apply(room->replica, &decision.events[i]), LC_OK);
    }
    decision_release(&decision);
    return failures;
}

static void pieces_are_given_out_whole_or_not_at_all(void **state)
{
    (void)state;
    static const enum auction_format formats[] = {FORMAT_DUTCH, FORMAT_UNIFORM};
    for (size_t i = 0; i < 2; i++) {
        struct room room;
        struct format_case pieces = {.rules = format_rules(formats[i]), .bidders = 2};
        pieces.rules.price_step_minor = 10;
        pieces.rules.price_tick_ms = 1000;
        pieces.lots[0] = room_lot(100);
        pieces.lots[0].quantity = 5;
        format_open(&room, &pieces);
        struct sale_command bid = {.op = SALE_OP_BID, .role = ROLE_BIDDER, .by = {"p1"}};
        bid.as.bid.lot = (struct lot_id){"l1"};
        bid.as.bid.amount_minor = 100;
        bid.as.bid.quantity = 2;
        int64_t failures = command_with_failures(&room, &bid);
        bid.by = (struct participant_id){"p2"};
        bid.as.bid.quantity = 3;
        failures += command_with_failures(&room, &bid);
        if (formats[i] == FORMAT_UNIFORM) {
            room.now_ms = sale_next_deadline(room.sale);
            failures += command_with_failures(&room, NULL);
        }
        assert_true(failures >= 3);
        assert_int_equal(room_lot_at(&room, 0)->phase, LOT_SOLD);
        expect_spent_all(&room, 200, 300);
        room_close(&room);
    }
}

static void maxima_passes_and_undos_are_whole_or_not_at_all(void **state)
{
    (void)state;
    struct room room;
    room_open_simple(&room, 1, 9);
    int64_t failures = 0;
    struct sale_command command = {.op = SALE_OP_SET_MAX, .role = ROLE_BIDDER};
    command.as.set_max.lot = (struct lot_id){"l1"};
    for (int64_t i = 0; i < 6; i++) {
        command.by = room_bidder(&room, i + 1)->id;
        command.as.set_max.max_minor = 1000 * (i + 1);
        failures += command_with_failures(&room, &command);
    }
    struct sale_command pass = {.op = SALE_OP_PASS, .role = ROLE_BIDDER, .by = {"p9"}};
    pass.as.lot.lot = (struct lot_id){"l1"};
    failures += command_with_failures(&room, &pass);
    assert_true(failures >= 4); // the places double: 1, 2, 4, 8
    struct sale_command undo = {.op = SALE_OP_UNDO, .role = ROLE_AUCTIONEER};
    undo.as.undo.lot = (struct lot_id){"l1"};
    assert_int_equal(command_with_failures(&room, &undo), 1);
    assert_int_equal(room_lot_at(&room, 0)->leader_index, 4);
    room_close(&room);
}

// Three lots that open together, at the beginning and in a round, with a name list in between.
static void lots_open_together_and_names_are_kept_or_not_at_all(void **state)
{
    (void)state;
    struct room room;
    struct sale_definition definition = room_definition();
    struct lot_definition lots[] = {room_lot(100), room_lot(100), room_lot(100)};
    definition.rules.flow = FLOW_PARALLEL;
    definition.rules.accelerated = true;
    definition.rules.names_ms = 10000;
    room_open(&room, &definition, lots, 3);
    room_join(&room, 1);
    struct sale_command begin = {.op = SALE_OP_BEGIN, .role = ROLE_ADMIN};
    assert_true(command_with_failures(&room, &begin) >= 4); // the plan, heaps, histories
    for (int i = 0; i < 3; i++) {
        room.now_ms = sale_next_deadline(room.sale);
        command_with_failures(&room, NULL);
    }
    assert_int_equal(room.sale->clock, CLOCK_NAMES);
    struct lot_id names[] = {{"l1"}, {"l3"}};
    struct sale_command submit = {.op = SALE_OP_SUBMIT_NAMES, .role = ROLE_BIDDER, .by = {"p1"}};
    submit.as.submit_names.lots = names;
    submit.as.submit_names.count = 2;
    assert_true(command_with_failures(&room, &submit) >= 1);
    room.now_ms = sale_next_deadline(room.sale);
    assert_true(command_with_failures(&room, NULL) >= 3);
    assert_int_equal(room.sale->wakes_count, 2);
    room_close(&room);
}

static void a_lot_is_reopened_or_stays_sold(void **state)
{
    (void)state;
    struct room room;
    room_open_simple(&room, 2, 1);
    expect_code(room_bid(&room, 1, "l1", 100), ERROR_NONE);
    expect_code(room_next(&room, "l1"), ERROR_NONE);
    room.now_ms = sale_next_deadline(room.sale);
    assert_true(command_with_failures(&room, NULL) >= 1); // the history of the second lot
    struct sale_command reopen = {.op = SALE_OP_REOPEN, .role = ROLE_ADMIN};
    reopen.as.lot.lot = (struct lot_id){"l1"};
    command_with_failures(&room, &reopen);
    assert_int_equal(room_lot_at(&room, 0)->phase, LOT_OPEN);
    assert_int_equal(room_lot_at(&room, 1)->phase, LOT_PENDING);
    room_close(&room);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_allocation_may_fail_and_nothing_is_lost),
        cmocka_unit_test(a_bid_and_a_hammer_need_no_memory),
        cmocka_unit_test(maxima_passes_and_undos_are_whole_or_not_at_all),
        cmocka_unit_test(lots_open_together_and_names_are_kept_or_not_at_all),
        cmocka_unit_test(a_lot_is_reopened_or_stays_sold),
        cmocka_unit_test(pieces_are_given_out_whole_or_not_at_all),
    };
    allocations_end_for_good = true;
    return cmocka_run_group_tests_name("memory", tests, NULL, NULL);
}
