// What a lot takes from a participant's purse while it runs.
//
// Purity: pure
// Units:  *_minor currency minor units
// Source: rules 3, Roster auctions; rules 4: one lot is one place of the roster, whatever the pieces
#ifndef LOTCAST_CORE_HELD_H
#define LOTCAST_CORE_HELD_H

#include "auction-svc/core/sale.h"

// Money that becomes free, and places of the roster, if the participant lets the lot go: of its
// leader, of who holds a button (japanese); of pieces that he has got, only the place, their price
// is spent.
struct held {
    int64_t held_minor;
    int64_t places;
};
struct held lot_held_by(const struct sale *sale, const struct lot *lot, int64_t participant_index);

// Has the participant got pieces of a lot with several?
bool lot_has_award(const struct lot *lot, const struct participant_id *id);

// What several pieces cost; stands still at SPENT_MINOR_MAX.
int64_t pieces_cost(int64_t price_minor, int64_t quantity);

#endif
