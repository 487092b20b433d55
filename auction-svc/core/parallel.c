#include "auction-svc/core/parallel.h"

#include <stdlib.h>

#include "auction-svc/core/apply.h"
#include "auction-svc/core/format.h"
#include "auction-svc/core/history.h"
#include "auction-svc/core/lot_order.h"
#include "auction-svc/core/wakes.h"

int64_t lot_duration_ms(const struct sale *sale, const struct lot *lot)
{
    return lot->duration_ms > 0 ? lot->duration_ms : sale_lot_rules(sale, lot)->duration_ms;
}

int64_t parallel_ends_at_ms(const struct sale *sale, const struct lot *lot, int64_t place,
                            int64_t first_ends_at_ms)
{
    const struct sale_rules *rules = &sale->definition.rules;
    if (!lot_format_of(sale, lot)->has_clock) {
        return 0;
    }
    return first_ends_at_ms - rules->lot.duration_ms + lot_duration_ms(sale, lot) +
           place * rules->stagger_ms;
}

bool parallel_is_possible(const struct sale *sale, int64_t first_ends_at_ms)
{
    const struct sale_rules *rules = &sale->definition.rules;
    int64_t latest_ms =
        TIME_MS_MAX - DURATION_MS_MAX - (int64_t)sale->lots_count * rules->stagger_ms;
    return first_ends_at_ms >= rules->lot.duration_ms && first_ends_at_ms <= latest_ms;
}

struct pending_lot {
    int64_t place;
    int64_t index;
};

static int compare_places(const void *a, const void *b)
{
    int64_t left = ((const struct pending_lot *)a)->place;
    int64_t right = ((const struct pending_lot *)b)->place;
    return (left > right) - (left < right);
}

static enum lc_status reserve(struct sale *sale, size_t *out_count)
{
    size_t count = 0;
    for (size_t i = 0; i < sale->lots_count; i++) {
        if (sale->lots[i].phase == LOT_PENDING) {
            count++;
            if (history_open(&sale->lots[i]) != LC_OK) {
                return LC_ERR_NO_MEMORY;
            }
        }
    }
    *out_count = count;
    return wakes_reserve(sale, sale->wakes_count + count);
}

enum lc_status parallel_open(struct sale *sale, int64_t at_ms, int64_t first_ends_at_ms)
{
    size_t count = 0;
    enum lc_status status = reserve(sale, &count);
    if (status != LC_OK) {
        return status;
    }
    struct pending_lot *pending = malloc((count > 0 ? count : 1) * sizeof *pending);
    if (pending == NULL) {
        return LC_ERR_NO_MEMORY;
    }
    size_t known = 0;
    for (size_t i = 0; i < sale->lots_count; i++) {
        const struct lot *lot = &sale->lots[i];
        if (lot->phase == LOT_PENDING) {
            pending[known++] = (struct pending_lot){.place = sale->round == 0 ? lot->order_place
                                                                              : lot->listed_place,
                                                    .index = (int64_t)i};
        }
    }
    qsort(pending, count, sizeof *pending, compare_places);
    for (size_t i = 0; i < count; i++) {
        struct lot *lot = &sale->lots[pending[i].index];
        int64_t ends_at_ms = parallel_ends_at_ms(sale, lot, (int64_t)i, first_ends_at_ms);
        if (lot->standings_count > 0) {
            lot->ends_at_ms = ends_at_ms; // as it will be
            continue;
        }
        const struct lot_format *format = lot_format_of(sale, lot);
        int64_t draws_at_ms = format->draw == NULL ? 0 : format->draw(sale, lot, at_ms, ends_at_ms);
        lot_open(sale, pending[i].index, at_ms, ends_at_ms, draws_at_ms);
    }
    free(pending);
    parallel_next(sale, at_ms);
    return LC_OK;
}

void parallel_next(struct sale *sale, int64_t at_ms)
{
    sale->next_index = lot_order_first_pending(sale, NULL);
    sale->next_starts_at_ms = sale->next_index < 0 ? 0 : at_ms;
    sale->clock = sale->wakes_count > 0 ? CLOCK_LOT : CLOCK_GAP;
}
