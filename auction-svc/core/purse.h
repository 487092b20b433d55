// What a participant can still offer: his budget, the minimum kept back for open roster slots, places
// in the lot's category, and his spending limit.
//
// Purity: pure
// Units:  *_minor currency minor units
// Source: rules 3, Roster auctions: a leader holds his whole maximum on every open lot, premium
//         excluded, and a lot led counts as a taken slot and category place
#ifndef LOTCAST_CORE_PURSE_H
#define LOTCAST_CORE_PURSE_H

#include "auction-svc/core/held.h"

struct purse {
    bool has_budget;          // false: no money rule of the roster
    bool has_roster;          // false: no slots
    bool has_limit;           // false: no spending limit
    bool category_full;       // of the lot that was asked for
    int64_t left_minor;       // budget less what is spent and held
    int64_t slots_open;       // 0: the roster is full
    int64_t minimum_minor;    // kept back for each slot that stays open
    int64_t reserved_minor;   // minimum x slots open after the next lot won
    int64_t limit_left_minor; // spending limit less what is spent and held
};

// What holds on every lot but `except` (NULL: on all lots). The category is that of `except`.
struct purse purse_of(const struct sale *sale, const struct participant *participant,
                      const struct lot *except);

// The purse as if that were not held; without a category.
struct purse purse_without(const struct sale *sale, const struct participant *participant,
                           const struct held *held);

// The purse after a lot is won: what it costs, and its place in the roster.
void purse_spend(struct purse *purse, const struct sale *sale, int64_t cost_minor);

// INSUFFICIENT_BUDGET, RESERVE_FOR_ROSTER, ROSTER_FULL, CATEGORY_FULL, LIMIT_EXCEEDED, in this
// order, or ERROR_NONE.
enum error_code purse_check(const struct purse *purse, int64_t amount_minor);

// The largest amount that purse_check() passes, 0: none; INT64_MAX without a rule.
int64_t purse_bid_max(const struct purse *purse);

#endif
