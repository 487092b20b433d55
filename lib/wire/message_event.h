// Events: the payloads that tell what happened, durable ones (each with its own seq), ephemeral ones
// and private notices, one writer each.
//
// Purity:    pure
// Units:     as message.h
// Ownership: texts and arrays are borrowed until the writer returns
// Errors:    through the buffer
// Source:    docs/PROTOCOL.md, Events. Nothing here has a place for a maximum (but the owner's own
//            in wire_write_max_bid_changed), a sealed offer, a reserve's amount or a drawn end
#ifndef LOTCAST_WIRE_MESSAGE_EVENT_H
#define LOTCAST_WIRE_MESSAGE_EVENT_H

#include "lib/wire/message.h"

struct wire_event {
    struct wire_head head;
    int64_t at_ms; // of the decision
};

// ---- the sale ----

void wire_write_epoch_started(struct buffer *out, const struct wire_event *event,
                              const char *reason);
void wire_write_lots_changed(struct buffer *out, const struct wire_event *event, int64_t added,
                             int64_t lots_total);

// `participant` NULL: `added` of them at once.
void wire_write_participants_changed(struct buffer *out, const struct wire_event *event,
                                     const char *change, const struct wire_participant *participant,
                                     int64_t added, int64_t participants_total);
void wire_write_auction_started(struct buffer *out, const struct wire_event *event, int64_t open,
                                int64_t lots_total);
void wire_write_round_started(struct buffer *out, const struct wire_event *event, int64_t round,
                              const struct lot_id *lots, size_t lots_count, int64_t lots_total);

struct wire_clock_change { // paused and resumed
    const char *reason;
    int64_t gap_ms; // resumed only
    const char *clock;
    struct lot_id lot;    // "" : null
    int64_t ends_at_ms;   // resumed only; or WIRE_ABSENT
    int64_t remaining_ms; // or WIRE_ABSENT
    int64_t shift_ms;     // resumed only: how far the ends of all clocks moved
};
void wire_write_auction_paused(struct buffer *out, const struct wire_event *event,
                               const struct wire_clock_change *change);
void wire_write_auction_resumed(struct buffer *out, const struct wire_event *event,
                                const struct wire_clock_change *change);
void wire_write_auction_complete(struct buffer *out, const struct wire_event *event,
                                 const char *reason, int64_t sold, int64_t unsold,
                                 int64_t lots_total);
void wire_write_auction_reset(struct buffer *out, const struct wire_event *event);
void wire_write_auction_deleted(struct buffer *out, const struct wire_event *event);
void wire_write_notice(struct buffer *out, const struct wire_event *event, struct bytes text,
                       const struct wire_person *by);
void wire_write_gavel_taken(struct buffer *out, const struct wire_event *event,
                            struct bytes console, struct bytes by);
void wire_write_nomination_started(struct buffer *out, const struct wire_event *event,
                                   const struct wire_person *by, int64_t ends_at_ms,
                                   int64_t remaining_ms);

struct wire_nominated {
    struct lot_id lot;
    int64_t no;
    struct bytes title;
    struct wire_person by; // nobody: the clock named it
    int64_t starts_at_ms;
    int64_t remaining_ms;
};
void wire_write_lot_nominated(struct buffer *out, const struct wire_event *event,
                              const struct wire_nominated *nominated);
void wire_write_names_called(struct buffer *out, const struct wire_event *event, int64_t ends_at_ms,
                             int64_t remaining_ms);

// `lot` "": the sale's; `seed` in hex.
void wire_write_seed_revealed(struct buffer *out, const struct wire_event *event, struct lot_id lot,
                              const char *seed);

// ---- one lot ----

void wire_write_lot_started(struct buffer *out, const struct wire_event *event,
                            const struct wire_lot *lot);

// How a lot stands after a bid was made or undone.
struct wire_standing {
    struct lot_id lot;
    int64_t bid_no;      // written as "b" + number
    int64_t price_minor; // WIRE_ABSENT: no bid stands
    int64_t ask_minor;
    struct wire_person leader;
    bool is_house;
    struct wire_person previous_leader;
    int64_t bids;
    int64_t ends_at_ms; // WIRE_ABSENT: no clock, or one that is not shown
    int64_t remaining_ms;
    const char *reserve;
};

struct wire_bid_update {
    struct wire_standing standing;
    const char *kind;
    struct wire_person by; // nobody: the house
    int64_t amount_minor;
    int64_t quantity;
};
void wire_write_bid_update(struct buffer *out, const struct wire_event *event,
                           const struct wire_bid_update *bid);
void wire_write_bid_retracted(struct buffer *out, const struct wire_event *event,
                              const struct wire_standing *standing, struct bytes reason);

struct wire_anti_snipe {
    struct lot_id lot;
    int64_t ends_at_ms;
    int64_t remaining_ms;
    int64_t extended_ms;
    int64_t extensions;
    const char *scope;
    const char *type;
    const char *reason; // "bid" "command"
};
void wire_write_anti_snipe(struct buffer *out, const struct wire_event *event,
                           const struct wire_anti_snipe *extension);

void wire_write_lot_passed(struct buffer *out, const struct wire_event *event, struct lot_id lot,
                           const struct wire_person *by);
void wire_write_ask_changed(struct buffer *out, const struct wire_event *event, struct lot_id lot,
                            int64_t ask_minor);
void wire_write_fair_warning(struct buffer *out, const struct wire_event *event, struct lot_id lot,
                             int64_t stage);
void wire_write_lot_closing(struct buffer *out, const struct wire_event *event, struct lot_id lot,
                            int64_t hammer_at_ms);
void wire_write_clock_restarted(struct buffer *out, const struct wire_event *event,
                                struct lot_id lot, const struct wire_price_clock *clock);

struct wire_award {
    struct wire_person winner;
    int64_t quantity;
    int64_t price_minor; // of one piece
};
// `winners`: how many there are, also when not all are listed.
void wire_write_lot_awarded(struct buffer *out, const struct wire_event *event, struct lot_id lot,
                            const struct wire_award *awards, size_t count, int64_t winners);

struct wire_match_offer {
    struct lot_id lot;
    struct wire_person winner;
    struct wire_person holder;
    int64_t price_minor;
    const char *stage;
    int64_t ends_at_ms;
    int64_t remaining_ms;
};
void wire_write_match_offered(struct buffer *out, const struct wire_event *event,
                              const struct wire_match_offer *offer);

struct wire_closed { // sold, unsold and withdrawn
    struct lot_id lot;
    int64_t no;
    struct bytes title;
    int64_t price_minor; // or WIRE_ABSENT (unsold)
    int64_t quantity;    // sold only
    int64_t bids;
    const char *reason;
    struct wire_participant winner; // sold only; nobody: several, see lot_awarded
    struct bytes text;              // withdrawn only
    int64_t sold;
    int64_t unsold;
    int64_t lots_total;
};
void wire_write_sold(struct buffer *out, const struct wire_event *event,
                     const struct wire_closed *closed);
void wire_write_unsold(struct buffer *out, const struct wire_event *event,
                       const struct wire_closed *closed);
void wire_write_lot_withdrawn(struct buffer *out, const struct wire_event *event,
                              const struct wire_closed *closed);

// `leader` NULL: nobody was refunded. `returned` "": no running lot waits again.
void wire_write_lot_reopened(struct buffer *out, const struct wire_event *event,
                             const struct wire_lot *lot, const struct wire_participant *leader,
                             struct lot_id returned, int64_t sold, int64_t unsold);

// ---- ephemeral and private ----

void wire_write_next_lot_countdown(struct buffer *out, struct wire_head head,
                                   const struct wire_next_lot *next, int64_t now_ms);
void wire_write_outbid(struct buffer *out, const struct wire_event *event, struct lot_id lot,
                       int64_t price_minor, int64_t ask_minor, const struct wire_person *leader,
                       bool is_house);
void wire_write_you_lead(struct buffer *out, const struct wire_event *event, struct lot_id lot,
                         int64_t price_minor);
// `max_minor` WIRE_ABSENT: there is none any more.
void wire_write_max_bid_changed(struct buffer *out, const struct wire_event *event,
                                struct lot_id lot, int64_t max_minor, bool is_leading);

// The event name of a private notice; LC_ERR_BAD_INPUT when there is none or it is no name.
LC_MUST_CHECK enum lc_status wire_read_private_event(struct bytes payload, char out_name[33]);

struct wire_lobby { // made by bridges
    struct wire_head head;
    int64_t count;
    const struct participant_id *ids;
    size_t ids_count;
};
void wire_write_lobby_updated(struct buffer *out, const struct wire_lobby *lobby);

#endif
