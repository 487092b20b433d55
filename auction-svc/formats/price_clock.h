// A price that falls or rises by the clock of the server, so that every display can compute it:
// clock_price -/+ step x floor((now - clock_from) / tick).
//
// Purity: pure
// Units:  *_minor currency minor units, *_ms engine time
// Source: rules 4, Dutch and Japanese; the members `clock` of docs/PROTOCOL.md
#ifndef LOTCAST_FORMATS_PRICE_CLOCK_H
#define LOTCAST_FORMATS_PRICE_CLOCK_H

#include "auction-svc/core/sale.h"

// Whole ticks since the clock began; 0 before.
int64_t price_clock_ticks(const struct lot *lot, const struct lot_rules *rules, int64_t now_ms);

// When the given number of ticks will have passed; INT64_MAX when that is after the end of time.
int64_t price_clock_at(const struct lot *lot, const struct lot_rules *rules, int64_t ticks);

#endif
