// What one auction format decides: the interface behind which each format is one file.
//
// Purity:    pure
// Units:     *_minor currency minor units
// Ownership: formats are constants; everything is borrowed for the call
// Order:     the core has checked that the lot is open, who bids, and that the amount is a number;
//            then come the checks of the format, then the purse, then its facts
// Source:    rules 3 and 4; docs/decisions/0010
#ifndef LOTCAST_CORE_FORMAT_H
#define LOTCAST_CORE_FORMAT_H

#include "auction-svc/core/sale.h"

struct offer {
    int64_t by_index; // into participants
    int64_t amount_minor;
    int64_t quantity;
    bool confirm;    // the bidder means an amount far above the price
    bool is_maximum; // the most that he would pay, not a price
    bool as_recorded;
    enum bid_kind kind;
    int64_t
        stamp_ms; // when it was received, as far as the rules of closing grace believe it; 0: now
};

// What a lot that closes now comes to.
struct lot_outcome {
    int64_t winner_index; // -1: unsold, or several winners
    int64_t price_minor;  // of one piece, 0 when unsold
    int64_t quantity;     // sold in all, 0: unsold
    enum unsold_reason unsold_reason;
    const struct award *awards; // of several pieces: what this close gives out, in the decision;
    size_t awards_count;        // dutch: earlier presses have been spent already
};

// Where a lot stands after an offer, automatic answers included.
struct bid_result {
    int64_t price_minor;
    int64_t leader_index; // -1: nobody, or the house
    int64_t held_minor;   // by the leader
};

struct lot_format {
    const char *name;
    bool has_clock;     // false: ends_at_ms stays 0, the auctioneer or the format closes it
    bool takes_maximum; // set_max is allowed
    bool is_sealed;     // nothing of an offer is public before the close
    bool is_timed;      // the price moves with the clock, not with bids
    bool wake_ends;     // wakes_at() is the end of the lot (dutch, candle)

    // Candle: the secret end of a lot that starts now. NULL: none.
    int64_t (*draw)(const struct sale *sale, const struct lot *lot, int64_t starts_at_ms,
                    int64_t ends_at_ms);

    // The least amount that the next bid must reach.
    int64_t (*ask)(const struct sale *sale, const struct lot *lot, int64_t now_ms);

    // The checks from ALREADY_LEADING to ABOVE_SANITY in the order of rules 3, or ERROR_NONE.
    enum error_code (*offer_check)(const struct sale *sale, const struct lot *lot,
                                   const struct offer *offer, int64_t now_ms);

    // What the offer commits of its bidder's purse, if it is taken.
    int64_t (*commits)(const struct sale *sale, const struct lot *lot, const struct offer *offer,
                       int64_t now_ms);

    // Adds the facts of an offer that passed all checks.
    void (*accept)(const struct sale *sale, int64_t lot_index, const struct offer *offer,
                   int64_t now_ms, struct decision *out);

    // The pass of a participant after the common checks (japanese: leaving); NULL: an ordinary pass.
    void (*pass)(const struct sale *sale, int64_t lot_index, int64_t by_index, int64_t now_ms,
                 struct decision *out);

    // When the format itself must act before the end of the lot (secret: it may tell a reserve or a
    // drawn end); INT64_MAX: never. NULL: never. wake() adds at least one fact.
    int64_t (*wakes_at)(const struct sale *sale, const struct lot *lot);
    void (*wake)(const struct sale *sale, int64_t lot_index, int64_t now_ms, struct decision *out);

    // May set decision->awards (malloc) and add EVENT_LOT_AWARDED before the core adds its own. The
    // purses are asked again here for what is not held (rules 4: sealed offers).
    struct lot_outcome (*outcome)(const struct sale *sale, int64_t lot_index, int64_t now_ms,
                                  struct decision *out);
};

// What the formats call of the core.

// BID_ACCEPTED for an offer, and LOT_EXTENDED when the soft close moves the end.
void bid_accepted_add(const struct sale *sale, int64_t lot_index, const struct offer *offer,
                      const struct bid_result *result, int64_t now_ms, struct decision *out);

// The hammer: LOT_SOLD or LOT_UNSOLD, and what follows in the sale. The facts before it in the
// decision are not applied yet: the outcome says everything that they change.
void lot_close_add(const struct sale *sale, int64_t lot_index, const struct lot_outcome *outcome,
                   enum close_reason reason, int64_t now_ms, struct decision *out);

// LOT_WITHDRAWN, and what follows in the sale; of a lot with pieces sold already: LOT_SOLD of these.
void lot_withdraw_add(const struct sale *sale, int64_t lot_index, enum withdraw_reason reason,
                      struct bytes text, int64_t now_ms, struct decision *out);

// The format of a lot, never NULL. Defined by the formats, the only call out of the core.
const struct lot_format *lot_format_of(const struct sale *sale, const struct lot *lot);

#endif
