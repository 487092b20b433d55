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
};

// What a lot that closes now comes to. Of several pieces the awards lie in the decision.
struct lot_outcome {
    int64_t winner_index; // -1: unsold, or several winners
    int64_t price_minor;  // of one piece, 0 when unsold
    int64_t quantity;     // sold, 0: unsold
    enum unsold_reason unsold_reason;
};

struct lot_format {
    const char *name;
    bool has_clock;     // false: the auctioneer closes it
    bool takes_maximum; // set_max is allowed
    bool is_sealed;     // nothing of an offer is public before the close
    bool is_timed;      // the price moves with the clock, not with bids

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

    // The pass of a participant (japanese: leaving); NULL: an ordinary pass.
    void (*pass)(const struct sale *sale, int64_t lot_index, int64_t by_index, int64_t now_ms,
                 struct decision *out);

    // When the format itself must act before the end of the lot; INT64_MAX: never. NULL: never.
    int64_t (*wakes_at)(const struct sale *sale, const struct lot *lot);
    void (*wake)(const struct sale *sale, int64_t lot_index, int64_t now_ms, struct decision *out);

    // May set decision->awards (malloc) and add EVENT_LOT_AWARDED before the core adds its own.
    struct lot_outcome (*outcome)(const struct sale *sale, int64_t lot_index, int64_t now_ms,
                                  struct decision *out);
};

// The format of a lot, never NULL. Defined by the formats, the only call out of the core.
const struct lot_format *lot_format_of(const struct sale *sale, const struct lot *lot);

#endif
