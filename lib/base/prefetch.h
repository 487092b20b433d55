// Memory that will be read soon may be on its way meanwhile.
//
// Purity: pure: nothing changes but the time that a later read takes
#ifndef LOTCAST_BASE_PREFETCH_H
#define LOTCAST_BASE_PREFETCH_H

enum { PREFETCH_LINE = 64 };

// `at` may be anything, NULL as well.
static inline void prefetch(const void *at)
{
#if defined(__GNUC__)
    __builtin_prefetch(at);
#else
    (void)at;
#endif
}

// The first 64 bytes, wherever they begin in a line.
static inline void prefetch_head(const void *at)
{
    prefetch(at);
    prefetch((const char *)at + PREFETCH_LINE - 1);
}

#endif
