// What every kind of offer shares: the checks in their order, and the facts of ascending formats.
//
// Purity: pure
// Units:  *_ms UTC epoch milliseconds in engine time, *_minor currency minor units
// Order:  bidding_check(), then offer_check(), then the accept of the lot's format
// Source: rules 3, English
#ifndef LOTCAST_CORE_BIDDING_H
#define LOTCAST_CORE_BIDDING_H

#include "auction-svc/core/decide.h"
#include "auction-svc/core/format.h"

struct bidding { // who on which lot, -1: unknown
    int64_t lot_index;
    int64_t by_index;
    bool is_for_paddle; // by a clerk
    bool takes_pending; // the lot may wait for its start
};

// The checks from NOT_FOUND to FORBIDDEN.
enum error_code bidding_check(const struct sale *sale, const struct sale_command *command,
                              struct bidding bidding, int64_t now_ms);

// The checks from BAD_AMOUNT to LIMIT_EXCEEDED: the format's, then the purse's.
enum error_code offer_check(const struct sale *sale, int64_t lot_index, const struct offer *offer,
                            int64_t now_ms);

// For lot_format.accept of formats in which the highest price leads: MAX_PLACED of a maximum, and
// BID_ACCEPTED when price or leader moves, with the answer of the house and the extension.
void ascending_accept(const struct sale *sale, int64_t lot_index, const struct offer *offer,
                      int64_t now_ms, struct decision *out);

// Follows LOT_STARTED: what the maxima that were placed before the start come to. `ends_at_ms` is
// the lot's end, 0 without a clock.
void absentee_add(const struct sale *sale, int64_t lot_index, int64_t ends_at_ms, int64_t now_ms,
                  struct decision *out);

void max_placed_add(const struct sale *sale, int64_t lot_index, int64_t by_index, int64_t max_minor,
                    int64_t quantity, int64_t now_ms, struct decision *out);

#endif
