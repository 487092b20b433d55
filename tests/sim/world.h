// A seeded world around the core: bidders, consoles, a clerk, a bus that delays, reorders and
// repeats, clocks that are set, an engine that dies, and a disk that keeps what was synced.
//
// Errors: world_run() is true when the auditor found every rule kept; the rest stands in `report`
#ifndef LOTCAST_TESTS_SIM_WORLD_H
#define LOTCAST_TESTS_SIM_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "auction-svc/core/sale.h"

// Faults that can be planted to see whether the auditor notices them.
// X(name on the command line)
#define WORLD_FAULTS(X)  \
    X(none)              \
    X(equal_bid)         \
    X(price_falls)       \
    X(refund_forgotten)  \
    X(wrong_winner)      \
    X(lost_bid)          \
    X(seq_gap)           \
    X(pause_jump)        \
    X(refusal_extends)   \
    X(replay_differs)    \
    X(endless_round)     \
    X(maximum_told)      \
    X(maximum_not_held)  \
    X(step_skipped)      \
    X(leader_by_budget)  \
    X(undo_keeps_leader) \
    X(refusal_order)     \
    X(below_reserve)     \
    X(sealed_told)       \
    X(late_bid)          \
    X(no_extension)      \
    X(scope_ignored)     \
    X(early_hammer)      \
    X(gavel_ignored)     \
    X(second_answer)     \
    X(unsynced_answer)   \
    X(dutch_price)       \
    X(first_for_second)  \
    X(uniform_first)     \
    X(candle_late)       \
    X(snapshot_differs)  \
    X(warning_twice)     \
    X(stagger_lost)      \
    X(reopen_no_refund)

enum world_fault {
#define X(name) FAULT_##name,
    WORLD_FAULTS(X)
#undef X
        WORLD_FAULT_COUNT
};

// What the fixed seeds must reach, besides each command, fact, format and refusal.
#define WORLD_REACHES(X)   \
    X(parallel)            \
    X(shuffled)            \
    X(start_at)            \
    X(start_at_once)       \
    X(approval)            \
    X(reserve_jump)        \
    X(reserve_second)      \
    X(reserve_house)       \
    X(reserve_straight)    \
    X(reserve_floor)       \
    X(retraction_revive)   \
    X(retraction_reset)    \
    X(soft_reset)          \
    X(soft_add)            \
    X(scope_lot)           \
    X(scope_cascade)       \
    X(scope_group)         \
    X(scope_all)           \
    X(soft_cap)            \
    X(soft_latest)         \
    X(soft_shrink)         \
    X(grace_bid)           \
    X(warned)              \
    X(nomination_straight) \
    X(nomination_snake)    \
    X(nominator_bids)      \
    X(accelerated)         \
    X(match_plain)         \
    X(match_raise)         \
    X(buy_now_bid)         \
    X(buy_now_reserve)     \
    X(category_cap)        \
    X(own_rules)           \
    X(several_pieces)      \
    X(strict)              \
    X(sanity)              \
    X(no_maximum)          \
    X(roster)              \
    X(table_bands)         \
    X(table_cycle)         \
    X(table_percent)       \
    X(absentee)            \
    X(clerk_maximum)       \
    X(gavel_lost)          \
    X(wall_jump)           \
    X(repeated)            \
    X(lost_unsynced)       \
    X(died_unanswered)     \
    X(outage)              \
    X(snapshot)            \
    X(snapshot_recovery)   \
    X(lots_complete)       \
    X(rosters_full)        \
    X(nobody_can_afford)

enum world_reach {
#define X(name) REACH_##name,
    WORLD_REACHES(X)
#undef X
        WORLD_REACH_COUNT
};

struct world_counts { // what the runs reached, to see that the seeds are worth their time
    int64_t steps;
    int64_t crashes;
    int64_t accepted[SALE_OP_COUNT];
    int64_t refused[SALE_OP_COUNT];
    int64_t refusals[ERROR_CODE_COUNT];
    int64_t facts[SALE_EVENT_KIND_COUNT];
    int64_t sold[AUCTION_FORMAT_COUNT];
    int64_t reached[WORLD_REACH_COUNT];
    int64_t planted;
};

// `trace`: each command and fact is printed there; NULL: nothing.
bool world_run(uint64_t seed, enum world_fault fault, FILE *trace, struct world_counts *io_counts,
               char report[512]);

#endif
