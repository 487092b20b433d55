// Facts as text: what a row of the ledger holds, and the way back to the fact that apply() takes.
//
// Purity:    pure (allocates when reading)
// Ownership: fact_read() gives a fact that the caller ends with fact_destroy(); the event's texts
//            and arrays are borrowed from it
// Errors:    fact_read: LC_ERR_CORRUPT (not ours, a member missing or of a wrong type),
//            LC_ERR_NO_MEMORY
// Source:    {"kind":"bid_accepted","at":...,members named as in auction-svc/core/event.h}; a
//            reader fills members that an older writer did not know with their neutral value, so
//            that old ledgers replay for ever
#ifndef LOTCAST_RECORD_FACT_H
#define LOTCAST_RECORD_FACT_H

#include "auction-svc/core/event.h"
#include "lib/base/buffer.h"

struct fact;

void fact_write(struct buffer *out, const struct sale_event *event);
LC_MUST_CHECK enum lc_status fact_read(struct bytes text, struct fact **out_fact);
const struct sale_event *fact_event(const struct fact *fact);
void fact_destroy(struct fact *fact);

#endif
