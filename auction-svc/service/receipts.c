#include "auction-svc/service/receipts.h"

#include <stdlib.h>

enum lc_status receipts_init(struct receipts *receipts, struct ledger *ledger)
{
    *receipts = (struct receipts){.ledger = ledger};
    receipts->waiting = calloc(RECEIPTS_WAITING_MAX, sizeof *receipts->waiting);
    return receipts->waiting == NULL ? LC_ERR_NO_MEMORY : LC_OK;
}

static void free_result(struct ledger_receipt *receipt)
{
    union { // the bytes are ours, made by copy_result()
        const uint8_t *read;
        uint8_t *owned;
    } result = {.read = receipt->result.data};
    free(result.owned);
    receipt->result = (struct bytes){0};
}

static bool copy_result(struct ledger_receipt *receipt)
{
    uint8_t *copy = malloc(receipt->result.size + 1);
    if (copy == NULL) {
        return false;
    }
    memcpy(copy, receipt->result.data, receipt->result.size);
    receipt->result.data = copy;
    return true;
}

void receipts_release(struct receipts *receipts)
{
    for (size_t i = 0; i < receipts->waiting_count; i++) {
        free_result(&receipts->waiting[i]);
    }
    free(receipts->waiting);
    *receipts = (struct receipts){0};
}

enum lc_status receipts_find(struct receipts *receipts, const struct sale_id *sale,
                             const struct participant_id *by, const struct command_id *id,
                             struct buffer *result, struct ledger_receipt *out_receipt)
{
    for (size_t i = receipts->waiting_count; i-- > 0;) {
        const struct ledger_receipt *waiting = &receipts->waiting[i];
        if (strcmp(waiting->id.text, id->text) == 0 && sale_id_equal(&waiting->sale, sale) &&
            (by == NULL || participant_id_equal(&waiting->by, by))) {
            size_t start = result->size;
            buffer_append(result, waiting->result);
            if (buffer_status(result) != LC_OK) {
                return LC_ERR_FULL;
            }
            *out_receipt = *waiting;
            out_receipt->result = bytes_from(buffer_bytes(result), start);
            return LC_OK;
        }
    }
    return ledger_find_receipt(receipts->ledger, sale, by, id, result, out_receipt);
}

enum lc_status receipts_accept(struct receipts *receipts, const struct ledger_receipt *receipt)
{
    return ledger_put_receipt(receipts->ledger, receipt);
}

enum lc_status receipts_refuse(struct receipts *receipts, const struct ledger_receipt *receipt)
{
    LC_ASSERT(receipts->waiting_count < RECEIPTS_WAITING_MAX); // see receipts_are_crowded()
    struct ledger_receipt *waiting = &receipts->waiting[receipts->waiting_count];
    *waiting = *receipt;
    if (!copy_result(waiting)) {
        return LC_ERR_NO_MEMORY;
    }
    receipts->waiting_count++;
    return LC_OK;
}

enum lc_status receipts_flush(struct receipts *receipts)
{
    for (size_t i = 0; i < receipts->waiting_count; i++) {
        enum lc_status status = ledger_put_refusal(receipts->ledger, &receipts->waiting[i]);
        if (status != LC_OK) {
            return status;
        }
    }
    for (size_t i = 0; i < receipts->waiting_count; i++) {
        free_result(&receipts->waiting[i]);
    }
    receipts->waiting_count = 0;
    return LC_OK;
}

void receipts_drop(struct receipts *receipts, const struct sale_id *sale)
{
    size_t kept = 0;
    for (size_t i = 0; i < receipts->waiting_count; i++) {
        struct ledger_receipt *waiting = &receipts->waiting[i];
        if (sale_id_equal(&waiting->sale, sale)) {
            free_result(waiting);
        } else {
            receipts->waiting[kept++] = *waiting;
        }
    }
    receipts->waiting_count = kept;
}

bool receipts_are_crowded(const struct receipts *receipts)
{
    return receipts->waiting_count > RECEIPTS_WAITING_MAX / 2;
}
