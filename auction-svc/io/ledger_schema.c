#include "auction-svc/io/ledger_schema.h"

#include <sqlite3.h>

#include "auction-svc/io/ledger_database.h"
#include "lib/os/os_log.h"

// A text is never edited: a later version adds a step.
static const char from_0_to_1[] =
    "CREATE TABLE engine(only_one INTEGER PRIMARY KEY CHECK(only_one = 1),"
    " epoch INTEGER NOT NULL, alive_at INTEGER NOT NULL);"
    "INSERT INTO engine VALUES(1, 0, 0);"
    "CREATE TABLE sale(sale TEXT PRIMARY KEY, created_at INTEGER NOT NULL, deleted_at INTEGER,"
    " lots_pages INTEGER NOT NULL DEFAULT 0, participants_pages INTEGER NOT NULL DEFAULT 0)"
    " WITHOUT ROWID;"
    "CREATE TABLE fact(sale TEXT NOT NULL, \"row\" INTEGER NOT NULL, seq INTEGER,"
    " kind TEXT NOT NULL, at INTEGER NOT NULL, fact BLOB NOT NULL, name TEXT, payload BLOB,"
    " nonce BLOB NOT NULL, prev_hash BLOB NOT NULL, hash BLOB NOT NULL,"
    " UNIQUE(sale, \"row\"));"
    "CREATE UNIQUE INDEX fact_seq ON fact(sale, seq) WHERE seq IS NOT NULL;"
    "CREATE TABLE receipt(sale TEXT NOT NULL, \"by\" TEXT NOT NULL, id TEXT NOT NULL,"
    " op TEXT NOT NULL, content BLOB NOT NULL, received_at INTEGER NOT NULL,"
    " decided_at INTEGER NOT NULL, result BLOB NOT NULL, PRIMARY KEY(sale, id, \"by\"))"
    " WITHOUT ROWID;"
    "CREATE TABLE refusal(sale TEXT NOT NULL, \"by\" TEXT NOT NULL, id TEXT NOT NULL,"
    " op TEXT NOT NULL, content BLOB NOT NULL, received_at INTEGER NOT NULL,"
    " decided_at INTEGER NOT NULL, result BLOB NOT NULL, number INTEGER NOT NULL,"
    " PRIMARY KEY(sale, id, \"by\")) WITHOUT ROWID;"
    "CREATE UNIQUE INDEX refusal_number ON refusal(sale, \"by\", number);"
    "PRAGMA user_version = 1;";

// A snapshot is the state of a sale behind its row. Two of a row can't be; old ones are dropped.
static const char from_1_to_2[] =
    "CREATE TABLE snapshot(sale TEXT NOT NULL, \"row\" INTEGER NOT NULL, seq INTEGER NOT NULL,"
    " at INTEGER NOT NULL, hash BLOB NOT NULL, notice BLOB NOT NULL, state BLOB NOT NULL,"
    " digest BLOB NOT NULL, UNIQUE(sale, \"row\"));"
    "PRAGMA user_version = 2;";

static const char *const steps[LEDGER_SCHEMA_VERSION] = {from_0_to_1, from_1_to_2};

static enum lc_status read_version(struct ledger *ledger, int *out_version)
{
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(ledger->database, "PRAGMA user_version", -1, &statement, NULL);
    if (code == SQLITE_OK) {
        code = sqlite3_step(statement);
    }
    if (code == SQLITE_ROW) {
        *out_version = sqlite3_column_int(statement, 0);
    }
    (void)sqlite3_finalize(statement);
    return code == SQLITE_ROW ? LC_OK : database_failure(ledger, code, "reading the version");
}

static enum lc_status take_step(struct ledger *ledger, int version)
{
    enum lc_status status = database_execute(ledger, "BEGIN EXCLUSIVE");
    if (status != LC_OK) {
        return status;
    }
    status = database_execute(ledger, steps[version]);
    if (status == LC_OK) {
        status = database_execute(ledger, "COMMIT");
    }
    if (status != LC_OK) {
        (void)sqlite3_exec(ledger->database, "ROLLBACK", NULL, NULL, NULL);
    }
    return status;
}

static enum lc_status try_steps(struct ledger *ledger, int version)
{
    enum lc_status status = database_execute(ledger, "BEGIN EXCLUSIVE");
    for (; status == LC_OK && version < LEDGER_SCHEMA_VERSION; version++) {
        status = database_execute(ledger, steps[version]);
    }
    ledger->is_trial = status == LC_OK;
    return status;
}

enum lc_status ledger_schema_bring_up(struct ledger *ledger, enum ledger_use use)
{
    int version = 0;
    enum lc_status status = read_version(ledger, &version);
    if (status != LC_OK) {
        return status;
    }
    if (version > LEDGER_SCHEMA_VERSION) {
        os_log(OS_LOG_ERROR, "ledger: made by a newer version (schema %d, this program knows %d)",
               version, LEDGER_SCHEMA_VERSION);
        return LC_ERR_BAD_INPUT;
    }
    if (version < 0 || (version == 0 && use == LEDGER_VERIFY)) {
        os_log(OS_LOG_ERROR, "ledger: the file holds no ledger");
        return LC_ERR_CORRUPT;
    }
    if (use == LEDGER_VERIFY && version < LEDGER_SCHEMA_VERSION) {
        return try_steps(ledger, version);
    }
    for (int from = version; status == LC_OK && from < LEDGER_SCHEMA_VERSION; from++) {
        status = take_step(ledger, from);
        if (status == LC_OK && version > 0) {
            os_log(OS_LOG_INFO, "ledger: schema %d is now schema %d", from, from + 1);
        }
    }
    return status;
}
