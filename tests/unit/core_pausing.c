// Clocks that stand still: pause and resume, outages, the start of an engine; and reset, delete.
#include "core_room.h"

// F23: pause at 25 s, wait minutes, resume: 25 s.
static void a_pause_keeps_the_lots_remaining_time_exactly(void **state)
{
    (void)state;
    struct room room;
    room_open_simple(&room, 2, 2);
    room_wait(&room, 5000);
    expect_code(room_staff(&room, SALE_OP_PAUSE), ERROR_NONE);
    assert_int_equal(room.decision.events[0].as.sale_paused.remaining_ms, 25000);
    assert_int_equal(room.sale->clock, CLOCK_LOT);
    assert_true(sale_next_deadline(room.sale) == INT64_MAX);
    room_wait(&room, 10 * 60000);
    expect_code(room_bid(&room, 1, "l1", 100), ERROR_PAUSED);
    expect_code(room_staff(&room, SALE_OP_PAUSE), ERROR_WRONG_PHASE);
    expect_code(room_staff(&room, SALE_OP_RESUME), ERROR_NONE);
    assert_int_equal(room.decision.events[0].as.sale_resumed.reason, RESUME_COMMAND);
    assert_int_equal(room.sale->paused_remaining_ms, 0);
    assert_true(room_lot_at(&room, 0)->ends_at_ms == room.now_ms + 25000);
    expect_code(room_staff(&room, SALE_OP_RESUME), ERROR_WRONG_PHASE);
    expect_code(room_bid(&room, 1, "l1", 100), ERROR_NONE);
    room_wait(&room, 24999);
    assert_int_equal(room_lot_at(&room, 0)->phase, LOT_OPEN);
    room_wait(&room, 1);
    assert_int_equal(room_lot_at(&room, 0)->phase, LOT_SOLD);
    room_close(&room);
}

// L11: a pause inside of the gap.
static void a_pause_in_the_gap_keeps_the_countdown(void **state)
{
    (void)state;
    struct room room;
    room_open_simple(&room, 2, 1);
    expect_code(room_next(&room, "l1"), ERROR_NONE);
    room_wait(&room, 1200);
    expect_code(room_staff(&room, SALE_OP_PAUSE), ERROR_NONE);
    assert_int_equal(room.sale->clock, CLOCK_GAP);
    assert_int_equal(room.sale->paused_remaining_ms, 1800);
    room_wait(&room, 60000);
    assert_int_equal(room_lot_at(&room, 1)->phase, LOT_PENDING);
    expect_code(room_staff(&room, SALE_OP_RESUME), ERROR_NONE);
    assert_true(room.sale->next_starts_at_ms == room.now_ms + 1800);
    room_wait(&room, 1800);
    assert_int_equal(room_lot_at(&room, 1)->phase, LOT_OPEN);
    room_close(&room);
}

static void a_pause_in_the_gap_before_the_first_lot_and_of_a_round_is_legal(void **state)
{
    (void)state;
    struct room room;
    struct sale_definition definition = room_definition();
    struct lot_definition lot = room_lot(100);
    room_open(&room, &definition, &lot, 1);
    room_join(&room, 1);
    expect_code(room_staff(&room, SALE_OP_PAUSE), ERROR_WRONG_PHASE);
    expect_code(room_staff(&room, SALE_OP_RESUME), ERROR_WRONG_PHASE);
    expect_code(room_staff(&room, SALE_OP_BEGIN), ERROR_NONE);
    expect_code(room_staff(&room, SALE_OP_PAUSE), ERROR_NONE);
    expect_code(room_staff(&room, SALE_OP_RESUME), ERROR_NONE);
    room_wait(&room, 3000 + 30000);
    assert_int_equal(room.sale->round, 1);
    expect_code(room_staff(&room, SALE_OP_PAUSE), ERROR_NONE);
    expect_code(room_staff(&room, SALE_OP_RESUME), ERROR_NONE);
    room_wait(&room, 3000);
    assert_int_equal(room_lot_at(&room, 0)->phase, LOT_OPEN);
    room_close(&room);
}

static void a_pause_after_the_end_leaves_no_time(void **state)
{
    (void)state;
    struct room room;
    room_open_simple(&room, 1, 1);
    room.now_ms = room_lot_at(&room, 0)->ends_at_ms + 5;
    expect_code(room_staff(&room, SALE_OP_PAUSE), ERROR_NONE);
    assert_int_equal(room.sale->paused_remaining_ms, 0);
    expect_code(room_staff(&room, SALE_OP_RESUME), ERROR_NONE);
    expect_code(room_bid(&room, 1, "l1", 100), ERROR_LOT_CLOSED);
    room_close(&room);
}

static void several_pauses_in_one_lot_add_up_to_its_duration(void **state)
{
    (void)state;
    struct room room;
    room_open_simple(&room, 1, 1);
    for (int i = 0; i < 6; i++) {
        room_wait(&room, 4999);
        expect_code(room_staff(&room, SALE_OP_PAUSE), ERROR_NONE);
        room_wait(&room, 12345);
        expect_code(room_staff(&room, SALE_OP_RESUME), ERROR_NONE);
    }
    assert_true(room_lot_at(&room, 0)->ends_at_ms == room.now_ms + 6);
    room_close(&room);
}

// L3: after a restart the timers go on with the time they had left.
static void an_engine_start_goes_on_with_the_time_left_when_it_was_last_alive(void **state)
{
    (void)state;
    struct room room;
    room_open_simple(&room, 1, 1);
    int64_t started_ms = room.now_ms;
    room.now_ms = started_ms + 60000; // dead from the tenth second on
    int64_t seq = room.sale->seq;
    room_engine_start(&room, started_ms + 10000);
    expect_facts(&room, EVENT_EPOCH_STARTED, EVENT_SALE_RESUMED);
    assert_int_equal(room.sale->epoch, 2);
    assert_int_equal(room.sale->seq, seq + 2); // L4: numbers go on
    assert_int_equal(room.decision.events[1].as.sale_resumed.reason, RESUME_OUTAGE);
    assert_int_equal(room.decision.events[1].as.sale_resumed.gap_ms, 50000);
    assert_true(room_lot_at(&room, 0)->ends_at_ms == room.now_ms + 20000);
    expect_code(room_bid(&room, 1, "l1", 100), ERROR_NONE);
    room_wait(&room, 20000);
    assert_int_equal(room_lot_at(&room, 0)->phase, LOT_SOLD);
    room_close(&room);
}

static void open_with_extension(struct room *room)
{
    struct sale_definition definition = room_definition();
    struct lot_definition lots[] = {room_lot(100), room_lot(100)};
    definition.rules.outage_extension_ms = 7000;
    room_open(room, &definition, lots, 2);
    room_join(room, 1);
    expect_code(room_staff(room, SALE_OP_BEGIN), ERROR_NONE);
    room_wait(room, 3000);
}

static void an_outage_longer_than_its_threshold_extends_an_open_lot(void **state)
{
    (void)state;
    struct room room;
    open_with_extension(&room);
    int64_t alive_ms = room.now_ms + 10000;
    room.now_ms = alive_ms + 2000; // the threshold itself: no extension
    room_engine_start(&room, alive_ms);
    assert_true(room_lot_at(&room, 0)->ends_at_ms == room.now_ms + 20000);
    alive_ms = room.now_ms;
    room.now_ms += 2001;
    room_engine_start(&room, alive_ms);
    assert_true(room_lot_at(&room, 0)->ends_at_ms == room.now_ms + 20000 + 7000);
    expect_code(room_next(&room, "l1"), ERROR_NONE);
    alive_ms = room.now_ms;
    room.now_ms += 5000;
    room_engine_start(&room, alive_ms); // the gap goes on, it is not extended
    assert_true(room.sale->next_starts_at_ms == room.now_ms + 3000);
    room_close(&room);
}

static void an_engine_start_believes_its_facts_more_than_an_older_sign_of_life(void **state)
{
    (void)state;
    struct room room;
    room_open_simple(&room, 1, 1);
    room_wait(&room, 5000);
    expect_code(room_bid(&room, 1, "l1", 100), ERROR_NONE);
    room.now_ms += 100000;
    room_engine_start(&room, 0);
    assert_int_equal(room.decision.events[1].as.sale_resumed.gap_ms, 100000);
    assert_true(room_lot_at(&room, 0)->ends_at_ms == room.now_ms + 25000);
    room_engine_start(&room, room.now_ms + 99999); // alive later than now can't be
    assert_int_equal(room.decision.events[1].as.sale_resumed.gap_ms, 0);
    assert_true(room_lot_at(&room, 0)->ends_at_ms == room.now_ms + 25000);
    room_close(&room);
}

static void an_engine_start_leaves_a_paused_and_an_idle_sale_as_it_is(void **state)
{
    (void)state;
    struct room room;
    room_open_simple(&room, 1, 1);
    room_wait(&room, 5000);
    expect_code(room_staff(&room, SALE_OP_PAUSE), ERROR_NONE);
    room.now_ms += 50000;
    room_engine_start(&room, room.now_ms - 50000);
    expect_facts(&room, EVENT_EPOCH_STARTED);
    assert_int_equal(room.sale->paused_remaining_ms, 25000);
    expect_code(room_staff(&room, SALE_OP_RESET), ERROR_NONE);
    room_engine_start(&room, room.now_ms);
    expect_facts(&room, EVENT_EPOCH_STARTED);
    expect_code(room_staff(&room, SALE_OP_DELETE), ERROR_NONE);
    room_engine_start(&room, room.now_ms);
    assert_int_equal(room.decision.events_count, 0);
    room_close(&room);
}

static void sold_lots_are_never_reopened_by_an_outage(void **state)
{
    (void)state;
    struct room room;
    room_open_simple(&room, 2, 1);
    int64_t before_ms = room.now_ms;
    expect_code(room_bid(&room, 1, "l1", 100), ERROR_NONE);
    expect_code(room_next(&room, "l1"), ERROR_NONE);
    room.now_ms += 10000;
    room_engine_start(&room, before_ms);
    assert_int_equal(room_lot_at(&room, 0)->phase, LOT_SOLD);
    assert_int_equal(room_bidder(&room, 1)->spent_minor, 100);
    assert_true(room.sale->next_starts_at_ms == room.now_ms + 3000);
    room_close(&room);
}

static void a_lost_bus_counts_only_beyond_the_threshold(void **state)
{
    (void)state;
    struct room room;
    open_with_extension(&room);
    int64_t ends_at_ms = room_lot_at(&room, 0)->ends_at_ms;
    int64_t lost_ms = room.now_ms + 1000;
    room.now_ms = lost_ms + 2000;
    room_outage(&room, lost_ms);
    assert_int_equal(room.decision.events_count, 0);
    assert_true(room_lot_at(&room, 0)->ends_at_ms == ends_at_ms);
    room.now_ms = lost_ms + 40000; // longer than the lot had left: it was not hammered meanwhile
    room_outage(&room, lost_ms);
    expect_facts(&room, EVENT_SALE_RESUMED);
    assert_true(room_lot_at(&room, 0)->ends_at_ms == room.now_ms + 29000 + 7000);
    expect_code(room_staff(&room, SALE_OP_PAUSE), ERROR_NONE);
    room.now_ms += 40000;
    room_outage(&room, room.now_ms - 40000);
    assert_int_equal(room.decision.events_count, 0);
    room_close(&room);
}

// F24: reset and delete are events.
static void a_reset_refunds_all_and_keeps_participants_and_invitations(void **state)
{
    (void)state;
    struct room room;
    room_open_simple(&room, 2, 2);
    expect_code(room_staff(&room, SALE_OP_RESET), ERROR_WRONG_PHASE);
    expect_code(room_bid(&room, 1, "l1", 100), ERROR_NONE);
    room_wait(&room, 33000);
    expect_code(room_bid(&room, 2, "l2", 300), ERROR_NONE);
    expect_code(room_staff(&room, SALE_OP_PAUSE), ERROR_NONE);
    room_block(&room, "p2", true);
    int64_t seq = room.sale->seq;
    expect_code(room_staff(&room, SALE_OP_RESET), ERROR_NONE);
    expect_facts(&room, EVENT_SALE_RESET);
    const struct sale *sale = room.sale;
    assert_int_equal(sale->seq, seq + 1); // never reset (F10, F12)
    assert_int_equal(sale->bids_total, 2);
    assert_int_equal(sale->phase, SALE_LOBBY);
    assert_int_equal(sale->lot_index, -1);
    assert_int_equal(sale->sold_count + sale->unsold_count + sale->round, 0);
    assert_int_equal(sale->recent_bids_count, 0);
    for (int64_t i = 0; i < 2; i++) {
        assert_int_equal(room_lot_at(&room, i)->phase, LOT_PENDING);
        assert_int_equal(room_lot_at(&room, i)->price_minor, 0);
        assert_int_equal(room_lot_at(&room, i)->leader_index, -1);
        assert_int_equal(room_bidder(&room, i + 1)->spent_minor, 0);
        assert_int_equal(room_bidder(&room, i + 1)->held_minor, 0);
        assert_int_equal(room_bidder(&room, i + 1)->slots_taken, 0);
    }
    assert_int_equal(sale->participants_count, 2);
    assert_int_equal(sale->invites_count, 1);
    assert_int_equal(room_bidder(&room, 2)->status, PARTICIPANT_BLOCKED);
    expect_code(room_staff(&room, SALE_OP_BEGIN), ERROR_NONE);
    room_wait(&room, 3000);
    expect_code(room_bid(&room, 1, "l1", 100), ERROR_NONE);
    assert_int_equal(sale->bids_total, 3);
    room_close(&room);
}

static void a_complete_sale_can_be_reset_but_not_paused_or_begun(void **state)
{
    (void)state;
    struct room room;
    room_open_simple(&room, 1, 1);
    expect_code(room_bid(&room, 1, "l1", 100), ERROR_NONE);
    room_wait(&room, 30000);
    assert_int_equal(room.sale->phase, SALE_COMPLETE);
    expect_code(room_staff(&room, SALE_OP_PAUSE), ERROR_WRONG_PHASE);
    expect_code(room_staff(&room, SALE_OP_RESUME), ERROR_WRONG_PHASE);
    expect_code(room_staff(&room, SALE_OP_BEGIN), ERROR_WRONG_PHASE);
    expect_code(room_staff(&room, SALE_OP_RESET), ERROR_NONE);
    assert_int_equal(room.sale->phase, SALE_LOBBY);
    room_close(&room);
}

static void a_deleted_sale_is_gone_for_every_command(void **state)
{
    (void)state;
    struct room room;
    room_open_simple(&room, 1, 1);
    expect_code(room_bid(&room, 1, "l1", 100), ERROR_NONE); // legal always, also in mid-lot
    expect_code(room_staff(&room, SALE_OP_DELETE), ERROR_NONE);
    expect_facts(&room, EVENT_SALE_DELETED);
    for (enum sale_op op = SALE_OP_ADD_LOTS; op <= SALE_OP_BID; op++) {
        expect_code(room_staff(&room, op), ERROR_NOT_FOUND);
    }
    assert_true(sale_next_deadline(room.sale) == INT64_MAX);
    room_close(&room);
}

static void each_command_is_for_its_roles(void **state)
{
    (void)state;
    struct room room;
    room_open_simple(&room, 1, 1);
    for (enum role role = ROLE_NONE; role <= ROLE_ADMIN; role++) {
        for (enum sale_op op = SALE_OP_ADD_LOTS; op <= SALE_OP_ANNOUNCE; op++) {
            struct sale_command command = {.op = op, .role = role};
            bool allowed = role == ROLE_ADMIN || op == SALE_OP_JOIN ||
                           (role == ROLE_AUCTIONEER && op != SALE_OP_DELETE);
            decision_release(&room.decision);
            sale_decide(room.sale, &command, room.now_ms, &room.decision);
            assert_int_equal(room.decision.refusal != ERROR_FORBIDDEN, allowed);
        }
    }
    room_close(&room);
}

static void an_announcement_is_a_line_of_at_most_280_bytes(void **state)
{
    (void)state;
    struct room room;
    room_open_simple(&room, 1, 1);
    char text[NOTICE_SIZE_MAX + 2];
    memset(text, 'a', sizeof text);
    text[sizeof text - 1] = 0;
    struct sale_command command = {.op = SALE_OP_ANNOUNCE, .role = ROLE_AUCTIONEER};
    command.as.announce.text = bytes_text(text);
    expect_code(room_command(&room, &command), ERROR_BAD_REQUEST);
    assert_string_equal(room.decision.detail, "text");
    command.as.announce.text.size--;
    expect_code(room_command(&room, &command), ERROR_NONE);
    assert_string_equal(room.decision.events[0].as.notice.by.text, "");
    command.by = (struct participant_id){"p1"};
    expect_code(room_command(&room, &command), ERROR_NONE);
    assert_string_equal(room.decision.events[0].as.notice.by.text, "p1");
    static const char *const bad[] = {"", "a\nb", "\x7F", "\xFF", "\x01"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        command.as.announce.text = bytes_text(bad[i]);
        expect_code(room_command(&room, &command), ERROR_BAD_REQUEST);
    }
    room_close(&room);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pause_keeps_the_lots_remaining_time_exactly),
        cmocka_unit_test(a_pause_in_the_gap_keeps_the_countdown),
        cmocka_unit_test(a_pause_in_the_gap_before_the_first_lot_and_of_a_round_is_legal),
        cmocka_unit_test(a_pause_after_the_end_leaves_no_time),
        cmocka_unit_test(several_pauses_in_one_lot_add_up_to_its_duration),
        cmocka_unit_test(an_engine_start_goes_on_with_the_time_left_when_it_was_last_alive),
        cmocka_unit_test(an_outage_longer_than_its_threshold_extends_an_open_lot),
        cmocka_unit_test(an_engine_start_believes_its_facts_more_than_an_older_sign_of_life),
        cmocka_unit_test(an_engine_start_leaves_a_paused_and_an_idle_sale_as_it_is),
        cmocka_unit_test(sold_lots_are_never_reopened_by_an_outage),
        cmocka_unit_test(a_lost_bus_counts_only_beyond_the_threshold),
        cmocka_unit_test(a_reset_refunds_all_and_keeps_participants_and_invitations),
        cmocka_unit_test(a_complete_sale_can_be_reset_but_not_paused_or_begun),
        cmocka_unit_test(a_deleted_sale_is_gone_for_every_command),
        cmocka_unit_test(each_command_is_for_its_roles),
        cmocka_unit_test(an_announcement_is_a_line_of_at_most_280_bytes),
    };
    return cmocka_run_group_tests_name("pausing", tests, NULL, NULL);
}
