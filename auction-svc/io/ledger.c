#include "auction-svc/io/ledger.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdlib.h>

#include "auction-svc/io/data_lock.h"
#include "auction-svc/io/ledger_chain.h"
#include "lib/os/os_file.h"
#include "lib/os/os_log.h"

enum { SCHEMA_VERSION = 1 };

// Version 1. A later version adds a step that starts from here; it never edits this text.
static const char schema_1[] =
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

enum statement {
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
    [NEXT_EPOCH] = "UPDATE engine SET epoch = epoch + 1",
    [READ_ENGINE] = "SELECT epoch, alive_at FROM engine",
    [EACH_SALE] = "SELECT sale, coalesce(deleted_at, 0), lots_pages, participants_pages FROM sale"
                  " ORDER BY sale",
    [EACH_FACT] = "SELECT \"row\", coalesce(seq, 0), at, name, payload, kind, fact, nonce,"
                  " prev_hash, hash FROM fact WHERE sale = ?1 ORDER BY \"row\"",
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

struct ledger {
    sqlite3 *database;
    sqlite3_stmt *statements[STATEMENT_COUNT];
    struct data_lock lock;
    enum ledger_sync sync; // as the database is set now
    bool in_transaction;
};

// ---- errors ----

static enum lc_status status_of(sqlite3 *database, int code)
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
    default:
        return database != NULL && sqlite3_system_errno(database) == ENOSPC ? LC_ERR_DISK_FULL
                                                                            : LC_ERR_IO;
    }
}

static enum lc_status failure(struct ledger *ledger, int code, const char *what)
{
    enum lc_status status = status_of(ledger->database, code);
    os_log(OS_LOG_ERROR, "ledger: %s failed: %s (%s)", what,
           ledger->database != NULL ? sqlite3_errmsg(ledger->database) : sqlite3_errstr(code),
           lc_status_name(status));
    return status;
}

// After a failed write nothing of the turn may become durable later.
static enum lc_status write_failure(struct ledger *ledger, int code, const char *what)
{
    enum lc_status status = failure(ledger, code, what);
    if (ledger->in_transaction) {
        (void)sqlite3_exec(ledger->database, "ROLLBACK", NULL, NULL, NULL);
        ledger->in_transaction = false;
    }
    return status;
}

// ---- statements ----

static enum lc_status run(struct ledger *ledger, enum statement which)
{
    sqlite3_stmt *statement = ledger->statements[which];
    int code = sqlite3_step(statement);
    (void)sqlite3_reset(statement); // repeats the error of the step
    if (code != SQLITE_DONE) {
        return write_failure(ledger, code, statement_texts[which]);
    }
    return LC_OK;
}

// Binding fails only on a wrong index or without memory; the step would then write a NULL, which
// every column refuses. Texts live until the step: nothing is copied.
static void bind_int(sqlite3_stmt *statement, int index, int64_t value)
{
    (void)sqlite3_bind_int64(statement, index, value);
}

static void bind_text(sqlite3_stmt *statement, int index, struct bytes text)
{
    (void)sqlite3_bind_text(statement, index, text.size == 0 ? "" : (const char *)text.data,
                            (int)text.size, SQLITE_STATIC);
}

static void bind_blob(sqlite3_stmt *statement, int index, const void *data, size_t size)
{
    (void)sqlite3_bind_blob(statement, index, size == 0 ? "" : data, (int)size, SQLITE_STATIC);
}

static struct bytes column_bytes(sqlite3_stmt *statement, int index)
{
    const void *data = sqlite3_column_blob(statement, index);
    return bytes_of(data, (size_t)sqlite3_column_bytes(statement, index));
}

// False when the column does not have exactly this size.
static bool column_fixed(sqlite3_stmt *statement, int index, uint8_t *out, size_t size)
{
    struct bytes bytes = column_bytes(statement, index);
    if (bytes.size != size) {
        return false;
    }
    memcpy(out, bytes.data, size);
    return true;
}

// ---- opening ----

static enum lc_status execute(struct ledger *ledger, const char *text)
{
    int code = sqlite3_exec(ledger->database, text, NULL, NULL, NULL);
    return code == SQLITE_OK ? LC_OK : failure(ledger, code, text);
}

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
    return code == SQLITE_ROW ? LC_OK : failure(ledger, code, "reading the version");
}

static enum lc_status make_schema(struct ledger *ledger, enum ledger_use use)
{
    int version = 0;
    enum lc_status status = read_version(ledger, &version);
    if (status != LC_OK) {
        return status;
    }
    if (version > SCHEMA_VERSION) {
        os_log(OS_LOG_ERROR, "ledger: made by a newer version (schema %d, this program knows %d)",
               version, SCHEMA_VERSION);
        return LC_ERR_BAD_INPUT;
    }
    if (version == 0) {
        if (use == LEDGER_VERIFY) {
            os_log(OS_LOG_ERROR, "ledger: the file holds no ledger");
            return LC_ERR_CORRUPT;
        }
        if ((status = execute(ledger, "BEGIN EXCLUSIVE")) != LC_OK ||
            (status = execute(ledger, schema_1)) != LC_OK ||
            (status = execute(ledger, "COMMIT")) != LC_OK) {
            return status;
        }
    }
    return LC_OK;
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
        return failure(ledger, code, path);
    }
    (void)sqlite3_busy_timeout(ledger->database, LEDGER_BUSY_MS);
    if (use == LEDGER_VERIFY) {
        (void)sqlite3_db_config(ledger->database, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    }
    enum lc_status status = execute(ledger, settings);
    if (status == LC_OK) {
        status = make_schema(ledger, use);
    }
    for (int i = 0; status == LC_OK && i < STATEMENT_COUNT; i++) {
        code = sqlite3_prepare_v3(ledger->database, statement_texts[i], -1,
                                  SQLITE_PREPARE_PERSISTENT, &ledger->statements[i], NULL);
        if (code != SQLITE_OK) { // a table or a column is not there
            (void)failure(ledger, code, statement_texts[i]);
            status = code == SQLITE_ERROR ? LC_ERR_CORRUPT : status_of(ledger->database, code);
        }
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
    for (int i = 0; i < STATEMENT_COUNT; i++) {
        (void)sqlite3_finalize(ledger->statements[i]);
    }
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
            execute(ledger, sync == LEDGER_SYNCED ? "PRAGMA synchronous = FULL"
                                                  : "PRAGMA synchronous = NORMAL");
        if (status != LC_OK) {
            return status;
        }
        ledger->sync = sync;
    }
    enum lc_status status = run(ledger, BEGIN);
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
    enum lc_status status = run(ledger, COMMIT);
    ledger->in_transaction = false;
    return status;
}

enum lc_status ledger_append(struct ledger *ledger, struct ledger_head *head,
                             const struct ledger_fact *fact)
{
    LC_ASSERT(ledger->in_transaction);
    struct ledger_fact row = *fact;
    row.row = head->row + 1;
    os_random(row.nonce, sizeof row.nonce);
    memcpy(row.prev_hash, head->hash, sizeof row.prev_hash);
    ledger_chain_hash(&row, row.hash);

    sqlite3_stmt *statement = ledger->statements[APPEND];
    bind_text(statement, 1, bytes_text(row.sale.text));
    bind_int(statement, 2, row.row);
    bind_text(statement, 4, row.kind);
    bind_int(statement, 5, row.at_ms);
    bind_blob(statement, 6, row.fact.data, row.fact.size);
    if (row.seq != 0) {
        bind_int(statement, 3, row.seq);
        bind_text(statement, 7, row.name);
        bind_blob(statement, 8, row.payload.data, row.payload.size);
    } else {
        (void)sqlite3_bind_null(statement, 3);
        (void)sqlite3_bind_null(statement, 7);
        (void)sqlite3_bind_null(statement, 8);
    }
    bind_blob(statement, 9, row.nonce, sizeof row.nonce);
    bind_blob(statement, 10, row.prev_hash, sizeof row.prev_hash);
    bind_blob(statement, 11, row.hash, sizeof row.hash);
    enum lc_status status = run(ledger, APPEND);
    if (status == LC_OK) {
        const char *wrong = ledger_chain_follow(head, &row);
        LC_ASSERT(wrong == NULL);
    }
    return status;
}

static void bind_receipt(sqlite3_stmt *statement, const struct ledger_receipt *receipt)
{
    bind_text(statement, 1, bytes_text(receipt->sale.text));
    bind_text(statement, 2, bytes_text(receipt->by.text));
    bind_text(statement, 3, bytes_text(receipt->id.text));
    bind_text(statement, 4, bytes_text(receipt->op));
    bind_blob(statement, 5, receipt->content, sizeof receipt->content);
    bind_int(statement, 6, receipt->received_at_ms);
    bind_int(statement, 7, receipt->decided_at_ms);
    bind_blob(statement, 8, receipt->result.data, receipt->result.size);
}

enum lc_status ledger_put_receipt(struct ledger *ledger, const struct ledger_receipt *receipt)
{
    LC_ASSERT(ledger->in_transaction);
    bind_receipt(ledger->statements[PUT_RECEIPT], receipt);
    return run(ledger, PUT_RECEIPT);
}

enum lc_status ledger_put_refusal(struct ledger *ledger, const struct ledger_receipt *receipt)
{
    LC_ASSERT(ledger->in_transaction);
    bind_receipt(ledger->statements[PUT_REFUSAL], receipt);
    enum lc_status status = run(ledger, PUT_REFUSAL);
    if (status == LC_OK) {
        sqlite3_stmt *statement = ledger->statements[DROP_OLD_REFUSALS];
        bind_text(statement, 1, bytes_text(receipt->sale.text));
        bind_text(statement, 2, bytes_text(receipt->by.text));
        bind_int(statement, 3, LEDGER_REFUSALS_KEPT);
        status = run(ledger, DROP_OLD_REFUSALS);
    }
    return status;
}

enum lc_status ledger_put_alive(struct ledger *ledger, int64_t alive_at_ms)
{
    LC_ASSERT(ledger->in_transaction);
    bind_int(ledger->statements[PUT_ALIVE], 1, alive_at_ms);
    return run(ledger, PUT_ALIVE);
}

enum lc_status ledger_put_sale(struct ledger *ledger, const struct sale_id *sale,
                               int64_t created_at_ms)
{
    LC_ASSERT(ledger->in_transaction);
    bind_text(ledger->statements[PUT_SALE], 1, bytes_text(sale->text));
    bind_int(ledger->statements[PUT_SALE], 2, created_at_ms);
    return run(ledger, PUT_SALE);
}

enum lc_status ledger_bury_sale(struct ledger *ledger, const struct sale_id *sale,
                                int64_t deleted_at_ms, int64_t lots_pages,
                                int64_t participants_pages)
{
    LC_ASSERT(ledger->in_transaction);
    sqlite3_stmt *statement = ledger->statements[BURY_SALE];
    bind_text(statement, 1, bytes_text(sale->text));
    bind_int(statement, 2, deleted_at_ms);
    bind_int(statement, 3, lots_pages);
    bind_int(statement, 4, participants_pages);
    enum lc_status status = run(ledger, BURY_SALE);
    if (status == LC_OK) {
        bind_text(ledger->statements[DROP_RECEIPTS], 1, bytes_text(sale->text));
        status = run(ledger, DROP_RECEIPTS);
    }
    if (status == LC_OK) {
        bind_text(ledger->statements[DROP_REFUSALS], 1, bytes_text(sale->text));
        status = run(ledger, DROP_REFUSALS);
    }
    return status;
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
        return failure(ledger, code, statement_texts[READ_ENGINE]);
    }
    *out_epoch = epoch;
    *out_alive_at_ms = alive_at_ms;
    return LC_OK;
}

enum lc_status ledger_next_epoch(struct ledger *ledger, int64_t *out_epoch)
{
    int64_t alive_at_ms;
    enum lc_status status = ledger_begin(ledger, LEDGER_SYNCED);
    if (status == LC_OK) {
        status = run(ledger, NEXT_EPOCH);
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

// ---- reading ----

static enum lc_status end_of_reading(struct ledger *ledger, enum statement which, int code,
                                     enum lc_status status)
{
    if (status == LC_OK && code != SQLITE_DONE) {
        status = failure(ledger, code, statement_texts[which]);
    }
    (void)sqlite3_reset(ledger->statements[which]);
    return status;
}

enum lc_status ledger_each_sale(struct ledger *ledger, ledger_sale_visitor *visit, void *owner)
{
    sqlite3_stmt *statement = ledger->statements[EACH_SALE];
    enum lc_status status = LC_OK;
    int code = SQLITE_DONE;
    while (status == LC_OK && (code = sqlite3_step(statement)) == SQLITE_ROW) {
        struct ledger_sale sale = {
            .deleted_at_ms = sqlite3_column_int64(statement, 1),
            .lots_pages = sqlite3_column_int64(statement, 2),
            .participants_pages = sqlite3_column_int64(statement, 3),
        };
        status = sale_id_read(column_bytes(statement, 0), &sale.sale) ? visit(owner, &sale)
                                                                      : LC_ERR_CORRUPT;
    }
    return end_of_reading(ledger, EACH_SALE, code, status);
}

static enum lc_status each_row(struct ledger *ledger, enum statement which,
                               const struct sale_id *sale, ledger_fact_visitor *visit, void *owner)
{
    sqlite3_stmt *statement = ledger->statements[which];
    enum lc_status status = LC_OK;
    int code = SQLITE_DONE;
    while (status == LC_OK && (code = sqlite3_step(statement)) == SQLITE_ROW) {
        struct ledger_fact fact = {
            .sale = *sale,
            .row = sqlite3_column_int64(statement, 0),
            .seq = sqlite3_column_int64(statement, 1),
            .at_ms = sqlite3_column_int64(statement, 2),
            .name = column_bytes(statement, 3),
            .payload = column_bytes(statement, 4),
        };
        if (which == EACH_FACT) {
            fact.kind = column_bytes(statement, 5);
            fact.fact = column_bytes(statement, 6);
            if (!column_fixed(statement, 7, fact.nonce, sizeof fact.nonce) ||
                !column_fixed(statement, 8, fact.prev_hash, sizeof fact.prev_hash) ||
                !column_fixed(statement, 9, fact.hash, sizeof fact.hash)) {
                os_log(OS_LOG_ERROR, "ledger: sale %s row %lld: a hash has a wrong size",
                       sale->text, (long long)fact.row);
                status = LC_ERR_CORRUPT;
                break;
            }
        }
        status = visit(owner, &fact);
    }
    return end_of_reading(ledger, which, code, status);
}

enum lc_status ledger_each_fact(struct ledger *ledger, const struct sale_id *sale,
                                ledger_fact_visitor *visit, void *owner)
{
    bind_text(ledger->statements[EACH_FACT], 1, bytes_text(sale->text));
    return each_row(ledger, EACH_FACT, sale, visit, owner);
}

enum lc_status ledger_each_event(struct ledger *ledger, const struct sale_id *sale,
                                 int64_t from_seq, int64_t limit, ledger_fact_visitor *visit,
                                 void *owner)
{
    bind_text(ledger->statements[EACH_EVENT], 1, bytes_text(sale->text));
    bind_int(ledger->statements[EACH_EVENT], 2, from_seq);
    bind_int(ledger->statements[EACH_EVENT], 3, limit);
    return each_row(ledger, EACH_EVENT, sale, visit, owner);
}

static bool read_receipt(sqlite3_stmt *statement, struct ledger_receipt *receipt)
{
    struct bytes by = column_bytes(statement, 1);
    struct bytes op = column_bytes(statement, 3);
    if (!sale_id_read(column_bytes(statement, 0), &receipt->sale) ||
        (by.size != 0 && !participant_id_read(by, &receipt->by)) ||
        !command_id_read(column_bytes(statement, 2), &receipt->id) ||
        op.size > LEDGER_OP_SIZE_MAX ||
        !column_fixed(statement, 4, receipt->content, sizeof receipt->content)) {
        os_log(OS_LOG_ERROR, "ledger: a receipt is not readable");
        return false;
    }
    memcpy(receipt->op, op.data, op.size);
    receipt->op[op.size] = 0;
    receipt->received_at_ms = sqlite3_column_int64(statement, 5);
    receipt->decided_at_ms = sqlite3_column_int64(statement, 6);
    receipt->result = column_bytes(statement, 7);
    return true;
}

static enum lc_status find_receipt(struct ledger *ledger, enum statement which,
                                   struct buffer *result, struct ledger_receipt *out_receipt)
{
    sqlite3_stmt *statement = ledger->statements[which];
    int code = sqlite3_step(statement);
    enum lc_status status = LC_OK;
    struct ledger_receipt receipt = {0};
    if (code == SQLITE_DONE) {
        status = LC_ERR_NOT_FOUND;
    } else if (code != SQLITE_ROW) {
        status = failure(ledger, code, statement_texts[which]);
    } else if (!read_receipt(statement, &receipt)) {
        status = LC_ERR_CORRUPT;
    } else {
        size_t start = result->size;
        buffer_append(result, receipt.result);
        status = buffer_status(result);
        if (status == LC_OK) {
            receipt.result = bytes_from(buffer_bytes(result), start);
            *out_receipt = receipt;
        }
    }
    (void)sqlite3_reset(statement);
    return status;
}

enum lc_status ledger_find_receipt(struct ledger *ledger, const struct sale_id *sale,
                                   const struct participant_id *by, const struct command_id *id,
                                   struct buffer *result, struct ledger_receipt *out_receipt)
{
    enum lc_status status = LC_ERR_NOT_FOUND;
    for (enum statement which = by != NULL ? FIND_RECEIPT : FIND_OF_ANYBODY;
         status == LC_ERR_NOT_FOUND && which <= (by != NULL ? FIND_REFUSAL : FIND_OF_ANYBODY);
         which++) {
        sqlite3_stmt *statement = ledger->statements[which];
        bind_text(statement, 1, bytes_text(sale->text));
        bind_text(statement, 2, bytes_text(id->text));
        if (by != NULL) {
            bind_text(statement, 3, bytes_text(by->text));
        }
        status = find_receipt(ledger, which, result, out_receipt);
    }
    return status;
}
