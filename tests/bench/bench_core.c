// How many bids the core decides and applies in a second on one core, and that none of them
// allocates: the linker leads the core's allocations through the counters below.
//
//   bench_core [BIDS]      exit code 1: a bid allocated
#include <time.h>

#include "auction-svc/core/sale.h"

enum { BIDDERS = 1000, LOTS = 1000, BIDS = 4000000 };

static int64_t allocations;

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *memory, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *memory, size_t size);

void *__wrap_malloc(size_t size)
{
    allocations++;
    return __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    allocations++;
    return __real_calloc(count, size);
}

void *__wrap_realloc(void *memory, size_t size)
{
    allocations++;
    return __real_realloc(memory, size);
}

static double cpu_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now); // another program on the core is not measured
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

// One round of every bidder: what the first bid of a bidder may set up is not measured.
static void warm_up(struct sale *sale, struct decision *decision)
{
    struct sale_command bid = {.op = SALE_OP_BID, .role = ROLE_BIDDER};
    bid.as.bid.lot = sale->lots[sale->lot_index].id;
    for (int64_t i = 0; i < BIDDERS; i++) {
        bid.by = sale->participants[i].id;
        bid.as.bid.amount_minor = sale->lots[sale->lot_index].price_minor + 1;
        sale_decide(sale, &bid, 2, decision);
        apply_all(sale, decision);
    }
}

// `equal` bids repeat the price, and are refused. The number of allocations.
static int64_t measure(const char *what, struct sale *sale, struct decision *decision, bool equal,
                       int64_t bids)
{
    struct sale_command bid = {.op = SALE_OP_BID, .role = ROLE_BIDDER};
    bid.as.bid.lot = sale->lots[sale->lot_index].id;
    int64_t accepted = 0;
    int64_t refused = 0;
    int64_t price = sale->lots[sale->lot_index].price_minor;
    int64_t allocations_before = allocations;
    double started = cpu_seconds();
    for (int64_t i = 0; i < bids; i++) {
        bid.by = sale->participants[i % BIDDERS].id;
        bid.as.bid.amount_minor = equal ? price : price + 1 + i;
        sale_decide(sale, &bid, 2, decision);
        if (decision->refusal != ERROR_NONE) {
            refused++;
        } else {
            for (size_t e = 0; e < decision->events_count; e++) {
                LC_ASSERT(sale_apply(sale, &decision->events[e]) == LC_OK);
            }
            accepted++;
        }
        decision_release(decision);
    }
    double took = cpu_seconds() - started;
    LC_ASSERT(equal ? accepted == 0 : refused == 0); // the work that was meant
    LC_ASSERT(accepted + refused == bids);
    int64_t allocated = allocations - allocations_before;
    printf("%s bids=%lld millions_per_cpu_s=%.2f ns=%.0f allocations=%lld\n", what, (long long)bids,
           (double)bids / took / 1e6, took / (double)bids * 1e9, (long long)allocated);
    return allocated;
}

int main(int argc, char **argv)
{
    static struct decision decision;
    uint64_t bids = BIDS;
    if (argc > 1 && !bytes_to_uint64(bytes_text(argv[1]), INT32_MAX, &bids)) {
        fprintf(stderr, "bench_core [BIDS]\n");
        return 2;
    }
    struct sale *sale = sale_with_open_lot(&decision);
    LC_ASSERT(allocations > 0); // the counters count
    warm_up(sale, &decision);
    int64_t allocated = measure("accepted", sale, &decision, false, (int64_t)bids);
    allocated += measure("refused", sale, &decision, true, (int64_t)bids);
    sale_destroy(sale);
    return allocated == 0 ? 0 : 1;
}
