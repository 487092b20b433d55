#include "auction-svc/core/increment.h"

// rules 3: cents, each band named there by its last price ("to 0.99").
static const struct increment_table preset_ebay_us = {
    .kind = INCREMENT_BANDS,
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

// eBay UK's help pages, "Automatic bidding": pence.
static const struct increment_table preset_ebay_uk = {
    .kind = INCREMENT_BANDS,
    .as.bands = {{0, 5},
                 {100, 20},
                 {500, 50},
                 {1500, 100},
                 {6000, 200},
                 {15000, 500},
                 {30000, 1000},
                 {60000, 2000},
                 {150000, 5000},
                 {300000, 10000}},
    .count = 10,
    .align = false,
};

// rules 3: lakh.
static const struct increment_table preset_ipl = {
    .kind = INCREMENT_BANDS,
    .as.bands = {{0, 5}, {100, 10}, {200, 20}, {500, 25}},
    .count = 4,
    .align = true,
};

// rules 3: 1-2-(2,5,8)-5, the same in every decade and so for any minor unit.
static const struct increment_table preset_saleroom = {
    .kind = INCREMENT_CYCLE,
    .as.rungs = {100, 110, 120, 130, 140, 150, 160, 170, 180, 190, 200,
                 220, 240, 260, 280, 300, 320, 350, 380, 400, 420, 450,
                 480, 500, 550, 600, 650, 700, 750, 800, 850, 900, 950},
    .count = 33,
    .align = true,
};

static const struct {
    const char *name;
    const struct increment_table *table;
} presets[] = {
    {"ebay_us", &preset_ebay_us},
    {"ebay_uk", &preset_ebay_uk},
    {"ipl", &preset_ipl},
    {"saleroom", &preset_saleroom},
};

bool increment_table_preset(struct bytes name, struct increment_table *out_table)
{
    for (size_t i = 0; i < sizeof presets / sizeof presets[0]; i++) {
        if (bytes_equal_text(name, presets[i].name)) {
            *out_table = *presets[i].table;
            return true;
        }
    }
    return false;
}
