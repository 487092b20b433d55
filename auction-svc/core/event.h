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
    X(NOTICE, "notice", "notice")

enum sale_event_kind {
#define X(kind, ledger_name, public_name) EVENT_##kind,
    SALE_EVENTS(X)
#undef X
        SALE_EVENT_KIND_COUNT
};

enum { INVITE_HASH_SIZE = 32 };
enum epoch_reason { EPOCH_CREATED, EPOCH_ENGINE_START };
enum close_reason { CLOSE_TIME, CLOSE_NEXT };
enum unsold_reason { UNSOLD_NO_BIDS, UNSOLD_RESERVE_NOT_MET, UNSOLD_PASSED };
enum resume_reason { RESUME_COMMAND, RESUME_OUTAGE };
enum complete_reason { COMPLETE_NO_LOTS_LEFT, COMPLETE_ROSTERS_FULL, COMPLETE_NOBODY_CAN_AFFORD };

struct sale_event {
    enum sale_event_kind kind;
    int64_t at_ms; // engine time of the decision
    union {
        struct {
            struct sale_definition definition;
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
        } participant_joined;
        struct { // a personal invitation, or one of a role that is no participant
            uint8_t invite_hash[INVITE_HASH_SIZE];
        } invite_used;
        struct {
            struct participant_id participant;
            bool blocked;
        } participant_blocked;
        struct {
            int64_t next_lot_index;
            int64_t next_starts_at_ms;
        } sale_started;
        struct {
            int64_t lot_index;
            int64_t ends_at_ms;
        } lot_started;
        struct {
            int64_t lot_index;
            int64_t bid_no; // of the sale, from 1, never reset
            struct participant_id by;
            int64_t amount_minor;
            int64_t ends_at_ms; // after the bid, an extension included
        } bid_accepted;
        struct { // follows its bid; repeats the end for readers
            int64_t lot_index;
            int64_t extended_ms;
            int64_t ends_at_ms;
        } lot_extended;
        struct {
            int64_t lot_index;
            struct participant_id winner;
            int64_t price_minor;
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
        struct { // all lots that are unsold become pending again
            int64_t round;
            int64_t next_lot_index;
            int64_t next_starts_at_ms;
        } round_started;
        struct {
            int64_t remaining_ms; // of the running clock
        } sale_paused;
        struct {
            enum resume_reason reason;
            int64_t gap_ms;     // length of the outage
            int64_t ends_at_ms; // of the clock that goes on: the lot's end or the gap's
        } sale_resumed;
        struct {
            enum complete_reason reason;
        } sale_completed;
        struct {
            struct bytes text;
            struct participant_id by; // "": the staff
        } notice;
    } as; // kinds without an entry have no members
};

const char *sale_event_ledger_name(enum sale_event_kind kind);

// Topic level and Socket.IO name; NULL when the fact is not public (it has no seq).
const char *sale_event_public_name(enum sale_event_kind kind);

#endif
