#include <sqlite3.h>

#include "auction-svc/io/ledger_database.h"
#include "lib/os/os_log.h"

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
    return database_end_reading(ledger, EACH_SALE, code, status);
}

static enum lc_status each_row(struct ledger *ledger, enum ledger_statement which,
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
    return database_end_reading(ledger, which, code, status);
}

enum lc_status ledger_each_fact(struct ledger *ledger, const struct sale_id *sale,
                                int64_t after_row, ledger_fact_visitor *visit, void *owner)
{
    bind_text(ledger->statements[EACH_FACT], 1, bytes_text(sale->text));
    bind_int(ledger->statements[EACH_FACT], 2, after_row);
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

static enum lc_status find_receipt(struct ledger *ledger, enum ledger_statement which,
                                   struct buffer *result, struct ledger_receipt *out_receipt)
{
    sqlite3_stmt *statement = ledger->statements[which];
    int code = sqlite3_step(statement);
    enum lc_status status = LC_OK;
    struct ledger_receipt receipt = {0};
    if (code == SQLITE_DONE) {
        status = LC_ERR_NOT_FOUND;
    } else if (code != SQLITE_ROW) {
        status = database_failure(ledger, code, database_statement_text(which));
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
    for (enum ledger_statement which = by != NULL ? FIND_RECEIPT : FIND_OF_ANYBODY;
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
