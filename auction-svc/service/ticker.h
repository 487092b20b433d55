// Ticks and the 3, 2, 1: what a running clock says between two events.
//
// Purity: publishes through mqtt_links
// Units:  *_ms engine time
// Order:  ticker_due_ms() tells when ticker_run() has something to say
// Source: docs/PROTOCOL.md, Tick and next_lot_countdown. Ticks come on the whole seconds before the
//         end
#ifndef LOTCAST_SERVICE_TICKER_H
#define LOTCAST_SERVICE_TICKER_H

#include "auction-svc/service/house.h"
#include "lib/mqtt/mqtt_link.h"

enum { TICKER_COUNTDOWN_S = 3, TICKER_FASTEST_MS = 1000 };

struct ticker_target {
    struct mqtt_link *events;
    struct mqtt_link *boards;
    const char *prefix;
};

// INT64_MAX: no clock runs.
int64_t ticker_due_ms(const struct hosted_sale *hosted);

// Follows the clock: to be called after each change of the sale, and when a tick is due.
void ticker_run(struct hosted_sale *hosted, const struct ticker_target *target, int64_t now_ms);

// The last whole second before `ends_at_ms` that is later than `now_ms`; `ends_at_ms` when there is
// none.
int64_t ticker_next_ms(int64_t ends_at_ms, int64_t now_ms);

#endif
