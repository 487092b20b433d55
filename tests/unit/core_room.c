#include "core_room.h"

#include "auction-svc/core/sale_state.h"
#include "auction-svc/record/fact.h"

enum { TEXT_SIZE_MAX = 64 << 20 };

struct sale_definition room_definition(void)
{
    struct sale_definition definition = sale_definition_default();
    definition.id = (struct sale_id){"room"};
    definition.title = bytes_text("Room");
    definition.currency_code[0] = 'E';
    return definition;
}

struct lot_definition room_lot(int64_t opening_minor)
{
    return (struct lot_definition){.title = bytes_text("Lamp <\"\xC3\xA9>"),
                                   .opening_minor = opening_minor};
}

// What a snapshot keeps of the state is all of it: the loaded sale takes the replica's place, so that
// what comes next also acts on what was derived.
static void reload_replica(struct room *room, struct buffer *text)
{
    struct sale *loaded = NULL;
    struct buffer again;
    buffer_init(&again, TEXT_SIZE_MAX);
    assert_int_equal(sale_load(buffer_bytes(text), &loaded), LC_OK);
    sale_dump(loaded, &again);
    assert_string_equal(buffer_text(text), buffer_text(&again));
    assert_int_equal(sale_next_deadline(loaded), sale_next_deadline(room->replica));
    sale_destroy(room->replica);
    room->replica = loaded;
    buffer_release(&again);
}

static void expect_equal_dumps(struct room *room)
{
    struct buffer left;
    struct buffer right;
    buffer_init(&left, TEXT_SIZE_MAX);
    buffer_init(&right, TEXT_SIZE_MAX);
    sale_dump(room->sale, &left);
    sale_dump(room->replica, &right);
    assert_int_equal(buffer_status(&left), LC_OK);
    assert_string_equal(buffer_text(&left), buffer_text(&right));
    if (room->sale->seq % 2 == 0) { // else the replica goes on as it is
        reload_replica(room, &left);
    }
    buffer_release(&left);
    buffer_release(&right);
}

static void apply_decision(struct room *room)
{
    struct buffer text;
    buffer_init(&text, TEXT_SIZE_MAX);
    for (size_t i = 0; i < room->decision.events_count; i++) {
        const struct sale_event *event = &room->decision.events[i];
        struct fact *fact = NULL;
        int64_t seq = room->sale->seq;
        buffer_clear(&text);
        fact_write(&text, event);
        assert_int_equal(fact_read(buffer_bytes(&text), &fact), LC_OK);
        assert_int_equal(sale_apply(room->replica, fact_event(fact)), LC_OK);
        fact_destroy(fact);
        assert_int_equal(sale_apply(room->sale, event), LC_OK);
        assert_int_equal(room->sale->seq,
                         seq + (sale_event_public_name(event->kind) != NULL ? 1 : 0));
    }
    buffer_release(&text);
    expect_equal_dumps(room);
}

void room_open(struct room *room, const struct sale_definition *definition,
               const struct lot_definition *lots, size_t lots_count)
{
    *room = (struct room){
        .sale = sale_create(), .replica = sale_create(), .now_ms = INT64_C(1700000000000)};
    assert_non_null(room->sale);
    assert_non_null(room->replica);
    sale_decide_create(definition, lots, lots_count, 1, room->now_ms, &room->decision);
    assert_int_equal(room->decision.refusal, ERROR_NONE);
    apply_decision(room);
}

void room_open_simple(struct room *room, size_t lots_count, int64_t bidders)
{
    struct sale_definition definition = room_definition();
    struct lot_definition lots[8];
    assert_true(lots_count <= 8);
    for (size_t i = 0; i < lots_count; i++) {
        lots[i] = room_lot(100);
    }
    room_open(room, &definition, lots, lots_count);
    room_join(room, bidders);
    expect_code(room_staff(room, SALE_OP_BEGIN), ERROR_NONE);
    room_wait(room, 3000);
}

void room_close(struct room *room)
{
    decision_release(&room->decision);
    sale_destroy(room->sale);
    sale_destroy(room->replica);
}

enum error_code room_command(struct room *room, const struct sale_command *command)
{
    decision_release(&room->decision);
    sale_decide(room->replica, command, room->now_ms, &room->decision);
    enum error_code refusal = room->decision.refusal;
    size_t events_count = room->decision.events_count;
    decision_release(&room->decision);
    sale_decide(room->sale, command, room->now_ms, &room->decision);
    assert_int_equal(room->decision.refusal, refusal);
    assert_int_equal(room->decision.events_count, events_count);
    if (room->decision.refusal != ERROR_NONE) {
        assert_int_equal(room->decision.events_count, 0);
    }
    apply_decision(room);
    return room->decision.refusal;
}

enum error_code room_staff(struct room *room, enum sale_op op)
{
    struct sale_command command = {.op = op, .role = ROLE_ADMIN};
    return room_command(room, &command);
}

enum error_code room_next(struct room *room, const char *lot)
{
    struct sale_command command = {.op = SALE_OP_NEXT, .role = ROLE_AUCTIONEER};
    assert_true(lot_id_read(bytes_text(lot), &command.as.next.lot));
    return room_command(room, &command);
}

enum error_code room_bid(struct room *room, int64_t bidder, const char *lot, int64_t amount_minor)
{
    struct sale_command command = {.op = SALE_OP_BID, .role = ROLE_BIDDER};
    snprintf(command.by.text, sizeof command.by.text, "p%d", (int)bidder);
    assert_true(lot_id_read(bytes_text(lot), &command.as.bid.lot));
    command.as.bid.amount_minor = amount_minor;
    return room_command(room, &command);
}

enum error_code room_set_max(struct room *room, int64_t bidder, const char *lot, int64_t max_minor)
{
    struct sale_command command = {.op = SALE_OP_SET_MAX, .role = ROLE_BIDDER};
    snprintf(command.by.text, sizeof command.by.text, "p%d", (int)bidder);
    assert_true(lot_id_read(bytes_text(lot), &command.as.set_max.lot));
    command.as.set_max.max_minor = max_minor;
    return room_command(room, &command);
}

enum error_code room_set_max_for(struct room *room, const char *paddle, const char *lot,
                                 int64_t max_minor)
{
    struct sale_command command = {.op = SALE_OP_SET_MAX, .role = ROLE_CLERK};
    assert_true(lot_id_read(bytes_text(lot), &command.as.set_max.lot));
    command.as.set_max.max_minor = max_minor;
    command.as.set_max.paddle = bytes_text(paddle);
    return room_command(room, &command);
}

enum error_code room_withdraw_max(struct room *room, int64_t bidder, const char *lot)
{
    struct sale_command command = {.op = SALE_OP_WITHDRAW_MAX, .role = ROLE_BIDDER};
    snprintf(command.by.text, sizeof command.by.text, "p%d", (int)bidder);
    assert_true(lot_id_read(bytes_text(lot), &command.as.lot.lot));
    return room_command(room, &command);
}

void room_join(struct room *room, int64_t bidders)
{
    struct sale_command invite = {.op = SALE_OP_CREATE_INVITE, .role = ROLE_ADMIN};
    invite.as.create_invite.hash[0] = (uint8_t)(room->sale->invites_count + 1);
    invite.as.create_invite.role = ROLE_BIDDER;
    expect_code(room_command(room, &invite), ERROR_NONE);
    struct sale_command join = {.op = SALE_OP_JOIN};
    join.as.join.invite_hash[0] = invite.as.create_invite.hash[0];
    join.as.join.name = bytes_text("Ana");
    for (int64_t i = 0; i < bidders; i++) {
        expect_code(room_command(room, &join), ERROR_NONE);
    }
}

void room_block(struct room *room, const char *participant, bool blocked)
{
    struct sale_command command = {.op = SALE_OP_BLOCK, .role = ROLE_ADMIN};
    assert_true(participant_id_read(bytes_text(participant), &command.as.block.participant));
    command.as.block.blocked = blocked;
    expect_code(room_command(room, &command), ERROR_NONE);
}

void room_wait(struct room *room, int64_t duration_ms)
{
    int64_t until_ms = room->now_ms + duration_ms;
    while (sale_next_deadline(room->sale) <= until_ms) {
        int64_t deadline_ms = sale_next_deadline(room->sale);
        room->now_ms = deadline_ms > room->now_ms ? deadline_ms : room->now_ms;
        decision_release(&room->decision);
        sale_decide_due(room->sale, room->now_ms, &room->decision);
        assert_true(room->decision.events_count > 0); // a deadline that does nothing never ends
        apply_decision(room);
    }
    room->now_ms = until_ms;
}

void room_engine_start(struct room *room, int64_t alive_at_ms)
{
    decision_release(&room->decision);
    sale_decide_engine_start(room->sale, room->sale->epoch + 1, alive_at_ms, room->now_ms,
                             &room->decision);
    apply_decision(room);
}

void room_outage(struct room *room, int64_t lost_at_ms)
{
    decision_release(&room->decision);
    sale_decide_outage(room->sale, lost_at_ms, room->now_ms, &room->decision);
    apply_decision(room);
}

void room_expect_events(const struct room *room, size_t count, const enum sale_event_kind *kinds)
{
    for (size_t i = 0; i < count && i < room->decision.events_count; i++) {
        assert_string_equal(sale_event_ledger_name(room->decision.events[i].kind),
                            sale_event_ledger_name(kinds[i]));
    }
    assert_int_equal(room->decision.events_count, count);
}

const struct lot *room_lot_at(const struct room *room, int64_t lot_index)
{
    return &room->sale->lots[lot_index];
}

const struct participant *room_bidder(const struct room *room, int64_t bidder)
{
    return &room->sale->participants[bidder - 1];
}
