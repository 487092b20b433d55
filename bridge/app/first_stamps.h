// When a bid was first received: a retry of the same command keeps that time.
//
// Purity:    pure
// Units:     boot times of this machine; *_ms of stamps in engine time
// Ownership: value
// Errors:    none: of two commands in one place the later one counts, which then is stamped anew
// Source:    design 7 (late bids). The key holds the content too: who sends something else under the
//            same id has not decided it before
#ifndef LOTCAST_BRIDGE_FIRST_STAMPS_H
#define LOTCAST_BRIDGE_FIRST_STAMPS_H

#include "lib/base/bytes.h"

enum {
    FIRST_STAMPS = 1024, // a power of two
    FIRST_STAMP_KEY_SIZE = 64,
    FIRST_STAMP_KEPT_MS = 60000,
};

struct first_stamp {
    char key[FIRST_STAMP_KEY_SIZE + 1]; // hex of a digest; "": free
    int64_t until_boot_ms;
    int64_t engine_ms;
    int64_t uncertainty_ms;
};

struct first_stamps {
    struct first_stamp all[FIRST_STAMPS];
};

// Keeps the time of a command that is new; of one that was here before, puts its first time in place.
void first_stamps_take(struct first_stamps *stamps, const char key[FIRST_STAMP_KEY_SIZE + 1],
                       int64_t boot_ms, int64_t *io_engine_ms, int64_t *io_uncertainty_ms);

#endif
