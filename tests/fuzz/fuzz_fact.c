// Rows of a ledger, one a line: what can be read is written again as the same fact, and is applied
// to a sale whatever it says: a damaged ledger is refused, it never breaks the sale.
#include "auction-svc/core/sale.h"
#include "auction-svc/record/fact.h"

enum { TEXT_SIZE_MAX = 4 << 20, LINES_MAX = 64 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

// Reads what was written: the second text must be the first.
static void check_round_trip(const struct sale_event *event)
{
    struct buffer once;
    struct buffer twice;
    struct fact *again = NULL;
    buffer_init(&once, TEXT_SIZE_MAX);
    buffer_init(&twice, TEXT_SIZE_MAX);
    fact_write(&once, event);
    if (buffer_status(&once) == LC_OK) {
        LC_ASSERT(fact_read(buffer_bytes(&once), &again) == LC_OK);
        fact_write(&twice, fact_event(again));
        LC_ASSERT(bytes_equal(buffer_bytes(&once), buffer_bytes(&twice)));
    }
    fact_destroy(again);
    buffer_release(&once);
    buffer_release(&twice);
}

// The books of a sale hold, whatever facts it was given.
static void check_sale(const struct sale *sale)
{
    LC_ASSERT(sale->participants_count <= SALE_PARTICIPANTS_MAX);
    LC_ASSERT(sale->lots_count <= SALE_LOTS_MAX);
    for (size_t i = 0; i < sale->participants_count; i++) {
        LC_ASSERT(sale->participants[i].held_minor >= 0);
        LC_ASSERT(sale->participants[i].slots_held >= 0);
    }
    for (size_t i = 0; i < sale->lots_count; i++) {
        LC_ASSERT(sale->lots[i].leader_index < (int64_t)sale->participants_count);
    }
    (void)sale_next_deadline(sale);
}

static void check_decisions(const struct sale *sale)
{
    static struct decision decision;
    int64_t deadline_ms = sale_next_deadline(sale);
    if (deadline_ms < INT64_MAX) {
        sale_decide_due(sale, deadline_ms, &decision);
        LC_ASSERT(decision.events_count > 0);
        decision_release(&decision);
    }
    struct sale_command bid = {.op = SALE_OP_BID, .role = ROLE_BIDDER, .by = {"p1"}};
    bid.as.bid.lot = (struct lot_id){"l1"};
    bid.as.bid.amount_minor = 100;
    sale_decide(sale, &bid, sale->last_at_ms, &decision);
    decision_release(&decision);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes rest = bytes_of(data, size);
    struct sale *sale = sale_create();
    for (int i = 0; i < LINES_MAX && rest.size > 0; i++) {
        size_t end = bytes_find(rest, '\n', 0);
        struct fact *fact = NULL;
        if (fact_read(bytes_of(rest.data, end), &fact) == LC_OK) {
            check_round_trip(fact_event(fact));
            if (sale_apply(sale, fact_event(fact)) == LC_OK) {
                check_sale(sale);
            }
            fact_destroy(fact);
        }
        rest = bytes_from(rest, end + 1);
    }
    check_decisions(sale);
    sale_destroy(sale);
    return 0;
}
