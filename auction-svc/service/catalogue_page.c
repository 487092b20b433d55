#include "auction-svc/service/catalogue_page.h"

#include <stdlib.h>

#include "auction-svc/service/view.h"

struct page_parts {
    struct wire_catalogue_lot lots[WIRE_PAGE_ITEMS];
    struct view_rules_parts rules[WIRE_PAGE_ITEMS];
};

static void cut_lot(struct wire_catalogue_lot *lot, enum page_cut cut)
{
    switch (cut) {
    case CUT_NOTHING:
        break;
    case CUT_DESCRIPTIONS:
        lot->description = bytes_text("");
        break;
    case CUT_IMAGES:
        lot->image = bytes_text("");
        break;
    case CUT_RULES:
        lot->rules_left_out = lot->rules != NULL;
        break;
    case CUT_CATEGORIES:
        lot->category = bytes_text("");
        lot->set = bytes_text("");
        break;
    }
}

static size_t page_size(size_t count, int64_t page)
{
    size_t start = (size_t)page * WIRE_PAGE_ITEMS;
    size_t left = count > start ? count - start : 0;
    return left < WIRE_PAGE_ITEMS ? left : WIRE_PAGE_ITEMS;
}

bool catalogue_page_write(struct buffer *out, const struct sale *sale, int64_t page, int64_t now_ms)
{
    struct page_parts *parts = calloc(1, sizeof *parts);
    if (parts == NULL) {
        return false;
    }
    struct wire_lots_page view = {
        .head = view_head(sale),
        .page = page,
        .pages = view_pages(sale->lots_count),
        .total = (int64_t)sale->lots_count,
        .lots = parts->lots,
        .lots_count = page_size(sale->lots_count, page),
    };
    for (size_t i = 0; i < view.lots_count; i++) {
        parts->lots[i] =
            view_catalogue_lot(sale, page * WIRE_PAGE_ITEMS + (int64_t)i, now_ms, &parts->rules[i]);
    }
    for (int cut = CUT_NOTHING; cut <= CUT_CATEGORIES; cut++) {
        for (size_t i = 0; i < view.lots_count; i++) {
            cut_lot(&parts->lots[i], (enum page_cut)cut);
        }
        buffer_clear(out);
        wire_write_lots_page(out, &view);
        if (buffer_status(out) == LC_OK) {
            break;
        }
    }
    free(parts);
    return true;
}
