// Figures of the engine over a real broker: accepted bids a second, what one costs, how long a
// single bid takes, and how late lots close.
//
//   bench_engine AUCTION_SVC [rate IN_FLIGHT SECONDS] [single COUNT] [late SALES SECONDS] ...
#include <stdio.h>
#include <stdlib.h>

#include "lib/base/bytes.h"
#include "lib/base/status.h"
#include "tests/bench/engine/bench_case.h"

static int usage(void)
{
    fprintf(stderr, "bench_engine AUCTION_SVC rate|single|late ...\n");
    return 2;
}

static int number(const char *text)
{
    uint64_t value = 0;
    LC_ASSERT(bytes_to_uint64(bytes_text(text), 1000000, &value));
    return (int)value;
}

int main(int argc, char **argv)
{
    if (argc < 3) {
        return usage();
    }
    for (int i = 2; i < argc; i++) {
        if (strcmp(argv[i], "rate") == 0 && i + 2 < argc) {
            bench_rate(argv[1], number(argv[i + 1]), number(argv[i + 2]));
            i += 2;
        } else if (strcmp(argv[i], "single") == 0 && i + 1 < argc) {
            bench_single(argv[1], number(argv[i + 1]));
            i += 1;
        } else if (strcmp(argv[i], "late") == 0 && i + 2 < argc) {
            bench_lateness(argv[1], number(argv[i + 1]), number(argv[i + 2]));
            i += 2;
        } else {
            return usage();
        }
    }
    return 0;
}
