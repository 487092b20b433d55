#include "bidding_room.h"

struct sale_definition bidding_definition(void)
{
    struct sale_definition definition = room_definition();
    definition.rules.lot.increments = increment_table_flat(10, false);
    definition.rules.lot.soft_close = (struct soft_close){0};
    return definition;
}

void bidding_open(struct room *room, const struct sale_definition *definition,
                  const struct lot_definition *lots, size_t lots_count, int64_t bidders)
{
    room_open(room, definition, lots, lots_count);
    room_join(room, bidders);
    expect_code(room_staff(room, SALE_OP_BEGIN), ERROR_NONE);
    room_wait(room, 3000);
}

static struct sale_command command_of(enum sale_op op, int64_t bidder, const char *lot)
{
    struct sale_command command = {.op = op, .role = ROLE_BIDDER};
    snprintf(command.by.text, sizeof command.by.text, "p%d", (int)bidder);
    assert_true(lot_id_read(bytes_text(lot), &command.as.lot.lot));
    return command;
}

enum error_code bidding_undo(struct room *room, const char *lot)
{
    struct sale_command command = {.op = SALE_OP_UNDO, .role = ROLE_CLERK};
    assert_true(lot_id_read(bytes_text(lot), &command.as.undo.lot));
    command.as.undo.reason = bytes_text("misheard");
    return room_command(room, &command);
}

enum error_code bidding_pass(struct room *room, int64_t bidder, const char *lot)
{
    struct sale_command command = command_of(SALE_OP_PASS, bidder, lot);
    return room_command(room, &command);
}

enum error_code bidding_buy_now(struct room *room, int64_t bidder, const char *lot)
{
    struct sale_command command = command_of(SALE_OP_BUY_NOW, bidder, lot);
    return room_command(room, &command);
}

enum error_code bidding_floor(struct room *room, const char *paddle, const char *lot,
                              int64_t amount_minor)
{
    struct sale_command command = {.op = SALE_OP_FLOOR_BID, .role = ROLE_CLERK};
    assert_true(lot_id_read(bytes_text(lot), &command.as.floor_bid.lot));
    command.as.floor_bid.amount_minor = amount_minor;
    command.as.floor_bid.paddle = bytes_text(paddle);
    return room_command(room, &command);
}

void bidding_set_participant(struct room *room, int64_t bidder, int64_t budget_minor, int64_t slots,
                             int64_t limit_minor)
{
    struct sale_command command = {.op = SALE_OP_SET_PARTICIPANT, .role = ROLE_AUCTIONEER};
    command.as.set_participant.participant = room_bidder(room, bidder)->id;
    command.as.set_participant.status = -1;
    command.as.set_participant.budget_minor = budget_minor;
    command.as.set_participant.slots = slots;
    command.as.set_participant.limit_minor = limit_minor;
    expect_code(room_command(room, &command), ERROR_NONE);
}

void bidding_expect(const struct room *room, int64_t lot_index, int64_t bidder, int64_t price_minor,
                    int64_t held_minor)
{
    const struct lot *lot = room_lot_at(room, lot_index);
    assert_int_equal(lot->price_minor, price_minor);
    assert_int_equal(lot->leader_index, bidder - 1);
    assert_int_equal(lot->held_minor, held_minor);
    bidding_expect_sums(room->sale);
}

void bidding_expect_sums(const struct sale *sale)
{
    for (size_t p = 0; p < sale->participants_count; p++) {
        struct participant sum = {0};
        for (size_t i = 0; i < sale->lots_count; i++) {
            const struct lot *lot = &sale->lots[i];
            int64_t cap = sale_category_cap(sale, lot);
            if (lot->leader_index != (int64_t)p) {
                continue;
            }
            sum.spent_minor += lot->phase == LOT_SOLD ? lot->price_minor : 0;
            sum.slots_taken += lot->phase == LOT_SOLD;
            sum.held_minor += lot_is_running(lot) ? lot->held_minor : 0;
            sum.shown_minor += lot_is_running(lot) ? lot->price_minor : 0;
            sum.slots_held += lot_is_running(lot);
            if (cap >= 0) {
                sum.category_taken[cap]++;
            }
        }
        const struct participant *participant = &sale->participants[p];
        assert_int_equal(participant->spent_minor, sum.spent_minor);
        assert_int_equal(participant->held_minor, sum.held_minor);
        assert_int_equal(participant->shown_minor, sum.shown_minor);
        assert_int_equal(participant->slots_taken, sum.slots_taken);
        assert_int_equal(participant->slots_held, sum.slots_held);
        assert_memory_equal(participant->category_taken, sum.category_taken,
                            sizeof sum.category_taken);
    }
}
