#include "ledger_room.h"

#include <ftw.h>
#include <sqlite3.h>
#include <unistd.h>

#include "auction-svc/record/fact.h"
#include "auction-svc/service/public_event.h"

enum { FACT_SIZE_MAX = 16 * 1024 * 1024 };

static void carry_out_fact(struct ledger_room *room, const struct sale_event *event)
{
    const char *name = sale_event_public_name(event->kind);
    struct public_before before = public_event_before(room->sale, event);
    buffer_clear(&room->fact);
    buffer_clear(&room->payload);
    fact_write(&room->fact, event);
    assert_int_equal(sale_apply(room->sale, event), LC_OK);
    struct ledger_fact row = {
        .sale = room->id,
        .kind = bytes_text(sale_event_ledger_name(event->kind)),
        .at_ms = event->at_ms,
        .fact = buffer_bytes(&room->fact),
    };
    if (name != NULL) {
        public_event_write(&room->payload, room->sale, event, &before);
        row.seq = room->sale->seq;
        row.name = bytes_text(name);
        row.payload = buffer_bytes(&room->payload);
    }
    assert_int_equal(ledger_append(room->ledger, &room->head, &row), LC_OK);
}

static void carry_out_decision(struct ledger_room *room)
{
    bool is_open = ledger_is_open(room->ledger);
    assert_int_equal(ledger_begin(room->ledger, LEDGER_UNSYNCED), LC_OK);
    for (size_t i = 0; i < room->decision.events_count; i++) {
        carry_out_fact(room, &room->decision.events[i]);
    }
    if (!is_open) {
        assert_int_equal(ledger_commit(room->ledger), LC_OK);
    }
}

enum error_code ledger_room_command(struct ledger_room *room, const struct sale_command *command)
{
    decision_release(&room->decision);
    sale_decide(room->sale, command, room->now_ms, &room->decision);
    carry_out_decision(room);
    return room->decision.refusal;
}

static void create(struct ledger_room *room, size_t lots)
{
    struct sale_definition definition = sale_definition_default();
    definition.id = room->id;
    definition.title = bytes_text("Ledger");
    definition.currency_code[0] = 'E';
    definition.rules.lot.duration_ms = 600000;
    definition.rules.lot.increments = increment_table_flat(100, false);
    struct lot_definition lot = {
        .title = bytes_text("Lamp"), .category = bytes_text("=lamps"), .opening_minor = 100};
    size_t first = lots > 100 ? 100 : lots;
    struct lot_definition listed[100];
    for (size_t i = 0; i < 100; i++) {
        listed[i] = lot;
    }
    assert_int_equal(ledger_begin(room->ledger, LEDGER_UNSYNCED), LC_OK);
    assert_int_equal(ledger_put_sale(room->ledger, &room->id, room->now_ms), LC_OK);
    sale_decide_create(&definition, listed, first, 1, room->now_ms, &room->decision);
    assert_int_equal(room->decision.refusal, ERROR_NONE);
    carry_out_decision(room);
    for (size_t added = first; added < lots; added += 100) {
        struct sale_command more = {.op = SALE_OP_ADD_LOTS, .role = ROLE_ADMIN};
        more.as.add_lots.lots = listed;
        more.as.add_lots.count = lots - added < 100 ? lots - added : 100;
        assert_int_equal(ledger_room_command(room, &more), ERROR_NONE);
    }
    assert_int_equal(ledger_commit(room->ledger), LC_OK);
}

static void join(struct ledger_room *room, int64_t bidders)
{
    struct sale_command invite = {.op = SALE_OP_CREATE_INVITE, .role = ROLE_ADMIN};
    invite.as.create_invite.role = ROLE_BIDDER;
    assert_int_equal(ledger_room_command(room, &invite), ERROR_NONE);
    struct sale_command joins = {.op = SALE_OP_JOIN};
    joins.as.join.name = bytes_text("Ana");
    for (int64_t i = 0; i < bidders; i++) {
        assert_int_equal(ledger_room_command(room, &joins), ERROR_NONE);
    }
}

void ledger_room_return(struct ledger_room *room)
{
    assert_int_equal(ledger_open(room->folder, LEDGER_SERVE, &room->ledger), LC_OK);
}

void ledger_room_leave(struct ledger_room *room)
{
    ledger_close(room->ledger);
    room->ledger = NULL;
}

void ledger_room_open(struct ledger_room *room, size_t lots, int64_t bidders)
{
    *room = (struct ledger_room){
        .folder = "/tmp/lotcast-room-XXXXXX",
        .id = {"room"},
        .now_ms = INT64_C(1700000000000),
        .sale = sale_create(),
        .notice = "",
    };
    assert_non_null(room->sale);
    assert_non_null(mkdtemp(room->folder));
    buffer_init(&room->fact, FACT_SIZE_MAX);
    buffer_init(&room->payload, FACT_SIZE_MAX);
    ledger_room_return(room);
    create(room, lots);
    join(room, bidders);
    struct sale_command begin = {.op = SALE_OP_BEGIN, .role = ROLE_ADMIN};
    assert_int_equal(ledger_room_command(room, &begin), ERROR_NONE);
    ledger_room_wait(room, 5000);
}

static int remove_one(const char *path, const struct stat *info, int kind, struct FTW *walk)
{
    (void)info;
    (void)kind;
    (void)walk;
    return remove(path);
}

void ledger_room_close(struct ledger_room *room)
{
    ledger_close(room->ledger);
    sale_destroy(room->sale);
    decision_release(&room->decision);
    buffer_release(&room->fact);
    buffer_release(&room->payload);
    assert_int_equal(nftw(room->folder, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
}

enum error_code ledger_room_bid(struct ledger_room *room, const char *participant, const char *lot,
                                int64_t amount_minor)
{
    struct sale_command command = {.op = SALE_OP_BID, .role = ROLE_BIDDER};
    assert_true(participant_id_read(bytes_text(participant), &command.by));
    assert_true(lot_id_read(bytes_text(lot), &command.as.bid.lot));
    command.as.bid.amount_minor = amount_minor;
    enum error_code refusal = ledger_room_command(room, &command);
    if (refusal == ERROR_NONE) {
        room->bid_minor = amount_minor;
    }
    return refusal;
}

void ledger_room_fill(struct ledger_room *room, int64_t count)
{
    const struct lot *lot = &room->sale->lots[room->sale->lot_index];
    char id[ID_SIZE_MAX + 1];
    snprintf(id, sizeof id, "%s", lot->id.text);
    assert_int_equal(ledger_begin(room->ledger, LEDGER_UNSYNCED), LC_OK);
    for (int64_t i = 0; i < count; i++) {
        const struct lot *open = &room->sale->lots[room->sale->lot_index];
        int64_t ask_minor = sale_ask(room->sale, open, room->now_ms);
        assert_int_equal(
            ledger_room_bid(room, open->leader_index == 0 ? "p2" : "p1", id, ask_minor),
            ERROR_NONE);
    }
    assert_int_equal(ledger_commit(room->ledger), LC_OK);
}

void ledger_room_announce(struct ledger_room *room, const char *text)
{
    struct sale_command command = {.op = SALE_OP_ANNOUNCE, .role = ROLE_ADMIN};
    command.as.announce.text = bytes_text(text);
    assert_int_equal(ledger_room_command(room, &command), ERROR_NONE);
    room->notice = text;
}

void ledger_room_next(struct ledger_room *room, const char *lot)
{
    struct sale_command command = {.op = SALE_OP_NEXT, .role = ROLE_ADMIN};
    assert_true(lot_id_read(bytes_text(lot), &command.as.next.lot));
    assert_int_equal(ledger_room_command(room, &command), ERROR_NONE);
}

void ledger_room_wait(struct ledger_room *room, int64_t duration_ms)
{
    int64_t until_ms = room->now_ms + duration_ms;
    while (sale_next_deadline(room->sale) <= until_ms) {
        int64_t deadline_ms = sale_next_deadline(room->sale);
        room->now_ms = deadline_ms > room->now_ms ? deadline_ms : room->now_ms;
        decision_release(&room->decision);
        sale_decide_due(room->sale, room->now_ms, &room->decision);
        carry_out_decision(room);
    }
    room->now_ms = until_ms;
}

void ledger_room_snapshot(struct ledger_room *room)
{
    struct buffer state;
    buffer_init(&state, 256 * 1024 * 1024);
    sale_dump(room->sale, &state);
    struct ledger_snapshot snapshot = {
        .sale = room->id,
        .head = room->head,
        .notice = bytes_text(room->notice),
        .state = buffer_bytes(&state),
    };
    assert_int_equal(ledger_begin(room->ledger, LEDGER_UNSYNCED), LC_OK);
    assert_int_equal(ledger_put_snapshot(room->ledger, &snapshot), LC_OK);
    assert_int_equal(ledger_commit(room->ledger), LC_OK);
    buffer_release(&state);
}

void ledger_room_sql(const struct ledger_room *room, const char *text)
{
    char path[128];
    sqlite3 *database = NULL;
    assert_null(room->ledger);
    snprintf(path, sizeof path, "%s/ledger.sqlite", room->folder);
    assert_int_equal(sqlite3_open(path, &database), SQLITE_OK);
    assert_int_equal(sqlite3_exec(database, text, NULL, NULL, NULL), SQLITE_OK);
    assert_true(sqlite3_total_changes(database) > 0);
    assert_int_equal(sqlite3_close(database), SQLITE_OK);
}
