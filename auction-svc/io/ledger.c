#include "auction-svc/io/ledger.h"

#include <sqlite3.h>
#include <stdlib.h>

#include "auction-svc/io/ledger_database.h"
#include "auction-svc/io/ledger_schema.h"
#include "lib/os/os_log.h"

// ---- opening ----

// Takes the place of SQLite's own hook, which would write back within the commit.
static int note_log(void *owner, sqlite3 *database, const char *name, int pages)
{
    struct ledger *ledger = owner;
    (void)database;
    (void)name;
    ledger->log_pages = pages;
    return SQLITE_OK;
}

static enum lc_status open_database(struct ledger *ledger, const char *folder, enum ledger_use use)
{
    static const char settings[] = "PRAGMA locking_mode = EXCLUSIVE;"
                                   "PRAGMA journal_mode = WAL;"
                                   "PRAGMA synchronous = FULL;"
                                   "PRAGMA cell_size_check = ON;"
                                   "PRAGMA trusted_schema = OFF;"
                                   "PRAGMA temp_store = MEMORY;";
    char path[DATA_PATH_SIZE_MAX];
    int size = snprintf(path, sizeof path, "%s/ledger.sqlite", folder);
    if (size < 0 || (size_t)size >= sizeof path) {
        return LC_ERR_IO;
    }
    int flags = SQLITE_OPEN_READWRITE | (use == LEDGER_SERVE ? SQLITE_OPEN_CREATE : 0);
    int code = sqlite3_open_v2(path, &ledger->database, flags, NULL);
    if (code != SQLITE_OK) {
        return database_failure(ledger, code, path);
    }
    (void)sqlite3_busy_timeout(ledger->database, LEDGER_BUSY_MS);
    (void)sqlite3_wal_hook(ledger->database, note_log, ledger);
    ledger->rest_at = LEDGER_REST_PAGES;
    if (use != LEDGER_SERVE) {
        (void)sqlite3_db_config(ledger->database, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    }
    enum lc_status status = database_execute(ledger, settings);
    if (status == LC_OK && use != LEDGER_COPY) {
        status = ledger_schema_bring_up(ledger, use);
    }
    if (status == LC_OK && use != LEDGER_COPY) {
        status = database_prepare(ledger);
    }
    return status;
}

enum lc_status ledger_open(const char *folder, enum ledger_use use, struct ledger **out_ledger)
{
    struct ledger *ledger = calloc(1, sizeof *ledger);
    if (ledger == NULL) {
        return LC_ERR_NO_MEMORY;
    }
    ledger->lock.descriptor = -1;
    enum lc_status status = data_lock_take(folder, use == LEDGER_SERVE, &ledger->lock);
    if (status != LC_OK) {
        os_log(OS_LOG_ERROR, "data folder %s: %s", folder,
               status == LC_ERR_BUSY ? "locked by another process" : lc_status_name(status));
    } else {
        status = open_database(ledger, folder, use);
    }
    if (status != LC_OK) {
        ledger_close(ledger);
        return status;
    }
    *out_ledger = ledger;
    return LC_OK;
}

void ledger_close(struct ledger *ledger)
{
    if (ledger == NULL) {
        return;
    }
    database_finalize(ledger);
    (void)sqlite3_close(ledger->database);
    data_lock_release(&ledger->lock);
    free(ledger);
}

// ---- a turn ----

enum lc_status ledger_begin(struct ledger *ledger, enum ledger_sync sync)
{
    if (ledger->in_transaction) {
        LC_ASSERT(sync == LEDGER_UNSYNCED || ledger->sync == LEDGER_SYNCED);
        return LC_OK;
    }
    if (ledger->sync != sync) { // in WAL mode NORMAL does not sync at a commit
        enum lc_status status =
            database_execute(ledger, sync == LEDGER_SYNCED ? "PRAGMA synchronous = FULL"
                                                           : "PRAGMA synchronous = NORMAL");
        if (status != LC_OK) {
            return status;
        }
        ledger->sync = sync;
    }
    enum lc_status status = database_run(ledger, BEGIN);
    ledger->in_transaction = status == LC_OK;
    return status;
}

bool ledger_is_open(const struct ledger *ledger)
{
    return ledger->in_transaction;
}

enum lc_status ledger_commit(struct ledger *ledger)
{
    LC_ASSERT(ledger->in_transaction);
    enum lc_status status = database_run(ledger, COMMIT);
    ledger->in_transaction = false;
    if (status == LC_OK && ledger->log_pages >= LEDGER_LOG_PAGES_MAX && ledger_wants_rest(ledger)) {
        ledger_rest(ledger);
    }
    return status;
}

bool ledger_wants_rest(const struct ledger *ledger)
{
    return ledger->log_pages >= ledger->rest_at;
}

void ledger_rest(struct ledger *ledger)
{
    LC_ASSERT(!ledger->in_transaction);
    int code =
        sqlite3_wal_checkpoint_v2(ledger->database, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
    if (code == SQLITE_OK) {
        ledger->log_pages = 0;
        ledger->rest_at = LEDGER_REST_PAGES;
        return;
    }
    os_log(OS_LOG_WARNING, "ledger: the write-ahead log could not be written back: %s",
           sqlite3_errmsg(ledger->database));
    ledger->rest_at = ledger->log_pages + LEDGER_REST_PAGES;
}

// ---- the engine's own numbers ----

static enum lc_status read_engine(struct ledger *ledger, int64_t *out_epoch,
                                  int64_t *out_alive_at_ms)
{
    sqlite3_stmt *statement = ledger->statements[READ_ENGINE];
    int code = sqlite3_step(statement);
    int64_t epoch = code == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : 0;
    int64_t alive_at_ms = code == SQLITE_ROW ? sqlite3_column_int64(statement, 1) : 0;
    (void)sqlite3_reset(statement);
    if (code == SQLITE_DONE) {
        os_log(OS_LOG_ERROR, "ledger: the engine's row is missing");
        return LC_ERR_CORRUPT;
    }
    if (code != SQLITE_ROW) {
        return database_failure(ledger, code, database_statement_text(READ_ENGINE));
    }
    *out_epoch = epoch;
    *out_alive_at_ms = alive_at_ms;
    return LC_OK;
}

enum lc_status ledger_next_epoch(struct ledger *ledger, int64_t seen, int64_t *out_epoch)
{
    int64_t alive_at_ms;
    enum lc_status status = ledger_begin(ledger, LEDGER_SYNCED);
    if (status == LC_OK) {
        bind_int(ledger->statements[NEXT_EPOCH], 1, seen);
        status = database_run(ledger, NEXT_EPOCH);
    }
    if (status == LC_OK) {
        status = ledger_commit(ledger);
    }
    return status == LC_OK ? read_engine(ledger, out_epoch, &alive_at_ms) : status;
}

enum lc_status ledger_alive_at(struct ledger *ledger, int64_t *out_alive_at_ms)
{
    int64_t epoch;
    return read_engine(ledger, &epoch, out_alive_at_ms);
}
