// Every clock of a live sale stands still in a pause and in an outage, and goes on with exactly the
// time it had (rules 2; rules 5; design 7; F23, L3, L11).
#include "flow_room.h"

#include "auction-svc/core/wakes.h"

static struct sale_definition plain_definition(void)
{
    struct sale_definition definition = room_definition();
    definition.seed[0] = 7;
    definition.rules.outage_extension_ms = 0;
    return definition;
}

// Each leads a sale to where one clock runs, a little after it began.
static void at_gap(struct room *room)
{
    struct sale_definition definition = plain_definition();
    flow_open(room, &definition, 2, 3);
    room_wait(room, 1000);
}

static void at_lot(struct room *room)
{
    struct sale_definition definition = plain_definition();
    definition.rules.lot.warning_ms[0] = 20000;
    flow_open(room, &definition, 2, 3);
    room_wait(room, 3000 + 5000);
}

static void at_parallel_lots(struct room *room)
{
    struct sale_definition definition = plain_definition();
    definition.rules.flow = FLOW_PARALLEL;
    definition.rules.stagger_ms = 1234;
    flow_open(room, &definition, 5, 3);
    room_wait(room, 5000);
}

static void at_grace(struct room *room)
{
    struct sale_definition definition = plain_definition();
    definition.rules.lot.closing_grace_ms = 1000;
    flow_open(room, &definition, 2, 3);
    room_wait(room, 33000 + 250);
    assert_int_equal(room_lot_at(room, 0)->phase, LOT_CLOSING);
}

static void at_candle(struct room *room)
{
    struct sale_definition definition = plain_definition();
    definition.rules.lot.format = FORMAT_CANDLE;
    definition.rules.lot.candle_ending_ms = 20000;
    flow_open(room, &definition, 2, 3);
    room_wait(room, 3000 + 5000);
    assert_true(room_lot_at(room, 0)->draws_at_ms > 0);
}

static void at_dutch(struct room *room)
{
    struct sale_definition definition = plain_definition();
    definition.rules.lot.format = FORMAT_DUTCH;
    definition.rules.lot.price_step_minor = 5;
    definition.rules.lot.price_tick_ms = 1000;
    flow_open(room, &definition, 2, 3);
    room_wait(room, 3000 + 5500);
}

static void at_japanese(struct room *room)
{
    struct sale_definition definition = plain_definition();
    definition.rules.lot.format = FORMAT_JAPANESE;
    definition.rules.lot.price_step_minor = 10;
    definition.rules.lot.price_tick_ms = 2000;
    definition.roster = (struct roster_rules){.enabled = true, .budget_minor = 500}; // or they stay
    flow_open(room, &definition, 2, 3);
    room_wait(room, 3000 + 500);
    for (int64_t i = 1; i <= 3; i++) {
        expect_code(room_bid(room, i, "l1", 100), ERROR_NONE);
    }
    room_wait(room, 31000);
}

static void at_sealed(struct room *room)
{
    struct sale_definition definition = plain_definition();
    definition.rules.lot.format = FORMAT_VICKREY;
    flow_open(room, &definition, 2, 3);
    room_wait(room, 3000 + 7000);
}

static void at_nomination(struct room *room)
{
    struct sale_definition definition = plain_definition();
    definition.rules.nomination = NOMINATION_SNAKE;
    definition.rules.nomination_ms = 20000;
    flow_open(room, &definition, 2, 3);
    room_wait(room, 7000);
    assert_int_equal(room->sale->clock, CLOCK_NOMINATION);
}

static void at_names(struct room *room)
{
    struct sale_definition definition = plain_definition();
    definition.rules.accelerated = true;
    definition.rules.names_ms = 20000;
    flow_open(room, &definition, 1, 3);
    room_wait(room, 33000 + 4000);
    assert_int_equal(room->sale->clock, CLOCK_NAMES);
}

static void at_match(struct room *room)
{
    struct sale_definition definition = plain_definition();
    struct lot_definition lot = room_lot(100);
    definition.rules.match = MATCH_PLAIN;
    definition.rules.match_ms = 15000;
    lot.match_holder = (struct participant_id){"p3"};
    room_open(room, &definition, &lot, 1);
    room_join(room, 3);
    expect_code(room_staff(room, SALE_OP_BEGIN), ERROR_NONE);
    room_wait(room, 3000);
    expect_code(room_bid(room, 1, "l1", 100), ERROR_NONE);
    room_wait(room, 30000 + 2000);
    assert_int_equal(room_lot_at(room, 0)->phase, LOT_MATCHING);
}

static void at_round_gap(struct room *room)
{
    struct sale_definition definition = plain_definition();
    flow_open(room, &definition, 1, 3);
    room_wait(room, 33000 + 1000);
    assert_int_equal(room->sale->round, 1);
}

static void (*const places[])(struct room *) = {
    at_gap,      at_lot,    at_parallel_lots, at_grace, at_candle, at_dutch,
    at_japanese, at_sealed, at_nomination,    at_names, at_match,  at_round_gap,
};

enum { PLACES = sizeof places / sizeof places[0], STANDS_MS = 7654321 };

// The deadlines from now on: of the sale, and of each lot that runs.
struct deadlines {
    int64_t next_ms;
    int64_t wakes_ms[FLOW_LOTS_MAX];
    int64_t closes_ms[FLOW_LOTS_MAX];
    int64_t ask_minor;
};

static struct deadlines deadlines_of(const struct room *room, int64_t next_ms)
{
    struct deadlines deadlines = {.next_ms = next_ms - room->now_ms};
    for (size_t i = 0; i < room->sale->lots_count; i++) {
        const struct lot *lot = room_lot_at(room, (int64_t)i);
        bool runs = lot_is_running(lot);
        deadlines.wakes_ms[i] = runs ? lot->wake_at_ms - room->now_ms : 0;
        deadlines.closes_ms[i] =
            runs && lot_closes_at_ms(lot) != INT64_MAX ? lot_closes_at_ms(lot) - room->now_ms : 0;
    }
    deadlines.ask_minor = sale_ask(room->sale, room_lot_at(room, 0), room->now_ms);
    return deadlines;
}

static void expect_equal(const struct deadlines *left, const struct deadlines *right)
{
    assert_int_equal(left->next_ms, right->next_ms);
    assert_int_equal(left->ask_minor, right->ask_minor);
    for (size_t i = 0; i < FLOW_LOTS_MAX; i++) {
        assert_int_equal(left->wakes_ms[i], right->wakes_ms[i]);
        assert_int_equal(left->closes_ms[i], right->closes_ms[i]);
    }
}

static void a_pause_is_legal_everywhere_and_resume_goes_on_exactly(void **state)
{
    (void)state;
    for (size_t i = 0; i < PLACES; i++) {
        struct room room;
        places[i](&room);
        struct deadlines before = deadlines_of(&room, sale_next_deadline(room.sale));
        int64_t public_end_ms = sale_clock_ends_at_ms(room.sale);
        expect_code(room_staff(&room, SALE_OP_PAUSE), ERROR_NONE);
        assert_int_equal(room.sale->paused_remaining_ms,
                         public_end_ms == INT64_MAX ? 0 : public_end_ms - room.now_ms);
        assert_true(sale_next_deadline(room.sale) == INT64_MAX);
        room_wait(&room, STANDS_MS);
        expect_code(room_staff(&room, SALE_OP_RESUME), ERROR_NONE);
        struct deadlines after = deadlines_of(&room, sale_next_deadline(room.sale));
        expect_equal(&before, &after);
        assert_true(public_end_ms == INT64_MAX ||
                    sale_clock_ends_at_ms(room.sale) == public_end_ms + STANDS_MS);
        room_wait(&room, 10 * 60000);
        assert_int_equal(room.sale->phase, SALE_COMPLETE); // nothing got stuck
        flow_expect_purses(&room);
        room_close(&room);
    }
}

static void several_pauses_lose_no_millisecond(void **state)
{
    (void)state;
    for (size_t i = 0; i < PLACES; i++) {
        struct room room;
        places[i](&room);
        int64_t deadline_ms = sale_next_deadline(room.sale);
        for (int64_t k = 0; k < 5; k++) {
            expect_code(room_staff(&room, SALE_OP_PAUSE), ERROR_NONE);
            room_wait(&room, 1000 + k);
            expect_code(room_staff(&room, SALE_OP_RESUME), ERROR_NONE);
        }
        assert_true(sale_next_deadline(room.sale) == deadline_ms + 5010);
        room_close(&room);
    }
}

static void after_the_death_of_the_engine_every_clock_has_the_time_it_had(void **state)
{
    (void)state;
    for (size_t i = 0; i < PLACES; i++) {
        struct room room;
        places[i](&room);
        struct deadlines before = deadlines_of(&room, sale_next_deadline(room.sale));
        int64_t alive_ms = room.now_ms;
        int64_t sold = room.sale->sold_count;
        room.now_ms += STANDS_MS;
        room_engine_start(&room, alive_ms);
        expect_facts(&room, EVENT_EPOCH_STARTED, EVENT_SALE_RESUMED);
        struct deadlines after = deadlines_of(&room, sale_next_deadline(room.sale));
        expect_equal(&before, &after);
        assert_int_equal(room.sale->sold_count, sold); // nothing is hammered during an outage
        room_close(&room);
    }
}

static void a_lost_bus_stops_every_clock_too(void **state)
{
    (void)state;
    for (size_t i = 0; i < PLACES; i++) {
        struct room room;
        places[i](&room);
        struct deadlines before = deadlines_of(&room, sale_next_deadline(room.sale));
        int64_t lost_ms = room.now_ms;
        room.now_ms += STANDS_MS;
        room_outage(&room, lost_ms);
        expect_facts(&room, EVENT_SALE_RESUMED);
        struct deadlines after = deadlines_of(&room, sale_next_deadline(room.sale));
        expect_equal(&before, &after);
        room_close(&room);
    }
}

static void a_reset_in_a_pause_leaves_no_clock_behind(void **state)
{
    (void)state;
    for (size_t i = 0; i < PLACES; i++) {
        struct room room;
        places[i](&room);
        expect_code(room_staff(&room, SALE_OP_PAUSE), ERROR_NONE);
        expect_code(room_staff(&room, SALE_OP_RESET), ERROR_NONE);
        assert_true(sale_next_deadline(room.sale) == INT64_MAX);
        assert_int_equal(room.sale->wakes_count, 0);
        assert_int_equal(room.sale->nominations, 0);
        assert_int_equal(flow_count(&room, LOT_PENDING), (int64_t)room.sale->lots_count);
        flow_expect_purses(&room);
        expect_code(room_staff(&room, SALE_OP_BEGIN), ERROR_NONE);
        room_wait(&room, 10 * 60000);
        assert_int_equal(room.sale->phase, SALE_COMPLETE);
        room_close(&room);
    }
}

// L10 in every phase: two presses of next start or close nothing twice.
static void next_twice_is_once_everywhere(void **state)
{
    (void)state;
    for (size_t i = 0; i < PLACES; i++) {
        struct room room;
        places[i](&room);
        enum error_code first = room_next(&room, "l1");
        if (first == ERROR_NONE) {
            int64_t next_index = room.sale->next_index;
            int64_t clock = (int64_t)room.sale->clock;
            enum error_code second = room_next(&room, "l1");
            bool was_counted_in = clock == CLOCK_LOT || next_index == 0; // the second closes it
            assert_true(was_counted_in || second != ERROR_NONE);
        }
        room_wait(&room, 10 * 60000);
        assert_int_equal(room.sale->phase, SALE_COMPLETE);
        flow_expect_purses(&room);
        room_close(&room);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pause_is_legal_everywhere_and_resume_goes_on_exactly),
        cmocka_unit_test(several_pauses_lose_no_millisecond),
        cmocka_unit_test(after_the_death_of_the_engine_every_clock_has_the_time_it_had),
        cmocka_unit_test(a_lost_bus_stops_every_clock_too),
        cmocka_unit_test(a_reset_in_a_pause_leaves_no_clock_behind),
        cmocka_unit_test(next_twice_is_once_everywhere),
    };
    return cmocka_run_group_tests_name("clocks", tests, NULL, NULL);
}
