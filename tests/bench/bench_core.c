// How many bids the core decides and applies in a second on one core.
#include <time.h>

#include "auction-svc/core/sale.h"

enum { BIDDERS = 1000, LOTS = 1000, BIDS = 4000000 };

static double seconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void apply_all(struct sale *sale, struct decision *decision)
{
    LC_ASSERT(decision->refusal == ERROR_NONE);
    for (size_t i = 0; i < decision->events_count; i++) {
        LC_ASSERT(sale_apply(sale, &decision->events[i]) == LC_OK);
    }
    decision_release(decision);
}

static struct sale *sale_with_open_lot(struct decision *decision)
{
    static struct lot_definition lots[LOTS];
    struct sale *sale = sale_create();
    struct sale_definition definition = sale_definition_default();
    LC_ASSERT(sale != NULL);
    definition.id = (struct sale_id){"bench"};
    definition.title = bytes_text("Bench");
    definition.currency_code[0] = 'E';
    definition.rules.gap_ms = 0;
    definition.rules.lot.duration_ms = DURATION_MS_MAX;
    definition.rules.lot.increments = increment_table_flat(1, false);
    definition.roster = (struct roster_rules){true, AMOUNT_MINOR_MAX, 25, 100};
    for (size_t i = 0; i < LOTS; i++) {
        lots[i] = (struct lot_definition){.title = bytes_text("Lot"), .opening_minor = 1};
    }
    sale_decide_create(&definition, lots, LOTS, 1, 1, decision);
    apply_all(sale, decision);
    struct sale_command command = {.op = SALE_OP_CREATE_INVITE, .role = ROLE_ADMIN};
    command.as.create_invite.role = ROLE_BIDDER;
    sale_decide(sale, &command, 1, decision);
    apply_all(sale, decision);
    command = (struct sale_command){.op = SALE_OP_JOIN};
    command.as.join.name = bytes_text("Ana");
    for (int i = 0; i < BIDDERS; i++) {
        sale_decide(sale, &command, 1, decision);
        apply_all(sale, decision);
    }
    command = (struct sale_command){.op = SALE_OP_BEGIN, .role = ROLE_ADMIN};
    sale_decide(sale, &command, 1, decision);
    apply_all(sale, decision);
    sale_decide_due(sale, 1, decision);
    apply_all(sale, decision);
    return sale;
}

// `equal` bids repeat the price, and are refused.
static void measure(const char *what, struct sale *sale, struct decision *decision, bool equal)
{
    struct sale_command bid = {.op = SALE_OP_BID, .role = ROLE_BIDDER};
    bid.as.bid.lot = sale->lots[sale->lot_index].id;
    int64_t accepted = 0;
    int64_t refused = 0;
    int64_t price = sale->lots[sale->lot_index].price_minor;
    double started = seconds_now();
    for (int64_t i = 0; i < BIDS; i++) {
        bid.by = sale->participants[i % BIDDERS].id;
        bid.as.bid.amount_minor = equal ? price : price + 1 + i;
        sale_decide(sale, &bid, 2, decision);
        if (decision->refusal != ERROR_NONE) {
            refused++;
            continue;
        }
        for (size_t e = 0; e < decision->events_count; e++) {
            LC_ASSERT(sale_apply(sale, &decision->events[e]) == LC_OK);
        }
        accepted++;
    }
    double took = seconds_now() - started;
    LC_ASSERT(equal ? accepted == 0 : refused == 0); // the work that was meant
    LC_ASSERT(accepted + refused == BIDS);
    printf("%s: %lld in %.3f s, %.2f million a second, %.0f ns each\n", what, (long long)BIDS, took,
           (double)BIDS / took / 1e6, took / (double)BIDS * 1e9);
}

int main(void)
{
    static struct decision decision;
    struct sale *sale = sale_with_open_lot(&decision);
    measure("bids decided and applied", sale, &decision, false);
    measure("bids refused", sale, &decision, true);
    sale_destroy(sale);
    return 0;
}
