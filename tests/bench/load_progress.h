// What a reader of bytes that arrive in pieces made of them.
//
// Purity:    pure
#ifndef LOTCAST_BENCH_LOAD_PROGRESS_H
#define LOTCAST_BENCH_LOAD_PROGRESS_H

enum load_progress {
    LOAD_NEED_MORE, // whole so far, not complete
    LOAD_DONE,
    LOAD_BAD, // no further byte can mend it
};

#endif
