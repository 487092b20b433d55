// What a sale is before anything happens: its rules as data, and its lots.
//
// Purity:    pure
// Units:     *_ms milliseconds, *_minor currency minor units
// Ownership: struct sale_definition and lot_definition borrow their texts (bytes); the sale copies
//            what it keeps
// Source:    rules 1 and 3; docs/PROTOCOL.md, Sale definition
#ifndef LOTCAST_CORE_DEFINITION_H
#define LOTCAST_CORE_DEFINITION_H

#include "auction-svc/core/increment.h"
#include "auction-svc/core/limits.h"
#include "lib/base/error_code.h"
#include "lib/base/id.h"

enum sale_visibility { VISIBILITY_NAMES, VISIBILITY_PADDLES, VISIBILITY_HIDDEN };
enum soft_close_type { SOFT_CLOSE_RESET, SOFT_CLOSE_ADD };

struct soft_close {
    int64_t window_ms; // 0: no soft close
    int64_t amount_ms;
    enum soft_close_type type; // reset: end = max(end, now + amount); add: end += amount
    int64_t max_extensions;    // of one lot, 0: no cap
};

struct sale_rules {
    int64_t lot_duration_ms;
    int64_t gap_ms; // between begin or a hammer and the next lot
    struct soft_close soft_close;
    int64_t unsold_rounds; // times that unsold lots are offered again
    bool strict;           // amounts must lie on the ladder
    int64_t sanity_factor; // more than this times the price (before a bid: the opening) needs
                           // confirm; 0: off
    int64_t outage_threshold_ms;
    int64_t outage_extension_ms;
    struct increment_table increments;
};

struct roster_rules {
    bool enabled; // false: the other members are 0
    int64_t budget_minor;
    int64_t slots; // 0: a budget without a roster
    int64_t minimum_minor;
};

struct sale_definition {
    struct sale_id id;
    struct bytes title;
    char currency_code[CURRENCY_CODE_SIZE_MAX + 1];
    int64_t currency_minor_digits; // 0 to 4
    bool is_public;
    enum sale_visibility visibility;
    struct sale_rules rules;
    struct roster_rules roster;
};

struct lot_definition {
    struct lot_id id;   // "" : "l" + no
    int64_t no;         // 0: one more than the highest before it
    struct bytes title; // 1 to SALE_TITLE_SIZE_MAX bytes
    struct bytes description;
    struct bytes image;
    struct bytes category;
    int64_t opening_minor; // 1 to AMOUNT_MINOR_MAX
    int64_t reserve_minor; // 0: none
    int64_t duration_ms;   // 0: the sale's
};

// The rules of docs/PROTOCOL.md where a definition does not name them.
struct sale_definition sale_definition_default(void);

// ERROR_NONE, or ERROR_BAD_DEFINITION with the name of the first wrong member in `*out_member` (a
// literal).
enum error_code sale_definition_check(const struct sale_definition *definition,
                                      const char **out_member);
enum error_code lot_definition_check(const struct lot_definition *lot, const char **out_member);

// UTF-8 of the given size without a control character: names, titles, notices.
bool line_is_legal(struct bytes text, size_t size_min, size_t size_max);

#endif
