#include "auction-svc/service/document.h"

#include <stdlib.h>

#include "auction-svc/core/held.h"
#include "auction-svc/core/premium.h"
#include "auction-svc/record/definition_write.h"
#include "auction-svc/service/view.h"
#include "lib/wire/wire_part.h"

// One row: a lot, or of a lot with several winners the part of one.
struct result_row {
    int64_t lot_index;
    size_t award; // of a lot that has awards
};

static size_t rows_of(const struct lot *lot)
{
    return lot->phase == LOT_SOLD && lot->awards_count > 0 ? lot->awards_count : 1;
}

// What a buyer pays for a row: the hammer price of all pieces, and the premium on it.
static void write_payment(struct json_writer *writer, const struct sale *sale, int64_t hammer_minor)
{
    int64_t premium = premium_minor(&sale->definition.premium, hammer_minor);
    json_write_int(writer, "hammer", hammer_minor);
    json_write_int(writer, "premium", premium);
    json_write_int(writer, "total", hammer_minor + premium);
}

static void write_result_row(struct json_writer *writer, const struct sale *sale,
                             const struct result_row *row)
{
    const struct lot *lot = &sale->lots[row->lot_index];
    struct wire_lot view = view_lot(sale, row->lot_index, sale->last_at_ms);
    bool is_sold = lot->phase == LOT_SOLD;
    struct wire_person winner = view_person(sale, is_sold ? lot->leader_index : -1);
    int64_t quantity = is_sold ? view.quantity : 0;
    int64_t price_minor = view.price_minor;
    if (is_sold && lot->awards_count > 0) {
        const struct award *award = &lot->awards[row->award];
        winner = view_person(sale, sale_participant_index(sale, &award->winner));
        quantity = award->quantity;
        price_minor = award->price_minor;
    }
    json_object_begin(writer, NULL);
    json_write_cstr(writer, "id", view.id.text);
    json_write_int(writer, "no", view.no);
    json_write_text(writer, "title", view.title);
    json_write_cstr(writer, "phase", view.phase);
    json_write_cstr(writer, "format", view.format);
    wire_part_optional_int(writer, "price", price_minor);
    json_write_int(writer, "quantity", quantity);
    wire_part_person(writer, "winner", &winner);
    json_write_int(writer, "bids", view.bids);
    json_write_int(writer, "round", view.round);
    write_payment(writer, sale, is_sold ? pieces_cost(price_minor, quantity) : 0);
    json_object_end(writer);
}

// ---- buyers ----

struct purchases { // of one participant
    int64_t rows;
    int64_t hammer_minor;
    int64_t premium_minor;
};

static void add_purchase(struct purchases *all, const struct sale *sale, int64_t winner_index,
                         int64_t hammer_minor)
{
    if (winner_index >= 0) {
        struct purchases *purchases = &all[winner_index];
        purchases->rows++;
        purchases->hammer_minor += hammer_minor;
        purchases->premium_minor += premium_minor(&sale->definition.premium, hammer_minor);
    }
}

static void fill_purchases(struct purchases *all, const struct sale *sale)
{
    for (size_t i = 0; i < sale->lots_count; i++) {
        const struct lot *lot = &sale->lots[i];
        for (size_t k = 0; k < lot->awards_count && lot->phase == LOT_SOLD; k++) {
            const struct award *award = &lot->awards[k];
            add_purchase(all, sale, sale_participant_index(sale, &award->winner),
                         pieces_cost(award->price_minor, award->quantity));
        }
        if (lot->phase == LOT_SOLD && lot->awards_count == 0) {
            int64_t quantity = lot->quantity > 1 ? lot->quantity : 1;
            add_purchase(all, sale, lot->leader_index, pieces_cost(lot->price_minor, quantity));
        }
    }
}

// What each buyer has to pay. A sale that hides purses hides that too.
static void write_buyers(struct json_writer *writer, const struct sale *sale, int64_t start,
                         int64_t end)
{
    bool is_hidden = sale->definition.visibility == VISIBILITY_HIDDEN;
    struct purchases *all = calloc(sale->participants_count + 1, sizeof *all);
    if (all == NULL) {
        writer->out->failed = true;
        return;
    }
    fill_purchases(all, sale);
    json_array_begin(writer, "buyers");
    for (int64_t i = start; !is_hidden && i < end && i < (int64_t)sale->participants_count; i++) {
        if (all[i].rows == 0) {
            continue;
        }
        json_object_begin(writer, NULL);
        json_write_cstr(writer, "id", sale->participants[i].id.text);
        json_write_int(writer, "lots", all[i].rows);
        json_write_int(writer, "hammer", all[i].hammer_minor);
        json_write_int(writer, "premium", all[i].premium_minor);
        json_write_int(writer, "total", all[i].hammer_minor + all[i].premium_minor);
        json_object_end(writer);
    }
    json_array_end(writer);
    free(all);
}

static void write_currency(struct json_writer *writer, const struct sale *sale)
{
    json_object_begin(writer, "currency");
    json_write_cstr(writer, "code", sale->definition.currency_code);
    json_write_int(writer, "minor_digits", sale->definition.currency_minor_digits);
    json_object_end(writer);
}

static int64_t results_pages(const struct sale *sale)
{
    size_t rows = 0;
    for (size_t i = 0; i < sale->lots_count; i++) {
        rows += rows_of(&sale->lots[i]);
    }
    size_t items = rows > sale->participants_count ? rows : sale->participants_count;
    return items == 0 ? 1 : (int64_t)((items - 1) / DOCUMENT_RESULTS_PAGE_ITEMS) + 1;
}

static void write_result_rows(struct json_writer *writer, const struct sale *sale, int64_t start,
                              int64_t end)
{
    int64_t number = 0;
    for (size_t i = 0; i < sale->lots_count && number < end; i++) {
        size_t rows = rows_of(&sale->lots[i]);
        for (size_t award = 0; award < rows && number < end; award++) {
            struct result_row row = {(int64_t)i, award};
            if (number >= start) {
                write_result_row(writer, sale, &row);
            }
            number++;
        }
    }
}

void document_write_results(struct buffer *out, const struct sale *sale, int64_t page)
{
    int64_t start = page * DOCUMENT_RESULTS_PAGE_ITEMS;
    int64_t end = start + DOCUMENT_RESULTS_PAGE_ITEMS;
    struct json_writer writer = document_begin_result(out, sale);
    json_object_begin(&writer, "results");
    json_write_cstr(&writer, "sale", sale->definition.id.text);
    json_write_text(&writer, "title", sale->definition.title);
    write_currency(&writer, sale);
    json_write_cstr(&writer, "phase", view_sale_phase(sale->phase));
    json_array_begin(&writer, "lots");
    write_result_rows(&writer, sale, start, end);
    json_array_end(&writer);
    json_array_begin(&writer, "participants");
    for (int64_t i = start; i < end && i < (int64_t)sale->participants_count; i++) {
        struct wire_participant participant = view_participant(sale, i);
        wire_part_participant(&writer, NULL, &participant);
    }
    json_array_end(&writer);
    write_buyers(&writer, sale, start, end);
    json_write_int(&writer, "page", page);
    json_write_int(&writer, "pages", results_pages(sale));
    json_object_end(&writer);
    json_object_end(&writer);
}

// ---- definition ----

// Writes items from `*io_at` on while there is room for the largest.
static void write_definition_items(struct json_writer *writer, const struct sale *sale,
                                   int64_t *io_at, int64_t end, bool are_lots)
{
    size_t size_max = writer->out->size_max - DOCUMENT_DEFINITION_ITEM_SIZE_MAX;
    int64_t lots_count = (int64_t)sale->lots_count;
    json_array_begin(writer, are_lots ? "lots" : "participants");
    for (; *io_at < end && writer->out->size < size_max; (*io_at)++) {
        if (are_lots) {
            struct lot_definition lot = lot_definition_of(&sale->lots[*io_at]);
            definition_write_lot(writer, &lot);
        } else {
            struct participant_definition participant =
                participant_definition_of(&sale->participants[*io_at - lots_count]);
            definition_write_participant(writer, &participant);
        }
    }
    json_array_end(writer);
}

void document_write_definition(struct buffer *out, const struct sale *sale, int64_t from)
{
    int64_t lots_end = (int64_t)sale->lots_count;
    int64_t end = lots_end + (int64_t)sale->participants_count;
    int64_t at = from;
    struct json_writer writer = document_begin_result(out, sale);
    if (from == 0) {
        definition_write_sale(&writer, "sale", &sale->definition);
    }
    write_definition_items(&writer, sale, &at, lots_end, true);
    if (at >= lots_end) {
        write_definition_items(&writer, sale, &at, end, false);
    }
    if (at < end) {
        json_write_int(&writer, "next", at);
    } else {
        json_write_null(&writer, "next");
    }
    json_object_end(&writer);
}
