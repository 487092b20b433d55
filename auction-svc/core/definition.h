// What a sale is before anything happens: its rules as data, and its lots.
//
// Purity:    pure
// Units:     *_ms milliseconds, *_minor currency minor units, *_basis_points hundredths of a percent
// Ownership: struct sale_definition, lot_definition and participant_definition borrow their texts
//            (bytes); the sale copies what it keeps
// Order:     a zero is neutral in each member that a later version added: a ledger that does not
//            know the member replays as it was decided
// Source:    rules 1, 3 and 4; docs/PROTOCOL.md, Sale definition
#ifndef LOTCAST_CORE_DEFINITION_H
#define LOTCAST_CORE_DEFINITION_H

#include "auction-svc/core/increment.h"
#include "auction-svc/core/limits.h"
#include "lib/base/error_code.h"
#include "lib/base/id.h"

enum auction_format {
    FORMAT_ENGLISH,
    FORMAT_LIVE,
    FORMAT_DUTCH,
    FORMAT_JAPANESE,
    FORMAT_SEALED_FIRST,
    FORMAT_VICKREY,
    FORMAT_UNIFORM,
    FORMAT_CANDLE,
    AUCTION_FORMAT_COUNT
};

enum sale_visibility { VISIBILITY_NAMES, VISIBILITY_PADDLES, VISIBILITY_HIDDEN };
enum sale_flow { FLOW_SEQUENTIAL, FLOW_PARALLEL }; // one lot after another | all open at once
enum start_mode { START_LOBBY, START_AT, START_AT_ONCE };
enum lot_order { LOT_ORDER_LISTED, LOT_ORDER_SHUFFLED }; // shuffled within each set
enum registration { REGISTRATION_OPEN, REGISTRATION_APPROVAL };
enum soft_close_type { SOFT_CLOSE_RESET, SOFT_CLOSE_ADD };
// Which open lots an extension moves: the lot; it and those that close after it; those of its
// category; all.
enum soft_close_scope { SOFT_CLOSE_LOT, SOFT_CLOSE_CASCADE, SOFT_CLOSE_GROUP, SOFT_CLOSE_ALL };
enum reserve_mode {
    RESERVE_JUMP,               // a maximum that reaches it lifts the price to it
    RESERVE_SECOND_PRICE,       // never lifts
    RESERVE_HOUSE,              // the house bids up to it, marked as such
    RESERVE_STRAIGHT_UNTIL_MET, // below it the whole of a maximum becomes the price
    RESERVE_FLOOR,              // an offer below is refused
};
enum retraction { RETRACTION_REVIVE, RETRACTION_RESET }; // the bid before stands again | none does
enum buy_now_until { BUY_NOW_UNTIL_BID, BUY_NOW_UNTIL_RESERVE };
enum nomination_order { NOMINATION_NONE, NOMINATION_STRAIGHT, NOMINATION_SNAKE };
enum match_mode { MATCH_NONE, MATCH_PLAIN, MATCH_RAISE }; // raise: the winner may raise once more

struct soft_close {
    int64_t window_ms; // 0: no soft close
    int64_t amount_ms;
    enum soft_close_type type; // reset: end = max(end, now + amount); add: end += amount
    enum soft_close_scope scope;
    int64_t max_extensions; // of one lot, 0: no cap
    int64_t latest_ms;      // the end never moves further than this behind the first one, 0: no cap
    int64_t shrink_percent; // each extension is shorter than the one before by this, 0: none
};

struct lot_rules { // of the sale, or of one lot instead of the sale's
    enum auction_format format;
    int64_t duration_ms; // of the lot; japanese: how long one may enter; sealed: bidding time
    struct soft_close soft_close;
    int64_t closing_grace_ms; // a bid stamped before the end still counts this long after it
    int64_t warning_ms[WARNINGS_MAX]; // before the end: once, twice; 0: none
    bool strict;                      // amounts must lie on the ladder
    int64_t sanity_factor; // more than this times the price (before a bid: the opening) needs
                           // confirm; 0: off
    struct increment_table increments;
    enum reserve_mode reserve_mode;
    enum retraction retraction;
    enum buy_now_until buy_now_until;
    bool no_maximum;           // maximum bids are refused
    int64_t price_step_minor;  // dutch: falls by it, japanese: rises by it
    int64_t price_tick_ms;     // each
    int64_t dutch_raise_minor; // the clock of the rest restarts this much above the price paid
    int64_t candle_ending_ms;  // the last part of the duration, in which the end is drawn
};

struct sale_rules {
    struct lot_rules lot;  // unless the lot has its own
    int64_t gap_ms;        // between begin or a hammer and the next lot
    int64_t unsold_rounds; // times that unsold lots are offered again
    int64_t outage_threshold_ms;
    int64_t outage_extension_ms;
    enum sale_flow flow;
    int64_t stagger_ms; // parallel: lot k closes this times k after the first
    enum start_mode start_mode;
    int64_t starts_at_ms; // START_AT
    enum lot_order lot_order;
    enum registration registration;
    int64_t gavel_timeout_ms; // a live sale pauses when the gavel's console is lost so long; 0: off
    enum nomination_order nomination;
    int64_t nomination_ms; // to name a lot; then the first one listed is offered
    bool nominator_bids;   // the nominator's opening bid is part of it
    bool accelerated;      // the rounds after the first offer only lots that somebody named
    int64_t names_ms;      // to name them
    enum match_mode match;
    int64_t match_ms; // for each answer
};

struct category_cap {
    char category[LOT_CATEGORY_SIZE_MAX + 1];
    int64_t most; // lots of it that one participant may win
};

struct roster_rules {
    bool enabled; // false: the other members are 0
    int64_t budget_minor;
    int64_t slots; // 0: a budget without a roster
    int64_t minimum_minor;
};

struct premium_band {
    int64_t from_minor; // of the hammer price; ascending, the first from 0
    int64_t basis_points;
};

struct premium_bands {
    struct premium_band bands[PREMIUM_BANDS_MAX];
    size_t count; // 0: no premium
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
    struct premium_bands premium;
    struct category_cap category_caps[CATEGORY_CAPS_MAX];
    size_t category_caps_count;
    uint8_t seed[SEED_SIZE]; // secret until it is revealed; zeros: nothing is drawn (rules 1 and 4)
};

struct lot_definition {
    struct lot_id id;   // "" : "l" + no
    int64_t no;         // 0: one more than the highest before it
    struct bytes title; // 1 to SALE_TITLE_SIZE_MAX bytes
    struct bytes description;
    struct bytes image;
    struct bytes category;
    struct bytes set;      // lots of a set follow one another
    int64_t opening_minor; // 1 to AMOUNT_MINOR_MAX; dutch: where the clock starts
    int64_t reserve_minor; // 0: none; dutch: where it stops
    int64_t buy_now_minor; // 0: none
    int64_t estimate_low_minor;
    int64_t estimate_high_minor;
    int64_t quantity;                   // 0 and 1: one piece; dutch and uniform may have more
    int64_t duration_ms;                // 0: that of the rules
    struct participant_id match_holder; // who may match the hammer price; "": nobody
    bool has_rules;                     // false: the sale's
    struct lot_rules rules;
};

struct participant_definition {       // added by the staff
    struct participant_id id;         // "": "p" + number
    char paddle[PADDLE_SIZE_MAX + 1]; // "": the number
    struct bytes name;
    int64_t budget_minor; // 0: the roster's
    int64_t slots;        // 0: the roster's
    int64_t limit_minor;  // of all that he may spend, 0: none
};

// The rules of docs/PROTOCOL.md where a definition does not name them.
struct sale_definition sale_definition_default(void);

// ERROR_NONE, or ERROR_BAD_DEFINITION with the name of the first wrong member in `*out_member` (a
// literal).
enum error_code sale_definition_check(const struct sale_definition *definition,
                                      const char **out_member);
enum error_code lot_definition_check(const struct lot_definition *lot, const char **out_member);
enum error_code participant_definition_check(const struct participant_definition *participant,
                                             const char **out_member);

// Does a legal lot go together with the sale that it is for? As the checks above.
enum error_code lot_definition_fits(const struct sale_definition *definition,
                                    const struct lot_definition *lot, const char **out_member);

// Is anything drawn by lot? Zeros are no seed.
bool sale_definition_has_seed(const struct sale_definition *definition);

// Is anything drawn by lot (an order, the end of a candle), so that the sale needs a seed?
bool sale_definition_draws(const struct sale_definition *definition,
                           const struct lot_definition *lots, size_t lots_count);

// What a participant may spend and win, 0 meaning the roster's: the wrong member, or NULL. The
// second one: do they go together with the sale's roster?
const char *purse_limits_wrong_member(int64_t budget_minor, int64_t slots, int64_t limit_minor);
const char *purse_fit_wrong_member(const struct sale_definition *definition, int64_t budget_minor,
                                   int64_t slots);

// UTF-8 of the given size without a control character: names, titles, notices.
bool line_is_legal(struct bytes text, size_t size_min, size_t size_max);

#endif
