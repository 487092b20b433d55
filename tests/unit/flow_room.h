// Commands of the flow of a sale, as tests give them.
#ifndef LOTCAST_TESTS_FLOW_ROOM_H
#define LOTCAST_TESTS_FLOW_ROOM_H

#include "core_room.h"

enum { FLOW_LOTS_MAX = 8 };

// `count` lots at an opening of 100, `bidders` participants, begun; the clock does not move.
void flow_open(struct room *room, const struct sale_definition *definition, size_t lots_count,
               int64_t bidders);

// Commands of an auctioneer: sell, pass_in, warn, reopen.
enum error_code flow_lot(struct room *room, enum sale_op op, const char *lot);
enum error_code flow_sell_below_reserve(struct room *room, const char *lot);
enum error_code flow_withdraw(struct room *room, const char *lot, const char *reason);
enum error_code flow_add_time(struct room *room, const char *lot, int64_t add_ms);
enum error_code flow_set_ask(struct room *room, const char *lot, int64_t ask_minor);
enum error_code flow_take_gavel(struct room *room, const char *console);
enum error_code flow_console(struct room *room, const char *console, enum sale_op op,
                             const char *lot);

// Commands of bidder n (p1, p2 ...).
enum error_code flow_stamped_bid(struct room *room, int64_t bidder, const char *lot,
                                 int64_t amount_minor, int64_t stamp_ms);
enum error_code flow_nominate(struct room *room, int64_t bidder, const char *lot);
enum error_code flow_names(struct room *room, int64_t bidder, size_t count,
                           const char *const *lots);
enum error_code flow_match(struct room *room, int64_t bidder, const char *lot, bool accept);
enum error_code flow_raise(struct room *room, int64_t bidder, const char *lot,
                           int64_t amount_minor);

// How many lots are in a phase.
int64_t flow_count(const struct room *room, enum lot_phase phase);

// Nothing is held any more, and what is spent and taken is what the sold lots cost.
void flow_expect_purses(const struct room *room);

#endif
