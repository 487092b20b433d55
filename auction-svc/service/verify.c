#include "auction-svc/service/verify.h"

#include <stdio.h>

#include "auction-svc/core/sale_state.h"
#include "auction-svc/io/ledger_chain.h"
#include "auction-svc/replay/replay.h"
#include "auction-svc/service/public_event.h"
#include "auction-svc/service/view.h"
#include "lib/json/json_read.h"
#include "lib/json/json_write.h"

enum { MARKS_MAX = 16, STATE_SIZE_MAX = 256 * 1024 * 1024, REPORT_SIZE_MAX = 16 * 1024 * 1024 };

struct verification {
    struct ledger *ledger;
    const struct sale_id *wanted;
    bool found;
    bool damaged;
    struct buffer report; // of JSON
    struct json_writer writer;
    bool as_json;
};

struct mark { // a snapshot to be compared when the replay has reached its row
    int64_t row;
    uint8_t digest[SHA256_SIZE];
    bool is_compared; // else another program has written it
    bool is_reached;
};

struct proof { // of one sale
    struct replay replay;
    struct mark marks[MARKS_MAX];
    size_t marks_count;
    int64_t snapshots_equal;
    int64_t snapshots_other;
    bool snapshots_ok;
    struct public_before before;
    int64_t events_of_others; // published by a program that knew fewer members
    struct buffer payload;
    struct buffer state;
};

// ---- what was published ----

static bool is_part_of(const struct json *stored, const struct json *rendered);

static bool members_are_part_of(const struct json *stored, const struct json *rendered)
{
    for (const struct json *member = json_first(stored); member != NULL;
         member = json_next(member)) {
        if (!is_part_of(member, json_member(rendered, json_name(member)))) {
            return false;
        }
    }
    return true;
}

static bool items_are_equal(const struct json *stored, const struct json *rendered)
{
    const struct json *left = json_first(stored);
    const struct json *right = json_first(rendered);
    for (; left != NULL && right != NULL; left = json_next(left), right = json_next(right)) {
        if (!is_part_of(left, right)) {
            return false;
        }
    }
    return left == NULL && right == NULL;
}

// Everything that was published then would be published now; a newer program may say more.
static bool is_part_of(const struct json *stored, const struct json *rendered)
{
    if (rendered == NULL) {
        return false;
    }
    if (json_is_object(stored)) {
        return json_is_object(rendered) && members_are_part_of(stored, rendered);
    }
    if (json_is_array(stored)) {
        return json_is_array(rendered) && items_are_equal(stored, rendered);
    }
    struct buffer texts[2];
    buffer_init(&texts[0], VIEW_PAYLOAD_SIZE_MAX);
    buffer_init(&texts[1], VIEW_PAYLOAD_SIZE_MAX);
    json_print(stored, &texts[0]);
    json_print(rendered, &texts[1]);
    bool is_equal =
        !texts[0].failed && bytes_equal(buffer_bytes(&texts[0]), buffer_bytes(&texts[1]));
    buffer_release(&texts[0]);
    buffer_release(&texts[1]);
    return is_equal;
}

static bool says_the_same(struct bytes stored, struct bytes rendered)
{
    struct json *left = NULL;
    struct json *right = NULL;
    bool is_same = json_parse(stored, &left) == LC_OK && json_parse(rendered, &right) == LC_OK &&
                   is_part_of(left, right);
    json_destroy(left);
    json_destroy(right);
    return is_same;
}

static void compare_payload(struct proof *proof, const struct sale *sale,
                            const struct sale_event *event, const struct ledger_fact *row)
{
    struct replay *replay = &proof->replay;
    buffer_clear(&proof->payload);
    public_event_write(&proof->payload, sale, event, &proof->before);
    struct bytes rendered = buffer_bytes(&proof->payload);
    if (bytes_equal(row->payload, rendered)) {
        return;
    }
    if (!proof->payload.failed && says_the_same(row->payload, rendered)) {
        proof->events_of_others++;
        return;
    }
    replay_note_wrong(replay, &replay->report.replay_ok, row->row,
                      "the published bytes are not those of the replay");
}

// ---- snapshots ----

static void note_snapshot_wrong(struct proof *proof, int64_t row, const char *what)
{
    replay_note_wrong(&proof->replay, &proof->snapshots_ok, row, what);
}

static enum lc_status mark_snapshot(void *owner, const struct ledger_snapshot *snapshot)
{
    struct proof *proof = owner;
    struct mark *mark = &proof->marks[proof->marks_count++];
    uint8_t digest[SHA256_SIZE];
    mark->row = snapshot->head.row;
    mark->is_compared = sale_state_is_ours(snapshot->state);
    memcpy(mark->digest, snapshot->digest, sizeof mark->digest);
    ledger_snapshot_digest(snapshot, digest);
    if (memcmp(digest, snapshot->digest, sizeof digest) != 0) {
        note_snapshot_wrong(proof, mark->row, "the snapshot was altered");
        mark->is_compared = false;
    } else if (!mark->is_compared) {
        proof->snapshots_other++;
    }
    return LC_OK;
}

static enum lc_status mark_snapshots(struct proof *proof, struct ledger *ledger)
{
    enum lc_status status = LC_OK;
    for (int64_t below_row = INT64_MAX; status == LC_OK && proof->marks_count < MARKS_MAX;) {
        int64_t row = 0;
        status =
            ledger_visit_snapshot(ledger, &proof->replay.id, below_row, &row, mark_snapshot, proof);
        if (status == LC_ERR_CORRUPT && row != 0) {
            note_snapshot_wrong(proof, row, "the snapshot is not readable");
            status = LC_OK;
        }
        below_row = row;
    }
    return status == LC_ERR_NOT_FOUND ? LC_OK : status;
}

static void compare_snapshot(struct proof *proof, struct mark *mark)
{
    struct ledger_snapshot snapshot = {
        .sale = proof->replay.id,
        .head = proof->replay.head,
        .notice = buffer_bytes(&proof->replay.notice),
    };
    uint8_t digest[SHA256_SIZE];
    mark->is_reached = true;
    if (!mark->is_compared) {
        return;
    }
    buffer_clear(&proof->state);
    sale_dump(proof->replay.sale, &proof->state);
    snapshot.state = buffer_bytes(&proof->state);
    ledger_snapshot_digest(&snapshot, digest);
    if (proof->state.failed || memcmp(digest, mark->digest, sizeof digest) != 0) {
        note_snapshot_wrong(proof, mark->row, "the snapshot is not the state of the replay");
    } else {
        proof->snapshots_equal++;
    }
}

// ---- one sale ----

static void watch_before(void *owner, const struct sale *sale, const struct sale_event *event)
{
    struct proof *proof = owner;
    proof->before = public_event_before(sale, event);
}

static enum lc_status watch_after(void *owner, const struct sale *sale,
                                  const struct sale_event *event, const struct ledger_fact *row)
{
    struct proof *proof = owner;
    if (sale_event_public_name(event->kind) != NULL && replay_is_ok(&proof->replay)) {
        compare_payload(proof, sale, event, row);
    }
    for (size_t i = 0; i < proof->marks_count; i++) {
        if (proof->marks[i].row == row->row) {
            compare_snapshot(proof, &proof->marks[i]);
        }
    }
    return LC_OK;
}

static enum lc_status prove(struct proof *proof, struct ledger *ledger)
{
    enum lc_status status = mark_snapshots(proof, ledger);
    if (status == LC_OK) {
        status = replay_rows(&proof->replay, ledger);
    }
    for (size_t i = 0; status == LC_OK && i < proof->marks_count; i++) {
        if (!proof->marks[i].is_reached) {
            note_snapshot_wrong(proof, proof->marks[i].row, "the snapshot stands behind no row");
        }
    }
    return status;
}

static void print_text(const struct proof *proof, bool is_ok)
{
    const struct replay_report *report = &proof->replay.report;
    printf("sale %s: %lld rows, %lld events, chain %s, replay %s", proof->replay.id.text,
           (long long)report->rows, (long long)report->events, report->chain_ok ? "ok" : "BROKEN",
           report->replay_ok ? "ok" : "DIFFERS");
    if (proof->snapshots_equal > 0) {
        printf(", %lld snapshots ok", (long long)proof->snapshots_equal);
    }
    if (!proof->snapshots_ok) {
        printf(", a snapshot WRONG");
    }
    if (proof->snapshots_other > 0) {
        printf(", %lld of another program not compared", (long long)proof->snapshots_other);
    }
    if (proof->events_of_others > 0) {
        printf(", %lld events of a program that said less", (long long)proof->events_of_others);
    }
    printf("%s%s\n", is_ok ? "" : ": ", report->wrong);
}

static void write_json(const struct proof *proof, struct json_writer *writer)
{
    const struct replay_report *report = &proof->replay.report;
    json_object_begin(writer, NULL);
    json_write_cstr(writer, "sale", proof->replay.id.text);
    json_write_int(writer, "rows", report->rows);
    json_write_int(writer, "events", report->events);
    json_write_bool(writer, "chain_ok", report->chain_ok);
    json_write_bool(writer, "replay_ok", report->replay_ok);
    json_write_bool(writer, "snapshots_ok", proof->snapshots_ok);
    json_write_int(writer, "snapshots_equal", proof->snapshots_equal);
    json_write_int(writer, "snapshots_of_another_program", proof->snapshots_other);
    json_write_int(writer, "events_of_another_program", proof->events_of_others);
    json_write_cstr(writer, "wrong", report->wrong);
    json_object_end(writer);
}

static enum lc_status verify_sale(void *owner, const struct ledger_sale *row)
{
    struct verification *verification = owner;
    if (verification->wanted != NULL && !sale_id_equal(verification->wanted, &row->sale)) {
        return LC_OK;
    }
    verification->found = true;
    struct proof proof = {.snapshots_ok = true};
    struct replay_watcher watcher = {&proof, watch_before, watch_after};
    buffer_init(&proof.payload, VIEW_PAYLOAD_SIZE_MAX);
    buffer_init(&proof.state, STATE_SIZE_MAX);
    enum lc_status status = replay_init(&proof.replay, &row->sale, watcher);
    if (status == LC_OK) {
        status = prove(&proof, verification->ledger);
    }
    if (status == LC_OK) {
        bool is_ok = replay_is_ok(&proof.replay) && proof.snapshots_ok;
        verification->damaged = verification->damaged || !is_ok;
        if (verification->as_json) {
            write_json(&proof, &verification->writer);
        } else {
            print_text(&proof, is_ok);
        }
    }
    replay_release(&proof.replay);
    buffer_release(&proof.payload);
    buffer_release(&proof.state);
    return status;
}

static enum lc_status verify_all(struct verification *verification)
{
    struct json_writer *writer = &verification->writer;
    json_object_begin(writer, NULL);
    json_array_begin(writer, "sales");
    enum lc_status status = ledger_each_sale(verification->ledger, verify_sale, verification);
    json_array_end(writer);
    json_object_end(writer);
    if (status == LC_OK && verification->as_json) {
        printf("%s\n", buffer_text(&verification->report));
    }
    return status;
}

enum lc_status verify(const char *data_folder, const struct sale_id *wanted, bool as_json)
{
    struct verification verification = {.wanted = wanted, .as_json = as_json};
    buffer_init(&verification.report, REPORT_SIZE_MAX);
    verification.writer = json_writer_on(&verification.report);
    enum lc_status status = ledger_open(data_folder, LEDGER_VERIFY, &verification.ledger);
    if (status == LC_OK) {
        status = verify_all(&verification);
        ledger_close(verification.ledger);
    }
    buffer_release(&verification.report);
    if (status == LC_OK && wanted != NULL && !verification.found) {
        fprintf(stderr, "auction-svc: the ledger has no sale %s\n", wanted->text);
        return LC_ERR_NOT_FOUND;
    }
    return status == LC_OK && verification.damaged ? LC_ERR_CORRUPT : status;
}
