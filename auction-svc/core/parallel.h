// Parallel sales: all lots are open together and close one after the other.
//
// Purity: pure
// Units:  *_ms UTC epoch milliseconds in engine time
// Errors: LC_ERR_NO_MEMORY, then nothing has changed
// Source: rules 2, Flow; rules 3: lot k ends at T + k*gap
#ifndef LOTCAST_CORE_PARALLEL_H
#define LOTCAST_CORE_PARALLEL_H

#include "auction-svc/core/sale.h"

// The end of the lot in the k-th place of those that open together, the first in place 0: T + k *
// stagger_ms, earlier or later by what its own duration differs from the sale's; 0 without a clock.
int64_t parallel_ends_at_ms(const struct sale *sale, const struct lot *lot, int64_t place,
                            int64_t first_ends_at_ms);

// Which lots open together, in their order, with the memory that they need.
struct planned_lot {
    int64_t place;
    int64_t index;
};

struct parallel_plan {
    struct planned_lot *lots; // owned until parallel_open()
    size_t count;
};

typedef bool parallel_choice(const struct sale *sale, const struct lot *lot);
LC_MUST_CHECK enum lc_status parallel_plan_make(struct sale *sale, int64_t round,
                                                parallel_choice *opens,
                                                struct parallel_plan *out_plan);

// Opens the lots of the plan, which now are pending: one fact fixes the ends of all of them. Only
// those with absentee maxima wait for a fact of their own in the same millisecond, since their
// prices must be told: sale.next_index is the first of them.
void parallel_open(struct sale *sale, struct parallel_plan *plan, int64_t at_ms,
                   int64_t first_ends_at_ms);

// The next lot that waits for its own fact, if there is one.
void parallel_next(struct sale *sale, int64_t at_ms);

// Does a fact with these lots lie in the range of times?
bool parallel_is_possible(const struct sale *sale, int64_t first_ends_at_ms);

// How long a lot is open by its own definition, its rules, or the sale's.
int64_t lot_duration_ms(const struct sale *sale, const struct lot *lot);

#endif
