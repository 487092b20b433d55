// What the server under load has used, as the kernel counts it.
//
// Purity:    reads /proc
// Units:     *_ns of CPU time, *_kib of memory
// Errors:    false when there is no such process (any more)
// Source:    proc(5): task/*/schedstat, status
#ifndef LOTCAST_BENCH_LOAD_PROCESS_H
#define LOTCAST_BENCH_LOAD_PROCESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct load_memory {
    uint64_t resident_kib;  // VmRSS
    uint64_t anonymous_kib; // RssAnon: without mapped files
    uint64_t peak_kib;      // VmHWM
};

// CPU time of all its threads. One that ended takes its time along, so it has to be few of them.
bool load_process_cpu(pid_t pid, uint64_t *out_ns);
bool load_process_memory(pid_t pid, struct load_memory *out_memory);

#endif
