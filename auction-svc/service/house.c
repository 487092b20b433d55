#include "auction-svc/service/house.h"

#include <stdlib.h>

void house_init(struct house *house)
{
    *house = (struct house){0};
}

void house_release(struct house *house)
{
    for (size_t i = 0; i < house->count; i++) {
        sale_destroy(house->sales[i]->sale);
        retained_release(&house->sales[i]->retained);
        free(house->sales[i]);
    }
    for (int task = 0; task < HOUSE_TASK_COUNT; task++) {
        agenda_release(&house->agendas[task]);
    }
    free(house->sales);
    *house = (struct house){0};
}

// Index of the first sale whose id is not below `id`.
static size_t lower_bound(const struct house *house, const struct sale_id *id)
{
    size_t low = 0;
    size_t high = house->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(house->sales[middle]->id.text, id->text) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

struct hosted_sale *house_find(const struct house *house, const struct sale_id *id)
{
    size_t index = lower_bound(house, id);
    bool is_there = index < house->count && sale_id_equal(&house->sales[index]->id, id);
    return is_there ? house->sales[index] : NULL;
}

static bool reserve(struct house *house)
{
    for (int task = 0; task < HOUSE_TASK_COUNT; task++) {
        if (!agenda_reserve(&house->agendas[task], house->count + 1)) {
            return false;
        }
    }
    if (house->count < house->capacity) {
        return true;
    }
    size_t capacity = house->capacity == 0 ? 16 : house->capacity * 2;
    struct hosted_sale **sales = realloc(house->sales, capacity * sizeof(struct hosted_sale *));
    if (sales == NULL) {
        return false;
    }
    house->sales = sales;
    house->capacity = capacity;
    return true;
}

enum lc_status house_add(struct house *house, const struct sale_id *id,
                         struct hosted_sale **out_sale)
{
    if (house_find(house, id) != NULL) {
        return LC_ERR_EXISTS;
    }
    if (house->count >= HOUSE_SALES_MAX) {
        return LC_ERR_FULL;
    }
    struct hosted_sale *hosted = calloc(1, sizeof *hosted);
    struct sale *sale = sale_create();
    if (hosted == NULL || sale == NULL || !reserve(house)) {
        free(hosted);
        sale_destroy(sale);
        return LC_ERR_NO_MEMORY;
    }
    hosted->id = *id;
    hosted->sale = sale;
    retained_init(&hosted->retained);
    for (int task = 0; task < HOUSE_TASK_COUNT; task++) {
        hosted->tasks[task] = (struct agenda_item){INT64_MAX, house->count, 0, hosted};
    }
    size_t index = lower_bound(house, id);
    memmove(house->sales + index + 1, house->sales + index,
            (house->count - index) * sizeof(struct hosted_sale *));
    house->sales[index] = hosted;
    house->count++;
    *out_sale = hosted;
    return LC_OK;
}

void house_settle(struct hosted_sale *hosted, struct sale *sale, const struct ledger_head *head,
                  int64_t snapshot_row, bool drops_snapshots)
{
    sale_destroy(hosted->sale);
    hosted->sale = sale;
    hosted->head = *head;
    hosted->snapshot_row = snapshot_row;
    hosted->drops_snapshots = drops_snapshots;
}

void house_note_snapshot(struct hosted_sale *hosted)
{
    hosted->snapshot_row = hosted->head.row;
}

void house_bury(struct house *house, struct hosted_sale *hosted)
{
    sale_destroy(hosted->sale);
    hosted->sale = NULL;
    house_note_change(house, hosted);
}

// ---- agendas ----

void house_set_due(struct house *house, struct hosted_sale *hosted, enum house_task task,
                   int64_t due_ms)
{
    agenda_set(&house->agendas[task], &hosted->tasks[task], due_ms);
}

void house_note_deadline(struct house *house, struct hosted_sale *hosted)
{
    house_set_due(house, hosted, HOUSE_DEADLINE,
                  hosted->sale == NULL ? INT64_MAX : sale_next_deadline(hosted->sale));
}

void house_note_change(struct house *house, struct hosted_sale *hosted)
{
    house_note_deadline(house, hosted);
    house_set_due(house, hosted, HOUSE_TICK, 0);
    house_set_due(house, hosted, HOUSE_RETAINED, retained_due_ms(&hosted->retained));
}

int64_t house_due_ms(const struct house *house, enum house_task task)
{
    return agenda_due_ms(&house->agendas[task]);
}

struct hosted_sale *house_due(const struct house *house, enum house_task task, int64_t now_ms)
{
    const struct agenda_item *first = agenda_first(&house->agendas[task]);
    return first == NULL || first->due_ms > now_ms ? NULL : first->owner;
}

bool house_clock_runs(const struct house *house)
{
    return house_due_ms(house, HOUSE_DEADLINE) != INT64_MAX;
}
