#include "auctionctl/offline/bids_csv.h"

#include <stdio.h>
#include <stdlib.h>

#include "auction-svc/core/limits.h"

enum column { AUCTION, BIDDER, OPENING, FINAL, TIME, MAX, COLUMN_COUNT };
enum { FIELDS_MAX = 64 };

static const char *const names[COLUMN_COUNT] = {
    [AUCTION] = "auction",   [BIDDER] = "bidder", [OPENING] = "opening_cents",
    [FINAL] = "final_cents", [TIME] = "t_ms",     [MAX] = "max_cents",
};

struct reader {
    struct bytes csv;
    size_t at;
    size_t line; // of the row that was read last
    size_t next_line;
    struct bytes fields[FIELDS_MAX]; // of it, without their quotes
    size_t fields_count;
    size_t places[COLUMN_COUNT]; // in the rows
    char *why;
};

static bool fail(struct reader *reader, const char *column, const char *what)
{
    (void)snprintf(reader->why, BIDS_CSV_WHY_SIZE, "line %zu%s%s: %s", reader->line,
                   column[0] != 0 ? ", column " : "", column, what);
    return false;
}

static bool at_end(const struct reader *reader)
{
    return reader->at >= reader->csv.size;
}

static bool is_field_end(const struct reader *reader)
{
    uint8_t c = at_end(reader) ? '\n' : reader->csv.data[reader->at];
    return c == ',' || c == '\n' || c == '\r';
}

// A quoted field of these files has no quote within: numbers and names of goods.
static bool field_read(struct reader *reader, struct bytes *out_field)
{
    bool is_quoted = !at_end(reader) && reader->csv.data[reader->at] == '"';
    size_t start = reader->at + (is_quoted ? 1 : 0);
    reader->at = start;
    if (is_quoted) {
        reader->at = bytes_find(reader->csv, '"', start);
        *out_field = bytes_of(reader->csv.data + start, reader->at - start);
        if (at_end(reader) || memchr(out_field->data, '\n', out_field->size) != NULL) {
            return fail(reader, "", "a quoted field has no end");
        }
        reader->at++;
        return is_field_end(reader) || fail(reader, "", "text behind a quoted field");
    }
    while (!is_field_end(reader)) {
        reader->at++;
    }
    *out_field = bytes_of(reader->csv.data + start, reader->at - start);
    return true;
}

// False at the end, and on an error (then there is a `why`).
static bool row_read(struct reader *reader)
{
    if (at_end(reader)) {
        return false;
    }
    reader->line = reader->next_line++;
    for (reader->fields_count = 0;; reader->fields_count++) {
        if (reader->fields_count == FIELDS_MAX) {
            return fail(reader, "", "more than 64 fields");
        }
        if (!field_read(reader, &reader->fields[reader->fields_count])) {
            return false;
        }
        if (at_end(reader) || reader->csv.data[reader->at] != ',') {
            break;
        }
        reader->at++;
    }
    reader->fields_count++;
    if (!at_end(reader) && reader->csv.data[reader->at] == '\r') {
        reader->at++;
    }
    if (!at_end(reader) && reader->csv.data[reader->at++] != '\n') {
        return fail(reader, "", "a carriage return within a row");
    }
    return true;
}

static bool header_read(struct reader *reader)
{
    static const uint8_t mark[] = {0xEF, 0xBB, 0xBF};
    if (bytes_starts_with(reader->csv, bytes_of(mark, sizeof mark))) {
        reader->at = sizeof mark;
    }
    if (!row_read(reader)) {
        return reader->why[0] == 0 ? fail(reader, "", "the file is empty") : false;
    }
    for (size_t column = 0; column < COLUMN_COUNT; column++) {
        size_t found = 0;
        for (size_t i = 0; i < reader->fields_count; i++) {
            if (bytes_equal_text(reader->fields[i], names[column])) {
                reader->places[column] = i;
                found++;
            }
        }
        if (found != 1) {
            return fail(reader, names[column],
                        found == 0 ? "there is no such column" : "there are two of it");
        }
    }
    return true;
}

static bool number_read(struct reader *reader, enum column column, int64_t least, int64_t most,
                        int64_t *out_value)
{
    char what[128];
    uint64_t value;
    struct bytes field = reader->fields[reader->places[column]];
    if (bytes_to_uint64(field, (uint64_t)most, &value) && (int64_t)value >= least) {
        *out_value = (int64_t)value;
        return true;
    }
    (void)snprintf(what, sizeof what, "'%.*s' is no whole number from %lld to %lld",
                   (int)(field.size < 40 ? field.size : 40), (const char *)field.data,
                   (long long)least, (long long)most);
    return fail(reader, names[column], what);
}

static bool name_read(struct reader *reader, enum column column, struct bytes *out_name)
{
    *out_name = reader->fields[reader->places[column]];
    return (out_name->size > 0 && out_name->size <= BIDS_CSV_NAME_SIZE_MAX) ||
           fail(reader, names[column], "1 to 64 characters are needed");
}

static bool bid_read(struct reader *reader, size_t columns, struct recorded_bid *out_bid)
{
    char what[128];
    if (reader->fields_count != columns) {
        (void)snprintf(what, sizeof what, "%zu fields, the header has %zu", reader->fields_count,
                       columns);
        return fail(reader, "", what);
    }
    struct recorded_bid bid = {.line = reader->line};
    bool good = name_read(reader, AUCTION, &bid.auction) &&
                name_read(reader, BIDDER, &bid.bidder) &&
                number_read(reader, OPENING, 1, AMOUNT_MINOR_MAX, &bid.opening_minor) &&
                number_read(reader, FINAL, 1, AMOUNT_MINOR_MAX, &bid.final_minor) &&
                number_read(reader, TIME, 0, DURATION_MS_MAX - 1, &bid.t_ms) &&
                number_read(reader, MAX, 1, AMOUNT_MINOR_MAX, &bid.max_minor);
    if (good) {
        *out_bid = bid;
    }
    return good;
}

static bool is_blank(const struct reader *reader)
{
    return reader->fields_count == 1 && reader->fields[0].size == 0;
}

static bool bid_add(struct bids_csv *bids, size_t *capacity, const struct recorded_bid *bid)
{
    if (bids->count == *capacity) {
        size_t wanted = *capacity == 0 ? 1024 : *capacity * 2;
        struct recorded_bid *grown = realloc(bids->bids, wanted * sizeof *grown);
        if (grown == NULL) {
            return false;
        }
        bids->bids = grown;
        *capacity = wanted;
    }
    bids->bids[bids->count++] = *bid;
    return true;
}

// ---- order ----

static int compare_bytes(struct bytes a, struct bytes b)
{
    size_t shorter = a.size < b.size ? a.size : b.size;
    int order = memcmp(a.data, b.data, shorter);
    return order != 0 ? order : (a.size > b.size) - (a.size < b.size);
}

static int by_auction(const void *left, const void *right)
{
    const struct recorded_bid *a = left;
    const struct recorded_bid *b = right;
    int order = compare_bytes(a->auction, b->auction);
    return order != 0 ? order : (a->line > b->line) - (a->line < b->line);
}

static int by_turn(const void *left, const void *right)
{
    const struct recorded_bid *a = left;
    const struct recorded_bid *b = right;
    if (a->auction_index != b->auction_index) {
        return a->auction_index < b->auction_index ? -1 : 1;
    }
    if (a->t_ms != b->t_ms) {
        return a->t_ms < b->t_ms ? -1 : 1;
    }
    return (a->line > b->line) - (a->line < b->line); // equal times go by the order of the file
}

// Auctions keep the order of their first rows: their index is the line of it.
static void bids_order(struct bids_csv *bids)
{
    LC_ASSERT(bids->bids != NULL);
    qsort(bids->bids, bids->count, sizeof *bids->bids, by_auction);
    for (size_t i = 0; i < bids->count; i++) {
        bool is_new = i == 0 || !bytes_equal(bids->bids[i].auction, bids->bids[i - 1].auction);
        bids->bids[i].auction_index = is_new ? bids->bids[i].line : bids->bids[i - 1].auction_index;
        bids->auctions_count += is_new ? 1 : 0;
    }
    qsort(bids->bids, bids->count, sizeof *bids->bids, by_turn);
}

bool bids_csv_read(struct bytes csv, struct bids_csv *out_bids, char why[BIDS_CSV_WHY_SIZE])
{
    struct reader reader = {.csv = csv, .next_line = 1, .line = 1, .why = why};
    struct bids_csv bids = {0};
    struct recorded_bid bid;
    size_t capacity = 0;
    why[0] = 0;
    if (!header_read(&reader)) {
        return false;
    }
    size_t columns = reader.fields_count;
    while (row_read(&reader)) {
        if (is_blank(&reader)) {
            continue;
        }
        if (!bid_read(&reader, columns, &bid)) {
            break;
        }
        if (!bid_add(&bids, &capacity, &bid)) {
            (void)fail(&reader, "", "no memory for more");
            break;
        }
    }
    if (why[0] == 0 && bids.count == 0) {
        (void)fail(&reader, "", "there are no bids");
    }
    if (why[0] != 0) {
        bids_csv_release(&bids);
        return false;
    }
    bids_order(&bids);
    *out_bids = bids;
    return true;
}

void bids_csv_release(struct bids_csv *bids)
{
    free(bids->bids);
    *bids = (struct bids_csv){0};
}
