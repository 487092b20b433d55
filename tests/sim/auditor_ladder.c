#include "auditor_books.h"

static int64_t band_step(const struct increment_table *table, int64_t price)
{
    int64_t step = 0;
    for (size_t i = 0; i < table->count; i++) {
        if (price >= table->as.bands[i].from_minor) {
            step = table->as.bands[i].step_minor;
        }
    }
    return step;
}

static int64_t cycle_raise(const struct increment_table *table, int64_t price)
{
    for (int64_t decade = 1; decade < AMOUNT_MINOR_MAX; decade *= 10) {
        for (size_t i = 0; i < table->count; i++) {
            if (table->as.rungs[i] * decade > price) {
                return table->as.rungs[i] * decade;
            }
        }
    }
    return AMOUNT_MINOR_MAX + 1;
}

static int64_t percent_raise(const struct increment_table *table, int64_t price)
{
    int64_t basis_points = table->as.percent.basis_points;
    int64_t round = table->as.percent.round_minor;
    int64_t share = price / 10000 * basis_points + (price % 10000 * basis_points + 9999) / 10000;
    int64_t step = (share + round - 1) / round * round;
    return price + most_of(step, table->as.percent.step_min_minor);
}

// Rules 3: the step of the band of the price that is raised from; a price equal to a band's `from`
// uses that band.
int64_t ladder_raise(const struct increment_table *table, int64_t price)
{
    switch (table->kind) {
    case INCREMENT_BANDS: {
        int64_t step = band_step(table, price);
        return table->align ? price - price % step + step : price + step;
    }
    case INCREMENT_CYCLE:
        return cycle_raise(table, price);
    case INCREMENT_PERCENT:
        return percent_raise(table, price);
    }
    return price + 1;
}

bool ladder_holds(const struct increment_table *table, int64_t opening, int64_t amount)
{
    bool is_bands = table->kind == INCREMENT_BANDS;
    int64_t last_from = is_bands ? table->as.bands[table->count - 1].from_minor : INT64_MAX;
    int64_t last_step = is_bands ? table->as.bands[table->count - 1].step_minor : 1;
    int64_t price = opening;
    while (price < amount) {
        bool regular = !table->align || price % last_step == 0;
        if (price >= last_from && regular) {
            return (amount - price) % last_step == 0;
        }
        price = ladder_raise(table, price);
    }
    return price == amount;
}

int64_t ladder_ask(const struct audit_lot *lot)
{
    int64_t ask = lot->price == 0 ? lot->opening : ladder_raise(&lot->rules.increments, lot->price);
    return lot->asked > 0 ? lot->asked : ask;
}
