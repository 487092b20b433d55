// Nomination: participants name the next lot, in turn, each within nomination_ms.
//
// Purity: pure
// Units:  *_ms UTC epoch milliseconds in engine time
// Source: rules 3, Roster auctions. Turns are counted through the whole sale. Straight: turn t is
//         that of participant t mod n in order of joining; snake: every other run goes backwards.
//         Who can't make the opening bid on any lot is left out; his turn is counted.
#ifndef LOTCAST_CORE_NOMINATION_H
#define LOTCAST_CORE_NOMINATION_H

#include "auction-svc/core/sequel.h"

// Who names the next lot once `closing` has happened, -1: nobody (no nomination, or nobody can buy).
int64_t nomination_next(const struct sale *sale, const struct closing *closing, int64_t *out_turn);
void nomination_add(const struct sale *sale, int64_t participant_index, int64_t turn,
                    int64_t now_ms, struct decision *out);

// The clock has run out, or the staff names a lot: it is counted in.
void nominated_add(const struct sale *sale, int64_t lot_index, const struct participant_id *by,
                   int64_t now_ms, struct decision *out);

#endif
