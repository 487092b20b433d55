// The members of a sale definition in JSON as data: one table that reader and writer both walk, and
// that the published schema is compared with.
//
// Purity:    pure
// Ownership: constants
// Source:    docs/PROTOCOL.md, Sale definition; docs/sale-definition.schema.json
#ifndef LOTCAST_RECORD_DEFINITION_FORM_H
#define LOTCAST_RECORD_DEFINITION_FORM_H

#include "auction-svc/core/definition.h"

enum form_kind {
    FORM_INT,        // int64_t
    FORM_COUNT,      // int64_t, at least 1 where it is given: 0 means that it is not
    FORM_BOOL,       // bool
    FORM_NOT,        // bool that says the opposite
    FORM_TEXT,       // struct bytes
    FORM_ID,         // char[ID_SIZE_MAX + 1]
    FORM_CHARS,      // char[size], NUL-terminated
    FORM_CHOICE,     // an enum, one of `words`
    FORM_OBJECT,     // `members`, with offsets in what lies at `offset`
    FORM_SOFT_CLOSE, // likewise; null turns it off
    FORM_SWITCHED,   // likewise; being there sets the bool at `offset` + `size`
    FORM_INCLUDED,   // no member: `members` stand here, with offsets in what lies at `offset`
    FORM_INCREMENTS, // struct increment_table
    FORM_WARNINGS,   // int64_t[WARNINGS_MAX]: an array without its zeros
    FORM_PREMIUM,    // struct premium_bands
    FORM_CAPS,       // the category caps of a sale_definition
    FORM_LOT_RULES,  // of a lot_definition: `members`, over the rules of the sale
    FORM_LIST,       // lots or participants, read by themselves
    FORM_SCHEMA,     // "$schema": for editors, read over
};

struct definition_form {
    const char *name; // NULL ends a list; of FORM_INCLUDED: ""
    enum form_kind kind;
    size_t offset; // in its struct
    size_t size;
    const char *const *words;
    const struct definition_form *members;
    bool is_required;
    bool is_spare; // its default is neutral: it is not written when it says nothing
};

extern const struct definition_form definition_sale_forms[];        // struct sale_definition
extern const struct definition_form definition_lot_forms[];         // struct lot_definition
extern const struct definition_form definition_lot_rules_forms[];   // struct lot_rules
extern const struct definition_form definition_participant_forms[]; // struct participant_definition

// Members of the parts that are more than one value, each list ended by NULL: of a band of the
// premium, of a cap, of the kinds of increments from 0 on (NULL behind the last).
extern const char *const definition_premium_members[];
extern const char *const definition_cap_members[];
const char *const *definition_increment_members(size_t kind);

// The form of a name, also one of an included list; NULL when there is none.
const struct definition_form *definition_form_find(const struct definition_form *forms,
                                                   const char *name);

#endif
