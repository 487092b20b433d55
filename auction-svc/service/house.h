// The house: all sales of this engine, by id, also the ids that are gone.
//
// Purity:    pure (allocates)
// Ownership: house_init/release; the house owns its sales
// Lifetime:  a pointer to a hosted sale is valid until the house is released
// Errors:    LC_ERR_FULL at HOUSE_SALES_MAX
#ifndef LOTCAST_SERVICE_HOUSE_H
#define LOTCAST_SERVICE_HOUSE_H

#include "auction-svc/io/ledger_row.h"
#include "auction-svc/service/retained.h"

enum { HOUSE_SALES_MAX = 10000 };

struct hosted_sale {
    struct sale_id id;
    struct sale *sale; // NULL: deleted, the id stays taken
    struct ledger_head head;
    struct retained retained;
    int64_t tick_at_ms;           // next tick; 0: no clock was running
    enum sale_clock ticked_clock; // which clock the last tick was of
    struct lot_id ticked_lot;
    int64_t counted_seconds;  // last second of the countdown that was announced
    int64_t counted_start_ms; // the start that it counts to
};

struct house {
    struct hosted_sale **sales; // in order of id
    size_t count;
    size_t capacity;
};

void house_init(struct house *house);
void house_release(struct house *house);

struct hosted_sale *house_find(const struct house *house, const struct sale_id *id); // NULL: none

// An empty place under a new id; LC_ERR_EXISTS when the id is or was taken.
LC_MUST_CHECK enum lc_status house_add(struct house *house, const struct sale_id *id,
                                       struct hosted_sale **out_sale);
// Ends the sale and keeps its id.
void house_bury(struct hosted_sale *hosted);

bool house_clock_runs(const struct house *house);
int64_t house_next_deadline_ms(const struct house *house); // INT64_MAX: none

#endif
