#include "auctionctl/offline/sale_results.h"

#include <stdlib.h>

#include "auction-svc/core/premium.h"

static int64_t sum(int64_t a, int64_t b)
{
    return a > SPENT_MINOR_MAX - b ? SPENT_MINOR_MAX : a + b;
}

static int64_t product(int64_t price_minor, int64_t quantity)
{
    return quantity > 0 && price_minor > SPENT_MINOR_MAX / quantity ? SPENT_MINOR_MAX
                                                                    : price_minor * quantity;
}

int64_t account_total_minor(const struct account *account)
{
    return sum(account->hammer_minor, account->premium_minor);
}

static void account_add(struct account *account, const struct purchase *purchase)
{
    account->purchases++;
    account->hammer_minor = sum(account->hammer_minor, purchase->hammer_minor);
    account->premium_minor = sum(account->premium_minor, purchase->premium_minor);
}

static void purchase_add(struct sale_results *results, const struct sale *sale,
                         struct purchase purchase)
{
    purchase.hammer_minor = product(purchase.price_minor, purchase.quantity);
    purchase.premium_minor = premium_minor(&sale->definition.premium, purchase.hammer_minor);
    results->purchases[results->purchases_count++] = purchase;
    account_add(&results->all, &purchase);
    if (purchase.buyer_index >= 0 && (size_t)purchase.buyer_index < sale->participants_count) {
        account_add(&results->buyers[purchase.buyer_index], &purchase);
    }
}

static void lot_add(struct sale_results *results, const struct sale *sale, size_t lot_index)
{
    const struct lot *lot = &sale->lots[lot_index];
    struct purchase purchase = {
        .lot_index = (int64_t)lot_index,
        .buyer_index = lot->leader_index,
        .quantity = 1,
        .price_minor = lot->price_minor,
    };
    if (lot->phase != LOT_SOLD) {
        return;
    }
    if (lot->awards_count == 0) {
        purchase_add(results, sale, purchase);
    }
    for (size_t i = 0; i < lot->awards_count; i++) {
        purchase.buyer_index = sale_participant_index(sale, &lot->awards[i].winner);
        purchase.quantity = lot->awards[i].quantity;
        purchase.price_minor = lot->awards[i].price_minor;
        purchase_add(results, sale, purchase);
    }
}

enum lc_status sale_results_init(struct sale_results *results, const struct sale *sale)
{
    *results = (struct sale_results){0};
    size_t most = sale->lots_count + 1;
    for (size_t i = 0; i < sale->lots_count; i++) {
        most += sale->lots[i].awards_count;
    }
    results->purchases = calloc(most, sizeof *results->purchases);
    results->buyers = calloc(sale->participants_count + 1, sizeof *results->buyers);
    if (results->purchases == NULL || results->buyers == NULL) {
        sale_results_release(results);
        return LC_ERR_NO_MEMORY;
    }
    for (size_t i = 0; i < sale->lots_count; i++) {
        lot_add(results, sale, i);
    }
    return LC_OK;
}

void sale_results_release(struct sale_results *results)
{
    free(results->purchases);
    free(results->buyers);
    *results = (struct sale_results){0};
}
