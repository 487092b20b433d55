#include "auction-svc/core/wakes.h"

#include <stdlib.h>

#include "auction-svc/core/apply.h"
#include "auction-svc/core/format.h"

enum heap { BY_WAKE, BY_END };

int64_t lot_closes_at_ms(const struct lot *lot)
{
    if (lot->phase == LOT_CLOSING || lot->phase == LOT_MATCHING) {
        return lot->deadline_ms;
    }
    return lot->ends_at_ms > 0 ? lot->ends_at_ms : INT64_MAX;
}

int64_t lot_warning_next(const struct sale *sale, const struct lot *lot, int64_t *out_at_ms)
{
    const struct lot_rules *rules = sale_lot_rules(sale, lot);
    if (lot->phase != LOT_OPEN || lot->ends_at_ms == 0) {
        return 0;
    }
    for (int64_t stage = lot->warned + 1; stage <= WARNINGS_MAX; stage++) {
        int64_t before_ms = rules->warning_ms[stage - 1];
        // A bid takes back what was warned of; moments that had passed before it do not come again.
        if (before_ms > 0 && lot->ends_at_ms - before_ms > lot->warn_after_ms) {
            *out_at_ms = lot->ends_at_ms - before_ms;
            return stage;
        }
    }
    return 0;
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t wakes_at_ms(const struct sale *sale, const struct lot *lot)
{
    int64_t at_ms = lot_closes_at_ms(lot);
    if (lot->phase != LOT_OPEN) {
        return at_ms;
    }
    int64_t warning_at_ms = INT64_MAX;
    if (lot_warning_next(sale, lot, &warning_at_ms) > 0) {
        at_ms = earlier(at_ms, warning_at_ms);
    }
    const struct lot_format *format = lot_format_of(sale, lot);
    return format->wakes_at != NULL ? earlier(at_ms, format->wakes_at(sale, lot)) : at_ms;
}

static size_t *heap_of(const struct sale *sale, enum heap heap)
{
    return heap == BY_WAKE ? sale->wakes : sale->ends;
}

static bool precedes(const struct sale *sale, enum heap heap, size_t left, size_t right)
{
    const struct lot *a = &sale->lots[left];
    const struct lot *b = &sale->lots[right];
    int64_t a_ms = heap == BY_WAKE ? a->wake_at_ms : lot_closes_at_ms(a);
    int64_t b_ms = heap == BY_WAKE ? b->wake_at_ms : lot_closes_at_ms(b);
    return a_ms != b_ms ? a_ms < b_ms : left < right; // so that the order follows from the lots
}

static void put(struct sale *sale, enum heap heap, size_t place, size_t lot_index)
{
    struct lot *lot = &sale->lots[lot_index];
    heap_of(sale, heap)[place] = lot_index;
    *(heap == BY_WAKE ? &lot->wake_place : &lot->end_place) = place + 1;
}

static size_t rise(struct sale *sale, enum heap heap, size_t place)
{
    const size_t *lots = heap_of(sale, heap);
    size_t moved = lots[place];
    while (place > 0 && precedes(sale, heap, moved, lots[(place - 1) / 2])) {
        put(sale, heap, place, lots[(place - 1) / 2]);
        place = (place - 1) / 2;
    }
    put(sale, heap, place, moved);
    return place;
}

static void sink(struct sale *sale, enum heap heap, size_t place)
{
    const size_t *lots = heap_of(sale, heap);
    size_t moved = lots[place];
    for (;;) {
        size_t child = 2 * place + 1;
        if (child + 1 < sale->wakes_count && precedes(sale, heap, lots[child + 1], lots[child])) {
            child++;
        }
        if (child >= sale->wakes_count || !precedes(sale, heap, lots[child], moved)) {
            break;
        }
        put(sale, heap, place, lots[child]);
        place = child;
    }
    put(sale, heap, place, moved);
}

static void settle(struct sale *sale, enum heap heap, size_t place)
{
    sink(sale, heap, rise(sale, heap, place));
}

enum lc_status wakes_reserve(struct sale *sale, size_t count)
{
    if (count <= sale->wakes_capacity) {
        return LC_OK;
    }
    size_t capacity = 0;
    size_t *ends = array_grow(sale->ends, &capacity, count, sizeof *ends);
    if (ends == NULL) {
        return LC_ERR_NO_MEMORY;
    }
    sale->ends = ends;
    size_t *wakes = array_grow(sale->wakes, &sale->wakes_capacity, count, sizeof *wakes);
    if (wakes == NULL) {
        return LC_ERR_NO_MEMORY;
    }
    sale->wakes = wakes;
    sale->wakes_capacity = count;
    return LC_OK;
}

static void enter(struct sale *sale, size_t lot_index)
{
    LC_ASSERT(sale->wakes_count < sale->wakes_capacity);
    size_t place = sale->wakes_count++;
    put(sale, BY_WAKE, place, lot_index);
    put(sale, BY_END, place, lot_index);
    rise(sale, BY_WAKE, place);
    rise(sale, BY_END, place);
}

static void leave(struct sale *sale, struct lot *lot)
{
    size_t wake_place = lot->wake_place - 1;
    size_t end_place = lot->end_place - 1;
    size_t last = --sale->wakes_count;
    size_t last_wake = sale->wakes[last];
    size_t last_end = sale->ends[last];
    lot->wake_place = 0;
    lot->end_place = 0;
    if (wake_place < last) {
        put(sale, BY_WAKE, wake_place, last_wake);
        settle(sale, BY_WAKE, wake_place);
    }
    if (end_place < last) {
        put(sale, BY_END, end_place, last_end);
        settle(sale, BY_END, end_place);
    }
}

void wakes_update(struct sale *sale, int64_t lot_index)
{
    struct lot *lot = &sale->lots[lot_index];
    bool is_running = lot_is_running(lot);
    lot->wake_at_ms = is_running ? wakes_at_ms(sale, lot) : INT64_MAX;
    if (is_running && lot->wake_place == 0) {
        enter(sale, (size_t)lot_index);
    } else if (is_running) {
        settle(sale, BY_WAKE, lot->wake_place - 1);
        settle(sale, BY_END, lot->end_place - 1);
    } else if (lot->wake_place != 0) {
        leave(sale, lot);
    }
    if (sale->wakes_count > 0) {
        sale->lot_index = (int64_t)sale->ends[0];
    }
}

enum lc_status wakes_rebuild(struct sale *sale)
{
    size_t running = 0;
    for (size_t i = 0; i < sale->lots_count; i++) {
        running += lot_is_running(&sale->lots[i]);
    }
    enum lc_status status = wakes_reserve(sale, running);
    if (status != LC_OK) {
        return status;
    }
    sale->wakes_count = 0;
    for (size_t i = 0; i < sale->lots_count; i++) {
        sale->lots[i].wake_place = 0;
        sale->lots[i].end_place = 0;
    }
    for (size_t i = 0; i < sale->lots_count; i++) {
        wakes_update(sale, (int64_t)i);
    }
    return LC_OK;
}
