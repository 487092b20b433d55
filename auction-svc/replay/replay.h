// A sale made again from its rows: follows the chain and applies every fact.
//
// Purity:    reads the ledger
// Ownership: replay_init/release; the sale is borrowed, or taken out with replay_take_sale()
// Errors:    a row that was altered, is missing, or is not what its kind demands is no error but
//            stands in the report; the state then stays at the row before it
// Order:     init, then snapshots (optional), then rows; once each
// Source:    design 3: replay applies facts and never decides again; rules 5
#ifndef LOTCAST_REPLAY_REPLAY_H
#define LOTCAST_REPLAY_REPLAY_H

#include "auction-svc/core/sale.h"
#include "auction-svc/io/ledger.h"

enum { REPLAY_WRONG_SIZE = 128 };

struct replay_report {
    int64_t rows; // read in this replay
    int64_t events;
    int64_t snapshot_row; // where it began; 0: with the first row
    int64_t snapshots_skipped;
    bool chain_ok;
    bool replay_ok;
    char wrong[REPLAY_WRONG_SIZE]; // the first thing that is wrong, "" when nothing is
};

// Any may be NULL. What they note as wrong goes to replay_note_wrong().
struct replay_watcher {
    void *owner;
    // Before the fact is applied.
    void (*before)(void *owner, const struct sale *sale, const struct sale_event *event);
    // After it. A status but LC_OK ends the replay.
    enum lc_status (*after)(void *owner, const struct sale *sale, const struct sale_event *event,
                            const struct ledger_fact *row);
};

struct replay {
    struct sale_id id;
    struct sale *sale;
    struct ledger_head head;
    struct buffer notice; // the last one
    struct replay_watcher watcher;
    struct replay_report report;
};

LC_MUST_CHECK enum lc_status replay_init(struct replay *replay, const struct sale_id *id,
                                         struct replay_watcher watcher);
void replay_release(struct replay *replay);
struct sale *replay_take_sale(struct replay *replay);

// Starts from the newest snapshot that is proven and was written by this program, if there is one.
LC_MUST_CHECK enum lc_status replay_load_snapshot(struct replay *replay, struct ledger *ledger);

// Applies the rows behind.
LC_MUST_CHECK enum lc_status replay_rows(struct replay *replay, struct ledger *ledger);

// `part`: &report.chain_ok or &report.replay_ok.
void replay_note_wrong(struct replay *replay, bool *part, int64_t row, const char *what);

bool replay_is_ok(const struct replay *replay);

#endif
