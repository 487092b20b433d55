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
    ADD_LOTS_MAX = 1000,  // lots in one command
    RECENT_BIDS_MAX = 20, // kept for the snapshot
    LOT_NO_MAX = 999999,
    UNSOLD_ROUNDS_MAX = 100,
    EXTENSIONS_MAX = 1000000,
    SANITY_FACTOR_MAX = 1000000,
    INVITE_USES_MAX = 1000000,
    DECISION_EVENTS_MAX = 16, // no command or deadline has more facts
};

// Whole numbers up to here survive every JSON reader (RFC 7493).
#define SPENT_MINOR_MAX INT64_C(9007199254740991)
#define TIME_MS_MAX INT64_C(9007199254740991)
#define AMOUNT_MINOR_MAX INT64_C(1000000000000000)
#define DURATION_MS_MAX INT64_C(31536000000) // a year

#endif
