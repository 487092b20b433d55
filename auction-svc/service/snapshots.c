#include "auction-svc/service/snapshots.h"

#include "lib/os/os_log.h"

enum { OVERDUE_FACTOR = 2 };

void snapshots_init(struct snapshots *snapshots, int64_t rows)
{
    *snapshots = (struct snapshots){.rows = rows};
    buffer_init(&snapshots->state, SNAPSHOT_SIZE_MAX);
}

void snapshots_release(struct snapshots *snapshots)
{
    buffer_release(&snapshots->state);
}

static enum lc_status put(struct snapshots *snapshots, struct ledger *ledger,
                          struct hosted_sale *hosted)
{
    buffer_clear(&snapshots->state);
    sale_dump(hosted->sale, &snapshots->state);
    house_note_snapshot(hosted);
    if (buffer_status(&snapshots->state) != LC_OK) {
        os_log(OS_LOG_WARNING, "sale %s: its state is too large for a snapshot", hosted->id.text);
        return LC_OK;
    }
    struct ledger_snapshot snapshot = {
        .sale = hosted->id,
        .head = hosted->head,
        .notice = buffer_bytes(&hosted->retained.message),
        .state = buffer_bytes(&snapshots->state),
    };
    return ledger_put_snapshot(ledger, &snapshot);
}

static int64_t rows_since(const struct hosted_sale *hosted)
{
    return hosted->sale == NULL ? 0 : hosted->head.row - hosted->snapshot_row;
}

void snapshots_note(struct snapshots *snapshots, struct hosted_sale *hosted)
{
    if (snapshots->rows > 0 && rows_since(hosted) >= snapshots->rows &&
        (snapshots->due == NULL || rows_since(hosted) > rows_since(snapshots->due))) {
        snapshots->due = hosted;
    }
}

enum lc_status snapshots_take_due(struct snapshots *snapshots, struct ledger *ledger, bool is_idle)
{
    struct hosted_sale *hosted = snapshots->due;
    if (hosted == NULL || hosted->sale == NULL) { // none, or deleted meanwhile
        snapshots->due = NULL;
        return LC_OK;
    }
    if (!is_idle && rows_since(hosted) < snapshots->rows * OVERDUE_FACTOR) {
        return LC_OK;
    }
    snapshots->due = NULL;
    enum lc_status status = ledger_begin(ledger, LEDGER_UNSYNCED);
    if (status == LC_OK) {
        status = put(snapshots, ledger, hosted);
    }
    return status == LC_OK ? ledger_commit(ledger) : status;
}

enum lc_status snapshots_take_all(struct snapshots *snapshots, struct ledger *ledger,
                                  const struct house *house)
{
    if (snapshots->rows == 0) {
        return LC_OK;
    }
    enum lc_status status = ledger_begin(ledger, LEDGER_SYNCED);
    for (size_t i = 0; status == LC_OK && i < house->count; i++) {
        if (rows_since(house->sales[i]) > 0) {
            status = put(snapshots, ledger, house->sales[i]);
        }
    }
    return status == LC_OK ? ledger_commit(ledger) : status;
}
