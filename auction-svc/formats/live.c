// Live (clerked): English without a clock. The auctioneer sets the ask and lets the hammer fall; the
// commands for it are the core's.
#include "auction-svc/formats/english.h"
#include "auction-svc/formats/formats.h"

static int64_t live_ask(const struct sale *sale, const struct lot *lot, int64_t now_ms)
{
    // An ask that a price has passed, as after a reopening, asks for nothing any more.
    bool is_asked = lot->asked_minor > lot->price_minor;
    return is_asked ? lot->asked_minor : english_ask(sale, lot, now_ms);
}

const struct lot_format format_live = {
    .name = "live",
    .has_clock = false,
    .takes_maximum = true,
    .ask = live_ask,
    .offer_check = english_offer_check,
    .commits = english_commits,
    .accept = english_accept,
    .outcome = english_outcome,
};
