// The site of one measurement: a broker and an engine of its own, and a bridge's connection that
// gives commands and hears what a bridge hears.
//
// Purity:    starts processes, writes below the temporary folder; asserts that nothing fails
// Units:     *_us microseconds, *_ms milliseconds; CPU time is that of the whole process
// Ownership: bench_site_open/close, which ends the processes
#ifndef LOTCAST_BENCH_SITE_H
#define LOTCAST_BENCH_SITE_H

#include "tests/bench/engine/bench_mqtt.h"
#include "tests/faults/broker_process.h"

struct bench_site;

typedef void bench_reply_listener(void *owner, uint64_t tag, struct bytes result);
typedef void bench_event_listener(void *owner, struct bytes topic, struct bytes payload);

struct bench_site {
    struct broker_process broker;
    pid_t engine;
    struct bench_mqtt bridge;
    bench_reply_listener *on_reply; // of commands given by the measurement itself
    bench_event_listener *on_event;
    void *owner;
    uint64_t commands;
    uint64_t awaited; // tag of the command that bench_site_command() waits for
    char *result;     // its result, NUL-terminated
};

// `engine_program`: the path of auction-svc.
void bench_site_open(struct bench_site *site, const char *engine_program);
void bench_site_close(struct bench_site *site);

// One command and its answer, which must be an acceptance. `members` as JSON without braces, may be
// "". `sale` NULL: a command of the service. The result is valid until the next command.
const char *bench_site_command(struct bench_site *site, const char *sale, const char *by,
                               const char *role, const char *op, const char *members);

// A sale in its lobby with `lots` lots and `bidders` participants, who are p1, p2 ...; `rules` as
// JSON members, not empty.
void bench_site_sale(struct bench_site *site, const char *sale, const char *rules, int lots,
                     int bidders);

// Gathers a command without waiting; on_reply gets its tag, which is not 0.
void bench_site_send(struct bench_site *site, const char *sale, const char *by, const char *op,
                     const char *members, uint64_t tag);

int64_t bench_cpu_us(pid_t pid); // 0: of this process
int64_t bench_now_us(void);      // monotonic
int64_t bench_wall_us(void);

#endif
