// Proves a ledger offline: the hash chain, rows and seq without a gap, a replay that reaches what
// was published byte for byte, and the state of each snapshot.
//
// Purity: reads the ledger, prints to stdout
// Errors: LC_ERR_CORRUPT when a sale is damaged; LC_ERR_NOT_FOUND when the wanted sale is not
//         there; those of the ledger
// Source: rules 5
#ifndef LOTCAST_SERVICE_VERIFY_H
#define LOTCAST_SERVICE_VERIFY_H

#include "lib/base/id.h"
#include "lib/base/status.h"

// `wanted` NULL: all sales. Prints a line for each: "sale demo: N rows, M events, chain ok, replay
// ok, K snapshots ok"; `as_json`: an object {"sales":[...]} instead.
LC_MUST_CHECK enum lc_status verify(const char *data_folder, const struct sale_id *wanted,
                                    bool as_json);

#endif
