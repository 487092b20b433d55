// What one run of the bidding generator shall do, from its command line.
//
// Purity:    pure
// Units:     *_ms and *_us are durations
// Errors:    false: an unknown option, a number out of its bounds, or a plan without work
#ifndef LOTCAST_BENCH_BID_PLAN_H
#define LOTCAST_BENCH_BID_PLAN_H

#include "tests/bench/load_pids.h"

enum { BID_CLIENTS_MAX = 12000, BID_LOTS_MAX = 500 };

struct bid_plan {
    uint64_t port;
    uint64_t later_port; // for everything behind the handshake; 0: the same
    uint64_t pollings;   // of the clients, the last ones; the others have WebSockets
    struct load_pids servers;
    const char *sale;
    const char *tokens;   // a file, one a line: two bidders for each lot
    uint64_t lots;        // l1, l2 and so on, all open
    uint64_t opening;     // the first amount of each; each bid is one more than the last
    uint64_t clients;     // in the room, bidders among them
    uint64_t every_us;    // a bid is due so often, whatever became of the last; 0: the next way
    uint64_t in_flight;   // lots with a bid on its way: the next follows the answer
    uint64_t rehearse_ms; // unmeasured, before
    uint64_t duration_ms;
    uint64_t deadline_ms; // for the whole run
};

bool bid_plan_read(int argc, char **argv, struct bid_plan *out_plan);

extern const char bid_plan_usage[];

#endif
