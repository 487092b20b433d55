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
    size_t index = lower_bound(house, id);
    memmove(house->sales + index + 1, house->sales + index,
            (house->count - index) * sizeof(struct hosted_sale *));
    house->sales[index] = hosted;
    house->count++;
    *out_sale = hosted;
    return LC_OK;
}

void house_settle(struct hosted_sale *hosted, struct sale *sale, const struct ledger_head *head,
                  int64_t snapshot_row)
{
    sale_destroy(hosted->sale);
    hosted->sale = sale;
    hosted->head = *head;
    hosted->snapshot_row = snapshot_row;
}

void house_note_snapshot(struct hosted_sale *hosted)
{
    hosted->snapshot_row = hosted->head.row;
}

void house_bury(struct hosted_sale *hosted)
{
    sale_destroy(hosted->sale);
    hosted->sale = NULL;
}

int64_t house_next_deadline_ms(const struct house *house)
{
    int64_t deadline_ms = INT64_MAX;
    for (size_t i = 0; i < house->count; i++) {
        const struct sale *sale = house->sales[i]->sale;
        int64_t its_ms = sale == NULL ? INT64_MAX : sale_next_deadline(sale);
        deadline_ms = its_ms < deadline_ms ? its_ms : deadline_ms;
    }
    return deadline_ms;
}

bool house_clock_runs(const struct house *house)
{
    return house_next_deadline_ms(house) != INT64_MAX;
}
