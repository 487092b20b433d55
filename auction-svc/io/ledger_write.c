#include <sqlite3.h>

#include "auction-svc/io/ledger_chain.h"
#include "auction-svc/io/ledger_database.h"
#include "lib/os/os_file.h"

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
    enum lc_status status = database_run(ledger, APPEND);
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
    return database_run(ledger, PUT_RECEIPT);
}

enum lc_status ledger_put_refusal(struct ledger *ledger, const struct ledger_receipt *receipt)
{
    LC_ASSERT(ledger->in_transaction);
    bind_receipt(ledger->statements[PUT_REFUSAL], receipt);
    enum lc_status status = database_run(ledger, PUT_REFUSAL);
    if (status == LC_OK) {
        sqlite3_stmt *statement = ledger->statements[DROP_OLD_REFUSALS];
        bind_text(statement, 1, bytes_text(receipt->sale.text));
        bind_text(statement, 2, bytes_text(receipt->by.text));
        bind_int(statement, 3, LEDGER_REFUSALS_KEPT);
        status = database_run(ledger, DROP_OLD_REFUSALS);
    }
    return status;
}

enum lc_status ledger_put_alive(struct ledger *ledger, int64_t alive_at_ms)
{
    LC_ASSERT(ledger->in_transaction);
    bind_int(ledger->statements[PUT_ALIVE], 1, alive_at_ms);
    return database_run(ledger, PUT_ALIVE);
}

enum lc_status ledger_put_sale(struct ledger *ledger, const struct sale_id *sale,
                               int64_t created_at_ms)
{
    LC_ASSERT(ledger->in_transaction);
    bind_text(ledger->statements[PUT_SALE], 1, bytes_text(sale->text));
    bind_int(ledger->statements[PUT_SALE], 2, created_at_ms);
    return database_run(ledger, PUT_SALE);
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
    enum lc_status status = database_run(ledger, BURY_SALE);
    if (status == LC_OK) {
        bind_text(ledger->statements[DROP_RECEIPTS], 1, bytes_text(sale->text));
        status = database_run(ledger, DROP_RECEIPTS);
    }
    if (status == LC_OK) {
        bind_text(ledger->statements[DROP_REFUSALS], 1, bytes_text(sale->text));
        status = database_run(ledger, DROP_REFUSALS);
    }
    if (status == LC_OK) {
        status = ledger_drop_snapshots(ledger, sale, 0);
    }
    return status;
}
