// A file of recorded bids: what is read lies within the file, is in order, and is within its limits.
#include "auction-svc/core/limits.h"
#include "auctionctl/offline/bids_csv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bids_csv bids;
    char why[BIDS_CSV_WHY_SIZE];
    if (!bids_csv_read(bytes_of(data, size), &bids, why)) {
        LC_ASSERT(why[0] != 0);
        return 0;
    }
    LC_ASSERT(bids.count > 0);
    for (size_t i = 0; i < bids.count; i++) {
        const struct recorded_bid *bid = &bids.bids[i];
        LC_ASSERT(bid->auction.data >= data &&
                  bid->auction.data + bid->auction.size <= data + size);
        LC_ASSERT(bid->max_minor >= 1 && bid->max_minor <= AMOUNT_MINOR_MAX);
        LC_ASSERT(i == 0 || bids.bids[i - 1].auction_index <= bid->auction_index);
        LC_ASSERT(i == 0 || bids.bids[i - 1].auction_index < bid->auction_index ||
                  bids.bids[i - 1].t_ms <= bid->t_ms);
    }
    bids_csv_release(&bids);
    return 0;
}
