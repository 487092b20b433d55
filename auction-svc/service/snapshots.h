// Snapshots: now and then the state of a sale goes into the ledger, so that a start need not replay
// all of its facts.
//
// Purity: writes the ledger
// Order:  between turns, after their answers were sent; never within an open transaction
// Errors: those of the ledger. A state that is too large for a snapshot is skipped with a warning
// Source: docs/decisions/0091-snapshots.md
#ifndef LOTCAST_SERVICE_SNAPSHOTS_H
#define LOTCAST_SERVICE_SNAPSHOTS_H

#include "auction-svc/io/ledger.h"
#include "auction-svc/service/house.h"

enum { SNAPSHOT_ROWS_DEFAULT = 10000, SNAPSHOT_SIZE_MAX = 256 * 1024 * 1024 };

struct snapshots {
    int64_t rows;            // between two snapshots of a sale; 0: none are made
    struct hosted_sale *due; // the one with the most rows behind its last snapshot; NULL: none
    struct buffer state;
};

void snapshots_init(struct snapshots *snapshots, int64_t rows);
void snapshots_release(struct snapshots *snapshots);

// A row of the sale was appended.
void snapshots_note(struct snapshots *snapshots, struct hosted_sale *hosted);

// At most one sale's: when it is due and nothing waits, or when it is long overdue.
LC_MUST_CHECK enum lc_status snapshots_take_due(struct snapshots *snapshots, struct ledger *ledger,
                                                bool is_idle);

// Of every sale that has changed since its last one: at a stop.
LC_MUST_CHECK enum lc_status snapshots_take_all(struct snapshots *snapshots, struct ledger *ledger,
                                                const struct house *house);

#endif
