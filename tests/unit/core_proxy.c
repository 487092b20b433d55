// Properties of maximum bids (rules 3) over seeded random sales: the order of arrival does not
// matter, never above a maximum, never against oneself, the price never falls but by an undo, and
// nobody stakes more than he has.
#include "auction-svc/core/format.h"
#include "bidding_room.h"

enum { BIDDERS = 5, SETS = 300, ORDERS = 6, WALKS = 40, STEPS = 120, LOTS = 3 };

static uint64_t random_state;

static int64_t random_in(int64_t from, int64_t to)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return from + (int64_t)(random_state % (uint64_t)(to - from + 1));
}

static struct increment_table random_table(void)
{
    struct increment_table table;
    switch (random_in(0, 4)) {
    case 0:
        assert_true(increment_table_preset(bytes_text("ebay_us"), &table));
        return table;
    case 1:
        assert_true(increment_table_preset(bytes_text("saleroom"), &table));
        return table;
    case 2:
        return (struct increment_table){.kind = INCREMENT_PERCENT, .as.percent = {500, 5, 1}};
    case 3:
        return increment_table_flat(random_in(1, 60), true);
    default:
        return increment_table_flat(random_in(1, 60), false);
    }
}

static enum error_code set_recorded(struct room *room, int64_t bidder, int64_t max_minor)
{
    struct sale_command command = {.op = SALE_OP_SET_MAX, .role = ROLE_BIDDER};
    command.by = room_bidder(room, bidder)->id;
    command.as.set_max.lot = (struct lot_id){"l1"};
    command.as.set_max.max_minor = max_minor;
    command.as.set_max.as_recorded = true;
    return room_command(room, &command);
}

struct placing {
    int64_t bidder;
    int64_t max_minor;
};

static void shuffle(struct placing *set)
{
    for (int64_t i = BIDDERS - 1; i > 0; i--) {
        int64_t j = random_in(0, i);
        struct placing kept = set[i];
        set[i] = set[j];
        set[j] = kept;
    }
}

// What rules 3 say of the whole set: L, S, and of equals the one placed first.
static struct bid_result expected_of(const struct placing *set, const struct increment_table *table,
                                     int64_t opening_minor)
{
    int64_t best = 0;
    int64_t second = 0;
    for (int64_t i = 1; i < BIDDERS; i++) {
        best = set[i].max_minor > set[best].max_minor ? i : best;
    }
    for (int64_t i = 0; i < BIDDERS; i++) {
        bool counts = i != best && set[i].max_minor > second;
        second = counts ? set[i].max_minor : second;
    }
    int64_t next = increment_next(table, second);
    int64_t price = next < set[best].max_minor ? next : set[best].max_minor;
    return (struct bid_result){.leader_index = set[best].bidder - 1,
                               .price_minor = price > opening_minor ? price : opening_minor,
                               .held_minor = set[best].max_minor};
}

static void the_order_of_arrival_decides_nothing_but_a_tie(void **state)
{
    (void)state;
    random_state = 20261128;
    for (int round = 0; round < SETS; round++) {
        struct sale_definition definition = bidding_definition();
        struct lot_definition lot = room_lot(100);
        definition.rules.lot.increments = random_table();
        struct placing set[BIDDERS];
        int64_t most = random_in(0, 1) == 0 ? 130 : 3000; // few values make ties
        for (int64_t i = 0; i < BIDDERS; i++) {
            set[i] = (struct placing){i + 1, random_in(100, most)};
        }
        for (int order = 0; order < ORDERS; order++) {
            struct room room;
            shuffle(set);
            bidding_open(&room, &definition, &lot, 1, BIDDERS);
            for (int64_t i = 0; i < BIDDERS; i++) {
                expect_code(set_recorded(&room, set[i].bidder, set[i].max_minor), ERROR_NONE);
            }
            struct bid_result expected =
                expected_of(set, &definition.rules.lot.increments, lot.opening_minor);
            bidding_expect(&room, 0, expected.leader_index + 1, expected.price_minor,
                           expected.held_minor);
            room_close(&room);
        }
    }
}

static void a_bidder_alone_never_raises_his_own_price(void **state)
{
    (void)state;
    random_state = 4711;
    for (int round = 0; round < 20; round++) {
        struct room room;
        struct sale_definition definition = bidding_definition();
        struct lot_definition lot = room_lot(100);
        definition.rules.lot.increments = random_table();
        bidding_open(&room, &definition, &lot, 1, 2);
        int64_t price_minor = random_in(100, 200);
        expect_code(room_bid(&room, 1, "l1", price_minor), ERROR_NONE);
        for (int i = 0; i < 20; i++) {
            int64_t max_minor = random_in(price_minor, 5000);
            expect_code(room_set_max(&room, 1, "l1", max_minor), ERROR_NONE);
            bidding_expect(&room, 0, 1, price_minor, max_minor);
        }
        expect_code(room_withdraw_max(&room, 1, "l1"), ERROR_NONE);
        bidding_expect(&room, 0, 1, price_minor, price_minor);
        room_close(&room);
    }
}

static void open_random(struct room *room)
{
    struct sale_definition definition = bidding_definition();
    struct lot_definition lots[LOTS];
    definition.rules.flow = FLOW_PARALLEL;
    definition.rules.lot.increments = random_table();
    definition.rules.lot.reserve_mode = (enum reserve_mode)random_in(0, RESERVE_FLOOR);
    definition.rules.lot.retraction = random_in(0, 3) == 0 ? RETRACTION_RESET : RETRACTION_REVIVE;
    definition.roster.enabled = random_in(0, 1) == 1;
    definition.roster.budget_minor = random_in(300, 2000);
    definition.roster.slots = random_in(0, LOTS);
    definition.roster.minimum_minor = random_in(0, 80);
    if (!definition.roster.enabled) {
        definition.roster = (struct roster_rules){0};
    }
    for (size_t i = 0; i < LOTS; i++) {
        lots[i] = room_lot(100);
        lots[i].category = bytes_text("a");
        lots[i].reserve_minor = random_in(0, 1) * random_in(100, 600);
    }
    definition.category_caps_count = (size_t)random_in(0, 1);
    definition.category_caps[0] = (struct category_cap){"a", random_in(1, LOTS)};
    bidding_open(room, &definition, lots, LOTS, BIDDERS);
}

static enum sale_op random_step(struct room *room)
{
    const char *lot = (const char *const[]){"l1", "l2", "l3"}[random_in(0, LOTS - 1)];
    int64_t lot_index = lot[1] - '1';
    int64_t bidder = random_in(1, BIDDERS);
    int64_t ask = sale_ask(room->sale, room_lot_at(room, lot_index), room->now_ms);
    switch (random_in(0, 11)) {
    case 0:
        (void)bidding_undo(room, lot);
        return SALE_OP_UNDO;
    case 1:
        (void)room_withdraw_max(room, bidder, lot);
        return SALE_OP_WITHDRAW_MAX;
    case 2:
        room_block(room, room_bidder(room, bidder)->id.text, random_in(0, 2) == 0);
        return SALE_OP_BLOCK;
    case 3:
        (void)bidding_floor(room, room_bidder(room, bidder)->paddle, lot, ask);
        return SALE_OP_FLOOR_BID;
    case 4:
    case 5:
    case 6:
    case 7:
        (void)room_set_max(room, bidder, lot, ask + random_in(-20, 400));
        return SALE_OP_SET_MAX;
    default:
        (void)room_bid(room, bidder, lot, ask + random_in(0, 2) * random_in(-5, 60));
        return SALE_OP_BID;
    }
}

static void expect_bounds(const struct room *room, const int64_t *prices_before, enum sale_op op)
{
    for (int64_t i = 0; i < LOTS; i++) {
        const struct lot *lot = room_lot_at(room, i);
        bool fell = lot->price_minor < prices_before[i];
        assert_true(!fell || op == SALE_OP_UNDO);
        assert_true(lot->leader_index < 0 || lot->price_minor <= lot->held_minor);
        assert_true(lot->price_minor == 0 || lot->price_minor >= lot->opening_minor);
        const struct standing *own = NULL;
        for (size_t s = 0; s < lot->standings_count; s++) {
            own = lot->standings[s].by_index == lot->leader_index ? &lot->standings[s] : own;
        }
        int64_t most =
            own != NULL && own->max_minor > lot->price_minor ? own->max_minor : lot->price_minor;
        assert_true(lot->held_minor <= most);
    }
    bidding_expect_sums(room->sale);
    const struct roster_rules *roster = &room->sale->definition.roster;
    for (int64_t p = 1; p <= BIDDERS; p++) {
        const struct participant *bidder = room_bidder(room, p);
        assert_true(!roster->enabled ||
                    bidder->held_minor + bidder->spent_minor <= roster->budget_minor);
        assert_true(roster->slots == 0 ||
                    bidder->slots_held + bidder->slots_taken <= roster->slots);
        assert_true(room->sale->definition.category_caps_count == 0 ||
                    bidder->category_taken[0] <= room->sale->definition.category_caps[0].most);
    }
}

static void bounds_hold_after_each_step_of_a_random_sale(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= WALKS; seed++) {
        struct room room;
        random_state = seed * UINT64_C(0x9e3779b97f4a7c15);
        open_random(&room);
        for (int step = 0; step < STEPS; step++) {
            int64_t prices[LOTS];
            for (int64_t i = 0; i < LOTS; i++) {
                prices[i] = room_lot_at(&room, i)->price_minor;
            }
            expect_bounds(&room, prices, random_step(&room));
        }
        room_close(&room);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_order_of_arrival_decides_nothing_but_a_tie),
        cmocka_unit_test(a_bidder_alone_never_raises_his_own_price),
        cmocka_unit_test(bounds_hold_after_each_step_of_a_random_sale),
    };
    return cmocka_run_group_tests_name("proxy", tests, NULL, NULL);
}
