#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/base/status.h"
#include "tests/bench/engine/bench_case.h"
#include "tests/bench/engine/bench_figures.h"
#include "tests/bench/engine/bench_site.h"
#include "tests/bench/engine/bench_sync.h"

enum { WARM_BIDS = 100, SINGLE_MAX = 1000000 };

static int64_t bid_us(struct bench_site *site, int number)
{
    char members[64];
    snprintf(members, sizeof members, "\"lot\":\"l1\",\"amount\":%d", number + 1);
    int64_t start_us = bench_now_us();
    bench_site_command(site, "bench", number % 2 == 0 ? "p1" : "p2", "bidder", "bid", members);
    return bench_now_us() - start_us;
}

bool bench_single(const char *engine, int count, int above_sync_ms_max)
{
    static struct bench_site site;
    struct bench_sync sync;
    struct bench_figures bids;
    struct bench_figures syncs;
    LC_ASSERT(count > 0 && count <= SINGLE_MAX);
    bench_site_open(&site, engine);
    bench_figures_init(&bids, (size_t)count);
    bench_figures_init(&syncs, (size_t)count);
    bench_site_sale(&site, "bench",
                    "\"lot_duration_ms\":3600000,\"gap_ms\":0,\"soft_close\":null,"
                    "\"increments\":{\"kind\":\"flat\",\"step\":1,\"align\":false}",
                    1, 2);
    bench_site_command(&site, "bench", NULL, "admin", "begin", "");
    bench_sync_open(&sync, &site);
    for (int i = 0; i < WARM_BIDS + count; i++) {
        int64_t one_bid_us = bid_us(&site, i);
        usleep(1000); // the rest of what the bid sets in motion is not in the way of the sync
        int64_t one_sync_us = bench_sync_us(&sync);
        if (i >= WARM_BIDS) {
            bench_figures_add(&bids, one_bid_us);
            bench_figures_add(&syncs, one_sync_us);
        }
    }
    double bid_ms = bench_figures_part(&bids, 0.50) / 1e3;
    double sync_ms = bench_figures_part(&syncs, 0.50) / 1e3;
    printf("single bids=%d bid_p50_ms=%.3f bid_p99_ms=%.3f sync_p50_ms=%.3f sync_p99_ms=%.3f "
           "above_sync_p50_ms=%.3f\n",
           count, bid_ms, bench_figures_part(&bids, 0.99) / 1e3, sync_ms,
           bench_figures_part(&syncs, 0.99) / 1e3, bid_ms - sync_ms);
    fflush(stdout);
    bench_sync_close(&sync);
    bench_figures_release(&bids);
    bench_figures_release(&syncs);
    bench_site_close(&site);
    return above_sync_ms_max == 0 || bid_ms - sync_ms <= above_sync_ms_max;
}
