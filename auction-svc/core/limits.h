// Limits of one sale; reaching one is the refusal TOO_MANY or BAD_DEFINITION, never growth.
//
// Units: sizes in bytes, *_minor currency minor units
#ifndef LOTCAST_CORE_LIMITS_H
#define LOTCAST_CORE_LIMITS_H

#include <stdint.h>

enum {
    SALE_LOTS_MAX = 10000,
    SALE_PARTICIPANTS_MAX = 5000,
    SALE_INVITES_MAX = 6000,
    SALE_TITLE_SIZE_MAX = 120,
    LOT_DESCRIPTION_SIZE_MAX = 1000,
    LOT_IMAGE_SIZE_MAX = 500,
    LOT_CATEGORY_SIZE_MAX = 40,
    PARTICIPANT_NAME_SIZE_MAX = 60,
    PADDLE_SIZE_MAX = 8,
    NOTICE_SIZE_MAX = 280,
    CURRENCY_CODE_SIZE_MAX = 8,
    INCREMENT_BANDS_MAX = 32,
    INCREMENT_RUNGS_MAX = 64,
    PREMIUM_BANDS_MAX = 8,
    CATEGORY_CAPS_MAX = 16,
    LOT_SET_SIZE_MAX = 40,
    LOT_QUANTITY_MAX = 10000,
    WARNINGS_MAX = 2,            // once, twice
    UNDO_DEPTH_MAX = 64,         // newest bids of a lot that can be retracted
    STANDINGS_MAX = 5000,        // maxima, sealed bids or buttons held on one lot
    REOPEN_PARALLEL_MS = 60000,  // rules 2: a sold lot of a parallel sale may be reopened so long
    ADD_PARTICIPANTS_MAX = 1000, // in one fact
    SUBMITTED_NAMES_MAX = 100,   // lots that one participant may name for the accelerated round
    REASON_SIZE_MAX = 120,
    CONSOLE_SIZE_MAX = 32,
    BASIS_POINTS_MAX = 10000,
    PERCENT_MAX = 100,
    SEED_SIZE = 32,
    ADD_LOTS_MAX = 1000,  // lots in one fact
    RECENT_BIDS_MAX = 20, // kept for the snapshot
    LOT_NO_MAX = 999999,
    UNSOLD_ROUNDS_MAX = 100,
    EXTENSIONS_MAX = 1000000,
    SANITY_FACTOR_MAX = 1000000,
    CLOSING_GRACE_MS_MAX = 60000,
    CURRENCY_MINOR_DIGITS_MAX = 4,
    INVITE_USES_MAX = 1000000,
    DECISION_EVENTS_MAX = 24, // no command or deadline has more facts
};

// Whole numbers up to here survive every JSON reader (RFC 7493).
#define SPENT_MINOR_MAX INT64_C(9007199254740991)
#define TIME_MS_MAX INT64_C(9007199254740991)
#define AMOUNT_MINOR_MAX INT64_C(1000000000000000)
#define DURATION_MS_MAX INT64_C(31536000000) // a year

#endif
