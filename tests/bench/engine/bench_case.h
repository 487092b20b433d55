// The cases of the engine's bench: each opens a site of its own, measures, and prints a line.
//
// Purity: starts processes, prints; asserts that the work that is measured was done
// Errors: false: the figure is beyond the limit; a limit of 0 is none
#ifndef LOTCAST_BENCH_CASE_H
#define LOTCAST_BENCH_CASE_H

#include <stdbool.h>

// Accepted bids a second with `in_flight` unanswered at any time, for `seconds`.
bool bench_rate(const char *engine, int in_flight, int seconds, int bids_per_s_min);

// `count` bids one after another, and in between as many syncs of a file of our own.
// The limit is for the median of a bid, above the median of a sync.
bool bench_single(const char *engine, int count, int above_sync_ms_max);

// `sales` sales of `lots` parallel lots each, all open at once, whose ends are spread over
// `seconds`. The limit is for 99 of 100 lots, as a bridge hears of them.
bool bench_lateness(const char *engine, int sales, int lots, int seconds, int late_ms_max);

#endif
