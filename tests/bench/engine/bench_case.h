// The cases of the engine's bench: each opens a site of its own, measures, and prints a line.
//
// Purity: starts processes, prints; asserts that the work that is measured was done
#ifndef LOTCAST_BENCH_CASE_H
#define LOTCAST_BENCH_CASE_H

#include <stdint.h>

// Accepted bids a second with `in_flight` unanswered at any time, for `seconds`.
void bench_rate(const char *engine, int in_flight, int seconds);

// `count` bids one after another, and in between as many syncs of a file of our own.
void bench_single(const char *engine, int count);

// `sales` sales whose lots end spread over `seconds`.
void bench_lateness(const char *engine, int sales, int seconds);

#endif
