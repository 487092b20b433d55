// Carries out a decision: each fact is applied, written into the turn's transaction, and put in the
// outbox, which holds it until the commit.
//
// Errors: those of the ledger, LC_ERR_CORRUPT when a fact of our own can't be applied: the engine
//         must stop
// Source: design 2
#ifndef LOTCAST_SERVICE_CARRY_OUT_H
#define LOTCAST_SERVICE_CARRY_OUT_H

#include "auction-svc/service/engine.h"

LC_MUST_CHECK enum lc_status carry_out(struct engine *engine, struct hosted_sale *hosted,
                                       const struct decision *decision);

#endif
