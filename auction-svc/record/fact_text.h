// The members of each kind of fact as data: one table that writer and reader both walk.
//
// Purity:    pure
// Ownership: constants
// Source:    auction-svc/core/event.h; docs/decisions/0011
#ifndef LOTCAST_RECORD_FACT_TEXT_H
#define LOTCAST_RECORD_FACT_TEXT_H

#include "auction-svc/core/event.h"

enum member_type {
    MEMBER_INT,          // int64_t
    MEMBER_BOOL,         // bool
    MEMBER_TEXT,         // struct bytes
    MEMBER_ID,           // char[ID_SIZE_MAX + 1]: an id, or "" for none
    MEMBER_CHARS,        // char[size], NUL-terminated
    MEMBER_HASH,         // uint8_t[INVITE_HASH_SIZE], as hex digits
    MEMBER_ENUM,         // an enum, as one of `names`
    MEMBER_INCREMENTS,   // struct increment_table
    MEMBER_DEFINITION,   // struct sale_definition
    MEMBER_LOTS,         // the lots and count of EVENT_LOTS_ADDED
    MEMBER_PARTICIPANTS, // the participants and count of EVENT_PARTICIPANTS_ADDED
    MEMBER_AWARDS,       // the awards and count of EVENT_LOT_AWARDED
    MEMBER_INDEXES,      // the lots and count of EVENT_NAMES_SUBMITTED
    MEMBER_RULES,        // struct lot_rules, behind a bool that tells whether there are any
    MEMBER_PREMIUM,      // struct premium_bands
    MEMBER_CAPS,         // the category caps of a definition
};

struct member_form {
    const char *name; // NULL ends a list
    enum member_type type;
    size_t offset;            // in its struct
    size_t size;              // of MEMBER_CHARS
    const char *const *names; // of MEMBER_ENUM, ended by NULL; the value is the position
    bool is_added;            // by a later version: older texts lack it, and zero is neutral
};

// Members of a kind after "kind" and "at", with offsets in struct sale_event.
const struct member_form *fact_members(enum sale_event_kind kind);

extern const struct member_form definition_members[];  // in struct sale_definition
extern const struct member_form lot_members[];         // in struct lot_definition
extern const struct member_form lot_rules_members[];   // in struct lot_rules
extern const struct member_form participant_members[]; // in struct participant_definition
extern const struct member_form award_members[];       // in struct award

#endif
