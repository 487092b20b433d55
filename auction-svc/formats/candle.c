// Candle: English bids without a soft close; the end is drawn inside the ending phase and is secret
// until it has come.
#include "auction-svc/formats/candle.h"

#include "auction-svc/core/decide.h"
#include "auction-svc/formats/english.h"
#include "auction-svc/formats/formats.h"

void candle_key(const uint8_t seed[SEED_SIZE], const struct lot_id *lot, int64_t starts_at_ms,
                uint8_t out_key[SHA256_SIZE])
{
    struct sha256 hash;
    sha256_init(&hash);
    sha256_update(&hash, (struct bytes){seed, SEED_SIZE});
    sha256_update(&hash, bytes_text(lot->text));
    sha256_update_int64(&hash, starts_at_ms);
    sha256_final(&hash, out_key);
}

static uint64_t number_of(const uint8_t key[SHA256_SIZE])
{
    uint64_t number = 0;
    for (size_t i = 0; i < sizeof number; i++) {
        number = number << 8 | key[i];
    }
    return number;
}

int64_t candle_number(const uint8_t key[SHA256_SIZE], int64_t below)
{
    LC_ASSERT(below >= 1);
    uint64_t run = (uint64_t)below;
    uint64_t incomplete = (UINT64_MAX % run + 1) % run; // numbers after the last whole run
    uint8_t next[SHA256_SIZE];
    memcpy(next, key, SHA256_SIZE);
    while (number_of(next) > UINT64_MAX - incomplete) {
        sha256_of((struct bytes){next, SHA256_SIZE}, next);
    }
    return (int64_t)(number_of(next) % run);
}

static int64_t candle_draw(const struct sale *sale, const struct lot *lot, int64_t starts_at_ms,
                           int64_t ends_at_ms)
{
    int64_t ending_ms = sale_lot_rules(sale, lot)->candle_ending_ms;
    if (ending_ms > ends_at_ms - starts_at_ms) {
        ending_ms = ends_at_ms - starts_at_ms;
    }
    if (ending_ms < 1) {
        return ends_at_ms; // no ending phase: nothing to draw
    }
    uint8_t key[SHA256_SIZE];
    candle_key(sale->definition.seed, &lot->id, starts_at_ms, key);
    return ends_at_ms - ending_ms + candle_number(key, ending_ms);
}

static enum error_code candle_offer_check(const struct sale *sale, const struct lot *lot,
                                          const struct offer *offer, int64_t now_ms)
{
    if (lot->draws_at_ms > 0 && now_ms >= lot->draws_at_ms) {
        return ERROR_LOT_CLOSED; // time decides, even before the close was announced
    }
    return english_offer_check(sale, lot, offer, now_ms);
}

static int64_t candle_wakes_at(const struct sale *sale, const struct lot *lot)
{
    (void)sale;
    return lot->draws_at_ms > 0 ? lot->draws_at_ms : INT64_MAX;
}

static struct lot_outcome candle_outcome(const struct sale *sale, int64_t lot_index, int64_t now_ms,
                                         struct decision *out)
{
    const struct lot *lot = &sale->lots[lot_index];
    if (lot->draws_at_ms > 0) {
        struct sale_event *event = decision_add(out, EVENT_SEED_REVEALED, now_ms);
        event->as.seed_revealed.lot_index = lot_index;
        candle_key(sale->definition.seed, &lot->id, lot->started_at_ms,
                   event->as.seed_revealed.seed);
    }
    return english_outcome(sale, lot_index, now_ms, out);
}

static void candle_wake(const struct sale *sale, int64_t lot_index, int64_t now_ms,
                        struct decision *out)
{
    struct lot_outcome outcome = candle_outcome(sale, lot_index, now_ms, out);
    lot_close_add(sale, lot_index, &outcome, CLOSE_TIME, now_ms, out);
}

const struct lot_format format_candle = {
    .name = "candle",
    .has_clock = true,
    .takes_maximum = true,
    .draw = candle_draw,
    .ask = english_ask,
    .offer_check = candle_offer_check,
    .commits = english_commits,
    .accept = english_accept,
    .wake_ends = true,
    .wakes_at = candle_wakes_at,
    .wake = candle_wake,
    .outcome = candle_outcome,
};
