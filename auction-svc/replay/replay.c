#include "auction-svc/replay/replay.h"

#include <stdio.h>

#include "auction-svc/core/sale_state.h"
#include "auction-svc/io/ledger_chain.h"
#include "auction-svc/record/fact.h"
#include "lib/os/os_log.h"
#include "lib/wire/message.h"

enum lc_status replay_init(struct replay *replay, const struct sale_id *id,
                           struct replay_watcher watcher)
{
    *replay = (struct replay){
        .id = *id,
        .sale = sale_create(),
        .watcher = watcher,
        .report = {.chain_ok = true, .replay_ok = true},
    };
    buffer_init(&replay->notice, NOTICE_SIZE_MAX);
    return replay->sale == NULL ? LC_ERR_NO_MEMORY : LC_OK;
}

void replay_release(struct replay *replay)
{
    sale_destroy(replay->sale);
    replay->sale = NULL;
    buffer_release(&replay->notice);
}

struct sale *replay_take_sale(struct replay *replay)
{
    struct sale *sale = replay->sale;
    replay->sale = NULL;
    return sale;
}

bool replay_is_ok(const struct replay *replay)
{
    return replay->report.chain_ok && replay->report.replay_ok;
}

void replay_note_wrong(struct replay *replay, bool *part, int64_t row, const char *what)
{
    *part = false;
    if (replay->report.wrong[0] == 0) {
        (void)snprintf(replay->report.wrong, sizeof replay->report.wrong, "row %lld: %s",
                       (long long)row, what);
    }
}

// ---- snapshots ----

struct loading {
    struct replay *replay;
    struct ledger *ledger;
    bool is_loaded;
};

static enum lc_status load_snapshot(void *owner, const struct ledger_snapshot *snapshot)
{
    struct loading *loading = owner;
    struct replay *replay = loading->replay;
    struct sale *sale = NULL;
    bool is_proven = false;
    enum lc_status status = ledger_snapshot_prove(loading->ledger, snapshot, &is_proven);
    if (status != LC_OK) {
        return status;
    }
    if (is_proven) {
        status = sale_load(snapshot->state, &sale);
    }
    if (status == LC_ERR_NO_MEMORY) {
        return status;
    }
    if (status == LC_ERR_BAD_INPUT) {
        os_log(OS_LOG_INFO,
               "ledger: sale %s: the snapshot of row %lld is of another program: not used",
               replay->id.text, (long long)snapshot->head.row);
        return LC_OK;
    }
    if (sale == NULL || sale->seq != snapshot->head.seq) {
        sale_destroy(sale);
        return LC_ERR_CORRUPT;
    }
    sale_destroy(replay->sale);
    replay->sale = sale;
    replay->head = snapshot->head;
    buffer_clear(&replay->notice);
    buffer_append(&replay->notice, snapshot->notice);
    replay->report.snapshot_row = snapshot->head.row;
    loading->is_loaded = true;
    return LC_OK;
}

enum lc_status replay_load_snapshot(struct replay *replay, struct ledger *ledger)
{
    struct loading loading = {.replay = replay, .ledger = ledger};
    for (int64_t below_row = INT64_MAX; !loading.is_loaded;) {
        int64_t row = 0;
        enum lc_status status =
            ledger_visit_snapshot(ledger, &replay->id, below_row, &row, load_snapshot, &loading);
        if (status == LC_ERR_NOT_FOUND) {
            return LC_OK;
        }
        if (status == LC_ERR_CORRUPT && row == 0) { // not even its place can be read
            replay->report.snapshots_skipped++;
            return LC_OK;
        }
        if (status == LC_ERR_CORRUPT) {
            os_log(OS_LOG_WARNING, "ledger: sale %s: the snapshot of row %lld is damaged: not used",
                   replay->id.text, (long long)row);
        } else if (status != LC_OK) {
            return status;
        }
        replay->report.snapshots_skipped += loading.is_loaded ? 0 : 1;
        below_row = row;
    }
    return LC_OK;
}

// ---- rows ----

// What was published must be the event of this fact, at the place that the replay has reached.
static const char *public_part_wrong(const struct sale *sale, const struct sale_event *event,
                                     const struct ledger_fact *row)
{
    const char *name = sale_event_public_name(event->kind);
    struct wire_head head;
    if ((name != NULL) != (row->seq != 0)) {
        return "a public row has no event, or a private one has";
    }
    if (name == NULL) {
        return NULL;
    }
    if (!bytes_equal_text(row->name, name)) {
        return "the event has another name";
    }
    if (row->seq != sale->seq) {
        return "the replay reaches another seq";
    }
    if (wire_read_head(row->payload, &head) != LC_OK || head.seq != sale->seq ||
        head.epoch != sale->epoch) {
        return "the published bytes have another seq or epoch";
    }
    return NULL;
}

static enum lc_status apply_event(struct replay *replay, const struct sale_event *event,
                                  const struct ledger_fact *row)
{
    const struct replay_watcher *watcher = &replay->watcher;
    if (watcher->before != NULL) {
        watcher->before(watcher->owner, replay->sale, event);
    }
    enum lc_status status = sale_apply(replay->sale, event);
    if (status == LC_ERR_CORRUPT) {
        replay_note_wrong(replay, &replay->report.replay_ok, row->row, "the fact can't be applied");
        return LC_OK;
    }
    if (status != LC_OK) {
        return status;
    }
    const char *wrong = public_part_wrong(replay->sale, event, row);
    if (wrong != NULL) {
        replay_note_wrong(replay, &replay->report.replay_ok, row->row, wrong);
    }
    if (event->kind == EVENT_NOTICE) {
        buffer_clear(&replay->notice);
        buffer_append(&replay->notice, event->as.notice.text);
    }
    return watcher->after != NULL ? watcher->after(watcher->owner, replay->sale, event, row)
                                  : LC_OK;
}

static enum lc_status apply_row(struct replay *replay, const struct ledger_fact *row)
{
    struct fact *fact = NULL;
    enum lc_status status = fact_read(row->fact, &fact);
    if (status == LC_ERR_CORRUPT || status == LC_ERR_BAD_INPUT) {
        replay_note_wrong(replay, &replay->report.replay_ok, row->row, "the fact is not readable");
        return LC_OK;
    }
    if (status == LC_OK) {
        status = apply_event(replay, fact_event(fact), row);
    }
    fact_destroy(fact);
    return status;
}

static enum lc_status visit_row(void *owner, const struct ledger_fact *row)
{
    struct replay *replay = owner;
    replay->report.rows++;
    replay->report.events += row->seq != 0 ? 1 : 0;
    if (replay->report.chain_ok) {
        const char *wrong = ledger_chain_follow(&replay->head, row);
        if (wrong != NULL) {
            replay_note_wrong(replay, &replay->report.chain_ok, row->row, wrong);
        }
    }
    return replay->report.replay_ok ? apply_row(replay, row) : LC_OK;
}

enum lc_status replay_rows(struct replay *replay, struct ledger *ledger)
{
    enum lc_status status =
        ledger_each_fact(ledger, &replay->id, replay->head.row, visit_row, replay);
    if (status == LC_OK && replay->head.row == 0 && replay->report.rows == 0) {
        replay_note_wrong(replay, &replay->report.chain_ok, 1, "a row is missing");
    }
    return status;
}
