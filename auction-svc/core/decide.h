// The parts of sale_decide(): one function for each command, and what they share.
//
// Purity:    pure
// Ownership: `out` is the caller's decision, empty before the call; events borrow from the command
// Errors:    a refusal leaves no events
#ifndef LOTCAST_CORE_DECIDE_H
#define LOTCAST_CORE_DECIDE_H

#include "auction-svc/core/sale.h"

// Empty and not refused. The events stay unwritten until they are added: they are large, and a bid
// needs two at most.
void decision_init(struct decision *out);

// The next event of the decision; its kind and time are filled in, the caller fills every member.
struct sale_event *decision_add(struct decision *out, enum sale_event_kind kind, int64_t now_ms);
void decision_refuse(struct decision *out, enum error_code code, const char *detail);
// The same for a member of an item of `list`.
void decision_refuse_item(struct decision *out, enum error_code code, const char *list, size_t at,
                          const char *detail);

// The given lot closes now as its format decides: LOT_SOLD, LOT_UNSOLD or MATCH_OFFERED, and what
// follows in the sale. It may run or be about to (a bid of this decision is not applied yet: then
// lot_close_add() with the outcome).
void close_add(const struct sale *sale, int64_t lot_index, enum close_reason reason, int64_t now_ms,
               struct decision *out);

// Does the sale go on with something else when the lot leaves it now: it runs, is counted in, or is
// the last one that could be named?
bool lot_is_awaited(const struct sale *sale, int64_t lot_index);

// SALE_PAUSED: all clocks stand still.
void pause_add(const struct sale *sale, enum pause_reason reason, int64_t now_ms,
               struct decision *out);

void decide_add_lots(const struct sale *sale, const struct sale_command *command, int64_t now_ms,
                     struct decision *out);
void decide_create_invite(const struct sale *sale, const struct sale_command *command,
                          int64_t now_ms, struct decision *out);
void decide_join(const struct sale *sale, const struct sale_command *command, int64_t now_ms,
                 struct decision *out);
void decide_block(const struct sale *sale, const struct sale_command *command, int64_t now_ms,
                  struct decision *out);
void decide_add_participants(const struct sale *sale, const struct sale_command *command,
                             int64_t now_ms, struct decision *out);
void decide_set_participant(const struct sale *sale, const struct sale_command *command,
                            int64_t now_ms, struct decision *out);
// Adds PARTICIPANTS_ADDED, or refuses; `sale` is NULL for a sale that is being created.
void participants_add(const struct sale *sale, const struct sale_definition *definition,
                      const struct participant_definition *participants, size_t count,
                      int64_t now_ms, struct decision *out);
// Id and paddle of somebody who is given the next free ones.
void participant_number(const struct sale *sale, struct participant_id *io_id,
                        char io_paddle[PADDLE_SIZE_MAX + 1]);
void decide_begin(const struct sale *sale, const struct sale_command *command, int64_t now_ms,
                  struct decision *out);
void decide_pause(const struct sale *sale, const struct sale_command *command, int64_t now_ms,
                  struct decision *out);
void decide_resume(const struct sale *sale, const struct sale_command *command, int64_t now_ms,
                   struct decision *out);
void decide_next(const struct sale *sale, const struct sale_command *command, int64_t now_ms,
                 struct decision *out);
void decide_reopen(const struct sale *sale, const struct sale_command *command, int64_t now_ms,
                   struct decision *out);
void decide_sell(const struct sale *sale, const struct sale_command *command, int64_t now_ms,
                 struct decision *out);
void decide_pass_in(const struct sale *sale, const struct sale_command *command, int64_t now_ms,
                    struct decision *out);
void decide_set_ask(const struct sale *sale, const struct sale_command *command, int64_t now_ms,
                    struct decision *out);
void decide_warn(const struct sale *sale, const struct sale_command *command, int64_t now_ms,
                 struct decision *out);
void decide_add_time(const struct sale *sale, const struct sale_command *command, int64_t now_ms,
                     struct decision *out);
void decide_withdraw_lot(const struct sale *sale, const struct sale_command *command,
                         int64_t now_ms, struct decision *out);
void decide_submit_names(const struct sale *sale, const struct sale_command *command,
                         int64_t now_ms, struct decision *out);
void decide_nominate(const struct sale *sale, const struct sale_command *command, int64_t now_ms,
                     struct decision *out);
void decide_bid(const struct sale *sale, const struct sale_command *command, int64_t now_ms,
                struct decision *out);
void decide_set_max(const struct sale *sale, const struct sale_command *command, int64_t now_ms,
                    struct decision *out);
void decide_withdraw_max(const struct sale *sale, const struct sale_command *command,
                         int64_t now_ms, struct decision *out);
void decide_undo(const struct sale *sale, const struct sale_command *command, int64_t now_ms,
                 struct decision *out);
void decide_pass(const struct sale *sale, const struct sale_command *command, int64_t now_ms,
                 struct decision *out);
void decide_buy_now(const struct sale *sale, const struct sale_command *command, int64_t now_ms,
                    struct decision *out);
void decide_floor_bid(const struct sale *sale, const struct sale_command *command, int64_t now_ms,
                      struct decision *out);

#endif
