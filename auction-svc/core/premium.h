// The buyer's premium: marginal bands on the hammer price of one lot.
//
// Purity: pure
// Units:  *_minor currency minor units; shares in basis points, hundredths of a percent
// Source: rules 3, Premium
#ifndef LOTCAST_CORE_PREMIUM_H
#define LOTCAST_CORE_PREMIUM_H

#include "auction-svc/core/definition.h"

// Each band takes its share of the part of the price that lies in it. The sum is rounded down once.
// 0 without bands.
int64_t premium_minor(const struct premium_bands *bands, int64_t hammer_minor);

#endif
