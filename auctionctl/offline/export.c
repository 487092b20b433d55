#include <stdio.h>

#include "auctionctl/offline/sale_results.h"
#include "auctionctl/offline/source.h"
#include "auctionctl/offline/wording.h"
#include "lib/json/json_write.h"

enum { TEXT_SIZE_MAX = 1024 * 1024 * 1024 };

// ---- CSV ----

// What a spreadsheet would take for the beginning of a formula.
static bool begins_formula(uint8_t c)
{
    return c == '=' || c == '+' || c == '-' || c == '@' || c == '\t' || c == '\r';
}

static void csv_text(struct buffer *out, const char *text)
{
    buffer_append_byte(out, '"');
    if (begins_formula((uint8_t)text[0])) {
        buffer_append_byte(out, '\'');
    }
    for (; *text != 0; text++) {
        if (*text == '"') {
            buffer_append_byte(out, '"');
        }
        buffer_append_byte(out, (uint8_t)*text);
    }
    buffer_append_byte(out, '"');
}

static void csv_lot(struct buffer *out, const struct sale *sale, const struct lot *lot)
{
    buffer_append_format(out, "%lld,%s,", (long long)lot->no, lot->id.text);
    csv_text(out, lot->title);
    buffer_append_byte(out, ',');
    csv_text(out, lot->category);
    buffer_append_format(out, ",%s,", wording_phase(lot->phase));
    csv_text(out, sale->definition.currency_code);
    buffer_append_format(out, ",%lld", (long long)lot->bids);
}

static void csv_purchase(struct buffer *out, const struct sale *sale,
                         const struct purchase *purchase)
{
    csv_lot(out, sale, &sale->lots[purchase->lot_index]);
    if (purchase->buyer_index >= 0) {
        const struct participant *buyer = &sale->participants[purchase->buyer_index];
        buffer_append_format(out, ",%s,", buyer->id.text);
        csv_text(out, buyer->paddle);
        buffer_append_byte(out, ',');
        csv_text(out, buyer->name);
    } else {
        buffer_append_text(out, ",,,");
    }
    int64_t total_minor = purchase->hammer_minor + purchase->premium_minor;
    buffer_append_format(out, ",%lld,%lld,%lld,%lld,%lld\r\n", (long long)purchase->quantity,
                         (long long)purchase->price_minor, (long long)purchase->hammer_minor,
                         (long long)purchase->premium_minor, (long long)total_minor);
}

static void csv_write(struct buffer *out, const struct sale *sale,
                      const struct sale_results *results)
{
    size_t next = 0;
    buffer_append_text(out, "no,id,title,category,phase,currency,bids,buyer_id,buyer_paddle,"
                            "buyer_name,quantity,price_minor,hammer_minor,premium_minor,"
                            "total_minor\r\n");
    for (size_t i = 0; i < sale->lots_count; i++) {
        size_t first = next;
        for (; next < results->purchases_count && results->purchases[next].lot_index == (int64_t)i;
             next++) {
            csv_purchase(out, sale, &results->purchases[next]);
        }
        if (next == first) {
            csv_lot(out, sale, &sale->lots[i]);
            buffer_append_text(out, ",,,,,,,,\r\n");
        }
    }
}

// ---- results ----

static void json_money(struct json_writer *writer, const struct account *account)
{
    json_write_int(writer, "hammer", account->hammer_minor);
    json_write_int(writer, "premium", account->premium_minor);
    json_write_int(writer, "total", account_total_minor(account));
}

static void json_head(struct json_writer *writer, const struct sale *sale)
{
    json_write_cstr(writer, "sale", sale->definition.id.text);
    json_write_cstr(writer, "title", sale->title);
    json_object_begin(writer, "currency");
    json_write_cstr(writer, "code", sale->definition.currency_code);
    json_write_int(writer, "minor_digits", sale->definition.currency_minor_digits);
    json_object_end(writer);
}

static void json_purchases(struct json_writer *writer, const struct sale *sale,
                           const struct sale_results *results, size_t lot_index, size_t *next)
{
    json_array_begin(writer, "sold");
    for (; *next < results->purchases_count &&
           results->purchases[*next].lot_index == (int64_t)lot_index;
         ++*next) {
        const struct purchase *purchase = &results->purchases[*next];
        json_object_begin(writer, NULL);
        json_write_cstr(
            writer, "buyer",
            purchase->buyer_index < 0 ? "" : sale->participants[purchase->buyer_index].id.text);
        json_write_int(writer, "quantity", purchase->quantity);
        json_write_int(writer, "price", purchase->price_minor);
        json_write_int(writer, "hammer", purchase->hammer_minor);
        json_write_int(writer, "premium", purchase->premium_minor);
        json_object_end(writer);
    }
    json_array_end(writer);
}

static void json_lots(struct json_writer *writer, const struct sale *sale,
                      const struct sale_results *results)
{
    size_t next = 0;
    json_array_begin(writer, "lots");
    for (size_t i = 0; i < sale->lots_count; i++) {
        const struct lot *lot = &sale->lots[i];
        json_object_begin(writer, NULL);
        json_write_cstr(writer, "id", lot->id.text);
        json_write_int(writer, "no", lot->no);
        json_write_cstr(writer, "title", lot->title);
        json_write_cstr(writer, "category", lot->category);
        json_write_cstr(writer, "phase", wording_phase(lot->phase));
        json_write_int(writer, "opening", lot->opening_minor);
        json_write_int(writer, "bids", lot->bids);
        json_purchases(writer, sale, results, i, &next);
        json_object_end(writer);
    }
    json_array_end(writer);
}

static void json_bands(struct json_writer *writer, const struct premium_bands *premium)
{
    json_array_begin(writer, "premium_bands");
    for (size_t i = 0; i < premium->count; i++) {
        json_array_begin(writer, NULL);
        json_write_int(writer, NULL, premium->bands[i].from_minor);
        json_write_int(writer, NULL, premium->bands[i].basis_points);
        json_array_end(writer);
    }
    json_array_end(writer);
}

static void json_participants(struct json_writer *writer, const struct sale *sale,
                              const struct sale_results *results, bool buyers_only)
{
    json_array_begin(writer, buyers_only ? "buyers" : "participants");
    for (size_t i = 0; i < sale->participants_count; i++) {
        const struct participant *participant = &sale->participants[i];
        if (buyers_only && results->buyers[i].purchases == 0) {
            continue;
        }
        json_object_begin(writer, NULL);
        json_write_cstr(writer, "id", participant->id.text);
        json_write_cstr(writer, "paddle", participant->paddle);
        json_write_cstr(writer, "name", participant->name);
        json_write_int(writer, "purchases", results->buyers[i].purchases);
        json_money(writer, &results->buyers[i]);
        json_object_end(writer);
    }
    json_array_end(writer);
}

static void json_results(struct json_writer *writer, const struct sale *sale,
                         const struct sale_results *results)
{
    json_head(writer, sale);
    json_bands(writer, &sale->definition.premium);
    json_lots(writer, sale, results);
    json_participants(writer, sale, results, true);
    json_object_begin(writer, "all");
    json_write_int(writer, "purchases", results->all.purchases);
    json_money(writer, &results->all);
    json_object_end(writer);
}

// ---- the record ----

static enum lc_status json_event(void *owner, const struct sale *sale,
                                 const struct sale_event *event, const struct ledger_fact *row)
{
    struct json_writer *writer = owner;
    (void)sale;
    if (row->seq == 0) { // maxima, seeds and invitations are in no public history
        return LC_OK;
    }
    json_object_begin(writer, NULL);
    json_write_int(writer, "row", row->row);
    json_write_int(writer, "at", event->at_ms);
    json_write_text(writer, "name", row->name);
    json_write_raw(writer, "payload", row->payload);
    json_object_end(writer);
    return LC_OK;
}

static int export_replayed(struct source *source, const struct offline_request *request,
                           struct buffer *out)
{
    struct json_writer writer = json_writer_on(out);
    struct replay_watcher watcher = {NULL, NULL, NULL};
    struct sale_results results = {0};
    bool is_csv = strcmp(request->format, "csv") == 0;
    bool is_record = strcmp(request->format, "json") == 0;
    if (!is_csv) {
        json_object_begin(&writer, NULL);
    }
    if (is_record) {
        json_array_begin(&writer, "events");
        watcher = (struct replay_watcher){&writer, NULL, json_event};
    }
    int code = source_replay(source, &source->replay.id, watcher);
    if (code == OFFLINE_DONE) {
        code = source_exit(sale_results_init(&results, source->replay.sale));
    }
    if (code == OFFLINE_DONE && is_csv) {
        csv_write(out, source->replay.sale, &results);
    } else if (code == OFFLINE_DONE) {
        if (is_record) {
            json_array_end(&writer);
            json_head(&writer, source->replay.sale);
            json_lots(&writer, source->replay.sale, &results);
            json_participants(&writer, source->replay.sale, &results, false);
        } else {
            json_results(&writer, source->replay.sale, &results);
        }
        json_object_end(&writer);
        buffer_append_byte(out, '\n');
    }
    sale_results_release(&results);
    return code;
}

int offline_export(const struct offline_request *request)
{
    struct source source;
    struct buffer out;
    if (request->format == NULL ||
        (strcmp(request->format, "csv") != 0 && strcmp(request->format, "json") != 0 &&
         strcmp(request->format, "results") != 0)) {
        fprintf(stderr, "auctionctl: --format is csv, json or results\n");
        return OFFLINE_USAGE;
    }
    buffer_init(&out, TEXT_SIZE_MAX);
    int code = source_open(&source, request);
    if (code == OFFLINE_DONE) {
        code = export_replayed(&source, request, &out);
    }
    if (code == OFFLINE_DONE) {
        code = source_print(&out);
    }
    buffer_release(&out);
    source_close(&source);
    return code;
}
