// How the offline commands say an amount, a time and a person.
//
// Purity: pure
// Units:  *_minor currency minor units; times UTC epoch milliseconds
#ifndef LOTCAST_CTL_WORDING_H
#define LOTCAST_CTL_WORDING_H

#include "auction-svc/core/sale.h"

// "12.00 EUR"
void wording_money(struct buffer *out, const struct sale *sale, int64_t amount_minor);
// "2026-11-28 17:23:23.719Z"
void wording_time(struct buffer *out, int64_t at_ms);
// "Ana (paddle 3)", "paddle 3" or "another bidder", as the sale's visibility allows; `knows_all`:
// with the name anyway. An index below 0 is the house.
void wording_person(struct buffer *out, const struct sale *sale, int64_t index, bool knows_all);

const char *wording_phase(enum lot_phase phase); // "sold"

#endif
