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

static int compare_places(const void *a, const void *b)
{
    int64_t left = ((const struct planned_lot *)a)->place;
    int64_t right = ((const struct planned_lot *)b)->place;
    return (left > right) - (left < right);
}

// Memory for all that the plan names; or nothing has changed.
static enum lc_status plan_reserve(struct sale *sale, const struct parallel_plan *plan)
{
    size_t opened = 0;
    enum lc_status status = wakes_reserve(sale, sale->wakes_count + plan->count);
    for (; status == LC_OK && opened < plan->count; opened++) {
        status = history_open(&sale->lots[plan->lots[opened].index]);
    }
    for (size_t i = 0; status != LC_OK && i < opened; i++) {
        history_close(&sale->lots[plan->lots[i].index]); // none had one: none was running
    }
    return status;
}

enum lc_status parallel_plan_make(struct sale *sale, int64_t round, parallel_choice *opens,
                                  struct parallel_plan *out_plan)
{
    struct parallel_plan plan = {.lots = malloc((sale->lots_count + 1) * sizeof *plan.lots)};
    if (plan.lots == NULL) {
        return LC_ERR_NO_MEMORY;
    }
    for (size_t i = 0; i < sale->lots_count; i++) {
        const struct lot *lot = &sale->lots[i];
        if (opens(sale, lot)) {
            int64_t place = round == 0 ? lot->order_place : lot->listed_place;
            plan.lots[plan.count++] = (struct planned_lot){.place = place, .index = (int64_t)i};
        }
    }
    qsort(plan.lots, plan.count, sizeof *plan.lots, compare_places);
    enum lc_status status = plan_reserve(sale, &plan);
    if (status != LC_OK) {
        free(plan.lots);
        return status;
    }
    *out_plan = plan;
    return LC_OK;
}

void parallel_open(struct sale *sale, struct parallel_plan *plan, int64_t at_ms,
                   int64_t first_ends_at_ms)
{
    for (size_t i = 0; i < plan->count; i++) {
        struct lot *lot = &sale->lots[plan->lots[i].index];
        int64_t ends_at_ms = parallel_ends_at_ms(sale, lot, (int64_t)i, first_ends_at_ms);
        if (lot->standings_count > 0) {
            lot->ends_at_ms = ends_at_ms; // as it will be
            continue;
        }
        const struct lot_format *format = lot_format_of(sale, lot);
        int64_t draws_at_ms = format->draw == NULL ? 0 : format->draw(sale, lot, at_ms, ends_at_ms);
        lot_open(sale, plan->lots[i].index, at_ms, ends_at_ms, draws_at_ms);
    }
    free(plan->lots);
    *plan = (struct parallel_plan){0};
    parallel_next(sale, at_ms);
}

void parallel_next(struct sale *sale, int64_t at_ms)
{
    sale->next_index = lot_order_first_pending(sale, NULL);
    sale->next_starts_at_ms = sale->next_index < 0 ? 0 : at_ms;
    sale->clock = sale->wakes_count > 0 ? CLOCK_LOT : CLOCK_GAP;
}
