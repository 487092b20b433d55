// More of a sale in a test: what bidders and the clerk do besides plain bids.
#ifndef LOTCAST_TESTS_BIDDING_ROOM_H
#define LOTCAST_TESTS_BIDDING_ROOM_H

#include "core_room.h"

// Steps of 10, no soft close; lots open at 100.
struct sale_definition bidding_definition(void);

// Bidders p1, p2 ... join, the sale begins and the first lot (parallel: every lot) is open.
void bidding_open(struct room *room, const struct sale_definition *definition,
                  const struct lot_definition *lots, size_t lots_count, int64_t bidders);

enum error_code bidding_undo(struct room *room, const char *lot);
enum error_code bidding_pass(struct room *room, int64_t bidder, const char *lot);
enum error_code bidding_buy_now(struct room *room, int64_t bidder, const char *lot);
enum error_code bidding_floor(struct room *room, const char *paddle, const char *lot,
                              int64_t amount_minor); // by the clerk
// 0: the sale's, none.
void bidding_set_participant(struct room *room, int64_t bidder, int64_t budget_minor, int64_t slots,
                             int64_t limit_minor);

// Who leads, 0: nobody or the house; at which price; with how much at stake.
void bidding_expect(const struct room *room, int64_t lot_index, int64_t bidder, int64_t price_minor,
                    int64_t held_minor);

// The sums of each participant are those of the lots.
void bidding_expect_sums(const struct sale *sale);

#endif
