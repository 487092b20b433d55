// A damaged ledger: facts that can't follow the state are LC_ERR_CORRUPT, and nothing has changed.
#include "core_room.h"

static struct sale_event event_at(const struct room *room, enum sale_event_kind kind)
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
    buffer_init(&before, 1 << 20);
    buffer_init(&after, 1 << 20);
    sale_dump(room->sale, &before);
    assert_int_equal(sale_apply(room->sale, event), LC_ERR_CORRUPT);
    sale_dump(room->sale, &after);
    assert_string_equal(buffer_text(&before), buffer_text(&after));
    buffer_release(&before);
    buffer_release(&after);
}

static void facts_that_need_another_phase_are_corrupt(void **state)
{
    (void)state;
    struct room room;
    struct sale_definition definition = room_definition();
    struct lot_definition lot = room_lot(100);
    room_open(&room, &definition, &lot, 1);
    room_join(&room, 1);
    static const enum sale_event_kind in_lobby[] = {
        EVENT_SALE_CREATED,       EVENT_LOT_STARTED,        EVENT_BID_ACCEPTED,
        EVENT_LOT_EXTENDED,       EVENT_LOT_SOLD,           EVENT_LOT_UNSOLD,
        EVENT_ROUND_STARTED,      EVENT_SALE_PAUSED,        EVENT_SALE_RESUMED,
        EVENT_SALE_COMPLETED,     EVENT_SALE_RESET,         EVENT_LOTS_ADDED,
        EVENT_EPOCH_STARTED,      EVENT_PARTICIPANT_JOINED, EVENT_INVITE_USED,
        EVENT_PARTICIPANT_BLOCKED};
    for (size_t i = 0; i < sizeof in_lobby / sizeof in_lobby[0]; i++) {
        struct sale_event event = event_at(&room, in_lobby[i]);
        expect_corrupt(&room, &event);
    }
    expect_code(room_staff(&room, SALE_OP_BEGIN), ERROR_NONE);
    room_wait(&room, 3000);
    static const enum sale_event_kind in_lot[] = {EVENT_SALE_STARTED,  EVENT_LOT_STARTED,
                                                  EVENT_ROUND_STARTED, EVENT_SALE_COMPLETED,
                                                  EVENT_SALE_RESET,    EVENT_LOTS_ADDED};
    for (size_t i = 0; i < sizeof in_lot / sizeof in_lot[0]; i++) {
        struct sale_event event = event_at(&room, in_lot[i]);
        expect_corrupt(&room, &event);
    }
    room_close(&room);
}

static void a_bid_of_nobody_out_of_order_or_on_no_lot_is_corrupt(void **state)
{
    (void)state;
    struct room room;
    room_open_simple(&room, 2, 1);
    struct sale_event good = event_at(&room, EVENT_BID_ACCEPTED);
    good.as.bid_accepted.lot_index = 0;
    good.as.bid_accepted.bid_no = 1;
    good.as.bid_accepted.by = (struct participant_id){"p1"};
    good.as.bid_accepted.amount_minor = 100;
    good.as.bid_accepted.price_minor = 100;
    good.as.bid_accepted.leader = (struct participant_id){"p1"};
    good.as.bid_accepted.held_minor = 100;
    good.as.bid_accepted.quantity = 1;
    good.as.bid_accepted.ends_at_ms = room.now_ms + 1;
    struct sale_event bad = good;
    bad.as.bid_accepted.lot_index = 1;
    expect_corrupt(&room, &bad);
    bad.as.bid_accepted.lot_index = -1;
    expect_corrupt(&room, &bad);
    bad.as.bid_accepted.lot_index = INT64_MAX;
    expect_corrupt(&room, &bad);
    bad = good;
    bad.as.bid_accepted.bid_no = 2;
    expect_corrupt(&room, &bad);
    bad = good;
    bad.as.bid_accepted.by = (struct participant_id){"p2"};
    expect_corrupt(&room, &bad);
    bad = good;
    bad.as.bid_accepted.amount_minor = 0;
    expect_corrupt(&room, &bad);
    bad.as.bid_accepted.amount_minor = AMOUNT_MINOR_MAX + 1;
    expect_corrupt(&room, &bad);
    bad = good;
    bad.as.bid_accepted.ends_at_ms = -1;
    expect_corrupt(&room, &bad);
    bad = good;
    bad.at_ms = -1;
    expect_corrupt(&room, &bad);
    assert_int_equal(sale_apply(room.sale, &good), LC_OK);
    room_close(&room);
}

static void a_hammer_that_leads_outside_of_the_sale_is_corrupt(void **state)
{
    (void)state;
    struct room room;
    room_open_simple(&room, 2, 1);
    struct sale_event good = event_at(&room, EVENT_LOT_SOLD);
    good.as.lot_sold.winner = (struct participant_id){"p1"};
    good.as.lot_sold.price_minor = 100;
    good.as.lot_sold.next_lot_index = 1;
    good.as.lot_sold.next_starts_at_ms = room.now_ms;
    struct sale_event bad = good;
    bad.as.lot_sold.next_lot_index = 2;
    expect_corrupt(&room, &bad);
    bad.as.lot_sold.next_lot_index = -2;
    expect_corrupt(&room, &bad);
    bad = good;
    bad.as.lot_sold.winner = (struct participant_id){""};
    expect_corrupt(&room, &bad);
    bad = good;
    bad.as.lot_sold.price_minor = 0;
    expect_corrupt(&room, &bad);
    bad = good;
    bad.as.lot_sold.next_starts_at_ms = INT64_MIN;
    expect_corrupt(&room, &bad);
    bad = event_at(&room, EVENT_LOT_UNSOLD);
    bad.as.lot_unsold.next_lot_index = 2;
    expect_corrupt(&room, &bad);
    assert_int_equal(sale_apply(room.sale, &good), LC_OK);
    room_close(&room);
}

static void an_epoch_that_does_not_grow_is_corrupt(void **state)
{
    (void)state;
    struct room room;
    room_open_simple(&room, 1, 1);
    struct sale_event event = event_at(&room, EVENT_EPOCH_STARTED);
    event.as.epoch_started.epoch = 1;
    expect_corrupt(&room, &event);
    event.as.epoch_started.epoch = 2;
    assert_int_equal(sale_apply(room.sale, &event), LC_OK);
    room_close(&room);
}

static void nothing_follows_the_deletion(void **state)
{
    (void)state;
    struct room room;
    room_open_simple(&room, 1, 1);
    expect_code(room_staff(&room, SALE_OP_DELETE), ERROR_NONE);
    for (unsigned kind = 0; kind < SALE_EVENT_KIND_COUNT; kind++) {
        struct sale_event event = event_at(&room, (enum sale_event_kind)kind);
        expect_corrupt(&room, &event);
    }
    room_close(&room);
}

static void an_empty_sale_takes_only_its_creation(void **state)
{
    (void)state;
    struct room room = {.sale = sale_create()};
    for (unsigned kind = 0; kind < SALE_EVENT_KIND_COUNT; kind++) {
        struct sale_event event = event_at(&room, (enum sale_event_kind)kind);
        assert_int_equal(sale_apply(room.sale, &event), LC_ERR_CORRUPT);
    }
    struct sale_command command = {.op = SALE_OP_BEGIN, .role = ROLE_ADMIN};
    sale_decide(room.sale, &command, 0, &room.decision);
    expect_code(room.decision.refusal, ERROR_NOT_FOUND);
    sale_destroy(room.sale);
    sale_destroy(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(facts_that_need_another_phase_are_corrupt),
        cmocka_unit_test(a_bid_of_nobody_out_of_order_or_on_no_lot_is_corrupt),
        cmocka_unit_test(a_hammer_that_leads_outside_of_the_sale_is_corrupt),
        cmocka_unit_test(an_epoch_that_does_not_grow_is_corrupt),
        cmocka_unit_test(nothing_follows_the_deletion),
        cmocka_unit_test(an_empty_sale_takes_only_its_creation),
    };
    return cmocka_run_group_tests_name("apply", tests, NULL, NULL);
}
