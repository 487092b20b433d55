// Figures of the engine over a real broker: accepted bids a second, what one costs, how long a
// single bid takes, and how late lots close.
//
//   bench_engine AUCTION_SVC CASE ...
//     rate IN_FLIGHT SECONDS BIDS_PER_S_MIN
//     single BIDS ABOVE_SYNC_MS_MAX
//     late SALES LOTS SECONDS LATE_MS_MAX
//
// A limit of 0 is none; beyond a limit the exit code is 1. Without cases: those of
// docs/PERFORMANCE.md, without limits.
#include <stdio.h>
#include <stdlib.h>

#include "lib/base/bytes.h"
#include "lib/base/status.h"
#include "tests/bench/engine/bench_case.h"

static int usage(void)
{
    fprintf(stderr, "bench_engine AUCTION_SVC [rate IN_FLIGHT SECONDS BIDS_PER_S_MIN] "
                    "[single BIDS ABOVE_SYNC_MS_MAX] [late SALES LOTS SECONDS LATE_MS_MAX] ...\n");
    return 2;
}

static int number(const char *text)
{
    uint64_t value = 0;
    LC_ASSERT(bytes_to_uint64(bytes_text(text), 1000000, &value));
    return (int)value;
}

static bool run_all(const char *engine)
{
    static const int in_flight[] = {1, 10, 100, 500};
    bool ok = bench_single(engine, 1000, 0);
    for (size_t i = 0; i < sizeof in_flight / sizeof in_flight[0]; i++) {
        ok = bench_rate(engine, in_flight[i], 5, 0) && ok;
    }
    return bench_lateness(engine, 100, 10, 20, 0) && ok;
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        return usage();
    }
    bool ok = argc > 2 || run_all(argv[1]);
    for (int i = 2; i < argc;) {
        char **its = argv + i + 1; // arguments of the case
        int left = argc - i - 1;
        if (strcmp(argv[i], "rate") == 0 && left >= 3) {
            ok = bench_rate(argv[1], number(its[0]), number(its[1]), number(its[2])) && ok;
            i += 4;
        } else if (strcmp(argv[i], "single") == 0 && left >= 2) {
            ok = bench_single(argv[1], number(its[0]), number(its[1])) && ok;
            i += 3;
        } else if (strcmp(argv[i], "late") == 0 && left >= 4) {
            ok = bench_lateness(argv[1], number(its[0]), number(its[1]), number(its[2]),
                                number(its[3])) &&
                 ok;
            i += 5;
        } else {
            return usage();
        }
    }
    return ok ? 0 : 1;
}
