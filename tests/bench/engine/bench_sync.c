#include "tests/bench/engine/bench_sync.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/status.h"

enum { BLOCK_SIZE = 4096, BLOCKS = 256, WATCH_PAUSE_US = 20000 };

struct bench_sync_shared {
    volatile size_t count;
    int64_t values[BENCH_SYNC_WATCH_MAX];
};

void bench_sync_open(struct bench_sync *sync, const struct bench_site *site)
{
    static const char block[BLOCK_SIZE];
    *sync = (struct bench_sync){0};
    snprintf(sync->path, sizeof sync->path, "%s/sync", site->broker.folder);
    sync->fd = open(sync->path, O_CREAT | O_RDWR | O_CLOEXEC, 0600);
    LC_ASSERT(sync->fd >= 0);
    for (int i = 0; i < BLOCKS; i++) {
        LC_ASSERT(write(sync->fd, block, sizeof block) == BLOCK_SIZE);
    }
    LC_ASSERT(fsync(sync->fd) == 0);
}

void bench_sync_close(struct bench_sync *sync)
{
    close(sync->fd);
    unlink(sync->path);
}

int64_t bench_sync_us(struct bench_sync *sync)
{
    static const char block[BLOCK_SIZE] = "x";
    off_t place = (off_t)(sync->number++ % BLOCKS) * BLOCK_SIZE;
    int64_t start_us = bench_now_us();
    LC_ASSERT(pwrite(sync->fd, block, sizeof block, place) == BLOCK_SIZE);
    LC_ASSERT(fdatasync(sync->fd) == 0);
    return bench_now_us() - start_us;
}

static void watch_for_ever(struct bench_sync_watch *watch)
{
    struct bench_sync_shared *shared = watch->shared;
    while (shared->count < BENCH_SYNC_WATCH_MAX) {
        shared->values[shared->count] = bench_sync_us(&watch->sync);
        shared->count++;
        usleep(WATCH_PAUSE_US);
    }
    for (;;) {
        pause();
    }
}

void bench_sync_watch_start(struct bench_sync_watch *watch, const struct bench_site *site)
{
    bench_sync_open(&watch->sync, site);
    watch->shared = mmap(NULL, sizeof *watch->shared, PROT_READ | PROT_WRITE,
                         MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    LC_ASSERT(watch->shared != MAP_FAILED);
    watch->pid = fork();
    LC_ASSERT(watch->pid >= 0);
    if (watch->pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        watch_for_ever(watch);
    }
}

void bench_sync_watch_stop(struct bench_sync_watch *watch, struct bench_figures *figures)
{
    kill(watch->pid, SIGKILL);
    waitpid(watch->pid, NULL, 0);
    for (size_t i = 0; i < watch->shared->count; i++) {
        bench_figures_add(figures, watch->shared->values[i]);
    }
    munmap(watch->shared, sizeof *watch->shared);
    bench_sync_close(&watch->sync);
}
