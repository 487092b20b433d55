// The ledger of the world: rows, of which a crash leaves those that were synced.
#include "auction-svc/core/sale_state.h"
#include "auction-svc/record/fact.h"
#include "world_state.h"

enum { STATE_SIZE_MAX = 1 << 22, ROW_SIZE_MAX = 1 << 17 };

void disk_append(struct world *world, const struct sale_event *event)
{
    if (world->rows_count == ROWS_MAX) {
        auditor_fail(&world->auditor, "the simulation's ledger is full");
        return;
    }
    struct buffer *row = &world->rows[world->rows_count++];
    buffer_init(row, ROW_SIZE_MAX);
    fact_write(row, event);
}

void disk_sync(struct world *world)
{
    world->rows_synced = world->rows_count;
}

static void drop_rows(struct world *world, int from)
{
    for (int i = from; i < world->rows_count; i++) {
        buffer_release(&world->rows[i]);
    }
    world->rows_count = from;
}

// The last transaction was half written: nothing of it is there.
void disk_tear(struct world *world)
{
    if (world->rows_count > world->rows_synced) {
        reach(world, REACH_lost_unsynced);
    }
    drop_rows(world, world->rows_synced);
    sale_destroy(world->shadow);
    world->shadow = disk_replay(world, false);
}

static void judge_bid_rows(struct world *world)
{
    int position = 0;
    for (int i = 0; i < world->rows_count; i++) {
        struct fact *fact = NULL;
        if (fact_read(buffer_bytes(&world->rows[i]), &fact) == LC_OK &&
            fact_event(fact)->kind == EVENT_BID_ACCEPTED) {
            auditor_ledger_bid(&world->auditor, &position, fact_event(fact));
        }
        fact_destroy(fact);
    }
    auditor_ledger_end(&world->auditor, position);
}

// The state that the ledger says, from its beginning or from the last snapshot on.
struct sale *disk_replay(struct world *world, bool from_snapshot)
{
    struct sale *sale = NULL;
    int first = 0;
    if (from_snapshot && world->snapshot_rows > 0 && world->snapshot_rows <= world->rows_count) {
        if (sale_load(buffer_bytes(&world->snapshot), &sale) != LC_OK) {
            auditor_fail(&world->auditor, "a snapshot can be read");
        }
        first = world->snapshot_rows;
        reach(world, REACH_snapshot_recovery);
    } else {
        sale = sale_create();
    }
    for (int i = first; i < world->rows_count && sale != NULL; i++) {
        struct fact *fact = NULL;
        if (fact_read(buffer_bytes(&world->rows[i]), &fact) != LC_OK ||
            sale_apply(sale, fact_event(fact)) != LC_OK) {
            auditor_fail(&world->auditor, "the ledger can be read and replayed");
            fact_destroy(fact);
            break;
        }
        fact_destroy(fact);
    }
    if (!from_snapshot) {
        judge_bid_rows(world);
    }
    return sale;
}

void disk_expect_same(struct world *world, const struct sale *left, const struct sale *right)
{
    struct buffer texts[2];
    buffer_init(&texts[0], STATE_SIZE_MAX);
    buffer_init(&texts[1], STATE_SIZE_MAX);
    sale_dump(left, &texts[0]);
    sale_dump(right, &texts[1]);
    if (!bytes_equal(buffer_bytes(&texts[0]), buffer_bytes(&texts[1]))) {
        auditor_fail(&world->auditor, "a replay gives the same state");
    }
    buffer_release(&texts[0]);
    buffer_release(&texts[1]);
}

// The state is written, read back, and must be as it was.
void disk_snapshot(struct world *world)
{
    struct sale *loaded = NULL;
    buffer_release(&world->snapshot);
    buffer_init(&world->snapshot, STATE_SIZE_MAX);
    sale_dump(world->sale, &world->snapshot);
    world->snapshot_rows = world->rows_synced;
    reach(world, REACH_snapshot);
    if (sale_load(buffer_bytes(&world->snapshot), &loaded) != LC_OK) {
        auditor_fail(&world->auditor, "a snapshot can be read");
        return;
    }
    if (world->fault == FAULT_snapshot_differs && loaded->participants_count > 0) {
        loaded->participants[0].held_minor++;
        world->planted = true;
    }
    disk_expect_same(world, loaded, world->sale);
    sale_destroy(loaded);
}

void disk_release(struct world *world)
{
    drop_rows(world, 0);
    buffer_release(&world->snapshot);
}
