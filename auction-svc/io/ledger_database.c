#include "auction-svc/io/ledger_database.h"

#include <errno.h>
#include <sqlite3.h>

#include "lib/os/os_log.h"

static const char *const statement_texts[STATEMENT_COUNT] = {
    [BEGIN] = "BEGIN IMMEDIATE",
    [COMMIT] = "COMMIT",
    [APPEND] = "INSERT INTO fact VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11)",
    [PUT_RECEIPT] = "INSERT INTO receipt VALUES(?1,?2,?3,?4,?5,?6,?7,?8)",
    [PUT_REFUSAL] =
        "INSERT OR REPLACE INTO refusal VALUES(?1,?2,?3,?4,?5,?6,?7,?8,"
        " 1 + coalesce((SELECT max(number) FROM refusal WHERE sale = ?1 AND \"by\" = ?2),"
        " 0))",
    [DROP_OLD_REFUSALS] = "DELETE FROM refusal WHERE sale = ?1 AND \"by\" = ?2 AND number <="
                          " (SELECT max(number) FROM refusal WHERE sale = ?1 AND \"by\" = ?2) - ?3",
    [PUT_ALIVE] = "UPDATE engine SET alive_at = ?1 WHERE alive_at < ?1",
    [PUT_SALE] = "INSERT INTO sale(sale, created_at) VALUES(?1,?2)",
    [BURY_SALE] = "UPDATE sale SET deleted_at = ?2, lots_pages = ?3, participants_pages = ?4"
                  " WHERE sale = ?1",
    [DROP_RECEIPTS] = "DELETE FROM receipt WHERE sale = ?1",
    [DROP_REFUSALS] = "DELETE FROM refusal WHERE sale = ?1",
    [PUT_SNAPSHOT] = "INSERT OR REPLACE INTO snapshot VALUES(?1,?2,?3,?4,?5,?6,?7,?8)",
    [DROP_OLD_SNAPSHOTS] =
        "DELETE FROM snapshot WHERE sale = ?1 AND \"row\" NOT IN"
        " (SELECT \"row\" FROM snapshot WHERE sale = ?1 ORDER BY \"row\" DESC LIMIT ?2)",
    [FIND_SNAPSHOT] = "SELECT \"row\", seq, at, hash, notice, state, digest FROM snapshot"
                      " WHERE sale = ?1 AND \"row\" < ?2 ORDER BY \"row\" DESC LIMIT 1",
    [FIND_HASH] = "SELECT hash FROM fact WHERE sale = ?1 AND \"row\" = ?2",
    [DROP_SNAPSHOTS] = "DELETE FROM snapshot WHERE sale = ?1 AND \"row\" > ?2",
    [NEXT_EPOCH] = "UPDATE engine SET epoch = max(epoch, ?1) + 1",
    [READ_ENGINE] = "SELECT epoch, alive_at FROM engine",
    [EACH_SALE] = "SELECT sale, coalesce(deleted_at, 0), lots_pages, participants_pages FROM sale"
                  " ORDER BY sale",
    [EACH_FACT] = "SELECT \"row\", coalesce(seq, 0), at, name, payload, kind, fact, nonce,"
                  " prev_hash, hash FROM fact WHERE sale = ?1 AND \"row\" > ?2 ORDER BY \"row\"",
    [EACH_EVENT] = "SELECT \"row\", seq, at, name, payload FROM fact"
                   " WHERE sale = ?1 AND seq >= ?2 AND seq IS NOT NULL ORDER BY seq LIMIT ?3",
    [FIND_RECEIPT] = "SELECT sale, \"by\", id, op, content, received_at, decided_at, result"
                     " FROM receipt WHERE sale = ?1 AND id = ?2 AND \"by\" = ?3",
    [FIND_REFUSAL] = "SELECT sale, \"by\", id, op, content, received_at, decided_at, result"
                     " FROM refusal WHERE sale = ?1 AND id = ?2 AND \"by\" = ?3",
    [FIND_OF_ANYBODY] =
        "SELECT sale, \"by\", id, op, content, received_at, decided_at, result"
        " FROM receipt WHERE sale = ?1 AND id = ?2"
        " UNION ALL SELECT sale, \"by\", id, op, content, received_at, decided_at, result"
        " FROM refusal WHERE sale = ?1 AND id = ?2 ORDER BY 7 DESC LIMIT 1",
};

const char *database_statement_text(enum ledger_statement which)
{
    return statement_texts[which];
}

// ---- errors ----

// SQLite knows ENOSPC alone; a quota and a limit of a file's size are the same to an operator.
static bool is_full(int system_error)
{
    return system_error == ENOSPC || system_error == EDQUOT || system_error == EFBIG;
}

enum lc_status database_status(sqlite3 *database, int code)
{
    switch (code & 0xFF) {
    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE:
        return LC_OK;
    case SQLITE_FULL:
        return LC_ERR_DISK_FULL;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return LC_ERR_BUSY;
    case SQLITE_NOMEM:
        return LC_ERR_NO_MEMORY;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_CONSTRAINT: // our own rows never break a constraint unless the file was changed
    case SQLITE_MISMATCH:
        return LC_ERR_CORRUPT;
    default: // of a failed COMMIT SQLite keeps no error of the system
        return is_full(errno) || (database != NULL && is_full(sqlite3_system_errno(database)))
                   ? LC_ERR_DISK_FULL
                   : LC_ERR_IO;
    }
}

enum lc_status database_failure(struct ledger *ledger, int code, const char *what)
{
    enum lc_status status = database_status(ledger->database, code);
    os_log(OS_LOG_ERROR, "ledger: %s failed: %s (%s)", what,
           ledger->database != NULL ? sqlite3_errmsg(ledger->database) : sqlite3_errstr(code),
           lc_status_name(status));
    return status;
}

// After a failed write nothing of the turn may become durable later.
enum lc_status database_write_failure(struct ledger *ledger, int code, const char *what)
{
    enum lc_status status = database_failure(ledger, code, what);
    if (ledger->in_transaction) {
        (void)sqlite3_exec(ledger->database, "ROLLBACK", NULL, NULL, NULL);
        ledger->in_transaction = false;
    }
    return status;
}

// ---- statements ----

enum lc_status database_prepare(struct ledger *ledger)
{
    for (int i = 0; i < STATEMENT_COUNT; i++) {
        int code = sqlite3_prepare_v3(ledger->database, statement_texts[i], -1,
                                      SQLITE_PREPARE_PERSISTENT, &ledger->statements[i], NULL);
        if (code != SQLITE_OK) { // a table or a column is not there
            (void)database_failure(ledger, code, statement_texts[i]);
            return code == SQLITE_ERROR ? LC_ERR_CORRUPT : database_status(ledger->database, code);
        }
    }
    return LC_OK;
}

void database_finalize(struct ledger *ledger)
{
    for (int i = 0; i < STATEMENT_COUNT; i++) {
        (void)sqlite3_finalize(ledger->statements[i]);
        ledger->statements[i] = NULL;
    }
}

enum lc_status database_execute(struct ledger *ledger, const char *text)
{
    int code = sqlite3_exec(ledger->database, text, NULL, NULL, NULL);
    return code == SQLITE_OK ? LC_OK : database_failure(ledger, code, text);
}

enum lc_status database_run(struct ledger *ledger, enum ledger_statement which)
{
    struct sqlite3_stmt *statement = ledger->statements[which];
    errno = 0;
    int code = sqlite3_step(statement);
    (void)sqlite3_reset(statement); // repeats the error of the step
    if (code != SQLITE_DONE) {
        return database_write_failure(ledger, code, database_statement_text(which));
    }
    return LC_OK;
}

enum lc_status database_end_reading(struct ledger *ledger, enum ledger_statement which, int code,
                                    enum lc_status status)
{
    if (status == LC_OK && code != SQLITE_DONE) {
        status = database_failure(ledger, code, database_statement_text(which));
    }
    (void)sqlite3_reset(ledger->statements[which]);
    return status;
}

void bind_int(struct sqlite3_stmt *statement, int index, int64_t value)
{
    (void)sqlite3_bind_int64(statement, index, value);
}

void bind_text(struct sqlite3_stmt *statement, int index, struct bytes text)
{
    (void)sqlite3_bind_text(statement, index, text.size == 0 ? "" : (const char *)text.data,
                            (int)text.size, SQLITE_STATIC);
}

void bind_blob(struct sqlite3_stmt *statement, int index, const void *data, size_t size)
{
    (void)sqlite3_bind_blob(statement, index, size == 0 ? "" : data, (int)size, SQLITE_STATIC);
}

struct bytes column_bytes(struct sqlite3_stmt *statement, int index)
{
    const void *data = sqlite3_column_blob(statement, index);
    return bytes_of(data, (size_t)sqlite3_column_bytes(statement, index));
}

// False when the column does not have exactly this size.
bool column_fixed(struct sqlite3_stmt *statement, int index, uint8_t *out, size_t size)
{
    struct bytes bytes = column_bytes(statement, index);
    if (bytes.size != size) {
        return false;
    }
    memcpy(out, bytes.data, size);
    return true;
}
