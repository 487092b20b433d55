// Watches a simulated sale and judges it by the auction rules alone: it has its own books and its
// own arithmetic, and asks nothing of the core's decisions.
//
// Purity:    pure
// Units:     as in the core
// Ownership: caller's memory; borrows nothing
// Order:     auditor_command() before the facts of a command, auditor_fact() for each fact that the
// ledger took, auditor_settled() after them; the first broken rule stays in auditor.fault
// Source:    the rules' sections 2, 3 and 5
#ifndef LOTCAST_TESTS_SIM_AUDITOR_H
#define LOTCAST_TESTS_SIM_AUDITOR_H

#include "auction-svc/core/sale.h"

enum { AUDIT_LOTS_MAX = 16, AUDIT_PARTICIPANTS_MAX = 16, AUDIT_BIDS_MAX = 4096 };

enum audit_phase { AUDIT_LOBBY, AUDIT_LIVE, AUDIT_PAUSED, AUDIT_COMPLETE, AUDIT_GONE };
enum audit_lot_phase { AUDIT_PENDING, AUDIT_OPEN, AUDIT_SOLD, AUDIT_UNSOLD };
enum audit_cause { CAUSE_COMMAND, CAUSE_DEADLINE, CAUSE_ENGINE_START, CAUSE_OUTAGE };

struct audit_lot {
    char id[ID_SIZE_MAX + 1];
    int64_t opening;
    int64_t reserve;
    int64_t duration;
    enum audit_lot_phase phase;
    int64_t price; // 0: none
    int leader;    // -1: nobody
    int64_t ends_at;
    int64_t extensions;
};

struct audit_participant {
    char id[ID_SIZE_MAX + 1];
    bool blocked;
    int64_t spent;
    int64_t won;
};

struct audit_bid {
    int64_t no;
    int64_t amount;
    int by;
    int lot;
};

struct auditor {
    char fault[160]; // "": every rule was kept so far
    struct sale_definition rules;
    enum audit_phase phase;
    struct audit_lot lots[AUDIT_LOTS_MAX];
    int lots_count;
    struct audit_participant participants[AUDIT_PARTICIPANTS_MAX];
    int participants_count;
    int open;        // the open lot, -1: none
    int next;        // the lot counted in, -1: none
    int64_t next_at; // its start
    int64_t frozen;  // time left while paused
    int64_t last_at; // of the last fact
    int64_t seq;
    int64_t epoch;
    int64_t round;
    int64_t bids;
    struct audit_bid acknowledged[AUDIT_BIDS_MAX];
    int acknowledged_count;
    // the step that is being watched
    enum audit_cause cause;
    const struct sale_command *command;
    int64_t now;
    int64_t alive_at;         // of an engine start or an outage
    enum error_code expected; // of a bid
    int64_t extension_due;    // a LOT_EXTENDED must follow with this end, 0: none
    int follow_due;           // a fact that must follow a hammer (its kind), -1: none
    int64_t follow_detail;    // its next lot or reason
    bool resume_due;
    int facts;
};

void auditor_init(struct auditor *auditor, const struct sale_definition *definition);

// A step begins. `command` is NULL for what no client asked for.
void auditor_step(struct auditor *auditor, enum audit_cause cause,
                  const struct sale_command *command, int64_t alive_at, int64_t now);
void auditor_fact(struct auditor *auditor, const struct sale_event *event);

// The step ends with its refusal (ERROR_NONE: accepted).
void auditor_outcome(struct auditor *auditor, enum error_code refusal);

// A bidder was told that his bid, the last fact of that kind, is accepted.
void auditor_acknowledge(struct auditor *auditor);

// Compares what everybody sees with the books.
void auditor_check(struct auditor *auditor, const struct sale *sale);

// A bid of the ledger, in order; and the end of the ledger.
void auditor_ledger_bid(struct auditor *auditor, int *io_position, const struct sale_event *event);
void auditor_ledger_end(struct auditor *auditor, int position);

void auditor_fail(struct auditor *auditor, const char *rule);

#endif
