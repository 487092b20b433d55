// The engine: takes commands and deadlines, decides, records, and only then tells the world.
//
// Purity:    everything that its parts do; reads the boot clock once a turn
// Units:     *_ms engine time
// Ownership: engine_create/destroy; takes over nothing
// Errors:    engine_run(): LC_OK after a stop signal, else what stopped it: what it held in memory
//            was never seen. LC_ERR_BUSY: another engine holds a sale of ours
// Order:     create, run (once), destroy
// Source:    design 2, 3, 4 and 7
#ifndef LOTCAST_SERVICE_ENGINE_H
#define LOTCAST_SERVICE_ENGINE_H

#include "auction-svc/io/ledger.h"
#include "auction-svc/service/backup_desk.h"
#include "auction-svc/service/bus.h"
#include "auction-svc/service/house.h"
#include "auction-svc/service/imports.h"
#include "auction-svc/service/receipts.h"
#include "auction-svc/service/snapshots.h"

enum {
    ENGINE_TURN_DEADLINES_MAX = 64, // then the world hears of them before the others are decided
    ENGINE_TURN_COMMANDS_MAX = 128, // then deadlines have their turn again
    ENGINE_TURN_SPARE_US = 1000,    // for ticks, and again for retained state: they can wait
    ENGINE_QUIET_MS = 50,           // without a deadline: time for a snapshot
    ENGINE_PUT_OFF_MS = 1000,       // of a deadline that should not be
    ENGINE_DOUBT_MS = 200,          // until another engine is looked for again
    ENGINE_ALIVE_MS = 1000,         // alive_at and waiting refusals are written
    ENGINE_FACT_SIZE_MAX = 16 * 1024 * 1024, // ADD_LOTS_MAX lots with the longest texts and rules
};

struct engine_counters {
    uint64_t commands;
    uint64_t accepted;
    uint64_t refused;
    uint64_t malformed;
    uint64_t repeated;
};

struct engine {
    struct ledger *ledger;
    struct bus *bus;
    struct house house;
    struct receipts receipts;
    struct snapshots snapshots;
    struct imports imports;
    struct backup_desk backup_desk;
    struct engine_clock clock;
    int64_t now_ms; // of the turn
    int64_t epoch;
    int64_t alive_at_ms;   // as the last run left it
    int64_t lost_at_ms;    // last proven moment before the bus was lost; 0: it is not lost
    int64_t written_at_ms; // last writing of alive_at and refusals
    bool is_started;       // the epoch of this run was announced
    bool is_waiting;       // for another engine to be heard or to be known dead
    bool was_told;         // of the waiting
    bool is_live;
    int signals; // signalfd
    bool stop_wanted;
    struct buffer fact; // scratch of one fact, its event and one result
    struct buffer payload;
    struct buffer result;
    struct engine_counters counters;
};

struct engine_config {
    const char *data_folder;
    int64_t snapshot_rows; // 0: no snapshots are made
    struct bus_config bus;
};

LC_MUST_CHECK enum lc_status engine_create(const struct engine_config *config,
                                           struct engine **out_engine);
void engine_destroy(struct engine *engine);
LC_MUST_CHECK enum lc_status engine_run(struct engine *engine);

#endif
