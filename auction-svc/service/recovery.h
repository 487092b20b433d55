// Recovery: the sales of a ledger, made again from their facts; used at a start and by verify.
//
// Purity: reads the ledger
// Errors: LC_ERR_CORRUPT when a row was altered, is missing, or is not what its kind demands
// Source: design 3: replay applies facts and never decides again; rules 5
#ifndef LOTCAST_SERVICE_RECOVERY_H
#define LOTCAST_SERVICE_RECOVERY_H

#include "auction-svc/io/ledger.h"
#include "auction-svc/service/house.h"

enum { RECOVERY_WRONG_SIZE = 128 };

// What reading one sale has shown.
struct recovery_report {
    int64_t rows;
    int64_t events;
    bool chain_ok;
    bool replay_ok;
    char wrong[RECOVERY_WRONG_SIZE]; // the first thing that is wrong, "" when nothing is
};

// Follows the chain and applies every fact to `sale`. LC_OK also for a sale that is wrong: the
// report tells. `retained` may be NULL.
LC_MUST_CHECK enum lc_status recovery_read_sale(struct ledger *ledger, const struct sale_id *id,
                                                struct sale *sale, struct retained *retained,
                                                struct ledger_head *out_head,
                                                struct recovery_report *out_report);

// All sales that are not deleted, and the ids of the others. Logs the first thing that is wrong.
LC_MUST_CHECK enum lc_status recovery_load(struct ledger *ledger, struct house *house);

#endif
