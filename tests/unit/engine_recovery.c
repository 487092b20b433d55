#include "ledger_room.h"

#include "auction-svc/core/sale_state.h"
#include "auction-svc/io/ledger_chain.h"
#include "auction-svc/replay/replay.h"
#include "auction-svc/service/recovery.h"
#include "auction-svc/service/snapshots.h"
#include "auction-svc/service/verify.h"
#include "lib/os/os_file.h"

enum { STATE_SIZE_MAX = 1 << 24 };

static void expect_equal_states(const struct sale *left, const struct sale *right)
{
    struct buffer texts[2];
    buffer_init(&texts[0], STATE_SIZE_MAX);
    buffer_init(&texts[1], STATE_SIZE_MAX);
    sale_dump(left, &texts[0]);
    sale_dump(right, &texts[1]);
    assert_string_equal(buffer_text(&texts[0]), buffer_text(&texts[1]));
    buffer_release(&texts[0]);
    buffer_release(&texts[1]);
}

// What a start would do; the state must be that of the sale that wrote the ledger.
static struct replay_report recover(struct ledger_room *room)
{
    struct replay replay;
    assert_int_equal(replay_init(&replay, &room->id, (struct replay_watcher){0}), LC_OK);
    assert_int_equal(replay_load_snapshot(&replay, room->ledger), LC_OK);
    assert_int_equal(replay_rows(&replay, room->ledger), LC_OK);
    assert_string_equal(replay.report.wrong, "");
    expect_equal_states(replay.sale, room->sale);
    assert_int_equal(replay.head.row, room->head.row);
    assert_memory_equal(replay.head.hash, room->head.hash, SHA256_SIZE);
    assert_string_equal(buffer_text(&replay.notice), room->notice);
    struct replay_report report = replay.report;
    replay_release(&replay);
    return report;
}

static int set_up(void **state)
{
    static struct ledger_room room;
    ledger_room_open(&room, 3, 2);
    *state = &room;
    return 0;
}

static int tear_down(void **state)
{
    ledger_room_close(*state);
    return 0;
}

static void two_snapshots(struct ledger_room *room, int64_t rows[2])
{
    ledger_room_fill(room, 20);
    ledger_room_announce(room, "older");
    ledger_room_snapshot(room);
    rows[0] = room->head.row;
    ledger_room_fill(room, 20);
    ledger_room_announce(room, "newer");
    ledger_room_snapshot(room);
    rows[1] = room->head.row;
    ledger_room_fill(room, 5);
}

static void sql(struct ledger_room *room, const char *text)
{
    ledger_room_leave(room);
    ledger_room_sql(room, text);
    ledger_room_return(room);
}

static enum lc_status verified(struct ledger_room *room)
{
    ledger_room_leave(room);
    enum lc_status status = verify(room->folder, NULL, false);
    ledger_room_return(room);
    return status;
}

static void a_start_reads_the_newest_snapshot_and_the_rows_behind_it(void **state)
{
    struct ledger_room *room = *state;
    int64_t rows[2];
    two_snapshots(room, rows);
    struct replay_report report = recover(room);
    assert_int_equal(report.snapshot_row, rows[1]);
    assert_int_equal(report.rows, 5);
    assert_int_equal(verified(room), LC_OK);
}

static void without_a_snapshot_all_rows_are_replayed(void **state)
{
    struct ledger_room *room = *state;
    ledger_room_fill(room, 20);
    struct replay_report report = recover(room);
    assert_int_equal(report.snapshot_row, 0);
    assert_int_equal(report.rows, room->head.row);
}

static void a_damaged_snapshot_falls_back_to_the_older_one_and_then_to_all_rows(void **state)
{
    struct ledger_room *room = *state;
    char text[128];
    int64_t rows[2];
    two_snapshots(room, rows);
    snprintf(text, sizeof text, "UPDATE snapshot SET state = state || x'20' WHERE \"row\" = %lld",
             (long long)rows[1]);
    sql(room, text);
    struct replay_report report = recover(room);
    assert_int_equal(report.snapshot_row, rows[0]);
    assert_int_equal(report.snapshots_skipped, 1);
    assert_int_equal(verified(room), LC_ERR_CORRUPT);
    sql(room, "UPDATE snapshot SET digest = zeroblob(32)");
    report = recover(room);
    assert_int_equal(report.snapshot_row, 0);
    assert_int_equal(report.snapshots_skipped, 2);
    sql(room, "UPDATE snapshot SET digest = x'00', hash = ''");
    report = recover(room);
    assert_int_equal(report.rows, room->head.row);
}

// Writes a snapshot with a right digest, as a fault of the program could.
static void plant(struct ledger_room *room, const struct ledger_head *head, const char *find,
                  const char *with)
{
    struct buffer state;
    buffer_init(&state, STATE_SIZE_MAX);
    sale_dump(room->sale, &state);
    char *place =
        strstr(buffer_text(&state), find) == NULL
            ? NULL
            : (char *)state.data + (strstr(buffer_text(&state), find) - (const char *)state.data);
    assert_non_null(place);
    memcpy(place, with, strlen(with));
    struct ledger_snapshot snapshot = {
        .sale = room->id, .head = *head, .state = buffer_bytes(&state)};
    assert_int_equal(ledger_begin(room->ledger, LEDGER_UNSYNCED), LC_OK);
    assert_int_equal(ledger_put_snapshot(room->ledger, &snapshot), LC_OK);
    assert_int_equal(ledger_commit(room->ledger), LC_OK);
    buffer_release(&state);
}

static void a_snapshot_of_another_program_is_left_alone(void **state)
{
    struct ledger_room *room = *state;
    ledger_room_fill(room, 20);
    plant(room, &room->head, "lotcast-state 1", "lotcast-state 0");
    ledger_room_fill(room, 5);
    struct replay_report report = recover(room);
    assert_int_equal(report.snapshot_row, 0);
    assert_int_equal(report.rows, room->head.row);
    assert_int_equal(verified(room), LC_OK);
}

static void a_snapshot_behind_a_row_that_is_not_there_is_not_believed(void **state)
{
    struct ledger_room *room = *state;
    struct ledger_head head = room->head;
    head.row += 7;
    plant(room, &head, "lotcast-state", "lotcast-state");
    assert_int_equal(recover(room).snapshot_row, 0);
    assert_int_equal(verified(room), LC_ERR_CORRUPT);
    head = room->head;
    head.hash[0] ^= 1;
    plant(room, &head, "lotcast-state", "lotcast-state");
    assert_int_equal(recover(room).snapshot_row, 0);
}

static void verify_finds_a_snapshot_that_is_not_the_state_of_the_replay(void **state)
{
    struct ledger_room *room = *state;
    ledger_room_fill(room, 3);
    assert_int_equal(verified(room), LC_OK);
    plant(room, &room->head, "bids_total 3", "bids_total 4");
    assert_int_equal(verified(room), LC_ERR_CORRUPT);
}

static void verify_finds_a_public_event_that_the_replay_would_not_publish(void **state)
{
    struct ledger_room *room = *state;
    ledger_room_fill(room, 3);
    struct ledger_fact row = {
        .sale = room->id,
        .kind = bytes_text("notice"),
        .at_ms = room->now_ms,
        .fact = bytes_text("{\"kind\":\"notice\",\"at\":1700000000000,\"text\":\"a\",\"by\":\"\"}"),
        .seq = room->sale->seq + 1,
        .name = bytes_text("notice"),
    };
    char payload[128];
    snprintf(payload, sizeof payload,
             "{\"seq\":%lld,\"epoch\":1,\"at\":1700000000000,\"text\":\"b\"}", (long long)row.seq);
    row.payload = bytes_text(payload);
    assert_int_equal(ledger_begin(room->ledger, LEDGER_UNSYNCED), LC_OK);
    assert_int_equal(ledger_append(room->ledger, &room->head, &row), LC_OK); // its hash is right
    assert_int_equal(ledger_commit(room->ledger), LC_OK);
    assert_int_equal(verified(room), LC_ERR_CORRUPT);
}

static void an_altered_row_before_the_snapshot_is_found_by_verify_only(void **state)
{
    struct ledger_room *room = *state;
    int64_t rows[2];
    two_snapshots(room, rows);
    sql(room, "UPDATE fact SET at = at + 1 WHERE \"row\" = 3");
    assert_int_equal(recover(room).snapshot_row, rows[1]);
    assert_int_equal(verified(room), LC_ERR_CORRUPT);
}

// What any program has ever written must replay for ever.
static void a_ledger_of_version_1_is_proved_and_recovered(void **state)
{
    struct ledger_room *room = *state;
    struct buffer text;
    struct house house;
    ledger_room_leave(room);
    char path[128];
    snprintf(path, sizeof path, "%s/ledger.sqlite", room->folder);
    assert_int_equal(remove(path), 0);
    buffer_init(&text, 1 << 20);
    assert_int_equal(os_file_read(VERSION_1_FILE, &text), LC_OK);
    ledger_room_sql(room, buffer_text(&text));
    buffer_release(&text);
    assert_int_equal(verify(room->folder, NULL, false), LC_OK);
    ledger_room_return(room);
    house_init(&house);
    assert_int_equal(recovery_load(room->ledger, &house), LC_OK);
    const struct hosted_sale *old = house_find(&house, &(struct sale_id){"old"});
    assert_int_equal(old->sale->phase, SALE_COMPLETE);
    assert_int_equal(old->sale->lots[0].price_minor, 1100);
    assert_string_equal(old->sale->participants[old->sale->lots[0].leader_index].id.text, "p2");
    assert_true(bytes_equal_text(buffer_bytes(&old->retained.message), "last call"));
    assert_null(house_find(&house, &(struct sale_id){"gone"})->sale);
    house_release(&house);
}

// ---- the engine's part ----

static enum lc_status load(struct ledger_room *room, struct house *house)
{
    house_init(house);
    return recovery_load(room->ledger, house);
}

static int64_t snapshot_row(struct ledger_room *room)
{
    struct house house;
    assert_int_equal(load(room, &house), LC_OK);
    int64_t row = house.sales[0]->snapshot_row;
    house_release(&house);
    return row;
}

static void a_snapshot_is_taken_when_nothing_waits_or_when_it_is_long_overdue(void **state)
{
    struct ledger_room *room = *state;
    struct house house;
    struct snapshots snapshots;
    assert_int_equal(load(room, &house), LC_OK);
    snapshots_init(&snapshots, 10);
    struct hosted_sale *hosted = house.sales[0];
    int64_t row = hosted->head.row; // of the beginning
    hosted->snapshot_row = row - 9;
    snapshots_note(&snapshots, hosted);
    assert_int_equal(snapshots_take_due(&snapshots, room->ledger, true), LC_OK);
    assert_int_equal(snapshot_row(room), 0);
    hosted->snapshot_row = row - 10;
    snapshots_note(&snapshots, hosted);
    assert_int_equal(snapshots_take_due(&snapshots, room->ledger, false), LC_OK);
    assert_int_equal(snapshot_row(room), 0);
    assert_int_equal(snapshots_take_due(&snapshots, room->ledger, true), LC_OK);
    assert_int_equal(snapshot_row(room), row);
    house_release(&house);
    ledger_room_fill(room, 20);
    assert_int_equal(load(room, &house), LC_OK);
    snapshots_note(&snapshots, house.sales[0]);
    assert_int_equal(snapshots_take_due(&snapshots, room->ledger, false), LC_OK);
    assert_int_equal(snapshot_row(room), row + 20);
    house_release(&house);
    snapshots_release(&snapshots);
}

static void a_stop_takes_a_snapshot_of_what_has_changed_and_only_two_are_kept(void **state)
{
    struct ledger_room *room = *state;
    struct snapshots snapshots;
    snapshots_init(&snapshots, 1000);
    int64_t before_row = 0;
    for (int i = 0; i < 4; i++) {
        struct house house;
        ledger_room_fill(room, 2);
        assert_int_equal(load(room, &house), LC_OK);
        assert_int_equal(snapshots_take_all(&snapshots, room->ledger, &house), LC_OK);
        assert_int_equal(snapshots_take_all(&snapshots, room->ledger, &house), LC_OK);
        assert_int_equal(snapshot_row(room), room->head.row);
        house_release(&house);
        before_row = room->head.row - 2;
    }
    snapshots_release(&snapshots);
    char text[96];
    snprintf(text, sizeof text, "DELETE FROM snapshot WHERE \"row\" = %lld", (long long)before_row);
    sql(room, text); // the other of the two that are kept
    sql(room, "DELETE FROM snapshot");
    assert_int_equal(snapshot_row(room), 0);
}

static void a_start_drops_the_snapshots_that_it_could_not_use(void **state)
{
    struct ledger_room *room = *state;
    struct house house;
    char text[128];
    int64_t rows[2];
    two_snapshots(room, rows);
    snprintf(text, sizeof text, "UPDATE snapshot SET notice = 'x' WHERE \"row\" = %lld",
             (long long)rows[1]);
    sql(room, text);
    assert_int_equal(verified(room), LC_ERR_CORRUPT);
    assert_int_equal(load(room, &house), LC_OK);
    assert_int_equal(house.sales[0]->snapshot_row, rows[0]);
    house_release(&house);
    assert_int_equal(verified(room), LC_OK);
    assert_int_equal(recover(room).snapshots_skipped, 0);
}

static void snapshots_that_are_switched_off_are_not_taken(void **state)
{
    struct ledger_room *room = *state;
    struct house house;
    struct snapshots snapshots;
    snapshots_init(&snapshots, 0);
    assert_int_equal(load(room, &house), LC_OK);
    snapshots_note(&snapshots, house.sales[0]);
    assert_int_equal(snapshots_take_due(&snapshots, room->ledger, true), LC_OK);
    assert_int_equal(snapshots_take_all(&snapshots, room->ledger, &house), LC_OK);
    assert_int_equal(snapshot_row(room), 0);
    house_release(&house);
    snapshots_release(&snapshots);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define RECOVERY_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        RECOVERY_TEST(a_start_reads_the_newest_snapshot_and_the_rows_behind_it),
        RECOVERY_TEST(without_a_snapshot_all_rows_are_replayed),
        RECOVERY_TEST(a_damaged_snapshot_falls_back_to_the_older_one_and_then_to_all_rows),
        RECOVERY_TEST(a_snapshot_of_another_program_is_left_alone),
        RECOVERY_TEST(a_snapshot_behind_a_row_that_is_not_there_is_not_believed),
        RECOVERY_TEST(verify_finds_a_snapshot_that_is_not_the_state_of_the_replay),
        RECOVERY_TEST(verify_finds_a_public_event_that_the_replay_would_not_publish),
        RECOVERY_TEST(an_altered_row_before_the_snapshot_is_found_by_verify_only),
        RECOVERY_TEST(a_ledger_of_version_1_is_proved_and_recovered),
        RECOVERY_TEST(a_snapshot_is_taken_when_nothing_waits_or_when_it_is_long_overdue),
        RECOVERY_TEST(a_stop_takes_a_snapshot_of_what_has_changed_and_only_two_are_kept),
        RECOVERY_TEST(a_start_drops_the_snapshots_that_it_could_not_use),
        RECOVERY_TEST(snapshots_that_are_switched_off_are_not_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
