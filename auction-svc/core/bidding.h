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

// Rules 3, closing grace: when the command counts as received.
int64_t offered_at_ms(const struct sale *sale, int64_t lot_index,
                      const struct sale_command *command, int64_t now_ms);

// The checks from NOT_FOUND to FORBIDDEN.
enum error_code bidding_check(const struct sale *sale, const struct sale_command *command,
                              struct bidding bidding, int64_t now_ms);

// The checks from BAD_AMOUNT to LIMIT_EXCEEDED: the format's, then the purse's.
enum error_code offer_check(const struct sale *sale, int64_t lot_index, const struct offer *offer,
                            int64_t now_ms);

// NOT_FOUND, NOT_ACTIVE or PAUSED of a sale that does not run.
enum error_code sale_runs_check(enum sale_phase phase);

// WRONG_LOT or LOT_CLOSED; time decides, even before the close was announced.
enum error_code lot_open_check(const struct sale *sale, const struct lot *lot, int64_t at_ms);

// Do prices on the lot rise by bids that everybody sees?
bool lot_is_ascending(const struct sale *sale, const struct lot *lot);

// Adds the close when every eligible bidder but the leader has passed, and there is at least one
// such. `passer_index` passes just now, -1: nobody; `result` is where the lot stands now.
void pass_close_add(const struct sale *sale, int64_t lot_index, const struct bid_result *result,
                    int64_t passer_index, int64_t now_ms, struct decision *out);

// For lot_format.accept of formats in which the highest price leads: MAX_PLACED of a maximum, and
// BID_ACCEPTED when price or leader moves, with the answer of the house and the extension.
void ascending_accept(const struct sale *sale, int64_t lot_index, const struct offer *offer,
                      int64_t now_ms, struct decision *out);

// Follows LOT_STARTED: what the maxima that were placed before the start come to. `ends_at_ms` is
// the lot's end, 0 without a clock.
void absentee_add(const struct sale *sale, int64_t lot_index, int64_t ends_at_ms, int64_t now_ms,
                  struct decision *out);

// The same with the opening bid of who nominated the lot, -1: nobody, if he may still make it.
void opening_bids_add(const struct sale *sale, int64_t lot_index, int64_t nominator_index,
                      int64_t ends_at_ms, int64_t now_ms, struct decision *out);

void max_placed_add(const struct sale *sale, int64_t lot_index, int64_t by_index, int64_t max_minor,
                    int64_t quantity, int64_t now_ms, struct decision *out);

#endif
