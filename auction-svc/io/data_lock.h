// The lock of a data folder: one process owns the folder for as long as it lives.
//
// Purity:    opens DIR/lock and takes flock(2); the kernel gives it back when the process dies
// Ownership: the descriptor, ended with data_lock_release()
// Errors:    LC_ERR_BUSY (another process holds it), LC_ERR_NOT_FOUND (no such folder), LC_ERR_IO
#ifndef LOTCAST_IO_DATA_LOCK_H
#define LOTCAST_IO_DATA_LOCK_H

#include <stdbool.h>

#include "lib/base/status.h"

enum { DATA_PATH_SIZE_MAX = 4096 };

struct data_lock {
    int descriptor; // -1: not held
};

// `create`: makes the folder (mode 0700) when it is missing; its parent must be there.
LC_MUST_CHECK enum lc_status data_lock_take(const char *folder, bool create,
                                            struct data_lock *out_lock);
void data_lock_release(struct data_lock *lock);

#endif
