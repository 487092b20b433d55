// Simulates sales by seed: `sim --seeds FROM-TO [--plant FAULT] [--verbose]`.
// Exit: 0 every rule was kept, 1 the auditor found a broken rule, 2 usage.
#include <stdlib.h>

#include "lib/base/error_code.h"
#include "world.h"

static const char *const fault_names[WORLD_FAULT_COUNT] = {
#define X(name) #name,
    WORLD_FAULTS(X)
#undef X
};

static int usage(const char *what)
{
    fprintf(stderr, "sim: %s; usage: sim --seeds FROM-TO [--plant FAULT] [--verbose]\n", what);
    fprintf(stderr, "faults:");
    for (int i = 1; i < WORLD_FAULT_COUNT; i++) {
        fprintf(stderr, " %s", fault_names[i]);
    }
    fprintf(stderr, "\n");
    return 2;
}

static bool read_seeds(const char *text, uint64_t *out_from, uint64_t *out_to)
{
    char *end = NULL;
    uint64_t from = strtoull(text, &end, 10);
    uint64_t to = from;
    if (end == text) {
        return false;
    }
    if (*end == '-') {
        const char *second = end + 1;
        to = strtoull(second, &end, 10);
        if (end == second) {
            return false;
        }
    }
    *out_from = from;
    *out_to = to;
    return *end == 0 && to >= from;
}

static void print_counts(const struct world_counts *counts, bool verbose)
{
    printf("steps %lld, bids accepted %lld refused %lld, crashes %lld, outages %lld, extensions "
           "%lld, rounds %lld, completed %lld\n",
           (long long)counts->steps, (long long)counts->bids_accepted,
           (long long)counts->bids_refused, (long long)counts->crashes, (long long)counts->outages,
           (long long)counts->extensions, (long long)counts->rounds,
           (long long)counts->sales_completed);
    for (int code = 1; verbose && code < ERROR_CODE_COUNT; code++) {
        if (counts->refusals[code] > 0) {
            printf("  %s %lld\n", error_code_name((enum error_code)code),
                   (long long)counts->refusals[code]);
        }
    }
}

int main(int argc, char **argv)
{
    uint64_t from = 1;
    uint64_t to = 200;
    bool verbose = false;
    enum world_fault fault = FAULT_none;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--verbose") == 0) {
            verbose = true;
        } else if (strcmp(argv[i], "--seeds") == 0 && i + 1 < argc) {
            if (!read_seeds(argv[++i], &from, &to)) {
                return usage("bad seeds");
            }
        } else if (strcmp(argv[i], "--plant") == 0 && i + 1 < argc) {
            i++;
            int found = 1;
            while (found < WORLD_FAULT_COUNT && strcmp(argv[i], fault_names[found]) != 0) {
                found++;
            }
            if (found == WORLD_FAULT_COUNT) {
                return usage("no such fault");
            }
            fault = (enum world_fault)found;
        } else {
            return usage("unknown option");
        }
    }
    struct world_counts counts = {0};
    uint64_t failed = 0;
    for (uint64_t seed = from; seed <= to; seed++) {
        char report[512];
        if (!world_run(seed, fault, &counts, report)) {
            failed++;
            printf("%s\n", report);
        }
        if (seed == UINT64_MAX) {
            break;
        }
    }
    print_counts(&counts, verbose);
    printf("%llu of %llu seeds failed\n", (unsigned long long)failed,
           (unsigned long long)(to - from + 1));
    bool worked = counts.bids_accepted > 0; // a world in which nothing happens proves nothing
    return failed == 0 && worked ? 0 : 1;
}
