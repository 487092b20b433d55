// One sale: its state, and the two ways to change it: decide, then apply.
//
// Purity:    pure: no clock, no IO, no logging, no random numbers; allocates only when lots,
//            participants or invitations are added, never for a bid
// Units:     *_ms UTC epoch milliseconds in engine time or durations, *_minor currency minor units
// Ownership: sale_create() gives a sale that the caller ends with sale_destroy(); decisions borrow
//            from their command
// Lifetime:  pointers to lots and participants are valid until the next sale_apply()
// Errors:    decide() never changes the sale; it gives facts or one refusal. apply():
//            LC_ERR_CORRUPT for a fact that cannot follow the state, which then is unchanged
// Order:     decide(state, command, now) -> facts; the ledger keeps them; apply(state, fact) in
//            order. `now` never goes back
// Source:    rules 1 to 3, design 3; state machine of rules 2
#ifndef LOTCAST_CORE_SALE_H
#define LOTCAST_CORE_SALE_H

#include "auction-svc/core/event.h"
#include "auction-svc/core/id_index.h"
#include "lib/base/buffer.h"

enum sale_phase { SALE_LOBBY, SALE_LIVE, SALE_PAUSED, SALE_COMPLETE, SALE_GONE }; // gone: deleted
enum sale_clock { CLOCK_NONE, CLOCK_LOT, CLOCK_GAP };
enum lot_phase { LOT_PENDING, LOT_OPEN, LOT_SOLD, LOT_UNSOLD, LOT_WITHDRAWN };
enum reserve_status { RESERVE_NONE, RESERVE_NOT_MET, RESERVE_MET };

struct lot {
    struct lot_id id;
    int64_t no;
    char *title; // NUL-terminated, owned by the sale; the next three lie behind it in the same
                 // allocation ("" when not given)
    char *description;
    char *image;
    char *category;
    int64_t opening_minor;
    int64_t reserve_minor; // secret
    int64_t duration_ms;
    enum lot_phase phase;
    int64_t price_minor;   // 0: no bid yet
    int64_t leader_index;  // into participants, -1: none; the winner once sold
    int64_t bids;          // accepted in this round
    int64_t started_at_ms; // 0: not yet in this round
    int64_t ends_at_ms;    // of an open lot; meaningless while the sale is paused
    int64_t extensions;
    int64_t round; // 0, 1 for the first re-offer ...
};

enum participant_status { PARTICIPANT_ACCEPTED, PARTICIPANT_BLOCKED };

struct participant {
    struct participant_id id;
    char paddle[PADDLE_SIZE_MAX + 1];
    char *name; // owned by the sale
    enum participant_status status;
    int64_t spent_minor; // lots won; stands still at SPENT_MINOR_MAX
    int64_t held_minor;  // open lots led
    int64_t slots_taken; // lots won
    int64_t slots_held;  // open lots led
};

struct recent_bid {
    int64_t by_index;
    int64_t amount_minor;
    int64_t at_ms;
};

struct invite {
    uint8_t hash[INVITE_HASH_SIZE];
    enum role role;
    int64_t uses_left; // -1: no limit
    int64_t expires_at_ms;
    struct participant_id participant;
};

struct sale { // read by the shell, written only by sale.c and what it calls
    struct sale_definition definition; // its title is `title`
    char *title;                       // owned; NULL until SALE_CREATED
    enum sale_phase phase;
    enum sale_clock clock; // what runs, or what is frozen while paused
    int64_t seq;           // of the last public fact
    int64_t epoch;
    int64_t last_at_ms;        // engine time of the last fact: the sale is proven alive until then
    int64_t lot_index;         // the open lot, or the last one that was; -1: none yet
    int64_t next_index;        // the lot that the gap counts in; -1: none
    int64_t next_starts_at_ms; // of a running gap
    int64_t paused_remaining_ms; // of the frozen clock
    int64_t round;
    int64_t bids_total; // number of the last bid
    int64_t sold_count;
    int64_t unsold_count;
    struct lot *lots; // in listed order
    size_t lots_count;
    size_t lots_capacity;
    struct id_index lots_by_id;
    struct participant *participants; // in order of joining
    size_t participants_count;
    size_t participants_capacity;
    struct id_index participants_by_id;
    struct invite *invites;
    size_t invites_count;
    size_t invites_capacity;
    struct recent_bid recent_bids[RECENT_BIDS_MAX]; // newest first, of the current lot
    size_t recent_bids_count;
    enum complete_reason complete_reason;
};

enum sale_op {
    SALE_OP_ADD_LOTS,
    SALE_OP_CREATE_INVITE,
    SALE_OP_JOIN,
    SALE_OP_BLOCK,
    SALE_OP_BEGIN,
    SALE_OP_PAUSE,
    SALE_OP_RESUME,
    SALE_OP_NEXT,
    SALE_OP_RESET,
    SALE_OP_DELETE,
    SALE_OP_ANNOUNCE,
    SALE_OP_BID,
};

struct sale_command {
    enum sale_op op;
    enum role role;           // from the token or the binding, never from the sender's payload
    struct participant_id by; // "": nobody (a join) or staff without a participant
    union {
        struct {
            const struct lot_definition *lots;
            size_t count;
        } add_lots;
        struct {
            uint8_t hash[INVITE_HASH_SIZE];
            enum role role;
            int64_t uses;
            int64_t expires_at_ms;
            struct participant_id participant;
        } create_invite;
        struct {
            uint8_t invite_hash[INVITE_HASH_SIZE];
            struct bytes name;
        } join;
        struct {
            struct participant_id participant;
            bool blocked;
        } block;
        struct {
            struct lot_id lot; // the lot meant
        } next;
        struct {
            struct bytes text;
        } announce;
        struct {
            struct lot_id lot;
            int64_t amount_minor; // anything that is no whole number arrives as 0
            bool confirm;
        } bid;
    } as;
};

struct decision {
    enum error_code refusal; // ERROR_NONE: the events are to be kept and applied
    const char *detail;      // which member was wrong, a literal, or NULL
    struct sale_event events[DECISION_EVENTS_MAX];
    size_t events_count;
    struct lot_definition
        *lots; // with ids and numbers filled in, owned by the decision (add_lots only)
    struct participant_id joined; // result of a join: new or restored; "" for viewers and staff
    enum role joined_role;
};

// Must be called for each decision, also a refused one.
void decision_release(struct decision *decision);

// An empty sale; its first fact must be SALE_CREATED. NULL without memory.
struct sale *sale_create(void);
void sale_destroy(struct sale *sale);

// Facts of the creation: SALE_CREATED, EPOCH_STARTED, and LOTS_ADDED when there are lots. Refusal:
// BAD_DEFINITION, LOT_EXISTS, TOO_MANY.
void sale_decide_create(const struct sale_definition *definition, const struct lot_definition *lots,
                        size_t lots_count, int64_t epoch, int64_t now_ms, struct decision *out);

void sale_decide(const struct sale *sale, const struct sale_command *command, int64_t now_ms,
                 struct decision *out);

// What is due at `now_ms`: at most one deadline a call (call again while next_deadline <= now).
// Empty when nothing is due.
void sale_decide_due(const struct sale *sale, int64_t now_ms, struct decision *out);

// A start of the engine: EPOCH_STARTED, and, when a clock was running, SALE_RESUMED {outage} with
// the time that was left at `alive_at_ms`, plus the sale's extension when the gap was longer than
// its threshold.
void sale_decide_engine_start(const struct sale *sale, int64_t epoch, int64_t alive_at_ms,
                              int64_t now_ms, struct decision *out);

// The bus was lost at `lost_at_ms` for longer than the threshold: SALE_RESUMED {outage}. Empty when
// no clock runs or the gap is shorter.
void sale_decide_outage(const struct sale *sale, int64_t lost_at_ms, int64_t now_ms,
                        struct decision *out);

// LC_ERR_CORRUPT: the fact can't follow this state (the ledger was damaged); LC_ERR_NO_MEMORY. The
// sale then is as it was.
LC_MUST_CHECK enum lc_status sale_apply(struct sale *sale, const struct sale_event *event);

// Engine time of the next deadline; INT64_MAX when no clock runs.
int64_t sale_next_deadline(const struct sale *sale);

// -1 when there is none.
int64_t sale_lot_index(const struct sale *sale, const struct lot_id *id);
int64_t sale_participant_index(const struct sale *sale, const struct participant_id *id);
int64_t sale_invite_index(const struct sale *sale, const uint8_t hash[INVITE_HASH_SIZE]);

// The least amount that the next bid on a lot must reach.
int64_t sale_ask(const struct sale *sale, const struct lot *lot);
enum reserve_status lot_reserve_status(const struct lot *lot);

// The most that the money rules let a participant offer now on a lot; INT64_MAX without a budget.
int64_t sale_max_bid(const struct sale *sale, const struct participant *participant,
                     const struct lot *lot);

// SHA-256-ready digest of everything that replay must restore: equal states give equal bytes.
void sale_dump(const struct sale *sale, struct buffer *out);

#endif
