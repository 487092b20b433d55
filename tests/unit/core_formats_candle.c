// Candle (rules 4): the end is drawn inside the ending phase from the committed seed; live, the other
// format that bids like English.
#include "formats_room.h"

#include "auction-svc/formats/candle.h"

enum { DURATION_MS = 30000, ENDING_MS = 10000 };

static struct format_case candle_case(int64_t bidders)
{
    struct format_case candle = {.rules = format_rules(FORMAT_CANDLE), .bidders = bidders};
    candle.rules.candle_ending_ms = ENDING_MS;
    candle.lots[0] = room_lot(100);
    return candle;
}

// Computed by hand: SHA-256 of 32 bytes 07, "l1" and 1700000003000 as eight bytes.
static void the_draw_is_what_anybody_computes_from_the_seed(void **state)
{
    (void)state;
    uint8_t seed[SEED_SIZE];
    uint8_t key[SHA256_SIZE];
    uint8_t expected[SHA256_SIZE];
    memset(seed, 7, sizeof seed);
    static const uint8_t text[] = "\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07"
                                  "\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07"
                                  "l1\x00\x00\x01\x8B\xCF\xE5\x73\xB8";
    sha256_of((struct bytes){text, SEED_SIZE + 2 + 8}, expected);
    candle_key(seed, &(struct lot_id){"l1"}, INT64_C(1700000003000), key);
    assert_memory_equal(key, expected, sizeof key);
}

static void a_number_is_the_first_eight_bytes_of_the_key_modulo_the_phase(void **state)
{
    (void)state;
    uint8_t key[SHA256_SIZE] = {0, 0, 0, 0, 0, 0, 0x30, 0x39}; // 12345
    assert_int_equal(candle_number(key, 10000), 2345);
    assert_int_equal(candle_number(key, 1), 0);
    assert_int_equal(candle_number(key, 12345), 0);
    assert_int_equal(candle_number(key, INT64_MAX), 12345);
}

// 2^64 = 18446744073709551 x 1000 + 616: the last 616 numbers would make 0 to 615 likelier.
static void numbers_behind_the_last_whole_run_are_drawn_again(void **state)
{
    (void)state;
    uint8_t key[SHA256_SIZE];
    memset(key, 0xFF, sizeof key);
    assert_int_equal(candle_number(key, 1000), 655); // of SHA-256(key), computed elsewhere; not 615
    key[7] = 0xFA;
    assert_int_equal(candle_number(key, 1000), 280); // not 610
    key[6] = 0xFD; // 2^64 - 616, the first number that is drawn again, and the one before it
    key[7] = 0x98;
    assert_int_not_equal(candle_number(key, 1000), 0);
    key[7] = 0x97;
    assert_int_equal(candle_number(key, 1000), 999);
    memset(key, 0xFF, sizeof key);
    assert_int_equal(candle_number(key, 8), 7); // a power of two has whole runs only
}

// Each tenth of the phase is drawn about as often: 4,000 lots.
static void the_draws_lie_evenly_in_the_phase(void **state)
{
    (void)state;
    int64_t count[10] = {0};
    uint8_t seed[SEED_SIZE] = {42};
    for (int64_t i = 0; i < 4000; i++) {
        uint8_t key[SHA256_SIZE];
        candle_key(seed, &(struct lot_id){"l1"}, i, key);
        int64_t number = candle_number(key, ENDING_MS);
        assert_true(number >= 0 && number < ENDING_MS);
        count[number * 10 / ENDING_MS]++;
    }
    for (size_t i = 0; i < 10; i++) {
        assert_true(count[i] > 320 && count[i] < 480); // 400 each, four deviations
    }
}

static void the_lot_closes_at_the_drawn_moment_and_the_leader_wins(void **state)
{
    (void)state;
    struct room room;
    struct format_case candle = candle_case(2);
    candle.rules.soft_close.window_ms = 10000; // does not apply
    format_open(&room, &candle);
    int64_t start_ms = room.now_ms;
    const struct lot *lot = room_lot_at(&room, 0);
    int64_t draws_at_ms = lot->draws_at_ms;
    uint8_t key[SHA256_SIZE];
    candle_key(room.sale->definition.seed, &lot->id, start_ms, key);
    assert_true(draws_at_ms == start_ms + DURATION_MS - ENDING_MS + candle_number(key, ENDING_MS));
    assert_true(lot->ends_at_ms == start_ms + DURATION_MS); // what is public

    room_wait(&room, draws_at_ms - room.now_ms - 1);
    expect_code(format_offer(&room, 1, "l1", 100, 1), ERROR_NONE);
    expect_facts(&room, EVENT_BID_ACCEPTED);
    assert_true(room_lot_at(&room, 0)->ends_at_ms == start_ms + DURATION_MS);
    room.now_ms++; // before the engine has said so
    expect_code(format_offer(&room, 2, "l1", 900, 1), ERROR_LOT_CLOSED);
    room_wait(&room, 0);
    expect_sold(&room, 1, 100, 1, CLOSE_TIME);
    const struct sale_event *revealed = format_fact(&room, EVENT_SEED_REVEALED);
    assert_int_equal(revealed->as.seed_revealed.lot_index, 0);
    assert_memory_equal(revealed->as.seed_revealed.seed, key, sizeof key);
    room_close(&room);
}

static void nothing_else_is_taken_after_the_drawn_moment_either(void **state)
{
    (void)state;
    struct room room;
    struct format_case candle = candle_case(2);
    candle.lots[0].buy_now_minor = 5000;
    format_open(&room, &candle);
    room.now_ms = room_lot_at(&room, 0)->draws_at_ms;
    struct sale_command buy = {.op = SALE_OP_BUY_NOW, .role = ROLE_BIDDER, .by = {"p1"}};
    buy.as.lot.lot = (struct lot_id){"l1"};
    expect_code(room_command(&room, &buy), ERROR_LOT_CLOSED);
    expect_code(format_pass(&room, 1, "l1"), ERROR_LOT_CLOSED);
    room.now_ms--;
    expect_code(room_command(&room, &buy), ERROR_NONE);
    expect_sold(&room, 1, 5000, 1, CLOSE_BUY_NOW);
    assert_int_equal(format_facts(&room, EVENT_SEED_REVEALED), 2); // of the lot, of the sale
    room_close(&room);
}

static void a_lot_without_a_bid_reveals_its_key_too(void **state)
{
    (void)state;
    struct room room;
    struct format_case candle = candle_case(1);
    format_open(&room, &candle);
    room_wait(&room, DURATION_MS);
    expect_unsold(&room, UNSOLD_NO_BIDS);
    assert_int_equal(format_facts(&room, EVENT_SEED_REVEALED) > 0, 1);
    room_close(&room);
}

static void the_ending_phase_may_be_the_whole_lot(void **state)
{
    (void)state;
    struct room room;
    struct format_case candle = candle_case(1);
    candle.rules.candle_ending_ms = DURATION_MS;
    format_open(&room, &candle);
    const struct lot *lot = room_lot_at(&room, 0);
    assert_true(lot->draws_at_ms >= lot->started_at_ms);
    assert_true(lot->draws_at_ms < lot->started_at_ms + DURATION_MS);
    room_close(&room);
}

// The seed of a sale gives each of its lots another end.
static void each_lot_draws_its_own_end(void **state)
{
    (void)state;
    struct room room;
    struct format_case candle = candle_case(1);
    candle.lots[1] = room_lot(100);
    candle.lots_count = 2;
    format_open(&room, &candle);
    int64_t first_ms = room_lot_at(&room, 0)->draws_at_ms - room_lot_at(&room, 0)->started_at_ms;
    expect_code(room_next(&room, "l1"), ERROR_NONE);
    room_wait(&room, 3000);
    int64_t second_ms = room_lot_at(&room, 1)->draws_at_ms - room_lot_at(&room, 1)->started_at_ms;
    assert_int_not_equal(first_ms, second_ms);
    room_close(&room);
}

// When the sale is over its seed is public: each key follows from it, and a reset needs another.
static void the_seed_is_revealed_at_the_end_and_a_reset_brings_another(void **state)
{
    (void)state;
    struct room room;
    struct format_case candle = candle_case(1);
    format_open(&room, &candle);
    uint8_t key[SHA256_SIZE];
    uint8_t revealed[SEED_SIZE];
    int64_t started_at_ms = room_lot_at(&room, 0)->started_at_ms;
    room_wait(&room, DURATION_MS);
    const struct sale_event *of_sale =
        &room.decision.events[room.decision.events_count - 1]; // behind the lot's
    assert_int_equal(of_sale->kind, EVENT_SEED_REVEALED);
    assert_int_equal(of_sale->as.seed_revealed.lot_index, -1);
    memcpy(revealed, of_sale->as.seed_revealed.seed, sizeof revealed);
    candle_key(revealed, &(struct lot_id){"l1"}, started_at_ms, key);
    assert_memory_equal(format_fact(&room, EVENT_SEED_REVEALED)->as.seed_revealed.seed, key,
                        sizeof key);

    struct sale_command reset = {.op = SALE_OP_RESET, .role = ROLE_ADMIN};
    memset(reset.as.reset.seed, 8, SEED_SIZE);
    expect_code(room_command(&room, &reset), ERROR_NONE);
    assert_memory_equal(room.sale->definition.seed, reset.as.reset.seed, SEED_SIZE);
    room_close(&room);
}

static void a_pause_and_an_outage_shift_the_secret_end_and_tell_nothing_of_it(void **state)
{
    (void)state;
    struct room room;
    struct format_case candle = candle_case(1);
    format_open(&room, &candle);
    int64_t left_ms = room_lot_at(&room, 0)->draws_at_ms - room.now_ms;
    room_wait(&room, 15000);
    expect_code(room_staff(&room, SALE_OP_PAUSE), ERROR_NONE);
    const struct sale_event *paused = format_fact(&room, EVENT_SALE_PAUSED);
    assert_int_equal(paused->as.sale_paused.remaining_ms, DURATION_MS - 15000); // of the public end
    room_wait(&room, 60000);
    expect_code(room_staff(&room, SALE_OP_RESUME), ERROR_NONE);
    const struct sale_event *resumed = format_fact(&room, EVENT_SALE_RESUMED);
    assert_true(resumed->as.sale_resumed.ends_at_ms == room.now_ms + DURATION_MS - 15000);
    assert_true(room_lot_at(&room, 0)->draws_at_ms == room.now_ms + left_ms - 15000);
    int64_t alive_at_ms = room.now_ms + 1000;
    room.now_ms += 20000;
    room_engine_start(&room, alive_at_ms);
    assert_true(room_lot_at(&room, 0)->draws_at_ms == room.now_ms + left_ms - 16000);
    resumed = format_fact(&room, EVENT_SALE_RESUMED);
    assert_true(resumed->as.sale_resumed.ends_at_ms == room.now_ms + DURATION_MS - 16000);
    expect_code(format_offer(&room, 1, "l1", 100, 1), ERROR_NONE);
    room_wait(&room, left_ms - 16000);
    expect_sold(&room, 1, 100, 1, CLOSE_TIME);
    room_close(&room);
}

static void a_live_lot_has_no_clock_and_bids_like_english(void **state)
{
    (void)state;
    struct room room;
    struct format_case live = {.rules = format_rules(FORMAT_LIVE), .bidders = 2};
    live.rules.soft_close.window_ms = 10000;
    live.lots[0] = room_lot(100);
    format_open(&room, &live);
    assert_int_equal(room_lot_at(&room, 0)->ends_at_ms, 0);
    room_wait(&room, INT64_C(3600000));
    assert_int_equal(room_lot_at(&room, 0)->phase, LOT_OPEN);
    expect_code(format_offer(&room, 1, "l1", 99, 1), ERROR_BELOW_ASK);
    expect_code(format_offer(&room, 1, "l1", 100, 1), ERROR_NONE);
    expect_facts(&room, EVENT_BID_ACCEPTED);
    expect_code(format_offer(&room, 1, "l1", 300, 1), ERROR_ALREADY_LEADING);
    expect_code(format_offer(&room, 2, "l1", 200, 1), ERROR_NONE);
    expect_code(room_next(&room, "l1"), ERROR_NONE);
    expect_sold(&room, 2, 200, 1, CLOSE_NEXT);
    room_close(&room);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_draw_is_what_anybody_computes_from_the_seed),
        cmocka_unit_test(a_number_is_the_first_eight_bytes_of_the_key_modulo_the_phase),
        cmocka_unit_test(numbers_behind_the_last_whole_run_are_drawn_again),
        cmocka_unit_test(the_draws_lie_evenly_in_the_phase),
        cmocka_unit_test(the_lot_closes_at_the_drawn_moment_and_the_leader_wins),
        cmocka_unit_test(nothing_else_is_taken_after_the_drawn_moment_either),
        cmocka_unit_test(a_lot_without_a_bid_reveals_its_key_too),
        cmocka_unit_test(the_ending_phase_may_be_the_whole_lot),
        cmocka_unit_test(each_lot_draws_its_own_end),
        cmocka_unit_test(the_seed_is_revealed_at_the_end_and_a_reset_brings_another),
        cmocka_unit_test(a_pause_and_an_outage_shift_the_secret_end_and_tell_nothing_of_it),
        cmocka_unit_test(a_live_lot_has_no_clock_and_bids_like_english),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
