// How a sale begins and in which order its lots come (rules 1).
#include "flow_room.h"

#include "auction-svc/core/lot_order.h"
#include "lib/digest/sha256.h"

static void open_with_mode(struct room *room, enum start_mode mode, size_t lots_count)
{
    struct sale_definition definition = room_definition();
    struct lot_definition lots[] = {room_lot(100), room_lot(100)};
    definition.rules.start_mode = mode;
    definition.rules.starts_at_ms = mode == START_AT ? INT64_C(1700000000000) + 60000 : 0;
    room_open(room, &definition, lots, lots_count);
}

static void a_sale_at_a_time_begins_then(void **state)
{
    (void)state;
    struct room room;
    open_with_mode(&room, START_AT, 2);
    assert_int_equal(room.sale->clock, CLOCK_START);
    room_wait(&room, 59999);
    assert_int_equal(room.sale->phase, SALE_LOBBY);
    room_wait(&room, 1);
    expect_facts(&room, EVENT_SALE_STARTED);
    assert_int_equal(room.sale->phase, SALE_LIVE);
    room_wait(&room, 3000);
    assert_int_equal(room_lot_at(&room, 0)->phase, LOT_OPEN);
    room_close(&room);
}

static void the_staff_may_begin_it_earlier(void **state)
{
    (void)state;
    struct room room;
    open_with_mode(&room, START_AT, 2);
    expect_code(room_staff(&room, SALE_OP_BEGIN), ERROR_NONE);
    room_wait(&room, 3000 + 57000);
    assert_int_equal(room.sale->phase, SALE_LIVE);
    assert_int_equal(room.sale->lot_index, 1); // nothing began twice
    room_close(&room);
}

static void at_once_begins_as_soon_as_there_are_lots(void **state)
{
    (void)state;
    struct room room;
    open_with_mode(&room, START_AT_ONCE, 2);
    room_wait(&room, 0);
    assert_int_equal(room.sale->phase, SALE_LIVE);
    room_close(&room);
    open_with_mode(&room, START_AT_ONCE, 0);
    room_wait(&room, 86400000);
    assert_int_equal(room.sale->phase, SALE_LOBBY);
    struct lot_definition lot = room_lot(100);
    struct sale_command add = {.op = SALE_OP_ADD_LOTS, .role = ROLE_ADMIN};
    add.as.add_lots.lots = &lot;
    add.as.add_lots.count = 1;
    expect_code(room_command(&room, &add), ERROR_NONE);
    room_wait(&room, 0);
    assert_int_equal(room.sale->phase, SALE_LIVE);
    room_close(&room);
}

static void lots_that_were_all_withdrawn_leave_nothing_to_begin(void **state)
{
    (void)state;
    struct room room;
    open_with_mode(&room, START_AT, 2);
    expect_code(flow_withdraw(&room, "l1", ""), ERROR_NONE);
    expect_code(flow_withdraw(&room, "l2", ""), ERROR_NONE);
    assert_true(sale_next_deadline(room.sale) == INT64_MAX); // no deadline that does nothing
    struct lot_definition lot = room_lot(100);
    struct sale_command add = {.op = SALE_OP_ADD_LOTS, .role = ROLE_ADMIN};
    add.as.add_lots.lots = &lot;
    add.as.add_lots.count = 1;
    room_wait(&room, 70000);
    expect_code(room_command(&room, &add), ERROR_NONE);
    room_wait(&room, 0);
    assert_int_equal(room.sale->phase, SALE_LIVE);
    assert_int_equal(room.sale->next_index, 2);
    room_close(&room);
}

static void after_a_reset_the_staff_begins(void **state)
{
    (void)state;
    struct room room;
    open_with_mode(&room, START_AT_ONCE, 2);
    room_wait(&room, 0);
    expect_code(room_staff(&room, SALE_OP_PAUSE), ERROR_NONE);
    expect_code(room_staff(&room, SALE_OP_RESET), ERROR_NONE);
    assert_true(sale_next_deadline(room.sale) == INT64_MAX);
    expect_code(room_staff(&room, SALE_OP_BEGIN), ERROR_NONE);
    room_close(&room);
}

static void an_engine_that_was_away_begins_a_sale_late_and_moves_no_clock(void **state)
{
    (void)state;
    struct room room;
    open_with_mode(&room, START_AT, 1);
    room.now_ms += 500000;
    room_engine_start(&room, room.now_ms - 500000);
    expect_facts(&room, EVENT_EPOCH_STARTED);
    room_wait(&room, 0);
    expect_facts(&room, EVENT_SALE_STARTED);
    assert_true(room.sale->next_starts_at_ms == room.now_ms + 3000);
    room_close(&room);
}

// ---- order ----

enum { ORDER_LOTS = 6 };

// Lets all lots pass unsold and notes the order in which they came.
static void order_of(struct sale_definition *definition, const char *const sets[ORDER_LOTS],
                     int64_t rounds, int64_t out_order[], struct room *room)
{
    struct lot_definition lots[ORDER_LOTS];
    for (size_t i = 0; i < ORDER_LOTS; i++) {
        lots[i] = room_lot(100);
        lots[i].set = bytes_text(sets == NULL ? "" : sets[i]);
    }
    definition->rules.unsold_rounds = rounds;
    room_open(room, definition, lots, ORDER_LOTS);
    room_join(room, 1);
    expect_code(room_staff(room, SALE_OP_BEGIN), ERROR_NONE);
    for (int64_t i = 0; i < ORDER_LOTS * (1 + rounds); i++) {
        room_wait(room, 3000);
        out_order[i] = room->sale->lot_index;
        room_wait(room, 30000);
    }
    assert_int_equal(room->sale->phase, SALE_COMPLETE);
}

static void expect_order(const int64_t order[], const int64_t expected[])
{
    for (int i = 0; i < ORDER_LOTS; i++) {
        assert_int_equal(order[i], expected[i]);
    }
}

static void lots_of_a_set_follow_one_another_in_the_order_of_their_first(void **state)
{
    (void)state;
    static const char *const sets[] = {"b", "a", "b", "", "a", ""};
    struct room room;
    struct sale_definition definition = room_definition();
    int64_t order[ORDER_LOTS];
    order_of(&definition, sets, 0, order, &room);
    expect_order(order, (int64_t[]){0, 2, 1, 4, 3, 5});
    room_close(&room);
}

// The numbers that the seed gives, as a stranger would compute them from docs and the revealed seed.
static size_t number_below(const uint8_t seed[SEED_SIZE], uint64_t below, uint64_t *counter)
{
    for (;;) {
        uint8_t text[SEED_SIZE + 8];
        uint8_t digest[SHA256_SIZE];
        memcpy(text, seed, SEED_SIZE);
        for (int i = 0; i < 8; i++) {
            text[SEED_SIZE + i] = (uint8_t)(*counter >> (56 - 8 * i));
        }
        (*counter)++;
        sha256_of(bytes_of(text, sizeof text), digest);
        uint64_t number = 0;
        for (int i = 0; i < 8; i++) {
            number = number << 8 | digest[i];
        }
        if (number < UINT64_MAX - UINT64_MAX % below) {
            return (size_t)(number % below);
        }
    }
}

static void expected_shuffle(const uint8_t seed[SEED_SIZE], int64_t *lots, size_t count,
                             uint64_t *counter)
{
    for (size_t i = count - 1; i >= 1; i--) {
        size_t j = number_below(seed, i + 1, counter);
        int64_t kept = lots[i];
        lots[i] = lots[j];
        lots[j] = kept;
    }
}

static struct sale_definition shuffled_definition(uint8_t first_byte)
{
    struct sale_definition definition = room_definition();
    definition.rules.lot_order = LOT_ORDER_SHUFFLED;
    for (size_t i = 0; i < SEED_SIZE; i++) {
        definition.seed[i] = (uint8_t)(first_byte + 7 * i);
    }
    return definition;
}

static void a_shuffled_order_follows_from_the_seed_alone(void **state)
{
    (void)state;
    for (uint8_t seed = 1; seed < 6; seed++) {
        struct room room;
        struct sale_definition definition = shuffled_definition(seed);
        int64_t order[ORDER_LOTS];
        int64_t expected[ORDER_LOTS] = {0, 1, 2, 3, 4, 5};
        uint64_t counter = 0;
        order_of(&definition, NULL, 0, order, &room);
        expected_shuffle(definition.seed, expected, ORDER_LOTS, &counter);
        expect_order(order, expected);
        room_close(&room);
    }
}

static void each_set_is_shuffled_for_itself(void **state)
{
    (void)state;
    static const char *const sets[] = {"b", "a", "b", "b", "a", "a"};
    struct room room;
    struct sale_definition definition = shuffled_definition(99);
    int64_t order[ORDER_LOTS];
    int64_t expected[ORDER_LOTS] = {0, 2, 3, 1, 4, 5};
    uint64_t counter = 0;
    order_of(&definition, sets, 0, order, &room);
    expected_shuffle(definition.seed, expected, 3, &counter);
    expected_shuffle(definition.seed, expected + 3, 3, &counter);
    expect_order(order, expected);
    room_close(&room);
}

static void the_seed_is_revealed_at_the_end_and_fits_its_commitment(void **state)
{
    (void)state;
    struct room room;
    struct sale_definition definition = shuffled_definition(5);
    uint8_t commitment[SEED_SIZE];
    uint8_t digest[SHA256_SIZE];
    int64_t order[ORDER_LOTS];
    lot_order_commitment(&definition, commitment);
    order_of(&definition, NULL, 0, order, &room);
    expect_facts(&room, EVENT_LOT_UNSOLD, EVENT_SALE_COMPLETED, EVENT_SEED_REVEALED);
    const struct sale_event *revealed = &room.decision.events[2];
    assert_int_equal(revealed->as.seed_revealed.lot_index, -1);
    sha256_of(bytes_of(revealed->as.seed_revealed.seed, SEED_SIZE), digest);
    assert_memory_equal(digest, commitment, SEED_SIZE);
    room_close(&room);
}

static void a_listed_sale_and_one_without_a_seed_are_not_shuffled(void **state)
{
    (void)state;
    struct room room;
    struct sale_definition definition = shuffled_definition(5);
    int64_t order[ORDER_LOTS];
    definition.rules.lot_order = LOT_ORDER_LISTED;
    order_of(&definition, NULL, 0, order, &room);
    expect_order(order, (int64_t[]){0, 1, 2, 3, 4, 5});
    room_close(&room);
    definition = room_definition();
    definition.rules.lot_order = LOT_ORDER_SHUFFLED; // the seed is all zeros
    order_of(&definition, NULL, 0, order, &room);
    expect_facts(&room, EVENT_LOT_UNSOLD, EVENT_SALE_COMPLETED);
    expect_order(order, (int64_t[]){0, 1, 2, 3, 4, 5});
    room_close(&room);
}

static void unsold_lots_of_a_shuffled_sale_come_again_in_listed_order(void **state)
{
    (void)state;
    struct room room;
    struct sale_definition definition = shuffled_definition(3);
    int64_t order[2 * ORDER_LOTS];
    order_of(&definition, NULL, 1, order, &room);
    expect_order(order + ORDER_LOTS, (int64_t[]){0, 1, 2, 3, 4, 5});
    room_close(&room);
}

static void lots_added_later_are_drawn_among_all(void **state)
{
    (void)state;
    struct room room;
    struct sale_definition definition = shuffled_definition(17);
    struct lot_definition lots[ORDER_LOTS];
    for (size_t i = 0; i < ORDER_LOTS; i++) {
        lots[i] = room_lot(100);
    }
    room_open(&room, &definition, lots, 2);
    struct sale_command add = {.op = SALE_OP_ADD_LOTS, .role = ROLE_ADMIN};
    add.as.add_lots.lots = lots + 2;
    add.as.add_lots.count = 4;
    expect_code(room_command(&room, &add), ERROR_NONE);
    int64_t expected[ORDER_LOTS] = {0, 1, 2, 3, 4, 5};
    uint64_t counter = 0;
    expected_shuffle(definition.seed, expected, ORDER_LOTS, &counter);
    for (int64_t i = 0; i < ORDER_LOTS; i++) {
        assert_int_equal(room_lot_at(&room, expected[i])->order_place, i);
    }
    room_close(&room);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sale_at_a_time_begins_then),
        cmocka_unit_test(the_staff_may_begin_it_earlier),
        cmocka_unit_test(at_once_begins_as_soon_as_there_are_lots),
        cmocka_unit_test(lots_that_were_all_withdrawn_leave_nothing_to_begin),
        cmocka_unit_test(after_a_reset_the_staff_begins),
        cmocka_unit_test(an_engine_that_was_away_begins_a_sale_late_and_moves_no_clock),
        cmocka_unit_test(lots_of_a_set_follow_one_another_in_the_order_of_their_first),
        cmocka_unit_test(a_shuffled_order_follows_from_the_seed_alone),
        cmocka_unit_test(each_set_is_shuffled_for_itself),
        cmocka_unit_test(the_seed_is_revealed_at_the_end_and_fits_its_commitment),
        cmocka_unit_test(a_listed_sale_and_one_without_a_seed_are_not_shuffled),
        cmocka_unit_test(unsold_lots_of_a_shuffled_sale_come_again_in_listed_order),
        cmocka_unit_test(lots_added_later_are_drawn_among_all),
    };
    return cmocka_run_group_tests_name("starting", tests, NULL, NULL);
}
