// Where the offline commands read from: a ledger and one sale of it.
//
// Purity:    reads the ledger
// Ownership: source_open/close
// Errors:    an enum offline_exit; the line about it was printed
#ifndef LOTCAST_CTL_SOURCE_H
#define LOTCAST_CTL_SOURCE_H

#include "auction-svc/replay/replay.h"
#include "auctionctl/offline/offline.h"

struct source {
    struct ledger *ledger;
    struct replay replay; // of the sale, from its first row
};

int source_exit(enum lc_status status);

int source_open(struct source *source, const struct offline_request *request);
// Opens the ledger only, for a command on all sales.
int source_open_ledger(struct source *source, const struct offline_request *request);
void source_close(struct source *source);

// Replays all rows of the sale under a watcher. OFFLINE_CORRUPT when the record is damaged.
int source_replay(struct source *source, const struct sale_id *id, struct replay_watcher watcher);
void source_end_replay(struct source *source);

// Prints and forgets the text. OFFLINE_IO when it was too large or could not be written.
int source_print(struct buffer *out);

#endif
