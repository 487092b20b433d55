// What the files of the world share.
#ifndef LOTCAST_TESTS_SIM_WORLD_STATE_H
#define LOTCAST_TESTS_SIM_WORLD_STATE_H

#include "auction-svc/service/engine_clock.h"
#include "auditor.h"
#include "sim_random.h"
#include "world.h"

enum {
    ROWS_MAX = 8192,
    MESSAGES_MAX = 64,
    COMMANDS_MAX = 4096,
    STEPS_MAX = 400,
    BIDDERS_MAX = 8, // with those that join later
    LOTS_MAX = 6,
    NAMES_MAX = 4
};

struct message {
    int64_t arrives_at;
    int64_t id; // a repeated message has the id of the first
    struct sale_command command;
};

struct swarm { // what this seed does
    bool crashes;
    bool outages;
    bool repeats;
    bool wild_console;
    bool two_consoles;
    bool maxima;
    bool undos;
    bool clerk;
    bool passes;
    bool buys;
    bool wall_jumps;
    bool late_stamps;
    bool snapshots;
    bool changes; // of participants while the sale runs
};

struct world {
    struct sim_random random;
    struct sale_definition definition;
    struct lot_definition lots[LOTS_MAX];
    size_t lots_count;
    int bidders;
    struct swarm swarm;
    enum world_fault fault;
    bool planted;
    // clocks: the engine's time follows the boot clock, whatever happens to the wall clock
    struct engine_clock clock;
    int64_t boot_us;
    int64_t wall_off_ms; // against the boot clock
    int64_t now;
    int64_t alive_at;
    struct sale *sale;   // the engine's memory
    struct sale *shadow; // what the ledger says, fact by fact
    struct buffer rows[ROWS_MAX];
    int rows_count;
    int rows_synced;
    struct buffer snapshot; // of the synced rows
    int snapshot_rows;      // 0: none
    int64_t seed_now;
    struct message messages[MESSAGES_MAX]; // on the bus
    int messages_count;
    struct message sent[MESSAGES_MAX]; // what clients still wait for, newest over oldest
    int64_t commands_count;
    int16_t receipts[COMMANDS_MAX]; // answer of each command in the ledger, -1: none
    int16_t answers[COMMANDS_MAX];  // what its sender was told, -1: nothing yet
    int64_t taken[MESSAGES_MAX];    // commands of the turn
    int taken_count;
    struct sale_event acknowledged[MESSAGES_MAX]; // accepted bids of the turn
    int acknowledged_count;
    struct auditor auditor;
    struct auditor backup; // as of the last sync, for a crash before the next
    struct decision decision;
    struct world_counts *counts;
    FILE *trace;
};

static inline int64_t roll(struct world *world, int64_t least, int64_t most)
{
    return random_between(&world->random, least, most);
}

static inline bool chance(struct world *world, int64_t percent)
{
    return random_chance(&world->random, percent);
}

static inline void reach(struct world *world, enum world_reach what)
{
    world->counts->reached[what]++;
}

// world_sale.c: the sale of the seed
void world_choose_sale(struct world *world);

// world_disk.c: the ledger
void disk_append(struct world *world, const struct sale_event *event);
void disk_sync(struct world *world);
void disk_tear(struct world *world); // what was not synced is lost
struct sale *disk_replay(struct world *world, bool from_snapshot);
void disk_expect_same(struct world *world, const struct sale *left, const struct sale *right);
void disk_snapshot(struct world *world);
void disk_release(struct world *world);

// world_faults.c
const struct sale_event *world_event(const struct world *world, enum sale_event_kind kind);
void plant_before_decision(struct world *world, struct sale_command *command);
void plant_in_decision(struct world *world, const struct sale_command *command);
void plant_in_state(struct world *world, const struct sale_command *command);

// world_engine.c
void engine_create(struct world *world);
void engine_command(struct world *world, int64_t id, const struct sale_command *command);
void engine_turn(struct world *world); // everything that is due
void engine_outage(struct world *world);
void world_advance(struct world *world, int64_t ms);

// world_bidders.c, world_staff.c
void world_send(struct world *world, const struct sale_command *command);
void bidders_act(struct world *world);
void staff_acts(struct world *world);
void staff_joins(struct world *world);

// world_trace.c: for whoever looks into a seed
void trace_step(struct world *world, const struct sale_command *command);
extern const char *const sim_op_names[SALE_OP_COUNT];

// world_reach.c
void reach_definition(struct world *world);
void reach_decision(struct world *world, const struct sale_command *command);

#endif
