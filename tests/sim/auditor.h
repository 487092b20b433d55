// Watches a simulated sale and judges it by the auction rules alone: it has its own books and its
// own arithmetic, and asks nothing of the core's decisions.
//
// Purity:    pure
// Units:     as in the core
// Ownership: caller's memory; borrows nothing
// Order:     auditor_step() before the facts of a command, auditor_fact() for each fact that the
//            ledger took, auditor_outcome() after them, auditor_check() once they are applied; the
//            first broken rule stays in auditor.fault
// Source:    the rules' sections 1 to 5. Where they leave a choice open, each choice is allowed, and
//            the books take over the one that was made
#ifndef LOTCAST_TESTS_SIM_AUDITOR_H
#define LOTCAST_TESTS_SIM_AUDITOR_H

#include "auction-svc/core/sale.h"

enum {
    AUDIT_LOTS_MAX = 12,
    AUDIT_PARTICIPANTS_MAX = 12,
    AUDIT_BIDS_MAX = 4096,
    AUDIT_ENDS_MAX = 4, // choices of the rules for the end of a neighbour
    AUDIT_AWARDS_MAX = 16
};

enum audit_phase { AUDIT_LOBBY, AUDIT_LIVE, AUDIT_PAUSED, AUDIT_COMPLETE, AUDIT_GONE };
enum audit_cause { CAUSE_CREATE, CAUSE_COMMAND, CAUSE_DEADLINE, CAUSE_ENGINE_START, CAUSE_OUTAGE };

// What one participant has on one lot.
struct audit_offer {
    int64_t max;   // a maximum or a sealed bid, 0: none
    int64_t order; // of its placing
    int64_t plain; // his best plain bid that stands
    int64_t quantity;
    bool passed;
    bool entered; // japanese
    int64_t left_at;
    int64_t left_price;
};

struct audit_undo {
    int64_t no;
    int by; // -1: the house
    int64_t price;
    int leader;
    bool house;
    int64_t held;
    enum bid_kind kind;
    int64_t order_after;      // of his maximum, once it was placed
    struct audit_offer offer; // of `by`, before the bid
};

struct audit_lot {
    char id[ID_SIZE_MAX + 1];
    char category[LOT_CATEGORY_SIZE_MAX + 1];
    char set[LOT_SET_SIZE_MAX + 1];
    char match_holder[ID_SIZE_MAX + 1];
    int64_t opening;
    int64_t reserve;
    int64_t buy_now;
    int64_t quantity;
    int64_t duration;
    struct lot_rules rules;
    enum lot_phase phase;
    int64_t price; // 0: none
    int leader;    // -1: nobody or the house
    bool house;
    int64_t held; // by the leader
    int64_t bids;
    int64_t round;
    int64_t started_at;
    int64_t ends_at; // 0: no clock
    int64_t first_ends_at;
    int64_t draws_at;
    int64_t hammer_at;  // closing
    int64_t answers_at; // matching
    int64_t extensions;
    int64_t asked;
    int64_t warned;
    int64_t quantity_left;
    int64_t clock_price;
    int64_t clock_from;
    int64_t sold_at;
    int64_t sold_shift; // pauses and outages since
    bool was_reopened;
    enum match_stage match_stage;
    int64_t match_price;
    int match_winner;
    bool match_raised;
    bool place_open;      // its place in a parallel sale is not known yet
    bool start_due;       // parallel: with absentee maxima, it opens a moment after the others
    bool extensions_open; // is it counted anew?
    bool asked_open;      // see auditor_check()
    int64_t asked_before;
    bool round_open;    // named before the names were called again: does it come back?
    bool phase_open;    // does a reset bring back a lot withdrawn?
    int64_t warn_after; // warnings due up to then are not given any more
    bool ends_open;     // the rules leave its new end open: see auditor_check()
    bool offers_open;   // likewise its maxima
    int64_t ends_other[AUDIT_ENDS_MAX]; // the other end that is allowed
    int64_t named_by[AUDIT_PARTICIPANTS_MAX];
    struct audit_offer offers[AUDIT_PARTICIPANTS_MAX];
    struct audit_undo undo[UNDO_DEPTH_MAX]; // a ring
    int64_t undo_total;
    int64_t undo_count;
    struct { // of several pieces
        int winner;
        int64_t quantity;
        int64_t price;
    } awards[AUDIT_AWARDS_MAX];
    int awards_count;
};

struct audit_participant {
    char id[ID_SIZE_MAX + 1];
    char paddle[PADDLE_SIZE_MAX + 1];
    enum participant_status status;
    int64_t budget; // 0: the roster's
    int64_t slots;  // 0: the roster's
    int64_t limit;
    int64_t spent;
    int64_t won;
    int64_t category_won[CATEGORY_CAPS_MAX];
    bool was_cut; // the staff has lowered what he may spend below what he has committed
};

struct audit_bid {
    int64_t no;
    int64_t amount;
    int by;
    int lot;
};

// What a bid on an ascending lot must lead to.
struct audit_result {
    bool moves;    // it can move price or leader
    bool may_move; // it can also leave both
    int64_t price_least;
    int64_t price_most;
    int leader; // -1: the house
    int other;  // also right; -2: nobody else
    bool loose; // a maximum can't be afforded or its owner may not bid: cut or skipped
};

struct auditor {
    char fault[240]; // "": every rule was kept so far
    struct sale_definition rules;
    enum audit_phase phase;
    struct audit_lot lots[AUDIT_LOTS_MAX];
    int lots_count;
    struct audit_participant participants[AUDIT_PARTICIPANTS_MAX];
    int participants_count;
    int next;              // the lot counted in, -1: none
    int64_t next_at;       // its start
    int64_t begun_at;      // of the sale, for parallel ends
    int64_t parallel_base; // the first end of the round, 0: not known yet
    int64_t places_open;   // parallel: lots that have just opened
    int last_closed;       // the lot that may be opened again, -1: none
    bool nominating;
    int nominator;
    int64_t nominations;
    int64_t nomination_ends;
    int nominated; // its opening bid is due at the start, -1: none
    bool naming;
    int64_t naming_ends;
    int64_t lobby_ends; // START_AT
    char gavel[CONSOLE_SIZE_MAX + 1];
    int64_t gavel_seen; // last time that the console was heard of
    int64_t frozen;     // time left while paused
    int64_t paused_at;
    int64_t last_at; // of the last fact
    int64_t seq;
    int64_t epoch;
    int64_t round;
    int64_t bids;
    int64_t orders;
    struct audit_bid acknowledged[AUDIT_BIDS_MAX];
    int acknowledged_count;
    // the step that is being watched
    enum audit_cause cause;
    const struct sale_command *command;
    int64_t now;
    int64_t alive_at; // of an engine start or an outage
    uint64_t allowed; // answers that the rules allow, a bit for each code
    struct audit_result result;
    struct audit_offer offer_before; // of `by` on that lot
    int lot;                         // that the command means, -1: none
    int by;                          // for whom
    bool by_paddle;
    int64_t ends_before; // of that lot
    int leader_before;
    int64_t extension_due; // a LOT_EXTENDED must follow with this end, 0: none
    bool over_due;         // the last lot was decided: its sequel must follow
    bool resume_due;
    int revealed;  // the lot whose seed was told, -1: none
    bool in_grace; // the bid counts by its stamp, behind the end
    bool max_seen;
    bool bid_seen;
    int public_facts;
    int facts;
    uint64_t kinds; // of the facts of the step
};

void auditor_init(struct auditor *auditor, const struct sale_definition *definition);

// A step begins. `command` is NULL for what no client asked for.
void auditor_step(struct auditor *auditor, enum audit_cause cause,
                  const struct sale_command *command, int64_t alive_at, int64_t now);
void auditor_fact(struct auditor *auditor, const struct sale_event *event);

// The step ends with its refusal (ERROR_NONE: accepted).
void auditor_outcome(struct auditor *auditor, enum error_code refusal);

// A bidder was told that his bid, the last fact of that kind, is accepted.
void auditor_acknowledge(struct auditor *auditor, const struct sale_event *bid);

// The gavel's console was heard of.
void auditor_hear_gavel(struct auditor *auditor, struct bytes console, int64_t now);

// Compares what everybody sees with the books.
void auditor_check(struct auditor *auditor, const struct sale *sale);

// A bid of the ledger, in order; and the end of the ledger.
void auditor_ledger_bid(struct auditor *auditor, int *io_position, const struct sale_event *event);
void auditor_ledger_end(struct auditor *auditor, int position);

void auditor_fail(struct auditor *auditor, const char *rule);

#endif
