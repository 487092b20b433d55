#include "auction-svc/service/recovery.h"

#include "auction-svc/replay/replay.h"
#include "lib/os/os_clock.h"
#include "lib/os/os_log.h"

struct recovery {
    struct ledger *ledger;
    struct house *house;
    int64_t rows; // replayed
    size_t from_snapshots;
};

static enum lc_status replay_sale(struct recovery *recovery, struct hosted_sale *hosted,
                                  struct replay *replay)
{
    enum lc_status status = replay_load_snapshot(replay, recovery->ledger);
    if (status == LC_OK) {
        status = replay_rows(replay, recovery->ledger);
    }
    if (status != LC_OK) {
        return status;
    }
    if (!replay_is_ok(replay)) {
        os_log(OS_LOG_ERROR, "ledger: sale %s is damaged: %s", hosted->id.text,
               replay->report.wrong);
        return LC_ERR_CORRUPT;
    }
    house_settle(hosted, replay_take_sale(replay), &replay->head, replay->report.snapshot_row,
                 replay->report.snapshots_skipped > 0);
    retained_recover(&hosted->retained, hosted->sale, buffer_bytes(&replay->notice));
    recovery->rows += replay->report.rows;
    recovery->from_snapshots += replay->report.snapshot_row > 0 ? 1 : 0;
    return LC_OK;
}

static enum lc_status load_sale(void *owner, const struct ledger_sale *row)
{
    struct recovery *recovery = owner;
    struct hosted_sale *hosted = NULL;
    enum lc_status status = house_add(recovery->house, &row->sale, &hosted);
    if (status != LC_OK) {
        return status;
    }
    if (row->deleted_at_ms != 0) {
        retained_bury(&hosted->retained, row->lots_pages, row->participants_pages);
        house_bury(recovery->house, hosted);
        return LC_OK;
    }
    struct replay replay;
    status = replay_init(&replay, &row->sale, (struct replay_watcher){0});
    if (status == LC_OK) {
        status = replay_sale(recovery, hosted, &replay);
    }
    replay_release(&replay);
    house_note_change(recovery->house, hosted);
    return status;
}

// A damaged snapshot, or one of another program, is not kept to be found again.
static enum lc_status drop_useless(struct ledger *ledger, const struct hosted_sale *hosted)
{
    enum lc_status status = ledger_begin(ledger, LEDGER_UNSYNCED);
    if (status == LC_OK) {
        status = ledger_drop_snapshots(ledger, &hosted->id, hosted->snapshot_row);
    }
    return status == LC_OK ? ledger_commit(ledger) : status;
}

enum lc_status recovery_load(struct ledger *ledger, struct house *house)
{
    struct recovery recovery = {.ledger = ledger, .house = house};
    int64_t began_us = os_clock_boot_us();
    enum lc_status status = ledger_each_sale(ledger, load_sale, &recovery);
    for (size_t i = 0; status == LC_OK && i < house->count; i++) {
        status = house->sales[i]->drops_snapshots ? drop_useless(ledger, house->sales[i]) : LC_OK;
    }
    if (status == LC_OK && house->count > 0) {
        os_log(OS_LOG_INFO,
               "recovered %zu sales in %lld ms: %zu from snapshots, %lld rows replayed",
               house->count, (long long)((os_clock_boot_us() - began_us) / 1000),
               recovery.from_snapshots, (long long)recovery.rows);
    }
    return status;
}
