// The end of a candle lot, drawn from the committed seed of the sale.
//
// Purity:    pure
// Units:     *_ms milliseconds
// Source:    rules 4, Candle: key = SHA-256(seed || lot id || start of the lot in ms as 8 bytes,
//            most significant first): a lot that is offered again draws again; number = the first 8 bytes of key, most significant first; while number lies
//            in the last, incomplete run of `ending` numbers, key = SHA-256(key) and again; the lot
//            ends at (end of the ending phase - ending) + number mod ending
#ifndef LOTCAST_FORMATS_CANDLE_H
#define LOTCAST_FORMATS_CANDLE_H

#include "auction-svc/core/format.h"
#include "lib/digest/sha256.h"

// The key that is published when the lot closes, and that anybody can compute once the seed of the
// sale is published.
void candle_key(const uint8_t seed[SEED_SIZE], const struct lot_id *lot, int64_t starts_at_ms,
                uint8_t out_key[SHA256_SIZE]);

// A number from 0 to below - 1, each as likely as the others; `below` is at least 1.
int64_t candle_number(const uint8_t key[SHA256_SIZE], int64_t below);

#endif
