#include "tests/bench/bid_plan.h"

#include "lib/base/bytes.h"

const char bid_plan_usage[] =
    "usage: bench_bids --port N [--later-port N] --pids N,N --sale ID --tokens FILE [--lots 1]\n"
    "                  [--opening 1] [--clients 2] [--pollings 0] [--every-us 0] [--in-flight 1]\n"
    "                  [--rehearse-ms 500] [--duration-ms 1000] [--deadline-ms 60000]\n";

struct option_row {
    const char *name;
    uint64_t *value;
    uint64_t max;
};

static bool set_option(struct bid_plan *plan, const char *name, const char *value)
{
    const struct option_row rows[] = {
        {"--port", &plan->port, UINT16_MAX},
        {"--later-port", &plan->later_port, UINT16_MAX},
        {"--pollings", &plan->pollings, BID_CLIENTS_MAX},
        {"--lots", &plan->lots, BID_LOTS_MAX},
        {"--opening", &plan->opening, 1000000000},
        {"--clients", &plan->clients, BID_CLIENTS_MAX},
        {"--every-us", &plan->every_us, 10000000},
        {"--in-flight", &plan->in_flight, BID_LOTS_MAX},
        {"--rehearse-ms", &plan->rehearse_ms, 60000},
        {"--duration-ms", &plan->duration_ms, 600000},
        {"--deadline-ms", &plan->deadline_ms, 900000},
    };
    if (strcmp(name, "--pids") == 0) {
        return load_pids_read(value, &plan->servers);
    }
    if (strcmp(name, "--sale") == 0 || strcmp(name, "--tokens") == 0) {
        *(strcmp(name, "--sale") == 0 ? &plan->sale : &plan->tokens) = value;
        return true;
    }
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (strcmp(rows[i].name, name) == 0) {
            return bytes_to_uint64(bytes_text(value), rows[i].max, rows[i].value);
        }
    }
    return false;
}

static bool is_sound(const struct bid_plan *plan)
{
    return plan->port > 0 && plan->servers.count > 0 && plan->sale != NULL &&
           plan->tokens != NULL && plan->lots > 0 && plan->opening > 0 &&
           plan->clients >= 2 * plan->lots && plan->pollings <= plan->clients &&
           plan->in_flight > 0 && plan->in_flight <= plan->lots && plan->duration_ms > 0;
}

bool bid_plan_read(int argc, char **argv, struct bid_plan *out_plan)
{
    struct bid_plan plan = {.lots = 1,
                            .opening = 1,
                            .clients = 2,
                            .in_flight = 1,
                            .rehearse_ms = 500,
                            .duration_ms = 1000,
                            .deadline_ms = 60000};
    for (int i = 1; i < argc; i += 2) {
        if (i + 1 == argc || !set_option(&plan, argv[i], argv[i + 1])) {
            return false;
        }
    }
    if (!is_sound(&plan)) {
        return false;
    }
    *out_plan = plan;
    return true;
}
