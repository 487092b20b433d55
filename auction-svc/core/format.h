// What one auction format decides: the interface behind which each format is one file.
//
// Purity:    pure
// Units:     *_minor currency minor units
// Ownership: formats are constants; everything is borrowed for the call
// Order:     the core has checked that the lot is open, who bids, and that the amount is a number;
//            the purse comes after
// Source:    rules 3 and 4; docs/decisions/0010
#ifndef LOTCAST_CORE_FORMAT_H
#define LOTCAST_CORE_FORMAT_H

#include "auction-svc/core/sale.h"

struct offer {
    int64_t by_index; // into participants
    int64_t amount_minor;
    bool confirm; // the bidder means an amount far above the price
};

// What a lot that closes now comes to.
struct lot_outcome {
    int64_t winner_index; // -1: unsold
    int64_t price_minor;  // 0 when unsold
    enum unsold_reason unsold_reason;
};

struct lot_format {
    const char *name;

    // The least amount that the next bid must reach.
    int64_t (*ask)(const struct sale *sale, const struct lot *lot);

    // The checks from ALREADY_LEADING to ABOVE_SANITY in the order of rules 3, or ERROR_NONE.
    enum error_code (*offer_check)(const struct sale *sale, const struct lot *lot,
                                   const struct offer *offer);

    struct lot_outcome (*outcome)(const struct lot *lot);
};

// The format of a lot, never NULL. Defined by the formats, the only call out of the core.
const struct lot_format *lot_format_of(const struct lot *lot);

#endif
