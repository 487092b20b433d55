// What follows in a sale when a lot has left it: the next lot, a nomination, another round, the end.
//
// Purity: pure
// Units:  *_ms UTC epoch milliseconds in engine time
// Order:  decided on the sale as it will be after the facts before: nothing is held on the lot that
//         closes, and who wins it has spent
// Source: rules 2 and 3, Roster auctions
#ifndef LOTCAST_CORE_SEQUEL_H
#define LOTCAST_CORE_SEQUEL_H

#include "auction-svc/core/decide.h"
#include "auction-svc/core/format.h"

struct closing {
    const struct lot *lot;             // NULL: none closes
    const struct lot_outcome *outcome; // NULL: it is withdrawn
};

enum sequel_kind {
    SEQUEL_OTHERS, // other lots run on
    SEQUEL_LOT,    // the next lot is counted in
    SEQUEL_NOMINATION,
    SEQUEL_ROUND, // no lot is pending any more
    SEQUEL_END,
};

struct sequel {
    enum sequel_kind kind;
    int64_t next_index; // SEQUEL_LOT, else -1
    int64_t next_starts_at_ms;
    enum complete_reason reason; // SEQUEL_END
};

struct sequel sequel_of(const struct sale *sale, const struct closing *closing, int64_t now_ms);

// Adds the facts behind the one that carries next_index.
void sequel_add(const struct sale *sale, const struct closing *closing, const struct sequel *sequel,
                int64_t now_ms, struct decision *out);

// rules 3: every roster is full, or nobody can afford the minimum.
bool sale_is_complete(const struct sale *sale, const struct closing *closing,
                      enum complete_reason *out_reason);
void complete_add(const struct sale *sale, enum complete_reason reason, int64_t now_ms,
                  struct decision *out);

// Another round over the unsold lots (`only_named`: of those that somebody named), or the end.
void round_add(const struct sale *sale, const struct closing *closing, bool only_named,
               int64_t now_ms, struct decision *out);

// Could the participant legally make the opening bid on a lot, once `closing` has happened?
bool participant_can_open(const struct sale *sale, int64_t participant_index, const struct lot *lot,
                          const struct closing *closing);

#endif
