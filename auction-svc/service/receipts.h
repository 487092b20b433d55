// Receipts: what each command came to, so that a repeat gets the same answer and never acts twice.
//
// Purity:    reads and writes the ledger; allocates
// Units:     *_ms engine time
// Ownership: receipts_init/release; borrows the ledger
// Errors:    those of the ledger
// Order:     receipts_find() before a command is decided; receipts_accept() within its transaction.
//            Refusals wait in memory and go with receipts_flush(): within an acceptance's
//            transaction, or each second
// Source:    design 4, Commands: idempotency key = (sale, by, id)
#ifndef LOTCAST_SERVICE_RECEIPTS_H
#define LOTCAST_SERVICE_RECEIPTS_H

#include "auction-svc/io/ledger.h"

enum { RECEIPTS_WAITING_MAX = 1024 };

struct receipts {
    struct ledger *ledger;
    struct ledger_receipt *waiting; // RECEIPTS_WAITING_MAX places; each owns its result
    size_t waiting_count;
};

LC_MUST_CHECK enum lc_status receipts_init(struct receipts *receipts, struct ledger *ledger);
void receipts_release(struct receipts *receipts);

// LC_ERR_NOT_FOUND when there is none. The result is appended to `result`. `by` NULL: of anybody.
LC_MUST_CHECK enum lc_status receipts_find(struct receipts *receipts, const struct sale_id *sale,
                                           const struct participant_id *by,
                                           const struct command_id *id, struct buffer *result,
                                           struct ledger_receipt *out_receipt);

LC_MUST_CHECK enum lc_status receipts_accept(struct receipts *receipts,
                                             const struct ledger_receipt *receipt);
LC_MUST_CHECK enum lc_status receipts_refuse(struct receipts *receipts,
                                             const struct ledger_receipt *receipt);

// Writes the waiting refusals into the open transaction.
LC_MUST_CHECK enum lc_status receipts_flush(struct receipts *receipts);

// More than half full: flush at the end of the turn, which adds less than the other half.
bool receipts_are_crowded(const struct receipts *receipts);

// Forgets what waits for a sale that is deleted.
void receipts_drop(struct receipts *receipts, const struct sale_id *sale);

#endif
