// Facts of the flow that can't follow the state (a damaged ledger): refused, and nothing has changed.
#include "flow_room.h"

static struct sale_event fact(const struct room *room, enum sale_event_kind kind)
{
    struct sale_event event;
    memset(&event, 0, sizeof event);
    event.kind = kind;
    event.at_ms = room->now_ms;
    return event;
}

static void expect_corrupt(struct room *room, const struct sale_event *event)
{
    struct buffer before;
    struct buffer after;
    buffer_init(&before, 1 << 22);
    buffer_init(&after, 1 << 22);
    sale_dump(room->sale, &before);
    assert_int_equal(sale_apply(room->sale, event), LC_ERR_CORRUPT);
    sale_dump(room->sale, &after);
    assert_string_equal(buffer_text(&before), buffer_text(&after));
    buffer_release(&before);
    buffer_release(&after);
}

// Numbers that lead outside of lists, ranges of time or of money.
static const int64_t wild[] = {INT64_MIN, -2, 99, INT64_MAX};
enum { WILD = sizeof wild / sizeof wild[0] };

static void lots_and_times_outside_of_the_sale_are_corrupt(void **state)
{
    (void)state;
    struct room room;
    room_open_simple(&room, 2, 2);
    expect_code(room_bid(&room, 1, "l1", 100), ERROR_NONE);
    for (size_t i = 0; i < WILD; i++) {
        struct sale_event event = fact(&room, EVENT_LOT_EXTENDED);
        event.as.lot_extended.lot_index = wild[i];
        expect_corrupt(&room, &event);
        event = fact(&room, EVENT_LOT_CLOSING);
        event.as.lot_closing.lot_index = wild[i];
        expect_corrupt(&room, &event);
        event = fact(&room, EVENT_LOT_WITHDRAWN);
        event.as.lot_withdrawn.lot_index = wild[i];
        event.as.lot_withdrawn.next_lot_index = -1;
        expect_corrupt(&room, &event);
        event.as.lot_withdrawn.lot_index = 0;
        event.as.lot_withdrawn.next_lot_index = wild[i];
        expect_corrupt(&room, &event);
        event = fact(&room, EVENT_MATCH_OFFERED);
        event.as.match_offered.lot_index = wild[i];
        event.as.match_offered.winner = (struct participant_id){"p1"};
        event.as.match_offered.price_minor = 100;
        expect_corrupt(&room, &event);
        event = fact(&room, EVENT_LOT_REOPENED);
        event.as.lot_reopened.lot_index = wild[i];
        event.as.lot_reopened.held_minor = 100;
        expect_corrupt(&room, &event);
    }
    for (size_t i = 0; i < WILD; i += WILD - 1) { // far beyond every clock
        struct sale_event event = fact(&room, EVENT_LOT_EXTENDED);
        event.as.lot_extended.ends_at_ms = wild[i];
        event.as.lot_extended.scope = SOFT_CLOSE_ALL;
        expect_corrupt(&room, &event);
        event.as.lot_extended.ends_at_ms = room.now_ms;
        event.as.lot_extended.extended_ms = wild[i];
        expect_corrupt(&room, &event);
        event = fact(&room, EVENT_LOT_CLOSING);
        event.as.lot_closing.hammer_at_ms = wild[i];
        expect_corrupt(&room, &event);
        event = fact(&room, EVENT_SALE_RESUMED);
        event.as.sale_resumed.reason = RESUME_OUTAGE;
        event.as.sale_resumed.shift_ms = wild[i];
        expect_corrupt(&room, &event);
        event.as.sale_resumed.shift_ms = 0;
        event.as.sale_resumed.ends_at_ms = wild[i];
        expect_corrupt(&room, &event);
    }
    room_close(&room);
}

static void what_another_phase_allows_is_corrupt_in_this_one(void **state)
{
    (void)state;
    struct room room;
    room_open_simple(&room, 3, 2);
    static const enum sale_event_kind kinds[] = {
        EVENT_SALE_STARTED, EVENT_ROUND_STARTED, EVENT_SALE_COMPLETED, EVENT_LOT_NOMINATED,
        EVENT_NAMES_CALLED, EVENT_LOT_REOPENED,  EVENT_LOT_STARTED};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        struct sale_event event = fact(&room, kinds[i]);
        if (kinds[i] == EVENT_ROUND_STARTED) {
            event.as.round_started.round = 1;
        }
        expect_corrupt(&room, &event);
    }
    struct sale_event nomination = fact(&room, EVENT_NOMINATION_STARTED);
    nomination.as.nomination_started.by = (struct participant_id){"p1"};
    expect_corrupt(&room, &nomination); // a lot runs
    expect_code(room_next(&room, "l1"), ERROR_NONE);
    nomination.as.nomination_started.turn = -1;
    expect_corrupt(&room, &nomination);
    nomination.as.nomination_started.turn = INT64_MAX;
    expect_corrupt(&room, &nomination);
    nomination.as.nomination_started.turn = 0;
    nomination.as.nomination_started.by = (struct participant_id){"nobody"};
    expect_corrupt(&room, &nomination);
    struct sale_event round = fact(&room, EVENT_ROUND_STARTED);
    for (size_t i = 0; i < WILD; i++) {
        round.as.round_started.round = wild[i] == 99 ? UNSOLD_ROUNDS_MAX + 1 : wild[i];
        expect_corrupt(&room, &round);
    }
    round.as.round_started.round = 1;
    round.as.round_started.next_lot_index = 7;
    expect_corrupt(&room, &round);
    round.as.round_started.next_lot_index = -1;
    round.as.round_started.first_ends_at_ms = INT64_MAX;
    expect_corrupt(&room, &round);
    round.as.round_started.first_ends_at_ms = 1; // before the sale has lasted as long as a lot
    expect_corrupt(&room, &round);
    room_close(&room);
}

static void a_lot_that_was_not_sold_to_somebody_is_not_reopened(void **state)
{
    (void)state;
    struct room room;
    room_open_simple(&room, 3, 2);
    expect_code(room_bid(&room, 1, "l1", 100), ERROR_NONE);
    expect_code(room_next(&room, "l1"), ERROR_NONE);
    room_wait(&room, 3000);
    struct sale_event good = fact(&room, EVENT_LOT_REOPENED);
    good.as.lot_reopened.ends_at_ms = room.now_ms + 1000;
    good.as.lot_reopened.returned_lot_index = 1;
    good.as.lot_reopened.held_minor = 100;
    struct sale_event bad = good;
    bad.as.lot_reopened.lot_index = 1; // it runs
    expect_corrupt(&room, &bad);
    bad.as.lot_reopened.lot_index = 2; // it waits
    expect_corrupt(&room, &bad);
    bad = good;
    bad.as.lot_reopened.returned_lot_index = 2; // it does not run
    expect_corrupt(&room, &bad);
    bad = good;
    bad.as.lot_reopened.held_minor = 0;
    expect_corrupt(&room, &bad);
    bad = good;
    bad.as.lot_reopened.ends_at_ms = INT64_MIN;
    expect_corrupt(&room, &bad);
    assert_int_equal(sale_apply(room.sale, &good), LC_OK);
    assert_int_equal(sale_apply(room.sale, &good), LC_ERR_CORRUPT); // and not twice
    room_close(&room);
}

static void names_and_consoles_out_of_range_are_corrupt(void **state)
{
    (void)state;
    struct room room;
    room_open_simple(&room, 2, 1);
    for (size_t i = 0; i < WILD; i++) {
        struct sale_event event = fact(&room, EVENT_NAMES_SUBMITTED);
        event.as.names_submitted.by = (struct participant_id){"p1"};
        event.as.names_submitted.lots = &wild[i];
        event.as.names_submitted.count = 1;
        expect_corrupt(&room, &event);
    }
    int64_t lots[SUBMITTED_NAMES_MAX + 1] = {0};
    struct sale_event names = fact(&room, EVENT_NAMES_SUBMITTED);
    names.as.names_submitted.by = (struct participant_id){"p1"};
    names.as.names_submitted.lots = lots;
    names.as.names_submitted.count = SUBMITTED_NAMES_MAX + 1;
    expect_corrupt(&room, &names);
    names.as.names_submitted.count = 1;
    names.as.names_submitted.by = (struct participant_id){"p2"};
    expect_corrupt(&room, &names);
    struct sale_event gavel = fact(&room, EVENT_GAVEL_TAKEN);
    expect_corrupt(&room, &gavel);
    gavel.as.gavel_taken.console = bytes_text("123456789012345678901234567890123");
    expect_corrupt(&room, &gavel);
    room_close(&room);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lots_and_times_outside_of_the_sale_are_corrupt),
        cmocka_unit_test(what_another_phase_allows_is_corrupt_in_this_one),
        cmocka_unit_test(a_lot_that_was_not_sold_to_somebody_is_not_reopened),
        cmocka_unit_test(names_and_consoles_out_of_range_are_corrupt),
    };
    return cmocka_run_group_tests_name("flow_facts", tests, NULL, NULL);
}
