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

// What the sale itself waits for. With CLOCK_LOT lots are open, each with its own clock.
enum sale_clock {
    CLOCK_NONE,
    CLOCK_LOT,
    CLOCK_GAP,        // until the next lot
    CLOCK_NOMINATION, // until somebody names the next lot
    CLOCK_NAMES,      // until the lots of an accelerated round are named
    CLOCK_START,      // in the lobby: until starts_at_ms
};

enum lot_phase {
    LOT_PENDING,
    LOT_OPEN,
    LOT_SOLD,
    LOT_UNSOLD,
    LOT_WITHDRAWN,
    LOT_CLOSING,  // the end has come, bids stamped before it may still arrive
    LOT_MATCHING, // decided but for the right to match
};
enum reserve_status { RESERVE_NONE, RESERVE_NOT_MET, RESERVE_MET };

// What one participant has on one lot besides plain bids.
struct standing {
    int64_t by_index;
    int64_t max_minor;        // a maximum or a sealed bid; 0: none
    int64_t order_no;         // of its placing
    int64_t quantity;         // uniform
    int64_t max_before_minor; // of the placing before, for an undo
    int64_t order_before_no;
    bool has_passed;  // japanese: has left
    bool has_entered; // japanese: holds or held the button
};

// A bid that can be undone, with what stood before it.
struct bid_entry {
    int64_t bid_no; // 0: of who bought the lot at once or matched its price, before it was reopened
    int64_t by_index; // -1: the house
    enum bid_kind kind;
    int64_t amount_minor;
    int64_t at_ms;
    int64_t price_before_minor;
    int64_t leader_before_index;
    int64_t held_before_minor;
    int64_t max_before_minor; // of by
    int64_t max_before_order_no;
    int64_t second_before_minor;
    int64_t second_before_index;
};

struct lot {
    struct lot_id id;
    int64_t no;
    char *title; // NUL-terminated, owned by the sale; the next four lie behind it in the same
                 // allocation ("" when not given)
    char *description;
    char *image;
    char *category;
    char *set;
    struct lot_rules *own_rules; // owned; NULL: the sale's
    int64_t opening_minor;
    int64_t reserve_minor; // secret
    int64_t buy_now_minor;
    int64_t estimate_low_minor;
    int64_t estimate_high_minor;
    int64_t quantity; // pieces, at least 1
    int64_t duration_ms;
    struct participant_id match_holder;
    enum lot_phase phase;
    int64_t price_minor;  // 0: no bid yet
    int64_t leader_index; // into participants, -1: none or the house; the winner once sold
    int64_t held_minor;   // what the leader holds here, secret: more than the price with a maximum
    int64_t
        second_minor; // the best plain bid against the leader, 0: none; maxima stand in standings
    int64_t second_index;     // whose, -1: nobody's or the house's
    int64_t bids;             // accepted in this round
    int64_t started_at_ms;    // 0: not yet in this round
    int64_t ends_at_ms;       // of an open lot, 0: no clock; meaningless while the sale is paused
    int64_t first_ends_at_ms; // as it was at the start
    int64_t extensions;
    int64_t round; // 0, 1 for the first re-offer ...
    // of formats and rules with more than a price
    int64_t asked_minor;       // set by the auctioneer, 0: by the table
    int64_t warned;            // stages since the last bid
    int64_t quantity_left;     // dutch: pieces not yet taken
    int64_t clock_price_minor; // dutch and japanese: the price at clock_from_ms
    int64_t clock_from_ms;     // moves with a resume
    int64_t draws_at_ms;       // candle: the secret end, 0: none
    int64_t named_count;       // participants that named it for the accelerated round
    enum match_stage match_stage;
    enum close_reason match_reason; // why the lot was decided before the right to match
    int64_t reopenable_until_ms;    // parallel: of a sold lot
    struct standing *standings;     // owned, in order of first placing; NULL: none
    size_t standings_count;
    size_t standings_capacity;
    struct bid_entry *history; // owned, UNDO_DEPTH_MAX places, a ring, while open; else NULL
    size_t history_first;      // place of the oldest
    size_t history_count;
    struct award *awards; // owned: what was sold of several pieces
    size_t awards_count;
    // places in the sale's lists
    int64_t wake_at_ms; // next deadline of a running lot (secret), INT64_MAX: none
    size_t wake_place;  // in sale.wakes + 1; 0: not there
    size_t end_place;   // in sale.ends + 1; 0: not there
    // of the flow of the sale
    int64_t deadline_ms;       // closing: the hammer; matching: the answer
    int64_t warn_after_ms;     // fair warnings whose moment is not later are not given
    int64_t order_place;       // rank in the first round, secret when it was drawn
    int64_t listed_place;      // rank in the rounds after it
    int64_t closed_bids_total; // of the sale, when the lot was sold
};

struct participant {
    struct participant_id id;
    char paddle[PADDLE_SIZE_MAX + 1];
    char *name; // owned by the sale
    enum participant_status status;
    int64_t budget_minor;                      // 0: the roster's
    int64_t slots;                             // 0: the roster's
    int64_t limit_minor;                       // 0: none
    int64_t spent_minor;                       // lots won; stands still at SPENT_MINOR_MAX
    int64_t held_minor;                        // open lots led: maxima included, secret
    int64_t shown_minor;                       // open lots led: their prices
    int64_t slots_taken;                       // lots won
    int64_t slots_held;                        // open lots led
    int64_t category_taken[CATEGORY_CAPS_MAX]; // lots won and led of each capped category
    size_t *named;                             // owned: lots named for the accelerated round
    size_t named_count;
};

struct recent_bid {
    int64_t lot_index;
    int64_t by_index; // -1: the house
    enum bid_kind kind;
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
    int64_t last_at_ms; // engine time of the last fact: the sale is proven alive until then
    int64_t lot_index;  // the open lot that ends first, or the last one that was; -1: none yet
    int64_t next_index; // the lot that the gap counts in; -1: none
    int64_t next_starts_at_ms;   // of a running gap
    int64_t paused_remaining_ms; // of the frozen clock that ends first
    int64_t paused_at_ms;
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
    size_t *wakes;      // running lots as a heap, the earliest wake_at_ms first (wakes.h)
    size_t *ends;       // the same lots, the one that ends first first
    size_t wakes_count; // of both
    size_t wakes_capacity;
    int64_t orders_total;     // number of the last maximum placed
    int64_t nominator_index;  // whose turn it is to name a lot; -1: nobody's
    int64_t nominations;      // made so far
    int64_t reopen_index;     // sequential: the lot sold last, if no round came since
    int64_t clock_ends_at_ms; // of CLOCK_NOMINATION, CLOCK_NAMES and CLOCK_START
    char gavel_console[CONSOLE_SIZE_MAX + 1]; // "": nobody has taken the gavel
    int64_t gavel_seen_at_ms;                 // volatile, not in the ledger: see sale_note_gavel()
    struct recent_bid recent_bids[RECENT_BIDS_MAX]; // newest first, of the current lot or lots
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
    SALE_OP_BID, // also: dutch press, japanese entering, sealed bid, uniform bid
    SALE_OP_SET_MAX,
    SALE_OP_WITHDRAW_MAX,
    SALE_OP_BUY_NOW,
    SALE_OP_PASS, // also: japanese leaving
    SALE_OP_FLOOR_BID,
    SALE_OP_UNDO,
    SALE_OP_SET_ASK,
    SALE_OP_SELL,
    SALE_OP_PASS_IN,
    SALE_OP_WARN,
    SALE_OP_ADD_TIME,
    SALE_OP_REOPEN,
    SALE_OP_WITHDRAW_LOT,
    SALE_OP_TAKE_GAVEL,
    SALE_OP_NOMINATE,
    SALE_OP_SUBMIT_NAMES,
    SALE_OP_MATCH,       // the holder's answer, and his last
    SALE_OP_RAISE_MATCH, // the winner's one more raise, or none (amount 0)
    SALE_OP_ADD_PARTICIPANTS,
    SALE_OP_SET_PARTICIPANT,
    SALE_OP_COUNT
};

struct sale_command {
    enum sale_op op;
    enum role role;           // from the token or the binding, never from the sender's payload
    struct participant_id by; // "": nobody (a join) or staff without a participant
    int64_t
        stamp_ms; // received_at as the rules of closing grace believe it, in [now - grace, now];
                  // 0: now
    struct bytes console; // of the staff's screen; empty: not named
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
            uint8_t seed[SEED_SIZE]; // random, by the shell: of a sale that draws
        } reset;
        struct {
            struct bytes text;
        } announce;
        struct {
            struct lot_id lot;
            int64_t amount_minor; // anything that is no whole number arrives as 0
            int64_t quantity;     // 0: one
            bool confirm;
        } bid;
        struct {
            struct lot_id lot;
            int64_t max_minor; // as amount_minor
            bool confirm;
            bool
                as_recorded; // a record is played again: a maximum below the ask is taken too. Never
                             // read from a client
            struct bytes paddle; // clerk: for whom; empty: for himself
        } set_max;
        struct { // withdraw_max, buy_now, pass, sell, pass_in, warn, reopen
            struct lot_id lot;
            struct bytes paddle; // withdraw_max by a clerk
            bool below_reserve;  // sell: the auctioneer means it
        } lot;
        struct {
            struct lot_id lot;
            int64_t amount_minor;
            struct bytes paddle;
        } floor_bid;
        struct {
            struct lot_id lot;
            struct bytes reason;
        } undo, withdraw_lot; // reason may be empty
        struct {
            struct lot_id lot;
            int64_t ask_minor; // 0: by the table again
        } set_ask;
        struct {
            struct lot_id lot;
            int64_t add_ms;
        } add_time;
        struct {
            struct bytes name; // of who takes it, from the token
        } take_gavel;
        struct {
            struct lot_id lot;
        } nominate;
        struct {
            const struct lot_id *lots;
            size_t count;
        } submit_names;
        struct {
            struct lot_id lot;
            bool accept;
            int64_t amount_minor; // of a raise
        } match;
        struct {
            const struct participant_definition *participants;
            size_t count;
        } add_participants;
        struct { // -1: as it is
            struct participant_id participant;
            int64_t status; // enum participant_status or -1
            int64_t budget_minor;
            int64_t slots;
            int64_t limit_minor;
        } set_participant;
    } as;
};

// A sale with all that it begins with; borrows everything.
struct sale_plan {
    struct sale_definition definition;
    const struct lot_definition *lots;
    size_t lots_count;
    const struct participant_definition *participants;
    size_t participants_count;
};

struct decision {
    enum error_code refusal; // ERROR_NONE: the events are to be kept and applied
    const char *detail;      // which member was wrong, a literal, or NULL
    const char *detail_list; // "lots" or "participants": the member is that of an item of it
    size_t detail_at;        // position of the item
    struct sale_event events[DECISION_EVENTS_MAX];
    size_t events_count;
    struct lot_definition
        *lots; // with ids and numbers filled in, owned by the decision (add_lots only)
    struct participant_definition *participants; // likewise (add_participants)
    struct award *awards;                        // owned by the decision
    int64_t *indexes;                            // owned by the decision (submit_names)
    struct participant_id joined; // result of a join: new or restored; "" for viewers and staff
    enum role joined_role;
};

// Must be called for each decision, also a refused one.
void decision_release(struct decision *decision);

// An empty sale; its first fact must be SALE_CREATED. NULL without memory.
struct sale *sale_create(void);
void sale_destroy(struct sale *sale);

// Facts of the creation: SALE_CREATED, EPOCH_STARTED, then LOTS_ADDED and PARTICIPANTS_ADDED when
// there are any, each with at most ADD_LOTS_MAX and ADD_PARTICIPANTS_MAX of them. Refusal:
// BAD_DEFINITION, LOT_EXISTS, PARTICIPANT_EXISTS, TOO_MANY.
void sale_decide_plan(const struct sale_plan *plan, int64_t epoch, int64_t now_ms,
                      struct decision *out);
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

// The end of the clock that ends first, as everybody may know it: the deadlines before it (a fair
// warning, a drawn end, a price that moves) are not it. INT64_MAX: no clock has an end.
int64_t sale_clock_ends_at_ms(const struct sale *sale);

// When a live sale pauses for want of its gavel's console; INT64_MAX: never.
int64_t sale_gavel_deadline(const struct sale *sale);

// -1 when there is none.
int64_t sale_lot_index(const struct sale *sale, const struct lot_id *id);
int64_t sale_participant_index(const struct sale *sale, const struct participant_id *id);
// What a lot or a participant was, or would have to be, defined as; texts are borrowed from the sale.
struct lot_definition lot_definition_of(const struct lot *lot);
struct participant_definition participant_definition_of(const struct participant *participant);
int64_t sale_invite_index(const struct sale *sale, const uint8_t hash[INVITE_HASH_SIZE]);

// The rules of a lot: its own or the sale's.
const struct lot_rules *sale_lot_rules(const struct sale *sale, const struct lot *lot);

// The least amount that the next bid on a lot must reach. `now_ms` matters to prices that move with
// the clock; a paused clock stands still.
int64_t sale_ask(const struct sale *sale, const struct lot *lot, int64_t now_ms);

// The console with the gavel was heard of. Not a fact: after a restart it is counted from then on.
void sale_note_gavel(struct sale *sale, struct bytes console, int64_t now_ms);

// Can bids and commands still concern the lot (open, closing, matching)?
bool lot_is_running(const struct lot *lot);

// Which of the sale's category caps the lot counts for, -1: none.
int64_t sale_category_cap(const struct sale *sale, const struct lot *lot);

// -1 when nobody has this paddle.
int64_t sale_paddle_index(const struct sale *sale, struct bytes paddle);
enum reserve_status lot_reserve_status(const struct lot *lot);

// The most that the money rules let a participant offer now on a lot; INT64_MAX without a budget.
int64_t sale_max_bid(const struct sale *sale, const struct participant *participant,
                     const struct lot *lot);

// SHA-256-ready digest of everything that replay must restore: equal states give equal bytes.
void sale_dump(const struct sale *sale, struct buffer *out);

#endif
