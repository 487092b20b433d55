// The ledger: the durable record of all sales of one engine, in SQLite (DIR/ledger.sqlite).
//
// Purity:    files; only the ledger*.c files know SQLite
// Units:     *_ms UTC epoch milliseconds in engine time
// Ownership: ledger_open/close; holds the lock of the data folder from open to close
// Lifetime:  what a visitor is given is valid until it returns
// Errors:    LC_ERR_BUSY (folder or database held by another, after 5 s), LC_ERR_DISK_FULL,
//            LC_ERR_IO, LC_ERR_CORRUPT, LC_ERR_NO_MEMORY; LC_ERR_BAD_INPUT for a file that a
//            newer program has made. After a failed write the open transaction
//            is gone and nothing of it will ever be durable by our hand: the engine must stop. Each
//            failure is logged once, here, with SQLite's own words.
// Order:     ledger_begin, any number of writes, ledger_commit: one sync for all of them
// Source:    design 2 and 4; docs/decisions/0030-ledger-in-sqlite.md
#ifndef LOTCAST_IO_LEDGER_H
#define LOTCAST_IO_LEDGER_H

#include "auction-svc/io/ledger_row.h"
#include "lib/base/buffer.h"

enum {
    LEDGER_RESULT_SIZE_MAX = 4096,
    LEDGER_REFUSALS_KEPT = 256,
    LEDGER_SNAPSHOTS_KEPT = 2,
    LEDGER_BUSY_MS = 5000,
    LEDGER_REST_PAGES = 1000, // of the write-ahead log: worth to be written back when it is quiet
    LEDGER_LOG_PAGES_MAX = 16384 // 64 MiB: written back at the next commit, quiet or not
};

enum ledger_use {
    LEDGER_SERVE,  // reads and writes, made when missing
    LEDGER_VERIFY, // an existing one, nothing is changed, also when it is of an older version
    LEDGER_COPY,   // an existing one of any version, for ledger_backup_begin() alone
};

enum ledger_sync {
    LEDGER_SYNCED,   // durable when commit returns
    LEDGER_UNSYNCED, // handed to the operating system; durable with the next synced commit
};

struct ledger;

LC_MUST_CHECK enum lc_status ledger_open(const char *folder, enum ledger_use use,
                                         struct ledger **out_ledger);
void ledger_close(struct ledger *ledger);

// ---- a turn ----

// Within an open transaction the call does nothing; LC_ASSERTs that nothing synced joins an
// unsynced one.
LC_MUST_CHECK enum lc_status ledger_begin(struct ledger *ledger, enum ledger_sync sync);
bool ledger_is_open(const struct ledger *ledger); // a transaction is open
LC_MUST_CHECK enum lc_status ledger_commit(struct ledger *ledger);

// Writing the write-ahead log back into the database takes as long as its pages take to be written
// and synced: done at a quiet moment it delays no commit. A failure is logged and tried again later:
// what was committed is durable without.
bool ledger_wants_rest(const struct ledger *ledger);
void ledger_rest(struct ledger *ledger);

// Appends a row behind `head`, which moves on: row, nonce and hashes are filled in here. `seq` of
// `fact` 0: not public.
LC_MUST_CHECK enum lc_status ledger_append(struct ledger *ledger, struct ledger_head *head,
                                           const struct ledger_fact *fact);
LC_MUST_CHECK enum lc_status ledger_put_receipt(struct ledger *ledger,
                                                const struct ledger_receipt *receipt);
// Keeps the last LEDGER_REFUSALS_KEPT of each participant of a sale.
LC_MUST_CHECK enum lc_status ledger_put_refusal(struct ledger *ledger,
                                                const struct ledger_receipt *receipt);
LC_MUST_CHECK enum lc_status ledger_put_alive(struct ledger *ledger, int64_t alive_at_ms);

LC_MUST_CHECK enum lc_status ledger_put_sale(struct ledger *ledger, const struct sale_id *sale,
                                             int64_t created_at_ms);
// A tombstone: the id stays taken; receipts and snapshots of the sale go. The pages are what must be cleared on
// the broker.
LC_MUST_CHECK enum lc_status ledger_bury_sale(struct ledger *ledger, const struct sale_id *sale,
                                              int64_t deleted_at_ms, int64_t lots_pages,
                                              int64_t participants_pages);

// ---- the engine's own numbers ----

// Counts the epoch up, above `seen` too, and syncs it.
LC_MUST_CHECK enum lc_status ledger_next_epoch(struct ledger *ledger, int64_t seen,
                                               int64_t *out_epoch);
LC_MUST_CHECK enum lc_status ledger_alive_at(struct ledger *ledger, int64_t *out_alive_at_ms);

// ---- reading ----

struct ledger_sale {
    struct sale_id sale;
    int64_t deleted_at_ms; // 0: not deleted
    int64_t lots_pages;
    int64_t participants_pages;
};

// A visitor stops the reading with any status but LC_OK, which is then the result.
typedef enum lc_status ledger_sale_visitor(void *owner, const struct ledger_sale *sale);
typedef enum lc_status ledger_fact_visitor(void *owner, const struct ledger_fact *fact);

// In order of id.
LC_MUST_CHECK enum lc_status ledger_each_sale(struct ledger *ledger, ledger_sale_visitor *visit,
                                              void *owner);
// Those behind `after_row`, in order of row.
LC_MUST_CHECK enum lc_status ledger_each_fact(struct ledger *ledger, const struct sale_id *sale,
                                              int64_t after_row, ledger_fact_visitor *visit,
                                              void *owner);
// Public rows with seq >= `from_seq`, in order of seq, at most `limit`; kind, fact and hashes are
// not filled in.
LC_MUST_CHECK enum lc_status ledger_each_event(struct ledger *ledger, const struct sale_id *sale,
                                               int64_t from_seq, int64_t limit,
                                               ledger_fact_visitor *visit, void *owner);
// An acceptance or a refusal; LC_ERR_NOT_FOUND when there is none. The result is appended to
// `result`, which out_receipt->result then borrows. `by` NULL: of anybody, the newest.
LC_MUST_CHECK enum lc_status ledger_find_receipt(struct ledger *ledger, const struct sale_id *sale,
                                                 const struct participant_id *by,
                                                 const struct command_id *id, struct buffer *result,
                                                 struct ledger_receipt *out_receipt);

// ---- snapshots ----

// Within an open transaction; the digest is filled in here. Keeps the last LEDGER_SNAPSHOTS_KEPT of
// a sale.
LC_MUST_CHECK enum lc_status ledger_put_snapshot(struct ledger *ledger,
                                                 const struct ledger_snapshot *snapshot);

// Those behind `after_row`.
LC_MUST_CHECK enum lc_status ledger_drop_snapshots(struct ledger *ledger,
                                                   const struct sale_id *sale, int64_t after_row);

typedef enum lc_status ledger_snapshot_visitor(void *owner, const struct ledger_snapshot *snapshot);

// The newest one of a row below `below_row`; LC_ERR_NOT_FOUND when there is none. LC_ERR_CORRUPT
// when it can't be read, which damages nothing but the snapshot; `*out_row` is then filled in, also
// before the visit.
LC_MUST_CHECK enum lc_status ledger_visit_snapshot(struct ledger *ledger,
                                                   const struct sale_id *sale, int64_t below_row,
                                                   int64_t *out_row, ledger_snapshot_visitor *visit,
                                                   void *owner);

// Is it as it was written, and does it stand behind a row that the ledger has?
LC_MUST_CHECK enum lc_status ledger_snapshot_prove(struct ledger *ledger,
                                                   const struct ledger_snapshot *snapshot,
                                                   bool *out_proven);

#endif
