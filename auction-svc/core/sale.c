#include "auction-svc/core/sale.h"

#include <stdlib.h>

#include "auction-svc/core/format.h"
#include "auction-svc/core/purse.h"
#include "auction-svc/core/wakes.h"

struct sale *sale_create(void)
{
    struct sale *sale = calloc(1, sizeof *sale);
    if (sale != NULL) {
        sale->lot_index = -1;
        sale->next_index = -1;
        sale->nominator_index = -1;
        sale->reopen_index = -1;
    }
    return sale;
}

void sale_destroy(struct sale *sale)
{
    if (sale == NULL) {
        return;
    }
    for (size_t i = 0; i < sale->lots_count; i++) {
        struct lot *lot = &sale->lots[i];
        free(lot->title); // the other texts of the lot lie behind it
        free(lot->own_rules);
        free(lot->standings);
        free(lot->history);
        free(lot->awards);
    }
    for (size_t i = 0; i < sale->participants_count; i++) {
        free(sale->participants[i].name);
        free(sale->participants[i].named);
    }
    free(sale->lots);
    free(sale->participants);
    free(sale->invites);
    free(sale->title);
    free(sale->wakes);
    free(sale->ends);
    id_index_release(&sale->lots_by_id);
    id_index_release(&sale->participants_by_id);
    free(sale);
}

int64_t sale_lot_index(const struct sale *sale, const struct lot_id *id)
{
    return id_index_find(&sale->lots_by_id, sale->lots, sizeof *sale->lots, id->text);
}

int64_t sale_participant_index(const struct sale *sale, const struct participant_id *id)
{
    return id_index_find(&sale->participants_by_id, sale->participants, sizeof *sale->participants,
                         id->text);
}

int64_t sale_invite_index(const struct sale *sale, const uint8_t hash[INVITE_HASH_SIZE])
{
    for (size_t i = 0; i < sale->invites_count; i++) {
        if (memcmp(sale->invites[i].hash, hash, INVITE_HASH_SIZE) == 0) {
            return (int64_t)i; // hashes of random invitations: timing tells nothing of use
        }
    }
    return -1;
}

const struct lot_rules *sale_lot_rules(const struct sale *sale, const struct lot *lot)
{
    return lot->own_rules != NULL ? lot->own_rules : &sale->definition.rules.lot;
}

int64_t sale_ask(const struct sale *sale, const struct lot *lot, int64_t now_ms)
{
    bool stands = sale->phase == SALE_PAUSED && now_ms > sale->paused_at_ms;
    const struct lot_format *format = lot_format_of(sale, lot);
    const struct lot_rules *rules = sale_lot_rules(sale, lot);
    int64_t ask_minor = format->ask(sale, lot, stands ? sale->paused_at_ms : now_ms);
    if (!rules->strict || format->is_sealed || format->is_timed) {
        return ask_minor;
    }
    return increment_rung(&rules->increments, lot->opening_minor, ask_minor);
}

bool lot_is_running(const struct lot *lot)
{
    return lot->phase == LOT_OPEN || lot->phase == LOT_CLOSING || lot->phase == LOT_MATCHING;
}

int64_t sale_category_cap(const struct sale *sale, const struct lot *lot)
{
    for (size_t i = 0; i < sale->definition.category_caps_count; i++) {
        if (strcmp(sale->definition.category_caps[i].category, lot->category) == 0) {
            return (int64_t)i;
        }
    }
    return -1;
}

int64_t sale_paddle_index(const struct sale *sale, struct bytes paddle)
{
    for (size_t i = 0; paddle.size > 0 && i < sale->participants_count; i++) {
        if (bytes_equal_text(paddle, sale->participants[i].paddle)) {
            return (int64_t)i;
        }
    }
    return -1;
}

void sale_note_gavel(struct sale *sale, struct bytes console, int64_t now_ms)
{
    if (console.size > 0 && bytes_equal_text(console, sale->gavel_console)) {
        sale->gavel_seen_at_ms = now_ms;
    }
}

enum reserve_status lot_reserve_status(const struct lot *lot)
{
    if (lot->reserve_minor == 0) {
        return RESERVE_NONE;
    }
    return lot->price_minor >= lot->reserve_minor ? RESERVE_MET : RESERVE_NOT_MET;
}

int64_t sale_max_bid(const struct sale *sale, const struct participant *participant,
                     const struct lot *lot)
{
    struct purse purse = purse_of(sale, participant, lot);
    return purse_bid_max(&purse);
}

// What the sale waits for without the gavel.
static int64_t clock_deadline(const struct sale *sale)
{
    switch (sale->clock) {
    case CLOCK_LOT:
        if (sale->next_index >= 0) {
            return sale->next_starts_at_ms; // of a parallel sale, now: see parallel.h
        }
        return sale->wakes_count > 0 ? sale->lots[sale->wakes[0]].wake_at_ms : INT64_MAX;
    case CLOCK_GAP:
        return sale->next_starts_at_ms;
    case CLOCK_NOMINATION:
    case CLOCK_NAMES:
    case CLOCK_START:
        return sale->clock_ends_at_ms;
    case CLOCK_NONE:
        break;
    }
    return INT64_MAX;
}

int64_t sale_gavel_deadline(const struct sale *sale)
{
    const struct sale_rules *rules = &sale->definition.rules;
    bool counts = rules->gavel_timeout_ms > 0 && rules->lot.format == FORMAT_LIVE &&
                  sale->gavel_console[0] != 0;
    return counts ? sale->gavel_seen_at_ms + rules->gavel_timeout_ms : INT64_MAX;
}

// Lots may have been withdrawn before the sale begins: then there is nothing to begin with.
static bool has_lot_to_offer(const struct sale *sale)
{
    for (size_t i = 0; i < sale->lots_count; i++) {
        if (sale->lots[i].phase == LOT_PENDING) {
            return true;
        }
    }
    return false;
}

int64_t sale_next_deadline(const struct sale *sale)
{
    if (sale->phase == SALE_LOBBY) {
        bool counts = sale->clock == CLOCK_START && has_lot_to_offer(sale);
        return counts ? sale->clock_ends_at_ms : INT64_MAX;
    }
    if (sale->phase != SALE_LIVE) {
        return INT64_MAX;
    }
    int64_t clock_ms = clock_deadline(sale);
    int64_t gavel_ms = sale_gavel_deadline(sale);
    return clock_ms < gavel_ms ? clock_ms : gavel_ms;
}

int64_t sale_clock_ends_at_ms(const struct sale *sale)
{
    if (sale->clock == CLOCK_LOT) {
        return sale->wakes_count > 0 ? lot_closes_at_ms(&sale->lots[sale->ends[0]]) : INT64_MAX;
    }
    return clock_deadline(sale);
}
