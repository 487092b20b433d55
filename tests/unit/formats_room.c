#include "formats_room.h"

#include <stdio.h>

struct lot_rules format_rules(enum auction_format format)
{
    struct lot_rules rules = room_definition().rules.lot;
    rules.format = format;
    rules.soft_close.window_ms = 0;
    return rules;
}

void format_open(struct room *room, const struct format_case *format_case)
{
    struct sale_definition definition = room_definition();
    definition.rules.lot = format_case->rules;
    definition.rules.unsold_rounds = 0;
    definition.rules.outage_extension_ms = format_case->outage_extension_ms;
    if (definition.rules.lot.format == FORMAT_CANDLE) {
        memset(definition.seed, 7, sizeof definition.seed);
    }
    if (format_case->budget_minor > 0) {
        definition.roster = (struct roster_rules){.enabled = true,
                                                  .budget_minor = format_case->budget_minor,
                                                  .slots = format_case->slots,
                                                  .minimum_minor = format_case->minimum_minor};
    }
    room_open(room, &definition, format_case->lots,
              format_case->lots_count > 0 ? format_case->lots_count : 1);
    room_join(room, format_case->bidders);
    expect_code(room_staff(room, SALE_OP_BEGIN), ERROR_NONE);
    room_wait(room, 3000);
}

static struct sale_command command_of(enum sale_op op, int64_t bidder)
{
    struct sale_command command = {.op = op, .role = ROLE_BIDDER};
    snprintf(command.by.text, sizeof command.by.text, "p%d", (int)bidder);
    return command;
}

enum error_code format_offer(struct room *room, int64_t bidder, const char *lot,
                             int64_t amount_minor, int64_t quantity)
{
    struct sale_command command = command_of(SALE_OP_BID, bidder);
    assert_true(lot_id_read(bytes_text(lot), &command.as.bid.lot));
    command.as.bid.amount_minor = amount_minor;
    command.as.bid.quantity = quantity;
    return room_command(room, &command);
}

enum error_code format_pass(struct room *room, int64_t bidder, const char *lot)
{
    struct sale_command command = command_of(SALE_OP_PASS, bidder);
    assert_true(lot_id_read(bytes_text(lot), &command.as.lot.lot));
    return room_command(room, &command);
}

size_t format_facts(const struct room *room, enum sale_event_kind kind)
{
    size_t count = 0;
    for (size_t i = 0; i < room->decision.events_count; i++) {
        count += room->decision.events[i].kind == kind;
    }
    return count;
}

const struct sale_event *format_fact(const struct room *room, enum sale_event_kind kind)
{
    for (size_t i = 0; i < room->decision.events_count; i++) {
        if (room->decision.events[i].kind == kind) {
            return &room->decision.events[i];
        }
    }
    fail_msg("no %s", sale_event_ledger_name(kind));
    return NULL;
}

void expect_sold(const struct room *room, int64_t bidder, int64_t price_minor, int64_t quantity,
                 enum close_reason reason)
{
    const struct sale_event *sold = format_fact(room, EVENT_LOT_SOLD);
    char winner[16] = "";
    if (bidder > 0) {
        snprintf(winner, sizeof winner, "p%d", (int)bidder);
    }
    assert_string_equal(sold->as.lot_sold.winner.text, winner);
    assert_int_equal(sold->as.lot_sold.price_minor, price_minor);
    assert_int_equal(sold->as.lot_sold.quantity, quantity);
    assert_int_equal(sold->as.lot_sold.reason, reason);
    const struct lot *lot = room_lot_at(room, sold->as.lot_sold.lot_index);
    assert_int_equal(lot->phase, LOT_SOLD);
    assert_int_equal(lot->leader_index, bidder > 0 ? bidder - 1 : -1);
}

void expect_unsold(const struct room *room, enum unsold_reason reason)
{
    const struct sale_event *unsold = format_fact(room, EVENT_LOT_UNSOLD);
    assert_int_equal(unsold->as.lot_unsold.reason, reason);
    assert_int_equal(room_lot_at(room, unsold->as.lot_unsold.lot_index)->phase, LOT_UNSOLD);
}

void expect_spent(const struct room *room, size_t count, const int64_t *spent_minor)
{
    for (size_t i = 0; i < count; i++) {
        const struct participant *participant = room_bidder(room, (int64_t)i + 1);
        assert_int_equal(participant->spent_minor, spent_minor[i]);
        assert_int_equal(participant->held_minor, 0);
        assert_int_equal(participant->shown_minor, 0);
        assert_int_equal(participant->slots_held, 0);
        assert_int_equal(participant->slots_taken > 0, spent_minor[i] > 0);
    }
}
