#include "auction-svc/service/recovery.h"

#include "auction-svc/io/ledger_chain.h"
#include "auction-svc/record/fact.h"
#include "lib/os/os_log.h"
#include "lib/wire/message.h"

struct reading {
    struct sale *sale;
    struct retained *retained;
    struct ledger_head head;
    struct recovery_report report;
};

static void note_wrong(struct reading *reading, bool *part, int64_t row, const char *what)
{
    *part = false;
    if (reading->report.wrong[0] == 0) {
        (void)snprintf(reading->report.wrong, sizeof reading->report.wrong, "row %lld: %s",
                       (long long)row, what);
    }
}

// What was published must be the event of this fact, at the place that the replay has reached.
static const char *public_part_wrong(const struct sale *sale, const struct sale_event *event,
                                     const struct ledger_fact *row)
{
    const char *name = sale_event_public_name(event->kind);
    struct wire_head head;
    if ((name != NULL) != (row->seq != 0)) {
        return "a public row has no event, or a private one has";
    }
    if (name == NULL) {
        return NULL;
    }
    if (!bytes_equal_text(row->name, name)) {
        return "the event has another name";
    }
    if (row->seq != sale->seq) {
        return "the replay reaches another seq";
    }
    if (wire_read_head(row->payload, &head) != LC_OK || head.seq != sale->seq ||
        head.epoch != sale->epoch) {
        return "the published bytes have another seq or epoch";
    }
    return NULL;
}

static enum lc_status apply_row(struct reading *reading, const struct ledger_fact *row)
{
    struct fact *fact = NULL;
    enum lc_status status = fact_read(row->fact, &fact);
    if (status == LC_ERR_CORRUPT || status == LC_ERR_BAD_INPUT) {
        note_wrong(reading, &reading->report.replay_ok, row->row, "the fact is not readable");
        return LC_OK;
    }
    if (status != LC_OK) {
        return status;
    }
    const struct sale_event *event = fact_event(fact);
    status = sale_apply(reading->sale, event);
    if (status == LC_ERR_CORRUPT) {
        note_wrong(reading, &reading->report.replay_ok, row->row, "the fact can't be applied");
        status = LC_OK;
    } else if (status == LC_OK) {
        const char *wrong = public_part_wrong(reading->sale, event, row);
        if (wrong != NULL) {
            note_wrong(reading, &reading->report.replay_ok, row->row, wrong);
        }
        if (reading->retained != NULL) {
            retained_note(reading->retained, reading->sale, event,
                          -1); // every page is sent at a start
        }
    }
    fact_destroy(fact);
    return status;
}

static enum lc_status visit_row(void *owner, const struct ledger_fact *row)
{
    struct reading *reading = owner;
    reading->report.rows++;
    reading->report.events += row->seq != 0 ? 1 : 0;
    if (reading->report.chain_ok) {
        const char *wrong = ledger_chain_follow(&reading->head, row);
        if (wrong != NULL) {
            note_wrong(reading, &reading->report.chain_ok, row->row, wrong);
        }
    }
    return reading->report.replay_ok ? apply_row(reading, row) : LC_OK;
}

enum lc_status recovery_read_sale(struct ledger *ledger, const struct sale_id *id,
                                  struct sale *sale, struct retained *retained,
                                  struct ledger_head *out_head, struct recovery_report *out_report)
{
    struct reading reading = {
        .sale = sale,
        .retained = retained,
        .report = {.chain_ok = true, .replay_ok = true},
    };
    enum lc_status status = ledger_each_fact(ledger, id, visit_row, &reading);
    if (status != LC_OK) {
        return status;
    }
    if (reading.report.rows == 0) {
        note_wrong(&reading, &reading.report.chain_ok, 1, "a row is missing");
    }
    *out_head = reading.head;
    *out_report = reading.report;
    return LC_OK;
}

struct loading {
    struct ledger *ledger;
    struct house *house;
};

static enum lc_status load_sale(void *owner, const struct ledger_sale *row)
{
    struct loading *loading = owner;
    struct hosted_sale *hosted = NULL;
    enum lc_status status = house_add(loading->house, &row->sale, &hosted);
    if (status != LC_OK) {
        return status;
    }
    if (row->deleted_at_ms != 0) {
        retained_bury(&hosted->retained, row->lots_pages, row->participants_pages);
        house_bury(loading->house, hosted);
        return LC_OK;
    }
    struct recovery_report report;
    status = recovery_read_sale(loading->ledger, &row->sale, hosted->sale, &hosted->retained,
                                &hosted->head, &report);
    if (status == LC_OK && !(report.chain_ok && report.replay_ok)) {
        os_log(OS_LOG_ERROR, "ledger: sale %s is damaged: %s", row->sale.text, report.wrong);
        status = LC_ERR_CORRUPT;
    }
    house_note_change(loading->house, hosted);
    return status;
}

enum lc_status recovery_load(struct ledger *ledger, struct house *house)
{
    struct loading loading = {ledger, house};
    return ledger_each_sale(ledger, load_sale, &loading);
}
