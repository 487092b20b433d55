// Bidders and viewers of one sale: places bids, and measures until the answer and until the last client
// has heard.
//
// Purity:    talks to the network; reads the clock, the file of tokens and /proc
// Units:     *_ns nanoseconds of CPU or of the clock
// Errors:    false with `out_why`: a bid was refused, an event missing, doubled or out of order at a
//            client, the deadline, or a server has gone
#ifndef LOTCAST_BENCH_BID_RUN_H
#define LOTCAST_BENCH_BID_RUN_H

#include "tests/bench/bid_plan.h"
#include "tests/bench/load_latency.h"

struct bid_result {
    uint64_t bids; // accepted, and heard by each client
    uint64_t clients;
    uint64_t heard_before; // the answer: events at all clients, of all bids
    uint64_t wall_ns;      // from the first until all were heard
    uint64_t server_ns[LOAD_PIDS_MAX];
    uint64_t generator_ns;
    struct load_latency ack;  // bid to answer
    struct load_latency last; // bid to the last client
};

bool bid_run(const struct bid_plan *plan, struct bid_result *out_result, char out_why[256]);

#endif
