// The open database under a ledger: its prepared statements, and what a failure of SQLite means.
//
// Purity:    files; for the ledger*.c files alone
// Ownership: struct ledger is made and ended by ledger.c
// Lifetime:  what is bound must live until the statement has run; a column until its next step
// Errors:    each failure is logged once, here, with SQLite's own words. A failed write rolls the
//            open transaction back
// Source:    docs/decisions/0030-ledger-in-sqlite.md
#ifndef LOTCAST_IO_LEDGER_DATABASE_H
#define LOTCAST_IO_LEDGER_DATABASE_H

#include "auction-svc/io/data_lock.h"
#include "auction-svc/io/ledger.h"

struct sqlite3;
struct sqlite3_stmt;

enum ledger_statement {
    BEGIN,
    COMMIT,
    APPEND,
    PUT_RECEIPT,
    PUT_REFUSAL,
    DROP_OLD_REFUSALS,
    PUT_ALIVE,
    PUT_SALE,
    BURY_SALE,
    DROP_RECEIPTS,
    DROP_REFUSALS,
    PUT_SNAPSHOT,
    DROP_OLD_SNAPSHOTS,
    DROP_SNAPSHOTS,
    FIND_SNAPSHOT,
    FIND_HASH,
    NEXT_EPOCH,
    READ_ENGINE,
    EACH_SALE,
    EACH_FACT,
    EACH_EVENT,
    FIND_RECEIPT,
    FIND_REFUSAL,
    FIND_OF_ANYBODY,
    STATEMENT_COUNT
};

struct ledger {
    struct sqlite3 *database;
    struct sqlite3_stmt *statements[STATEMENT_COUNT];
    struct data_lock lock;
    enum ledger_sync sync; // as the database is set now
    bool in_transaction;
    int log_pages; // of the write-ahead log, after the last commit
    int rest_at;   // pages from which a rest is wanted
    bool is_trial; // an older file, read through a migration that is never committed
};

// ---- errors ----

enum lc_status database_status(struct sqlite3 *database, int code);
enum lc_status database_failure(struct ledger *ledger, int code, const char *what);
// After a failed write nothing of the turn may become durable later.
enum lc_status database_write_failure(struct ledger *ledger, int code, const char *what);

// ---- statements ----

LC_MUST_CHECK enum lc_status database_prepare(struct ledger *ledger);
void database_finalize(struct ledger *ledger);
LC_MUST_CHECK enum lc_status database_execute(struct ledger *ledger, const char *text);
// One step that gives no row.
LC_MUST_CHECK enum lc_status database_run(struct ledger *ledger, enum ledger_statement which);
// `code` is that of the last step, `status` what the reader made of it.
enum lc_status database_end_reading(struct ledger *ledger, enum ledger_statement which, int code,
                                    enum lc_status status);
const char *database_statement_text(enum ledger_statement which);

// Binding fails only on a wrong index or without memory; the step would then write a NULL, which
// every column refuses. Nothing is copied.
void bind_int(struct sqlite3_stmt *statement, int index, int64_t value);
void bind_text(struct sqlite3_stmt *statement, int index, struct bytes text);
void bind_blob(struct sqlite3_stmt *statement, int index, const void *data, size_t size);

struct bytes column_bytes(struct sqlite3_stmt *statement, int index);
// False when the column does not have exactly this size.
bool column_fixed(struct sqlite3_stmt *statement, int index, uint8_t *out, size_t size);

#endif
