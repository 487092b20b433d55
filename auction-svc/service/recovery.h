// Recovery: the sales of a ledger, made again at a start: the newest snapshot, then the facts behind
// it.
//
// Purity: reads the ledger
// Errors: LC_ERR_CORRUPT when a row behind the snapshot was altered, is missing, or is not what its
//         kind demands
// Source: design 3: replay applies facts and never decides again; docs/decisions/0091-snapshots.md
#ifndef LOTCAST_SERVICE_RECOVERY_H
#define LOTCAST_SERVICE_RECOVERY_H

#include "auction-svc/io/ledger.h"
#include "auction-svc/service/house.h"

// All sales that are not deleted, and the ids of the others. Logs the first thing that is wrong, and
// at the end what it took.
LC_MUST_CHECK enum lc_status recovery_load(struct ledger *ledger, struct house *house);

#endif
