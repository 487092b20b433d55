// The generator's loop over all its sessions, until something has been counted or a time has passed.
//
// Purity:    talks to the network; reads the clock
// Ownership: caller owns the memory; load_loop_close() ends it with all sessions
// Errors:    false: the run has failed; load_loop_explain() says why
#ifndef LOTCAST_BENCH_LOAD_LOOP_H
#define LOTCAST_BENCH_LOAD_LOOP_H

#include "tests/bench/load_session.h"

enum { LOAD_TURN_MS_MAX = 100 };

struct load_loop {
    struct load_world world;
    struct load_session *sessions;
    uint32_t sessions_count; // that were started
    uint64_t deadline_ns;
    const char *doing; // for who reads that the deadline has passed
    bool spins;        // looks for what it waits for without sleeping
};

void load_loop_open(struct load_loop *loop, const struct load_play *play, void *owner,
                    uint16_t port, uint64_t sessions_max, uint64_t deadline_ms);
void load_loop_close(struct load_loop *loop);

// Waits at most so long, once.
bool load_loop_turn(struct load_loop *loop, int timeout_ms);
bool load_loop_turn_for(struct load_loop *loop, uint64_t span_ms);
bool load_loop_turn_until(struct load_loop *loop, const uint64_t *counter, uint64_t target);

// Starts `count` sessions, at most `window` of them on the way at the same time, and waits for all.
bool load_loop_connect(struct load_loop *loop, uint64_t count, uint64_t window,
                       enum load_transport (*transport_of)(void *context, uint64_t index),
                       void *context);

void load_loop_explain(const struct load_loop *loop, char out_why[256]);

#endif
