#include "auction-svc/service/verify.h"

#include <stdio.h>

#include "auction-svc/service/recovery.h"

struct verification {
    struct ledger *ledger;
    const struct sale_id *wanted;
    bool found;
    bool damaged;
};

static enum lc_status verify_sale(void *owner, const struct ledger_sale *row)
{
    struct verification *verification = owner;
    if (verification->wanted != NULL && !sale_id_equal(verification->wanted, &row->sale)) {
        return LC_OK;
    }
    verification->found = true;
    struct ledger_head head;
    struct recovery_report report;
    struct sale *sale = sale_create();
    enum lc_status status = sale == NULL ? LC_ERR_NO_MEMORY
                                         : recovery_read_sale(verification->ledger, &row->sale,
                                                              sale, NULL, &head, &report);
    sale_destroy(sale);
    if (status != LC_OK) {
        return status;
    }
    bool is_ok = report.chain_ok && report.replay_ok;
    printf("sale %s: %lld rows, %lld events, chain %s, replay %s%s%s\n", row->sale.text,
           (long long)report.rows, (long long)report.events, report.chain_ok ? "ok" : "BROKEN",
           report.replay_ok ? "ok" : "DIFFERS", is_ok ? "" : ": ", report.wrong);
    verification->damaged = verification->damaged || !is_ok;
    return LC_OK;
}

enum lc_status verify(const char *data_folder, const struct sale_id *wanted)
{
    struct verification verification = {.wanted = wanted};
    enum lc_status status = ledger_open(data_folder, LEDGER_VERIFY, &verification.ledger);
    if (status == LC_OK) {
        status = ledger_each_sale(verification.ledger, verify_sale, &verification);
        ledger_close(verification.ledger);
    }
    if (status == LC_OK && wanted != NULL && !verification.found) {
        fprintf(stderr, "auction-svc: the ledger has no sale %s\n", wanted->text);
        return LC_ERR_NOT_FOUND;
    }
    return status == LC_OK && verification.damaged ? LC_ERR_CORRUPT : status;
}
