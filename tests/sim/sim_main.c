// Simulates sales by seed: `sim --seeds FROM-TO`, or `sim --seeds COUNT --from FIRST` with progress.
// Exit: 0 every rule was kept, 1 the auditor found a broken rule, 2 usage, 3 with --reach: something
// was never reached.
#include <stdlib.h>
#include <time.h>

#include "lib/base/error_code.h"
#include "world_state.h"

static const char *const fault_names[WORLD_FAULT_COUNT] = {
#define X(name) #name,
    WORLD_FAULTS(X)
#undef X
};

static const char *const reach_names[WORLD_REACH_COUNT] = {
#define X(name) #name,
    WORLD_REACHES(X)
#undef X
};

static const char *const format_names[AUCTION_FORMAT_COUNT] = {
    "english", "live", "dutch", "japanese", "sealed_first", "vickrey", "uniform", "candle"};

struct options {
    uint64_t from;
    uint64_t to;
    enum world_fault fault;
    bool verbose;
    bool reach;
    bool progress;
    bool trace;
};

static int usage(const char *what)
{
    fprintf(stderr,
            "sim: %s; usage: sim --seeds FROM-TO | --seeds COUNT --from FIRST  [--plant FAULT] "
            "[--verbose] [--reach] [--trace]\n",
            what);
    fprintf(stderr, "faults:");
    for (int i = 1; i < WORLD_FAULT_COUNT; i++) {
        fprintf(stderr, " %s", fault_names[i]);
    }
    fprintf(stderr, "\n");
    return 2;
}

static bool read_number(const char *text, char **out_end, uint64_t *out_number)
{
    *out_number = strtoull(text, out_end, 10);
    return *out_end != text;
}

// "FROM-TO", or one number: a count, when --from follows, else that seed alone.
static bool read_seeds(const char *text, struct options *options, uint64_t *out_count)
{
    char *end = NULL;
    if (!read_number(text, &end, &options->from)) {
        return false;
    }
    options->to = options->from;
    *out_count = options->from;
    if (*end == '-') {
        *out_count = 0;
        if (!read_number(end + 1, &end, &options->to)) {
            return false;
        }
    }
    return *end == 0 && options->to >= options->from;
}

static bool read_fault(const char *text, enum world_fault *out_fault)
{
    for (int i = 1; i < WORLD_FAULT_COUNT; i++) {
        if (strcmp(text, fault_names[i]) == 0) {
            *out_fault = (enum world_fault)i;
            return true;
        }
    }
    return false;
}

static const char *read_options(int argc, char **argv, struct options *options)
{
    uint64_t count = 0;
    for (int i = 1; i < argc; i++) {
        char *end = NULL;
        bool has_value = i + 1 < argc;
        if (strcmp(argv[i], "--verbose") == 0) {
            options->verbose = true;
        } else if (strcmp(argv[i], "--trace") == 0) {
            options->trace = true;
        } else if (strcmp(argv[i], "--reach") == 0) {
            options->reach = true;
        } else if (strcmp(argv[i], "--seeds") == 0 && has_value) {
            if (!read_seeds(argv[++i], options, &count)) {
                return "bad seeds";
            }
        } else if (strcmp(argv[i], "--from") == 0 && has_value) {
            if (count == 0 || !read_number(argv[++i], &end, &options->from) || *end != 0) {
                return "--from follows --seeds COUNT";
            }
            options->to = options->from + count - 1;
            options->progress = true;
        } else if (strcmp(argv[i], "--plant") == 0 && has_value) {
            if (!read_fault(argv[++i], &options->fault)) {
                return "no such fault";
            }
        } else {
            return "unknown option";
        }
    }
    return NULL;
}

static int print_row(const char *what, const char *name, int64_t count, bool verbose)
{
    if (verbose && count > 0) {
        printf("  %s %s %lld\n", what, name, (long long)count);
    }
    if (count == 0) {
        printf("  %s %s: never reached\n", what, name);
    }
    return count == 0;
}

// Refusals of the service and of bounds that no small world meets.
static bool is_for_others(enum error_code code)
{
    return code == ERROR_NONE || code == ERROR_SALE_EXISTS || code == ERROR_TOO_MANY ||
           code == ERROR_ID_REUSED || code == ERROR_EXPIRED || code >= ERROR_BAD_REQUEST;
}

// What was never reached: how many.
static int print_reach(const struct world_counts *counts, bool verbose)
{
    int missing = 0;
    for (int i = 0; i < SALE_OP_COUNT; i++) {
        missing += print_row("accepted", sim_op_names[i], counts->accepted[i], verbose);
        missing += print_row("refused", sim_op_names[i], counts->refused[i], verbose);
    }
    for (int i = 0; i < SALE_EVENT_KIND_COUNT; i++) {
        missing += print_row("fact", sale_event_ledger_name((enum sale_event_kind)i),
                             counts->facts[i], verbose);
    }
    for (int i = 0; i < AUCTION_FORMAT_COUNT; i++) {
        missing += print_row("sold by", format_names[i], counts->sold[i], verbose);
    }
    for (int i = 0; i < ERROR_CODE_COUNT; i++) {
        if (!is_for_others((enum error_code)i)) {
            missing += print_row("refusal", error_code_name((enum error_code)i),
                                 counts->refusals[i], verbose);
        }
    }
    for (int i = 0; i < WORLD_REACH_COUNT; i++) {
        missing += print_row("reached", reach_names[i], counts->reached[i], verbose);
    }
    return missing;
}

static double seconds_now(void)
{
    struct timespec now;
    timespec_get(&now, TIME_UTC);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void print_progress(const struct options *options, uint64_t seed, uint64_t failed,
                           double began)
{
    uint64_t done = seed - options->from + 1;
    double seconds = seconds_now() - began;
    if (options->progress && (done % 1000 == 0 || seed == options->to)) {
        printf("%llu of %llu seeds, %llu failed, %.0f a second\n", (unsigned long long)done,
               (unsigned long long)(options->to - options->from + 1), (unsigned long long)failed,
               (double)done / (seconds > 0 ? seconds : 1));
        fflush(stdout);
    }
}

int main(int argc, char **argv)
{
    struct options options = {.from = 1, .to = 200};
    const char *wrong = read_options(argc, argv, &options);
    if (wrong != NULL) {
        return usage(wrong);
    }
    setvbuf(stdout, NULL, _IOLBF, 0); // what was found stays when the core aborts
    static struct world_counts counts;
    uint64_t failed = 0;
    double began = seconds_now();
    for (uint64_t seed = options.from; seed <= options.to; seed++) {
        char report[512];
        if (!world_run(seed, options.fault, options.trace ? stdout : NULL, &counts, report)) {
            failed++;
            printf("%s\n", report);
        }
        print_progress(&options, seed, failed, began);
        bool is_found = options.fault != FAULT_none && failed > 0; // a canary has sung
        if (seed == UINT64_MAX || is_found) {
            break;
        }
    }
    int missing = options.reach || options.verbose ? print_reach(&counts, options.verbose) : 0;
    printf("steps %lld, bids accepted %lld refused %lld, crashes %lld, completed %lld\n",
           (long long)counts.steps, (long long)counts.accepted[SALE_OP_BID],
           (long long)counts.refused[SALE_OP_BID], (long long)counts.crashes,
           (long long)counts.facts[EVENT_SALE_COMPLETED]);
    printf("%llu of %llu seeds failed\n", (unsigned long long)failed,
           (unsigned long long)(options.to - options.from + 1));
    if (options.fault != FAULT_none && counts.planted == 0) {
        printf("the fault was never planted\n");
    }
    bool worked = counts.accepted[SALE_OP_BID] > 0; // where nothing happens nothing is proved
    return failed > 0 || !worked ? 1 : options.reach && missing > 0 ? 3 : 0;
}
