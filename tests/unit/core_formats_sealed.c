// Sealed first-price, Vickrey and uniform price (rules 4): secret until the close, then one result.
#include "formats_room.h"

static struct format_case sealed_case(enum auction_format format, int64_t bidders)
{
    struct format_case sealed = {.rules = format_rules(format), .bidders = bidders};
    sealed.lots[0] = room_lot(100);
    return sealed;
}

struct sealed_bid {
    int64_t bidder;
    int64_t amount_minor;
    int64_t quantity;
};

struct sealed_row {
    const char *what;
    int64_t reserve_minor;
    struct sealed_bid bids[6];
    int64_t winner;      // 0: unsold
    int64_t first_minor; // price of sealed first-price
    int64_t vickrey_minor;
    enum unsold_reason unsold;
};

static const struct sealed_row one_piece[] = {
    {"the highest wins", 0, {{1, 300, 1}, {2, 500, 1}, {3, 400, 1}}, 2, 500, 400, 0},
    {"whatever the order of arrival", 0, {{3, 400, 1}, {2, 500, 1}, {1, 300, 1}}, 2, 500, 400, 0},
    {"one bid pays the opening in a vickrey sale", 0, {{3, 900, 1}}, 3, 900, 100, 0},
    {"one bid pays the reserve in a vickrey sale", 600, {{3, 900, 1}}, 3, 900, 600, 0},
    {"the reserve lifts the second price", 600, {{1, 900, 1}, {2, 500, 1}}, 1, 900, 600, 0},
    {"a second price above the reserve stays", 600, {{1, 900, 1}, {2, 700, 1}}, 1, 900, 700, 0},
    {"an offer of the opening counts", 0, {{1, 100, 1}}, 1, 100, 100, 0},
    {"the reserve itself is enough", 600, {{1, 600, 1}, {2, 100, 1}}, 1, 600, 600, 0},
    {"below the reserve", 600, {{1, 599, 1}, {2, 500, 1}}, 0, 0, 0, UNSOLD_RESERVE_NOT_MET},
    {"no bid", 600, {{0, 0, 0}}, 0, 0, 0, UNSOLD_NO_BIDS},
    {"a tie goes to the earlier at the bid", 0, {{2, 500, 1}, {1, 500, 1}}, 2, 500, 500, 0},
    {"a tie of three", 0, {{3, 500, 1}, {1, 500, 1}, {2, 500, 1}}, 3, 500, 500, 0},
    {"the last bid of a bidder counts, higher",
     0,
     {{1, 200, 1}, {2, 300, 1}, {1, 400, 1}},
     1,
     400,
     300,
     0},
    {"the last bid of a bidder counts, lower",
     0,
     {{1, 400, 1}, {2, 300, 1}, {1, 200, 1}},
     2,
     300,
     200,
     0},
    {"a replaced bid is as late as its replacement",
     0,
     {{1, 200, 1}, {2, 300, 1}, {1, 300, 1}},
     2,
     300,
     300,
     0},
    {"nobody stands against himself", 0, {{1, 200, 1}, {1, 800, 1}}, 1, 800, 100, 0},
};

static void place_all(struct room *room, const struct sealed_bid *bids, size_t count)
{
    for (size_t i = 0; i < count && bids[i].bidder > 0; i++) {
        expect_code(
            format_offer(room, bids[i].bidder, "l1", bids[i].amount_minor, bids[i].quantity),
            ERROR_NONE);
        expect_facts(room, EVENT_MAX_PLACED);
        room_wait(room, 1);
    }
}

static void play_one_piece(enum auction_format format, const struct sealed_row *row)
{
    struct room room;
    struct format_case sealed = sealed_case(format, 3);
    sealed.lots[0].reserve_minor = row->reserve_minor;
    format_open(&room, &sealed);
    place_all(&room, row->bids, 6);
    room_wait(&room, 30000);
    int64_t spent[3] = {0};
    if (row->winner > 0) {
        int64_t price = format == FORMAT_VICKREY ? row->vickrey_minor : row->first_minor;
        expect_sold(&room, row->winner, price, 1, CLOSE_TIME);
        spent[row->winner - 1] = price;
    } else {
        expect_unsold(&room, row->unsold);
    }
    expect_spent(&room, 3, spent);
    room_close(&room);
}

static void of_sealed_bids_the_highest_wins_at_its_own_price_or_at_the_second(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof one_piece / sizeof one_piece[0]; i++) {
        print_message("%s\n", one_piece[i].what);
        play_one_piece(FORMAT_SEALED_FIRST, &one_piece[i]);
        play_one_piece(FORMAT_VICKREY, &one_piece[i]);
    }
}

struct uniform_row {
    const char *what;
    int64_t quantity;
    int64_t reserve_minor;
    struct sealed_bid bids[6];
    int64_t price_minor; // 0: unsold
    int64_t pieces[4];   // of each bidder
    enum unsold_reason unsold;
};

static const struct uniform_row several[] = {
    {"all pay the lowest winning price",
     10,
     0,
     {{1, 500, 4}, {2, 400, 4}, {3, 300, 2}, {4, 200, 5}},
     300,
     {4, 4, 2, 0},
     0},
    {"the last winner gets a part",
     10,
     0,
     {{1, 500, 4}, {2, 400, 4}, {3, 300, 5}, {4, 200, 5}},
     300,
     {4, 4, 2, 0},
     0},
    {"of equal prices the earlier first",
     5,
     0,
     {{4, 300, 2}, {3, 300, 2}, {2, 300, 2}, {1, 300, 2}},
     300,
     {0, 1, 2, 2},
     0},
    {"more pieces than are wanted", 100, 0, {{1, 500, 4}, {2, 400, 4}}, 400, {4, 4, 0, 0}, 0},
    {"one bidder", 10, 0, {{2, 500, 4}}, 500, {0, 4, 0, 0}, 0},
    {"one piece: the highest pays his bid", 1, 0, {{1, 300, 1}, {2, 500, 1}}, 500, {0, 1, 0, 0}, 0},
    {"bids below the reserve get nothing",
     10,
     400,
     {{1, 500, 4}, {2, 400, 4}, {3, 399, 2}},
     400,
     {4, 4, 0, 0},
     0},
    {"all below the reserve", 10, 400, {{1, 399, 4}, {2, 100, 4}}, 0, {0}, UNSOLD_RESERVE_NOT_MET},
    {"no bid", 10, 400, {{0, 0, 0}}, 0, {0}, UNSOLD_NO_BIDS},
    {"the last bid of a bidder counts",
     10,
     0,
     {{1, 500, 10}, {2, 400, 4}, {1, 300, 3}},
     300,
     {3, 4, 0, 0},
     0},
    {"nothing is left for the second", 4, 0, {{1, 200, 4}, {2, 700, 4}}, 700, {0, 4, 0, 0}, 0},
};

static void play_uniform(const struct uniform_row *row)
{
    struct room room;
    struct format_case uniform = sealed_case(FORMAT_UNIFORM, 4);
    uniform.lots[0].quantity = row->quantity;
    uniform.lots[0].reserve_minor = row->reserve_minor;
    format_open(&room, &uniform);
    place_all(&room, row->bids, 6);
    room_wait(&room, 30000);
    int64_t spent[4] = {0};
    int64_t total = 0;
    int64_t winners = 0;
    int64_t winner = 0;
    for (int64_t i = 0; i < 4; i++) {
        spent[i] = row->pieces[i] * row->price_minor;
        total += row->pieces[i];
        winners += row->pieces[i] > 0;
        winner = row->pieces[i] > 0 ? i + 1 : winner;
    }
    if (total > 0) {
        expect_sold(&room, winners == 1 ? winner : 0, row->price_minor, total, CLOSE_TIME);
        assert_int_equal(room_lot_at(&room, 0)->awards_count, winners);
        assert_int_equal(room_lot_at(&room, 0)->quantity_left, row->quantity - total);
    } else {
        expect_unsold(&room, row->unsold);
    }
    expect_spent(&room, 4, spent);
    room_close(&room);
}

static void of_several_pieces_all_winners_pay_the_lowest_winning_price(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof several / sizeof several[0]; i++) {
        print_message("%s\n", several[i].what);
        play_uniform(&several[i]);
    }
}

static int64_t draw(uint64_t *seed, int64_t below)
{
    *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (int64_t)(*seed >> 33) % below;
}

// Piece by piece: each goes to the bidder with the highest price who still wants one, the earlier of
// equals; the price of the last one is everybody's.
static int64_t pieces_one_by_one(const struct sealed_bid *bids, size_t count, int64_t quantity,
                                 int64_t pieces[6])
{
    int64_t price = 0;
    for (; quantity > 0; quantity--) {
        size_t best = count;
        for (size_t i = 0; i < count; i++) {
            bool wants = pieces[bids[i].bidder - 1] < bids[i].quantity;
            if (wants && (best == count || bids[i].amount_minor > bids[best].amount_minor)) {
                best = i;
            }
        }
        if (best == count) {
            break;
        }
        pieces[bids[best].bidder - 1]++;
        price = bids[best].amount_minor;
    }
    return price;
}

static void any_offers_are_served_as_if_the_pieces_were_sold_one_by_one(void **state)
{
    (void)state;
    uint64_t seed = 4;
    for (int round = 0; round < 300; round++) {
        struct room room;
        struct format_case uniform = sealed_case(FORMAT_UNIFORM, 6);
        uniform.lots[0].quantity = 1 + draw(&seed, 12);
        format_open(&room, &uniform);
        struct sealed_bid bids[6];
        size_t count = 1 + (size_t)draw(&seed, 6);
        int64_t first = draw(&seed, 6);
        for (size_t i = 0; i < count; i++) { // few prices, so that many are equal
            bids[i] = (struct sealed_bid){
                .bidder = 1 + (first + (int64_t)i) % 6,
                .amount_minor = 100 + draw(&seed, 4),
                .quantity = 1 + draw(&seed, uniform.lots[0].quantity),
            };
        }
        place_all(&room, bids, count);
        room_wait(&room, 30000);
        int64_t pieces[6] = {0};
        int64_t price = pieces_one_by_one(bids, count, uniform.lots[0].quantity, pieces);
        int64_t spent[6];
        for (size_t i = 0; i < 6; i++) {
            spent[i] = pieces[i] * price;
        }
        expect_spent(&room, 6, spent);
        room_close(&room);
    }
}

// Truth pays: whatever the others offer, no offer gains more than the true worth (Vickrey 1961).
static void in_a_vickrey_sale_no_offer_gains_more_than_the_true_worth(void **state)
{
    (void)state;
    uint64_t seed = 9;
    for (int round = 0; round < 100; round++) {
        int64_t worth = 100 + draw(&seed, 50);
        int64_t others[2] = {100 + draw(&seed, 50), 100 + draw(&seed, 50)};
        int64_t gain[2];
        for (int honest = 0; honest <= 1; honest++) {
            struct room room;
            struct format_case vickrey = sealed_case(FORMAT_VICKREY, 3);
            format_open(&room, &vickrey);
            int64_t offered = honest == 1 ? worth : 100 + draw(&seed, 60);
            expect_code(format_offer(&room, 2, "l1", others[0], 1), ERROR_NONE);
            expect_code(format_offer(&room, 1, "l1", offered, 1), ERROR_NONE);
            expect_code(format_offer(&room, 3, "l1", others[1], 1), ERROR_NONE);
            room_wait(&room, 30000);
            int64_t paid = room_bidder(&room, 1)->spent_minor;
            gain[honest] = paid > 0 ? worth - paid : 0;
            room_close(&room);
        }
        assert_true(gain[1] >= gain[0]);
        assert_true(gain[1] >= 0);
    }
}

static const enum auction_format sealed_formats[] = {FORMAT_SEALED_FIRST, FORMAT_VICKREY,
                                                     FORMAT_UNIFORM};

// What the public can see of a lot while bids come in: nothing moves, nothing is counted.
static void nothing_of_a_bid_is_public_before_the_close(void **state)
{
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct room room;
        struct format_case sealed = sealed_case(sealed_formats[i], 3);
        sealed.budget_minor = 2000;
        sealed.slots = 2;
        format_open(&room, &sealed);
        int64_t seq = room.sale->seq;
        int64_t ends_at_ms = room_lot_at(&room, 0)->ends_at_ms;
        room_wait(&room, 29990); // inside of any soft close
        for (int64_t bidder = 1; bidder <= 3; bidder++) {
            expect_code(format_offer(&room, bidder, "l1", 400 - 100 * bidder, 1), ERROR_NONE);
            expect_facts(&room, EVENT_MAX_PLACED);
            assert_null(sale_event_public_name(EVENT_MAX_PLACED));
            const struct lot *lot = room_lot_at(&room, 0);
            assert_int_equal(room.sale->seq, seq);
            assert_int_equal(lot->bids, 0);
            assert_int_equal(lot->price_minor, 0);
            assert_int_equal(lot->leader_index, -1);
            assert_true(lot->ends_at_ms == ends_at_ms);
            assert_int_equal(lot->extensions, 0);
            assert_int_equal(room.sale->recent_bids_count, 0);
            assert_int_equal(sale_ask(room.sale, lot, room.now_ms), 100);
            assert_int_equal(room_bidder(&room, bidder)->held_minor, 0);
            assert_int_equal(room_bidder(&room, bidder)->shown_minor, 0);
            assert_int_equal(room_bidder(&room, bidder)->slots_held, 0);
        }
        room_close(&room);
    }
}

// Also the refusals of a later bidder are those of the first one.
static void the_checks_of_a_bid_do_not_tell_of_another(void **state)
{
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        for (int others = 0; others <= 1; others++) {
            struct room room;
            struct format_case sealed = sealed_case(sealed_formats[i], 2);
            sealed.rules.sanity_factor = 10;
            sealed.rules.strict = true;
            sealed.lots[0].quantity = sealed_formats[i] == FORMAT_UNIFORM ? 5 : 1;
            format_open(&room, &sealed);
            if (others == 1) {
                expect_code(format_offer(&room, 1, "l1", 777, 1), ERROR_NONE);
            }
            expect_code(format_offer(&room, 2, "l1", 99, 1), ERROR_BELOW_ASK);
            expect_code(format_offer(&room, 2, "l1", 1001, 1), ERROR_ABOVE_SANITY);
            expect_code(format_offer(&room, 2, "l1", 1000, 1), ERROR_NONE);
            expect_code(format_offer(&room, 2, "l1", 0, 1), ERROR_BAD_AMOUNT);
            expect_code(format_offer(&room, 2, "l1", 100, 6), ERROR_BAD_QUANTITY);
            expect_code(format_offer(&room, 2, "l1", 777, 1), ERROR_NONE);
            expect_code(format_offer(&room, 2, "l1", 777, 1), ERROR_NONE);
            room_wait(&room, 30000);
            expect_code(format_offer(&room, 2, "l1", 900, 1), ERROR_NOT_ACTIVE);
            room_close(&room);
        }
    }
}

static void a_floor_reserve_refuses_what_is_below(void **state)
{
    (void)state;
    struct room room;
    struct format_case sealed = sealed_case(FORMAT_SEALED_FIRST, 1);
    sealed.rules.reserve_mode = RESERVE_FLOOR;
    sealed.lots[0].reserve_minor = 300;
    format_open(&room, &sealed);
    expect_code(format_offer(&room, 1, "l1", 299, 1), ERROR_BELOW_RESERVE);
    expect_code(format_offer(&room, 1, "l1", 300, 1), ERROR_NONE);
    room_close(&room);
}

static void a_bid_must_fit_the_budget_when_it_is_placed(void **state)
{
    (void)state;
    struct room room;
    struct format_case sealed = sealed_case(FORMAT_SEALED_FIRST, 2);
    sealed.budget_minor = 1000;
    sealed.slots = 3;
    sealed.minimum_minor = 10;
    format_open(&room, &sealed);
    expect_code(format_offer(&room, 1, "l1", 1001, 1), ERROR_INSUFFICIENT_BUDGET);
    expect_code(format_offer(&room, 1, "l1", 981, 1), ERROR_RESERVE_FOR_ROSTER);
    expect_code(format_offer(&room, 1, "l1", 980, 1), ERROR_NONE);
    room_close(&room);
}

// Three lots at once, and a budget of 1,000.
static void a_bid_is_cut_at_the_close_to_what_its_bidder_can_still_pay(void **state)
{
    (void)state;
    struct room room;
    struct sale_definition definition = room_definition();
    definition.rules.lot = format_rules(FORMAT_SEALED_FIRST);
    definition.rules.flow = FLOW_PARALLEL;
    definition.rules.stagger_ms = 1000;
    definition.roster = (struct roster_rules){.enabled = true, .budget_minor = 1000};
    struct lot_definition lots[] = {room_lot(100), room_lot(100), room_lot(100)};
    room_open(&room, &definition, lots, 3);
    room_join(&room, 2);
    expect_code(room_staff(&room, SALE_OP_BEGIN), ERROR_NONE);
    expect_code(format_offer(&room, 1, "l1", 700, 1), ERROR_NONE);
    expect_code(format_offer(&room, 1, "l2", 700, 1), ERROR_NONE); // nothing is held meanwhile
    expect_code(format_offer(&room, 1, "l3", 950, 1), ERROR_NONE);
    expect_code(format_offer(&room, 2, "l2", 400, 1), ERROR_NONE);
    room_wait(&room, 30000);
    assert_int_equal(room_bidder(&room, 1)->spent_minor, 700);
    room_wait(&room, 1000); // 700 counts as 300
    expect_sold(&room, 2, 400, 1, CLOSE_TIME);
    room_wait(&room, 1000); // alone, cut to 300
    expect_sold(&room, 1, 300, 1, CLOSE_TIME);
    expect_spent_all(&room, 1000, 400);
    room_close(&room);
}

static void a_bid_for_several_pieces_must_fit_the_budget_with_all_of_them(void **state)
{
    (void)state;
    struct room room;
    struct format_case uniform = sealed_case(FORMAT_UNIFORM, 1);
    uniform.lots[0].quantity = 5;
    uniform.budget_minor = 1000;
    format_open(&room, &uniform);
    expect_code(format_offer(&room, 1, "l1", 300, 4), ERROR_INSUFFICIENT_BUDGET);
    expect_code(format_offer(&room, 1, "l1", 250, 4), ERROR_NONE);
    room_close(&room);
}

static void of_several_pieces_a_bid_is_cut_to_those_that_can_be_paid(void **state)
{
    (void)state;
    struct room room;
    struct sale_definition definition = room_definition();
    definition.rules.lot = format_rules(FORMAT_UNIFORM);
    definition.rules.flow = FLOW_PARALLEL;
    definition.rules.stagger_ms = 1000;
    definition.roster = (struct roster_rules){.enabled = true, .budget_minor = 1000};
    struct lot_definition lots[] = {room_lot(100), room_lot(100)};
    lots[0].quantity = 3;
    lots[1].quantity = 5;
    room_open(&room, &definition, lots, 2);
    room_join(&room, 2);
    expect_code(room_staff(&room, SALE_OP_BEGIN), ERROR_NONE);
    expect_code(format_offer(&room, 1, "l1", 200, 3), ERROR_NONE);
    expect_code(format_offer(&room, 1, "l2", 150, 5), ERROR_NONE);
    expect_code(format_offer(&room, 2, "l2", 100, 5), ERROR_NONE);
    room_wait(&room, 30000);
    assert_int_equal(room_bidder(&room, 1)->spent_minor, 600);
    room_wait(&room, 1000); // 400 pay two pieces at 150
    expect_sold(&room, 0, 100, 5, CLOSE_TIME);
    expect_spent_all(&room, 600 + 200, 300);
    room_close(&room);
}

static void the_bid_of_a_blocked_bidder_does_not_count(void **state)
{
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct room room;
        struct format_case sealed = sealed_case(sealed_formats[i], 2);
        format_open(&room, &sealed);
        expect_code(format_offer(&room, 1, "l1", 900, 1), ERROR_NONE);
        expect_code(format_offer(&room, 2, "l1", 500, 1), ERROR_NONE);
        room_block(&room, "p1", true);
        room_wait(&room, 30000);
        expect_sold(&room, 2, sealed_formats[i] == FORMAT_VICKREY ? 100 : 500, 1, CLOSE_TIME);
        room_close(&room);
    }
}

// Nothing is held before the close: what follows is decided on the purses after it.
static void the_sale_completes_when_the_close_fills_the_last_roster(void **state)
{
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct room room;
        struct format_case sealed = sealed_case(sealed_formats[i], 1);
        sealed.lots[1] = room_lot(100);
        sealed.lots_count = 2;
        sealed.budget_minor = 1000;
        sealed.slots = 1;
        format_open(&room, &sealed);
        expect_code(format_offer(&room, 1, "l1", 500, 1), ERROR_NONE);
        room_wait(&room, 30000);
        assert_int_equal(room.sale->phase, SALE_COMPLETE);
        assert_int_equal(room.sale->complete_reason, COMPLETE_ROSTERS_FULL);
        room_close(&room);
    }
}

static void the_sale_completes_when_the_pieces_take_the_last_money(void **state)
{
    (void)state;
    struct room room;
    struct format_case uniform = sealed_case(FORMAT_UNIFORM, 1);
    uniform.lots[0].quantity = 2;
    uniform.lots[1] = room_lot(100);
    uniform.lots_count = 2;
    uniform.budget_minor = 1000;
    format_open(&room, &uniform);
    expect_code(format_offer(&room, 1, "l1", 500, 2), ERROR_NONE);
    room_wait(&room, 30000);
    assert_int_equal(room.sale->phase, SALE_COMPLETE);
    assert_int_equal(room.sale->complete_reason, COMPLETE_NOBODY_CAN_AFFORD);
    room_close(&room);
}

static void a_pause_and_an_outage_in_the_middle_change_no_result(void **state)
{
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct room room;
        struct format_case sealed = sealed_case(sealed_formats[i], 2);
        format_open(&room, &sealed);
        expect_code(format_offer(&room, 1, "l1", 400, 1), ERROR_NONE);
        room_wait(&room, 10000);
        expect_code(room_staff(&room, SALE_OP_PAUSE), ERROR_NONE);
        expect_code(format_offer(&room, 2, "l1", 700, 1), ERROR_PAUSED);
        room_wait(&room, 100000);
        expect_code(room_staff(&room, SALE_OP_RESUME), ERROR_NONE);
        expect_code(format_offer(&room, 2, "l1", 700, 1), ERROR_NONE);
        int64_t alive_at_ms = room.now_ms + 5000;
        room.now_ms += 15000;
        room_engine_start(&room, alive_at_ms);
        room_wait(&room, 14999);
        assert_int_equal(room_lot_at(&room, 0)->phase, LOT_OPEN);
        room_wait(&room, 1);
        expect_sold(&room, 2, sealed_formats[i] == FORMAT_VICKREY ? 400 : 700, 1, CLOSE_TIME);
        room_close(&room);
    }
}

static void awards_of_a_damaged_ledger_are_corrupt(void **state)
{
    (void)state;
    struct room room;
    struct format_case uniform = sealed_case(FORMAT_UNIFORM, 1);
    uniform.lots[0].quantity = 5;
    format_open(&room, &uniform);
    static const struct award bad[] = {
        {{"p9"}, 1, 100}, {{""}, 1, 100}, {{"p1"}, 0, 100},
        {{"p1"}, 6, 100}, {{"p1"}, 1, 0}, {{"p1"}, INT64_MAX, 100},
    };
    struct sale_event event = {.kind = EVENT_LOT_AWARDED, .at_ms = room.now_ms};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        event.as.lot_awarded.awards = &bad[i];
        event.as.lot_awarded.count = 1;
        assert_int_equal(sale_apply(room.sale, &event), LC_ERR_CORRUPT);
    }
    struct award twice[] = {{{"p1"}, 3, 100}, {{"p1"}, 3, 100}};
    event.as.lot_awarded.awards = twice;
    event.as.lot_awarded.count = 2;
    assert_int_equal(sale_apply(room.sale, &event), LC_ERR_CORRUPT);
    event.as.lot_awarded.count = 0;
    assert_int_equal(sale_apply(room.sale, &event), LC_ERR_CORRUPT);
    assert_int_equal(room_lot_at(&room, 0)->quantity_left, 5);
    assert_int_equal(room_bidder(&room, 1)->spent_minor, 0);
    twice[1].quantity = 2;
    event.as.lot_awarded.count = 2;
    assert_int_equal(sale_apply(room.sale, &event), LC_OK);
    assert_int_equal(room_bidder(&room, 1)->spent_minor, 500);
    assert_int_equal(room_bidder(&room, 1)->slots_taken, 1); // one lot is one place
    room_close(&room);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(of_sealed_bids_the_highest_wins_at_its_own_price_or_at_the_second),
        cmocka_unit_test(of_several_pieces_all_winners_pay_the_lowest_winning_price),
        cmocka_unit_test(any_offers_are_served_as_if_the_pieces_were_sold_one_by_one),
        cmocka_unit_test(in_a_vickrey_sale_no_offer_gains_more_than_the_true_worth),
        cmocka_unit_test(nothing_of_a_bid_is_public_before_the_close),
        cmocka_unit_test(the_checks_of_a_bid_do_not_tell_of_another),
        cmocka_unit_test(a_floor_reserve_refuses_what_is_below),
        cmocka_unit_test(a_bid_must_fit_the_budget_when_it_is_placed),
        cmocka_unit_test(a_bid_is_cut_at_the_close_to_what_its_bidder_can_still_pay),
        cmocka_unit_test(a_bid_for_several_pieces_must_fit_the_budget_with_all_of_them),
        cmocka_unit_test(of_several_pieces_a_bid_is_cut_to_those_that_can_be_paid),
        cmocka_unit_test(the_bid_of_a_blocked_bidder_does_not_count),
        cmocka_unit_test(the_sale_completes_when_the_close_fills_the_last_roster),
        cmocka_unit_test(the_sale_completes_when_the_pieces_take_the_last_money),
        cmocka_unit_test(a_pause_and_an_outage_in_the_middle_change_no_result),
        cmocka_unit_test(awards_of_a_damaged_ledger_are_corrupt),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
