// A room with one format: opened, joined and begun; offers of pieces, and the facts that matter here.
#ifndef LOTCAST_TESTS_FORMATS_ROOM_H
#define LOTCAST_TESTS_FORMATS_ROOM_H

#include "core_room.h"

struct format_case {
    struct lot_rules rules; // of the sale
    struct lot_definition lots[4];
    size_t lots_count; // 0: one
    int64_t bidders;
    int64_t budget_minor; // 0: no roster
    int64_t slots;
    int64_t minimum_minor;
    int64_t outage_extension_ms;
};

// As room_definition(), with this format and no soft close.
struct lot_rules format_rules(enum auction_format format);
// The first lot has just started.
void format_open(struct room *room, const struct format_case *format_case);

enum error_code format_offer(struct room *room, int64_t bidder, const char *lot,
                             int64_t amount_minor, int64_t quantity);
enum error_code format_pass(struct room *room, int64_t bidder, const char *lot);

// The fact of this kind in the last decision; fails when there is none.
const struct sale_event *format_fact(const struct room *room, enum sale_event_kind kind);
size_t format_facts(const struct room *room, enum sale_event_kind kind);

// The hammer of the last decision; `bidder` 0: several winners.
void expect_sold(const struct room *room, int64_t bidder, int64_t price_minor, int64_t quantity,
                 enum close_reason reason);
void expect_unsold(const struct room *room, enum unsold_reason reason);
// Nobody holds anything; what each bidder has spent, from the first.
void expect_spent(const struct room *room, size_t count, const int64_t *spent_minor);
#define expect_spent_all(room, ...)                                          \
    expect_spent((room), sizeof((int64_t[]){__VA_ARGS__}) / sizeof(int64_t), \
                 (int64_t[]){__VA_ARGS__})

#endif
