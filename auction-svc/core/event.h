// Facts of a sale: what decide() proposes, the ledger keeps, and apply() carries out.
//
// Purity:    pure
// Units:     *_ms UTC epoch milliseconds in engine time where the name says at, durations otherwise
// Ownership: texts and arrays are borrowed from the command (decide) or from the ledger's row
//            (replay) until apply returns
// Order:     within a decision in the order of happening; a fact carries everything that apply
//            needs, so that replay never decides again
#ifndef LOTCAST_CORE_EVENT_H
#define LOTCAST_CORE_EVENT_H

#include "auction-svc/core/definition.h"

// X(kind, name in the ledger, public event name or NULL when it has no seq)
#define SALE_EVENTS(X)                                                    \
    X(SALE_CREATED, "sale_created", NULL)                                 \
    X(EPOCH_STARTED, "epoch_started", "epoch_started")                    \
    X(LOTS_ADDED, "lots_added", "lots_changed")                           \
    X(INVITE_CREATED, "invite_created", NULL)                             \
    X(PARTICIPANT_JOINED, "participant_joined", "participants_changed")   \
    X(INVITE_USED, "invite_used", NULL)                                   \
    X(PARTICIPANT_BLOCKED, "participant_blocked", "participants_changed") \
    X(SALE_STARTED, "sale_started", "auction_started")                    \
    X(LOT_STARTED, "lot_started", "lot_started")                          \
    X(BID_ACCEPTED, "bid_accepted", "bid_update")                         \
    X(LOT_EXTENDED, "lot_extended", "anti_snipe")                         \
    X(LOT_SOLD, "lot_sold", "sold")                                       \
    X(LOT_UNSOLD, "lot_unsold", "unsold")                                 \
    X(ROUND_STARTED, "round_started", "round_started")                    \
    X(SALE_PAUSED, "sale_paused", "auction_paused")                       \
    X(SALE_RESUMED, "sale_resumed", "auction_resumed")                    \
    X(SALE_COMPLETED, "sale_completed", "auction_complete")               \
    X(SALE_RESET, "sale_reset", "auction_reset")                          \
    X(SALE_DELETED, "sale_deleted", "auction_deleted")                    \
    X(NOTICE, "notice", "notice")                                         \
    X(PARTICIPANTS_ADDED, "participants_added", "participants_changed")   \
    X(PARTICIPANT_CHANGED, "participant_changed", "participants_changed") \
    X(MAX_PLACED, "max_placed", NULL)                                     \
    X(BID_RETRACTED, "bid_retracted", "bid_retracted")                    \
    X(LOT_PASSED, "lot_passed", "lot_passed")                             \
    X(ASK_SET, "ask_set", "ask_changed")                                  \
    X(LOT_WARNED, "lot_warned", "fair_warning")                           \
    X(LOT_CLOSING, "lot_closing", "lot_closing")                          \
    X(LOT_AWARDED, "lot_awarded", "lot_awarded")                          \
    X(CLOCK_RESTARTED, "clock_restarted", "clock_restarted")              \
    X(LOT_WITHDRAWN, "lot_withdrawn", "lot_withdrawn")                    \
    X(LOT_REOPENED, "lot_reopened", "lot_reopened")                       \
    X(GAVEL_TAKEN, "gavel_taken", "gavel_taken")                          \
    X(NOMINATION_STARTED, "nomination_started", "nomination_started")     \
    X(LOT_NOMINATED, "lot_nominated", "lot_nominated")                    \
    X(NAMES_CALLED, "names_called", "names_called")                       \
    X(NAMES_SUBMITTED, "names_submitted", NULL)                           \
    X(MATCH_OFFERED, "match_offered", "match_offered")                    \
    X(SEED_REVEALED, "seed_revealed", "seed_revealed")

enum sale_event_kind {
#define X(kind, ledger_name, public_name) EVENT_##kind,
    SALE_EVENTS(X)
#undef X
        SALE_EVENT_KIND_COUNT
};

enum { INVITE_HASH_SIZE = 32 };
enum epoch_reason { EPOCH_CREATED, EPOCH_ENGINE_START };
enum close_reason {
    CLOSE_TIME,
    CLOSE_NEXT,
    CLOSE_HAMMER, // the auctioneer sold it
    CLOSE_BUY_NOW,
    CLOSE_PASSED,  // everybody else has passed, or the last button was released
    CLOSE_PRESSED, // dutch: the last piece was taken
    CLOSE_MATCHED, // to the holder of the right to match
};
enum unsold_reason { UNSOLD_NO_BIDS, UNSOLD_RESERVE_NOT_MET, UNSOLD_PASSED };
enum withdraw_reason { WITHDRAWN_BY_STAFF, WITHDRAWN_BELOW_MINIMUM };
enum pause_reason { PAUSE_COMMAND, PAUSE_GAVEL_LOST };
enum resume_reason { RESUME_COMMAND, RESUME_OUTAGE };
enum complete_reason { COMPLETE_NO_LOTS_LEFT, COMPLETE_ROSTERS_FULL, COMPLETE_NOBODY_CAN_AFFORD };
enum extend_reason { EXTEND_BID, EXTEND_COMMAND };
enum bid_kind {
    BID_PLAIN,
    BID_MAXIMUM,  // a maximum moved price or leader
    BID_FLOOR,    // from the room, by the clerk
    BID_HOUSE,    // up to the reserve
    BID_ABSENTEE, // maxima that were there when the lot started
    BID_PRESS,    // dutch
    BID_ENTER,    // japanese: the button is held
    BID_NOMINATION,
};
enum participant_status { PARTICIPANT_ACCEPTED, PARTICIPANT_BLOCKED, PARTICIPANT_PENDING };
enum match_stage { MATCH_ASK_HOLDER, MATCH_ASK_WINNER, MATCH_ASK_HOLDER_AGAIN };

struct award { // a part of a lot with several pieces
    struct participant_id winner;
    int64_t quantity;
    int64_t price_minor; // of one piece
};

struct sale_event {
    enum sale_event_kind kind;
    int64_t at_ms; // engine time of the decision
    union {
        struct {
            const struct sale_definition *definition;
        } sale_created;
        struct {
            int64_t epoch;
            enum epoch_reason reason;
        } epoch_started;
        struct {
            const struct lot_definition *lots; // ids and numbers are filled in
            size_t count;
        } lots_added;
        struct {
            uint8_t hash[INVITE_HASH_SIZE]; // SHA-256 of the invitation
            enum role role;
            int64_t uses;                      // 0: no limit
            int64_t expires_at_ms;             // 0: never
            struct participant_id participant; // "": anybody new; else a personal invitation
        } invite_created;
        struct {
            struct participant_id participant;
            char paddle[PADDLE_SIZE_MAX + 1];
            struct bytes name;
            enum role role;
            uint8_t invite_hash[INVITE_HASH_SIZE];
            bool pending; // waits for approval
        } participant_joined;
        struct { // a personal invitation, or one of a role that is no participant
            uint8_t invite_hash[INVITE_HASH_SIZE];
        } invite_used;
        struct {
            struct participant_id participant;
            bool blocked;
        } participant_blocked;
        struct {
            int64_t next_lot_index; // -1: a nomination follows, or all lots start (parallel)
            int64_t next_starts_at_ms;
            int64_t first_ends_at_ms; // parallel: all pending lots open, see parallel.h; else 0
        } sale_started;
        struct {
            int64_t lot_index;
            int64_t ends_at_ms;  // 0: no clock (live)
            int64_t draws_at_ms; // candle: the secret end, not public; 0: none
        } lot_started;
        struct {
            int64_t lot_index;
            int64_t bid_no; // of the sale, from 1, never reset
            enum bid_kind kind;
            struct participant_id by; // "": the house
            int64_t amount_minor;     // offered; of a maximum that became leader: the price
            int64_t price_minor;      // after it, automatic bids included
            struct participant_id leader;
            int64_t held_minor; // what the leader holds now on this lot, not public
            int64_t quantity;   // dutch; else 1
            int64_t ends_at_ms; // after the bid, an extension included
        } bid_accepted;
        struct { // follows its bid or command; repeats the end for readers
            int64_t lot_index;
            int64_t extended_ms;
            int64_t ends_at_ms;
            enum soft_close_scope scope; // moves the other lots of it by the type of the rules
            enum extend_reason reason;
        } lot_extended;
        struct {
            int64_t lot_index;
            struct participant_id winner; // "": several, see the awards
            int64_t price_minor;          // of one piece
            int64_t quantity;             // sold in all
            enum close_reason reason;
            int64_t next_lot_index; // -1: none
            int64_t next_starts_at_ms;
        } lot_sold;
        struct {
            int64_t lot_index;
            enum unsold_reason reason;
            int64_t next_lot_index; // -1: none
            int64_t next_starts_at_ms;
        } lot_unsold;
        struct { // the unsold lots (accelerated: of them those that were named) are pending again
            int64_t round;
            int64_t next_lot_index; // -1: a nomination follows, or all lots start (parallel)
            int64_t next_starts_at_ms;
            int64_t first_ends_at_ms; // parallel, as in sale_started
        } round_started;
        struct {
            int64_t remaining_ms; // of the clock that ends first
            enum pause_reason reason;
        } sale_paused;
        struct {
            enum resume_reason reason;
            int64_t gap_ms;     // length of the outage
            int64_t ends_at_ms; // of the clock that ends first and goes on, 0: none has an end
            int64_t shift_ms;   // all clocks move by as much; 0: as the one that ends first
        } sale_resumed;
        struct {
            enum complete_reason reason;
        } sale_completed;
        struct {
            uint8_t seed[SEED_SIZE]; // from now on, where one was: the old one may be known by now
        } sale_reset;
        struct {
            struct bytes text;
            struct participant_id by; // "": the staff
        } notice;
        struct {
            const struct participant_definition *participants; // ids and paddles are filled in
            size_t count;
        } participants_added;
        struct { // all members as they are from now on
            struct participant_id participant;
            enum participant_status status;
            int64_t budget_minor; // 0: the roster's
            int64_t slots;        // 0: the roster's
            int64_t limit_minor;  // 0: none
        } participant_changed;
        struct { // secret: a maximum, a sealed bid; a plain change of standing of nobody else
            int64_t lot_index;
            struct participant_id by;
            int64_t max_minor; // 0: taken back
            int64_t quantity;  // uniform
            int64_t order_no;  // of placing, grows in the sale: the earlier one wins a tie
        } max_placed;
        struct { // the newest bid of the lot with its automatic ones is undone
            int64_t lot_index;
            int64_t bid_no;
            struct bytes reason;
            int64_t price_minor; // 0: no bid stands
            struct participant_id leader;
            int64_t held_minor;
            int64_t removed; // bids that fell, the newest first: it and the answer of the house
            bool resets;     // no bid and no maximum of the lot stands
        } bid_retracted;
        struct {
            int64_t lot_index;
            struct participant_id by;
            bool must; // japanese: he can't pay the next price
        } lot_passed;  // japanese: the button is released
        struct {
            int64_t lot_index;
            int64_t ask_minor;
        } ask_set;
        struct {
            int64_t lot_index;
            int64_t stage; // 1: once, 2: twice
        } lot_warned;
        struct {
            int64_t lot_index;
            int64_t hammer_at_ms; // end + grace
        } lot_closing;
        struct {
            int64_t lot_index;
            const struct award *awards; // in order of winning
            size_t count;
        } lot_awarded;
        struct { // dutch: the rest is offered; japanese: the price has risen
            int64_t lot_index;
            int64_t price_minor; // where the clock starts again
            int64_t from_ms;     // since when
            int64_t quantity_left;
        } clock_restarted;
        struct {
            int64_t lot_index;
            enum withdraw_reason reason;
            struct bytes text;
            int64_t next_lot_index; // of a lot that was open
            int64_t next_starts_at_ms;
        } lot_withdrawn;
        struct { // at its last price and leader, the winner refunded
            int64_t lot_index;
            int64_t ends_at_ms;
            int64_t returned_lot_index; // the running lot without bids that waits again, -1: none
            int64_t held_minor;         // by its leader again, not public
        } lot_reopened;
        struct {
            struct bytes console; // of the staff's screen
            struct bytes by;      // name of who holds it
        } gavel_taken;
        struct {
            struct participant_id by;
            int64_t ends_at_ms;
            int64_t turn; // from 0; turns of those who can't buy are skipped
        } nomination_started;
        struct {
            int64_t lot_index;
            struct participant_id by; // "": the clock
            int64_t next_starts_at_ms;
        } lot_nominated;
        struct {
            int64_t ends_at_ms;
        } names_called;
        struct { // replaces what he named before
            struct participant_id by;
            const int64_t *lots; // indexes
            size_t count;
        } names_submitted;
        struct { // the lot is decided but for the right to match
            int64_t lot_index;
            struct participant_id winner;
            int64_t price_minor;
            enum match_stage stage;
            int64_t ends_at_ms;
            enum close_reason reason; // why the lot was decided
        } match_offered;
        struct {
            int64_t lot_index; // candle: of the lot's draw; -1: of the sale
            uint8_t seed[SEED_SIZE];
        } seed_revealed;
    } as; // kinds without an entry have no members
};

const char *sale_event_ledger_name(enum sale_event_kind kind);

// Topic level and Socket.IO name; NULL when the fact is not public (it has no seq).
const char *sale_event_public_name(enum sale_event_kind kind);

#endif
