#include <sqlite3.h>

#include "auction-svc/io/ledger_chain.h"
#include "auction-svc/io/ledger_database.h"

enum lc_status ledger_put_snapshot(struct ledger *ledger, const struct ledger_snapshot *snapshot)
{
    LC_ASSERT(ledger->in_transaction);
    uint8_t digest[SHA256_SIZE];
    const struct ledger_head *head = &snapshot->head;
    sqlite3_stmt *statement = ledger->statements[PUT_SNAPSHOT];
    ledger_snapshot_digest(snapshot, digest);
    bind_text(statement, 1, bytes_text(snapshot->sale.text));
    bind_int(statement, 2, head->row);
    bind_int(statement, 3, head->seq);
    bind_int(statement, 4, head->at_ms);
    bind_blob(statement, 5, head->hash, sizeof head->hash);
    bind_blob(statement, 6, snapshot->notice.data, snapshot->notice.size);
    bind_blob(statement, 7, snapshot->state.data, snapshot->state.size);
    bind_blob(statement, 8, digest, sizeof digest);
    enum lc_status status = database_run(ledger, PUT_SNAPSHOT);
    if (status == LC_OK) {
        bind_text(ledger->statements[DROP_OLD_SNAPSHOTS], 1, bytes_text(snapshot->sale.text));
        bind_int(ledger->statements[DROP_OLD_SNAPSHOTS], 2, LEDGER_SNAPSHOTS_KEPT);
        status = database_run(ledger, DROP_OLD_SNAPSHOTS);
    }
    return status;
}

enum lc_status ledger_drop_snapshots(struct ledger *ledger, const struct sale_id *sale,
                                     int64_t after_row)
{
    LC_ASSERT(ledger->in_transaction);
    bind_text(ledger->statements[DROP_SNAPSHOTS], 1, bytes_text(sale->text));
    bind_int(ledger->statements[DROP_SNAPSHOTS], 2, after_row);
    return database_run(ledger, DROP_SNAPSHOTS);
}

enum lc_status ledger_visit_snapshot(struct ledger *ledger, const struct sale_id *sale,
                                     int64_t below_row, int64_t *out_row,
                                     ledger_snapshot_visitor *visit, void *owner)
{
    sqlite3_stmt *statement = ledger->statements[FIND_SNAPSHOT];
    bind_text(statement, 1, bytes_text(sale->text));
    bind_int(statement, 2, below_row);
    int code = sqlite3_step(statement);
    enum lc_status status = LC_OK;
    if (code == SQLITE_DONE) {
        status = LC_ERR_NOT_FOUND;
    } else if (code != SQLITE_ROW) {
        status = database_failure(ledger, code, database_statement_text(FIND_SNAPSHOT));
    } else {
        struct ledger_snapshot snapshot = {
            .sale = *sale,
            .head = {.row = sqlite3_column_int64(statement, 0),
                     .seq = sqlite3_column_int64(statement, 1),
                     .at_ms = sqlite3_column_int64(statement, 2)},
            .notice = column_bytes(statement, 4),
            .state = column_bytes(statement, 5),
        };
        *out_row = snapshot.head.row;
        status = column_fixed(statement, 3, snapshot.head.hash, sizeof snapshot.head.hash) &&
                         column_fixed(statement, 6, snapshot.digest, sizeof snapshot.digest)
                     ? visit(owner, &snapshot)
                     : LC_ERR_CORRUPT;
    }
    (void)sqlite3_reset(statement);
    return status;
}

enum lc_status ledger_snapshot_prove(struct ledger *ledger, const struct ledger_snapshot *snapshot,
                                     bool *out_proven)
{
    uint8_t digest[SHA256_SIZE];
    uint8_t hash[SHA256_SIZE];
    sqlite3_stmt *statement = ledger->statements[FIND_HASH];
    bind_text(statement, 1, bytes_text(snapshot->sale.text));
    bind_int(statement, 2, snapshot->head.row);
    int code = sqlite3_step(statement);
    bool is_there = code == SQLITE_ROW && column_fixed(statement, 0, hash, sizeof hash) &&
                    memcmp(hash, snapshot->head.hash, sizeof hash) == 0;
    (void)sqlite3_reset(statement);
    if (code != SQLITE_ROW && code != SQLITE_DONE) {
        return database_failure(ledger, code, database_statement_text(FIND_HASH));
    }
    ledger_snapshot_digest(snapshot, digest);
    *out_proven = is_there && memcmp(digest, snapshot->digest, sizeof digest) == 0;
    return LC_OK;
}
