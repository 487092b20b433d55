#include "flow_room.h"

void flow_open(struct room *room, const struct sale_definition *definition, size_t lots_count,
               int64_t bidders)
{
    struct lot_definition lots[FLOW_LOTS_MAX];
    assert_true(lots_count <= FLOW_LOTS_MAX);
    for (size_t i = 0; i < lots_count; i++) {
        lots[i] = room_lot(100);
    }
    room_open(room, definition, lots, lots_count);
    if (bidders > 0) {
        room_join(room, bidders);
    }
    expect_code(room_staff(room, SALE_OP_BEGIN), ERROR_NONE);
}

static struct lot_id lot_of(const char *lot)
{
    struct lot_id id;
    assert_true(lot_id_read(bytes_text(lot), &id));
    return id;
}

static struct sale_command of_staff(enum sale_op op)
{
    return (struct sale_command){.op = op, .role = ROLE_AUCTIONEER};
}

static struct sale_command of_bidder(enum sale_op op, int64_t bidder)
{
    struct sale_command command = {.op = op, .role = ROLE_BIDDER};
    snprintf(command.by.text, sizeof command.by.text, "p%d", (int)bidder);
    return command;
}

enum error_code flow_lot(struct room *room, enum sale_op op, const char *lot)
{
    struct sale_command command = of_staff(op);
    command.as.lot.lot = lot_of(lot);
    return room_command(room, &command);
}

enum error_code flow_sell_below_reserve(struct room *room, const char *lot)
{
    struct sale_command command = of_staff(SALE_OP_SELL);
    command.as.lot.lot = lot_of(lot);
    command.as.lot.below_reserve = true;
    return room_command(room, &command);
}

enum error_code flow_withdraw(struct room *room, const char *lot, const char *reason)
{
    struct sale_command command = of_staff(SALE_OP_WITHDRAW_LOT);
    command.as.withdraw_lot.lot = lot_of(lot);
    command.as.withdraw_lot.reason = bytes_text(reason);
    return room_command(room, &command);
}

enum error_code flow_add_time(struct room *room, const char *lot, int64_t add_ms)
{
    struct sale_command command = of_staff(SALE_OP_ADD_TIME);
    command.as.add_time.lot = lot_of(lot);
    command.as.add_time.add_ms = add_ms;
    return room_command(room, &command);
}

enum error_code flow_set_ask(struct room *room, const char *lot, int64_t ask_minor)
{
    struct sale_command command = of_staff(SALE_OP_SET_ASK);
    command.as.set_ask.lot = lot_of(lot);
    command.as.set_ask.ask_minor = ask_minor;
    return room_command(room, &command);
}

enum error_code flow_take_gavel(struct room *room, const char *console)
{
    struct sale_command command = of_staff(SALE_OP_TAKE_GAVEL);
    command.console = bytes_text(console);
    command.as.take_gavel.name = bytes_text("Eva");
    return room_command(room, &command);
}

enum error_code flow_console(struct room *room, const char *console, enum sale_op op,
                             const char *lot)
{
    struct sale_command command = of_staff(op);
    command.console = bytes_text(console);
    if (lot != NULL) {
        command.as.lot.lot = lot_of(lot);
    }
    return room_command(room, &command);
}

enum error_code flow_stamped_bid(struct room *room, int64_t bidder, const char *lot,
                                 int64_t amount_minor, int64_t stamp_ms)
{
    struct sale_command command = of_bidder(SALE_OP_BID, bidder);
    command.stamp_ms = stamp_ms;
    command.as.bid.lot = lot_of(lot);
    command.as.bid.amount_minor = amount_minor;
    return room_command(room, &command);
}

enum error_code flow_nominate(struct room *room, int64_t bidder, const char *lot)
{
    struct sale_command command = of_bidder(SALE_OP_NOMINATE, bidder);
    command.as.nominate.lot = lot_of(lot);
    return room_command(room, &command);
}

enum error_code flow_names(struct room *room, int64_t bidder, size_t count, const char *const *lots)
{
    struct lot_id ids[SUBMITTED_NAMES_MAX + 1];
    assert_true(count <= SUBMITTED_NAMES_MAX + 1);
    for (size_t i = 0; i < count; i++) {
        ids[i] = lot_of(lots[i]);
    }
    struct sale_command command = of_bidder(SALE_OP_SUBMIT_NAMES, bidder);
    command.as.submit_names.lots = ids;
    command.as.submit_names.count = count;
    return room_command(room, &command);
}

enum error_code flow_match(struct room *room, int64_t bidder, const char *lot, bool accept)
{
    struct sale_command command = of_bidder(SALE_OP_MATCH, bidder);
    command.as.match.lot = lot_of(lot);
    command.as.match.accept = accept;
    return room_command(room, &command);
}

enum error_code flow_raise(struct room *room, int64_t bidder, const char *lot, int64_t amount_minor)
{
    struct sale_command command = of_bidder(SALE_OP_RAISE_MATCH, bidder);
    command.as.match.lot = lot_of(lot);
    command.as.match.amount_minor = amount_minor;
    return room_command(room, &command);
}

int64_t flow_count(const struct room *room, enum lot_phase phase)
{
    int64_t count = 0;
    for (size_t i = 0; i < room->sale->lots_count; i++) {
        count += room->sale->lots[i].phase == phase;
    }
    return count;
}

void flow_expect_purses(const struct room *room)
{
    for (size_t i = 0; i < room->sale->participants_count; i++) {
        const struct participant *participant = &room->sale->participants[i];
        int64_t spent_minor = 0;
        int64_t places = 0;
        for (size_t k = 0; k < room->sale->lots_count; k++) {
            const struct lot *lot = &room->sale->lots[k];
            bool has_won = lot->phase == LOT_SOLD && lot->leader_index == (int64_t)i;
            spent_minor += has_won ? lot->price_minor : 0;
            places += has_won;
        }
        assert_int_equal(participant->held_minor, 0);
        assert_int_equal(participant->shown_minor, 0);
        assert_int_equal(participant->slots_held, 0);
        assert_int_equal(participant->spent_minor, spent_minor);
        assert_int_equal(participant->slots_taken, places);
    }
    assert_int_equal(room->sale->sold_count, flow_count(room, LOT_SOLD));
    assert_int_equal(room->sale->unsold_count, flow_count(room, LOT_UNSOLD));
}
