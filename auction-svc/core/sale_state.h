// The whole state of a sale as text, and the way back: for snapshots, and for proofs that two states
// are equal.
//
// Purity:    pure (allocates when reading)
// Ownership: sale_load() gives a sale that the caller ends with sale_destroy()
// Errors:    sale_load(): LC_ERR_BAD_INPUT when the text was written by a program with another state
//            (replay the facts instead), LC_ERR_CORRUPT when it is no state, LC_ERR_NO_MEMORY
// Source:    docs/decisions/0091-snapshots.md; sale_dump() in sale.h is the writer: equal states
//            give equal bytes, and sale_load() then sale_dump() gives the same bytes again
#ifndef LOTCAST_CORE_SALE_STATE_H
#define LOTCAST_CORE_SALE_STATE_H

#include "auction-svc/core/sale.h"

// What sale_load() leaves to nobody: the text is ours and whole, or it is refused. It does not ask
// whether the state obeys the rules: a digest tells whether it is the one that was written.
LC_MUST_CHECK enum lc_status sale_load(struct bytes text, struct sale **out_sale);

// Does the text begin as this program writes it?
bool sale_state_is_ours(struct bytes text);

#endif
