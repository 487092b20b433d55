// Increment tables: the least amount that may follow a price.
//
// Purity: pure
// Units:  *_minor currency minor units
// Source: rules 3, Increment tables
#ifndef LOTCAST_CORE_INCREMENT_H
#define LOTCAST_CORE_INCREMENT_H

#include "auction-svc/core/limits.h"
#include "lib/base/bytes.h"

enum increment_kind {
    INCREMENT_BANDS, // a flat table is one band from 0
    INCREMENT_CYCLE, // the rungs of one decade, which repeat ten times larger in the next, and ten
                     // times smaller as long as all of them are whole
    INCREMENT_PERCENT, // a share of the price, rounded
};

struct increment_band {
    int64_t from_minor; // the band holds prices from here to the next band's from, exclusive
    int64_t step_minor;
};

struct increment_table {
    enum increment_kind kind;
    bool align;   // bands: true: the next multiple of the step above the price; false: price + step
    size_t count; // of bands or rungs
    union {
        struct increment_band bands[INCREMENT_BANDS_MAX]; // ascending, the first from 0; steps > 0
        int64_t rungs[INCREMENT_RUNGS_MAX]; // cycle: ascending, the last below ten times the first
        struct {
            int64_t basis_points; // of the price, rounded up to a multiple of round_minor
            int64_t round_minor;  // at least 1
            int64_t step_min_minor;
        } percent;
    } as;
};

bool increment_table_is_valid(const struct increment_table *table);
struct increment_table increment_table_flat(int64_t step_minor, bool align);

// A published table by name: "ebay_us", "ebay_uk", "ipl", "saleroom"; false when there is none of
// that name.
bool increment_table_preset(struct bytes name, struct increment_table *out_table);

// What is added to the price; of aligned bands the step whose multiples are the rungs.
int64_t increment_step(const struct increment_table *table, int64_t price_minor);

// The least amount above `price_minor`; never above AMOUNT_MINOR_MAX + the largest step.
int64_t increment_next(const struct increment_table *table, int64_t price_minor);

// The least amount from `amount_minor` on that can be reached from `opening_minor` by steps of the
// table. Equal steps are climbed at once.
int64_t increment_rung(const struct increment_table *table, int64_t opening_minor,
                       int64_t amount_minor);

// Can `amount_minor` be reached from `opening_minor` by steps of the table?
bool increment_on_ladder(const struct increment_table *table, int64_t opening_minor,
                         int64_t amount_minor);

#endif
