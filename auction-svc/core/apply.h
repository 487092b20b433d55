// The parts of sale_apply(): one function for each kind of fact, and what they share.
//
// Purity:    pure
// Errors:    LC_ERR_CORRUPT for a fact that cannot follow the state, LC_ERR_NO_MEMORY; the sale then
//            is as it was
// Source:    design 3: the rules are never asked again; what a damaged ledger could hold and what
//            would lead outside of the arrays is refused
#ifndef LOTCAST_CORE_APPLY_H
#define LOTCAST_CORE_APPLY_H

#include "auction-svc/core/sale.h"

typedef enum lc_status apply_function(struct sale *sale, const struct sale_event *event);

// Copies a text with its NUL and gives the place behind it.
char *text_copy(struct bytes text, char *place);
void *array_grow(void *items, size_t *capacity, size_t needed, size_t item_size);
bool is_index(int64_t index, size_t count);
bool is_time(int64_t time_ms);
bool is_amount(int64_t amount_minor);

// Everything of a lot as before its first round.
void lot_renew(struct lot *lot, int64_t round);
// A pending lot starts to run; there is room for it in wakes and history.
void lot_open(struct sale *sale, int64_t lot_index, int64_t at_ms, int64_t ends_at_ms,
              int64_t draws_at_ms);
// The lot when it is running in a live sale, else NULL.
struct lot *running_lot(struct sale *sale, int64_t lot_index);

// The participant takes places of the lot in his roster's capped category, or gives them back.
void category_count(struct sale *sale, const struct lot *lot, int64_t by_index, int64_t places);
// The leader of a lot changes, or what he holds on it; -1: nobody, then the numbers are 0.
void lot_hold(struct sale *sale, struct lot *lot, int64_t leader_index, int64_t price_minor,
              int64_t held_minor);
// A button (japanese) is pressed, or let go: from then on has_passed.
void button_take(struct sale *sale, struct lot *lot, struct standing *standing);
void button_release(struct sale *sale, struct lot *lot, struct standing *standing);
// Nobody holds anything on the lot any more: it has no leader, and no button counts.
void lot_free(struct sale *sale, struct lot *lot);

// A lot is decided: what was held on it is free, and who won it has spent; winner_index -1: the
// awards of several pieces have been spent as they were given out.
void lot_spend(struct sale *sale, struct lot *lot, int64_t winner_index, int64_t price_minor,
               int64_t quantity);
// The other way round, for a lot that is opened again: awards are given back too.
void lot_refund(struct sale *sale, struct lot *lot);

// Where the price clock of a lot that starts now begins.
void lot_clock_begin(const struct sale *sale, struct lot *lot, int64_t at_ms);

// Nobody has named a lot for an accelerated round.
void names_forget(struct sale *sale);

// Counts the next lot in, or stops the clock when `next_index` is -1.
bool gap_is_possible(const struct sale *sale, int64_t next_index, int64_t starts_at_ms);
void gap_begin(struct sale *sale, int64_t next_index, int64_t starts_at_ms);

// apply_catalogue.c
apply_function apply_sale_created, apply_epoch_started, apply_lots_added, apply_invite_created,
    apply_participant_joined, apply_invite_used, apply_participant_blocked,
    apply_participants_added, apply_participant_changed;
// names.c
apply_function apply_names_submitted;
// apply_bid.c
apply_function apply_bid_accepted, apply_max_placed, apply_bid_retracted, apply_lot_passed,
    apply_ask_set, apply_lot_warned;
// apply_lot.c
apply_function apply_lot_started, apply_lot_extended, apply_lot_closing, apply_lot_sold,
    apply_lot_unsold, apply_lot_withdrawn, apply_lot_reopened, apply_match_offered;
// apply_award.c
apply_function apply_lot_awarded, apply_clock_restarted, apply_seed_revealed;
// apply_sale.c
apply_function apply_sale_started, apply_round_started, apply_sale_paused, apply_sale_resumed,
    apply_sale_completed, apply_sale_reset, apply_sale_deleted, apply_notice, apply_gavel_taken,
    apply_nomination_started, apply_lot_nominated, apply_names_called;

#endif
