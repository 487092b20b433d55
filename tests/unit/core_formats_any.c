// All formats in one sale, whatever is done in whatever order: money and places stay exact.
#include "formats_room.h"

#include "auction-svc/core/held.h"

enum { BIDDERS = 4, BUDGET = 4000, SLOTS = 5, MINIMUM = 10, STEPS = 150, SEEDS = 40 };

static int64_t draw(uint64_t *seed, int64_t below)
{
    *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (int64_t)(*seed >> 33) % below;
}

static void open_all(struct room *room, uint64_t *seed)
{
    struct sale_definition definition = room_definition();
    struct lot_definition lots[AUCTION_FORMAT_COUNT];
    definition.rules.flow = draw(seed, 3) > 0 ? FLOW_PARALLEL : FLOW_SEQUENTIAL;
    definition.rules.stagger_ms = 700;
    definition.rules.unsold_rounds = draw(seed, 2);
    definition.roster = (struct roster_rules){
        .enabled = true, .budget_minor = BUDGET, .slots = SLOTS, .minimum_minor = MINIMUM};
    memset(definition.seed, 7, sizeof definition.seed);
    for (unsigned format = 0; format < AUCTION_FORMAT_COUNT; format++) {
        struct lot_definition *lot = &lots[format];
        *lot = room_lot(100 + 50 * draw(seed, 4));
        lot->has_rules = true;
        lot->rules = format_rules((enum auction_format)format);
        lot->rules.increments = increment_table_flat(20, false);
        lot->rules.price_step_minor = 10 + draw(seed, 30);
        lot->rules.price_tick_ms = 300 + draw(seed, 1000);
        lot->rules.dutch_raise_minor = draw(seed, 40);
        lot->rules.candle_ending_ms = 1 + draw(seed, 9000);
        lot->rules.duration_ms = 10000;
        lot->rules.soft_close.window_ms = 1000 * draw(seed, 3);
        lot->rules.reserve_mode = (enum reserve_mode)draw(seed, 5);
        lot->reserve_minor = draw(seed, 2) * 80;
        if (format == FORMAT_DUTCH || format == FORMAT_UNIFORM) {
            lot->quantity = 1 + draw(seed, 6);
        }
    }
    room_open(room, &definition, lots, AUCTION_FORMAT_COUNT);
    room_join(room, BIDDERS);
    expect_code(room_staff(room, SALE_OP_BEGIN), ERROR_NONE);
    room_wait(room, 1);
}

struct money {
    int64_t spent_minor;
    int64_t held_minor;
    int64_t places_taken;
    int64_t places_held;
};

static void add_lot(const struct room *room, const struct lot *lot, int64_t index,
                    struct money *money)
{
    const struct participant_id *id = &room->sale->participants[index].id;
    bool has_pieces = lot_has_award(lot, id);
    for (size_t i = 0; i < lot->awards_count; i++) {
        if (strcmp(lot->awards[i].winner.text, id->text) == 0) {
            money->spent_minor += lot->awards[i].price_minor * lot->awards[i].quantity;
        }
    }
    if (has_pieces) {
        money->places_taken++;
    } else if (lot->phase == LOT_SOLD && lot->leader_index == index) {
        money->spent_minor += lot->price_minor;
        money->places_taken++;
    } else if (lot_is_running(lot)) {
        struct held held = lot_held_by(room->sale, lot, index);
        money->held_minor += held.held_minor;
        money->places_held += held.places;
    }
}

static void expect_exact_money(const struct room *room)
{
    for (int64_t i = 0; i < BIDDERS; i++) {
        struct money money = {0};
        for (size_t k = 0; k < room->sale->lots_count; k++) {
            add_lot(room, &room->sale->lots[k], i, &money);
        }
        const struct participant *participant = &room->sale->participants[i];
        assert_int_equal(participant->spent_minor, money.spent_minor);
        assert_int_equal(participant->held_minor, money.held_minor);
        assert_int_equal(participant->slots_taken, money.places_taken);
        assert_int_equal(participant->slots_held, money.places_held);
        assert_true(participant->shown_minor <= participant->held_minor);
        // Never more than the budget, and the minimum stays for each open place.
        int64_t open = SLOTS - money.places_taken - money.places_held;
        assert_true(open >= 0);
        assert_true(money.spent_minor + money.held_minor + open * MINIMUM <= BUDGET);
    }
}

static const struct lot *any_lot(const struct room *room, uint64_t *seed)
{
    return &room->sale->lots[draw(seed, AUCTION_FORMAT_COUNT)];
}

static void any_bidder_acts(struct room *room, uint64_t *seed)
{
    const struct lot *lot = any_lot(room, seed);
    struct sale_command command = {.op = SALE_OP_BID, .role = ROLE_BIDDER};
    snprintf(command.by.text, sizeof command.by.text, "p%d", (int)(1 + draw(seed, BIDDERS)));
    int64_t ask = sale_ask(room->sale, lot, room->now_ms);
    switch (draw(seed, 6)) {
    case 0:
        command.op = SALE_OP_PASS;
        command.as.lot.lot = lot->id;
        break;
    case 1:
        command.op = SALE_OP_SET_MAX;
        command.as.set_max.lot = lot->id;
        command.as.set_max.max_minor = ask + draw(seed, 600);
        break;
    default:
        command.as.bid.lot = lot->id;
        command.as.bid.amount_minor = ask + 20 * draw(seed, 8) - 20;
        command.as.bid.quantity = draw(seed, 4);
        break;
    }
    (void)room_command(room, &command);
}

static void any_staff_acts(struct room *room, uint64_t *seed)
{
    const struct lot *lot = any_lot(room, seed);
    struct sale_command command = {.op = SALE_OP_NEXT, .role = ROLE_ADMIN};
    switch (draw(seed, 8)) {
    case 0:
        command.as.next.lot = lot->id;
        break;
    case 1:
    case 2:
        command.op = SALE_OP_UNDO;
        command.as.undo.lot = lot->id;
        break;
    case 3:
        command.op = SALE_OP_WITHDRAW_LOT;
        command.as.withdraw_lot.lot = lot->id;
        break;
    case 4:
        command.op = SALE_OP_BLOCK;
        command.as.block.participant = (struct participant_id){"p1"};
        command.as.block.blocked = room->sale->participants[0].status == PARTICIPANT_ACCEPTED;
        break;
    case 5:
        command.op = SALE_OP_REOPEN;
        command.as.lot.lot = lot->id;
        break;
    default:
        command.op = room->sale->phase == SALE_PAUSED ? SALE_OP_RESUME : SALE_OP_PAUSE;
        break;
    }
    (void)room_command(room, &command);
}

static void any_commands_on_all_formats_keep_money_and_places_exact(void **state)
{
    (void)state;
    int64_t sold[AUCTION_FORMAT_COUNT] = {0};
    for (uint64_t start = 1; start <= SEEDS; start++) {
        uint64_t seed = start;
        struct room room;
        open_all(&room, &seed);
        for (int step = 0; step < STEPS && room.sale->phase != SALE_COMPLETE; step++) {
            int64_t what = draw(&seed, 12);
            if (what == 0) {
                any_staff_acts(&room, &seed);
            } else if (what == 1) {
                int64_t alive_at_ms = room.now_ms + draw(&seed, 500);
                room.now_ms += draw(&seed, 3000);
                room_engine_start(&room, alive_at_ms);
            } else if (what < 4) {
                room_wait(&room, draw(&seed, 1500));
            } else {
                any_bidder_acts(&room, &seed);
            }
            room_wait(&room, draw(&seed, 100));
            expect_exact_money(&room);
        }
        for (size_t i = 0; i < room.sale->lots_count; i++) {
            sold[i] += room.sale->lots[i].phase == LOT_SOLD;
        }
        room_close(&room);
    }
    for (size_t i = 0; i < AUCTION_FORMAT_COUNT; i++) {
        assert_true(sold[i] > 0); // else the test tests nothing
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_commands_on_all_formats_keep_money_and_places_exact),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
