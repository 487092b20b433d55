#include "auction-svc/core/increment.h"

#include "lib/base/status.h"

static bool bands_are_valid(const struct increment_table *table)
{
    if (table->count == 0 || table->count > INCREMENT_BANDS_MAX ||
        table->as.bands[0].from_minor != 0) {
        return false;
    }
    for (size_t i = 0; i < table->count; i++) {
        const struct increment_band *band = &table->as.bands[i];
        bool ascends = i == 0 || band->from_minor > table->as.bands[i - 1].from_minor;
        if (!ascends || band->from_minor > AMOUNT_MINOR_MAX || band->step_minor < 1 ||
            band->step_minor > AMOUNT_MINOR_MAX) {
            return false;
        }
    }
    return true;
}

static bool cycle_is_valid(const struct increment_table *table)
{
    if (table->count == 0 || table->count > INCREMENT_RUNGS_MAX || table->as.rungs[0] < 1 ||
        table->as.rungs[0] > AMOUNT_MINOR_MAX) {
        return false;
    }
    for (size_t i = 1; i < table->count; i++) {
        int64_t rung = table->as.rungs[i];
        if (rung <= table->as.rungs[i - 1] || rung >= 10 * table->as.rungs[0] ||
            rung > AMOUNT_MINOR_MAX) {
            return false;
        }
    }
    return true;
}

static bool percent_is_valid(const struct increment_table *table)
{
    int64_t basis_points = table->as.percent.basis_points;
    int64_t round_minor = table->as.percent.round_minor;
    int64_t step_min_minor = table->as.percent.step_min_minor;
    return basis_points >= 1 && basis_points <= BASIS_POINTS_MAX && round_minor >= 1 &&
           round_minor <= AMOUNT_MINOR_MAX && step_min_minor >= 0 &&
           step_min_minor <= AMOUNT_MINOR_MAX;
}

bool increment_table_is_valid(const struct increment_table *table)
{
    switch (table->kind) {
    case INCREMENT_BANDS:
        return bands_are_valid(table);
    case INCREMENT_CYCLE:
        return cycle_is_valid(table);
    case INCREMENT_PERCENT:
        return percent_is_valid(table);
    }
    return false;
}

struct increment_table increment_table_flat(int64_t step_minor, bool align)
{
    return (struct increment_table){.kind = INCREMENT_BANDS,
                                    .as.bands = {{.from_minor = 0, .step_minor = step_minor}},
                                    .count = 1,
                                    .align = align};
}

// The last band that starts at or below the price.
static size_t band_of(const struct increment_table *table, int64_t price_minor)
{
    size_t band = 0;
    while (band + 1 < table->count && table->as.bands[band + 1].from_minor <= price_minor) {
        band++;
    }
    return band;
}

// How often ten goes into every rung: so far down the whole cycle repeats.
static int64_t cycle_divisor(const struct increment_table *table)
{
    int64_t divisor = 1;
    for (;;) {
        for (size_t i = 0; i < table->count; i++) {
            if (table->as.rungs[i] % (divisor * 10) != 0) {
                return divisor;
            }
        }
        divisor *= 10;
    }
}

static int64_t cycle_next(const struct increment_table *table, int64_t price_minor)
{
    int64_t divisor = cycle_divisor(table);
    int64_t first = table->as.rungs[0] / divisor;
    int64_t scale = 1;
    while (price_minor >= first * scale * 10) {
        scale *= 10;
    }
    for (size_t i = 0; i < table->count; i++) {
        int64_t rung = table->as.rungs[i] / divisor * scale;
        if (rung > price_minor) {
            return rung;
        }
    }
    return first * scale * 10;
}

static int64_t percent_step(const struct increment_table *table, int64_t price_minor)
{
    int64_t basis_points = table->as.percent.basis_points;
    int64_t round_minor = table->as.percent.round_minor;
    // in two parts, the product would overflow
    int64_t share =
        price_minor / BASIS_POINTS_MAX * basis_points +
        (price_minor % BASIS_POINTS_MAX * basis_points + BASIS_POINTS_MAX - 1) / BASIS_POINTS_MAX;
    int64_t step = (share + round_minor - 1) / round_minor * round_minor;
    step = step > table->as.percent.step_min_minor ? step : table->as.percent.step_min_minor;
    return step > 0 ? step : round_minor;
}

int64_t increment_step(const struct increment_table *table, int64_t price_minor)
{
    LC_ASSERT(price_minor >= 0);
    switch (table->kind) {
    case INCREMENT_BANDS:
        LC_ASSERT(table->count > 0);
        return table->as.bands[band_of(table, price_minor)].step_minor;
    case INCREMENT_CYCLE:
        LC_ASSERT(table->count > 0);
        return cycle_next(table, price_minor) - price_minor;
    case INCREMENT_PERCENT:
        break;
    }
    return percent_step(table, price_minor);
}

int64_t increment_next(const struct increment_table *table, int64_t price_minor)
{
    int64_t step = increment_step(table, price_minor);
    if (table->kind == INCREMENT_BANDS && table->align) {
        return (price_minor / step + 1) * step;
    }
    return price_minor + step;
}

// The price after as many equal steps as lead to `until` or just above it.
static int64_t climb(int64_t price_minor, int64_t step, int64_t until_minor)
{
    return price_minor + (until_minor - price_minor + step - 1) / step * step;
}

static int64_t rung_of_bands(const struct increment_table *table, int64_t opening_minor,
                             int64_t amount_minor)
{
    int64_t price = opening_minor;
    while (price < amount_minor) {
        size_t band = band_of(table, price);
        int64_t step = table->as.bands[band].step_minor;
        if (table->align && price % step != 0) {
            price = increment_next(table, price); // onto the multiples of this band
            continue;
        }
        int64_t leave = amount_minor; // the first price at or above it ends this band's climb
        if (band + 1 < table->count && table->as.bands[band + 1].from_minor < leave) {
            leave = table->as.bands[band + 1].from_minor;
        }
        price = climb(price, step, leave);
    }
    return price;
}

static int64_t rung_of_percents(const struct increment_table *table, int64_t opening_minor,
                                int64_t amount_minor)
{
    int64_t basis_points = table->as.percent.basis_points;
    int64_t price = opening_minor;
    while (price < amount_minor) {
        int64_t step = percent_step(table, price);
        int64_t share = step - step % table->as.percent.round_minor;
        int64_t last = AMOUNT_MINOR_MAX; // the last price with this share has this step, too
        if (share / basis_points < AMOUNT_MINOR_MAX / BASIS_POINTS_MAX) {
            last = share / basis_points * BASIS_POINTS_MAX +
                   share % basis_points * BASIS_POINTS_MAX / basis_points;
        }
        int64_t until = last + 1 < amount_minor ? last + 1 : amount_minor;
        price = climb(price, step, until > price ? until : price + 1); // one step at least
    }
    return price;
}

int64_t increment_rung(const struct increment_table *table, int64_t opening_minor,
                       int64_t amount_minor)
{
    if (amount_minor <= opening_minor) {
        return opening_minor;
    }
    switch (table->kind) {
    case INCREMENT_BANDS:
        return rung_of_bands(table, opening_minor, amount_minor);
    case INCREMENT_CYCLE: // from any opening the next rung leads to all
        return cycle_next(table, amount_minor - 1);
    case INCREMENT_PERCENT:
        break;
    }
    return rung_of_percents(table, opening_minor, amount_minor);
}

bool increment_on_ladder(const struct increment_table *table, int64_t opening_minor,
                         int64_t amount_minor)
{
    return increment_rung(table, opening_minor, amount_minor) == amount_minor;
}
