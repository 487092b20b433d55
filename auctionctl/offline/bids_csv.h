// Recorded maximum bids from a CSV file: one row for each, in any order of columns and rows.
//
// Purity:    pure (allocates)
// Units:     *_ms since the opening of the auction, *_minor currency minor units
// Ownership: bids_csv_read() fills a list that the caller ends with bids_csv_release(); its texts
//            borrow from the CSV
// Errors:    false with the line and the column that is wrong in `why`
// Source:    RFC 4180. Needed are the columns auction, opening_cents, final_cents, t_ms, bidder and
//            max_cents; others are ignored
#ifndef LOTCAST_CTL_BIDS_CSV_H
#define LOTCAST_CTL_BIDS_CSV_H

#include "lib/base/bytes.h"
#include "lib/base/status.h"

enum { BIDS_CSV_WHY_SIZE = 200, BIDS_CSV_NAME_SIZE_MAX = 64 };

struct recorded_bid {
    struct bytes auction; // its number, as it stands
    struct bytes bidder;
    int64_t opening_minor;
    int64_t final_minor;
    int64_t t_ms;
    int64_t max_minor;
    size_t auction_index; // in order of first appearance
    size_t line;
};

struct bids_csv {
    struct recorded_bid *bids; // by auction, then time, then line
    size_t count;
    size_t auctions_count;
};

bool bids_csv_read(struct bytes csv, struct bids_csv *out_bids, char why[BIDS_CSV_WHY_SIZE]);
void bids_csv_release(struct bids_csv *bids);

#endif
