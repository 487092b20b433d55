#include "auction-svc/core/increment.h"

#include "lib/base/status.h"

bool increment_table_is_valid(const struct increment_table *table)
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

struct increment_table increment_table_flat(int64_t step_minor, bool align)
{
    return (struct increment_table){
        .as.bands = {{.from_minor = 0, .step_minor = step_minor}}, .count = 1, .align = align};
}

// rules 3: cents, each band named there by its last price ("to 0.99").
static const struct increment_table preset_ebay_us = {
    .as.bands = {{0, 5},
                 {100, 25},
                 {500, 50},
                 {2500, 100},
                 {10000, 250},
                 {25000, 500},
                 {50000, 1000},
                 {100000, 2500},
                 {250000, 5000},
                 {500000, 10000}},
    .count = 10,
    .align = false,
};

// rules 3: lakh.
static const struct increment_table preset_ipl = {
    .as.bands = {{0, 5}, {100, 10}, {200, 20}, {500, 25}},
    .count = 4,
    .align = true,
};

bool increment_table_preset(struct bytes name, struct increment_table *out_table)
{
    if (bytes_equal_text(name, "ebay_us")) {
        *out_table = preset_ebay_us;
        return true;
    }
    if (bytes_equal_text(name, "ipl")) {
        *out_table = preset_ipl;
        return true;
    }
    return false;
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

int64_t increment_step(const struct increment_table *table, int64_t price_minor)
{
    LC_ASSERT(table->count > 0);
    return table->as.bands[band_of(table, price_minor)].step_minor;
}

int64_t increment_next(const struct increment_table *table, int64_t price_minor)
{
    LC_ASSERT(price_minor >= 0);
    int64_t step = increment_step(table, price_minor);
    if (table->align) {
        return (price_minor / step + 1) * step;
    }
    return price_minor + step;
}

bool increment_on_ladder(const struct increment_table *table, int64_t opening_minor,
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
        price += (leave - price + step - 1) / step * step;
    }
    return price == amount_minor;
}
