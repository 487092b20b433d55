// What one run of the generator shall do, from its command line.
//
// Purity:    pure
// Errors:    false: an unknown option, a number out of its bounds, or a plan without work
#ifndef LOTCAST_BENCH_LOAD_PLAN_H
#define LOTCAST_BENCH_LOAD_PLAN_H

#include "tests/bench/load_pids.h"

enum { LOAD_SESSIONS_MAX = 12000 };

// What the sessions say: the bench's own events, or `sync_time` of the auction, whose answers are the
// echoes.
enum load_subject { LOAD_NEWS, LOAD_TIME };

struct load_plan {
    enum load_subject subject;
    uint64_t port;
    uint64_t later_port;      // for everything behind the handshake; 0: the same
    struct load_pids servers; // memory is that of the last
    uint64_t websockets;      // sessions of each kind
    uint64_t pollings;
    uint64_t upgrades;
    uint64_t stalled;   // further WebSockets that subscribe, and read nothing from then on
    uint64_t warmup;    // sessions before the first measurement, closed again
    uint64_t window;    // sessions that connect at the same time
    uint64_t idle_ms;   // how long memory has to settle
    uint64_t echoes;    // acknowledged round trips in all
    uint64_t echoers;   // sessions that do them
    uint64_t in_flight; // at each of these
    uint64_t events;    // broadcast to all sessions
    uint64_t burst;     // events in one command
    uint64_t ahead;     // commands before the deliveries of the first are complete
    // 1: never sleeps while it waits for deliveries. A send that wakes a sleeping reader on the same
    // machine costs the sender up to 2 us, and how often it sleeps depends on how slow the server is.
    uint64_t spins;
    uint64_t deadline_ms; // for the whole run
};

bool load_plan_read(int argc, char **argv, struct load_plan *out_plan);
uint64_t load_plan_sessions(const struct load_plan *plan);

// For a usage line.
extern const char load_plan_usage[];

#endif
