// Increment tables: the least amount that may follow a price.
//
// Purity: pure
// Units:  *_minor currency minor units
// Source: rules 3, Increment tables
#ifndef LOTCAST_CORE_INCREMENT_H
#define LOTCAST_CORE_INCREMENT_H

#include "auction-svc/core/limits.h"
#include "lib/base/bytes.h"

struct increment_band {
    int64_t from_minor; // the band holds prices from here to the next band's from, exclusive
    int64_t step_minor;
};

// A flat table is one band from 0. Bands ascend; the first starts at 0; steps are positive.
struct increment_table {
    struct increment_band bands[INCREMENT_BANDS_MAX];
    size_t count;
    bool align; // true: the next multiple of the step above the price; false: price + step
};

bool increment_table_is_valid(const struct increment_table *table);
struct increment_table increment_table_flat(int64_t step_minor, bool align);

// A published table by name ("ebay_us", "ipl"); false when there is none of that name.
bool increment_table_preset(struct bytes name, struct increment_table *out_table);

int64_t increment_step(const struct increment_table *table, int64_t price_minor);

// The least amount above `price_minor`; never above AMOUNT_MINOR_MAX + the largest step.
int64_t increment_next(const struct increment_table *table, int64_t price_minor);

// Can `amount_minor` be reached from `opening_minor` by steps of the table? Ends without climbing
// each step.
bool increment_on_ladder(const struct increment_table *table, int64_t opening_minor,
                         int64_t amount_minor);

#endif
