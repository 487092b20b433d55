// The right to match: the holder may take a lot at the hammer price; in the form of 2025 the winner
// may raise once more first, and the holder takes that price or leaves it.
//
// Purity: pure
// Units:  *_minor currency minor units, *_ms UTC epoch milliseconds in engine time
// Source: rules 3, Roster auctions. Silence is an answer: no match, no raise
#ifndef LOTCAST_CORE_MATCHING_H
#define LOTCAST_CORE_MATCHING_H

#include "auction-svc/core/decide.h"
#include "auction-svc/core/format.h"

// Adds MATCH_OFFERED when somebody else may take the lot from its winner; false: nobody may.
bool match_offer_add(const struct sale *sale, int64_t lot_index, const struct lot_outcome *outcome,
                     enum close_reason reason, int64_t now_ms, struct decision *out);

// The time for an answer has run out.
void match_due_add(const struct sale *sale, int64_t lot_index, int64_t now_ms,
                   struct decision *out);

void decide_match(const struct sale *sale, const struct sale_command *command, int64_t now_ms,
                  struct decision *out);
void decide_raise_match(const struct sale *sale, const struct sale_command *command, int64_t now_ms,
                        struct decision *out);

#endif
