// How long a sync of the disk takes by itself: 4 KiB overwritten in a file of our own, as a
// write-ahead log is, beside what is measured.
//
// Purity:    writes below the site's folder; the watch is a process of its own
// Units:     *_us microseconds
// Ownership: bench_sync_open/close; bench_sync_watch_start/stop
#ifndef LOTCAST_BENCH_SYNC_H
#define LOTCAST_BENCH_SYNC_H

#include "tests/bench/engine/bench_figures.h"
#include "tests/bench/engine/bench_site.h"

struct bench_sync {
    int fd;
    int number; // of the next sync
    char path[128];
};

void bench_sync_open(struct bench_sync *sync, const struct bench_site *site);
void bench_sync_close(struct bench_sync *sync);
int64_t bench_sync_us(struct bench_sync *sync);

enum { BENCH_SYNC_WATCH_MAX = 65536 };

struct bench_sync_shared;

struct bench_sync_watch {
    pid_t pid;
    struct bench_sync_shared *shared;
    struct bench_sync sync;
};

// Syncs every 20 ms until it is stopped; bench_sync_watch_stop() adds what it measured to `figures`.
void bench_sync_watch_start(struct bench_sync_watch *watch, const struct bench_site *site);
void bench_sync_watch_stop(struct bench_sync_watch *watch, struct bench_figures *figures);

#endif
