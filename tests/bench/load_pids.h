// The processes that serve together, as a generator's command line names them: `5,6,7`.
//
// Purity:    pure
// Errors:    false: not such a list, or more than LOAD_PIDS_MAX
#ifndef LOTCAST_BENCH_LOAD_PIDS_H
#define LOTCAST_BENCH_LOAD_PIDS_H

#include <stdbool.h>
#include <stdint.h>

enum { LOAD_PIDS_MAX = 8 };

struct load_pids {
    uint64_t pid[LOAD_PIDS_MAX];
    unsigned count;
};

bool load_pids_read(const char *text, struct load_pids *out_pids);

#endif
