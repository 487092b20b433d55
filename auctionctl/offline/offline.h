// The commands on a data folder that no engine holds: each reads the ledger, replays it, and prints.
//
// Purity:    reads the ledger, prints on stdout; one line about a failure on stderr
// Ownership: texts are borrowed
// Errors:    the exit codes below; nothing of the ledger is ever changed
// Source:    rules 5, Record; docs/OPERATIONS.md, Ledger; docs/decisions/0092-offline-commands.md
#ifndef LOTCAST_CTL_OFFLINE_H
#define LOTCAST_CTL_OFFLINE_H

#include <stdbool.h>

// 0 to 2 are those of every command; 3 to 6 are those of auction-svc.
enum offline_exit {
    OFFLINE_DONE = 0,
    OFFLINE_REFUSED = 1, // no such sale, lot or bid; results that differ
    OFFLINE_USAGE = 2,
    OFFLINE_LOCKED = 3, // an engine holds the folder
    OFFLINE_DISK_FULL = 4,
    OFFLINE_IO = 5,
    OFFLINE_CORRUPT = 6,
};

struct offline_request {
    const char *data;
    const char *sale;       // NULL: the only one; replay: all
    const char *operand;    // explain: id of the command or bid; timeline: the lot
    const char *by;         // explain: whose command; NULL: anybody's
    const char *format;     // export
    const char *increments; // replay-bids: name of a published table
    bool json;
    bool force;   // restore: a ledger that is there is put aside
    bool secrets; // timeline: also maxima and what is held
};

// Winners and prices as the facts give them, against the results that were published.
int offline_replay(const struct offline_request *request);

// Why a bid or command did or did not win, as its sender may know it.
int offline_explain(const struct offline_request *request);

// What happened to a lot, in order.
int offline_timeline(const struct offline_request *request);

// format csv: a row for each lot, or part of one, that was sold or not; json: the whole public
// record; results: lots with premium, and what each buyer owes.
int offline_export(const struct offline_request *request);

// A copy of the ledger in the folder `operand`: by the engine that holds the data folder, or
// directly when none does.
int offline_backup(const struct offline_request *request);

// Proves the copy in the folder `operand`, then puts it into the data folder, which no engine may
// hold.
int offline_restore(const struct offline_request *request);

// Plays recorded maximum bids through the core and compares the prices. Needs no ledger.
int offline_replay_bids(const struct offline_request *request);

#endif
