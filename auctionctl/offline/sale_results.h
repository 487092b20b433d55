// What was sold to whom: the results of a sale with the premium, and what each buyer owes.
//
// Purity:    pure (allocates)
// Units:     *_minor currency minor units; sums stand still at SPENT_MINOR_MAX
// Ownership: sale_results_init/release; borrows the sale
// Source:    rules 3, Premium. The hammer price of several pieces is their price times their number,
//            and the premium is taken on that
#ifndef LOTCAST_CTL_SALE_RESULTS_H
#define LOTCAST_CTL_SALE_RESULTS_H

#include "auction-svc/core/sale.h"

struct purchase {
    int64_t lot_index;
    int64_t buyer_index; // -1: not known to the sale
    int64_t quantity;
    int64_t price_minor; // of one piece
    int64_t hammer_minor;
    int64_t premium_minor;
};

struct account {
    int64_t purchases;
    int64_t hammer_minor;
    int64_t premium_minor;
};

struct sale_results {
    struct purchase *purchases; // in order of the lots
    size_t purchases_count;
    struct account *buyers; // as many as there are participants
    struct account all;
};

LC_MUST_CHECK enum lc_status sale_results_init(struct sale_results *results,
                                               const struct sale *sale);
void sale_results_release(struct sale_results *results);
int64_t account_total_minor(const struct account *account);

#endif
